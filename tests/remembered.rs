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

/// Base, upstream and series of a repository in which both do something to one path; the series in one commit.
fn torn(base: impl Fn(&Repo), upstream: impl Fn(&Repo), series: impl Fn(&Repo)) -> Repo {
    let repo = Repo::new();
    repo.write("x", "x\n");
    base(&repo);
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    repo.branch("up", "v1");
    upstream(&repo);
    repo.commit("upstream");
    repo.branch("work", "v1");
    series(&repo);
    repo.commit("mine");
    repo.on("main");
    repo
}

fn kind(outcomes: &[Value]) -> &str {
    outcomes[0]["files"][0]["conflict"]["kind"].as_str().unwrap_or_default()
}

/// Settles the one conflict, and walks again: nobody is asked, and the tree is the same.
fn is_asked_once(repo: &Repo, of: &str, settle: impl Fn(&Repo)) {
    let first = outcomes(repo, &RUN);
    assert_eq!((statuses(&first), kind(&first)), (vec!["conflicted"], of), "{first:?}");
    settle(repo);
    let said = done(repo, &["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let list = done(repo, &["memory", "list"]).out;
    assert!(list.contains(": settled as a whole") || list.contains(": removed"), "{list}");
    // Another kernel, for which only what is the same to the byte speaks.
    repo.branch("next", "up").edit("more.c", "more\n", "the next release");
    repo.on("main");
    for onto in ["up", "next"] {
        let again = outcomes(repo, &["v1..work", "--onto", onto, "--branch", &format!("again-{onto}")]);
        assert!(asks_nothing(&again), "{again:?}");
        assert!(again[0]["evidence"].to_string().contains("in the run of work-up"), "{again:?}");
    }
    assert_eq!(repo.id("again-up^{tree}"), repo.id("work-up^{tree}"));
    let without = |text: String| text.lines().filter(|line| !line.ends_with("more.c")).collect::<Vec<_>>().join("\n");
    assert_eq!(without(repo.git(&["ls-tree", "-r", "again-next"])), repo.git(&["ls-tree", "-r", "work-up"]));
    repo.is_sound();
}

fn put(repo: &Repo, path: &str, text: &str) {
    repo.write(path, text);
}

fn link(repo: &Repo, to: &str) {
    let at = repo.path().join("link");
    let _ = std::fs::remove_file(&at);
    std::os::unix::fs::symlink(to, at).expect("a link");
}

#[test]
fn a_link_that_both_sides_turned_is_asked_about_once() {
    let repo = torn(|r| link(r, "a"), |r| link(r, "upstream"), |r| link(r, "mine"));
    is_asked_once(&repo, "type", |r| drop(done(r, &["choose", "1", "theirs"])));
    assert_eq!(repo.file("again-up", "link"), "mine");
}

#[test]
fn a_file_that_one_side_made_a_link_is_asked_about_once() {
    let repo = torn(|r| put(r, "link", "text\n"), |r| link(r, "upstream"), |r| put(r, "link", "mine\n"));
    is_asked_once(&repo, "type", |r| drop(done(r, &["choose", "1", "theirs"])));
    assert_eq!(repo.file("again-up", "link"), "mine");
}

#[test]
fn a_submodule_that_both_sides_moved_on_is_asked_about_once() {
    let at = |digit: &str| {
        let id = digit.repeat(40);
        move |r: &Repo| drop(r.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]))
    };
    let repo = Repo::new();
    let commit = |r: &Repo, message: &str| drop(r.git(&["commit", "-q", "-m", message]));
    repo.write("x", "x\n").commit("x");
    at("1")(&repo);
    commit(&repo, "base");
    repo.git(&["tag", "v1"]);
    repo.git(&["checkout", "-q", "-b", "up"]);
    at("2")(&repo);
    commit(&repo, "upstream");
    repo.git(&["checkout", "-q", "-b", "work", "v1"]);
    at("3")(&repo);
    commit(&repo, "mine");
    repo.on("main");
    assert_eq!(kind(&outcomes(&repo, &RUN)), "type");
    done(&repo, &["choose", "1", "theirs"]);
    assert_eq!(done(&repo, &["continue"]).code, 0);
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert!(asks_nothing(&again), "{again:?}");
    assert!(repo.git(&["ls-tree", "again", "sub"]).contains(&"3".repeat(40)));
}

