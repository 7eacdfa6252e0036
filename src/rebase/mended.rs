//! Fixes of what a run's commits broke, written down: as commits of their own on the branch, or as decisions of the run. In: texts of
//! files. Out: a branch with `fixup! <subject>`, which `git rebase --autosquash` folds; or operations that `continue` walks with.

use super::OpenRun;
use super::desk::pin;
use super::open_run::refuse_checked_out;
use crate::error::{Error, Result};
use crate::git::tree::{self, Edit, Entry, Twin};
use crate::git::{Kind, Move, Oid, Repo, Store};
use crate::run::{Operation, Outcome, Record, Stored, quoted};
use bstr::BString;

/// What one commit's fixes come to.
#[derive(Clone, Debug)]
pub struct FixUp<'a> {
    /// The commit that brought the findings.
    pub outcome: &'a Outcome,
    /// The fixed files.
    pub files: Vec<(BString, Vec<u8>)>,
    /// Why, a line each.
    pub why: Vec<String>,
    /// Who helped, as a trailer says it: a model.
    pub assisted: Option<String>,
}

/// Writes the fixes as commits behind the last one of the branch, and moves it there.
///
/// # Errors
/// The branch is not where the run left it, or is checked out.
pub fn put_fixups((repo, store): (&Repo, &mut Store), record: &Record, fixups: &[FixUp<'_>]) -> Result<Oid> {
    let name = format!("refs/heads/{}", record.inputs.branch);
    let tip = record.outcomes.iter().rev().find_map(|o| o.new.as_deref());
    let tip = repo.written_id(tip).ok_or_else(|| Error::fatal("the run has carried no commit"))?;
    if repo.object(&name)? != Some(tip) {
        return Err(Error::fatal(format!(
            "branch '{}' is not where the run left its last commit",
            record.inputs.branch
        ))
        .hint("a run that has commits to review makes no branch: --fold puts the fixes into its commits instead"));
    }
    let who = repo.committer()?;
    let (mut parent, mut root) = (tip, store.commit(tip)?.tree);
    for fixup in fixups {
        let mut edits = Vec::new();
        for (path, text) in &fixup.files {
            edits.push(edit(store, root, (path, text))?);
        }
        root = tree::write(store, (Some(root), Twin::default()), &edits)?.tree;
        let new = repo.written_id(fixup.outcome.new.as_deref());
        let new = new.ok_or_else(|| Error::fatal("the record names a commit by no id"))?;
        let subject = store.commit(new)?.subject_bytes();
        let mut commit = format!("tree {root}\nparent {parent}\n").into_bytes();
        for role in ["author ", "committer "] {
            commit.extend_from_slice(role.as_bytes());
            commit.extend_from_slice(&who);
            commit.push(b'\n');
        }
        commit.extend_from_slice(b"\nfixup! ");
        commit.extend_from_slice(&subject);
        commit.extend_from_slice(format!("\n\n{}\n", fixup.why.join("\n")).as_bytes());
        if let Some(model) = &fixup.assisted {
            commit.extend_from_slice(format!("\nAssisted-by: {model}\n").as_bytes());
        }
        parent = store.put(Kind::Commit, commit, None)?.id;
    }
    store.flush()?;
    let moves = [Move { name, new: Some(parent), old: Some(tip) }];
    refuse_checked_out(repo, &moves)?;
    repo.move_refs(&moves, "kmigrate (repair): fixes of what the series broke")?;
    Ok(parent)
}

/// A file of a tree with another text.
fn edit(store: &mut Store, root: Oid, (path, text): (&BString, &[u8])) -> Result<Edit> {
    let entry = tree::lookup(store, root, path.as_ref())?;
    let entry = entry.ok_or_else(|| Error::fatal(format!("{path} is not in the tree that it is fixed in")))?;
    let before = store.blob(entry.id)?;
    let id = store.put(Kind::Blob, text.to_vec(), Some(&before))?.id;
    Ok(Edit { path: path.clone(), entry: Some(Entry { id, ..entry }), own: false })
}

/// Writes the fixes into the run, as if a person had edited the commits; what a commit does not touch is not its own to fix, and is
/// returned.
///
/// # Errors
/// The disk.
pub fn fold_fixes(
    (repo, store): (&Repo, &mut Store),
    (run, record): (&mut OpenRun, &Record),
    fixups: &[FixUp<'_>],
) -> Result<Vec<String>> {
    let mut operations = Vec::new();
    let mut left = Vec::new();
    for FixUp { outcome, files, .. } in fixups {
        for (path, text) in files {
            let told = quoted(path.as_ref());
            let Some(file) = outcome.files.iter().find(|file| file.path == told) else {
                left.push(format!("commit {} does not touch {told}, so the fix cannot be its own", outcome.n));
                continue;
            };
            let new = repo.written_id(outcome.new.as_deref());
            let new = new.ok_or_else(|| Error::fatal("the record names a commit by no id"))?;
            let root = store.commit(new)?.tree;
            let entry = edit(store, root, (path, text))?.entry;
            let mode = entry.map(|entry| entry.mode);
            let result = entry.map(|entry| Stored { mode: entry.mode, id: entry.id.to_string() });
            let (old, path, sides) = (outcome.old.clone(), told, file.sides.clone());
            operations.push(Operation::Fix { old, path, sides, mode, result });
        }
    }
    pin(repo, store, (run, &record.inputs), &operations)?;
    run.append(operations)?;
    Ok(left)
}
