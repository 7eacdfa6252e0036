//! What people decide of a commit is what comes out: nothing of it is lost, widened to other commits, or outlived by an older word.

use crate::support::{Repo, Said, edited, forked, lines};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

const RUN: [&str; 3] = ["v1..work", "--onto", "up"];

/// Walks the series again, whatever comes out.
fn walk(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert!(said.code < 2, "{args:?}: {}{}", said.out, said.err);
    said
}

/// Does what must succeed.
fn done(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert_eq!(said.code, 0, "{args:?}: {}{}", said.out, said.err);
    said
}

/// Lays a commit out and returns the folder of its files.
fn edit(repo: &Repo, n: &str) -> PathBuf {
    PathBuf::from(done(repo, &["edit", n]).out.trim_end())
}

/// Lays a commit out and leaves other content in one of its files.
fn settle(repo: &Repo, n: &str, path: &str, text: &str) {
    fs::write(edit(repo, n).join(path), text).expect("written");
}

fn outcome(repo: &Repo, n: usize) -> Value {
    let out = done(repo, &["list", "--json"]).out;
    serde_json::from_str(out.lines().nth(n - 1).expect("a commit")).expect("JSON")
}

fn status(repo: &Repo, n: usize) -> String {
    outcome(repo, n)["status"].as_str().expect("a status").to_owned()
}

fn flags(repo: &Repo, n: usize) -> String {
    outcome(repo, n)["flags"].to_string()
}

fn evidence(repo: &Repo, n: usize) -> String {
    outcome(repo, n)["evidence"].to_string()
}

/// Where the last walk of the run onto a branch ended.
fn tip(branch: &str) -> String {
    format!("refs/kmigrate/runs/work-{branch}/tip")
}

/// One file of the last walk.
fn came_out(repo: &Repo, path: &str) -> String {
    repo.file(&tip("up"), path)
}

/// The lines that the walk changes of what it went onto.
fn changed(repo: &Repo, branch: &str) -> String {
    repo.git(&["diff", "--name-status", branch, &tip(branch)])
}

/// Upstream and the series change line 20 of two files, the series in two commits: the same conflict twice.
fn twins() -> Repo {
    let repo = forked(&[("a.c", &lines(40)), ("b.c", &lines(40))]);
    repo.on("work").edit("a.c", edited(40, &[(20, "mine 20")]), "one");
    repo.edit("b.c", edited(40, &[(20, "mine 20")]), "two");
    repo.on("up").write("a.c", edited(40, &[(20, "upstream 20")]));
    repo.edit("b.c", edited(40, &[(20, "upstream 20")]), "upstream");
    repo
}

#[test]
fn a_file_that_a_person_leaves_as_upstream_has_it_stays_so_where_upstream_left_the_folder_alone() {
    let repo = forked(&[("d/a.c", &lines(20)), ("d/b.c", &lines(20)), ("m", "x\n")]);
    repo.on("work").write("d/a.c", edited(20, &[(5, "five")])).write("d/new.c", "new\n");
    repo.edit("d/b.c", edited(20, &[(5, "five")]), "one");
    repo.on("up").edit("m", "y\n", "upstream");
    walk(&repo, &RUN);
    let files = edit(&repo, "1");
    fs::write(files.join("d/a.c"), lines(20)).expect("written");
    fs::remove_file(files.join("d/new.c")).expect("it was there");
    done(&repo, &["continue"]);
    assert_eq!(changed(&repo, "up"), "M\td/b.c");
}

