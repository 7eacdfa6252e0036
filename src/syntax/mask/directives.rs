//! Directives that stay: written so that the grammar reads them.
//!
//! In: one directive. Out: its line without comments and tails, a condition that the grammar does not know as `1`.

use super::sheet::Sheet;
use crate::syntax::lex::{Kind, Token, directive, tokens};

/// Whether a directive opens, continues or ends an `#if`.
pub(super) fn is_conditional(line: &[u8]) -> bool {
    matches!(directive(line), b"if" | b"ifdef" | b"ifndef" | b"elif" | b"elifdef" | b"elifndef" | b"else" | b"endif")
}

/// Whether a conditional can be written so that the grammar reads it.
pub(super) fn is_readable(line: &[u8]) -> bool {
    let inner = inner(line);
    let name = inner.get(1).is_some_and(|t| t.kind == Kind::Word);
    match directive(line) {
        b"ifdef" | b"ifndef" => name,
        b"if" | b"elif" => inner.len() > 1,
        b"elifdef" | b"elifndef" => false,
        _ => true,
    }
}

/// The tokens of a directive behind the `#`.
fn inner(line: &[u8]) -> Vec<Token<'_>> {
    tokens(line.get(1..).unwrap_or_default())
}

/// Tidies the directive at token `at`.
pub(super) fn tidy(sheet: &mut Sheet<'_>, at: usize) {
    let token = sheet.tokens[at];
    let inner = inner(token.text);
    let base = token.at + 1;
    let name = directive(token.text);
    for comment in inner.iter().filter(|t| t.kind == Kind::Comment) {
        let define = name == b"define";
        // one that ends the directive is read by the grammar, which wants no blank before the line's end
        if inner.last() == Some(comment) && matches!(name, b"define" | b"include" | b"undef") {
            continue;
        }
        if define && comment.text.contains(&b'\n') {
            continue_lines(sheet, base + comment.at, base + comment.end());
        } else {
            sheet.blank(base + comment.at, base + comment.end());
        }
    }
    let words: Vec<_> = inner.into_iter().filter(|t| t.kind != Kind::Comment).collect();
    match name {
        b"else" | b"endif" => tail(sheet, base, &words, 1),
        b"ifdef" | b"ifndef" | b"undef" => tail(sheet, base, &words, 2),
        b"if" | b"elif" if !is_condition(&words) => {
            sheet.blank(base + words[1].at, token.end());
            sheet.put(base + words[1].at, b'1');
        }
        b"define" => variadic(sheet, base, &words),
        b"include" => include(sheet, base, &words),
        _ => {}
    }
}

/// Blanks what comes behind the first `keep` tokens.
fn tail(sheet: &mut Sheet<'_>, base: usize, words: &[Token<'_>], keep: usize) {
    if let (Some(first), Some(last)) = (words.get(keep), words.last()) {
        sheet.blank(base + first.at, base + last.end());
    }
}

/// Blanks a comment in a definition; its lines are continued, else the definition would end there.
fn continue_lines(sheet: &mut Sheet<'_>, from: usize, to: usize) {
    sheet.blank(from, to);
    for at in from..to {
        let end = sheet.text[at] == b'\n' || sheet.text[at] == b'\r' && sheet.text.get(at + 1) == Some(&b'\n');
        if end && at > from && !matches!(sheet.text[at - 1], b'\n' | b'\r') {
            sheet.put(at - 1, b'\\');
        }
    }
}

/// `#define X(args...)`: the name before the dots is blank.
fn variadic(sheet: &mut Sheet<'_>, base: usize, words: &[Token<'_>]) {
    let end = words.iter().position(|t| t.is(")")).unwrap_or(0);
    let called = words.get(2).is_some_and(|t| t.is("(") && t.at == words[1].end());
    for pair in words[..end].windows(2).filter(|_| called) {
        if pair[0].kind == Kind::Word && pair[1].is("...") {
            sheet.blank(base + pair[0].at, base + pair[0].end());
        }
    }
}

/// `#include` of something else than one string, one `<path>` or one word.
fn include(sheet: &mut Sheet<'_>, base: usize, words: &[Token<'_>]) {
    if words.get(1).is_some_and(|t| t.kind == Kind::Literal) {
        tail(sheet, base, words, 2);
    }
}

/// Whether the grammar reads this condition: names, numbers, calls and operators, well nested.
fn is_condition(words: &[Token<'_>]) -> bool {
    let operators: &[&[u8]] = &[
        b"+", b"-", b"*", b"/", b"%", b"||", b"&&", b"|", b"^", b"&", b"==", b"!=", b">", b">=", b"<=", b"<", b"<<",
        b">>",
    ];
    let (mut depth, mut operand) = (0usize, false);
    for (n, token) in words.iter().enumerate().skip(1) {
        let open = token.is("(");
        let fits = match token.kind {
            Kind::Word if token.text == b"defined" => {
                !operand && words.get(n + 1).is_some_and(|t| t.is("(") || t.kind == Kind::Word)
            }
            Kind::Word | Kind::Number => !operand,
            Kind::Literal => !operand && token.text.starts_with(b"'"),
            _ if open => !operand || words[n - 1].kind == Kind::Word,
            _ if token.is(")") => depth > 0,
            _ if token.is("!") || token.is("~") => !operand,
            _ if token.is(",") => operand && depth > 0,
            _ => operators.contains(&token.text) && (operand || token.is("-") || token.is("+")),
        };
        if !fits {
            return false;
        }
        depth = if open { depth + 1 } else { depth - usize::from(token.is(")")) };
        operand = token.is(")")
            || token.kind == Kind::Number
            || token.kind == Kind::Literal
            || token.kind == Kind::Word && token.text != b"defined";
    }
    depth == 0 && operand
}
