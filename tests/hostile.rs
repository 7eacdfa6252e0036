//! Input that somebody made to do harm: paths, links, patches, trees, submodules, configuration. Refused by name, or carried as the bytes
//! that they are; nothing outside is written, read or run. (Answers of models: `asked.rs`; servers: `model/`; bytes: `quilt_room.rs`,
//! `fuzzed.rs`.)

use crate::support::{Repo, Said, lines, said};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A repository whose tags old and new differ in line 10 of `d/a.c`.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("d/a.c", lines(30)).commit("old");
    repo.git(&["tag", "old"]);
    repo.write("d/a.c", lines(30).replace("line 10\n", "upstream 10\n")).commit("new");
    repo.git(&["tag", "new"]);
    repo
}

/// Every file below the folder that the repository lies in, with its bytes; of git's own folder those that can run or configure something.
fn around(repo: &Repo) -> Vec<(PathBuf, Vec<u8>)> {
    let mut open = vec![repo.path().parent().expect("a folder").to_owned()];
    let mut found = Vec::new();
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(repo.path().join(".git")).map(Path::to_path_buf);
            let is_gits = name.is_ok_and(|name| !(name.starts_with("hooks") || name.starts_with("config")));
            match entry.file_type().expect("a type").is_dir() {
                true if is_gits && next != repo.path() => {}
                true => open.push(path),
                false if is_gits => {}
                false => found.push((path.clone(), std::fs::read(&path).unwrap_or_default())),
            }
        }
    }
    found.sort();
    found
}

/// Migrates a folder of patches.
fn quilt(repo: &Repo, folder: &str) -> Said {
    let place = |name: &str| repo.beside(name).to_str().expect("UTF-8").to_owned();
    repo.run(&["--quilt", &place(folder), "--from", "old", "--onto", "new", "--out", &place("out")])
}

fn patches(repo: &Repo, files: &[(&str, String)]) {
    std::fs::create_dir_all(repo.beside("patches")).expect("a folder");
    for (name, text) in files {
        std::fs::write(repo.beside("patches").join(name), text).expect("written");
    }
}

/// A patch that makes a file.
fn adds(path: &str, mode: &str, text: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n{}",
        if mode == "120000" { "\\ No newline at end of file\n" } else { "" }
    )
}

#[test]
fn a_patch_that_names_a_path_out_of_the_tree_or_in_dot_git_is_refused_and_nothing_is_written() {
    for path in [
        "../outside",
        "d/../../outside",
        ".git/hooks/post-checkout",
        ".GIT/config",
        "d/.Git/config",
        "git~1/config",
        ".git./config",
        ".g\u{200c}it/config",
        "d/./x",
    ] {
        let repo = repo();
        patches(&repo, &[("0001-evil.patch", adds(path, "100755", "#!/bin/sh"))]);
        let (files, refs) = (around(&repo), repo.refs());
        let done = quilt(&repo, "patches");
        assert!(done.code >= 128 && done.err.starts_with("fatal: "), "{path}: {}{}", done.out, done.err);
        assert!(done.err.contains("0001-evil.patch"), "{path}: {}", done.err);
        assert_eq!((around(&repo), repo.refs()), (files, refs), "{path}");
        repo.is_sound();
    }
}

#[test]
fn a_rename_or_copy_to_or_from_outside_is_refused() {
    for (from, to) in
        [("d/a.c", "../outside"), ("../../etc/hostname", "d/b.c"), ("d/a.c", ".git/config"), ("/etc/hostname", "d/b.c")]
    {
        for word in ["rename", "copy"] {
            let repo = repo();
            let text =
                format!("diff --git a/{from} b/{to}\nsimilarity index 100%\n{word} from {from}\n{word} to {to}\n");
            patches(&repo, &[("0001-evil.patch", text)]);
            let files = around(&repo);
            let done = quilt(&repo, "patches");
            assert!(
                done.code >= 128 && done.err.contains("0001-evil.patch"),
                "{word} {from} {to}: {}{}",
                done.out,
                done.err
            );
            assert_eq!(around(&repo), files, "{word} {from} {to}");
        }
    }
}

#[test]
fn what_a_patch_writes_below_a_link_of_its_own_does_not_go_where_the_link_leads() {
    let repo = repo();
    let outside = repo.beside("outside");
    std::fs::create_dir(&outside).expect("a folder");
    let link = adds("way", "120000", outside.to_str().expect("UTF-8"));
    patches(&repo, &[("0001-link.patch", link), ("0002-through.patch", adds("way/x", "100644", "owned"))]);
    let done = quilt(&repo, "patches");
    let said = "0002-through.patch";
    assert!(done.code == 128 && done.err.contains(said) && done.err.contains("way/x"), "{}{}", done.out, done.err);
    assert_eq!(std::fs::read_dir(&outside).expect("a folder").count(), 0);
    repo.is_sound();
}

