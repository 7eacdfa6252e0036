//! How many lines must be inserted, deleted or substituted to turn one text into another.
//!
//! In come two texts as bytes, out goes the Levenshtein distance over their lines. What both begin and end with is cut off; then
//! for 0, 1, 2, ... edits the furthest line is found that can be reached on each diagonal, which takes the square of the distance
//! in time and the number of lines in memory:
//!
//! ```text
//!            x  b  y  c          furthest row after 0, 1, 2 edits, on diagonals -1 0 1
//!         a  \                     0 edits     .  0  .
//!         b     \                  1 edit      1  2  0     substitute a, slide over b
//!         c        -- \            2 edits     .  2  3     insert y, slide over c: done, distance 2
//! ```
//!
//! Source: Ukkonen, "Algorithms for approximate string matching", Information and Control 64, 1985, section 3.

use std::collections::HashMap;

/// Steps after which texts count as rewritten: about the square of the distance, so 20,000 lines apart.
const MAX_STEPS: usize = 1 << 29;

/// No row: a diagonal that so many edits do not reach.
const NOWHERE: isize = -1;

/// Line edit distance in lines, symmetric. Lines end at `\n`; the empty text has one line, which is empty.
///
/// Exact unless the texts are so long and so different that finding it takes more than half a billion steps; then it is the number
/// of lines in the longer one's changed region, which is the most it can be.
pub fn line_distance(one: &[u8], other: &[u8]) -> usize {
    bounded_distance(one, other, MAX_STEPS)
}

/// The distance within a number of steps, or the most that it can be.
fn bounded_distance(one: &[u8], other: &[u8], max_steps: usize) -> usize {
    let one: Vec<&[u8]> = one.split(|byte| *byte == b'\n').collect();
    let other: Vec<&[u8]> = other.split(|byte| *byte == b'\n').collect();
    let (one, other) = differing(&one, &other);
    let most = one.len().max(other.len());
    if one.is_empty() || other.is_empty() {
        return most;
    }
    let mut numbers = HashMap::new();
    let (one, other) = (numbered(one, &mut numbers), numbered(other, &mut numbers));
    Search::new(&one, &other, max_steps).distance().unwrap_or(most)
}

/// The slices without what both begin and end with.
fn differing<'s, 't>(one: &'s [&'t [u8]], other: &'s [&'t [u8]]) -> (&'s [&'t [u8]], &'s [&'t [u8]]) {
    let head = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.get(head..).unwrap_or_default(), other.get(head..).unwrap_or_default());
    let tail = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    (one.get(..one.len() - tail).unwrap_or_default(), other.get(..other.len() - tail).unwrap_or_default())
}

/// Lines as numbers, equal for equal lines.
fn numbered<'t>(lines: &[&'t [u8]], numbers: &mut HashMap<&'t [u8], usize>) -> Vec<usize> {
    let mut number = |line| {
        let next = numbers.len();
        *numbers.entry(line).or_insert(next)
    };
    lines.iter().map(|line| number(*line)).collect()
}

/// The search over diagonals. Diagonal `k` holds row `i` of one text beside row `i + k` of the other.
struct Search<'a> {
    /// The rows.
    one: &'a [usize],
    /// The columns.
    other: &'a [usize],
    /// By diagonal, shifted to start from 0: the furthest row reached so far.
    far: Vec<isize>,
    /// Steps left.
    steps: usize,
}

impl<'a> Search<'a> {
    /// Before the first edit.
    fn new(one: &'a [usize], other: &'a [usize], steps: usize) -> Self {
        Self { one, other, far: vec![NOWHERE; one.len() + other.len() + 3], steps }
    }

    /// Where a diagonal lies in `far`; there is one more at each side, which is never reached.
    fn slot(&self, diagonal: isize) -> usize {
        (diagonal + length(self.one)).unsigned_abs() + 1
    }

    /// The furthest row on a diagonal.
    fn reached(&self, diagonal: isize) -> isize {
        self.far.get(self.slot(diagonal)).copied().unwrap_or(NOWHERE)
    }

    /// Notes the furthest row on a diagonal.
    fn reach(&mut self, diagonal: isize, row: isize) {
        let slot = self.slot(diagonal);
        if let Some(far) = self.far.get_mut(slot) {
            *far = row;
        }
    }

    /// Slides over equal lines; `None` if no steps are left.
    fn slide(&mut self, diagonal: isize, row: isize) -> Option<isize> {
        let rows = self.one.get(row.unsigned_abs()..).unwrap_or_default();
        let columns = self.other.get((row + diagonal).unsigned_abs()..).unwrap_or_default();
        let equal = rows.iter().zip(columns).take_while(|(a, b)| a == b).count();
        self.steps = self.steps.checked_sub(equal + 1)?;
        Some(row + isize::try_from(equal).unwrap_or(0))
    }

