//! What people decided, as it stands after the whole journal: asked by `pick` for each commit and each file.

use super::journal::{AnsweredQuestion, Operation};
use super::seen::{Seen, SideIds, Stored};
use crate::merge::Change;
use std::collections::{BTreeMap, BTreeSet};

/// Decisions by commit and by the sides they were made for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decisions {
    accepted: BTreeMap<String, Vec<Seen>>,
    dropped: BTreeMap<String, Option<String>>,
    fixes: Vec<Fix>,
    extras: BTreeMap<String, Vec<Extra>>,
    /// Commits of which everything was taken back, and nothing decided since.
    taken_back: BTreeSet<String>,
    /// What models answered, in order.
    answers: Vec<AnsweredQuestion>,
}

/// A file that a person settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The commit it was settled in.
    pub old: String,
    /// In the tip.
    pub path: String,
    /// What it was settled for.
    pub sides: SideIds,
    /// The mode that it had come out with, where that is known.
    pub mode: Option<u32>,
    /// What stands there then.
    pub result: Option<Stored>,
}

impl Fix {
    /// How a person changed the mode of a regular file that they left one; `None` if it was or is none, or nobody knows.
    pub fn change_of_mode(&self) -> Option<Change<u32>> {
        let is_file = |mode: &u32| mode & 0o170_000 == 0o100_000;
        let before = self.mode.filter(is_file)?;
        let after = self.result.as_ref().map(|stored| stored.mode).filter(is_file)?;
        Some(Change { before, after })
    }
}

/// A file that a person changed beside what the commit touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// In the tip.
    pub path: String,
    /// What the tip had there.
    pub ours: Option<String>,
    /// What stands there then.
    pub result: Option<Stored>,
}

impl Decisions {
    /// The decisions that stand after these operations.
    pub fn of(operations: &[Operation]) -> Self {
        let mut decisions = Self::default();
        for operation in operations {
            decisions.take(operation.clone());
        }
        decisions
    }

    fn take(&mut self, operation: Operation) {
        if let Operation::Accept { old, .. }
        | Operation::Drop { old, .. }
        | Operation::Fix { old, .. }
        | Operation::Extra { old, .. } = &operation
        {
            self.taken_back.remove(old);
        }
        match operation {
            Operation::Accept { old, mut seen } => {
                self.dropped.remove(&old);
                seen.sort();
                self.accepted.insert(old, seen);
            }
            Operation::Drop { old, because } => {
                self.accepted.remove(&old);
                self.dropped.insert(old, because);
            }
            Operation::Reset { old } => {
                self.accepted.remove(&old);
                self.dropped.remove(&old);
                self.extras.remove(&old);
                self.fixes.retain(|f| f.old != old);
                self.answers.retain(|answer| answer.old != old);
                self.taken_back.insert(old);
            }
            Operation::Fix { old, path, sides, mode, result } => {
                self.dropped.remove(&old);
                // What was accepted was another result.
                self.accepted.remove(&old);
                self.fixes.retain(|f| !(f.old == old && f.path == path && f.sides == sides));
                self.fixes.push(Fix { old, path, sides, mode, result });
            }
            Operation::Extra { old, path, ours, result } => {
                self.dropped.remove(&old);
                self.accepted.remove(&old);
                let extras = self.extras.entry(old).or_default();
                extras.retain(|e| e.path != path);
                extras.push(Extra { path, ours, result });
            }
            Operation::Answered(answer) => self.answers.push(answer),
            other => debug_assert!(!other.is_decision(), "{other:?}"),
        }
    }

    /// The commits that a person wants as the methods make them: what was decided of them was taken back.
    pub fn taken_back(&self) -> &BTreeSet<String> {
        &self.taken_back
    }

    /// What models answered in walks before, in order.
    pub fn answers(&self) -> &[AnsweredQuestion] {
        &self.answers
    }

    /// Did a person accept the commit as it came out some time, and say of what?
    pub fn was_accepted(&self, old: &str) -> bool {
        self.accepted.get(old).is_some_and(|seen| !seen.is_empty())
    }

    /// Is the commit to be left out?
    pub fn drops(&self, old: &str) -> bool {
        self.dropped.contains_key(old)
    }

    /// The commits that are to be left out, and why, if nobody named them.
    pub fn dropped(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.dropped.iter().map(|(old, because)| (old.as_str(), because.as_deref()))
    }

    /// The commits that a person found right, and what they saw.
    pub fn accepted(&self) -> impl Iterator<Item = (&str, &[Seen])> {
        self.accepted.iter().map(|(old, seen)| (old.as_str(), seen.as_slice()))
    }

