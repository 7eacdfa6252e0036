//! Applying a section to a file, hunk by hunk, and telling what it took.
//!
//! In: a section, the file's bytes or none. Out: the file's new bytes, and for each hunk its place, offset and fuzz, or why it has none.
//! A hunk that has no place leaves the file as it is there; the others go in.

use super::lines::split;
use super::locate::{Field, Found, Pattern, locate};
use super::unified::{Hunk, Kind, Section};

/// Which way a patch is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// As it is.
    #[default]
    Forward,
    /// It is taken back (`-R`).
    Reverse,
}

/// How tolerant applying is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// Which way.
    pub direction: Direction,
    /// Context lines that may be left out at either end of a hunk: patch and quilt take 2, OpenWrt's build too, git none.
    pub fuzz: usize,
}

impl Default for How {
    fn default() -> Self {
        Self { direction: Direction::Forward, fuzz: 2 }
    }
}

/// Why a hunk has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// Its old lines stand nowhere.
    NotFound,
    /// Its new lines stand there already: it was applied before, or is reversed.
    There,
    /// The file is missing.
    NoFile,
    /// The file that it creates exists.
    FileExists,
}

/// What became of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It went in.
    Placed {
        /// The line of the old file, from 1, at which its first line stands.
        line: usize,
        /// Lines between that and what the `@@` line says.
        offset: isize,
        /// Context lines that had to be left out.
        fuzz: usize,
    },
    /// It did not.
    Rejected(Rejection),
}

impl Placement {
    /// Did it go in exactly where it says?
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Placed { offset: 0, fuzz: 0, .. })
    }

    /// Did it not go in?
    pub fn is_rejected(self) -> bool {
        matches!(self, Self::Rejected(_))
    }
}

/// A file after a section was applied to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its bytes; `None` if it is gone.
    pub after: Option<Vec<u8>>,
    /// What became of each hunk.
    pub hunks: Vec<Placement>,
}

impl Applied {
    /// Did every hunk go in, with all of its context?
    pub fn without_fuzz(&self) -> bool {
        self.hunks.iter().all(|h| matches!(h, Placement::Placed { fuzz: 0, .. }))
    }

    /// Did every hunk go in exactly where it says?
    pub fn is_exact(&self) -> bool {
        self.hunks.iter().all(|h| h.is_exact())
    }

    /// Did every hunk go in?
    pub fn is_whole(&self) -> bool {
        !self.hunks.iter().any(|h| h.is_rejected())
    }
}

/// Applies a section's hunks to a file. A binary change is not applied here: see [`super::binary`].
pub fn apply(section: &Section, before: Option<&[u8]>, how: How) -> Applied {
    let mut hunks = section.plain_hunks();
    let (mut creates, mut deletes) = (section.creates(), section.deletes());
    if how.direction == Direction::Reverse {
        hunks = hunks.iter().map(Hunk::reversed).collect();
        (creates, deletes) = (deletes, creates);
    }
    // A diff without /dev/null creates a file if it starts from nothing.
    let from_nothing = hunks.first().is_some_and(|h| h.old.count == 0 && h.old.start == 0);
    let all = |why| Applied { after: before.map(<[u8]>::to_vec), hunks: vec![Placement::Rejected(why); hunks.len()] };
    match before {
        None if creates || from_nothing || hunks.is_empty() => {}
        None => return all(Rejection::NoFile),
        Some(text) if creates && !text.is_empty() && !hunks.is_empty() => return all(Rejection::FileExists),
        Some(_) => {}
    }
    let text = before.unwrap_or_default();
    let (after, placed) = place_all(&hunks, text, how.fuzz);
    let gone = deletes && after.is_empty();
    let nothing = before.is_none() && !creates && hunks.is_empty();
    Applied { after: (!gone && !nothing).then_some(after), hunks: placed }
}

/// Puts hunks in from top to bottom.
fn place_all(hunks: &[Hunk], text: &[u8], fuzz: usize) -> (Vec<u8>, Vec<Placement>) {
    let lines = split(text);
    let mut writer = Writer { lines: &lines, out: Vec::with_capacity(text.len()), next: 0 };
    let mut shift = 0;
    let mut placed = Vec::with_capacity(hunks.len());
    for hunk in hunks {
        let says = first_line(hunk);
        let field = Field { lines: &lines, frozen: writer.next };
        match locate(&pattern(hunk, Kind::Removed), &field, says + shift, fuzz) {
            Some(Found { line, fuzz }) => {
                shift = line - says;
                writer.put(hunk, line);
                placed.push(Placement::Placed { line: line.max(0) as usize, offset: shift, fuzz });
            }
            None => placed.push(Placement::Rejected(why(hunk, &field, says + shift))),
        }
    }
    writer.copy_to(lines.len());
    (writer.out, placed)
}

