//! Files on the move: by upstream, by the series, by both, and what becomes of open lines on the way.

use crate::support::{Repo, lines};
use serde_json::Value;

/// A repository with `d/a.c` and `k/b.c`, tagged base; `upstream` makes onto, `series` the branch.
fn repo(upstream: impl Fn(&Repo), series: impl Fn(&Repo)) -> Repo {
    let repo = Repo::new();
    repo.write("d/a.c", lines(60)).write("k/b.c", lines(60).replace("line", "text")).commit("base");
    repo.git(&["tag", "base"]);
    upstream(&repo);
    repo.commit("upstream");
    repo.git(&["tag", "onto"]);
    repo.branch("series", "base");
    series(&repo);
    repo
}

fn edit(repo: &Repo, path: &str, line: usize, to: &str) {
    let text = std::fs::read_to_string(repo.path().join(path)).expect("a file");
    let edited = text.lines().enumerate().map(|(i, l)| if i + 1 == line { to } else { l });
    repo.write(path, edited.map(|l| format!("{l}\n")).collect::<String>());
}

fn migrate(repo: &Repo) -> Vec<Value> {
    repo.outcomes(&["base..series", "--onto", "onto", "--allow-conflicts", "--unreviewed"]).0
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|o| o["status"].as_str().expect("a status")).collect()
}

#[test]
fn open_lines_go_along_when_the_series_moves_the_file() {
    let repo = repo(
        |r| edit(r, "d/a.c", 30, "upstream 30"),
        |r| {
            edit(r, "d/a.c", 30, "mine 30");
            r.commit("conflicts");
            r.git(&["mv", "d/a.c", "d/c.c"]);
            r.commit("moves");
            edit(r, "d/c.c", 30, "mine 30, and more");
            r.commit("edits the open line");
        },
    );
    let outcomes = migrate(&repo);
    assert_eq!(statuses(&outcomes), ["conflicted", "unmodified", "unmodified"]);
    assert_eq!(outcomes[2]["rests_on"], serde_json::json!([1]));
}

#[test]
fn a_file_that_the_series_moves_and_upstream_deleted_is_a_conflict() {
    let repo = repo(
        |r| drop(r.git(&["rm", "-q", "d/a.c"])),
        |r| {
            r.git(&["mv", "d/a.c", "d/core.c"]);
            edit(r, "d/core.c", 5, "edited");
            r.commit("moves");
        },
    );
    let outcomes = migrate(&repo);
    assert_eq!(outcomes[0]["files"][0]["conflict"]["kind"], "modify/delete");
}

#[test]
fn a_new_file_may_take_the_name_that_the_series_gave_up() {
    let repo = repo(
        |r| edit(r, "d/a.c", 30, "upstream 30"),
        |r| {
            r.git(&["mv", "d/a.c", "d/core.c"]);
            r.commit("moves");
            r.write("d/a.c", "brand new\n").commit("a new a.c");
            r.write("d/a.c", "grand new\n").commit("edits it");
        },
    );
    assert_eq!(statuses(&migrate(&repo)), ["unmodified"; 3]);
    assert_eq!(repo.file("series-onto", "d/a.c"), "grand new");
    assert!(repo.file("series-onto", "d/core.c").contains("upstream 30"));
}

#[test]
fn a_move_there_and_back_carries_upstreams_edits_both_ways() {
    let repo = repo(
        |r| edit(r, "d/a.c", 30, "upstream 30"),
        |r| {
            r.git(&["mv", "d/a.c", "d/c.c"]);
            r.commit("there");
            r.git(&["mv", "d/c.c", "d/a.c"]);
            r.commit("back");
            edit(r, "d/a.c", 2, "edited");
            r.commit("edits");
        },
    );
    assert_eq!(statuses(&migrate(&repo)), ["unmodified"; 3]);
    let text = repo.file("series-onto", "d/a.c");
    assert!(text.contains("upstream 30") && text.contains("edited"));
}

