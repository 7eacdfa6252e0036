//! Macro calls that declare something: at top level and among fields.
//!
//! In: tokens and brackets. Out: calls made into declarations, where a call would not be read or would say less.
//!
//! ```text
//! SYSCALL_DEFINE2(f, int, a, u8 *, b) {     SYSCALL_DEFINE2 f( int  a, u8 *  b) {      type, name, parameters
//! static DEFINE_PER_CPU(struct s, x);       static                struct s  x ;        type, name
//! static DEVICE_ATTR(a, 0644, f, g);               DEVICE_ATTR(a, 0644, f, g);         a call has no storage class
//! DECLARE_BITMAP(name, BITS);  (a field)    DECLARE_BITMAP name[ BITS];                type, name, size
//! struct_group(name, int a; int b;);        struct      {      int a; int b;};
//! ```

use super::brackets::{Bracket, Brackets, Class};
use super::sheet::Sheet;
use crate::syntax::annotation::{is_storage, is_type_word};
use crate::syntax::lex::{Kind, is_keyword};

/// Masks the calls that declare.
pub(super) fn mask(sheet: &mut Sheet<'_>, brackets: &Brackets) {
    for at in 0..sheet.tokens.len() {
        if sheet.is_dead(at) {
            continue;
        }
        if sheet.is(at, ":") && brackets.class_around(at) == Class::Fields {
            unnamed_bits(sheet, at);
        }
        let Some(call) = brackets.opened(at, Class::Call).filter(|call| call.close < sheet.tokens.len()) else {
            continue;
        };
        let Some(name) = at.checked_sub(1).filter(|n| sheet.is_word(*n)) else { continue };
        let first = first_of_statement(sheet, name);
        match brackets.list[call.parent].class {
            Class::Top if first.is_some() => at_top(sheet, brackets, call, first.unwrap_or(name)),
            Class::Fields if first.is_some() => field(sheet, brackets, call, first.unwrap_or(name)),
            Class::Code
                if call.close > call.open + 2
                    && sheet.is(call.close + 1, ";")
                    && first.is_some_and(|first| first < name) =>
            {
                sheet.blank_tokens(first.unwrap_or(name), name - 1);
            }
            Class::Code if first.is_some() && is_local_table(sheet, call) => {
                sheet.put(sheet.tokens[call.open].at, b' ');
                sheet.put(sheet.tokens[call.open + 2].at, b'[');
                sheet.put(sheet.tokens[call.close].at, b']');
            }
            Class::Constants if !sheet.is(at.saturating_sub(2), "=") => constants(sheet, call),
            _ => {}
        }
    }
}

/// `u32 : 3;`, `u32 a : 1, : 3;`: bits without a name become blank.
fn unnamed_bits(sheet: &mut Sheet<'_>, at: usize) {
    let mut end = at + 1;
    while end < sheet.tokens.len().min(at + 64) && !matches!(sheet.text_of(end), b";" | b"," | b"}") {
        end += 1;
    }
    let start = at.saturating_sub(1);
    let typed = is_type_word(sheet.text_of(start))
        || at < 2
        || matches!(sheet.text_of(at - 2), b";" | b"{" | b"}" | b"const" | b"volatile" | b"struct" | b"enum");
    if sheet.is(start, ",") {
        sheet.bury(start, end - 1);
    } else if typed {
        sheet.bury(at, end - 1);
    }
}

/// Whether a call in code is `M(name, size) = {`.
fn is_local_table(sheet: &Sheet<'_>, call: Bracket) -> bool {
    let assigned = sheet.is(call.close + 1, "=") && sheet.is(call.close + 2, "{");
    assigned && sheet.is_word(call.open + 1) && sheet.is(call.open + 2, ",")
}

/// A macro that makes constants: its arguments become blank, with a comma if none follows.
fn constants(sheet: &mut Sheet<'_>, call: Bracket) {
    sheet.bury(call.open, call.close);
    if sheet.is_word(call.close + 1) {
        sheet.put(sheet.tokens[call.open].at, b',');
    }
}

/// The first token of the statement in which `name` is called, if only storage classes stand before it.
fn first_of_statement(sheet: &Sheet<'_>, name: usize) -> Option<usize> {
    let mut first = name;
    while first > 0 && is_storage(sheet.text_of(first - 1)) && sheet.is_word(first - 1) {
        first -= 1;
    }
    let boundary = first.checked_sub(1).is_none_or(|n| matches!(sheet.text_of(n), b";" | b"{" | b"}" | b")"));
    (boundary && !is_keyword(sheet.text_of(name))).then_some(first)
}

