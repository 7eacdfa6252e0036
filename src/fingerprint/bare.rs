//! A text as lines without white space, looked up by what they say. In: a text. Out: which lines stand where, and how often.

use bstr::ByteSlice;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;
use std::ops::Range;

/// A shorter line stands everywhere.
pub(super) const TELLING: usize = 8;
/// Lines around a range that are near it, as in a patch.
pub(super) const CONTEXT: usize = 3;

/// A text as lines without white space.
pub(super) struct Bare {
    /// All lines in one.
    joined: Vec<u8>,
    /// Where each line starts, and the end.
    starts: Vec<usize>,
    /// The lines that are not blank.
    said: Vec<usize>,
    /// By line.
    hashes: Vec<u64>,
    /// The same, ascending.
    sorted: Vec<u64>,
}

impl Bare {
    /// Reads a text.
    pub(super) fn new(text: &[u8]) -> Self {
        let mut joined = Vec::with_capacity(text.len());
        let mut starts = vec![0];
        for line in text.lines() {
            joined.extend(line.iter().filter(|c| !c.is_ascii_whitespace()));
            starts.push(joined.len());
        }
        let hashes: Vec<u64> = starts.windows(2).map(|ends| hash(&joined[ends[0]..ends[1]])).collect();
        let mut sorted = hashes.clone();
        sorted.sort_unstable();
        let said = (0..hashes.len()).filter(|at| starts[*at] < starts[at + 1]).collect();
        Self { joined, starts, said, hashes, sorted }
    }

    /// How many lines it has.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// A line.
    pub(super) fn line(&self, at: usize) -> &[u8] {
        &self.joined[self.starts[at]..self.starts[at + 1]]
    }

    /// How often a line stands in it.
    pub(super) fn times(&self, line: &[u8]) -> usize {
        let hash = hash(line);
        let from = self.sorted.partition_point(|h| *h < hash);
        self.sorted[from..].iter().take_while(|h| **h == hash).count()
    }

    /// The lines of a range that are not blank.
    pub(super) fn said(&self, range: &Range<usize>) -> Vec<&[u8]> {
        range.clone().map(|at| self.line(at)).filter(|line| !line.is_empty()).collect()
    }

    /// The next lines above `at` that are not blank, the nearest first.
    pub(super) fn above(&self, at: usize) -> impl Iterator<Item = &[u8]> {
        (0..at.min(self.len())).rev().map(|at| self.line(at)).filter(|line| !line.is_empty())
    }

    /// The next lines from `at` on that are not blank.
    pub(super) fn below(&self, at: usize) -> impl Iterator<Item = &[u8]> {
        (at.min(self.len())..self.len()).map(|at| self.line(at)).filter(|line| !line.is_empty())
    }

    /// How often a line stands in a range or near it.
    pub(super) fn times_around(&self, line: &[u8], range: &Range<usize>) -> usize {
        let range = range.start.saturating_sub(CONTEXT)..(range.end + CONTEXT).min(self.len());
        range.filter(|at| self.line(*at) == line).count()
    }

    /// Runs that are lines which were added, in any order; else the same text in other lines.
    pub(super) fn runs(&self, added: &[&[u8]]) -> Vec<Range<usize>> {
        let lines = &self.said;
        let mut wanted = added.to_vec();
        wanted.sort_unstable();
        let same = |run: &[usize]| {
            let mut there: Vec<&[u8]> = run.iter().map(|at| self.line(*at)).collect();
            there.sort_unstable();
            there == wanted
        };
        // The sum of the lines' hashes rolls along the file; only where it is right are lines compared.
        let sum = added.iter().fold(0u64, |sum, line| sum.wrapping_add(hash(line)));
        let hashes: Vec<u64> = lines.iter().map(|at| self.hashes[*at]).collect();
        let mut rolling = hashes.iter().take(added.len()).fold(0u64, |sum, hash| sum.wrapping_add(*hash));
        let mut runs = Vec::new();
        for (at, run) in lines.windows(added.len()).enumerate() {
            if rolling == sum && same(run) {
                runs.push(run[0]..run[run.len() - 1] + 1);
            }
            let next = hashes.get(at + run.len()).copied().unwrap_or(0);
            rolling = rolling.wrapping_sub(hashes[at]).wrapping_add(next);
        }
        match runs.is_empty() {
            true => self.folded(added).into_iter().collect(),
            false => runs,
        }
    }

    /// The added text with its lines broken elsewhere.
    fn folded(&self, added: &[&[u8]]) -> Option<Range<usize>> {
        let wanted: Vec<u8> = added.iter().flat_map(|line| line.iter().copied()).collect();
        let Self { joined, starts, .. } = self;
        let first = if wanted.len() < TELLING { None } else { joined.find(&wanted) }?;
        let end = first + wanted.len();
        let line_of = |byte: usize| starts.partition_point(|start| *start <= byte) - 1;
        // Whole lines only: the end of one may be the end of another.
        let ends = |byte: usize| byte == joined.len() || starts.binary_search(&byte).is_ok();
        (ends(first) && ends(end)).then(|| line_of(first)..line_of(end - 1) + 1)
    }

    /// Where a line meets the next one: the empty ranges between them.
    pub(super) fn seams(&self, above: &[u8], below: &[u8]) -> Vec<Range<usize>> {
        let meet = |two: &&[usize]| self.line(two[0]) == above && self.line(two[1]) == below;
        self.said.windows(2).filter(meet).map(|two| two[1]..two[1]).collect()
    }
}

/// Unseeded: the same on every machine.
fn hash(line: &[u8]) -> u64 {
    FxBuildHasher.hash_one(line)
}
