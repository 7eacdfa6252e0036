//! Trees: which paths a commit touches, and a tip with those paths changed. Only touched directories are read or written.
//!
//! The walk recurses over the trees of parent, tip and commit at once and passes over equal ids; a kernel has 80,000 files and a
//! patch touches three.

mod write;

pub use super::entry::{Entry, Sort};
pub use write::{Edit, Twin, Written, write};

use super::entry::{Cursor, DIRECTORY, Named, entries, key, order};
use super::object::{Bytes, Kind, Object, Oid, raw_len};
use super::store::Store;
use crate::error::{Error, Result};
use crate::merge::Change;
use bstr::{BStr, BString, ByteSlice};
use git2::ObjectFormat;

/// All entries of a tree object, or an error: a tree that is read in part would lose files when it is written.
fn parse(tree: &Object, format: ObjectFormat) -> Result<Vec<Named<'_>>> {
    // "100644 name.c" and an id: most entries take some 40 bytes.
    let mut all: Vec<Named<'_>> = Vec::with_capacity(tree.data.len() / 32);
    all.extend(entries(&tree.data, format));
    let read: usize = all.iter().map(|e| e.raw.len()).sum();
    if read == tree.data.len() {
        return Ok(all);
    }
    Err(malformed(tree))
}

/// A path that a commit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// From the root, with `/`.
    pub path: BString,
    /// What stood there and what stands there now; they differ, and neither is a directory.
    pub entry: Change<Option<Entry>>,
}

/// The paths at which two trees differ, in the order of the trees. A directory that became a file is its files gone and a file new.
///
/// # Errors
/// A tree is missing or damaged.
pub fn diff(store: &mut Store, roots: Change<Option<Oid>>) -> Result<Vec<Changed>> {
    Ok(diff_up_to(store, roots, usize::MAX)?.unwrap_or_default())
}

/// The same, or `None` as soon as more than `limit` paths differ.
///
/// # Errors
/// A tree is missing or damaged.
pub fn diff_up_to(store: &mut Store, roots: Change<Option<Oid>>, limit: usize) -> Result<Option<Vec<Changed>>> {
    let mut walk = Walk { store, prefix: BString::default(), found: Vec::new(), limit };
    walk.directory(roots)?;
    Ok(Some(walk.found).filter(|found| found.len() <= limit))
}

fn malformed(tree: &Object) -> Error {
    Error::fatal(format!("tree {} is malformed", tree.id)).hint("the repository is damaged; see `git fsck --full`")
}

struct Walk<'a> {
    store: &'a mut Store,
    prefix: BString,
    found: Vec<Changed>,
    limit: usize,
}

impl Walk<'_> {
    fn directory(&mut self, dirs: Change<Option<Oid>>) -> Result<()> {
        if dirs.before == dirs.after || self.found.len() > self.limit {
            return Ok(());
        }
        let id_len = raw_len(self.store.format());
        let (old, new) = (read_tree(self.store, dirs.before)?, read_tree(self.store, dirs.after)?);
        let (mut before, mut after) = (Cursor::new(&old.data, id_len), Cursor::new(&new.data, id_len));
        loop {
            let at = match (before.here, after.here) {
                (None, None) => break,
                // Nearly all entries: nothing to compare but bytes.
                (Some(b), Some(a)) if b.raw == a.raw => {
                    before.step();
                    after.step();
                    continue;
                }
                (Some(b), Some(a)) if order(key(&a), key(&b)).is_lt() => a,
                (Some(b), _) => b,
                (None, Some(a)) => a,
            };
            let at = key(&at);
            let entry = Change { before: before.take(at), after: after.take(at) };
            self.entry(at, entry)?;
        }
        match (before.is_at_end(), after.is_at_end()) {
            (true, true) => Ok(()),
            (false, _) => Err(malformed(&old)),
            (_, false) => Err(malformed(&new)),
        }
    }

    fn entry(&mut self, at: (&[u8], bool), entry: Change<Option<Entry>>) -> Result<()> {
        let (name, is_tree) = at;
        let outer = self.prefix.len();
        self.prefix.extend_from_slice(name);
        if is_tree {
            self.prefix.push(b'/');
            self.directory(Change { before: entry.before.map(|e| e.id), after: entry.after.map(|e| e.id) })?;
        } else {
            self.found.push(Changed { path: self.prefix.clone(), entry });
        }
        self.prefix.truncate(outer);
        Ok(())
    }
}