#[test]
fn a_patch_makes_no_tree_that_git_refuses_and_a_submodule_is_the_commit_that_it_says() {
    let id = "1".repeat(40);
    for (path, mode, text, said) in [
        ("d/s", "160000", format!("Subproject commit {id}"), None),
        ("d/s", "160000", "another text".to_owned(), Some("does not say at which commit")),
        (".gitmodules", "120000", "d/a.c".to_owned(), Some("'.gitmodules' as a link")),
        ("d/GITMOD~1", "120000", "a.c".to_owned(), Some("'.gitmodules' as a link")),
        ("d/odd", "104755", "text".to_owned(), None),
        ("d/odd", "20644", "text".to_owned(), Some("git has no files of mode 20644")),
    ] {
        let repo = repo();
        patches(&repo, &[("series", "1.patch\n".to_owned()), ("1.patch", adds(path, mode, &text))]);
        let before = repo.refs();
        let result = quilt(&repo, "patches");
        if let Some(said) = said {
            assert_eq!((result.code, repo.refs()), (128, before), "{path}: {}", result.err);
            assert!(result.err.contains(said), "{path}: {}", result.err);
            continue;
        }
        assert!(result.code < 2, "{path}: {}{}", result.out, result.err);
        let entry = repo.git(&["ls-tree", "refs/kmigrate/runs/patches-new/tip", path]);
        match mode {
            "160000" => assert_eq!(entry, format!("160000 commit {id}\t{path}")),
            _ => assert!(entry.starts_with("100755 blob"), "{entry}"),
        }
        repo.git(&["fsck", "--strict"]);
        let written = std::fs::read_to_string(repo.beside("out").join("1.patch")).expect("written");
        assert!(written.contains(&format!("+{text}\n")), "{written}");
    }
}

#[test]
fn a_series_that_names_files_elsewhere_is_refused_and_so_is_one_name_for_two_files() {
    for name in ["../evil.patch", "/etc/hostname", "sub/../../evil.patch", ".git/config"] {
        let repo = repo();
        std::fs::write(repo.beside("evil.patch"), adds("x", "100644", "x")).expect("written");
        patches(&repo, &[("series", format!("{name}\n"))]);
        let files = around(&repo);
        let done = quilt(&repo, "patches");
        assert!(done.code >= 128 && done.err.contains("series: "), "{name}: {}", done.err);
        assert_eq!(around(&repo), files, "{name}");
    }
    let repo = repo();
    let unresolved = repo.beside("patches/unresolved");
    std::fs::create_dir_all(&unresolved).expect("a folder");
    let clash = "--- a/d/a.c\n+++ b/d/a.c\n@@ -9,3 +9,3 @@\n line 9\n-line 10\n+mine 10\n line 11\n";
    std::fs::write(unresolved.join("a.patch"), adds("x", "100644", "x")).expect("written");
    patches(&repo, &[("series", "a.patch\nunresolved/a.patch\n".to_owned()), ("a.patch", clash.to_owned())]);
    let done = quilt(&repo, "patches");
    assert!(done.code == 128 && done.err.contains("stands for two files"), "{}", done.err);
    assert!(!repo.beside("out").exists(), "nothing is written");
}

