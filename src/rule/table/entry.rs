//! The entries of a table: what each is called, and what is in it.
//!
//! In: the text of a variable with its initialiser. Out: its entries with their places, their key (the texts in quotes, else what comes
//! first), and their parts: by position (calls of macros, texts, words) or by designators.
//!
//! ```text
//!   { "a16", INFO(0x1c2016, 0, 64 * 1024, 32) FLAGS(A | B) },    key "a16"    0: "a16"  INFO 0: 0x1c2016 ... FLAGS 0: A | B
//!   { .id = SNOR_ID(0x1c, 0x20, 0x16), .name = "a16" },          key "a16"    .id .name
//!   PART("a16", 0x1c2016),                                       key "a16"    0: "a16"  1: 0x1c2016, in PART()
//! ```

use crate::syntax::lex::{Kind, Token, tokens};
use std::ops::Range;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// With its brackets, in bytes of the text.
    pub span: Range<usize>,
    /// The texts in quotes, with them; of an entry without any, its first part.
    pub key: Vec<u8>,
    /// How it is written.
    pub shape: Shape,
    /// What is in it, in order; words with single spaces.
    pub parts: Vec<(Place, Vec<u8>)>,
}

impl Entry {
    /// Whether another is written in the same way: its brackets, and designators or how many positions.
    pub fn is_like(&self, other: &Self) -> bool {
        let (one, two) = (self.is_designated(), other.is_designated());
        self.shape == other.shape && one == two && (one || self.parts.len() == other.parts.len())
    }

    /// Whether it has designators and nothing else.
    pub fn is_designated(&self) -> bool {
        self.parts.iter().all(|(place, _)| matches!(place, Place::Field(_)))
    }
}

/// What an entry stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{ ... }`
    Braces,
    /// `NAME(...)`
    Call(Vec<u8>),
}

/// Where a part stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Behind this designator.
    Field(Vec<u8>),
    /// The n-th of the values that are no calls, from 0; of a call the n-th argument.
    Value(usize),
    /// The n-th argument of a macro.
    Argument(Vec<u8>, usize),
    /// A macro without arguments behind a value.
    Word(Vec<u8>),
}

/// More entries than this are a list that a program wrote.
const MOST: usize = 2000;

/// The entries of a table, in order; none if it is no table of entries.
pub fn entries(text: &[u8]) -> Vec<Entry> {
    let all: Vec<Token<'_>> =
        tokens(text).into_iter().filter(|t| !matches!(t.kind, Kind::Comment | Kind::Directive)).collect();
    let Some(body) = all.iter().position(|t| t.is("=")) else { return Vec::new() };
    let Some(inner) = all.get(body + 1..).filter(|rest| rest.first().is_some_and(|t| t.is("{"))) else {
        return Vec::new();
    };
    let end = inner.iter().rposition(|t| t.is("}")).unwrap_or(inner.len());
    let parts = separated(inner.get(1..end).unwrap_or_default());
    parts.into_iter().filter_map(entry).take(MOST).collect()
}

