//! What building said of a commit: the schema of `check` in `--json`, and what a run keeps of it.
//!
//! Results are kept in the run's folder (`check.jsonl`) by the id of the new commit: one that comes out the same in a later walk
//! has the same tree and keeps them, one that comes out otherwise has none. They can be made again, so losing them costs time only.

use super::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// What a check came to, of a target and of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It builds. Of a commit: all that it touches does.
    Passed,
    /// Of a commit: some of what it touches builds, and of the rest nothing is known.
    Partly,
    /// Nothing is known.
    NotChecked,
    /// It does not build, and the original commit does not build on the old kernel either.
    FailedBefore,
    /// It does not build since this commit.
    Failed,
}

/// What became of one target of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedTarget {
    /// What was built, as `drivers/foo/bar.o`.
    pub target: String,
    /// What came of it.
    pub verdict: Verdict,
    /// The position of the commit in whose tree it was built: this one, or a later one at the end of a stretch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// Why it was not checked, or what else is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What became of the targets of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// All in all.
    pub verdict: Verdict,
    /// The command line that built them.
    pub command: String,
    /// Each target, by name; none if the commit touches nothing that compiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<CheckedTarget>,
    /// What analysers were asked of its objects, before and after the migration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analysed: Vec<Analysed>,
}

/// What an analyser was asked of one object of a commit. What it says that it did not say before is a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysed {
    /// The command line of the analyser.
    pub command: String,
    /// The object, as `drivers/foo/bar.o`.
    pub target: String,
    /// Why there is nothing to compare: then nothing is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Checked {
    /// Of these targets.
    pub fn of(command: &str, mut targets: Vec<CheckedTarget>) -> Self {
        targets.sort_by(|a, b| a.target.cmp(&b.target));
        let any = |verdict| targets.iter().any(|t| t.verdict == verdict);
        let verdict = match () {
            () if any(Verdict::Failed) => Verdict::Failed,
            () if any(Verdict::FailedBefore) => Verdict::FailedBefore,
            () if !any(Verdict::Passed) => Verdict::NotChecked,
            () if any(Verdict::NotChecked) => Verdict::Partly,
            () => Verdict::Passed,
        };
        Self { verdict, command: command.to_owned(), targets, analysed: Vec::new() }
    }
}

/// What is kept of a commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What became of it.
    pub checked: Checked,
    /// What the compiler said of what does not build, and what analysers say since the migration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    new: String,
    #[serde(flatten)]
    kept: Kept,
}

/// Version of the lines; others are passed over.
const VERSION: u32 = 1;
/// The file in the run's folder.
const FILE: &str = "check.jsonl";

/// What was built in a run, by the id of the new commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checks {
    by_commit: BTreeMap<String, Kept>,
}

impl Checks {
    /// What is kept in a run's folder. A line that cannot be read counts as nothing known.
    pub fn open(dir: &Path) -> Self {
        let text = fs::read(dir.join(FILE)).unwrap_or_default();
        let lines = text.split(|c| *c == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        let by_commit = lines.filter(|line| line.v == VERSION).map(|line| (line.new, line.kept)).collect();
        Self { by_commit }
    }

    /// Of a new commit.
    pub fn of(&self, new: &str) -> Option<&Kept> {
        self.by_commit.get(new)
    }

    /// Is nothing known?
    pub fn is_empty(&self) -> bool {
        self.by_commit.is_empty()
    }

    /// Takes what is known of a new commit now.
    pub fn put(&mut self, new: String, kept: Kept) {
        self.by_commit.insert(new, kept);
    }

    /// Keeps all in a run's folder; the file is there whole or not at all.
    ///
    /// # Errors
    /// The disk.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        let mut text = Vec::new();
        for (new, kept) in &self.by_commit {
            let line = Line { v: VERSION, new: new.clone(), kept: kept.clone() };
            serde_json::to_writer(&mut text, &line).expect("plain data");
            text.push(b'\n');
        }
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(&text)?;
        file.persist(dir.join(FILE)).map(drop).map_err(|e| e.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str, verdict: Verdict) -> CheckedTarget {
        CheckedTarget { target: name.to_owned(), verdict, at: None, why: None }
    }

    #[test]
    fn what_was_not_checked_never_counts_as_passed() {
        let of = |verdicts: &[Verdict]| {
            Checked::of("make", verdicts.iter().map(|v| target("a.o", *v)).collect::<Vec<_>>()).verdict
        };
        assert_eq!(of(&[]), Verdict::NotChecked);
        assert_eq!(of(&[Verdict::Passed]), Verdict::Passed);
        assert_eq!(of(&[Verdict::Passed, Verdict::NotChecked]), Verdict::Partly);
        assert_eq!(of(&[Verdict::Passed, Verdict::FailedBefore, Verdict::NotChecked]), Verdict::FailedBefore);
        assert_eq!(of(&[Verdict::FailedBefore, Verdict::Failed]), Verdict::Failed);
    }

    #[test]
    fn results_are_kept_by_new_commit_and_a_broken_line_is_nothing_known() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(Checks::open(dir.path()).is_empty());
        let mut checks = Checks::default();
        let checked = Checked::of("make", vec![target("b.o", Verdict::Passed), target("a.o", Verdict::Failed)]);
        checks.put("1234".into(), Kept { checked, findings: Vec::new() });
        checks.keep(dir.path()).expect("written");
        assert_eq!(Checks::open(dir.path()), checks);
        let mut text = fs::read_to_string(dir.path().join(FILE)).expect("text");
        text.push_str("{\"v\":1,\"new\":\"56\"\n{\"v\":9,\"new\":\"78\",\"checked\":{}}\n");
        fs::write(dir.path().join(FILE), text).expect("written");
        assert_eq!(Checks::open(dir.path()), checks);
    }
}
