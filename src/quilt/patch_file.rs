//! A patch file: one mail or several, or a bare diff, every byte of it in its place.
//!
//! ```text
//!   PatchFile.bytes = mail | mail | ...        mail.whole = head | section | section | ... | tail
//!   head: `From <id> <date>`, header lines, message, `---`, diffstat      tail: `-- `, the version of git, blank lines
//! ```

use super::lines::Lines;
use super::series::Entry;
use super::unified::{self, Section};
use std::ops::Range;

/// One mail, or what stands in for one: a diff with any header, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its bytes in the patch file.
    pub whole: Range<usize>,
    /// Those before the diff.
    pub head: Range<usize>,
    /// In `head`: the mbox line `From <id> <date>`, or nothing.
    pub envelope: Range<usize>,
    /// In `head`: `Name: value` lines up to the first blank line, or nothing.
    pub fields: Range<usize>,
    /// In `head`: the text behind them, up to `---`.
    pub message: Range<usize>,
    /// In `head`: from `---` on, with the diffstat.
    pub notes: Range<usize>,
    /// The diff, file by file.
    pub sections: Vec<Section>,
    /// What stands behind it.
    pub tail: Range<usize>,
}

/// A patch file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchFile {
    /// Its name as the series has it, or its path below the directory.
    pub name: Vec<u8>,
    /// All of it.
    pub bytes: Vec<u8>,
    /// How it is applied.
    pub entry: Entry,
    /// Its mails, in order; at least one.
    pub mails: Vec<Mail>,
}

impl PatchFile {
    /// Reads a patch file.
    pub fn read(entry: Entry, bytes: Vec<u8>) -> Self {
        let lines = Lines::new(&bytes);
        let mut starts: Vec<usize> = (0..lines.count()).filter(|&n| starts_mail(&lines, n)).collect();
        // Text before the first mail is the first mail's.
        match starts.first_mut() {
            Some(first) => *first = 0,
            None => starts.push(0),
        }
        let ends = starts.iter().skip(1).copied().chain([lines.count()]);
        let mails = starts.iter().zip(ends).map(|(&from, to)| mail(&lines, from, to)).collect();
        Self { name: entry.name.clone(), entry, mails, bytes }
    }

    /// Some of its bytes.
    pub fn text(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// The bytes as `git mailinfo` takes them: one mail, with its header and its diff.
    pub fn mail(&self, mail: &Mail) -> &[u8] {
        self.text(&mail.whole)
    }

    /// Its sections, of all mails.
    pub fn sections(&self) -> impl Iterator<Item = &Section> {
        self.mails.iter().flat_map(|mail| &mail.sections)
    }
}

/// Does a mail of an mbox start here? As `git mailsplit` has it, a line `From ... 17:00:00 2001`; and a header line follows.
fn starts_mail(lines: &Lines<'_>, n: usize) -> bool {
    is_envelope(lines.bare(n)) && field_name(lines.bare(n + 1)).is_some()
}

/// Is it `From <anything> hh:mm:ss yyyy`?
fn is_envelope(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let year = rest.trim_ascii_end().rsplit(|&b| b == b' ').next().unwrap_or_default();
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let zone = year.len() == 5 && digits(&year[1..]);
    let time = memchr::memrchr(b':', rest).is_some_and(|colon| {
        let before = colon.checked_sub(2).map(|from| &rest[from..colon]);
        before.is_some_and(digits) && rest.get(colon + 1..colon + 3).is_some_and(digits)
    });
    time && (zone || (year.len() == 4 && digits(year)))
}

/// The name of a header line.
pub(super) fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = &line[..colon];
    let good = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'_';
    (!name.is_empty() && name.iter().all(good)).then_some(name)
}

/// Takes the mail in some lines apart.
fn mail(lines: &Lines<'_>, from: usize, to: usize) -> Mail {
    let sections = unified::sections(lines, from, to);
    let end = lines.at(to);
    let diff = sections.first().map_or(end, |s| s.whole.start);
    let behind = sections.last().map_or(end, |s| s.whole.end);
    let head_end = (from..to).find(|&n| lines.at(n) >= diff).unwrap_or(to);
    let top = from + usize::from(from < head_end && is_envelope(lines.bare(from)));
    let fields = fields_end(lines, top, head_end);
    let dashes = (fields..head_end).find(|&n| lines.bare(n).trim_ascii_end() == b"---").unwrap_or(head_end);
    Mail {
        whole: lines.span(from..to),
        head: lines.at(from)..diff,
        envelope: lines.span(from..top),
        fields: lines.span(top..fields),
        message: lines.span(fields..dashes),
        notes: lines.at(dashes)..diff,
        sections,
        tail: behind..end,
    }
}

