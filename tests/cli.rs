//! Flags, exit codes, settings; man page and completions are those that the flag definitions make.
//!
//! `BLESS=1 cargo test` writes man page and completions anew.

use crate::support::{Repo, lines};
use clap_complete::Shell;
use kmigrate::cli;
use std::path::Path;

fn is_current(path: &str, made: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("man/");
        std::fs::write(&path, made).expect("a written file");
    }
    let found = std::fs::read(&path).unwrap_or_default();
    let drifted = "differs from the flag definitions; BLESS=1 cargo test writes it anew";
    assert!(found == made, "{} {drifted}", path.display());
}

#[test]
fn the_man_page_is_made_from_the_flag_definitions() {
    is_current("man/git-kmigrate.1", &cli::man_page().expect("a page in memory"));
}

#[test]
fn the_completions_are_made_from_the_flag_definitions() {
    is_current("man/completions/git-kmigrate.bash", &cli::completions(Shell::Bash));
    is_current("man/completions/_git-kmigrate", &cli::completions(Shell::Zsh));
    is_current("man/completions/git-kmigrate.fish", &cli::completions(Shell::Fish));
}

#[test]
fn bash_completes_verbs_under_the_name_that_git_calls_and_under_our_own() {
    let repo = Repo::new();
    let place = repo.beside("completion.bash");
    std::fs::write(&place, cli::completions(Shell::Bash)).expect("written");
    // git's own completion calls _git_kmigrate, whatever options or alias stand before the verb; bash calls what `complete` names.
    let script = r#"
        source "$1"
        git() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _git_kmigrate; echo "${COMPREPLY[*]}"; }
        git git kmigrate sh
        git git -C here kmigrate sh
        git git km sh
        git git kmigrate report --mark
        git git kmigrate merge-file --diff
        [[ "$(complete -p git-kmigrate)" =~ -F\ ([^ ]+) ]]
        COMP_WORDS=(git-kmigrate sh); COMP_CWORD=1; COMPREPLY=()
        "${BASH_REMATCH[1]}" git-kmigrate sh git-kmigrate; echo "${COMPREPLY[*]}"
    "#;
    let said = repo.command("bash").args(["-c", script, "bash"]).arg(&place).output().expect("bash starts");
    let lines = String::from_utf8_lossy(&said.stdout);
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        ["show", "show", "show", "--markdown", "--diff3", "show"],
        "{said:?}"
    );
}

#[test]
fn the_man_page_names_every_long_flag_of_the_help() {
    let repo = Repo::new();
    let help = repo.run(&["--help"]).out;
    let page = String::from_utf8(cli::man_page().expect("a page in memory")).expect("UTF-8").replace("\\-", "-");
    let flags: Vec<&str> = help.split_whitespace().filter(|w| w.starts_with("--")).collect();
    assert!(flags.len() > 15, "{flags:?}");
    for flag in flags {
        let flag = flag.trim_end_matches([',', '.', ';', ')']).split(['=', '[']).next().expect("a flag");
        assert!(page.contains(flag), "{flag} is not in the man page");
    }
}

