//! `git kmigrate merge-driver` and `git kmigrate mergetool`: one file for git's own merge machinery, by git's contracts.
//!
//! Whatever happens here, git must find a file that it can go on with: the driver writes git's own text merge first, and the cascade's
//! answer over it only if there is one without a doubt.

use super::args::{MergeDriver, Mergetool};
use super::{Exit, settings};
use crate::error::{Result, io};
use crate::git::text::{FileMerge, Style};
use crate::git::{Git, Repo};
use crate::memory::Memory;
use crate::merge::Sides;
use crate::report;
use crate::resolve::{By, Driven, Patch, drive, plain_merge};
use crate::run::Method;
use bstr::BString;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Nothing is open.
const CLEAN: Exit = Exit::Conflicts(0);
/// Something is open, or failed.
const OPEN: Exit = Exit::Conflicts(1);

/// The merge driver. 0: merged; 1: conflicts, with markers in the file.
pub fn run(args: &MergeDriver) -> Exit {
    driven(args).unwrap_or_else(|e| {
        report::warn(&format!("kmigrate merge driver: {e}"));
        OPEN
    })
}

fn driven(args: &MergeDriver) -> Result<Exit> {
    let texts = read(Sides { base: &args.base, ours: &args.ours, theirs: &args.theirs })?;
    let texts = texts.as_ref().map(Vec::as_slice);
    // Of a git that does not know %X and %Y these stay as they are.
    let name = |name: &Option<String>, other: &str| {
        name.clone().filter(|name| !name.is_empty() && !name.starts_with('%')).unwrap_or_else(|| other.to_owned())
    };
    let labels =
        Sides { ours: name(&args.our_name, "ours"), base: "base".to_owned(), theirs: name(&args.their_name, "theirs") };
    let plain = FileMerge { labels, style: Style::Merge, favor: None, marker_size: args.marker_size };
    let repo = Repo::open(Git::here());
    let merge = FileMerge { style: repo.as_ref().map_or(Style::Merge, style), ..plain };
    let Some(by_text) = plain_merge(texts, &merge)? else {
        // As git's own driver: a binary stays as this side has it.
        return Ok(OPEN);
    };
    write(&args.ours, &by_text.text)?;
    if by_text.conflicts == 0 {
        return Ok(CLEAN);
    }
    let repo = repo?;
    let methods = settings::methods(&repo, None)?;
    let path = BString::from(args.path.clone().into_vec());
    let patch = side(&repo, args.their_name.as_deref());
    match drive(&path, texts, &By { patch, methods: &methods, memory: &|| remembered(&repo) }, &merge)? {
        Driven::ByText(text) | Driven::ByMethods(text, _) => {
            write(&args.ours, &text)?;
            Ok(CLEAN)
        }
        Driven::Open(..) | Driven::Binary => Ok(OPEN),
    }
}

/// The three files.
fn read(paths: Sides<&PathBuf>) -> Result<Sides<Vec<u8>>> {
    paths.map(|path| fs::read(path).map_err(io(path.display()))).transpose()
}

/// The user's `merge.conflictStyle`.
fn style(repo: &Repo) -> Style {
    match repo.setting("merge.conflictstyle") {
        Some("diff3") => Style::Diff3,
        Some("zdiff3") => Style::ZealousDiff3,
        _ => Style::Merge,
    }
}

/// Which side is the patch. git tells a driver little: a rebase or am leaves its state before it merges, and a picked commit's name is
/// `1234567 (subject)`. Of a merge nothing is known here.
fn side(repo: &Repo, their_name: Option<&str>) -> Patch {
    let is_id = |word: &str| word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let picked = their_name.and_then(|name| name.split_once(" (")).is_some_and(|(id, _)| is_id(id));
    let rebases = repo.has_state("rebase-merge") || repo.has_state("rebase-apply");
    if (picked || rebases) && !repo.has_state("MERGE_HEAD") { Patch::Theirs } else { Patch::Either }
}

/// What people settled before; one that cannot be read is told of and goes unasked.
fn remembered(repo: &Repo) -> Memory {
    super::resolve::memory(repo).unwrap_or_else(|e| {
        report::warn(&format!("the memory is not asked: {e}"));
        Memory::default()
    })
}

/// The mergetool. 0: the file is merged; 1: it is as it was.
pub fn tool(args: &Mergetool) -> Exit {
    tooled(args).unwrap_or_else(|e| {
        report::warn(&format!("kmigrate mergetool: {e}"));
        OPEN
    })
}

fn tooled(args: &Mergetool) -> Result<Exit> {
    let texts = read(Sides { base: &args.base, ours: &args.local, theirs: &args.remote })?;
    let texts = texts.as_ref().map(Vec::as_slice);
    let repo = Repo::open(Git::here())?;
    let patch = match repo.operation()? {
        Some(operation) => crate::resolve::bearing(&repo, &operation, None)?.patch,
        None => Patch::Either,
    };
    let methods: Vec<Method> = settings::methods(&repo, None)?;
    let labels = Sides { base: "base".to_owned(), ours: "local".to_owned(), theirs: "remote".to_owned() };
    let merge = FileMerge { labels, style: Style::Merge, favor: None, marker_size: 7 };
    let path = BString::from(OsStr::as_bytes(args.merged.as_os_str()));
    let said = args.merged.display();
    match drive(&path, texts, &By { patch, methods: &methods, memory: &|| remembered(&repo) }, &merge)? {
        Driven::ByText(text) | Driven::ByMethods(text, _) => {
            write(&args.merged, &text)?;
            report::aside(&format!("{said}: merged"));
            Ok(CLEAN)
        }
        Driven::Open(_, tried) => {
            report::aside(&format!("{said}: {}; git kmigrate resolve says more", tried.because));
            Ok(OPEN)
        }
        Driven::Binary => {
            report::aside(&format!("{said}: it is binary"));
            Ok(OPEN)
        }
    }
}

/// git owns the file and reads it when we are done: it is written in place.
fn write(path: &Path, text: &[u8]) -> Result<()> {
    fs::write(path, text).map_err(io(path.display()))
}
