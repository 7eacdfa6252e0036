//! Taking back what the last finish moved; forgetting a run.

use super::OpenRun;
use super::desk::{all_folders, clear, refuse_standing_in, sweep};
use super::open_run::refuse_checked_out;
use crate::error::{Error, Result};
use crate::git::{Move, Repo};
use crate::run::{Journal, Operation, RefMove, RunName};

/// Puts back the refs that the last finish moved, if nobody has moved them since. An undo that was cut short is finished, and that is all:
/// whoever asks for it again does not mean the finish before that one.
///
/// # Errors
/// There is nothing to undo, a ref was moved since, or the branch is checked out. No ref is moved then.
pub fn undo_last(repo: &Repo, run: &mut OpenRun) -> Result<Vec<Move>> {
    if !run.finished_undo().is_empty() {
        return Ok(run.finished_undo().to_vec());
    }
    let Some(moves) = last_finish(run.journal()) else {
        return Err(Error::fatal("there is nothing to undo: no refs were moved since the last undo"));
    };
    let mut back = Vec::new();
    for (name, old, new) in moves {
        let now = repo.object(name)?;
        if now != repo.written_id(new.as_deref()) {
            return Err(Error::fatal(format!("{name} was moved since, so it is not put back"))
                .hint(format!("see git reflog show {name}")));
        }
        back.push(Move { name: name.clone(), new: repo.written_id(old.as_deref()), old: now });
    }
    refuse_checked_out(repo, &back)?;
    // The objects of the record that is put back may not be there: git says so, and moves nothing.
    run.move_refs(repo, (&back, "kmigrate (undo)"), |moves| Operation::Undo { moves })?;
    Ok(back)
}

/// The last finish that no undo took back.
fn last_finish(journal: &Journal) -> Option<&[RefMove]> {
    let mut undone = 0;
    for operation in journal.done().rev() {
        match operation {
            Operation::Undo { .. } => undone += 1,
            Operation::Finish { .. } if undone > 0 => undone -= 1,
            Operation::Finish { moves } => return Some(moves),
            _ => {}
        }
    }
    None
}

/// Removes the refs and the folder of a run.
///
/// # Errors
/// A ref or a folder cannot be removed; then the journal stays, and it can be done again.
pub fn forget(repo: &Repo, run: OpenRun) -> Result<()> {
    refuse_standing_in(repo, &[run.dir().to_owned()])?;
    // Also what a killed process left: git must not go on listing its worktrees.
    all_folders(&run)?.iter().try_for_each(|dir| clear(repo, dir))?;
    sweep(repo, &run)?;
    let branch = run.journal().inputs().map(|i| i.branch.clone()).unwrap_or_default();
    let name = RunName(branch);
    let record = repo.object(&name.record())?;
    let mut gone = Vec::new();
    for (name, now) in [
        (name.tip(), repo.object(&name.tip())?),
        (name.source(), repo.object(&name.source())?),
        (name.written(), repo.object(&name.written())?),
        (name.fixes(), repo.object(&name.fixes())?),
        (name.record(), record),
    ] {
        gone.extend(now.map(|old| Move { name, new: None, old: Some(old) }));
    }
    if record.is_some() && repo.object(RunName::LAST)? == record {
        repo.point(RunName::LAST, None, "kmigrate (abort)")?;
    }
    if !gone.is_empty() {
        repo.move_refs(&gone, "kmigrate (abort)")?;
    }
    run.forget()
}
