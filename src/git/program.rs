//! The `git` program: refs, config, hooks, history walks. The only place that starts it.

use crate::error::{Error, Result};
use bstr::ByteSlice;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// How to call git: the directory it runs in and what it always gets.
///
/// `GIT_DIR` and its kin are inherited, so git finds the same repository that the user's own git would.
#[derive(Clone, Debug, Default)]
pub struct Git {
    dir: Option<OsString>,
    alone: bool,
    worktree: bool,
    env: Vec<(&'static str, OsString)>,
}

/// What a repository of our own making is made with: nobody's configuration, and fixed names and dates, so that ids are stable.
const ALONE: [(&str, &str); 12] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TEMPLATE_DIR", ""),
    ("GIT_AUTHOR_NAME", "Demo"),
    ("GIT_AUTHOR_EMAIL", "demo@example.org"),
    ("GIT_AUTHOR_DATE", "1700000000 +0000"),
    ("GIT_COMMITTER_NAME", "Demo"),
    ("GIT_COMMITTER_EMAIL", "demo@example.org"),
    ("GIT_COMMITTER_DATE", "1700000000 +0000"),
    ("HOME", "/nonexistent"),
    ("TZ", "UTC"),
];

impl Git {
    /// git in the current directory.
    pub fn here() -> Self {
        Self::default()
    }

    /// git in a linked worktree, whatever repository the environment names.
    pub fn in_worktree(&self, dir: &Path) -> Self {
        Self { dir: Some(dir.into()), worktree: true, ..self.clone() }
    }

    /// git with another index.
    pub fn with_index(&self, index: &Path) -> Self {
        let mut git = self.clone();
        git.env.push(("GIT_INDEX_FILE", index.into()));
        git
    }

    /// git as somebody else's: who wrote what it makes, and when.
    pub fn with_author(&self, name: &OsStr, mail: &OsStr, date: &OsStr) -> Self {
        let mut git = self.clone();
        let who = [("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", mail), ("GIT_AUTHOR_DATE", date)];
        git.env.extend(who.map(|(variable, value)| (variable, value.to_owned())));
        git
    }

    /// git in a folder that stands for the work tree of a repository, without an index.
    pub fn with_worktree(&self, dir: &Path, git_dir: &Path) -> Self {
        let mut git = self.in_worktree(dir);
        let places = [("GIT_DIR", git_dir.into()), ("GIT_WORK_TREE", dir.into()), ("GIT_INDEX_FILE", dir.join("none"))];
        git.env.extend(places.map(|(name, place): (_, PathBuf)| (name, place.into())));
        git
    }

    /// git at the top of a worktree, with the repository and the index that it has, whatever the environment names.
    pub fn rooted(&self, top: &Path, (git_dir, index): (&Path, &Path)) -> Self {
        let mut git = self.in_worktree(top);
        let places = [("GIT_DIR", git_dir), ("GIT_WORK_TREE", top), ("GIT_INDEX_FILE", index)];
        git.env.extend(places.map(|(name, place)| (name, place.into())));
        git
    }

    /// git in a repository of our own making: no configuration and no `GIT_*` variable of the user's reaches it.
    pub fn alone_at(dir: impl Into<OsString>) -> Self {
        Self { dir: Some(dir.into()), alone: true, ..Self::default() }
    }

    /// The same, but objects that it makes go to `scratch`; it still sees those in `objects`.
    pub fn writing_to(&self, scratch: &Path, objects: &Path) -> Self {
        let quoted = objects.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
        let mut alternates = OsString::from(format!("\"{quoted}\""));
        if let Some(more) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            alternates.push(":");
            alternates.push(more);
        }
        let mut git = self.clone();
        git.env.push(("GIT_OBJECT_DIRECTORY", scratch.into()));
        git.env.push(("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates));
        git
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new("git");
        if let Some(dir) = &self.dir {
            command.arg("-C").arg(dir);
        }
        if self.alone {
            let ours = |name: &OsString| name.to_string_lossy().starts_with("GIT_");
            std::env::vars_os().map(|(name, _)| name).filter(ours).for_each(|name| {
                command.env_remove(name);
            });
            command.envs(ALONE);
        }
        if self.worktree {
            for variable in ["DIR", "WORK_TREE", "INDEX_FILE", "COMMON_DIR", "PREFIX"] {
                command.env_remove(format!("GIT_{variable}"));
            }
        }
        // Paths are given as they are, and objects read as they are stored: libgit2 knows of no replacements either.
        for variable in ["LITERAL", "GLOB", "NOGLOB", "ICASE"] {
            command.env_remove(format!("GIT_{variable}_PATHSPECS"));
        }
        command.env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_GRAFT_FILE", "/nonexistent/grafts");
        // A transaction that was handed over whole is finished even if our process group is killed: no lock stays behind.
        if args.first().is_some_and(|verb| verb.as_ref() == "update-ref") {
            command.process_group(0);
        }
        // Messages are read by us, so they must be in one language.
        command.env("LC_ALL", "C").envs(self.env.iter().cloned()).args(args);
        command
    }

    /// Starts git with all its ends in our hands.
    ///
    /// # Errors
    /// There is no git program.
    pub fn piped<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Child> {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|e| {
            Error::fatal(format!("cannot start the git program: {e}"))
                .hint("install git 2.39 or newer and see that it is on PATH")
        })
    }

