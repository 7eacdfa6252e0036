//! Merge drivers of the user's own (`merge=<name>` of an attribute, `merge.<name>.driver` of their config), run as git runs them.
//!
//! What an attribute names runs only if the config says how; a tracked `.gitattributes` alone starts nothing. Our own driver is not
//! asked by ourselves.

use super::conflicted::attribute;
use super::{Oid, Repo};
use crate::error::{Result, io};
use crate::merge::Sides;
use bstr::{BString, ByteSlice};
use std::fs;

/// A merge driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driver {
    /// As attributes name it.
    pub name: String,
    /// For the shell, with git's `%` words.
    command: String,
}

/// What a driver made of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drove {
    /// It is merged.
    Merged(Vec<u8>),
    /// It has conflicts.
    Conflicts,
    /// It failed, with this exit code.
    Failed(i32),
}

impl Repo {
    /// The driver for a path, by the attributes of a commit.
    ///
    /// # Errors
    /// git fails.
    pub fn merge_driver(&self, onto: Oid, path: &BString) -> Result<Option<Driver>> {
        if !self.settings().iter().any(|setting| is_driver(&setting.key, &setting.value)) {
            return Ok(None);
        }
        let source = format!("--source={onto}");
        let value = attribute(&self.git, &["check-attr", &source, "-z", "--stdin", "merge"], &[path])?;
        let name = match value.first().map(|value| value.to_str_lossy()).as_deref() {
            None | Some("set" | "unset") => return Ok(None),
            Some("unspecified") => self.setting("merge.default").unwrap_or_default().to_owned(),
            Some(name) => name.to_owned(),
        };
        let key = format!("merge.{name}.driver");
        let command = self.setting(&key).filter(|command| is_driver(&key, command));
        Ok(command.map(|command| Driver { name, command: command.to_owned() }))
    }

    /// Do attributes keep a path from models: `kmigrate-llm=never`, in a commit's tree or in the user's own attributes?
    ///
    /// # Errors
    /// git fails.
    pub fn keeps_from_models(&self, onto: Oid, path: &BString) -> Result<bool> {
        let source = format!("--source={onto}");
        let value = attribute(&self.git, &["check-attr", &source, "-z", "--stdin", "kmigrate-llm"], &[path])?;
        Ok(value.first().is_some_and(|value| *value == "never" || *value == "unset"))
    }

    /// Has a driver merge a file.
    ///
    /// # Errors
    /// There is no shell, or no room for temporary files.
    pub fn drive(&self, driver: &Driver, (path, texts): (&BString, Sides<&[u8]>)) -> Result<Drove> {
        let folder = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let place = |name: &str| folder.path().join(name);
        for (name, text) in texts.named() {
            fs::write(place(name), text).map_err(io(place(name).display()))?;
        }
        let words = [
            ('O', place("base").display().to_string()),
            ('A', place("ours").display().to_string()),
            ('B', place("theirs").display().to_string()),
            ('L', "7".to_owned()),
            ('P', path.to_str_lossy().into_owned()),
            ('S', "base".to_owned()),
            ('X', "ours (upstream)".to_owned()),
            ('Y', "theirs (the patch)".to_owned()),
        ];
        match self.git.shell(&expanded(&driver.command, &words))? {
            0 => fs::read(place("ours")).map(Drove::Merged).map_err(io(place("ours").display())),
            1..=128 => Ok(Drove::Conflicts),
            code => Ok(Drove::Failed(code)),
        }
    }
}

/// Does a setting say how to run a driver that is not ours?
fn is_driver(key: &str, command: &str) -> bool {
    let name = key.strip_prefix("merge.").and_then(|rest| rest.strip_suffix(".driver"));
    let ours = ["git kmigrate merge-driver", "git-kmigrate merge-driver"].iter().any(|ours| command.contains(ours));
    name.is_some_and(|name| name != "kmigrate") && !ours && !command.trim().is_empty()
}

/// A command with its `%` words, each quoted for the shell.
fn expanded(command: &str, words: &[(char, String)]) -> String {
    let mut out = String::new();
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        match words.iter().find(|(letter, _)| c == '%' && Some(*letter) == next) {
            Some((_, word)) => {
                rest.next();
                out.push_str(&format!("'{}'", word.replace('\'', "'\\''")));
            }
            None if c == '%' && next == Some('%') => {
                rest.next();
                out.push('%');
            }
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_others_stay() {
        let words = [('A', "/tmp/a b".to_owned()), ('P', "it's.c".to_owned())];
        assert_eq!(expanded("x %A %P %Z 100%% %", &words), r"x '/tmp/a b' 'it'\''s.c' %Z 100% %");
    }

    #[test]
    fn our_own_driver_is_none() {
        assert!(is_driver("merge.mergiraf.driver", "mergiraf merge --git %O %A %B"));
        assert!(!is_driver("merge.kmigrate.driver", "anything"));
        assert!(!is_driver("merge.other.driver", "git kmigrate merge-driver %O %A %B %L %P"));
        assert!(!is_driver("merge.other.name", "words"));
    }
}
