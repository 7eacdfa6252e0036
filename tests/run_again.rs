//! The same series again, longer, elsewhere, beside another run, undone; which run is meant.

use crate::support::{Repo, Said, edited, forked};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const RUN: [&str; 3] = ["v1..work", "--onto", "up"];

/// Two clean commits; `up` and then `up2` are upstream.
fn repo() -> Repo {
    let repo = forked(&[("a.c", &edited(60, &[]))]);
    repo.on("up").edit("m", "m\n", "upstream");
    repo.git(&["branch", "up2"]);
    repo.on("up2").edit("m", "m2\n", "upstream goes on");
    repo.on("work").edit("a.c", edited(60, &[(10, "ten")]), "one");
    repo.edit("a.c", edited(60, &[(10, "ten"), (20, "twenty")]), "two");
    repo.on("main");
    repo
}

fn done(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert_eq!(said.code, 0, "{args:?}: {}{}", said.out, said.err);
    said
}

fn fails(repo: &Repo, args: &[&str]) -> String {
    let said = repo.run(args);
    assert_eq!(said.code, 128, "{args:?}: {}{}", said.out, said.err);
    said.err
}

#[test]
fn undo_does_not_pull_a_branch_from_under_a_work_tree() {
    let repo = repo();
    done(&repo, &RUN);
    repo.on("work-up");
    let before = repo.refs();
    let said = fails(&repo, &["undo"]);
    assert!(said.contains("branch 'work-up' is checked out at") && said.contains("switch that worktree"), "{said}");
    assert_eq!((repo.refs(), repo.git(&["status", "--porcelain"]).as_str()), (before, ""));
    repo.on("main");
    done(&repo, &["undo"]);
    assert!(!repo.has("refs/heads/work-up"));
}

#[test]
fn a_transaction_that_was_cut_short_is_not_ended_under_a_work_tree() {
    let repo = repo();
    done(&repo, &RUN);
    let first = repo.id("work-up");
    done(&repo, &["drop", "2"]);
    done(&repo, &["continue"]);
    let journal = repo.path().join(".git/kmigrate/work-up/journal.jsonl");
    let text = fs::read_to_string(&journal).expect("a journal");
    fs::write(&journal, text.strip_suffix("{\"v\":1,\"op\":\"moved\"}\n").expect("its end")).expect("written");
    repo.git(&["branch", "-f", "work-up", &first]);
    repo.on("work-up");
    done(&repo, &["status"]);
    assert!(fails(&repo, &["continue"]).contains("branch 'work-up' is checked out at"));
    assert_eq!((repo.id("work-up"), repo.git(&["status", "--porcelain"])), (first, String::new()));
    repo.on("main");
    done(&repo, &["continue"]);
    assert_eq!(repo.git(&["log", "--format=%s", "up..work-up"]), "one");
}

#[test]
fn runs_of_other_branches_are_in_nobodys_way() {
    let repo = repo();
    done(&repo, &[&RUN[..], &["-b", "A"]].concat());
    done(&repo, &[&RUN[..], &["-b", "B"]].concat());
    let last = repo.id("refs/kmigrate/last");
    assert_eq!(last, repo.id("refs/kmigrate/runs/B/record"));
    done(&repo, &["undo", "--run", "A"]);
    assert!(!repo.has("refs/heads/A"));
    assert_eq!(repo.id("refs/kmigrate/last"), last, "the record of the other run stays the last");
    done(&repo, &["undo", "--run", "B"]);
    assert!(!repo.has("refs/kmigrate/last"));
}

#[test]
fn two_walks_side_by_side_both_end_well() {
    let repo = repo();
    std::thread::scope(|threads| {
        for name in ["A", "B"] {
            let repo = &repo;
            threads.spawn(move || (0..8).for_each(|_| _ = done(repo, &[&RUN[..], &["-b", name]].concat())));
        }
    });
    let last = repo.id("refs/kmigrate/last");
    assert!(["A", "B"].iter().any(|run| repo.id(&format!("refs/kmigrate/runs/{run}/record")) == last));
}

#[test]
fn whoever_only_looks_is_in_nobodys_way() {
    let repo = repo();
    done(&repo, &RUN);
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    done(&repo, &["status"]);
                }
            });
        }
        let refused = (0..20).filter(|_| repo.run(&["drop", "1"]).code != 0).count();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(refused, 0);
    });
}

