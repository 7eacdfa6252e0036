//! A pattern laid on a place of a file.
//!
//! In: a shape, a place of its tree and a place of the file's tree, and what is known so far. Out: every way in which one is the
//! other: what the metavariables stand for, and for each token of the body that changes something the tokens of the file it is.
//!
//! ```text
//! pattern  f ( kmx_0 , kms_1 )        file  f ( a -> b , 1 , 2 )
//!          | |   |   |   |   |              | | \____/ | \___/ |
//! head and own tokens are equal; children one by one; in a list dots take as many as they need
//! ```

use super::compile::{Compiled, Part, Slot, When};
use super::declare::Sort;
use super::iso;
use super::lex::Mark;
use super::shape::{Leaf, Shape, What};
use super::typing::Typing;
use crate::rule::pattern::{MetavariableKind, is_expression};
use crate::rule::template::list_style;
use crate::rule::term::Terms;
use crate::rule::tree::Tree;
use crate::rule::typing::is_type;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What a metavariable stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    /// Its tokens with one space between them; of a position its offset in the file. Equal values have equal ones.
    pub key: Vec<u8>,
    /// As it stands in the file.
    pub bytes: Vec<u8>,
}

/// A token of the body and what it is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The token of the body.
    pub token: usize,
    /// The file's tokens; an empty range lies before the first of its numbers.
    pub from: u32,
    /// One past the last.
    pub to: u32,
}

/// Values and spots of one match, or of one occurrence within a nest.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// By metavariable.
    pub bound: Vec<Option<Rc<Value>>>,
    /// What changes.
    pub spots: Vec<Spot>,
}

/// How far a match has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// The match itself.
    pub hit: Hit,
    /// What was found within nests.
    pub nested: Vec<Rc<Hit>>,
}

/// Values of earlier rules that a metavariable must not have, or be part of: by rule and name.
pub type Forbidden = BTreeMap<(String, String), BTreeSet<Vec<u8>>>;

/// A pattern matches in no more ways than this.
const MOST_WAYS: usize = 48;

/// A rule laid on one item of a file looks at no more pairs of places than this.
const MOST_STEPS: u64 = 30_000_000;

/// What a match looks at.
pub struct Matcher<'a> {
    /// The rule.
    pub compiled: &'a Compiled,
    /// The arena of the patterns and the file.
    pub terms: &'a Terms,
    /// The item of the file.
    pub tree: &'a Tree,
    /// Its text.
    pub text: &'a [u8],
    /// Where it begins in the file.
    pub offset: usize,
    /// What is declared.
    pub typing: &'a Typing,
    /// Values that are excluded.
    pub forbidden: &'a Forbidden,
    /// Pairs of places looked at.
    pub steps: std::cell::Cell<u64>,
}

