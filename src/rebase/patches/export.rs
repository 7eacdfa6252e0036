//! A walked series becomes patch files again.
//!
//! In: the directories as they were read, what was made of them, the outcomes of the walk. Out: for each directory what to write.
//!
//! The walk carries conflicted commits with the patch's side, so that later commits conflict less; a patch directory must do without
//! them. So each settled commit's change is put onto a tree of its own, which has settled commits only: there it must apply without fuzz,
//! or the patch rests on one that is unresolved, and is unresolved itself. Whatever is written so applies in order, without fuzz.

use super::import::{Imported, Made};
use super::side::{File, Files, file, of_entry};
use crate::error::Result;
use crate::git::tree::{self, Changed};
use crate::git::{Kind, Oid, Store, deflated};
use crate::merge::{Change, delta};
use crate::quilt::apply::How;
use crate::quilt::directory::Collection;
use crate::quilt::{
    Drift, Entry, Fate, FileSide, Headings, Look, Means, PatchFile, Turn, Written, apply, hunks_of, refreshed,
    write_back,
};
use crate::run::{Flag, Outcome, Status, unquoted};
use std::collections::BTreeMap;

/// What to write for each directory.
///
/// # Errors
/// An object is missing.
pub fn export(
    store: &mut Store,
    collections: &[Collection],
    (imported, outcomes): (&Imported, &[Outcome]),
    (onto, drift): (Oid, Drift),
) -> Result<Vec<Written>> {
    let outcomes: BTreeMap<&str, &Outcome> = outcomes.iter().map(|o| (o.old.as_str(), o)).collect();
    let root = store.commit(onto)?.tree;
    let mut exporter = Exporter { store, root, drift, files: Files::new() };
    let from_patches: Vec<Oid> = imported.made.iter().map(|made| made.commit).collect();
    for id in imported.commits.iter().filter(|id| !from_patches.contains(id)) {
        exporter.overlay(outcomes.get(id.to_string().as_str()).copied())?;
    }
    let mut written = Vec::new();
    for (c, collection) in collections.iter().enumerate() {
        let mut fates = Vec::new();
        for (f, file) in collection.files.iter().enumerate() {
            let made: Vec<&Made> = imported.made.iter().filter(|m| (m.at.0, m.at.1) == (c, f)).collect();
            fates.push(exporter.file(file, &made, &outcomes)?);
        }
        written.push(write_back(collection, &fates));
    }
    Ok(written)
}

/// The new kernel with the patches that are written so far.
struct Exporter<'a> {
    store: &'a mut Store,
    root: Oid,
    drift: Drift,
    files: Files,
}

/// A file before and after a patch, where patches are written for, with blob ids.
struct Sides {
    /// Where it is before.
    from: Vec<u8>,
    /// Where it is after.
    to: Vec<u8>,
    before: Option<(File, String)>,
    after: Option<(File, String)>,
    /// The section that speaks of it.
    section: Option<usize>,
    /// The file on the old kernel.
    old: Option<Vec<u8>>,
}

/// What is left of one mail.
enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing.
    Gone(String),
    /// A conflict.
    Open(String),
}

