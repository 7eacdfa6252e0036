//! Which of two insertions at one place comes first.
//!
//! In: the lines above and below the place, and what upstream (ours) and the patch (theirs) put there. Out: [`Verdict`], the lines
//! of both with the reason, or None where nothing tells. The evidence, strongest first:
//!
//! 1. syntax: `#else`, `else` or an unfinished line binds a run to what stands above it (or below);
//! 2. the list around is sorted, or ends in an entry that must stay the last;
//! 3. paragraphs: one run is separated by blank lines from a neighbour to which the other one is attached;
//! 4. words: one run speaks of what its neighbour speaks of, and the other doesn't.

use super::line::{is_telling, words};
use super::list::{By, is_sentinel, punctuation, sorted};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;

/// Two runs of lines put at one place, and what stands around it. Lines carry their ends.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a, 'b> {
    /// The lines above, the nearest last.
    pub above: &'b [&'a [u8]],
    /// The lines below, the nearest first.
    pub below: &'b [&'a [u8]],
    /// What upstream put there; not empty.
    pub ours: &'b [&'a [u8]],
    /// What the patch puts there; not empty.
    pub theirs: &'b [&'a [u8]],
    /// What the file is written in.
    pub language: Language,
}

/// The lines of both runs, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// The lines.
    pub lines: Vec<&'a [u8]>,
    /// What decided.
    pub reason: &'static str,
}

/// Which run comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// Upstream's.
    Ours,
    /// The patch's.
    Theirs,
}

/// Decides by the evidence at hand.
pub fn decide<'a>(meeting: &Meeting<'a, '_>) -> Option<Verdict<'a>> {
    if let Some((first, reason)) = meeting.by_syntax() {
        return Some(meeting.verdict(first, reason));
    }
    let list = sorted(meeting.above, meeting.below, meeting.ours, meeting.theirs).filter(|_| !meeting.is_counted());
    if let Some(list) = list {
        let reason = match list.by {
            By::Name => "the list around is sorted by name",
            By::Number => "the list around is sorted by number",
        };
        return Some(Verdict { lines: list.lines, reason });
    }
    let found = meeting.by_end_of_list().or_else(|| meeting.by_paragraph()).or_else(|| meeting.by_words());
    found.map(|(first, reason)| meeting.verdict(first, reason))
}

