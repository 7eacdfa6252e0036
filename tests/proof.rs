//! What is proof that upstream has a commit, and what is not: a commit dropped without proof is a change lost without a word.

use crate::support::{Repo, lines};
use serde_json::{Value, json};

/// base, then upstream's commits, then the series' on base; each commit is a message and the files it writes.
struct Story {
    repo: Repo,
}

type Commits<'a> = &'a [(&'a str, &'a [(&'a str, &'a str)])];

fn story(base: &[(&str, &str)], upstream: Commits<'_>, series: Commits<'_>) -> Story {
    let repo = Repo::new();
    for (path, text) in base {
        repo.write(path, text);
    }
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    let make = |commits: Commits<'_>| {
        for (message, files) in commits {
            for (path, text) in *files {
                repo.write(path, text);
            }
            repo.commit(message);
        }
    };
    make(upstream);
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    make(series);
    repo.git(&["checkout", "-q", "main"]);
    Story { repo }
}

impl Story {
    fn outcomes(&self) -> Vec<Value> {
        self.repo.outcomes(&["v1..topic", "--onto", "v2", "--unreviewed", "--allow-conflicts"]).0
    }

    fn statuses(&self) -> Vec<String> {
        self.outcomes().iter().map(|o| o["status"].as_str().expect("a status").to_owned()).collect()
    }

    fn result(&self, path: &str) -> String {
        self.repo.file("topic-v2", path)
    }
}

fn with(line: usize, text: &str) -> String {
    lines(40).replace(&format!("line {line}\n"), text)
}

#[test]
fn what_the_series_itself_took_back_is_carried_when_it_comes_again() {
    let (plain, added) = (lines(40), with(20, "line 20\nadded();\n"));
    let story = story(
        &[("a.c", &plain)],
        &[("add", &[("a.c", &added)])],
        &[("add", &[("a.c", &added)]), ("take back", &[("a.c", &plain)]), ("add again", &[("a.c", &added)])],
    );
    assert_eq!(story.statuses()[0], "upstream");
    assert!(story.result("a.c").contains("added();"));
}

#[test]
fn a_patch_that_upstream_reverted_among_other_changes_is_carried_and_shown() {
    let added = with(20, "line 20\nadded();\n");
    let edited = added.replace("line 22\n", "line 22, edited\n");
    let reverted = with(22, "line 22, edited\n");
    let story = story(
        &[("a.c", &lines(40))],
        &[("add", &[("a.c", &added)]), ("edit", &[("a.c", &edited)]), ("revert", &[("a.c", &reverted)])],
        &[("add", &[("a.c", &added)])],
    );
    let outcomes = story.outcomes();
    assert_ne!(outcomes[0]["status"], "upstream");
    assert_eq!(outcomes[0]["flags"], json!(["to_review"]));
    assert!(story.result("a.c").contains("added();"));
}

#[test]
fn the_same_patch_to_a_twin_function_is_no_proof() {
    let twin = |name: &str, body: &str| {
        format!("int {name}(void)\n{{\n\tstart();\n\tif (bad)\n{body}\tstop();\n\treturn 0;\n}}\n\n")
    };
    let (leak, fixed) = ("\t\treturn -1;\n", "\t\tgoto out_free;\n");
    let pad = lines(10);
    let file = |f: &str, g: &str| format!("{}{pad}{}", twin("same", f), twin("same", g));
    let (base, first, second) = (file(leak, leak), file(fixed, leak), file(leak, fixed));
    let story =
        story(&[("a.c", &base)], &[("fix the leak", &[("a.c", &first)])], &[("fix the leak", &[("a.c", &second)])]);
    story.outcomes();
    assert_eq!(story.result("a.c").matches("goto out_free;").count(), 2, "both twins are fixed");
}

#[test]
fn a_named_commit_whose_short_removed_line_still_stands_is_no_proof() {
    let makefile = "VERSION = 6\nPATCHLEVEL = 6\nSUBLEVEL = 0\n";
    let (before, after) = ("one();\nptr++;\ntwo();\n", "one();\nqtr++;\ntwo();\n");
    let story = story(
        &[("a.c", before), ("Makefile", makefile)],
        &[("both", &[("a.c", "one();\nqtr++;\nptr++;\ntwo();\n")])],
        &[("replace\n\nPatch-File: backport/020-v6.3-replace.patch", &[("a.c", after)])],
    );
    assert_ne!(story.statuses(), ["upstream"]);
}

#[test]
fn an_executable_bit_that_upstream_lacks_is_not_upstream() {
    let repo = Repo::new();
    repo.write("s.sh", lines(40)).write("Makefile", "VERSION = 6\nPATCHLEVEL = 6\nSUBLEVEL = 0\n").commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("s.sh", with(20, "fixed\n")).commit("fix");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1").write("s.sh", with(20, "fixed\n"));
    repo.git(&["add", "s.sh"]);
    repo.git(&["update-index", "--chmod=+x", "s.sh"]);
    repo.git(&["commit", "-q", "-m", "fix\n\nPatch-File: backport/020-v6.3-fix.patch"]);
    repo.git(&["checkout", "-q", "-f", "main"]);
    repo.outcomes(&["v1..topic", "--onto", "v2", "--unreviewed"]);
    assert!(repo.git(&["ls-tree", "topic-v2", "s.sh"]).starts_with("100755"));
}