/// The line of the old file, from 1, at which a hunk's first line should stand.
pub(super) fn first_line(hunk: &Hunk) -> isize {
    hunk.old.start as isize + isize::from(hunk.old.count == 0)
}

/// The side of a hunk that has context and the lines of `kind`.
fn pattern(hunk: &Hunk, kind: Kind) -> Pattern<'_> {
    let (prefix, suffix) = hunk.context();
    Pattern { lines: hunk.side(kind), prefix, suffix, says: first_line(hunk) }
}

/// Why a hunk has no place.
fn why(hunk: &Hunk, field: &Field<'_, '_>, guess: isize) -> Rejection {
    match locate(&pattern(hunk, Kind::Added), field, guess, 0) {
        Some(_) if hunk.lines.iter().any(|l| l.kind == Kind::Added) => Rejection::There,
        _ => Rejection::NotFound,
    }
}

/// The new file, being written.
struct Writer<'a, 'b> {
    lines: &'b [&'a [u8]],
    out: Vec<u8>,
    /// The first old line, from 0, that has not been dealt with.
    next: usize,
}

impl Writer<'_, '_> {
    /// Copies the old lines before line `to`, counted from 0.
    fn copy_to(&mut self, to: usize) {
        let to = to.min(self.lines.len());
        if self.next < to {
            self.out.extend(self.lines[self.next..to].concat());
            self.next = to;
        }
    }

    /// Puts a hunk in at `line`, from 1. Context comes from the file, as it may differ where there is fuzz; what follows the last change
    /// stays open for the next hunk.
    fn put(&mut self, hunk: &Hunk, line: isize) {
        let mut at = line - 1;
        for part in &hunk.lines {
            if part.kind != Kind::Context {
                self.copy_to(at.max(0) as usize);
            }
            match part.kind {
                Kind::Context => at += 1,
                Kind::Removed => {
                    at += 1;
                    self.next = self.next.max(at.max(0) as usize).min(self.lines.len());
                }
                Kind::Added => self.out.extend(&part.text),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::{Entry, PatchFile};

    fn patched(before: Option<&str>, diff: &str, how: How) -> (Option<String>, Vec<Placement>) {
        let file = PatchFile::read(Entry::plain(b"x"), diff.as_bytes().to_vec());
        let applied = apply(file.sections().next().expect("it is there"), before.map(str::as_bytes), how);
        (applied.after.map(|a| String::from_utf8(a).expect("it is there")), applied.hunks)
    }

    const DIFF: &str = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";

    #[test]
    fn hunks_go_in_exactly_shifted_and_with_fuzz_and_say_so() {
        let placed = |line, offset, fuzz| vec![Placement::Placed { line, offset, fuzz }];
        let how = How::default();
        assert_eq!(patched(Some("1\n2\n3\n"), DIFF, how), (Some("1\ntwo\n3\n".into()), placed(1, 0, 0)));
        assert_eq!(patched(Some("0\n1\n2\n3\n"), DIFF, how), (Some("0\n1\ntwo\n3\n".into()), placed(2, 1, 0)));
        assert_eq!(patched(Some("1\n2\nthree\n"), DIFF, how), (Some("1\ntwo\nthree\n".into()), placed(1, 0, 1)));
    }

    #[test]
    fn a_patch_that_is_there_already_is_recognised_and_can_be_taken_back() {
        let (text, hunks) = patched(Some("1\ntwo\n3\n"), DIFF, How::default());
        assert_eq!(
            (text.as_deref(), hunks.as_slice()),
            (Some("1\ntwo\n3\n"), [Placement::Rejected(Rejection::There)].as_slice())
        );
        let back = How { direction: Direction::Reverse, fuzz: 0 };
        assert_eq!(patched(Some("1\ntwo\n3\n"), DIFF, back).0.as_deref(), Some("1\n2\n3\n"));
    }

    #[test]
    fn files_come_and_go() {
        let new = "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n";
        let old = "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
        assert_eq!(patched(None, new, How::default()).0.as_deref(), Some("a\n"));
        assert_eq!(patched(Some("b\n"), new, How::default()).1, [Placement::Rejected(Rejection::FileExists)]);
        assert_eq!(patched(Some("a\n"), old, How::default()).0, None);
        assert_eq!(patched(None, old, How::default()).1, [Placement::Rejected(Rejection::NoFile)]);
        let empty = "diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n";
        assert_eq!(patched(None, empty, How::default()).0.as_deref(), Some(""));
    }

    #[test]
    fn a_missing_newline_matters() {
        let diff = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n 1\n-2\n\\ No newline at end of file\n+2\n";
        assert_eq!(patched(Some("1\n2"), diff, How::default()).0.as_deref(), Some("1\n2\n"));
        assert!(patched(Some("1\n2\n"), diff, How::default()).1[0].is_rejected());
    }
}
