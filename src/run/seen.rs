//! A file by its ids: what it was merged from, and what stood where before and after.

use serde::{Deserialize, Serialize};

/// Ids of base, ours, theirs of a file; a decision holds as long as these come up.
pub type SideIds = [Option<String>; 3];

/// What a person wants at a path: a stored blob, or nothing there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stored {
    /// As in a tree.
    pub mode: u32,
    /// Of the blob.
    pub id: String,
}

/// A file of a commit as a person saw it come out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seen {
    /// In the tip.
    pub path: String,
    /// What the tip had there before.
    pub ours: Option<String>,
    /// What stands there after.
    pub result: Option<Stored>,
}
