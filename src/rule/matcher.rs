//! The one matcher: finding and rewriting ask the same question.
//!
//! In: a pattern and a term of one arena, what the metavariables are, and the types that the text declares. Out: what each
//! metavariable stands for, or `None`. A metavariable that occurs again must stand for the same term (spdiff, section 3); with
//! hash-consing that is comparing two numbers. A closed part of a pattern is compared as a whole.

use super::metavariable::Metavariable;
use super::term::{Head, TermId, Terms};
use super::tree::Tree;
use super::typing::Types;

/// What a metavariable stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A term.
    Term(TermId),
    /// The elements of a list that it covers.
    List(Vec<TermId>),
    /// Only the head of a node.
    Head(Head),
}

/// What each metavariable stands for, by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    bound: Vec<Option<Binding>>,
}

impl Bindings {
    /// What a metavariable stands for.
    pub fn get(&self, number: u32) -> Option<&Binding> {
        self.bound.get(number as usize)?.as_ref()
    }

    /// The term that a metavariable stands for.
    pub fn term(&self, number: u32) -> Option<TermId> {
        match self.get(number)? {
            Binding::Term(term) => Some(*term),
            _ => None,
        }
    }

    /// Binds a metavariable, or compares with what it is bound to.
    pub fn bind(&mut self, number: u32, value: Binding) -> bool {
        let at = number as usize;
        if self.bound.len() <= at {
            self.bound.resize(at + 1, None);
        }
        match &mut self.bound[at] {
            Some(known) => *known == value,
            free => {
                *free = Some(value);
                true
            }
        }
    }

    /// The pattern with everything bound put in; metavariables that are not bound stay.
    pub fn fill(&self, terms: &mut Terms, pattern: TermId) -> TermId {
        if !terms.is_open(pattern) || !terms.is_shallow(pattern) {
            return pattern;
        }
        let mut children = Vec::new();
        for child in terms.children(pattern).to_vec() {
            match terms.head(child) {
                Head::Meta(n) if terms.children(child).is_empty() => match self.get(n) {
                    Some(Binding::List(all)) => children.extend_from_slice(all),
                    Some(Binding::Term(term)) => children.push(*term),
                    _ => children.push(child),
                },
                _ => children.push(self.fill(terms, child)),
            }
        }
        match terms.head(pattern) {
            Head::Meta(n) => match self.get(n) {
                Some(Binding::Head(head)) => terms.node(*head, &children),
                Some(Binding::Term(term)) if children.is_empty() => *term,
                _ => terms.node(Head::Meta(n), &children),
            },
            head => terms.node(head, &children),
        }
    }
}

/// What the matcher looks with.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// The arena of pattern and term.
    pub terms: &'a Terms,
    /// The rule's metavariables; one that is not listed stands for anything.
    pub metas: &'a [Metavariable],
    /// The types that the text declares.
    pub types: &'a Types,
}

/// Where a metavariable's value stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The metavariable.
    pub meta: u32,
    /// Its first token and one past its last, as indexes of the tree's tokens; equal for an empty list.
    pub tokens: (u32, u32),
}

/// A match in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What each metavariable stands for.
    pub bindings: Bindings,
    /// Where, in the order of the text; a repeated metavariable once for every occurrence.
    pub spots: Vec<Spot>,
}

/// What the metavariables must stand for so that `pattern` is `term`.
pub fn matches(sight: Sight<'_>, pattern: TermId, term: TermId) -> Option<Bindings> {
    let mut work = Matching { sight, tree: None, found: Found::default(), steps: 0 };
    work.unify(pattern, term, 0).then_some(work.found.bindings)
}

/// As `matches`, for the term at a place: also where each value stands. `bound` holds what is bound already.
pub fn matches_at(sight: Sight<'_>, pattern: TermId, (tree, at): (&Tree, usize), bound: Bindings) -> Option<Found> {
    let term = tree.places().get(at)?.term;
    let found = Found { bindings: bound, spots: Vec::new() };
    let mut work = Matching { sight, tree: Some(tree), found, steps: 0 };
    work.unify(pattern, term, at).then_some(work.found)
}

