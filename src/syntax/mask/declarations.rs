//! Declarations with more words than a type and a name need: the others are annotations that no list has.
//!
//! In: tokens and brackets. Out: blanks, and the tokens without those words.
//!
//! ```text
//! STATIC int f(          "int" is the type, "f" the name: STATIC goes
//! FOO_API foo_t *f(      two words before `*`, of which one is the type: the one that looks more like an annotation goes
//! char *name UNUSED,     one name behind a `*`
//! int f(void) __ksym;    nothing between parameters and the end
//! ```

use super::brackets::{Brackets, Class, is_asm_word};
use super::sheet::Sheet;
use crate::syntax::annotation::{is_storage, is_type_like, is_type_word};
use crate::syntax::lex::{Token, is_keyword};

/// A run of words that declare something, and what stands behind it.
struct Run {
    /// Words that are no type, tag or storage class; with their arguments, if they have some that don't declare.
    unknown: Vec<(usize, usize)>,
    /// A type is among the others.
    typed: bool,
    /// The word with the parameters behind it: it is the name, and stays.
    name: Option<usize>,
    /// The token behind.
    end: usize,
}

/// Blanks the words that are too many.
pub(super) fn mask(sheet: &mut Sheet<'_>, brackets: &Brackets) {
    let mut dropped = vec![false; sheet.tokens.len()];
    let mut at = 0;
    while at < sheet.tokens.len() {
        let class = brackets.class_around(at);
        let declares = matches!(class, Class::Top | Class::Fields | Class::Parameters | Class::Code);
        if declares && sheet.is_word(at) && !is_keyword(sheet.text_of(at)) && !is_asm_word(sheet.text_of(at)) {
            at = judge(sheet, brackets, at, &mut dropped).max(at + 1);
        } else {
            at += 1;
        }
    }
    let tokens: Vec<Token<'_>> =
        sheet.tokens.iter().zip(&dropped).filter(|(_, dropped)| !**dropped).map(|(token, _)| *token).collect();
    for (at, _) in dropped.iter().enumerate().filter(|(_, dropped)| **dropped) {
        sheet.blank_tokens(at, at);
    }
    sheet.keep(tokens);
}

/// Judges the run of words that begins at `at`, if one does; the token to go on with.
fn judge(sheet: &Sheet<'_>, brackets: &Brackets, at: usize, dropped: &mut [bool]) -> usize {
    let class = brackets.class_around(at);
    let before = at.checked_sub(1);
    let previous = before.map_or(&b";"[..], |n| sheet.text_of(n));
    let opens = match class {
        Class::Parameters => matches!(previous, b"(" | b","),
        _ => matches!(previous, b";" | b"{" | b"}"),
    };
    let own = before.map_or(0, |n| brackets.own[n]);
    let after_type = previous == b"}" && matches!(brackets.list[own].class, Class::Fields | Class::Constants);
    if previous == b"}" && own > 0 && brackets.list[own].class == Class::Values {
        return at + 1;
    }
    let run = run_of(sheet, brackets, at, class);
    let terminator = sheet.text_of(run.end);
    if opens && !after_type {
        let named = !matches!(terminator, b"*") && !declares_in_group(sheet, run.end);
        let allowed = usize::from(!run.typed) + usize::from(named);
        if class == Class::Fields && terminator == b"}" && !run.typed {
            drop_excess(sheet, &run, 0, dropped);
            return run.end;
        }
        let fits = class != Class::Code || matches!(terminator, b"=" | b";" | b"*" | b"[" | b",") && run.end >= at + 3;
        if fits && run.end < sheet.tokens.len() && !(terminator == b"{" && class != Class::Top) {
            drop_excess(sheet, &run, allowed, dropped);
        }
    } else if previous == b"*" && class != Class::Code || previous == b"," && class != Class::Parameters || after_type {
        drop_excess(sheet, &run, 1, dropped);
    } else if previous == b")" || previous == b"]" {
        let parameters = previous == b"]" || brackets.list[own].class == Class::Parameters;
        let ends = matches!(terminator, b";" | b"{" | b"=" | b"," | b"") && !run.typed;
        let old_style =
            terminator == b";" && run.unknown.len() == 2 && run.unknown.iter().all(|n| likeness(sheet, n.0) == 0);
        if parameters && ends && !old_style && (class != Class::Code || previous == b"]") {
            drop_excess(sheet, &run, 0, dropped);
        }
    }
    run.end
}

