//! The lines of an answer as bytes of the file.
//!
//! What models do to lines on the way is undone: numbers in front of them as in the prompt, tabs that became spaces, bytes that could not be
//! shown, other line ends.

use super::super::brief::Brief;
use super::super::edits::Edit;
use super::super::refusal::{Refusal, Why};
use super::super::shown::{HIDDEN, Originals};
use super::Raw;
use bstr::ByteSlice;

/// Spaces that were a tab.
const TAB: &str = "        ";

/// The edits with their lines as bytes.
pub fn edits(raws: Vec<Raw>, brief: &Brief) -> Result<Vec<Edit>, Refusal> {
    let writer = Writer::new(brief);
    raws.into_iter().map(|raw| Ok(Edit { text: writer.bytes(&raw.lines)?, at: raw.at })).collect()
}

/// Knows how lines of the file are written.
pub struct Writer<'b> {
    originals: Originals<'b>,
    /// How a line ends.
    pub end: &'static [u8],
    /// No line of the file begins with eight spaces.
    has_tabs: bool,
}

impl<'b> Writer<'b> {
    /// For answers to a brief.
    pub fn new(brief: &'b Brief) -> Self {
        let sides = brief.sides.as_ref().map(|side| side.text.as_slice());
        let regions = brief.regions().map(|region| region.text.as_slice());
        let texts: Vec<&[u8]> = regions.chain([sides.theirs, sides.base]).collect();
        let model = if sides.ours.is_empty() { sides.theirs } else { sides.ours };
        let crlf = model.lines_with_terminator().filter(|line| line.ends_with(b"\r\n")).count();
        let end: &[u8] = if 2 * crlf > model.lines().count() { b"\r\n" } else { b"\n" };
        let begins = |start: &str| texts.iter().any(|text| text.lines().any(|line| line.starts_with(start.as_bytes())));
        Self { originals: Originals::of(&texts), end, has_tabs: begins("\t") && !begins(TAB) }
    }

    /// Lines as they came, as bytes with line ends.
    pub fn bytes(&self, lines: &[String]) -> Result<Vec<u8>, Refusal> {
        let numbered = !lines.is_empty() && lines.iter().all(|line| number(line).is_some());
        let mut text = Vec::new();
        for line in lines {
            let line = if numbered { number(line).unwrap_or(line) } else { line };
            text.extend(self.line(line)?);
            text.extend_from_slice(self.end);
        }
        Ok(text)
    }

    /// One line, without its end.
    pub fn line(&self, line: &str) -> Result<Vec<u8>, Refusal> {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let tabbed = if self.has_tabs { tabbed(line) } else { line.to_owned() };
        self.originals.bytes(&tabbed).ok_or_else(|| {
            let said = format!(
                "a new line has the character {HIDDEN} in it, which stands for something that cannot be shown; leave the lines that have it \
                 out of the edits, and write new lines without it"
            );
            Refusal::new(Why::Unshowable, said)
        })
    }
}

/// A line without the number in front of it: `812|code`.
pub fn number(line: &str) -> Option<&str> {
    let (digits, rest) = line.split_once('|')?;
    let digits = digits.trim();
    (!digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())).then_some(rest)
}

/// Eight spaces at the beginning are a tab, as often as they come.
fn tabbed(line: &str) -> String {
    let mut rest = line;
    let mut tabs = 0;
    loop {
        if let Some(less) = rest.strip_prefix(TAB) {
            rest = less;
            tabs += 1;
        } else if let Some(less) = rest.strip_prefix('\t') {
            rest = less;
            tabs += 1;
        } else {
            return format!("{}{rest}", "\t".repeat(tabs));
        }
    }
}
