//! Conflicts that people settled before: what the memory has of a file's hunks, beside what the methods make of the others.
//!
//! In: the question, the methods, the memory. Out: the whole file again, if the memory has anything of it, and what is to be said. What is
//! the same in every respect may settle; what is not is for a person to look at, and is given up if the door objects.

use super::whole::{Joined, StillOpen, Whole};
use super::{Cascaded, Won, settle_rest};
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::memory::{Conflict, Memory, Recalled, Recollection};
use crate::merge::{Beside, Chunk, Merged, Remark, Sides};
use crate::run::Method;
use crate::verify::Question;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// What is known of the conflicts of a file.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What people settled.
    pub memory: &'a Memory,
    /// The file, as entries call it.
    pub path: &'a str,
    /// Conflicts that somebody else has a word on.
    pub passed_over: &'a dyn Fn(&Sides<Vec<u8>>) -> bool,
}

/// A hunk that was recalled.
struct Found {
    /// Which chunk it is.
    at: usize,
    /// The line of ours, from 1.
    line: usize,
    recollection: Recollection,
}

/// A file with conflicts that were settled before; nothing if none was. And what is to be said although it was not used.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn recalled(question: &Question<'_>, methods: &[Method], known: Known<'_>) -> Result<(Option<Whole>, Vec<Remark>)> {
    if known.memory.is_empty() {
        return Ok((None, Vec::new()));
    }
    let TextMerge::Conflicted(plain) = text::merge(question.sides)? else { return Ok((None, Vec::new())) };
    let (mut found, mut said) = find(question, &plain.merged, known);
    let whole = whole_files(&plain.merged, &found);
    let (kept, left) = found.into_iter().partition(|one| one.recollection.beside.is_empty() || whole);
    found = kept;
    let why = "whoever settled it changed other places of the file with it, and that cannot be done here";
    said.extend(left.iter().map(|one: &Found| not_taken(one, why)));
    while !found.is_empty() {
        match with(question, (&plain.merged, methods), &found) {
            Ok(whole) => return Ok((Some(whole), said)),
            Err(why) => {
                let (same, near): (Vec<Found>, Vec<Found>) =
                    found.into_iter().partition(|one| one.recollection.doubts.is_empty());
                // The door was not asked, or it objects to what is the same: then nothing can be left out.
                let dropped = if near.is_empty() { &same } else { &near };
                said.extend(dropped.iter().map(|one| not_taken(one, &why)));
                // What was changed beside conflicts was changed for all of them.
                let alone = |one: &Found| one.recollection.beside.is_empty();
                found = if near.is_empty() { Vec::new() } else { same.into_iter().filter(alone).collect() };
            }
        }
    }
    Ok((None, said))
}

/// What the memory has of each open hunk, and what cannot be used of it.
fn find(question: &Question<'_>, plain: &Merged, known: Known<'_>) -> (Vec<Found>, Vec<Remark>) {
    let join = |sides: Sides<&[u8]>| match text::merge(sides) {
        Ok(TextMerge::Clean(text)) => Some(text),
        _ => None,
    };
    let open = plain.chunks.iter().enumerate().filter(|(_, chunk)| matches!(chunk, Chunk::Open(_)));
    let lines = plain.lines_in_ours(question.sides.ours);
    let (mut found, mut said) = (Vec::new(), Vec::new());
    for (((at, _), conflict), line) in open.zip(Conflict::all(known.path, plain)).zip(lines) {
        if (known.passed_over)(&conflict.sides) {
            continue;
        }
        match known.memory.recall(&conflict, &join) {
            Recalled::Nothing => {}
            Recalled::Differs(origins) => {
                let first: Vec<String> = origins.iter().take(2).map(ToString::to_string).collect();
                let told = format!("people settled this conflict in several ways: {}", first.join("; "));
                said.push(Remark::new(line + 1, told));
            }
            Recalled::As(recollection) => found.push(Found { at, line: line + 1, recollection: *recollection }),
        }
    }
    (found, said)
}

