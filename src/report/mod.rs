//! The only room that speaks: outcomes as they come, totals, what came of the branch; to people or as JSON Lines.
//!
//! Results go to standard output, progress and advice to standard error.

mod dataset;
mod figures;
mod findings;
mod html;
mod json;
mod junit;
mod link;
mod machine;
mod map;
mod markdown;
pub mod matrix;
mod memory;
mod mended;
pub mod merged;
mod names;
mod notes;
mod plain;
mod progress;
mod resolve;
mod sarif;
mod show;
mod standing;
mod status;
mod survey;
mod text;
mod totals;
mod unified;
mod whereabouts;

pub use dataset::stats;
pub use figures::{Judged, figures};
pub use findings::{checked, findings};
pub use html::{Shown, html};
pub use junit::junit;
pub use link::CommitUrl;
pub use machine::show_machine;
pub use map::map;
pub use markdown::markdown;
pub use memory::learned;
pub use mended::mended;
pub use notes::{json_word, notes};
pub use plain::line as plain_line;
pub use resolve::{changes, resolved, taken_back as resolution_undone};
pub use sarif::sarif;
pub use show::{show, show_json};
pub use status::{Standing, State, list, log, put_away, source_moved, status, strangers, strays, taken_back, undone};
pub use totals::Totals;

use crate::error::{Error, Kind, Result};
use crate::git::Repo;
use crate::merge::Change;
use crate::pick::CameTo;
use crate::rebase::Finished;
use crate::run::{Inputs, Outcome, Progress};
pub use names::names;
pub use progress::Bar;
use std::io::{self, IsTerminal, Write};
pub use survey::survey;

/// The JSON schema of what `--json` writes and the record holds.
pub const SCHEMA: &str = include_str!("schema.json");

/// In which words to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One line per commit, then totals.
    Text,
    /// One JSON object per commit, then one with totals.
    Json,
}

/// How much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Nothing but errors.
    Quiet,
    /// How it ended.
    Totals,
    /// A line per commit.
    Normal,
    /// Its files and evidence too.
    Verbose,
}

/// How to speak.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// In which words.
    pub format: Format,
    /// How much.
    pub verbosity: Verbosity,
    /// Whether to draw a bar.
    pub progress: Progress,
}

/// A run as it is told.
pub struct Report {
    manner: Manner,
    inputs: Inputs,
    totals: Totals,
    bar: Bar,
    out: Box<dyn Write>,
}

impl Report {
    /// Begins to tell of a run, on standard output.
    pub fn new(manner: Manner, inputs: &Inputs) -> Self {
        Self {
            bar: Bar::new(manner, inputs.commits.len()),
            totals: Totals::default(),
            inputs: inputs.clone(),
            out: match manner.format {
                Format::Text => Box::new(io::BufWriter::new(anstream::stdout())),
                Format::Json => Box::new(io::BufWriter::new(io::stdout())),
            },
            manner,
        }
    }

    /// Tells of one commit.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn outcome(&mut self, outcome: &Outcome) -> Result<()> {
        self.totals.add(outcome);
        self.bar.at(outcome);
        let mut line = Vec::new();
        match (self.manner.format, self.manner.verbosity) {
            (Format::Json, _) => json::outcome(&mut line, outcome),
            (Format::Text, Verbosity::Quiet | Verbosity::Totals) => return Ok(()),
            (Format::Text, verbosity) => text::outcome(&mut line, (outcome, self.inputs.commits.len()), verbosity),
        }
        let out = &mut self.out;
        // Asked before the bar is put aside: it is locked while it is.
        let flushed = self.bar.is_drawn();
        let write = || {
            out.write_all(&line)?;
            if flushed { out.flush() } else { Ok(()) }
        };
        self.bar.aside(write).map_err(|e| Error::output(&e))
    }

    /// Makes sure that what was told is heard.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(|e| Error::output(&e))
    }

    /// Tells how it ended.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn finish(mut self, finished: &Finished) -> Result<()> {
        self.bar.finish();
        let mut said = Vec::new();
        match (self.manner.format, self.manner.verbosity) {
            (Format::Json, _) => json::totals(&mut said, &self.inputs, (&self.totals, finished)),
            (Format::Text, Verbosity::Quiet) => {}
            (Format::Text, _) => text::totals(&mut said, &self.inputs, (&self.totals, finished)),
        }
        self.out.write_all(&said).and_then(|()| self.out.flush()).map_err(|e| Error::output(&e))?;
        if self.manner.verbosity > Verbosity::Totals {
            advise(&text::advice(&self.totals, finished));
        }
        Ok(())
    }
}

