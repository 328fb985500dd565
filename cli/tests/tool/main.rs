//! Runs of the real program.
mod bad_input;
mod decouple;
mod entropy;
mod extrapolate;
mod fit;
mod full;
mod paper;
mod rates;
mod report;
mod run;
