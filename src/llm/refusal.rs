//! Why an answer is no answer, in words that can be sent back.

use std::fmt;

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It has no edits and no code.
    NoAnswer,
    /// It ends in the middle.
    CutOff,
    /// It has a form that cannot be read.
    Malformed,
    /// It edits lines that are not there, or were not shown.
    OutOfRange,
    /// Two edits are of the same lines.
    Overlap,
    /// It has conflict markers.
    Marker,
    /// It leaves code out with a placeholder.
    Elided,
    /// A line has something in it that could not be shown.
    Unshowable,
    /// It takes away much more than the patch does.
    Rewrites,
    /// The result does not parse where ours and theirs do.
    Parse,
    /// It changes nothing.
    Unchanged,
    /// It edits lines that were shown, far from what is open.
    Elsewhere,
    /// A line of upstream's goes that the patch takes away nothing of.
    Upstreams,
}

/// An answer that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub why: Why,
    /// In words, for whoever gave it.
    pub said: String,
}

impl Refusal {
    /// With words.
    pub fn new(why: Why, said: impl Into<String>) -> Self {
        Self { why, said: said.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}
