//! A conflicted file and what became of it. In: what was made of its texts. Out: its fate, why, and the [`Plan`] for disk and index.

use super::standing::OnDisk;
use crate::cascade::Won;
use crate::git::Stages;
use crate::merge::{About, Change, Remark};
use crate::run::Method;
use crate::verify::Objection;
use bstr::BString;
use std::path::PathBuf;

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
    /// Something about nothing but the place, of a file that one can be sure of.
    SmallDoubt,
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

impl Note {
    /// What is so of the whole file.
    pub fn fact(said: String) -> Self {
        Self { weight: Weight::Fact, remark: Remark::new(1, said) }
    }
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

/// What speaks for and against it, in this order.
pub(super) fn notes(won: Option<Won>, objection: Option<Objection>) -> Vec<Note> {
    let note = |weight| move |remark| Note { weight, remark };
    let doubt = |remark: Remark| match remark.about {
        About::Text => Note { weight: Weight::Doubt, remark },
        About::Place => Note { weight: Weight::SmallDoubt, remark },
    };
    let mut notes = Vec::new();
    if let Some(won) = won {
        notes.extend(won.reasons.into_iter().map(note(Weight::Fact)));
        notes.extend(won.doubts.into_iter().map(doubt));
    }
    notes.extend(objection.map(|said| Note { weight: Weight::Objection, remark: Remark::new(said.line, said.said) }));
    notes
}
