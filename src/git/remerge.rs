//! Merge commits in a range: refused by name, or left out where re-merging their parents gives the very same tree.

use super::{Commit, Git, Oid, Repo};
use crate::error::{Error, Result};
use bstr::ByteSlice;

/// Merge commits in the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merges {
    /// Stop, naming them.
    Refuse,
    /// Leave them out, if re-merging their parents gives the very same tree.
    Drop,
}

/// How many merges a message names.
const NAMED: usize = 5;

/// Takes the merge commits out of `commits` and returns their ids.
///
/// # Errors
/// Merges are refused, or one of them holds changes of its own.
pub fn without_merges(repo: &Repo, commits: &mut Vec<Commit>, policy: Merges) -> Result<Vec<Oid>> {
    let merges: Vec<&Commit> = commits.iter().filter(|c| c.parents.len() > 1).collect();
    if merges.is_empty() {
        return Ok(Vec::new());
    }
    if policy == Merges::Refuse {
        return Err(naming(&format!("the series holds {} merge commits", merges.len()), &merges)
            .hint("--merges=drop leaves out merges that hold no change of their own"));
    }
    // Merging again makes objects, which nobody needs afterwards.
    let scratch = tempfile::tempdir().map_err(crate::error::io("a temporary folder"))?;
    let git = repo.git.writing_to(scratch.path(), &repo.place().objects);
    let mut evil = Vec::new();
    for merge in &merges {
        if !is_plain(repo, &git, merge)? {
            evil.push(*merge);
        }
    }
    if !evil.is_empty() {
        return Err(naming("merge commits with changes of their own cannot be left out", &evil)
            .hint("flatten them first (git rebase), or give the ranges around them"));
    }
    let ids = merges.iter().map(|c| c.id).collect();
    commits.retain(|c| c.parents.len() < 2);
    Ok(ids)
}

fn is_plain(repo: &Repo, git: &Git, merge: &Commit) -> Result<bool> {
    let [a, b] = merge.parents[..] else {
        return Ok(false);
    };
    let (a, b) = (a.to_string(), b.to_string());
    let args = ["-c", "merge.renames=true", "merge-tree", "--write-tree", &a, &b];
    let output = git.run(&args, b"")?;
    let tree = output.stdout.lines().next().and_then(|l| repo.parse_id(l));
    Ok(output.status.success() && tree == Some(merge.tree))
}

fn naming(what: &str, merges: &[&Commit]) -> Error {
    let mut error = Error::fatal(what);
    for merge in merges.iter().take(NAMED) {
        error = error.hint(format!("{} {}", &merge.id.to_string()[..12], merge.subject()));
    }
    match merges.len().saturating_sub(NAMED) {
        0 => error,
        more => error.hint(format!("... and {more} more")),
    }
}
