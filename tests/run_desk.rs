//! A commit that is laid out, and whatever a person may leave there: nothing is lost, and nothing gets in that nobody meant.

use crate::support::{Repo, Said, edited, forked};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const RUN: [&str; 3] = ["v1..work", "--onto", "up"];

/// 1 conflicts at line 5 of d/a.c, 2 is clean in d/b.c; upstream changed m.c, too, and has a folder that they don't touch.
fn repo() -> Repo {
    let repo =
        forked(&[("d/a.c", &edited(20, &[])), ("d/b.c", &edited(20, &[])), ("include/foo.h", "1\n"), ("m.c", "m\n")]);
    repo.on("up")
        .write("d/a.c", edited(20, &[(5, "upstream 5")]))
        .write("d/new.c", "new\n")
        .edit("m.c", "n\n", "upstream");
    repo.on("work").edit("d/a.c", edited(20, &[(5, "mine 5")]), "one, conflicts");
    repo.edit("d/b.c", edited(20, &[(5, "mine 5")]), "two, clean");
    repo.on("main");
    assert_eq!(repo.run(&RUN).code, 1);
    repo
}

fn done(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert_eq!(said.code, 0, "{args:?}: {}{}", said.out, said.err);
    said
}

/// Walks again, whatever comes out.
fn walk(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert!(said.code < 2, "{args:?}: {}{}", said.out, said.err);
    said
}

fn edit(repo: &Repo, args: &[&str]) -> PathBuf {
    PathBuf::from(done(repo, &[&["edit"], args].concat()).out.trim_end())
}

/// Does git's work in a worktree that was laid out.
fn git(repo: &Repo, dir: &Path, args: &[&str]) -> String {
    repo.git(&[&["-C", dir.to_str().expect("UTF-8")], args].concat())
}

/// The run must not be continued, for this reason; nothing is taken back.
fn refused(repo: &Repo, reason: &str) {
    let before = (repo.refs(), repo.run(&["log"]).out);
    let said = repo.run(&["continue"]);
    assert_eq!(said.code, 128, "{}{}", said.out, said.err);
    assert!(said.err.contains(reason), "{}", said.err);
    assert_eq!((repo.refs(), repo.run(&["log"]).out), before, "nothing was taken back");
}

fn tip(repo: &Repo, path: &str) -> String {
    repo.file("refs/kmigrate/runs/work-up/tip", path)
}

/// What the walk changes against upstream.
fn changed(repo: &Repo) -> String {
    repo.git(&["diff", "--name-only", "--no-renames", "up", "refs/kmigrate/runs/work-up/tip"])
}

fn worktrees(repo: &Repo) -> usize {
    repo.git(&["worktree", "list"]).lines().count()
}

#[test]
fn a_marked_file_is_left_open_only_with_its_own_name_and_mode() {
    let repo = repo();
    let files = edit(&repo, &["1"]);
    let a = files.join("d/a.c");
    fs::set_permissions(&a, fs::Permissions::from_mode(0o755)).expect("set");
    refused(&repo, "d/a.c:5: a conflict marker is left");
    fs::set_permissions(&a, fs::Permissions::from_mode(0o644)).expect("set");
    fs::rename(&a, files.join("d/c.c")).expect("renamed");
    refused(&repo, "d/c.c:5: a conflict marker is left");
    fs::rename(files.join("d/c.c"), &a).expect("renamed");
    assert!(walk(&repo, &["continue"]).out.contains("taken back commit 1: 0 files, 1 still conflicted"));
}

#[test]
fn markers_of_git_and_a_lone_separator_are_markers_too() {
    let repo = repo();
    let files = edit(&repo, &["1", "--worktree"]);
    git(&repo, &files, &["checkout", "-q", "--conflict=merge", "d/a.c"]);
    let text = fs::read_to_string(files.join("d/a.c")).expect("there");
    assert!(!text.contains("ours (upstream)"), "other labels: {text}");
    refused(&repo, "d/a.c:5: a conflict marker is left");
    let only = edited(20, &[(5, "upstream 5\n=======\nmine 5")]);
    fs::write(files.join("d/a.c"), only).expect("written");
    refused(&repo, "d/a.c:6: a conflict marker is left");
}

