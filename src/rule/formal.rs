//! The language of terms of the spdiff paper (section 3), for tests of its definitions and examples: `f(1, h(X))`.
//!
//! In: text. Out: a term; words that begin with a capital letter are metavariables, numbered by the letter and digits they
//! have, `+` is an infix atom.

use super::term::{Head, TermId, Terms};

/// Reads a term.
pub fn read(terms: &mut Terms, text: &str) -> TermId {
    let text: Vec<u8> = text.bytes().filter(|c| *c != b' ').collect();
    let (id, rest) = sum(terms, &text);
    assert!(rest.is_empty(), "left over: {}", String::from_utf8_lossy(rest));
    id
}

/// One term, or two with `+` between them.
fn sum<'a>(terms: &mut Terms, text: &'a [u8]) -> (TermId, &'a [u8]) {
    let (left, rest) = one(terms, text);
    let Some(rest) = rest.strip_prefix(b"+") else { return (left, rest) };
    let (right, rest) = sum(terms, rest);
    (terms.known("atom", b"+", &[left, right]), rest)
}

/// A word with its arguments.
fn one<'a>(terms: &mut Terms, text: &'a [u8]) -> (TermId, &'a [u8]) {
    let end = text.iter().position(|c| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (word, mut rest) = text.split_at(end);
    let mut children = Vec::new();
    if rest.first() == Some(&b'(') {
        while rest.first() != Some(&b')') {
            let (child, after) = sum(terms, &rest[1..]);
            children.push(child);
            rest = after;
        }
        rest = &rest[1..];
    }
    let first = word.first().copied().unwrap_or(b'?');
    if first.is_ascii_uppercase() {
        let digits = std::str::from_utf8(&word[1..]).unwrap_or_default().parse::<u32>().unwrap_or(0);
        let number = u32::from(first - b'A') + 26 * digits;
        return (terms.node(Head::Meta(number), &children), rest);
    }
    (terms.known("atom", word, &children), rest)
}
