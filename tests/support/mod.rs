//! Small hermetic repositories: fixed names and dates, no configuration of the user's, so that ids are stable.

mod checks;
mod schema;
mod series;

pub use checks::{edited, forked};
pub use schema::problems;
pub use series::{beside_upstream, four_commits, two_questions};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A repository in a temporary folder.
pub struct Repo {
    folder: TempDir,
    path: PathBuf,
}

/// What a run of the program said.
pub struct Said {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Repo {
    /// An empty repository with a work tree and a branch `main`.
    pub fn new() -> Self {
        Self::init(&["-b", "main"])
    }

    /// The same with options for `git init`.
    pub fn init(options: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("repo");
        let repo = Self { folder, path };
        std::fs::create_dir(&repo.path).expect("a new folder");
        repo.git(&[&["init", "-q"], options].concat());
        repo
    }

    /// A copy of a repository with all that is in it.
    pub fn copy_of(other: &Self) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("repo");
        let copied = Command::new("cp").arg("-a").arg(&other.path).arg(&path).status().expect("cp starts");
        assert!(copied.success());
        Self { folder, path }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A folder beside it that goes with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Output of a git command that must succeed, without the last newline.
    pub fn git(&self, args: &[&str]) -> String {
        let output = self.command("git").args(args).output().expect("git starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {err}");
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// A command in this repository and in a hermetic environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("GIT_") || name.starts_with("KMIGRATE_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(&self.path)
            .env("LC_ALL", "C")
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Ada Author")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_AUTHOR_DATE", "1700000000 +0100")
            .env("GIT_COMMITTER_NAME", "Carl Committer")
            .env("GIT_COMMITTER_EMAIL", "carl@example.org")
            .env("GIT_COMMITTER_DATE", "1700000001 +0000");
        command
    }

    /// The program, to be given arguments.
    pub fn kmigrate(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_git-kmigrate"))
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Said {
        said(self.kmigrate().args(args).output().expect("the program starts"))
    }

    /// Has another program run ours, which is its last argument but those for ours.
    pub fn run_by(&self, by: &[&str], args: &[&str]) -> Said {
        let mut command = self.command(by[0]);
        said(command.args(&by[1..]).arg(env!("CARGO_BIN_EXE_git-kmigrate")).args(args).output().expect("it starts"))
    }

    /// Runs the program with `--json`; the outcomes and the totals.
    pub fn outcomes(&self, args: &[&str]) -> (Vec<serde_json::Value>, serde_json::Value) {
        let said = self.run(&[args, &["--json"]].concat());
        assert!(said.code < 128, "{}", said.err);
        let lines = said.out.lines().map(|l| serde_json::from_str(l).expect("a JSON line"));
        let mut lines: Vec<serde_json::Value> = lines.collect();
        let totals = lines.pop().expect("a line with totals");
        (lines, totals)
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().expect("inside the repository")).expect("folders");
        std::fs::write(path, text).expect("a file");
        self
    }

    /// Commits everything in the work tree and returns the id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Starts or resets a branch at a revision and checks it out.
    pub fn branch(&self, name: &str, at: &str) -> &Self {
        self.git(&["checkout", "-q", "-B", name, at]);
        self
    }

    /// The content of a file at a revision.
    pub fn file(&self, revision: &str, path: &str) -> String {
        self.git(&["show", &format!("{revision}:{path}")])
    }

    /// All refs with what they name: nothing may have moved if this is the same.
    pub fn refs(&self) -> String {
        self.git(&["for-each-ref", "--format=%(refname) %(objectname)"])
    }
}

/// What a finished process said.
pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// `count` numbered lines, for files in which edits are far from each other.
pub fn lines(count: usize) -> String {
    (1..=count).map(|i| format!("line {i}\n")).collect()
}
