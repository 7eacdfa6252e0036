//! A commit laid out as files for a person, and what the person made of it taken back.
//!
//! ```text
//!   <run>/edit/<n>/files/...    as they would be committed; conflicts with diff3 markers. Edit these.
//!                 /base/...     the sides, to look at
//!                 /ours/...
//!                 /theirs/...
//!                 /manifest.json   what was laid out, and for which sides
//! ```
//!
//! With `--worktree`, `files/` is a sparse linked worktree, and git tells what was changed in it.
//! The user's own work tree is never written. Whatever is changed, added or removed below `files/` belongs to the commit.

use super::OpenRun;
use super::laid::is_of_series;
use crate::error::{Error, Result, io};
use crate::git::tree::{self, Edit, Entry, Sort, Twin};
use crate::git::{Kind, Move, Oid, Repo, Stage, Store};
use crate::run::{FileOutcome, Inputs, Operation, Outcome, RunName, SideIds, Stored, quoted, unquoted};
use bstr::{BString, ByteSlice, ByteVec};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
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

/// What was taken back of one commit.
#[derive(Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The commit.
    pub old: String,
    /// Files that a person settled, changed, added or removed.
    pub changed: usize,
    /// Files that are still conflicted.
    pub open: usize,
}

/// Lays a commit out and returns the folder; one that is laid out already stays as it is.
///
/// # Errors
/// The commit came out as none, or the folder cannot be written.
pub fn lay_out(
    (repo, store): (&Repo, &mut Store),
    run: &mut OpenRun,
    (outcome, layout): (&Outcome, Layout),
) -> Result<PathBuf> {
    let dir = run.dir().join("edit").join(outcome.n.to_string());
    if dir.join("manifest.json").exists() {
        return Ok(dir);
    }
    if dir.exists() {
        // What a killed process left of it.
        clear(repo, &dir)?;
    }
    let new = outcome.new.as_ref().and_then(|hex| repo.parse_id(hex.as_bytes()));
    let new = new.ok_or_else(|| {
        Error::fatal(format!("commit {} of the series is not carried, so there is nothing to edit", outcome.n))
            .hint("run again with --upstream=keep or --on-conflict=carry to have it")
    })?;
    let commit = store.commit(new)?;
    let onto = commit.parents.first().copied().unwrap_or(new);
    let (old, files) = (outcome.old.clone(), Vec::new());
    let mut manifest = Manifest { old, onto: onto.to_string(), new: new.to_string(), layout, files };
    if layout == Layout::Worktree {
        fs::create_dir_all(&dir).map_err(io(dir.display()))?;
        let paths: Vec<BString> = outcome.files.iter().map(|f| unquoted(&f.path)).collect();
        repo.add_worktree(&dir.join("files"), (onto, new), &paths)?;
    }
    for file in &outcome.files {
        let laid = lay_file(repo, store, (&dir, file, commit.tree))?;
        manifest.files.push(laid);
    }
    if layout == Layout::Worktree {
        let stages: Vec<Stage> = manifest.files.iter().flat_map(|laid| stages(repo, laid)).collect();
        repo.stage(&dir.join("files"), &stages)?;
    }
    let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
    fs::create_dir_all(dir.join("files")).map_err(io(dir.display()))?;
    run.append([Operation::Edit { old: outcome.old.clone(), dir: dir.display().to_string() }])?;
    // Last: a folder without it was not finished, and is laid out anew.
    let (path, unfinished) = (dir.join("manifest.json"), dir.join("manifest.new"));
    write(&unfinished, &text, 0o100_644)?;
    let synced = fs::File::open(&unfinished).and_then(|file| file.sync_all());
    synced.and_then(|()| fs::rename(&unfinished, &path)).map_err(io(path.display()))?;
    Ok(dir)
}

/// The stages of a conflicted file.
fn stages(repo: &Repo, laid: &Laid) -> Vec<Stage> {
    let Some(file) = laid.file.as_ref().filter(|_| laid.conflicted) else {
        return Vec::new();
    };
    let stage = |(at, side): (usize, &Option<String>)| {
        let id = repo.parse_id(side.as_ref()?.as_bytes())?;
        Some(Stage { path: unquoted(&laid.path), stage: at + 1, mode: file.mode, id })
    };
    laid.sides.iter().enumerate().filter_map(stage).collect()
}

/// Removes a commit that is laid out.
pub fn clear(repo: &Repo, dir: &Path) -> Result<()> {
    let files = dir.join("files");
    if files.join(".git").is_file() {
        repo.remove_worktree(&files)?;
    }
    fs::remove_dir_all(dir).map_err(io(dir.display()))
}

