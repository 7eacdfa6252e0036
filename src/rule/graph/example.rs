//! Examples: functions before and after a change, and the nodes that the change touched.
//!
//! In: pairs of files. Out: pairs of functions, of which the changed ones give changed nodes, and the unchanged ones tell where a rule
//! must not match.

use super::cfg::Kind;
use super::cfg_diff::{CfgDiff, Colour, side_of};
use super::function::{Function, functions};
use super::shape::without_locals;
use super::uses::{Use, uses};
use crate::rule::term::{TermId, Terms};
use std::collections::{BTreeMap, BTreeSet};

/// A file before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilePair {
    /// Its path.
    pub path: String,
    /// Its text before the change.
    pub before: Vec<u8>,
    /// Its text after the change.
    pub after: Vec<u8>,
}

/// What the change is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// Only functions that hold one of these words on either side are learned from; all, if there are none.
    pub words: Vec<Vec<u8>>,
    /// Which of their changed nodes enter.
    pub scope: Scope,
}

/// Which changed nodes of a function are learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    #[default]
    Functions,
    /// Only those that hold a word of the focus: where two kernels lie far apart, functions have other changes too.
    Nodes,
}

/// A function of an example file.
#[derive(Clone, Debug)]
pub struct FunctionPair {
    /// The file's path.
    pub path: String,
    /// The function's name.
    pub name: Vec<u8>,
    /// Its first line in the file, from 1.
    pub line: usize,
    /// Its text before.
    pub before: Vec<u8>,
    /// Its text after.
    pub after: Vec<u8>,
    /// The tables' fields that its name is put into, before.
    pub uses: BTreeSet<Use>,
}

impl FunctionPair {
    /// Whether the change touched it.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// A changed function, read.
#[derive(Clone, Debug)]
pub struct Example {
    /// Before and after.
    pub functions: [Function; 2],
    /// Over each other.
    pub diff: CfgDiff,
    /// The index of its pair.
    pub pair: usize,
}

/// A changed node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The index of its example.
    pub example: usize,
    /// Which side it is of.
    pub colour: Colour,
    /// Its id on that side.
    pub id: usize,
    /// What it is.
    pub kind: Kind,
    /// Whether it stands for its statement with everything inside.
    pub whole: bool,
    /// What it says.
    pub term: TermId,
    /// The same with locals abstracted.
    pub shape: TermId,
}

/// The functions of files, in order; those that are only before or only after the change are left out.
pub fn function_pairs(files: &[FilePair]) -> Vec<FunctionPair> {
    let mut found = Vec::new();
    for file in files {
        let mut after: BTreeMap<Vec<u8>, Vec<&[u8]>> = BTreeMap::new();
        for (name, place) in functions(&file.after) {
            after.entry(name).or_default().push(file.after.get(place).unwrap_or_default());
        }
        let mut count: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let known = uses(&file.before);
        let (mut line, mut counted) = (1, 0);
        for (name, place) in functions(&file.before) {
            let number = count.entry(name.clone()).or_default();
            let twin = after.get(&name).and_then(|all| all.get(*number));
            *number += 1;
            let text = file.before.get(place.clone()).unwrap_or_default();
            line += file.before.get(counted..place.start).unwrap_or_default().iter().filter(|c| **c == b'\n').count();
            counted = place.start.max(counted);
            let Some(after) = twin.map(|twin| twin.to_vec()) else { continue };
            let uses = known.get(&name).cloned().unwrap_or_default();
            found.push(FunctionPair { path: file.path.clone(), name, line, before: text.to_vec(), after, uses });
        }
    }
    found
}

impl Example {
    /// Reads a changed pair; `None` if only layout differs, or a side has no graph.
    pub fn read(terms: &mut Terms, pair: &FunctionPair, index: usize) -> Option<Self> {
        let before = Function::read(terms, &pair.before)?;
        let after = Function::read(terms, &pair.after)?;
        let diff = CfgDiff::new(before.side.clone(), after.side.clone());
        (!diff.is_empty()).then_some(Self { functions: [before, after], diff, pair: index })
    }

    /// The nodes that the change touched: first those before it, then those after it.
    pub fn changed(&self, terms: &mut Terms, example: usize) -> Vec<Changed> {
        let mut found = Vec::new();
        for colour in [Colour::Before, Colour::After] {
            let function = &self.functions[side_of(colour)];
            for id in &self.diff.changed[side_of(colour)] {
                let kind = function.side.cfg.nodes[*id].kind;
                if matches!(kind, Kind::Directive | Kind::Opaque | Kind::Case) {
                    continue;
                }
                let whole = self.diff.is_whole(colour, *id);
                let term = if whole { function.wholes[*id] } else { function.heads[*id] };
                let shape = without_locals(terms, term, &function.locals);
                found.push(Changed { example, colour, id: *id, kind, whole, term, shape });
            }
        }
        found
    }
}
