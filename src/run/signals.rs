//! What the merge of a file shows of how sure one can be of it: counted where it is merged, kept in the record, judged by `verify`.

use super::Method;
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
}
