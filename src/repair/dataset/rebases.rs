//! Corrections of a rebase that somebody made: the same commits in two ranges. In: both ranges. Out: for each file that merging as text
//! does not bring to what the person wrote, the three sides and what was written.

use super::{Correction, Lesson, Origin, Provenance};
use crate::error::Result;
use crate::git::text::{TextMerge, merge};
use crate::git::tree::{self, Changed, Sort};
use crate::git::{Oid, Repo, Store};
use crate::merge::{Change, Sides};
use crate::run::quoted;
use bstr::BString;
use std::collections::BTreeMap;

/// Longer files are left, in bytes.
const LONGEST: usize = 1 << 20;

/// A commit and what it changes.
pub(super) struct Carried {
    id: Oid,
    pub(super) files: BTreeMap<BString, Changed>,
}

/// Reads both ranges; commits are the same if their subjects are, and no other of their range has it. Gives each correction to `take`;
/// how many commits were paired.
///
/// # Errors
/// git fails, or an object is missing.
pub fn of_rebase(
    (repo, store): (&Repo, &mut Store),
    (old, new): (&str, &str),
    take: &mut dyn FnMut(Correction),
) -> Result<usize> {
    let (before, after) = (by_subject((repo, store), old)?, by_subject((repo, store), new)?);
    let mut paired = 0;
    for (subject, ids) in &before {
        let ([old], Some([new])) = (&ids[..], after.get(subject).map(Vec::as_slice)) else { continue };
        paired += 1;
        let (old, new) = (carried(store, *old)?, carried(store, *new)?);
        for (path, was) in &old.files {
            let Some(is) = new.files.get(path) else { continue };
            if let Some(one) = correction(store, (&old, &new), (path, was, is))? {
                take(one);
            }
        }
    }
    Ok(paired)
}

fn by_subject((repo, store): (&Repo, &mut Store), range: &str) -> Result<BTreeMap<Vec<u8>, Vec<Oid>>> {
    let mut all: BTreeMap<Vec<u8>, Vec<Oid>> = BTreeMap::new();
    for id in repo.ids(&["rev-list", "--no-merges", "--reverse", range, "--"])? {
        all.entry(store.commit(id)?.subject_bytes()).or_default().push(id);
    }
    Ok(all)
}

pub(super) fn carried(store: &mut Store, id: Oid) -> Result<Carried> {
    let commit = store.commit(id)?;
    let before = match commit.parents.first() {
        Some(parent) => Some(store.commit(*parent)?.tree),
        None => None,
    };
    let changed = tree::diff(store, Change { before, after: Some(commit.tree) })?;
    Ok(Carried { id, files: changed.into_iter().map(|file| (file.path.clone(), file)).collect() })
}

/// One file of a commit; `None` if text merging brings it to the same, or it is no change of a text.
pub(super) fn correction(
    store: &mut Store,
    (old, new): (&Carried, &Carried),
    (path, was, is): (&BString, &Changed, &Changed),
) -> Result<Option<Correction>> {
    let entries = [was.entry.before, is.entry.before, was.entry.after, is.entry.after];
    let mut texts = Vec::new();
    for entry in entries {
        let Some(entry) = entry.filter(|entry| entry.sort() == Sort::File) else { return Ok(None) };
        texts.push((entry.id, store.blob(entry.id)?.data.to_vec()));
    }
    let [base, ours, theirs, result] = &texts[..] else { return Ok(None) };
    if ours.1.len() > LONGEST {
        return Ok(None);
    }
    let merged = merge(Sides { base: base.1.as_slice(), ours: &ours.1, theirs: &theirs.1 })?;
    let kind = match merged {
        TextMerge::Clean(text) if text == result.1 => return Ok(None),
        TextMerge::Clean(_) => "adaptation",
        TextMerge::Binary => return Ok(None),
        _ => "conflict",
    };
    let subject = store.commit(old.id)?.subject();
    let source = Provenance {
        from: Origin::Rebase,
        commit: new.id.to_string(),
        old: Some(old.id.to_string()),
        path: quoted(path.as_ref()),
        before: ours.0.to_string(),
        after: result.0.to_string(),
        entry: None,
    };
    Ok(Some(Correction {
        why: format!("carries: {subject}"),
        lesson: Lesson::Conflict { base: base.1.clone(), theirs: theirs.1.clone(), subject },
        kind: kind.to_owned(),
        tool: None,
        path: path.clone(),
        before: ours.1.clone(),
        after: result.1.clone(),
        source,
    }))
}
