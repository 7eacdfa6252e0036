//! The progress bar on standard error; the only place that knows indicatif.

use super::{Format, Manner, Verbosity};
use crate::run::{Outcome, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

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
        let target = match wanted {
            true => ProgressDrawTarget::stderr_with_hz(10),
            false => ProgressDrawTarget::hidden(),
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
            self.bar.set_message(outcome.subject.clone());
        }
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
