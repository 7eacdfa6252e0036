//! A part of the patch's edit that upstream has in other words or at another place.

use super::align::Edit;
use super::join::{Edits, Pieces};
use super::pieces::{Kind, Piece};
use crate::merge::{Open, Proposal};
use bstr::ByteSlice;

/// The least weight of a run of pieces that is no coincidence: two names, or one and some punctuation with a number.
const TELLING: i32 = 8;

/// The longest run that is looked for.
const LONGEST: usize = 256;

/// How many pieces may lie between upstream's edit and the patch's of one place: a bracket and a comma.
const NEAR: usize = 2;

/// Takes out what the patch inserts if upstream's lines have the same run of pieces, once, and the base's don't: a condition,
/// say, that upstream added beside another change, so that the two edits are not equal.
pub fn take_out(edits: &mut Edits, pieces: &Pieces<'_>, proposal: &mut Proposal) {
    let is_there = |e: &Edit| {
        let run = &pieces.theirs[e.side.clone()];
        if !e.is_insertion() || run.len() > LONGEST {
            return false;
        }
        let times = |side: &[Piece<'_>]| side.windows(run.len()).filter(|w| same(w, run)).count();
        let once = (times(&pieces.base), times(&pieces.ours), times(&pieces.theirs)) == (0, 1, 1);
        weight(run) >= TELLING && once
    };
    let (there, left): (Vec<Edit>, Vec<Edit>) = std::mem::take(&mut edits.theirs).into_iter().partition(is_there);
    edits.theirs = left;
    if there.is_empty() {
        return;
    }
    proposal.reasons.push("upstream added words of the patch already: they are taken once".into());
    let at_its_place =
        |e: &Edit| edits.ours.iter().any(|o| o.base.start <= e.base.end + NEAR && e.base.start <= o.base.end + NEAR);
    if !there.iter().all(at_its_place) {
        proposal.doubts.push("upstream added the patch's words at another place of the lines".into());
    }
}

/// Whether two runs are equal but for white space.
fn same(a: &[Piece<'_>], b: &[Piece<'_>]) -> bool {
    a.iter().map(|p| p.text).eq(b.iter().map(|p| p.text))
}

/// The weight of a run.
fn weight(run: &[Piece<'_>]) -> i32 {
    run.iter().map(Piece::weight).sum()
}

/// Whole lines that the patch inserts, of which at least half stand in upstream's file.
pub fn elsewhere(open: &Open<'_>, edits: &Edits, pieces: &Pieces<'_>) -> Option<String> {
    /// Shorter lines stand everywhere.
    const LONG: usize = 8;
    if edits.theirs.is_empty() {
        return None;
    }
    let ours: std::collections::BTreeSet<&[u8]> = open.files.ours.lines().map(<[u8]>::trim_ascii).collect();
    let theirs: Vec<&[u8]> = open.sides.theirs.lines().map(<[u8]>::trim_ascii).collect();
    let base: Vec<&[u8]> = open.sides.base.lines().map(<[u8]>::trim_ascii).collect();
    let fresh = edits.theirs.iter().flat_map(|e| &pieces.theirs[e.side.clone()]);
    let mut lines: Vec<usize> = fresh.filter(|p| p.kind != Kind::End).map(|p| p.line).collect();
    lines.dedup();
    let texts = lines.iter().filter_map(|n| theirs.get(*n)).filter(|t| t.len() >= LONG && !base.contains(t));
    let (there, gone): (Vec<&[u8]>, Vec<&[u8]>) = texts.copied().partition(|t| ours.contains(t));
    (!there.is_empty() && there.len() >= gone.len())
        .then(|| "lines that the patch adds stand in upstream's file already".into())
}