/// Says a thing on standard output that is no outcome.
///
/// # Errors
/// Standard output cannot be written.
pub fn say(text: &str) -> Result<()> {
    say_bytes(text.as_bytes())
}

/// Writes bytes as they are to standard output: no colours are taken away, and nothing else.
///
/// # Errors
/// It cannot be written.
pub fn say_bytes(text: &[u8]) -> Result<()> {
    // Not by anstream, which takes every control character away where there is no terminal.
    let mut out = io::stdout();
    out.write_all(text).and_then(|()| out.flush()).map_err(|e| Error::output(&e))
}

/// Writes text with colours to standard output, which has them taken away if it is no terminal.
fn styled(text: &[u8]) -> Result<()> {
    anstream::stdout().write_all(text).map_err(|e| Error::output(&e))
}

/// Shows text that may be long: in the user's pager if standard output is a terminal.
///
/// # Errors
/// It cannot be written, or there is no shell for the pager.
pub fn paged(repo: &Repo, text: &[u8]) -> Result<()> {
    let pager = if io::stdout().is_terminal() { repo.pager()? } else { None };
    let Some(pager) = pager else { return styled(text) };
    match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => repo.page(&pager, &anstream::adapter::strip_bytes(text).into_vec()),
        _ => repo.page(&pager, text),
    }
}

/// Writes a change of a file to standard output as a unified diff.
///
/// # Errors
/// It cannot be written.
pub fn diff(path: &bstr::BString, change: Change<&[u8]>) -> Result<()> {
    let mut out = Vec::new();
    unified::unified(&mut out, path, change);
    say_bytes(&out)
}

/// Says lines on standard error, in which nothing of somebody else steers the terminal. Who cannot be told, as nobody reads it or the disk is
/// full, is no reason to stop.
fn beside(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{}", plain::lines(&what.to_string()));
}

/// Says lines of ours on standard error, in colours.
fn beside_in_style(what: &str) {
    let _ = writeln!(anstream::stderr(), "{what}");
}

/// Says a thing on standard error that is neither result nor error.
pub fn warn(what: &str) {
    beside(format_args!("warning: {what}"));
}

/// Says on standard error what was done beside the result.
pub fn aside(what: &str) {
    beside(format_args!("{what}"));
}

/// Says what merging texts ahead of the walk came to: how much of the work, where more is to be told, and always what went wrong.
pub fn ahead(came_to: &CameTo, verbosity: Verbosity) {
    for trouble in &came_to.troubles {
        warn(&format!("merging texts ahead of the walk stopped, and the walk merged alone: {trouble}"));
    }
    if verbosity >= Verbosity::Verbose && came_to.merges > 0 {
        aside(&format!("{} of {} text merges were made ahead of the walk", came_to.made, came_to.merges));
    }
}

/// Asks a person on the terminal; without one the answer is no.
pub fn permission(words: &[String]) -> bool {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    words.iter().filter(|line| !line.is_empty()).for_each(|line| beside(format_args!("{line}")));
    // Who does not see the question does not say yes.
    if io::stderr().write_all(b"send them? [y/N] ").is_err() {
        return false;
    }
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok_and(|_| matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Says on standard error what asking a model took.
pub fn asked(spent: &str, unanswered: usize) {
    let open = if unanswered == 0 { String::new() } else { format!("; {unanswered} questions have no answer") };
    beside(format_args!("the model: {spent}{open}"));
}

/// Prints an error in git's style.
pub fn error(e: &Error) {
    if e.kind() == Kind::ClosedPipe {
        return;
    }
    beside(format_args!("fatal: {e}"));
    advise(e.hints());
}

/// Says what to do next, on standard error.
pub fn advise(hints: &[String]) {
    for hint in hints {
        beside(format_args!("hint: {hint}"));
    }
}
