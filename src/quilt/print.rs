//! Writing hunks.
//!
//! In: a change and its edits, as whoever calls found them. Out: hunks with context, two that are no more than twice the context apart
//! joined, as GNU diff and git do it.

use super::function::{Headings, heading};
use super::lines::split;
use crate::merge::{Change, delta};
use std::ops::Range;

/// Finds the edits between two texts. [`delta::hunks`] is one; the git room has git's own.
pub type Differ<'a> = dyn Fn(Change<&[u8]>) -> Vec<delta::Hunk> + 'a;

/// How hunks are written.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The file's path, which says what a function looks like.
    pub path: &'a [u8],
    /// The words behind `@@`.
    pub headings: Headings,
    /// Unchanged lines around a change.
    pub context: usize,
}

/// The hunks of a change. Edits that do not turn one text into the other are not believed: then all of it is one edit.
pub fn hunks_of(change: Change<&[u8]>, edits: &[delta::Hunk], look: Look<'_>) -> Vec<u8> {
    let printer = Printer { before: split(change.before), after: split(change.after), look };
    let whole = [delta::Hunk { before: 0..printer.before.len(), after: 0..printer.after.len() }];
    let mut out = Vec::new();
    let mut rest = if holds(change, edits) { edits } else { &whole };
    while !rest.is_empty() {
        let near = |pair: &[delta::Hunk]| pair[1].before.start - pair[0].before.end <= 2 * look.context;
        let joined = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        printer.hunk(&rest[..joined], &mut out);
        rest = &rest[joined..];
    }
    out
}

/// Do the edits, in order, turn the text before into the text after?
pub(super) fn holds(change: Change<&[u8]>, edits: &[delta::Hunk]) -> bool {
    let (before, after) = (split(change.before), split(change.after));
    let mut at = (0, 0);
    let same = |from: (usize, usize), to: (usize, usize)| match (before.get(from.0..to.0), after.get(from.1..to.1)) {
        (Some(before), Some(after)) => before == after,
        _ => false,
    };
    edits.iter().all(|edit| {
        let from = std::mem::replace(&mut at, (edit.before.end, edit.after.end));
        let forward = edit.before.start <= edit.before.end && edit.after.start <= edit.after.end;
        forward && same(from, (edit.before.start, edit.after.start))
    }) && same(at, (before.len(), after.len()))
}

/// Two texts, cut into lines.
struct Printer<'a> {
    before: Vec<&'a [u8]>,
    after: Vec<&'a [u8]>,
    look: Look<'a>,
}

impl Printer<'_> {
    /// Writes one hunk.
    fn hunk(&self, edits: &[delta::Hunk], out: &mut Vec<u8>) {
        let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return };
        let lead = self.look.context.min(first.before.start);
        let trail = self.look.context.min(self.before.len() - last.before.end);
        let before = first.before.start - lead..last.before.end + trail;
        let after = first.after.start - lead..last.after.end + trail;
        out.extend(format!("@@ -{} +{} @@", span(&before), span(&after)).into_bytes());
        out.extend(heading(self.look.headings, self.look.path, &self.before, before.start));
        out.push(b'\n');
        let mut at = before.start;
        for edit in edits {
            self.lines(b' ', &self.before[at..edit.before.start], out);
            self.lines(b'-', &self.before[edit.before.clone()], out);
            self.lines(b'+', &self.after[edit.after.clone()], out);
            at = edit.before.end;
        }
        self.lines(b' ', &self.before[at..before.end], out);
    }

    /// Writes lines with their sign.
    fn lines(&self, sign: u8, lines: &[&[u8]], out: &mut Vec<u8>) {
        for line in lines {
            out.push(sign);
            out.extend(*line);
            if !line.ends_with(b"\n") {
                out.extend(b"\n\\ No newline at end of file\n");
            }
        }
    }
}

/// `first,count`; a count of one is left out, and an empty span names the line before it.
fn span(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(before: &str, after: &str) -> String {
        let change = Change { before: before.as_bytes(), after: after.as_bytes() };
        let look = Look { path: b"x.c", headings: Headings::GitKernel, context: 3 };
        String::from_utf8(hunks_of(change, &delta::hunks(change), look)).expect("it is there")
    }

    #[test]
    fn hunks_have_context_and_near_ones_are_joined() {
        let before: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let changed = |n: &str| before.replace("\n5\n", "\nfive\n").replace(&format!("\n{n}\n"), "\nnew\n");
        assert_eq!(printed(&before, &changed("12")).matches("@@ -").count(), 1, "six lines between");
        assert_eq!(printed(&before, &changed("13")).matches("@@ -").count(), 2, "seven");
        assert_eq!(printed("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n"), "@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+five\n");
    }

    #[test]
    fn empty_sides_and_missing_newlines_are_written_as_diff_does() {
        assert_eq!(printed("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
        assert_eq!(printed("a", "a\n"), "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    }
}
