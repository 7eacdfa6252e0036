//! `git kmigrate matrix`: many series onto many upstreams, as the jobs of a Slurm array, of GitHub Actions, of GitLab, or of anything.

use super::args::{Cli, Matrix, Migrate};
use super::{Exit, settings};
use crate::error::{Error, Result};
use crate::git::{Ask, Commit, Git, Oid, Repo, Series, Writes};
use crate::rebase::default_branch;
use crate::report::{self, matrix};
use crate::run::{Crossed, Job};
use clap::Parser;

/// GitHub refuses a matrix of more.
const GITHUB_JOBS: usize = 256;
/// What Slurm takes unless a cluster's MaxArraySize says otherwise.
const SLURM_JOBS: usize = 1001;

/// Runs it.
pub fn run(args: &Matrix) -> Result<Exit> {
    refuse_control_characters(args)?;
    refuse_twice("series", &args.series)?;
    refuse_twice("--onto", &args.onto)?;
    let crossed =
        Crossed { series: &args.series, onto: &args.onto, options: &args.options, results: results(&args.results)? };
    let jobs = crossed.jobs();
    let read = jobs.iter().map(as_typed).collect::<Result<Vec<Migrate>>>()?;
    if !args.no_verify {
        let repo = Repo::open(Git::here())?;
        let found = read.iter().map(|job| find(&repo, job)).collect::<Result<Vec<Found>>>()?;
        refuse_same(&jobs, &found)?;
    }
    report::say(&told(args, &jobs)?)?;
    Ok(Exit::Done)
}

fn told(args: &Matrix, jobs: &[Job]) -> Result<String> {
    let count = jobs.len();
    if args.github && count > GITHUB_JOBS {
        return Err(Error::fatal(format!("{count} runs: a matrix of GitHub Actions holds {GITHUB_JOBS} at most"))
            .hint("make several, each with a part of the series or of the upstreams"));
    }
    if args.gitlab && args.results.contains(['$', '*', '?', '[', '{']) {
        return Err(Error::usage(format!(
            "--results '{}': GitLab reads $, *, ?, [ and {{ in it as something else",
            args.results
        )));
    }
    if args.slurm && count > SLURM_JOBS {
        report::warn(&format!("{count} tasks: Slurm takes {SLURM_JOBS} unless MaxArraySize of the cluster is more"));
    }
    Ok(match (args.slurm, args.github, args.gitlab) {
        (true, _, _) => matrix::slurm(jobs, &args.results),
        (_, true, _) => matrix::github(jobs),
        (_, _, true) => matrix::gitlab(jobs, &args.results),
        _ => matrix::jsonl(jobs),
    })
}

/// A line feed in a command would end a line of the script or the YAML around it, and no revision needs one.
fn refuse_control_characters(args: &Matrix) -> Result<()> {
    let words = args.series.iter().chain(&args.onto).chain(&args.options).chain([&args.results]);
    match words.clone().find(|word| word.chars().any(char::is_control)) {
        Some(word) => Err(Error::usage(format!("{word:?} has a control character, which no job can be given"))),
        None => Ok(()),
    }
}

fn refuse_twice(what: &str, words: &[String]) -> Result<()> {
    let twice = words.iter().enumerate().find(|(at, word)| words[..*at].contains(word));
    match twice {
        Some((_, word)) => Err(Error::usage(format!("{what}: '{word}' is there twice"))),
        None => Ok(()),
    }
}

fn results(folder: &str) -> Result<&str> {
    match folder.trim_end_matches('/') {
        "" => Err(Error::usage("--results needs a folder, and not the root of the file system")),
        folder => Ok(folder),
    }
}

/// A job's command line as the job itself will read it.
fn as_typed(job: &Job) -> Result<Migrate> {
    let typed = ["git-kmigrate"].into_iter().chain(job.argv[2..].iter().map(String::as_str));
    let cli = Cli::try_parse_from(typed).map_err(|e| {
        let why = e.to_string();
        let why = why.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Error::usage(format!("the run of {} onto {} would not begin: {why}", job.series, job.onto))
            .hint("behind -- stand options of git kmigrate, which each run is given")
    })?;
    let migrate = cli.migrate;
    let only = cli.verb.is_none()
        && migrate.ranges == [job.series.as_str()]
        && migrate.onto.as_deref() == Some(&job.onto)
        && !migrate.stdin
        && !migrate.again
        && migrate.quilt.is_empty();
    if !only {
        return Err(Error::usage(format!("{} onto {} would not be a run of this series alone", job.series, job.onto))
            .hint(
                "behind -- stand options of git kmigrate, and no series of its own (--onto, --stdin, --again, --quilt)",
            ));
    }
    let own = format!("--branch={}", job.name);
    if migrate.branch.is_some() && (migrate.branch.as_ref() != Some(&job.name) || !job.argv.contains(&own)) {
        return Err(Error::usage("--branch would give all runs one branch").hint("each run makes <source>-<onto>"));
    }
    Ok(migrate)
}

/// What a job comes to, whatever words it was given.
struct Found {
    /// The branch or tag that the series is read from.
    source: String,
    /// First and last commit, and how many there are.
    commits: (Option<Oid>, Option<Oid>, usize),
    onto: Oid,
    branch: String,
}

/// Two jobs of one run would work on it at the same time, and it would count twice.
fn refuse_same(jobs: &[Job], found: &[Found]) -> Result<()> {
    for (at, (job, this)) in jobs.iter().zip(found).enumerate() {
        let same = |(_, other): &(&Job, &Found)| {
            (&this.source, this.commits, this.onto) == (&other.source, other.commits, other.onto)
        };
        let mut before = jobs.iter().zip(found).take(at);
        let Some((other, that)) = before.find(|other| same(other) || other.1.branch == this.branch) else { continue };
        let both = format!("{} onto {} and {} onto {}", other.series, other.onto, job.series, job.onto);
        return Err(match same(&(other, that)) {
            true => {
                Error::usage(format!("{both} are the same series onto the same kernel")).hint("leave one of them out")
            }
            false => Error::usage(format!("{both} would make one branch, {}", this.branch))
                .hint("rename one of the sources; where kmigrate.branch or KMIGRATE_BRANCH is set, it names the branch of each run"),
        });
    }
    Ok(())
}

/// An array of jobs that all fail is worth less than an error now.
fn find(repo: &Repo, args: &Migrate) -> Result<Found> {
    let mut store = repo.store(Writes::Nowhere)?;
    let ask = Ask {
        ranges: args.ranges.clone(),
        listed: None,
        named: None,
        root: args.root,
        base: args.base.clone(),
        onto: args.onto.clone().unwrap_or_default(),
        merges: settings::merges(repo, args.merges)?,
    };
    let found = Series::find(repo, &mut store, &ask);
    let series = found.map_err(|e| e.hint("--no-verify makes the matrix without looking"))?;
    let id = |commit: Option<&Commit>| commit.map(|commit| commit.id);
    let branch = settings::branch(repo, args.branch.as_ref());
    Ok(Found {
        commits: (id(series.commits.first()), id(series.commits.last()), series.commits.len()),
        onto: series.onto,
        source: series.source.clone(),
        branch: branch.unwrap_or_else(|| default_branch(&series)),
    })
}
