//! `git kmigrate apply`: the rules of a semantic patch, applied to a tree or to files of the worktree.

use super::Exit;
use super::args::Apply;
use crate::error::{Error, Result, io};
use crate::git::tree::{self, Edit, Sort, Twin};
use crate::git::{Git, Kind, Repo, Store, Writes};
use crate::merge::Change;
use crate::report;
use crate::resolve::{OnDisk, on_disk, write_file};
use crate::rule::smpl::apply::Ready;
use crate::rule::smpl::{self, Problem};
use crate::syntax::language::Language;
use bstr::BString;
use std::fs;

/// Longer files are passed over, in bytes.
const LONGEST: usize = 1 << 20;

/// Runs it.
pub fn run(args: &Apply) -> Result<Exit> {
    let text = fs::read(&args.rules).map_err(io(args.rules.display()))?;
    let bad = |problem: Problem| Error::fatal(format!("{}:{}: {}", args.rules.display(), problem.line, problem.what));
    let patch = smpl::read(&text).map_err(bad)?;
    for skipped in &patch.skipped {
        report::warn(&format!("{}: skipped: {skipped}", args.rules.display()));
    }
    let ready = Ready::new(&patch).map_err(bad)?;
    let repo = Repo::open(Git::here())?;
    if args.worktree { in_worktree(args, &repo, &ready) } else { in_tree(args, &repo, &ready) }
}

/// Writes a new tree and prints its id.
fn in_tree(args: &Apply, repo: &Repo, ready: &Ready) -> Result<Exit> {
    let root = repo.tree_of(&args.tree)?.ok_or_else(|| Error::fatal(format!("bad revision '{}'", args.tree)))?;
    let mut store = repo.store(if args.dry_run { Writes::Nowhere } else { Writes::Packs })?;
    let mut edits = Vec::new();
    for file in tree::diff(&mut store, Change { before: None, after: Some(root) })? {
        let Some(entry) = file.entry.after.filter(|e| e.sort() == Sort::File && is_asked(args, &file.path)) else {
            continue;
        };
        let before = store.blob(entry.id)?;
        let Some(after) = rewritten(ready, &before.data) else { continue };
        if args.dry_run {
            report::diff(&file.path, Change { before: &before.data, after: &after })?;
            continue;
        }
        let id = store.put(Kind::Blob, after, Some(&before))?.id;
        edits.push(Edit { path: file.path, entry: Some(tree::Entry { id, ..entry }), own: false });
    }
    if !args.dry_run {
        let written = tree::write(&mut store, (Some(root), Twin::default()), &edits)?;
        store.flush()?;
        report::say(&format!("{}\n", written.tree))?;
    }
    Ok(Exit::Done)
}

/// Rewrites files where they are.
fn in_worktree(args: &Apply, repo: &Repo, ready: &Ready) -> Result<Exit> {
    let worktree = repo.worktree().map_err(|e| e.while_doing("--worktree"))?;
    let mut store: Store = repo.store(Writes::Nowhere)?;
    let head = repo.tree_of("HEAD")?.ok_or_else(|| Error::fatal("there is no commit yet"))?;
    let files: Vec<BString> = tree::diff(&mut store, Change { before: None, after: Some(head) })?
        .into_iter()
        .filter(|file| file.entry.after.is_some_and(|e| e.sort() == Sort::File) && is_asked(args, &file.path))
        .map(|file| file.path)
        .collect();
    for path in files {
        // What is not checked out is not rewritten, nor what a link leads to.
        let Some(OnDisk { bytes: before, mode }) = on_disk(&worktree, &path) else { continue };
        let Some(after) = rewritten(ready, &before) else { continue };
        if args.dry_run {
            report::diff(&path, Change { before: &before, after: &after })?;
        } else {
            write_file(&worktree, &path, Some((&after, mode)))?;
            report::say(&format!("{path}\n"))?;
        }
    }
    Ok(Exit::Done)
}

/// Is a file one of C, at or below a path that was asked for?
fn is_asked(args: &Apply, path: &BString) -> bool {
    let below = |asked: &String| {
        let asked = asked.trim_end_matches('/').as_bytes();
        path.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    Language::of(path) == Language::C && (args.paths.is_empty() || args.paths.iter().any(below))
}

fn rewritten(ready: &Ready, text: &[u8]) -> Option<Vec<u8>> {
    let outcome = ready.apply(text.get(..LONGEST.min(text.len())).filter(|head| head.len() == text.len())?);
    (outcome.text != text).then_some(outcome.text)
}