#[test]
fn a_run_is_looked_at_where_nothing_can_be_written() {
    let repo = repo();
    done(&repo, &RUN);
    let dir = repo.path().join(".git/kmigrate/work-up");
    let before = fs::metadata(&dir).expect("a folder").modified().expect("a time");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o555)).expect("set");
    let said = ["status", "list", "log", "show"].map(|verb| done(&repo, &[verb]).out);
    assert!(!said[0].contains("another process"), "{}", said[0]);
    let after = fs::metadata(&dir).expect("a folder").modified().expect("a time");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("set");
    assert_eq!(after, before, "nothing was made there, even for a moment");
}

#[test]
fn every_verb_means_the_run_that_was_worked_on_last() {
    let repo = repo();
    done(&repo, &[&RUN[..], &["-b", "A"]].concat());
    done(&repo, &["v1..work~1", "--onto", "up", "-b", "B"]);
    assert!(fails(&repo, &["show", "2"]).contains("'2' is no commit of this run"));
    std::thread::sleep(std::time::Duration::from_millis(20));
    done(&repo, &["drop", "1", "--run", "A"]);
    assert!(done(&repo, &["status"]).out.contains("2 commits"));
    assert!(done(&repo, &["show", "2"]).out.contains("two"), "and not the one whose record was written last");
}

#[test]
fn a_run_is_not_forgotten_in_the_place_of_one_that_was_stopped() {
    let repo = repo();
    done(&repo, &[&RUN[..], &["-b", "A"]].concat());
    std::thread::sleep(std::time::Duration::from_millis(20));
    done(&repo, &[&RUN[..], &["-b", "B"]].concat());
    std::thread::sleep(std::time::Duration::from_millis(20));
    done(&repo, &["quit", "--run", "B"]);
    let said = fails(&repo, &["abort"]);
    assert!(said.contains("the run of 'B' was stopped; say which run to forget"), "{said}");
    assert!(said.contains("git kmigrate abort --run=B; the others are: A"), "{said}");
    let said = done(&repo, &["abort", "--run", "B"]);
    assert!(said.out.contains("the run of B is forgotten") && said.err.contains("still there: the runs of A"));
    done(&repo, &["abort"]);
}

#[test]
fn a_run_that_is_misspelled_is_said_with_those_that_are_there() {
    let repo = repo();
    done(&repo, &RUN);
    for verb in ["status", "show", "continue", "undo"] {
        let said = fails(&repo, &[verb, "--run=nosuch"]);
        assert!(
            said.contains("there is no run of 'nosuch' here\nhint: there are runs of: work-up\n"),
            "{verb}: {said}"
        );
    }
}

#[test]
fn a_branch_name_that_makes_no_folder_is_refused_in_words() {
    let repo = repo();
    let long = format!("{}x", "a/".repeat(100));
    for dry in [&[][..], &["--dry-run"]] {
        let said = repo.run(&[&RUN[..], &["-b", &long], dry].concat());
        assert!(
            said.code == 129 && said.err.contains("is too long: its run has no folder of 401 bytes"),
            "{}",
            said.err
        );
    }
}

#[test]
fn only_a_ref_that_is_locked_is_waited_for() {
    let repo = repo();
    let lock = repo.path().join(".git/refs/heads/work-up.lock");
    fs::write(&lock, "").expect("written");
    assert!(fails(&repo, &RUN).contains("hint: the commits are written; run again when the ref is free"));
    fs::remove_file(&lock).expect("removed");
    done(&repo, &RUN);
    let said = fails(&repo, &[&RUN[..], &["-b", "work-up/tip"]].concat());
    assert!(!said.contains("when the ref is free") && said.contains("--branch=<name>"), "{said}");
}

/// Subjects of a branch, oldest first.
fn subjects(repo: &Repo, range: &str) -> Vec<String> {
    repo.git(&["log", "--reverse", "--format=%s", range]).lines().map(str::to_owned).collect()
}

fn commits(repo: &Repo) -> usize {
    done(repo, &["list"]).out.lines().count()
}

fn inputs(repo: &Repo) -> serde_json::Value {
    serde_json::from_str(&repo.file("refs/kmigrate/last", "inputs.json")).expect("JSON")
}

