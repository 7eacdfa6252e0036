//! Trees: which paths a commit touches, and a tip with those paths changed. Only touched directories are read or written.
//!
//! The walk recurses over the trees of parent, tip and commit at once and passes over equal ids; a kernel has 80,000 files and a
//! patch touches three.

mod write;

pub use write::{Edit, Twin, Written, write};

use super::object::{Bytes, Kind, Object, Oid, raw_len};
use super::store::Store;
use crate::error::{Error, Result};
use crate::merge::Change;
use bstr::{BStr, BString, ByteSlice};
use git2::ObjectFormat;
use std::cmp::Ordering;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// As stored: 0o100644, 0o100755, 0o120000 (link), 0o160000 (submodule), 0o40000 (directory).
    pub mode: u32,
    /// Blob, tree, or the submodule's commit.
    pub id: Oid,
}

/// The mode of a directory.
const DIRECTORY: u32 = 0o040_000;

/// What sort of thing an entry is; a change of sort is a type change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A regular file, executable or not.
    File,
    /// A symbolic link.
    Link,
    /// A submodule's commit.
    Gitlink,
    /// A directory.
    Directory,
}

fn is_directory(mode: u32) -> bool {
    mode & 0o170_000 == DIRECTORY
}

impl Entry {
    /// What sort of thing this is.
    pub fn sort(self) -> Sort {
        match self.mode & 0o170_000 {
            DIRECTORY => Sort::Directory,
            0o120_000 => Sort::Link,
            0o160_000 => Sort::Gitlink,
            _ => Sort::File,
        }
    }

    fn is_tree(self) -> bool {
        is_directory(self.mode)
    }
}

/// An entry of one tree object, still as bytes.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// One path component.
    pub name: &'a [u8],
    mode: u32,
    id: &'a [u8],
    raw: &'a [u8],
}

impl Named<'_> {
    /// What it names.
    pub fn entry(&self) -> Entry {
        Entry {
            mode: self.mode,
            id: Oid::from_bytes(self.id).expect("a raw id has an id's length"),
        }
    }

    fn is_tree(&self) -> bool {
        is_directory(self.mode)
    }
}

/// The entries of a tree object; stops at the first malformed one.
pub fn entries(data: &[u8], format: ObjectFormat) -> impl Iterator<Item = Named<'_>> {
    let id_len = raw_len(format);
    let mut rest = data;
    std::iter::from_fn(move || {
        let (named, after) = first_entry(rest, id_len)?;
        rest = after;
        Some(named)
    })
}

fn first_entry(data: &[u8], id_len: usize) -> Option<(Named<'_>, &[u8])> {
    let mut mode = 0u32;
    let mut space = 0;
    loop {
        match *data.get(space)? {
            b' ' => break,
            c @ b'0'..=b'7' if space < 8 => mode = mode * 8 + u32::from(c - b'0'),
            _ => return None,
        }
        space += 1;
    }
    let nul = space + 1 + memchr::memchr(0, &data[space + 1..])?;
    let end = nul + 1 + id_len;
    let id = data.get(nul + 1..end)?;
    let named = Named {
        name: &data[space + 1..nul],
        mode,
        id,
        raw: &data[..end],
    };
    Some((named, &data[end..]))
}

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

/// Git's order of tree entries: a directory sorts as if its name ended in `/`.
fn order(a: (&[u8], bool), b: (&[u8], bool)) -> Ordering {
    let common = a.0.len().min(b.0.len());
    a.0[..common].cmp(&b.0[..common]).then_with(|| {
        let next = |(name, is_tree): (&[u8], bool)| name.get(common).copied().or(is_tree.then_some(b'/'));
        next(a).cmp(&next(b))
    })
}

fn key<'a>(named: &Named<'a>) -> (&'a [u8], bool) {
    (named.name, named.is_tree())
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
    let mut walk = Walk {
        store,
        prefix: BString::default(),
        found: Vec::new(),
        limit,
    };
    walk.directory(roots)?;
    Ok(Some(walk.found).filter(|found| found.len() <= limit))
}

/// Reads a tree object entry by entry.
struct Cursor<'a> {
    here: Option<Named<'a>>,
    rest: &'a [u8],
    id_len: usize,
}

impl<'a> Cursor<'a> {
    fn new(data: &'a [u8], id_len: usize) -> Self {
        let mut cursor = Self {
            here: None,
            rest: data,
            id_len,
        };
        cursor.step();
        cursor
    }

    fn step(&mut self) {
        let next = first_entry(self.rest, self.id_len);
        self.here = next.map(|(named, rest)| {
            self.rest = rest;
            named
        });
    }

    /// The entry at this key, if there is one; goes on.
    fn take(&mut self, at: (&[u8], bool)) -> Option<Entry> {
        let named = self.here.filter(|e| order(key(e), at).is_eq())?;
        self.step();
        Some(named.entry())
    }

    fn finish(&self, tree: &Object) -> Result<()> {
        match self.rest.is_empty() {
            true => Ok(()),
            false => Err(malformed(tree)),
        }
    }
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
            let entry = Change {
                before: before.take(at),
                after: after.take(at),
            };
            self.entry(at, entry)?;
        }
        before.finish(&old)?;
        after.finish(&new)
    }

    fn entry(&mut self, at: (&[u8], bool), entry: Change<Option<Entry>>) -> Result<()> {
        let (name, is_tree) = at;
        let outer = self.prefix.len();
        self.prefix.extend_from_slice(name);
        if is_tree {
            self.prefix.push(b'/');
            self.directory(Change {
                before: entry.before.map(|e| e.id),
                after: entry.after.map(|e| e.id),
            })?;
        } else {
            self.found.push(Changed {
                path: self.prefix.clone(),
                entry,
            });
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
    Ok(Object {
        id: id.unwrap_or_else(none),
        data,
    })
}

/// What stands at a path of a tree.
///
/// # Errors
/// A tree on the way is missing or damaged.
pub fn lookup(store: &mut Store, root: Oid, path: &BStr) -> Result<Option<Entry>> {
    let mut here = Entry {
        mode: DIRECTORY,
        id: root,
    };
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
    let (mut here, mut other) = (
        Entry {
            mode: DIRECTORY,
            id: root,
        },
        other,
    );
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
        Self {
            root,
            folder: BString::default(),
            tree: None,
        }
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
        Ok(self
            .tree
            .as_ref()
            .and_then(|tree| child(tree, &path[slash + 1..], format)))
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
        true => Some(Entry {
            mode: DIRECTORY,
            id: root,
        }),
        false => lookup(store, root, dir)?,
    };
    let Some(entry) = entry.filter(|e| e.is_tree()) else {
        return Ok(Vec::new());
    };
    let tree = read_tree(store, Some(entry.id))?;
    let all = parse(&tree, store.format())?;
    Ok(all.iter().map(|e| (e.name.into(), e.entry())).collect())
}
