//! The calls of the programs of proofs/thumb, all of them.

#[allow(dead_code, reason = "one of the other programs prints the bits of a fit")]
#[path = "../../thumb/src/calls/law1.rs"]
mod law1;

#[path = "../../thumb/src/calls/controller.rs"]
mod controller;

#[path = "../../thumb/src/calls/rest.rs"]
mod rest;

fn main() {
    for call in
        [law1::free, law1::linear, law1::fixed_d, law1::huber, law1::grid, controller::observe, controller::state]
    {
        call();
    }
    rest::all(&mut |name, answered| println!("{name} {answered}"));
}
