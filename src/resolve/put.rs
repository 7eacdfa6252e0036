//! Writing what was resolved: the record first, then the files, then the index in one go. If a step fails, the ones before it are taken
//! back.

use super::attempted::{Attempted, Disk, Fate, Index};
use super::record::{self, Kept, Record, State, write_whole};
use super::{Leaves, Resolved};
use crate::error::{Error, Result, io};
use crate::git::{Repo, Staged, Stages, Worktree};
use crate::merge::Change;
use crate::run::quoted;
use bstr::{BString, ByteSlice};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A file as it is to be.
struct Wanted {
    path: BString,
    stages: Stages,
    /// Bytes and permissions; none to remove it; `None` to leave it.
    disk: Option<Option<(Vec<u8>, u32)>>,
}

/// Carries all plans out.
///
/// # Errors
/// Something cannot be written; then files and index are as they were.
pub fn put((repo, worktree): (&Repo, &Worktree), leaves: Leaves, told: &mut Resolved) -> Result<()> {
    if leaves == Leaves::Nothing {
        // git writes a file from an object only: these go when the folder does.
        let (aside, _scratch) = worktree.aside(repo)?;
        return told.files.iter_mut().try_for_each(|file| wanted((repo, &aside), file).map(drop));
    }
    let _lock = record::lock(worktree)?;
    let mut all = Vec::new();
    for file in &mut told.files {
        all.push(wanted((repo, worktree), file)?);
    }
    let known = Record::read(worktree)?.filter(|record| record.is_of(&told.operation));
    if known.is_none() {
        record::forget_suggestions(worktree)?;
    }
    suggest(worktree, &mut told.files)?;
    let before = known.clone();
    let mut record = known.unwrap_or_else(|| Record::of(&told.operation));
    for (file, wanted) in told.files.iter().zip(&all) {
        if let Some(kept) = kept(file, wanted) {
            if let Some(disk) = &file.on_disk {
                record::keep_bytes(worktree, &disk.bytes)?;
            }
            record.keep(kept);
        }
    }
    record.write(worktree)?;
    write_all((repo, worktree), &told.files, &all).map_err(|(e, is_back)| match is_back {
        true => {
            // The first error is the one to report.
            let _ = before.unwrap_or_else(|| Record::of(&told.operation)).write(worktree);
            e
        }
        // The record stays: without it nobody could put those files back.
        false => e.hint("git kmigrate resolve --undo puts back what was written, when the disk has room"),
    })
}

/// What a file's plan comes to, with its text as git would write it here.
fn wanted((repo, worktree): (&Repo, &Worktree), file: &mut Attempted) -> Result<Wanted> {
    let path = file.path.clone();
    let mut stages = file.was;
    let mut blob = None;
    let disk = match &file.plan.disk {
        Disk::Leave => None,
        Disk::Remove => Some(None),
        Disk::Write(text, mode) => {
            let id = repo.write_blob(worktree, text)?;
            blob = Some(id);
            let bytes = repo.smudged(worktree, (path.as_bstr(), id))?;
            Some(Some((bytes, permissions(file.on_disk.as_ref().map(|disk| disk.mode), *mode))))
        }
    };
    match &file.plan.index {
        Index::Leave => {}
        Index::Gone => stages = Stages::default(),
        Index::Stages(set) => stages = *set,
        Index::Merged(mode) => stages = [blob.map(|id| Staged { mode: *mode, id }), None, None, None],
    }
    if let Some(after) = &disk {
        let before = file.on_disk.as_ref().map(|disk| disk.bytes.clone()).unwrap_or_default();
        let after = after.as_ref().map(|(bytes, _)| bytes.clone()).unwrap_or_default();
        file.change = Some(Change { before, after });
    }
    Ok(Wanted { path, stages, disk })
}

/// The permissions of a file that has some now, with the executable bit of a mode.
fn permissions(now: Option<u32>, mode: u32) -> u32 {
    let now = now.unwrap_or(0o644) & 0o7777;
    let may_read = (now & 0o444) >> 2;
    if mode & 0o111 == 0 { now & !0o111 } else { now | may_read }
}

