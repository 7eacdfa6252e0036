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

    /// An error, with what helps if it is that of a partial clone that lacks trees. They are not fetched as they are needed: history is read
    /// by them, which would take a fetch for each folder of each commit.
    pub(crate) fn lacking(&self, error: Error) -> Error {
        let said = error.to_string();
        let is_missing = said.starts_with("object ") && said.ends_with(" is missing");
        let Some(remote) = self.promisor().filter(|_| is_missing) else { return error };
        let filter = self.setting(&format!("remote.{remote}.partialclonefilter"));
        match filter.is_some_and(|filter| filter.starts_with("tree:")) {
            true => Error::fatal(format!("this partial clone lacks trees that the run needs: {said}")).hint(format!(
                "git fetch --refetch --tags --filter=blob:none {remote} brings all trees; files are fetched as they are needed"
            )),
            false => error,
        }
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
