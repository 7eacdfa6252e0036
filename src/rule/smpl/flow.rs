//! Sequences of statements along the control flow of a function.
//!
//! In: the elements of a shape and the graph of a function. Out: matches, each with the nodes behind it. Two elements without dots
//! between them stand side by side in one block. Dots mean every way (`Paths::All`) or one (`Paths::Exists`); branches that leave
//! (`Cfg::error_branches`) need not go through with it, unless `when strict`. Neither what stands before dots nor what stands
//! behind them is passed, unless `when any`.
//!
//! ```text
//!   x = f();        element 0                the front behind it: { if }
//!   if (!x)         passed by the dots       fronts: { return, g } ; the return's branch leaves: it may end
//!           return;
//!   g(x);           element 2                every other way meets it before the exit
//! ```

use super::body::Slot;
use super::front::{Before, Bounds, Element, Front, Gap, joined};
use super::hit::State;
use super::matching::{Matcher, own_tokens};
use super::shape::{Leaf, Shape, What};
use crate::rule::graph::cfg::Kind;
use crate::rule::graph::function::Function;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A sequence looks at no more nodes than this, all ways together.
const MOST_STEPS: u64 = 400_000;

/// Statements within statements of a pattern are matched no deeper.
const MOST_DEPTH: usize = 48;

/// What sequences are looked for in.
pub struct Flow<'a> {
    /// Places.
    pub matcher: &'a Matcher<'a>,
    /// The function.
    pub function: &'a Function,
    /// Branches that leave.
    pub errors: BTreeSet<(usize, usize)>,
    /// Nodes by the place of their statement.
    pub nodes: BTreeMap<usize, usize>,
    /// Nodes looked at.
    pub steps: std::cell::Cell<u64>,
}

/// A place and the places below it.
type Children<'a> = (usize, &'a [usize]);

impl<'a> Flow<'a> {
    /// A function with its matcher.
    pub fn new(matcher: &'a Matcher<'a>, function: &'a Function) -> Self {
        let errors = function.side.cfg.error_branches().into_iter().collect();
        let nodes = function.side.cfg.inner().map(|id| (function.places[id], id)).collect();
        Self { matcher, function, errors, nodes, steps: std::cell::Cell::new(0) }
    }

    /// The elements that places of a shape are.
    pub fn elements(&self, shape: &Shape, places: &[usize]) -> Vec<Element> {
        let one = |place: &usize| {
            let at = *place;
            let children: Vec<usize> = shape.tree.children(at).collect();
            let kind = self.matcher.terms.kind(shape.tree.places()[at].term);
            let bare = own_tokens(&shape.tree, at)
                .into_iter()
                .all(|t| shape.tokens.get(t as usize).is_none_or(Option::is_none));
            match (kind, children.as_slice(), self.matcher.stands_for(shape, at)) {
                ("expression_statement", _, Leaf::Slot(slot)) if bare => Element::Slot(slot),
                ("expression_statement", [_], Leaf::Meta(_)) => Element::Statement(at),
                ("expression_statement", [only], _) if bare => Element::Expression(*only),
                _ => Element::Statement(at),
            }
        };
        places.iter().map(one).collect()
    }

    /// The elements of a sequence.
    pub fn sequence_elements(&self, sequence: usize) -> Vec<Element> {
        let shape = self.matcher.shape(sequence);
        match (shape.what, shape.roots.as_slice()) {
            (What::Expression, [root]) => vec![Element::Expression(*root)],
            (What::Statements, roots) => self.elements(shape, roots),
            _ => Vec::new(),
        }
    }

    /// All matches of a sequence that begin at a node.
    pub fn at(&self, shape: &Shape, elements: &[Element], node: usize, state: State) -> Vec<State> {
        let bounds = Bounds { region: None, fills: false, depth: 0 };
        let front = Front::from([(node, false)]);
        self.run((shape, elements), (front, state), &bounds, None).into_iter().map(|(state, _)| state).collect()
    }

    /// The pattern of a whole function.
    pub fn whole(&self, shape: &Shape, p: usize, state: State) -> Vec<State> {
        let f = self.function.places[1];
        self.structured(shape, (p, f), state, 0)
    }