#[test]
fn links_in_the_worktree_are_not_followed() {
    let repo = Repo::new();
    let old = "int f(void)\n{\n\told_name(1);\n\treturn 0;\n}\n";
    repo.write("in/a.c", old).write("b.c", old).write("c.c", old).commit("base");
    let outside = repo.beside("outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("a.c"), old).expect("written");
    std::fs::write(repo.beside("rename.cocci"), "@@ expression E; @@\n- old_name(E)\n+ new_name(E)\n")
        .expect("written");
    std::fs::remove_dir_all(repo.path().join("in")).expect("removed");
    symlink(&outside, repo.path().join("in")).expect("linked");
    std::fs::remove_file(repo.path().join("b.c")).expect("removed");
    symlink(outside.join("a.c"), repo.path().join("b.c")).expect("linked");
    let rules = repo.beside("rename.cocci");
    let done = repo.run(&["apply", rules.to_str().expect("UTF-8"), "--worktree"]);
    assert_eq!((done.code, done.out.as_str()), (0, "c.c\n"), "{}", done.err);
    assert_eq!(std::fs::read_to_string(outside.join("a.c")).expect("there"), old);
}

/// A commit with a tree that git's own tools would not make; its parent is `old`.
fn with_tree(repo: &Repo, entries: &[(&str, &str, &str)]) -> String {
    let mut tree = Vec::new();
    for (mode, name, id) in entries {
        tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        tree.extend((0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).expect("hex")));
    }
    let stored = repo.feed("git", &["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], &tree);
    assert_eq!(stored.code, 0, "{}", stored.err);
    repo.git(&["commit-tree", stored.out.trim(), "-p", "old", "-m", "evil"])
}

#[test]
fn names_in_a_tree_that_lead_out_of_it_are_never_written_as_files() {
    for name in ["..", ".git", ".GIT", ".", "../outside", "git~1"] {
        let repo = repo();
        let blob = repo.store("blob", b"owned\n");
        let kept = repo.git(&["rev-parse", "old:d"]);
        let mut entries = vec![("100644", name, blob.as_str()), ("40000", "d", kept.as_str())];
        entries.sort_by_key(|(_, name, _)| (*name).to_owned());
        let commit = with_tree(&repo, &entries);
        repo.git(&["update-ref", "refs/heads/evil", &commit]);
        let files = around(&repo);
        let walked = repo.run(&["old..evil", "--onto", "new"]);
        if walked.code < 128 {
            for layout in [&["edit", "1"][..], &["edit", "1", "--worktree"]] {
                let edited = repo.run(layout);
                assert!(edited.code != 0 || name == "git~1", "{name}: {layout:?} {}", edited.out);
            }
        }
        assert_eq!(around(&repo), files, "{name}: {}{}", walked.out, walked.err);
        assert!(!repo.beside("outside").exists());
    }
}

#[test]
fn submodules_are_ids_and_nothing_of_them_is_fetched_or_run() {
    let repo = repo();
    repo.git(&["config", "submodule.recurse", "true"]);
    let owned = repo.beside("owned");
    repo.branch("topic", "old");
    let evil = format!(
        "[submodule \"x\"]\n\tpath = ../outside\n\turl = --upload-pack=touch {0}\n[submodule \"../../y\"]\n\tpath = y\n\turl = ext::sh -c \"touch {0}\"\n\tupdate = !touch {0}\n",
        owned.display()
    );
    repo.write(".gitmodules", evil);
    repo.git(&["add", ".gitmodules"]);
    let id = repo.id("old");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},y")]);
    repo.git(&["commit", "-q", "-m", "submodules"]);
    repo.git(&["checkout", "-q", "-f", "main"]);
    let walked = repo.run(&["old..topic", "--onto", "new"]);
    assert_eq!(walked.code, 0, "{}", walked.err);
    assert!(repo.listing("topic-new").contains("160000 y"));
    for layout in [&["edit", "1"][..], &["edit", "1", "--discard"], &["edit", "1", "--worktree"], &["continue"]] {
        let done = repo.run(layout);
        assert!(done.code < 128, "{layout:?}: {}", done.err);
    }
    assert!(!owned.exists() && !repo.beside("outside").exists());
}

#[test]
fn names_that_differ_in_case_only_stay_two_files_also_in_a_folder_that_is_laid_out() {
    let repo = repo();
    repo.branch("topic", "old");
    repo.write("Makefile", "big\n").write("makefile", "small\n").write("D/a.c", "big\n").commit("cases");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.run(&["old..topic", "--onto", "new"]).code, 0);
    let laid = repo.run(&["edit", "1"]);
    let files = PathBuf::from(laid.out.trim_end());
    let text = |name: &str| std::fs::read_to_string(files.join(name)).expect("laid out");
    assert_eq!([text("Makefile"), text("makefile"), text("D/a.c")], ["big\n", "small\n", "big\n"]);
    let tip = repo.id("topic-new");
    assert_eq!(repo.run(&["continue"]).code, 0);
    assert_eq!(repo.id("topic-new"), tip, "nothing was changed");
}

