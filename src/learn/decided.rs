//! What people decided of whole commits and whole files, as values of the memory: from the decisions of a run, and from a rebase that was done by
//! hand.

use super::carried::change_of;
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::git::tree::{self, Changed, Entry, Sort};
use crate::git::{Bytes, Commit, Oid, Repo, Store};
use crate::memory::{Content, Decision, Id, Modes, Origin, Sight, What, hash, normalised};
use crate::merge::{Change, Sides, delta, merged_mode};
use crate::run::{Decisions, Fix, Seen, quoted};
use bstr::ByteSlice;
use std::collections::BTreeMap;

/// Unchanged lines on both sides of a hunk that are a part of a patch.
const CONTEXT: usize = 3;
/// The bits of a mode that say what sort of thing it is, and those of a regular file.
const SORT: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// A hash of what a commit changes: its paths, its hunks with the lines around them, without their numbers and without white space, as git's
/// patch-id. `None` if it changes nothing.
///
/// # Errors
/// An object is missing or damaged.
pub fn patch_of(store: &mut Store, commit: &Commit) -> Result<Option<String>> {
    let before = commit.parents.first().map(|id| store.commit(*id).map(|parent| parent.tree)).transpose()?;
    let changes = tree::diff(store, Change { before, after: Some(commit.tree) })?;
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for Changed { path, entry } in &changes {
        parts.push(path.to_vec());
        let side = |entry: Option<Entry>| entry.map_or(String::new(), |entry| format!("{:o}", entry.mode));
        parts.push(format!("{} {}", side(entry.before), side(entry.after)).into_bytes());
        let is_text = [entry.before, entry.after].into_iter().flatten().all(|entry| entry.sort() == Sort::File);
        parts.push(match is_text {
            true => hunks(store, *entry)?,
            false => format!("{:?}", [entry.before, entry.after].map(|e| e.map(|e| e.id.to_string()))).into_bytes(),
        });
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Ok((!changes.is_empty()).then(|| hash(&parts)))
}

/// The hunks of a file, as text.
fn hunks(store: &mut Store, entry: Change<Option<Entry>>) -> Result<Vec<u8>> {
    let mut read = |entry: Option<Entry>| match entry {
        Some(entry) => store.blob(entry.id).map(|blob| blob.data),
        None => Ok((*b"").into()),
    };
    let (before, after) = (read(entry.before)?, read(entry.after)?);
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) =
        (before.lines_with_terminator().collect(), after.lines_with_terminator().collect());
    let mut text = Vec::new();
    let signed = |text: &mut Vec<u8>, sign: u8, lines: &[&[u8]]| {
        for line in lines {
            text.push(sign);
            text.extend(normalised(line));
        }
    };
    for hunk in delta::hunks(Change { before: &before, after: &after }) {
        text.extend_from_slice(b"@\n");
        signed(&mut text, b' ', &old[hunk.before.start.saturating_sub(CONTEXT)..hunk.before.start]);
        signed(&mut text, b'-', &old[hunk.before.clone()]);
        signed(&mut text, b'+', &new[hunk.after.clone()]);
        signed(&mut text, b' ', &old[hunk.before.end..(hunk.before.end + CONTEXT).min(old.len())]);
    }
    Ok(text)
}

/// What a person saw come out of a commit, as the memory keeps it: the files that changed, sorted.
pub fn sights(seen: &[Seen]) -> Vec<Sight> {
    let sight = |seen: &Seen| Sight {
        path: seen.path.clone(),
        ours: seen.ours.clone(),
        result: seen.result.as_ref().map(|stored| (stored.mode, stored.id.clone())),
    };
    let is_change = |sight: &Sight| sight.ours.as_ref() != sight.result.as_ref().map(|(_, id)| id);
    let mut sights: Vec<Sight> = seen.iter().map(sight).filter(is_change).collect();
    sights.sort();
    sights
}

/// The decisions of a run on commits and on whole files; `origin` is that of each commit.
///
/// # Errors
/// An object is damaged.
pub fn of_run(
    (repo, store): (&Repo, &mut Store),
    (decisions, modes): (&Decisions, &BTreeMap<(String, String), Modes>),
    origin: &dyn Fn(&Commit) -> Origin,
) -> Result<Vec<Decision>> {
    let mut found = Vec::new();
    let commit = |hex: &str, store: &mut Store| match repo.parse_id(hex.as_bytes()).filter(|id| store.has(*id)) {
        Some(id) => store.commit(id).map(Some),
        None => Ok(None),
    };
    // What a rule left out it leaves out again.
    for (old, _) in decisions.dropped().filter(|(_, because)| because.is_none()) {
        let Some(commit) = commit(old, store)? else { continue };
        let Some(patch) = patch_of(store, &commit)? else { continue };
        let what = What::Drop { patch, because: String::new(), only: String::new() };
        found.push(Decision { what, origin: origin(&commit) });
    }
    for (old, seen) in decisions.accepted() {
        let Some(commit) = commit(old, store)? else { continue };
        let Some(patch) = patch_of(store, &commit)? else { continue };
        let what = What::Accept { patch, seen: sights(seen), changes: Vec::new(), on: String::new() };
        found.push(Decision { what, origin: origin(&commit) });
    }
    for fix in decisions.fixes().iter().filter(|fix| !decisions.drops(&fix.old)) {
        let Some(commit) = commit(&fix.old, store)? else { continue };
        let result = fix.result.as_ref().map(|stored| (stored.mode, stored.id.clone()));
        let mut push = |modes: Option<Modes>| {
            let (path, sides, result) = (fix.path.clone(), fix.sides.clone(), result.clone());
            found.push(Decision { what: What::File { path, sides, modes, result }, origin: origin(&commit) });
        };
        if is_whole(repo, store, fix)? {
            push(None);
        }
        let modes = modes.get(&(fix.old.clone(), fix.path.clone()));
        if let Some(modes) = modes
            && is_beyond_text(repo, store, (fix, modes))?
        {
            push(Some(*modes));
        }
    }
    Ok(found)
}

