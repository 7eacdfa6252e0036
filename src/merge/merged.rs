//! A file that was merged, cut into settled and open chunks.
//!
//! What comes in is text with diff3 markers, of a marker size that no line of the sides can be mistaken for ([`marker_size`]).

use super::Sides;
use bstr::ByteSlice;
use std::ops::Range;

/// What stands behind the markers of ours, base and theirs.
pub const LABELS: [&str; 3] = ["ours (upstream)", "base", "theirs (the patch)"];

/// A run of lines of a merged file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Both sides agree, or only one changed.
    Settled(Vec<u8>),
    /// A conflict: the sides could not be joined.
    Open(Sides<Vec<u8>>),
}

impl Chunk {
    /// Its text, with the patch's side if it is open.
    pub fn walk(&self) -> &[u8] {
        match self {
            Self::Settled(text) => text,
            Self::Open(sides) => &sides.theirs,
        }
    }
}

/// The chunks of a merged file, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// In the order of the file.
    pub chunks: Vec<Chunk>,
}

/// The marker size that is safe for these texts: longer than any run of a marker character at the start of a line.
pub fn marker_size(sides: &Sides<&[u8]>) -> u16 {
    let longest = sides
        .named()
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.first().map(|c| (*c, line)))
        .filter(|(c, _)| b"<|=>".contains(c))
        .map(|(c, line)| line.iter().take_while(|x| **x == c).count())
        .max()
        .unwrap_or(0);
    u16::try_from((longest + 1).max(7)).unwrap_or(u16::MAX)
}

/// The marker size of a text that was written with a safe one: no line of the sides has a longer run than its markers.
pub fn marker_size_in(diff3: &[u8]) -> u16 {
    let runs = diff3.lines().filter_map(|line| {
        let run = line.iter().take_while(|c| **c == b'<').count();
        (run >= 7 && line[run..].strip_prefix(b" ").is_some_and(|rest| rest.starts_with(LABELS[0].as_bytes())))
            .then_some(run)
    });
    runs.max().and_then(|run| u16::try_from(run).ok()).unwrap_or(7)
}

/// Which part of a marker block a line belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Settled,
    Ours,
    Base,
    Theirs,
}

impl Merged {
    /// Reads diff3 output (`<<<` ours `|||` base `===` theirs `>>>`) with markers of `size` characters.
    pub fn parse(text: &[u8], size: u16) -> Self {
        let mut merged = Self::default();
        let mut settled = Vec::new();
        let mut open: Sides<Vec<u8>> = Sides::default();
        let mut part = Part::Settled;
        for line in text.lines_with_terminator() {
            match (part, marker(line, usize::from(size))) {
                (Part::Settled, Some(b'<')) => {
                    merged.push_settled(&mut settled);
                    part = Part::Ours;
                }
                (Part::Ours, Some(b'|')) => part = Part::Base,
                (Part::Ours | Part::Base, Some(b'=')) => part = Part::Theirs,
                (Part::Theirs, Some(b'>')) => {
                    merged.chunks.push(Chunk::Open(std::mem::take(&mut open)));
                    part = Part::Settled;
                }
                (Part::Settled, _) => settled.extend_from_slice(line),
                (Part::Ours, _) => open.ours.extend_from_slice(line),
                (Part::Base, _) => open.base.extend_from_slice(line),
                (Part::Theirs, _) => open.theirs.extend_from_slice(line),
            }
        }
        merged.push_settled(&mut settled);
        merged
    }

    /// Takes back the newline that a marker needed after a side whose file ends without one.
    #[must_use]
    pub fn with_ends_of(mut self, files: &Sides<&[u8]>) -> Self {
        if let Some(Chunk::Open(open)) = self.chunks.last_mut() {
            let sides = [(&mut open.base, files.base), (&mut open.ours, files.ours), (&mut open.theirs, files.theirs)];
            for (side, file) in sides {
                if side.ends_with(b"\n") && !file.ends_with(b"\n") {
                    side.pop();
                }
            }
        }
        self
    }

