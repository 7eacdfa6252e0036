//! Text into words and marks, for everything that has C's comments, strings and preprocessor. In: bytes. Out: calls of a [`Grammar`].
//!
//! ```text
//!     #define LIMIT(x) ((x) + 1)      LIMIT is defined; x is a word; no marks
//!     int f(void)  /* words not */    word int, word f, mark (, word void, mark )
//!     { return "words not"; }         mark {, word return, mark ;, mark }
//! ```
//!
//! One pass, no look back but over white space, no recursion: any bytes will do.

use super::words::Words;
use crate::index::kind::Kind;
use crate::index::name::{Hash as NameHash, Name, padded};
use memchr::{memchr, memchr2, memchr3};

/// A word where it stands.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    /// Its bytes: letters, digits, underscores.
    pub(super) text: &'a [u8],
    /// Its name.
    pub(super) name: Name,
    /// The byte before it; a line break at the beginning of the text.
    pub(super) before: u8,
    /// The byte behind it; a line break at the end of the text.
    pub(super) after: u8,
}

/// What the preprocessor does to the text between its lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Branch {
    /// `#if` and its kin: what follows may be there or not.
    If,
    /// `#else`, `#elif`: what follows stands instead.
    Else,
    /// `#endif`.
    End,
}

/// What `'` begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Apostrophe {
    /// A character: `'x'`, `'\''`.
    Character,
    /// Nothing that hides words (assembler comments say "don't").
    Nothing,
}

/// What a `#` begins that no directive of the preprocessor follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    /// A directive nobody knows; its line holds words but no marks.
    Directive,
    /// A comment.
    Comment,
    /// Part of a word, an attribute: nothing.
    Nothing,
}

/// Where a mark stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// First on its line.
    Margin,
    /// Elsewhere.
    Inside,
}

/// A language's own part: what words and marks define.
pub(super) trait Grammar<'a> {
    /// How `'` is read.
    const APOSTROPHE: Apostrophe;
    /// How `#` is read.
    const HASH: Hash;

    /// A word outside the preprocessor's lines. It is counted already.
    fn word(&mut self, word: Word<'a>, words: &mut Words);

    /// One of `{ } ( ) [ ] ; , = : *` outside the preprocessor's lines.
    fn mark(&mut self, mark: u8, place: Place, words: &mut Words);

    /// A conditional of the preprocessor.
    fn branch(&mut self, _branch: Branch) {}
}

/// Sorts of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Nothing,
    Letter,
    Digit,
    Line,
    Mark,
    Quote,
    Apostrophe,
    Slash,
    Hash,
}

/// The class of every byte.
static CLASSES: [Class; 256] = classes();

/// Builds [`CLASSES`].
const fn classes() -> [Class; 256] {
    let mut all = [Class::Nothing; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'\n' => Class::Line,
            b'{' | b'}' | b'(' | b')' | b'[' | b']' | b';' | b',' | b'=' | b':' | b'*' => Class::Mark,
            b'"' => Class::Quote,
            b'\'' => Class::Apostrophe,
            b'/' => Class::Slash,
            b'#' => Class::Hash,
            _ => Class::Nothing,
        };
        byte += 1;
    }
    all
}

/// Can this byte be inside a word?
#[inline]
pub(super) fn is_word_byte(byte: u8) -> bool {
    matches!(CLASSES[usize::from(byte)], Class::Letter | Class::Digit)
}

/// How many of eight bytes, from the lowest, are word bytes. Each step treats all eight at once; bit 7 of each byte is the answer.
#[inline]
const fn word_bytes(bytes: u64) -> u32 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let low = bytes & !HIGH;
    let lower = low | (0x20 * ONES);
    // Adding 0x80 - x to a byte sets bit 7 if it is at least x.
    let letter = (lower + (0x80 - b'a' as u64) * ONES) & !(lower + (0x7f - b'z' as u64) * ONES);
    let digit = (low + (0x80 - b'0' as u64) * ONES) & !(low + (0x7f - b'9' as u64) * ONES);
    let underscore = !((low ^ (b'_' as u64 * ONES)) + 0x7f * ONES);
    let word = (letter | digit | underscore) & !bytes & HIGH;
    (word ^ HIGH).trailing_zeros() / 8
}

