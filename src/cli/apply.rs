//! `git kmigrate apply`: the rules of a semantic patch, applied to a tree or to files of the worktree.

use super::args::Apply;
use super::{Exit, semantic};
use crate::error::{Error, Result};
use crate::git::tree::{self, Changed, Edit, Entry, Sort, Twin};
use crate::git::{Git, Kind, Oid, Repo, Store, Writes};
use crate::merge::Change;
use crate::report;
use crate::resolve::{OnDisk, on_disk, write_file};
use crate::rule::smpl::apply::Ready;
use crate::syntax::language::Language;
use bstr::BString;

/// Longer files are passed over, in bytes.
const LONGEST: usize = 1 << 20;

/// Runs it.
pub fn run(args: &Apply) -> Result<Exit> {
    let ready = semantic::ready(&args.rules)?;
    let repo = Repo::open(Git::here())?;
    if args.worktree { in_worktree(args, &repo, &ready) } else { in_tree(args, &repo, &ready) }
}

/// Writes a new tree and prints its id.
fn in_tree(args: &Apply, repo: &Repo, ready: &Ready) -> Result<Exit> {
    let root = repo.tree_of(&args.tree)?.ok_or_else(|| Error::fatal(format!("bad revision '{}'", args.tree)))?;
    let mut store = repo.store(if args.dry_run { Writes::Nowhere } else { Writes::Packs })?;
    let mut edits = Vec::new();
    for (file, entry) in asked(args, &mut store, root)? {
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
    for (Changed { path, .. }, _) in asked(args, &mut store, head)? {
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

/// The files of C in a tree, at or below the paths that were asked for. A path that names nothing in it is an error.
fn asked(args: &Apply, store: &mut Store, root: Oid) -> Result<Vec<(Changed, Entry)>> {
    let all = tree::diff(store, Change { before: None, after: Some(root) })?;
    if let Some(nothing) = args.paths.iter().find(|path| !all.iter().any(|file| is_below(path, &file.path))) {
        return Err(Error::fatal(format!("pathspec '{nothing}' did not match any files")));
    }
    let is_asked = |path: &BString| args.paths.is_empty() || args.paths.iter().any(|asked| is_below(asked, path));
    let of_c = |file: Changed| {
        let entry = file.entry.after.filter(|entry| entry.sort() == Sort::File)?;
        (Language::of(&file.path) == Language::C && is_asked(&file.path)).then_some((file, entry))
    };
    Ok(all.into_iter().filter_map(of_c).collect())
}

/// Is a file this path, or below it?
fn is_below(asked: &str, path: &BString) -> bool {
    let asked = asked.trim_end_matches('/').as_bytes();
    path.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

fn rewritten(ready: &Ready, text: &[u8]) -> Option<Vec<u8>> {
    let outcome = ready.apply(text.get(..LONGEST.min(text.len())).filter(|head| head.len() == text.len())?);
    (outcome.text != text).then_some(outcome.text)
}
