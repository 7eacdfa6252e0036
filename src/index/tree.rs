//! Which parts a tree has, as bytes. In: folders and keys. Out: bytes, and back; anything that does not check is nothing.

use crate::index::cut::Key;
use crate::index::varint::{Bytes, put};

/// First bytes of the list.
const MAGIC: &[u8; 8] = b"kmtree \n";

/// A part of a tree: where it is, and what it is kept under.
pub(crate) type Listed = (Vec<u8>, Key);

/// Writes the list.
pub(crate) fn write(parts: &[Listed]) -> Vec<u8> {
    let mut body = Vec::new();
    for (folder, key) in parts {
        put(&mut body, folder.len() as u32);
        body.extend_from_slice(folder);
        body.extend_from_slice(&key.0);
    }
    [&MAGIC[..], &crate::index::VERSION.to_le_bytes(), &crc32fast::hash(&body).to_le_bytes(), &body].concat()
}

/// Reads the list.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Listed>> {
    let mut bytes = Bytes(bytes);
    let known = bytes.take(8)? == MAGIC && bytes.u32()? == crate::index::VERSION;
    let check = bytes.u32()?;
    if !known || crc32fast::hash(bytes.0) != check {
        return None;
    }
    let mut parts = Vec::new();
    while !bytes.0.is_empty() {
        let folder = bytes.piece()?.to_vec();
        parts.push((folder, Key(*bytes.take(32)?.first_chunk()?)));
    }
    Some(parts)
}
