//! A file for which the user has a merge driver of their own: it is asked where text merging leaves something open, before what the
//! cascade has made of that is taken.
//!
//! In: the three blobs and what came of them. Out: the driver's text, if it has no conflicts and passes the door; else what came of them.

use super::Picker;
use super::answer::{Question, kept};
use super::content::Content;
use crate::cascade::{Joined, Won};
use crate::error::Result;
use crate::git::{Drove, Kind};
use crate::merge::line::{is_telling, shown};
use crate::merge::{Change, Evidence, Remark, delta};
use crate::run::{Method, quoted};
use crate::verify::{self, Candidate, verify};
use bstr::{BString, ByteSlice};
use rustc_hash::FxHashSet;

/// Asks the driver that an attribute names, if there is one; with what is to be said of it.
///
/// # Errors
/// An object is missing, a pack could not be written, or there is no shell.
pub(super) fn driven(
    picker: &mut Picker<'_>,
    path: &BString,
    (question, content): (Question, Content),
) -> Result<(Content, Option<Evidence>)> {
    let drift = match &content {
        Content::Open { drift, .. } if question.sides.base.is_some() => *drift,
        Content::Joined { drift, joined, .. } if joined.won.method != Method::Text => *drift,
        _ => return Ok((content, None)),
    };
    let Some(driver) = picker.repo.merge_driver(picker.onto, path)? else { return Ok((content, None)) };
    let blobs = picker.read(question)?;
    let texts = blobs.as_ref().map(|blob| blob.as_ref().map_or(&[][..], |blob| &blob.data));
    let told = |said: String| Some(Evidence::new(said).at(quoted(path.as_bstr())));
    let name = &driver.name;
    let text = match picker.repo.drive(&driver, (path, texts))? {
        Drove::Merged(text) => text,
        Drove::Conflicts => return Ok((content, told(format!("the merge driver {name} leaves conflicts")))),
        Drove::Failed(code) => {
            return Ok((content, told(format!("the merge driver {name} failed with exit code {code}"))));
        }
    };
    // A person chose the driver: it answers for its lines.
    let composed: FxHashSet<Vec<u8>> = [&text[..], texts.ours, texts.theirs]
        .iter()
        .flat_map(|text| text.lines_with_terminator())
        .map(<[u8]>::to_vec)
        .collect();
    let candidate = Candidate { composed: composed.clone(), ..Candidate::of_lines(text, Method::Driver) };
    match verify(&verify::Question { language: question.language, sides: texts }, candidate) {
        Err(rejection) => {
            let why = rejection.objection.said;
            Ok((content, told(format!("what the merge driver {name} makes of it is not taken: {why}"))))
        }
        Ok(resolution) => {
            let (text, mut reasons, mut doubts) = resolution.into_parts();
            doubts.extend(lost(Change { before: texts.base, after: texts.theirs }, &text, name));
            reasons.push(Remark::new(1, format!("merged by the merge driver {name}")));
            let won = Won { method: Method::Driver, reasons, doubts, composed };
            let joined = kept(picker.store, &texts, Joined { text, won, objection: None })?;
            picker.store.keep(&joined.result, Kind::Blob, blobs.ours.as_ref())?;
            Ok((Content::Joined { id: joined.result.id, drift, joined: Box::new(joined) }, None))
        }
    }
}

/// The door lets a driver answer for its lines, so it does not see what is lost: what the patch adds and the result does not have.
fn lost(patch: Change<&[u8]>, text: &[u8], name: &str) -> Option<Remark> {
    let has: FxHashSet<&[u8]> = text.lines_with_terminator().collect();
    let added = delta::lines(patch).added;
    let lost: Vec<&[u8]> = added.into_iter().filter(|line| is_telling(line) && !has.contains(line)).collect();
    let first = shown(lost.first()?);
    let said = match lost.len() {
        1 => format!("the merge driver {name} rewrote or lost a line of the patch: {first}"),
        more => format!("the merge driver {name} rewrote or lost {more} lines of the patch: {first}"),
    };
    Some(Remark::new(1, said))
}
