//! What a person made of each conflict of a file, read off the file as they left it.
//!
//! ```text
//!   merged:  a [conflict] b      their file:  a x y b      so the conflict became  x y
//! ```

use super::delta::{self, Hunk};
use super::{Change, Chunk, Merged, Sides};
use bstr::ByteSlice;

/// The conflicts of `merged` with what stands in their place in `result`. Empty if anything else was changed, too: then
/// nobody can say which line was meant for which conflict.
pub fn settlements<'a>(merged: &'a Merged, result: &[u8]) -> Vec<(&'a Sides<Vec<u8>>, Vec<u8>)> {
    let found = settled(merged, result).filter(|found| found.beside.is_empty());
    let all: Option<Vec<Vec<u8>>> = found.and_then(|found| found.each.into_iter().collect());
    merged.conflicts().zip(all.unwrap_or_default()).collect()
}

/// Lines around a place that is known again by them.
const CONTEXT: usize = 3;

/// What a person made of a merged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What stands in the place of each conflict; `None` if the lines around it were changed with it.
    pub each: Vec<Option<Vec<u8>>>,
    /// Places without a conflict that were changed, too.
    pub beside: Vec<Beside>,
}

/// A change of lines that were not in conflict.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beside {
    /// Up to three lines above, in the same settled chunk.
    pub above: Vec<u8>,
    /// The lines as they were merged.
    pub before: Vec<u8>,
    /// The lines as they were left.
    pub after: Vec<u8>,
    /// Up to three lines below, in the same settled chunk.
    pub below: Vec<u8>,
}

/// Reads each conflict off `result` by itself. `None` if there is no telling.
pub fn settled(merged: &Merged, result: &[u8]) -> Option<Settled> {
    let mark = absent_line(merged, result)?;
    let mut marked = Vec::new();
    let mut open = Vec::new();
    for chunk in &merged.chunks {
        match chunk {
            Chunk::Settled(text) => marked.extend_from_slice(text),
            Chunk::Open(sides) => {
                open.push((marked.lines().count(), sides));
                marked.extend_from_slice(&mark);
            }
        }
    }
    let hunks = delta::hunks(Change { before: &marked, after: result });
    let (before, after): (Vec<&[u8]>, Vec<&[u8]>) =
        (marked.lines_with_terminator().collect(), result.lines_with_terminator().collect());
    let became = |(line, sides): &(usize, &Sides<Vec<u8>>)| {
        let hunk = hunks.iter().find(|hunk| hunk.before == (*line..line + 1))?;
        Some(ended(after[hunk.after.clone()].concat(), sides))
    };
    let is_beside = |hunk: &&Hunk| !open.iter().any(|(line, _)| hunk.before.contains(line));
    let beside = |hunk: &Hunk| {
        let settled = |at: &usize| before[*at] != mark;
        let above = (0..hunk.before.start).rev().take(CONTEXT).take_while(settled).count();
        let below = (hunk.before.end..before.len()).take(CONTEXT).take_while(settled).count();
        Beside {
            above: before[hunk.before.start - above..hunk.before.start].concat(),
            before: before[hunk.before.clone()].concat(),
            after: after[hunk.after.clone()].concat(),
            below: before[hunk.before.end..hunk.before.end + below].concat(),
        }
    };
    let each = open.iter().map(became).collect();
    Some(Settled { each, beside: hunks.iter().filter(is_beside).map(beside).collect() })
}

impl Merged {
    /// Makes changes of settled lines again; `None` unless each has exactly one place, and no two have the same.
    pub fn with_beside(&self, all: &[Beside]) -> Option<Self> {
        let mut chunks = self.chunks.clone();
        let mut edits: Vec<(usize, usize, &Beside)> = Vec::new();
        for beside in all {
            let mut places = self.places_of(beside);
            let (chunk, line) = places.next().filter(|_| places.next().is_none())?;
            edits.push((chunk, line, beside));
        }
        edits.sort();
        let meet = |two: &[(usize, usize, &Beside)]| {
            let end = two[0].1 + two[0].2.before.lines().count();
            two[0].0 == two[1].0 && (end > two[1].1 || two[0].1 == two[1].1)
        };
        if edits.windows(2).any(meet) {
            return None;
        }
        // From behind, so that what was edited is not in the way of what is before it.
        for (chunk, line, beside) in edits.into_iter().rev() {
            let Chunk::Settled(text) = &mut chunks[chunk] else { return None };
            let lines: Vec<&[u8]> = text.lines_with_terminator().collect();
            let end = line + beside.before.lines().count();
            *text = [lines[..line].concat(), beside.after.clone(), lines[end..].concat()].concat();
        }
        Some(Self { chunks })
    }

