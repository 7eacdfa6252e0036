//! A conflict as text merging leaves it, with what stands around it, and what a method makes of it.

use super::{Change, Chunk, Doubt, Merged, Sides, delta};
use crate::syntax::language::Language;
use bstr::ByteSlice;

/// A conflict hunk and its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Open<'a> {
    /// The lines of the hunk, with their ends.
    pub sides: Sides<&'a [u8]>,
    /// The merged text before the hunk, whole lines.
    pub before: &'a [u8],
    /// The merged text behind the hunk, whole lines, with the patch's side where it is open.
    pub after: &'a [u8],
    /// The three files.
    pub files: Sides<&'a [u8]>,
    /// The first line (from 0) of each side in its file.
    pub lines: Sides<usize>,
    /// What the file is written in.
    pub language: Language,
}

/// What a method makes of a hunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The lines that take the hunk's place.
    pub text: Vec<u8>,
    /// What speaks for it.
    pub reasons: Vec<String>,
    /// What speaks against taking it without a look.
    pub doubts: Vec<Doubt>,
    /// Whether what it stands between is still there.
    pub footing: Footing,
}

/// Whether the lines that a proposal puts the patch's lines between are still what they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Footing {
    /// They are.
    #[default]
    Firm,
    /// They are gone, rewritten or elsewhere: the patch's lines may belong elsewhere, too.
    Shaky,
}

impl Merged {
    /// The first line (from 0) of each side of each open chunk in its file.
    pub fn positions(&self, files: &Sides<&[u8]>) -> Vec<Sides<usize>> {
        let base = self.starts(files.base, |sides| &sides.base);
        let ours = self.lines_in_ours(files.ours);
        let theirs = self.starts(files.theirs, |sides| &sides.theirs);
        let patch = delta::hunks(Change { before: files.base, after: files.theirs });
        let files = files.map(|file| file.lines_with_terminator().collect::<Vec<_>>());
        let all = self.conflicts().zip(base.into_iter().zip(ours).zip(theirs));
        all.map(|(sides, ((base, ours), theirs))| {
            let theirs = nearest(&files.theirs, &sides.theirs, theirs);
            let inserted = || patch.iter().find(|h| h.before.is_empty() && h.after.contains(&theirs));
            let base = match sides.base.is_empty() {
                true => inserted().map_or(base, |hunk| hunk.before.start),
                false => nearest(&files.base, &sides.base, base),
            };
            Sides { base, ours, theirs }
        })
        .collect()
    }

    /// The first line (from 0) of each open chunk in the file of ours.
    pub fn lines_in_ours(&self, file: &[u8]) -> Vec<usize> {
        self.starts(file, |sides| &sides.ours)
    }

    /// Where one side of each open chunk begins in its file: the merged text with that side everywhere is that file, but for
    /// what was settled.
    fn starts(&self, file: &[u8], side: impl Fn(&Sides<Vec<u8>>) -> &Vec<u8>) -> Vec<usize> {
        let (mut text, mut lines) = (Vec::new(), 0);
        let mut starts = Vec::new();
        for chunk in &self.chunks {
            let part = match chunk {
                Chunk::Settled(text) => text,
                Chunk::Open(sides) => {
                    starts.push(lines);
                    side(sides)
                }
            };
            lines += part.lines().count();
            text.extend_from_slice(part);
        }
        let hunks = delta::hunks(Change { before: &text, after: file });
        let there = |line: usize| {
            let before = hunks.partition_point(|h| h.before.end <= line && h.before.start < line.max(1));
            match before.checked_sub(1).map(|at| &hunks[at]) {
                Some(h) => line - h.before.end + h.after.end,
                None => line,
            }
        };
        starts.into_iter().map(there).collect()
    }
}

/// The place where these lines stand in a file, nearest to where they should: what was settled around them may be so different from
/// the file that a comparison misleads.
fn nearest(file: &[&[u8]], part: &[u8], wanted: usize) -> usize {
    let part: Vec<&[u8]> = part.lines_with_terminator().collect();
    if part.is_empty() || file.get(wanted..).is_some_and(|rest| rest.starts_with(&part)) {
        return wanted;
    }
    let places = file.windows(part.len()).enumerate().filter(|(_, lines)| *lines == part).map(|(at, _)| at);
    places.min_by_key(|at| at.abs_diff(wanted)).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_found_in_each_file_behind_what_was_settled_before_it() {
        let settled = |text: &str| Chunk::Settled(text.into());
        let open = Sides { base: b"old\n".to_vec(), ours: b"up\n".to_vec(), theirs: b"mine\n".to_vec() };
        let chunks = vec![settled("1\nours\n2\n3\ntheirs\n4\n"), Chunk::Open(open), settled("5\n")];
        let files = Sides {
            base: &b"1\n2\n3\n4\nold\n5\n"[..],
            ours: b"1\nours\n2\n3\n4\nup\n5\n",
            theirs: b"1\n2\n3\ntheirs\n4\nmine\n5\n",
        };
        assert_eq!(Merged { chunks }.positions(&files), [Sides { base: 4, ours: 5, theirs: 5 }]);
    }

    #[test]
    fn lines_are_found_in_their_file_however_misleading_the_comparison() {
        let file: Vec<&[u8]> = b"a\nx\ny\nb\nx\nc\nx\ny\n".lines_with_terminator().collect();
        let found = |part: &str, wanted| nearest(&file, part.as_bytes(), wanted);
        assert_eq!([found("x\ny\n", 0), found("x\ny\n", 4), found("x\ny\n", 6)], [1, 6, 6]);
        assert_eq!([found("", 3), found("no\n", 3), found("c\n", 90)], [3, 3, 5]);
    }
}
