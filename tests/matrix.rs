//! `git kmigrate matrix` and `report --merge`: jobs that a shell, Slurm, GitHub and GitLab read back as they were typed, and what
//! they told in one report.

use crate::support::{Repo, Said, four_commits, lines, problems};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// A branch that a shell, YAML and JSON would all like to read otherwise.
const ODD: &str = "it's-$(touch${IFS}pwned);`x`&\"y\"#{{z}}";
/// An upstream with spaces.
const SPACED: &str = "next^{/the newest: 'kernel' #}";

/// Four commits on `topic` and on [`ODD`], for v2 and for an upstream that is told by its message.
fn repo() -> Repo {
    let repo = four_commits();
    repo.git(&["branch", ODD, "topic"]);
    repo.branch("next", "v2").write("new.c", lines(3)).commit("the newest: 'kernel' # $HOME");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn matrix(repo: &Repo, format: &str) -> String {
    let all = ["matrix", format, "topic", ODD, "--onto", "v2", SPACED, "--results", "my 'results'", "--", "--dry-run"];
    let said = repo.run(&all);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

/// Gives a command line to a shell that finds the program as git does.
fn shell(repo: &Repo, words: &[&str], more: &[(&str, &str)]) -> Said {
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_git-kmigrate")).parent().expect("a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a PATH"));
    let mut command: Command = repo.command(words[0]);
    command.args(&words[1..]).env("PATH", path).envs(more.iter().copied());
    crate::support::said(command.output().expect("it starts"))
}

fn results(repo: &Repo) -> Vec<String> {
    let folder = repo.path().join("my 'results'");
    let files = fs::read_dir(folder).expect("results").map(|entry| entry.expect("a file").path());
    let mut files: Vec<String> = files.map(|path| path.to_str().expect("UTF-8").to_owned()).collect();
    files.sort();
    files
}

/// All four runs came to what they should, and nothing else happened.
fn all_ran(repo: &Repo) {
    let files = results(repo);
    assert_eq!(files.len(), 4, "{files:?}");
    let ends: Vec<Value> = files
        .iter()
        .map(|file| fs::read_to_string(file).expect("told"))
        .map(|text| serde_json::from_str(text.lines().last().expect("totals")).expect("JSON"))
        .collect();
    let mut found: Vec<_> = ends.iter().map(|end| (end["source"].as_str(), end["onto_name"].as_str())).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (Some(ODD), Some(SPACED)),
            (Some(ODD), Some("v2")),
            (Some("topic"), Some(SPACED)),
            (Some("topic"), Some("v2"))
        ]
    );
    assert!(ends.iter().all(|end| end["totals"]["commits"] == 4));
    assert!(!repo.path().join("pwned").exists());
}

#[test]
fn a_command_of_the_json_lines_can_be_pasted_into_a_shell() {
    let repo = repo();
    for (at, line) in matrix(&repo, "--jsonl").lines().enumerate() {
        let job: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(job["job"], at);
        let ran = shell(&repo, &["sh", "-c", job["command"].as_str().expect("a command")], &[]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        // Without a shell it is the same.
        let argv: Vec<&str> =
            job["argv"].as_array().expect("words").iter().map(|w| w.as_str().expect("a word")).collect();
        let told = fs::read_to_string(repo.path().join(job["output"].as_str().expect("a file"))).expect("told");
        assert_eq!(shell(&repo, &argv, &[]).out, told);
    }
    all_ran(&repo);
}

#[test]
fn each_task_of_the_slurm_script_runs_its_job() {
    let repo = repo();
    let script = matrix(&repo, "--slurm");
    assert!(script.starts_with("#!/bin/sh\n#SBATCH ") && script.contains("#SBATCH --array=0-3\n"), "{script}");
    fs::write(repo.beside("jobs.sh"), &script).expect("written");
    let place = repo.beside("jobs.sh");
    let place = place.to_str().expect("UTF-8");
    for task in ["0", "1", "2", "3"] {
        let ran = shell(&repo, &["sh", place], &[("SLURM_ARRAY_TASK_ID", task)]);
        assert_eq!(ran.code, 1, "conflicts: {}", ran.err);
    }
    all_ran(&repo);
    assert_eq!(shell(&repo, &["sh", place], &[("SLURM_ARRAY_TASK_ID", "4")]).code, 129);
    assert!(shell(&repo, &["sh", place], &[]).err.contains("is set by sbatch"));
    // The line that it names for afterwards.
    let merge = script.lines().find_map(|line| line.strip_prefix("#     ")).expect("a line for afterwards");
    let merged = shell(&repo, &["sh", "-c", merge], &[]);
    assert_eq!(merged.code, 0, "{}", merged.err);
    assert!(merged.out.contains("| all |"), "{}", merged.out);
}

#[test]
fn the_matrix_for_github_is_one_line_of_json() {
    let repo = repo();
    let text = matrix(&repo, "--github");
    assert_eq!(text.lines().count(), 1, "{text}");
    let matrix: Value = serde_json::from_str(&text).expect("JSON");
    for job in matrix["include"].as_array().expect("jobs") {
        assert_eq!(shell(&repo, &["sh", "-c", job["command"].as_str().expect("a command")], &[]).code, 1);
        let name = job["name"].as_str().expect("a name");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c)), "an artifact's name: {name}");
    }
    all_ran(&repo);
}

