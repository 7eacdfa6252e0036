//! Merge drivers of the user's own in a walk: asked where text merging leaves something open, only if the config says how, and never ours.

use crate::support::{Repo, lines};
use serde_json::Value;

/// One line that both sides change, and an attribute on upstream's side that names a driver.
fn forked(attribute: &str) -> Repo {
    let repo = Repo::new();
    repo.write("x.c", lines(30)).write("far.c", lines(30)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write(".gitattributes", format!("*.c {attribute}\n"));
    repo.write("far.c", lines(30).replace("line 2\n", "upstream 2\n"));
    repo.write("x.c", lines(30).replace("line 10\n", "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("far.c", lines(30).replace("line 25\n", "mine 25\n"));
    repo.write("x.c", lines(30).replace("line 10\n", "mine 10\n")).commit("mine");
    repo.git(&["checkout", "-q", "v1"]);
    repo
}

/// The outcome of the one commit, and whether the driver was started.
fn outcome(repo: &Repo) -> (Value, bool) {
    let (outcomes, _) = repo.outcomes(&["v1..topic", "--onto", "v2", "-n"]);
    let told = outcomes.into_iter().next().expect("a commit");
    (told, repo.beside("started").exists())
}

/// A driver that puts both lines there, and says that it was started.
fn driver(repo: &Repo, text: &str, code: u32) -> String {
    format!("echo %P %L >>{}; {text} exit {code}", repo.beside("started").display())
}

const BOTH: &str = "sed 's/^upstream 10$/upstream 10\\nmine 10/' %A >%A.new; mv %A.new %A;";

#[test]
fn a_driver_that_the_user_configured_is_asked_for_what_is_open_and_for_nothing_else() {
    let repo = forked("merge=both");
    repo.git(&["config", "merge.both.driver", &driver(&repo, BOTH, 0)]);
    let (told, started) = outcome(&repo);
    assert!(started && told["status"] == "modified", "{told}");
    let file = told["files"].as_array().expect("files").iter().find(|f| f["path"] == "x.c").expect("x.c").clone();
    assert_eq!((file["method"].as_str(), file["result"].as_str()), (Some("driver"), Some("merged")));
    assert!(told["evidence"].to_string().contains("merged by the merge driver both"), "{told}");
    assert_eq!(std::fs::read_to_string(repo.beside("started")).expect("it says so"), "x.c 7\n");
}

#[test]
fn what_an_attribute_names_and_no_config_knows_is_not_run() {
    let repo = forked("merge=both");
    let (told, started) = outcome(&repo);
    assert!(!started && told["status"] == "conflicted", "{told}");
    // A driver for other files is none for these.
    repo.git(&["config", "merge.other.driver", &driver(&repo, BOTH, 0)]);
    assert_eq!((outcome(&repo).1, outcome(&repo).0["status"].as_str()), (false, Some("conflicted")));
    repo.git(&["config", "merge.default", "other"]);
    assert!(!outcome(&repo).1, "the attribute says another one");
}

#[test]
fn a_driver_that_leaves_conflicts_or_markers_or_loses_lines_is_told_and_not_trusted() {
    for (text, code, said, status) in [
        ("", 1, "the merge driver both leaves conflicts", "conflicted"),
        ("", 130, "the merge driver both failed with exit code 130", "conflicted"),
        ("echo '<<<<<<< mine' >>%A;", 0, "is not taken: a conflict marker is left", "conflicted"),
        ("sed -i 's/^upstream 10$/something else/' %A;", 0, "rewrote or lost a line of the patch: mine 10", "modified"),
    ] {
        let repo = forked("merge=both");
        repo.git(&["config", "merge.both.driver", &driver(&repo, text, code)]);
        let (told, _) = outcome(&repo);
        assert!(told["evidence"].to_string().contains(said) && told["status"] == status, "{said}: {told}");
        assert!(status == "conflicted" || told["flags"].to_string().contains("to_review"), "{told}");
    }
}

#[test]
fn a_driver_that_leaves_nothing_of_the_patch_does_not_prove_that_upstream_has_it() {
    let repo = forked("merge=upstreams");
    repo.git(&["config", "merge.upstreams.driver", &driver(&repo, "", 0)]);
    repo.git(&["checkout", "-q", "topic"]);
    repo.write("far.c", lines(30)).git(&["commit", "-qa", "--amend", "-m", "x.c alone"]);
    let (told, _) = outcome(&repo);
    assert_eq!((&told["status"], told["new"].is_null()), (&"upstream".into(), false), "{told}");
    assert!(told["flags"].to_string().contains("to_review"), "{told}");
}

#[test]
fn our_own_driver_is_not_asked_by_ourselves() {
    let repo = forked("merge=kmigrate");
    repo.run(&["install"]);
    let (told, _) = outcome(&repo);
    assert!(told["status"] == "conflicted" && !told["evidence"].to_string().contains("merge driver"), "{told}");
}
