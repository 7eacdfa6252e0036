//! git's rerere store: the two sides of each conflict, sorted by their bytes, without the base, and what a person made of them.

use super::Learned;
use crate::error::Result;
use crate::git::Repo;
use crate::memory::{Base, Conflict, How, Origin};
use crate::merge::Merged;

/// git writes the files of its store with markers of this length.
const MARKER: u16 = 7;

/// Learns from the store of a repository.
///
/// # Errors
/// It cannot be read.
pub fn rerere(repo: &Repo) -> Result<Learned> {
    let mut learned = Learned::default();
    for (name, before, after) in repo.rerere()? {
        let merged = Merged::parse(&before, MARKER);
        let mut conflicts = Conflict::all(&format!("rr-cache/{name}"), &merged);
        // A side that is equal to the other is no conflict; a person has changed the file.
        if conflicts.is_empty() || conflicts.iter().any(|conflict| conflict.sides.ours == conflict.sides.theirs) {
            continue;
        }
        conflicts.iter_mut().for_each(|conflict| conflict.base = Base::Unknown);
        learned.seen.files += 1;
        learned.take(conflicts, (&merged, &after), &Origin::new(How::Rerere));
    }
    Ok(learned)
}
