//! What kind of migration a change is, and at which points of the old snippet it changes something.
//!
//! In: the hunks of Δ = diff(s_old, s_old') and Σ = diff(s_old, s_new), as line ranges, with whoever's diff they were made.
//! Out: the class (MigGPT, section 4.1 and table 1), what there is to do, and the points that the location prompt names.
//!
//! ```text
//!   s_old lines   1 2 3 4 5 6 7
//!   Δ               [3 4]            Σ [7]: apart            -> Type 1
//!   Δ               [3 4]            Σ [5]: they touch       -> Type 2
//!   Δ               [3 4]            Σ inserts before 5      -> Type 2
//! ```

use super::cfp::Fingerprint;
use crate::merge::delta::Hunk;
use crate::syntax::lex::{self, Kind, Token};
use std::ops::Range;

/// What kind of migration a pair of changes is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Migration {
    /// One of the two changes is empty.
    Trivial,
    /// No hunk of one touches a hunk of the other.
    Type1,
    /// These hunks of Δ and Σ overlap or touch; indices into both.
    Type2(Vec<(usize, usize)>),
}

/// What is to be done for a snippet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The patch changes nothing here: s_new stays.
    Nothing,
    /// Upstream changed nothing here: the patched snippet is the answer, and no model is asked.
    Verbatim,
    /// Both changed it.
    Join(Migration),
}

/// The class of two changes of the same text, each with its hunks in order.
pub fn classify(delta: &[Hunk], sigma: &[Hunk]) -> Migration {
    if delta.is_empty() || sigma.is_empty() {
        return Migration::Trivial;
    }
    let mut touching = Vec::new();
    let mut from = 0;
    for (mine, hunk) in delta.iter().enumerate() {
        while sigma.get(from).is_some_and(|other| other.before.end < hunk.before.start) {
            from += 1;
        }
        let others = sigma.iter().enumerate().skip(from);
        let near = others.take_while(|(_, other)| other.before.start <= hunk.before.end);
        touching.extend(near.map(|(theirs, _)| (mine, theirs)));
    }
    if touching.is_empty() { Migration::Type1 } else { Migration::Type2(touching) }
}

/// What is to be done, by the hunks of Δ and Σ.
pub fn plan(delta: &[Hunk], sigma: &[Hunk]) -> Plan {
    match (delta.is_empty(), sigma.is_empty()) {
        (true, _) => Plan::Nothing,
        (false, true) => Plan::Verbatim,
        (false, false) => Plan::Join(classify(delta, sigma)),
    }
}

/// A change's hunks, those apart that change nothing but spaces and blank lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Hunks that change tokens, comments or directives.
    pub hunks: Vec<Hunk>,
    /// Hunks of spacing only.
    pub spacing: Vec<Hunk>,
}

impl Sifted {
    /// Puts the hunks between two texts of C apart.
    pub fn of(hunks: &[Hunk], before: &[u8], after: &[u8]) -> Self {
        let (before, after) = (Lines::of(before), Lines::of(after));
        let mut sifted = Self::default();
        for hunk in hunks {
            let is_spacing = say_the_same(before.at(&hunk.before), after.at(&hunk.after));
            let list = if is_spacing { &mut sifted.spacing } else { &mut sifted.hunks };
            list.push(hunk.clone());
        }
        sifted
    }

    /// The line for the report, if nothing is left to migrate because all is spacing.
    pub fn remark(&self) -> Option<String> {
        let all_spacing = self.hunks.is_empty() && !self.spacing.is_empty();
        all_spacing.then(|| format!("only spacing changes ({} hunks): nothing to migrate", self.spacing.len()))
    }
}

/// A text with its lines' beginnings.
struct Lines<'a> {
    /// The text.
    text: &'a [u8],
    /// Where each line begins, and the end.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines.
    fn of(text: &'a [u8]) -> Self {
        let ends = text.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(at, _)| at + 1);
        let mut starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        Self { text, starts }
    }

    /// The bytes of lines, numbered from 0; lines that there are not are empty.
    fn at(&self, lines: &Range<usize>) -> &'a [u8] {
        let place = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        &self.text[place(lines.start)..place(lines.end.max(lines.start))]
    }
}

/// Whether two texts differ in spacing only: literals count to the byte, comments by their words.
fn say_the_same(one: &[u8], other: &[u8]) -> bool {
    one == other || pieces(one) == pieces(other)
}

