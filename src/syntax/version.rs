//! One version of a file: its lines, its sections, the conditions around them; what costs time is read when it is first asked for.

use super::conditionals::Conditionals;
use super::language::Language;
use super::outline::{Section, SectionKind, outline};
use bstr::ByteSlice;
use std::cell::OnceCell;
use std::ops::Range;

/// A text with its lines, sections and conditions.
pub struct Version<'a> {
    /// All of it.
    pub text: &'a [u8],
    /// Its lines, with their ends.
    pub lines: Vec<&'a [u8]>,
    /// What it is written in.
    pub language: Language,
    sections: OnceCell<Vec<Section>>,
    conditionals: OnceCell<Conditionals>,
}

impl<'a> Version<'a> {
    /// Cuts a text into lines.
    pub fn new(language: Language, text: &'a [u8]) -> Self {
        let lines = text.lines_with_terminator().collect();
        Self { text, lines, language, sections: OnceCell::new(), conditionals: OnceCell::new() }
    }

    /// Its named sections.
    pub fn sections(&self) -> &[Section] {
        self.sections.get_or_init(|| outline(self.language, self.text))
    }

    /// The innermost section that holds a line, from 0.
    pub fn section_at(&self, line: usize) -> Option<&Section> {
        self.section_of(&(line..line + 1))
    }

    /// The innermost section with all of these lines; of an insertion, with the lines on both sides of it.
    pub fn section_of(&self, lines: &Range<usize>) -> Option<&Section> {
        let holds = |s: &&Section| match lines.is_empty() {
            true => s.lines.start < lines.start && lines.end < s.lines.end,
            false => s.lines.start <= lines.start && lines.end <= s.lines.end,
        };
        self.sections().iter().rev().find(holds)
    }

    /// The sections of the same kind and name, by their first line.
    pub fn same(&self, section: &Section) -> impl Iterator<Item = &Section> {
        self.called(section.kind, &section.name)
    }

    /// The sections of a kind and name, by their first line.
    pub fn called(&self, kind: SectionKind, name: &[u8]) -> impl Iterator<Item = &Section> {
        self.sections().iter().filter(move |s| s.kind == kind && s.name == name)
    }

    /// The section of a kind and name, if there is exactly one.
    pub fn only_called(&self, kind: SectionKind, name: &[u8]) -> Option<&Section> {
        let mut all = self.called(kind, name);
        all.next().filter(|_| all.next().is_none())
    }

    /// The bytes of the first section of the same kind and name; none if there is no such section.
    pub fn text_of_same(&self, section: &Section) -> Vec<u8> {
        self.same(section).next().map_or(Vec::new(), |s| self.text_of(&s.lines))
    }

    /// The conditions that its lines stand under.
    pub fn conditionals(&self) -> &Conditionals {
        self.conditionals.get_or_init(|| Conditionals::of(self.language, self.text))
    }

    /// The bytes of some lines.
    pub fn text_of(&self, lines: &Range<usize>) -> Vec<u8> {
        self.lines[lines.clone()].concat()
    }
}
