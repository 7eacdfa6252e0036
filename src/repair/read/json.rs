//! Records of a JSON text with the line that each begins in. In: the text, and the way to the records. Out: their bytes.
//!
//! A record that is wrong is then refused alone, with its line; serde knows neither once it has read the whole.
//!
//! ```text
//!   {"runs": [ {"results": [ {..}, {..} ]} ]}        way: runs, *, results, *
//!                            ^^^^  ^^^^              each with its line, and the place of the run that it is of
//! ```

use super::Problem;

/// A step from a value to one inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of this key.
    Key(&'static [u8]),
    /// Any element of an array.
    Each,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The line that it begins in, from 1.
    pub line: usize,
    /// Which element of the outermost array on its way it is of, from 0.
    pub run: usize,
    /// Its text.
    pub raw: &'a [u8],
}

/// An open bracket.
struct Open<'a> {
    /// `{`: the key at hand; `[`: none.
    key: Option<&'a [u8]>,
    /// `[`: which element is at hand, from 0.
    at: usize,
    is_array: bool,
    /// Where it opened, if it is a record.
    record: Option<(usize, usize)>,
}

/// All objects at the end of a way through the values of a text; several values may follow each other.
///
/// # Errors
/// Brackets do not match. What was found before that is lost.
pub fn elements<'a>(text: &'a [u8], way: &[Step]) -> Result<Vec<Element<'a>>, Problem> {
    let mut found = Vec::new();
    let mut open: Vec<Open<'a>> = Vec::new();
    let (mut at, mut line) = (0, 1);
    let mut word: &[u8] = b"";
    while let Some(byte) = text.get(at) {
        match byte {
            b'\n' => line += 1,
            b'"' => {
                let end = string_end(text, at).ok_or_else(|| Problem::new(line, "a string has no end"))?;
                word = &text[at + 1..end - 1];
                line += word.iter().filter(|c| **c == b'\n').count();
                at = end;
                continue;
            }
            b':' => {
                if let Some(inner) = open.last_mut() {
                    inner.key = Some(word);
                }
            }
            b',' => {
                if let Some(inner) = open.last_mut() {
                    inner.at += 1;
                }
            }
            b'{' | b'[' => {
                let record = (*byte == b'{' && is_way(&open, way)).then_some((at, line));
                open.push(Open { key: None, at: 0, is_array: *byte == b'[', record });
            }
            b'}' | b']' => {
                let inner = open.pop().filter(|inner| inner.is_array == (*byte == b']'));
                let inner = inner.ok_or_else(|| Problem::new(line, "a bracket does not match"))?;
                if let Some((start, line)) = inner.record {
                    let run = open.iter().find(|o| o.is_array).map_or(0, |o| o.at);
                    found.push(Element { line, run, raw: &text[start..=at] });
                }
            }
            _ => {}
        }
        at += 1;
    }
    match open.is_empty() {
        true => Ok(found),
        false => Err(Problem::new(line, "the text ends before its last bracket")),
    }
}

/// Do the open brackets lead along the way?
fn is_way(open: &[Open<'_>], way: &[Step]) -> bool {
    let step = |(inner, step): (&Open<'_>, &Step)| match step {
        Step::Key(key) => !inner.is_array && inner.key == Some(key),
        Step::Each => inner.is_array,
    };
    open.len() == way.len() && open.iter().zip(way).all(step)
}

/// Behind the quote that ends a string which begins here.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