#[test]
fn what_a_side_has_is_no_marker() {
    let heading = "Drivers\n=======\n\n<<<<<<< as git shows it\n";
    let text = |line: &str| format!("{heading}{}", edited(9, &[(5, line)]));
    let repo = forked(&[("a.rst", &text("line 5"))]);
    repo.on("up").edit("a.rst", text("upstream 5"), "upstream");
    repo.on("work").edit("a.rst", text("mine 5"), "one, conflicts");
    walk(&repo, &RUN);
    fs::write(edit(&repo, &["1"]).join("a.rst"), text("both 5")).expect("written");
    done(&repo, &["continue"]);
    assert!(tip(&repo, "a.rst").starts_with(heading));
}

#[test]
fn a_worktree_stands_as_a_cherry_pick_that_stopped_and_git_commits_it_as_one() {
    let repo = repo();
    repo.git(&["config", "core.editor", "true"]);
    for (n, subject) in [("1", "one, conflicts"), ("2", "two, clean")] {
        let files = edit(&repo, &[n, "--worktree"]);
        let old = repo.git(&["log", "-1", "--format=%H", "work", &format!("--grep={subject}")]);
        assert!(git(&repo, &files, &["status"]).contains(&format!("cherry-picking commit {}", &old[..7])), "{n}");
        fs::write(files.join("d/a.c"), edited(20, &[(5, "both 5")])).expect("written");
        git(&repo, &files, &["add", "-A"]);
        let mut commit = repo.command("git");
        commit.env("GIT_AUTHOR_NAME", "Someone Else").arg("-C").arg(&files).args(["commit", "-q"]);
        assert!(commit.status().expect("git starts").success());
        let form = ["log", "-1", "--format=%an %ad %B"];
        assert_eq!(git(&repo, &files, &form), repo.git(&[&form[..], &[&old]].concat()));
        assert!(!git(&repo, &files, &["status"]).contains("cherry-pick"), "it is over");
    }
    let said = walk(&repo, &["continue"]);
    assert!(said.out.contains("taken back commit 1") && said.out.contains("taken back commit 2"), "{}", said.out);
    assert!(tip(&repo, "d/a.c").contains("both 5"));
}

#[test]
fn a_file_written_outside_the_folders_of_a_worktree_is_taken() {
    let repo = repo();
    let files = edit(&repo, &["2", "--worktree"]);
    assert!(!files.join("include").exists());
    fs::create_dir(files.join("include")).expect("made");
    fs::write(files.join("include/foo.h"), "1\n2\n").expect("written");
    let said = walk(&repo, &["continue"]);
    assert!(said.out.contains("  beside its own: include/foo.h\n"), "{}", said.out);
    assert_eq!(tip(&repo, "include/foo.h"), "1\n2");
}

#[test]
fn a_reset_in_a_worktree_removes_no_file_that_was_never_there() {
    let repo = repo();
    let files = edit(&repo, &["2", "--worktree"]);
    git(&repo, &files, &["reset", "-q", "HEAD~2"]);
    walk(&repo, &["continue"]);
    assert_eq!(changed(&repo), "d/a.c\nd/b.c", "d/new.c and m.c are upstream's");
    let files = edit(&repo, &["2", "--worktree"]);
    fs::remove_file(files.join("d/new.c")).expect("it was there");
    walk(&repo, &["continue"]);
    assert_eq!(changed(&repo), "d/a.c\nd/b.c\nd/new.c", "this one was removed");
}

