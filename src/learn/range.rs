//! A rebase that was done by hand: each old commit is merged again onto what the new one stands on, as a pick would have done it, and where
//! that conflicts, what the new commit has there is what people made of it. Merges are made again in the same way.

use super::{Case, Learned, decided};
use crate::error::{Error, Result};
use crate::git::tree::{self, Changed, Sort};
use crate::git::{Bytes, Commit, KnownBy, Oid, Pair, Repo, Store, text};
use crate::memory::{Decision, How, Origin, What};
use crate::merge::{Change, Sides};
use crate::run::quoted;
use bstr::{BStr, BString, ByteSlice};

/// Merges that are made again at most: it takes git a second for some.
pub const MERGES: usize = 1000;

/// Learns from two versions of a series. Whether the rest was too many to be paired by git is told, too.
///
/// # Errors
/// A range is none, or an object is missing.
pub fn ranges(repo: &Repo, store: &mut Store, [old, new]: [&str; 2]) -> Result<(Learned, bool)> {
    let paired = repo.pairs(old, new)?;
    if paired.pairs.is_empty() {
        return Err(Error::fatal(format!("no commit of {new} is one of {old}"))
            .hint("they are paired by subject, by patch-id, and as git range-diff does"));
    }
    let onto = new.split_once("..").map_or(new, |(onto, _)| onto);
    let onto = repo.resolve(onto)?.to_string();
    let mut learned = commits(store, (&paired.pairs, &onto))?;
    (learned.seen.alone, learned.seen.added) = (paired.alone.len(), paired.added);
    for old in &paired.alone {
        let commit = store.commit(*old)?;
        let Some(patch) = decided::patch_of(store, &commit)? else { continue };
        let because = format!("{new} has no commit that became of it");
        let mut origin = Origin::new(How::LeftOut);
        (origin.commit, origin.subject) = (old.to_string(), commit.subject());
        learned.decisions.push(Decision { what: What::Drop { patch, because, only: onto.clone() }, origin });
    }
    Ok((learned, paired.is_too_many))
}

/// Learns from commits and what they became; `onto` is the new upstream, empty if nobody knows it.
///
/// # Errors
/// An object is missing.
pub fn commits(store: &mut Store, (pairs, onto): (&[Pair], &str)) -> Result<Learned> {
    let mut learned = Learned::default();
    for Pair { old, new, known_by } in pairs {
        let (old, new) = (store.commit(*old)?, store.commit(*new)?);
        let how = if *known_by == KnownBy::Name { How::Commits } else { How::Alike };
        if let Some(of_pair) = pair(store, (&old, &new), (how, onto))? {
            learned.join(of_pair);
        }
    }
    Ok(learned)
}

/// Learns from one commit and what it became. `None` if nothing tells that it became that.
fn pair(store: &mut Store, (old, new): (&Commit, &Commit), (how, onto): (How, &str)) -> Result<Option<Learned>> {
    if old.id == new.id {
        return Ok(None);
    }
    let (before, after) = (changes(store, old)?, changes(store, new)?);
    let is_whole = before.iter().all(|change| same(change, (&before, &after)).is_some());
    let is_elsewhere = !before.iter().any(|change| same(change, (&before, &after)).is_some());
    // One that has its name may be done in other files; one that is only like it is another one then.
    if is_elsewhere && (how != How::Commits || onto.is_empty()) {
        return Ok(None);
    }
    let mut origin = Origin::new(how);
    origin.commit = old.id.to_string();
    origin.result = new.id.to_string();
    origin.subject = old.subject();
    origin.by = new.committer().to_string();
    let mut learned = Learned::default();
    learned.seen.commits = 1;
    // What only likeness pairs, or was in part left out of the new commit, people found right on the kernel that they carried it to.
    origin.how = if how == How::Commits && !is_whole { How::LeftOut } else { how };
    if origin.how == How::Commits || !onto.is_empty() {
        learned.decisions.extend(decided::of_pair(store, (old, new), (&origin, onto))?);
    }
    for change in before.iter().filter(|_| !is_elsewhere) {
        let found = same(change, (&before, &after)).cloned();
        origin.how = if found.is_some() { how } else { How::LeftOut };
        let Some(became) = found.map_or_else(|| as_it_stands(store, change, new), |found| Ok(Some(found)))? else {
            continue;
        };
        if became.entry.before.is_none() && change.entry.before.is_some() && change.entry.after.is_some() {
            let sides = [change.entry.before, None, change.entry.after];
            let what = decided::of_file(&quoted(became.path.as_bstr()), sides, became.entry.after);
            learned.decisions.push(Decision { what, origin: origin.clone() });
        }
        let entries = [change.entry.before, became.entry.before, change.entry.after, became.entry.after];
        let [Some(base), Some(ours), Some(theirs), Some(result)] =
            entries.map(|e| e.filter(|e| e.sort() == Sort::File))
        else {
            continue;
        };
        if base.id == ours.id {
            continue;
        }
        let mut read = |id: Oid| store.blob(id).map(|object| object.data);
        let (base, ours, theirs, result) = (read(base.id)?, read(ours.id)?, read(theirs.id)?, read(result.id)?);
        let sides = Sides { base: &base[..], ours: &ours[..], theirs: &theirs[..] };
        learned.study(&Case { path: quoted(became.path.as_bstr()), sides, result: &result }, &origin)?;
    }
    Ok(Some(learned))
}

