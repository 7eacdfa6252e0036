//! Neighbours in expressions that the grammar does not take as such: strings and macros, calls without a comma, `typeof`.
//!
//! In: tokens and brackets. Out: `"a" M(x) "b"` as `"a" M    "b"`; `A(1) B(2)` as `A(1),B(2)`; `typeof(*p)` as one word.

use super::brackets::{Bracket, Brackets, Class};
use super::sheet::Sheet;
use crate::syntax::annotation::is_type_word;
use crate::syntax::lex::{Kind, is_keyword};

/// Masks expressions.
pub(super) fn mask(sheet: &mut Sheet<'_>, brackets: &Brackets) {
    for at in 0..sheet.tokens.len() {
        if sheet.is_dead(at) {
            continue;
        }
        let class = brackets.class_around(at);
        if sheet.is_string(at) && !matches!(class, Class::Assembly) {
            beside_string(sheet, brackets, at);
        }
        if let Some(bracket) = brackets.opened(at, Class::Type) {
            type_of(sheet, bracket);
        }
        if sheet.is_word(at) {
            lone_word(sheet, class, at);
        }
        if sheet.is(at, ")") && matches!(class, Class::Values | Class::Call) {
            missing_comma(sheet, brackets, at);
        }
        if class == Class::Values && sheet.is(at, "}") && sheet.is(at + 1, "{") && brackets.own[at] > 0 {
            sheet.put_after(at, b',');
        }
    }
}

/// A word with something beside it that needs a comma between: `A .b = c`, `A {`, words on two lines; a unit behind a
/// number becomes blank.
fn lone_word(sheet: &mut Sheet<'_>, class: Class, at: usize) {
    let (previous, next) = (at.checked_sub(1), at + 1);
    let unit = previous.is_some_and(|n| sheet.tokens[n].kind == Kind::Number) && !is_keyword(sheet.text_of(at));
    if unit && !matches!(class, Class::Top | Class::Fields | Class::Assembly) {
        return sheet.bury(at, at);
    }
    let Some(token) = sheet.tokens.get(next) else { return };
    let new_line = token.line > sheet.tokens[at].line;
    let plain = |n: usize| sheet.is_word(n) && !is_keyword(sheet.text_of(n)) && !is_type_word(sheet.text_of(n));
    if class == Class::Values && !new_line && plain(next) && plain(at) {
        let beside = (next..sheet.tokens.len()).take(6).take_while(|n| sheet.is_word(*n) || sheet.is_string(*n));
        if !beside.into_iter().any(|n| sheet.is_string(n)) {
            sheet.bury(at, at);
        }
        return;
    }
    let stuck = match class {
        Class::Values => token.is("{") || new_line && (token.is(".") || plain(next)),
        Class::Constants => plain(next),
        Class::Call => new_line && plain(next),
        _ => false,
    };
    let begins = previous.is_some_and(|n| matches!(sheet.text_of(n), b"," | b"{" | b"(" | b")" | b"=") || plain(n));
    if stuck && plain(at) && begins {
        let _ = sheet.put_after(at, b',') || sheet.put_before(next, b',');
    }
}

/// Macros that make strings, before and behind the string at `at`.
fn beside_string(sheet: &mut Sheet<'_>, brackets: &Brackets, at: usize) {
    // behind: `"a" M(x)`
    if is_macro(sheet, at + 1) && sheet.is(at + 2, "(") {
        let close = brackets.list[brackets.own[at + 2]].close;
        if brackets.own[at + 2] > 0 {
            sheet.bury(at + 2, close);
        }
    }
    let Some(before) = at.checked_sub(1) else { return };
    // before: `M(x) "a"`
    let mut first = before;
    if sheet.is(before, ")") {
        let own = brackets.own[before];
        let bracket = brackets.list[own];
        if own == 0 || bracket.class != Class::Call || bracket.open == 0 || !is_macro(sheet, bracket.open - 1) {
            return;
        }
        sheet.bury(bracket.open, bracket.close);
        first = bracket.open - 1;
    }
    // more words before: `A B "a"`; only the last may stay
    let mut begin = first;
    while begin > 0 && is_macro(sheet, begin) && is_macro(sheet, begin - 1) {
        begin -= 1;
    }
    let inside = !matches!(brackets.class_around(first), Class::Top | Class::Code);
    if begin < first && (inside || begin > 0 && sheet.is(begin - 1, "=")) {
        sheet.bury(begin, first - 1);
    }
}

/// Whether a token is a word that may be a macro.
fn is_macro(sheet: &Sheet<'_>, at: usize) -> bool {
    sheet.is_word(at) && !is_keyword(sheet.text_of(at))
}

/// `typeof(expression)` is a type: its argument becomes blank. `sizeof` stays.
fn type_of(sheet: &mut Sheet<'_>, bracket: Bracket) {
    let Some(name) = bracket.open.checked_sub(1) else { return };
    if matches!(sheet.text_of(name), b"typeof" | b"__typeof__" | b"__typeof") && bracket.close < sheet.tokens.len() {
        sheet.bury(bracket.open, bracket.close);
    } else if sheet.text_of(name).starts_with(b"__alignof") {
        sheet.overwrite(name, b"sizeof"); // of an expression, too
    }
}

/// `A(1) B(2)` among values or arguments: a comma between, unless a string is beside.
fn missing_comma(sheet: &mut Sheet<'_>, brackets: &Brackets, at: usize) {
    let bracket = brackets.list[brackets.own[at]];
    let called = brackets.own[at] > 0 && bracket.class == Class::Call && sheet.is_word(bracket.open.saturating_sub(1));
    let Some(next) = sheet.tokens.get(at + 1).filter(|_| called) else { return };
    let designator = next.is(".") && next.line > sheet.tokens[at].line;
    if next.kind == Kind::Word || next.is("{") || designator {
        let _ = sheet.put_after(at, b',') || sheet.put_before(at + 1, b',');
    }
}
