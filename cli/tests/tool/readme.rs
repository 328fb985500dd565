//! What the README shows is what the tool prints.
use std::path::Path;
use std::process::Command;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const MARK: &str = "<!-- output: syn2real ";

/// What a command prints, without blanks at the ends of lines.
fn printed(command: &str) -> String {
    let root = Path::new(README).parent().expect("a directory");
    let output = Command::new(env!("CARGO_BIN_EXE_syn2real"))
        .args(command.split(' '))
        .current_dir(root)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("COLUMNS")
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `SYN2REAL_BLESS=1` writes what is printed into the README.
#[test]
fn outputs_in_the_readme_are_those_of_the_tool() {
    let kept = std::fs::read_to_string(README).expect("the README");
    let (mut now, mut rest, mut shown) = (String::new(), kept.as_str(), 0);
    while let Some((before, from)) = rest.split_once(MARK) {
        let (command, _) = from.split_once(" -->").expect("the mark ends");
        let (_, after) = from.split_once("<!-- /output -->").expect("the output ends");
        now += &format!("{before}{MARK}{command} -->\n```text\n{}```\n<!-- /output -->", printed(command));
        (rest, shown) = (after, shown + 1);
    }
    now += rest;
    assert!(shown > 0, "the README shows an answer");
    if std::env::var_os("SYN2REAL_BLESS").is_some() {
        std::fs::write(README, &now).expect("the README can be written");
    }
    let kept = std::fs::read_to_string(README).expect("the README");
    assert!(kept == now, "README.md is stale: SYN2REAL_BLESS=1 cargo test -p syn2real-cli --test tool readme");
}

/// The table of commands is that of the help, and every file that the README points to is there.
#[test]
fn commands_and_files_of_the_readme_exist() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let help = printed("--help");
    let named: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !["help", "completions", "man", "ask"].contains(name))
        .collect();
    assert!(named.len() > 8, "{help}");
    for command in named {
        assert!(readme.contains(&format!("`{command}")), "the README does not name {command}");
    }
    let root = Path::new(README).parent().expect("a directory");
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.starts_with("http") {
            assert!(root.join(link).exists(), "the README points to {link}, which is not there");
        }
    }
}

/// How often scipy ends in another minimum: the README's numbers are those of docs/scipy.md.
#[test]
fn what_the_readme_says_of_scipy_is_in_its_table() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let page =
        std::fs::read_to_string(Path::new(README).with_file_name("docs").join("scipy.md")).expect("docs/scipy.md");
    let row = |residual: &str| {
        let start = format!("| {residual} | `p0=(1, 0.5, 0.5 min)`");
        let line = page.lines().find(|line| line.starts_with(&start)).expect("the row");
        line.split('|').nth(4).expect("a cell").trim().to_owned()
    };
    let said = format!("{} (log residual) and {} (linear)", row("log"), row("linear"));
    assert!(readme.contains(&said), "the README does not say {said:?}");
}
