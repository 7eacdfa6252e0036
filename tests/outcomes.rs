//! What became of a commit: every status and flag, and the policies that choose among them.

use crate::support::{Repo, edited, forked, lines};
use serde_json::{Value, json};

/// `a.c` with 40 lines; upstream and the series each make one commit to it.
fn both(upstream: &str, patch: &str) -> Repo {
    let repo = forked(&[("a.c", &lines(40)), ("other.c", "other\n")]);
    repo.on("up").edit("a.c", upstream, "upstream's commit");
    repo.on("work").edit("a.c", patch, "the patch");
    repo.on("main");
    repo
}

fn statements(outcome: &Value) -> String {
    let all = outcome["evidence"].as_array().expect("a list");
    let all: Vec<String> = all.iter().map(Value::to_string).collect();
    all.join("\n")
}

#[test]
fn a_patch_far_from_upstreams_change_is_unmodified() {
    let repo = both(&edited(40, &[(2, "upstream")]), &edited(40, &[(30, "patch")]));
    let (outcomes, totals) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "unmodified");
    assert_eq!(outcomes[0]["flags"], json!([]));
    assert_eq!(outcomes[0]["files"][0]["result"], "merged");
    assert_eq!(totals["totals"]["accepted"], 1);
    let expected = edited(40, &[(2, "upstream"), (30, "patch")]);
    assert_eq!(repo.file("work-up", "a.c"), expected.trim_end());
    let patch_id = |range: &str| {
        let patch = repo.git(&["diff-tree", "-p", range]) + "\n";
        let said = repo.feed("git", &["patch-id", "--stable"], patch.as_bytes());
        said.out.split(' ').next().map(str::to_owned)
    };
    assert_eq!(patch_id("work-up"), patch_id("work"));
}

#[test]
fn a_patch_of_which_upstream_has_a_half_is_modified_and_partly_upstream() {
    let repo = both(&edited(40, &[(10, "shared"), (20, "upstream")]), &edited(40, &[(10, "shared"), (30, "patch")]));
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "modified");
    assert_eq!(outcomes[0]["flags"], json!(["partly_upstream"]));
    let diff = repo.git(&["diff", "-U0", "work-up~1", "work-up"]);
    assert!(diff.contains("+patch") && !diff.contains("+shared"), "{diff}");
}

#[test]
fn a_patch_with_one_file_that_upstream_changed_alike_is_partly_upstream() {
    let repo = forked(&[("a.c", "a\n"), ("b.c", "b\n")]);
    repo.on("up").edit("a.c", "same\n", "upstream's half");
    repo.on("work").write("a.c", "same\n").edit("b.c", "own\n", "both halves");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "modified");
    assert_eq!(outcomes[0]["flags"], json!(["partly_upstream"]));
    assert_eq!(repo.git(&["diff", "--name-only", "work-up~1", "work-up"]), "b.c");
}

#[test]
fn a_patch_whose_merge_changes_nothing_is_upstream() {
    let repo = both(&edited(40, &[(10, "shared"), (20, "upstream")]), &edited(40, &[(10, "shared")]));
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "upstream");
    assert_eq!(outcomes[0]["new"], Value::Null);
    assert!(statements(&outcomes[0]).contains("merging it changes nothing"));
    assert_eq!(repo.id("work-up"), repo.id("up"));
}

#[test]
fn a_deletion_of_what_upstream_only_moved_is_no_proof_and_one_that_upstream_made_is() {
    let with = |lines: &[&str]| edited(40, &[(10, &lines.join("\n"))]);
    let base = with(&["fw_load(a);", "irq_on(a);", "start(a);"]);
    let mine = with(&["fw_load(a);", "start(a);"]);
    for (theirs, left_out) in
        [(with(&["fw_load(a);", "start(a);", "irq_on(a);"]), false), (format!("{mine}more\n"), true)]
    {
        let repo = forked(&[("a.c", &base)]);
        repo.on("up").edit("a.c", &theirs, "upstream's commit");
        repo.on("work").edit("a.c", &mine, "the patch");
        let (outcomes, _) = repo.migrate(&["--unreviewed"]);
        assert_eq!(outcomes[0]["status"], "upstream", "{}", outcomes[0]);
        assert_eq!(outcomes[0]["new"].is_null(), left_out, "{}", outcomes[0]);
        assert_eq!(statements(&outcomes[0]).contains("upstream has only moved it"), !left_out, "{}", outcomes[0]);
    }
}

