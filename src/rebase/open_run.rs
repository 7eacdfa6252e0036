//! A run that people work with: its folder below the repository's common directory, its lock, its journal.

use crate::error::{Error, Result, io};
use crate::git::{Move, Oid, Repo};
use crate::run::{Broken, Decisions, Inputs, Journal, Lock, Operation, RefMove, Refused};
use std::fs;
use std::path::{Path, PathBuf};

/// A run, and the lock of it.
#[derive(Debug)]
pub struct OpenRun {
    dir: PathBuf,
    journal: Journal,
    /// `None`: another process works on the run, and this one only looks.
    lock: Option<Lock>,
}

impl OpenRun {
    /// The run that makes `branch`; a new one if there is none.
    ///
    /// # Errors
    /// Another process works on it, or its folder cannot be written or read.
    pub fn of(repo: &Repo, branch: &str) -> Result<Self> {
        let dir = root(repo).join(folder_name(branch));
        fs::create_dir_all(&dir)
            .map_err(|e| io(dir.display())(e).hint("a run keeps its decisions there; --dry-run writes nothing"))?;
        let lock = Lock::take(&dir).map_err(|refused| held(branch, &dir, refused))?;
        let journal = Journal::open(&dir).map_err(|broken| unreadable(&dir, &broken))?;
        let mut run = Self { dir, journal, lock: Some(lock) };
        run.confirm_moves(repo)?;
        Ok(run)
    }

    /// As [`find`](Self::find), to look only: another process may be working on the run.
    ///
    /// # Errors
    /// There is none, or its folder cannot be read.
    pub fn look(repo: &Repo, branch: Option<&str>) -> Result<Self> {
        let name = named(repo, branch, Stopped::Count)?;
        let dir = root(repo).join(folder_name(&name));
        match Lock::take(&dir) {
            // What a killed process left is cleared up first.
            Ok(lock) => {
                drop(lock);
                Self::find(repo, Some(&name))
            }
            Err(_) => {
                let journal = Journal::open(&dir).map_err(|broken| unreadable(&dir, &broken))?;
                begun(Self { dir, journal, lock: None })
            }
        }
    }

    /// Whether another process works on the run.
    pub fn is_busy(&self) -> bool {
        self.lock.is_none()
    }

    /// The run, if it was not stopped by `quit`.
    ///
    /// # Errors
    /// It was.
    pub fn going(self) -> Result<Self> {
        if !self.journal.is_quit() {
            return Ok(self);
        }
        let inputs = self.inputs()?;
        Err(Error::fatal(format!("the run of '{}' was stopped by git kmigrate quit", inputs.branch))
            .hint(format!("begin it again, its decisions hold: git kmigrate --again --onto {}", inputs.onto_name)))
    }

    /// What the run began with.
    ///
    /// # Errors
    /// The journal does not say.
    pub fn inputs(&self) -> Result<&Inputs> {
        self.journal.inputs().ok_or_else(|| Error::fatal("the run's journal does not say what it began with"))
    }

    /// The run that was named, or the one that was worked on last and not stopped.
    ///
    /// # Errors
    /// There is none, or as [`of`](Self::of).
    pub fn find(repo: &Repo, branch: Option<&str>) -> Result<Self> {
        begun(Self::of(repo, &named(repo, branch, Stopped::Pass)?)?)
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What was done so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What people decided so far.
    pub fn decisions(&self) -> Decisions {
        Decisions::of(self.journal.operations())
    }

    /// Adds to the journal; on disk when this returns.
    ///
    /// # Errors
    /// The disk.
    pub fn append(&mut self, operations: impl IntoIterator<Item = Operation>) -> Result<()> {
        let dir = self.dir.display().to_string();
        self.journal.append(operations).map_err(|e| {
            io(format!("cannot write the journal in {dir}"))(e)
                .hint("nothing was recorded; free some space and try again")
        })
    }

    /// Moves refs, all or none. The journal has them before and says after that they were moved: a process that is killed
    /// in between is found out about when the run is opened again, so `undo` always knows the way back.
    ///
    /// # Errors
    /// The disk, or a ref is not where it was.
    pub fn move_refs(
        &mut self,
        repo: &Repo,
        (moves, reflog): (&[Move], &str),
        operation: fn(Vec<RefMove>) -> Operation,
    ) -> Result<()> {
        let hex = |id: Option<Oid>| id.map(|id| id.to_string());
        self.append([operation(moves.iter().map(|m| (m.name.clone(), hex(m.old), hex(m.new))).collect())])?;
        match repo.move_refs(moves, reflog) {
            Ok(()) => self.append([Operation::Moved]),
            Err(e) => {
                // The refusal is what to report; without this line, the next one to open the run looks at the refs.
                let _ = self.append([Operation::Stayed]);
                Err(e)
            }
        }
    }

    /// Looks where the refs are that a process was moving when it died, and moves the rest if only some were moved.
    fn confirm_moves(&mut self, repo: &Repo) -> Result<()> {
        let Some(moves) = self.journal.unconfirmed() else {
            return Ok(());
        };
        let id = |hex: &Option<String>| hex.as_ref().and_then(|h| repo.parse_id(h.as_bytes()));
        let mut left = Vec::new();
        let mut moved = false;
        for (name, old, new) in moves.iter().filter(|(_, old, new)| old != new) {
            let now = repo.object(name)?;
            // A ref that is elsewhere was moved by somebody since.
            moved |= now == id(new);
            if now == id(old) {
                left.push(Move { name: name.clone(), new: id(new), old: now });
            }
        }
        if moved && !left.is_empty() {
            repo.move_refs(&left, "kmigrate (continue): the rest of a transaction that was cut short")?;
        }
        self.append([if moved { Operation::Moved } else { Operation::Stayed }])
    }

    /// Forgets the run: its folder goes away.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn forget(self) -> Result<()> {
        let Self { dir, journal: _, lock: _lock } = self;
        let edits = dir.join("edit");
        if edits.exists() {
            // Before the journal: the next run of this branch must not take them back.
            fs::remove_dir_all(&edits).map_err(io(edits.display()))?;
        }
        fs::remove_dir_all(&dir).map_err(io(dir.display()))
    }
}

