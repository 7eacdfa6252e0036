//! One match turned into edits: only tokens that change.
//!
//! In: a text, its tree, a patch and where it matched. Out: edits, and the tokens of values that stay in their place.
//!
//! ```text
//! matched   vma      ->   vm_flags   |=   VM_IO          tokens; a metavariable's value is one piece
//!           X0       ->   vm_flags   |=   X1
//! wanted    vm_flags_set ( X0 , X1 )                     woven in by `weaving`
//! ```

use super::apply::Patch;
use super::edit::Edit;
use super::evaluation;
use super::lvalue;
use super::matcher::{Binding, Found};
use super::precedence::{Around, parenthesised};
use super::print::{Piece, Written, pieces};
use super::refusal::Refusal;
use super::template::list_style;
use super::term::{TermId, Terms};
use super::tree::Tree;
use super::weaving::{Old, Weaving, aligned, comments};

/// What becomes of one match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replacement {
    /// In order.
    pub edits: Vec<Edit>,
    /// Token ranges of values that stay in their place.
    pub kept: Vec<(u32, u32)>,
}

/// Longer matches or results than this many pieces are not aligned.
const MOST_PIECES: usize = 2000;

/// The edits of the match of `patch` at a place of `tree`.
///
/// # Errors
/// Why it is left as it is: it would be torn apart, or say something else.
pub fn replacement(
    place: (&[u8], &Tree, usize),
    patch: (&mut Terms, &Patch),
    found: &Found,
) -> Result<Replacement, Refusal> {
    let (text, tree, at) = place;
    let (terms, patch) = patch;
    if !evaluation::is_kept(terms, patch, &found.bindings) {
        return Err(Refusal::Evaluation);
    }
    if !lvalue::is_kept(terms, patch, (tree, at), found) {
        return Err(Refusal::Lvalue);
    }
    let after = parenthesised(terms, patch, &found.bindings, Around::of(tree, at));
    let terms = &*terms;
    let new = wanted(terms, after, found).ok_or(Refusal::Unclear)?;
    let mut made = Replacement::default();
    if new.is_empty() {
        made.edits.push(removal(place, terms).ok_or(Refusal::Unclear)?);
        if is_told_of(text, &made.edits[0]) {
            return Err(Refusal::Comment);
        }
    } else {
        let old = present(text, tree, at, found).ok_or(Refusal::Unclear)?;
        if old.len().max(new.len()) > MOST_PIECES {
            return Err(Refusal::Unclear);
        }
        let pairs = aligned(&old, &new);
        let kept = pairs.iter().filter_map(|(o, _)| old.get(*o)).filter(|o| matches!(o.piece, Piece::Meta(_)));
        made.kept = kept.map(|o| o.tokens).collect();
        let weaving = Weaving { text, old: &old, new: &new, terms, found, edits: Vec::new() };
        // What a comment between the old pieces is about nobody knows: it neither goes in silence nor stays beside what it was not about.
        if weaving.is_told_of(&pairs) {
            return Err(Refusal::Comment);
        }
        made.edits = weaving.run(&pairs);
        let loses = |edit: &Edit| comments(text.get(edit.start..edit.end).unwrap_or_default(), &edit.text);
        if made.edits.iter().any(loses) {
            return Err(Refusal::Comment);
        }
    }
    let is_torn = |edit: &Edit| has_directive(text.get(edit.start..edit.end).unwrap_or_default());
    if made.edits.iter().any(is_torn) { Err(Refusal::Unclear) } else { Ok(made) }
}

/// Whether a comment is in what a removal takes away, or behind it on its line.
fn is_told_of(text: &[u8], edit: &Edit) -> bool {
    let rest = text.get(edit.end..).unwrap_or_default();
    let line = if edit.start == edit.end || text.get(edit.end.wrapping_sub(1)) == Some(&b'\n') { b"" } else { rest };
    let line = line.split(|c| *c == b'\n').next().unwrap_or_default().trim_ascii_start();
    comments(text.get(edit.start..edit.end).unwrap_or_default(), b"")
        || line.starts_with(b"/*")
        || line.starts_with(b"//")
}

