//! A commit that came out changing nothing of the tip: why, and what that proves.
//!
//! Only what the merge alone left of it proves that upstream has it, if nothing speaks against that. What a person settled away was their decision, and what they
//! changed beside it is in no kernel.

use super::Tip;
use super::file_merge::FileMerge;
use crate::error::Result;
use crate::git::Store;
use crate::merge::Evidence;
use crate::run::{Flag, Method, Outcome, Status};
use crate::syntax::language::Language;
use crate::verify::{Question, is_only_moved};
use std::collections::BTreeSet;

/// Why a commit changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptied {
    /// The merge left nothing of it.
    Merged,
    /// The merge left nothing of it, and upstream may have something else: it has moved what the patch takes away, or a merge driver
    /// took its side whole.
    Doubted,
    /// Hunks of it were left out because they stand in the new kernel: evidence, no proof.
    Content,
    /// Upstream has it in other words, as rules or a table's form tell: evidence, no proof.
    Reworded,
    /// The merge left nothing of it, but something that a person changed in it was not used.
    Unused,
    /// A model says that the new kernel has it.
    Said,
    /// A person settled a file of it that way, now or in another commit.
    Settled,
}

impl Emptied {
    /// By what became of its files, and whether a decision was `unused`.
    ///
    /// # Errors
    /// If a side cannot be read.
    pub fn of(store: &mut Store, files: &[FileMerge], unused: bool) -> Result<Self> {
        let any = |methods: &[Method]| files.iter().any(|file| methods.contains(&file.method));
        if any(&[Method::Remembered, Method::ByHand]) {
            return Ok(Self::Settled);
        }
        if any(&[Method::Model]) {
            return Ok(Self::Said);
        }
        if files.iter().any(|file| file.left_out) {
            return Ok(Self::Content);
        }
        if any(&[Method::Rewritten]) {
            return Ok(Self::Reworded);
        }
        if unused {
            return Ok(Self::Unused);
        }
        // A driver of the user's may take one side whole, and proves nothing.
        let mut doubted = any(&[Method::Driver]);
        for file in files.iter().filter(|file| file.to_review) {
            doubted |= has_only_moved(store, file)?;
        }
        Ok(if doubted { Self::Doubted } else { Self::Merged })
    }

    /// Says so, and what the commit is then.
    pub fn tell(self, (tip, outcome): (&Tip, &mut Outcome), files: &[FileMerge], unused: bool) -> Status {
        if self == Self::Said {
            outcome.evidence.push(Evidence::new("with what a model answered it changes nothing"));
            outcome.raise(Flag::ToReview);
            return Status::Dropped;
        }
        if self == Self::Settled {
            return settled(outcome, files, unused);
        }
        let open: BTreeSet<usize> = files.iter().flat_map(|f| tip.owners(&f.path)).collect();
        if !open.is_empty() {
            outcome.rests_on = open.into_iter().collect();
            outcome.raise(Flag::Provisional);
        }
        let said = match self {
            Self::Content => "what the new kernel has already was left out, and nothing is left",
            Self::Doubted => "merging it changes nothing, and what upstream has may be something else",
            Self::Reworded => "written as the new kernel's code is now, it changes nothing",
            _ => "merging it changes nothing: the new kernel and what was carried already have all of it",
        };
        outcome.evidence.push(Evidence::new(said));
        if matches!(self, Self::Reworded | Self::Doubted) {
            outcome.raise(Flag::ToReview);
        }
        // An empty merge is proof enough: nobody has to look at the words that led there.
        if self == Self::Merged && !outcome.has(Flag::Provisional) {
            outcome.flags.clear();
        }
        Status::Upstream
    }
}

/// Has upstream only moved what the patch takes away from a file?
fn has_only_moved(store: &mut Store, file: &FileMerge) -> Result<bool> {
    let Some((sides, result)) = file.texts(store)? else { return Ok(false) };
    let question = Question { language: Language::of(&file.path), sides: sides.as_ref().map(|side| &side[..]) };
    Ok(is_only_moved(&question, &result))
}

fn settled(outcome: &mut Outcome, files: &[FileMerge], unused: bool) -> Status {
    let remembered = files.iter().any(|f| f.method == Method::Remembered);
    let said = match remembered {
        true => "as people settled its conflicts, here or in other commits, it changes nothing",
        false => "as a person settled it, it changes nothing",
    };
    outcome.evidence.push(Evidence::new(said));
    // They had it before them: words that name an upstream commit need no second look.
    if !remembered && !unused && !files.iter().any(FileMerge::is_doubted) {
        outcome.flags.retain(|f| *f != Flag::ToReview);
    }
    Status::Dropped
}
