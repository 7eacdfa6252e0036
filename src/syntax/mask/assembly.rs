//! `asm` statements: templates that macros help to write, operands that macros stand for.
//!
//! In: tokens and brackets. Out: a template of strings alone, operands of the form `[name] "constraint" (value)`.

use super::brackets::{Bracket, Brackets, Class, is_asm_word};
use super::sheet::Sheet;

/// Masks `asm` statements.
pub(super) fn mask(sheet: &mut Sheet<'_>, brackets: &Brackets) {
    for at in 0..sheet.tokens.len() {
        if sheet.is_dead(at) {
            continue;
        }
        if let Some(bracket) = brackets.opened(at, Class::Assembly).filter(|b| b.close < sheet.tokens.len()) {
            introduction(sheet, at);
            let end = template(sheet, brackets, bracket);
            operands(sheet, brackets, bracket, end);
        }
    }
}

/// The words before the bracket at `open`: `asm_volatile_goto` as `asm volatile goto`.
fn introduction(sheet: &mut Sheet<'_>, open: usize) {
    let Some(at) = (open.saturating_sub(4)..open).rev().find(|n| is_asm_word(sheet.text_of(*n))) else { return };
    match sheet.text_of(at) {
        b"asm_volatile_goto" => sheet.overwrite(at, b"asm volatile goto"),
        b"asm_goto_output" => sheet.overwrite(at, b"asm goto"),
        b"asm_inline" => sheet.overwrite(at, b"asm inline"),
        _ => false,
    };
    for qualifier in at + 1..open {
        if matches!(sheet.text_of(qualifier), b"__inline__" | b"__inline") {
            sheet.bury(qualifier, qualifier);
        }
    }
}

/// The template: strings stay; the first token behind it.
fn template(sheet: &mut Sheet<'_>, brackets: &Brackets, bracket: Bracket) -> usize {
    let mut end = bracket.open + 1;
    while end < bracket.close && !sheet.is(end, ":") {
        end = brackets.beyond(end);
    }
    let mut strings = 0;
    for at in bracket.open + 1..end.min(bracket.close) {
        if sheet.is_string(at) {
            strings += 1;
        } else {
            sheet.bury(at, at);
        }
    }
    if strings == 0 && end > bracket.open + 1 {
        let (first, last) = (sheet.tokens[bracket.open + 1].at, sheet.tokens[end - 1].end());
        if last > first + 1 {
            sheet.put(first, b'"');
            sheet.put(first + 1, b'"');
        }
    }
    end
}

/// The operands and what comes behind them: a macro that stands for some becomes blank, with a comma beside it.
fn operands(sheet: &mut Sheet<'_>, brackets: &Brackets, bracket: Bracket, from: usize) {
    let (mut at, mut section) = (from, 0);
    let mut first = from + 1;
    while at <= bracket.close {
        let colon = sheet.is(at, ":");
        if colon || sheet.is(at, ",") || at == bracket.close {
            if section > 0 && section < 4 && at > first {
                operand(sheet, brackets, (first, at - 1), section);
            }
            section += usize::from(colon);
            first = at + 1;
        }
        at = brackets.beyond(at);
    }
}

/// One operand or clobber.
fn operand(sheet: &mut Sheet<'_>, brackets: &Brackets, (first, last): (usize, usize), section: usize) {
    let constraint = if sheet.is(first, "[") { brackets.beyond(first) } else { first };
    if !sheet.is_string(constraint) {
        if sheet.is(last, ")") && sheet.tokens.get(constraint).is_some_and(|t| t.kind == crate::syntax::lex::Kind::Word)
        {
            let open = brackets.list[brackets.own[last]].open;
            let width = sheet.tokens[open.max(constraint + 1) - 1].end() - sheet.tokens[constraint].at;
            if open > constraint && width > 1 && section < 3 && constraint > first {
                // `CONST (x)`: some constraint
                sheet.bury(constraint, open - 1);
                let at = sheet.tokens[constraint].at;
                sheet.put(at, b'"');
                sheet.put(at + 1, b'"');
                return;
            }
        }
        sheet.bury(first, last);
        let comma =
            if sheet.is(last + 1, ",") { Some(last + 1) } else { Some(first - 1).filter(|n| sheet.is(*n, ",")) };
        if let Some(comma) = comma {
            sheet.bury(comma, comma);
        }
        return;
    }
    let mut at = constraint + 1;
    while at <= last && section < 3 && !sheet.is(at, "(") {
        sheet.bury(at, at); // `"r" X (x)`, `"r" "m" (x)`
        at += 1;
    }
}