#[test]
fn a_mode_that_both_sides_gave_a_new_file_is_asked_about_once() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |r: &Repo, mode: u32| {
        r.write("run", "#!/bin/sh\n");
        std::fs::set_permissions(r.path().join("run"), PermissionsExt::from_mode(mode)).expect("a mode");
    };
    let repo = torn(|_| {}, |r| mode(r, 0o644), |r| mode(r, 0o755));
    is_asked_once(&repo, "mode", |r| drop(done(r, &["choose", "1", "theirs"])));
    assert!(repo.git(&["ls-tree", "again-next", "run"]).starts_with("100755"));
}

#[test]
fn a_file_that_both_sides_moved_is_asked_about_once() {
    let text = edited(60, &[]);
    let moved = |r: &Repo, to: &str, line: usize| {
        r.git(&["mv", "a.c", to]);
        r.write(to, edited(60, &[(line, to)]));
    };
    let repo = torn(|r| put(r, "a.c", &text), |r| moved(r, "theirs.c", 3), |r| moved(r, "mine.c", 50));
    is_asked_once(&repo, "rename/rename", |r| {
        let folder = done(r, &["edit", "1"]).out;
        let folder = r.path().join(folder.lines().next().expect("a folder").trim());
        std::fs::write(folder.join("mine.c"), edited(60, &[(3, "theirs.c"), (50, "mine.c"), (20, "by hand")]))
            .expect("written");
    });
    assert!(repo.file("again-next", "mine.c").contains("by hand"));
}

#[test]
fn a_file_where_upstream_has_a_folder_is_asked_about_once() {
    let repo = torn(
        |_| {},
        |r| put(r, "d/a.c", "a\n"),
        |r| {
            put(r, "d", "mine\n");
            put(r, "b.c", "b\n");
        },
    );
    let first = outcomes(&repo, &RUN);
    assert!(first[0]["files"].to_string().contains("directory/file"), "{first:?}");
    done(&repo, &["choose", "1:d", "ours"]);
    assert_eq!(done(&repo, &["continue"]).code, 0);
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(repo.id("again^{tree}"), repo.id("work-up^{tree}"));
}

/// A series on the new kernel as people made it by hand: with a commit of their own in front, so that no file is the same to the byte.
fn by_hand(repo: &Repo) {
    repo.branch("hand", "up").edit("a.c", edited(60, &[(20, TWENTY[0]), (50, "a commit of the new series")]), "new");
    repo.write("a.c", edited(60, &[(20, TWENTY[2]), (50, "a commit of the new series")]));
    repo.write("b.c", "what belongs to it\n").commit("two, of a line");
    repo.on("main");
}

#[test]
fn what_became_of_a_commit_on_a_kernel_is_done_there_again_among_other_commits() {
    let repo = repo();
    by_hand(&repo);
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let again = outcomes(&repo, &RUN);
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(repo.file("work-up", "a.c"), settled().trim_end());
    assert_eq!(repo.file("work-up", "b.c"), "what belongs to it");
    // Elsewhere somebody should look: the other file is not changed.
    repo.branch("next", "up").edit("more.c", "more\n", "the next release");
    repo.on("main");
    let next = outcomes(&repo, &["v1..work", "--onto", "next"]);
    assert!(next[1]["flags"].to_string().contains("to_review"), "{next:?}");
    assert!(next[1]["evidence"].to_string().contains("changed b.c with it"), "{next:?}");
}

#[test]
fn where_what_became_of_it_has_no_place_people_are_asked_and_told_so() {
    let repo = repo();
    by_hand(&repo);
    repo.git(&["branch", "-q", "known", "hand"]);
    done(&repo, &["learn", "v1..work", "up..known"]);
    repo.branch("work2", "work~2").edit("a.c", edited(60, &[(18, "close by")]), "in front of it");
    repo.git(&["cherry-pick", "work~1"]);
    repo.on("main");
    let asked = outcomes(&repo, &["work~2..work2", "--onto", "up", "--branch", "other"]);
    assert!(!asks_nothing(&asked), "{asked:?}");
}