/// Reads a whole text.
pub(super) fn read<'a, G: Grammar<'a>>(text: &'a [u8], grammar: &mut G, words: &mut Words) {
    let mut lexer = Lexer { text, at: 0, line: Line::Text };
    while let Some(&byte) = text.get(lexer.at) {
        match CLASSES[usize::from(byte)] {
            Class::Nothing => lexer.skip_nothing(),
            Class::Letter => {
                let word = lexer.word();
                words.saw(word.name);
                if lexer.line == Line::Text {
                    grammar.word(word, words);
                }
            }
            Class::Mark => {
                if lexer.line == Line::Text {
                    grammar.mark(byte, lexer.place(), words);
                }
                lexer.at += 1;
            }
            Class::Line => lexer.end_line(),
            Class::Digit => lexer.number(),
            Class::Slash => lexer.slash(),
            Class::Quote => lexer.quoted(b'"'),
            Class::Apostrophe => match G::APOSTROPHE {
                Apostrophe::Character => lexer.character(),
                Apostrophe::Nothing => lexer.at += 1,
            },
            Class::Hash => lexer.hash(grammar, words),
        }
    }
}

/// What sort of line is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// The language's own text.
    Text,
    /// A preprocessor's line, which ends with the line unless that is continued.
    Directive,
}

/// Bytes of a character with its apostrophes: `'\u12345678'`. Looking further for the end would be quadratic.
const LONGEST_CHARACTER: usize = 16;

/// Where reading is.
struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    line: Line,
}

