//! What a person decides in a run: arguments.

use super::{ModelArgs, Regardless, Run, Signed};
use crate::cli::words::{Candidate, probability};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Edit {
    /// Position in the series, or a commit, old or new
    #[arg(value_name = "n|commit")]
    pub which: String,
    /// Make a sparse worktree with the folders that the commit touches, stopped as a cherry-pick would be
    #[arg(long)]
    pub worktree: bool,
    /// Throw away what is laid out of the commit, with what was edited there
    #[arg(long, conflicts_with = "worktree")]
    pub discard: bool,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct Which {
    /// Positions in the series, or commits, old or new
    #[arg(value_name = "n|commit", required = true)]
    pub which: Vec<String>,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct Choose {
    /// Position in the series, with a path behind it for one file: 14, or 14:drivers/foo.c
    #[arg(value_name = "n[:path]")]
    pub which: String,
    /// What each conflict becomes
    #[arg(value_enum)]
    pub candidate: Candidate,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct Accept {
    /// Positions in the series, or commits, old or new
    #[arg(value_name = "n|commit", required_unless_present_any = ["all", "min_confidence", "from"])]
    pub which: Vec<String>,
    /// What was ticked on the page that `report --html` makes, as it was exported there; - is standard input
    #[arg(long, value_name = "file", conflicts_with_all = ["which", "all", "min_confidence"])]
    pub from: Option<PathBuf>,
    /// All commits that are to review and not conflicted
    #[arg(long, conflicts_with = "which")]
    pub all: bool,
    /// Those of them whose confidence is at least this, from 0 to 1
    #[arg(long, value_name = "P", conflicts_with_all = ["which", "all"], value_parser = probability)]
    pub min_confidence: Option<f64>,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct Continue {
    #[command(flatten)]
    pub run: Run,
    #[command(flatten)]
    pub regardless: Regardless,
    #[command(flatten)]
    pub signing: Signed,
    /// When the branch is made, write notes to refs/notes/kmigrate: what became of each commit, and why
    #[arg(long)]
    pub notes: bool,
    /// Take the commits that were added to the source branch since the run began
    #[arg(long)]
    pub extend: bool,
    #[command(flatten)]
    pub asking: ModelArgs,
    /// Say nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Write one JSON object per commit, then one with the totals
    #[arg(long)]
    pub json: bool,
}
