//! The preprocessor branches that each line of a file stands in, inside of functions too.
//!
//! In: bytes of C, assembler, or anything else with `#if` lines. Out: for each line the arms around it, outermost first, as
//! text: two lines with equal arms are compiled under the same conditions.

use super::lex;
use std::rc::Rc;

/// The arms around a line, outermost first: `#ifdef X`, or `#ifdef X #else`.
pub type Arms = Rc<[Vec<u8>]>;

/// The arms around every line.
#[derive(Debug)]
pub struct Conditionals {
    /// First line (from 0) of a stretch and the arms around it, by line.
    stretches: Vec<(usize, Arms)>,
}

impl Conditionals {
    /// Reads the directives of a text. A cut may begin within a branch: an `#else` too many opens one.
    pub fn of(text: &[u8]) -> Self {
        let mut open: Vec<Vec<u8>> = Vec::new();
        let mut stretches = vec![(0, Arms::from([]))];
        let mut in_comment = false;
        for (at, line) in text.split(|c| *c == b'\n').enumerate() {
            let was_in_comment = in_comment;
            in_comment = ends_in_comment(line, in_comment);
            let line = line.trim_ascii();
            if was_in_comment || line.first() != Some(&b'#') {
                continue;
            }
            match lex::directive(line) {
                b"if" | b"ifdef" | b"ifndef" => open.push(normal(line)),
                b"elif" | b"elifdef" | b"elifndef" | b"else" => {
                    let arm = [&open.pop().unwrap_or_default()[..], b" ", &normal(line)].concat();
                    open.push(arm);
                }
                b"endif" => drop(open.pop()),
                _ => continue,
            }
            stretches.push((at, open.as_slice().into()));
        }
        Self { stretches }
    }

    /// The arms around a line, from 0.
    pub fn at(&self, line: usize) -> &Arms {
        let after = self.stretches.partition_point(|(first, _)| *first <= line);
        &self.stretches[after.saturating_sub(1)].1
    }
}

/// Whether a block comment is open at the end of a line.
fn ends_in_comment(line: &[u8], mut open: bool) -> bool {
    let mut rest = line;
    loop {
        let wanted: &[u8] = if open { b"*/" } else { b"/*" };
        let Some(at) = memchr::memmem::find(rest, wanted) else {
            return open;
        };
        rest = &rest[at + 2..];
        open = !open;
    }
}

/// A directive without its spacing and its comment.
fn normal(line: &[u8]) -> Vec<u8> {
    let line = &line[..memchr::memmem::find(line, b"/*").unwrap_or(line.len())];
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(text: &str, line: usize) -> Vec<String> {
        let conditionals = Conditionals::of(text.as_bytes());
        conditionals.at(line).iter().map(|arm| String::from_utf8_lossy(arm).into_owned()).collect()
    }

    #[test]
    fn a_line_knows_the_arms_around_it() {
        let text = "a\n#ifdef X /* why */\nb\n# if  Y\nc\n#else\nd\n#endif\ne\n#endif\nf\n";
        assert!(arms(text, 0).is_empty() && arms(text, 10).is_empty());
        assert_eq!(arms(text, 2), ["#ifdef X"]);
        assert_eq!(arms(text, 4), ["#ifdef X", "# if Y"]);
        assert_eq!(arms(text, 6), ["#ifdef X", "# if Y #else"]);
        assert_eq!(arms(text, 8), ["#ifdef X"]);
    }

    #[test]
    fn a_directive_in_a_comment_is_none() {
        assert!(arms("/*\n#ifdef X\n*/\na\n", 3).is_empty());
    }
}
