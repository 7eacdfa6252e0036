//! SERIES: an iterator of outcomes that owns the tip. Refs move in [`Rebase::finish`], and only there.
//!
//! ```text
//!   start: find the series, take the survey      next: pick a commit onto the tip      finish: packs, record, refs, hook
//! ```

mod branch;
mod checked;
mod choose;
mod desk;
mod extend;
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

pub use branch::given_branch;
pub use checked::{keep_checks, tell_checks};
pub use choose::{Side, choose_side};
pub use desk::{Layout, TakenBack, discard, laid_out, lay_out, take_back};
pub use extend::{SourceNow, extend, source_now};
pub use inputs::{merges_of, series_of};
pub use laid::{put_away, strangers};
pub use mended::{FixUp, fold_fixes, put_fixups};
pub use notes::note;
pub use open_run::{ANSWERS, OpenRun};
pub use recollected::remember;
pub use record::read_record;
pub use seen::{came_out, outcome_id, seen, side_entries, tree_after};
pub use strays::Stray;
pub use target::{Branch, Finished, Folding, Leaves, LeavingOut, StackedBranches, Target, Unexpected, Unsettled};
pub use undo::{forget, undo_last};

use crate::error::{Error, Result};
use crate::git::tree::{self, Changed};
use crate::git::{Ask, Merges, Move, Oid, Repo, Series, Store, Writes};
use crate::llm::Prompt;
use crate::merge::Change;
use crate::pick::{self, Ahead, Asking, Heard, Pickable, Picker, Remembered, Tip, Unanswered};
use crate::run::{
    Checks, Decisions, Flag, Folds, Inputs, Kept, OnConflict, Operation, Options, Outcome, Record, RunName, Stacked,
    Status, UpstreamPolicy, quoted,
};
use crate::survey::Survey;
use branch::{default_branch, refuse_other_series, refuse_taken_branch};
use bstr::ByteSlice;
use inputs::inputs;
use recollected::Recollected;
use record::write_record;
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
    /// Finds the series and looks at everything that an outcome depends on. Decisions of an earlier run of the same branch hold.
    ///
    /// # Errors
    /// The range makes no series, the branch is not ours to move, another process works on the run, or an object is missing.
    pub fn start(repo: Repo, ask: &Ask, options: Options, target: Target) -> Result<Self> {
        let mut store = repo.store(target.leaves.writes())?;
        let series = Series::find(&repo, &mut store, ask)?;
        Self::begin((repo, store), (series, Folds::default()), options, target)
    }

    /// The series of an earlier run onto another upstream, with what was added to its source since.
    ///
    /// # Errors
    /// As [`start`](Self::start), or a commit of the series is gone.
    pub fn again(
        repo: Repo,
        (earlier, onto, merges): (&Inputs, &str, Merges),
        options: Options,
        target: Target,
    ) -> Result<Self> {
        let mut store = repo.store(target.leaves.writes())?;
        let series = extend::again((&repo, &mut store), earlier, (onto, merges))?;
        let folds = earlier.folds.of(&series.commits.iter().map(|commit| commit.id.to_string()).collect());
        Self::begin((repo, store), (series, folds), options, target)
    }

    fn begin(
        (repo, mut store): (Repo, Store),
        (mut series, mut folds): (Series, Folds),
        options: Options,
        mut target: Target,
    ) -> Result<Self> {
        if target.folding == Folding::Autosquash {
            // git itself reads them, too, so they have to be on disk.
            folds.extend(folded::fold(&mut repo.store(Writes::Packs)?, &mut series)?);
            store.refresh()?;
        }
        if target.leaving_out == LeavingOut::Reverted {
            target.decisions.extend(reverted::reverted((&repo, &mut store), &series.commits)?);
        }
        let committer = repo.committer()?;
        let branch = match &target.branch {
            Some(name) => name.strip_prefix("refs/heads/").unwrap_or(name).to_owned(),
            None => default_branch(&series),
        };
        if target.branch.is_some() && !repo.is_branch_name(&branch)? {
            return Err(Error::usage(format!("'{branch}' is not a valid branch name"))
                .hint("give another with --branch=<name>"));
        }
        let mut inputs = inputs(&series, branch, &committer, options);
        inputs.folds = folds;
        if target.stacked == StackedBranches::Along {
            inputs.stacked = stacked::stacked(&repo, &series, &inputs)?;
        }
        let (run, decisions) = match target.leaves {
            Leaves::Objects => (None, Decisions::default()),
            Leaves::Nothing => (None, Self::foreseen(&repo, (&series, &inputs), &target.decisions)?),
            Leaves::Run => {
                // A branch that was half way when its run died is that run's.
                OpenRun::catch_up(&repo, &inputs.branch)?;
                // Before anything is kept: the branch may be somebody else's.
                refuse_taken_branch(&repo, &mut store, &series, &inputs.branch)?;
                let mut run = OpenRun::of(&repo, &inputs.branch)?;
                refuse_other_series(&run, &series)?;
                let begin = Operation::Begin { inputs: Box::new(inputs.clone()) };
                let new = not_carried_yet(&target.decisions, run.journal().operations());
                if !new.is_empty() {
                    desk::pin(&repo, &mut store, (&run, &inputs), &new)?;
                }
                for Stacked { branch, .. } in &inputs.stacked {
                    let name = format!("refs/heads/{branch}");
                    if let Some(now) = repo.object(&name)? {
                        stacked::refuse_taken((&repo, &run), &name, now)?;
                    }
                }
                run.append(std::iter::once(begin).chain(new))?;
                let decisions = run.decisions();
                (Some(run), decisions)
            }
        };
        Self::prepare((repo, store), (series, inputs), (run, decisions), target)
    }

    /// The decisions that a walk would find which is only tried.
    fn foreseen(repo: &Repo, (series, inputs): (&Series, &Inputs), carried: &[Operation]) -> Result<Decisions> {
        let run = OpenRun::peek(repo, &inputs.branch)?;
        let own = run.as_ref().map_or(&[][..], |run| run.journal().operations());
        run.as_ref().map_or(Ok(()), |run| refuse_other_series(run, series))?;
        Ok(Decisions::of(&[own, &not_carried_yet(carried, own)].concat()))
    }

    /// Walks a run again that was begun before, with what was decided since, under the same committer and date.
    ///
    /// # Errors
    /// A commit of the series is gone, or as [`start`](Self::start).
    pub fn resume(repo: Repo, run: OpenRun, target: Target) -> Result<Self> {
        let mut store = repo.store(target.leaves.writes())?;
        let inputs = run.inputs()?.clone();
        let series = series_of(&repo, &mut store, &inputs)?;
        let decisions = run.decisions();
        Self::prepare((repo, store), (series, inputs), (Some(run), decisions), target)
    }

    fn prepare(
        (repo, mut store): (Repo, Store),
        (series, inputs): (Series, Inputs),
        (run, decisions): (Option<OpenRun>, Decisions),
        target: Target,
    ) -> Result<Self> {
        let expected = match &target.expect_tree {
            Some(revision) => Some(tree_of(&repo, revision)?),
            None => None,
        };
        let branch_was = match target.leaves {
            Leaves::Run => refuse_taken_branch(&repo, &mut store, &series, &inputs.branch)?,
            Leaves::Nothing | Leaves::Objects => None,
        };
        let survey = Arc::new(Survey::take((&repo, &mut store), &series, inputs.options.look_up)?);
        let tip = Tip::on(&store.commit(series.onto)?);
        Ok(Self {
            outcomes: Vec::with_capacity(series.commits.len()),
            ahead: Ahead::start(&repo.place(), &survey, (tip.tree, &inputs.options.methods)),
            remembered: Remembered::of(&repo, &mut store, &decisions)?,
            memory: Recollected::of(&repo, &mut store, inputs.options.memory.as_deref()),
            strays: strays::strays((&repo, &mut store), (&series, &survey), &decisions)?,
            decisions,
            checks: run.as_ref().map(|run| Checks::open(run.dir())).unwrap_or_default(),
            stopped: false,
            asking: None,
            repo,
            store,
            series,
            survey,
            inputs,
            run,
            target,
            branch_was,
            expected,
            tip,
        })
    }

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
        self.asking = Some(asking);
        self
    }

    /// The questions of the walk that nobody has answered yet, in series order.
    pub fn take_unanswered(&mut self) -> Vec<Unanswered> {
        self.asking.as_mut().map(Asking::take_unanswered).unwrap_or_default()
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
        self.stopped = false;
        Ok(())
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
        let pinned: Vec<Oid> = self.tip.commit.into_iter().chain([self.tip.tree]).collect();
        self.store.forget_all_but(&pinned)?;
        Ok(outcome)
    }

    /// Writes packs and the record, and moves all refs at once, if nothing stands in the way of the branch.
    ///
    /// # Errors
    /// The disk is full, or a ref is not where it was. No ref was moved.
    pub fn finish(mut self) -> Result<Finished> {
        self.sign()?;
        let tip = self.tip.commit.unwrap_or(self.series.onto);
        let unexpected = match self.expected {
            Some(expected) => Some(self.unexpected(expected)?),
            None => None,
        };
        let (open, stands) = self.unsettled();
        let mut finished = Finished {
            name: self.inputs.branch.clone(),
            branch: match stands.is_empty() {
                true => Branch::Written(open),
                false => Branch::Withheld(stands.clone()),
            },
            tip,
            stacked: Vec::new(),
            record: None,
            unexpected,
        };
        if self.target.leaves != Leaves::Run {
            finished.branch = Branch::DryRun(stands);
            self.store.flush()?;
            return Ok(finished);
        }
        let (record, stacked) = self.write_refs(tip, &finished.branch)?;
        finished.record = Some(record);
        finished.stacked = stacked;
        if matches!(finished.branch, Branch::Written(_)) {
            self.repo.after_rewrite(&self.rewritten())?;
        }
        Ok(finished)
    }

    /// What is not settled: all of it, and what of it is not allowed in the branch.
    fn unsettled(&self) -> (Vec<Unsettled>, Vec<Unsettled>) {
        let any = |is: &dyn Fn(&Outcome) -> bool| self.outcomes.iter().any(is);
        let mut open = Vec::new();
        if any(&|o| o.status == Status::Conflicted) {
            open.push(Unsettled::Conflicts);
        }
        if any(&|o| o.has(Flag::ToReview)) {
            open.push(Unsettled::Unreviewed);
        }
        if any(&|o| o.status == Status::Pending) {
            open.push(Unsettled::Pending);
        }
        let stands = open.iter().filter(|o| !self.target.allowed.contains(o)).copied().collect();
        (open, stands)
    }

    fn write_refs(&mut self, tip: Oid, branch: &Branch) -> Result<(String, Vec<(String, Oid)>)> {
        let run = RunName(self.inputs.branch.clone());
        let earlier = self.repo.object(&run.record())?;
        let record = Record { inputs: self.inputs.clone(), outcomes: std::mem::take(&mut self.outcomes) };
        let written = write_record(&self.repo, &mut self.store, &record, earlier);
        self.outcomes = record.outcomes;
        let record = written?;
        self.store.flush()?;
        let mut moves = vec![self.moved(run.tip(), tip)?, self.moved(run.record(), record)?];
        if let Some(pin) = folded::pin(&mut self.store, &self.series, &self.inputs)? {
            moves.push(self.moved(run.source(), pin)?);
            self.store.flush()?;
        }
        let (source, onto) = (&self.series.source, &self.series.onto_name);
        let mut along = Vec::new();
        let said = match branch {
            Branch::Written(open) => {
                let name = format!("refs/heads/{}", self.inputs.branch);
                moves.push(Move { name, new: Some(tip), old: self.branch_was });
                moves.push(self.moved(run.written(), tip)?);
                let journaled = self.run.as_ref().expect("only a dry run has none");
                along = stacked::moves((&self.repo, journaled), &self.inputs, (&self.outcomes, self.series.onto))?;
                moves.extend(along.iter().cloned());
                let unsettled = if open.is_empty() { "" } else { ", with unsettled commits" };
                format!("kmigrate (finish): {source} onto {onto}{unsettled}")
            }
            Branch::Withheld(_) | Branch::DryRun(_) => format!("kmigrate (walk): {source} onto {onto}"),
        };
        let open = self.run.as_mut().expect("only a dry run has none");
        open.move_refs(&self.repo, (&moves, &said), |moves| Operation::Finish { moves })?;
        let along = along.into_iter().filter_map(|moved| {
            let name = moved.name.trim_start_matches("refs/heads/").to_owned();
            Some((name, moved.new?))
        });
        Ok((run.record(), along.collect()))
    }

    fn moved(&self, name: String, new: Oid) -> Result<Move> {
        let old = self.repo.object(&name)?;
        Ok(Move { name, new: Some(new), old })
    }

    fn rewritten(&self) -> Vec<(Oid, Oid)> {
        let pairs = self.outcomes.iter().filter_map(|o| {
            let new = self.repo.written_id(o.new.as_deref())?;
            Some((self.repo.parse_id(self.inputs.folds.source_of(&o.old).as_bytes())?, new))
        });
        let pairs: Vec<(Oid, Oid)> = pairs.collect();
        let folded = folded::pairs(&self.repo, &self.inputs.folds, &pairs);
        pairs.into_iter().chain(folded).filter(|(old, new)| old != new).collect()
    }

    fn unexpected(&mut self, expected: Oid) -> Result<Vec<Unexpected>> {
        let change = Change { before: Some(expected), after: Some(self.tip.tree) };
        let differing: Vec<Changed> = tree::diff(&mut self.store, change)?;
        let last = |path: &str| {
            let touched = |o: &&Outcome| o.files.iter().any(|f| f.path == path);
            let by = self.outcomes.iter().rev().find(touched);
            by.map(|o| (o.n, o.subject.clone()))
        };
        let paths = differing.iter().map(|c| quoted(c.path.as_bstr()));
        Ok(paths.map(|path| Unexpected { by: last(&path), path }).collect())
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

/// What comes after the longest beginning of `decisions` that `own` has already, in this order: a decision may be made twice, with
/// its opposite in between.
fn not_carried_yet(decisions: &[Operation], own: &[Operation]) -> Vec<Operation> {
    let mut own = own.iter();
    decisions.iter().skip_while(|decision| own.any(|o| o == *decision)).cloned().collect()
}

fn tree_of(repo: &Repo, revision: &str) -> Result<Oid> {
    repo.tree_of(revision)?.ok_or_else(|| Error::fatal(format!("--expect-tree: bad revision '{revision}'")))
}
