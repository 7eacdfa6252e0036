//! Does new upstream hold what a commit does, at its place?
//!
//! A hunk of the patch *stands* in onto's file if, with the file after the patch aligned to onto's, its added lines are there in one
//! run that a neighbouring line still adjoins, and, with the file before the patch aligned, the lines it removes are gone.
//! "All added lines are somewhere in the file" would drop carried commits; the place matters.

use crate::error::Result;
use crate::git::tree::{self, Changed, Sort};
use crate::git::{Oid, Store, text};
use crate::merge::Change;
use crate::merge::delta::{self, Hunk};
use crate::merge::line::stands_out;
use bstr::{BString, ByteSlice};

/// How many of a commit's hunks stand in upstream's files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Hunks that stand there.
    pub standing: usize,
    /// All hunks; a file without text counts as one.
    pub hunks: usize,
    /// Lines with a word in them that the standing hunks add or remove.
    pub words: usize,
}

impl Agreement {
    /// Every hunk stands, and at least one says something.
    pub fn is_whole(&self) -> bool {
        self.hunks > 0 && self.standing == self.hunks && self.words > 0
    }

    /// Compares a commit's changes with the files of `onto`; `place` says where upstream moved a file.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn of(
        store: &mut Store,
        onto: Oid,
        changes: &[Changed],
        place: &dyn Fn(&Changed) -> Option<BString>,
    ) -> Result<Self> {
        let mut agreement = Self::default();
        for changed in changes {
            let mut there = tree::lookup(store, onto, changed.path.as_ref())?;
            if there.is_none()
                && let Some(moved) = place(changed)
            {
                there = tree::lookup(store, onto, moved.as_ref())?;
            }
            agreement.file(store, changed, there)?;
        }
        Ok(agreement)
    }

    fn file(&mut self, store: &mut Store, changed: &Changed, there: Option<tree::Entry>) -> Result<()> {
        let Change { before, after } = changed.entry;
        if there == after {
            self.hunks += 1;
            self.standing += 1;
            self.words += 1;
            return Ok(());
        }
        let text = |e: Option<tree::Entry>| e.filter(|e| e.sort() == Sort::File);
        let (Some(after), Some(there)) = (text(after), text(there)) else {
            self.hunks += 1;
            return Ok(());
        };
        // The executable bit is a hunk of its own: what upstream has without it is not all of the change.
        if text(before).is_none_or(|b| b.mode != after.mode) && (before.is_some() || there.mode != after.mode) {
            self.hunks += 1;
            self.standing += usize::from(there.mode == after.mode);
        }
        let before = match text(before) {
            Some(entry) => store.blob(entry.id)?.data,
            None => [].into(),
        };
        let (after, there) = (store.blob(after.id)?.data, store.blob(there.id)?.data);
        if ![&before, &after, &there].iter().all(|t| text::is_text(t)) {
            self.hunks += 1;
            return Ok(());
        }
        self.hunks_of(Change { before: &before, after: &after }, &there);
        Ok(())
    }

    fn hunks_of(&mut self, patch: Change<&[u8]>, there: &[u8]) {
        let to_there = |before| Alignment::new(Change { before, after: there });
        let (from_before, from_after) = (to_there(patch.before), to_there(patch.after));
        let before: Vec<&[u8]> = patch.before.lines().collect();
        let after: Vec<&[u8]> = patch.after.lines().collect();
        for hunk in delta::hunks(patch) {
            self.hunks += 1;
            let removed = hunk.before.clone();
            let gone = removed.clone().all(|i| !stands_out(before[i]) || from_before.at(i).is_none());
            // A short line may well stand at several places: then the run has to close up on both sides.
            let sure = removed.clone().all(|i| stands_out(before[i])) || from_after.fits_closely(&hunk);
            if gone && sure && from_after.holds_run(&hunk) {
                self.standing += 1;
                self.words += hunk.after.filter(|i| stands_out(after[*i])).count();
                self.words += removed.filter(|i| stands_out(before[*i])).count();
            }
        }
    }
}

/// Which line of the one text is which of the other.
struct Alignment {
    to: Vec<Option<usize>>,
    lines_after: usize,
}

