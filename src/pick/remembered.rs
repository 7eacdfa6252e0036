//! What people settled, used where it was not made: the same conflict in another commit, and the same commit on other sides.
//!
//! The first is what git rerere does, by all three sides of a hunk. The second is a merge of its own: what a person made of
//! the machine's result then is carried onto the machine's result now.

use super::Picker;
use super::file_merge::FileMerge;
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::git::tree::Sort;
use crate::git::{Repo, Store};
use crate::merge::{Chunk, Evidence, Merged, Sides, settlements};
use crate::run::{Decisions, Fix, Method, quoted};
use bstr::ByteSlice;
use std::collections::{BTreeMap, BTreeSet};

/// The conflicts that people settled in this run, by their sides.
#[derive(Debug, Default)]
pub struct Remembered {
    hunks: BTreeMap<[Vec<u8>; 3], Settled>,
}

#[derive(Debug)]
struct Settled {
    /// The commit it was settled in.
    old: String,
    text: Vec<u8>,
}

/// What was made of one conflict, by commit and path.
type Words<'a> = BTreeMap<(&'a String, &'a String), BTreeSet<Vec<u8>>>;

/// What all places made of a conflict, if that is one thing.
fn agreed(words: Words<'_>) -> Option<Settled> {
    let (old, _) = words.keys().next()?;
    let old = (*old).clone();
    let mut texts: BTreeSet<Vec<u8>> = words.into_values().flatten().collect();
    let text = texts.pop_first()?;
    texts.is_empty().then_some(Settled { old, text })
}

/// A merge in which remembered conflicts are settled.
#[derive(Debug)]
pub struct Again {
    /// What is still open is open here.
    pub merged: Merged,
    /// The commits that people settled these conflicts in.
    pub from: BTreeSet<String>,
}

impl Remembered {
    /// Learns from all fixes of commits that are wanted. In one file of one commit the last word on a conflict counts; where
    /// places differ, or one file has it twice and differs, nobody can say which was meant, and nothing is learned.
    ///
    /// # Errors
    /// An object is damaged. One that is gone teaches nothing.
    pub fn of(repo: &Repo, store: &mut Store, decisions: &Decisions) -> Result<Self> {
        let mut taught: BTreeMap<[Vec<u8>; 3], Words<'_>> = BTreeMap::new();
        for fix in decisions.fixes().iter().filter(|fix| !decisions.drops(&fix.old)) {
            let Some((sides, result)) = blobs(repo, store, fix)? else {
                continue;
            };
            let TextMerge::Conflicted(conflicted) = text::merge(borrowed(&sides))? else {
                continue;
            };
            let mut words: BTreeMap<[Vec<u8>; 3], BTreeSet<Vec<u8>>> = BTreeMap::new();
            for (sides, text) in settlements(&conflicted.merged, &result) {
                words.entry(key(sides)).or_default().insert(text);
            }
            for (key, said) in words {
                taught.entry(key).or_default().insert((&fix.old, &fix.path), said);
            }
        }
        let hunks = taught.into_iter().filter_map(|(key, words)| Some((key, agreed(words)?))).collect();
        Ok(Self { hunks })
    }

    /// Was this conflict settled in this run?
    pub fn knows(&self, sides: &Sides<Vec<u8>>) -> bool {
        self.hunks.contains_key(&key(sides))
    }

    /// Settles what is remembered; `None` if nothing is.
    pub fn settle(&self, merged: &Merged) -> Option<Again> {
        let mut from = BTreeSet::new();
        let settle = |chunk: &Chunk| match chunk {
            Chunk::Open(sides) => match self.hunks.get(&key(sides)) {
                Some(settled) => {
                    from.insert(settled.old.clone());
                    Chunk::Settled(settled.text.clone())
                }
                None => chunk.clone(),
            },
            Chunk::Settled(_) => chunk.clone(),
        };
        let chunks = merged.chunks.iter().map(settle).collect();
        (!from.is_empty()).then_some(Again { merged: Merged { chunks }, from })
    }
}