#[test]
fn a_commit_that_is_known_by_its_likeness_is_not_asked_about_where_it_was_carried_to() {
    let repo = forked(&[("a.c", &edited(60, &[]))]);
    repo.on("up").edit("a.c", edited(60, &[(20, TWENTY[0])]), "upstream");
    repo.on("work").write("driver.c", edited(50, &[]));
    repo.edit("a.c", edited(60, &[(20, TWENTY[1])]), "a driver");
    repo.branch("hand", "up").edit("a.c", edited(60, &[(20, TWENTY[0]), (50, "a commit of the new series")]), "new");
    repo.write("a.c", edited(60, &[(20, TWENTY[2]), (50, "a commit of the new series")]));
    repo.write("driver.c", edited(50, &[(9, "for the new kernel")])).commit("the driver, under another name");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let again = outcomes(&repo, &RUN);
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(repo.file("work-up", "a.c"), settled().trim_end());
    assert_eq!(repo.id("work-up:driver.c"), repo.id("hand:driver.c"));
    // Learning the same again does not ask again.
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let again = outcomes(&repo, &[&RUN[..], &["--branch", "again"]].concat());
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(repo.id("again^{tree}"), repo.id("work-up^{tree}"));
    // On another kernel nobody has seen it.
    repo.branch("next", "up").edit("more.c", "more\n", "the next release");
    repo.on("main");
    let next = outcomes(&repo, &["v1..work", "--onto", "next"]);
    assert!(!asks_nothing(&next), "{next:?}");
}

#[test]
fn what_people_did_in_another_file_under_the_same_name_is_done_there() {
    let repo = repo();
    repo.branch("hand", "up").edit("more.c", "done here now\n", "two, of a line");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let again = outcomes(&repo, &RUN);
    assert!(asks_nothing(&again), "{again:?}");
    assert_eq!(repo.id("work-up^{tree}"), repo.id("hand^{tree}"));
}

#[test]
fn what_people_made_of_a_commit_passes_the_door_when_it_is_made_again() {
    let function =
        |name: &str, body: &str| format!("int {name}(int x)\n{{\n\tint r = x;\n\n\t{body};\n\treturn r;\n}}\n\n");
    let file = |body: &str, beside: &str, end: &str| {
        let others: String = (0..6).map(|n| function(&format!("f{n}"), "g(r)")).collect();
        [others.as_str(), &function("here", body), beside, &others.replace("int f", "int h"), end].concat()
    };
    let brought = "static int brought(int x)\n{\n\treturn 3 * x;\n}\n\n";
    let repo = forked(&[("a.c", &file("g(r, 1)", "", ""))]);
    repo.on("up").edit("a.c", file("zork(1, r, UP)", "", ""), "upstream");
    repo.on("work").edit("a.c", file("baz(r, MINE)", "", ""), "the patch");
    repo.branch("hand", "up").edit("a.c", file("zork(1, r, UP)", "", "int last;\n"), "new");
    repo.write("b.h", "what belongs to it\n");
    repo.edit("a.c", file("zork(1, r, UP, MINE)", brought, "int last;\n"), "the patch");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let again = outcomes(&repo, &RUN);
    assert!(asks_nothing(&again), "{again:?}");
    assert!(repo.file("work-up", "a.c").contains("brought"), "it is made again");
    // In front of it stands another commit that brings the same function.
    repo.branch("other", "v1").edit("a.c", file("g(r, 1)", "", brought), "a function");
    repo.git(&["cherry-pick", "work"]);
    repo.on("main");
    let other = outcomes(&repo, &["v1..other", "--onto", "up"]);
    assert!(other[1]["flags"].to_string().contains("to_review"), "{other:?}");
    assert!(other[1]["evidence"].to_string().contains("it does not stand up here: "), "{other:?}");
}