#[test]
fn again_takes_the_commits_that_were_listed_and_no_others() {
    let repo = repo();
    repo.on("work").edit("b.c", "three\n", "three");
    let listed = format!("{}\n{}\n", repo.id("work~2"), repo.id("work"));
    let said = repo.feed("kmigrate", &["--stdin", "--onto", "up", "-b", "new"], listed.as_bytes());
    assert_eq!(said.code, 0, "{}", said.err);
    done(&repo, &["--again", "--onto", "up2"]);
    assert_eq!(
        (subjects(&repo, "up2..new"), subjects(&repo, "new..up2")),
        (vec!["one".into(), "three".into()], vec![])
    );
}

#[test]
fn again_takes_all_ranges_and_a_series_without_a_base() {
    let repo = repo();
    repo.branch("other", "v1").edit("b.c", "three\n", "three");
    done(&repo, &["v1..work", "v1..other", "--onto", "up"]);
    done(&repo, &["--again", "--onto", "up2"]);
    assert_eq!(subjects(&repo, "up2..other-up2"), ["one", "two", "three"]);
    let repo = Repo::new();
    repo.edit("a.c", "a\n", "one");
    repo.edit("b.c", "b\n", "two");
    repo.git(&["checkout", "-q", "--orphan", "up"]);
    repo.edit("m", "m\n", "upstream");
    done(&repo, &["--root", "main", "--onto", "up", "--upstream=keep"]);
    repo.on("main").edit("c.c", "c\n", "three");
    done(&repo, &["--again", "--onto", "up", "-b", "new"]);
    assert_eq!(subjects(&repo, "up..new"), ["one", "two", "three"]);
}

#[test]
fn a_source_is_followed_by_its_whole_name() {
    let repo = repo();
    repo.git(&["tag", "series", "work"]);
    repo.git(&["branch", "series", "v1"]);
    done(&repo, &["v1..refs/tags/series", "--onto", "up"]);
    let said = done(&repo, &["status"]).out;
    assert!(!said.contains("since the run began"), "the branch of that name is another matter: {said}");
    done(&repo, &["--again", "--onto", "up2"]);
    assert_eq!(subjects(&repo, "up2..refs/heads/series-up2"), ["one", "two"]);
    repo.git(&["update-ref", "refs/remotes/origin/rt", "work"]);
    done(&repo, &["v1..origin/rt", "--onto", "up"]);
    let three = repo.git(&["commit-tree", "-p", "work", "-m", "three", "up^{tree}"]);
    repo.git(&["update-ref", "refs/remotes/origin/rt", &three]);
    assert!(done(&repo, &["status"]).out.contains("origin/rt has 1 more commit since the run began"));
    repo.run(&["continue", "--extend"]);
    assert_eq!(commits(&repo), 3);
}

#[test]
fn again_keeps_policies_and_branch_and_what_is_typed_wins() {
    let repo = repo();
    done(&repo, &[&RUN[..], &["-b", "mine/x", "--upstream=keep", "--on-conflict=stop"]].concat());
    let again = |more: &[&str]| {
        let args = [&["-c", "kmigrate.upstreamed=drop-named", "kmigrate", "--again", "--onto", "up2"], more].concat();
        let output = repo.command("git").args(&args).env("PATH", path()).output().expect("git starts");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        inputs(&repo)
    };
    let now = again(&[]);
    assert_eq!((&now["branch"], &now["options"]["upstream"]), (&"mine/x".into(), &"keep".into()));
    assert_eq!(now["options"]["on_conflict"], "stop");
    let now = again(&["--upstream=drop", "-b", "other"]);
    assert_eq!((&now["branch"], &now["options"]["upstream"]), (&"other".into(), &"drop".into()));
    // A name that was made from source and upstream is made again.
    done(&repo, &RUN);
    done(&repo, &["--again", "--onto", "up2"]);
    assert_eq!(inputs(&repo)["branch"], "work-up2");
}

/// Where git finds the program.
fn path() -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_git-kmigrate"));
    let folder = program.parent().expect("a folder").display().to_string();
    format!("{folder}:{}", std::env::var("PATH").unwrap_or_default())
}

#[test]
fn again_takes_the_run_that_is_named() {
    let repo = repo();
    done(&repo, &RUN);
    done(&repo, &["v1..work~1", "--onto", "up", "-b", "other"]);
    done(&repo, &["--again", "--run", "work-up", "--onto", "up2"]);
    assert_eq!(subjects(&repo, "up2..work-up2"), ["one", "two"]);
    assert_eq!(repo.run(&["v1..work", "--onto", "up2", "--run", "other"]).code, 129);
}

