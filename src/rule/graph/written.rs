//! New text for a pattern whose metavariables are bound, in the words of the text it goes into.
//!
//! In: a pattern, what is bound, the function. Out: tokens, each with the white space before it. What a metavariable stands for is
//! written as it stands in the function, layout included; or the least edits that make old tokens into new ones.
//!
//! ```text
//!   old   static int __init f ( struct a * p )
//!   new   static void f ( struct a * p )          one edit: int -> void; `__init` and all spaces stay
//! ```

use super::function::Function;
use super::path::{is_header, terms_of};
use crate::merge::delta::{self, Hunk};
use crate::rule::edit::{Edit, edited};
use crate::rule::matcher::{Binding, Bindings};
use crate::rule::print::{self, Piece};
use crate::rule::term::{TermId, Terms};
use crate::syntax::lex;
use std::ops::Range;

/// A token to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The white space before it.
    pub gap: Vec<u8>,
    /// Its bytes.
    pub text: Vec<u8>,
}

/// The tokens of a pattern, metavariables filled in. Of a header the dots are left out. `None` if something is not bound.
pub fn tokens(terms: &Terms, pattern: TermId, bindings: &Bindings, function: &Function) -> Option<Vec<Written>> {
    let mut pieces = print::pieces(terms, pattern);
    if is_header(terms, pattern) {
        pieces.pop();
    }
    let mut out = Vec::new();
    for piece in pieces {
        let gap = if piece.space { b" ".to_vec() } else { Vec::new() };
        match piece.piece {
            // `return ;`, `break ;`: a statement without parts is one word.
            Piece::Word(word) if word.ends_with(b" ;") => {
                out.push(Written { gap, text: word[..word.len() - 2].to_vec() });
                out.push(Written { gap: Vec::new(), text: b";".to_vec() });
            }
            Piece::Word(word) => out.push(Written { gap, text: word.into() }),
            Piece::Meta(number) => {
                let binding = bindings.get(number)?;
                append((terms, function), binding, gap, &mut out);
            }
            Piece::Dots => return None,
        }
    }
    Some(out)
}

/// Appends what a metavariable stands for.
fn append((terms, function): (&Terms, &Function), binding: &Binding, gap: Vec<u8>, out: &mut Vec<Written>) {
    let mut gap = gap;
    for (at, term) in terms_of(binding).into_iter().enumerate() {
        if at > 0 {
            out.push(Written { gap: Vec::new(), text: b",".to_vec() });
            gap = b" ".to_vec();
        }
        let place = function.tree.places().iter().position(|place| place.term == term);
        let printed = || print::text(terms, term, &[]).into_bytes();
        let source = place.map_or_else(printed, |at| function.bytes(at).to_vec());
        let mut end = None;
        for token in lex::tokens(&source) {
            let between = end.map_or_else(|| std::mem::take(&mut gap), |end: usize| source[end..token.at].to_vec());
            out.push(Written { gap: between, text: token.text.to_vec() });
            end = Some(token.end());
        }
    }
}

/// Tokens as text, without the first one's white space.
pub fn joined(tokens: &[Written]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(&token.gap);
        }
        out.extend_from_slice(&token.text);
    }
    out
}

/// Tokens as lines, for a statement that has parts; the first line without its indent.
pub fn laid_out(tokens: &[Written], indent: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let (mut depth, mut round, mut one_more, mut fresh) = (0_usize, 0_usize, 0_usize, true);
    for (at, token) in tokens.iter().enumerate() {
        let closing = token.text == b"}";
        depth = depth.saturating_sub(usize::from(closing));
        let stays = token.text == b"else" && out.ends_with(b"}");
        if fresh && at > 0 && !stays {
            out.push(b'\n');
            out.extend_from_slice(indent);
            out.resize(out.len() + depth + if closing { 0 } else { one_more }, b'\t');
        } else if at > 0 {
            out.extend_from_slice(if stays { b" " } else { &token.gap });
        }
        out.extend_from_slice(&token.text);
        let next = tokens.get(at + 1).map_or(&b""[..], |t| &t.text);
        fresh = false;
        match token.text.as_slice() {
            b"(" => round += 1,
            b")" => {
                round = round.saturating_sub(1);
                if round == 0 && is_head_end(tokens, at) && next != b"{" {
                    (fresh, one_more) = (true, one_more + 1);
                }
            }
            b"{" if round == 0 => (depth, fresh) = (depth + 1, true),
            b"}" => fresh = true,
            b";" if round == 0 => (fresh, one_more) = (true, 0),
            _ => {}
        }
    }
    out
}

