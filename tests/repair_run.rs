//! `git kmigrate repair --run`, `repair --model`, and `git kmigrate dataset`.

use crate::support::{Repo, problems};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Refuses unused variables where the kernel's header says so.
const CC: &str = r#"#!/bin/sh
fail=0
for object; do
	source=${object%.o}.c
	if grep -q STRICT include/kernel.h && line=$(grep -n 'int gone;' "$source"); then
		echo "$source: In function 'acme_go':"
		echo "$source:${line%%:*}:13: error: unused variable 'gone' [-Werror=unused-variable]"
		fail=1
	fi
done
exit $fail
"#;

const BUILD: &str = "--check-command=sh ./cc {objects}";
const BEFORE: &str = "int acme_first(void)\n{\n\treturn 1;\n}\n\nint acme_last(void)\n{\n\treturn 9;\n}\n";
const GO: &str = "int acme_go(void)\n{\n\tint gone;\n\n\treturn 5;\n}\n\n";

/// A series whose first commit has a variable that the new kernel's compiler refuses, migrated.
fn migrated(flags: &[&str]) -> Repo {
    let repo = Repo::new();
    repo.write("cc", CC).write("include/kernel.h", "#define LAX\n").write("drivers/acme.c", BEFORE).commit("old");
    repo.git(&["tag", "v1"]);
    repo.write("include/kernel.h", "#define STRICT\n").commit("new");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let with = BEFORE.replace("int acme_last", &format!("{GO}int acme_last"));
    repo.write("drivers/acme.c", &with).commit("acme: go\n\nSigned-off-by: A <a@example.org>");
    repo.write("drivers/acme.c", format!("#include <linux/acme.h>\n\n{with}")).commit("acme: include a header");
    repo.git(&["checkout", "-q", "main"]);
    let said = repo.run(&[&["v1..topic", "--onto", "v2", BUILD], flags].concat());
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    repo
}