/// What is recorded of a file; nothing if it stays as it is.
fn kept(file: &Attempted, wanted: &Wanted) -> Option<Kept> {
    let disk = file.on_disk.as_ref().map(|disk| (&disk.bytes[..], disk.mode));
    let before = State::of(&file.was, disk);
    let after = match &wanted.disk {
        None => State { stages: State::of(&wanted.stages, None).stages, ..before.clone() },
        Some(new) => State::of(&wanted.stages, new.as_ref().map(|(bytes, mode)| (&bytes[..], *mode))),
    };
    (before != after).then(|| Kept { path: quoted(file.path.as_bstr()), before, after })
}

/// Writes files and index; if something fails, the files are put back, and it is said whether all of them were.
fn write_all(
    (repo, worktree): (&Repo, &Worktree),
    files: &[Attempted],
    all: &[Wanted],
) -> std::result::Result<(), (Error, bool)> {
    let mut written = 0;
    let mut write = || -> Result<()> {
        for wanted in all {
            if let Some(disk) = &wanted.disk {
                write_file(worktree, &wanted.path, disk.as_ref().map(|(bytes, mode)| (&bytes[..], *mode)))?;
            }
            written += 1;
        }
        let changed = all.iter().zip(files).filter(|(wanted, file)| wanted.stages != file.was);
        let changed: Vec<(BString, Stages)> = changed.map(|(wanted, _)| (wanted.path.clone(), wanted.stages)).collect();
        if changed.is_empty() { Ok(()) } else { stage((repo, worktree), &changed) }
    };
    let Err(e) = write() else { return Ok(()) };
    let mut is_back = true;
    for (wanted, file) in all.iter().zip(files).take(written).filter(|(wanted, _)| wanted.disk.is_some()) {
        let was = file.on_disk.as_ref().map(|disk| (&disk.bytes[..], disk.mode));
        is_back &= write_file(worktree, &wanted.path, was).is_ok();
    }
    Err((e, is_back))
}

/// Puts stages into the index, all or none. git may have been killed when it had done so: then it is done.
///
/// # Errors
/// git fails; the index is as it was.
pub fn stage((repo, worktree): (&Repo, &Worktree), changed: &[(BString, Stages)]) -> Result<()> {
    let Err(e) = repo.set_stages(worktree, changed) else { return Ok(()) };
    let paths: Vec<BString> = changed.iter().map(|(path, _)| path.clone()).collect();
    let now = repo.stages(worktree, &paths)?;
    let is_so = |(path, wanted): &(BString, Stages)| now.get(path).copied().unwrap_or_default() == *wanted;
    if changed.iter().all(is_so) { Ok(()) } else { Err(e) }
}

/// Puts a file of the worktree in its place, whole or not at all, or removes it.
///
/// # Errors
/// The disk.
pub fn write_file(worktree: &Worktree, path: &BString, file: Option<(&[u8], u32)>) -> Result<()> {
    let place = worktree.file(path.as_bstr());
    match file {
        None => match fs::remove_file(&place) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(place.display())(e)),
            _ => Ok(()),
        },
        Some((bytes, mode)) => {
            let folder = place.parent().unwrap_or(&place);
            fs::create_dir_all(folder).map_err(io(folder.display()))?;
            let mut new = tempfile::NamedTempFile::new_in(folder).map_err(io(folder.display()))?;
            let permissions = fs::Permissions::from_mode(mode & 0o7777);
            std::io::Write::write_all(&mut new, bytes)
                .and_then(|()| new.as_file().set_permissions(permissions))
                .and_then(|()| new.as_file().sync_all())
                .map_err(io(place.display()))?;
            new.persist(&place).map(drop).map_err(|e| io(place.display())(e.error))
        }
    }
}

/// Puts suggestions beside what is left, out of git's sight.
fn suggest(worktree: &Worktree, files: &mut [Attempted]) -> Result<()> {
    let folder = record::suggestions(worktree);
    for file in files {
        let top = Worktree { top: folder.clone(), ..worktree.clone() };
        let place = top.file(file.path.as_bstr());
        match &file.suggestion {
            Some(text) if file.fate == Fate::Left => {
                let beside = place.parent().unwrap_or(Path::new("."));
                fs::create_dir_all(beside).map_err(io(beside.display()))?;
                write_whole(&place, text)?;
                file.suggested = Some(place);
            }
            // Of an earlier conflict.
            _ => _ = fs::remove_file(&place),
        }
    }
    Ok(())
}
