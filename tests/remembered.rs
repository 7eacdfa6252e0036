//! What people decided of whole commits and whole files is not asked for again: commits left out, commits found right, files that one side has
//! removed. Of a run, of a rebase by hand, in the middle of a git command, for the merge driver.

use crate::support::{Repo, Said, edited, forked};
use serde_json::Value;

/// What upstream, the series and a person make of one call: no method can put that together.
const TWENTY: [&str; 3] = ["call(upstream, one, two)", "invoke(mine, three)", "call(upstream, mine, one, two, three)"];
const RUN: [&str; 3] = ["v1..work", "--onto", "up"];

/// Upstream removes `gone.c` and changes a line; the series changes both, in commits of their own, and has one that nobody wants.
fn repo() -> Repo {
    let repo = forked(&[("a.c", &edited(60, &[])), ("gone.c", &edited(30, &[])), ("c.c", &edited(60, &[]))]);
    repo.on("up").edit("a.c", edited(60, &[(20, TWENTY[0])]), "upstream");
    repo.edit("c.c", edited(60, &[(20, "other(upstream, five)")]), "upstream, c");
    repo.git(&["rm", "-q", "gone.c"]);
    repo.git(&["commit", "-q", "-m", "upstream removes"]);
    repo.on("work").edit("gone.c", edited(30, &[(5, "mine")]), "one, of a file that goes");
    repo.edit("a.c", edited(60, &[(20, TWENTY[1])]), "two, of a line");
    repo.edit("c.c", edited(60, &[(20, "gone(mine, six)")]), "three, unwanted");
    repo.on("main");
    repo
}

fn done(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert!(said.code <= 1, "{args:?}: {} {}{}", said.code, said.out, said.err);
    said
}

fn outcomes(repo: &Repo, args: &[&str]) -> Vec<Value> {
    repo.outcomes(args).0
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().filter_map(|outcome| outcome["status"].as_str()).collect()
}

fn settled() -> String {
    edited(60, &[(20, TWENTY[2])])
}

