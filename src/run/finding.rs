//! What an analyser says of lines that a commit adds: the schema of `findings` in `--json`.

use crate::merge::Evidence;
use serde::{Deserialize, Serialize};

/// What kind of a finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A line uses a name that old upstream had and new upstream has no more.
    StaleName,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// The name that it is about.
    pub name: String,
    /// In words, with `path:line` of what came out.
    pub said: Evidence,
    /// What the name was, on old upstream.
    pub was: Evidence,
    /// How upstream's own code changed where it used the name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Evidence>,
}
