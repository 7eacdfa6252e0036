//! Merges of a branch made again, to see which conflicts people had before them.
//!
//! In: a branch, and the two parents of a merge. Out: merges, and the three blobs of each conflict in a text.

use super::{Git, Oid, Repo};
use crate::error::{Error, Result, io};
use crate::merge::Sides;
use bstr::{BString, ByteSlice};
use std::collections::BTreeMap;

/// A conflict of a merge that was made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remerged {
    /// In the tree.
    pub path: BString,
    /// The blobs of the first parent (ours) and the second (theirs), and of their base.
    pub sides: Sides<Oid>,
}

impl Repo {
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
}
