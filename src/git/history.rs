//! What upstream did base..onto, as far as the repository's history tells, limited to the paths of the series.

use super::object::parse_id;
use super::tree::{self, Changed};
use super::{Git, Oid, Repo, Store};
use crate::error::Result;
use crate::merge::Change;
use bstr::{BString, ByteSlice};
use git2::ObjectFormat;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Which way a patch is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As the commit made it.
    Forward,
    /// As a revert of it would be.
    Reverse,
}

impl Direction {
    /// `-R` swaps the prefixes as well, and patch-ids know them.
    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Forward => &["--src-prefix=a/", "--dst-prefix=b/"],
            Self::Reverse => &["-R", "--src-prefix=b/", "--dst-prefix=a/"],
        }
    }
}

/// Commits that touch more paths than this are a whole kernel in one; they are never compared with a patch.
const MAX_PATHS: usize = 2000;

/// One commit of upstream's.
#[derive(Clone, Debug)]
pub struct UpstreamCommit {
    /// Its name.
    pub id: Oid,
    /// Its subject.
    pub subject: BString,
    /// `Name <mail>`.
    pub author: BString,
}

/// Upstream's commits between base and onto that touch the series' paths.
#[derive(Debug, Default)]
pub struct History {
    /// In git log's order.
    pub commits: Vec<UpstreamCommit>,
    by_subject: FxHashMap<BString, Vec<usize>>,
}

/// The commits whose history is read.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// Old upstream.
    pub base: Oid,
    /// New upstream.
    pub onto: Oid,
    /// Paths of the series.
    pub paths: &'a [BString],
}

impl History {
    /// Reads it: one `git log` over the paths.
    ///
    /// # Errors
    /// git fails.
    pub fn read(git: &Git, format: ObjectFormat, Stretch { base, onto, paths }: Stretch<'_>) -> Result<Self> {
        let mut args = vec![
            b"log".to_vec(),
            b"--no-merges".to_vec(),
            // Subjects are compared as they are stored.
            b"--encoding=none".to_vec(),
            b"--format=%H%x00%s%x00%an <%ae>".to_vec(),
            format!("{base}..{onto}").into_bytes(),
            b"--".to_vec(),
        ];
        args.extend(pathspecs(paths));
        let args: Vec<_> = args.iter().map(|a| as_os(a)).collect();
        let said = git.output(&args)?;
        let mut history = Self::default();
        for line in said.lines() {
            let mut fields = line.splitn_str(3, "\0");
            let (Some(id), Some(subject), Some(author)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let Some(id) = parse_id(id, format) else {
                continue;
            };
            let known = history.by_subject.entry(subject.into()).or_default();
            known.push(history.commits.len());
            history.commits.push(UpstreamCommit { id, subject: subject.into(), author: author.into() });
        }
        Ok(history)
    }

    /// Upstream's commits with this subject.
    pub fn with_subject(&self, subject: &[u8]) -> impl Iterator<Item = &UpstreamCommit> {
        let found = self.by_subject.get(subject.as_bstr());
        found.into_iter().flatten().map(|i| &self.commits[*i])
    }
}

/// What a commit changes against its first parent; `None` if there is too much of it to compare it with a patch, or if the parent is
/// not here.
///
/// # Errors
/// An object is missing or damaged.
pub fn changes_of(store: &mut Store, id: Oid) -> Result<Option<Vec<Changed>>> {
    let commit = store.commit(id)?;
    let before = match commit.parents.first() {
        // At the edge of a shallow clone nobody knows what the commit changed.
        Some(parent) if !store.has(*parent) => return Ok(None),
        Some(parent) => Some(store.commit(*parent)?.tree),
        None => None,
    };
    let roots = Change { before, after: Some(commit.tree) };
    tree::diff_up_to(store, roots, MAX_PATHS)
}

/// The paths of [`changes_of`].
///
/// # Errors
/// An object is missing or damaged.
pub fn paths_of(store: &mut Store, id: Oid) -> Result<Option<Vec<BString>>> {
    Ok(changes_of(store, id)?.map(|all| all.into_iter().map(|c| c.path).collect()))
}

/// At most this many bytes of pathspecs go on a command line; above it the whole history is read.
const ARGUMENT_BYTES: usize = 256 << 10;

fn pathspecs(paths: &[BString]) -> Vec<Vec<u8>> {
    let bytes: usize = paths.iter().map(|p| p.len() + 16).sum();
    match bytes > ARGUMENT_BYTES {
        true => Vec::new(),
        false => paths.iter().map(|p| [b":(top,literal)", &p[..]].concat()).collect(),
    }
}

fn as_os(bytes: &[u8]) -> &std::ffi::OsStr {
    bytes.to_os_str().expect("bytes are paths on unix")
}

impl Repo {
    /// Those of the named commits (hex, perhaps short) that `onto` contains, by the name they were asked under.
    ///
    /// # Errors
    /// git fails.
    pub fn contained(&self, onto: Oid, names: &[Vec<u8>]) -> Result<FxHashMap<Vec<u8>, Oid>> {
        if names.is_empty() {
            return Ok(FxHashMap::default());
        }
        let mut known: FxHashMap<Vec<u8>, Oid> = FxHashMap::default();
        for name in names {
            if let Some(id) = self.object(&format!("{}^{{commit}}", name.to_str_lossy()))? {
                known.insert(name.clone(), id);
            }
        }
        let mut revisions: String = known.values().map(|id| format!("{id}\n")).collect();
        revisions.push_str(&format!("^{onto}\n"));
        let outside = self.git.output_with(&["rev-list", "--stdin"], revisions.as_bytes())?;
        let outside: FxHashSet<Oid> = outside.lines().filter_map(|l| self.parse_id(l)).collect();
        known.retain(|_, id| !outside.contains(id));
        Ok(known)
    }

