//! What is read line by line: Kconfig, makefiles, and of very large C files the macros. In: bytes. Out: names.

use super::lex::is_word_byte;
use super::words::Words;
use crate::index::kind::Kind;
use crate::index::name::Name;
use crate::syntax::language::Language;
use crate::syntax::options::{PREFIX, options};
use bstr::ByteSlice;

/// Kconfig and makefiles: the options that they define and use.
pub(super) fn named_options(language: Language, text: &[u8], words: &mut Words) {
    options(language, text, |option| {
        let name = Name::joined(PREFIX, option.name);
        if option.is_defined { words.implies(name, Kind::Config) } else { words.saw(name) }
    });
}

/// Only what `#define` at the margin defines: for files too large to be written by hand.
pub(super) fn macros(text: &[u8], words: &mut Words) {
    for line in text.lines() {
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
