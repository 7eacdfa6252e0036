//! Corrections in the memory: conflicts that people settled, and those that were learned from what they carried. In: a memory. Out: three
//! sides and what was made of them, of the whole file where both commits are here, else of the lines that the memory has.

use super::rebases::{carried, correction};
use super::{Correction, Origin, Provenance};
use crate::error::Result;
use crate::git::{Kind, Repo, Store, object_id};
use crate::memory::{Base, Conflict, Entry, How, Memory};
use crate::merge::{Change, Sides};
use crate::run::unquoted;
use std::collections::{BTreeMap, BTreeSet};

/// Reads a memory, and gives each correction to `take`; what teaches nothing is counted, by why.
///
/// # Errors
/// An object is damaged.
pub fn of_memory(
    (repo, store): (&Repo, &mut Store),
    memory: &Memory,
    take: &mut dyn FnMut(Correction),
) -> Result<BTreeMap<&'static str, usize>> {
    let mut left = BTreeMap::new();
    // One correction of a file has all of its conflicts.
    let mut whole = BTreeSet::new();
    for entry in memory.entries() {
        if let Some(why) = why_not(entry) {
            *left.entry(why).or_default() += 1;
            continue;
        }
        let of = [&entry.origin.commit, &entry.origin.result, &entry.conflict.path].map(String::clone);
        if whole.contains(&of) {
            continue;
        }
        if let Some(one) = of_commits((repo, store), entry)? {
            take(one);
            whole.insert(of);
        } else if entry.beside.is_empty() {
            take(of_lines(store, entry)?);
        } else {
            *left.entry("other places of the file were changed with the conflict").or_default() += 1;
        }
    }
    Ok(left)
}

/// Why an entry is nothing to teach.
fn why_not(entry: &Entry) -> Option<&'static str> {
    match entry.origin.how {
        _ if entry.conflict.base == Base::Unknown => Some("the old code is not known"),
        How::Run | How::Resolved | How::Commits => None,
        How::Alike => Some("only their likeness says that one commit became the other"),
        How::LeftOut => Some("somebody left it out"),
        How::Merge => Some("of a merge nobody says which side the patch is"),
        How::Rerere => Some("the old code is not known"),
    }
}

/// Of the whole file, where the commit and what it was carried to are here.
fn of_commits((repo, store): (&Repo, &mut Store), entry: &Entry) -> Result<Option<Correction>> {
    let ids = [&entry.origin.commit, &entry.origin.result].map(|hex| repo.parse_id(hex.as_bytes()));
    let [Some(old), Some(new)] = ids else { return Ok(None) };
    if !store.has(old) || !store.has(new) {
        return Ok(None);
    }
    let path = unquoted(&entry.conflict.path);
    let (old, new) = (carried(store, old)?, carried(store, new)?);
    let (Some(was), Some(is)) = (old.files.get(&path), new.files.get(&path)) else { return Ok(None) };
    let one = correction(store, (&old, &new), (&path, was, is))?;
    Ok(one.map(|mut one| {
        one.source.from = Origin::Memory;
        one
    }))
}

/// Of the lines around the conflict.
fn of_lines(store: &Store, entry: &Entry) -> Result<Correction> {
    let (Change { before, after }, around) = (parts_of(entry), |text: &[u8]| around(&entry.conflict, text));
    let id = |text: &[u8]| -> Result<String> {
        let raw = object_id(store.format(), Kind::Blob, text).map_err(crate::error::io("lines of the memory"))?;
        Ok(raw.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let source = Provenance {
        from: Origin::Memory,
        commit: entry.origin.commit.clone(),
        old: None,
        path: entry.conflict.path.clone(),
        before: id(&before)?,
        after: id(&after)?,
        entry: Some(entry.name()),
    };
    let Sides { base, theirs, .. } = &entry.conflict.sides;
    let sides = Sides { base: around(base), ours: before, theirs: around(theirs) };
    let file = (unquoted(&entry.conflict.path), entry.origin.subject.clone());
    Ok(Correction::of_conflict(file, (sides, after), source))
}

/// The lines that an entry has, before and with its answer.
pub fn parts_of(entry: &Entry) -> Change<Vec<u8>> {
    let before = around(&entry.conflict, &entry.conflict.sides.ours);
    Change { before, after: around(&entry.conflict, &entry.made) }
}

/// A text with the lines above and below the conflict.
fn around(conflict: &Conflict, text: &[u8]) -> Vec<u8> {
    [&conflict.above, text, &conflict.below].concat()
}
