//! What is typed behind `git kmigrate evaluate`.

use super::super::model::ModelArgs;
use super::super::words::{Ablate, LookUp, Method, Stage, Upstream};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Evaluate {
    /// What to migrate: a JSON object a line, {"pair": <name>, "old": <commit>, "onto": <commit>}
    #[arg(long, value_name = "file", group = "what", requires = "out")]
    pub pairs: Option<PathBuf>,
    /// Where to write what came out: a JSON object a line; of pairs, with the commit and its files
    #[arg(long, value_name = "file")]
    pub out: Option<PathBuf>,
    /// Fit the confidence to results that were written before and scored by somebody else; the coefficients go to standard output
    #[arg(long, value_name = "file", group = "what", requires = "known")]
    pub calibrate: Option<PathBuf>,
    /// Give such results the confidence that the other data sets teach, so that it can be judged
    #[arg(long, value_name = "file", group = "what", requires_all = ["known", "out"])]
    pub cross_validate: Option<PathBuf>,
    /// How the results were scored: a JSON object a line, {"id": "<pair>:<path>", "pair", "dataset", "order", "distance"}
    #[arg(long, value_name = "file")]
    pub known: Option<PathBuf>,
    /// Write plots of what --cross-validate found: reliability, coverage against precision, right and wrong ones
    #[arg(long, value_name = "file", requires = "cross_validate")]
    pub html: Option<PathBuf>,
    /// Run MigGPT's own task on its data set (data.csv), and print its tables 1, 2 and 4
    #[arg(long, value_name = "data.csv", group = "what")]
    pub miggpt: Option<PathBuf>,
    /// Of MigGPT's task: find the snippet in the new file, migrate it where people found it, or both
    #[arg(
        long,
        value_enum,
        value_name = "step",
        default_value = "both",
        requires = "miggpt",
        hide_possible_values = true
    )]
    pub stage: Stage,
    /// Of MigGPT's task: leave out a part, to see what it is worth: structure, alignment, location, cfp
    #[arg(long, value_enum, value_name = "part", requires = "miggpt", hide_possible_values = true)]
    pub ablate: Option<Ablate>,
    /// Of MigGPT's task: the model by itself, asked once a step
    #[arg(long, requires = "miggpt", conflicts_with = "ablate")]
    pub vanilla: bool,
    #[command(flatten)]
    pub asking: ModelArgs,
    /// Of pairs: write what would be asked as a batch of OpenAI's form; nobody is asked
    #[arg(long, value_name = "file", requires = "pairs", conflicts_with_all = ["import_answers", "record", "replay"])]
    pub export_prompts: Option<PathBuf>,
    /// Of pairs: take the answers of such a batch; nobody is asked
    #[arg(long, value_name = "file", requires = "pairs", conflicts_with = "replay")]
    pub import_answers: Option<PathBuf>,
    /// Write files that people carried as a data set of MigGPT's form
    #[arg(long, value_name = "data.csv", group = "what", requires = "samples")]
    pub to_miggpt: Option<PathBuf>,
    /// Those files: a JSON object a line, {"id": <name>, "path_new": <path>, "base", "ours", "theirs", "truth": <blob>}
    #[arg(long, value_name = "file", requires = "to_miggpt")]
    pub samples: Option<PathBuf>,
    /// A repository for the new commits, made anew; it holds the pairs' commits and their ancestors, and nothing else
    /// [default: beside the results]
    #[arg(long, value_name = "folder")]
    pub repo: Option<PathBuf>,
    /// A memory of what people settled, which is asked: mind that it does not hold the answers
    #[arg(long, value_name = "commit", requires = "pairs")]
    pub memory: Option<String>,
    /// What to do with commits that upstream has already [default: drop]
    #[arg(long, value_enum, value_name = "policy")]
    pub upstream: Option<Upstream>,
    /// How conflicts may be settled, a list
    #[arg(long, value_enum, value_name = "methods", value_delimiter = ',')]
    pub methods: Option<Vec<Method>>,
    /// What to look up, on both kernels, of the code that a commit adds [default: names]
    #[arg(long, value_enum, value_name = "what")]
    pub look_up: Option<LookUp>,
}
