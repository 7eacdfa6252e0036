//! Files of a tree with changes on top, in memory.

use crate::error::{Error, Result};
use crate::git::tree::{self, Edit, Entry, Sort, Twin};
use crate::git::{Kind, Oid, Store};
use crate::run::quoted;
use bstr::ByteSlice;
use std::collections::BTreeMap;

/// A file: mode and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// As git stores it.
    pub mode: u32,
    /// All of it; of a link, its target.
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

/// The file that an entry names; a submodule and a folder are none.
///
/// # Errors
/// The object is missing.
pub(super) fn of_entry(store: &mut Store, entry: Entry) -> Result<Option<File>> {
    match entry.sort() {
        Sort::File | Sort::Link => Ok(Some(File { mode: entry.mode, bytes: store.blob(entry.id)?.data.to_vec() })),
        Sort::Gitlink | Sort::Directory => Ok(None),
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
            Some(file) => {
                let blob = store.put(Kind::Blob, file.bytes.clone(), None)?;
                Some(Entry { mode: file.mode, id: blob.id })
            }
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