#[test]
fn a_commit_is_laid_out_once_and_never_in_the_place_of_another() {
    let repo = repo();
    let files = edit(&repo, &["2"]);
    assert_eq!(edit(&repo, &["2"]), files);
    let said = repo.run(&["edit", "2", "--worktree"]);
    assert!(said.code == 128 && said.err.contains("commit 2 is laid out in the other way already"), "{}", said.err);
    assert!(said.err.contains("git kmigrate edit 2 --discard throws it away"), "{}", said.err);
    repo.git(&["checkout", "-q", "work"]);
    repo.git(&["rebase", "-q", "--onto", "v1", "work~1"]);
    repo.git(&["checkout", "-q", "main"]);
    let before = fs::read(files.join("d/b.c")).expect("laid out");
    walk(&repo, &["--again", "--onto", "up"]);
    let other = edit(&repo, &["1"]);
    assert_ne!(other, files, "the same change, but another commit");
    assert_eq!(fs::read(files.join("d/b.c")).expect("still there"), before);
}

#[test]
fn a_folder_that_was_thrown_away_is_no_dead_end() {
    let repo = repo();
    for layout in [&[][..], &["--worktree"]] {
        let files = edit(&repo, &[&["2"], layout].concat());
        fs::remove_dir_all(&files).expect("removed");
        let said = walk(&repo, &["continue"]);
        assert!(said.out.contains("commit 2 was laid out, and its files were thrown away"), "{}", said.out);
        assert_eq!(worktrees(&repo), 1, "and git does not list it");
    }
    let files = edit(&repo, &["2", "--worktree"]);
    git(&repo, &files, &["worktree", "lock", "."]);
    fs::write(files.join("d/b.c"), "rewritten\n").expect("written");
    walk(&repo, &["continue"]);
    assert_eq!((tip(&repo, "d/b.c").as_str(), worktrees(&repo)), ("rewritten", 1));
}

#[test]
fn abort_takes_along_what_is_laid_out_even_if_it_is_locked_or_half_done() {
    let repo = repo();
    let files = edit(&repo, &["2", "--worktree"]);
    git(&repo, &files, &["worktree", "lock", "."]);
    fs::remove_file(files.with_file_name("manifest.json")).expect("it was there");
    edit(&repo, &["1"]);
    done(&repo, &["abort"]);
    assert_eq!(worktrees(&repo), 1);
    assert!(!repo.path().join(".git/kmigrate/work-up").exists());
}

#[test]
fn discard_throws_away_what_is_laid_out_and_leaves_the_rest() {
    let repo = repo();
    let (one, two) = (edit(&repo, &["1"]), edit(&repo, &["2", "--worktree"]));
    fs::write(two.with_file_name("manifest.json"), "no JSON").expect("written");
    refused(&repo, "git kmigrate edit <n> --discard throws away");
    done(&repo, &["edit", "2", "--discard"]);
    assert!(one.exists() && !two.exists());
    assert_eq!(worktrees(&repo), 1);
    assert!(repo.run(&["edit", "2", "--discard"]).err.contains("commit 2 is not laid out"));
    walk(&repo, &["continue"]);
}

#[test]
fn a_repository_or_a_pipe_in_a_commit_is_refused_by_name() {
    let repo = repo();
    let files = edit(&repo, &["2"]);
    repo.git(&["init", "-q", files.join("d/inner").to_str().expect("UTF-8")]);
    refused(&repo, "d/inner is a git repository of its own");
    fs::remove_dir_all(files.join("d/inner")).expect("removed");
    let pipe = files.join("d/pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts").success());
    refused(&repo, "d/pipe is neither a file nor a link");
    done(&repo, &["edit", "2", "--discard"]);
    let files = edit(&repo, &["2", "--worktree"]);
    let inner = files.join("d/inner");
    repo.git(&["init", "-q", inner.to_str().expect("UTF-8")]);
    git(&repo, &inner, &["commit", "-q", "--allow-empty", "-m", "x"]);
    refused(&repo, "d/inner is a git repository of its own");
}

#[test]
fn the_ground_that_somebody_stands_on_is_not_removed() {
    let repo = repo();
    let files = edit(&repo, &["2", "--worktree"]);
    fs::write(files.join("d/b.c"), "rewritten\n").expect("written");
    for verb in ["continue", "abort"] {
        let output = repo.kmigrate().current_dir(files.join("d")).arg(verb).output().expect("the program starts");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(128) && err.contains("the current directory is in "), "{verb}: {err}");
    }
    walk(&repo, &["continue"]);
    assert_eq!(tip(&repo, "d/b.c"), "rewritten");
}

