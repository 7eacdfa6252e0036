//! A sparse linked worktree of one commit: the folders it touches, with git's own index over them.
//!
//! It stands as a cherry-pick stands that was stopped: `HEAD` is what the commit is picked onto, the index and the files are
//! the commit, and conflicted files have their three stages. The repository's own configuration is not touched.

use super::program::Git;
use super::{Oid, Repo};
use crate::error::{Error, Result, io};
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A stage of a conflicted file in the index: 1 base, 2 ours, 3 theirs.
#[derive(Clone, Debug)]
pub struct Stage {
    /// In the tree.
    pub path: BString,
    /// 1, 2 or 3.
    pub stage: usize,
    /// Of the file.
    pub mode: u32,
    /// Of the blob.
    pub id: Oid,
}

impl Repo {
    /// Makes a worktree with the folders of `paths`: `HEAD` at `onto`, index and files as in `commit`.
    ///
    /// # Errors
    /// git fails; what it had made is removed.
    pub fn add_worktree(&self, dir: &Path, (onto, commit): (Oid, Oid), paths: &[BString]) -> Result<()> {
        let place = utf8(dir)?;
        self.git.output(&["worktree", "add", "-q", "-f", "--no-checkout", "--detach", place, &onto.to_string()])?;
        let made = fill(&self.git.in_worktree(dir), commit, paths);
        if made.is_err() {
            // The first error is the one to report.
            let _ = self.remove_worktree(dir);
        }
        made
    }

    /// Puts the stages of conflicted files into the index of a worktree.
    ///
    /// # Errors
    /// git fails.
    pub fn stage(&self, dir: &Path, stages: &[Stage]) -> Result<()> {
        let mut input = Vec::new();
        let paths: BTreeSet<&BString> = stages.iter().map(|s| &s.path).collect();
        let zero = "0".repeat(2 * super::object::raw_len(self.format()));
        for path in paths {
            input.extend_from_slice(format!("0 {zero}\t").as_bytes());
            input.extend_from_slice(path);
            input.push(0);
        }
        for Stage { path, stage, mode, id } in stages {
            input.extend_from_slice(format!("{mode:06o} {id} {stage}\t").as_bytes());
            input.extend_from_slice(path);
            input.push(0);
        }
        self.git.in_worktree(dir).output_with(&["update-index", "-z", "--index-info"], &input).map(drop)
    }

    /// The paths of a worktree whose files are not those of `commit`, new and removed ones too; ignored files don't count.
    ///
    /// # Errors
    /// git fails.
    pub fn changed_in_worktree(&self, dir: &Path, commit: Oid) -> Result<BTreeSet<BString>> {
        let git = self.git.in_worktree(dir);
        let id = commit.to_string();
        let tracked = git.output(&["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", &id])?;
        let new = git.output(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        let paths = tracked.split_str("\0").chain(new.split_str("\0"));
        Ok(paths.filter(|p| !p.is_empty()).map(BString::from).collect())
    }

    /// Removes a worktree with all that is in it.
    ///
    /// # Errors
    /// git fails.
    pub fn remove_worktree(&self, dir: &Path) -> Result<()> {
        self.git.output(&["worktree", "remove", "--force", utf8(dir)?]).map(drop)
    }
}

/// Checks out the folders of some paths.
fn fill(git: &Git, commit: Oid, paths: &[BString]) -> Result<()> {
    let said = git.output(&["rev-parse", "--path-format=absolute", "--git-path", "info/sparse-checkout"])?;
    let file = Path::new(std::ffi::OsStr::from_bytes(said.trim_end()));
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).map_err(io(parent.display()))?;
    fs::write(file, patterns(paths)).map_err(io(file.display()))?;
    let sparse = ["-c", "core.sparseCheckout=true", "-c", "core.sparseCheckoutCone=false"];
    git.output(&[&sparse[..], &["read-tree", "-m", "-u", &commit.to_string()]].concat()).map(drop)
}

/// Sparse patterns for the files of each path's folder, without the folders below it.
fn patterns(paths: &[BString]) -> Vec<u8> {
    let folder = |path: &BString| path.rsplit_once_str("/").map(|(dir, _)| BString::from(dir)).unwrap_or_default();
    let folders: BTreeSet<BString> = paths.iter().map(folder).collect();
    let mut text = Vec::new();
    // Folders above come first: what is taken away below one must not take away another.
    for folder in folders {
        let mut at = BString::from("/");
        if !folder.is_empty() {
            for byte in folder.bytes() {
                if b"*?[\\".contains(&byte) {
                    at.push(b'\\');
                }
                at.push(byte);
            }
            at.push(b'/');
        }
        text.extend_from_slice(&[at.as_slice(), b"*\n!", &at, b"*/\n"].concat());
    }
    text
}

fn utf8(dir: &Path) -> Result<&str> {
    dir.to_str().ok_or_else(|| Error::fatal(format!("a worktree needs a path that is UTF-8, not {}", dir.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_is_had_without_those_below_it() {
        let paths = ["Makefile", "drivers/net/a.c", "drivers/net/b.c", "odd[dir/x"].map(BString::from);
        let said = String::from_utf8(patterns(&paths)).expect("text");
        assert_eq!(said, "/*\n!/*/\n/drivers/net/*\n!/drivers/net/*/\n/odd\\[dir/*\n!/odd\\[dir/*/\n");
    }
}
