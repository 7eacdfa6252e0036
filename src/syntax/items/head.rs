//! What an item is and what it is called, told by its head: its tokens outside of braces.
//!
//! In: the tokens of the head, a `{` for every body. Out: kind, name and first argument.
//!
//! ```text
//! static int __init f(void) {     parts: Word Word [annotation] Word Group Brace     a function: name, then a group
//! int (*cb(void))(int) {          the first group holds the name
//! SYSCALL_DEFINE1(f, int, fd) {   no type before the name: a macro
//! static struct s t[] = {         `=` before the brace: a variable
//! ```

use std::ops::Range;

use super::ItemKind;
use crate::syntax::annotation;
use crate::syntax::lex::{Kind, Token};

/// A call with more tokens than this is not looked at for its end.
const LONGEST_CALL: usize = 10_000;

/// What the head of an item tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// What the item is; `None` if nothing tells.
    pub(super) kind: Option<ItemKind>,
    /// Its name.
    pub(super) name: Range<usize>,
    /// Its first argument.
    pub(super) argument: Range<usize>,
}

/// A piece of a head; numbers are indices of tokens in the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A word that is no annotation.
    Word(usize),
    /// `(` ... `)`: both ends; an unclosed one ends with the head.
    Group(usize, usize),
    /// `[` ... `]`.
    Index,
    /// `{` ... `}`.
    Brace,
    /// `=`
    Assign,
    /// `*`
    Star,
    /// Anything else.
    Punct,
}

/// A head cut into parts.
struct Head<'a> {
    /// The tokens outside of braces.
    tokens: &'a [Token<'a>],
    /// Annotations left out.
    parts: Vec<Part>,
    /// Where the declarator begins, if the type has a body; else 0.
    start: usize,
}

