//! Where the code that an open hunk is about lives now: found by names and statements, else asked.
//!
//! In: a file with a hunk whose function, type or table is not in ours any more. Out: [`Where`]. A model is asked for a place only where nothing
//! else finds one, and what it says is snapped to lines of ours; whatever is settled there is for a person to look at.
//!
//! ```text
//!   the hunk's section is in ours      -> as text merging left it
//!   renamed, or its statements stand elsewhere without a doubt -> there
//!   neither                            -> llm::retrieval -> lines of ours, or that it is not here
//! ```

use crate::fingerprint::retrieve::{How, Location, Retriever};
use crate::fingerprint::{Fingerprint, anchors};
use crate::llm::brief::Place;
use crate::llm::retrieval::{Judge, Manner, Sought, Wrong};
use crate::llm::shown::shown_lines;
use crate::llm::snippet::Snippet;
use crate::merge::line::names;
use crate::merge::{Change, Sides, delta};
use crate::syntax::language::Language;
use crate::syntax::outline::Section;
use crate::syntax::version::Version;
use crate::verify::Moved;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Of a longer section only what is around the hunk is looked for.
const LONGEST: usize = 240;
/// Lines around the hunk then.
const AROUND: usize = 40;
/// Places that a model is told of.
const HUNCHES: usize = 3;
/// A place may be so many times as long as what is looked for, and some lines longer.
const TIMES: usize = 3;
/// Those lines.
const SPARE: usize = 40;
/// One of so many words of the old lines must be in the new ones.
const ONE_IN: usize = 10;

/// Where the code of a hunk lives.
#[derive(Clone, Debug, PartialEq)]
pub enum Where {
    /// Where text merging left it.
    Here,
    /// In these lines of ours (from 0), and how that is known.
    At(Vec<Range<usize>>, Place),
    /// Nothing tells: this is to be looked for.
    Unknown(Box<Sought>),
}

/// Base and ours of one file, ready for questions.
pub struct Places<'a> {
    path: String,
    language: Language,
    files: Sides<&'a [u8]>,
    base: Version<'a>,
    ours: Version<'a>,
    retriever: Retriever<'a>,
}

impl<'a> Places<'a> {
    /// Of a file.
    pub fn new(path: &str, language: Language, files: Sides<&'a [u8]>) -> Self {
        let version = |text| Version::new(language, text);
        let (base, ours) = (version(files.base), version(files.ours));
        let retriever = Retriever::new(language, files.base, files.ours);
        Self { path: path.to_owned(), language, files, base, ours, retriever }
    }

    /// Where the code of a hunk lives; `lines` are those of its base (from 0) that the patch changes.
    pub fn of(&self, lines: &Range<usize>) -> Where {
        let Some(section) = self.retriever.missing_section(lines) else { return Where::Here };
        let all = self.retriever.locate(lines);
        match all.first() {
            Some(Location { lines, how: How::Renamed(name), score }) => {
                let how = format!("in {} {}, which has its statements", section.kind.word(), name.to_str_lossy());
                Where::At(vec![lines.clone()], Place { how, score: Some(*score) })
            }
            Some(Location { lines, how: How::Block(name), score }) => {
                let now = name.as_ref().map(|name| format!("in {}, ", name.to_str_lossy())).unwrap_or_default();
                let how = format!("{now}where the statements of {} stand now", section.name.to_str_lossy());
                Where::At(vec![lines.clone()], Place { how, score: Some(*score) })
            }
            _ => Where::Unknown(Box::new(self.sought(section, (lines, &all)))),
        }
    }

    /// Do all of these lines of base stand in one section?
    pub fn is_in_one_section(&self, all: &[Range<usize>]) -> bool {
        let mut sections = all.iter().map(|lines| self.base.section_of(lines).map(|section| section.lines.clone()));
        sections.next().is_some_and(|first| sections.all(|other| other == first))
    }

