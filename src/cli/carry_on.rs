//! `git kmigrate continue`, `abort` and `undo`.

use super::args::{Continue, Run};
use super::{Exit, look, migrate};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Writes};
use crate::rebase::{OpenRun, Rebase, Target, Unsettled, forget, take_back, undo_last};
use crate::report::{self, Format, Manner, Verbosity};
use crate::run::{Operation, Progress, Status};

/// Takes back what was edited and walks again.
pub fn resume(args: &Continue) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.run.as_deref())?;
    let inputs = look::inputs(&run)?.clone();
    let mut store = repo.store(Writes::Packs)?;
    let taken = take_back(&repo, &mut store, (&mut run, &inputs))?;
    if !args.quiet && !args.json {
        report::taken_back(&inputs, &taken)?;
    }
    let mut allowed = Vec::new();
    if args.allow_conflicts {
        allowed.push(Unsettled::Conflicts);
    }
    if args.unreviewed {
        allowed.push(Unsettled::Unreviewed);
    }
    let target = Target {
        branch: Some(inputs.branch),
        allowed,
        decisions: Vec::new(),
        expect_tree: None,
        writes: Writes::Packs,
    };
    let manner = Manner {
        format: if args.json { Format::Json } else { Format::Text },
        verbosity: if args.quiet { Verbosity::Quiet } else { Verbosity::Normal },
        progress: Progress::Auto,
    };
    migrate::walk(Rebase::resume(repo, run, target)?, manner)
}

/// Leaves out the first conflicted commit and walks again.
pub fn skip(args: &Continue) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.run.as_deref())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = look::walked(&repo, &mut store, &run)?;
    let first = record.outcomes.iter().find(|o| o.status == Status::Conflicted);
    let first = first.ok_or_else(|| Error::fatal("no commit of this run is conflicted, so there is none to skip"))?;
    run.append([Operation::Drop { old: first.old.clone() }])?;
    drop(run);
    resume(args)
}

/// Forgets the run.
pub fn abort(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::find(&repo, args.run.as_deref())?;
    let branch = look::inputs(&run)?.branch.clone();
    forget(&repo, run)?;
    report::say(&format!("the run of {branch} is forgotten; branches are where they were\n"))?;
    Ok(Exit::Done)
}

/// Puts refs back.
pub fn undo(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.as_deref())?;
    let moved = undo_last(&repo, &mut run)?;
    report::undone(&moved)?;
    Ok(Exit::Done)
}
