//! A sequence of SmPL written as C: slots and metavariables become names that no C has, in the form that stands where they stand.
//!
//! In: tokens and slots. Out: [`WrittenC`], which knows for each of its words the token of the body that it is; and what such a name
//! stands for ([`leaf`]).

use super::body::{Part, Slot};
use super::compiled::Compiled;
use super::declare::Sort;
use super::lex::{Kind, is_letter};
use super::shape::{Leaf, Role, What};

/// Before the number of a slot.
const SLOT: &str = "kms_";
/// Before the number of a metavariable.
const META: &str = "kmx_";

/// C in the making.
#[derive(Default)]
pub struct WrittenC {
    /// All of it.
    pub text: Vec<u8>,
    /// First byte, and the token of the body that stands there; `None` for what only C needs.
    pub at: Vec<(usize, Option<usize>)>,
    /// In which role each slot stands.
    pub roles: Vec<(usize, Role)>,
}

impl WrittenC {
    /// Adds a word.
    fn put(&mut self, text: &[u8], token: Option<usize>) {
        self.text.push(b' ');
        self.at.push((self.text.len(), token));
        self.text.extend_from_slice(text);
    }
}

/// What a bracket holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Statements.
    Block,
    /// Expressions: `(`, `[`.
    Inside,
    /// `(` behind `if`, `while`, `for`, `switch` or the name of a loop: a statement follows it.
    Head,
    /// Elements of an initialiser or enum.
    Elements,
    /// Members of a struct.
    Members,
}

/// Writes a sequence as C.
pub fn write(compiled: &Compiled, parts: &[Part], what: What) -> WrittenC {
    let base = if what == What::Expression { Around::Inside } else { Around::Block };
    let mut work = Writer {
        compiled,
        parts,
        out: WrittenC::default(),
        around: vec![base],
        fresh: base == Around::Block,
        last: Vec::new(),
        label: false,
    };
    if what == What::Items && work.needs_type() {
        work.out.put(b"int", None);
    }
    for at in 0..parts.len() {
        work.part(at);
    }
    if what == What::Statements && !work.fresh {
        work.out.put(b";", None);
    }
    work.out
}

/// The work of writing.
struct Writer<'a> {
    compiled: &'a Compiled,
    parts: &'a [Part],
    out: WrittenC,
    around: Vec<Around>,
    /// Whether a statement may begin here.
    fresh: bool,
    /// The text of the token before.
    last: Vec<u8>,
    /// Whether a `:` here ends a label or case.
    label: bool,
}

