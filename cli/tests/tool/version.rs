//! What the tool says of itself: its version with the commit, completions and manual pages.
#[allow(dead_code, reason = "the script's main is cargo's to run")]
#[path = "../../build.rs"]
mod build;

use std::process::Command;

use crate::run::{directory, run};

#[test]
fn version_names_the_commit_it_was_made_from() {
    let dir = directory("packaged");
    assert_eq!(build::commit(&dir), None, "a directory of another repository");
    let packaged = |text: &str| std::fs::write(dir.join(".cargo_vcs_info.json"), text).expect("a file");
    packaged(
        "{\n  \"git\": {\n    \"sha1\": \"0123456789abcdef0123456789abcdef01234567\"\n  },\n  \"path_in_vcs\": \"cli\"\n}",
    );
    assert_eq!(build::commit(&dir).as_deref(), Some("0123456789ab"));
    packaged("{}");
    assert_eq!(build::commit(&dir), None);
    let run = run(&["--version"]);
    assert_eq!(run.code, 0);
    assert!(run.out.starts_with(&format!("syn2real {}", env!("CARGO_PKG_VERSION"))), "{}", run.out);
}

#[test]
fn version_follows_a_repository_of_its_own() {
    let dir = directory("repository");
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
        Command::new("git").arg("-C").arg(&dir).args(identity).args(args).output().is_ok_and(|o| o.status.success())
    };
    // Without git there is nothing to follow, and no commit.
    if !git(&["init", "-q"]) {
        assert_eq!(build::commit(&dir), None);
        return;
    }
    std::fs::write(dir.join("Cargo.toml"), "").expect("a file");
    assert_eq!(build::commit(&dir), None, "no commit yet");
    assert!(git(&["add", "."]) && git(&["commit", "-q", "-m", "first"]), "a commit");
    let commit = build::commit(&dir).expect("a commit");
    assert!(commit.len() == 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{commit}");
}

#[test]
fn completions_know_commands_and_options() {
    for (shell, start) in [
        ("bash", "_syn2real"),
        ("zsh", "#compdef syn2real"),
        ("fish", "complete -c syn2real"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let run = run(&["completions", shell]);
        assert_eq!(run.code, 0, "{shell}: {}", run.err);
        assert!(run.out.contains(start), "{shell}");
        for word in ["ask", "reproduce", "target", "intervals"] {
            assert!(run.out.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).code, 2);
    // bash itself takes it, where there is one.
    let script = directory("completions").join("syn2real.bash");
    std::fs::write(&script, run(&["completions", "bash"]).out).expect("a file");
    if let Ok(output) = Command::new("bash").arg("-n").arg(&script).output() {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn manual_pages_are_roff_and_complete() {
    let main = run(&["man"]);
    assert_eq!(main.code, 0, "{}", main.err);
    assert!(main.out.contains(".TH syn2real 1") && main.out.contains("Examples:"), "{}", main.out);
    assert!(run(&["man", "plan"]).out.contains(".TH syn2real-plan 1"), "the page of a command");
    let none = run(&["man", "nosuch"]);
    assert!(none.code == 2 && none.err.contains("there is no command nosuch"), "{}", none.err);
    let dir = directory("man");
    let run = run(&["man", "--out", dir.to_str().expect("UTF-8")]);
    assert_eq!(run.code, 0, "{}", run.err);
    let pages = std::fs::read_dir(&dir).expect("a directory").count();
    assert_eq!(pages, 1 + COMMANDS, "one for the tool and one for each command");
}

/// ask, fit, full, decouple, extrapolate, plan, allocate, next, compare, watch, entropy, rates, reproduce, completions, man.
const COMMANDS: usize = 15;

#[test]
fn the_common_options_have_one_letter_everywhere() {
    let letters = [
        ("-n", "--n"),
        ("-e", "--error"),
        ("-b", "--by"),
        ("-w", "--where"),
        ("-t", "--target"),
        ("-f", "--format"),
        ("-o", "--report"),
    ];
    for command in ["ask", "fit", "plan", "next", "compare", "watch", "extrapolate", "decouple", "allocate", "full"] {
        let help = run(&[command, "--help"]).out;
        for (short, long) in letters {
            let is_there = |text: &str| help.lines().any(|line| line.trim_start().starts_with(text));
            if help.contains(&format!("{long} <")) {
                assert!(is_there(&format!("{short}, {long} <")), "{command} {long}");
            }
        }
    }
}
