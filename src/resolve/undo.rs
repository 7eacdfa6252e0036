//! Taking back what was resolved, where nobody has changed it since: bytes on disk and stages in the index as they were.

use super::put::{stage, write_file};
use super::record::{self, Kept, Record, State, kept_bytes};
use super::standing::on_disk;
use crate::error::{Error, Result};
use crate::git::{Repo, Stages, Worktree};
use crate::run::unquoted;
use bstr::BString;

/// What was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Paths that are as they were.
    pub back: Vec<String>,
    /// Paths that somebody has changed since; they stay as they are.
    pub left: Vec<String>,
}

/// Takes it back.
///
/// # Errors
/// Nothing was resolved, or the operation is over, or something cannot be written.
pub fn undo(repo: &Repo) -> Result<Undone> {
    let worktree = repo.worktree()?;
    let _lock = record::lock(&worktree)?;
    let Some(mut record) = Record::read(&worktree)?.filter(|record| !record.files.is_empty()) else {
        return Err(Error::fatal("nothing was resolved here that could be undone")
            .hint("git kmigrate resolve takes the conflicts that a git command stopped at"));
    };
    if !is_going_on(repo, &record)? {
        let said = format!("what was resolved belongs to a {} that is over, or has gone on since", record.made_in());
        return Err(Error::fatal(said).hint("the commit that was made of it can be changed as any other"));
    }
    let paths: Vec<BString> = record.files.iter().map(|kept| unquoted(&kept.path)).collect();
    let mut now = repo.stages(&worktree, &paths)?;
    let mut undone = Undone::default();
    let mut stages: Vec<(BString, Stages)> = Vec::new();
    let mut left = Vec::new();
    for (kept, path) in record.files.iter().zip(&paths) {
        let disk = on_disk(&worktree, path);
        let state =
            State::of(&now.remove(path).unwrap_or_default(), disk.as_ref().map(|disk| (&disk.bytes[..], disk.mode)));
        match (kept.has_left(&state), kept.before.stages(repo)) {
            (true, Some(before)) => {
                put_back(&worktree, (kept, path))?;
                stages.push((path.clone(), before));
                undone.back.push(kept.path.clone());
            }
            _ if state == kept.before => {}
            _ => {
                left.push(kept.clone());
                undone.left.push(kept.path.clone());
            }
        }
    }
    if !stages.is_empty() {
        stage((repo, &worktree), &stages)?;
    }
    record.files = left;
    record.write(&worktree)?;
    record::forget_suggestions(&worktree)?;
    Ok(undone)
}

/// Is git still in the middle of what the record was made in?
fn is_going_on(repo: &Repo, record: &Record) -> Result<bool> {
    if let Some(operation) = repo.operation()? {
        return Ok(record.is_of(&operation));
    }
    // A stash pop leaves no state: its conflicts are gone now, and HEAD has not moved.
    let asked = repo.operation_of_conflicts(&[])?;
    let unknown = crate::git::Operation { doing: crate::git::Doing::Unknown, commit: None, ..asked.clone() };
    Ok(record.is_of(&asked) || record.is_of(&unknown))
}

/// The file on disk.
fn put_back(worktree: &Worktree, (kept, path): (&Kept, &BString)) -> Result<()> {
    if kept.before.disk == kept.after.disk && kept.before.mode == kept.after.mode {
        return Ok(());
    }
    let bytes = kept.before.disk.as_ref().map(|hash| kept_bytes(worktree, hash)).transpose()?;
    write_file(worktree, path, bytes.as_deref().map(|bytes| (bytes, kept.before.mode)))
}
