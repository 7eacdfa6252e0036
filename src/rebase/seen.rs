//! A commit of the last walk as it can be seen: what stands at each of its paths before and after it.

use crate::error::Result;
use crate::git::tree::{self, Entry, Sort};
use crate::git::{Oid, Repo, Store};
use crate::run::{FileOutcome, Outcome, Seen, Stored, unquoted};

/// The files of a commit as they came out: what a person accepts.
///
/// # Errors
/// The walk's commit is gone.
pub fn seen(repo: &Repo, store: &mut Store, outcome: &Outcome) -> Result<Vec<Seen>> {
    let tree = tree_after(repo, store, outcome)?;
    let mut all = Vec::with_capacity(outcome.files.len());
    for file in &outcome.files {
        let result = came_out(store, tree, file)?.map(|e| Stored { mode: e.mode, id: e.id.to_string() });
        all.push(Seen { path: file.path.clone(), ours: file.sides[1].clone(), result });
    }
    Ok(all)
}

/// The tree of a commit as it came out; `None` if it was left out.
///
/// # Errors
/// The walk's commit is gone.
pub fn tree_after(repo: &Repo, store: &mut Store, outcome: &Outcome) -> Result<Option<Oid>> {
    let new = outcome.new.as_ref().and_then(|hex| repo.parse_id(hex.as_bytes()));
    new.map(|id| Ok(store.commit(id)?.tree)).transpose()
}

/// What stands at the path of a file in such a tree.
///
/// # Errors
/// A tree is missing or damaged.
pub fn came_out(store: &mut Store, tree: Option<Oid>, file: &FileOutcome) -> Result<Option<Entry>> {
    let Some(tree) = tree else {
        return Ok(None);
    };
    let found = tree::lookup(store, tree, unquoted(&file.path).as_ref())?;
    Ok(found.filter(|e| e.sort() != Sort::Directory))
}