    /// Lays elements along the flow from a front; `before` is the element that the dots, if they come first, must not meet again.
    pub fn run(
        &self,
        (shape, elements): (&Shape, &[Element]),
        so_far: (Front, State),
        bounds: &Bounds,
        before: Option<&Before>,
    ) -> Vec<(State, Front)> {
        let (front, state) = so_far;
        let Some((first, rest)) = elements.split_first() else {
            let is_out = |node: &usize| bounds.region.as_ref().is_none_or(|region| !region.contains(node));
            return if !bounds.fills || front.keys().all(is_out) { vec![(state, front)] } else { Vec::new() };
        };
        if let Element::Slot(slot) = first {
            match &self.matcher.compiled.slots[*slot] {
                Slot::Dots(whens) => {
                    let gap = Gap { slot: *slot, whens, inner: None, once: false, before };
                    return self.gap((shape, rest), (front, state), bounds, &gap);
                }
                Slot::Nest { inner, once, whens } => {
                    let gap = Gap { slot: *slot, whens, inner: Some(*inner), once: *once, before };
                    return self.gap((shape, rest), (front, state), bounds, &gap);
                }
                _ => {}
            }
        }
        let mut states = vec![(state.clone(), Front::new())];
        for (node, optional) in &front {
            if *optional && !self.is_inside(*node, bounds) {
                continue;
            }
            let mut next = Vec::new();
            for (state, done) in states {
                for (found, behind) in self.element((shape, *first), *node, state, bounds) {
                    next.push((found, joined(&done, &behind, *optional)));
                }
            }
            states = next;
        }
        if front.is_empty() {
            return Vec::new();
        }
        states
            .into_iter()
            .flat_map(|(found, behind)| {
                let is_gap = matches!(rest.first(), Some(Element::Slot(slot)) if self.is_gap(*slot));
                let beside = is_gap || rest.is_empty() || front.keys().all(|node| self.are_beside(*node, &behind));
                if !beside {
                    return Vec::new();
                }
                let before = Before::new(*first, (&state, &found));
                self.run((shape, rest), (behind, found), bounds, Some(&before))
            })
            .collect()
    }

    /// Whether a slot is dots or a nest.
    pub fn is_gap(&self, slot: usize) -> bool {
        matches!(self.matcher.compiled.slots[slot], Slot::Dots(_) | Slot::Nest { .. })
    }

    /// Whether a node is one of the region.
    pub fn is_inside(&self, node: usize, bounds: &Bounds) -> bool {
        bounds.region.as_ref().is_none_or(|region| region.contains(&node)) && node != self.function.side.cfg.exit()
    }

    /// Whether all nodes of a front are statements of the same block as `node`.
    fn are_beside(&self, node: usize, front: &Front) -> bool {
        let block = |node: usize| {
            let places = self.matcher.tree.places();
            places.get(*self.function.places.get(node)?).map(|place| place.parent)
        };
        front.keys().all(|next| block(*next).is_some() && block(*next) == block(node))
    }

    /// One element at one node, with the nodes behind it.
    pub fn element(
        &self,
        (shape, element): (&Shape, Element),
        node: usize,
        state: State,
        bounds: &Bounds,
    ) -> Vec<(State, Front)> {
        let depth = bounds.depth;
        self.steps.set(self.steps.get() + 1);
        if depth > MOST_DEPTH || self.steps.get() > MOST_STEPS || !self.function.side.cfg.inner().contains(&node) {
            return Vec::new();
        }
        let f = self.function.places[node];
        match element {
            Element::Statement(p) if self.is_busy(shape, p) => {
                let found = self.structured(shape, (p, f), state, depth + 1);
                found.into_iter().map(|state| (state, self.follow(node))).collect()
            }
            Element::Statement(p) => {
                let found = self.matcher.place(shape, p, f, state);
                found.into_iter().map(|state| (state, self.follow(node))).collect()
            }
            Element::Expression(p) => {
                let mut out: Vec<(State, Front)> = Vec::new();
                for at in self.function.places_in(node) {
                    let found = self.matcher.place(shape, p, at, state.clone());
                    out.extend(found.into_iter().map(|state| (state, self.behind(node))));
                }
                out
            }
            Element::Slot(slot) => self.choice(slot, node, state, bounds),
        }
    }

