//! Names the version with the commit that it was made from, so that a figure can be traced to it.
use std::path::Path;
use std::process::Command;

/// Digits of a commit that are shown.
const DIGITS: usize = 12;

fn main() {
    let package = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::rerun-if-changed=build.rs");
    // Every commit would compile the tool again: builds for tests name none.
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let found = if is_release { commit(Path::new(&dir)) } else { None };
    let text = match (&found, is_release) {
        (Some(commit), _) => format!("{package} ({commit})"),
        (None, true) => package,
        (None, false) => format!("{package} (debug build)"),
    };
    println!("cargo::rustc-env=SYN2REAL_VERSION={text}");
    for file in if is_release { watched(Path::new(&dir)) } else { Vec::new() } {
        println!("cargo::rerun-if-changed={file}");
    }
}

/// The commit that the package in this directory was made from: what `cargo package` wrote down, else what git says of the
/// repository that the package is a part of; `None` without either.
pub(crate) fn commit(dir: &Path) -> Option<String> {
    let packaged = std::fs::read_to_string(dir.join(".cargo_vcs_info.json")).ok();
    let sha = match packaged {
        Some(text) => text.split("\"sha1\"").nth(1)?.split('"').nth(1)?.to_owned(),
        // Not the commit of a repository that only contains a copy.
        None => {
            git(dir, &["ls-files", "--error-unmatch", "Cargo.toml"])?;
            git(dir, &["rev-parse", "HEAD"])?
        }
    };
    let is_sha = sha.len() >= DIGITS && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sha.then(|| sha[..DIGITS].to_owned())
}

/// The files that change with the commit.
fn watched(dir: &Path) -> Vec<String> {
    let path = |name| git(dir, &["rev-parse", "--git-path", name]).map(|path| dir.join(path));
    let files = [Some(dir.join(".cargo_vcs_info.json")), path("HEAD"), path("logs/HEAD")];
    files.into_iter().flatten().filter(|path| path.exists()).map(|path| path.display().to_string()).collect()
}

/// What git prints, without the line end; `None` where there is no git, or it fails.
fn git(dir: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(dir).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
