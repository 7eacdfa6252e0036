//! SERIES: an iterator of outcomes that owns the tip. Refs move in [`Rebase::finish`], and only there.
//!
//! ```text
//!   start: find the series, take the survey      next: pick a commit onto the tip      finish: packs, record, refs, hook
//! ```

mod begin;
mod branch;
mod checked;
mod choose;
mod desk;
mod extend;
mod finish;
mod folded;
mod inputs;
mod laid;
mod mended;
mod notes;
mod open_run;
pub mod patches;
mod recollected;
mod record;
mod reverted;
mod seen;
mod signed;
mod stacked;
mod strays;
mod target;
mod undo;

pub use branch::{default_branch, given_branch};
pub use checked::{keep_checks, tell_checks};
pub use choose::{Side, choose_side};
pub use desk::{Layout, TakenBack, discard, laid_out, lay_out, take_back};
pub use extend::{SourceNow, extend, source_now};
pub use inputs::{merges_of, series_of};
pub use laid::{put_away, strangers};
pub use mended::{FixUp, fixups_of, fold_fixes, put_fixups};
pub use notes::note;
pub use open_run::{ANSWERS, OpenRun};
pub use recollected::remember;
pub use record::read_record;
pub use seen::{came_out, outcome_id, seen, side_entries, tree_after};
pub use strays::Stray;
pub use target::{Branch, Finished, Folding, Leaves, LeavingOut, StackedBranches, Target, Unexpected, Unsettled};
pub use undo::{forget, undo_last};

use crate::error::Result;
use crate::git::{Oid, Repo, Series, Store};
use crate::llm::Prompt;
use crate::pick::{self, Ahead, Asking, CameTo, Heard, Pickable, Picker, Remembered, Tip, Unanswered};
use crate::run::{Checks, Decisions, Flag, Inputs, Kept, OnConflict, Operation, Outcome, Status, UpstreamPolicy};
use crate::survey::Survey;
use recollected::Recollected;
use std::path::Path;
use std::sync::Arc;

/// A series on its way.
pub struct Rebase {
    repo: Repo,
    store: Store,
    series: Series,
    survey: Arc<Survey>,
    ahead: Ahead,
    inputs: Inputs,
    /// `None` if the walk leaves none.
    run: Option<OpenRun>,
    decisions: Decisions,
    checks: Checks,
    remembered: Remembered,
    memory: Recollected,
    strays: Vec<Stray>,
    target: Target,
    /// Where the branch was when the run began; it must still be there when refs move.
    branch_was: Option<Oid>,
    expected: Option<Oid>,
    tip: Tip,
    outcomes: Vec<Outcome>,
    stopped: bool,
    asking: Option<Asking>,
}

impl Rebase {
    /// What became of the commits that were picked so far.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What the run began with.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Commits with decisions that the series does not have any more.
    pub fn strays(&self) -> &[Stray] {
        &self.strays
    }

    /// What is wrong with the memory that the run was begun with; empty if nothing is.
    pub fn memory_troubles(&self) -> &[String] {
        &self.memory.troubles
    }

    /// Merge commits that `--merges=drop` left out.
    pub fn dropped_merges(&self) -> &[Oid] {
        &self.series.dropped_merges
    }

    /// Is onto in base's own past? Then the series goes back in time.
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn is_backport(&self) -> Result<bool> {
        match self.series.base {
            Some(base) if base != self.series.onto => self.repo.is_ancestor(self.series.onto, base),
            _ => Ok(false),
        }
    }

    /// Has what no method settles put to a model. The walk itself asks nobody: see [`take_unanswered`](Self::take_unanswered).
    #[must_use]
    pub fn asking(mut self, asking: Asking) -> Self {
        self.asking = Some(asking.knowing(self.decisions.answers().iter()));
        self
    }

    /// Has nothing that a model said count, of earlier walks neither.
    #[must_use]
    pub fn asking_nobody(mut self) -> Self {
        self.asking = None;
        self
    }

    /// The commits that a person accepted and that are open again, as something else comes out now.
    pub fn accepted_otherwise(&self) -> Vec<usize> {
        let is_open = |o: &&Outcome| o.status == Status::Conflicted || o.has(Flag::ToReview);
        let open = self.outcomes.iter().filter(is_open);
        open.filter(|o| self.decisions.was_accepted(&o.old)).map(|o| o.n).collect()
    }