#[test]
fn two_new_files_that_would_go_to_one_path_are_a_conflict() {
    let text = |n: usize| lines(30).replace("line", &format!("file {n}"));
    let story = story(
        &[("old/file1.c", &text(1)), ("old/file2.c", &text(2))],
        &[],
        &[("two drivers", &[("old/driver.c", "one\n"), ("new/driver.c", "two\n")])],
    );
    let repo = &story.repo;
    repo.git(&["checkout", "-q", "-B", "main", "v1"]);
    repo.git(&["mv", "old", "new"]);
    repo.commit("move the folder");
    repo.git(&["tag", "-f", "v2"]);
    assert_eq!(story.statuses(), ["conflicted"]);
    let kinds: Vec<Value> =
        story.outcomes()[0]["files"].as_array().expect("files").iter().map(|f| f["conflict"]["kind"].clone()).collect();
    assert!(kinds.contains(&json!("add/add")), "{kinds:?}");
}

#[test]
fn a_new_file_in_a_folder_that_lives_on_is_to_review_where_it_goes() {
    let text = |n: usize| lines(30).replace("line", &format!("file {n}"));
    let story = story(
        &[("foo/one.c", &text(1)), ("foo/two.c", &text(2)), ("foo/Makefile", "obj\n")],
        &[],
        &[("three", &[("foo/three.c", "three\n")])],
    );
    let repo = &story.repo;
    repo.git(&["checkout", "-q", "-B", "main", "v1"]);
    std::fs::create_dir(repo.path().join("bar")).expect("a folder");
    repo.git(&["mv", "foo/one.c", "foo/two.c", "bar/"]);
    repo.commit("move most of the folder");
    repo.git(&["tag", "-f", "v2"]);
    assert_eq!(story.outcomes()[0]["flags"], json!(["to_review"]));
}

#[test]
fn an_empty_file_is_not_moved_to_another_empty_file() {
    let story = story(&[("a/Kbuild", ""), ("x", "x\n")], &[], &[("fill", &[("a/Kbuild", "obj-y += a.o\n")])]);
    let repo = &story.repo;
    repo.git(&["checkout", "-q", "-B", "main", "v1"]);
    repo.git(&["rm", "-q", "a/Kbuild"]);
    repo.write("b/other", "").commit("another empty file");
    repo.git(&["tag", "-f", "v2"]);
    assert_eq!(story.statuses(), ["conflicted"]);
    assert_eq!(story.result("b/other"), "");
}

#[test]
fn a_mode_change_of_a_file_that_stands_only_because_of_a_conflict_is_provisional() {
    let repo = Repo::new();
    repo.write("s.sh", lines(40)).write("x", "x\n").commit("base");
    repo.git(&["tag", "v1"]);
    repo.git(&["rm", "-q", "s.sh"]);
    repo.commit("remove it");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1").write("s.sh", with(20, "edited\n")).commit("edit it");
    repo.git(&["update-index", "--chmod=+x", "s.sh"]);
    repo.git(&["commit", "-q", "-m", "chmod it"]);
    repo.git(&["checkout", "-q", "-f", "main"]);
    let (outcomes, _) = repo.outcomes(&["v1..topic", "--onto", "v2"]);
    assert_eq!(outcomes[1]["rests_on"], json!([1]));
}

#[test]
fn a_list_that_runs_backwards_is_refused() {
    let story =
        story(&[("a", "a\n")], &[("u", &[("u", "u\n")])], &[("one", &[("b", "b\n")]), ("two", &[("c", "c\n")])]);
    let list = story.repo.git(&["log", "--format=%H", "v1..topic"]);
    let mut command = story.repo.kmigrate();
    command.args(["--stdin", "--onto", "v2", "--base", "v1"]).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), list.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("is listed before its parent") && err.contains("--reverse"), "{err}");
}

#[test]
fn a_move_that_cannot_arrive_does_not_leave() {
    let repo = Repo::new();
    repo.write("a", lines(40)).write("x", "x\n").commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("b/in", "in\n").write("a", with(5, "upstream 5\n")).commit("a folder b");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.git(&["mv", "a", "b"]);
    repo.commit("move a to b");
    repo.git(&["checkout", "-q", "-f", "main"]);
    let (outcomes, _) = repo.outcomes(&["v1..topic", "--onto", "v2", "--allow-conflicts"]);
    assert_eq!(outcomes[0]["files"][0]["conflict"]["kind"], "directory/file");
    assert_eq!(repo.git(&["ls-tree", "--name-only", "topic-v2"]), "a\nb\nx");
}
