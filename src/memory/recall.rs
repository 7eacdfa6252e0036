//! What is known of a conflict.
//!
//! ```text
//!   sides, lines around and path equal            exact: as it was settled
//!   sides equal                                   with a doubt: it stands elsewhere now
//!   sides equal, base unknown, or white space     with a doubt
//!   the patch's change equal, upstream's side     what was made of upstream's side then is made of it now, by merging;
//!     a little other than it was                    with a doubt
//! ```
//!
//! Wrong silently is worse than not done: where people settled the same in two ways nobody can say which is meant now, and nothing is
//! recalled.

use super::conflict::{Base, Conflict, Facing, lines, normalised};
use super::entry::Entry;
use super::origin::How;
use super::{Memory, Origin};
use crate::merge::{Beside, Change, Sides, delta};
use std::collections::{BTreeMap, BTreeSet};

/// Of the lines of upstream's side, one in so many may have changed since it was settled, and one in any case.
const ONE_IN: usize = 4;

/// Joins three texts; `None` if that is no clean merge.
pub type Join<'a> = dyn Fn(Sides<&[u8]>) -> Option<Vec<u8>> + 'a;

/// What is known of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Nothing.
    Nothing,
    /// People settled it in several ways: where.
    Differs(Vec<Origin>),
    /// How it was settled.
    As(Box<Recollection>),
}

/// How a conflict was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recollection {
    /// What takes its place.
    pub text: Vec<u8>,
    /// Where it comes from; the first in the order of names.
    pub origin: Origin,
    /// Further places where it was settled in the same way.
    pub more: usize,
    /// Conflicts of the file that it was one of.
    pub conflicts: usize,
    /// Other places of the file that were changed with it.
    pub beside: Vec<Beside>,
    /// Why a person should look; none if it is the same in every respect.
    pub doubts: Vec<String>,
}

/// An entry that may be used, and what is to be said of that.
struct Fitting<'a> {
    entry: &'a Entry,
    text: Vec<u8>,
    doubts: Vec<String>,
}

/// How well an entry fits; better ones are asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Sides,
    Rerere,
    Spaced,
    Near,
}

impl Memory {
    /// What is known of a conflict.
    pub fn recall(&self, conflict: &Conflict, join: &Join<'_>) -> Recalled {
        let mut by_fit: BTreeMap<Fit, Vec<Fitting<'_>>> = BTreeMap::new();
        for at in self.by_sides.get(&super::conflict::key(conflict)).into_iter().flatten() {
            if let Some((fit, fitting)) = fits(&self.entries[*at], conflict) {
                by_fit.entry(fit).or_default().push(fitting);
            }
        }
        if by_fit.is_empty()
            && let Some(patch) = conflict.patch()
        {
            for (at, facing) in self.by_patch.get(&patch).into_iter().flatten() {
                let near = near((&self.entries[*at], *facing), conflict, join);
                by_fit.entry(Fit::Near).or_default().extend(near);
            }
        }
        match by_fit.into_values().find(|fitting| !fitting.is_empty()) {
            Some(fitting) => agreed(last_words(fitting)),
            None => Recalled::Nothing,
        }
    }
}

/// Of several resolutions of one place in one commit the last one counts; of two at the same time nobody knows which that is.
fn last_words(fitting: Vec<Fitting<'_>>) -> Vec<Fitting<'_>> {
    let is_own = |entry: &Entry| matches!(entry.origin.how, How::Run | How::Resolved);
    let place = |entry: &Entry| (entry.origin.commit.clone(), entry.conflict.path.clone());
    let mut last: BTreeMap<(String, String), u64> = BTreeMap::new();
    for entry in fitting.iter().map(|one| one.entry).filter(|entry| is_own(entry)) {
        let seconds = last.entry(place(entry)).or_default();
        *seconds = entry.origin.seconds().max(*seconds);
    }
    let counts = |one: &Fitting<'_>| {
        !is_own(one.entry) || last.get(&place(one.entry)).is_none_or(|last| *last == one.entry.origin.seconds())
    };
    fitting.into_iter().filter(counts).collect()
}

