//! `git kmigrate accept`, `drop` and `reset`: decisions that the next `continue` walks with.

mod ticked;

use super::args::{Accept, Choose, Which};
use super::{Exit, look, show, words};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Writes};
use crate::rebase::{OpenRun, Side, choose_side, put_away, seen};
use crate::report;
use crate::run::{FileOutcome, Flag, Operation, Outcome, Record, Status};

/// A run that somebody decides in.
struct Opened {
    repo: Repo,
    run: OpenRun,
    record: Record,
}

fn open(branch: Option<&str>) -> Result<Opened> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::find(&repo, branch)?.going()?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = look::walked(&repo, &mut store, &run)?;
    Ok(Opened { repo, run, record })
}

impl Opened {
    fn named(&self, which: &[String]) -> Result<Vec<&Outcome>> {
        which.iter().map(|w| show::find(&self.repo, &self.record, Some(w))).collect()
    }

    /// The commits that came out and that somebody should look at.
    fn to_review(&self) -> impl Iterator<Item = &Outcome> {
        self.record.outcomes.iter().filter(|o| o.has(Flag::ToReview) && refuse_open(o).is_ok())
    }

    /// The commits to review whose confidence is known and at least this.
    fn confident(&self, least: f64) -> Result<Vec<&Outcome>> {
        let open: Vec<&Outcome> = self.to_review().collect();
        if !open.is_empty() && open.iter().all(|o| o.confidence.is_none()) {
            return Err(Error::fatal("no commit to review has a confidence, so none can be chosen by it")
                .hint("accept them by number, or --all"));
        }
        Ok(open.into_iter().filter(|o| o.confidence.is_some_and(|c| c >= least)).collect())
    }

    /// What is laid out of these commits must not overrule what is decided of them now.
    fn put_away(&self, commits: &[&Outcome]) -> Result<()> {
        let mut store = self.repo.store(Writes::Nowhere)?;
        report::put_away(&put_away((&self.repo, &mut store), &self.run, commits)?);
        Ok(())
    }

    /// What is written down where these are accepted.
    fn acceptances(&self, chosen: &[&Outcome]) -> Result<Vec<Operation>> {
        let mut store = self.repo.store(Writes::Nowhere)?;
        let mut operations = Vec::with_capacity(chosen.len());
        for outcome in chosen {
            let seen = seen((&self.repo, &mut store), &self.record, outcome)?;
            operations.push(Operation::Accept { old: outcome.old.clone(), seen });
        }
        Ok(operations)
    }

    fn decide(mut self, operations: Vec<Operation>, done: &str) -> Result<Exit> {
        let count = operations.len();
        self.run.append(operations)?;
        report::say(&format!("{count} {done}\n"))?;
        report::advise(&["git kmigrate continue walks again with it".to_owned()]);
        Ok(Exit::Done)
    }
}

/// Accepts commits as they came out.
pub fn accept(args: &Accept) -> Result<Exit> {
    if let Some(file) = &args.from {
        return ticked::accept(args, file);
    }
    let opened = open(args.run.run.as_deref())?;
    let chosen = match (args.all, args.min_confidence) {
        (true, _) => without_assisted(opened.to_review().collect())?,
        (false, Some(least)) => without_assisted(opened.confident(least)?)?,
        (false, None) => opened.named(&args.which)?,
    };
    for outcome in &chosen {
        refuse_open(outcome)?;
    }
    // An acceptance of what nobody asks to look at would silence what comes up later.
    let (chosen, settled): (Vec<&Outcome>, Vec<&Outcome>) = chosen.into_iter().partition(|o| o.has(Flag::ToReview));
    let settled: Vec<String> = settled.iter().map(|o| format!("commit {} has nothing to review", o.n)).collect();
    if chosen.is_empty() && !settled.is_empty() {
        return Err(Error::fatal(settled.join("; ")).hint("see git kmigrate list --open"));
    }
    settled.iter().for_each(|said| report::warn(&format!("{said}, and is not accepted")));
    let operations = opened.acceptances(&chosen)?;
    opened.decide(operations, "accepted")
}

