//! A walk as a command does it: told while it goes on, checked, finished, noted.

use super::args::Migrate;
use super::model::{self, Asker};
use super::{Exit, check, look};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Writes};
use crate::rebase::{Branch, Finished, Rebase};
use crate::report::{self, Manner, Report, Verbosity};
use crate::run::{Options, Outcome};

/// Whether notes are written with the branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    /// They are.
    Written,
    /// They are not.
    None,
}

impl Notes {
    /// From the flag.
    pub fn if_asked(asked: bool) -> Self {
        if asked { Self::Written } else { Self::None }
    }
}

/// What is done with what came out.
#[derive(Clone, Debug)]
pub struct After {
    /// How it is verified.
    check: check::Level,
    /// Whether it is noted.
    notes: Notes,
}

impl After {
    /// As typed.
    ///
    /// # Errors
    /// What is asked for cannot be verified, or not with these options.
    pub fn of(args: &Migrate, options: &Options) -> Result<Self> {
        let check = check::Level::of(args)?;
        check.refuse(args, options)?;
        Ok(Self { check, notes: Notes::if_asked(args.notes) })
    }
}

/// Walks, tells, finishes; nothing is verified.
pub fn walk(rebase: Rebase, asker: Option<Asker>, manner: Manner, notes: Notes) -> Result<Exit> {
    Ok(walked(rebase, asker, manner, After { check: check::Level::None, notes })?.0)
}

/// The same, checked, with what became of each commit.
pub fn walked(mut rebase: Rebase, asker: Option<Asker>, manner: Manner, after: After) -> Result<(Exit, Vec<Outcome>)> {
    if rebase.is_backport()? {
        report::warn("the new upstream is an ancestor of the old one: this carries the series back in time");
    }
    let left_out = rebase.dropped_merges().len();
    if left_out > 0 {
        report::warn(&format!("{left_out} merge commits without changes of their own were left out"));
    }
    rebase.memory_troubles().iter().for_each(|trouble| report::warn(trouble));
    report::strays(rebase.strays());
    if manner.verbosity != Verbosity::Quiet {
        rebase.inputs().folds.lines().iter().for_each(|line| report::aside(line));
    }
    let mut report = Report::new(manner, rebase.inputs());
    if let Some(Asker { mut door, asking, .. }) = asker {
        rebase = rebase.asking(asking);
        let walked = model::walk(&mut rebase, &mut door, manner)?;
        let paid = door.paid();
        walked.silence.tell((door.close()?, paid));
        if walked.silence.is_interrupted() {
            return Err(Error::interrupted().hint("run it again: answers that came are kept, and not asked for again"));
        }
    }
    let mut worktree = None;
    if let check::Level::Build(how) = &after.check {
        // What is told of a commit is told once: when it was built.
        rebase.by_ref().try_for_each(|outcome| outcome.map(drop))?;
        worktree = check::built(&mut rebase, how, manner.verbosity)?;
    }
    if rebase.signs()? {
        // What is told is what is in the branch then.
        rebase.by_ref().try_for_each(|outcome| outcome.map(drop))?;
        let made = rebase.sign()?;
        if made > 0 && manner.verbosity != Verbosity::Quiet {
            report::aside(&format!("{made} commits were signed"));
        }
    }
    rebase.outcomes().iter().try_for_each(|outcome| report.outcome(outcome))?;
    rebase.by_ref().try_for_each(|outcome| report.outcome(&outcome?))?;
    report::ahead(rebase.ahead(), manner.verbosity);
    let other = rebase.accepted_otherwise();
    if !other.is_empty() {
        let numbers: Vec<String> = other.iter().map(usize::to_string).collect();
        report::warn(&format!(
            "accepted before, and open again, as something else comes out now: {}",
            numbers.join(", ")
        ));
    }
    let outcomes = rebase.outcomes().to_vec();
    let unsettled = outcomes.iter().any(|outcome| !outcome.is_accepted());
    // Whoever cannot be told what came out does not get it either.
    report.flush()?;
    let branch = rebase.inputs().branch.clone();
    let finished = rebase.finish()?;
    report.finish(&finished)?;
    if after.notes == Notes::Written && matches!(finished.branch, Branch::Written(_)) {
        let repo = Repo::open(Git::here())?;
        let mut store = repo.store(Writes::Nowhere)?;
        super::report::notes(&repo, &look::told(&repo, &mut store, Some(&branch))?)?;
    }
    check::remove(worktree, manner.verbosity);
    let failed = check::has_failed(&outcomes, &after.check);
    Ok((exit(&finished, unsettled, failed), outcomes))
}

fn exit(finished: &Finished, unsettled: bool, failed: bool) -> Exit {
    let differs = failed || finished.unexpected.as_ref().is_some_and(|paths| !paths.is_empty());
    let withheld = matches!(&finished.branch, Branch::Withheld(_));
    match (unsettled || withheld, differs) {
        (_, true) => Exit::Unexpected,
        (true, false) => Exit::Unsettled,
        (false, false) => Exit::Done,
    }
}