/// What all of them say, if that is one thing.
fn agreed(mut fitting: Vec<Fitting<'_>>) -> Recalled {
    fitting.sort_by_key(|one| (one.doubts.len(), one.entry.name()));
    let texts: BTreeSet<_> = fitting.iter().map(|one| (&one.text, &one.entry.beside)).collect();
    if texts.len() > 1 {
        return Recalled::Differs(fitting.iter().map(|one| one.entry.origin.clone()).collect());
    }
    let more = fitting.len() - 1;
    match fitting.into_iter().next() {
        None => Recalled::Nothing,
        Some(Fitting { entry, text, doubts }) => Recalled::As(Box::new(Recollection {
            text,
            origin: entry.origin.clone(),
            more,
            conflicts: entry.conflicts,
            beside: entry.beside.clone(),
            doubts,
        })),
    }
}

/// Whether an entry with the same key is of this conflict, whichever side it calls ours.
fn fits<'a>(entry: &'a Entry, conflict: &Conflict) -> Option<(Fit, Fitting<'a>)> {
    let known = &entry.conflict;
    let Sides { base, ours, theirs } = &conflict.sides;
    let either = |a: &[u8], b: &[u8]| (a == ours && b == theirs) || (a == theirs && b == ours);
    let mut doubts = Vec::new();
    if known.path != conflict.path {
        doubts.push(format!("it was settled in another file, {}", known.path));
    }
    if (&known.above, &known.below) != (&conflict.above, &conflict.below) {
        doubts.push("around it stand other lines than where it was settled".to_owned());
    }
    doubts.extend(of_entry(entry));
    let text = entry.made.clone();
    if known.base == Base::Known && known.sides.base == *base && either(&known.sides.ours, &known.sides.theirs) {
        let fit = if doubts.is_empty() { Fit::Exact } else { Fit::Sides };
        return Some((fit, Fitting { entry, text, doubts }));
    }
    if known.base == Base::Unknown {
        let ([a, b], [c, d]) = (known.trimmed(), conflict.trimmed());
        let is_same = (&a, &b) == (&c, &d) || (&a, &b) == (&d, &c);
        // What is around it is not kept as it is here.
        let doubts = vec!["git rerere keeps no base, so nobody knows whether it is the same conflict".to_owned()];
        return is_same.then(|| (Fit::Rerere, Fitting { entry, text: conflict.filled(&text), doubts }));
    }
    let plain = |text: &[u8]| normalised(text);
    let (a, b, c, d) = (plain(&known.sides.ours), plain(&known.sides.theirs), plain(ours), plain(theirs));
    let is_spaced = (plain(&known.sides.base) == plain(base)) && ((a == c && b == d) || (a == d && b == c));
    is_spaced.then(|| {
        doubts.insert(0, "its sides are the same but for white space".to_owned());
        (Fit::Spaced, Fitting { entry, text, doubts })
    })
}

/// What is doubtful in an entry whatever the conflict.
fn of_entry(entry: &Entry) -> Option<String> {
    let said = match entry.origin.how {
        How::Alike => "that the one commit became the other is known by their likeness alone",
        How::LeftOut => "whoever carried the commit left this file out of it; perhaps another commit has it",
        How::Run | How::Resolved | How::Commits | How::Merge | How::Rerere => return None,
    };
    Some(said.to_owned())
}

/// What was made of upstream's side then, made of it now, if that is only a little other than it was.
fn near<'a>((entry, facing): (&'a Entry, Facing), conflict: &Conflict, join: &Join<'_>) -> Option<Fitting<'a>> {
    let turned = match facing {
        Facing::Theirs => entry.conflict.clone(),
        Facing::Ours => entry.conflict.turned(),
    };
    let (then, now) = (&turned.sides.ours, &conflict.sides.ours);
    // Where upstream's side was taken as it is, nothing says that a newer one is wanted, too.
    if entry.made == *then || !is_little(Change { before: then, after: now }) {
        return None;
    }
    let text = join(Sides { base: then, ours: now, theirs: &entry.made })?;
    let mut doubts = vec!["upstream's side is a little other than where it was settled".to_owned()];
    if turned.path != conflict.path {
        doubts.push(format!("it was settled in another file, {}", turned.path));
    }
    doubts.extend(of_entry(entry));
    Some(Fitting { entry, text, doubts })
}

/// Is a text nearly what it was?
fn is_little(change: Change<&[u8]>) -> bool {
    let hunks = delta::hunks(change);
    let changed: usize = hunks.iter().map(|hunk| hunk.before.len().max(hunk.after.len())).sum();
    changed <= (lines(change.before).len() / ONE_IN).max(1) && changed < lines(change.before).len()
}
