//! What could not be joined in a file: some of its hunks, or the file as a whole. The walk goes on with the patch's side of it.

use crate::git::Object;
use crate::merge::{Merged, Sides};
use crate::run::{ConflictKind, Conflicted, HunkOutcome};
use bstr::ByteSlice;
use std::ops::Range;

/// The conflict of a file.
#[derive(Clone, Debug)]
pub struct FileConflict {
    kind: ConflictKind,
    diff3: Option<Object>,
    /// Settled and open chunks; none if the conflict is of the whole file.
    merged: Merged,
    /// The first line of each hunk in the tip's file, from 0.
    lines: Vec<usize>,
    /// Lines of the walk tree's file that stand because of it; none means the whole file.
    pub open_lines: Vec<Range<usize>>,
}

impl FileConflict {
    /// Of the whole file.
    pub fn whole(kind: ConflictKind) -> Self {
        Self { kind, diff3: None, merged: Merged::default(), lines: Vec::new(), open_lines: Vec::new() }
    }

    /// Of some hunks of a file that both sides changed; `ours` is the tip's file.
    pub fn of_hunks((merged, diff3): (Merged, Object), ours: &[u8]) -> Self {
        let (lines, open_lines) = (merged.lines_in_ours(ours), merged.open_lines());
        Self { kind: ConflictKind::Content, diff3: Some(diff3), lines, open_lines, merged }
    }

    /// Of a file that both sides add: all of it stands because of that.
    pub fn of_added(told: (Merged, Object), ours: &[u8]) -> Self {
        Self { kind: ConflictKind::AddAdd, open_lines: Vec::new(), ..Self::of_hunks(told, ours) }
    }

    /// What sort of conflict it is.
    pub fn kind(&self) -> ConflictKind {
        self.kind
    }

    /// The hunks, if it is only one of those: what was settled elsewhere may settle them, too.
    pub fn open_hunks(&self) -> Option<&Merged> {
        (self.kind == ConflictKind::Content).then_some(&self.merged)
    }

    /// As it is told.
    pub fn told(&self) -> Conflicted {
        Conflicted { kind: self.kind, diff3: self.diff3.as_ref().map(|object| object.id.to_string()) }
    }

    /// The sides of its hunks.
    pub fn open(&self) -> impl Iterator<Item = &Sides<Vec<u8>>> {
        self.merged.conflicts()
    }

    /// Its hunks, as they are told.
    pub fn hunks(&self) -> Vec<HunkOutcome> {
        let count = |text: &Vec<u8>| text.lines().count();
        let hunk = |(line, s): (&usize, &Sides<Vec<u8>>)| HunkOutcome {
            line: line + 1,
            lengths: [count(&s.base), count(&s.ours), count(&s.theirs)],
        };
        self.lines.iter().zip(self.open()).map(hunk).collect()
    }
}
