//! Annotations: words that the lists know everywhere, others where only an annotation can stand.
//!
//! In: all tokens. Out: blanks in their place, and the tokens without them.

use super::sheet::Sheet;
use crate::syntax::annotation::{
    is_plain, is_storage, is_type_like, is_type_word, may_take_arguments, resembles, takes_arguments,
};
use crate::syntax::lex::{Token, is_keyword};

/// An annotation has no more tokens than this.
const LONGEST: usize = 4096;

/// Blanks the annotations: first those that the lists know, then, among what is left, those that their place tells.
pub(super) fn mask(sheet: &mut Sheet<'_>) {
    drop_where(sheet, listed_end);
    drop_where(sheet, placed_end);
}

/// Blanks what `end_of` finds: given a word and the tokens kept before it, the last token of an annotation.
fn drop_where(sheet: &mut Sheet<'_>, end_of: fn(&Sheet<'_>, usize, &[Token<'_>]) -> Option<usize>) {
    let mut kept: Vec<Token<'_>> = Vec::with_capacity(sheet.tokens.len());
    let mut at = 0;
    while at < sheet.tokens.len() {
        let member = kept.last().is_some_and(|t| matches!(t.text, b"." | b"->" | b"goto"));
        let last = if sheet.is_word(at) && !member { end_of(sheet, at, &kept) } else { None };
        match last {
            Some(last) => {
                sheet.blank_tokens(at, last);
                at = last + 1;
            }
            None => {
                kept.push(sheet.tokens[at]);
                at += 1;
            }
        }
    }
    sheet.keep(kept);
}

/// The last token of the annotation at `at` that the lists know.
fn listed_end(sheet: &Sheet<'_>, at: usize, before: &[Token<'_>]) -> Option<usize> {
    let word = sheet.text_of(at);
    let called = sheet.is(at + 1, "(");
    let previous = before.last().map_or(&b""[..], |t| t.text);
    let known =
        takes_arguments(word) || is_register(sheet, at, previous) || may_take_arguments(word) && is_declared(before);
    if called && known {
        return Some(group_end(sheet, at + 1));
    }
    // `u32 __unused[3];` is a name
    let name = is_primitive(previous) && matches!(sheet.text_of(at + 1), b";" | b"[" | b"," | b"=" | b":");
    (is_plain(word) && !name && (!called || sheet.is(at + 2, "*"))).then_some(at)
}

/// The last token of the annotation at `at` that only its place tells.
fn placed_end(sheet: &Sheet<'_>, at: usize, before: &[Token<'_>]) -> Option<usize> {
    let word = sheet.text_of(at);
    if is_positional(sheet, at, before) {
        return Some(at);
    }
    let attribute = sheet.is(at + 1, "(") && word.starts_with(b"__") && !word.starts_with(b"__builtin");
    if !attribute {
        return None;
    }
    let end = group_end(sheet, at + 1);
    let next = sheet.text_of(end + 1);
    let closed = before.last().is_some_and(|t| t.is("]") || t.is(")") && next == b"{");
    (closed && matches!(next, b";" | b"=" | b"{" | b",")).then_some(end)
}

