//! THE DOOR: a candidate becomes a resolution here or is rejected with the reason; nothing else makes a resolution.
//!
//! In: the three sides of a file and a proposed text. Out: a [`Resolution`], whose every line is explained, or a [`Rejection`],
//! which is evidence for people. Clean text merges come through here, too.
//!
//! ```text
//!   marker        no conflict marker is left
//!   unexplained   a line differs from ours, and the patch has not changed it
//!   missing       a line of the patch is not in the result, and upstream has not made that change
//!   misplaced     the patch's lines landed in another function, table or preprocessor branch than the patch's own
//!   duplicate     something is defined twice, and was not in ours or theirs
//!   parse         it parses worse than ours and theirs do at the same lines
//! ```
//!
//! What passes may still not be finished: signs that the patch itself must change are on the resolution as doubts.

mod brought;
mod case;
pub mod confidence;
mod declared;
mod definitions;
mod discarded;
mod last_entry;
mod lines;
mod locals;
mod numbers;
mod place;
mod twice;
mod unfinished;

use crate::merge::mates::Anchor;
use crate::merge::{Change, Remark, Sides};
use crate::run::Method;
use crate::syntax::language::Language;
use crate::syntax::new_errors::new_errors;
use crate::syntax::outline::SectionKind;
use case::Case;
use rustc_hash::FxHashSet;

/// Longer files are not looked at but for their lines; of the kernel's only generated register lists are.
pub const LONGEST: usize = 4 << 20;

/// What a candidate is an answer to.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the file is written in.
    pub language: Language,
    /// The file before the patch, on the tip, and after the patch.
    pub sides: Sides<&'a [u8]>,
}

/// A proposed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The whole file.
    pub text: Vec<u8>,
    /// Who proposes it.
    pub method: Method,
    /// Lines that the method answers for: of hunks that it composed of both sides' edits.
    pub composed: FxHashSet<Vec<u8>>,
    /// Lines of the base that the method says stand elsewhere now, where it put what the patch has beside them.
    pub relocated: Vec<Anchor>,
    /// Sections of the base that became others, on the word of whoever proposes it: for a person to look at.
    pub moved: Vec<Moved>,
}

/// A section, by its kind and name.
pub type Key = (SectionKind, Vec<u8>);
/// What a section of the base is in ours.
pub type Moved = Change<Key>;

impl Candidate {
    /// A text whose lines must all be the patch's or upstream's.
    pub fn of_lines(text: Vec<u8>, method: Method) -> Self {
        Self { text, method, composed: FxHashSet::default(), relocated: Vec::new(), moved: Vec::new() }
    }
}

/// A text that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    text: Vec<u8>,
    method: Method,
    evidence: Vec<Remark>,
    /// Those beyond form come last.
    doubts: Vec<Remark>,
    beyond_form: usize,
}

impl Resolution {
    /// The whole file.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Takes it apart: the whole file, what explains lines that the patch alone does not, and what suggests that the patch itself
    /// must change.
    pub fn into_parts(self) -> (Vec<u8>, Vec<Remark>, Vec<Remark>) {
        (self.text, self.evidence, self.doubts)
    }

    /// The whole file, to keep.
    pub fn into_text(self) -> Vec<u8> {
        self.text
    }

    /// How it was won.
    pub fn method(&self) -> Method {
        self.method
    }

    /// What explains lines that the patch alone does not.
    pub fn evidence(&self) -> &[Remark] {
        &self.evidence
    }

    /// What suggests that the patch itself must change.
    pub fn doubts(&self) -> &[Remark] {
        &self.doubts
    }

    /// Those of the doubts that hold in whatever form the lines are written.
    pub fn doubts_beyond_form(&self) -> &[Remark] {
        &self.doubts[self.doubts.len() - self.beyond_form..]
    }
}

/// Why a candidate did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A conflict marker is left.
    Marker,
    /// A line differs from ours, and nothing explains it.
    Unexplained,
    /// A line of the patch is gone, and nothing explains it.
    Missing,
    /// The patch's lines landed elsewhere.
    Misplaced,
    /// Something is defined twice.
    Duplicate,
    /// It parses worse.
    Parse,
}

/// What speaks against a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Why.
    pub reason: Reason,
    /// In words.
    pub said: String,
    /// The line of the candidate that shows it, from 1.
    pub line: usize,
}

/// A candidate that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// As it was proposed.
    pub candidate: Candidate,
    /// The first that was found against it.
    pub objection: Objection,
}

/// Lets a candidate through, or says why not.
///
/// # Errors
/// The first reason against it.
pub fn verify(question: &Question<'_>, candidate: Candidate) -> Result<Resolution, Box<Rejection>> {
    match object(question, &candidate) {
        Ok(Found { evidence, mut doubts, beyond_form }) => {
            let count = beyond_form.len();
            doubts.extend(beyond_form);
            Ok(Resolution { text: candidate.text, method: candidate.method, evidence, doubts, beyond_form: count })
        }
        Err(objection) => Err(Box::new(Rejection { candidate, objection })),
    }
}

/// What is said of a text against which nothing speaks.
struct Found {
    /// What explains it.
    evidence: Vec<Remark>,
    /// What suggests that it is not finished.
    doubts: Vec<Remark>,
    /// The same, in whatever form its lines are written.
    beyond_form: Vec<Remark>,
}

/// What explains the text, and what suggests that it is not finished; or what speaks against it.
fn object(question: &Question<'_>, candidate: &Candidate) -> Result<Found, Objection> {
    let case = Case::new(question, &candidate.text);
    let lines::Explained { evidence, doubts } = lines::check(&case, &candidate.composed)?;
    if case.result.text.len() > LONGEST {
        return Ok(Found { evidence, doubts, beyond_form: Vec::new() });
    }
    let placed = place::check(&case, case.landed(), (&candidate.relocated, &candidate.moved))?;
    twice::check(&case)?;
    if question.language == Language::C {
        definitions::check(&case)?;
        last_entry::check(&case)?;
        parse(&case)?;
    }
    let unfinished = unfinished::doubts(&case, &candidate.relocated);
    let beyond_form = [brought::doubts, numbers::doubts, declared::doubts, discarded::doubts, locals::doubts]
        .map(|of| of(&case))
        .concat();
    Ok(Found { evidence, doubts: [doubts, placed, unfinished].concat(), beyond_form })
}

/// Does the patch take something away that upstream has only moved? A merge that changes nothing proves nothing then.
pub fn is_only_moved(question: &Question<'_>, text: &[u8]) -> bool {
    text.len() <= LONGEST && unfinished::is_only_moved(&Case::new(question, text))
}

/// The sections that were written in must parse no worse than the same sections of ours and theirs.
fn parse(case: &Case<'_>) -> Result<(), Objection> {
    let Case { sides, result, .. } = case;
    for section in case.sections_written() {
        let (ours, theirs) = (sides.ours.text_of_same(section), sides.theirs.text_of_same(section));
        let errors = new_errors(&ours, &theirs, &result.text_of(&section.lines)).unwrap_or_default();
        if let Some(first) = errors.first() {
            let line = section.lines.start + first;
            let name = String::from_utf8_lossy(&section.name).into_owned();
            let said = format!("{} {name} does not parse any more", section.kind.word());
            return Err(Objection { reason: Reason::Parse, said, line });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
