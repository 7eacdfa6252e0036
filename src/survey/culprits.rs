//! Which of upstream's commits made a file what it is: for the person who has to understand a conflict, and for whoever is asked about it.
//!
//! In: the lines that a stretch of the base has, and those that it has in the new kernel. Out: the commits of base..onto that took the
//! ones away and brought the others, as far as history is here.
//!
//! ```text
//!   newest first: a line of the new kernel was brought by the newest commit that adds it, a line of the base
//!   taken away by the newest that removes it; what came and went between tells nothing of what is there
//! ```

use super::Changes;
use crate::error::Result;
use crate::git::tree::{Entry, Sort};
use crate::git::{History, Oid, Store, changes_of};
use crate::merge::line::speaks;
use crate::merge::{Change, delta};
use bstr::{BString, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};

/// Commits that are named for one file.
const NAMED: usize = 3;
/// Bytes of old versions of a file that are compared for one answer.
const BYTES: usize = 64 << 20;

/// An upstream commit, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// Its name.
    pub id: Oid,
    /// Its subject.
    pub subject: BString,
    /// Lines that it brought or took away, of those that were asked for.
    pub lines: usize,
}

/// What a commit (its position in history) did to one path.
type Touch = (usize, Change<Option<Entry>>);

/// Upstream's commits by the paths of the series that they touch, newest first.
#[derive(Debug, Default)]
pub struct Touches {
    by_path: FxHashMap<BString, Vec<Touch>>,
}

/// Upstream's commits by all the paths that they touch, sorted.
pub type ByPaths = FxHashMap<Vec<BString>, Vec<Oid>>;

impl Touches {
    /// Looks at what each commit of history changes.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn of(store: &mut Store, history: &History, changes: &[Changes]) -> Result<(Self, ByPaths)> {
        let own: FxHashSet<&BString> = changes.iter().flat_map(|c| &c.paths).map(|c| &c.path).collect();
        let mut touches = Self::default();
        let mut by_paths = ByPaths::default();
        for (at, commit) in history.commits.iter().enumerate() {
            let Some(changed) = changes_of(store, commit.id)? else { continue };
            let mut paths = Vec::with_capacity(changed.len());
            for one in changed {
                if own.contains(&one.path) {
                    touches.by_path.entry(one.path.clone()).or_default().push((at, one.entry));
                }
                paths.push(one.path);
            }
            paths.sort();
            by_paths.entry(paths).or_default().push(commit.id);
        }
        Ok((touches, by_paths))
    }

    /// The commits that made the lines before the change those after it: the ones with the most lines, at most [`NAMED`].
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn culprits(
        &self,
        (store, history): (&mut Store, &History),
        path: &BString,
        change: Change<&[u8]>,
    ) -> Result<Vec<Culprit>> {
        let Some(touches) = self.by_path.get(path) else { return Ok(Vec::new()) };
        let mut wanted = Wanted::of(change);
        let mut found = Vec::new();
        let mut bytes = 0;
        for (at, entry) in touches {
            if wanted.is_empty() || bytes > BYTES {
                break;
            }
            let mut read = |entry: Option<Entry>| match entry.filter(|entry| entry.sort() == Sort::File) {
                Some(entry) => store.blob(entry.id).map(|object| object.data),
                None => Ok([].into()),
            };
            let (before, after) = (read(entry.before)?, read(entry.after)?);
            bytes += before.len() + after.len();
            let lines = wanted.take(Change { before: &before, after: &after });
            if lines > 0 {
                let commit = &history.commits[*at];
                found.push(Culprit { id: commit.id, subject: commit.subject.clone(), lines });
            }
        }
        // Stable: of equals the newest first.
        found.sort_by_key(|culprit| std::cmp::Reverse(culprit.lines));
        found.truncate(NAMED);
        Ok(found)
    }

    /// The newest commit that touches a path, if it takes the file away.
    pub fn remover(&self, history: &History, path: &BString) -> Option<Culprit> {
        let (at, entry) = self.by_path.get(path)?.first()?;
        let commit = &history.commits[*at];
        let gone = entry.before.is_some() && entry.after.is_none();
        gone.then(|| Culprit { id: commit.id, subject: commit.subject.clone(), lines: 0 })
    }
}

/// Lines that nobody has answered for yet, without the white space around them.
struct Wanted<'a> {
    gone: FxHashSet<&'a [u8]>,
    come: FxHashSet<&'a [u8]>,
}

impl<'a> Wanted<'a> {
    fn of(change: Change<&'a [u8]>) -> Self {
        let lines = |text: &'a [u8]| -> FxHashSet<&'a [u8]> {
            text.lines().filter(|line| speaks(line)).map(<[u8]>::trim_ascii).collect()
        };
        let (before, after) = (lines(change.before), lines(change.after));
        Self { gone: before.difference(&after).copied().collect(), come: after.difference(&before).copied().collect() }
    }

    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.come.is_empty()
    }

    /// How many of the lines a commit answers for; they are not asked for any more.
    fn take(&mut self, commit: Change<&[u8]>) -> usize {
        let before: Vec<&[u8]> = commit.before.lines().collect();
        let after: Vec<&[u8]> = commit.after.lines().collect();
        let mut taken = 0;
        for hunk in delta::hunks(commit) {
            let gone = before[hunk.before].iter().filter(|line| self.gone.remove(line.trim_ascii())).count();
            let come = after[hunk.after].iter().filter(|line| self.come.remove(line.trim_ascii())).count();
            taken += gone + come;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_newest_commits_that_brought_it_or_took_it_away() {
        let base: &[u8] = b"int f(void)\n{\n\told_call(a);\n\treturn 0;\n}\n";
        let ours: &[u8] = b"int f(void)\n{\n\tnew_call(a, b);\n\tthird(a);\n\treturn 0;\n}\n";
        let mut wanted = Wanted::of(Change { before: base, after: ours });
        let between: &[u8] = b"int f(void)\n{\n\tmiddle_call(a);\n\tthird(a);\n\treturn 0;\n}\n";
        assert_eq!(wanted.take(Change { before: between, after: ours }), 1, "the newest brought new_call");
        assert_eq!(
            wanted.take(Change { before: base, after: between }),
            2,
            "the oldest took old_call and brought third"
        );
        assert!(wanted.is_empty());
    }

    #[test]
    fn what_came_and_went_between_is_nobodys() {
        let mut wanted = Wanted::of(Change { before: b"alpha\n", after: b"omega\n" });
        assert_eq!(wanted.take(Change { before: b"x1\nomega\n", after: b"x2\nomega\n" }), 0);
        assert!(!wanted.is_empty());
    }
}
