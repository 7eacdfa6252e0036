//! Resolutions that people made, remembered: of a run, a rebase by hand, merges, git rerere; shared, forgotten, damaged.

use crate::support::{Repo, Said, edited, forked};
use serde_json::Value;

const RUN: [&str; 3] = ["v1..work", "--onto", "up"];
const MEMORY: &str = "refs/kmigrate/memory";
/// What upstream, the series and a person make of one call: no method can put that together.
const TWENTY: [&str; 3] = ["call(upstream, one, two)", "invoke(mine, three)", "call(upstream, mine, one, two, three)"];

/// `work` and `up` change the same line in ways that no method joins; `m.c` is upstream's alone.
fn repo() -> Repo {
    let repo = forked(&[("a.c", &edited(60, &[])), ("m.c", "m\n")]);
    repo.on("up").edit("a.c", edited(60, &[(20, TWENTY[0])]), "upstream");
    repo.on("work").edit("a.c", edited(60, &[(20, TWENTY[1])]), "mine");
    repo.on("main");
    repo
}

fn settled() -> String {
    edited(60, &[(20, TWENTY[2])])
}

fn done(repo: &Repo, args: &[&str]) -> Said {
    let said = repo.run(args);
    assert!(said.code <= 1, "{args:?}: {} {}{}", said.code, said.out, said.err);
    said
}

/// Settles the first commit of a run by hand.
fn settle(repo: &Repo, text: &str) -> Said {
    let folder = done(repo, &["edit", "1"]).out;
    let folder = folder.lines().next().expect("a folder").trim().to_owned();
    std::fs::write(repo.path().join(folder).join("a.c"), text).expect("written");
    done(repo, &["continue"])
}

/// The only commit of a run of its own.
fn outcome(repo: &Repo, args: &[&str]) -> Value {
    repo.outcomes(args).0.remove(0)
}

/// The same onto an upstream that nobody has carried anything to, with the same files.
fn elsewhere(repo: &Repo) -> Value {
    repo.branch("next", "up").edit("more.c", "more\n", "the next release");
    repo.on("main");
    outcome(repo, &["v1..work", "--onto", "next"])
}

fn evidence(outcome: &Value) -> String {
    outcome["evidence"].to_string()
}

#[test]
fn what_a_person_settles_in_a_run_is_settled_in_the_next_one() {
    let repo = repo();
    assert_eq!(outcome(&repo, &RUN)["status"], "conflicted");
    let said = settle(&repo, &settled());
    assert!(said.err.contains("1 resolutions are remembered"), "{}", said.err);
    let again = outcome(&repo, &[&RUN[..], &["--branch", "other"]].concat());
    assert_eq!((&again["status"], &again["files"][0]["method"]), (&"modified".into(), &"remembered".into()));
    assert_eq!(again["files"][0]["accepted"], true, "{again}");
    assert!(evidence(&again).contains("the same conflict was settled in the run of work-up"), "{again}");
    assert!(evidence(&again).contains("by Carl Committer <carl@example.org>"), "{again}");
    assert_eq!(repo.file("other", "a.c"), settled().trim_end());
    repo.is_sound();
}

#[test]
fn whoever_thinks_again_is_remembered_by_the_last_word() {
    let repo = repo();
    done(&repo, &RUN);
    settle(&repo, &edited(60, &[(20, "a first thought")]));
    settle(&repo, &settled());
    assert_eq!(done(&repo, &["memory", "list"]).out.lines().filter(|line| line.contains("a.c")).count(), 1);
    let again = outcome(&repo, &[&RUN[..], &["--branch", "other"]].concat());
    assert_eq!(again["files"][0]["accepted"], true, "{again}");
    assert_eq!(repo.file("other", "a.c"), settled().trim_end());
}

#[test]
fn a_run_says_which_memory_it_goes_by_and_keeps_to_it() {
    let repo = repo();
    done(&repo, &RUN);
    settle(&repo, &settled());
    let id = repo.id(MEMORY);
    done(&repo, &[&RUN[..], &["-b", "other"]].concat());
    let inputs = |run: &str| -> Value {
        serde_json::from_str(&repo.file(&format!("refs/kmigrate/runs/{run}/record"), "inputs.json")).expect("JSON")
    };
    assert_eq!(
        (&inputs("other")["options"]["memory"], &inputs("work-up")["options"]["memory"]),
        (&id.into(), &Value::Null)
    );
    let before = repo.id("other");
    repo.git(&["update-ref", MEMORY, &repo.id(&format!("{MEMORY}^{{commit}}"))]);
    done(&repo, &["forget", "--", "a.c"]);
    done(&repo, &["continue", "--run", "other"]);
    assert_eq!(repo.id("other"), before, "what it began with is what it goes by");
}

