//! What a command writes for whoever reads it: a file, or standard output.

use crate::error::{Error, Result, io};
use crate::report;
use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all, for whoever may read what this user writes; `-` is standard output.
///
/// A file that is there keeps its mode and its owner, a link what it leads to; a device, a pipe or a stream that is open is written to, and
/// stays what it is.
pub(super) fn write(place: &Path, text: &[u8]) -> Result<()> {
    if place.as_os_str() == "-" || is_output(place) {
        return report::say_bytes(text);
    }
    write_file(place, text)
}

/// The same for a file, whatever it is called.
pub(super) fn write_file(place: &Path, text: &[u8]) -> Result<()> {
    // It is this file that was asked for, whatever name the error has.
    let own = |e: std::io::Error| match e.raw_os_error() {
        Some(_) => io(place.display())(e),
        None => Error::fatal(format!("{}: {}", place.display(), e.kind())),
    };
    written(place, text).map_err(own)
}

fn written(place: &Path, text: &[u8]) -> std::io::Result<()> {
    match fs::metadata(place) {
        Ok(there) if there.is_file() && !is_stream(place) => {
            // Not over one that may not be written, although its folder may.
            drop(OpenOptions::new().write(true).open(place)?);
            replaced(&fs::canonicalize(place)?, text, Some(&there))
        }
        // A stream that leads to a file has its place in it behind what is there.
        Ok(_) => OpenOptions::new().append(true).open(place)?.write_all(text),
        Err(e) if e.kind() == ErrorKind::NotFound => replaced(&led_to(place), text, None),
        Err(e) => Err(e),
    }
}

/// Is it another name of standard output? Opened once more it would not know how far that has been written.
fn is_output(place: &Path) -> bool {
    let same = |one: &Metadata, other: &Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
    let both = (fs::metadata(place), fs::metadata("/dev/stdout"));
    is_stream(place) && matches!(&both, (Ok(one), Ok(other)) if same(one, other))
}

/// Is it the name of an open stream (`/dev/stdout`), or a link to one? What it leads to may be a file, which others write to as well.
fn is_stream(place: &Path) -> bool {
    // Links below lead on to the file itself.
    let mut at = Some(place.to_owned());
    while let Some(here) = at {
        let folder = here.parent().map(|folder| fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()));
        // Below /dev/shm are files.
        if folder.is_some_and(|folder| folder == Path::new("/dev") || folder.starts_with("/proc")) {
            return true;
        }
        at = next(&here);
    }
    false
}

/// Where a link leads.
fn next(link: &Path) -> Option<PathBuf> {
    let to = fs::read_link(link).ok()?;
    Some(link.parent().unwrap_or(Path::new("")).join(to))
}

/// Where links lead to, the last of which leads to nothing yet: so there is an end.
fn led_to(place: &Path) -> PathBuf {
    let mut at = place.to_owned();
    while let Some(to) = next(&at) {
        at = to;
    }
    at
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
