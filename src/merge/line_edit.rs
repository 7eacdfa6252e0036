//! What one side of a conflict does to each line of the base: keeps it, takes it away, or puts something in its place; and what
//! it puts between two lines.
//!
//! In: a hunk's base and one side. Out: [`LineEdits`], with two questions answered per base line. A run of lines that was replaced
//! is looked at once more: a line that is mostly the words of an old one *is* that old line, changed. So an insertion beside
//! a line that upstream only edited has its neighbour still:
//!
//! ```text
//!     base          upstream          taken apart
//!     a = old(x)    check(x)          between:  + check(x)
//!                   a = new(x)        line 0:   a = old(x) -> a = new(x)
//! ```

use super::Change;
use super::delta::{self, Hunk};
use super::line::words;
use bstr::ByteSlice;
use std::ops::Range;

/// What becomes of one base line on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate<'a> {
    /// It stays.
    Kept,
    /// It is this line now: mostly the same words.
    Edited(&'a [u8]),
    /// It is gone, and these lines (of a run that was replaced as a whole: at its first line) stand there.
    Replaced(Vec<&'a [u8]>),
    /// It is gone, and nothing stands there.
    Deleted,
}

impl Fate<'_> {
    /// Is the line, or what became of it, still there?
    pub const fn survives(&self) -> bool {
        matches!(self, Self::Kept | Self::Edited(_))
    }
}

/// One side's edits, by base line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdits<'a> {
    /// `inserted[i]` stands in front of base line i; one more than there are base lines.
    pub inserted: Vec<Vec<&'a [u8]>>,
    /// What becomes of each base line.
    pub fates: Vec<Fate<'a>>,
}

/// A replaced run is taken apart only up to this many pairs of lines (old times new).
const PAIRS: usize = 4_000;

/// The edits that turn `base` into `side`, both being lines with their ends.
pub fn line_edits<'a>(change: Change<&'a [u8]>) -> LineEdits<'a> {
    let before: Vec<&[u8]> = change.before.lines_with_terminator().collect();
    let after: Vec<&'a [u8]> = change.after.lines_with_terminator().collect();
    LineEdits::of(&delta::hunks(change), Change { before: &before, after: &after })
}

impl<'a> LineEdits<'a> {
    /// The edits of hunks that are known, of texts that are cut into lines.
    pub fn of(hunks: &[Hunk], lines: Change<&[&'a [u8]]>) -> Self {
        let count = lines.before.len();
        let mut edits = Self { inserted: vec![Vec::new(); count + 1], fates: vec![Fate::Kept; count] };
        for Hunk { before, after } in hunks.iter().cloned() {
            let new = &lines.after[after];
            if before.is_empty() {
                edits.inserted[before.start].extend(new);
            } else if new.is_empty() {
                edits.fates[before].fill(Fate::Deleted);
            } else {
                edits.replace(lines.before, before, new);
            }
        }
        edits
    }

    /// Takes a replaced run apart at the lines that were only edited.
    fn replace(&mut self, before: &[&[u8]], old: Range<usize>, new: &[&'a [u8]]) {
        let pairs = edited_pairs(&before[old.clone()], new);
        let (mut from, mut taken) = (old.start, 0);
        for (i, j) in pairs {
            self.rest(from..old.start + i, &new[taken..j]);
            self.fates[old.start + i] = Fate::Edited(new[j]);
            (from, taken) = (old.start + i + 1, j + 1);
        }
        self.rest(from..old.end, &new[taken..]);
    }

    /// What stands between two edited lines: an insertion, a deletion, or a run that was replaced as a whole.
    fn rest(&mut self, old: Range<usize>, new: &[&'a [u8]]) {
        match (old.is_empty(), new.is_empty()) {
            (true, _) => self.inserted[old.start].extend(new),
            (false, true) => self.fates[old].fill(Fate::Deleted),
            (false, false) => {
                self.fates[old.clone()].fill(Fate::Replaced(Vec::new()));
                self.fates[old.start] = Fate::Replaced(new.to_vec());
            }
        }
    }
}

/// Which old lines became which new ones, in order, so that their likeness is greatest in sum (a longest common subsequence
/// with weights).
fn edited_pairs(old: &[&[u8]], new: &[&[u8]]) -> Vec<(usize, usize)> {
    if old.len() * new.len() > PAIRS {
        return Vec::new();
    }
    let width = new.len() + 1;
    let like: Vec<u32> = old.iter().flat_map(|a| new.iter().map(|b| likeness(a, b))).collect();
    // best[i][j]: the sum over old[i..] and new[j..].
    let mut best = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let pair = match like[i * new.len() + j] {
                0 => 0,
                n => n + best[(i + 1) * width + j + 1],
            };
            best[i * width + j] = pair.max(best[(i + 1) * width + j]).max(best[i * width + j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < old.len() && j < new.len() {
        let here = best[i * width + j];
        let n = like[i * new.len() + j];
        if n > 0 && here == n + best[(i + 1) * width + j + 1] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if here == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// How alike two lines are in percent of their words, 0 where they are less than [`ALIKE`] or say too little to tell.
fn likeness(a: &[u8], b: &[u8]) -> u32 {
    if a.len().max(b.len()) > LONGEST {
        return 0;
    }
    let (mut a, mut b) = (words(a), words(b));
    if a.len().min(b.len()) < 2 {
        return 0;
    }
    a.sort_unstable();
    b.sort_unstable();
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    let percent = u32::try_from(200 * shared / (a.len() + b.len())).unwrap_or(100);
    if percent >= ALIKE { percent } else { 0 }
}

/// Two lines with this share of their words in common (percent, twice the shared over both) are one line, edited.
const ALIKE: u32 = 50;
/// Lines of more bytes are not compared.
const LONGEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn edits<'a>(before: &'a str, after: &'a str) -> LineEdits<'a> {
        line_edits(Change { before: before.as_bytes(), after: after.as_bytes() })
    }

    #[test]
    fn a_line_that_was_only_edited_is_told_from_what_was_put_beside_it() {
        let found = edits("\tflags = old_mode(dev);\n", "\tif (!dev)\n\t\treturn;\n\tflags = new_mode(dev, 0);\n");
        assert_eq!(found.fates, [Fate::Edited(b"\tflags = new_mode(dev, 0);\n")]);
        assert_eq!(found.inserted[0], [&b"\tif (!dev)\n"[..], b"\t\treturn;\n"]);
    }

    #[test]
    fn lines_with_other_words_are_replaced_as_a_whole() {
        let found = edits("one = 1;\ntwo = 2;\n", "call(alpha, beta);\n");
        assert_eq!(found.fates, [Fate::Replaced(vec![b"call(alpha, beta);\n"]), Fate::Replaced(vec![])]);
    }

    #[test]
    fn a_run_too_long_to_pair_is_replaced_as_a_whole() {
        let old: String = (0..100).map(|i| format!("old_name{i} = value{i};\n")).collect();
        let new = old.replace("old_name", "new_name");
        assert!(edits(&old, &new).fates.iter().all(|fate| matches!(fate, Fate::Replaced(_))));
    }
}
