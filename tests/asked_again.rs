//! What a model answered holds in later walks, whoever is asked then; how little of a program is told; what is said where nobody answers.

use crate::asked::{batch_answers, list, migrated, program, replies, repo, run};
use crate::support::{Repo, said};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn statuses(repo: &Repo) -> Vec<String> {
    list(repo).iter().map(|outcome| outcome["status"].as_str().expect("a status").to_owned()).collect()
}

fn is_open(repo: &Repo, n: usize) -> bool {
    let outcome = &list(repo)[n - 1];
    outcome["status"] == "conflicted" || outcome["flags"].to_string().contains("to_review")
}

#[test]
fn what_a_person_accepted_stays_though_nobody_can_be_asked_again() {
    let repo = migrated();
    assert_eq!(run(&repo, &["accept", "1", "2"]).code, 0);
    fs::remove_dir_all(repo.path().join(".git/kmigrate/answers")).expect("it was there");
    for model in [&[][..], &["--model=command:exit 3"]] {
        let done = run(&repo, &[&["continue"], model].concat());
        assert_eq!(done.code, 1, "the others are open: {}", done.err);
        assert!(!is_open(&repo, 1) && !is_open(&repo, 2), "{:?}", statuses(&repo));
    }
    let message = repo.git(&["log", "-1", "--format=%B", list(&repo)[0]["new"].as_str().expect("an id")]);
    assert!(message.contains("Assisted-by: git-kmigrate:a program"), "{message}");
    let told = run(&repo, &["continue", "--model=none"]);
    assert_eq!(statuses(&repo)[0], "conflicted", "that nobody is asked was said");
    assert!(told.err.contains("accepted before, and open again") && told.err.contains("1, 2"), "{}", told.err);
    assert!(list(&repo)[0]["evidence"].to_string().contains("a person accepted this commit"));
    run(&repo, &["continue"]);
    assert!(!is_open(&repo, 1));
    run(&repo, &["reset", "1"]);
    run(&repo, &["continue"]);
    assert_eq!(
        (statuses(&repo)[0].as_str(), statuses(&repo)[1].as_str()),
        ("conflicted", "modified"),
        "its answers too"
    );
}

/// Runs with two models in the user's settings.
fn configured(repo: &Repo, args: &[&str]) -> crate::support::Said {
    let path = repo.beside("models");
    let model = |name: &str| {
        format!("[kmigrate \"model.{name}\"]\n\tcommand = \"TOKEN=sk-secret false\"\n\tmodel = {name}-7b\n")
    };
    fs::write(&path, model("good") + &model("other")).expect("a file");
    said(repo.kmigrate().env("GIT_CONFIG_GLOBAL", path).args(args).output().expect("the program starts"))
}

/// Answers to all open questions, as a batch service gives them.
fn answers(repo: &Repo) -> String {
    let out = configured(repo, &["prompts", "export", "--model=good"]).out;
    assert!(!out.contains("sk-secret"), "{out}");
    batch_answers(&out)
}

#[test]
fn imported_answers_stay_and_whoever_gave_them_is_asked_next() {
    let repo = repo();
    configured(&repo, &["v1..topic", "--onto", "v2"]);
    repo.write("answers.jsonl", answers(&repo));
    let import = |model: &str| configured(&repo, &["prompts", "import", "answers.jsonl", model]);
    let done = import("--model=good");
    assert_eq!(statuses(&repo)[0], "modified", "{}{}", done.out, done.err);
    assert!(repo.run(&["status", "--json"]).out.contains("good") || repo.run(&["log"]).out.contains("good-7b"));
    let again = import("--model=good");
    assert!(
        !again.err.contains("no question of this run") && again.err.contains("0 answers taken, 6 were known"),
        "{}",
        again.err
    );
    import("--model=other");
    assert_eq!(statuses(&repo)[0], "modified", "another name undoes nothing");
    assert_eq!(configured(&repo, &["accept", "1"]).code, 0);
    configured(&repo, &["continue"]);
    assert!(!is_open(&repo, 1));
}

