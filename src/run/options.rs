//! What is meant: the policies of a run, after flags, environment and settings were read.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to do with a commit whose sides could not be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Go on with a walk tree and keep a conflict record.
    Carry,
    /// Stop there; the rest is pending.
    Stop,
    /// Leave the commit out.
    Skip,
}

/// What to do with a commit that upstream has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpstreamPolicy {
    /// Leave out what has proof.
    Drop,
    /// Leave out also what only names an upstream commit or release that onto contains.
    DropNamed,
    /// Leave out also what has all its hunks standing in onto's files at their places.
    DropContent,
    /// Leave nothing out: what upstream has becomes an empty commit.
    Keep,
    /// Stop at the first one.
    Stop,
}

/// What to do with merge commits of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergePolicy {
    /// Refuse the series.
    #[default]
    Refuse,
    /// Leave out those that hold no change of their own.
    Drop,
}

/// How a file was won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Line-wise three-way merge, as git does it.
    Text,
    /// Line by line within a conflict: both sides' insertions and deletions, in an order that has evidence.
    Line,
    /// Token by token within a statement that both sides changed.
    Token,
    /// Where the lines that the patch changes, or those beside it, stand on the tip.
    Relocated,
    /// Lines that the patch adds, rewritten by rules that upstream's own changes teach.
    Rewritten,
    /// By a merge driver of the user's own, which an attribute names.
    Driver,
    /// As a person settled the same conflict in another commit, or in another run.
    Remembered,
    /// As a model proposed.
    Model,
    /// A person settled it.
    ByHand,
}

/// Whether to draw a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// If standard error is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The policies of a run; what an outcome depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Conflicted commits.
    pub on_conflict: OnConflict,
    /// Commits that upstream has.
    pub upstream: UpstreamPolicy,
    /// Methods that may settle a conflict, cheapest first.
    pub methods: Vec<Method>,
    /// What is looked up of the code that the series adds.
    #[serde(default)]
    pub look_up: LookUp,
    /// What is to review.
    #[serde(default)]
    pub limits: Limits,
    /// The model that is asked about what is left, by its name in the user's settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The commit of the memory of what people settled before; none if it is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// What is added to messages.
    #[serde(default, skip_serializing_if = "Additions::is_none")]
    pub additions: Additions,
    /// Whether commits are signed.
    #[serde(default, skip_serializing_if = "Signing::is_as_set")]
    pub signing: Signing,
    /// Commits that a person should look at whatever becomes of them, by id, and why: what their patch files say is not sure.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub doubted: BTreeMap<String, Vec<String>>,
}

/// Whether commits are signed when the branch is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// As `commit.gpgSign` says.
    #[default]
    AsSet,
    /// They are not.
    Never,
    /// They are; by this key, else by the one that git takes.
    With(Option<String>),
}

impl Signing {
    /// Is nothing said?
    pub fn is_as_set(&self) -> bool {
        *self == Self::AsSet
    }
}

/// What is added to the messages of carried commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Additions {
    /// What was changed, of commits that came out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether whoever carries them signs them off.
    #[serde(default)]
    pub signs: bool,
}

impl Additions {
    /// Is nothing added?
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// How sure one has to be of a commit that nobody looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// A commit below this confidence is to review; from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_confidence: Option<f64>,
    /// A commit that is expected to need more lines changed is to review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_distance: Option<f64>,
}

/// What is looked up, on both kernels, of the code that a series adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUp {
    /// The names that it uses: one that is gone is a finding.
    #[default]
    Names,
    /// The same, and what upstream has given up although it still compiles: optional rules are applied, too.
    Habits,
    /// Nothing.
    Nothing,
}
