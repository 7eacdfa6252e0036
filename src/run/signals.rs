//! What the merge of a file shows of how sure one can be of it: counted where it is merged, kept in the record, judged by `verify`.

use super::Method;
use crate::merge::delta::distance;
use crate::merge::{Change, Drift, Sides};
use bstr::ByteSlice;
use serde::{Deserialize, Serialize};

/// Counts of one file of a commit that both the patch and upstream changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// Lines that the patch takes away and adds, blank ones left out.
    pub size: usize,
    /// Unchanged lines between the patch's hunks and upstream's nearest change; `None` if upstream changed nothing.
    pub gap: Option<usize>,
    /// Hunks of the patch that upstream's change is near: closer than three unchanged lines.
    pub near: usize,
    /// Lines of ours and theirs in hunks that are open.
    pub open: usize,
    /// Lines of open hunks that a person has to write: those of upstream's change, which the patch's side lacks, and as many of the
    /// patch's own as meet it; of a hunk no more than its longer side has.
    #[serde(default)]
    pub rework: usize,
    /// What speaks against taking it without a look.
    pub doubts: usize,
    /// Of that, what is about nothing but the place of the patch's lines.
    #[serde(default)]
    pub places: usize,
    /// Findings of the whole commit.
    pub findings: usize,
    /// Files of the whole commit.
    pub files: usize,
    /// How it was won.
    pub won: Option<Method>,
    /// Whether it builds, where that was tried. No coefficient is fitted to it: nobody has built the scored answers yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<Built>,
    /// The weakest vote for what a model made of it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<Vote>,
}

/// How many stand behind an answer of a model: its other samples, and what the deterministic methods made of the same lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// Samples and methods besides the answer itself.
    pub others: usize,
    /// Of them, how many say exactly the same.
    pub same: usize,
    /// Lines in which the answer differs from one of them, in the mean; 0 without others.
    pub mean_distance: f64,
    /// Mean natural logarithm of its tokens' probabilities (at most 0), where the model's server tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_log_probability: Option<f64>,
}

impl Vote {
    /// From -1 (nobody says the same) to 1 (all do); 0 without others.
    #[expect(clippy::cast_precision_loss, reason = "a handful of samples and methods")]
    pub fn agreement(&self) -> f64 {
        match self.others {
            0 => 0.0,
            others => 2.0 * self.same as f64 / others as f64 - 1.0,
        }
    }

    /// The one with less behind it: less agreement, or as much and less sure tokens.
    pub fn weaker(self, other: Self) -> Self {
        let key = |vote: &Self| (vote.agreement(), vote.mean_log_probability.unwrap_or(0.0));
        let ((one, its), (two, others)) = (key(&self), key(&other));
        if one.total_cmp(&two).then(its.total_cmp(&others)).is_le() { self } else { other }
    }
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
    /// How much speaks against it: a doubt about the place weighs half.
    #[expect(clippy::cast_precision_loss, reason = "a handful of doubts")]
    pub fn doubted(&self) -> f64 {
        self.doubts as f64 - self.places as f64 / 2.0
    }

    /// Of a file by itself: how far the two changes are from each other, the sides of each hunk that is open, how many things speak
    /// against it, and how it was won.
    pub fn of<'s>(
        drift: Drift,
        open: impl Iterator<Item = &'s Sides<Vec<u8>>>,
        (doubts, won): (usize, Method),
    ) -> Self {
        let Drift { size, gap, near } = drift;
        let mut signals = Self { size, gap, near, doubts, won: Some(won), ..Self::default() };
        for Sides { base, ours, theirs } in open {
            let sides = [ours.lines().count(), theirs.lines().count()];
            signals.open += sides[0] + sides[1];
            let change = |after| distance(Change { before: base, after });
            let (upstream, patch) = (change(ours), change(theirs));
            signals.rework += (upstream + upstream.min(patch)).min(sides[0].max(sides[1]));
        }
        signals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_open_hunk_upstream_s_change_is_to_write_and_what_of_the_patch_meets_it() {
        let rework = |base: &str, ours: &str, theirs: &str| {
            let sides = Sides { base, ours, theirs }.map(|text| text.as_bytes().to_vec());
            Signals::of(Drift::default(), [&sides].into_iter(), (0, Method::Text)).rework
        };
        let long: String = (0..30).map(|n| format!("{n}\n")).collect();
        let (ours, theirs) = (long.replace("\n7\n", "\nseven\n"), long.replace("\n7\n", "\n7 and more\n"));
        assert_eq!(rework(&long, &ours, &theirs), 2, "a line of each");
        assert_eq!(rework(&long, &ours, "all of it anew\n"), 2, "the patch's other lines are as they should be");
        assert_eq!(rework("a\nb\n", "x\ny\n", "p\nq\n"), 2, "not more than there is");
    }

    #[test]
    fn the_vote_with_less_behind_it_is_the_weaker_one() {
        let vote = |others, same, mean_log_probability| Vote { others, same, mean_distance: 0.0, mean_log_probability };
        let (all, half, none) = (vote(2, 2, None), vote(2, 1, None), vote(2, 0, None));
        assert_eq!(all.weaker(half), half);
        assert_eq!(none.weaker(half), none);
        assert_eq!([all, half, none, vote(0, 0, None)].map(|v| v.agreement()), [1.0, 0.0, -1.0, 0.0]);
        let unsure = vote(2, 1, Some(-0.5));
        assert_eq!(half.weaker(unsure), unsure, "nobody knows of the other");
    }
}