/// Decides all of a run: the file stays removed, the line is put together by hand, the last commit is dropped.
fn decide(repo: &Repo) {
    assert_eq!(statuses(&outcomes(repo, &RUN)), ["conflicted", "conflicted", "conflicted"]);
    done(repo, &["choose", "1", "ours"]);
    let folder = done(repo, &["edit", "2"]).out;
    let folder = folder.lines().next().expect("a folder").trim().to_owned();
    std::fs::write(repo.path().join(folder).join("a.c"), settled()).expect("written");
    done(repo, &["drop", "3"]);
    let said = done(repo, &["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

/// Is nobody asked anything?
fn asks_nothing(outcomes: &[Value]) -> bool {
    let asks =
        |outcome: &Value| outcome["status"] == "conflicted" || outcome["flags"].to_string().contains("to_review");
    !outcomes.iter().any(asks)
}

#[test]
fn what_was_decided_of_a_run_is_not_asked_for_in_the_next_one() {
    let repo = repo();
    decide(&repo);
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(statuses(&again), ["dropped", "modified", "dropped"]);
    let said = |n: usize| again[n]["evidence"].to_string();
    assert!(said(0).contains("the file stays removed, as they settled it in the run of work-up"), "{}", said(0));
    assert!(said(2).contains("people left it out in the run of work-up"), "{}", said(2));
    assert_eq!(repo.file("again", "a.c"), settled().trim_end());
    assert_eq!(repo.id("again^{tree}"), repo.id("work-up^{tree}"));
    let without = outcomes(&repo, &[&RUN[..], &["--branch", "without", "--no-memory"]].concat());
    assert_eq!(statuses(&without), ["conflicted", "conflicted", "conflicted"]);
    repo.is_sound();
}

#[test]
fn the_next_release_of_both_sides_does_not_ask_either() {
    let repo = repo();
    decide(&repo);
    // The series is made anew on a later old kernel, and upstream goes on, elsewhere.
    repo.branch("old", "v1").edit("other.c", "other\n", "a stable release");
    repo.branch("next", "up").edit("more.c", "more\n", "the next release");
    repo.git(&["checkout", "-q", "-b", "work2", "old"]);
    repo.git(&["cherry-pick", "v1..work"]);
    repo.on("main");
    let next = outcomes(&repo, &["old..work2", "--onto", "next"]);
    assert!(asks_nothing(&next), "{next:?}");
    assert_eq!(statuses(&next), ["dropped", "modified", "dropped"]);
}

#[test]
fn a_patch_that_says_something_else_is_asked_about_though_its_name_is_the_same() {
    let repo = repo();
    decide(&repo);
    repo.git(&["checkout", "-q", "-b", "work2", "work~1"]);
    repo.edit("c.c", edited(60, &[(20, "invoke(another, four)")]), "three, unwanted");
    repo.on("main");
    let other = outcomes(&repo, &["v1..work2", "--onto", "up"]);
    assert_eq!(statuses(&other), ["dropped", "modified", "conflicted"]);
}

#[test]
fn a_decision_is_listed_shown_and_forgotten() {
    let repo = repo();
    decide(&repo);
    let list = done(&repo, &["memory", "list"]).out;
    let line = list.lines().find(|line| line.contains("left out: three, unwanted")).unwrap_or_else(|| panic!("{list}"));
    assert!(list.contains("gone.c: removed"), "{list}");
    let key = line.split_whitespace().next().expect("a key");
    let shown = done(&repo, &["memory", "show", key]).out;
    assert!(shown.starts_with("kmigrate decision 1\nwhat: drop\n"), "{shown}");
    done(&repo, &["forget", key]);
    done(&repo, &["forget", "--", "gone.c"]);
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert_eq!(statuses(&again), ["conflicted", "modified", "conflicted"]);
    assert_eq!(repo.run(&["forget", key]).code, 128);
}

#[test]
fn what_a_person_took_back_is_forgotten_and_asked_for_again() {
    let repo = repo();
    decide(&repo);
    done(&repo, &["reset", "2", "3"]);
    done(&repo, &["continue"]);
    let list = done(&repo, &["memory", "list"]).out;
    assert!(!list.contains("unwanted") && !list.contains("a.c") && list.contains("gone.c: removed"), "{list}");
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert_eq!(statuses(&again), ["dropped", "conflicted", "conflicted"]);
}

#[test]
fn what_was_looked_at_and_found_right_needs_no_second_look_until_it_comes_out_otherwise() {
    let repo = repo();
    decide(&repo);
    repo.branch("next", "up").edit("a.c", edited(60, &[(20, TWENTY[0]), (22, "upstream goes on")]), "the next release");
    repo.on("main");
    let run = ["v1..work", "--onto", "next"];
    assert!(outcomes(&repo, &run)[1]["flags"].to_string().contains("to_review"));
    done(&repo, &["accept", "2", "--run", "work-next"]);
    assert_eq!(done(&repo, &["continue", "--run", "work-next"]).code, 0);
    let again = outcomes(&repo, &[&run[..], &["--branch", "again"]].concat());
    assert!(asks_nothing(&again), "{again:?}");
    let said = again[1]["evidence"].to_string();
    assert!(said.contains("people found it right as it comes out, in the run of work-next"), "{said}");
    repo.branch("later", "next").edit(
        "a.c",
        edited(60, &[(20, TWENTY[0]), (22, "upstream goes on"), (50, "far")]),
        "later",
    );
    repo.on("main");
    let later = outcomes(&repo, &["v1..work", "--onto", "later"]);
    assert!(!asks_nothing(&later), "nobody has seen this file: {later:?}");
}

#[test]
fn after_a_rebase_by_hand_was_learned_from_the_same_migration_asks_nothing() {
    let repo = repo();
    repo.branch("hand", "up").edit("a.c", settled(), "two, of a line");
    repo.on("main");
    let learned = done(&repo, &["learn", "v1..work", "up..hand"]);
    assert!(learned.out.contains("decisions on whole commits and files"), "{}", learned.out);
    let again = outcomes(&repo, &RUN);
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(statuses(&again), ["dropped", "modified", "dropped"]);
    assert_eq!(repo.id("work-up^{tree}"), repo.id("hand^{tree}"));
    // Of another kernel nobody has said that they are left out.
    repo.branch("next", "up").edit("more.c", "more\n", "the next release");
    repo.on("main");
    let next = outcomes(&repo, &["v1..work", "--onto", "next"]);
    assert_eq!(statuses(&next), ["conflicted", "modified", "conflicted"]);
}

#[test]
fn a_binary_that_people_chose_travels_with_the_memory() {
    let repo = forked(&[("fw.bin", "\0old\n")]);
    repo.on("up").edit("fw.bin", "\0upstream\n", "upstream");
    repo.on("work").edit("fw.bin", "\0mine\n", "mine");
    repo.on("main");
    assert_eq!(statuses(&outcomes(&repo, &RUN)), ["conflicted"]);
    done(&repo, &["choose", "1", "theirs"]);
    done(&repo, &["continue"]);
    let kept = repo.git(&["ls-tree", "-r", "--name-only", "refs/kmigrate/memory"]);
    assert!(kept.lines().any(|line| line.ends_with(".content")), "{kept}");
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(repo.git(&["rev-parse", "again:fw.bin"]), repo.git(&["rev-parse", "work:fw.bin"]));
}

#[test]
fn resolve_and_the_merge_driver_know_it_too() {
    let repo = repo();
    decide(&repo);
    repo.git(&[
        "config",
        "merge.kmigrate.driver",
        &format!("'{}' merge-driver %O %A %B %L %P", env!("CARGO_BIN_EXE_git-kmigrate")),
    ]);
    repo.git(&["checkout", "-q", "-b", "picked", "up"]);
    let pick =
        |commit: &str| repo.command("git").args(["cherry-pick", commit]).output().expect("git starts").status.success();
    assert!(!pick("work~2"));
    let said = done(&repo, &["resolve"]);
    assert!(said.out.contains("resolved  gone.c"), "{}{}", said.out, said.err);
    assert!(said.out.contains("it is settled as a whole as people did it in the run of work-up"), "{}", said.out);
    assert!(!repo.path().join("gone.c").exists());
    repo.git(&["cherry-pick", "--skip"]);
    repo.write(".git/info/attributes", "*.c merge=kmigrate\n");
    assert!(pick("work~1"), "the driver settles it as a person did");
    assert_eq!(repo.file("HEAD", "a.c"), settled().trim_end());
}
