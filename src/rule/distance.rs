//! How far two terms are apart (spdiff, Definition 5): the nodes that must be taken out and put in.
//!
//! In: two terms of one arena. Out: a number of nodes. Equal terms are at 0, terms with lists of children at the least
//! cost of turning one list into the other (2 more if the heads differ), an atom and anything else at the sum of their sizes.
//!
//! ```text
//! m(f(10), f(100))          f(10)  -> f(42)    2       equal beginnings and endings of two lists cost nothing,
//! m(f(42), f(420))          f(100) -> f(420)   2       so only what is between them is aligned
//! ```

use super::term::{TermId, Terms};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Distances of one arena, remembered. Terms only ever join an arena, so nothing becomes wrong.
#[derive(Clone, Debug, Default)]
pub struct Distances {
    /// Of pairs that were asked for, the smaller number first.
    known: FxHashMap<(TermId, TermId), u32>,
    /// Cells of alignments filled so far.
    cells: u64,
}

/// Lists whose lengths multiply to no more are aligned in a table.
const SMALL: usize = 64;

/// No more cells are filled for one changeset; from then on only equal terms are near. A pair of functions of a thousand nodes
/// takes about a hundred thousand.
const MOST_CELLS: u64 = 60_000_000;

impl Distances {
    /// The distance of two terms.
    pub fn between(&mut self, terms: &Terms, left: TermId, right: TermId) -> u32 {
        if left == right {
            return 0;
        }
        let (a, b) = (terms.children(left), terms.children(right));
        let apart = terms.size(left).saturating_add(terms.size(right));
        if a.is_empty() || b.is_empty() || !terms.is_shallow(left) || !terms.is_shallow(right) || self.is_spent() {
            return apart;
        }
        let key = (left.min(right), left.max(right));
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let heads = if terms.head(left) == terms.head(right) { 0 } else { 2 };
        let value = heads + self.of_lists(terms, a, b);
        self.known.insert(key, value);
        value
    }

    /// Whether the cap was reached: distances are upper bounds then.
    pub fn is_spent(&self) -> bool {
        self.cells > MOST_CELLS
    }

    /// The distance of two lists: the least cost of an alignment.
    fn of_lists(&mut self, terms: &Terms, left: &[TermId], right: &[TermId]) -> u32 {
        let same = left.iter().zip(right).take_while(|(l, r)| l == r).count();
        let (left, right) = (&left[same..], &right[same..]);
        let same = left.iter().rev().zip(right.iter().rev()).take_while(|(l, r)| l == r).count();
        let (left, right) = (&left[..left.len() - same], &right[..right.len() - same]);
        if left.len() * right.len() > SMALL {
            return self.of_long_lists(terms, left, right);
        }
        self.cells += left.len() as u64 * right.len() as u64;
        let mut row: Vec<u32> = vec![0];
        for term in right {
            row.push(row.last().map_or(0, |sum| sum.saturating_add(terms.size(*term))));
        }
        for l in left {
            let mut diagonal = row[0];
            row[0] = row[0].saturating_add(terms.size(*l));
            for (at, r) in right.iter().enumerate() {
                let paired = diagonal.saturating_add(self.between(terms, *l, *r));
                let without_right = row[at].saturating_add(terms.size(*r));
                let without_left = row[at + 1].saturating_add(terms.size(*l));
                diagonal = row[at + 1];
                row[at + 1] = paired.min(without_right).min(without_left);
            }
        }
        row.last().copied().unwrap_or(0)
    }

    /// The same for long lists, which are mostly equal: a shortest way through the grid of prefixes, cheapest first (A*).
    /// Where both lists go on with the same term, taking it on both sides is never worse than anything else; what is still to
    /// come costs at least what the sizes of both rests differ by.
    ///
    /// ```text
    ///      r0 r1 r2 r3
    /// l0    \\                 equal: along the diagonal, for nothing
    /// l1       x--.           different: pair them, or leave one out
    /// l2       |   \\
    /// ```
    fn of_long_lists(&mut self, terms: &Terms, left: &[TermId], right: &[TermId]) -> u32 {
        let rest = |all: &[TermId]| {
            let mut sums = vec![0_u32];
            for term in all.iter().rev() {
                sums.push(sums.last().map_or(0, |sum| sum.saturating_add(terms.size(*term))));
            }
            sums.reverse();
            sums
        };
        let (l_rest, r_rest) = (rest(left), rest(right));
        let mut done: FxHashSet<(usize, usize)> = FxHashSet::default();
        let mut open = BinaryHeap::from([Reverse((0_u32, 0_u32, (0_usize, 0_usize)))]);
        while let Some(Reverse((_, cost, (l, r)))) = open.pop() {
            if l == left.len() && r == right.len() || self.is_spent() {
                return cost.saturating_add(l_rest[l]).saturating_add(r_rest[r]);
            }
            let same = left[l..].iter().zip(&right[r..]).take_while(|(a, b)| a == b).count();
            let (l, r) = (l + same, r + same);
            if !done.insert((l, r)) {
                continue;
            }
            self.cells += 1;
            let mut push = |more: u32, l: usize, r: usize| {
                let cost = cost.saturating_add(more);
                open.push(Reverse((cost.saturating_add(l_rest[l].abs_diff(r_rest[r])), cost, (l, r))));
            };
            match (left.get(l), right.get(r)) {
                (Some(a), Some(b)) => {
                    push(self.between(terms, *a, *b), l + 1, r + 1);
                    push(terms.size(*a), l + 1, r);
                    push(terms.size(*b), l, r + 1);
                }
                _ => push(l_rest[l].saturating_add(r_rest[r]), left.len(), right.len()),
            }
        }
        l_rest[0].saturating_add(r_rest[0])
    }

