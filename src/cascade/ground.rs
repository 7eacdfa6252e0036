//! Which lines of ours each chunk of a merged file is, and edits of such lines put into settled chunks.
//!
//! ```text
//!   merged   settled   open    settled
//!   ours     0..40     40..43  43..90      an edit of lines 60..61 goes into the third
//! ```

use super::choice::Edit;
use crate::merge::{Change, Chunk, Merged, Sides, delta};
use bstr::ByteSlice;
use std::ops::Range;

/// The lines of ours, by chunk.
pub struct Ground<'a> {
    ours: Vec<&'a [u8]>,
    /// None for a chunk that was open.
    settled: Vec<Option<Range<usize>>>,
}

impl<'a> Ground<'a> {
    /// `hunks` are the places of the open chunks.
    pub fn of(merged: &Merged, ours: &'a [u8], hunks: &[Sides<usize>]) -> Self {
        let ours: Vec<&[u8]> = ours.lines_with_terminator().collect();
        let mut hunks = hunks.iter().peekable();
        let mut from = 0;
        let mut settled = Vec::with_capacity(merged.chunks.len());
        for chunk in &merged.chunks {
            match chunk {
                Chunk::Settled(_) => {
                    let end = hunks.peek().map_or(ours.len(), |lines| lines.ours.min(ours.len()));
                    settled.push(Some(from.min(end)..end));
                    from = end;
                }
                Chunk::Open(sides) => {
                    from = hunks.next().map_or(from, |lines| lines.ours) + sides.ours.lines().count();
                    settled.push(None);
                }
            }
        }
        Self { ours, settled }
    }

    /// Makes the edits in the chunks that merging as text settled; None if one of them is elsewhere, or where these lines
    /// were changed.
    pub fn edited(&self, chunks: &[Chunk], edits: &[Edit]) -> Option<Vec<Chunk>> {
        let mut chunks = chunks.to_vec();
        // From behind, so that what was edited is not in the way of what is before it.
        for edit in edits.iter().rev() {
            let holds = |lines: &Option<Range<usize>>| {
                lines.as_ref().is_some_and(|lines| lines.start <= edit.at.start && edit.at.end <= lines.end)
            };
            let at = self.settled.iter().position(holds)?;
            let lines = self.settled[at].clone()?;
            if let Chunk::Settled(text) = &mut chunks[at] {
                *text = self.put(text, &lines, edit)?;
            }
        }
        Some(chunks)
    }

    /// A settled text with one more edit; None if the lines were changed, or something was put beside them.
    fn put(&self, text: &[u8], lines: &Range<usize>, edit: &Edit) -> Option<Vec<u8>> {
        let before = self.ours[lines.clone()].concat();
        let hunks = delta::hunks(Change { before: &before, after: text });
        let (start, end) = (edit.at.start - lines.start, edit.at.end - lines.start);
        if hunks.iter().any(|hunk| hunk.before.start <= end && start <= hunk.before.end) {
            return None;
        }
        let earlier = hunks.iter().take_while(|hunk| hunk.before.end < start).last();
        let start = earlier.map_or(start, |hunk| start - hunk.before.end + hunk.after.end);
        let now: Vec<&[u8]> = text.lines_with_terminator().collect();
        let end = start + edit.at.len();
        Some([now[..start].concat(), edit.text.clone(), now[end..].concat()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &[u8] = b"1\n2\n3\nup\n4\n5\n6\n";

    fn merged() -> Merged {
        let open = Sides { base: b"x\n".to_vec(), ours: b"up\n".to_vec(), theirs: b"mine\n".to_vec() };
        let settled = |text: &str| Chunk::Settled(text.into());
        Merged { chunks: vec![settled("0\n1\n2\n3\n"), Chunk::Open(open), settled("4\n5\n6\n")] }
    }

    fn edited(at: Range<usize>) -> Option<String> {
        let merged = merged();
        let ground = Ground::of(&merged, OURS, &[Sides { base: 3, ours: 3, theirs: 4 }]);
        let chunks = ground.edited(&merged.chunks, &[Edit { at, text: b"new\n".to_vec() }])?;
        Some(Merged { chunks }.walk().to_str_lossy().into_owned())
    }

    #[test]
    fn an_edit_of_lines_of_ours_goes_where_these_are_in_the_merged_text() {
        assert_eq!(edited(1..2).as_deref(), Some("0\n1\nnew\n3\nmine\n4\n5\n6\n"));
        assert_eq!(edited(5..5).as_deref(), Some("0\n1\n2\n3\nmine\n4\nnew\n5\n6\n"));
    }

    #[test]
    fn where_the_patch_changed_something_or_a_hunk_is_open_nothing_is_put() {
        assert_eq!(edited(0..1), None, "the patch put a line there");
        assert_eq!(edited(3..4), None, "it is open");
        assert_eq!(edited(2..5), None, "a part of it is");
        assert_eq!(edited(90..91), None, "no such lines");
    }
}