    fn push_settled(&mut self, text: &mut Vec<u8>) {
        if !text.is_empty() {
            self.chunks.push(Chunk::Settled(std::mem::take(text)));
        }
    }

    /// The text with the patch's side of every conflict: what later commits of the series see.
    pub fn walk(&self) -> Vec<u8> {
        self.chunks.iter().map(Chunk::walk).collect::<Vec<_>>().concat()
    }

    /// The text with diff3 markers, of a size that no line can be mistaken for.
    pub fn marked(&self) -> Vec<u8> {
        self.marked_as(LABELS)
    }

    /// The same, with other words behind the markers of ours, base and theirs.
    pub fn marked_as(&self, [ours, base, theirs]: [&str; 3]) -> Vec<u8> {
        let mut all = Sides { base: Vec::new(), ours: self.walk(), theirs: Vec::new() };
        self.conflicts().for_each(|sides| all.base.extend([sides.ours.as_slice(), &sides.base].concat()));
        let size = marker_size(&all.as_ref().map(Vec::as_slice));
        let mut text = Vec::new();
        let ended = |side: &Vec<u8>| match side.last() {
            None | Some(b'\n') => side.clone(),
            Some(_) => [side.as_slice(), b"\n"].concat(),
        };
        let marker = |c: char, label: &str| {
            let line = format!("{} {label}", String::from(c).repeat(size.into()));
            format!("{}\n", line.trim_end()).into_bytes()
        };
        for chunk in &self.chunks {
            match chunk {
                Chunk::Settled(settled) => text.extend_from_slice(settled),
                Chunk::Open(sides) => {
                    let lines = [
                        (marker('<', ours), ended(&sides.ours)),
                        (marker('|', base), ended(&sides.base)),
                        (marker('=', ""), ended(&sides.theirs)),
                        (marker('>', theirs), Vec::new()),
                    ];
                    text.extend(lines.into_iter().flat_map(|(marker, side)| [marker, side].concat()));
                }
            }
        }
        text
    }

    /// The lines (from 0) of [`walk`](Self::walk) that are the patch's side of a conflict.
    pub fn open_lines(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let mut open = Vec::new();
        for chunk in &self.chunks {
            match chunk {
                Chunk::Settled(text) => at += text.lines().count(),
                Chunk::Open(sides) => {
                    let end = at + sides.theirs.lines().count();
                    open.push(at..end);
                    at = end;
                }
            }
        }
        open
    }

    /// The open chunks.
    pub fn conflicts(&self) -> impl Iterator<Item = &Sides<Vec<u8>>> {
        self.chunks.iter().filter_map(|chunk| match chunk {
            Chunk::Settled(_) => None,
            Chunk::Open(sides) => Some(sides),
        })
    }
}

/// The marker character, if this line is a marker.
fn marker(line: &[u8], size: usize) -> Option<u8> {
    let first = *line.first()?;
    let run = line.iter().take_while(|c| **c == first).count();
    let rest = line.get(run..)?;
    let ended = rest.is_empty() || rest.starts_with(b" ") || rest.trim().is_empty();
    (b"<|=>".contains(&first) && run == size && ended).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_block_becomes_an_open_chunk_with_three_sides() {
        let text = b"a\n<<<<<<< ours\nb\n||||||| base\nc\n=======\nd\n>>>>>>> theirs\ne\n";
        let merged = Merged::parse(text, 7);
        assert_eq!(merged.chunks.len(), 3);
        let open = merged.conflicts().next().expect("one conflict");
        assert_eq!(open.ours, b"b\n");
        assert_eq!(open.base, b"c\n");
        assert_eq!(open.theirs, b"d\n");
    }

    #[test]
    fn a_heading_underlined_with_seven_signs_is_no_marker() {
        let rst: &[u8] = b"Heading\n=======\ntext\n";
        let size = marker_size(&Sides { base: rst, ours: rst, theirs: b"" });
        assert_eq!(size, 8);
        assert_eq!(Merged::parse(rst, size).chunks, [Chunk::Settled(rst.to_vec())]);
    }
}
