//! Series that several tests walk: their tags v1 and v2 are the kernels, and `topic` is on v1.

use super::{Repo, lines};

/// A branch without commits of its own, in front of a kernel that has one more file: what the series does to `x.c` meets nothing.
pub fn beside_upstream() -> Repo {
    let repo = Repo::new();
    repo.write("x.c", lines(60)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("other.c", lines(5)).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo
}

/// Of four commits the second conflicts in one line, the third adjoins it, and the first and last are clean.
pub fn four_commits() -> Repo {
    let repo = Repo::new();
    repo.write("far.c", lines(40)).write("near.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("near.c", lines(40).replace("line 20\n", "upstream 20\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("far.c", lines(40).replace("line 5\n", "mine 5\n")).commit("one, clean");
    let two = lines(40).replace("line 20\n", "mine 20\n");
    repo.write("near.c", &two).commit("two, conflicts");
    let three = two.replace("line 21\n", "mine 21\n");
    repo.write("near.c", &three).commit("three, beside it");
    repo.write("near.c", three.replace("line 35\n", "last 35\n")).commit("four, far away");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

/// Two functions whose call upstream has changed, and a series that changes it otherwise: both commits ask something.
pub fn two_questions() -> Repo {
    let repo = Repo::new();
    let text = |call: &dyn Fn(usize) -> String| {
        let function = |n: usize| format!("int acme_{n}(struct acme *dev)\n{{\n\treturn {};\n}}\n\n", call(n));
        (1..=2).map(function).collect::<String>()
    };
    let read = |n: usize| format!("acme_read(dev, REG_{n})");
    let cached = |n: usize| format!("acme_cached(dev, REG_{n})");
    repo.write("acme.c", text(&read)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("acme.c", text(&|n| format!("acme_read_poll(dev, REG_{n}, 10)"))).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("acme.c", text(&|n| if n == 1 { cached(n) } else { read(n) })).commit("one");
    repo.write("acme.c", text(&cached)).commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo
}