    /// Where the lines of a change stand with those around them: chunk, and line in it.
    fn places_of<'a>(&'a self, beside: &'a Beside) -> impl Iterator<Item = (usize, usize)> + 'a {
        let Beside { above, before, below, .. } = beside;
        let wanted = [above.as_slice(), before, below].concat();
        let (count, skipped) = (wanted.lines().count(), above.lines().count());
        let of_chunk = move |(at, chunk): (usize, &Chunk)| {
            let Chunk::Settled(text) = chunk else { return Vec::new() };
            let lines: Vec<&[u8]> = text.lines_with_terminator().collect();
            let starts = 0..(lines.len() + 1).saturating_sub(count.max(1));
            let is_there = |start: &usize| lines[*start..start + count].concat() == wanted;
            starts.filter(is_there).map(|start| (at, start + skipped)).collect()
        };
        self.chunks.iter().enumerate().flat_map(of_chunk)
    }
}

/// What a conflict became, as lines: that the last line of their file has no newline is not what settles the conflict, unless a
/// side of it has none either.
fn ended(text: Vec<u8>, sides: &Sides<Vec<u8>>) -> Vec<u8> {
    let is_ended = |text: &[u8]| text.is_empty() || text.ends_with(b"\n");
    let whole_lines = sides.named().iter().all(|(_, side)| is_ended(side));
    match whole_lines && !is_ended(&text) {
        true => [text.as_slice(), b"\n"].concat(),
        false => text,
    }
}

/// A line that neither text has.
fn absent_line(merged: &Merged, result: &[u8]) -> Option<Vec<u8>> {
    let settled =
        |line: &[u8]| merged.chunks.iter().any(|c| matches!(c, Chunk::Settled(text) if text.contains_str(line)));
    (0..64).map(|n| format!("<conflict {n}>\n").into_bytes()).find(|line| !result.contains_str(line) && !settled(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged() -> Merged {
        let open = |c: &str| {
            Chunk::Open(Sides { base: c.into(), ours: [c, "o"].concat().into(), theirs: [c, "t"].concat().into() })
        };
        let settled = |c: &str| Chunk::Settled(c.into());
        Merged { chunks: vec![settled("a\nb\n"), open("1"), settled("c\n"), open("2"), settled("d\n}\n")] }
    }

    fn became(result: &str) -> Vec<String> {
        settlements(&merged(), result.as_bytes())
            .into_iter()
            .map(|(_, text)| String::from_utf8(text).expect("text"))
            .collect()
    }

    #[test]
    fn each_conflict_is_what_stands_between_its_neighbours() {
        assert_eq!(became("a\nb\nx\ny\nc\nz\nd\n}\n"), ["x\ny\n", "z\n"]);
        assert_eq!(became("a\nb\nc\nd\n}\n"), ["", ""], "both left out");
    }

    #[test]
    fn a_file_that_ends_without_a_newline_still_settles_whole_lines() {
        let became = |theirs: &str| {
            let sides = Sides { base: b"1\n".to_vec(), ours: b"2\n".to_vec(), theirs: theirs.into() };
            let merged = Merged { chunks: vec![Chunk::Settled(b"a\nb\n".to_vec()), Chunk::Open(sides)] };
            settlements(&merged, b"a\nb\nx")[0].1.clone()
        };
        assert_eq!(became("3\n"), b"x\n");
        assert_eq!(became("3"), b"x", "the patch takes the newline away: so may the person");
    }

    #[test]
    fn what_was_changed_beside_conflicts_is_made_again_where_it_has_one_place() {
        let found = settled(&merged(), b"a\nB\nx\nc\nz\nd\nmore\n}\n").expect("it is told");
        assert_eq!(found.each, [None, Some(b"z\n".to_vec())], "the line above the first was changed with it");
        let found = settled(&merged(), b"A\nb\nx\nc\nz\nd\nmore\n}\n").expect("it is told");
        let again = merged().with_beside(&found.beside).expect("one place each");
        assert_eq!(again.chunks[0], Chunk::Settled(b"A\nb\n".to_vec()));
        assert_eq!(again.chunks[4], Chunk::Settled(b"d\nmore\n}\n".to_vec()));
        let twice = Merged { chunks: [merged().chunks, merged().chunks].concat() };
        assert_eq!(twice.with_beside(&found.beside), None);
        assert_eq!(merged().with_beside(&[found.beside[0].clone(), found.beside[0].clone()]), None);
    }

    #[test]
    fn nothing_is_learned_where_more_than_the_conflicts_was_changed() {
        for result in ["a\nx\nc\nz\nd\n}\n", "a\nb\nx\nc\nz\nd\nmore\n}\n", "", "other\n"] {
            assert!(became(result).is_empty(), "{result:?}");
        }
    }
}
