//! A run that people work with: status, list, edit, accept, drop, reset, continue, undo, abort, log; locks and crashes.

use crate::support::{Repo, Said, four_commits as repo, lines};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// As text alone, so that what adjoins a conflict is one, too.
const RUN: [&str; 4] = ["v1..topic", "--onto", "v2", "--methods=text"];

fn ok(said: &Said) {
    assert!(said.code < 2, "{}{}", said.out, said.err);
}

/// Lays a commit out and returns the folder of its files.
fn edit(repo: &Repo, n: &str) -> PathBuf {
    let said = repo.run(&["edit", n]);
    assert_eq!(said.code, 0, "{}", said.err);
    PathBuf::from(said.out.trim_end())
}

fn list(repo: &Repo) -> Vec<Value> {
    let out = repo.run(&["list", "--json"]).out;
    out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

fn statuses(repo: &Repo) -> Vec<String> {
    list(repo).iter().map(|o| o["status"].as_str().expect("a status").to_owned()).collect()
}

/// Settles the conflict of commit 2.
fn settle_two(repo: &Repo) {
    let files = edit(repo, "2");
    let text = fs::read_to_string(files.join("near.c")).expect("laid out");
    assert!(text.contains("<<<<<<< ours (upstream)"), "{text}");
    fs::write(files.join("near.c"), lines(40).replace("line 20\n", "upstream and mine 20\n")).expect("written");
}

#[test]
fn a_conflict_that_is_edited_is_settled_and_what_rested_on_it_is_picked_again() {
    let repo = repo();
    assert_eq!(repo.run(&RUN).code, 1);
    assert_eq!(statuses(&repo), ["unmodified", "conflicted", "unmodified", "unmodified"]);
    settle_two(&repo);
    let said = repo.run(&["continue"]);
    assert!(said.out.contains("taken back commit 2: 1 files"), "{}", said.out);
    // Commit 3 was made for "mine 20" beside it: now its context is another, and it is not provisional any more.
    let outcomes = list(&repo);
    assert_eq!(outcomes[1]["status"], "modified");
    assert_eq!(outcomes[1]["flags"], serde_json::json!(["by_hand"]));
    assert_eq!(outcomes[2]["rests_on"], Value::Null);
    assert_eq!(repo.git(&["show", "-s", "--format=%s", "refs/kmigrate/runs/topic-v2/tip"]), "four, far away");
}

#[test]
fn a_run_that_is_settled_to_the_end_writes_the_branch() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    ok(&repo.run(&["continue"]));
    let files = edit(&repo, "3");
    let text = lines(40).replace("line 20\nline 21\n", "upstream and mine 20\nmine 21\n");
    fs::write(files.join("near.c"), text).expect("written");
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let text = repo.file("topic-v2", "near.c");
    for wanted in ["upstream and mine 20", "mine 21", "last 35"] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
    assert_eq!(repo.git(&["rev-list", "--count", "v2..topic-v2"]), "4");
    assert_eq!(repo.git(&["fsck", "--full", "--strict"]), "");
}

#[test]
fn a_clean_commit_that_was_found_wrong_can_be_edited_and_files_added_and_removed() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let files = edit(&repo, "1");
    let text = fs::read_to_string(files.join("far.c")).expect("laid out");
    fs::write(files.join("far.c"), text.replace("mine 5", "mine 5, corrected")).expect("written");
    fs::create_dir_all(files.join("new")).expect("a folder");
    fs::write(files.join("new/added.h"), "added\n").expect("written");
    ok(&repo.run(&["continue"]));
    let tip = list(&repo)[0]["new"].as_str().expect("carried").to_owned();
    assert!(repo.file(&tip, "far.c").contains("mine 5, corrected"));
    assert_eq!(repo.file(&tip, "new/added.h"), "added");
    let files = edit(&repo, "1");
    fs::remove_file(files.join("new/added.h")).expect("removed");
    ok(&repo.run(&["continue"]));
    let tip = list(&repo)[0]["new"].as_str().expect("carried").to_owned();
    assert_eq!(repo.git(&["ls-tree", "--name-only", &tip]), "far.c\nnear.c");
}

#[test]
fn left_markers_are_refused_by_place_and_nothing_is_taken_back() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let files = edit(&repo, "2");
    let text = fs::read_to_string(files.join("near.c")).expect("laid out");
    fs::write(files.join("near.c"), text.replace("mine 20", "edited 20")).expect("written");
    let refs = repo.refs();
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("near.c:20: a conflict marker is left"), "{}", said.err);
    assert_eq!(repo.refs(), refs);
    assert!(files.join("near.c").exists(), "the person's work is still there");
}

