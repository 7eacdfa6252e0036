//! COMMIT: carries one commit onto the tip, file by file, and says what became of it.
//!
//! In: a commit, what it changes, the tip. Out: an [`Outcome`] and the next tip. Refs and terminals are not known here.

mod ahead;
mod already;
mod answer;
mod asked;
mod by_hand;
mod conflict;
mod content;
mod culprits;
mod decided;
mod driven;
mod emptied;
mod file;
mod file_merge;
mod located;
mod note;
mod open_names;
mod recalled;
mod remembered;
mod renamed;
mod replayed;
mod restated;
mod restyled;
mod rewritten;
mod sure;
mod taken_back;
mod tip;

pub use ahead::{Ahead, CameTo};
pub use asked::{Asking, Heard, Unanswered};
pub use remembered::Remembered;
pub use tip::Tip;

use already::{LeftOut, Rest};
use answer::{Answer, Question};

use crate::error::Result;
use crate::git::tree::{self, Changed, Edit, Twin};
use crate::git::{Commit, Kind, Object, Oid, Repo, Store, Words};
use crate::memory::Memory;
use crate::merge::{Change, Evidence, Sides};
use crate::run::{Decisions, Flag, Method, OnConflict, Options, Outcome, Status, UpstreamPolicy};
use crate::survey::{Survey, TipView, Verdict};
use bstr::ByteSlice;
use emptied::Emptied;
use file_merge::FileMerge;

/// A commit at its place in the series.
#[derive(Clone, Copy, Debug)]
pub struct Pickable<'a> {
    /// Position, from 1.
    pub n: usize,
    /// The commit.
    pub commit: &'a Commit,
    /// Its parent's tree.
    pub parent_tree: Option<Oid>,
    /// What it changes.
    pub changes: &'a [Changed],
}

/// The new kernel has all of a commit, as far as its content tells.
struct Holding {
    /// Hunks that are nevertheless not on the tip, because of an open conflict.
    undone: usize,
}

/// What a walk works with.
pub struct Picker<'a> {
    /// The git program.
    pub repo: &'a Repo,
    /// Objects in and out.
    pub store: &'a mut Store,
    /// Text merges that another core may have done already.
    pub ahead: &'a mut Ahead,
    /// What was learned before.
    pub survey: &'a Survey,
    /// The policies.
    pub options: &'a Options,
    /// What people decided.
    pub decisions: &'a Decisions,
    /// The conflicts that they settled.
    pub remembered: &'a Remembered,
    /// What they settled in other runs.
    pub memory: &'a Memory,
    /// New upstream: its attributes name merge drivers.
    pub onto: Oid,
    /// `Name <mail> seconds zone` of the run.
    pub committer: &'a [u8],
    /// What a model is asked, if one is.
    pub asking: Option<&'a mut Asking>,
}

