//! One conflicted file: the cascade's answer, and what is to be done with it.
//!
//! In: the three sides as git has them and which of them is the patch. Out: [`Attempted`], with the [`Plan`] for disk and index. A side that
//! nobody can name is tried as either: what comes out the same both ways does not depend on it.

use super::Found;
use super::open::oriented;
use super::side::Patch;
use super::standing::{OnDisk, Standing};
use crate::cascade::{Joined, Known, StillOpen, Whole, Won, recalled, whole};
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::git::{Staged, Stages, Store};
use crate::memory::{Memory, OfFile};
use crate::merge::{Change, Chunk, Drift, LABELS, Merged, Remark, Sides, merged_mode};
use crate::run::{FileOutcome, FileResult, Method, Signals, quoted};
use crate::syntax::language::Language;
use crate::verify::confidence::Calibration;
use crate::verify::{Objection, Question};
use bstr::{BString, ByteSlice};
use std::path::PathBuf;

/// Methods that are asked where nobody can tell which side is the patch.
pub const EITHER: [Method; 3] = [Method::Text, Method::Line, Method::Token];

/// What is likelier to be wrong than right is not written over markers.
const EVEN: f64 = 0.5;

/// What stands behind the markers of a suggestion where `HEAD` is the patch.
const PATCH_IS_OURS: [&str; 3] = ["ours (the patch)", "base", "theirs (upstream)"];

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Resolved; nothing speaks against it.
    Staged,
    /// Resolved, and a person should look: it is written and not staged.
    ToReview,
    /// Not resolved.
    Left,
}

/// How a note weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// As it is.
    Fact,
    /// Something to look at.
    Doubt,
    /// What the door says against it.
    Objection,
}

/// What was seen at a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How it weighs.
    pub weight: Weight,
    /// Line, from 1, and words.
    pub remark: Remark,
}

/// What the index gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Index {
    /// It stays.
    Leave,
    /// The file, with this mode.
    Merged(u32),
    /// No such file any more.
    Gone,
    /// The stages of a conflict.
    Stages(Stages),
}

/// What the disk gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It stays.
    Leave,
    /// A text, as the repository has it, and its mode.
    Write(Vec<u8>, u32),
    /// No such file any more.
    Remove,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the index.
    pub index: Index,
    /// On disk.
    pub disk: Disk,
}

/// A conflicted file and what became of it.
#[derive(Clone, Debug)]
pub struct Attempted {
    /// In the tree.
    pub path: BString,
    /// What became of it.
    pub fate: Fate,
    /// Why it is not resolved, or not staged; empty if it is.
    pub because: String,
    /// How it was won.
    pub method: Option<Method>,
    /// P(a maintainer would change nothing).
    pub confidence: Option<f64>,
    /// What speaks for and against it.
    pub notes: Vec<Note>,
    /// What was made of it although it stays open, as the repository would have it.
    pub suggestion: Option<Vec<u8>>,
    /// Where that is.
    pub suggested: Option<PathBuf>,
    /// What the index had.
    pub was: Stages,
    /// What the disk had.
    pub on_disk: Option<OnDisk>,
    /// What is to be done.
    pub plan: Plan,
    /// The file on disk before and after, where it changes.
    pub change: Option<Change<Vec<u8>>>,
}

impl Attempted {
    /// A file that stays as it is.
    pub fn left(path: BString, (was, on_disk): (Stages, Option<OnDisk>), because: impl Into<String>) -> Self {
        Self {
            path,
            fate: Fate::Left,
            because: because.into(),
            method: None,
            confidence: None,
            notes: Vec::new(),
            suggestion: None,
            suggested: None,
            was,
            on_disk,
            plan: Plan { index: Index::Leave, disk: Disk::Leave },
            change: None,
        }
    }

    /// Takes what was made of it.
    pub fn take(&mut self, tried: Tried, mode: u32) {
        self.because = tried.because;
        self.method = tried.method;
        self.confidence = tried.confidence;
        self.notes = tried.notes;
        self.suggestion = tried.suggestion;
        let Some(text) = tried.text else { return };
        self.fate = if self.because.is_empty() { Fate::Staged } else { Fate::ToReview };
        self.plan.disk = Disk::Write(text, mode);
        if self.fate == Fate::Staged {
            self.plan.index = Index::Merged(mode);
        }
    }
}