    /// Writes down what models answered and the walk used: it was paid for.
    fn keep_answers(&mut self) -> Result<()> {
        let new = self.asking.as_ref().map(Asking::new_answers).unwrap_or_default();
        match &mut self.run {
            Some(run) if !new.is_empty() => run.append(new.into_iter().map(Operation::Answered)),
            _ => Ok(()),
        }
    }

    /// The questions of the walk that nobody has answered yet, in series order.
    pub fn take_unanswered(&mut self) -> Vec<Unanswered> {
        self.asking.as_mut().map(Asking::take_unanswered).unwrap_or_default()
    }

    /// The questions that answers of earlier walks were used for.
    pub fn recalled_questions(&self) -> &[Unanswered] {
        self.asking.as_ref().map_or(&[], Asking::recalled_questions)
    }

    /// What was asked and heard, to be taken to another walk of the same series.
    pub fn take_asking(&mut self) -> Option<Asking> {
        self.asking.take()
    }

    /// What became of a question; the next walk uses it.
    pub fn hear(&mut self, prompt: &Prompt, heard: Heard) {
        if let Some(asking) = &mut self.asking {
            asking.hear(prompt, heard);
        }
    }

    /// Goes back to where the walk began, with what was heard since.
    ///
    /// # Errors
    /// New upstream is gone.
    pub fn rewind(&mut self) -> Result<()> {
        self.tip = Tip::on(&self.store.commit(self.series.onto)?);
        self.ahead = Ahead::start(&self.repo.place(), &self.survey, (self.tip.tree, &self.inputs.options.methods));
        self.outcomes.clear();
        if let Some(asking) = &mut self.asking {
            asking.rewind();
        }
        self.stopped = false;
        Ok(())
    }

    /// What merging texts ahead of the walk came to.
    pub fn ahead(&self) -> &CameTo {
        self.ahead.came_to()
    }

    /// The repository.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The folder of the run, if the walk leaves one.
    pub fn dir(&self) -> Option<&Path> {
        self.run.as_ref().map(OpenRun::dir)
    }

    /// Writes the commits that were made so far, so that others can read them; no ref names them yet.
    ///
    /// # Errors
    /// The disk.
    pub fn flush(&mut self) -> Result<()> {
        self.store.flush()
    }

    /// Takes what a check of the commits came to: it is kept with the run, and stands in their outcomes.
    ///
    /// # Errors
    /// The disk.
    pub fn take_checks(&mut self, new: Vec<(String, Kept)>) -> Result<()> {
        let Some(run) = &self.run else { return Ok(()) };
        self.checks = keep_checks(run, new)?;
        let known = (&self.inputs, &self.decisions, &self.checks);
        for outcome in &mut self.outcomes {
            checked::tell((&self.repo, &mut self.store), known, outcome)?;
        }
        Ok(())
    }

    fn step(&mut self, at: usize) -> Result<Outcome> {
        let commit = &self.series.commits[at];
        if self.stopped {
            return Ok(pick::pending(at + 1, commit));
        }
        let mut picker = Picker {
            repo: &self.repo,
            store: &mut self.store,
            ahead: &mut self.ahead,
            survey: &self.survey,
            options: &self.inputs.options,
            decisions: &self.decisions,
            remembered: &self.remembered,
            memory: &self.memory.memory,
            onto: self.series.onto,
            committer: self.inputs.committer.as_bytes(),
            asking: self.asking.as_mut(),
        };
        let pickable = Pickable {
            n: at + 1,
            commit,
            parent_tree: self.survey.changes[at].parent_tree,
            changes: &self.survey.changes[at].paths,
        };
        let mut outcome = picker.pick(&mut self.tip, pickable)?;
        let known = (&self.inputs, &self.decisions, &self.checks);
        checked::tell((&self.repo, &mut self.store), known, &mut outcome)?;
        self.inputs.folds.tell(&mut outcome);
        let options = &self.inputs.options;
        self.stopped = match outcome.status {
            Status::Conflicted => options.on_conflict == OnConflict::Stop,
            // What only its content tells of is carried, to review.
            Status::Upstream => options.upstream == UpstreamPolicy::Stop && outcome.new.is_none(),
            _ => false,
        };
        self.store.forget_all_but(self.tip.commit.into_iter().chain([self.tip.tree]))?;
        Ok(outcome)
    }
}

impl Iterator for Rebase {
    type Item = Result<Outcome>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.outcomes.len();
        if at == self.series.commits.len() {
            return None;
        }
        let outcome = self.step(at);
        if let Ok(outcome) = &outcome {
            self.outcomes.push(outcome.clone());
        }
        Some(outcome)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.series.commits.len() - self.outcomes.len();
        (left, Some(left))
    }
}