#[test]
fn a_file_in_the_place_of_a_folder_and_the_other_way_round_are_refused() {
    let repo = repo();
    let files = edit(&repo, &["2"]);
    fs::write(files.join("include"), "a file\n").expect("written");
    refused(&repo, "include cannot be taken back: include is a folder there");
    fs::remove_file(files.join("include")).expect("removed");
    fs::create_dir(files.join("m.c")).expect("made");
    fs::write(files.join("m.c/x"), "x\n").expect("written");
    refused(&repo, "m.c/x cannot be taken back: m.c is a file there");
    fs::remove_dir_all(files.join("m.c")).expect("removed");
    // What stands behind a link is not the commit's.
    let outside = repo.beside("outside");
    fs::create_dir(&outside).expect("made");
    fs::write(outside.join("b.c"), "secret\n").expect("written");
    for layout in [&[][..], &["--worktree"]] {
        done(&repo, &["edit", "2", "--discard"]);
        let files = edit(&repo, &[&["2"], layout].concat());
        fs::remove_dir_all(files.join("d")).expect("removed");
        symlink(&outside, files.join("d")).expect("linked");
        refused(&repo, "d cannot be taken back: d is a folder there");
    }
}

#[test]
fn a_worktree_is_stored_as_git_add_would_store_it() {
    let attributes = "*.bat text eol=crlf\n";
    let bat = |line: &str| format!("a\n{line}\nc\n");
    let repo = forked(&[(".gitattributes", attributes), ("x.bat", &bat("b")), ("y.bat", &bat("b")), ("y.c", "y\n")]);
    repo.on("up").write("x.bat", bat("upstream").replace('\n', "\r\n")).edit("m", "m\n", "upstream");
    repo.on("work").edit("x.bat", bat("mine").replace('\n', "\r\n"), "one, conflicts");
    repo.edit("y.c", "mine\n", "two");
    repo.on("main");
    walk(&repo, &RUN);
    let files = edit(&repo, &["1", "--worktree"]);
    assert!(walk(&repo, &["continue"]).out.contains("0 files, 1 still conflicted"), "{}", files.display());
    edit(&repo, &["1", "--worktree"]);
    let text = fs::read_to_string(files.join("x.bat")).expect("checked out");
    assert!(text.contains("<<<<<<< ours (upstream)\r\nupstream\r\n"), "{text:?}");
    fs::write(files.join("x.bat"), "a\r\nboth\r\nc\r\n").expect("written");
    fs::write(files.join("y.bat"), "a\r\nB\r\nc\r\n").expect("written");
    done(&repo, &["continue"]);
    let raw = |path: &str| repo.raw("blob", &format!("refs/kmigrate/runs/work-up/tip:{path}"));
    assert_eq!((raw("x.bat"), raw("y.bat")), (bat("both").into(), bat("B").into()));
}

#[test]
fn what_editors_leave_and_git_ignores_is_left_out_with_a_word() {
    let repo = forked(&[(".gitignore", "*.o\n"), ("d/.gitignore", "!keep.o\n"), ("d/a.c", "a\n"), ("d/b.orig", "b\n")]);
    repo.on("up").edit("m", "m\n", "upstream");
    repo.on("work").edit("d/a.c", "mine\n", "one");
    repo.on("main");
    walk(&repo, &RUN);
    let files = edit(&repo, &["1"]);
    for name in ["a.c~", "#a.c#", ".a.c.swp", "a.c.orig", "a.c.rej", "a.o"] {
        fs::write(files.join("d").join(name), "left\n").expect("written");
    }
    symlink("somebody@host.123", files.join("d/.#a.c")).expect("linked");
    fs::write(files.join("d/keep.o"), "kept\n").expect("written");
    fs::write(files.join("d/b.orig"), "changed\n").expect("written");
    let said = done(&repo, &["continue"]);
    for name in ["a.c~", "#a.c#", ".a.c.swp", "a.c.orig", "a.c.rej", "a.o", ".#a.c"] {
        let line = format!("  left out, as git ignores it or an editor left it: d/{name}\n");
        assert!(said.out.contains(&line), "{name}: {}", said.out);
    }
    assert!(said.out.contains("  beside its own: d/b.orig\n  beside its own: d/keep.o\n"), "{}", said.out);
    assert_eq!(changed(&repo), "d/a.c\nd/b.orig\nd/keep.o");
}

