//! Flags of `repair`.

use super::super::model::ModelArgs;
use crate::cli::words::ReportForm;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Repair {
    /// What a tool reported; - is standard input
    #[arg(value_name = "report", required_unless_present = "run")]
    pub reports: Vec<PathBuf>,
    /// List the findings, and fix none
    #[arg(long, conflicts_with_all = ["apply", "tree", "rules", "rescan"])]
    pub list: bool,
    /// The report's form: coverity (text records), sarif, gcc-json, or log (lines of gcc, clang, sparse, smatch, coccicheck, checkpatch,
    /// kernel-doc, as they come from a build) [default: as it looks]
    #[arg(long, value_enum, value_name = "form", hide_possible_values = true)]
    pub format: Option<ReportForm>,
    /// Take the files of this revision, not those of the worktree
    #[arg(long, value_name = "tree-ish", conflicts_with = "apply")]
    pub tree: Option<String>,
    /// Write the fixed files to the worktree (with --run: commits); without it the diffs are printed and nothing is written
    #[arg(long, conflicts_with = "dry_run")]
    pub apply: bool,
    /// Print the diffs, and write nothing (the default)
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// A semantic patch whose rules may be used where a finding is; may be given several times
    #[arg(long, value_name = "file")]
    pub rules: Vec<PathBuf>,
    /// Run this again on each file that was fixed, and put back a fix with which it still finds the same, or finds something new: a
    /// command line for sh at the top of the worktree, in which {file} and {object} (drivers/foo/bar.o) stand for the file
    #[arg(long, value_name = "command", requires = "apply", conflicts_with = "tree")]
    pub rescan: Option<String>,
    /// Take what `check` found of a run: what does not build since the series was carried, and did build before; and what analysers
    /// (--check-analyse) say since then
    #[arg(long, value_name = "branch", num_args = 0..=1, conflicts_with_all = ["reports", "list", "tree", "rescan", "format"])]
    pub run: Option<Option<String>>,
    /// With --run --apply: put each fix into the commit that brought the finding, as a decision of the run, which `continue` walks
    /// with. Otherwise fixes are commits of their own on the branch, `fixup! <subject>`
    #[arg(long, requires = "run", conflicts_with = "reports")]
    pub fold: bool,
    #[command(flatten)]
    pub asking: ModelArgs,
    /// Write one JSON object per finding
    #[arg(long)]
    pub json: bool,
}
