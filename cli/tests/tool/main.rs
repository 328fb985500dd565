//! Runs of the real program.
mod bad_input;
mod fit;
mod paper;
mod report;
mod run;