#[test]
fn nothing_is_recalled_or_remembered_unasked() {
    let repo = repo();
    done(&repo, &RUN);
    settle(&repo, &settled());
    assert_eq!(outcome(&repo, &[&RUN[..], &["-b", "y", "--no-memory"]].concat())["status"], "conflicted");
    repo.git(&["config", "kmigrate.memory", "false"]);
    assert_eq!(outcome(&repo, &[&RUN[..], &["-b", "z"]].concat())["status"], "conflicted");
    repo.git(&["update-ref", "-d", MEMORY]);
    let folder = done(&repo, &["edit", "1", "--run", "z"]).out;
    let file = repo.path().join(folder.lines().next().expect("a folder").trim()).join("a.c");
    std::fs::write(file, settled()).expect("written");
    done(&repo, &["continue", "--run", "z"]);
    assert!(!repo.has(MEMORY), "kmigrate.memory=false keeps nothing");
}

#[test]
fn where_upstream_went_on_beside_it_somebody_should_look() {
    let repo = repo();
    done(&repo, &RUN);
    settle(&repo, &settled());
    repo.branch("next", "up").edit("a.c", edited(60, &[(20, TWENTY[0]), (22, "upstream goes on")]), "the next release");
    repo.on("main");
    let found = outcome(&repo, &["v1..work", "--onto", "next"]);
    assert_eq!((&found["status"], &found["files"][0]["method"]), (&"modified".into(), &"remembered".into()));
    assert_eq!(found["files"][0]["accepted"], false);
    assert!(evidence(&found).contains("around it stand other lines"), "{found}");
    assert_eq!(
        repo.git(&["show", &format!("{}:a.c", found["new"].as_str().expect("an id"))]),
        edited(60, &[(20, TWENTY[2]), (22, "upstream goes on")]).trim_end()
    );
}

/// `hand`: the series as somebody rebased it by hand.
fn by_hand(repo: &Repo) {
    repo.branch("hand", "up").edit("a.c", settled(), "mine");
    repo.on("main");
}

#[test]
fn a_rebase_done_by_hand_is_learned_from_and_then_made_again_alike() {
    let repo = repo();
    by_hand(&repo);
    let said = done(&repo, &["learn", "v1..work", "up..hand"]);
    assert!(said.out.contains("1 resolutions, 1 of them new"), "{}", said.out);
    let said = done(&repo, &["learn", "v1..work", "up..hand"]);
    assert!(said.out.contains("1 resolutions, 0 of them new"), "{}", said.out);
    let found = outcome(&repo, &[&RUN[..], &["--expect-tree", "hand"]].concat());
    assert_eq!(found["files"][0]["accepted"], true, "{found}");
    let hand = repo.id("hand");
    assert!(evidence(&found).contains(&format!("was settled in commit {}", &hand[..12])), "{found}");
    assert_eq!(repo.id("work-up^{tree}"), repo.id("hand^{tree}"));
}

#[test]
fn pairs_are_found_under_another_subject_or_told() {
    let renamed = repo();
    renamed.branch("hand", "up").edit("a.c", settled(), "the same under another name");
    renamed.on("main");
    let told = format!("{} {} extra words\n", renamed.id("work"), renamed.id("hand"));
    let said = renamed.feed("kmigrate", &["learn", "--stdin", "-n"], told.as_bytes());
    assert!(said.out.contains("1 resolutions; nothing was written"), "{}{}", said.out, said.err);
    assert!(!renamed.has(MEMORY));
    let said = renamed.feed("kmigrate", &["learn", "--stdin"], b"one\n");
    assert!(said.code == 128 && said.err.contains("is no pair"), "{}", said.err);
}

#[test]
fn a_pair_that_is_known_by_likeness_alone_is_looked_at() {
    let repo = repo();
    repo.branch("hand", "up").edit("a.c", settled(), "under another name");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let found = elsewhere(&repo);
    assert_eq!((&found["files"][0]["method"], &found["files"][0]["accepted"]), (&"remembered".into(), &false.into()));
    assert!(evidence(&found).contains("by their likeness alone"), "{found}");
    assert_eq!(outcome(&repo, &RUN)["files"][0]["accepted"], true, "there it is what people made of it");
}