fn read_tree(store: &mut Store, id: Option<Oid>) -> Result<Object> {
    let data: Bytes = match id {
        Some(id) => store.read(id, Kind::Tree)?,
        None => Bytes::from([]),
    };
    let none = || Oid::from_bytes(&[0; 32][..raw_len(store.format())]).expect("a raw id's length");
    Ok(Object { id: id.unwrap_or_else(none), data })
}

/// What stands at a path of a tree.
///
/// # Errors
/// A tree on the way is missing or damaged.
pub fn lookup(store: &mut Store, root: Oid, path: &BStr) -> Result<Option<Entry>> {
    let mut here = Entry { mode: DIRECTORY, id: root };
    for name in path.split_str("/") {
        if !here.is_tree() {
            return Ok(None);
        }
        let tree = read_tree(store, Some(here.id))?;
        match child(&tree, name, store.format()) {
            Some(entry) => here = entry,
            None => return Ok(None),
        }
    }
    Ok(Some(here))
}

/// What stands at a path of a tree, where another tree is known to have `there` at that path: as soon as both have the same
/// directory on the way, nothing more is read.
///
/// # Errors
/// A tree on the way is missing or damaged.
pub fn lookup_beside(
    store: &mut Store,
    root: Oid,
    (other, there): (Option<Oid>, Option<Entry>),
    path: &BStr,
) -> Result<Option<Entry>> {
    let (mut here, mut other) = (Entry { mode: DIRECTORY, id: root }, other);
    for name in path.split_str("/") {
        if other == Some(here.id) {
            return Ok(there);
        }
        if !here.is_tree() {
            return Ok(None);
        }
        let format = store.format();
        let tree = read_tree(store, Some(here.id))?;
        let Some(entry) = child(&tree, name, format) else {
            return Ok(None);
        };
        here = entry;
        let beside = read_tree(store, other)?;
        other = child(&beside, name, format).filter(|e| e.is_tree()).map(|e| e.id);
    }
    Ok(Some(here))
}

/// Looks paths up in one tree; asked in order, it reads each directory once.
#[derive(Debug)]
pub struct Finder {
    root: Oid,
    folder: BString,
    tree: Option<Object>,
}

impl Finder {
    /// In this tree.
    pub fn new(root: Oid) -> Self {
        Self { root, folder: BString::default(), tree: None }
    }

    /// What stands at a path.
    ///
    /// # Errors
    /// A tree on the way is missing or damaged.
    pub fn find(&mut self, store: &mut Store, path: &BStr) -> Result<Option<Entry>> {
        let Some(slash) = path.rfind_byte(b'/') else {
            return lookup(store, self.root, path);
        };
        let folder = path[..slash].as_bstr();
        if self.folder != folder {
            let entry = lookup(store, self.root, folder)?.filter(|e| e.is_tree());
            self.tree = entry.map(|e| read_tree(store, Some(e.id))).transpose()?;
            self.folder = folder.to_owned();
        }
        let format = store.format();
        Ok(self.tree.as_ref().and_then(|tree| child(tree, &path[slash + 1..], format)))
    }
}

fn child(tree: &Object, name: &[u8], format: ObjectFormat) -> Option<Entry> {
    let mut all = entries(&tree.data, format);
    all.find(|e| e.name == name).map(|e| e.entry())
}

/// The names in a directory of a tree, with what they name; empty if there is no such directory.
///
/// # Errors
/// A tree is missing or damaged.
pub fn list(store: &mut Store, root: Oid, dir: &BStr) -> Result<Vec<(BString, Entry)>> {
    let entry = match dir.is_empty() {
        true => Some(Entry { mode: DIRECTORY, id: root }),
        false => lookup(store, root, dir)?,
    };
    let Some(entry) = entry.filter(|e| e.is_tree()) else {
        return Ok(Vec::new());
    };
    let tree = read_tree(store, Some(entry.id))?;
    let all = parse(&tree, store.format())?;
    Ok(all.iter().map(|e| (e.name.into(), e.entry())).collect())
}
