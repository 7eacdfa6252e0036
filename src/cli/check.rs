//! `--check`, and `git kmigrate check`: what came out is verified.

use super::args::{self, Build, Migrate};
use super::{Exit, look, words};
use crate::check::{Asked, Worktree, check};
use crate::error::{Error, Result, io};
use crate::git::{Git, Repo, Writes};
use crate::rebase::{OpenRun, Rebase, fixups_of, keep_checks, tell_checks};
use crate::report::{self, Verbosity};
use crate::run::{FindingKind, Flag, LookUp, Options, Outcome, Verdict};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Commits that are built together where nobody says otherwise.
const STRETCH: u16 = 16;

/// How much is verified.
#[derive(Clone, Debug)]
pub enum Level {
    /// Nothing more than always.
    None,
    /// Names resolve: what the survey finds fails the run.
    Symbols,
    /// What is touched compiles.
    Build(How),
}

/// How to build, and where.
#[derive(Clone, Debug)]
pub struct How {
    asked: Asked,
    dir: Option<PathBuf>,
}

impl How {
    fn of(args: &args::Build) -> Result<Self> {
        let config = args.check_config.as_ref().map(|config| config.canonicalize().map_err(io(config.display())));
        let dir = args.check_dir.as_ref().map(|dir| std::path::absolute(dir).map_err(io(dir.display())));
        let dir = dir.transpose()?;
        if let Some(dir) = &dir
            && dir.read_dir().is_ok_and(|mut entries| entries.next().is_some())
        {
            return Err(Error::usage(format!("--check-dir: {} is not empty", dir.display()))
                .hint("it is removed when the check is over, so it must be new or empty"));
        }
        Ok(Self {
            asked: Asked {
                command: args.check_command.clone(),
                analysers: args.check_analyse.clone(),
                config: config.transpose()?,
                stretch: usize::from(args.check_stretch.unwrap_or(STRETCH)),
                timeout: args.check_timeout.map(|seconds| Duration::from_secs(seconds.into())),
            },
            dir,
        })
    }

    /// The worktree, by default beside the run's journal: the same place every time, so that caches of compilers work.
    fn place(&self, run: &Path) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| run.join("check"))
    }
}

impl Level {
    /// As typed.
    ///
    /// # Errors
    /// A file that was named is not there, or a folder is not empty.
    pub fn of(args: &Migrate) -> Result<Self> {
        let Build { check_command, check_config, check_stretch, check_timeout, check_analyse, check_dir } = &args.build;
        let is_said_how = check_command.is_some() || check_config.is_some() || check_dir.is_some();
        let is_said_how =
            is_said_how || check_stretch.is_some() || check_timeout.is_some() || !check_analyse.is_empty();
        Ok(match args.check {
            None if is_said_how => Self::Build(How::of(&args.build)?),
            None | Some(words::Check::None) => Self::None,
            Some(words::Check::Symbols) => Self::Symbols,
            Some(words::Check::Build) => Self::Build(How::of(&args.build)?),
        })
    }

    /// Refuses what cannot be verified.
    ///
    /// # Errors
    /// It cannot.
    pub fn refuse(&self, args: &Migrate, options: &Options) -> Result<()> {
        match self {
            Self::Build(_) if args.dry_run => Err(Error::usage(
                "--check=build needs the commits, and --dry-run writes none",
            )
            .hint("leave one of them out; without --dry-run no branch is made either while something is to review")),
            Self::Symbols if options.look_up == LookUp::Nothing => {
                Err(Error::usage("--check=symbols needs what --look-up=nothing does not look up"))
            }
            _ => Ok(()),
        }
    }
}

/// Builds the commits of a walk that is over, and gives it what that came to. Out: the worktree, to be removed when all is told.
pub fn built(rebase: &mut Rebase, how: &How, verbosity: Verbosity) -> Result<Option<Worktree>> {
    rebase.flush()?;
    let Some(run) = rebase.dir() else { return Ok(None) };
    let place = how.place(run);
    let mut store = rebase.repo().store(Writes::Nowhere)?;
    let told = told(verbosity);
    let walk = (rebase.inputs(), rebase.outcomes());
    let done = check((rebase.repo(), &mut store), walk, (&how.asked, &place), &told)?;
    rebase.take_checks(done.kept)?;
    Ok(done.worktree)
}

/// Removes a worktree: last, as 80,000 files take a while, and nobody should wait for what came out.
pub fn remove(worktree: Option<Worktree>, verbosity: Verbosity) {
    if worktree.is_some() {
        told(verbosity)("removing the worktree");
    }
    drop(worktree);
}

fn told(verbosity: Verbosity) -> impl Fn(&str) {
    move |what| {
        if verbosity > Verbosity::Quiet {
            report::aside(&format!("check: {what}"));
        }
    }
}

/// Did a verification fail that nobody has accepted?
pub fn has_failed(outcomes: &[Outcome], level: &Level) -> bool {
    let builds_not = |o: &Outcome| {
        o.check.as_ref().is_some_and(|check| check.verdict == Verdict::Failed)
            || o.findings.iter().any(|finding| finding.kind == FindingKind::Analysis)
    };
    let stale = |o: &Outcome| o.findings.iter().any(|finding| finding.kind == FindingKind::StaleName);
    let failed = |o: &Outcome| match level {
        Level::Symbols => stale(o) || builds_not(o),
        Level::None | Level::Build(_) => builds_not(o),
    };
    outcomes.iter().any(|o| failed(o) && o.has(Flag::ToReview))
}

/// `git kmigrate check`.
pub fn run(args: &args::Check) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let how = How::of(&args.build)?;
    let run = OpenRun::find(&repo, args.run.run.as_deref())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let mut record = look::walked(&repo, &mut store, &run)?;
    let verbosity = if args.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let place = how.place(run.dir());
    let walk = (&record.inputs, &record.outcomes[..]);
    let mut done = check((&repo, &mut store), walk, (&how.asked, &place), &told(verbosity))?;
    keep_checks(&run, std::mem::take(&mut done.kept))?;
    // What repair put behind the last commit is what the branch is now. It is built by itself: with it, the commits that it mends build,
    // too, and their own verdicts are to stay.
    let fixups = fixups_of((&repo, &mut store), &record)?;
    if !fixups.is_empty() {
        remove(done.worktree.take(), verbosity);
        done = check((&repo, &mut store), (&record.inputs, &fixups), (&how.asked, &place), &told(verbosity))?;
        keep_checks(&run, std::mem::take(&mut done.kept))?;
        record.outcomes.extend(fixups);
    }
    tell_checks((&repo, &mut store), &run, &mut record)?;
    if args.json || !args.quiet {
        report::checked(&record.outcomes, args.json)?;
    }
    remove(done.worktree, verbosity);
    let failed = has_failed(&record.outcomes, &Level::None);
    Ok(if failed { Exit::Unexpected } else { Exit::Done })
}
