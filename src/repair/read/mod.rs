//! Reports of compilers and analysers, read as one noun. In: the bytes of a report. Out: [`Diagnostic`]s in its order, and a
//! [`Problem`] with its line for each record that is malformed; nothing that can be read is lost over one that cannot.
//!
//! ```text
//!   JSON, an object with "runs"    -> sarif       SARIF 2.1.0
//!   JSON, arrays                   -> gcc_json    gcc -fdiagnostics-format=json
//!   "CID: 1"                       -> coverity    records of fields and sections
//!   anything else                  -> log         lines, each by its own shape: a build log holds several tools' messages
//! ```

mod checkpatch;
pub mod coverity;
mod gcc;
mod gcc_json;
mod json;
mod log;
mod sarif;
mod shape;

use crate::run::Diagnostic;
use std::fmt;

/// Longer reports are refused, in bytes.
const LONGEST: usize = 256 << 20;

/// What form a report has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Records of fields and sections, as Coverity's are told.
    Coverity,
    /// SARIF 2.1.0.
    Sarif,
    /// What gcc prints with `-fdiagnostics-format=json`.
    GccJson,
    /// Lines of gcc, clang, sparse, smatch, coccicheck, checkpatch or kernel-doc, among others.
    Log,
}

impl Format {
    /// The form that a report seems to have.
    pub fn of(text: &[u8]) -> Self {
        let start = text.trim_ascii_start();
        let records = text.split(|c| *c == b'\n').take(200).any(|line| line.starts_with(b"CID:"));
        match start.first() {
            // A log may begin with a bracket.
            Some(b'{') => Self::Sarif,
            Some(b'[') if matches!(start.get(1..).map(<[u8]>::trim_ascii_start), Some([b'{' | b']', ..])) => {
                Self::GccJson
            }
            _ if records => Self::Coverity,
            _ => Self::Log,
        }
    }
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line it begins in, or is wrong in, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Problem {
    /// Of a line, from 1.
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages, in the order of the report.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// There is text, and none of it was like a message of any tool that is known.
    pub understood_nothing: bool,
}

impl Report {
    /// Adds a record, or what is wrong with it.
    fn take(&mut self, record: Result<Diagnostic, Problem>) {
        match record {
            Ok(diagnostic) => self.diagnostics.push(diagnostic),
            Err(problem) => self.problems.push(problem),
        }
    }
}

/// Reads a report.
pub fn read(text: &[u8], format: Format) -> Report {
    if text.len() > LONGEST {
        let problems = vec![Problem::new(1, format!("the report is longer than {} MB", LONGEST >> 20))];
        return Report { problems, ..Report::default() };
    }
    match format {
        Format::Coverity => coverity::read(text),
        Format::Sarif => sarif::read(text),
        Format::GccJson => gcc_json::read(text),
        Format::Log => log::read(text),
    }
}

#[cfg(test)]
mod tests;
