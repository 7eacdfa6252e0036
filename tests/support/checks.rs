//! What most tests begin with (upstream and a series that part at `v1`) and end with (nothing was lost).

use super::{Repo, Said, lines, said};
use std::io::Write;
use std::process::Stdio;

/// A repository whose tag `v1` holds `files`; the branches `up` (new upstream) and `work` (the series) start there.
pub fn forked(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new();
    repo.fork(files);
    repo
}

/// `count` numbered lines, some of them (from 1) with another text.
pub fn edited(count: usize, edits: &[(usize, &str)]) -> String {
    let mut all: Vec<String> = lines(count).lines().map(str::to_owned).collect();
    for (line, text) in edits {
        all[line - 1] = (*text).to_owned();
    }
    all.iter().map(|line| format!("{line}\n")).collect()
}

impl Repo {
    /// Makes `v1`, `up` and `work` in an empty repository.
    pub fn fork(&self, files: &[(&str, &str)]) {
        files.iter().for_each(|(path, text)| {
            self.write(path, text);
        });
        self.commit("the old kernel");
        self.git(&["tag", "v1"]);
        self.git(&["branch", "up"]);
        self.git(&["branch", "work"]);
    }

    /// Checks a branch out.
    pub fn on(&self, branch: &str) -> &Self {
        self.git(&["checkout", "-q", branch]);
        self
    }

    /// Writes one file and commits; the new id.
    pub fn edit(&self, path: &str, text: impl AsRef<[u8]>, message: &str) -> String {
        self.write(path, text).commit(message)
    }

    /// The id that a revision names.
    pub fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", "--verify", revision])
    }

    /// Is there such a ref or revision?
    pub fn has(&self, revision: &str) -> bool {
        let args = ["rev-parse", "--verify", "--quiet", revision];
        let output = self.command("git").args(args).output().expect("git starts");
        output.status.success()
    }

    /// Paths of a revision with mode and type, as `git ls-tree -r` prints them.
    pub fn listing(&self, revision: &str) -> String {
        self.git(&["ls-tree", "-r", "--format=%(objectmode) %(path)", revision])
    }

    /// Output of a command with `input` on its standard input.
    pub fn feed(&self, program: &str, args: &[&str], input: &[u8]) -> Said {
        let mut command = match program {
            "kmigrate" => self.kmigrate(),
            other => self.command(other),
        };
        let piped = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin.write_all(input).expect("the program reads");
        drop(stdin);
        said(child.wait_with_output().expect("the program ends"))
    }

    /// Stores an object of a type as it is; its id.
    pub fn store(&self, kind: &str, data: &[u8]) -> String {
        let done = self.feed("git", &["hash-object", "-t", kind, "-w", "--stdin"], data);
        assert_eq!(done.code, 0, "{}", done.err);
        done.out.trim_end().to_owned()
    }

    /// The raw bytes of an object.
    pub fn raw(&self, kind: &str, id: &str) -> Vec<u8> {
        let output = self.command("git").args(["cat-file", kind, id]).output();
        output.expect("git starts").stdout
    }

    /// Nothing is missing or malformed.
    pub fn is_sound(&self) {
        self.git(&["fsck", "--full", "--strict", "--no-dangling", "--no-progress"]);
    }

    /// The run must be refused with `code`, move no ref and leave the repository sound; what it said on standard error.
    pub fn refused(&self, code: i32, args: &[&str]) -> String {
        let before = self.refs();
        let said = self.run(args);
        assert_eq!(said.code, code, "{args:?}: {}{}", said.out, said.err);
        assert_eq!(self.refs(), before, "a refused run moves no ref");
        self.is_sound();
        said.err
    }

    /// Runs `v1..work --onto up` with more arguments; the outcomes and the totals. The repository must be sound afterwards.
    pub fn migrate(&self, more: &[&str]) -> (Vec<serde_json::Value>, serde_json::Value) {
        let found = self.outcomes(&[&["v1..work", "--onto", "up"], more].concat());
        self.is_sound();
        found
    }

    /// The status of each commit of `v1..work` onto `up`.
    pub fn statuses(&self, more: &[&str]) -> Vec<String> {
        let (all, _) = self.migrate(more);
        let word = |o: &serde_json::Value| o["status"].as_str().expect("a status").to_owned();
        all.iter().map(word).collect()
    }
}