#[test]
fn the_command_line_of_a_program_gets_nowhere() {
    let repo = repo();
    let path = repo.beside("models");
    let command = format!("TOKEN=sk-secret sh {}", replies().join("answer.sh").display());
    let config = format!("[kmigrate \"model.good\"]\n\tcommand = \"{command}\"\n\tmodel = my-model-7b\n");
    fs::write(&path, config).expect("a file");
    let with = |args: &[&str]| {
        let asked = repo.beside("asked");
        let mut command = repo.kmigrate();
        said(command.env("GIT_CONFIG_GLOBAL", &path).env("ASKED", asked).args(args).output().expect("it starts"))
    };
    with(&["v1..topic", "--onto", "v2", "--model=good"]);
    let outcome = list(&repo)[0].clone();
    let message = repo.git(&["log", "-1", "--format=%B", outcome["new"].as_str().expect("an id")]);
    assert!(message.contains("Assisted-by: git-kmigrate:my-model-7b"), "{message}");
    assert!(!list(&repo).iter().any(|outcome| outcome.to_string().contains("sk-secret")));
    let mut grep = std::process::Command::new("grep");
    let found =
        grep.args(["-rl", "sk-secret", "."]).current_dir(repo.path().join(".git")).output().expect("grep").stdout;
    assert_eq!(String::from_utf8_lossy(&found), "");
}

#[test]
fn why_nobody_answers_is_said_with_what_to_do() {
    let repo = repo();
    let done = configured(&repo, &["v1..topic", "--onto", "v2", "--model=good", "--budget=10"]);
    assert!(done.err.contains("over budget") && done.err.contains("hint: raise --budget"), "{}", done.err);
    let done = configured(&repo, &["v1..topic", "--onto", "v2", "--budget=10"]);
    assert_eq!(done.code, 129, "{}", done.err);
    assert!(done.err.contains("--budget is about a model"), "{}", done.err);
    let done = run(&repo, &["v1..topic", "--onto", "v2", "--model=command:"]);
    assert_eq!(done.code, 129, "{}", done.err);
}

#[test]
fn prompts_are_shown_as_text_and_a_commit_that_is_not_there_is_refused() {
    let repo = repo();
    run(&repo, &["v1..topic", "--onto", "v2"]);
    for n in ["0", "99"] {
        let refused = run(&repo, &["prompts", "show", n, "--model=command:true"]);
        assert_eq!(refused.code, 129, "{}{}", refused.out, refused.err);
        assert!(refused.err.contains(&format!("no commit {n}")), "{}", refused.err);
    }
    let path = repo.beside("models");
    fs::write(&path, "[kmigrate \"model.far\"]\n\turl = https://far.example/v1\n\tmodel = far-1\n").expect("a file");
    let shown = |args: &[&str]| {
        said(
            repo.kmigrate()
                .env("GIT_CONFIG_GLOBAL", &path)
                .args(["prompts", "show", "1"])
                .args(args)
                .output()
                .expect("it starts"),
        )
        .out
    };
    let text = shown(&["--model=far"]);
    assert!(
        text.contains("POST https://far.example/v1/chat/completions") && text.contains("\n## The task\n"),
        "{text}"
    );
    assert!(shown(&["--model=far", "--raw"]).contains("## The task\\n"));
    let out = repo.beside("out.jsonl");
    run(&repo, &["prompts", "export", "--model=command:true", "--out", out.to_str().expect("a path")]);
    let mode = fs::metadata(&out).expect("written").permissions().mode();
    assert_ne!(mode & 0o077, 0, "{mode:o}");
    let repo = migrated();
    let known = run(&repo, &["prompts", "show", "1", &program()]);
    assert!(
        known.err.contains("1 questions have an answer already: see git kmigrate show 1"),
        "{}{}",
        known.out,
        known.err
    );
}

#[test]
fn a_question_that_does_not_fit_is_told() {
    let repo = repo();
    let path = repo.beside("models");
    fs::write(&path, "[kmigrate \"model.small\"]\n\tcommand = true\n\tcontext = 10\n").expect("a file");
    let args = ["v1..topic", "--onto", "v2", "--model=small"];
    said(repo.kmigrate().env("GIT_CONFIG_GLOBAL", path).args(args).output().expect("it starts"));
    let said = list(&repo)[0]["evidence"].to_string();
    assert!(said.contains("does not fit into 0 tokens, so the model was not asked"), "{said}");
}

#[test]
fn a_file_whose_attributes_keep_it_from_models_is_not_asked_about() {
    let repo = repo();
    fs::write(repo.path().join(".git/info/attributes"), "drivers/*.c kmigrate-llm=never\n").expect("written");
    let done = run(&repo, &["v1..topic", "--onto", "v2", &program()]);
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(crate::asked::asked(&repo).is_empty());
    assert!(list(&repo)[0]["evidence"].to_string().contains("its attributes say kmigrate-llm=never"));
}

