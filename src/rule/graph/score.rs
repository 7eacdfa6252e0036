//! How well a text meets another: counted in nodes of the control-flow graph (Spinfer, section 4).
//!
//! In: a function before a change, as it should be after it, and as somebody made it. Out: how many nodes were removed or added, how
//! many of these rightly and at the right place, and how many should have been.
//!
//! ```text
//!   precision = right / made        recall = right / expected       F2 = 5 P R / (4 P + R)
//! ```

use super::cfg_diff::{CfgDiff, Side};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Counts of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Made as expected.
    pub right: usize,
    /// Made.
    pub made: usize,
    /// Expected.
    pub expected: usize,
}

impl AddAssign for Score {
    fn add_assign(&mut self, more: Self) {
        self.right += more.right;
        self.made += more.made;
        self.expected += more.expected;
    }
}

impl Score {
    /// The share of what was made that is right; 0 if nothing was made.
    pub fn precision(self) -> f64 {
        share(self.right, self.made)
    }

    /// The share of what was expected that was made; 0 if nothing was expected.
    pub fn recall(self) -> f64 {
        share(self.right, self.expected)
    }

    /// Precision and recall in one, recall counting twice.
    pub fn f2(self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r > 0.0 { 5.0 * p * r / (4.0 * p + r) } else { 0.0 }
    }

    /// What was made wrongly.
    pub fn wrong(self) -> usize {
        self.made - self.right
    }
}

/// A share of counts.
fn share(part: usize, whole: usize) -> f64 {
    let narrow = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { narrow(part) / narrow(whole) }
}

/// One change of one node: a removed node's id, or an added node's tokens and the last kept node before it.
pub type NodeChange = (usize, Option<Vec<u8>>);

/// The changes that lead from a function to another text of it, with how often each occurs. `kept` tells which nodes are context.
fn changes(diff: &CfgDiff, kept: &[bool]) -> BTreeMap<NodeChange, usize> {
    let mut found: BTreeMap<NodeChange, usize> = BTreeMap::new();
    for id in diff.sides[0].cfg.inner().filter(|id| diff.partner[0][*id].is_none()) {
        *found.entry((id, None)).or_default() += 1;
    }
    let mut last = 0;
    for id in diff.sides[1].cfg.inner() {
        match diff.partner[1][id] {
            Some(old) if kept[old] => last = old,
            Some(_) => {}
            None => *found.entry((last, Some(diff.sides[1].tokens[id].clone()))).or_default() += 1,
        }
    }
    found
}

/// Compares what was made of a function with what was expected.
pub fn score(before: &Side, made: &Side, expected: &Side) -> Score {
    let (ours, theirs) = both(before, made, expected);
    let right = ours.iter().map(|(change, count)| *count.min(theirs.get(change).unwrap_or(&0))).sum();
    Score { right, made: ours.values().sum(), expected: theirs.values().sum() }
}

/// The changes that were made and those that were expected.
pub fn both(before: &Side, made: &Side, expected: &Side) -> (BTreeMap<NodeChange, usize>, BTreeMap<NodeChange, usize>) {
    let ours = CfgDiff::new(before.clone(), made.clone());
    let theirs = CfgDiff::new(before.clone(), expected.clone());
    let kept: Vec<bool> =
        ours.partner[0].iter().zip(&theirs.partner[0]).map(|(a, b)| a.is_some() && b.is_some()).collect();
    (changes(&ours, &kept), changes(&theirs, &kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::graph::cfg_diff::tests::side;

    /// A function with a body.
    fn body(text: &str) -> Side {
        side(&format!("void f(void)\n{{\n{text}\n}}\n"))
    }

    /// SF-20.
    #[test]
    fn nodes_count_that_were_removed_or_added_at_the_right_place() {
        let (old, new) = (body("a(); b(); c();"), body("a(); d(); c();"));
        assert_eq!(score(&old, &new, &new), Score { right: 2, made: 2, expected: 2 });
        assert_eq!(score(&old, &old, &new), Score { right: 0, made: 0, expected: 2 });
        assert_eq!(score(&old, &body("d(); a(); c();"), &new), Score { right: 1, made: 2, expected: 2 });
        assert_eq!(score(&old, &body("a(); d(); e();"), &new), Score { right: 2, made: 4, expected: 2 });
        assert_eq!((score(&old, &old, &new).precision(), score(&old, &old, &new).f2()), (0.0, 0.0));
    }

    /// SF-20: a change that was missed does not make the one beside it wrong.
    #[test]
    fn a_missed_change_beside_it_does_not_move_the_place() {
        let (old, new) = (body("a(); b(); c();"), body("x(); y(); c();"));
        assert_eq!(score(&old, &body("a(); y(); c();"), &new), Score { right: 2, made: 2, expected: 4 });
    }
}
