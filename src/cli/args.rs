//! Flags and verbs, exactly as typed. Man page and completions are made from these definitions.

// Help texts speak of <onto>; they are no HTML.
#![allow(rustdoc::invalid_html_tags)]

mod branch;
mod check;
mod conflicts;
mod dataset;
mod deciding;
mod evaluate;
mod looking;
mod matrix;
mod memory;
mod prompts;
mod repair;
mod rules;

pub use branch::{Regardless, Signed};
pub use check::{Build, Check};
pub use conflicts::{Install, MergeDriver, Mergetool, Resolve};
pub use dataset::{Dataset, DatasetExport, DatasetWhat};
pub use deciding::{Accept, Choose, Continue, Edit, Which};
pub use evaluate::Evaluate;
pub use looking::{List, Report, Run, Show};
pub use matrix::Matrix;
pub use memory::{Forget, Learn, Memory, MemoryWhat};
pub use prompts::{Prompts, PromptsShow, PromptsWhat};
pub use repair::Repair;
pub use rules::{Apply, Infer, Names, Survey};

use super::model::ModelArgs;
use super::words::{Color, LookUp, Merges, Method, OnConflict, Upstream, lines, note, probability};
use clap::builder::styling::Styles;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Rebase an out-of-tree Linux kernel patch series onto a new kernel.
///
/// The series is migrated in memory, without a work tree and without a network. The source branch is never moved: the result is
/// a new branch, <source>-<onto>, and a record of what became of each commit, which `git kmigrate show <n>` presents.
#[derive(Debug, Parser)]
#[command(
    name = "git-kmigrate",
    bin_name = "git kmigrate",
    version,
    args_conflicts_with_subcommands = true,
    styles = Styles::plain(),
    after_long_help = after_help()
)]
pub struct Cli {
    #[command(flatten)]
    pub migrate: Migrate,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// Exit codes, as help and man page tell them.
pub const EXIT_CODES: [(&str, &str); 6] = [
    ("0", "done"),
    ("1", "conflicts, or commits to review"),
    (
        "2",
        "done, but a verification failed: a commit does not build (--check), or the tree is not the one that --expect-tree names",
    ),
    ("128", "it cannot go on; no ref was moved, or it says which, and moves the rest next time"),
    ("129", "the command line makes no sense"),
    ("130", "interrupted"),
];

/// Settings, as help and man page tell them.
pub const SETTINGS: &str = "\
A flag wins over the environment (KMIGRATE_ON_CONFLICT, KMIGRATE_UPSTREAMED, KMIGRATE_MERGES, KMIGRATE_METHODS, \
KMIGRATE_BRANCH, KMIGRATE_CHECK), and that over git config: kmigrate.onConflict, kmigrate.upstreamed (the policy that --upstream sets), \
kmigrate.merges, kmigrate.methods, kmigrate.lookUp, kmigrate.branch, color.kmigrate. kmigrate.memory=false (KMIGRATE_MEMORY) neither asks the memory nor adds to it what is settled in a run. kmigrate.cacheSize bounds the index of names. \
kmigrate.commitUrl (KMIGRATE_COMMIT_URL), an http or https address with %s for a commit's id, as https://git.kernel.org/torvalds/c/%s, makes links of \
upstream's commits in reports (--html, --markdown). kmigrate.upstream names refs whose commits are upstream's, \
not the series'.";

/// What the settings of a model are, for the man page.
pub const MODELS: &str = "\
kmigrate.model, KMIGRATE_MODEL and --model name the model that is asked; its settings are these. Unless it says otherwise, \
one counts only in your own config, never in a repository's. kmigrate.budget, in your own config too, is what --budget says where nothing is \
typed. A path with the attribute kmigrate-llm=never, in the new kernel's .gitattributes or in your own attributes file, is never asked about.";

/// Names of verbs that are branches, too.
pub const VERBS_WIN: &str = "Commands win over branch names; write refs/heads/show for a branch that is called show.";

fn after_help() -> String {
    let codes: String = EXIT_CODES.iter().map(|(code, what)| format!("  {code:<4} {what}\n")).collect();
    format!("{VERBS_WIN}\n\nExit codes:\n{codes}\nSettings: {SETTINGS}")
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show what became of a commit: the evidence, and for a conflict its three sides and upstream's own change there
    Show(Show),
    /// Say where the run stands: totals, what is open, what to do next
    Status(Run),
    /// List every commit of the run with its outcome
    List(List),
    /// Tell the run in another form: a page for reviewers, Markdown, JUnit, SARIF, a map from old to new commits, a range-diff, notes
    Report(Report),
    /// Make a job array of runs, each of several series onto each of several upstreams: for Slurm, GitHub Actions, GitLab, or as JSON Lines
    Matrix(Matrix),
    /// Lay a commit out as files, conflicts with markers; `continue` takes back what you made of them
    Edit(Edit),
    /// Accept commits that are to review, as they came out
    Accept(Accept),
    /// Leave commits out
    Drop(Which),
    /// Forget what was decided of commits
    Reset(Which),
    /// Settle conflicted files of a commit by one side: ours (upstream), theirs (the patch), base, or union (both, ours first)
    Choose(Choose),
    /// Build what the commits of a run touch, in a throw-away worktree, and keep what it came to with the run
    Check(Check),
    /// Fix what compilers and analysers report, as far as that is sure; each fix is a verified diff
    Repair(Repair),
    /// Write, count or check a data set of what people made of findings and conflicts, to teach a model with
    Dataset(Dataset),
    /// Leave out the first conflicted commit, and continue
    Skip(Continue),
    /// Take back what was edited, walk again with all decisions, and write the branch if nothing is left
    Continue(Continue),
    /// Stop the run and keep its record and decisions
    Quit(Run),
    /// Forget the run, with its decisions; branches stay
    Abort(Run),
    /// Put back the refs that the last run moved, if nobody has moved them since
    Undo(Run),
    /// Tell what was done in the run so far
    Log(Run),
    /// Compare an answer with what people wrote: best match, semantic match (CodeBLEU), line edit distance
    Judge(Judge),
    /// Say who defines and who uses a name, on several kernels side by side
    Names(Names),
    /// Tell which names that a series uses are gone or declared otherwise on the new kernel, and what upstream's callers write
    Survey(Survey),
    /// Learn rules from files before and after a change, and print them as a semantic patch
    Infer(Infer),
    /// Apply the rules of a semantic patch to a tree, or to files of the worktree
    Apply(Apply),
    /// Show, export or import what a model is asked about the open conflicts of the run
    Prompts(Prompts),
    /// Remember what people made of conflicts and commits: in a rebase done by hand, in merges, with git rerere
    Learn(Learn),
    /// Forget resolutions that are remembered
    Forget(Forget),
    /// List or show the resolutions that are remembered, or take in somebody else's
    Memory(Memory),
    /// Resolve what somebody's cherry-pick, revert, rebase, am, merge or stash pop left in conflict; write and stage what is sure
    Resolve(Resolve),
    /// Write the git config of the merge driver and the mergetool, or remove it
    Install(Install),
    /// Merge a file for git, as a merge driver: `*.c merge=kmigrate` in .gitattributes
    MergeDriver(MergeDriver),
    /// Merge a file for `git mergetool --tool=kmigrate`
    Mergetool(Mergetool),
    /// Merge three versions of one file, with the options and exit codes of `git merge-file`
    MergeFile(MergeFile),
    /// Migrate commits whose answer somebody else knows, each by itself, and write what came out
    Evaluate(Box<Evaluate>),
    /// Build a small kernel-shaped repository in a temporary folder, migrate a series in it, and say what came out
    Demo(Demo),
    /// Print shell completions
    Completions(Completions),
}

#[derive(Debug, Args)]
pub struct Migrate {
    /// The series: <old upstream>..<patched branch>; or A...B, from their merge base; or a branch, from its merge base with
    /// <onto>. Several ranges follow each other. Default: the current branch
    #[arg(value_name = "range")]
    pub ranges: Vec<String>,
    /// The new upstream
    #[arg(long, value_name = "commit")]
    pub onto: Option<String>,
    /// The series of the last run once more, with all decisions and policies; commits added to the branch that it was read from
    /// come with it. Patch files (--quilt) are given once more instead: what was settled holds for them, too
    #[arg(long, conflicts_with_all = ["ranges", "stdin", "root", "base"])]
    pub again: bool,
    /// The run whose series --again takes, by the branch it makes; default: the last one worked on
    #[arg(long, value_name = "branch", requires = "again", conflicts_with_all = ["ranges", "stdin", "root", "base"])]
    pub run: Option<String>,
    /// A series that is kept as patch files, instead of a range: a folder with a series file (quilt, Debian, SUSE, Armbian), a folder of
    /// numbered patches (OpenWrt), a maildir, an mbox or a single patch, or - for standard input. Several follow each other
    #[arg(long, value_name = "place", requires = "from", conflicts_with_all = ["ranges", "stdin", "root", "base", "again"])]
    pub quilt: Vec<PathBuf>,
    /// The old upstream that the patch files were made for
    #[arg(long, value_name = "commit", requires = "quilt")]
    pub from: Option<String>,
    /// A folder whose files are copied over the tree before the patches (OpenWrt's files/)
    #[arg(long, value_name = "folder", requires = "quilt")]
    pub overlay: Vec<PathBuf>,
    /// Select a guard of the series file (`+name`, `-name`); may be given several times. What is not selected is copied as it is
    #[arg(long, value_name = "name", requires = "quilt")]
    pub guard: Vec<String>,
    /// Where to write the migrated patch files: a folder that is new or empty. What is not settled lies in unresolved/ below it, as it was,
    /// and as <name>.migrated what was made of it on top of all patches before it, with the patch's side of each conflict
    #[arg(long, value_name = "folder", conflicts_with = "dry_run")]
    pub out: Option<PathBuf>,
    /// Leave patch files as they are if only their line numbers are off
    #[arg(long, requires = "out")]
    pub keep_offsets: bool,
    /// The old upstream, where the range does not tell
    #[arg(long, value_name = "commit")]
    pub base: Option<String>,
    /// The series begins history: carry every commit of the branch
    #[arg(long, conflicts_with = "base")]
    pub root: bool,
    /// Read the commits of the series from standard input, one a line, in order
    #[arg(long, conflicts_with_all = ["ranges", "root"])]
    pub stdin: bool,
    /// Merge commits in the range: refuse, or drop those that hold no change of their own [default: refuse]
    #[arg(long, value_enum, value_name = "policy", hide_possible_values = true)]
    pub merges: Option<Merges>,
    /// What upstream has already: drop what has proof, drop-named also what only names its upstream commit, drop-content also
    /// what stands hunk by hunk in the new kernel's files, keep, or stop [default: drop]
    #[arg(long, value_enum, value_name = "policy", hide_possible_values = true)]
    pub upstream: Option<Upstream>,
    /// Add your Signed-off-by to each commit that is carried
    #[arg(long)]
    pub signoff: bool,
    #[command(flatten)]
    pub signing: Signed,
    /// Say `[<your mail>: <what>]` behind the trailers of each commit that came out otherwise than it was
    #[arg(long, value_name = "what", value_parser = note)]
    pub note: Option<String>,
    /// Make a new branch for each other branch, too, that stands at a commit of the series: <branch>-<onto>
    #[arg(long)]
    pub update_refs: bool,
    /// Leave out commits that a later commit of the series takes back exactly, and what takes them back
    #[arg(long)]
    pub drop_reverted: bool,
    /// Put `fixup!`, `squash!` and `amend!` commits of the series into the commits that they name, before it is walked: as git rebase
    /// --autosquash does, but on the old kernel, and only where that changes no byte of what the series ends in; what is not folded is
    /// carried as it is, and said. With --dry-run the folded commits are written all the same, and no ref names them
    #[arg(long)]
    pub autosquash: bool,
    /// A commit that conflicts: carry it and go on, stop there, or skip it [default: carry]
    #[arg(long, value_enum, value_name = "policy", hide_possible_values = true)]
    pub on_conflict: Option<OnConflict>,
    /// Methods that may settle what merging as text leaves open, separated by commas: text (nothing else), line, token,
    /// relocated [default: text,line,token,relocated]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "list", hide_possible_values = true)]
    pub methods: Option<Vec<Method>>,
    /// What to look up, on both kernels, of the code that the series adds: the names that it uses, or nothing [default: names]
    #[arg(long, value_enum, value_name = "what", hide_possible_values = true)]
    pub look_up: Option<LookUp>,
    /// Apply optional rules, too: what upstream has given up is rewritten although it still compiles
    #[arg(long)]
    pub optional: bool,
    /// Do not ask the memory of what people settled before
    #[arg(long)]
    pub no_memory: bool,
    /// Commits whose confidence is below this, from 0 to 1, are to review
    #[arg(long, value_name = "p", value_parser = probability)]
    pub min_confidence: Option<f64>,
    /// Commits in which more lines are expected to need a change are to review
    #[arg(long, value_name = "lines", value_parser = lines)]
    pub max_distance: Option<f64>,
    #[command(flatten)]
    pub asking: ModelArgs,
    /// The branch to make [default: <source>-<onto>]
    #[arg(long, short, value_name = "name")]
    pub branch: Option<String>,
    #[command(flatten)]
    pub regardless: Regardless,
    /// When the branch is made, write notes to refs/notes/kmigrate: what became of each commit, and why
    #[arg(long)]
    pub notes: bool,
    /// Compare the result with the tree of this revision; exit 2 if it differs
    #[arg(long, value_name = "rev")]
    pub expect_tree: Option<String>,
    /// Verify what came out; exit 2 if something fails: none, symbols (the names that added code uses exist in the new kernel; nothing
    /// is built), or build (what the commits touch compiles, in a throw-away worktree; this runs the Makefiles of the trees) [default:
    /// build if it is said how, else none]
    #[arg(long, value_enum, value_name = "how", env = "KMIGRATE_CHECK", hide_env = true, hide_possible_values = true)]
    pub check: Option<super::words::Check>,
    #[command(flatten)]
    pub build: Build,
    /// Write nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// Hash every object that is read, to catch damage that checksums do not
    #[arg(long)]
    pub verify_objects: bool,
    /// Say nothing but errors
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what became of each file, and why
    #[arg(long, short)]
    pub verbose: bool,
    /// Draw a progress bar even if standard error is no terminal
    #[arg(long, overrides_with = "no_progress")]
    pub progress: bool,
    /// Draw no progress bar
    #[arg(long, overrides_with = "progress")]
    pub no_progress: bool,
    /// Write one JSON object per commit, then one with the totals
    #[arg(long)]
    pub json: bool,
    /// When to use colour
    #[arg(long, value_enum, value_name = "when", num_args = 0..=1, require_equals = true, default_missing_value = "always")]
    pub color: Option<Color>,
}

#[derive(Debug, Args)]
pub struct MergeFile {
    /// The new kernel's version; the result is written there
    #[arg(value_name = "ours")]
    pub ours: String,
    /// The version before the patch
    #[arg(value_name = "base")]
    pub base: String,
    /// The version after the patch
    #[arg(value_name = "theirs")]
    pub theirs: String,
    /// Write the result to standard output instead
    #[arg(long, short = 'p')]
    pub stdout: bool,
    /// The names are those of objects; the id of the result is printed
    #[arg(long)]
    pub object_id: bool,
    /// Show the base in conflicts
    #[arg(long)]
    pub diff3: bool,
    /// Show the base in conflicts, without lines that both sides share at their ends
    #[arg(long, conflicts_with = "diff3")]
    pub zdiff3: bool,
    /// Settle conflicts by ours
    #[arg(long = "ours", id = "favor-ours")]
    pub favor_ours: bool,
    /// Settle conflicts by theirs
    #[arg(long = "theirs", id = "favor-theirs", conflicts_with = "favor-ours")]
    pub favor_theirs: bool,
    /// Settle conflicts by both, ours first
    #[arg(long, conflicts_with_all = ["favor-ours", "favor-theirs"])]
    pub union: bool,
    /// Length of the conflict markers
    #[arg(long, value_name = "n", default_value_t = 7)]
    pub marker_size: u16,
    /// The name of a version in conflicts: ours, base, theirs, in this order
    #[arg(short = 'L', value_name = "name", action = clap::ArgAction::Append)]
    pub labels: Vec<String>,
    /// Say nothing of conflicts; they are never said here, only marked and counted
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub struct Judge {
    /// A file with the answer
    #[arg(value_name = "answer")]
    pub answer: PathBuf,
    /// A file with what people wrote
    #[arg(value_name = "truth")]
    pub truth: PathBuf,
    /// Another answer that is as good; CodeBLEU's parts are told beside the first
    #[arg(value_name = "other truth")]
    pub other_truth: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Build it here instead of in a temporary folder; the folder must be empty or new
    #[arg(long, value_name = "folder")]
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
