//! One file of a commit: three sides in, the edits of the tip's tree out.
//!
//! Equal sides settle without a look at the content; regular files that both sides changed are merged as text; everything else
//! that both sides changed is a conflict of its own kind, and the walk goes on with the commit's version.

use super::Picker;
use super::answer::Question;
use super::conflict::FileConflict;
use super::content::{Already, Content, content};
use super::driven::driven;
use super::located::Located;
use super::note::{Look, Notes};
use super::recalled::{Recall, recalled};
use crate::cascade::Won;
use crate::error::Result;
use crate::git::tree::{Changed, Edit, Entry, Sort};
use crate::git::{Bytes, Kind, Store};
use crate::memory::Modes;
use crate::merge::delta::Carried;
use crate::merge::{About, Change, Drift, Evidence, Merged, Remark, Sides, merged_mode};
use crate::run::{
    Asked, ConflictKind, FileOutcome, FileResult, Fix, Method, Seen, SideIds, Signals, Stored, Vote, quoted,
};
use crate::survey::Culprit;
use crate::syntax::language::Language;
use crate::verify::Objection;
use crate::verify::confidence::PLACED;
use bstr::{BString, ByteSlice};
use rustc_hash::FxHashSet;

/// The sides of a file, and what came out.
pub(super) type Texts = (Sides<Bytes>, Bytes);

/// What became of a file.
#[derive(Clone, Debug)]
pub struct FileMerge {
    /// In the old series, before the commit.
    pub old_path: BString,
    /// In the old series, after the commit.
    pub own: BString,
    /// Upstream moved it to where it is.
    pub moved_by_upstream: bool,
    /// In the tip.
    pub path: BString,
    /// In the tip before, if the commit moves the file.
    pub came_from: Option<BString>,
    /// Before and after, in the tip.
    pub in_tip: Change<Option<Entry>>,
    /// What to do to the tip's tree.
    pub edits: Vec<Edit>,
    /// Set if the sides could not be joined.
    pub conflict: Option<FileConflict>,
    /// The same lines removed and added as in the old series.
    pub unmodified: bool,
    /// Some of what the commit does is there already.
    pub partly_upstream: bool,
    /// Hunks were left out because they stand in the new kernel: evidence, no proof.
    pub left_out: bool,
    /// A person should look.
    pub to_review: bool,
    /// How it was won.
    pub method: Method,
    /// What was seen, in order.
    notes: Notes,
    /// How far the patch and upstream are from each other, where both changed the text.
    drift: Option<Drift>,
    /// A person should look at where it went, whatever is in it.
    placed_in_doubt: bool,
    sides: Sides<Option<Entry>>,
    result: FileResult,
    /// Lines that the methods which made the text answered for at the door.
    pub(super) composed: FxHashSet<Vec<u8>>,
    /// What a model was asked.
    pub(super) asked: Vec<Asked>,
    /// Upstream's commits that made what is open.
    pub(super) culprits: Vec<Culprit>,
}

impl FileMerge {
    /// As it is told.
    pub fn outcome(&self) -> FileOutcome {
        let path = quoted(self.path.as_bstr());
        let path_old = (self.path != self.old_path).then(|| quoted(self.old_path.as_bstr()));
        FileOutcome {
            path,
            path_old,
            method: self.method,
            sides: side_ids(self.sides),
            result: self.result,
            accepted: self.conflict.is_none(),
            confidence: None,
            predicted_distance: None,
            signals: self.signals(),
            asked: self.asked.clone(),
            findings: 0,
            reasons: Vec::new(),
            hunks: self.conflict.as_ref().map_or_else(Vec::new, FileConflict::hunks),
            conflict: self.conflict.as_ref().map(FileConflict::told),
        }
    }

