//! What became of the lines that a patch's insertions were attached to.
//!
//! In: a [`Loom`], the hunk with both sides' edits. Out: doubts and reasons on its cloth. For each insertion of the patch the
//! nearest line above and the nearest below *that say something* (no blank line, no lone brace, no `#endif`) are looked for in what
//! upstream made of the file:
//!
//! ```text
//!     above  stays     stays      stays        gone        moved elsewhere
//!     +mine
//!     below  stays     gone       rewritten    gone        (any)
//!            nothing   a reason   a reason     a doubt     a doubt
//! ```
//!
//! With one neighbour gone or rewritten, the insertion is in doubt too if it was attached to that one by the lack of a blank line.

use super::line::{alike, ink, speaks};
use super::line_edit::Fate;
use super::weave::{Cloth, Loom};
use super::{Doubt, Open};
use bstr::ByteSlice;

/// With more insertions in one hunk their neighbours are not looked for.
const PLACES: usize = 64;
/// A line that moved no further than this has not moved away.
const NEAR: usize = 10;

impl<'a> Loom<'a> {
    /// Looks at what the patch's insertions were attached to: the nearest lines above and below that say something.
    pub fn doubt_surroundings(&self, cloth: &mut Cloth<'a>) {
        let places: Vec<usize> = (0..=self.base.len()).filter(|at| !self.theirs.inserted[*at].is_empty()).collect();
        if places.len() > PLACES {
            cloth.doubt("the patch puts lines at too many places here to look at each");
            return;
        }
        for at in places {
            let (up, down) = (self.neighbour_above(at), self.neighbour_below(at));
            match (up, down) {
                (Neighbour::Stays, Neighbour::Stays) => {}
                (Neighbour::Moved, _) | (_, Neighbour::Moved) => {
                    cloth.doubt_footing("upstream moved the lines that the patch's are attached to");
                }
                (Neighbour::Stays, Neighbour::Rewritten) if self.leans(at) == Leans::Down => {
                    cloth.doubt_footing(Doubt::of_place(
                        "upstream rewrote the lines below, to which the patch's are attached",
                    ));
                }
                (Neighbour::Rewritten, Neighbour::Stays) if self.leans(at) == Leans::Up => {
                    cloth.doubt_footing(Doubt::of_place(
                        "upstream rewrote the lines above, to which the patch's are attached",
                    ));
                }
                (Neighbour::Stays, Neighbour::Rewritten) | (Neighbour::Rewritten, Neighbour::Stays) => {
                    cloth.reason("upstream rewrote the lines on one side of it only");
                }
                (Neighbour::Stays, Neighbour::Gone) if self.leans(at) == Leans::Down => {
                    cloth.doubt_footing("upstream took away the lines below, to which the patch's are attached");
                }
                (Neighbour::Gone, Neighbour::Stays) if self.leans(at) == Leans::Up => {
                    cloth.doubt_footing("upstream took away the lines above, to which the patch's are attached");
                }
                (Neighbour::Stays, Neighbour::Gone) | (Neighbour::Gone, Neighbour::Stays) => {
                    cloth.reason("upstream took away the lines on one side of it only");
                }
                _ => cloth.doubt_footing("upstream rewrote the lines around it"),
            }
        }
    }

    /// Which neighbour the patch's insertion in front of base line `at` was attached to, without a blank line.
    fn leans(&self, at: usize) -> Leans {
        let run = &self.theirs.inserted[at];
        let base = |line: Option<usize>| {
            line.and_then(|line| self.open.files.base.lines_with_terminator().nth(self.open.lines.base + line))
        };
        let above = match at.checked_sub(1) {
            Some(line) => base(Some(line)),
            None => self.before.last().copied(),
        };
        leaning(above, run, base(Some(at)))
    }

    /// What became of the nearest line above base line `at` that says something.
    fn neighbour_above(&self, at: usize) -> Neighbour {
        if let Some(found) = (0..at).rev().find(|at| speaks(self.base[*at])) {
            return self.neighbour(found, Side::Above);
        }
        let there = self.before.iter().rev().find(|line| speaks(line)).copied();
        self.outside((there, Side::Above), &|file, start, _| {
            let head: Vec<&[u8]> = file.lines_with_terminator().take(start).collect();
            head.into_iter().rev().find(|line| speaks(line))
        })
    }

