//! The words spoken now: what a series adds, rewritten where the new kernel declares it otherwise, or said.

use crate::support::Repo;
use serde_json::{Value, json};

/// Old and new upstream, as two lists of files, and a series of one commit with these files.
fn kernels(old: &[(&str, String)], new: &[(&str, String)], series: &[(&str, String)]) -> Repo {
    let repo = Repo::new();
    repo.write("README", "kernel\n");
    write_all(&repo, old);
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    write_all(&repo, new);
    // What is only in the old one goes.
    for (path, _) in old.iter().filter(|(path, _)| new.iter().all(|(other, _)| other != path)) {
        repo.git(&["rm", "-q", "--cached", path]);
        std::fs::remove_file(repo.path().join(path)).expect("it is there");
    }
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    write_all(&repo, series);
    repo.commit("one, of the series");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn write_all(repo: &Repo, files: &[(&str, String)]) {
    for (path, text) in files {
        repo.write(path, text);
    }
}

/// The outcome of the series' commit, and a file of it as it came out.
fn migrated(repo: &Repo, path: &str, args: &[&str]) -> (Value, String) {
    let all = [&["v1..topic", "--onto", "v2"], args].concat();
    let outcome = repo.outcomes(&all).0.remove(0);
    (outcome, repo.file("refs/kmigrate/runs/topic-v2/tip", path))
}

fn driver(name: &str, returns: &str, end: &str) -> String {
    format!(
        "#include <linux/acme.h>\n\nstatic {returns} {name}_remove(struct acme *acme)\n{{\n\tacme_put(acme);\n{end}}}\n\nstatic struct acme_driver {name}_driver = {{\n\t.probe = {name}_probe,\n\t.remove = {name}_remove,\n}};\n"
    )
}

#[test]
fn what_hangs_in_a_field_that_returns_nothing_now_returns_nothing() {
    let header = |returns: &str| {
        format!(
            "struct acme_driver {{\n\tint (*probe)(struct acme *acme);\n\t{returns} (*remove)(struct acme *acme);\n}};\n\nstruct other {{\n\tint (*remove)(int a);\n}};\n"
        )
    };
    let (old, new) = (("int", "\n\treturn 0;\n"), ("void", ""));
    let kernel = |kind: (&str, &str)| {
        let mut files = vec![("include/linux/acme.h", header(kind.0))];
        files.extend(
            [("drivers/a.c", "a"), ("drivers/b.c", "b"), ("drivers/c.c", "c")]
                .map(|(path, name)| (path, driver(name, kind.0, kind.1))),
        );
        files
    };
    let two_ways =
        driver("two", "int", "\n\treturn 0;\n").replace("\tacme_put(acme);\n", "\tif (!acme)\n\t\treturn -1;\n");
    let series = [("drivers/mine.c", driver("mine", "int", "\n\treturn 0;\n")), ("drivers/two.c", two_ways)];
    let repo = kernels(&kernel(old), &kernel(new), &series);
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert!(mine.contains("static void mine_remove(struct acme *acme)\n{\n\tacme_put(acme);\n}\n"), "{mine}");
    let findings = outcome["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1, "what returns in two ways is said: {findings:?}");
    assert_eq!(findings[0]["name"], "remove");
    assert!(findings[0]["was"]["statement"].as_str().expect("text").contains("was int (struct acme *), is void"));
    assert!(findings[0]["said"]["place"].as_str().expect("text").starts_with("drivers/two.c:"));
}

#[test]
fn a_copy_among_the_tools_keeps_no_name_of_the_kernel_alive_and_the_tools_still_have_it() {
    let declared = |name: &str| format!("size_t {name}(char *to, const char *from, size_t size);\n");
    let caller = |name: &str| format!("#include <linux/acme.h>\n\nvoid use(void)\n{{\n\t{name}(a, b, 3);\n}}\n");
    let kernel = |name: &str| {
        let mut files: Vec<(String, String)> =
            (0..6).map(|n| (format!("drivers/{n}.c"), caller(name).replace("use(", &format!("use_{n}(")))).collect();
        files.push(("include/linux/acme.h".into(), declared(name)));
        files.push(("tools/include/linux/acme.h".into(), declared("acme_copy")));
        files
    };
    let (old, new) = (kernel("acme_copy"), kernel("acme_scopy"));
    let series = [("drivers/mine.c", caller("acme_copy")), ("tools/mine.c", caller("acme_copy"))];
    let repo = kernels(&borrowed(&old, &[]), &borrowed(&new, &[]), &series);
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert!(mine.contains("\tacme_scopy(a, b, 3);\n"), "{mine}\n{outcome}");
    assert_eq!(outcome["findings"], json!([]));
    assert!(repo.file("refs/kmigrate/runs/topic-v2/tip", "tools/mine.c").contains("\tacme_copy(a, b, 3);\n"));
}

#[test]
fn a_new_name_that_is_declared_otherwise_is_written_and_a_person_is_asked() {
    let kernel = |name: &str, returns: &str| {
        let one = |n: usize| format!("#include <linux/acme.h>\n\nvoid use_{n}(int a)\n{{\n\tshow({name}(a));\n}}\n");
        let mut files: Vec<(String, String)> = (0..4).map(|n| (format!("drivers/{n}.c"), one(n))).collect();
        files.push(("include/linux/acme.h".into(), format!("{returns} *{name}(int a);\n")));
        files
    };
    let (old, new) = (kernel("acme_read", "struct acme"), kernel("acme_fetch", "struct acme_new"));
    let mine = old[0].1.replace("use_0", "mine");
    let repo = kernels(&borrowed(&old, &[]), &borrowed(&new, &[]), &[("drivers/mine.c", mine)]);
    let (outcome, text) = migrated(&repo, "drivers/mine.c", &[]);
    assert!(text.contains("show(acme_fetch(a))"), "{text}");
    assert_eq!(outcome["files"][0]["accepted"], false, "{outcome}");
    assert!(outcome["evidence"].to_string().contains("and the new name is declared otherwise"), "{outcome}");
}

#[test]
fn a_struct_that_became_a_pointer_is_accessed_by_an_arrow_and_another_struct_is_not() {
    let header = |star: &str| {
        format!("struct acme {{\n\tstruct net {star}dev;\n}};\n\nstruct other {{\n\tstruct net dev;\n}};\n")
    };
    let text = "int mine(struct acme *a, struct other *o)\n{\n\tnet_up(&a->dev);\n\treturn a->dev.id + o->dev.id;\n}\n";
    let repo = kernels(
        &[("include/acme.h", header(""))],
        &[("include/acme.h", header("*"))],
        &[("drivers/mine.c", text.to_owned())],
    );
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert!(mine.contains("\tnet_up(a->dev);\n\treturn a->dev->id + o->dev.id;\n"), "{mine}");
    assert_eq!(outcome["findings"], json!([]));
    assert!(outcome["evidence"].to_string().contains(". became ->"), "{outcome}");
}

#[test]
fn a_header_that_went_elsewhere_is_included_from_there() {
    let user =
        |n: usize, header: &str| format!("#include <{header}>\n\nint f{n}(void)\n{{\n\treturn acme_get({n});\n}}\n");
    let files = |header: &str, place: &'static str| {
        let mut files = vec![(place, "int acme_get(int a);\n".to_owned())];
        let paths = ["drivers/1.c", "drivers/2.c", "drivers/3.c"];
        files.extend(paths.iter().enumerate().map(|(n, path)| (*path, user(n, header))));
        files
    };
    let mine = "#include <linux/a.h>\n#include <linux/acme.h>\n\nint mine(void)\n{\n\treturn acme_get(9);\n}\n";
    let repo = kernels(
        &files("linux/acme.h", "include/linux/acme.h"),
        &files("linux/firm/acme.h", "include/linux/firm/acme.h"),
        &[("drivers/mine.c", mine.to_owned())],
    );
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert!(mine.starts_with("#include <linux/a.h>\n#include <linux/firm/acme.h>\n\nint mine"), "{mine}");
    assert_eq!(outcome["findings"], json!([]));
    let said = repo.run(&["survey", "v1..topic", "--onto", "v2"]).out;
    assert!(said.contains("linux/acme.h: header, required"), "{said}");
}

#[test]
fn what_is_declared_elsewhere_is_included_where_upstreams_callers_had_to_and_a_person_is_asked() {
    let user = |n: usize, more: &str| {
        format!("#include <linux/acme.h>\n{more}\nint f{n}(void)\n{{\n\treturn acme_get({n});\n}}\n")
    };
    let files = |more: &str, declared: [&str; 2]| {
        let header = |own: &str| format!("int acme_other(void);\n{own}");
        let mut files =
            vec![("include/linux/acme.h", header(declared[0])), ("include/linux/put.h", header(declared[1]))];
        let paths = ["drivers/1.c", "drivers/2.c", "drivers/3.c"];
        files.extend(paths.iter().enumerate().map(|(n, path)| (*path, user(n, more))));
        files
    };
    let repo = kernels(
        &files("", ["int acme_get(int a);\n", ""]),
        &files("#include <linux/put.h>\n", ["", "int acme_get(int a);\n"]),
        &[("drivers/mine.c", user(9, ""))],
    );
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert!(mine.starts_with("#include <linux/acme.h>\n#include <linux/put.h>\n"), "{mine}");
    assert!(outcome["flags"].to_string().contains("to_review"), "{outcome}");
    assert!(outcome["evidence"].to_string().contains("of 3 of its users 3 include <linux/put.h> now"), "{outcome}");
}

#[test]
fn a_type_that_upstream_replaced_all_over_a_file_is_replaced_in_what_the_patch_adds_to_it() {
    let function = |n: usize, kind: &str, name: &str| {
        format!("static int acme_{n}(struct {kind} *{name}, int a)\n{{\n\treturn may(1, {name}, a);\n}}\n\n")
    };
    let file = |kind: &str, name: &str| (1..5).map(|n| function(n, kind, name)).collect::<String>();
    let old =
        [("fs/acme/dir.c", file("user_ns", "ns")), ("include/ns.h", "struct user_ns {\n\tint a;\n};\n".to_owned())];
    let new =
        [("fs/acme/dir.c", file("idmap", "map")), ("include/ns.h", "struct user_ns {\n\tint a;\n};\n".to_owned())];
    let series = [("fs/acme/dir.c", file("user_ns", "ns") + &function(9, "user_ns", "ns"))];
    let repo = kernels(&old, &new, &series);
    let (outcome, text) = migrated(&repo, "fs/acme/dir.c", &[]);
    assert!(text.ends_with("static int acme_9(struct idmap *map, int a)\n{\n\treturn may(1, map, a);\n}"), "{text}");
    assert!(outcome["flags"].to_string().contains("to_review"), "it may be meant: {outcome}");
}

/// Files that call something, before and after upstream calls it otherwise.
fn callers(count: usize, call: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let one = |n: usize| {
        (format!("drivers/{n}.c"), format!("int f{n}(int *a)\n{{\n\tint b = {n};\n\n\treturn {};\n}}\n", call(n)))
    };
    (1..=count).map(one).collect()
}

fn borrowed<'a>(files: &'a [(String, String)], more: &[(&'a str, String)]) -> Vec<(&'a str, String)> {
    files.iter().map(|(path, text)| (path.as_str(), text.clone())).chain(more.iter().cloned()).collect()
}

#[test]
fn a_habit_that_upstream_gave_up_is_listed_and_followed_only_if_that_is_asked_for() {
    let header = [("include/acme.h", "int old_get(int *a, int b);\nint new_get(int *a);\n".to_owned())];
    let (old, new) = (callers(8, |_| "old_get(a, 0)".to_owned()), callers(8, |_| "new_get(a)".to_owned()));
    let mine = "int mine(int *it)\n{\n\treturn old_get(it, 0);\n}\n".to_owned();
    let repo = kernels(&borrowed(&old, &header), &borrowed(&new, &header), &[("drivers/mine.c", mine.clone())]);
    let said = repo.run(&["survey", "v1..topic", "--onto", "v2"]).out;
    assert!(said.contains("old_get: given up, optional\n"), "{said}");
    assert!(said.contains("old_get(X0, 0) -> new_get(X0)"), "{said}");
    let (outcome, text) = migrated(&repo, "drivers/mine.c", &[]);
    assert_eq!((text.trim(), &outcome["findings"]), (mine.trim(), &json!([])), "the old form compiles");
    let (_, text) = migrated(&repo, "drivers/mine.c", &["--optional"]);
    assert!(text.contains("return new_get(it);"), "{text}");
    repo.git(&["config", "kmigrate.optional", "maybe"]);
    let said = repo.run(&["v1..topic", "--onto", "v2", "-b", "other"]);
    assert_eq!(said.code, 129);
    assert!(said.err.contains("bad value 'maybe' for kmigrate.optional"), "{}", said.err);
}

#[test]
fn a_call_in_the_body_of_a_macro_is_rewritten_or_said() {
    let header = |call: &str| [("include/acme.h", format!("int {call}(int *a);\n"))];
    let (old, new) = (callers(4, |_| "acme_get(a)".to_owned()), callers(4, |_| "acme_read(a)".to_owned()));
    let mine = "#define MINE(it) \\\n\tacme_get(it)\n\nint mine(int *a)\n{\n\treturn MINE(a);\n}\n".to_owned();
    let repo = kernels(
        &borrowed(&old, &header("acme_get")),
        &borrowed(&new, &header("acme_read")),
        &[("drivers/mine.c", mine)],
    );
    let (outcome, text) = migrated(&repo, "drivers/mine.c", &[]);
    let is_said = outcome["findings"][0]["name"] == "acme_get";
    assert!(is_said != text.contains("acme_read(it)"), "{outcome}\n{text}");
}

#[test]
fn a_conflict_that_only_old_words_make_is_settled_in_the_new_ones_and_a_person_is_asked() {
    let header = |call: &str| [("include/acme.h", format!("int {call}(int *a);\n"))];
    let call = |n: usize, name: &str| {
        if n == 4 { format!("{name}(a) + {name}(a + 1) + {name}(&b)") } else { format!("{name}(a) + {name}(&b)") }
    };
    let (old, new) = (callers(6, |n| call(n, "acme_get")), callers(6, |n| call(n, "acme_read")));
    let patched = old[3].1.replace("acme_get(a + 1)", "acme_get(a + 2) * acme_get(a + 3)");
    let repo = kernels(
        &borrowed(&old, &header("acme_get")),
        &borrowed(&new, &header("acme_read")),
        &[("drivers/4.c", patched)],
    );
    let (outcome, text) = migrated(&repo, "drivers/4.c", &["--methods=text"]);
    assert!(text.contains("return acme_read(a) + acme_read(a + 2) * acme_read(a + 3) + acme_read(&b);"), "{text}");
    assert_eq!(outcome["files"][0]["method"], "rewritten");
    assert!(outcome["flags"].to_string().contains("to_review"), "{outcome}");
}

#[test]
fn that_upstream_did_it_in_other_words_is_no_proof_and_a_person_is_asked() {
    let header = |call: &str| [("include/acme.h", format!("int {call}(int *a);\n"))];
    let call = |name: &str, n: usize, step: usize| {
        let step = if n == 4 { step } else { n };
        format!("{name}(a) + {name}(a + {step}) + {name}(&b)")
    };
    let (old, new) = (callers(6, |n| call("acme_get", n, 1)), callers(6, |n| call("acme_read", n, 7)));
    let patched = old[3].1.replace("acme_get(a + 1)", "acme_get(a + 7)");
    let repo = kernels(
        &borrowed(&old, &header("acme_get")),
        &borrowed(&new, &header("acme_read")),
        &[("drivers/4.c", patched)],
    );
    let (outcome, text) = migrated(&repo, "drivers/4.c", &[]);
    assert_eq!(text, new[3].1.trim_end());
    assert_eq!(outcome["files"][0]["method"], "rewritten", "{outcome}");
    assert_eq!((&outcome["status"], &outcome["flags"]), (&json!("upstream"), &json!(["to_review"])), "{outcome}");
}

#[test]
fn what_a_rule_brings_has_its_header_unless_some_include_leads_there() {
    let user = |name: &str, include: &str, call: &str| {
        format!(
            "#include <linux/acme.h>\n{include}\nint {name}(const char *text, bool *on)\n{{\n\treturn {call}(text, on);\n}}\n"
        )
    };
    let declared = |name: &str| format!("int {name}(const char *text, bool *on);\n");
    let users = |include: &'static str, call: &'static str| {
        ["a", "b", "c", "d"].map(|name| (format!("drivers/{name}.c"), user(name, include, call)))
    };
    let mut old = vec![("include/linux/acme.h".to_owned(), declared("acme_to_bool"))];
    old.extend(users("", "acme_to_bool"));
    let mut new = vec![
        ("include/linux/acme.h".to_owned(), "struct acme;\n".to_owned()),
        ("include/linux/acme_text.h".to_owned(), declared("acme_text_to_bool")),
        ("include/linux/acme_all.h".to_owned(), "#include <linux/acme_text.h>\n".to_owned()),
    ];
    new.extend(users("#include <linux/acme_text.h>\n", "acme_text_to_bool"));
    let (leads, own) = ("#include <linux/acme_all.h>\n", "#include \"own.h\"\n");
    let series = [
        ("drivers/mine.c", user("mine", "", "acme_to_bool")),
        ("drivers/sees.c", user("sees", leads, "acme_to_bool")),
        ("drivers/own.h", leads.to_owned()),
        ("drivers/owns.c", user("owns", own, "acme_to_bool")),
    ];
    let repo = kernels(&borrowed(&old, &[]), &borrowed(&new, &[]), &series);
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert_eq!(mine, user("mine", "#include <linux/acme_text.h>\n", "acme_text_to_bool").trim_end());
    for (name, include) in [("sees", leads), ("owns", own)] {
        let came = repo.file("refs/kmigrate/runs/topic-v2/tip", &format!("drivers/{name}.c"));
        assert_eq!(came, user(name, include, "acme_text_to_bool").trim_end(), "what leads there is there");
    }
    assert_eq!(outcome["findings"], json!([]), "{outcome}");
    assert!(outcome["evidence"].to_string().contains("acme_text_to_bool is declared in"), "{outcome}");
}

#[test]
fn a_macro_that_was_another_name_of_what_is_still_there_needs_no_example() {
    let body = |add: &str, kind: &str| {
        format!("#include <linux/acme.h>\n\nint mine({kind} how)\n{{\n\treturn {add}(how, 1);\n}}\n")
    };
    let declared = "enum acme_kind { ACME_A, ACME_B };\n\nint acme_add(enum acme_kind how, int n);\n#define acme_sub(_a) acme_add(_a, 0)\n";
    let aliases =
        "\n#define acme_master_add(_a, _n) \\\n\tacme_add(_a, _n)\n#define acme_less(_a, _n) acme_add(_n, _a)\n";
    let repo = kernels(
        &[("include/linux/acme.h", format!("{declared}{aliases}"))],
        &[("include/linux/acme.h", declared.to_owned())],
        &[
            ("drivers/mine.c", body("acme_master_add", "enum acme_kind")),
            ("drivers/other.c", body("acme_less", "enum acme_kind").replace("mine", "other")),
        ],
    );
    let (outcome, mine) = migrated(&repo, "drivers/mine.c", &[]);
    assert_eq!(mine, body("acme_add", "enum acme_kind").trim_end());
    let other = repo.file("refs/kmigrate/runs/topic-v2/tip", "drivers/other.c");
    assert!(other.contains("acme_less(how, 1)"), "it did something of its own: {other}");
    let findings = outcome["findings"].as_array().expect("a list");
    assert_eq!(findings.iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["acme_less"]);
}

#[test]
fn an_option_that_is_gone_is_told_where_kconfig_and_makefiles_of_the_series_use_it() {
    let user = |name: &str| format!("config USER\n\tbool\n\tselect {name}\n");
    let makefile = |name: &str| format!("obj-$(CONFIG_{name}) += core.o\n");
    let series = [
        (
            "drivers/Kconfig",
            "config MINE\n\tbool\n\tdepends on OLD_BUS && USER\n\thelp\n\t  For an OLD_BUS.\n".to_owned(),
        ),
        ("drivers/Makefile", "obj-$(CONFIG_MINE) += mine.o\nobj-$(CONFIG_OLD_BUS) += more.o\n".to_owned()),
    ];
    let upstream = |name: &str| {
        vec![
            ("lib/Kconfig", format!("config {name}\n\tbool\n")),
            ("arch/Kconfig", user(name)),
            ("lib/Makefile", makefile(name)),
        ]
    };
    let repo = kernels(&upstream("OLD_BUS"), &upstream("NEW_BUS"), &series);
    let (outcome, _) = migrated(&repo, "drivers/Kconfig", &[]);
    let findings = outcome["findings"].as_array().expect("a list");
    let told = |one: &Value| json!([one["name"], one["said"]["place"]]);
    let wanted = [json!(["CONFIG_OLD_BUS", "drivers/Kconfig:3"]), json!(["CONFIG_OLD_BUS", "drivers/Makefile:2"])];
    assert_eq!(findings.iter().map(told).collect::<Vec<_>>(), wanted);
    let examples = findings[0]["examples"].to_string();
    assert!(examples.contains("'select OLD_BUS' became 'select NEW_BUS'"), "{examples}");
    assert_eq!(outcome["flags"], json!(["to_review"]));
    // An option that the series brings itself is its own, whatever became of upstream's.
    let own = [("drivers/Kconfig", format!("{}\nconfig OLD_BUS\n\tbool\n", series[0].1))];
    let repo = kernels(&upstream("OLD_BUS"), &upstream("NEW_BUS"), &own);
    assert_eq!(migrated(&repo, "drivers/Kconfig", &[]).0["findings"], json!([]));
}