#[test]
fn what_a_migration_broke_is_shown_and_becomes_a_fixup_commit_on_the_branch() {
    let repo = migrated(&["--unreviewed"]);
    let before = repo.refs();
    let shown = repo.run(&["repair", "--run"]);
    assert_eq!(shown.code, 0, "{}{}", shown.out, shown.err);
    assert!(shown.out.contains("1/2 acme: go\nfixed     drivers/acme.c:10:13:"), "{}", shown.out);
    assert!(shown.out.contains("\n-\tint gone;\n"), "{}", shown.out);
    assert_eq!(repo.refs(), before, "without --apply nothing moves");
    let done = repo.run(&["repair", "--run", "--apply"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(repo.git(&["log", "-2", "--format=%s", "topic-v2"]), "fixup! acme: go\nacme: include a header");
    assert!(!repo.file("topic-v2", "drivers/acme.c").contains("gone"));
    let message = repo.git(&["log", "-1", "--format=%b", "topic-v2"]);
    assert!(message.contains("unused-variable: ") && !message.contains("Signed-off-by"), "{message}");
    let fixed = repo.refs();
    let again = repo.run(&["repair", "--run", "--apply"]);
    assert!(again.err.contains("is not where the run left its last commit"), "{}", again.err);
    assert!(again.err.contains("it has fixup commits already: git kmigrate undo"), "{}", again.err);
    let walked = repo.run(&["continue"]);
    assert!(walked.err.contains("has fixup commits behind the last commit of the run"), "{}", walked.err);
    assert_eq!(repo.refs(), fixed);
    let checked = repo.run(&["check", BUILD, "--json"]);
    let told: Vec<Value> = checked.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let verdicts: Vec<&str> = told.iter().filter_map(|one| one["check"]["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["failed", "not_checked", "passed"], "{}{}", checked.out, checked.err);
    assert_eq!(told[0]["check"]["targets"][0]["verdict"], "failed", "its own verdict stays");
    assert_eq!(told[2]["subject"], "fixup! acme: go");
    let undone = repo.run(&["undo"]);
    assert_eq!((undone.code, repo.refs()), (0, before), "{}", undone.err);
    assert_eq!(repo.run(&["continue", "--unreviewed"]).code, 2);
}

#[test]
fn fixup_commits_are_signed_where_the_runs_commits_are_and_none_is_made_if_that_fails() {
    let repo = migrated(&["--unreviewed"]);
    let before = repo.refs();
    repo.git(&["config", "commit.gpgSign", "true"]);
    repo.git(&["config", "gpg.program", "false"]);
    let said = repo.run(&["repair", "--run", "--apply"]);
    assert_eq!((said.code, repo.refs()), (128, before), "{}{}", said.out, said.err);
}

#[test]
fn a_fix_is_folded_into_the_commit_that_brought_the_finding() {
    let repo = migrated(&[]);
    let refused = repo.run(&["repair", "--run", "--apply"]);
    assert_eq!(refused.code, 128);
    assert!(refused.err.contains("--fold"), "{}", refused.err);
    let done = repo.run(&["repair", "--run", "--apply", "--fold"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let walked = repo.run(&["continue"]);
    assert_eq!(walked.code, 0, "{}{}", walked.out, walked.err);
    assert!(!repo.file("topic-v2~1", "drivers/acme.c").contains("gone"), "the commit itself has it");
    assert_eq!(repo.git(&["log", "--format=%s", "v2..topic-v2"]), "acme: include a header\nacme: go");
    assert_eq!(repo.run(&["repair", "--run"]).code, 128, "of what it is now nothing was built");
}

fn model_case() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repair-model")
}

fn asked(repo: &Repo, flags: &[&str]) -> crate::support::Said {
    let report = model_case().join("report").display().to_string();
    repo.run(&[&["repair", report.as_str()], flags].concat())
}

#[test]
fn a_model_is_asked_for_the_rest_again_if_its_answer_does_not_hold_and_can_be_replayed() {
    let repo = Repo::new();
    let tree = model_case().join("tree/.");
    assert!(repo.command("cp").arg("-r").arg(tree).arg(repo.path()).status().expect("cp starts").success());
    repo.commit("the tree");
    let model = format!("--model=command:sh {}", model_case().join("answer.sh").display());
    let record = repo.beside("record");
    let said = asked(&repo, &[&model, &format!("--record={}", record.display())]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("model: a u32 is never below zero"), "{}", said.out);
    assert!(said.out.contains("a model wrote this: to review"), "{}", said.out);
    assert!(said.out.contains("\n-\tif (count < 0)\n-\t\treturn -EINVAL;\n"), "{}", said.out);
    let other = "--model=command:false";
    assert_eq!(asked(&repo, &[other]).code, 1, "who gives no answer fixes nothing");
    let replayed = asked(&repo, &[&model, &format!("--replay={}", record.display())]);
    assert_eq!((replayed.code, &replayed.out), (0, &said.out), "{}", replayed.err);
    assert!(asked(&repo, &[]).out.contains("no fixer is for this kind of finding"));
}

#[test]
fn every_sample_of_an_answer_is_heard_before_it_is_asked_again() {
    let repo = Repo::new();
    let tree = model_case().join("tree/.");
    assert!(repo.command("cp").arg("-r").arg(tree).arg(repo.path()).status().expect("cp starts").success());
    // The first sample does not parse; the second is right.
    let draws = "cat > prompt\necho >> asked\nif [ \"$KMIGRATE_DRAW\" = 0 ]; then printf '=== replace 7 ===\\n\\tif (count < 1 {\\n'\n\
                 else printf '=== delete 7-8 ===\\n'; fi\nprintf '=== end ===\\nreason: a u32 is never below zero\\n'\n";
    repo.write("draws", draws).commit("the tree");
    let config = repo.beside("config");
    let command = repo.path().join("draws").display().to_string();
    std::fs::write(&config, format!("[kmigrate \"model.draws\"]\ncommand = sh {command}\nn = 2\n")).expect("written");
    let report = model_case().join("report").display().to_string();
    let args = ["repair", &report, "--model=draws"];
    let said =
        crate::support::said(repo.kmigrate().env("GIT_CONFIG_GLOBAL", config).args(args).output().expect("it starts"));
    assert!(said.code == 0 && said.out.contains("model: a u32 is never below zero"), "{}{}", said.out, said.err);
    assert_eq!(
        std::fs::read_to_string(repo.path().join("asked")).expect("asked").lines().count(),
        2,
        "two samples, once"
    );
}

/// History with a fix, and a series that somebody rebased by hand.
fn taught() -> Repo {
    let repo = Repo::new();
    let text = |body: &str| {
        format!(
            "// SPDX-License-Identifier: GPL-2.0\nint acme(char *a)\n{{\n\tchar b[4];\n\n{body}\treturn b[0];\n}}\n"
        )
    };
    repo.write("drivers/acme.c", text("\tstrcpy(b, a);\n")).commit("base");
    repo.git(&["tag", "base"]);
    repo.write("drivers/acme.c", text("\tstrscpy(b, a, sizeof(b));\n")).commit(
        "acme: bound a copy\n\nAddresses-Coverity: CID 12345 (\"buffer overflow\")\nSigned-off-by: A <a@example.org>",
    );
    repo.write("README", "words\n").commit("words\n\nFixes: 0123456789ab (\"words\")");
    repo.git(&["tag", "fixed"]);
    repo.branch("old", "base");
    repo.write("drivers/acme.c", text("\tstrcpy(b, a + 1);\n")).commit("acme: leave the first out");
    repo.branch("new", "fixed");
    repo.write("drivers/acme.c", text("\tstrscpy(b, a + 1, sizeof(b));\n")).commit("acme: leave the first out");
    repo
}

#[test]
fn corrections_of_history_and_of_a_rebase_are_rows_that_apply() {
    let repo = taught();
    let place = repo.beside("set.jsonl").display().to_string();
    let said = repo.run(&[
        "dataset",
        "export",
        "--history=base..fixed",
        "--rebased",
        "base..old",
        "fixed..new",
        "--out",
        &place,
    ]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = std::fs::read_to_string(&place).expect("written");
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 2, "{}", said.err);
    assert_eq!(
        (&rows[0]["task"], &rows[0]["kind"], &rows[0]["tool"]),
        (&"finding".into(), &"overflow".into(), &"coverity".into())
    );
    assert_eq!(rows[0]["licence"], "GPL-2.0");
    assert_eq!(
        rows[0]["messages"][2]["content"],
        "=== replace 6 ===\n\tstrscpy(b, a, sizeof(b));\n=== end ===\nreason: acme: bound a copy\n"
    );
    assert!(!rows[0]["messages"][1]["content"].as_str().expect("text").contains("Signed-off-by"));
    assert_eq!((&rows[1]["task"], &rows[1]["source"]["from"]), (&"conflict".into(), &"rebase".into()));
    let checked = repo.run(&["dataset", "check", &place]);
    assert_eq!(
        (checked.code, checked.out.as_str()),
        (0, "2 rows: 2 apply, 0 do not, 0 are of objects that are not here\n")
    );
    assert!(repo.run(&["dataset", "stats", &place]).out.contains("kind overflow"), "{text}");
    std::fs::write(&place, text.replace("-\\tstrcpy(b, a);", "-\\tstrcpy(a, b);")).expect("written");
    let wrong = repo.run(&["dataset", "check", &place]);
    assert_eq!(wrong.code, 1, "{}", wrong.out);
    assert!(wrong.err.contains("row 1: drivers/acme.c: a hunk does not apply"), "{}", wrong.err);
    std::fs::write(&place, "{}\n").expect("written");
    assert_eq!(repo.run(&["dataset", "stats", &place]).code, 128);
    assert_eq!(repo.run(&["dataset", "export"]).code, 129);
}

/// Says of each variable that nothing asks for where the kernel's header makes USE nothing, and of everything that is called noisy.
const LINT: &str = r#"#!/bin/sh
for source; do
	[ "$source" = drivers/deaf.c ] && exit 1
	grep -n 'noisy' "$source" | sed "s,^\([0-9]*\):.*,$source:\1:1: warning: it is noisy,"
	grep -q STRICT include/kernel.h || continue
	grep -n 'int gone;' "$source" | sed "s,^\([0-9]*\):.*,$source:\1:13: warning: unused variable 'gone' [-Wunused-variable],"
done
"#;

/// A series onto a kernel where one of its variables is unused; the old kernel, the new one and the series are noisy each in a place.
fn analysed(repo: &Repo) -> crate::support::Said {
    let noisy = |text: &str, name: &str| text.replace("return 9", &format!("return {name}noisy()"));
    repo.write("lint", LINT).write("include/kernel.h", "#define LAX\n").write("drivers/deaf.c", "int a;\n");
    repo.write("drivers/acme.c", BEFORE).commit("old");
    repo.git(&["tag", "v1"]);
    repo.write("include/kernel.h", "#define STRICT\n").write("drivers/acme.c", noisy(BEFORE, "")).commit("new");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let first = "int acme_own(void)\n{\n\treturn noisy();\n}\n\n";
    let own = BEFORE.replace("int acme_first", &format!("{first}int acme_first"));
    repo.write("drivers/acme.c", &own).write("drivers/deaf.c", "int a;\nint b;\n").commit("acme: own");
    repo.write("drivers/acme.c", own.replace("int acme_first", &format!("{GO}int acme_first"))).commit("acme: go");
    repo.write("drivers/acme.c", format!("#include <a.h>\n{}", repo.file("topic", "drivers/acme.c")))
        .commit("acme: head");
    repo.git(&["checkout", "-q", "main"]);
    repo.run(&[
        "v1..topic",
        "--onto",
        "v2",
        "--json",
        "--check-command=true {objects}",
        "--check-analyse=sh ./lint {files}",
    ])
}

#[test]
fn of_what_an_analyser_says_only_what_the_migration_brought_is_found_and_repaired() {
    let repo = Repo::new();
    let said = analysed(&repo);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    let all: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let found: Vec<&Value> = all[..3].iter().map(|one| &one["findings"]).collect();
    assert_eq!(
        (found[0].as_array().map(Vec::len), found[2].as_array().map(Vec::len)),
        (Some(0), Some(0)),
        "{}",
        said.out
    );
    let told = &found[1].as_array().expect("findings")[..];
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["kind"], &told[0]["name"]), (&"analysis".into(), &"-Wunused-variable".into()));
    assert_eq!(told[0]["said"]["place"], "drivers/acme.c:8:13", "in the tree of the commit itself");
    let schema: Value = serde_json::from_str(&repo.run(&["report", "--json-schema"]).out).expect("JSON");
    for line in &all {
        assert_eq!(problems(&schema, line), Vec::<String>::new(), "{line}");
    }
    let deaf = &all[0]["check"]["analysed"];
    assert_eq!(deaf[1]["target"], "drivers/deaf.o");
    assert!(deaf[1]["why"].as_str().expect("why").contains("fails"), "{deaf}");
    assert!(repo.run(&["list"]).out.contains("an analyser finds something new"));
    let fixed = repo.run(&["repair", "--run", "--json"]);
    let line: Value = serde_json::from_str(fixed.out.lines().next().expect("a line")).expect("JSON");
    assert_eq!(problems(&schema, &line), Vec::<String>::new(), "{line}");
    assert_eq!((&line["n"], &line["status"], &line["by"]), (&2.into(), &"fixed".into(), &"unused-variable".into()));
    assert_eq!(repo.run(&["repair", "--run", "--apply", "--fold"]).code, 0);
    assert_eq!(repo.run(&["continue"]).code, 1, "the first commit is to review for a reason of its own");
    let again = repo.run(&["check", "--check-command=true {objects}", "--check-analyse=sh ./lint {files}"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    assert_eq!(
        repo.run(&["repair", "--run"]).out.lines().next(),
        Some("0 findings: what was built builds as it did before, and no analyser says anything new")
    );
}

/// Says of each static function that its file names once.
const UNUSED: &str = r#"#!/bin/sh
for source; do
	for name in $(sed -n 's/^static int \([a-z_]*\)(.*/\1/p' "$source"); do
		[ "$(grep -cw "$name" "$source")" = 1 ] || continue
		line=$(grep -n "^static int $name(" "$source")
		echo "$source:${line%%:*}:12: warning: '$name' defined but not used [-Wunused-function]"
	done
done
"#;

#[test]
fn only_a_function_that_the_migration_left_unused_goes_and_none_of_the_new_kernels_own() {
    let repo = Repo::new();
    let own = |name: &str| format!("static int {name}(void)\n{{\n\treturn 1;\n}}\n\n");
    let text = |first: &str, last: &str| BEFORE.replace("return 1", first).replace("return 9", last);
    let head = "int acme_head;\n\n";
    repo.write("lint", UNUSED).write("drivers/acme.c", format!("{head}{BEFORE}")).commit("old");
    repo.git(&["tag", "v1"]);
    let theirs = format!("{head}{}{}", own("acme_taken"), text("return acme_new()", "return acme_taken()"));
    repo.write("drivers/acme.c", &theirs).commit("new");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let added =
        format!("{head}{}{}{}", own("acme_help"), own("acme_taken"), text("return acme_help()", "return acme_taken()"));
    repo.write("drivers/acme.c", &added).commit("acme: help");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2"]).code, 1);
    let laid = repo.run(&["edit", "1"]).out;
    // A person takes upstream's call, and loses upstream's other one.
    let settled = format!("{head}{}{}{}", own("acme_help"), own("acme_taken"), text("return acme_new()", "return 9"));
    std::fs::write(format!("{}/drivers/acme.c", laid.trim()), settled).expect("written");
    let walked = repo.run(&["continue"]);
    assert_eq!(walked.code, 0, "{}{}", walked.out, walked.err);
    let looked = repo.run(&["check", "--check-command=true {objects}", "--check-analyse=sh ./lint {files}"]);
    assert_eq!(looked.code, 2, "{}{}", looked.out, looked.err);
    for flags in [&["repair", "--run"][..], &["repair", "--run", "--apply", "--fold"]] {
        let said = repo.run(flags);
        assert_eq!(said.code, 1, "{}{}", said.out, said.err);
        assert!(said.out.contains("unused-function: nothing in the file names acme_help"), "{}{}", said.out, said.err);
        assert!(said.out.contains("the new kernel itself has acme_taken there"), "{}{}", said.out, said.err);
    }
    assert_eq!(repo.run(&["continue"]).code, 0);
    let now = repo.file("topic-v2", "drivers/acme.c");
    assert!(!now.contains("acme_help") && now.contains("acme_taken"), "{now}");
}

#[test]
fn an_analyser_that_does_not_say_what_to_look_at_is_refused() {
    let repo = migrated(&["--unreviewed"]);
    let said = repo.run(&["check", "--check-analyse=sparse"]);
    assert_eq!(said.code, 129, "{}", said.err);
    assert!(said.err.contains("write {objects} or {files}"), "{}", said.err);
}

#[test]
fn what_people_settled_is_taught_from_the_memory_and_can_be_checked_there() {
    let repo = Repo::new();
    let text = |a: &str, b: &str| {
        format!("// SPDX-License-Identifier: GPL-2.0\nint acme(int a)\n{{\n\tint b = {a};\n\n\treturn {b};\n}}\n")
    };
    repo.write("drivers/acme.c", text("1", "a")).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("drivers/acme.c", text("one()", "a")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("old", "v1");
    repo.write("drivers/acme.c", text("1 + a", "a")).commit("acme: add a");
    repo.branch("new", "v2");
    repo.write("drivers/acme.c", text("one() + a", "a")).commit("acme: add a");
    assert_eq!(repo.run(&["dataset", "export", "--memory"]).code, 128, "nothing is remembered yet");
    let learned = repo.run(&["learn", "v1..old", "v2..new"]);
    assert_eq!(learned.code, 0, "{}", learned.err);
    // What somebody settled in a run has no commit that could be looked at: the lines are in the memory alone.
    repo.branch("topic", "v1");
    repo.write("drivers/acme.c", text("1", "a - 1")).commit("acme: one less");
    repo.branch("next", "v2");
    repo.write("drivers/acme.c", text("one()", "a * 2")).commit("upstream doubles");
    assert_eq!(repo.run(&["v1..topic", "--onto", "next"]).code, 1);
    let laid = repo.run(&["edit", "1"]).out;
    std::fs::write(format!("{}/drivers/acme.c", laid.trim()), text("one()", "a * 2 - 1")).expect("written");
    let done = repo.run(&["continue"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let place = repo.beside("set.jsonl").display().to_string();
    let said = repo.run(&["dataset", "export", "--memory", "--out", &place]);
    assert_eq!(said.code, 0, "{}", said.err);
    let set = std::fs::read_to_string(&place).expect("written");
    let rows: Vec<Value> = set.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 2, "{set}{}", said.err);
    let schema: Value = serde_json::from_str(&repo.run(&["report", "--json-schema"]).out).expect("JSON");
    for row in &rows {
        assert_eq!(problems(&schema, row), Vec::<String>::new(), "{row}");
        assert_eq!((&row["source"]["from"], &row["task"]), (&"memory".into(), &"conflict".into()));
    }
    let of_lines = rows.iter().find(|row| row["source"]["entry"].is_string()).expect("one of lines");
    assert!(of_lines["diff"].as_str().expect("text").contains("+\treturn a * 2 - 1;\n"), "{of_lines}");
    let checked = repo.run(&["dataset", "check", &place]);
    assert_eq!(checked.out, "2 rows: 2 apply, 0 do not, 0 are of objects that are not here\n", "{}", checked.err);
    let counts: Value = serde_json::from_str(&repo.run(&["dataset", "stats", "--json", &place]).out).expect("JSON");
    assert_eq!(problems(&schema, &counts), Vec::<String>::new(), "{counts}");
    assert_eq!(counts["source"]["memory"]["train"].as_u64().zip(counts["rows"]["held_out"].as_u64()), Some((2, 0)));
    assert_eq!(repo.run(&["forget", "--all"]).code, 0);
    assert_eq!(
        repo.run(&["dataset", "check", &place]).out,
        "2 rows: 1 apply, 0 do not, 1 are of objects that are not here\n"
    );
}
