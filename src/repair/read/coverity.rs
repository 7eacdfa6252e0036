//! Records of fields and sections, as Coverity's findings are told in text. In: such a text. Out: [`Record`]s that print as they
//! were read, byte for byte, and what each says.
//!
//! ```text
//!   CID: 12                <- a record begins; fields, "Key: value"
//!   File: drivers/x.c
//!   Line: 7
//!                          <- a blank line ends the fields
//!   Issue:                 <- a section: a key without a value, and the text below it
//!   Unbounded sprintf ...
//!
//!   Description:
//!   The function ...
//!
//!   Use snprintf instead   <- a last paragraph of one line: what to do
//! ```

use super::{Problem, Report};
use crate::run::{Diagnostic, Severity};

/// The field that begins a record.
const FIRST: &str = "CID";
/// Section titles.
const SECTIONS: [&str; 2] = ["Issue", "Description"];

/// One piece of a record, with the bytes that it was written with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// `key`, what stands between it and the value, the value, the end of the line.
    Field { key: Vec<u8>, gap: Vec<u8>, value: Vec<u8>, end: Vec<u8> },
    /// The title line of a section, and all lines below it.
    Section { title: Vec<u8>, head: Vec<u8>, body: Vec<u8> },
    /// A blank line among the fields.
    Blank(Vec<u8>),
    /// A line that is none of those.
    Odd(Vec<u8>),
}

/// A record as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its first line, from 1.
    pub line: usize,
    pieces: Vec<Piece>,
}

/// A text of records: what stands before the first, and the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    before: Vec<u8>,
    /// In order.
    pub records: Vec<Record>,
}

impl Records {
    /// Cuts a text into records.
    pub fn parse(text: &[u8]) -> Self {
        let mut records = Self { before: Vec::new(), records: Vec::new() };
        for (at, line) in text.split_inclusive(|c| *c == b'\n').enumerate() {
            let begins = field(line).is_some_and(|(key, ..)| key == FIRST.as_bytes());
            if begins {
                records.records.push(Record { line: at + 1, pieces: Vec::new() });
            }
            match records.records.last_mut() {
                Some(record) => record.take(line),
                None => records.before.extend_from_slice(line),
            }
        }
        records
    }

    /// The text that they were read from.
    pub fn text(&self) -> Vec<u8> {
        let mut text = self.before.clone();
        self.records.iter().for_each(|record| text.extend(record.text()));
        text
    }
}

impl Record {
    fn take(&mut self, line: &[u8]) {
        let bare = line.trim_ascii();
        let title = SECTIONS.iter().find(|s| bare.strip_suffix(b":") == Some(s.as_bytes()));
        if let Some(title) = title {
            let title = title.as_bytes().to_vec();
            self.pieces.push(Piece::Section { title, head: line.to_vec(), body: Vec::new() });
            return;
        }
        if let Some(Piece::Section { body, .. }) = self.pieces.last_mut() {
            body.extend_from_slice(line);
            return;
        }
        self.pieces.push(match field(line) {
            _ if bare.is_empty() => Piece::Blank(line.to_vec()),
            Some((key, gap, value, end)) => {
                Piece::Field { key: key.to_vec(), gap: gap.to_vec(), value: value.to_vec(), end: end.to_vec() }
            }
            None => Piece::Odd(line.to_vec()),
        });
    }

