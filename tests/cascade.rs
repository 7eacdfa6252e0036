//! What text merging leaves open, settled line by line: told, and with a doubt not accepted without a look.

use crate::support::{Repo, lines};
use serde_json::Value;

/// Upstream and the series change neighbouring lines of a.c, insert at one place of b.c, and change one line of c.c.
fn repo() -> Repo {
    let repo = Repo::new();
    for file in ["a.c", "b.c", "c.c"] {
        repo.write(file, lines(30));
    }
    repo.commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", lines(30).replace("line 10\n", "upstream 10\n"));
    repo.write("b.c", lines(30).replace("line 10\n", "line 10\nupstream\n"));
    repo.write("c.c", lines(30).replace("line 10\n", "upstream 10\n")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", lines(30).replace("line 11\n", "mine 11\n")).commit("one, beside it");
    repo.write("b.c", lines(30).replace("line 10\n", "line 10\nmine\n")).commit("two, at one place");
    let both = lines(30).replace("line 10\n", "mine 10\n").replace("line 25\n", "mine 25\n");
    repo.write("c.c", both).commit("three, the same line");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

fn outcomes(repo: &Repo, methods: &str) -> Vec<Value> {
    repo.outcomes(&["v1..topic", "--onto", "v2", methods]).0
}

#[test]
fn neighbouring_lines_are_settled_insertions_without_evidence_are_to_review_and_one_line_of_both_is_open() {
    let repo = repo();
    let found = outcomes(&repo, "--methods=text,line");
    let brief = |o: &Value| {
        (
            o["status"].clone(),
            o["flags"].to_string(),
            o["files"][0]["method"].clone(),
            o["files"][0]["accepted"].clone(),
        )
    };
    let review = r#"["to_review"]"#.to_owned();
    assert_eq!(brief(&found[0]), ("unmodified".into(), "[]".into(), "line".into(), true.into()));
    assert_eq!(brief(&found[1]), ("unmodified".into(), review, "line".into(), false.into()));
    assert_eq!(brief(&found[2]), ("conflicted".into(), "[]".into(), "text".into(), false.into()));
    let tip = "refs/kmigrate/runs/topic-v2/tip";
    assert!(repo.file(tip, "a.c").contains("upstream 10\nmine 11\n"));
    assert!(repo.file(tip, "b.c").contains("line 10\nupstream\nmine\n"));
}

#[test]
fn the_doubt_names_the_line_and_accepting_it_is_for_a_person() {
    let repo = repo();
    let found = outcomes(&repo, "--methods=text,line");
    let said = found[1]["evidence"].to_string();
    assert!(said.contains("to look at: no evidence for the order") && said.contains("b.c:11"), "{said}");
    assert_eq!(repo.run(&["accept", "2"]).code, 0);
    repo.run(&["drop", "3"]);
    let done = repo.run(&["continue"]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(repo.file("topic-v2", "b.c").contains("upstream\nmine\n"));
}

#[test]
fn without_the_method_they_are_conflicts() {
    let repo = repo();
    let found = outcomes(&repo, "--methods=text");
    assert!(found.iter().all(|o| o["status"] == "conflicted"), "{found:?}");
}

#[test]
fn what_the_machine_did_beyond_text_is_shown() {
    let repo = repo();
    outcomes(&repo, "--methods=text,line");
    let said = repo.run(&["show", "2", "--machine"]).out;
    assert!(said.contains("b.c: beyond the plain text merge:") && said.contains("+upstream"), "{said}");
}

/// Upstream moves a condition into another function of d.c, and the series extends it.
fn moved() -> Repo {
    let repo = Repo::new();
    let before = "void mount(void)\n{\n\tprobe();\n\tif (name[0]) {\n\t\tuse = name;\n\t\tif (is_flash(use) ||\n\t\t    is_volume(use)) {\n\t\t\tblock(use);\n\t\t\tgoto out;\n\t\t}\n\t\tdev = number(use);\n\t}\n\tinitrd();\nout:\n\tumount();\n}\n";
    let after = "dev_t parse(char *use)\n{\n\tif (is_flash(use) ||\n\t    is_volume(use))\n\t\treturn GENERIC;\n\treturn number(use);\n}\n\nvoid mount(void)\n{\n\tprobe();\n\tif (name[0])\n\t\tdev = parse(name);\n\tinitrd();\n\tumount();\n}\n";
    repo.write("d.c", before).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("d.c", after).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    let patched = before.replace("if (is_flash(use)", "if (is_image(use) ||\n\t\t    is_flash(use)");
    repo.write("d.c", patched).commit("one, a third kind");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

#[test]
fn a_change_follows_its_lines_into_another_function_and_says_so() {
    let repo = moved();
    let found = repo.outcomes(&["v1..topic", "--onto", "v2"]).0;
    assert_eq!(found[0]["files"][0]["method"], "relocated");
    let said = found[0]["evidence"].to_string();
    assert!(said.contains("the lines that the patch changes stand in function parse now: line 3"), "{said}");
    assert!(said.contains("whose neighbours are others now") && said.contains("d.c:3"), "{said}");
    let text = repo.file("refs/kmigrate/runs/topic-v2/tip", "d.c");
    assert!(text.contains("\tif (is_image(use) ||\n\t    is_flash(use) ||\n"), "{text}");
}

#[test]
fn a_doubt_about_nothing_but_the_place_asks_for_a_look_only_where_the_file_is_not_sure() {
    // The same move, in a patch that changes more of the file.
    let (few, many) = (moved(), moved());
    many.git(&["checkout", "-q", "topic"]);
    let more: String = (0..900).map(|n| format!("void more_{n}(void);\n")).collect();
    many.write("d.c", format!("{}\n{more}", many.file("topic", "d.c")));
    many.git(&["commit", "-qam", "two, more", "--amend"]);
    many.git(&["checkout", "-q", "main"]);
    let [few, many] = [few, many].map(|repo| repo.outcomes(&["v1..topic", "--onto", "v2"]).0.remove(0));
    let sure = |found: &serde_json::Value| found["files"][0]["confidence"].as_f64().expect("a confidence");
    assert!(sure(&few) >= 0.85 && sure(&many) < 0.85, "{few}\n{many}");
    assert_eq!([&few, &many].map(|found| found["files"][0]["accepted"] == true), [true, false]);
    assert!(few["evidence"].to_string().contains("a small doubt: the patch's lines went to"), "{few}");
    assert!(many["evidence"].to_string().contains("to look at: the patch's lines went to"), "{many}");
}

#[test]
fn a_change_follows_its_lines_only_with_the_method_for_it() {
    let repo = moved();
    let found = outcomes(&repo, "--methods=text,line,token");
    assert_eq!(found[0]["status"], "conflicted");
    assert_eq!(outcomes(&repo, "--methods=text,relocated")[0]["files"][0]["method"], "relocated");
}

#[test]
fn of_two_tables_with_the_same_lines_that_upstream_swapped_the_patchs_is_changed() {
    let table = |name: &str, rate: u32| {
        format!("static const struct cfg {name} = {{\n\t.rate = {rate},\n\t.width = 8,\n\t.flags = 0,\n}};\n\n")
    };
    let (one, two) = (table("one", 100), table("two", 100));
    let repo = Repo::new();
    let rest = "int last(int x)\n{\n\treturn x;\n}\n";
    repo.write("t.c", format!("{one}{two}{rest}")).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("t.c", format!("{two}{one}{rest}")).commit("upstream swaps them");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("t.c", format!("{}{two}{rest}", table("one", 400))).commit("one at 400");
    repo.git(&["checkout", "-q", "main"]);
    let found = repo.outcomes(&["v1..topic", "--onto", "v2"]).0;
    assert_eq!(found[0]["status"], "unmodified");
    let text = repo.file("refs/kmigrate/runs/topic-v2/tip", "t.c");
    assert_eq!(text.trim_end(), format!("{two}{}{rest}", table("one", 400)).trim_end());
}

#[test]
fn a_change_follows_an_entry_of_kconfig_that_upstream_sorted_in_and_edited() {
    let entry = |name: &str, bus: &str, more: &str| {
        format!(
            "config {name}\n{more}\ttristate \"{name} driver\"\n\tdepends on {bus} && I2C\n\thelp\n\t  The {name}.\n\n"
        )
    };
    let entries = |names: &[&str], bus: &str| names.iter().map(|name| entry(name, bus, "")).collect::<String>();
    let repo = Repo::new();
    repo.write("Kconfig", entries(&["AAA", "CCC", "DDD", "BBB"], "OLD")).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("Kconfig", entries(&["AAA", "BBB", "CCC", "DDD"], "NEW")).commit("upstream sorts them");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("Kconfig", entries(&["AAA", "CCC", "DDD"], "OLD") + &entry("BBB", "OLD", "\tdepends on BROKEN\n"));
    repo.commit("one");
    repo.git(&["checkout", "-q", "main"]);
    let found = repo.outcomes(&["v1..topic", "--onto", "v2"]).0;
    assert_eq!(found[0]["files"][0]["accepted"], true, "{}", found[0]);
    let text = repo.file("refs/kmigrate/runs/topic-v2/tip", "Kconfig");
    let wanted =
        entries(&["AAA"], "NEW") + &entry("BBB", "NEW", "\tdepends on BROKEN\n") + &entries(&["CCC", "DDD"], "NEW");
    assert_eq!(text.trim_end(), wanted.trim_end());
}

#[test]
fn a_section_of_which_a_part_would_merge_into_its_neighbour_is_merged_with_itself() {
    let entry = |name: &str, broken: &str, loader: &str| {
        format!(
            "config {name}\n\ttristate \"{name} support\"\n{broken}\tdepends on USB\n\tselect TUNER\n{loader}\thelp\n\t  Say Y here for {name}.\n\n"
        )
    };
    let plain = |name: &str| entry(name, "", "");
    let broken = entry("ACME", "\tdepends on BROKEN\n", "");
    let patched = entry("ACME", "", "\tselect FW_LOADER\n");
    let file = |parts: &[&str]| parts.concat();
    let [one, two, three] = [plain("OPERA"), plain("DTV"), plain("DW")];
    let repo = Repo::new();
    repo.write("Kconfig", file(&[&one, &broken, &three])).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("Kconfig", file(&[&broken, &two, &three, &one])).commit("upstream sorts them");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("Kconfig", file(&[&one, &patched, &three])).commit("one");
    repo.git(&["checkout", "-q", "main"]);
    let found = repo.outcomes(&["v1..topic", "--onto", "v2"]).0;
    let text = repo.file("refs/kmigrate/runs/topic-v2/tip", "Kconfig");
    assert_eq!(text.trim_end(), file(&[&patched, &two, &three, &one]).trim_end(), "{}", found[0]);
    assert_eq!(found[0]["files"][0]["accepted"], true);
}
