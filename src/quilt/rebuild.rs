//! The base of a patch that does not apply where it should: rebuilt from what the patch itself says of it.
//!
//! ```text
//!   old file        hunk's old side        before         after
//!     int a;          int a;                 int a;         int a;
//!     int b2;         int b;       ──>       int b;         int b;
//!     int c;          int c;                 int c;         int c;
//!     f();          -  f();                  f();           g();
//!                   +  g();
//! ```
//!
//! In: a section and the old file, or none. Out: two texts between which the patch's change is exactly its `-` and `+` lines, and which
//! are the old file everywhere else: base and theirs of a three-way merge. A hunk's place is the run of lines that aligns best with its
//! old side (semi-global alignment: the hunk as a whole, any part of the file; Gusfield 1997, 11.6.4), if more than half of what the
//! hunk shows is there. A hunk without such a place stands where its `@@` line says, and is told as invented.

use super::apply::{Direction, How, Placement, apply, first_line};
use super::lines::split;
use super::unified::{Hunk, Kind, Section};
use std::ops::Range;

/// Where a hunk of a rebuilt base comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its old side stands in the old file as it is.
    Found,
    /// Its old side was laid over the lines that look most like it: so many of so many lines are the same.
    Laid {
        /// Lines that stand in the old file.
        same: usize,
        /// Lines of the hunk's old side.
        of: usize,
    },
    /// Its new side stands in the old file: the old file has the patch already, and the base is the file with the patch taken back.
    There,
    /// Nothing like it stands in the old file; it was put where its `@@` line says.
    Invented,
}

/// A base that a patch applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The file before the patch; `None` if the patch creates it.
    pub before: Option<Vec<u8>>,
    /// The file after it; `None` if the patch deletes it.
    pub after: Option<Vec<u8>>,
    /// Where each hunk comes from.
    pub hunks: Vec<Standing>,
}

impl Rebuilt {
    /// Is it the old file after all?
    pub fn is_old_file(&self) -> bool {
        self.hunks.iter().all(|h| *h == Standing::Found)
    }
}

/// Cells of the alignment table above which only the neighbourhood of the expected line is searched.
const CELLS: usize = 16 << 20;

/// The base that a section's hunks speak of, and what they make of it.
pub fn rebuilt_base(section: &Section, old: Option<&[u8]>) -> Rebuilt {
    let applied = apply(section, old, How { fuzz: 0, ..How::default() });
    if applied.is_whole() {
        let hunks = vec![Standing::Found; applied.hunks.len()];
        return Rebuilt { before: old.map(<[u8]>::to_vec), after: applied.after, hunks };
    }
    let back = apply(section, old, How { fuzz: 0, direction: Direction::Reverse });
    if old.is_some() && back.is_whole() {
        let hunks = vec![Standing::There; back.hunks.len()];
        return Rebuilt { before: back.after, after: old.map(<[u8]>::to_vec), hunks };
    }
    let lines = if section.creates() { Vec::new() } else { split(old.unwrap_or_default()) };
    let hunks = section.plain_hunks();
    let mut builder = Builder { lines: &lines, next: 0, shift: 0, before: Vec::new(), after: Vec::new() };
    let standings = hunks.iter().zip(&applied.hunks).map(|(hunk, placed)| builder.add(hunk, *placed)).collect();
    builder.copy_to(lines.len());
    let side = |text: Vec<u8>, absent: bool| (!(absent && text.is_empty())).then_some(text);
    Rebuilt {
        before: side(builder.before, section.creates()),
        after: side(builder.after, section.deletes()),
        hunks: standings,
    }
}

