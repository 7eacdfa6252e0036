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
mod entry;
mod origin;
mod recall;

pub use conflict::{Base, Conflict};
pub use entry::{Entry, LONGEST};
pub use origin::{How, Origin};
pub use recall::{Join, Recalled, Recollection};

use std::collections::BTreeMap;

/// The ref that a repository's own memory is under.
pub const REF: &str = "refs/kmigrate/memory";

/// What people settled, in the order of names.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    entries: Vec<Entry>,
    /// By what both sides have: which entries.
    by_sides: BTreeMap<String, Vec<usize>>,
    /// By what a patch changes: which entries, and which of the two sides the patch is.
    by_patch: BTreeMap<String, Vec<(usize, conflict::Facing)>>,
    unread: usize,
}

impl Memory {
    /// Reads entries from blobs and the places that they are at in their tree. What is none, or at no place of its own, is counted and left
    /// out.
    pub fn read<'a>(blobs: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut unread = 0;
        let mut entries = Vec::new();
        for (place, blob) in blobs {
            match Entry::parse(blob) {
                Ok(entry) if entry.place() == place => entries.push(entry),
                Ok(_) | Err(_) => unread += 1,
            }
        }
        Self { unread, ..Self::of(entries) }
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

    /// Is nothing remembered?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
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
        let below = |path: &str| {
            let at = |given: &String| {
                let rest = path.strip_prefix(given.trim_end_matches('/'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            paths.is_empty() || paths.iter().any(at)
        };
        let all = self.entries.iter();
        all.filter(|entry| entry.name().starts_with(prefix) && below(&entry.conflict.path)).collect()
    }
}

#[cfg(test)]
mod tests;
