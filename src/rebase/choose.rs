//! Settling a conflict by one side: hunk by hunk, and the rest of the file stays as it came out; or the whole file, as the side's
//! own tree has it.

use super::OpenRun;
use super::desk::pin;
use super::seen::{came_out, side_entries, tree_after};
use crate::error::{Error, Result};
use crate::git::tree::Entry;
use crate::git::{Kind, Repo, Store};
use crate::merge::{Chunk, Merged, Sides, marker_size_in, merged_mode};
use crate::run::{ConflictKind, FileOutcome, Operation, Outcome, Record, Stored};

/// What each conflict of a file becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Upstream's side.
    Ours,
    /// The patch's side.
    Theirs,
    /// What both changed.
    Base,
    /// Both sides, upstream's first.
    Union,
}

/// Makes the decisions that settle these files by a side, with their blobs stored and pinned.
///
/// # Errors
/// A file has no such side, or no union; or the disk.
pub fn choose_side(
    (repo, store): (&Repo, &mut Store),
    (run, record): (&mut OpenRun, &Record),
    (outcome, files): (&Outcome, &[&FileOutcome]),
    side: Side,
) -> Result<Vec<Operation>> {
    let mut operations = Vec::new();
    for file in files {
        refuse_unsaid((outcome, file), side)?;
        let conflict = Conflict { entries: side_entries((repo, store), (record, outcome), file)?, file, side };
        let after = tree_after(repo, store, outcome)?;
        let out = came_out(store, after, file)?;
        let result = match file.conflict.as_ref().and_then(|c| c.diff3.as_ref()) {
            Some(diff3) => Some(conflict.by_hunks((repo, store), diff3)?),
            None => conflict.whole(out)?,
        };
        let (old, path, sides) = (outcome.old.clone(), file.path.clone(), file.sides.clone());
        let mode = out.or(conflict.entries.theirs).map(|e| e.mode);
        let result = result.map(|e| Stored { mode: e.mode, id: e.id.to_string() });
        operations.push(Operation::Fix { old, path, sides, mode, result });
    }
    pin(repo, store, (run, &record.inputs), &operations)?;
    Ok(operations)
}

/// Refuses what one word cannot say: where a file goes, or which of two.
fn refuse_unsaid((outcome, file): (&Outcome, &FileOutcome), side: Side) -> Result<()> {
    let path = &file.path;
    let chosen = match side {
        Side::Ours => &file.sides[1],
        Side::Theirs | Side::Union => &file.sides[2],
        Side::Base => &file.sides[0],
    };
    let twice = outcome.files.iter().filter(|f| f.path == *path).count() > 1;
    let unsaid = match file.conflict.as_ref().map(|c| c.kind) {
        _ if twice => Some(format!("two files of the commit go to {path}")),
        Some(ConflictKind::RenameRename) => {
            Some(format!("both sides moved {path}, and a side says nothing of where to"))
        }
        Some(ConflictKind::DirectoryFile) if chosen.is_some() => {
            Some(format!("{path} is a file on one side and a folder on the other"))
        }
        _ => None,
    };
    let hint = format!("git kmigrate edit {}", outcome.n);
    unsaid.map_or(Ok(()), |said| Err(Error::fatal(said).hint(hint)))
}

/// A conflicted file and the side that settles it.
struct Conflict<'a> {
    entries: Sides<Option<Entry>>,
    file: &'a FileOutcome,
    side: Side,
}

impl Conflict<'_> {
    /// The side's entry, as its tree has it; none means that the side has no file there.
    fn chosen(&self) -> Option<Entry> {
        match self.side {
            Side::Ours => self.entries.ours,
            Side::Theirs | Side::Union => self.entries.theirs,
            Side::Base => self.entries.base,
        }
    }

    /// A file that is settled as a whole.
    fn whole(&self, came_out: Option<Entry>) -> Result<Option<Entry>> {
        let path = &self.file.path;
        if self.side == Side::Union {
            return Err(Error::fatal(format!("{path} has no lines to join, so there is no union"))
                .hint("choose ours, theirs or base"));
        }
        match (self.file.conflict.as_ref().map(|c| c.kind), self.chosen(), came_out) {
            // The content was merged: only the mode is open.
            (Some(ConflictKind::Mode), Some(side), Some(out)) => Ok(Some(Entry { mode: side.mode, id: out.id })),
            (_, chosen, _) => Ok(chosen),
        }
    }

    /// A file of which hunks are open: those that something settled stay settled.
    fn by_hunks(&self, (repo, store): (&Repo, &mut Store), diff3: &str) -> Result<Entry> {
        let mut blob = |hex: Option<&str>| -> Result<Vec<u8>> {
            let id = repo.written_id(hex);
            id.map_or(Ok(Vec::new()), |id| Ok(store.blob(id)?.data.to_vec()))
        };
        let [base, ours, theirs] = &self.file.sides;
        let texts =
            Sides { base: blob(base.as_deref())?, ours: blob(ours.as_deref())?, theirs: blob(theirs.as_deref())? };
        let marked = blob(Some(diff3))?;
        let merged = Merged::parse(&marked, marker_size_in(&marked));
        let merged = merged.with_ends_of(&texts.as_ref().map(Vec::as_slice));
        let id = store.put(Kind::Blob, self.joined(&merged), None)?.id;
        let all = (self.entries.ours, self.entries.theirs);
        let mode = all.0.zip(all.1).and_then(|(ours, theirs)| {
            let base = self.entries.base.map(|b| b.mode);
            merged_mode(base, ours.mode, theirs.mode)
        });
        let mode = mode.or(self.chosen().or(all.0).map(|e| e.mode));
        Ok(Entry { mode: mode.unwrap_or(0o100_644), id })
    }

    fn joined(&self, merged: &Merged) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in &merged.chunks {
            match (chunk, self.side) {
                (Chunk::Settled(text), _) => out.extend_from_slice(text),
                (Chunk::Open(sides), Side::Ours) => out.extend_from_slice(&sides.ours),
                (Chunk::Open(sides), Side::Theirs) => out.extend_from_slice(&sides.theirs),
                (Chunk::Open(sides), Side::Base) => out.extend_from_slice(&sides.base),
                (Chunk::Open(sides), Side::Union) => {
                    out.extend_from_slice(&sides.ours);
                    if !sides.ours.is_empty() && !sides.ours.ends_with(b"\n") {
                        out.push(b'\n');
                    }
                    out.extend_from_slice(&sides.theirs);
                }
            }
        }
        out
    }
}