#[test]
fn what_people_wrote_beside_a_conflict_goes_with_it_and_a_clean_merge_is_only_counted() {
    let repo = repo();
    let more = edited(60, &[(20, TWENTY[2]), (50, "and here")]);
    repo.branch("hand", "up").edit("a.c", &more, "mine");
    repo.on("work").edit("m.c", "m\nn\n", "clean");
    repo.on("up").edit("m.c", "l\nm\n", "upstream goes on");
    repo.branch("hand2", "up").edit("m.c", "l\nm\nn\no\n", "clean");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "v1..hand"]);
    let said = done(&repo, &["learn", "v1..work", "v1..hand2"]);
    assert!(
        said.out.contains("1 files merge cleanly and were left otherwise: no conflict to remember"),
        "{}",
        said.out
    );
    let found = outcome(&repo, &RUN);
    assert_eq!(found["files"][0]["accepted"], true, "{found}");
    assert!(evidence(&found).contains("with other places of the file"), "{found}");
    assert_eq!(repo.git(&["show", &format!("{}:a.c", found["new"].as_str().expect("an id"))]), more.trim_end());
    repo.branch("next", "up").edit("a.c", edited(60, &[(20, TWENTY[0]), (51, "next")]), "the next release");
    repo.on("main");
    let found = outcome(&repo, &["v1..work", "--onto", "next"]);
    assert_eq!(found["status"], "conflicted", "what was changed along with it has no place: {found}");
    assert!(evidence(&found).contains("and that cannot be done here"), "{found}");
}

#[test]
fn a_file_that_was_left_out_of_a_commit_is_looked_at() {
    let repo = repo();
    repo.on("work").write("new.c", "new\n").git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--amend", "--no-edit"]);
    repo.branch("hand", "up").edit("new.c", "new\n", "mine");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let found = elsewhere(&repo);
    assert_eq!((&found["files"][0]["method"], &found["files"][0]["accepted"]), (&"remembered".into(), &false.into()));
    assert!(evidence(&found).contains("left this file out of it"), "{found}");
    let found = outcome(&repo, &RUN);
    assert_eq!(found["files"][0]["accepted"], true, "there it is what people made of it: {found}");
    assert_eq!(repo.id(&format!("{}^{{tree}}", found["new"].as_str().expect("an id"))), repo.id("hand^{tree}"));
}

#[test]
fn people_who_disagree_are_both_told_and_neither_is_followed() {
    let repo = repo();
    by_hand(&repo);
    repo.branch("hand2", "up").edit("a.c", edited(60, &[(20, "otherwise")]), "mine");
    repo.branch("work2", "v1").edit("a.c", edited(60, &[(20, TWENTY[1])]), "mine, too");
    repo.on("main");
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let pair = format!("{} {}\n", repo.id("work2"), repo.id("hand2"));
    assert_eq!(repo.feed("kmigrate", &["learn", "--stdin"], pair.as_bytes()).code, 0);
    let found = elsewhere(&repo);
    assert_eq!(found["status"], "conflicted");
    assert!(evidence(&found).contains("people settled this conflict in several ways"), "{found}");
    assert_eq!(outcome(&repo, &RUN)["status"], "modified", "of this very commit and kernel there is one word");
}

#[test]
fn merges_are_made_again_and_what_was_committed_is_learned() {
    let repo = repo();
    repo.branch("patched", "work");
    let merge = repo.command("git").args(["merge", "-q", "up"]).output().expect("git starts");
    assert!(!merge.status.success(), "it conflicts");
    repo.edit("a.c", settled(), "Merge up");
    repo.on("main");
    let before = repo.git(&["count-objects", "-v"]);
    let said = done(&repo, &["learn", "--from-merges", "patched", "-n"]);
    assert!(said.out.contains("1 resolutions; nothing was written"), "{}", said.out);
    assert_eq!(repo.git(&["count-objects", "-v"]), before, "a dry run writes no object");
    done(&repo, &["learn", "--from-merges", "v1..patched"]);
    let found = outcome(&repo, &RUN);
    assert_eq!(found["files"][0]["method"], "remembered", "the sides are the same, turned round: {found}");
    assert_eq!(found["files"][0]["accepted"], true);
    assert!(evidence(&found).contains("in merge "), "{found}");
}

