//! Term replacements that might be part of what was changed (spdiff, figure 3).
//!
//! In: a changeset and how many pairs a replacement must be safe for. Out: safe replacements, from concrete to abstract, each
//! with its support; and those that are not safe alone, which may be so after another one (the paper's example 6).
//!
//! ```text
//! pair 1: g(f(42))  -> g(f(42, 42))      g(f(42)) ~> g(f(42,42))   f(42) ~> f(42,42)      both terms walked at once,
//! pair 2: g(f(117)) -> g(f(117, 117))    g(f(117)) ~> ...          f(117) ~> ...          then fused across pairs:
//!                                        g(f(X)) ~> g(f(X, X))     f(X) ~> f(X, X)        dropped inside the loop if unsafe
//! ```

use super::anti_unify::{fuse_patches, numbered};
use super::apply::Patch;
use super::matcher::{Sight, matches, type_of};
use super::safety::{Changeset, Support};
use super::term::{Head, TermId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Two terms whose sizes multiplied are at most this are paired part by part in every way, as the paper does; larger ones only
/// as a shortest alignment pairs them.
const EVERY_WAY: u64 = 1024;

/// No more concrete replacements are taken of one pair, largest terms last.
const MOST_OF_A_PAIR: usize = 400;

/// No more replacements are kept in all.
const MOST: usize = 4000;

/// No more replacements that are not safe alone are tried behind others.
const MOST_UNSAFE: usize = 200;

/// Larger terms than this are no replacement: a rule is something that a person can read. In nodes.
const LARGEST: u32 = 200;

/// A replacement and the pairs that it is safe for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The replacement.
    pub patch: Patch,
    /// Its pairs.
    pub support: Support,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// Safe for enough pairs; with an effect.
    pub safe: Vec<Candidate>,
    /// Found in enough pairs and not safe alone.
    pub unsafe_alone: Vec<Patch>,
}

/// The replacements of a changeset that are safe for at most all and at least `threshold` pairs.
pub fn candidates(set: &mut Changeset, threshold: usize) -> Candidates {
    let mut search = Search {
        set,
        threshold,
        known: FxHashMap::default(),
        pool: Vec::new(),
        not_alone: Vec::new(),
        tried: FxHashSet::default(),
    };
    for at in 0..search.set.pairs.len() {
        search.take_pair(at);
    }
    search.result()
}

/// The loop over the pairs: what is fused so far.
struct Search<'a> {
    set: &'a mut Changeset,
    threshold: usize,
    /// Support of patches that were judged, safe or not.
    known: FxHashMap<Patch, Support>,
    /// Patches found so far, with the pairs they were found in (a fused one in those of its parts).
    pool: Vec<(Patch, Support)>,
    /// Patches found that are not safe where they were found.
    not_alone: Vec<(Patch, Support)>,
    /// Fusions done.
    tried: FxHashSet<(Patch, Patch)>,
}

impl Search<'_> {
    /// Adds the concrete replacements of one pair, alone and fused with all before.
    fn take_pair(&mut self, at: usize) {
        let (mut safe, mut others) = (Vec::new(), Vec::new());
        for patch in concrete(self.set, at) {
            let is_safe = self.set.is_safe(std::slice::from_ref(&patch), at);
            if is_safe { safe.push(patch) } else { others.push(patch) }
        }
        others.iter().for_each(|patch| add(&mut self.not_alone, patch, &[at]));
        let before: Vec<(Patch, Support)> = self.pool.clone();
        safe.iter().for_each(|patch| add(&mut self.pool, patch, &[at]));
        for (old, found) in before {
            for patch in &safe {
                if self.pool.len() < MOST
                    && self.is_alike(&old, patch)
                    && self.tried.insert((old.clone(), patch.clone()))
                {
                    self.take_fused(&old, patch, &[&found[..], &[at]].concat());
                }
            }
        }
    }

    /// Adds what two replacements that were found in these pairs have in common: to the pool only if it is safe for all of them.
    fn take_fused(&mut self, one: &Patch, other: &Patch, found: &[usize]) {
        let fused = fuse_patches(&mut self.set.terms, one, other);
        if !fused.is_bound(&self.set.terms) || is_bare(self.set, fused.before) {
            return;
        }
        let support = self.support(&fused);
        let is_safe = found.iter().all(|at| support.contains(at));
        if let Some(typed) = self.typed(&fused, (one, found), other).filter(|_| support.len() < self.set.pairs.len()) {
            let support = self.support(&typed);
            if found.iter().all(|at| support.contains(at)) {
                add(&mut self.pool, &typed, found);
            }
        }
        let kept = if is_safe { &mut self.pool } else { &mut self.not_alone };
        add(kept, &fused, found);
    }

    /// The fused patch with the types that both of its parts have for a value; `None` if there are none. The last pair that it
    /// was found in is `other`'s.
    fn typed(&self, fused: &Patch, one: (&Patch, &[usize]), other: &Patch) -> Option<Patch> {
        let (last, first) = (*one.1.last()?, *one.1.first()?);
        let mut typed = fused.clone();
        for number in 0..fused.metas.len() {
            let left = self.type_in(fused, number, (one.0, first));
            if left.is_some() && left == self.type_in(fused, number, (other, last)) {
                typed.metas[number].typed = left;
            }
        }
        (typed != *fused).then_some(typed)
    }

    /// The type of what a metavariable of `fused` stands for in one of its parts, which comes from a pair.
    fn type_in(&self, fused: &Patch, number: usize, part: (&Patch, usize)) -> Option<Vec<u8>> {
        let (patch, pair) = part;
        let sight = Sight { terms: &self.set.terms, metas: &[], types: &self.set.pairs.get(pair)?.types };
        let value = matches(sight, fused.before, patch.before)?.term(u32::try_from(number).ok()?)?;
        match self.set.terms.head(value) {
            Head::Meta(inner) => patch.metas.get(inner as usize)?.typed.clone(),
            _ => type_of(sight, value),
        }
    }

    /// Whether fusing could say more than that anything becomes anything: the same heads on top, on both sides.
    fn is_alike(&self, one: &Patch, other: &Patch) -> bool {
        let terms = &self.set.terms;
        let alike = |a: TermId, b: TermId| match (terms.head(a), terms.head(b)) {
            (a_head, b_head) if a_head == b_head => true,
            (Head::Known { kind: "atom", .. } | Head::Meta(_), Head::Known { kind: "atom", .. } | Head::Meta(_)) => {
                terms.children(a).len() == terms.children(b).len() && !terms.children(a).is_empty()
            }
            _ => false,
        };
        alike(one.before, other.before) && (alike(one.after, other.after) || one.after == other.after)
    }

    /// The pairs that a patch is safe for.
    fn support(&mut self, patch: &Patch) -> Support {
        if let Some(known) = self.known.get(patch) {
            return known.clone();
        }
        let support = self.set.support(std::slice::from_ref(patch));
        self.known.insert(patch.clone(), support.clone());
        support
    }

    /// What is safe for enough pairs, the equivalent ones reduced to the least abstract; and what was found often enough.
    fn result(mut self) -> Candidates {
        let mut result = Candidates::default();
        for (patch, _) in std::mem::take(&mut self.pool) {
            let support = self.support(&patch);
            if support.len() >= self.threshold && self.set.has_effect(std::slice::from_ref(&patch), &support) {
                result.safe.push(Candidate { patch, support });
            }
        }
        let often = |(_, found): &&(Patch, Support)| found.len() >= self.threshold;
        result.unsafe_alone = self.not_alone.iter().filter(often).map(|(patch, _)| patch.clone()).collect();
        result.unsafe_alone.truncate(MOST_UNSAFE);
        result.safe = least_abstract(self.set, result.safe);
        result
    }
}

