//! Statements with a place that a person can check.

use serde::{Deserialize, Serialize};

/// What was seen at a line of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The line, from 1.
    pub line: usize,
    /// One sentence without a full stop.
    pub said: String,
}

impl Remark {
    /// A statement about a line, from 1.
    pub fn new(line: usize, said: impl Into<String>) -> Self {
        Self { line, said: said.into() }
    }
}

/// What was seen, and where to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// One sentence without a full stop.
    pub statement: String,
    /// `path:lines` or a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Evidence {
    /// A statement about the commit as a whole.
    pub fn new(statement: impl Into<String>) -> Self {
        Self { statement: statement.into(), place: None }
    }

    /// Says where to look.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}
