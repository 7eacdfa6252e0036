//! The shape of a text: its statements, comments and directives as a tree, found by brackets and keywords alone.
//!
//! In: the tokens. Out: [`Tree`]: the nodes, and for each token the node it belongs to. What a node is, is said later (`kinds`):
//! here it only matters where a statement begins and ends. One pass, no recursion; where the text is not C, or a bracket is
//! missing, column 0 puts it right: the kernel closes there what it opened there.

use super::declare;
use super::scope::{Ground, Mark, Raw, Seed};
use super::work::{Inside, Phase, Shape, Work};
use crate::syntax::lex::{self, Kind, Token};

/// The nodes of a text, and whose each token is.
pub(super) struct Tree {
    /// The nodes, by their first byte.
    pub nodes: Vec<Raw>,
    /// The node of each token.
    pub owners: Vec<u32>,
}

/// Whether the token was taken, or the statement before it had to end first.
enum Step {
    /// On to the next token.
    Taken,
    /// The same token again.
    Again,
}

/// The walk over the tokens.
pub(super) struct Builder<'a> {
    /// The text.
    pub(super) text: &'a [u8],
    /// Its tokens.
    pub(super) tokens: &'a [Token<'a>],
    /// Of each `{`, whether its `}` stands on the same line.
    closes_on_line: Vec<bool>,
    /// What is open.
    pub(super) ground: Ground,
    /// The node of each token so far.
    owners: Vec<u32>,
}

/// The tree of a text.
pub(super) fn tree<'a>(text: &'a [u8], tokens: &'a [Token<'a>]) -> Tree {
    let closes_on_line = closes_on_line(tokens);
    let owners = Vec::with_capacity(tokens.len());
    let mut builder = Builder { text, tokens, closes_on_line, ground: Ground::new(), owners };
    for at in 0..tokens.len() {
        builder.step(at);
    }
    builder.ground.close_all();
    Tree { nodes: builder.ground.nodes, owners: builder.owners }
}

/// Of each `{`, whether its `}` stands on the same line.
fn closes_on_line(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut closes = vec![false; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is("{") {
            if open.last().is_some_and(|last| tokens[*last].line != token.line) {
                open.clear();
            }
            open.push(at);
        } else if token.is("}")
            && let Some(from) = open.pop()
        {
            closes[from] = tokens[from].line == token.line;
        }
    }
    closes
}

/// The place before a token.
fn start(token: &Token<'_>) -> Mark {
    Mark { at: token.at, line: token.line }
}

/// The place after a token.
fn end(token: &Token<'_>) -> Mark {
    Mark { at: token.end(), line: token.last_line() }
}

