//! The tokens of a semantic patch's body.
//!
//! In: the bytes of a body and the line it begins on. Out: tokens with their mark (the `-` or `+` in the first column) and what stands
//! between them. `(`, `|`, `&` and `)` in the first column, or behind a backslash anywhere, are those of SmPL.

use super::problem::Problem;

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// It must be there and stays.
    Context,
    /// It must be there and goes.
    Minus,
    /// It comes.
    Plus,
    /// It is shown (`*`): only in modes other than `patch`.
    Star,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A name or keyword.
    Word,
    /// A number, string or character.
    Literal,
    /// An operator or bracket of C.
    Sign,
    /// `...`
    Dots,
    /// `<...`
    NestOpen,
    /// `<+...`, which needs one occurrence at least.
    NestOpenOnce,
    /// `...>` and `...+>`
    NestClose,
    /// `(` of SmPL.
    Open,
    /// `|` of SmPL.
    Bar,
    /// `&` of SmPL.
    And,
    /// `)` of SmPL.
    Close,
    /// A whole line of the preprocessor.
    Directive,
    /// `@p`: the position of what stands before it.
    Position,
}

/// A token of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// As it is written; of a position the name alone.
    pub text: Vec<u8>,
    /// What becomes of it.
    pub mark: Mark,
    /// Its line in the file, from 1.
    pub line: usize,
    /// The white space before it on its line; the mark's own column counts as one space.
    pub gap: Vec<u8>,
    /// Whether it is the first on its line.
    pub first: bool,
    /// Whether the line has `?` in the first column: it may be missing.
    pub optional: bool,
}

impl Token {
    /// Whether it is this sign or word of C.
    pub fn is(&self, text: &[u8]) -> bool {
        matches!(self.kind, Kind::Word | Kind::Sign) && self.text == text
    }
}

/// Longer bodies than this many tokens are refused: reading is quadratic in the nesting.
pub const MOST_TOKENS: usize = 20_000;

/// Operators of several signs, the longest first.
const SIGNS: &[&[u8]] = &[
    b"<<=", b">>=", b"->", b"++", b"--", b"<<", b">>", b"<=", b">=", b"==", b"!=", b"&&", b"||", b"+=", b"-=", b"*=",
    b"/=", b"%=", b"&=", b"|=", b"^=", b"##", b"=~", b"!~",
];

/// The tokens of a text whose first line has the number `line`.
pub fn tokens(text: &[u8], line: usize) -> Result<Vec<Token>, Problem> {
    let mut work = Lexer { out: Vec::new(), comment: false };
    for (at, content) in text.split(|c| *c == b'\n').enumerate() {
        work.line(content.strip_suffix(b"\r").unwrap_or(content), line + at)?;
        if work.out.len() > MOST_TOKENS {
            return Err(Problem::new(line + at, "too many tokens in one rule"));
        }
    }
    Ok(work.out)
}

/// The work of reading lines.
struct Lexer {
    out: Vec<Token>,
    /// Whether the line begins within a comment.
    comment: bool,
}

impl Lexer {
    /// Reads one line.
    fn line(&mut self, text: &[u8], line: usize) -> Result<(), Problem> {
        let (mut mark, mut optional, mut at) = (Mark::Context, false, 0);
        if !self.comment {
            let begins = |sign: &[u8]| text.starts_with(sign);
            (mark, at) = match text.first() {
                Some(b'-') => (Mark::Minus, 1),
                Some(b'+') => (Mark::Plus, if begins(b"++") { 2 } else { 1 }),
                Some(b'*') => (Mark::Star, 1),
                _ => (Mark::Context, 0),
            };
            if text.first() == Some(&b'?') {
                (optional, at) = (true, 1);
            }
        }
        let mut gap: Vec<u8> = vec![b' '; at];
        let mut first = true;
        while let Some(c) = text.get(at) {
            if self.comment || text[at..].starts_with(b"/*") {
                let from = if self.comment { at } else { at + 2 };
                let end = text[from..].windows(2).position(|two| two == b"*/");
                self.comment = end.is_none();
                at = end.map_or(text.len(), |end| from + end + 2);
                gap.push(b' ');
                continue;
            }
            if text[at..].starts_with(b"//") {
                break;
            }
            if c.is_ascii_whitespace() {
                gap.push(*c);
                at += 1;
                continue;
            }
            if first && *c == b'#' {
                let text = text[at..].trim_ascii_end().to_vec();
                self.out.push(Token { kind: Kind::Directive, text, mark, line, gap, first, optional });
                break;
            }
            let Some((kind, length)) = one(&text[at..], at == 0) else {
                return Err(Problem::new(line, "a sign that SmPL does not have"));
            };
            let text = spelled(kind, &text[at..at + length]);
            self.out.push(Token { kind, text, mark, line, gap: std::mem::take(&mut gap), first, optional });
            (at, first) = (at + length, false);
        }
        Ok(())
    }
}

