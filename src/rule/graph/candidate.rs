//! A rule proposed for several instances, at some level of abstraction (Spinfer, sections 3.3 and 3.4).
//!
//! In: instances with the same signature (the same groups in the same order of control flow), or pairs of expressions. Out: a rule. Which
//! [`Level`] is right, the corpus decides.

use super::cfg_diff::{Colour, side_of};
use super::example::{Changed, Example, Focus, Scope};
use super::generalise::{Column, General, Use, common_shape, generalise};
use super::instance::{Anchor, Instance, Slot};
use super::level::{Assignments, Level};
use super::shape::without_locals;
use super::stages::{Alternative, Gap, Role, Stage, steps};
use crate::merge::Change;
use crate::rule::metavariable::{Metavariable, MetavariableKind};
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Knowledge, Requirement, Rule};
use crate::rule::term::{Head, TermId, Terms};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What a rule is proposed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Instances of one signature.
    Paths(Vec<Instance>),
    /// Replaced expressions.
    Parts(Vec<Part>),
}

/// A replaced expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The example.
    pub example: usize,
    /// The changed nodes, before and after.
    pub nodes: (usize, usize),
    /// The expressions, before and after.
    pub terms: (TermId, TermId),
    /// Their group.
    pub group: usize,
    /// Whether its instance exchanges more.
    pub company: Company,
}

/// Whether an exchange stands alone in its instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// It is all that changed.
    Alone,
    /// What it is tied to by data or control flow changed with it.
    Others,
}

/// What rules are made from.
pub struct Material<'a> {
    /// The examples.
    pub examples: &'a [Example],
    /// Their changed nodes.
    pub changed: &'a [Changed],
    /// By group: the shape that all its nodes have in common.
    pub shapes: BTreeMap<usize, Option<TermId>>,
    /// By changed node: its group.
    pub groups: &'a [usize],
    /// By group of parts: the shapes that all its pairs have in common.
    pub part_shapes: BTreeMap<usize, Option<(TermId, TermId)>>,
}

/// What a slot is, as far as instances of one rule agree on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SlotKey {
    /// The group of a node that goes; of context, its first word.
    at: (Option<usize>, Option<TermId>),
    /// Groups of what comes before it.
    ahead: Vec<usize>,
    /// Groups of what comes behind it.
    behind: Vec<usize>,
}

impl Source {
    /// How many instances.
    pub fn len(&self) -> usize {
        match self {
            Self::Paths(all) => all.len(),
            Self::Parts(all) => all.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some of the instances.
    pub fn subset(&self, which: &[usize]) -> Self {
        match self {
            Self::Paths(all) => Self::Paths(which.iter().map(|at| all[*at].clone()).collect()),
            Self::Parts(all) => Self::Parts(which.iter().map(|at| all[*at]).collect()),
        }
    }

    /// The instances of both, if they are of one sort.
    pub fn joined(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Paths(a), Self::Paths(b)) => Some(Self::Paths([a.as_slice(), b].concat())),
            (Self::Parts(a), Self::Parts(b)) => Some(Self::Parts([a.as_slice(), b].concat())),
            _ => None,
        }
    }

    /// The examples that have an instance, by index, with repetitions.
    pub fn examples(&self) -> Vec<usize> {
        match self {
            Self::Paths(all) => all.iter().map(|i| i.example).collect(),
            Self::Parts(all) => all.iter().map(|p| p.example).collect(),
        }
    }
}

