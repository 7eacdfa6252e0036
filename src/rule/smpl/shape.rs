//! What a sequence of SmPL is as C: a tree, and for each place and token of it what it stands for.

use crate::rule::tree::Tree;

/// Where a sequence stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It is a rule's whole body.
    Top,
    /// Among statements.
    Statements,
    /// Within an expression.
    Expression,
    /// What it is shows only in itself.
    #[default]
    Any,
}

/// What a sequence turned out to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum What {
    /// Nothing at all.
    #[default]
    Empty,
    /// One expression (or type, or name).
    Expression,
    /// Statements.
    Statements,
    /// Items of a file.
    Items,
    /// An `#include` line.
    Include,
}

/// A sequence as C.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Its places.
    pub tree: Tree,
    /// By token of the tree: the token of the body, if it is written there.
    pub tokens: Vec<Option<usize>>,
    /// What it is.
    pub what: What,
    /// The places of its statements or items, or of the expression.
    pub roots: Vec<usize>,
    /// In which role each of its slots stands.
    pub roles: Vec<(usize, Role)>,
    /// By place: what a leaf stands for, if not for itself.
    pub leaves: Vec<Leaf>,
    /// By place: whether anything in it needs to be looked at one by one: metavariables, slots, marks, positions.
    pub open: Vec<bool>,
}

/// What a place of a pattern stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leaf {
    /// Itself.
    #[default]
    Plain,
    /// A slot.
    Slot(usize),
    /// A metavariable.
    Meta(usize),
}