    /// What is looked for.
    fn sought(&self, section: &Section, (lines, hunches): (&Range<usize>, &[Location])) -> Sought {
        let old = match section.lines.len() <= LONGEST {
            true => section.lines.clone(),
            false => {
                let (first, last) = (section.lines.start, section.lines.end);
                lines.start.saturating_sub(AROUND).max(first)..(lines.end + AROUND).min(last)
            }
        };
        let old = Snippet::of(self.files.base, &old);
        let shown = shown_lines(&old.text);
        let says = |line: &&String| line.trim().len() > 1;
        let hunch = |place: &Location| {
            let why = format!("{} % of what stood around the patch's lines stands there", place.score / 10);
            (place.score > 0).then(|| (place.lines.clone(), why))
        };
        Sought {
            path: self.path.clone(),
            ends: shown.iter().find(says).cloned().zip(shown.iter().rev().find(says).cloned()),
            old,
            file: self.files.ours.to_vec(),
            signatures: Vec::new(),
            missing: Some(format!("{} {}", section.kind.word(), section.name.to_str_lossy())),
            hunches: hunches.iter().filter_map(hunch).take(HUNCHES).collect(),
            manner: Manner::Full,
        }
    }

    /// Where code stands in ours that somebody wrote down.
    fn locate(&self, code: &[u8]) -> Option<Range<usize>> {
        let places = anchors::locate(&Fingerprint::of(code), &Fingerprint::of(self.files.ours));
        places.first().filter(|_| anchors::is_clear(&places)).map(|place| place.lines.0 - 1..place.lines.1)
    }

    /// The sections that a place says one of base became: a line of the patch may stand there on that word.
    pub fn moved(&self, lines: &Range<usize>, now: &[Range<usize>]) -> Vec<Moved> {
        let key = |section: &Section| (section.kind, section.name.clone());
        let Some(before) = self.base.section_of(lines).map(key) else { return Vec::new() };
        let sections = |range: &Range<usize>| {
            let within =
                self.ours.sections().iter().filter(|s| range.start <= s.lines.start && s.lines.end <= range.end);
            within.chain(self.ours.section_of(range)).map(key).collect::<Vec<_>>()
        };
        let mut after: Vec<_> = now.iter().flat_map(sections).collect();
        after.sort();
        after.dedup();
        after.into_iter().map(|after| Change { before: before.clone(), after }).collect()
    }

    /// The same of edits (lines of `text`, which was made of ours) that go into sections of their own.
    pub fn moved_into<'e>(
        &self,
        lines: &Range<usize>,
        (text, edits): (&[u8], impl Iterator<Item = &'e Range<usize>>),
    ) -> Vec<Moved> {
        let key = |section: &Section| (section.kind, section.name.clone());
        let Some(before) = self.base.section_of(lines).map(key) else { return Vec::new() };
        let version = Version::new(self.language, text);
        let mut after: Vec<_> = edits.filter_map(|at| version.section_of(at)).map(key).collect();
        after.sort();
        after.dedup();
        after.into_iter().map(|after| Change { before: before.clone(), after }).collect()
    }

    /// With what answers of a model are judged.
    pub fn judged<T>(&self, sought: &Sought, then: impl FnOnce(&Judge<'_>) -> T) -> T {
        let locate = |code: &[u8]| self.locate(code);
        let check = |lines: &[Range<usize>]| can_be(sought, lines);
        then(&Judge { locate: &locate, check: &check })
    }

    /// Lines of ours in a text that was made of it, as far as they are in it.
    pub fn in_text(&self, text: &[u8], lines: &Range<usize>) -> Option<Range<usize>> {
        let hunks = delta::hunks(Change { before: self.files.ours, after: text });
        let now = |line: usize| {
            let at = hunks.partition_point(|hunk| hunk.before.end <= line);
            match (at.checked_sub(1).map(|at| &hunks[at]), hunks.get(at)) {
                (_, Some(hunk)) if hunk.before.start <= line => None,
                (Some(hunk), _) => Some(line - hunk.before.end + hunk.after.end),
                (None, _) => Some(line),
            }
        };
        let first = lines.clone().find_map(now)?;
        let last = lines.clone().rev().find_map(now)?;
        Some(first..last + 1)
    }
}

/// Can lines be what is looked for? Not if they are much more than that, or have nothing of it.
fn can_be(sought: &Sought, lines: &[Range<usize>]) -> Result<(), Wrong> {
    let wrong = |said: String, hide: &[Range<usize>]| Err(Wrong { said, hide: hide.to_vec() });
    if lines.is_empty() {
        return wrong("the answer names no lines".to_owned(), &[]);
    }
    let (count, old) = (lines.iter().map(Range::len).sum::<usize>(), sought.old.text.lines().count());
    if count > TIMES * old + SPARE {
        return wrong(
            format!("the answer names {count} lines, and the old lines are only {old}: name no more than it takes"),
            &[],
        );
    }
    let names = |text: &[u8]| -> FxHashSet<Vec<u8>> { names(text).map(<[u8]>::to_vec).collect() };
    let all: Vec<&[u8]> = sought.file.lines_with_terminator().collect();
    let new = names(
        &lines
            .iter()
            .flat_map(|range| all.get(range.clone()).unwrap_or_default())
            .copied()
            .collect::<Vec<_>>()
            .concat(),
    );
    let wanted = names(&sought.old.text);
    if wanted.intersection(&new).count() * ONE_IN < wanted.len() {
        return wrong("these lines have next to nothing of the old ones".to_owned(), lines);
    }
    Ok(())
}

/// The lines of base (from 0) that the patch changes within a hunk whose base begins at line `first`.
pub fn changed(hunk: Sides<&[u8]>, first: usize) -> Vec<Range<usize>> {
    let hunks = delta::hunks(Change { before: hunk.base, after: hunk.theirs });
    hunks.into_iter().map(|hunk| hunk.before.start + first..hunk.before.end + first).collect()
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "ranges of lines are what is meant")]
mod tests {
    use super::*;

