//! Where a statement ends though its brackets do not say so: at commas and colons, before the next line, at column 0.
//!
//! In: the builder, as it stands before or after a token. Out: whether the statement is over. These are the rules that know the
//! kernel's habits: macros without a `;`, cuts that begin among a table's entries, functions whose `}` is missing.

use super::build::Builder;
use super::declare;
use super::work::{Inside, Phase, Shape, Work};
use crate::syntax::lex::Kind;

/// How many tokens are looked at to see a function header; longer ones in a function without its `}` are not seen.
const HEADER_TOKENS: usize = 200;

/// How many comments may stand between a macro's `)` and its `{`.
const COMMENTS_BEFORE_BODY: usize = 8;

impl Builder<'_> {
    /// Whether a token outside of brackets ends its statement.
    pub(super) fn is_end(&self, at: usize, inside: Inside, work: &Work) -> bool {
        let token = &self.tokens[at];
        let first = &self.tokens[work.first as usize];
        let next_line = self.tokens.get(at + 1).is_none_or(|next| next.line > token.last_line());
        match token.text {
            b";" => token.kind == Kind::Punct,
            b"," => match inside {
                Inside::Initialiser | Inside::Enumeration => true,
                Inside::Record => false,
                Inside::Block => first.is(".") || first.is("[") || first.is("{"),
                // A cut may begin among entries: `FOO,` and `FOO = 1,` on a line of their own.
                Inside::Top => {
                    let is_first =
                        self.tokens.get(work.first as usize + 1).is_some_and(|next| next.is(",") || next.is("="));
                    first.is(".") || first.is("[") || first.is("{") || (next_line && is_first)
                }
            },
            b":" => {
                let labels = matches!(inside, Inside::Top | Inside::Block);
                labels && work.first as usize + 1 == at && first.kind == Kind::Word && !declare::is_type(first.text)
            }
            _ => false,
        }
    }

    /// Whether a `,` follows the `}` of a `{` that closes on its line. Looks at the line's first hundred tokens.
    pub(super) fn ends_with_comma(&self, at: usize) -> bool {
        let mut depth = 0usize;
        for (offset, token) in self.tokens[at..].iter().take(100).enumerate() {
            depth += usize::from(token.is("{"));
            depth -= usize::from(token.is("}"));
            if depth == 0 {
                return self.tokens.get(at + offset + 1).is_some_and(|next| next.is(","));
            }
        }
        false
    }

    /// Whether a token is the `;` or `,` of braces that have just closed.
    pub(super) fn is_tail(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let closed = at > 0 && self.tokens[at - 1].is("}") && self.tokens[at - 1].line == token.line;
        closed && (token.is(";") || token.is(","))
    }

    /// Whether a token stands in column 0.
    pub(super) fn is_at_margin(&self, at: usize) -> bool {
        let place = self.tokens[at].at;
        place == 0 || self.text[place - 1] == b'\n'
    }

    /// How far a token's line is indented, in columns.
    pub(super) fn indent(&self, at: usize) -> usize {
        let line = self.text[..self.tokens[at].at].iter().rposition(|c| *c == b'\n').map_or(0, |end| end + 1);
        let blank = self.text[line..].iter().take_while(|c| matches!(c, b' ' | b'\t'));
        blank.fold(0, |column, c| if *c == b'\t' { column / 8 * 8 + 8 } else { column + 1 })
    }

    /// Whether the next function begins here though the one before has not been closed.
    pub(super) fn is_header_of_next(&self, at: usize) -> bool {
        let is_candidate = self.ground.scope().inside == Inside::Block
            && self.ground.is_in_margin()
            && self.tokens[at].kind == Kind::Word
            && self.is_at_margin(at);
        if !is_candidate {
            return false;
        }
        let mut parens = 0usize;
        let mut called = false;
        for (offset, token) in self.tokens[at..].iter().take(HEADER_TOKENS).enumerate() {
            match token.text {
                b"(" => (parens, called) = (parens + 1, called || offset > 1),
                b")" => parens = parens.saturating_sub(1),
                b"{" => return called && parens == 0 && self.is_at_margin(at + offset),
                b";" | b"}" | b"=" | b":" if parens == 0 => return false,
                _ => {}
            }
        }
        false
    }

    /// Whether the current statement is over before this token though no `;` says so: a macro's call before the next line, or
    /// a blank line where nothing is missing.
    pub(super) fn is_complete_before(&mut self, at: usize) -> bool {
        let token = &self.tokens[at];
        let scope = *self.ground.scope();
        let work = scope.work;
        if !scope.is_statement || work.phase != Phase::Plain || !work.is_level() || token.line <= self.ground.done.line
        {
            return false;
        }
        let last = &self.tokens[work.last as usize];
        let is_whole = last.kind != Kind::Punct || last.is(")");
        let is_apart = token.line > self.ground.done.line + 1 && is_whole;
        if work.shape == Shape::Called && !declare::is_attribute(self.tokens[work.first as usize].text) {
            return match token.kind {
                Kind::Word | Kind::Directive => true,
                Kind::Comment => !self.has_body_ahead(at),
                Kind::Punct => token.is(".") && self.tokens.get(at + 1).is_some_and(|next| next.line == token.line),
                _ => false,
            };
        }
        is_apart && token.kind == Kind::Word
    }

    /// Whether a `{` comes after a few comments.
    pub(super) fn has_body_ahead(&self, at: usize) -> bool {
        let mut ahead = self.tokens[at..].iter().take(COMMENTS_BEFORE_BODY);
        ahead.find(|token| token.kind != Kind::Comment).is_some_and(|token| token.is("{"))
    }

    /// Ends the current statement before this token, or finds that the token begins its body: an indented statement after a
    /// macro that stands for a loop.
    pub(super) fn end_without_semicolon(&mut self, at: usize) {
        let work = *self.ground.work();
        let is_body = work.shape == Shape::Called
            && self.tokens[at].kind == Kind::Word
            && self.ground.scope().inside == Inside::Block
            && self.indent(at) > self.indent(work.first as usize);
        if is_body {
            self.ground.work().phase = Phase::Body;
        } else {
            self.ground.finish();
        }
    }
}