/// How files are tried.
pub struct Trial<'a> {
    /// The side that is the patch.
    pub patch: Patch,
    /// Methods that may settle a conflict.
    pub methods: &'a [Method],
    /// What is less sure than this is for people.
    pub least: Option<f64>,
    /// Files that are changed beside each other.
    pub files: usize,
    /// What people settled before.
    pub memory: &'a Memory,
}

/// What was made of three texts.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// All of it, if nothing is open.
    pub text: Option<Vec<u8>>,
    /// What was made of it although something is open, or the door objects.
    pub suggestion: Option<Vec<u8>>,
    /// Why it is not taken without a look; empty if it is.
    pub because: String,
    /// How it was won.
    pub method: Option<Method>,
    /// P(a maintainer would change nothing).
    pub confidence: Option<f64>,
    /// What speaks for and against it.
    pub notes: Vec<Note>,
}

/// Tries a file.
///
/// # Errors
/// An object is missing or damaged.
pub fn attempt(store: &mut Store, trial: &Trial<'_>, found: Found) -> Result<Attempted> {
    let files = found.files();
    let Found { path, stages, standing } = found;
    let (on_disk, said) = match standing {
        Standing::Untouched(file) => (Some(file), None),
        Standing::Begun(file) => (Some(file), Some("somebody has begun to settle it by hand")),
        Standing::Settled => (None, Some("no marker is left in it: settled by somebody, and not staged")),
        Standing::Missing => (None, Some("there is no regular file in its place")),
    };
    let mut attempted = Attempted::left(path, (stages, on_disk), "");
    let Some(files) = files else {
        attempted.because = kind(&stages).to_owned();
        if said.is_none() {
            trial.decided(store, &mut attempted)?;
        }
        return Ok(attempted);
    };
    if let (Some(said), None) = (said, &attempted.on_disk) {
        attempted.because = said.to_owned();
        return Ok(attempted);
    }
    let Some(mode) = merged_mode(Some(files.base.mode), files.ours.mode, files.theirs.mode) else {
        attempted.because = "both sides changed its mode".to_owned();
        return Ok(attempted);
    };
    let texts = files.map(|side: Staged| store.blob(side.id)).transpose()?;
    let tried = trial.try_texts(&attempted.path, texts.as_ref().map(|blob| &blob.data[..]))?;
    attempted.take(tried, mode);
    if let Some(said) = said {
        // What they made stays; ours is beside it.
        if let Disk::Write(text, _) = std::mem::replace(&mut attempted.plan.disk, Disk::Leave) {
            attempted.suggestion = Some(text);
        }
        attempted.plan.index = Index::Leave;
        attempted.fate = Fate::Left;
        attempted.because = said.to_owned();
    }
    Ok(attempted)
}

/// What kind of conflict it is that no text settles.
fn kind(stages: &Stages) -> &'static str {
    let [_, base, ours, theirs] = stages;
    let sorts = [base, ours, theirs].map(|side| side.map(|side| side.mode & 0o170_000));
    match sorts {
        [.., Some(0o160_000), _] | [.., Some(0o160_000)] => "a submodule that both sides changed",
        [_, Some(ours), Some(theirs)] if ours != theirs => "one side made it a file of another kind",
        [.., Some(0o120_000), _] | [.., Some(0o120_000)] => "a symbolic link that both sides changed",
        [None, Some(_), Some(_)] => "both sides added it",
        [Some(_), None, Some(_)] => "HEAD has removed or moved it, and the other side changed it",
        [Some(_), Some(_), None] => "HEAD changed it, and the other side removed or moved it",
        _ => "one side moved it, and the other moved or removed it",
    }
}

