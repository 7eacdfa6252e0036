//! A failed `git am` without `-3` leaves no stages: `git kmigrate resolve` makes them of the mail.

use crate::support::{Repo, lines};

fn at(repo: &Repo, path: &str) -> String {
    std::fs::read_to_string(repo.path().join(path)).expect("a file")
}

fn with(line: usize, text: &str) -> String {
    lines(30).replace(&format!("line {line}\n"), text)
}

/// A repository on upstream's commit in the middle of a failed `git am` of the commit that `patch` makes on `base`. `aside` takes the
/// blobs of the old kernel away: the mail comes from somebody else.
fn stopped(base: &[(&str, String)], patch: impl Fn(&Repo), upstream: impl Fn(&Repo), aside: bool) -> Repo {
    let there = Repo::new();
    base.iter().for_each(|(path, text)| _ = there.write(path, text));
    there.commit("base");
    patch(&there);
    there.commit("subject of the patch");
    let mail = there.git(&["format-patch", "-1", "--stdout", "-M"]);
    let here = Repo::new();
    if !aside {
        base.iter().for_each(|(path, text)| _ = here.write(path, text));
        here.commit("base");
    }
    upstream(&here);
    here.commit("upstream");
    here.write("../mail", format!("{mail}\n"));
    let am = here.command("git").args(["am", "../mail"]).output().expect("git starts");
    assert!(!am.status.success(), "git am did not stop");
    assert_eq!(here.git(&["ls-files", "-u"]), "", "it leaves no stages");
    here
}

fn two_files() -> [(&'static str, String); 2] {
    [("a.c", lines(30)), ("b.c", lines(30))]
}

#[test]
fn the_blob_that_the_patch_was_made_for_is_the_base_and_the_other_files_are_applied_as_well() {
    let patch = |repo: &Repo| {
        _ = repo.write("a.c", with(11, "mine 11\n")).write("b.c", with(25, "mine 25\n")).write("n.c", "new\n");
    };
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n")).write("b.c", with(2, "upstream 2\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    let told = repo.run(&["resolve"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    assert!(told.out.starts_with("am of subject of the patch: the patch is theirs"), "{}", told.out);
    assert!(told.out.contains("the patch was made for blob "), "{}", told.out);
    assert_eq!(repo.git(&["status", "--short"]), "M  a.c\nM  b.c\nA  n.c");
    assert_eq!(at(&repo, "a.c"), with(10, "upstream 10\nmine 11\n").replace("\nline 11\n", "\n"));
    repo.git(&["am", "--continue"]);
    assert_eq!(repo.git(&["log", "-1", "--format=%s"]), "subject of the patch");
    assert_eq!(repo.git(&["diff", "--stat", "HEAD^", "HEAD", "--", "b.c", "n.c"]).lines().count(), 3);
}

#[test]
fn a_base_that_is_rebuilt_from_the_patch_is_to_look_at_and_am_does_not_pass_it_over() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(12, "mine 12\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n"));
    let repo = stopped(&two_files(), patch, upstream, true);
    let before = (repo.git(&["ls-files", "-s"]), at(&repo, "a.c"));
    let told = repo.run(&["resolve"]);
    assert_eq!(told.code, 1, "{}{}", told.out, told.err);
    assert!(
        told.out.contains("to look at: the patch's hunk was laid over what looks most like it: 6 of its 7"),
        "{}",
        told.out
    );
    assert_eq!(at(&repo, "a.c"), with(10, "upstream 10\n").replace("line 12\n", "mine 12\n"));
    assert_eq!(repo.git(&["status", "--short"]), "UU a.c");
    let goes_on = repo.command("git").args(["am", "--continue"]).output().expect("git starts");
    assert!(!goes_on.status.success(), "what nobody has looked at is not committed");
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 0);
    assert_eq!((repo.git(&["ls-files", "-s"]), at(&repo, "a.c")), before);
}

