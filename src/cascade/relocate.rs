//! A hunk whose lines, or whose neighbours, stand elsewhere now: put there.
//!
//! In: an [`Open`] hunk and the [`Mates`] of its file. Out: a [`Choice`]: the hunk as upstream has it, and what the patch does to it
//! as edits of lines of ours, wherever those are. The conflict itself is not settled here: it is *restated*, with the lines of ours
//! that are its base lines now, and line and token merging settle the easier one.
//!
//! ```text
//!   base  f { if (a) ... }      theirs  f { if (b || a) ... }      ours  f { } g { if (a) ... }
//!             `----------------- restated: base `if (a)`, theirs `if (b || a)`, ours the `if (a)` of g
//! ```
//!
//! Where a hunk goes is told by its own lines; of an insertion, by the lines above and below, or by the one to which it is attached.

use super::anchored::{Window, windows};
use super::choice::{Choice, Edit};
use crate::merge::delta::{self, Hunk};
use crate::merge::list::indent;
use crate::merge::mates::{How, Mates};
use crate::merge::order::is_whole;
use crate::merge::{Change, Doubt, Footing, Open, Proposal, Sides, compose, weave};
use crate::run::Method;
use crate::syntax::language::Language;
use crate::syntax::version::Version;
use bstr::ByteSlice;
use std::ops::Range;

/// With more edits of the patch in one hunk none is looked for elsewhere.
const EDITS: usize = 64;

/// A file before upstream's changes and after them, ready for questions.
pub struct Files<'a> {
    /// Which line is which.
    pub mates: Mates<'a>,
    /// The base, with its sections.
    base: Version<'a>,
    /// Ours, with its sections.
    ours: Version<'a>,
}

impl<'a> Files<'a> {
    /// Of base (before) and ours (after).
    pub fn of(language: Language, change: Change<&'a [u8]>) -> Self {
        let version = |text| Version::new(language, text);
        let (base, ours) = (version(change.before), version(change.after));
        Self { mates: Mates::of_versions(&base, &ours), base, ours }
    }

    /// Do lines of the base and lines of ours stand in one and the same section?
    fn in_one_section(&self, window: &Window) -> bool {
        let then = self.base.section_of(&window.base);
        let now = self.ours.section_of(&window.ours);
        then.zip(now).is_some_and(|(then, now)| then.kind == now.kind && then.name == now.name)
    }
}

/// Puts each of the patch's edits of a hunk where its lines are.
pub fn propose(open: &Open<'_>, files: &Files<'_>) -> Option<Choice> {
    let mates = &files.mates;
    let Sides { base, ours, theirs } = open.sides;
    let here = Sides {
        base: open.lines.base..open.lines.base + base.lines().count(),
        ours: open.lines.ours..open.lines.ours + ours.lines().count(),
        theirs: 0..theirs.lines().count(),
    };
    if mates.base.get(here.base.clone())?.concat() != base || mates.ours.get(here.ours.clone())?.concat() != ours {
        return None;
    }
    let hunks = delta::hunks(Change { before: base, after: theirs });
    if hunks.is_empty() || hunks.len() > EDITS {
        return None;
    }
    let mut place = Placing {
        open,
        files,
        mates,
        theirs: theirs.lines_with_terminator().collect(),
        found: Choice::of(Method::Relocated, Proposal::default(), 0),
        edits: Vec::new(),
    };
    let mut free = 0;
    for (n, hunk) in hunks.iter().enumerate() {
        let next = hunks.get(n + 1).map_or(mates.base.len(), |next| next.before.start + here.base.start);
        place.hunk(hunk, free..next)?;
        free = hunk.before.end + here.base.start;
    }
    place.finish(&here.ours)
}

/// What grows while the edits find their places.
struct Placing<'o, 'a> {
    open: &'o Open<'o>,
    files: &'o Files<'a>,
    mates: &'o Mates<'a>,
    /// The patch's lines of the hunk.
    theirs: Vec<&'o [u8]>,
    found: Choice,
    edits: Vec<Edit>,
}

impl Placing<'_, '_> {
    /// Finds the place of one edit of the patch; `free` are the base lines between it and the next ones, and its own.
    fn hunk(&mut self, hunk: &Hunk, free: Range<usize>) -> Option<()> {
        let first = self.open.lines.base;
        let lines = hunk.before.start + first..hunk.before.end + first;
        let run = &self.theirs[hunk.after.clone()].to_vec()[..];
        // What only makes sense with what stands before or behind it does not go anywhere alone.
        if lines.is_empty() && !is_whole(run, self.open.language) {
            return None;
        }
        // What stands in another function is no neighbour.
        let section = self.files.base.section_of(&lines).map_or(free.clone(), |section| section.lines.clone());
        let free = free.start.max(section.start)..free.end.min(section.end);
        let mut all = windows(self.mates, (&lines, run), free).into_iter();
        let (window, text) = all.find_map(|window| {
            let text = self.restated(&window, (&lines, run))?;
            Some((window, text))
        })?;
        self.tell(&window, &lines);
        let now = self.mates.ours[window.ours.clone()].concat();
        let new: Vec<&[u8]> = text.lines_with_terminator().collect();
        for edit in delta::hunks(Change { before: &now, after: &text }) {
            let at = edit.before.start + window.ours.start..edit.before.end + window.ours.start;
            self.edits.push(Edit { at, text: new[edit.after].concat() });
        }
        Some(())
    }

