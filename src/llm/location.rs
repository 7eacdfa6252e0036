//! The points at which a patch changes its old snippet, and where those are in the new one: what the location prompt names.
//!
//! In: the three snippets. Out: a [`Point`] for *every* hunk of the patch, whatever its kind: an insertion, a deletion, a replacement, a block
//! that moves. After "MigGPT" (arXiv 2504.09474, section 5.6 and appendix D.3), whose code knows only new `#ifdef` blocks.
//!
//! ```text
//!   s_old        patch                 s_new         the point
//!   10 a                               20 a          insert, behind old line 10 (new line 20),
//!      <- + x                          21 new              before old line 11 (new line 22)
//!   11 b                               22 b
//! ```

use super::brief::Brief;
use super::shown::without_end;
use crate::merge::delta::{self, Hunk};
use crate::merge::mates::{How, Mates};
use crate::merge::{Change, Sides};
use std::ops::Range;

/// How many inserted hunks a deleted one is compared with.
const MOVES_TRIED: usize = 64;

/// What a patch does at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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

/// One line of a file beside the line that it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mate {
    /// Line of base, from 0, in its file.
    pub base: usize,
    /// Line of ours, from 0, in its file, and whether it is as it was; none if nobody can tell.
    pub ours: Option<(usize, How)>,
}

/// One change of the patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it does.
    pub kind: Kind,
    /// Where it is in base: lines of the file, from 0; empty for an insertion before a line.
    pub place: Range<usize>,
    /// The lines of base that it takes away.
    pub gone: Vec<Mate>,
    /// The lines of theirs that it brings, of the file, from 0.
    pub come: Range<usize>,
    /// The next line above that says something.
    pub above: Option<Mate>,
    /// The next line below that says something.
    pub below: Option<Mate>,
    /// Whether it is asked about; else it is in ours already.
    pub is_open: bool,
}

/// All changes of the patch within the snippet, in order.
pub fn points(brief: &Brief) -> Vec<Point> {
    let texts = brief.sides.as_ref().map(|side| side.text.as_slice());
    let hunks = delta::hunks(Change { before: texts.base, after: texts.theirs });
    let map = Mates::of(Change { before: texts.base, after: texts.ours });
    let lines = brief.sides.as_ref().map(|side| side.lines());
    let firsts = brief.sides.as_ref().map(|side| side.first - 1);
    let reader = Reader { lines, firsts, map, open: &brief.open.base };
    let mut points: Vec<Point> = hunks.iter().map(|hunk| reader.point(hunk)).collect();
    reader.pair_moves(&hunks, &mut points);
    points
}

/// What a point is read off.
struct Reader<'b> {
    lines: Sides<Vec<&'b [u8]>>,
    /// The first line of each side in its file, from 0.
    firsts: Sides<usize>,
    map: Mates<'b>,
    open: &'b Range<usize>,
}

