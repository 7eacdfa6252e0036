//! What stands in a folder now: files and links by path, and what of it is nobody's work.
//!
//! In plain files everything counts but what git would ignore and what editors leave behind. In a worktree git is asked, and a
//! file that was never checked out there is not missed: only in the folders of the commit's own files can one be removed.

use super::{Layout, Manifest, safe};
use crate::error::{Error, Result, io};
use crate::git::tree::{self, Entry};
use crate::git::{Oid, Repo, Store};
use crate::run::{quoted, unquoted};
use bstr::{BStr, BString, ByteSlice, ByteVec};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A file or link as a tree would have it: mode and content.
pub type File = (u32, Vec<u8>);

/// What stands there.
#[derive(Debug, Default)]
pub struct Found {
    /// By quoted path; `None` is gone.
    pub files: BTreeMap<String, Option<File>>,
    /// Quoted paths of what is not taken.
    pub left_out: Vec<String>,
}

/// Looks into a folder; `None` if it is not there any more.
///
/// # Errors
/// There is something that no commit can hold, or the disk, or git.
pub fn look((repo, store): (&Repo, &mut Store), dir: &Path, manifest: &Manifest) -> Result<Option<Found>> {
    let root = dir.join("files");
    if stands(&root, b"".as_bstr())?.is_none() {
        return Ok(None);
    }
    match manifest.layout {
        Layout::Files => in_files((repo, store), &root, manifest),
        Layout::Worktree if !root.join(".git").exists() => {
            Err(Error::fatal(format!("{} is no worktree of git any more", root.display()))
                .hint("git kmigrate edit <n> --discard throws away what is laid out of commit n"))
        }
        Layout::Worktree => in_worktree((repo, store), &root, manifest),
    }
    .map(Some)
}

fn in_files((repo, store): (&Repo, &mut Store), root: &Path, manifest: &Manifest) -> Result<Found> {
    let mut found = Found::default();
    let own: BTreeSet<BString> = manifest.files.iter().map(|laid| unquoted(&laid.path)).collect();
    let all = all_files(root)?;
    let beside: Vec<BString> = all.keys().filter(|path| !own.contains(*path)).cloned().collect();
    let ignored = match beside.is_empty() {
        true => BTreeSet::new(),
        false => not_meant((repo, store), commit_tree(repo, manifest)?, &beside)?,
    };
    for (path, file) in all {
        match ignored.contains(&path) {
            true => found.left_out.push(quoted(path.as_ref())),
            false => _ = found.files.insert(quoted(path.as_ref()), Some(file)),
        }
    }
    Ok(found)
}

/// The commit whose tree tells which files are new.
fn commit_tree(repo: &Repo, manifest: &Manifest) -> Result<Oid> {
    let id = repo.parse_id(manifest.new.as_bytes());
    id.ok_or_else(|| Error::fatal(format!("the manifest of commit {} names no commit", manifest.old)))
}

/// Those of the paths that are new and that nobody means to have in a commit.
fn not_meant((repo, store): (&Repo, &mut Store), commit: Oid, paths: &[BString]) -> Result<BTreeSet<BString>> {
    let root = store.commit(commit)?.tree;
    let mut new = Vec::new();
    let mut rules: BTreeMap<BString, Vec<u8>> = BTreeMap::new();
    for path in paths {
        if tree::lookup(store, root, path.as_ref())?.is_some() {
            continue;
        }
        new.push(path.clone());
        let folders = path.find_iter("/").map(|at| &path[..=at]).chain([&path[..0]]);
        let places: Vec<BString> = folders.map(|folder| [folder, b".gitignore"].concat().into()).collect();
        for place in places {
            let entry = tree::lookup(store, root, place.as_ref())?.filter(|e| !e.is_tree());
            rules.insert(place, entry.map(|e| store.blob(e.id)).transpose()?.map_or(Vec::new(), |b| b.data.to_vec()));
        }
    }
    let mut ignored = repo.ignored(&rules, &new)?;
    ignored.extend(new.into_iter().filter(|path| is_leftover(path.as_ref())));
    Ok(ignored)
}

/// Is this what an editor or a merge tool leaves beside a file: backup, autosave, swap file, lock?
fn is_leftover(path: &BStr) -> bool {
    let name = path.rsplit_str("/").next().unwrap_or_default();
    let swap = name.starts_with(b".") && name.len() > 5 && name[name.len() - 4..].starts_with(b".sw");
    let ends = [&b"~"[..], b".orig", b".rej"].iter().any(|end| name.ends_with(end));
    ends || swap || name.starts_with(b".#") || (name.starts_with(b"#") && name.ends_with(b"#"))
}

