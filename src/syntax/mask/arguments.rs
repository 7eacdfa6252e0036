//! Arguments of calls that are no expressions: types, declarations, statements, operators, nothing.
//!
//! In: tokens and brackets. Out: each made one identifier of the same length; statements put into braces.
//!
//! ```text
//! container_of(p, struct s, m)      container_of(p, struct_s, m)
//! va_arg(ap, char *)                va_arg(ap, char__)
//! TP_PROTO(struct s *p, int n)      TP_PROTO(struct_s__p, int_n)
//! TP_fast_assign( a = 1; b = 2; )   TP_fast_assign({a = 1; b = 2;})
//! X(a, , ==, return)                X(a,_, __, Return)
//! ```

use super::brackets::{Bracket, Brackets, Class};
use super::sheet::Sheet;
use crate::syntax::annotation::is_type_word;
use crate::syntax::lex::{Kind, is_keyword};

/// An initialiser with more tokens than this stays as it is when it is an argument.
const LONGEST_VALUES: usize = 4096;

/// Masks arguments.
pub(super) fn mask(sheet: &mut Sheet<'_>, brackets: &Brackets) {
    for at in 0..sheet.tokens.len() {
        if sheet.is_dead(at) {
            continue;
        }
        if let Some(call) = brackets.opened(at, Class::Call).filter(|call| call.close < sheet.tokens.len()) {
            arguments(sheet, brackets, call);
        }
        // `M((u32 a, u32 b), c)`: an argument that is itself a list of some
        let list = brackets
            .opened(at, Class::Group)
            .filter(|group| brackets.class_around(at) == Class::Call && at > 0 && group.close + 1 < sheet.tokens.len());
        if let Some(group) = list.filter(|group| {
            matches!(sheet.text_of(at - 1), b"(" | b",") && matches!(sheet.text_of(group.close + 1), b")" | b",")
        }) {
            arguments(sheet, brackets, group);
        }
    }
}

/// Masks the arguments of one call.
fn arguments(sheet: &mut Sheet<'_>, brackets: &Brackets, call: Bracket) {
    let pieces = brackets.arguments(&sheet.tokens, call);
    let name = call.open.checked_sub(1).map_or(&b""[..], |n| sheet.text_of(n));
    if matches!(name, b"offsetof" | b"__builtin_offsetof") && call.open > 0 {
        sheet.put(sheet.tokens[call.open - 1].at, if name[0] == b'o' { b'O' } else { b'_' });
    }
    if name == b"_Generic" {
        return;
    }
    let mut comma = call.open;
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Some((first, last)) => {
                if !sheet.is_dead(*first) {
                    argument(sheet, brackets, *first, *last);
                }
                comma = last + 1;
            }
            None => {
                empty(sheet, comma, n + 1 == pieces.len());
                comma += 1;
            }
        }
    }
}

/// An empty argument behind the `,` or `(` at `before`.
fn empty(sheet: &mut Sheet<'_>, before: usize, is_last: bool) {
    if is_last {
        sheet.put(sheet.tokens[before].at, b' ');
    } else if !sheet.put_after(before, b'_') && !sheet.put_before(before + 1, b'_') {
        sheet.put(sheet.tokens[before + 1].at, b' ');
    }
}

/// One argument.
fn argument(sheet: &mut Sheet<'_>, brackets: &Brackets, first: usize, last: usize) {
    let block = matches!(sheet.text_of(first), b"if" | b"for" | b"while" | b"do" | b"switch") && sheet.is(last, "}");
    let left = if block || holds_semicolon(sheet, brackets, (first, last)) {
        statements(sheet, first, last)
    } else {
        Some(last)
    };
    let Some(last) = left else { return };
    let text = sheet.text_of(first);
    let words = (first..=last).all(|n| sheet.is_word(n) || sheet.is(n, "*"));
    let alone = first == last || last == first + 1 && sheet.tokens[last].kind == Kind::Punct;
    if is_type_word(text) && sheet.is_word(first) {
        declaration(sheet, first, last);
    } else if words && (sheet.is(last, "*") || adjacent_words(sheet, first, last))
        || alone && is_unreadable(sheet, first)
    {
        sheet.glue(first, last);
    } else if sheet.is(first, ".") && sheet.is_word(first + 1) {
        designated(sheet, brackets, first, last);
    } else if brackets.opened(first, Class::Values).is_some() {
        values(sheet, brackets, first);
    } else if is_keyword(text) && text != b"sizeof" {
        keyword(sheet, brackets, first, last);
    } else if adjacent_words(sheet, first, last) && sheet.is_word(first) {
        adjacent(sheet, first, last);
    }
}

/// Whether a `;` stands in an argument, outside of the brackets in it.
fn holds_semicolon(sheet: &Sheet<'_>, brackets: &Brackets, (first, last): (usize, usize)) -> bool {
    std::iter::successors(Some(first), |at| Some(brackets.beyond(*at)))
        .take_while(|at| *at <= last)
        .any(|at| sheet.is(at, ";"))
}

/// A type, or a declaration that begins with one, as an argument: `int (*f)(void)` becomes `int` and blanks.
fn declaration(sheet: &mut Sheet<'_>, first: usize, last: usize) {
    let words = (first + 1..=last).take_while(|n| sheet.is_word(*n) || sheet.is(*n, "*")).count();
    let end = first + words;
    sheet.glue(first, end);
    if end < last && !sheet.is(end + 1, "=") {
        sheet.bury(end + 1, last);
    }
}

