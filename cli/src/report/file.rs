//! Files of a report. Each is written beside its place and then moved there, so that an earlier one survives a failure.
use std::fs;
use std::io;
use std::path::Path;

use crate::errors::Error;

/// Writes a file into a directory, which is made if it is not there; returns its path.
pub(crate) fn write(dir: &str, name: &str, text: &str) -> Result<String, Error> {
    let path = Path::new(dir).join(name);
    let beside = Path::new(dir).join(format!(".{name}.{}", std::process::id()));
    let written = fs::create_dir_all(dir).and_then(|()| {
        let moved = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
        if moved.is_err() {
            // What cannot be removed was not written either.
            let _ = fs::remove_file(&beside);
        }
        moved
    });
    written.map_err(|source: io::Error| Error::Write { file: path.display().to_string(), source })?;
    Ok(path.display().to_string())
}