    /// What the confidence is computed from, of the file alone.
    fn signals(&self) -> Option<Signals> {
        let open = self.conflict.iter().flat_map(FileConflict::open);
        let vote = self.asked.iter().filter_map(|asked| asked.vote).reduce(Vote::weaker);
        let found = (self.notes.doubts(), self.method);
        let signals = Signals::of(self.drift?, open, found);
        Some(Signals { vote, places: self.notes.places(), ..signals })
    }

    /// As a person would see it come out.
    pub fn seen(&self) -> Seen {
        let [_, ours, _] = side_ids(self.sides);
        let result = self.in_tip.after.map(|e| Stored { mode: e.mode, id: e.id.to_string() });
        Seen { path: quoted(self.path.as_bstr()), ours, result }
    }

    /// Does the change stay at the commit's own path, and do the edits tell what becomes of it there? A person may want a file
    /// as the tip has it: that takes no edit, and is not what the commit does.
    pub fn is_in_place(&self) -> bool {
        let is_told = !self.edits.is_empty() || self.in_tip.after == self.sides.theirs;
        self.path == self.own && self.came_from.is_none() && is_told
    }

    /// The tip has a directory where the file goes, or a file where its directory goes.
    pub fn block(&mut self) {
        self.fail(ConflictKind::DirectoryFile);
        self.edits.clear();
        self.in_tip.after = self.in_tip.before;
    }

    /// Adds what was seen.
    pub(super) fn see(&mut self, seen: Evidence) {
        self.notes.see(seen);
    }

    /// What was seen, as it is told.
    pub(super) fn evidence(&self, look: Look) -> impl Iterator<Item = Evidence> {
        self.notes.told(look)
    }

    /// Does anything speak against taking it without a look, be it only the place of its lines?
    pub(super) fn is_doubted(&self) -> bool {
        self.to_review || self.notes.places() > 0
    }

    /// Must a person look, if it is so likely that they would change nothing?
    pub(super) fn look(&self, likely: Option<f64>) -> Look {
        let unplaced = self.notes.places() > 0 && likely.is_none_or(|likely| likely < PLACED);
        if self.to_review || unplaced { Look::Asked } else { Look::Spared }
    }

    /// How the text was won, and what the door says: with a doubt or an objection a person should look.
    pub(super) fn tell(&mut self, won: Option<Box<Won>>, objection: Option<Objection>) {
        let path = quoted(self.path.as_bstr());
        if let Some(won) = won {
            self.to_review |= won.doubts.iter().any(|doubt| doubt.about == About::Text);
            self.notes.see_won(&path, &won);
            self.method = won.method;
            self.composed = won.composed;
        }
        if let Some(objection) = objection {
            self.to_review = true;
            self.notes.see_objection(&path, objection);
        }
    }

