//! What is no C in a pattern, laid on a place of a file: dots, choices, nests.
//!
//! In: a slot, a place of the file, and what is known so far. Out: every way in which the slot is the place. Dots among statements
//! run along control flow: those are not here.

use super::body::{Part, Slot, When};
use super::declare::Sort;
use super::hit::{Hit, State};
use super::lex::{Kind, Mark};
use super::matching::{MOST_WAYS, Matcher};
use super::shape::{Leaf, Shape, What};
use std::rc::Rc;

impl Matcher<'_> {
    /// A slot within an expression, or one that stands for a whole statement or member.
    pub fn slot(&self, shape: &Shape, slot: usize, (p, f): (usize, usize), state: State) -> Vec<State> {
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
            let is_word = token.meta.is_none() && token.token.kind == Kind::Word;
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
    pub fn chain(&self, shape: &Shape, p: usize, f: usize, state: &State) -> Option<Vec<State>> {
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
