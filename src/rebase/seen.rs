//! A commit of the last walk as it can be seen: the sides of its files in their own trees, and what came out of them.

use crate::error::Result;
use crate::git::tree::{self, Entry, Sort};
use crate::git::{Kind, Oid, Repo, Store};
use crate::merge::{Change, Sides};
use crate::run::{FileOutcome, Outcome, Record, Seen, Stored, unquoted};
use bstr::BString;

/// The files of a commit as they came out: what a person accepts. Of one that is left out they are what the tip has.
///
/// # Errors
/// The walk's commit is gone.
pub fn seen((repo, store): (&Repo, &mut Store), record: &Record, outcome: &Outcome) -> Result<Vec<Seen>> {
    let tip = repo.parse_id(outcome.new.as_deref().unwrap_or(onto(record, outcome)).as_bytes());
    let tree = tip.map(|id| store.commit(id)).transpose()?.map(|commit| commit.tree);
    let mut all = Vec::with_capacity(outcome.files.len());
    for file in &outcome.files {
        let result = came_out(store, tree, file)?.map(|e| Stored { mode: e.mode, id: e.id.to_string() });
        all.push(Seen { path: file.path.clone(), ours: file.sides[1].clone(), result });
    }
    Ok(all)
}

/// Names what a person sees of a commit: as long as this is the same, the same comes out of it on the same files, whatever became of
/// the commits before it.
///
/// # Errors
/// The walk's commit is gone.
pub fn outcome_id((repo, store): (&Repo, &mut Store), record: &Record, outcome: &Outcome) -> Result<String> {
    let seen = seen((repo, store), record, outcome)?;
    let text = serde_json::to_vec(&(&outcome.old, outcome.status, seen)).expect("what was seen is plain data");
    Ok(store.object(Kind::Blob, text)?.id.to_string())
}

/// The tree of a commit as it came out; `None` if it was left out.
///
/// # Errors
/// The walk's commit is gone.
pub fn tree_after(repo: &Repo, store: &mut Store, outcome: &Outcome) -> Result<Option<Oid>> {
    let new = repo.written_id(outcome.new.as_deref());
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

/// The sides of a file as their own trees have them, mode and all: ours in the tip that the commit went onto, base and theirs in
/// the old series. The ids are known, so no blob is read; a side that is not found where it was is none.
///
/// # Errors
/// A commit or a tree is missing or damaged.
pub fn side_entries(
    (repo, store): (&Repo, &mut Store),
    (record, outcome): (&Record, &Outcome),
    file: &FileOutcome,
) -> Result<Sides<Option<Entry>>> {
    let [base, ours, theirs] = file.sides.each_ref().map(|hex| repo.written_id(hex.as_deref()));
    let wanted = Sides { base, ours, theirs };
    let paths: Vec<BString> =
        [Some(&file.path), file.path_old.as_ref()].into_iter().flatten().map(|p| unquoted(p)).collect();
    let mut ours = None;
    if let Some(tip) = repo.parse_id(onto(record, outcome).as_bytes()) {
        let tree = store.commit(tip)?.tree;
        for path in &paths {
            let found = tree::lookup(store, tree, path.as_ref())?.filter(|e| Some(e.id) == wanted.ours);
            ours = ours.or(found);
        }
    }
    let changes = match repo.parse_id(outcome.old.as_bytes()) {
        Some(old) => changes_of(store, old)?,
        None => Vec::new(),
    };
    let find = |wanted: Option<Oid>, side: fn(&tree::Changed) -> Option<Entry>| {
        let is_it = |c: &&tree::Changed| wanted.is_some() && side(c).map(|e| e.id) == wanted;
        let here = changes.iter().find(|c| is_it(c) && paths.contains(&c.path));
        // A file that the commit moved, or that lives elsewhere now.
        here.or_else(|| changes.iter().find(is_it)).and_then(side).or(ours.filter(|e| Some(e.id) == wanted))
    };
    Ok(Sides { base: find(wanted.base, |c| c.entry.before), ours, theirs: find(wanted.theirs, |c| c.entry.after) })
}

/// What a commit of the old series changes.
fn changes_of(store: &mut Store, old: Oid) -> Result<Vec<tree::Changed>> {
    let commit = store.commit(old)?;
    let before = commit.parents.first().map(|parent| store.commit(*parent)).transpose()?.map(|parent| parent.tree);
    tree::diff(store, Change { before, after: Some(commit.tree) })
}

/// The commit that a commit of the walk went onto: the last one carried before it.
fn onto<'a>(record: &'a Record, outcome: &Outcome) -> &'a str {
    let earlier = record.outcomes.iter().rev().filter(|o| o.n < outcome.n).find_map(|o| o.new.as_ref());
    earlier.unwrap_or(&record.inputs.onto)
}
