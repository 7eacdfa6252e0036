//! Odd files, paths and commits: large, binary, CRLF, not UTF-8, clashing in case, without a newline, without a message.

use crate::support::{Repo, edited, forked, lines};
use bstr::ByteSlice;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

const TIP: &str = "refs/kmigrate/runs/work-up/tip";

/// 20 MB of generated register definitions.
fn generated() -> Vec<u8> {
    let mut all = Vec::with_capacity(21 << 20);
    for n in 0..520_000u32 {
        all.extend_from_slice(
            format!("#define REG_{n:06}_OFFSET  0x{:08x}\n", n.wrapping_mul(2_654_435_761)).as_bytes(),
        );
    }
    all
}

fn with_line(text: &[u8], number: &str, new: &str) -> Vec<u8> {
    let at = text.find(format!("#define REG_{number}_")).expect("the line");
    let end = at + text[at..].find_byte(b'\n').expect("its end");
    [&text[..at], new.as_bytes(), &text[end..]].concat()
}

#[test]
fn a_large_generated_file_that_upstream_left_alone_is_taken_and_one_that_both_changed_is_merged() {
    let repo = Repo::new();
    let old = generated();
    let one = with_line(&old, "100000", "#define ONE");
    let two = with_line(&old, "400000", "#define TWO");
    repo.write("both.h", &old).write("alone.h", &old[1..]);
    repo.fork(&[]);
    repo.on("up").edit("both.h", &one, "upstream");
    repo.on("work").edit("alone.h", &one, "only here");
    repo.edit("both.h", &two, "both");
    let (outcomes, _) = repo.outcomes(&["v1..work", "--onto", "up"]);
    let results: Vec<&Value> = outcomes.iter().map(|o| &o["files"][0]["result"]).collect();
    assert_eq!(results, ["taken", "merged"]);
    assert_eq!(repo.id("work-up:alone.h"), repo.id("work:alone.h"));
    let expected = with_line(&one, "400000", "#define TWO");
    assert!(repo.raw("blob", "work-up:both.h") == expected, "both edits, and every other byte");
}

#[test]
fn a_file_with_crlf_line_ends_is_merged_and_keeps_them() {
    let crlf = |text: String| text.replace('\n', "\r\n");
    let repo = forked(&[("a.inf", &crlf(lines(40)))]);
    repo.on("up").edit("a.inf", crlf(edited(40, &[(2, "upstream")])), "upstream");
    repo.on("work").edit("a.inf", crlf(edited(40, &[(30, "patch")])), "patch");
    assert_eq!(repo.statuses(&[]), ["unmodified"]);
    let expected = crlf(edited(40, &[(2, "upstream"), (30, "patch")]));
    assert_eq!(repo.raw("blob", "work-up:a.inf").as_bstr(), expected.as_str());
}

#[test]
fn a_conflict_in_a_file_with_crlf_keeps_them_in_the_walk() {
    let crlf = |text: String| text.replace('\n', "\r\n");
    let repo = forked(&[("a.inf", &crlf(lines(20)))]);
    repo.on("up").edit("a.inf", crlf(edited(20, &[(10, "upstream")])), "upstream");
    let patch = crlf(edited(20, &[(10, "patch")]));
    repo.on("work").edit("a.inf", &patch, "patch");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["files"][0]["hunks"], json!([{"line": 10, "lengths": [1, 1, 1]}]));
    assert_eq!(repo.raw("blob", &format!("{TIP}:a.inf")).as_bstr(), patch.as_str());
}

#[test]
fn a_file_with_a_nul_byte_is_binary_and_not_merged_by_lines() {
    let nul = |text: String| text.replace("line 20\n", "line \0 20\n");
    let repo = forked(&[("a.bin", &nul(lines(40)))]);
    repo.on("up").edit("a.bin", nul(edited(40, &[(2, "upstream")])), "upstream");
    repo.on("work").edit("a.bin", nul(edited(40, &[(38, "patch")])), "patch");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["files"][0]["conflict"]["kind"], "binary");
    assert_eq!(repo.id(&format!("{TIP}:a.bin")), repo.id("work:a.bin"));
}

/// Puts a blob at a path of any bytes, and commits.
fn commit_path(repo: &Repo, path: &[u8], text: &[u8], message: &str) {
    let id = repo.store("blob", text);
    let mut command = repo.command("git");
    command.args(["update-index", "--add", "--cacheinfo", "100644", &id]);
    assert!(command.arg(OsStr::from_bytes(path)).status().expect("git starts").success());
    repo.git(&["commit", "-q", "-m", message]);
}

/// Reads a blob at a path of any bytes.
fn read_path(repo: &Repo, revision: &str, path: &[u8]) -> Vec<u8> {
    let name = [revision.as_bytes(), b":", path].concat();
    let output = repo.command("git").arg("cat-file").arg("blob").arg(OsStr::from_bytes(&name)).output();
    output.expect("git starts").stdout
}

