//! ASSOCIATED FUNCTIONS (MigGPT, arXiv 2504.09474, section 4.2): what the new lines call and the old ones did not, where the same file
//! defines it. Code that upstream split is there: half of the old function has become one of these, and what the patch changes in that half
//! is changed in it.

use super::snippet::{Excerpt, May, Snippet};
use crate::merge::Sides;
use crate::syntax::language::Language;
use crate::syntax::lex::{Kind, Token, is_reserved, tokens};
use crate::syntax::outline::SectionKind;
use crate::syntax::version::Version;
use bstr::ByteSlice;

/// Functions that are shown.
const SHOWN: usize = 3;
/// A function of more lines is not shown: it would be most of the question.
const LONGEST: usize = 60;

/// Functions (or macros) of `text` that ours calls and base did not, in the order of the calls, without those that stand in ours.
pub fn associated((language, path): (Language, &str), text: &[u8], sides: &Sides<Snippet>) -> Vec<Excerpt> {
    if language != Language::C {
        return Vec::new();
    }
    let known = calls(&sides.base.text);
    let version = Version::new(language, text);
    let place = sides.ours.place();
    let mut found: Vec<Excerpt> = Vec::new();
    for name in calls(&sides.ours.text).into_iter().filter(|name| !known.contains(name)) {
        let is_it = |kind| matches!(kind, SectionKind::Function | SectionKind::Macro);
        let definition = version.sections().iter().find(|section| is_it(section.kind) && section.name == name);
        let Some(section) = definition.filter(|section| section.lines.len() <= LONGEST) else { continue };
        if section.lines.start < place.end && place.start < section.lines.end {
            continue;
        }
        let name = name.to_str_lossy();
        let what = format!("{} {name}, which these lines call now and did not call before", section.kind.word());
        let snippet = Snippet::of(text, &section.lines);
        found.push(Excerpt { what, path: path.to_owned(), snippet, may: May::BeEdited });
        if found.len() == SHOWN {
            break;
        }
    }
    found
}

/// The names that are called, each once, in order.
fn calls(text: &[u8]) -> Vec<&[u8]> {
    let tokens: Vec<Token<'_>> = tokens(text).into_iter().filter(|token| token.kind != Kind::Comment).collect();
    let mut names: Vec<&[u8]> = Vec::new();
    for pair in tokens.windows(2) {
        let is_call = pair[0].kind == Kind::Word && pair[1].is("(") && !is_reserved(pair[0].text);
        if is_call && !names.contains(&pair[0].text) {
            names.push(pair[0].text);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &[u8] = b"int f(int a)\n{\n\tif (a)\n\t\treturn old(a);\n\twork(a);\n}\n";
    const AFTER: &[u8] =
        b"static int half(int a)\n{\n\twork(a);\n}\n\nint f(int a)\n{\n\tif (a)\n\t\treturn old(a);\n\thalf(a);\n\tother(a);\n}\n";

    fn of(base: &[u8], ours: &[u8], lines: std::ops::Range<usize>) -> Vec<Excerpt> {
        let sides =
            Sides { base: Snippet::new(base, 1), ours: Snippet::of(ours, &lines), theirs: Snippet::new(base, 1) };
        associated((Language::C, "a.c"), ours, &sides)
    }

    #[test]
    fn what_a_function_was_split_into_is_shown_with_it() {
        let found = of(BEFORE, AFTER, 5..12);
        assert_eq!(found.len(), 1, "old() was called before, other() is not defined here: {found:?}");
        assert!(found[0].what.starts_with("function half,"));
        assert_eq!(found[0].snippet, Snippet::of(AFTER, &(0..4)));
    }

    #[test]
    fn what_stands_in_the_snippet_is_not_shown_again() {
        assert!(of(BEFORE, AFTER, 0..12).is_empty());
    }
}