#[test]
fn a_conflict_that_nobody_touched_stays_open() {
    let repo = repo();
    ok(&repo.run(&RUN));
    edit(&repo, "2");
    let said = repo.run(&["continue"]);
    assert!(said.out.contains("taken back commit 2: 0 files, 1 still conflicted"), "{}", said.out);
    assert_eq!(statuses(&repo)[1], "conflicted");
}

#[test]
fn a_decision_holds_in_later_walks_and_after_a_change_before_it() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    ok(&repo.run(&["continue"]));
    let files = edit(&repo, "1");
    fs::write(files.join("far.c"), "rewritten\n").expect("written");
    ok(&repo.run(&["continue"]));
    assert_eq!(list(&repo)[1]["status"], "modified", "the work on commit 2 survives a change to commit 1");
    ok(&repo.run(&RUN));
    assert_eq!(list(&repo)[1]["status"], "modified", "and a run that is begun again");
}

#[test]
fn drop_leaves_a_commit_out_and_reset_takes_the_decision_back() {
    let repo = repo();
    ok(&repo.run(&RUN));
    assert_eq!(repo.run(&["drop", "2", "3"]).code, 0);
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(statuses(&repo), ["unmodified", "dropped", "dropped", "unmodified"]);
    assert_eq!(repo.git(&["log", "--format=%s", "v2..topic-v2"]), "four, far away\none, clean");
    assert_eq!(repo.run(&["reset", "2", "3"]).code, 0);
    // The branch of the settled walk stays while a later one is not settled, and is still ours to move.
    for _ in 0..2 {
        ok(&repo.run(&["continue"]));
        assert_eq!(statuses(&repo), ["unmodified", "conflicted", "unmodified", "unmodified"]);
    }
    assert_eq!(repo.git(&["rev-list", "--count", "v2..topic-v2"]), "2");
}

#[test]
fn accept_is_for_commits_to_review_and_not_for_conflicts() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let said = repo.run(&["accept", "2"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("hint: settle it: git kmigrate edit 2"), "{}", said.err);
}

