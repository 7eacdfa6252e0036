//! A text as numbered lines that know where they stand.

use std::ops::Range;

/// The lines of a text, each with its line end.
pub(super) struct Lines<'a> {
    /// All of it.
    pub text: &'a [u8],
    /// Byte at which each line starts, and the end of the text.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Numbers the lines of a text from 0.
    pub fn new(text: &'a [u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text).map(|i| i + 1));
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        Self { text, starts }
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Line `n` with its line end; nothing behind the last one.
    pub fn get(&self, n: usize) -> &'a [u8] {
        &self.text[self.at(n)..self.at(n + 1)]
    }

    /// Line `n` without its line end, be it `\n` or `\r\n`.
    pub fn bare(&self, n: usize) -> &'a [u8] {
        bare(self.get(n))
    }

    /// The byte at which line `n` starts; behind the last line the length of the text.
    pub fn at(&self, n: usize) -> usize {
        self.starts.get(n).copied().unwrap_or(self.text.len())
    }

    /// The bytes of some lines.
    pub fn span(&self, lines: Range<usize>) -> Range<usize> {
        self.at(lines.start)..self.at(lines.end)
    }
}

/// A line without its line end.
pub(super) fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Lines of a text as slices, each with its line end.
pub(super) fn split(text: &[u8]) -> Vec<&[u8]> {
    use bstr::ByteSlice;
    text.lines_with_terminator().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tile_the_text_and_nothing_stands_behind_it() {
        for text in ["", "a", "a\n", "a\n\nb", "\n"] {
            let lines = Lines::new(text.as_bytes());
            let all: Vec<u8> = (0..lines.count()).flat_map(|n| lines.get(n).to_vec()).collect();
            assert_eq!(all, text.as_bytes());
            assert!(lines.get(lines.count()).is_empty() && lines.get(99).is_empty());
        }
    }

    #[test]
    fn a_bare_line_has_neither_kind_of_line_end() {
        let lines = Lines::new(b"a\r\nb\n");
        assert_eq!((lines.bare(0), lines.bare(1)), (b"a".as_slice(), b"b".as_slice()));
    }
}
