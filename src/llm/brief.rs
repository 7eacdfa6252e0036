//! BRIEF: everything that somebody who knows nothing else needs to settle one open piece of a patch.
//!
//! Plain owned data; the rooms above fill it from what they know, and leave empty what they do not. s_old, s_old' and s_new of MigGPT
//! (arXiv 2504.09474, section 4.2) are base, theirs and ours of [`Brief::sides`], each with its place in the real file.

use super::associated::associated;
use super::snippet::{Excerpt, May, Snippet};
use crate::merge::{Open, Sides};
use crate::syntax::language::Language;
use crate::syntax::version::Version;
use bstr::ByteSlice;
use std::ops::Range;

/// A longer section is shown in part.
const LONGEST_SECTION: usize = 240;
/// Lines of the beginning of a section that is shown in part.
const HEAD: usize = 24;
/// Lines around what is open, where no section tells what belongs to it.
const AROUND: usize = 25;

/// What of a file is worth showing around some lines (from 0; empty for a place between two lines): the function, table, entry or node
/// around them; if that is none, or too long, some lines on both sides.
pub fn around(language: Language, file: &[u8], lines: &Range<usize>) -> Snippet {
    let version = Version::new(language, file);
    let all = version.lines.len();
    let near = lines.start.saturating_sub(AROUND).min(all)..(lines.end + AROUND).min(all);
    let section = version.section_of(lines).filter(|section| section.lines.len() <= LONGEST_SECTION);
    Snippet::of(file, &section.map_or(near, |section| section.lines.clone()))
}

/// How a section begins of which only a part is shown: what it is called, and what it declares.
fn head(
    (language, path): (Language, &str),
    text: &[u8],
    (lines, shown): (&Range<usize>, &Range<usize>),
) -> Option<Excerpt> {
    let version = Version::new(language, text);
    let section = version.section_of(lines).filter(|section| section.lines.len() > LONGEST_SECTION)?;
    let end = (section.lines.start + HEAD).min(section.lines.end).min(shown.start);
    let is_blank = |line: &usize| version.lines.get(*line).is_some_and(|line| line.trim_ascii().is_empty());
    let end = (section.lines.start..end).find(is_blank).unwrap_or(end);
    let name = section.name.to_str_lossy();
    let what = format!("the beginning of {} {name}, in which the lines that are yours stand", section.kind.word());
    let snippet = Snippet::of(text, &(section.lines.start..end));
    (section.lines.start < end).then(|| Excerpt { what, path: path.to_owned(), snippet, may: May::BeAddedTo })
}

/// The commit, in its author's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its first line.
    pub subject: String,
    /// The rest; without trailers, as far as the caller can tell.
    pub message: String,
}

/// How the lines of ours were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// In words: `in the function of the same name`.
    pub how: String,
    /// How much of the old lines is there, in thousandths, where that is known.
    pub score: Option<u32>,
}

/// A name that the patch uses and that is gone, declared otherwise or not used any more in the new kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stale {
    /// The name.
    pub name: String,
    /// Its declaration in the old kernel, where that is known.
    pub was: String,
    /// In the new one; empty if it is gone, or if `change` says it all.
    pub is: String,
    /// What became of it, in words, where it is not simply gone: `argument 1 (owner) removed`.
    pub change: String,
    /// What upstream made of it elsewhere; the best three are shown.
    pub examples: Vec<Example>,
}

/// One place where upstream made the same step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// Where: a path, a function, a commit.
    pub place: String,
    /// As it was.
    pub before: Vec<u8>,
    /// As it became.
    pub after: Vec<u8>,
}

/// What a person made of a similar conflict before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Where, by whom and when it was settled.
    pub place: String,
    /// The conflict then.
    pub sides: Sides<Vec<u8>>,
    /// What stands in its place.
    pub made: Vec<u8>,
}

/// What a deterministic method made of the snippet, and why that is not the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposed {
    /// The method, in words.
    pub by: String,
    /// The snippet of ours, as the method would have it.
    pub text: Vec<u8>,
    /// Why it was rejected, or not taken.
    pub why_not: String,
}

/// An answer that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// As it came.
    pub answer: String,
    /// What was said to it.
    pub said: String,
}

