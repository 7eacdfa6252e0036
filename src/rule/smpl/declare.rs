//! The metavariables that a rule declares, as values: what each stands for, what it must be, and what it must not be.

/// What a metavariable stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An expression, of a type if one is told.
    Expression(Option<Wanted>),
    /// A local variable, of a type if one is told.
    Local(Option<Wanted>),
    /// A name that is an expression.
    Name(Option<Wanted>),
    /// Any number of arguments.
    ExpressionList,
    /// One word.
    Identifier,
    /// A literal or a word in capitals.
    Constant,
    /// A type.
    Type,
    /// A statement.
    Statement,
    /// Statements.
    StatementList,
    /// The name of a function that is defined in the file.
    Function,
    /// A parameter.
    Parameter,
    /// The parameters of a function.
    ParameterList,
    /// A declaration.
    Declaration,
    /// What stands behind `=`.
    Initialiser,
    /// Elements of an initialiser.
    InitialiserList,
    /// A member of a struct.
    Field,
    /// Members of a struct.
    FieldList,
    /// Where something stands.
    Position,
    /// The name of a macro that is a loop.
    Iterator,
    /// The name of a macro that declares something.
    Declarer,
    /// An operator of two operands.
    Binary,
    /// An operator that assigns.
    Assignment,
    /// A word as it is written: `symbol`, `typedef`, `iterator name`, `declarer name`.
    Word,
}

/// The type that an expression must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `struct sk_buff`, `unsigned long`, or the name of a metavariable; empty if any will do; several with `|` between them.
    pub base: Vec<u8>,
    /// Stars behind it.
    pub stars: usize,
    /// Whether it is an array of that.
    pub array: bool,
}

/// A word or position that a metavariable must be, or must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// One of these words, if any are named.
    pub only: Vec<Vec<u8>>,
    /// None of these words.
    pub except: Vec<Vec<u8>>,
    /// None of what these were bound to: rule and metavariable.
    pub except_bound: Vec<(String, String)>,
    /// Its text matches this.
    pub matching: Option<String>,
    /// Its text does not match this.
    pub unlike: Option<String>,
    /// It is part of what this was bound to: `expression x <= r.y`.
    pub part_of: Option<(String, String)>,
}

/// A metavariable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// As the body writes it.
    pub name: String,
    /// What it stands for.
    pub sort: Sort,
    /// The rule that bound it, and its name there.
    pub inherited: Option<(String, String)>,
    /// What it must be or must not be.
    pub limits: Limits,
    /// Its line.
    pub line: usize,
}
