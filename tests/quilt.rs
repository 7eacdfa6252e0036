//! `--quilt`: a series kept as patch files, in and out.

use crate::support::{Repo, lines};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository with tags old and new, on which line 10 of `d/a.c` is another and `k/b.c` has three lines more at its top.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("d/a.c", lines(60)).write("k/b.c", lines(40)).commit("old");
    repo.git(&["tag", "old"]);
    repo.write("d/a.c", lines(60).replace("line 10\n", "upstream 10\n"))
        .write("k/b.c", format!("x\ny\nz\n{}", lines(40)))
        .commit("new");
    repo.git(&["tag", "new"]);
    repo
}

/// A hunk that makes line `at` of a numbered file another.
fn hunk(at: usize, to: &str) -> String {
    let around = |from: usize, to: usize| (from..=to).map(|n| format!(" line {n}\n")).collect::<String>();
    format!("@@ -{0},7 +{0},7 @@\n{1}-line {at}\n+{to}\n{2}", at - 3, around(at - 3, at - 1), around(at + 1, at + 3))
}

/// A plain patch of one file.
fn patch(head: &str, path: &str, body: &str) -> String {
    format!("{head}--- a/{path}\n+++ b/{path}\n{body}")
}

/// Writes a folder beside the repository.
fn folder(repo: &Repo, name: &str, files: &[(&str, String)]) -> PathBuf {
    let folder = repo.beside(name);
    for (file, text) in files {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|_| panic!("{name} is missing"))
}

/// Migrates a folder; where it was written, and what was said.
fn migrate(repo: &Repo, from: &Path, (old, new): (&str, &str)) -> (PathBuf, crate::support::Said) {
    let out = repo.beside("out");
    let path = |p: &Path| p.to_str().expect("UTF-8").to_owned();
    let args = ["--quilt", &path(from), "--from", old, "--onto", new, "--out", &path(&out)];
    let said = repo.run(&args);
    assert!(said.code < 128, "{}", said.err);
    (out, said)
}

const MAIL: &str = "From: Ada <ada@example.org>\nDate: Thu, 22 Oct 2020 22:00:03 +0200\nSubject: [PATCH] k: change 20\n\nWhy.\n---\n\n";

#[test]
fn a_quilt_folder_comes_back_with_only_the_changed_bodies_changed() {
    let repo = repo();
    let series = "# mine\nkeep.patch\nshift.patch # a note\nclash.patch -p1\n";
    let files = [
        ("series", series.to_owned()),
        ("keep.patch", patch("Description: keep\nAuthor: Ada <ada@example.org>\n\n", "d/a.c", &hunk(30, "mine 30"))),
        ("shift.patch", patch(MAIL, "k/b.c", &hunk(20, "mine 20"))),
        ("clash.patch", patch("", "d/a.c", &hunk(10, "mine 10"))),
    ];
    let from = folder(&repo, "patches", &files);
    let (out, said) = migrate(&repo, &from, ("old", "new"));
    assert_eq!(said.code, 1, "a conflict is left: {}", said.err);
    assert_eq!(text(&out, "keep.patch"), files[1].1);
    assert_eq!(text(&out, "shift.patch"), files[2].1.replace("@@ -17,7 +17,7 @@", "@@ -20,7 +20,7 @@"));
    assert_eq!(text(&out, "unresolved/clash.patch"), files[3].1);
    assert_eq!(
        text(&out, "series"),
        "# mine\nkeep.patch\nshift.patch # a note\n# clash.patch -p1 # unresolved: conflict\n"
    );
    assert!(said.err.contains("3 patch files: 1 kept, 1 refreshed, 0 removed, 1 unresolved"), "{}", said.err);
}

#[test]
fn onto_the_same_kernel_every_patch_that_applies_exactly_keeps_its_bytes() {
    let repo = repo();
    let files = [
        ("010-a.patch", patch(MAIL, "d/a.c", &hunk(30, "mine 30"))),
        ("020-b.patch", patch("", "d/a.c", &hunk(33, "mine 33").replace(" line 30\n", " mine 30\n"))),
    ];
    let from = folder(&repo, "patches-6.1", &files);
    let (out, said) = migrate(&repo, &from, ("old", "old"));
    assert_eq!(said.code, 0, "{}", said.err);
    for (name, body) in &files {
        assert_eq!(&text(&out, name), body);
    }
}