/// Lists with several list metavariables are tried again and again: no more often than this, in steps of one node each.
const MOST_STEPS: u32 = 100_000;

/// The work of one match.
struct Matching<'a> {
    sight: Sight<'a>,
    tree: Option<&'a Tree>,
    found: Found,
    steps: u32,
}

impl Matching<'_> {
    /// Whether `pattern` is `term`, which stands at place `at` if there is a tree. Goes as deep as the pattern.
    fn unify(&mut self, pattern: TermId, term: TermId, at: usize) -> bool {
        let terms = self.sight.terms;
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return false;
        }
        if !terms.is_open(pattern) {
            return pattern == term;
        }
        let parts = terms.children(pattern);
        match terms.head(pattern) {
            Head::Dots => true,
            Head::Meta(number) if parts.is_empty() => self.bind(number, term, at),
            Head::Meta(number) => {
                let values = terms.children(term);
                parts.len() == values.len()
                    && self.found.bindings.bind(number, Binding::Head(terms.head(term)))
                    && self.children(parts, term, at)
            }
            head => head == terms.head(term) && terms.is_shallow(pattern) && self.children(parts, term, at),
        }
    }

    /// Whether the parts are the children of `term`.
    fn children(&mut self, parts: &[TermId], term: TermId, at: usize) -> bool {
        let values = self.sight.terms.children(term);
        let places: Vec<usize> = self.tree.map(|tree| tree.children(at).collect()).unwrap_or_default();
        let place = |n: usize| places.get(n).copied().unwrap_or(0);
        let is_list = super::template::list_style(self.sight.terms.kind(term)).is_some();
        if is_list && parts.iter().any(|part| self.is_run(*part)) {
            let values: Vec<(TermId, usize)> = values.iter().enumerate().map(|(n, v)| (*v, place(n))).collect();
            return self.run(parts, &values, at);
        }
        parts.len() == values.len()
            && parts.iter().zip(values).enumerate().all(|(n, (part, value))| self.unify(*part, *value, place(n)))
    }

    /// Whether a part of a list's pattern stands for any number of elements.
    fn is_run(&self, part: TermId) -> bool {
        match self.sight.terms.head(part) {
            Head::Dots => true,
            Head::Meta(number) => self.kind(number).is_some_and(|meta| meta.kind.is_list()),
            Head::Known { .. } => false,
        }
    }

    /// A metavariable's declaration.
    fn kind(&self, number: u32) -> Option<&Metavariable> {
        self.sight.metas.get(number as usize)
    }

    /// Matches the elements of a list, trying short runs first.
    fn run(&mut self, parts: &[TermId], values: &[(TermId, usize)], list: usize) -> bool {
        let Some((part, rest)) = parts.split_first() else { return values.is_empty() };
        if !self.is_run(*part) {
            let Some((value, others)) = values.split_first() else { return false };
            return self.unify(*part, value.0, value.1) && self.run(rest, others, list);
        }
        let fixed = rest.iter().filter(|part| !self.is_run(**part)).count();
        let Some(most) = values.len().checked_sub(fixed) else { return false };
        let least = if rest.iter().any(|part| self.is_run(*part)) { 0 } else { most };
        for count in least..=most {
            let before = self.found.clone();
            if self.cover(*part, &values[..count], list) && self.run(rest, &values[count..], list) {
                return true;
            }
            self.found = before;
        }
        false
    }

    /// Lets a list metavariable or dots stand for these elements.
    fn cover(&mut self, part: TermId, values: &[(TermId, usize)], list: usize) -> bool {
        let Head::Meta(number) = self.sight.terms.head(part) else { return true };
        let Some(meta) = self.kind(number) else { return false };
        let terms = self.sight.terms;
        let without: Vec<TermId> = meta.without.iter().filter_map(|n| self.found.bindings.term(*n)).collect();
        let is_barred = |id| without.contains(&id) || meta.except.iter().any(|word| word == terms.kind(id).as_bytes());
        let is_open = without.is_empty() && meta.except.is_empty();
        let is_free = |value: TermId| is_open || !terms.any(value, &mut |id| is_barred(id));
        let admits = |value: TermId| meta.kind.admits(terms, value) && is_free(value);
        if !values.iter().all(|(value, _)| admits(*value)) {
            return false;
        }
        if let Some(tree) = self.tree {
            let tokens = |at: usize| tree.places().get(at).map_or((0, 0), |place| place.tokens);
            let empty = (tokens(list).0 + 1, tokens(list).0 + 1);
            let first = values.first().map_or(empty, |v| tokens(v.1));
            let last = values.last().map_or(empty, |v| tokens(v.1));
            self.found.spots.push(Spot { meta: number, tokens: (first.0, last.1) });
        }
        let all = values.iter().map(|(value, _)| *value).collect();
        self.found.bindings.bind(number, Binding::List(all))
    }

    /// Lets a metavariable stand for a term, if it may.
    fn bind(&mut self, number: u32, term: TermId, at: usize) -> bool {
        if !self.kind(number).is_none_or(|meta| admits(self.sight, meta, term)) {
            return false;
        }
        if let Some(place) = self.tree.and_then(|tree| tree.places().get(at)) {
            self.found.spots.push(Spot { meta: number, tokens: place.tokens });
        }
        self.found.bindings.bind(number, Binding::Term(term))
    }
}

