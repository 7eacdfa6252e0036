//! The commands that are struck, each in a repository of its own.

use crate::support::{Repo, Said, four_commits as series, lines, two_questions};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a command is done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The same command.
    Same,
    /// `continue`; the same command if there is no run yet.
    Continue,
}

/// A command.
pub struct Case {
    /// In the table.
    pub name: &'static str,
    /// What it is run in.
    make: fn() -> Repo,
    /// Its arguments; `{}` is the folder that the repository lies in.
    args: &'static [&'static str],
    /// Its exit code if nothing fails.
    pub code: i32,
    again: Again,
    /// What takes it back; nothing if it is empty.
    undo: &'static [&'static str],
}

/// A case whose command is repeated if it fails, and which is not undone.
const fn case(name: &'static str, make: fn() -> Repo, args: &'static [&'static str], code: i32) -> Case {
    Case { name, make, args, code, again: Again::Same, undo: &[] }
}

/// A case that moves refs by a walk.
const fn walk(name: &'static str, make: fn() -> Repo, args: &'static [&'static str], code: i32) -> Case {
    Case { again: Again::Continue, undo: &["undo"], ..case(name, make, args, code) }
}

/// All of them.
pub const CASES: [Case; 21] = [
    walk("walk", series, &["v1..topic", "--onto", "v2", "--methods=text"], 1),
    walk(
        "walk, stacked branch",
        stacked,
        &["v1..topic", "--onto", "v2", "--update-refs", "--allow-conflicts", "--unreviewed"],
        1,
    ),
    case(
        "branch and notes",
        series,
        &["v1..topic", "--onto", "v2", "--methods=text", "--allow-conflicts", "--unreviewed", "--notes"],
        1,
    ),
    walk("continue, edited", edited, &["continue"], 1),
    walk("continue, finish", settled, &["continue"], 0),
    case("undo", finished, &["undo"], 0),
    case("abort", laid_out, &["abort"], 0),
    case("drop", walked, &["drop", "4"], 0),
    case("choose", walked, &["choose", "2", "ours"], 0),
    case("edit", walked, &["edit", "2"], 0),
    case("edit, worktree", walked, &["edit", "2", "--worktree"], 0),
    case("edit, discard", laid_out, &["edit", "2", "--discard"], 0),
    case("quilt", patches, QUILT, 1),
    case("quilt, empty folder", patches_and_folder, QUILT, 1),
    Case { undo: &["resolve", "--undo"], ..case("resolve", picked, &["resolve"], 1) },
    case("resolve, undo", resolved, &["resolve", "--undo"], 0),
    case("prompts import", asked, &["prompts", "import", "{}/answers.jsonl", "--model=command:true"], 1),
    case(
        "report",
        walked,
        &["report", "--html", "{}/run.html", "--junit", "{}/run.xml", "--sarif", "{}/run.sarif", "--notes"],
        0,
    ),
    case("repair", broken, &["repair", "{}/log", "--apply"], 0),
    case("repair, the tool again", broken, &["repair", "{}/log", "--apply", TOOL], 0),
    case("apply, worktree", rewritten, &["apply", "{}/rename.cocci", "--worktree"], 0),
];

const QUILT: &[&str] = &["--quilt", "{}/patches", "--from", "v1", "--onto", "v2", "--out", "{}/out"];

/// A branch stands in the middle of the series.
fn stacked() -> Repo {
    let repo = series();
    repo.git(&["branch", "part", "topic~2"]);
    repo
}

fn ok(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert!(said.code < 2, "{args:?}: {}{}", said.out, said.err);
    said
}

fn walked() -> Repo {
    let repo = series();
    ok(&repo, &["v1..topic", "--onto", "v2", "--methods=text"]);
    repo
}

/// Commit 2 is laid out.
fn laid_out() -> Repo {
    let repo = walked();
    ok(&repo, &["edit", "2"]);
    repo
}

/// Writes what a person made of near.c of a commit that is laid out.
fn settle(repo: &Repo, n: &str, text: &str) {
    let files = PathBuf::from(ok(repo, &["edit", n]).out.trim_end());
    std::fs::write(files.join("near.c"), text).expect("written");
}

/// The conflict of commit 2 is settled, and nothing is taken back yet.
fn edited() -> Repo {
    let repo = walked();
    settle(&repo, "2", &lines(40).replace("line 20\n", "upstream and mine 20\n"));
    repo
}

/// All that is open is settled, and the last of it not taken back yet.
fn settled() -> Repo {
    let repo = edited();
    ok(&repo, &["continue"]);
    settle(&repo, "3", &lines(40).replace("line 20\nline 21\n", "upstream and mine 20\nmine 21\n"));
    repo
}

/// The branch is written.
fn finished() -> Repo {
    let repo = settled();
    assert_eq!(ok(&repo, &["continue"]).code, 0);
    repo
}

/// A hunk that makes line `at` of a numbered file another.
fn hunk(at: usize, to: &str) -> String {
    let around = |from: usize, to: usize| (from..=to).map(|n| format!(" line {n}\n")).collect::<String>();
    let (above, below) = (around(at - 3, at - 1), around(at + 1, at + 3));
    format!("--- a/near.c\n+++ b/near.c\n@@ -{0},7 +{0},7 @@\n{above}-line {at}\n+{to}\n{below}", at - 3)
}

/// A quilt folder beside the repository: one patch stays, one conflicts, one is in a folder below.
fn patches() -> Repo {
    let repo = series();
    let folder = repo.beside("patches");
    std::fs::create_dir_all(folder.join("sub")).expect("folders");
    for (name, text) in [
        ("series", "keep.patch\nclash.patch\nsub/last.patch\n".to_owned()),
        ("keep.patch", hunk(5, "mine 5")),
        ("clash.patch", hunk(20, "mine 20")),
        ("sub/last.patch", hunk(35, "mine 35")),
    ] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    repo
}

/// The same, and the folder to write to is there.
fn patches_and_folder() -> Repo {
    let repo = patches();
    std::fs::create_dir(repo.beside("out")).expect("a folder");
    repo
}

/// A cherry-pick stopped at three files: one that is settled without a doubt, one with, one not at all.
fn picked() -> Repo {
    let with = |line: usize, text: &str| lines(30).replace(&format!("line {line}\n"), text);
    let repo = Repo::new();
    ["net/a.c", "b.c", "c.c"].iter().for_each(|file| _ = repo.write(file, lines(30)));
    repo.commit("base");
    repo.git(&["tag", "v6.1"]);
    repo.write("net/a.c", with(10, "upstream 10\n"));
    repo.write("b.c", with(10, "line 10\nupstream\n"));
    repo.write("c.c", with(10, "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v6.12"]);
    repo.branch("topic", "v6.1");
    repo.write("net/a.c", with(11, "mine 11\n"));
    repo.write("b.c", with(10, "line 10\nmine\n"));
    repo.write("c.c", with(10, "mine 10\n")).commit("the patch");
    repo.git(&["checkout", "-q", "main"]);
    let stopped = repo.command("git").args(["cherry-pick", "topic"]).output().expect("git starts");
    assert!(!stopped.status.success());
    repo
}

fn resolved() -> Repo {
    let repo = picked();
    ok(&repo, &["resolve"]);
    repo
}

/// Questions of a run, and answers to them in a file.
fn asked() -> Repo {
    let repo = two_questions();
    ok(&repo, &["v1..topic", "--onto", "v2"]);
    let questions = ok(&repo, &["prompts", "export", "--model=command:true"]).out;
    let answer = |line: &str| {
        let question: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let body = serde_json::json!({"choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "=== leave open ===\nreason: nobody knows\n"}}]});
        let response = serde_json::json!({"status_code": 200, "body": body});
        serde_json::json!({"custom_id": question["custom_id"], "response": response, "error": null}).to_string() + "\n"
    };
    std::fs::write(repo.beside("answers.jsonl"), questions.lines().map(answer).collect::<String>()).expect("written");
    repo
}

/// Three files that a semantic patch rewrites.
fn rewritten() -> Repo {
    let repo = Repo::new();
    for name in ["a.c", "sub/b.c", "sub/c.c"] {
        repo.write(name, "int f(void)\n{\n\told_name(1);\n\treturn 0;\n}\n");
    }
    repo.commit("base");
    std::fs::write(repo.beside("rename.cocci"), "@@ expression E; @@\n- old_name(E)\n+ new_name(E)\n")
        .expect("written");
    repo
}

/// Says of each unbounded copy that it overflows; the shell does all of it, as what becomes of others within a tool is the tool's matter.
const TOOL: &str = "--rescan=n=0; while read -r line; do n=$((n + 1)); \
                    case $line in 'strcpy('*) echo \"{file}:$n:2: warning: overflow [-Wstringop-overflow=]\";; esac; done <{file}";

/// A file in which somebody is at work, and what a compiler said of it.
fn broken() -> Repo {
    let repo = Repo::new();
    repo.write("include/linux/string.h", "ssize_t strscpy(char *to, const char *from, size_t size);\n");
    repo.write("sub/f.c", "int f(void)\n{\n\treturn 0;\n}\n").commit("base");
    repo.write("sub/f.c", "int f(char *from)\n{\n\tchar to[8];\n\n\tstrcpy(to, from);\n\treturn to[0];\n}\n");
    std::fs::write(repo.beside("log"), "sub/f.c:5:2: warning: overflow [-Wstringop-overflow=]\n").expect("written");
    repo
}

/// A case, ready: its repository, a copy to go back to, and its arguments.
pub struct Stage {
    /// The repository.
    pub repo: Repo,
    kept: tempfile::TempDir,
    args: Vec<String>,
    again: Again,
    undo: &'static [&'static str],
}

impl Stage {
    /// Makes it.
    pub fn of(case: &Case) -> Self {
        let repo = (case.make)();
        let folder = repo.path().parent().expect("a folder around it").to_owned();
        // Nobody runs them, and they would be copied each time.
        std::fs::remove_dir_all(repo.path().join(".git/hooks")).expect("removed");
        let kept = tempfile::tempdir().expect("a temporary folder");
        copy(&folder, kept.path());
        let args = case.args.iter().map(|arg| arg.replace("{}", folder.to_str().expect("UTF-8"))).collect();
        Self { repo, kept, args, again: case.again, undo: case.undo }
    }

    /// The folder that the repository lies in.
    pub fn folder(&self) -> PathBuf {
        self.repo.path().parent().expect("a folder around it").to_owned()
    }

    /// Puts everything back as it was.
    pub fn restore(&self) {
        let folder = self.folder();
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            gone.expect("removed");
        }
        copy(self.kept.path(), &folder);
    }

    fn words(&self) -> Vec<&str> {
        self.args.iter().map(String::as_str).collect()
    }

    /// Runs the command by another program.
    pub fn run_by(&self, by: &[&str]) -> Said {
        self.repo.run_by(by, &self.words())
    }

    /// Does it again, as the hints say.
    pub fn again(&self) -> Said {
        if self.again == Again::Continue {
            let allowed = self.words().into_iter().filter(|word| matches!(*word, "--allow-conflicts" | "--unreviewed"));
            let words: Vec<&str> = ["continue"].into_iter().chain(allowed).collect();
            let said = self.repo.run(&words);
            if !said.err.contains("there is no run here") {
                return said;
            }
        }
        self.repo.run(&self.words())
    }

    /// What git finds fault with.
    pub fn fsck(&self) -> String {
        let mut command = self.repo.command("git");
        let done = command.args(["fsck", "--strict", "--no-dangling", "--no-progress"]).output().expect("git starts");
        match done.status.success() {
            true => String::new(),
            false => String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned(),
        }
    }

    /// Takes it back, if it can be.
    pub fn undone(&self) -> Option<Said> {
        (!self.undo.is_empty()).then(|| self.repo.run(self.undo))
    }

    /// Removes the locks that git's own programs left; was there one?
    pub fn remove_locks(&self) -> bool {
        let mut find = Command::new("find");
        find.arg(self.repo.path().join(".git")).args(["-name", "*.lock", "-print", "-delete"]);
        let found = find.output().expect("find starts");
        !found.stdout.is_empty()
    }
}

/// Copies what is in a folder.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().expect("cp starts");
    assert!(done.success());
}