    /// Which elements of two lists an alignment of least cost pairs; where several do, the one that pairs later ones.
    pub fn pairs(&mut self, terms: &Terms, left: &[TermId], right: &[TermId]) -> Vec<(usize, usize)> {
        let width = right.len() + 1;
        let mut cost = vec![0_u32; (left.len() + 1) * width];
        for l in (0..=left.len()).rev() {
            for r in (0..=right.len()).rev() {
                cost[l * width + r] = match (left.get(l), right.get(r)) {
                    (None, None) => 0,
                    (Some(term), None) => cost[(l + 1) * width + r].saturating_add(terms.size(*term)),
                    (None, Some(term)) => cost[l * width + r + 1].saturating_add(terms.size(*term)),
                    (Some(a), Some(b)) => {
                        let paired = cost[(l + 1) * width + r + 1].saturating_add(self.between(terms, *a, *b));
                        let without_left = cost[(l + 1) * width + r].saturating_add(terms.size(*a));
                        let without_right = cost[l * width + r + 1].saturating_add(terms.size(*b));
                        paired.min(without_left).min(without_right)
                    }
                };
            }
        }
        let (mut l, mut r, mut found) = (0, 0, Vec::new());
        while let (Some(a), Some(b)) = (left.get(l), right.get(r)) {
            let here = cost[l * width + r];
            if here == cost[(l + 1) * width + r + 1].saturating_add(self.between(terms, *a, *b)) {
                found.push((l, r));
                (l, r) = (l + 1, r + 1);
            } else if here == cost[(l + 1) * width + r].saturating_add(terms.size(*a)) {
                l += 1;
            } else {
                r += 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::formal::read;
    use super::*;
    use proptest::prelude::*;

    /// The distance of two terms of the paper's language.
    fn distance(left: &str, right: &str) -> u32 {
        let mut terms = Terms::new();
        let (left, right) = (read(&mut terms, left), read(&mut terms, right));
        Distances::default().between(&terms, left, right)
    }

    /// SP-04, the paper's example 2.
    #[test]
    fn the_distances_of_example_2() {
        let (t, t1) = ("m(f(10), f(100))", "m(f(42), f(100))");
        let (t2, t3) = ("m(f(42), f(42))", "m(f(42), f(420))");
        assert_eq!(distance(t, t3), 4);
        assert_eq!((distance(t, t1), distance(t1, t3)), (2, 2));
        assert_eq!((distance(t, t2), distance(t2, t3)), (4, 2));
    }

    /// SP-04.
    #[test]
    fn heads_atoms_and_skipped_elements_cost_what_definition_5_says() {
        assert_eq!(distance("f(1)", "f(1)"), 0);
        assert_eq!(distance("f(1)", "g(1)"), 2);
        assert_eq!(distance("1", "f(1, 2)"), 4);
        assert_eq!(distance("1", "2"), 2);
        assert_eq!(distance("f(1, 2, 3)", "f(2)"), 2);
        assert_eq!(distance("f(g(1), 2)", "f(2)"), 2);
    }

    /// A term of the paper's language.
    fn term() -> impl Strategy<Value = String> {
        let leaf = "[ab1]".prop_map(|word| word);
        leaf.prop_recursive(4, 24, 4, |inner| {
            ("[fgh]", proptest::collection::vec(inner, 1..4))
                .prop_map(|(head, all)| format!("{head}({})", all.join(",")))
        })
    }

    /// Definition 5 as it is written.
    fn as_written(terms: &Terms, left: TermId, right: TermId) -> u32 {
        let (a, b) = (terms.children(left), terms.children(right));
        match (left == right, a.is_empty() || b.is_empty()) {
            (true, _) => 0,
            (false, true) => terms.size(left) + terms.size(right),
            _ => u32::from(terms.head(left) != terms.head(right)) * 2 + lists_as_written(terms, a, b),
        }
    }

    /// The same for two lists.
    fn lists_as_written(terms: &Terms, left: &[TermId], right: &[TermId]) -> u32 {
        let sum = |all: &[TermId]| all.iter().map(|t| terms.size(*t)).sum::<u32>();
        let (Some((l, ls)), Some((r, rs))) = (left.split_first(), right.split_first()) else {
            return sum(left) + sum(right);
        };
        let paired = as_written(terms, *l, *r) + lists_as_written(terms, ls, rs);
        let skips = (lists_as_written(terms, left, rs) + terms.size(*r))
            .min(lists_as_written(terms, ls, right) + terms.size(*l));
        paired.min(skips)
    }

    proptest! {
        /// SP-04: the cheapest way through long lists costs what the table says.
        #[test]
        fn long_lists_are_as_far_apart_as_the_definition_says(left in proptest::collection::vec(term(), 3..6), right in proptest::collection::vec(term(), 3..6)) {
            let mut terms = Terms::new();
            let mut ids = |all: &[String]| all.iter().map(|text| read(&mut terms, text)).collect::<Vec<TermId>>();
            let (left, right) = (ids(&left), ids(&right));
            let way = Distances::default().of_long_lists(&terms, &left, &right);
            prop_assert_eq!(way, lists_as_written(&terms, &left, &right));
        }

        /// SP-04: leaving out equal beginnings and endings changes nothing.
        #[test]
        fn the_distance_is_that_of_the_definition(left in term(), right in term()) {
            let mut terms = Terms::new();
            let (left, right) = (read(&mut terms, &left), read(&mut terms, &right));
            prop_assert_eq!(Distances::default().between(&terms, left, right), as_written(&terms, left, right));
            prop_assert_eq!(Distances::default().between(&terms, right, left), as_written(&terms, left, right));
        }
    }
}