/// Is a file settled as a whole: because a side or the result of it is gone, or is no text?
fn is_whole(repo: &Repo, store: &mut Store, fix: &Fix) -> Result<bool> {
    let result = fix.result.as_ref().map(|stored| stored.id.clone());
    let [_, ours, theirs] = &fix.sides;
    if [ours, theirs, &result].iter().any(|id| id.is_none()) {
        return Ok(ours.is_some() || theirs.is_some());
    }
    for hex in fix.sides.iter().flatten() {
        let id: Option<Oid> = repo.parse_id(hex.as_bytes()).filter(|id| store.has(*id));
        let Some(id) = id else { return Ok(false) };
        if store.blob(id).is_ok_and(|blob| !crate::git::text::is_text(&blob.data)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Both sides have the file, and yet it is not its lines that a person settled: its sort, its mode, that it is there at all, or where it is.
fn is_beyond_text(repo: &Repo, store: &mut Store, (fix, modes): (&Fix, &Modes)) -> Result<bool> {
    if modes[1].is_none() && fix.sides[1].is_some() {
        // Upstream's side stands at a place of its own.
        return Ok(true);
    }
    let [base, Some(ours), Some(theirs)] = *modes else { return Ok(false) };
    let is_file = |mode: u32| mode & SORT == REGULAR;
    let all_files = is_file(ours) && is_file(theirs) && base.is_none_or(is_file);
    if fix.result.is_none() || !all_files || merged_mode(base, ours, theirs).is_none() {
        return Ok(true);
    }
    let mut read = |hex: &Option<String>| -> Result<Option<Bytes>> {
        let id = repo.written_id(hex.as_deref()).filter(|id| store.has_blob(*id));
        id.map(|id| store.blob(id).map(|blob| blob.data)).transpose()
    };
    let [base, ours, theirs] = [read(&fix.sides[0])?, read(&fix.sides[1])?, read(&fix.sides[2])?];
    let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs) else { return Ok(false) };
    let texts = Sides { base: &base[..], ours: &ours[..], theirs: &theirs[..] };
    Ok(matches!(text::merge(texts)?, TextMerge::Clean(_)))
}

/// What a commit that was carried by hand says: as it came out on that new upstream it is right.
///
/// # Errors
/// An object is missing or damaged.
pub fn of_pair(
    store: &mut Store,
    (old, new): (&Commit, &Commit),
    (origin, on): (&Origin, &str),
) -> Result<Option<Decision>> {
    let Some(patch) = patch_of(store, old)? else { return Ok(None) };
    let before = new.parents.first().map(|id| store.commit(*id).map(|parent| parent.tree)).transpose()?;
    let changes = tree::diff(store, Change { before, after: Some(new.tree) })?;
    let sight = |Changed { path, entry }: &Changed| Sight {
        path: quoted(path.as_bstr()),
        ours: entry.before.map(|e| e.id.to_string()),
        result: content(entry.after),
    };
    let mut all: Vec<(Sight, Id)> = Vec::with_capacity(changes.len());
    for change in &changes {
        // Where nobody knows on what it came out so, it cannot be done there again.
        let kept = if on.is_empty() { None } else { change_of(store, change.entry)? };
        all.push((sight(change), kept));
    }
    all.sort();
    let (seen, changes) = all.into_iter().unzip();
    Ok(Some(Decision { what: What::Accept { patch, seen, changes, on: on.to_owned() }, origin: origin.clone() }))
}

/// What a person settled in a commit is right as it came out of their run: the carried commit says what that is. `carried` are old and new ids of
/// commits that nobody has to look at.
///
/// # Errors
/// An object is damaged. One that is gone teaches nothing.
pub fn of_carried(
    (repo, store): (&Repo, &mut Store),
    (carried, on): (&[(String, String)], &str),
    origin: &dyn Fn(&Commit) -> Origin,
) -> Result<Vec<Decision>> {
    let mut found = Vec::new();
    for (old, new) in carried {
        let id = |hex: &String| repo.parse_id(hex.as_bytes()).filter(|id| store.has(*id));
        if let (Some(old), true) = (id(old), new.is_empty()) {
            let old = store.commit(old)?;
            let what = patch_of(store, &old)?.map(|patch| What::Accept {
                patch,
                seen: Vec::new(),
                changes: Vec::new(),
                on: on.to_owned(),
            });
            found.extend(what.map(|what| Decision { what, origin: origin(&old) }));
            continue;
        }
        let (Some(old), Some(new)) = (id(old), id(new)) else { continue };
        let (old, new) = (store.commit(old)?, store.commit(new)?);
        found.extend(of_pair(store, (&old, &new), (&origin(&old), on))?);
    }
    Ok(found)
}

/// A tree's entry as the memory has it.
pub fn content(entry: Option<Entry>) -> Content {
    entry.map(|entry| (entry.mode, entry.id.to_string()))
}

/// A file of which one side has nothing: what the new commit has there.
pub fn of_file(path: &str, [base, ours, theirs]: [Option<Entry>; 3], result: Option<Entry>) -> What {
    let id = |entry: Option<Entry>| entry.map(|entry| entry.id.to_string());
    What::File { path: path.to_owned(), sides: [id(base), id(ours), id(theirs)], modes: None, result: content(result) }
}
