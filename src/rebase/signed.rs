//! Commits are signed when the branch is about to be made, in order, each on the one before. One that was signed before, in the same run
//! and by the same key, is taken as it was: a signature depends on when it was made, so that a second one would give other ids.

use super::{Leaves, Rebase, keep_checks};
use crate::error::{Result, io};
use crate::git::{Kind, Oid, Signer};
use crate::run::{SignedCommits, Signing};
use rustc_hash::FxHashMap;

impl Rebase {
    /// Are the commits of this walk signed, once nothing stands in the way of the branch?
    ///
    /// # Errors
    /// git cannot be started.
    pub fn signs(&self) -> Result<bool> {
        match (&self.inputs.options.signing, self.target.leaves) {
            (_, Leaves::Nothing | Leaves::Objects) | (Signing::Never, _) => Ok(false),
            (Signing::With(_), _) => Ok(true),
            (Signing::AsSet, _) => self.repo.signs_commits(),
        }
    }

    /// Signs the commits that were walked, if the branch can be made of them; returns how many signatures were made. Outcomes and tip name
    /// the signed ones then. Nothing is signed twice.
    ///
    /// # Errors
    /// The program that signs fails.
    pub fn sign(&mut self) -> Result<usize> {
        let is_whole = self.outcomes.len() == self.series.commits.len();
        if !is_whole || !self.unsettled().1.is_empty() || !self.signs()? {
            return Ok(0);
        }
        let key = match &self.inputs.options.signing {
            Signing::With(key) => key.as_deref(),
            Signing::AsSet | Signing::Never => None,
        };
        let signer = self.repo.signer(key, &self.inputs.committer)?;
        let run = self.run.as_ref().expect("only what leaves a run is signed");
        let mut known = SignedCommits::open(run.dir());
        let (mut made, mut checks) = (0, Vec::new());
        let mut became: FxHashMap<Oid, Oid> = FxHashMap::default();
        for at in 0..self.outcomes.len() {
            let outcome = &self.outcomes[at];
            let Some(new) = self.repo.written_id(outcome.new.as_deref()) else { continue };
            if outcome.new.as_deref() == Some(outcome.old.as_str()) || self.store.commit(new)?.is_signed() {
                // It is as it was, or was signed a moment ago.
                continue;
            }
            let signed = self.signed(new, (&signer, &became), &known)?;
            let (signed, is_new) = signed;
            made += usize::from(is_new);
            became.insert(new, signed);
            known.put(new.to_string(), signer.name(), signed.to_string());
            checks.extend(self.checks.of(&new.to_string()).map(|kept| (signed.to_string(), kept.clone())));
            self.outcomes[at].new = Some(signed.to_string());
        }
        self.tip.commit = self.tip.commit.map(|tip| *became.get(&tip).unwrap_or(&tip));
        let run = self.run.as_ref().expect("as above");
        if !became.is_empty() {
            self.store.flush()?;
            known.keep(run.dir()).map_err(io(run.dir().display()))?;
        }
        if !checks.is_empty() {
            self.checks = keep_checks(run, checks)?;
        }
        Ok(made)
    }

    /// A commit signed, on what its parent became; and whether the signature is new.
    fn signed(
        &mut self,
        new: Oid,
        (signer, became): (&Signer, &FxHashMap<Oid, Oid>),
        known: &SignedCommits,
    ) -> Result<(Oid, bool)> {
        let commit = self.store.commit(new)?;
        let parent = commit.parents.first().map(|parent| *became.get(parent).unwrap_or(parent));
        let before = self.repo.written_id(known.of(&new.to_string(), &signer.name()));
        if let Some(before) = before.filter(|id| self.store.has(*id))
            && self.store.commit(before)?.parents.first().copied() == parent
        {
            return Ok((before, false));
        }
        let data = commit.carried_saying(commit.tree, parent, commit.committer(), commit.message());
        let signed = signer.sign(&data)?;
        Ok((self.store.put(Kind::Commit, signed, None)?.id, true))
    }
}
