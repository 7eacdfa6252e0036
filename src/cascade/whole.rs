//! A file from its three sides: text merging, what the door says of it, and the cascade where it stays open.
//!
//! In: a question and the methods that may be asked. Out: [`Whole`]. Nothing else decides what comes out.

use super::sections::{self, Restated};
use super::{Cascaded, LONGEST, Won, settle};
use crate::error::Result;
use crate::git::text::{self, Conflicted, TextMerge};
use crate::merge::Merged;
use crate::run::Method;
use crate::verify::{Candidate, Objection, Question, verify};

/// What came of a file.
#[derive(Clone, Debug)]
pub enum Whole {
    /// Its sides were joined.
    Joined(Joined),
    /// They were not, in some hunks.
    Open(Box<StillOpen>),
    /// It is no text.
    Binary,
}

/// A file without open hunks.
#[derive(Clone, Debug)]
pub struct Joined {
    /// All of it.
    pub text: Vec<u8>,
    /// How it was won.
    pub won: Won,
    /// What the door says against it; only of what text merging joined.
    pub objection: Option<Objection>,
}

/// A file with open hunks.
#[derive(Clone, Debug)]
pub struct StillOpen {
    /// With markers.
    pub diff3: Vec<u8>,
    /// The same, in chunks.
    pub merged: Merged,
    /// How some of its hunks were settled.
    pub won: Option<Won>,
    /// What the door said to an attempt to settle all of them.
    pub objection: Option<Objection>,
}

/// Merges a file; where that fails, by its sections.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn whole(question: &Question<'_>, methods: &[Method]) -> Result<Whole> {
    let plain = as_it_stands(question, methods)?;
    let is_long = question.sides.ours.len() + question.sides.theirs.len() > LONGEST;
    let has_failed = match &plain {
        Whole::Joined(joined) => joined.objection.is_some(),
        Whole::Open(_) => true,
        Whole::Binary => false,
    };
    if !has_failed || is_long || !methods.contains(&Method::Relocated) {
        return Ok(plain);
    }
    Ok(by_sections(question, methods)?.map_or(plain, Whole::Joined))
}

/// The file with the sections that stand elsewhere merged with themselves; `None` if that settles it not, or if the door objects.
fn by_sections(question: &Question<'_>, methods: &[Method]) -> Result<Option<Joined>> {
    let Some(Restated { sides, anchors, reasons }) = sections::restate(question)? else { return Ok(None) };
    let inner = Question { language: question.language, sides: sides.as_ref().map(|side| &side[..]) };
    let Whole::Joined(Joined { text, mut won, objection: None }) = as_it_stands(&inner, methods)? else {
        return Ok(None);
    };
    let method = Method::Relocated.max(won.method);
    let candidate =
        Candidate { composed: won.composed.clone(), relocated: anchors, ..Candidate::of_lines(text, method) };
    let Ok(resolution) = verify(question, candidate) else { return Ok(None) };
    let (text, more, doubts) = resolution.into_parts();
    won.reasons = [reasons, won.reasons, more].concat();
    won.doubts.retain(|doubt| doubts.iter().all(|other| other.said != doubt.said));
    won.doubts.extend(doubts);
    Ok(Some(Joined { text, won: Won { method, ..won }, objection: None }))
}

/// Merges a file as its lines stand.
fn as_it_stands(question: &Question<'_>, methods: &[Method]) -> Result<Whole> {
    Ok(match text::merge(question.sides)? {
        TextMerge::Binary => Whole::Binary,
        TextMerge::Clean(text) => Whole::Joined(by_text(question, text)),
        TextMerge::Conflicted(open) => match settle(question, &open.merged, methods) {
            Cascaded::Settled(text, won) => Whole::Joined(Joined { text, won, objection: None }),
            Cascaded::Partly(merged, won) => {
                Whole::Open(Box::new(StillOpen { diff3: merged.marked(), merged, won: Some(won), objection: None }))
            }
            Cascaded::Open(refused) => {
                let objection = refused.map(|refused| refused.objection);
                let Conflicted { diff3, merged } = *open;
                Whole::Open(Box::new(StillOpen { diff3, merged, won: None, objection }))
            }
        },
    })
}

/// What the door says of a clean text merge.
fn by_text(question: &Question<'_>, text: Vec<u8>) -> Joined {
    match verify(question, Candidate::of_lines(text, Method::Text)) {
        Ok(resolution) => {
            let (text, reasons, doubts) = resolution.into_parts();
            Joined { text, won: Won { reasons, doubts, ..Won::by_text() }, objection: None }
        }
        Err(rejection) => {
            Joined { text: rejection.candidate.text, won: Won::by_text(), objection: Some(rejection.objection) }
        }
    }
}
