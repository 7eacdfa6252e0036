//! A tool that is run again on one file, where it is. In: a command line, and a file of the worktree with the text that is tried. Out:
//! what the tool said. Whatever ends it, the files are as they were, unless it is told to leave them.
//!
//! ```text
//!   <git dir>/kmigrate-repair/tried/<n>/{path, before, now.1, now.2, ...}   kept before the first trial, on disk; a small shell that outlives
//!                                                                     this process puts `before` in the place of each `now`
//! ```

use super::program::{End, Guard, Shell};
use crate::error::{Error, Result, io};
use crate::git::Worktree;
use crate::resolve::{on_disk, write_file};
use crate::run::{Lock, Refused};
use bstr::{BStr, BString, ByteSlice};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Stands in the command for the file.
const FILE: &str = "{file}";
/// Stands in the command for its object.
const OBJECT: &str = "{object}";

/// Below what git keeps for the worktree; not among the folders of the runs, each of which has the name of a branch.
const FOLDER: &str = "kmigrate-repair";

/// What the tool said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Both outputs, in order.
    pub output: Vec<u8>,
    /// It did not end well.
    pub failed: bool,
}

/// A file that is tried: where what it was is kept, its permissions, how many texts were tried.
#[derive(Debug)]
struct Kept {
    folder: PathBuf,
    mode: u32,
    tried: usize,
}

/// A command line, at the top of a worktree.
#[derive(Debug)]
pub struct Again {
    command: String,
    worktree: Worktree,
    folder: PathBuf,
    kept: BTreeMap<BString, Kept>,
    shell: Shell,
    _lock: Lock,
}

impl Again {
    /// Of a command line. What one that was killed left in files is put back.
    ///
    /// # Errors
    /// It does not say what to look at, or there is no shell, or another one is at work here.
    pub fn new(command: &str, worktree: &Worktree) -> Result<Self> {
        if !command.contains(FILE) && !command.contains(OBJECT) {
            return Err(Error::usage(format!("the command '{command}' does not say what to look at"))
                .hint(format!("write {FILE} or {OBJECT} where the file goes: make C=2 {OBJECT}")));
        }
        let above = worktree.state.join(FOLDER);
        fs::create_dir_all(&above).map_err(io(above.display()))?;
        let lock = Lock::take(&above).map_err(|refused| match refused {
            Refused::Held(owner) => Error::fatal(format!("another git kmigrate repair is at work here: {owner}")),
            Refused::Io(e) => io(above.display())(e),
        })?;
        let folder = above.join("tried");
        forgotten(&folder)?;
        if folder.exists() {
            drop(Guard::keeping(&folder, &worktree.top)?);
        }
        if folder.exists() {
            return Err(Error::fatal(format!(
                "{}: what an earlier repair tried cannot be taken back",
                folder.display()
            ))
            .hint("each folder in it has a file's path, and what the file was before"));
        }
        let variables = vec![("LC_ALL", "C".into())];
        let guard = Guard::keeping(&folder, &worktree.top)?;
        let shell = Shell { dir: worktree.top.clone(), variables, timeout: None, guard };
        let (command, worktree) = (command.to_owned(), worktree.clone());
        Ok(Self { command, worktree, folder, kept: BTreeMap::new(), shell, _lock: lock })
    }

    /// Runs it on a file that has this text.
    ///
    /// # Errors
    /// The file cannot be written, or is no regular file of the worktree; there is no shell; a path cannot be written in a command line.
    pub fn run(&mut self, path: &BStr, text: &[u8]) -> Result<Output> {
        let plain = path.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-./+,".contains(&c));
        let told = path.to_str().ok().filter(|path| plain && !path.starts_with('-'));
        let told = told.ok_or_else(|| Error::fatal("a file's name cannot be written in a command line"))?;
        let stem = told.rsplit_once('.').map_or(told, |(stem, _)| stem);
        let line = self.command.replace(FILE, told).replace(OBJECT, &format!("{stem}.o"));
        self.put(path, text)?;
        let said = self.shell.run(&line)?;
        if said.end == End::Killed {
            return Err(Error::fatal(format!("{line}: it was killed, so what it says of {path} is not known")));
        }
        Ok(Output { output: said.output, failed: said.end != End::Well })
    }

