//! What is read line by line: Kconfig, makefiles, and of very large C files the macros. In: bytes. Out: names.

use super::lex::is_word_byte;
use super::words::Words;
use crate::index::kind::Kind;
use crate::index::name::Name;
use memchr::memchr;

/// How symbols of Kconfig are called in code.
const PREFIX: &[u8] = b"CONFIG_";

/// Words of Kconfig's own.
const KCONFIG_WORDS: [&[u8]; 24] = [
    b"depends",
    b"on",
    b"if",
    b"endif",
    b"select",
    b"imply",
    b"default",
    b"def_bool",
    b"def_tristate",
    b"bool",
    b"tristate",
    b"string",
    b"hex",
    b"int",
    b"prompt",
    b"range",
    b"source",
    b"menu",
    b"endmenu",
    b"choice",
    b"endchoice",
    b"y",
    b"n",
    b"m",
];

/// The lines of a text, without their breaks.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text).filter(|t| !t.is_empty());
    std::iter::from_fn(move || {
        let here = rest?;
        let end = memchr(b'\n', here);
        rest = end.map(|i| &here[i + 1..]).filter(|r| !r.is_empty());
        Some(&here[..end.unwrap_or(here.len())])
    })
}

/// The words of a line, up to a comment that begins with `#`; strings hold none.
fn words_of(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        loop {
            match *rest.first()? {
                b'#' => return None,
                quote @ (b'"' | b'\'') => {
                    let close = memchr(quote, &rest[1..])?;
                    rest = &rest[close + 2..];
                }
                byte if is_word_byte(byte) => {
                    let end = rest.iter().position(|b| !is_word_byte(*b)).unwrap_or(rest.len());
                    let (word, behind) = rest.split_at(end);
                    rest = behind;
                    return Some(word);
                }
                _ => rest = &rest[1..],
            }
        }
    })
}

/// Kconfig: `config X` defines `CONFIG_X`, other words outside help texts use it.
pub(super) fn kconfig(text: &[u8], words: &mut Words) {
    let mut help = Help::None;
    for line in lines(text) {
        let Some(indent) = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r')) else {
            continue;
        };
        if help.covers(columns(&line[..indent])) {
            continue;
        }
        match line[indent..].trim_ascii() {
            b"help" | b"---help---" => help = Help::Begins(columns(&line[..indent])),
            _ => kconfig_line(line, words),
        }
    }
}

/// Width of white space, tabs going to the next multiple of eight.
fn columns(blank: &[u8]) -> usize {
    blank.iter().fold(0, |at, b| if *b == b'\t' { at / 8 * 8 + 8 } else { at + 1 })
}

/// Whether lines belong to a help text, which ends with the first line that is indented less than its first.
#[derive(Clone, Copy)]
enum Help {
    None,
    /// The keyword stood in this column.
    Begins(usize),
    /// The first line stood in this column.
    Text(usize),
}

impl Help {
    /// Does a line that begins in this column belong to the help text?
    fn covers(&mut self, column: usize) -> bool {
        match *self {
            Self::Begins(keyword) if column > keyword || column > 0 => *self = Self::Text(column),
            Self::Text(first) if column >= first => {}
            _ => *self = Self::None,
        }
        !matches!(self, Self::None)
    }
}

/// A line of Kconfig outside help texts.
fn kconfig_line(line: &[u8], words: &mut Words) {
    let mut all = words_of(line);
    let Some(first) = all.next() else {
        return;
    };
    let defines = matches!(first, b"config" | b"menuconfig");
    let rest = if defines { None } else { Some(first) };
    for (i, word) in rest.into_iter().chain(all).enumerate() {
        if KCONFIG_WORDS.contains(&word) || is_number(word) {
            continue;
        }
        let name = Name::joined(PREFIX, word);
        match i {
            0 if defines => words.implies(name, Kind::Config),
            _ => words.saw(name),
        }
    }
}

/// Is this a number? Symbols may begin with a digit: `config 8139TOO`.
fn is_number(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit) || word.starts_with(b"0x")
}

/// Makefiles: only `CONFIG_` names; the others are files and variables.
pub(super) fn make(text: &[u8], words: &mut Words) {
    for line in lines(text) {
        words_of(line).filter(|w| w.starts_with(PREFIX)).for_each(|w| words.saw(Name::of(w)));
    }
}

/// Only what `#define` at the margin defines: for files too large to be written by hand.
pub(super) fn macros(text: &[u8], words: &mut Words) {
    for line in lines(text) {
        let Some(rest) = line.strip_prefix(b"#define") else {
            continue;
        };
        let rest = rest.trim_ascii_start();
        let end = rest.iter().position(|b| !is_word_byte(*b)).unwrap_or(rest.len());
        if end > 0 {
            words.implies(Name::of(&rest[..end]), Kind::Macro);
        }
    }
}