#[test]
fn ctrl_c_while_a_model_is_asked_ends_the_run_and_says_so() {
    let repo = repo();
    let mark = repo.beside("began");
    let model = format!("--model=command:touch {}; exec sleep 60", mark.display());
    let mut command = repo.kmigrate();
    command
        .args(["v1..topic", "--onto", "v2", &model])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("it starts");
    let began = std::time::Instant::now();
    while !mark.exists() && began.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    let done = said(child.wait_with_output().expect("it ends"));
    assert_eq!(done.code, 130, "{}{}", done.out, done.err);
    assert!(done.err.contains("interrupted") && done.err.contains("answers that came are kept"), "{}", done.err);
}

#[test]
fn prompts_of_pairs_go_out_in_one_file_and_their_answers_come_back() {
    let repo = repo();
    let commit = repo.git(&["rev-list", "--reverse", "v1..topic"]).lines().next().expect("one").to_owned();
    let onto = repo.git(&["rev-parse", "v2^{commit}"]);
    repo.write("pairs.jsonl", format!(r#"{{"pair": "right", "old": "{commit}", "onto": "{onto}"}}"#));
    let evaluate = |option: &str| {
        run(&repo, &["evaluate", "--pairs", "pairs.jsonl", "--out", "results.jsonl", "--model=command:exit 3", option])
    };
    let done = evaluate("--export-prompts=questions.jsonl");
    assert_eq!(done.code, 0, "{}", done.err);
    let question = fs::read_to_string(repo.path().join("questions.jsonl")).expect("written");
    let question: Value = serde_json::from_str(question.trim()).expect("one line");
    let content = fs::read_to_string(replies().join("right.txt")).expect("text");
    let body = serde_json::json!({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}]});
    let line = serde_json::json!({"custom_id": question["custom_id"], "response": {"status_code": 200, "body": body}, "error": null});
    repo.write("answers.jsonl", line.to_string());
    fs::remove_dir_all(repo.path().join("results.git")).expect("it was made");
    let done = evaluate("--import-answers=answers.jsonl");
    assert_eq!(done.code, 0, "{}", done.err);
    let result = fs::read_to_string(repo.path().join("results.jsonl")).expect("written");
    let result: Value = serde_json::from_str(result.trim()).expect("JSON");
    assert_eq!((&result["status"], &result["files"][0]["method"]), (&"modified".into(), &"model".into()));
}

#[test]
fn of_a_name_that_is_gone_the_declaration_is_told_and_to_no_hunk_that_does_not_use_it() {
    let repo = Repo::new();
    let text = |one: &str, two: &str| {
        format!(
            "int f(struct acme *dev)\n{{\n\treturn {one};\n}}\n\n/* between */\n\nint g(struct acme *dev)\n{{\n\treturn {two};\n}}\n"
        )
    };
    repo.write("acme.h", "#define ACME_LIMIT_OLD 12\n\nint acme_read(void *dev);\n")
        .write("a.c", text("acme_read(dev, 1)", "acme_read(dev, 2)"))
        .commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("acme.h", "int acme_read(void *dev);\n")
        .write("a.c", text("acme_read_poll(dev, 1, 10)", "acme_read_poll(dev, 2, 10)"))
        .commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", text("acme_cached(dev, ACME_LIMIT_OLD)", "acme_cached(dev, 2)")).commit("limits");
    repo.git(&["checkout", "-q", "main"]);
    repo.run(&["v1..topic", "--onto", "v2"]);
    let shown = run(&repo, &["prompts", "show", "--model=command:true"]).out;
    let questions: Vec<&str> = shown.split("--- question about").skip(1).collect();
    assert_eq!(questions.len(), 2, "{shown}");
    assert!(questions[0].contains("In the old kernel:\n\n```c\n#define ACME_LIMIT_OLD 12\n```"), "{}", questions[0]);
    assert!(!questions[1].contains("ACME_LIMIT_OLD is not what it was"), "{}", questions[1]);
    let changed = questions[0].split("What changed from the old").nth(1).and_then(|rest| rest.split("## ").next());
    assert!(
        changed.is_some_and(|changed| !changed.contains("LIMIT")),
        "the patch's lines are not upstream's: {changed:?}"
    );
}
