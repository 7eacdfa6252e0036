//! Commits of a series that a later commit of it takes back exactly (`--drop-reverted`): both are left out, as if a person had said so.
//!
//! In: the commits in order. Out: [`Operation::Drop`]s, which the journal keeps, `list` shows and `reset` takes back. What takes a commit
//! back has the patch-id of its reverse, white space included, on the same paths; of what is no text, the very blobs the other way round.

use crate::error::Result;
use crate::git::text::is_text;
use crate::git::tree::{self, Changed, Sort};
use crate::git::{Commit, Direction, Oid, Repo, Store};
use crate::merge::Change;
use crate::run::Operation;

/// The commits to leave out, each with the reason.
///
/// # Errors
/// git fails, or an object is missing.
pub fn reverted((repo, store): (&Repo, &mut Store), commits: &[Commit]) -> Result<Vec<Operation>> {
    let ids: Vec<Oid> = commits.iter().map(|commit| commit.id).collect();
    let does = repo.patch_ids(&ids, Direction::Forward)?;
    let undoes = repo.patch_ids(&ids, Direction::Reverse)?;
    // Commits that stand, in order: a revert takes the last one back that is like it.
    let mut standing: Vec<&Commit> = Vec::new();
    let mut operations = Vec::new();
    for commit in commits {
        let reverse = undoes.get(&commit.id);
        let like = standing.iter().rposition(|earlier| reverse.is_some() && does.get(&earlier.id) == reverse);
        match like {
            Some(at) if is_exact(store, (standing[at], commit))? => {
                let taken_back = standing.remove(at);
                let drop =
                    |old: &Commit, because: String| Operation::Drop { old: old.id.to_string(), because: Some(because) };
                let (first, second) = (short(taken_back), short(commit));
                operations.push(drop(
                    taken_back,
                    format!("the series takes it back later, in {second} {}", commit.subject()),
                ));
                operations.push(drop(
                    commit,
                    format!("it takes {first} of the series back exactly: {}", taken_back.subject()),
                ));
            }
            _ => standing.push(commit),
        }
    }
    Ok(operations)
}

fn short(commit: &Commit) -> String {
    format!("{:.12}", commit.id.to_string())
}

/// Does a commit change what another one changed, the other way round?
fn is_exact(store: &mut Store, (one, back): (&Commit, &Commit)) -> Result<bool> {
    let (did, undid) = (changes(store, one)?, changes(store, back)?);
    if did.len() != undid.len() {
        return Ok(false);
    }
    for (a, b) in did.iter().zip(&undid) {
        let mode = |change: Change<Option<tree::Entry>>| [change.before.map(|e| e.mode), change.after.map(|e| e.mode)];
        let [before, after] = mode(a.entry);
        if a.path != b.path || mode(b.entry) != [after, before] {
            return Ok(false);
        }
        if (a.entry.before, a.entry.after) == (b.entry.after, b.entry.before) {
            continue;
        }
        for entry in [a.entry.before, a.entry.after, b.entry.before, b.entry.after].into_iter().flatten() {
            if entry.sort() != Sort::File || !is_text(&store.blob(entry.id)?.data) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn changes(store: &mut Store, commit: &Commit) -> Result<Vec<Changed>> {
    let before = commit.parents.first().map(|parent| store.commit(*parent)).transpose()?.map(|parent| parent.tree);
    tree::diff(store, Change { before, after: Some(commit.tree) })
}