impl Exporter<'_> {
    /// The overlay's files are on the new kernel as well.
    fn overlay(&mut self, outcome: Option<&Outcome>) -> Result<()> {
        let Some(new) = outcome.and_then(|o| o.new.as_ref()) else { return Ok(()) };
        for changed in self.changes(new)? {
            let after = self.entry(changed.entry.after)?;
            self.files.insert(changed.path.to_vec(), after);
        }
        Ok(())
    }

    /// What becomes of a patch file.
    fn file(&mut self, patch: &PatchFile, made: &[&Made], outcomes: &BTreeMap<&str, &Outcome>) -> Result<Fate> {
        if made.is_empty() {
            return Ok(Fate::Kept);
        }
        // A mail with a conflict takes the whole file with it, and what its other mails did is taken back.
        let kept = self.files.clone();
        let mut bytes = Vec::new();
        let mut gone = Vec::new();
        for (m, mail) in patch.mails.iter().enumerate() {
            let Some(own) = made.iter().find(|made| made.at.2 == m) else {
                bytes.extend(patch.text(&mail.whole));
                continue;
            };
            let outcome = outcomes.get(own.commit.to_string().as_str()).copied();
            match self.mail(patch, m, (own.commit, outcome))? {
                Part::Bytes(part) => bytes.extend(part),
                Part::Gone(why) => gone.push(why),
                Part::Open(because) => {
                    self.files = kept;
                    let migrated = self.so_far(patch, made, outcomes)?;
                    return Ok(Fate::Unresolved { because, migrated });
                }
            }
        }
        Ok(match () {
            () if gone.len() == made.len() => Fate::Removed(gone.join("; ")),
            () if bytes == patch.bytes => Fate::Kept,
            () => Fate::Refreshed(bytes),
        })
    }

    /// What a patch that is not settled was carried as: on the walk's own tip, with its own side of each conflict. `None` if that says
    /// nothing that its old bytes do not say.
    fn so_far(
        &mut self,
        patch: &PatchFile,
        made: &[&Made],
        outcomes: &BTreeMap<&str, &Outcome>,
    ) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        for (m, mail) in patch.mails.iter().enumerate() {
            let made = made.iter().find(|made| made.at.2 == m);
            let outcome = made.and_then(|made| outcomes.get(made.commit.to_string().as_str()));
            let (Some(made), Some(outcome)) = (made, outcome) else {
                bytes.extend(patch.text(&mail.whole));
                continue;
            };
            let Some(new) = &outcome.new else { continue };
            let mut sides = Vec::new();
            for changed in self.changes(new)? {
                let path = changed.path.to_vec();
                let (before, after) = (self.entry(changed.entry.before)?, self.entry(changed.entry.after)?);
                let (before, after) = (self.named(before)?, self.named(after)?);
                sides.push(Sides { from: path.clone(), to: path, before, after, section: None, old: None });
            }
            self.sections(patch, m, (made.commit, outcome), &mut sides)?;
            let turns: Vec<Turn<'_>> = sides.iter().map(|side| turn(side, patch.entry.reversed)).collect();
            let means = Means { differ: &delta::hunks, deflate: &deflated, drift: self.drift };
            bytes.extend(refreshed(patch, mail, &turns, means).bytes);
        }
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty() && *bytes != patch.bytes))
    }

    /// What becomes of one mail.
    fn mail(&mut self, patch: &PatchFile, m: usize, (old, outcome): (Oid, Option<&Outcome>)) -> Result<Part> {
        let Some(outcome) = outcome else { return Ok(Part::Open("not reached".into())) };
        let new = match (outcome.status, &outcome.new) {
            (Status::Conflicted, _) => return Ok(Part::Open("conflict".into())),
            (Status::Skipped, _) => return Ok(Part::Open("conflict, skipped".into())),
            (Status::Pending, _) => return Ok(Part::Open("not reached".into())),
            (Status::Dropped, _) => return Ok(gone("dropped", outcome)),
            (Status::Upstream, None) => return Ok(gone("upstream has it", outcome)),
            (_, None) => return Ok(gone("nothing is left of it", outcome)),
            (_, Some(new)) => new,
        };
        let Some(mut sides) = self.transplanted(new)? else {
            return Ok(Part::Open("rests on a patch that is unresolved".into()));
        };
        self.sections(patch, m, (old, outcome), &mut sides)?;
        for side in &sides {
            self.files.insert(side.from.clone(), None);
            self.files.insert(side.to.clone(), side.after.as_ref().map(|(file, _)| file.clone()));
        }
        let turns: Vec<Turn<'_>> = sides.iter().map(|side| turn(side, patch.entry.reversed)).collect();
        if turns.iter().all(|turn| turn.new.before == turn.new.after) {
            return Ok(gone("nothing is left of it", outcome));
        }
        let means = Means { differ: &delta::hunks, deflate: &deflated, drift: self.drift };
        Ok(Part::Bytes(refreshed(patch, &patch.mails[m], &turns, means).bytes))
    }

    /// The paths that a commit of the walk changes.
    fn changes(&mut self, new: &str) -> Result<Vec<Changed>> {
        let Some(id) = crate::git::Oid::from_str_ext(new, self.store.format()).ok() else { return Ok(Vec::new()) };
        let commit = self.store.commit(id)?;
        let parent = match commit.parents.first() {
            Some(parent) => Some(self.store.commit(*parent)?.tree),
            None => None,
        };
        tree::diff(self.store, Change { before: parent, after: Some(commit.tree) })
    }

    /// The file of an entry.
    fn entry(&mut self, entry: Option<crate::git::tree::Entry>) -> Result<Option<File>> {
        entry.map_or(Ok(None), |entry| of_entry(self.store, entry))
    }

    /// What a commit changes, on the tree that has settled patches only. `None` if it does not apply there.
    fn transplanted(&mut self, new: &str) -> Result<Option<Vec<Sides>>> {
        let mut sides = Vec::new();
        for changed in self.changes(new)? {
            let path = changed.path.to_vec();
            let (before, after) = (self.entry(changed.entry.before)?, self.entry(changed.entry.after)?);
            let here = match self.files.get(&path) {
                Some(file) => file.clone(),
                None => file(self.store, self.root, &path)?,
            };
            let after = match (here == before, &before, &after, &here) {
                (true, ..) => after,
                (false, Some(before), Some(after), Some(here)) => match carried(before, after, here) {
                    Some(bytes) => Some(File { mode: after.mode, bytes }),
                    None => return Ok(None),
                },
                _ => return Ok(None),
            };
            let (before, after) = (self.named(here)?, self.named(after)?);
            sides.push(Sides { from: path.clone(), to: path, before, after, section: None, old: None });
        }
        Ok(Some(sides))
    }

    /// A file with its blob's id.
    fn named(&mut self, file: Option<File>) -> Result<Option<(File, String)>> {
        let Some(file) = file else { return Ok(None) };
        let id = self.store.object(Kind::Blob, file.bytes.clone())?.id.to_string();
        Ok(Some((file, id)))
    }

    /// Finds the section of each file, and joins the two halves of a rename.
    fn sections(
        &mut self,
        patch: &PatchFile,
        m: usize,
        (old, outcome): (Oid, &Outcome),
        sides: &mut Vec<Sides>,
    ) -> Result<()> {
        let commit = self.store.commit(old)?;
        let base = match commit.parents.first() {
            Some(parent) => self.store.commit(*parent)?.tree,
            None => commit.tree,
        };
        let moved = |path: &[u8]| {
            let file = outcome.files.iter().find(|f| f.path_old.as_deref().is_some_and(|old| unquoted(old) == path));
            file.map_or_else(|| path.to_vec(), |f| unquoted(&f.path).to_vec())
        };
        for (n, section) in patch.mails[m].sections.iter().enumerate() {
            let Ok(touched) = section.touched(patch.entry.strip, &|_| false) else { continue };
            let Some(path) = touched.before.clone().or_else(|| touched.after.clone()) else { continue };
            let old = file(self.store, base, &path)?.map(|f| f.bytes);
            let to = moved(touched.after.as_ref().unwrap_or(&path));
            let at = |sides: &[Sides], wanted: &[u8]| {
                sides.iter().position(|s| s.section.is_none() && (s.to == wanted || s.from == wanted))
            };
            let renames = touched.before.is_some() && touched.after.is_some() && touched.before != touched.after;
            // The walk tells the patch's own rename as it tells upstream's.
            let from = if renames && moved(&path) == to { path.clone() } else { moved(&path) };
            let gone = if renames { at(sides, &from) } else { None };
            let Some(here) = at(sides, &to).or_else(|| at(sides, &path)) else { continue };
            (sides[here].section, sides[here].old) = (Some(n), old);
            if let Some(gone) =
                gone.filter(|gone| *gone != here && sides[*gone].after.is_none() && sides[here].before.is_none())
            {
                sides[here].before = sides[gone].before.take();
                sides[here].from = from;
                sides.remove(gone);
            }
        }
        Ok(())
    }
}

