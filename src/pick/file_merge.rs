//! What became of one file of a commit: how it came out, what is open in it, what speaks for and against it.

use super::conflict::FileConflict;
use super::located::Located;
use super::note::{Look, Notes};
use crate::cascade::Won;
use crate::error::Result;
use crate::git::tree::{Edit, Entry, Sort};
use crate::git::{Bytes, Kind, Store};
use crate::memory::Modes;
use crate::merge::{About, Change, Drift, Evidence, Merged, Remark, Sides};
use crate::run::{Asked, ConflictKind, FileOutcome, FileResult, Method, Seen, SideIds, Signals, Stored, Vote, quoted};
use crate::survey::Culprit;
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
    pub(super) drift: Option<Drift>,
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
    /// A file that came out so, without a word against it.
    pub(super) fn settled(located: Located, result: FileResult, entry: Option<Entry>) -> Self {
        let mut edits = Vec::new();
        if located.sides.ours != entry || located.remove.is_some() {
            let own = entry == located.sides.theirs;
            edits.push(Edit { path: located.path.clone(), entry, own });
        }
        edits.extend(located.remove.clone().map(|path| Edit { path, entry: None, own: false }));
        Self {
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
    pub(super) fn conflict(located: Located, kind: ConflictKind) -> Self {
        let theirs = located.sides.theirs;
        let mut merged = Self::settled(located, FileResult::Conflict, theirs);
        merged.fail(kind);
        merged
    }

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
    pub(super) fn leave_out(&mut self) {
        self.left_out = true;
        self.partly_upstream = true;
        self.to_review = true;
        self.unmodified = false;
    }

    /// Its sides could not be joined.
    pub(super) fn fail(&mut self, kind: ConflictKind) {
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

/// Object ids of the sides, as they are told and as decisions are kept by.
pub(super) fn side_ids(sides: Sides<Option<Entry>>) -> SideIds {
    let id = |e: Option<Entry>| e.map(|e| e.id.to_string());
    [id(sides.base), id(sides.ours), id(sides.theirs)]
}
