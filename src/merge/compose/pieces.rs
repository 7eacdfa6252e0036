//! A hunk cut into the pieces that two edits of one statement are told apart by.
//!
//! In: the lines of one side of a hunk. Out: its pieces in order, each with the white space before it, closed by a piece without
//! text that holds the white space behind the last one; pieces and white space together are the hunk, byte for byte. Strings,
//! comments and preprocessor lines are cut into their words, because two sides may each add a word to one string. Where a
//! line's end means something it is a piece of its own.

use crate::syntax::language::Language;
use crate::syntax::lex::{self, Kind as Lexed};

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// Operators, brackets, quotes, conversions of a format; white space inside a string.
    Mark,
    /// A line's end that means something.
    Newline,
    /// Behind the last piece; without text.
    End,
}

/// One piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it is.
    pub kind: Kind,
    /// The white space before it.
    pub lead: &'a [u8],
    /// Its bytes.
    pub text: &'a [u8],
    /// Its line in the hunk, from 0.
    pub line: usize,
    /// Whether it is the first of its line.
    pub starts_line: bool,
    /// What it is a part of.
    pub of: Part,
}

/// What a piece is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The code of C, its preprocessor lines included: a word is a name.
    Code,
    /// A string, a comment, another language: a word may be anything.
    Text,
}

impl Piece<'_> {
    /// Whether it is this operator, bracket or quote.
    pub fn is(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark.as_bytes()
    }

    /// How much it tells about where it stands: names much, punctuation little.
    pub fn weight(&self) -> i32 {
        const COMMON: [&[u8]; 16] = [
            b"if", b"return", b"int", b"struct", b"static", b"const", b"void", b"else", b"u32", b"for", b"define",
            b"config", b"bool", b"select", b"depends", b"on",
        ];
        match self.kind {
            Kind::Word if COMMON.contains(&self.text) => 2,
            Kind::Word => 4,
            Kind::Number => 3,
            Kind::Newline => 2,
            Kind::Mark => 1,
            Kind::End => 0,
        }
    }
}

/// How a stretch of text is cut.
#[derive(Clone, Copy, PartialEq)]
enum Cut {
    /// C outside of strings: one piece as it is.
    Whole,
    /// A string: white space counts.
    String,
    /// A comment or a preprocessor line; white space is layout.
    Words,
    /// Kconfig, make, device trees, text: line ends count.
    Lines(Names),
}

/// What a name may hold besides letters.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    /// `-`, `.`, `/`, `%`, `~`: file names of make, names of device trees.
    Files,
    /// Nothing: prose, Kconfig, assembler.
    Plain,
}

/// The pieces of `text`, the last one of kind [`Kind::End`].
pub fn pieces(text: &[u8], language: Language) -> Vec<Piece<'_>> {
    let mut cutter = Cutter { text, pieces: Vec::new(), done: 0, line: 0, part: Part::Text };
    match language {
        Language::C | Language::Rust => cutter.c(),
        Language::Make | Language::DeviceTree => cutter.stretch(0, text.len(), Cut::Lines(Names::Files)),
        Language::Kconfig | Language::Assembler | Language::Maintainers | Language::Other => {
            cutter.stretch(0, text.len(), Cut::Lines(Names::Plain));
        }
    }
    cutter.push(Kind::End, text.len(), text.len());
    cutter.pieces
}

/// The walk: what was cut so far.
struct Cutter<'a> {
    text: &'a [u8],
    pieces: Vec<Piece<'a>>,
    /// The end of the last piece.
    done: usize,
    /// The line of `done`.
    line: usize,
    /// What is being cut.
    part: Part,
}

impl Cutter<'_> {
    /// C and what is like it: by its tokens.
    fn c(&mut self) {
        for token in lex::tokens(self.text) {
            self.part = match token.kind {
                Lexed::Literal | Lexed::Comment => Part::Text,
                _ => Part::Code,
            };
            let cut = match token.kind {
                Lexed::Word | Lexed::Number | Lexed::Punct => Cut::Whole,
                Lexed::Literal => Cut::String,
                Lexed::Comment | Lexed::Directive => Cut::Words,
            };
            self.stretch(token.at, token.end(), cut);
            let ends_line = token.kind == Lexed::Directive || token.text.starts_with(b"//");
            let blank = self.text[self.done..].iter().take_while(|c| b" \t\r".contains(c)).count();
            let end = self.done + blank;
            if ends_line && self.text.get(end) == Some(&b'\n') {
                self.push(Kind::Newline, end, end + 1);
            }
        }
    }

    /// Cuts the bytes `at..end`.
    fn stretch(&mut self, mut at: usize, end: usize, cut: Cut) {
        while at < end {
            let rest = &self.text[at..end];
            let length = length(rest, cut);
            let kind = match rest[0] {
                b'\n' if matches!(cut, Cut::Lines(_)) => Kind::Newline,
                b'0'..=b'9' => Kind::Number,
                c if in_name(c, cut) && rest[..length].iter().any(|c| lex::is_letter(*c)) => Kind::Word,
                _ => Kind::Mark,
            };
            if kind == Kind::Newline || cut == Cut::String || !is_layout(rest) {
                self.push(kind, at, at + length);
            }
            at += length;
        }
    }

    /// Ends a piece at `end`; what lies between the last one and `at` is its white space.
    fn push(&mut self, kind: Kind, at: usize, end: usize) {
        let lead = &self.text[self.done..at];
        let first = at == 0 || self.text[..at].ends_with(b"\n");
        self.line += lines(lead);
        self.pieces.push(Piece {
            kind,
            lead,
            text: &self.text[at..end],
            of: self.part,
            line: self.line,
            starts_line: first || lead.contains(&b'\n') || self.done == 0 || self.text[..self.done].ends_with(b"\n"),
        });
        self.line += lines(&self.text[at..end]);
        self.done = end;
    }
}

