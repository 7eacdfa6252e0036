//! Laying a commit out: its files, with markers where it is conflicted, and the sides beside them.

use super::{Laid, Layout, MANIFEST, Manifest, all_folders, clear, folder, refuse_standing_in, safe, stored, whose};
use crate::error::{Error, Result, io};
use crate::git::tree::{self, Sort};
use crate::git::{Oid, Repo, Stage, Store};
use crate::rebase::OpenRun;
use crate::run::{FileOutcome, Operation, Outcome, Status, unquoted};
use bstr::{BString, ByteSlice};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Lays a commit out and returns the folder; one that is laid out already stays as it is.
///
/// # Errors
/// The commit came out as none, is laid out in another way, or the folder cannot be written.
pub fn lay_out(
    (repo, store): (&Repo, &mut Store),
    run: &mut OpenRun,
    (outcome, layout): (&Outcome, Layout),
) -> Result<PathBuf> {
    if let Some(dir) = laid_out_as(run, outcome)? {
        return match Manifest::of(&dir)?.layout == layout {
            true => Ok(dir),
            false => Err(other_layout(outcome, &dir)),
        };
    }
    let new = repo.written_id(outcome.new.as_deref());
    let new = match new {
        Some(new) => new,
        None => return Err(not_carried(outcome, &run.inputs()?.onto_name)),
    };
    let dir = folder(run, outcome);
    if dir.exists() {
        // What a killed process left of it.
        clear(repo, &dir)?;
    }
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
        let laid = Place { repo, dir: &dir, layout }.lay(store, file, commit.tree)?;
        manifest.files.push(laid);
    }
    if layout == Layout::Worktree {
        let stages: Vec<Stage> = manifest.files.iter().flat_map(|laid| stages(repo, laid)).collect();
        repo.stage(&dir.join("files"), &stages)?;
        let old = repo.written_id(Some(&outcome.old)).filter(|old| store.has(*old)).unwrap_or(new);
        repo.pick_in_worktree(&dir.join("files"), (old, new))?;
    }
    let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
    fs::create_dir_all(dir.join("files")).map_err(io(dir.display()))?;
    run.append([Operation::Edit { old: outcome.old.clone(), dir: dir.display().to_string() }])?;
    // Last: a folder without it was not finished, and is laid out anew.
    let (path, unfinished) = (dir.join(MANIFEST), dir.join("manifest.new"));
    write(&unfinished, &text, 0o100_644)?;
    let synced = fs::File::open(&unfinished).and_then(|file| file.sync_all());
    synced.and_then(|()| fs::rename(&unfinished, &path)).map_err(io(path.display()))?;
    Ok(dir)
}

/// Throws away what is laid out of a commit, and what is left of it if it is damaged; returns where that was.
///
/// # Errors
/// Nothing is laid out of it, the caller stands in there, or the disk.
pub fn discard(repo: &Repo, run: &OpenRun, outcome: &Outcome) -> Result<PathBuf> {
    let own = folder(run, outcome);
    let dir = match all_folders(run)?.contains(&own) {
        true => Some(own),
        false => laid_out_as(run, outcome)?,
    };
    let dir = dir.ok_or_else(|| Error::fatal(format!("commit {} is not laid out", outcome.n)))?;
    refuse_standing_in(repo, std::slice::from_ref(&dir))?;
    clear(repo, &dir)?;
    Ok(dir)
}

/// The folder in which this commit is laid out; it may have stood at another position of the series then.
fn laid_out_as(run: &OpenRun, outcome: &Outcome) -> Result<Option<PathBuf>> {
    let own = folder(run, outcome);
    if own.join(MANIFEST).exists() {
        return Ok(Some(own));
    }
    Ok(super::laid_out(run)?.into_iter().find(|dir| whose(dir, [outcome.old.as_str()].into_iter()).is_some()))
}

fn other_layout(outcome: &Outcome, dir: &Path) -> Error {
    let n = outcome.n;
    Error::fatal(format!("commit {n} is laid out in the other way already, in {}", dir.join("files").display()))
        .hint("git kmigrate continue takes back what was edited there")
        .hint(format!("git kmigrate edit {n} --discard throws it away"))
}

/// Why there is nothing to edit, and the way to have it.
fn not_carried(outcome: &Outcome, onto: &str) -> Error {
    let n = outcome.n;
    let again = |flag: &str| format!("to have it: git kmigrate --again --onto {onto} {flag}");
    let (why, hint) = match outcome.status {
        Status::Pending => ("was not looked at yet", "first settle the commit that the walk stopped at".to_owned()),
        Status::Skipped => ("was skipped", again("--on-conflict=carry")),
        Status::Dropped => {
            ("was left out by a person", format!("to have it back: git kmigrate reset {n}, git kmigrate continue"))
        }
        _ => ("is upstream already", again("--upstream=keep")),
    };
    Error::fatal(format!("commit {n} {why}, so there is nothing to edit")).hint(hint)
}

/// The stages of a conflicted file.
fn stages(repo: &Repo, laid: &Laid) -> Vec<Stage> {
    let Some(file) = laid.file.as_ref().filter(|_| laid.conflicted) else {
        return Vec::new();
    };
    let stage = |(at, side): (usize, &Option<String>)| {
        let id = repo.written_id(side.as_deref())?;
        Some(Stage { path: unquoted(&laid.path), stage: at + 1, mode: file.mode, id })
    };
    laid.sides.iter().enumerate().filter_map(stage).collect()
}

/// Where a commit is laid out.
struct Place<'a> {
    repo: &'a Repo,
    dir: &'a Path,
    layout: Layout,
}

impl Place<'_> {
    fn lay(&self, store: &mut Store, file: &FileOutcome, tree: Oid) -> Result<Laid> {
        let path = unquoted(&file.path);
        let inside = safe(path.as_ref())?;
        for (name, side) in ["base", "ours", "theirs"].iter().zip(&file.sides) {
            if let Some(id) = self.repo.written_id(side.as_deref()).filter(|id| store.has_blob(*id)) {
                write(&self.dir.join(name).join(&inside), &store.blob(id)?.data, 0o100_644)?;
            }
        }
        let entry = tree::lookup(store, tree, path.as_ref())?;
        let mut entry = entry.filter(|e| matches!(e.sort(), Sort::File | Sort::Link));
        let diff3 = file.conflict.as_ref().and_then(|c| self.repo.written_id(c.diff3.as_deref()));
        if let (Some(entry), Some(id)) = (&mut entry, diff3) {
            entry.id = id;
        }
        let files = self.dir.join("files");
        match (entry, self.layout) {
            (Some(entry), Layout::Files) => {
                write(&files.join(&inside), &store.blob(entry.id)?.data, entry.mode)?;
            }
            // The other files stand there already, as git checks them out.
            (Some(entry), Layout::Worktree) if diff3.is_some() => {
                write(&files.join(&inside), &self.repo.checked_out(&files, (entry.id, path.as_ref()))?, entry.mode)?;
            }
            _ => {}
        }
        let (path, sides) = (file.path.clone(), file.sides.clone());
        Ok(Laid { path, sides, file: entry.map(stored), conflicted: file.conflict.is_some() })
    }
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
