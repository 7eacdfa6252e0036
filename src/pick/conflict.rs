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
    /// Lines of the walk tree's file that stand because of it; none means the whole file.
    pub open_lines: Vec<Range<usize>>,
}

impl FileConflict {
    /// Of the whole file.
    pub fn whole(kind: ConflictKind) -> Self {
        Self { kind, diff3: None, merged: Merged::default(), open_lines: Vec::new() }
    }

    /// Of some hunks of a file that both sides changed.
    pub fn of_hunks(merged: Merged, diff3: Object) -> Self {
        Self { kind: ConflictKind::Content, diff3: Some(diff3), open_lines: merged.open_lines(), merged }
    }

    /// Of a file that both sides add: all of it stands because of that.
    pub fn of_added(merged: Merged, diff3: Object) -> Self {
        Self { kind: ConflictKind::AddAdd, diff3: Some(diff3), open_lines: Vec::new(), merged }
    }

    /// The hunks, if it is only one of those: what was settled elsewhere may settle them, too.
    pub fn open_hunks(&self) -> Option<&Merged> {
        (self.kind == ConflictKind::Content).then_some(&self.merged)
    }

    /// As it is told.
    pub fn told(&self) -> Conflicted {
        Conflicted { kind: self.kind, diff3: self.diff3.as_ref().map(|object| object.id.to_string()) }
    }

    /// Its hunks, as they are told.
    pub fn hunks(&self) -> Vec<HunkOutcome> {
        let count = |text: &Vec<u8>| text.lines().count();
        let hunk = |(line, s): (usize, &Sides<Vec<u8>>)| HunkOutcome {
            line: line + 1,
            lengths: [count(&s.base), count(&s.ours), count(&s.theirs)],
        };
        self.merged.conflicts().map(hunk).collect()
    }
}
