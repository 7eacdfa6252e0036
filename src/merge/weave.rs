//! Settles a conflict line by line: what both sides insert is kept, what both take away is gone.
//!
//! In: an [`Open`]. Out: a [`Proposal`], or None where both sides changed one base line (that asks for words, not lines).
//!
//! ```text
//!     base   ours    theirs      woven
//!     a      a       a           a
//!            +up     +mine       both, in the order that `order` finds
//!     b      b'      b           b'
//!     c      c       -           -
//! ```
//!
//! The text is the easy half. The other is to say what speaks against it: that the lines around the patch's are no longer what they
//! were, or that nothing tells which of two insertions comes first.

use super::line::{alike, ends_entry, ink, is_telling, speaks};
use super::line_edit::{Fate, LineEdits, line_edits};
use super::list::{indent, order_is_free, same_number};
use super::order::{Meeting, decide};
use super::symbols::{Symbols, symbols};
use super::{Change, Doubt, Footing, Open, Proposal, delta};
use crate::syntax::language::Language;
use bstr::ByteSlice;

/// Conflicts with more bytes on one side are left alone.
const LARGEST: usize = 256 * 1024;
/// Lines before and behind the conflict that are looked at.
const AROUND: usize = 200;

/// Weaves both sides into the base, line by line.
pub fn propose(open: &Open<'_>) -> Option<Proposal> {
    match symbols(open) {
        Symbols::Merged(proposal) => return Some(proposal),
        Symbols::Open => return None,
        Symbols::Other => {}
    }
    let loom = loom(open)?;
    let mut cloth = loom.weave()?;
    loom.doubt_surroundings(&mut cloth);
    Some(cloth.proposal())
}

/// The same where the surroundings have been looked at.
pub fn propose_within(open: &Open<'_>) -> Option<Proposal> {
    Some(loom(open)?.weave()?.proposal())
}

/// Sets the hunk up; None if it is too long.
fn loom<'a>(open: &'a Open<'a>) -> Option<Loom<'a>> {
    let sides = open.sides;
    if sides.named().iter().any(|(_, text)| text.len() > LARGEST) {
        return None;
    }
    let base: Vec<&[u8]> = sides.base.lines_with_terminator().collect();
    let ours = line_edits(Change { before: sides.base, after: sides.ours });
    let theirs = line_edits(Change { before: sides.base, after: sides.theirs });
    let mut before: Vec<&[u8]> = open.before.lines_with_terminator().rev().take(AROUND).collect();
    before.reverse();
    let after = open.after.lines_with_terminator().take(AROUND).collect();
    Some(Loom { open, base, ours, theirs, before, after })
}

/// The hunk, line by line, with what was found out about it.
pub struct Loom<'a> {
    /// The conflict.
    pub(super) open: &'a Open<'a>,
    /// The hunk's base lines.
    pub(super) base: Vec<&'a [u8]>,
    /// What upstream does to them.
    pub(super) ours: LineEdits<'a>,
    /// What the patch does to them.
    pub(super) theirs: LineEdits<'a>,
    /// Up to [`AROUND`] lines before the hunk, in order.
    pub(super) before: Vec<&'a [u8]>,
    /// Up to [`AROUND`] lines behind it.
    pub(super) after: Vec<&'a [u8]>,
}

/// What grows while weaving.
#[derive(Default)]
pub struct Cloth<'a> {
    /// The result so far.
    lines: Vec<&'a [u8]>,
    /// What speaks for it.
    reasons: Vec<String>,
    /// What speaks against it.
    doubts: Vec<Doubt>,
    /// Whether what the patch's lines are attached to is there.
    footing: Footing,
}

impl Cloth<'_> {
    /// Says that the patch's lines may belong elsewhere, and why.
    pub fn doubt_footing(&mut self, doubt: impl Into<Doubt>) {
        self.footing = Footing::Shaky;
        self.doubt(doubt);
    }

    /// What was woven.
    fn proposal(mut self) -> Proposal {
        if self.reasons.is_empty() && self.doubts.is_empty() {
            self.reason("upstream and the patch change different lines");
        }
        let Self { lines, reasons, doubts, footing } = self;
        Proposal { text: joined(&lines), reasons, doubts, footing }
    }

    /// Says what speaks for it, once.
    pub fn reason(&mut self, text: &str) {
        if !self.reasons.iter().any(|known| known == text) {
            self.reasons.push(text.to_owned());
        }
    }

    /// Says what speaks against it, once.
    pub fn doubt(&mut self, doubt: impl Into<Doubt>) {
        let doubt = doubt.into();
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }
}

