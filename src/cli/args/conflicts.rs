//! Flags of the verbs that work on conflicts of somebody's own git command.

use crate::cli::words::{PatchSide, probability};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Resolve {
    /// Go on with the operation, through git, if everything is resolved and staged; at its next stop the same again. Commit messages
    /// stay as they are
    #[arg(long = "continue", id = "go-on", conflicts_with_all = ["dry_run", "undo"])]
    pub go_on: bool,
    /// Write nothing; print what would change, as a diff
    #[arg(long, short = 'n', conflicts_with = "undo")]
    pub dry_run: bool,
    /// Put files and index back as they were, where nobody has changed them since
    #[arg(long, conflicts_with_all = ["patch", "min_confidence", "paths"])]
    pub undo: bool,
    /// The side that is the patch, as git calls it: ours (HEAD) or theirs [default: theirs; in a merge, the side that no release tag
    /// and no ref of kmigrate.upstream has]
    #[arg(long, value_enum, value_name = "side", hide_possible_values = true)]
    pub patch: Option<PatchSide>,
    /// What is less sure than this, from 0 to 1, is written and not staged
    #[arg(long, value_name = "p", value_parser = probability)]
    pub min_confidence: Option<f64>,
    /// Only files at or below these paths
    #[arg(value_name = "path")]
    pub paths: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Install {
    /// In the user's own config, for all repositories, instead of this repository's
    #[arg(long)]
    pub global: bool,
    /// Remove what was written
    #[arg(long)]
    pub uninstall: bool,
}

#[derive(Debug, Args)]
pub struct MergeDriver {
    /// %O, a file with the common version
    #[arg(value_name = "base")]
    pub base: PathBuf,
    /// %A, a file with this side's version; the result is written there
    #[arg(value_name = "ours")]
    pub ours: PathBuf,
    /// %B, a file with the other side's version
    #[arg(value_name = "theirs")]
    pub theirs: PathBuf,
    /// %L, the length of conflict markers
    #[arg(value_name = "marker-size")]
    pub marker_size: u16,
    /// %P, the path in the tree
    #[arg(value_name = "path")]
    pub path: OsString,
    /// %X, the name of this side in conflicts
    #[arg(value_name = "our name")]
    pub our_name: Option<String>,
    /// %Y, the name of the other side in conflicts
    #[arg(value_name = "their name")]
    pub their_name: Option<String>,
}

#[derive(Debug, Args)]
pub struct Mergetool {
    /// $BASE, a file with the common version
    #[arg(value_name = "base")]
    pub base: PathBuf,
    /// $LOCAL, a file with this side's version
    #[arg(value_name = "local")]
    pub local: PathBuf,
    /// $REMOTE, a file with the other side's version
    #[arg(value_name = "remote")]
    pub remote: PathBuf,
    /// $MERGED, the file in the worktree; the result is written there
    #[arg(value_name = "merged")]
    pub merged: PathBuf,
}