impl<'a> Lexer<'a> {
    /// The word that begins here; goes behind it. Eight bytes at a time: nearly half of all time is spent here.
    #[inline]
    fn word(&mut self) -> Word<'a> {
        let start = self.at;
        let (mut end, mut hash) = (start, NameHash::NEW);
        loop {
            let rest = self.text.get(end..).unwrap_or_default();
            let bytes = rest.first_chunk().map_or_else(|| padded(rest), |chunk| u64::from_le_bytes(*chunk));
            let count = word_bytes(bytes);
            if count == 8 {
                (end, hash) = (end + 8, hash.chunk(bytes));
                continue;
            }
            if count > 0 {
                hash = hash.chunk(bytes & ((1 << (8 * count)) - 1));
            }
            end += count as usize;
            break;
        }
        self.at = end;
        Word {
            text: &self.text[start..end],
            name: hash.name(),
            before: start.checked_sub(1).map_or(b'\n', |i| self.text[i]),
            after: self.text.get(end).copied().unwrap_or(b'\n'),
        }
    }

    /// Behind white space and marks that mean nothing here.
    #[inline]
    fn skip_nothing(&mut self) {
        self.at += 1;
        while self.text.get(self.at).is_some_and(|b| CLASSES[usize::from(*b)] == Class::Nothing) {
            self.at += 1;
        }
    }

    /// Behind a number, with its suffix and its point.
    fn number(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.iter().position(|b| !is_word_byte(*b) && *b != b'.').unwrap_or(rest.len());
    }

    /// Where on its line the byte at hand stands.
    fn place(&self) -> Place {
        match self.at.checked_sub(1).map(|i| self.text[i]) {
            None | Some(b'\n') => Place::Margin,
            Some(_) => Place::Inside,
        }
    }

    /// Behind a line break, which ends a directive unless a backslash stands before it.
    fn end_line(&mut self) {
        if self.line == Line::Directive && !self.is_continued(self.at) {
            self.line = Line::Text;
        }
        self.at += 1;
    }

    /// Does a backslash stand before the line break at this place?
    fn is_continued(&self, line_break: usize) -> bool {
        let line = &self.text[..line_break];
        line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\")
    }

    /// Behind a comment, or behind the slash.
    fn slash(&mut self) {
        match self.text.get(self.at + 1) {
            Some(b'*') => self.comment(),
            Some(b'/') => self.skip_line(),
            _ => self.at += 1,
        }
    }

    /// Behind a comment. There are fewer slashes than stars in them.
    fn comment(&mut self) {
        let mut from = self.at + 3;
        self.at = self.text.len();
        while let Some(slash) = self.text.get(from..).and_then(|rest| memchr(b'/', rest)) {
            from += slash + 1;
            if self.text[from - 2] == b'*' {
                self.at = from;
                break;
            }
        }
    }

    /// To the line break, without continuation.
    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// To a comment or the line break: what names a header.
    fn skip_header(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            self.at += memchr2(b'\n', b'/', rest).unwrap_or(rest.len());
            if self.text.get(self.at) != Some(&b'/') || self.text.get(self.at + 1) == Some(&b'*') {
                return;
            }
            self.at += 1;
        }
    }

    /// Behind a string; one that is not closed ends with its line.
    fn quoted(&mut self, quote: u8) {
        self.at += 1;
        while let Some(i) = self.text.get(self.at..).and_then(|rest| memchr3(quote, b'\\', b'\n', rest)) {
            self.at += i;
            match self.text[self.at] {
                b'\\' => self.at += 2,
                b'\n' => return,
                _ => {
                    self.at += 1;
                    return;
                }
            }
        }
        self.at = self.text.len();
    }

    /// Behind a character; an apostrophe that nothing closes nearby hides nothing.
    fn character(&mut self) {
        let start = self.at;
        let near = self.text.len().min(start + LONGEST_CHARACTER);
        let mut inner = Lexer { text: &self.text[..near], at: start, line: self.line };
        inner.quoted(b'\'');
        let closed = inner.at >= start + 2 && inner.text.get(inner.at - 1) == Some(&b'\'');
        self.at = if closed { inner.at } else { start + 1 };
    }

    /// A directive if nothing but white space stands before it.
    fn hash<G: Grammar<'a>>(&mut self, grammar: &mut G, words: &mut Words) {
        let blank = self.text[..self.at].iter().rev().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        self.at += 1;
        if self.line == Line::Text && matches!(blank, None | Some(b'\n')) {
            self.directive(grammar, words);
        }
    }

    /// Behind the `#` of a directive.
    fn directive<G: Grammar<'a>>(&mut self, grammar: &mut G, words: &mut Words) {
        let start = self.at;
        self.skip_blanks();
        self.line = Line::Directive;
        match self.word().text {
            b"define" => self.define(words),
            b"if" | b"ifdef" | b"ifndef" => grammar.branch(Branch::If),
            b"else" | b"elif" | b"elifdef" | b"elifndef" => grammar.branch(Branch::Else),
            b"endif" => grammar.branch(Branch::End),
            b"include" | b"include_next" | b"import" => self.skip_header(),
            b"error" | b"warning" | b"pragma" | b"ident" | b"line" => self.skip_line(),
            b"undef" => {}
            _ => self.other_hash(G::HASH, start),
        }
    }

    /// A `#` that no known directive follows; `start` is behind it.
    fn other_hash(&mut self, hash: Hash, start: usize) {
        match hash {
            Hash::Directive => {}
            Hash::Comment => self.skip_line(),
            Hash::Nothing => {
                self.at = start;
                self.line = Line::Text;
            }
        }
    }

    /// Behind blanks and tabs.
    fn skip_blanks(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Behind the name that `#define` defines.
    fn define(&mut self, words: &mut Words) {
        self.skip_blanks();
        if self.text.get(self.at).is_some_and(|b| is_word_byte(*b)) {
            let name = self.word().name;
            words.saw(name);
            words.defines(name, Kind::Macro);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_bytes_are_counted_as_one_by_one() {
        for byte in 0..=255u8 {
            for at in 0..8 {
                let mut bytes = *b"aZ_09zA1";
                bytes[at] = byte;
                let expected = bytes.iter().position(|b| !is_word_byte(*b)).unwrap_or(8);
                assert_eq!(word_bytes(u64::from_le_bytes(bytes)) as usize, expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn a_word_is_named_by_its_bytes_wherever_it_stands() {
        for length in 0..30 {
            let mut text = vec![b'x'; length];
            let name = Name::of(&text);
            for tail in [&b""[..], b" ", b"\x80bytes behind it", b"(a, b, c, d, e)"] {
                text.truncate(length);
                text.extend_from_slice(tail);
                let word = Lexer { text: &text, at: 0, line: Line::Text }.word();
                assert_eq!((word.text.len(), word.name), (length, name));
            }
        }
    }
}
