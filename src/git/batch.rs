//! One `git cat-file --batch-check` for the whole run: what revisions and refs name, without a process for each question.

use super::program::Git;
use crate::error::{Error, Result};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout};

/// A running `git cat-file --batch-check`.
#[derive(Debug)]
pub struct Batch {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a revision names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An object: id in hex, and type.
    Object(String, String),
    /// Nothing here.
    Missing,
    /// An abbreviation of several objects.
    Ambiguous,
}

impl Batch {
    /// Starts it.
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn start(git: &Git) -> Result<Self> {
        let mut child = git.piped(&["cat-file", "--batch-check=%(objectname) %(objecttype)"])?;
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Ok(Self { child, questions, answers })
    }

    /// Asks for one revision.
    ///
    /// # Errors
    /// The process is gone.
    pub fn ask(&mut self, revision: &str) -> Result<Answer> {
        let lost = |_| Error::fatal("lost the git program (cat-file --batch-check)");
        let question = format!("{}\n", revision.replace(['\n', '\0'], " "));
        let stdin = self.questions.as_mut().expect("open until it is dropped");
        stdin.write_all(question.as_bytes()).and_then(|()| stdin.flush()).map_err(lost)?;
        let mut line = Vec::new();
        self.answers.read_until(b'\n', &mut line).map_err(lost)?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches('\n');
        if line.is_empty() {
            return Err(lost(std::io::ErrorKind::UnexpectedEof.into()));
        }
        if line.ends_with(" missing") {
            return Ok(Answer::Missing);
        }
        if line.ends_with(" ambiguous") {
            return Ok(Answer::Ambiguous);
        }
        match line.split_once(' ') {
            Some((id, kind)) => Ok(Answer::Object(id.to_owned(), kind.to_owned())),
            None => Ok(Answer::Missing),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // End of input ends it.
        self.questions = None;
        let _ = self.child.wait();
    }
}