/// A series of two commits, the second of which conflicts with upstream.
fn conflicting() -> Repo {
    let repo = Repo::new();
    repo.write("far.c", lines(40)).write("near.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("near.c", lines(40).replace("line 20\n", "line 20 of upstream\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("far.c", lines(40).replace("line 5\n", "line 5 of the series\n")).commit("clean");
    repo.write("near.c", lines(40).replace("line 20\n", "line 20 of the series\n")).commit("conflicting");
    repo
}

#[test]
fn exit_codes_say_done_unsettled_unexpected_fatal_and_usage() {
    let repo = conflicting();
    assert_eq!(repo.run(&["v1..topic~1", "--onto", "v2", "-q"]).code, 0);
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "-q"]).code, 1);
    let said = repo.run(&["v1..topic~1", "--onto", "v2", "-q", "-b", "x", "--expect-tree", "v1"]);
    assert_eq!(said.code, 2);
    assert_eq!(repo.run(&["v1..nowhere", "--onto", "v2"]).code, 128);
    assert_eq!(repo.run(&["v1..topic"]).code, 129);
    assert_eq!(repo.run(&["--no-such-flag"]).code, 129);
    assert_eq!(repo.run(&["--help"]).code, 0);
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_setting() {
    let repo = conflicting();
    let status = |args: &[&str], variable: Option<&str>| {
        let mut command = repo.kmigrate();
        command.args(["v1..topic", "--onto", "v2", "--json", "--dry-run"]).args(args);
        if let Some(value) = variable {
            command.env("KMIGRATE_ON_CONFLICT", value);
        }
        let out = String::from_utf8(command.output().expect("the program starts").stdout).expect("UTF-8");
        let line: serde_json::Value = serde_json::from_str(out.lines().nth(1).expect("two commits")).expect("JSON");
        line["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(status(&[], None), "conflicted");
    repo.git(&["config", "kmigrate.onConflict", "skip"]);
    assert_eq!(status(&[], None), "skipped");
    assert_eq!(status(&[], Some("carry")), "conflicted");
    assert_eq!(status(&["--on-conflict=skip"], Some("carry")), "skipped");
}

#[test]
fn a_setting_that_is_no_word_of_the_set_names_itself_and_the_words() {
    let repo = conflicting();
    repo.git(&["config", "kmigrate.merges", "maybe"]);
    let said = repo.run(&["v1..topic", "--onto", "v2"]);
    assert_eq!(said.code, 129);
    assert!(said.err.contains("bad value 'maybe' for kmigrate.merges"), "{}", said.err);
    assert!(said.err.contains("hint: it is one of: refuse, drop"), "{}", said.err);
}

#[test]
fn settings_given_to_git_itself_are_seen() {
    let repo = conflicting();
    let mut command = repo.kmigrate();
    command.args(["v1..topic", "--onto", "v2", "--dry-run"]);
    // What `git -c kmigrate.onConflict=skip kmigrate ...` passes on.
    command.env("GIT_CONFIG_PARAMETERS", "'kmigrate.onconflict=skip'");
    let out = String::from_utf8(command.output().expect("the program starts").stdout).expect("UTF-8");
    assert!(out.contains("skipped"), "{out}");
}

#[test]
fn quiet_says_nothing_and_verbose_says_why() {
    let repo = conflicting();
    let quiet = repo.run(&["v1..topic", "--onto", "v2", "-q"]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    let verbose = repo.run(&["v1..topic", "--onto", "v2", "-v", "--dry-run"]);
    assert!(verbose.out.contains("taken    far.c"), "{}", verbose.out);
    assert!(verbose.out.contains("content conflict in near.c:20"), "{}", verbose.out);
}

#[test]
fn colour_is_used_only_where_it_was_asked_for() {
    let repo = conflicting();
    let plain = repo.run(&["v1..topic", "--onto", "v2", "--dry-run"]);
    assert!(!plain.out.contains('\x1b'));
    let colourful = repo.run(&["v1..topic", "--onto", "v2", "--dry-run", "--color"]);
    assert!(colourful.out.contains('\x1b'));
}

#[test]
fn a_subject_does_not_steer_the_terminal_and_is_told_to_programs_as_it_is() {
    let repo = conflicting();
    let subject = "odd\u{1b}[2K\u{9b}1mname\rgone";
    repo.git(&["commit", "-q", "--amend", "--cleanup=verbatim", "-m", subject]);
    let json = repo.run(&["v1..topic", "--onto", "v2", "--dry-run", "--json"]);
    let told: serde_json::Value = serde_json::from_str(json.out.lines().nth(1).expect("two commits")).expect("JSON");
    assert_eq!(told["subject"], subject);
    let mut seen = 0;
    for args in [
        &["v1..topic", "--onto", "v2", "--progress", "-v", "--expect-tree=v1"][..],
        &["status"],
        &["list"],
        &["show", "2"],
        &["report", "--markdown"],
    ] {
        let said = repo.run(args);
        let all = format!("{}{}", said.out, said.err);
        // The bar has a return of its own before each of its pictures.
        assert!(!["odd\u{1b}", "\u{9b}", "name\r"].iter().any(|steers| all.contains(steers)), "{args:?}: {all:?}");
        seen += usize::from(all.contains("gone"));
    }
    assert_eq!(seen, 5, "each names the commit");
    repo.git(&["checkout", "-q", "--detach", "v2"]);
    assert!(!repo.command("git").args(["cherry-pick", "topic"]).output().expect("git starts").status.success());
    let said = repo.run(&["resolve", "--dry-run"]);
    let all = format!("{}{}", said.out, said.err);
    let first = all.lines().find(|line| line.contains("cherry-pick of")).expect("a first line");
    assert!(first.contains("gone") && !first.contains(['\u{1b}', '\u{9b}', '\r']), "{first:?}");
}

#[test]
fn the_result_goes_to_standard_output_and_advice_to_standard_error() {
    let repo = conflicting();
    let said = repo.run(&["v1..topic", "--onto", "v2"]);
    assert!(said.out.contains("branch topic-v2 is not written: there are conflicts"), "{}", said.out);
    assert!(said.err.lines().all(|line| line.starts_with("hint: ")), "{}", said.err);
    assert!(said.err.contains("--allow-conflicts"), "{}", said.err);
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let repo = conflicting();
    let program = env!("CARGO_BIN_EXE_git-kmigrate");
    let output = repo
        .command("sh")
        .args(["-c", &format!("'{program}' v1..topic --onto v2 --dry-run | true; '{program}' --help | true")])
        .output()
        .expect("sh starts");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn git_finds_the_program_and_its_short_help() {
    let repo = conflicting();
    let bin = Path::new(env!("CARGO_BIN_EXE_git-kmigrate")).parent().expect("a folder").to_owned();
    let path = std::env::var("PATH").expect("a PATH");
    let output = repo
        .command("git")
        .args(["kmigrate", "v1..topic", "--onto", "v2", "--dry-run"])
        .env("PATH", format!("{}:{path}", bin.display()))
        .output()
        .expect("git starts");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("2 commits of topic onto v2"), "{out}");
}

#[test]
fn a_progress_bar_is_drawn_on_request_and_does_not_stand_in_the_way() {
    let repo = conflicting();
    let said = repo.run(&["v1..topic", "--onto", "v2", "--dry-run", "--progress"]);
    assert!(said.err.contains("/2 "), "{}", said.err);
    assert!(said.out.contains("2/2 conflicted"), "{}", said.out);
    let silent = repo.run(&["v1..topic", "--onto", "v2", "--dry-run", "--progress", "--no-progress", "-q"]);
    assert_eq!(silent.err, "");
}

#[test]
fn a_walk_that_stopped_makes_no_branch_whatever_is_allowed() {
    let repo = conflicting();
    repo.write("far.c", "three\n").commit("behind the conflict");
    let before = repo.git(&["for-each-ref", "refs/heads"]);
    let said = repo.run(&["v1..topic", "--onto", "v2", "--on-conflict=stop", "--allow-conflicts", "--unreviewed"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("commits that were not looked at"), "{}", said.out);
    assert!(said.err.contains("hint: the walk stopped"), "{}", said.err);
    assert_eq!(repo.git(&["for-each-ref", "refs/heads"]), before);
}

#[test]
fn what_is_refused_comes_with_a_way_out() {
    let repo = conflicting();
    let run = ["v1..topic", "--onto", "v2"];
    std::fs::create_dir(repo.beside("empty")).expect("a folder");
    let empty = repo.beside("empty").to_str().expect("UTF-8").to_owned();
    let said = |args: &[&str]| repo.run(args);
    let with = |more: &[&str]| said(&[&run[..], more].concat());
    for (told, code, hint) in [
        (said(&["shwo", "3"]), 129, "git kmigrate -h lists the commands"),
        (with(&["--expect-tree", "nosuch"]), 128, "name a commit, a branch, a tag or a tree"),
        (said(&["--quilt", &empty, "--from", "v1", "--onto", "v2"]), 128, "name a folder with a series file"),
        (said(&["resolve", "--undo"]), 128, "git kmigrate resolve takes"),
        (with(&["--model=command:cat", "--budget", "1.5"]), 129, "give a budget in tokens, or the program a name"),
        (with(&["--model=command:/nonexistent", "--dry-run"]), 1, "see whether a shell can start the program"),
    ] {
        assert_eq!(told.code, code, "{hint}: {}", told.err);
        assert!(told.err.contains(&format!("hint: {hint}")) && !told.err.contains("a program."), "{}", told.err);
    }
    assert!(said(&["shwo", "3"]).err.contains("'shwo' is neither a command"));
    repo.git(&["config", "kmigrate.methods", "foo"]);
    assert!(with(&["--dry-run"]).err.contains("hint: it may be text, line, token, relocated"));
    repo.git(&["config", "--unset", "kmigrate.methods"]);
    assert_eq!(said(&["v1..topic~1", "--onto", "v2"]).code, 0);
    assert!(said(&["skip"]).err.contains("hint: git kmigrate drop <n>"));
}
