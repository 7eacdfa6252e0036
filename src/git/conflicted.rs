//! Conflicted files of a worktree: what the index has of them, how their files are read and written as git itself would, and what
//! stands where a conflict stood.

use super::program::Git;
use super::{Oid, Repo};
use crate::error::{Error, Result, io};
use bstr::{BStr, BString, ByteSlice};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A worktree with its index, whatever folder git was called in.
#[derive(Clone, Debug)]
pub struct Worktree {
    /// Its folder.
    pub top: PathBuf,
    /// git at its top.
    pub git: Git,
    /// What git keeps for this worktree alone.
    pub state: PathBuf,
}

/// What the index has of a file at a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staged {
    /// As in a tree.
    pub mode: u32,
    /// The blob.
    pub id: Oid,
}

/// What the index has of a file: merged (0), or base, ours and theirs (1 to 3), as git has them.
pub type Stages = [Option<Staged>; 4];

impl Repo {
    /// The worktree that git was called in.
    ///
    /// # Errors
    /// There is none: a bare repository.
    pub fn worktree(&self) -> Result<Worktree> {
        let asked =
            ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-path", "index", "--absolute-git-dir"];
        let said = self.git.output(&asked)?;
        let lines: Vec<PathBuf> = said.lines().map(|line| PathBuf::from(OsStr::from_bytes(line))).collect();
        let [top, index, git_dir] = &lines[..] else {
            return Err(Error::fatal("cannot understand what git rev-parse says of this worktree"));
        };
        Ok(Worktree { git: self.git.rooted(top, (git_dir, index)), top: top.clone(), state: git_dir.clone() })
    }

    /// The paths of conflicted files with their stages; of those at or below `paths` as typed here, if there are any.
    ///
    /// # Errors
    /// git fails.
    pub fn conflicted(&self, paths: &[String]) -> Result<BTreeMap<BString, Stages>> {
        let everything = [":/".to_owned()];
        let paths = if paths.is_empty() { &everything[..] } else { paths };
        let mut args = vec!["ls-files", "--unmerged", "--full-name", "-z", "--"];
        args.extend(paths.iter().map(String::as_str));
        Ok(self.stages_in(&self.git.output(&args)?))
    }

