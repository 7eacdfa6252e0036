//! A file while findings are mended in it, one after another. In: its text, and each fixed one. Out: where a line that a tool named stands
//! now.

use crate::merge::{Change, delta};
use bstr::ByteSlice;

/// A file before all fixes and now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// As it was read.
    pub before: Vec<u8>,
    /// With the fixes so far.
    pub now: Vec<u8>,
    /// What each of them changed, from the text that the one before it left.
    fixes: Vec<Vec<delta::Hunk>>,
}

/// Where a line (from 1) of one text is in another; `None` if it was changed, or never was.
pub fn line_between((before, after): (&[u8], &[u8]), line: usize) -> Option<usize> {
    let at = line.checked_sub(1).filter(|at| *at < before.lines().count())?;
    match Standing::behind(at, &delta::hunks(Change { before, after })) {
        Standing::Untouched(at) => Some(at + 1),
        Standing::Changed(_) | Standing::Gone => None,
    }
}

/// What became of a line; lines count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It stands here as it was.
    Untouched(usize),
    /// It was rewritten, together with its neighbours line by line, and is this one.
    Changed(usize),
    /// It went, or is one of lines that became more or fewer.
    Gone,
}

impl Standing {
    /// Of a line, behind one change.
    fn behind(at: usize, hunks: &[delta::Hunk]) -> Self {
        let mut now = at;
        for hunk in hunks.iter().take_while(|hunk| hunk.before.start <= at) {
            if hunk.before.contains(&at) {
                let is_each = hunk.before.len() == hunk.after.len();
                return if is_each { Self::Changed(hunk.after.start + at - hunk.before.start) } else { Self::Gone };
            }
            now = at - hunk.before.end + hunk.after.end;
        }
        Self::Untouched(now)
    }
}

impl Text {
    /// As it was read.
    pub fn new(text: Vec<u8>) -> Self {
        Self { before: text.clone(), now: text, fixes: Vec::new() }
    }

    /// The text with one fix more.
    pub fn take(&mut self, after: Vec<u8>) {
        self.fixes.push(delta::hunks(Change { before: &self.now, after: &after }));
        self.now = after;
    }

    /// What became of a line (from 1) of the text before; `None` if there was none.
    pub fn standing(&self, line: usize) -> Option<Standing> {
        let at = line.checked_sub(1).filter(|at| *at < self.before.lines().count())?;
        Some(self.fixes.iter().fold(Standing::Untouched(at), |standing, hunks| match standing {
            Standing::Untouched(at) => Standing::behind(at, hunks),
            Standing::Changed(at) => match Standing::behind(at, hunks) {
                Standing::Untouched(at) | Standing::Changed(at) => Standing::Changed(at),
                Standing::Gone => Standing::Gone,
            },
            Standing::Gone => Standing::Gone,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_followed_through_lines_that_went_and_lines_that_were_rewritten_one_by_one() {
        let mut text = Text::new(b"a\nb\nc\nd\ne\n".to_vec());
        for fixed in ["a\nb\nd\ne\n", "a\nB\nd\ne\n", "new\na\nB\nd\nE\n"] {
            text.take(fixed.into());
        }
        let all = [0, 1, 2, 3, 4, 5, 6].map(|line| text.standing(line));
        let (whole, changed) = (|at| Some(Standing::Untouched(at)), |at| Some(Standing::Changed(at)));
        assert_eq!(all, [None, whole(1), changed(2), Some(Standing::Gone), whole(3), changed(4), None]);
        assert_eq!(line_between((b"a\nb\n", b"A\nb\n"), 1), None, "another commit's change is not followed");
        assert_eq!(line_between((b"a\nb\nc\n", b"b\nn\nc\n"), 3), Some(3));
    }
}