impl Builder<'_> {
    /// Puts the next token where it belongs.
    fn step(&mut self, at: usize) {
        let token = &self.tokens[at];
        if self.is_complete_before(at) {
            self.end_without_semicolon(at);
        }
        match token.kind {
            Kind::Comment => self.leaf(at, Seed::Comment),
            Kind::Directive => self.directive(at),
            _ => while matches!(self.code(at), Step::Again) {},
        }
        self.ground.done = end(token);
    }

    /// Makes a token a node of its own.
    fn leaf(&mut self, at: usize, seed: Seed) {
        let token = &self.tokens[at];
        let node = self.ground.leaf(seed, (start(token), end(token)));
        self.owners.push(node);
    }

    /// Opens, switches and closes conditionals.
    fn directive(&mut self, at: usize) {
        let token = &self.tokens[at];
        let name = lex::directive(token.text);
        match name {
            b"else" | b"elif" | b"elifdef" | b"elifndef" => {
                self.ground.end_branch();
                self.leaf(at, Seed::Directive);
            }
            b"endif" => {
                let was_open = self.ground.end_branch();
                self.leaf(at, Seed::Directive);
                self.ground.done = end(token);
                if was_open {
                    self.ground.close_conditional();
                }
            }
            _ => {
                self.leaf(at, Seed::Directive);
                if matches!(name, b"if" | b"ifdef" | b"ifndef") {
                    let node = self.ground.nodes.len() as u32 - 1;
                    self.ground.open_conditional(node, is_never(token.text));
                }
            }
        }
    }

    /// Puts a token of code where it belongs.
    fn code(&mut self, at: usize) -> Step {
        let token = &self.tokens[at];
        if token.is("}") {
            return self.right_brace(at);
        }
        if !self.ground.scope().is_statement {
            return self.begin(at);
        }
        let work = *self.ground.work();
        match work.phase {
            Phase::Plain => self.plain(at),
            Phase::Head => self.head(at),
            Phase::Label => self.label(at),
            Phase::Body => self.body(at),
            Phase::DoWhile if token.is_word("while") => {
                self.own(at);
                self.ground.work().phase = Phase::Plain;
                Step::Taken
            }
            Phase::DoWhile => {
                self.ground.finish();
                Step::Again
            }
        }
    }

    /// Gives a token to the current scope.
    fn own(&mut self, at: usize) {
        let token = &self.tokens[at];
        let node = self.ground.holder(start(token));
        self.owners.push(node);
        self.ground.done = end(token);
        self.ground.work().last = at as u32;
    }

    /// Ends the scope before a `}` and takes that.
    fn right_brace(&mut self, at: usize) -> Step {
        let at_margin = self.is_at_margin(at);
        let work = *self.ground.work();
        if self.ground.scope().is_statement && work.braces > 0 && !at_margin {
            self.own(at);
            self.ground.work().braces -= 1;
            return Step::Taken;
        }
        if self.ground.leave_to_braces(at_margin) {
            self.own(at);
            self.ground.finish();
            return Step::Taken;
        }
        if self.ground.scope().is_statement {
            self.ground.leave_all();
        }
        self.ground.open_statement(start(&self.tokens[at]), at as u32);
        self.own(at);
        self.ground.finish();
        Step::Taken
    }

    /// Begins a statement.
    fn begin(&mut self, at: usize) -> Step {
        let token = &self.tokens[at];
        if self.is_tail(at)
            && let Some(node) = self.ground.just_closed()
        {
            self.owners.push(node);
            self.ground.nodes[node as usize].end = end(token);
            return Step::Taken;
        }
        if self.is_header_of_next(at) {
            self.ground.leave_all();
        }
        self.ground.open_statement(start(token), at as u32);
        if matches!(self.ground.scope().inside, Inside::Top | Inside::Block) && token.kind == Kind::Word {
            return self.begin_by_word(at);
        }
        self.plain(at)
    }

    /// Begins a statement with a word, which may be a keyword.
    fn begin_by_word(&mut self, at: usize) -> Step {
        let word = self.tokens[at].text;
        let next = self.tokens.get(at + 1);
        let phase = match word {
            b"if" | b"for" | b"while" | b"switch" if next.is_some_and(|next| next.is("(")) => Phase::Head,
            b"else" | b"do" => Phase::Body,
            b"case" => Phase::Label,
            b"default" if next.is_some_and(|next| next.is(":")) => Phase::Label,
            _ => return self.plain(at),
        };
        self.own(at);
        let work = self.ground.work();
        work.phase = phase;
        work.is_do = word == b"do";
        Step::Taken
    }

    /// A token of `if (...)`.
    fn head(&mut self, at: usize) -> Step {
        self.own(at);
        let token = &self.tokens[at];
        let work = self.ground.work();
        nest(work, token);
        if work.is_level() {
            work.phase = Phase::Body;
        }
        Step::Taken
    }

    /// A token of `case ...:`.
    fn label(&mut self, at: usize) -> Step {
        let token = &self.tokens[at];
        if token.is(";") || token.is("{") {
            self.ground.work().phase = Phase::Plain;
            return Step::Again;
        }
        self.own(at);
        let work = self.ground.work();
        nest(work, token);
        if token.is("?") {
            work.ternaries += 1;
        } else if token.is(":") && work.is_level() {
            if work.ternaries == 0 {
                self.ground.finish();
            } else {
                work.ternaries -= 1;
            }
        }
        Step::Taken
    }

    /// The first token of a body.
    fn body(&mut self, at: usize) -> Step {
        let token = &self.tokens[at];
        let last = self.ground.work().last as usize;
        if token.is("{") {
            self.open_braces(at, Inside::Block);
        } else if token.is(";") {
            self.own(at);
            self.ground.finish();
        } else if token.is_word("if") && last + 1 == at && self.tokens[last].is_word("else") {
            self.own(at);
            self.ground.work().phase = Phase::Head;
        } else {
            return self.begin(at);
        }
        Step::Taken
    }

    /// A token of any other statement.
    fn plain(&mut self, at: usize) -> Step {
        let token = &self.tokens[at];
        if token.is("{") && self.is_at_margin(at) {
            let work = self.ground.work();
            (work.parens, work.braces) = (0, 0);
        }
        let work = *self.ground.work();
        if token.is("{") && work.parens == 0 && work.braces == 0 {
            return self.left_brace(at);
        }
        self.own(at);
        let scope_inside = self.ground.scope().inside;
        let previous = self.tokens[work.last as usize];
        let work = self.ground.work();
        look(work, token, &previous);
        nest(work, token);
        if work.shape == Shape::Called && is_loop_macro(self.tokens[work.first as usize].text) {
            work.phase = Phase::Body;
        }
        let work = *work;
        if work.is_level() && self.is_end(at, scope_inside, &work) {
            self.ground.finish();
        }
        Step::Taken
    }

    /// A `{` outside of brackets: a scope, or part of the statement if it closes on its line as an initialiser.
    fn left_brace(&mut self, at: usize) -> Step {
        let inside = self.ground.scope().inside;
        let work = *self.ground.work();
        let is_entry = inside == Inside::Initialiser
            || (work.shape == Shape::Empty && self.closes_on_line[at] && self.ends_with_comma(at));
        let holds = match work.record {
            _ if work.is_value || is_entry => Inside::Initialiser,
            Some(record) if !work.is_call => record,
            _ => Inside::Block,
        };
        if holds == Inside::Initialiser && self.closes_on_line[at] {
            self.own(at);
            let work = self.ground.work();
            (work.braces, work.shape) = (1, Shape::Other);
            return Step::Taken;
        }
        self.open_braces(at, holds);
        Step::Taken
    }

    /// Opens braces as a scope.
    fn open_braces(&mut self, at: usize, inside: Inside) {
        self.own(at);
        let work = *self.ground.work();
        let at_margin = self.is_at_margin(work.first as usize);
        self.ground.work().is_value = false;
        self.ground.open_braces(inside, at_margin);
    }
}