    /// A choice among statements: the first branch that fits, or all of them.
    fn choice(&self, slot: usize, node: usize, state: State, bounds: &Bounds) -> Vec<(State, Front)> {
        let bounds = Bounds { region: bounds.region.clone(), fills: false, depth: bounds.depth + 1 };
        let at = |branch: usize, state: State| {
            let front = Front::from([(node, false)]);
            let elements = self.sequence_elements(branch);
            self.run((self.matcher.shape(branch), &elements), (front, state), &bounds, None)
        };
        match &self.matcher.compiled.slots[slot] {
            Slot::Either(branches) => branches
                .iter()
                .map(|branch| at(*branch, state.clone()))
                .find(|found| !found.is_empty())
                .unwrap_or_default(),
            Slot::Both(branches) => {
                let mut states = vec![(state, Front::new())];
                for branch in branches {
                    states = states.into_iter().flat_map(|(state, _)| at(*branch, state)).collect();
                }
                states
            }
            _ => Vec::new(),
        }
    }

    /// Nodes that may run next after a node itself.
    fn behind(&self, node: usize) -> Front {
        let cfg = &self.function.side.cfg;
        cfg.nodes[node].next.iter().map(|to| (*to, self.errors.contains(&(node, *to)))).collect()
    }

    /// Nodes that come behind a whole statement when nothing in it jumps elsewhere.
    fn follow(&self, node: usize) -> Front {
        let cfg = &self.function.side.cfg;
        if !cfg.nodes[node].kind.is_head() || cfg.nodes[node].kind == Kind::Header {
            return self.behind(node);
        }
        let inside = node..cfg.nodes[node].after;
        let leaving = |jumps: bool| -> Front {
            let from = inside
                .clone()
                .filter(|id| jumps || !matches!(cfg.nodes[*id].kind, Kind::Jump | Kind::Return | Kind::LastReturn));
            from.flat_map(|id| cfg.nodes[id].next.iter())
                .filter(|to| !inside.contains(to))
                .map(|to| (*to, false))
                .collect()
        };
        let found = leaving(false);
        if found.is_empty() { leaving(true) } else { found }
    }

    /// Whether a statement of a pattern holds slots among its statements, so that its parts follow the flow.
    fn is_busy(&self, shape: &Shape, p: usize) -> bool {
        let after = shape.tree.places()[p].after as usize;
        (p + 1..after).any(|at| {
            let kind = self.matcher.terms.kind(shape.tree.places()[at].term);
            kind == "expression_statement"
                && match self.matcher.stands_for(shape, at) {
                    Leaf::Slot(_) => true,
                    // A statement that is only an expression.
                    Leaf::Plain => own_tokens(&shape.tree, at)
                        .into_iter()
                        .all(|t| shape.tokens.get(t as usize).is_none_or(Option::is_none)),
                    Leaf::Meta(_) => false,
                }
        })
    }

    /// A statement whose parts follow the flow: its head place by place, its blocks as sequences.
    fn structured(&self, shape: &Shape, (p, f): (usize, usize), state: State, depth: usize) -> Vec<State> {
        let terms = self.matcher.terms;
        let (here, there) = (shape.tree.places()[p].term, self.matcher.tree.places()[f].term);
        let kind = terms.kind(here);
        if kind != terms.kind(there) || depth > MOST_DEPTH {
            return Vec::new();
        }
        let parts: Vec<usize> = shape.tree.children(p).collect();
        let values: Vec<usize> = self.matcher.tree.children(f).collect();
        if kind == "function_definition" {
            let (Some((body, head)), Some((their_body, their_head))) = (parts.split_last(), values.split_last()) else {
                return Vec::new();
            };
            let found = self.matcher.declaration(shape, (p, head), (f, their_head), state);
            return found.into_iter().flat_map(|state| self.body(shape, (*body, *their_body), state, depth)).collect();
        }
        if kind == "else_clause" || kind == "compound_statement" {
            return if kind == "else_clause" {
                self.parts(shape, ((p, &parts), (f, &values)), state, depth)
            } else {
                self.body(shape, (p, f), state, depth)
            };
        }
        self.parts(shape, ((p, &parts), (f, &values)), state, depth)
    }

