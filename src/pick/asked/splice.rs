//! Lines of one hunk put into a file whose other hunks are open: texts in, texts out.

use crate::llm::{Edit, Snippet, apply};
use crate::merge::{Chunk, Sides};
use bstr::ByteSlice;

/// Where open hunks stand in their files. `guesses` come from comparing whole files, and lie where upstream rewrote everything around: each side
/// of a hunk stands in its file line for line, behind the one before it, at the nearest such place.
pub fn standing(guesses: &[Sides<usize>], hunks: &[Sides<Vec<u8>>], files: &Sides<&[u8]>) -> Vec<Sides<usize>> {
    let lines: Sides<Vec<&[u8]>> = files.map(|file| file.lines().collect());
    let mut from = Sides { base: 0, ours: 0, theirs: 0 };
    let mut all = Vec::with_capacity(guesses.len());
    for (guess, hunk) in guesses.iter().zip(hunks) {
        let at = Sides {
            base: nearest((&lines.base, from.base), &hunk.base, guess.base),
            ours: nearest((&lines.ours, from.ours), &hunk.ours, guess.ours),
            theirs: nearest((&lines.theirs, from.theirs), &hunk.theirs, guess.theirs),
        };
        from = Sides {
            base: at.base + hunk.base.lines().count(),
            ours: at.ours + hunk.ours.lines().count(),
            theirs: at.theirs + hunk.theirs.lines().count(),
        };
        all.push(at);
    }
    all
}

/// The place of a side, from a line on, that is nearest to a guess; the guess if the side is empty, or stands nowhere as it is.
fn nearest((file, from): (&[&[u8]], usize), side: &[u8], guess: usize) -> usize {
    let side: Vec<&[u8]> = side.lines().collect();
    let stands = |at: &usize| file.get(*at..*at + side.len()).is_some_and(|there| there == side.as_slice());
    if side.is_empty() || stands(&guess) {
        return guess;
    }
    (from..file.len()).filter(stands).min_by_key(|at| at.abs_diff(guess)).unwrap_or(guess)
}

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

/// The chunks with one of them settled by edits of the text in which it has ours, as in each other open one.
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
            Chunk::Open(sides) => {
                close(&mut run, (start, line), &mut made);
                made.push(chunk.clone());
                line += sides.ours.lines().count();
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

/// Chunks as one text: what is open as upstream has it.
pub fn of_upstream(chunks: &[Chunk]) -> Vec<u8> {
    let side = |chunk: &Chunk| match chunk {
        Chunk::Settled(text) => text.clone(),
        Chunk::Open(sides) => sides.ours.clone(),
    };
    chunks.iter().flat_map(side).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hunk_stands_where_its_lines_are_though_everything_around_was_rewritten() {
        let file = b"a\nlabel:\n\tone(rq);\nb\nc\nlabel:\n\tone(rq);\nd\n";
        let files = Sides { base: &file[..], ours: b"x\ny\n", theirs: &file[..] };
        let side = b"label:\n\tone(rq);\n".to_vec();
        let hunk = Sides { base: side.clone(), ours: Vec::new(), theirs: side };
        let guess = |at| Sides { base: at, ours: 1, theirs: at };
        let found = standing(&[guess(3), guess(4)], &[hunk.clone(), hunk], &files);
        assert_eq!(found, [Sides { base: 1, ours: 1, theirs: 1 }, Sides { base: 5, ours: 1, theirs: 5 }]);
        let gone = Sides { base: b"gone\n".to_vec(), ours: Vec::new(), theirs: b"b\n".to_vec() };
        assert_eq!(standing(&[guess(7)], &[gone], &files), [Sides { base: 7, ours: 1, theirs: 3 }]);
    }
}
