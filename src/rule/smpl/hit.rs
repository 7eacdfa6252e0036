//! What is known of a match: what the metavariables stand for, and which tokens of the file the body's are.

use std::rc::Rc;

/// What a metavariable stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    /// Its tokens with one space between them; of a position its offset in the file. Equal values have equal ones.
    pub key: Vec<u8>,
    /// As it stands in the file.
    pub bytes: Vec<u8>,
}

/// A token of the body and what it is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The token of the body.
    pub token: usize,
    /// The file's tokens; an empty range lies before the first of its numbers.
    pub from: u32,
    /// One past the last.
    pub to: u32,
}

/// Values and spots of one match, or of one occurrence within a nest.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// By metavariable.
    pub bound: Vec<Option<Rc<Value>>>,
    /// What changes.
    pub spots: Vec<Spot>,
}

/// How far a match has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// The match itself.
    pub hit: Hit,
    /// What was found within nests.
    pub nested: Vec<Rc<Hit>>,
}