impl Reader<'_> {
    /// A line of base and what it is now.
    fn mate(&self, line: usize) -> Mate {
        let ours = self.map.of_line(line).map(|mate| (mate.line + self.firsts.ours, mate.how));
        Mate { base: line + self.firsts.base, ours }
    }

    /// The point of one hunk.
    fn point(&self, hunk: &Hunk) -> Point {
        let kind = match (hunk.before.is_empty(), hunk.after.is_empty()) {
            (true, _) => Kind::Insert,
            (false, true) => Kind::Delete,
            (false, false) => Kind::Replace,
        };
        let says = |line: &usize| self.lines.base.get(*line).is_some_and(|text| !text.trim_ascii().is_empty());
        let above = (0..hunk.before.start).rev().find(says).map(|line| self.mate(line));
        let below = (hunk.before.end..self.lines.base.len()).find(says).map(|line| self.mate(line));
        let place = hunk.before.start + self.firsts.base..hunk.before.end + self.firsts.base;
        Point {
            kind,
            gone: hunk.before.clone().map(|line| self.mate(line)).collect(),
            come: hunk.after.start + self.firsts.theirs..hunk.after.end + self.firsts.theirs,
            above,
            below,
            is_open: place.start <= self.open.end && self.open.start <= place.end,
            place,
        }
    }

    /// Lines that go and come again are a move.
    fn pair_moves(&self, hunks: &[Hunk], points: &mut [Point]) {
        let inserted: Vec<usize> = (0..points.len()).filter(|at| points[*at].kind == Kind::Insert).collect();
        let solid = |lines: &[&[u8]]| -> Vec<u8> {
            lines
                .iter()
                .flat_map(|line| without_end(line).iter().copied().filter(|c| !c.is_ascii_whitespace()))
                .collect()
        };
        for from in 0..points.len() {
            if points[from].kind != Kind::Delete {
                continue;
            }
            let gone = solid(&self.lines.base[hunks[from].before.clone()]);
            let is_move = |to: &&usize| {
                points[**to].kind == Kind::Insert && gone == solid(&self.lines.theirs[hunks[**to].after.clone()])
            };
            if let Some(&to) = inserted.iter().take(MOVES_TRIED).find(is_move) {
                (points[from].kind, points[to].kind) = (Kind::MoveTo(to), Kind::MoveFrom(from));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::snippet::Snippet;
    use super::*;

    const OLD: &str = "int f(int a)\n{\n\tif (a)\n\t\tg(a);\n\n\thandle(dev, a);\n\treturn a;\n}\n";

    fn found(theirs: &str, ours: &str) -> Vec<Point> {
        let side = |text: &str, first| Snippet::new(text, first);
        let sides = Sides { base: side(OLD, 101), ours: side(ours, 201), theirs: side(theirs, 101) };
        points(&Brief::of_snippets("a.c", sides))
    }

    fn kinds(theirs: &str) -> Vec<Kind> {
        found(theirs, OLD).into_iter().map(|point| point.kind).collect()
    }

    #[test]
    fn every_kind_of_change_has_its_point() {
        assert_eq!(kinds(&OLD.replace("\thandle(dev, a);\n", "\tnew(a);\n\thandle(dev, a);\n")), [Kind::Insert]);
        assert_eq!(kinds(&OLD.replace("\thandle(dev, a);\n", "")), [Kind::Delete]);
        assert_eq!(kinds(&OLD.replace("handle(dev, a)", "i(a)")), [Kind::Replace]);
        let moved = "int f(int a)\n{\n\thandle( dev, a );\n\tif (a)\n\t\tg(a);\n\n\treturn a;\n}\n";
        assert_eq!(kinds(moved), [Kind::MoveFrom(1), Kind::MoveTo(0)]);
        let wrapped =
            OLD.replace("\thandle(dev, a);\n", "#if IS_ENABLED(CONFIG_X)\n\tx(a);\n#else\n\thandle(dev, a);\n#endif\n");
        assert_eq!(kinds(&wrapped), [Kind::Insert, Kind::Insert]);
        assert_eq!(kinds(OLD), []);
    }

    #[test]
    fn a_point_says_which_lines_of_the_new_kernel_its_neighbours_are() {
        let ours =
            OLD.replace("{\n\tif (a)\n", "{\n\tlock();\n\tif (a > 1)\n").replace("\treturn a;\n", "\treturn 0;\n");
        let points = found(&OLD.replace("\thandle(dev, a);\n", "\tnew(a);\n\thandle(dev, a);\n"), &ours);
        assert_eq!(points[0].above, Some(Mate { base: 103, ours: Some((204, How::Kept)) }));
        assert_eq!(points[0].below, Some(Mate { base: 105, ours: Some((206, How::Kept)) }));
        assert_eq!(points[0].come, 105..106);
        let gone = found(&OLD.replace("return a", "return -1"), &ours);
        assert_eq!(gone[0].gone, [Mate { base: 106, ours: None }]);
        let edited = found(
            &OLD.replace("handle(dev, a);", "i(dev, a);"),
            &OLD.replace("handle(dev, a);", "handle(dev, a, NULL);"),
        );
        assert_eq!(edited[0].gone, [Mate { base: 105, ours: Some((205, How::Edited)) }]);
    }

    #[test]
    fn what_is_settled_already_is_not_asked_about() {
        let theirs = OLD.replace("\tif (a)\n", "\tif (b)\n").replace("\treturn a;\n", "\treturn b;\n");
        let sides = Sides { base: Snippet::new(OLD, 1), ours: Snippet::new(OLD, 1), theirs: Snippet::new(theirs, 1) };
        let mut brief = Brief::of_snippets("a.c", sides);
        brief.open.base = 6..7;
        assert_eq!(points(&brief).iter().map(|point| point.is_open).collect::<Vec<_>>(), [false, true]);
    }
}
