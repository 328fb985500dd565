//! Runs of the real program.
mod allocate;
mod bad_input;
mod decouple;
mod earlier;
mod entropy;
mod extrapolate;
mod fit;
mod forecast;
mod full;
mod laws;
mod paper;
mod plan;
mod rates;
mod report;
mod run;
mod sizes;
mod watch;
