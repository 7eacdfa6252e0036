//! Dots and nests in a sequence of statements.
//!
//! In: a front, the dots, and the elements behind them. Out: matches with the front behind each. First every node that can be
//! reached is asked how the next element could stand there: these are the readings. Then, for one reading after the other, every
//! way must meet it (`cover`), or one way (`is_reachable`).
//!
//! Dots are the shortest way, as Coccinelle has it, unless `when any`: they pass neither what stands behind them nor what stands before
//! them, whatever the metavariables are there that are bound by it first (of what stands before: and that nothing behind the dots asks
//! for).
//!
//! ```text
//! front -> . -> . -> [target] -> front behind it
//!           \-> [return]       a branch that leaves: optional
//! ```

use super::body::{Part, Slot, When};
use super::flow::Flow;
use super::front::{Before, Bounds, Element, Front, Gap, joined};
use super::header::Paths;
use super::hit::{Hit, State};
use super::shape::{Shape, What};
use crate::rule::graph::cfg::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Different values for one element behind dots that are tried.
const MOST_READINGS: usize = 12;

impl Flow<'_> {
    /// Dots or a nest, and what comes behind them.
    pub fn gap(
        &self,
        (shape, rest): (&Shape, &[Element]),
        so_far: (Front, State),
        bounds: &Bounds,
        gap: &Gap<'_>,
    ) -> Vec<(State, Front)> {
        let (front, state) = so_far;
        let Some((target, behind)) = rest.split_first() else {
            return self.to_the_end(shape, (front, state), bounds, gap).into_iter().collect();
        };
        let exists = gap.has(|w| matches!(w, When::Exists))
            || self.matcher.compiled.paths() == Paths::Exists && !gap.has(|w| matches!(w, When::Forall));
        let region = self.reached(&front, bounds);
        let at = |node: &usize| (*node, self.element((shape, *target), *node, state.clone(), bounds));
        let all: Vec<(usize, Vec<(State, Front)>)> = region.iter().map(at).filter(|(_, all)| !all.is_empty()).collect();
        let is_any = gap.has(|w| matches!(w, When::Any));
        let stops: BTreeSet<usize> = all.iter().filter(|_| !is_any).map(|(node, _)| *node).collect();
        let how = (bounds, gap, &stops);
        let mut readings: Vec<State> = Vec::new();
        let mut out = Vec::new();
        for (node, found) in all {
            for (found, after) in found {
                if exists {
                    if self.is_reachable((shape, node), &front, &found, how)
                        && let Some(found) = self.collected(&region, node, found, gap)
                    {
                        let before = Before::new(*target, (&state, &found));
                        out.extend(self.run((shape, behind), (after, found), bounds, Some(&before)));
                    }
                } else if readings.len() < MOST_READINGS
                    && !readings.iter().any(|known| known.hit.bound == found.hit.bound)
                {
                    readings.push(found);
                }
            }
        }
        if readings.is_empty() && out.is_empty() && self.is_optional(shape, *target) && behind.is_empty() {
            readings.push(state.clone());
        }
        for reading in readings {
            let next = State {
                hit: Hit { bound: reading.hit.bound, spots: state.hit.spots.clone() },
                nested: state.nested.clone(),
            };
            if let Some((found, after)) = self.cover(shape, *target, (&front, next), how) {
                let before = Before::new(*target, (&state, &found));
                out.extend(self.run((shape, behind), (after, found), bounds, Some(&before)));
            }
        }
        out
    }

    /// Whether an element's line has a `?`: a choice may be missing if one of its branches may.
    fn is_optional(&self, shape: &Shape, element: Element) -> bool {
        let compiled = self.matcher.compiled;
        let is_marked = |at: &usize| compiled.body[*at].token.optional;
        match element {
            Element::Statement(p) | Element::Expression(p) => {
                let range = shape.tree.places()[p].tokens;
                let first = (range.0..range.1).find_map(|t| shape.tokens.get(t as usize).copied().flatten());
                first.as_ref().is_some_and(is_marked)
            }
            Element::Slot(slot) => match &compiled.slots[slot] {
                Slot::Either(all) => all.iter().any(|branch| {
                    matches!(compiled.sequences[*branch].parts.first(), Some(Part::Token(at)) if is_marked(at))
                }),
                _ => false,
            },
        }
    }

    /// The nodes that can be reached within the bounds, ascending.
    fn reached(&self, front: &Front, bounds: &Bounds) -> BTreeSet<usize> {
        let mut seen: BTreeSet<usize> = front.keys().copied().filter(|node| self.is_inside(*node, bounds)).collect();
        let mut open: Vec<usize> = seen.iter().copied().collect();
        while let Some(at) = open.pop() {
            for to in &self.function.side.cfg.nodes[at].next {
                if self.is_inside(*to, bounds) && seen.insert(*to) {
                    open.push(*to);
                }
            }
        }
        seen
    }

    /// Whether one way leads to a node past nothing that is forbidden.
    fn is_reachable(
        &self,
        (shape, target): (&Shape, usize),
        front: &Front,
        state: &State,
        how: (&Bounds, &Gap<'_>, &BTreeSet<usize>),
    ) -> bool {
        let (bounds, gap, stops) = how;
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = front.keys().copied().collect();
        while let Some(at) = open.pop() {
            if at == target {
                return true;
            }
            let is_open = !stops.contains(&at) && self.is_inside(at, bounds);
            if seen.insert(at) && is_open && self.may_pass(shape, at, state, gap) {
                let next = self.function.side.cfg.nodes[at].next.iter();
                open.extend(next.filter(|to| !self.is_barred(at, **to, state, gap)));
            }
        }
        false
    }

    /// Whether a condition forbids to go from a test into one of its branches.
    fn is_barred(&self, node: usize, to: usize, state: &State, gap: &Gap<'_>) -> bool {
        let cfg = &self.function.side.cfg;
        let parts: Vec<usize> = self.matcher.tree.children(self.function.places[node]).collect();
        let (Kind::If, [test, branch, ..]) = (cfg.nodes[node].kind, parts.as_slice()) else { return false };
        let into = self.region(*branch).start == to;
        let inner = self.matcher.tree.children(*test).next().unwrap_or(*test);
        gap.whens.iter().any(|when| matches!(when, When::NotTaken { test, truth } if *truth == into && self.matcher.is(*test, inner, state)))
    }

    /// Whether dots may pass a node.
    fn may_pass(&self, shape: &Shape, node: usize, state: &State, gap: &Gap<'_>) -> bool {
        let own: Vec<usize> = self.function.places_in(node).collect();
        let is_there = |when: &When| match when {
            When::Not(sequence) => {
                own.iter().any(|at| self.matcher.is(*sequence, *at, state)) || self.stands_at(*sequence, node, state)
            }
            _ => false,
        };
        if gap.whens.iter().any(is_there) {
            return false;
        }
        let Some(before) = gap.before.filter(|_| !gap.has(|w| matches!(w, When::Any))) else { return true };
        let mut state = state.clone();
        for meta in before.bound.iter().filter(|meta| !self.is_asked_behind(gap.slot, **meta)) {
            state.hit.bound[*meta] = None;
        }
        let bounds = Bounds { region: None, fills: false, depth: 0 };
        self.element((shape, before.element), node, state, &bounds).is_empty()
    }

    /// Whether a metavariable stands behind a slot somewhere in the rule.
    fn is_asked_behind(&self, slot: usize, meta: usize) -> bool {
        let compiled = self.matcher.compiled;
        let name = compiled.metas[meta].name.as_bytes();
        compiled.body.iter().skip(compiled.openings[slot] + 1).any(|token| {
            token.meta == Some(meta) || token.ahead.iter().chain(&token.behind).any(|new| new.text == name)
        })
    }

    /// Whether a sequence of statements stands at a node.
    fn stands_at(&self, sequence: usize, node: usize, state: &State) -> bool {
        let shape = self.matcher.shape(sequence);
        if shape.what != What::Statements {
            return false;
        }
        let elements = self.sequence_elements(sequence);
        !self.at(shape, &elements, node, state.clone()).is_empty()
    }

    /// Takes what a nest finds in the nodes before one.
    fn collected(&self, region: &BTreeSet<usize>, node: usize, state: State, gap: &Gap<'_>) -> Option<State> {
        let mut state = state;
        let mut found = false;
        for at in region.iter().filter(|at| **at != node) {
            found |= self.take_nested(*at, &mut state, gap);
        }
        (!gap.once || found).then_some(state)
    }

    /// Takes what a nest finds in one node.
    fn take_nested(&self, node: usize, state: &mut State, gap: &Gap<'_>) -> bool {
        let Some(inner) = gap.inner else {
            let range = self.matcher.range(self.function.places[node]);
            if let Some(next) = self.matcher.passed(gap.slot, range, state.clone()) {
                *state = next;
            }
            return false;
        };
        let shape = self.matcher.shape(inner);
        let mut found = false;
        if let (What::Expression, [root]) = (shape.what, shape.roots.as_slice()) {
            for at in self.function.places_in(node) {
                found |= self.matcher.occurrence(shape, *root, at, state);
            }
            return found;
        }
        let elements = self.sequence_elements(inner);
        let fresh = State { hit: Hit { bound: state.hit.bound.clone(), spots: Vec::new() }, nested: Vec::new() };
        if let Some(one) = self.at(shape, &elements, node, fresh).into_iter().next() {
            found = true;
            state.nested.extend(one.nested);
            if !state.nested.iter().any(|known| **known == one.hit) {
                state.nested.push(Rc::new(one.hit));
            }
        }
        found
    }

    /// Dots with nothing behind them: everything up to the block's end, or the function's.
    fn to_the_end(
        &self,
        shape: &Shape,
        so_far: (Front, State),
        bounds: &Bounds,
        gap: &Gap<'_>,
    ) -> Option<(State, Front)> {
        let (front, mut state) = so_far;
        let mut found = false;
        let passed = self.reached(&front, bounds);
        for node in &passed {
            if !self.may_pass(shape, *node, &state, gap) {
                return None;
            }
            found |= self.take_nested(*node, &mut state, gap);
        }
        if gap.once && !found {
            return None;
        }
        let mut out = Front::new();
        for (node, optional) in &front {
            if !passed.contains(node) {
                out.insert(*node, *optional);
            }
        }
        for node in &passed {
            for to in self.function.side.cfg.nodes[*node].next.iter().filter(|to| !passed.contains(to)) {
                out.insert(*to, false);
            }
        }
        Some((state, out))
    }

    /// Whether every way meets an element with these values, and what is behind it.
    fn cover(
        &self,
        shape: &Shape,
        target: Element,
        so_far: (&Front, State),
        how: (&Bounds, &Gap<'_>, &BTreeSet<usize>),
    ) -> Option<(State, Front)> {
        let (bounds, gap, stops) = how;
        let (front, mut state) = so_far;
        let strict = gap.has(|w| matches!(w, When::Strict));
        // A line with `?`: no way has to meet it.
        let may_miss = self.is_optional(shape, target);
        let mut seen = Front::new();
        let mut open: Vec<(usize, bool)> =
            front.iter().map(|(node, optional)| (*node, may_miss || *optional && !strict)).collect();
        let mut hits: BTreeMap<usize, (State, Front)> = BTreeMap::new();
        let mut passed = BTreeSet::new();
        while let Some((node, optional)) = open.pop() {
            if seen.get(&node).is_some_and(|known| !known || optional) {
                continue;
            }
            seen.insert(node, optional);
            if !self.is_inside(node, bounds) {
                if !optional {
                    return None;
                }
                continue;
            }
            let found = self.element((shape, target), node, state.clone(), bounds);
            if let Some((hit, behind)) = found.into_iter().find(|(found, _)| found.hit.bound == state.hit.bound) {
                hits.insert(node, (hit, joined(&Front::new(), &behind, optional)));
                continue;
            }
            if stops.contains(&node) || !self.may_pass(shape, node, &state, gap) {
                return None;
            }
            passed.insert(node);
            for to in &self.function.side.cfg.nodes[node].next {
                if self.is_barred(node, *to, &state, gap) {
                    return None;
                }
                open.push((*to, optional || !strict && self.errors.contains(&(node, *to))));
            }
        }
        if hits.is_empty() && !may_miss {
            return None;
        }
        let mut out = Front::new();
        for (hit, behind) in hits.into_values() {
            let known = state.hit.spots.clone();
            state.hit.spots.extend(hit.hit.spots.into_iter().filter(|spot| !known.contains(spot)));
            state.nested.extend(hit.nested.into_iter().filter(|n| !state.nested.contains(n)).collect::<Vec<_>>());
            out = joined(&out, &behind, false);
        }
        let state = self.collected(&passed, usize::MAX, state, gap)?;
        Some((state, out))
    }
}
