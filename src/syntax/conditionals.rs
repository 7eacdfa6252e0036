//! The conditions that each line of a file stands under, inside of functions too.
//!
//! In: bytes of C, assembler, or anything else with `#if` lines; of Kconfig and make, which have words of their own. Out: for each
//! line the arms around it, outermost first, as text: two lines with equal arms are compiled, asked or built under the same conditions.

use super::language::Language;
use super::lex;
use bstr::ByteSlice;
use std::rc::Rc;

/// The arms around a line, outermost first: `#ifdef X`, `#ifdef X #else`; `if X`, `menu "X"`; `ifeq ($(X),y)`.
pub type Arms = Rc<[Vec<u8>]>;

/// The arms around every line.
#[derive(Debug)]
pub struct Conditionals {
    /// First line (from 0) of a stretch and the arms around it, by line.
    stretches: Vec<(usize, Arms)>,
}

impl Conditionals {
    /// Reads the directives of a text. A cut may begin within a branch: an `#else` too many opens one.
    pub fn of(language: Language, text: &[u8]) -> Self {
        let mut open: Vec<Vec<u8>> = Vec::new();
        let mut stretches = vec![(0, Arms::from([]))];
        let mut in_comment = false;
        let lines: Vec<&[u8]> = text.split(|c| *c == b'\n').collect();
        for (at, line) in lines.iter().copied().enumerate() {
            let step = match language {
                Language::Kconfig => of_kconfig(line),
                Language::Make => of_make(line),
                _ => {
                    let was_in_comment = in_comment;
                    in_comment = ends_in_comment(line, in_comment);
                    if was_in_comment { None } else { of_preprocessor(line) }
                }
            };
            match step {
                // A header's guard is no condition.
                Some(Step::Open) if open.is_empty() && is_guard(&lines[at..]) => open.push(Vec::new()),
                Some(Step::Open) => open.push(normal(line)),
                Some(Step::Turn) => {
                    let arm = [&open.pop().unwrap_or_default()[..], b" ", &normal(line)].concat();
                    open.push(arm);
                }
                Some(Step::Close) => drop(open.pop()),
                None => continue,
            }
            stretches.push((at, open.iter().filter(|arm| !arm.is_empty()).cloned().collect()));
        }
        Self { stretches }
    }

    /// The arms around a line, from 0.
    pub fn at(&self, line: usize) -> &Arms {
        let after = self.stretches.partition_point(|(first, _)| *first <= line);
        &self.stretches[after.saturating_sub(1)].1
    }
}

/// What a line does to the conditions.
enum Step {
    Open,
    /// To the other arm.
    Turn,
    Close,
}

fn of_preprocessor(line: &[u8]) -> Option<Step> {
    let line = line.trim_ascii();
    if line.first() != Some(&b'#') {
        return None;
    }
    match lex::directive(line) {
        b"if" | b"ifdef" | b"ifndef" => Some(Step::Open),
        b"elif" | b"elifdef" | b"elifndef" | b"else" => Some(Step::Turn),
        b"endif" => Some(Step::Close),
        _ => None,
    }
}

/// `#ifndef X` and, next to be said, `#define X`: what the header is included for once.
fn is_guard(lines: &[&[u8]]) -> bool {
    let said = |line: &[u8], directive: &[u8]| {
        let line = normal(line);
        let mut words = line.strip_prefix(b"#")?.split(|c| *c == b' ').filter(|word| !word.is_empty());
        let (word, name, None) = (words.next()?, words.next()?, words.next()) else { return None };
        (word == directive).then(|| name.to_vec())
    };
    let Some((first, rest)) = lines.split_first() else { return false };
    let next = rest.iter().find(|line| !line.trim_ascii().is_empty());
    said(first, b"ifndef").is_some_and(|name| next.is_some_and(|next| said(next, b"define") == Some(name)))
}