    /// Why it is to be left out, if nobody named it.
    pub fn why_dropped(&self, old: &str) -> Option<&str> {
        self.dropped.get(old)?.as_deref()
    }

    /// Did a person accept the commit as it comes out now, on a tip that has what it had then?
    pub fn accepts(&self, old: &str, mut seen: Vec<Seen>) -> bool {
        seen.sort();
        self.accepted.get(old) == Some(&seen)
    }

    /// What a person made of this file of a commit with these very sides.
    pub fn fix(&self, old: &str, path: &str, sides: &SideIds) -> Option<&Fix> {
        self.fixes.iter().find(|f| f.old == old && f.path == path && f.sides == *sides)
    }

    /// What a person last made of this file of a commit, for whatever sides.
    pub fn fix_of(&self, old: &str, path: &str) -> Option<&Fix> {
        self.fixes.iter().rev().find(|f| f.old == old && f.path == path)
    }

    /// All files that people settled, in the order they did.
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }

    /// What a person changed in this commit beside what it touches.
    pub fn extras(&self, old: &str) -> &[Extra] {
        self.extras.get(old).map_or(&[], Vec::as_slice)
    }

    /// Is anything decided of the contents of this commit?
    pub fn changes(&self, old: &str) -> bool {
        self.extras.contains_key(old) || self.fixes.iter().any(|f| f.old == old)
    }

    /// The commits that anything is decided of, by id.
    pub fn commits(&self) -> BTreeSet<&str> {
        let other = self.accepted.keys().chain(self.dropped.keys()).chain(self.extras.keys());
        other.chain(self.fixes.iter().map(|f| &f.old)).map(String::as_str).collect()
    }

    /// Blobs that decisions stand on.
    pub fn blobs(&self) -> impl Iterator<Item = &Stored> {
        let extras = self.extras.values().flatten().filter_map(|e| e.result.as_ref());
        self.fixes.iter().filter_map(|f| f.result.as_ref()).chain(extras)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(old: &str, ours: &str, result: &str) -> Operation {
        Operation::Fix {
            old: old.into(),
            path: "a.c".into(),
            sides: [Some("b".into()), Some(ours.into()), Some("t".into())],
            mode: None,
            result: Some(Stored { mode: 0o100_644, id: result.into() }),
        }
    }

    #[test]
    fn a_fix_holds_for_its_commit_and_sides_only_and_the_last_one_counts() {
        let decisions = Decisions::of(&[fix("1", "o", "first"), fix("1", "o", "second"), fix("2", "o", "third")]);
        let sides = |ours: &str| [Some("b".to_owned()), Some(ours.to_owned()), Some("t".to_owned())];
        let found = |old: &str| decisions.fix(old, "a.c", &sides("o")).and_then(|f| f.result.clone()).map(|s| s.id);
        assert_eq!((found("1"), found("2"), found("3")), (Some("second".into()), Some("third".into()), None));
        assert_eq!(decisions.fix("1", "a.c", &sides("other")), None);
    }

    #[test]
    fn reset_forgets_all_of_a_commit_and_of_no_other() {
        let reset = Operation::Reset { old: "1".into() };
        let decisions = Decisions::of(&[
            fix("1", "o", "x"),
            fix("2", "p", "y"),
            Operation::Drop { old: "1".into(), because: None },
            reset,
        ]);
        assert!(!decisions.drops("1") && !decisions.changes("1") && decisions.changes("2"));
        assert_eq!(decisions.taken_back().iter().collect::<Vec<_>>(), ["1"]);
    }

    #[test]
    fn an_acceptance_holds_while_the_same_comes_out_on_the_same_files() {
        let seen = |ours: &str, result: &str| {
            let result = Some(Stored { mode: 0o100_644, id: result.into() });
            vec![Seen { path: "a.c".into(), ours: Some(ours.into()), result }]
        };
        let decisions = Decisions::of(&[Operation::Accept { old: "1".into(), seen: seen("o", "r") }]);
        assert!(decisions.accepts("1", seen("o", "r")));
        assert!(!decisions.accepts("1", seen("changed", "r")) && !decisions.accepts("1", seen("o", "changed")));
    }

    #[test]
    fn an_acceptance_is_of_what_was_decided_before_it() {
        let accept = || Operation::Accept { old: "1".into(), seen: Vec::new() };
        let extra = || Operation::Extra { old: "1".into(), path: "b.c".into(), ours: None, result: None };
        for later in [fix("1", "o", "x"), extra(), Operation::Drop { old: "1".into(), because: None }] {
            assert!(!Decisions::of(&[accept(), later.clone()]).accepts("1", Vec::new()), "{later:?}");
            assert!(Decisions::of(&[later, accept()]).accepts("1", Vec::new()));
        }
    }
}
