//! What a command writes for whoever reads it: a file, or standard output.

use crate::error::{Error, Result, io};
use crate::report;
use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all, for whoever may read what this user writes; `-` is standard output.
///
/// A file that is there keeps its mode and its owner, a link what it leads to; a device or a pipe is written to, and stays what it is.
pub(super) fn write(place: &Path, text: &[u8]) -> Result<()> {
    if place.as_os_str() == "-" {
        return report::say_bytes(text);
    }
    // It is this file that was asked for, whatever name the error has.
    let own = |e: std::io::Error| match e.raw_os_error() {
        Some(_) => io(place.display())(e),
        None => Error::fatal(format!("{}: {}", place.display(), e.kind())),
    };
    written(place, text).map_err(own)
}

fn written(place: &Path, text: &[u8]) -> std::io::Result<()> {
    match fs::metadata(place) {
        Ok(there) if there.is_file() => {
            // Not over one that may not be written, although its folder may.
            drop(OpenOptions::new().write(true).open(place)?);
            replaced(&fs::canonicalize(place)?, text, Some(&there))
        }
        Ok(_) => OpenOptions::new().write(true).open(place)?.write_all(text),
        Err(e) if e.kind() == ErrorKind::NotFound => replaced(&led_to(place)?, text, None),
        Err(e) => Err(e),
    }
}

/// Where links lead to, the last of which leads to nothing yet.
fn led_to(place: &Path) -> std::io::Result<PathBuf> {
    const MOST: usize = 40;
    let mut at = place.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&at) {
            Ok(next) => at = at.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(at),
        }
    }
    Err(ErrorKind::InvalidInput.into())
}

/// Puts a file in the place of another one, or of none.
fn replaced(place: &Path, text: &[u8], there: Option<&Metadata>) -> std::io::Result<()> {
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::metadata(folder)?;
    let mut aside = tempfile::Builder::new();
    // A temporary file is for its owner alone; this one is as the umask leaves it.
    aside.prefix(".kmigrate-").permissions(Permissions::from_mode(0o666));
    let mut out = aside.tempfile_in(folder)?;
    out.write_all(text)?;
    if let Some(there) = there {
        // Only root may give it to another owner; the group may be one of the user's own.
        let kept = chown(out.path(), Some(there.uid()), Some(there.gid()));
        _ = kept.or_else(|_| chown(out.path(), None, Some(there.gid())));
        out.as_file().set_permissions(there.permissions())?;
    }
    out.persist(place).map(drop).map_err(|e| e.error)
}
