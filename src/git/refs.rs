//! Refs: moved together at the very end or not at all, by the git program (so that hooks, reflogs and reftable are git's business).

use super::{Oid, Repo};
use crate::error::{Error, Result};
use bstr::ByteSlice;

/// How often a ref is tried that all runs share: whoever moves it has it locked for a moment.
const ATTEMPTS: u32 = 5;
/// Between two of them.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// One ref of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Full name.
    pub name: String,
    /// Where it shall point; `None` removes it.
    pub new: Option<Oid>,
    /// Where it must point now; `None`: it must not exist.
    pub old: Option<Oid>,
}

/// Where the refs of a transaction are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None was moved.
    Before,
    /// Some were moved; these were not.
    Between(Vec<Move>),
    /// All that could be moved were.
    Moved,
}

/// Does git say that somebody has a lock?
fn is_locked(said: &str) -> bool {
    said.contains(".lock': File exists") || said.contains("data is locked")
}

/// A transaction that git refused as a whole.
fn not_moved(e: Error) -> Error {
    let said = e.to_string();
    let error = e.while_doing("no ref was moved");
    match is_locked(&said) {
        true => error.hint("the commits are written; run again when the ref is free"),
        false if said.contains("nonexistent object") => {
            error.hint("garbage collection has removed what the ref would point to")
        }
        false if said.contains("; cannot create") => error.hint("give another name with --branch=<name>"),
        false => error.hint("the commits are written; run again"),
    }
}

impl Repo {
    /// Is `ancestor` in the past of `commit`?
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn is_ancestor(&self, ancestor: Oid, commit: Oid) -> Result<bool> {
        let args = ["merge-base", "--is-ancestor", &ancestor.to_string(), &commit.to_string()];
        Ok(self.git.run(&args, b"")?.status.success())
    }

    /// How many commits `tip` has that `from` has not.
    ///
    /// # Errors
    /// git fails.
    pub fn count(&self, from: Oid, tip: Oid) -> Result<usize> {
        let said = self.git.output(&["rev-list", "--count", &format!("{from}..{tip}")])?;
        Ok(said.to_str_lossy().trim().parse().unwrap_or(0))
    }

    /// Is this a name that a branch can have?
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn is_branch_name(&self, name: &str) -> Result<bool> {
        // Not --branch, which would take @{-1} for a name; but what it refuses beside, as git branch does.
        let full = format!("refs/heads/{name}");
        let is_of_head = ["HEAD", "@"].contains(&name) || name.starts_with('-');
        Ok(!is_of_head && self.git.run(&["check-ref-format", &full], b"")?.status.success())
    }

    /// The worktree that has a branch checked out, if any.
    ///
    /// # Errors
    /// git fails.
    pub fn checked_out_at(&self, full_name: &str) -> Result<Option<String>> {
        let said = self.git.output(&["for-each-ref", "--format=%(worktreepath)", full_name])?;
        let path = said.lines().next().unwrap_or_default().to_str_lossy();
        Ok((!path.is_empty()).then(|| path.into_owned()))
    }

    /// Points one ref at an object or removes it, wherever it is now: the last to come wins. Somebody who has it locked is waited for.
    ///
    /// # Errors
    /// It stays locked, or git or the disk fails.
    pub fn point(&self, name: &str, new: Option<Oid>, reflog: &str) -> Result<()> {
        let new = new.map(|id| id.to_string());
        let args = match &new {
            Some(new) => vec!["update-ref", "--create-reflog", "-m", reflog, name, new],
            None => vec!["update-ref", "-m", reflog, "-d", name],
        };
        let mut done = self.git.output(&args);
        for _ in 1..ATTEMPTS {
            match &done {
                Err(e) if is_locked(&e.to_string()) => std::thread::sleep(PAUSE),
                _ => break,
            }
            done = self.git.output(&args);
        }
        done.map(drop).map_err(|e| {
            let error = Error::fatal(format!("{name} could not follow: {e}"));
            error.hint("the other refs are where they belong; run again when the disk has room and no lock is left")
        })
    }

