//! `--update-refs`: branches stacked inside a series get new ones with it, all in one transaction.

use crate::support::{Repo, lines};

/// `part` stands at the second of three commits, `low` at the first, which upstream has.
fn stack() -> Repo {
    let repo = Repo::new();
    repo.write("x.c", lines(60)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("x.c", lines(60).replace("line 10\n", "one 10\n")).commit("upstream's one");
    repo.write("u.c", "u\n").commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("x.c", lines(60).replace("line 10\n", "one 10\n")).commit("one");
    repo.git(&["branch", "low"]);
    repo.write("y.c", lines(3)).commit("two");
    repo.git(&["branch", "part"]);
    repo.write("z.c", lines(3)).commit("three");
    repo.git(&["branch", "elsewhere", "v1"]);
    repo
}

const RUN: [&str; 4] = ["v1..topic", "--onto", "v2", "--update-refs"];

#[test]
fn each_branch_inside_gets_a_new_one_and_undo_takes_all_back() {
    let repo = stack();
    let before = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"]);
    let said = repo.run(&RUN);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("branch part-v2 is at ") && !said.out.contains("elsewhere"), "{}", said.out);
    assert_eq!(repo.git(&["log", "--format=%s", "v2..part-v2"]), "two");
    assert_eq!(repo.git(&["rev-parse", "low-v2"]), repo.git(&["rev-parse", "v2"]), "upstream has all of it");
    assert_eq!(repo.git(&["rev-parse", "topic-v2^"]), repo.git(&["rev-parse", "part-v2"]));
    let now = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"]);
    assert!(before.lines().all(|line| now.contains(line)), "the stacked branches themselves stay");
    // Once more moves what the run itself left there.
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "--update-refs"]).code, 0);
    assert_eq!(repo.run(&["undo"]).code, 0);
    assert_eq!(repo.run(&["undo"]).code, 0);
    assert_eq!(repo.git(&["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"]), before);
}

#[test]
fn a_branch_of_somebody_elses_in_the_way_stops_everything() {
    let repo = stack();
    repo.git(&["branch", "part-v2", "v1"]);
    let refs = repo.refs();
    let said = repo.run(&RUN);
    assert!(said.code == 128 && said.err.contains("'part-v2' exists"), "{}", said.err);
    assert_eq!(repo.refs(), refs);
    repo.git(&["branch", "-D", "part-v2"]);
    assert_eq!(repo.run(&RUN).code, 0);
    repo.git(&["branch", "-f", "part-v2", "v1"]);
    assert_eq!(repo.run(&RUN).code, 128, "it was moved since");
}

#[test]
fn without_the_flag_there_is_one_branch() {
    let repo = stack();
    assert_eq!(repo.run(&RUN[..3]).code, 0);
    assert!(!repo.refs().contains("part-v2"));
}