impl Alignment {
    fn new(change: Change<&[u8]>) -> Self {
        let lines = change.before.lines().count();
        let mut to: Vec<Option<usize>> = Vec::with_capacity(lines);
        let mut shift = 0isize;
        for hunk in delta::hunks(change) {
            to.extend((to.len()..hunk.before.start).map(|i| i.checked_add_signed(shift)));
            to.extend(hunk.before.clone().map(|_| None));
            shift = hunk.after.end.cast_signed() - hunk.before.end.cast_signed();
        }
        to.extend((to.len()..lines).map(|i| i.checked_add_signed(shift)));
        Self { to, lines_after: change.after.lines().count() }
    }

    fn at(&self, line: usize) -> Option<usize> {
        self.to.get(line).copied().flatten()
    }

    /// Do the lines above and below the hunk stand right beside its new lines?
    fn fits_closely(&self, hunk: &Hunk) -> bool {
        let run = hunk.after.clone();
        let first = run.clone().next().and_then(|i| self.at(i));
        let above = run.start.checked_sub(1).map(|i| self.at(i));
        let below = (run.end < self.to.len()).then(|| self.at(run.end));
        let Some(first) = first else {
            return self.closes_up(run.start);
        };
        above.is_none_or(|a| a.map(|a| a + 1) == Some(first)) && below.is_none_or(|b| b == Some(first + run.len()))
    }

    /// Do the hunk's new lines stand in one run, with a neighbour at its side?
    fn holds_run(&self, hunk: &Hunk) -> bool {
        let run = hunk.after.clone();
        let Some(first) = (match run.is_empty() {
            false => self.at(run.start),
            true => return self.closes_up(run.start),
        }) else {
            return false;
        };
        if !run.clone().zip(first..).all(|(i, there)| self.at(i) == Some(there)) {
            return false;
        }
        let end = first + run.len();
        let above = match run.start.checked_sub(1) {
            Some(i) => first > 0 && self.at(i) == Some(first - 1),
            None => first == 0,
        };
        let below = match run.end < self.to.len() {
            true => self.at(run.end) == Some(end),
            false => end == self.lines_after,
        };
        above || below
    }

    /// After a pure removal: do the lines above and below stand side by side?
    fn closes_up(&self, at: usize) -> bool {
        let above = at.checked_sub(1).map(|i| self.at(i));
        let below = (at < self.to.len()).then(|| self.at(at));
        match (above, below) {
            (Some(Some(above)), Some(Some(below))) => above + 1 == below,
            (None, Some(Some(below))) => below == 0,
            (Some(Some(above)), None) => above + 1 == self.lines_after,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(before: &str, after: &str, onto: &str) -> Agreement {
        let mut agreement = Agreement::default();
        let patch = Change { before: before.as_bytes(), after: after.as_bytes() };
        agreement.hunks_of(patch, onto.as_bytes());
        agreement
    }

    #[test]
    fn a_patch_that_upstream_took_and_surrounded_with_changes_stands() {
        let found = agreement(
            "first();\nsecond();\nthird();\n",
            "first();\nsecond(flags);\nthird();\n",
            "zeroth();\nfirst();\nsecond(flags);\nthird(more);\n",
        );
        assert!(found.is_whole(), "{found:?}");
    }

    #[test]
    fn the_same_line_at_another_place_does_not_stand() {
        let found = agreement(
            "alpha();\nbeta();\ngamma();\n",
            "alpha();\nadded_call();\nbeta();\ngamma();\n",
            "alpha();\nbeta();\ngamma();\nother();\nadded_call();\nlast();\n",
        );
        assert_eq!((found.standing, found.hunks), (0, 1));
    }

    #[test]
    fn lines_that_upstream_still_has_are_not_removed() {
        let found = agreement("alpha();\nbeta();\ngamma();\n", "alpha();\ngamma();\n", "alpha();\nbeta();\ngamma();\n");
        assert!(!found.is_whole());
        let found =
            agreement("alpha();\nbeta();\ngamma();\n", "alpha();\ngamma();\n", "alpha();\ngamma();\ndelta();\n");
        assert!(found.is_whole());
    }

    #[test]
    fn a_lone_brace_proves_nothing() {
        let found = agreement("a\n}\nb\n", "a\n}\n}\nb\n", "a\n}\n}\nb\nmore\n");
        assert!(!found.is_whole());
    }
}