    /// These doubts hold no more, and another text passed the door.
    pub(super) fn answered<'a>(&mut self, doubts: impl Iterator<Item = &'a Remark>) {
        self.notes.answer(&doubts.map(|doubt| doubt.said.as_str()).collect());
        self.to_review = self.placed_in_doubt || self.left_out || self.notes.doubts() > self.notes.places();
    }

    /// What was said of a text that was made quite anew holds no more.
    pub(super) fn forget_all_doubts(&mut self) {
        self.notes.keep_facts();
        self.to_review = self.placed_in_doubt;
    }

    /// Whether upstream changed code close to a hunk of the patch.
    pub(super) fn is_near(&self) -> bool {
        self.drift.as_ref().is_some_and(|drift| drift.near > 0)
    }

    /// The sides of a regular file, and what came out; `None` if nothing did.
    pub(super) fn texts(&self, store: &mut Store) -> Result<Option<Texts>> {
        let is_file = |entry: &Entry| entry.sort() == Sort::File;
        let Some(result) = self.in_tip.after.filter(is_file) else { return Ok(None) };
        let mut read = |entry: Option<Entry>| match entry.filter(is_file) {
            Some(entry) => store.blob(entry.id).map(|object| object.data),
            None => Ok([].into()),
        };
        let sides =
            Sides { base: read(self.sides.base)?, ours: read(self.sides.ours)?, theirs: read(self.sides.theirs)? };
        Ok(Some((sides, read(Some(result))?)))
    }

    /// The file in the tip before and after the commit, where either is a regular file; an absent one is empty. `None` for what is
    /// no text, and where nothing is changed.
    pub(super) fn in_tip_texts(&self, store: &mut Store) -> Result<Option<[Bytes; 2]>> {
        let Change { before, after } = self.in_tip;
        let is_text = |entry: Option<Entry>| entry.is_none_or(|entry| entry.sort() == Sort::File);
        if before == after || !is_text(before) || !is_text(after) {
            return Ok(None);
        }
        let mut read = |entry: Option<Entry>| match entry {
            Some(entry) => store.blob(entry.id).map(|object| object.data),
            None => Ok([].into()),
        };
        Ok(Some([read(before)?, read(after)?]))
    }

    /// What upstream has already was left out: somebody should look.
    fn leave_out(&mut self) {
        self.left_out = true;
        self.partly_upstream = true;
        self.to_review = true;
        self.unmodified = false;
    }

    fn fail(&mut self, kind: ConflictKind) {
        self.result = FileResult::Conflict;
        self.unmodified = false;
        self.conflict = Some(FileConflict::whole(kind));
    }

    /// Ids of its sides.
    pub(super) fn ids(&self) -> SideIds {
        side_ids(self.sides)
    }

    /// Modes of its sides.
    pub(super) fn modes(&self) -> Modes {
        let Sides { base, ours, theirs } = self.sides;
        [base, ours, theirs].map(|side| side.map(|entry| entry.mode))
    }

    /// A person left it just so, on this new upstream: what was found before is not asked about any more.
    pub(super) fn stand(&mut self, entry: Option<Entry>) {
        self.take(entry, Method::Remembered);
        self.notes = Notes::default();
        (self.to_review, self.placed_in_doubt, self.left_out, self.partly_upstream) = (false, false, false, false);
        self.composed.clear();
    }

    /// Somebody should look, for this reason.
    pub(super) fn doubt(&mut self, said: Evidence) {
        self.notes.doubt(said);
        self.to_review = true;
    }

    /// Takes this in the place of a conflict of the whole file.
    pub(super) fn take(&mut self, entry: Option<Entry>, method: Method) {
        self.edits.retain(|edit| edit.path != self.path);
        if self.sides.ours != entry {
            let own = entry == self.sides.theirs;
            self.edits.push(Edit { path: self.path.clone(), entry, own });
        }
        self.in_tip.after = entry;
        self.conflict = None;
        self.result = FileResult::Merged;
        self.unmodified = false;
        self.method = method;
    }

    /// Is anything of it open?
    pub fn is_conflicted(&self) -> bool {
        self.conflict.is_some()
    }

    /// The conflict, if it is one of hunks: what was settled elsewhere may settle it, too.
    pub fn open_hunks(&self) -> Option<&Merged> {
        self.conflict.as_ref().and_then(FileConflict::open_hunks)
    }

    /// Puts another text in the place of the one that was merged, with what is still open in it.
    pub fn put(&mut self, store: &mut Store, text: Vec<u8>, still: Option<Merged>) -> Result<()> {
        let Some(entry) = self.in_tip.after else {
            return Ok(());
        };
        self.put_as(store, (entry, text), still)
    }

    /// The same, as a file of the mode of `entry`.
    pub fn put_as(
        &mut self,
        store: &mut Store,
        (mut entry, text): (Entry, Vec<u8>),
        still: Option<Merged>,
    ) -> Result<()> {
        let ours = self.sides.ours.map(|e| store.blob(e.id)).transpose()?;
        entry.id = store.put(Kind::Blob, text, ours.as_ref())?.id;
        self.in_tip.after = Some(entry);
        self.edits.retain(|e| e.path != self.path);
        self.edits.push(Edit { path: self.path.clone(), entry: Some(entry), own: false });
        self.unmodified = false;
        self.result = FileResult::Merged;
        self.conflict = match still {
            None => None,
            Some(merged) => {
                self.result = FileResult::Conflict;
                let diff3 = store.put(Kind::Blob, merged.marked(), ours.as_ref())?;
                let ours = ours.as_ref().map_or(&[][..], |ours| &ours.data);
                Some(FileConflict::of_hunks((merged, diff3), ours))
            }
        };
        Ok(())
    }
}

