//! What people decided of a commit or of a whole file in another run or repository: asked where this run has no decision of its own, and only for
//! what is the same to the byte.
//!
//! In: a commit, a file with a conflict that no text settles. Out: what was decided, in words that say where.

use super::Picker;
use super::conflict::FileConflict;
use super::file_merge::FileMerge;
use crate::error::Result;
use crate::git::tree::{Entry, Sort};
use crate::git::{Commit, Oid};
use crate::learn::{patch_of, sights};
use crate::memory::{Decision, OfFile, What};
use crate::merge::Evidence;
use crate::run::{ConflictKind, Method, Seen, quoted};
use bstr::ByteSlice;

/// The last words on a commit. Who decides in this run is not asked what they decided in another one.
pub(super) fn words<'m>(picker: &mut Picker<'m>, commit: &Commit) -> Result<Vec<&'m Decision>> {
    let subject = commit.subject();
    let old = commit.id.to_string();
    let is_decided =
        || picker.decisions.taken_back().contains(&old) || picker.decisions.commits().contains(old.as_str());
    if !picker.memory.knows_subject(&subject) || is_decided() {
        return Ok(Vec::new());
    }
    let patch = patch_of(picker.store, commit)?;
    let onto = picker.onto.to_string();
    Ok(patch.map_or_else(Vec::new, |patch| picker.memory.of_commit((&subject, &patch), &onto)))
}

/// Why a commit is left out, if people left it out before and nobody said otherwise since.
///
/// # Errors
/// An object is missing or damaged.
pub(super) fn left_out(picker: &mut Picker<'_>, commit: &Commit) -> Result<Option<String>> {
    let onto = picker.onto.to_string();
    let mut said = None;
    for decision in words(picker, commit)? {
        let What::Drop { because, .. } = &decision.what else {
            // That it was carried elsewhere says nothing of this upstream.
            if decision.upstream().is_some_and(|upstream| upstream != onto) {
                continue;
            }
            return Ok(None);
        };
        let why = if because.is_empty() { String::new() } else { format!(" ({because})") };
        let key = &decision.name()[..12];
        let told = format!("people left it out {}{why}; git kmigrate forget {key} forgets that", decision.origin);
        said = said.or(Some(told));
    }
    Ok(said)
}

/// Who found a commit right as it comes out, if people saw these very files before and after.
///
/// # Errors
/// An object is missing or damaged.
pub(super) fn found_right(picker: &mut Picker<'_>, commit: &Commit, seen: &[Seen]) -> Result<Option<String>> {
    let (now, onto) = (sights(seen), picker.onto.to_string());
    let is_it = |decision: &&Decision| {
        decision.holds_on(&onto) && matches!(&decision.what, What::Accept { seen, .. } if *seen == now)
    };
    let found = words(picker, commit)?.into_iter().find(is_it);
    Ok(found.map(|decision| format!("people found it right as it comes out, {}", decision.origin)))
}

/// Settles a file whose sides do not agree as a whole as people settled it, if they all did it in one way.
///
/// # Errors
/// An object is missing or damaged.
pub(super) fn settle_whole(picker: &mut Picker<'_>, file: &mut FileMerge) -> Result<()> {
    let Some(kind) = file.conflict.as_ref().map(FileConflict::kind) else { return Ok(()) };
    let [base, ours, theirs] = file.modes();
    let modes = match kind {
        ConflictKind::Content | ConflictKind::AddAdd => return Ok(()),
        ConflictKind::ModifyDelete | ConflictKind::Binary => None,
        _ if ours.is_none() || theirs.is_none() => None,
        // Upstream's side stands at a place of its own, where nobody looks for its mode.
        ConflictKind::RenameRename => Some([base, None, theirs]),
        _ => Some(file.modes()),
    };
    let place = quoted(file.path.as_bstr());
    let (origin, came) = match picker.memory.of_file(&place, &file.ids(), modes.as_ref()) {
        OfFile::Unknown => return Ok(()),
        OfFile::As(origin, came) => (origin, came),
        OfFile::InSeveralWays => {
            file.see(Evidence::new("people settled this file in several ways before").at(place));
            return Ok(());
        }
    };
    let entry = match came {
        None => None,
        Some((mode, hex)) => {
            let id: Option<Oid> = picker.repo.parse_id(hex.as_bytes());
            let entry = id.map(|id| Entry { mode: *mode, id });
            // The commit of a submodule is in another repository.
            let is_here = |entry: &Entry| entry.sort() == Sort::Gitlink || picker.store.has(entry.id);
            let Some(entry) = entry.filter(is_here) else { return Ok(()) };
            Some(entry)
        }
    };
    // Where a directory is in the way of a file, only another place settles that.
    if kind == ConflictKind::DirectoryFile && entry.is_some() {
        return Ok(());
    }
    file.take(entry, Method::Remembered);
    let what = if entry.is_none() { "the file stays removed" } else { "the file stands as people left it" };
    file.see(Evidence::new(format!("{what}, as they settled it {origin}")).at(place));
    Ok(())
}
