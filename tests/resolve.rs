//! `git kmigrate resolve`: in the middle of whatever git command left conflicts, what is sure is written and staged, and all can be
//! taken back.

use crate::support::{Repo, Said, lines, said};

const NEIGHBOURS: &str = "drivers/net/a.c";
const SAME_PLACE: &str = "drivers/b.c";
const SAME_LINE: &str = "c.c";

/// `line 10` of a text of 30 lines, or another line, made something else.
fn with(line: usize, text: &str) -> String {
    lines(30).replace(&format!("line {line}\n"), text)
}

/// Upstream (`main`, v6.12) and a patch (`topic`, on v6.1) change neighbouring lines of one file, insert at one place of another, and
/// change one line of a third.
fn forked() -> Repo {
    let repo = Repo::new();
    for file in [NEIGHBOURS, SAME_PLACE, SAME_LINE] {
        repo.write(file, lines(30));
    }
    repo.commit("base");
    repo.git(&["tag", "v6.1"]);
    repo.write(NEIGHBOURS, with(10, "upstream 10\n"));
    repo.write(SAME_PLACE, with(10, "line 10\nupstream\n"));
    repo.write(SAME_LINE, with(10, "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v6.12"]);
    repo.branch("topic", "v6.1");
    repo.write(NEIGHBOURS, with(11, "mine 11\n"));
    repo.write(SAME_PLACE, with(10, "line 10\nmine\n"));
    repo.write(SAME_LINE, with(10, "mine 10\n")).commit("the patch");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

/// Only neighbouring lines: what the cascade settles without a doubt.
fn easy() -> Repo {
    let repo = Repo::new();
    repo.write(NEIGHBOURS, lines(30)).commit("base");
    repo.git(&["tag", "v6.1"]);
    repo.write(NEIGHBOURS, with(10, "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v6.12"]);
    repo.branch("topic", "v6.1");
    repo.write(NEIGHBOURS, with(11, "mine 11\n")).commit("the patch");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

/// Runs a git command that stops at conflicts.
fn stops(repo: &Repo, args: &[&str]) {
    let output = repo.command("git").args(args).output().expect("git starts");
    assert!(!output.status.success(), "git {args:?} did not stop");
}

fn at(repo: &Repo, path: &str) -> String {
    std::fs::read_to_string(repo.path().join(path)).expect("a file")
}

/// All that undo must bring back: files, index, refs.
fn all_of(repo: &Repo) -> [String; 4] {
    [NEIGHBOURS, SAME_PLACE, SAME_LINE]
        .map(|path| at(repo, path))
        .into_iter()
        .chain([repo.git(&["ls-files", "-s"])])
        .collect::<Vec<_>>()
        .try_into()
        .expect("four")
}

const BOTH: &str = "upstream 10\nmine 11\n";

#[test]
fn what_is_sure_is_staged_what_is_doubted_is_written_and_the_rest_is_left_with_its_markers() {
    let repo = forked();
    stops(&repo, &["cherry-pick", "topic"]);
    let before = at(&repo, SAME_LINE);
    let said = repo.run(&["resolve"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.starts_with("cherry-pick of ") && said.out.contains("the patch is theirs"), "{}", said.out);
    assert!(said.out.contains("3 files: 1 resolved and staged, 1 to review, 1 left"), "{}", said.out);
    assert!(
        said.out.contains("to look at: no evidence for the order") && said.out.contains("drivers/b.c:11"),
        "{}",
        said.out
    );
    assert_eq!(repo.git(&["status", "--short"]), "UU c.c\nUU drivers/b.c\nM  drivers/net/a.c");
    assert!(at(&repo, NEIGHBOURS).contains(BOTH));
    assert!(repo.git(&["show", ":drivers/net/a.c"]).contains(BOTH));
    assert!(at(&repo, SAME_PLACE).contains("line 10\nupstream\nmine\n"));
    assert_eq!(at(&repo, SAME_LINE), before);
    assert!(repo.path().join(".git/CHERRY_PICK_HEAD").exists(), "the operation does not go on by itself");
    // A second time nothing is new.
    let again = repo.run(&["resolve"]);
    assert!(again.out.contains("2 files: 0 resolved and staged, 1 to review, 1 left"), "{}", again.out);
}

#[test]
fn undo_brings_back_every_byte_and_every_stage() {
    let repo = forked();
    stops(&repo, &["cherry-pick", "topic"]);
    let (before, refs) = (all_of(&repo), repo.refs());
    repo.run(&["resolve"]);
    repo.run(&["resolve"]);
    assert_ne!(all_of(&repo), before);
    let undone = repo.run(&["resolve", "--undo"]);
    assert_eq!(undone.code, 0, "{}", undone.err);
    assert_eq!((all_of(&repo), repo.refs()), (before, refs));
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 128, "there is nothing more");
}

#[test]
fn undo_does_not_touch_what_somebody_has_changed_since() {
    let repo = forked();
    stops(&repo, &["cherry-pick", "topic"]);
    repo.run(&["resolve"]);
    let edited = at(&repo, NEIGHBOURS).replace("mine 11", "mine, and better");
    repo.write(NEIGHBOURS, &edited);
    let undone = repo.run(&["resolve", "--undo"]);
    assert_eq!(undone.code, 1, "{}{}", undone.out, undone.err);
    assert!(
        undone.out.contains("left       drivers/net/a.c") && undone.out.contains("as it was  drivers/b.c"),
        "{}",
        undone.out
    );
    assert_eq!(at(&repo, NEIGHBOURS), edited);
    assert!(at(&repo, SAME_PLACE).contains("<<<<<<<"));
    repo.write(NEIGHBOURS, with(10, BOTH).replace("line 11\n", ""));
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 0, "it is ours again");
    assert!(at(&repo, NEIGHBOURS).contains("<<<<<<<"));
}

#[test]
fn what_was_resolved_for_an_operation_that_is_over_is_not_undone() {
    let repo = easy();
    stops(&repo, &["cherry-pick", "topic"]);
    assert_eq!(repo.run(&["resolve"]).code, 0);
    repo.git(&["commit", "-q", "--no-edit"]);
    let said = repo.run(&["resolve", "--undo"]);
    assert!(said.code == 128 && said.err.contains("cherry-pick that is over"), "{}", said.err);
    assert!(at(&repo, NEIGHBOURS).contains(BOTH));
}

#[test]
fn a_dry_run_prints_a_diff_and_writes_nothing() {
    let repo = forked();
    stops(&repo, &["cherry-pick", "topic"]);
    let objects = |repo: &Repo| repo.git(&["count-objects", "-v"]);
    let before = (all_of(&repo), objects(&repo));
    let said = repo.run(&["resolve", "--dry-run"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("1 would be staged") && !said.err.contains('\u{1b}'), "{}", said.err);
    assert!(said.out.starts_with("--- a/drivers/b.c") && said.out.contains("-<<<<<<< HEAD"), "{}", said.out);
    assert_eq!((all_of(&repo), objects(&repo)), before);
    assert!(!repo.path().join(".git/kmigrate-resolve").exists());
    repo.run(&["resolve"]);
    let after = at(&repo, SAME_PLACE);
    repo.run(&["resolve", "--undo"]);
    repo.write("../change.diff", &said.out);
    repo.git(&["apply", "../change.diff"]);
    assert_eq!(at(&repo, SAME_PLACE), after, "the diff is what would have been done");
}

#[test]
fn every_operation_is_known_and_goes_on_through_git() {
    let goes_on = |repo: &Repo, word: &str| {
        let said = repo.run(&["resolve", "--continue"]);
        assert_eq!(said.code, 0, "{word}: {}{}", said.out, said.err);
        assert!(said.out.starts_with(word), "{word}: {}", said.out);
        assert!(at(repo, NEIGHBOURS).contains(BOTH), "{word}");
        assert_eq!(repo.git(&["status", "--short"]), "", "{word}");
        assert!(!repo.git(&["status"]).contains("in progress"), "{word}");
    };
    let repo = easy();
    stops(&repo, &["cherry-pick", "topic"]);
    goes_on(&repo, "cherry-pick of ");
    assert_eq!(repo.git(&["log", "-1", "--format=%B"]), "the patch");
    for backend in ["--merge", "--apply"] {
        let repo = easy();
        stops(&repo, &["rebase", backend, "main", "topic"]);
        goes_on(&repo, "rebase of ");
        assert_eq!(repo.git(&["rev-parse", "topic^"]), repo.git(&["rev-parse", "main"]));
    }
    let repo = easy();
    let mail = repo.git(&["format-patch", "-1", "--stdout", "topic"]);
    repo.write("../mail", format!("{mail}\n"));
    stops(&repo, &["am", "-3", "../mail"]);
    goes_on(&repo, "am: the patch is theirs");
    let repo = easy();
    stops(&repo, &["merge", "topic"]);
    goes_on(&repo, "merge of ");
}

#[test]
fn at_each_stop_of_a_rebase_the_same_again_until_something_is_left() {
    let repo = easy();
    repo.branch("topic", "topic");
    repo.write(NEIGHBOURS, with(11, "mine 11\n").replace("line 25\n", "mine 25\n")).commit("far away");
    repo.write("other.c", lines(30)).commit("another file");
    repo.branch("main", "main").write("other.c", lines(30).replace("line 3\n", "upstream 3\n")).commit("upstream, too");
    stops(&repo, &["rebase", "main", "topic"]);
    let said = repo.run(&["resolve", "--continue"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("left      other.c: both sides added it"), "{}", said.out);
    assert_eq!(repo.git(&["log", "--format=%s", "main..HEAD"]), "far away\nthe patch");
}

#[test]
fn a_popped_stash_is_known_by_its_files() {
    let repo = easy();
    repo.git(&["checkout", "-q", "v6.1"]);
    repo.write(NEIGHBOURS, with(11, "mine 11\n"));
    repo.git(&["stash", "-q"]);
    repo.git(&["checkout", "-q", "main"]);
    stops(&repo, &["stash", "pop"]);
    let before = (at(&repo, NEIGHBOURS), repo.git(&["ls-files", "-s"]));
    let said = repo.run(&["resolve", "--continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.starts_with("stash pop of ") && said.err.contains("git stash drop"), "{}{}", said.out, said.err);
    assert!(at(&repo, NEIGHBOURS).contains(BOTH));
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 0);
    assert_eq!((at(&repo, NEIGHBOURS), repo.git(&["ls-files", "-s"])), before);
}

#[test]
fn a_revert_takes_its_commit_back_from_what_stands_beside_it() {
    let repo = Repo::new();
    repo.write(NEIGHBOURS, lines(30)).commit("base");
    repo.write(NEIGHBOURS, with(11, "bad 11\n")).commit("bad");
    let later = with(11, "bad 11\n").replace("line 10\n", "upstream 10\n");
    repo.write(NEIGHBOURS, later).commit("later");
    stops(&repo, &["revert", "--no-edit", "HEAD^"]);
    let said = repo.run(&["resolve", "--continue"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("(theirs) takes that commit back from HEAD"), "{}", said.out);
    assert_eq!(at(&repo, NEIGHBOURS), with(10, "upstream 10\n"));
}

/// Upstream moves a condition into a function above, where the patch extends it: only one who knows which side is the patch can tell.
fn moved() -> Repo {
    let function =
        |name: &str, body: &str| format!("static int {name}(struct dev *dev)\n{{\n{body}\treturn 0;\n}}\n\n");
    let check = "\tif (dev->state != READY)\n\t\treturn -EBUSY;\n";
    let mine = "\tif (dev->state != READY && !dev->forced)\n\t\treturn -EBUSY;\n";
    let other = "\tdev->users++;\n\tdev->opened = jiffies;\n";
    let file = |a: &str, b: &str| [function("dev_check", a), function("dev_open", b)].concat();
    let repo = Repo::new();
    repo.write("d.c", file("", &[check, other].concat())).commit("base");
    repo.git(&["tag", "v6.1"]);
    repo.write("d.c", file(check, other)).commit("upstream");
    repo.git(&["tag", "v6.12"]);
    repo.branch("topic", "v6.1");
    repo.write("d.c", file("", &[mine, other].concat())).commit("the patch");
    repo
}

#[test]
fn in_a_merge_the_side_that_a_release_has_is_the_new_kernel() {
    let repo = moved();
    stops(&repo, &["merge", "v6.12"]);
    let said = repo.run(&["resolve"]);
    assert!(
        said.out.contains("the patch is ours, HEAD; the new kernel is theirs (v6.12 has what is merged)"),
        "{}",
        said.out
    );
    let merged = at(&repo, "d.c");
    repo.git(&["merge", "--abort"]);
    repo.git(&["checkout", "-q", "main"]);
    stops(&repo, &["merge", "topic"]);
    let said = repo.run(&["resolve"]);
    assert!(said.out.contains("the patch is theirs, the new kernel is ours, HEAD (v6.12 has HEAD)"), "{}", said.out);
    assert_eq!(at(&repo, "d.c"), merged, "it does not matter who merges whom");
    assert!(merged.contains("dev_check(struct dev *dev)\n{\n\tif (dev->state != READY && !dev->forced)"), "{merged}");
}

#[test]
fn where_nobody_can_tell_which_side_is_the_patch_only_what_is_the_same_either_way_is_taken() {
    let repo = moved();
    repo.git(&["tag", "-d", "v6.1", "v6.12"]);
    stops(&repo, &["merge", "main"]);
    let said = repo.run(&["resolve"]);
    assert!(said.code == 1 && said.out.contains("nobody can tell which side is the patch"), "{}", said.out);
    assert!(said.out.contains("left      d.c: what comes out depends on which side is the patch"), "{}", said.out);
    let typed = repo.run(&["resolve", "--patch=ours", "-n"]);
    assert!(typed.err.contains("the patch is ours, HEAD") && !typed.out.is_empty(), "{}{}", typed.out, typed.err);
    repo.git(&["config", "kmigrate.upstream", "main"]);
    assert!(repo.run(&["resolve", "-n"]).err.contains("(main has what is merged)"));
    // Neighbouring lines are the same either way.
    let repo = easy();
    repo.git(&["tag", "-d", "v6.1", "v6.12"]);
    stops(&repo, &["merge", "topic"]);
    let said = repo.run(&["resolve"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(at(&repo, NEIGHBOURS).contains(BOTH));
}

#[test]
fn it_works_from_below_in_a_linked_worktree_and_on_some_paths_only() {
    let repo = forked();
    let linked = repo.beside("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().expect("UTF-8"), "main", "--detach"]);
    let git = |args: &[&str]| said(repo.command("git").current_dir(&linked).args(args).output().expect("git starts"));
    assert_eq!(git(&["cherry-pick", "topic"]).code, 1);
    let run = |args: &[&str]| -> Said {
        let mut command = repo.kmigrate();
        said(command.current_dir(linked.join("drivers")).args(args).output().expect("it starts"))
    };
    let told = run(&["resolve", "net"]);
    assert!(
        told.out.contains("1 file: 1 resolved and staged") && told.out.contains("2 more are conflicted elsewhere"),
        "{}",
        told.out
    );
    assert_eq!(told.code, 1, "not all of the operation is resolved");
    assert_eq!(git(&["status", "--short"]).out, "UU c.c\nUU drivers/b.c\nM  drivers/net/a.c\n");
    let told = run(&["resolve"]);
    assert!(told.out.contains("2 files: 0 resolved and staged, 1 to review, 1 left"), "{}", told.out);
    assert!(!repo.path().join(".git/kmigrate-resolve").exists(), "it is the linked worktree's own");
    assert_eq!(run(&["resolve", "--undo"]).code, 0);
    assert_eq!(git(&["status", "--short"]).out, "UU c.c\nUU drivers/b.c\nUU drivers/net/a.c\n");
    assert_eq!(repo.git(&["status", "--short"]), "");
}

#[test]
fn files_are_written_as_git_checks_them_out() {
    let repo = easy();
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.git(&["checkout", "-q", "topic"]);
    std::fs::remove_file(repo.path().join(NEIGHBOURS)).expect("removed");
    repo.git(&["checkout", "-q", "-f", "main"]);
    assert!(at(&repo, NEIGHBOURS).contains("line 1\r\n"));
    stops(&repo, &["cherry-pick", "topic"]);
    let before = at(&repo, NEIGHBOURS);
    let told = repo.run(&["resolve"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    assert!(at(&repo, NEIGHBOURS).contains("line 9\r\nupstream 10\r\nmine 11\r\nline 12\r\n"));
    assert_eq!(repo.git(&["status", "--short"]), "M  drivers/net/a.c", "nothing is left to stage");
    assert!(repo.git(&["show", ":drivers/net/a.c"]).contains(BOTH));
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 0);
    assert_eq!(at(&repo, NEIGHBOURS), before);
}

#[test]
fn what_somebody_has_begun_or_settled_by_hand_stays() {
    let repo = forked();
    stops(&repo, &["cherry-pick", "topic"]);
    let begun = at(&repo, NEIGHBOURS).replace("line 20\n", "while I am here\n");
    repo.write(NEIGHBOURS, &begun);
    repo.write(SAME_PLACE, with(10, "line 10\nboth\n"));
    let told = repo.run(&["resolve"]);
    assert!(told.out.contains("left      drivers/net/a.c: somebody has begun to settle it by hand"), "{}", told.out);
    assert!(told.out.contains("left      drivers/b.c: no marker is left in it"), "{}", told.out);
    assert_eq!(at(&repo, NEIGHBOURS), begun);
    assert_eq!(at(&repo, SAME_PLACE), with(10, "line 10\nboth\n"));
    let suggested = repo.path().join(".git/kmigrate-resolve/suggested").join(NEIGHBOURS);
    assert!(told.out.contains(&format!("suggested: {}", suggested.display())), "{}", told.out);
    assert_eq!(std::fs::read_to_string(suggested).expect("a suggestion"), with(10, BOTH).replace("\nline 11\n", "\n"));
}

#[test]
fn conflicts_of_any_style_and_labels_are_gits_own() {
    for style in ["merge", "diff3", "zdiff3"] {
        let repo = easy();
        repo.git(&["config", "merge.conflictStyle", style]);
        repo.write(".git/info/attributes", "*.c conflict-marker-size=9\n");
        stops(&repo, &["cherry-pick", "topic"]);
        // As a git that does not say what it wrote.
        std::fs::remove_file(repo.path().join(".git/AUTO_MERGE")).expect("it was there");
        assert!(at(&repo, NEIGHBOURS).contains("<<<<<<<<< "));
        let told = repo.run(&["resolve"]);
        assert_eq!(told.code, 0, "{style}: {}", told.out);
    }
}

#[test]
fn what_no_text_settles_is_said_and_left() {
    let repo = Repo::new();
    repo.write("gone.c", "int gone;\nint five;\nint six;\n")
        .write("data.bin", b"a\0b")
        .write("mode.c", lines(9))
        .write("moved.c", lines(9));
    std::os::unix::fs::symlink("to-base", repo.path().join("link")).expect("a link");
    repo.commit("base");
    let link = |to: &str| {
        std::fs::remove_file(repo.path().join("link")).expect("removed");
        std::os::unix::fs::symlink(to, repo.path().join("link")).expect("a link");
    };
    repo.branch("topic", "main");
    repo.write("gone.c", "int gone;\nint mine;\nint six;\n").write("data.bin", b"a\0c").write("new.c", "mine\n");
    link("to-mine");
    repo.git(&["mv", "moved.c", "mine.c"]);
    repo.commit("the patch");
    repo.branch("main", "main");
    repo.git(&["rm", "-q", "gone.c"]);
    repo.write("data.bin", b"a\0d").write("new.c", "upstream\n");
    link("to-upstream");
    repo.git(&["mv", "moved.c", "upstream.c"]);
    repo.commit("upstream");
    stops(&repo, &["cherry-pick", "topic"]);
    let before = (repo.git(&["ls-files", "-s"]), repo.git(&["status", "--short"]));
    let told = repo.run(&["resolve"]);
    assert_eq!(told.code, 1);
    for said in [
        "left      gone.c: HEAD has removed or moved it",
        "left      data.bin: it is binary",
        "left      link: a symbolic link that both sides changed",
        "left      new.c: both sides added it",
        "left      mine.c: one side moved it",
    ] {
        assert!(told.out.contains(said), "{said}\n{}", told.out);
    }
    assert_eq!((repo.git(&["ls-files", "-s"]), repo.git(&["status", "--short"])), before);
}

#[test]
fn what_is_less_sure_than_asked_for_is_not_staged() {
    let repo = easy();
    stops(&repo, &["cherry-pick", "topic"]);
    let told = repo.run(&["resolve", "--min-confidence=0.999"]);
    assert!(told.code == 1 && told.out.contains("is below 0.999"), "{}", told.out);
    assert_eq!(repo.git(&["status", "--short"]), "UU drivers/net/a.c");
    assert!(at(&repo, NEIGHBOURS).contains(BOTH));
    assert_eq!(repo.run(&["resolve"]).code, 0, "without it the same text is staged");
    assert_eq!(repo.git(&["status", "--short"]), "M  drivers/net/a.c");
}

#[test]
fn a_locked_index_changes_nothing() {
    let repo = forked();
    stops(&repo, &["cherry-pick", "topic"]);
    let before = all_of(&repo);
    repo.write(".git/index.lock", "");
    let told = repo.run(&["resolve"]);
    assert_eq!(told.code, 128, "{}", told.out);
    std::fs::remove_file(repo.path().join(".git/index.lock")).expect("removed");
    assert_eq!(all_of(&repo), before);
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 128, "nothing was done");
    assert_eq!(repo.run(&["resolve"]).code, 1);
}

#[test]
fn nothing_in_progress_is_fatal_and_a_senseless_line_is_usage() {
    let repo = easy();
    let told = repo.run(&["resolve"]);
    assert!(told.code == 128 && told.err.contains("nothing is in progress here"), "{}", told.err);
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 128);
    assert_eq!(repo.run(&["resolve", "--undo", "--dry-run"]).code, 129);
    assert_eq!(repo.run(&["resolve", "--patch=mine"]).code, 129);
    stops(&repo, &["cherry-pick", "topic"]);
    let told = repo.run(&["resolve", "--", "nowhere"]);
    assert!(told.code == 128 && told.err.contains("1 are elsewhere"), "{}", told.err);
    let bare = Repo::init(&["--bare"]);
    assert_eq!(bare.run(&["resolve"]).code, 128);
}

#[test]
fn what_was_settled_of_a_popped_stash_is_remembered_and_nothing_is_promised_that_git_does_not_have() {
    let repo = forked();
    repo.git(&["checkout", "-q", "v6.1"]);
    repo.git(&["checkout", "-q", "topic", "--", "."]);
    repo.git(&["stash", "-q"]);
    repo.git(&["checkout", "-q", "main"]);
    stops(&repo, &["stash", "pop"]);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 1 && told.err.contains("resolve --continue remembers it\n"), "{}{}", told.out, told.err);
    repo.write(SAME_LINE, with(10, "both 10\n")).git(&["add", "-A"]);
    let told = repo.run(&["resolve", "--continue"]);
    assert!(told.code == 0 && told.err.contains("resolutions are remembered"), "{}{}", told.out, told.err);
    assert!(told.err.contains("the stash is still there: git stash drop"), "{}", told.err);
    assert_eq!(repo.run(&["resolve", "--continue"]).code, 128, "it is over");
    // One that was given up teaches nothing.
    let known = repo.run(&["memory", "list"]).out;
    repo.git(&["reset", "-q", "--hard"]);
    repo.write(SAME_LINE, with(10, "elsewhere 10\n")).commit("upstream goes on");
    stops(&repo, &["stash", "pop"]);
    assert_eq!(repo.run(&["resolve"]).code, 1);
    repo.git(&["reset", "-q", "--hard"]);
    assert_eq!(repo.run(&["resolve", "--continue"]).code, 128);
    assert_eq!(repo.run(&["memory", "list"]).out, known);
}

#[test]
fn at_a_merge_that_a_rebase_makes_anew_it_is_the_rebase_that_goes_on() {
    let repo = easy();
    repo.branch("side", "v6.1").write("s.c", "side\n").commit("side");
    repo.branch("joined", "v6.1").write("s.c", "joined\n").commit("joined");
    stops(&repo, &["merge", "side"]);
    repo.write("s.c", "both\n").commit("a merge");
    repo.write("after.c", "after\n").commit("after it");
    stops(&repo, &["rebase", "-q", "-r", "main"]);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 1 && told.out.starts_with("merge in a rebase of "), "{}{}", told.out, told.err);
    repo.write("s.c", "both\n").git(&["add", "s.c"]);
    let told = repo.run(&["resolve", "--continue"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    assert!(!repo.path().join(".git/rebase-merge").exists(), "nothing of it is left to do");
    assert_eq!(repo.git(&["log", "--format=%s", "--first-parent", "main..joined"]), "after it\na merge\njoined");
}

#[test]
fn refs_of_upstreams_are_all_values_of_the_setting_and_one_that_is_not_there_is_named() {
    let repo = moved();
    repo.git(&["tag", "-d", "v6.1", "v6.12"]);
    stops(&repo, &["merge", "main"]);
    repo.git(&["config", "kmigrate.upstream", "main"]);
    repo.git(&["config", "--add", "kmigrate.upstream", "main~"]);
    assert!(repo.run(&["resolve", "-n"]).err.contains("(main has what is merged)"));
    repo.git(&["config", "--add", "kmigrate.upstream", "nonesuch"]);
    for args in [
        &["resolve", "-n"][..],
        &["main..topic", "--onto", "main", "--base", "main~"],
        &["main~..topic", "--onto", "main"],
    ] {
        let said = repo.run(args);
        if said.code != 128 {
            assert!(args.contains(&"--base"), "{args:?}: {}{}", said.out, said.err);
            continue;
        }
        assert!(said.err.contains("kmigrate.upstream names nonesuch"), "{args:?}: {}", said.err);
    }
    repo.git(&["config", "--add", "kmigrate.upstream", ""]);
    assert!(repo.run(&["resolve", "-n"]).err.contains("nobody can tell"), "an empty value forgets those before it");
}
