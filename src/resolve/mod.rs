//! A CONFLICT THAT SOMEBODY ELSE LEFT: the cascade in the middle of a cherry-pick, revert, rebase, am, merge or stash pop.
//!
//! ```text
//!   what git is doing ──> which side is the patch, once          side
//!   conflicted files ───> three stages each, as git has them     (an am without -3 has none: mail makes them)
//!        │ touched by hand?  left alone                           standing
//!        v
//!   cascade ──> resolved, sure      written, staged               attempt
//!          ├──> resolved, doubted   written, not staged: a person looks, and stages
//!          └──> open                left with its markers; what was settled is suggested beside it
//!        │
//!   record first, then files, then the index                      put, undo
//! ```
//!
//! In: a repository in the middle of something. Out: [`Resolved`]. Nothing is committed here, and no ref moves; git goes on when it is
//! told to ([`crate::git::Doing::carry_on`]). Whatever was changed can be put back byte for byte, unless somebody has changed it since.

mod am;
mod attempt;
mod attempted;
mod drive;
mod mail;
mod odd_mail;
mod open;
mod put;
mod record;
mod side;
mod standing;
mod undo;

pub use am::is_as_head;
pub use attempted::{Attempted, Fate, Note, Weight};
pub use drive::{By, Driven, drive, plain_merge};
pub use open::{ready, remember};
pub use put::write_file;
pub use record::{Kept, Record, State};
pub use side::{Bearing, Patch, bearing};
pub use standing::{OnDisk, on_disk};
pub use undo::{Undone, undo};

use crate::error::{Error, Result};
use crate::git::{Doing, Oid, Operation, Repo, Stages, Store, Writes};
use crate::memory::Memory;
use crate::merge::Sides;
use crate::run::Method;
use attempt::Trial;
use bstr::BString;
use standing::Standing;
use std::collections::BTreeMap;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Only files at or below these paths, as typed; all if there are none.
    pub paths: Vec<String>,
    /// The side that is the patch, if somebody says so.
    pub patch: Option<Patch>,
    /// What is less sure than this, from 0 to 1, is not staged.
    pub min_confidence: Option<f64>,
    /// Methods that may settle a conflict.
    pub methods: Vec<Method>,
    /// Whether anything is written.
    pub leaves: Leaves,
    /// What people settled before.
    pub memory: Memory,
}

/// What is left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaves {
    /// Files and index entries, and a record to put them back.
    #[default]
    Files,
    /// Nothing: it is only tried.
    Nothing,
}

/// What became of the conflicts.
#[derive(Debug)]
pub struct Resolved {
    /// What git is in the middle of.
    pub operation: Operation,
    /// The commit that it carries, in words; empty if there is none.
    pub subject: String,
    /// Which side is the patch, and why.
    pub bearing: Bearing,
    /// The files, by path.
    pub files: Vec<Attempted>,
    /// Conflicted files that were not asked for.
    pub elsewhere: usize,
}

impl Resolved {
    /// Is every conflict of the operation resolved and staged?
    pub fn is_all(&self) -> bool {
        self.elsewhere == 0 && self.files.iter().all(|file| file.fate == Fate::Staged)
    }
}

/// A conflicted file, as it is found.
struct Found {
    path: BString,
    stages: Stages,
    /// What stands on disk.
    standing: Standing,
}

/// Resolves what can be resolved.
///
/// # Errors
/// Nothing is in progress or conflicted, an object is missing, or something cannot be written; then all is as it was.
pub fn resolve(repo: &Repo, ask: &Ask) -> Result<Resolved> {
    let worktree = repo.worktree()?;
    let mut store = repo.store(Writes::Nowhere)?;
    let state = repo.operation()?;
    let all = repo.conflicted(&[])?;
    if all.is_empty() && state.as_ref().is_some_and(|operation| operation.doing == Doing::Am) {
        return mail::resolve((repo, &worktree, &mut store), ask, state.expect("seen above"));
    }
    let asked = if ask.paths.is_empty() { all.clone() } else { repo.conflicted(&ask.paths)? };
    let operation = operation(repo, state, &all)?;
    if asked.is_empty() {
        return Err(nothing(&operation, all.len()));
    }
    let bearing = side::bearing(repo, &operation, ask.patch)?;
    let mut told = Resolved {
        subject: subject(&mut store, operation.commit),
        elsewhere: all.len() - asked.len(),
        bearing,
        operation,
        files: Vec::new(),
    };
    let count = files_of(repo, &told.operation, all.len())?;
    let found = standing::find((repo, &worktree, &mut store), asked)?;
    let trial = Trial {
        patch: told.bearing.patch,
        methods: &ask.methods,
        least: ask.min_confidence,
        files: count,
        memory: &ask.memory,
    };
    for file in found {
        told.files.push(attempt::attempt(&mut store, &trial, file)?);
    }
    put::put((repo, &worktree), ask.leaves, &mut told)?;
    if ask.leaves == Leaves::Files {
        open::keep(&worktree, &told)?;
    }
    Ok(told)
}

/// What git is in the middle of; a stash pop shows in its conflicts only.
fn operation(repo: &Repo, state: Option<Operation>, all: &BTreeMap<BString, Stages>) -> Result<Operation> {
    if let Some(operation) = state {
        return Ok(operation);
    }
    if all.is_empty() {
        return Err(Error::fatal("nothing is in progress here, and no file is conflicted")
            .hint("this is for the middle of a cherry-pick, revert, rebase, am, merge or stash pop"));
    }
    let telling: Vec<_> =
        all.iter().map(|(path, stages)| (path, [stages[1].map(|s| s.id), stages[3].map(|s| s.id)])).collect();
    repo.operation_of_conflicts(&telling)
}

/// There is nothing to do.
fn nothing(operation: &Operation, elsewhere: usize) -> Error {
    let word = operation.doing.word();
    if elsewhere > 0 {
        return Error::fatal(format!("no file is conflicted at these paths; {elsewhere} are elsewhere"));
    }
    let article = if operation.doing == Doing::Am { "an" } else { "a" };
    let error = Error::fatal(format!("{article} {word} is in progress, and no file is conflicted"));
    match operation.doing.carry_on() {
        Some(verb) => error.hint(format!("git {}", verb.join(" "))),
        None => error,
    }
}

/// The commit that is carried, in words.
fn subject(store: &mut Store, commit: Option<Oid>) -> String {
    // A stash or commit that cannot be read is no reason to stop.
    let read = commit.and_then(|id| store.commit(id).ok());
    read.map(|commit| commit.subject()).unwrap_or_default()
}

/// How many files the commit that is carried changes; of a merge, how many are conflicted.
fn files_of(repo: &Repo, operation: &Operation, conflicted: usize) -> Result<usize> {
    match (operation.doing, operation.commit) {
        (Doing::CherryPick | Doing::Revert | Doing::Rebase, Some(commit)) => {
            let id = commit.to_string();
            let listed =
                repo.git.output(&["diff-tree", "--no-commit-id", "--name-only", "-r", "-m", "--root", "-z", &id])?;
            Ok(listed.iter().filter(|byte| **byte == 0).count().max(conflicted))
        }
        _ => Ok(conflicted),
    }
}

/// The three sides of a conflict as git has them: base, ours (`HEAD`), theirs.
fn stages_as_sides<T: Copy>(stages: &[Option<T>; 4]) -> Sides<Option<T>> {
    let [_, base, ours, theirs] = *stages;
    Sides { base, ours, theirs }
}
