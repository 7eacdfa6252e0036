//! How a walk begins: in, a range or an earlier run, with its options; out, a [`Rebase`] that has its series, its survey and what was decided
//! before. Of refs only those move that pin what decisions name.

use super::branch::{default_branch, refuse_other_series, refuse_taken_branch};
use super::inputs::{inputs, series_of};
use super::recollected::Recollected;
use super::{
    Folding, Leaves, LeavingOut, OpenRun, Rebase, StackedBranches, Target, desk, extend, folded, reverted, stacked,
    strays,
};
use crate::error::{Error, Result};
use crate::git::{Ask, Merges, Oid, Repo, Series, Store, Writes};
use crate::pick::{Ahead, Asking, Remembered, Tip};
use crate::run::{Checks, Decisions, Folds, Inputs, Operation, Options, Stacked};
use crate::survey::Survey;
use std::sync::Arc;

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
        (mut repo, mut store): (Repo, Store),
        (mut series, mut folds): (Series, Folds),
        options: Options,
        mut target: Target,
    ) -> Result<Self> {
        if target.folding == Folding::Autosquash {
            // git itself reads them, too, so they have to be on disk: of a dry run in a folder that goes with it.
            if target.leaves.writes() == Writes::Nowhere {
                repo = repo.aside()?;
                store = repo.store(Writes::Nowhere)?;
            }
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
                let run = opened((&repo, &mut store), (&series, &inputs), &target.decisions)?;
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
        // Who is asked now is another matter: see `asking`.
        let known = decisions.answers();
        let asking = (!known.is_empty()).then(|| Asking::default().knowing(known.iter()));
        Ok(Self {
            outcomes: Vec::with_capacity(series.commits.len()),
            ahead: Ahead::start(&repo.place(), &survey, (tip.tree, &inputs.options.methods)),
            remembered: Remembered::of(&repo, &mut store, &decisions)?,
            memory: Recollected::of(&repo, &mut store, inputs.options.memory.as_deref()),
            strays: strays::strays((&repo, &mut store), (&series, &survey), &decisions)?,
            checks: run.as_ref().map(|run| Checks::open(run.dir())).unwrap_or_default(),
            decisions,
            stopped: false,
            asking,
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
}

/// The run of the branch, new or the one that was there, with the beginning in its journal.
fn opened(
    (repo, store): (&Repo, &mut Store),
    (series, inputs): (&Series, &Inputs),
    carried: &[Operation],
) -> Result<OpenRun> {
    // A branch that was half way when its run died is that run's.
    OpenRun::catch_up(repo, &inputs.branch)?;
    // Before anything is kept: the branch may be somebody else's.
    refuse_taken_branch(repo, store, series, &inputs.branch)?;
    let mut run = OpenRun::of(repo, &inputs.branch)?;
    refuse_other_series(&run, series)?;
    let begin = Operation::Begin { inputs: Box::new(inputs.clone()) };
    let new = not_carried_yet(carried, run.journal().operations());
    if !new.is_empty() {
        desk::pin(repo, store, (&run, inputs), &new)?;
    }
    for Stacked { branch, .. } in &inputs.stacked {
        let name = format!("refs/heads/{branch}");
        if let Some(now) = repo.object(&name)? {
            stacked::refuse_taken((repo, &run), &name, now)?;
        }
    }
    run.append(std::iter::once(begin).chain(new))?;
    Ok(run)
}

/// What comes after the longest beginning of `decisions` that `own` has already, in this order: a decision may be made twice, with
/// its opposite in between.
fn not_carried_yet(decisions: &[Operation], own: &[Operation]) -> Vec<Operation> {
    let mut own = own.iter();
    decisions.iter().skip_while(|decision| own.any(|o| o == *decision)).cloned().collect()
}

fn tree_of(repo: &Repo, revision: &str) -> Result<Oid> {
    repo.tree_of(revision)?.ok_or_else(|| {
        Error::fatal(format!("--expect-tree: bad revision '{revision}'"))
            .hint("name a commit, a branch, a tag or a tree that is here")
    })
}
