//! Two texts compared line by line: the hunks of a change, and whether two changes are the same.
//!
//! Texts of a kernel are long and their changes short, so equal heads and tails are cut off before anything is interned.

use super::Change;
use super::line::is_telling;
use bstr::ByteSlice;
use imara_diff::sources::byte_lines;
use imara_diff::{Algorithm, Diff, InternedInput};
use std::ops::Range;

/// A run of changed lines: line numbers from 0, in the text before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Lines taken away.
    pub before: Range<usize>,
    /// Lines put there.
    pub after: Range<usize>,
}

/// The hunks that turn `before` into `after` (histogram diff).
pub fn hunks(change: Change<&[u8]>) -> Vec<Hunk> {
    let head = common_head(change);
    let first = bytecount(&change.before[..head]);
    let before = &change.before[head..];
    let after = &change.after[head..];
    let tail = common_tail(Change { before, after });
    let input =
        InternedInput::new(byte_lines(&before[..before.len() - tail]), byte_lines(&after[..after.len() - tail]));
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let shift = |r: Range<u32>| first + r.start as usize..first + r.end as usize;
    diff.hunks().map(|h| Hunk { before: shift(h.before), after: shift(h.after) }).collect()
}

/// How many lines a change inserts, deletes or substitutes.
pub fn distance(change: Change<&[u8]>) -> usize {
    hunks(change).iter().map(|hunk| hunk.before.len().max(hunk.after.len())).sum()
}

/// The hunks that turn one list into another, whatever is in them (Myers, minimal).
pub fn of_lists<T: Eq + std::hash::Hash + Clone + Default>(before: &[T], after: &[T]) -> Vec<Hunk> {
    let mut input: InternedInput<T> = InternedInput::default();
    input.update_before(before.iter().cloned());
    input.update_after(after.iter().cloned());
    let plain = |r: Range<u32>| r.start as usize..r.end as usize;
    let diff = Diff::compute(Algorithm::MyersMinimal, &input);
    diff.hunks().map(|h| Hunk { before: plain(h.before), after: plain(h.after) }).collect()
}

/// The lines a change takes away and the lines it adds, in order, each with its line end.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lines<'a> {
    /// The `-` lines.
    pub removed: Vec<&'a [u8]>,
    /// The `+` lines.
    pub added: Vec<&'a [u8]>,
}

/// The `-` and `+` lines of a change.
pub fn lines(change: Change<&[u8]>) -> Lines<'_> {
    let before: Vec<&[u8]> = change.before.lines_with_terminator().collect();
    let after: Vec<&[u8]> = change.after.lines_with_terminator().collect();
    let mut lines = Lines::default();
    for hunk in hunks(change) {
        lines.removed.extend(&before[hunk.before]);
        lines.added.extend(&after[hunk.after]);
    }
    lines
}

/// How a carried change compares with the one it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// The same lines removed and added, wherever they stand.
    Same,
    /// Some of the lines, and no other: the rest is there already.
    Part,
    /// Other lines.
    Other,
}

/// Compares the lines that two changes remove and add.
pub fn compare(patch: Change<&[u8]>, carried: Change<&[u8]>) -> Carried {
    let (patch, carried) = (trimmed(patch), trimmed(carried));
    // Most patches have one hunk, and then this is all of it.
    if patch == carried {
        return Carried::Same;
    }
    let changes = (patch, carried);
    let (patch, carried) = (lines(patch), lines(carried));
    if patch == carried {
        return Carried::Same;
    }
    let size = |lines: &Lines<'_>| (lines.removed.len(), lines.added.len());
    match is_part(&carried.removed, &patch.removed) && is_part(&carried.added, &patch.added) {
        // Upstream put a function behind another one, or a comparison slid over an empty line; or the lines of a hunk changed places.
        true if size(&carried) == size(&patch) => match told(changes.0) == told(changes.1) {
            true => Carried::Same,
            false => Carried::Other,
        },
        true => Carried::Part,
        false => Carried::Other,
    }
}

/// The telling lines of each hunk, in whatever order the hunks stand.
fn told(change: Change<&[u8]>) -> Vec<[Vec<&[u8]>; 2]> {
    let [before, after] = [change.before, change.after].map(|text| text.lines().collect::<Vec<_>>());
    let mut all = Vec::new();
    for Hunk { before: gone, after: came } in hunks(change) {
        all.push([&before[gone], &after[came]].map(|lines| telling(lines)));
    }
    all.sort_unstable();
    all
}

fn telling<'a>(lines: &[&'a [u8]]) -> Vec<&'a [u8]> {
    lines.iter().copied().filter(|line| is_telling(line)).collect()
}

