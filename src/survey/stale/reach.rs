//! Which headers a file sees: those that it includes, those that these include, and so on.
//!
//! In: a file's path and text, the tree of new upstream, the series' own headers. Out: whether some way leads to a header. Every branch of the preprocessor and every
//! architecture counts as taken: what no way leads to is seen under no configuration.

use super::Added;
use super::include::{included, places};
use super::kernels::Kernels;
use crate::error::Result;
use crate::git::Store;
use bstr::BStr;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// The headers that each header includes, read when they are first asked for.
pub struct Reach {
    /// Of new upstream's, by path.
    known: FxHashMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Of the series' own, by path.
    own: FxHashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Reach {
    /// With what the series' own headers include.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn new(store: &mut Store, added: &[Added<'_>]) -> Result<Self> {
        let mut own: FxHashMap<Vec<u8>, Vec<Vec<u8>>> = FxHashMap::default();
        for file in added.iter().filter(|file| file.changed.path.ends_with(b".h")) {
            let Some(entry) = file.changed.entry.after else { continue };
            let path = file.changed.path.to_vec();
            let text = store.blob(entry.id)?;
            let next = included(&text.data).iter().flat_map(|one| places(&path, one)).collect::<Vec<_>>();
            own.entry(path).or_default().extend(next);
        }
        Ok(Self { known: FxHashMap::default(), own })
    }

    /// Does a way lead from a file that has these includes, as they are written, to a header of this path?
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn leads_to(
        &mut self,
        kernels: &mut Kernels,
        (file, includes): (&[u8], &BTreeSet<Vec<u8>>),
        header: &[u8],
    ) -> Result<bool> {
        let mut waiting: Vec<Vec<u8>> = includes.iter().flat_map(|one| places(file, one)).collect();
        let mut seen: FxHashSet<Vec<u8>> = waiting.iter().cloned().collect();
        while let Some(path) = waiting.pop() {
            if path == header {
                return Ok(true);
            }
            if !self.known.contains_key(&path) {
                let text = kernels.now(BStr::new(&path))?;
                let next = |text: &[u8]| included(text).iter().flat_map(|one| places(&path, one)).collect();
                self.known.insert(path.clone(), text.map_or_else(Vec::new, |text| next(&text)));
            }
            let next = self.known[&path].iter().chain(self.own.get(&path).into_iter().flatten());
            waiting.extend(next.filter(|place| seen.insert((*place).clone())).cloned());
        }
        Ok(false)
    }
}
