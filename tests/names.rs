//! `git kmigrate names`: who defines and who uses a name, on two kernels; the cache it keeps; `show` with it.

use crate::support::{Repo, lines};
use std::fs;

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("lib/a.c", "#include \"a.h\"\n\nint helper(int a)\n{\n\treturn a;\n}\nEXPORT_SYMBOL(helper);\n");
    repo.write("lib/a.h", "int helper(int a);\n#define LIMIT 3\n");
    repo.write("drv/b.c", "#include \"a.h\"\n\nint probe(void)\n{\n\treturn helper(LIMIT);\n}\n");
    repo.write("Kconfig", "config FOO\n\tbool\n").commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("lib/a.c", "").write("lib/new.c", "int helper(int a, int b)\n{\n\treturn a + b;\n}\n").commit("moved");
    repo.git(&["tag", "v2"]);
    repo
}

#[test]
fn definitions_and_users_of_two_kernels_stand_side_by_side() {
    let repo = repo();
    let said = repo.run(&["names", "helper", "LIMIT", "CONFIG_FOO", "nothing", "--on", "v1", "--on", "v2"]);
    let expected = "\
helper on v1: used in 1 file
    function in lib/a.c
    declaration in lib/a.h
    export in lib/a.c
helper on v2: used in 1 file
    function in lib/new.c
    declaration in lib/a.h
LIMIT on v1: used in 1 file
    macro in lib/a.h
LIMIT on v2: used in 1 file
    macro in lib/a.h
CONFIG_FOO on v1: used in 0 files
    config entry in Kconfig
CONFIG_FOO on v2: used in 0 files
    config entry in Kconfig
nothing on v1: not known
nothing on v2: not known
";
    assert_eq!(said.out, expected, "{}", said.err);
}

#[test]
fn a_cache_that_is_damaged_or_gone_or_of_no_size_changes_no_answer() {
    let repo = repo();
    let ask = ["names", "helper", "probe", "--on", "v1", "--on", "v2"];
    let expected = repo.run(&ask).out;
    let cache = repo.path().join(".git/kmigrate-cache/index");
    for damage in ["", "garbage", "zeros"] {
        for entry in fs::read_dir(&cache).expect("a cache") {
            let path = entry.expect("an entry").path();
            let size = fs::metadata(&path).expect("a file").len();
            let text = if damage == "zeros" { vec![0; size as usize] } else { damage.into() };
            fs::write(path, text).expect("written");
        }
        assert_eq!(repo.run(&ask).out, expected, "{damage:?}");
    }
    fs::remove_dir_all(&cache).expect("it was there");
    repo.git(&["config", "kmigrate.cacheSize", "0"]);
    assert_eq!(repo.run(&ask).out, expected);
    repo.git(&["config", "kmigrate.cacheSize", "much"]);
    let said = repo.run(&ask);
    assert!(said.code == 129 && said.err.contains("bad value 'much' for kmigrate.cacheSize"), "{}", said.err);
}

#[test]
fn a_bad_revision_is_named() {
    let said = repo().run(&["names", "helper", "--on", "v9"]);
    assert_eq!((said.code, said.err.lines().next()), (128, Some("fatal: bad revision 'v9'")));
}

#[test]
fn show_tells_where_the_function_of_a_conflict_went() {
    let repo = Repo::new();
    let body = |middle: &str| format!("static int probe(void)\n{{\n\tfirst();\n\t{middle}\n\tlast();\n}}\n");
    repo.write("a.c", format!("{}\n{}", lines(20), body("work();"))).write("b.c", "int b;\n").commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", lines(20)).write("b.c", format!("int b;\n\n{}", body("work();"))).commit("moved");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", format!("{}\n{}", lines(20), body("work_harder();"))).commit("one");
    repo.git(&["checkout", "-q", "main"]);
    repo.run(&["v1..topic", "--onto", "v2"]);
    let out = repo.run(&["show", "1"]).out;
    assert!(
        out.contains("are in function probe, which is not here\n         it is in b.c: lines 3 to 8 of it\n"),
        "{out}"
    );
}

#[test]
fn an_answer_is_judged_by_the_measures_of_the_field() {
    let repo = Repo::new();
    repo.write("answer", "int a;\nint b;\n").write("truth", "int  a;\nint b;").write("other", "int a;\nlong c;\n\n");
    let said = repo.run(&["judge", "answer", "truth"]);
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (&found["best_match"], &found["semantic_match"], &found["bin"]),
        (&true.into(), &true.into(), &serde_json::Value::Null)
    );
    let said = repo.run(&["judge", "answer", "other"]);
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (&found["best_match"], &found["line_edit_distance"], &found["bin"]),
        (&false.into(), &2.into(), &"<3".into())
    );
    assert!(found["codebleu"]["score"].as_f64().is_some_and(|s| (0.0..1.0).contains(&s)), "{found}");
}