/// How many lines end in `text`.
fn lines(text: &[u8]) -> usize {
    text.iter().filter(|c| **c == b'\n').count()
}

/// Whether the stretch begins with white space, or with a backslash before a line's end.
fn is_layout(rest: &[u8]) -> bool {
    rest[0].is_ascii_whitespace() || rest[0] == 0x0b || rest.starts_with(b"\\\n") || rest.starts_with(b"\\\r\n")
}

/// Whether a byte may stand in a name.
fn in_name(c: u8, cut: Cut) -> bool {
    lex::is_letter(c) && (c != b'$' || cut == Cut::Whole) || cut == Cut::Lines(Names::Files) && b"-./%~".contains(&c)
}

/// The length of the piece that begins at `rest`, which isn't empty.
fn length(rest: &[u8], cut: Cut) -> usize {
    let while_true = |f: &dyn Fn(u8) -> bool| rest.iter().take_while(|c| f(**c)).count().max(1);
    match (rest[0], cut) {
        (_, Cut::Whole) => rest.len(),
        (b'%', Cut::String) => conversion(rest),
        (b'\\', Cut::String) => 2.min(rest.len()),
        (b'\\', Cut::Words) if is_layout(rest) => 1,
        (b'\n', _) => 1,
        (b' ' | b'\t', _) => while_true(&|c| c == b' ' || c == b'\t'),
        (c, _) if in_name(c, cut) => while_true(&|c| in_name(c, cut)),
        (b'$', Cut::Lines(Names::Files)) if rest.starts_with(b"$(") => 2,
        _ => operator(rest),
    }
}

/// The length of an operator that is one piece outside of C, too.
fn operator(rest: &[u8]) -> usize {
    const TWO: [&[u8]; 9] = [b"->", b"<<", b">>", b"&&", b"||", b"==", b"!=", b"+=", b":="];
    if TWO.iter().any(|op| rest.starts_with(op)) { 2 } else { 1 }
}

/// The length of a conversion of a format: `%.*s`, `%08llx`, `%pOF`, `%%`.
fn conversion(rest: &[u8]) -> usize {
    let modifiers = rest[1..].iter().take_while(|c| b"-+ #0123456789.*hlzLtj".contains(c)).count();
    match rest.get(1 + modifiers) {
        Some(b'p') => 2 + modifiers + rest[2 + modifiers..].iter().take_while(|c| c.is_ascii_alphanumeric()).count(),
        Some(c) if c.is_ascii_alphabetic() || *c == b'%' => 2 + modifiers,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, language: Language) -> Vec<String> {
        pieces(text.as_bytes(), language).iter().map(|p| String::from_utf8_lossy(p.text).into_owned()).collect()
    }

    #[test]
    fn pieces_and_their_white_space_are_the_text() {
        let wild = b"\t#if A \\\n B // x\r\n f(\"%d \xff\\\"\", 'q', 0x1f); /* two\n * lines */\n$(x) a-b.c\\\n";
        for language in [Language::C, Language::Make, Language::Kconfig, Language::DeviceTree, Language::Other] {
            let all: Vec<u8> = pieces(wild, language).iter().flat_map(|p| [p.lead, p.text].concat()).collect();
            assert_eq!(all, wild, "{language:?}");
        }
    }

    #[test]
    fn strings_and_directives_fall_into_words() {
        assert_eq!(
            texts("p(\"a %.*s: %pOFn\", 3);\n", Language::C),
            ["p", "(", "\"", "a", " ", "%.*s", ":", " ", "%pOFn", "\"", ",", "3", ")", ";", ""]
        );
        assert_eq!(
            texts("#define X_MAX 40\nint a;", Language::C),
            ["#", "define", "X_MAX", "40", "\n", "int", "a", ";", ""]
        );
    }

    #[test]
    fn a_file_name_is_one_word_of_make_and_its_line_ends_count() {
        assert_eq!(texts("x-y += a.o $(b)\n", Language::Make), ["x-y", "+=", "a.o", "$(", "b", ")", "\n", ""]);
        assert_eq!(texts("depends on A-B\n", Language::Kconfig), ["depends", "on", "A", "-", "B", "\n", ""]);
    }

    #[test]
    fn a_piece_knows_its_line() {
        let all = pieces(b"a\n\tb c\n#x\nd", Language::C);
        let lines: Vec<_> = all.iter().map(|p| (p.line, p.starts_line)).collect();
        assert_eq!(lines[..4], [(0, true), (1, true), (1, false), (2, true)]);
        assert_eq!(lines[6], (3, true), "{all:?}");
    }
}
