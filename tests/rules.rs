//! Rules by hand: learned from files before and after a change, printed as a semantic patch, applied to trees and worktrees.

use crate::support::Repo;
use std::fs;
use std::path::Path;

fn family(case: &str, folder: &str) -> String {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rule").join(case).join(folder);
    place.to_str().expect("a UTF-8 path").to_owned()
}

/// A repository with the files that the family's rules are put to use on.
fn with_uses(case: &str) -> Repo {
    let repo = Repo::new();
    for entry in fs::read_dir(family(case, "use")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).expect("a UTF-8 name").to_owned();
        repo.write(&format!("drivers/{name}"), fs::read_to_string(&path).expect("text"));
    }
    repo.write("drivers/notes.txt", "kmalloc memset\n").commit("callers");
    repo
}

#[test]
fn what_infer_prints_apply_reads_and_does_to_a_tree_what_people_would_have_done() {
    let repo = with_uses("kzalloc");
    let (before, after) = (family("kzalloc", "before"), family("kzalloc", "after"));
    let said = repo.run(&["infer", "--pairs", &before, &after]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("kzalloc("), "{}", said.out);
    let rules = repo.beside("rules.cocci");
    fs::write(&rules, &said.out).expect("written");
    let rules = rules.to_str().expect("a UTF-8 path");
    let refs = repo.refs();
    let applied = repo.run(&["apply", rules]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let tree = applied.out.trim();
    for entry in fs::read_dir(family("kzalloc", "expected")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).expect("a UTF-8 name");
        let ink = |text: &str| text.split_whitespace().collect::<String>();
        let expected = fs::read_to_string(&path).expect("text");
        assert_eq!(ink(&repo.file(tree, &format!("drivers/{name}"))), ink(&expected), "{name}");
    }
    assert_eq!(repo.refs(), refs, "a tree is no ref");
    let diff = repo.run(&["apply", rules, "--dry-run"]).out;
    assert!(diff.contains("+++ b/drivers/") && diff.contains("kzalloc"), "{diff}");
    let nothing = repo.run(&["apply", rules, "--dry-run", "HEAD", "--", "drivers/notes.txt"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
    for how in [&["--dry-run", "HEAD"][..], &["--worktree"]] {
        let said = repo.run(&[&["apply", rules], how, &["--", "drivers", "sound"]].concat());
        assert_eq!(said.code, 128, "{}", said.out);
        assert_eq!(said.err.trim(), "fatal: pathspec 'sound' did not match any files");
    }
}

#[test]
fn a_call_that_only_the_type_of_an_argument_tells_from_others_is_learned_with_it() {
    let repo = with_uses("k1-memcpy");
    let said = repo.run(&["infer", "--pairs", &family("k1-memcpy", "before"), &family("k1-memcpy", "after")]);
    assert!(
        said.out.contains("struct sk_buff *X1;") && said.out.contains("skb_copy_from_linear_data("),
        "{}",
        said.out
    );
    let rules = repo.beside("rules.cocci");
    fs::write(&rules, &said.out).expect("written");
    let applied = repo.run(&["apply", rules.to_str().expect("a UTF-8 path")]);
    let expected = fs::read_to_string(Path::new(&family("k1-memcpy", "expected")).join("other.c")).expect("text");
    let ink = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(ink(&repo.file(applied.out.trim(), "drivers/other.c")), ink(&expected));
}

#[test]
fn the_worktree_is_rewritten_only_where_it_is_asked_for() {
    let repo = with_uses("kzalloc");
    let said = repo.run(&["infer", "--pairs", &family("kzalloc", "before"), &family("kzalloc", "after"), "--support"]);
    assert!(said.err.contains("places in"), "{}", said.err);
    let rules = repo.beside("rules.cocci");
    fs::write(&rules, &said.out).expect("written");
    let rules = rules.to_str().expect("a UTF-8 path");
    assert_eq!(repo.run(&["apply", rules, "--worktree", "--dry-run"]).code, 0);
    assert_eq!(repo.git(&["status", "--short"]), "");
    let said = repo.run(&["apply", rules, "--worktree"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("drivers/"), "{}", said.out);
    assert!(repo.git(&["status", "--short"]).contains("M drivers/"));
}

#[test]
fn rules_that_cannot_be_read_and_folders_without_pairs_say_why() {
    let repo = with_uses("kzalloc");
    let rules = repo.beside("broken.cocci");
    fs::write(&rules, "@@\nexpression E;\n@@\n- f(E\n").expect("written");
    let said = repo.run(&["apply", rules.to_str().expect("a UTF-8 path")]);
    assert_eq!(said.code, 128);
    assert!(said.err.starts_with("fatal: ") && said.err.contains("broken.cocci:"), "{}", said.err);
    for (text, wanted) in [
        ("@@\nexpression X\nexpression Y;\n@@\n- f(X)\n+ g(X)\n", ":2: "),
        ("@@\nexpression X;\nexpression Y;\n@@\n- f(X)\n+ g(X, Y)\n", ":6: `Y` stands in new code only"),
        ("// nothing\n", ": there is no rule"),
        ("@@\nexpression X;\n@@\n* f(X)\n", "has no rule that changes anything"),
    ] {
        fs::write(&rules, text).expect("written");
        let said = repo.run(&["apply", rules.to_str().expect("a UTF-8 path")]);
        assert_eq!((said.code, said.out.as_str()), (128, ""), "{text}");
        assert!(said.err.contains("fatal: ") && said.err.contains(wanted), "{text}: {}", said.err);
    }
    let empty = repo.beside("empty");
    fs::create_dir(&empty).expect("made");
    let empty = empty.to_str().expect("a UTF-8 path");
    let said = repo.run(&["infer", "--pairs", empty, empty]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("have no file of C in common"), "{}", said.err);
    let said = repo.run(&["infer", "--pairs", "nowhere", empty]);
    assert!(said.code == 128 && said.err.contains("nowhere"), "{}", said.err);
}

/// Three callers that upstream converts, in a commit for each, and a fourth commit that changes something else.
fn converted() -> Repo {
    let repo = Repo::new();
    let caller = |n: usize, call: &str| {
        let call = call.replace('N', &n.to_string());
        format!("int f{n}(struct acme *acme)\n{{\n\tint a = {n};\n\n\treturn {call} + a;\n}}\n")
    };
    for n in 1..4 {
        repo.write(&format!("drivers/{n}.c"), caller(n, "acme_get(acme, N)"));
    }
    repo.write("include/acme.h", "int acme_get(struct acme *acme, int n);\n").commit("base");
    repo.git(&["tag", "v1"]);
    for n in 1..4 {
        repo.write(&format!("drivers/{n}.c"), caller(n, "acme_read(acme, N, 0)")).commit(&format!("convert {n}"));
    }
    repo.write("include/acme.h", "int acme_read(struct acme *acme, int n, int how);\n").commit("the header");
    repo.git(&["tag", "v2"]);
    repo
}

/// SF-24: the examples are found in history, or in the two kernels where there is none.
#[test]
fn rules_are_learned_from_two_kernels_and_from_the_commits_between_them() {
    let repo = converted();
    let said = repo.run(&["infer", "--from", "v1", "--to", "v2", "--uses", "acme_get"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in [
        "// acme_get: gone in v2",
        "// 3 files of v1 use it; learned from 3 changed functions\n",
        "// acme_get(X0, X1) -> acme_read(X0, X1, 0)  (3 places in 3 functions)",
        "- acme_get(X0, X1)",
        "+ acme_read(X0, X1, 0)",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n---\n{}", said.out);
    }
    let plain = repo.run(&["infer", "--from", "v1", "--to", "v2", "--uses", "acme_get", "--spatch"]).out;
    assert!(!plain.contains("//") && plain.contains("- acme_get(X0, X1)"), "{plain}");
    let commits = repo.run(&["infer", "--commits", "v1..v2", "--support"]);
    assert!(commits.out.contains("acme_read("), "{}", commits.out);
    assert!(commits.err.contains("3 places in 3 functions"), "{}", commits.err);
    let one = repo.run(&["infer", "--commits", "v1..v2", "--support", "--", "drivers/2.c"]);
    assert!(one.err.contains("1 places in 1 functions"), "{}", one.err);
    let many = repo.run(&["infer", "--from", "v1", "--to", "v2", "--uses", "acme_get", "--threshold", "4", "--spatch"]);
    assert_eq!((many.code, many.out.trim()), (0, ""), "no form was changed in four files");
}

/// What is stale for a series is stale for whoever asks for it by name.
#[test]
fn what_became_static_or_was_another_name_is_gone_for_who_asks_for_it_too() {
    let repo = converted();
    let get = |storage: &str| format!("{storage}int acme_get(struct acme *acme, int n)\n{{\n\treturn n;\n}}\n");
    repo.git(&["checkout", "-q", "v1"]);
    repo.write("drivers/core.c", get(""));
    repo.write("include/put.h", "int acme_drop(int n);\n#define acme_put acme_drop\n");
    repo.write("drivers/put.c", "int f(int n)\n{\n\treturn acme_put(n);\n}\n").commit("more of it");
    repo.git(&["tag", "w1"]);
    repo.git(&["checkout", "-q", "v2"]);
    repo.write("drivers/core.c", get("static "));
    repo.write("include/put.h", "int acme_drop(int n);\n").commit("less of it");
    repo.git(&["tag", "w2"]);
    let said = repo.run(&["infer", "--from", "w1", "--to", "w2", "--uses", "acme_get", "--uses", "acme_put"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in ["// acme_get: gone in w2", "+ acme_read(X0, X1, 0)", "// acme_put: gone in w2", "+ acme_drop"] {
        assert!(said.out.contains(wanted), "{wanted}\n---\n{}", said.out);
    }
    let counted = repo.run(&["infer", "--from", "w1", "--to", "w2", "--uses", "acme_put", "--threshold", "1"]);
    assert!(!counted.out.contains("acme_drop"), "no file teaches it: {}", counted.out);
}

#[test]
fn what_infer_cannot_learn_from_it_says_in_gits_words() {
    let repo = converted();
    for (args, code, wanted) in [
        (&["infer"][..], 129, "required"),
        (&["infer", "--from", "v1", "--to", "v2"], 129, "--uses"),
        (&["infer", "--from", "v1", "--uses", "acme_get"], 129, "--to"),
        (&["infer", "--from", "v1", "--to", "nowhere", "--uses", "acme_get"], 128, "fatal: bad revision 'nowhere'"),
        (&["infer", "--commits", "v1..nowhere"], 128, "fatal: "),
        (
            &["infer", "--from", "v1", "--to", "v2", "--uses", "acme_get", "--uses", "nosuchname"],
            128,
            "fatal: nothing in v1 is called 'nosuchname'",
        ),
        (&["infer", "--commits", "v2..v1"], 128, "fatal: 'v2..v1' has no commit that changes what was asked for"),
        (&["infer", "--commits", "v1..v2", "--threshold", "0"], 129, "0"),
    ] {
        let said = repo.run(args);
        assert_eq!(said.code, code, "{args:?}: {}", said.err);
        assert!(said.err.contains(wanted), "{args:?}: {}", said.err);
    }
}
