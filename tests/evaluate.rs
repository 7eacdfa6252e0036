//! `git kmigrate evaluate`: each pair by the whole pipeline, in a repository that holds nothing else.

use crate::support::{Repo, lines};
use serde_json::Value;
use std::fs;

/// A kernel of two versions, and a branch `answers` on the new one with what people made of the series.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("a.c", lines(40)).write("b.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", lines(40).replace("line 20\n", "upstream 20\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", lines(40).replace("line 5\n", "mine 5\n")).commit("clean");
    repo.git(&["tag", "clean"]);
    repo.write("a.c", lines(40).replace("line 20\n", "mine 20\n").replace("line 5\n", "mine 5\n")).commit("conflicted");
    repo.git(&["tag", "conflicted"]);
    repo.branch("answers", "v2");
    repo.write("a.c", lines(40).replace("line 20\n", "both 20\n")).commit("the answer");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn pair(repo: &Repo, old: &str, onto: &str) -> String {
    let id = |name: &str| repo.git(&["rev-parse", &format!("{name}^{{commit}}")]);
    format!(r#"{{"pair": "{old}", "old": "{}", "onto": "{}"}}"#, id(old), id(onto))
}

fn evaluate(repo: &Repo) -> Vec<Value> {
    repo.write("pairs.jsonl", format!("{}\n{}\n", pair(repo, "clean", "v2"), pair(repo, "conflicted", "v2")));
    let said = repo.run(&["evaluate", "--pairs", "pairs.jsonl", "--out", "results.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = fs::read_to_string(repo.path().join("results.jsonl")).expect("written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn each_pair_is_answered_by_a_commit_on_its_onto_and_says_what_is_accepted() {
    let repo = repo();
    let answers = evaluate(&repo);
    let words = |a: &Value| (a["pair"].clone(), a["status"].clone(), a["files"][0]["accepted"].clone());
    let said: Vec<_> = answers.iter().map(words).collect();
    assert_eq!(said[0], ("clean".into(), "unmodified".into(), true.into()));
    assert_eq!(said[1], ("conflicted".into(), "conflicted".into(), false.into()));
    for answer in &answers {
        let commit = answer["commit"].as_str().expect("an id");
        let parent = repo.git(&["-C", "results.git", "rev-parse", &format!("{commit}^")]);
        assert_eq!(parent, repo.git(&["rev-parse", "v2"]));
    }
}

#[test]
fn what_is_measured_is_in_a_repository_without_the_answers_and_nothing_is_left_in_this_one() {
    let repo = repo();
    let before = (repo.refs(), repo.git(&["count-objects", "-v"]));
    let answers = evaluate(&repo);
    assert_eq!((repo.refs(), repo.git(&["count-objects", "-v"])), before);
    assert!(!repo.path().join(".git/kmigrate").exists());
    let place = |args: &[&str]| repo.git(&[&["-C", "results.git"], args].concat());
    assert_eq!(place(&["for-each-ref"]), "");
    let answer = repo.git(&["rev-parse", "answers"]);
    let objects = place(&["cat-file", "--batch-all-objects", "--batch-check"]);
    assert!(!objects.contains(&answer), "the answer is out of reach");
    assert!(!repo.path().join("results.git/objects/info/alternates").exists());
    assert!(objects.contains(answers[0]["commit"].as_str().expect("an id")));
}

#[test]
fn the_same_pairs_come_out_as_the_same_commits_and_are_copied_once() {
    let repo = repo();
    assert_eq!(evaluate(&repo), evaluate(&repo));
}

#[test]
fn a_folder_that_holds_something_else_is_refused() {
    let repo = repo();
    repo.write("pairs.jsonl", pair(&repo, "clean", "v2"));
    let said = repo.run(&["evaluate", "--pairs", "pairs.jsonl", "--out", "r.jsonl", "--repo", "."]);
    assert!(said.code == 128 && said.err.contains("neither empty nor a repository that an earlier"), "{}", said.err);
    assert!(!repo.path().join("r.jsonl").exists());
}

#[test]
fn a_line_that_is_no_pair_and_a_commit_that_is_not_there_are_named() {
    let repo = repo();
    repo.write("pairs.jsonl", format!("{}\n{{\"pair\": 3}}\n", pair(&repo, "clean", "v2")));
    let said = repo.run(&["evaluate", "--pairs", "pairs.jsonl", "--out", "r.jsonl"]);
    assert!(said.code == 128 && said.err.starts_with("fatal: pairs.jsonl: line 2: "), "{}", said.err);
    let gone = "1".repeat(40);
    repo.write("pairs.jsonl", format!(r#"{{"pair": "x", "old": "{gone}", "onto": "{gone}"}}"#));
    let said = repo.run(&["evaluate", "--pairs", "pairs.jsonl", "--out", "r.jsonl"]);
    assert!(said.code == 128 && said.err.contains(&gone), "{}", said.err);
}

#[test]
fn miggpt_s_task_runs_on_its_data_set_and_prints_its_tables() {
    let repo = Repo::new();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/miggpt/data.csv");
    let said = repo.run(&["evaluate", "--miggpt", data, "--out", "told.jsonl"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("Table 1: retrieval") && said.out.contains("Table 4: line edit distance"),
        "{}",
        said.out
    );
    let told = fs::read_to_string(repo.path().join("told.jsonl")).expect("written");
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((told.len(), &told[4]["migration"]["by"]), (14, &Value::from("line")));
    let said = repo.run(&["evaluate", "--miggpt", data, "--stage", "retrieve", "--ablate", "cfp"]);
    assert!(said.code == 0 && !said.out.contains("Table 2") && said.out.contains("no model, no cfp"), "{}", said.out);
}

#[test]
fn the_questions_of_miggpt_s_rows_go_out_together() {
    let repo = Repo::new();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/miggpt/data.csv");
    // Nobody is answered before three have asked: one at a time would wait in vain.
    let waits = "n=$(mktemp asked.XXXXXX); for i in $(seq 200); do [ $(ls asked.* | wc -l) -ge 3 ] && break; sleep 0.05; done\n\
                 [ $(ls asked.* | wc -l) -ge 3 ] || exit 1\necho '=== leave open ==='; echo 'reason: asked'\n";
    repo.write("waits", waits);
    let model = format!("--model=command:sh {}", repo.path().join("waits").display());
    let said = repo.run(&["evaluate", "--miggpt", data, "--vanilla", &model, "--stage", "migrate"]);
    assert!(said.code == 0 && said.out.contains("queries per sample: 1.00"), "{}{}", said.out, said.err);
}

#[test]
fn what_makes_no_sense_together_is_said() {
    let repo = Repo::new();
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/miggpt/data.csv");
    for (args, said) in [
        (&["evaluate"][..], "required"),
        (&["evaluate", "--pairs", "p", "--miggpt", "d"], "cannot be used with"),
        (&["evaluate", "--pairs", "p"], "--out"),
        (&["evaluate", "--to-miggpt", "x.csv"], "--samples"),
        (&["evaluate", "--miggpt", data, "--vanilla"], "--vanilla is a model by itself"),
    ] {
        let told = repo.run(args);
        assert!(told.code == 129 && told.err.contains(said), "{args:?} {} {}", told.code, told.err);
    }
    let told = repo.run(&["evaluate", "--miggpt", data, "--model", "nobody"]);
    assert!(told.code == 128 && told.err.contains("no model 'nobody'"), "{}", told.err);
    repo.write("odd.csv", ",type\n0,1\n");
    let told = repo.run(&["evaluate", "--miggpt", "odd.csv"]);
    assert!(told.code == 128 && told.err.contains("has no column s_old"), "{}", told.err);
}

#[test]
fn carried_files_become_a_data_set_that_the_task_reads() {
    let repo = Repo::new();
    let code = "int f(int a)\n{\n\tone(a);\n\ttwo(a);\n\tthree(a);\n\treturn a;\n}\n";
    let id = |text: String| {
        repo.write("t.c", text);
        repo.git(&["hash-object", "-w", "t.c"])
    };
    let (upstream, mine) = (code.replace("return a", "return -a"), "\tnew(a);\n\tone(a);\n");
    let base = id(code.to_owned());
    let ours = id(upstream.clone());
    let theirs = id(code.replace("\tone(a);\n", mine));
    let truth = id(upstream.replace("\tone(a);\n", mine));
    let line = format!(
        r#"{{"id": "one", "path_new": "t.c", "base": "{base}", "ours": "{ours}", "theirs": "{theirs}", "truth": "{truth}", "lang": ".c"}}"#
    );
    repo.write("samples.jsonl", format!("{line}\n"));
    let said = repo.run(&["evaluate", "--to-miggpt", "data.csv", "--samples", "samples.jsonl"]);
    assert!(said.code == 0 && said.out.starts_with("1 samples of 1 files"), "{} {}", said.out, said.err);
    let said = repo.run(&["evaluate", "--miggpt", "data.csv"]);
    assert!(said.out.contains("Type 1 (1)") && said.out.contains("100.00 %"), "{}", said.out);
}
