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
    let Some(Settled { each, elsewhere: 0 }) = settled(merged, result) else {
        return Vec::new();
    };
    let all: Option<Vec<Vec<u8>>> = each.into_iter().collect();
    merged.conflicts().zip(all.unwrap_or_default()).collect()
}

/// What a person made of a merged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What stands in the place of each conflict; `None` if the lines around it were changed with it.
    pub each: Vec<Option<Vec<u8>>>,
    /// How many places without a conflict were changed.
    pub elsewhere: usize,
}

/// Reads each conflict off `result` by itself. `None` if there is no telling.
pub fn settled(merged: &Merged, result: &[u8]) -> Option<Settled> {
    let mark = absent_line(merged, result)?;
    let mut marked = Vec::new();
    let mut open = Vec::new();
    let mut line = 0;
    for chunk in &merged.chunks {
        match chunk {
            Chunk::Settled(text) => {
                line += text.lines().count();
                marked.extend_from_slice(text);
            }
            Chunk::Open(sides) => {
                open.push((line, sides));
                line += 1;
                marked.extend_from_slice(&mark);
            }
        }
    }
    let hunks = delta::hunks(Change { before: &marked, after: result });
    let lines: Vec<&[u8]> = result.lines_with_terminator().collect();
    let became = |(line, sides): &(usize, &Sides<Vec<u8>>)| {
        let hunk = hunks.iter().find(|hunk| hunk.before == (*line..line + 1))?;
        Some(ended(lines[hunk.after.clone()].concat(), sides))
    };
    let of_conflicts = |hunk: &&Hunk| open.iter().any(|(line, _)| hunk.before.contains(line));
    let elsewhere = hunks.len() - hunks.iter().filter(of_conflicts).count();
    Some(Settled { each: open.iter().map(became).collect(), elsewhere })
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
    fn nothing_is_learned_where_more_than_the_conflicts_was_changed() {
        for result in ["a\nx\nc\nz\nd\n}\n", "a\nb\nx\nc\nz\nd\nmore\n}\n", "", "other\n"] {
            assert!(became(result).is_empty(), "{result:?}");
        }
    }
}
