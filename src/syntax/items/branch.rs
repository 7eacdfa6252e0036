//! The tree of `#if` branches of a text.
//!
//! In: the conditional directives, one after the other. Out: for every one the branch that it opens, and whether two
//! branches can be compiled together.
//!
//! ```text
//! branch 0: everything   #ifdef A -> branch 1 (group 1, arm 0)   #else -> branch 2 (group 1, arm 1)   #endif -> 0
//! ```

use std::ops::Range;

/// One arm of an `#if` group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// The branch that the `#if` stands in.
    pub parent: usize,
    /// Which `#if` of the text it belongs to, from 1.
    pub group: usize,
    /// Which arm of it: 0 of `#if`, 1 of the first `#elif` or `#else`.
    pub arm: usize,
    /// Where its directive stands.
    pub directive: Range<usize>,
}

/// The branches of a text; branch 0 is what stands in no `#if`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branches {
    /// Branch `n` is `arms[n - 1]`.
    arms: Vec<Arm>,
    /// The branch that is open now.
    open: usize,
    /// How many `#if` there were.
    groups: usize,
}

impl Branches {
    /// The branch that is open at the end of what was read.
    pub(super) fn current(&self) -> usize {
        self.open
    }

    /// Enters an `#if`.
    pub(super) fn enter(&mut self, directive: Range<usize>) {
        self.groups += 1;
        self.push(Arm { parent: self.open, group: self.groups, arm: 0, directive });
    }

    /// Goes on to the next arm of the open `#if`; outside of any (a cut may begin inside one), it opens one.
    pub(super) fn next_arm(&mut self, directive: Range<usize>) {
        match self.arm(self.open).cloned() {
            Some(last) => self.push(Arm { arm: last.arm + 1, directive, ..last }),
            None => self.enter(directive),
        }
    }

    /// Leaves the open `#if`.
    pub(super) fn leave(&mut self) {
        self.open = self.arm(self.open).map_or(0, |arm| arm.parent);
    }

    /// Opens a branch.
    fn push(&mut self, arm: Arm) {
        self.arms.push(arm);
        self.open = self.arms.len();
    }

    /// What branch `n` is; `None` of branch 0.
    pub fn arm(&self, n: usize) -> Option<&Arm> {
        self.arms.get(n.checked_sub(1)?)
    }

    /// The arms that branch `n` stands in, the innermost first.
    pub fn stack(&self, n: usize) -> impl Iterator<Item = &Arm> {
        std::iter::successors(self.arm(n), |arm| self.arm(arm.parent))
    }

    /// Whether two branches are different arms of one `#if`, or lie within such: no compilation sees both.
    pub fn are_exclusive(&self, a: usize, b: usize) -> bool {
        let (mut left, mut right) = (self.stack(a).peekable(), self.stack(b).peekable());
        // groups are numbered in order of appearance, so an outer one has the smaller number
        while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
            match one.group.cmp(&other.group) {
                std::cmp::Ordering::Equal if one.arm != other.arm => return true,
                std::cmp::Ordering::Equal => (left.next(), right.next()),
                std::cmp::Ordering::Greater => (left.next(), None),
                std::cmp::Ordering::Less => (None, right.next()),
            };
        }
        false
    }
}
