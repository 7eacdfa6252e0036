//! What the tree around a finding knows: a revision's names, and its files or those of the worktree. In: a repository. Out: answers to
//! fixers, asked for when they are needed, each once.

use super::fix::{Spot, Surroundings};
use crate::error::{Result, io};
use crate::git::tree::{self, Sort};
use crate::git::{Oid, Repo, Store, Writes};
use crate::survey::ask_names;
use bstr::{BStr, BString, ByteSlice};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// From the revision itself.
    Tree,
    /// From this folder; names are still those of the revision.
    Worktree(PathBuf),
}

/// A revision, as fixers ask it.
pub struct Revision<'a> {
    repo: &'a Repo,
    store: RefCell<Store>,
    tree: Oid,
    from: From,
    known: RefCell<BTreeMap<Vec<u8>, Vec<Spot>>>,
}

impl<'a> Revision<'a> {
    /// Of a tree.
    ///
    /// # Errors
    /// The objects cannot be opened.
    pub fn new(repo: &'a Repo, tree: Oid, from: From) -> Result<Self> {
        let store = RefCell::new(repo.store(Writes::Nowhere)?);
        Ok(Self { repo, store, tree, from, known: RefCell::default() })
    }
}

impl Surroundings for Revision<'_> {
    fn places(&self, name: &[u8]) -> Result<Vec<Spot>> {
        if let Some(known) = self.known.borrow().get(name) {
            return Ok(known.clone());
        }
        let asked = [name];
        let found = ask_names(self.repo, &[self.tree], |indexes| {
            indexes.iter().map(|index| index.places(&asked, |_| true)).collect::<std::result::Result<Vec<_>, _>>()
        })?;
        let places = found.into_iter().flatten().flatten();
        let spot = |place: crate::index::Place| Spot {
            path: place.path.into(),
            is_declared: place.kinds.iter().next().is_some(),
            is_used: place.kinds.is_used(),
        };
        let spots: Vec<Spot> = places.map(spot).collect();
        self.known.borrow_mut().insert(name.to_vec(), spots.clone());
        Ok(spots)
    }

    fn read(&self, path: &BStr) -> Result<Option<Vec<u8>>> {
        // What a report names is no path to go anywhere by.
        if path.is_empty() || path.starts_with(b"/") || path.split_str("/").any(|part| part == b".." || part == b".git")
        {
            return Ok(None);
        }
        match &self.from {
            From::Tree => {
                let mut store = self.store.borrow_mut();
                let entry = tree::lookup(&mut store, self.tree, path)?.filter(|entry| entry.sort() == Sort::File);
                entry.map(|entry| Ok(store.blob(entry.id)?.data.to_vec())).transpose()
            }
            From::Worktree(top) => {
                let place = top.join(path.to_path_lossy());
                if is_plain(top, path)? {
                    std::fs::read(&place).map(Some).map_err(io(place.display()))
                } else {
                    Ok(None)
                }
            }
        }
    }
}

/// Is there a regular file at a path below a folder, with no link on the way? What a link leads to may be anybody's.
fn is_plain(top: &Path, path: &BStr) -> Result<bool> {
    let mut place = top.to_owned();
    let parts: Vec<&[u8]> = path.split_str("/").collect();
    for (at, part) in parts.iter().enumerate() {
        place.push(part.to_path_lossy());
        let found = match std::fs::symlink_metadata(&place) {
            Ok(found) => found,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(false),
            Err(e) => return Err(io(place.display())(e)),
        };
        let is_last = at + 1 == parts.len();
        if !(is_last && found.is_file() || !is_last && found.is_dir()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A report's name of a file as a path of the tree.
pub fn path_in_tree(named: &str, top: Option<&str>) -> BString {
    let named = top.and_then(|top| named.strip_prefix(top)).unwrap_or(named);
    let mut path = named.trim_start_matches('/');
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix("../")) {
        path = rest;
    }
    path.into()
}