fn lay_file(repo: &Repo, store: &mut Store, (dir, file, tree): (&Path, &FileOutcome, Oid)) -> Result<Laid> {
    let path = unquoted(&file.path);
    let inside = safe(&path)?;
    for (name, side) in ["base", "ours", "theirs"].iter().zip(&file.sides) {
        let id = side.as_ref().and_then(|hex| repo.parse_id(hex.as_bytes()));
        if let Some(id) = id.filter(|id| store.has(*id)) {
            write(&dir.join(name).join(&inside), &store.blob(id)?.data, 0o100_644)?;
        }
    }
    let entry = tree::lookup(store, tree, path.as_ref())?;
    let mut stored = entry.filter(|e| matches!(e.sort(), Sort::File | Sort::Link));
    let diff3 = file.conflict.as_ref().and_then(|c| c.diff3.as_ref());
    if let (Some(entry), Some(id)) = (&mut stored, diff3.and_then(|hex| repo.parse_id(hex.as_bytes()))) {
        entry.id = id;
    }
    if let Some(entry) = stored {
        write(&dir.join("files").join(&inside), &store.blob(entry.id)?.data, entry.mode)?;
    }
    Ok(Laid {
        path: file.path.clone(),
        sides: file.sides.clone(),
        file: stored.map(|e| Stored { mode: plain_mode(e), id: e.id.to_string() }),
        conflicted: file.conflict.is_some(),
    })
}

/// The mode that the file will be found with; git has had others (0o100664).
fn plain_mode(entry: Entry) -> u32 {
    match entry.sort() {
        Sort::File if entry.mode & 0o100 != 0 => 0o100_755,
        Sort::File => 0o100_644,
        _ => entry.mode,
    }
}

/// A path of a tree as a path below a folder; one that would leave it is refused.
fn safe(path: &BString) -> Result<PathBuf> {
    let bad = |part: &[u8]| part.is_empty() || part == b"." || part == b".." || part.eq_ignore_ascii_case(b".git");
    if path.split_str("/").any(bad) {
        return Err(Error::fatal(format!("the path {} cannot be laid out as a file", quoted(path.as_ref()))));
    }
    Ok(path.to_path_lossy().into_owned())
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(io(parent.display()))?;
    if fs::symlink_metadata(path).is_ok() {
        // A worktree has it already; a link would be followed.
        fs::remove_file(path).map_err(io(path.display()))?;
    }
    if mode & 0o170_000 == 0o120_000 {
        let target = content.to_path_lossy();
        return std::os::unix::fs::symlink(target, path).map_err(io(path.display()));
    }
    fs::write(path, content).map_err(io(path.display()))?;
    let permissions = fs::Permissions::from_mode(if mode & 0o111 == 0 { 0o644 } else { 0o755 });
    fs::set_permissions(path, permissions).map_err(io(path.display()))
}

/// Takes back what people made of the commits that are laid out, and removes their folders.
///
/// # Errors
/// A file still has conflict markers: then nothing is taken back. Or the disk.
pub fn take_back(repo: &Repo, store: &mut Store, (run, inputs): (&mut OpenRun, &Inputs)) -> Result<Vec<TakenBack>> {
    let mut taken = Vec::new();
    let mut operations = Vec::new();
    let mut folders = laid_out(run)?;
    // What was laid out for a commit that the series does not have any more stays where it is.
    folders.retain(|dir| is_of_series(dir, inputs).unwrap_or(true));
    for dir in &folders {
        let (one, more) = take_folder(repo, store, dir)?;
        taken.push(one);
        operations.extend(more);
    }
    if folders.is_empty() {
        return Ok(taken);
    }
    store.flush()?;
    pin(repo, store, (run, inputs), &operations)?;
    run.append(operations)?;
    for dir in &folders {
        // First what makes it a laid out commit: a folder that is half removed must not be taken back again.
        let manifest = dir.join("manifest.json");
        fs::remove_file(&manifest).map_err(io(manifest.display()))?;
        clear(repo, dir)?;
    }
    Ok(taken)
}

/// The folders of commits that are laid out now.
///
/// # Errors
/// The disk.
pub fn laid_out(run: &OpenRun) -> Result<Vec<PathBuf>> {
    let root = run.dir().join("edit");
    let Ok(found) = fs::read_dir(&root) else {
        return Ok(Vec::new());
    };
    let folders = found.filter_map(|e| e.ok()).map(|e| e.path());
    let mut folders: Vec<PathBuf> = folders.filter(|dir| dir.join("manifest.json").exists()).collect();
    folders.sort();
    Ok(folders)
}

