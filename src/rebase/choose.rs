//! Settling a conflict by one side, hunk by hunk; the rest of the file stays merged.

use super::OpenRun;
use super::desk::pin;
use crate::error::{Error, Result};
use crate::git::tree::{self, Sort};
use crate::git::{Kind, Repo, Store, text};
use crate::merge::{Chunk, Sides};
use crate::run::{FileOutcome, Operation, Outcome, Record, Stored, unquoted};

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
        let result = settled(repo, store, (outcome, file), side)?;
        let (old, path, sides) = (outcome.old.clone(), file.path.clone(), file.sides.clone());
        let mode = Some(mode(repo, store, outcome, file)?);
        operations.push(Operation::Fix { old, path, sides, mode, result });
    }
    pin(repo, store, (run, &record.inputs), &operations)?;
    Ok(operations)
}

fn settled(
    repo: &Repo,
    store: &mut Store,
    (outcome, file): (&Outcome, &FileOutcome),
    side: Side,
) -> Result<Option<Stored>> {
    let mut blob = |hex: &Option<String>| -> Result<Option<Vec<u8>>> {
        let id = hex.as_ref().and_then(|h| repo.parse_id(h.as_bytes()));
        id.filter(|id| store.has(*id)).map(|id| Ok(store.blob(id)?.data.to_vec())).transpose()
    };
    let [base, ours, theirs] = &file.sides;
    let all = Sides { base: blob(base)?, ours: blob(ours)?, theirs: blob(theirs)? };
    let hunks = file.conflict.as_ref().is_some_and(|c| c.diff3.is_some());
    let content = match side {
        _ if hunks => Some(by_hunks(&all, side)?),
        Side::Ours => all.ours,
        Side::Theirs => all.theirs,
        Side::Base => all.base,
        Side::Union => {
            return Err(Error::fatal(format!("{} has no lines to join, so there is no union", file.path))
                .hint("choose ours, theirs or base"));
        }
    };
    let Some(content) = content else {
        return Ok(None);
    };
    let id = store.put(Kind::Blob, content, None)?.id.to_string();
    Ok(Some(Stored { mode: mode(repo, store, outcome, file)?, id }))
}

/// The mode that the file came out with; a plain file if it did not come out.
fn mode(repo: &Repo, store: &mut Store, outcome: &Outcome, file: &FileOutcome) -> Result<u32> {
    let new = outcome.new.as_ref().and_then(|hex| repo.parse_id(hex.as_bytes()));
    let Some(new) = new else {
        return Ok(0o100_644);
    };
    let tree = store.commit(new)?.tree;
    let entry = tree::lookup(store, tree, unquoted(&file.path).as_ref())?;
    Ok(entry.filter(|e| e.sort() != Sort::Directory).map_or(0o100_644, |e| e.mode))
}

fn by_hunks(all: &Sides<Option<Vec<u8>>>, side: Side) -> Result<Vec<u8>> {
    let texts = all.as_ref().map(|text| text.as_deref().unwrap_or_default());
    let text::TextMerge::Conflicted(open) = text::merge(texts)? else {
        return Err(Error::fatal("the sides of this conflict merge cleanly now; git kmigrate continue walks again"));
    };
    let mut out = Vec::new();
    for chunk in &open.merged.chunks {
        match (chunk, side) {
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
    Ok(out)
}