/// What a person made of a file of other sides, carried onto `now`, the machine's result with the conflicts that came up.
/// `None` if that is no clean merge, or if those are not the conflicts that the person settled: of a new one they have said
/// nothing, and where one is gone, so is what they settled it with (upstream may have taken its side back).
///
/// # Errors
/// An object is damaged, or libgit2 ran out of memory.
pub fn carry((repo, store): (&Repo, &mut Store), fix: &Fix, (now, open): (&[u8], &[Texts])) -> Result<Option<Vec<u8>>> {
    let Some((sides, result)) = blobs(repo, store, fix)? else {
        return Ok(None);
    };
    let (then, seen) = match text::merge(borrowed(&sides))? {
        TextMerge::Clean(text) => (text, Vec::new()),
        TextMerge::Conflicted(c) => (c.merged.walk(), c.merged.conflicts().cloned().collect()),
        TextMerge::Binary => return Ok(None),
    };
    if open != seen {
        return Ok(None);
    }
    match text::merge(Sides { base: &then, ours: now, theirs: &result })? {
        TextMerge::Clean(text) => Ok(Some(text)),
        TextMerge::Conflicted(_) | TextMerge::Binary => Ok(None),
    }
}

/// Settles a file by what people settled before, as far as that is known.
///
/// # Errors
/// An object is damaged, or a pack could not be written.
pub(super) fn apply(picker: &mut Picker<'_>, old: &str, file: &mut FileMerge) -> Result<()> {
    if file.method == Method::ByHand {
        return Ok(());
    }
    let place = quoted(file.path.as_bstr());
    if let Some(fix) = picker.decisions.fix_of(old, &place) {
        let open: Vec<Texts> = match (file.open_hunks(), file.is_conflicted()) {
            (Some(merged), _) => merged.conflicts().cloned().collect(),
            (None, false) => Vec::new(),
            // Nothing that a text could settle.
            (None, true) => return Ok(()),
        };
        let Some(now) = file.in_tip.after.filter(|e| e.sort() == Sort::File) else {
            return Ok(());
        };
        // A link or a submodule is no text, whatever it came from.
        let Some(change) = fix.change_of_mode() else {
            return Ok(());
        };
        let text = picker.store.blob(now.id)?;
        if let Some(text) = carry((picker.repo, picker.store), fix, (&text.data, &open))? {
            file.put_as(picker.store, (now.with_bit_of(change), text), None)?;
            file.method = Method::ByHand;
            let said = "settled by a person for other versions of this file, and carried onto these";
            file.see(Evidence::new(said).at(place));
        }
        return Ok(());
    }
    let Some(again) = file.open_hunks().and_then(|merged| picker.remembered.settle(merged)) else {
        return Ok(());
    };
    let still = again.merged.conflicts().next().is_some();
    file.put(picker.store, again.merged.walk(), still.then_some(again.merged))?;
    file.method = Method::Remembered;
    file.to_review = true;
    for commit in again.from {
        let said = format!("a conflict is settled as a person settled the same one in commit {commit}");
        file.see(Evidence::new(said).at(place.clone()));
    }
    Ok(())
}

type Texts = Sides<Vec<u8>>;

/// The texts a fix was made for, and its own; `None` unless all are there.
fn blobs(repo: &Repo, store: &mut Store, fix: &Fix) -> Result<Option<(Texts, Vec<u8>)>> {
    let mut read = |hex: Option<&String>| -> Result<Option<Vec<u8>>> {
        let id = repo.written_id(hex.map(String::as_str));
        id.filter(|id| store.has(*id)).map(|id| Ok(store.blob(id)?.data.to_vec())).transpose()
    };
    let [base, ours, theirs] = &fix.sides;
    let result = fix.result.as_ref().map(|stored| &stored.id);
    // Without a base both sides add the file.
    let base = if base.is_none() { Some(Vec::new()) } else { read(base.as_ref())? };
    let all = (base, read(ours.as_ref())?, read(theirs.as_ref())?, read(result)?);
    Ok(match all {
        (Some(base), Some(ours), Some(theirs), Some(result)) => Some((Sides { base, ours, theirs }, result)),
        _ => None,
    })
}

fn borrowed(texts: &Texts) -> Sides<&[u8]> {
    texts.as_ref().map(Vec::as_slice)
}

fn key(sides: &Sides<Vec<u8>>) -> [Vec<u8>; 3] {
    [sides.base.clone(), sides.ours.clone(), sides.theirs.clone()]
}
