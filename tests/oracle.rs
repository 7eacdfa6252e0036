//! `git merge-file` as the oracle for merged bytes, in both directions, over the golden cases and over generated texts.

use crate::support::Repo;
use kmigrate::git::text::{self, TextMerge};
use kmigrate::merge::{Sides, marker_size};
use std::path::{Path, PathBuf};

pub fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/merge");
    let folders = std::fs::read_dir(&root).expect("fixtures/merge");
    let mut cases: Vec<PathBuf> = folders.map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
    cases.sort();
    cases
}

pub fn sides_of(case: &Path) -> Sides<Vec<u8>> {
    let read = |name: &str| std::fs::read(case.join(name)).unwrap_or_else(|e| panic!("{}/{name}: {e}", case.display()));
    Sides { base: read("base.c"), ours: read("ours.c"), theirs: read("theirs.c") }
}

/// What git makes of the sides: its exit code (0 clean, else conflicts) and the merged bytes.
fn by_git(repo: &Repo, sides: &Sides<Vec<u8>>, style: &[&str]) -> (i32, Vec<u8>) {
    repo.write("base", &sides.base).write("ours", &sides.ours).write("theirs", &sides.theirs);
    let labels = ["-L", "ours (upstream)", "-L", "base", "-L", "theirs (the patch)"];
    let size = format!("--marker-size={}", marker_size(&sides.as_ref().map(|s| &s[..])));
    let mut command = repo.command("git");
    command.args(["merge-file", "-p", "--diff-algorithm=myers", &size]).args(style).args(labels);
    let output = command.args(["ours", "base", "theirs"]).output().expect("git starts");
    (output.status.code().expect("an exit code"), output.stdout)
}

fn agrees_with_git(repo: &Repo, name: &str, sides: &Sides<Vec<u8>>) {
    let merged = text::merge(sides.as_ref().map(|s| &s[..]));
    let merged =
        merged.unwrap_or_else(|e| panic!("{name}: {e}: {:?}", sides.as_ref().map(|s| String::from_utf8_lossy(s))));
    let (code, bytes) = by_git(repo, sides, &[]);
    match merged {
        TextMerge::Clean(result) => {
            assert_eq!(code, 0, "{name}: we merge cleanly, git does not");
            assert_eq!(result, bytes, "{name}");
        }
        TextMerge::Conflicted(open) => {
            assert_ne!(code, 0, "{name}: git merges cleanly, we do not");
            let (_, diff3) = by_git(repo, sides, &["--diff3"]);
            assert_eq!(open.diff3, diff3, "{name}");
            let (_, walk) = by_git(repo, sides, &["--theirs"]);
            assert_eq!(open.merged.walk(), walk, "{name}: the chunks with the patch's side are what --theirs gives");
        }
        TextMerge::Binary => panic!("{name}: text is taken for binary"),
    }
}

fn reversed(sides: Sides<Vec<u8>>) -> Sides<Vec<u8>> {
    Sides { base: sides.base, ours: sides.theirs, theirs: sides.ours }
}

#[test]
fn golden_cases_merge_as_git_merges_them_in_both_directions() {
    let repo = Repo::new();
    let cases = cases();
    assert!(cases.len() >= 8, "only {} cases", cases.len());
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        agrees_with_git(&repo, &name, &sides_of(&case));
        agrees_with_git(&repo, &format!("{name}, reversed"), &reversed(sides_of(&case)));
    }
}

#[test]
fn golden_cases_come_out_as_expected() {
    for case in cases() {
        let expected = std::fs::read(case.join("expected.c")).ok();
        let sides = sides_of(&case);
        let merged = text::merge(sides.as_ref().map(|s| &s[..])).expect("merged");
        match (merged, expected) {
            (TextMerge::Clean(result), Some(expected)) => assert_eq!(result, expected, "{}", case.display()),
            (TextMerge::Conflicted(_), None) => {}
            (other, expected) => panic!("{}: {other:?}, expected {expected:?}", case.display()),
        }
    }
}

/// A small generator (xorshift), so that a failure can be repeated.
pub struct Random(pub u64);

impl Random {
    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("small")
    }

    /// Some lines edited, removed, inserted; now and then no newline at the end.
    pub fn edited(&mut self, base: &[String]) -> Vec<u8> {
        let mut lines = base.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(lines.len());
            match self.below(3) {
                0 => lines[at] = format!("edited {}\n", self.below(4)),
                1 if lines.len() > 1 => drop(lines.remove(at)),
                _ => lines.insert(at, format!("\tinserted({});\n", self.below(3))),
            }
        }
        let mut text = lines.concat().into_bytes();
        if self.below(6) == 0 {
            text.pop();
        }
        text
    }
}

#[test]
fn generated_texts_merge_as_git_merges_them() {
    let repo = Repo::new();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..150 {
        let length = 3 + random.below(40);
        let base: Vec<String> = (0..length).map(|_| format!("\tline({});\n", random.below(12))).collect();
        let sides =
            Sides { ours: random.edited(&base), theirs: random.edited(&base), base: base.concat().into_bytes() };
        agrees_with_git(&repo, &format!("round {round}"), &sides);
    }
}
