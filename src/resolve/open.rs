//! The conflicts that are left to people, kept until they are settled: then they are remembered.
//!
//! git forgets the three sides of a file when it is staged, so they are kept in `open.json` beside the record. In: what was resolved and what
//! not; later the index. Out: resolutions for the memory.

use super::Resolved;
use super::am::{self, is_as_head};
use super::attempted::{Attempted, Fate, Index};
use super::record::{self, State, write_whole};
use super::side::{Patch, modes_of, oriented};
use crate::error::{Result, io};
use crate::git::{Doing, Oid, Operation, Repo, Staged, Stages, Worktree, Writes};
use crate::learn;
use crate::memory::{Content, Decision, How, Id, Modes, Origin, What};
use crate::merge::Sides;
use crate::run::{quoted, unquoted};
use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};
use std::fs;

/// The file, in the folder of the record.
const FILE: &str = "open.json";

/// Files that are left to people.
#[derive(Debug, Serialize, Deserialize)]
struct Open {
    /// Which operation, as the record has it.
    operation: [String; 3],
    /// Is `HEAD` the patch?
    patch_is_ours: bool,
    /// Path, in git's quotes if it is not plain, and what the index has of it.
    files: Vec<(String, State)>,
}

/// Keeps what is left to people.
///
/// # Errors
/// The disk.
pub fn keep(worktree: &Worktree, told: &Resolved) -> Result<()> {
    let left = told.files.iter().filter(|file| file.fate != Fate::Staged);
    // Of a mail that left no stages they are those that were made of it.
    let stages = |file: &Attempted| match file.plan.index {
        Index::Stages(made) => made,
        _ => file.was,
    };
    let mut files: Vec<(String, State)> =
        left.map(|file| (quoted(file.path.as_bstr()), State::of(&stages(file), None))).collect();
    let operation = record::key(&told.operation);
    if let Some(earlier) = read(worktree).filter(|earlier| earlier.operation == operation) {
        let is_new = |(path, _): &(String, State)| files.iter().all(|(known, _)| known != path);
        let more: Vec<_> = earlier.files.into_iter().filter(is_new).collect();
        files.extend(more);
    }
    let open = Open { operation, patch_is_ours: told.bearing.patch == Patch::Ours, files };
    let dir = record::folder(worktree);
    fs::create_dir_all(&dir).map_err(io(dir.display()))?;
    write_whole(&dir.join(FILE), &serde_json::to_vec_pretty(&open).expect("paths and ids are plain data"))
}

/// What was kept; nothing if it cannot be read: it is only a help.
fn read(worktree: &Worktree) -> Option<Open> {
    serde_json::from_slice(&fs::read(record::folder(worktree).join(FILE)).ok()?).ok()
}

/// The operation that git is in the middle of, if nothing in it is conflicted any more.
///
/// # Errors
/// git fails.
pub fn ready(repo: &Repo) -> Result<Option<Operation>> {
    if !repo.conflicted(&[])?.is_empty() {
        return Ok(None);
    }
    let worktree = repo.worktree()?;
    match repo.operation()? {
        // A failed am leaves no conflict in the index: that there is none does not say that it is settled.
        Some(operation) if operation.doing == Doing::Am => {
            Ok(am::is_settled((repo, &worktree), &operation)?.then_some(operation))
        }
        Some(operation) => Ok(Some(operation)),
        None if is_as_head(repo)? => Ok(None),
        None => read(&worktree).map_or(Ok(None), |open| stateless(repo, &open)),
    }
}

/// A stash pop leaves no state, and no conflict when it is settled: it is known by what was kept, as long as `HEAD` has not moved.
fn stateless(repo: &Repo, open: &Open) -> Result<Option<Operation>> {
    let head = repo.object("HEAD")?;
    let doing = [Doing::StashPop, Doing::Unknown].into_iter().find(|doing| doing.word() == open.operation[0]);
    let commit = repo.written_id(Some(&open.operation[2]));
    let operation = doing.map(|doing| Operation { doing, commit, head, mail: None });
    Ok(operation.filter(|operation| record::key(operation) == open.operation))
}