/// Is each of `some` in `all`, as often?
fn is_part(some: &[&[u8]], all: &[&[u8]]) -> bool {
    let mut left = all.to_vec();
    left.sort_unstable();
    some.iter().all(|line| match left.binary_search(line) {
        Ok(at) => {
            left.remove(at);
            true
        }
        Err(_) => false,
    })
}

/// The change without the head and tail that both texts share.
fn trimmed(change: Change<&[u8]>) -> Change<&[u8]> {
    let head = common_head(change);
    let (before, after) = (&change.before[head..], &change.after[head..]);
    let tail = common_tail(Change { before, after });
    Change { before: &before[..before.len() - tail], after: &after[..after.len() - tail] }
}

/// Bytes of the longest head of whole lines that both texts share.
fn common_head(change: Change<&[u8]>) -> usize {
    let same = equal_head(change.before, change.after);
    if same == change.before.len() && same == change.after.len() {
        return same;
    }
    change.before[..same].rfind_byte(b'\n').map_or(0, |i| i + 1)
}

/// Bytes of the longest tail of whole lines that both texts share.
fn common_tail(change: Change<&[u8]>) -> usize {
    let same = equal_tail(change.before, change.after);
    let at_line_start = |text: &[u8]| {
        let start = text.len() - same;
        start == 0 || text[start - 1] == b'\n'
    };
    if at_line_start(change.before) && at_line_start(change.after) {
        return same;
    }
    let tail = &change.before[change.before.len() - same..];
    tail.find_byte(b'\n').map_or(0, |i| same - i - 1)
}

/// Compared in blocks: kernel files are equal for most of their length.
const BLOCK: usize = 4096;

fn equal_head(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.chunks(BLOCK).zip(b.chunks(BLOCK));
    let whole = BLOCK * blocks.take_while(|(a, b)| a.len() == BLOCK && a == b).count();
    let rest = a[whole..].iter().zip(&b[whole..]);
    whole + rest.take_while(|(a, b)| a == b).count()
}

fn equal_tail(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.rchunks(BLOCK).zip(b.rchunks(BLOCK));
    let whole = BLOCK * blocks.take_while(|(a, b)| a.len() == BLOCK && a == b).count();
    let rest = a[..a.len() - whole].iter().rev();
    let rest = rest.zip(b[..b.len() - whole].iter().rev());
    whole + rest.take_while(|(a, b)| a == b).count()
}

fn bytecount(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change<'a>(before: &'a str, after: &'a str) -> Change<&'a [u8]> {
        Change { before: before.as_bytes(), after: after.as_bytes() }
    }

    #[test]
    fn hunks_count_lines_from_the_start_of_the_file() {
        let found = hunks(change("a\nb\nc\nd\n", "a\nb\nx\ny\nd\n"));
        assert_eq!(found, [Hunk { before: 2..3, after: 2..4 }]);
    }

    #[test]
    fn an_insertion_between_equal_lines_is_found_once() {
        let found = lines(change("a\na\n", "a\na\na\n"));
        assert_eq!(found.added, [b"a\n"]);
        assert!(found.removed.is_empty());
    }

    #[test]
    fn a_missing_newline_at_the_end_is_a_change_of_that_line() {
        let found = lines(change("a\nb\n", "a\nb"));
        assert_eq!(found.removed, [b"b\n".as_slice()]);
        assert_eq!(found.added, [b"b".as_slice()]);
        assert!(hunks(change("a\nb", "a\nb")).is_empty());
    }

    #[test]
    fn the_same_edit_at_another_place_is_the_same_change() {
        let here = change("1\n2\nold\n3\n", "1\n2\nnew\n3\n");
        let there = change("9\nold\n8\n", "9\nnew\n8\n");
        assert_eq!(compare(here, there), Carried::Same);
        assert_eq!(compare(here, change("9\nold\n", "9\nnewer\n")), Carried::Other);
        assert_eq!(compare(here, change("9\nold\n", "9\n")), Carried::Part);
    }

    #[test]
    fn hunks_may_change_places_and_lines_of_one_may_not() {
        let here = change("1\n2\n3\n", "1\none\n\n2\ntwo\nmore\n3\n");
        assert_eq!(compare(here, change("2\n3\n1\n9\n", "2\ntwo\nmore\n3\n1\none\n\n9\n")), Carried::Same);
        assert_eq!(compare(here, change("1\n2\n3\n", "1\none\n\n2\nmore\ntwo\n3\n")), Carried::Other);
    }
}
