//! Who made a patch, when, and what it is about.
//!
//! In: a mail of a patch file. Out: a [`Message`], or the advice to ask `git mailinfo`, which the git room runs: MIME, encodings and
//! continuation lines of real mails are its trade, and it is given [`PatchFile::mail`] as it stands.
//!
//! What this file does by itself is DEP-3 headers and diffs without a header:
//!
//! | wanted | taken from, the first that is there |
//! |---|---|
//! | author | `From:`, `Author:`; else nobody (the caller's own name, said in the report) |
//! | date | `Date:`, `Last-Update:` (a day: midnight UTC); else none (the caller's one date for the run) |
//! | subject | `Subject:` without `[...]` at its start, the first line of `Description:`, the first line of text; else the file's name |
//! | body | the rest of `Description:`, the text, the other header lines of DEP-3 as they are |
//!
//! A subject from a file's name is the name without folders, number and ending, with `-` and `_` as blanks, as quilt and gbp have it.

use super::lines::split;
use super::patch_file::{Mail, PatchFile, field_name};

/// What sort of head a patch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `From:` and `Subject:`: for `git mailinfo`.
    Mail,
    /// Debian's header lines (<https://dep-team.pages.debian.net/deps/dep3/>), or a mail without an author.
    Fields,
    /// Text only, or nothing.
    Bare,
}

/// An author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name, undecoded.
    pub name: Vec<u8>,
    /// The address, without `<>`; may be empty.
    pub email: Vec<u8>,
}

/// What a patch's head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it comes from.
    pub source: Source,
    /// Who made the patch.
    pub author: Option<Person>,
    /// When, in the words of the patch.
    pub date: Option<Vec<u8>>,
    /// One line.
    pub subject: Vec<u8>,
    /// The rest, without blank lines at either end.
    pub body: Vec<u8>,
}

/// A header line with its continuations.
struct Field<'a> {
    name: &'a [u8],
    /// First line and continuations, without line ends, as they stand behind the colon.
    lines: Vec<&'a [u8]>,
    /// All of it, with line ends.
    raw: Vec<u8>,
}

/// Reads the head of a mail.
pub fn message(file: &PatchFile, mail: &Mail) -> Message {
    let fields = fields(file.text(&mail.fields));
    let value = |names: &[&str]| names.iter().find_map(|name| find(&fields, name));
    let author = value(&["From", "Author"]).map(|f| person(&f.joined()));
    let date = value(&["Date", "Last-Update"]).map(Field::joined);
    let text = trimmed(file.text(&mail.message));
    let subject = find(&fields, "Subject").map(|f| without_tags(&f.joined()));
    let source = match (&author, &subject) {
        (Some(_), Some(_)) if find(&fields, "From").is_some() => Source::Mail,
        _ if fields.is_empty() => Source::Bare,
        _ => Source::Fields,
    };
    let described = find(&fields, "Description");
    let (subject, mut body) = match (subject.filter(|s| !s.is_empty()), described) {
        (Some(subject), described) => (subject, joined(&[described.map(Field::described).unwrap_or_default(), text])),
        (None, Some(field)) => (field.first(), joined(&[field.rest(), text])),
        (None, None) => first_line_apart(text),
    };
    body = joined(&[body, kept_fields(&fields)]);
    let subject = if subject.is_empty() { from_name(&file.name) } else { subject };
    Message { source, author, date, subject, body }
}

impl Field<'_> {
    /// The value as one line.
    fn joined(&self) -> Vec<u8> {
        let lines: Vec<&[u8]> = self.lines.iter().map(|l| l.trim_ascii()).filter(|l| !l.is_empty()).collect();
        lines.join(&b' ')
    }

    /// The value's first line.
    fn first(&self) -> Vec<u8> {
        self.lines.iter().map(|l| l.trim_ascii()).find(|l| !l.is_empty()).unwrap_or_default().to_vec()
    }

    /// The value's lines, one blank less, `.` for an empty line.
    fn described(&self) -> Vec<u8> {
        self.text(0)
    }

    /// The same without the first line.
    fn rest(&self) -> Vec<u8> {
        let first = self.lines.iter().position(|l| !l.trim_ascii().is_empty()).map_or(0, |n| n + 1);
        self.text(first)
    }

    fn text(&self, from: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for line in self.lines.iter().skip(from) {
            let line = line.strip_prefix(b" ").unwrap_or(line).trim_ascii_end();
            out.extend(if line == b"." { b"" } else { line });
            out.push(b'\n');
        }
        trimmed(&out)
    }
}

/// Cuts header lines apart.
fn fields(text: &[u8]) -> Vec<Field<'_>> {
    let mut found: Vec<Field<'_>> = Vec::new();
    for line in split(text) {
        let bare = super::lines::bare(line);
        match (field_name(bare), found.last_mut()) {
            (_, Some(last)) if matches!(bare, [b' ' | b'\t', ..]) => {
                last.lines.push(bare);
                last.raw.extend(line);
            }
            (Some(name), _) => found.push(Field { name, lines: vec![&bare[name.len() + 1..]], raw: line.to_vec() }),
            (None, _) => {}
        }
    }
    found
}

/// The first field of a name.
fn find<'a, 'b>(fields: &'b [Field<'a>], name: &str) -> Option<&'b Field<'a>> {
    fields.iter().find(|f| f.name.eq_ignore_ascii_case(name.as_bytes()))
}

