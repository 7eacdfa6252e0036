//! Names and rules: arguments.

use crate::cli::words::Merges;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Names {
    /// Functions, macros, types, fields, constants, variables, `CONFIG_` symbols
    #[arg(value_name = "name", required = true)]
    pub names: Vec<String>,
    /// A kernel to look at; several are looked at side by side
    #[arg(long, value_name = "commit", required = true)]
    pub on: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Survey {
    /// The series, as it is given to be migrated
    #[arg(value_name = "range")]
    pub ranges: Vec<String>,
    /// The new upstream
    #[arg(long, value_name = "commit")]
    pub onto: String,
    /// The old upstream, where the range does not tell
    #[arg(long, value_name = "commit")]
    pub base: Option<String>,
    /// Merge commits in the range: refuse, or drop those that hold no change of their own [default: refuse]
    #[arg(long, value_enum, value_name = "policy", hide_possible_values = true)]
    pub merges: Option<Merges>,
    /// A JSON object a line, one for each name
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("examples").required(true).args(["pairs", "commits", "from"])))]
pub struct Infer {
    /// Two folders with files of the same names: before the change, and after it
    #[arg(long, num_args = 2, value_names = ["before", "after"])]
    pub pairs: Vec<PathBuf>,
    /// The files that these commits changed, each commit by itself
    #[arg(long, value_name = "range")]
    pub commits: Option<String>,
    /// The old kernel: how its users of a name were changed up to --to
    #[arg(long, value_name = "commit", requires_all = ["to", "uses"])]
    pub from: Option<String>,
    /// The new kernel
    #[arg(long, value_name = "commit", requires = "from")]
    pub to: Option<String>,
    /// Only what has this name enters; may be given several times
    #[arg(long, value_name = "name")]
    pub uses: Vec<String>,
    /// Where the two sides lie far apart, only changed statements that have one of the names enter
    #[arg(long, requires = "uses", conflicts_with = "from")]
    pub only_uses: bool,
    /// Only rules that so many functions (with --from: files) were changed by
    #[arg(long, value_name = "n", value_parser = clap::value_parser!(u32).range(1..))]
    pub threshold: Option<u32>,
    /// Say on standard error what each rule was learned from, and where its form was not changed
    #[arg(long)]
    pub support: bool,
    /// Print the semantic patch and nothing else: no comments in it, and nothing of what was not learned
    #[arg(long)]
    pub spatch: bool,
    /// With --commits, only files at or below these paths
    #[arg(value_name = "path", requires = "commits")]
    pub paths: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Apply {
    /// The semantic patch (SmPL)
    #[arg(value_name = "rules")]
    pub rules: PathBuf,
    /// The commit or tree to apply it to; the id of the new tree is printed
    #[arg(value_name = "tree-ish", default_value = "HEAD", conflicts_with = "worktree")]
    pub tree: String,
    /// Rewrite files of the worktree instead
    #[arg(long)]
    pub worktree: bool,
    /// Write nothing; print what would change, as a diff
    #[arg(long)]
    pub dry_run: bool,
    /// Only files at or below these paths
    #[arg(last = true, value_name = "path")]
    pub paths: Vec<String>,
}