#[test]
fn whoever_would_edit_what_was_not_carried_is_told_how_to_have_it() {
    let repo = repo();
    for (policy, n, why, way) in [
        ("skip", "1", "commit 1 was skipped", "git kmigrate --again --onto up --on-conflict=carry"),
        ("stop", "2", "commit 2 was not looked at yet", "first settle the commit that the walk stopped at"),
    ] {
        walk(&repo, &[&RUN[..], &[&format!("--on-conflict={policy}")]].concat());
        let said = repo.run(&["edit", n]);
        assert!(said.code == 128 && said.err.contains(why) && said.err.contains(way), "{}", said.err);
    }
    repo.on("up").git(&["cherry-pick", "work"]);
    walk(&repo, &["v1..work", "--onto", "up", "-b", "new"]);
    let said = repo.run(&["edit", "2"]);
    let way = "commit 2 is upstream already, so there is nothing to edit\nhint: to have it: git kmigrate --again --onto up --upstream=keep";
    assert!(said.code == 128 && said.err.contains(way), "{}", said.err);
    walk(&repo, &["--again", "--onto", "up", "--upstream=keep"]);
    edit(&repo, &["2"]);
}

#[test]
fn what_git_took_out_of_a_worktree_is_gone_outside_its_folders_too() {
    let repo = repo();
    let files = edit(&repo, &["2", "--worktree"]);
    git(&repo, &files, &["rm", "-q", "--sparse", "include/foo.h"]);
    let said = walk(&repo, &["continue"]);
    assert!(said.out.contains("  beside its own: include/foo.h\n"), "{}", said.out);
    assert_eq!(changed(&repo), "d/a.c\nd/b.c\ninclude/foo.h");
    walk(&repo, &["reset", "2"]);
    walk(&repo, &["continue"]);
    repo.branch("fixup", "v1").git(&["mv", "include/foo.h", "d/foo.h"]);
    repo.commit("moves a file into a folder of the worktree");
    repo.on("main");
    let files = edit(&repo, &["2", "--worktree"]);
    git(&repo, &files, &["commit", "-q", "-m", "two"]);
    git(&repo, &files, &["cherry-pick", "fixup"]);
    walk(&repo, &["continue"]);
    assert_eq!(changed(&repo), "d/a.c\nd/b.c\nd/foo.h\ninclude/foo.h", "moved, and not copied");
}

#[test]
fn line_endings_that_git_would_leave_alone_are_left_alone() {
    let crlf = |edits: &[(usize, &str)]| edited(20, edits).replace('\n', "\r\n");
    let repo = forked(&[("d/a.txt", &crlf(&[])), ("d/b.txt", &crlf(&[])), ("d/c.txt", &crlf(&[]))]);
    repo.on("up").edit("d/a.txt", crlf(&[(5, "upstream 5")]), "upstream");
    repo.on("work").write("d/b.txt", crlf(&[(5, "mine 5")]));
    repo.edit("d/a.txt", crlf(&[(5, "mine 5")]), "one, conflicts");
    repo.on("main");
    walk(&repo, &RUN);
    repo.git(&["config", "core.autocrlf", "true"]);
    edit(&repo, &["1", "--worktree"]);
    let said = walk(&repo, &["continue"]);
    assert!(said.out.contains("taken back commit 1: 0 files, 1 still conflicted"), "nobody edited it: {}", said.out);
    let files = edit(&repo, &["1", "--worktree"]);
    fs::write(files.join("d/a.txt"), crlf(&[(5, "both 5")])).expect("written");
    fs::write(files.join("d/c.txt"), crlf(&[(7, "too")])).expect("written");
    done(&repo, &["continue"]);
    let raw = |path: &str| repo.raw("blob", &format!("refs/kmigrate/runs/work-up/tip:{path}"));
    assert_eq!(raw("d/a.txt"), crlf(&[(5, "both 5")]).as_bytes());
    assert_eq!(raw("d/b.txt"), crlf(&[(5, "mine 5")]).as_bytes());
    assert_eq!(raw("d/c.txt"), crlf(&[(7, "too")]).as_bytes());
}