/// Upstream took the patch as it is and went on at the same place, so that merging it again would conflict.
fn taken_and_changed() -> (Repo, String) {
    let patch = edited(40, &[(9, "probe_first();"), (10, "probe_second();")]);
    let later = edited(40, &[(9, "probe_first();"), (10, "probe_second(flags);")]);
    let repo = forked(&[("a.c", &lines(40))]);
    let taken = repo.on("up").edit("a.c", &patch, "taken under another title");
    repo.edit("a.c", later, "upstream goes on");
    repo.on("work").edit("a.c", &patch, "the patch");
    (repo, taken)
}

#[test]
fn a_patch_with_the_patch_id_of_an_upstream_commit_is_upstream_and_names_it() {
    let (repo, taken) = taken_and_changed();
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "upstream");
    let evidence = statements(&outcomes[0]);
    assert!(evidence.contains("same patch-id") && evidence.contains(&taken), "{evidence}");
    assert_eq!(repo.id("work-up"), repo.id("up"));
}

#[test]
fn a_patch_that_upstream_took_and_reverted_is_not_dropped() {
    let patch = edited(40, &[(10, "probe_second(flags);")]);
    let repo = forked(&[("a.c", &lines(40))]);
    repo.on("up").edit("a.c", &patch, "taken");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.on("work").edit("a.c", &patch, "the patch");
    let (outcomes, _) = repo.migrate(&["--unreviewed"]);
    assert_eq!(outcomes[0]["status"], "unmodified", "upstream does not have it any more");
    assert_eq!(outcomes[0]["flags"], json!(["to_review"]), "but somebody should know why");
    assert!(statements(&outcomes[0]).contains("takes it back"));
    assert_eq!(repo.file("work-up", "a.c"), patch.trim_end());
}

#[test]
fn a_patch_that_upstream_took_reverted_and_took_again_is_upstream() {
    let patch = edited(40, &[(10, "probe_second(flags);")]);
    let repo = forked(&[("a.c", &lines(40))]);
    repo.on("up").edit("a.c", &patch, "taken");
    repo.git(&["revert", "--no-edit", "HEAD"]);
    repo.edit("a.c", &patch, "taken again");
    repo.edit("a.c", edited(40, &[(10, "probe_second(more);")]), "upstream goes on");
    repo.on("work").edit("a.c", &patch, "the patch");
    assert_eq!(repo.statuses(&[]), ["upstream"]);
}

#[test]
fn binary_changes_to_other_bytes_have_no_equal_patch_id() {
    let repo = forked(&[("fw.bin", "\0old")]);
    repo.on("up").edit("fw.bin", "\0upstream", "firmware");
    repo.on("work").edit("fw.bin", "\0patch", "firmware");
    assert_eq!(repo.statuses(&[]), ["conflicted"]);
}

/// The patch adds a check; its message names an upstream commit whose content is `upstream`.
fn named(upstream: &str) -> Repo {
    let old = "begin();\nregister_all(dev);\nfinish();\nlast();\n";
    let repo = forked(&[("a.c", old)]);
    let id = repo.on("up").edit("a.c", upstream, "upstream's commit");
    let message = format!("the backport\n\ncommit {id} upstream.\n\nWhy it is needed.");
    repo.on("work").edit("a.c", "begin();\nregister_all(dev, GFP_KERNEL);\nfinish();\nlast();\n", &message);
    repo
}

#[test]
fn a_named_upstream_commit_whose_content_agrees_is_upstream() {
    let repo = named("begin();\nregister_all(dev, GFP_KERNEL);\nfinish(now);\nlast();\n");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "upstream");
    let evidence = statements(&outcomes[0]);
    assert!(evidence.contains("the new kernel contains that commit"), "{evidence}");
    assert!(evidence.contains(&repo.id("up")), "{evidence}");
    assert!(evidence.contains("1 of its 1 hunks stand"), "{evidence}");
    assert_eq!(repo.id("work-up"), repo.id("up"));
}

