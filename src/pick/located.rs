//! Where a path that a commit changes is in the tip, and what stands there: what the merge of a file begins with.

use super::already::LeftOut;
use crate::error::Result;
use crate::git::tree::{self, Changed, Entry, Sort};
use crate::git::{Oid, Store};
use crate::merge::{Evidence, Sides};
use bstr::BString;

/// A path that a commit changes, found in the tip.
#[derive(Clone, Debug)]
pub struct Located {
    /// In the old series, before the commit.
    pub old_path: BString,
    /// In the old series, after the commit.
    pub own: BString,
    /// In the tip.
    pub path: BString,
    /// A path of the tip that goes away because the commit moves the file from there.
    pub remove: Option<BString>,
    /// What stands there.
    pub sides: Sides<Option<Entry>>,
    /// Why there.
    pub evidence: Vec<Evidence>,
    /// A person should look at where it went.
    pub to_review: bool,
    /// Upstream moved it to where it is.
    pub moved_by_upstream: bool,
    /// Upstream moved the same file elsewhere.
    pub rival: Option<BString>,
    /// Another file of the commit goes to the same path.
    pub is_taken: bool,
    /// What upstream has of it already.
    pub left_out: LeftOut,
}

impl Located {
    /// A file that the tip has as the series had it, at its own path.
    pub fn at_its_place(changed: &Changed) -> Self {
        Self {
            old_path: changed.path.clone(),
            own: changed.path.clone(),
            path: changed.path.clone(),
            remove: None,
            sides: Sides { base: changed.entry.before, ours: changed.entry.before, theirs: changed.entry.after },
            evidence: Vec::new(),
            to_review: false,
            moved_by_upstream: false,
            rival: None,
            is_taken: false,
            left_out: LeftOut::default(),
        }
    }

    /// The file lives elsewhere in the tip.
    pub fn go_to(&mut self, store: &mut Store, tip: Oid, path: BString) -> Result<()> {
        let found = tree::lookup(store, tip, path.as_ref())?;
        self.sides.ours = found.filter(|e| e.sort() != Sort::Directory);
        self.path = path;
        Ok(())
    }
}
