//! Tree objects as bytes: what an entry is, and the entries of one tree, one after the other.

use super::object::{Oid, raw_len};
use crate::merge::Change;
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
pub const DIRECTORY: u32 = 0o040_000;

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

    /// Is it a directory?
    pub fn is_tree(self) -> bool {
        is_directory(self.mode)
    }

    /// A regular file with what became of the executable bit elsewhere: the mode that `change` gives it, if it changes the bit.
    #[must_use]
    pub fn with_bit_of(self, change: Change<u32>) -> Self {
        let is_executable = |mode: u32| mode & 0o100 != 0;
        let changed = is_executable(change.before) != is_executable(change.after);
        Self { mode: if changed { change.after } else { self.mode }, ..self }
    }
}

/// An entry of one tree object, still as bytes.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// One path component.
    pub name: &'a [u8],
    mode: u32,
    id: &'a [u8],
    /// The entry as it is stored.
    pub raw: &'a [u8],
}

impl Named<'_> {
    /// What it names.
    pub fn entry(&self) -> Entry {
        Entry { mode: self.mode, id: Oid::from_bytes(self.id).expect("a raw id has an id's length") }
    }

    /// Is it a directory?
    pub fn is_tree(&self) -> bool {
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

/// The entry at the head of a tree object, and what is behind it.
pub fn first_entry(data: &[u8], id_len: usize) -> Option<(Named<'_>, &[u8])> {
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
    let named = Named { name: &data[space + 1..nul], mode, id, raw: &data[..end] };
    Some((named, &data[end..]))
}

/// Git's order of tree entries: a directory sorts as if its name ended in `/`.
pub fn order(a: (&[u8], bool), b: (&[u8], bool)) -> Ordering {
    let common = a.0.len().min(b.0.len());
    a.0[..common].cmp(&b.0[..common]).then_with(|| {
        let next = |(name, is_tree): (&[u8], bool)| name.get(common).copied().or(is_tree.then_some(b'/'));
        next(a).cmp(&next(b))
    })
}

/// What entries are ordered by.
pub fn key<'a>(named: &Named<'a>) -> (&'a [u8], bool) {
    (named.name, named.is_tree())
}

/// Reads a tree object entry by entry.
pub struct Cursor<'a> {
    /// The entry at hand.
    pub here: Option<Named<'a>>,
    rest: &'a [u8],
    id_len: usize,
}

impl<'a> Cursor<'a> {
    /// At the first entry.
    pub fn new(data: &'a [u8], id_len: usize) -> Self {
        let mut cursor = Self { here: None, rest: data, id_len };
        cursor.step();
        cursor
    }

    /// Goes on to the next.
    pub fn step(&mut self) {
        let next = first_entry(self.rest, self.id_len);
        self.here = next.map(|(named, rest)| {
            self.rest = rest;
            named
        });
    }

    /// The entry at this key, if there is one; goes on.
    pub fn take(&mut self, at: (&[u8], bool)) -> Option<Entry> {
        let named = self.here.filter(|e| order(key(e), at).is_eq())?;
        self.step();
        Some(named.entry())
    }

    /// Was the tree read to its end? Else it is malformed.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}
