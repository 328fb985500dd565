//! What other curves teach: what is plausible of a new one, and how wide its bands have to be.
mod prior;
mod widths;
