//! What makes a word the name that is declared, by the tokens around it.
//!
//! ```text
//!   struct acme *one = g(it), *two;      `one` and `two`: behind a type, before what ends a declarator
//!   int (*remove)(struct device *dev)    `remove`, and `dev` of its parameters
//!   n * acme_size                        nothing: no declaration begins there
//! ```

use crate::syntax::lex::{self, Token, is_keyword};

/// Tokens that are looked at for the beginning of a `typeof()`.
const LONGEST_TYPEOF: usize = 64;
/// Words between a tag and its brace.
const ATTRIBUTES: usize = 4;

/// Is a token there one of these?
pub fn is(tokens: &[Token<'_>], at: Option<usize>, puncts: &[&str]) -> bool {
    at.and_then(|at| tokens.get(at)).is_some_and(|t| puncts.iter().any(|p| t.is(p)))
}

/// `struct name {`.
pub fn is_tag(tokens: &[Token<'_>], at: usize) -> bool {
    let is_word = |at: usize| tokens.get(at).is_some_and(|t| t.kind == lex::Kind::Word);
    let open = (at + 1..at + 1 + ATTRIBUTES).find(|at| !is_word(*at)).unwrap_or(at);
    tokens.get(open).is_some_and(|t| t.is("{")) && tagged(tokens, open).is_some_and(|(_, tag)| tag == Some(at))
}

/// `type (*name)(`
pub fn is_pointer_to_function(tokens: &[Token<'_>], at: usize) -> bool {
    let before = tokens[..at].iter().rposition(|t| !t.is("*")).filter(|open| *open + 1 < at);
    let open = before.filter(|open| tokens[*open].is("(") && is(tokens, Some(at + 1), &[")", "["]));
    let kind = open.and_then(|open| open.checked_sub(1)).map(|at| &tokens[at]);
    let is_called = is(tokens, Some(at + 1), &["["]) || is(tokens, Some(at + 2), &["("]);
    is_called && kind.is_some_and(|t| is_type(t) || t.is("*"))
}

/// `type name`, `type *name` before what ends a declarator.
pub fn is_declared(tokens: &[Token<'_>], at: usize, in_code: bool) -> bool {
    let next = Some(at + 1);
    let starts_attribute = |t: &Token<'_>| t.kind == lex::Kind::Word && t.text.starts_with(b"__");
    let is_attributed = tokens.get(at + 1).is_some_and(starts_attribute) && !starts_attribute(&tokens[at]);
    let ends = tokens.get(at + 1).is_none() || is(tokens, next, &[";", "=", ",", "[", ")"]);
    let is_other = !in_code && is(tokens, next, &["(", ":"]);
    let Some(first) = tokens[..at].iter().rposition(|t| !t.is("*")) else { return false };
    if !(ends || is_attributed || is_other) {
        return false;
    }
    let before = &tokens[first];
    if before.is(",") {
        return (ends || is_other) && is_in_declaration(tokens, at);
    }
    if before.is("}") && !in_code {
        // `} name;` behind the body of a type.
        return ends;
    }
    let is_pointer = first + 1 < at;
    // `static DEFINE_MUTEX(x)`: no type stands there.
    let is_storage = !is_pointer && matches!(before.text, b"static" | b"extern" | b"inline");
    let of_type = is_type(before) && (is_pointer || !is_tag_word(before)) && !is_storage || ends_typeof(tokens, first);
    of_type && (!in_code || begins_declaration(tokens, first))
}

/// `typeof(x)`
fn ends_typeof(tokens: &[Token<'_>], at: usize) -> bool {
    if !tokens[at].is(")") {
        return false;
    }
    let mut depth = 0usize;
    for place in (0..=at).rev().take(LONGEST_TYPEOF) {
        match tokens[place].text {
            b")" => depth += 1,
            b"(" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let before = place.checked_sub(1).map(|at| tokens[at].text);
            return before.is_some_and(|word| matches!(word, b"typeof" | b"__typeof__" | b"typeof_member"));
        }
    }
    false
}

/// In code, do the words up to here begin a declaration: `foo_t *`, `const struct foo *`, and not `a *` of a product?
fn begins_declaration(tokens: &[Token<'_>], last: usize) -> bool {
    let first = tokens[..=last].iter().rposition(|t| !is_type(t)).map_or(0, |at| at + 1);
    if last > first || first > last || is_basic(tokens[last].text) {
        return true;
    }
    let before = first.checked_sub(1);
    let is_for = is(tokens, before, &["("]) && first > 1 && tokens[first - 2].is_word("for");
    before.is_none() || is_for || is(tokens, before, &[";", "{", "}"])
}

/// `DECLARE_FLEX_ARRAY(type, name);` among members.
pub fn is_last_argument(tokens: &[Token<'_>], at: usize) -> bool {
    is(tokens, at.checked_sub(1), &[","]) && is(tokens, Some(at + 1), &[")"]) && is(tokens, Some(at + 2), &[";"])
}

/// The keyword and tag of the type whose body the brace at an index opens.
pub fn tagged<'t>(tokens: &[Token<'t>], brace: usize) -> Option<(&'t [u8], Option<usize>)> {
    let words = brace.saturating_sub(ATTRIBUTES + 1)..brace;
    let words = words.rev().take_while(|at| tokens[*at].kind == lex::Kind::Word);
    let all: Vec<usize> = words.collect();
    let keyword = all.iter().copied().find(|at| is_tag_word(&tokens[*at]))?;
    let is_attribute = |at: &usize| tokens[*at].text.starts_with(b"__");
    let mut named = (keyword + 1..brace).filter(|at| tokens[*at].kind == lex::Kind::Word);
    let tag = named.clone().find(|at| !is_attribute(at)).or_else(|| named.next());
    Some((tokens[keyword].text, tag))
}

fn is_tag_word(token: &Token<'_>) -> bool {
    [&b"struct"[..], b"union", b"enum"].contains(&token.text)
}

/// A word that a declaration may have before its name.
pub fn is_type(token: &Token<'_>) -> bool {
    token.kind == lex::Kind::Word && !is_keyword(token.text)
}

/// A type's own word.
fn is_basic(word: &[u8]) -> bool {
    lex::is_reserved(word) && !matches!(word, b"NULL" | b"true" | b"false")
}

pub fn is_upper(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_lowercase)
}

/// Macros that say something of a thing that is made elsewhere, at the top of a file.
pub fn is_said_of(word: &[u8]) -> bool {
    [&b"EXPORT_"[..], b"MODULE_", b"ALLOW_", b"BUILD_BUG"].iter().any(|start| word.starts_with(start))
        || word.ends_with(b"_SYMBOL")
}

/// Macros that make variables of a function.
pub fn makes_variables(word: &[u8]) -> bool {
    [&b"DEFINE"[..], b"DECLARE", b"_HEAD", b"STACK"].iter().any(|part| memchr::memmem::find(word, part).is_some())
}

/// Is the statement up to here a list of variables: `int a = 0, *b`?
fn is_in_declaration(tokens: &[Token<'_>], at: usize) -> bool {
    let is_end = |t: &Token<'_>| t.is(";") || t.is("{") || t.is("}");
    let start = tokens[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let statement = &tokens[start..at];
    let of_type = statement.iter().take_while(|t| t.kind == lex::Kind::Word || t.is("*")).count() >= 2;
    let is_plain = |t: &Token<'_>| !["(", ")", "->", ".", "?"].iter().any(|p| t.is(p));
    of_type && statement.first().is_some_and(|t| !is_keyword(t.text)) && statement.iter().all(is_plain)
}
