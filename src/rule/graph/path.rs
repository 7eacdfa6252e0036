//! Finds where a rule's path runs in a function.
//!
//! In: stages and a function. Out: matches, each with the nodes that its stages stand on. As in SmPL, dots mean *every* path: from
//! the nodes of one stage, each way on must meet the next stage before the exit, except ways into branches that leave
//! (`Cfg::error_branches`), which may. All nodes of a match agree on what the metavariables stand for.
//!
//! ```text
//!   x = kmalloc(n, f);        stage 0
//!   if (!x)                   dots
//!           return -ENOMEM;   a branch that leaves: it need not meet stage 1
//!   memset(x, 0, n);          stage 1: x and n are those of stage 0
//! ```

use super::cfg::Cfg;
use super::function::Function;
use super::stages::{Alternative, Gap, Role, Stage};
use crate::rule::matcher::{Binding, Bindings, Sight, matches};
use crate::rule::metavariable::Metavariable;
use crate::rule::term::{Head, TermId, Terms};
use std::collections::{BTreeMap, BTreeSet};

/// A stage has at most this many readings that are tried, one after the other.
const MOST_READINGS: usize = 16;

/// A match looks at no more nodes than this, all stages and readings together.
const MOST_STEPS: usize = 200_000;

/// A node that a stage stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The node.
    pub node: usize,
    /// Stage and alternative.
    pub stage: (usize, usize),
    /// Whether the statement with everything inside is meant, not its head.
    pub whole: bool,
    /// The place of the part that is replaced.
    pub part: Option<usize>,
}

/// One place where the whole path runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// In the order of the stages, then of the text.
    pub hits: Vec<Hit>,
    /// What the metavariables stand for.
    pub bindings: Bindings,
}

/// What a search needs.
pub struct Search<'a> {
    /// The arena of the stages and the function.
    pub terms: &'a mut Terms,
    /// The rule's metavariables.
    pub metas: &'a [Metavariable],
    /// The rule's path.
    pub stages: &'a [Stage],
    /// Where it is looked for.
    pub function: &'a Function,
    /// Branches that leave, as (head, first node).
    errors: BTreeSet<(usize, usize)>,
    /// Nodes looked at.
    steps: usize,
}

/// A node to go on from, and whether the way to it leads through a branch that leaves.
type Front = BTreeMap<usize, bool>;

/// How far a match has come.
#[derive(Clone)]
struct State {
    /// Where it stands.
    front: Front,
    /// What is bound.
    bindings: Bindings,
    /// What it stood on.
    hits: Vec<Hit>,
}

impl<'a> Search<'a> {
    /// A search for one rule in one function.
    pub fn new(terms: &'a mut Terms, metas: &'a [Metavariable], stages: &'a [Stage], function: &'a Function) -> Self {
        let errors = function.side.cfg.error_branches().into_iter().collect();
        Self { terms, metas, stages, function, errors, steps: 0 }
    }