/// The two texts, being built from top to bottom.
struct Builder<'a, 'b> {
    lines: &'b [&'a [u8]],
    /// The first old line that has not been dealt with.
    next: usize,
    /// How far the last hunk stood from where it should.
    shift: isize,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Builder<'_, '_> {
    /// Adds the old lines up to line `to`, from 0, to both texts.
    fn copy_to(&mut self, to: usize) {
        let to = to.clamp(self.next, self.lines.len());
        let piece = self.lines[self.next..to].concat();
        self.before.extend(&piece);
        self.after.extend(&piece);
        self.next = to;
    }

    /// Adds a hunk.
    fn add(&mut self, hunk: &Hunk, placed: Placement) -> Standing {
        let says = first_line(hunk) - 1;
        let old = hunk.side(Kind::Removed);
        let (place, standing) = match placed {
            Placement::Placed { line, .. } if line > self.next => (line - 1..line - 1 + old.len(), Standing::Found),
            _ => self.most_alike(&old, says + self.shift),
        };
        self.copy_to(place.start);
        if standing != Standing::Invented {
            self.shift = place.start as isize - says;
        }
        self.before.extend(old.concat());
        self.after.extend(hunk.side(Kind::Added).concat());
        self.next = place.end.clamp(self.next, self.lines.len());
        standing
    }

    /// The old lines that look most like `old`, near line `guess` from 0.
    fn most_alike(&self, old: &[&[u8]], guess: isize) -> (Range<usize>, Standing) {
        let guess = (guess.max(0) as usize).clamp(self.next, self.lines.len());
        let reach = (CELLS / (old.len() + 1)).max(1);
        let from = guess.saturating_sub(reach / 2).max(self.next);
        let window = &self.lines[from..self.lines.len().min(from + reach)];
        match Alignment::new(old, window).best(guess - from) {
            Some((place, same)) => (from + place.start..from + place.end, Standing::Laid { same, of: old.len() }),
            None => (guess..guess, Standing::Invented),
        }
    }
}

/// What a line weighs: brackets and blank lines stand everywhere.
fn weight(line: &[u8]) -> i32 {
    let letters = line.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    if letters >= 2 { 4 } else { 1 }
}

/// What it costs to leave a line of the hunk or of the file out.
const GAP: i32 = 1;

/// How a cell of the table was reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The hunk starts here.
    Start,
    /// A line that both have.
    Same,
    /// A line that only the hunk has.
    HunkOnly,
    /// A line that only the file has.
    FileOnly,
}

/// The table of a hunk's old side against lines of a file.
struct Alignment<'a, 'b> {
    hunk: &'b [&'a [u8]],
    file: &'b [&'a [u8]],
    steps: Vec<Step>,
    /// Scores of the whole hunk ending before each line of the file.
    ends: Vec<i32>,
}

