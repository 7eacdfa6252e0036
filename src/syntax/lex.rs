//! The tokens of C as the kernel writes it, of whole files and of any cut out of one.
//!
//! In: bytes, whatever they hold; no error is possible. Out: the tokens in order, each with its place; what stands between
//! them is white space. A preprocessor line is one token, its continuation lines and comments included: conditionals do
//! not nest with braces, so whoever reads further decides what a directive means to it.

use memchr::memmem;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An identifier or keyword; bytes of 0x80 and above count as letters.
    Word,
    /// A preprocessing number: `0xff`, `1.5e+3`, `10UL`.
    Number,
    /// A string or character literal with its quotes; one that is not closed ends with its line.
    Literal,
    /// An operator or bracket, the longest there is: `->`, `<<=`, `...`, `{`.
    Punct,
    /// A comment with its delimiters, or the tail of one that was opened before the text began.
    Comment,
    /// A preprocessor line.
    Directive,
}

/// One token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub text: &'a [u8],
    /// Offset of its first byte.
    pub at: usize,
    /// Line of its first byte, from 1.
    pub line: usize,
}

impl Token<'_> {
    /// The offset after its last byte.
    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// The line of its last byte, from 1.
    pub fn last_line(&self) -> usize {
        self.line + newlines(self.text)
    }

    /// Whether it is this operator or bracket.
    pub fn is(&self, punct: &str) -> bool {
        self.kind == Kind::Punct && self.text == punct.as_bytes()
    }

    /// Whether it is this word.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word.as_bytes()
    }
}

/// A list of words, and whether a word is one of them: as a match, which looks at the length first.
macro_rules! list {
    ($(#[$all_doc:meta])* $list:ident, $(#[$is_doc:meta])* $is:ident: $($word:literal)*) => {
        $(#[$all_doc])*
        pub const $list: [&[u8]; [$($word.len()),*].len()] = [$($word),*];

        $(#[$is_doc])*
        const fn $is(word: &[u8]) -> bool {
            matches!(word, $($word)|*)
        }
    };
}

list! {
    /// C's own words, and what is as good as one to the kernel.
    KEYWORDS,
    /// Is a word one of [`KEYWORDS`]?
    is_c:
    b"auto" b"break" b"case" b"char" b"const" b"continue" b"default" b"do" b"double" b"else" b"enum" b"extern"
    b"float" b"for" b"goto" b"if" b"inline" b"int" b"long" b"register" b"return" b"short" b"signed" b"sizeof"
    b"static" b"struct" b"switch" b"typedef" b"typeof" b"union" b"unsigned" b"void" b"volatile" b"while"
    b"defined"
}

/// Is a word the language's own: a keyword of C, or a basic type or value of the kernel's?
pub const fn is_reserved(word: &[u8]) -> bool {
    is_c(word)
        || matches!(
            word,
            b"bool"
                | b"false"
                | b"restrict"
                | b"s16"
                | b"s32"
                | b"s64"
                | b"s8"
                | b"size_t"
                | b"ssize_t"
                | b"true"
                | b"u16"
                | b"u32"
                | b"u64"
                | b"u8"
                | b"uint16_t"
                | b"uint32_t"
                | b"uint64_t"
                | b"uint8_t"
                | b"uintptr_t"
                | b"NULL"
        )
}

/// The name that a text begins with; empty if it begins otherwise.
pub fn leading_name(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|c| !is_name_byte(*c)).unwrap_or(text.len())]
}

/// The name of a preprocessor line's directive: `ifdef` of `#  ifdef X`; empty for a bare `#`.
pub fn directive(line: &[u8]) -> &[u8] {
    let name = line.strip_prefix(b"#").unwrap_or(line).trim_ascii_start();
    &name[..name.iter().position(|c| !is_letter(*c)).unwrap_or(name.len())]
}

/// The tokens of `text`. A `*/` before any `/*` closes a comment that was opened before the text began.
pub fn tokens(text: &[u8]) -> Vec<Token<'_>> {
    let mut lexer = Lexer { text, at: 0, line: 1, line_start: true };
    let mut tokens = Vec::with_capacity(text.len() / 6);
    if let Some(end) = comment_tail(text) {
        let at = text.iter().position(|c| !c.is_ascii_whitespace()).unwrap_or(0);
        let tail = Token { kind: Kind::Comment, text: &text[at..end], at, line: 1 + newlines(&text[..at]) };
        (lexer.at, lexer.line) = (end, tail.last_line());
        tokens.push(tail);
    }
    while let Some((kind, end)) = lexer.next() {
        let token = Token { kind, text: &text[lexer.at..end], at: lexer.at, line: lexer.line };
        lexer.line = token.last_line();
        lexer.at = end;
        lexer.line_start = false;
        tokens.push(token);
    }
    tokens
}

