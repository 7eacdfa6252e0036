//! THE DATA SET: what people made of findings and conflicts, to teach a model with. In: history, a series before and after somebody
//! rebased it, and whatever else yields [`Correction`]s. Out: [`Row`]s in the chat form that trainers take, each with its diff, its
//! source and its licence.
//!
//! ```text
//!   history   commits that name an analyser, or Fixes:   -> Correction --teach--> question as repair asks it, answer as it reads it
//!   rebases   the same commit of two ranges              -> Correction --teach--> question as a migration asks it
//!   memory    conflicts that people settled, and `learn`ed ones  -> Correction --teach--> the same
//!                                                            rows --split--> each file on one side, of each kind a share held out
//! ```

mod counts;
mod history;
mod rebases;
mod remembered;
mod split;
mod teach;

use crate::merge::Sides;
use bstr::BString;
use serde::{Deserialize, Serialize};

pub use counts::{Counts, Sides as Counted};
pub use history::of_history;
pub use rebases::of_rebase;
pub use remembered::{of_memory, parts_of};
pub use split::split;
pub use teach::teach;

/// What a row's form is numbered.
pub const VERSION: u32 = 1;

/// Where a correction is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A commit that fixes something.
    History,
    /// A commit that somebody carried to another kernel.
    Rebase,
    /// A conflict that somebody settled in a run.
    Memory,
}

impl Origin {
    /// As a row says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Rebase => "rebase",
            Self::Memory => "memory",
        }
    }
}

/// Where a row can be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Of what kind.
    pub from: Origin,
    /// The commit that has the answer.
    pub commit: String,
    /// The commit that was carried, of a rebase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The file, quoted as git does if it is not UTF-8.
    pub path: String,
    /// The blob before the answer.
    pub before: String,
    /// The blob with it.
    pub after: String,
    /// What it is called in the memory: then before and after are blobs of the lines around a conflict, as the entry has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
}

/// What is to be learned from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// A finding, in the words of its tool or of the commit.
    Finding(String),
    /// A patch from base to theirs, to be made in ours: ours is what the answer starts from.
    Conflict {
        /// The file in the old kernel, without and with the patch.
        base: Vec<u8>,
        /// With it.
        theirs: Vec<u8>,
        /// The patch's subject.
        subject: String,
    },
}

/// What a person made of a finding or a conflict in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// What was to be done.
    pub lesson: Lesson,
    /// What kind of a fault or conflict it is.
    pub kind: String,
    /// Who found it.
    pub tool: Option<String>,
    /// The file.
    pub path: BString,
    /// Before the answer.
    pub before: Vec<u8>,
    /// With it.
    pub after: Vec<u8>,
    /// In the person's words, a line.
    pub why: String,
    /// Where it can be checked.
    pub source: Provenance,
}

impl Correction {
    /// Of a conflict that a person settled: three sides and the result. For whoever keeps such things.
    pub fn of_conflict(
        (path, subject): (BString, String),
        (sides, result): (Sides<Vec<u8>>, Vec<u8>),
        source: Provenance,
    ) -> Self {
        let Sides { base, ours, theirs } = sides;
        let why = format!("carries: {subject}");
        let lesson = Lesson::Conflict { base, theirs, subject };
        Self { lesson, kind: "conflict".to_owned(), tool: None, path, before: ours, after: result, why, source }
    }
}

/// On which side of the split a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// To learn from.
    Train,
    /// To measure with, and never to learn from.
    HeldOut,
}

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
}

/// A line of the data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Of this form.
    pub schema_version: u32,
    /// Of its content.
    pub id: String,
    /// Where it belongs.
    pub split: Part,
    /// `finding` or `conflict`.
    pub task: String,
    /// What kind of a fault or conflict it is.
    pub kind: String,
    /// Who found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What the file says of itself, as SPDX; none if it says nothing.
    pub licence: Option<String>,
    /// Where it can be checked.
    pub source: Provenance,
    /// Question and answer.
    pub messages: Vec<Message>,
    /// The answer as a git diff of the whole file.
    pub diff: String,
}