    /// Upstream's own commits base..onto that touch these paths, newest first, as `id subject`.
    ///
    /// # Errors
    /// git fails.
    pub fn touching(&self, (base, onto): (&str, &str), paths: &[BString], limit: usize) -> Result<Vec<String>> {
        let fixed = ["log", "--no-merges", "--abbrev=12", "--format=%h %s"].map(|a| a.as_bytes().to_vec());
        let mut args = fixed.to_vec();
        args.push(format!("-{limit}").into_bytes());
        args.push(format!("{base}..{onto}").into_bytes());
        args.push(b"--".to_vec());
        args.extend(pathspecs(paths));
        let args: Vec<_> = args.iter().map(|a| as_os(a)).collect();
        let said = self.git.output(&args)?;
        Ok(said.lines().map(|l| l.to_str_lossy().into_owned()).collect())
    }

    /// The same for each of many paths, in one walk over the history.
    ///
    /// # Errors
    /// git fails.
    pub fn touching_each(
        &self,
        (base, onto): (&str, &str),
        paths: &[BString],
        limit: usize,
    ) -> Result<BTreeMap<BString, Vec<String>>> {
        let fixed = ["log", "--no-merges", "--abbrev=12", "--no-renames", "--name-only", "-z", "--format=%x01%h %s"];
        let mut args: Vec<Vec<u8>> = fixed.iter().map(|a| a.as_bytes().to_vec()).collect();
        args.push(format!("{base}..{onto}").into_bytes());
        args.push(b"--".to_vec());
        args.extend(pathspecs(paths));
        let args: Vec<_> = args.iter().map(|a| as_os(a)).collect();
        let said = self.git.output(&args)?;
        let mut found: BTreeMap<BString, Vec<String>> = paths.iter().map(|p| (p.clone(), Vec::new())).collect();
        let mut commit = String::new();
        for item in said.split_str("\0") {
            // Names follow their commit after a newline.
            let item = item.strip_prefix(b"\n").unwrap_or(item);
            match item.strip_prefix(b"\x01") {
                Some(title) => commit = title.trim_end().to_str_lossy().into_owned(),
                None => {
                    if let Some(of) = found.get_mut(item.as_bstr()).filter(|of| of.len() < limit) {
                        of.push(commit.clone());
                    }
                }
            }
        }
        found.retain(|_, of| !of.is_empty());
        Ok(found)
    }

    /// The patch-ids of commits, or of what would undo them; white space included: a tab is not eight spaces in a Makefile.
    ///
    /// # Errors
    /// git fails.
    pub fn patch_ids(&self, ids: &[Oid], direction: Direction) -> Result<FxHashMap<Oid, String>> {
        if ids.is_empty() {
            return Ok(FxHashMap::default());
        }
        let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let args =
            ["diff-tree", "--stdin", "-p", "--root", "--no-renames", "--no-ext-diff", "--no-textconv", "--full-index"];
        let args = [&args[..], direction.flags()].concat();
        let patches = self.git.output_with(&args, input.as_bytes())?;
        let said = self.git.output_with(&["patch-id", "--verbatim"], &patches)?;
        let pairs = said.lines().filter_map(|line| {
            let (patch, commit) = line.split_once_str(" ")?;
            Some((self.parse_id(commit)?, patch.to_str_lossy().into_owned()))
        });
        Ok(pairs.collect())
    }
}
