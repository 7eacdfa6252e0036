//! `--signoff` and `--note`: what a person asks to be added to messages, and nothing else.

use crate::support::{Repo, lines};

fn series() -> Repo {
    let repo = Repo::new();
    repo.write("x.c", lines(30)).write("y.c", lines(30)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("x.c", lines(30).replace("line 10\n", "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("y.c", lines(30).replace("line 5\n", "mine 5\n"))
        .commit("as it was\n\nWhy.\n\nSigned-off-by: Ada Author <ada@example.org>");
    let both = lines(30).replace("line 10\n", "upstream 10\n").replace("line 20\n", "mine 20\n");
    repo.write("x.c", both).commit("in part upstream's\n\nSigned-off-by: Ada Author <ada@example.org>\n");
    repo.write("y.c", lines(30).replace("line 5\n", "mine 5\n").replace("line 25\n", "mine 25\n"))
        .commit("no trailer\n");
    repo.write("z.c", "z\n").commit("signed already\n\nSigned-off-by: Carl Committer <carl@example.org>");
    repo
}

fn message(repo: &Repo, revision: &str) -> String {
    repo.git(&["log", "-1", "--format=%B", revision]).trim_end().to_owned()
}

#[test]
fn a_sign_off_is_added_only_if_asked_for_and_once() {
    let repo = series();
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "--unreviewed"]).code, 0);
    for back in 0..4 {
        assert_eq!(message(&repo, &format!("topic-v2~{back}")), message(&repo, &format!("topic~{back}")));
    }
    let said = repo.run(&["v1..topic", "--onto", "v2", "--signoff", "--unreviewed", "--branch=signed"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let ada = "Signed-off-by: Ada Author <ada@example.org>";
    let carl = "Signed-off-by: Carl Committer <carl@example.org>";
    assert_eq!(message(&repo, "signed~3"), format!("as it was\n\nWhy.\n\n{ada}\n{carl}"));
    assert_eq!(message(&repo, "signed~1"), format!("no trailer\n\n{carl}"));
    assert_eq!(message(&repo, "signed"), format!("signed already\n\n{carl}"));
    assert_eq!(
        repo.git(&["log", "-1", "--format=%an %ad", "signed~3"]),
        repo.git(&["log", "-1", "--format=%an %ad", "topic~3"])
    );
}

#[test]
fn a_note_stands_between_the_trailers_of_what_came_out_otherwise_and_ones_own() {
    let repo = series();
    let args = ["v1..topic", "--onto", "v2", "--signoff", "--note=adjusted context", "--unreviewed"];
    assert_eq!(repo.run(&args).code, 0);
    let expected = "in part upstream's\n\nSigned-off-by: Ada Author <ada@example.org>\n\
        [carl@example.org: adjusted context]\nSigned-off-by: Carl Committer <carl@example.org>";
    assert_eq!(message(&repo, "topic-v2~2"), expected);
    assert!(!message(&repo, "topic-v2").contains("adjusted") && !message(&repo, "topic-v2~3").contains("adjusted"));
}

#[test]
fn a_note_is_one_line_that_says_something() {
    let repo = series();
    for note in ["", " ", "a\nSigned-off-by: Eve <eve@example.org>", "a\u{1b}[31m"] {
        let said = repo.run(&["v1..topic", "--onto", "v2", "--note", note]);
        assert_eq!(said.code, 129, "{note:?}: {}{}", said.out, said.err);
    }
}
