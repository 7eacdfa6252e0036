//! Files that a commit of the series moves itself: upstream's edits to the old place must come along to the new one.

use super::Pickable;
use super::file::Located;
use crate::error::Result;
use crate::git::Repo;
use crate::merge::Evidence;
use crate::run::quoted;
use bstr::ByteSlice;

/// Joins what a commit deletes and adds where it moved a file that upstream has changed: the added file is then merged with
/// upstream's edits of the deleted one, and the deletion is done with it.
pub fn join(repo: &Repo, pickable: Pickable<'_>, all: &mut Vec<Located>) -> Result<()> {
    // A file that upstream left alone needs no joining: deletion and addition say it all.
    let gone: Vec<usize> = indices(all, |l| {
        l.sides.theirs.is_none() && l.sides.ours.is_some() && (l.sides.ours != l.sides.base || l.path != l.old_path)
    });
    if gone.is_empty() {
        return Ok(());
    }
    let new = indices(all, |l| l.sides.base.is_none() && l.sides.ours.is_none());
    let Some(parent) = pickable.commit.parents.first().filter(|_| !new.is_empty()) else {
        return Ok(());
    };
    let renames = repo.renames_within(*parent, pickable.commit.id, &[])?;
    let mut joined: Vec<usize> = Vec::new();
    for from in gone.iter().copied() {
        let Some(rename) = renames.get(&all[from].old_path) else {
            continue;
        };
        let Some(to) = new.iter().copied().find(|to| all[*to].old_path == rename.to) else {
            continue;
        };
        joined.push(from);
        let source = all[from].clone();
        let target = &mut all[to];
        target.sides.base = source.sides.base;
        target.sides.ours = source.sides.ours;
        if source.path != source.old_path && source.path != target.path {
            target.rival = Some(source.path.clone());
        }
        target.remove = Some(source.path.clone()).filter(|p| *p != target.path);
        let said = format!(
            "commit {} moves the file from {} ({} % similar)",
            pickable.n,
            quoted(source.old_path.as_bstr()),
            rename.similarity
        );
        target
            .evidence
            .push(Evidence::new(said).at(quoted(target.path.as_bstr())));
        target.old_path = source.old_path;
    }
    let mut at = 0;
    all.retain(|_| {
        at += 1;
        !joined.contains(&(at - 1))
    });
    Ok(())
}

fn indices(all: &[Located], wanted: impl Fn(&Located) -> bool) -> Vec<usize> {
    let found = all.iter().enumerate().filter(|(_, l)| wanted(l));
    found.map(|(i, _)| i).collect()
}
