//! What a migration prompt is made of: each part of a [`Brief`] in words and fenced lines, and what it is worth.
//!
//! The ranks below are the order in which parts go when the context limit asks for it, the highest first: past resolutions, further
//! examples, associated functions, messages, proposals, then what the list of changes tells as well. The task, the changes, the new kernel's lines and
//! the form of the answer never go.

use super::brief::{Brief, Example, Manner, Past, Stale};
use super::location::{Kind, Mate, Point, points};
use super::page::Part;
use super::shown::{inline, shown, shown_lines};
use super::snippet::{Excerpt, May, Snippet};
use super::unified::{push, unified};
use crate::merge::Change;
use crate::merge::mates::How;
use crate::syntax::language::Language;
use std::ops::Range;

/// Never dropped.
pub const NEEDED: u32 = 0;
/// Conversions shown of one stale name.
const EXAMPLES: usize = 3;

/// Edited lines of one change that are told.
const EDITED_TOLD: usize = 6;

/// What a fence of this language is called.
fn word(language: Option<Language>) -> &'static str {
    match language {
        Some(Language::C) => "c",
        Some(Language::Make) => "make",
        Some(Language::DeviceTree) => "dts",
        Some(Language::Assembler) => "asm",
        Some(Language::Rust) => "rust",
        Some(Language::Kconfig) => "kconfig",
        Some(Language::Maintainers | Language::Other) | None => "text",
    }
}

/// Lines with their numbers in the file.
pub fn numbered(snippet: &Snippet, which: &Range<usize>) -> Vec<String> {
    let lines = snippet.lines();
    let all = lines.iter().enumerate().map(|(at, line)| (at + snippet.first, line));
    all.filter(|(number, _)| which.contains(&(number - 1)))
        .map(|(number, line)| format!("{number}|{}", shown(line)))
        .collect()
}

/// All parts but the new kernel's lines and the form of the answer.
pub fn parts(brief: &Brief) -> Vec<Part> {
    let mut parts = vec![task(brief)];
    let is_vanilla = brief.manner == Manner::Vanilla;
    if is_vanilla {
        parts.extend([old(brief, NEEDED), patched(brief, NEEDED)]);
    } else {
        parts.extend(commit(brief));
        let rank = if brief.manner == Manner::Full { 50 } else { NEEDED };
        parts.extend([old(brief, rank), patched(brief, if rank > 0 { 55 } else { rank })]);
        if brief.manner == Manner::Full {
            parts.push(changes(brief));
        }
        parts.extend(upstream(brief));
        parts.extend(brief.stale.iter().flat_map(stale));
        parts.extend(associated(brief));
        parts.extend(proposals(brief));
        parts.extend(brief.past.iter().map(past));
    }
    parts.extend(refused(brief));
    parts
}

/// What it is about.
fn task(brief: &Brief) -> Part {
    let path = inline(&brief.path);
    let from =
        brief.path_old.as_deref().map(|old| format!(" (in the old kernel: {})", inline(old))).unwrap_or_default();
    let part = Part::new("The task", NEEDED).say(format!(
        "A patch that is kept outside of the Linux kernel changes the file {path}{from}. It was written for an old kernel; the kernel has \
         changed since. Make the same change in the new kernel's lines, as the patch's author would write it there. Keep everything \
         else of the new kernel as it is: what upstream changed stays changed."
    ));
    let Some(place) = brief.place.as_ref().filter(|_| brief.manner != Manner::Vanilla) else { return part };
    let sure = place.score.map(|score| format!(" ({} % of the old lines are there)", score / 10)).unwrap_or_default();
    part.say(format!("The new kernel's lines below were found {}{sure}.", inline(&place.how)))
}

/// What the author says of the commit.
fn commit(brief: &Brief) -> Vec<Part> {
    let mut parts = Vec::new();
    if !brief.commit.subject.is_empty() {
        parts.push(Part::new("The patch's subject", NEEDED).show("text", vec![shown(brief.commit.subject.as_bytes())]));
    }
    if !brief.commit.message.trim().is_empty() {
        let lines = shown_lines(brief.commit.message.trim().as_bytes());
        parts.push(Part::new("The patch's message", 65).show("text", lines));
    }
    parts
}

/// s_old.
fn old(brief: &Brief, rank: u32) -> Part {
    let side = &brief.sides.base;
    Part::new("The old kernel, before the patch", rank).show(word(brief.language), numbered(side, &side.place()))
}

/// s_old'.
fn patched(brief: &Brief, rank: u32) -> Part {
    let side = &brief.sides.theirs;
    Part::new("The old kernel, with the patch", rank).show(word(brief.language), numbered(side, &side.place()))
}

/// The location prompt: how many changes there are, and where each is.
fn changes(brief: &Brief) -> Part {
    let points = points(brief);
    let open = points.iter().filter(|point| point.is_open).count();
    let verb = if open == 1 { "is" } else { "are" };
    let what = match points.len() {
        all if all > open => format!("{open} of these {all} changes {verb} to be made here:"),
        _ => format!("{open} change{} {verb} to be made:", if open == 1 { "" } else { "s" }),
    };
    let mut part = Part::new("What the patch changes, and where", NEEDED).say(what);
    for (at, point) in points.iter().enumerate() {
        if !point.is_open {
            part = part.say(format!("Change {}: is settled, or asked about, separately; do not make it here.", at + 1));
            continue;
        }
        part = part.say(format!("Change {}: {}", at + 1, told(point))).show("diff", as_diff(brief, point));
    }
    part
}