    /// All matches that don't share what they change, in the order of the text.
    pub fn run(mut self) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        let mut used: BTreeSet<(usize, Option<usize>)> = BTreeSet::new();
        let Some(first) = self.stages.first() else { return found };
        for node in self.function.side.cfg.inner() {
            for (bindings, hit) in self.readings(first, 0, node, &Bindings::default()) {
                if used.contains(&(node, hit.part)) {
                    continue;
                }
                let front = self.front_behind(&hit, false);
                let state = State { front, bindings, hits: vec![hit] };
                let Some(done) = self.extend(1, state) else { continue };
                let changed = |hit: &&Hit| self.stages[hit.stage.0].alternatives[hit.stage.1].role != Role::Context;
                let keys: Vec<_> = done.hits.iter().filter(changed).map(|hit| (hit.node, hit.part)).collect();
                if keys.iter().all(|key| !used.contains(key)) {
                    used.extend(keys);
                    found.push(Match { hits: done.hits, bindings: done.bindings });
                }
            }
        }
        found
    }

    /// Every way in which a node can be what a stage wants.
    fn readings(&mut self, stage: &Stage, number: usize, node: usize, bound: &Bindings) -> Vec<(Bindings, Hit)> {
        self.steps += 1;
        let mut found = Vec::new();
        for (index, alternative) in stage.alternatives.iter().enumerate() {
            let pattern = bound.fill(self.terms, alternative.pattern);
            let is_head = self.function.side.cfg.nodes[node].kind.is_head();
            let terms = [(self.function.heads[node], false), (self.function.wholes[node], true)];
            for (term, whole) in terms.into_iter().take(if is_head { 2 } else { 1 }) {
                let Some(more) = self.unify(pattern, term, bound) else { continue };
                let hit = Hit { node, stage: (number, index), whole, part: None };
                match &alternative.role {
                    Role::Within(change) => {
                        let parts = self.parts(change.before, node, &more);
                        found.extend(parts.into_iter().map(|(all, part)| (all, Hit { part, ..hit.clone() })));
                    }
                    _ => found.push((more, hit)),
                }
                break;
            }
        }
        found
    }

    /// The places in a node that are the part to replace.
    fn parts(&mut self, before: TermId, node: usize, bound: &Bindings) -> Vec<(Bindings, Option<usize>)> {
        let before = bound.fill(self.terms, before);
        let places: Vec<usize> = self.function.places_in(node).collect();
        self.steps += places.len() / 8;
        let mut found: Vec<(Bindings, Option<usize>)> = Vec::new();
        for place in places {
            let term = self.function.tree.places()[place].term;
            if let Some(all) = self.unify(before, term, bound) {
                found.push((all, Some(place)));
            }
        }
        found
    }

    /// What is bound when a pattern, in which `bound` is filled in already, is a term.
    fn unify(&self, pattern: TermId, term: TermId, bound: &Bindings) -> Option<Bindings> {
        let sight = Sight { terms: self.terms, metas: self.metas, types: &self.function.types };
        let more = matches(sight, pattern, term)?;
        let mut all = bound.clone();
        let numbers = 0..u32::try_from(self.metas.len()).unwrap_or(u32::MAX);
        numbers.filter_map(|n| Some((n, more.get(n)?.clone()))).all(|(n, value)| all.bind(n, value)).then_some(all)
    }

    /// Where control goes behind a hit.
    fn front_behind(&self, hit: &Hit, optional: bool) -> Front {
        let cfg = &self.function.side.cfg;
        let inside = hit.node..if hit.whole { cfg.nodes[hit.node].after } else { hit.node + 1 };
        let mut front = Front::new();
        for from in inside.clone() {
            for to in cfg.nodes[from].next.iter().filter(|to| !inside.contains(to) || **to == hit.node) {
                let optional = optional || self.errors.contains(&(from, *to));
                front.entry(*to).and_modify(|known| *known &= optional).or_insert(optional);
            }
        }
        front
    }

    /// Goes on with a stage; `None` if some path misses it.
    fn extend(&mut self, number: usize, state: State) -> Option<State> {
        let stages = self.stages;
        let Some(stage) = stages.get(number) else { return Some(state) };
        let mut readings: Vec<Bindings> = Vec::new();
        for node in self.region(stage, &state.front) {
            for (bindings, _) in self.readings(stage, number, node, &state.bindings) {
                if !readings.contains(&bindings) && readings.len() < MOST_READINGS {
                    readings.push(bindings);
                }
            }
            if self.steps > MOST_STEPS {
                return None;
            }
        }
        for bindings in readings {
            let next = State { bindings, ..state.clone() };
            if let Some(done) = self.cover(stage, number, next).and_then(|s| self.extend(number + 1, s)) {
                return Some(done);
            }
        }
        None
    }

    /// The nodes among which a stage may stand, ascending.
    fn region(&self, stage: &Stage, front: &Front) -> Vec<usize> {
        let mut seen: BTreeSet<usize> = front.keys().copied().collect();
        if matches!(stage.gap, Gap::Dots(_)) {
            let mut open: Vec<usize> = seen.iter().copied().collect();
            while let Some(at) = open.pop() {
                open.extend(self.function.side.cfg.nodes[at].next.iter().filter(|to| seen.insert(**to)));
            }
        }
        seen.into_iter().filter(|at| self.function.side.cfg.inner().contains(at)).collect()
    }

    /// Whether every path meets the stage under these bindings, and where.
    fn cover(&mut self, stage: &Stage, number: usize, state: State) -> Option<State> {
        let forbidden: Vec<TermId> = match &stage.gap {
            Gap::Adjacent => Vec::new(),
            Gap::Dots(when_not) => when_not.iter().map(|p| state.bindings.fill(self.terms, *p)).collect(),
        };
        let mut seen: Front = Front::new();
        let mut open: Vec<(usize, bool)> = state.front.iter().map(|(node, optional)| (*node, *optional)).collect();
        let mut hits: BTreeMap<usize, (Hit, bool)> = BTreeMap::new();
        while let Some((node, optional)) = open.pop() {
            if seen.get(&node).is_some_and(|known| !known || optional) {
                continue;
            }
            seen.insert(node, optional);
            if node == self.function.side.cfg.exit() {
                if !optional {
                    return None;
                }
                continue;
            }
            let found = self.readings(stage, number, node, &state.bindings);
            if let Some((_, hit)) = found.into_iter().find(|(bindings, _)| *bindings == state.bindings) {
                hits.insert(node, (hit, optional));
                continue;
            }
            if stage.gap == Gap::Adjacent || self.is_forbidden(&forbidden, node) || self.steps > MOST_STEPS {
                if !optional || stage.gap != Gap::Adjacent {
                    return None;
                }
                continue;
            }
            for to in &self.function.side.cfg.nodes[node].next {
                open.push((*to, optional || self.errors.contains(&(node, *to))));
            }
        }
        self.stepped(hits, state)
    }

    /// The state behind the hits of a stage; `None` if there is no hit.
    fn stepped(&self, hits: BTreeMap<usize, (Hit, bool)>, state: State) -> Option<State> {
        if hits.is_empty() {
            return None;
        }
        let mut next = State { front: Front::new(), ..state };
        for (hit, optional) in hits.into_values() {
            for (to, optional) in self.front_behind(&hit, optional) {
                next.front.entry(to).and_modify(|known| *known &= optional).or_insert(optional);
            }
            next.hits.push(hit);
        }
        Some(next)
    }

    /// Whether a node, or a part of it, is something that dots must not pass.
    fn is_forbidden(&self, forbidden: &[TermId], node: usize) -> bool {
        let bound = Bindings::default();
        let is = |pattern: &TermId, term: TermId| self.unify(*pattern, term, &bound).is_some();
        forbidden.iter().any(|pattern| {
            is(pattern, self.function.heads[node])
                || self.function.places_in(node).any(|at| is(pattern, self.function.tree.places()[at].term))
        })
    }
}