impl<'a, 'b> Alignment<'a, 'b> {
    fn new(hunk: &'b [&'a [u8]], file: &'b [&'a [u8]]) -> Self {
        let width = file.len() + 1;
        let mut steps = vec![Step::Start; width];
        let mut above = vec![0; width];
        for line in hunk {
            let gain = weight(line);
            let mut row = vec![above[0] - GAP; width];
            steps.push(Step::HunkOnly);
            for column in 1..width {
                let hunk_only = (above[column] - GAP, Step::HunkOnly);
                let file_only = (row[column - 1] - GAP, Step::FileOnly);
                let same = (file[column - 1] == *line).then(|| (above[column - 1] + gain, Step::Same));
                let rest = if hunk_only.0 >= file_only.0 { hunk_only } else { file_only };
                let best = same.filter(|same| same.0 >= rest.0).unwrap_or(rest);
                row[column] = best.0;
                steps.push(best.1);
            }
            above = row;
        }
        Self { hunk, file, steps, ends: above }
    }

    /// The lines of the file that the hunk aligns with best, nearest to line `guess` among equals, and how many are the same.
    fn best(&self, guess: usize) -> Option<(Range<usize>, usize)> {
        let start = |end: usize| end.saturating_sub(self.hunk.len());
        let end =
            (0..self.ends.len()).max_by_key(|&end| (self.ends[end], std::cmp::Reverse(start(end).abs_diff(guess))))?;
        let pairs = self.pairs(end);
        let (first, last) = (pairs.last()?, pairs.first()?);
        // Lines of the hunk before its first and behind its last partner have a place too, in front of and behind the run.
        let place = first.1..last.1 + 1;
        let found: i32 = pairs.iter().map(|&(line, _)| weight(self.hunk[line])).sum();
        let all: i32 = self.hunk.iter().map(|line| weight(line)).sum();
        (2 * found > all).then_some((place, pairs.len()))
    }

    /// The lines of hunk and file that are the same, last first.
    fn pairs(&self, end: usize) -> Vec<(usize, usize)> {
        let width = self.file.len() + 1;
        let (mut row, mut column) = (self.hunk.len(), end);
        let mut pairs = Vec::new();
        loop {
            match self.steps[row * width + column] {
                Step::Start => return pairs,
                Step::HunkOnly => row -= 1,
                Step::FileOnly => column -= 1,
                Step::Same => {
                    (row, column) = (row - 1, column - 1);
                    pairs.push((row, column));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::{Entry, PatchFile};

    fn rebuilt(old: Option<&str>, diff: &str) -> (String, String, Vec<Standing>) {
        let file = PatchFile::read(Entry::plain(b"x"), diff.as_bytes().to_vec());
        let rebuilt = rebuilt_base(file.sections().next().expect("it is there"), old.map(str::as_bytes));
        let text = |t: Option<Vec<u8>>| String::from_utf8(t.unwrap_or_default()).expect("it is there");
        (text(rebuilt.before), text(rebuilt.after), rebuilt.hunks)
    }

    const DIFF: &str = "--- a/x\n+++ b/x\n@@ -2,4 +2,4 @@\n int a;\n int b;\n int c;\n-old();\n+new();\n";

    #[test]
    fn the_base_is_the_old_file_where_the_hunk_applies() {
        let (before, after, hunks) = rebuilt(Some("top\nint a;\nint b;\nint c;\nold();\n"), DIFF);
        assert_eq!(before, "top\nint a;\nint b;\nint c;\nold();\n");
        assert_eq!(after, "top\nint a;\nint b;\nint c;\nnew();\n");
        assert_eq!(hunks, [Standing::Found]);
    }

    #[test]
    fn a_hunk_is_laid_over_what_looks_most_like_it() {
        let (before, after, hunks) = rebuilt(Some("top\nx\nint a;\nint b2;\nint c;\nold();\nend\n"), DIFF);
        assert_eq!(before, "top\nx\nint a;\nint b;\nint c;\nold();\nend\n");
        assert_eq!(after, "top\nx\nint a;\nint b;\nint c;\nnew();\nend\n");
        assert_eq!(hunks, [Standing::Laid { same: 3, of: 4 }]);
    }

    #[test]
    fn a_hunk_that_nothing_looks_like_is_invented_where_it_says() {
        let (before, _, hunks) = rebuilt(Some("1\n2\n3\n"), DIFF);
        assert_eq!(
            (before.as_str(), hunks.as_slice()),
            ("1\nint a;\nint b;\nint c;\nold();\n2\n3\n", [Standing::Invented].as_slice())
        );
        let (before, after, _) = rebuilt(None, DIFF);
        assert_eq!(
            (before.as_str(), after.as_str()),
            ("int a;\nint b;\nint c;\nold();\n", "int a;\nint b;\nint c;\nnew();\n")
        );
    }

    #[test]
    fn what_the_old_file_has_already_is_taken_back() {
        let (before, after, hunks) = rebuilt(Some("x\nint a;\nint b;\nint c;\nnew();\n"), DIFF);
        assert_eq!(
            (before.as_str(), hunks.as_slice()),
            ("x\nint a;\nint b;\nint c;\nold();\n", [Standing::There].as_slice())
        );
        assert_eq!(after, "x\nint a;\nint b;\nint c;\nnew();\n");
    }

    #[test]
    fn hunks_that_do_apply_keep_their_place_beside_one_that_does_not() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n@@ -4,3 +4,3 @@\n four\n-five\n+5\n six\n";
        let (before, after, hunks) = rebuilt(Some("1\n2\n3\nfour\nfive!\nsix\n"), diff);
        assert_eq!((before.as_str(), after.as_str()), ("1\n2\n3\nfour\nfive\nsix\n", "one\n2\n3\nfour\n5\nsix\n"));
        assert_eq!(hunks, [Standing::Found, Standing::Laid { same: 2, of: 3 }]);
    }
}