/// `.a = 1` as an argument: an assignment; an initialiser in it becomes an expression.
fn designated(sheet: &mut Sheet<'_>, brackets: &Brackets, first: usize, last: usize) {
    sheet.put(sheet.tokens[first].at, b' ');
    let mut at = first;
    while at <= last {
        if sheet.is(at, "{") && !sheet.is(at - 1, ")") && brackets.opened(at, Class::Values).is_some() {
            values(sheet, brackets, at);
        }
        at = brackets.beyond(at);
    }
}

/// An initialiser as an argument: `{ .a = 1, 2 }` as `(  a = 1, 2 )`, with all that is in it.
fn values(sheet: &mut Sheet<'_>, brackets: &Brackets, first: usize) {
    let outer = brackets.list[brackets.own[first]];
    if outer.close - outer.open > LONGEST_VALUES {
        return;
    }
    for at in outer.open..=outer.close {
        let within = brackets.opened(at, Class::Values);
        if let Some(inner) = within.filter(|inner| inner.close <= outer.close) {
            sheet.put(sheet.tokens[inner.open].at, b'(');
            sheet.put(sheet.tokens[inner.close].at, b')');
            let last = inner.close - 1;
            if sheet.is(last, ",") {
                sheet.put(sheet.tokens[last].at, b' ');
            }
            if last == inner.open {
                let _ = sheet.put_after(inner.open, b'0') || sheet.put_before(inner.open, b'_');
            }
        }
        let designates = at > outer.open && matches!(sheet.text_of(at - 1), b"{" | b",");
        if designates && sheet.is(at, ".") {
            sheet.put(sheet.tokens[at].at, b' ');
        } else if designates && brackets.opened(at, Class::Index).is_some() {
            let end = brackets.beyond(at);
            sheet.bury(at, if sheet.is(end, "=") { end } else { end - 1 });
        }
    }
}

/// An operator alone, or a number that is none: `3h`.
fn is_unreadable(sheet: &Sheet<'_>, at: usize) -> bool {
    let token = &sheet.tokens[at];
    let odd = |c: &u8| {
        !c.is_ascii_hexdigit()
            && !matches!(c, b'x' | b'X' | b'u' | b'U' | b'l' | b'L' | b'.' | b'p' | b'P' | b'+' | b'-')
    };
    let hexadecimal = token.text.starts_with(b"0x") || token.text.starts_with(b"0X") || token.text.starts_with(b"0b");
    let letters = !hexadecimal && token.text.iter().any(|c| matches!(c, b'a'..=b'd' | b'A'..=b'D' | b'x' | b'X'));
    token.kind == Kind::Punct && !token.is("{") || token.kind == Kind::Number && (token.text.iter().any(odd) || letters)
}

/// Whether two words of an argument stand side by side.
fn adjacent_words(sheet: &Sheet<'_>, first: usize, last: usize) -> bool {
    (first..last).take(64).any(|n| is_pair(sheet, n))
}

/// Whether the words at `at` and behind are side by side and no operator is among them.
fn is_pair(sheet: &Sheet<'_>, at: usize) -> bool {
    sheet.is_word(at)
        && sheet.is_word(at + 1)
        && sheet.text_of(at) != b"sizeof"
        && !is_type_word(sheet.text_of(at))
        && !is_keyword(sheet.text_of(at))
        && !is_type_word(sheet.text_of(at + 1))
        && !is_keyword(sheet.text_of(at + 1))
}

/// `u32 x[4]` and the like, with the first two words side by side.
fn adjacent(sheet: &mut Sheet<'_>, first: usize, last: usize) {
    if is_pair(sheet, first) && last < first + 24 && !(first..=last).any(|n| sheet.is_string(n) || sheet.is(n, "{")) {
        sheet.glue(first, first + 1);
    }
}

/// `return -1`, `goto out` as an argument.
fn keyword(sheet: &mut Sheet<'_>, brackets: &Brackets, first: usize, last: usize) {
    let at = sheet.tokens[first].at;
    let upper = sheet.out[at].to_ascii_uppercase();
    sheet.put(at, upper);
    let behind = brackets.beyond(first + 1);
    if sheet.is_word(first + 1) && first < last {
        sheet.glue(first, first + 1);
    } else if brackets.opened(first + 1, Class::Control).is_some() && behind <= last {
        let _ = sheet.put_after(behind - 1, b',') || sheet.put_before(behind, b',');
    }
}

/// Statements as an argument: into braces, if there is white space for them. Else their `;` become `,`, and the last
/// token that is left comes back.
fn statements(sheet: &mut Sheet<'_>, first: usize, last: usize) -> Option<usize> {
    if !sheet.is(last, ";") && !sheet.is(last, "}") {
        (first..=last)
            .filter(|at| sheet.is(*at, ";"))
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|at| sheet.put(sheet.tokens[at].at, b','));
        return Some(last);
    }
    let (before, behind) = (sheet.tokens[first].at.checked_sub(1), sheet.tokens[last].end());
    let free = |at: Option<usize>| at.is_some_and(|at| sheet.out.get(at).is_some_and(|c| matches!(c, b' ' | b'\t')));
    let closes = (behind..sheet.tokens.get(last + 1).map_or(behind, |t| t.at)).find(|at| free(Some(*at)));
    if let (true, Some(before), Some(closes)) = (free(before), before, closes) {
        sheet.put(before, b'{');
        sheet.put(closes, b'}');
        return None;
    }
    for at in first..=last {
        if sheet.is(at, ";") {
            sheet.put(sheet.tokens[at].at, if at == last { b' ' } else { b',' });
        }
    }
    if sheet.is(last, ";") { last.checked_sub(1).filter(|n| *n >= first) } else { Some(last) }
}
