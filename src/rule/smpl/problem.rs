//! Why a semantic patch cannot be read.

use std::fmt;

/// What cannot be read, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Problem {
    /// A problem on a line.
    pub fn new(line: usize, what: &str) -> Self {
        Self { line, what: what.to_owned() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.what)
    }
}
