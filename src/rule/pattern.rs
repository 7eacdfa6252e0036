//! Patterns: terms with metavariables, as values that stand by themselves (an arena belongs to one text; a rule to none).
//!
//! In: a fragment of C and the names of its metavariables, or a term. Out: a [`Pattern`], which any arena takes in
//! (`Pattern::intern`) and which can be written again (`print`).
//!
//! ```text
//! class_create(THIS_MODULE, X)      X: expression
//! call_expression [ identifier class_create, argument_list [ identifier THIS_MODULE, Meta 0 ] ]
//! ```

use super::form::Form;
use super::metavariable::{Metavariable, MetavariableKind};
use super::print;
use super::term::{Head, MAX_DEPTH, NOTHING, TermId, Terms};
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

impl Pattern {
    /// A word of a kind: an `identifier`, a `type_identifier`.
    pub fn leaf(kind: &'static str, word: &[u8]) -> Self {
        Self::Node { kind, word: word.into(), children: Vec::new() }
    }

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

    /// The names that it calls, in order, as often as it does.
    pub fn calls(&self) -> Vec<&[u8]> {
        let mut found = Vec::new();
        self.add_calls(&mut found);
        found
    }

    fn add_calls<'p>(&'p self, found: &mut Vec<&'p [u8]>) {
        let (Self::Node { children, .. } | Self::MetaHead(_, children)) = self else { return };
        if let (Self::Node { kind: "call_expression", .. }, Some(Self::Node { kind: "identifier", word, .. })) =
            (self, children.first())
        {
            found.push(word);
        }
        children.iter().for_each(|child| child.add_calls(found));
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
