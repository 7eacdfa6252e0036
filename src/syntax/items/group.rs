//! An `#if` group while the scanner is in it: what every arm starts from, and how the first one ended.
//!
//! In: the scanner's state at `#if` and at the end of every arm. Out: the state to go on with.

use super::Item;
use crate::syntax::lex::{Kind, Token, directive};

/// How deep in brackets the scanner is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Depth {
    /// Open braces.
    pub(super) braces: usize,
    /// Open parentheses and indices since the outermost brace; they don't matter within one.
    pub(super) parens: usize,
    /// Those that were open before the outermost brace.
    pub(super) outer: usize,
}

impl Depth {
    /// Whether nothing is open.
    pub(super) fn is_top(self) -> bool {
        self.braces == 0 && self.parens == 0
    }
}

/// What the outermost braces of an item hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Body {
    /// No brace yet.
    #[default]
    None,
    /// Code: the item ends with it.
    Code,
    /// Fields, constants or an initialiser: `;` ends the item.
    Data,
}

/// An item that has begun.
#[derive(Clone, Debug)]
pub(super) struct Open<'a> {
    /// Its first token.
    pub(super) start: usize,
    /// Its tokens outside of braces, a `{` for every body.
    pub(super) head: Vec<Token<'a>>,
    /// What its outermost braces hold.
    pub(super) body: Body,
    /// Offset and end of the first braces; the end is 0 while they are open.
    pub(super) braces: (usize, usize),
    /// The branch in which it began.
    pub(super) branch: usize,
    /// What it was told to be, if it was ended once already.
    pub(super) told: Option<Item>,
}

/// How an arm ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending<'a> {
    /// The depth.
    pub(super) depth: Depth,
    /// The item that began in it and goes on.
    pub(super) open: Option<Open<'a>>,
    /// What it added to the head of the item that was open before, and the body.
    pub(super) tail: Vec<Token<'a>>,
    /// Body of the item that was open before.
    pub(super) body: (Body, (usize, usize)),
    /// It ended the item that was open before.
    pub(super) closed: bool,
}

/// An `#if` group.
#[derive(Clone, Debug, Default)]
pub(super) struct Group<'a> {
    /// Token of its `#if`.
    pub(super) start: usize,
    /// How many items there were before it.
    pub(super) items: usize,
    /// The depth there.
    pub(super) depth: Depth,
    /// First token of the item that was open there.
    pub(super) open: Option<usize>,
    /// Length of that item's head, and its body.
    pub(super) head: usize,
    /// Its body there.
    pub(super) body: (Body, (usize, usize)),
    /// How the arm ended that counts: the first that is not `#if 0`.
    pub(super) first: Option<Ending<'a>>,
    /// The arm that is being read is `#if 0`.
    pub(super) dead: bool,
    /// The arm that is being read is assembler, or lies within some.
    pub(super) assembler: bool,
    /// Its other arm is.
    pub(super) assembler_else: bool,
}

/// What a conditional directive's condition says of the text it governs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// `#if 0`
    Never,
    /// Only assembler sees it.
    Assembler,
    /// Only C sees it: the other arm is assembler.
    NotAssembler,
    /// Whatever else.
    Some,
}

/// Reads the condition of an `#if`, `#ifdef` or `#ifndef`.
pub(super) fn condition(line: &[u8]) -> Condition {
    let name = directive(line);
    let words = crate::syntax::lex::tokens(line.strip_prefix(b"#").unwrap_or(line));
    let rest: Vec<_> = words.iter().skip(1).filter(|t| t.kind != Kind::Comment).map(|t| t.text).collect();
    let assembler = |word: &[u8]| matches!(word, b"__ASSEMBLY__" | b"__ASSEMBLER__");
    match (name, rest.as_slice()) {
        (b"if", [b"0"]) => Condition::Never,
        (b"ifdef", [word]) if assembler(word) => Condition::Assembler,
        (b"ifndef", [word]) if assembler(word) => Condition::NotAssembler,
        (b"if", [b"defined", b"(", word, b")"] | [b"defined", word]) if assembler(word) => Condition::Assembler,
        (b"if", [b"!", b"defined", b"(", word, b")"] | [b"!", b"defined", word]) if assembler(word) => {
            Condition::NotAssembler
        }
        _ => Condition::Some,
    }
}

/// Whether a directive opens, continues or ends an `#if`.
pub(super) fn is_conditional(line: &[u8]) -> bool {
    matches!(directive(line), b"if" | b"ifdef" | b"ifndef" | b"elif" | b"elifdef" | b"elifndef" | b"else" | b"endif")
}

/// For every token that is a conditional directive, the index of the `#endif` of its group (or of the last token).
pub(super) fn group_ends(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut ends = vec![0; tokens.len()];
    let mut open: Vec<Vec<usize>> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, t)| t.kind == Kind::Directive) {
        match directive(token.text) {
            b"if" | b"ifdef" | b"ifndef" => open.push(vec![at]),
            b"endif" => {
                for member in open.pop().unwrap_or_default() {
                    ends[member] = at;
                }
                ends[at] = at;
            }
            _ if is_conditional(token.text) => match open.last_mut() {
                Some(group) => group.push(at),
                None => ends[at] = at,
            },
            _ => {}
        }
    }
    for member in open.into_iter().flatten() {
        ends[member] = tokens.len().saturating_sub(1);
    }
    ends
}
