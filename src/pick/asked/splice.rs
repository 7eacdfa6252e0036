//! Lines of one hunk put into a file whose other hunks are open: texts in, texts out.

use crate::llm::{Edit, Snippet, apply};
use crate::merge::{Chunk, Sides};
use bstr::ByteSlice;

/// The file of the patch as it would be without some of its open hunks.
pub fn without_others(
    theirs: &[u8],
    (places, hunks): (&[Sides<usize>], &[Sides<Vec<u8>>]),
    is_other: impl Fn(usize) -> bool,
) -> Vec<u8> {
    let lines: Vec<&[u8]> = theirs.lines_with_terminator().collect();
    let mut text = Vec::with_capacity(theirs.len());
    let mut from = 0;
    for (at, (place, hunk)) in places.iter().zip(hunks).enumerate().filter(|(at, _)| is_other(*at)) {
        debug_assert!(at == 0 || places[at - 1].theirs <= place.theirs, "hunks are in order");
        let start = place.theirs.min(lines.len()).max(from);
        text.extend(lines[from..start].concat());
        text.extend_from_slice(&hunk.base);
        from = (start + hunk.theirs.lines().count()).min(lines.len());
    }
    text.extend(lines[from..].concat());
    text
}

/// The chunks with one of them settled by edits of the text in which it has ours, in which every other open one has its walk text.
pub fn edited(chunks: &[Chunk], at: usize, edits: &[Edit]) -> Result<Vec<Chunk>, String> {
    let mut made: Vec<Chunk> = Vec::new();
    let mut left: Vec<&Edit> = edits.iter().collect();
    let (mut run, mut start, mut line) = (Vec::new(), 0, 0);
    let mut close = |run: &mut Vec<u8>, (start, end): (usize, usize), made: &mut Vec<Chunk>| {
        let (own, rest): (Vec<&Edit>, Vec<&Edit>) =
            left.iter().partition(|edit| start <= edit.at.start && edit.at.end <= end);
        left = rest;
        let own: Vec<Edit> = own.into_iter().cloned().collect();
        let text = apply(&Snippet::new(std::mem::take(run), start + 1), &own);
        if !text.is_empty() {
            made.push(Chunk::Settled(text));
        }
    };
    for (which, chunk) in chunks.iter().enumerate() {
        let text: &[u8] = match chunk {
            Chunk::Open(sides) if which == at => &sides.ours,
            Chunk::Settled(text) => text,
            Chunk::Open(_) => {
                close(&mut run, (start, line), &mut made);
                made.push(chunk.clone());
                line += chunk.walk().lines().count();
                start = line;
                continue;
            }
        };
        run.extend_from_slice(text);
        line += text.lines().count();
    }
    close(&mut run, (start, line), &mut made);
    match left.first() {
        None => Ok(made),
        Some(edit) => {
            let (from, to) = (edit.at.start + 1, edit.at.end.max(edit.at.start + 1));
            Err(format!("lines {from}-{to} belong to another open place of the patch: leave them as they are"))
        }
    }
}
