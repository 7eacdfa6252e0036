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
    landed: OnceCell<Vec<Landed>>,
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
        Self {
            language: question.language,
            sides,
            result,
            patch,
            carried,
            upstream: OnceCell::new(),
            landed: OnceCell::new(),
        }
    }

    /// From base to ours.
    pub fn upstream(&self) -> &[Hunk] {
        self.upstream.get_or_init(|| hunks(&self.sides.base, &self.sides.ours))
    }

    /// Where the telling lines that the patch adds are in the result, in the patch's order: each with an equal line that came to its own
    /// section, else, in order, with the next one that is left. A line that the patch adds in two functions is then not told to have
    /// gone from the one to the other, where one of them moved.
    pub fn landed(&self) -> &[Landed] {
        self.landed.get_or_init(|| self.land())
    }

    fn land(&self) -> Vec<Landed> {
        let is_telling = |theirs: &usize| is_telling(self.sides.theirs.lines[*theirs]);
        let mut patch: Vec<usize> = self.patch.iter().flat_map(|h| h.after.clone()).filter(is_telling).collect();
        let mut came: Vec<usize> = self.written().collect();
        let is_same = |theirs: usize, result: usize| self.sides.theirs.lines[theirs] == self.result.lines[result];
        let is_at_home = |theirs: usize, result: usize| {
            is_same(theirs, result) && {
                let (meant, is) = (self.sides.theirs.section_at(theirs), self.result.section_at(result));
                meant.map(|s| (s.kind, &s.name)) == is.map(|s| (s.kind, &s.name))
            }
        };
        let mut landed = in_turn(&mut patch, &mut came, is_at_home);
        landed.extend(in_turn(&mut patch, &mut came, is_same));
        landed.sort_unstable_by_key(|line| line.theirs);
        landed
    }

    /// The lines of the result, from 0, that ours does not have.
    pub fn written(&self) -> impl Iterator<Item = usize> {
        self.carried.iter().flat_map(|hunk| hunk.after.clone())
    }

    /// The line of the result (from 1) that has a line of the patch; the first one if none has it.
    pub fn line_of(&self, line: &[u8]) -> usize {
        self.written().find(|at| self.result.lines[*at] == line).map_or(1, |at| at + 1)
    }

    /// The sections of the result that lines which ours does not have are in, each once: the patch's, and what a rule, a model or a
    /// person wrote with them.
    pub fn sections_written(&self) -> Vec<&Section> {
        let telling = self.written().filter(|at| is_telling(self.result.lines[*at]));
        let mut sections: Vec<&Section> = Vec::new();
        for section in telling.filter_map(|at| self.result.section_at(at)) {
            if !sections.iter().any(|s| s.lines == section.lines) {
                sections.push(section);
            }
        }
        sections
    }
}

/// Takes what fits out of both lists, each with the next one behind the last that fitted.
fn in_turn(patch: &mut Vec<usize>, came: &mut Vec<usize>, fits: impl Fn(usize, usize) -> bool) -> Vec<Landed> {
    let (mut landed, mut from) = (Vec::new(), 0);
    patch.retain(|theirs| {
        let found = came[from..].iter().position(|result| fits(*theirs, *result));
        if let Some(at) = found {
            landed.push(Landed { theirs: *theirs, result: came.remove(from + at) });
            from += at;
        }
        found.is_none()
    });
    landed
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

/// The same of a patch that writes one text for another, on a tip that wrote others for others; it came out clean.
#[cfg(test)]
pub fn said_of_patch(
    base: &str,
    (old, new): (&str, &str),
    upstream: &[(&str, &str)],
    doubts: impl Fn(&Case<'_>) -> Vec<crate::merge::Remark>,
) -> Vec<String> {
    let patch = |text: &str| text.replace(old, new);
    let ours = upstream.iter().fold(base.to_owned(), |text, (old, new)| text.replace(old, new));
    let (theirs, result) = (patch(base), patch(&ours));
    said_of(Sides { base, ours: &ours, theirs: &theirs }, &result, doubts)
}