impl Alternative {
    /// Whether what it adds has other metavariables than what it matches.
    pub fn unbound(&self, terms: &Terms, bound: &BTreeSet<u32>) -> bool {
        let added = self.ahead.iter().chain(&self.behind).copied();
        let part = match &self.role {
            Role::Within(change) => Some(change.after),
            _ => None,
        };
        added.chain(part).any(|id| terms.metas(id).iter().any(|meta| !bound.contains(meta)))
    }
}

/// Whether a pattern is that of a header: a node whose body is dots.
pub fn is_header(terms: &Terms, pattern: TermId) -> bool {
    let heads = ["if_statement", "while_statement", "for_statement", "switch_statement", "function_definition"];
    let last = terms.children(pattern).last();
    heads.contains(&terms.kind(pattern)) && last.is_some_and(|id| terms.head(*id) == Head::Dots)
}

/// What a binding stands for, as terms.
pub fn terms_of(binding: &Binding) -> Vec<TermId> {
    match binding {
        Binding::Term(term) => vec![*term],
        Binding::List(all) => all.clone(),
        Binding::Head(_) => Vec::new(),
    }
}

/// The graph's exit is no place where a stage stands.
pub fn is_inner(cfg: &Cfg, node: usize) -> bool {
    cfg.inner().contains(&node)
}
