//! Terms and patterns written as text.
//!
//! In: a term. Out: its tokens in order, each with whether a space stands before it in the kernel's style; or all of them on
//! one line. Dots are written `...`, metavariables by name.

use super::metavariable::{Metavariable, MetavariableKind};
use super::template::{Part, is_spaced, parts};
use super::term::{Head, NOTHING, TermId, Terms};

/// What a piece of a written term is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A token.
    Word(Box<[u8]>),
    /// A metavariable.
    Meta(u32),
    /// `...`
    Dots,
}

/// A piece and whether a space stands before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Written {
    /// What stands here.
    pub piece: Piece,
    /// Whether a space stands before it, by the kernel's style.
    pub space: bool,
}

/// The pieces of a term, which is no deeper than `MAX_DEPTH`; deeper ones have none.
pub fn pieces(terms: &Terms, id: TermId) -> Vec<Written> {
    let mut out = Vec::new();
    if terms.is_shallow(id) {
        write(terms, id, false, &mut out);
    }
    out
}

/// Writes one term; `space` is whether one stands before it.
fn write(terms: &Terms, id: TermId, space: bool, out: &mut Vec<Written>) {
    let children = terms.children(id);
    match terms.head(id) {
        Head::Dots => out.push(Written { piece: Piece::Dots, space }),
        Head::Known { kind: NOTHING, .. } => {}
        Head::Meta(number) => {
            out.push(Written { piece: Piece::Meta(number), space });
            list(terms, ("argument_list", b""), children, out);
        }
        Head::Known { kind: "atom", word } => {
            out.push(Written { piece: Piece::Word(terms.word(word).into()), space });
            list(terms, ("argument_list", b""), children, out);
        }
        Head::Known { word, .. } if children.is_empty() && !terms.word(word).is_empty() => {
            out.push(Written { piece: Piece::Word(terms.word(word).into()), space });
        }
        Head::Known { kind, word } => write_parts(terms, (kind, terms.word(word), space), children, out),
    }
}

/// The arguments of a term of the formal language, in parentheses.
fn list(terms: &Terms, head: (&str, &[u8]), children: &[TermId], out: &mut Vec<Written>) {
    if !children.is_empty() {
        write_parts(terms, (head.0, head.1, false), children, out);
    }
}

/// Tokens and children of a node, in order; `head` is its kind, its word, and whether a space stands before it.
fn write_parts(terms: &Terms, head: (&str, &[u8], bool), children: &[TermId], out: &mut Vec<Written>) {
    let (kind, word, space) = head;
    let parts = parts(kind, word, children.len());
    for (at, part) in parts.iter().enumerate() {
        let space = match at.checked_sub(1).and_then(|before| parts.get(before)) {
            Some(before) => is_spaced(kind, *before, *part),
            None => space,
        };
        match part {
            Part::Token(token) => out.push(Written { piece: Piece::Word((*token).into()), space }),
            Part::Child(number) => {
                if let Some(child) = children.get(*number) {
                    write(terms, *child, space, out);
                }
            }
        }
    }
}

/// All of a term on one line.
pub fn text(terms: &Terms, id: TermId, metas: &[Metavariable]) -> String {
    let mut out: Vec<u8> = Vec::new();
    for written in pieces(terms, id) {
        if written.space && !out.is_empty() {
            out.push(b' ');
        }
        match written.piece {
            Piece::Word(word) => out.extend_from_slice(&word),
            Piece::Dots => out.extend_from_slice(b"..."),
            // All parameters stand for their parentheses as well, which a reader wants to see.
            Piece::Meta(number) if is_list_of_parameters(metas, number) => {
                out.extend_from_slice(format!("({})", name(metas, number)).as_bytes());
            }
            Piece::Meta(number) => out.extend_from_slice(name(metas, number).as_bytes()),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The name of a metavariable.
pub fn name(metas: &[Metavariable], number: u32) -> String {
    metas.get(number as usize).map_or_else(|| format!("X{number}"), |meta| meta.name.clone())
}

/// Whether a metavariable stands for all parameters of a function.
fn is_list_of_parameters(metas: &[Metavariable], number: u32) -> bool {
    metas.get(number as usize).is_some_and(|meta| meta.kind == MetavariableKind::Parameters)
}