/// Without what only a model settled: that is accepted by whoever has looked at it, and not in a heap with others.
fn without_assisted(chosen: Vec<&Outcome>) -> Result<Vec<&Outcome>> {
    let (assisted, chosen): (Vec<&Outcome>, Vec<&Outcome>) = chosen.into_iter().partition(|o| o.has(Flag::Assisted));
    let numbers: Vec<String> = assisted.iter().map(|o| o.n.to_string()).collect();
    if numbers.is_empty() {
        return Ok(chosen);
    }
    let said = format!("only a model settled a part of these commits, so they are left out: {}", numbers.join(", "));
    let way = format!("look at them, and accept them by number: git kmigrate accept {}", numbers.join(" "));
    if chosen.is_empty() {
        return Err(Error::fatal(said).hint(way));
    }
    report::warn(&said);
    report::advise(&[way]);
    Ok(chosen)
}

/// What has not come out cannot be accepted.
fn refuse_open(outcome: &Outcome) -> Result<()> {
    let n = outcome.n;
    match outcome.status {
        Status::Conflicted => Err(Error::fatal(format!("commit {n} is conflicted and cannot be accepted as it is"))
            .hint(format!("settle it: git kmigrate edit {n}"))),
        Status::Pending => Err(Error::fatal(format!("commit {n} was not looked at: the walk stopped before it"))),
        Status::Skipped => Err(Error::fatal(format!("commit {n} was skipped, so there is nothing to accept"))),
        Status::Unmodified | Status::Modified | Status::Upstream | Status::Empty | Status::Dropped => Ok(()),
    }
}

/// Leaves commits out.
pub fn drop_commits(args: &Which) -> Result<Exit> {
    let opened = open(args.run.run.as_deref())?;
    let chosen = opened.named(&args.which)?;
    let operations = chosen.iter().map(|o| Operation::Drop { old: o.old.clone(), because: None }).collect();
    opened.put_away(&chosen)?;
    opened.decide(operations, "to be left out")
}

/// Forgets what was decided of commits.
pub fn reset(args: &Which) -> Result<Exit> {
    let opened = open(args.run.run.as_deref())?;
    let decisions = opened.run.decisions();
    // What was decided of a commit that the series does not have any more can be forgotten, too.
    let stray = |which: &String| {
        let mut known =
            decisions.commits().into_iter().filter(|old| which.len() >= 7 && old.starts_with(which.as_str()));
        known.next().filter(|_| known.next().is_none()).map(str::to_owned)
    };
    let (strays, inside): (Vec<&String>, Vec<&String>) = args
        .which
        .iter()
        .partition(|which| stray(which).is_some_and(|old| !opened.record.outcomes.iter().any(|o| o.old == old)));
    let inside: Vec<String> = inside.into_iter().cloned().collect();
    let chosen = opened.named(&inside)?;
    opened.put_away(&chosen)?;
    let commits = chosen.iter().map(|o| o.old.clone()).chain(strays.into_iter().filter_map(stray));
    let operations = commits.map(|old| Operation::Reset { old }).collect();
    opened.decide(operations, "without decisions now")
}

/// Settles conflicted files of a commit by one side.
pub fn choose(args: &Choose) -> Result<Exit> {
    let mut opened = open(args.run.run.as_deref())?;
    let (which, path) = match args.which.split_once(':') {
        Some((which, path)) => (which, Some(path)),
        None => (args.which.as_str(), None),
    };
    let outcome = show::find(&opened.repo, &opened.record, Some(which))?;
    let wanted = |f: &&FileOutcome| f.conflict.is_some() && path.is_none_or(|p| p == f.path);
    let files: Vec<&FileOutcome> = outcome.files.iter().filter(wanted).collect();
    if files.is_empty() {
        return Err(Error::fatal(format!("'{}' names no conflicted file of this run", args.which))
            .hint("see git kmigrate list --open"));
    }
    let side = match args.candidate {
        words::Candidate::Ours => Side::Ours,
        words::Candidate::Theirs => Side::Theirs,
        words::Candidate::Base => Side::Base,
        words::Candidate::Union => Side::Union,
    };
    opened.put_away(&[outcome])?;
    let mut store = opened.repo.store(Writes::Packs)?;
    let operations =
        choose_side((&opened.repo, &mut store), (&mut opened.run, &opened.record), (outcome, &files), side)?;
    opened.decide(operations, "files settled")
}
