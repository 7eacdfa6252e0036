//! Edits of numbered lines: what an answer comes to.
//!
//! In: edits in the numbers of the new file. Out: the snippet, or the whole file, with them; nothing else in it changes.

use super::snippet::Snippet;
use crate::merge::{Change, delta};
use bstr::ByteSlice;
use std::ops::Range;

/// Lines of a file that are replaced, none for an insertion, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The lines, from 0, the end excluded.
    pub at: Range<usize>,
    /// What stands there instead: whole lines with their ends.
    pub text: Vec<u8>,
}

/// What an answer says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// By line, without overlaps; no edit puts a line in its own place.
    pub list: Vec<Edit>,
    /// The probability from 0 to 1 that it is right, by its own account. Known to be a poor guess.
    pub confidence: Option<f64>,
    /// For the reviewer; not to be trusted, and shown on one line.
    pub reason: String,
}

impl Edit {
    /// The same edit as smaller ones that leave alone what is equal.
    pub(super) fn smallest(&self, snippet: &Snippet) -> Vec<Self> {
        let Some(from) = self.at.start.checked_sub(snippet.place().start) else { return Vec::new() };
        let lines = snippet.lines();
        let Some(old) = lines.get(from..from + self.at.len()) else { return Vec::new() };
        let new: Vec<&[u8]> = self.text.lines_with_terminator().collect();
        let hunks = delta::hunks(Change { before: &old.concat(), after: &self.text });
        let small = |hunk: delta::Hunk| Self {
            at: hunk.before.start + self.at.start..hunk.before.end + self.at.start,
            text: new[hunk.after].concat(),
        };
        hunks.into_iter().map(small).collect()
    }
}

/// The snippet with the edits. What is not of its lines is left out; edits must be in order and not overlap.
pub fn apply(snippet: &Snippet, edits: &[Edit]) -> Vec<u8> {
    let (place, lines) = (snippet.place(), snippet.lines());
    let mut out: Vec<&[u8]> = Vec::new();
    let mut from = place.start;
    for edit in edits {
        let fits = from <= edit.at.start && edit.at.start <= edit.at.end && edit.at.end <= place.end;
        if !fits {
            continue;
        }
        out.extend(&lines[from - place.start..edit.at.start - place.start]);
        out.extend(edit.text.lines_with_terminator());
        from = edit.at.end;
    }
    out.extend(&lines[from - place.start..]);
    ended(&out, &snippet.text)
}

/// Joins lines: each ends, but the last one does as the last one did.
fn ended(lines: &[&[u8]], before: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(before.len() + 64);
    for (at, line) in lines.iter().enumerate() {
        text.extend_from_slice(line);
        if !line.ends_with(b"\n") && at + 1 < lines.len() {
            text.push(b'\n');
        }
    }
    let is_open = !before.is_empty() && !before.ends_with(b"\n");
    if is_open && text.ends_with(b"\n") {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(at: Range<usize>, text: &str) -> Edit {
        Edit { at, text: text.into() }
    }

    fn applied(edits: &[Edit]) -> String {
        String::from_utf8(apply(&Snippet::new("a\nb\nc\n", 11), edits)).expect("text")
    }

    #[test]
    fn lines_are_replaced_inserted_and_deleted_by_their_numbers() {
        assert_eq!(applied(&[edit(10..10, "x\n"), edit(11..12, "B\n"), edit(13..13, "y\n")]), "x\na\nB\nc\ny\n");
        assert_eq!(applied(&[edit(10..13, "")]), "");
        assert_eq!(applied(&[]), "a\nb\nc\n");
    }

    #[test]
    fn edits_elsewhere_change_nothing() {
        assert_eq!(
            applied(&[edit(0..1, "x\n"), edit(9..11, "x\n"), edit(12..14, "x\n"), edit(99..99, "x\n")]),
            "a\nb\nc\n"
        );
    }

    #[test]
    fn a_file_that_ends_without_a_newline_still_does() {
        let snippet = Snippet::new("a\nb", 1);
        assert_eq!(apply(&snippet, &[edit(2..2, "c\n")]), b"a\nb\nc");
        assert_eq!(apply(&snippet, &[edit(0..0, "x\n")]), b"x\na\nb");
        assert_eq!(apply(&Snippet::new("", 1), &[edit(0..0, "x\n")]), b"x\n");
    }

    #[test]
    fn what_an_edit_retypes_is_no_edit() {
        let snippet = Snippet::new("a\nb\nc\n", 11);
        assert_eq!(edit(10..13, "a\nB\nc\n").smallest(&snippet), [edit(11..12, "B\n")]);
        assert_eq!(edit(10..11, "a\n").smallest(&snippet), []);
    }
}
