//! What is typed behind `git kmigrate dataset`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Dataset {
    #[command(subcommand)]
    pub what: DatasetWhat,
}

#[derive(Debug, Subcommand)]
pub enum DatasetWhat {
    /// Write question and answer for each correction that history, a rebase or the memory has, as JSON Lines in the chat form that trainers take
    Export(DatasetExport),
    /// Count the rows of a data set: by side, task, kind, tool, source and licence
    Stats(DatasetStats),
    /// Check each row of a data set: its diff applies to the blob that it names, and gives the other one
    Check(DatasetFile),
}

#[derive(Debug, Args)]
pub struct DatasetExport {
    /// Commits of this range that name an analyser, or say Fixes:; may be given several times
    #[arg(long, value_name = "range")]
    pub history: Vec<String>,
    /// A series before and after somebody rebased it: what text merging would not have made of it
    #[arg(long, num_args = 2, value_names = ["old range", "new range"])]
    pub rebased: Vec<String>,
    /// What people settled and `learn` learned: the memory of this repository
    #[arg(long)]
    pub memory: bool,
    /// Hold out so many percent of the files, to measure with
    #[arg(long, value_name = "percent", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=50))]
    pub held_out: u8,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "file")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct DatasetStats {
    #[command(flatten)]
    pub file: DatasetFile,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DatasetFile {
    /// The data set
    #[arg(value_name = "file")]
    pub file: PathBuf,
}
