//! Both sides' edits in one sequence: which of them commute, and the text that they make together.
//!
//! ```text
//!   base    return get_mac(np, addr);
//!   ours    return [get_mac -> get_address](np, addr);
//!   theirs  [return -> ret =] get_mac(np, addr); [-> if (ret) return ret;]
//!   joined  ret = get_address(np, addr); if (ret) return ret;
//! ```

use super::align::Edit;
use super::pieces::{Kind, Piece};
use super::series;
use crate::merge::Sides;
use std::collections::BTreeSet;
use std::ops::Range;

/// The edits of both sides of a hunk that belong together.
#[derive(Clone, Debug)]
pub struct Edits {
    /// Upstream's alone.
    pub ours: Vec<Edit>,
    /// The patch's alone.
    pub theirs: Vec<Edit>,
    /// Both made them: by upstream's pieces.
    pub shared: Vec<Edit>,
    /// Where upstream has each piece of the base; None where it edited it.
    pub ours_at: Vec<Option<usize>>,
    /// Where the patch has each piece of the base; None where it edited it.
    pub theirs_at: Vec<Option<usize>>,
}

/// The pieces of the three sides.
pub type Pieces<'a> = Sides<Vec<Piece<'a>>>;

/// How two edits stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// At least one piece that both keep lies between them.
    Apart,
    /// They border on each other, and only one order is possible.
    Border,
    /// Both insert at one place.
    SamePlace,
    /// They are about one piece.
    Overlap,
}

/// How two edits stand to each other.
pub fn meeting(a: &Edit, b: &Edit) -> Meeting {
    let inside = |p: &Edit, q: &Edit| p.is_insertion() && q.base.start < p.base.start && p.base.start < q.base.end;
    let shares = a.base.start.max(b.base.start) < a.base.end.min(b.base.end);
    match () {
        () if shares || inside(a, b) || inside(b, a) => Meeting::Overlap,
        () if a.is_insertion() && b.is_insertion() && a.base == b.base => Meeting::SamePlace,
        () if a.base.start <= b.base.end && b.base.start <= a.base.end => Meeting::Border,
        () => Meeting::Apart,
    }
}

impl Edits {
    /// Takes apart what only one side did and what both did.
    pub fn new(ours: Vec<Edit>, theirs: Vec<Edit>, pieces: &Pieces<'_>) -> Self {
        let same = |a: &Edit, b: &Edit| {
            a.base == b.base && texts(&pieces.ours[a.side.clone()]).eq(texts(&pieces.theirs[b.side.clone()]))
        };
        let ours_at = positions(&ours, pieces.base.len());
        let theirs_at = positions(&theirs, pieces.base.len());
        let (shared, ours): (Vec<_>, Vec<_>) = ours.into_iter().partition(|a| theirs.iter().any(|b| same(a, b)));
        let theirs = theirs.into_iter().filter(|b| !shared.iter().any(|a| same(a, b))).collect();
        Self { ours, theirs, shared, ours_at, theirs_at }
    }

    /// How each edit of upstream stands to each of the patch, the far ones left out.
    pub fn meetings(&self) -> impl Iterator<Item = (&Edit, &Edit, Meeting)> {
        let all = self.ours.iter().flat_map(|a| self.theirs.iter().map(move |b| (a, b, meeting(a, b))));
        all.filter(|(_, _, meeting)| *meeting != Meeting::Apart)
    }

    /// The lines of the base that both sides edit. If there is none, the lines can be woven as they are.
    pub fn shared_lines(&self, pieces: &Pieces<'_>) -> BTreeSet<usize> {
        let lines = |edits: &[Edit]| -> BTreeSet<usize> {
            edits.iter().chain(&self.shared).flat_map(|e| edited_lines(e, &pieces.base)).collect()
        };
        lines(&self.ours).intersection(&lines(&self.theirs)).copied().collect()
    }
}

