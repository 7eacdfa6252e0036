//! Which lines of a file of the tip stand only because of an open conflict, and of which commit.
//!
//! ```text
//!   commit 5 conflicts          commit 9 edits next to it        commit 12 edits elsewhere
//!   1                           1                                1
//!   2 | open because of 5       2 | 5                            2 | 5
//!   3 | 5                       3 | 5                            3 | 5
//!   4                           + | 9 rests on 5: provisional    + | 5
//!   5                           4                                + settled: not provisional
//! ```

use super::delta::Hunk;
use std::collections::BTreeSet;
use std::ops::Range;

/// Open line ranges of one file (from 0), each with the position in the series of the commit whose conflict is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenLines {
    ranges: Vec<(Range<usize>, usize)>,
}

impl OpenLines {
    /// The whole file stands because of commit `n`.
    pub fn whole_file(n: usize) -> Self {
        Self { ranges: vec![(0..usize::MAX / 2, n)] }
    }

    /// Nothing is open.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Opens `lines` because of commit `n`; an empty range is the place of a conflict that left no line.
    pub fn open(&mut self, lines: Range<usize>, n: usize) {
        self.ranges.push((lines, n));
    }

    /// The commits whose open conflicts the file holds.
    pub fn owners(&self) -> BTreeSet<usize> {
        self.ranges.iter().map(|(_, n)| *n).collect()
    }

    /// Moves the ranges through an edit of the file; returns the commits whose open lines the edit touches or adjoins.
    /// What such an edit adds is open too, for the same commits.
    pub fn edit(&mut self, hunks: &[Hunk]) -> BTreeSet<usize> {
        let mut touched = BTreeSet::new();
        for (range, n) in &mut self.ranges {
            let mut start = shifted(range.start, hunks);
            let mut end = shifted(range.end, hunks);
            for hunk in hunks.iter().filter(|h| adjoins(range, &h.before)) {
                touched.insert(*n);
                start = start.min(hunk.after.start);
                end = end.max(hunk.after.end);
            }
            *range = start..end.max(start);
        }
        touched
    }
}

/// Do the lines overlap, or stand side by side?
fn adjoins(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// Where a line goes when the hunks before it grow or shrink.
fn shifted(line: usize, hunks: &[Hunk]) -> usize {
    let before = hunks.iter().take_while(|h| h.before.end <= line);
    before.fold(line, |_, h| line - h.before.end + h.after.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(before: Range<usize>, after: Range<usize>) -> Hunk {
        Hunk { before, after }
    }

    #[test]
    fn an_edit_far_above_moves_the_open_lines_and_rests_on_nobody() {
        let mut open = OpenLines::default();
        open.open(10..12, 5);
        assert!(open.edit(&[hunk(0..1, 0..4)]).is_empty());
        assert_eq!(open.ranges, [(13..15, 5)]);
    }

    #[test]
    fn an_edit_beside_the_open_lines_rests_on_their_commit_and_becomes_open() {
        let mut open = OpenLines::default();
        open.open(10..12, 5);
        assert_eq!(open.edit(&[hunk(12..12, 12..14)]), BTreeSet::from([5]));
        assert_eq!(open.ranges, [(10..14, 5)]);
        assert!(open.edit(&[hunk(15..16, 15..15)]).is_empty());
    }

    #[test]
    fn a_conflict_that_left_no_line_still_has_a_place() {
        let mut open = OpenLines::default();
        open.open(3..3, 2);
        assert_eq!(open.edit(&[hunk(3..4, 3..4)]), BTreeSet::from([2]));
    }

    #[test]
    fn whole_files_rest_whatever_is_edited() {
        let mut open = OpenLines::whole_file(7);
        assert_eq!(open.edit(&[hunk(900..901, 900..905)]), BTreeSet::from([7]));
    }
}