    /// Runs git with `input` on stdin, whatever its exit code.
    ///
    /// # Errors
    /// There is no git program, or a signal ended it: then it has not answered, and nobody may take that for a no.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<Output> {
        let mut child = self.piped(args)?;
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A child that stops reading is no failure of ours: its exit code tells.
        let output = if input.is_empty() {
            drop(stdin);
            child.wait_with_output()
        } else {
            std::thread::scope(|scope| {
                scope.spawn(move || stdin.write_all(input).ok());
                child.wait_with_output()
            })
        };
        let output = output.map_err(|e| Error::fatal(format!("lost the git program: {e}")))?;
        match output.status.signal() {
            Some(_) => Err(failure(args, &output)),
            None => Ok(output),
        }
    }

    /// Runs a git command that speaks for itself, on our own standard output and in the user's pager.
    pub fn shown<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<()> {
        let mut command = self.command(args);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let output = command.spawn().and_then(Child::wait_with_output);
        let output = output.map_err(|e| Error::fatal(format!("cannot start the git program: {e}")))?;
        // Whoever left the pager early ended git by a signal, and has no use for a word about it.
        let left = output.status.signal().is_some();
        if output.status.success() || left { Ok(()) } else { Err(failure(args, &output)) }
    }

    /// Runs git with our own standard input, output and error, and without an editor: messages stay as they are. Its exit code, or 128 if
    /// a signal ended it.
    ///
    /// # Errors
    /// There is no git program.
    pub fn hand_over<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<i32> {
        let mut command = self.command(args);
        command.env("GIT_EDITOR", ":").env_remove("GIT_NO_REPLACE_OBJECTS").env_remove("GIT_GRAFT_FILE");
        let status = command.status().map_err(|e| Error::fatal(format!("cannot start the git program: {e}")))?;
        Ok(status.code().unwrap_or(128))
    }

    /// Runs a command line of the user's config as git does: by the shell, where git would be run. Its exit code, or 255 if a signal
    /// ended it.
    ///
    /// # Errors
    /// There is no shell.
    pub fn shell(&self, line: &str) -> Result<i32> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(line).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        let status = command.status().map_err(|e| Error::fatal(format!("cannot start sh for a merge driver: {e}")))?;
        Ok(status.code().unwrap_or(255))
    }

    /// Output of a git command that must succeed.
    pub fn output<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>> {
        self.output_with(args, b"")
    }

    /// Output of a git command that reads `input` and must succeed.
    pub fn output_with<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<Vec<u8>> {
        Ok(self.succeeded(args, input)?.stdout)
    }

    /// What came of a git command that must succeed.
    fn succeeded<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<Output> {
        let output = self.run(args, input)?;
        if output.status.success() { Ok(output) } else { Err(failure(args, &output)) }
    }

    /// Runs a git command that has hooks; what they say comes through, also where all went well.
    pub fn heard_with<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<()> {
        let output = self.succeeded(args, input)?;
        // Who cannot be told has no use for an error about it.
        _ = std::io::stderr().write_all(&output.stderr);
        Ok(())
    }

    /// The first line of a git command's output, if it succeeds.
    pub fn line<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Option<String>> {
        let output = self.run(args, b"")?;
        let line = output.stdout.lines().next().unwrap_or_default();
        Ok(output.status.success().then(|| line.to_str_lossy().into_owned()))
    }
}

/// git's own words for what went wrong, with its hints.
fn failure<S: AsRef<OsStr>>(args: &[S], output: &Output) -> Error {
    let said = output.stderr.to_str_lossy();
    let mut lines: Vec<&str> = said.lines().filter(|l| !l.trim().is_empty()).collect();
    // What git says last, and calls fatal, is the matter; the lines before it led there.
    let fatal = lines.iter().position(|l| l.starts_with("fatal: ")).unwrap_or(0);
    if lines.is_empty() {
        let verb = args.first().map(|a| a.as_ref().to_string_lossy());
        let said = format!("git {} failed: {}", verb.unwrap_or_default(), output.status);
        return Error::fatal(said);
    }
    let fatal = lines.remove(fatal).trim_start_matches("fatal: ");
    let plain = |line: &str| line.trim_start_matches("hint: ").trim_start_matches("error: ").to_owned();
    lines.into_iter().fold(Error::fatal(fatal), |error, line| error.hint(plain(line)))
}
