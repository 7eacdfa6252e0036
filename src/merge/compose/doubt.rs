//! What speaks against two edits of one statement that do not touch each other.

use super::align::Edit;
use super::already;
use super::join::{Edits, Meeting, Pieces};
use super::pieces::{Kind, Piece};
use super::rename::is_rename;
use super::series::bracket;
use crate::merge::{Doubt, Open, Proposal};
use crate::syntax::language::Language;
use crate::syntax::lex::is_letter;
use bstr::ByteSlice;
use std::collections::BTreeSet;

/// With more pieces between them two edits are not about one operand.
const FAR: usize = 32;

/// Adds them to the proposal.
pub fn doubts(open: &Open<'_>, edits: &Edits, pieces: &Pieces<'_>, proposal: &mut Proposal) {
    let doubts = &mut proposal.doubts;
    if edits.meetings().any(|(_, _, meeting)| meeting == Meeting::SamePlace) {
        doubts.push("both sides add something at one place: nothing says which comes first".into());
    }
    if edits.ours.iter().any(|a| edits.theirs.iter().any(|b| is_close(a, b, pieces, open.language))) {
        doubts.push("upstream and the patch edit one expression".into());
    }
    doubts.extend(moved(edits, pieces).map(Doubt::from));
    if rebracketed(&edits.ours, &edits.theirs, &pieces.base, &pieces.ours)
        || rebracketed(&edits.theirs, &edits.ours, &pieces.base, &pieces.theirs)
    {
        doubts.push("one side moved brackets around what the other edits".into());
    }
    let others = [arity(edits, pieces), stale(open, edits, pieces), already::elsewhere(open, edits, pieces)];
    doubts.extend(others.into_iter().flatten().map(Doubt::from));
}

/// Whether nothing separates the two edits: they are about one operand or one word of a list. Another name for the same thing
/// leaves what stands beside it as it is.
fn is_close(ours: &Edit, theirs: &Edit, pieces: &Pieces<'_>, language: Language) -> bool {
    if is_rename(ours, pieces) {
        return false;
    }
    let between = match ours.base.start <= theirs.base.start {
        true => ours.base.end..theirs.base.start.max(ours.base.end),
        false => theirs.base.end..ours.base.start.max(theirs.base.end),
    };
    let base = &pieces.base;
    // The words of a list of make stand alone; one for another changes no order.
    let alone = |e: &Edit| {
        let spaced =
            |at: usize| !base[at].lead.is_empty() || base[at].kind == Kind::End || base[at].kind == Kind::Newline;
        spaced(e.base.start) && spaced(e.base.end)
    };
    let replaces = |e: &Edit| e.base.len() == 1 && !e.side.is_empty();
    if language == Language::Make && alone(ours) && alone(theirs) && (replaces(ours) || replaces(theirs)) {
        return false;
    }
    if between.len() > FAR {
        return false;
    }
    let one_slot = ours.is_insertion() && theirs.is_insertion() && between.len() <= 1;
    one_slot || !base[between].iter().any(separates)
}

/// Whether a piece stands between two operands.
fn separates(piece: &Piece<'_>) -> bool {
    const MARKS: [&str; 19] =
        [",", ";", "(", ")", "{", "}", "[", "]", "$(", "=", "+=", ":=", ":", "?", "&&", "||", "|", "\"", "<"];
    piece.kind == Kind::Newline || piece.text == b" " || MARKS.iter().any(|m| piece.is(m))
}

/// A word that upstream took away at one place of the hunk and put at another: what the patch did to it may belong there.
fn moved(edits: &Edits, pieces: &Pieces<'_>) -> Option<String> {
    let gone = edits.ours.iter().flat_map(|e| &pieces.base[e.base.clone()]);
    let come = |word: &[u8]| {
        edits.ours.iter().flat_map(|e| &pieces.ours[e.side.clone()]).any(|p| p.kind == Kind::Word && p.text == word)
    };
    let word = gone.filter(|p| p.kind == Kind::Word && p.weight() > 2).find(|p| come(p.text))?;
    Some(format!("upstream moved {} within the lines", word.text.as_bstr()))
}