/// Can everything be done again that people changed beside these conflicts? Only if these are all conflicts of the file, as they were, and
/// settled together, and each other place is there once.
fn whole_files(plain: &Merged, found: &[Found]) -> bool {
    let Some(first) = found.first().map(|one| &one.recollection) else { return true };
    let count = plain.conflicts().count();
    let together = found.iter().all(|one| {
        let Recollection { origin, conflicts, beside, .. } = &one.recollection;
        (origin, *conflicts, beside) == (&first.origin, count, &first.beside)
    });
    found.len() == count && together && plain.with_beside(&first.beside).is_some()
}

/// The file with these hunks settled, and the rest as the methods have it.
///
/// # Errors
/// Why it is not taken.
fn with(
    question: &Question<'_>,
    (plain, methods): (&Merged, &[Method]),
    found: &[Found],
) -> std::result::Result<Whole, String> {
    let beside = found.first().map_or(&[][..], |one| &one.recollection.beside);
    let mut merged = plain.with_beside(beside).ok_or("what was changed beside it has no place")?;
    let mut answered: FxHashSet<Vec<u8>> = FxHashSet::default();
    for Beside { before, after, .. } in beside {
        let lines = before.lines_with_terminator().chain(after.lines_with_terminator());
        answered.extend(lines.map(<[u8]>::to_vec));
    }
    for one in found {
        if let Chunk::Open(Sides { base, ours, theirs }) = &plain.chunks[one.at] {
            // A person answers for what is there, and for what is not.
            let texts = [base, ours, theirs, &one.recollection.text];
            answered.extend(texts.iter().flat_map(|text| text.lines_with_terminator()).map(<[u8]>::to_vec));
        }
        merged.chunks[one.at] = Chunk::Settled(one.recollection.text.clone());
    }
    let is_open = merged.conflicts().next().is_some();
    let is_same = found.iter().all(|one| one.recollection.doubts.is_empty());
    match settle_rest(question, &merged, methods, &answered) {
        Cascaded::Settled(text, won) => Ok(Whole::Joined(Joined { text, won: told(won, found), objection: None })),
        Cascaded::Partly(merged, won) => Ok(still_open(merged, told(won, found))),
        Cascaded::Open(_) if is_open => Ok(still_open(merged, told(Won::by_text(), found))),
        // A person wrote it just so; what speaks against it is for a person, too.
        Cascaded::Open(Some(refused)) if is_same => {
            let mut won = told(Won::by_text(), found);
            won.composed = answered;
            Ok(Whole::Joined(Joined { text: merged.walk(), won, objection: Some(refused.objection) }))
        }
        Cascaded::Open(Some(refused)) => Err(refused.objection.said),
        Cascaded::Open(None) => Err("the file is too long to be looked at".to_owned()),
    }
}

fn still_open(merged: Merged, won: Won) -> Whole {
    Whole::Open(Box::new(StillOpen { diff3: merged.marked(), merged, won: Some(won), objection: None }))
}

/// With what is to be said of what was recalled.
fn told(mut won: Won, found: &[Found]) -> Won {
    won.method = won.method.max(Method::Remembered);
    for Found { line, recollection, .. } in found {
        let Recollection { origin, more, doubts, .. } = recollection;
        let further = match more {
            0 => String::new(),
            1 => ", and once more".to_owned(),
            more => format!(", and {more} times more"),
        };
        let beside = match recollection.beside.len() {
            0 => "",
            _ => ", with other places of the file that were changed along with it",
        };
        let like = if doubts.is_empty() { "the same conflict was settled" } else { "a conflict like this was settled" };
        won.reasons.push(Remark::new(*line, format!("as {like} {origin}{further}{beside}")));
        won.doubts.extend(doubts.iter().map(|doubt| Remark::new(*line, format!("remembered: {doubt}"))));
    }
    won
}

fn not_taken(found: &Found, why: &str) -> Remark {
    let origin = &found.recollection.origin;
    Remark::new(found.line, format!("what is remembered of it ({origin}) is not taken: {why}"))
}