#[test]
fn a_patch_that_does_not_apply_to_its_old_base_is_migrated_from_its_own_context() {
    let repo = repo();
    // Made for a kernel whose line 29 was another.
    let body = hunk(30, "mine 30")
        .replace(" line 29\n", " odd 29\n")
        .replace(" line 28\n", " odd 28\n")
        .replace(" line 27\n", " odd 27\n");
    let from = folder(&repo, "patches", &[("1.patch", patch(MAIL, "d/a.c", &body))]);
    let (out, said) = migrate(&repo, &from, ("old", "new"));
    assert!(
        said.err.contains("1.patch: d/a.c: applies to the old kernel with fuzz")
            || said.err.contains("rebuilt from its context"),
        "{}",
        said.err
    );
    assert!(out.exists());
}

#[test]
fn what_upstream_has_is_removed_and_overlays_are_carried() {
    let repo = repo();
    let take = "@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+upstream 10\n line 11\n line 12\n line 13\n";
    let added = "--- a/d/new.c\n+++ b/d/new.c\n@@ -1 +1 @@\n-one\n+two\n";
    let files = [("1.patch", patch(MAIL, "d/a.c", take)), ("2.patch", added.to_owned())];
    let from = folder(&repo, "patches", &files);
    let overlay = folder(&repo, "files", &[("d/new.c", "one\n".to_owned())]);
    let out = repo.beside("out");
    let path = |p: &Path| p.to_str().expect("UTF-8").to_owned();
    let (from, overlay, to) = (path(&from), path(&overlay), path(&out));
    let said = repo.run(&["--quilt", &from, "--overlay", &overlay, "--from", "old", "--onto", "new", "--out", &to]);
    assert!(said.err.contains("removed: 1.patch: upstream has it"), "{}", said.err);
    assert_eq!(text(&out, "2.patch"), added);
    assert!(!out.join("1.patch").exists());
}

#[test]
fn a_path_out_of_the_tree_is_refused_by_name_and_nothing_is_written() {
    let repo = repo();
    let from = folder(&repo, "patches", &[("evil.patch", "--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+a\n".to_owned())]);
    let before = repo.refs();
    let said = repo.run(&["--quilt", from.to_str().expect("UTF-8"), "--from", "old", "--onto", "new"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("evil.patch") && said.err.contains("'..'"), "{}", said.err);
    assert_eq!(repo.refs(), before);
}

#[test]
fn what_is_written_applies_with_gnu_patch_without_fuzz_to_the_branch_that_was_made() {
    if Command::new("patch").arg("--version").output().is_err() {
        eprintln!("skipped: no GNU patch here");
        return;
    }
    let repo = repo();
    let files = [
        ("1.patch", patch(MAIL, "k/b.c", &hunk(20, "mine 20"))),
        ("2.patch", patch("", "k/b.c", &hunk(22, "mine 22").replace(" line 20\n", " mine 20\n"))),
    ];
    let from = folder(&repo, "patches", &files);
    let (out, said) = migrate(&repo, &from, ("old", "new"));
    assert_eq!(said.code, 0, "{}", said.err);
    repo.git(&["checkout", "-q", "--detach", "new"]);
    for (name, _) in &files {
        let output = Command::new("patch")
            .args(["-p1", "-F0", "-f", "-i"])
            .arg(out.join(name))
            .current_dir(repo.path())
            .output()
            .expect("patch");
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && !words.contains("offset"), "{words}");
    }
    repo.git(&["diff", "--exit-code", "patches-new", "--", "d", "k"]);
}