impl<'a> Meeting<'a, '_> {
    /// Both runs, one behind the other.
    pub fn in_turn(&self) -> Vec<&'a [u8]> {
        [self.ours, self.theirs].concat()
    }

    /// The lines with one run first.
    fn verdict(&self, first: First, reason: &'static str) -> Verdict<'a> {
        let lines = match first {
            First::Ours => self.in_turn(),
            First::Theirs => [self.theirs, self.ours].concat(),
        };
        Verdict { lines, reason }
    }

    /// A run that goes on with what stands above comes first; one that what stands below goes on with comes last.
    fn by_syntax(&self) -> Option<(First, &'static str)> {
        let (ours, theirs) = (binding(self.ours, self.language), binding(self.theirs, self.language));
        match (ours, theirs) {
            (a, b) if a == b => None,
            (_, Binding::Above) | (Binding::Below, _) => {
                Some((First::Theirs, "upstream's lines and the patch's only fit together in this order"))
            }
            (Binding::Above, _) | (_, Binding::Below) => {
                Some((First::Ours, "upstream's lines and the patch's only fit together in this order"))
            }
            (Binding::Free, Binding::Free) => None,
        }
    }

    /// Are these constants of an enum that are counted: whose place is their number? That they stand in the order of the alphabet is
    /// chance then.
    fn is_counted(&self) -> bool {
        let bounds = |line: &&&[u8]| line.trim_ascii_end().ends_with(b"{") || line.trim_ascii_start().starts_with(b"}");
        let is_enum = |line: &[u8]| has_word(line, b"enum") && line.trim_ascii_end().ends_with(b"{");
        let spoken = |run: &'_ [&[u8]]| run.iter().filter(|line| is_telling(line)).all(|line| !line.contains(&b'='));
        self.language == Language::C
            && self.above.iter().rev().find(bounds).is_some_and(|line| is_enum(line))
            && spoken(self.ours)
            && spoken(self.theirs)
    }

    /// What is appended to a list goes behind what upstream appended: its numbers must not change.
    fn by_end_of_list(&self) -> Option<(First, &'static str)> {
        let below = self.below.iter().find(|line| !is_blank(line));
        match below {
            None => Some((First::Ours, "both append to the end, and upstream's came before")),
            Some(line) if is_sentinel(line) || ends_list(line, self.language) => {
                Some((First::Ours, "both append to the end of a list, and upstream's came before"))
            }
            Some(_) => None,
        }
    }

    /// A run stays with the neighbour that it is attached to, without a blank line, if the other run is not.
    fn by_paragraph(&self) -> Option<(First, &'static str)> {
        let up = self.above.last().is_some_and(|line| is_telling(line));
        let down = self.below.first().is_some_and(|line| is_telling(line) && !is_directive(line));
        let glued = |run: &[&[u8]]| {
            (up && !run.first().is_none_or(|l| is_blank(l)), down && !run.last().is_none_or(|l| is_blank(l)))
        };
        let ((ours_up, ours_down), (theirs_up, theirs_down)) = (glued(self.ours), glued(self.theirs));
        let ours = i32::from(ours_up && !theirs_up) + i32::from(theirs_down && !ours_down);
        let theirs = i32::from(theirs_up && !ours_up) + i32::from(ours_down && !theirs_down);
        match ours.cmp(&theirs) {
            std::cmp::Ordering::Greater => {
                Some((First::Ours, "blank lines attach upstream's lines above or the patch's below"))
            }
            std::cmp::Ordering::Less => {
                Some((First::Theirs, "blank lines attach the patch's lines above or upstream's below"))
            }
            std::cmp::Ordering::Equal => None,
        }
    }

    /// A run stays with the neighbour that it shares words with, if the other run does not.
    fn by_words(&self) -> Option<(First, &'static str)> {
        let mut above = passage(self.above.iter().rev());
        let mut below = passage(self.below.iter());
        let mut around: Vec<&[u8]> = self.above.iter().chain(self.below).flat_map(|line| rare(line)).collect();
        around.sort_unstable();
        let seldom =
            |word: &&[u8]| around.partition_point(|w| w <= word) - around.partition_point(|w| w < word) <= SELDOM;
        above.retain(seldom);
        below.retain(seldom);
        let shared = |run: &[&'a [u8]], near: &[&[u8]], far: &[&[u8]]| {
            let spoken: Vec<&[u8]> = run.iter().flat_map(|line| rare(line)).collect();
            let of = |words: &[&[u8]]| words.iter().filter(|word| spoken.contains(word)).count();
            of(near).saturating_sub(of(far))
        };
        let theirs = shared(self.theirs, &above, &below) + shared(self.ours, &below, &above);
        let ours = shared(self.ours, &above, &below) + shared(self.theirs, &below, &above);
        if theirs >= ours + CLEARLY {
            Some((First::Theirs, "the patch's lines share words with the lines above, or upstream's with those below"))
        } else if ours >= theirs + CLEARLY {
            Some((First::Ours, "upstream's lines share words with the lines above, or the patch's with those below"))
        } else {
            None
        }
    }
}

/// So many words more must speak for an order.
const CLEARLY: usize = 3;
/// A word on more lines around than this says nothing about a place.
const SELDOM: usize = 8;
/// A neighbour is looked at for so many lines.
const PASSAGE: usize = 12;

