//! What stands at a path of a tree, read so that it can be shown or compared.

use crate::error::Result;
use crate::git::Store;
use crate::git::tree::{Entry, Sort};
use crate::merge::Change;
use crate::report::unified;

/// What stands at a path: its entry's mode, and the text if it is a regular file.
pub struct Standing {
    /// Mode and id.
    pub entry: Entry,
    /// Of a regular file.
    pub text: Option<Vec<u8>>,
}

impl Standing {
    /// Reads it.
    ///
    /// # Errors
    /// The blob is missing or damaged.
    pub fn read(store: &mut Store, entry: Entry) -> Result<Self> {
        let text = match entry.sort() {
            Sort::File => Some(store.blob(entry.id)?.data.to_vec()),
            Sort::Link | Sort::Gitlink | Sort::Directory => None,
        };
        Ok(Self { entry, text })
    }

    /// What it is, in words.
    pub fn words(&self) -> &'static str {
        match self.entry.sort() {
            Sort::File if self.entry.mode & 0o100 != 0 => "an executable file",
            Sort::File => "a file that is not executable",
            Sort::Link => "a symbolic link",
            Sort::Gitlink => "a submodule",
            Sort::Directory => "a folder",
        }
    }
}

/// The change of a path in git's own words: modes, then hunks. Empty if nothing changed.
pub fn patch(change: Change<Option<&Standing>>) -> Vec<u8> {
    let mut out = Vec::new();
    let mode = |standing: &Standing| standing.entry.mode;
    match (change.before, change.after) {
        (None, Some(after)) => out.extend(format!("new file mode {:06o}\n", mode(after)).bytes()),
        (Some(before), None) => out.extend(format!("deleted file mode {:06o}\n", mode(before)).bytes()),
        (Some(before), Some(after)) if mode(before) != mode(after) => {
            out.extend(format!("old mode {:06o}\nnew mode {:06o}\n", mode(before), mode(after)).bytes());
        }
        _ => {}
    }
    let same = change.before.map(|s| s.entry.id) == change.after.map(|s| s.entry.id);
    if same {
        return out;
    }
    let text = |standing: Option<&Standing>| standing.map_or(Some(Vec::new()), |s| s.text.clone());
    match (text(change.before), text(change.after)) {
        (Some(before), Some(after)) if is_text(&before) && is_text(&after) => {
            unified::hunks(&mut out, Change { before: &before, after: &after }, &|_| true);
        }
        (Some(_), Some(_)) => out.extend_from_slice(b"Binary files differ\n"),
        _ => {
            let named = |standing: Option<&Standing>| standing.map(|s| format!("{} {}", s.words(), s.entry.id));
            let lines = [('-', named(change.before)), ('+', named(change.after))];
            for (sign, line) in lines.into_iter().filter_map(|(sign, line)| Some((sign, line?))) {
                out.extend(format!("{sign}{line}\n").bytes());
            }
        }
    }
    out
}

fn is_text(text: &[u8]) -> bool {
    crate::git::text::is_text(text)
}
