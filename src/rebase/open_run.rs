//! A run that people work with: its folder below the repository's common directory, its lock, its journal.

use crate::error::{Error, Result, io};
use crate::git::{Move, Oid, Repo, Standing};
use crate::run::{Broken, Decisions, Inputs, Journal, Lock, Operation, RefMove, Refused, RunName};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// How often a lock is asked for before it counts as taken: somebody who looks holds it for a moment only.
const ATTEMPTS: u32 = 10;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(10);
/// Longest name of a folder on most file systems.
const NAME_BYTES: usize = 255;

/// The folder beside those of the runs where answers of models are kept. A cache that is full removes what is in there.
pub const ANSWERS: &str = "answers";

/// A run, and the lock of it.
#[derive(Debug)]
pub struct OpenRun {
    dir: PathBuf,
    journal: Journal,
    /// `None`: this process only looks.
    lock: Option<Lock>,
    /// See [`finished_undo`](Self::finished_undo).
    finished_undo: Vec<Move>,
}

impl OpenRun {
    /// The run that makes `branch`; a new one if there is none.
    ///
    /// # Errors
    /// Another process works on it, or its folder cannot be written or read.
    pub fn of(repo: &Repo, branch: &str) -> Result<Self> {
        let dir = root(repo).join(folder_name(branch));
        refuse_long_name(branch)?;
        fs::create_dir_all(&dir)
            .map_err(|e| io(dir.display())(e).hint("a run keeps its decisions there; --dry-run writes nothing"))?;
        let lock = patiently(&dir).map_err(|refused| held(branch, &dir, refused))?;
        let mut run = Self { journal: journal(&dir)?, dir, lock: Some(lock), finished_undo: Vec::new() };
        run.confirm_moves(repo)?;
        Ok(run)
    }

    /// Has refs follow that a process of the run that makes `branch` was moving when it died; nothing, if there is none.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn catch_up(repo: &Repo, branch: &str) -> Result<()> {
        refuse_long_name(branch)?;
        match journal(&root(repo).join(folder_name(branch)))?.unconfirmed() {
            Some(_) => Self::of(repo, branch).map(drop),
            None => Ok(()),
        }
    }

    /// The run that makes `branch`, to look only; `None` if there is none.
    ///
    /// # Errors
    /// Its journal cannot be read.
    pub fn peek(repo: &Repo, branch: &str) -> Result<Option<Self>> {
        refuse_long_name(branch)?;
        let dir = root(repo).join(folder_name(branch));
        let run = Self { journal: journal(&dir)?, dir, lock: None, finished_undo: Vec::new() };
        Ok(Some(run).filter(|run| run.journal.inputs().is_some()))
    }

    /// As [`find`](Self::find), to look only: another process may be working on the run, or the disk be read-only.
    ///
    /// # Errors
    /// There is none, or its journal cannot be read.
    pub fn look(repo: &Repo, branch: Option<&str>) -> Result<Self> {
        let name = named(repo, branch)?;
        let dir = root(repo).join(folder_name(&name));
        let run = Self { journal: journal(&dir)?, dir, lock: None, finished_undo: Vec::new() };
        if run.journal.unconfirmed().is_none() {
            return begun(run);
        }
        // What a killed process left is cleared up first, if that can be done now; else whoever works on the run will say why not.
        match Self::of(repo, &name) {
            Ok(mut confirmed) => {
                confirmed.lock = None;
                begun(confirmed)
            }
            Err(_) => begun(run),
        }
    }

    /// Whether another process works on the run.
    pub fn is_busy(&self) -> bool {
        self.lock.is_none() && Lock::is_held(&self.dir)
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
        Err(Error::fatal(format!("the run of '{}' was stopped by git kmigrate quit", inputs.branch)).hint(format!(
            "begin it again, its decisions hold: git kmigrate --again --run={} --onto {}",
            inputs.branch, inputs.onto_name
        )))
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
        begun(Self::of(repo, &named(repo, branch)?)?)
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
            Ok(()) => self.confirm(repo),
            Err(e) => {
                // The failure is what to report. Where some refs were moved, nothing is said of it here: whoever opens the run next
                // looks at the refs, and moves the rest.
                if let Ok(Standing::Before) = repo.standing(moves) {
                    let _ = self.append([Operation::Stayed]);
                }
                Err(e)
            }
        }
    }

    /// Looks where the refs are that a process was moving when it died, and moves the rest if only some were moved.
    fn confirm_moves(&mut self, repo: &Repo) -> Result<()> {
        let Some(moves) = self.journal.unconfirmed() else {
            return Ok(());
        };
        let written = |id: &Option<String>| repo.written_id(id.as_deref());
        let moves: Vec<Move> = moves
            .iter()
            .map(|(name, old, new)| Move { name: name.clone(), new: written(new), old: written(old) })
            .collect();
        match repo.standing(&moves)? {
            Standing::Before => return self.append([Operation::Stayed]),
            Standing::Moved => {}
            Standing::Between(left) => {
                refuse_checked_out(repo, &left)?;
                repo.move_refs(&left, "kmigrate (continue): the rest of a transaction that was cut short")?;
            }
        }
        if let Some(Operation::Undo { .. }) = self.journal.operations().last() {
            self.finished_undo = moves;
        }
        self.confirm(repo)
    }

    /// What an undo moved that was cut short, and that this process found or made complete.
    pub fn finished_undo(&self) -> &[Move] {
        &self.finished_undo
    }

    /// The refs that the journal speaks of last were moved: has the ref that all runs share follow, and says so.
    fn confirm(&mut self, repo: &Repo) -> Result<()> {
        if let Some(operation) = self.journal.operations().last() {
            point_last(repo, operation)?;
        }
        self.append([Operation::Moved])
    }

    /// Forgets the run: its folder goes away.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn forget(self) -> Result<()> {
        let Self { dir, journal: _, lock: _lock, finished_undo: _ } = self;
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

