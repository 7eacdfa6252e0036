//! A commit laid out as files for a person, and what the person made of it taken back.
//!
//! ```text
//!   <run>/edit/<n>-<id>/files/...    as they would be committed; conflicts with diff3 markers. Edit these.
//!                      /base/...     the sides, to look at
//!                      /ours/...
//!                      /theirs/...
//!                      /manifest.json   what was laid out, and for which sides
//! ```
//!
//! The folder has the commit's id in its name: a series that has changed lays out another commit at the same position elsewhere.
//! With `--worktree`, `files/` is a sparse linked worktree, and git tells what was changed in it.
//! The user's own work tree is never written. Whatever is changed, added or removed below `files/` belongs to the commit.

mod found;
mod lay_out;
mod markers;
mod take_back;

pub use lay_out::{discard, lay_out};
pub use take_back::{TakenBack, take_back, take_folder};

use super::OpenRun;
use crate::error::{Error, Result, io};
use crate::git::tree::{self, Edit, Entry, Sort, Twin};
use crate::git::{Kind, Move, Repo, Store};
use crate::run::{Inputs, Operation, Outcome, RunName, SideIds, Stored, quoted};
use bstr::{BStr, ByteSlice};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What was laid out of a commit.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    old: String,
    /// The tip that the commit came out on.
    onto: String,
    /// The commit as it came out.
    new: String,
    layout: Layout,
    files: Vec<Laid>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Laid {
    path: String,
    sides: SideIds,
    /// `None`: there is no file.
    file: Option<Stored>,
    conflicted: bool,
}

/// How a commit is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// The files of the commit.
    Files,
    /// A sparse worktree with the folders of these files.
    Worktree,
}

/// File name of the manifest. A folder without one is no commit that is laid out.
const MANIFEST: &str = "manifest.json";

impl Manifest {
    /// Of a folder.
    ///
    /// # Errors
    /// It cannot be read.
    fn of(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let text = fs::read(&path).map_err(io(path.display()))?;
        serde_json::from_slice(&text).map_err(|e| {
            Error::fatal(format!("{} cannot be read: {e}", path.display()))
                .hint("git kmigrate edit <n> --discard throws away what is laid out of commit n")
        })
    }
}

/// Which of some commits a folder was laid out for; its name tells where the manifest cannot be read.
pub fn whose<'a>(dir: &Path, mut commits: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match Manifest::of(dir) {
        Ok(manifest) => commits.find(|old| *old == manifest.old),
        Err(_) => commits.find(|old| name.rsplit_once('-').is_some_and(|(_, short)| short == abbreviated(old))),
    }
}

/// Was the folder laid out for a commit that the series has?
pub fn is_of_series(dir: &Path, inputs: &Inputs) -> bool {
    whose(dir, inputs.commits.iter().map(String::as_str)).is_some()
}

fn abbreviated(old: &str) -> &str {
    &old[..old.len().min(8)]
}

/// Where a commit is laid out, or would be.
fn folder(run: &OpenRun, outcome: &Outcome) -> PathBuf {
    root(run).join(format!("{}-{}", outcome.n, abbreviated(&outcome.old)))
}

/// Where all commits of a run are laid out.
fn root(run: &OpenRun) -> PathBuf {
    run.dir().join("edit")
}

/// Has git forget the worktrees of a run that somebody removed by hand, with manifest and all.
///
/// # Errors
/// git fails.
pub fn sweep(repo: &Repo, run: &OpenRun) -> Result<()> {
    repo.forget_lost_worktrees(&root(run))
}

/// The folders of commits that are laid out now.
///
/// # Errors
/// The disk.
pub fn laid_out(run: &OpenRun) -> Result<Vec<PathBuf>> {
    let mut folders = all_folders(run)?;
    folders.retain(|dir| dir.join(MANIFEST).exists());
    Ok(folders)
}

/// Those and what a killed process left, in order.
///
/// # Errors
/// The disk.
pub fn all_folders(run: &OpenRun) -> Result<Vec<PathBuf>> {
    let root = root(run);
    let found = match fs::read_dir(&root) {
        Ok(found) => found,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io(root.display())(e)),
    };
    let mut folders =
        found.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>().map_err(io(root.display()))?;
    folders.sort();
    Ok(folders)
}

