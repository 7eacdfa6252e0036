//! What a command writes for whoever reads it: a file, or standard output.

use crate::error::{Result, io};
use crate::report;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file whole or not at all, for whoever may read what this user writes; `-` is standard output.
pub(super) fn write(place: &Path, text: &[u8]) -> Result<()> {
    if place.as_os_str() == "-" {
        return report::say_bytes(text);
    }
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut aside = tempfile::Builder::new();
    // A temporary file is for its owner alone; this one is as the umask leaves it.
    aside.prefix(".kmigrate-").permissions(Permissions::from_mode(0o666));
    let mut out = aside.tempfile_in(folder).map_err(io(folder.display()))?;
    out.write_all(text).map_err(io(place.display()))?;
    out.persist(place).map(drop).map_err(|e| io(place.display())(e.error))
}