/// Which of the parent's prompts are left out, to measure what each is worth (MigGPT, section 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// All that is known.
    #[default]
    Full,
    /// Everything but the list of the patch's changes and their places.
    NoLocation,
    /// Only the three snippets and the task: a model by itself.
    Vanilla,
}

/// One open piece of a patch, and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// The file, in the new kernel.
    pub path: String,
    /// In the old one, if it had another name.
    pub path_old: Option<String>,
    /// What it is written in; the words around the code are chosen by it.
    pub language: Option<Language>,
    /// The commit.
    pub commit: Commit,
    /// The old lines, the new kernel's (with what of the patch is settled already), the patched old ones. Answers are about ours.
    pub sides: Sides<Snippet>,
    /// Ours as upstream has it, without anything of the patch, where that is known: what changed between the kernels is read off it.
    pub kernel: Option<Snippet>,
    /// What is open of each side: lines of its file, from 0. Only the patch's changes of these lines of base are asked about.
    pub open: Sides<Range<usize>>,
    /// How ours was found.
    pub place: Option<Place>,
    /// Functions that ours calls and base did not.
    pub associated: Vec<Excerpt>,
    /// Messages of the commits with which upstream changed the region, where history is known.
    pub upstream: Vec<Commit>,
    /// Names that are stale.
    pub stale: Vec<Stale>,
    /// What deterministic methods proposed.
    pub proposed: Vec<Proposed>,
    /// What people made of similar conflicts before, the most useful first.
    pub past: Vec<Past>,
    /// The last answer, if this is asked again.
    pub refused: Option<Refused>,
    /// What is left out.
    pub manner: Manner,
}

impl Brief {
    /// Of three snippets, all of which is open.
    pub fn of_snippets(path: &str, sides: Sides<Snippet>) -> Self {
        let open = sides.as_ref().map(Snippet::place);
        Self { path: path.to_owned(), language: Some(Language::of(path.as_bytes())), open, sides, ..Self::default() }
    }

    /// Of one hunk that text merging left open, and the text that an answer edits: the file as it is merged so far, with ours where the hunk
    /// is. Its line numbers are that text's. What of the patch is settled already is in it and is not asked about.
    pub fn of_open(path: &str, open: &Open<'_>) -> (Self, Vec<u8>) {
        let text = [open.before, open.sides.ours, open.after].concat();
        let count = |text: &[u8]| text.lines().count();
        let start = Sides { ours: count(open.before), ..open.lines };
        let place = Sides {
            base: start.base..start.base + count(open.sides.base),
            ours: start.ours..start.ours + count(open.sides.ours),
            theirs: start.theirs..start.theirs + count(open.sides.theirs),
        };
        let sides = Sides {
            base: around(open.language, open.files.base, &place.base),
            ours: around(open.language, &text, &place.ours),
            theirs: around(open.language, open.files.theirs, &place.theirs),
        };
        let head = head((open.language, path), &text, (&place.ours, &sides.ours.place()));
        let associated = head.into_iter().chain(associated((open.language, path), &text, &sides)).collect();
        let there = open.lines.ours..open.lines.ours + count(open.sides.ours);
        let kernel = Some(around(open.language, open.files.ours, &there));
        let path = path.to_owned();
        (Self { path, language: Some(open.language), sides, kernel, open: place, associated, ..Self::default() }, text)
    }

    /// The same about other lines of ours, which is `text` now: where the code stands. What was made of the lines where it stood tells nothing.
    #[must_use]
    pub fn at(mut self, text: &[u8], lines: Range<usize>, place: Place) -> Self {
        let language = self.language.unwrap_or(Language::Other);
        self.sides.ours = around(language, text, &lines);
        let head = head((language, &self.path), text, (&lines, &self.sides.ours.place()));
        self.associated = head.into_iter().chain(associated((language, &self.path), text, &self.sides)).collect();
        self.open.ours = lines;
        self.proposed.clear();
        self.kernel = None;
        self.place = Some(place);
        self
    }

    /// What of the new file an answer may edit: ours, and what else is told of the file for that. No two have a line in common.
    pub fn regions(&self) -> impl Iterator<Item = &Snippet> {
        let more = self.associated.iter().filter(|excerpt| excerpt.may != May::BeRead && excerpt.path == self.path);
        [&self.sides.ours].into_iter().chain(more.map(|excerpt| &excerpt.snippet))
    }