#[test]
fn a_named_upstream_commit_without_the_content_is_to_review_and_withholds_the_branch() {
    let repo = named("begin();\nregister_all(dev);\nfinish();\nlast(elsewhere);\n");
    let said = repo.run(&["v1..work", "--onto", "up"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("(to review)"), "{}", said.out);
    assert!(said.err.contains("--unreviewed"), "{}", said.err);
    assert!(!repo.has("refs/heads/work-up"));
    assert!(repo.has("refs/kmigrate/runs/work-up/tip"), "the walk is kept");
}

#[test]
fn unreviewed_writes_the_branch_and_says_so() {
    let repo = named("begin();\nregister_all(dev);\nfinish();\nlast(elsewhere);\n");
    let said = repo.run(&["v1..work", "--onto", "up", "--unreviewed"]);
    assert_eq!(said.code, 1, "unreviewed is not done");
    assert!(said.out.contains("nobody has reviewed"), "{}", said.out);
    assert_eq!(repo.id("work-up~1"), repo.id("up"));
    let reflog = repo.git(&["reflog", "show", "--format=%gs", "work-up"]);
    assert!(reflog.contains("with unsettled commits"), "{reflog}");
    repo.is_sound();
}

#[test]
fn a_named_commit_that_the_new_kernel_does_not_contain_says_nothing() {
    let repo = named("begin();\nregister_all(dev);\nfinish();\nlast(elsewhere);\n");
    repo.branch("up", "v1").edit("b.c", "b\n", "another way upstream went");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "unmodified");
    assert_eq!(outcomes[0]["flags"], json!([]));
}

#[test]
fn a_subject_that_upstream_has_tells_of_a_patch_only_if_they_change_a_line_alike() {
    let with_upstream = |upstream: &str| {
        let repo = forked(&[("a.c", &lines(40))]);
        repo.on("up").edit("a.c", edited(40, &[(30, upstream)]), "fix the fan");
        repo.on("work").edit("a.c", edited(40, &[(10, "keep_the_fan(on);")]), "fix the fan");
        repo
    };
    assert_eq!(with_upstream("stop_the_fan(now);").migrate(&[]).0[0]["flags"], json!([]));
    let alike = with_upstream("\tkeep_the_fan(on);").migrate(&[]).0;
    assert_eq!(alike[0]["flags"], json!(["to_review"]));
    assert!(statements(&alike[0]).contains("has the same subject and author"), "{}", alike[0]);
}

#[test]
fn keep_makes_an_empty_commit_of_what_upstream_has() {
    let repo = both(&edited(40, &[(10, "shared"), (20, "upstream")]), &edited(40, &[(10, "shared")]));
    let (outcomes, _) = repo.migrate(&["--upstream=keep"]);
    assert_eq!(outcomes[0]["status"], "upstream");
    assert_eq!(outcomes[0]["new"], repo.id("work-up").as_str());
    assert_eq!(repo.id("work-up~1"), repo.id("up"));
    assert_eq!(repo.id("work-up^{tree}"), repo.id("up^{tree}"));
    assert_eq!(repo.git(&["log", "-1", "--format=%s", "work-up"]), "the patch");
}

#[test]
fn drop_named_leaves_out_what_only_its_message_calls_upstream() {
    let repo = named("begin();\nregister_all(dev);\nfinish();\nlast(elsewhere);\n");
    assert_eq!(repo.statuses(&["--upstream=drop-named"]), ["upstream"]);
    assert_eq!(repo.id("work-up"), repo.id("up"));
}

#[test]
fn stop_ends_at_the_first_upstream_commit_and_leaves_the_rest_pending() {
    let (repo, _) = taken_and_changed();
    repo.edit("later.c", "later\n", "not reached");
    assert_eq!(repo.statuses(&["--upstream=stop"]), ["upstream", "pending"]);
    assert!(!repo.has("refs/heads/work-up"));
    assert_eq!(repo.run(&["v1..work", "--onto", "up", "--upstream=stop"]).code, 1);
}

