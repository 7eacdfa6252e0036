//! What a metavariable may stand for, and what it does.
//!
//! In: a place of the file or a value, and what is known so far. Out: that with the metavariable bound, or nothing if its sort, its
//! limits, its type or an earlier value say no.

use super::declare::Sort;
use super::hit::{Spot, State, Value};
use super::lex::Mark;
use super::matching::Matcher;
use super::shape::Shape;
use crate::rule::metavariable::{MetavariableKind, is_expression, is_type};
use std::rc::Rc;

impl Matcher<'_> {
    /// Notes what a token of the body is in the file: if it changes something, and where it stands.
    pub fn record(&self, at: usize, range: (u32, u32), mut state: State) -> Option<State> {
        let token = &self.compiled.body[at];
        for position in &token.positions {
            let start = self.tree.tokens().get(range.0 as usize).map_or(0, |t| t.start as usize);
            let key = (self.offset + start).to_string().into_bytes();
            state = self.bind_value(*position, Value { key, bytes: Vec::new() }, state)?;
        }
        if token.token.mark == Mark::Minus || !token.ahead.is_empty() || !token.behind.is_empty() {
            state.hit.spots.push(Spot { token: at, from: range.0, to: range.1 });
        }
        Some(state)
    }

    /// Lets a metavariable stand for tokens.
    pub fn bind(&self, meta: usize, range: (u32, u32), state: State) -> Option<State> {
        let value = Value { key: self.key(range), bytes: self.bytes(range).to_vec() };
        self.bind_value(meta, value, state)
    }

    /// Lets a metavariable stand for a value, if it may and does not stand for another one.
    fn bind_value(&self, meta: usize, value: Value, mut state: State) -> Option<State> {
        if !self.allows(meta, &value.key) {
            return None;
        }
        if state.hit.bound.len() <= meta {
            state.hit.bound.resize(self.compiled.metas.len(), None);
        }
        match &state.hit.bound[meta] {
            Some(known) => (known.key == value.key).then_some(state),
            None => {
                state.hit.bound[meta] = Some(Rc::new(value));
                Some(state)
            }
        }
    }

    /// Whether a metavariable's limits allow a value.
    fn allows(&self, meta: usize, key: &[u8]) -> bool {
        let limits = &self.compiled.metas[meta].limits;
        let (matching, unlike) = &self.compiled.patterns[meta];
        (limits.only.is_empty() || limits.only.iter().any(|word| word == key))
            && !limits.except.iter().any(|word| word == key)
            && matching.as_ref().is_none_or(|regex| regex.is_match(key))
            && !unlike.as_ref().is_some_and(|regex| regex.is_match(key))
            && !limits.except_bound.iter().any(|name| self.forbidden.get(name).is_some_and(|known| known.contains(key)))
            && limits
                .part_of
                .as_ref()
                .is_none_or(|name| self.forbidden.get(name).is_some_and(|known| known.iter().any(|v| holds(v, key))))
    }

    /// Lets a metavariable stand for a place.
    pub fn bind_place(&self, shape: &Shape, meta: (usize, usize), f: usize, state: State) -> Vec<State> {
        let (p, meta) = meta;
        if !self.admits(meta, f) {
            return Vec::new();
        }
        let range = self.range(f);
        let Some(state) = self.bind(meta, range, state) else { return Vec::new() };
        let state = self.typed(meta, f, state);
        let Some(mut state) = state else { return Vec::new() };
        let place = &shape.tree.places()[p];
        // The first written token takes all of the value; a `;` of its own behind it takes nothing.
        let mut rest = range;
        for token in place.tokens.0..place.tokens.1 {
            if let Some(body) = shape.tokens.get(token as usize).copied().flatten() {
                let Some(next) = self.record(body, rest, state) else { return Vec::new() };
                state = next;
                rest = (range.1, range.1);
            }
        }
        vec![state]
    }

    /// Whether a metavariable's sort admits a place.
    fn admits(&self, meta: usize, f: usize) -> bool {
        let term = self.tree.places()[f].term;
        let kind = self.terms.kind(term);
        match &self.compiled.metas[meta].sort {
            Sort::Expression(_) => is_expression(kind),
            Sort::Local(_) => kind == "identifier" && self.typing.is_local(self.terms.leaf(term).unwrap_or_default()),
            Sort::Name(_) => kind == "identifier",
            Sort::Identifier | Sort::Function | Sort::Declarer | Sort::Iterator | Sort::Word => {
                kind.ends_with("identifier")
            }
            Sort::Constant => MetavariableKind::Constant.admits(self.terms, term),
            Sort::Type => is_type(kind) || kind == "type_descriptor",
            Sort::Statement => kind.ends_with("_statement"),
            Sort::Declaration => kind == "declaration",
            Sort::Initialiser => is_expression(kind) || kind.starts_with("initializer"),
            Sort::Parameter => kind == "parameter_declaration",
            Sort::Field => kind == "field_declaration",
            Sort::ExpressionList
            | Sort::StatementList
            | Sort::ParameterList
            | Sort::InitialiserList
            | Sort::FieldList => true,
            Sort::Position | Sort::Binary | Sort::Assignment => false,
        }
    }

    /// Asks for the type of a typed metavariable; a type that is a metavariable itself is bound.
    fn typed(&self, meta: usize, f: usize, state: State) -> Option<State> {
        let (Sort::Expression(Some(wanted)) | Sort::Local(Some(wanted)) | Sort::Name(Some(wanted))) =
            &self.compiled.metas[meta].sort
        else {
            return Some(state);
        };
        let found = self.typing.type_of(self.terms, self.tree.places()[f].term)?;
        let base = found.less(wanted.stars, wanted.array)?;
        if wanted.base.is_empty() {
            return Some(state);
        }
        match self.compiled.metas.iter().position(|m| m.sort == Sort::Type && m.name.as_bytes() == wanted.base) {
            Some(kind) => self.bind_value(kind, Value { key: base.clone(), bytes: base }, state),
            None => wanted.base.split(|c| *c == b'|').any(|one| one == base).then_some(state),
        }
    }
}

/// Whether tokens are a run of others.
fn holds(whole: &[u8], part: &[u8]) -> bool {
    let padded = |text: &[u8]| [b" ", text, b" "].concat();
    memchr::memmem::find(&padded(whole), &padded(part)).is_some()
}
