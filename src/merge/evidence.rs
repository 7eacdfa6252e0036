//! Statements with a place that a person can check.

use serde::{Deserialize, Serialize};

/// What a doubt is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// What the text says, or in what order: the patch itself may have to change.
    #[default]
    Text,
    /// Only that the patch's lines went with lines whose neighbours are others now: how sure one can be of the file says whether a
    /// person must look.
    Place,
}

/// What speaks against taking what a method proposes without a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What it is about.
    pub about: About,
    /// One sentence without a full stop.
    pub said: String,
}

impl Doubt {
    /// About where the patch's lines stand.
    pub fn of_place(said: impl Into<String>) -> Self {
        Self { about: About::Place, said: said.into() }
    }
}

impl<S: Into<String>> From<S> for Doubt {
    fn from(said: S) -> Self {
        Self { about: About::Text, said: said.into() }
    }
}

impl PartialEq<&str> for Doubt {
    fn eq(&self, said: &&str) -> bool {
        self.said == *said
    }
}

/// What was seen at a line of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The line, from 1.
    pub line: usize,
    /// What it is about, where it is a doubt.
    pub about: About,
    /// One sentence without a full stop.
    pub said: String,
}

impl Remark {
    /// A statement about a line, from 1.
    pub fn new(line: usize, said: impl Into<String>) -> Self {
        Self { line, about: About::Text, said: said.into() }
    }

    /// A doubt about a line, from 1.
    pub fn of(line: usize, doubt: Doubt) -> Self {
        Self { line, about: doubt.about, said: doubt.said }
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
