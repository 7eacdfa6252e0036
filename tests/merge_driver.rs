//! The merge driver and the mergetool by git's own contracts, and the config that names them.

use crate::support::{Repo, lines};
use std::path::Path;

fn with(line: usize, text: &str) -> String {
    lines(30).replace(&format!("line {line}\n"), text)
}

/// The program under the name that git looks for.
fn on_path(repo: &Repo) -> String {
    let bin = repo.beside("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let program = Path::new(env!("CARGO_BIN_EXE_git-kmigrate"));
    let link = bin.join("git-kmigrate");
    if !link.exists() {
        std::os::unix::fs::symlink(program, link).expect("a link");
    }
    format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"))
}

/// git with the program on its path; its exit code.
fn git(repo: &Repo, args: &[&str]) -> i32 {
    let output = repo.command("git").env("PATH", on_path(repo)).args(args).output().expect("git starts");
    output.status.code().unwrap_or(-1)
}

/// Neighbouring lines in one file, the same line in another.
fn forked() -> Repo {
    let repo = Repo::new();
    repo.write("near.c", lines(30)).write("same.c", lines(30)).write("far.c", lines(30)).commit("base");
    repo.git(&["tag", "v6.1"]);
    repo.write("near.c", with(10, "upstream 10\n")).write("far.c", with(2, "upstream 2\n"));
    repo.write("same.c", with(10, "upstream 10\n")).commit("upstream");
    repo.branch("topic", "v6.1");
    repo.write("near.c", with(11, "mine 11\n")).write("far.c", with(25, "mine 25\n"));
    repo.write("same.c", with(10, "mine 10\n")).commit("the patch");
    repo.git(&["checkout", "-q", "main"]);
    assert_eq!(repo.run(&["install"]).code, 0);
    repo.write(".git/info/attributes", "*.c merge=kmigrate conflict-marker-size=9\n");
    repo
}

fn at(repo: &Repo, path: &str) -> String {
    std::fs::read_to_string(repo.path().join(path)).expect("a file")
}

#[test]
fn a_driver_settles_what_is_sure_and_leaves_gits_text_merge_of_the_rest() {
    for verb in ["cherry-pick", "merge"] {
        let repo = forked();
        assert_eq!(git(&repo, &[verb, "topic"]), 1);
        assert_eq!(repo.git(&["status", "--short"]), "M  far.c\nM  near.c\nUU same.c", "{verb}");
        assert!(at(&repo, "near.c").contains("upstream 10\nmine 11\n"));
        let open = at(&repo, "same.c");
        assert!(
            open.contains("\n<<<<<<<<< ") && open.contains("\nupstream 10\n=========\nmine 10\n>>>>>>>>> "),
            "{open}"
        );
    }
}

#[test]
fn a_driver_that_fails_leaves_a_conflict() {
    let repo = forked();
    let sides = [("o", lines(5)), ("a", lines(5).replace('3', "x")), ("b", lines(5).replace('3', "y"))];
    sides.iter().for_each(|(name, text)| _ = repo.write(name, text));
    repo.git(&["config", "kmigrate.methods", "nonsense"]);
    let said = repo.run(&["merge-driver", "o", "a", "b", "7", "x.c"]);
    assert!(said.code == 1 && said.err.contains("bad value 'nonsense'"), "{}", said.err);
    assert!(at(&repo, "a").contains("<<<<<<< ours\nline x\n=======\nline y\n>>>>>>> theirs\n"), "{}", at(&repo, "a"));
    assert_eq!(repo.run(&["merge-driver", "o", "gone", "b", "7", "x.c"]).code, 1);
    repo.write("a", b"\0");
    assert_eq!(repo.run(&["merge-driver", "o", "a", "b", "7", "x.c"]).code, 1);
    assert_eq!(at(&repo, "a"), "\0");
}

#[test]
fn a_mergetool_writes_the_file_only_if_it_is_merged() {
    let repo = forked();
    std::fs::remove_file(repo.path().join(".git/info/attributes")).expect("removed");
    assert_eq!(git(&repo, &["cherry-pick", "topic"]), 1);
    let before = at(&repo, "same.c");
    git(&repo, &["mergetool", "--no-prompt", "--tool=kmigrate", "near.c"]);
    git(&repo, &["mergetool", "--no-prompt", "--tool=kmigrate", "same.c"]);
    let tracked = repo.git(&["status", "--short", "-uno"]);
    assert_eq!(tracked, "M  far.c\nM  near.c\nUU same.c");
    assert_eq!(at(&repo, "same.c"), before);
}

#[test]
fn installing_twice_is_installing_once_and_uninstalling_leaves_everything_else() {
    let repo = Repo::new();
    repo.git(&["config", "merge.kmigrate.mine", "kept"]);
    let before = at(&repo, ".git/config");
    let first = repo.run(&["install"]);
    assert!(
        first.out.contains("set      merge.kmigrate.driver = git kmigrate merge-driver %O %A %B %L %P"),
        "{}",
        first.out
    );
    let installed = at(&repo, ".git/config");
    let second = repo.run(&["install"]);
    assert!(second.out.lines().all(|line| line.starts_with("is set")), "{}", second.out);
    assert_eq!(at(&repo, ".git/config"), installed);
    repo.git(&["config", "mergetool.kmigrate.cmd", "my own"]);
    let gone = repo.run(&["install", "--uninstall"]);
    assert!(gone.out.contains("left     mergetool.kmigrate.cmd = my own"), "{}", gone.out);
    repo.git(&["config", "--unset", "mergetool.kmigrate.cmd"]);
    assert_eq!(at(&repo, ".git/config"), before);
    let config = repo.beside("global");
    let global =
        |args: &[&str]| repo.kmigrate().env("GIT_CONFIG_GLOBAL", &config).args(args).output().expect("it starts");
    assert!(global(&["install", "--global"]).status.success());
    assert!(std::fs::read_to_string(&config).expect("written").contains("mergetool \"kmigrate\""));
    assert_eq!(at(&repo, ".git/config"), before);
}
