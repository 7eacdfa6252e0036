//! Macros that are statements: loops with a body, calls without `;`.
//!
//! In: tokens and brackets. Out: `while` for what has a body, a `;` where a statement has none.
//!
//! ```text
//! list_for_each_entry(p, h, list)        while              (p, h, list)
//!         use(p);                                use(p);
//! FALL_BACK(x)                           FALL_BACK(x)
//!         next();                        ;       next();
//! ```

use super::brackets::{Brackets, Class};
use super::sheet::Sheet;
use crate::syntax::lex::is_keyword;

/// Masks statements.
pub(super) fn mask(sheet: &mut Sheet<'_>, brackets: &mut Brackets) {
    for at in 0..sheet.tokens.len() {
        if sheet.is_dead(at) {
            continue;
        }
        let call = brackets.opened(at, Class::Call).filter(|call| call.close < sheet.tokens.len());
        if let Some(call) = call.filter(|_| is_statement_start(sheet, brackets, at)) {
            macro_statement(sheet, brackets, at, call.close);
        }
        bare_macro(sheet, brackets, at);
        label_or_case(sheet, brackets, at);
    }
}

/// A macro's name alone on a line, between statements: it gets a `;`.
fn bare_macro(sheet: &mut Sheet<'_>, brackets: &Brackets, at: usize) {
    let upper = sheet.is_word(at) && !sheet.text_of(at).iter().any(u8::is_ascii_lowercase);
    let before_loop =
        sheet.is_word(at) && matches!(sheet.text_of(at + 1), b"for" | b"while" | b"do" | b"if" | b"switch" | b"return");
    if !upper && !before_loop
        || is_keyword(sheet.text_of(at))
        || brackets.class_around(at) != Class::Code
        || at == 0
        || !matches!(sheet.text_of(at - 1), b";" | b"{" | b"}" | b":")
    {
        return;
    }
    let line = sheet.tokens[at].line;
    let next = sheet.tokens.get(at + 1).is_some_and(|t| t.line > line && (t.is("}") || sheet.is_word(at + 1)));
    if next && sheet.tokens[at - 1].line < line {
        let _ = sheet.put_after(at, b';') || sheet.put_before(at + 1, b';');
    }
}

/// Whether a call whose bracket opens at `open` begins a statement of code.
fn is_statement_start(sheet: &Sheet<'_>, brackets: &Brackets, open: usize) -> bool {
    let Some(name) = open.checked_sub(1).filter(|n| sheet.is_word(*n)) else { return false };
    let code = brackets.class_around(name) == Class::Code;
    let Some(previous) = name.checked_sub(1) else { return false };
    let behind = match sheet.text_of(previous) {
        b";" | b"{" | b"}" | b":" | b"else" | b"do" => true,
        b")" => {
            let own = brackets.own[previous];
            brackets.list[own].class == Class::Control || brackets.ends_statement[own]
        }
        _ => false,
    };
    code && behind
}

/// Judges a macro call that begins a statement by what follows it.
fn macro_statement(sheet: &mut Sheet<'_>, brackets: &mut Brackets, open: usize, close: usize) {
    let name = open - 1;
    let next = close + 1;
    let word = sheet.text_of(next);
    let looping = is_loop_name(sheet.text_of(name));
    let followed =
        sheet.is_word(next) && !matches!(word, b"else") || looping && (matches!(word, b"(" | b"++" | b"--" | b"*"));
    if matches!(word, b"typeof" | b"__typeof__") && !looping {
        return;
    }
    let new_line = sheet.tokens.get(next).is_some_and(|t| t.line > sheet.tokens[close].line);
    if word == b"{" || followed && (looping || is_keyword(word) && !is_jump(word)) {
        let written = sheet.overwrite(name, b"while") || sheet.overwrite(name, b"if");
        let own = brackets.own[open];
        brackets.ends_statement[own] = written;
        if written && close == open + 1 && !sheet.put_after(open, b'1') {
            sheet.put(sheet.tokens[name].end() - 1, b' ');
        }
    } else if followed && new_line || word == b"}" || word == b"else" {
        let own = brackets.own[open];
        brackets.ends_statement[own] = true;
        if !sheet.put_after(close, b';') && !sheet.put_before(next, b';') {
            let at = sheet.tokens[name].at;
            sheet.blank_tokens(name, close);
            sheet.put(at, b';');
        }
    }
}

/// A word that leaves a statement list: what stands before it is a statement of its own.
fn is_jump(word: &[u8]) -> bool {
    matches!(word, b"return" | b"goto" | b"break" | b"continue" | b"case" | b"default")
}

/// A macro that is a loop by its name.
fn is_loop_name(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    [&b"for_each"[..], b"foreach", b"for_every", b"for_all", b"_for_"]
        .iter()
        .any(|part| lower.windows(part.len()).any(|w| w == *part))
}

/// Labels before `}`, ranges of `case`, addresses of labels.
fn label_or_case(sheet: &mut Sheet<'_>, brackets: &Brackets, at: usize) {
    let text = sheet.text_of(at);
    let previous = at.checked_sub(1).map_or(&b""[..], |n| sheet.text_of(n));
    match text {
        b":" if (sheet.is(at + 1, "}") || is_before_directive(sheet, at))
            && at > 1
            && sheet.is_word(at - 1)
            && previous != b"default" =>
        {
            let label = matches!(sheet.text_of(at - 2), b";" | b"}" | b"{" | b":");
            if label && brackets.class_around(at) == Class::Code {
                sheet.put(sheet.tokens[at].at, b';');
            }
        }
        b"..." if brackets.class_around(at) == Class::Code => {
            let place = sheet.tokens[at].at;
            sheet.blank(place, place + 3);
            sheet.put(place + 1, b'|');
        }
        b"&&"
            if sheet.is_word(at + 1)
                && matches!(previous, b"=" | b"(" | b"," | b"{" | b"[" | b"return" | b"]" | b"-") =>
        {
            sheet.put(sheet.tokens[at].at, b' ');
        }
        b"*" if previous == b"goto" => {
            let end = (at + 1..sheet.tokens.len()).take(64).find(|n| sheet.is(*n, ";")).unwrap_or(at + 2);
            sheet.blank_tokens(at, at);
            sheet.blank_tokens(at + 2, end.max(at + 3) - 1);
        }
        _ => {}
    }
}

/// Whether a directive that stays comes behind the token at `at`.
fn is_before_directive(sheet: &Sheet<'_>, at: usize) -> bool {
    let to = sheet.tokens.get(at + 1).map_or(sheet.out.len(), |t| t.at);
    let between = sheet.out.get(sheet.tokens[at].end()..to).unwrap_or_default();
    between.split(|c| *c == b'\n').skip(1).any(|line| line.trim_ascii_start().starts_with(b"#"))
}
