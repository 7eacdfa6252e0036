//! The memory in git: a commit whose tree holds a blob for each entry, `<two characters of its key>/<the rest>-<hash>`.
//!
//! Entries never change, so that joining two memories is git's own three-way merge of two trees, which never conflicts: what either added is
//! there, what one forgot since they parted is gone.

use super::Learned;
use crate::error::{Error, Result};
use crate::git::{Oid, Put, Repo, Store, tree};
use crate::memory::{CONTENT, Decision, Entry, How, LONGEST, Memory, Origin, REF, What};
use crate::merge::Change;
use std::collections::{BTreeMap, BTreeSet};

/// More entries than this are not read: a memory is of hand-made things.
const MOST: usize = 200_000;
/// A file that was settled as a whole and is larger than this is not remembered.
const LARGEST: usize = 4 << 20;
/// The mode of a submodule, whose commit is in another repository.
const SUBMODULE: u32 = 0o160_000;

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
        // The content of a file is read when somebody wants it.
        let is_content = file.path.ends_with(CONTENT.as_bytes());
        let blob = file.entry.after.filter(|_| !is_content).and_then(|entry| store.blob(entry.id).ok());
        let data = blob.map(|blob| blob.data).filter(|data| data.len() <= LONGEST);
        // A blob that is gone or none counts as one that cannot be read.
        blobs.push((file.path.to_string(), data.unwrap_or_else(|| (*b"").into())));
    }
    Ok(Memory::read(blobs.iter().map(|(place, data)| (place.as_str(), &data[..]))))
}

/// How much of what was learned is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct New {
    /// Resolutions of conflicts.
    pub resolutions: usize,
    /// Decisions on whole commits and files.
    pub decisions: usize,
}

impl New {
    /// All of it.
    pub fn all(self) -> usize {
        self.resolutions + self.decisions
    }
}

/// Adds what was learned, in the place of earlier words of the same run on the same conflicts; how many of it are new.
///
/// # Errors
/// The disk, or the ref cannot be moved.
pub fn keep(repo: &Repo, store: &mut Store, learned: &Learned, said: &str) -> Result<New> {
    let Learned { entries, decisions, .. } = learned;
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
    // What a person took back in the run that taught it.
    let is_taken_back = |origin: &Origin| {
        origin.how == How::Run
            && learned.taken_back.iter().any(|(run, commit)| (run, commit) == (&origin.run, &origin.commit))
    };
    let gone = known.entries().iter().filter(|known| is_taken_back(&known.origin) && !new.contains_key(&known.name()));
    texts.extend(gone.map(|gone| (gone.place(), None)));
    let gone = known.decisions().iter().filter(|known| is_taken_back(&known.origin));
    texts.extend(gone.flat_map(places).map(|place| (place, None)));
    let decided = texts_of(repo, store, (&known, decisions))?;
    let is_one = |(place, text): &&Put| text.is_some() && !place.ends_with(CONTENT);
    let count = New { resolutions: new.len(), decisions: decided.iter().filter(is_one).count() };
    texts.extend(decided);
    if !texts.is_empty() {
        repo.put_on_shelf(store, (REF, said), &texts)?;
    }
    Ok(count)
}

/// Decisions that are new, with the contents that they speak of, in the place of earlier words of the same run.
fn texts_of(repo: &Repo, store: &mut Store, (known, decisions): (&Memory, &[Decision])) -> Result<Vec<Put>> {
    let mut texts: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let all: BTreeSet<String> = decisions.iter().map(Decision::place).collect();
    for decision in decisions {
        let place = decision.place();
        if known.decisions().iter().any(|other| other.place() == place) {
            continue;
        }
        let is_own = |other: &&Decision| {
            let (one, other) = (&decision.origin, &other.origin);
            one.how == How::Run && other.how == How::Run && (&one.run, &one.commit) == (&other.run, &other.commit)
        };
        for other in known.decisions().iter().filter(|other| other.about() == decision.about()).filter(is_own) {
            if !all.contains(&other.place()) {
                texts.extend(places(other).map(|place| (place, None)));
            }
        }
        let mut contents = Vec::new();
        for (place, id) in decision.contents() {
            let id = repo.parse_id(id.as_bytes()).filter(|id| store.has_blob(*id));
            let content = id.map(|id| store.blob(id)).transpose()?.map(|blob| blob.data.to_vec());
            // What is larger is no text that people settle by hand.
            contents.extend(content.filter(|content| content.len() <= LARGEST).map(|content| (place, Some(content))));
        }
        // A file that nobody could put back is no decision; a submodule's commit is not kept here.
        if contents.is_empty() && is_of_content(decision) {
            continue;
        }
        texts.extend(contents);
        texts.insert(place, Some(decision.print().into_bytes()));
    }
    Ok(texts.into_iter().collect())
}

/// Does a decision say nothing without the file that is kept beside it?
fn is_of_content(decision: &Decision) -> bool {
    matches!(&decision.what, What::File { result: Some((mode, _)), .. } if *mode != SUBMODULE)
}

/// Where a decision is kept, with what is kept beside it.
fn places(decision: &Decision) -> impl Iterator<Item = String> {
    let contents: Vec<String> = decision.contents().into_iter().map(|(place, _)| place).collect();
    contents.into_iter().chain([decision.place()])
}

/// Takes entries away.
///
/// # Errors
/// The disk, or the ref cannot be moved.
pub fn forget(repo: &Repo, store: &mut Store, (entries, decisions): (&[&Entry], &[&Decision])) -> Result<()> {
    let mut gone: Vec<Put> = entries.iter().map(|entry| (entry.place(), None)).collect();
    let said = format!("kmigrate: forgot {} resolutions", entries.len() + decisions.len());
    gone.extend(decisions.iter().flat_map(|decision| places(decision)).map(|place| (place, None)));
    repo.put_on_shelf(store, (REF, &said), &gone).map(drop)
}

/// Removes the whole memory, with its history.
///
/// # Errors
/// git cannot be started.
pub fn forget_all(repo: &Repo) -> Result<()> {
    repo.point(REF, None, "kmigrate: forgot everything")
}

/// Joins another memory into this one; how much of it is new.
///
/// # Errors
/// It is no memory, or git fails.
pub fn join(repo: &Repo, store: &mut Store, other: &str) -> Result<New> {
    let id = repo.resolve(other)?;
    let more = load(store, id)?;
    if more.is_empty() && more.decisions().is_empty() {
        return Err(Error::fatal(format!("'{other}' holds no resolutions"))
            .hint(format!("fetch one first: git fetch <remote> {REF}:{REF}-of/<name>")));
    }
    let count = |store: &mut Store| match repo.object(REF)? {
        Some(id) => load(store, id).map(|memory| (memory.entries().len(), memory.decisions().len())),
        None => Ok((0, 0)),
    };
    let before = count(store)?;
    repo.join_shelf(store, (REF, &format!("kmigrate: joined {other}")), id)?;
    store.refresh()?;
    let now = count(store)?;
    let (resolutions, decisions) = (now.0.saturating_sub(before.0), now.1.saturating_sub(before.1));
    Ok(New { resolutions, decisions })
}