#[test]
fn a_commit_that_was_empty_from_the_start_is_kept() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    repo.on("work").commit("a marker without changes");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "empty");
    assert_eq!(repo.id("work-up~1"), repo.id("up"));
    assert_eq!(repo.id("work-up^{tree}"), repo.id("up^{tree}"));
    assert_eq!(repo.git(&["log", "-1", "--format=%s", "work-up"]), "a marker without changes");
}

/// The first patch conflicts at line 10; then one edit beside it, one far away, one in another file.
fn conflicting() -> Repo {
    let repo = both(&edited(40, &[(10, "upstream")]), &edited(40, &[(10, "patch")]));
    repo.on("work").edit("a.c", edited(40, &[(10, "patch"), (11, "beside")]), "beside it");
    repo.edit("a.c", edited(40, &[(10, "patch"), (11, "beside"), (30, "far")]), "far from it");
    repo.edit("other.c", "other\nmore\n", "elsewhere");
    repo.on("main");
    repo
}

const TIP: &str = "refs/kmigrate/runs/work-up/tip";

#[test]
fn a_carried_conflict_leaves_the_patchs_side_to_later_commits_and_never_markers() {
    let repo = conflicting();
    let statuses = repo.statuses(&[]);
    assert_eq!(statuses, ["conflicted", "unmodified", "unmodified", "unmodified"]);
    let walked = |at: &str| repo.file(&format!("{TIP}{at}"), "a.c");
    assert_eq!(walked("~3"), edited(40, &[(10, "patch")]).trim_end());
    let all = edited(40, &[(10, "patch"), (11, "beside"), (30, "far")]);
    assert_eq!(walked(""), all.trim_end());
    let grep = repo.command("git").args(["grep", "-qE", "^(<<<<<<<|>>>>>>>|[|]{7})", TIP]).status();
    assert_eq!(grep.expect("git starts").code(), Some(1), "no markers anywhere");
}

#[test]
fn a_carried_conflict_keeps_its_sides_and_its_diff3_text_in_the_record() {
    let repo = conflicting();
    let (outcomes, totals) = repo.migrate(&[]);
    let conflict = &outcomes[0]["files"][0]["conflict"];
    assert_eq!(conflict["kind"], "content");
    let sides = [repo.id("v1:a.c"), repo.id("up:a.c"), repo.id("work~3:a.c")];
    assert_eq!(outcomes[0]["files"][0]["sides"], json!(sides));
    assert_eq!(outcomes[0]["files"][0]["hunks"], json!([{"line": 10, "lengths": [1, 1, 1]}]));
    let record = totals["record"].as_str().expect("a record");
    let text = repo.file(record, "conflicts/1/0");
    assert!(
        text.contains("<<<<<<< ours (upstream)\nupstream\n||||||| base\nline 10\n=======\npatch\n>>>>>>>"),
        "{text}"
    );
}

#[test]
fn a_commit_beside_an_open_conflict_is_provisional_and_one_far_from_it_is_not() {
    let repo = conflicting();
    let (outcomes, totals) = repo.migrate(&[]);
    assert_eq!(outcomes[1]["flags"], json!(["provisional"]));
    assert_eq!(outcomes[1]["rests_on"], json!([1]));
    assert_eq!(outcomes[1]["files"][0]["accepted"], false);
    for far in [2, 3] {
        assert_eq!(outcomes[far]["flags"], json!([]), "commit {}", far + 1);
        assert_eq!(outcomes[far]["rests_on"], Value::Null);
    }
    assert_eq!(totals["totals"]["accepted"], 2);
    let shown = repo.run(&["v1..work", "--onto", "up"]).out;
    assert!(shown.contains("beside it  (provisional: rests on 1)"), "{shown}");
}

