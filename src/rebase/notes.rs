//! Notes about what became of commits: `refs/notes/kmigrate`, and no other ref, moves.

use crate::error::Result;
use crate::git::{Oid, Repo};
use crate::run::Inputs;

/// Where the notes are.
pub const NOTES: &str = "refs/notes/kmigrate";

/// Writes notes, each for its commit; one that a commit has already gives way.
///
/// # Errors
/// git fails, or somebody moved the ref meanwhile; it stays as it is.
pub fn note(repo: &Repo, inputs: &Inputs, notes: &[(Oid, String)]) -> Result<()> {
    let said = format!("kmigrate: {} onto {}", inputs.source, inputs.onto_name);
    repo.add_notes(NOTES, (&inputs.committer, &said), notes)
}
