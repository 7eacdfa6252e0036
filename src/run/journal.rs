//! The journal: what cannot be computed again. Inputs, people's decisions, and what was moved; one line and one fsync each.
//!
//! A walk is not in it: a killed run walks again in seconds and ends in the same ids.

use super::record::Inputs;
use super::seen::{Seen, SideIds, Stored};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Version of the lines that this tool reads; it reads none that are newer.
const VERSION: u32 = 2;

/// A ref with the ids it had and has: name, old, new.
pub type RefMove = (String, Option<String>, Option<String>);

/// One sample of an answer of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The text.
    pub text: String,
    /// It ended at the limit of tokens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
    /// Mean natural logarithm of its tokens' probabilities, where the model's server told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_log_probability: Option<f64>,
}

/// A question that a model answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnsweredQuestion {
    /// The commit.
    pub old: String,
    /// Who answered, as a trailer of the commit says it.
    pub model: String,
    /// How many tokens a question could have.
    pub tokens: usize,
    /// The hash of the question.
    pub question: String,
    /// What was answered.
    pub answers: Vec<Sample>,
    /// A hunk was settled by it, or by one that was asked after it.
    pub settled: bool,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Operation {
    /// A walk begins.
    Begin {
        /// Everything its outcome depends on, but for the decisions.
        inputs: Box<Inputs>,
    },
    /// A person looked at a commit and wants it as it came out.
    Accept {
        /// The commit.
        old: String,
        /// Its files. A line without them says of nothing that it was seen.
        #[serde(default)]
        seen: Vec<Seen>,
    },
    /// A person wants a commit left out.
    Drop {
        /// The commit.
        old: String,
        /// Why, if it was asked for by a rule and not by name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// What was decided of a commit is forgotten.
    Reset {
        /// The commit.
        old: String,
    },
    /// A person settled a file of a commit.
    Fix {
        /// The commit.
        old: String,
        /// In the tip.
        path: String,
        /// What it was settled for.
        sides: SideIds,
        /// The mode that it had come out with, if it had; what a person made of that is told by it.
        #[serde(default)]
        mode: Option<u32>,
        /// What stands there then.
        result: Option<Stored>,
    },
    /// A person changed a file that the commit does not touch by itself.
    Extra {
        /// The commit.
        old: String,
        /// In the tip.
        path: String,
        /// What the tip had there.
        ours: Option<String>,
        /// What stands there then.
        result: Option<Stored>,
    },
    /// A model answered a question, and the walk used that.
    Answered(AnsweredQuestion),
    /// A commit was opened for editing.
    Edit {
        /// The commit.
        old: String,
        /// Where.
        dir: String,
    },
    /// The run is stopped, and kept.
    Quit,
    /// A walk is about to move refs.
    Finish {
        /// All of the transaction.
        moves: Vec<RefMove>,
    },
    /// Refs are about to be put back where the last finish found them.
    Undo {
        /// All of the transaction.
        moves: Vec<RefMove>,
    },
    /// The refs of the operation before this one were moved.
    Moved,
    /// The refs of the operation before this one stay where they were.
    Stayed,
}

impl Operation {
    /// Did a person decide it, or was it paid for? Then it holds in the next run, too.
    pub fn is_decision(&self) -> bool {
        match self {
            Self::Accept { .. }
            | Self::Drop { .. }
            | Self::Reset { .. }
            | Self::Fix { .. }
            | Self::Extra { .. }
            | Self::Answered(_) => true,
            Self::Begin { .. }
            | Self::Edit { .. }
            | Self::Finish { .. }
            | Self::Undo { .. }
            | Self::Moved
            | Self::Stayed
            | Self::Quit => false,
        }
    }
}

impl Operation {
    /// The version that wrote such lines first: an older tool can read what it knows.
    fn version(&self) -> u32 {
        if matches!(self, Self::Answered(_)) { VERSION } else { 1 }
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    #[serde(flatten)]
    operation: Operation,
}

/// Why a journal cannot be used.
#[derive(Debug)]
pub enum Broken {
    /// The disk.
    Io(io::Error),
    /// A line, from 1, that is not what this version writes.
    Line(usize, String),
}

impl From<io::Error> for Broken {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(e) => e.fmt(f),
            Self::Line(n, what) => write!(f, "line {n}: {what}"),
        }
    }
}

/// The journal of one run.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    operations: Vec<Operation>,
    /// Bytes of whole lines.
    whole: u64,
}

