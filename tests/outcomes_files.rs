//! Files of every sort: modes, links, binaries, submodules, adds and deletes, clashes of directory and file, renames on either side.

use crate::support::{Repo, edited, forked, lines};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

const TIP: &str = "refs/kmigrate/runs/work-up/tip";

fn chmod(repo: &Repo, path: &str, mode: u32) {
    fs::set_permissions(repo.path().join(path), Permissions::from_mode(mode)).expect("a file");
}

fn link(repo: &Repo, target: &str, path: &str) {
    let path = repo.path().join(path);
    let _ = fs::remove_file(&path);
    symlink(target, path).expect("a link");
}

fn delete(repo: &Repo, path: &str) {
    repo.git(&["rm", "-rq", path]);
}

/// The one conflict of the first commit: kind, whether the walk's tree is sound, and the outcome.
fn conflict(repo: &Repo) -> (String, Value) {
    let (outcomes, totals) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["status"], "conflicted", "{}", outcomes[0]);
    assert_eq!(totals["result"]["written"], false);
    let files = outcomes[0]["files"].as_array().expect("files");
    let kinds: Vec<&str> = files.iter().filter_map(|f| f["conflict"]["kind"].as_str()).collect();
    assert_eq!(kinds.len(), 1, "{files:?}");
    (kinds[0].to_owned(), outcomes[0].clone())
}

fn status_of_first(repo: &Repo) -> Value {
    let (outcomes, _) = repo.migrate(&[]);
    outcomes[0]["status"].clone()
}

#[test]
fn an_executable_bit_and_upstreams_text_come_together() {
    let repo = forked(&[("run.sh", "echo old\n")]);
    repo.on("up").edit("run.sh", "echo new\n", "upstream");
    chmod(repo.on("work"), "run.sh", 0o755);
    repo.commit("executable");
    assert_eq!(status_of_first(&repo), "unmodified");
    assert_eq!(repo.listing("work-up"), "100755 run.sh");
    assert_eq!(repo.file("work-up", "run.sh"), "echo new");
}

#[test]
fn an_executable_bit_that_upstream_set_stays_under_the_patchs_text() {
    let repo = forked(&[("run.sh", "echo old\n")]);
    chmod(repo.on("up"), "run.sh", 0o755);
    repo.commit("executable");
    repo.on("work").edit("run.sh", "echo patch\n", "patch");
    assert_eq!(status_of_first(&repo), "unmodified");
    assert_eq!(repo.listing("work-up"), "100755 run.sh");
    assert_eq!(repo.file("work-up", "run.sh"), "echo patch");
}

#[test]
fn a_link_that_only_the_series_changes_is_taken() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    link(repo.on("work"), "a.c", "l");
    repo.commit("a link");
    link(&repo, "b.c", "l");
    repo.commit("to elsewhere");
    assert_eq!(repo.statuses(&[]), ["unmodified", "unmodified"]);
    assert_eq!(repo.listing("work-up"), "100644 a.c\n120000 l");
    assert_eq!(repo.file("work-up", "l"), "b.c");
}