/// The header lines that are neither the commit's own nor a mail's machinery, as they are: `Origin:`, `Forwarded:`, `Bug-Debian:`.
fn kept_fields(fields: &[Field<'_>]) -> Vec<u8> {
    const DROPPED: [&str; 14] = [
        "From",
        "Author",
        "Date",
        "Subject",
        "Description",
        "Last-Update",
        "To",
        "Cc",
        "Message-Id",
        "In-Reply-To",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Return-Path",
    ];
    let kept = fields.iter().filter(|f| !DROPPED.iter().any(|name| f.name.eq_ignore_ascii_case(name.as_bytes())));
    kept.flat_map(|f| f.raw.clone()).collect()
}

/// `Name <address>`, or either alone.
fn person(text: &[u8]) -> Person {
    let trim = |text: &[u8]| {
        let text = text.trim_ascii();
        text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")).unwrap_or(text).to_vec()
    };
    let open = memchr::memchr(b'<', text);
    let close = open.and_then(|open| memchr::memchr(b'>', &text[open..]).map(|n| open + n));
    match (open, close) {
        (Some(open), Some(close)) => {
            Person { name: trim(&text[..open]), email: text[open + 1..close].trim_ascii().to_vec() }
        }
        _ if text.contains(&b'@') => Person { name: trim(text), email: trim(text) },
        _ => Person { name: trim(text), email: Vec::new() },
    }
}

/// A subject without `[PATCH 1/2]` and the like at its start.
fn without_tags(subject: &[u8]) -> Vec<u8> {
    let mut rest = subject.trim_ascii();
    while let Some(close) = rest.strip_prefix(b"[").and_then(|r| memchr::memchr(b']', r)) {
        rest = rest[close + 2..].trim_ascii_start();
    }
    rest.to_vec()
}

/// The first line of a text, and the rest.
fn first_line_apart(text: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let end = memchr::memchr(b'\n', &text).unwrap_or(text.len());
    let first = without_tags(&text[..end]);
    // `Index: x` or a row of signs says nothing.
    let tells = first.iter().filter(|b| b.is_ascii_alphabetic()).count() >= 3;
    if tells { (first, trimmed(&text[end..])) } else { (Vec::new(), text) }
}

/// A subject from a file's name: `debian/0012-arm-fix_x.patch` is `arm fix x`.
fn from_name(name: &[u8]) -> Vec<u8> {
    let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
    let base = [b".patch".as_slice(), b".diff"].iter().find_map(|end| base.strip_suffix(*end)).unwrap_or(base);
    let digits = base.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = base[digits..].strip_prefix(b"-").or(base[digits..].strip_prefix(b"_")).filter(|_| digits > 0);
    let words = rest.filter(|r| !r.is_empty()).unwrap_or(base);
    words.iter().map(|&b| if matches!(b, b'-' | b'_') { b' ' } else { b }).collect()
}

/// A text without blank lines at either end, with one line end.
fn trimmed(text: &[u8]) -> Vec<u8> {
    let start = text.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(text.len());
    let start = memchr::memrchr(b'\n', &text[..start]).map_or(0, |n| n + 1);
    let mut out = text[start..].trim_ascii_end().to_vec();
    if !out.is_empty() {
        out.push(b'\n');
    }
    out
}

/// Texts with a blank line between them.
fn joined(texts: &[Vec<u8>]) -> Vec<u8> {
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).filter(|t| !t.is_empty()).collect();
    texts.join(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::Entry;

    fn read(name: &str, head: &str) -> Message {
        let text = format!("{head}--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
        let file = PatchFile::read(Entry::plain(name.as_bytes()), text.into_bytes());
        message(&file, &file.mails[0])
    }

    #[test]
    fn dep3_headers_make_a_message() {
        let found = read(
            "x.patch",
            "Description: arm: fix x\n Why it is\n .\n needed\nAuthor: A B <a@b>\nForwarded: no\nLast-Update: 2022-01-02\n\n",
        );
        assert_eq!(found.source, Source::Fields);
        assert_eq!(
            (found.subject.as_slice(), found.body.as_slice()),
            (b"arm: fix x".as_slice(), b"Why it is\n\nneeded\n\nForwarded: no\n".as_slice())
        );
        assert_eq!(found.author.expect("it is there"), Person { name: b"A B".to_vec(), email: b"a@b".to_vec() });
        assert_eq!(found.date.as_deref(), Some(b"2022-01-02".as_slice()));
    }

    #[test]
    fn a_mail_is_left_to_mailinfo_but_can_be_read() {
        let found = read("x.patch", "From: A <a@b>\nSubject: [PATCH 1/2] [RFC] net:\n fix y\n\nBody\n---\n stat\n");
        assert_eq!(
            (found.source, found.subject.as_slice(), found.body.as_slice()),
            (Source::Mail, b"net: fix y".as_slice(), b"Body\n".as_slice())
        );
    }

    #[test]
    fn without_a_header_text_and_name_speak() {
        let found = read("x.patch", "Make it build\n\nsince it does not\n");
        assert_eq!(
            (found.source, found.subject.as_slice(), found.body.as_slice()),
            (Source::Bare, b"Make it build".as_slice(), b"since it does not\n".as_slice())
        );
        for (name, subject) in
            [("arm/0012-fix_the-thing.patch", "fix the thing"), ("123.patch", "123"), ("v2.diff", "v2")]
        {
            assert_eq!(read(name, "").subject, subject.as_bytes(), "{name}");
        }
    }
}
