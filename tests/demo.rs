//! `git kmigrate demo` runs, and every patch of its series comes out as `fixtures/series/demo/expected.jsonl` says.

use crate::support::{Repo, said};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn the_demo_shows_every_outcome_and_leaves_a_repository_to_look_at() {
    let repo = Repo::new();
    let dir = repo.beside("demo");
    let shown = repo.run(&["demo", "--dir", dir.to_str().expect("a UTF-8 path")]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    for word in
        ["unmodified", "modified", "upstream", "empty", "conflicted", "skipped", "pending", "to review", "provisional"]
    {
        assert!(shown.out.contains(word), "{word} is not in:\n{}", shown.out);
    }
    let run = |args: &[&str]| said(repo.kmigrate().current_dir(&dir).args(args).output().expect("the program starts"));
    let conflict = run(&["show", "12"]);
    assert!(conflict.out.contains("upstream's own change here:"), "{}", conflict.out);
    let written = run(&["v6.1..acme", "--onto", "v6.6", "--allow-conflicts", "--unreviewed"]);
    assert_eq!(written.code, 1, "{}", written.err);
    assert!(written.out.contains("branch acme-v6.6 is at"), "{}", written.out);
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let repo = Repo::new();
    let said = repo.run(&["demo", "--dir", "."]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("is not empty"), "{}", said.err);
}

#[test]
fn each_patch_of_the_demo_comes_out_as_expected() {
    let repo = Repo::new();
    let dir = repo.beside("demo");
    repo.run(&["demo", "--dir", dir.to_str().expect("a UTF-8 path")]);
    let args = ["v6.1..acme", "--onto", "v6.6", "--json", "--dry-run"];
    let out = said(repo.kmigrate().current_dir(&dir).args(args).output().expect("the program starts")).out;
    let found: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).expect("JSON")).map(|v| brief(&v)).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/series/demo/expected.jsonl");
    let expected = std::fs::read_to_string(path).expect("expected.jsonl");
    let expected: Vec<Value> = expected.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(found.len() - 1, expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

/// What `expected.jsonl` holds of an outcome.
fn brief(outcome: &Value) -> Value {
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let file = |f: &Value| json!({"path": f["path"], "path_old": f["path_old"], "result": f["result"], "conflict": f["conflict"]["kind"]});
    json!({
        "n": outcome["n"],
        "subject": outcome["subject"],
        "status": outcome["status"],
        "flags": list(&outcome["flags"]),
        "rests_on": list(&outcome["rests_on"]),
        "files": list(&outcome["files"]).iter().map(file).collect::<Vec<_>>(),
    })
}