#[test]
fn a_binary_that_only_the_series_changes_is_taken() {
    let repo = forked(&[("fw.bin", "\0old"), ("a.c", "a\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    repo.on("work").edit("fw.bin", "\0new", "firmware");
    assert_eq!(status_of_first(&repo), "unmodified");
    assert_eq!(repo.id("work-up:fw.bin"), repo.id("work:fw.bin"));
}

#[test]
fn a_binary_that_both_change_conflicts_and_the_walk_has_the_commits_version() {
    let repo = forked(&[("fw.bin", "\0old")]);
    repo.on("up").edit("fw.bin", "\0upstream", "upstream");
    repo.on("work").edit("fw.bin", "\0patch", "patch");
    let (kind, outcome) = conflict(&repo);
    assert_eq!(kind, "binary");
    let sides = ["v1", "up", "work"].map(|at| repo.id(&format!("{at}:fw.bin")));
    assert_eq!(outcome["files"][0]["sides"], json!(sides));
    assert_eq!(repo.id(&format!("{TIP}:fw.bin")), repo.id("work:fw.bin"));
}

/// Commits a submodule at `path` that is at a made-up commit.
fn submodule(repo: &Repo, digit: &str, message: &str) {
    let info = format!("160000,{},sub", digit.repeat(40));
    repo.git(&["update-index", "--add", "--cacheinfo", &info]);
    repo.git(&["commit", "-q", "-m", message]);
    fs::create_dir_all(repo.path().join("sub")).expect("a folder");
}

#[test]
fn a_submodule_that_only_the_series_moves_is_taken() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    repo.on("work");
    submodule(&repo, "1", "add a submodule");
    submodule(&repo, "2", "move it");
    assert_eq!(repo.statuses(&[]), ["unmodified", "unmodified"]);
    assert_eq!(repo.listing("work-up"), "100644 a.c\n160000 sub");
    assert_eq!(repo.id("work-up:sub"), "2".repeat(40));
}

#[test]
fn both_adding_a_file_with_other_text_conflicts() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("new.c", "upstream\n", "upstream");
    repo.on("work").edit("new.c", "patch\n", "patch");
    let (kind, outcome) = conflict(&repo);
    assert_eq!(kind, "add/add");
    assert_eq!(outcome["files"][0]["sides"][0], Value::Null);
    assert_eq!(repo.file(TIP, "new.c"), "patch");
}

#[test]
fn both_adding_the_same_file_is_upstream() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").write("new.c", "same\n").edit("a.c", "b\n", "upstream");
    repo.on("work").edit("new.c", "same\n", "patch");
    assert_eq!(status_of_first(&repo), "upstream");
}

#[test]
fn a_file_that_upstream_deleted_and_the_patch_changes_conflicts_and_the_walk_keeps_it() {
    let repo = forked(&[("a.c", "a\n"), ("b.c", "b\n")]);
    delete(repo.on("up"), "a.c");
    repo.commit("upstream removes it");
    repo.on("work").edit("a.c", "patch\n", "patch");
    let (kind, outcome) = conflict(&repo);
    assert_eq!(kind, "modify/delete");
    assert_eq!(outcome["files"][0]["sides"][1], Value::Null);
    assert_eq!(repo.file(TIP, "a.c"), "patch");
}

#[test]
fn a_file_that_upstream_changed_and_the_patch_deletes_conflicts_and_the_walk_lacks_it() {
    let repo = forked(&[("a.c", "a\n"), ("b.c", "b\n")]);
    repo.on("up").edit("a.c", "upstream\n", "upstream");
    delete(repo.on("work"), "a.c");
    repo.commit("the patch removes it");
    let (kind, outcome) = conflict(&repo);
    assert_eq!(kind, "modify/delete");
    assert_eq!(outcome["files"][0]["sides"][2], Value::Null);
    assert_eq!(repo.listing(TIP), "100644 b.c");
}

#[test]
fn both_deleting_a_file_is_upstream() {
    let repo = forked(&[("a.c", "a\n"), ("b.c", "b\n")]);
    delete(repo.on("up"), "a.c");
    repo.edit("b.c", "c\n", "upstream removes it");
    delete(repo.on("work"), "a.c");
    repo.commit("the patch removes it");
    assert_eq!(status_of_first(&repo), "upstream");
}

#[test]
fn a_file_that_becomes_a_link_while_upstream_edits_it_conflicts() {
    let repo = forked(&[("a.c", "a\n"), ("b.c", "b\n")]);
    repo.on("up").edit("a.c", "upstream\n", "upstream");
    link(repo.on("work"), "b.c", "a.c");
    repo.commit("a link now");
    assert_eq!(conflict(&repo).0, "type");
    assert_eq!(repo.listing(TIP), "120000 a.c\n100644 b.c");
}

#[test]
fn a_file_that_becomes_a_link_is_taken_where_upstream_left_it_alone() {
    let repo = forked(&[("a.c", "a\n"), ("b.c", "b\n")]);
    repo.on("up").edit("b.c", "upstream\n", "upstream");
    link(repo.on("work"), "b.c", "a.c");
    repo.commit("a link now");
    assert_eq!(status_of_first(&repo), "unmodified");
    assert_eq!(repo.listing("work-up"), "120000 a.c\n100644 b.c");
}

#[test]
fn a_file_below_what_is_a_file_upstream_conflicts_and_upstreams_stays() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("drv", "a file\n", "upstream");
    repo.on("work").edit("drv/x.c", "x\n", "patch");
    assert_eq!(conflict(&repo).0, "directory/file");
    assert_eq!(repo.listing(TIP), "100644 a.c\n100644 drv");
}

