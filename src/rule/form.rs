//! What a fragment of C is read as: the parser wants whole texts, a rule has pieces of them.

/// What a fragment is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A top-level item.
    Item,
    /// A statement or local declaration.
    Statement,
    /// An expression.
    Expression,
    /// An element of an initialiser: `.probe = f`.
    Initialiser,
    /// A member of a struct.
    Field,
    /// A parameter.
    Parameter,
    /// A type.
    Type,
}

impl Form {
    /// All forms, those that most fragments have first.
    pub const ALL: [Self; 7] =
        [Self::Expression, Self::Statement, Self::Initialiser, Self::Type, Self::Parameter, Self::Field, Self::Item];

    /// What makes a whole text of a fragment.
    pub fn surroundings(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Item => (b"", b"\n"),
            Self::Statement => (b"void f(void)\n{\n", b"\n}\n"),
            Self::Expression => (b"void f(void)\n{\nv = ", b";\n}\n"),
            Self::Initialiser => (b"struct s v = {\n", b"\n};\n"),
            Self::Field => (b"struct s {\n", b"\n};\n"),
            Self::Parameter => (b"void f(", b");\n"),
            Self::Type => (b"int v = sizeof(", b");\n"),
        }
    }
}