/// The end of a comment that was opened before the text began. Looked for before anything else: an apostrophe, a `//` or a
/// `#` in its words would swallow it.
fn comment_tail(text: &[u8]) -> Option<usize> {
    let end = text.windows(2).position(|pair| pair == b"*/" || pair == b"/*")?;
    // `b */* c */`: a product with a comment in it.
    if text[end..].starts_with(b"/*") || text[end..].starts_with(b"*/*") {
        return None;
    }
    let line = text[..end].iter().rposition(|c| *c == b'\n').map_or(0, |at| at + 1);
    let mut lexer = Lexer { text, at: line, line: 1, line_start: false };
    while let Some((kind, after)) = lexer.next().filter(|_| lexer.at <= end) {
        let token = &text[lexer.at..after];
        let is_closed = token.len() > 1 && token.last() == token.first();
        if kind == Kind::Literal && is_closed && after > end {
            return None;
        }
        lexer.at = after;
    }
    Some(end + 2)
}

/// The walk over the bytes: where it stands.
struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
    /// Only white space or a comment has been seen on this line.
    line_start: bool,
}

impl Lexer<'_> {
    /// Kind and end of the next token, which begins at `self.at`.
    fn next(&mut self) -> Option<(Kind, usize)> {
        self.skip_space();
        let rest = &self.text[self.at..];
        let first = *rest.first()?;
        let (kind, length) = match first {
            b'#' if self.line_start => (Kind::Directive, directive_length(rest)),
            b'/' if rest.starts_with(b"/*") => (Kind::Comment, block_comment_length(rest)),
            b'/' if rest.starts_with(b"//") => (Kind::Comment, line_length(rest)),
            b'"' | b'\'' => (Kind::Literal, literal_length(rest)),
            b'0'..=b'9' => (Kind::Number, number_length(rest)),
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => (Kind::Number, number_length(rest)),
            c if is_letter(c) => (Kind::Word, rest.iter().position(|c| !is_letter(*c)).unwrap_or(rest.len())),
            _ => (Kind::Punct, punct_length(rest)),
        };
        Some((kind, self.at + length))
    }

    /// Goes to the next byte that is neither white space nor a backslash at the end of a line.
    fn skip_space(&mut self) {
        while let Some(&c) = self.text.get(self.at) {
            match c {
                b'\n' => {
                    self.line += 1;
                    self.line_start = true;
                }
                b'\\' if end_of_line(&self.text[self.at + 1..]) => {}
                c if c.is_ascii_whitespace() || c == 0x0b => {}
                _ => break,
            }
            self.at += 1;
        }
    }
}

/// Whether a byte may stand in a word.
pub fn is_letter(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c == b'$' || c >= 0x80
}

/// Whether a word stands in a text of any language, not as part of a longer one: `$` in front of it is a use of the name in a script.
pub fn has_word(text: &[u8], word: &[u8]) -> bool {
    let letter = |c: Option<&u8>| c.is_some_and(|c| is_name_byte(*c));
    let free = |at: usize| !letter(text[..at].last()) && !letter(text.get(at + word.len()));
    !word.is_empty() && memmem::find_iter(text, word).any(free)
}

/// Whether a byte may stand in a name, whatever the language.
pub const fn is_name_byte(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}

/// Words that begin or make up a statement, or an operator; never a definition.
pub fn is_keyword(word: &[u8]) -> bool {
    matches!(
        word,
        b"if"
            | b"else"
            | b"for"
            | b"while"
            | b"do"
            | b"switch"
            | b"case"
            | b"default"
            | b"return"
            | b"goto"
            | b"sizeof"
            | b"break"
            | b"continue"
    )
}

/// How many lines end within `text`.
fn newlines(text: &[u8]) -> usize {
    text.iter().filter(|c| **c == b'\n').count()
}

/// Whether nothing but the line's end (`\n` or `\r\n`) comes.
fn end_of_line(rest: &[u8]) -> bool {
    rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
}

/// The length of `/* ... */`, or of all that is left but the last line's end, so that no token reaches behind the last line.
fn block_comment_length(rest: &[u8]) -> usize {
    let all = rest.strip_suffix(b"\n").unwrap_or(rest).len();
    rest[2..].windows(2).position(|pair| pair == b"*/").map_or(all, |at| at + 4)
}

/// The length of a logical line without its end: a backslash before the line's end joins the next one.
fn line_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() && !end_of_line(&rest[at..]) {
        at += if rest[at] == b'\\' && end_of_line(&rest[at + 1..]) { 1 + line_end_length(&rest[at + 1..]) } else { 1 };
    }
    at
}

/// The length of the line's end at `rest`.
fn line_end_length(rest: &[u8]) -> usize {
    if rest.starts_with(b"\r\n") { 2 } else { 1 }
}

/// The length of a preprocessor line: as `line_length`, and a block comment in it may run over several lines.
fn directive_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() && !end_of_line(&rest[at..]) {
        let here = &rest[at..];
        at += match here[0] {
            b'/' if here.starts_with(b"/*") => block_comment_length(here),
            b'/' if here.starts_with(b"//") => line_length(here),
            b'"' | b'\'' => match literal_length(here) {
                closed if here[closed - 1] == here[0] && closed > 1 => closed,
                _ => 1, // the apostrophe of `#error can't`
            },
            b'\\' if end_of_line(&here[1..]) => 1 + line_end_length(&here[1..]),
            b'\\' if here.len() > 1 => 2, // an escaped quote opens nothing: else `\'\'\'...` is read again from every one
            _ => 1,
        };
    }
    rest[..at].trim_ascii_end().len()
}

