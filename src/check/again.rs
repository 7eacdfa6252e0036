//! A tool that is run again on one file, where it is. In: a command line, and a file of the worktree. Out: what it said.

use super::program::{End, Guard, Shell};
use crate::error::{Error, Result, io};
use bstr::{BStr, ByteSlice};
use std::path::Path;

/// Stands in the command for the file.
const FILE: &str = "{file}";
/// Stands in the command for its object.
const OBJECT: &str = "{object}";

/// What the tool said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Both outputs, in order.
    pub output: Vec<u8>,
    /// It did not end well.
    pub failed: bool,
}

/// A command line, at the top of a worktree.
#[derive(Debug)]
pub struct Again {
    command: String,
    shell: Shell,
    /// What the guard over the programs watches; it is empty.
    _folder: tempfile::TempDir,
}

impl Again {
    /// Of a command line.
    ///
    /// # Errors
    /// It does not say what to look at, or there is no shell.
    pub fn new(command: &str, top: &Path) -> Result<Self> {
        if !command.contains(FILE) && !command.contains(OBJECT) {
            return Err(Error::usage(format!("the command '{command}' does not say what to look at"))
                .hint(format!("write {FILE} or {OBJECT} where the file goes: make C=2 {OBJECT}")));
        }
        let folder = tempfile::tempdir().map_err(io("a temporary folder"))?;
        let guard = Guard::over(&folder.path().join("guard"))?;
        let variables = vec![("LC_ALL", "C".into())];
        let shell = Shell { dir: top.to_owned(), variables, timeout: None, guard };
        Ok(Self { command: command.to_owned(), shell, _folder: folder })
    }

    /// Runs it on a file.
    ///
    /// # Errors
    /// There is no shell, or a path cannot be written in a command line.
    pub fn run(&mut self, path: &BStr) -> Result<Output> {
        let plain = path.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-./+,".contains(&c));
        let path = path.to_str().ok().filter(|path| plain && !path.starts_with('-'));
        let path = path.ok_or_else(|| Error::fatal("a file's name cannot be written in a command line"))?;
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        let line = self.command.replace(FILE, path).replace(OBJECT, &format!("{stem}.o"));
        let said = self.shell.run(&line)?;
        Ok(Output { output: said.output, failed: said.end != End::Well })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_told_the_file_and_its_object_and_odd_names_are_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut again = Again::new("echo {file} {object}; false", dir.path()).expect("a command");
        let said = again.run("a/b.c".into()).expect("a shell");
        assert_eq!(said, Output { output: b"a/b.c a/b.o\n".to_vec(), failed: true });
        assert!(again.run("a;b.c".into()).is_err());
        assert!(Again::new("make", dir.path()).is_err());
    }
}
