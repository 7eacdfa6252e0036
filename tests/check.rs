//! `--check` and `git kmigrate check`: what the commits touch is built, whoever broke it is found, and what was broken before is said,
//! not blamed. The builds are a script of the trees' own, so that no compiler is needed.

use crate::support::{Repo, Said, lines, problems};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Compiles a file unless it says BROKEN; a file without "enabled" in its first line has no rule.
const CC: &str = r#"#!/bin/sh
fail=0
echo "$*" >> "${BUILD_LOG:-/dev/null}"
for object; do
	source=${object%.o}.c
	grep -q HANG "$source" && sleep 100
	if ! head -1 "$source" | grep -q enabled; then
		echo "make: *** No rule to make target '$object'.  Stop."; fail=1
	elif line=$(cat "$source" include/*.h | grep -n BROKEN); then
		echo "$source: In function 'f':"
		echo "$source:${line%%:*}:3: error: 'BROKEN' undeclared (first use in this function); did you mean 'WHOLE'?"
		fail=1
	fi
done
exit $fail
"#;

const BUILD: &str = "--check-command=sh ./cc {objects}";

fn source(marks: &[(usize, &str)]) -> String {
    let mut text: Vec<String> = format!("/* enabled */\n{}", lines(40)).lines().map(str::to_owned).collect();
    marks.iter().for_each(|(at, mark)| text[*at] = (*mark).to_owned());
    text.join("\n") + "\n"
}

/// Old and new kernel, which differ in each file's line 2, and an empty series on the branch `topic`.
fn kernel() -> Repo {
    let repo = Repo::new();
    repo.write("cc", CC).write("include/a.h", "int a;\n");
    for name in ["a", "b", "c"] {
        repo.write(&format!("drivers/{name}.c"), source(&[(3, "#include <a.h>")]));
    }
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    for name in ["a", "b", "c"] {
        repo.write(&format!("drivers/{name}.c"), source(&[(3, "#include <a.h>"), (1, "upstream")]));
    }
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo
}

/// Adds a commit that sets lines of a file.
fn step(repo: &Repo, name: &str, marks: &[(usize, &str)]) {
    let marks = [&[(3, "#include <a.h>")], marks].concat();
    repo.write(&format!("drivers/{name}.c"), source(&marks)).commit(&format!("{name} {}", marks.len()));
}

fn migrate(repo: &Repo, args: &[&str]) -> Said {
    repo.git(&["checkout", "-q", "main"]);
    repo.run(&[&["v1..topic", "--onto", "v2", "--json"], args].concat())
}