/// The words of the nearest line that says something, or of all up to a blank line if the nearest only closes an item.
fn passage<'l>(lines: impl Iterator<Item = &'l &'l [u8]>) -> Vec<&'l [u8]> {
    let mut found = Vec::new();
    let mut first = true;
    for line in lines.skip_while(|line| is_blank(line)).take(PASSAGE).take_while(|line| !is_blank(line)) {
        let words = rare(line);
        let enough = first && words.len() > 1;
        first = false;
        found.extend(words);
        if enough {
            break;
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What a run cannot be parted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    /// It goes on with what stands above.
    Above,
    /// What stands below goes on with it.
    Below,
    /// Neither, or both.
    Free,
}

/// Can these lines stand anywhere: are their brackets and conditionals closed, and is no statement of theirs begun elsewhere?
pub fn is_whole(run: &[&[u8]], language: Language) -> bool {
    binding(run, language) == Binding::Free
}

/// Reads brackets, conditionals and line ends of a run.
fn binding(run: &[&[u8]], language: Language) -> Binding {
    let (mut brackets, mut conditionals) = (Depth::default(), Depth::default());
    for line in run {
        match conditional(line, language) {
            Some(Conditional::Open) => conditionals.open(),
            Some(Conditional::Middle) => {
                conditionals.close();
                conditionals.open();
            }
            Some(Conditional::Close) => conditionals.close(),
            None => {}
        }
    }
    for c in punctuation(run, language) {
        match c {
            b'{' | b'(' => brackets.open(),
            b'}' | b')' => brackets.close(),
            _ => {}
        }
    }
    let spoken = || run.iter().map(|line| line.trim_ascii()).filter(|text| !text.is_empty());
    let first = spoken().next().unwrap_or_default();
    let last = spoken().next_back().unwrap_or_default();
    let up = brackets.least < 0 || conditionals.least < 0 || starts_inside(first);
    let down = brackets.now > brackets.least || conditionals.now > conditionals.least || is_unfinished(last);
    match (up, down) {
        (true, false) => Binding::Above,
        (false, true) => Binding::Below,
        _ => Binding::Free,
    }
}

/// How deep a run stands in pairs, against where it began.
#[derive(Clone, Copy, Debug, Default)]
struct Depth {
    /// Now.
    now: i64,
    /// At its least.
    least: i64,
}

impl Depth {
    /// One deeper.
    const fn open(&mut self) {
        self.now += 1;
    }

    /// One less deep.
    fn close(&mut self) {
        self.now -= 1;
        self.least = self.least.min(self.now);
    }
}

/// A line of conditional compilation, of make's conditionals, or of Kconfig's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conditional {
    /// `#if`, `#ifdef`, `ifeq`.
    Open,
    /// `#else`, `#elif`.
    Middle,
    /// `#endif`, `endif`.
    Close,
}

/// Reads a line as a conditional.
fn conditional(line: &[u8], language: Language) -> Option<Conditional> {
    let text = line.trim_ascii();
    // In make and Kconfig it begins a comment.
    let has_directives = !matches!(language, Language::Make | Language::Kconfig);
    let directive = text.strip_prefix(b"#").filter(|_| has_directives).map(<[u8]>::trim_ascii_start);
    let word = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_alphabetic()).count();
    let of = |text: &'_ [u8]| -> Option<Conditional> {
        match &text[..word(text)] {
            b"ifdef" | b"ifndef" | b"ifeq" | b"ifneq" => Some(Conditional::Open),
            b"endif" => Some(Conditional::Close),
            b"if" | b"menu" | b"choice"
                if language == Language::Kconfig && text.len() == line.trim_ascii_end().len() =>
            {
                Some(Conditional::Open)
            }
            b"endmenu" | b"endchoice" if language == Language::Kconfig => Some(Conditional::Close),
            b"else" if language == Language::Make => Some(Conditional::Middle),
            _ => None,
        }
    };
    match directive {
        None => of(text),
        Some(rest) => match &rest[..word(rest)] {
            b"if" => Some(Conditional::Open),
            b"else" | b"elif" | b"elifdef" | b"elifndef" => Some(Conditional::Middle),
            _ => of(rest),
        },
    }
}

/// `else`, `&& x`, `|| x`, `? x`: in the middle of a statement.
fn starts_inside(text: &[u8]) -> bool {
    words(text).first() == Some(&&b"else"[..]) && !text.starts_with(b"#") && !text.starts_with(b"}")
        || text.starts_with(b"&&")
        || text.starts_with(b"||")
        || text.starts_with(b"?")
}

