//! What a sequence of statements is made of, and how far one has come in it.

use super::body::When;
use super::hit::State;
use std::collections::BTreeMap;
use std::ops::Range;

/// One element of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// A statement, by its place.
    Statement(usize),
    /// An expression somewhere in a node.
    Expression(usize),
    /// A slot.
    Slot(usize),
}

/// What stands before dots, and the metavariables that it bound first.
#[derive(Clone, Debug)]
pub struct Before {
    /// The element.
    pub element: Element,
    /// By their index.
    pub bound: Vec<usize>,
}

impl Before {
    /// An element that made the second state of the first.
    pub fn new(element: Element, (before, after): (&State, &State)) -> Self {
        let pairs = before.hit.bound.iter().zip(&after.hit.bound).enumerate();
        let bound = pairs.filter(|(_, (was, is))| was.is_none() && is.is_some()).map(|(at, _)| at);
        Self { element, bound: bound.collect() }
    }
}

/// Nodes to go on from; whether the way to each leads through a branch that leaves.
pub type Front = BTreeMap<usize, bool>;

/// Where a sequence must end, and how deep it stands.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The nodes that it may not leave; anywhere if there is none.
    pub region: Option<Range<usize>>,
    /// Whether it must end where the region ends.
    pub fills: bool,
    /// How deep.
    pub depth: usize,
}

/// Dots or a nest before the rest of a sequence.
pub struct Gap<'a> {
    /// The slot.
    pub slot: usize,
    /// Its conditions.
    pub whens: &'a [When],
    /// What a nest looks for.
    pub inner: Option<usize>,
    /// Whether it must be there once.
    pub once: bool,
    /// What stands before the dots.
    pub before: Option<&'a Before>,
}

impl Gap<'_> {
    /// Whether this condition is there.
    pub fn has(&self, asked: fn(&When) -> bool) -> bool {
        self.whens.iter().any(asked)
    }
}

/// Two fronts as one.
pub fn joined(one: &Front, other: &Front, optional: bool) -> Front {
    let mut out = one.clone();
    for (node, way) in other {
        let way = *way || optional;
        out.entry(*node).and_modify(|known| *known &= way).or_insert(way);
    }
    out
}
