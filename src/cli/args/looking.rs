//! What is shown of a run: arguments.

use super::Color;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Show {
    /// Position in the series, or a commit, old or new; default: the first that needs a person
    #[arg(value_name = "n|commit")]
    pub which: Option<String>,
    /// The run, by the branch it makes; default: the last
    #[arg(long, value_name = "branch")]
    pub run: Option<String>,
    /// Show instead what the program did beyond the plain text merge of each file
    #[arg(long, conflicts_with = "json")]
    pub machine: bool,
    /// Write the commit's JSON object instead
    #[arg(long)]
    pub json: bool,
    /// When to use colour
    #[arg(long, value_enum, value_name = "when", num_args = 0..=1, require_equals = true, default_missing_value = "always")]
    pub color: Option<Color>,
}

#[derive(Debug, Args)]
pub struct Run {
    /// The run, by the branch it makes; default: the last one worked on
    #[arg(long, value_name = "branch")]
    pub run: Option<String>,
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    pub run: Run,
    /// Only commits that need a person
    #[arg(long)]
    pub open: bool,
    /// Write JSON Lines
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("form").required(true).multiple(true))]
pub struct Report {
    #[command(flatten)]
    pub run: Run,
    /// Merge what the runs of a matrix told with --json, instead: a table of each series on each upstream; or that as --markdown,
    /// --json, or --junit with a suite for each run. - is standard input
    #[arg(long, value_name = "file", num_args = 1.., group = "form", conflicts_with_all = ["run", "html", "sarif", "map", "range_diff", "notes", "json_schema"])]
    pub merge: Vec<PathBuf>,
    /// With --merge, write JSON Lines: an object for each run, and one for all
    #[arg(long, requires = "merge", conflicts_with = "markdown")]
    pub json: bool,
    /// Write one HTML page that needs no network: patches side by side, conflicts three ways, evidence, how sure one can be
    #[arg(long, value_name = "file", group = "form")]
    pub html: Option<PathBuf>,
    /// Print a summary for a pull request, in OpenWrt's words
    #[arg(long, group = "form")]
    pub markdown: bool,
    /// Write a JUnit file: a test for each commit, which fails if it is conflicted
    #[arg(long, value_name = "file", group = "form")]
    pub junit: Option<PathBuf>,
    /// Write a SARIF file: a result for each conflict, finding, and hunk to review
    #[arg(long, value_name = "file", group = "form")]
    pub sarif: Option<PathBuf>,
    /// Print a line for each commit: old id, new id or -, status
    #[arg(long, group = "form")]
    pub map: bool,
    /// Lines of the map end in a NUL
    #[arg(short = 'z', requires = "map")]
    pub nul: bool,
    /// Compare the series with what was carried by git range-diff
    #[arg(long, group = "form", conflicts_with_all = ["markdown", "map"])]
    pub range_diff: bool,
    /// Write notes to refs/notes/kmigrate: what became of each commit, and why
    #[arg(long, group = "form")]
    pub notes: bool,
    /// Print the JSON schema of what --json and the record hold
    #[arg(long, group = "form")]
    pub json_schema: bool,
}
