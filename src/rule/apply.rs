//! Patches applied to terms (spdiff, figure 2): top-down, once, never again inside what was replaced.
//!
//! In: a patch and a term. Out: the new term, and whether the patch matched anywhere; that counts even where the result is the
//! same term. A sequence of patches applies only if each of them does (section 3).

use super::matcher::{Sight, matches};
use super::metavariable::Metavariable;
use super::pattern::Pattern;
use super::term::{NOTHING, TermId, Terms};
use super::typing::Types;
use crate::merge::Change;
use rustc_hash::FxHashMap;

/// A term replacement patch within an arena.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Patch {
    /// What it looks for.
    pub before: TermId,
    /// What it puts there.
    pub after: TermId,
    /// What the numbers mean; one that is not listed stands for anything.
    pub metas: Vec<Metavariable>,
}

impl Patch {
    /// A patch without metavariables.
    pub fn closed(before: TermId, after: TermId) -> Self {
        Self { before, after, metas: Vec::new() }
    }

    /// A change of patterns within an arena.
    pub fn of(terms: &mut Terms, change: &Change<Pattern>, metas: &[Metavariable]) -> Self {
        Self { before: change.before.intern(terms), after: change.after.intern(terms), metas: metas.to_vec() }
    }

    /// The change as a value of its own; `None` if it is too deep.
    pub fn change(&self, terms: &Terms) -> Option<Change<Pattern>> {
        Some(Change { before: Pattern::of(terms, self.before)?, after: Pattern::of(terms, self.after)? })
    }

    /// Whether what comes out is known from what was found: MV(p') is a part of MV(p).
    pub fn is_bound(&self, terms: &Terms) -> bool {
        let known = terms.metas(self.before);
        terms.metas(self.after).iter().all(|number| known.contains(number))
    }
}

/// What applying came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The new term.
    pub term: TermId,
    /// How many different terms the patch matched.
    pub matched: usize,
}

/// Applies a patch to a term.
pub fn apply(terms: &mut Terms, patch: &Patch, types: &Types, term: TermId) -> Applied {
    if !patch.is_bound(terms) {
        return Applied { term, matched: 0 };
    }
    let mut work = Applying { terms, patch, types, done: FxHashMap::default(), matched: 0 };
    let term = work.apply(term);
    Applied { term, matched: work.matched }
}

/// Applies a sequence; `None` if one of the patches matches nowhere.
pub fn apply_all(terms: &mut Terms, patches: &[Patch], types: &Types, term: TermId) -> Option<TermId> {
    patches.iter().try_fold(term, |term, patch| {
        let applied = apply(terms, patch, types, term);
        (applied.matched > 0).then_some(applied.term)
    })
}

/// The work of applying one patch.
struct Applying<'a> {
    terms: &'a mut Terms,
    patch: &'a Patch,
    types: &'a Types,
    /// What became of terms that were seen: equal ones are handled once.
    done: FxHashMap<TermId, TermId>,
    matched: usize,
}

impl Applying<'_> {
    /// The term with the patch applied; terms that are too deep stay as they are.
    fn apply(&mut self, term: TermId) -> TermId {
        if let Some(done) = self.done.get(&term) {
            return *done;
        }
        let sight = Sight { terms: self.terms, metas: &self.patch.metas, types: self.types };
        let result = match matches(sight, self.patch.before, term) {
            Some(bindings) => {
                self.matched += 1;
                bindings.fill(self.terms, self.patch.after)
            }
            None if self.terms.is_shallow(term) => self.apply_within(term),
            None => term,
        };
        self.done.insert(term, result);
        result
    }

    /// The term with the patch applied to its children; a child that became nothing leaves its list.
    fn apply_within(&mut self, term: TermId) -> TermId {
        let before = self.terms.children(term).to_vec();
        let mut after: Vec<TermId> = before.iter().map(|child| self.apply(*child)).collect();
        after.retain(|child| self.terms.kind(*child) != NOTHING);
        if after == before { term } else { self.terms.node(self.terms.head(term), &after) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::formal::read;
    use super::*;

    /// The result of a sequence of patches, written `before ~> after`.
    fn applied(patches: &[&str], term: &str) -> Option<String> {
        let mut terms = Terms::new();
        let mut all = Vec::new();
        for patch in patches {
            let (before, after) = patch.split_once("~>").expect("a patch");
            all.push(Patch::closed(read(&mut terms, before), read(&mut terms, after)));
        }
        let term = read(&mut terms, term);
        let result = apply_all(&mut terms, &all, &Types::default(), term)?;
        Some(super::super::print::text(&terms, result, &[]))
    }

    /// SP-02.
    #[test]
    fn a_patch_is_applied_top_down_and_once() {
        assert_eq!(applied(&["f(X) ~> f(f(X))"], "g(f(f(1)), f(2))").as_deref(), Some("g(f(f(f(1))), f(f(2)))"));
    }

    /// SP-02.
    #[test]
    fn a_swap_of_equal_arguments_applies_although_nothing_changes() {
        assert_eq!(applied(&["f(X, Y) ~> f(Y, X)"], "g(f(1, 1))").as_deref(), Some("g(f(1, 1))"));
        assert_eq!(applied(&["f(X, Y) ~> f(Y, X)"], "g(f(1))"), None);
    }

    /// SP-02.
    #[test]
    fn what_comes_out_must_be_bound() {
        assert_eq!(applied(&["f(X) ~> f(Y)"], "f(1)"), None);
    }

    /// SP-03.
    #[test]
    fn each_patch_of_a_sequence_must_apply() {
        assert_eq!(applied(&["f(1) ~> f(2)", "g(1) ~> g(2)"], "h(f(1), g(1))").as_deref(), Some("h(f(2), g(2))"));
        assert_eq!(applied(&["f(1) ~> f(2)", "q(1) ~> q(2)"], "h(f(1), g(1))"), None);
    }
}
