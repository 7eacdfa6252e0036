//! What the merge of a file shows of how sure one can be of it: counted where it is merged, kept in the record, judged by `verify`.

use super::Method;
use crate::merge::Drift;
use serde::{Deserialize, Serialize};

/// Counts of one file of a commit that both the patch and upstream changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// Lines that the patch takes away and adds, blank ones left out.
    pub size: usize,
    /// Unchanged lines between the patch's hunks and upstream's nearest change; `None` if upstream changed nothing.
    pub gap: Option<usize>,
    /// Hunks of the patch that upstream's change is near: closer than three unchanged lines.
    pub near: usize,
    /// Lines of ours and theirs in hunks that are open.
    pub open: usize,
    /// Lines that the longer side has of each open hunk, in all.
    pub longest: usize,
    /// What speaks against taking it without a look.
    pub doubts: usize,
    /// Findings of the whole commit.
    pub findings: usize,
    /// Files of the whole commit.
    pub files: usize,
    /// How it was won.
    pub won: Option<Method>,
    /// Whether it builds, where that was tried. No coefficient is fitted to it: nobody has built the scored answers yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<Built>,
}

/// What building a file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Built {
    /// It compiles.
    Passed,
    /// It does not compile since this commit.
    Failed,
}

impl Signals {
    /// Of a file by itself: how far the two changes are from each other, how many lines base, ours and theirs have in each hunk that is
    /// open, how many things speak against it, and how it was won.
    pub fn of(drift: Drift, open: impl Iterator<Item = [usize; 3]>, (doubts, won): (usize, Method)) -> Self {
        let Drift { size, gap, near } = drift;
        let mut signals = Self { size, gap, near, doubts, won: Some(won), ..Self::default() };
        for [_, ours, theirs] in open {
            signals.open += ours + theirs;
            signals.longest += ours.max(theirs);
        }
        signals
    }
}