/// A change in words: what it does, and where that is in the new kernel.
fn told(point: &Point) -> String {
    let what = match point.kind {
        Kind::Insert => "lines are inserted".to_owned(),
        Kind::Delete => "lines are deleted".to_owned(),
        Kind::Replace => "lines are replaced".to_owned(),
        Kind::MoveTo(to) => format!("lines move from here to where change {} is", to + 1),
        Kind::MoveFrom(from) => format!("the lines of change {} move to here", from + 1),
    };
    let old = match (point.gone.first(), point.gone.last(), &point.above, &point.below) {
        (Some(first), Some(last), ..) => format!("old {}", span(first.base, last.base)),
        (.., Some(above), Some(below)) => format!("between old lines {} and {}", above.base + 1, below.base + 1),
        (.., Some(above), None) => format!("behind old line {}", above.base + 1),
        (.., None, Some(below)) => format!("before old line {}", below.base + 1),
        _ => "in an empty place".to_owned(),
    };
    let mut said = format!("{what} ({old}).");
    if !point.gone.is_empty() {
        said.push_str(&whereabouts(&point.gone));
    }
    said.push_str(&neighbours(point));
    said
}

/// `line 5`, `lines 5-7`; from 0.
fn span(first: usize, last: usize) -> String {
    if first == last { format!("line {}", first + 1) } else { format!("lines {}-{}", first + 1, last + 1) }
}

/// Where lines that the patch takes away are now.
fn whereabouts(gone: &[Mate]) -> String {
    let as_they_were: Vec<usize> =
        gone.iter().filter_map(|mate| mate.ours.filter(|(_, how)| *how != How::Edited).map(|(line, _)| line)).collect();
    let mut said = match (as_they_were.first(), as_they_were.last()) {
        (Some(first), Some(last)) if as_they_were.len() == gone.len() => {
            format!(" In the new kernel: {}.", span(*first, *last))
        }
        (Some(first), Some(last)) => {
            format!(
                " {} of {} are in the new kernel as they were: {}.",
                as_they_were.len(),
                gone.len(),
                span(*first, *last)
            )
        }
        _ => " The new kernel has none of them as it was.".to_owned(),
    };
    let edited = gone
        .iter()
        .filter_map(|mate| mate.ours.filter(|(_, how)| *how == How::Edited).map(|(line, _)| (mate.base, line)));
    for (old, line) in edited.take(EDITED_TOLD) {
        said.push_str(&format!(" Old line {} is line {} now, edited by upstream.", old + 1, line + 1));
    }
    said
}

/// Where the lines around a change are now.
fn neighbours(point: &Point) -> String {
    let is = |mate: &Option<Mate>, word: &str| match mate.map(|mate| mate.ours) {
        None => String::new(),
        Some(Some((line, How::Kept))) => format!(" The line {word} is line {} of the new kernel.", line + 1),
        Some(Some((line, How::Moved))) => format!(" The line {word} is line {} of the new kernel: moved.", line + 1),
        Some(Some((line, How::Edited))) => {
            format!(" The line {word} is line {} of the new kernel, edited by upstream.", line + 1)
        }
        Some(None) => format!(" The line {word} is not in the new kernel as it was."),
    };
    format!("{}{}", is(&point.above, "above"), is(&point.below, "below"))
}

/// A change with the lines around it, as far as the next ones that say something.
fn as_diff(brief: &Brief, point: &Point) -> Vec<String> {
    let (base, theirs) = (brief.sides.base.lines(), brief.sides.theirs.lines());
    let (old, new) = (brief.sides.base.first - 1, brief.sides.theirs.first - 1);
    let at = point.place.start - old..point.place.end - old;
    let above = point.above.map_or(at.start, |mate| mate.base - old);
    let below = point.below.map_or(at.end, |mate| mate.base - old + 1);
    let mut lines = Vec::new();
    push(&mut lines, ' ', base.get(above..at.start).unwrap_or_default());
    push(&mut lines, '-', base.get(at.clone()).unwrap_or_default());
    push(&mut lines, '+', theirs.get(point.come.start - new..point.come.end - new).unwrap_or_default());
    push(&mut lines, ' ', base.get(at.end..below).unwrap_or_default());
    lines
}

/// What upstream did to the region, and why.
fn upstream(brief: &Brief) -> Vec<Part> {
    // Not what the patch has brought already.
    let after = brief.kernel.as_ref().unwrap_or(&brief.sides.ours);
    let diff = unified(Change { before: &brief.sides.base, after });
    let mut parts = Vec::new();
    if !diff.is_empty() {
        parts.push(Part::new("What changed from the old to the new kernel here", 45).show("diff", diff));
    }
    for commit in &brief.upstream {
        let lines = std::iter::once(shown(commit.subject.as_bytes())).chain(shown_lines(commit.message.as_bytes()));
        parts.push(Part::new("An upstream commit that changed these lines", 70).show("text", lines.collect()));
    }
    parts
}