/// The lines of the base that an edit changes: none where it puts whole lines between two.
fn edited_lines(edit: &Edit, base: &[Piece<'_>]) -> Range<usize> {
    match edit.base.clone() {
        at if at.is_empty() => {
            let next = &base[at.start];
            let between = next.starts_line || next.kind == Kind::End || at.start == 0;
            if between { next.line..next.line } else { next.line..next.line + 1 }
        }
        at => base[at.start].line..base[at.end - 1].line + 1,
    }
}

/// The texts of pieces.
fn texts<'a>(pieces: &'a [Piece<'a>]) -> impl Iterator<Item = &'a [u8]> {
    pieces.iter().map(|p| p.text)
}

/// A piece of the result.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The end of the line before, where its own white space does not begin with one: it stood at the head of its hunk.
    pub end: &'a [u8],
    /// The white space before it.
    pub lead: &'a [u8],
    /// Its bytes.
    pub text: &'a [u8],
    /// Whether it begins a line on each side that has it.
    pub starts_line: bool,
}

/// What the edits make together. Where both insert at one place, upstream's comes first.
pub fn joined<'a>(pieces: &Pieces<'a>, edits: &Edits) -> Vec<Placed<'a>> {
    let joiner = Joiner { pieces, edits };
    let mut order: Vec<(&Edit, By)> = edits.ours.iter().chain(&edits.shared).map(|e| (e, By::Ours)).collect();
    order.extend(edits.theirs.iter().map(|e| (e, By::Theirs)));
    order.sort_by_key(|(e, by)| (e.base.start, e.base.end, *by == By::Theirs));
    let mut out: Vec<Placed<'a>> = Vec::new();
    let mut at = 0;
    let mut last: Option<(&Edit, By)> = None;
    for (edit, by) in order {
        out.extend((at..edit.base.start).map(|i| joiner.kept(i)));
        let first = out.len();
        out.extend(joiner.put(edit, by));
        // Behind what upstream inserted at the same place the patch's lines begin a line, with the indentation that they have.
        let is_behind = |e: &Edit| e.is_insertion() && edit.is_insertion() && e.base == edit.base;
        let behind = last.filter(|(e, before)| (*before, by) == (By::Ours, By::Theirs) && is_behind(e));
        if let (Some((ours, _)), Some(placed)) = (behind, out.get_mut(first)) {
            let next = pieces.ours[ours.side.end].lead;
            let short = placed.starts_line && !placed.lead.contains(&b'\n');
            let end = next.iter().rposition(|c| *c == b'\n').filter(|_| short);
            placed.end = end.map_or(&[][..], |at| &next[..=at]);
        }
        at = edit.base.end.max(at);
        last = Some((edit, by));
    }
    out.extend((at..pieces.base.len()).map(|i| joiner.kept(i)));
    out
}

/// Whose edit it is.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// Upstream's, or both's.
    Ours,
    /// The patch's.
    Theirs,
}

/// What the pieces of the result are taken from.
struct Joiner<'p, 'a> {
    pieces: &'p Pieces<'a>,
    edits: &'p Edits,
}

impl<'a> Joiner<'_, 'a> {
    /// A piece that both sides kept. Its white space is upstream's, unless only the patch changed it.
    fn kept(&self, i: usize) -> Placed<'a> {
        let base = self.pieces.base[i];
        let ours = self.edits.ours_at[i].map_or(base, |j| self.pieces.ours[j]);
        let theirs = self.edits.theirs_at[i].map_or(base, |j| self.pieces.theirs[j]);
        Placed {
            end: b"",
            lead: if ours.lead == base.lead { theirs.lead } else { ours.lead },
            text: base.text,
            starts_line: base.starts_line && ours.starts_line && theirs.starts_line,
        }
    }

    /// The pieces that a side put there.
    fn put(&self, edit: &Edit, by: By) -> Vec<Placed<'a>> {
        let (own, other, other_at) = match by {
            By::Ours => (&self.pieces.ours, &self.pieces.theirs, &self.edits.theirs_at),
            By::Theirs => (&self.pieces.theirs, &self.pieces.ours, &self.edits.ours_at),
        };
        let placed = |p: &Piece<'a>| Placed { end: b"", lead: p.lead, text: p.text, starts_line: p.starts_line };
        let mut run: Vec<Placed<'a>> = own[edit.side.clone()].iter().map(placed).collect();
        if let (Some(first), Some(replaced)) = (run.first_mut(), self.pieces.base.get(edit.base.start)) {
            // Where the other side put something before the piece replaced, its white space is the newer one.
            let kept = other_at[edit.base.start].filter(|_| !edit.is_insertion() && first.lead == replaced.lead);
            first.lead = kept.map_or(first.lead, |j| other[j].lead);
        }
        run
    }
}

/// Where each of `length` pieces of the base is on a side with these edits.
fn positions(edits: &[Edit], length: usize) -> Vec<Option<usize>> {
    let mut at: Vec<Option<usize>> = Vec::with_capacity(length);
    let mut there = 0;
    for edit in edits {
        at.extend((there..).take(edit.base.start.saturating_sub(at.len())).map(Some));
        at.extend(edit.base.clone().map(|_| None));
        there = edit.side.end;
    }
    let left = length.saturating_sub(at.len());
    at.extend((there..).take(left).map(Some));
    at
}

/// Whether what both insert at one place can stand side by side: whole lines, or two elements with one separator before or
/// behind each (`|| a` and `|| b`).
pub fn stand_together(ours: &Edit, theirs: &Edit, pieces: &Pieces<'_>) -> bool {
    let (a, b) = (&pieces.ours[ours.side.clone()], &pieces.theirs[theirs.side.clone()]);
    let next = |side: &[Piece<'_>], e: &Edit| side[e.side.end].starts_line || side[e.side.end].kind == Kind::End;
    let lines = |run: &[Piece<'_>], side: &[Piece<'_>], e: &Edit| run[0].starts_line && next(side, e);
    if lines(a, &pieces.ours, ours) && lines(b, &pieces.theirs, theirs) {
        return true;
    }
    series::are_elements(a, b)
}