    /// The distance; `None` if it takes too many steps.
    fn distance(mut self) -> Option<usize> {
        let (rows, columns) = (length(self.one), length(self.other));
        let (goal, most) = (columns - rows, rows.max(columns));
        let start = self.slide(0, 0)?;
        self.reach(0, start);
        let mut edits = 0;
        while edits < most && self.reached(goal) < rows {
            edits += 1;
            // A diagonal from which the goal is further than the edits that can be left is of no use.
            let spare = most - edits;
            let first = (-edits).max(-rows).max(goal - spare);
            let last = edits.min(columns).min(goal + spare);
            self.one_more_edit(first, last)?;
        }
        Some(edits.unsigned_abs())
    }

    /// One more edit on the diagonals `first..=last`.
    fn one_more_edit(&mut self, first: isize, last: isize) -> Option<()> {
        // `far` is overwritten from left to right, so the left neighbour's old value is carried along.
        let mut left = self.reached(first - 1);
        for diagonal in first..=last {
            let old = self.reached(diagonal);
            let deleted = self.reached(diagonal + 1);
            let step = |row: isize| if row == NOWHERE { NOWHERE } else { row + 1 };
            let row = left.max(step(old)).max(step(deleted));
            let row = row.min(length(self.one)).min(length(self.other) - diagonal);
            left = old;
            let row = if row == NOWHERE || row + diagonal < 0 { NOWHERE } else { self.slide(diagonal, row)? };
            self.reach(diagonal, row);
        }
        Some(())
    }
}

/// A length as a signed number; slices are never longer than `isize::MAX`.
fn length(lines: &[usize]) -> isize {
    isize::try_from(lines.len()).unwrap_or(isize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of numbers that looks random and is the same every time.
    fn numbers(seed: u64) -> impl Iterator<Item = usize> {
        let next = |x: &u64| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        std::iter::successors(Some(seed), next).map(|x| usize::try_from(x >> 40).expect("24 bits"))
    }

    /// A text of so many lines, of so many kinds.
    fn text(seed: u64, lines: usize, kinds: usize) -> Vec<u8> {
        numbers(seed).skip(1).take(lines).flat_map(|n| format!("{}\n", n % kinds).into_bytes()).collect()
    }

    /// The textbook's table.
    fn slow(one: &[u8], other: &[u8]) -> usize {
        let other: Vec<&[u8]> = other.split(|b| *b == b'\n').collect();
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (i, line) in one.split(|b| *b == b'\n').enumerate() {
            let mut corner = std::mem::replace(&mut row[0], i + 1);
            for (j, column) in other.iter().enumerate() {
                let best = (corner + usize::from(line != *column)).min(row[j] + 1).min(row[j + 1] + 1);
                corner = std::mem::replace(&mut row[j + 1], best);
            }
        }
        row[other.len()]
    }

    #[test]
    fn inserted_deleted_and_substituted_lines_count_one_each() {
        assert_eq!(line_distance(b"a\nb\nc\n", b"a\nb\nc\n"), 0);
        assert_eq!(line_distance(b"a\nb\nc\n", b"x\nb\ny\nc\n"), 2);
        assert_eq!(line_distance(b"a\nb\n", b"b\n"), 1);
        assert_eq!(line_distance(b"a", b"a\n"), 1);
        assert_eq!(line_distance(b"", b""), 0);
        assert_eq!(line_distance(b"", b"a"), 1);
        assert_eq!(line_distance(b"", b"a\nb\n"), 2);
        assert_eq!(line_distance(b"a\r\n", b"a\n"), 1);
    }

    #[test]
    fn the_distance_is_the_table_s_and_symmetric() {
        for seed in 0..400 {
            let size = |at| numbers(seed + 9000).nth(at).unwrap_or(0) % 24;
            for kinds in [2, 5, 40] {
                let (one, other) = (text(seed, size(1), kinds), text(seed + 500, size(2), kinds));
                assert_eq!(line_distance(&one, &other), slow(&one, &other), "seed {seed}, kinds {kinds}");
                assert_eq!(line_distance(&one, &other), line_distance(&other, &one));
            }
        }
    }

    #[test]
    fn few_changes_in_a_long_file_are_found_at_once() {
        let one = text(1, 300_000, 1000);
        let mut lines: Vec<&[u8]> = one.split(|b| *b == b'\n').collect();
        lines.remove(250_000);
        lines.insert(100_000, b"new");
        lines[10] = b"other";
        assert_eq!(bounded_distance(&one, &lines.join(&b'\n'), 2_000_000), 3);
    }

    #[test]
    fn without_steps_left_the_distance_is_the_most_it_can_be() {
        let (one, other) = (text(1, 900, 1000), text(2, 1000, 1000));
        let exact = line_distance(&one, &other);
        assert!((900..1000).contains(&exact));
        assert_eq!(bounded_distance(&one, &other, 10_000), 1000);
    }

    #[test]
    fn any_bytes_have_a_distance() {
        let bytes: Vec<u8> = (0..=255).rev().cycle().take(100_000).collect();
        assert_eq!(line_distance(&bytes, &bytes), 0);
        assert_eq!(line_distance(&bytes, b""), bytes.split(|b| *b == b'\n').count());
    }
}