/// Whether a preprocessor line begins in these bytes.
fn has_directive(bytes: &[u8]) -> bool {
    bytes.split(|c| *c == b'\n').skip(1).any(|line| line.trim_ascii_start().starts_with(b"#"))
}

/// The pieces that are wanted; the comma before an empty run of arguments goes with it.
fn wanted(terms: &Terms, after: TermId, found: &Found) -> Option<Vec<Written>> {
    let mut all: Vec<Written> = Vec::new();
    let mut drops_comma = false;
    for written in pieces(terms, after) {
        let is_comma = matches!(&written.piece, Piece::Word(word) if **word == *b",");
        if std::mem::take(&mut drops_comma) && is_comma {
            continue;
        }
        match &written.piece {
            Piece::Dots => return None,
            Piece::Meta(number) => match found.bindings.get(*number)? {
                Binding::List(values) if values.is_empty() => {
                    let comma = all.pop_if(|last| matches!(&last.piece, Piece::Word(w) if **w == *b","));
                    drops_comma = comma.is_none();
                }
                _ => all.push(written),
            },
            Piece::Word(_) => all.push(written),
        }
    }
    Some(all)
}

/// The pieces that are there.
fn present(text: &[u8], tree: &Tree, at: usize, found: &Found) -> Option<Vec<Old>> {
    let (first, end) = tree.places().get(at)?.tokens;
    let bytes = |from: u32, to: u32| {
        let (a, b) = (tree.tokens().get(from as usize)?, tree.tokens().get(to.checked_sub(1)? as usize)?);
        Some(a.start as usize..b.end as usize)
    };
    let (mut all, mut at) = (Vec::new(), first);
    while at < end {
        let spot = found.spots.iter().find(|spot| spot.tokens.0 == at && spot.tokens.1 > at);
        let (piece, after) = match spot {
            Some(spot) => (Piece::Meta(spot.meta), spot.tokens.1),
            None => (Piece::Word(text.get(bytes(at, at + 1)?)?.into()), at + 1),
        };
        let here = bytes(at, after)?;
        // A conditional that runs through the match: what would stand in which branch nobody knows.
        if all.last().is_some_and(|last: &Old| has_directive(text.get(last.bytes.end..here.start).unwrap_or_default()))
        {
            return None;
        }
        all.push(Old { piece, bytes: here, tokens: (at, after) });
        at = after;
    }
    Some(all)
}

/// The edit that takes a whole element out of its list: with its comma, and with its lines if nothing else is on them.
fn removal(place: (&[u8], &Tree, usize), terms: &Terms) -> Option<Edit> {
    let (text, tree, at) = place;
    let here = tree.places().get(at)?;
    let parent = tree.places().get(here.parent as usize)?;
    let (mut start, mut end) = (here.start as usize, here.end as usize);
    if list_style(terms.kind(parent.term)).is_some_and(|style| style.separator == ",") {
        let token = |at: u32| tree.tokens().get(at as usize);
        let is_comma = |t: &super::tree::Token| text.get(t.start as usize..t.end as usize) == Some(b",");
        let next = token(here.tokens.1).filter(|t| is_comma(t));
        let before = here.tokens.0.checked_sub(1).and_then(token).filter(|t| is_comma(t));
        match (next, before) {
            (Some(next), _) => end = next.end as usize,
            (None, Some(before)) => start = before.start as usize,
            (None, None) => {}
        }
    }
    let line = text.get(..start)?.iter().rposition(|c| *c == b'\n').map_or(0, |at| at + 1);
    let line_end = text.get(end..)?.iter().position(|c| *c == b'\n').map_or(text.len(), |at| end + at + 1);
    let is_alone = text.get(line..start)?.trim_ascii().is_empty() && text.get(end..line_end)?.trim_ascii().is_empty();
    if is_alone {
        return Some(Edit::new(line..line_end, Vec::new()));
    }
    let spaces = text.get(end..)?.iter().take_while(|c| **c == b' ').count();
    Some(Edit::new(start..if start == here.start as usize { end + spaces } else { end }, Vec::new()))
}