/// A file of a commit that is taken as it is.
pub fn as_it_is(changed: &Changed) -> FileOutcome {
    let located = Located::at_its_place(changed);
    settled(located, FileResult::Taken, changed.entry.after).outcome()
}

/// Merges one file of the commit `old`.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn merge(picker: &mut Picker<'_>, old: &str, located: Located) -> Result<FileMerge> {
    if let Some(fix) = picker.decisions.fix(old, &quoted(located.path.as_bstr()), &side_ids(located.sides)) {
        return Ok(by_hand(picker, located, fix));
    }
    if located.is_taken {
        let mut merged = conflict(located, ConflictKind::AddAdd);
        let said = "another file of the commit goes to the same path; this one is not in the tree";
        merged.see(Evidence::new(said).at(quoted(merged.path.as_bstr())));
        merged.edits.clear();
        merged.in_tip.after = merged.in_tip.before;
        return Ok(merged);
    }
    let Sides { base, ours, theirs } = located.sides;
    let rival = located.rival.clone();
    let mut merged = if ours == base {
        settled(located, FileResult::Taken, theirs)
    } else if ours == theirs {
        let mut same = settled(located, FileResult::Same, ours);
        same.unmodified = false;
        same.partly_upstream = true;
        same
    } else {
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => both_there(picker, (old, located), (ours, theirs))?,
            _ => conflict(located, ConflictKind::ModifyDelete),
        }
    };
    if let Some(rival) = rival {
        let said = format!("upstream moved the file to {}", quoted(rival.as_bstr()));
        merged.see(Evidence::new(said));
        merged.fail(ConflictKind::RenameRename);
    }
    Ok(merged)
}

/// Object ids of the sides, as they are told and as decisions are kept by.
fn side_ids(sides: Sides<Option<Entry>>) -> SideIds {
    let id = |e: Option<Entry>| e.map(|e| e.id.to_string());
    [id(sides.base), id(sides.ours), id(sides.theirs)]
}

/// A file as a person settled it.
fn by_hand(picker: &Picker<'_>, located: Located, fix: &Fix) -> FileMerge {
    let result = fix.result.as_ref().and_then(|stored| picker.entry(stored));
    // The sides are the same by content: upstream may have changed the mode since.
    let result = result.map(|entry| match (fix.change_of_mode(), now_mode(located.sides)) {
        (Some(change), Some(now)) => Entry { mode: now, ..entry }.with_bit_of(change),
        _ => entry,
    });
    let mut merged = settled(located, FileResult::Merged, result);
    merged.method = Method::ByHand;
    merged.unmodified = false;
    merged.see(Evidence::new("settled by a person").at(quoted(merged.path.as_bstr())));
    merged
}

/// A file that a person changed beside what the commit touches.
pub(super) fn extra(path: BString, ours: Option<Entry>, result: Option<Entry>) -> FileMerge {
    let mut located = Located::at_its_place(&Changed { path, entry: Change::default() });
    located.sides = Sides { base: ours, ours, theirs: ours };
    let mut merged = settled(located, FileResult::Merged, result);
    merged.method = Method::ByHand;
    merged.unmodified = false;
    merged
}

