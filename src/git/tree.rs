//! Trees: which paths a commit touches, and a tip with those paths changed. Only touched directories are read or written.
//!
//! The walk recurses over the trees of parent, tip and commit at once and passes over equal ids; a kernel has 80,000 files and a
//! patch touches three.

use super::object::{Bytes, Kind, Object, Oid, raw_len};
use super::store::Store;
use crate::error::{Error, Result};
use crate::merge::Change;
use bstr::{BStr, BString, ByteSlice};
use git2::ObjectFormat;
use std::cmp::Ordering;
use std::collections::BTreeMap;

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
        self.sort() == Sort::Directory
    }
}

/// An entry of one tree object.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// One path component.
    pub name: &'a [u8],
    /// What it names.
    pub entry: Entry,
    raw: &'a [u8],
}

/// The entries of a tree object; stops at the first malformed one (see [`parse`]).
pub fn entries(data: &[u8], format: ObjectFormat) -> impl Iterator<Item = Named<'_>> {
    let mut rest = data;
    std::iter::from_fn(move || {
        let (named, after) = first_entry(rest, format)?;
        rest = after;
        Some(named)
    })
}

fn first_entry(data: &[u8], format: ObjectFormat) -> Option<(Named<'_>, &[u8])> {
    let space = data.find_byte(b' ')?;
    let mode = data[..space].iter().try_fold(0u32, |mode, c| {
        matches!(c, b'0'..=b'7').then(|| mode * 8 + u32::from(c - b'0'))
    })?;
    let nul = space + 1 + data[space + 1..].find_byte(0)?;
    let end = nul + 1 + raw_len(format);
    let id = Oid::from_bytes(data.get(nul + 1..end)?).ok()?;
    let named = Named {
        name: &data[space + 1..nul],
        entry: Entry { mode, id },
        raw: &data[..end],
    };
    Some((named, &data[end..]))
}

/// All entries of a tree object, or an error: a tree that is read in part would lose files when it is written.
fn parse<'a>(tree: &'a Object, format: ObjectFormat) -> Result<Vec<Named<'a>>> {
    let all: Vec<Named<'_>> = entries(&tree.data, format).collect();
    let read: usize = all.iter().map(|e| e.raw.len()).sum();
    if read == tree.data.len() {
        return Ok(all);
    }
    Err(Error::fatal(format!("tree {} is malformed", tree.id))
        .hint("the repository is damaged; see `git fsck --full`"))
}

/// Git's order of tree entries: a directory sorts as if its name ended in `/`.
fn order(a: (&[u8], bool), b: (&[u8], bool)) -> Ordering {
    let common = a.0.len().min(b.0.len());
    a.0[..common].cmp(&b.0[..common]).then_with(|| {
        let next =
            |(name, is_tree): (&[u8], bool)| name.get(common).copied().or(is_tree.then_some(b'/'));
        next(a).cmp(&next(b))
    })
}

fn key<'a>(named: &Named<'a>) -> (&'a [u8], bool) {
    (named.name, named.entry.is_tree())
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
    let mut walk = Walk {
        store,
        prefix: BString::default(),
        found: Vec::new(),
    };
    walk.directory(roots)?;
    Ok(walk.found)
}

struct Walk<'a> {
    store: &'a mut Store,
    prefix: BString,
    found: Vec<Changed>,
}

impl Walk<'_> {
    fn directory(&mut self, dirs: Change<Option<Oid>>) -> Result<()> {
        if dirs.before == dirs.after {
            return Ok(());
        }
        let format = self.store.format();
        let before = read_tree(self.store, dirs.before)?;
        let after = read_tree(self.store, dirs.after)?;
        let (before, after) = (parse(&before, format)?, parse(&after, format)?);
        let mut before = before.iter().peekable();
        let mut after = after.iter().peekable();
        loop {
            let at = match (before.peek(), after.peek()) {
                (None, None) => return Ok(()),
                (Some(b), Some(a)) if order(key(a), key(b)).is_lt() => key(a),
                (None, Some(a)) => key(a),
                (Some(b), _) => key(b),
            };
            let here = |e: &&Named<'_>| order(key(e), at).is_eq();
            let entry = Change {
                before: before.next_if(here).map(|e| e.entry),
                after: after.next_if(here).map(|e| e.entry),
            };
            if entry.before != entry.after {
                self.entry(at, entry)?;
            }
        }
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

fn child(tree: &Object, name: &[u8], format: ObjectFormat) -> Option<Entry> {
    let mut all = entries(&tree.data, format);
    all.find(|e| e.name == name).map(|e| e.entry)
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
    Ok(all.iter().map(|e| (e.name.into(), e.entry)).collect())
}

/// One path of the tip, as it shall be.
#[derive(Clone, Debug)]
pub struct Edit {
    /// From the root.
    pub path: BString,
    /// `None` removes it.
    pub entry: Option<Entry>,
}

/// A tip with edits.
#[derive(Debug)]
pub struct Written {
    /// The new root tree; `None` if nothing is left in it.
    pub tree: Oid,
    /// Edits that found a file where they need a directory, or the other way round. They were not made.
    pub blocked: Vec<BString>,
}

/// Writes the tree `root` with `edits`; without a root, a new tree.
///
/// # Errors
/// A tree is missing or damaged, or a pack could not be written.
pub fn write(store: &mut Store, root: Option<Oid>, edits: &[Edit]) -> Result<Written> {
    let mut writer = Writer {
        store,
        blocked: Vec::new(),
    };
    let all: Vec<&Edit> = edits.iter().collect();
    let tree = writer.directory(root, &all, 0)?;
    let blocked = writer.blocked;
    let tree = match tree {
        Some(tree) => tree,
        None => store.put(Kind::Tree, Vec::new(), None)?.id,
    };
    Ok(Written { tree, blocked })
}

/// The edits of one name of a directory: of the file itself, and of what is below it.
#[derive(Default)]
struct Group<'a> {
    leaf: Option<&'a Edit>,
    below: Vec<&'a Edit>,
}

