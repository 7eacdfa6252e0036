//! `fixup!`, `squash!` and `amend!` commits of a series, put into the commits that they are meant for, on the old kernel (`--autosquash`).
//!
//! ```text
//!   T  a  fixup! T  b      ->      T'  a'  b       T' has what the fixup does; after a' all is as it was after the fixup
//! ```
//!
//! In: the series. Out: the series with such commits in their targets, and [`Folds`]. Targets are found as `git rebase --autosquash` finds
//! them: by the whole subject, an id, the beginning of a subject, among the commits before. What a fold does to each file is merged into the
//! target, and what the commits in between do is merged onto that; where that does not end at the very bytes that were there, the commit
//! stays where it is, and that is said.

use crate::error::{Error, Result};
use crate::git::text::{self, TextMerge};
use crate::git::tree::{self, Edit, Entry, Sort, Twin};
use crate::git::{Commit, Kind, Oid, Repo, Series, Store};
use crate::merge::{Change, Sides};
use crate::run::{Fold, Folded, Folds, Inputs, Remade, Unfolded, quoted};
use bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};

/// Files times commits between a target and what goes into it, above which it is not tried: a thousand commits apart, a hundred files.
const STEPS: usize = 100_000;

/// Folds what can be folded; the new commits are on disk then.
///
/// # Errors
/// An object is missing, or a pack cannot be written.
pub(super) fn fold(store: &mut Store, series: &mut Series) -> Result<Folds> {
    let asked = asked(&series.commits);
    if asked.is_empty() {
        return Ok(Folds::default());
    }
    let mut folder = Folder { commits: &series.commits, over: BTreeMap::new(), into: BTreeMap::new() };
    let mut left = Vec::new();
    for (at, wish) in asked {
        let commit = &series.commits[at];
        let tried = match wish.target {
            Some(target) => folder.fold(store, (at, wish.how), target)?,
            None => Err("the series has no commit before it that it names".to_owned()),
        };
        if let Err(because) = tried {
            left.push(Unfolded { commit: commit.id.to_string(), subject: commit.subject(), because });
        }
    }
    let (commits, folds) = folder.remake(store, left)?;
    store.flush()?;
    series.commits = commits;
    Ok(folds)
}

/// The commit that keeps a series: its last one, or, where commits of it are no one's parent, one whose parents are all of those.
///
/// # Errors
/// A pack cannot be written.
pub(super) fn pin(store: &mut Store, series: &Series, inputs: &Inputs) -> Result<Option<Oid>> {
    let Some(last) = series.commits.last() else { return Ok(None) };
    if inputs.folds.remade.is_empty() {
        return Ok(Some(last.id));
    }
    let mut parents = format!("parent {}\n", last.id);
    for Remade { commit, .. } in &inputs.folds.remade {
        parents.push_str(&format!("parent {commit}\n"));
    }
    let who = &inputs.committer;
    let raw = format!("tree {}\n{parents}author {who}\ncommitter {who}\n\nkmigrate: a folded series\n", last.tree);
    Ok(Some(store.put(Kind::Commit, raw.into_bytes(), None)?.id))
}

/// What became of folded commits: what their targets became.
pub(super) fn pairs(repo: &Repo, folds: &Folds, pairs: &[(Oid, Oid)]) -> Vec<(Oid, Oid)> {
    let became = |folded: &Folded| {
        let into = repo.parse_id(folded.into.as_bytes())?;
        let (_, new) = pairs.iter().find(|(old, _)| *old == into)?;
        Some((repo.parse_id(folded.commit.as_bytes())?, *new))
    };
    folds.folded.iter().filter_map(became).collect()
}

/// What a commit wants.
struct Wish {
    how: Fold,
    /// Position of the commit that it names.
    target: Option<usize>,
}

/// The commits that want to be folded, in order.
fn asked(commits: &[Commit]) -> Vec<(usize, Wish)> {
    let subjects: Vec<Vec<u8>> = commits.iter().map(Commit::subject_bytes).collect();
    let mut first: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut wishes = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        let target = wanted(subject).and_then(|(how, named)| {
            let target = first.get(named).copied().or_else(|| by_id(&commits[..at], named)).or_else(|| {
                let begins = |earlier: &Vec<u8>| !named.is_empty() && earlier.starts_with(named);
                subjects[..at].iter().position(begins)
            });
            wishes.push((at, Wish { how, target }));
            target
        });
        if target.is_none() {
            first.entry(subject).or_insert(at);
        }
    }
    wishes
}

/// How a subject asks to be folded, and what it names: behind all such words, as a fixup of a fixup goes where that went.
fn wanted(subject: &[u8]) -> Option<(Fold, &[u8])> {
    let word = |text: &[u8]| {
        [Fold::Fixup, Fold::Squash, Fold::Amend].into_iter().find(|how| text.starts_with(how.prefix().as_bytes()))
    };
    let how = word(subject)?;
    let mut named = subject;
    while let Some(again) = word(named) {
        named = named[again.prefix().len()..].trim_start();
    }
    Some((how, named))
}

