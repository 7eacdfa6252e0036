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

use super::compiled::Compiled;
use super::declare::Sort;
use super::hit::State;
use super::shape::{Leaf, Shape};
use super::typing::Typing;
use crate::rule::template::list_style;
use crate::rule::term::Terms;
use crate::rule::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// A pattern matches in no more ways than this.
pub const MOST_WAYS: usize = 48;

/// A rule laid on one item of a file looks at no more pairs of places than this.
const MOST_STEPS: u64 = 30_000_000;

/// Values of earlier rules that a metavariable must not have, or be part of: by rule and name.
pub type Forbidden = BTreeMap<(String, String), BTreeSet<Vec<u8>>>;

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
        if found.is_empty() { self.alternatives(shape, (p, f), &state) } else { found }
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
