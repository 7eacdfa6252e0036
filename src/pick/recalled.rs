//! A file whose conflicts people settled before, in another run or repository: the memory is asked before a driver, and before what the
//! cascade has made of it is taken. What people decided of this very file in this run goes before that.
//!
//! In: the three blobs and what came of them. Out: the same with what was recalled, or what came of them.

use super::Picker;
use super::answer::{Answer, Question};
use super::content::{Already, Content};
use crate::cascade::{self, Known};
use crate::error::Result;
use crate::merge::{Evidence, Sides};
use crate::run::{Method, quoted};
use crate::verify;
use bstr::{BString, ByteSlice};

/// What came of a file, and what was made of hunks that upstream has.
pub(super) type Came = (Content, Already);

/// Whether the memory settled anything of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recall {
    /// It did.
    Used,
    /// It did not.
    Nothing,
}

/// Asks the memory, with what is to be said of it.
///
/// # Errors
/// An object is missing, or a pack could not be written.
pub(super) fn recalled(
    picker: &mut Picker<'_>,
    (old, path): (&str, &BString),
    question: Question,
    (content, already): Came,
) -> Result<(Came, Recall, Vec<Evidence>)> {
    let place = quoted(path.as_bstr());
    let is_open = match &content {
        Content::Open { .. } => true,
        Content::Joined { joined, .. } => joined.won.method != Method::Text || already != Already::Nothing,
        Content::Settled(_) | Content::Whole(_) => false,
    };
    // What a person made of this file of this commit for other sides is carried onto these.
    if picker.memory.is_empty() || !is_open || picker.decisions.fix_of(old, &place).is_some() {
        return Ok(((content, already), Recall::Nothing, Vec::new()));
    }
    let blobs = picker.read(question)?;
    let Some(ours) = blobs.ours.clone() else { return Ok(((content, already), Recall::Nothing, Vec::new())) };
    let texts = blobs.as_ref().map(|blob| blob.as_ref().map_or(&[][..], |blob| &blob.data));
    let remembered = picker.remembered;
    let passed_over = |sides: &Sides<Vec<u8>>| remembered.knows(sides);
    let known = Known { memory: picker.memory, path: &place, passed_over: &passed_over };
    let methods: &[Method] = if question.sides.base.is_some() { &picker.options.methods } else { &[] };
    let question_of_texts = verify::Question { language: question.language, sides: texts };
    let (whole, said) = cascade::recalled(&question_of_texts, methods, known)?;
    let told = said.into_iter().map(|remark| Evidence::new(remark.said).at(format!("{place}:{}", remark.line)));
    let told: Vec<Evidence> = told.collect();
    let Some(whole) = whole else { return Ok(((content, already), Recall::Nothing, told)) };
    let is_open = matches!(whole, cascade::Whole::Open(_));
    // Without what upstream has it may have come out whole.
    if is_open && already == Already::LeftOut {
        return Ok(((content, already), Recall::Nothing, told));
    }
    let answer = Answer::of(picker.store, (&ours, &texts), whole)?;
    let content = Content::of(picker, question.sides.base, answer)?;
    Ok(((content, Already::Nothing), Recall::Used, told))
}
