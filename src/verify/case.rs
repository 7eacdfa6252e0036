//! What the checks look at: the sides, the proposed text, and what changed between them, compared once.
//!
//! ```text
//!   base --- patch ---> theirs
//!     |
//!   upstream
//!     v
//!   ours -- carried --> result
//! ```

use super::Question;
use crate::merge::delta::{self, Hunk};
use crate::merge::line::is_telling;
use crate::merge::{Change, Sides};
use crate::syntax::language::Language;
use crate::syntax::outline::Section;
use crate::syntax::version::Version;
use std::cell::OnceCell;

/// A candidate beside what it is an answer to.
pub struct Case<'a> {
    /// What the file is written in.
    pub language: Language,
    /// The file before the patch, on the tip, and after the patch.
    pub sides: Sides<Version<'a>>,
    /// As it is proposed.
    pub result: Version<'a>,
    /// From base to theirs.
    pub patch: Vec<Hunk>,
    /// From ours to the result.
    pub carried: Vec<Hunk>,
    /// From base to ours; few candidates need it.
    upstream: OnceCell<Vec<Hunk>>,
}

/// A line of the patch and where it is in the result; both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landed {
    /// In theirs.
    pub theirs: usize,
    /// In the result.
    pub result: usize,
}

impl<'a> Case<'a> {
    /// Compares.
    pub fn new(question: &Question<'a>, text: &'a [u8]) -> Self {
        let sides = question.sides.map(|side| Version::new(question.language, side));
        let result = Version::new(question.language, text);
        let (patch, carried) = (hunks(&sides.base, &sides.theirs), hunks(&sides.ours, &result));
        Self { language: question.language, sides, result, patch, carried, upstream: OnceCell::new() }
    }

    /// From base to ours.
    pub fn upstream(&self) -> &[Hunk] {
        self.upstream.get_or_init(|| hunks(&self.sides.base, &self.sides.ours))
    }

    /// Where the telling lines that the patch adds are in the result: in order, each with the next equal line that came there.
    pub fn landed(&self) -> Vec<Landed> {
        let came: Vec<usize> = self.carried.iter().flat_map(|h| h.after.clone()).collect();
        let mut rest = came.as_slice();
        let mut landed = Vec::new();
        for theirs in self.patch.iter().flat_map(|h| h.after.clone()) {
            let line = self.sides.theirs.lines[theirs];
            if !is_telling(line) {
                continue;
            }
            if let Some(at) = rest.iter().position(|to| self.result.lines[*to] == line) {
                landed.push(Landed { theirs, result: rest[at] });
                rest = &rest[at + 1..];
            }
        }
        landed
    }

    /// The sections of the result that these lines are in, each once.
    pub fn sections_of(&self, landed: &[Landed]) -> Vec<&Section> {
        let mut sections: Vec<&Section> = Vec::new();
        for section in landed.iter().filter_map(|line| self.result.section_at(line.result)) {
            if !sections.iter().any(|s| s.lines == section.lines) {
                sections.push(section);
            }
        }
        sections
    }
}

fn hunks(before: &Version<'_>, after: &Version<'_>) -> Vec<Hunk> {
    delta::hunks(Change { before: before.text, after: after.text })
}

/// What somebody says of a candidate for a file of C: base, ours, theirs, the text that is proposed.
#[cfg(test)]
pub fn said_of(
    sides: Sides<&str>,
    result: &str,
    doubts: impl Fn(&Case<'_>) -> Vec<crate::merge::Remark>,
) -> Vec<String> {
    let question = Question { language: Language::C, sides: sides.map(str::as_bytes) };
    doubts(&Case::new(&question, result.as_bytes())).into_iter().map(|doubt| doubt.said).collect()
}
