//! Entries of a table that upstream writes otherwise now: what the patch adds to it in the form of its neighbours.
//!
//! In: a file that both sides changed. Out: the same file, if the patch only adds entries, they are understood, and the door lets it pass.

use super::Picker;
use super::file_merge::FileMerge;
use crate::cascade::Won;
use crate::error::Result;
use crate::merge::{Change, Remark, delta};
use crate::rule::table::restyled;
use crate::run::{LookUp, Method};
use crate::syntax::language::Language;
use crate::verify::{Candidate, Question, verify};
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// With fewer entries to learn from a person should look, even if all are what the learned form makes of them.
const ENOUGH: usize = 3;

/// Writes the entries anew. A person should look, unless all other entries are in the form that was learned.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn restyle(picker: &mut Picker<'_>, file: &mut FileMerge) -> Result<()> {
    let is_code = Language::of(&file.path) == Language::C;
    let is_wanted = picker.options.look_up != LookUp::Nothing;
    if !is_wanted
        || !is_code
        || !file.is_near()
        || matches!(file.method, Method::ByHand | Method::Model | Method::Remembered)
    {
        return Ok(());
    }
    let Some((sides, _)) = file.texts(picker.store)? else { return Ok(()) };
    let sides = sides.as_ref().map(|side| &side[..]);
    let Some(made) = restyled(&sides) else { return Ok(()) };
    let question = Question { language: Language::C, sides };
    let lines = |change: Change<&[u8]>| delta::lines(change).added.iter().map(|line| line.to_vec()).collect::<Vec<_>>();
    let patch = lines(Change { before: sides.base, after: sides.theirs });
    let new = lines(Change { before: sides.ours, after: &made.text });
    // The text is upstream's with these entries: it has no other line, and the patch nothing else.
    let composed: FxHashSet<Vec<u8>> = patch.into_iter().chain(new).collect();
    let candidate = Candidate { composed: composed.clone(), ..Candidate::of_lines(made.text, Method::Rewritten) };
    let Ok(resolution) = verify(&question, candidate) else { return Ok(()) };
    let lasting = resolution.doubts_beyond_form().to_vec();
    let (text, mut reasons, told) = resolution.into_parts();
    let hunks = delta::hunks(Change { before: sides.ours, after: &text });
    let line = hunks.first().map_or(1, |hunk| hunk.after.start + 1);
    file.put(picker.store, text, None)?;
    file.forget_all_doubts();
    let keys: Vec<String> = made.keys.iter().map(|key| key.to_str_lossy().into_owned()).collect();
    let said = format!(
        "{} written as the table's entries are now: learned from {} that both kernels have, of which {} are just that",
        keys.join(", "),
        made.pairs,
        made.obeyed
    );
    reasons.push(Remark::new(line, said));
    // The form answers only what was doubted of the form.
    let mut doubts = lasting;
    if made.obeyed < made.pairs || made.pairs < ENOUGH {
        doubts = told;
        doubts.push(Remark::new(line, "the form of a table's entries was learned from the table itself".to_owned()));
    }
    file.tell(Some(Box::new(Won { method: Method::Rewritten, reasons, doubts, composed })), None);
    Ok(())
}
