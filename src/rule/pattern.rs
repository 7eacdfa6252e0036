//! Patterns: terms with metavariables, as values that stand by themselves (an arena belongs to one text; a rule to none).
//!
//! In: a fragment of C and the names of its metavariables, or a term. Out: a [`Pattern`], which any arena takes in
//! (`Pattern::intern`) and which can be written again (`print`).
//!
//! ```text
//! class_create(THIS_MODULE, X)      X: expression
//! call_expression [ identifier class_create, argument_list [ identifier THIS_MODULE, Meta 0 ] ]
//! ```

use super::print;
use super::term::{Head, MAX_DEPTH, TermId, Terms};
use super::tree::Tree;

/// A term that may have metavariables. No deeper than `MAX_DEPTH`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Nothing: the other half of a pure removal or addition of a list's element.
    Nothing,
    /// Anything, not remembered; in a list any number of elements: `f(..., X, ...)`, the body behind a header.
    Dots,
    /// A metavariable, by its place in the rule's list.
    Meta(u32),
    /// A node whose head is a metavariable (spdiff's `Meta(p+)`; not used for C, where callees and fields are children).
    MetaHead(u32, Vec<Self>),
    /// A node.
    Node {
        /// The grammar's name: `call_expression`.
        kind: &'static str,
        /// Text of a leaf, template of a node, empty for a list: see `term::Head`.
        word: Box<[u8]>,
        /// In order.
        children: Vec<Self>,
    },
}

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
            Self::Type => super::typing::is_type(kind) || kind == "type_descriptor",
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

impl Pattern {
    /// Reads a fragment; words that are names of metavariables become these. `...` as an argument stands for any arguments.
    pub fn parse(text: &str, form: Form, metas: &[Metavariable]) -> Option<Self> {
        let mut terms = Terms::new();
        let shown = text.replace("...", "KMIGRATE_DOTS");
        let tree = Tree::read_as(&mut terms, shown.as_bytes(), form)?;
        Some(Self::of(&terms, tree.root()?)?.named(metas))
    }

    /// Words that are names of metavariables become these.
    fn named(self, metas: &[Metavariable]) -> Self {
        let Self::Node { kind, word, children } = self else { return self };
        let number = |word: &[u8]| metas.iter().position(|meta| meta.name.as_bytes() == word);
        if children.is_empty() && kind.ends_with("identifier") {
            if &*word == b"KMIGRATE_DOTS" {
                return Self::Dots;
            }
            if let Some(found) = number(&word).and_then(|at| u32::try_from(at).ok()) {
                return Self::Meta(found);
            }
        }
        let mut children: Vec<Self> = children.into_iter().map(|child| child.named(metas)).collect();
        let is = |number: u32, kind| metas.get(number as usize).is_some_and(|meta| meta.kind == kind);
        match (kind, children.first()) {
            // `S;` is the statement, `(PS)` the parameters, `T` alone the type.
            ("expression_statement", Some(Self::Meta(n))) if is(*n, MetavariableKind::Statement) => {
                children.swap_remove(0)
            }
            ("expression_statement", Some(Self::Meta(n))) if is(*n, MetavariableKind::List) => children.swap_remove(0),
            ("expression_statement", Some(Self::Dots)) => Self::Dots,
            ("parameter_declaration", Some(Self::Dots)) if children.len() == 1 => Self::Dots,
            ("parameter_declaration" | "parameter_list", Some(Self::Meta(n)))
                if children.len() == 1 && is(*n, MetavariableKind::Parameters) =>
            {
                children.swap_remove(0)
            }
            ("type_descriptor", Some(Self::Meta(_))) if children.len() == 1 => children.swap_remove(0),
            _ => Self::Node { kind, word, children },
        }
    }

    /// The pattern of a term; `None` if it is too deep.
    pub fn of(terms: &Terms, id: TermId) -> Option<Self> {
        terms.is_shallow(id).then(|| Self::copied(terms, id))
    }

    /// Copies a term that is not too deep.
    fn copied(terms: &Terms, id: TermId) -> Self {
        let children = || terms.children(id).iter().map(|child| Self::copied(terms, *child)).collect::<Vec<_>>();
        match terms.head(id) {
            Head::Dots => Self::Dots,
            Head::Meta(number) if terms.children(id).is_empty() => Self::Meta(number),
            Head::Meta(number) => Self::MetaHead(number, children()),
            Head::Known { kind: NOTHING, .. } => Self::Nothing,
            Head::Known { kind, word } => Self::Node { kind, word: terms.word(word).into(), children: children() },
        }
    }