/// Whether a metavariable may stand for a term: its kind, its words, its type.
fn admits(sight: Sight<'_>, meta: &Metavariable, term: TermId) -> bool {
    let word = sight.terms.leaf(term).unwrap_or_default();
    let is_of = |words: &[Vec<u8>]| words.iter().any(|w| w == word);
    meta.kind.admits(sight.terms, term)
        && (meta.only.is_empty() || is_of(&meta.only))
        && !is_of(&meta.except)
        && meta.typed.as_ref().is_none_or(|wanted| type_of(sight, term).as_ref() == Some(wanted))
}

/// The type of an expression as far as the text tells it: of names, and of `&`, `*` and parentheses around them.
pub fn type_of(sight: Sight<'_>, term: TermId) -> Option<Vec<u8>> {
    let inner = || sight.terms.children(term).first().and_then(|child| type_of(sight, *child));
    match (sight.terms.kind(term), sight.terms.head_word(term)) {
        ("identifier", word) => sight.types.of_name(word).map(<[u8]>::to_vec),
        _ if sight.terms.depth(term) > 8 => None,
        ("parenthesized_expression", _) => inner(),
        ("pointer_expression", b"& _") => {
            let plain = inner()?;
            let space = if plain.ends_with(b"*") { &b""[..] } else { b" " };
            Some([&plain, space, b"*"].concat())
        }
        ("pointer_expression", b"* _") => Some(inner()?.strip_suffix(b"*")?.trim_ascii_end().to_vec()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::Form;
    use super::super::formal::read as formal;
    use super::super::metavariable::MetavariableKind::*;
    use super::super::pattern::Pattern;
    use super::*;

    /// Whether a pattern of C matches an expression.
    fn fits(metas: &[Metavariable], types: &Types, pattern: &str, text: &str) -> bool {
        let mut terms = Terms::new();
        let pattern = Pattern::parse(pattern, Form::Expression, metas).expect("a pattern").intern(&mut terms);
        let term = Tree::read_as(&mut terms, text.as_bytes(), Form::Expression).and_then(|t| t.root()).expect("a term");
        matches(Sight { terms: &terms, metas, types }, pattern, term).is_some()
    }

    /// SP-01.
    #[test]
    fn a_repeated_metavariable_is_the_same_term() {
        let (mut terms, types) = (Terms::new(), Types::default());
        let pattern = formal(&mut terms, "f(X, X)");
        let (same, other) = (formal(&mut terms, "f(1, 1)"), formal(&mut terms, "f(1, 2)"));
        let sight = Sight { terms: &terms, metas: &[], types: &types };
        assert!(matches(sight, pattern, same).is_some());
        assert!(matches(sight, pattern, other).is_none());
    }

    /// SP-01.
    #[test]
    fn a_metavariable_stands_for_a_head() {
        let (mut terms, types) = (Terms::new(), Types::default());
        let pattern = formal(&mut terms, "Y(f(X), Y(2))");
        let (same, other) = (formal(&mut terms, "g(f(h(1)), g(2))"), formal(&mut terms, "g(f(1), h(2))"));
        let (sight, one) = (Sight { terms: &terms, metas: &[], types: &types }, terms.clone());
        let bindings = matches(sight, pattern, same).expect("it matches");
        let mut all = one;
        assert_eq!(bindings.fill(&mut all, pattern), same);
        assert!(matches(sight, pattern, other).is_none());
    }

    #[test]
    fn metavariables_stand_for_callees_fields_and_tags_of_their_kind_only() {
        let metas =
            [Metavariable::new("X", Expression), Metavariable::new("F", Identifier), Metavariable::new("C", Constant)];
        let none = Types::default();
        assert!(!fits(&metas, &none, "F(X->F)", "f(a[1]->f)"));
        assert!(fits(&metas, &none, "X->F", "a[1]->f") && fits(&metas, &none, "F(1)", "f(1)"));
        assert!(fits(&metas, &none, "f(C)", "f(GFP_KERNEL)") && fits(&metas, &none, "f(C)", "f(\"a\" \"b\")"));
        assert!(!fits(&metas, &none, "f(C)", "f(x)") && !fits(&metas, &none, "F(1)", "a->f(1)"));
    }

    #[test]
    fn list_metavariables_and_dots_stand_for_any_number_of_arguments() {
        let metas = [Metavariable::new("X", Expression), Metavariable::new("ES", ExpressionList)];
        let none = Types::default();
        for (pattern, text, wanted) in [
            ("f(X, ES)", "f(1)", true),
            ("f(X, ES)", "f(1, 2, 3)", true),
            ("f(X, ES)", "f()", false),
            ("f(ES, X)", "f(1, 2)", true),
            ("f(..., X, ..., X)", "f(1, 2, 3, 2)", true),
            ("f(..., X, ..., X)", "f(1, 2, 3)", false),
            ("g(f(ES), f(ES))", "g(f(1, 2), f(1, 2))", true),
            ("g(f(ES), f(ES))", "g(f(1, 2), f(1))", false),
        ] {
            assert_eq!(fits(&metas, &none, pattern, text), wanted, "{pattern} {text}");
        }
    }

    /// SP-15.
    #[test]
    fn a_typed_metavariable_stands_for_what_is_declared_so() {
        let mut terms = Terms::new();
        let text = b"void f(struct sk_buff *skb, struct urb *urb) { struct sk_buff s; }";
        let tree = Tree::read(&mut terms, text).expect("short");
        let types = Types::of(&terms, &tree);
        let metas = [Metavariable::typed("X", b"struct sk_buff *")];
        for (text, wanted) in
            [("g(skb->data)", true), ("g((&s)->data)", true), ("g(urb->data)", false), ("g(x->data)", false)]
        {
            assert_eq!(fits(&metas, &types, "g(X->data)", text), wanted, "{text}");
        }
    }

    #[test]
    fn many_list_metavariables_end_in_bounded_time() {
        let metas = [Metavariable::new("ES", ExpressionList)];
        let arguments = vec!["1"; 60].join(", ");
        let pattern = format!("f({}2)", "..., 1, ".repeat(30));
        assert!(!fits(&metas, &Types::default(), &pattern, &format!("f({arguments})")));
    }
}
