//! Branches that are stacked inside a series (`--update-refs`): each that stands at one of its commits gets a new one on the new kernel, at what
//! became of that commit, in the same transaction as the run's own branch.
//!
//! ```text
//!   v6.1 -- a -- b -- c        topic: c, part: b          source branches stay where they are
//!   v6.12 -- a' -- b' -- c'    topic-v6.12: c', part-v6.12: b'
//! ```

use super::OpenRun;
use super::branch::joined;
use crate::error::{Error, Result};
use crate::git::{Move, Oid, Repo, Series};
use crate::run::{Inputs, Operation, Outcome, Stacked};
use bstr::ByteSlice;
use std::collections::BTreeMap;

/// The branches that stand at commits of a series, beside the one that it was read from; each with the name of its new one.
///
/// # Errors
/// git fails.
pub fn stacked(repo: &Repo, series: &Series, inputs: &Inputs) -> Result<Vec<Stacked>> {
    let said = repo.git.output(&["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads"])?;
    let mut found = Vec::new();
    for line in said.lines() {
        let Some((at, reference)) = line.split_once_str(" ") else { continue };
        let reference = reference.to_str_lossy().into_owned();
        let now = inputs.folds.now(&at.to_str_lossy()).to_owned();
        let Some(at) = repo.parse_id(now.as_bytes()).filter(|at| series.commits.iter().any(|commit| commit.id == *at))
        else {
            continue;
        };
        let source = reference.trim_start_matches("refs/heads/").to_owned();
        let branch = joined(&source, (&series.onto_name, &series.onto.to_string()));
        if series.reference.as_ref() != Some(&reference) && branch != inputs.branch {
            found.push(Stacked { source, at: at.to_string(), branch });
        }
    }
    Ok(found)
}

/// Where the new branches go: the commit that theirs became, or the one before it that was carried.
///
/// # Errors
/// A branch of that name exists that no finish of this run left where it is, or is checked out.
pub fn moves(
    (repo, run): (&Repo, &OpenRun),
    inputs: &Inputs,
    (outcomes, onto): (&[Outcome], Oid),
) -> Result<Vec<Move>> {
    let mut tip = onto;
    let mut became: BTreeMap<&str, Oid> = BTreeMap::new();
    for outcome in outcomes {
        tip = repo.written_id(outcome.new.as_deref()).unwrap_or(tip);
        became.insert(&outcome.old, tip);
    }
    let mut moves = Vec::new();
    for Stacked { at, branch, .. } in &inputs.stacked {
        let Some(new) = became.get(at.as_str()) else { continue };
        let name = format!("refs/heads/{branch}");
        let old = repo.object(&name)?;
        if let Some(now) = old {
            refuse_taken((repo, run), &name, now)?;
        }
        moves.push(Move { name, new: Some(*new), old });
    }
    Ok(moves)
}

/// A branch that exists is moved only if this run left it there and nobody works on it.
///
/// # Errors
/// It is somebody else's.
pub fn refuse_taken((repo, run): (&Repo, &OpenRun), name: &str, now: Oid) -> Result<()> {
    let branch = name.trim_start_matches("refs/heads/");
    let hex = Some(now.to_string());
    let ours = run.journal().done().any(|operation| match operation {
        Operation::Finish { moves } => moves.iter().any(|(moved, _, new)| moved == name && *new == hex),
        _ => false,
    });
    if !ours {
        return Err(Error::fatal(format!(
            "a branch named '{branch}' exists, and this run did not leave it where it is"
        ))
        .hint("--update-refs would move it; delete or rename it"));
    }
    match repo.checked_out_at(name)? {
        Some(path) => Err(Error::fatal(format!("branch '{branch}' is checked out at {path}"))
            .hint("switch that worktree to another branch first")),
        None => Ok(()),
    }
}
