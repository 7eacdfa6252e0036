//! Hunks of a commit that the new kernel has already by content: what is left of the patch without them is what is merged.
//!
//! ```text
//!   base + the hunks that are there  ->  ours      those hunks are no change of the patch any more: ours has the word
//!                                    ->  theirs    the rest of the patch
//! ```
//!
//! So a hunk that upstream has in other surroundings neither conflicts nor stands twice. That it was left out is evidence, and
//! somebody should look.

use super::answer::{Answer, AnsweredMerge, Joined};
use crate::cascade::Won;
use crate::error::Result;
use crate::fingerprint::already::{self, Found};
use crate::git::tree::{Entry, Sort};
use crate::git::{Kind, Object, Store};
use crate::merge::delta::Carried;
use crate::merge::{Change, Evidence, Sides};
use crate::run::Method;
use crate::survey::{Held, HeldFile, evidence};
use crate::syntax::language::Language;
use bstr::{BString, ByteSlice};

/// The hunks of a file that need not be merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    hunks: Vec<Found>,
    /// The new kernel has the whole commit, and the commit says so, hunk by hunk.
    told: bool,
}

impl LeftOut {
    /// Of a file, as the tip has it: all hunks that stand there if the new kernel has the whole commit; else those that are told
    /// by lines of their own.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn of(
        store: &mut Store,
        held: Option<&Held>,
        (old_path, path): (&BString, &BString),
        sides: Sides<Option<Entry>>,
    ) -> Result<Self> {
        let Some((held, file)) = held.and_then(|held| Some((held, held.file(old_path)?))) else {
            return Ok(Self::default());
        };
        let told = held.is_whole();
        let mut hunks = standing(store, file, (path, sides))?;
        hunks.retain(|found| told || found.is_told());
        Ok(Self { hunks, told })
    }

    /// Is there nothing to leave out?
    pub fn is_empty(&self) -> bool {
        self.hunks.is_empty()
    }

    /// What is said of them, where the commit does not say it.
    pub fn evidence(&self, path: &BString) -> Vec<Evidence> {
        let said = |found: &Found| {
            let seen = evidence(path, found);
            Evidence { statement: format!("a part of the patch is upstream: {}", seen.statement), ..seen }
        };
        if self.told { Vec::new() } else { self.hunks.iter().map(said).collect() }
    }

    /// Merges the rest, and compares with the merge of all.
    ///
    /// # Errors
    /// libgit2 ran out of memory, or a text is made to collide under SHA-1.
    pub fn merge(
        &self,
        (store, methods): (&Store, &[Method]),
        (language, sides): (Language, &Sides<Option<Object>>),
        all: &Answer,
    ) -> Result<Rest> {
        let (Some(base), Some(theirs)) = (&sides.base, &sides.theirs) else {
            return Ok(Rest::NoBetter);
        };
        let with = base_with(&base.data, &theirs.data, &self.hunks);
        let rest = if with == theirs.data[..] {
            let result = all.ours.clone();
            let joined = Joined { result, carried: Carried::Part, won: Box::new(Won::by_text()), objection: None };
            Some(Answer { ours: all.ours.clone(), drift: all.drift, merge: AnsweredMerge::Joined(joined) })
        } else {
            let sides = Sides { base: Some(store.object(Kind::Blob, with)?), ..sides.clone() };
            Answer::to(store, (language, methods), &sides)?
        };
        Ok(rest.map_or(Rest::NoBetter, |rest| Rest::compare(rest, all)))
    }
}

/// The hunks of a file that stand in the new kernel and on the tip, too.
///
/// # Errors
/// An object is missing or damaged.
pub fn standing(
    store: &mut Store,
    file: &HeldFile,
    (path, sides): (&BString, Sides<Option<Entry>>),
) -> Result<Vec<Found>> {
    let id = |entry: Option<Entry>| entry.filter(|e| e.sort() == Sort::File).map(|e| e.id);
    let sides = sides.map(id);
    if sides.ours == file.onto {
        return Ok(file.hunks.clone());
    }
    let (Some(ours), Some(theirs)) = (sides.ours, sides.theirs) else {
        return Ok(Vec::new());
    };
    let (ours, theirs) = (store.blob(ours)?.data, store.blob(theirs)?.data);
    let Some(base) = sides.base else {
        return Ok(already::look_whole(&theirs, &ours).into_iter().filter(|f| f.lines.is_some()).collect());
    };
    let base = store.blob(base)?.data;
    let mut found = already::look(Language::of(path), Change { before: &base, after: &theirs }, &ours);
    found.retain(|f| f.lines.is_some() && file.hunks.iter().any(|held| held.hunk == f.hunk));
    Ok(found)
}

/// The file before the patch, with these hunks of the patch in it already.
fn base_with(base: &[u8], theirs: &[u8], hunks: &[Found]) -> Vec<u8> {
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) =
        (base.lines_with_terminator().collect(), theirs.lines_with_terminator().collect());
    let mut text = Vec::with_capacity(base.len() + theirs.len() / 8);
    let mut at = 0;
    for found in hunks {
        let hunk = &found.hunk;
        text.extend(old[at..hunk.before.start].concat());
        text.extend(new[hunk.after.clone()].concat());
        at = hunk.before.end;
    }
    text.extend(old[at..].concat());
    text
}

/// How the merge of the rest compares with the merge of all of a patch.
pub enum Rest {
    /// It comes out the same: merging has seen by itself what is there.
    Same,
    /// Fewer open hunks; or none, and nothing stands twice.
    Better(Box<Answer>),
    /// It is not worth more.
    NoBetter,
}

impl Rest {
    fn compare(rest: Answer, all: &Answer) -> Self {
        let better = match (&rest.merge, &all.merge) {
            (AnsweredMerge::Joined(rest), AnsweredMerge::Joined(all)) if rest.result.id == all.result.id => {
                return Self::Same;
            }
            (AnsweredMerge::Joined(_), AnsweredMerge::Joined(_) | AnsweredMerge::Open(_)) => true,
            (AnsweredMerge::Open(rest), AnsweredMerge::Open(all)) => {
                rest.merged.conflicts().count() < all.merged.conflicts().count()
            }
            _ => false,
        };
        if better { Self::Better(Box::new(rest)) } else { Self::NoBetter }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::delta;

    #[test]
    fn a_base_with_some_hunks_in_it_is_between_the_two_texts() {
        let (base, theirs) = (b"a\nb\nc\nd\ne\nf\ng".as_slice(), b"a\nB\nc\nd\ne\nx\nf\n".as_slice());
        let hunks = delta::hunks(Change { before: base, after: theirs });
        let found = |hunk: &delta::Hunk| Found {
            hunk: hunk.clone(),
            lines: Some(0..0),
            telling: 0,
            missing: 0,
            around: 0,
            is_framed: false,
        };
        let all: Vec<Found> = hunks.iter().map(found).collect();
        assert_eq!(base_with(base, theirs, &all), theirs);
        assert_eq!(base_with(base, theirs, &[]), base);
        assert_eq!(base_with(base, theirs, &all[..1]), b"a\nB\nc\nd\ne\nf\ng");
    }
}
