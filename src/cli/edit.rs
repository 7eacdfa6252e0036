//! `git kmigrate edit <n>`.

use super::args::Edit;
use super::{Exit, look, show};
use crate::error::Result;
use crate::git::{Git, Repo, Writes};
use crate::rebase::{Layout, OpenRun, discard, lay_out};
use crate::report;

/// Runs it.
pub fn run(args: &Edit) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.run.as_deref())?.going()?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = look::walked(&repo, &mut store, &run)?;
    let outcome = show::find(&repo, &record, Some(&args.which))?;
    if args.discard {
        let dir = discard(&repo, &run, outcome)?;
        report::say(&format!("{} is thrown away; nothing of it was taken back\n", dir.display()))?;
        return Ok(Exit::Done);
    }
    let layout = if args.worktree { Layout::Worktree } else { Layout::Files };
    let dir = lay_out((&repo, &mut store), &mut run, (outcome, layout))?;
    report::say(&format!("{}\n", dir.join("files").display()))?;
    report::advise(&[
        format!("edit the files of commit {} there; its sides are in base/, ours/ and theirs/ beside them", outcome.n),
        "then: git kmigrate continue".to_owned(),
    ]);
    Ok(Exit::Done)
}
