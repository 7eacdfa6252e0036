//! What a patch may do: make a part of the change that was made, and nothing that would have to be undone (spdiff, section 4).
//!
//! In: patches, and pairs of terms before and after a change. Out: for which pairs a sequence of patches is safe, and whether
//! one sequence does a part of what another does.
//!
//! ```text
//! before ---------- d(before, after) ----------> after       safe: the way over what the patch makes is no longer
//!     \-- d(before, made) --> made -- d(made, after) --/
//! ```

use super::apply::{Patch, apply_all};
use super::distance::Distances;
use super::term::{TermId, Terms};
use super::typing::Types;

/// A term before and after a change.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    /// As it was, as it became.
    pub terms: Option<(TermId, TermId)>,
    /// What names are declared as, before.
    pub types: Types,
}

impl Pair {
    /// A pair without declarations.
    pub fn new(before: TermId, after: TermId) -> Self {
        Self { terms: Some((before, after)), types: Types::default() }
    }
}

/// Pairs that were changed in the same spirit, and the arena they live in.
#[derive(Clone, Debug, Default)]
pub struct Changeset {
    /// The arena.
    pub terms: Terms,
    /// The pairs.
    pub pairs: Vec<Pair>,
    /// Distances asked for so far.
    pub distances: Distances,
}

/// For which pairs of a changeset something holds: their numbers, ascending.
pub type Support = Vec<usize>;

impl Changeset {
    /// The terms of a pair.
    pub fn pair(&self, at: usize) -> Option<(TermId, TermId)> {
        self.pairs.get(at).and_then(|pair| pair.terms)
    }

    /// What a sequence makes of the term before a pair's change; `None` if it does not apply.
    pub fn made(&mut self, patches: &[Patch], at: usize) -> Option<TermId> {
        let (before, _) = self.pair(at)?;
        let types = &self.pairs.get(at)?.types;
        apply_all(&mut self.terms, patches, types, before)
    }

    /// Definition 6: whether what is made lies on a shortest way from before to after.
    pub fn is_part(&mut self, before: TermId, made: TermId, after: TermId) -> bool {
        let mut between = |a, b| u64::from(self.distances.between(&self.terms, a, b));
        between(before, made) + between(made, after) == between(before, after)
    }

    /// Whether a sequence is safe for a pair.
    pub fn is_safe(&mut self, patches: &[Patch], at: usize) -> bool {
        let Some((before, after)) = self.pair(at) else { return false };
        self.made(patches, at).is_some_and(|made| self.is_part(before, made, after))
    }

    /// The pairs that a sequence is safe for (Definition 7 asks for all of them; a threshold for some).
    pub fn support(&mut self, patches: &[Patch]) -> Support {
        (0..self.pairs.len()).filter(|at| self.is_safe(patches, *at)).collect()
    }

    /// Definition 8 for the pairs that `part` is safe for: whether it does a safe part of what `whole` does, which is safe.
    pub fn is_subpatch(&mut self, part: &[Patch], whole: &[Patch], pairs: &[usize]) -> bool {
        pairs.iter().all(|at| {
            let Some((before, _)) = self.pair(*at) else { return false };
            let (Some(some), Some(all)) = (self.made(part, *at), self.made(whole, *at)) else { return false };
            self.is_safe(whole, *at) && self.is_part(before, some, all)
        })
    }

    /// Whether two sequences make the same of every one of these pairs.
    pub fn is_equal(&mut self, one: &[Patch], other: &[Patch], pairs: &[usize]) -> bool {
        pairs.iter().all(|at| self.made(one, *at) == self.made(other, *at))
    }

    /// Whether a sequence changes one of these pairs.
    pub fn has_effect(&mut self, patches: &[Patch], pairs: &[usize]) -> bool {
        pairs.iter().any(|at| self.made(patches, *at) != self.pair(*at).map(|pair| pair.0))
    }

    /// How many nodes a sequence takes of the way from before to after, over all pairs given.
    pub fn reach(&mut self, patches: &[Patch], pairs: &[usize]) -> u64 {
        let mut reach = 0;
        for at in pairs {
            if let (Some((before, _)), Some(made)) = (self.pair(*at), self.made(patches, *at)) {
                reach += u64::from(self.distances.between(&self.terms, before, made));
            }
        }
        reach
    }
}

#[cfg(test)]
mod tests {
    use super::super::formal::read;
    use super::*;

    /// A changeset of the paper's language and patches over it.
    fn set(pairs: &[(&str, &str)], patches: &[(&str, &str)]) -> (Changeset, Vec<Patch>) {
        let mut set = Changeset::default();
        for (before, after) in pairs {
            let pair = Pair::new(read(&mut set.terms, before), read(&mut set.terms, after));
            set.pairs.push(pair);
        }
        let mut patch =
            |(before, after): &(&str, &str)| Patch::closed(read(&mut set.terms, before), read(&mut set.terms, after));
        let patches = patches.iter().map(&mut patch).collect();
        (set, patches)
    }

    /// SP-05, the paper's example 1.
    #[test]
    fn a_patch_that_must_be_undone_is_not_safe() {
        let pair = ("m(f(10), f(100))", "m(f(42), f(420))");
        let (mut set, patches) = set(&[pair], &[("f(10)", "f(42)"), ("f(X)", "f(42)")]);
        assert!(set.is_safe(&patches[..1], 0));
        assert!(!set.is_safe(&patches[1..], 0));
    }

    /// SP-05.
    #[test]
    fn a_patch_that_does_not_apply_is_not_safe() {
        let (mut set, patches) = set(&[("f(1)", "f(2)")], &[("g(1)", "g(2)")]);
        assert!(!set.is_safe(&patches, 0));
    }

    /// SP-06, the paper's example 3.
    #[test]
    fn a_superpatch_can_be_smaller_than_its_subpatches() {
        let pair = ("m(g(f(1)), h(f(1)) + x(f(2)))", "m(g(f(1, 1)), h(f(1, 1)) + x(f(2, 2)))");
        let all = [
            ("f(1)", "f(1, 1)"),
            ("g(f(1))", "g(f(1, 1))"),
            ("h(f(1))", "h(f(1, 1))"),
            ("x(f(2))", "x(f(2, 2))"),
            ("f(X)", "f(X, X)"),
        ];
        let (mut set, patches) = set(&[pair], &all);
        let [f, g, h, x, fx] = [0, 1, 2, 3, 4].map(|at| &patches[at..=at]);
        assert!([f, g, h, x, fx].iter().all(|patch| set.is_safe(patch, 0)));
        for part in [f, g, h, x] {
            assert!(set.is_subpatch(part, fx, &[0]) && !set.is_subpatch(fx, part, &[0]));
        }
        assert!(set.is_subpatch(g, f, &[0]) && set.is_subpatch(h, f, &[0]));
        assert!(!set.is_subpatch(f, g, &[0]) && !set.is_subpatch(x, f, &[0]) && !set.is_subpatch(f, x, &[0]));
        let after = set.pair(0).map(|pair| pair.1);
        let complete: Vec<bool> = [f, g, h, x, fx].map(|patch| set.made(patch, 0) == after).to_vec();
        assert_eq!(complete, [false, false, false, false, true]);
    }
}
