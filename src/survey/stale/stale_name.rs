//! A stale name, as it is told: what it was, what became of it, how upstream's own code changed, and what was learned from that.

use super::uses::Use;
use crate::merge::{Change, Evidence};
use crate::rule::Rule;

/// How a name is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nobody defines it any more.
    Gone,
    /// Its declaration changed so that old calls do not compile.
    Changed,
    /// It is a header, or is declared in another one.
    Header,
    /// A rule brings it, and the file does not see the header that declares it.
    Brought,
    /// It is there, and upstream's code in the file uses it no more.
    Here,
    /// It is there as it was, and most of upstream's code uses it no more.
    Habit,
}

impl How {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::Header => "header",
            Self::Brought => "brought by a rule",
            Self::Here => "replaced here",
            Self::Habit => "given up",
        }
    }

    /// What is to be said of a name.
    pub fn said(self) -> &'static str {
        match self {
            Self::Gone => "is not in the new kernel any more",
            Self::Changed => "is declared otherwise in the new kernel",
            Self::Header => "needs another header in the new kernel",
            Self::Brought => "comes with a rule, and its header is not included",
            Self::Here => "is used no more in this file in the new kernel",
            Self::Habit => "is given up in most of the new kernel",
        }
    }
}

/// A name that is stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleName {
    /// The name and what it is used as.
    pub used: Use,
    /// What it was, and where: on old upstream.
    pub was: Evidence,
    /// How upstream's own code changed where it used it.
    pub examples: Vec<Evidence>,
    /// What was learned from that; special cases first.
    pub rules: Vec<Rule>,
    /// Is it gone, or declared otherwise?
    pub how: How,
    /// The type that it is a member of, if others have a member of that name, too.
    pub owner: Option<Vec<u8>>,
    /// Its declaration on both kernels, where that is why.
    pub declared: Option<Change<Vec<u8>>>,
    /// What has to be included, if that is what is stale.
    pub header: Option<Header>,
    /// The folders that know it; none if all do.
    pub(super) known_in: Vec<Vec<u8>>,
}

impl StaleName {
    /// One of which no more is known.
    pub(super) fn new(used: Use, was: Evidence, how: How) -> Self {
        let (examples, rules, known_in) = (Vec::new(), Vec::new(), Vec::new());
        Self { used, was, examples, rules, how, owner: None, declared: None, header: None, known_in }
    }

    /// Did a file know the name? What one architecture or tool defines is nothing to the others.
    pub(super) fn was_known_to(&self, path: &[u8]) -> bool {
        match self.known_in.as_slice() {
            [] => !crate::index::is_other_program(path),
            folders => folders.iter().any(|folder| path.starts_with(folder)),
        }
    }
}

/// An include that has to be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The one that is gone, as it is written: `<asm/unaligned.h>`. `None` if one is missing.
    pub old: Option<Vec<u8>>,
    /// The one that is needed; `None` if nobody knows.
    pub new: Option<Vec<u8>>,
}
