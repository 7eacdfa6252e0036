//! Metavariables: what a rule leaves open, and what may stand there.

use super::term::{TermId, Terms};

/// What a metavariable stands for. It matches nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetavariableKind {
    /// Any term: spdiff's formal language, and what no other kind says.
    #[default]
    Any,
    /// An expression.
    Expression,
    /// Any number of arguments, none included.
    ExpressionList,
    /// One word that names something: variable, field, type tag, label.
    Identifier,
    /// A literal, or a word in capitals.
    Constant,
    /// A type.
    Type,
    /// One statement, declarations excepted.
    Statement,
    /// Any number of statements or other elements of a list.
    List,
    /// The name of a function that the text defines.
    Function,
    /// A declaration.
    Declaration,
    /// What stands behind `=` in an initialiser, or an element of one.
    Initialiser,
    /// The parameters of a function.
    Parameters,
}

impl MetavariableKind {
    /// Whether it stands for any number of elements of a list.
    pub fn is_list(self) -> bool {
        matches!(self, Self::ExpressionList | Self::List)
    }

    /// As SmPL declares it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Any | Self::Expression => "expression",
            Self::ExpressionList => "expression list",
            Self::Identifier | Self::Function => "identifier",
            Self::Constant => "constant",
            Self::Type => "type",
            Self::Statement => "statement",
            Self::List => "statement list",
            Self::Declaration => "declaration",
            Self::Initialiser => "initializer",
            Self::Parameters => "parameter list",
        }
    }

    /// Whether a term of this kind (of the grammar) is such a thing.
    pub fn admits(self, terms: &Terms, term: TermId) -> bool {
        let kind = terms.kind(term);
        match self {
            Self::Any | Self::List => true,
            Self::Expression | Self::ExpressionList => is_expression(kind),
            Self::Identifier | Self::Function => kind.ends_with("identifier"),
            Self::Constant => is_constant(terms, term),
            Self::Type => is_type(kind) || kind == "type_descriptor",
            Self::Statement => kind.ends_with("_statement"),
            Self::Declaration => kind == "declaration" || kind == "field_declaration",
            Self::Initialiser => is_expression(kind) || kind.starts_with("initializer"),
            Self::Parameters => kind == "parameter_list",
        }
    }

    /// The narrowest kind that admits all of the terms.
    pub fn of(terms: &Terms, all: &[TermId]) -> Self {
        let order = [Self::Identifier, Self::Expression, Self::Type, Self::Declaration, Self::Statement];
        let wider = [Self::Initialiser, Self::Parameters];
        let fits = |kind: &Self| all.iter().all(|term| kind.admits(terms, *term));
        order.into_iter().chain(wider).find(fits).unwrap_or(Self::Any)
    }
}

/// A metavariable of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Metavariable {
    /// As it is written: `X0`.
    pub name: String,
    /// What it stands for.
    pub kind: MetavariableKind,
    /// The declared type that it must have, as `Types` writes it: `struct sk_buff *`.
    pub typed: Option<Vec<u8>>,
    /// Bound by an earlier rule of the book: that rule's name and the metavariable's name there.
    pub inherited: Option<(String, String)>,
    /// The only words it may be, if any are named: SmPL's `identifier x = {a, b};`.
    pub only: Vec<Vec<u8>>,
    /// Words it may not be: SmPL's `identifier x != y;`. Of a list: kinds of the grammar that must not be in it
    /// (`return_statement`), SmPL's `... when != return e;`.
    pub except: Vec<Vec<u8>>,
    /// Of a list: metavariables of the rule that stand before it and whose values must not be in it, SmPL's `... when != x`.
    pub without: Vec<u32>,
}

impl Metavariable {
    /// One with nothing but a name and a kind.
    pub fn new(name: &str, kind: MetavariableKind) -> Self {
        Self { name: name.to_owned(), kind, ..Self::default() }
    }

    /// An expression with a declared type.
    pub fn typed(name: &str, of_type: &[u8]) -> Self {
        Self { typed: Some(of_type.to_vec()), ..Self::new(name, MetavariableKind::Expression) }
    }
}

/// Whether the grammar's kind is that of an expression.
pub fn is_expression(kind: &str) -> bool {
    const OTHERS: &[&str] = &[
        "identifier",
        "number_literal",
        "string_literal",
        "char_literal",
        "concatenated_string",
        "null",
        "true",
        "false",
    ];
    kind.ends_with("_expression") || OTHERS.contains(&kind)
}

/// Literals and words in capitals.
fn is_constant(terms: &Terms, term: TermId) -> bool {
    let is_capital = |c: &u8| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'_';
    match terms.kind(term) {
        "identifier" => terms.leaf(term).is_some_and(|word| word.iter().all(is_capital)),
        kind => kind.ends_with("_literal") || matches!(kind, "null" | "true" | "false" | "concatenated_string"),
    }
}

/// Whether a kind is that of a type at the beginning of a declaration.
pub fn is_type(kind: &str) -> bool {
    matches!(
        kind,
        "type_identifier"
            | "primitive_type"
            | "sized_type_specifier"
            | "struct_specifier"
            | "union_specifier"
            | "enum_specifier"
    )
}
