//! Parentheses: where what is put into an expression would be torn apart by the operators around it.
//!
//! In: what a patch puts in a place, what its metavariables stand for, and what stands around the place. Out: the same with parentheses
//! around the values, or around all of it, that need them; nothing else gets any.
//!
//! ```text
//! X->fwnode    X is  a ?: b    (a ?: b)->fwnode        a field binds tighter than a conditional
//! f(X)         X is  a ?: b    f(a ?: b)               an argument only ends at a comma
//! ```

use super::apply::Patch;
use super::matcher::Bindings;
use super::metavariable::is_expression;
use super::term::{Head, TermId, Terms};
use super::tree::Tree;

/// How tightly an expression binds, more for tighter; C11 6.5.1 to 6.5.17.
type Level = u8;

const ANY: Level = 0;
const ASSIGNMENT: Level = 2;
const CONDITIONAL: Level = 3;
const OR: Level = 4;
const CAST: Level = 14;
const UNARY: Level = 15;
const POSTFIX: Level = 16;

/// Binary operators from the loosest on, each line one level above the one before it; the first is of `OR`.
const BINARY: [&[&[u8]]; 10] = [
    &[b"||"],
    &[b"&&"],
    &[b"|"],
    &[b"^"],
    &[b"&"],
    &[b"==", b"!="],
    &[b"<", b">", b"<=", b">="],
    &[b"<<", b">>"],
    &[b"+", b"-"],
    &[b"*", b"/", b"%"],
];

/// Where a term stands: the node around it, and which of its children it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// The node.
    pub node: TermId,
    /// From 0.
    pub child: usize,
}

impl Around {
    /// What is around a place; `None` for the root.
    pub fn of(tree: &Tree, at: usize) -> Option<Self> {
        let parent = tree.places().get(at)?.parent as usize;
        let child = tree.children(parent).position(|child| child == at)?;
        Some(Self { node: tree.places().get(parent)?.term, child })
    }
}

/// What a patch puts in, with the parentheses that it and the values in it need.
pub fn parenthesised(terms: &mut Terms, patch: &Patch, bindings: &Bindings, around: Option<Around>) -> TermId {
    let work = Putting { before: patch.before, bindings };
    let inner = work.within(terms, patch.after);
    // What stood there with the same operator is read as before.
    let is_alike = terms.head(patch.before) == terms.head(inner);
    if is_alike { inner } else { work.in_place(terms, inner, around) }
}

/// Values on their way into what a patch puts in.
struct Putting<'a> {
    /// What the patch takes away.
    before: TermId,
    bindings: &'a Bindings,
}

impl Putting<'_> {
    /// The pattern with parentheses around the values in it.
    fn within(&self, terms: &mut Terms, pattern: TermId) -> TermId {
        if !terms.is_open(pattern) || !terms.is_shallow(pattern) {
            return pattern;
        }
        let old = terms.children(pattern).to_vec();
        let mut new = Vec::with_capacity(old.len());
        for (child, part) in old.iter().enumerate() {
            let around = Around { node: pattern, child };
            new.push(match terms.head(*part) {
                Head::Meta(_) if self.stood_so(terms, *part, around) => *part,
                Head::Meta(_) => self.in_place(terms, *part, Some(around)),
                _ => self.within(terms, *part),
            });
        }
        if new == old { pattern } else { terms.node(terms.head(pattern), &new) }
    }

    /// Whether a part stood in the same place of the same operator before.
    fn stood_so(&self, terms: &Terms, part: TermId, Around { node, child }: Around) -> bool {
        let is_it = |id: TermId| terms.head(id) == terms.head(node) && terms.children(id).get(child) == Some(&part);
        terms.any(self.before, &mut |id| is_it(id))
    }

    /// A term in parentheses, if what it stands for needs them there.
    fn in_place(&self, terms: &mut Terms, id: TermId, around: Option<Around>) -> TermId {
        let value = match terms.head(id) {
            Head::Meta(number) => self.bindings.term(number).unwrap_or(id),
            _ => id,
        };
        let is_torn = |around| is_expression(terms.kind(value)) && is_torn(terms, value, around);
        if around.is_some_and(is_torn) { terms.known("parenthesized_expression", b"( _ )", &[id]) } else { id }
    }
}

