//! What the page shows of a commit that is opened: the message, and for each file the patch before and after, its conflicts, what
//! was done beyond plain merging, and upstream's own change beside it.

use super::asked::{Exchange, exchanges};
use super::conflict::{ThreeWays, three_ways, upstream_near};
use super::cut::cut;
use crate::error::Result;
use crate::git::tree::{Entry, Sort};
use crate::git::{Commit, Oid, Repo, Store};
use crate::merge::delta::{self, Hunk};
use crate::merge::{Change, Sides};
use crate::rebase::{came_out, outcome_id, side_entries, tree_after};
use crate::report::machine::plain;
use crate::report::plain::lossy;
use crate::report::standing::{Standing, patch};
use crate::report::unified;
use crate::run::{FileOutcome, FileResult, Method, Outcome, Record, unquoted};
use bstr::{BString, ByteSlice};
use serde::Serialize;
use std::collections::BTreeMap;

/// Upstream's commits that are named for a file.
const COMMITS: usize = 8;

/// One commit.
#[derive(Serialize)]
pub struct Detail {
    /// As it was written.
    message: String,
    /// In the order of the outcome's files.
    files: Vec<File>,
}

/// One file of it.
#[derive(Serialize)]
struct File {
    /// What the commit changes.
    #[serde(flatten)]
    patch: Patch,
    /// The conflicts of its plain merge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ThreeWays>,
    /// From what the plain merge makes to what came out, as a patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    /// What upstream changed near the patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<String>,
    /// Upstream's commits that touched the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commits: Vec<String>,
    /// What a model was asked of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    asked: Vec<Exchange>,
}

/// The change of a file in the series and in what was carried.
#[derive(Serialize)]
#[serde(untagged)]
enum Patch {
    /// The same lines, wherever they stand.
    Same {
        /// As it is carried.
        patch: String,
    },
    /// Different lines, be it those around the change.
    Both {
        /// Before.
        old: String,
        /// After.
        new: String,
        /// Runs of lines that differ: from and to in `old`, from and to in `new`.
        map: Vec<[usize; 4]>,
    },
    /// It was not carried.
    Old {
        /// Before.
        old: String,
    },
    /// Its objects are not in this repository.
    Absent {
        /// Always.
        absent: bool,
    },
}

impl File {
    /// A file whose objects are not here.
    fn absent() -> Self {
        let patch = Patch::Absent { absent: true };
        Self { patch, conflicts: Vec::new(), machine: None, upstream: None, commits: Vec::new(), asked: Vec::new() }
    }
}

/// Reads details of a run, one commit after the other.
pub struct Reader<'a> {
    repo: &'a Repo,
    store: &'a mut Store,
    record: &'a Record,
    /// Upstream's commits, by path.
    upstream: BTreeMap<BString, Vec<String>>,
}

impl<'a> Reader<'a> {
    /// Asks git once for the history of all files that somebody has to look at.
    ///
    /// # Errors
    /// git fails.
    pub fn new((repo, store): (&'a Repo, &'a mut Store), record: &'a Record) -> Result<Self> {
        let mut paths: Vec<BString> =
            record.outcomes.iter().flat_map(|o| &o.files).filter(|f| is_of_interest(f)).flat_map(paths_of).collect();
        paths.sort();
        paths.dedup();
        let is_here = |hex: &String| repo.parse_id(hex.as_bytes()).is_some_and(|id| store.has(id));
        let range = record.inputs.base.as_ref().filter(|base| is_here(base) && is_here(&record.inputs.onto));
        let upstream = match range {
            Some(base) if !paths.is_empty() => repo.touching_each((base, &record.inputs.onto), &paths, COMMITS)?,
            _ => BTreeMap::new(),
        };
        Ok(Self { repo, store, record, upstream })
    }

    /// By what is seen of a commit.
    ///
    /// # Errors
    /// The walk's commit is gone.
    pub fn outcome_id(&mut self, outcome: &Outcome) -> Result<String> {
        outcome_id((self.repo, self.store), self.record, outcome)
    }

    /// A commit by its id, if it is here.
    ///
    /// # Errors
    /// It is damaged.
    pub fn commit(&mut self, hex: &str) -> Result<Option<Commit>> {
        let here = self.repo.parse_id(hex.as_bytes()).filter(|id| self.store.has(*id));
        here.map(|id| self.store.commit(id)).transpose()
    }

