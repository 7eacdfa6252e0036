//! What was made of each file of a commit beyond the plain text merge of its sides: by memory, or by a person.

use super::paged;
use super::show::change_near;
use super::standing::Standing;
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::git::tree::{Entry, Sort};
use crate::git::{Repo, Store};
use crate::merge::{Change, Merged, Sides, merged_mode};
use crate::rebase::{came_out, side_entries, tree_after};
use crate::run::{FileOutcome, Outcome, Record};
use std::io::Write;

/// Prints it.
///
/// # Errors
/// An object of the run is missing, or standard output cannot be written.
pub fn show_machine(repo: &Repo, store: &mut Store, (record, outcome): (&Record, &Outcome)) -> Result<()> {
    let mut out = Vec::new();
    let tree = tree_after(repo, store, outcome)?;
    if tree.is_none() {
        let _ = writeln!(out, "commit {} is not carried, so nothing was made of its files", outcome.n);
        return paged(repo, &out);
    }
    for file in &outcome.files {
        let sides = side_entries((repo, store), (record, outcome), file)?;
        let plain = plain(store, sides)?.map(|plain| plain.standing);
        let out_entry = came_out(store, tree, file)?;
        let came = out_entry.map(|entry| Standing::read(store, entry)).transpose()?;
        tell(&mut out, file, (plain, came));
    }
    paged(repo, &out)
}

/// What the plain merge makes of a file.
pub(super) struct Plain {
    /// The file.
    pub standing: Standing,
    /// The merge, where it has conflicts.
    pub open: Option<Merged>,
}

/// What the plain merge makes of the sides: the side that alone changed, the texts merged, the patch's version of what is open.
pub(super) fn plain(store: &mut Store, sides: Sides<Option<Entry>>) -> Result<Option<Plain>> {
    let Sides { base, ours, theirs } = sides;
    let whole = match (ours, theirs) {
        _ if ours == base => Some(theirs),
        _ if theirs == base || ours == theirs => Some(ours),
        (Some(o), Some(t)) if o.sort() == Sort::File && t.sort() == Sort::File => None,
        _ => Some(theirs),
    };
    let (None, Some(ours), Some(theirs)) = (whole, ours, theirs) else {
        let standing = whole.flatten().map(|entry| Standing::read(store, entry)).transpose()?;
        return Ok(standing.map(|standing| Plain { standing, open: None }));
    };
    let mode = merged_mode(base.map(|b| b.mode), ours.mode, theirs.mode).unwrap_or(theirs.mode);
    let mut text_of = |entry: Option<Entry>| -> Result<Vec<u8>> {
        let text = entry.map(|entry| Standing::read(store, entry)).transpose()?.and_then(|s| s.text);
        Ok(text.unwrap_or_default())
    };
    let texts = Sides { base: text_of(base)?, ours: text_of(Some(ours))?, theirs: text_of(Some(theirs))? };
    let (text, open) = match text::merge(texts.as_ref().map(Vec::as_slice))? {
        TextMerge::Clean(text) => (text, None),
        TextMerge::Conflicted(open) => (open.merged.walk(), Some(open.merged)),
        TextMerge::Binary => (texts.theirs, None),
    };
    let standing = Standing { entry: Entry { mode, id: theirs.id }, text: Some(text) };
    Ok(Some(Plain { standing, open }))
}

fn tell(out: &mut Vec<u8>, file: &FileOutcome, (plain, came): (Option<Standing>, Option<Standing>)) {
    let place = file.path_old.as_ref().map(|p| format!(" (was {p})")).unwrap_or_default();
    let _ = write!(out, "{}{place}: ", file.path);
    let (plain, came) = match (plain, came) {
        (Some(plain), Some(came)) => (plain, came),
        (Some(_), None) => {
            let _ = writeln!(out, "removed, which the plain text merge does not do");
            return;
        }
        (None, Some(came)) => {
            let _ = writeln!(out, "kept as {}, which the plain text merge removes", came.words());
            return;
        }
        (None, None) => {
            let _ = writeln!(out, "nothing beyond the plain text merge");
            return;
        }
    };
    let (was, is) = (plain.words(), came.words());
    let same = match (&plain.text, &came.text) {
        (Some(before), Some(after)) => before == after,
        (None, None) => plain.entry.id == came.entry.id,
        _ => false,
    };
    if same && was == is {
        let _ = writeln!(out, "nothing beyond the plain text merge");
        return;
    }
    let _ = writeln!(out, "beyond the plain text merge:");
    if was != is {
        let _ = writeln!(out, "    {is} instead of {was}");
    }
    match (&plain.text, &came.text) {
        (Some(before), Some(after)) if !same => match text::is_text(before) && text::is_text(after) {
            true => change_near(out, Change { before, after }, &(0..usize::MAX)),
            false => _ = writeln!(out, "    other bytes; it is not text"),
        },
        (None, None) if was == is => _ = writeln!(out, "    another target: {}", came.entry.id),
        _ => {}
    }
}
