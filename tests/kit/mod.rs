//! Checks on the benchmark's kernels and series (`KMIGRATE_BENCH`, the folder that its setup built; skipped with a word when unset).
//!
//! Counts are of one build of the kit, named by its `kit-id`; on another build they are printed, not compared.

mod code;
mod evaluate;
mod oracle;
mod properties;
mod retrieve;
mod series;
mod verify;

use crate::support::{Said, said};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The build of the kit that the counts are of.
const COUNTED_ON: &str = "996e315f67e221e7173c6280a990a2aaa2edb6a3";

/// A clone of the kit's repository that shares its objects and has the branches of the old series only.
pub struct Kit {
    folder: TempDir,
    bench: PathBuf,
    /// Are the counts of this build?
    pub counted: bool,
}

impl Kit {
    /// The kit, or `None` with a word on standard error.
    pub fn open() -> Option<Self> {
        let Some(bench) = std::env::var_os("KMIGRATE_BENCH").map(PathBuf::from) else {
            eprintln!("skipped: KMIGRATE_BENCH is not set");
            return None;
        };
        let folder = TempDir::new().expect("a temporary folder");
        let kit = Self { counted: kit_id(&bench) == COUNTED_ON, folder, bench: bench.clone() };
        let source = bench.join("repo");
        let source = source.to_str().expect("a UTF-8 path");
        let into = kit.path();
        let clone = Command::new("git").args(["clone", "-q", "--shared", "--no-checkout", source]).arg(&into).status();
        assert!(clone.expect("git starts").success(), "cannot clone {source}");
        for name in ["rt-6.1", "rpi-6.1", "gen-6.1", "mediatek-6.1", "deb-6.1"] {
            kit.git(&["branch", "-q", name, &format!("origin/{name}")]);
        }
        Some(kit)
    }

    /// The kit's own folder, to read only.
    pub fn bench(&self) -> &Path {
        &self.bench
    }

    /// The kit's samples: a file of a patch, with what people made of it.
    pub fn samples(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.bench.join("samples.jsonl")).expect("a file of the kit");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// Output of a git command in the kit's own repository.
    pub fn source_git(&self, args: &[&str]) -> String {
        let repo = self.bench.join("repo");
        let output = Command::new("git").arg("-C").arg(repo).args(args).output().expect("git starts");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// The clone.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    /// A command with a fixed identity.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env("GIT_COMMITTER_NAME", "kit")
            .env("GIT_COMMITTER_EMAIL", "kit@example.org")
            .env("GIT_COMMITTER_DATE", "1700000000 +0000");
        command
    }

    /// Output of a git command that must succeed.
    pub fn git(&self, args: &[&str]) -> String {
        let said = said(self.command("git").args(args).output().expect("git starts"));
        assert_eq!(said.code, 0, "git {args:?}: {}", said.err);
        said.out.trim_end().to_owned()
    }

    /// Migrates a series onto v6.12; the outcomes and the totals.
    pub fn migrate(&self, series: &str, more: &[&str]) -> (Vec<serde_json::Value>, serde_json::Value) {
        let range = format!("v6.1..{series}");
        let mut command = self.command(env!("CARGO_BIN_EXE_git-kmigrate"));
        command.args([&range, "--onto", "v6.12", "--methods=text", "--json"]).args(more);
        let Said { code, out, err } = said(command.output().expect("the program starts"));
        assert!(code < 128, "{err}");
        let lines = out.lines().map(|l| serde_json::from_str(l).expect("a JSON line"));
        let mut lines: Vec<serde_json::Value> = lines.collect();
        let totals = lines.pop().expect("a line with totals");
        (lines, totals)
    }
}

/// Which half of the kit a sample is of: `gen` and `deb` may be read, the rest is only counted.
pub fn halves(sample: &serde_json::Value) -> &'static str {
    match sample["dataset"].as_str() {
        Some("gen" | "deb") => "read",
        _ => "unread",
    }
}

/// The kit's blobs, through one `git cat-file --batch`.
pub struct Blobs {
    child: std::process::Child,
}

impl Blobs {
    /// Of the kit's own repository.
    pub fn open(kit: &Kit) -> Self {
        let mut command = Command::new("git");
        command.arg("-C").arg(kit.bench.join("repo")).args(["cat-file", "--batch"]);
        let child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn();
        Self { child: child.expect("git starts") }
    }

    /// The blob that a JSON string names.
    pub fn read(&mut self, id: &serde_json::Value) -> Vec<u8> {
        use std::io::{Read, Write};
        let id = id.as_str().expect("an id");
        let stdin = self.child.stdin.as_mut().expect("piped");
        stdin.write_all(format!("{id}\n").as_bytes()).expect("git reads");
        stdin.flush().expect("git reads");
        let out = self.child.stdout.as_mut().expect("piped");
        let mut head = Vec::new();
        let mut byte = [0];
        while out.read_exact(&mut byte).is_ok() && byte[0] != b'\n' {
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("text");
        let size: usize = head.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{head}"));
        let mut data = vec![0; size + 1];
        out.read_exact(&mut data).expect("git writes");
        data.pop();
        data
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn kit_id(bench: &Path) -> String {
    let id = std::fs::read_to_string(bench.join("kit-id")).unwrap_or_default();
    id.trim().to_owned()
}