impl Writer<'_> {
    /// Whether a function has no type: `f(...) {`.
    fn needs_type(&self) -> bool {
        let is_word = |at: usize| matches!(self.parts.get(at), Some(Part::Token(t)) if self.compiled.body[*t].token.kind == Kind::Word);
        let is_open = matches!(self.parts.get(1), Some(Part::Token(t)) if self.compiled.body[*t].token.is(b"("));
        is_word(0) && is_open
    }

    /// What the innermost bracket holds.
    fn here(&self) -> Around {
        self.around.last().copied().unwrap_or(Around::Block)
    }

    /// Writes one part.
    fn part(&mut self, at: usize) {
        match self.parts[at] {
            Part::Token(token) => self.token(token),
            Part::Slot(slot, opening) => self.slot(slot, opening, at),
        }
    }

    /// Writes a token.
    fn token(&mut self, at: usize) {
        let token = &self.compiled.body[at];
        if let Some(meta) = token.meta {
            self.meta(meta, at);
            return;
        }
        let text = token.token.text.clone();
        self.out.put(&text, Some(at));
        let was_fresh = self.fresh;
        self.fresh = false;
        match text.as_slice() {
            b"(" => {
                let heads: &[&[u8]] = &[b"if", b"while", b"for", b"switch"];
                let is_loop = self.last.starts_with(b"for_each")
                    || self.last.starts_with(b"list_for_each")
                    || self.last.windows(9).any(|w| w == b"_for_each");
                self.around.push(if heads.contains(&self.last.as_slice()) || is_loop {
                    Around::Head
                } else {
                    Around::Inside
                });
            }
            b"[" => self.around.push(Around::Inside),
            b"{" => {
                let around = self.brace();
                self.around.push(around);
                self.fresh = around == Around::Block;
            }
            b")" | b"]" => {
                let closed = if self.around.len() > 1 { self.around.pop() } else { None };
                self.fresh = closed == Some(Around::Head) && self.here() == Around::Block;
            }
            b"}" => {
                let closed = if self.around.len() > 1 { self.around.pop() } else { None };
                self.fresh = closed == Some(Around::Block) && self.here() == Around::Block;
            }
            b";" => self.fresh = self.here() == Around::Block,
            b"else" | b"do" => self.fresh = true,
            b"case" | b"default" => self.label = true,
            b":" if self.label && self.here() == Around::Block => (self.fresh, self.label) = (true, false),
            _ if was_fresh && token.token.kind == Kind::Word => self.label = self.next_is_colon(at),
            _ => {}
        }
        self.last = text;
    }

    /// Whether a `:` follows a token.
    fn next_is_colon(&self, at: usize) -> bool {
        self.compiled.body.get(at + 1).is_some_and(|t| t.token.is(b":"))
    }

    /// What a `{` here holds.
    fn brace(&self) -> Around {
        let mut words = self.out.at.iter().rev().skip(1).map(|(at, _)| {
            let rest = self.out.text.get(*at..).unwrap_or_default();
            rest.split(|c| *c == b' ').next().unwrap_or_default()
        });
        let (one, two) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_type = |word: &[u8]| matches!(word, b"struct" | b"union");
        if matches!(one, b"=" | b",") || self.here() == Around::Elements || one == b"enum" || two == b"enum" {
            Around::Elements
        } else if is_type(one) || is_type(two) && one != b")" {
            Around::Members
        } else {
            Around::Block
        }
    }

    /// Writes a metavariable as what it stands for.
    fn meta(&mut self, meta: usize, at: usize) {
        let sort = &self.compiled.metas[meta].sort;
        let name = format!("{META}{meta}_");
        let was_fresh = self.fresh;
        self.fresh = false;
        match sort {
            Sort::Type if matches!(self.last.as_slice(), b"struct" | b"union" | b"enum") => {
                self.out.put(name.as_bytes(), Some(at));
            }
            Sort::Type => {
                self.out.put(b"struct", None);
                self.out.put(name.as_bytes(), Some(at));
            }
            Sort::Statement | Sort::StatementList | Sort::Declaration if self.here() == Around::Block => {
                self.out.put(name.as_bytes(), Some(at));
                self.out.put(b";", None);
                self.fresh = true;
            }
            Sort::Field | Sort::FieldList => {
                self.out.put(b"int", None);
                self.out.put(name.as_bytes(), Some(at));
                self.out.put(b";", None);
            }
            Sort::Binary => {
                let sign = self.compiled.metas[meta].limits.only.first().cloned().unwrap_or_else(|| b"<".to_vec());
                self.out.put(&sign, Some(at));
            }
            Sort::Assignment => {
                let sign = self.compiled.metas[meta].limits.only.first().cloned().unwrap_or_else(|| b"=".to_vec());
                self.out.put(&sign, Some(at));
            }
            Sort::Word => {
                let text = self.compiled.body[at].token.text.clone();
                self.out.put(&text, Some(at));
                self.last = text;
                return;
            }
            Sort::Iterator => {
                // A name by which the parser sees a loop.
                self.out.put(format!("list_for_each_{name}").as_bytes(), Some(at));
                self.last = b"for_each".to_vec();
                return;
            }
            Sort::Parameter | Sort::ParameterList => {
                self.out.put(b"struct", None);
                self.out.put(name.as_bytes(), Some(at));
            }
            _ => {
                self.out.put(name.as_bytes(), Some(at));
                self.label = was_fresh && self.next_is_colon(at);
            }
        }
        self.last = b"x".to_vec();
    }

    /// Writes a slot: as a statement where one may begin, as a name elsewhere.
    fn slot(&mut self, slot: usize, opening: usize, at: usize) {
        let name = format!("{SLOT}{slot}_");
        let is_choice = matches!(self.compiled.slots[slot], Slot::Either(_) | Slot::Both(_));
        if self.here() == Around::Members {
            self.out.put(b"int", None);
            self.out.put(name.as_bytes(), Some(opening));
            self.out.put(b";", None);
            self.out.roles.push((slot, Role::Any));
            return;
        }
        if self.here() == Around::Block && !self.fresh && !is_choice && self.ends_operand() {
            // Dots behind an expression: it is a statement's.
            self.out.put(b";", None);
            self.fresh = true;
        }
        let is_statement = self.here() == Around::Block && self.fresh && (!is_choice || self.is_statement_choice(at));
        self.out.put(name.as_bytes(), Some(opening));
        if is_statement {
            self.out.put(b";", None);
            self.out.roles.push((slot, Role::Statements));
        } else {
            self.out.roles.push((slot, Role::Expression));
            self.fresh = false;
            self.last = b"x".to_vec();
        }
    }

    /// Whether the token before can be the last of an expression.
    fn ends_operand(&self) -> bool {
        let is_keyword = matches!(self.last.as_slice(), b"return" | b"goto" | b"case" | b"sizeof");
        let is_word = self.last.last().is_some_and(|c| is_letter(*c) || matches!(c, b'"' | b'\'' | b')' | b']'));
        is_word && !is_keyword || matches!(self.last.as_slice(), b"++" | b"--")
    }

    /// Whether a choice where a statement may begin is one of statements: nothing behind it goes on with an expression.
    fn is_statement_choice(&self, at: usize) -> bool {
        match self.parts.get(at + 1) {
            None | Some(Part::Slot(..)) => true,
            Some(Part::Token(token)) => {
                let next = &self.compiled.body[*token].token;
                next.is(b"}") || next.kind == Kind::Word
            }
        }
    }
}

/// What a name in written C stands for.
pub fn leaf(word: &[u8]) -> Leaf {
    let number = |before: &str| {
        let digits = word.strip_prefix(before.as_bytes())?.strip_suffix(b"_")?;
        std::str::from_utf8(digits).ok()?.parse::<usize>().ok()
    };
    if let Some(slot) = number(SLOT) {
        return Leaf::Slot(slot);
    }
    number(META).map_or(Leaf::Plain, Leaf::Meta)
}
