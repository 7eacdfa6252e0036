//! Where a new entry of a table goes, and how its lines are laid out: as those of the entry beside it.
//!
//! In: a text and an entry of it, the parts of the new one. Out: the text with both.

use super::entry::{Entry, Place, Shape};
use super::learn::Written;
use std::ops::Range;

/// An entry, and how it stands on its lines.
pub struct Around<'a> {
    text: &'a [u8],
    /// The entry with its brackets.
    span: Range<usize>,
    lines: Lines<'a>,
}

/// How an entry stands on its lines.
enum Lines<'a> {
    /// Each field has a line.
    Many {
        /// What stands before a field.
        indent: &'a [u8],
        /// What stands before the brackets.
        outer: &'a [u8],
    },
    /// It begins a line, behind this, and its comma ends one.
    Whole(&'a [u8]),
}

impl<'a> Around<'a> {
    /// `None` for one that shares its lines with other things.
    pub fn of(text: &'a [u8], entry: &Entry) -> Option<Self> {
        let span = entry.span.clone();
        let is_blank = |part: &[u8]| part.iter().all(u8::is_ascii_whitespace);
        if entry.shape == Shape::Braces && entry.is_designated() {
            let first = text[span.clone()].iter().position(|c| *c == b'.')? + span.start;
            let indent = &text[line_start(text, first)..first];
            let closing = line_start(text, span.end);
            let outer = text.get(closing..span.end - 1).unwrap_or_default();
            if closing > first && is_blank(indent) && is_blank(outer) {
                return Some(Self { text, span, lines: Lines::Many { indent, outer } });
            }
        }
        let outer = &text[line_start(text, span.start)..span.start];
        let rest = text[span.end..line_end(text, span.end)].trim_ascii();
        let rest = rest.strip_prefix(b",")?.trim_ascii();
        let is_alone = is_blank(outer) && (rest.is_empty() || rest.starts_with(b"/*"));
        is_alone.then_some(Self { text, span, lines: Lines::Whole(outer) })
    }

    /// The text with an entry behind this one.
    pub fn behind(&self, shape: &Shape, parts: &Written) -> Option<Vec<u8>> {
        let end = line_end(self.text, self.span.end);
        let Lines::Many { indent, outer } = self.lines else { return self.with(end, &self.whole(shape, parts)?) };
        let fields = fields(indent, parts)?;
        let rest = self.text[self.span.end..end].trim_ascii().strip_prefix(b",")?;
        if rest.trim_ascii() == b"{" {
            return self.with(end, &[fields, joint(outer)].concat());
        }
        match self.is_joined() {
            true => self.with(line_start(self.text, self.span.end), &[joint(outer), fields].concat()),
            false => self.with(end, &self.whole(shape, parts)?),
        }
    }

    /// The text with an entry before this one.
    pub fn before(&self, shape: &Shape, parts: &Written) -> Option<Vec<u8>> {
        match self.lines {
            Lines::Many { indent, outer } if self.is_joined() => {
                let new = [fields(indent, parts)?, joint(outer)].concat();
                self.with(line_end(self.text, self.span.start), &new)
            }
            _ => self.with(line_start(self.text, self.span.start), &self.whole(shape, parts)?),
        }
    }

    /// The text with other parts in this entry; `None` if a comment stands in it.
    pub fn instead(&self, shape: &Shape, parts: &Written) -> Option<Vec<u8>> {
        let (place, new) = match self.lines {
            Lines::Many { indent, .. } => {
                let place = line_end(self.text, self.span.start)..line_start(self.text, self.span.end);
                (place, fields(indent, parts)?)
            }
            Lines::Whole(_) => {
                (line_start(self.text, self.span.start)..line_end(self.text, self.span.end), self.whole(shape, parts)?)
            }
        };
        let old = self.text.get(place.clone())?;
        let has_comment = memchr::memmem::find(old, b"/*").is_some() || memchr::memmem::find(old, b"//").is_some();
        if has_comment { None } else { self.replaced(place, &new) }
    }

    /// Whether the entries of tables here are joined: `}, {`.
    fn is_joined(&self) -> bool {
        memchr::memmem::find(self.text, b"}, {").is_some()
    }

    /// An entry on lines of its own.
    fn whole(&self, shape: &Shape, parts: &Written) -> Option<Vec<u8>> {
        let outer = match self.lines {
            Lines::Many { indent, outer } => {
                return Some([outer, b"{\n", &fields(indent, parts)?[..], outer, b"},\n"].concat());
            }
            Lines::Whole(outer) => outer,
        };
        let told = |(place, value): &(Place, Vec<u8>)| match place {
            Place::Field(name) => Some([b".", &name[..], b" = ", value].concat()),
            Place::Value(_) => Some(value.clone()),
            Place::Argument(..) | Place::Word(_) => None,
        };
        let all = parts.iter().map(told).collect::<Option<Vec<_>>>()?.join(&b", "[..]);
        Some(match shape {
            Shape::Braces => [outer, b"{ ", &all[..], b" },\n"].concat(),
            Shape::Call(name) => [outer, name, b"(", &all[..], b"),\n"].concat(),
        })
    }

    /// The text with something in the place of these bytes.
    fn replaced(&self, place: Range<usize>, new: &[u8]) -> Option<Vec<u8>> {
        Some([self.text.get(..place.start)?, new, self.text.get(place.end..)?].concat())
    }

    /// The text with something put in.
    fn with(&self, at: usize, new: &[u8]) -> Option<Vec<u8>> {
        self.replaced(at..at, new)
    }
}

/// Fields, a line each; `None` for what has no designators.
fn fields(indent: &[u8], parts: &Written) -> Option<Vec<u8>> {
    let line = |(place, value): &(Place, Vec<u8>)| match place {
        Place::Field(name) => Some([indent, b".", &name[..], b" = ", value, b",\n"].concat()),
        _ => None,
    };
    parts.iter().map(line).collect::<Option<Vec<_>>>().map(|lines| lines.concat())
}

/// What ends one entry and begins the next.
fn joint(outer: &[u8]) -> Vec<u8> {
    [outer, b"}, {\n"].concat()
}

/// The first byte of a line.
fn line_start(text: &[u8], at: usize) -> usize {
    text[..at].iter().rposition(|c| *c == b'\n').map_or(0, |end| end + 1)
}

/// The first byte behind a line.
fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|c| *c == b'\n').map_or(text.len(), |end| at + end + 1)
}