fn outcomes(said: &Said) -> Vec<Value> {
    said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn commits_that_build_say_so_and_in_which_tree_and_nothing_of_the_worktree_is_left() {
    let repo = kernel();
    step(&repo, "a", &[(20, "one")]);
    step(&repo, "a", &[(20, "one"), (30, "two")]);
    repo.write("README", "no code\n").commit("words");
    let said = migrate(&repo, &[BUILD]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let all = outcomes(&said);
    assert_eq!(all[0]["check"]["verdict"], "passed");
    assert_eq!(
        all[0]["check"]["targets"][0],
        serde_json::json!({"target": "drivers/a.o", "verdict": "passed", "at": 3})
    );
    assert_eq!(all[2]["check"]["verdict"], "not_checked", "there is nothing to build");
    assert_eq!(all[3]["totals"]["check"], serde_json::json!({"passed": 2, "not_checked": 1}));
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1);
    let run = repo.path().join(".git/kmigrate/topic-v2");
    assert!(run.join("check.jsonl").exists() && !run.join("check").exists());
}

#[test]
fn the_first_commit_that_breaks_is_found_and_its_original_is_built_before_it_is_blamed() {
    let repo = kernel();
    // Upstream's header makes WHOLE what was BROKEN: here the other way round, by the commit itself and a header of upstream's.
    repo.git(&["checkout", "-q", "main"]);
    repo.write("cc", CC.replace("BROKEN)", "OUTDATED)")).commit("upstream refuses another word");
    repo.git(&["tag", "-f", "v2"]);
    repo.git(&["checkout", "-q", "topic"]);
    step(&repo, "a", &[(20, "one")]);
    step(&repo, "a", &[(20, "one"), (25, "OUTDATED")]);
    step(&repo, "a", &[(20, "one"), (25, "OUTDATED"), (30, "three")]);
    let said = migrate(&repo, &[BUILD, "--check-stretch=8"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    let all = outcomes(&said);
    let verdicts: Vec<&Value> = all[..3].iter().map(|o| &o["check"]["verdict"]).collect();
    assert_eq!(verdicts, ["passed", "failed", "not_checked"]);
    assert_eq!(all[2]["check"]["targets"][0]["why"], "it does not build since 2");
    let finding = &all[1]["findings"][0];
    assert_eq!(finding["kind"], "build");
    assert_eq!(finding["said"]["place"], "drivers/a.c:26:3");
    assert_eq!(finding["diagnostic"]["function"], "f");
    assert_eq!(finding["diagnostic"]["suggestion"], "'WHOLE'");
    assert!(finding["was"]["statement"].as_str().expect("words").contains("builds drivers/a.o on the old kernel"));
    assert_eq!(all[1]["flags"], serde_json::json!(["to_review"]));
    assert_eq!(all[1]["files"][0]["signals"]["built"], "failed");
    assert_eq!([&all[1]["confidence"], &all[1]["files"][0]["confidence"]], [0.005, 0.005], "nobody leaves it so");
    assert_eq!(all[3]["result"]["written"], false, "nobody has looked");
    // What was built is kept with the run, and a person may accept it.
    assert!(repo.run(&["list"]).out.contains("(does not build)"));
    let shown = repo.run(&["show", "2"]).out;
    assert!(shown.contains("build   drivers/a.o: does not build at 2"), "{shown}");
    assert_eq!(repo.run(&["continue"]).code, 2, "it still does not build");
    assert_eq!(repo.run(&["accept", "2"]).code, 0);
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(repo.run(&["show", "2"]).out.contains("(does not build)"), "it says so all the same");
}

#[test]
fn every_report_says_what_does_not_build_and_json_is_as_the_schema_says() {
    let repo = kernel();
    repo.git(&["checkout", "-q", "main"]);
    repo.write("cc", CC.replace("BROKEN)", "OUTDATED)")).commit("upstream refuses another word");
    repo.git(&["tag", "-f", "v2"]);
    repo.git(&["checkout", "-q", "topic"]);
    step(&repo, "a", &[(25, "OUTDATED")]);
    step(&repo, "b", &[(20, "one")]);
    let said = migrate(&repo, &[BUILD]);
    let schema: Value = serde_json::from_str(&repo.run(&["report", "--json-schema"]).out).expect("JSON");
    let all = outcomes(&said);
    for line in &all {
        assert_eq!(problems(&schema, line), Vec::<String>::new(), "{line}");
    }
    let mut without = all[0].clone();
    without["findings"][0].as_object_mut().expect("a finding").remove("diagnostic");
    assert!(!problems(&schema, &without).is_empty(), "what a compiler says is there");
    let file = |name: &str, form: &str| {
        let path = repo.beside(name);
        assert_eq!(repo.run(&["report", &format!("--{form}={}", path.display())]).code, 0);
        std::fs::read_to_string(path).expect("a report")
    };
    let sarif: Value = serde_json::from_str(&file("sarif", "sarif")).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"build".into(), &"error".into()));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "drivers/a.c");
    assert_eq!(place["region"]["startLine"], 26);
    let junit = file("junit", "junit");
    assert!(junit.contains("failures=\"1\"") && junit.contains("message=\"drivers/a.o: does not build"), "{junit}");
    assert!(junit.contains("drivers/a.c:26:3"), "{junit}");
    let markdown = repo.run(&["report", "--markdown"]).out;
    assert!(markdown.contains("does not build") && markdown.contains("Build: 1 do not build, 1 build."), "{markdown}");
    assert_eq!(repo.run(&["report", "--notes"]).code, 0);
    let note = repo.git(&["notes", "--ref=kmigrate", "show", "refs/kmigrate/runs/topic-v2/tip~1"]);
    assert!(note.contains("\nBuild: failed\nTarget: drivers/a.o; does not build"), "{note}");
    assert!(file("html", "html").contains("What building came to"));
}

