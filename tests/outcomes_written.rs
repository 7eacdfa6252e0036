//! What a run writes: commits byte for byte, refs in one transaction, reflogs, hooks, records; what it says of them.

use crate::support::{Repo, edited, forked, lines};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

/// Upstream edits line 2, the series lines 20 and 30.
fn kernel() -> Repo {
    let repo = forked(&[("a.c", &lines(40))]);
    repo.on("up").edit("a.c", edited(40, &[(2, "upstream")]), "upstream");
    repo.on("work").edit("a.c", edited(40, &[(20, "one")]), "first");
    repo.edit("a.c", edited(40, &[(20, "one"), (30, "two")]), "second");
    repo.on("main");
    repo
}

const RUN: [&str; 3] = ["v1..work", "--onto", "up"];

/// The raw commit that carries `headers` and `message` with the tree of `work`, onto `up`.
fn carried(headers: &[u8], message: &[u8]) -> Vec<u8> {
    let repo = kernel();
    let (tree, parent) = (repo.id("work^{tree}"), repo.id("v1"));
    let top = format!("tree {tree}\nparent {parent}\nauthor ");
    let raw = [top.as_bytes(), headers, b"\n", message].concat();
    let id = repo.store("commit", &raw);
    repo.git(&["update-ref", "refs/heads/work", &id]);
    assert_eq!(repo.statuses(&[]), ["unmodified"]);
    let raw = repo.raw("commit", "work-up");
    let top = format!("tree {}\nparent {}\nauthor ", repo.id("work-up^{tree}"), repo.id("up"));
    let rest = raw.strip_prefix(top.as_bytes()).expect("tree and parent come first");
    rest.to_vec()
}

const COMMITTER: &[u8] = b"committer Carl Committer <carl@example.org> 1700000001 +0000\n";

#[test]
fn author_message_encoding_and_unknown_headers_are_carried_byte_for_byte() {
    let author: &[u8] = b"J\xf6rg M. <j@x.org> 1234567890 -0730\n";
    let old_committer = b"committer Old <old@x.org> 1 +0000\n";
    let headers = b"encoding ISO-8859-1\nHG:extra rebase_source:0a\n continued\n";
    let message = b"s\xfcbject\n\n  body with \xe4\nSigned-off-by: J\xf6rg\n\n\n";
    let rest = carried(&[author, old_committer, headers].concat(), message);
    assert_eq!(rest, [author, COMMITTER, headers, b"\n", message].concat());
}

#[test]
fn a_message_without_a_last_newline_stays_without_one() {
    let author = b"A <a@x.org> 1234567890 +0000\n";
    let rest = carried(&[&author[..], COMMITTER].concat(), b"no newline");
    assert_eq!(rest, [&author[..], COMMITTER, b"\nno newline"].concat());
}

#[test]
fn a_signature_is_dropped_because_it_would_be_false() {
    let author = b"A <a@x.org> 1234567890 +0000\n";
    let signature = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n";
    let after = b"x-kept yes\n";
    let rest = carried(&[&author[..], COMMITTER, signature, after].concat(), b"signed\n");
    assert_eq!(rest, [&author[..], COMMITTER, after, b"\nsigned\n"].concat());
}

#[test]
fn the_same_run_twice_gives_the_same_ids() {
    let (a, b) = (kernel(), kernel());
    let (first, totals) = a.migrate(&[]);
    let (second, again) = b.migrate(&[]);
    assert_eq!(first, second);
    assert_eq!(totals, again);
    assert_eq!(a.refs(), b.refs(), "record and all");
    let (dry, _) = kernel().migrate(&["--dry-run"]);
    assert_eq!(first, dry);
}

#[test]
fn all_commits_of_a_run_have_one_committer_date() {
    let repo = kernel();
    let mut command = repo.kmigrate();
    command.args(RUN).env_remove("GIT_COMMITTER_DATE");
    assert!(command.output().expect("the program starts").status.success());
    let dates = repo.git(&["log", "--format=%ct", "up..work-up"]);
    let dates: Vec<&str> = dates.lines().collect();
    assert_eq!(dates.len(), 2);
    assert_eq!(dates[0], dates[1]);
}

fn hook(repo: &Repo, name: &str, script: &str) {
    let path = repo.path().join(".git/hooks").join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a hook");
    fs::set_permissions(path, Permissions::from_mode(0o755)).expect("a hook");
}