#[test]
fn merges_that_were_left_out_are_no_growth_and_nothing_is_taken_twice() {
    let repo = repo();
    repo.branch("side", "v1").edit("b.c", "three\n", "three");
    repo.on("work").git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    done(&repo, &[&RUN[..], &["--merges=drop"]].concat());
    assert_eq!(commits(&repo), 3);
    assert!(!done(&repo, &["status"]).out.contains("since the run began"));
    assert!(done(&repo, &["continue", "--extend"]).err.contains("0 commits"));
    repo.on("side").edit("b.c", "four\n", "four");
    repo.on("work").git(&["merge", "-q", "--no-ff", "-m", "merge again", "side"]);
    done(&repo, &["continue", "--extend"]);
    assert_eq!(commits(&repo), 4);
    repo.edit("c.c", "five\n", "five");
    done(&repo, &["--again", "--onto", "up2"]);
    assert_eq!(commits(&repo), 5);
    let mut all = subjects(&repo, "up2..work-up2");
    all.sort();
    assert_eq!(all, ["five", "four", "one", "three", "two"]);
}

#[test]
fn another_series_does_not_take_over_a_run() {
    let repo = repo();
    for (name, at) in [("a/b", "work"), ("a-b", "work~1")] {
        repo.git(&["branch", name, at]);
    }
    done(&repo, &["v1..a/b", "--onto", "up"]);
    done(&repo, &["drop", "2"]);
    repo.git(&["branch", "-D", "a-b-up"]);
    let journal = || fs::read(repo.path().join(".git/kmigrate/a-b-up/journal.jsonl")).expect("a journal");
    let before = journal();
    for dry in [&[][..], &["--dry-run"]] {
        let said = fails(&repo, &[&["v1..a-b", "--onto", "up"], dry].concat());
        assert!(said.contains("the run of 'a-b-up' is of another series: a/b on "), "{said}");
        assert!(said.contains("--branch=<name>") && said.contains("git kmigrate abort --run=a-b-up"), "{said}");
    }
    assert_eq!(journal(), before);
    done(&repo, &["v1..a-b", "--onto", "up", "--branch=mine"]);
}

#[test]
fn a_run_that_was_stopped_is_begun_again_as_the_hint_says() {
    let repo = repo();
    done(&repo, &[&RUN[..], &["-b", "mine/x"]].concat());
    done(&repo, &["drop", "2"]);
    done(&repo, &["quit"]);
    let said = fails(&repo, &["continue"]);
    let hint = "git kmigrate --again --run=mine/x --onto up";
    assert!(said.contains(hint), "{said}");
    done(&repo, &hint.split(' ').skip(2).collect::<Vec<_>>());
    assert_eq!(subjects(&repo, "up..mine/x"), ["one"], "the decision holds");
}

#[test]
fn a_dry_run_walks_with_what_was_decided() {
    let repo = repo();
    done(&repo, &RUN);
    done(&repo, &["drop", "2"]);
    let before = repo.refs();
    for args in [&RUN[..], &["--again", "--onto", "up"], &["--again", "--onto", "up2"]] {
        let said = done(&repo, &[args, &["--dry-run"]].concat());
        assert!(said.out.contains("dropped by hand"), "{args:?}: {}", said.out);
    }
    assert_eq!(repo.refs(), before);
}

#[test]
fn a_walk_that_was_collected_as_garbage_is_no_reason_to_run_again() {
    let repo = repo();
    done(&repo, &RUN);
    done(&repo, &["drop", "2"]);
    done(&repo, &["continue"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    let before = repo.refs();
    let said = fails(&repo, &["undo"]);
    assert!(said.contains("garbage collection has removed what the ref would point to"), "{said}");
    assert!(!said.contains("run again"), "{said}");
    assert_eq!(repo.refs(), before);
}

#[test]
fn show_and_status_say_the_same_of_a_walk_that_was_undone() {
    let repo = repo();
    done(&repo, &RUN);
    done(&repo, &["undo"]);
    for args in [&["show"][..], &["show", "--run=work-up"], &["list"]] {
        let said = fails(&repo, args);
        assert!(
            said.contains("the walk of this run was not finished\nhint: git kmigrate continue"),
            "{args:?}: {said}"
        );
    }
}