#[test]
fn what_is_settled_in_a_cherry_pick_is_remembered_when_it_goes_on() {
    let repo = repo();
    repo.branch("patched", "up");
    let pick = || repo.command("git").args(["cherry-pick", "work"]).output().expect("git starts");
    assert!(!pick().status.success(), "it conflicts");
    assert!(done(&repo, &["resolve"]).out.contains("left "));
    repo.write("a.c", settled()).git(&["add", "a.c"]);
    let said = done(&repo, &["resolve", "--continue"]);
    assert!(
        said.code == 0 && said.err.contains("1 resolutions are remembered"),
        "{} {}{}",
        said.code,
        said.out,
        said.err
    );
    assert_eq!(repo.git(&["log", "-1", "--format=%s"]), "mine", "git went on");
    let tree = repo.id("HEAD^{tree}");
    repo.git(&["reset", "-q", "--hard", "HEAD^"]);
    assert!(!pick().status.success(), "it conflicts again");
    let said = done(&repo, &["resolve", "--continue"]);
    assert!(said.out.contains("resolved") && said.out.contains("in the middle of a git command"), "{}", said.out);
    assert_eq!((said.code, repo.id("HEAD^{tree}")), (0, tree));
    assert_eq!(outcome(&repo, &RUN)["files"][0]["accepted"], true, "a run knows it, too");
}

#[test]
fn what_is_still_conflicted_teaches_nothing_whatever_git_was_doing() {
    let made = Repo::new();
    let link = |to: &str| {
        let place = made.path().join("link");
        _ = std::fs::remove_file(&place);
        std::os::unix::fs::symlink(to, place).expect("a link");
    };
    let remove = |name: &str| std::fs::remove_file(made.path().join(name)).expect("it is there");
    link("base");
    made.write("du", edited(9, &[])).write("ud", edited(9, &[])).commit("base");
    made.branch("up", "main");
    link("upstream");
    remove("du");
    made.write("ud", edited(9, &[(5, "upstream")])).commit("upstream");
    made.branch("mine", "main");
    link("mine");
    remove("ud");
    made.write("du", edited(9, &[(5, "mine")])).commit("mine");
    made.on("up");
    for stops in [&["cherry-pick", "mine"][..], &["merge", "mine"], &["rebase", "up", "mine"], &["stash", "pop"]] {
        let repo = Repo::copy_of(&made);
        if stops[0] == "stash" {
            repo.git(&["checkout", "-q", "main"]);
            repo.git(&["restore", "--source=mine", "--staged", "--worktree", "."]);
            repo.git(&["stash", "-q"]);
            repo.on("up");
        }
        assert!(!repo.command("git").args(stops).output().expect("git starts").status.success(), "{stops:?}");
        assert_eq!(repo.run(&["resolve"]).code, 1, "{stops:?}");
        let open = repo.git(&["ls-files", "--unmerged"]);
        assert!(["du", "ud", "link"].iter().all(|name| open.contains(name)), "{open}");
        let said = repo.run(&["resolve", "--continue"]);
        assert!(!said.err.contains("remembered:") && said.code != 0, "{stops:?}: {}", said.err);
        assert_eq!(repo.git(&["ls-files", "--unmerged"]), open, "{stops:?}");
        assert!(repo.refused(128, &["memory", "list"]).contains("nothing is remembered here"), "{stops:?}");
        // One is settled: that, and nothing else, is a decision.
        repo.git(&["add", "du"]);
        let said = repo.run(&["resolve", "--continue"]);
        assert!(said.err.contains("1 resolutions are remembered"), "{stops:?}: {}{}", said.out, said.err);
    }
}

#[test]
fn git_rerere_knows_it_too_and_somebody_should_look() {
    let repo = repo();
    repo.git(&["config", "rerere.enabled", "true"]);
    repo.branch("patched", "up");
    let pick = repo.command("git").args(["cherry-pick", "work"]).output().expect("git starts");
    assert!(!pick.status.success(), "it conflicts");
    repo.edit("a.c", settled(), "mine");
    repo.on("main");
    let said = done(&repo, &["learn", "--rr-cache"]);
    assert!(said.out.contains("1 resolutions, 1 of them new"), "{}", said.out);
    let found = outcome(&repo, &RUN);
    assert_eq!((&found["files"][0]["method"], &found["files"][0]["accepted"]), (&"remembered".into(), &false.into()));
    assert!(evidence(&found).contains("rerere keeps no base"), "{found}");
}