#[test]
fn all_refs_move_in_one_transaction_and_the_one_that_runs_share_follows() {
    let repo = kernel();
    let log = repo.beside("log");
    let script = format!("echo $1 >>{0}\ncat >>{0}", log.display());
    hook(&repo, "reference-transaction", &script);
    assert_eq!(repo.run(&RUN).code, 0);
    let log = fs::read_to_string(log).expect("the hook ran");
    assert_eq!(log.matches("committed").count(), 2, "{log}");
    let named = |nth: usize| {
        let committed = log.split("committed\n").nth(nth).expect("a committed transaction");
        let committed = committed.split("prepar").next().unwrap_or_default();
        let mut names: Vec<&str> = committed.lines().filter_map(|l| l.split(' ').nth(2)).collect();
        names.sort_unstable();
        names
    };
    let expected = [
        "refs/heads/work-up",
        "refs/kmigrate/runs/work-up/record",
        "refs/kmigrate/runs/work-up/source",
        "refs/kmigrate/runs/work-up/tip",
        "refs/kmigrate/runs/work-up/written",
    ];
    assert_eq!(named(1), expected);
    assert_eq!(named(2), ["refs/kmigrate/last"]);
}

#[test]
fn a_hook_that_refuses_the_transaction_leaves_every_ref_where_it_was() {
    let repo = kernel();
    hook(&repo, "reference-transaction", "echo 'POLICY: not here' >&2; exit 1");
    let err = repo.refused(128, &RUN);
    assert!(err.starts_with("fatal: no ref was moved") && err.contains("POLICY: not here"), "{err}");
    hook(&repo, "reference-transaction", "echo 'POLICY: as you like' >&2");
    let said = repo.run(&RUN);
    assert!(said.code == 0 && said.err.contains("POLICY: as you like"), "{}", said.err);
}

#[test]
fn a_locked_ref_leaves_every_other_where_it_was() {
    let repo = kernel();
    let lock = repo.path().join(".git/refs/heads/work-up.lock");
    fs::write(&lock, "").expect("a lock");
    let err = repo.refused(128, &RUN);
    assert!(err.contains("no ref was moved"), "{err}");
    fs::remove_file(lock).expect("it was there");
    assert_eq!(repo.run(&RUN).code, 0, "the same run goes through afterwards");
}

#[test]
fn the_branch_has_a_reflog_and_the_run_a_record() {
    let repo = kernel();
    repo.migrate(&[]);
    let reflog = repo.git(&["reflog", "show", "--format=%gs", "work-up"]);
    assert_eq!(reflog, "kmigrate (finish): work onto up");
    let runs = "refs/kmigrate/runs/work-up";
    assert_eq!(repo.id(&format!("{runs}/tip")), repo.id("work-up"));
    assert_eq!(repo.id("refs/kmigrate/last"), repo.id(&format!("{runs}/record")));
    let inputs = repo.file("refs/kmigrate/last", "inputs.json");
    let inputs: Value = serde_json::from_str(&inputs).expect("JSON");
    assert_eq!(inputs["onto"], repo.id("up").as_str());
    assert_eq!(inputs["committer"], "Carl Committer <carl@example.org> 1700000001 +0000");
    assert_eq!(repo.file("refs/kmigrate/last", "outcomes.jsonl").lines().count(), 2);
}

#[test]
fn a_branch_of_somebody_elses_is_not_touched() {
    let repo = kernel();
    repo.git(&["branch", "work-up", "v1"]);
    let err = repo.refused(128, &RUN);
    assert!(err.contains("a branch named 'work-up' exists"), "{err}");
    assert!(err.contains("--branch=<name>"), "{err}");
    let err = repo.refused(128, &[&RUN[..], &["--branch=main"]].concat());
    assert!(err.contains("'main'"), "{err}");
}

#[test]
fn the_branch_of_our_own_earlier_run_is_moved_and_the_records_form_a_history() {
    let repo = kernel();
    repo.migrate(&[]);
    let before = repo.id("work-up");
    repo.on("work").edit("b.c", "b\n", "third");
    repo.migrate(&[]);
    assert_eq!(repo.id("work-up~1"), before, "the same two commits below");
    assert_eq!(repo.git(&["reflog", "show", "--format=%gs", "work-up"]).lines().count(), 2);
    assert_eq!(repo.git(&["rev-list", "--count", "refs/kmigrate/last"]), "2");
}

#[test]
fn a_branch_of_ours_that_somebody_moved_is_not_touched() {
    let repo = kernel();
    repo.migrate(&[]);
    repo.branch("work-up", "work-up").edit("b.c", "by hand\n", "by hand");
    repo.on("main");
    let err = repo.refused(128, &RUN);
    assert!(err.contains("no run of work on this base left it where it is"), "{err}");
}