    const FILE: &[u8] = b"int other(void)\n{\n\treturn nothing_at_all;\n}\n\nint now(struct port *port)\n{\n\treturn wait(port, REG_STATE);\n}\n";

    fn told(old: &str, lines: &[Range<usize>]) -> Result<(), String> {
        let sought = Sought { old: Snippet::new(old, 1), file: FILE.to_vec(), ..Sought::default() };
        can_be(&sought, lines).map_err(|wrong| wrong.said)
    }

    #[test]
    fn lines_with_nothing_of_the_old_ones_or_much_more_than_they_are_refused() {
        let old = "int then(struct acme *dev)\n{\n\treturn acme_wait(dev, REG_STATE);\n}\n";
        let one = |lines: Range<usize>| told(old, &[lines]);
        assert_eq!(one(5..9), Ok(()));
        assert!(one(0..4).is_err_and(|said| said.contains("next to nothing")));
        assert!(told("REG_STATE\n", &[0..44]).is_err_and(|said| said.contains("name no more than it takes")));
        assert!(told(old, &[]).is_err());
    }

    #[test]
    fn lines_of_ours_are_found_in_a_text_that_was_made_of_it() {
        let files = Sides { base: FILE, ours: FILE, theirs: FILE };
        let places = Places::new("a.c", Language::C, files);
        let text = [b"int new;\n", FILE].concat();
        assert_eq!(places.in_text(&text, &(5..9)), Some(6..10));
        assert_eq!(places.in_text(b"int new;\n", &(5..9)), None);
    }

    #[test]
    fn code_that_has_another_name_is_found_by_its_statements_without_asking() {
        let body = "{\n\tspin_lock(&port->lock);\n\tport_write(port, REG_A, 1);\n\tport_write(port, REG_B, 2);\n\tport_wait(port);\n\
                    \tspin_unlock(&port->lock);\n\treturn 0;\n}\n";
        let (base, ours) =
            (format!("int start(struct port *port)\n{body}"), format!("int enable(struct port *port)\n{body}"));
        let files = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: base.as_bytes() };
        let places = Places::new("a.c", Language::C, files);
        let Where::At(lines, how) = places.of(&(3..4)) else { panic!("it is there") };
        assert!(lines[0].contains(&3), "{lines:?}");
        assert_eq!(how.how, "in function enable, which has its statements");
        let moved = places.moved(&(3..4), &lines);
        assert_eq!(moved.iter().map(|moved| moved.after.1.as_slice()).collect::<Vec<_>>(), [b"enable"]);
        let same = Sides { base: base.as_bytes(), ours: base.as_bytes(), theirs: base.as_bytes() };
        assert_eq!(Places::new("a.c", Language::C, same).of(&(3..4)), Where::Here);
    }
}
