//! Notes, written by one `git fast-import` for all: git's own layout of a notes tree, whatever its size.

use super::{Oid, Repo};
use crate::error::{Error, Result};

impl Repo {
    /// Adds notes to a notes ref in one commit by `committer` (`Name <mail> seconds zone`) with the message `said`.
    ///
    /// # Errors
    /// git fails, or the ref has moved on since it was read: fast-import moves it forward only.
    pub fn add_notes(&self, name: &str, (committer, said): (&str, &str), notes: &[(Oid, String)]) -> Result<()> {
        if notes.is_empty() {
            return Ok(());
        }
        let mut input = format!("commit {name}\ncommitter {committer}\n").into_bytes();
        data(&mut input, said);
        if let Some(old) = self.object(name)? {
            input.extend_from_slice(format!("from {old}\n").as_bytes());
        }
        for (commit, text) in notes {
            input.extend_from_slice(format!("N inline {commit}\n").as_bytes());
            data(&mut input, text);
        }
        input.extend_from_slice(b"done\n");
        let done = self.git.output_with(&["fast-import", "--quiet", "--done"], &input);
        done.map(drop).map_err(|e| {
            Error::fatal(format!("{name} was not moved: {e}")).hint("if somebody has added notes meanwhile, run again")
        })
    }
}

fn data(input: &mut Vec<u8>, text: &str) {
    input.extend_from_slice(format!("data {}\n{text}\n", text.len()).as_bytes());
}
