//! What a verb reads besides the repository: a file, or standard input, which is called `-`.

use crate::error::{Error, Result, io};
use std::io::Read;
use std::path::Path;

/// A file's bytes; those of standard input for `-`.
///
/// # Errors
/// It cannot be read.
pub fn bytes(file: &Path) -> Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return std::fs::read(file).map_err(io(file.display()));
    }
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text).map_err(io("standard input"))?;
    Ok(text)
}

/// The lines of standard input that say something.
///
/// # Errors
/// It cannot be read, or is no UTF-8.
pub fn lines() -> Result<Vec<String>> {
    let text = bytes(Path::new("-"))?;
    let text = String::from_utf8(text).map_err(|e| Error::fatal(format!("cannot read standard input: {e}")))?;
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
}
