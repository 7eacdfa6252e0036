//! Which pieces of the base a side kept, and what it made of the rest.
//!
//! ```text
//!   base  f ( a ,     NULL ) ;        kept: f ( a   ) ;
//!   side  f ( a , b , NULL ) ;        edits: [4..4] -> `b ,`
//! ```
//! A global alignment of two sequences with two states, in a run of kept pieces or in an edit, where opening an edit costs
//! (Gotoh 1982, with one gap state for both sides): so that a lone comma between two edits does not count as kept.

use super::pieces::{Kind, Piece};
use super::series;
use std::ops::Range;

/// The most cells of the alignment's table; above it nothing is aligned.
const MOST_CELLS: usize = 1 << 20;

/// What an edit costs, in units of [`Piece::weight`]: if it opens within a line, if it opens with a line, for each line that it
/// goes on to. An inserted line is cheaper than one edit from the middle of a line to the middle of the next.
const OPEN: i32 = 3;
/// See [`OPEN`].
const OPEN_LINE: i32 = 1;
/// See [`OPEN`].
const NEXT_LINE: i32 = 2;

/// A run of base pieces that a side replaced by a run of its own; one of them may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Pieces of the base.
    pub base: Range<usize>,
    /// Pieces of the side.
    pub side: Range<usize>,
}

impl Edit {
    /// Whether it only inserts.
    pub fn is_insertion(&self) -> bool {
        self.base.is_empty()
    }
}

/// The edits that turn `base` into `side` (both closed by an end piece), in order. None if they are too long to say.
pub fn edits(base: &[Piece<'_>], side: &[Piece<'_>]) -> Option<Vec<Edit>> {
    let kept = kept(&base[..base.len() - 1], &side[..side.len() - 1])?;
    let mut edits = Vec::new();
    let (mut at, mut there) = (0, 0);
    for (i, j) in kept.into_iter().chain([(base.len() - 1, side.len() - 1)]) {
        if (at, there) != (i, j) {
            edits.push(Edit { base: at..i, side: there..j });
        }
        (at, there) = (i + 1, j + 1);
    }
    let mut bounded: Vec<Edit> = Vec::with_capacity(edits.len());
    for (n, edit) in edits.iter().enumerate() {
        let before = bounded.last().map_or(0, |last| last.base.end);
        let after = edits.get(n + 1).map_or(base.len() - 1, |next| next.base.start);
        let edit = slid(edit.clone(), before..after, (base, side));
        match bounded.last_mut() {
            // They slid together.
            Some(last) if last.base.end == edit.base.start => {
                *last = Edit { base: last.base.start..edit.base.end, side: last.side.start..edit.side.end };
            }
            _ => bounded.push(edit),
        }
    }
    Some(bounded.into_iter().flat_map(|edit| split(edit, base, side)).collect())
}

/// Where a cell's best score came from.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Both pieces kept, and so were the ones before.
    Kept,
    /// Both pieces kept, behind an edit.
    BehindEdit,
    /// The base's piece is gone; the flag says that the edit began with it.
    Gone(bool),
    /// The side's piece is new; the flag says that the edit began with it.
    New(bool),
}

/// The pairs of kept pieces, in order.
fn kept(base: &[Piece<'_>], side: &[Piece<'_>]) -> Option<Vec<(usize, usize)>> {
    let width = side.len() + 1;
    if (base.len() + 1).checked_mul(width)? > MOST_CELLS {
        return None;
    }
    const NEVER: i32 = i32::MIN / 2;
    let mut from = vec![(Way::Kept, Way::Gone(true)); (base.len() + 1) * width];
    let mut above = vec![(NEVER, NEVER); width];
    for i in 0..=base.len() {
        let mut row = vec![(NEVER, NEVER); width];
        for j in 0..width {
            if i == 0 && j == 0 {
                row[0].0 = 0;
                continue;
            }
            let mut cell = (Way::Kept, Way::Gone(true));
            if let Some(gain) = (i > 0 && j > 0).then(|| gain(&base[i - 1], &side[j - 1])).flatten() {
                let (kept, edit) = above[j - 1];
                row[j].0 = kept.max(edit) + gain;
                cell.0 = if kept >= edit { Way::Kept } else { Way::BehindEdit };
            }
            let mut ways = Vec::with_capacity(4);
            if i > 0 {
                let (opens, goes_on) = costs(&base[i - 1]);
                ways.extend([(above[j].1 - goes_on, Way::Gone(false)), (above[j].0 - opens, Way::Gone(true))]);
            }
            if j > 0 {
                let (opens, goes_on) = costs(&side[j - 1]);
                ways.extend([(row[j - 1].1 - goes_on, Way::New(false)), (row[j - 1].0 - opens, Way::New(true))]);
            }
            for (score, way) in ways {
                if score > row[j].1 {
                    (row[j].1, cell.1) = (score, way);
                }
            }
            from[i * width + j] = cell;
        }
        above = row;
    }
    let (kept, edit) = above[width - 1];
    Some(traced(&from, width, kept >= edit))
}

/// Reads the kept pairs back from the table's last cell.
fn traced(from: &[(Way, Way)], width: usize, ends_kept: bool) -> Vec<(usize, usize)> {
    let (mut i, mut j) = (from.len() / width - 1, width - 1);
    let mut in_kept = ends_kept;
    let mut pairs = Vec::new();
    while i > 0 || j > 0 {
        let (kept, edit) = from[i * width + j];
        match if in_kept { kept } else { edit } {
            way @ (Way::Kept | Way::BehindEdit) => {
                (i, j) = (i - 1, j - 1);
                pairs.push((i, j));
                in_kept = way == Way::Kept;
            }
            Way::Gone(opens) => {
                i -= 1;
                in_kept = opens;
            }
            Way::New(opens) => {
                j -= 1;
                in_kept = opens;
            }
        }
    }
    pairs.reverse();
    pairs
}

