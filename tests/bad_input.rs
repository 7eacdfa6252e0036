//! Damaged, cut off, full and read-only repositories: a clear error, and nothing lost.

use crate::support::{Repo, Said, edited, forked, lines, said};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const RUN: [&str; 3] = ["v1..work", "--onto", "up"];

/// Upstream edits line 2, the series lines 20, 25 and 30.
fn kernel() -> Repo {
    let repo = forked(&[("a.c", &lines(40))]);
    repo.on("up").edit("a.c", edited(40, &[(2, "upstream")]), "upstream");
    repo.on("work").edit("a.c", edited(40, &[(20, "one")]), "first");
    repo.edit("a.c", edited(40, &[(20, "one"), (25, "two")]), "second");
    repo.edit("a.c", edited(40, &[(20, "one"), (25, "two"), (30, "three")]), "third");
    repo.on("main");
    repo
}

fn go(mut command: Command, args: &[&str]) -> Said {
    said(command.args(args).output().expect("the program starts"))
}

fn shallow(repo: &Repo, depth: usize) -> PathBuf {
    let to = repo.beside(&format!("depth-{depth}"));
    let url = format!("file://{}", repo.path().display());
    let depth = format!("--depth={depth}");
    let to_text = to.to_str().expect("UTF-8");
    repo.git(&["clone", "-q", "--no-single-branch", &depth, &url, to_text]);
    to
}

#[test]
fn a_series_that_reaches_the_edge_of_a_shallow_clone_names_it_and_the_way_out() {
    let repo = kernel();
    let clone = shallow(&repo, 2);
    let mut command = repo.kmigrate();
    command.current_dir(&clone);
    let said = go(command, &["origin/up..origin/work", "--onto", "origin/up"]);
    assert_eq!(said.code, 128, "{}", said.out);
    assert!(said.err.contains("this is a shallow repository"), "{}", said.err);
    assert!(said.err.contains(&repo.id("work~1")), "the edge: {}", said.err);
    assert!(said.err.contains("git fetch --deepen=<n>"), "{}", said.err);
}

#[test]
fn a_series_that_reaches_the_edge_with_a_base_named_says_the_same() {
    let repo = kernel();
    let clone = shallow(&repo, 2);
    let mut command = repo.kmigrate();
    command.current_dir(&clone);
    let args = ["origin/work", "--onto", "origin/up", "--base", "origin/up"];
    let said = go(command, &args);
    assert_eq!(said.code, 128, "{}", said.out);
    assert!(said.err.contains("this is a shallow repository"), "{}", said.err);
    assert!(said.err.contains("git fetch --deepen=<n>"), "{}", said.err);
}

#[test]
fn a_branch_that_parts_below_the_edge_of_a_shallow_clone_says_how_to_get_more_history() {
    let repo = kernel();
    let clone = shallow(&repo, 1);
    let mut command = repo.kmigrate();
    command.current_dir(&clone);
    let said = go(command, &["origin/work", "--onto", "origin/up"]);
    assert_eq!(said.code, 128, "{}", said.out);
    assert!(said.err.contains("git fetch --deepen=<n>"), "{}", said.err);
}

#[test]
fn a_series_within_a_shallow_clone_works() {
    let repo = kernel();
    let clone = shallow(&repo, 4);
    let mut command = repo.kmigrate();
    command.current_dir(&clone);
    let said = go(command, &["v1..origin/work", "--onto", "origin/up", "-b", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (_, totals) = repo.migrate(&[]);
    let tip = repo.git(&["-C", clone.to_str().expect("UTF-8"), "rev-parse", "out"]);
    assert_eq!(totals["tip"], tip.as_str());
}

#[test]
fn upstreams_history_may_end_at_the_edge_of_a_shallow_clone() {
    let repo = kernel();
    for n in 1..=5 {
        repo.on("up").edit("a.c", edited(40, &[(2, "upstream"), (4, &n.to_string())]), "goes on");
    }
    let (_, totals) = repo.migrate(&[]);
    let clone = shallow(&repo, 4);
    let mut command = repo.kmigrate();
    command.current_dir(&clone);
    let said = go(command, &["v1..origin/work", "--onto", "origin/up", "-b", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let tip = repo.git(&["-C", clone.to_str().expect("UTF-8"), "rev-parse", "out"]);
    assert_eq!(totals["tip"], tip.as_str());
}

fn loose(repo: &Repo, id: &str) -> PathBuf {
    repo.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]))
}

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, Permissions::from_mode(0o644)).expect("a file");
    fs::write(path, bytes).expect("a file");
}