#[test]
fn a_file_where_upstream_has_a_folder_conflicts_and_upstreams_stays() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").edit("drv/x.c", "x\n", "upstream");
    repo.on("work").edit("drv", "a file\n", "patch");
    assert_eq!(conflict(&repo).0, "directory/file");
    assert_eq!(repo.listing(TIP), "100644 a.c\n100644 drv/x.c");
}

#[test]
fn a_folder_that_the_series_turns_into_a_file_is_taken() {
    let repo = forked(&[("a.c", "a\n"), ("drv/x.c", "x\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    delete(repo.on("work"), "drv");
    repo.edit("drv", "a file\n", "one file instead");
    assert_eq!(status_of_first(&repo), "unmodified");
    assert_eq!(repo.listing("work-up"), "100644 a.c\n100644 drv");
}

#[test]
fn a_file_that_upstream_renamed_is_patched_where_it_lives_now() {
    let repo = forked(&[("drivers/gpio/old-name.c", &lines(40)), ("b.c", "b\n")]);
    repo.on("up").git(&["mv", "drivers/gpio/old-name.c", "drivers/gpio/new-name.c"]);
    repo.edit("drivers/gpio/new-name.c", edited(40, &[(2, "upstream")]), "renamed");
    let patch = edited(40, &[(20, "patch")]);
    repo.on("work").edit("drivers/gpio/old-name.c", &patch, "patch");
    let more = edited(40, &[(20, "patch"), (30, "more")]);
    repo.edit("drivers/gpio/old-name.c", more, "more of it");
    let (outcomes, _) = repo.migrate(&[]);
    for outcome in &outcomes {
        assert_eq!(outcome["status"], "unmodified");
        assert_eq!(outcome["files"][0]["path"], "drivers/gpio/new-name.c");
        assert_eq!(outcome["files"][0]["path_old"], "drivers/gpio/old-name.c");
    }
    let expected = edited(40, &[(2, "upstream"), (20, "patch"), (30, "more")]);
    assert_eq!(repo.file("work-up", "drivers/gpio/new-name.c"), expected.trim_end());
    assert_eq!(repo.listing("work-up"), "100644 b.c\n100644 drivers/gpio/new-name.c");
}

#[test]
fn a_new_file_follows_the_folder_that_upstream_moved_whole() {
    let repo = forked(&[("drivers/old/a.c", &lines(20)), ("drivers/old/b.c", &lines(30))]);
    repo.on("up").git(&["mv", "drivers/old", "drivers/new"]);
    repo.commit("the folder moves");
    repo.on("work").edit("drivers/old/z.c", "z\n", "a new driver");
    repo.edit("drivers/old/z.c", "z\nmore\n", "goes on");
    let (outcomes, _) = repo.migrate(&[]);
    assert_eq!(outcomes[0]["files"][0]["path"], "drivers/new/z.c");
    assert_eq!(outcomes[0]["flags"], json!([]));
    assert_eq!(repo.file("work-up", "drivers/new/z.c"), "z\nmore");
    assert!(!repo.has("work-up:drivers/old"));
}

#[test]
fn a_new_file_of_a_split_folder_goes_with_its_nearest_sibling_and_is_to_review() {
    let dts = "arch/arm/boot/dts";
    let files = ["bcm2711-rpi-4-b.dts", "bcm2837-rpi-3.dts", "imx6q-sabre.dts", "imx7d-pico.dts"];
    let repo = Repo::new();
    for (n, name) in files.iter().enumerate() {
        repo.write(&format!("{dts}/{name}"), lines(20 + n));
    }
    repo.fork(&[]);
    for (name, to) in files.iter().zip(["broadcom", "broadcom", "nxp", "nxp"]) {
        fs::create_dir_all(repo.on("up").path().join(format!("{dts}/{to}"))).expect("a folder");
        repo.git(&["mv", &format!("{dts}/{name}"), &format!("{dts}/{to}/{name}")]);
    }
    repo.commit("the folder is split by vendor");
    repo.on("work").edit(&format!("{dts}/bcm2711-rpi-cm4.dts"), "cm4\n", "a new board");
    let (outcomes, totals) = repo.migrate(&[]);
    let placed = format!("{dts}/broadcom/bcm2711-rpi-cm4.dts");
    assert_eq!(outcomes[0]["files"][0]["path"], placed.as_str());
    assert_eq!(outcomes[0]["flags"], json!(["to_review"]));
    assert_eq!(totals["result"], json!({"written": false, "because": ["unreviewed"]}));
    assert_eq!(repo.file(TIP, &placed), "cm4");
}

/// The series renames `a.c` to `b.c`, with an edit; upstream edits `a.c`.
fn renamed_by_the_series() -> Repo {
    let repo = forked(&[("a.c", &lines(40))]);
    repo.on("up").edit("a.c", edited(40, &[(2, "upstream")]), "upstream");
    repo.on("work").git(&["mv", "a.c", "b.c"]);
    repo.edit("b.c", edited(40, &[(30, "patch")]), "renames it");
    repo
}

#[test]
fn upstreams_edits_come_along_when_the_series_renames_a_file() {
    let repo = renamed_by_the_series();
    repo.edit("b.c", edited(40, &[(20, "later"), (30, "patch")]), "edits it there");
    assert_eq!(repo.statuses(&[]), ["unmodified", "unmodified"]);
    let expected = edited(40, &[(2, "upstream"), (20, "later"), (30, "patch")]);
    assert_eq!(repo.file("work-up", "b.c"), expected.trim_end());
    assert_eq!(repo.listing("work-up"), "100644 b.c");
}

#[test]
fn a_new_file_under_the_name_that_the_series_had_renamed_away_stays_a_new_file() {
    let repo = renamed_by_the_series();
    repo.edit("a.c", "#include \"b.c\"\n", "a new file under the old name");
    repo.edit("a.c", "#include \"b.c\"\n/* more */\n", "edits the new file");
    assert_eq!(repo.statuses(&[]), ["unmodified", "unmodified", "unmodified"]);
    assert_eq!(repo.file("work-up", "a.c"), "#include \"b.c\"\n/* more */");
    let expected = edited(40, &[(2, "upstream"), (30, "patch")]);
    assert_eq!(repo.file("work-up", "b.c"), expected.trim_end());
}

#[test]
fn a_file_that_both_renamed_differently_conflicts() {
    let repo = renamed_by_the_series();
    repo.branch("up", "v1").git(&["mv", "a.c", "c.c"]);
    repo.commit("upstream renames it too");
    assert_eq!(conflict(&repo).0, "rename/rename");
    assert_eq!(repo.listing(TIP), "100644 b.c");
}

#[test]
fn a_file_that_both_renamed_alike_takes_the_patchs_edit() {
    let repo = renamed_by_the_series();
    repo.branch("up", "v1").git(&["mv", "a.c", "b.c"]);
    repo.edit("b.c", edited(40, &[(2, "upstream")]), "upstream renames it too");
    let (outcomes, _) = repo.migrate(&["--allow-conflicts"]);
    assert_ne!(outcomes[0]["status"], "conflicted", "{}", outcomes[0]);
    let expected = edited(40, &[(2, "upstream"), (30, "patch")]);
    assert_eq!(repo.file("work-up", "b.c"), expected.trim_end());
}

#[test]
fn folders_emptied_by_a_commit_leave_nothing_behind() {
    let repo = forked(&[("a.c", "a\n"), ("drv/x/y.c", "y\n"), ("drv/z.c", "z\n")]);
    repo.on("up").edit("a.c", "b\n", "upstream");
    delete(repo.on("work"), "drv/x/y.c");
    repo.commit("one folder less");
    delete(&repo, "drv/z.c");
    repo.commit("and the other");
    assert_eq!(repo.statuses(&[]), ["unmodified", "unmodified"]);
    assert_eq!(repo.listing("work-up"), "100644 a.c");
    assert_eq!(repo.git(&["ls-tree", "--name-only", "work-up"]), "a.c");
}

#[test]
fn a_series_that_deletes_everything_leaves_the_empty_tree() {
    let repo = forked(&[("a.c", "a\n")]);
    repo.on("up").commit("upstream does nothing");
    delete(repo.on("work"), "a.c");
    repo.commit("nothing is left");
    assert_eq!(status_of_first(&repo), "unmodified");
    assert_eq!(repo.listing("work-up"), "");
}
