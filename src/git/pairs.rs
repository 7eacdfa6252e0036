//! Two versions of a series: which commit of the one became which of the other.
//!
//! Subjects first, then patch ids, then git's own assignment (`git range-diff`). In: ranges. Out: pairs of ids.

use super::history::Direction;
use super::{Oid, Repo};
use crate::error::{Error, Result};
use bstr::ByteSlice;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// git's assignment compares each commit with each other: more comparisons than this take minutes.
const COMPARISONS: usize = 40_000;
/// How much other a commit may be and still be git's pair, in per cent: `git range-diff --creation-factor`.
const CREATION_FACTOR: &str = "--creation-factor=60";

/// Commits of two ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// In the order of the old range.
    pub pairs: Vec<Pair>,
    /// Commits of the old range without one.
    pub alone: Vec<Oid>,
    /// How many commits of the new range are nobody's counterpart.
    pub added: usize,
    /// The rest was too many to be compared each with each.
    pub is_too_many: bool,
}

/// A commit and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// In the old range.
    pub old: Oid,
    /// In the new one.
    pub new: Oid,
    /// What says so.
    pub known_by: KnownBy,
}

/// What says that a commit became another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// Their subject, which no other commit of the ranges has; their patch-id; or a person.
    Name,
    /// That none is more like it, as git range-diff has it.
    Likeness,
}

impl Repo {
    /// Pairs the commits of two ranges (`A..B`), without merges.
    ///
    /// # Errors
    /// A range is none, or git fails.
    pub fn pairs(&self, old: &str, new: &str) -> Result<Pairs> {
        let (olds, news) = (self.subjects(old)?, self.subjects(new)?);
        let mut found: BTreeMap<Oid, Oid> = BTreeMap::new();
        let mut taken = BTreeSet::new();
        let mut pair = |a: Oid, b: Oid, found: &mut BTreeMap<Oid, Oid>| {
            if !found.contains_key(&a) && taken.insert(b) {
                found.insert(a, b);
            }
        };
        by_key(&olds, &news).into_iter().for_each(|(a, b)| pair(a, b, &mut found));
        let ids = |all: &[(Oid, String)]| all.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        let patches = self.patch_ids(&[ids(&olds), ids(&news)].concat(), Direction::Forward)?;
        let keyed = |all: &[(Oid, String)]| -> Vec<(Oid, String)> {
            all.iter().filter_map(|(id, _)| Some((*id, patches.get(id)?.clone()))).collect()
        };
        by_key(&keyed(&olds), &keyed(&news)).into_iter().for_each(|(a, b)| pair(a, b, &mut found));
        let left = olds.iter().filter(|(id, _)| !found.contains_key(id)).count();
        let is_too_many = olds.len() * news.len() > COMPARISONS;
        let named = found.clone();
        if left > 0 && !is_too_many {
            self.range_diff(old, new)?.into_iter().for_each(|(a, b)| pair(a, b, &mut found));
        }
        let known_by = |old: &Oid| if named.contains_key(old) { KnownBy::Name } else { KnownBy::Likeness };
        let whole = |(old, _): &(Oid, String)| Some(Pair { old: *old, new: *found.get(old)?, known_by: known_by(old) });
        let pairs: Vec<Pair> = olds.iter().filter_map(whole).collect();
        let alone = olds.iter().map(|(id, _)| *id).filter(|id| !found.contains_key(id)).collect();
        let added = news.len() - pairs.len();
        Ok(Pairs { alone, added, is_too_many: is_too_many && left > 0, pairs })
    }

    /// Ids and subjects of a range, first commits first.
    fn subjects(&self, range: &str) -> Result<Vec<(Oid, String)>> {
        let is_range =
            range.split_once("..").is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && !b.starts_with('.'));
        if !is_range || range.starts_with('-') {
            return Err(Error::usage(format!("'{range}' is no range of commits")).hint("write it as v6.1..my-branch"));
        }
        let said = self.git.output(&["log", "--reverse", "--no-merges", "--format=%H %s", range, "--"])?;
        let commit = |line: &[u8]| {
            let (id, subject) = line.split_once_str(" ")?;
            Some((self.parse_id(id)?, subject.to_str_lossy().into_owned()))
        };
        let all: Vec<(Oid, String)> = said.lines().filter_map(commit).collect();
        match all.is_empty() {
            true => Err(Error::fatal(format!("{range} has no commits"))),
            false => Ok(all),
        }
    }

    /// git's own pairs of two ranges.
    fn range_diff(&self, old: &str, new: &str) -> Result<Vec<(Oid, Oid)>> {
        let args = ["range-diff", "-s", "--no-color", "--abbrev=64", CREATION_FACTOR, old, new, "--"];
        let said = self.git.output(&args)?;
        let pair = |line: &[u8]| {
            // `  1:  <old> ! 2:  <new> subject`; dashes where there is none.
            let words: Vec<&[u8]> = line.fields().take(5).collect();
            let [_, old, _, _, new] = words[..] else { return None };
            Some((self.parse_id(old)?, self.parse_id(new)?))
        };
        Ok(said.lines().filter_map(pair).collect())
    }
}

/// What both lists have once each under one key.
fn by_key(olds: &[(Oid, String)], news: &[(Oid, String)]) -> Vec<(Oid, Oid)> {
    let once = |all: &[(Oid, String)]| {
        let mut seen: FxHashMap<String, Option<Oid>> = FxHashMap::default();
        for (id, key) in all {
            seen.entry(key.clone()).and_modify(|known| *known = None).or_insert(Some(*id));
        }
        seen
    };
    let (old, new) = (once(olds), once(news));
    let pair = |(id, key): &(Oid, String)| {
        old.get(key).copied().flatten()?;
        Some((*id, new.get(key).copied().flatten()?))
    };
    olds.iter().filter_map(pair).collect()
}
