//! The same result wherever the repository is and whatever it is made of.

use crate::support::{Repo, Said, edited, forked, lines, said};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const MAKEFILE: &str = "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n";

/// A kernel with a bit of everything: a clean merge, an upstream rename, an upstreamed patch, a named commit, a new file, a conflict.
/// Everything has a tag, so that names are the same in every clone.
fn history(repo: &Repo) {
    repo.write("Makefile", MAKEFILE).write("drivers/old.c", lines(40));
    repo.write("lib/b.c", "b\n").fork(&[("a.c", &lines(40))]);
    repo.on("up").git(&["mv", "drivers/old.c", "drivers/new.c"]);
    repo.edit("drivers/new.c", edited(40, &[(2, "upstream")]), "renamed");
    let named = repo.edit("lib/b.c", "b\nregister_driver(dev);\n", "register it");
    repo.edit("a.c", edited(40, &[(2, "upstream"), (30, "upstream")]), "upstream");
    repo.edit("Makefile", MAKEFILE.replace('1', "6"), "Linux 6.6");
    repo.on("work").edit("a.c", edited(40, &[(20, "patch")]), "clean");
    repo.edit("drivers/old.c", edited(40, &[(30, "patch")]), "renamed upstream");
    let message = format!("backport\n\ncommit {named} upstream.\n");
    repo.edit("lib/b.c", "b\nregister_driver(dev);\n", &message);
    repo.edit("lib/new.c", "new\n", "a new file");
    repo.edit("a.c", edited(40, &[(20, "patch"), (30, "patch")]), "conflict");
    repo.on("main");
    repo.git(&["tag", "t-up", "up"]);
    repo.git(&["tag", "t-work", "work"]);
    repo.git(&["branch", "-D", "-q", "work"]);
}

fn kernel() -> Repo {
    let repo = Repo::new();
    history(&repo);
    repo
}

const RUN: [&str; 5] = ["v1..t-work", "--onto", "t-up", "--allow-conflicts", "--json"];
const STATUSES: [&str; 5] = ["unmodified", "unmodified", "upstream", "unmodified", "conflicted"];

fn expected() -> String {
    let repo = kernel();
    let said = repo.run(&RUN);
    let statuses: Vec<Value> = outcomes(&said).iter().map(|o| o["status"].clone()).collect();
    assert_eq!(statuses, STATUSES, "{}", said.out);
    said.out
}

fn outcomes(said: &Said) -> Vec<Value> {
    assert_eq!(said.code, 1, "{}", said.err);
    let lines = said.out.lines().map(|l| serde_json::from_str(l).expect("JSON"));
    let mut all: Vec<Value> = lines.collect();
    all.pop().expect("totals");
    all
}

fn go(mut command: Command) -> Said {
    said(command.args(RUN).output().expect("the program starts"))
}

/// The program in another folder of the same hermetic world.
fn at(repo: &Repo, folder: &Path) -> Command {
    let mut command = repo.kmigrate();
    command.current_dir(folder);
    command
}

fn git_at(repo: &Repo, folder: &Path, args: &[&str]) -> String {
    let folder = folder.to_str().expect("UTF-8");
    repo.git(&[&["-C", folder], args].concat())
}

/// Clones the repository beside itself.
fn clone(repo: &Repo, how: &[&str]) -> std::path::PathBuf {
    let to = repo.beside("clone");
    let url = format!("file://{}", repo.path().display());
    let args = [&["clone", "-q"], how, &[&url, to.to_str().expect("UTF-8")]].concat();
    repo.git(&args);
    to
}

#[test]
fn a_bare_clone_gives_the_same_result() {
    let repo = kernel();
    let bare = clone(&repo, &["--bare"]);
    assert_eq!(go(at(&repo, &bare)).out, expected());
    git_at(&repo, &bare, &["fsck", "--strict", "--no-dangling"]);
    git_at(&repo, &bare, &["rev-parse", "--verify", "refs/heads/t-work-t-up"]);
}

#[test]
fn a_linked_worktree_gives_the_same_result_and_stays_as_it_is() {
    let repo = kernel();
    let tree = repo.beside("tree");
    repo.git(&["worktree", "add", "-q", "--detach", tree.to_str().expect("UTF-8"), "t-work"]);
    std::fs::write(tree.join("a.c"), "not committed\n").expect("a file");
    assert_eq!(go(at(&repo, &tree)).out, expected());
    assert_eq!(git_at(&repo, &tree, &["status", "--porcelain"]), " M a.c");
    assert!(repo.has("refs/heads/t-work-t-up"), "branches are shared");
}

