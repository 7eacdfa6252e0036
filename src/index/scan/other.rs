//! Assembler, device trees and Rust: the same words as C, other definitions. In: words and marks. Out: labels, functions, macros.

use super::lex::{Apostrophe, Grammar, Hash, Place, Word};
use super::words::Words;
use crate::index::kind::Kind;

/// Assembler and linker scripts: labels at the margin, `.macro`, and macros that begin a function or data.
#[derive(Default)]
pub(super) struct Assembler {
    /// What the word to come is.
    awaits: Option<Kind>,
}

impl<'a> Grammar<'a> for Assembler {
    const APOSTROPHE: Apostrophe = Apostrophe::Nothing;
    const HASH: Hash = Hash::Comment;

    fn word(&mut self, word: Word<'a>, words: &mut Words) {
        if let Some(kind) = self.awaits.take() {
            return words.defines(word.name, kind);
        }
        match (word.before, word.text, word.after) {
            (b'.', b"macro", _) => self.awaits = Some(Kind::Macro),
            (_, head, b'(') if head.starts_with(b"EXPORT_SYMBOL") => self.awaits = Some(Kind::Export),
            (_, head, b'(') if begins_symbol(head) => self.awaits = Some(Kind::Function),
            (b'\n', _, b':') => words.defines(word.name, Kind::Label),
            _ => {}
        }
    }

    fn mark(&mut self, mark: u8, _: Place, _: &mut Words) {
        if mark != b'(' {
            self.awaits = None;
        }
    }
}

/// Macros of the kernel's assembler whose argument is a symbol that begins here.
fn begins_symbol(head: &[u8]) -> bool {
    let ends: [&[u8]; 5] = [b"ENTRY", b"_START", b"_START_LOCAL", b"GLOBAL", b"_ALIAS"];
    ends.iter().any(|end| head.ends_with(end)) && crate::index::name::is_upper(head)
}

/// Device trees: labels. Parts of names with a hyphen are no names.
#[derive(Default)]
pub(super) struct DeviceTree;

impl<'a> Grammar<'a> for DeviceTree {
    const APOSTROPHE: Apostrophe = Apostrophe::Nothing;
    const HASH: Hash = Hash::Nothing;

    fn word(&mut self, word: Word<'a>, words: &mut Words) {
        match (word.before, word.after) {
            (b'-' | b'@' | b'#', _) | (_, b'-') => words.was_none(word.name),
            (_, b':') => words.defines(word.name, Kind::Label),
            _ => {}
        }
    }

    fn mark(&mut self, _: u8, _: Place, _: &mut Words) {}
}

/// Rust: what `fn`, `struct` and their kin name.
#[derive(Default)]
pub(super) struct Rust {
    /// What the word to come is.
    awaits: Option<Kind>,
}

impl<'a> Grammar<'a> for Rust {
    const APOSTROPHE: Apostrophe = Apostrophe::Nothing;
    const HASH: Hash = Hash::Nothing;

    fn word(&mut self, word: Word<'a>, words: &mut Words) {
        let next = match word.text {
            b"fn" => Some(Kind::Function),
            b"struct" | b"trait" => Some(Kind::Struct),
            b"union" => Some(Kind::Union),
            b"enum" => Some(Kind::Enum),
            b"type" => Some(Kind::Typedef),
            b"macro_rules" => Some(Kind::Macro),
            b"const" | b"static" => Some(Kind::Variable),
            _ => None,
        };
        match (self.awaits.take(), next) {
            (Some(kind), None) => words.defines(word.name, kind),
            _ => self.awaits = next,
        }
    }

    fn mark(&mut self, _: u8, _: Place, _: &mut Words) {
        self.awaits = None;
    }
}