struct Writer<'a> {
    store: &'a mut Store,
    blocked: Vec<BString>,
}

impl Writer<'_> {
    fn directory(&mut self, id: Option<Oid>, edits: &[&Edit], depth: usize) -> Result<Option<Oid>> {
        let format = self.store.format();
        let old = read_tree(self.store, id)?;
        let mut out: BTreeMap<&[u8], Option<Entry>> = BTreeMap::new();
        for (name, group) in grouped(edits, depth) {
            let here = child(&old, name, format);
            out.insert(name, self.name(here, &group, depth + name.len() + 1)?);
        }
        if out
            .iter()
            .all(|(name, new)| *new == child(&old, name, format))
        {
            return Ok(id);
        }
        let data = serialise(&parse(&old, format)?, &out);
        if data.is_empty() {
            return Ok(None);
        }
        let previous = id.is_some().then_some(&old);
        Ok(Some(self.store.put(Kind::Tree, data, previous)?.id))
    }

    /// What a name of the directory becomes.
    fn name(
        &mut self,
        here: Option<Entry>,
        group: &Group<'_>,
        depth: usize,
    ) -> Result<Option<Entry>> {
        let is_dir = here.is_some_and(Entry::is_tree);
        let leaf = match group.leaf {
            Some(edit) => edit.entry,
            None => here.filter(|_| !is_dir),
        };
        let below = self.below(here.filter(|_| is_dir), group, depth)?;
        let (Some(leaf), Some(below)) = (leaf, below) else {
            return Ok(leaf.or(below));
        };
        // A file where a directory is needed, or the other way round: what was there stays.
        let (kept, blocked) = match is_dir {
            true => (below, group.leaf.as_slice()),
            false => (leaf, &group.below[..]),
        };
        self.blocked.extend(blocked.iter().map(|e| e.path.clone()));
        Ok(Some(kept))
    }

    fn below(
        &mut self,
        dir: Option<Entry>,
        group: &Group<'_>,
        depth: usize,
    ) -> Result<Option<Entry>> {
        if group.below.is_empty() {
            return Ok(dir);
        }
        let id = self.directory(dir.map(|e| e.id), &group.below, depth)?;
        Ok(id.map(|id| Entry {
            mode: DIRECTORY,
            id,
        }))
    }
}

fn grouped<'a>(edits: &[&'a Edit], depth: usize) -> BTreeMap<&'a [u8], Group<'a>> {
    let mut groups: BTreeMap<&[u8], Group<'_>> = BTreeMap::new();
    for edit in edits {
        let rest = &edit.path[depth..];
        match rest.find_byte(b'/') {
            Some(slash) => groups.entry(&rest[..slash]).or_default().below.push(edit),
            None => groups.entry(rest).or_default().leaf = Some(edit),
        }
    }
    groups
}

/// The tree object: ours' entries, with `out` in place of those it names.
fn serialise(ours: &[Named<'_>], out: &BTreeMap<&[u8], Option<Entry>>) -> Vec<u8> {
    let kept = ours.iter().filter(|e| !out.contains_key(e.name));
    let mut all: Vec<(&[u8], Entry)> = kept.map(|e| (e.name, e.entry)).collect();
    all.extend(out.iter().filter_map(|(name, e)| Some((*name, (*e)?))));
    all.sort_by(|a, b| order((a.0, a.1.is_tree()), (b.0, b.1.is_tree())));
    let mut data = Vec::with_capacity(all.len() * 48);
    for (name, entry) in all {
        data.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        data.extend_from_slice(name);
        data.push(0);
        data.extend_from_slice(entry.id.as_bytes());
    }
    data
}