#[test]
fn what_stays_open_gets_stages_and_markers_as_am_3_leaves_them() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(10, "mine 10\n")).write("b.c", with(25, "mine 25\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 1 && told.out.contains("left      a.c: its conflict is open"), "{}", told.out);
    assert_eq!(repo.git(&["status", "--short"]), "UU a.c\nM  b.c");
    let text = at(&repo, "a.c");
    assert!(
        text.contains("<<<<<<< ours (upstream)\nupstream 10\n||||||| base\nline 10\n=======\nmine 10\n>>>>>>>"),
        "{text}"
    );
    // From here on it is a conflict like any other.
    let again = repo.run(&["resolve"]);
    assert!(again.out.contains("1 file: 0 resolved and staged, 0 to review, 1 left"), "{}", again.out);
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 0);
    assert_eq!(repo.git(&["status", "--short"]), "");
}

#[test]
fn files_that_the_patch_moves_removes_or_makes() {
    let base = [("old.c", lines(30)), ("rm.c", lines(5)), ("a.c", lines(30))];
    let patch = |repo: &Repo| {
        repo.git(&["mv", "old.c", "new.c"]);
        repo.git(&["rm", "-q", "rm.c"]);
        repo.write("new.c", with(20, "mine 20\n")).write("a.c", with(11, "mine 11\n"));
    };
    let upstream =
        |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n")).write("old.c", with(3, "upstream 3\n"));
    let repo = stopped(&base, patch, upstream, false);
    let told = repo.run(&["resolve"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    assert_eq!(repo.git(&["status", "--short"]), "M  a.c\nR  old.c -> new.c\nD  rm.c");
    assert_eq!(at(&repo, "new.c"), with(20, "mine 20\n").replace("line 3\n", "upstream 3\n"));
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 0);
    assert_eq!(repo.git(&["status", "--short"]), "");
    assert!(at(&repo, "old.c").contains("upstream 3") && !repo.path().join("new.c").exists());
}

#[test]
fn a_file_that_head_does_not_have_is_left_unmerged() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(10, "mine 10\n")).write("b.c", with(25, "mine 25\n"));
    let upstream = |repo: &Repo| _ = repo.git(&["mv", "a.c", "elsewhere.c"]);
    let repo = stopped(&two_files(), patch, upstream, false);
    let told = repo.run(&["resolve"]);
    assert!(told.out.contains("left      a.c: HEAD does not have this file"), "{}", told.out);
    assert_eq!(repo.git(&["status", "--short"]), "DU a.c\nM  b.c");
}

#[test]
fn changes_of_somebodys_are_not_written_over() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(11, "mine 11\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    repo.write("a.c", "work of hours\n");
    let told = repo.run(&["resolve"]);
    assert!(told.code == 128 && told.err.contains("a.c has changes of somebody's"), "{}{}", told.out, told.err);
    assert_eq!(at(&repo, "a.c"), "work of hours\n");
}

#[test]
fn what_was_done_for_one_mail_is_not_undone_in_the_next() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(11, "mine 11\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    assert_eq!(repo.run(&["resolve"]).code, 0);
    let mail = std::fs::read_to_string(repo.path().join("../mail")).expect("the mail");
    repo.git(&["am", "--abort"]);
    repo.write("../mail", mail.replace("+mine 11", "+mine eleven"));
    assert!(!repo.command("git").args(["am", "../mail"]).output().expect("git starts").status.success());
    assert_eq!(repo.run(&["resolve", "--undo"]).code, 128);
    assert!(repo.run(&["resolve"]).out.contains("1 file: 1 resolved"));
    assert_eq!(repo.run(&["resolve", "--undo"]).out, "as it was  a.c\n");
}

/// Runs git; is it content?
fn git(repo: &Repo, args: &[&str]) -> bool {
    repo.command("git").args(args).output().expect("git starts").status.success()
}

