//! `git kmigrate show [<n>|<commit>]`.

use super::args::Show;
use super::{Exit, look, settings};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Writes};
use crate::report;
use crate::run::{Outcome, Record};

/// Runs it.
pub fn run(args: &Show) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    settings::colour(&repo, args.color);
    let mut store = repo.store(Writes::Nowhere)?;
    let record = look::told(&repo, &mut store, args.run.as_deref())?.record;
    let outcome = find(&repo, &record, args.which.as_deref())?;
    if args.machine {
        report::show_machine(&repo, &mut store, (&record, outcome))?;
    } else if args.json {
        report::show_json(outcome)?;
    } else {
        report::show(&repo, &mut store, (&record, outcome))?;
    }
    Ok(Exit::Done)
}

pub(super) fn find<'a>(repo: &Repo, record: &'a Record, which: Option<&str>) -> Result<&'a Outcome> {
    let all = &record.outcomes;
    let Some(which) = which else {
        let open = all.iter().find(|o| !o.is_accepted());
        return open.or(all.first()).ok_or_else(|| Error::fatal("the run has no commits"));
    };
    let missing = || {
        Error::fatal(format!("'{which}' is no commit of this run"))
            .hint(format!("give a position from 1 to {}, or a commit of the series", all.len()))
    };
    if let Ok(n) = which.parse::<usize>()
        && n <= all.len()
    {
        return n.checked_sub(1).and_then(|at| all.get(at)).ok_or_else(missing);
    }
    let id = repo.resolve(which).map_err(|_| missing())?.to_string();
    let held = record.inputs.folds.holder(&id);
    let named = |o: &&Outcome| o.old == held || o.new.as_ref() == Some(&id);
    all.iter().find(named).ok_or_else(missing)
}
