//! The pages and their figures.
use std::path::Path;

use crate::run::{directory, rows, run, run_with};

/// The figures of the paper but 7, which shows photographs.
const FIGURES: [&str; 19] = [
    "figure1a",
    "figure1b",
    "figure2a",
    "figure2b",
    "figure3",
    "figure4",
    "figure5",
    "figure6",
    "figure8a",
    "figure8b",
    "figure9a",
    "figure9b",
    "figure10",
    "figure11",
    "figure12",
    "figure13",
    "figure14",
    "appendix-d",
    "transfer-simulation",
];

/// The svg elements of a page, each checked to be well-formed.
fn figures(page: &str) -> Vec<&str> {
    let starts = page.match_indices("<svg ").map(|(at, _)| at);
    let svgs: Vec<&str> = starts.map(|at| &page[at..at + page[at..].find("</svg>").expect("an end") + 6]).collect();
    for svg in &svgs {
        let document = roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{e}: {svg:.300}"));
        let root = document.root_element();
        assert!(root.attribute("aria-label").is_some() && root.attribute("viewBox").is_some(), "{svg:.200}");
        assert!(!svg.contains("NaN"), "a coordinate is no number");
    }
    svgs
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn reproduce_writes_its_page_and_prints_the_path_last() {
    let dir = directory("reproduce").join("new/folder");
    let run = run(&["reproduce", "--out", dir.to_str().expect("UTF-8")]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let path = dir.join("index.html");
    assert_eq!(run.out.lines().last(), path.to_str());
    let page = read(&path);
    assert_eq!(figures(&page).len(), FIGURES.len());
    for name in FIGURES {
        let title = match name {
            "appendix-d" => "for Appendix D".into(),
            "transfer-simulation" => "of the simulation".into(),
            _ => name.replace("figure", ""),
        };
        assert!(page.contains(&format!("<b>Figure {title}.</b>")), "figure {title} is named");
        assert_eq!(figures(&read(&dir.join(format!("{name}.svg")))).len(), 1);
    }
    assert!(page.contains("figure 7 shows photographs"), "what is not drawn is said");
    let addresses = page.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http://", "https://", "src=", "href=", "<script", "@import", "url("] {
        assert!(!addresses.contains(outside), "the page reaches out: {outside}");
    }
    assert!(page.contains("Permission is hereby granted"), "the notice stands beside the measurements");
    assert!(page.contains("linear residual") && page.contains("log residual"), "residual spaces are named");
}

#[test]
fn reproduce_finds_the_settings_of_the_paper() {
    let dir = directory("settings");
    let run = run(&["reproduce", "--out", dir.to_str().expect("UTF-8")]);
    for heading in [
        "The paper's 29 settings, D fixed, linear residual",
        "The paper's 29 settings, D fixed, log residual",
        "All 57 curves of 7 points, D free, log residual",
        "All 57 curves of 7 points, D free, linear residual",
    ] {
        assert!(run.out.contains(heading), "{heading}");
    }
    assert!(run.out.contains("436 rows; left out: 15 that fail pdata!=imagenet, 22 that fail n>0"), "{}", run.out);
    assert!(!run.out.contains("not fitted"), "{}", run.out);
    // Published and recomputed numbers side by side.
    for row in [
        "r50          0.0099       0.0094      0.0024               0.0016             0.0011",
        "paper     not said",
        "0.5440 (",
        "0.514212853  0.507537000",
        "0.490325, 0.503135  0.500113, 0.500061",
        "0.052 (0.011)",
        "0.0061 (0.0033)",
    ] {
        assert!(run.out.contains(row), "{row:?} is not in\n{}", run.out);
    }
}

#[test]
fn a_report_of_a_fit_has_a_figure_for_each_group() {
    let dir = directory("fit-report");
    let csv = format!("g,n,error\n{}{}<b>,1000,oops\n", rows("a & b,"), rows("c,"));
    let report = dir.to_str().expect("UTF-8");
    let args = ["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--format", "json", "--report", report];
    let run = run_with(&args, csv.as_bytes());
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.fits().len(), 2, "the standard output is JSON only");
    let page = read(&dir.join("index.html"));
    assert_eq!(figures(&page).len(), 2);
    assert!(page.contains("a &amp; b") && !page.contains("<b>,") && page.contains("not fitted"), "text is escaped");
}

#[test]
fn a_report_of_many_groups_draws_the_first_and_says_so() {
    let dir = directory("many");
    let csv: String = (0..70).map(|g| rows(&format!("{g},"))).collect();
    let report = dir.to_str().expect("UTF-8");
    let args = ["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--report", report];
    let run = run_with(&args, format!("g,n,error\n{csv}").as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let page = read(&dir.join("index.html"));
    assert_eq!(figures(&page).len(), 60);
    assert!(page.contains("The first 60 fitted groups are drawn, 10 are not."), "the rest is named");
}

#[test]
fn a_report_that_cannot_be_written_exits_with_2() {
    let file = directory("taken").join("file");
    std::fs::write(&file, "").expect("a file");
    let run = run(&["reproduce", "--out", file.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot write"), "{}", run.err);
}
