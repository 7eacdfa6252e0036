//! What a person decided of a commit in this run: files that they settled or changed beside, what they accepted as it came out.

use super::file_merge::FileMerge;
use super::located::Located;
use super::{Picker, Tip, decided};
use crate::error::Result;
use crate::git::Commit;
use crate::git::tree::{self, Changed, Entry, Sort};
use crate::merge::{Change, Evidence, Sides, merged_mode};
use crate::run::{FileResult, Fix, Flag, Method, Outcome, Seen, Status, Stored, quoted, unquoted};
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;

impl Picker<'_> {
    /// What a person accepted as it comes out now needs no second look.
    pub(super) fn accept(&mut self, (commit, outcome): (&Commit, &mut Outcome), files: &[FileMerge]) -> Result<()> {
        let other = || Evidence::new("a person accepted this commit, but as something else came out: it is open again");
        if outcome.status == Status::Conflicted && self.decisions.was_accepted(&outcome.old) {
            outcome.evidence.push(other());
        }
        if !outcome.has(Flag::ToReview) {
            return Ok(());
        }
        let seen: Vec<Seen> = files.iter().map(FileMerge::seen).collect();
        let said = match self.decisions.accepts(&outcome.old, seen.clone()) {
            true => Some("accepted by a person".to_owned()),
            false => decided::found_right(self, commit, &seen)?,
        };
        if let Some(said) = said {
            outcome.flags.retain(|f| *f != Flag::ToReview);
            outcome.evidence.push(Evidence::new(said));
            let shaky = outcome.has(Flag::Provisional);
            outcome.files.iter_mut().for_each(|f| f.accepted = !shaky && f.result != FileResult::Conflict);
        } else if outcome.status != Status::Conflicted && self.decisions.was_accepted(&outcome.old) {
            outcome.evidence.push(other());
        }
        Ok(())
    }

    /// What a person settled is never passed over in silence. Was anything?
    pub(super) fn tell_unused_fixes(&self, outcome: &mut Outcome, files: &[FileMerge]) -> bool {
        let mut unused = false;
        let own = self.decisions.fixes().iter().filter(|fix| fix.old == outcome.old);
        let paths: BTreeSet<&String> = own.map(|fix| &fix.path).collect();
        for path in paths {
            let used = |f: &FileMerge| f.method == Method::ByHand && f.path == unquoted(path);
            if !files.iter().any(used) {
                let said = "a person settled this file in this commit, but for other versions of it: it was not used";
                outcome.evidence.push(Evidence::new(said).at(path.clone()));
                outcome.raise(Flag::ToReview);
                unused = true;
            }
        }
        unused
    }

    /// Adds what a person changed beside what the commit touches, where the tip still has what it was changed from. Was
    /// anything passed over?
    pub(super) fn add_extras(&mut self, tip: &Tip, outcome: &mut Outcome, files: &mut Vec<FileMerge>) -> Result<bool> {
        let mut unused = false;
        for beside in self.decisions.extras(&outcome.old) {
            let path = unquoted(&beside.path);
            let ours = tree::lookup(self.store, tip.tree, path.as_ref())?;
            if ours.map(|e| e.id.to_string()) != beside.ours || files.iter().any(|f| f.path == path) {
                let said = "a person changed this file in this commit, but for another version of it";
                outcome.evidence.push(Evidence::new(said).at(beside.path.clone()));
                outcome.raise(Flag::ToReview);
                unused = true;
                continue;
            }
            // A later edit of the same commit has the extra among its files.
            let sides = [beside.ours.clone(), beside.ours.clone(), beside.ours.clone()];
            let later = self.decisions.fix(&outcome.old, &beside.path, &sides).map(|fix| &fix.result);
            let result = later.unwrap_or(&beside.result).as_ref().and_then(|stored| self.entry(stored));
            files.push(extra(path, ours, result));
        }
        Ok(unused)
    }

    /// A tree entry of what a decision stored.
    pub(super) fn entry(&self, stored: &Stored) -> Option<Entry> {
        Some(Entry { mode: stored.mode, id: self.repo.parse_id(stored.id.as_bytes())? })
    }
}

/// A file as a person settled it.
pub(super) fn by_hand(picker: &Picker<'_>, located: Located, fix: &Fix) -> FileMerge {
    let result = fix.result.as_ref().and_then(|stored| picker.entry(stored));
    // The sides are the same by content: upstream may have changed the mode since.
    let result = result.map(|entry| match (fix.change_of_mode(), now_mode(located.sides)) {
        (Some(change), Some(now)) => Entry { mode: now, ..entry }.with_bit_of(change),
        _ => entry,
    });
    let mut merged = FileMerge::settled(located, FileResult::Merged, result);
    merged.method = Method::ByHand;
    merged.unmodified = false;
    merged.see(Evidence::new("settled by a person").at(quoted(merged.path.as_bstr())));
    merged
}

/// A file that a person changed beside what the commit touches.
pub(super) fn extra(path: BString, ours: Option<Entry>, result: Option<Entry>) -> FileMerge {
    let mut located = Located::at_its_place(&Changed { path, entry: Change::default() });
    located.sides = Sides { base: ours, ours, theirs: ours };
    let mut merged = FileMerge::settled(located, FileResult::Merged, result);
    merged.method = Method::ByHand;
    merged.unmodified = false;
    merged
}

/// The mode that regular files on both sides come out with.
fn now_mode(sides: Sides<Option<Entry>>) -> Option<u32> {
    let file = |e: Option<Entry>| e.filter(|e| e.sort() == Sort::File);
    let (ours, theirs) = (file(sides.ours)?, file(sides.theirs)?);
    Some(merged_mode(sides.base.map(|b| b.mode), ours.mode, theirs.mode).unwrap_or(theirs.mode))
}