/// `if (x)`, `a &&`, `x =`: the next line belongs to it.
fn is_unfinished(text: &[u8]) -> bool {
    let control: [&[u8]; 4] = [b"if (", b"for (", b"while (", b"else if ("];
    control.iter().any(|word| text.starts_with(word)) && text.ends_with(b")")
        || text.ends_with(b"&&")
        || text.ends_with(b"||")
        || text == b"else"
}

/// Is it white space only?
fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// A preprocessor's line: what stands beside it is not attached to it.
fn is_directive(line: &[u8]) -> bool {
    line.first() == Some(&b'#')
}

/// Does a list end at this line: `};` of a table or enum, `endmenu`?
fn ends_list(line: &[u8], language: Language) -> bool {
    let text = line.trim_ascii();
    match language {
        Language::Kconfig => {
            text.starts_with(b"endmenu") || text.starts_with(b"endif") || text.starts_with(b"endchoice")
        }
        Language::Make | Language::Maintainers | Language::Other => false,
        _ => text.starts_with(b"};") && line.first() == Some(&b'}'),
    }
}

/// Longer lines (bytes) are data, not words.
const LONGEST: usize = 1000;

/// The words of a line that say something: four letters or more, and none of the language's own.
fn rare(line: &[u8]) -> Vec<&[u8]> {
    if line.len() > LONGEST {
        return Vec::new();
    }
    let common: [&[u8]; 24] = [
        b"static",
        b"inline",
        b"const",
        b"struct",
        b"void",
        b"char",
        b"long",
        b"unsigned",
        b"extern",
        b"include",
        b"linux",
        b"define",
        b"return",
        b"case",
        b"break",
        b"config",
        b"select",
        b"depends",
        b"CONFIG",
        b"enum",
        b"bool",
        b"true",
        b"false",
        b"null",
    ];
    let mut found: Vec<&[u8]> = words(line).into_iter().filter(|w| w.len() >= 4 && !common.contains(w)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use bstr::ByteSlice;

    /// What is decided for these texts, as one text, and the reason.
    fn decided(above: &str, ours: &str, theirs: &str, below: &str) -> Option<(String, &'static str)> {
        in_language(Language::C, [above, ours, theirs, below])
    }

    fn in_language(language: Language, texts: [&str; 4]) -> Option<(String, &'static str)> {
        let [above, ours, theirs, below] =
            texts.map(|text| text.as_bytes().lines_with_terminator().collect::<Vec<_>>());
        let meeting = Meeting { above: &above, below: &below, ours: &ours, theirs: &theirs, language };
        decide(&meeting).map(|verdict| (verdict.lines.concat().to_str_lossy().into_owned(), verdict.reason))
    }

    fn lines(found: Option<(String, &'static str)>) -> Option<String> {
        found.map(|(lines, _)| lines)
    }

    #[test]
    fn a_sorted_list_takes_each_entry_at_its_place() {
        let found = decided(
            "#include <linux/acpi.h>\n#include <linux/bits.h>\n",
            "#include <linux/delay.h>\n#include <linux/io.h>\n",
            "#include <linux/fs.h>\n",
            "#include <linux/kernel.h>\n",
        );
        let expected = "#include <linux/delay.h>\n#include <linux/fs.h>\n#include <linux/io.h>\n";
        assert_eq!(found, Some((expected.to_owned(), "the list around is sorted by name")));
    }

    #[test]
    fn a_list_that_is_not_sorted_decides_nothing() {
        let above = "#include <linux/kernel.h>\n#include <linux/acpi.h>\n#include <linux/io.h>\n";
        assert_eq!(
            decided(above, "#include <linux/of.h>\n", "#include <linux/fs.h>\n", "#include <linux/bits.h>\n"),
            None
        );
    }

    #[test]
    fn an_else_stays_behind_its_if() {
        let found = decided("#ifdef A\n\tone();\n", "\ttwo();\n", "#else\n\tthree();\n#endif\n", "\tfour();\n");
        assert_eq!(lines(found), Some("#else\n\tthree();\n#endif\n\ttwo();\n".to_owned()));
    }

    #[test]
    fn a_kconfig_block_is_whole() {
        let run: Vec<&[u8]> = vec![b"if FOO\n", b"config BAR\n", b"endif\n"];
        assert_eq!(binding(&run, Language::Kconfig), Binding::Free);
        assert_eq!(binding(&run[..2], Language::Kconfig), Binding::Below);
    }

    #[test]
    fn what_is_appended_to_an_enum_stands_behind_upstreams() {
        let found = decided("\tRED,\n\tBLUE,\n", "\tWHITE,\n", "\tAMBER,\n", "\t__COLOUR_MAX\n};\n");
        assert_eq!(lines(found), Some("\tWHITE,\n\tAMBER,\n".to_owned()));
    }

    #[test]
    fn lines_stay_with_the_neighbour_that_no_blank_line_parts_them_from() {
        let found = decided("\tfirst();\n", "\tlast_of_all();\n", "\tsecond();\n\n", "\tfinish();\n");
        assert_eq!(lines(found), Some("\tsecond();\n\n\tlast_of_all();\n".to_owned()));
    }

    #[test]
    fn lines_stay_with_the_neighbour_that_they_speak_of() {
        let found = decided(
            "int probe_lockdown(enum lockdown_reason what);\n",
            "int fill_context(void);\n",
            "int lock_down(const char *where, enum lockdown_reason why, int probe);\n",
            "int unrelated_thing(void);\n",
        );
        assert!(lines(found).is_some_and(|text| text.starts_with("int lock_down")));
    }

    #[test]
    fn two_statements_without_a_sign_are_left_undecided() {
        assert_eq!(decided("\ta = b;\n", "\tone();\n", "\ttwo();\n", "\tc = d;\n"), None);
    }

    #[test]
    fn brackets_in_comments_and_texts_bind_nothing() {
        let decided = |ours: &str| decided("\tstart(d);\n", ours, "\tmine(d);\n", "\tstop(d);\n");
        assert_eq!(decided("\t/* 1) reset it */ reset(d);\n"), None);
        assert_eq!(decided("\tsay(\"state (pending\\n\");\n"), None);
        let by_syntax = decided("\t}\n").map(|(_, reason)| reason);
        assert!(by_syntax.is_some_and(|reason| reason.contains("only fit together in this order")));
        let make = ["obj-y += a.o\n", "# if it is wanted\nobj-y += b.o\n", "obj-y += c.o\n", "obj-y += d.o\n"];
        let said = in_language(Language::Make, make).map(|(_, reason)| reason);
        assert!(said.is_none_or(|reason| !reason.contains("only fit together")));
    }

    #[test]
    fn the_constants_of_an_enum_that_is_counted_are_in_no_order_of_the_alphabet() {
        let above = "enum attr {\n\tATTR_A,\n\tATTR_B,\n\tATTR_C,\n\tATTR_D,\n";
        let (lines, _) = decided(above, "\tATTR_F,\n", "\tATTR_E,\n", "};\n").expect("the end of the list tells");
        assert_eq!(lines, "\tATTR_F,\n\tATTR_E,\n");
        let closed = format!("{above}}};\n\nint acme_alpha(void);\nint acme_beta(void);\nint acme_delta(void);\n");
        let (lines, _) =
            decided(&closed, "int acme_gamma(void);\n", "int acme_epsilon(void);\n", "\n").expect("sorted");
        assert_eq!(lines, "int acme_epsilon(void);\nint acme_gamma(void);\n", "behind the enum");
        let told = |one: &str| one.replace(',', " = 1,");
        let (lines, _) =
            decided(&told(above), &told("\tATTR_F,\n"), &told("\tATTR_E,\n"), "\tATTR_G = 1,\n};\n").expect("sorted");
        assert_eq!(lines, told("\tATTR_E,\n\tATTR_F,\n"));
    }
}
