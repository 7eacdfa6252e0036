//! The progress bar on standard error; the only place that knows indicatif.

use super::{Format, Manner, Verbosity, plain};
use crate::run::{Outcome, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::io::{self, IsTerminal, Write};

/// How often the bar is drawn in a second.
const HZ: u8 = 10;

/// Standard error that is no terminal, for `--progress`: no cursor moves, each state on the line of the last.
#[derive(Debug)]
struct Plain;

impl TermLike for Plain {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{text}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        write!(io::stderr(), "{text}")
    }

    fn clear_line(&self) -> io::Result<()> {
        write!(io::stderr(), "\r")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// A bar, drawn or not.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar over `len` commits.
    pub fn new(manner: Manner, len: usize) -> Self {
        let wanted = match manner.progress {
            Progress::Always => true,
            Progress::Never => false,
            Progress::Auto => manner.verbosity > Verbosity::Quiet && std::io::stderr().is_terminal(),
        };
        let target = match (wanted, std::io::stderr().is_terminal()) {
            (false, _) => ProgressDrawTarget::hidden(),
            (true, true) => ProgressDrawTarget::stderr_with_hz(HZ),
            (true, false) => ProgressDrawTarget::term_like_with_hz(Box::new(Plain), HZ),
        };
        let bar = ProgressBar::with_draw_target(Some(len as u64), target);
        let template = match manner.format {
            Format::Text | Format::Json => "{bar:30} {pos}/{len} {elapsed} {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Is it seen?
    pub fn is_drawn(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// The commit at hand.
    pub fn at(&self, outcome: &Outcome) {
        if self.is_drawn() {
            self.bar.set_message(plain::line(&outcome.subject));
        }
        self.bar.inc(1);
    }

    /// One more is done.
    pub fn tick(&self) {
        self.bar.inc(1);
    }

    /// Does something while the bar is out of the way.
    pub fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        match self.is_drawn() {
            true => self.bar.suspend(act),
            false => act(),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