#[test]
fn a_folder_inside_the_work_tree_gives_the_same_result() {
    let repo = kernel();
    let folder = repo.path().join("lib");
    assert_eq!(go(at(&repo, &folder)).out, expected());
}

#[test]
fn git_dir_names_the_repository_from_anywhere() {
    let repo = kernel();
    let elsewhere = repo.beside("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    let mut command = at(&repo, &elsewhere);
    command.env("GIT_DIR", repo.path().join(".git"));
    assert_eq!(go(command).out, expected());
    let mut command = at(&repo, &elsewhere);
    command.env("GIT_DIR", "../repo/.git");
    assert_eq!(go(command).out, expected(), "a relative one too, and the run can be repeated");
}

#[test]
fn alternates_give_the_same_result() {
    let repo = kernel();
    let shared = repo.beside("clone");
    let from = repo.path().to_str().expect("UTF-8");
    repo.git(&["clone", "-q", "--shared", from, shared.to_str().expect("UTF-8")]);
    let before = repo.git(&["count-objects", "-v"]);
    assert_eq!(go(at(&repo, &shared)).out, expected());
    assert_eq!(repo.git(&["count-objects", "-v"]), before, "new objects are the clone's own");
    git_at(&repo, &shared, &["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn packed_objects_and_packed_refs_give_the_same_result() {
    let repo = kernel();
    repo.git(&["gc", "-q"]);
    assert_eq!(repo.run(&RUN).out, expected());
    repo.is_sound();
}

#[test]
fn objects_of_the_run_are_in_packs_that_git_itself_accepts() {
    let repo = kernel();
    repo.run(&RUN);
    let packs = repo.path().join(".git/objects/pack");
    let names: Vec<_> = std::fs::read_dir(packs).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    let packs = names.iter().filter(|p| p.extension().is_some_and(|e| e == "pack"));
    let packs: Vec<_> = packs.map(|p| p.to_str().expect("UTF-8")).collect();
    assert_eq!(packs.len(), 1, "{names:?}");
    assert_eq!(names.len(), 2, "a pack and its index: {names:?}");
    let again = repo.beside("again.idx");
    repo.git(&["index-pack", "--strict", "-o", again.to_str().expect("UTF-8"), packs[0]]);
    repo.git(&["verify-pack", packs[0]]);
    let index = packs[0].replace(".pack", ".idx");
    let same = std::fs::read(index).expect("an index") == std::fs::read(again).expect("an index");
    assert!(same, "the index is what git would write");
}

#[test]
fn a_sha256_repository_gives_the_same_outcomes() {
    let repo = Repo::init(&["-b", "main", "--object-format=sha256"]);
    history(&repo);
    let said = repo.run(&RUN);
    let statuses: Vec<Value> = outcomes(&said).iter().map(|o| o["status"].clone()).collect();
    assert_eq!(statuses, STATUSES);
    let tip = repo.id("t-work-t-up");
    assert_eq!(tip.len(), 64);
    let sha1 = kernel();
    sha1.run(&RUN);
    let tree = ["ls-tree", "-r", "--name-only", "t-work-t-up"];
    assert_eq!(repo.git(&tree), sha1.git(&tree));
    assert_eq!(repo.file("t-work-t-up", "a.c"), sha1.file("t-work-t-up", "a.c"));
    repo.is_sound();
}

#[test]
fn a_reftable_repository_gives_the_same_result() {
    let probe = Repo::new();
    let known = probe.command("git").args(["init", "-q", "--ref-format=reftable", "../probe"]).output();
    if !known.expect("git starts").status.success() {
        eprintln!("skipped: this git knows no reftable (2.45 does)");
        return;
    }
    let repo = Repo::init(&["-b", "main", "--ref-format=reftable"]);
    history(&repo);
    assert_eq!(repo.run(&RUN).out, expected());
    let reflog = repo.git(&["reflog", "show", "--format=%gs", "t-work-t-up"]);
    assert!(reflog.starts_with("kmigrate (finish): t-work onto t-up"), "{reflog}");
    repo.is_sound();
}

/// A source that serves partial clones, and such a clone without a checkout.
fn partial() -> (Repo, std::path::PathBuf) {
    partial_without("blob:none")
}

fn partial_without(what: &str) -> (Repo, std::path::PathBuf) {
    let repo = kernel();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone = clone(&repo, &["--no-checkout", &format!("--filter={what}")]);
    (repo, clone)
}

#[test]
fn a_partial_clone_fetches_what_it_lacks_and_gives_the_same_result() {
    let (repo, clone) = partial();
    assert_eq!(go(at(&repo, &clone)).out, expected());
    git_at(&repo, &clone, &["cat-file", "-e", "t-work-t-up:a.c"]);
    git_at(&repo, &clone, &["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_clone_without_trees_is_told_how_to_get_them_and_then_gives_the_same_result() {
    let (repo, clone) = partial_without("tree:0");
    let said = go(at(&repo, &clone));
    assert_eq!(said.code, 128, "{}{}", said.out, said.err);
    let hint = "git fetch --refetch --tags --filter=blob:none origin";
    assert!(said.err.contains("this partial clone lacks trees") && said.err.contains(hint), "{}", said.err);
    for verb in ["survey", "matrix"] {
        let mut command = at(&repo, &clone);
        let said = crate::support::said(command.args([verb, RUN[0], "--onto", "t-up"]).output().expect("it starts"));
        assert!(said.code == 128 && said.err.contains(hint), "{verb}: {}{}", said.out, said.err);
    }
    let words: Vec<&str> = hint.split(' ').skip(1).collect();
    git_at(&repo, &clone, &words);
    let said = go(at(&repo, &clone));
    assert_eq!((said.out, said.code), (expected(), 1), "{}", said.err);
}

#[test]
fn a_partial_clone_whose_remote_is_gone_is_a_clear_error() {
    let (repo, clone) = partial();
    git_at(&repo, &clone, &["remote", "set-url", "origin", "file:///nowhere"]);
    let before = git_at(&repo, &clone, &["for-each-ref"]);
    let said = go(at(&repo, &clone));
    assert_eq!(said.code, 128, "{}{}", said.out, said.err);
    assert!(said.err.contains("could not be fetched from origin"), "{}", said.err);
    assert_eq!(git_at(&repo, &clone, &["for-each-ref"]), before);
}

#[test]
fn the_users_own_settings_for_diff_merge_log_and_colour_do_not_matter() {
    let repo = kernel();
    let settings = [
        ("diff.renames", "false"),
        ("diff.algorithm", "patience"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.context", "0"),
        ("diff.interHunkContext", "9"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.orderFile", "/nowhere"),
        ("diff.external", "false"),
        ("merge.renames", "false"),
        ("merge.conflictStyle", "zdiff3"),
        ("merge.directoryRenames", "false"),
        ("log.showSignature", "true"),
        ("log.follow", "true"),
        ("log.decorate", "full"),
        ("log.date", "relative"),
        ("color.ui", "always"),
        ("color.kmigrate", "always"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("core.quotePath", "false"),
        ("core.abbrev", "4"),
        ("core.autocrlf", "true"),
        ("core.pager", "false"),
    ];
    for (key, value) in settings {
        repo.git(&["config", key, value]);
    }
    let said = repo.run(&RUN);
    assert_eq!(said.out, expected(), "{}", said.err);
}

#[test]
fn a_path_whose_folder_name_has_spaces_and_quotes_is_no_matter() {
    let repo = kernel();
    let odd = repo.beside("an odd 'name' \"here\"");
    std::fs::rename(repo.path(), &odd).expect("a new name");
    let mut command = repo.kmigrate();
    command.current_dir(&odd);
    assert_eq!(go(command).out, expected());
}

#[test]
fn branches_of_a_remote_are_named_with_their_remote() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("b.c", "b\n", "upstream");
    repo.on("work").edit("c.c", "c\n", "patch");
    let clone = clone(&repo, &[]);
    let mut command = at(&repo, &clone);
    command.args(["v1..origin/work", "--onto", "origin/up", "--json"]);
    let said = said(command.output().expect("the program starts"));
    assert_eq!(said.code, 0, "{}", said.err);
    let totals: Value = serde_json::from_str(said.out.lines().last().expect("totals")).expect("JSON");
    assert_eq!(totals["branch"], json!("origin-work-origin-up"));
}
