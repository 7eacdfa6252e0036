//! What stands on disk where a file is conflicted: git's own conflict, or what somebody has made of it since.
//!
//! ```text
//!   the file ──git add──> blob = the one that git says it wrote (AUTO_MERGE)?           untouched
//!        └─ no markers left?                                                            settled by somebody
//!        └─ with ours in every conflict = the texts merged with --ours, and theirs too  untouched, whatever labels and style
//!        └─ else                                                                        somebody is at work on it
//! ```

use super::record::Record;
use super::{Found, stages_as_sides};
use crate::error::Result;
use crate::git::text::{Favor, FileMerge, Style, is_text, merge_file};
use crate::git::{Repo, Stages, Store, Worktree};
use crate::merge::{Chunk, Merged, Sides};
use bstr::{BString, ByteSlice};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Characters of a marker that counts conflicts only; the texts are never marked with it.
const ANY_SIZE: u16 = 7;

/// What stands on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The conflict as git left it, or what this program made of it.
    Untouched(OnDisk),
    /// No marker is left.
    Settled,
    /// Somebody has changed it, and markers are left.
    Begun(OnDisk),
    /// No regular file.
    Missing,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDisk {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Permissions.
    pub mode: u32,
}

/// Looks at conflicted files.
///
/// # Errors
/// An object is missing, or git fails.
pub fn find(
    (repo, worktree, store): (&Repo, &Worktree, &mut Store),
    asked: BTreeMap<BString, Stages>,
) -> Result<Vec<Found>> {
    let paths: Vec<&BString> = asked.keys().collect();
    let sizes = repo.marker_sizes(worktree, &paths)?;
    let record = Record::read(worktree)?.unwrap_or_default();
    let mut found = Vec::with_capacity(asked.len());
    for ((path, stages), size) in asked.into_iter().zip(sizes) {
        let standing = match on_disk(worktree, &path) {
            None => Standing::Missing,
            Some(file) if record.is_as_left(&path, &file.bytes) => Standing::Untouched(file),
            Some(file) => look((repo, worktree, store), (&path, &stages), (file, size))?,
        };
        found.push(Found { path, stages, standing });
    }
    Ok(found)
}

/// The regular file at a path, if there is one and no link leads to it.
pub fn on_disk(worktree: &Worktree, path: &BString) -> Option<OnDisk> {
    let place = worktree.file(path.as_bstr());
    // What a link leads to is not ours to read or write.
    let inside = fs::canonicalize(place.parent()?).ok()? == fs::canonicalize(&worktree.top).ok()?.join(folder_of(path));
    let about = fs::symlink_metadata(&place).ok().filter(|about| inside && about.is_file())?;
    Some(OnDisk { bytes: fs::read(&place).ok()?, mode: about.permissions().mode() })
}

/// The folder of a path, below the top.
fn folder_of(path: &BString) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let folder = path.rsplit_once_str("/").map_or(&b""[..], |(folder, _)| folder);
    std::ffi::OsStr::from_bytes(folder).into()
}

fn look(
    (repo, worktree, store): (&Repo, &Worktree, &mut Store),
    (path, stages): (&BString, &Stages),
    (file, size): (OnDisk, u16),
) -> Result<Standing> {
    let cleaned = repo.cleaned(worktree, (path.as_bstr(), &file.bytes))?;
    if cleaned.is_some() && cleaned == repo.auto_merged(path.as_bstr())? {
        return Ok(Standing::Untouched(file));
    }
    if !is_text(&file.bytes) {
        // Of a binary git leaves one side there.
        return Ok(Standing::Untouched(file));
    }
    let now = Merged::parse(&file.bytes, size);
    if now.conflicts().next().is_none() {
        let is_a_side = stages.iter().flatten().any(|stage| Some(stage.id) == cleaned);
        let whole = stages[2].is_none() || stages[3].is_none();
        // Where a side is missing, git leaves the other one there, without markers.
        return Ok(if whole && is_a_side { Standing::Untouched(file) } else { Standing::Settled });
    }
    let mut text = |at: usize| -> Result<Vec<u8>> {
        let read = stages[at].map(|stage| store.blob(stage.id)).transpose()?;
        Ok(read.map(|blob| blob.data.to_vec()).unwrap_or_default())
    };
    let sides = Sides { base: text(1)?, ours: text(2)?, theirs: text(3)? };
    let is_gits = is_gits(repo, &now, &sides)?;
    Ok(if is_gits { Standing::Untouched(file) } else { Standing::Begun(file) })
}

/// Is this a conflict that git writes for these sides?
fn is_gits(repo: &Repo, now: &Merged, sides: &Sides<Vec<u8>>) -> Result<bool> {
    let texts = sides.as_ref().map(Vec::as_slice);
    let favors = [(Favor::Ours, "--ours"), (Favor::Theirs, "--theirs")];
    let chosen = favors.map(|(favor, _)| plain(&chosen(now, favor)));
    let ours = |favor: Favor| -> Result<Vec<u8>> {
        let labels = Sides::default();
        let merge = FileMerge { labels, style: Style::Merge, favor: Some(favor), marker_size: ANY_SIZE };
        Ok(merge_file(texts, &merge)?.map(|merged| merged.text).unwrap_or_default())
    };
    if plain(&ours(Favor::Ours)?) == chosen[0] && plain(&ours(Favor::Theirs)?) == chosen[1] {
        return Ok(true);
    }
    for algorithm in ["histogram", "patience", "minimal"] {
        let mut same = true;
        for ((_, side), chosen) in favors.iter().zip(&chosen) {
            let merged = repo.merged_by_git([texts.ours, texts.base, texts.theirs], (algorithm, side))?;
            same &= merged.is_some_and(|merged| plain(&merged) == *chosen);
        }
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The text with one side in every conflict.
fn chosen(merged: &Merged, favor: Favor) -> Vec<u8> {
    let text = |chunk: &Chunk| match (chunk, favor) {
        (Chunk::Settled(text), _) => text.clone(),
        (Chunk::Open(sides), Favor::Ours) => sides.ours.clone(),
        (Chunk::Open(sides), _) => sides.theirs.clone(),
    };
    merged.chunks.iter().flat_map(text).collect()
}

/// Without carriage returns at the ends of lines, which git may put there when it writes a file, and without the newline that a marker
/// needs behind the last line.
fn plain(text: &[u8]) -> Vec<u8> {
    let lines = text.lines().map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.flat_map(|line| [line, b"\n"].concat()).collect()
}

impl Found {
    /// All three sides, if all are regular files.
    pub fn files(&self) -> Option<Sides<crate::git::Staged>> {
        let Sides { base: Some(base), ours: Some(ours), theirs: Some(theirs) } = stages_as_sides(&self.stages) else {
            return None;
        };
        let is_file = |mode: u32| mode & 0o170_000 == 0o100_000;
        [base, ours, theirs].iter().all(|side| is_file(side.mode)).then_some(Sides { base, ours, theirs })
    }
}
