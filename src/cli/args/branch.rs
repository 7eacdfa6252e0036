//! What a branch may hold although it is not settled, and how its commits are signed: for a run that begins, and one that is continued.

use crate::rebase::Unsettled;
use crate::run::Signing;
use clap::Args;

#[derive(Debug, Args)]
pub struct Signed {
    /// Sign the carried commits when the branch is made, as git does (gpg.format, user.signingKey); without a key by the one that git
    /// takes. Default: commit.gpgSign
    #[arg(long, value_name = "key", num_args = 0..=1, require_equals = true, overrides_with = "no_gpg_sign")]
    pub gpg_sign: Option<Option<String>>,
    /// Do not sign
    #[arg(long, overrides_with = "gpg_sign")]
    pub no_gpg_sign: bool,
}

impl Signed {
    /// What was said of it.
    pub fn given(&self) -> Option<Signing> {
        let with = self.gpg_sign.clone().map(Signing::With);
        with.or(self.no_gpg_sign.then_some(Signing::Never))
    }
}

#[derive(Debug, Args)]
pub struct Regardless {
    /// Make the branch although commits are conflicted; it then holds the patch's side of each conflict
    #[arg(long)]
    pub allow_conflicts: bool,
    /// Make the branch although there are commits to review
    #[arg(long)]
    pub unreviewed: bool,
}

impl Regardless {
    /// What may be unsettled when the branch is made.
    pub fn allowed(&self) -> Vec<Unsettled> {
        let conflicts = self.allow_conflicts.then_some(Unsettled::Conflicts);
        conflicts.into_iter().chain(self.unreviewed.then_some(Unsettled::Unreviewed)).collect()
    }
}