/// Whether a value without parentheses would be read otherwise there, or would have a compiler ask for them.
fn is_torn(terms: &Terms, value: TermId, around: Around) -> bool {
    let (own, outer) = (terms.head_word(value), terms.head_word(around.node));
    let is_not = terms.kind(value) == "unary_expression" && own == b"! _" && around.child == 0;
    level(terms, value) < least(terms, around)
        || terms.kind(value) == "binary_expression" && is_confusing(operator(outer), operator(own))
        || is_not && (compares(operator(outer)) || operator(outer) == b"&")
        || is_prefix(terms, around.node) && merges(outer, own)
}

/// How tightly a term binds; what is no operator expression is a whole by itself.
fn level(terms: &Terms, id: TermId) -> Level {
    let word = terms.head_word(id);
    match terms.kind(id) {
        "comma_expression" => ASSIGNMENT - 1,
        "assignment_expression" => ASSIGNMENT,
        "conditional_expression" => CONDITIONAL,
        "binary_expression" => binary(word),
        "cast_expression" => CAST,
        "unary_expression"
        | "pointer_expression"
        | "sizeof_expression"
        | "alignof_expression"
        | "extension_expression" => UNARY,
        "update_expression" if !word.starts_with(b"_") => UNARY,
        "number_literal" if word.starts_with(b"-") || word.starts_with(b"+") => UNARY,
        _ => POSTFIX,
    }
}

/// The level of a binary expression; one that is not known binds as loosely as any, so that it gets parentheses.
fn binary(word: &[u8]) -> Level {
    let at = BINARY.iter().position(|all| all.contains(&operator(word)));
    at.and_then(|at| u8::try_from(at).ok()).map_or(OR, |at| OR + at)
}

/// The operator of a binary expression's template, `_ + _`; nothing of other nodes.
fn operator(word: &[u8]) -> &[u8] {
    word.strip_prefix(b"_ ").and_then(|rest| rest.strip_suffix(b" _")).unwrap_or_default()
}

/// How tightly what stands there must bind at least.
fn least(terms: &Terms, Around { node, child }: Around) -> Level {
    let word = terms.head_word(node);
    let is_last = child + 1 == terms.children(node).len();
    match terms.kind(node) {
        "call_expression" | "field_expression" | "subscript_expression" if child == 0 => POSTFIX,
        "update_expression" if word.starts_with(b"_") => POSTFIX,
        "update_expression" | "sizeof_expression" | "alignof_expression" => UNARY,
        "unary_expression" | "pointer_expression" | "cast_expression" | "extension_expression" => CAST,
        "binary_expression" => binary(word) + u8::from(child > 0),
        "conditional_expression" if child == 0 => OR,
        "conditional_expression" if is_last => CONDITIONAL,
        "assignment_expression" if child == 0 => UNARY,
        "assignment_expression" | "argument_list" | "initializer_list" | "initializer_pair" | "init_declarator" => {
            ASSIGNMENT
        }
        "array_declarator" | "case_statement" | "enumerator" | "bitfield_clause" => CONDITIONAL,
        _ => ANY,
    }
}

/// Whether compilers warn of one operator in an operand of the other, which the kernel does not let pass.
fn is_confusing(outer: &[u8], inner: &[u8]) -> bool {
    let (adds, compared) = (matches!(inner, b"+" | b"-"), compares(inner));
    match outer {
        b"||" => inner == b"&&",
        b"|" => adds || compared || matches!(inner, b"&" | b"^"),
        b"^" => adds || compared || inner == b"&",
        b"&" => adds || compared,
        b"<<" | b">>" => adds,
        outer => compares(outer) && compared,
    }
}

/// Whether an operator compares two values.
fn compares(operator: &[u8]) -> bool {
    matches!(operator, b"==" | b"!=" | b"<" | b">" | b"<=" | b">=")
}

/// Whether a node is an operator and the operand behind it.
fn is_prefix(terms: &Terms, node: TermId) -> bool {
    matches!(terms.kind(node), "unary_expression" | "pointer_expression" | "update_expression")
        && !terms.head_word(node).starts_with(b"_")
}

