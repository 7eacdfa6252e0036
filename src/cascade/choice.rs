//! What one method makes of one hunk: a text in its place, edits elsewhere, and what they go by.

use crate::merge::mates::Anchor;
use crate::merge::{Change, Open, Proposal, delta};
use crate::run::Method;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What one method makes of a hunk.
pub struct Choice {
    /// The method.
    pub method: Method,
    /// What stands in the hunk's place, and what speaks for and against it.
    pub proposal: Proposal,
    /// What is edited elsewhere.
    pub elsewhere: Vec<Edit>,
    /// Which lines it goes by, if it is put elsewhere.
    pub anchors: Vec<Anchor>,
    /// Lines that the method answers for: made of both sides, and what they were made of.
    pub composed: FxHashSet<Vec<u8>>,
    /// The line of ours (from 0) where it is; of what is put elsewhere, the first that the patch's lines stand at.
    pub line: usize,
}

/// Lines of ours (from 0) that are replaced, none for an insertion, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The lines.
    pub at: Range<usize>,
    /// What stands there instead: whole lines.
    pub text: Vec<u8>,
}

impl Choice {
    /// A text for the hunk that begins at a line of ours, of lines that are all the patch's or upstream's.
    pub fn of(method: Method, proposal: Proposal, line: usize) -> Self {
        Self { method, proposal, elsewhere: Vec::new(), anchors: Vec::new(), composed: FxHashSet::default(), line }
    }

    /// A hunk that is settled where it is.
    pub fn here(method: Method, proposal: Proposal, open: &Open<'_>) -> Self {
        let mut choice = Self::of(method, proposal, open.lines.ours);
        if method == Method::Token {
            for part in [open.sides.base, open.sides.ours, open.sides.theirs, &choice.proposal.text] {
                choice.composed.extend(part.split_inclusive(|c| *c == b'\n').map(<[u8]>::to_vec));
            }
        }
        choice
    }

    /// How many lines differ.
    pub fn distance(&self, other: &Self) -> usize {
        let change = Change { before: &self.proposal.text[..], after: &other.proposal.text };
        let here: usize = delta::hunks(change).iter().map(|hunk| hunk.before.len().max(hunk.after.len())).sum();
        let edits = |edits: &[Edit]| edits.iter().map(|edit| edit.at.len().max(1)).sum::<usize>();
        let there =
            if self.elsewhere == other.elsewhere { 0 } else { edits(&self.elsewhere) + edits(&other.elsewhere) };
        here + there
    }
}