/// The tokens of a text with those of its directives, and its comments' words.
fn pieces(text: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut take = |token: &Token<'_>, bytes| match token.kind {
        Kind::Comment => pieces.extend(split_words(bytes)),
        _ => pieces.push(bytes),
    };
    for token in lex::tokens(text) {
        if token.kind != Kind::Directive {
            take(&token, token.text);
            continue;
        }
        take(&token, b"#");
        for inner in lex::tokens(token.text.get(1..).unwrap_or_default()) {
            take(&inner, inner.text);
        }
    }
    pieces
}

/// The words of a comment.
fn split_words(comment: &[u8]) -> impl Iterator<Item = &[u8]> {
    comment.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// What a patch does at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Lines come in.
    Insert,
    /// Lines go.
    Delete,
    /// Lines are replaced.
    Replace,
    /// Lines go here and come in again, the same but for spacing, at the point of this number.
    MoveTo(usize),
    /// Lines come in here that went from the point of this number.
    MoveFrom(usize),
}

/// A place of s_old at which the patch changes something: one for each hunk of Δ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it does.
    pub edit: Edit,
    /// The hunk.
    pub hunk: Hunk,
    /// The statement of s_old after which it goes, an index of its nodes; none at the beginning.
    pub after: Option<usize>,
    /// The statement of s_old before which it goes; none at the end.
    pub before: Option<usize>,
}

/// The points of a patch, in order: as many as it has hunks.
pub fn points(old: &Fingerprint<'_>, patched: &[u8], delta: &[Hunk]) -> Vec<Point> {
    let (before, after) = (Lines::of(old.text), Lines::of(patched));
    let mut points: Vec<Point> = delta.iter().map(|hunk| point(old, &before, hunk)).collect();
    let inserted: Vec<usize> = (0..points.len()).filter(|at| points[*at].edit == Edit::Insert).collect();
    for from in 0..points.len() {
        if points[from].edit != Edit::Delete {
            continue;
        }
        let gone = before.at(&delta[from].before);
        let is_move =
            |to: &&usize| points[**to].edit == Edit::Insert && say_the_same(gone, after.at(&delta[**to].after));
        if let Some(&to) = inserted.iter().take(MOVES_TRIED).find(is_move) {
            (points[from].edit, points[to].edit) = (Edit::MoveTo(to), Edit::MoveFrom(from));
        }
    }
    points
}

/// How many inserted hunks a deleted one is compared with.
const MOVES_TRIED: usize = 64;

/// The point of one hunk.
fn point(old: &Fingerprint<'_>, lines: &Lines<'_>, hunk: &Hunk) -> Point {
    let edit = match (hunk.before.is_empty(), hunk.after.is_empty()) {
        (true, _) => Edit::Insert,
        (false, true) => Edit::Delete,
        (false, false) => Edit::Replace,
    };
    let is_blank = |line: &usize| lines.at(&(*line..*line + 1)).trim_ascii().is_empty();
    let above = (0..hunk.before.start).rev().find(|line| !is_blank(line)).map(|line| line + 1);
    let after = above.and_then(|line| node_ending_at(old, line));
    let next = old.nodes.partition_point(|node| node.pos <= hunk.before.end);
    let before = (next < old.nodes.len()).then_some(next);
    Point { edit, hunk: hunk.clone(), after, before }
}

