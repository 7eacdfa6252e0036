//! Text the way the Python package sees it: which characters are whitespace, and what is left when comments are gone.
//!
//! In comes a text, out goes one. Other rooms must not use this to read C: an apostrophe in `#error don't` opens a literal here.

use std::borrow::Cow;

/// What Python's `str.isspace` calls whitespace: Unicode's, and the four ASCII separators.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The text as Python gets it: bytes that are no UTF-8 become U+FFFD (as with `errors="replace"`), outer whitespace goes.
pub fn decode(text: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_space)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(is_space).to_owned()),
    }
}

/// The text with a space for every comment, and without blank lines.
///
/// Takes for comments what the package's regular expression finds, which runs over line ends within quotes.
pub fn without_comments(text: &str) -> String {
    let spaced = comments_to_spaces(text.as_bytes());
    let spaced = String::from_utf8_lossy(&spaced);
    let lines: Vec<&str> = spaced.split('\n').filter(|line| !line.chars().all(is_space)).collect();
    lines.join("\n")
}

/// What the scanner has already looked for in vain up to the end of the text. Each is looked for in vain at most once, which
/// keeps the scan linear: behind an opening that finds no end no later opening of its sort finds one.
#[derive(Default)]
struct NeverClosed {
    /// `*/`
    comment: bool,
    /// `'`
    apostrophe: bool,
    /// `"`
    quote: bool,
}

/// Every comment replaced by one space.
fn comments_to_spaces(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut never = NeverClosed::default();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(length) = comment(rest, &mut never) {
            out.push(b' ');
            at += length;
        } else {
            let length = literal(rest, &mut never).unwrap_or(1);
            out.extend_from_slice(rest.get(..length).unwrap_or(&[byte]));
            at += length;
        }
    }
    out
}

/// The length in bytes of the comment that the text begins with.
fn comment(rest: &[u8], never: &mut NeverClosed) -> Option<usize> {
    match rest {
        [b'/', b'/', ..] => Some(rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())),
        [b'/', b'*', inner @ ..] if !never.comment => {
            let end = inner.windows(2).position(|pair| pair == b"*/");
            never.comment = end.is_none();
            end.map(|end| end + 4)
        }
        _ => None,
    }
}

/// The length in bytes of the character or string literal that the text begins with, quotes included.
fn literal(rest: &[u8], never: &mut NeverClosed) -> Option<usize> {
    let (&quote, inner) = rest.split_first()?;
    let never = match quote {
        b'\'' => &mut never.apostrophe,
        b'"' => &mut never.quote,
        _ => return None,
    };
    if *never {
        return None;
    }
    let end = closing(inner, quote);
    *never = end.is_none();
    end.map(|end| end + 2)
}

/// Where the first `quote` stands that no backslash escapes.
fn closing(inner: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(&byte) = inner.get(at) {
        match byte {
            _ if byte == quote => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_become_a_space_and_blank_lines_go() {
        assert_eq!(without_comments("int a; /* x\n y */ int b;\n\n// z\nint c; // d\n"), "int a;   int b;\nint c;  ");
    }

    #[test]
    fn what_stands_in_quotes_is_no_comment() {
        assert_eq!(without_comments("a = \"/* no */\"; b = '//';"), "a = \"/* no */\"; b = '//';");
        assert_eq!(without_comments(r#"a = "\"/* no */""#), r#"a = "\"/* no */""#);
    }

    #[test]
    fn an_apostrophe_hides_comments_up_to_the_next_one() {
        assert_eq!(without_comments("#error don't\nint a; // can't\n"), "#error don't\nint a; // can't");
    }

    #[test]
    fn what_is_never_closed_stays() {
        assert_eq!(without_comments("a /* b // c"), "a /* b  ");
        assert_eq!(without_comments("a 'b // c"), "a 'b  ");
        assert_eq!(without_comments("a \"b\\"), "a \"b\\");
        assert_eq!(without_comments("/*/ a"), "/*/ a");
    }

    #[test]
    fn a_megabyte_of_openings_is_read_in_one_pass() {
        for opening in ["/*", "'\\", "\"\\'", "\\\"", "/"] {
            let text = opening.repeat(500_000);
            assert!(without_comments(&text).len() <= text.len());
        }
    }

    #[test]
    fn whitespace_is_what_python_takes_for_it() {
        assert!("\t\n\u{b}\u{c}\r\u{1c}\u{1f} \u{85}\u{a0}\u{2003}\u{3000}".chars().all(is_space));
        assert!(!"a\0\u{1b}\u{200b}\u{feff}".chars().any(is_space));
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(decode(b" a\xffb\n"), "a\u{fffd}b");
    }
}
