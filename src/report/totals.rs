//! How many commits came out how.

use crate::run::{Flag, Outcome, Status, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts over a series. Every commit is in exactly one status, so the statuses add up to the commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All commits.
    pub commits: usize,
    /// By status.
    pub status: BTreeMap<Status, usize>,
    /// By flag; a commit may have several.
    pub flags: BTreeMap<Flag, usize>,
    /// Commits that the tool asks nobody to look at.
    pub accepted: usize,
    /// Commits that upstream has and that are carried all the same, as only their content tells so, or as was asked for.
    pub upstream_kept: usize,
    /// Of the dropped ones, those that the series itself takes back, with what takes them back.
    #[serde(skip_serializing_if = "is_none")]
    pub dropped_taken_back: usize,
    /// Of the dropped ones, those that people had left out elsewhere.
    #[serde(skip_serializing_if = "is_none")]
    pub dropped_remembered: usize,
    /// Conflicted files.
    pub conflicted_files: usize,
    /// What building came to, where that was asked for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub check: BTreeMap<Verdict, usize>,
    /// The first commits that need a person.
    #[serde(skip)]
    pub first_open: Option<usize>,
}

impl Totals {
    /// Counts one commit.
    pub fn add(&mut self, outcome: &Outcome) {
        self.commits += 1;
        *self.status.entry(outcome.status).or_default() += 1;
        for flag in &outcome.flags {
            *self.flags.entry(*flag).or_default() += 1;
        }
        self.upstream_kept += usize::from(outcome.status == Status::Upstream && outcome.new.is_some());
        let is_dropped = |flag: Flag| usize::from(outcome.status == Status::Dropped && outcome.has(flag));
        self.dropped_taken_back += is_dropped(Flag::TakenBack);
        self.dropped_remembered += is_dropped(Flag::Remembered);
        self.accepted += usize::from(outcome.is_accepted());
        self.conflicted_files += outcome.files.iter().filter(|f| f.conflict.is_some()).count();
        if let Some(check) = &outcome.check {
            *self.check.entry(check.verdict).or_default() += 1;
        }
        if !outcome.is_accepted() {
            self.first_open.get_or_insert(outcome.n);
        }
    }

    /// Commits with this status.
    pub fn of(&self, status: Status) -> usize {
        self.status.get(&status).copied().unwrap_or(0)
    }

    /// Commits with this flag.
    pub fn flagged(&self, flag: Flag) -> usize {
        self.flags.get(&flag).copied().unwrap_or(0)
    }
}

/// Serde asks with a reference.
fn is_none(count: &usize) -> bool {
    *count == 0
}