#[test]
fn paths_of_any_bytes_are_merged_and_quoted_in_json_as_git_does() {
    let odd: [(&[u8], &str); 5] = [
        (b"d\xe4tei.c", r#""d\344tei.c""#),
        ("d\u{e4}tei.c".as_bytes(), "d\u{e4}tei.c"),
        (b"with space.c", "with space.c"),
        (b"quo\"te\\.c", r#""quo\"te\\.c""#),
        (b"new\nline\ttab.c", r#""new\nline\ttab.c""#),
    ];
    for (path, quoted) in odd {
        let repo = Repo::new();
        commit_path(&repo, path, lines(40).as_bytes(), "the old kernel");
        for name in ["v1", "up", "work"] {
            repo.git(&["branch", name]);
        }
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/up"]);
        commit_path(&repo, path, edited(40, &[(2, "upstream")]).as_bytes(), "upstream");
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/work"]);
        commit_path(&repo, path, edited(40, &[(30, "patch")]).as_bytes(), "patch");
        let (outcomes, _) = repo.migrate(&[]);
        assert_eq!(outcomes[0]["status"], "unmodified", "{quoted}");
        assert_eq!(outcomes[0]["files"][0]["path"], quoted);
        let expected = edited(40, &[(2, "upstream"), (30, "patch")]);
        assert_eq!(read_path(&repo, "work-up", path).as_bstr(), expected.as_str());
        let same = ["ls-tree", "-r", "--name-only", "-z", "work-up"];
        assert_eq!(repo.git(&same), repo.git(&["ls-tree", "-r", "--name-only", "-z", "work"]));
    }
}

#[test]
fn a_path_of_any_bytes_that_upstream_renamed_is_found() {
    let (old, new): (&[u8], &[u8]) = (b"drv/\xe4 \"old\"\n.c", b"drv/\xf6 new.c");
    let repo = Repo::new();
    commit_path(&repo, old, lines(40).as_bytes(), "the old kernel");
    for name in ["v1", "up", "work"] {
        repo.git(&["branch", name]);
    }
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/up"]);
    repo.git(&["read-tree", "--empty"]);
    commit_path(&repo, new, edited(40, &[(2, "upstream")]).as_bytes(), "upstream renames it");
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/work"]);
    repo.git(&["read-tree", "work"]);
    commit_path(&repo, old, edited(40, &[(30, "patch")]).as_bytes(), "patch");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "unmodified", "{}", outcomes[0]);
    assert_eq!(outcomes[0]["files"][0]["path"], r#""drv/\366 new.c""#);
    let expected = edited(40, &[(2, "upstream"), (30, "patch")]);
    assert_eq!(read_path(&repo, "work-up", new).as_bstr(), expected.as_str());
}

#[test]
fn a_submodule_that_both_move_conflicts_and_later_moves_go_on() {
    let repo = forked(&[("a.c", "a\n")]);
    let submodule = |digit: &str| {
        let info = format!("160000,{},sub", digit.repeat(40));
        repo.git(&["update-index", "--add", "--cacheinfo", &info]);
        repo.git(&["commit", "-q", "-m", "moves the submodule"]);
        fs::create_dir_all(repo.path().join("sub")).expect("a folder");
    };
    repo.on("main");
    submodule("1");
    repo.git(&["tag", "-f", "v1"]);
    repo.branch("up", "main");
    submodule("2");
    repo.branch("work", "main");
    submodule("3");
    submodule("4");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "conflicted");
    assert_eq!(outcomes[0]["files"][0]["conflict"]["kind"], "type");
    assert_eq!(outcomes[1]["status"], "unmodified");
    assert_eq!(outcomes[1]["rests_on"], json!([1]));
    assert_eq!(repo.id(&format!("{TIP}~1:sub")), "3".repeat(40));
    assert_eq!(repo.id(&format!("{TIP}:sub")), "4".repeat(40));
    let shown = repo.run(&["show", "1"]).out;
    for digit in ["1", "2", "3"] {
        assert!(shown.contains(&format!("Subproject commit {}\n", digit.repeat(40))), "{shown}");
    }
}

#[test]
fn a_link_that_both_change_conflicts_and_the_walk_has_the_commits_version() {
    let repo = Repo::new();
    let link = |target: &str| {
        let path = repo.path().join("l");
        let _ = fs::remove_file(&path);
        symlink(target, path).expect("a link");
        repo.commit("changes the link");
    };
    repo.write("a.c", "a\n");
    link("a.c");
    repo.fork(&[]);
    repo.on("up");
    link("upstream.c");
    repo.on("work");
    link("patch.c");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "conflicted");
    assert_eq!(outcomes[0]["files"][0]["conflict"]["kind"], "type");
    assert_eq!(repo.listing(TIP), "100644 a.c\n120000 l");
    assert_eq!(repo.file(TIP, "l"), "patch.c");
    assert!(repo.run(&["show", "1"]).out.contains("type conflict in l"));
}

#[test]
fn names_that_differ_in_case_only_are_kept_apart() {
    let (target, matcher) = ("net/netfilter/xt_DSCP.c", "net/netfilter/xt_dscp.c");
    let repo = forked(&[(target, &lines(40)), (matcher, &lines(30))]);
    repo.on("up").edit(target, edited(40, &[(2, "upstream")]), "upstream");
    repo.on("work").edit(target, edited(40, &[(30, "target")]), "the target");
    repo.edit(matcher, edited(30, &[(10, "match")]), "the match");
    assert_eq!(repo.statuses(&[]), ["unmodified", "unmodified"]);
    let expected = edited(40, &[(2, "upstream"), (30, "target")]);
    assert_eq!(repo.file("work-up", target), expected.trim_end());
    assert_eq!(repo.file("work-up", matcher), edited(30, &[(10, "match")]).trim_end());
}

#[test]
fn a_file_without_a_newline_at_its_end_stays_without_one() {
    let bare = |text: String| text.trim_end().to_owned();
    let repo = forked(&[("a.c", &bare(lines(40)))]);
    repo.on("up").edit("a.c", bare(edited(40, &[(2, "upstream")])), "upstream");
    repo.on("work").edit("a.c", bare(edited(40, &[(40, "patch")])), "patch");
    assert_eq!(repo.statuses(&[]), ["unmodified"]);
    let expected = bare(edited(40, &[(2, "upstream"), (40, "patch")]));
    assert_eq!(repo.raw("blob", "work-up:a.c").as_bstr(), expected.as_str());
}

#[test]
fn a_conflict_at_an_end_without_a_newline_leaves_no_joined_lines() {
    let repo = forked(&[("a.c", "one\ntwo\nend")]);
    repo.on("up").edit("a.c", "one\ntwo\nupstream", "upstream");
    repo.on("work").edit("a.c", "one\ntwo\npatch", "patch");
    assert_eq!(repo.statuses(&[]), ["conflicted"]);
    assert_eq!(repo.raw("blob", &format!("{TIP}:a.c")).as_bstr(), "one\ntwo\npatch");
    let shown = repo.run(&["show", "1"]).out;
    assert!(
        shown.contains("ours (upstream):\n    upstream\nbase:\n    end\ntheirs (the patch):\n    patch\n"),
        "{shown}"
    );
}

#[test]
fn empty_files_are_added_filled_and_emptied() {
    let repo = forked(&[("a.c", "a\n"), ("gone.c", "x\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    repo.on("work").edit("empty.c", "", "an empty file");
    repo.edit("empty.c", "filled\n", "filled");
    repo.edit("gone.c", "", "emptied");
    assert_eq!(repo.statuses(&[]), ["unmodified"; 3]);
    assert_eq!(repo.raw("blob", "work-up~2:empty.c"), b"");
    assert_eq!(repo.file("work-up", "empty.c"), "filled");
    assert_eq!(repo.raw("blob", "work-up:gone.c"), b"");
}

#[test]
fn a_commit_without_a_message_stays_without_one() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("b.c", "b\n", "upstream");
    repo.on("work").edit("a.c", "patch\n", "");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["subject"], "");
    assert_eq!(repo.git(&["log", "-1", "--format=%B", "work-up"]), "");
    assert_eq!(repo.run(&["show", "1"]).code, 0);
}

#[test]
fn a_very_long_subject_is_carried_whole() {
    let repo = forked(&[("a.c", "a\n")]);
    let subject = "word ".repeat(20_000);
    repo.on("up").edit("b.c", "b\n", "upstream");
    repo.on("work").write("a.c", "patch\n").git(&["add", "-A"]);
    let done = repo.feed("git", &["commit", "-q", "-F", "-"], subject.as_bytes());
    assert_eq!(done.code, 0, "{}", done.err);
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["subject"], subject.trim_end());
    assert_eq!(repo.git(&["log", "-1", "--format=%s", "work-up"]), subject.trim_end());
}

#[test]
fn a_message_that_is_no_utf8_is_shown_replaced_and_carried_as_it_is() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("b.c", "b\n", "upstream");
    repo.on("work").edit("a.c", "patch\n", "placeholder");
    let raw = repo.raw("commit", "work");
    let raw = raw.replace("placeholder", b"f\xfcr \xff alle");
    let id = repo.store("commit", &raw);
    repo.git(&["update-ref", "refs/heads/work", &id]);
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["subject"], "f\u{fffd}r \u{fffd} alle");
    assert!(repo.raw("commit", "work-up").ends_with(b"\n\nf\xfcr \xff alle\n"));
}