#[test]
fn a_repository_names_no_command_endpoint_or_key_however_its_config_is_put_together() {
    let owned = |repo: &Repo| repo.beside("owned");
    let command = |repo: &Repo| format!("command:touch {}", owned(repo).display());
    type Plant = fn(&Repo, &str);
    let planted: [(&str, Plant); 4] = [
        ("the config", |repo, value| _ = repo.git(&["config", "kmigrate.model", value])),
        ("an included file", |repo, value| {
            repo.write(".more", format!("[kmigrate]\n\tmodel = \"{value}\"\n"));
            repo.git(&["config", "include.path", "../.more"]);
        }),
        ("a file included on a branch", |repo, value| {
            repo.write(".more", format!("[kmigrate]\n\tmodel = \"{value}\"\n"));
            repo.git(&["config", "includeIf.onbranch:main.path", "../.more"]);
        }),
        ("the worktree's config", |repo, value| {
            repo.git(&["config", "extensions.worktreeConfig", "true"]);
            repo.git(&["config", "--worktree", "kmigrate.model", value]);
        }),
    ];
    for (how, plant) in planted {
        let repo = repo();
        repo.branch("topic", "old");
        repo.write("d/a.c", lines(30).replace("line 10\n", "mine 10\n")).commit("conflicts");
        repo.git(&["checkout", "-q", "main"]);
        plant(&repo, &command(&repo));
        let done = repo.run(&["old..topic", "--onto", "new"]);
        assert!(done.code >= 128 && done.err.contains("kmigrate.model"), "{how}: {}{}", done.out, done.err);
        assert!(!owned(&repo).exists(), "{how}");
    }
    for key in ["url", "keyCommand", "keyEnv", "keyCredential", "send"] {
        let repo = repo();
        repo.branch("topic", "old");
        repo.write("d/a.c", lines(30).replace("line 10\n", "mine 10\n")).commit("conflicts");
        repo.git(&["checkout", "-q", "main"]);
        let config = repo.beside("config");
        std::fs::write(
            &config,
            "[kmigrate]\n\tmodel = big\n[kmigrate \"model.big\"]\n\turl = http://127.0.0.1:9/v1\n\tmodel = m\n",
        )
        .expect("written");
        repo.git(&["config", &format!("kmigrate.model.big.{key}"), &format!("touch {}", owned(&repo).display())]);
        let mut command = repo.kmigrate();
        command.env("GIT_CONFIG_GLOBAL", &config).args(["old..topic", "--onto", "new"]);
        let done = said(command.output().expect("it starts"));
        assert!(done.code >= 128 && done.err.contains(&format!("kmigrate.model.big.{key}")), "{key}: {}", done.err);
        assert!(!owned(&repo).exists(), "{key}");
    }
}

/// A finished run with something behind the end of its journal; and where that is.
fn journal_with(more: &[u8]) -> (Repo, PathBuf) {
    let repo = repo();
    repo.branch("topic", "old");
    repo.write("d/a.c", lines(30).replace("line 20\n", "mine 20\n")).commit("clean");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.run(&["old..topic", "--onto", "new"]).code, 0);
    let journal = repo.path().join(".git/kmigrate/topic-new/journal.jsonl");
    let mut whole = std::fs::read(&journal).expect("a journal");
    whole.extend_from_slice(more);
    std::fs::write(&journal, &whole).expect("written");
    (repo, journal)
}

#[test]
fn a_journal_that_speaks_of_refs_that_cannot_be_moves_none() {
    let (repo, _) = journal_with(
        b"{\"v\":1,\"op\":\"finish\",\"moves\":[[\"../../x\",null,\"zz\"],[\"refs/heads/x y\",\"zz\",null]]}\n",
    );
    let refs = repo.refs();
    for args in [&["status"][..], &["list"], &["show", "1"]] {
        let done = repo.run(args);
        assert!(!done.err.contains("panicked"), "{args:?}: {}", done.err);
        assert_eq!(repo.refs(), refs, "{args:?}");
    }
    assert!(!repo.path().join("x").exists() && !repo.beside("x").exists());
}

#[test]
fn state_files_that_somebody_wrote_are_refused_by_name_and_lose_nothing() {
    for text in ["{}\n", "\u{0}\n", "{\"v\":1}\n", "[[[[[[\n"] {
        let (repo, journal) = journal_with(text.as_bytes());
        let whole = std::fs::read(&journal).expect("a journal");
        let refs = repo.refs();
        for args in [&["status"][..], &["continue"], &["undo"], &["list"]] {
            let done = repo.run(args);
            assert!(done.code >= 128 && done.err.contains("journal.jsonl"), "{text:?} {args:?}: {}", done.err);
            assert_eq!(repo.refs(), refs, "{text:?} {args:?}");
            assert_eq!(std::fs::read(&journal).expect("a journal"), whole, "nothing is cut off");
        }
    }
}