/// Whether a side opens or closes brackets in one edit and closes or opens them in another, with an edit of the other side
/// between the two.
fn rebracketed(own: &[Edit], other: &[Edit], base: &[Piece<'_>], side: &[Piece<'_>]) -> bool {
    let open = |run: &[Piece<'_>]| run.iter().map(bracket).sum::<i32>();
    let mut unequal = own.iter().filter(|e| open(&base[e.base.clone()]) != open(&side[e.side.clone()]));
    let Some(first) = unequal.next() else { return false };
    let end = unequal.next_back().map_or(base.len(), |last| last.base.end);
    other.iter().any(|e| first.base.start <= e.base.end && e.base.start <= end)
}

/// The call whose number of arguments one side changed, where the other edits it, too.
fn arity(edits: &Edits, pieces: &Pieces<'_>) -> Option<String> {
    let changed = |own: &[Edit], side: &[Piece<'_>]| -> Vec<Group> {
        let commas = |run: &[Piece<'_>]| top_commas(run);
        let own = own.iter().filter(|e| commas(&pieces.base[e.base.clone()]) != commas(&side[e.side.clone()]));
        own.filter_map(|e| group(&pieces.base, e.base.start)).collect()
    };
    let met = |groups: &[Group], others: &[Edit]| {
        let inside = |g: &Group| {
            others.iter().any(|e| g.name <= e.base.start && e.base.start <= g.close && direct(g, e, pieces))
        };
        groups.iter().find(|g| !g.is_format && inside(g)).map(|g| g.name)
    };
    let (ours, theirs) = (changed(&edits.ours, &pieces.ours), changed(&edits.theirs, &pieces.theirs));
    let name = |at: usize| pieces.base[at].text.as_bstr();
    if let Some(at) = met(&ours, &edits.theirs) {
        return Some(format!("upstream changed the number of arguments of {}, which the patch edits", name(at)));
    }
    // Another name may be another function.
    let lost = |g: &&Group| edits.ours.iter().any(|e| e.base.contains(&g.name));
    theirs
        .iter()
        .find(lost)
        .map(|g| format!("the patch changes the arguments of {}, which upstream replaced", name(g.name)))
}

/// A bracketed list of the base: the piece before its bracket and the one that closes it.
struct Group {
    name: usize,
    close: usize,
    /// A format's arguments follow its conversions: their number changes with it.
    is_format: bool,
}

/// Whether the edit is in the group itself and not in one of its own within it, or is about its name.
fn direct(g: &Group, edit: &Edit, pieces: &Pieces<'_>) -> bool {
    edit.base.contains(&g.name) || group(&pieces.base, edit.base.start).is_some_and(|h| h.name == g.name)
}

/// The innermost list of round brackets around a place of the base.
fn group(base: &[Piece<'_>], at: usize) -> Option<Group> {
    let mut depth = 0;
    let open = (0..at).rev().find(|i| {
        depth += bracket(&base[*i]);
        depth > 0
    })?;
    let mut depth = 0;
    let close = (open..base.len()).find(|i| {
        depth += bracket(&base[*i]);
        depth == 0
    });
    let close = close.unwrap_or(base.len() - 1);
    let round = base[open].is("(") && open > 0 && base[open - 1].kind == Kind::Word;
    let is_format = base[open..close].iter().any(|p| p.text.len() > 1 && p.text[0] == b'%' && p.kind == Kind::Mark);
    round.then(|| Group { name: open - 1, close, is_format })
}

/// The commas of a run outside of brackets that the run opens.
fn top_commas(run: &[Piece<'_>]) -> usize {
    let mut depth = 0;
    let mut commas = 0;
    for piece in run {
        depth = (depth + bracket(piece)).max(0);
        commas += usize::from(depth == 0 && piece.is(","));
    }
    commas
}

/// A word of the patch's new pieces that upstream took out of the hunk, or that the file no longer has.
fn stale(open: &Open<'_>, edits: &Edits, pieces: &Pieces<'_>) -> Option<String> {
    let fresh = edits.theirs.iter().flat_map(|e| &pieces.theirs[e.side.clone()]);
    let words = fresh.filter(|p| p.kind == Kind::Word && p.weight() > 2);
    let renamed =
        |word: &[u8]| edits.ours.iter().any(|e| is_rename(e, pieces) && pieces.base[e.base.start].text == word);
    let in_hunk = |side: &[Piece<'_>], word: &[u8]| side.iter().any(|p| p.kind == Kind::Word && p.text == word);
    let words: BTreeSet<&[u8]> = words.map(|p| p.text).filter(|word| !renamed(word)).collect();
    let (was, is) = (present(open.files.base, &words), present(open.files.ours, &words));
    let left_hunk = |word: &[u8]| in_hunk(&pieces.base, word) && !in_hunk(&pieces.ours, word);
    let word = words.iter().find(|word| left_hunk(word) || was.contains(*word) && !is.contains(*word))?;
    Some(format!("upstream took {} away, which the patch's new words use", word.as_bstr()))
}

/// The words that stand in the text.
fn present<'a>(text: &'a [u8], words: &BTreeSet<&[u8]>) -> BTreeSet<&'a [u8]> {
    text.split(|c| !is_letter(*c)).filter(|word| words.contains(word)).collect()
}
