//! One file of a commit: three sides in, the edits of the tip's tree out.
//!
//! Equal sides settle without a look at the content; regular files that both sides changed are merged as text; everything else
//! that both sides changed is a conflict of its own kind, and the walk goes on with the commit's version.

use super::Picker;
use super::answer::Question;
use super::by_hand::by_hand;
use super::content::{Already, Content, content};
use super::driven::driven;
use super::file_merge::{FileMerge, side_ids};
use super::located::Located;
use super::recalled::{Recall, recalled};
use crate::error::Result;
use crate::git::tree::{Changed, Entry, Sort};
use crate::merge::delta::Carried;
use crate::merge::{Evidence, Sides, merged_mode};
use crate::run::{ConflictKind, FileOutcome, FileResult, quoted};
use crate::syntax::language::Language;
use bstr::ByteSlice;

/// A file of a commit that is taken as it is.
pub fn as_it_is(changed: &Changed) -> FileOutcome {
    let located = Located::at_its_place(changed);
    FileMerge::settled(located, FileResult::Taken, changed.entry.after).outcome()
}

/// Merges one file of the commit `old`.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn merge(picker: &mut Picker<'_>, old: &str, located: Located) -> Result<FileMerge> {
    if let Some(fix) = picker.decisions.fix(old, &quoted(located.path.as_bstr()), &side_ids(located.sides)) {
        return Ok(by_hand(picker, located, fix));
    }
    if located.is_taken {
        let mut merged = FileMerge::conflict(located, ConflictKind::AddAdd);
        let said = "another file of the commit goes to the same path; this one is not in the tree";
        merged.see(Evidence::new(said).at(quoted(merged.path.as_bstr())));
        merged.edits.clear();
        merged.in_tip.after = merged.in_tip.before;
        return Ok(merged);
    }
    let Sides { base, ours, theirs } = located.sides;
    let rival = located.rival.clone();
    let mut merged = if ours == base {
        FileMerge::settled(located, FileResult::Taken, theirs)
    } else if ours == theirs {
        let mut same = FileMerge::settled(located, FileResult::Same, ours);
        same.unmodified = false;
        same.partly_upstream = true;
        same
    } else {
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => both_there(picker, (old, located), (ours, theirs))?,
            _ => FileMerge::conflict(located, ConflictKind::ModifyDelete),
        }
    };
    if let Some(rival) = rival {
        let said = format!("upstream moved the file to {}", quoted(rival.as_bstr()));
        merged.see(Evidence::new(said));
        merged.fail(ConflictKind::RenameRename);
    }
    Ok(merged)
}

fn both_there(
    picker: &mut Picker<'_>,
    (old, located): (&str, Located),
    (ours, theirs): (Entry, Entry),
) -> Result<FileMerge> {
    let base = located.sides.base;
    let sorts = [Some(ours), Some(theirs), base.or(Some(ours))];
    if !sorts.iter().flatten().all(|e| e.sort() == Sort::File) {
        return Ok(FileMerge::conflict(located, ConflictKind::Type));
    }
    let mode = merged_mode(base.map(|b| b.mode), ours.mode, theirs.mode);
    let language = Language::of(&located.path);
    let question = Question { language, sides: located.sides.map(|e| e.map(|e| e.id)) };
    let came = content(picker, (question, &located.left_out))?;
    let ((content, already), recall, of_memory) = recalled(picker, (old, &located.path), question, came)?;
    let mut said = if already == Already::Nothing { Vec::new() } else { located.left_out.evidence(&located.path) };
    said.extend(of_memory);
    let content = match recall {
        Recall::Used => content,
        Recall::Nothing => {
            let (content, of_driver) = driven(picker, &located.path, (question, content))?;
            said.extend(of_driver);
            content
        }
    };
    let entry = |id| Entry { mode: mode.unwrap_or(theirs.mode), id };
    let mut merged = match content {
        Content::Settled(id) => FileMerge::settled(located, FileResult::Merged, Some(entry(id))),
        Content::Joined { id, drift, joined } => {
            let mut merged = FileMerge::settled(located, FileResult::Merged, Some(entry(id)));
            merged.unmodified = joined.carried == Carried::Same;
            merged.partly_upstream = joined.carried == Carried::Part;
            merged.drift = Some(drift);
            merged.tell(Some(joined.won), joined.objection);
            merged
        }
        Content::Whole(kind) => FileMerge::conflict(located, kind),
        Content::Open { walk, drift, conflict, won, objection } => {
            let mut merged = FileMerge::settled(located, FileResult::Conflict, Some(entry(walk)));
            merged.unmodified = false;
            merged.conflict = Some(*conflict);
            merged.drift = Some(drift);
            merged.tell(won, objection);
            merged
        }
    };
    said.into_iter().for_each(|said| merged.see(said));
    if already == Already::LeftOut {
        merged.leave_out();
    }
    if mode.is_none() && merged.conflict.is_none() {
        merged.fail(ConflictKind::Mode);
    }
    Ok(merged)
}
