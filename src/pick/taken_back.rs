//! What the new kernel has of a commit and the tip has not: the series took it back, or an open conflict did.

use super::already::standing;
use super::{Pickable, Picker, Tip};
use crate::error::Result;
use crate::git::tree;
use crate::merge::Sides;
use crate::survey::Held;

/// How many hunks that the new kernel has are not on the tip.
///
/// # Errors
/// An object is missing or damaged.
pub fn missing(picker: &mut Picker<'_>, tip: &Tip, (pickable, held): (Pickable<'_>, &Held)) -> Result<usize> {
    let mut missing = 0;
    for changed in pickable.changes {
        let Some(file) = held.file(&changed.path) else {
            continue;
        };
        let mut path = changed.path.clone();
        let mut ours = tree::lookup(picker.store, tip.tree, path.as_ref())?;
        if ours.is_none()
            && let Some(home) = tip.home(picker.survey, changed)
        {
            ours = tree::lookup(picker.store, tip.tree, home.as_ref())?;
            path = home;
        }
        let sides = Sides { base: changed.entry.before, ours, theirs: changed.entry.after };
        missing += file.hunks.len() - standing(picker.store, file, (&path, sides))?.len();
    }
    Ok(missing)
}
