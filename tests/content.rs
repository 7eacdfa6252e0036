//! What upstream has by content alone: shown with its places, carried to review, never dropped without being asked.

use crate::support::{Repo, lines};
use serde_json::Value;

/// Lines of a patch that nobody else would write.
const ADDED: &str = "first_of_the_patch();\nsecond_of_the_patch();\nthird_of_the_patch();\n";
const MORE: &str = "fourth_of_the_patch();\nfifth_of_the_patch();\nsixth_of_the_patch();\n";

fn numbered(edits: &[(&str, &str)]) -> String {
    let mut text = lines(60);
    for (line, instead) in edits {
        let line = format!("line {line}\n");
        assert!(text.contains(&line));
        text = text.replacen(&line, instead, 1);
    }
    text
}

/// base, upstream's file on it, the series' files on base, in a repository with v1, v2 and topic.
fn story(onto: &str, series: &[&str]) -> Repo {
    let repo = Repo::new();
    repo.write("a.c", lines(60)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", onto).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    for text in series {
        repo.write("a.c", text).commit("patch");
    }
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn outcomes(repo: &Repo, more: &[&str]) -> Vec<Value> {
    let args = ["v1..topic", "--onto", "v2", "--unreviewed", "--allow-conflicts"];
    repo.outcomes(&[&args[..], more].concat()).0
}

fn places(outcome: &Value) -> Vec<&str> {
    outcome["evidence"].as_array().expect("evidence").iter().filter_map(|e| e["place"].as_str()).collect()
}

/// Upstream has both hunks, and went on beside the first so that text merging does not see it.
fn taken_and_surrounded() -> Repo {
    let first = format!("line 20, edited\n{ADDED}upstreams_own();\n");
    let onto = numbered(&[("20", &first), ("40", &format!("line 40\n{MORE}"))]);
    let patch = numbered(&[("20", &format!("line 20\n{ADDED}")), ("40", &format!("line 40\n{MORE}"))]);
    story(&onto, &[&patch])
}

#[test]
fn a_commit_of_which_all_hunks_stand_in_the_new_kernel_is_upstream_to_review() {
    let repo = taken_and_surrounded();
    let outcome = &outcomes(&repo, &[])[0];
    assert_eq!(outcome["status"], "upstream", "{outcome:#}");
    assert_eq!(outcome["flags"], serde_json::json!(["to_review"]));
    assert!(outcome["new"].is_string(), "it is carried");
    assert_eq!(places(outcome)[..2], ["a.c:21-23", "a.c:45-47"]);
    assert_eq!(repo.file("topic-v2", "a.c"), repo.file("v2", "a.c").trim_end(), "nothing stands twice");
    let said = repo.run(&["show", "1", "--run", "topic-v2"]);
    assert!(said.out.contains("a.c:21-23"), "{}", said.out);
}

#[test]
fn it_is_left_out_where_that_was_asked_for_or_somebody_accepted_it() {
    let repo = taken_and_surrounded();
    let outcome = &outcomes(&repo, &["--upstream=drop-content", "--branch", "dropped"])[0];
    assert_eq!((&outcome["status"], &outcome["new"]), (&"upstream".into(), &Value::Null), "{outcome:#}");
    assert_eq!(repo.git(&["rev-parse", "dropped"]), repo.git(&["rev-parse", "v2"]));
    repo.run(&["v1..topic", "--onto", "v2"]);
    let said = repo.run(&["accept", "1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(repo.git(&["rev-parse", "topic-v2"]), repo.git(&["rev-parse", "v2"]));
}

#[test]
fn hunks_that_upstream_has_are_left_out_of_a_commit_that_brings_more() {
    let onto = numbered(&[("20", &format!("line 20, edited\n{ADDED}upstreams_own();\n"))]);
    let patch = numbered(&[("20", &format!("line 20\n{ADDED}")), ("40", &format!("line 40\n{MORE}"))]);
    let repo = story(&onto, &[&patch]);
    let outcome = &outcomes(&repo, &[])[0];
    assert_eq!(outcome["status"], "modified", "{outcome:#}");
    assert!(outcome["flags"].as_array().expect("flags").contains(&"partly_upstream".into()), "{outcome:#}");
    assert!(places(outcome).contains(&"a.c:21-23"), "{outcome:#}");
    let result = repo.file("topic-v2", "a.c");
    assert_eq!((result.matches(ADDED).count(), result.matches(MORE).count()), (1, 1));
}

#[test]
fn hunks_that_would_conflict_or_stand_twice_are_left_out_and_that_is_to_review() {
    let swapped = ADDED.lines().rev().collect::<Vec<_>>().join("\n");
    let onto = numbered(&[("20", &format!("line 20\n{swapped}\nupstreams_own();\n"))]);
    let patch = numbered(&[("20", &format!("line 20\n{ADDED}")), ("40", &format!("line 40\n{MORE}"))]);
    let repo = story(&onto, &[&patch]);
    let outcome = &outcomes(&repo, &[])[0];
    assert_eq!(outcome["status"], "modified", "{outcome:#}");
    assert_eq!(outcome["flags"], serde_json::json!(["to_review", "partly_upstream"]));
    assert_eq!(places(outcome), ["a.c:21-23"]);
    let result = repo.file("topic-v2", "a.c");
    assert_eq!((result.matches("second_of_the_patch").count(), result.matches(MORE).count()), (1, 1));
}

#[test]
fn the_same_lines_at_another_place_stay_a_change_of_the_patch() {
    let onto = numbered(&[("50", &format!("line 50\n{ADDED}")), ("20", "line 20, edited\n")]);
    let repo = story(&onto, &[&numbered(&[("20", &format!("line 20\n{ADDED}"))])]);
    let outcome = &outcomes(&repo, &[])[0];
    assert_ne!(outcome["status"], "upstream", "{outcome:#}");
    assert!(!outcome["evidence"].to_string().contains("stand here already"), "{outcome:#}");
    assert_eq!(repo.file("topic-v2", "a.c").matches(ADDED).count(), 2);
}

#[test]
fn what_the_series_takes_back_itself_is_not_upstreams() {
    let onto = numbered(&[("5", "line 5, edited\n")]);
    let patch = numbered(&[("20", &format!("line 20\n{ADDED}"))]);
    let repo = story(&onto, &[&patch, &lines(60)]);
    let outcomes = outcomes(&repo, &[]);
    let statuses: Vec<&Value> = outcomes.iter().map(|o| &o["status"]).collect();
    assert_eq!(statuses, ["unmodified", "unmodified"], "{outcomes:#?}");
}

#[test]
fn what_the_series_undid_is_carried_when_it_comes_again() {
    // Upstream has it; the series has it under other words first, takes that away, and adds it as upstream did.
    let taken = numbered(&[("20", &format!("line 20\n{ADDED}"))]);
    let onto = taken.replace("line 5\n", "line 5, edited\n");
    let repo = story(&onto, &[&taken, &lines(60), &taken]);
    let outcomes = outcomes(&repo, &[]);
    assert!(repo.file("topic-v2", "a.c").contains(ADDED), "{outcomes:#?}");
}
