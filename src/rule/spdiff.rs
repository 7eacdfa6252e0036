//! spdiff: the largest changes that several pairs have in common (spdiff, section 5).
//!
//! In: a changeset, how many pairs a change must be safe for, and whether equivalent results are wanted. Out: sequences of
//! replacements, the one that does most first, each with the pairs that it is safe for.
//!
//! ```text
//! candidates a b c    a; b; c   <- grown as long as something safe can follow
//!                     b         <- does nothing that a; b; c does not: pruned (Corollary 1)
//! ```

use super::apply::Patch;
use super::candidates::{Candidates, candidates};
use super::metavariable::Metavariable;
use super::rule::{Body, Rule};
use super::safety::{Changeset, Support};
use super::term::Terms;
use crate::merge::Change;

/// Whether sequences that do no more than one found before are grown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Growth {
    /// They are not (spdiff's `-prune`).
    #[default]
    Pruned,
    /// They are: every order of the same replacements is a result.
    Every,
}

/// A change that several pairs have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The replacements, one after the other.
    pub patches: Vec<Patch>,
    /// The pairs that it is safe for.
    pub support: Support,
}

/// No longer sequences are grown.
const LONGEST: usize = 12;

/// No more results are returned, and no more sequences are tried than a hundred times as many.
const MOST_RESULTS: usize = 64;

/// The largest common changes that are safe for at least `threshold` pairs (at least one).
pub fn common_patches(set: &mut Changeset, threshold: usize, growth: Growth) -> Vec<Common> {
    let threshold = threshold.max(1);
    let found = candidates(set, threshold);
    let starts: Vec<Common> = {
        let one =
            |c: &super::candidates::Candidate| Common { patches: vec![c.patch.clone()], support: c.support.clone() };
        found.safe.iter().map(one).collect()
    };
    let mut growing = Growing { set, threshold, growth, found: &found, results: Vec::new(), steps: 0 };
    let mut order: Vec<(u64, Common)> =
        starts.into_iter().map(|c| (growing.set.reach(&c.patches, &c.support), c)).collect();
    // What does most first: the smaller ones are then pruned at once.
    order.sort_by_key(|(reach, common)| (std::cmp::Reverse(common.support.len()), std::cmp::Reverse(*reach)));
    for (_, start) in order {
        if !growing.is_known(&start) {
            growing.grow(start);
        }
    }
    growing.sorted()
}

/// The growing of sequences (`gen`).
struct Growing<'a> {
    set: &'a mut Changeset,
    threshold: usize,
    growth: Growth,
    found: &'a Candidates,
    results: Vec<Common>,
    steps: usize,
}

impl Growing<'_> {
    /// Grows one sequence as long as it can be; a sequence that cannot be longer is a result.
    fn grow(&mut self, current: Common) {
        self.steps += 1;
        if self.results.len() >= MOST_RESULTS || self.steps > 100 * MOST_RESULTS {
            return;
        }
        let next = if current.patches.len() < LONGEST { self.next(&current) } else { Vec::new() };
        if next.is_empty() && !self.results.contains(&current) {
            self.results.push(current);
            return;
        }
        for longer in next {
            if !self.is_known(&longer) {
                self.grow(longer);
            }
        }
    }

    /// The sequences with one more replacement that are safe for as many pairs (`computeNext`). Replacements that are not safe
    /// alone are tried as well: after those before them they may be, which finds the paper's example 6.
    fn next(&mut self, current: &Common) -> Vec<Common> {
        let found = self.found;
        let alone = found.safe.iter().map(|candidate| &candidate.patch);
        let mut next = Vec::new();
        for patch in alone.chain(&found.unsafe_alone) {
            if current.patches.contains(patch) {
                continue;
            }
            let patches: Vec<Patch> = current.patches.iter().chain([patch]).cloned().collect();
            let safe = |at: &usize| self.set.is_safe(&patches, *at);
            let support: Support = current.support.iter().copied().filter(safe).collect();
            let is_more = support.len() >= self.threshold && !self.set.is_equal(&patches, &current.patches, &support);
            // A sequence for fewer pairs is another change, which is grown from its own beginning.
            if is_more && support.len() == current.support.len() {
                next.push(Common { patches, support });
            }
        }
        next
    }

    /// Whether a result does all that this sequence does.
    fn is_known(&mut self, common: &Common) -> bool {
        if self.growth == Growth::Every {
            return false;
        }
        let results = std::mem::take(&mut self.results);
        let known = results.iter().any(|result| {
            let covers = common.support.iter().all(|at| result.support.contains(at));
            covers && self.set.is_subpatch(&common.patches, &result.patches, &common.support)
        });
        self.results = results;
        known
    }

    /// Results that no other result contains, the one with most pairs first, then the one that does most.
    fn sorted(mut self) -> Vec<Common> {
        let results = std::mem::take(&mut self.results);
        let mut told: Vec<(u64, Common)> = Vec::new();
        for (at, common) in results.iter().enumerate() {
            let is_less = results.iter().enumerate().any(|(other, result)| {
                let covers = common.support.iter().all(|pair| result.support.contains(pair));
                other != at
                    && covers
                    && self.set.is_subpatch(&common.patches, &result.patches, &common.support)
                    && !self.set.is_subpatch(&result.patches, &common.patches, &common.support)
            });
            if !is_less {
                told.push((self.set.reach(&common.patches, &common.support), common.clone()));
            }
        }
        told.sort_by_key(|(reach, common)| (std::cmp::Reverse(common.support.len()), std::cmp::Reverse(*reach)));
        told.into_iter().map(|(_, common)| common).collect()
    }
}

/// The pairs that a change fits and that were not changed so (SP-16): overlooked, or special cases.
pub fn left_alone(set: &mut Changeset, common: &Common) -> Support {
    let others = (0..set.pairs.len()).filter(|at| !common.support.contains(at));
    let others: Support = others.collect();
    others.into_iter().filter(|at| set.made(&common.patches, *at).is_some()).collect()
}

/// A common change as a rule without a name; `None` if it is too deep.
pub fn rule_of(terms: &Terms, common: &Common) -> Option<Rule> {
    let first = common.patches.first()?;
    let mut metas = Vec::new();
    let mut changes = Vec::new();
    for patch in &common.patches {
        // Each replacement has its own metavariables: they follow one another in the rule.
        let shift = u32::try_from(metas.len()).ok()?;
        let change = patch.change(terms)?;
        changes.push(Change { before: change.before.shifted(shift), after: change.after.shifted(shift) });
        for meta in &patch.metas {
            metas.push(Metavariable { name: format!("X{}", metas.len()), ..meta.clone() });
        }
    }
    let single = first.change(terms)?;
    let mut rule = Rule::of_term("rule", metas, single);
    if changes.len() > 1 {
        rule.body = Body::Terms(changes);
    }
    rule.knowledge.support = common.support.len();
    rule.knowledge.functions = common.support.len();
    Some(rule)
}

#[cfg(test)]
mod kernel;
#[cfg(test)]
mod tests;