/// A call at top level, from the token `first` on.
fn at_top(sheet: &mut Sheet<'_>, brackets: &Brackets, call: Bracket, first: usize) {
    let arguments = brackets.arguments(&sheet.tokens, call);
    let next = sheet.text_of(call.close + 1);
    let stored = first + 1 < call.open;
    match next {
        b"{" if brackets.opened(call.close + 1, Class::Values).is_some() => {
            declaration(sheet, call, &arguments);
            sheet.put(sheet.tokens[call.open].at, b' ');
            sheet.put(sheet.tokens[call.close].at, b'=');
        }
        b"{" => definition(sheet, call, &arguments),
        b"." if arguments.len() == 2 => designated(sheet, call),
        b"=" | b"[" => declaration(sheet, call, &arguments),
        _ if is_typed_pair(sheet, &arguments) => declaration(sheet, call, &arguments),
        _ if stored && !(arguments.len() == 1 && is_one_word(sheet, arguments[0])) => sheet.bury(first, call.open - 2),
        _ => {}
    }
}

/// `MACHINE_START(NAME, "text") .field = ..., MACHINE_END`: `MACHINE_START NAME={"text", .field = ..., }`.
fn designated(sheet: &mut Sheet<'_>, call: Bracket) {
    let comma = call.open + 2;
    let end = (call.close..sheet.tokens.len()).take(2000).find(|n| sheet.text_of(*n).ends_with(b"_END"));
    let (Some(end), true) = (end, sheet.is(comma, ",") && sheet.put_after(comma, b'{')) else { return };
    sheet.put(sheet.tokens[call.open].at, b' ');
    sheet.put(sheet.tokens[comma].at, b'=');
    sheet.put(sheet.tokens[call.close].at, b',');
    sheet.overwrite(end, b"};");
}

/// Whether an argument is one word that is no keyword.
fn is_one_word(sheet: &Sheet<'_>, argument: Option<(usize, usize)>) -> bool {
    argument.is_some_and(|(first, last)| first == last && sheet.is_word(first) && !is_type_word(sheet.text_of(first)))
}

/// Whether two arguments are a type, by its first word, and a name.
fn is_typed_pair(sheet: &Sheet<'_>, arguments: &[Option<(usize, usize)>]) -> bool {
    let [Some((first, last)), second] = arguments else { return false };
    let simple = (*first..=*last).all(|n| sheet.is_word(n) || sheet.is(n, "*"));
    simple && is_type_word(sheet.text_of(*first)) && is_one_word(sheet, *second)
}

/// `M(name, ...) {`: a function `name` of type `M`.
fn definition(sheet: &mut Sheet<'_>, call: Bracket, arguments: &[Option<(usize, usize)>]) {
    if !is_one_word(sheet, arguments.first().copied().flatten()) {
        // no name: `M(x   ) {`
        let Some(Some((first, _))) = arguments.first() else { return };
        let at = sheet.tokens[*first].at;
        sheet.bury(*first, call.close - 1);
        sheet.put(at, b'x');
        return;
    }
    if arguments.len() == 1 {
        return; // `M(name) {` is read as it is
    }
    sheet.settle(call);
    sheet.put(sheet.tokens[call.open].at, b' ');
    let comma = call.open + 2;
    sheet.put(sheet.tokens[comma].at, b'(');
    if !parameters(sheet, &arguments[1..]) && call.close > comma + 1 {
        sheet.bury(comma + 1, call.close - 1);
    }
}

/// Arguments as parameters: `int, a` becomes `int  a`; whether they are.
fn parameters(sheet: &mut Sheet<'_>, arguments: &[Option<(usize, usize)>]) -> bool {
    let plain = |piece: &Option<(usize, usize)>| {
        piece.is_some_and(|(first, last)| {
            (first..=last).all(|n| sheet.is_word(n) || sheet.is(n, "*") || sheet.is(n, "..."))
        })
    };
    if !arguments.iter().all(plain) {
        return false;
    }
    let pieces: Vec<_> = arguments.iter().flatten().collect();
    let pairs = pieces.len() % 2 == 0
        && pieces
            .chunks(2)
            .all(|pair| pair[1].0 == pair[1].1 && sheet.is_word(pair[1].0) && !is_type_word(sheet.text_of(pair[1].0)));
    let typed = pieces
        .iter()
        .step_by(2)
        .any(|(first, last)| is_type_word(sheet.text_of(*first)) || sheet.is(*last, "*") || last > first);
    if pairs && (typed || pieces.len() == 2) {
        for pair in pieces.chunks(2) {
            sheet.put(sheet.tokens[pair[0].1 + 1].at, b' ');
        }
    }
    true
}