#[test]
fn a_damaged_byte_anywhere_in_an_object_is_an_error_that_names_it_or_does_no_harm() {
    let repo = kernel();
    let (_, totals) = repo.migrate(&["--dry-run"]);
    let (refs, id) = (repo.refs(), repo.id("work~1:a.c"));
    let path = loose(&repo, &id);
    let sound = fs::read(&path).expect("a loose object");
    for at in (0..sound.len()).step_by(3) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x15;
        overwrite(&path, &damaged);
        let said = repo.run(&[&RUN[..], &["--json"]].concat());
        if said.code == 0 {
            let tip = format!("\"tip\":{}", totals["tip"]);
            assert!(said.out.contains(&tip), "byte {at}: another result");
            continue;
        }
        assert_eq!(said.code, 128, "byte {at}: {}{}", said.out, said.err);
        let fatal = said.err.lines().next().unwrap_or_default();
        assert!(fatal.starts_with("fatal: ") && fatal.contains(&id), "byte {at}: {}", said.err);
        assert_eq!(repo.refs(), refs);
    }
    overwrite(&path, &sound);
    repo.is_sound();
}

#[test]
fn an_object_that_holds_other_content_is_caught_when_objects_are_verified() {
    let repo = kernel();
    let (old, other) = (repo.id("work:a.c"), repo.id("v1:a.c"));
    let before = repo.refs();
    overwrite(&loose(&repo, &old), &fs::read(loose(&repo, &other)).expect("an object"));
    let said = repo.run(&[&RUN[..], &["--verify-objects"]].concat());
    assert_eq!(said.code, 128, "{}", said.out);
    assert!(said.err.contains(&old), "{}", said.err);
    assert_eq!(repo.refs(), before);
}

#[test]
fn a_missing_blob_tree_or_commit_is_named() {
    for missing in ["work:a.c", "work^{tree}", "work~1"] {
        let repo = kernel();
        let (before, id) = (repo.refs(), repo.id(missing));
        fs::remove_file(loose(&repo, &id)).expect("a loose object");
        let said = repo.run(&RUN);
        assert_eq!(said.code, 128, "{missing}: {}", said.out);
        assert!(said.err.contains(&id), "{missing}: {}", said.err);
        assert_eq!(repo.refs(), before, "{missing}");
    }
}

#[test]
fn a_malformed_tree_is_named_and_not_read_in_part() {
    let repo = kernel();
    let good = repo.raw("tree", "work");
    let bad = [&good[..], b"100644 cut-off"].concat();
    fs::write(repo.beside("bad"), bad).expect("a file");
    let bad = repo.beside("bad");
    let args = ["hash-object", "--literally", "-t", "tree", "-w", bad.to_str().expect("UTF-8")];
    let tree = repo.git(&args);
    let raw = String::from_utf8(repo.raw("commit", "work")).expect("UTF-8");
    let commit = repo.store("commit", raw.replace(&repo.id("work^{tree}"), &tree).as_bytes());
    let before = repo.refs();
    let said = repo.run(&[&format!("v1..{commit}"), "--onto", "up"]);
    assert_eq!(said.code, 128, "{}", said.out);
    assert!(said.err.contains(&tree), "{}", said.err);
    assert_eq!(repo.refs(), before);
}

/// A small file system of its own; `None`, with a word, where mounting is not possible.
struct Disk(PathBuf);

impl Disk {
    fn new(repo: &Repo, size: &str) -> Option<Self> {
        let path = repo.beside("disk");
        fs::create_dir(&path).expect("a folder");
        let disk = Self(path);
        if disk.mount(&["-t", "tmpfs", "-o", size, "tmpfs"]) {
            return Some(disk);
        }
        eprintln!("skipped: no tmpfs can be mounted here");
        std::mem::forget(disk);
        None
    }

    fn mount(&self, args: &[&str]) -> bool {
        let output = Command::new("mount").args(args).arg(&self.0).output();
        output.is_ok_and(|o| o.status.success())
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut open = vec![self.0.clone()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(dir).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { &mut open } else { &mut files }.push(path);
            }
        }
        files
    }

    /// The program, with its new objects going to this disk.
    fn kmigrate(&self, repo: &Repo) -> Command {
        let mut command = repo.kmigrate();
        command
            .env("GIT_OBJECT_DIRECTORY", &self.0)
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", repo.path().join(".git/objects"));
        command
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Text that does not compress.
fn noise(count: usize) -> String {
    let mut state = 7u64;
    let mut line = |i: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{i} {:016x} {:x}\n", state, state.rotate_left(17).wrapping_mul(i as u64 | 1))
    };
    (0..count).map(&mut line).collect()
}

