//! How sure of each commit: figures with reasons, limits below which somebody looks, and how the figures are fitted.

use crate::support::{Repo, lines};
use serde_json::Value;
use std::fs;

/// Upstream changes one line; the series changes one far from it, one near it, and the same one.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("a.c", lines(60)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", lines(60).replace("line 30\n", "upstream 30\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", lines(60).replace("line 5\n", "mine 5\n")).commit("far");
    let near = lines(60).replace("line 5\n", "mine 5\n").replace("line 32\n", "mine 32\n");
    repo.write("a.c", &near).commit("near");
    repo.write("a.c", near.replace("line 30\n", "mine 30\n")).commit("the same line");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn figures(outcome: &Value) -> (f64, f64) {
    let of = |name: &str| outcome[name].as_f64().expect("a number");
    (of("confidence"), of("predicted_distance"))
}

#[test]
fn the_nearer_upstream_is_the_less_sure_one_is_and_the_reason_is_said() {
    let repo = repo();
    let outcomes = repo.outcomes(&["v1..topic", "--onto", "v2"]).0;
    let [far, near, same] = [0, 1, 2].map(|n| figures(&outcomes[n]));
    assert!(far.0 > near.0 && near.0 > same.0, "{far:?} {near:?} {same:?}");
    assert!(same.0 < 0.75 && far.1 == 0.0 && same.1 >= 1.0, "{far:?} {same:?}");
    let reasons = |n: usize| outcomes[n]["files"][0]["reasons"].to_string();
    assert!(reasons(1).contains("within three lines of a hunk"), "{}", reasons(1));
    assert!(reasons(2).contains("2 lines are in open conflicts"), "{}", reasons(2));
    assert_eq!(outcomes[0]["files"][0]["signals"]["gap"], 24);
}

#[test]
fn a_commit_below_the_limit_is_to_review_and_never_dropped() {
    let repo = repo();
    let all = repo.outcomes(&["v1..topic~1", "--onto", "v2", "--branch=plain"]).0;
    let (near, _) = figures(&all[1]);
    let limit = format!("--min-confidence={near:.4}");
    let at = repo.outcomes(&["v1..topic~1", "--onto", "v2", "--branch=at", &limit]).0;
    assert_eq!(at[1]["flags"], all[1]["flags"], "what is at the limit is not below it");
    let limit = format!("--min-confidence={:.4}", near + 0.0001);
    let above = repo.outcomes(&["v1..topic~1", "--onto", "v2", "--branch=above", &limit]).0;
    assert_eq!(above[1]["flags"].to_string(), r#"["to_review"]"#);
    assert_eq!(above[1]["files"][0]["accepted"], false);
    assert!(above[1]["evidence"].to_string().contains("was asked for"), "{}", above[1]);
    assert_eq!(above[0]["flags"].to_string(), "[]");
    assert_eq!(above[1]["status"], all[1]["status"]);
}

#[test]
fn limits_come_from_the_settings_too_and_nonsense_is_refused() {
    let repo = repo();
    repo.git(&["config", "kmigrate.minConfidence", "1"]);
    let strict = repo.outcomes(&["v1..topic~1", "--onto", "v2"]).0;
    assert!(strict.iter().all(|o| o["flags"].to_string().contains("to_review")));
    repo.git(&["config", "kmigrate.minConfidence", "often"]);
    let said = repo.run(&["v1..topic", "--onto", "v2"]);
    assert!(said.code == 129 && said.err.contains("bad value 'often' for kmigrate.minconfidence"), "{}", said.err);
    let said = repo.run(&["v1..topic", "--onto", "v2", "--max-distance=-1"]);
    assert!(said.code == 129 && said.err.contains("not a number of lines"), "{}", said.err);
}

#[test]
fn show_says_how_sure_and_why() {
    let repo = repo();
    repo.run(&["v1..topic", "--onto", "v2"]);
    let said = repo.run(&["show", "3"]).out;
    assert!(said.contains("sure    ") && said.contains("lines to change"), "{said}");
    assert!(said.contains("in open conflicts"), "{said}");
}

/// Results of forty pairs, the near ones of them wrong, and their scores.
fn lesson(repo: &Repo) {
    let (mut results, mut scores) = (String::new(), String::new());
    let file = r#""path_old":null,"method":"text","result":"merged","accepted":true,"confidence":null,"predicted_distance":null,"hunks":[]"#;
    for n in 0..40 {
        let near = n % 4;
        let (right, dataset) = (near < 2, if n < 20 { "one" } else { "other" });
        let signals = format!(
            r#"{{"size":5,"gap":{},"near":{near},"open":0,"rework":0,"doubts":0,"findings":0,"files":1,"won":"text"}}"#,
            9 - near
        );
        results.push_str(&format!(
            r#"{{"pair":"p{n}","commit":null,"status":"unmodified","flags":[],"confidence":null,"predicted_distance":null,"files":[{{"path":"a.c",{file},"signals":{signals}}}],"findings":[],"evidence":[]}}"#
        ));
        results.push('\n');
        scores.push_str(&format!(
            r#"{{"id":"p{n}:a.c","pair":"p{n}","dataset":"{dataset}","order":{right},"distance":0}}"#
        ));
        scores.push('\n');
    }
    repo.write("results.jsonl", results).write("scores.jsonl", scores);
}

#[test]
fn coefficients_are_fitted_to_what_was_right_and_read_back() {
    let repo = Repo::new();
    lesson(&repo);
    let said = repo.run(&["evaluate", "--calibrate", "results.jsonl", "--known", "scores.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let value = |name: &str| -> f64 {
        let line = said.out.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).expect("it is there");
        line.parse().expect("a number")
    };
    assert!(value("file.near") < -0.5, "{}", said.out);
    let shipped = kmigrate::verify::confidence::Calibration::shipped();
    for same_in_all in ["file.open", "file.model"] {
        assert_eq!(value(same_in_all), shipped.get(same_in_all), "{same_in_all}: nothing is learned of it");
    }
    assert!(said.out.contains("Fitted to 40 files of 40 commits"), "{}", said.out);
}

#[test]
fn a_data_set_is_judged_by_the_others() {
    let repo = Repo::new();
    lesson(&repo);
    let args = ["evaluate", "--cross-validate", "results.jsonl", "--known", "scores.jsonl", "--out", "judged.jsonl"];
    let said = repo.run(&args);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = fs::read_to_string(repo.path().join("judged.jsonl")).expect("written");
    let judged: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |n: usize| judged[n]["files"][0]["confidence"].as_f64().expect("a number");
    assert!(of(0) > 0.7 && of(3) < 0.3, "{} {}", of(0), of(3));
    assert!(said.out.starts_with("confidence "), "{}", said.out);
}

#[test]
fn results_and_scores_that_do_not_belong_together_are_refused() {
    let repo = Repo::new();
    lesson(&repo);
    repo.write("others.jsonl", r#"{"id":"q:a.c","pair":"q","dataset":"d","order":true,"distance":0}"#);
    let said = repo.run(&["evaluate", "--calibrate", "results.jsonl", "--known", "others.jsonl"]);
    assert!(said.code == 128 && said.err.contains("hint:"), "{}", said.err);
    let said = repo.run(&["evaluate", "--calibrate", "results.jsonl"]);
    assert_eq!(said.code, 129, "{}", said.err);
    repo.write("broken.jsonl", "{\n");
    let said = repo.run(&["evaluate", "--calibrate", "results.jsonl", "--known", "broken.jsonl"]);
    assert!(said.code == 128 && said.err.contains("broken.jsonl") && said.err.contains("line 1"), "{}", said.err);
}
