//! A commit as it is stored: read without re-encoding, written with everything but tree, parent and committer byte for byte.

use super::object::{Bytes, Oid, parse_id};
use bstr::{BStr, ByteSlice};
use git2::ObjectFormat;
use std::borrow::Cow;
use std::ops::Range;

/// One commit of a series or of upstream.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its name.
    pub id: Oid,
    /// Its tree.
    pub tree: Oid,
    /// Its parents.
    pub parents: Vec<Oid>,
    raw: Bytes,
    author: Range<usize>,
    message: Range<usize>,
}

/// Headers that sign the commit as it was; they would be false on the carried one.
const SIGNATURES: [&[u8]; 3] = [b"gpgsig ", b"gpgsig-sha256 ", b"mergetag "];

impl Commit {
    /// Reads a commit object; `None` if it is malformed.
    pub fn parse(id: Oid, raw: Bytes, format: ObjectFormat) -> Option<Self> {
        let mut commit =
            Self { id, tree: id, parents: Vec::new(), author: 0..0, message: raw.len()..raw.len(), raw: raw.clone() };
        let mut at = 0;
        let mut has_tree = false;
        for line in raw.lines_with_terminator() {
            let start = at;
            at += line.len();
            let line = line.trim_end_with(|c| c == '\n');
            if line.is_empty() {
                commit.message = at..raw.len();
                break;
            }
            if let Some(hex) = line.strip_prefix(b"tree ") {
                commit.tree = parse_id(hex, format)?;
                has_tree = true;
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                commit.parents.push(parse_id(hex, format)?);
            } else if line.starts_with(b"author ") {
                commit.author = start + 7..start + line.len();
            }
        }
        has_tree.then_some(commit)
    }

    /// `Name <mail> seconds zone`, as stored.
    pub fn author(&self) -> &BStr {
        self.raw[self.author.clone()].as_bstr()
    }

    /// Who committed it: `Name <mail> seconds zone`, as stored.
    pub fn committer(&self) -> &BStr {
        self.header(b"committer ").unwrap_or_default().as_bstr()
    }

    /// The encoding that it says its texts have.
    pub fn encoding(&self) -> Option<&[u8]> {
        self.header(b"encoding ")
    }

    fn header(&self, key: &[u8]) -> Option<&[u8]> {
        self.raw[..self.message.start].lines().find_map(|line| line.strip_prefix(key))
    }

    /// `Name <mail>`.
    pub fn author_name_and_mail(&self) -> &BStr {
        let author = self.author();
        let end = author.rfind_byte(b'>').map_or(author.len(), |i| i + 1);
        author[..end].as_bstr()
    }

    /// The message, as stored.
    pub fn message(&self) -> &BStr {
        self.raw[self.message.clone()].as_bstr()
    }

    /// The first paragraph of the message on one line, as bytes.
    pub fn subject_bytes(&self) -> Vec<u8> {
        let paragraph = self
            .message()
            .lines()
            .map(ByteSlice::trim)
            .skip_while(|line| line.is_empty())
            .take_while(|line| !line.is_empty());
        bstr::join(b" ", paragraph)
    }

    /// The subject as text, from the encoding that the commit says it has; bytes that are no text of it are replaced. It may have what
    /// would steer a terminal.
    pub fn subject(&self) -> String {
        let bytes = self.subject_bytes();
        match self.encoding().and_then(encoding_rs::Encoding::for_label) {
            Some(encoding) => encoding.decode_without_bom_handling(&bytes).0.into_owned(),
            None => bytes.to_str_lossy().into_owned(),
        }
    }

    /// The commit object that carries this commit onto `parent`.
    pub fn carried(&self, tree: Oid, parent: Option<Oid>, committer: &[u8]) -> Vec<u8> {
        self.carried_saying(tree, parent, committer, self.message())
    }

