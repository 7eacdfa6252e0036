//! `git kmigrate status`, `list` and `log`: where a run stands, and how it came there.

use super::Exit;
use super::args::{List, Run};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Store, Writes};
use crate::rebase::{OpenRun, laid_out, read_record, source_now};
use crate::report::{self, Standing, State};
use crate::run::{Record, RunName};

/// The record of the last walk of a run, if one was finished.
pub(super) fn record(repo: &Repo, store: &mut Store, run: &OpenRun) -> Result<Option<Record>> {
    let name = RunName(run.inputs()?.branch.clone());
    match repo.object(&name.record())? {
        Some(id) => Ok(Some(read_record(store, id)?)),
        None => Ok(None),
    }
}

/// The record, or the way to one.
pub(super) fn walked(repo: &Repo, store: &mut Store, run: &OpenRun) -> Result<Record> {
    record(repo, store, run)?.ok_or_else(|| {
        Error::fatal("the walk of this run was not finished").hint("git kmigrate continue walks again; nothing is lost")
    })
}

/// Where the run stands.
pub fn status(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::look(&repo, args.run.as_deref())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = record(&repo, &mut store, &run)?;
    let inputs = run.inputs()?;
    let branch = repo.object(&format!("refs/heads/{}", inputs.branch))?.map(|id| id.to_string());
    report::status(&Standing {
        inputs,
        source: source_now(&repo, inputs)?,
        state: match (run.is_busy(), run.journal().is_quit()) {
            (true, _) => State::Busy,
            (false, true) => State::Quit,
            (false, false) => State::Open,
        },
        branch,
        record: record.as_ref(),
        edits: laid_out(&run)?,
        decisions: &run.decisions(),
    })?;
    Ok(Exit::Done)
}

/// All commits, or those that need a person.
pub fn list(args: &List) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::look(&repo, args.run.run.as_deref())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = walked(&repo, &mut store, &run)?;
    let shown = record.outcomes.iter().filter(|o| !args.open || !o.is_accepted());
    report::list(shown, record.outcomes.len(), args.json)?;
    Ok(Exit::Done)
}

/// What was done.
pub fn log(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::look(&repo, args.run.as_deref())?;
    report::log(run.journal().done())?;
    Ok(Exit::Done)
}