    /// What the index has of some paths of the tree.
    ///
    /// # Errors
    /// git fails.
    pub fn stages(&self, worktree: &Worktree, paths: &[BString]) -> Result<BTreeMap<BString, Stages>> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut args: Vec<OsString> =
            ["--literal-pathspecs", "ls-files", "--stage", "-z", "--"].map(OsString::from).into();
        args.extend(paths.iter().map(|path| OsStr::from_bytes(path).to_owned()));
        Ok(self.stages_in(&worktree.git.output(&args)?))
    }

    fn stages_in(&self, listed: &[u8]) -> BTreeMap<BString, Stages> {
        let mut all: BTreeMap<BString, Stages> = BTreeMap::new();
        for line in listed.split_str("\0") {
            let Some((head, path)) = line.split_once_str("\t") else { continue };
            let words: Vec<&[u8]> = head.split_str(" ").collect();
            let [mode, id, stage @ [b'0'..=b'3']] = words[..] else { continue };
            let mode = mode.to_str().ok().and_then(|mode| u32::from_str_radix(mode, 8).ok());
            let (Some(mode), Some(id)) = (mode, self.parse_id(id)) else { continue };
            all.entry(path.into()).or_default()[usize::from(stage[0] - b'0')] = Some(Staged { mode, id });
        }
        all
    }

    /// The blob that git itself wrote where a file is conflicted, if it says so (`AUTO_MERGE`).
    ///
    /// # Errors
    /// The git program is lost.
    pub fn auto_merged(&self, path: &BStr) -> Result<Option<Oid>> {
        match path.to_str() {
            Ok(path) => self.object(&format!("AUTO_MERGE:{path}")),
            Err(_) => Ok(None),
        }
    }

    /// The blob that `git add` would make of a text at a path.
    ///
    /// # Errors
    /// git fails.
    pub fn cleaned(&self, worktree: &Worktree, (path, text): (&BStr, &[u8])) -> Result<Option<Oid>> {
        let id = worktree.git.output_with(&[OsString::from("hash-object"), at(path), "--stdin".into()], text)?;
        Ok(self.parse_id(id.trim_end()))
    }

    /// Writes a blob as it is.
    ///
    /// # Errors
    /// git fails.
    pub fn write_blob(&self, worktree: &Worktree, text: &[u8]) -> Result<Oid> {
        let id = worktree.git.output_with(&["hash-object", "-w", "--no-filters", "--stdin"], text)?;
        self.parse_id(id.trim_end()).ok_or_else(|| Error::fatal("git hash-object told no id"))
    }

    /// A blob as git would check it out at a path.
    ///
    /// # Errors
    /// git fails.
    pub fn smudged(&self, worktree: &Worktree, (path, blob): (&BStr, Oid)) -> Result<Vec<u8>> {
        worktree.git.output(&["cat-file".into(), "--filters".into(), at(path), OsString::from(blob.to_string())])
    }

    /// Makes the index have these of each path, and nothing else of it.
    ///
    /// # Errors
    /// The index is locked or cannot be written; it is as it was.
    pub fn set_stages(&self, worktree: &Worktree, all: &[(BString, Stages)]) -> Result<()> {
        let zero = "0".repeat(2 * super::object::raw_len(self.format()));
        let mut input = Vec::new();
        let mut line = |head: String, path: &BString| input.extend([head.as_bytes(), b"\t", path, b"\0"].concat());
        for (path, stages) in all {
            line(format!("0 {zero}"), path);
            for (stage, staged) in stages.iter().enumerate() {
                if let Some(Staged { mode, id }) = staged {
                    line(format!("{mode:06o} {id} {stage}"), path);
                }
            }
        }
        worktree.git.output_with(&["update-index", "-z", "--index-info"], &input)?;
        // What changed on disk since may be what the index says: git finds out by looking. That something differs is no error.
        // Only how fast the next `git status` is depends on it.
        let _ = worktree.git.run(&["update-index", "-q", "--refresh"], b"");
        Ok(())
    }

    /// The length of conflict markers at some paths.
    ///
    /// # Errors
    /// git fails.
    pub fn marker_sizes(&self, worktree: &Worktree, paths: &[&BString]) -> Result<Vec<u16>> {
        let said = attribute(&worktree.git, &["check-attr", "-z", "--stdin", "conflict-marker-size"], paths)?;
        let size = |value: &BString| value.to_str().ok().and_then(|value| value.parse().ok()).filter(|size| *size > 0);
        Ok(said.iter().map(|value| size(value).unwrap_or(7)).collect())
    }

    /// Three texts merged by the git program with a diff algorithm of that name, with one side of every conflict. `None` if this git
    /// does not know it.
    ///
    /// # Errors
    /// There is no room for temporary files.
    pub fn merged_by_git(
        &self,
        [ours, base, theirs]: [&[u8]; 3],
        (algorithm, side): (&str, &str),
    ) -> Result<Option<Vec<u8>>> {
        let folder = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let mut args =
            vec!["merge-file".to_owned(), "-p".into(), side.to_owned(), format!("--diff-algorithm={algorithm}")];
        for (name, text) in [("ours", ours), ("base", base), ("theirs", theirs)] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).map_err(io(path.display()))?;
            args.push(path.to_string_lossy().into_owned());
        }
        let output = self.git.run(&args, b"")?;
        Ok(output.status.success().then_some(output.stdout))
    }
}

/// What a `git check-attr` of one attribute says of each of some paths.
pub(super) fn attribute(git: &Git, ask: &[&str], paths: &[&BString]) -> Result<Vec<BString>> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let input: Vec<u8> = paths.iter().flat_map(|path| [path.as_slice(), b"\0"].concat()).collect();
    let said = git.output_with(ask, &input)?;
    // Path, attribute and value of each, in order.
    let values: Vec<BString> = said.split_str("\0").skip(2).step_by(3).map(BString::from).collect();
    match values.len() == paths.len() {
        true => Ok(values),
        false => Err(Error::fatal("cannot understand what git check-attr says")),
    }
}

fn at(path: &BStr) -> OsString {
    let mut option = OsString::from("--path=");
    option.push(OsStr::from_bytes(path));
    option
}

impl Worktree {
    /// The same, but objects that are made go to a folder of their own, which goes with what is returned.
    ///
    /// # Errors
    /// There is no room for a temporary folder.
    pub fn aside(&self, repo: &Repo) -> Result<(Self, tempfile::TempDir)> {
        let scratch = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let git = self.git.writing_to(scratch.path(), &repo.place().objects);
        Ok((Self { git, ..self.clone() }, scratch))
    }

    /// Where a path of the tree is on disk.
    pub fn file(&self, path: &BStr) -> PathBuf {
        self.top.join(Path::new(OsStr::from_bytes(path)))
    }
}