/// The commit whose id begins so, if it is one.
fn by_id(commits: &[Commit], named: &[u8]) -> Option<usize> {
    let named = named.to_str().ok().filter(|hex| hex.len() >= 4 && hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let is = |commit: &Commit| commit.id.to_string().starts_with(&named.to_ascii_lowercase());
    let found: Vec<usize> = (0..commits.len()).filter(|at| is(&commits[*at])).collect();
    <[usize; 1]>::try_from(found).ok().map(|[at]| at)
}

/// Files as commits of the series leave them, where that is not what they left in the source.
type Over = BTreeMap<BString, Option<Entry>>;

/// A series whose commits take others in.
struct Folder<'a> {
    commits: &'a [Commit],
    /// By position.
    over: BTreeMap<usize, Over>,
    /// Commits that are in another one: where, and how. A chain is followed at once: these are never folded themselves.
    into: BTreeMap<usize, (usize, Fold)>,
}

impl Folder<'_> {
    /// Folds a commit, or says why not; then nothing has changed.
    fn fold(
        &mut self,
        store: &mut Store,
        (at, how): (usize, Fold),
        target: usize,
    ) -> Result<std::result::Result<(), String>> {
        let target = self.into.get(&target).map_or(target, |(root, _)| *root);
        let straight = |n: &usize| self.commits[*n].parents == [self.commits[n - 1].id];
        if !(target + 1..=at).all(|n| straight(&n)) {
            return Ok(Err("the series is no straight line between its target and it".into()));
        }
        if how != Fold::Fixup && self.commits[target].encoding() != self.commits[at].encoding() {
            return Ok(Err("its message and its target's are in different encodings".into()));
        }
        let before = self.commits[at - 1].tree;
        let does = tree::diff(store, Change { before: Some(before), after: Some(self.commits[at].tree) })?;
        if does.len().saturating_mul(at - target) > STEPS {
            return Ok(Err("it is too far from its target for that many files".into()));
        }
        let mut new: Vec<(usize, BString, Option<Entry>)> = Vec::new();
        // Where a file comes to stand that was not there, another may be in its way.
        let mut creates = BTreeSet::new();
        for changed in does {
            let Change { before, after } = changed.entry;
            let path = &changed.path;
            let refused = |n: usize| {
                let what = if n == target { "its target".to_owned() } else { self.commits[n].subject() };
                format!("{}: it does not merge with what stands there after {what}", quoted(path.as_bstr()))
            };
            let mut now = None;
            for n in target..at {
                let left = self.stands(store, n, path)?;
                // What the commit was, onto what it is now; for the target the other way round, which is the same.
                let sides = match now {
                    None => Sides { base: before, ours: left, theirs: after },
                    Some(ours) => Sides { base: self.stands(store, n - 1, path)?, ours, theirs: left },
                };
                let Some(merged) = merged(store, sides)? else { return Ok(Err(refused(n))) };
                now = Some(merged);
                creates.extend((merged.is_some() && left.is_none()).then_some(n));
                new.push((n, path.clone(), merged));
            }
            if now != Some(after) {
                return Ok(Err(refused(at - 1)));
            }
        }
        if !self.is_possible(store, &creates, &new)? {
            return Ok(Err("a file would stand where a folder is needed".into()));
        }
        for (n, path, entry) in new {
            self.over.entry(n).or_default().insert(path, entry);
        }
        self.into.insert(at, (target, how));
        Ok(Ok(()))
    }

    /// What stands at a path after a commit.
    fn stands(&self, store: &mut Store, at: usize, path: &BString) -> Result<Option<Entry>> {
        match self.over.get(&at).and_then(|over| over.get(path)) {
            Some(entry) => Ok(*entry),
            None => tree::lookup(store, self.commits[at].tree, path.as_bstr()),
        }
    }

    /// Can the trees of these commits be written with these files?
    fn is_possible(
        &self,
        store: &mut Store,
        commits: &BTreeSet<usize>,
        new: &[(usize, BString, Option<Entry>)],
    ) -> Result<bool> {
        for &n in commits {
            let mut over = self.over.get(&n).cloned().unwrap_or_default();
            over.extend(new.iter().filter(|(at, ..)| *at == n).map(|(_, path, entry)| (path.clone(), *entry)));
            let written = tree::write(store, (Some(self.commits[n].tree), Twin::default()), &edits(&over))?;
            if !written.blocked.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The series as it is now. Commits that nothing was put into, and whose parent has what it had, are those of the source.
    fn remake(&self, store: &mut Store, left: Vec<Unfolded>) -> Result<(Vec<Commit>, Folds)> {
        let mut folds = Folds { left, ..Folds::default() };
        let mut commits: Vec<Commit> = Vec::with_capacity(self.commits.len());
        let mut last = 0;
        for (at, commit) in self.commits.iter().enumerate() {
            if let Some((root, how)) = self.into.get(&at) {
                folds.folded.push(Folded {
                    commit: commit.id.to_string(),
                    subject: commit.subject(),
                    how: *how,
                    into: self.commits[*root].id.to_string(),
                    target: self.commits[*root].subject(),
                    before: self.commits[last].id.to_string(),
                });
                continue;
            }
            let over = |n: usize| self.over.get(&n).filter(|over| !over.is_empty());
            let takes = self.into.values().any(|(root, _)| *root == at);
            if takes || over(at).is_some() || at.checked_sub(1).and_then(over).is_some() {
                let parent = match commits.last() {
                    Some(parent) if at.checked_sub(1).and_then(over).is_some() => Some(parent.id),
                    _ => commit.parents.first().copied(),
                };
                let edits = over(at).map(edits).unwrap_or_default();
                let tree = tree::write(store, (Some(commit.tree), Twin::default()), &edits)?.tree;
                let raw = commit.carried_saying(tree, parent, commit.committer(), &self.message(at));
                let made = store.put(Kind::Commit, raw, None)?;
                let made = Commit::parse(made.id, made.data.clone(), store.format());
                let made = made.ok_or_else(|| Error::fatal(format!("commit {} is malformed", commit.id)))?;
                folds.remade.push(Remade { commit: made.id.to_string(), from: commit.id.to_string() });
                commits.push(made);
            } else {
                commits.push(commit.clone());
            }
            last = at;
        }
        Ok((commits, folds))
    }

    /// The message of a commit, with those of what it takes in, in their order.
    fn message(&self, at: usize) -> Vec<u8> {
        let mut message = self.commits[at].message().to_vec();
        for (n, (_, how)) in self.into.iter().filter(|(_, (root, _))| *root == at) {
            let body = body(self.commits[*n].message());
            match how {
                Fold::Squash if !body.is_empty() => {
                    message = [message.trim_end(), b"\n\n", body, b"\n"].concat();
                }
                Fold::Amend if !body.is_empty() => message = [body, b"\n"].concat(),
                Fold::Fixup | Fold::Squash | Fold::Amend => {}
            }
        }
        message
    }
}

fn edits(over: &Over) -> Vec<Edit> {
    over.iter().map(|(path, entry)| Edit { path: path.clone(), entry: *entry, own: false }).collect()
}

/// What a message says behind its subject.
fn body(message: &[u8]) -> &[u8] {
    let text = message.trim_start();
    let mut at = 0;
    for line in text.lines_with_terminator() {
        if line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    let rest = &text[at..];
    let start = rest.lines_with_terminator().take_while(|line| line.trim().is_empty()).map(<[u8]>::len).sum();
    rest[start..].trim_end()
}

/// Three sides of a path joined, if nothing speaks against it; `None` if something does.
fn merged(store: &mut Store, sides: Sides<Option<Entry>>) -> Result<Option<Option<Entry>>> {
    let Sides { base, ours, theirs } = sides;
    if base == ours || ours == theirs {
        return Ok(Some(theirs));
    }
    if base == theirs {
        return Ok(Some(ours));
    }
    let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs) else { return Ok(None) };
    let all = [base, ours, theirs];
    if all.iter().any(|entry| entry.sort() != Sort::File) {
        return Ok(None);
    }
    let mode = match () {
        () if base.mode == ours.mode => theirs.mode,
        () if base.mode == theirs.mode || ours.mode == theirs.mode => ours.mode,
        () => return Ok(None),
    };
    let [before, here, there] = [store.blob(base.id)?, store.blob(ours.id)?, store.blob(theirs.id)?];
    let texts = Sides { base: &*before.data, ours: &*here.data, theirs: &*there.data };
    let TextMerge::Clean(text) = text::merge(texts)? else { return Ok(None) };
    Ok(Some(Some(Entry { mode, id: store.put(Kind::Blob, text, Some(&here))?.id })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixup_of_a_fixup_names_what_that_names() {
        assert_eq!(wanted(b"fixup! squash! mm: x"), Some((Fold::Fixup, b"mm: x".as_slice())));
        assert_eq!(wanted(b"amend! mm: x"), Some((Fold::Amend, b"mm: x".as_slice())));
        assert!(wanted(b"fixup mm: x").is_none() && wanted(b"fixup!mm").is_none());
    }

    #[test]
    fn the_body_is_what_stands_behind_the_subject() {
        assert_eq!(body(b"amend! a\n\nnew subject\n\nmore\n"), b"new subject\n\nmore");
        assert_eq!(body(b"\nfixup! a\n\n\n").as_bstr(), b"".as_bstr());
        assert_eq!(body(b"two\nlines\n\nrest").as_bstr(), b"rest".as_bstr());
    }
}