impl<'a> Loom<'a> {
    /// The whole hunk; None if both sides changed one line.
    fn weave(&self) -> Option<Cloth<'a>> {
        let mut cloth = Cloth::default();
        for at in 0..=self.base.len() {
            self.between(at, &mut cloth)?;
            if at < self.base.len() {
                self.line(at, &mut cloth)?;
            }
        }
        Some(cloth)
    }

    /// What is put in front of base line `at`; None if two runs cannot stand one behind the other.
    fn between(&self, at: usize, cloth: &mut Cloth<'a>) -> Option<()> {
        let (ours, theirs) = (&self.ours.inserted[at], &self.theirs.inserted[at]);
        if self.takes_away_beside(at, ours) {
            cloth.doubt("upstream put a statement beside one that the patch takes away");
        }
        match (ours.as_slice(), theirs.as_slice()) {
            ([], lines) | (lines, []) => cloth.lines.extend(lines),
            (a, b) if a == b => {
                cloth.reason("upstream has these lines of the patch already");
                cloth.lines.extend(a);
            }
            (a, b) if holds(a, b) => {
                cloth.reason("upstream has these lines of the patch already");
                cloth.lines.extend(a);
            }
            (a, b) if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)) => {
                cloth.doubt("upstream has these lines with other white space");
                cloth.lines.extend(a);
            }
            (a, b) if mostly(a, b) => {
                cloth.doubt("upstream has a part of these lines already");
                cloth.lines.extend(union(a, b));
            }
            (ours, theirs) => self.meet(at, (ours, theirs), cloth)?,
        }
        Some(())
    }

    /// Does the patch take away a statement next to which upstream puts one?
    fn takes_away_beside(&self, at: usize, ours: &[&[u8]]) -> bool {
        let attached = |line: Option<&&[u8]>, at: usize| {
            line.is_some_and(|line| is_statement(line))
                && self.theirs.fates.get(at) == Some(&Fate::Deleted)
                && is_statement(self.base[at])
        };
        attached(ours.last(), at) || at.checked_sub(1).is_some_and(|at| attached(ours.first(), at))
    }

    /// Both sides insert at one place. Of a list whose last entry has no comma only one can be the last.
    fn meet(&self, at: usize, (ours, theirs): (&[&'a [u8]], &[&'a [u8]]), cloth: &mut Cloth<'a>) -> Option<()> {
        let woven = &cloth.lines[cloth.lines.len().saturating_sub(AROUND)..];
        let above: Vec<&[u8]> = self.before.iter().chain(woven).copied().collect();
        let rest = (at..self.base.len()).filter_map(|at| match (&self.ours.fates[at], &self.theirs.fates[at]) {
            (Fate::Kept, Fate::Kept) => Some(self.base[at]),
            (Fate::Edited(line), Fate::Kept) | (Fate::Kept, Fate::Edited(line)) => Some(line),
            _ => None,
        });
        let below: Vec<&[u8]> = rest.chain(self.after.iter().copied()).take(AROUND).collect();
        let meeting = Meeting { above: &above, below: &below, ours, theirs, language: self.open.language };
        let lacks_comma = |run: &[&[u8]]| ends_without_comma(&above, run, self.open.language);
        if lacks_comma(ours) && lacks_comma(theirs) {
            return None;
        }
        if same_number(ours, theirs) {
            // Who gives it another number knows more.
            cloth.doubt_footing("upstream uses the same number in a new line of its own");
        }
        match decide(&meeting) {
            Some(verdict) => {
                cloth.reason(verdict.reason);
                cloth.lines.extend(verdict.lines);
            }
            None => {
                if order_is_free(ours, theirs, self.open.language) {
                    cloth.reason("no evidence for the order, and it has no meaning here");
                } else {
                    cloth.doubt("no evidence for the order");
                }
                cloth.lines.extend(meeting.in_turn());
            }
        }
        Some(())
    }

    /// What becomes of base line `at`; None if both sides changed it.
    fn line(&self, at: usize, cloth: &mut Cloth<'a>) -> Option<()> {
        let base = self.base[at];
        match (&self.ours.fates[at], &self.theirs.fates[at]) {
            (Fate::Kept, Fate::Kept) => cloth.lines.push(base),
            (Fate::Kept, fate) | (fate, Fate::Kept) => put(fate, cloth),
            (Fate::Deleted, Fate::Deleted) => {
                cloth.doubt("upstream took away lines that the patch takes away: a part of it is there already");
            }
            (a, b) if a == b => {
                cloth.reason("upstream has made this change of the patch already");
                put(a, cloth);
            }
            (Fate::Edited(a), Fate::Edited(b)) if alike(a, b) => {
                cloth.reason("upstream has made this change of the patch already");
                cloth.lines.push(a);
            }
            (Fate::Edited(a), Fate::Edited(b)) if alike(a, base) => {
                if indent(a) == indent(base) {
                    cloth.reason("upstream changed only white space of a line");
                    cloth.lines.push(b);
                } else {
                    cloth.doubt("upstream indented a line anew that the patch changes");
                    cloth.lines.extend([indent(a), &b[indent(b).len()..]]);
                }
            }
            (Fate::Edited(a), Fate::Edited(b)) if alike(b, base) => {
                cloth.reason("the patch changes only white space of a line");
                cloth.lines.push(a);
            }
            _ => return None,
        }
        Some(())
    }
}

