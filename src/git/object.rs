//! Objects as bytes: kinds, ids, shared buffers.

use sha2::Digest;
use std::io;
use std::sync::Arc;

pub use git2::{ObjectFormat, Oid};

/// The content of an object, shared between the walk and the pack writer.
pub type Bytes = Arc<[u8]>;

/// What an object is; the numbers are those of pack entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A commit.
    Commit = 1,
    /// A directory.
    Tree = 2,
    /// A file's content, or a link's target.
    Blob = 3,
}

impl Kind {
    pub(super) fn for_git2(self) -> git2::ObjectType {
        match self {
            Self::Commit => git2::ObjectType::Commit,
            Self::Tree => git2::ObjectType::Tree,
            Self::Blob => git2::ObjectType::Blob,
        }
    }
}

/// An object that this run made or read, with its id.
#[derive(Clone, Debug)]
pub struct Object {
    /// The name.
    pub id: Oid,
    /// The content.
    pub data: Bytes,
}

/// Reads an id in hexadecimal, of the repository's format.
pub fn parse_id(hex: &[u8], format: ObjectFormat) -> Option<Oid> {
    let hex = std::str::from_utf8(hex).ok()?;
    let full = hex.len() == 2 * raw_len(format);
    full.then(|| Oid::from_str_ext(hex, format).ok()).flatten()
}

/// Bytes of a raw id.
pub fn raw_len(format: ObjectFormat) -> usize {
    match format {
        ObjectFormat::Sha1 => 20,
        _ => 32,
    }
}

/// The id git gives to an object, as raw bytes.
///
/// # Errors
/// Data made to collide under SHA-1, which git refuses as well.
pub fn object_id(format: ObjectFormat, kind: Kind, data: &[u8]) -> io::Result<Vec<u8>> {
    let name = match kind {
        Kind::Commit => "commit",
        Kind::Tree => "tree",
        Kind::Blob => "blob",
    };
    let header = format!("{name} {}\0", data.len());
    digest(format, &[header.as_bytes(), data])
}

/// Hash of the concatenated parts.
///
/// # Errors
/// As [`object_id`].
pub fn digest(format: ObjectFormat, parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    if format != ObjectFormat::Sha1 {
        let mut hasher = sha2::Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        return Ok(hasher.finalize().to_vec());
    }
    let mut hasher = sha1_checked::Sha1::new();
    parts.iter().for_each(|part| hasher.update(part));
    let result = hasher.try_finalize();
    if result.has_collision() {
        return Err(io::Error::other("data is a SHA-1 collision attack"));
    }
    Ok(result.hash().to_vec())
}