impl Material<'_> {
    /// The signature of an instance: what its slots are, in the order of control flow.
    pub fn signature(&self, terms: &mut Terms, instance: &Instance) -> Vec<Vec<SlotKey>> {
        let mut key = |slot: &Slot| self.key(terms, instance.example, slot);
        instance.stages.iter().map(|stage| stage.iter().map(&mut key).collect()).collect()
    }

    /// Whether an instance has a node that holds a word of the focus.
    pub fn is_about(&self, terms: &Terms, instance: &Instance, focus: &Focus) -> bool {
        let holds = |n: &usize| focus.words.iter().any(|word| terms.holds_word(self.changed[*n].term, word));
        let nodes = |slot: &Slot| {
            let own = match slot.at {
                Anchor::Minus(n) => Some(n),
                Anchor::Context(_) => None,
            };
            let more = slot.more.iter().flat_map(|(n, new)| [*n].into_iter().chain(new.iter().copied()));
            let around = slot.ahead.iter().chain(&slot.behind).copied();
            own.into_iter().chain(more).chain(around).collect::<Vec<usize>>()
        };
        let mut all = instance.stages.iter().flatten().flat_map(nodes);
        focus.scope == Scope::Functions || all.any(|n| holds(&n))
    }

    /// What a slot is.
    fn key(&self, terms: &mut Terms, example: usize, slot: &Slot) -> SlotKey {
        let groups = |nodes: &[usize]| nodes.iter().map(|n| self.groups[*n]).collect();
        let at = match slot.at {
            Anchor::Minus(n) => (Some(self.groups[n]), None),
            Anchor::Context(id) => (None, self.first_word(terms, example, id)),
        };
        SlotKey { at, ahead: groups(&slot.ahead), behind: groups(&slot.behind) }
    }

    /// The first word of a context node that is no local.
    fn first_word(&self, terms: &mut Terms, example: usize, id: usize) -> Option<TermId> {
        let function = &self.examples[example].functions[0];
        let shape = without_locals(terms, function.heads[id], &function.locals);
        let is_word = |t: &TermId| terms.kind(*t).ends_with("identifier") && terms.leaf(*t).is_some();
        terms.subterms(shape).into_iter().find(is_word)
    }

    /// The term of a slot's node.
    fn term(&self, example: usize, at: Anchor) -> TermId {
        match at {
            Anchor::Minus(n) => self.changed[n].term,
            Anchor::Context(id) => self.examples[example].functions[0].heads[id],
        }
    }

    /// What is local on either side of an example.
    fn locals(&self, example: usize) -> FxHashSet<TermId> {
        let [before, after] = &self.examples[example].functions;
        before.locals.union(&after.locals).copied().collect()
    }

    /// A rule for the instances; `None` if they have none at this level.
    pub fn rule(&self, terms: &mut Terms, source: &Source, level: Level, assignments: Assignments) -> Option<Rule> {
        let (metas, body) = match source {
            Source::Parts(parts) => self.of_parts(terms, parts, level)?,
            Source::Paths(instances) => self.of_paths(terms, instances, (level, assignments))?,
        };
        Some(Rule {
            name: String::new(),
            metavariables: metas,
            body,
            required: Requirement::Unknown,
            within: None,
            knowledge: Knowledge::default(),
        })
    }

    /// A term's change.
    fn of_parts(&self, terms: &mut Terms, parts: &[Part], level: Level) -> Option<(Vec<Metavariable>, Body)> {
        let groups: Vec<usize> = parts.iter().map(|part| part.group).collect();
        let one_group = groups.iter().all(|group| *group == groups[0]);
        let shapes = self.part_shapes.get(&groups[0]).copied().flatten().filter(|_| level.is_shaped() && one_group);
        let column = |terms: Vec<TermId>, shape, purpose| Column { terms, shape, purpose };
        let columns = [
            column(parts.iter().map(|p| p.terms.0).collect(), shapes.map(|s| s.0), Use::Binds),
            column(parts.iter().map(|p| p.terms.1).collect(), shapes.map(|s| s.1), Use::Needs),
        ];
        let locals: Vec<FxHashSet<TermId>> = parts.iter().map(|p| self.locals(p.example)).collect();
        let found = generalise(terms, &columns, &locals.iter().collect::<Vec<_>>())?;
        let says = says_something(terms, found.patterns[0]) && found.patterns[0] != found.patterns[1];
        let change = says.then_some(Change {
            before: Pattern::of(terms, found.patterns[0])?,
            after: Pattern::of(terms, found.patterns[1])?,
        })?;
        Some((found.metas, Body::Term(change)))
    }

    /// A path.
    fn of_paths(
        &self,
        terms: &mut Terms,
        instances: &[Instance],
        how: (Level, Assignments),
    ) -> Option<(Vec<Metavariable>, Body)> {
        let (level, assignments) = how;
        let columns = self.columns(terms, instances, level)?;
        let locals: Vec<FxHashSet<TermId>> = instances.iter().map(|i| self.locals(i.example)).collect();
        let found = generalise(terms, &columns, &locals.iter().collect::<Vec<_>>())?;
        let when_not = self.when_not(terms, &columns, &found, (level, assignments));
        let stages = arranged(&instances[0], &found.patterns, &when_not);
        let mut binds = columns.iter().zip(&found.patterns).filter(|(column, _)| column.purpose == Use::Binds);
        let is_open = |id: TermId| matches!(terms.head(id), Head::Meta(_) | Head::Dots);
        if binds.clone().any(|(_, id)| is_open(*id)) || !binds.any(|(_, id)| says_something(terms, *id)) {
            return None;
        }
        Some((found.metas, Body::Path(steps(terms, &stages)?)))
    }

    /// What stands at each place, in the order of `arranged`; `None` if the instances are not of one form.
    fn columns(&self, terms: &mut Terms, instances: &[Instance], level: Level) -> Option<Vec<Column>> {
        let first = instances.first()?;
        let mut columns = Vec::new();
        for (stage, slots) in first.stages.iter().enumerate() {
            for (slot, own) in slots.iter().enumerate() {
                let same = instances.iter().map(|i| {
                    let other = i.stages.get(stage)?.get(slot)?;
                    let form = |s: &Slot| (matches!(s.at, Anchor::Minus(_)), s.ahead.len(), s.behind.len());
                    (form(other) == form(own) && i.stages.len() == first.stages.len()).then_some((i.example, other))
                });
                let same: Vec<(usize, &Slot)> = same.collect::<Option<_>>()?;
                self.slot_columns(terms, &same, level, &mut columns);
            }
        }
        Some(columns)
    }

    /// The columns of one slot: what comes ahead, what stands there, what comes behind.
    fn slot_columns(&self, terms: &mut Terms, slots: &[(usize, &Slot)], level: Level, columns: &mut Vec<Column>) {
        let plus = |columns: &mut Vec<Column>, nodes: Vec<usize>, terms: &mut Terms| {
            let shape = self.shape(terms, &nodes, level);
            let terms = nodes.iter().map(|n| self.changed[*n].term).collect();
            columns.push(Column { terms, shape, purpose: Use::Needs });
        };
        for at in 0..slots[0].1.ahead.len() {
            plus(columns, slots.iter().map(|(_, slot)| slot.ahead[at]).collect(), terms);
        }
        let minus = |slot: &Slot| match slot.at {
            Anchor::Minus(n) => Some(n),
            Anchor::Context(_) => None,
        };
        let nodes: Vec<usize> = slots.iter().filter_map(|(_, slot)| minus(slot)).collect();
        let shape = self.shape(terms, &nodes, level);
        let own = slots.iter().map(|(example, slot)| self.term(*example, slot.at)).collect();
        columns.push(Column { terms: own, shape, purpose: Use::Binds });
        for at in 0..slots[0].1.behind.len() {
            plus(columns, slots.iter().map(|(_, slot)| slot.behind[at]).collect(), terms);
        }
    }

    /// The shape of nodes, if the level uses it: of their groups.
    fn shape(&self, terms: &mut Terms, nodes: &[usize], level: Level) -> Option<TermId> {
        if !level.is_shaped() || nodes.is_empty() {
            return None;
        }
        let shapes: Option<Vec<TermId>> =
            nodes.iter().map(|n| self.shapes.get(&self.groups[*n]).copied().flatten()).collect();
        common_shape(terms, &shapes?)
    }

    /// What dots must not pass.
    fn when_not(
        &self,
        terms: &mut Terms,
        columns: &[Column],
        found: &General,
        how: (Level, Assignments),
    ) -> Vec<TermId> {
        let (level, assignments) = how;
        let dots = terms.node(Head::Dots, &[]);
        let mut all = Vec::new();
        let numbers = 0..u32::try_from(found.metas.len()).unwrap_or(0);
        for meta in numbers.filter(|_| assignments == Assignments::Forbidden) {
            let matched = columns.iter().zip(&found.patterns).filter(|(c, _)| c.purpose == Use::Binds);
            let uses = matched.filter(|(_, id)| terms.metas(**id).contains(&meta)).count();
            let is_name = found.values[meta as usize].iter().all(|t| terms.kind(*t) == "identifier");
            let kind = found.metas[meta as usize].kind;
            if uses > 1 && is_name && kind == MetavariableKind::Expression {
                let left = terms.meta(meta);
                all.push(terms.known("assignment_expression", b"_ = _", &[left, dots]));
            }
        }
        if level.is_strict() {
            all.push(terms.known("return_statement", b"return _ ;", &[dots]));
            all.push(terms.known("return_statement", b"return ;", &[]));
        }
        all
    }

    /// The pair's index and the side's function of a changed node.
    pub fn home(&self, node: usize) -> (usize, &super::function::Function) {
        let changed = &self.changed[node];
        let example = &self.examples[changed.example];
        (example.pair, &example.functions[side_of(changed.colour)])
    }

    /// The node of a pair's text that an instance begins with, and what first comes in its place.
    pub fn first_nodes(&self, source: &Source, at: usize) -> (Option<usize>, Option<usize>) {
        match source {
            Source::Parts(parts) => (Some(parts[at].nodes.0), Some(parts[at].nodes.1)),
            Source::Paths(instances) => {
                let slots = || instances[at].stages.iter().flatten();
                let minus = slots().find_map(|slot| match slot.at {
                    Anchor::Minus(n) => Some(n),
                    Anchor::Context(_) => None,
                });
                let plus = slots().flat_map(|slot| slot.ahead.iter().chain(&slot.behind)).next().copied();
                (minus, plus.filter(|n| self.changed[*n].colour == Colour::After))
            }
        }
    }
}

/// Stages with the patterns of the columns, in the form of an instance.
fn arranged(form: &Instance, patterns: &[TermId], when_not: &[TermId]) -> Vec<Stage> {
    let mut next = patterns.iter().copied();
    let mut stages = Vec::new();
    for (at, slots) in form.stages.iter().enumerate() {
        let gap = if at == 0 { Gap::Adjacent } else { Gap::Dots(when_not.to_vec()) };
        let mut alternatives = Vec::new();
        for slot in slots {
            let ahead = next.by_ref().take(slot.ahead.len()).collect();
            let Some(pattern) = next.next() else { continue };
            let behind = next.by_ref().take(slot.behind.len()).collect();
            let role = if matches!(slot.at, Anchor::Minus(_)) { Role::Minus } else { Role::Context };
            alternatives.push(Alternative { pattern, role, ahead, behind });
        }
        stages.push(Stage { gap, alternatives });
    }
    stages
}

/// Whether a pattern has a word that is neither a literal nor a metavariable.
fn says_something(terms: &Terms, pattern: TermId) -> bool {
    let is_word = |id: TermId| terms.kind(id).ends_with("identifier") && terms.leaf(id).is_some();
    terms.subterms(pattern).into_iter().any(is_word)
}