#[test]
fn a_full_disk_is_an_error_that_moves_no_ref_and_leaves_nothing_behind() {
    let old = noise(20_000);
    let repo = forked(&[("a.c", &old)]);
    repo.on("up").edit("a.c", format!("upstream\n{old}"), "upstream");
    repo.on("work").edit("a.c", format!("{old}patch\n"), "patch");
    let Some(disk) = Disk::new(&repo, "size=64k") else {
        return;
    };
    let before = repo.refs();
    let said = go(disk.kmigrate(&repo), &RUN);
    assert_eq!(said.code, 128, "{}{}", said.out, said.err);
    assert!(said.err.contains("No space left on device"), "{}", said.err);
    assert!(said.err.contains("no ref was moved"), "{}", said.err);
    assert_eq!(disk.files(), Vec::<PathBuf>::new(), "nothing half-written");
    assert_eq!(repo.refs(), before);
    let dry = go(disk.kmigrate(&repo), &["v1..work", "--onto", "up", "--dry-run"]);
    assert_eq!(dry.code, 0, "a dry run needs no space: {}", dry.err);
    repo.is_sound();
}

#[test]
fn a_read_only_object_store_is_an_error_but_a_dry_run_works() {
    let repo = kernel();
    let Some(disk) = Disk::new(&repo, "size=1m") else {
        return;
    };
    if !disk.mount(&["-o", "remount,ro"]) {
        eprintln!("skipped: no tmpfs can be made read-only here");
        return;
    }
    let before = repo.refs();
    let said = go(disk.kmigrate(&repo), &RUN);
    assert_eq!(said.code, 128, "{}{}", said.out, said.err);
    assert!(said.err.contains("Read-only file system"), "{}", said.err);
    assert_eq!(repo.refs(), before);
    let dry = go(disk.kmigrate(&repo), &["v1..work", "--onto", "up", "--dry-run", "--json"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    let (_, totals) = repo.migrate(&[]);
    assert!(dry.out.contains(&format!("\"tip\":{}", totals["tip"])), "the same result");
}

#[test]
fn no_identity_anywhere_is_gits_own_error() {
    let repo = kernel();
    repo.git(&["config", "user.useConfigOnly", "true"]);
    let before = repo.refs();
    let mut command = repo.kmigrate();
    for name in ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"] {
        command.env_remove(name);
    }
    let said = go(command, &RUN);
    assert_eq!(said.code, 128, "{}", said.out);
    assert!(said.err.contains("Committer identity unknown"), "{}", said.err);
    assert!(said.err.contains("git config --global user.email"), "{}", said.err);
    assert!(said.err.contains("auto-detection is disabled"), "{}", said.err);
    assert!(!said.err.contains("hint: fatal:"), "{}", said.err);
    assert_eq!(repo.refs(), before);
    repo.is_sound();
}

#[test]
fn a_folder_that_is_no_repository_is_gits_own_error() {
    let repo = kernel();
    let nowhere = repo.beside("nowhere");
    fs::create_dir(&nowhere).expect("a folder");
    let mut command = repo.kmigrate();
    command.current_dir(&nowhere).env("GIT_CEILING_DIRECTORIES", repo.beside(""));
    let said = go(command, &RUN);
    assert_eq!(said.code, 128);
    assert!(said.err.starts_with("fatal: not a git repository"), "{}", said.err);
    assert_eq!(fs::read_dir(nowhere).expect("a folder").count(), 0);
}

#[test]
fn without_a_git_program_the_error_says_what_to_install() {
    let repo = kernel();
    let mut command = repo.kmigrate();
    command.env("PATH", repo.beside("nowhere"));
    let said = go(command, &RUN);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("install git 2.39 or newer"), "{}", said.err);
}

#[test]
fn a_detached_head_names_the_result_by_its_commit() {
    let repo = kernel();
    repo.git(&["checkout", "-q", "--detach", "work"]);
    let head = repo.id("HEAD");
    let (outcomes, totals) = repo.outcomes(&["--onto", "up"]);
    assert_eq!(outcomes.len(), 3);
    let name = format!("{}-up", &head[..12]);
    assert_eq!(totals["branch"], name.as_str());
    assert_eq!(repo.id(&format!("{name}~3")), repo.id("up"));
    assert_eq!(repo.id("HEAD"), head, "HEAD stays");
    let detached = repo.command("git").args(["symbolic-ref", "-q", "HEAD"]).status();
    assert!(!detached.expect("git starts").success(), "and stays detached");
}

#[test]
fn a_run_that_cannot_say_what_came_out_moves_no_ref() {
    let repo = kernel();
    let before = repo.refs();
    let mut command = repo.command("sh");
    let line = format!("'{}' v1..work --onto up --json >/dev/full", env!("CARGO_BIN_EXE_git-kmigrate"));
    let said = said(command.args(["-c", &line]).output().expect("sh starts"));
    assert_eq!(said.code, 128, "{}", said.err);
    assert!(said.err.contains("cannot write to standard output"), "{}", said.err);
    repo.is_sound();
    assert_eq!(repo.refs(), before);
}