#[test]
fn a_branch_of_ours_made_of_another_source_is_not_touched() {
    let repo = kernel();
    repo.migrate(&["--branch=out"]);
    repo.git(&["branch", "other", "work~1"]);
    let err = repo.refused(128, &["v1..other", "--onto", "up", "--branch=out"]);
    assert!(err.contains("a branch named 'out' exists"), "{err}");
}

#[test]
fn a_branch_of_ours_that_is_checked_out_is_not_touched() {
    let repo = kernel();
    repo.migrate(&[]);
    let tree = repo.beside("tree");
    repo.git(&["worktree", "add", "-q", tree.to_str().expect("UTF-8"), "work-up"]);
    let err = repo.refused(128, &RUN);
    assert!(err.contains("is checked out at"), "{err}");
    assert!(err.contains(tree.to_str().expect("UTF-8")), "{err}");
}

#[test]
fn a_branch_that_appears_during_the_walk_is_not_touched() {
    let repo = kernel();
    let bin = repo.beside("bin");
    fs::create_dir(&bin).expect("a folder");
    // git is asked about this after the branch was looked at, and before refs move.
    let script = "#!/bin/sh\nreal=$(PATH=${PATH#*:} command -v git)\n\
        case \"$*\" in *--is-ancestor*) $real branch work-up v1;; esac\nexec $real \"$@\"\n";
    fs::write(bin.join("git"), script).expect("a script");
    fs::set_permissions(bin.join("git"), Permissions::from_mode(0o755)).expect("a script");
    let path = std::env::var("PATH").expect("a PATH");
    let mut command = repo.kmigrate();
    command.args(RUN).env("PATH", format!("{}:{path}", bin.display()));
    let output = command.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(128));
    assert_eq!(repo.id("work-up"), repo.id("v1"), "it is where somebody else put it");
    assert!(!repo.has("refs/kmigrate/last"), "no other ref moved either");
}

#[test]
fn a_name_that_no_branch_may_have_is_a_usage_error() {
    let repo = kernel();
    let err = repo.refused(129, &[&RUN[..], &["--branch=a..b"]].concat());
    assert!(err.contains("'a..b' is not a valid branch name"), "{err}");
    for name in ["HEAD", "@", "refs/heads/HEAD"] {
        let err = repo.refused(129, &["v1..work", "--onto", "up", &format!("--branch={name}")]);
        assert!(err.contains("is not a valid branch name"), "{err}");
    }
}

#[test]
fn the_post_rewrite_hook_gets_old_and_new_ids_of_what_changed() {
    let repo = kernel();
    let log = repo.beside("log");
    hook(&repo, "post-rewrite", &format!("echo $1 >{0}\ncat >>{0}", log.display()));
    let (outcomes, _) = repo.migrate(&[]);
    let pairs: String = outcomes
        .iter()
        .map(|o| format!("{} {}\n", o["old"].as_str().expect("an id"), o["new"].as_str().expect("an id")))
        .collect();
    assert_eq!(fs::read_to_string(&log).expect("the hook ran"), format!("rebase\n{pairs}"));
    fs::remove_file(&log).expect("it was there");
    repo.outcomes(&["v1..work", "--onto", "v1"]);
    repo.migrate(&["--dry-run"]);
    assert!(!log.exists(), "nothing was rewritten");
}

#[test]
fn notes_are_copied_where_the_settings_ask_for_it() {
    let repo = kernel();
    repo.git(&["notes", "add", "-m", "tested on hardware", "work"]);
    repo.git(&["config", "notes.rewriteRef", "refs/notes/commits"]);
    repo.migrate(&[]);
    assert_eq!(repo.git(&["notes", "show", "work-up"]), "tested on hardware");
}

#[test]
fn a_dry_run_writes_nothing_at_all() {
    let repo = kernel();
    let all = || {
        let files = repo.command("find").args([".git", "-type", "f"]).output();
        (repo.git(&["count-objects", "-v"]), repo.refs(), files.expect("find starts").stdout)
    };
    let before = all();
    let (outcomes, totals) = repo.migrate(&["--dry-run"]);
    assert_eq!(outcomes.len(), 2);
    assert_eq!(totals["result"], json!({"written": false, "because": ["dry_run"]}));
    assert_eq!(totals["record"], Value::Null);
    assert_eq!(all(), before);
}

#[test]
fn a_tree_that_is_the_expected_one_is_done() {
    let repo = kernel();
    let expected = edited(40, &[(2, "upstream"), (20, "one"), (30, "two")]);
    repo.branch("expected", "up").edit("a.c", expected, "by hand");
    let said = repo.run(&[&RUN[..], &["--expect-tree", "expected"]].concat());
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("the tree is the expected one"), "{}", said.out);
}