/// Whether the last byte of an operator and the first of its operand are another operator: `-` and `-1`, `&` and `&x`.
fn merges(prefix: &[u8], operand: &[u8]) -> bool {
    let last = prefix.strip_suffix(b" _").and_then(<[u8]>::last);
    last.is_some_and(|last| b"+-&".contains(last) && operand.first() == Some(last))
}

#[cfg(test)]
mod tests {
    use super::super::form::Form;
    use super::super::matcher::Binding;
    use super::super::metavariable::{Metavariable, MetavariableKind};
    use super::super::pattern::Pattern;
    use super::super::print;
    use super::*;

    /// `pattern`, in which X stands for `value`, with the parentheses that it needs; X is written out.
    fn put(pattern: &str, value: &str) -> String {
        let metas = [Metavariable::new("X", MetavariableKind::Expression)];
        let mut terms = Terms::new();
        let pattern = Pattern::parse(pattern, Form::Expression, &metas).expect("a pattern").intern(&mut terms);
        let text = format!("({value})");
        let value = Tree::read_as(&mut terms, text.as_bytes(), Form::Expression).and_then(|t| t.root()).expect("one");
        let value = terms.children(value)[0];
        let mut bindings = Bindings::default();
        assert!(bindings.bind(0, Binding::Term(value)));
        let before = terms.meta(0);
        let done = parenthesised(&mut terms, &Patch::closed(before, pattern), &bindings, None);
        let filled = bindings.fill(&mut terms, done);
        print::text(&terms, filled, &[])
    }

    #[test]
    fn a_value_gets_parentheses_where_what_is_around_it_binds_tighter() {
        for (pattern, value, wanted) in [
            ("X->fwnode", "a->parent ?: dev", "(a->parent ?: dev)->fwnode"),
            ("X->fwnode", "&a->dev", "(&a->dev)->fwnode"),
            ("X.n", "*p", "(*p).n"),
            ("X[0]", "(u8 *)p", "((u8 *)p)[0]"),
            ("X(1)", "*hook", "(*hook)(1)"),
            ("!X", "a & b", "!(a & b)"),
            ("*X", "p + 1", "*(p + 1)"),
            ("-X", "-1", "-(-1)"),
            ("&X", "&a", "&(&a)"),
            ("(u64)X", "a << 2", "(u64)(a << 2)"),
            ("sizeof(n) * X", "a + b", "sizeof(n) * (a + b)"),
            ("n - X", "a - b", "n - (a - b)"),
            ("X && n", "a || b", "(a || b) && n"),
            ("X || n", "a && b", "(a && b) || n"),
            ("X << 3", "a + 1", "(a + 1) << 3"),
            ("X == n", "a & b", "(a & b) == n"),
            ("X & n", "a == b", "(a == b) & n"),
            ("X == n", "!a", "(!a) == n"),
            ("X ? 1 : 2", "a = b", "(a = b) ? 1 : 2"),
            ("f(X)", "a, b", "f((a, b))"),
        ] {
            assert_eq!(put(pattern, value), wanted, "{pattern} {value}");
        }
    }

    #[test]
    fn a_value_gets_none_where_it_is_read_as_it_was() {
        for (pattern, value, wanted) in [
            ("f(X, 1)", "a ?: b", "f(a ?: b, 1)"),
            ("f(X)", "a = b", "f(a = b)"),
            ("X->fwnode", "(a)", "(a)->fwnode"),
            ("X->fwnode", "a[1].b->c", "a[1].b->c->fwnode"),
            ("X->fwnode", "get(a)", "get(a)->fwnode"),
            ("*X", "p++", "*p++"),
            ("!X", "*p", "!*p"),
            ("!X", "(int)a", "!(int)a"),
            ("n - X", "a * b", "n - a * b"),
            ("X - n", "a - b", "a - b - n"),
            ("X | n", "a | b", "a | b | n"),
            ("X ? 1 : 2", "a && b", "a && b ? 1 : 2"),
            ("x = X", "a ? b : c", "x = a ? b : c"),
            ("X && n", "!a", "!a && n"),
            ("n == X", "!a", "n == !a"),
            ("a[X]", "i + 1", "a[i + 1]"),
        ] {
            assert_eq!(put(pattern, value), wanted, "{pattern} {value}");
        }
    }
}