#[test]
fn a_carried_conflict_withholds_the_branch_with_exit_1_and_advice() {
    let repo = conflicting();
    let refs = repo.refs();
    let said = repo.run(&["v1..work", "--onto", "up"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("content conflict in a.c:10"), "{}", said.out);
    assert!(said.out.contains("branch work-up is not written"), "{}", said.out);
    assert!(said.err.contains("git kmigrate show 1"), "{}", said.err);
    assert!(said.err.contains("--allow-conflicts"), "{}", said.err);
    let moved = repo.refs();
    let moved: Vec<&str> = moved.lines().filter(|l| !refs.contains(l)).collect();
    assert_eq!(moved.len(), 4, "only the run's own refs are new: {moved:?}");
    assert!(moved.iter().all(|l| l.starts_with("refs/kmigrate/")), "{moved:?}");
}

#[test]
fn on_conflict_stop_leaves_the_rest_pending_and_no_branch() {
    let repo = conflicting();
    let statuses = repo.statuses(&["--on-conflict=stop"]);
    assert_eq!(statuses, ["conflicted", "pending", "pending", "pending"]);
    assert!(!repo.has("refs/heads/work-up"));
    assert_eq!(repo.id(&format!("{TIP}~1")), repo.id("up"));
}

#[test]
fn on_conflict_skip_leaves_the_commit_out_and_goes_on_without_it() {
    let repo = conflicting();
    let said = repo.run(&["v1..work", "--onto", "up", "--on-conflict=skip", "--methods=text"]);
    assert_eq!(said.code, 1, "a skipped commit is not done");
    // Beside the conflict, the second one conflicts too, as text.
    assert_eq!(repo.git(&["log", "--format=%s", "--reverse", "up..work-up"]), "far from it\nelsewhere");
    let expected = edited(40, &[(10, "upstream"), (30, "far")]);
    assert_eq!(repo.file("work-up", "a.c"), expected.trim_end());
    repo.is_sound();
}

#[test]
fn allow_conflicts_writes_the_branch_with_the_patchs_side_and_says_so_in_the_reflog() {
    let repo = conflicting();
    let said = repo.run(&["v1..work", "--onto", "up", "--allow-conflicts"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("it holds conflicts"), "{}", said.out);
    assert_eq!(repo.id("work-up~4"), repo.id("up"));
    assert!(repo.file("work-up", "a.c").contains("\npatch\nbeside\n"));
    let reflog = repo.git(&["reflog", "show", "--format=%gs", "work-up"]);
    assert_eq!(reflog, "kmigrate (finish): work onto up, with unsettled commits");
}

#[test]
fn upstreams_side_of_a_conflict_is_not_lost_beside_clean_hunks_of_the_same_file() {
    let repo = both(
        &edited(40, &[(2, "clean upstream"), (10, "upstream")]),
        &edited(40, &[(10, "patch"), (30, "clean patch")]),
    );
    assert_eq!(repo.statuses(&[]), ["conflicted"]);
    let expected = edited(40, &[(2, "clean upstream"), (10, "patch"), (30, "clean patch")]);
    assert_eq!(repo.file(TIP, "a.c"), expected.trim_end());
}

#[test]
fn a_conflict_is_told_by_its_line_in_the_tips_file_whatever_the_patch_adds_above_it() {
    let patched = format!("first\nsecond\n{}", edited(40, &[(10, "patch")]));
    let repo = both(&edited(40, &[(10, "upstream")]), &patched);
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["files"][0]["hunks"][0]["line"], 10);
    assert!(repo.run(&["show", "1"]).out.contains("@@ line 10 of ours @@"));
}

#[test]
fn lines_that_look_like_markers_are_carried_as_text() {
    let rst = format!("Heading\n=======\n{}<<<<<<< not a marker\n", lines(20));
    let repo = forked(&[("doc.rst", &rst)]);
    repo.on("up").edit("doc.rst", rst.replace("line 10\n", "upstream\n"), "upstream");
    repo.on("work").edit("doc.rst", rst.replace("line 10\n", "patch\n"), "patch");
    let (outcomes, totals) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["files"][0]["hunks"][0]["line"], 12);
    assert_eq!(repo.file(TIP, "doc.rst"), rst.replace("line 10\n", "patch\n").trim_end());
    let text = repo.file(totals["record"].as_str().expect("a record"), "conflicts/1/0");
    assert!(text.contains("\n<<<<<<<< ours (upstream)\nupstream\n"), "{text}");
}