/// All files below a folder.
fn all_files(root: &Path) -> Result<BTreeMap<BString, File>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).map_err(io(dir.display()))? {
            let path = entry.map_err(io(dir.display()))?.path();
            if path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(".git")) {
                return Err(nested(&dir));
            }
            let kind = fs::symlink_metadata(&path).map_err(io(path.display()))?;
            if kind.is_dir() {
                open.push(path);
                continue;
            }
            let inside = path.strip_prefix(root).expect("below the root").to_owned();
            let inside = BString::from(Vec::from_path_lossy(&inside).into_owned());
            safe(inside.as_ref())?;
            let mode = mode_of(&path, &kind)?;
            let content = match kind.is_symlink() {
                true => target(&path)?,
                false => fs::read(&path).map_err(io(path.display()))?,
            };
            found.insert(inside, (mode, content));
        }
    }
    Ok(found)
}

fn nested(dir: &Path) -> Error {
    Error::fatal(format!("{} is a git repository of its own, which a commit cannot hold", dir.display()))
        .hint("move it somewhere else")
        .hint("nothing was taken back")
}

/// The mode that a tree would have for it.
fn mode_of(path: &Path, kind: &Metadata) -> Result<u32> {
    match kind.permissions().mode() & 0o100 {
        _ if kind.is_symlink() => Ok(0o120_000),
        // Not to be opened: reading a pipe waits for somebody to write to it.
        _ if !kind.is_file() => Err(Error::fatal(format!("{} is neither a file nor a link", path.display()))
            .hint("a commit can hold nothing else; remove it")
            .hint("nothing was taken back")),
        0 => Ok(0o100_644),
        _ => Ok(0o100_755),
    }
}

fn target(link: &Path) -> Result<Vec<u8>> {
    let target = fs::read_link(link).map_err(io(link.display()))?;
    Ok(Vec::from_path_lossy(&target).into_owned())
}

/// What stands at a path below a folder, without following links on the way; `None` is nothing.
fn stands(root: &Path, path: &BStr) -> Result<Option<Metadata>> {
    let mut at = root.to_owned();
    let mut parts = path.split_str("/").filter(|part| !part.is_empty());
    loop {
        let kind = match fs::symlink_metadata(&at) {
            Ok(kind) => kind,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(io(at.display())(e)),
        };
        match parts.next() {
            None => return Ok(Some(kind)),
            Some(part) if kind.is_dir() => at.push(part.to_path_lossy()),
            Some(_) => return Ok(None),
        }
    }
}

/// What a person may have made of a worktree: the commit's own files, and whatever else is not as it was.
fn in_worktree((repo, store): (&Repo, &mut Store), root: &Path, manifest: &Manifest) -> Result<Found> {
    let commit = commit_tree(repo, manifest)?;
    let folder = |path: &BString| path.rfind_byte(b'/').map(|at| path[..at].to_owned());
    let own: BTreeSet<BString> = manifest.files.iter().map(|laid| unquoted(&laid.path)).collect();
    let checked_out: BTreeSet<_> = own.iter().map(folder).collect();
    let onto = repo.parse_id(manifest.onto.as_bytes()).unwrap_or(commit);
    let changed = repo.changed_in_worktree(root, (onto, commit))?;
    let mut found = Found::default();
    let mut files = Vec::new();
    for path in changed.tracked.iter().chain(&changed.new).chain(&own).collect::<BTreeSet<_>>() {
        if let Some(inner) = path.strip_suffix(b"/") {
            return Err(nested(&root.join(inner.to_path_lossy())));
        }
        let inside = safe(path.as_ref())?;
        let name = quoted(path.as_ref());
        if changed.new.contains(path) && is_leftover(path.as_ref()) {
            found.left_out.push(name);
            continue;
        }
        match stands(root, path.as_ref())? {
            Some(kind) if kind.is_dir() => {
                // A submodule is nothing that is edited here; what was a file is gone.
                let tree = store.commit(commit)?.tree;
                let is_module = |e: Entry| e.sort() == tree::Sort::Gitlink;
                if !tree::lookup(store, tree, path.as_ref())?.is_some_and(is_module) {
                    found.files.insert(name, None);
                }
            }
            Some(kind) if kind.is_symlink() => {
                found.files.insert(name, Some((0o120_000, target(&root.join(&inside))?)));
            }
            Some(kind) => {
                mode_of(&root.join(&inside), &kind)?;
                files.push(path.clone());
            }
            None => {
                let is_gone = checked_out.contains(&folder(path)) || changed.removed.contains(path);
                if is_gone || own.contains(path) {
                    found.files.insert(name, None);
                }
            }
        }
    }
    // As git would store them: with line endings and filters as the attributes say.
    let stored = repo.store_files(root, &files)?;
    store.refresh()?;
    for (path, (mode, id)) in stored {
        found.files.insert(quoted(path.as_ref()), Some((mode, store.blob(id)?.data.to_vec())));
    }
    Ok(found)
}