impl Trial<'_> {
    /// Settles a file of which one side is gone as people settled it before, if they all did it in one way.
    fn decided(&self, store: &mut Store, attempted: &mut Attempted) -> Result<()> {
        let [_, base, ours, theirs] = attempted.was;
        if self.patch == Patch::Either || base.is_none() || ours.is_some() == theirs.is_some() {
            return Ok(());
        }
        let sides = oriented([base, ours, theirs], self.patch == Patch::Ours);
        let OfFile::As(origin, result) = self.memory.of_file(&quoted(attempted.path.as_bstr()), &sides, None) else {
            return Ok(());
        };
        attempted.plan = match result {
            None => Plan { index: Index::Gone, disk: Disk::Remove },
            Some((mode, hex)) => {
                let side = [ours, theirs].into_iter().flatten().find(|side| side.id.to_string() == *hex);
                // What is neither side is in the memory only.
                let Some(side) = side else { return Ok(()) };
                Plan { index: Index::Merged(*mode), disk: Disk::Write(store.blob(side.id)?.data.to_vec(), *mode) }
            }
        };
        let said = format!("it is settled as a whole as people did it {origin}");
        attempted.notes.push(Note { weight: Weight::Fact, remark: Remark::new(1, said) });
        (attempted.fate, attempted.because, attempted.method) = (Fate::Staged, String::new(), Some(Method::Remembered));
        Ok(())
    }

    /// Tries three texts, sides as git has them.
    ///
    /// # Errors
    /// libgit2 ran out of memory.
    pub fn try_texts(&self, path: &BString, texts: Sides<&[u8]>) -> Result<Tried> {
        let language = Language::of(path);
        let swapped = Sides { base: texts.base, ours: texts.theirs, theirs: texts.ours };
        let sides = if self.patch == Patch::Ours { swapped } else { texts };
        let question = Question { language, sides };
        let (known, said) = self.known(path, &question)?;
        let whole = match (known, self.patch) {
            (Some(known), _) => known,
            (None, Patch::Ours | Patch::Theirs) => whole(&question, self.methods)?,
            (None, Patch::Either) => self.either([question, Question { language, sides: swapped }])?,
        };
        let drift = Drift::of(&sides);
        let mut tried = match whole {
            Whole::Binary => return Ok(Tried { because: "it is binary".to_owned(), ..Tried::default() }),
            Whole::Joined(joined) => self.joined(joined, drift),
            Whole::Open(open) => self.open(*open, (&question, drift))?,
        };
        tried.notes.extend(said.into_iter().map(|remark| Note { weight: Weight::Fact, remark }));
        self.judge(&mut tried);
        Ok(tried)
    }

    /// What people settled of a file before. A conflict is the same whichever side is the patch; what methods make of its neighbours is not.
    fn known(&self, path: &BString, question: &Question<'_>) -> Result<(Option<Whole>, Vec<Remark>)> {
        let path = quoted(path.as_bstr());
        let known = Known { memory: self.memory, path: &path, passed_over: &|_| false };
        match self.patch {
            Patch::Ours | Patch::Theirs => recalled(question, self.methods, known),
            Patch::Either => {
                let (whole, said) = recalled(question, &[], known)?;
                Ok((whole.filter(|whole| matches!(whole, Whole::Joined(_))), said))
            }
        }
    }

    /// What the methods make of a file if either side is the patch; open unless it is the same.
    fn either(&self, questions: [Question<'_>; 2]) -> Result<Whole> {
        let methods: Vec<Method> = self.methods.iter().copied().filter(|method| EITHER.contains(method)).collect();
        let [one, other] = [whole(&questions[0], &methods)?, whole(&questions[1], &methods)?];
        match (one, other) {
            (Whole::Joined(one), Whole::Joined(other)) if one.text == other.text => {
                let mut both = one;
                both.won.method = both.won.method.max(other.won.method);
                both.won.doubts.extend(other.won.doubts);
                both.won.doubts.sort();
                both.won.doubts.dedup();
                both.objection = both.objection.or(other.objection);
                Ok(Whole::Joined(both))
            }
            (Whole::Binary, _) => Ok(Whole::Binary),
            _ => whole(&questions[0], &[]),
        }
    }

    /// A file without open hunks.
    fn joined(&self, joined: Joined, drift: Drift) -> Tried {
        let Joined { text, won, objection } = joined;
        let mut tried = Tried { method: Some(won.method), notes: notes(Some(won), objection), ..Tried::default() };
        let count = |weight: Weight| tried.notes.iter().filter(|note| note.weight == weight).count();
        let (doubts, objections) = (count(Weight::Doubt), count(Weight::Objection));
        tried.confidence = self.confidence(drift, [].into_iter(), (doubts + objections, &tried));
        match (objections, doubts) {
            (1.., _) => {
                tried.because = "what merging makes of it does not stand up".to_owned();
                tried.suggestion = Some(text);
            }
            (_, 1..) if tried.confidence.is_some_and(|likely| likely < EVEN) => {
                tried.because = "what is made of it is likelier wrong than right".to_owned();
                tried.suggestion = Some(text);
            }
            (_, 1..) => {
                tried.because = "to look at".to_owned();
                tried.text = Some(text);
            }
            _ => tried.text = Some(text),
        }
        tried
    }

    /// A file with open hunks.
    fn open(&self, open: StillOpen, (question, drift): (&Question<'_>, Drift)) -> Result<Tried> {
        let StillOpen { merged, won, objection, .. } = open;
        let left = merged.conflicts().count();
        let all = match text::merge(question.sides)? {
            TextMerge::Conflicted(plain) => plain.merged.conflicts().count(),
            TextMerge::Clean(_) | TextMerge::Binary => left,
        };
        let suggestion = (left < all).then(|| self.marked(&merged));
        let because = match (all, self.patch) {
            (_, Patch::Either) => "what comes out depends on which side is the patch".to_owned(),
            (1, _) => "its conflict is open".to_owned(),
            (all, _) if left == all => format!("its {all} conflicts are open"),
            (all, _) => format!("{left} of its {all} conflicts are open"),
        };
        let method = won.as_ref().map(|won| won.method).filter(|_| left < all);
        let mut tried = Tried { suggestion, because, method, notes: notes(won, objection), ..Tried::default() };
        let doubts = tried.notes.iter().filter(|note| note.weight != Weight::Fact).count();
        let count = |text: &Vec<u8>| text.lines().count();
        let hunks = merged.conflicts().map(|hunk| [count(&hunk.base), count(&hunk.ours), count(&hunk.theirs)]);
        tried.confidence = self.confidence(drift, hunks, (doubts, &tried));
        Ok(tried)
    }

    /// A file in part settled, with the sides where git has them.
    fn marked(&self, merged: &Merged) -> Vec<u8> {
        if self.patch != Patch::Ours {
            return merged.marked_as(LABELS);
        }
        let back = |chunk: &Chunk| match chunk {
            Chunk::Settled(text) => Chunk::Settled(text.clone()),
            Chunk::Open(Sides { base, ours, theirs }) => {
                Chunk::Open(Sides { base: base.clone(), ours: theirs.clone(), theirs: ours.clone() })
            }
        };
        Merged { chunks: merged.chunks.iter().map(back).collect() }.marked_as(PATCH_IS_OURS)
    }

    /// How sure one can be.
    fn confidence(
        &self,
        drift: Drift,
        open: impl Iterator<Item = [usize; 3]>,
        (doubts, tried): (usize, &Tried),
    ) -> Option<f64> {
        let method = tried.method.unwrap_or(Method::Text);
        let mut signals = Signals::of(drift, open, (doubts, method));
        signals.files = self.files;
        Calibration::shipped().file(&as_outcome(method, signals)).map(|sure| sure.likely)
    }

    /// Is it sure enough?
    fn judge(&self, tried: &mut Tried) {
        let (Some(least), Some(likely)) = (self.least, tried.confidence) else { return };
        if tried.text.is_some() && tried.because.is_empty() && likely < least {
            tried.because = format!("confidence {likely:.2} is below {least}");
        }
    }
}

/// As the calibration knows files.
fn as_outcome(method: Method, signals: Signals) -> FileOutcome {
    FileOutcome {
        path: String::new(),
        path_old: None,
        method,
        result: FileResult::Merged,
        accepted: false,
        confidence: None,
        predicted_distance: None,
        signals: Some(signals),
        reasons: Vec::new(),
        sides: [None, None, None],
        hunks: Vec::new(),
        conflict: None,
        asked: Vec::new(),
    }
}

/// What speaks for and against it, in this order.
fn notes(won: Option<Won>, objection: Option<Objection>) -> Vec<Note> {
    let note = |weight| move |remark| Note { weight, remark };
    let mut notes = Vec::new();
    if let Some(won) = won {
        notes.extend(won.reasons.into_iter().map(note(Weight::Fact)));
        notes.extend(won.doubts.into_iter().map(note(Weight::Doubt)));
    }
    notes.extend(objection.map(|said| Note { weight: Weight::Objection, remark: Remark::new(said.line, said.said) }));
    notes
}