/// Adds what people have settled and staged since to the memory; how many resolutions are new.
///
/// # Errors
/// An object is damaged, or the memory cannot be written.
pub fn remember(repo: &Repo) -> Result<usize> {
    let worktree = repo.worktree()?;
    let Some(open) = read(&worktree) else { return Ok(0) };
    let state = repo.operation()?;
    // One that was given up (git reset --hard) stands as HEAD does, and teaches nothing.
    let has_state = state.is_some();
    let Some(operation) = state.map_or_else(|| stateless(repo, &open), |state| Ok(Some(state)))? else { return Ok(0) };
    if open.operation != record::key(&operation) {
        return Ok(0);
    }
    let mut store = repo.store(Writes::Packs)?;
    let paths: Vec<BString> = open.files.iter().map(|(path, _)| unquoted(path)).collect();
    let now = repo.stages(&worktree, &paths)?;
    let (mut files, mut decisions) = (Vec::new(), Vec::new());
    for (path, state) in &open.files {
        let [staged, conflicted @ ..] = now.get(&unquoted(path)).copied().unwrap_or_default();
        // One that is still conflicted has nothing staged either, and nobody has removed it.
        if conflicted.iter().any(Option::is_some) {
            continue;
        }
        if !has_state && state.stages(repo).is_some_and(|stages| stages[2] == staged) {
            continue;
        }
        decisions.extend(whole(state.stages(repo), staged, &open).map(|(sides, modes, result)| What::File {
            path: path.clone(),
            sides,
            modes,
            result,
        }));
        let Some(result) = staged.filter(|staged| is_file(*staged)) else { continue };
        let Some([_, Some(base), Some(ours), Some(theirs)]) = state.stages(repo) else { continue };
        if is_of_sorts([Some(base), Some(ours), Some(theirs)]) {
            continue;
        }
        let sides: Sides<Oid> = match open.patch_is_ours {
            true => Sides { base: base.id, ours: theirs.id, theirs: ours.id },
            false => Sides { base: base.id, ours: ours.id, theirs: theirs.id },
        };
        files.push((path.clone(), sides, result.id));
    }
    let mut origin = Origin::new(How::Resolved);
    origin.commit = operation.commit.map(|id| id.to_string()).unwrap_or_default();
    origin.subject = match operation.doing {
        Doing::Am => am::subject(&worktree),
        _ => super::subject(&mut store, operation.commit),
    };
    origin.by = repo.committer()?.to_str_lossy().into_owned();
    let mut learned = learn::settled_by_hand(&mut store, &files, &origin)?;
    learned.decisions = decisions.into_iter().map(|what| Decision { what, origin: origin.clone() }).collect();
    let said = format!("kmigrate: settled in the middle of a {}", operation.doing.word());
    let new = learn::keep(repo, &mut store, &learned, &said).map(learn::New::all)?;
    if !has_state && repo.conflicted(&[])?.is_empty() {
        // Nothing else tells that it is over. What cannot be removed is told of once more.
        _ = fs::remove_file(record::folder(&worktree).join(FILE));
    }
    Ok(new)
}

/// A file of which one side was gone, or that is a link or a submodule on one: its sides, the patch's last, and what stands there now.
fn whole(stages: Option<Stages>, staged: Option<Staged>, open: &Open) -> Option<([Id; 3], Option<Modes>, Content)> {
    let [_, base, ours, theirs] = stages?;
    let sides = [base, ours, theirs];
    let is_gone = base.is_some() && ours.is_some() != theirs.is_some();
    if !is_gone && !is_of_sorts(sides) {
        return None;
    }
    let result = staged.map(|staged| (staged.mode, staged.id.to_string()));
    let modes = (!is_gone).then(|| modes_of(sides, open.patch_is_ours));
    Some((oriented(sides, open.patch_is_ours), modes, result))
}

/// Do both sides have it, and is it no regular file on one of the three?
pub(super) fn is_of_sorts(sides: [Option<Staged>; 3]) -> bool {
    sides[1].is_some() && sides[2].is_some() && sides.into_iter().flatten().any(|side| !is_file(side))
}

fn is_file(staged: Staged) -> bool {
    staged.mode & 0o170_000 == 0o100_000
}