/// Removes a commit that is laid out, with what git knows of its worktree, even if that or the folder is gone already.
///
/// # Errors
/// The disk, or git.
pub fn clear(repo: &Repo, dir: &Path) -> Result<()> {
    let there = |done: std::io::Result<()>| match done {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(dir.display())(e)),
        _ => Ok(()),
    };
    // First what makes it a laid out commit: a folder that is half removed must not be taken back.
    there(fs::remove_file(dir.join(MANIFEST)))?;
    repo.remove_worktree(&dir.join("files"))?;
    there(fs::remove_dir_all(dir))
}

/// Refuses to remove the ground that the caller stands on.
///
/// # Errors
/// The current directory is in one of the folders.
pub fn refuse_standing_in(repo: &Repo, dirs: &[PathBuf]) -> Result<()> {
    let Ok(here) = std::env::current_dir().and_then(fs::canonicalize) else {
        return Ok(());
    };
    let is_around = |dir: &&PathBuf| fs::canonicalize(dir).is_ok_and(|dir| here.starts_with(dir));
    let Some(dir) = dirs.iter().find(is_around) else {
        return Ok(());
    };
    let common = repo.common_dir();
    let elsewhere = common.parent().filter(|_| common.ends_with(".git")).unwrap_or(common);
    Err(Error::fatal(format!("the current directory is in {}, which would be removed", dir.display()))
        .hint(format!("do it from elsewhere: cd {}", elsewhere.display())))
}

/// A path of a tree as a path below a folder; one that would leave it is refused.
fn safe(path: &BStr) -> Result<PathBuf> {
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b".." || part.eq_ignore_ascii_case(b".git");
    if path.split_str("/").any(bad) {
        return Err(Error::fatal(format!("the path {} cannot be laid out as a file", quoted(path))));
    }
    Ok(path.to_path_lossy().into_owned())
}

/// The mode that the file will be found with; git has had others (0o100664).
fn plain_mode(entry: Entry) -> u32 {
    match entry.sort() {
        Sort::File if entry.mode & 0o100 != 0 => 0o100_755,
        Sort::File => 0o100_644,
        _ => entry.mode,
    }
}

fn stored(entry: Entry) -> Stored {
    Stored { mode: plain_mode(entry), id: entry.id.to_string() }
}

/// Pins what people settled, so that no garbage collection takes it before the next walk.
///
/// # Errors
/// A pack could not be written, or the ref is locked.
pub fn pin(repo: &Repo, store: &mut Store, (run, inputs): (&OpenRun, &Inputs), new: &[Operation]) -> Result<()> {
    let name = RunName(inputs.branch.clone()).fixes();
    let all = [run.journal().operations(), new].concat();
    let decisions = crate::run::Decisions::of(&all);
    let blobs: BTreeMap<&str, &Stored> = decisions.blobs().map(|s| (s.id.as_str(), s)).collect();
    let entry = |(hex, stored): (&&str, &&Stored)| {
        let id = repo.parse_id(hex.as_bytes())?;
        Some(Edit { path: (*hex).into(), entry: Some(Entry { mode: stored.mode, id }), own: false })
    };
    let mut edits: Vec<Edit> = blobs.iter().filter_map(entry).collect();
    // The sides, too: what was settled for them is carried onto others.
    let sides: BTreeSet<&String> = decisions.fixes().iter().flat_map(|fix| fix.sides.iter().flatten()).collect();
    for hex in sides.into_iter().filter(|hex| !blobs.contains_key(hex.as_str())) {
        let id = repo.parse_id(hex.as_bytes()).filter(|id| store.blob(*id).is_ok());
        let entry = |id| Edit { path: hex.as_str().into(), entry: Some(Entry { mode: 0o100_644, id }), own: false };
        edits.extend(id.map(entry));
    }
    let tree = tree::write(store, (None, Twin::default()), &edits)?.tree;
    let who = &inputs.committer;
    let commit = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nkmigrate: what people settled\n");
    let commit = store.put(Kind::Commit, commit.into_bytes(), None)?.id;
    store.flush()?;
    let old = repo.object(&name)?;
    repo.move_refs(&[Move { name, new: Some(commit), old }], "kmigrate (continue): what people settled")
}
