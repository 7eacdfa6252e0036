//! What was done, kept so that it can be taken back: `record.json` in git's own folder for the worktree, and the bytes of each file as
//! it was before, named by their hash.

use crate::error::{Error, Result, io};
use crate::git::{Operation, Repo, Staged, Stages, Worktree};
use crate::run::{Lock, Refused, quoted};
use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder, in git's own folder for the worktree. No branch can be the reason for another one of this name.
const FOLDER: &str = "kmigrate-resolve";
/// Of this form.
const VERSION: u32 = 1;

/// What was done in the middle of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Form of the record.
    version: u32,
    /// Which operation: its name, what it goes onto, what it carries.
    operation: [String; 3],
    /// Each file that was changed.
    pub files: Vec<Kept>,
}

/// A file that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// In the tree; quoted if it is not UTF-8.
    pub path: String,
    /// As it was.
    pub before: State,
    /// As it was left.
    pub after: State,
}

impl Kept {
    /// Is a file as it was left, or between that and how it was: was this program or git stopped on the way there or back?
    pub fn has_left(&self, now: &State) -> bool {
        let (before, after) = (&self.before, &self.after);
        let index = now.stages == before.stages || now.stages == after.stages;
        let disk = [before, after].iter().any(|state| (&now.disk, now.mode) == (&state.disk, state.mode));
        index && disk && now != before
    }
}

/// A file on disk and in the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Modes and blobs in the index: merged, base, ours, theirs.
    pub stages: [Option<(u32, String)>; 4],
    /// Hash of the bytes on disk; none if there is no file.
    pub disk: Option<String>,
    /// Its permissions.
    pub mode: u32,
}

impl State {
    /// Of these.
    pub fn of(stages: &Stages, disk: Option<(&[u8], u32)>) -> Self {
        Self {
            stages: stages.map(|stage| stage.map(|Staged { mode, id }| (mode, id.to_string()))),
            disk: disk.map(|(bytes, _)| hash(bytes)),
            mode: disk.map_or(0, |(_, mode)| mode & 0o7777),
        }
    }

    /// The index's part. `None` if an id is none of this repository's.
    pub fn stages(&self, repo: &Repo) -> Option<Stages> {
        let mut stages = Stages::default();
        for (stage, kept) in stages.iter_mut().zip(&self.stages) {
            if let Some((mode, id)) = kept {
                *stage = Some(Staged { mode: *mode, id: repo.written_id(Some(id))? });
            }
        }
        Some(stages)
    }
}

/// The name of some bytes.
fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The folder of a worktree's record.
pub fn folder(worktree: &Worktree) -> PathBuf {
    worktree.state.join(FOLDER)
}

/// Keeps other processes out.
///
/// # Errors
/// One is at work.
pub fn lock(worktree: &Worktree) -> Result<Lock> {
    let dir = folder(worktree);
    fs::create_dir_all(&dir).map_err(io(dir.display()))?;
    Lock::take(&dir).map_err(|refused| match refused {
        Refused::Held(owner) => Error::fatal(format!("another git kmigrate resolve is at work here: {owner}")),
        Refused::Io(e) => io(dir.display())(e),
    })
}

impl Record {
    /// An empty one.
    pub fn of(operation: &Operation) -> Self {
        Self { version: VERSION, operation: key(operation), files: Vec::new() }
    }

    /// Was it made in the middle of this operation?
    pub fn is_of(&self, operation: &Operation) -> bool {
        self.operation == key(operation)
    }

    /// Which operation it was made in, in words.
    pub fn made_in(&self) -> &str {
        &self.operation[0]
    }

    /// The record of a worktree, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(worktree: &Worktree) -> Result<Option<Self>> {
        let path = folder(worktree).join("record.json");
        let text = match fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(io(path.display()))?,
        };
        Self::parse(&text).map(Some).map_err(|what| {
            Error::fatal(format!("{}: {what}", path.display())).hint("remove it if nothing is to be undone")
        })
    }

    /// Reads the text of a record.
    ///
    /// # Errors
    /// It is not what this version writes; why, in words.
    pub fn parse(text: &[u8]) -> std::result::Result<Self, String> {
        let record: Self = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        match record.version {
            VERSION => Ok(record),
            other => Err(format!("form {other} is not known here")),
        }
    }

    /// Is this file as it was left?
    pub fn is_as_left(&self, path: &BString, bytes: &[u8]) -> bool {
        let name = quoted(path.as_bstr());
        let kept = self.files.iter().find(|kept| kept.path == name);
        kept.is_some_and(|kept| kept.after.disk.is_some() && kept.after.disk == Some(hash(bytes)))
    }

    /// Adds a file; what it was before the first time stays, also if that was cut short.
    pub fn keep(&mut self, kept: Kept) {
        match self.files.iter_mut().find(|known| known.path == kept.path && known.has_left(&kept.before)) {
            Some(known) => known.after = kept.after,
            None => {
                self.files.retain(|known| known.path != kept.path);
                self.files.push(kept);
            }
        }
    }

    /// Writes it down; an empty one is removed, with the bytes that were kept.
    ///
    /// # Errors
    /// The disk.
    pub fn write(&self, worktree: &Worktree) -> Result<()> {
        let dir = folder(worktree);
        let path = dir.join("record.json");
        if self.files.is_empty() {
            let gone = [fs::remove_file(&path), fs::remove_dir_all(dir.join("before"))];
            // What is not there need not be removed.
            return gone.into_iter().filter(is_failure).collect::<std::io::Result<()>>().map_err(io(dir.display()));
        }
        let text = serde_json::to_vec_pretty(self).expect("a record is plain data");
        write_whole(&path, &text)
    }
}

fn is_failure(done: &std::io::Result<()>) -> bool {
    done.as_ref().is_err_and(|e| e.kind() != std::io::ErrorKind::NotFound)
}

/// Where suggestions are.
pub fn suggestions(worktree: &Worktree) -> PathBuf {
    folder(worktree).join("suggested")
}

/// Removes all suggestions: they were made for other conflicts.
///
/// # Errors
/// The disk.
pub fn forget_suggestions(worktree: &Worktree) -> Result<()> {
    let dir = suggestions(worktree);
    match fs::remove_dir_all(&dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(dir.display())(e)),
        _ => Ok(()),
    }
}

/// Keeps the bytes of a file.
///
/// # Errors
/// The disk.
pub fn keep_bytes(worktree: &Worktree, bytes: &[u8]) -> Result<()> {
    let dir = folder(worktree).join("before");
    fs::create_dir_all(&dir).map_err(io(dir.display()))?;
    write_whole(&dir.join(hash(bytes)), bytes)
}

/// The bytes of a file that were kept.
///
/// # Errors
/// They are gone.
pub fn kept_bytes(worktree: &Worktree, hash: &str) -> Result<Vec<u8>> {
    let path = folder(worktree).join("before").join(hash);
    fs::read(&path).map_err(io(path.display()))
}

/// Writes a file so that it is whole or not there.
///
/// # Errors
/// The disk.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(io(folder.display()))?;
    std::io::Write::write_all(&mut new, bytes).and_then(|()| new.as_file().sync_all()).map_err(io(path.display()))?;
    new.persist(path).map(drop).map_err(|e| io(path.display())(e.error))
}

/// What an operation is known by.
pub fn key(operation: &Operation) -> [String; 3] {
    let id = |id: Option<crate::git::Oid>| id.map(|id| id.to_string()).unwrap_or_default();
    let carried = operation.mail.clone().unwrap_or_else(|| id(operation.commit));
    [operation.doing.word().to_owned(), id(operation.head), carried]
}
