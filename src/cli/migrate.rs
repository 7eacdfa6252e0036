//! The main job: `git kmigrate <range> --onto <new>`.

use super::args::Migrate;
use super::input;
use super::model::{self, Asker};
use super::{Exit, check, look, settings};
use crate::error::{Error, Result};
use crate::git::{Ask, Git, Merges, Repo, Store, Writes};
use crate::rebase::{
    Branch, Finished, Folding, Leaves, LeavingOut, OpenRun, Rebase, StackedBranches, Target, given_branch, merges_of,
};
use crate::report::{self, Format, Manner, Report, Verbosity};
use crate::run::{Additions, Inputs, Limits, Operation, Options, Outcome, Progress};

/// Runs it.
pub fn run(args: &Migrate) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    settings::colour(&repo, args.color);
    for operation in repo.operations_in_progress() {
        report::warn(&format!(
            "{operation} is in progress in this worktree; this run touches neither it nor the worktree"
        ));
    }
    if let (None, [word]) = (&args.onto, &args.ranges[..])
        && !word.contains("..")
        && repo.object(word)?.is_none()
    {
        return Err(Error::usage(format!("'{word}' is neither a command of git kmigrate nor a revision"))
            .hint("git kmigrate -h lists the commands"));
    }
    let onto = args.onto.clone().ok_or_else(|| {
        Error::usage("--onto is missing")
            .hint("usage: git kmigrate <old upstream>..<patched branch> --onto <new upstream>")
    })?;
    if !args.quilt.is_empty() {
        return super::quilt::run(repo, args, onto);
    }
    if args.out.is_some() {
        return Err(Error::usage("--out writes patch files, and no --quilt says which")
            .hint("give the command that read them once more, with another --out: what was settled in its run holds"));
    }
    let earlier = if args.again { Some(Earlier::find(&repo, args)?) } else { None };
    if args.verify_objects {
        Store::verify_objects();
    }
    let inputs = earlier.as_ref().map(|e| &e.inputs);
    let asker = Asker::of(&repo, &args.asking, inputs.and_then(|inputs| inputs.options.model.as_deref()))?;
    let options =
        Options { model: asker.as_ref().and_then(|asker| asker.name.clone()), ..options(&repo, args, inputs)? };
    let target = target(&repo, args, inputs);
    let after = After::of(args, &options)?;
    let rebase = match &earlier {
        Some(Earlier { inputs, decisions }) => {
            let merges = merges(&repo, args, inputs)?;
            let target = Target { decisions: decisions.clone(), ..target };
            Rebase::again(repo, (inputs, &onto, merges), options, target)?
        }
        None => {
            let ask = Ask {
                ranges: args.ranges.clone(),
                listed: if args.stdin { Some(standard_input()?) } else { None },
                named: None,
                root: args.root,
                base: args.base.clone(),
                onto,
                merges: settings::merges(&repo, args.merges)?,
            };
            Rebase::start(repo, &ask, options, target)?
        }
    };
    if let Some(earlier) = earlier {
        let added = rebase.inputs().commits.iter().filter(|c| !earlier.inputs.commits.contains(*c)).count();
        if added > 0 {
            report::warn(&format!("{added} commits of {} are new since the last run", rebase.inputs().source));
        }
    }
    let rebase = if args.asking.asks_nobody() { rebase.asking_nobody() } else { rebase };
    Ok(walked(rebase, asker, manner(args), after)?.0)
}

/// What `--again` takes from an earlier run. What is typed now wins over it, and it over environment and settings.
struct Earlier {
    inputs: Inputs,
    decisions: Vec<Operation>,
}

impl Earlier {
    fn find(repo: &Repo, args: &Migrate) -> Result<Self> {
        let run = OpenRun::look(repo, args.run.as_deref())?;
        let decisions = run.journal().operations().iter().filter(|o| o.is_decision()).cloned().collect();
        Ok(Self { inputs: run.inputs()?.clone(), decisions })
    }
}

fn merges(repo: &Repo, args: &Migrate, earlier: &Inputs) -> Result<Merges> {
    match (args.merges, merges_of(earlier)) {
        (None, Merges::Drop) => Ok(Merges::Drop),
        (typed, _) => settings::merges(repo, typed),
    }
}

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

pub(super) fn options(repo: &Repo, args: &Migrate, earlier: Option<&Inputs>) -> Result<Options> {
    let earlier = earlier.map(|inputs| &inputs.options);
    Ok(Options {
        on_conflict: match (args.on_conflict, earlier) {
            (None, Some(earlier)) => earlier.on_conflict,
            (typed, _) => settings::on_conflict(repo, typed)?,
        },
        upstream: match (args.upstream, earlier) {
            (None, Some(earlier)) => earlier.upstream,
            (typed, _) => settings::upstream(repo, typed)?,
        },
        methods: match (&args.methods, earlier) {
            (None, Some(earlier)) => earlier.methods.clone(),
            (typed, _) => settings::methods(repo, typed.as_ref())?,
        },
        look_up: match (args.look_up, earlier) {
            (None, Some(earlier)) if !args.optional => earlier.look_up,
            (typed, _) => settings::look_up(repo, typed, args.optional)?,
        },
        limits: limits(repo, args, earlier.map(|earlier| earlier.limits))?,
        model: None,
        memory: settings::memory(repo, !args.no_memory)?,
        additions: Additions {
            note: args.note.clone().or_else(|| earlier.and_then(|earlier| earlier.additions.note.clone())),
            signs: args.signoff || earlier.is_some_and(|earlier| earlier.additions.signs),
        },
        signing: args.signing.given().or_else(|| earlier.map(|earlier| earlier.signing.clone())).unwrap_or_default(),
        doubted: earlier.map(|earlier| earlier.doubted.clone()).unwrap_or_default(),
    })
}

/// What is typed, else what the run was begun with, else what is set.
fn limits(repo: &Repo, args: &Migrate, earlier: Option<Limits>) -> Result<Limits> {
    let set = match earlier {
        Some(earlier) => earlier,
        None => settings::limits(repo)?,
    };
    Ok(Limits {
        min_confidence: args.min_confidence.or(set.min_confidence),
        max_distance: args.max_distance.or(set.max_distance),
    })
}

pub(super) fn target(repo: &Repo, args: &Migrate, earlier: Option<&Inputs>) -> Target {
    let given = earlier.and_then(given_branch).map(str::to_owned);
    Target {
        branch: args.branch.clone().or(given).or_else(|| settings::branch(repo, None)),
        allowed: args.regardless.allowed(),
        decisions: Vec::new(),
        stacked: if args.update_refs { StackedBranches::Along } else { StackedBranches::Alone },
        leaving_out: if args.drop_reverted { LeavingOut::Reverted } else { LeavingOut::None },
        folding: if args.autosquash { Folding::Autosquash } else { Folding::None },
        expect_tree: args.expect_tree.clone(),
        leaves: if args.dry_run { Leaves::Nothing } else { Leaves::Run },
    }
}

pub(super) fn manner(args: &Migrate) -> Manner {
    Manner {
        format: if args.json { Format::Json } else { Format::Text },
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
        progress: match (args.progress, args.no_progress) {
            (true, _) => Progress::Always,
            (_, true) => Progress::Never,
            _ => Progress::Auto,
        },
    }
}

/// Commits from standard input: the first word of each line, so that `git log --oneline` can be piped in.
fn standard_input() -> Result<Vec<String>> {
    let lines = input::lines()?;
    Ok(lines.iter().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