    /// Writes a text that is tried, after what was there is kept; also the same text, as make looks at nothing but the time.
    fn put(&mut self, path: &BStr, text: &[u8]) -> Result<()> {
        let path = path.to_owned();
        let there = on_disk(&self.worktree, &path)
            .ok_or_else(|| Error::fatal(format!("{path} is no regular file of the worktree any more")))?;
        if !self.kept.contains_key(&path) {
            let folder = self.folder.join((self.kept.len() + 1).to_string());
            fs::create_dir_all(&folder).map_err(io(folder.display()))?;
            let before = folder.join("before");
            kept(&before, &there.bytes)?;
            let mode = fs::Permissions::from_mode(there.mode & 0o7777);
            fs::set_permissions(&before, mode).map_err(io(before.display()))?;
            kept(&folder.join("path"), &path)?;
            self.kept.insert(path.clone(), Kept { folder, mode: there.mode, tried: 0 });
        }
        let known = self.kept.get_mut(&path).expect("it was put there");
        known.tried += 1;
        kept(&known.folder.join(format!("now.{}", known.tried)), text)?;
        write_file(&self.worktree, &path, Some((text, known.mode)))
    }

    /// The texts that stand in the files now stay there.
    ///
    /// # Errors
    /// What was kept cannot be removed; then the files are put back.
    pub fn leave(self) -> Result<()> {
        if self.kept.is_empty() {
            return Ok(());
        }
        // All of it at once: of a half of it nobody could put anything back.
        let aside = aside(&self.folder);
        fs::rename(&self.folder, &aside).map_err(io(aside.display()))?;
        // The next one removes what stays.
        let _ = fs::remove_dir_all(&aside);
        Ok(())
    }
}

/// What is kept of texts that were left in their files is called this until it is gone.
fn aside(folder: &Path) -> PathBuf {
    folder.with_extension("left")
}

/// Removes what one that was killed had no use for any more.
fn forgotten(folder: &Path) -> Result<()> {
    let aside = aside(folder);
    match fs::remove_dir_all(&aside) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(aside.display())(e)),
        _ => Ok(()),
    }
}

/// Writes a file that is on disk when this returns.
fn kept(place: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(place)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    };
    write().map_err(io(place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Git;

    fn worktree(top: &Path) -> Worktree {
        Worktree { top: top.to_owned(), git: Git::here(), state: top.join(".git") }
    }

    #[test]
    fn the_command_is_told_the_file_and_its_object_and_odd_names_are_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("a")).expect("a folder");
        fs::write(dir.path().join("a/b.c"), "x\n").expect("a file");
        let worktree = worktree(dir.path());
        let mut again = Again::new("echo {file} {object}; cat {file}; false", &worktree).expect("a command");
        let said = again.run("a/b.c".into(), b"y\n").expect("a shell");
        assert_eq!(said, Output { output: b"a/b.c a/b.o\ny\n".to_vec(), failed: true });
        assert!(again.run("a;b.c".into(), b"").is_err());
        let mut killed = Again { command: "kill -9 $$ {file}".to_owned(), ..again };
        assert!(killed.run("a/b.c".into(), b"z\n").expect_err("it says nothing").to_string().contains("killed"));
        let again = killed;
        assert!(Again::new("cat {file}", &worktree).expect_err("two at once").to_string().contains("another"));
        drop(again);
        assert!(Again::new("make", &worktree).is_err());
    }

    #[test]
    fn a_file_is_as_it_was_unless_its_text_is_to_stay_and_what_somebody_wrote_meanwhile_is_theirs() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("a.c");
        let text = || fs::read_to_string(&file).expect("it is there");
        let worktree = worktree(dir.path());
        let tried = |texts: &[&str]| {
            fs::write(&file, "mine\n").expect("written");
            let mut again = Again::new("true {file}", &worktree).expect("a command");
            for text in texts {
                again.run("a.c".into(), text.as_bytes()).expect("a shell");
            }
            again
        };
        drop(tried(&["one\n", "two\n"]));
        assert_eq!(text(), "mine\n");
        let again = tried(&["one\n"]);
        fs::write(&file, "edited\n").expect("written");
        drop(again);
        assert_eq!(text(), "edited\n");
        tried(&["one\n"]).leave().expect("it is left");
        assert_eq!(text(), "one\n");
        let inside: Vec<_> =
            fs::read_dir(dir.path().join(".git/kmigrate-repair")).expect("a folder").flatten().collect();
        assert!(inside.is_empty(), "{inside:?}");
        // As one leaves it that is killed with all that it had started.
        let kept = dir.path().join(".git/kmigrate-repair/tried/1");
        fs::create_dir_all(&kept).expect("a folder");
        for (name, text) in [("path", "a.c"), ("before", "mine\n"), ("now.1", "half\n"), ("now.2", "one\n")] {
            fs::write(kept.join(name), text).expect("written");
        }
        drop(Again::new("true {file}", &worktree).expect("a command"));
        assert_eq!(text(), "mine\n");
    }
}
