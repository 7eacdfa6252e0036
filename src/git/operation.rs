//! What git is in the middle of: a rebase, a cherry-pick, an am; told from the state that git itself keeps.
//!
//! ```text
//!   REVERT_HEAD                        revert
//!   MERGE_HEAD                         merge; one that a rebase makes anew, if its last step was that
//!   CHERRY_PICK_HEAD, no rebase's own  cherry-pick
//!   rebase-merge/                      rebase
//!   rebase-apply/ with rebasing        rebase (apply backend), else am
//!   none, and the three stages of a conflict are the stash's files       stash pop
//! ```

use super::{Oid, Repo};
use crate::error::{Error, Result};
use bstr::BString;

/// What git is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// `git revert`.
    Revert,
    /// `git merge`, `git pull`.
    Merge,
    /// A merge that `git rebase -r` makes anew: a merge to settle, a rebase to go on with.
    MergeInRebase,
    /// `git cherry-pick`.
    CherryPick,
    /// `git rebase`, with either backend.
    Rebase,
    /// `git am`.
    Am,
    /// `git stash pop` or `apply`.
    StashPop,
    /// Conflicts are there, and nothing says where from: `git checkout -m`, `git merge --squash`, `git apply -3`.
    Unknown,
}

impl Doing {
    /// As it is said.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revert => "revert",
            Self::Merge => "merge",
            Self::MergeInRebase => "merge in a rebase",
            Self::CherryPick => "cherry-pick",
            Self::Rebase => "rebase",
            Self::Am => "am",
            Self::StashPop => "stash pop",
            Self::Unknown => "conflicts of an unknown operation",
        }
    }

    /// The git command that goes on with it; none if there is nothing to go on with.
    pub fn carry_on(self) -> Option<[&'static str; 2]> {
        let verb = match self {
            Self::Revert => "revert",
            Self::Merge => "merge",
            Self::CherryPick => "cherry-pick",
            Self::Rebase | Self::MergeInRebase => "rebase",
            Self::Am => "am",
            Self::StashPop | Self::Unknown => return None,
        };
        Some([verb, "--continue"])
    }
}

/// What git is doing, and what it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What it is.
    pub doing: Doing,
    /// The commit that is carried, taken back or merged; an am has none.
    pub commit: Option<Oid>,
    /// The commit that it goes onto; none before the first.
    pub head: Option<Oid>,
    /// Of an am, which mail: a hash of its patch.
    pub mail: Option<String>,
}

/// The stages of a conflicted file that tell where it came from: base and theirs.
pub type Telling<'a> = (&'a BString, [Option<Oid>; 2]);

impl Repo {
    /// What git is in the middle of in this worktree; nothing if only a conflict says so.
    ///
    /// # Errors
    /// The git program is lost.
    pub fn operation(&self) -> Result<Option<Operation>> {
        let named = |name: &str| self.object(name);
        let head = named("HEAD")?;
        let said = |doing: Doing, commit: Option<Oid>| Ok(Some(Operation { doing, commit, head, mail: None }));
        let merge = if self.rebase_is_at_merge() { Doing::MergeInRebase } else { Doing::Merge };
        for (name, doing) in [("REVERT_HEAD", Doing::Revert), ("MERGE_HEAD", merge)] {
            if let Some(commit) = named(name)? {
                return said(doing, Some(commit));
            }
        }
        let rebases = self.has_state("rebase-merge") || self.has_state("rebase-apply/rebasing");
        let rebased = if rebases { named("REBASE_HEAD")? } else { None };
        match named("CHERRY_PICK_HEAD")? {
            // A rebase picks, too, and says so.
            Some(picked) if !rebases || rebased.is_some_and(|rebased| rebased != picked) => {
                return said(Doing::CherryPick, Some(picked));
            }
            _ => {}
        }
        if rebases {
            return said(Doing::Rebase, rebased);
        }
        if !self.has_state("rebase-apply") {
            return Ok(None);
        }
        let patch = std::fs::read(self.git_dir().join("rebase-apply").join("patch")).ok();
        let mail = patch.map(|patch| blake3::hash(&patch).to_hex().to_string());
        Ok(Some(Operation { doing: Doing::Am, commit: None, head, mail }))
    }

