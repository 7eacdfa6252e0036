//! How abstract a rule may be (Spinfer, section 3.4). The levels go from abstract to specific; which one is right, the corpus decides.
//!
//! ```text
//!   Shaped          metavariables where the *groups* differ: also matches what these instances do not show
//!   ShapedStrict    and no other `return` on the way
//!   Anchored        only in functions whose name is put into the same field of a table: `.remove = F`
//!   Own             metavariables only where *these instances* differ
//!   OwnStrict       both
//! ```

/// How abstract a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As abstract as the groups.
    Shaped,
    /// The same, with no other `return` on the way.
    ShapedStrict,
    /// As abstract as the groups, in functions whose name is put into the same field of a table.
    Anchored,
    /// The same, with no other `return` on the way.
    AnchoredStrict,
    /// As abstract as the instances.
    Own,
    /// The same, with no other `return` on the way.
    OwnStrict,
}

impl Level {
    /// From abstract to specific.
    pub const ALL: [Self; 6] =
        [Self::Shaped, Self::ShapedStrict, Self::Anchored, Self::AnchoredStrict, Self::Own, Self::OwnStrict];

    /// The next more specific one.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level > self)
    }

    /// The same with no other `return` on the way.
    pub fn strict(self) -> Option<Self> {
        match self {
            Self::Shaped => Some(Self::ShapedStrict),
            Self::Anchored => Some(Self::AnchoredStrict),
            Self::Own => Some(Self::OwnStrict),
            _ => None,
        }
    }

    /// Whether other returns end the way.
    pub(super) fn is_strict(self) -> bool {
        matches!(self, Self::ShapedStrict | Self::AnchoredStrict | Self::OwnStrict)
    }

    /// Whether groups' shapes are used.
    pub(super) fn is_shaped(self) -> bool {
        self <= Self::AnchoredStrict
    }

    /// Whether the function's name must be put where the examples' names are.
    pub fn is_anchored(self) -> bool {
        matches!(self, Self::Anchored | Self::AnchoredStrict)
    }
}

/// Whether dots may pass an assignment to what a metavariable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignments {
    /// They end the way.
    Forbidden,
    /// The examples have them.
    Allowed,
}
