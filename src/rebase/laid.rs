//! Commits that are laid out, as those see them who would overrule what is in there, or who find that the series has gone on.

use super::OpenRun;
use super::desk::{clear, is_of_series, laid_out, refuse_standing_in, take_folder, whose};
use crate::error::{Error, Result};
use crate::git::{Repo, Store};
use crate::run::Outcome;
use std::path::PathBuf;

/// The folders whose commits the series does not have any more. Nobody takes them back, and nobody removes them.
///
/// # Errors
/// The disk.
pub fn strangers(run: &OpenRun) -> Result<Vec<PathBuf>> {
    let mut found = laid_out(run)?;
    let inputs = run.inputs()?;
    found.retain(|dir| !is_of_series(dir, inputs));
    Ok(found)
}

/// Removes the folders of commits about which something else was decided, if nobody touched them; returns what was removed.
///
/// # Errors
/// Somebody did: what stands there would overrule the decision, or the decision lose it. Nothing was removed then.
pub fn put_away((repo, store): (&Repo, &mut Store), run: &OpenRun, commits: &[&Outcome]) -> Result<Vec<PathBuf>> {
    let mut away = Vec::new();
    for dir in laid_out(run)? {
        let old = whose(&dir, commits.iter().map(|o| o.old.as_str()));
        let Some(outcome) = commits.iter().find(|o| Some(o.old.as_str()) == old) else {
            continue;
        };
        let (n, files) = (outcome.n, dir.join("files"));
        let hinted = |e: Error| {
            e.hint("git kmigrate continue takes it back; or put the files back as they were, and decide again")
        };
        let doing = || format!("commit {n} is laid out in {}", files.display());
        let (_, changes) = take_folder(repo, store, &dir).map_err(|e| hinted(e.while_doing(doing())))?;
        if !changes.is_empty() {
            return Err(hinted(Error::fatal(format!("{}, and was edited there", doing()))));
        }
        away.push(dir);
    }
    refuse_standing_in(repo, &away)?;
    away.iter().try_for_each(|dir| clear(repo, dir))?;
    Ok(away)
}
