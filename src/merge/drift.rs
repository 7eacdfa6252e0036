//! How far upstream's change of a file is from the patch's.

use super::delta::{Hunk, hunks};
use super::{Change, Sides};
use bstr::ByteSlice;
use std::ops::Range;

/// Unchanged lines that make upstream's change a far one.
pub const FAR: usize = 3;

/// What lies between the two changes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Lines that the patch takes away and adds, blank ones left out.
    pub size: usize,
    /// Unchanged lines between the patch and upstream's nearest change; `None` if one of them changes nothing.
    pub gap: Option<usize>,
    /// Hunks of the patch that upstream's change is near.
    pub near: usize,
}

impl Drift {
    /// Between base and theirs on the one side, base and ours on the other.
    pub fn of(sides: &Sides<&[u8]>) -> Self {
        let change = Change { before: sides.base, after: sides.theirs };
        let patch = hunks(change);
        let upstream = hunks(Change { before: sides.base, after: sides.ours });
        let gaps: Vec<usize> = patch.iter().filter_map(|hunk| gap(&hunk.before, &upstream)).collect();
        let near = gaps.iter().filter(|gap| **gap < FAR).count();
        Self { size: size(change, &patch), gap: gaps.into_iter().min(), near }
    }
}

/// Unchanged lines between a hunk and the nearest of these, which are in order.
fn gap(hunk: &Range<usize>, others: &[Hunk]) -> Option<usize> {
    let behind = others.partition_point(|other| other.before.start < hunk.start);
    let near = others[behind.saturating_sub(1)..].iter().take(2);
    near.map(|other| hunk.start.saturating_sub(other.before.end).max(other.before.start.saturating_sub(hunk.end))).min()
}

/// Lines that a change takes away and adds, without blank ones.
fn size(change: Change<&[u8]>, hunks: &[Hunk]) -> usize {
    let count = |text: &[u8], ranges: Vec<&Range<usize>>| {
        let mut lines = text.lines().enumerate();
        let mut count = 0;
        for range in ranges {
            let within = lines.by_ref().skip_while(|(at, _)| *at < range.start).take(range.len());
            count += within.filter(|(_, line)| !line.trim().is_empty()).count();
        }
        count
    };
    count(change.before, hunks.iter().map(|h| &h.before).collect())
        + count(change.after, hunks.iter().map(|h| &h.after).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(base: &str, ours: &str, theirs: &str) -> Drift {
        Drift::of(&Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() })
    }

    #[test]
    fn unchanged_lines_are_counted_between_the_two_changes() {
        let far = drift("a\nb\nc\nd\ne\nf\n", "A\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\nF\nG\n");
        assert_eq!(far, Drift { size: 3, gap: Some(4), near: 0 });
        let near = drift("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n", "a\nb\nc\nd\ne\nF\n");
        assert_eq!(near, Drift { size: 2, gap: Some(1), near: 1 });
    }

    #[test]
    fn what_overlaps_or_adjoins_has_no_line_between() {
        assert_eq!(drift("a\nb\n", "A\nb\n", "x\nb\n").gap, Some(0));
        assert_eq!(drift("a\nb\n", "A\nb\n", "a\nB\n").gap, Some(0));
        assert_eq!(drift("a\nb\n", "a\nnew\nb\n", "a\nother\n\nb\n"), Drift { size: 1, gap: Some(0), near: 1 });
    }

    #[test]
    fn each_hunk_looks_at_upstreams_changes_on_both_sides() {
        let base = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let ours = base.replace('1', "x").replace('8', "y");
        let theirs = base.replace('5', "z").replace('9', "w");
        assert_eq!(drift(base, &ours, &theirs), Drift { size: 4, gap: Some(0), near: 2 });
    }

    #[test]
    fn where_upstream_changed_nothing_there_is_no_gap() {
        assert_eq!(drift("a\n", "a\n", "b\n"), Drift { size: 2, gap: None, near: 0 });
    }
}
