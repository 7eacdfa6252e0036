//! A sparse linked worktree of one commit: the folders it touches, with git's own index over them.
//!
//! It stands as a cherry-pick stands that was stopped: `HEAD` is what the commit is picked onto, the index and the files are
//! the commit, conflicted files have their three stages, and git knows which commit it is and what its message is. The repository's own configuration is not touched.

use super::program::Git;
use super::{Oid, Repo};
use crate::error::{Error, Result, io};
use bstr::{BStr, BString, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The worktree is sparse, and a file that somebody wrote outside its folders counts: without these git would look at neither.
const SPARSE: [&str; 4] = ["-c", "core.sparseCheckout=true", "-c", "core.sparseCheckoutCone=false"];

/// Paths of a worktree whose files are not those of a commit.
#[derive(Debug)]
pub struct Changed {
    /// Known to the index or the commit.
    pub tracked: BTreeSet<BString>,
    /// Known to neither, and not ignored; a repository inside ends in a slash.
    pub new: BTreeSet<BString>,
    /// Taken out of the index by somebody who went on from what was checked out. Going elsewhere (`git reset HEAD^`) takes
    /// files out, too, which nobody meant to remove.
    pub removed: BTreeSet<BString>,
}

/// A stage of a conflicted file in the index: 1 base, 2 ours, 3 theirs.
#[derive(Clone, Debug)]
pub struct Stage {
    /// In the tree.
    pub path: BString,
    /// 1, 2 or 3.
    pub stage: usize,
    /// Of the file.
    pub mode: u32,
    /// Of the blob.
    pub id: Oid,
}

impl Repo {
    /// Makes a worktree with the folders of `paths`: `HEAD` at `onto`, index and files as in `commit`.
    ///
    /// # Errors
    /// git fails; what it had made is removed.
    pub fn add_worktree(&self, dir: &Path, (onto, commit): (Oid, Oid), paths: &[BString]) -> Result<()> {
        let place = utf8(dir)?;
        self.git.output(&["worktree", "add", "-q", "-f", "--no-checkout", "--detach", place, &onto.to_string()])?;
        let made = fill(&self.git.in_worktree(dir), commit, paths);
        if made.is_err() {
            // The first error is the one to report.
            let _ = self.remove_worktree(dir);
        }
        made
    }

    /// Puts the stages of conflicted files into the index of a worktree.
    ///
    /// # Errors
    /// git fails.
    pub fn stage(&self, dir: &Path, stages: &[Stage]) -> Result<()> {
        let mut input = Vec::new();
        let paths: BTreeSet<&BString> = stages.iter().map(|s| &s.path).collect();
        let zero = "0".repeat(2 * super::object::raw_len(self.format()));
        for path in paths {
            input.extend_from_slice(format!("0 {zero}\t").as_bytes());
            input.extend_from_slice(path);
            input.push(0);
        }
        for Stage { path, stage, mode, id } in stages {
            input.extend_from_slice(format!("{mode:06o} {id} {stage}\t").as_bytes());
            input.extend_from_slice(path);
            input.push(0);
        }
        self.git.in_worktree(dir).output_with(&["update-index", "-z", "--index-info"], &input).map(drop)
    }

    /// Has git take a worktree for one in the middle of picking `commit`: it names it, and commits with its author and the message of
    /// `made`, which is what came of it.
    ///
    /// # Errors
    /// git or the disk fails.
    pub fn pick_in_worktree(&self, dir: &Path, (commit, made): (Oid, Oid)) -> Result<()> {
        let git = self.git.in_worktree(dir);
        let encoding = format!("--encoding={}", self.setting("i18n.commitencoding").unwrap_or("UTF-8"));
        let message = git.output(&["log", "-1", "--no-show-signature", "--format=%B", &encoding, &made.to_string()])?;
        let said = git.output(&["rev-parse", "--path-format=absolute", "--git-path", "MERGE_MSG"])?;
        let file = Path::new(OsStr::from_bytes(said.trim_end()));
        fs::write(file, message).map_err(io(file.display()))?;
        git.output(&["update-ref", "CHERRY_PICK_HEAD", &commit.to_string()]).map(drop)
    }

    /// The paths of a worktree whose files are not those of `commit`, which was laid out on `onto`; new and removed ones too;
    /// ignored files don't count. One that never was checked out may be among the tracked ones, as if it were gone.
    ///
    /// # Errors
    /// git fails.
    pub fn changed_in_worktree(&self, dir: &Path, (onto, commit): (Oid, Oid)) -> Result<Changed> {
        let git = self.git.in_worktree(dir);
        let id = commit.to_string();
        let diff = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", &id];
        let tracked = git.output(&[&SPARSE[..], &diff].concat())?;
        let new = git.output(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        let goes_on = git.run(&["merge-base", "--is-ancestor", &onto.to_string(), "HEAD"], b"")?.status.success();
        let removed = match goes_on {
            true => git.output(&[&diff[..5], &["--cached", "--diff-filter=D", &id]].concat())?,
            false => Vec::new(),
        };
        Ok(Changed { tracked: paths_in(&tracked), new: paths_in(&new), removed: paths_in(&removed) })
    }

    /// Stores files of a worktree as `git add` would; mode and blob by path. The index there stays as it is.
    ///
    /// # Errors
    /// git fails, or there is no room for a copy of the index.
    pub fn store_files(&self, dir: &Path, paths: &[BString]) -> Result<BTreeMap<BString, (u32, Oid)>> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        let git = self.git.in_worktree(dir);
        let index = git.output(&["rev-parse", "--path-format=absolute", "--git-path", "index"])?;
        let copied = copy_of_index(Path::new(OsStr::from_bytes(index.trim_end())))?;
        // Not hash-object: what line endings are to be made of depends on what the index has at the path.
        let git = git.with_index(&copied.path().join("index"));
        let input = paths.iter().flat_map(|path| [path.as_slice(), b"\0"].concat()).collect::<Vec<u8>>();
        let add = ["update-index", "--add", "--replace", "-z", "--stdin"];
        git.output_with(&[&SPARSE[..], &add].concat(), &input)?;
        let listed = git.output(&["ls-files", "--stage", "-z"])?;
        let wanted: BTreeSet<&[u8]> = paths.iter().map(|path| path.as_slice()).collect();
        let entry = |line: &[u8]| {
            let (head, path) = line.split_once_str("\t").filter(|(_, path)| wanted.contains(path))?;
            let mut words = head.to_str().ok()?.split(' ');
            let mode = u32::from_str_radix(words.next()?, 8).ok()?;
            Some((BString::from(path), (mode, self.parse_id(words.next()?.as_bytes())?)))
        };
        let stored: BTreeMap<_, _> = listed.split_str("\0").filter_map(entry).collect();
        match stored.len() == wanted.len() {
            true => Ok(stored),
            false => Err(Error::fatal(format!("git did not store all files of {}", dir.display()))),
        }
    }

    /// The content of a blob as git would check it out at a path of a worktree.
    ///
    /// # Errors
    /// git fails.
    pub fn checked_out(&self, dir: &Path, (blob, path): (Oid, &BStr)) -> Result<Vec<u8>> {
        let mut at = OsString::from("--path=");
        at.push(OsStr::from_bytes(path));
        let args = ["cat-file".into(), "--filters".into(), at, OsString::from(blob.to_string())];
        self.git.in_worktree(dir).output(&args)
    }

    /// Which of some new paths git would ignore, by rules files that stand at these places, and by the user's own.
    ///
    /// # Errors
    /// git fails, or there is no room for a temporary folder.
    pub fn ignored(&self, rules: &BTreeMap<BString, Vec<u8>>, paths: &[BString]) -> Result<BTreeSet<BString>> {
        if paths.is_empty() {
            return Ok(BTreeSet::new());
        }
        let scratch = tempfile::tempdir().map_err(io("a temporary folder"))?;
        for (place, text) in rules {
            let at = scratch.path().join(place.to_path_lossy());
            let parent = at.parent().unwrap_or(&at);
            fs::create_dir_all(parent).and_then(|()| fs::write(&at, text)).map_err(io(at.display()))?;
        }
        // A name that begins with a colon is no pathspec then.
        let input = paths.iter().flat_map(|path| [b"./", path.as_slice(), b"\0"].concat()).collect::<Vec<u8>>();
        let git = self.git.with_worktree(scratch.path(), self.common_dir());
        let said = git.run(&["check-ignore", "--no-index", "-z", "--stdin"], &input)?;
        // 1: none of them.
        match said.status.code() {
            Some(0 | 1) => Ok(paths_in(&said.stdout)
                .iter()
                .filter_map(|path| path.strip_prefix(b"./"))
                .map(BString::from)
                .collect()),
            _ => Err(Error::fatal(format!("git check-ignore: {}", said.stderr.trim().to_str_lossy()))),
        }
    }

    /// Removes a worktree with all that is in it, locked or gone as it may be; none is fine. One that git was making when it was killed it
    /// may not know how to remove, nor even to list others beside it: then what git keeps of it is removed as the files that they are.
    ///
    /// # Errors
    /// git fails, and keeps nothing of this worktree.
    pub fn remove_worktree(&self, dir: &Path) -> Result<()> {
        let real = real(dir);
        let removed = self.worktrees().and_then(|all| if all.contains(&real) { self.unlist(&real) } else { Ok(()) });
        removed.or_else(|e| if self.abandon(&real)? { Ok(()) } else { Err(e) })
    }

    /// Removes what git keeps of a worktree; did it keep anything?
    fn abandon(&self, dir: &Path) -> Result<bool> {
        let kept = self.common_dir().join("worktrees");
        let mut found = false;
        for entry in fs::read_dir(&kept).into_iter().flatten().filter_map(|entry| entry.ok()) {
            let place = fs::read(entry.path().join("gitdir")).unwrap_or_default();
            if Path::new(OsStr::from_bytes(place.trim_end())) == dir.join(".git") {
                fs::remove_dir_all(entry.path()).map_err(io(entry.path().display()))?;
                found = true;
            }
        }
        Ok(found)
    }

    /// Has git forget the worktrees below a folder that are not there any more.
    ///
    /// # Errors
    /// git fails.
    pub fn forget_lost_worktrees(&self, below: &Path) -> Result<()> {
        let below = real(below);
        let lost = self.worktrees()?.into_iter().filter(|dir| dir.starts_with(&below) && !dir.exists());
        lost.into_iter().try_for_each(|dir| self.unlist(&dir))
    }

    /// The folders of all worktrees that git knows of.
    fn worktrees(&self) -> Result<Vec<PathBuf>> {
        let listed = self.git.output(&["worktree", "list", "--porcelain", "-z"])?;
        let place = |line: &[u8]| Some(PathBuf::from(OsStr::from_bytes(line.strip_prefix(b"worktree ")?)));
        Ok(listed.split_str("\0").filter_map(place).collect())
    }

    fn unlist(&self, dir: &Path) -> Result<()> {
        self.git.output(&["worktree", "remove", "--force", "--force", utf8(dir)?]).map(drop)
    }
}

/// A copy of an index, in a temporary folder.
fn copy_of_index(index: &Path) -> Result<tempfile::TempDir> {
    let scratch = tempfile::tempdir().map_err(io("a temporary folder"))?;
    let copy = scratch.path().join("index");
    let copied = fs::copy(index, &copy).and_then(|_| {
        // git takes a file for changed that was written after the index was; the copy must not look newer.
        let written = fs::metadata(index)?.modified()?;
        fs::File::options().write(true).open(&copy)?.set_modified(written)
    });
    copied.map_err(io(index.display()))?;
    Ok(scratch)
}

/// The path without links, also of what is not there.
fn real(path: &Path) -> PathBuf {
    match (fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(real), _, _) => real,
        (Err(_), Some(parent), Some(name)) => real(parent).join(name),
        _ => path.to_owned(),
    }
}