/// The length of a literal; one that is not closed ends with its line.
fn literal_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && !end_of_line(&rest[at..]) {
        match rest[at] {
            b'\\' if end_of_line(&rest[at + 1..]) => at += 1 + line_end_length(&rest[at + 1..]),
            b'\\' => at += 2,
            c if c == rest[0] => return at + 1,
            _ => at += 1,
        }
    }
    at.min(rest.len())
}

/// The length of a preprocessing number (C11 6.4.8), which ends before `...`.
fn number_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&c) = rest.get(at) {
        let exponent =
            matches!(rest[at - 1], b'e' | b'E' | b'p' | b'P') && !rest.starts_with(b"0x") && !rest.starts_with(b"0X");
        let inside =
            is_letter(c) || (c == b'.' && rest.get(at + 1) != Some(&b'.')) || (exponent && matches!(c, b'+' | b'-'));
        if !inside {
            break;
        }
        at += 1;
    }
    at
}

/// The length of the longest operator at `rest`.
fn punct_length(rest: &[u8]) -> usize {
    const THREE: [&[u8]; 3] = [b"<<=", b">>=", b"..."];
    const TWO: [&[u8]; 20] = [
        b"->", b"++", b"--", b"<<", b">>", b"<=", b">=", b"==", b"!=", b"&&", b"||", b"+=", b"-=", b"*=", b"/=", b"%=",
        b"&=", b"^=", b"|=", b"##",
    ];
    if THREE.iter().any(|op| rest.starts_with(op)) {
        3
    } else if TWO.iter().any(|op| rest.starts_with(op)) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokens(text.as_bytes()).iter().map(|t| String::from_utf8_lossy(t.text).into_owned()).collect()
    }

    #[test]
    fn numbers_strings_and_operators_stay_whole() {
        assert_eq!(
            texts("a.b[0xff] <<= 'x' + \"(\\\"\";"),
            ["a", ".", "b", "[", "0xff", "]", "<<=", "'x'", "+", "\"(\\\"\"", ";"]
        );
        assert_eq!(texts("case 0 ... 9: f(1...3)"), ["case", "0", "...", "9", ":", "f", "(", "1", "...", "3", ")"]);
        assert_eq!(texts("1.5e+3 .5 0x1e+2"), ["1.5e+3", ".5", "0x1e", "+", "2"]);
    }

    #[test]
    fn a_word_is_one_that_stands_by_itself() {
        for text in ["old", "f(old)", "older, bold, old", "old_x\nold", "$old", "told old"] {
            assert!(has_word(text.as_bytes(), b"old"), "{text:?}");
        }
        for text in ["", "ol", "older", "_old", "old_", "told", "0old old1"] {
            assert!(!has_word(text.as_bytes(), b"old"), "{text:?}");
        }
        assert!(!has_word(b"a b", b""), "no word is in no text");
    }

    #[test]
    fn a_directive_is_one_token_with_its_continuations_and_comments() {
        assert_eq!(
            texts("#define X(a) \\\n\tf(a) /* two\nlines */ + 1\nint b; #x\n"),
            ["#define X(a) \\\n\tf(a) /* two\nlines */ + 1", "int", "b", ";", "#", "x"]
        );
        assert_eq!(texts("#error don't /* say */\r\nx"), ["#error don't /* say */", "x"]);
        assert_eq!(directive(b"#  ifdef X"), b"ifdef");
    }

    #[test]
    fn a_cut_may_begin_inside_a_comment_and_end_inside_one() {
        let cut = tokens(b" * words (\n */\nint a; /* open (");
        assert_eq!(cut[0].kind, Kind::Comment);
        assert_eq!((cut[0].line, cut[0].last_line(), cut[1].line), (1, 2, 3));
        assert_eq!(cut.last().map(|t| (t.kind, t.text)), Some((Kind::Comment, &b"/* open ("[..])));
        assert_eq!(texts("a = b */* c */d;"), ["a", "=", "b", "*", "/* c */", "d", ";"]);
    }

    #[test]
    fn the_tail_of_a_comment_is_found_whatever_its_words_are() {
        for tail in [" don't say so */", " see http://example.org */", " # two */", "\n\n * a \"word */", "*/"] {
            let cut = format!("{tail}\nint a;");
            let found = tokens(cut.as_bytes());
            assert_eq!((found[0].kind, found[0].text), (Kind::Comment, tail.trim_start().as_bytes()), "{cut:?}");
            assert_eq!((found.len(), found[1].line), (4, 2 + tail.matches('\n').count()), "{cut:?}");
        }
        assert_eq!(texts("f(\"*/\");"), ["f", "(", "\"*/\"", ")", ";"]);
    }

    #[test]
    fn a_literal_that_is_not_closed_ends_with_its_line() {
        assert_eq!(texts("f('a\ng(\"b\\"), ["f", "(", "'a", "g", "(", "\"b\\"]);
    }
}
