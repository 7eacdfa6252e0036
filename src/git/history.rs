//! What upstream did base..onto, as far as the repository's history tells, limited to the paths of the series.

use super::{Oid, Repo};
use crate::error::Result;
use bstr::{BString, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};

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

impl History {
    /// Reads it: one `git log` over the paths.
    ///
    /// # Errors
    /// git fails.
    pub fn read(repo: &Repo, base: Oid, onto: Oid, paths: &[BString]) -> Result<Self> {
        let mut args = vec![
            b"log".to_vec(),
            b"--no-merges".to_vec(),
            b"--format=%H%x00%s%x00%an <%ae>".to_vec(),
            format!("{base}..{onto}").into_bytes(),
            b"--".to_vec(),
        ];
        args.extend(pathspecs(paths));
        let args: Vec<_> = args.iter().map(|a| as_os(a)).collect();
        let said = repo.git.output(&args)?;
        let mut history = Self::default();
        for line in said.lines() {
            let mut fields = line.splitn_str(3, "\0");
            let (Some(id), Some(subject), Some(author)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let Some(id) = repo.parse_id(id) else {
                continue;
            };
            let known = history.by_subject.entry(subject.into()).or_default();
            known.push(history.commits.len());
            history.commits.push(UpstreamCommit {
                id,
                subject: subject.into(),
                author: author.into(),
            });
        }
        Ok(history)
    }

    /// Upstream's commits with this subject.
    pub fn with_subject(&self, subject: &[u8]) -> impl Iterator<Item = &UpstreamCommit> {
        let found = self.by_subject.get(subject.as_bstr());
        found.into_iter().flatten().map(|i| &self.commits[*i])
    }
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

    /// The paths that commits touch, by commit; commits over the limit are left out.
    ///
    /// # Errors
    /// git fails.
    pub fn paths_of(&self, ids: &[Oid]) -> Result<FxHashMap<Oid, Vec<BString>>> {
        let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let args = [
            "diff-tree",
            "--stdin",
            "-r",
            "--root",
            "--no-renames",
            "--name-only",
            "-z",
        ];
        let said = self.git.output_with(&args, input.as_bytes())?;
        let mut found: FxHashMap<Oid, Vec<BString>> = FxHashMap::default();
        let mut at = None;
        for item in said.split_str("\0").filter(|i| !i.is_empty()) {
            // A line with an id opens the paths of that commit; no path of a kernel is 40 hex digits at the root.
            match self.parse_id(item.trim_end()) {
                Some(id) => at = Some(id),
                None => found.entry(at.unwrap_or(ids[0])).or_default().push(item.into()),
            }
        }
        found.retain(|_, paths| paths.len() <= MAX_PATHS);
        Ok(found)
    }

    /// The stable patch-ids of commits.
    ///
    /// # Errors
    /// git fails.
    pub fn patch_ids(&self, ids: &[Oid]) -> Result<FxHashMap<Oid, String>> {
        if ids.is_empty() {
            return Ok(FxHashMap::default());
        }
        let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let args = [
            "diff-tree",
            "--stdin",
            "-p",
            "--root",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--full-index",
        ];
        let patches = self.git.output_with(&args, input.as_bytes())?;
        let said = self.git.output_with(&["patch-id", "--stable"], &patches)?;
        let pairs = said.lines().filter_map(|line| {
            let (patch, commit) = line.split_once_str(" ")?;
            Some((self.parse_id(commit)?, patch.to_str_lossy().into_owned()))
        });
        Ok(pairs.collect())
    }
}
