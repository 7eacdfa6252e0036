//! Files of a tree with changes on top, in memory.

use crate::error::{Error, Result};
use crate::git::tree::{self, Edit, Entry, Sort, Twin};
use crate::git::{Kind, Oid, Store, parse_id};
use crate::quilt::objection_to_link;
use crate::run::quoted;
use bstr::ByteSlice;
use std::collections::BTreeMap;

/// A file: mode and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// As git stores it.
    pub mode: u32,
    /// All of it; of a link, its target; of a submodule, the line that a diff has for it.
    pub bytes: Vec<u8>,
}

/// Files by path; `None` where there is none.
pub(super) type Files = BTreeMap<Vec<u8>, Option<File>>;

/// The file at a path of a tree.
///
/// # Errors
/// An object is missing.
pub(super) fn file(store: &mut Store, root: Oid, path: &[u8]) -> Result<Option<File>> {
    match tree::lookup(store, root, path.as_bstr())? {
        Some(entry) => of_entry(store, entry),
        None => Ok(None),
    }
}

/// What a diff says of a submodule, in front of the id of its commit.
const SUBPROJECT: &[u8] = b"Subproject commit ";

/// The file that an entry names; a folder is none.
///
/// # Errors
/// The object is missing.
pub(super) fn of_entry(store: &mut Store, entry: Entry) -> Result<Option<File>> {
    match entry.sort() {
        Sort::File | Sort::Link => Ok(Some(File { mode: entry.mode, bytes: store.blob(entry.id)?.data.to_vec() })),
        Sort::Gitlink => {
            let line = [SUBPROJECT, entry.id.to_string().as_bytes(), b"\n"].concat();
            Ok(Some(File { mode: entry.mode, bytes: line }))
        }
        Sort::Directory => Ok(None),
    }
}

/// A file as the entry of a tree, its bytes stored.
///
/// # Errors
/// A pack cannot be written; or git would refuse a tree with such an entry.
fn entry_of(store: &mut Store, (path, file): (&[u8], &File)) -> Result<Entry> {
    let refuse = |why: &str| Error::fatal(format!("{}: {why}", quoted(path.as_bstr())));
    let mode = git_mode(file.mode).ok_or_else(|| refuse(&format!("git has no files of mode {:o}", file.mode)))?;
    match mode & 0o170_000 {
        0o160_000 => {
            let hex = file.bytes.strip_prefix(SUBPROJECT).map(|hex| hex.trim_ascii_end());
            let id = hex.and_then(|hex| parse_id(hex, store.format()));
            let id = id.ok_or_else(|| refuse("a submodule, and the patch does not say at which commit"))?;
            return Ok(Entry { mode, id });
        }
        0o120_000 => {
            if let Some(why) = objection_to_link(path) {
                return Err(refuse(why));
            }
        }
        _ => {}
    }
    let id = store.put(Kind::Blob, file.bytes.clone(), None)?.id;
    Ok(Entry { mode, id })
}

/// A mode as git keeps it: of a file only the owner's executable bit counts. It has had 100664, and takes it as it is.
fn git_mode(mode: u32) -> Option<u32> {
    match mode & 0o170_000 {
        0o100_000 if mode == 0o100_664 => Some(mode),
        0o100_000 if mode & 0o100 != 0 => Some(0o100_755),
        0o100_000 => Some(0o100_644),
        0o120_000 => Some(0o120_000),
        0o160_000 => Some(0o160_000),
        _ => None,
    }
}

/// A tree with some files changed.
///
/// # Errors
/// A tree is missing, or a pack cannot be written; or a path leads through what is no folder, such as a link: git would not follow it.
pub(super) fn written(store: &mut Store, root: Oid, files: &Files) -> Result<Oid> {
    let mut edits = Vec::with_capacity(files.len());
    for (path, file) in files {
        let entry = match file {
            Some(file) => Some(entry_of(store, (path, file))?),
            None => None,
        };
        edits.push(Edit { path: path.as_slice().into(), entry, own: true });
    }
    let written = tree::write(store, (Some(root), Twin::default()), &edits)?;
    match written.blocked.first() {
        None => Ok(written.tree),
        Some(path) => {
            let path = quoted(path.as_bstr());
            Err(Error::fatal(format!(
                "{path}: a file or link stands where a folder is needed, or a folder where a file is"
            )))
        }
    }
}
