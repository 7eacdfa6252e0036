//! One conflicted file: the cascade's answer, and what is to be done with it.
//!
//! In: the three sides as git has them and which of them is the patch. Out: [`Attempted`], with the [`Plan`] for disk and index. A side that
//! nobody can name is tried as either: what comes out the same both ways does not depend on it.

use super::Found;
use super::attempted::{Attempted, Disk, Fate, Index, Note, Plan, Tried, Weight, notes};
use super::side::{Patch, oriented};
use super::standing::Standing;
use crate::cascade::{Joined, Known, StillOpen, Whole, recalled, whole};
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::git::{Staged, Stages, Store};
use crate::memory::{Memory, OfFile};
use crate::merge::{Chunk, Drift, LABELS, Merged, Remark, Sides, merged_mode};
use crate::run::{FileOutcome, FileResult, Method, Signals, quoted};
use crate::syntax::language::Language;
use crate::verify::Question;
use crate::verify::confidence::{Calibration, PLACED};
use bstr::{BString, ByteSlice};

/// Methods that are asked where nobody can tell which side is the patch.
pub const EITHER: [Method; 3] = [Method::Text, Method::Line, Method::Token];

/// What is likelier to be wrong than right is not written over markers.
const EVEN: f64 = 0.5;

/// What stands behind the markers of a suggestion where `HEAD` is the patch.
const PATCH_IS_OURS: [&str; 3] = ["ours (the patch)", "base", "theirs (upstream)"];

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
        tried.confidence = self.confidence(drift, [].into_iter(), &tried);
        if tried.confidence.is_none_or(|likely| likely < PLACED) {
            tried
                .notes
                .iter_mut()
                .filter(|note| note.weight == Weight::SmallDoubt)
                .for_each(|n| n.weight = Weight::Doubt);
        }
        let count = |weight: Weight| tried.notes.iter().filter(|note| note.weight == weight).count();
        let (doubts, objections) = (count(Weight::Doubt), count(Weight::Objection));
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
        tried.confidence = self.confidence(drift, merged.conflicts(), &tried);
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
    fn confidence<'s>(
        &self,
        drift: Drift,
        open: impl Iterator<Item = &'s Sides<Vec<u8>>>,
        tried: &Tried,
    ) -> Option<f64> {
        let method = tried.method.unwrap_or(Method::Text);
        let count = |of: fn(Weight) -> bool| tried.notes.iter().filter(|note| of(note.weight)).count();
        let mut signals = Signals::of(drift, open, (count(|weight| weight != Weight::Fact), method));
        (signals.places, signals.files) = (count(|weight| weight == Weight::SmallDoubt), self.files);
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
        findings: 0,
        reasons: Vec::new(),
        sides: [None, None, None],
        hunks: Vec::new(),
        conflict: None,
        asked: Vec::new(),
    }
}
