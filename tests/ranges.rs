//! Which commits a series has: ranges, lists, bases, merges, the stable trap.

use crate::support::{Repo, edited, forked, lines};
use serde_json::Value;

/// Two files; upstream edits one line, the series has three commits, far from upstream's line.
fn kernel() -> Repo {
    let repo = forked(&[("a.c", &lines(30)), ("b.c", "b\n")]);
    repo.on("up").edit("a.c", edited(30, &[(2, "upstream")]), "upstream's own");
    repo.on("work").edit("a.c", edited(30, &[(10, "one")]), "first");
    repo.edit("a.c", edited(30, &[(10, "one"), (20, "two")]), "second");
    repo.edit("b.c", "b\nthree\n", "third");
    repo.on("main");
    repo
}

fn subjects(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|o| o["subject"].as_str().expect("text")).collect()
}

fn log(repo: &Repo, range: &str) -> String {
    repo.git(&["log", "--format=%s", "--reverse", range])
}

#[test]
fn a_range_carries_everything_of_its_end_that_its_start_has_not() {
    let repo = kernel();
    let work = repo.id("work");
    let (outcomes, totals) = repo.migrate(&[]);
    assert_eq!(subjects(&outcomes), ["first", "second", "third"]);
    assert_eq!(log(&repo, "up..work-up"), "first\nsecond\nthird");
    assert_eq!(repo.id("work-up~3"), repo.id("up"));
    let both = edited(30, &[(2, "upstream"), (10, "one"), (20, "two")]);
    assert_eq!(repo.file("work-up", "a.c"), both.trim_end());
    assert_eq!(repo.file("work-up", "b.c"), "b\nthree");
    assert_eq!(repo.id("work"), work, "the source branch never moves");
    assert_eq!(repo.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert_eq!(totals["base"], repo.id("v1").as_str());
}

#[test]
fn a_revision_may_be_named_by_its_message_its_path_or_its_age() {
    let repo = kernel();
    repo.git(&["-c", "user.name=a", "-c", "user.email=a@example.org", "tag", "-m", "work", "worked", "work"]);
    for range in
        ["v1..:/third", "v1..work^{/third}", "v1..worked", "v1..work@{0}", ":/^the old kernel..work", "v1..work^0"]
    {
        let (outcomes, totals) = repo.outcomes(&[range, "--onto", ":/upstream's own", "--branch=out", "--dry-run"]);
        assert_eq!(subjects(&outcomes), ["first", "second", "third"], "{range}");
        assert_eq!(totals["onto"], repo.id("up").as_str());
    }
    let said = repo.run(&["v1..:/no such message", "--onto", "up"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("bad revision ':/no such message'"), "{}", said.err);
}

#[test]
fn texts_are_merged_ahead_of_the_walk_and_it_is_told_how_many() {
    // Two names, so that each thread has its share.
    let repo = forked(&[("a.c", &lines(30)), ("b.c", &lines(30))]);
    repo.on("up").write("b.c", edited(30, &[(2, "upstream")])).edit(
        "a.c",
        edited(30, &[(2, "upstream")]),
        "upstream's",
    );
    for (subject, edits) in [("first", &[(10, "one")][..]), ("second", &[(10, "one"), (20, "two")])] {
        repo.on("work").write("b.c", edited(30, edits)).edit("a.c", edited(30, edits), subject);
    }
    let said = repo.run(&["v1..work", "--onto", "up", "-v"]);
    assert!(said.err.contains("4 of 4 text merges were made ahead of the walk"), "{}{}", said.out, said.err);
    assert!(!said.err.contains("warning:"), "{}", said.err);
    let quiet = repo.run(&["v1..work", "--onto", "up", "--dry-run"]);
    assert!(!quiet.err.contains("ahead of the walk"), "{}", quiet.err);
}

#[test]
fn a_branch_alone_starts_at_its_merge_base_with_onto() {
    let repo = kernel();
    let (outcomes, totals) = repo.outcomes(&["work", "--onto", "up"]);
    assert_eq!(subjects(&outcomes), ["first", "second", "third"]);
    assert_eq!(totals["base"], repo.id("v1").as_str());
    assert_eq!(log(&repo, "up..work-up"), "first\nsecond\nthird");
}

#[test]
fn no_range_at_all_means_the_current_branch() {
    let repo = kernel();
    repo.on("work");
    let (_, totals) = repo.outcomes(&["--onto", "up"]);
    assert_eq!(totals["source"], "work");
    assert_eq!(repo.id("work-up~3"), repo.id("up"));
}

#[test]
fn three_dots_start_at_the_merge_base_of_the_two() {
    let repo = kernel();
    repo.branch("next", "up").edit("c.c", "new\n", "upstream goes on without the old branch");
    repo.branch("old", "v1").edit("d.c", "d\n", "the old upstream goes on too");
    let (outcomes, totals) = repo.outcomes(&["old...work", "--onto", "next"]);
    assert_eq!(subjects(&outcomes), ["first", "second", "third"]);
    assert_eq!(totals["base"], repo.id("v1").as_str());
    assert_eq!(repo.id("work-next~3"), repo.id("next"));
}

#[test]
fn an_end_left_out_is_the_current_branch() {
    let repo = kernel();
    repo.on("work");
    let (outcomes, totals) = repo.outcomes(&["v1..", "--onto", "up"]);
    assert_eq!(outcomes.len(), 3);
    assert_eq!(totals["branch"], "work-up");
}

#[test]
fn root_carries_a_history_that_begins_with_the_series() {
    let repo = kernel();
    repo.git(&["checkout", "-q", "--orphan", "own"]);
    repo.git(&["rm", "-rfq", "."]);
    repo.edit("own.c", "1\n", "begins history");
    repo.edit("own.c", "1\n2\n", "goes on");
    let (outcomes, totals) = repo.outcomes(&["own", "--root", "--onto", "up"]);
    assert_eq!(subjects(&outcomes), ["begins history", "goes on"]);
    assert_eq!(totals["base"], Value::Null);
    assert_eq!(repo.id("own-up~2"), repo.id("up"));
    assert_eq!(repo.listing("own-up"), "100644 a.c\n100644 b.c\n100644 own.c");
}

#[test]
fn several_ranges_follow_each_other_in_the_order_typed() {
    let repo = kernel();
    repo.branch("t1", "v1").edit("x.c", "x\n", "topic one");
    repo.branch("t2", "v1").edit("y.c", "y\n", "topic two");
    let (outcomes, totals) = repo.outcomes(&["v1..t2", "v1..t1", "--onto", "up"]);
    assert_eq!(subjects(&outcomes), ["topic two", "topic one"]);
    assert_eq!(totals["branch"], "t1-up");
    assert_eq!(log(&repo, "up..t1-up"), "topic two\ntopic one");
}

#[test]
fn a_commit_in_two_ranges_is_carried_once() {
    let repo = kernel();
    let (outcomes, _) = repo.outcomes(&["v1..work~1", "v1..work", "--onto", "up"]);
    assert_eq!(subjects(&outcomes), ["first", "second", "third"]);
}

#[test]
fn a_list_on_standard_input_may_be_the_output_of_git_log_oneline() {
    let repo = kernel();
    let list = repo.git(&["log", "--oneline", "--reverse", "v1..work"]);
    let said = repo.feed("kmigrate", &["--stdin", "--onto", "up", "-b", "out"], list.as_bytes());
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(log(&repo, "up..out"), "first\nsecond\nthird");
}

#[test]
fn a_list_with_holes_and_blank_lines_is_fine() {
    let repo = kernel();
    let list = format!("{}\n\n{}\n", repo.id("work~2"), repo.id("work"));
    let said = repo.feed("kmigrate", &["--stdin", "--onto", "up", "-b", "out"], list.as_bytes());
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(log(&repo, "up..out"), "first\nthird");
    let expected = edited(30, &[(2, "upstream"), (10, "one")]);
    assert_eq!(repo.file("out", "a.c"), expected.trim_end());
}

#[test]
fn a_commit_listed_twice_is_refused_by_its_name() {
    let repo = kernel();
    let before = repo.refs();
    let said = repo.feed("kmigrate", &["--stdin", "--onto", "up"], b"work\nwork\n");
    assert_eq!(said.code, 128);
    assert!(said.err.contains("commit 'work' is listed twice"), "{}", said.err);
    assert_eq!(repo.refs(), before);
}

#[test]
fn an_empty_list_is_an_empty_range() {
    let repo = kernel();
    let before = repo.refs();
    let said = repo.feed("kmigrate", &["--stdin", "--onto", "up"], b"\n");
    assert_eq!(said.code, 128);
    assert!(said.err.contains("no commits on standard input"), "{}", said.err);
    assert_eq!(repo.refs(), before);
}

/// `t0` stands on the parent of `v1`'s successor, `t1` on that successor.
fn two_bases() -> Repo {
    let repo = kernel();
    repo.branch("old", "v1").edit("d.c", "d\n", "the old upstream goes on");
    repo.branch("t1", "old").edit("x.c", "x\n", "on the younger base");
    repo.branch("t0", "v1").edit("y.c", "y\n", "on the older base");
    repo
}

#[test]
fn several_bases_are_refused_with_both_named() {
    let repo = two_bases();
    let err = repo.refused(128, &["old..t1", "v1..t0", "--onto", "up"]);
    assert!(err.contains(&repo.id("old")), "{err}");
    assert!(err.contains(&repo.id("v1")), "{err}");
    assert!(err.contains("hint: say which upstream it was made for with --base="), "{err}");
}

#[test]
fn several_bases_are_settled_by_naming_one() {
    let repo = two_bases();
    let (outcomes, totals) = repo.outcomes(&["old..t1", "v1..t0", "--onto", "up", "--base", "old"]);
    assert_eq!(subjects(&outcomes), ["on the younger base", "on the older base"]);
    assert_eq!(totals["base"], repo.id("old").as_str());
    assert_eq!(log(&repo, "up..t0-up"), "on the younger base\non the older base");
}

/// `merged` holds a topic by a merge commit; with `evil`, that merge has a change of its own.
fn merged(evil: Option<&str>) -> Repo {
    let repo = kernel();
    repo.branch("topic", "work~2").edit("t.c", "t\n", "topic");
    repo.branch("merged", "work");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge the topic", "topic"]);
    if let Some(text) = evil {
        repo.write("evil.c", text);
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    }
    repo.edit("b.c", "b\nthree\nfour\n", "after the merge");
    repo
}

#[test]
fn a_merge_commit_in_the_range_is_refused_by_name() {
    let repo = merged(None);
    let err = repo.refused(128, &["v1..merged", "--onto", "up"]);
    let short = &repo.id("merged~1")[..12];
    assert!(err.contains(&format!("{short} Merge the topic")), "{err}");
    assert!(err.contains("--merges=drop"), "{err}");
}

#[test]
fn a_plain_merge_is_left_out_when_asked() {
    let repo = merged(None);
    let said = repo.run(&["v1..merged", "--onto", "up", "--merges=drop"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("1 merge commits"), "{}", said.err);
    let carried = log(&repo, "up..merged-up");
    let mut carried: Vec<&str> = carried.lines().collect();
    assert_eq!(carried.pop(), Some("after the merge"));
    carried.sort_unstable();
    assert_eq!(carried, ["first", "second", "third", "topic"]);
    assert_eq!(repo.git(&["rev-list", "--merges", "up..merged-up"]), "");
    assert_eq!(repo.file("merged-up", "b.c"), "b\nthree\nfour");
    assert_eq!(repo.file("merged-up", "t.c"), "t");
}

#[test]
fn a_plain_merge_over_a_rename_is_left_out_whatever_the_merge_settings_are() {
    let repo = forked(&[("a.c", &lines(40))]);
    repo.branch("topic", "v1").git(&["mv", "a.c", "b.c"]);
    repo.commit("the topic renames it");
    repo.on("work").edit("a.c", edited(40, &[(30, "work")]), "edited");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge the topic", "topic"]);
    repo.on("up").edit("a.c", edited(40, &[(2, "upstream")]), "upstream");
    repo.git(&["config", "merge.renames", "false"]);
    repo.git(&["config", "merge.directoryRenames", "false"]);
    assert_eq!(repo.statuses(&["--merges=drop"]), ["unmodified", "unmodified"]);
    let expected = edited(40, &[(2, "upstream"), (30, "work")]);
    assert_eq!(repo.file("work-up", "b.c"), expected.trim_end());
}

#[test]
fn a_merge_with_changes_of_its_own_is_not_left_out() {
    let repo = merged(Some("an evil merge's own\n"));
    let err = repo.refused(128, &["v1..merged", "--onto", "up", "--merges=drop"]);
    assert!(err.contains("changes of their own"), "{err}");
    assert!(err.contains("Merge the topic"), "{err}");
}

#[test]
fn looking_into_merges_in_a_dry_run_writes_no_object() {
    let repo = merged(Some("an evil merge's own\n"));
    // The merge's plain tree, which no commit has, must not be left behind.
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["prune", "--expire=now"]);
    let before = repo.git(&["count-objects", "-v"]);
    repo.refused(128, &["v1..merged", "--onto", "up", "--merges=drop", "--dry-run"]);
    assert_eq!(repo.git(&["count-objects", "-v"]), before);
}

/// A kernel 6.1 with three stable releases, and a branch of two commits on v6.1.3.
fn stable(makefile: &str) -> Repo {
    let repo = Repo::new();
    repo.write("Makefile", makefile).write("s.c", "0\n");
    repo.commit("Linux 6.1");
    repo.git(&["tag", "v6.1"]);
    repo.branch("next", "v6.1").edit("n.c", "n\n", "Linux 6.6");
    repo.branch("stable", "v6.1");
    for n in 1..=3 {
        repo.edit("s.c", format!("{n}\n"), &format!("Linux 6.1.{n}"));
        repo.git(&["tag", &format!("v6.1.{n}")]);
    }
    repo.branch("rt", "v6.1.3").edit("r.c", "1\n", "rt one");
    repo.edit("r.c", "1\n2\n", "rt two");
    repo
}

const MAKEFILE: &str =
    "# SPDX-License-Identifier: GPL-2.0\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n";

#[test]
fn a_range_that_holds_stable_releases_is_refused_with_the_range_that_is_meant() {
    let repo = stable(MAKEFILE);
    let err = repo.refused(128, &["v6.1..rt", "--onto", "next"]);
    assert!(err.contains("3 of the 5 commits in the range are upstream's"), "{err}");
    assert!(err.contains("v6.1.3..rt"), "{err}");
    let (outcomes, _) = repo.outcomes(&["v6.1.3..rt", "--onto", "next"]);
    assert_eq!(subjects(&outcomes), ["rt one", "rt two"]);
}

#[test]
fn the_stable_trap_is_seen_by_the_tag_where_there_is_no_makefile() {
    let repo = stable("all:\n");
    let err = repo.refused(128, &["v6.1..rt", "--onto", "next"]);
    assert!(err.contains("3 of the 5 commits"), "{err}");
    assert!(err.contains("v6.1.3..rt"), "{err}");
}

#[test]
fn a_ref_that_the_settings_call_upstream_shows_the_stable_trap_too() {
    let repo = stable("all:\n");
    for n in 1..=3 {
        repo.git(&["tag", "-d", &format!("v6.1.{n}")]);
    }
    let (outcomes, _) = repo.outcomes(&["v6.1..rt", "--onto", "next", "--dry-run"]);
    assert_eq!(outcomes.len(), 5, "nothing says that stable is upstream");
    repo.git(&["config", "kmigrate.upstream", "stable"]);
    let err = repo.refused(128, &["v6.1..rt", "--onto", "next"]);
    assert!(err.contains("3 of the 5 commits"), "{err}");
    assert!(err.contains("you probably mean stable..rt"), "{err}");
}

#[test]
fn stable_releases_are_carried_when_the_base_is_said() {
    let repo = stable(MAKEFILE);
    let (outcomes, _) = repo.outcomes(&["v6.1..rt", "--onto", "next", "--base", "v6.1"]);
    assert_eq!(outcomes.len(), 5);
    assert_eq!(repo.file("rt-next", "s.c"), "3");
}

#[test]
fn an_unknown_revision_is_named_wherever_it_stands() {
    let repo = kernel();
    let typed: [&[&str]; 4] = [
        &["nowhere..work", "--onto", "up"],
        &["v1..nowhere", "--onto", "up"],
        &["v1..work", "--onto", "nowhere"],
        &["v1..work", "--onto", "up", "--base", "nowhere"],
    ];
    for args in typed {
        let err = repo.refused(128, args);
        assert!(err.starts_with("fatal: bad revision 'nowhere'"), "{args:?}: {err}");
    }
}

#[test]
fn an_empty_range_says_how_a_range_is_written() {
    let repo = kernel();
    let err = repo.refused(128, &["work..v1", "--onto", "up"]);
    assert!(err.contains("no commits in work..v1"), "{err}");
    assert!(err.contains("<old upstream>..<patched branch>"), "{err}");
}

#[test]
fn histories_without_a_common_commit_ask_for_a_base() {
    let repo = kernel();
    repo.git(&["checkout", "-q", "--orphan", "own"]);
    repo.commit("another beginning");
    let err = repo.refused(128, &["own", "--onto", "up"]);
    assert!(err.contains("no commit in common"), "{err}");
    assert!(err.contains("--root"), "{err}");
}

#[test]
fn onto_missing_is_a_usage_error() {
    let repo = kernel();
    let err = repo.refused(129, &["v1..work"]);
    assert!(err.contains("--onto is missing"), "{err}");
}

#[test]
fn going_back_in_time_is_warned_of_and_comes_out_right() {
    let repo = kernel();
    repo.branch("late", "up").edit("b.c", "b\nlate\n", "a late patch");
    let said = repo.run(&["up..late", "--onto", "v1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("back in time"), "{}", said.err);
    assert_eq!(repo.id("late-v1~1"), repo.id("v1"));
    assert_eq!(repo.file("late-v1", "b.c"), "b\nlate");
    assert_eq!(repo.file("late-v1", "a.c"), lines(30).trim_end(), "nothing of upstream's comes along");
}

#[test]
fn onto_its_own_base_a_series_is_taken_as_it_is() {
    let repo = kernel();
    let (outcomes, totals) = repo.outcomes(&["v1..work", "--onto", "v1"]);
    for outcome in &outcomes {
        assert_eq!(outcome["old"], outcome["new"]);
        assert_eq!(outcome["status"], "unmodified");
    }
    assert_eq!(totals["tip"], repo.id("work").as_str());
    assert_eq!(repo.id("work-v1"), repo.id("work"));
}

#[test]
fn verbs_win_over_branch_names_but_the_full_name_reaches_the_branch() {
    let repo = kernel();
    repo.git(&["branch", "show", "work"]);
    let err = repo.refused(129, &["show", "--onto", "up"]);
    assert!(err.contains("--onto"), "{err}");
    let (outcomes, totals) = repo.outcomes(&["refs/heads/show", "--onto", "up"]);
    assert_eq!(outcomes.len(), 3);
    assert_eq!(totals["source"], "show");
    assert_eq!(log(&repo, "up..show-up"), "first\nsecond\nthird");
}

#[test]
fn slashes_of_names_become_dashes_in_the_name_of_the_branch() {
    let repo = kernel();
    repo.git(&["branch", "linux/rt", "work"]);
    repo.git(&["tag", "rel/v2", "up"]);
    let (_, totals) = repo.outcomes(&["v1..linux/rt", "--onto", "rel/v2"]);
    assert_eq!(totals["branch"], "linux-rt-rel-v2");
    assert!(repo.has("refs/heads/linux-rt-rel-v2"));
}

#[test]
fn ranges_in_an_order_in_which_a_commit_comes_before_its_parent_are_refused() {
    let repo = kernel();
    let refs = repo.refs();
    let err = repo.refused(128, &["work~2..work", "v1..work~2", "--onto", "up"]);
    assert!(err.contains("is listed before its parent") && err.contains("hint: give the ranges oldest first"), "{err}");
    assert_eq!(repo.refs(), refs);
    let (outcomes, _) = repo.outcomes(&["v1..work~2", "work~2..work", "--onto", "up"]);
    assert_eq!(subjects(&outcomes), ["first", "second", "third"]);
}

#[test]
fn replacements_and_grafts_are_not_followed_and_that_is_said() {
    let repo = kernel();
    let plain = repo.run(&["v1..work", "--onto", "up", "--dry-run"]);
    assert!(!plain.err.contains("is not followed"), "{}", plain.err);
    let log = repo.git(&["log", "--format=%H", "v1..work"]);
    let graft = format!("{} {}\n", repo.id("work~1"), repo.id("v1"));
    let other = repo.git(&["commit-tree", "-p", "v1", "-m", "replaced", "work^{tree}"]);
    repo.git(&["replace", "work", &other]);
    for (place, more) in [("refs/replace/", None), ("info/grafts", Some(graft))] {
        if let Some(graft) = &more {
            repo.git(&["replace", "-d", "work"]);
            std::fs::create_dir_all(repo.path().join(".git/info")).expect("a folder");
            std::fs::write(repo.path().join(".git/info/grafts"), graft).expect("written");
        }
        let said = repo.run(&["v1..work", "--onto", "up", "--dry-run"]);
        assert_eq!((said.code, &said.out), (0, &plain.out));
        assert!(said.err.contains(&format!("warning: {place} is not followed")), "{}", said.err);
        // The command that is told shows what was read.
        let shown = said.err.split_once('(').and_then(|(_, told)| told.split_once(" shows them so)"));
        let words: Vec<&str> = shown.expect("a command").0.split(' ').collect();
        let seen = repo.command("env").args(words).args(["--format=%H", "v1..work"]).output().expect("git starts");
        assert_eq!(String::from_utf8_lossy(&seen.stdout).trim_end(), log, "{}", said.err);
    }
}

#[test]
fn replacements_that_are_switched_off_are_no_matter_however_the_setting_says_so() {
    let repo = kernel();
    let other = repo.git(&["commit-tree", "-p", "v1", "-m", "replaced", "work^{tree}"]);
    repo.git(&["replace", "work", &other]);
    for (off, is_said) in [("false", false), ("no", false), ("off", false), ("0", false), ("yes", true)] {
        repo.git(&["config", "core.useReplaceRefs", off]);
        let said = repo.run(&["v1..work", "--onto", "up", "--dry-run"]);
        assert_eq!(said.err.contains("is not followed"), is_said, "{off}: {}", said.err);
    }
}