impl Journal {
    /// Reads the journal in a folder, without the lock if it is only looked at; a new one is empty.
    ///
    /// # Errors
    /// It cannot be read, or a newer version wrote it.
    pub fn open(dir: &Path) -> Result<Self, Broken> {
        let path = dir.join("journal.jsonl");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e.into()),
        };
        let (operations, whole) = Self::read(&text)?;
        Ok(Self { path, operations, whole: whole as u64 })
    }

    /// Reads the text of a journal: its operations, in order, and the bytes that they take.
    ///
    /// # Errors
    /// A line is not what this version writes.
    pub fn read(text: &[u8]) -> Result<(Vec<Operation>, usize), Broken> {
        let mut operations = Vec::new();
        let whole = text.iter().rposition(|c| *c == b'\n').map_or(0, |i| i + 1);
        // What follows the last newline was being written when the process died: nobody was told of it.
        for (at, line) in text[..whole].split(|c| *c == b'\n').filter(|l| !l.is_empty()).enumerate() {
            operations.push(parse(line).map_err(|what| Broken::Line(at + 1, what))?);
        }
        Ok((operations, whole))
    }

    /// All operations, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations that came to be: of those that move refs, the ones that were seen to have moved them.
    pub fn done(&self) -> impl DoubleEndedIterator<Item = &Operation> {
        let done = |at: usize| match &self.operations[at] {
            Operation::Finish { .. } | Operation::Undo { .. } => self.operations.get(at + 1) == Some(&Operation::Moved),
            Operation::Moved | Operation::Stayed => false,
            _ => true,
        };
        (0..self.operations.len()).filter(move |at| done(*at)).map(|at| &self.operations[at])
    }

    /// The refs that were being moved when the last process died.
    pub fn unconfirmed(&self) -> Option<&[RefMove]> {
        match self.operations.last() {
            Some(Operation::Finish { moves } | Operation::Undo { moves }) => Some(moves),
            _ => None,
        }
    }

    /// Was the run stopped, and not begun again since?
    pub fn is_quit(&self) -> bool {
        let last = self.operations.iter().rev().find(|o| matches!(o, Operation::Quit | Operation::Begin { .. }));
        last == Some(&Operation::Quit)
    }

    /// What the last walk began with.
    pub fn inputs(&self) -> Option<&Inputs> {
        self.operations.iter().rev().find_map(|o| match o {
            Operation::Begin { inputs } => Some(&**inputs),
            _ => None,
        })
    }

    /// Adds operations; they are on disk when this returns.
    ///
    /// # Errors
    /// The disk. What was written of them is taken back as far as the disk lets us; a torn line is never read.
    pub fn append(&mut self, operations: impl IntoIterator<Item = Operation>) -> io::Result<()> {
        let added: Vec<Operation> = operations.into_iter().collect();
        if added.is_empty() {
            return Ok(());
        }
        let mut text = Vec::new();
        for operation in &added {
            let line = Line { v: operation.version(), operation: operation.clone() };
            serde_json::to_writer(&mut text, &line).map_err(io::Error::other)?;
            text.push(b'\n');
        }
        let is_new = !self.path.exists();
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.set_len(self.whole)?;
        if let Err(e) = file.write_all(&text).and_then(|()| file.sync_all()) {
            // Best effort: the first error is the one to report.
            let _ = file.set_len(self.whole);
            return Err(e);
        }
        if is_new && let Some(dir) = self.path.parent() {
            File::open(dir)?.sync_all()?;
        }
        self.whole += text.len() as u64;
        self.operations.extend(added);
        Ok(())
    }
}

fn parse(line: &[u8]) -> Result<Operation, String> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    let version: Versioned = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    if version.v > VERSION {
        return Err(format!("written by a newer version of git-kmigrate (format {})", version.v));
    }
    let line: Line = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    Ok(line.operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drop_of(old: &str) -> Operation {
        Operation::Drop { old: old.to_owned(), because: None }
    }

    #[test]
    fn what_was_appended_is_read_again_in_order() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(dir.path()).expect("a new journal");
        journal.append([drop_of("a"), drop_of("b")]).expect("written");
        journal.append([Operation::Stayed]).expect("written");
        let again = Journal::open(dir.path()).expect("readable");
        assert_eq!(again.operations(), [drop_of("a"), drop_of("b"), Operation::Stayed]);
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_written_over() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(dir.path()).expect("a new journal");
        journal.append([drop_of("a")]).expect("written");
        let path = dir.path().join("journal.jsonl");
        let mut text = fs::read(&path).expect("a file");
        text.extend_from_slice(br#"{"v":1,"op":"dr"#);
        fs::write(&path, text).expect("written");
        let mut journal = Journal::open(dir.path()).expect("readable");
        journal.append([drop_of("b")]).expect("written");
        assert_eq!(Journal::open(dir.path()).expect("readable").operations(), [drop_of("a"), drop_of("b")]);
    }

    #[test]
    fn a_finish_is_done_only_when_it_is_said_to_have_moved_its_refs() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::open(dir.path()).expect("a new journal");
        let finish = || Operation::Finish { moves: vec![("refs/heads/a".to_owned(), None, None)] };
        journal.append([finish(), Operation::Moved, finish(), Operation::Stayed, drop_of("a")]).expect("written");
        assert!(journal.done().eq(&[finish(), drop_of("a")]) && journal.unconfirmed().is_none());
        journal.append([finish()]).expect("written");
        assert!(journal.done().eq(&[finish(), drop_of("a")]) && journal.unconfirmed().is_some());
    }

    #[test]
    fn an_acceptance_of_before_results_were_kept_is_read_and_has_seen_nothing() {
        let line = br#"{"v":1,"op":"accept","old":"a","ours":[["a.c","b"]]}"#;
        assert_eq!(parse(line), Ok(Operation::Accept { old: "a".to_owned(), seen: Vec::new() }));
    }

    #[test]
    fn a_newer_version_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("journal.jsonl"), "{\"v\":99,\"op\":\"telepathy\"}\n").expect("written");
        let broken = Journal::open(dir.path()).expect_err("newer");
        assert!(broken.to_string().contains("line 1: written by a newer version"), "{broken}");
    }
}
