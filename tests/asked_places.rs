//! Where the code that a patch changes is not in the file any more under its name, a model is asked where it is before it is asked what becomes of
//! the patch: a program of our own, which is wrong at first.

use crate::support::{Repo, Said, said};
use serde_json::{Value, json};
use std::fs;

const HEAD: &str =
    "#include <linux/acme.h>\n\nint acme_first(struct acme *dev)\n{\n\treturn acme_read(dev, REG_FIRST);\n}\n\n";
const OLD: &str = "int acme_start(struct acme *dev)\n{\n\tint ret = acme_power(dev, 1);\n\n\tif (ret)\n\t\treturn ret;\n\
\tacme_write(dev, REG_MODE, MODE_SLOW);\n\treturn acme_wait(dev, REG_STATE);\n}\n\n";
const LAST: &str = "int acme_last(struct acme *dev)\n{\n\treturn acme_read(dev, REG_LAST);\n}\n";
/// What upstream made of it: lines 13 to 18.
const NEW: &str = "\nstatic int acme_port_enable(struct acme_port *port, u32 mode)\n{\n\tguard(mutex)(&port->lock);\n\
\tport_speed(port, SPEED_LOW);\n\treturn regmap_poll(port->map, REG_STATE, port->timeout);\n}\n";

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("acme.c", [HEAD, OLD, LAST].concat()).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("port.h", "void port_mode(struct acme_port *port, int reg, int mode);\n");
    repo.write("acme.c", [HEAD, LAST, NEW].concat()).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("acme.c", [HEAD, &OLD.replace("MODE_SLOW", "MODE_FAST"), LAST].concat()).commit("acme: faster");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

/// A model that says these things: to where it is, to the same again, and to what becomes of the patch.
fn model(repo: &Repo, [place, again, edits]: [&str; 3]) -> String {
    let script = format!(
        "prompt=$(cat)\ncase $prompt in\n*'Find the lines of the new kernel'*'Why your last answer'*) echo again >>\"$ASKED\"; printf '{again}' ;;\n\
         *'Find the lines of the new kernel'*) echo place >>\"$ASKED\"; printf '{place}' ;;\n*) echo edits >>\"$ASKED\"; printf '{edits}' ;;\nesac\n"
    );
    fs::write(repo.beside("model.sh"), script).expect("written");
    format!("--model=command:sh {}", repo.beside("model.sh").display())
}

fn run(repo: &Repo, args: &[&str]) -> Said {
    said(repo.kmigrate().env("ASKED", repo.beside("asked")).args(args).output().expect("the program starts"))
}

fn asked(repo: &Repo) -> Vec<String> {
    fs::read_to_string(repo.beside("asked")).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn outcome(repo: &Repo) -> Value {
    serde_json::from_str(repo.run(&["list", "--json"]).out.lines().next().expect("a line")).expect("JSON")
}

const WALK: [&str; 3] = ["v1..topic", "--onto", "v2"];
const TIP: &str = "refs/kmigrate/runs/topic-v2/tip";
const PLACE: &str = "=== lines 13-18 ===\\n=== end ===\\n";
const EDITS: &str =
    "=== replace 16-16 ===\\n\\tport_mode(port, REG_MODE, MODE_FAST);\\n=== end ===\\nreason: the same register\\n";

#[test]
fn a_place_that_nothing_tells_is_asked_for_again_if_it_cannot_be_it_and_then_what_becomes_of_the_patch() {
    let repo = repo();
    let model = model(&repo, ["=== lines 900-910 ===\\n=== end ===\\n", PLACE, EDITS]);
    let done = run(&repo, &[&WALK[..], &[&model]].concat());
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert_eq!(asked(&repo), ["place", "again", "edits"]);
    let outcome = outcome(&repo);
    assert_eq!(outcome["status"], "modified", "{outcome}");
    assert!(outcome["flags"].to_string().contains("to_review"), "{outcome}");
    assert_eq!(
        repo.file(TIP, "acme.c"),
        [HEAD, LAST, &NEW.replace("port_speed(port, SPEED_LOW)", "port_mode(port, REG_MODE, MODE_FAST)")]
            .concat()
            .trim_end()
    );
    let said = outcome["evidence"].to_string();
    assert!(said.contains("that function acme_start is in lines 13-18 of the new file is the model's word"), "{said}");
    assert!(said.contains("lines 900-910 are not lines of the new file as it was shown"), "{said}");
    let kept = outcome["files"][0]["asked"].as_array().expect("what was asked").clone();
    let refused: Vec<bool> = kept.iter().map(|one| one["refused"].is_string()).collect();
    assert_eq!(refused, [true, false, false], "{kept:?}");
    run(&repo, &[&WALK[..], &[&model]].concat());
    assert_eq!(asked(&repo).len(), 3, "the same run again asks nobody");
}

#[test]
fn nobody_is_asked_what_becomes_of_code_that_is_said_not_to_be_there() {
    let repo = repo();
    let model = model(&repo, ["=== not here ===\\nreason: it went to the bus\\n", PLACE, EDITS]);
    run(&repo, &[&WALK[..], &[&model]].concat());
    assert_eq!(asked(&repo), ["place"]);
    let outcome = outcome(&repo);
    assert_eq!(outcome["status"], "conflicted");
    let said = outcome["evidence"].to_string();
    assert!(said.contains("that function acme_start is not in this file any more: it went to the bus"), "{said}");
}

#[test]
fn a_line_that_a_model_puts_elsewhere_than_it_said_the_code_is_does_not_pass() {
    let repo = repo();
    let edits = "=== insert after 4 ===\\n\\tacme_write(dev, REG_MODE, MODE_FAST);\\n=== end ===\\n";
    let model = model(&repo, [PLACE, PLACE, edits]);
    run(&repo, &[&WALK[..], &[&model]].concat());
    assert_eq!(outcome(&repo)["status"], "conflicted");
    assert!(!repo.file(TIP, "acme.c").starts_with(&[HEAD, "\tacme_write"].concat()));
}

#[test]
fn a_question_for_a_place_is_shown_exported_and_its_answer_imported() {
    let repo = repo();
    run(&repo, &WALK);
    let shown = run(&repo, &["prompts", "show", "--model=command:true"]);
    assert!(shown.out.contains("The old lines are function acme_start."), "{}", shown.out);
    for (wanted, answer) in [("Find the lines", PLACE), ("yours to edit", EDITS)] {
        let out = run(&repo, &["prompts", "export", "--model=command:true"]).out;
        assert_eq!(out.lines().count(), 1, "{out}");
        assert!(out.contains(wanted), "{wanted}: {out}");
        let question: Value = serde_json::from_str(&out).expect("JSON");
        let content = answer.replace("\\n", "\n").replace("\\t", "\t");
        let body = json!({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}]});
        let line =
            json!({"custom_id": question["custom_id"], "response": {"status_code": 200, "body": body}, "error": null});
        repo.write("answers.jsonl", line.to_string());
        let done = run(&repo, &["prompts", "import", "answers.jsonl", "--model=command:true"]);
        assert_eq!(done.code, 1, "{}", done.err);
    }
    assert_eq!(outcome(&repo)["status"], "modified");
    assert!(asked(&repo).is_empty());
}