#[test]
fn taking_back_in_vain_leaves_the_index_of_a_worktree_as_it_was() {
    let repo = repo();
    let files = edit(&repo, &["1", "--worktree"]);
    fs::write(files.join("d/b.c"), "rewritten\n").expect("written");
    let only = edited(20, &[(5, "upstream 5\n=======\nmine 5")]);
    fs::write(files.join("d/a.c"), only).expect("written");
    let before = git(&repo, &files, &["status", "--porcelain"]);
    refused(&repo, "d/a.c:6: a conflict marker is left");
    assert_eq!(git(&repo, &files, &["status", "--porcelain"]), before);
}

#[test]
fn git_does_not_go_on_listing_a_worktree_that_was_removed_with_its_manifest() {
    let repo = repo();
    for verb in ["continue", "abort"] {
        let files = edit(&repo, &["2", "--worktree"]);
        fs::remove_dir_all(files.ancestors().nth(2).expect("the folder of all edits")).expect("removed");
        assert_eq!(worktrees(&repo), 2);
        walk(&repo, &[verb]);
        assert_eq!(worktrees(&repo), 1, "{verb}");
    }
}

#[test]
fn a_worktree_of_somebody_elses_that_is_gone_is_none_of_our_business() {
    let repo = repo();
    let other = repo.beside("other");
    repo.git(&["worktree", "add", "-q", "--detach", other.to_str().expect("UTF-8")]);
    fs::remove_dir_all(&other).expect("removed");
    walk(&repo, &["continue"]);
    done(&repo, &["abort"]);
    assert_eq!(worktrees(&repo), 2);
}

#[test]
fn a_new_file_may_begin_with_what_git_takes_for_a_pattern() {
    let repo = repo();
    let files = edit(&repo, &["2"]);
    for name in [":!d", ":(odd)", "*"] {
        fs::write(files.join(name), "new\n").expect("written");
    }
    walk(&repo, &["continue"]);
    assert_eq!(changed(&repo), "*\n:!d\n:(odd)\nd/a.c\nd/b.c");
}

#[test]
fn a_damaged_folder_of_a_commit_that_the_series_lost_stops_nobody() {
    let repo = repo();
    let files = edit(&repo, &["2"]);
    fs::write(files.with_file_name("manifest.json"), "no JSON").expect("written");
    repo.git(&["checkout", "-q", "work"]);
    repo.git(&["commit", "-q", "--amend", "-m", "two, reworded"]);
    repo.git(&["checkout", "-q", "main"]);
    walk(&repo, &["--again", "--onto", "up"]);
    let said = walk(&repo, &["continue"]);
    assert!(said.err.contains("is of a commit that is not in the series any more; it is kept"), "{}", said.err);
    done(&repo, &["drop", "2"]);
    assert!(files.exists());
}

#[test]
fn a_separator_is_a_marker_where_a_conflicted_file_was_moved_to() {
    let repo = repo();
    let files = edit(&repo, &["1"]);
    let only = edited(20, &[(5, "upstream 5\n=======\nmine 5")]);
    fs::remove_file(files.join("d/a.c")).expect("laid out");
    fs::write(files.join("d/moved.c"), only).expect("written");
    refused(&repo, "d/moved.c:6: a conflict marker is left");
    fs::write(files.join("d/moved.c"), edited(20, &[(5, "both 5")])).expect("written");
    done(&repo, &["continue"]);
}