#[test]
fn a_move_is_made_where_head_has_the_lines_and_a_file_is_changed_where_head_has_moved_it() {
    let base = [("old.c", lines(30))];
    let patch = |repo: &Repo| {
        repo.git(&["mv", "old.c", "new.c"]);
        repo.write("new.c", with(20, "mine 20\n"));
    };
    let repo = stopped(&base, patch, |repo| _ = repo.write("old.c", with(20, "mine 20\n")), false);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 0 && told.out.contains("HEAD has the patch's lines already"), "{}{}", told.out, told.err);
    assert_eq!(repo.git(&["status", "--short"]), "R  old.c -> new.c");
    assert_eq!(at(&repo, "new.c"), with(20, "mine 20\n"));
    let upstream = |repo: &Repo| {
        repo.git(&["mv", "old.c", "new.c"]);
        repo.write("new.c", with(3, "upstream 3\n"));
    };
    let repo = stopped(&base, patch, upstream, false);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 0 && told.out.contains("HEAD has moved it here already, from old.c"), "{}", told.out);
    assert_eq!(repo.git(&["status", "--short"]), "M  new.c");
    assert_eq!(at(&repo, "new.c"), with(3, "upstream 3\n").replace("line 20\n", "mine 20\n"));
}

#[test]
fn a_mode_is_given_where_head_has_the_lines_and_a_mail_that_head_has_whole_is_to_skip() {
    let patch = |repo: &Repo| {
        repo.write("a.c", with(11, "mine 11\n"));
        repo.git(&["add", "a.c"]);
        repo.git(&["update-index", "--chmod=+x", "a.c"]);
        assert!(repo.command("chmod").args(["+x", "a.c"]).status().expect("chmod").success());
    };
    let repo = stopped(&two_files(), patch, |repo| _ = repo.write("a.c", with(11, "mine 11\n")), false);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 0 && told.err.contains("git am --continue goes on"), "{}{}", told.out, told.err);
    assert_eq!(repo.git(&["diff", "--cached", "--summary"]), " mode change 100644 => 100755 a.c");
    let repo = stopped(&two_files(), patch, patch, false);
    for args in [&["resolve"][..], &["resolve", "--continue"]] {
        let told = repo.run(args);
        assert_eq!(told.code, i32::from(args.len() > 1), "{}{}", told.out, told.err);
        assert!(told.err.contains("git am --skip") && !told.err.contains("am --continue"), "{}", told.err);
    }
    assert!(git(&repo, &["am", "--skip"]));
}

#[test]
fn a_link_that_the_patch_makes_is_left_to_git_and_does_not_stop_the_rest() {
    let patch = |repo: &Repo| {
        repo.write("a.c", with(11, "mine 11\n"));
        std::os::unix::fs::symlink("a.c", repo.path().join("l.c")).expect("a link");
    };
    let repo = stopped(&two_files(), patch, |repo| _ = repo.write("a.c", with(10, "upstream 10\n")), false);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 1 && told.out.contains("the patch makes a symbolic link"), "{}{}", told.out, told.err);
    assert_eq!(repo.git(&["status", "--short"]), "M  a.c\nUA l.c");
    assert!(!git(&repo, &["am", "--continue"]), "it is not forgotten");
    repo.git(&["checkout", "--theirs", "l.c"]);
    repo.git(&["add", "l.c"]);
    assert_eq!(repo.run(&["resolve", "--continue"]).code, 0);
    assert!(repo.git(&["ls-tree", "HEAD", "l.c"]).starts_with("120000"));
}

