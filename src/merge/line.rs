//! What one line says: whether a place is known by it, and whether another line is the same.
//!
//! ```text
//!                telling   speaks   stands out
//!   }            no        no       no
//!   i++;         yes       no       no
//!   return x;    yes       no       yes
//!   call(dev);   yes       yes      yes
//! ```

use crate::syntax::lex::is_reserved;
use bstr::ByteSlice;

/// Bytes of words that a line has at the least that does not stand everywhere.
const OUTSTANDING: usize = 4;

/// Whether a line is of something: brackets and blank lines are anybody's.
pub fn is_telling(line: &[u8]) -> bool {
    line.iter().any(u8::is_ascii_alphanumeric)
}

/// Does a line say something by which a place is known again?
pub fn speaks(line: &[u8]) -> bool {
    let common: [&[u8]; 8] = [b"endif", b"else", b"return", b"break", b"do", b"fi", b"done", b"endchoice"];
    words(line).iter().any(|word| word.len() >= 2 && !common.contains(word))
}

/// Does a line have enough in it to stand out: braces, blank lines and the shortest words stand everywhere?
pub fn stands_out(line: &[u8]) -> bool {
    line.iter().filter(|c| c.is_ascii_alphanumeric()).count() >= OUTSTANDING
}

/// The words of a line: identifiers and numbers (parts between underscores count by themselves: a renamed function keeps some).
pub fn words(line: &[u8]) -> Vec<&[u8]> {
    let parts = line.split(|c| !c.is_ascii_alphanumeric());
    parts.filter(|word| !word.is_empty()).collect()
}

/// The words that name something: neither the language's own nor numbers, and not so short that they are anybody's.
pub fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    words(text).into_iter().filter(|word| word.len() > 2 && !word[0].is_ascii_digit() && !is_reserved(word))
}

/// Are two lines equal but for white space?
pub fn alike(a: &[u8], b: &[u8]) -> bool {
    a == b || ink(a).eq(ink(b))
}

/// The bytes of a line that are not white space.
pub fn ink(line: &[u8]) -> impl Iterator<Item = &u8> {
    line.iter().filter(|c| !c.is_ascii_whitespace())
}

/// Does a line end in something that only a comma, or the end of its list, may follow: a word, a text, a bracket that it has opened
/// itself? A lone `}` ends anything.
pub fn ends_entry(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let is_code = !line.starts_with(b"#") && !line.contains_str("//") && !line.contains_str("*/");
    let end = line.last().copied().unwrap_or_default();
    let is_open =
        end.is_ascii_alphanumeric() || matches!(end, b'_' | b')' | b'"') || end == b'}' && line.contains(&b'{');
    is_code && is_telling(line) && is_open
}

/// A line as it is told to people.
pub fn shown(line: &[u8]) -> String {
    line.trim().to_str_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_more_or_less() {
        let said = |line: &[u8]| [is_telling(line), speaks(line), stands_out(line)];
        assert_eq!(said(b"\t}\n"), [false; 3]);
        assert_eq!(said(b"\ti++;\n"), [true, false, false]);
        assert_eq!(said(b"\tid++;\n"), [true, true, false]);
        assert_eq!(said(b"\treturn x;\n"), [true, false, true]);
        assert_eq!(said(b"\tcall(dev);\n"), [true; 3]);
    }

    #[test]
    fn white_space_makes_no_other_line() {
        assert!(alike(b"\tf(a, b);\n", b"f( a,b );"));
        assert!(!alike(b"f(a, b);", b"f(b, a);"));
        assert_eq!(shown(b"\t a  b \n"), "a  b");
    }
}