    /// The text that it was read from.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Field { key, gap, value, end } => {
                    [key, gap, value, end].iter().for_each(|part| text.extend_from_slice(part));
                }
                Piece::Section { head, body, .. } => [head, body].iter().for_each(|part| text.extend_from_slice(part)),
                Piece::Blank(line) | Piece::Odd(line) => text.extend_from_slice(line),
            }
        }
        text
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields().find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| text_of(value))
    }

    fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field { key, value, .. } => Some((key.as_slice(), value.as_slice())),
            _ => None,
        })
    }

    /// The text of a section, without blank lines around it.
    pub fn section(&self, name: &str) -> Option<String> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Section { title, body, .. } if title == name.as_bytes() => Some(text_of(body).trim().to_owned()),
            _ => None,
        })
    }

    /// What it says.
    ///
    /// # Errors
    /// A field that every record has is missing, there twice, or no number; or a line is neither field nor section.
    pub fn diagnostic(&self) -> Result<Diagnostic, Problem> {
        self.refuse_odd_lines()?;
        let needed = |name: &str| {
            let value = self.field(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| Problem::new(self.line, format!("the record has no {name}")))
        };
        let cid = needed(FIRST)?;
        let line = needed("Line")?;
        let at = self.line_of("Line");
        let line = line.parse().map_err(|_| Problem::new(at, format!("'{line}' is no line number")))?;
        let (issue, description) = (self.section("Issue"), self.section("Description"));
        let message = issue.or_else(|| description.clone()).or_else(|| self.field("Type"));
        let message = message.ok_or_else(|| Problem::new(self.line, "the record says nothing: it has no Issue"))?;
        let mut told = Diagnostic::new("coverity", severity(self.field("Severity").as_deref()), message);
        told.kind = self.field("Category").or_else(|| self.field("Type"));
        told.file = Some(needed("File")?);
        told.line = Some(line);
        told.function = self.field("Function").filter(|name| !name.is_empty());
        told.suggestion = description.as_deref().and_then(advice);
        told.notes.push(crate::merge::Evidence::new(format!("CID {cid}")));
        told.notes.extend(description.map(crate::merge::Evidence::new));
        told.raw = text_of(&self.text());
        Ok(told)
    }

    fn refuse_odd_lines(&self) -> Result<(), Problem> {
        let mut seen: Vec<&[u8]> = Vec::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            let line = self.line + at;
            match piece {
                Piece::Odd(text) => {
                    return Err(Problem::new(line, format!("'{}' is neither field nor section", text_of(text).trim())));
                }
                Piece::Field { key, .. } if seen.contains(&key.as_slice()) => {
                    return Err(Problem::new(line, format!("{} is there twice", text_of(key))));
                }
                Piece::Field { key, .. } => seen.push(key),
                Piece::Section { .. } => break,
                Piece::Blank(_) => {}
            }
        }
        Ok(())
    }

    /// The line of a field, from 1: all pieces before the first section are one line each.
    fn line_of(&self, name: &str) -> usize {
        let is_it = |piece: &Piece| matches!(piece, Piece::Field { key, .. } if key == name.as_bytes());
        self.line + self.pieces.iter().position(is_it).unwrap_or(0)
    }
}

/// A line taken apart: key, what follows it, value, end of the line.
type Parts<'a> = (&'a [u8], &'a [u8], &'a [u8], &'a [u8]);

/// The parts of a field's line.
fn field(line: &[u8]) -> Option<Parts<'_>> {
    let bare = line.trim_ascii_end();
    let colon = bare.iter().position(|c| *c == b':')?;
    let is_key = |c: &u8| c.is_ascii_alphabetic() || *c == b' ' || *c == b'_';
    let key = bare.get(..colon).filter(|key| key.first().is_some_and(u8::is_ascii_alphabetic))?;
    if !key.iter().all(is_key) {
        return None;
    }
    let rest = &bare[colon..];
    let gap = 1 + rest[1..].iter().take_while(|c| c.is_ascii_whitespace()).count();
    Some((key, &rest[..gap], &rest[gap..], &line[bare.len()..]))
}

/// The last paragraph of several, if it is one line: what to do.
fn advice(description: &str) -> Option<String> {
    let text = description.replace("\r\n", "\n");
    let (_, last) = text.trim_end().rsplit_once("\n\n")?;
    (!last.contains('\n') && !last.is_empty()).then(|| last.trim().to_owned())
}

fn severity(word: Option<&str>) -> Severity {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("high" | "critical" | "very high") => Severity::Error,
        Some("low" | "minor") => Severity::Note,
        _ => Severity::Warning,
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads all records of a text.
pub(super) fn read(text: &[u8]) -> Report {
    let records = Records::parse(text);
    let mut report = Report::default();
    if records.records.is_empty() {
        report.problems.push(Problem::new(1, "there is no record: none begins with a CID"));
    }
    records.records.iter().for_each(|record| report.take(record.diagnostic()));
    report
}
