//! A bare repository that holds some commits with their ancestors, and nothing else: what is not asked for cannot be seen.

use super::Repo;
use super::program::Git;
use crate::error::{Error, Result, io};
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How a repository of ours begins its description, to be known again.
const DESCRIPTION: &str = "git-kmigrate: holds some commits of another repository and their ancestors\n";

impl Repo {
    /// A repository at `dir` that holds only `ids` and their ancestors, without refs. One that was made so before is used
    /// again; what it lacks is fetched.
    ///
    /// # Errors
    /// `dir` is something else, an id is not in `source`, or the disk.
    pub fn isolated(dir: &Path, source: &Self, ids: &BTreeSet<String>) -> Result<Self> {
        if !is_ours(dir)? {
            let place = dir.to_str().ok_or_else(|| Error::fatal(format!("{} is not UTF-8", dir.display())))?;
            let format = format!("--object-format={}", source.format());
            Git::alone_at(".").output(&["init", "-q", "--bare", &format, place])?;
            let description = dir.join("description");
            fs::write(&description, DESCRIPTION).map_err(io(description.display()))?;
        }
        let dir = fs::canonicalize(dir).map_err(io(dir.display()))?;
        let git = Git::alone_at(&dir);
        // Nothing names these objects, so nothing may collect them.
        git.output(&["config", "gc.auto", "0"])?;
        let repo = Self::open(git)?;
        let missing = repo.missing(ids)?;
        if !missing.is_empty() {
            let from = source.common_dir().to_string_lossy().into_owned();
            let fetch = ["fetch", "-q", "--no-tags", "--no-write-fetch-head", "--stdin", &from];
            let lines: String = missing.iter().map(|id| format!("{id}\n")).collect();
            repo.git.output_with(&fetch, lines.as_bytes())?;
        }
        Ok(repo)
    }

    /// Those of `ids` that are not here.
    fn missing(&self, ids: &BTreeSet<String>) -> Result<Vec<String>> {
        let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let said = self.git.output_with(&["cat-file", "--batch-check"], lines.as_bytes())?;
        let missing = said.lines().filter_map(|line| line.strip_suffix(b" missing"));
        Ok(missing.map(|id| id.to_str_lossy().into_owned()).collect())
    }
}

/// Whether this is a repository that was made here; `false` if there is nothing yet.
fn is_ours(dir: &Path) -> Result<bool> {
    match fs::read_dir(dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(io(dir.display())(e)),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(false);
            }
        }
    }
    if fs::read_to_string(dir.join("description")).is_ok_and(|text| text == DESCRIPTION) {
        Ok(true)
    } else {
        let said = format!("{} is neither empty nor a repository that an earlier evaluation made", dir.display());
        Err(Error::fatal(said).hint("give a new folder: the commits are copied to it"))
    }
}