    /// Is the step that a rebase stands at a merge? One that somebody makes while it waits is none of its own.
    fn rebase_is_at_merge(&self) -> bool {
        let done = std::fs::read_to_string(self.git_dir().join("rebase-merge").join("done")).unwrap_or_default();
        let step =
            done.lines().rev().find(|line| !line.trim().is_empty()).and_then(|line| line.split_whitespace().next());
        step.is_some_and(|step| matches!(step, "merge" | "m"))
    }

    /// What made conflicts that no state of git's explains: the stash, if it has each of these files as a conflict shows them.
    ///
    /// # Errors
    /// The git program is lost.
    pub fn operation_of_conflicts(&self, conflicts: &[Telling<'_>]) -> Result<Operation> {
        let head = self.object("HEAD")?;
        let unknown = Operation { doing: Doing::Unknown, commit: None, head, mail: None };
        let Some(stash) = self.object("refs/stash")? else { return Ok(unknown) };
        for (path, [base, theirs]) in conflicts {
            let Ok(path) = std::str::from_utf8(path) else { return Ok(unknown) };
            let is_there = |at: &str, id: &Option<Oid>| Ok(self.object(&format!("{at}:{path}"))? == *id);
            if !is_there("refs/stash", theirs)? || !is_there("refs/stash^1", base)? {
                return Ok(unknown);
            }
        }
        Ok(Operation { doing: Doing::StashPop, commit: Some(stash), head, mail: None })
    }

    /// Is there such a file or folder of state of this worktree's?
    pub fn has_state(&self, name: &str) -> bool {
        self.git_dir().join(name).exists()
    }

    /// The refs that `kmigrate.upstream` names, with their commits: all values of it, as git's other lists; an empty one forgets those before.
    ///
    /// # Errors
    /// One is no commit here, or git fails.
    pub fn upstream_refs(&self) -> Result<Vec<(String, Oid)>> {
        let values: Vec<&str> =
            self.settings().iter().filter(|set| set.key == "kmigrate.upstream").map(|set| set.value.as_str()).collect();
        let from = values.iter().rposition(|value| value.trim().is_empty()).map_or(0, |at| at + 1);
        let mut refs = Vec::new();
        for name in values[from..].iter().flat_map(|value| value.split_whitespace()) {
            let Some(at) = self.object(&format!("{name}^{{commit}}"))? else {
                return Err(Error::fatal(format!("kmigrate.upstream names {name}, which is no commit here"))
                    .hint("git config --show-origin --get-all kmigrate.upstream says where that is written"));
            };
            refs.push((name.to_owned(), at));
        }
        Ok(refs)
    }

    /// A tag of a kernel release (`v6.6.30`, `v6.12-rc3`) or a ref that `kmigrate.upstream` names which has the commit in its past.
    ///
    /// # Errors
    /// git fails, or the setting names what is not here.
    pub fn upstream_ref_with(&self, commit: Oid) -> Result<Option<String>> {
        for (name, at) in self.upstream_refs()? {
            if self.is_ancestor(commit, at)? {
                return Ok(Some(name));
            }
        }
        let contains = format!("--contains={commit}");
        let said =
            self.git.output(&["for-each-ref", "--format=%(refname:lstrip=2)", &contains, "refs/tags/v[0-9]*"])?;
        let tags = String::from_utf8_lossy(&said);
        Ok(tags.lines().find(|tag| is_release(tag)).map(str::to_owned))
    }
}

/// Is it the name of a release of the kernel's own? Patched ones add words (`v6.6.30-rt29`).
fn is_release(tag: &str) -> bool {
    let Some(version) = tag.strip_prefix('v') else { return false };
    let (numbers, candidate) = version.split_once("-rc").map_or((version, None), |(n, rc)| (n, Some(rc)));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (2..=4).contains(&numbers.split('.').count())
        && numbers.split('.').all(is_number)
        && candidate.is_none_or(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_upstreams_own_releases_are_upstream() {
        for tag in ["v6.12", "v6.6.30", "v6.12-rc3", "v2.6.32.71"] {
            assert!(is_release(tag), "{tag}");
        }
        for tag in ["v6.6.30-rt29", "v6.1-rebase", "6.1", "v6", "v6.1-rc", "v6..1", "vendor", "v6.1.x"] {
            assert!(!is_release(tag), "{tag}");
        }
    }
}