/// A file that the new commit leaves as it is.
fn as_it_stands(store: &mut Store, change: &Changed, new: &Commit) -> Result<Option<Changed>> {
    let entry = tree::lookup(store, new.tree, change.path.as_bstr())?;
    let entry = Change { before: entry, after: entry };
    Ok(Some(Changed { path: change.path.clone(), entry }))
}

/// The files that a commit changes.
fn changes(store: &mut Store, commit: &Commit) -> Result<Vec<Changed>> {
    let before = commit.parents.first().map(|id| store.commit(*id).map(|parent| parent.tree)).transpose()?;
    tree::diff(store, Change { before, after: Some(commit.tree) })
}

/// The file that a file of the old commit is in the new one: at its path, else the only one of its name that the old one has not.
fn same<'a>(change: &Changed, (before, after): (&[Changed], &'a [Changed])) -> Option<&'a Changed> {
    if let Some(found) = after.iter().find(|other| other.path == change.path) {
        return Some(found);
    }
    let name = |path: &BString| -> BString { path.rsplit_str("/").next().map(BStr::new).unwrap_or_default().into() };
    let is_new = |other: &&Changed| before.iter().all(|known| known.path != other.path);
    let mut named = after.iter().filter(|other| name(&other.path) == name(&change.path)).filter(is_new);
    named.next().filter(|_| named.next().is_none())
}

/// Learns from the merges of a branch, or of a range; how many there are.
///
/// # Errors
/// It names no commits, or git fails.
pub fn merges(repo: &Repo, store: &mut Store, branch: &str) -> Result<Learned> {
    let mut learned = Learned::default();
    for id in repo.merges_of(branch, MERGES)? {
        let commit = store.commit(id)?;
        let [ours, theirs] = commit.parents[..] else { continue };
        learned.seen.commits += 1;
        let mut origin = Origin::new(How::Merge);
        origin.commit = id.to_string();
        origin.subject = commit.subject();
        origin.by = commit.committer().to_string();
        for file in repo.remerged([ours, theirs])? {
            let entry = tree::lookup(store, commit.tree, file.path.as_bstr())?.filter(|e| e.sort() == Sort::File);
            let Some(result) = entry else { continue };
            // What git made on the way is gone with its folder.
            let Ok(sides) = file.sides.map(|id| store.blob(id).map(|blob| blob.data)).transpose() else { continue };
            let sides: Sides<Bytes> = sides;
            let result = store.blob(result.id)?.data;
            let texts = sides.as_ref().map(|side| &side[..]);
            if text::is_text(&result) {
                learned.study(&Case { path: quoted(file.path.as_bstr()), sides: texts, result: &result }, &origin)?;
            }
        }
    }
    Ok(learned)
}