/// Whether the `)` at an index closes the head of a conditional or loop.
fn is_head_end(tokens: &[Written], close: usize) -> bool {
    let mut depth = 0_usize;
    for at in (0..=close).rev() {
        match tokens[at].text.as_slice() {
            b")" => depth += 1,
            b"(" => {
                depth -= 1;
                if depth == 0 {
                    let word = at.checked_sub(1).map_or(&b""[..], |before| &tokens[before].text);
                    return matches!(word, b"if" | b"while" | b"for" | b"switch");
                }
            }
            _ => {}
        }
    }
    false
}

/// The least edits of the tokens of `place` that make them into `new`.
pub fn edits(function: &Function, place: Range<usize>, new: &[Written]) -> Vec<Edit> {
    let all = function.tree.tokens();
    let first = all.partition_point(|t| (t.start as usize) < place.start);
    let last = all.partition_point(|t| (t.start as usize) < place.end);
    let old: Vec<Range<usize>> = all[first..last.max(first)].iter().map(|t| t.start as usize..t.end as usize).collect();
    let text = &function.side.text;
    if old.is_empty() {
        return vec![Edit { start: place.start, end: place.end, text: joined(new) }];
    }
    let before: Vec<&[u8]> = old.iter().map(|range| &text[range.clone()]).collect();
    let after: Vec<&[u8]> = new.iter().map(|token| token.text.as_slice()).collect();
    let hunks = delta::of_lists(&before, &after);
    let gone: usize = hunks.iter().map(|hunk| hunk.before.len()).sum();
    // Of little in common no layout is kept.
    if (old.len() - gone) * 2 < old.len().max(new.len()) {
        return vec![Edit { start: old[0].start, end: place.end, text: joined(new) }];
    }
    let edit = |hunk: Hunk| {
        let next_gap = new.get(hunk.after.end).map(|token| token.gap.as_slice());
        one_edit(text, &old, hunk.before, (&new[hunk.after], next_gap))
    };
    hunks.into_iter().map(edit).collect()
}

/// One edit: the old tokens `gone` make room for `come`; `come.1` is the white space that the new text has before what follows.
fn one_edit(text: &[u8], old: &[Range<usize>], gone: Range<usize>, come: (&[Written], Option<&[u8]>)) -> Edit {
    let (come, next_gap) = come;
    let before_end = gone.start.checked_sub(1).and_then(|at| old.get(at)).map(|r| r.end);
    let next_start = old.get(gone.end).map(|r| r.start);
    if !gone.is_empty() && !come.is_empty() {
        return Edit { start: old[gone.start].start, end: old[gone.end - 1].end, text: joined(come) };
    }
    if gone.is_empty() {
        let at = before_end.or(next_start).unwrap_or(0);
        let mut added: Vec<u8> = if before_end.is_some() { come[0].gap.clone() } else { Vec::new() };
        added.extend_from_slice(&joined(come));
        let is_tight = next_start == Some(at);
        if is_tight && next_gap.is_some_and(|gap| !gap.is_empty()) {
            added.push(b' ');
        }
        return Edit { start: at, end: at, text: added };
    }
    let (first, last) = (old[gone.start].start, old[gone.end - 1].end);
    let tight_before = before_end.is_none_or(|end| end == first);
    // A comment behind what goes stays.
    let spaces = text[last..].iter().take_while(|c| c.is_ascii_whitespace()).count();
    let wants_tight = next_gap.is_none_or(<[u8]>::is_empty);
    match (before_end, next_start) {
        (_, Some(next)) if tight_before == wants_tight => {
            Edit { start: first, end: next.min(last + spaces), text: Vec::new() }
        }
        (Some(end), _) => Edit { start: end, end: last, text: Vec::new() },
        _ => Edit { start: first, end: next_start.unwrap_or(last), text: Vec::new() },
    }
}

/// The text with edits made that are in no order; what overlaps one before it is left out.
pub fn applied(text: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort();
    edited(text, &edits)
}
