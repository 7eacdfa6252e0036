//! A rule of SmPL, ready to be matched.

use super::body::{BodyToken, Part, Slot};
use super::declare::Declared;
use super::header::{Header, Paths};
use super::shape::Shape;

/// A sequence: its parts, and what they are as C.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// Tokens and slots.
    pub parts: Vec<Part>,
    /// As C; empty for a sequence without parts.
    pub shape: Shape,
}

/// A rule, ready to be matched.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Name, dependencies.
    pub header: Header,
    /// Metavariables; positions in the body's tokens are by their index.
    pub metas: Vec<Declared>,
    /// Regular expressions of metavariables, by index.
    pub patterns: Vec<(Option<regex::bytes::Regex>, Option<regex::bytes::Regex>)>,
    /// The old code.
    pub body: Vec<BodyToken>,
    /// By the number in the parts.
    pub slots: Vec<Slot>,
    /// By slot: the token that opens it.
    pub openings: Vec<usize>,
    /// The whole body is the last one.
    pub sequences: Vec<Sequence>,
    /// Words that a text must have, or nothing matches: of each list one.
    pub words: Vec<Vec<Vec<u8>>>,
    /// The line of its header.
    pub line: usize,
    /// Whether it asks for types, which other items of the file tell.
    pub typed: bool,
}

impl Compiled {
    /// The sequence of the whole body.
    pub fn root(&self) -> Option<&Sequence> {
        self.sequences.last()
    }

    /// Over how many ways a path must hold.
    pub fn paths(&self) -> Paths {
        self.header.paths
    }

    /// Whether it changes anything.
    pub fn changes(&self) -> bool {
        self.body.iter().any(BodyToken::changes)
    }
}
