//! Mails and authors in git's own reading: `git mailinfo` for a mail's head, `git var` for a name with a date in any form.

use super::Repo;
use crate::error::{Result, io};
use bstr::ByteSlice;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Who wrote something, and when, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: Vec<u8>,
    /// The address.
    pub mail: Vec<u8>,
    /// When, in any form that git reads; may be empty.
    pub date: Vec<u8>,
}

/// A mail as git reads it: decoded, in UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Who wrote it.
    pub author: Person,
    /// Without `[PATCH]`.
    pub subject: Vec<u8>,
    /// The text up to `---` or the diff.
    pub body: Vec<u8>,
}

impl Repo {
    /// Reads a mail with `git mailinfo`. `None` if git does not see an author in it.
    ///
    /// # Errors
    /// The git program or a temporary folder fails.
    pub fn letter(&self, mail: &[u8]) -> Result<Option<Letter>> {
        let folder = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let (text, patch) = (folder.path().join("text"), folder.path().join("patch"));
        let args = [OsStr::new("mailinfo"), "--encoding=UTF-8".as_ref(), text.as_os_str(), patch.as_os_str()];
        let output = self.git.run(&args, mail)?;
        let mut letter = Letter { body: std::fs::read(&text).unwrap_or_default(), ..Letter::default() };
        for line in output.stdout.lines() {
            let fields: [(&[u8], &mut Vec<u8>); 4] = [
                (b"Author: ", &mut letter.author.name),
                (b"Email: ", &mut letter.author.mail),
                (b"Date: ", &mut letter.author.date),
                (b"Subject: ", &mut letter.subject),
            ];
            for (word, field) in fields {
                if let Some(value) = line.strip_prefix(word) {
                    *field = value.to_vec();
                }
            }
        }
        Ok(Some(letter).filter(|l| output.status.success() && !l.author.name.is_empty()))
    }

    /// An author as commits have it: `Name <mail> seconds zone`. Of a date that git cannot read, and of a missing one, `when` is taken
    /// (`seconds zone`).
    ///
    /// # Errors
    /// The git program is lost.
    pub fn author(&self, person: &Person, when: &[u8]) -> Result<Vec<u8>> {
        for date in [person.date.as_slice(), when] {
            if date.is_empty() {
                continue;
            }
            let git = self.git.with_author(
                OsStr::from_bytes(&person.name),
                OsStr::from_bytes(&person.mail),
                OsStr::from_bytes(date),
            );
            let output = git.run(&["var", "GIT_AUTHOR_IDENT"], b"")?;
            if output.status.success() {
                return Ok(output.stdout.trim_end().to_vec());
            }
        }
        // A name that git does not take, such as one of dots only.
        Ok([b"unknown <> ".as_slice(), when].concat())
    }
}