#[test]
fn both_sides_moving_a_file_to_different_places_is_a_conflict_and_to_one_place_is_none() {
    let upstream = |r: &Repo| {
        r.git(&["mv", "d/a.c", "d/theirs.c"]);
        edit(r, "d/theirs.c", 3, "upstream 3");
    };
    let apart = repo(upstream, |r| {
        r.git(&["mv", "d/a.c", "d/mine.c"]);
        edit(r, "d/mine.c", 50, "mine 50");
        r.commit("moves elsewhere");
    });
    assert_eq!(migrate(&apart)[0]["files"][0]["conflict"]["kind"], "rename/rename");
    let together = repo(upstream, |r| {
        r.git(&["mv", "d/a.c", "d/theirs.c"]);
        edit(r, "d/theirs.c", 50, "mine 50");
        r.commit("moves to the same place");
    });
    assert_eq!(statuses(&migrate(&together)), ["unmodified"]);
    let text = together.file("series-onto", "d/theirs.c");
    assert!(text.contains("upstream 3") && text.contains("mine 50"));
}

#[test]
fn a_file_of_the_series_in_a_split_folder_can_be_moved_by_the_series_again() {
    let board = |name: &str| lines(40).replace("line", name);
    let repo = Repo::new();
    for name in ["bcmx1", "bcmx2", "impy1", "impy2"] {
        repo.write(&format!("dts/{name}.dts"), board(name));
    }
    repo.commit("base");
    repo.git(&["tag", "base"]);
    for name in ["bcmx1", "bcmx2", "impy1", "impy2"] {
        std::fs::create_dir_all(repo.path().join("dts").join(&name[..3])).expect("a folder");
        repo.git(&["mv", &format!("dts/{name}.dts"), &format!("dts/{}/{name}.dts", &name[..3])]);
    }
    repo.commit("upstream splits the folder");
    repo.git(&["tag", "onto"]);
    repo.branch("series", "base").write("dts/bcmx3.dts", board("bcmx3")).commit("adds a board");
    repo.git(&["mv", "dts/bcmx3.dts", "dts/bcmx4.dts"]);
    repo.commit("renames it");
    repo.write("dts/bcmx4.dts", board("bcmx3").replace("bcmx3 7\n", "edited\n")).commit("edits it");
    let outcomes = migrate(&repo);
    assert_eq!(statuses(&outcomes), ["unmodified"; 3]);
    assert_eq!(outcomes[0]["files"][0]["path"], "dts/bcm/bcmx3.dts");
    assert_eq!(outcomes[0]["flags"], serde_json::json!(["to_review"]));
    assert!(repo.file("series-onto", "dts/bcm/bcmx4.dts").contains("edited"));
    assert_eq!(repo.git(&["ls-tree", "--name-only", "series-onto:dts"]), "bcm\nimp");
}

#[test]
fn files_are_told_in_the_order_of_their_new_paths() {
    let repo = repo(
        |r| drop(r.git(&["mv", "d/a.c", "z.c"])),
        |r| {
            edit(r, "d/a.c", 2, "edited");
            edit(r, "k/b.c", 2, "edited");
            r.commit("edits both");
        },
    );
    let outcomes = migrate(&repo);
    let paths: Vec<&str> =
        outcomes[0]["files"].as_array().expect("files").iter().filter_map(|f| f["path"].as_str()).collect();
    assert_eq!(paths, ["k/b.c", "z.c"]);
}

#[test]
fn white_space_is_part_of_a_patch_when_upstream_is_asked_for_it() {
    let repo = Repo::new();
    let recipe = |middle: &str| format!("all:\n\techo a\n{middle}\techo b\n");
    repo.write("Makefile", recipe("")).commit("base");
    repo.git(&["tag", "base"]);
    repo.write("Makefile", recipe("        echo c\n")).commit("upstream, with spaces");
    repo.git(&["tag", "onto"]);
    repo.branch("series", "base").write("Makefile", recipe("\techo c\n")).commit("mine, with a tab");
    assert_eq!(statuses(&migrate(&repo)), ["conflicted"]);
}
