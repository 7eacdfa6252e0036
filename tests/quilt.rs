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

/// Migrates a folder with more options.
fn migrate_with(repo: &Repo, from: &Path, options: &[&str]) -> (PathBuf, crate::support::Said) {
    let out = repo.beside("out");
    let _ = std::fs::remove_dir_all(&out);
    let path = |p: &Path| p.to_str().expect("UTF-8").to_owned();
    let (quilt, place) = (path(from), path(&out));
    let args = ["--quilt", &quilt, "--from", "old", "--onto", "new", "--out", &place];
    let said = repo.run(&[&args, options].concat());
    (out, said)
}

#[test]
fn a_patch_that_is_cut_off_is_refused_by_name_and_one_with_wrong_numbers_is_to_review() {
    let repo = repo();
    let whole = patch(MAIL, "k/b.c", &hunk(20, "mine 20"));
    let upto = |word: &str| whole[..whole.find(word).expect("a line")].to_owned();
    let further = patch("", "d/a.c", &hunk(30, "mine 30"));
    for cut in [upto("-line 20"), upto("+mine 20"), format!("{}{further}", upto("+mine 20"))] {
        let from = folder(&repo, "patches", &[("series", "cut.patch\n".into()), ("cut.patch", cut)]);
        let refs = repo.refs();
        let (out, said) = migrate_with(&repo, &from, &[]);
        assert_eq!(said.code, 128, "{}{}", said.out, said.err);
        assert!(said.err.contains("cut.patch: line 10: @@ -17,7 +17,7 @@: the patch is cut off here"), "{}", said.err);
        assert!(!out.exists() && repo.refs() == refs, "nothing is written");
    }
    let wrong = whole.replace("@@ -17,7 +17,7 @@", "@@ -17,9 +17,8 @@");
    let from = folder(&repo, "wrong", &[("1.patch", wrong)]);
    let (_, said) = migrate_with(&repo, &from, &["-v"]);
    assert!(said.code == 1 && said.out.contains("(to review)"), "{}{}", said.out, said.err);
    assert!(said.out.contains("the patch file says @@ -17,9 +17,8 @@"), "{}", said.out);
    assert!(said.err.contains("written, not finished: 1.patch: to review"), "{}", said.err);
    assert_eq!(repo.run(&["accept", "1"]).code, 0);
    assert_eq!(repo.run(&["continue"]).code, 0, "who has looked is not asked again");
}

#[test]
fn a_patch_that_is_cut_off_in_its_header_is_refused_whatever_folder_it_is_in() {
    let repo = repo();
    repo.branch("mine", "old");
    for (at, name) in [(30, "one"), (45, "two")] {
        repo.write("d/a.c", lines(60).replace(&format!("line {at}\n"), "mine\n")).commit(name);
    }
    let mails: Vec<String> =
        ["mine~1", "mine"].iter().map(|at| repo.git(&["format-patch", "-1", "--stdout", at]) + "\n").collect();
    repo.git(&["checkout", "-q", "main"]);
    let places = ["Subject:", "\n---\n d/a.c", "diff --git", "index ", "--- a/", "+++ b/", "@@ -27"];
    let refs = repo.refs();
    for (n, place) in places.iter().enumerate() {
        let at = mails[0].find(place).expect("it is there");
        for (more, series) in [(0, true), (4, true), (8, true), (0, false), (4, false), (8, false)] {
            let series = series.then(|| ("series", "1.patch\n2.patch\n".to_owned()));
            let files = [("1.patch", mails[0][..at + more].to_owned()), ("2.patch", mails[1].clone())];
            let from = folder(&repo, &format!("cut-{n}-{more}-{}", series.is_some()), &files);
            series.iter().for_each(|(name, text)| std::fs::write(from.join(name), text).expect("a file"));
            let (out, said) = migrate_with(&repo, &from, &[]);
            assert_eq!(said.code, 128, "{place} {more}: {}{}", said.out, said.err);
            assert!(
                said.err.contains("fatal: 1.patch:") && said.err.contains("cut off"),
                "{place} {more}: {}",
                said.err
            );
            assert!(!out.exists() && repo.refs() == refs, "nothing is written");
        }
    }
}

