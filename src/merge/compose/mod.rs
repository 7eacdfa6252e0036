//! Both sides changed one statement: their two edits made one, where they commute.
//!
//! ```text
//!   base    if (of_find(np, "a", NULL)) {
//!   ours    if (of_bool(np, "a")) {                upstream: another function, an argument less
//!   theirs  if (of_find(np, "a", NULL) || b) {     the patch: one condition more
//!   result  if (of_bool(np, "a") || b) {
//! ```
//! In: a hunk that stayed open. Out: a text in which each edit of each side is found, with what speaks for and against it, or
//! nothing. The hunk is one sequence of pieces (`pieces`); each side is aligned with the base (`align`); edits of pieces
//! that the other side kept are joined (`join`), a number that both advanced is advanced again (`numbers`). Two edits of
//! one piece never are. Lines that only one side edits are not settled here.

mod align;
mod already;
mod doubt;
mod join;
mod numbers;
mod pieces;
mod rename;
mod series;

use super::{Open, Proposal};
use align::Edit;
use join::{Edits, Meeting, Pieces};
use pieces::{Piece, pieces};

/// The largest side of a hunk that is looked at, in bytes.
const MOST_BYTES: usize = 1 << 16;

/// The most edits of both sides together; above it this is no edit of a statement, but another text.
const MOST_EDITS: usize = 64;

/// The two edits of the hunk's statements as one.
pub fn propose(open: &Open<'_>) -> Option<Proposal> {
    let sides = open.sides;
    if sides.named().iter().any(|(_, side)| side.len() > MOST_BYTES) {
        return None;
    }
    if sides.base.is_empty() {
        return numbers::inserted(open);
    }
    let mut pieces = sides.map(|side| pieces(side, open.language));
    if sides.named().iter().any(|(_, side)| side.is_empty()) {
        return None;
    }
    let ours = align::edits(&pieces.base, &pieces.ours)?;
    let theirs = align::edits(&pieces.base, &pieces.theirs)?;
    let mut edits = Edits::new(ours, theirs, &pieces);
    if edits.ours.len() + edits.theirs.len() > MOST_EDITS || !resembles(&edits, &pieces) {
        return None;
    }
    let mut proposal = Proposal::default();
    already::take_out(&mut edits, &pieces, &mut proposal);
    let advanced = numbers::advance(&mut edits, &pieces, &mut proposal)?;
    for (ours, theirs, meeting) in edits.meetings() {
        let joins = match meeting {
            Meeting::Overlap => false,
            Meeting::SamePlace => join::stand_together(ours, theirs, &pieces),
            Meeting::Border | Meeting::Apart => true,
        };
        if !joins {
            return None;
        }
    }
    doubt::doubts(open, &edits, &pieces, &mut proposal);
    rename::carry(open, &edits, &mut pieces, &mut proposal);
    for (piece, text) in &advanced {
        pieces.ours[*piece].text = text;
    }
    let placed = join::joined(&pieces, &edits);
    proposal.text = placed.iter().flat_map(|p| [p.end, p.lead, p.text].concat()).collect();
    reads_back(&proposal.text, &placed, open).then(|| told(proposal, &edits))
}

/// Says what was joined.
fn told(mut proposal: Proposal, edits: &Edits) -> Proposal {
    if !edits.shared.is_empty() {
        let part = if edits.theirs.is_empty() { "all" } else { "part" };
        proposal.reasons.push(format!("upstream made {part} of the patch's edit already"));
    }
    if !edits.ours.is_empty() && !edits.theirs.is_empty() {
        let (a, b) = (edits.ours.len(), edits.theirs.len());
        let said = format!(
            "both sides edit these lines, and no edit of upstream ({a}) is about a word that the patch edits ({b})"
        );
        proposal.reasons.push(said);
    }
    proposal
}

/// Whether both sides edited one line, and kept at least half of what both edited: of a statement written anew nothing can be
/// composed, and an alignment with it is chance.
fn resembles(edits: &Edits, pieces: &Pieces<'_>) -> bool {
    let both = edits.shared_lines(pieces);
    let weight = |of: &[Piece<'_>]| -> i32 { of.iter().filter(|p| both.contains(&p.line)).map(Piece::weight).sum() };
    let all = weight(&pieces.base);
    let gone = |own: &[Edit]| -> i32 { own.iter().map(|e| weight(&pieces.base[e.base.clone()])).sum() };
    !both.is_empty() && [&edits.ours, &edits.theirs].iter().all(|own| 2 * gone(own) <= all)
}

/// Whether the text falls into the pieces it was made of, and lines still begin where they began: no comment swallowed a
/// piece, no two grew together.
fn reads_back(text: &[u8], placed: &[join::Placed<'_>], open: &Open<'_>) -> bool {
    let again = pieces(text, open.language);
    let same = |(p, q): (&Piece<'_>, &join::Placed<'_>)| {
        p.text == q.text && (p.starts_line || !q.starts_line || q.text.is_empty())
    };
    again.len() == placed.len() && again.iter().zip(placed).all(same)
}

#[cfg(test)]
mod tests;