fn settled(located: Located, result: FileResult, entry: Option<Entry>) -> FileMerge {
    let mut edits = Vec::new();
    if located.sides.ours != entry || located.remove.is_some() {
        let own = entry == located.sides.theirs;
        edits.push(Edit { path: located.path.clone(), entry, own });
    }
    edits.extend(located.remove.clone().map(|path| Edit { path, entry: None, own: false }));
    FileMerge {
        in_tip: Change { before: located.sides.ours, after: entry },
        came_from: located.remove,
        edits,
        conflict: None,
        unmodified: true,
        partly_upstream: false,
        left_out: false,
        to_review: located.to_review,
        placed_in_doubt: located.to_review,
        drift: None,
        method: Method::Text,
        notes: Notes::of_facts(located.evidence),
        sides: located.sides,
        composed: FxHashSet::default(),
        asked: Vec::new(),
        culprits: Vec::new(),
        old_path: located.old_path,
        own: located.own,
        moved_by_upstream: located.moved_by_upstream,
        path: located.path,
        result,
    }
}

/// A conflict of the whole file: the walk goes on with the commit's version.
fn conflict(located: Located, kind: ConflictKind) -> FileMerge {
    let theirs = located.sides.theirs;
    let mut merged = settled(located, FileResult::Conflict, theirs);
    merged.fail(kind);
    merged
}

fn both_there(
    picker: &mut Picker<'_>,
    (old, located): (&str, Located),
    (ours, theirs): (Entry, Entry),
) -> Result<FileMerge> {
    let base = located.sides.base;
    let sorts = [Some(ours), Some(theirs), base.or(Some(ours))];
    if !sorts.iter().flatten().all(|e| e.sort() == Sort::File) {
        return Ok(conflict(located, ConflictKind::Type));
    }
    let mode = merged_mode(base.map(|b| b.mode), ours.mode, theirs.mode);
    let language = Language::of(&located.path);
    let question = Question { language, sides: located.sides.map(|e| e.map(|e| e.id)) };
    let came = content(picker, (question, &located.left_out))?;
    let ((content, already), recall, of_memory) = recalled(picker, (old, &located.path), question, came)?;
    let mut said = if already == Already::Nothing { Vec::new() } else { located.left_out.evidence(&located.path) };
    said.extend(of_memory);
    let content = match recall {
        Recall::Used => content,
        Recall::Nothing => {
            let (content, of_driver) = driven(picker, &located.path, (question, content))?;
            said.extend(of_driver);
            content
        }
    };
    let entry = |id| Entry { mode: mode.unwrap_or(theirs.mode), id };
    let mut merged = match content {
        Content::Settled(id) => settled(located, FileResult::Merged, Some(entry(id))),
        Content::Joined { id, drift, joined } => {
            let mut merged = settled(located, FileResult::Merged, Some(entry(id)));
            merged.unmodified = joined.carried == Carried::Same;
            merged.partly_upstream = joined.carried == Carried::Part;
            merged.drift = Some(drift);
            merged.tell(Some(joined.won), joined.objection);
            merged
        }
        Content::Whole(kind) => conflict(located, kind),
        Content::Open { walk, drift, conflict, won, objection } => {
            let mut merged = settled(located, FileResult::Conflict, Some(entry(walk)));
            merged.unmodified = false;
            merged.conflict = Some(*conflict);
            merged.drift = Some(drift);
            merged.tell(won, objection);
            merged
        }
    };
    said.into_iter().for_each(|said| merged.notes.see(said));
    if already == Already::LeftOut {
        merged.leave_out();
    }
    if mode.is_none() && merged.conflict.is_none() {
        merged.fail(ConflictKind::Mode);
    }
    Ok(merged)
}

/// The mode that regular files on both sides come out with.
fn now_mode(sides: Sides<Option<Entry>>) -> Option<u32> {
    let file = |e: Option<Entry>| e.filter(|e| e.sort() == Sort::File);
    let (ours, theirs) = (file(sides.ours)?, file(sides.theirs)?);
    Some(merged_mode(sides.base.map(|b| b.mode), ours.mode, theirs.mode).unwrap_or(theirs.mode))
}