#[test]
fn an_accepted_commit_is_not_to_review_any_more_until_its_sides_change() {
    let repo = Repo::new();
    let makefile = "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n";
    repo.write("Makefile", makefile).write("a.c", lines(60)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("Makefile", makefile.replace("= 1", "= 6")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", lines(60).replace("line 5\n", "first\n")).commit("first");
    let named = lines(60).replace("line 5\n", "first\n").replace("line 50\n", "second\n");
    repo.write("a.c", &named).commit("second\n\nPatch-File: backport/020-v6.3-second.patch");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.run(&RUN).code, 1);
    assert_eq!(repo.run(&["accept", "--all"]).code, 0);
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let files = edit(&repo, "1");
    fs::write(files.join("a.c"), lines(60).replace("line 6\n", "first, elsewhere\n")).expect("written");
    assert_eq!(repo.run(&["continue"]).code, 1, "the second commit meets another file now");
}

#[test]
fn undo_puts_the_refs_back_unless_somebody_moved_them() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let before = repo.refs();
    repo.run(&["drop", "2", "3"]);
    ok(&repo.run(&["continue"]));
    assert!(repo.refs().contains("refs/heads/topic-v2"));
    let said = repo.run(&["undo"]);
    assert_eq!(said.code, 0, "{}", said.err);
    // What was decided stays decided, and remembered.
    let but_memory = || repo.refs().lines().filter(|line| !line.contains("/memory ")).collect::<Vec<_>>().join("\n");
    assert_eq!(but_memory(), before);
    ok(&repo.run(&["continue"]));
    repo.git(&["update-ref", "refs/heads/topic-v2", "v1"]);
    let moved = repo.refs();
    let said = repo.run(&["undo"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("refs/heads/topic-v2 was moved since"), "{}", said.err);
    assert_eq!(repo.refs(), moved);
}

#[test]
fn abort_forgets_the_run_and_leaves_branches() {
    let repo = repo();
    let before = repo.refs();
    ok(&repo.run(&RUN));
    assert_eq!(repo.run(&["abort"]).code, 0);
    assert_eq!(repo.refs(), before);
    let said = repo.run(&["status"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("there is no run here"), "{}", said.err);
}

#[test]
fn status_and_log_tell_where_the_run_stands_and_how_it_came_there() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    let said = repo.run(&["status"]);
    assert!(said.out.contains("laid out for editing: "), "{}", said.out);
    assert!(said.out.contains("branch topic-v2 is not written yet"), "{}", said.out);
    repo.git(&["update-ref", "refs/heads/topic", "topic~1"]);
    assert!(repo.run(&["status"]).out.contains("topic was rewritten since the run began"));
    ok(&repo.run(&["continue"]));
    let log = repo.run(&["log"]).out;
    let words: Vec<&str> = log.lines().filter_map(|l| l.split(' ').next()).collect();
    assert_eq!(words, ["begin", "finish", "edit", "fix", "finish"], "{log}");
}

#[test]
fn the_series_and_what_people_settled_survive_a_garbage_collection() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    ok(&repo.run(&["continue"]));
    let before = list(&repo);
    repo.git(&["update-ref", "-d", "refs/heads/topic"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    ok(&repo.run(&["continue"]));
    assert_eq!(list(&repo), before, "the same ids");
}

#[test]
fn a_second_process_on_the_same_branch_is_refused_and_one_on_another_is_not() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let lock = repo.path().join(".git/kmigrate/topic-v2/lock");
    let held = fs::File::create(&lock).expect("a file");
    held.lock().expect("locked");
    fs::write(&lock, "77 here").expect("written");
    let said = repo.run(&RUN);
    assert_eq!(said.code, 128);
    let refusal = "fatal: another process works on the run of 'topic-v2' (pid 77 on here)";
    assert!(said.err.contains(refusal) && said.err.contains("hint: wait for it"), "{}", said.err);
    ok(&repo.run(&["v1..topic", "--onto", "v2", "-b", "other"]));
    drop(held);
    ok(&repo.run(&RUN));
    assert!(!lock.exists(), "what a dead process left is taken over and let go");
}

/// A repository whose branch was written, and the journal up to and with the line before the last: a process that died
/// while it moved refs.
fn cut_short() -> (Repo, BTreeMap<String, String>) {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    let before = refs(&repo);
    ok(&repo.run(&["continue", "--unreviewed", "--allow-conflicts"]));
    let journal = repo.path().join(".git/kmigrate/topic-v2/journal.jsonl");
    let text = fs::read_to_string(&journal).expect("a journal");
    let kept = text.strip_suffix("{\"v\":1,\"op\":\"moved\"}\n").expect("the last line says that refs were moved");
    fs::write(&journal, kept).expect("written");
    (repo, before)
}

fn refs(repo: &Repo) -> BTreeMap<String, String> {
    let said = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    said.lines().filter_map(|line| line.split_once(' ')).map(|(name, id)| (name.to_owned(), id.to_owned())).collect()
}

#[test]
fn a_process_that_died_after_it_moved_refs_can_be_undone() {
    let (repo, mut before) = cut_short();
    let log = repo.run(&["log"]);
    assert!(log.out.contains("finish  refs/heads/topic-v2 at"), "{}{}", log.out, log.err);
    ok(&repo.run(&["undo"]));
    let mut after = refs(&repo);
    // What people settled stays pinned, and remembered.
    for kept in ["refs/kmigrate/runs/topic-v2/fixes", "refs/kmigrate/memory"] {
        before.remove(kept);
        after.remove(kept);
    }
    assert_eq!(after, before);
}

#[test]
fn a_process_that_died_before_it_moved_refs_has_moved_none() {
    let (repo, before) = cut_short();
    for (name, now) in refs(&repo) {
        match before.get(&name) {
            Some(then) => repo.git(&["update-ref", &name, then]),
            None if name.ends_with("/fixes") => continue,
            None => repo.git(&["update-ref", "-d", &name, &now]),
        };
    }
    let log = repo.run(&["log"]).out;
    assert_eq!(log.matches("finish").count(), 1, "only that of the first walk: {log}");
    ok(&repo.run(&["continue", "--unreviewed", "--allow-conflicts"]));
    assert!(repo.run(&["log"]).out.contains("finish  refs/heads/topic-v2 at"));
}

#[test]
fn a_transaction_that_was_cut_short_is_carried_to_its_end() {
    let (repo, before) = cut_short();
    let finished = refs(&repo);
    let tip = "refs/kmigrate/runs/topic-v2/tip";
    repo.git(&["update-ref", tip, &before[tip]]);
    repo.git(&["update-ref", "-d", "refs/heads/topic-v2"]);
    ok(&repo.run(&["status"]));
    assert_eq!(refs(&repo), finished);
}

#[test]
fn a_walk_that_was_killed_is_walked_again_to_the_same_ids() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let undisturbed = repo.git(&["rev-parse", "refs/kmigrate/runs/topic-v2/tip"]);
    repo.run(&["abort"]);
    ok(&repo.run(&RUN));
    // As if the process had died before it moved a ref: the journal has the beginning and nothing else.
    let journal = repo.path().join(".git/kmigrate/topic-v2/journal.jsonl");
    let text = fs::read_to_string(&journal).expect("a journal");
    fs::write(&journal, format!("{}\n{{\"v\":1,\"op\":\"fin", text.lines().next().expect("begin"))).expect("written");
    for name in ["tip", "record", "source"] {
        repo.git(&["update-ref", "-d", &format!("refs/kmigrate/runs/topic-v2/{name}")]);
    }
    assert!(repo.run(&["status"]).out.contains("the walk was not finished"));
    ok(&repo.run(&["continue"]));
    assert_eq!(repo.git(&["rev-parse", "refs/kmigrate/runs/topic-v2/tip"]), undisturbed);
}

