//! Completions for shells and manual pages, made from the commands themselves: they cannot be stale.
use std::io::{Write, stdout};
use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;

use crate::errors::Error;

use super::line::command;

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Result<bool, Error> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "syn2real", &mut text);
    print(&text)
}

/// Prints the manual page of the tool or of a command, or writes all of them into a directory.
pub(crate) fn man(name: Option<&str>, out: Option<&str>) -> Result<bool, Error> {
    let mut tool = command();
    // Names the pages of the commands after the tool: syn2real-plan.
    tool.build();
    let page = |of: clap::Command| {
        let mut text = Vec::new();
        Man::new(of).render(&mut text).map_err(Error::stdout).map(|()| text)
    };
    let commands = || tool.get_subcommands().filter(|of| of.get_name() != "help");
    if let Some(dir) = out {
        let failed = |file: &Path| {
            let file = file.display().to_string();
            move |source| Error::Write { file, source }
        };
        let dir = Path::new(dir);
        std::fs::create_dir_all(dir).map_err(failed(dir))?;
        for of in commands().chain([&tool]) {
            let file = dir.join(format!("{}.1", of.get_display_name().unwrap_or("syn2real")));
            std::fs::write(&file, page(of.clone())?).map_err(failed(&file))?;
        }
        return Ok(true);
    }
    let of = match name {
        None => tool.clone(),
        Some(name) => commands().find(|of| of.get_name() == name).cloned().ok_or_else(|| {
            let names: Vec<&str> = commands().map(clap::Command::get_name).collect();
            Error::Option(format!("there is no command {name}: name one of {}", names.join(", ")))
        })?,
    };
    print(&page(of)?)
}

fn print(text: &[u8]) -> Result<bool, Error> {
    let mut out = stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).map_err(Error::stdout)?;
    Ok(true)
}