/// Whether a bracket at `at` holds a declarator: `(*f)`.
fn declares_in_group(sheet: &Sheet<'_>, at: usize) -> bool {
    sheet.is(at, "(")
        && (sheet.is(at + 1, "*") || sheet.is(at + 2, "*") && sheet.is(at + 4, ")") && sheet.is(at + 5, "("))
}

/// The run of words from `at` on.
fn run_of(sheet: &Sheet<'_>, brackets: &Brackets, at: usize, class: Class) -> Run {
    let mut run = Run { unknown: Vec::new(), typed: false, name: None, end: at };
    let behind_group = at > 0 && matches!(sheet.text_of(at - 1), b")" | b"]");
    while sheet.is_word(run.end) && !is_keyword(sheet.text_of(run.end)) {
        let word = sheet.text_of(run.end);
        if matches!(word, b"struct" | b"union" | b"enum") {
            run.take_tag(sheet);
        } else if sheet.is(run.end + 1, "(") && class != Class::Code {
            if !run.take_called(sheet, brackets, behind_group) {
                break;
            }
        } else {
            run.take_word(word);
        }
    }
    run
}

impl Run {
    /// Takes `struct x`; of `struct A B {`, all words but one are too many.
    fn take_tag(&mut self, sheet: &Sheet<'_>) {
        self.end += 1;
        let words = (self.end..sheet.tokens.len()).take(4).take_while(|n| sheet.is_word(*n)).count();
        let defined = words > 1 && sheet.is(self.end + words, "{");
        self.typed = !defined; // as if the tag were the type
        if defined {
            self.unknown.extend((self.end..self.end + words).map(|n| (n, n)));
        }
        self.end += if defined { words } else { words.min(1) };
    }

    /// Takes a word with a bracket behind it; whether the run goes on behind the bracket.
    fn take_called(&mut self, sheet: &Sheet<'_>, brackets: &Brackets, behind_group: bool) -> bool {
        let (name, behind) = (self.end, brackets.beyond(self.end + 1));
        let word = sheet.text_of(name);
        if matches!(word, b"typeof" | b"__typeof__" | b"__typeof" | b"_Alignas") {
            (self.typed, self.end) = (true, behind);
            return true;
        }
        let closed = brackets.own[name + 1] > 0 && !declares_in_group(sheet, name + 1);
        let continues = sheet.is_word(behind) && !is_keyword(sheet.text_of(behind));
        let annotates = continues && (!self.typed || likeness(sheet, name) > 1) || behind_group;
        if closed && annotates {
            self.unknown.push((name, behind - 1));
            self.end = behind;
            return true;
        }
        self.name = Some(name);
        self.take_word(word);
        false
    }

    /// Takes a word alone.
    fn take_word(&mut self, word: &[u8]) {
        let unknown = !is_storage(word) || word.first().is_some_and(u8::is_ascii_uppercase);
        if is_type_word(word) {
            self.typed |= is_whole_type(word);
        } else if unknown && word != b"typedef" {
            self.unknown.push((self.end, self.end));
        }
        self.end += 1;
    }
}

/// A word that is a type, not a qualifier.
fn is_whole_type(word: &[u8]) -> bool {
    !matches!(word, b"const" | b"volatile" | b"static" | b"extern" | b"inline" | b"register" | b"restrict" | b"auto")
}

/// How much a word looks like an annotation.
fn likeness(sheet: &Sheet<'_>, at: usize) -> u8 {
    let word = sheet.text_of(at);
    if word.starts_with(b"__") && !is_type_like(word) {
        return 3;
    }
    if word.windows(6).any(|part| part == b"inline") {
        return 2;
    }
    match word.iter().any(u8::is_ascii_lowercase) {
        false => 2,
        true => u8::from(sheet.is(at + 1, "(")),
    }
}

/// Drops unknown words until `allowed` are left, the likest annotations first, then the earliest; arguments of one that
/// stays with something behind it go too.
fn drop_excess(sheet: &Sheet<'_>, run: &Run, allowed: usize, dropped: &mut [bool]) {
    let excess = run.unknown.len().saturating_sub(allowed);
    let mut order: Vec<usize> = (0..run.unknown.len()).collect();
    let is_name = |n: usize| run.name == Some(run.unknown[n].0);
    order.sort_by_key(|n| (is_name(*n), std::cmp::Reverse(likeness(sheet, run.unknown[*n].0))));
    for (place, n) in order.into_iter().enumerate() {
        let (first, last) = run.unknown[n];
        let from = if place < excess { first } else { first + 1 };
        // The arguments of a word whose bracket is never closed end with the text.
        let last = last.min(dropped.len().saturating_sub(1));
        if let Some(dropped) = dropped.get_mut(from..=last) {
            dropped.fill(true);
        }
    }
}