/// At the margin: an indented `if` is a word of somebody's help.
fn of_kconfig(line: &[u8]) -> Option<Step> {
    match first_word(line) {
        b"if" | b"menu" | b"choice" => Some(Step::Open),
        b"endif" | b"endmenu" | b"endchoice" => Some(Step::Close),
        _ => None,
    }
}

/// Behind a tabulator stands what a rule's shell runs.
fn of_make(line: &[u8]) -> Option<Step> {
    match first_word(line.trim_start_with(|c| c == ' ')) {
        b"ifdef" | b"ifndef" | b"ifeq" | b"ifneq" => Some(Step::Open),
        b"else" => Some(Step::Turn),
        b"endif" => Some(Step::Close),
        _ => None,
    }
}

/// The letters that a line begins with.
fn first_word(line: &[u8]) -> &[u8] {
    &line[..line.iter().position(|c| !c.is_ascii_alphabetic()).unwrap_or(line.len())]
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

/// A directive without its spacing and its comment, which begins with `/*`, or behind the first word with `#`.
fn normal(line: &[u8]) -> Vec<u8> {
    let line = line.trim_ascii();
    let hash = line.iter().skip(1).position(|c| *c == b'#').map(|at| at + 1);
    let end = memchr::memmem::find(line, b"/*").or(hash).unwrap_or(line.len());
    let line = &line[..end];
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(language: Language, text: &str, line: usize) -> Vec<String> {
        let conditionals = Conditionals::of(language, text.as_bytes());
        conditionals.at(line).iter().map(|arm| String::from_utf8_lossy(arm).into_owned()).collect()
    }

    #[test]
    fn a_line_knows_the_arms_around_it() {
        let text = "a\n#ifdef X /* why */\nb\n# if  Y\nc\n#else\nd\n#endif\ne\n#endif\nf\n";
        assert!(arms(Language::C, text, 0).is_empty() && arms(Language::C, text, 10).is_empty());
        assert_eq!(arms(Language::C, text, 2), ["#ifdef X"]);
        assert_eq!(arms(Language::C, text, 4), ["#ifdef X", "# if Y"]);
        assert_eq!(arms(Language::C, text, 6), ["#ifdef X", "# if Y #else"]);
        assert_eq!(arms(Language::C, text, 8), ["#ifdef X"]);
    }

    #[test]
    fn kconfig_and_make_have_words_of_their_own() {
        let text = "menu \"A\"\nif X # why\nconfig A\n\tbool \"a\" if Y\n\thelp\n\t  if you want\nendif # X\nconfig B\nendmenu\n";
        assert_eq!(arms(Language::Kconfig, text, 5), ["menu \"A\"", "if X"]);
        assert_eq!(arms(Language::Kconfig, text, 7), ["menu \"A\""]);
        let text = "ifdef X\na:\n\tif test; fi\n  ifeq ($(Y),y)\nb\n  else # not\nc\n  endif\nendif\n# endif\nd\n";
        assert_eq!(arms(Language::Make, text, 4), ["ifdef X", "ifeq ($(Y),y)"]);
        assert_eq!(arms(Language::Make, text, 6), ["ifdef X", "ifeq ($(Y),y) else"]);
        assert!(arms(Language::Make, text, 10).is_empty());
    }

    #[test]
    fn the_guard_of_a_header_is_no_condition_and_a_default_is_one() {
        let text = "#ifndef ACME_H /* once */\n\n#define ACME_H\na\n#ifdef X\nb\n#endif\n#endif\n";
        assert!(arms(Language::C, text, 3).is_empty());
        assert_eq!(arms(Language::C, text, 5), ["#ifdef X"]);
        assert_eq!(arms(Language::C, "#ifndef SIZE\n#define SIZE 1\n#endif\n", 1), ["#ifndef SIZE"]);
    }

    #[test]
    fn a_directive_in_a_comment_is_none() {
        assert!(arms(Language::C, "/*\n#ifdef X\n*/\na\n", 3).is_empty());
    }
}