#[test]
fn what_was_settled_in_an_am_goes_on_and_is_remembered() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(10, "mine 10\n")).write("b.c", with(25, "mine 25\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    let told = repo.run(&["resolve"]);
    assert!(
        told.code == 1 && told.err.contains("git kmigrate resolve --continue remembers it and goes on"),
        "{}",
        told.err
    );
    assert_eq!(repo.run(&["resolve", "--continue"]).code, 1, "it is not settled yet");
    repo.write("a.c", with(10, "both 10\n")).git(&["add", "a.c"]);
    let told = repo.run(&["resolve"]);
    assert!(told.code == 128 && told.err.contains("hint: git am --continue"), "{}{}", told.out, told.err);
    let told = repo.run(&["resolve", "--continue"]);
    assert!(told.code == 0 && told.err.contains("1 resolutions are remembered"), "{}{}", told.out, told.err);
    assert_eq!(repo.git(&["log", "-1", "--format=%s"]), "subject of the patch");
    // Nor is one in the way that was resolved without a person.
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(11, "upstream 11\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    assert_eq!(repo.run(&["resolve"]).code, 0);
    assert_eq!(repo.run(&["resolve", "--continue"]).code, 0);
    assert_eq!(repo.git(&["log", "-1", "--format=%s"]), "subject of the patch");
}

#[test]
fn an_am_that_was_settled_by_hand_goes_on_only_if_all_of_its_files_are_staged() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(11, "mine 11\n")).write("b.c", with(25, "mine 25\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(10, "upstream 10\n"));
    let repo = stopped(&two_files(), patch, upstream, false);
    repo.write("a.c", with(10, "by hand\n")).git(&["add", "a.c"]);
    let told = repo.run(&["resolve", "--continue"]);
    assert_eq!(told.code, 128, "{}{}", told.out, told.err);
    assert!(told.err.contains("if the mail is settled: git add") && !told.err.contains("checkout"), "{}", told.err);
    repo.write("b.c", with(25, "mine 25\n")).git(&["add", "b.c"]);
    assert_eq!(repo.run(&["resolve", "--continue"]).code, 0);
    assert_eq!(repo.git(&["show", "--format=", "--name-only"]), "a.c\nb.c");
}

#[test]
fn a_mail_that_is_cut_off_is_refused_and_wrong_numbers_are_looked_at() {
    let patch = |repo: &Repo| _ = repo.write("a.c", with(20, "mine 20\n"));
    let upstream = |repo: &Repo| _ = repo.write("a.c", with(3, "upstream 3\n"));
    let with_mail = |change: &dyn Fn(String) -> String| {
        let repo = stopped(&two_files(), patch, |repo| _ = repo.write("a.c", with(19, "upstream 19\n")), false);
        repo.git(&["am", "--abort"]);
        upstream(&repo);
        repo.git(&["checkout", "-q", "HEAD^", "--", "a.c"]);
        upstream(&repo);
        repo.commit("upstream, far away");
        let mail = std::fs::read_to_string(repo.path().join("../mail")).expect("the mail");
        repo.write("../mail", change(mail));
        assert!(!git(&repo, &["am", "../mail"]));
        repo
    };
    let repo = with_mail(&|mail| mail[..mail.find("+mine 20").expect("a line")].to_owned());
    let told = repo.run(&["resolve"]);
    assert!(told.code == 128 && told.err.contains("the patch is cut off here"), "{}{}", told.out, told.err);
    assert_eq!(repo.git(&["status", "--short"]), "");
    let repo = with_mail(&|mail| mail.replace("@@ -17,7 +17,7 @@", "@@ -17,9 +17,9 @@"));
    let told = repo.run(&["resolve"]);
    assert!(
        told.code == 1 && told.out.contains("numbers of the patch's @@ line are wrong"),
        "{}{}",
        told.out,
        told.err
    );
    assert_eq!(repo.git(&["status", "--short"]), "UU a.c");
    assert_eq!(at(&repo, "a.c"), with(3, "upstream 3\n").replace("line 20\n", "mine 20\n"));
}

#[test]
fn line_ends_that_a_mail_has_lost_are_told_of() {
    let crlf = |text: String| text.replace('\n', "\r\n");
    let base = [("a.c", crlf(lines(30)))];
    let patch = |repo: &Repo| _ = repo.write("a.c", crlf(with(20, "mine 20\n")));
    let repo = stopped(&base, patch, |repo| _ = repo.write("other", "x\n"), false);
    let told = repo.run(&["resolve"]);
    assert!(told.out.contains("HEAD's lines end in CR LF") && told.out.contains("git am --keep-cr"), "{}", told.out);
}