    /// Text of ours in the encoding that the commit says it has.
    pub fn in_its_encoding<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        in_encoding(text, &self.raw[..self.message.start])
    }

    /// The same with another message.
    pub fn carried_saying(&self, tree: Oid, parent: Option<Oid>, committer: &[u8], message: &[u8]) -> Vec<u8> {
        let mut out = format!("tree {tree}\n").into_bytes();
        if let Some(parent) = parent {
            out.extend_from_slice(format!("parent {parent}\n").as_bytes());
        }
        let headers = &self.raw[..self.message.start];
        let committer = in_encoding(committer, headers);
        let mut dropping = false;
        for line in headers.lines_with_terminator() {
            let continued = line.starts_with(b" ");
            let replaced = line.starts_with(b"tree ") || line.starts_with(b"parent ");
            dropping =
                (continued && dropping) || (!continued && (replaced || SIGNATURES.iter().any(|s| line.starts_with(s))));
            if dropping {
                continue;
            }
            if line.starts_with(b"committer ") {
                out.extend_from_slice(b"committer ");
                out.extend_from_slice(&committer);
                out.push(b'\n');
            } else {
                out.extend_from_slice(line);
            }
        }
        out.extend_from_slice(message);
        out
    }

    /// Was the commit signed? Its signature cannot be carried.
    pub fn is_signed(&self) -> bool {
        let headers = &self.raw[..self.message.start];
        let mut lines = headers.lines();
        lines.any(|line| SIGNATURES.iter().any(|s| line.starts_with(s)))
    }
}

/// The committer in the encoding that the commit says it has; as it is where that encoding is unknown or lacks a letter.
fn in_encoding<'a>(committer: &'a [u8], headers: &[u8]) -> Cow<'a, [u8]> {
    let named = headers.lines().find_map(|line| line.strip_prefix(b"encoding "));
    let encoding = named.and_then(encoding_rs::Encoding::for_label);
    match (encoding, committer.to_str()) {
        (Some(encoding), Ok(text)) => match encoding.encode(text) {
            (bytes, _, false) => Cow::Owned(bytes.into_owned()),
            (_, _, true) => Cow::Borrowed(committer),
        },
        _ => Cow::Borrowed(committer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
parent 1111111111111111111111111111111111111111\n\
author J\xf6rg <j@x> 1 +0100\ncommitter C <c@x> 2 +0000\nencoding ISO-8859-1\n\
gpgsig -----BEGIN\n abc\n -----END\nx-extra kept\n\nsub\nject\n\nbody\n";

    fn id(c: char) -> Oid {
        Oid::from_str_ext(&String::from(c).repeat(40), ObjectFormat::Sha1).expect("hex")
    }

    #[test]
    fn a_subject_is_read_in_the_encoding_of_its_commit() {
        let saying = |encoding: &str, subject: &[u8]| {
            let raw = RAW.replace("encoding ISO-8859-1\n", encoding).replace("sub\nject", subject);
            Commit::parse(id('a'), raw.as_slice().into(), ObjectFormat::Sha1).expect("well-formed").subject()
        };
        assert_eq!(saying("encoding ISO-8859-1\n", b"Gr\xfc\xdfe\rvon hier"), "Gr\u{fc}\u{df}e\rvon hier");
        assert_eq!(saying("encoding nobody knows\n", b"Gr\xfcn"), "Gr\u{fffd}n");
        assert_eq!(saying("", "Gr\u{fc}n".as_bytes()), "Gr\u{fc}n");
    }

    #[test]
    fn a_carried_commit_keeps_author_encoding_extra_headers_and_message() {
        let commit = Commit::parse(id('a'), RAW.into(), ObjectFormat::Sha1).expect("well-formed");
        assert_eq!(commit.subject(), "sub ject");
        assert!(commit.is_signed());
        let out = commit.carried(id('b'), Some(id('c')), b"New <n@x> 3 +0000");
        let expected = [
            format!("tree {}\nparent {}\n", id('b'), id('c')).as_bytes(),
            b"author J\xf6rg <j@x> 1 +0100\ncommitter New <n@x> 3 +0000\nencoding ISO-8859-1\n",
            b"x-extra kept\n\nsub\nject\n\nbody\n",
        ]
        .concat();
        assert_eq!(out.as_bstr(), expected.as_bstr());
    }

    #[test]
    fn the_committer_is_written_in_the_encoding_that_the_commit_says_it_has() {
        let commit = Commit::parse(id('a'), RAW.into(), ObjectFormat::Sha1).expect("well-formed");
        let out = commit.carried(id('b'), None, "J\u{f6}rg <n@x> 3 +0000".as_bytes());
        assert!(out.contains_str(b"committer J\xf6rg <n@x> 3 +0000\n"), "{}", out.as_bstr());
        let out = commit.carried(id('b'), None, "\u{17b}aba <n@x> 3 +0000".as_bytes());
        assert!(out.contains_str("committer \u{17b}aba <n@x> 3 +0000\n"), "a letter that the encoding lacks");
    }

    #[test]
    fn a_commit_without_a_tree_is_malformed() {
        let raw: &[u8] = b"author A <a@x> 1 +0000\n\nx\n";
        assert!(Commit::parse(id('a'), raw.into(), ObjectFormat::Sha1).is_none());
    }
}
