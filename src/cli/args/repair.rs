//! Flags of `repair`.

use crate::cli::words::ReportForm;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Repair {
    /// What a tool reported; - is standard input
    #[arg(value_name = "report", required = true)]
    pub reports: Vec<PathBuf>,
    /// List the findings
    #[arg(long, required = true)]
    pub list: bool,
    /// The report's form: coverity (text records), sarif, gcc-json, or log (lines of gcc, clang, sparse, smatch, coccicheck, checkpatch,
    /// kernel-doc, as they come from a build) [default: as it looks]
    #[arg(long, value_enum, value_name = "form", hide_possible_values = true)]
    pub format: Option<ReportForm>,
    /// Write one JSON object per finding
    #[arg(long)]
    pub json: bool,
}
