//! The sheet that the rules write on: the text, its copy that is being masked, and the tokens that are left to look at.

use crate::syntax::lex::{self, Kind, Token};

/// What the rules share.
pub(super) struct Sheet<'a> {
    /// The text as it came.
    pub(super) text: &'a [u8],
    /// Its masked copy, of the same length.
    pub(super) out: Vec<u8>,
    /// Its tokens without comments and without what earlier rules took away.
    pub(super) tokens: Vec<Token<'a>>,
    /// Per token whether a rule made it blank: later rules leave it so.
    dead: Vec<bool>,
}

impl<'a> Sheet<'a> {
    /// Nothing masked yet.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let mut tokens = lex::tokens(text);
        tokens.retain(|t| t.kind != Kind::Comment);
        let dead = vec![false; tokens.len()];
        Self { text, out: text.to_vec(), tokens, dead }
    }

    /// Replaces what a grammar cannot read as a character: control bytes, and all that is not ASCII.
    pub(super) fn clean_bytes(&mut self) {
        for byte in &mut self.out {
            match *byte {
                b'\n' | b'\r' | b'\t' | b' '..=b'~' => {}
                0x80.. => *byte = b'_',
                _ => *byte = b' ',
            }
        }
    }

    /// Makes blanks of a place; line ends stay.
    pub(super) fn blank(&mut self, from: usize, to: usize) {
        for byte in self.out.get_mut(from..to).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    /// Makes blanks of the tokens from `first` to `last` and what is between them.
    pub(super) fn blank_tokens(&mut self, first: usize, last: usize) {
        if let (Some(first), Some(last)) = (self.tokens.get(first), self.tokens.get(last)) {
            self.blank(first.at, last.end());
        }
    }

    /// Makes blanks of the tokens from `first` to `last` for good.
    pub(super) fn bury(&mut self, first: usize, last: usize) {
        self.blank_tokens(first, last);
        if let Some(dead) = self.dead.get_mut(first..=last.max(first)) {
            dead.fill(true);
        }
    }

    /// Takes a bracket away from later rules: what is in it has its form.
    pub(super) fn settle(&mut self, bracket: super::brackets::Bracket) {
        if let Some(dead) = self.dead.get_mut(bracket.open..bracket.close) {
            dead.fill(true);
        }
    }

    /// Whether later rules leave a token as it is.
    pub(super) fn is_dead(&self, at: usize) -> bool {
        self.dead.get(at).copied().unwrap_or(false)
    }

    /// Goes on with these tokens only.
    pub(super) fn keep(&mut self, tokens: Vec<Token<'a>>) {
        self.dead = vec![false; tokens.len()];
        self.tokens = tokens;
    }

    /// Writes one byte over another that is no line end.
    pub(super) fn put(&mut self, at: usize, byte: u8) {
        if let Some(old) = self.out.get_mut(at).filter(|old| !matches!(**old, b'\n' | b'\r')) {
            *old = byte;
        }
    }

    /// Writes a word over the beginning of a token that is long enough, and blanks over the rest of it.
    pub(super) fn overwrite(&mut self, token: usize, word: &[u8]) -> bool {
        let (at, end) = (self.tokens[token].at, self.tokens[token].end());
        if end - at < word.len() {
            return false;
        }
        self.blank(at, end);
        self.out[at..at + word.len()].copy_from_slice(word);
        true
    }

    /// Makes one identifier of the tokens from `first` to `last`: `struct s *` to `struct_s__`. What comes behind a line end
    /// or comment becomes blank.
    pub(super) fn glue(&mut self, first: usize, last: usize) {
        let (from, to) = (self.tokens[first].at, self.tokens[last].end());
        let one_line =
            !self.text[from..to].contains(&b'\n') && !self.text[from..to].windows(2).any(|pair| pair == b"/*");
        let end = if one_line { to } else { self.tokens[first].end() };
        for at in from..end {
            if !lex::is_letter(self.out[at]) {
                self.out[at] = b'_';
            }
        }
        if self.tokens[first].kind == Kind::Word && end - from == self.tokens[first].text.len() {
            self.out[from].make_ascii_uppercase(); // else it could still be a keyword
        } else if self.out[from].is_ascii_digit() {
            self.out[from] = b'_';
        }
        self.blank(end, to);
        if let Some(dead) = self.dead.get_mut(first + 1..=last.max(first)).filter(|_| last > first) {
            dead.fill(true);
        }
    }

    /// Writes `byte` into the white space before `token`, if there is some.
    pub(super) fn put_before(&mut self, token: usize, byte: u8) -> bool {
        let Some(at) = self.tokens.get(token).map_or(self.out.len(), |t| t.at).checked_sub(1) else { return false };
        let free = self.out.get(at).is_some_and(|old| matches!(old, b' ' | b'\t'));
        if free {
            self.out[at] = byte;
        }
        free
    }

    /// Writes `byte` into the white space behind `token`, if there is some.
    pub(super) fn put_after(&mut self, token: usize, byte: u8) -> bool {
        let at = self.tokens[token].end();
        let free = self.out.get(at).is_some_and(|old| matches!(old, b' ' | b'\t'));
        if free {
            self.out[at] = byte;
        }
        free
    }

    /// The bytes of a token; none beyond the last.
    pub(super) fn text_of(&self, at: usize) -> &'a [u8] {
        self.tokens.get(at).map_or(b"", |t| t.text)
    }

    /// Whether a token is this operator or bracket.
    pub(super) fn is(&self, at: usize, punct: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(punct))
    }

    /// Whether a token is a word.
    pub(super) fn is_word(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|t| t.kind == Kind::Word)
    }

    /// Whether a token is a string.
    pub(super) fn is_string(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|t| t.kind == Kind::Literal && t.text.starts_with(b"\""))
    }
}