/// An entry from its tokens.
fn entry(all: &[Token<'_>]) -> Option<Entry> {
    let (first, last) = (all.first()?, all.last()?);
    let is_call = first.kind == Kind::Word && all.get(1)?.is("(") && closing(all)? + 1 == all.len();
    let (shape, parts) = if is_call {
        let values = separated(&all[2..all.len() - 1]).into_iter().map(written).enumerate();
        (Shape::Call(first.text.to_vec()), values.map(|(n, value)| (Place::Value(n), value)).collect())
    } else if first.is("{") && last.is("}") && all.len() > 2 {
        (Shape::Braces, positional(&separated(&all[1..all.len() - 1]))?)
    } else {
        return None;
    };
    let texts: Vec<&[u8]> = all.iter().filter(|t| t.kind == Kind::Literal).map(|t| t.text).collect();
    let key = if texts.is_empty() {
        parts.first().map(|(_, text): &(Place, Vec<u8>)| text.clone())?
    } else {
        texts.join(&b' ')
    };
    Some(Entry { span: first.at..last.end(), key, shape, parts })
}

/// What stands between commas that are in no brackets.
fn separated<'t, 'a>(all: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, token) in all.iter().enumerate() {
        match token.text {
            b"(" | b"{" | b"[" => depth += 1,
            b")" | b"}" | b"]" => depth -= 1,
            b"," if depth == 0 => {
                parts.push(&all[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&all[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// `.field = value`.
fn designated(part: &[Token<'_>]) -> Option<(Vec<u8>, Vec<u8>)> {
    let [dot, field, equals, value @ ..] = part else { return None };
    let is_one = dot.is(".") && field.kind == Kind::Word && equals.is("=") && !value.is_empty();
    is_one.then(|| (field.text.to_vec(), written(value)))
}

/// What is between braces: designators, calls behind one another, texts, words.
fn positional(parts: &[&[Token<'_>]]) -> Option<Vec<(Place, Vec<u8>)>> {
    let (mut found, mut values) = (Vec::new(), 0);
    for part in parts {
        let mut rest = *part;
        let mut is_first = true;
        while let Some(token) = rest.first() {
            let is_call = token.kind == Kind::Word && rest.get(1).is_some_and(|t| t.is("("));
            if is_call {
                let end = closing(rest)?;
                let arguments = separated(&rest[2..end]);
                if arguments.is_empty() {
                    found.push((Place::Word(token.text.to_vec()), token.text.to_vec()));
                }
                for (n, argument) in arguments.into_iter().enumerate() {
                    found.push((Place::Argument(token.text.to_vec(), n), written(argument)));
                }
                rest = &rest[end + 1..];
            } else if token.is(".") {
                // A designator, to the end of the part; macros before it may end in a comma of their own.
                let (field, value) = designated(rest)?;
                found.push((Place::Field(field), value));
                rest = &[];
            } else if is_first {
                // A value up to the next call: `64 * 1024`, `"name"`.
                let end = (1..rest.len())
                    .find(|at| rest[*at].kind == Kind::Word && ends_operand(&rest[*at - 1]))
                    .unwrap_or(rest.len());
                found.push((Place::Value(values), written(&rest[..end])));
                values += 1;
                rest = &rest[end..];
            } else if token.kind == Kind::Word {
                found.push((Place::Word(token.text.to_vec()), token.text.to_vec()));
                rest = &rest[1..];
            } else {
                return None;
            }
            is_first = false;
        }
    }
    Some(found)
}

/// Whether a value can end with a token: what stands behind an operator or an open bracket belongs to it.
fn ends_operand(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Word | Kind::Number | Kind::Literal) || token.is(")") || token.is("]")
}

/// The place of the bracket that closes the one at 1.
fn closing(all: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_i32;
    all.iter().enumerate().skip(1).find_map(|(at, token)| {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        (depth == 0).then_some(at)
    })
}

/// Whether a token is an operator of what stands behind it alone: `&info`, `-1`.
fn is_unary(all: &[Token<'_>], at: usize) -> bool {
    let is_one = ["~", "!", "&", "*", "-", "+"].into_iter().any(|mark| all[at].is(mark));
    is_one && at.checked_sub(1).is_none_or(|before| !ends_operand(&all[before]))
}

/// Tokens with the spaces that the kernel's style puts between them.
fn written(all: &[Token<'_>]) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let is_tight = at == 0
            || token.is(",")
            || token.is(")")
            || token.is("(") && all[at - 1].kind == Kind::Word
            || all[at - 1].is("(")
            || is_unary(all, at - 1);
        if !is_tight {
            text.push(b' ');
        }
        text.extend_from_slice(token.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_by_position_and_by_designators() {
        let text = b"static const struct part parts[] = {\n\t/* all */\n\t{ \"a16\", INFO(0x1c2016, 0, 64 * 1024, 32)\n\t\tFLAGS(A |\n\t\t      B) },\n\t{ .name = \"b\", .id = ID(1, 2), },\n};\n";
        let all = entries(text);
        assert_eq!(all.len(), 2);
        assert_eq!((&all[0].key[..], all[0].is_designated(), all[1].is_designated()), (&b"\"a16\""[..], false, true));
        let told: Vec<String> =
            all[0].parts.iter().map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect();
        assert_eq!(told, ["\"a16\"", "0x1c2016", "0", "64 * 1024", "32", "A | B"]);
        assert_eq!(all[0].parts[5].0, Place::Argument(b"FLAGS".to_vec(), 0));
        let field = |name: &[u8], value: &[u8]| (Place::Field(name.to_vec()), value.to_vec());
        assert_eq!(all[1].parts, [field(b"name", b"\"b\""), field(b"id", b"ID(1, 2)")]);
    }

    #[test]
    fn a_value_may_have_an_address_or_several_bits() {
        let all = entries(
            b"struct part parts[] = {\n\t{ \"a\", &a_info, A | B, -1 },\n\t{ \"b\", &b_info, A, 2 * 3 },\n};\n",
        );
        let told = |at: usize| -> Vec<&[u8]> { all[at].parts.iter().map(|(_, text)| &text[..]).collect() };
        assert_eq!(told(0), [&b"\"a\""[..], b"&a_info", b"A | B", b"-1"]);
        assert_eq!(told(1), [&b"\"b\""[..], b"&b_info", b"A", b"2 * 3"]);
    }

    #[test]
    fn an_entry_may_be_a_call() {
        let all = entries(b"struct quirk q[] = {\n\tQUIRK(\"A\", \"B\", fix),\n\t{ 0x12, fix },\n};\n");
        assert_eq!(all[0].shape, Shape::Call(b"QUIRK".to_vec()));
        assert_eq!(all[0].key, b"\"A\" \"B\"");
        assert_eq!(all[0].parts[2], (Place::Value(2), b"fix".to_vec()));
        assert_eq!((&all[1].key[..], &all[1].shape), (&b"0x12"[..], &Shape::Braces));
        assert!(!all[0].is_like(&all[1]));
    }

    #[test]
    fn what_is_no_table_has_no_entries() {
        for text in [
            "int a = 4;",
            "int f(void)\n{\n\treturn 0;\n}\n",
            "x = {{{{",
            "struct s a = { .b = { 1 } };",
            "int a[] = { 1, 2 };",
        ] {
            assert_eq!(entries(text.as_bytes()), [], "{text}");
        }
    }
}