/// Paths that end in NUL.
fn paths_in(said: &[u8]) -> BTreeSet<BString> {
    said.split_str("\0").filter(|p| !p.is_empty()).map(BString::from).collect()
}

/// Checks out the folders of some paths.
fn fill(git: &Git, commit: Oid, paths: &[BString]) -> Result<()> {
    let said = git.output(&["rev-parse", "--path-format=absolute", "--git-path", "info/sparse-checkout"])?;
    let file = Path::new(std::ffi::OsStr::from_bytes(said.trim_end()));
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).map_err(io(parent.display()))?;
    fs::write(file, patterns(paths)).map_err(io(file.display()))?;
    git.output(&[&SPARSE[..], &["read-tree", "-m", "-u", &commit.to_string()]].concat()).map(drop)
}

/// Sparse patterns for the files of each path's folder, without the folders below it.
fn patterns(paths: &[BString]) -> Vec<u8> {
    let folder = |path: &BString| path.rsplit_once_str("/").map(|(dir, _)| BString::from(dir)).unwrap_or_default();
    let folders: BTreeSet<BString> = paths.iter().map(folder).collect();
    let mut text = Vec::new();
    // Folders above come first: what is taken away below one must not take away another.
    for folder in folders {
        let mut at = BString::from("/");
        if !folder.is_empty() {
            for byte in folder.bytes() {
                if b"*?[\\".contains(&byte) {
                    at.push(b'\\');
                }
                at.push(byte);
            }
            at.push(b'/');
        }
        text.extend_from_slice(&[at.as_slice(), b"*\n!", &at, b"*/\n"].concat());
    }
    text
}

fn utf8(dir: &Path) -> Result<&str> {
    dir.to_str().ok_or_else(|| Error::fatal(format!("a worktree needs a path that is UTF-8, not {}", dir.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_is_had_without_those_below_it() {
        let paths = ["Makefile", "drivers/net/a.c", "drivers/net/b.c", "odd[dir/x"].map(BString::from);
        let said = String::from_utf8(patterns(&paths)).expect("text");
        assert_eq!(said, "/*\n!/*/\n/drivers/net/*\n!/drivers/net/*/\n/odd\\[dir/*\n!/odd\\[dir/*/\n");
    }
}
