//! The tokens of a node around its children, and where spaces stand between them.
//!
//! In: a node's kind and word. Out: its parts in order. A node that holds a list has no template (its word is empty): what
//! stands around and between the elements follows from its kind, so that lists of different lengths have the same head.
//!
//! ```text
//! field_expression "_ -> _"     if_statement "if _ _"     argument_list "" = ( child , child )
//! ```

/// What stands for a child in a template.
pub const HOLE: &[u8] = b"_";

/// Kinds that hold lists: what opens, separates and closes them.
const LISTS: &[(&str, &str, &str, &str)] = &[
    ("argument_list", "(", ",", ")"),
    ("compound_statement", "{", "", "}"),
    ("declaration_list", "{", "", "}"),
    ("enumerator_list", "{", ",", "}"),
    ("field_declaration_list", "{", "", "}"),
    ("initializer_list", "{", ",", "}"),
    ("parameter_list", "(", ",", ")"),
    ("preproc_params", "(", ",", ")"),
    ("translation_unit", "", "", ""),
];

/// What stands around and between the elements of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListStyle {
    /// Before the first element.
    pub open: &'static str,
    /// Between two elements.
    pub separator: &'static str,
    /// After the last one.
    pub close: &'static str,
}

/// How a list is written; `None` for a kind that holds no list.
pub fn list_style(kind: &str) -> Option<ListStyle> {
    let found = LISTS.iter().find(|(name, ..)| *name == kind)?;
    Some(ListStyle { open: found.1, separator: found.2, close: found.3 })
}

/// One part of a written node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A token of its own.
    Token(&'a [u8]),
    /// The child with this index.
    Child(usize),
}

/// The parts of a node with `count` children, which is no leaf.
pub fn parts<'a>(kind: &str, word: &'a [u8], count: usize) -> Vec<Part<'a>> {
    if let Some(style) = list_style(kind) {
        return list_parts(style, count);
    }
    let mut next = 0;
    let part = |token: &'a [u8]| {
        if token != HOLE {
            return Part::Token(token);
        }
        next += 1;
        Part::Child(next - 1)
    };
    word.split(|c| *c == b' ').filter(|token| !token.is_empty()).map(part).collect()
}

/// The parts of a list.
fn list_parts(style: ListStyle, count: usize) -> Vec<Part<'static>> {
    let token = |text: &'static str| (!text.is_empty()).then_some(Part::Token(text.as_bytes()));
    let mut parts: Vec<_> = token(style.open).into_iter().collect();
    for at in 0..count {
        parts.extend((at > 0).then(|| token(style.separator)).flatten());
        parts.push(Part::Child(at));
    }
    parts.extend(token(style.close));
    parts
}

/// Kinds between whose parts no space stands.
const TIGHT: &[&str] = &[
    "abstract_array_declarator",
    "abstract_function_declarator",
    "abstract_pointer_declarator",
    "array_declarator",
    "call_expression",
    "cast_expression",
    "field_designator",
    "field_expression",
    "function_declarator",
    "parenthesized_declarator",
    "parenthesized_expression",
    "pointer_declarator",
    "pointer_expression",
    "preproc_function_def",
    "sizeof_expression",
    "subscript_designator",
    "subscript_expression",
    "unary_expression",
    "update_expression",
];

/// Whether a space stands between two parts of a node of this kind.
pub fn is_spaced(kind: &str, left: Part<'_>, right: Part<'_>) -> bool {
    let is = |part: Part<'_>, texts: &[&[u8]]| matches!(part, Part::Token(token) if texts.contains(&token));
    if is(right, &[b";", b","]) || is(left, &[b"("]) || is(right, &[b")"]) {
        return false;
    }
    if is(left, &[b"?"]) && is(right, &[b":"]) {
        return false;
    }
    if is(right, &[b":"]) && kind != "conditional_expression" {
        return false;
    }
    if TIGHT.contains(&kind) {
        // `sizeof x`, but `sizeof(x)` and `!x`.
        return matches!((kind, left, right), ("preproc_function_def", Part::Token(_), Part::Child(_)));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_its_children_in_order_and_a_list_its_separators() {
        assert_eq!(parts("field_expression", b"_ -> _", 2), [Part::Child(0), Part::Token(b"->"), Part::Child(1)]);
        let list = parts("argument_list", b"", 2);
        assert_eq!(list[1..4], [Part::Child(0), Part::Token(b","), Part::Child(1)]);
        assert_eq!(parts("compound_statement", b"", 2).len(), 4);
        assert_eq!(parts("argument_list", b"", 0), [Part::Token(b"("), Part::Token(b")")]);
    }

    #[test]
    fn spaces_stand_where_the_kernel_writes_them() {
        let (child, arrow, plus) = (Part::Child(0), Part::Token(b"->".as_slice()), Part::Token(b"+".as_slice()));
        assert!(!is_spaced("field_expression", child, arrow) && is_spaced("binary_expression", child, plus));
        assert!(!is_spaced("argument_list", child, Part::Token(b",")));
        assert!(is_spaced("argument_list", Part::Token(b","), child));
        assert!(is_spaced("conditional_expression", child, Part::Token(b":")));
        assert!(!is_spaced("case_statement", child, Part::Token(b":")));
    }
}
