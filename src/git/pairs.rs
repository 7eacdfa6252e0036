//! Two versions of a series: which commit of the one became which of the other; merges made again; and what git rerere keeps.
//!
//! Subjects first, then patch ids, then git's own assignment (`git range-diff`). In: ranges. Out: pairs of ids.

use super::history::Direction;
use super::{Git, Oid, Repo};
use crate::error::{Error, Result, io};
use crate::merge::Sides;
use bstr::{BString, ByteSlice};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

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
    pub alone: usize,
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

/// A conflict of a merge that was made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remerged {
    /// In the tree.
    pub path: BString,
    /// The blobs of the first parent (ours) and the second (theirs), and of their base.
    pub sides: Sides<Oid>,
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
        Ok(Pairs { alone: olds.len() - pairs.len(), is_too_many: is_too_many && left > 0, pairs })
    }

    /// Ids and subjects of a range, first commits first.
    fn subjects(&self, range: &str) -> Result<Vec<(Oid, String)>> {
        let is_range = range.split_once("..").is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
        if !is_range || range.starts_with('-') {
            return Err(Error::usage(format!("'{range}' is no range of commits")).hint("write it as v6.1..my-branch"));
        }
        let said = self.git.output(&["log", "--reverse", "--no-merges", "--format=%H %s", range, "--"])?;
        let commit = |line: &[u8]| {
            let (id, subject) = line.split_once_str(" ")?;
            Some((self.parse_id(id)?, subject.to_str_lossy().into_owned()))
        };
        Ok(said.lines().filter_map(commit).collect())
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

    /// Merge commits of two parents on the first line of a branch or in a range, the last ones first, up to `limit`.
    ///
    /// # Errors
    /// It names no commits.
    pub fn merges_of(&self, branch: &str, limit: usize) -> Result<Vec<Oid>> {
        if branch.starts_with('-') {
            return Err(Error::usage(format!("'{branch}' is no branch")));
        }
        let most = format!("--max-count={limit}");
        let args = ["rev-list", "--first-parent", "--min-parents=2", "--max-parents=2", &most, branch, "--"];
        self.ids(&args)
    }

    /// The conflicts in texts that two commits have when they are merged again. What that writes is not kept.
    ///
    /// # Errors
    /// git fails.
    pub fn remerged(&self, [ours, theirs]: [Oid; 2]) -> Result<Vec<Remerged>> {
        let scratch = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let git: Git = self.git.writing_to(scratch.path(), &self.place().objects);
        let (ours, theirs) = (ours.to_string(), theirs.to_string());
        let args = ["-c", "merge.renames=true", "merge-tree", "--write-tree", "-z", "--no-messages", &ours, &theirs];
        let done = git.run(&args, b"")?;
        let mut sides: BTreeMap<BString, [Option<Oid>; 3]> = BTreeMap::new();
        for field in done.stdout.split_str("\0").skip(1) {
            let Some((about, path)) = field.split_once_str("\t") else { continue };
            let words: Vec<&[u8]> = about.fields().collect();
            let [mode, id, stage] = words[..] else { continue };
            let at = match stage {
                b"1" => 0,
                b"2" => 1,
                b"3" => 2,
                _ => continue,
            };
            if mode.starts_with(b"100") {
                sides.entry(path.into()).or_default()[at] = self.parse_id(id);
            }
        }
        let whole = |(path, sides): (BString, [Option<Oid>; 3])| match sides {
            [Some(base), Some(ours), Some(theirs)] => Some(Remerged { path, sides: Sides { base, ours, theirs } }),
            _ => None,
        };
        Ok(sides.into_iter().filter_map(whole).collect())
    }

    /// Conflicts and what was made of them, as git rerere keeps them: its name for each, the file with markers, the file without.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn rerere(&self) -> Result<Vec<(String, Vec<u8>, Vec<u8>)>> {
        let root = self.common_dir().join("rr-cache");
        let folders = match fs::read_dir(&root) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(io(root.display()))?,
        };
        let mut found = Vec::new();
        for folder in folders {
            let folder = folder.map_err(io(root.display()))?.path();
            let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                // `preimage`, or `preimage.1` of a second conflict with the same sides.
                let Some(variant) = name.strip_prefix("preimage") else { continue };
                let after = folder.join(format!("postimage{variant}"));
                if let (Ok(before), Ok(after)) = (fs::read(file.path()), fs::read(after)) {
                    found.push((format!("{id}{variant}"), before, after));
                }
            }
        }
        found.sort();
        Ok(found)
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
