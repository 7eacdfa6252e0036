//! The files that both kernels have and that upstream changed between them: what a name's users teach is read from those.

use crate::error::Result;
use crate::git::tree::Finder;
use crate::git::{Bytes, Oid, Store};
use crate::merge::Change;
use bstr::BStr;

/// Longer files are passed over, in bytes.
const LONGEST: usize = 512 * 1024;

/// The two kernels, with what was found of their paths.
pub struct Kernels {
    /// The trees of old and new upstream.
    pub trees: (Oid, Oid),
    store: Store,
    base: Finder,
    onto: Finder,
}

impl Kernels {
    /// Of the trees of old and new upstream.
    pub fn new(store: Store, trees: (Oid, Oid)) -> Self {
        Self { trees, store, base: Finder::new(trees.0), onto: Finder::new(trees.1) }
    }

    /// A file on both kernels; `None` if one of them lacks it, if it is the same, or too long.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn file(&mut self, path: &BStr) -> Result<Option<Change<Bytes>>> {
        let (base, onto) = (self.base.find(&mut self.store, path)?, self.onto.find(&mut self.store, path)?);
        let (Some(base), Some(onto)) = (base, onto) else { return Ok(None) };
        if base.id == onto.id {
            return Ok(None);
        }
        let (before, after) = (self.store.blob(base.id)?.data, self.store.blob(onto.id)?.data);
        Ok((before.len().max(after.len()) <= LONGEST).then_some(Change { before, after }))
    }

    /// A file of new upstream, if it is there and not too long.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn now(&mut self, path: &BStr) -> Result<Option<Bytes>> {
        let Some(entry) = self.onto.find(&mut self.store, path)? else { return Ok(None) };
        Ok(Some(self.store.blob(entry.id)?.data).filter(|text| text.len() <= LONGEST))
    }
}