/// Whether a declared name stands before: a word with a type or `*` before it.
fn is_declared(before: &[Token<'_>]) -> bool {
    let [.., typed, name] = before else { return false };
    let word = |t: &Token<'_>| t.kind == crate::syntax::lex::Kind::Word && !is_keyword(t.text) && !is_storage(t.text);
    word(name) && !is_type_word(name.text) && (word(typed) || typed.is("*"))
}

/// `asm("r0")` behind a declarator.
fn is_register(sheet: &Sheet<'_>, at: usize, previous: &[u8]) -> bool {
    let asm = matches!(sheet.text_of(at), b"asm" | b"__asm__" | b"__asm");
    let declared =
        previous.last().is_some_and(|c| crate::syntax::lex::is_letter(*c) || *c == b')') && !is_keyword(previous);
    asm && declared
        && sheet.is_string(at + 2)
        && matches!(sheet.text_of(group_end(sheet, at + 1) + 1), b";" | b"=" | b",")
        && sheet.is(at + 3, ")")
}

/// Whether the word at `at`, without arguments, stands where only an annotation can.
fn is_positional(sheet: &Sheet<'_>, at: usize, before: &[Token<'_>]) -> bool {
    let word = sheet.text_of(at);
    if is_storage(word) || is_keyword(word) || is_type_word(word) || sheet.is(at + 1, "(") {
        return false;
    }
    let back = |n: usize| before.len().checked_sub(n).map_or(&b""[..], |n| before[n].text);
    let (previous, next) = (back(1), sheet.text_of(at + 1));
    let underlined = word.starts_with(b"__") && !is_type_like(word) && back(2) != b"typedef";
    if is_tag(previous) {
        // `struct __foo x {`, never `struct x {`
        return underlined && is_name(next) && matches!(sheet.text_of(at + 2), b"{");
    }
    if previous == b"*" {
        return is_name(next) && !is_type_word(next) && !is_keyword(next);
    }
    if previous == b"(" {
        let likely = underlined || !word.iter().any(u8::is_ascii_lowercase);
        return likely && is_convention(sheet, at) && is_name(back(2)) && !is_keyword(back(2));
    }
    let before_name = is_name(next) || next == b"*";
    let behind_type = is_name(previous) && (is_primitive(previous) || is_tag(back(2)));
    let init = resembles(word) && is_name(previous) && is_name(next) && !is_keyword(previous);
    init || underlined && (behind_type && before_name || is_behind_name(word, next, (previous, back(2))))
}

/// Whether a word between a declared name and `next` can only be an annotation.
fn is_behind_name(word: &[u8], next: &[u8], (previous, earlier): (&[u8], &[u8])) -> bool {
    let declared =
        earlier == b"*" || is_name(earlier) && !is_storage(earlier) && !is_tag(earlier) && !is_keyword(earlier);
    let named = is_name(previous) && !is_primitive(previous) && declared;
    let behind = resembles(word) && matches!(next, b"[" | b"{") && named;
    let closed = matches!(previous, b")" | b"]") && resembles(word) && matches!(next, b"=" | b";" | b"[" | b"{");
    named && matches!(next, b"," | b")" | b"=" | b";") || behind || closed || previous == b"}" && next == b";"
}

/// `(__api *f)(...)`: a calling convention at `at`.
fn is_convention(sheet: &Sheet<'_>, at: usize) -> bool {
    sheet.is(at + 1, "*") && sheet.is_word(at + 2) && sheet.is(at + 3, ")") && sheet.is(at + 4, "(")
}

/// A word, not a number or operator; none is none.
fn is_name(word: &[u8]) -> bool {
    word.first().is_some_and(|c| crate::syntax::lex::is_letter(*c) && !c.is_ascii_digit())
}

/// A word that a type's name follows.
fn is_tag(word: &[u8]) -> bool {
    matches!(word, b"struct" | b"union" | b"enum")
}

/// A word that is a type by itself.
fn is_primitive(word: &[u8]) -> bool {
    is_type_word(word)
        && !matches!(
            word,
            b"struct" | b"union" | b"enum" | b"const" | b"volatile" | b"static" | b"extern" | b"inline" | b"register"
        )
        || word.ends_with(b"_t")
        || matches!(word, b"u8" | b"u16" | b"u32" | b"u64" | b"s8" | b"s16" | b"s32" | b"s64")
}

/// The token that closes the bracket at `open`.
fn group_end(sheet: &Sheet<'_>, open: usize) -> usize {
    let mut depth = 0usize;
    for at in open..sheet.tokens.len().min(open + LONGEST) {
        match sheet.text_of(at) {
            b"(" => depth += 1,
            b")" => depth = depth.saturating_sub(1),
            b";" | b"{" if depth == 1 && sheet.tokens[at].kind == crate::syntax::lex::Kind::Punct => {
                return at.saturating_sub(1);
            }
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    (open + LONGEST).min(sheet.tokens.len()) - 1
}
