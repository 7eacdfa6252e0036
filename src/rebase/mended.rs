//! Fixes of what a run's commits broke, written down: as commits of their own on the branch, or as decisions of the run. In: texts of
//! files. Out: a branch with `fixup! <subject>`, which `git rebase --autosquash` folds; or operations that `continue` walks with.

use super::OpenRun;
use super::desk::pin;
use super::open_run::refuse_checked_out;
use crate::error::{Error, Result};
use crate::git::tree::{self, Edit, Entry, Twin};
use crate::git::{Kind, Move, Oid, Repo, Signer, Store};
use crate::run::{FileOutcome, Operation, Outcome, Record, Signing, Status, Stored, quoted};
use bstr::{BString, ByteSlice};

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

/// Most commits behind the run's last one that are looked through for fixups.
const MOST: usize = 10_000;

/// Writes the fixes as commits behind the last one of the branch, signed if the run's are, and moves it there. The journal has the move:
/// `undo` takes it back.
///
/// # Errors
/// The branch is not where the run left it, or is checked out; a commit cannot be signed.
pub fn put_fixups(
    (repo, store): (&Repo, &mut Store),
    (run, record): (&mut OpenRun, &Record),
    fixups: &[FixUp<'_>],
) -> Result<Oid> {
    let branch = &record.inputs.branch;
    let name = format!("refs/heads/{branch}");
    let tip = last_of(repo, record)?;
    let now = repo.object(&name)?;
    if now != Some(tip) {
        let has_some = match now {
            Some(now) => !fixups_behind(store, (now, tip))?.is_empty(),
            None => false,
        };
        let error = Error::fatal(format!("branch '{branch}' is not where the run left its last commit"));
        return Err(match has_some {
            true => error.hint("it has fixup commits already: git kmigrate undo takes those of repair away"),
            false => error.hint(
                "a run that has commits to review makes no branch: --fold puts the fixes into its commits instead",
            ),
        });
    }
    let moves = [Move { name, new: None, old: Some(tip) }];
    refuse_checked_out(repo, &moves)?;
    let who = repo.committer()?;
    let signer = signer(repo, &record.inputs.options.signing, &who)?;
    let mut last = (tip, store.commit(tip)?.tree);
    for fixup in fixups {
        let (tree, commit) = written((repo, &mut *store), last, (fixup, &who))?;
        let commit = match &signer {
            Some(signer) => signer.sign(&commit)?,
            None => commit,
        };
        last = (store.put(Kind::Commit, commit, None)?.id, tree);
    }
    store.flush()?;
    let moves = moves.map(|moved| Move { new: Some(last.0), ..moved });
    let said = "kmigrate (repair): fixes of what the series broke";
    run.move_refs(repo, (&moves, said), |moves| Operation::Finish { moves })?;
    Ok(last.0)
}

/// The last commit that a run has carried.
fn last_of(repo: &Repo, record: &Record) -> Result<Oid> {
    let tip = record.outcomes.iter().rev().find_map(|o| o.new.as_deref());
    repo.written_id(tip).ok_or_else(|| Error::fatal("the run has carried no commit"))
}

/// Who signs the commits of a run, if somebody does.
fn signer(repo: &Repo, signing: &Signing, who: &[u8]) -> Result<Option<Signer>> {
    let key = match signing {
        Signing::Never => return Ok(None),
        Signing::AsSet if !repo.signs_commits()? => return Ok(None),
        Signing::AsSet => None,
        Signing::With(key) => key.as_deref(),
    };
    repo.signer(key, &who.to_str_lossy()).map(Some)
}

/// A fix as a commit on another: its tree, and the commit's bytes.
fn written(
    (repo, store): (&Repo, &mut Store),
    (parent, root): (Oid, Oid),
    (fixup, who): (&FixUp<'_>, &[u8]),
) -> Result<(Oid, Vec<u8>)> {
    let mut edits = Vec::new();
    for (path, text) in &fixup.files {
        edits.push(edit(store, root, (path, text))?);
    }
    let root = tree::write(store, (Some(root), Twin::default()), &edits)?.tree;
    let new = repo.written_id(fixup.outcome.new.as_deref());
    let new = new.ok_or_else(|| Error::fatal("the record names a commit by no id"))?;
    let subject = store.commit(new)?.subject_bytes();
    let mut commit = format!("tree {root}\nparent {parent}\n").into_bytes();
    for role in ["author ", "committer "] {
        commit.extend_from_slice(role.as_bytes());
        commit.extend_from_slice(who);
        commit.push(b'\n');
    }
    commit.push(b'\n');
    commit.extend_from_slice(FIXUP);
    commit.extend_from_slice(&subject);
    commit.extend_from_slice(format!("\n\n{}\n", fixup.why.join("\n")).as_bytes());
    if let Some(model) = &fixup.assisted {
        commit.extend_from_slice(format!("\nAssisted-by: {model}\n").as_bytes());
    }
    Ok((root, commit))
}

/// How the subject of a commit begins that is meant for another one.
const FIXUP: &[u8] = b"fixup! ";

/// The commits from a run's last one (the second) to a branch (the first), oldest first, if all of them are fixups; else none.
///
/// # Errors
/// An object is damaged.
pub(super) fn fixups_behind(store: &mut Store, (now, tip): (Oid, Oid)) -> Result<Vec<Oid>> {
    let mut found = Vec::new();
    let mut at = now;
    while at != tip {
        let commit = store.commit(at)?;
        let [parent] = commit.parents[..] else { return Ok(Vec::new()) };
        if found.len() == MOST || !commit.subject_bytes().starts_with(FIXUP) {
            return Ok(Vec::new());
        }
        found.push(at);
        at = parent;
    }
    found.reverse();
    Ok(found)
}

/// The fixup commits that stand behind a run's last one on its branch, as commits of it: each has the files of the commit that it is for,
/// and is compared with the whole series as it was.
///
/// # Errors
/// An object is damaged.
pub fn fixups_of((repo, store): (&Repo, &mut Store), record: &Record) -> Result<Vec<Outcome>> {
    let Some(now) = repo.object(&format!("refs/heads/{}", record.inputs.branch))? else { return Ok(Vec::new()) };
    let Ok(tip) = last_of(repo, record) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for id in fixups_behind(store, (now, tip))? {
        let subject = store.commit(id)?.subject();
        let meant = record.outcomes.iter().rev().find(|o| subject.strip_prefix("fixup! ") == Some(o.subject.as_str()));
        let (Some(meant), Some(last)) = (meant, record.outcomes.last()) else { continue };
        found.push(Outcome {
            n: record.outcomes.len() + found.len() + 1,
            old: last.old.clone(),
            new: Some(id.to_string()),
            subject,
            status: Status::Modified,
            flags: Vec::new(),
            rests_on: Vec::new(),
            findings: Vec::new(),
            evidence: Vec::new(),
            check: None,
            confidence: None,
            predicted_distance: None,
            files: meant.files.iter().map(unjudged).collect(),
            ..meant.clone()
        });
    }
    Ok(found)
}

/// A file of which nothing is known but where it is.
fn unjudged(file: &FileOutcome) -> FileOutcome {
    let known =
        FileOutcome { accepted: true, confidence: None, predicted_distance: None, signals: None, ..file.clone() };
    FileOutcome { reasons: Vec::new(), ..known }
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
