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

/// The figures of a page: svg elements, each checked to be well-formed.
fn figures(page: &str) -> Vec<&str> {
    let starts = page.match_indices("<svg xmlns").map(|(at, _)| at);
    let svgs: Vec<&str> = starts.map(|at| &page[at..at + page[at..].find("</svg>").expect("an end") + 6]).collect();
    for svg in &svgs {
        let document = roxmltree::Document::parse(svg).unwrap_or_else(|e| panic!("{e}: {svg:.300}"));
        let root = document.root_element();
        assert!(root.attribute("aria-label").is_some() && root.attribute("viewBox").is_some(), "{svg:.200}");
        assert!(!svg.contains("NaN"), "a coordinate is no number");
    }
    svgs
}

/// No address but those inside the page, and of the name of SVG.
fn asks_for_nothing(page: &str) {
    let page = page.replace("http://www.w3.org/2000/svg", "").replace("href=\"#", "");
    for outside in ["http://", "https://", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "the page reaches out: {outside}");
    }
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
    assert_eq!(page.matches("<figure>").count(), FIGURES.len());
    assert!(figures(&page).len() > FIGURES.len(), "figures of several panels");
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
    asks_for_nothing(&page);
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
fn a_report_of_many_groups_has_a_figure_and_a_row_for_each() {
    let dir = directory("many");
    let csv: String = (0..150).map(|g| rows(&format!("{g},"))).collect();
    let report = dir.to_str().expect("UTF-8");
    let args = ["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--report", report];
    let run = run_with(&args, format!("g,n,error\n{csv}").as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let page = read(&dir.join("index.html"));
    assert_eq!(figures(&page).len(), 150);
    for group in 0..150 {
        for half in ["<tr id=\"r{}\"", "href=\"#g{}\"", "<figure id=\"g{}\"", "href=\"#r{}\""] {
            assert!(page.contains(&half.replace("{}", &group.to_string())), "{half} of {group}");
        }
    }
    let answer = page.find("class=\"answer\"").expect("an answer");
    assert!(answer < page.find("<table").expect("a table") && answer < page.find("<svg").expect("a figure"));
    assert!(page.len() < 150 * 8_000 + 30_000, "{} bytes", page.len());
    asks_for_nothing(&page);
}

/// Rows of any size, from the least number of f64 to the largest, are drawn at once and without a place that is no number.
#[test]
fn a_report_of_any_sizes_ends() {
    let dir = directory("any-sizes");
    let report = dir.to_str().expect("UTF-8");
    let rest = "1000,0.5\n2000,0.41\n4000,0.36\n8000,0.33\n16000,0.31\n";
    let sizes = ["5e-324", "2.3e-308", "1e-30", "0.001", "9e15", "1e30", "1e308", "1.7976931348623157e308"];
    let errors = ["5e-324", "1e-300", "0.7", "1e30", "1e308"];
    let rows = sizes.iter().flat_map(|n| errors.iter().map(move |e| (n, e)));
    let csv: String = rows
        .flat_map(|(n, e)| format!("{n},{e}\n{rest}").lines().map(|l| format!("{n} {e},{l}\n")).collect::<Vec<_>>())
        .collect();
    for law in ["law1", "rectified"] {
        let args = ["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--law", law, "--report", report];
        let start = std::time::Instant::now();
        let run = run_with(&args, format!("g,n,error\n{csv}").as_bytes());
        assert!(run.code < 2, "{law}: {}", run.err);
        // A hundred times what it takes.
        assert!(start.elapsed() < std::time::Duration::from_secs(60), "{law} took {:?}", start.elapsed());
        assert!(!figures(&read(&dir.join("index.html"))).is_empty(), "{law}");
    }
}

/// Every command that answers has a page that begins with the answer and holds text of any kind.
#[test]
fn every_command_that_answers_has_a_page() {
    let wild = "<script>alert('&')</script>\u{1b}\"";
    let quoted = format!("\"{}\"", wild.replace('"', "\"\""));
    let curves = format!("g,n,error\n{}{}", rows("b,"), rows(&format!("{quoted},")).replace("0.2", "0.3"));
    let law = |n: f64, s: f64| 40.0 * (0.5 + n.powf(-0.5)) * s.powf(-0.3);
    let sizes = [1e3, 4e3, 16e3];
    let grid = sizes.iter().flat_map(|n| sizes.iter().map(move |s| (*n, 10.0 * s)));
    let grid: String = grid.map(|(n, s)| format!("{quoted},{n},{s},{}\n", law(n, s))).collect();
    let grid = format!("g,n,s,error\n{grid}");
    let cases: [(&[&str], &str, usize); 9] = [
        (&["fit"], &curves, 2),
        (&["fit", "--law", "best"], &curves, 2),
        (&["plan", "--target", "0.27"], &curves, 2),
        (&["next", "--target", "0.27"], &curves, 2),
        (&["next", "--aim", "c"], &curves, 2),
        (&["compare"], &curves, 3),
        (&["decouple"], &curves, 3),
        (&["full", "--s", "s"], &grid, 1),
        // A single group without a name has no row to lead to.
        (&["fit", "--where", "g=b", "--by", ""], &curves, 1),
    ];
    let allocate: (&[&str], &str, usize) = (&["allocate", "--s", "s", "--target", "1.2", "--any-target"], &grid, 1);
    for (k, (command, csv, count)) in cases.into_iter().chain([allocate]).enumerate() {
        let dir = directory(&format!("page-{k}"));
        let rest = ["-", "--n", "n", "--error", "error", "--report", dir.to_str().expect("UTF-8")];
        let by: &[&str] = if command.contains(&"--by") { &[] } else { &["--by", "g"] };
        let run = run_with(&[&command[..1], &rest, by, &command[1..]].concat(), csv.as_bytes());
        assert!(run.code < 2, "{command:?}: {}", run.err);
        let page = read(&dir.join("index.html"));
        let found = figures(&page);
        assert!(found.len() >= count, "{command:?} has {} figures", found.len());
        let place = |what: &str| page.find(what).unwrap_or_else(|| panic!("{command:?} has no {what}"));
        assert!(place("class=\"answer\"") < place("<table") && place("<table") < place("<figure"), "{command:?}");
        assert!(
            !page.contains("<script>alert") && (by.is_empty() || page.contains("&lt;script&gt;")),
            "{command:?}: text became markup"
        );
        assert!(!page.contains("NaN"), "{command:?}: a number is none");
        asks_for_nothing(&page);
        // Every row leads to a figure that is there.
        for link in page.split("href=\"#").skip(1).filter_map(|link| link.split('"').next()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "{command:?}: {link} leads nowhere");
        }
    }
}

#[test]
fn an_old_report_survives_a_failure() {
    let dir = directory("old");
    let page = dir.join("index.html");
    std::fs::create_dir_all(page.join("in the way")).expect("a directory in its place");
    let report = dir.to_str().expect("UTF-8");
    let csv = format!("n,error\n{}", rows(""));
    let run = run_with(&["fit", "-", "--n", "n", "--error", "error", "--report", report], csv.as_bytes());
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("cannot write"), "{}", run.err);
    let left: Vec<_> = std::fs::read_dir(&dir).expect("the directory").filter_map(Result::ok).collect();
    assert_eq!(left.len(), 1, "nothing half written is left: {left:?}");
}

#[test]
fn a_report_that_cannot_be_written_exits_with_2() {
    let file = directory("taken").join("file");
    std::fs::write(&file, "").expect("a file");
    let run = run(&["reproduce", "--out", file.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot write"), "{}", run.err);
}