/// A patch that is left out; one that somebody should look at first, or that an open conflict decides about, stays, unresolved.
fn gone(why: &str, outcome: &Outcome) -> Part {
    match unsure(outcome) {
        None => Part::Gone(why.to_owned()),
        Some(said) => Part::Open(format!("{why} ({said})")),
    }
}

/// What a person should know before the outcome is taken for finished.
pub fn unsure(outcome: &Outcome) -> Option<String> {
    let review = outcome.has(Flag::ToReview).then(|| "to review".to_owned());
    let numbers: Vec<String> = outcome.rests_on.iter().map(usize::to_string).collect();
    let rests = outcome.has(Flag::Provisional).then(|| format!("provisional: rests on {}", numbers.join(", ")));
    let said: Vec<String> = review.into_iter().chain(rests).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// A file's turn.
fn turn(side: &Sides, reversed: bool) -> Turn<'_> {
    fn of<'a>(path: &'a [u8], file: Option<&'a (File, String)>) -> Option<FileSide<'a>> {
        file.map(|(file, id)| FileSide { path, mode: file.mode, text: &file.bytes, id })
    }
    let (before, after) = (of(&side.from, side.before.as_ref()), of(&side.to, side.after.as_ref()));
    let new = if reversed { Change { before: after, after: before } } else { Change { before, after } };
    Turn { section: side.section, old: side.old.as_deref(), new }
}

/// A change put onto another version of the file: every hunk, with all of its context. `None` if one has no place.
fn carried(before: &File, after: &File, here: &File) -> Option<Vec<u8>> {
    let change = Change { before: before.bytes.as_slice(), after: after.bytes.as_slice() };
    let look = Look { path: b"x", headings: Headings::None, context: 3 };
    let diff = [b"--- a/x\n+++ b/x\n".as_slice(), &hunks_of(change, &delta::hunks(change), look)].concat();
    let patch = PatchFile::read(Entry::plain(b"x"), diff);
    let section = patch.sections().next()?;
    let applied = apply(section, Some(&here.bytes), How { fuzz: 0, ..How::default() });
    applied.after.filter(|_| applied.hunks.iter().all(|h| !h.is_rejected()))
}