/// A branch name as one folder name, reversibly. What lies beside the runs under a name of its own is no run's.
fn folder_name(branch: &str) -> String {
    match branch {
        ANSWERS => format!("%{ANSWERS}"),
        _ => branch.replace('%', "%25").replace('/', "%2F"),
    }
}

fn branch_name(folder: &str) -> String {
    match folder.strip_prefix('%') {
        Some(ANSWERS) => ANSWERS.to_owned(),
        _ => folder.replace("%2F", "/").replace("%25", "%"),
    }
}

/// The branch of the run that is meant: the one that was named, else the one that was worked on last and not stopped, else
/// the one that was worked on last.
fn named(repo: &Repo, branch: Option<&str>) -> Result<String> {
    let runs = OpenRun::all(repo);
    match branch {
        Some(branch) if runs.iter().any(|run| run.branch == branch) => Ok(branch.to_owned()),
        Some(branch) => Err(no_such(branch, &runs)),
        None => {
            let going = runs.iter().find(|run| !run.is_quit);
            Ok(going.or(runs.first()).ok_or_else(none)?.branch.clone())
        }
    }
}

fn no_such(branch: &str, runs: &[Known]) -> Error {
    let names: Vec<&str> = runs.iter().map(|run| run.branch.as_str()).collect();
    let error = Error::fatal(format!("there is no run of '{branch}' here"));
    match names.is_empty() {
        true => error.hint("begin one: git kmigrate <old upstream>..<patched branch> --onto <new upstream>"),
        false => error.hint(format!("there are runs of: {}", names.join(", "))),
    }
}

/// A run as its folder tells of it.
#[derive(Debug)]
pub struct Known {
    /// The branch that it makes.
    pub branch: String,
    /// It was stopped.
    pub is_quit: bool,
}

impl OpenRun {
    /// All runs, the one whose journal was written last first; ties by name.
    pub fn all(repo: &Repo) -> Vec<Known> {
        let folders = fs::read_dir(root(repo)).into_iter().flatten().filter_map(|e| e.ok());
        let mut written: Vec<_> = folders
            .filter_map(|folder| {
                let at = fs::metadata(folder.path().join("journal.jsonl")).ok()?.modified().ok()?;
                Some((at, branch_name(folder.file_name().to_str()?), folder.path()))
            })
            .collect();
        written.sort();
        // A journal that cannot be read is told of by whoever opens it.
        let is_quit = |dir: &Path| Journal::open(dir).is_ok_and(|journal| journal.is_quit());
        written.into_iter().rev().map(|(_, branch, dir)| Known { branch, is_quit: is_quit(&dir) }).collect()
    }
}

/// Takes the lock, also if somebody has it for a moment.
fn patiently(dir: &Path) -> std::result::Result<Lock, Refused> {
    for _ in 1..ATTEMPTS {
        match Lock::take(dir) {
            Err(Refused::Held(_)) => sleep(PAUSE),
            other => return other,
        }
    }
    Lock::take(dir)
}

fn journal(dir: &Path) -> Result<Journal> {
    Journal::open(dir).map_err(|broken| unreadable(dir, &broken))
}

fn refuse_long_name(branch: &str) -> Result<()> {
    match folder_name(branch).len() {
        0..=NAME_BYTES => Ok(()),
        long => {
            Err(Error::usage(format!("the branch name '{branch}' is too long: its run has no folder of {long} bytes"))
                .hint("give a shorter one with --branch=<name>"))
        }
    }
}

/// Refuses to move a branch away from under a work tree.
///
/// # Errors
/// One of the branches is checked out somewhere.
pub fn refuse_checked_out(repo: &Repo, moves: &[Move]) -> Result<()> {
    for branch in moves.iter().filter(|m| m.new != m.old) {
        let Some(name) = branch.name.strip_prefix("refs/heads/") else {
            continue;
        };
        if let Some(path) = repo.checked_out_at(&branch.name)? {
            return Err(Error::fatal(format!("branch '{name}' is checked out at {path}, so it is not moved"))
                .hint("switch that worktree to another branch first"));
        }
    }
    Ok(())
}

/// Has `refs/kmigrate/last` follow a record. It is no part of the transaction: all runs share it, and one that walks beside
/// this one must be no reason to fail. Putting a record back leaves it alone if it is at the record of another run.
fn point_last(repo: &Repo, operation: &Operation) -> Result<()> {
    let (moves, is_undo) = match operation {
        Operation::Finish { moves } => (moves, false),
        Operation::Undo { moves } => (moves, true),
        _ => return Ok(()),
    };
    let Some((_, old, new)) = moves.iter().find(|(name, _, _)| RunName::is_record(name)) else {
        return Ok(());
    };
    if !is_undo || repo.object(RunName::LAST)? == repo.written_id(old.as_deref()) {
        repo.point(RunName::LAST, repo.written_id(new.as_deref()), "kmigrate: the last record")?;
    }
    Ok(())
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
        Refused::Io(e) => io(dir.display())(e).hint("a run keeps its decisions there: it must be yours to write"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_branch_has_a_folder_of_its_own_and_none_has_that_of_the_answers() {
        for branch in ["topic-v2", "a/b", "a%2Fb", "%answers", "answers", "answers/x", "100%"] {
            assert_eq!(branch_name(&folder_name(branch)), branch);
            assert!(folder_name(branch) != ANSWERS && !folder_name(branch).contains('/'), "{branch}");
        }
    }
}
