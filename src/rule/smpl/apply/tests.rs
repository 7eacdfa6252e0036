//! Semantic patches applied: fixtures (`fixtures/smpl/*.cocci` with before and after), small forms, and spatch as the oracle.

use super::*;
use crate::rule::smpl::read;
use std::path::{Path, PathBuf};

/// A text after a patch.
fn after(patch: &str, text: &str) -> String {
    let patch = read(patch.as_bytes()).expect("a patch");
    String::from_utf8(apply(&patch, text.as_bytes()).expect("it can be applied").text).expect("text")
}

/// The same for one rule about a function's body.
fn body(patch: &str, body: &str) -> String {
    let text = after(patch, &format!("void f(struct a *a)\n{{\n\t{body}\n}}\n"));
    text.trim_start_matches("void f(struct a *a)\n{\n\t").trim_end_matches("\n}\n").to_owned()
}

/// The fixtures: patch, before, after.
fn fixtures() -> Vec<(PathBuf, PathBuf, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/smpl");
    let files = std::fs::read_dir(folder).expect("the fixtures");
    let mut found: Vec<PathBuf> =
        files.map(|f| f.expect("a file").path()).filter(|p| p.extension().is_some_and(|e| e == "cocci")).collect();
    found.sort();
    found.into_iter().map(|p| (p.clone(), p.with_extension("before.c"), p.with_extension("after.c"))).collect()
}

#[test]
fn fixtures_become_what_is_expected() {
    assert!(fixtures().len() >= 7);
    for (patch, before, expected) in fixtures() {
        let (patch_text, text) =
            (std::fs::read_to_string(&patch).expect("a patch"), std::fs::read_to_string(before).expect("a text"));
        let expected = std::fs::read_to_string(expected).expect("an expectation");
        assert_ne!(text, expected);
        assert_eq!(after(&patch_text, &text), expected, "{}", patch.display());
    }
}

/// Skipped where Coccinelle is not installed.
#[test]
fn spatch_with_our_isomorphisms_agrees_on_the_fixtures_modulo_white_space() {
    let iso = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/smpl/house.iso");
    for (patch, before, expected) in fixtures() {
        let out = std::env::temp_dir().join(format!("kmigrate-oracle-{}.c", std::process::id()));
        let mut command = std::process::Command::new("spatch");
        command.args(["--very-quiet", "--no-includes", "--iso-file"]).arg(&iso);
        if std::fs::read_to_string(&patch).expect("a patch").contains("virtual patch") {
            command.args(["-D", "patch"]);
        }
        let Ok(told) = command.arg("--sp-file").arg(&patch).arg(before).arg("-o").arg(&out).output() else { return };
        assert!(told.status.success(), "{}: {}", patch.display(), String::from_utf8_lossy(&told.stderr));
        let solid = |path: &Path| -> Vec<u8> {
            std::fs::read(path).expect("a text").into_iter().filter(|c| !c.is_ascii_whitespace()).collect()
        };
        let (theirs, ours) = (solid(&out), solid(&expected));
        let _ = std::fs::remove_file(&out);
        assert_eq!(String::from_utf8_lossy(&theirs), String::from_utf8_lossy(&ours), "{}", patch.display());
    }
}

#[test]
fn tests_for_null_match_in_every_spelling_and_equality_from_both_sides() {
    let patch = "@@\nexpression x;\n@@\n- if (x == NULL)\n- \tgone(x);\n";
    for test in ["!a", "a == NULL", "NULL == a"] {
        assert_eq!(body(patch, &format!("if ({test})\n\t\tgone(a);\n\tb();")).trim(), "b();", "{test}");
    }
    assert_eq!(body(patch, "if (a)\n\t\tgone(a);"), "if (a)\n\t\tgone(a);");
    let zero = "@@\nexpression *x;\n@@\n  x ==\n- 0\n+ NULL\n";
    assert_eq!(body(zero, "b = 0 == a;"), "b = NULL == a;");
    assert_eq!(body(zero, "b = 0 == c;"), "b = 0 == c;");
}

#[test]
fn dots_hold_on_every_way_and_exists_on_one() {
    let text = "x = get();\n\tif (b)\n\t\tput(x);\n\tend();";
    let rule = |head: &str| format!("@{head}@\nexpression x;\n@@\n  x = get();\n  ...\n- put(x);\n+ drop(x);\n");
    assert_eq!(body(&rule(""), text), text);
    assert!(body(&rule(" exists "), text).contains("\t\tdrop(x);"));
}

#[test]
fn a_rule_waits_for_the_rules_that_it_depends_on() {
    let patch = |depends: &str| format!("@a@\n@@\n  mark();\n\n@b depends on {depends}@\n@@\n- old()\n+ renewed()\n");
    assert_eq!(body(&patch("a"), "old(); mark();"), "renewed(); mark();");
    assert_eq!(body(&patch("!a"), "old(); mark();"), "old(); mark();");
    assert_eq!(body(&patch("a"), "old();"), "old();");
}

#[test]
fn new_code_has_the_spaces_that_a_patch_leaves_out() {
    let patch = "@@\nexpression to, from, n, g;\nstatement S;\n@@\n- to = take(n, g);\n+ to=take_copy(from,n,g|-1);\n  if (!to) S\n- fill(to, from, n);\n";
    let text = "p = take(sizeof(*p), G);\n\tif (!p)\n\t\treturn;\n\tfill(p, &a, sizeof(*p));";
    assert_eq!(body(patch, text), "p = take_copy(&a, sizeof(*p), G|-1);\n\tif (!p)\n\t\treturn;");
    let patch = |new: &str| format!("@@\nexpression x;\n@@\n- f(x)\n+ {new}\n");
    assert_eq!(body(&patch("g(&x,x<<2,*x==-x&&x)"), "f(a);"), "g(&a, a << 2, *a == -a&&a);");
    assert_eq!(body(&patch("g(x ,  x)"), "f(a);"), "g(a ,  a);", "what the patch has stays");
}

