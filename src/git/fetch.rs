//! Partial clones: objects that are promised but not here are fetched in one go, by the git program, before the walk.

use super::{Oid, Repo, Store};
use crate::error::{Error, Result};
use std::collections::BTreeSet;

impl Repo {
    /// Sees to it that blobs which may only be promised are here.
    ///
    /// # Errors
    /// There is no promisor remote, or it does not answer.
    pub fn bring(&self, store: &Store, blobs: impl IntoIterator<Item = Oid>) -> Result<()> {
        if self.promisor().is_none() {
            return Ok(());
        }
        let missing: BTreeSet<Oid> = blobs.into_iter().filter(|id| !store.has(*id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.fetch_missing(&missing.into_iter().collect::<Vec<_>>())?;
        store.refresh()
    }

    /// Fetches `missing` from the promisor remote.
    ///
    /// # Errors
    /// There is no promisor remote, or it does not answer.
    fn fetch_missing(&self, missing: &[Oid]) -> Result<()> {
        let Some(remote) = self.promisor().filter(|_| !missing.is_empty()) else {
            return Ok(());
        };
        let args = [
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            remote,
            "--no-tags",
            "--no-write-fetch-head",
            "--recurse-submodules=no",
            "--filter=blob:none",
            "--quiet",
            "--stdin",
        ];
        let input: String = missing.iter().map(|id| format!("{id}\n")).collect();
        let done = self.git.output_with(&args, input.as_bytes());
        done.map(drop).map_err(|e| {
            Error::fatal(format!(
                "{} objects of this partial clone could not be fetched from {remote}: {e}",
                missing.len()
            ))
            .hint("the run needs the files that the series touches; see that the remote can be reached")
        })
    }
}