/// The text of a token without the signs of SmPL around it.
fn spelled(kind: Kind, text: &[u8]) -> Vec<u8> {
    match kind {
        Kind::Position => text.trim_ascii_start().strip_prefix(b"@").unwrap_or(text).trim_ascii().to_vec(),
        _ => text.to_vec(),
    }
}

/// Kind and length of the token at the beginning of `text`.
fn one(text: &[u8], column_zero: bool) -> Option<(Kind, usize)> {
    let c = *text.first()?;
    for (sign, kind) in [
        (&b"<+..."[..], Kind::NestOpenOnce),
        (b"<...", Kind::NestOpen),
        (b"...+>", Kind::NestClose),
        (b"...>", Kind::NestClose),
        (b"...", Kind::Dots),
        (b"\\(", Kind::Open),
        (b"\\|", Kind::Bar),
        (b"\\&", Kind::And),
        (b"\\)", Kind::Close),
    ] {
        if text.starts_with(sign) {
            return Some((kind, sign.len()));
        }
    }
    if column_zero {
        let double = text.get(1) == Some(&c);
        match c {
            b'(' => return Some((Kind::Open, 1)),
            b'|' if !double => return Some((Kind::Bar, 1)),
            b'&' if !double => return Some((Kind::And, 1)),
            b')' => return Some((Kind::Close, 1)),
            _ => {}
        }
    }
    let word = |text: &[u8]| text.iter().take_while(|c| is_letter(**c)).count();
    if c == b'@' {
        let space = text[1..].iter().take_while(|c| **c == b' ').count();
        let length = word(&text[1 + space..]);
        return (length > 0).then_some((Kind::Position, 1 + space + length));
    }
    if c.is_ascii_digit() {
        let length = text.iter().take_while(|c| is_letter(**c) || **c == b'.').count();
        // `1...` is a number and dots.
        let length = text[..length].windows(2).position(|two| two == b"..").unwrap_or(length);
        return Some((Kind::Literal, length));
    }
    if is_letter(c) {
        return Some((Kind::Word, word(text)));
    }
    if c == b'"' || c == b'\'' {
        return Some((Kind::Literal, quoted(text, c)?));
    }
    if let Some(sign) = SIGNS.iter().find(|sign| text.starts_with(sign)) {
        return Some((Kind::Sign, sign.len()));
    }
    b"()[]{}.,;:?!~+-*/%&|^<>=#".contains(&c).then_some((Kind::Sign, 1))
}

/// Length of a string or character with its quotes; `None` if it does not end.
fn quoted(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        match *text.get(at)? {
            b'\\' => at += 2,
            c if c == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// Whether a byte is part of a name.
pub fn is_letter(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens as text.
    fn shown(text: &str) -> Vec<String> {
        let all = tokens(text.as_bytes(), 1).expect("tokens");
        all.iter().map(|t| format!("{:?} {}", t.kind, String::from_utf8_lossy(&t.text))).collect()
    }

    #[test]
    fn brackets_are_those_of_smpl_only_in_the_first_column_or_behind_a_backslash() {
        assert_eq!(shown("("), ["Open ("]);
        assert_eq!(shown(" ("), ["Sign ("]);
        assert_eq!(shown("a\\|b||c"), ["Word a", "Bar \\|", "Word b", "Sign ||", "Word c"]);
        assert_eq!(shown("||a"), ["Sign ||", "Word a"]);
    }

    #[test]
    fn marks_stand_in_the_first_column_and_comments_are_skipped() {
        let all = tokens(b"- a(); // no\n/* - b\n- c */ d\n+e", 5).expect("tokens");
        let marks: Vec<(Mark, usize)> = all.iter().map(|t| (t.mark, t.line)).collect();
        assert_eq!(marks[0], (Mark::Minus, 5));
        assert_eq!(marks[4], (Mark::Context, 7));
        assert_eq!(marks[5], (Mark::Plus, 8));
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn dots_nests_and_positions_are_tokens_of_their_own() {
        let expected = ["NestOpen <...", "Word x", "Position p", "NestClose ...>", "Dots ...", "Literal 1", "Dots ..."];
        assert_eq!(shown("<... x@p ...> ... 1..."), expected);
    }

    #[test]
    fn a_string_without_end_is_an_error_with_its_line() {
        assert_eq!(tokens(b"a\nb \"x", 3).expect_err("an error").line, 4);
    }
}
