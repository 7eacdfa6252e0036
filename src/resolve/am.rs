//! The mail that `git am` stopped at, as it stands on the disk: its patch, part by part, and whether anything of it is left to settle.

use super::attempted::Note;
use super::record::Record;
use crate::error::{Error, Result, io};
use crate::git::{Operation, Repo, Stages, Store, Worktree};
use crate::quilt::{Entry, Name, PatchFile, Section, Touched};
use crate::run::quoted;
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;
use std::fs;

/// The bits of a mode that say what sort of thing it is, those of a regular file, and those of a symbolic link.
pub(super) const SORT: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
pub(super) const LINK: u32 = 0o120_000;

/// A section and the file that it is about.
pub(super) struct Part<'a> {
    /// What the patch says.
    pub section: &'a Section,
    /// Where the file is.
    pub touched: Touched,
    /// `HEAD`'s file at the path that it has before the patch.
    pub ours: Option<(u32, Vec<u8>)>,
    /// What the index has there.
    pub was: Stages,
    /// What `HEAD` has of it already, in words.
    pub notes: Vec<Note>,
}

/// Is nothing staged? Before a first commit something is.
///
/// # Errors
/// The git program is lost.
pub fn is_as_head(repo: &Repo) -> Result<bool> {
    let said = repo.worktree()?.git.run(&["diff-index", "--cached", "--quiet", "HEAD", "--"], b"")?;
    Ok(said.status.success())
}

/// Was something of this mail resolved here, and does it stand in the index?
///
/// # Errors
/// git fails, or the record cannot be read.
pub(super) fn is_resolved((repo, worktree): (&Repo, &Worktree), operation: &Operation) -> Result<bool> {
    let is_of_it = Record::read(worktree)?.is_some_and(|record| record.is_of(operation));
    Ok(is_of_it && !is_as_head(repo)?)
}

/// Is nothing of this mail left to settle? Without a word of ours about it, only if somebody has staged every file of it.
///
/// # Errors
/// git fails, or the record cannot be read.
pub fn is_settled((repo, worktree): (&Repo, &Worktree), operation: &Operation) -> Result<bool> {
    if is_resolved((repo, worktree), operation)? {
        return Ok(true);
    }
    // What cannot be read is told by the one who resolves it.
    let Ok(file) = patch(worktree) else { return Ok(false) };
    let listed =
        worktree.git.run(&["diff-index", "--cached", "--name-only", "--no-renames", "-z", "HEAD", "--"], b"")?;
    let staged: BTreeSet<&[u8]> = listed.stdout.split_str("\0").filter(|path| !path.is_empty()).collect();
    let is_staged = |section: &Section| {
        let touched = section.touched(file.entry.strip, &|path| staged.contains(path));
        touched.is_ok_and(|Touched { before, after }| {
            [before, after].into_iter().flatten().any(|path| staged.contains(path.as_slice()))
        })
    };
    Ok(file.sections().next().is_some() && file.sections().all(is_staged))
}

/// The patch that `git am` stopped at.
pub(super) fn patch(worktree: &Worktree) -> Result<PatchFile> {
    let state = worktree.state.join("rebase-apply");
    let path = state.join("patch");
    let bytes = fs::read(&path).map_err(io(path.display()))?;
    let options = fs::read_to_string(state.join("apply-opt")).unwrap_or_default();
    let mut entry = Entry::plain(b"the mail");
    for option in options.split_whitespace().map(|option| option.trim_matches('\'')) {
        match option.strip_prefix("-p").and_then(|strip| strip.parse().ok()) {
            Some(strip) => entry.strip = strip,
            // These only say how strictly a patch is applied.
            None if ["--whitespace=", "--ignore-whitespace", "-C", "--reject"]
                .iter()
                .any(|known| option.starts_with(known)) => {}
            None => {
                let said = format!("git am was given {option}, which is not known here");
                return Err(Error::fatal(said).hint("begin again with git am -3"));
            }
        }
    }
    Ok(PatchFile::read(entry, bytes))
}

