//! The memory in git: a commit whose tree holds a blob for each entry, `<two characters of its key>/<the rest>-<hash>`.
//!
//! Entries never change, so that joining two memories is git's own three-way merge of two trees, which never conflicts: what either added is
//! there, what one forgot since they parted is gone.

use crate::error::{Error, Result};
use crate::git::tree;
use crate::git::{Oid, Put, Repo, Store};
use crate::memory::{Entry, LONGEST, Memory, REF};
use crate::merge::Change;
use std::collections::{BTreeMap, BTreeSet};

/// More entries than this are not read: a memory is of hand-made things.
const MOST: usize = 200_000;

/// Reads a memory. What is no entry in it is left out and counted.
///
/// # Errors
/// It is no commit, is damaged, or too large.
pub fn load(store: &mut Store, id: Oid) -> Result<Memory> {
    let tree = store.commit(id)?.tree;
    let all = tree::diff_up_to(store, Change { before: None, after: Some(tree) }, MOST)?
        .ok_or_else(|| Error::fatal(format!("the memory {id} has more than {MOST} entries")))?;
    let mut blobs = Vec::with_capacity(all.len());
    for file in all {
        let blob = file.entry.after.and_then(|entry| store.blob(entry.id).ok());
        let data = blob.map(|blob| blob.data).filter(|data| data.len() <= LONGEST);
        // A blob that is gone or none counts as one that cannot be read.
        blobs.push((file.path.to_string(), data.unwrap_or_else(|| (*b"").into())));
    }
    Ok(Memory::read(blobs.iter().map(|(place, data)| (place.as_str(), &data[..]))))
}

/// Adds entries, in the place of earlier words of the same run on the same conflicts; how many of them are new.
///
/// # Errors
/// The disk, or the ref cannot be moved.
pub fn keep(repo: &Repo, store: &mut Store, entries: &[Entry], said: &str) -> Result<usize> {
    let known = match repo.object(REF)? {
        Some(id) => load(store, id)?,
        None => Memory::default(),
    };
    let names: BTreeSet<String> = known.entries().iter().map(Entry::name).collect();
    // Of one conflict in one run the last word.
    let last: BTreeMap<String, &Entry> =
        entries.iter().map(|entry| (entry.seat().unwrap_or_else(|| entry.name()), entry)).collect();
    let new: BTreeMap<String, &Entry> =
        last.values().map(|entry| (entry.name(), *entry)).filter(|(name, _)| !names.contains(name)).collect();
    let mut texts: Vec<Put> = new.values().map(|entry| (entry.place(), Some(entry.print()))).collect();
    let seats: BTreeSet<String> = new.values().filter_map(|entry| entry.seat()).collect();
    let earlier = known.entries().iter().filter(|known| known.seat().is_some_and(|seat| seats.contains(&seat)));
    texts.extend(earlier.map(|earlier| (earlier.place(), None)));
    if !texts.is_empty() {
        repo.put_on_shelf(store, (REF, said), &texts)?;
    }
    Ok(new.len())
}

/// Takes entries away.
///
/// # Errors
/// The disk, or the ref cannot be moved.
pub fn forget(repo: &Repo, store: &mut Store, entries: &[&Entry]) -> Result<()> {
    let gone: Vec<Put> = entries.iter().map(|entry| (entry.place(), None)).collect();
    let said = format!("kmigrate: forgot {} resolutions", gone.len());
    repo.put_on_shelf(store, (REF, &said), &gone).map(drop)
}

/// Removes the whole memory, with its history.
///
/// # Errors
/// git cannot be started.
pub fn forget_all(repo: &Repo) -> Result<()> {
    repo.point(REF, None, "kmigrate: forgot everything")
}

/// Joins another memory into this one; how many entries are new.
///
/// # Errors
/// It is no memory, or git fails.
pub fn join(repo: &Repo, store: &mut Store, other: &str) -> Result<usize> {
    let id = repo.resolve(other)?;
    let more = load(store, id)?;
    if more.is_empty() {
        return Err(Error::fatal(format!("'{other}' holds no resolutions"))
            .hint(format!("fetch one first: git fetch <remote> {REF}:{REF}-of/<name>")));
    }
    let count = |store: &mut Store| match repo.object(REF)? {
        Some(id) => load(store, id).map(|memory| memory.entries().len()),
        None => Ok(0),
    };
    let before = count(store)?;
    repo.join_shelf(store, (REF, &format!("kmigrate: joined {other}")), id)?;
    store.refresh()?;
    Ok(count(store)?.saturating_sub(before))
}
