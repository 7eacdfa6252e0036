//! SNIPPET: lines of a file that know where they stand, and what an answer may do with them.

use bstr::ByteSlice;
use std::ops::Range;

/// Consecutive lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The lines, with their ends.
    pub text: Vec<u8>,
    /// The number of the first one in its file, from 1.
    pub first: usize,
}

impl Default for Snippet {
    fn default() -> Self {
        Self { text: Vec::new(), first: 1 }
    }
}

impl Snippet {
    /// Lines that begin at line `first` (from 1) of their file.
    pub fn new(text: impl Into<Vec<u8>>, first: usize) -> Self {
        Self { text: text.into(), first: first.max(1) }
    }

    /// Some lines (from 0, the end excluded) of a file.
    pub fn of(file: &[u8], lines: &Range<usize>) -> Self {
        let text: Vec<&[u8]> = file.lines_with_terminator().skip(lines.start).take(lines.len()).collect();
        Self { text: text.concat(), first: lines.start + 1 }
    }

    /// The lines, with their ends.
    pub fn lines(&self) -> Vec<&[u8]> {
        self.text.lines_with_terminator().collect()
    }

    /// Where they stand in their file, from 0, the end excluded.
    pub fn place(&self) -> Range<usize> {
        let start = self.first.saturating_sub(1);
        start..start + self.text.lines().count()
    }
}

/// May lines that are shown be edited?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum May {
    /// They are there to be read.
    #[default]
    BeRead,
    /// They are of the file that the answer edits, and a part of what the patch changes may have gone there.
    BeEdited,
    /// So they are, and lines may come in between: declarations of what the new lines need.
    BeAddedTo,
}

/// Code of the new kernel that is needed to understand the snippet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// What it is: `function __ptep_get_and_clear, which the snippet calls now and did not call before`.
    pub what: String,
    /// The file.
    pub path: String,
    /// The lines; of the file that is edited with its line numbers.
    pub snippet: Snippet,
    /// What an answer may do with them.
    pub may: May,
}