    /// The pattern as a term of an arena.
    pub fn intern(&self, terms: &mut Terms) -> TermId {
        self.intern_within(terms, MAX_DEPTH)
    }

    /// As `intern`; below the given depth dots stand for what is there (nothing that is built here goes so deep).
    fn intern_within(&self, terms: &mut Terms, depth: u16) -> TermId {
        let Some(depth) = depth.checked_sub(1) else { return terms.node(Head::Dots, &[]) };
        let mut all =
            |children: &[Self]| children.iter().map(|c| c.intern_within(terms, depth)).collect::<Vec<TermId>>();
        match self {
            Self::Nothing => terms.known(NOTHING, b"", &[]),
            Self::Dots => terms.node(Head::Dots, &[]),
            Self::Meta(number) => terms.meta(*number),
            Self::MetaHead(number, children) => {
                let children = all(children);
                terms.node(Head::Meta(*number), &children)
            }
            Self::Node { kind, word, children } => {
                let children = all(children);
                terms.known(kind, word, &children)
            }
        }
    }

    /// The pattern with all metavariables counted from `by` on.
    pub fn shifted(self, by: u32) -> Self {
        let all = |children: Vec<Self>| children.into_iter().map(|child| child.shifted(by)).collect();
        match self {
            Self::Meta(number) => Self::Meta(number + by),
            Self::MetaHead(number, children) => Self::MetaHead(number + by, all(children)),
            Self::Node { kind, word, children } => Self::Node { kind, word, children: all(children) },
            other => other,
        }
    }

    /// Written out on one line, metavariables by name.
    pub fn text(&self, metas: &[Metavariable]) -> String {
        let mut terms = Terms::new();
        let id = self.intern(&mut terms);
        print::text(&terms, id, metas)
    }

    /// The metavariables in it, in order of their first occurrence.
    pub fn metas(&self) -> Vec<u32> {
        let mut terms = Terms::new();
        let id = self.intern(&mut terms);
        terms.metas(id)
    }

    /// The words of its leaves, in order of their first occurrence.
    pub fn words(&self) -> Vec<Box<[u8]>> {
        let mut terms = Terms::new();
        let id = self.intern(&mut terms);
        terms.subterms(id).into_iter().filter_map(|part| terms.leaf(part).map(Into::into)).collect()
    }
}

/// The kind of the term that stands for nothing.
pub const NOTHING: &str = "nothing";

#[cfg(test)]
mod tests {
    use super::*;
    use MetavariableKind::*;

    #[test]
    fn a_fragment_of_each_form_is_read_and_written_again() {
        let metas =
            [Metavariable::new("X", Expression), Metavariable::new("F", Identifier), Metavariable::new("S", Statement)];
        for (form, text) in [
            (Form::Expression, "class_create(THIS_MODULE, X)"),
            (Form::Expression, "X->F.base + sizeof(struct s)"),
            (Form::Expression, "f(..., X)"),
            (Form::Expression, "!X || *X == (u8)X[1]"),
            (Form::Statement, "return X + 1;"),
            (Form::Statement, "if (X) S"),
            (Form::Statement, "struct list_head F = LIST_HEAD_INIT(F);"),
            (Form::Statement, "for (X = 0; X < 3; X++) { F(); }"),
            (Form::Initialiser, ".probe = X"),
            (Form::Field, "struct page *F;"),
            (Form::Parameter, "struct user_namespace *F"),
            (Form::Type, "struct user_namespace *"),
            (Form::Item, "int f(struct s *p);"),
        ] {
            let shown = text.replace(" S", " S;");
            let pattern = Pattern::parse(&shown, form, &metas).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(pattern.text(&metas), text);
        }
    }

    #[test]
    fn metavariables_stand_in_every_position_and_dots_bind_nothing() {
        let metas = [Metavariable::new("X", Expression), Metavariable::new("T", Identifier)];
        let pattern =
            Pattern::parse("X(X->T, sizeof(struct T), ..., X)", Form::Expression, &metas).expect("an expression");
        assert_eq!(pattern.metas(), [0, 1]);
        assert!(pattern.words().is_empty());
    }

    #[test]
    fn what_is_no_fragment_of_the_form_is_refused() {
        assert_eq!(Pattern::parse("a; b;", Form::Expression, &[]), None);
        assert_eq!(Pattern::parse("", Form::Statement, &[]), None);
        assert_eq!(Pattern::parse(&"(".repeat(5000), Form::Expression, &[]), None);
    }
}
