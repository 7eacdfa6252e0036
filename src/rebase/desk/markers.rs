//! Conflict markers that a person left in a file.
//!
//! What looks like a marker is one, unless a side of the file has that very line: documentation shows conflicts and underlines
//! its headings. It does not matter whose marker it is; git writes other labels into a worktree than we do.

use bstr::ByteSlice;
use std::collections::HashSet;

/// What a file may hold that looks like a marker.
#[derive(Clone, Debug, Default)]
pub struct Known {
    lines: HashSet<Vec<u8>>,
    /// Lengths of a separator; none if no markers were laid out.
    separators: Vec<usize>,
}

impl Known {
    /// The lines of a text are no markers.
    pub fn add(&mut self, text: &[u8]) {
        self.lines.extend(text.lines().filter(|line| is_like_marker(line)).map(<[u8]>::to_vec));
    }

    /// The file was laid out like this, with markers: a separator by itself is a marker, too.
    pub fn marked(&mut self, text: &[u8]) {
        let longest = text.lines().filter(|line| line.starts_with(b"<<<<<<<")).map(run).max();
        self.separators = [7].into_iter().chain(longest).collect();
    }

    /// What is known of another file holds as well.
    pub fn join(&mut self, other: &Self) {
        self.lines.extend(other.lines.iter().cloned());
        self.separators.extend(&other.separators);
    }

    /// The first line, from 1, that is a marker.
    pub fn marker_in(&self, text: &[u8]) -> Option<usize> {
        let is_marker = |line: &[u8]| {
            let separates = !line.starts_with(b"=") || self.separators.contains(&run(line));
            is_like_marker(line) && separates && !self.lines.contains(line)
        };
        text.lines().position(is_marker).map(|at| at + 1)
    }
}

/// How often the first byte of a line stands there.
fn run(line: &[u8]) -> usize {
    line.iter().take_while(|c| Some(*c) == line.first()).count()
}

fn is_like_marker(line: &[u8]) -> bool {
    let size = run(line);
    let rest = &line[size..];
    match line.first() {
        Some(b'<' | b'|' | b'>') => size >= 7 && (rest.is_empty() || rest.starts_with(b" ")),
        Some(b'=') => size >= 7 && rest.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_any_label_and_size_are_seen_and_lines_of_the_sides_are_not() {
        let mut known = Known::default();
        known.add(b"<<<<<<< as shown\nHeading\n=======\n");
        known.marked(b"<<<<<<<< ours (upstream)\n");
        assert_eq!(known.marker_in(b"<<<<<<< as shown\n=======\n==========\n<<<<<<<<< \n"), Some(4));
        for marker in ["<<<<<<< HEAD", "||||||| 12ab", "========", ">>>>>>>", ">>>>>>> theirs\r"] {
            assert_eq!(known.marker_in(format!("a\n{marker}\n").as_bytes()), Some(2), "{marker}");
        }
    }

    #[test]
    fn a_separator_alone_is_a_heading_where_nothing_was_marked() {
        assert_eq!(Known::default().marker_in(b"Drivers\n=======\n"), None);
        assert_eq!(Known::default().marker_in(b"<<<<<<< a\n"), Some(1));
    }
}