impl<'a> Matcher<'a> {
    /// The shape of a sequence.
    pub fn shape(&self, sequence: usize) -> &'a Shape {
        &self.compiled.sequences[sequence].shape
    }

    /// The grammar's name of a place of the file.
    pub fn kind(&self, at: usize) -> &'static str {
        self.tree.places().get(at).map_or("", |place| self.terms.kind(place.term))
    }

    /// The tokens of a place of the file.
    pub fn range(&self, at: usize) -> (u32, u32) {
        self.tree.places().get(at).map_or((0, 0), |place| place.tokens)
    }

    /// The bytes of tokens of the file, with what stands between them.
    pub fn bytes(&self, range: (u32, u32)) -> &'a [u8] {
        let tokens = self.tree.tokens();
        let first = tokens.get(range.0 as usize).map_or(0, |t| t.start as usize);
        let last = (range.1 as usize).checked_sub(1).and_then(|at| tokens.get(at)).map_or(0, |t| t.end as usize);
        if range.0 >= range.1 { &[] } else { self.text.get(first..last).unwrap_or_default() }
    }

    /// Tokens with one space between them.
    pub fn key(&self, range: (u32, u32)) -> Vec<u8> {
        let mut out = Vec::new();
        for token in self.tree.tokens().get(range.0 as usize..range.1 as usize).unwrap_or_default() {
            if !out.is_empty() {
                out.push(b' ');
            }
            out.extend_from_slice(self.text.get(token.start as usize..token.end as usize).unwrap_or_default());
        }
        out
    }

    /// Every way in which place `p` of a shape is place `f` of the file.
    pub fn place(&self, shape: &Shape, p: usize, f: usize, state: State) -> Vec<State> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS {
            return Vec::new();
        }
        match self.stands_for(shape, p) {
            Leaf::Slot(slot) => return self.slot(shape, slot, (p, f), state),
            Leaf::Meta(meta) => return self.bind_place(shape, (p, meta), f, state),
            Leaf::Plain => {}
        }
        let here = shape.tree.places()[p].term;
        let there = self.tree.places()[f].term;
        if !shape.open[p] && here == there {
            return vec![state];
        }
        if let Some(found) = self.chain(shape, p, f, &state) {
            return found;
        }
        let found = if shape.open[p] { self.node(shape, p, f, state.clone()) } else { Vec::new() };
        if found.is_empty() { iso::alternatives(self, shape, (p, f), &state) } else { found }
    }

    /// What a place of a pattern stands for; wrappers that only C needs are looked through.
    pub fn stands_for(&self, shape: &Shape, p: usize) -> Leaf {
        let mut at = p;
        for _ in 0..4 {
            if shape.leaves[at] != Leaf::Plain {
                return shape.leaves[at];
            }
            let children: Vec<usize> = shape.tree.children(at).collect();
            let kind = self.terms.kind(shape.tree.places()[at].term);
            at = match (kind, children.as_slice()) {
                ("expression_statement", [only]) if self.is_bare(shape, at) || self.is_statement(shape, *only) => *only,
                ("parameter_declaration" | "type_descriptor", [only]) => *only,
                ("struct_specifier", [only]) if self.is_bare(shape, at) => *only,
                ("field_declaration", [_, only]) if self.is_bare(shape, at) => *only,
                _ => return Leaf::Plain,
            };
        }
        Leaf::Plain
    }

    /// Whether a node's own tokens are only those that C needs.
    pub fn is_bare(&self, shape: &Shape, at: usize) -> bool {
        own_tokens(&shape.tree, at)
            .into_iter()
            .all(|token| shape.tokens.get(token as usize).is_none_or(Option::is_none))
    }

    /// Whether a leaf is a metavariable for statements.
    fn is_statement(&self, shape: &Shape, at: usize) -> bool {
        matches!(shape.leaves[at], Leaf::Meta(m) if matches!(self.compiled.metas[m].sort, Sort::Statement | Sort::StatementList | Sort::Declaration))
    }

    /// One node against one node.
    fn node(&self, shape: &Shape, p: usize, f: usize, state: State) -> Vec<State> {
        let (here, there) = (shape.tree.places()[p].term, self.tree.places()[f].term);
        let kind = self.terms.kind(here);
        if kind != self.terms.kind(there) {
            return Vec::new();
        }
        let children: Vec<usize> = shape.tree.children(p).collect();
        let values: Vec<usize> = self.tree.children(f).collect();
        let own = own_tokens(&shape.tree, p);
        if children.is_empty() || list_style(kind).is_some() {
            if self.terms.head(here) != self.terms.head(there) {
                return Vec::new();
            }
            return if children.is_empty() && list_style(kind).is_none() {
                self.record_own(shape, &own, &own_tokens(self.tree, f), state).into_iter().collect()
            } else {
                self.list(shape, (p, &children), (f, &values), state)
            };
        }
        if matches!(kind, "declaration" | "function_definition" | "parameter_declaration" | "field_declaration") {
            return self.declaration(shape, (p, &children), (f, &values), state);
        }
        if children.len() != values.len() {
            return Vec::new();
        }
        let Some(state) = self.record_own(shape, &own, &own_tokens(self.tree, f), state) else { return Vec::new() };
        self.all(shape, &children, &values, vec![state])
    }

    /// Children one by one.
    pub fn all(&self, shape: &Shape, parts: &[usize], values: &[usize], mut states: Vec<State>) -> Vec<State> {
        for (part, value) in parts.iter().zip(values) {
            let mut next = Vec::new();
            for state in states {
                next.extend(self.place(shape, *part, *value, state));
                if next.len() > MOST_WAYS {
                    break;
                }
            }
            states = next;
            if states.is_empty() {
                break;
            }
        }
        states
    }

    /// Own tokens of a node one by one; operators that are metavariables take those that they may be.
    pub fn record_own(&self, shape: &Shape, own: &[u32], theirs: &[u32], state: State) -> Option<State> {
        if own.len() != theirs.len() {
            return None;
        }
        let mut state = state;
        for (one, other) in own.iter().zip(theirs) {
            let range = (*other, *other + 1);
            let body = shape.tokens.get(*one as usize).copied().flatten();
            let meta = body.and_then(|at| self.compiled.body[at].meta);
            match meta.map(|m| (m, &self.compiled.metas[m].sort)) {
                Some((m, Sort::Binary | Sort::Assignment | Sort::Iterator)) => {
                    state = self.bind(m, range, state)?;
                }
                _ => {
                    let wanted = body.map(|at| self.compiled.body[at].token.text.as_slice());
                    if wanted.is_some_and(|wanted| wanted != self.key(range)) {
                        return None;
                    }
                    if body.is_none() && !self.same_synthetic(shape, *one, range) {
                        return None;
                    }
                }
            }
            if let Some(at) = body {
                state = self.record(at, range, state)?;
            }
        }
        Some(state)
    }

    /// A token that only C needs: `;` behind a statement is there in the file, too.
    fn same_synthetic(&self, shape: &Shape, one: u32, range: (u32, u32)) -> bool {
        let length = shape.tree.tokens().get(one as usize).map_or(0, |t| (t.end - t.start) as usize);
        self.bytes(range).len() == length
    }

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
    fn bind_place(&self, shape: &Shape, meta: (usize, usize), f: usize, state: State) -> Vec<State> {
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

    /// A slot within an expression, or one that stands for a whole statement or member.
    fn slot(&self, shape: &Shape, slot: usize, (p, f): (usize, usize), state: State) -> Vec<State> {
        match &self.compiled.slots[slot] {
            Slot::Dots(whens) => {
                let is_forbidden = self.forbids(whens, f, &state);
                if is_forbidden { Vec::new() } else { self.passed(slot, self.range(f), state).into_iter().collect() }
            }
            Slot::Either(branches) => {
                let tried = branches.iter().map(|branch| self.branch(*branch, f, state.clone()));
                let found = tried.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
                self.positioned(shape, p, f, found)
            }
            Slot::Both(branches) => {
                let mut states = vec![state];
                for branch in branches {
                    states =
                        states.into_iter().flat_map(|state| self.branch(*branch, f, state)).take(MOST_WAYS).collect();
                }
                self.positioned(shape, p, f, states)
            }
            Slot::Nest { inner, once, whens } => {
                if self.forbids(whens, f, &state) {
                    return Vec::new();
                }
                self.nest(*inner, *once, f, state)
            }
        }
    }

    /// Notes what dots passed, if they have a `-` themselves.
    pub fn passed(&self, slot: usize, range: (u32, u32), state: State) -> Option<State> {
        let opening = self.compiled.openings[slot];
        if self.compiled.body[opening].token.mark == Mark::Minus {
            self.record(opening, range, state)
        } else {
            Some(state)
        }
    }

    /// Notes the position of a choice as a whole.
    fn positioned(&self, shape: &Shape, p: usize, f: usize, states: Vec<State>) -> Vec<State> {
        let place = &shape.tree.places()[p];
        let opening = (place.tokens.0..place.tokens.1).find_map(|t| shape.tokens.get(t as usize).copied().flatten());
        match opening {
            Some(at) if !self.compiled.body[at].positions.is_empty() => {
                states.into_iter().filter_map(|state| self.record(at, self.range(f), state)).collect()
            }
            _ => states,
        }
    }

    /// One branch of a choice against a place.
    fn branch(&self, sequence: usize, f: usize, state: State) -> Vec<State> {
        let shape = self.shape(sequence);
        if let [Part::Token(at)] = self.compiled.sequences[sequence].parts.as_slice() {
            // A word alone is any name: type, field, callee.
            let token = &self.compiled.body[*at];
            let is_word = token.meta.is_none() && token.token.kind == super::lex::Kind::Word;
            if is_word && self.terms.leaf(self.tree.places()[f].term).is_some() {
                let is_same = self.bytes(self.range(f)) == token.token.text;
                return if is_same { self.record(*at, self.range(f), state).into_iter().collect() } else { Vec::new() };
            }
        }
        match (shape.what, shape.roots.as_slice()) {
            (What::Expression | What::Statements, [root]) => self.place(shape, *root, f, state),
            _ => Vec::new(),
        }
    }

    /// Whether a condition forbids something in a place.
    pub fn forbids(&self, whens: &[When], f: usize, state: &State) -> bool {
        let after = self.tree.places().get(f).map_or(f, |place| place.after as usize);
        whens
            .iter()
            .any(|when| matches!(when, When::Not(sequence) if (f..after).any(|at| self.is(*sequence, at, state))))
    }

    /// Whether a sequence of one part stands at a place.
    pub fn is(&self, sequence: usize, f: usize, state: &State) -> bool {
        let shape = self.shape(sequence);
        let [root] = shape.roots.as_slice() else { return false };
        !self.place(shape, *root, f, state.clone()).is_empty()
    }

    /// Finds a sequence in all places under `f`; each occurrence is a hit of its own.
    pub fn nest(&self, inner: usize, once: bool, f: usize, state: State) -> Vec<State> {
        let shape = self.shape(inner);
        let [root] = shape.roots.as_slice() else { return if once { Vec::new() } else { vec![state] } };
        let after = self.tree.places().get(f).map_or(f, |place| place.after as usize);
        let mut state = state;
        let mut found = false;
        for at in f..after {
            found |= self.occurrence(shape, *root, at, &mut state);
        }
        if once && !found { Vec::new() } else { vec![state] }
    }

    /// Takes one occurrence within a nest, if there is one at a place.
    pub fn occurrence(&self, shape: &Shape, root: usize, at: usize, state: &mut State) -> bool {
        let fresh = State { hit: Hit { bound: state.hit.bound.clone(), spots: Vec::new() }, nested: Vec::new() };
        let Some(one) = self.place(shape, root, at, fresh).into_iter().next() else { return false };
        // Positions and values that only the nest binds are known outside if nothing else binds them.
        for (meta, value) in one.hit.bound.iter().enumerate() {
            let is_free = state.hit.bound.get(meta).is_none_or(Option::is_none);
            if is_free && value.is_some() && self.compiled.metas[meta].sort == Sort::Position {
                state.hit.bound.resize(self.compiled.metas.len().max(state.hit.bound.len()), None);
            }
        }
        state.nested.extend(one.nested);
        if !state.nested.iter().any(|known| **known == one.hit) {
            state.nested.push(Rc::new(one.hit));
        }
        true
    }

    /// `X || ...`: X is one operand of a chain of the same operator, or all there is.
    fn chain(&self, shape: &Shape, p: usize, f: usize, state: &State) -> Option<Vec<State>> {
        let term = shape.tree.places()[p].term;
        if self.terms.kind(term) != "binary_expression" {
            return None;
        }
        let children: Vec<usize> = shape.tree.children(p).collect();
        let [left, right] = children.as_slice() else { return None };
        let is_dots = |at: usize| matches!(shape.leaves[at], Leaf::Slot(slot) if matches!(self.compiled.slots[slot], Slot::Dots(_)));
        let other = match (is_dots(*left), is_dots(*right)) {
            (false, true) => *left,
            (true, false) => *right,
            _ => return None,
        };
        let mut operands = Vec::new();
        let mut open = vec![f];
        while let Some(at) = open.pop() {
            let here = self.tree.places()[at].term;
            if self.terms.head(here) == self.terms.head(term) {
                let parts: Vec<usize> = self.tree.children(at).collect();
                open.extend(parts.into_iter().rev());
            } else {
                operands.push(at);
            }
        }
        let tried = operands.into_iter().map(|at| self.place(shape, other, at, state.clone()));
        Some(tried.into_iter().find(|found| !found.is_empty()).unwrap_or_default())
    }
}

/// Whether tokens are a run of others.
fn holds(whole: &[u8], part: &[u8]) -> bool {
    let padded = |text: &[u8]| [b" ", text, b" "].concat();
    memchr::memmem::find(&padded(whole), &padded(part)).is_some()
}

/// The tokens of a place that are in none of its children.
pub fn own_tokens(tree: &Tree, at: usize) -> Vec<u32> {
    let Some(place) = tree.places().get(at) else { return Vec::new() };
    let mut out = Vec::new();
    let mut next = place.tokens.0;
    for child in tree.children(at) {
        let range = tree.places()[child].tokens;
        out.extend(next..range.0.max(next));
        next = next.max(range.1);
    }
    out.extend(next..place.tokens.1);
    out
}