    /// The parts of a statement: expressions as they are, blocks as sequences.
    fn parts(&self, shape: &Shape, (p, f): (Children<'_>, Children<'_>), state: State, depth: usize) -> Vec<State> {
        if p.1.len() != f.1.len() {
            return Vec::new();
        }
        let own = (own_tokens(&shape.tree, p.0), own_tokens(self.matcher.tree, f.0));
        let Some(state) = self.matcher.record_own(shape, &own.0, &own.1, state) else { return Vec::new() };
        let mut states = vec![state];
        for (part, value) in p.1.iter().zip(f.1) {
            let kind = self.matcher.terms.kind(shape.tree.places()[*part].term);
            let is_part = kind.ends_with("_statement") || kind == "else_clause";
            let mut next = Vec::new();
            for state in states {
                if is_part {
                    next.extend(self.body(shape, (*part, *value), state, depth + 1));
                } else {
                    next.extend(self.matcher.place(shape, *part, *value, state));
                }
            }
            states = next;
        }
        states
    }

    /// A block or the only statement of a branch.
    fn body(&self, shape: &Shape, (p, f): (usize, usize), state: State, depth: usize) -> Vec<State> {
        if !self.is_busy(shape, p) && !matches!(self.matcher.stands_for(shape, p), Leaf::Slot(_)) {
            return self.matcher.place(shape, p, f, state);
        }
        let kind = self.matcher.terms.kind(shape.tree.places()[p].term);
        if kind == "else_clause" {
            return self.structured(shape, (p, f), state, depth + 1);
        }
        let region = self.region(f);
        let elements = if kind == "compound_statement" {
            if self.matcher.kind(f) != "compound_statement" {
                return Vec::new();
            }
            let places: Vec<usize> = shape.tree.children(p).collect();
            self.elements(shape, &places)
        } else {
            let elements = self.elements(shape, &[p]);
            let is_gap = matches!(elements.first(), Some(Element::Slot(slot)) if self.is_gap(*slot));
            if !is_gap && self.matcher.kind(f) == "compound_statement" {
                // A statement is no block of one statement.
                return Vec::new();
            }
            elements
        };
        let mut state = state;
        if kind == "compound_statement" {
            // The braces.
            let (own, theirs) = (own_tokens(&shape.tree, p), own_tokens(self.matcher.tree, f));
            for (one, other) in [(own.first(), theirs.first()), (own.last(), theirs.last())] {
                let body = one.and_then(|t| shape.tokens.get(*t as usize).copied().flatten());
                if let (Some(at), Some(other)) = (body, other) {
                    let Some(next) = self.matcher.record(at, (*other, *other + 1), state) else { return Vec::new() };
                    state = next;
                }
            }
        }
        let front: Front = if region.is_empty() { Front::new() } else { Front::from([(region.start, false)]) };
        let bounds = Bounds { region: Some(region), fills: true, depth: depth + 1 };
        self.run((shape, &elements), (front, state), &bounds, None).into_iter().map(|(state, _)| state).collect()
    }

    /// The nodes within a place.
    pub fn region(&self, f: usize) -> Range<usize> {
        let Some(place) = self.matcher.tree.places().get(f) else { return 0..0 };
        let cfg = &self.function.side.cfg;
        let inside = |id: &usize| {
            let node = &cfg.nodes[*id];
            node.whole.start >= place.start as usize && node.whole.end <= place.end as usize && !node.whole.is_empty()
        };
        let first = cfg.inner().skip(1).find(inside);
        let last = cfg.inner().skip(1).rfind(inside);
        match (first, last) {
            (Some(first), Some(last)) => first..last + 1,
            _ => 0..0,
        }
    }
}