    /// Moves all refs or none, with `reflog` as their reflog text.
    ///
    /// git checks and locks all refs first, and then moves one after the other: a disk that fails then, or a signal, leaves some of them
    /// moved. So after a failure the refs are looked at, and the rest is moved.
    ///
    /// # Errors
    /// A ref is not where it was, is locked, or a hook refused: none was moved. Or the disk or git failed twice, and some were moved: the
    /// error says so, and [`standing`](Self::standing) tells which.
    pub fn move_refs(&self, moves: &[Move], reflog: &str) -> Result<()> {
        let Err(e) = self.update_refs(moves, reflog) else { return Ok(()) };
        match self.standing(moves)? {
            Standing::Moved => Ok(()),
            Standing::Before => Err(not_moved(e)),
            Standing::Between(left) => self.update_refs(&left, reflog).map_err(|e| {
                let names: Vec<&str> = left.iter().map(|m| &m.name[..]).collect();
                e.while_doing(format!("refs were moved, but not all: {} could not be", names.join(", ")))
                    .hint("see that the disk has room and no lock is left, then run again: the rest is moved then")
            }),
        }
    }

    /// Where the refs of a transaction are.
    ///
    /// # Errors
    /// git fails.
    pub fn standing(&self, moves: &[Move]) -> Result<Standing> {
        let mut left = Vec::new();
        let mut moved = false;
        for m in moves.iter().filter(|m| m.old != m.new) {
            let now = self.object(&m.name)?;
            // A ref that is elsewhere was moved by somebody since.
            moved |= now == m.new;
            if now == m.old {
                left.push(m.clone());
            }
        }
        Ok(match (moved, left.is_empty()) {
            (false, _) => Standing::Before,
            (true, true) => Standing::Moved,
            (true, false) => Standing::Between(left),
        })
    }

    /// One transaction of git's.
    fn update_refs(&self, moves: &[Move], reflog: &str) -> Result<()> {
        let zero = "0".repeat(2 * super::object::raw_len(self.format()));
        let mut input = String::from("start\n");
        for m in moves {
            let old = m.old.map_or_else(|| zero.clone(), |o| o.to_string());
            match m.new {
                Some(new) => input.push_str(&format!("update {} {new} {old}\n", m.name)),
                None => input.push_str(&format!("delete {} {old}\n", m.name)),
            }
        }
        input.push_str("prepare\ncommit\n");
        let args = ["update-ref", "--create-reflog", "-m", reflog, "--stdin"];
        self.git.heard_with(&args, input.as_bytes())
    }

    /// Runs the post-rewrite hook and copies notes as `git rebase` does, for `(old, new)` commits.
    ///
    /// # Errors
    /// The git program cannot be started. A failing hook is no error, as in git.
    pub fn after_rewrite(&self, rewritten: &[(Oid, Oid)]) -> Result<()> {
        if rewritten.is_empty() {
            return Ok(());
        }
        let lines: String = rewritten.iter().map(|(a, b)| format!("{a} {b}\n")).collect();
        // `git notes copy --for-rewrite` does nothing unless notes.rewriteRef names a ref.
        if self.setting("notes.rewriteref").is_some() || std::env::var_os("GIT_NOTES_REWRITE_REF").is_some() {
            self.git.run(&["notes", "copy", "--stdin", "--for-rewrite=rebase"], lines.as_bytes())?;
        }
        if !self.has_post_rewrite_hook() {
            return Ok(());
        }
        let mut list = tempfile::NamedTempFile::new().map_err(crate::error::io("a temporary file"))?;
        std::io::Write::write_all(&mut list, lines.as_bytes())
            .map_err(crate::error::io(list.path().display().to_string()))?;
        let input = format!("--to-stdin={}", list.path().display());
        let args = ["hook", "run", "--ignore-missing", &input, "post-rewrite", "--", "rebase"];
        self.git.run(&args, b"").map(drop)
    }

    /// Who commits, as git would write it: `Name <mail> seconds zone`. One date for the whole run.
    ///
    /// # Errors
    /// git knows no name or mail address.
    pub fn committer(&self) -> Result<Vec<u8>> {
        let said = self.git.output(&["var", "GIT_COMMITTER_IDENT"])?;
        Ok(said.trim_end().to_vec())
    }
}
