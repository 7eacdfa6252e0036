//! Lines that a person asks for at the end of commit messages: what was changed, and their sign-off. Where trailers end is git's
//! business (`git interpret-trailers`).

use super::{Commit, Repo};
use crate::error::Result;
use bstr::ByteSlice;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// What is added to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<'a> {
    /// `Name <mail>` of who carries the commit.
    pub who: &'a str,
    /// What they changed; said as `[mail: ...]` behind the last trailer, as the kernel's documentation has it.
    pub note: Option<&'a str>,
    /// Whether they sign it off.
    pub signs: bool,
    /// The model that had a part in it.
    pub assisted: &'a [&'a str],
}

impl Repo {
    /// A commit's message with what is added to it, in the commit's own encoding.
    ///
    /// # Errors
    /// git fails.
    pub fn message_with(&self, commit: &Commit, words: Words<'_>) -> Result<Vec<u8>> {
        let mut message = commit.message().to_vec();
        if let Some(note) = words.note {
            let mail = words.who.rsplit_once('<').map_or(words.who, |(_, mail)| mail.trim_end_matches('>'));
            let line = format!("[{mail}: {note}]");
            let trailers = self.git.output_with(&["interpret-trailers", "--no-divider", "--parse"], &message)?;
            let text = message.trim_end().to_vec();
            let gap: &[u8] = if trailers.is_empty() { b"\n\n" } else { b"\n" };
            message = [&text, gap, commit.in_its_encoding(line.as_bytes()).as_ref(), b"\n"].concat();
        }
        for model in words.assisted {
            let trailer = format!("Assisted-by: git-kmigrate:{model}");
            let args = ["interpret-trailers", "--no-divider", "--if-exists=addIfDifferent", "--trailer", &trailer];
            message = self.git.output_with(&args, &message)?;
        }
        if words.signs {
            let signed = commit.in_its_encoding(words.who.as_bytes()).into_owned();
            let trailer = [b"Signed-off-by: ".as_slice(), &signed].concat();
            let fixed = ["interpret-trailers", "--no-divider", "--if-exists=addIfDifferentNeighbor", "--trailer"];
            let args: Vec<&OsStr> = fixed.iter().map(OsStr::new).chain([OsStr::from_bytes(&trailer)]).collect();
            message = self.git.output_with(&args, &message)?;
        }
        Ok(message)
    }
}
