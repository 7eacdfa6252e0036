//! Why a match is left as it is.

/// Why a match is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The grammar gave up within it, a conditional runs through it, or it is too long.
    Unclear,
    /// A value that does something would be evaluated more often than before, or less often.
    Evaluation,
    /// It is written to, or its address is taken, and what would take its place cannot be written to.
    Lvalue,
    /// A comment stands beside what would go or change: what it is about nobody knows.
    Comment,
}

impl Refusal {
    /// In a few words, behind a colon.
    pub fn said(self) -> &'static str {
        match self {
            Self::Unclear => "it could not be read well enough to rewrite it",
            Self::Evaluation => "an argument that does something would be evaluated more often, or less often",
            Self::Lvalue => "something is written to, or has its address taken, that would be no variable any more",
            Self::Comment => "a comment stands beside what would go",
        }
    }
}