/// Whether a directive is `#if 0`.
fn is_never(line: &[u8]) -> bool {
    let mut words = line.trim_ascii_start().split(|c| c.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let first = words.next();
    let word = if first == Some(b"#") { words.next() } else { first.and_then(|word| word.strip_prefix(b"#")) };
    word == Some(b"if") && words.next() == Some(b"0")
}

/// Counts the brackets of a statement.
fn nest(work: &mut Work, token: &Token<'_>) {
    if token.kind != Kind::Punct {
        return;
    }
    match token.text {
        b"(" | b"[" => work.parens += 1,
        b")" | b"]" => work.parens = work.parens.saturating_sub(1),
        b"{" => work.braces += 1,
        _ => {}
    }
    if work.parens == 0 && token.is(")") && work.shape == Shape::Call {
        work.shape = Shape::Called;
    }
}

/// Notes what a token says of its statement, before its brackets are counted.
fn look(work: &mut Work, token: &Token<'_>, previous: &Token<'_>) {
    let inner = !work.is_level();
    work.shape = match work.shape {
        Shape::Empty if token.kind == Kind::Word => Shape::Word,
        Shape::Word if token.is("(") => Shape::Call,
        Shape::Call if inner => Shape::Call,
        _ => Shape::Other,
    };
    if inner {
        return;
    }
    match token.text {
        b"=" => work.is_value = true,
        b"return" if work.shape == Shape::Word => work.is_value = true,
        b"struct" | b"union" => work.record = work.record.or(Some(Inside::Record)),
        b"enum" => work.record = work.record.or(Some(Inside::Enumeration)),
        b"(" => work.is_call |= previous.kind == Kind::Word && !declare::is_attribute(previous.text),
        _ => {}
    }
}

/// Whether a macro of this name stands for a loop, as `list_for_each_entry` does.
fn is_loop_macro(name: &[u8]) -> bool {
    name.windows(8).any(|part| part.eq_ignore_ascii_case(b"for_each")) || name.eq_ignore_ascii_case(b"foreach")
}
