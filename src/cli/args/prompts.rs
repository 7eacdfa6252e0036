//! What is typed behind `git kmigrate prompts`.

use super::super::model::ModelArgs;
use super::Run;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Prompts {
    #[command(subcommand)]
    pub what: PromptsWhat,
}

#[derive(Debug, Subcommand)]
pub enum PromptsWhat {
    /// Print what would be sent, with what it would take; nothing is
    Show(PromptsShow),
    /// Write the open questions as a batch of OpenAI's form (vLLM's run-batch, Ray Data and hosted batch services read it)
    Export(PromptsExport),
    /// Take the answers of such a batch, and continue the run with them
    Import(PromptsImport),
}

#[derive(Debug, Args)]
pub struct PromptsShow {
    /// Of this commit only: its position in the series
    pub n: Option<usize>,
    /// Print the bodies of the requests, byte for byte, and not their text
    #[arg(long)]
    pub raw: bool,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct PromptsExport {
    /// Where to write them [default: standard output]
    #[arg(long, value_name = "file")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Args)]
pub struct PromptsImport {
    /// The answers, a JSON object a line
    #[arg(value_name = "file")]
    pub answers: PathBuf,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub run: Run,
}
