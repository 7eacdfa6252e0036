//! What people made of conflicts, read off what they left behind, into the memory.
//!
//! ```text
//!   a run's fixes ─────────┐
//!   old range, new range ──┤   three sides and a result       text merging      what stands in each conflict's place
//!   merge commits ─────────┼─────────────────────────────> conflicts ─────────> entries ──> refs/kmigrate/memory
//!   git rerere ────────────┘
//! ```
//!
//! Only conflicts are remembered. Where text merging was clean and people still wrote something else, they extended the patch or took a newer
//! one: no later merge asks for that, and put into it unasked it would be a guess. It is counted. But where a whole commit became another one on a
//! known new kernel, its change is kept as it is: where the migration asks for a person there, that is the answer.
//!
//! In: a repository. Out: [`Learned`], and the memory in git.

mod carried;
mod decided;
mod range;
mod rerere;
mod run;
mod shelf;

pub use carried::changed;
pub use decided::{patch_of, sights};
pub use range::{MERGES, commits, merges, ranges};
pub use rerere::rerere;
pub use run::{Walked, settled_by_hand, settled_in_run};
pub use shelf::{New, forget, forget_all, join, keep, load};

use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::memory::{Conflict, Decision, Entry, LONGEST, Origin};
use crate::merge::{Merged, Sides, settled};
use std::ops::AddAssign;

/// What was learned, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Resolutions.
    pub entries: Vec<Entry>,
    /// Decisions on whole commits and files.
    pub decisions: Vec<Decision>,
    /// Commits of which people took everything back, each with the run in which they did.
    pub taken_back: Vec<(String, String)>,
    /// What was looked at.
    pub seen: Seen,
}

/// What was looked at, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Pairs of commits, or merges.
    pub commits: usize,
    /// Commits of which nobody knows what became of them.
    pub alone: usize,
    /// Commits of a new range that are nobody's counterpart: a migration does not bring them.
    pub added: usize,
    /// Files that both sides changed.
    pub files: usize,
    /// Conflicts of text merging.
    pub conflicts: usize,
    /// Of these, those whose surroundings were changed with them, so that nobody can say what stands in their place.
    pub unclear: usize,
    /// Files that text merging joins, and that people left otherwise: a patch that was extended, cut down, or replaced.
    pub evolved: usize,
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.commits += other.commits;
        self.alone += other.alone;
        self.added += other.added;
        self.files += other.files;
        self.conflicts += other.conflicts;
        self.unclear += other.unclear;
        self.evolved += other.evolved;
    }
}

/// A file as people left it.
struct Case<'a> {
    path: String,
    sides: Sides<&'a [u8]>,
    result: &'a [u8],
}

impl Learned {
    /// Reads a file.
    ///
    /// # Errors
    /// libgit2 ran out of memory.
    fn study(&mut self, case: &Case<'_>, origin: &Origin) -> Result<()> {
        let merged = match text::merge(case.sides)? {
            TextMerge::Binary => return Ok(()),
            TextMerge::Clean(text) => {
                self.seen.files += 1;
                self.seen.evolved += usize::from(text != case.result);
                return Ok(());
            }
            TextMerge::Conflicted(open) => open.merged,
        };
        self.seen.files += 1;
        let conflicts = Conflict::all(&case.path, &merged);
        self.take(conflicts, (&merged, case.result), origin);
        Ok(())
    }

    /// Reads what stands in the place of each conflict.
    fn take(&mut self, conflicts: Vec<Conflict>, (merged, result): (&Merged, &[u8]), origin: &Origin) {
        self.seen.conflicts += conflicts.len();
        let count = conflicts.len();
        let found = settled(merged, result).filter(|_| text::is_text(result));
        // What is unclear of one is a part of what was made of the others.
        let all = found.and_then(|found| Some((found.each.into_iter().collect::<Option<Vec<_>>>()?, found.beside)));
        let Some((each, beside)) = all else {
            self.seen.unclear += count;
            return;
        };
        for (conflict, made) in conflicts.into_iter().zip(each) {
            let entry = Entry { conflict, made, conflicts: count, beside: beside.clone(), origin: origin.clone() };
            if entry.print().len() <= LONGEST && !has_marker(&entry.made) {
                self.entries.push(entry);
            }
        }
    }

    /// Adds what was learned elsewhere.
    fn join(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.decisions.extend(other.decisions);
        self.seen += other.seen;
    }
}

/// Somebody committed a conflict.
fn has_marker(text: &[u8]) -> bool {
    text.split(|c| *c == b'\n').any(|line| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> "))
}
