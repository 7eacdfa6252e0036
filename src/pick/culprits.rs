//! Why a file is in conflict: upstream's commits that changed the lines in question, or took the file away, are named beside it.

use super::Picker;
use super::file_merge::FileMerge;
use crate::error::Result;
use crate::merge::{Change, Evidence, Sides};
use crate::run::ConflictKind;

/// Names them for a file in conflict, as far as history is here.
///
/// # Errors
/// An object is missing or damaged.
pub(super) fn name(picker: &mut Picker<'_>, file: &mut FileMerge) -> Result<()> {
    let upstream = &picker.survey.upstream;
    if let Some(open) = file.open_hunks() {
        let side =
            |which: fn(&Sides<Vec<u8>>) -> &Vec<u8>| open.conflicts().flat_map(which).copied().collect::<Vec<u8>>();
        let (base, ours) = (side(|sides| &sides.base), side(|sides| &sides.ours));
        let change = Change { before: &base[..], after: &ours[..] };
        file.culprits = upstream.culprits(picker.store, &file.old_path, change)?;
        for culprit in file.culprits.clone() {
            let lines = if culprit.lines == 1 { "line" } else { "lines" };
            let said = format!("upstream changed {} {lines} in conflict with \"{}\"", culprit.lines, culprit.subject);
            file.see(Evidence::new(said).at(culprit.id.to_string()));
        }
    } else if file.conflict.as_ref().is_some_and(|conflict| conflict.kind() == ConflictKind::ModifyDelete)
        && let Some(culprit) = upstream.remover(&file.old_path)
    {
        let said = format!("upstream removed the file with \"{}\"", culprit.subject);
        file.see(Evidence::new(said).at(culprit.id.to_string()));
        file.culprits.push(culprit);
    }
    Ok(())
}