pub(super) fn take_folder(repo: &Repo, store: &mut Store, dir: &Path) -> Result<(TakenBack, Vec<Operation>)> {
    let path = dir.join("manifest.json");
    let text = fs::read(&path).map_err(io(path.display()))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|e| Error::fatal(format!("{} cannot be read: {e}", path.display())))?;
    let mut found = match manifest.layout {
        Layout::Files => found_files(&dir.join("files"))?.into_iter().map(|(path, file)| (path, Some(file))).collect(),
        Layout::Worktree => found_in_worktree(repo, &dir.join("files"), &manifest)?,
    };
    let mut taken = TakenBack { old: manifest.old.clone(), changed: 0, open: 0 };
    let mut operations = Vec::new();
    for laid in manifest.files {
        let result = keep(store, &dir.join("files"), (&laid.path, found.remove(&laid.path).flatten()))?;
        if result == laid.file {
            taken.open += usize::from(laid.conflicted);
            continue;
        }
        let Laid { path, sides, file, .. } = laid;
        let mode = file.map(|stored| stored.mode);
        operations.push(Operation::Fix { old: manifest.old.clone(), path, sides, mode, result });
    }
    // Read only if it is asked for: what a person settled is taken back even from a run whose commits are gone.
    let onto = repo.parse_id(manifest.onto.as_bytes()).filter(|_| !found.is_empty());
    let tree = onto.map(|id| store.commit(id)).transpose()?.map(|c| c.tree);
    for (path, file) in found {
        let result = keep(store, &dir.join("files"), (&path, file))?;
        let ours = match tree {
            Some(tree) => tree::lookup(store, tree, unquoted(&path).as_ref())?,
            None => None,
        };
        let ours = ours.map(|e| e.id.to_string());
        operations.push(Operation::Extra { old: manifest.old.clone(), path, ours, result });
    }
    taken.changed = operations.len();
    Ok((taken, operations))
}

type Found = (u32, Vec<u8>);

/// What a person may have made of a worktree: the commit's own files, and whatever else is not as it was; `None` is gone.
fn found_in_worktree(repo: &Repo, root: &Path, manifest: &Manifest) -> Result<BTreeMap<String, Option<Found>>> {
    let new = repo.parse_id(manifest.new.as_bytes());
    let new = new.ok_or_else(|| Error::fatal(format!("{}: its manifest names no commit", root.display())))?;
    let mut paths = repo.changed_in_worktree(root, new)?;
    paths.extend(manifest.files.iter().map(|laid| unquoted(&laid.path)));
    let mut found = BTreeMap::new();
    for path in paths {
        let file = match fs::symlink_metadata(root.join(safe(&path)?)) {
            Ok(kind) if kind.is_dir() => continue,
            Ok(_) => Some(read_file(&root.join(safe(&path)?))?),
            Err(_) => None,
        };
        found.insert(quoted(path.as_ref()), file);
    }
    Ok(found)
}

/// A file or link as a tree would have it.
fn read_file(path: &Path) -> Result<Found> {
    let kind = fs::symlink_metadata(path).map_err(io(path.display()))?;
    if kind.is_symlink() {
        let target = fs::read_link(path).map_err(io(path.display()))?;
        return Ok((0o120_000, Vec::from_path_lossy(&target).into_owned()));
    }
    let mode = if kind.permissions().mode() & 0o100 == 0 { 0o100_644 } else { 0o100_755 };
    Ok((mode, fs::read(path).map_err(io(path.display()))?))
}

/// All files below a folder, by quoted path.
fn found_files(root: &Path) -> Result<BTreeMap<String, Found>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).map_err(io(dir.display()))? {
            let path = entry.map_err(io(dir.display()))?.path();
            let kind = fs::symlink_metadata(&path).map_err(io(path.display()))?;
            if kind.is_dir() {
                open.push(path);
                continue;
            }
            let file = read_file(&path)?;
            let inside = path.strip_prefix(root).expect("below the root").to_owned();
            let inside = BString::from(Vec::from_path_lossy(&inside).into_owned());
            safe(&inside)?;
            found.insert(quoted(inside.as_ref()), file);
        }
    }
    Ok(found)
}

/// Stores what a person left at a path. What was laid out with markers comes back as it is only if nobody touched it.
fn keep(store: &mut Store, root: &Path, (path, file): (&str, Option<Found>)) -> Result<Option<Stored>> {
    let Some((mode, content)) = file else {
        return Ok(None);
    };
    let marked = marker_line(&content);
    let object = store.object(Kind::Blob, content)?;
    if let Some(line) = marked
        && !store.has(object.id)
    {
        let place = root.join(unquoted(path).to_path_lossy());
        return Err(Error::fatal(format!("{}:{line}: a conflict marker is left", place.display()))
            .hint("settle it, or put the file back as it was to leave the conflict open")
            .hint("nothing was taken back"));
    }
    store.keep(&object, Kind::Blob, None)?;
    Ok(Some(Stored { mode, id: object.id.to_string() }))
}

/// The first line, from 1, that is one of our own markers.
fn marker_line(content: &[u8]) -> Option<usize> {
    let is_marker = |line: &[u8]| {
        let run = |c: u8| line.iter().take_while(|x| **x == c).count();
        let marked = |c: u8, label: &[u8]| run(c) >= 7 && line[run(c)..].starts_with(label);
        marked(b'<', b" ours (upstream)") || marked(b'|', b" base") || marked(b'>', b" theirs (the patch)")
    };
    content.lines().position(is_marker).map(|at| at + 1)
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
