//! Files that a commit of the series moves itself: upstream's edits to the old place must come along to the new one.

use super::Pickable;
use super::located::Located;
use crate::error::Result;
use crate::git::{Rename, Repo};
use crate::merge::Evidence;
use crate::run::quoted;
use bstr::{BStr, ByteSlice};

/// Joins what a commit deletes and adds where it moved a file that is not the same in the tip, or that `is_open` there: the added
/// file is then merged with the tip's version of the deleted one, and the deletion is done with it.
///
/// # Errors
/// git fails.
pub fn join(
    repo: &Repo,
    pickable: Pickable<'_>,
    all: &mut Vec<Located>,
    is_open: impl Fn(&BStr) -> bool,
) -> Result<()> {
    // A file that the tip has as the series had it needs no joining: deletion and addition say it all.
    let gone = indices(all, |l| {
        let differs = l.sides.ours != l.sides.base || l.path != l.own || is_open(l.path.as_ref());
        l.sides.theirs.is_none() && differs
    });
    let new = indices(all, |l| l.sides.base.is_none());
    let Some(parent) = pickable.commit.parents.first().filter(|_| !gone.is_empty() && !new.is_empty()) else {
        return Ok(());
    };
    let renames = repo.renames_within(*parent, pickable.commit.id, &[])?;
    let mut joined: Vec<usize> = Vec::new();
    for from in gone {
        let Some(rename) = renames.get(&all[from].own) else {
            continue;
        };
        let source = all[from].clone();
        let fits = |l: &Located| l.own == rename.to && (l.sides.ours.is_none() || l.path == source.path);
        if let Some(to) = new.iter().copied().find(|to| fits(&all[*to])) {
            join_pair(pickable.n, source, (&mut all[to], rename));
            joined.push(from);
        }
    }
    let mut at = 0;
    all.retain(|_| {
        at += 1;
        !joined.contains(&(at - 1))
    });
    Ok(())
}

fn join_pair(n: usize, source: Located, (target, rename): (&mut Located, &Rename)) {
    let from = quoted(source.own.as_bstr());
    let said = format!("commit {n} moves the file from {from} ({} % similar)", rename.similarity);
    target.evidence.push(Evidence::new(said).at(quoted(target.path.as_bstr())));
    target.sides.base = source.sides.base;
    target.sides.ours = source.sides.ours;
    target.remove = Some(source.path.clone()).filter(|path| *path != target.path);
    if source.moved_by_upstream && target.remove.is_some() {
        target.rival = Some(source.path);
    }
    target.old_path = source.own;
}

fn indices(all: &[Located], wanted: impl Fn(&Located) -> bool) -> Vec<usize> {
    let found = all.iter().enumerate().filter(|(_, l)| wanted(l));
    found.map(|(i, _)| i).collect()
}