/// Tells what the item with this head is.
pub(super) fn tell(tokens: &[Token<'_>]) -> Told {
    let mut head = Head { tokens, parts: parts(tokens), start: 0 };
    let mut body = head.find(Part::Brace);
    let last = head.parts.iter().rposition(|part| *part == Part::Brace);
    if let (Some(first), true) = (body, last > body && head.find(Part::Assign).is_none()) {
        // `struct s { ... } f(...) {`: the first body is the type's
        (head.start, body) = (first + 1, last);
    }
    let assign = head.find(Part::Assign);
    let before = |a: Option<usize>, b: Option<usize>| a.is_some_and(|a| b.is_none_or(|b| a < b));
    if head.first_word() == b"typedef" {
        return head.typedef();
    }
    if before(assign, body) {
        return head.variable(assign.unwrap_or(0));
    }
    if let Some(told) = head.function(body) {
        return told;
    }
    if let Some(told) = head.tagged() {
        return told;
    }
    if body.is_some() { Told::default() } else { head.variable(head.parts.len()) }
}

/// Whether a `{` behind this head, which has no `=`, begins code: not fields or constants.
pub(super) fn is_code(tokens: &[Token<'_>]) -> bool {
    let head = Head { tokens, parts: parts(tokens), start: 0 };
    let told = head.function(Some(head.parts.len()));
    told.is_some() || !head.parts.iter().any(|part| tag_kind(head.word(*part)).is_some())
}

/// Cuts a head into parts, without its annotations.
fn parts(tokens: &[Token<'_>]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let group = |open: usize| closing(tokens, open);
        let called = tokens.get(at + 1).is_some_and(|next| next.is("("));
        at = match token.kind {
            Kind::Word if called && annotation::takes_arguments(token.text) => group(at + 1),
            Kind::Word if annotation::is_plain(token.text) => at,
            Kind::Word => {
                parts.push(Part::Word(at));
                at
            }
            _ => {
                let end = if token.is("(") || token.is("[") { group(at) } else { at };
                parts.push(match token.text {
                    b"(" => Part::Group(at, end),
                    b"[" => Part::Index,
                    b"{" => Part::Brace,
                    b"=" => Part::Assign,
                    b"*" => Part::Star,
                    _ => Part::Punct,
                });
                end
            }
        } + 1;
    }
    parts
}

/// The index of the token that closes the bracket at `open`; the last one if none does.
pub(super) fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            b"(" | b"[" if token.kind == Kind::Punct => depth += 1,
            b")" | b"]" if token.kind == Kind::Punct => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len().saturating_sub(1)
}

impl<'a> Head<'a> {
    /// Where a part first stands.
    fn find(&self, part: Part) -> Option<usize> {
        self.parts.iter().position(|p| *p == part)
    }

    /// The bytes of a word, none of another part.
    fn word(&self, part: Part) -> &'a [u8] {
        if let Part::Word(at) = part { self.tokens[at].text } else { b"" }
    }

    /// The first word of the head.
    fn first_word(&self) -> &'a [u8] {
        self.parts.first().map_or(b"", |part| self.word(*part))
    }

    /// The place of the token at `at`.
    fn place(&self, at: usize) -> Range<usize> {
        self.tokens[at].at..self.tokens[at].end()
    }

    /// A function, prototype, function pointer or macro call: a group after a name, before `body`.
    fn function(&self, body: Option<usize>) -> Option<Told> {
        let end = body.unwrap_or(self.parts.len());
        let mut macro_call = None;
        let mut typed = self.start > 0;
        for at in self.start..end {
            match (self.parts[at], self.parts.get(at + 1).copied()) {
                (Part::Word(name), Some(Part::Group(open, close))) if at + 1 < end => {
                    let word = self.tokens[name].text;
                    let declarator = matches!(self.parts.get(at + 2), Some(Part::Group(..) | Part::Index));
                    if is_type_call(word) {
                        typed = true;
                    } else if declarator && self.starts_with_star(open) {
                        return self.in_group(open, close, body);
                    } else if self.has_plainer_candidate(word, at + 2, end) {
                        // `SEC("x") __failure __msg("y") int f(...)`
                    } else if typed {
                        return Some(self.named_by_group((name, open, close), body));
                    } else {
                        macro_call = macro_call.or(Some((name, open, close)));
                        // a return type made by a macro: `MACRO(x) name(...)`
                        typed = matches!(self.parts.get(at + 2), Some(Part::Word(_) | Part::Star));
                    }
                }
                (Part::Word(name), _) => typed |= !annotation::is_storage(self.tokens[name].text),
                (Part::Group(open, close), Some(Part::Group(..) | Part::Index))
                    if typed && self.starts_with_star(open) =>
                {
                    return self.in_group(open, close, body);
                }
                (Part::Punct, _) if body.is_none() => break, // `int a, f(int);` is named by its first declarator
                _ => {}
            }
        }
        let (name, open, close) = macro_call?;
        let kind = if body.is_some() { ItemKind::MacroFunction } else { ItemKind::MacroCall };
        Some(Told { kind: Some(kind), name: self.place(name), argument: self.first_argument(open, close) })
    }

    /// Whether `word` may be an annotation that no list has, and a name with a group comes that is less like one.
    fn has_plainer_candidate(&self, word: &[u8], from: usize, end: usize) -> bool {
        let likeness = annotation_likeness(word);
        let parts = self.parts.get(from..end.min(from + 64)).unwrap_or_default();
        let plainer = |name: usize| annotation_likeness(self.tokens[name].text) < likeness;
        likeness > 0
            && parts.windows(2).any(|pair| matches!(pair, [Part::Word(name), Part::Group(..)] if plainer(*name)))
    }

    /// `type NAME (...)`: tokens of the name and of the brackets.
    fn named_by_group(&self, (name, open, close): (usize, usize, usize), body: Option<usize>) -> Told {
        let kind = if body.is_some() { ItemKind::Function } else { ItemKind::Prototype };
        let argument = if is_upper(self.tokens[name].text) { self.first_argument(open, close) } else { 0..0 };
        Told { kind: Some(kind), name: self.place(name), argument }
    }

    /// `(*name)` or `(*name(params))`: the name is in the group.
    fn in_group(&self, open: usize, close: usize, body: Option<usize>) -> Option<Told> {
        let inner = &self.tokens[open..=close];
        let plain =
            |t: &Token<'_>| t.kind == Kind::Word && !annotation::is_storage(t.text) && !annotation::is_plain(t.text);
        let at = inner.iter().position(plain)?;
        let called = inner.get(at + 1).is_some_and(|t| t.is("("));
        let kind = match (called, body.is_some()) {
            (_, true) => ItemKind::Function,
            (true, false) => ItemKind::Prototype,
            (false, false) => ItemKind::Variable,
        };
        Some(Told { kind: Some(kind), name: self.place(open + at), argument: 0..0 })
    }

    /// `struct x { ... }`, `enum { ... }`, `struct x;`.
    fn tagged(&self) -> Option<Told> {
        let at = self.parts.iter().position(|part| tag_kind(self.word(*part)).is_some())?;
        let kind = tag_kind(self.word(self.parts[at]));
        let body = self.find(Part::Brace);
        let words =
            self.parts[at + 1..].iter().map_while(|part| if let Part::Word(at) = part { Some(*at) } else { None });
        let name = words.last().map_or(0..0, |name| self.place(name));
        let forward = matches!(self.parts.get(at + 2), None | Some(Part::Punct)) && self.parts.len() <= at + 3;
        (body.is_some() || forward).then_some(Told { kind, name, argument: 0..0 })
    }

    /// `typedef ...`: named by `(*name)`, or by the last word before an index, a group or the end.
    fn typedef(&self) -> Told {
        let start = self.find(Part::Brace).map_or(0, |at| at + 1);
        let mut name = 0..0;
        for at in start..self.parts.len() {
            match (self.parts[at], self.parts.get(at + 1)) {
                (Part::Group(open, close), Some(Part::Group(..))) if name.is_empty() || self.starts_with_star(open) => {
                    name = self.in_group(open, close, None).map_or(0..0, |told| told.name);
                    break;
                }
                (Part::Word(word), _) => name = self.place(word),
                (Part::Index | Part::Punct, _) if !name.is_empty() => break,
                (Part::Group(open, _), _) if !self.starts_with_star(open) => break,
                _ => {}
            }
        }
        Told { kind: Some(ItemKind::Typedef), name, argument: 0..0 }
    }

    /// Whether a group begins with `*`.
    fn starts_with_star(&self, open: usize) -> bool {
        self.tokens.get(open + 1).is_some_and(|t| t.is("*"))
    }

    /// A variable: the last word before its index, initialiser or end, or a macro call before `=`.
    fn variable(&self, end: usize) -> Told {
        let mut words = 0;
        let mut name = None;
        for at in 0..end {
            match self.parts[at] {
                Part::Word(word) if annotation::resembles(self.tokens[word].text) && words > 1 => {}
                Part::Word(word) => {
                    words += 1;
                    name = Some(word);
                }
                Part::Group(open, close) if name.is_none_or(|n| !is_type_call(self.tokens[n].text)) => {
                    let told = self.function(None);
                    let told = told.or_else(|| self.in_group(open, close, None));
                    return told.unwrap_or_default();
                }
                Part::Index | Part::Punct | Part::Assign => break,
                _ => {}
            }
        }
        match name {
            Some(name) if words > 1 => Told { kind: Some(ItemKind::Variable), name: self.place(name), argument: 0..0 },
            Some(name) => Told { kind: None, name: self.place(name), argument: 0..0 },
            None => Told::default(),
        }
    }

    /// The first argument between two brackets, without the white space around it.
    fn first_argument(&self, open: usize, close: usize) -> Range<usize> {
        let mut depth = 0usize;
        let mut end = open;
        for (at, token) in self.tokens.iter().enumerate().take(close).skip(open + 1) {
            match token.text {
                b"(" | b"[" => depth += 1,
                b")" | b"]" => depth = depth.saturating_sub(1),
                b"," if depth == 0 => break,
                _ => {}
            }
            end = at;
        }
        if end == open { 0..0 } else { self.tokens[open + 1].at..self.tokens[end].end() }
    }
}