#[test]
fn a_place_takes_the_match_there_and_what_rests_on_it_and_no_other() {
    let patch = read(b"@a@\nidentifier f;\n@@\n- old(f);\n+ renewed(f);\n\n@b@\nidentifier a.f;\n@@\n- drop(f);\n\n@c@\nidentifier f;\n@@\n- none(f);\n").expect("a patch");
    let ready = Ready::new(&patch).expect("it can be applied");
    let text = "void f(void)\n{\n\told(x);\n\tnone(x);\n\told(y);\n\tdrop(y);\n\tdrop(x);\n}\n";
    let at = |word: &str| text.find(word).map(|at| at..at + word.len()).expect("it is there");
    let made = |word: &str| String::from_utf8(ready.apply_at(text.as_bytes(), at(word)).text).expect("text");
    assert_eq!(made("old(y);"), text.replace("old(y)", "renewed(y)").replace("\tdrop(y);\n", ""));
    assert_eq!(made("none(x);"), text.replace("\tnone(x);\n", ""));
    assert_eq!(made("void f"), text);
}

#[test]
fn includes_are_replaced() {
    let patch = "@@\n@@\n- #include <linux/old.h>\n+ #include <linux/renewed.h>\n";
    assert_eq!(
        after(patch, "#include <linux/a.h>\n#include <linux/old.h>\n"),
        "#include <linux/a.h>\n#include <linux/renewed.h>\n"
    );
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_line() {
    for (patch, line) in [
        ("@@\n@@\n- f(\n", 3),
        ("@@\n@@\n\n(\n- f()\n", 4),
        ("@@\nexpression E;\n@@\n- f(E\n", 4),
        ("@@\n@@\n...\n+ f();\n", 4),
        ("@@\n@@\n  ... when later\n- f();\n", 3),
    ] {
        let found = read(patch.as_bytes()).and_then(|patch| Ready::new(&patch).map(|_| ()));
        assert_eq!(found.expect_err(patch).line, line, "{patch}");
    }
}

#[test]
fn any_bytes_are_left_alone_or_changed_but_never_break_it() {
    let patch =
        read(b"@@\nexpression x;\nstatement S;\n@@\n- f(x);\n  ...\n  if (<+... x ...+>) S\n").expect("a patch");
    let ready = Ready::new(&patch).expect("it can be applied");
    for text in [
        vec![b'('; 20_000],
        (0..=255).cycle().take(5000).collect(),
        b"void g(void) { f(1); ".repeat(300),
        b"f(".repeat(9000),
    ] {
        let _ = ready.apply(&text);
    }
    for patch in [
        vec![b'('; 20_000],
        b"@@\n@@\n".iter().copied().chain(b"<... ".repeat(5000)).collect(),
        b"@@\n@@\n\\(".repeat(900),
    ] {
        let _ = read(&patch).and_then(|patch| Ready::new(&patch).map(|_| ()));
    }
}

/// As spatch does it: `when any` is what lifts it.
#[test]
fn dots_pass_neither_what_stands_before_them_nor_what_stands_behind_them_whatever_it_is_about() {
    let whole = |behind: &str| {
        format!(
            "@r@\nidentifier f;\nexpression x;\nstatement S;\n@@\n f(...) {{\n ...\n(\n- if (x == NULL) S\n|\n- work(x);\n)\n ...{behind}\n }}\n"
        )
    };
    let two = "if (a == NULL)\n\t\tfoo(a);\n\twork(b);";
    assert_eq!(body(&whole(""), two), two);
    assert_eq!(body(&whole(" when any"), two), "work(b);");
    assert_eq!(body(&whole(""), "work(b);\n\tfoo();").trim(), "foo();");
    let first = "@@\nexpression x;\n@@\n foo();\n ...\n- work(x);\n";
    assert_eq!(body(first, "foo();\n\twork(a);\n\twork(b);"), "foo();\n\twork(b);");
    let exists = first.replacen("@@", "@r exists@", 1);
    assert_eq!(body(&exists, "foo();\n\twork(a);\n\twork(b);"), "foo();\n\twork(b);");
    // What the rule asks for behind the dots is one value all the way.
    let text = "work(a);\n\twork(b);\n\tlock(a);";
    assert_eq!(body("@@\nexpression x;\n@@\n work(x);\n ...\n- lock(x);\n", text), "work(a);\n\twork(b);");
    assert_eq!(body("@@\nexpression x;\n@@\n- work(x);\n ...\n lock(a);\n", text), "work(a);\n\tlock(a);");
}

#[test]
fn an_initialiser_keeps_the_column_of_its_sign() {
    let patch = "@@\nidentifier I;\nexpression X;\n@@\nstruct ops I = {\n- .map = X,\n+ .map_pages = X,\n};\n";
    let made =
        |entry: &str| after(patch, &format!("struct ops o = {{\n\t{entry}\n\t.flush_all_of_it\t= three,\n}};\n"));
    for (entry, wanted) in [
        (".map\t\t\t= one,", "\t.map_pages\t\t= one,\n"),
        (".map\t= one,", "\t.map_pages = one,\n"),
        (".map = one,", "\t.map_pages = one,\n"),
        (".map            = one,", "\t.map_pages      = one,\n"),
    ] {
        assert!(made(entry).contains(wanted), "{entry}: {}", made(entry));
    }
}