/// The subject of the mail.
pub fn subject(worktree: &Worktree) -> String {
    let read = fs::read(worktree.state.join("rebase-apply").join("final-commit")).unwrap_or_default();
    read.lines().next().unwrap_or_default().to_str_lossy().into_owned()
}

/// The sections with their files.
pub(super) fn parts<'a>(
    (repo, worktree, store): (&Repo, &Worktree, &mut Store),
    file: &'a PatchFile,
) -> Result<Vec<Part<'a>>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut seen = BTreeSet::new();
    for section in file.sections() {
        let known = known_paths((repo, worktree), section, file.entry.strip)?;
        let touched = section.touched(file.entry.strip, &|path| known.contains(path));
        let mut touched = touched.map_err(|refusal| Error::fatal(refusal.to_string()))?;
        let notes = Vec::from_iter(moved_already((repo, worktree), section, &mut touched)?);
        let paths: BTreeSet<Vec<u8>> = [&touched.before, &touched.after].into_iter().flatten().cloned().collect();
        if let Some(twice) = paths.iter().find(|path| seen.contains(*path)) {
            let said = format!("the patch changes {} in two places of its own", quoted(twice.as_bstr()));
            return Err(Error::fatal(said).hint("begin again with git am -3, or apply it by hand"));
        }
        seen.extend(paths);
        let path = touched.before.as_ref().or(touched.after.as_ref());
        let path = BString::from(path.cloned().unwrap_or_default());
        let was = stages((repo, worktree), &path)?;
        let ours = match was[0] {
            Some(staged) => Some((staged.mode, store.blob(staged.id)?.data.to_vec())),
            None => None,
        };
        let made = section.git.as_ref().and_then(|git| git.new_mode).map(|mode| mode & SORT);
        let is_other = ours.as_ref().is_some_and(|(mode, _)| mode & SORT != REGULAR);
        if is_other || made.is_some_and(|sort| sort != REGULAR && sort != LINK) {
            let said = format!("{} is no regular file", quoted(path.as_bstr()));
            return Err(Error::fatal(said).hint("apply it by hand"));
        }
        parts.push(Part { section, touched, ours, was, notes });
    }
    Ok(parts)
}

/// A file that `HEAD` has moved to where the patch moves it is changed there.
fn moved_already(
    (repo, worktree): (&Repo, &Worktree),
    section: &Section,
    touched: &mut Touched,
) -> Result<Option<Note>> {
    let (Some(before), Some(after)) = (&touched.before, &touched.after) else { return Ok(None) };
    let copies = section.git.as_ref().is_some_and(|git| git.copied.is_some());
    let is_there = |path: &Vec<u8>| Ok(stages((repo, worktree), &path.clone().into())?[0].is_some());
    if before == after || copies || is_there(before)? || !is_there(after)? {
        return Ok(None);
    }
    let said = format!("HEAD has moved it here already, from {}", quoted(before.as_bstr()));
    touched.before = touched.after.clone();
    Ok(Some(Note::fact(said)))
}

/// Which of the paths that a section names are in the index.
fn known_paths((repo, worktree): (&Repo, &Worktree), section: &Section, strip: usize) -> Result<BTreeSet<Vec<u8>>> {
    // `a/x` and `b/x` are one path.
    let mut paths = BTreeSet::new();
    for name in [&section.old, &section.new] {
        if let Name::Path(path) = name {
            let path = path.splitn(strip + 1, |b| *b == b'/').last().unwrap_or_default();
            paths.extend((!path.is_empty()).then(|| BString::from(path)));
        }
    }
    let found = repo.stages(worktree, &Vec::from_iter(paths))?;
    Ok(found.into_iter().filter(|(_, stages)| stages[0].is_some()).map(|(path, _)| path.into()).collect())
}

/// What the index has at a path.
pub(super) fn stages((repo, worktree): (&Repo, &Worktree), path: &BString) -> Result<Stages> {
    Ok(repo.stages(worktree, std::slice::from_ref(path))?.remove(path).unwrap_or_default())
}
