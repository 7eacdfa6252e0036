//! Resolutions that people made, remembered by content and found again: what git rerere does, but tolerant, with the base, and with
//! where each came from.
//!
//! ```text
//!   a file as people left it ──> Entry, one for each conflict ──> a blob of text, named by its key and its content
//!                                                                       │ refs/kmigrate/memory
//!   a conflict of a merge <── Recalled: exact, or with doubts <── Memory┘
//! ```
//!
//! An entry is never changed, only added or forgotten, so that two memories are joined by joining their trees. What is read from a memory is
//! data: a blob that is no entry is left out and counted.
//!
//! In: merged files, bytes of blobs. Out: entries as bytes, and what is known of a conflict. Where the blobs are kept is not known here.

mod conflict;
mod decision;
mod entry;
mod origin;
mod recall;
mod similar;

pub use conflict::{Base, Conflict, hash, normalised};
pub use decision::{Content, Decision, Id, Modes, OfFile, Sight, What};
pub use entry::{Entry, LONGEST};
pub use origin::{How, Origin};
pub use recall::{Join, Recalled, Recollection};

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The ref that a repository's own memory is under.
pub const REF: &str = "refs/kmigrate/memory";

/// Behind the place of a decision on a file: the file's content, so that it travels with the memory.
pub const CONTENT: &str = ".content";

/// What people settled, in the order of names.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    entries: Vec<Entry>,
    /// By what both sides have: which entries.
    by_sides: BTreeMap<String, Vec<usize>>,
    /// By what a patch changes: which entries, and which of the two sides the patch is.
    by_patch: BTreeMap<String, Vec<(usize, conflict::Facing)>>,
    unread: usize,
    decisions: Vec<Decision>,
    /// By what they are about: which decisions.
    by_about: BTreeMap<String, Vec<usize>>,
    /// By the names in their conflicts; made when it is first asked for.
    by_name: OnceLock<similar::ByName>,
}

impl Memory {
    /// Reads entries from blobs and the places that they are at in their tree. What is none, or at no place of its own, is counted and left
    /// out.
    pub fn read<'a>(blobs: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut unread = 0;
        let mut entries = Vec::new();
        let mut decisions = Vec::new();
        for (place, blob) in blobs.into_iter().filter(|(place, _)| !place.ends_with(CONTENT)) {
            match Decision::parse(blob) {
                Some(decision) if decision.place() == place => {
                    decisions.push(decision);
                    continue;
                }
                _ => {}
            }
            match Entry::parse(blob) {
                Ok(entry) if entry.place() == place => entries.push(entry),
                Ok(_) | Err(_) => unread += 1,
            }
        }
        Self { unread, ..Self::of(entries).with(decisions) }
    }

    /// Of these entries; those that are there twice count once.
    pub fn of(entries: Vec<Entry>) -> Self {
        let by_name: BTreeMap<String, Entry> = entries.into_iter().map(|entry| (entry.name(), entry)).collect();
        let mut memory = Self::default();
        for (at, entry) in by_name.into_values().enumerate() {
            memory.by_sides.entry(entry.key()).or_default().push(at);
            for (key, facing) in entry.patches() {
                memory.by_patch.entry(key).or_default().push((at, facing));
            }
            memory.entries.push(entry);
        }
        memory
    }

    /// The same with decisions on whole commits and files.
    #[must_use]
    pub fn with(mut self, mut decisions: Vec<Decision>) -> Self {
        decisions.sort_by_cached_key(Decision::name);
        decisions.dedup();
        for (at, decision) in decisions.iter().enumerate() {
            self.by_about.entry(decision.about()).or_default().push(at);
        }
        self.decisions = decisions;
        self
    }

    /// Is no conflict remembered?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What was decided of whole commits and files, in the order of names.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Could there be a word on a commit of this subject?
    pub fn knows_subject(&self, subject: &str) -> bool {
        let is_it =
            |decision: &Decision| !matches!(decision.what, What::File { .. }) && decision.origin.subject == subject;
        self.decisions.iter().any(is_it)
    }

    /// The last words on a commit, by its subject and what it changes, for a new upstream: of several at the same time all. What was said of it
    /// on another upstream is no later word on this one, unless that it is wanted after it was left out for good.
    pub fn of_commit(&self, (subject, patch): (&str, &str), onto: &str) -> Vec<&Decision> {
        let about = hash(&[b"commit", patch.as_bytes(), subject.as_bytes()]);
        let all = self.by_about.get(&about).into_iter().flatten().map(|at| &self.decisions[*at]);
        let is_elsewhere = |decision: &&Decision| decision.upstream().is_some_and(|upstream| upstream != onto);
        let (elsewhere, here): (Vec<&Decision>, Vec<&Decision>) = all.partition(is_elsewhere);
        let accepted: Vec<&Decision> =
            elsewhere.into_iter().filter(|decision| matches!(decision.what, What::Accept { .. })).collect();
        let wanted = accepted.iter().map(|decision| decision.origin.seconds()).max();
        let is_over = |decision: &&Decision| {
            let is_drop = matches!(decision.what, What::Drop { .. }) && decision.upstream().is_none();
            is_drop && wanted.is_some_and(|wanted| wanted > decision.origin.seconds())
        };
        let here = here.into_iter().filter(|decision| !is_over(decision)).collect();
        last_of(here).into_iter().chain(accepted).collect()
    }

    /// What people last made of a file whose sides do not agree as a whole; with their modes where these count.
    pub fn of_file(&self, path: &str, sides: &[Id; 3], modes: Option<&Modes>) -> OfFile<'_> {
        let words = self.about(&decision::about_file(path, sides, modes));
        let mut made = words.into_iter().filter_map(|decision| match &decision.what {
            What::File { result, .. } => Some((&decision.origin, result)),
            What::Drop { .. } | What::Accept { .. } => None,
        });
        let Some((origin, result)) = made.next() else { return OfFile::Unknown };
        if made.all(|(_, other)| other == result) { OfFile::As(origin, result) } else { OfFile::InSeveralWays }
    }

    fn about(&self, about: &str) -> Vec<&Decision> {
        last_of(self.by_about.get(about).into_iter().flatten().map(|at| &self.decisions[*at]).collect())
    }

    /// What is remembered, in the order of names.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Blobs that could not be read.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The entries whose name begins so; with a path, those of that path or below it.
    pub fn find(&self, prefix: &str, paths: &[String]) -> Vec<&Entry> {
        let below = |path: &str| paths.is_empty() || paths.iter().any(|given| is_below(path, given));
        let all = self.entries.iter();
        all.filter(|entry| entry.name().starts_with(prefix) && below(&entry.conflict.path)).collect()
    }

    /// The decisions whose name begins so; with a path, those of that path or below it.
    pub fn find_decisions(&self, prefix: &str, paths: &[String]) -> Vec<&Decision> {
        let below = |path: &str| paths.iter().any(|given| is_below(path, given));
        let is_meant = |decision: &&Decision| {
            decision.name().starts_with(prefix) && (paths.is_empty() || decision.paths().into_iter().any(below))
        };
        self.decisions.iter().filter(is_meant).collect()
    }
}

/// Those that were said last.
fn last_of(all: Vec<&Decision>) -> Vec<&Decision> {
    let last = all.iter().map(|decision| decision.origin.seconds()).max();
    all.into_iter().filter(|decision| Some(decision.origin.seconds()) == last).collect()
}

/// Is a path another one, or below it?
fn is_below(path: &str, given: &str) -> bool {
    let rest = path.strip_prefix(given.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