#[test]
fn a_journal_of_a_newer_version_is_left_alone() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let journal = repo.path().join(".git/kmigrate/topic-v2/journal.jsonl");
    fs::write(&journal, "{\"v\":99,\"op\":\"begin\"}\n").expect("written");
    let said = repo.run(&["status"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("written by a newer version"), "{}", said.err);
}

#[test]
fn a_run_is_found_from_every_worktree() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let other = repo.beside("other");
    repo.git(&["worktree", "add", "-q", "--detach", other.to_str().expect("UTF-8")]);
    let output = repo.kmigrate().current_dir(&other).arg("status").output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn choose_settles_each_conflict_by_one_side_and_leaves_the_rest_merged() {
    for (candidate, wanted) in [("ours", "upstream 20"), ("theirs", "mine 20"), ("base", "line 20")] {
        let repo = repo();
        ok(&repo.run(&RUN));
        assert_eq!(repo.run(&["choose", "2:near.c", candidate]).code, 0);
        ok(&repo.run(&["continue"]));
        let two = &list(&repo)[1];
        assert_ne!(two["status"], "conflicted", "{candidate}");
        if let Some(new) = two["new"].as_str() {
            assert!(repo.file(new, "near.c").contains(wanted), "{candidate}");
        }
    }
    let repo = repo();
    ok(&repo.run(&RUN));
    let said = repo.run(&["choose", "1", "ours"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("'1' names no conflicted file of this run"), "{}", said.err);
    assert_eq!(repo.run(&["choose", "2", "union"]).code, 0);
    ok(&repo.run(&["continue"]));
    let new = list(&repo)[1]["new"].as_str().expect("carried").to_owned();
    assert!(repo.file(&new, "near.c").contains("upstream 20\nmine 20\n"));
}

#[test]
fn skip_leaves_out_the_first_conflicted_commit() {
    let repo = repo();
    ok(&repo.run(&RUN));
    ok(&repo.run(&["skip"]));
    assert_eq!(statuses(&repo)[1], "dropped");
}

#[test]
fn again_is_the_same_series_on_another_kernel_with_all_decisions_and_what_was_added_since() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    ok(&repo.run(&["continue"]));
    repo.branch("main", "v2").write("else.c", "v3\n").commit("upstream goes on");
    repo.git(&["tag", "v3"]);
    repo.branch("topic", "topic").write("five.c", "five\n").commit("five, added since");
    repo.git(&["checkout", "-q", "main"]);
    let said = repo.run(&["--again", "--onto", "v3"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("warning: 1 commits of topic are new since the last run"), "{}", said.err);
    let outcomes = list(&repo);
    assert_eq!(outcomes.len(), 5);
    assert_eq!(outcomes[1]["flags"], serde_json::json!(["by_hand"]), "the work on commit 2 holds");
    assert!(repo.run(&["status"]).out.starts_with("topic onto v3, 5 commits"));
    assert!(repo.run(&["status", "--run", "topic-v2"]).out.starts_with("topic onto v2, 4 commits"));
}

#[test]
fn show_machine_tells_what_a_person_made_apart_from_the_plain_merge() {
    let repo = repo();
    ok(&repo.run(&RUN));
    assert!(repo.run(&["show", "1", "--machine"]).out.contains("far.c: nothing beyond the plain text merge"));
    settle_two(&repo);
    ok(&repo.run(&["continue"]));
    let out = repo.run(&["show", "2", "--machine"]).out;
    assert!(out.contains("near.c: beyond the plain text merge:") && out.contains("+upstream and mine 20"), "{out}");
}

#[test]
fn an_operation_in_progress_is_told_of_and_not_touched() {
    let repo = repo();
    repo.git(&["checkout", "-q", "--detach", "v2"]);
    let picked = repo.command("git").args(["cherry-pick", "topic~2"]).output().expect("git starts");
    assert!(!picked.status.success(), "it conflicts");
    let status = repo.git(&["status", "--porcelain"]);
    let said = repo.run(&RUN);
    assert!(said.err.contains("warning: a cherry-pick is in progress"), "{}", said.err);
    assert_eq!(repo.git(&["status", "--porcelain"]), status);
}

/// Upstream changes line 20 of two files; so does the series, in two commits, and line 35 of the second one.
fn twins() -> Repo {
    let repo = Repo::new();
    repo.write("a.c", lines(40)).write("b.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    let upstream = lines(40).replace("line 20\n", "upstream 20\n");
    repo.write("a.c", &upstream).write("b.c", &upstream).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let mine = lines(40).replace("line 20\n", "mine 20\n");
    repo.write("a.c", lines(40).replace("line 5\n", "mine 5\n")).commit("one, clean");
    repo.write("a.c", mine.replace("line 5\n", "mine 5\n")).commit("two, conflicts");
    repo.write("b.c", &mine).commit("three, the same conflict");
    let more = mine.replace("line 35\n", "last 35\n");
    repo.write("b.c", &more).commit("four, clean");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn settle(repo: &Repo, n: &str, file: &str, change: impl Fn(&str) -> String) {
    let path = edit(repo, n).join(file);
    let text = fs::read_to_string(&path).expect("laid out");
    fs::write(path, change(&text)).expect("written");
}

/// The text of a conflicted file with its only conflict settled.
fn settled(text: &str) -> String {
    let (before, rest) = text.split_once("<<<<<<<").expect("a conflict");
    let (_, after) = rest.split_once(">>>>>>> theirs (the patch)\n").expect("its end");
    format!("{before}both 20\n{after}")
}

fn evidence(repo: &Repo, n: usize) -> String {
    list(repo)[n - 1]["evidence"].to_string()
}

fn tip_has(repo: &Repo, path: &str) -> String {
    repo.git(&["show", &format!("refs/kmigrate/runs/topic-v2/tip:{path}")])
}

#[test]
fn the_same_conflict_in_a_later_commit_is_settled_the_same_way_and_said() {
    let repo = twins();
    ok(&repo.run(&RUN));
    assert_eq!(statuses(&repo), ["unmodified", "conflicted", "conflicted", "unmodified"]);
    settle(&repo, "2", "a.c", settled);
    ok(&repo.run(&["continue"]));
    assert_eq!(statuses(&repo), ["unmodified", "modified", "modified", "unmodified"]);
    let three = &list(&repo)[2];
    assert_eq!(three["flags"].to_string(), r#"["to_review","remembered"]"#);
    assert_eq!(three["files"][0]["method"], "remembered");
    let two = list(&repo)[1]["old"].as_str().expect("an id").to_owned();
    assert!(evidence(&repo, 3).contains(&format!("the same one in commit {two}")), "{}", evidence(&repo, 3));
    assert!(tip_has(&repo, "b.c").contains("both 20\n"));
}

#[test]
fn a_remembered_conflict_beside_an_open_one_is_settled_and_the_other_stays_open() {
    let repo = twins();
    repo.git(&["checkout", "-q", "main"]);
    let both = lines(40).replace("line 20\n", "upstream 20\n").replace("line 35\n", "upstream 35\n");
    repo.write("b.c", both).commit("upstream, twice");
    repo.git(&["tag", "-f", "v2"]);
    repo.git(&["checkout", "-q", "topic"]);
    repo.git(&["reset", "-q", "--hard", "HEAD^^"]);
    let mine = lines(40).replace("line 20\n", "mine 20\n").replace("line 35\n", "last 35\n");
    repo.write("b.c", mine).commit("three, both conflicts");
    repo.git(&["checkout", "-q", "main"]);
    ok(&repo.run(&RUN));
    settle(&repo, "2", "a.c", settled);
    ok(&repo.run(&["continue"]));
    let three = &list(&repo)[2];
    assert_eq!(
        (&three["status"], three["files"][0]["hunks"].as_array().map(Vec::len)),
        (&"conflicted".into(), Some(1))
    );
    let laid = fs::read_to_string(edit(&repo, "3").join("b.c")).expect("laid out");
    assert!(laid.contains("both 20\n") && laid.matches("<<<<<<< ours (upstream)\n").count() == 1, "{laid}");
}

#[test]
fn what_a_person_settled_is_carried_onto_other_versions_of_the_file() {
    let repo = twins();
    ok(&repo.run(&RUN));
    settle(&repo, "2", "a.c", settled);
    settle(&repo, "4", "b.c", |text| text.replace("last 35\n", "found wrong 35\n"));
    ok(&repo.run(&["continue"]));
    settle(&repo, "1", "a.c", |text| text.replace("mine 5\n", "another 5\n"));
    settle(&repo, "3", "b.c", |text| text.replace("line 5\n", "another 5\n"));
    ok(&repo.run(&["continue"]));
    let (a, b) = (tip_has(&repo, "a.c"), tip_has(&repo, "b.c"));
    assert!(a.contains("another 5\n") && a.contains("both 20\n"), "{a}");
    assert!(b.contains("another 5\n") && b.contains("found wrong 35\n"), "{b}");
    assert!(evidence(&repo, 4).contains("for other versions of this file, and carried onto these"));
}

#[test]
fn what_a_person_settled_is_not_lost_in_silence_where_it_cannot_be_carried() {
    let repo = twins();
    ok(&repo.run(&RUN));
    settle(&repo, "4", "b.c", |text| text.replace("last 35\n", "found wrong 35\n"));
    ok(&repo.run(&["continue"]));
    settle(&repo, "3", "b.c", |text| settled(text).replace("line 34\n", "another 34\n"));
    ok(&repo.run(&["continue"]));
    let four = &list(&repo)[3];
    assert!(four["flags"].to_string().contains("to_review"), "{four}");
    assert!(evidence(&repo, 4).contains("it was not used"), "{four}");
}

#[test]
fn what_was_settled_outlives_a_garbage_collection_and_an_abort_of_the_run_it_came_from() {
    let repo = twins();
    ok(&repo.run(&RUN));
    settle(&repo, "2", "a.c", settled);
    ok(&repo.run(&["continue"]));
    ok(&repo.run(&["--again", "--onto", "v2", "--branch", "next"]));
    ok(&repo.run(&["abort", "--run", "topic-v2"]));
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    ok(&repo.run(&["continue"]));
    assert_eq!(statuses(&repo), ["unmodified", "modified", "modified", "unmodified"]);
}

#[test]
fn a_run_that_was_quit_keeps_its_record_and_is_begun_again_with_its_decisions() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    ok(&repo.run(&["continue"]));
    let before = list(&repo);
    edit(&repo, "3");
    let said = repo.run(&["quit"]);
    assert!(said.code == 0 && said.err.contains("still laid out, and not taken back:"), "{}{}", said.out, said.err);
    assert!(repo.run(&["status"]).out.contains("stopped by git kmigrate quit"));
    assert_eq!(list(&repo), before);
    assert!(repo.run(&["log"]).out.ends_with("quit\n"));
    for verb in [&["continue"][..], &["skip"], &["edit", "1"], &["accept", "--all"], &["drop", "1"], &["quit"]] {
        let said = repo.run(verb);
        assert_eq!(said.code, 128, "{verb:?}");
        assert!(said.err.contains("was stopped by git kmigrate quit\nhint: begin it again"), "{}", said.err);
    }
    ok(&repo.run(&["--again", "--onto", "v2"]));
    assert_eq!(list(&repo), before);
    ok(&repo.run(&["continue"]));
}

#[test]
fn another_run_is_meant_after_the_last_one_was_quit() {
    let repo = repo();
    ok(&repo.run(&RUN));
    ok(&repo.run(&["v1..topic", "--onto", "v2", "-b", "other"]));
    ok(&repo.run(&["quit"]));
    let said = repo.run(&["quit"]);
    assert!(said.out.contains("the run of topic-v2 is stopped"), "{}{}", said.out, said.err);
}

#[test]
fn a_source_branch_that_grew_is_said_and_its_commits_are_taken_when_asked_for() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    repo.git(&["checkout", "-q", "topic"]);
    repo.write("far.c", lines(40).replace("line 5\n", "mine 5\n").replace("line 30\n", "mine 30\n")).commit("five");
    repo.git(&["checkout", "-q", "main"]);
    let grew = "topic has 1 more commit since the run began; git kmigrate continue --extend takes them";
    assert!(repo.run(&["status"]).out.contains(grew));
    let said = repo.run(&["continue"]);
    assert!(said.err.contains(grew), "{}", said.err);
    assert_eq!(list(&repo).len(), 4);
    let said = repo.run(&["continue", "--extend"]);
    assert!(said.err.contains("1 commits of topic are new in this run"), "{}", said.err);
    assert_eq!(statuses(&repo), ["unmodified", "modified", "conflicted", "unmodified", "unmodified"]);
    assert!(!repo.run(&["continue"]).err.contains("topic"), "nothing to say");
}

#[test]
fn a_source_branch_that_was_rewritten_is_said_and_not_taken() {
    let repo = repo();
    ok(&repo.run(&RUN));
    repo.git(&["branch", "-f", "topic", "topic~1"]);
    let rewritten = "topic was rewritten since the run began";
    assert!(repo.run(&["continue"]).err.contains(rewritten));
    let said = repo.run(&["continue", "--extend"]);
    assert!(said.code == 128 && said.err.contains(rewritten), "{}", said.err);
    assert!(said.err.contains("hint: git kmigrate --again --onto v2 takes it as it is now"), "{}", said.err);
    assert_eq!(list(&repo).len(), 4, "nothing was lost");
}

#[test]
fn acceptance_by_confidence_takes_those_that_reach_it_and_no_other() {
    let repo = twins();
    ok(&repo.run(&RUN));
    settle(&repo, "2", "a.c", settled);
    ok(&repo.run(&["continue"]));
    let third = || list(&repo)[2]["flags"].to_string();
    assert!(third().contains("to_review"), "{}", third());
    let said = repo.run(&["accept", "--min-confidence", "1"]);
    assert!(third().contains("to_review"), "{}{}", said.out, said.err);
    ok(&repo.run(&["accept", "--min-confidence", "0"]));
    ok(&repo.run(&["continue"]));
    assert!(!third().contains("to_review"), "{}", third());
    assert_eq!(repo.run(&["accept", "--min-confidence", "95"]).code, 129);
}

#[test]
fn a_status_asked_for_while_another_process_works_is_told() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let path = repo.path().join(".git/kmigrate/topic-v2/lock");
    let held = fs::File::create(&path).expect("a file");
    held.lock().expect("locked");
    let said = repo.run(&["status"]);
    assert!(said.code == 0 && said.out.contains("another process works on it now"), "{}{}", said.out, said.err);
    assert!(path.exists(), "the lock of another is left alone");
    assert_eq!(repo.run(&["edit", "2"]).code, 128);
}

#[test]
fn a_commit_in_a_worktree_stands_as_a_stopped_cherry_pick_and_is_taken_back() {
    let repo = repo();
    ok(&repo.run(&RUN));
    let said = repo.run(&["edit", "2", "--worktree"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let root = PathBuf::from(said.out.trim_end());
    let git = |args: &[&str]| repo.git(&[&["-C", root.to_str().expect("text")], args].concat());
    assert_eq!(git(&["status", "--short"]), "UU near.c");
    assert!(fs::read_to_string(root.join("near.c")).expect("laid out").contains("<<<<<<< ours (upstream)"));
    assert_eq!(git(&["show", ":2:near.c"]), repo.git(&["show", "v2:near.c"]));
    fs::write(root.join("near.c"), lines(40).replace("line 20\n", "both 20\n")).expect("written");
    fs::write(root.join("new.c"), "new\n").expect("written");
    fs::remove_file(root.join("far.c")).expect("it was there");
    ok(&repo.run(&["continue"]));
    assert_eq!(statuses(&repo), ["unmodified", "modified", "conflicted", "unmodified"]);
    let paths = repo.git(&["ls-tree", "--name-only", "refs/kmigrate/runs/topic-v2/tip"]);
    assert_eq!(paths, "near.c\nnew.c");
    let two = list(&repo)[1]["new"].as_str().expect("an id").to_owned();
    assert_eq!(repo.git(&["show", &format!("{two}:near.c")]), lines(40).replace("line 20\n", "both 20\n").trim_end());
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1, "it is gone again");
}

#[test]
fn a_worktree_has_the_folders_of_the_commit_and_no_others_and_changes_no_configuration() {
    let repo = Repo::new();
    repo.write("net/core/a.c", lines(9)).write("net/core/Makefile", "a\n").write("net/core/deep/b.c", "b\n");
    repo.write("mm/c.c", "c\n").commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("net/core/a.c", lines(9).replace("line 8", "theirs")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("net/core/a.c", lines(9).replace("line 2", "mine")).commit("one");
    repo.git(&["checkout", "-q", "main"]);
    let config = fs::read_to_string(repo.path().join(".git/config")).expect("a file");
    ok(&repo.run(&RUN));
    let root = PathBuf::from(repo.run(&["edit", "1", "--worktree"]).out.trim_end());
    assert!(root.join("net/core/Makefile").exists() && root.join("net/core/a.c").exists());
    assert!(!root.join("mm").exists() && !root.join("net/core/deep").exists());
    assert_eq!(fs::read_to_string(repo.path().join(".git/config")).expect("a file"), config);
    let status = repo.git(&["-C", root.to_str().expect("text"), "status", "--short"]);
    assert_eq!(status, "M  net/core/a.c");
    ok(&repo.run(&["abort"]));
    assert_eq!(repo.git(&["worktree", "list"]).lines().count(), 1, "an abort takes it along");
}

#[test]
fn of_processes_that_race_one_walks_and_the_others_are_refused_and_nothing_is_lost() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    let alone = {
        let twin = Repo::copy_of(&repo);
        ok(&twin.run(&["continue"]));
        list(&twin)
    };
    let said: Vec<Said> = std::thread::scope(|threads| {
        let racers: Vec<_> = (0..6).map(|_| threads.spawn(|| repo.run(&["continue"]))).collect();
        racers.into_iter().map(|racer| racer.join().expect("no panic")).collect()
    });
    assert!(said.iter().any(|s| s.code == 1), "somebody got through");
    for refused in said.iter().filter(|s| s.code != 1) {
        assert_eq!(refused.code, 128, "{}", refused.err);
        assert!(refused.err.starts_with("fatal: another process works on the run of 'topic-v2'"), "{}", refused.err);
    }
    assert_eq!(list(&repo), alone);
    let fixes = repo.run(&["log"]).out.matches("\nfix ").count();
    assert_eq!(fixes, 1, "what was edited was taken back once");
}

/// The program under a limit on the size of what it writes: every write beyond it fails, as on a full disk.
fn run_on_full_disk(repo: &Repo, blocks: usize, args: &[&str]) -> Said {
    let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    repo.run_by(&["sh", "-c", &limited], args)
}

#[test]
fn a_disk_that_is_full_at_any_write_is_an_error_that_loses_nothing() {
    let steps: [(&str, &[&str]); 4] =
        [("begin", &RUN), ("lay out", &["edit", "2"]), ("decide", &["drop", "4"]), ("continue", &["continue"])];
    for (name, args) in steps {
        let start = repo();
        if name != "begin" {
            ok(&start.run(&RUN));
        }
        if name == "continue" {
            settle_two(&start);
        }
        let undisturbed = Repo::copy_of(&start);
        let expected = undisturbed.run(args);
        ok(&expected);
        let mut failed = 0;
        for blocks in 0..4 {
            let repo = Repo::copy_of(&start);
            let before = refs(&repo);
            let said = run_on_full_disk(&repo, blocks, args);
            if said.code == expected.code {
                continue;
            }
            failed += 1;
            assert_eq!(said.code, 128, "{name}, {blocks}: {}", said.err);
            assert!(said.err.starts_with("fatal: ") && !said.err.contains("panicked"), "{}", said.err);
            let mut now = refs(&repo);
            now.retain(|ref_, _| !ref_.ends_with("/fixes"));
            assert_eq!(now, before, "{name}, {blocks}: no ref was moved");
            assert_eq!(repo.run(args).code, expected.code, "{name}, {blocks}: done when there is room");
            assert_eq!(list(&repo), list(&undisturbed), "{name}, {blocks}");
            assert_eq!(repo.git(&["fsck", "--no-dangling"]), "");
        }
        assert!(failed > 0, "{name}: the limit was never met");
    }
}

#[test]
fn a_run_whose_source_commits_are_gone_says_so_and_keeps_what_it_has() {
    let repo = repo();
    ok(&repo.run(&RUN));
    settle_two(&repo);
    let journal = repo.path().join(".git/kmigrate/topic-v2/journal.jsonl");
    let before = fs::read(&journal).expect("a journal");
    // What pins them, taken away by a hand that did not know.
    for name in ["refs/heads/topic", "refs/kmigrate/runs/topic-v2/source", "refs/kmigrate/runs/topic-v2/tip"] {
        repo.git(&["update-ref", "-d", name]);
    }
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 128);
    assert!(said.err.starts_with("fatal: the series of this run is not here any more"), "{}", said.err);
    assert!(said.err.contains("hint: fetch the branch it was read from again"), "{}", said.err);
    let after = fs::read(&journal).expect("a journal");
    assert!(after.starts_with(&before), "decisions stay");
    ok(&repo.run(&["status"]));
}