    /// One commit.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn detail(&mut self, outcome: &Outcome) -> Result<Detail> {
        let message = self.commit(&outcome.old)?.map(|commit| lossy(commit.message().as_bytes())).unwrap_or_default();
        if !self.has(outcome)? {
            return Ok(Detail { message, files: outcome.files.iter().map(|_| File::absent()).collect() });
        }
        let tree = tree_after(self.repo, self.store, outcome)?;
        let mut files = Vec::with_capacity(outcome.files.len());
        for file in &outcome.files {
            files.push(self.file(outcome, file, tree)?);
        }
        Ok(Detail { message, files })
    }

    /// Are the commits here, with what the old one was made on? A record may have been fetched alone, or into a shallow clone.
    ///
    /// # Errors
    /// A commit is damaged.
    pub fn has(&mut self, outcome: &Outcome) -> Result<bool> {
        let Some(old) = self.commit(&outcome.old)? else { return Ok(false) };
        let new = outcome.new.as_deref().map(|hex| self.repo.parse_id(hex.as_bytes()));
        let all = old.parents.first().copied().map(Some).into_iter().chain(new);
        Ok(all.into_iter().all(|id| id.is_some_and(|id| self.store.has(id))))
    }

    fn file(&mut self, outcome: &Outcome, file: &FileOutcome, tree: Option<Oid>) -> Result<File> {
        let entries = side_entries((self.repo, self.store), (self.record, outcome), file)?;
        let came = came_out(self.store, tree, file)?;
        let is_read = |entry: &&Entry| entry.sort() == Sort::File;
        let texts = [entries.base, entries.ours, entries.theirs, came];
        if texts.iter().flatten().filter(is_read).any(|entry| !self.store.has(entry.id)) {
            return Ok(File::absent());
        }
        let mut read = |entry: Option<Entry>| entry.map(|entry| Standing::read(self.store, entry)).transpose();
        let sides = Sides { base: read(entries.base)?, ours: read(entries.ours)?, theirs: read(entries.theirs)? };
        let came = read(came)?;
        let before = patch(Change { before: sides.base.as_ref(), after: sides.theirs.as_ref() });
        let after = tree.map(|_| patch(Change { before: sides.ours.as_ref(), after: came.as_ref() }));
        let texts = sides.as_ref().map(|side| side.as_ref().and_then(|s| s.text.as_deref()));
        let came_text = came.as_ref().and_then(|came| came.text.as_deref());
        let beyond = file.conflict.is_some() || file.method != Method::Text;
        let plain = if beyond { plain(self.store, entries)? } else { None };
        let machine = match (&came, &plain, tree) {
            (Some(came), Some(plain), Some(_)) => beyond_plain(&plain.standing, came),
            _ => None,
        };
        let open = plain.and_then(|plain| plain.open);
        let conflicts = three_ways((self.repo, self.store), file, (texts, came_text), open)?;
        let upstream = match !file.accepted && file.result == FileResult::Merged {
            true => upstream_near(texts),
            false => None,
        };
        let known = paths_of(file).into_iter().find_map(|path| self.upstream.get(&path));
        let commits = known.filter(|_| is_of_interest(file)).cloned().unwrap_or_default();
        let asked = exchanges((self.repo, self.store), file)?;
        Ok(File { patch: pair(&before, after.as_deref()), conflicts, machine, upstream, commits, asked })
    }
}

/// Would a person ask what upstream did to it?
fn is_of_interest(file: &FileOutcome) -> bool {
    file.conflict.is_some() || (!file.accepted && file.result == FileResult::Merged)
}

fn paths_of(file: &FileOutcome) -> Vec<BString> {
    [Some(&file.path), file.path_old.as_ref()].into_iter().flatten().map(|path| unquoted(path)).collect()
}

/// What was done to a text beyond its plain merge.
fn beyond_plain(plain: &Standing, came: &Standing) -> Option<String> {
    let (before, after) = (plain.text.as_ref()?, came.text.as_ref()?);
    let mut out = Vec::new();
    unified::hunks(&mut out, Change { before, after }, &|_| true);
    (!out.is_empty()).then(|| cut(&out))
}

/// Puts the two patches beside each other.
fn pair(before: &[u8], after: Option<&[u8]>) -> Patch {
    let Some(after) = after else { return Patch::Old { old: cut(before) } };
    let (old, new) = (placeless(before), placeless(after));
    if old == new {
        return Patch::Same { patch: cut(after) };
    }
    let (before, after) = (cut(before), cut(after));
    let (old, new) = (placeless(before.as_bytes()), placeless(after.as_bytes()));
    let map = delta::hunks(Change { before: &old, after: &new });
    let ends = |Hunk { before, after }: Hunk| [before.start, before.end, after.start, after.end];
    Patch::Both { old: before, new: after, map: map.into_iter().map(ends).collect() }
}

/// A patch without the line numbers of its hunks.
fn placeless(patch: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(patch.len());
    for line in patch.lines_with_terminator() {
        match line.strip_prefix(b"@@ -").and_then(|rest| rest.split_once_str(" @@")) {
            Some((_, heading)) => out.extend([b"@@", heading].concat()),
            None => out.extend_from_slice(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_that_only_moved_is_kept_once() {
        let old = b"@@ -1,2 +1,3 @@ f\n a\n+b\n c\n";
        let new = b"@@ -11,2 +11,3 @@ f\n a\n+b\n c\n";
        assert!(matches!(pair(old, Some(new)), Patch::Same { patch } if patch.starts_with("@@ -11,2")));
    }

    #[test]
    fn patches_that_differ_are_kept_with_the_lines_in_which_they_do() {
        let old = b"@@ -1,2 +1,3 @@ f\n a\n+b\n c\n";
        let new = b"@@ -9,2 +9,3 @@ f\n a\n+B\n c\n";
        let Patch::Both { map, .. } = pair(old, Some(new)) else { panic!("they differ") };
        assert_eq!(map, [[2, 3, 2, 3]]);
        assert!(matches!(pair(old, None), Patch::Old { .. }));
    }
}