    /// The lines of ours with the patch's edit in them.
    fn restated(&mut self, window: &Window, (lines, run): (&Range<usize>, &[&[u8]])) -> Option<Vec<u8>> {
        let Mates { base, ours, .. } = self.mates;
        let before = &base[window.base.clone()];
        let patched = [&base[window.base.start..lines.start], run, &base[lines.end..window.base.end]].concat();
        let shift = self.reindented(window);
        let text = |lines: &[&[u8]]| lines.iter().map(|line| shifted(line, &shift)).collect::<Vec<_>>().concat();
        let (base, theirs, now) = (text(before), text(&patched), ours[window.ours.clone()].concat());
        if shift.is_some() {
            for part in [&before.concat(), &patched.concat(), &base, &theirs] {
                self.answer_for(part);
            }
        }
        if now == base {
            return Some(theirs);
        }
        let end: usize = ours[..window.ours.end].iter().map(|line| line.len()).sum();
        let file = self.open.files.ours;
        let open = Open {
            sides: Sides { base: &base, ours: &now, theirs: &theirs },
            before: &file[..end - now.len()],
            after: &file[end..],
            lines: Sides { base: window.base.start, ours: window.ours.start, ..self.open.lines },
            ..*self.open
        };
        if let Some(woven) = weave::propose_within(&open) {
            self.found.proposal.doubts.extend(woven.doubts);
            return Some(woven.text);
        }
        let composed = compose::propose(&open)?;
        for part in [&base, &now, &theirs, &composed.text] {
            self.answer_for(part);
        }
        self.found.proposal.reasons.extend(composed.reasons);
        self.found.proposal.doubts.extend(composed.doubts);
        Some(composed.text)
    }

    /// The old and the new indent, if all unchanged lines of the window were indented anew alike.
    fn reindented(&self, window: &Window) -> Option<(Vec<u8>, Vec<u8>)> {
        let exact = window.anchors.iter().filter(|(_, how)| *how != How::Edited);
        let mut shifts = exact.map(|(anchor, _)| {
            let (then, now) = (indent(self.mates.base[anchor.base]), indent(self.mates.ours[anchor.ours]));
            // What both begin with is no part of the change.
            let common = then.iter().rev().zip(now.iter().rev()).take_while(|(a, b)| a == b).count();
            (then[..then.len() - common].to_vec(), now[..now.len() - common].to_vec())
        });
        let first = shifts.next().filter(|(then, now)| then != now)?;
        shifts.all(|shift| shift == first).then_some(first)
    }

    /// The lines of a text may come and go.
    fn answer_for(&mut self, text: &[u8]) {
        self.found.composed.extend(text.lines_with_terminator().map(<[u8]>::to_vec));
    }

    /// Says where an edit goes, and by what.
    fn tell(&mut self, window: &Window, lines: &Range<usize>) {
        let section = self.files.ours.section_of(&window.ours);
        let place = section.map_or_else(String::new, |s| format!(" in {} {}", s.kind.word(), s.name.to_str_lossy()));
        let what = match (lines.is_empty(), window.base.start < lines.start, window.base.end > lines.end) {
            (true, true, true) => "the lines between which the patch inserts stand",
            (true, true, false) => "the line behind which the patch inserts stands",
            (true, ..) => "the line before which the patch inserts stands",
            (false, ..) => "the lines that the patch changes stand",
        };
        let (first, last) = (window.ours.start + 1, window.ours.end);
        let at = if first < last { format!("lines {first} to {last}") } else { format!("line {first}") };
        let proposal = &mut self.found.proposal;
        let said = format!("{what}{place} now: {at}");
        if !proposal.reasons.contains(&said) {
            proposal.reasons.push(said);
        }
        // Unchanged lines that the patch changes, in their own function, are told by themselves.
        let is_own = !lines.is_empty() && window.is_exact() && self.files.in_one_section(window);
        if !window.is_whole && !is_own {
            let edited = window.anchors.iter().any(|(_, how)| *how == How::Edited);
            let what = if edited { "a line that upstream edited" } else { "lines that upstream moved" };
            let said = format!("the patch's lines went to {at} with {what}, whose neighbours are others now");
            proposal.doubts.push(Doubt::of_place(said));
            proposal.footing = Footing::Shaky;
        }
        self.found.line = if self.edits.is_empty() { window.ours.start } else { self.found.line };
        self.found.anchors.extend(window.anchors.iter().map(|(anchor, _)| *anchor));
    }

    /// Cuts the edits into those of the hunk and those elsewhere.
    fn finish(mut self, here: &Range<usize>) -> Option<Choice> {
        self.edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
        // Two edits at one place: nothing says which comes first.
        if self.edits.windows(2).any(|two| two[0].at.end >= two[1].at.start) {
            return None;
        }
        let (inside, elsewhere): (Vec<Edit>, Vec<Edit>) =
            self.edits.into_iter().partition(|edit| here.start <= edit.at.start && edit.at.end <= here.end);
        let mut text = Vec::new();
        let mut from = here.start;
        for edit in inside {
            text.extend(self.mates.ours[from..edit.at.start].concat());
            text.extend(edit.text);
            from = edit.at.end;
        }
        text.extend(self.mates.ours[from..here.end].concat());
        self.found.proposal.text = text;
        self.found.elsewhere = elsewhere;
        Some(self.found)
    }
}

/// A line with another indent.
fn shifted(line: &[u8], shift: &Option<(Vec<u8>, Vec<u8>)>) -> Vec<u8> {
    match shift {
        Some((then, now)) => match line.strip_prefix(&then[..]) {
            Some(rest) if !line.trim_ascii().is_empty() => [now, rest].concat(),
            _ => line.to_vec(),
        },
        None => line.to_vec(),
    }
}