#[test]
fn a_memory_is_fetched_and_joined_and_what_was_forgotten_stays_so() {
    let (mine, other) = (repo(), repo());
    by_hand(&other);
    done(&other, &["learn", "v1..work", "up..hand"]);
    done(&mine, &RUN);
    settle(&mine, &edited(60, &[(20, "as I like it")]));
    let place = other.path().to_str().expect("UTF-8").to_owned();
    mine.git(&["fetch", "-q", &place, "+refs/kmigrate/memory:refs/kmigrate/memory-of/other"]);
    let said = done(&mine, &["memory", "merge", "refs/kmigrate/memory-of/other"]);
    assert!(said.out.contains("1 resolutions of refs/kmigrate/memory-of/other are new here"), "{}", said.out);
    let list = done(&mine, &["memory", "list"]).out;
    assert_eq!(list.lines().filter(|line| line.contains("a.c")).count(), 2, "{list}");
    assert!(list.contains("a.c  in commit ") && list.contains("in the run of work-up"), "{list}");
    let key = list.split_whitespace().next().expect("a key").to_owned();
    let shown = done(&mine, &["memory", "show", &key]).out;
    assert!(shown.contains("= as I like it\n") && shown.contains(&format!("= {}\n", TWENTY[2])), "{shown}");
    assert!(done(&mine, &["memory", "merge", "refs/kmigrate/memory-of/other"]).out.starts_with("0 "));
    done(&mine, &["forget", &key]);
    assert!(!done(&mine, &["memory", "list"]).out.contains("a.c"));
    assert!(done(&mine, &["memory", "merge", "refs/kmigrate/memory-of/other"]).out.starts_with("0 "));
    mine.is_sound();
    done(&mine, &["forget", "--all"]);
    assert!(!mine.has(MEMORY));
}

#[test]
fn a_damaged_memory_is_told_of_and_stops_nothing() {
    let repo = repo();
    by_hand(&repo);
    done(&repo, &["learn", "v1..work", "up..hand"]);
    repo.write("x/entry", "rubbish").git(&["checkout", "-q", "--orphan", "junk"]);
    repo.git(&["rm", "-rfq", "--cached", "."]);
    repo.git(&["add", "x"]);
    repo.git(&["commit", "-qm", "junk"]);
    repo.git(&["checkout", "-qf", "main"]);
    done(&repo, &["memory", "list"]);
    let junk = repo.run(&["memory", "merge", "junk"]);
    assert!(junk.code == 128 && junk.err.contains("holds no resolutions"), "{}", junk.err);
    repo.git(&["update-ref", MEMORY, "junk"]);
    let said = repo.run(&RUN);
    assert!(said.code == 1 && said.err.contains("1 entries of the memory"), "{}", said.err);
    let blob = repo.store("blob", b"no commit");
    repo.git(&["update-ref", MEMORY, &blob]);
    let said = repo.run(&RUN);
    assert!(said.code == 1 && said.err.contains("this walk goes without it"), "{} {}", said.code, said.err);
    let said = repo.run(&["memory", "list"]);
    assert!(said.code == 128 && said.err.starts_with("fatal: "), "{}", said.err);
    done(&repo, &["forget", "--all"]);
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let repo = repo();
    for (args, code, word) in [
        (&["learn"][..], 129, "required"),
        (&["learn", "v1..work"], 129, "2 values"),
        (&["learn", "work", "hand"], 129, "is no range of commits"),
        (&["learn", "v1..work", "v1..main"], 128, "v1..main has no commits"),
        (&["learn", "v1...work", "v1..up"], 129, "is no range of commits"),
        (&["learn", "--from-merges", "--all"], 129, ""),
        (&["memory", "list"], 128, "nothing is remembered here"),
        (&["memory", "merge", "nowhere"], 128, "bad revision"),
        (&["forget"], 129, "required"),
        (&["forget", "--all"], 128, "nothing is remembered here"),
    ] {
        assert!(repo.refused(code, args).contains(word), "{args:?}");
    }
    by_hand(&repo);
    done(&repo, &["learn", "v1..work", "up..hand"]);
    assert!(repo.refused(129, &["forget", "ab"]).contains("too short"));
    assert!(repo.refused(128, &["forget", "abcdefabcdef00"]).contains("nothing of that"));
}

#[test]
fn no_answer_is_in_reach_of_what_is_measured_unless_it_is_named() {
    let repo = repo();
    by_hand(&repo);
    done(&repo, &["learn", "v1..work", "up..hand"]);
    let pair = format!("{{\"pair\": \"p\", \"old\": \"{}\", \"onto\": \"{}\"}}\n", repo.id("work"), repo.id("up"));
    let (pairs, out) = (repo.beside("pairs.jsonl"), repo.beside("out.jsonl"));
    std::fs::write(&pairs, pair).expect("written");
    let text = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    let evaluate = |more: &[&str]| -> Value {
        let (pairs, out) = (text(&pairs), text(&out));
        done(&repo, &[&["evaluate", "--pairs", &pairs, "--out", &out], more].concat());
        serde_json::from_str(&std::fs::read_to_string(&out).expect("results")).expect("JSON")
    };
    assert_eq!(evaluate(&[])["status"], "conflicted");
    let with = evaluate(&["--memory", MEMORY]);
    assert_eq!((&with["status"], &with["files"][0]["method"]), (&"modified".into(), &"remembered".into()));
}