    /// What became of the nearest line from base line `at` on that says something.
    fn neighbour_below(&self, at: usize) -> Neighbour {
        if let Some(found) = (at..self.base.len()).find(|at| speaks(self.base[*at])) {
            return self.neighbour(found, Side::Below);
        }
        let there = self.after.iter().find(|line| speaks(line)).copied();
        self.outside((there, Side::Below), &|file, start, len| {
            file.lines_with_terminator().skip(start + len).find(|line| speaks(line))
        })
    }

    /// What became of a neighbour outside the hunk: `there` stands now where `nearest` finds one in a file, given the hunk's first
    /// line and its number of lines. What the patch itself put there counts as well as what the base had.
    fn outside<'f>(&self, (there, side): (Option<&[u8]>, Side), nearest: Nearest<'f, '_>) -> Neighbour
    where
        'a: 'f,
    {
        let Open { files, lines, sides, .. } = self.open;
        let known = [
            nearest(files.theirs, lines.theirs, sides.theirs.lines_with_terminator().count()),
            nearest(files.base, lines.base, self.base.len()),
        ];
        if known
            .iter()
            .any(|known| known.is_none() || known.zip(there).is_some_and(|(known, there)| alike(known, there)))
        {
            return Neighbour::Stays;
        }
        known[1].map_or(Neighbour::Stays, |line| self.whereabouts(line, side))
    }

    /// What upstream made of base line `at`, which stood on this side.
    fn neighbour(&self, at: usize, side: Side) -> Neighbour {
        match &self.ours.fates[at] {
            Fate::Kept | Fate::Edited(_) => Neighbour::Stays,
            Fate::Replaced(_) => match self.whereabouts(self.base[at], side) {
                Neighbour::Gone => Neighbour::Rewritten,
                other => other,
            },
            Fate::Deleted => self.whereabouts(self.base[at], side),
        }
    }

    /// A line that no longer stands here: does it stand elsewhere now, where it did not before? Near by and on the same side it has stayed.
    fn whereabouts(&self, line: &[u8], side: Side) -> Neighbour {
        let count = |file: &[u8]| file.lines_with_terminator().filter(|other| alike(other, line)).count();
        let distinct = ink(line).count() >= 8 && count(self.open.files.base) == 1;
        let is_it = |other: &&[u8]| alike(other, line);
        let is_near = match side {
            Side::Above => self.before.iter().rev().take(NEAR).any(is_it),
            Side::Below => self.after.iter().take(NEAR).any(is_it),
        };
        if distinct && is_near {
            return Neighbour::Stays;
        }
        if distinct && count(self.open.files.ours) > 0 { Neighbour::Moved } else { Neighbour::Gone }
    }
}

/// To which neighbour a run of lines is attached, without a blank line.
pub fn leaning(above: Option<&[u8]>, run: &[&[u8]], below: Option<&[u8]>) -> Leans {
    let blank = |line: Option<&[u8]>| line.is_none_or(|line| line.trim_ascii().is_empty());
    let up = !blank(above) && !blank(run.first().copied());
    let down = !blank(below) && !blank(run.last().copied());
    match (up, down) {
        (true, false) => Leans::Up,
        (false, true) => Leans::Down,
        _ => Leans::Neither,
    }
}

/// The neighbour that an insertion is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leans {
    /// The line above.
    Up,
    /// The line below.
    Down,
    /// Both or none.
    Neither,
}

/// Finds a neighbour in a file, outside of the hunk that starts at a line and has some lines.
type Nearest<'f, 'c> = &'c dyn Fn(&'f [u8], usize, usize) -> Option<&'f [u8]>;

/// On which side of an insertion a neighbour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// In front of it.
    Above,
    /// Behind it.
    Below,
}

/// What became of a line that the patch's insertion was attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neighbour {
    /// It stands there, maybe edited.
    Stays,
    /// It is gone.
    Gone,
    /// It is gone, and other lines stand in its place.
    Rewritten,
    /// It stands elsewhere now.
    Moved,
}