#[test]
fn a_tree_that_is_not_the_expected_one_exits_2_with_paths_and_the_commits_that_touched_them() {
    let repo = kernel();
    repo.branch("expected", "up").edit("b.c", "b\n", "by hand");
    let args = [&RUN[..], &["--expect-tree", "expected"]].concat();
    let said = repo.run(&args);
    assert_eq!(said.code, 2);
    assert!(said.out.contains("2 paths differ"), "{}", said.out);
    assert!(said.out.contains("a.c  (last touched by 2: second)"), "{}", said.out);
    assert!(said.out.contains("b.c  (touched by no commit of the series)"), "{}", said.out);
    let (_, totals) = repo.outcomes(&args);
    let expected = json!([{"path": "a.c", "n": 2}, {"path": "b.c", "n": null}]);
    assert_eq!(totals["unexpected"], expected);
}

#[test]
fn an_expected_tree_that_does_not_exist_is_refused_before_the_walk() {
    let repo = kernel();
    let err = repo.refused(128, &[&RUN[..], &["--expect-tree", "nowhere"]].concat());
    assert!(err.contains("--expect-tree: bad revision 'nowhere'"), "{err}");
}

#[test]
fn json_has_the_fields_of_its_schema_and_nothing_else_on_standard_output() {
    let repo = kernel();
    let (outcomes, totals) = repo.migrate(&[]);
    let keys = |v: &Value| v.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let mut expected = [
        "schema_version",
        "n",
        "old",
        "new",
        "subject",
        "status",
        "flags",
        "confidence",
        "predicted_distance",
        "files",
        "findings",
        "evidence",
    ];
    expected.sort_unstable();
    let mut found = keys(&outcomes[0]);
    found.sort_unstable();
    assert_eq!(found, expected);
    let file = &outcomes[0]["files"][0];
    for key in ["path", "path_old", "method", "accepted", "confidence", "predicted_distance", "hunks"] {
        assert!(file.get(key).is_some(), "{key} in {file}");
    }
    assert_eq!(outcomes[1]["n"], 2);
    assert_eq!(outcomes[1]["old"], repo.id("work").as_str());
    assert_eq!(outcomes[1]["new"], repo.id("work-up").as_str());
    assert_eq!(totals["totals"]["status"], json!({"unmodified": 2}));
    assert_eq!(totals["result"], json!({"written": true, "holds": []}));
    assert_eq!(totals["record"], "refs/kmigrate/runs/work-up/record");
}

#[test]
fn show_finds_a_commit_by_position_old_id_and_new_id() {
    let repo = kernel();
    repo.migrate(&[]);
    for which in ["2", "work", "work-up", &repo.id("work")[..9], &repo.id("work-up")] {
        let said = repo.run(&["show", which]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.starts_with("2/2 second\n"), "{which}: {}", said.out);
        assert!(said.out.contains(&format!("old     {}\n", repo.id("work"))), "{}", said.out);
        assert!(said.out.contains(&format!("new     {}\n", repo.id("work-up"))), "{}", said.out);
    }
    let line = repo.run(&["show", "1", "--json"]).out;
    let outcome: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(outcome["subject"], "first");
}

#[test]
fn show_presents_the_sides_of_a_conflict_and_upstreams_own_change_there() {
    let repo = kernel();
    repo.branch("up", "v1").edit("a.c", edited(40, &[(20, "theirs too")]), "upstream");
    repo.migrate(&[]);
    let said = repo.run(&["show"]).out;
    assert!(said.starts_with("1/2 first\nstatus  conflicted\n"), "{said}");
    assert!(
        said.contains("ours (upstream):\n    theirs too\nbase:\n    line 20\ntheirs (the patch):\n    one\n"),
        "{said}"
    );
    assert!(said.contains("upstream's own change here:\n    @@ -20,1 +20,1 @@\n"), "{said}");
    assert!(said.contains("    -line 20\n    +theirs too\n"), "{said}");
}

#[test]
fn show_refuses_what_is_no_commit_of_the_run_and_a_run_that_never_was() {
    let repo = kernel();
    let err = repo.refused(128, &["show", "1"]);
    assert!(err.contains("there is no record of a run"), "{err}");
    repo.migrate(&[]);
    for which in ["0", "3", "v1", "nowhere"] {
        let err = repo.refused(128, &["show", which]);
        assert!(err.contains(&format!("'{which}' is no commit of this run")), "{err}");
    }
    let err = repo.refused(128, &["show", "--run", "other", "1"]);
    assert!(err.contains("there is no run of 'other' here"), "{err}");
}