#[test]
fn what_is_settled_in_one_commit_leaves_another_that_meets_the_same_files_alone() {
    let repo = forked(&[("a.c", &lines(30))]);
    repo.on("work").edit("a.c", edited(30, &[(5, "five")]), "one");
    repo.edit("a.c", lines(30), "two takes it back");
    repo.edit("a.c", edited(30, &[(5, "five")]), "three, as one");
    repo.on("up").edit("m", "m\n", "upstream");
    walk(&repo, &RUN);
    settle(&repo, "3", "a.c", &edited(30, &[(5, "five"), (20, "only in three")]));
    walk(&repo, &["continue"]);
    let one = repo.file(&format!("{}~2", tip("up")), "a.c");
    assert!(!one.contains("only in three"), "{one}");
    assert_eq!((flags(&repo, 1), flags(&repo, 3)), ("[]".to_owned(), r#"["by_hand"]"#.to_owned()));
}

#[test]
fn an_acceptance_is_of_what_came_out_and_ends_when_something_else_does() {
    let repo = twins();
    walk(&repo, &RUN);
    done(&repo, &["choose", "1", "theirs"]);
    walk(&repo, &["continue"]);
    assert_eq!(flags(&repo, 2), r#"["to_review","remembered"]"#);
    done(&repo, &["accept", "2"]);
    done(&repo, &["continue"]);
    assert_eq!(flags(&repo, 2), r#"["remembered"]"#);
    settle(&repo, "1", "a.c", &edited(40, &[(20, "found wrong")]));
    assert_eq!(repo.run(&["continue"]).code, 1, "the remembered text is another one now");
    assert_eq!(flags(&repo, 2), r#"["to_review","remembered"]"#);
}

#[test]
fn a_commit_with_nothing_to_review_is_not_accepted_beforehand() {
    let repo = forked(&[("a.c", &lines(30)), ("b.c", &lines(30))]);
    repo.on("work").edit("a.c", edited(30, &[(5, "five")]), "one");
    repo.edit("b.c", edited(30, &[(20, "twenty")]), "two");
    repo.on("up").edit("m", "m\n", "upstream");
    walk(&repo, &RUN);
    let said = repo.run(&["accept", "2"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("commit 2 has nothing to review"), "{}", said.err);
    // What is found to review later is not silenced by it.
    settle(&repo, "2", "a.c", &edited(30, &[(5, "five"), (9, "nine")]));
    done(&repo, &["continue"]);
    settle(&repo, "1", "a.c", &edited(30, &[(5, "five"), (25, "more")]));
    assert_eq!(repo.run(&["continue"]).code, 1);
    assert_eq!(flags(&repo, 2), r#"["to_review"]"#);
}

#[test]
fn a_commit_that_was_not_looked_at_is_not_accepted() {
    let repo = twins();
    walk(&repo, &[&RUN[..], &["--on-conflict=stop"]].concat());
    let said = repo.run(&["accept", "2"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("commit 2 was not looked at"), "{}", said.err);
}

#[test]
fn a_commit_that_a_person_settles_away_is_left_out_by_them_and_can_be_had_back() {
    let repo = twins();
    walk(&repo, &RUN);
    done(&repo, &["choose", "1", "ours"]);
    let said = walk(&repo, &["continue"]);
    assert!(said.out.contains("dropped by hand") && !said.out.contains("upstreamed"), "{}", said.out);
    assert_eq!((status(&repo, 1), flags(&repo, 1)), ("dropped".to_owned(), r#"["by_hand"]"#.to_owned()));
    assert!(!evidence(&repo, 1).contains("have all of it"), "{}", evidence(&repo, 1));
    let refused = repo.run(&["edit", "1"]);
    assert!(
        refused.code == 128 && refused.err.contains("hint: to have it back: git kmigrate reset 1"),
        "{}",
        refused.err
    );
    done(&repo, &["reset", "1"]);
    walk(&repo, &["continue"]);
    assert_eq!(status(&repo, 1), "conflicted");
}

#[test]
fn a_commit_that_memory_settles_away_is_kept_until_a_person_has_looked() {
    let repo = twins();
    walk(&repo, &RUN);
    done(&repo, &["choose", "1", "ours"]);
    assert_eq!(repo.run(&["continue"]).code, 1);
    assert_eq!(
        (status(&repo, 2), flags(&repo, 2)),
        ("modified".to_owned(), r#"["to_review","remembered"]"#.to_owned())
    );
    assert!(!repo.has("refs/heads/work-up"), "no branch without it");
    assert!(edit(&repo, "2").join("b.c").exists(), "it can be settled otherwise");
    walk(&repo, &["continue"]);
    done(&repo, &["accept", "2"]);
    done(&repo, &["continue"]);
    assert_eq!(status(&repo, 2), "dropped");
    assert!(evidence(&repo, 2).contains("accepted by a person"));
    assert_eq!(repo.id("work-up"), repo.id("up"));
    done(&repo, &["reset", "2"]);
    assert_eq!(repo.run(&["continue"]).code, 1);
    assert_eq!(status(&repo, 2), "modified");
}

/// A commit whose patch the branch `next` has, on top of `up`, together with more.
fn taken_upstream(next: &[(&str, String)]) -> Repo {
    let repo = forked(&[("a.c", &lines(30)), ("b.c", &lines(30))]);
    repo.on("work").edit("a.c", edited(30, &[(5, "five")]), "one");
    repo.on("up").edit("m", "m\n", "upstream");
    repo.branch("next", "up");
    next.iter().for_each(|(path, text)| _ = repo.write(path, text));
    repo.commit("upstream takes it and goes on");
    walk(&repo, &RUN);
    repo
}

#[test]
fn what_a_person_added_to_a_commit_is_not_lost_when_upstream_takes_the_commit() {
    let next = [("a.c", edited(30, &[(5, "five")])), ("b.c", edited(30, &[(30, "last")]))];
    let repo = taken_upstream(&next);
    settle(&repo, "1", "b.c", &edited(30, &[(7, "seven")]));
    done(&repo, &["continue"]);
    assert_eq!(repo.run(&["--again", "--onto", "next"]).code, 1, "somebody has to look");
    assert!(status(&repo, 1) == "modified" && flags(&repo, 1).contains("to_review"), "{}", outcome(&repo, 1));
    assert!(evidence(&repo, 1).contains("for another version of it"), "{}", evidence(&repo, 1));
    assert!(edit(&repo, "1").join("a.c").exists(), "it can be made again");
    walk(&repo, &["continue"]);
    done(&repo, &["accept", "1"]);
    done(&repo, &["continue"]);
    assert_eq!((status(&repo, 1), flags(&repo, 1)), ("upstream".to_owned(), "[]".to_owned()));
}

#[test]
fn a_file_that_a_person_removed_is_not_back_in_silence_when_upstream_takes_the_commit() {
    let repo = taken_upstream(&[("a.c", edited(30, &[(5, "five"), (29, "more")]))]);
    fs::remove_file(edit(&repo, "1").join("a.c")).expect("it was there");
    done(&repo, &["continue"]);
    assert_eq!(repo.run(&["--again", "--onto", "next"]).code, 1);
    assert!(flags(&repo, 1).contains("to_review") && evidence(&repo, 1).contains("it was not used"));
}

#[test]
fn a_file_that_was_added_by_hand_and_edited_again_is_not_said_to_be_passed_over() {
    let repo = taken_upstream(&[]);
    settle(&repo, "1", "new.c", "first\n");
    done(&repo, &["continue"]);
    settle(&repo, "1", "new.c", "second\n");
    done(&repo, &["continue"]);
    assert_eq!((came_out(&repo, "new.c"), flags(&repo, 1)), ("second".to_owned(), r#"["by_hand"]"#.to_owned()));
}

#[test]
fn what_settled_a_conflict_is_not_carried_to_where_upstream_took_its_side_back() {
    let repo = forked(&[("a.c", &lines(30))]);
    repo.on("work").edit("a.c", edited(30, &[(10, "foo(x) + y;")]), "one");
    repo.on("up").edit("a.c", edited(30, &[(10, "foo_new(x);")]), "upstream");
    repo.branch("next", "up").edit("a.c", lines(30), "upstream takes it back");
    walk(&repo, &RUN);
    settle(&repo, "1", "a.c", &edited(30, &[(10, "foo_new(x) + y;")]));
    done(&repo, &["continue"]);
    assert_eq!(repo.run(&["--again", "--onto", "next"]).code, 1);
    let out = repo.file(&tip("next"), "a.c");
    assert!(out.contains("foo(x) + y;") && !out.contains("foo_new"), "{out}");
    assert!(flags(&repo, 1).contains("to_review") && evidence(&repo, 1).contains("it was not used"));
}

#[test]
fn what_a_person_made_of_a_files_mode_is_carried_with_its_text() {
    let repo = forked(&[("s.sh", &lines(30))]);
    repo.on("work").edit("s.sh", edited(30, &[(5, "five")]), "one");
    repo.edit("s.sh", edited(30, &[(5, "five"), (15, "fifteen")]), "two");
    repo.on("up").edit("s.sh", edited(30, &[(29, "more")]), "upstream");
    walk(&repo, &RUN);
    let file = edit(&repo, "2").join("s.sh");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("made executable");
    done(&repo, &["continue"]);
    settle(&repo, "1", "s.sh", &edited(30, &[(5, "FIVE"), (29, "more")]));
    done(&repo, &["continue"]);
    assert!(came_out(&repo, "s.sh").contains("FIVE\n") && came_out(&repo, "s.sh").contains("fifteen\n"));
    assert_eq!(repo.listing(&tip("up")), "100755 s.sh");
}

#[test]
fn a_mode_that_upstream_changes_later_is_not_undone_by_what_settled_the_text() {
    let repo = forked(&[("s.sh", &lines(30))]);
    repo.on("work").edit("s.sh", edited(30, &[(5, "five")]), "one");
    repo.on("up").edit("s.sh", edited(30, &[(5, "FIVE")]), "upstream");
    repo.branch("next", "up").git(&["update-index", "--chmod=+x", "s.sh"]);
    repo.git(&["commit", "-q", "-m", "upstream makes it executable"]);
    repo.git(&["reset", "-q", "--hard"]);
    walk(&repo, &RUN);
    settle(&repo, "1", "s.sh", &edited(30, &[(5, "five and FIVE")]));
    done(&repo, &["continue"]);
    done(&repo, &["--again", "--onto", "next"]);
    assert_eq!(repo.listing(&tip("next")), "100755 s.sh");
    assert!(repo.file(&tip("next"), "s.sh").contains("five and FIVE"));
}

#[test]
fn a_link_that_a_person_made_of_a_file_never_comes_back_as_a_file_with_its_target_for_text() {
    let repo = forked(&[("a", &lines(30)), ("z", "z\n")]);
    repo.on("work").edit("a", edited(30, &[(5, "five"), (25, "more")]), "one");
    repo.on("up").edit("m", "m\n", "upstream");
    repo.branch("next", "up").edit("a", edited(30, &[(5, "five")]), "upstream takes a part");
    walk(&repo, &RUN);
    let file = edit(&repo, "1").join("a");
    fs::remove_file(&file).expect("laid out");
    symlink("z", &file).expect("a link");
    done(&repo, &["continue"]);
    assert_eq!(repo.run(&["--again", "--onto", "next"]).code, 1);
    assert_eq!(repo.file(&tip("next"), "a"), edited(30, &[(5, "five"), (25, "more")]).trim_end());
    assert!(evidence(&repo, 1).contains("it was not used"));
}

/// Chooses a side of commit 1 and says what stands at a path of the branch's tip then.
fn chosen(repo: &Repo, side: &str, path: &str) -> String {
    done(repo, &["reset", "1"]);
    walk(repo, &["continue"]);
    done(repo, &["choose", "1", side]);
    walk(repo, &["continue"]);
    assert_ne!(status(repo, 1), "conflicted");
    repo.git(&["ls-tree", &tip("up"), path])
}

fn at(repo: &Repo, revision: &str, path: &str) -> String {
    repo.git(&["ls-tree", revision, path])
}

#[test]
fn a_chosen_side_of_a_whole_file_comes_with_the_mode_and_type_that_it_has() {
    let repo = forked(&[("x", "base\n"), ("s.sh", "#!/bin/sh\n"), ("y", "y\n")]);
    repo.on("work");
    fs::remove_file(repo.path().join("x")).expect("it was there");
    symlink("y", repo.path().join("x")).expect("a link");
    repo.commit("a link");
    repo.on("up").edit("x", "upstream\n", "upstream");
    walk(&repo, &RUN);
    for (side, revision) in [("ours", "up"), ("theirs", "work"), ("base", "v1")] {
        assert_eq!(chosen(&repo, side, "x"), at(&repo, revision, "x"), "{side}");
    }
}

#[test]
fn a_file_that_the_patch_removes_is_kept_with_its_executable_bit() {
    let repo = forked(&[("m", "m\n")]);
    repo.write("s.sh", "#!/bin/sh\n").git(&["add", "s.sh"]);
    repo.git(&["update-index", "--chmod=+x", "s.sh"]);
    repo.git(&["commit", "-q", "-m", "a script"]);
    repo.git(&["reset", "-q", "--hard"]);
    for branch in ["up", "work"] {
        repo.git(&["branch", "-f", branch, "main"]);
    }
    repo.git(&["tag", "-f", "v1"]);
    repo.on("work").git(&["rm", "-q", "s.sh"]);
    repo.commit("one");
    repo.on("up").edit("s.sh", "#!/bin/sh\nmore\n", "upstream");
    walk(&repo, &RUN);
    assert_eq!(chosen(&repo, "ours", "s.sh"), at(&repo, "up", "s.sh"));
    assert_eq!(chosen(&repo, "theirs", "s.sh"), "");
}

#[test]
fn a_chosen_submodule_is_the_sides_commit_and_is_not_lost() {
    let repo = forked(&[("m", "m\n")]);
    let commit_at = |digit: &str| format!("160000,{},sub", digit.repeat(40));
    let with = |branch: &str, digit: &str| {
        repo.on(branch).git(&["update-index", "--add", "--cacheinfo", &commit_at(digit)]);
        repo.git(&["commit", "-q", "-m", digit]);
    };
    with("main", "1");
    for branch in ["up", "work"] {
        repo.git(&["branch", "-f", branch, "main"]);
    }
    repo.git(&["tag", "-f", "v1"]);
    with("work", "2");
    with("up", "3");
    walk(&repo, &RUN);
    for (side, revision) in [("ours", "up"), ("theirs", "work"), ("base", "v1")] {
        assert_eq!(chosen(&repo, side, "sub"), at(&repo, revision, "sub"), "{side}");
    }
}

#[test]
fn a_mode_that_both_sides_give_an_added_file_is_the_chosen_sides() {
    let repo = forked(&[("m", "m\n")]);
    repo.on("work").write("s", "hi\n").git(&["add", "s"]);
    repo.git(&["update-index", "--chmod=+x", "s"]);
    repo.git(&["commit", "-q", "-m", "one"]);
    repo.git(&["reset", "-q", "--hard"]);
    repo.on("up").edit("s", "hi\n", "upstream");
    walk(&repo, &RUN);
    for (side, revision) in [("ours", "up"), ("theirs", "work")] {
        assert_eq!(chosen(&repo, side, "s"), at(&repo, revision, "s"), "{side}");
    }
}

#[test]
fn a_file_that_both_sides_moved_is_not_settled_by_a_side() {
    let repo = forked(&[("a", &lines(60))]);
    repo.on("work").git(&["mv", "a", "c"]);
    repo.edit("c", edited(60, &[(5, "five")]), "one");
    repo.on("up").git(&["mv", "a", "b"]);
    repo.edit("b", edited(60, &[(55, "FIVE")]), "upstream");
    walk(&repo, &RUN);
    assert_eq!(outcome(&repo, 1)["files"][0]["conflict"]["kind"], "rename/rename");
    for side in ["ours", "theirs"] {
        let said = repo.refused(128, &["choose", "1", side]);
        assert!(said.contains("hint: git kmigrate edit 1"), "{said}");
    }
}

#[test]
fn a_side_is_chosen_for_the_conflicts_that_are_open_and_not_for_those_that_memory_settled() {
    let repo = forked(&[("a.c", &lines(40)), ("b.c", &lines(40))]);
    repo.on("work").edit("a.c", edited(40, &[(10, "mine 10")]), "one");
    repo.edit("b.c", edited(40, &[(10, "mine 10"), (30, "mine 30")]), "two");
    repo.on("up").write("a.c", edited(40, &[(10, "upstream 10")]));
    repo.edit("b.c", edited(40, &[(10, "upstream 10"), (30, "upstream 30")]), "upstream");
    walk(&repo, &RUN);
    settle(&repo, "1", "a.c", &edited(40, &[(10, "both 10")]));
    walk(&repo, &["continue"]);
    assert_eq!(outcome(&repo, 2)["files"][0]["hunks"].as_array().map(Vec::len), Some(1));
    done(&repo, &["choose", "2", "theirs"]);
    walk(&repo, &["continue"]);
    assert_eq!(came_out(&repo, "b.c"), edited(40, &[(10, "both 10"), (30, "mine 30")]).trim_end());
}

#[test]
fn what_was_settled_at_the_end_of_a_file_without_a_newline_does_not_join_lines_elsewhere() {
    let repo = forked(&[("a.c", &lines(20)), ("b.c", &lines(40))]);
    repo.on("work").edit("a.c", edited(20, &[(20, "mine 20")]), "one");
    repo.edit("b.c", edited(40, &[(20, "mine 20")]), "two");
    repo.on("up").write("a.c", edited(20, &[(20, "upstream 20")]));
    repo.edit("b.c", edited(40, &[(20, "upstream 20")]), "upstream");
    walk(&repo, &RUN);
    settle(&repo, "1", "a.c", edited(20, &[(20, "both 20")]).trim_end());
    walk(&repo, &["continue"]);
    assert_eq!(came_out(&repo, "b.c"), edited(40, &[(20, "both 20")]).trim_end());
}

/// A function with a line that upstream and the series change; what stands around it is its own.
fn function(name: &str, line: &str) -> String {
    format!("int {name}(void)\n{{\n\t{line}\n}}\n{}", lines(10).replace("line", name))
}

/// The same conflict twice in `a.c`, which commit 1 changes, and once in `b.c` (commit 2) and `c.c` (commit 3).
fn locks() -> Repo {
    let text = |line: &str| function("one", line) + &function("two", line);
    let all = ["lock();", "guard();", "raw_lock();"];
    let [base, upstream, mine] = all.map(|line| [text(line), function("b", line), function("c", line)]);
    let repo = forked(&[("a.c", &base[0]), ("b.c", &base[1]), ("c.c", &base[2])]);
    repo.on("up").write("a.c", &upstream[0]).write("b.c", &upstream[1]).edit("c.c", &upstream[2], "upstream");
    repo.on("work").edit("a.c", &mine[0], "one");
    repo.edit("b.c", &mine[1], "two");
    repo.edit("c.c", &mine[2], "three");
    walk(&repo, &RUN);
    repo
}

#[test]
fn a_conflict_that_was_settled_in_two_ways_is_not_settled_in_one_of_them() {
    let repo = locks();
    settle(&repo, "1", "a.c", &(function("one", "first();") + &function("two", "second();")));
    walk(&repo, &["continue"]);
    assert_eq!((status(&repo, 2), status(&repo, 3)), ("conflicted".to_owned(), "conflicted".to_owned()));
    let repo = locks();
    settle(&repo, "1", "a.c", &(function("one", "both();") + &function("two", "both();")));
    settle(&repo, "2", "b.c", &function("b", "another();"));
    walk(&repo, &["continue"]);
    assert_eq!(status(&repo, 3), "conflicted", "two commits say two things");
    done(&repo, &["drop", "2"]);
    walk(&repo, &["continue"]);
    assert_eq!(flags(&repo, 3), r#"["to_review","remembered"]"#, "and one of them is not wanted any more");
}

#[test]
fn a_commit_that_is_dropped_teaches_nothing() {
    let repo = twins();
    walk(&repo, &RUN);
    settle(&repo, "1", "a.c", &edited(40, &[(20, "both 20")]));
    walk(&repo, &["continue"]);
    assert_eq!(flags(&repo, 2), r#"["to_review","remembered"]"#);
    done(&repo, &["drop", "1"]);
    walk(&repo, &["continue"]);
    assert_eq!(status(&repo, 2), "conflicted");
}

#[test]
fn a_decision_that_was_taken_back_and_made_again_holds_in_the_next_run_too() {
    let repo = taken_upstream(&[("b.c", edited(30, &[(30, "last")]))]);
    let again = |status_then: &str| {
        walk(&repo, &["continue", "--run", "work-up"]);
        walk(&repo, &["--again", "--onto", "next"]);
        assert_eq!(status(&repo, 1), status_then);
    };
    done(&repo, &["drop", "1", "--run", "work-up"]);
    again("dropped");
    done(&repo, &["reset", "1", "--run", "work-up"]);
    again("unmodified");
    done(&repo, &["drop", "1", "--run", "work-up"]);
    again("dropped");
    done(&repo, &["reset", "1", "--run", "work-up"]);
    done(&repo, &["drop", "1", "--run", "work-up"]);
    again("dropped");
    // What was decided in the next run itself stays.
    done(&repo, &["reset", "1", "--run", "work-next"]);
    walk(&repo, &["continue", "--run", "work-next"]);
    again("unmodified");
}

/// Commits 1 and 2 of the series, clean, in files of their own.
fn clean() -> Repo {
    let repo = forked(&[("a.c", &lines(30)), ("b.c", &lines(30))]);
    repo.on("work").edit("a.c", edited(30, &[(5, "five")]), "one");
    repo.edit("b.c", edited(30, &[(20, "twenty")]), "two");
    repo.on("up").edit("m", "m\n", "upstream");
    walk(&repo, &RUN);
    repo
}

#[test]
fn a_decision_of_a_commit_that_was_amended_is_said_to_be_left_over_and_whose_it_probably_is_now() {
    let repo = clean();
    done(&repo, &["drop", "2"]);
    done(&repo, &["continue"]);
    let old = outcome(&repo, 2)["old"].as_str().expect("an id").to_owned();
    let again = || walk(&repo, &["--again", "--onto", "up"]).err;
    repo.on("work").git(&["commit", "-q", "--amend", "-m", "two, reworded"]);
    let said = again();
    assert!(said.contains("1 commit that something was decided of is not in the series any more"), "{said}");
    assert!(said.contains(&format!("{} two  (probably 2 now: same change)", &old[..12])), "{said}");
    repo.write("b.c", edited(30, &[(20, "twenty, corrected")])).git(&["add", "b.c"]);
    repo.git(&["commit", "-q", "--amend", "-m", "two"]);
    let said = again();
    assert!(said.contains("two  (probably 2 now: same author, date and subject)"), "{said}");
    done(&repo, &["reset", &old[..12]]);
    assert!(!again().contains("not in the series"), "it was forgotten");
}

#[test]
fn what_is_laid_out_of_a_commit_that_the_series_lost_is_neither_taken_back_nor_shown_as_another() {
    let repo = clean();
    let file = edit(&repo, "1").join("a.c");
    fs::write(&file, edited(30, &[(5, "work of a day")])).expect("written");
    repo.on("work").git(&["rebase", "-q", "--onto", "v1", "work~1"]);
    repo.on("up");
    walk(&repo, &["--again", "--onto", "up"]);
    assert!(!file.starts_with(edit(&repo, "1")), "another commit, which is 1 now, is laid out elsewhere");
    let said = walk(&repo, &["continue"]);
    assert!(said.err.contains("is kept, and not taken back"), "{}", said.err);
    assert!(fs::read_to_string(file).expect("still there").contains("work of a day"));
    assert!(!came_out(&repo, "a.c").contains("work of a day"));
}

#[test]
fn nothing_else_is_decided_of_a_commit_while_somebody_has_work_on_it_laid_out() {
    for verb in [&["skip"][..], &["drop", "1"], &["reset", "1"], &["choose", "1", "ours"]] {
        let repo = twins();
        walk(&repo, &RUN);
        settle(&repo, "1", "a.c", &edited(40, &[(20, "edited first")]));
        let said = repo.refused(128, verb);
        assert!(said.contains("commit 1 is laid out in") && said.contains("/edit/1-"), "{verb:?}: {said}");
        walk(&repo, &["continue"]);
        assert!(came_out(&repo, "a.c").contains("edited first"), "{verb:?}");
    }
}

#[test]
fn what_is_laid_out_and_was_not_touched_makes_way_for_another_decision() {
    for (verb, then) in
        [(&["skip"][..], "dropped"), (&["drop", "1"], "dropped"), (&["choose", "1", "theirs"], "modified")]
    {
        let repo = twins();
        walk(&repo, &RUN);
        let files = edit(&repo, "1");
        let said = walk(&repo, verb);
        assert!(said.err.contains("is removed: nothing was edited there"), "{verb:?}: {}", said.err);
        assert!(!files.exists());
        walk(&repo, &["continue"]);
        assert_eq!(status(&repo, 1), then, "{verb:?}");
    }
}

#[test]
fn show_machine_says_what_a_person_removed_or_made_of_a_files_mode_and_type() {
    let repo = forked(&[("a.c", &lines(60)), ("b.c", &lines(60)), ("c.c", &lines(60)), ("d.c", &lines(9))]);
    let both = edited(60, &[(5, "five")]);
    repo.on("work").write("a.c", &both).write("b.c", &both).write("c.c", &both);
    fs::remove_file(repo.path().join("d.c")).expect("it was there");
    repo.commit("one");
    let upstream = edited(60, &[(55, "upstream")]);
    repo.on("up").write("a.c", &upstream).edit("b.c", &upstream, "upstream");
    walk(&repo, &RUN);
    let plain = done(&repo, &["show", "1", "--machine"]).out;
    assert_eq!(plain.matches(": nothing beyond the plain text merge\n").count(), 4, "{plain}");
    let files = edit(&repo, "1");
    fs::remove_file(files.join("a.c")).expect("laid out");
    fs::set_permissions(files.join("b.c"), fs::Permissions::from_mode(0o755)).expect("made executable");
    fs::remove_file(files.join("c.c")).expect("laid out");
    symlink("b.c", files.join("c.c")).expect("a link");
    fs::write(files.join("d.c"), "kept\n").expect("written");
    done(&repo, &["continue"]);
    let said = done(&repo, &["show", "1", "--machine"]).out;
    for wanted in [
        "a.c: removed, which the plain text merge does not do\n",
        "b.c: beyond the plain text merge:\n    an executable file instead of a file that is not executable\n",
        "c.c: beyond the plain text merge:\n    a symbolic link instead of a file that is not executable\n",
        "d.c: kept as a file that is not executable, which the plain text merge removes\n",
    ] {
        assert!(said.contains(wanted), "{wanted} in {said}");
    }
    done(&repo, &["drop", "1"]);
    done(&repo, &["continue"]);
    assert!(done(&repo, &["show", "1", "--machine"]).out.contains("commit 1 is not carried"));
}

#[test]
fn a_commit_that_was_empty_from_the_start_stays_one_when_what_a_person_added_to_it_is_not_used() {
    let repo = forked(&[("a.c", &lines(30))]);
    repo.on("work").edit("a.c", edited(30, &[(5, "five")]), "one");
    repo.commit("two, empty");
    repo.on("up").edit("m", "m\n", "upstream");
    walk(&repo, &RUN);
    settle(&repo, "2", "a.c", &edited(30, &[(5, "five"), (9, "nine")]));
    done(&repo, &["continue"]);
    settle(&repo, "1", "a.c", &edited(30, &[(5, "other")]));
    assert_eq!(repo.run(&["continue"]).code, 1);
    assert_eq!((status(&repo, 2), flags(&repo, 2)), ("empty".to_owned(), r#"["to_review"]"#.to_owned()));
    done(&repo, &["accept", "2"]);
    done(&repo, &["continue"]);
    assert_eq!((status(&repo, 2), flags(&repo, 2)), ("empty".to_owned(), "[]".to_owned()));
}

#[test]
fn a_skipped_commit_is_settled_by_a_side_of_the_tip_that_it_would_have_gone_onto() {
    let repo = twins();
    walk(&repo, &[&RUN[..], &["--on-conflict=skip"]].concat());
    done(&repo, &["choose", "2", "union"]);
    walk(&repo, &["continue"]);
    let both = edited(40, &[(20, "upstream 20\nmine 20")]);
    assert_eq!((status(&repo, 2), came_out(&repo, "b.c")), ("modified".to_owned(), both.trim_end().to_owned()));
}