/// A stale name, and how upstream's own callers were changed.
fn stale(stale: &Stale) -> Vec<Part> {
    let name = inline(&stale.name);
    let mut part = Part::new(format!("{name} is not what it was"), 40);
    if !stale.was.is_empty() {
        part = part.say("In the old kernel:").show("c", shown_lines(stale.was.as_bytes()));
    }
    if !stale.change.is_empty() {
        part = part.show("text", shown_lines(stale.change.as_bytes()));
    }
    part = match (stale.is.is_empty(), stale.change.is_empty()) {
        (true, true) => part.say("In the new kernel there is no such name."),
        (true, false) => part,
        (false, _) => part.say("In the new kernel:").show("c", shown_lines(stale.is.as_bytes())),
    };
    let shown = stale.examples.iter().take(EXAMPLES).enumerate();
    let examples =
        shown.map(|(at, one)| example(one, ("How upstream changed another use of it", if at == 0 { 42 } else { 85 })));
    std::iter::once(part).chain(examples).collect()
}

/// A change that somebody made elsewhere.
fn example(example: &Example, (title, rank): (&str, u32)) -> Part {
    let side = |text: &[u8]| Snippet::new(text, 1);
    let (before, after) = (side(&example.before), side(&example.after));
    let lines = unified(Change { before: &before, after: &after }).into_iter().filter(|line| !line.starts_with("@@"));
    Part::new(format!("{title} ({})", inline(&example.place)), rank).show("diff", lines.collect())
}

/// What a person made of a similar conflict.
fn past(past: &Past) -> Part {
    let side = |text: &[u8]| Snippet::new(text, 1);
    let [base, ours, theirs, made] =
        [&past.sides.base, &past.sides.ours, &past.sides.theirs, &past.made].map(|text| side(text));
    let diff = |before: &Snippet, after: &Snippet| -> Vec<String> {
        unified(Change { before, after }).into_iter().filter(|line| !line.starts_with("@@")).collect()
    };
    let part = Part::new(format!("How a person settled a similar conflict ({})", inline(&past.place)), 95)
        .say("It is not this conflict, and may have been settled for reasons that do not hold here. The patch changed:")
        .show("diff", diff(&base, &theirs));
    let upstream = diff(&base, &ours);
    let part = if upstream.is_empty() { part } else { part.say("Upstream changed:").show("diff", upstream) };
    let became = diff(&ours, &made);
    match became.is_empty() {
        true => part.say("The person left upstream's lines as they are."),
        false => part.say("The person made of upstream's lines:").show("diff", became),
    }
}

/// What a part with an excerpt is called.
fn title(excerpt: &Excerpt) -> String {
    let may = match excerpt.may {
        May::BeRead => "not to be changed",
        May::BeEdited => "yours to edit where the patch needs it",
        May::BeAddedTo => "where you may add declarations that the patch needs",
    };
    format!("Also in the new kernel, {may}: {} ({})", inline(&excerpt.what), inline(&excerpt.path))
}

/// The lines (from 0) beside ours that may be edited, as far as these parts show them.
pub fn editable(brief: &Brief, parts: &[Part]) -> Vec<Range<usize>> {
    let is_shown = |excerpt: &&Excerpt| parts.iter().any(|part| part.title == title(excerpt));
    let edited = |excerpt: &&Excerpt| excerpt.may != May::BeRead && excerpt.path == brief.path;
    brief.associated.iter().filter(edited).filter(is_shown).map(|excerpt| excerpt.snippet.place()).collect()
}

/// Functions that the new lines call and the old ones did not.
fn associated(brief: &Brief) -> Vec<Part> {
    let part = |excerpt: &Excerpt| {
        Part::new(title(excerpt), 75).show(word(brief.language), numbered(&excerpt.snippet, &excerpt.snippet.place()))
    };
    brief.associated.iter().map(part).collect()
}

/// What was tried.
fn proposals(brief: &Brief) -> Vec<Part> {
    let part = |tried: &super::brief::Proposed| {
        let tried_text = Snippet::new(tried.text.as_slice(), brief.sides.ours.first);
        let diff = unified(Change { before: &brief.sides.ours, after: &tried_text });
        let said = format!("It is not taken because: {}.", inline(tried.why_not.trim_end_matches('.')));
        Part::new(format!("What {} makes of it", inline(&tried.by)), 60).show("diff", diff).say(said)
    };
    brief.proposed.iter().map(part).collect()
}

/// What was said to the last answer.
pub(super) fn refused(brief: &Brief) -> Vec<Part> {
    let Some(refused) = &brief.refused else { return Vec::new() };
    let answer = Part::new("Your last answer", 30).show("text", shown_lines(refused.answer.as_bytes()));
    let said = Part::new("Why your last answer was not taken", NEEDED)
        .show("text", shown_lines(refused.said.as_bytes()))
        .say("Answer again, whole, in the form below.");
    vec![answer, said]
}
