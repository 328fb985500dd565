//! What is drawn, and from which stream.

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scheme {
    /// Residuals of the fit with replacement, in the space of the residual.
    Residual,
    /// Points with replacement, as weights: how often each was drawn times its own.
    Case,
    /// Groups of points with replacement, as weights.
    Cluster,
    /// Normal noise about the fitted law: variance 2 cost / dof / weight, or 1 / weight with absolute weights. The default,
    /// because few residuals have no tails.
    #[default]
    Parametric,
}

/// Options of the bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BootstrapOptions {
    /// What is drawn. Default: normal noise.
    pub scheme: Scheme,
    /// Seed of the random stream. Default: 0.
    pub seed: u64,
    /// Number of the first replicate: slot k of the output is replicate `first` + k. Default: 0.
    pub first: u64,
}