/// The lines as one text; one without an end (the last of its file) gets one where others follow. A piece of blanks is an indent.
fn joined(lines: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut open_end = false;
    for line in lines {
        if open_end {
            text.push(b'\n');
        }
        text.extend_from_slice(line);
        open_end = !line.ends_with(b"\n") && !line.trim_ascii().is_empty();
    }
    text
}

/// Do the lines go on with a list whose entries end in commas, and end without one?
fn ends_without_comma(above: &[&[u8]], run: &[&[u8]], language: Language) -> bool {
    let last = |lines: &[&'_ [u8]]| {
        let line = lines.iter().rev().find(|line| is_telling(line)).map_or(&b""[..], |line| line.trim_ascii_end());
        // The lines of a macro go on behind their last character.
        line.strip_suffix(b"\\").unwrap_or(line).trim_ascii_end().to_vec()
    };
    let is_code = matches!(language, Language::C | Language::DeviceTree | Language::Assembler);
    is_code && last(above).ends_with(b",") && ends_entry(&last(run))
}

/// Puts what one side made of a line.
fn put<'a>(fate: &Fate<'a>, cloth: &mut Cloth<'a>) {
    match fate {
        Fate::Edited(line) => cloth.lines.push(line),
        Fate::Replaced(lines) => cloth.lines.extend(lines),
        Fate::Kept | Fate::Deleted => {}
    }
}

/// Does a line look like a call or an assignment within a function?
fn is_statement(line: &[u8]) -> bool {
    line.starts_with(b"\t") && line.trim_ascii_end().ends_with(b";") && line.iter().any(|c| b"(=".contains(c))
}

/// Do most of the lines of `theirs` that say something stand in `ours`, or the other way round?
fn mostly(ours: &[&[u8]], theirs: &[&[u8]]) -> bool {
    if ours.len() * theirs.len() > SHARED {
        return false;
    }
    let told = |run: &[&'_ [u8]]| run.iter().filter(|line| speaks(line)).count();
    let shared = theirs.iter().filter(|line| speaks(line) && ours.contains(line)).count();
    shared > 0 && 5 * shared >= 3 * told(theirs).min(told(ours))
}

/// Runs of more lines (one times the other) are not compared for shared ones.
const SHARED: usize = 1_000_000;

/// The lines of both runs, those that they share once.
fn union<'a>(ours: &[&'a [u8]], theirs: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let (before, after) = (ours.concat(), theirs.concat());
    let mut lines = Vec::new();
    let mut kept = 0;
    for hunk in delta::hunks(Change { before: &before, after: &after }) {
        lines.extend(&ours[kept..hunk.before.end]);
        lines.extend(&theirs[hunk.after]);
        kept = hunk.before.end;
    }
    lines.extend(&ours[kept..]);
    lines
}

/// Do the lines of `all` hold those of `some`, one behind the other, at least one of them saying something?
fn holds(all: &[&[u8]], some: &[&[u8]]) -> bool {
    all.len() * some.len() <= SHARED
        && some.iter().any(|line| ink(line).count() >= 8)
        && all.windows(some.len()).any(|run| run == some)
}

#[cfg(test)]
mod tests;