/// Where the header lines end: at the first line that is neither `Name: value` nor the continuation of one.
///
/// A text whose first line is a sentence with a colon is none: `Note: this is ...` alone makes no header, so at least one of the names
/// that mails and DEP-3 have must be there.
fn fields_end(lines: &Lines<'_>, from: usize, to: usize) -> usize {
    let mut known = false;
    let mut at = from;
    while at < to {
        let line = lines.bare(at);
        let continues = at > from && matches!(line, [b' ' | b'\t', ..]);
        match field_name(line) {
            Some(name) => known |= is_known(name),
            None if continues => {}
            None => break,
        }
        at += 1;
    }
    if known { at } else { from }
}

/// Header names of mails (RFC 5322) and of DEP-3.
fn is_known(name: &[u8]) -> bool {
    const NAMES: [&str; 16] = [
        "From",
        "Date",
        "Subject",
        "Author",
        "Description",
        "Origin",
        "Forwarded",
        "Bug",
        "Last-Update",
        "Applied-Upstream",
        "Reviewed-by",
        "Message-Id",
        "Patch-mainline",
        "Git-commit",
        "References",
        "Upstream-Status",
    ];
    let debian = name.len() > 4 && name[..4].eq_ignore_ascii_case(b"Bug-");
    debian || NAMES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PatchFile {
        PatchFile::read(Entry::plain(b"x.patch"), text.as_bytes().to_vec())
    }

    /// All ranges of a file in order.
    fn tiles(file: &PatchFile) -> Vec<Range<usize>> {
        let of_mail = |m: &Mail| {
            let head = [m.envelope.clone(), m.fields.clone(), m.message.clone(), m.notes.clone()];
            let sections = m.sections.iter().map(|s| s.whole.clone());
            head.into_iter().chain(sections).chain([m.tail.clone()]).collect::<Vec<_>>()
        };
        file.mails.iter().flat_map(of_mail).collect()
    }

    const DIFF: &str = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";

    #[test]
    fn every_byte_belongs_to_one_part() {
        let id = "0123456789012345678901234567890123456789";
        let one = format!(
            "From {id} Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH] x:\n y\n\nText\n---\n x | 2 +-\n\n{DIFF}-- \n2.39\n\n"
        );
        for text in
            [one.clone(), format!("{one}{one}"), DIFF.to_owned(), format!("Just text.\n\n{DIFF}"), String::new()]
        {
            let file = read(&text);
            let mut at = 0;
            for tile in tiles(&file) {
                assert_eq!(tile.start, at);
                at = tile.end;
            }
            assert_eq!(at, text.len());
        }
    }

    #[test]
    fn several_mails_in_a_file_are_told_apart() {
        let mail = format!("From 1234 Mon Sep 17 00:00:00 2001\nSubject: x\n\n{DIFF}-- \n2\n\n");
        let file = read(&format!("{mail}{mail}{mail}"));
        assert_eq!(file.mails.len(), 3);
        assert!(file.mails.iter().all(|m| file.mail(m) == mail.as_bytes() && m.sections.len() == 1));
        assert_eq!(read(&format!("Text\nFrom here on 10:00:00 2001\n\n{DIFF}")).mails.len(), 1);
    }

    #[test]
    fn header_message_and_notes_are_told_apart() {
        let file = read(&format!("Description: x\n y\nAuthor: me\n\nMore\n---\nstat\n{DIFF}tail\n"));
        let mail = &file.mails[0];
        let texts = [&mail.fields, &mail.message, &mail.notes, &mail.tail]
            .map(|r| std::str::from_utf8(file.text(r)).expect("it is there"));
        assert_eq!(texts, ["Description: x\n y\nAuthor: me\n", "\nMore\n", "---\nstat\n", "tail\n"]);
    }

    #[test]
    fn a_sentence_with_a_colon_is_no_header() {
        let file = read(&format!("Note: this is old\n\n{DIFF}"));
        assert!(file.mails[0].fields.is_empty());
    }
}
