//! Many series onto many upstreams: arguments.

use clap::Args;

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("format").args(["slurm", "github", "gitlab", "jsonl"])))]
pub struct Matrix {
    /// The series, each as it is given to be migrated: <old upstream>..<patched branch>, A...B, or a branch
    #[arg(value_name = "series", required = true)]
    pub series: Vec<String>,
    /// The new upstreams; each series goes onto each of them
    #[arg(long, value_name = "commit", required = true, num_args = 1..)]
    pub onto: Vec<String>,
    /// Print a script for Slurm's sbatch: a job array with a task for each run
    #[arg(long)]
    pub slurm: bool,
    /// Print the value of strategy.matrix of a job of GitHub Actions, in one line
    #[arg(long)]
    pub github: bool,
    /// Print a child pipeline for GitLab: a job for each run, and one that merges what they told
    #[arg(long)]
    pub gitlab: bool,
    /// Print a JSON object a line for each run: its name, arguments, command line (the default)
    #[arg(long)]
    pub jsonl: bool,
    /// The folder in which each run leaves what it tells, as <name>.jsonl
    #[arg(long, value_name = "folder", default_value = "kmigrate-results")]
    pub results: String,
    /// Do not look whether series and upstreams are here
    #[arg(long)]
    pub no_verify: bool,
    /// What each run is given beside: options of git kmigrate, behind --
    #[arg(last = true, value_name = "option")]
    pub options: Vec<String>,
}
