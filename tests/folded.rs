//! `--autosquash`: what is meant for another commit of the series goes into it, as `git rebase --autosquash` has it; git is the oracle.

use crate::support::{Repo, lines};

/// Three commits far from each other in one file, and what is meant for them.
fn series() -> Repo {
    let repo = Repo::new();
    repo.write("x.c", lines(80)).write("y.c", lines(9)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("other.c", lines(5)).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    edit(&repo, ("line 10\n", "one 10\n"), "mm: one\n\nWhy one.\n\nSigned-off-by: A <a@x>");
    edit(&repo, ("line 30\n", "two 30\n"), "mm: two\n\nWhy two.");
    edit(&repo, ("line 50\n", "three 50\n"), "mm: three");
    repo
}

fn edit(repo: &Repo, (before, after): (&str, &str), message: &str) -> String {
    let text = std::fs::read_to_string(repo.path().join("x.c")).expect("x.c");
    assert!(text.contains(before), "{before}");
    repo.write("x.c", text.replace(before, after));
    repo.commit(message)
}

fn subjects(repo: &Repo, branch: &str) -> String {
    repo.git(&["log", "--reverse", "--format=%s", &format!("v2..{branch}")])
}

#[test]
fn fixups_squashes_and_amendments_go_into_their_targets_as_git_has_them() {
    let repo = series();
    let fixup = edit(&repo, ("one 10\n", "one 10, fixed\n"), "fixup! mm: one");
    edit(&repo, ("two 30\n", "two 30, squashed\n"), "squash! mm: two\n\nAnd more of two.");
    edit(&repo, ("line 70\n", "four 70\n"), "mm: four");
    edit(&repo, ("one 10, fixed\n", "one 10, fixed again\n"), "fixup! fixup! mm: one");
    edit(&repo, ("three 50\n", "three 50, amended\n"), "amend! mm: three\n\nmm: three, better\n\nIts words.");
    let by_id = format!("fixup! {}", &repo.git(&["rev-parse", "topic~4"])[..12]);
    assert_eq!(repo.git(&["rev-parse", "topic~4"]), fixup);
    edit(&repo, ("line 20\n", "line 20, by id\n"), &by_id);
    repo.git(&["branch", "by-git", "topic"]);
    repo.git(&["checkout", "-q", "by-git"]);
    let mut git = repo.command("git");
    git.env("GIT_EDITOR", ":").env("GIT_SEQUENCE_EDITOR", ":");
    let rebased = git.args(["rebase", "-q", "-i", "--autosquash", "--onto", "v2", "v1"]).status();
    assert!(rebased.expect("git starts").success());
    repo.git(&["checkout", "-q", "main"]);
    let said = repo.run(&["v1..topic", "--onto", "v2", "--autosquash", "-v"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let told = |repo: &Repo, branch: &str| repo.git(&["log", "--format=%an %ad%n%B%n%T", &format!("v2..{branch}")]);
    assert_eq!(told(&repo, "topic-v2"), told(&repo, "by-git"));
    assert_eq!(said.err.matches("folded: ").count(), 5, "{}", said.err);
    assert!(
        said.err.contains("fixup! mm: one -> ") && said.out.contains("folded into it: fixup! mm: one"),
        "{}",
        said.out
    );
    for named in [&fixup, "topic~8"] {
        let shown = repo.run(&["show", named]).out;
        assert!(shown.starts_with("1/4 mm: one\n"), "{shown}");
    }
    // Walked again, and taken on: the same.
    let first = repo.git(&["rev-parse", "topic-v2"]);
    assert_eq!(repo.run(&["continue"]).code, 0);
    assert_eq!(repo.git(&["rev-parse", "topic-v2"]), first);
    let again = repo.run(&["--again", "--onto", "main", "-v"]);
    assert!(again.code == 0 && again.out.contains("folded into it: "), "{}{}", again.out, again.err);
    assert_eq!(subjects(&repo, "topic-main"), subjects(&repo, "topic-v2"));
    // What the run is made of outlives a collection of garbage.
    repo.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(repo.run(&["continue", "--run=topic-v2"]).code, 0);
}

#[test]
fn nothing_is_folded_unasked() {
    let repo = series();
    edit(&repo, ("one 10\n", "one 10, fixed\n"), "fixup! mm: one");
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2"]).code, 0);
    assert_eq!(subjects(&repo, "topic-v2"), "mm: one\nmm: two\nmm: three\nfixup! mm: one");
}

#[test]
fn what_has_no_target_or_does_not_merge_into_it_stays_and_that_is_said() {
    let repo = series();
    edit(&repo, ("two 30\n", "two 30, later\n"), "mm: two again");
    edit(&repo, ("two 30, later\n", "two 30, fixed\n"), "fixup! mm: two\n");
    edit(&repo, ("line 60\n", "line 60, fixed\n"), "fixup! elsewhere");
    repo.git(&["mv", "y.c", "z.c"]);
    repo.commit("mm: moved");
    repo.write("z.c", lines(9).replace("line 4\n", "four\n")).commit("fixup! mm: one");
    let said = repo.run(&["v1..topic", "--onto", "v2", "--autosquash", "-v"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    // `mm: two` names the commit of just that subject, not the one that begins so.
    assert_eq!(said.err.matches("not folded: ").count(), 3, "{}", said.err);
    assert!(said.out.contains("not folded: x.c: it does not merge with what stands there"), "{}", said.out);
    assert!(said.out.contains("not folded: the series has no commit before it that it names"), "{}", said.out);
    assert!(said.out.contains("not folded: z.c: it does not merge"), "{}", said.out);
    assert_eq!(repo.git(&["rev-list", "--count", "v2..topic-v2"]), "8");
    assert_eq!(repo.git(&["diff", "topic", "topic-v2", "--", "x.c", "z.c", "y.c"]), "");
}

#[test]
fn hooks_hear_of_the_commits_of_the_source_and_stacked_branches_follow() {
    let repo = series();
    repo.git(&["branch", "part", "topic~1"]);
    let fixup = edit(&repo, ("one 10\n", "one 10, fixed\n"), "fixup! mm: one");
    let (one, heard) = (repo.git(&["rev-parse", "topic~3"]), repo.beside("heard"));
    let hook = repo.path().join(".git/hooks/post-rewrite");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    std::fs::write(&hook, format!("#!/bin/sh\ncat > {}\n", heard.display())).expect("a hook");
    assert!(repo.command("chmod").arg("+x").arg(&hook).status().expect("chmod").success());
    let said = repo.run(&["v1..topic", "--onto", "v2", "--autosquash", "--update-refs"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(subjects(&repo, "part-v2"), "mm: one\nmm: two");
    let new = repo.git(&["rev-parse", "topic-v2~2"]);
    let heard = std::fs::read_to_string(heard).expect("the hook ran");
    assert!(heard.contains(&format!("{one} {new}\n")) && heard.contains(&format!("{fixup} {new}\n")), "{heard}");
    assert_eq!(heard.lines().count(), 4);
}

#[test]
fn a_dry_run_tells_the_same_and_leaves_no_object_behind() {
    let repo = series();
    edit(&repo, ("one 10\n", "one 10, fixed\n"), "fixup! mm: one");
    repo.git(&["checkout", "-q", "main"]);
    let counted = |repo: &Repo| repo.git(&["count-objects", "-v"]);
    let before = (counted(&repo), repo.refs());
    let args = ["v1..topic", "--onto", "v2", "--autosquash", "--json"];
    let dry = repo.run(&[&args[..], &["--dry-run"]].concat());
    assert_eq!((counted(&repo), repo.refs()), before, "{}", dry.err);
    let wet = repo.run(&args);
    assert!(!dry.out.is_empty() && dry.code == wet.code, "{}{}", dry.err, wet.err);
    let told = |out: &str| -> Vec<(String, String)> {
        let line = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            (value["status"].to_string(), value["subject"].to_string())
        };
        out.lines().map(line).collect()
    };
    assert_eq!(told(&dry.out), told(&wet.out));
    assert_ne!(counted(&repo), before.0, "a real run writes some");
}
