//! The measurements of a curve as a forecast takes them: by size, at most 64 nodes.
use crate::fit::{Curve, FitError, FitOptions, NODES, Source, each};
use crate::math;

/// Distinct sizes that a forecast needs: with fewer, nothing is seen of a bend or a gap.
pub(super) const FEWEST_SIZES: usize = 3;

/// A point counts as (n / n_max)^RECENT: laws are approximate, and the near past tells most. One at n_max / 8 counts half.
const RECENT: f64 = 1.0 / 3.0;

/// A measurement, or one of the two nodes that stand for those of a bin: ln(n / n_max) <= 0, ln error, weight.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) t: f64,
    pub(super) y: f64,
    pub(super) w: f64,
}

/// Room for rows.
pub(super) const EMPTY: [Row; NODES] = [Row { t: 0.0, y: 0.0, w: 0.0 }; NODES];

/// Rows by size, their weights the numbers of measurements that they stand for.
#[derive(Clone, Copy)]
pub(super) struct Rows<'r> {
    pub(super) list: &'r [Row],
    /// What scatters within bins, per measurement: nodes keep what a law costs up to this.
    scatter: f64,
}

/// The rows of a curve; `curve` and `binned` are empty.
pub(super) fn rows<'r>(
    data: &Source<'_>,
    options: &FitOptions,
    [curve, binned]: [&mut Curve; 2],
    room: &'r mut [Row; NODES],
) -> Result<Rows<'r>, FitError> {
    curve.fill(data, options, FEWEST_SIZES)?;
    if !curve.is_complete {
        curve.put_into_bins(binned, data, options, false);
    }
    let nodes = if curve.is_complete { &*curve } else { &*binned };
    let mean = nodes.weight_sum / nodes.points as f64;
    let mut len = 0;
    for (slot, node) in room.iter_mut().zip(nodes.nodes()) {
        *slot = Row { t: node.t - nodes.span, y: node.target, w: node.weight / mean };
        len += 1;
    }
    let list = room.get_mut(..len).unwrap_or_default();
    for k in 1..list.len() {
        for j in (1..=k).rev() {
            match list.get_mut(j - 1..=j) {
                Some([a, b]) if a.t > b.t => core::mem::swap(a, b),
                _ => break,
            }
        }
    }
    let mut scatter = 0.0;
    if !nodes.is_complete {
        let centre = list.last().map_or(0.0, |row| row.y);
        let all = each(data).filter(|p| p.weight > 0.0).map(|p| {
            let off = math::ln(p.error / nodes.scale) - centre;
            p.weight / nodes.weight_scale / mean * off * off
        });
        let shown: f64 = list.iter().map(|row| row.w * (row.y - centre) * (row.y - centre)).sum();
        scatter = (all.sum::<f64>() - shown) / nodes.points as f64;
    }
    Ok(Rows { list, scatter: if scatter > 0.0 { scatter } else { 0.0 } })
}

impl Rows<'_> {
    /// The first `len` rows by themselves, and ln(n / n_max) of the last of them, to which they are relative.
    pub(super) fn first<'r>(&self, len: usize, room: &'r mut [Row; NODES]) -> Option<(Rows<'r>, f64)> {
        let last = self.list.get(len.checked_sub(1)?)?.t;
        for (slot, row) in room.iter_mut().zip(self.list.iter().take(len)) {
            *slot = Row { t: row.t - last, ..*row };
        }
        Some((Rows { list: room.get(..len)?, scatter: self.scatter }, last))
    }

    /// The rows with more weight at larger sizes, of the same mean, the sum of squares that they do not show, and the range
    /// of ln n; `None` if they are all of one size.
    pub(super) fn weighted<'r>(&self, room: &'r mut [Row; NODES]) -> Option<(&'r [Row], f64, f64)> {
        let span = -self.list.first()?.t;
        let (mut of_all, mut of_weight) = (0.0, 0.0);
        for (slot, row) in room.iter_mut().zip(self.list) {
            *slot = Row { w: row.w * math::exp(RECENT * row.t), ..*row };
            (of_all, of_weight) = (of_all + row.w, of_weight + slot.w);
        }
        let list = room.get_mut(..self.list.len())?;
        for row in list.iter_mut() {
            row.w *= of_all / of_weight;
        }
        (span > 0.0).then_some((&*list, self.scatter * of_all, span))
    }
}
