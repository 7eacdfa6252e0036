//! Which commit became which when it was signed: kept in a run's folder, because a signature cannot be made twice the same.
//!
//! In and out: pairs of ids, with who signed. A file that cannot be read is as none: then commits are signed again.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::{fs, io};

/// In the run's folder.
const FILE: &str = "signed.jsonl";

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    unsigned: String,
    by: String,
    signed: String,
}

/// Signed commits by the unsigned one and by who signed.
#[derive(Clone, Debug, Default)]
pub struct SignedCommits(BTreeMap<(String, String), String>);

impl SignedCommits {
    /// What a run's folder has.
    pub fn open(dir: &Path) -> Self {
        let text = fs::read(dir.join(FILE)).unwrap_or_default();
        let lines = text.split(|c| *c == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        Self(lines.map(|line| ((line.unsigned, line.by), line.signed)).collect())
    }

    /// What a commit became when they signed it.
    pub fn of(&self, unsigned: &str, by: &str) -> Option<&str> {
        self.0.get(&(unsigned.to_owned(), by.to_owned())).map(String::as_str)
    }

    /// Takes what a commit became.
    pub fn put(&mut self, unsigned: String, by: String, signed: String) {
        self.0.insert((unsigned, by), signed);
    }

    /// Keeps all in a run's folder; the file is there whole or not at all.
    ///
    /// # Errors
    /// The disk.
    pub fn keep(&self, dir: &Path) -> io::Result<()> {
        let mut text = Vec::new();
        for ((unsigned, by), signed) in &self.0 {
            let line = Line { unsigned: unsigned.clone(), by: by.clone(), signed: signed.clone() };
            serde_json::to_writer(&mut text, &line).expect("plain data");
            text.push(b'\n');
        }
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(&text)?;
        file.persist(dir.join(FILE)).map(drop).map_err(|e| e.error)
    }
}