/// What it costs to begin an edit with the piece, and to go on with it.
fn costs(piece: &Piece<'_>) -> (i32, i32) {
    if piece.starts_line { (OPEN_LINE, NEXT_LINE) } else { (OPEN, 0) }
}

/// What keeping the pair is worth, if they are equal.
fn gain(a: &Piece<'_>, b: &Piece<'_>) -> Option<i32> {
    let same = a.kind == b.kind && a.text == b.text;
    same.then(|| a.weight() + i32::from(a.starts_line && b.starts_line))
}

/// An insertion or deletion may stand one piece further when what it passes is equal (`a, [b,] c` and `a[, b], c`). It goes
/// where it is made of whole lines, or is `|| b`, or its brackets close, else as far left as it can: then both sides' edits of one place are at one place.
fn slid(edit: Edit, room: Range<usize>, (base, side): (&[Piece<'_>], &[Piece<'_>])) -> Edit {
    let (run, of) = match (edit.base.is_empty(), edit.side.is_empty()) {
        (true, false) => (edit.side.clone(), side),
        (false, true) => (edit.base.clone(), base),
        _ => return edit,
    };
    let same = |a: usize, b: usize| gain(&of[a], &of[b]).is_some();
    let left = edit.base.start - room.start.min(edit.base.start);
    let left = (1..=left.min(run.start)).take_while(|n| same(run.start - n, run.end - n)).count();
    let right = room.end.saturating_sub(edit.base.end);
    let right = (0..right).take_while(|n| run.end + n + 1 < of.len() && same(run.start + n, run.end + n)).count();
    let whole_lines = |start: usize| {
        let is_first = |at: usize| of[at].starts_line || of[at].kind == Kind::End;
        is_first(start) && is_first(start + run.len())
    };
    let closed = |start: usize| series::depth(&of[start..start + run.len()]) == Some(0);
    let first = run.start - left;
    let places = || first..=run.start + right;
    let element = |start: usize| closed(start) && series::separator(&of[start]).is_some();
    let start = places()
        .find(|start| whole_lines(*start))
        .or_else(|| places().find(|start| element(*start)))
        .or_else(|| places().find(|start| closed(*start)));
    let start = start.unwrap_or(first);
    let to = |r: &Range<usize>| r.start + start - run.start..r.end + start - run.start;
    Edit { base: to(&edit.base), side: to(&edit.side) }
}

/// Pieces replaced by as many of the same kinds, with the same punctuation between, are edits of their own: `struct a *b` to
/// `struct c *d` renames twice.
fn split(edit: Edit, base: &[Piece<'_>], side: &[Piece<'_>]) -> Vec<Edit> {
    let (old, new) = (&base[edit.base.clone()], &side[edit.side.clone()]);
    let alike = |(a, b): (&Piece<'_>, &Piece<'_>)| a.kind == b.kind && (a.text == b.text || a.kind != Kind::Mark);
    if old.len() != new.len() || !old.iter().zip(new).all(alike) {
        return vec![edit];
    }
    let changed = (0..old.len()).filter(|n| old[*n].text != new[*n].text);
    let single = |n| Edit {
        base: edit.base.start + n..edit.base.start + n + 1,
        side: edit.side.start + n..edit.side.start + n + 1,
    };
    changed.map(single).collect()
}

#[cfg(test)]
mod tests {
    use super::super::pieces::pieces;
    use super::*;
    use crate::syntax::language::Language;

    fn told(base: &str, side: &str) -> Vec<String> {
        let (base, side) = (pieces(base.as_bytes(), Language::C), pieces(side.as_bytes(), Language::C));
        let words = |of: &[Piece<'_>]| {
            of.iter().map(|p| String::from_utf8_lossy(p.text).into_owned()).collect::<Vec<_>>().join(" ")
        };
        let tell = |e: Edit| format!("{}>{}", words(&base[e.base]), words(&side[e.side]));
        edits(&base, &side).expect("short").into_iter().map(tell).collect()
    }

    #[test]
    fn an_edit_is_as_small_as_it_can_be_and_no_smaller() {
        assert_eq!(told("f(a, NULL);", "f(a, b, NULL);"), [">, b"]);
        assert_eq!(told("x = (a << 1);", "x = ((u64)a << 1);"), [">( u64 )"]);
        assert_eq!(told("f(old, x);", "g(new, x);").len(), 2, "two renames");
        assert_eq!(told("return go(a, b);", "give(c[1], d);"), ["return go ( a , b>give ( c [ 1 ] , d"]);
    }

    #[test]
    fn an_inserted_line_stays_a_line() {
        assert_eq!(told("\tf(a);\n\tf(b);\n", "\tf(a);\n\tf(c);\n\tf(b);\n"), [">f ( c ) ;"]);
    }

    #[test]
    fn renames_are_told_one_by_one() {
        assert_eq!(told("int f(struct a *b, int c)", "int f(struct d *e, int c)"), ["a>d", "b>e"]);
    }

    #[test]
    fn too_long_a_hunk_is_not_aligned() {
        let long = "a ".repeat(2000);
        let long = pieces(long.as_bytes(), Language::C);
        assert_eq!(edits(&long, &long), None);
    }
}
