//! `--drop-reverted`: a commit that the series itself takes back exactly is left out together with what takes it back.

use crate::support::{Repo, beside_upstream, lines};

/// One, two, the revert of one, three: each far from the others, in one file.
fn series() -> Repo {
    let repo = beside_upstream();
    let edit = |before: &str, after: &str| {
        let text = std::fs::read_to_string(repo.path().join("x.c")).expect("x.c");
        repo.write("x.c", text.replace(before, after));
    };
    edit("line 10\n", "one 10\n");
    repo.commit("one");
    edit("line 30\n", "two 30\n");
    repo.commit("two");
    edit("one 10\n", "line 10\n");
    repo.commit("Revert \"one\"");
    edit("line 50\n", "three 50\n");
    repo.commit("three");
    repo
}

fn statuses(repo: &Repo, args: &[&str]) -> Vec<String> {
    let (outcomes, _) = repo.outcomes(&[&["v1..topic", "--onto", "v2"], args].concat());
    outcomes.iter().map(|o| o["status"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn both_are_left_out_listed_and_can_be_taken_back() {
    let repo = series();
    let dry = ["unmodified", "unmodified", "unmodified", "unmodified"];
    assert_eq!(statuses(&repo, &["-n"]), dry, "not without being asked for");
    assert_eq!(statuses(&repo, &["--drop-reverted", "-n"]), ["dropped", "unmodified", "dropped", "unmodified"]);
    let said = repo.run(&["v1..topic", "--onto", "v2", "--drop-reverted", "-v"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("the series takes it back later, in ")
            && said.out.contains("of the series back exactly: one"),
        "{}",
        said.out
    );
    assert!(said.out.contains("dropped, taken back         2") && !said.out.contains("by hand"), "{}", said.out);
    let listed = repo.run(&["list"]).out;
    assert!(listed.contains("(it takes ") && listed.contains("(the series takes it back later, in "), "{listed}");
    assert_eq!(repo.git(&["log", "--format=%s", "v2..topic-v2"]), "three\ntwo");
    assert!(repo.run(&["log"]).out.contains(": the series takes it back later"), "the journal has it");
    assert_eq!(repo.git(&["diff", "--stat", "topic", "topic-v2", "--", "x.c"]), "");
    assert_eq!(repo.run(&["reset", "1", "3"]).code, 0);
    assert_eq!(repo.run(&["continue"]).code, 0);
    assert_eq!(repo.git(&["log", "--format=%s", "v2..topic-v2"]), "three\nRevert \"one\"\ntwo\none");
}

#[test]
fn what_takes_only_a_part_back_or_comes_back_again_stays() {
    let repo = series();
    repo.branch("topic", "v1");
    repo.write("x.c", lines(60).replace("line 10\n", "one 10\n").replace("line 40\n", "one 40\n")).commit("one");
    repo.write("x.c", lines(60).replace("line 40\n", "one 40\n")).commit("a part of it back");
    repo.write("bin", b"\0a").commit("a binary");
    repo.write("bin", b"\0b").commit("changed");
    repo.write("bin", b"\0c").commit("changed again");
    repo.write("bin", b"\0b").commit("back");
    let dropped = statuses(&repo, &["--drop-reverted", "-n"]);
    assert_eq!(dropped, ["unmodified", "unmodified", "unmodified", "unmodified", "dropped", "dropped"]);
    let repo = series();
    repo.branch("topic", "topic");
    let text = std::fs::read_to_string(repo.path().join("x.c")).expect("x.c");
    repo.write("x.c", text.replace("line 10\n", "one 10\n")).commit("one, again");
    let dropped = statuses(&repo, &["--drop-reverted", "-n"]);
    assert_eq!(dropped, ["dropped", "unmodified", "dropped", "unmodified", "unmodified"]);
}
