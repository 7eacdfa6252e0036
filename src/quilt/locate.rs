//! Finding a hunk's place in a file: where its `@@` line says, shifted, or with some of its context left out.
//!
//! In: the hunk's old side and the lines of the file. Out: a line, the shift and the fuzz that it took. The rules are those that GNU
//! patch documents ("Inexact" in its manual): a hunk of line 1 with less context before than after belongs to the start of the file, one
//! with less context after than before to its end, until the fuzz makes up for the difference; the nearest place counts, the later one of two that are equally near; a place before
//! what was already changed does not.

use std::cell::Cell;

/// The old side of a hunk.
pub(super) struct Pattern<'a> {
    /// Its lines.
    pub lines: Vec<&'a [u8]>,
    /// Context lines before the first change.
    pub prefix: usize,
    /// Context lines after the last change.
    pub suffix: usize,
    /// Where the patch says that it stands, from 1.
    pub says: isize,
}

/// A file that is being patched from top to bottom.
pub(super) struct Field<'a, 'b> {
    /// The lines of the file as it was.
    pub lines: &'b [&'a [u8]],
    /// How many of them have been dealt with.
    pub frozen: usize,
}

/// A place that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The line of the file, from 1, at which the hunk's first line stands.
    pub line: isize,
    /// Context lines that were left out at either end.
    pub fuzz: usize,
}

/// Line comparisons after which a hunk counts as not found: only files made of equal lines need that many.
const COMPARISONS: usize = 64 << 20;

/// The least fuzz with which the pattern has a place, and the nearest one to line `guess` (from 1).
pub(super) fn locate(pattern: &Pattern<'_>, field: &Field<'_, '_>, guess: isize, most_fuzz: usize) -> Option<Found> {
    let most_fuzz = most_fuzz.min(pattern.prefix.max(pattern.suffix));
    let left = Cell::new(COMPARISONS);
    (0..=most_fuzz).find_map(|fuzz| {
        let longest = pattern.prefix.max(pattern.suffix) as isize;
        let skip = |context: usize| fuzz as isize + context as isize - longest;
        let anchored = if pattern.says <= 1 { isize::MIN } else { 0 };
        let (skip_first, skip_last) = (skip(pattern.prefix).max(anchored), skip(pattern.suffix));
        let search = Search { pattern, field, skip_first, skip_last, left: &left };
        search.nearest(guess).map(|line| Found { line, fuzz })
    })
}

/// One search, with a given fuzz. All numbers are lines from 1, and may lie outside the file.
struct Search<'a, 'b, 'c> {
    pattern: &'c Pattern<'a>,
    field: &'c Field<'a, 'b>,
    /// Lines to leave out at the start; negative: the pattern must stand at the start of the file.
    skip_first: isize,
    /// Lines to leave out at the end; negative: the pattern must stand at the end of the file.
    skip_last: isize,
    /// Comparisons that are left.
    left: &'c Cell<usize>,
}

impl Search<'_, '_, '_> {
    /// The place nearest to `guess`.
    fn nearest(&self, guess: isize) -> Option<isize> {
        let (length, total) = (self.pattern.lines.len() as isize, self.field.lines.len() as isize);
        let first = self.field.frozen as isize + 1;
        if length == 0 {
            return (guess >= first && guess <= total + 1).then_some(guess);
        }
        if self.skip_first < 0 {
            let untouched = self.field.frozen <= self.pattern.prefix;
            return (untouched && self.stands_at(1)).then_some(1);
        }
        if self.skip_last < 0 {
            let last = total - length + 1;
            return (last >= first && self.stands_at(last)).then_some(last);
        }
        let last = total - (length - self.skip_last) + 1;
        let furthest = (last - guess).max(guess - first).max(-1);
        (0..=furthest).find_map(|offset| {
            let later = guess + offset;
            let earlier = guess - offset;
            let good = |line: &isize| (first..=last).contains(line) && self.stands_at(*line);
            Some(later).filter(good).or_else(|| Some(earlier).filter(good))
        })
    }

    /// Does the pattern, without what is left out, stand there?
    fn stands_at(&self, line: isize) -> bool {
        let skip_first = self.skip_first.max(0) as usize;
        let end = self.pattern.lines.len() - (self.skip_last.max(0) as usize).min(self.pattern.lines.len());
        (skip_first..end).all(|n| {
            let Some(left) = self.left.get().checked_sub(1) else { return false };
            self.left.set(left);
            let at = line - 1 + n as isize;
            usize::try_from(at).ok().and_then(|at| self.field.lines.get(at)) == Some(&self.pattern.lines[n])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::lines::split;

    fn find(file: &str, lines: &str, context: (usize, usize), guess: isize) -> Option<(isize, usize)> {
        let pattern = Pattern { lines: split(lines.as_bytes()), prefix: context.0, suffix: context.1, says: guess };
        let lines = split(file.as_bytes());
        let found = locate(&pattern, &Field { lines: &lines, frozen: 0 }, guess, 2);
        found.map(|f| (f.line, f.fuzz))
    }

    #[test]
    fn the_nearest_place_counts() {
        let file = "x\na\nx\nx\nx\na\nx\n";
        assert_eq!(find(file, "x\na\nx\n", (1, 1), 1), Some((1, 0)));
        assert_eq!(find(file, "x\na\nx\n", (1, 1), 9), Some((5, 0)));
        assert_eq!(find(file, "x\na\nx\n", (1, 1), 3), Some((5, 0)), "of two that are equally near the later one");
    }

    #[test]
    fn less_context_before_than_after_means_the_start_of_the_file() {
        assert_eq!(find("a\nx\ny\n", "a\nx\n", (0, 1), 1), Some((1, 0)));
        assert_eq!(find("q\na\nx\ny\n", "a\nx\n", (0, 1), 1), Some((2, 1)), "elsewhere only with fuzz");
        assert_eq!(find("q\na\nx\ny\n", "a\nx\n", (0, 1), 2), Some((2, 0)), "but only if it says so");
        assert_eq!(find("y\nx\na\nq\n", "x\na\n", (1, 0), 2), Some((2, 1)));
    }

    #[test]
    fn fuzz_leaves_out_context_but_never_changed_lines() {
        assert_eq!(find("1\n2\na\n3\n4\n", "9\n2\na\n3\n9\n", (2, 2), 1), Some((1, 1)));
        assert_eq!(find("1\n2\nb\n3\n4\n", "1\n2\na\n3\n4\n", (2, 2), 1), None);
    }

    #[test]
    fn an_empty_pattern_stands_where_it_says_if_that_is_in_the_file() {
        assert_eq!(find("1\n2\n", "", (0, 0), 3), Some((3, 0)));
        assert_eq!(find("1\n2\n", "", (0, 0), 4), None);
    }
}
