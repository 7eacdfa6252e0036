//! Errors that a merge made: lines of the result on which the grammar gives up although it did not in ours or theirs.
//!
//! In: ours, theirs and the result, as items or snippets. Out: lines of the result. A macro that no mask knows gives an error
//! before and after a merge, so "no errors" says nothing; a new one says that the lines don't fit together.
//!
//! ```text
//! ours      f(a);          theirs    f(a);          result    f(a);
//!           ODD x  <- error          ODD x  <- error          ODD x   <- error, and so it was in ours: old
//!           g(b);                    if (b) {                 if (b) {
//!                                    }                        g(b);   <- error, and there was none in ours: new
//! ```
//!
//! A line of the result stands for the line of a side that it is paired with: one of equal content, by common beginnings and
//! ends, and between them by lines that are unique on both sides (as patience diff does). A line that no side has can only
//! have new errors. A long error speaks of its first and last line only: what lies between may be good.

use std::collections::HashMap;

use crate::syntax::parse::{Fault, Reading, parse};

/// An error over more lines than this speaks of its ends only.
const SHORT: usize = 3;

/// One text with its erroneous lines.
struct Side<'a> {
    /// Its lines, without the white space around them.
    lines: Vec<&'a [u8]>,
    /// Per line whether an error speaks of it.
    erroneous: Vec<bool>,
}

/// The lines of `result`, from 1 and in order, with errors where the paired lines of `ours` and `theirs` have none; `None` if
/// one of the texts is too long to be parsed.
pub fn new_errors(ours: &[u8], theirs: &[u8], result: &[u8]) -> Option<Vec<usize>> {
    let result = Side::of(result)?;
    if !result.erroneous.contains(&true) {
        return Some(Vec::new());
    }
    let mut old = vec![false; result.lines.len()];
    for side in [Side::of(ours)?, Side::of(theirs)?] {
        for (line, paired) in pairs(&side.lines, &result.lines).into_iter().enumerate() {
            old[line] |= paired.is_some_and(|n| side.erroneous[n]);
        }
    }
    Some((0..old.len()).filter(|n| result.erroneous[*n] && !old[*n]).map(|n| n + 1).collect())
}

impl<'a> Side<'a> {
    /// Parses a text.
    fn of(text: &'a [u8]) -> Option<Self> {
        let lines: Vec<&[u8]> = text.split(|c| *c == b'\n').map(<[u8]>::trim_ascii).collect();
        let mut erroneous = vec![false; lines.len()];
        for line in parse(text, Reading::Masked)?.faults.iter().flat_map(spoken_of) {
            if let Some(flag) = erroneous.get_mut(line - 1) {
                *flag = true;
            }
        }
        Some(Self { lines, erroneous })
    }
}

/// The lines that a fault speaks of.
fn spoken_of(fault: &Fault) -> impl Iterator<Item = usize> {
    let (first, last) = fault.lines;
    let step = if last - first < SHORT { 1 } else { last - first };
    (first..=last).step_by(step)
}

/// For every line of `new` the line of `old` that it is paired with.
fn pairs(old: &[&[u8]], new: &[&[u8]]) -> Vec<Option<usize>> {
    let mut paired = vec![None; new.len()];
    let mut open = vec![(0..old.len(), 0..new.len())];
    while let Some((mut a, mut b)) = open.pop() {
        while !a.is_empty() && !b.is_empty() && old[a.start] == new[b.start] {
            paired[b.start] = Some(a.start);
            (a.start, b.start) = (a.start + 1, b.start + 1);
        }
        while !a.is_empty() && !b.is_empty() && old[a.end - 1] == new[b.end - 1] {
            (a.end, b.end) = (a.end - 1, b.end - 1);
            paired[b.end] = Some(a.end);
        }
        let anchors = anchors(old, new, (a.clone(), b.clone()));
        if anchors.is_empty() {
            continue;
        }
        let (mut from_a, mut from_b) = (a.start, b.start);
        for (x, y) in anchors.into_iter().chain([(a.end, b.end)]) {
            // an anchor begins the stretch behind it, and is paired there as a common beginning
            open.push((from_a..x, from_b..y));
            (from_a, from_b) = (x, y);
        }
    }
    paired
}