/// Whether a word with a group after it is a type: `typeof(x)`.
fn is_type_call(word: &[u8]) -> bool {
    matches!(word, b"typeof" | b"__typeof__" | b"__typeof" | b"_Atomic" | b"typeof_unqual" | b"_Alignas")
}

/// How much a word with arguments looks like an annotation: `__msg` 2, `BPF_PROG` 1, others 0.
fn annotation_likeness(word: &[u8]) -> u8 {
    if word.starts_with(b"__") { 2 } else { u8::from(is_upper(word)) }
}

/// Whether a word looks like a macro's name.
fn is_upper(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase)
}

/// The kind of item that a keyword begins.
fn tag_kind(word: &[u8]) -> Option<ItemKind> {
    match word {
        b"struct" => Some(ItemKind::Struct),
        b"union" => Some(ItemKind::Union),
        b"enum" => Some(ItemKind::Enum),
        _ => None,
    }
}

/// Whether a head is `NAME(...)`, storage words before it, and nothing behind.
pub(super) fn is_macro_call(head: &[Token<'_>]) -> bool {
    if head.len() > LONGEST_CALL {
        return false;
    }
    let Some(name) = head.iter().take(8).position(|t| !annotation::is_storage(t.text) && !annotation::is_plain(t.text))
    else {
        return false;
    };
    let called = head[name].kind == Kind::Word && head.get(name + 1).is_some_and(|t| t.is("("));
    called && !annotation::takes_arguments(head[name].text) && closing(head, name + 1) + 1 == head.len()
}