#[test]
fn what_a_conflicted_patch_was_carried_as_lies_beside_it() {
    let repo = repo();
    let clash = format!("{}{}", patch(MAIL, "d/a.c", &hunk(10, "mine 10")), patch("", "k/b.c", &hunk(20, "mine 20")));
    let from = folder(&repo, "patches", &[("series", "clash.patch\n".into()), ("clash.patch", clash.clone())]);
    let (out, said) = migrate(&repo, &from, ("old", "new"));
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert_eq!(text(&out, "series"), "# clash.patch # unresolved: conflict\n");
    assert_eq!(text(&out, "unresolved/clash.patch"), clash);
    let so_far = text(&out, "unresolved/clash.patch.migrated");
    assert!(so_far.starts_with(MAIL) && so_far.contains("-upstream 10\n+mine 10\n"), "{so_far}");
    assert!(so_far.contains("@@ -20,7 +20,7 @@"), "the other file's hunk is where it belongs now: {so_far}");
    repo.git(&["checkout", "-q", "new"]);
    let file = out.join("unresolved/clash.patch.migrated").display().to_string();
    repo.git(&["apply", "--check", &file]);
    // What is settled in the run is in the next folder.
    assert!(said.err.contains("hint: then give the same command once more"), "{}", said.err);
    assert_eq!(repo.run(&["choose", "1", "theirs"]).code, 0);
    std::fs::remove_dir_all(&out).expect("the first folder");
    let (out, said) = migrate(&repo, &from, ("old", "new"));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(text(&out, "series"), "clash.patch\n");
    assert!(text(&out, "clash.patch").contains("-upstream 10\n+mine 10\n"));
}

#[test]
fn hunks_whose_numbers_are_wrong_are_named_and_written_with_right_ones() {
    let repo = repo();
    let wrong = patch(MAIL, "k/b.c", &hunk(20, "mine 20").replace("@@ -17,7 +17,7 @@", "@@ -17,6 +17,9 @@"));
    let series = "# top\nwrong.patch -p1 # a note\nother.patch #+rt\n";
    let files =
        [("series", series.into()), ("wrong.patch", wrong), ("other.patch", patch("", "gone.c", &hunk(20, "x")))];
    let from = folder(&repo, "patches", &files);
    let (out, said) = migrate(&repo, &from, ("old", "old"));
    assert!(said.err.contains("wrong.patch: @@ -17,6 +17,9 @@: the numbers are wrong"), "{}", said.err);
    assert!(said.err.contains("other.patch: copied as it is: its guard is not met"), "{}", said.err);
    assert_eq!(text(&out, "wrong.patch"), patch(MAIL, "k/b.c", &hunk(20, "mine 20")));
    assert_eq!(text(&out, "series"), series);
    assert_eq!(text(&out, "other.patch"), text(&from, "other.patch"));
}

#[test]
fn a_folder_whose_patches_changed_is_the_same_series_and_is_called_after_its_folders() {
    let repo = repo();
    let change = |to: &str| patch(MAIL, "d/a.c", &hunk(30, to));
    let folders = |to: &str| {
        let one = folder(&repo, "generic/backport-6.1", &[("100-one.patch", change(to))]);
        let other = folder(&repo, "generic/hack-6.1", &[("200-two.patch", patch(MAIL, "k/b.c", &hunk(20, "mine 20")))]);
        [one, other].map(|path| path.to_str().expect("UTF-8").to_owned())
    };
    for (out, to) in [("out1", "mine 30"), ("out2", "mine 30, and more")] {
        let ([one, other], out) = (folders(to), repo.beside(out));
        let out = out.to_str().expect("UTF-8");
        let said = repo.run(&["--quilt", &one, "--quilt", &other, "--from", "old", "--onto", "new", "--out", out]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        assert!(said.out.contains("2 commits of generic/backport-6.1, generic/hack-6.1 onto new"), "{}", said.out);
        assert!(said.out.contains("branch backport-6.1-new is at"), "{}", said.out);
    }
    assert!(repo.file("backport-6.1-new", "d/a.c").contains("mine 30, and more"));
    let said = repo.run(&["--again", "--onto", "new", "--out", "elsewhere"]);
    assert_eq!(said.code, 129);
    assert!(said.err.contains("no --quilt says which") && said.err.contains("with another --out"), "{}", said.err);
}