/// Lines that are unique in both ranges, as a longest chain that rises in both.
fn anchors(
    old: &[&[u8]],
    new: &[&[u8]],
    (a, b): (std::ops::Range<usize>, std::ops::Range<usize>),
) -> Vec<(usize, usize)> {
    let mut seen: HashMap<&[u8], (usize, usize, usize)> = HashMap::new(); // times in old, in new, and where in old
    for n in a {
        let entry = seen.entry(old[n]).or_default();
        (entry.0, entry.2) = (entry.0 + 1, n);
    }
    for n in b.clone() {
        if let Some(entry) = seen.get_mut(new[n]) {
            entry.1 += 1;
        }
    }
    let unique =
        b.filter_map(|n| seen.get(new[n]).filter(|entry| (entry.0, entry.1) == (1, 1)).map(|entry| (entry.2, n)));
    rising(unique.collect())
}

/// A longest subsequence whose first members rise (patience sorting).
fn rising(points: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(points.len());
    for (n, point) in points.iter().enumerate() {
        let pile = tops.partition_point(|top| points[*top].0 < point.0);
        before.push(pile.checked_sub(1).map(|below| tops[below]));
        if pile == tops.len() { tops.push(n) } else { tops[pile] = n }
    }
    let mut chain: Vec<_> = std::iter::successors(tops.last().copied(), |n| before[*n]).map(|n| points[n]).collect();
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(ours: &str, theirs: &str, result: &str) -> Vec<usize> {
        new_errors(ours.as_bytes(), theirs.as_bytes(), result.as_bytes()).expect("short texts")
    }

    #[test]
    fn an_error_that_a_side_has_is_not_new() {
        let ours = "int f(void)\n{\n\tint = 3;\n\treturn 0;\n}\n";
        let result = "int f(void)\n{\n\tint = 3;\n\tg();\n\treturn 0;\n}\n";
        assert!(!parse(result.as_bytes(), Reading::Masked).expect("short").faults.is_empty());
        assert_eq!(new(ours, "int f(void)\n{\n\tg();\n\treturn 0;\n}\n", result), Vec::<usize>::new());
    }

    #[test]
    fn lines_that_do_not_fit_together_are_new_errors() {
        let ours = "int f(void)\n{\n\tg();\n\treturn 0;\n}\n";
        let theirs = "int f(void)\n{\n\tif (x) {\n\t\tg();\n\t}\n\treturn 0;\n}\n";
        let result = "int f(void)\n{\n\tif (x) {\n\t\tg(;\n\t}\n\treturn 0;\n}\n";
        assert_eq!(new(ours, theirs, result), [4]);
        assert_eq!(new(ours, theirs, theirs), Vec::<usize>::new());
        assert!(!new(ours, theirs, "int f(void)\n{\n\tif (x) {\n\t\tg();\n\treturn 0;\n}\n").is_empty());
    }

    #[test]
    fn an_error_on_another_line_of_the_same_content_does_not_excuse() {
        let ours = "int f(void)\n{\n\ta();\n}\nint = 3;\n";
        let result = "int f(void)\n{\n\ta();\nint = 3;\n}\nint = 3;\n";
        assert!(new(ours, ours, result).contains(&4));
    }

    #[test]
    fn lines_pair_by_content_around_what_moved() {
        let (old, new): ([&[u8]; 4], [&[u8]; 5]) = ([b"a", b"}", b"b", b"}"], [b"a", b"}", b"c", b"b", b"}"]);
        assert_eq!(pairs(&old, &new), [Some(0), Some(1), None, Some(2), Some(3)]);
    }
}