    /// The region that lines (from 0; empty for a place between two) are of.
    pub fn region(&self, at: &Range<usize>) -> Option<&Snippet> {
        self.regions().find(|region| region.place().start <= at.start && at.end <= region.place().end)
    }

    /// Asked once more, with what was said to the last answer.
    #[must_use]
    pub fn again(mut self, answer: &str, said: &str) -> Self {
        self.refused = Some(Refused { answer: answer.to_owned(), said: said.to_owned() });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"#include <a.h>\n\nint one;\n\nint f(void)\n{\n\treturn 1;\n}\n\nint two;\n";

    #[test]
    fn around_a_line_is_its_function() {
        let found = around(Language::C, FILE, &(6..7));
        assert_eq!((found.first, found.text.as_slice()), (5, &b"int f(void)\n{\n\treturn 1;\n}\n"[..]));
        assert_eq!(found.place(), 4..8);
    }

    #[test]
    fn an_open_hunk_is_asked_about_in_the_text_as_it_is_merged_so_far() {
        let base = "int f(int a)\n{\n\tone(a);\n\ttwo(a);\n\tthree(a);\n\tfour(a);\n\tfive(a);\n}\n";
        let theirs = base.replace("\tone(a);\n", "\tnew(a);\n\tone(a);\n").replace("four(a)", "four(b)");
        let ours = base.replace("four(a)", "quattuor(a)");
        let open = Open {
            sides: Sides { base: b"\tfour(a);\n", ours: b"\tquattuor(a);\n", theirs: b"\tfour(b);\n" },
            before: b"int f(int a)\n{\n\tnew(a);\n\tone(a);\n\ttwo(a);\n\tthree(a);\n",
            after: b"\tfive(a);\n}\n",
            files: Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() },
            lines: Sides { base: 5, ours: 5, theirs: 6 },
            language: Language::C,
        };
        let (brief, text) = Brief::of_open("a.c", &open);
        assert_eq!(brief.open, Sides { base: 5..6, ours: 6..7, theirs: 6..7 });
        assert_eq!(brief.sides.ours.text, text);
        let points = super::super::location::points(&brief);
        assert_eq!(points.iter().map(|point| point.is_open).collect::<Vec<_>>(), [false, true]);
        let prompt = super::super::prompt(&brief, super::super::Limit::default()).expect("short");
        assert!(prompt.user.contains("The patch could not be placed at line 7."));
        assert!(prompt.user.contains("1 of these 2 changes is to be made here:"), "{}", prompt.user);
        assert!(prompt.user.contains("Change 1: is settled, or asked about, separately"));
        let changed = prompt.user.split("What changed from the old to the new kernel here").nth(1).expect("a part");
        assert!(
            changed.contains("+\tquattuor(a);") && !changed.contains("+\tnew(a);"),
            "upstream did not do that: {changed}"
        );
    }

    #[test]
    fn of_a_long_function_the_beginning_is_told_too() {
        let body: String = (0..300).map(|n| format!("\tstep(port, {n});\n")).collect();
        let text = format!("int other;\n\nint work(struct port *port)\n{{\n\tint ret;\n\n{body}}}\n").into_bytes();
        let shown = around(Language::C, &text, &(200..201)).place();
        let found = head((Language::C, "a.c"), &text, (&(200..201), &shown)).expect("it is long");
        assert_eq!(found.snippet, Snippet::new("int work(struct port *port)\n{\n\tint ret;\n", 3));
        assert!(found.what.starts_with("the beginning of function work,"), "{}", found.what);
        assert_eq!(head((Language::C, "a.c"), FILE, (&(6..7), &(4..8))), None);
    }

    #[test]
    fn around_a_line_of_no_function_are_its_neighbours() {
        assert_eq!(around(Language::C, FILE, &(2..3)).first, 1);
        assert_eq!(around(Language::C, b"", &(0..0)), Snippet::default());
        assert_eq!(around(Language::C, b"a\n", &(7..9)).text, b"a\n", "lines that are not there are no fault");
    }
}
