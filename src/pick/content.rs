//! The content of a file that both sides changed: settled, merged, or a conflict; of a patch that upstream has in part, the merge
//! of the rest, if that is better.
//!
//! In: three blobs as a question. Out: a [`Content`], with its blobs kept, and what was made of the hunks that upstream has.

use super::Picker;
use super::already::{LeftOut, Rest};
use super::answer::{Answer, AnsweredMerge, Joined, Question};
use super::conflict::FileConflict;
use crate::cascade::Won;
use crate::error::Result;
use crate::git::{Kind, Object, Oid};
use crate::merge::{Drift, Sides};
use crate::run::ConflictKind;
use crate::verify::Objection;

/// What came of the content.
pub enum Content {
    /// One side left it alone.
    Settled(Oid),
    /// Both changed it; the changes were joined.
    Joined { id: Oid, drift: Drift, joined: Box<Joined> },
    /// Not joined at all.
    Whole(ConflictKind),
    /// Not joined in some hunks.
    Open { walk: Oid, drift: Drift, conflict: Box<FileConflict>, won: Option<Box<Won>>, objection: Option<Objection> },
}

impl Content {
    /// With the blobs that it names kept.
    ///
    /// # Errors
    /// A pack could not be written.
    pub fn of(picker: &mut Picker<'_>, base: Option<Oid>, answer: Answer) -> Result<Self> {
        let mut keep = |object: &Object| picker.store.keep(object, Kind::Blob, Some(&answer.ours));
        match answer.merge {
            AnsweredMerge::Binary => Ok(Self::Whole(ConflictKind::Binary)),
            AnsweredMerge::Joined(joined) => {
                keep(&joined.result)?;
                Ok(Self::Joined { id: joined.result.id, drift: answer.drift, joined: Box::new(joined) })
            }
            AnsweredMerge::Open(open) => {
                keep(&open.walk)?;
                keep(&open.diff3)?;
                let made = (open.merged, open.diff3);
                let conflict = match base {
                    Some(_) => FileConflict::of_hunks(made, &answer.ours.data),
                    None => FileConflict::of_added(made, &answer.ours.data),
                };
                let (walk, won, objection) = (open.walk.id, open.won, open.objection);
                Ok(Self::Open { walk, drift: answer.drift, conflict: Box::new(conflict), won, objection })
            }
        }
    }
}

/// What the merge made of the hunks that upstream has by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    /// There are none, or it merges no better without them.
    Nothing,
    /// It saw them by itself.
    Seen,
    /// They had to be left out.
    LeftOut,
}

/// Merges; of a patch that upstream has in part, the rest, if that is better.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub fn content(picker: &mut Picker<'_>, (question, left_out): (Question, &LeftOut)) -> Result<(Content, Already)> {
    let Sides { base, ours, theirs } = question.sides;
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Ok((Content::Whole(ConflictKind::ModifyDelete), Already::Nothing));
    };
    if base == Some(ours) || ours == theirs {
        return Ok((Content::Settled(theirs), Already::Nothing));
    }
    if base == Some(theirs) {
        return Ok((Content::Settled(ours), Already::Nothing));
    }
    let Some(all) = picker.answer(question)? else {
        return Ok((Content::Whole(ConflictKind::ModifyDelete), Already::Nothing));
    };
    if left_out.is_empty() {
        return Ok((Content::of(picker, base, all)?, Already::Nothing));
    }
    if base.is_none() {
        return Ok((Content::Settled(ours), Already::LeftOut));
    }
    Ok(match picker.rest((question, left_out), &all)? {
        Rest::Better(rest) => (Content::of(picker, base, *rest)?, Already::LeftOut),
        Rest::Same => (Content::of(picker, base, all)?, Already::Seen),
        Rest::NoBetter => (Content::of(picker, base, all)?, Already::Nothing),
    })
}