/// The outermost node that ends on a line (from 1), else the last one that has begun by then.
fn node_ending_at(old: &Fingerprint<'_>, line: usize) -> Option<usize> {
    let last = old.nodes.partition_point(|node| node.pos <= line).checked_sub(1)?;
    let around = std::iter::successors(Some(last), |at| old.nodes[*at].parent);
    Some(around.filter(|at| old.nodes[*at].end == line).last().unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(before: Range<usize>, after: Range<usize>) -> Hunk {
        Hunk { before, after }
    }

    #[test]
    fn an_empty_change_is_trivial_and_asks_nobody() {
        let some = [hunk(3..4, 3..5)];
        assert_eq!(classify(&[], &some), Migration::Trivial);
        assert_eq!(classify(&some, &[]), Migration::Trivial);
        assert_eq!(plan(&some, &[]), Plan::Verbatim);
        assert_eq!(plan(&[], &some), Plan::Nothing);
        assert_eq!(plan(&[], &[]), Plan::Nothing);
    }

    #[test]
    fn changes_with_an_unchanged_line_between_them_are_type_1() {
        assert_eq!(classify(&[hunk(3..4, 3..4), hunk(9..9, 9..10)], &[hunk(5..8, 5..6)]), Migration::Type1);
    }

    #[test]
    fn changes_of_the_same_line_are_type_2() {
        assert_eq!(
            classify(&[hunk(1..2, 1..2), hunk(3..6, 3..4)], &[hunk(4..5, 4..5)]),
            Migration::Type2(vec![(1, 0)])
        );
    }

    #[test]
    fn an_insertion_next_to_changed_lines_is_type_2() {
        assert_eq!(classify(&[hunk(5..5, 5..9)], &[hunk(3..5, 3..3)]), Migration::Type2(vec![(0, 0)]));
        assert_eq!(classify(&[hunk(5..5, 5..9)], &[hunk(5..5, 5..6)]), Migration::Type2(vec![(0, 0)]));
        assert_eq!(classify(&[hunk(5..6, 5..9)], &[hunk(6..7, 6..6)]), Migration::Type2(vec![(0, 0)]));
    }

    #[test]
    fn every_touching_pair_is_named() {
        let delta = [hunk(0..10, 0..1), hunk(20..21, 11..12)];
        let sigma = [hunk(2..3, 2..3), hunk(5..6, 5..6), hunk(15..16, 15..16), hunk(21..21, 21..25)];
        assert_eq!(classify(&delta, &sigma), Migration::Type2(vec![(0, 0), (0, 1), (1, 3)]));
    }

    #[test]
    fn a_change_of_spacing_is_no_delta_and_says_so() {
        let before = b"int  a;\nif(x){\n\tf( 1 );\n/* a  b */\n#define X   1\n\nint b;\n";
        let after = b"int a;\nif (x) {\n        f(1);\n/*  a b */\n#define X 1\nint b;\n";
        let sifted = Sifted::of(&[hunk(0..6, 0..5)], before, after);
        assert_eq!((sifted.hunks.len(), sifted.spacing.len()), (0, 1));
        assert_eq!(sifted.remark().as_deref(), Some("only spacing changes (1 hunks): nothing to migrate"));
    }

    #[test]
    fn joined_words_and_spaces_in_literals_are_no_spacing() {
        for (before, after) in [("int a;\n", "inta;\n"), ("f(\"a b\");\n", "f(\"a  b\");\n"), ("a + +b;\n", "a ++b;\n")]
        {
            let sifted = Sifted::of(&[hunk(0..1, 0..1)], before.as_bytes(), after.as_bytes());
            assert_eq!((sifted.hunks.len(), sifted.remark()), (1, None), "{before}");
        }
    }

    const OLD: &[u8] = b"int f(int a)\n{\n\tif (a) {\n\t\tg(a);\n\t}\n\n\th(a);\n\treturn a;\n}\n";

    #[test]
    fn every_kind_of_edit_has_its_point() {
        let old = Fingerprint::of(OLD);
        let delta = [hunk(3..4, 3..3), hunk(6..6, 5..6), hunk(7..8, 7..8)];
        let patched = b"int f(int a)\n{\n\tif (a) {\n\t}\n\n\tnew(a);\n\th(a);\n\treturn 1;\n}\n";
        let points = points(&old, patched, &delta);
        let edits: Vec<Edit> = points.iter().map(|point| point.edit).collect();
        assert_eq!(edits, [Edit::Delete, Edit::Insert, Edit::Replace]);
        let place = |at: Option<usize>| at.map(|at| (old.nodes[at].pos, old.nodes[at].end));
        assert_eq!((place(points[1].after), place(points[1].before)), (Some((3, 5)), Some((7, 7))));
        assert_eq!((place(points[2].after), place(points[2].before)), (Some((7, 7)), None));
    }

    #[test]
    fn lines_that_go_and_come_again_are_a_move() {
        let old = Fingerprint::of(OLD);
        let patched = b"int f(int a)\n{\n\th( a );\n\tif (a) {\n\t\tg(a);\n\t}\n\n\treturn a;\n}\n";
        let points = points(&old, patched, &[hunk(2..2, 2..3), hunk(6..7, 7..7)]);
        assert_eq!((points[0].edit, points[1].edit), (Edit::MoveFrom(1), Edit::MoveTo(0)));
    }
}
