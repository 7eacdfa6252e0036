//! The scanner: which names a file defines and uses. In: a file's bytes and its language. Out: [`Words`]. The same bytes give the same
//! answer in every kernel; that matters more than any single name.

mod c;
mod keyword;
mod lex;
mod lines;
mod other;
mod statement;
mod words;

pub(crate) use words::Words;

use crate::syntax::language::Language;

/// Bytes above which only the macros of a C file are read. Measured on v6.12: 102 files, 404 MB of its 1,320; all but eight are register
/// lists made by a program, and the largest file that people write (a verifier of 0.7 MB) is well below.
const LARGE: usize = 1 << 20;

/// How much of a file was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    /// All of it.
    Whole,
    /// Only `#define` lines.
    Macros,
}

/// Reads a file.
pub(crate) fn scan(language: Language, text: &[u8], words: &mut Words) -> Extent {
    if text.len() > LARGE {
        lines::macros(text, words);
        return Extent::Macros;
    }
    match language {
        Language::C => lex::read(text, &mut c::C::default(), words),
        Language::Assembler => lex::read(text, &mut other::Assembler::default(), words),
        Language::DeviceTree => lex::read(text, &mut other::DeviceTree, words),
        Language::Rust => lex::read(text, &mut other::Rust::default(), words),
        Language::Kconfig | Language::Make => lines::named_options(language, text, words),
        Language::Maintainers | Language::Other => {}
    }
    Extent::Whole
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests;
