//! Which rules are needed, and in which order (Spinfer, section 3.5).
//!
//! In: rules with their effects on the corpus. Out: the rules that no other makes superfluous, in an order in which each pair scores
//! best.
//!
//! ```text
//!   R1 goes if TP1 is within TP2 and FP2 is within FP1
//!   F2(init;function;data, then init;function -> 0UL) > F2(the other way round):  the 0UL rule is last
//! ```

use super::apply::Ready;
use super::corpus::{Corpus, Effect};
use super::score::Score;
use crate::rule::term::Terms;
use std::collections::BTreeSet;

/// By index: whether a rule does nothing that another one does not do as well, at no less cost.
pub fn superfluous(effects: &[Effect]) -> Vec<bool> {
    let mut gone = vec![false; effects.len()];
    for one in 0..effects.len() {
        gone[one] = (0..effects.len()).any(|two| {
            let (a, b) = (&effects[one], &effects[two]);
            let within = a.right.is_subset(&b.right) && b.wrong.is_subset(&a.wrong);
            let equal = a.right == b.right && a.wrong == b.wrong;
            two != one && !gone[two] && within && (!equal || two < one)
        });
    }
    gone
}

/// The indexes of the rules in the order in which they are to be applied.
pub fn ordered(terms: &mut Terms, corpus: &mut Corpus, rules: &[&Ready], effects: &[Effect]) -> Vec<usize> {
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); rules.len()];
    for one in 0..rules.len() {
        for two in one + 1..rules.len() {
            let shared: Vec<usize> =
                effects[one].made.keys().filter(|at| effects[two].made.contains_key(at)).copied().collect();
            let mut score = |first: usize, second: usize| {
                let mut total = Score::default();
                for at in &shared {
                    total += corpus.score_of(terms, &[rules[first], rules[second]], *at).unwrap_or_default();
                }
                total.f2()
            };
            let (forth, back) = if shared.is_empty() { (0.0, 0.0) } else { (score(one, two), score(two, one)) };
            if forth > back {
                before[two].insert(one);
            } else if back > forth {
                before[one].insert(two);
            }
        }
    }
    sorted(&before, effects)
}

/// Topological order; among those that are free, and to break a circle, the one that is right most often comes first.
fn sorted(before: &[BTreeSet<usize>], effects: &[Effect]) -> Vec<usize> {
    let mut done: Vec<usize> = Vec::new();
    while done.len() < before.len() {
        let left: Vec<usize> = (0..before.len()).filter(|at| !done.contains(at)).collect();
        let is_free = |at: &usize| before[*at].iter().all(|other| done.contains(other));
        let free: Vec<usize> = left.iter().copied().filter(is_free).collect();
        let choice = if free.is_empty() { left } else { free };
        let rank = |at: &usize| (std::cmp::Reverse(effects[*at].right.len()), *at);
        done.extend(choice.into_iter().min_by_key(rank));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An effect with rightly and wrongly removed nodes of one function.
    fn effect(right: &[usize], wrong: &[usize]) -> Effect {
        let all = |ids: &[usize]| ids.iter().map(|id| (0, (*id, None))).collect();
        Effect { right: all(right), wrong: all(wrong), ..Effect::default() }
    }

    /// SF-13.
    #[test]
    fn a_rule_goes_if_another_is_right_wherever_it_is_and_wrong_nowhere_else() {
        let rules = [effect(&[1], &[]), effect(&[1, 2], &[]), effect(&[3], &[]), effect(&[3], &[4]), effect(&[3], &[])];
        assert_eq!(superfluous(&rules), [true, false, false, true, true]);
        assert_eq!(superfluous(&[effect(&[1], &[]), effect(&[1, 2], &[5])]), [false, false]);
    }

    #[test]
    fn a_circle_is_broken_at_the_rule_that_is_right_most_often() {
        let before = [BTreeSet::from([2]), BTreeSet::from([0]), BTreeSet::from([1])];
        let effects = [effect(&[1], &[]), effect(&[1, 2], &[]), effect(&[3], &[])];
        assert_eq!(sorted(&before, &effects), [1, 2, 0]);
    }
}
