//! A tree with some paths changed: only the directories on the way to them are read and written.

use super::{child, parse, read_tree};
use crate::error::Result;
use crate::git::entry::{DIRECTORY, Entry, Named, first_entry, key, order};
use crate::git::object::{Kind, Object, Oid};
use crate::git::store::Store;
use crate::merge::Change;
use bstr::{BString, ByteSlice};
use git2::ObjectFormat;
use std::collections::BTreeMap;

/// One path of the tip, as it shall be.
#[derive(Clone, Debug)]
pub struct Edit {
    /// From the root.
    pub path: BString,
    /// `None` removes it.
    pub entry: Option<Entry>,
    /// It is what the commit itself does there.
    pub own: bool,
}

/// A tip with edits.
#[derive(Debug)]
pub struct Written {
    /// The new root tree; `None` if nothing is left in it.
    pub tree: Oid,
    /// Edits that found a file where they need a directory, or the other way round. They were not made.
    pub blocked: Vec<BString>,
}

/// How the commit that the edits come from changed a directory itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Twin {
    /// The directory before and after it, in the old series.
    pub own: Change<Option<Oid>>,
    /// The edits stand for all that the commit does: none of its changes went to another path.
    pub complete: bool,
}

impl Twin {
    fn inside(self, own: Change<&Object>, (name, group): (&[u8], &Group<'_>), format: ObjectFormat) -> Self {
        if group.below.is_empty() {
            return Self::default();
        }
        let dir = |tree: &Object| child(tree, name, format).filter(|e| e.is_tree()).map(|e| e.id);
        let own = Change { before: dir(own.before), after: dir(own.after) };
        Self { own, ..self }
    }
}

/// Writes the tree `root` with `edits`; without a root, a new tree. Directories that come out as the commit's own (`twin`) are
/// taken from there and not hashed again.
///
/// # Errors
/// A tree is missing or damaged, or a pack could not be written.
pub fn write(store: &mut Store, (root, twin): (Option<Oid>, Twin), edits: &[Edit]) -> Result<Written> {
    let mut writer = Writer { store, blocked: Vec::new() };
    let all: Vec<&Edit> = edits.iter().collect();
    let tree = writer.directory((root, twin), &all, 0)?;
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
    fn directory(&mut self, (id, twin): (Option<Oid>, Twin), edits: &[&Edit], depth: usize) -> Result<Option<Oid>> {
        let own = twin.complete && edits.iter().all(|e| e.own);
        if own && twin.own.before == id {
            return Ok(twin.own.after);
        }
        let format = self.store.format();
        let old = read_tree(self.store, id)?;
        let before = read_tree(self.store, twin.own.before)?;
        let after = read_tree(self.store, twin.own.after)?;
        let trees = Change { before: &before, after: &after };
        let mut out: BTreeMap<&[u8], Option<Entry>> = BTreeMap::new();
        let mut changed = false;
        for (name, group) in grouped(edits, depth) {
            let here = child(&old, name, format);
            let twin = twin.inside(trees, (name, &group), format);
            let new = self.name((here, twin), &group, depth + name.len() + 1)?;
            changed |= new != here;
            out.insert(name, new);
        }
        if !changed {
            return Ok(id);
        }
        let data = serialise(&parse(&old, format)?, &out);
        if data.is_empty() {
            return Ok(None);
        }
        if own && *data == *after.data {
            return Ok(twin.own.after);
        }
        let previous = id.is_some().then_some(&old);
        Ok(Some(self.store.put(Kind::Tree, data, previous)?.id))
    }

    /// What a name of the directory becomes.
    fn name(&mut self, (here, twin): (Option<Entry>, Twin), group: &Group<'_>, depth: usize) -> Result<Option<Entry>> {
        let is_dir = here.is_some_and(Entry::is_tree);
        let leaf = match group.leaf {
            Some(edit) => edit.entry,
            None => here.filter(|_| !is_dir),
        };
        let dir = here.filter(|_| is_dir);
        let below = match group.below.is_empty() {
            true => dir,
            false => {
                let id = self.directory((dir.map(|e| e.id), twin), &group.below, depth)?;
                id.map(|id| Entry { mode: DIRECTORY, id })
            }
        };
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

/// The tree object: the old entries, with `out` in place of those it names.
fn serialise(old: &[Named<'_>], out: &BTreeMap<&[u8], Option<Entry>>) -> Vec<u8> {
    let new: Vec<Vec<u8>> = out.iter().filter_map(|(name, entry)| Some(entry_bytes(name, (*entry)?))).collect();
    let new = new.iter().filter_map(|raw| first_entry(raw, id_len(raw)));
    let kept = old.iter().filter(|e| !out.contains_key(e.name)).copied();
    let mut all: Vec<Named<'_>> = kept.chain(new.map(|(named, _)| named)).collect();
    all.sort_by(|a, b| order(key(a), key(b)));
    let mut data = Vec::with_capacity(all.iter().map(|e| e.raw.len()).sum());
    all.iter().for_each(|named| data.extend_from_slice(named.raw));
    data
}

fn entry_bytes(name: &[u8], entry: Entry) -> Vec<u8> {
    let mut raw = format!("{:o} ", entry.mode).into_bytes();
    raw.extend_from_slice(name);
    raw.push(0);
    raw.extend_from_slice(entry.id.as_bytes());
    raw
}

/// The id of one serialised entry is what follows its NUL.
fn id_len(raw: &[u8]) -> usize {
    memchr::memchr(0, raw).map_or(0, |nul| raw.len() - nul - 1)
}