/// `M(type, name)` or `M(name, ...)` as a declaration: `type name`, `M name`.
fn declaration(sheet: &mut Sheet<'_>, call: Bracket, arguments: &[Option<(usize, usize)>]) {
    let typed = arguments.len() == 2
        && is_one_word(sheet, arguments[1])
        && arguments[0].is_some_and(|(first, last)| (first..=last).all(|n| sheet.is_word(n) || sheet.is(n, "*")));
    if let (true, Some((_, last))) = (typed, arguments.first().copied().flatten()) {
        sheet.settle(call);
        sheet.bury(call.open - 1, call.open);
        sheet.put(sheet.tokens[last + 1].at, b' ');
        sheet.put(sheet.tokens[call.close].at, b' ');
    } else if is_one_word(sheet, arguments.first().copied().flatten()) && arguments.len() > 1 {
        sheet.bury(call.open + 2, call.close - 1);
    }
}

/// A call among fields.
fn field(sheet: &mut Sheet<'_>, brackets: &Brackets, call: Bracket, first: usize) {
    let arguments = brackets.arguments(&sheet.tokens, call);
    let statements = brackets_hold_semicolon(sheet, brackets, call);
    let name = sheet.text_of(call.open - 1);
    if statements {
        return group(sheet, call, &arguments);
    }
    if !sheet.is(call.close + 1, ";") {
        if sheet.tokens.get(call.close + 1).is_none_or(|t| t.kind == Kind::Word || t.is("}")) {
            sheet.bury(first, call.close);
        }
        return;
    }
    let (one, two) = (arguments.first().copied().flatten(), arguments.get(1).copied().flatten());
    if is_one_word(sheet, one) && arguments.len() == 1 {
        return; // `M(name);` is read as it is
    }
    match (one, two) {
        _ if matches!(name, b"static_assert" | b"_Static_assert") => sheet.bury(first, call.close + 1),
        (Some(_), Some(size)) if is_one_word(sheet, one) && !name.ends_with(b"FLEX_ARRAY") => sized(sheet, call, size),
        (Some((_, last)), Some(_)) if is_one_word(sheet, two) => typed(sheet, call, last),
        _ => sheet.bury(first, call.close + 1),
    }
}

/// `M(name, size)`: `M name[ size]`.
fn sized(sheet: &mut Sheet<'_>, call: Bracket, (from, to): (usize, usize)) {
    sheet.settle(call);
    sheet.put(sheet.tokens[call.open].at, b' ');
    sheet.put(sheet.tokens[from - 1].at, b'[');
    if to + 1 < call.close {
        sheet.bury(to + 1, call.close - 1);
    }
    if is_type_word(sheet.text_of(from)) {
        sheet.glue(from, to);
    }
    sheet.put(sheet.tokens[call.close].at, b']');
}

/// `M(type, name)`, the type ending with the token `last`: `type  name`.
fn typed(sheet: &mut Sheet<'_>, call: Bracket, last: usize) {
    sheet.settle(call);
    sheet.bury(call.open - 1, call.open);
    sheet.put(sheet.tokens[last + 1].at, b' ');
    if last + 3 < call.close {
        sheet.bury(last + 3, call.close - 1);
    }
    sheet.put(sheet.tokens[call.close].at, b' ');
}

/// Whether a `;` stands directly in a bracket.
fn brackets_hold_semicolon(sheet: &Sheet<'_>, brackets: &Brackets, call: Bracket) -> bool {
    let mut at = call.open + 1;
    while at < call.close {
        if sheet.is(at, ";") {
            return true;
        }
        at = brackets.beyond(at);
    }
    false
}

/// `struct_group(name, fields)`: a struct without a name.
fn group(sheet: &mut Sheet<'_>, call: Bracket, arguments: &[Option<(usize, usize)>]) {
    let has_fields =
        |piece: &Option<(usize, usize)>| piece.is_some_and(|(first, last)| (first..=last).any(|n| sheet.is(n, ";")));
    let Some(Some((fields, _))) = arguments.iter().find(|piece| has_fields(piece)).copied() else { return };
    if !sheet.overwrite(call.open - 1, b"struct") {
        return;
    }
    sheet.bury(call.open, fields - 1);
    sheet.put(sheet.tokens[fields - 1].at, b'{');
    sheet.put(sheet.tokens[call.close].at, b'}');
}