#[test]
fn what_failed_before_is_said_and_not_blamed() {
    let repo = kernel();
    step(&repo, "a", &[(20, "BROKEN")]);
    let said = migrate(&repo, &[BUILD]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let one = &outcomes(&said)[0];
    assert_eq!(one["check"]["verdict"], "failed_before");
    assert_eq!(one["findings"], serde_json::json!([]));
    let why = one["check"]["targets"][0]["why"].as_str().expect("words");
    assert_eq!(why, "the original commit does not build on the old kernel either");
}

#[test]
fn what_has_no_rule_is_not_checked_and_said() {
    let repo = kernel();
    repo.write("drivers/new.c", "/* off */\nint x;\n").commit("a file that is not built");
    let said = migrate(&repo, &[BUILD]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let check = &outcomes(&said)[0]["check"];
    assert_eq!(check["verdict"], "not_checked");
    assert_eq!(check["targets"][0]["why"], "make has no rule for it with this configuration");
}

#[test]
fn a_header_is_built_by_files_that_include_it() {
    let repo = kernel();
    repo.write("include/a.h", "int a;\nint BROKEN;\n").commit("breaks who includes it");
    step(&repo, "b", &[(20, "two")]);
    let said = migrate(&repo, &[BUILD, "--check-stretch=1"]);
    let all = outcomes(&said);
    assert_eq!(all[0]["check"]["targets"][0]["target"], "drivers/b.o", "which the series touches");
    assert_eq!(all[0]["check"]["verdict"], "failed_before", "it was broken on the old kernel as well");
    assert_eq!(all[1]["check"]["targets"][0]["why"], "it does not build since 1");
}

#[test]
fn one_build_does_for_a_stretch_of_commits_that_build() {
    let repo = kernel();
    for (at, name) in [(20, "a"), (20, "b"), (20, "c"), (25, "a")] {
        step(&repo, name, &[(20, "one"), (at, "two")]);
    }
    repo.git(&["checkout", "-q", "main"]);
    let log = repo.beside("log");
    let mut command = repo.kmigrate();
    command.env("BUILD_LOG", &log).args(["v1..topic", "--onto", "v2", "-q", BUILD]);
    assert!(command.output().expect("it starts").status.success());
    let log = std::fs::read_to_string(log).expect("what was built");
    assert_eq!(log, "drivers/a.o drivers/b.o drivers/c.o\n");
}

#[test]
fn a_build_that_hangs_is_ended_and_counts_as_not_checked() {
    let repo = kernel();
    step(&repo, "a", &[(20, "HANG")]);
    let begun = Instant::now();
    let said = migrate(&repo, &[BUILD, "--check-timeout=1"]);
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(said.code, 0, "{}", said.err);
    let target = &outcomes(&said)[0]["check"]["targets"][0];
    assert_eq!(target["verdict"], "not_checked");
    assert!(target["why"].as_str().expect("words").contains("longer than --check-timeout"), "{target}");
}

#[test]
fn a_run_can_be_checked_afterwards() {
    let repo = kernel();
    step(&repo, "a", &[(20, "one")]);
    assert_eq!(migrate(&repo, &[]).code, 0);
    assert!(!repo.run(&["list"]).out.contains("builds"));
    let refs = repo.refs();
    let said = repo.run(&["check", BUILD]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("commits: 1 build\n"), "{}", said.out);
    assert!(repo.run(&["list"]).out.contains("(builds)"));
    assert_eq!(repo.refs(), refs, "no ref was moved");
}

#[test]
fn the_worktree_goes_even_if_the_program_is_killed() {
    let repo = kernel();
    step(&repo, "a", &[(20, "HANG")]);
    repo.git(&["checkout", "-q", "main"]);
    let place = repo.beside("place");
    let dir = format!("--check-dir={}", place.display());
    let mut child = repo.kmigrate().args(["v1..topic", "--onto", "v2", "-q", BUILD, &dir]).spawn().expect("it starts");
    let wait = |what: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !what() && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(what());
    };
    wait(&|| place.join("drivers/a.c").exists());
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    wait(&|| !place.exists());
}

#[test]
fn what_cannot_be_checked_is_refused_before_anything_is_done() {
    let repo = kernel();
    step(&repo, "a", &[(20, "one")]);
    let refused = |args: &[&str], words: &str| {
        let said = migrate(&repo, args);
        assert_eq!(said.code, 129, "{args:?}: {}", said.err);
        assert!(said.err.contains(words), "{}", said.err);
    };
    refused(&[BUILD, "--dry-run"], "--check=build needs the commits");
    refused(&["--check=symbols", "--look-up=nothing"], "--check=symbols needs what");
    let full = format!("--check-dir={}", repo.path().display());
    refused(&[BUILD, &full], "is not empty");
    assert!(Path::new(&repo.path().join("drivers/a.c")).exists());
    let said = migrate(&repo, &["--check-command=make all"]);
    assert_eq!(said.code, 129);
    assert!(said.err.contains("does not say what to build"), "{}", said.err);
}

#[test]
fn symbols_are_what_the_survey_finds() {
    let repo = Repo::new();
    let caller = "int f(int x)\n{\n\treturn acme_get(x);\n}\n";
    repo.write("include/acme.h", "int acme_get(int x);\n").write("a.c", caller).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("include/acme.h", "int other(int x);\n").write("a.c", "int g;\n");
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("mine.c", caller.replace(" f(", " mine(")).commit("uses what is gone");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "-q"]).code, 1);
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "-q", "--check=symbols"]).code, 2);
}
