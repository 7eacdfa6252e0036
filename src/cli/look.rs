//! `git kmigrate status`, `list` and `log`: where a run stands, and how it came there.

use super::Exit;
use super::args::{List, Run};
use crate::error::{Error, Result};
use crate::git::{Git, Oid, Repo, Store, Writes};
use crate::rebase::{OpenRun, laid_out, read_record, source_now, tell_checks};
use crate::report::{self, Standing, State};
use crate::run::{Record, RunName};

/// The record of the last walk of a run, if one was finished.
pub(super) fn record(repo: &Repo, store: &mut Store, run: &OpenRun) -> Result<Option<Record>> {
    let name = RunName(run.inputs()?.branch.clone());
    match repo.object(&name.record())? {
        Some(id) => {
            let mut record = read_record(store, id)?;
            tell_checks((repo, store), run, &mut record)?;
            Ok(Some(record))
        }
        None => Ok(None),
    }
}

/// The record, or the way to one.
pub(super) fn walked(repo: &Repo, store: &mut Store, run: &OpenRun) -> Result<Record> {
    record(repo, store, run)?.ok_or_else(not_finished)
}

fn not_finished() -> Error {
    Error::fatal("the walk of this run was not finished").hint("git kmigrate continue walks again; nothing is lost")
}

/// A run that can be told of: its name, its record, and the commit of that.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) id: Oid,
    pub(super) record: Record,
}

/// The run that is meant, be it one that was worked on here, a record that was fetched, or one whose folder is gone.
pub(super) fn told(repo: &Repo, store: &mut Store, branch: Option<&str>) -> Result<Told> {
    let run = OpenRun::look(repo, branch);
    let name = match (branch, &run) {
        (Some(run), _) => RunName(run.to_owned()).record(),
        (None, Ok(run)) => RunName(run.inputs()?.branch.clone()).record(),
        (None, Err(_)) => RunName::LAST.to_owned(),
    };
    match (repo.object(&name)?, run) {
        (Some(id), run) => {
            let mut record = read_record(store, id)?;
            if let Ok(run) = &run {
                tell_checks((repo, store), run, &mut record)?;
            }
            Ok(Told { name: record.inputs.branch.clone(), id, record })
        }
        (None, Ok(_)) => Err(not_finished()),
        // Which runs there are is told by that.
        (None, Err(e)) if branch.is_some() => Err(e),
        (None, Err(_)) => Err(Error::fatal(format!("there is no record of a run ({name})"))
            .hint("a run makes one: git kmigrate <range> --onto <new upstream> (but not with --dry-run)")),
    }
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
    report::list(&repo, shown, record.outcomes.len(), args.json)?;
    Ok(Exit::Done)
}

/// What was done.
pub fn log(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::look(&repo, args.run.as_deref())?;
    report::log(&repo, run.journal().done())?;
    Ok(Exit::Done)
}