impl Picker<'_> {
    /// Picks one commit onto `tip` and moves the tip.
    ///
    /// # Errors
    /// An object is missing or damaged, or a pack could not be written.
    pub fn pick(&mut self, tip: &mut Tip, pickable: Pickable<'_>) -> Result<Outcome> {
        self.ahead.reach(self.survey, pickable.changes);
        let mut outcome = fresh(pickable);
        let commit = pickable.commit;
        let decided = self.decisions.changes(&outcome.old);
        if self.decisions.drops(&outcome.old) {
            outcome.status = Status::Dropped;
            let why = self.decisions.why_dropped(&outcome.old).unwrap_or("left out by a person");
            outcome.evidence.push(Evidence::new(why));
            if self.decisions.why_dropped(&outcome.old).is_some() {
                outcome.raise(Flag::TakenBack);
            }
            return Ok(outcome);
        }
        if let Some(said) = decided::left_out(self, commit)? {
            outcome.status = Status::Dropped;
            outcome.evidence.push(Evidence::new(said));
            outcome.raise(Flag::Remembered);
            return Ok(outcome);
        }
        if let Some(said) = self.options.doubted.get(&outcome.old) {
            outcome.evidence.extend(said.iter().map(Evidence::new));
            outcome.raise(Flag::ToReview);
        }
        if commit.parents.first().copied() == tip.commit && !decided && !outcome.has(Flag::ToReview) {
            tip.fast_forward(commit);
            outcome.new = Some(commit.id.to_string());
            outcome.files = pickable.changes.iter().map(file::as_it_is).collect();
            if pickable.changes.is_empty() {
                outcome.status = Status::Empty;
            }
            return Ok(outcome);
        }
        if pickable.changes.is_empty() && !decided && !outcome.has(Flag::ToReview) {
            outcome.status = Status::Empty;
            self.write(tip, (pickable, &mut outcome), tip.tree)?;
            return Ok(outcome);
        }
        let changes = (commit, pickable.changes);
        let place = |c: &Changed| tip.home(self.survey, c);
        let view = TipView { tree: tip.tree, place: &place };
        let verdict = self.survey.upstream.verdict(self.store, (&self.survey.moves, view), changes)?;
        outcome.evidence.extend(verdict.evidence.iter().cloned());
        // What a person has changed is wanted.
        let holding = if decided { None } else { self.holding(tip, pickable)? };
        if let Some(held) = self.survey.content.of(commit.id).filter(|held| held.is_whole()) {
            outcome.evidence.extend(held.evidence());
        }
        if self.is_dropped(&verdict, holding.as_ref()) && !decided {
            let owners = tip.owners_of(self.survey, pickable.changes);
            let undone = verdict.undone.max(holding.as_ref().map_or(0, |holding| holding.undone));
            if undone == 0 || !owners.is_empty() {
                outcome.status = Status::Upstream;
                if undone > 0 {
                    // What took it back may be an open conflict, which has the patch's side: asked again when that is settled.
                    outcome.rests_on = owners.into_iter().collect();
                    outcome.raise(Flag::Provisional);
                }
                return Ok(outcome);
            }
        }
        if verdict.named || verdict.reverted || holding.is_some() {
            outcome.raise(Flag::ToReview);
        }
        self.merge(tip, (pickable, &mut outcome))?;
        if holding.is_some() && matches!(outcome.status, Status::Unmodified | Status::Modified) {
            outcome.status = Status::Upstream;
            sure::forget(&mut outcome);
        }
        if holding.is_some() && outcome.status == Status::Upstream {
            // Not a part of it: all.
            outcome.flags.retain(|f| *f != Flag::PartlyUpstream);
        }
        Ok(outcome)
    }

    /// Merges three blobs, or takes the answer that was got ahead.
    fn answer(&mut self, question: Question) -> Result<Option<Answer>> {
        if let Some(answer) = self.ahead.take(question) {
            return Ok(Some(answer));
        }
        let sides = self.read(question)?;
        Answer::to(self.store, (question.language, &self.options.methods), &sides)
    }

    /// Merges what is left of a patch without the hunks that upstream has, and compares with the merge of all.
    fn rest(&mut self, (question, left_out): (Question, &LeftOut), all: &Answer) -> Result<Rest> {
        let sides = self.read(question)?;
        left_out.merge((self.store, &self.options.methods), (question.language, &sides), all)
    }

    fn read(&mut self, question: Question) -> Result<Sides<Option<Object>>> {
        let mut read = |id: Option<Oid>| id.map(|id| self.store.blob(id)).transpose();
        question.sides.map(&mut read).transpose()
    }

    fn is_dropped(&self, verdict: &Verdict, holding: Option<&Holding>) -> bool {
        match self.options.upstream {
            UpstreamPolicy::Keep => false,
            UpstreamPolicy::DropNamed => verdict.proven || verdict.named,
            UpstreamPolicy::DropContent => verdict.proven || holding.is_some(),
            UpstreamPolicy::Drop | UpstreamPolicy::Stop => verdict.proven,
        }
    }

    /// Has the new kernel all of the commit by content? Not, if the series itself took something of it back.
    fn holding(&mut self, tip: &Tip, pickable: Pickable<'_>) -> Result<Option<Holding>> {
        let Some(held) = self.survey.content.of(pickable.commit.id).filter(|held| held.is_whole()) else {
            return Ok(None);
        };
        let undone = taken_back::missing(self, tip, (pickable, held))?;
        let wanted = undone > 0 && tip.owners_of(self.survey, pickable.changes).is_empty();
        Ok((!wanted).then_some(Holding { undone }))
    }

    /// Merges every file, writes the tree, and decides what became of the commit.
    fn merge(&mut self, tip: &mut Tip, (pickable, outcome): (Pickable<'_>, &mut Outcome)) -> Result<()> {
        let mut files = Vec::new();
        for mut located in tip.locate(self, pickable)? {
            let held = self.survey.content.of(pickable.commit.id);
            located.left_out = LeftOut::of(self.store, held, (&located.old_path, &located.path), located.sides)?;
            let mut file = file::merge(self, &outcome.old, located)?;
            remembered::apply(self, &outcome.old, &mut file)?;
            decided::settle_whole(self, &mut file)?;
            files.push(file);
        }
        outcome.findings = rewritten::rewrite_all(self, pickable.commit.id, &mut files)?;
        replayed::replay(self, tip.tree, (pickable.commit, outcome), &mut files)?;
        for file in &mut files {
            // What a person settled they had before them.
            if !matches!(file.method, Method::ByHand | Method::Remembered) {
                let stranded = self.survey.stranded.of(pickable.commit.id, &file.own);
                stranded.iter().for_each(|one| file.doubt(one.clone()));
            }
            culprits::name(self, file)?;
            asked::ask(self, pickable, file)?;
        }
        let extras = self.add_extras(tip, outcome, &mut files)?;
        let unused = extras | self.tell_unused_fixes(outcome, &files);
        let edits: Vec<Edit> = files.iter().flat_map(|f| f.edits.iter().cloned()).collect();
        let own = Change { before: pickable.parent_tree, after: Some(pickable.commit.tree) };
        let complete = files.iter().all(FileMerge::is_in_place);
        let mut written = tree::write(self.store, (Some(tip.tree), Twin { own, complete }), &edits)?;
        if !written.blocked.is_empty() {
            for file in &mut files {
                if file.edits.iter().any(|e| written.blocked.contains(&e.path)) {
                    file.block();
                    decided::settle_whole(self, file)?;
                }
            }
            // Without any edit of a blocked file: a move that cannot arrive must not leave.
            let edits: Vec<Edit> = files.iter().flat_map(|f| f.edits.iter().cloned()).collect();
            written = tree::write(self.store, (Some(tip.tree), Twin::default()), &edits)?;
        }
        let conflicted = files.iter().any(|f| f.conflict.is_some());
        if conflicted && self.options.on_conflict == OnConflict::Skip {
            sure::describe(outcome, &files);
            sure::judge(outcome, self.options.limits);
            outcome.status = Status::Skipped;
            return Ok(());
        }
        self.rest_on_open_lines(tip, (pickable.n, outcome), &files)?;
        sure::describe(outcome, &files);
        let changes_nothing = !conflicted && written.tree == tip.tree;
        // One that was empty from the start is nobody's doing.
        let was_empty = changes_nothing && pickable.changes.is_empty();
        let emptied = match changes_nothing && !was_empty {
            true => Some(Emptied::of(self.store, &files, unused)?),
            false => None,
        };
        outcome.status = match emptied {
            None if was_empty => Status::Empty,
            Some(emptied) => emptied.tell((tip, outcome), &files, unused),
            None if conflicted => Status::Conflicted,
            None if files.iter().all(|f| f.unmodified) => Status::Unmodified,
            None => Status::Modified,
        };
        sure::judge(outcome, self.options.limits);
        self.accept((pickable.commit, outcome), &files)?;
        if emptied.is_some_and(|emptied| self.leaves_out(emptied, outcome)) {
            return Ok(());
        }
        self.write(tip, (pickable, outcome), written.tree)?;
        tip.remember(&files);
        Ok(())
    }

    /// Is a commit that changes nothing left out? One that somebody should look at for what people decided is kept, empty, so that
    /// it can be shown and edited; it is left out once it is accepted.
    fn leaves_out(&self, emptied: Emptied, outcome: &mut Outcome) -> bool {
        let to_look_at = emptied != Emptied::Merged && outcome.has(Flag::ToReview);
        if self.options.upstream != UpstreamPolicy::Keep && !to_look_at {
            if matches!(emptied, Emptied::Unused | Emptied::Content | Emptied::Reworded | Emptied::Doubted) {
                // Not a part of it: all.
                outcome.flags.retain(|f| *f != Flag::PartlyUpstream);
            }
            return true;
        }
        if to_look_at {
            outcome.evidence.push(Evidence::new("it is kept, empty, until somebody has looked"));
        }
        if emptied == Emptied::Settled
            || (to_look_at && !matches!(emptied, Emptied::Content | Emptied::Reworded | Emptied::Doubted))
        {
            outcome.status = Status::Modified;
        }
        false
    }

    fn rest_on_open_lines(
        &mut self,
        tip: &mut Tip,
        (n, outcome): (usize, &mut Outcome),
        files: &[FileMerge],
    ) -> Result<()> {
        for file in files {
            outcome.rests_on.extend(tip.rest(self.store, file)?);
        }
        // Only now: a commit does not rest on itself.
        for file in files {
            tip.open(self.store, (n, file))?;
        }
        outcome.rests_on.sort_unstable();
        outcome.rests_on.dedup();
        if !outcome.rests_on.is_empty() {
            outcome.raise(Flag::Provisional);
        }
        Ok(())
    }

    /// Writes the commit onto the tip.
    fn write(&mut self, tip: &mut Tip, (pickable, outcome): (Pickable<'_>, &mut Outcome), tree: Oid) -> Result<()> {
        let commit = pickable.commit;
        let additions = &self.options.additions;
        let asking = self.asking.as_ref().filter(|_| outcome.has(Flag::Assisted));
        let assisted = asking.map(|asking| asking.helpers(pickable.n)).unwrap_or_default();
        let data = if additions.is_none() && assisted.is_empty() {
            commit.carried(tree, tip.commit, self.committer)
        } else {
            // Without the date.
            let end = self.committer.rfind_byte(b'>').map_or(self.committer.len(), |at| at + 1);
            let who = self.committer[..end].to_str_lossy();
            let note = additions.note.as_deref().filter(|_| outcome.status == Status::Modified);
            let message = self
                .repo
                .message_with(commit, Words { who: &who, note, assisted: &assisted, signs: additions.signs })?;
            commit.carried_saying(tree, tip.commit, self.committer, &message)
        };
        let new: Object = self.store.put(Kind::Commit, data, None)?;
        tip.commit = Some(new.id);
        tip.tree = tree;
        outcome.new = Some(new.id.to_string());
        Ok(())
    }
}

/// The outcome of a commit that nobody has looked at yet.
pub fn pending(n: usize, commit: &Commit) -> Outcome {
    let mut outcome = fresh(Pickable { n, commit, parent_tree: None, changes: &[] });
    outcome.status = Status::Pending;
    outcome
}

fn fresh(pickable: Pickable<'_>) -> Outcome {
    Outcome {
        schema_version: Outcome::SCHEMA,
        n: pickable.n,
        old: pickable.commit.id.to_string(),
        new: None,
        subject: pickable.commit.subject(),
        status: Status::Unmodified,
        flags: Vec::new(),
        rests_on: Vec::new(),
        confidence: None,
        predicted_distance: None,
        files: Vec::new(),
        findings: Vec::new(),
        evidence: Vec::new(),
        check: None,
    }
}