/// Remembers a patch found in these pairs.
fn add(kept: &mut Vec<(Patch, Support)>, patch: &Patch, found: &[usize]) {
    match kept.iter().position(|(known, _)| known == patch) {
        Some(at) => {
            let all = &mut kept[at].1;
            all.extend(found);
            all.sort_unstable();
            all.dedup();
        }
        None if kept.len() < MOST => kept.push((patch.clone(), found.to_vec())),
        None => {}
    }
}

/// Of equivalent replacements with the same support the least abstract one: fewest metavariables, then most nodes.
fn least_abstract(set: &mut Changeset, mut all: Vec<Candidate>) -> Vec<Candidate> {
    // A statement that is only an expression says no more than the expression.
    let size = |id| set.terms.size(id).saturating_sub(if set.terms.kind(id) == "expression_statement" { 2 } else { 0 });
    let weight = |c: &Candidate| (c.patch.metas.len(), std::cmp::Reverse(size(c.patch.before)));
    all.sort_by_key(weight);
    let mut kept: Vec<(Vec<Option<TermId>>, Candidate)> = Vec::new();
    for candidate in all {
        let patch = std::slice::from_ref(&candidate.patch);
        let made: Vec<_> = candidate.support.iter().map(|at| set.made(patch, *at)).collect();
        if !kept.iter().any(|(other, known)| known.support == candidate.support && *other == made) {
            kept.push((made, candidate));
        }
    }
    kept.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Whether a pattern is a metavariable and nothing else, or a node of nothing but different ones.
fn is_bare(set: &Changeset, pattern: TermId) -> bool {
    matches!(set.terms.head(pattern), Head::Meta(_) | Head::Dots) && set.terms.children(pattern).is_empty()
}

/// The concrete replacements of a pair (`simple_pairs_one`), small terms first, without a judgement.
fn concrete(set: &mut Changeset, at: usize) -> Vec<Patch> {
    let Some((before, after)) = set.pair(at) else { return Vec::new() };
    let (mut open, mut seen) = (vec![(before, after)], FxHashSet::default());
    let mut found: Vec<(TermId, TermId)> = Vec::new();
    while let Some((left, right)) = open.pop() {
        if left == right || !seen.insert((left, right)) {
            continue;
        }
        if set.terms.size(left).max(set.terms.size(right)) <= LARGEST {
            found.push((left, right));
        }
        let (a, b) = (set.terms.children(left).to_vec(), set.terms.children(right).to_vec());
        if u64::from(set.terms.size(left)) * u64::from(set.terms.size(right)) <= EVERY_WAY {
            open.extend(a.iter().flat_map(|l| b.iter().map(|r| (*l, *r))));
        } else {
            let pairs = set.distances.pairs(&set.terms, &a, &b);
            open.extend(pairs.into_iter().map(|(l, r)| (a[l], b[r])));
        }
    }
    found.sort_by_key(|(left, right)| (set.terms.size(*left).saturating_add(set.terms.size(*right)), *left, *right));
    found.truncate(MOST_OF_A_PAIR);
    found.into_iter().map(|(l, r)| numbered(&mut set.terms, &Patch::closed(l, r))).collect()
}
