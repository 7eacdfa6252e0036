//! What is typed behind `git kmigrate learn`, `forget` and `memory`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("source").required(true))]
pub struct Learn {
    /// A series and what somebody made of it by hand: v6.1..old v6.6..new. Commits are paired by subject, by patch-id, and as git
    /// range-diff does. On the new range's upstream what each became is done again where a migration asks for a person; commits without a
    /// counterpart are left out there
    #[arg(value_names = ["old range", "new range"], num_args = 2, group = "source")]
    pub ranges: Vec<String>,
    /// Learn from the merge commits on the first line of a branch, or of a range: each is made again, and what was committed where that
    /// conflicts is remembered
    #[arg(long, value_name = "branch", group = "source")]
    pub from_merges: Option<String>,
    /// Learn from what git rerere has recorded here
    #[arg(long, group = "source")]
    pub rr_cache: bool,
    /// Learn from pairs on standard input: the old commit and the new one, a pair a line, as git's post-rewrite hook is told
    #[arg(long, group = "source")]
    pub stdin: bool,
    /// Remember nothing; say what would be
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub struct Forget {
    /// The key of a conflict or decision, as `memory list` tells it, or its beginning: 4 characters or more
    #[arg(value_name = "key", group = "which")]
    pub key: Option<String>,
    /// Everything, with its history
    #[arg(long, group = "which", conflicts_with_all = ["key", "paths"])]
    pub all: bool,
    /// Conflicts and decisions in files at or below these paths
    #[arg(last = true, value_name = "path", group = "which")]
    pub paths: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Memory {
    #[command(subcommand)]
    pub what: MemoryWhat,
}

#[derive(Debug, Subcommand)]
pub enum MemoryWhat {
    /// List the conflicts and decisions that are remembered: key, what it is of, where it was settled
    List(MemoryList),
    /// Print a conflict that is remembered and what was made of it, or a decision
    Show(MemoryShow),
    /// Take in the memory of somebody else: git fetch <remote> refs/kmigrate/memory:refs/kmigrate/memory-of/<name>, then merge that
    Merge(MemoryMerge),
}

#[derive(Debug, Args)]
pub struct MemoryList {
    /// Only conflicts in files at or below these paths
    #[arg(value_name = "path")]
    pub paths: Vec<String>,
}

#[derive(Debug, Args)]
pub struct MemoryShow {
    /// Its key, or the beginning of it
    #[arg(value_name = "key")]
    pub key: String,
}

#[derive(Debug, Args)]
pub struct MemoryMerge {
    /// A ref or commit that holds a memory
    #[arg(value_name = "commit")]
    pub other: String,
}