#[test]
fn what_may_be_spent_holds_for_places_too() {
    let repo = repo();
    let model = model(&repo, [PLACE, PLACE, EDITS]);
    run(&repo, &[&WALK[..], &[&model, "--budget=10"]].concat());
    assert!(asked(&repo).is_empty());
    assert_eq!(outcome(&repo)["status"], "conflicted");
}

#[test]
fn what_a_model_says_is_there_already_is_left_as_upstream_has_it_for_a_person_to_see() {
    let repo = repo();
    let model = model(&repo, [PLACE, PLACE, "=== already there ===\\nreason: line 16 sets the mode\\n"]);
    run(&repo, &[&WALK[..], &[&model, "--allow-conflicts"]].concat());
    assert_eq!(asked(&repo), ["place", "edits"]);
    let outcome = outcome(&repo);
    assert_eq!(outcome["status"], "modified", "it is kept, empty: {outcome}");
    assert!(outcome["flags"].to_string().contains("to_review"), "{outcome}");
    let said = outcome["evidence"].to_string();
    assert!(said.contains("says that the new kernel has this already: line 16 sets the mode"), "{said}");
    assert_eq!(repo.file(TIP, "acme.c"), [HEAD, LAST, NEW].concat().trim_end());
    assert!(!repo.refs().contains("refs/heads/topic-v2"), "nobody has looked");
    assert_eq!(run(&repo, &["accept", "1"]).code, 0);
    let done = run(&repo, &["continue", &model]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(repo.id("refs/heads/topic-v2"), repo.id("v2^{commit}"), "nothing is left of it");
}

/// A function that upstream split: `early` is what it calls now, far above.
fn split(mode: &str, is_split: bool) -> String {
    let work = format!(
        "\tacme_lock(dev);\n\tacme_write(dev, REG_MODE, {mode});\n\tacme_write(dev, REG_SYNC, 1);\n\tacme_unlock(dev);\n"
    );
    let between: String = (0..12)
        .map(|n| format!("int acme_get_{n}(struct acme *dev)\n{{\n\treturn acme_read(dev, REG_{n});\n}}\n\n"))
        .collect();
    let start =
        |body: &str| format!("int acme_start(struct acme *dev)\n{{\n{body}\treturn acme_wait(dev, REG_STATE);\n}}\n");
    match is_split {
        false => format!("{between}{}", start(&work)),
        true => format!(
            "static void acme_setup(struct acme *dev)\n{{\n{work}}}\n\n{between}{}",
            start("\tacme_setup(dev);\n")
        ),
    }
}

#[test]
fn what_upstream_split_off_is_edited_where_it_stands_now() {
    let repo = Repo::new();
    repo.write("acme.c", split("MODE_SLOW", false)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("acme.c", split("acme_mode(dev)", true)).commit("upstream splits it");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("acme.c", split("MODE_FAST", false)).commit("acme: faster");
    repo.git(&["checkout", "-q", "main"]);
    let now = split("acme_mode(dev)", true);
    let line = 1 + now.lines().position(|line| line.contains("REG_MODE")).expect("a line");
    let edits = format!(
        "=== replace {line}-{line} ===\\n\\tacme_write(dev, REG_MODE, MODE_FAST);\\n=== end ===\\nreason: it stands there now\\n"
    );
    let model = model(&repo, [PLACE, PLACE, &edits]);
    let done = run(&repo, &[&WALK[..], &[&model]].concat());
    let shown = run(&repo, &["prompts", "show", "--model=command:true"]);
    let outcome = outcome(&repo);
    assert_eq!(outcome["status"], "modified", "{}{}{}\n{outcome}", done.out, done.err, shown.out);
    assert_eq!((asked(&repo), &outcome["files"][0]["method"]), (vec!["edits".to_owned()], &json!("model")));
    assert!(outcome["flags"].to_string().contains("to_review"), "{outcome}");
    assert_eq!(repo.file(TIP, "acme.c"), split("MODE_FAST", true).trim_end());
}
