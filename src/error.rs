//! The world failing: git, the disk, what was typed.
//!
//! A conflict, a fallback or a rejection is data and never an `Error`. An error names the thing that failed and, where there is one,
//! the way out; `cli` prints it in git's style (`fatal: ...`, `hint: ...`).

use std::fmt;

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Which exit code an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Exit 128: the run cannot go on.
    Fatal,
    /// Exit 129: what was typed makes no sense.
    Usage,
    /// Exit 130: Ctrl-C.
    Interrupted,
    /// Exit 141, without a word: nobody reads standard output any more.
    ClosedPipe,
}

/// What failed, in words for a person, and the way out.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    kind: Kind,
    message: String,
    hints: Vec<String>,
}

impl Error {
    /// The run cannot go on because of `message`.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { kind: Kind::Fatal, message: message.into(), hints: Vec::new() }
    }

    /// What was typed makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::fatal(message) }
    }

    /// The user pressed Ctrl-C.
    pub fn interrupted() -> Self {
        Self { kind: Kind::Interrupted, ..Self::fatal("interrupted; no ref was moved") }
    }

    /// Standard output cannot be written.
    pub fn output(e: &std::io::Error) -> Self {
        let kind = match e.kind() {
            std::io::ErrorKind::BrokenPipe => Kind::ClosedPipe,
            _ => Kind::Fatal,
        };
        Self { kind, ..Self::fatal(format!("cannot write to standard output: {e}")) }
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts what was being done in front of the message.
    #[must_use]
    pub fn while_doing(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Which exit code this means.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The ways out, in order.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Names the file in an i/o error.
pub fn io(what: impl fmt::Display) -> impl FnOnce(std::io::Error) -> Error {
    move |e| Error::fatal(format!("{what}: {e}"))
}
