//! What text merging leaves open, settled line by line: told, and with a doubt not accepted without a look.

use crate::support::{Repo, lines};
use serde_json::Value;

/// Upstream and the series change neighbouring lines of a.c, insert at one place of b.c, and change one line of c.c.
fn repo() -> Repo {
    let repo = Repo::new();
    for file in ["a.c", "b.c", "c.c"] {
        repo.write(file, lines(30));
    }
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", lines(30).replace("line 10\n", "upstream 10\n"));
    repo.write("b.c", lines(30).replace("line 10\n", "line 10\nupstream\n"));
    repo.write("c.c", lines(30).replace("line 10\n", "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", lines(30).replace("line 11\n", "mine 11\n")).commit("one, beside it");
    repo.write("b.c", lines(30).replace("line 10\n", "line 10\nmine\n")).commit("two, at one place");
    let both = lines(30).replace("line 10\n", "mine 10\n").replace("line 25\n", "mine 25\n");
    repo.write("c.c", both).commit("three, the same line");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn outcomes(repo: &Repo, methods: &str) -> Vec<Value> {
    repo.outcomes(&["v1..topic", "--onto", "v2", methods]).0
}

#[test]
fn neighbouring_lines_are_settled_insertions_without_evidence_are_to_review_and_one_line_of_both_is_open() {
    let repo = repo();
    let found = outcomes(&repo, "--methods=text,line");
    let brief = |o: &Value| {
        (
            o["status"].clone(),
            o["flags"].to_string(),
            o["files"][0]["method"].clone(),
            o["files"][0]["accepted"].clone(),
        )
    };
    let review = r#"["to_review"]"#.to_owned();
    assert_eq!(brief(&found[0]), ("unmodified".into(), "[]".into(), "line".into(), true.into()));
    assert_eq!(brief(&found[1]), ("unmodified".into(), review, "line".into(), false.into()));
    assert_eq!(brief(&found[2]), ("conflicted".into(), "[]".into(), "text".into(), false.into()));
    let tip = "refs/kmigrate/runs/topic-v2/tip";
    assert!(repo.file(tip, "a.c").contains("upstream 10\nmine 11\n"));
    assert!(repo.file(tip, "b.c").contains("line 10\nupstream\nmine\n"));
}

#[test]
fn the_doubt_names_the_line_and_accepting_it_is_for_a_person() {
    let repo = repo();
    let found = outcomes(&repo, "--methods=text,line");
    let said = found[1]["evidence"].to_string();
    assert!(said.contains("to look at: no evidence for the order") && said.contains("b.c:11"), "{said}");
    assert_eq!(repo.run(&["accept", "2"]).code, 0);
    repo.run(&["drop", "3"]);
    let done = repo.run(&["continue"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(repo.file("topic-v2", "b.c").contains("upstream\nmine\n"));
}

#[test]
fn without_the_method_they_are_conflicts() {
    let repo = repo();
    let found = outcomes(&repo, "--methods=text");
    assert!(found.iter().all(|o| o["status"] == "conflicted"), "{found:?}");
}

#[test]
fn what_the_machine_did_beyond_text_is_shown() {
    let repo = repo();
    outcomes(&repo, "--methods=text,line");
    let said = repo.run(&["show", "2", "--machine"]).out;
    assert!(said.contains("b.c: beyond the plain text merge:") && said.contains("+upstream"), "{said}");
}
