//! Commits that are laid out, as those see them who would overrule what is in there, or who find that the series has gone on.

use super::OpenRun;
use super::desk::{clear, laid_out, take_folder};
use crate::error::{Error, Result, io};
use crate::git::{Repo, Store};
use crate::run::{Inputs, Outcome};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The commit of the old series that a folder was laid out for.
///
/// # Errors
/// Its manifest cannot be read.
pub fn owner(dir: &Path) -> Result<String> {
    #[derive(Deserialize)]
    struct Owner {
        old: String,
    }
    let path = dir.join("manifest.json");
    let text = fs::read(&path).map_err(io(path.display()))?;
    let owner: Owner =
        serde_json::from_slice(&text).map_err(|e| Error::fatal(format!("{} cannot be read: {e}", path.display())))?;
    Ok(owner.old)
}

/// Was the folder laid out for a commit that the series has?
///
/// # Errors
/// Its manifest cannot be read.
pub fn is_of_series(dir: &Path, inputs: &Inputs) -> Result<bool> {
    Ok(inputs.commits.contains(&owner(dir)?))
}

/// The folders whose commits the series does not have any more. Nobody takes them back, and nobody removes them.
///
/// # Errors
/// The disk.
pub fn strangers(run: &OpenRun) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for dir in laid_out(run)? {
        if !is_of_series(&dir, run.inputs()?)? {
            found.push(dir);
        }
    }
    Ok(found)
}

/// Refuses to show as this commit what was laid out for another one at the same position.
///
/// # Errors
/// It was.
pub fn refuse_stranger(run: &OpenRun, outcome: &Outcome) -> Result<()> {
    let dir = run.dir().join("edit").join(outcome.n.to_string());
    if !dir.join("manifest.json").exists() || owner(&dir)? == outcome.old {
        return Ok(());
    }
    let files = dir.join("files");
    Err(Error::fatal(format!("another commit, which was {} then, is laid out in {}", outcome.n, files.display()))
        .hint(format!("if its work is not wanted any more, remove {}", dir.display())))
}

/// Removes the folders of commits about which something else was decided, if nobody touched them; returns what was removed.
///
/// # Errors
/// Somebody did: what stands there would overrule the decision, or the decision lose it. Nothing was removed then.
pub fn put_away((repo, store): (&Repo, &mut Store), run: &OpenRun, commits: &[&Outcome]) -> Result<Vec<PathBuf>> {
    let mut away = Vec::new();
    for dir in laid_out(run)? {
        let old = owner(&dir)?;
        let Some(outcome) = commits.iter().find(|o| o.old == old) else {
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
    for dir in &away {
        // First what makes it a laid out commit.
        let manifest = dir.join("manifest.json");
        fs::remove_file(&manifest).map_err(io(manifest.display()))?;
        clear(repo, dir)?;
    }
    Ok(away)
}