#[test]
fn an_empty_patch_is_named_and_kept_and_a_text_that_a_series_lists_is_refused_as_quilt_does() {
    let repo = repo();
    let whole = patch(MAIL, "k/b.c", &hunk(20, "mine 20"));
    let files =
        |text: &str| [("empty.patch", String::new()), ("text.patch", text.to_owned()), ("z.patch", whole.clone())];
    let from = folder(&repo, "numbered", &files("Only text.\n"));
    let (out, said) = migrate_with(&repo, &from, &[]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    for told in ["empty.patch: left alone: it is empty", "text.patch: left alone: there is no diff in it"] {
        assert!(said.err.contains(told), "{}", said.err);
    }
    assert!(
        said.err.contains("3 patch files: 0 kept, 1 refreshed, 0 removed, 0 unresolved, 2 without a patch"),
        "{}",
        said.err
    );
    assert_eq!((text(&out, "empty.patch").as_str(), text(&out, "text.patch").as_str()), ("", "Only text.\n"));
    let series =
        |text: &str| [&files(text)[..], &[("series", "empty.patch\ntext.patch\nz.patch\n".to_owned())]].concat();
    let (_, said) = migrate_with(&repo, &folder(&repo, "listed", &series("")), &[]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let (out, said) = migrate_with(&repo, &folder(&repo, "refused", &series("Only text.\n")), &[]);
    assert!(said.code == 128 && said.err.contains("text.patch: there is no diff in it"), "{}", said.err);
    assert!(!out.exists());
}

#[test]
fn a_series_that_lists_a_patch_twice_or_itself_is_refused_before_anything_moves() {
    let repo = repo();
    let refs = repo.refs();
    for (n, (series, why)) in [
        ("a.patch\na.patch\n", "series: a.patch: it is listed twice"),
        ("a.patch\n-a.patch\n", "series: a.patch: it is listed twice"),
        ("a.patch\nseries\n", "series: series: it lists itself"),
    ]
    .iter()
    .enumerate()
    {
        let files = [("series", (*series).to_owned()), ("a.patch", patch("", "d/a.c", &hunk(30, "mine 30")))];
        let (out, said) = migrate_with(&repo, &folder(&repo, &format!("twice-{n}"), &files), &[]);
        assert!(said.code == 128 && said.err.contains(why) && said.err.contains("hint: "), "{}", said.err);
        assert!(!out.exists() && repo.refs() == refs, "nothing is written");
    }
}

#[test]
fn a_patch_that_moves_a_file_still_moves_it() {
    let repo = repo();
    let made = |change: &dyn Fn()| {
        change();
        repo.commit("moves");
        repo.git(&["format-patch", "-1", "--stdout", "-M"]) + "\n"
    };
    repo.git(&["checkout", "-q", "-b", "moving", "old"]);
    let pure = made(&|| _ = repo.git(&["mv", "k/b.c", "k/moved.c"]));
    let edited = made(&|| {
        repo.git(&["mv", "d/a.c", "d/moved.c"]);
        repo.write("d/moved.c", lines(60).replace("line 40\n", "mine 40\n"));
    });
    let from = folder(&repo, "patches", &[("1.patch", pure.clone()), ("2.patch", edited)]);
    let (out, said) = migrate_with(&repo, &from, &[]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(text(&out, "1.patch"), pure);
    let edited = text(&out, "2.patch");
    assert!(edited.contains("rename from d/a.c\nrename to d/moved.c\n"), "{edited}");
    assert_eq!(edited.lines().filter(|line| line.starts_with("@@ ")).count(), 1, "{edited}");
    repo.git(&["checkout", "-q", "--detach", "new"]);
    for name in ["1.patch", "2.patch"] {
        repo.git(&["apply", "--index", out.join(name).to_str().expect("UTF-8")]);
    }
    assert_eq!(repo.git(&["write-tree"]), repo.git(&["rev-parse", "patches-new^{tree}"]));
}

#[test]
fn guards_are_selected_by_name() {
    let repo = repo();
    let files = [
        ("series", "+rt rt.patch\n-rt plain.patch\n".to_owned()),
        ("rt.patch", patch(MAIL, "k/b.c", &hunk(20, "mine 20"))),
        ("plain.patch", patch("", "d/a.c", &hunk(30, "mine 30"))),
    ];
    let from = folder(&repo, "patches", &files);
    let moved = files[1].1.replace("@@ -17,7 +17,7 @@", "@@ -20,7 +20,7 @@");
    for (options, rt, asleep) in
        [(&[][..], &files[1].1, "rt.patch"), (&["--guard=x", "--guard=rt"], &moved, "plain.patch")]
    {
        let (out, said) = migrate_with(&repo, &from, options);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        assert!(said.err.contains(&format!("{asleep}: copied as it is: its guard is not met")), "{}", said.err);
        assert_eq!((text(&out, "rt.patch"), text(&out, "series")), (rt.clone(), files[0].1.clone()));
    }
    std::fs::remove_file(from.join("rt.patch")).expect("it was there");
    let (_, said) = migrate_with(&repo, &from, &[]);
    assert!(said.code == 0 && said.err.contains("rt.patch: left alone: its guard is not met"), "{}", said.err);
    let (_, said) = migrate_with(&repo, &from, &["--guard=rt"]);
    assert!(
        said.code == 128 && said.err.contains("series: rt.patch: its guard is met, and it is not there"),
        "{}",
        said.err
    );
}

#[test]
fn what_an_open_conflict_decides_about_is_not_removed() {
    let repo = repo();
    // The second one changes nothing on top of the first one's side of the conflict only.
    let first = patch(MAIL, "d/a.c", &hunk(10, "mine 10"));
    let back = patch("", "d/a.c", &hunk(10, "upstream 10").replace("-line 10\n", "-mine 10\n"));
    let from = folder(&repo, "patches", &[("1.patch", first), ("2.patch", back.clone())]);
    let (out, said) = migrate_with(&repo, &from, &[]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert_eq!(text(&out, "unresolved/2.patch"), back);
    assert!(!said.err.contains("removed: "), "{}", said.err);
}

#[test]
fn an_overlay_takes_the_place_of_the_new_kernels_file_and_that_is_to_review() {
    let repo = repo();
    let overlay =
        folder(&repo, "files", &[("d/a.c", lines(60).replace("line 10\n", "board 10\n")), ("d/new.c", "new\n".into())]);
    let from = folder(&repo, "patches", &[("1.patch", patch(MAIL, "d/a.c", &hunk(30, "mine 30")))]);
    let (out, said) =
        migrate_with(&repo, &from, &["--overlay", overlay.to_str().expect("UTF-8"), "-v", "--unreviewed"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(!said.out.contains("conflict"), "{}", said.out);
    assert!(
        said.out.contains("d/a.c: the new kernel has changed this file since; the overlay's is copied over it"),
        "{}",
        said.out
    );
    assert_eq!(
        repo.file("patches-new", "d/a.c") + "\n",
        lines(60).replace("line 10\n", "board 10\n").replace("line 30\n", "mine 30\n")
    );
    assert_eq!(text(&out, "1.patch"), patch(MAIL, "d/a.c", &hunk(30, "mine 30")));
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_walk() {
    let repo = repo();
    let from = folder(&repo, "patches", &[("1.patch", patch(MAIL, "d/a.c", &hunk(30, "mine 30")))]);
    let refs = repo.refs();
    for out in ["/proc/nothing/here", "d/a.c", "d/a.c/below"] {
        let said =
            repo.run(&["--quilt", from.to_str().expect("UTF-8"), "--from", "old", "--onto", "new", "--out", out]);
        assert_eq!(said.code, 128, "{out}: {}{}", said.out, said.err);
        assert!(said.err.contains(&format!("--out {out}: ")) && !said.err.contains(".kmigrate-"), "{}", said.err);
        assert_eq!(repo.refs(), refs);
    }
}
