//! What merges cleanly and does not compile: names that the new kernel has no more.

use crate::support::Repo;
use serde_json::Value;

/// Upstream renames a field and a function and converts its callers; the series adds a driver that uses the old names.
fn repo() -> Repo {
    let repo = Repo::new();
    let header = "struct acme {\n\tint master_id;\n\tint other;\n};\n\nint acme_get(struct acme *acme);\n";
    let caller = |n: u32| {
        format!(
            "int f{n}(struct acme *acme)\n{{\n\tint a = {n};\n\n\treturn acme_get(acme) + acme->master_id + a;\n}}\n"
        )
    };
    // Each caller went its own way: nothing can be learned from them.
    let upstream = |text: &str, call: &str| text.replace("master_id", "host_id").replace("acme_get(acme)", call);
    repo.write("include/acme.h", header).write("drivers/a.c", caller(1)).write("drivers/b.c", caller(2)).commit("base");
    repo.git(&["tag", "v1"]);
    let new = header
        .replace("master_id", "host_id")
        .replace("acme_get(struct acme *acme)", "acme_read(struct acme *acme, int how)");
    repo.write("include/acme.h", new)
        .write("drivers/a.c", upstream(&caller(1), "acme_read(acme, 0)"))
        .write("drivers/b.c", upstream(&caller(2), "!acme_fetch(acme->other)"));
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("drivers/mine.c", caller(9)).commit("one, uses the old names");
    let own = "struct mine {\n\tint master_id;\n};\n\nint mine_get(struct mine *mine)\n{\n\tint other = mine->other;\n\n\treturn other;\n}\n";
    repo.write("drivers/own.c", own.replace("mine->other", "mine->host")).commit("two, its own names");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn findings(repo: &Repo, args: &[&str]) -> Vec<Value> {
    let all = [&["v1..topic", "--onto", "v2"], args].concat();
    repo.outcomes(&all).0.into_iter().map(|outcome| outcome["findings"].clone()).collect()
}

#[test]
fn a_name_that_is_gone_is_a_finding_with_what_it_was_and_how_upstreams_callers_changed() {
    let repo = repo();
    let found = findings(&repo, &[]);
    let names: Vec<&str> = found[0].as_array().expect("a list").iter().filter_map(|f| f["name"].as_str()).collect();
    // The field is renamed by what the callers teach, although the second commit has one of that name in another type.
    assert_eq!(names, ["acme_get"], "{}", repo.run(&["survey", "v1..topic", "--onto", "v2"]).out);
    let finding = &found[0][0];
    assert_eq!(finding["said"]["place"], "drivers/mine.c:5");
    assert_eq!(finding["was"]["place"], "include/acme.h");
    let example = &finding["examples"][0];
    assert_eq!(example["place"], "drivers/a.c:5");
    assert!(example["statement"].as_str().expect("text").contains("acme_read(acme, 0)"), "{example}");
    assert_eq!(found[1], serde_json::json!([]), "names of its own are no findings");
    let listed = repo.run(&["list"]).out;
    assert!(listed.contains("(to review)  (stale: acme_get)"), "{listed}");
    assert!(repo.run(&["show", "1"]).out.contains("upstream: 'return acme_get(acme)"));
    assert_eq!(repo.run(&["accept", "1"]).code, 0);
    assert_eq!(repo.run(&["continue"]).code, 0, "a person may accept it");
}

#[test]
fn nothing_is_looked_up_when_that_is_asked_for() {
    let repo = repo();
    assert_eq!(findings(&repo, &["--look-up=nothing"]), [serde_json::json!([]), serde_json::json!([])]);
    repo.git(&["config", "kmigrate.lookUp", "nothing"]);
    assert_eq!(findings(&repo, &["-b", "other"])[0], serde_json::json!([]));
    repo.git(&["config", "kmigrate.lookUp", "everything"]);
    let said = repo.run(&["v1..topic", "--onto", "v2", "-b", "third"]);
    assert_eq!(said.code, 129);
    assert!(said.err.contains("bad value 'everything' for kmigrate.lookup"), "{}", said.err);
}

/// Upstream gives a function another argument and takes one from another, and converts three callers of each; the series adds a file
/// and a function that call them.
fn with_callers() -> Repo {
    let repo = Repo::new();
    let header = "#define THIS_MODULE ((void *)0)\nstruct acme;\nint acme_get(struct acme *acme);\nint acme_new(void *owner, const char *name);\n";
    let caller = |n: u32| {
        format!(
            "int f{n}(struct acme *acme)\n{{\n\tint a = acme_get(acme);\n\n\tif (a)\n\t\treturn acme_new(THIS_MODULE, \"f{n}\");\n\treturn a;\n}}\n"
        )
    };
    let upstream = |text: &str| {
        text.replace("acme_get(acme)", "acme_read(acme, 0)").replace("acme_new(THIS_MODULE, ", "acme_new(")
    };
    repo.write("include/acme.h", header);
    for n in 1..4 {
        repo.write(&format!("drivers/{n}.c"), caller(n));
    }
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    let new = "#define THIS_MODULE ((void *)0)\nstruct acme;\nint acme_read(struct acme *acme, int how);\nint acme_new(const char *name);\n";
    repo.write("include/acme.h", new);
    for n in 1..4 {
        repo.write(&format!("drivers/{n}.c"), upstream(&caller(n)));
    }
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("drivers/mine.c", caller(9)).commit("one, a driver of its own");
    repo.write("drivers/2.c", caller(2) + "\nint more(struct acme *it)\n{\n\treturn acme_get(it) + 1;\n}\n")
        .commit("two, a function more");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

#[test]
fn what_a_patch_adds_is_rewritten_by_the_rules_that_upstreams_callers_teach() {
    let repo = with_callers();
    let (outcomes, _) = repo.outcomes(&["v1..topic", "--onto", "v2"]);
    assert_eq!(outcomes[0]["status"], "modified");
    assert_eq!(outcomes[0]["files"][0]["method"], "rewritten");
    assert_eq!(outcomes[0]["findings"], serde_json::json!([]));
    let tip = "refs/kmigrate/runs/topic-v2/tip";
    let mine = repo.file(tip, "drivers/mine.c");
    assert!(mine.contains("int a = acme_read(acme, 0);"), "{mine}");
    assert!(mine.contains("return acme_new(\"f9\");"), "{mine}");
    assert!(repo.file(tip, "drivers/2.c").contains("return acme_read(it, 0) + 1;"));
    let said = outcomes[0]["evidence"].to_string();
    assert!(said.contains("acme_get(X0) -> acme_read(X0, 0): as upstream did in 3 of its functions"), "{said}");
    let shown = repo.run(&["show", "1", "--machine"]).out;
    assert!(shown.contains("+\tint a = acme_read(acme, 0);"), "{shown}");
}

#[test]
fn survey_tells_before_anything_is_carried_what_is_stale_what_it_was_and_by_which_rule_it_is_rewritten() {
    let repo = with_callers();
    let refs = repo.refs();
    let said = repo.run(&["survey", "v1..topic", "--onto", "v2"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for wanted in [
        "acme_get: gone, required\n    was    declaration acme_get was here [include/acme.h]\n",
        "    rule   acme_get(X0) -> acme_read(X0, 0)  (in 3 functions)\n    used   by 1 drivers/mine.c, 2 drivers/2.c\n",
        "acme_new: changed, required\n    was    acme_new: argument 1 (void *) removed [include/acme.h]\n",
        "    before int acme_new(void *owner, const char *name);\n    after  int acme_new(const char *name);\n",
        "2 names of the 2 commits of topic are stale on v2; rules for 2 of them\n",
    ] {
        assert!(said.out.contains(wanted), "{wanted}\n---\n{}", said.out);
    }
    assert_eq!(repo.refs(), refs, "nothing was carried");
    let json = repo.run(&["survey", "v1..topic", "--onto", "v2", "--json"]).out;
    let first: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["used"][0], serde_json::json!({"n": 1, "path": "drivers/mine.c"}));
    assert!(first.get("declared").is_none(), "what is gone is declared no more");
    let second: Value = serde_json::from_str(json.lines().nth(1).expect("a line")).expect("JSON");
    assert_eq!(second["declared"]["after"], "int acme_new(const char *name);");
    assert_eq!(
        second["examples"][0],
        serde_json::json!({"statement": "'acme_new(THIS_MODULE, \"f1\")' became 'acme_new(\"f1\")'", "place": "drivers/1.c:6"})
    );
}

#[test]
fn a_call_that_needs_another_argument_is_shown_as_upstreams_own_callers_changed_it() {
    let repo = Repo::new();
    let caller = |n: u32, call: &str| format!("int f{n}(struct acme *acme)\n{{\n\treturn {call} + {n};\n}}\n");
    repo.write("include/acme.h", "struct acme;\nint acme_get(struct acme *acme);\n");
    repo.write("drivers/1.c", caller(1, "acme_get(acme)")).write("drivers/2.c", caller(2, "acme_get(acme)"));
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("include/acme.h", "struct acme;\nint acme_get(struct acme *acme, int how);\n");
    repo.write("drivers/1.c", caller(1, "acme_get(acme, 70)")).write("drivers/2.c", caller(2, "acme_get(acme, 80)"));
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("drivers/mine.c", caller(9, "acme_get(acme)")).commit("one, a driver of its own");
    repo.git(&["checkout", "-q", "main"]);
    let json = repo.run(&["survey", "v1..topic", "--onto", "v2", "--json"]).out;
    let told: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        told["examples"],
        serde_json::json!([
            {"statement": "'acme_get(acme)' became 'acme_get(acme, 70)'", "place": "drivers/1.c:3"},
            {"statement": "'acme_get(acme)' became 'acme_get(acme, 80)'", "place": "drivers/2.c:3"},
        ])
    );
}

/// The names that the survey tells, each with the places of the series that use it.
fn surveyed(repo: &Repo) -> Vec<(String, Vec<String>)> {
    let json = repo.run(&["survey", "v1..topic", "--onto", "v2", "--json"]).out;
    let all = json.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |one: Value| {
        let used = one["used"].as_array().map(|all| all.iter().map(|used| text(&used["path"])).collect());
        (text(&one["name"]), used.unwrap_or_default())
    };
    all.filter(|one| one.get("name").is_some()).map(told).collect()
}

#[test]
fn a_header_of_a_drivers_own_that_is_gone_or_left_behind_is_stale_and_one_that_the_series_brings_is_not() {
    let repo = Repo::new();
    let driver = |n: u32| {
        format!("int acme_one{n}(void)\n{{\n\treturn {n};\n}}\n\nint acme_two{n}(void)\n{{\n\treturn 2;\n}}\n")
    };
    for name in ["gone", "left", "kept", "own"] {
        repo.write(&format!("drivers/acme/{name}.h"), format!("int acme_{name};\n"));
    }
    repo.write("drivers/acme/a.c", driver(1)).write("drivers/acme/b.c", driver(2)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.git(&["rm", "-q", "drivers/acme/gone.h", "drivers/acme/own.h", "drivers/acme/b.c"]);
    repo.write("drivers/acme/core/b.c", driver(2)).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let with = |names: &[&str], text: String| {
        names.iter().map(|name| format!("#include \"{name}\"\n")).collect::<String>() + &text
    };
    repo.write("drivers/acme/a.c", with(&["gone.h", "kept.h", "own.h", "unknown.h"], driver(1)));
    repo.write("drivers/acme/b.c", with(&["left.h", "../kept.h"], driver(2))).commit("one, includes");
    repo.write("drivers/acme/own.h", "int acme_own;\nint acme_more;\n").commit("two, its own header");
    repo.git(&["checkout", "-q", "main"]);
    let wanted = [("drivers/acme/gone.h", "drivers/acme/a.c"), ("drivers/acme/left.h", "drivers/acme/b.c")];
    assert_eq!(surveyed(&repo), wanted.map(|(name, path)| (name.to_owned(), vec![path.to_owned()])));
}

#[test]
fn what_is_static_elsewhere_now_is_stale() {
    let repo = Repo::new();
    let function = |head: &str, name: &str| format!("{head}int {name}(struct acme *acme)\n{{\n\treturn 0;\n}}\n");
    let prototype = |name: &str| format!("int {name}(struct acme *acme);\n");
    let caller = "#include <linux/acme.h>\n\nint mine(struct acme *acme)\n{\n\treturn 1;\n}\n";
    let header = format!("struct acme;\n{}{}", prototype("acme_get"), prototype("acme_put"));
    repo.write("include/linux/acme.h", &header);
    repo.write("lib/acme.c", function("", "acme_get") + &function("", "acme_put"));
    repo.write("drivers/mine.c", caller).write("drivers/far.c", caller).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("include/linux/acme.h", "struct acme;\n").write("include/linux/acme-extra.h", prototype("acme_put"));
    repo.write("drivers/far.c", format!("#include <linux/acme-extra.h>\n{caller}"));
    repo.write("lib/acme.c", function("static ", "acme_get") + &function("", "acme_put")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let more = "\nint more(struct acme *acme)\n{\n\treturn acme_get(acme) + acme_put(acme);\n}\n";
    let far = "\nint more(struct acme *acme)\n{\n\treturn acme_put(acme);\n}\n";
    repo.write("drivers/mine.c", format!("{caller}{more}")).write("drivers/far.c", format!("{caller}{far}"));
    repo.write("lib/acme.c", function("", "acme_get") + &function("", "acme_put") + more).commit("one, callers");
    repo.git(&["checkout", "-q", "main"]);
    let wanted = [("acme_get", "drivers/mine.c")];
    // The file that has the function calls it as before.
    assert_eq!(surveyed(&repo), wanted.map(|(name, path)| (name.to_owned(), vec![path.to_owned()])));
}

#[test]
fn what_the_series_takes_away_and_a_new_file_uses_is_to_look_at_and_what_others_used_before_is_not() {
    let repo = Repo::new();
    let header = "struct acme;\n\nint acme_tune(struct acme *acme, int how);\nint acme_get(struct acme *acme);\nint acme_read(struct acme *acme);\n";
    let user =
        |n: u32, call: &str| format!("#include <acme.h>\n\nint f{n}(struct acme *acme)\n{{\n\treturn {call};\n}}\n");
    repo.write("include/acme.h", header).write("a.c", user(1, "acme_tune(acme, 1) + acme_get(acme)"));
    repo.write("b.c", user(2, "acme_read(acme)")).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("new.c", user(3, "acme_tune(acme, 2) + acme_get(acme) + acme_read(acme)")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let takes = header.replace("int acme_get(struct acme *acme);\n", "").replace("int how)", "int how, int prio)");
    repo.write("include/acme.h", takes.replace("int acme_read(struct acme *acme);\n", ""));
    repo.write("a.c", user(1, "acme_tune(acme, 1, 0)")).commit("the patch");
    let told = repo.outcomes(&["v1..topic", "--onto", "v2"]).0[0].clone();
    let said = told["evidence"].to_string();
    assert!(told["flags"].to_string().contains("to_review"), "{told}");
    assert!(
        said.contains("takes 'acme_get' away, and the new kernel uses it in new.c, where the old one did not"),
        "{said}"
    );
    assert!(said.contains("declares a function otherwise (acme_tune: argument 3 (int) added)"), "{said}");
    assert!(!said.contains("'acme_read'"), "b.c used it before, and the series leaves it alone: {said}");
}

#[test]
fn a_member_of_another_type_is_used_as_upstreams_callers_use_it_and_where_they_tell_nothing_it_is_a_finding() {
    let repo = Repo::new();
    let header = "struct acme {\n\tint users;\n\tint how;\n};\n";
    let caller = |n: u32, users: &str| {
        format!("#include <acme.h>\n\nint f{n}(struct acme *acme)\n{{\n\tint a = {n};\n\n\treturn a + {users};\n}}\n")
    };
    repo.write("include/acme.h", header);
    for n in 1..4 {
        repo.write(&format!("drivers/{n}.c"), caller(n, "acme->users"));
    }
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("include/acme.h", header.replace("int users", "atomic_t users"));
    for n in 1..4 {
        repo.write(&format!("drivers/{n}.c"), caller(n, "atomic_read(&acme->users)"));
    }
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("drivers/read.c", caller(7, "acme->users")).commit("one, reads");
    repo.write("drivers/write.c", caller(8, "acme->users++")).commit("two, writes");
    repo.git(&["checkout", "-q", "main"]);
    let outcomes = repo.outcomes(&["v1..topic", "--onto", "v2", "--unreviewed"]).0;
    assert_eq!(findings(&repo, &["-n"])[0], serde_json::json!([]), "{}", outcomes[0]);
    assert!(
        repo.file("topic-v2", "drivers/read.c").contains("return a + atomic_read(&acme->users);"),
        "{}",
        outcomes[0]
    );
    assert!(outcomes[1]["findings"].to_string().contains("was int, is atomic_t"), "{}", outcomes[1]);
    assert!(repo.file("topic-v2", "drivers/write.c").contains("acme->users++"), "{}", outcomes[1]);
}
