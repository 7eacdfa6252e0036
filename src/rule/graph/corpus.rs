//! All functions of the example files, changed or not: what a rule is judged by (Spinfer, sections 3.3 and 3.5).
//!
//! In: pairs of functions, and rules. Out: what a list of rules makes of each function, and how that compares with what became of it.
//! Functions are read once, and only those that have all words of a rule.

use super::apply::{Ready, apply_to_function};
use super::cfg_diff::Side;
use super::example::FunctionPair;
use super::function::Function;
use super::score::{NodeChange, Score, both};
use super::written::applied;
use crate::rule::term::Terms;
use crate::syntax::parse::{Reading, parse};
use std::collections::{BTreeMap, BTreeSet};

/// The functions, and what was read of them.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// In order of files and lines.
    pub pairs: Vec<FunctionPair>,
    /// What was read.
    read: Vec<Option<Function>>,
    /// Which were tried.
    tried: Vec<bool>,
    /// The graphs of those after the change that were needed; the inner one is missing where there is none.
    afters: Vec<Option<Option<Side>>>,
}

/// Changes of nodes and how often each occurs.
type Changes = BTreeMap<NodeChange, usize>;

/// What a rule does by itself: changes by function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Rightly made.
    pub right: BTreeSet<(usize, NodeChange)>,
    /// Wrongly made.
    pub wrong: BTreeSet<(usize, NodeChange)>,
    /// By function in which it matches: the text that it makes.
    pub made: BTreeMap<usize, Vec<u8>>,
    /// Matches in functions where nothing is wrong.
    pub sites: usize,
}

impl Corpus {
    /// Of pairs of functions.
    pub fn new(pairs: Vec<FunctionPair>) -> Self {
        let count = pairs.len();
        Self { pairs, read: vec![None; count], tried: vec![false; count], afters: vec![None; count] }
    }

    /// A function before the change.
    pub fn function(&mut self, terms: &mut Terms, at: usize) -> Option<&Function> {
        if !std::mem::replace(&mut self.tried[at], true) {
            self.read[at] = Function::read(terms, &self.pairs[at].before);
        }
        self.read[at].as_ref()
    }

    /// What one rule does to all functions.
    pub fn effect(&mut self, terms: &mut Terms, rule: &Ready) -> Effect {
        let mut found = Effect::default();
        for at in 0..self.pairs.len() {
            if !rule.may_apply(&self.pairs[at].before, &self.pairs[at].uses) || self.function(terms, at).is_none() {
                continue;
            }
            let Some(function) = &self.read[at] else { continue };
            let sites = rule.sites(terms, function);
            if sites.is_empty() {
                continue;
            }
            let edits = sites.iter().flat_map(|site| site.edits.clone()).collect();
            let text = applied(&function.side.text, edits);
            if let Some((ours, theirs)) = self.compare(at, &text) {
                let wrong = found.wrong.len();
                for (change, count) in ours {
                    let right = theirs.get(&change).is_some_and(|expected| *expected >= count);
                    if right {
                        found.right.insert((at, change))
                    } else {
                        found.wrong.insert((at, change))
                    };
                }
                found.sites += if found.wrong.len() == wrong { sites.len() } else { 0 };
            }
            found.made.insert(at, text);
        }
        found
    }

    /// The changes of a text of a function, and those expected.
    fn compare(&mut self, at: usize, text: &[u8]) -> Option<(Changes, Changes)> {
        let after = &self.pairs[at].after;
        let expected = self.afters[at].get_or_insert_with(|| side(after));
        Some(both(&self.read[at].as_ref()?.side, &side(text)?, expected.as_ref()?))
    }

    /// The score of rules one after the other, in one function.
    pub fn score_of(&mut self, terms: &mut Terms, rules: &[&Ready], at: usize) -> Option<Score> {
        self.function(terms, at)?;
        let mut text: Option<Vec<u8>> = None;
        for rule in rules {
            let old = text.as_deref().unwrap_or(&self.pairs[at].before);
            text = apply_to_function(terms, std::slice::from_ref(*rule), old, &self.pairs[at].uses).or(text);
        }
        let text = text.unwrap_or_else(|| self.pairs[at].before.clone());
        let (ours, theirs) = self.compare(at, &text)?;
        let right = ours.iter().map(|(change, count)| *count.min(theirs.get(change).unwrap_or(&0))).sum();
        Some(Score { right, made: ours.values().sum(), expected: theirs.values().sum() })
    }
}

/// A text's graph.
pub fn side(text: &[u8]) -> Option<Side> {
    Side::new(text, &parse(text, Reading::Masked)?.tree)
}
