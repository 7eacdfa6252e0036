//! Which side of somebody's conflict is the patch, and which is the new kernel. Decided once for all files.
//!
//! git calls `HEAD` ours. In a cherry-pick, rebase, am and stash pop that is the new kernel, and theirs is the patch. In a merge it may
//! be either: whoever merges a stable release into a patched branch has the patch on the side of `HEAD`.

use crate::error::Result;
use crate::git::{Doing, Oid, Operation, Repo, Staged};
use crate::memory::{Id, Modes};

/// The side of a conflict, as git calls it, that is the patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patch {
    /// `HEAD`.
    Ours,
    /// What is picked, applied or merged.
    Theirs,
    /// Nobody can tell: only what comes out the same either way is taken.
    Either,
}

/// Which side is the patch, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearing {
    /// It.
    pub patch: Patch,
    /// Why, for people.
    pub because: String,
}

/// Decides.
///
/// # Errors
/// git fails.
pub fn bearing(repo: &Repo, operation: &Operation, typed: Option<Patch>) -> Result<Bearing> {
    let said = |patch, because: &str| Ok(Bearing { patch, because: because.to_owned() });
    match (typed, operation.doing) {
        (Some(patch), _) => said(patch, "--patch says so"),
        (None, Doing::CherryPick | Doing::Rebase | Doing::Am | Doing::StashPop) => {
            said(Patch::Theirs, "it is carried onto HEAD")
        }
        (None, Doing::Revert) => {
            said(Patch::Theirs, "theirs is the file before the commit, and its base the file after it")
        }
        (None, Doing::Unknown) => said(Patch::Either, "no operation is in progress that would tell"),
        (None, Doing::Merge | Doing::MergeInRebase) => of_merge(repo, operation),
    }
}

/// In a merge the upstream side is the one that a release of upstream's has.
fn of_merge(repo: &Repo, operation: &Operation) -> Result<Bearing> {
    let reached = |id: Option<Oid>| id.map_or(Ok(None), |id| repo.upstream_ref_with(id));
    let (ours, theirs) = (reached(operation.head)?, reached(operation.commit)?);
    let (patch, because) = match (ours, theirs) {
        (None, Some(name)) => (Patch::Ours, format!("{name} has what is merged")),
        (Some(name), None) => (Patch::Theirs, format!("{name} has HEAD")),
        (Some(_), Some(_)) => (Patch::Either, "releases of upstream's have both sides".to_owned()),
        (None, None) => {
            (Patch::Either, "no release tag has either side; kmigrate.upstream may name upstream's branches".to_owned())
        }
    };
    Ok(Bearing { patch, because })
}

/// Modes of base, upstream's side and the patch's.
pub(super) fn modes_of([base, ours, theirs]: [Option<Staged>; 3], patch_is_ours: bool) -> Modes {
    let sides = if patch_is_ours { [base, theirs, ours] } else { [base, ours, theirs] };
    sides.map(|side| side.map(|side| side.mode))
}

/// Ids of base, upstream's side and the patch's.
pub(super) fn oriented([base, ours, theirs]: [Option<Staged>; 3], patch_is_ours: bool) -> [Id; 3] {
    let id = |side: Option<Staged>| side.map(|side| side.id.to_string());
    if patch_is_ours { [id(base), id(theirs), id(ours)] } else { [id(base), id(ours), id(theirs)] }
}
