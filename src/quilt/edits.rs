//! Which edits a refreshed section is written with: the patch's own, as far as they still say what happens.
//!
//! ```text
//!   before ──(own hunks that have a place)──> between ──(differ)──> after
//! ```
//!
//! In: a section and the change that it should become. Out: edits from before to after. Where the second step stays clear of the first
//! one, both together are the answer: diff algorithms differ in taste, and a patch should not be rewritten where only the taste changed.

use super::apply::{How, Placement, apply};
use super::print::{Differ, holds};
use super::unified::{Hunk, Kind, Section};
use crate::merge::{Change, delta};

/// Edits, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edits {
    /// All are the patch's own.
    Own(Vec<delta::Hunk>),
    /// The differ had to help.
    Mixed(Vec<delta::Hunk>),
}

/// Fuzz with which a hunk may be placed; the result is compared, so that a wrong place does no harm.
const FUZZ: usize = 2;

/// The edits of a section's hunks, completed by the differ's. `None` if the two get in each other's way, or there are none.
pub(super) fn kept_edits(section: &Section, change: Change<&[u8]>, differ: &Differ<'_>) -> Option<Edits> {
    let before = Some(change.before).filter(|_| !section.creates());
    let applied = apply(section, before, How { fuzz: FUZZ, ..How::default() });
    let own = own_edits(&section.plain_hunks(), &applied.hunks)?;
    let between = applied.after.unwrap_or_default();
    // A last line without a line end may have been joined with what was put behind it: then lines are not what they seem.
    if !holds(Change { before: change.before, after: &between }, &own) {
        return None;
    }
    if between == change.after {
        return Some(Edits::Own(own));
    }
    let rest = differ(Change { before: &between, after: change.after });
    both(own, &rest).filter(|edits| holds(change, edits)).map(Edits::Mixed)
}

/// The edits of the hunks that have a place, in lines of the file that they were applied to. `None` if none has.
pub fn own_edits(hunks: &[Hunk], placed: &[Placement]) -> Option<Vec<delta::Hunk>> {
    let mut edits: Vec<delta::Hunk> = Vec::new();
    let mut shift = 0;
    for (hunk, placed) in hunks.iter().zip(placed) {
        let Placement::Placed { line, .. } = *placed else { continue };
        let mut at = line.saturating_sub(1);
        for part in &hunk.lines {
            let (removed, added) = match part.kind {
                Kind::Context => (0, 0),
                Kind::Removed => (1, 0),
                Kind::Added => (0, 1),
            };
            match edits.last_mut().filter(|last| last.before.end == at) {
                _ if part.kind == Kind::Context => at += 1,
                Some(last) => {
                    last.before.end += removed;
                    last.after.end += added;
                }
                None => {
                    let start = at.checked_add_signed(shift)?;
                    edits.push(delta::Hunk { before: at..at + removed, after: start..start + added });
                }
            }
            at += removed;
            shift += added as isize - removed as isize;
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// Edits from before to between, followed by edits from between to after. `None` where they touch.
fn both(own: Vec<delta::Hunk>, rest: &[delta::Hunk]) -> Option<Vec<delta::Hunk>> {
    let clear = |a: &delta::Hunk, b: &delta::Hunk| a.after.end < b.before.start || b.before.end < a.after.start;
    if !own.iter().all(|a| rest.iter().all(|b| clear(a, b))) {
        return None;
    }
    // Each edit as a place before, lines taken away and lines put there; the places after follow from those.
    let mut all: Vec<(usize, usize, usize)> =
        own.iter().map(|e| (e.before.start, e.before.len(), e.after.len())).collect();
    for edit in rest {
        let earlier = own.iter().take_while(|e| e.after.end < edit.before.start);
        let shift: isize = earlier.map(|e| e.before.len() as isize - e.after.len() as isize).sum();
        all.push((edit.before.start.checked_add_signed(shift)?, edit.before.len(), edit.after.len()));
    }
    all.sort_unstable();
    let mut shift = 0isize;
    all.into_iter()
        .map(|(at, removed, added)| {
            let start = at.checked_add_signed(shift)?;
            shift += added as isize - removed as isize;
            Some(delta::Hunk { before: at..at + removed, after: start..start + added })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::{Entry, PatchFile};

    fn edits(before: &str, after: &str) -> Option<Edits> {
        let diff = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n@@ -6,4 +6,4 @@\n 6\n 7\n-8\n+eight\n 9\n";
        let file = PatchFile::read(Entry::plain(b"x"), diff.as_bytes().to_vec());
        let change = Change { before: before.as_bytes(), after: after.as_bytes() };
        kept_edits(file.sections().next().expect("it is there"), change, &delta::hunks)
    }

    fn hunk(before: std::ops::Range<usize>, after: std::ops::Range<usize>) -> delta::Hunk {
        delta::Hunk { before, after }
    }

    #[test]
    fn own_edits_are_kept_where_they_have_the_wanted_effect() {
        let found = edits("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\ntwo\n3\n4\n5\n6\n7\neight\n9\n");
        assert_eq!(found, Some(Edits::Own(vec![hunk(2..3, 2..3), hunk(8..9, 8..9)])));
    }

    #[test]
    fn the_differ_completes_what_own_hunks_leave_open() {
        let found = edits("0\n1\n2\n3\n4\n5\n6\n7\nnew 8\n9\n", "0\n1\ntwo\n3\n4\n5\n6\n7\nnew eight\n9\n");
        assert_eq!(found, Some(Edits::Mixed(vec![hunk(2..3, 2..3), hunk(8..9, 8..9)])));
        let found = edits("1\n2\n3\n", "1\n2\nthree\n");
        assert_eq!(found, None, "an own edit that is undone is none");
    }
}