#[test]
fn each_script_of_the_gitlab_pipeline_is_a_string_that_a_shell_reads() {
    let repo = repo();
    let text = matrix(&repo, "--gitlab");
    // A JSON string is a YAML string, so no other reader is needed here.
    let scripts = text.lines().filter_map(|line| line.strip_prefix("    - "));
    let scripts: Vec<String> = scripts.map(|line| serde_json::from_str(line).expect("a quoted string")).collect();
    assert_eq!(scripts.len(), 5, "{text}");
    for script in &scripts[..4] {
        assert_eq!(shell(&repo, &["sh", "-c", script], &[]).code, 1, "{script}");
    }
    all_ran(&repo);
    assert_eq!(shell(&repo, &["sh", "-c", &scripts[4]], &[]).code, 0);
    let suites = fs::read_to_string(repo.path().join("kmigrate.xml")).expect("a JUnit file");
    assert_eq!(suites.matches("<testsuite ").count(), 4, "{suites}");
}

#[test]
fn what_makes_no_jobs_is_said_and_nothing_is_printed() {
    let repo = repo();
    let many: Vec<String> = (0..257).map(|n| format!("topic~{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let id = repo.git(&["rev-parse", "topic"]);
    let (whole, part) = (format!("v1..{id}"), format!("topic~1..{}", &id[..12]));
    let github = [&["matrix", "--github", "--no-verify"], &many[..], &["--onto", "v2"]].concat();
    for (typed, code, said) in [
        (&["matrix", "topic", "--onto", "v9"][..], 128, "bad revision 'v9'"),
        (&["matrix", "v1..nothing", "--onto", "v2"], 128, "bad revision 'nothing'"),
        (&["matrix", "v1..v1", "--onto", "v2"], 128, "empty range"),
        (&["matrix", "topic", "topic", "--onto", "v2"], 129, "'topic' is there twice"),
        (&["matrix", "topic", "--onto", "v2", "v2"], 129, "'v2' is there twice"),
        (&["matrix", "topic", "--onto", "v\n2"], 129, "control character"),
        (&["matrix", "topic", "--onto", "v2", "--results", "/"], 129, "--results needs a folder"),
        (&["matrix", "topic", "--onto", "v2", "--gitlab", "--results", "$x"], 129, "GitLab reads $"),
        (&["matrix", "topic", "--onto", "v2", "--", "--no-such"], 129, "unexpected argument '--no-such'"),
        (&["matrix", "topic", "--onto", "v2", "--", "v1..main"], 129, "not be a run of this series alone"),
        (&["matrix", "topic", "--onto", "v2", "--", "--stdin"], 129, "--stdin"),
        (&["matrix", "topic", "--onto", "v2", "--", "--branch=x"], 129, "one branch"),
        (&["matrix", "topic", "--onto", "v2", "--slurm", "--github"], 129, "cannot be used with"),
        (&["matrix", "topic"], 129, "--onto"),
        (&["matrix", "v1..topic", "topic", "--onto", "v2"], 129, "the same series onto the same kernel"),
        (&["matrix", "v1..topic", "--onto", "v2", "v2^0"], 129, "the same series onto the same kernel"),
        (&["matrix", &whole, &part, "--onto", "v2"], 129, "would make one branch, "),
        (&github, 128, "257 runs: a matrix of GitHub Actions holds 256 at most"),
    ] {
        let told = repo.run(typed);
        assert_eq!((told.code, told.out.as_str()), (code, ""), "{typed:?}: {}", told.err);
        assert!(told.err.contains(said), "{typed:?}: {}", told.err);
    }
    assert_eq!(repo.run(&["matrix", "v1..nothing", "--onto", "v9", "--no-verify"]).code, 0);
}

#[test]
fn jobs_that_would_make_one_branch_are_given_names_of_their_own() {
    let repo = repo();
    let said = repo.run(&["matrix", "v1..topic", "topic~1..topic", "--onto", "v2"]);
    let branches: Vec<bool> = said.out.lines().map(|line| line.contains("--branch=topic-v2-2")).collect();
    assert_eq!(branches, [false, true], "{}", said.err);
}

#[test]
fn jobs_that_a_setting_gives_one_branch_are_refused() {
    let repo = repo();
    let both = ["matrix", "topic", ODD, "--onto", "v2"];
    assert_eq!(repo.run(&both).code, 0);
    repo.git(&["config", "kmigrate.branch", "x"]);
    let said = repo.run(&both);
    assert_eq!((said.code, said.out.as_str()), (129, ""), "{}", said.err);
    assert!(said.err.contains("would make one branch, x") && said.err.contains("kmigrate.branch"), "{}", said.err);
    assert_eq!(repo.run(&["matrix", "topic", "--onto", "v2"]).code, 0, "one run may have the branch");
}

/// What two runs told, and their files.
fn two_runs(repo: &Repo) -> Vec<String> {
    let run = |name: &str, onto: &str| {
        let said = repo.run(&["v1..topic", "--onto", onto, "--json", "--dry-run"]);
        let place = repo.beside(name);
        fs::write(&place, said.out).expect("written");
        place.to_str().expect("UTF-8").to_owned()
    };
    vec![run("one.jsonl", "v2"), run("two.jsonl", "next")]
}

fn merged(repo: &Repo, files: &[String], more: &[&str]) -> Said {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    repo.run(&[&["report", "--merge"], &files[..], more].concat())
}

#[test]
fn merged_runs_stand_side_by_side_and_add_up() {
    let repo = repo();
    let files = two_runs(&repo);
    let said = merged(&repo, &files, &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    let rows: Vec<Vec<&str>> = said.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 4, "{}", said.out);
    assert_eq!((rows[1][..3].to_vec(), rows[2][..3].to_vec()), (vec!["topic", "v2", "4"], vec!["topic", "next", "4"]));
    let conflicted = |row: usize, at: usize| rows[row][at].parse::<usize>().expect("a count");
    assert_eq!(conflicted(3, 5), conflicted(1, 6) + conflicted(2, 6), "{}", said.out);
    assert!(conflicted(1, 6) > 0, "the test must be able to fail");
    let table = merged(&repo, &files, &["--markdown"]).out;
    assert!(table.contains("| topic | v2 | 4 |") && table.contains("| all |  | 8 |"), "{table}");
}

#[test]
fn merged_json_is_as_the_schema_says_and_as_the_runs_told() {
    let repo = repo();
    let files = two_runs(&repo);
    let schema: Value = serde_json::from_str(&repo.run(&["report", "--json-schema"]).out).expect("JSON");
    let half = repo.beside("half.jsonl");
    let whole = fs::read_to_string(&files[0]).expect("told");
    fs::write(&half, &whole[..whole.len() / 2]).expect("written");
    let files = [&files[..], &[half.to_str().expect("UTF-8").to_owned()]].concat();
    let said = merged(&repo, &files, &["--json"]);
    assert_eq!(said.code, 1, "one did not end");
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for line in &lines {
        assert_eq!(problems(&schema, line), Vec::<String>::new(), "{line}");
    }
    for (line, file) in lines.iter().zip(&files[..2]) {
        let told = fs::read_to_string(file).expect("told");
        let last: Value = serde_json::from_str(told.lines().last().expect("totals")).expect("JSON");
        assert_eq!((&line["totals"], &line["tip"], &line["result"]), (&last["totals"], &last["tip"], &last["result"]));
    }
    assert_eq!((lines[2]["ended"].as_bool(), lines[3]["ended"].as_u64()), (Some(false), Some(2)));
}

#[test]
fn a_run_that_did_not_end_is_an_error_of_the_suites_and_is_told() {
    let repo = repo();
    let mut files = two_runs(&repo);
    let empty = repo.beside("empty.jsonl");
    fs::write(&empty, "").expect("written");
    files.push(empty.to_str().expect("UTF-8").to_owned());
    let said = merged(&repo, &files, &["--junit", "all.xml"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("empty.jsonl: the run did not end, 0 of its commits are here"), "{}", said.err);
    let suites = fs::read_to_string(repo.path().join("all.xml")).expect("a JUnit file");
    assert!(suites.contains("tests=\"9\"") && suites.contains("errors=\"1\""), "{suites}");
    assert_eq!(suites.matches("<testsuite ").count(), 3);
    assert!(merged(&repo, &files, &[]).out.contains("3 runs, 1 did not end"));
}

#[test]
fn what_is_no_run_or_one_twice_is_refused_by_name() {
    let repo = repo();
    let files = two_runs(&repo);
    let twice = merged(&repo, &[files[0].clone(), files[0].clone()], &[]);
    assert_eq!(twice.code, 128);
    assert!(twice.err.contains("both tell of topic onto v2"), "{}", twice.err);
    repo.write("noise.jsonl", "hello\n");
    let noise = merged(&repo, &["noise.jsonl".to_owned()], &[]);
    assert!(noise.code == 128 && noise.err.contains("noise.jsonl:1: it is no JSON"), "{}", noise.err);
    let gone = merged(&repo, &["gone.jsonl".to_owned()], &[]);
    assert!(gone.code == 128 && gone.err.contains("gone.jsonl"), "{}", gone.err);
    assert_eq!(merged(&repo, &files, &["--html", "x.html"]).code, 129);
    assert_eq!(repo.run(&["report", "--json"]).code, 129);
    // Where the files lie there need be no repository.
    let one = fs::read_to_string(&files[0]).expect("told");
    let nowhere = repo.beside("nowhere");
    fs::create_dir(&nowhere).expect("a folder");
    fs::write(nowhere.join("one.jsonl"), one).expect("written");
    let mut command = repo.kmigrate();
    let ran = command.current_dir(&nowhere).args(["report", "--merge", "one.jsonl"]).output().expect("it starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
