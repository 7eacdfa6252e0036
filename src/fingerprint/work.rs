//! The notes on a statement while it is being read: how far it is, and what its tokens look like so far.
//!
//! In: its tokens, one by one, from the builder. Out: [`Work`], small enough to be put away and taken up again at a conditional.

/// What stands between braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// Nothing is known: the text itself.
    Top,
    /// Statements.
    Block,
    /// Members of a struct or union.
    Record,
    /// Members of an enum.
    Enumeration,
    /// Entries of an initialiser.
    Initialiser,
}

/// How far a statement has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// To its `;`.
    Plain,
    /// To the `)` of `if (...)`.
    Head,
    /// To the `:` of `case`.
    Label,
    /// To the statement or braces that are its body.
    Body,
    /// To the `while` of `do`.
    DoWhile,
}

/// What the tokens of a statement look like so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No token yet.
    Empty,
    /// One word.
    Word,
    /// `word (...`.
    Call,
    /// `word (...)`.
    Called,
    /// Anything else.
    Other,
}

/// The notes on the statement that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// How far it is.
    pub phase: Phase,
    /// What it looks like.
    pub shape: Shape,
    /// Open `(` and `[`.
    pub parens: u32,
    /// Open `{` that are no scope, because they stand in parentheses or close on their line.
    pub braces: u32,
    /// `?` without their `:`.
    pub ternaries: u32,
    /// It began with `do`.
    pub is_do: bool,
    /// It began with `return`, or a `=` was seen outside of brackets.
    pub is_value: bool,
    /// A call or parameter list was seen outside of brackets.
    pub is_call: bool,
    /// `struct`, `union` or `enum` was seen: what its braces would hold.
    pub record: Option<Inside>,
    /// Index of its first token.
    pub first: u32,
    /// Index of its last token.
    pub last: u32,
}

impl Work {
    /// The notes on a statement that begins with this token.
    pub fn new(first: u32) -> Self {
        Self {
            phase: Phase::Plain,
            shape: Shape::Empty,
            parens: 0,
            braces: 0,
            ternaries: 0,
            is_do: false,
            is_value: false,
            is_call: false,
            record: None,
            first,
            last: first,
        }
    }

    /// Whether no bracket is open.
    pub fn is_level(&self) -> bool {
        self.parens == 0 && self.braces == 0
    }
}