fn root(repo: &Repo) -> PathBuf {
    repo.common_dir().join("kmigrate")
}

/// A branch name as one folder name, reversibly.
fn folder_name(branch: &str) -> String {
    branch.replace('%', "%25").replace('/', "%2F")
}

fn branch_name(folder: &str) -> String {
    folder.replace("%2F", "/").replace("%25", "%")
}

/// What runs that were stopped are to a search for the last one.
#[derive(Clone, Copy, PartialEq)]
enum Stopped {
    /// Runs like others.
    Count,
    /// Over, unless they are named.
    Pass,
}

/// The branch of the run that is meant.
fn named(repo: &Repo, branch: Option<&str>, stopped: Stopped) -> Result<String> {
    let name = match branch {
        Some(branch) => branch.to_owned(),
        None => latest(repo, stopped).or_else(|| latest(repo, Stopped::Count)).ok_or_else(none)?,
    };
    match root(repo).join(folder_name(&name)).join("journal.jsonl").exists() {
        true => Ok(name),
        false => Err(none()),
    }
}

/// The branch of the run whose journal was written last; ties by name.
fn latest(repo: &Repo, stopped: Stopped) -> Option<String> {
    let folders = fs::read_dir(root(repo)).ok()?.filter_map(|e| e.ok());
    let mut written: Vec<_> = folders
        .filter_map(|folder| {
            let at = fs::metadata(folder.path().join("journal.jsonl")).ok()?.modified().ok()?;
            Some((at, branch_name(folder.file_name().to_str()?), folder.path()))
        })
        .collect();
    written.sort();
    // A journal that cannot be read is told of by whoever opens it.
    let is_quit = |dir: &Path| Journal::open(dir).is_ok_and(|journal| journal.is_quit());
    let meant = written.into_iter().rev().find(|(_, _, dir)| stopped == Stopped::Count || !is_quit(dir));
    meant.map(|(_, branch, _)| branch)
}

/// A journal that says nothing yet is a run that was killed before it began.
fn begun(run: OpenRun) -> Result<OpenRun> {
    if run.journal.inputs().is_none() { Err(none()) } else { Ok(run) }
}

fn none() -> Error {
    Error::fatal("there is no run here")
        .hint("begin one: git kmigrate <old upstream>..<patched branch> --onto <new upstream>")
}

fn held(branch: &str, dir: &Path, refused: Refused) -> Error {
    match refused {
        Refused::Io(e) => io(dir.display())(e).hint("a run keeps its decisions there; --dry-run writes nothing"),
        Refused::Held(owner) => {
            let owner = match owner.split_once(' ') {
                Some((pid, host)) => format!("pid {pid} on {host}"),
                None => "it has just begun".to_owned(),
            };
            Error::fatal(format!("another process works on the run of '{branch}' ({owner})"))
                .hint("wait for it, or give this run another branch with --branch=<name>")
        }
    }
}

fn unreadable(dir: &Path, broken: &Broken) -> Error {
    let path = dir.join("journal.jsonl");
    Error::fatal(format!("the journal {} cannot be read: {broken}", path.display()))
        .hint("use the version that wrote it, or put the folder aside and begin again")
}
