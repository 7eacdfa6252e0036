//! What was typed becomes what is meant. The only room that knows clap; one file per verb.
//!
//! A value comes from its flag, else from `KMIGRATE_<NAME>`, else from `kmigrate.<name>` of git config, else from its default.

mod apply;
mod args;
mod carry_on;
mod check;
mod dataset;
mod decide;
mod demo;
mod documents;
mod edit;
mod evaluate;
mod infer;
mod input;
mod install;
mod judge;
mod look;
mod matrix;
mod memory;
mod mend_run;
mod merge_driver;
mod merge_file;
mod merged;
mod migrate;
mod model;
mod names;
mod output;
mod prompts;
mod quilt;
mod repair;
mod report;
mod resolve;
mod semantic;
mod settings;
mod show;
mod survey;
mod typed;
mod walk;
mod words;

pub use documents::{completions, man_page};

use crate::error::{Error, Kind};
use args::{Cli, Verb};
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// What the exit codes mean; documented, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Conflicts, or commits to review.
    Unsettled,
    /// Done, but a verification (`--expect-tree`, `--check`) failed.
    Unexpected,
    /// It cannot go on.
    Fatal,
    /// What was typed makes no sense.
    Usage,
    /// Ctrl-C.
    Interrupted,
    /// Nobody reads standard output any more; what a shell says of SIGPIPE.
    ClosedPipe,
    /// Of `merge-file`, `merge-driver` and `mergetool`: so many conflicts.
    Conflicts(u8),
}

impl Exit {
    /// As the process tells it.
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unsettled => 1,
            Self::Unexpected => 2,
            Self::Fatal => 128,
            Self::Usage => 129,
            Self::Interrupted => 130,
            Self::ClosedPipe => 141,
            Self::Conflicts(count) => count,
        }
    }
}

/// Runs the program.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let exit = match Cli::try_parse_from(args) {
        Ok(cli) => dispatch(cli).unwrap_or_else(|e| {
            crate::report::error(&e);
            exit_of(&e)
        }),
        Err(e) => said_by_clap(&e),
    };
    ExitCode::from(exit.code())
}

fn dispatch(cli: Cli) -> Result<Exit, Error> {
    match cli.verb {
        None => migrate::run(&cli.migrate),
        Some(Verb::Show(args)) => show::run(&args),
        Some(Verb::Report(args)) => report::run(&args),
        Some(Verb::Matrix(args)) => matrix::run(&args),
        Some(Verb::Status(args)) => look::status(&args),
        Some(Verb::List(args)) => look::list(&args),
        Some(Verb::Log(args)) => look::log(&args),
        Some(Verb::Edit(args)) => edit::run(&args),
        Some(Verb::Accept(args)) => decide::accept(&args),
        Some(Verb::Drop(args)) => decide::drop_commits(&args),
        Some(Verb::Reset(args)) => decide::reset(&args),
        Some(Verb::Choose(args)) => decide::choose(&args),
        Some(Verb::Check(args)) => check::run(&args),
        Some(Verb::Repair(args)) => repair::run(&args),
        Some(Verb::Dataset(args)) => dataset::run(&args),
        Some(Verb::Skip(args)) => carry_on::skip(&args),
        Some(Verb::Continue(args)) => carry_on::resume(&args),
        Some(Verb::Quit(args)) => carry_on::quit(&args),
        Some(Verb::Abort(args)) => carry_on::abort(&args),
        Some(Verb::Undo(args)) => carry_on::undo(&args),
        Some(Verb::Evaluate(args)) => evaluate::run(&args),
        Some(Verb::Judge(args)) => judge::run(&args),
        Some(Verb::Names(args)) => names::run(&args),
        Some(Verb::Prompts(args)) => prompts::run(&args),
        Some(Verb::Survey(args)) => survey::run(&args),
        Some(Verb::Infer(args)) => infer::run(&args),
        Some(Verb::Apply(args)) => apply::run(&args),
        Some(Verb::Learn(args)) => memory::learn(&args),
        Some(Verb::Forget(args)) => memory::forget(&args),
        Some(Verb::Memory(args)) => memory::memory(&args),
        Some(Verb::Resolve(args)) => resolve::run(&args),
        Some(Verb::Install(args)) => install::run(&args),
        Some(Verb::MergeDriver(args)) => Ok(merge_driver::run(&args)),
        Some(Verb::Mergetool(args)) => Ok(merge_driver::tool(&args)),
        Some(Verb::MergeFile(args)) => merge_file::run(&args),
        Some(Verb::Demo(args)) => demo::run(&args),
        Some(Verb::Completions(args)) => documents::run(&args),
    }
}

fn exit_of(e: &Error) -> Exit {
    match e.kind() {
        Kind::Fatal => Exit::Fatal,
        Kind::Usage => Exit::Usage,
        Kind::Interrupted => Exit::Interrupted,
        Kind::ClosedPipe => Exit::ClosedPipe,
    }
}

fn said_by_clap(e: &clap::Error) -> Exit {
    // Help and version are no errors; a closed standard output is not worth a word.
    let _ = e.print();
    match e.exit_code() {
        0 => Exit::Done,
        _ => Exit::Usage,
    }
}
