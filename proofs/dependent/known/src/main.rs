//! Calls enough of the crate that it is linked.
use regex_automata::meta::Regex;

fn main() {
    let number = Regex::new(r"\d+").map(|regex| regex.find("alpha 12").map(|found| found.range()));
    println!("{number:?}");
}
