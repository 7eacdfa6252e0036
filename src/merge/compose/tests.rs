//! Composing, from hunk to text.

use super::propose;
use crate::merge::{Open, Proposal, Sides};
use crate::syntax::language::Language;

/// What becomes of a hunk that is a whole file.
fn settled(language: Language, base: &str, ours: &str, theirs: &str) -> Option<Proposal> {
    let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
    propose(&Open { sides, before: b"", after: b"", files: sides, lines: Sides::default(), language })
}

/// The text, and whether there is a doubt.
fn c(base: &str, ours: &str, theirs: &str) -> Option<(String, bool)> {
    settled(Language::C, base, ours, theirs).map(|p| (text(&p), !p.doubts.is_empty()))
}

fn text(p: &Proposal) -> String {
    String::from_utf8(p.text.clone()).expect("text")
}

fn free(text: &str) -> Option<(String, bool)> {
    Some((text.into(), false))
}

fn doubtful(text: &str) -> Option<(String, bool)> {
    Some((text.into(), true))
}

#[test]
fn a_condition_more_and_another_function_are_one_statement() {
    let joined = c(
        "\tif (box_find(get(np), \"a,b\", NULL)) {\n",
        "\tif (box_has(get(np), \"a,b\")) {\n",
        "\tif (box_find(get(np), \"a,b\", NULL) ||\n\t    wanted(np)) {\n",
    );
    assert_eq!(joined, free("\tif (box_has(get(np), \"a,b\") ||\n\t    wanted(np)) {\n"));
}

#[test]
fn upstreams_new_name_stays_where_the_patch_puts_words_beside_it() {
    let joined = c(
        "\treturn read_box(np, a);\n",
        "\treturn fetch_box(np, a);\n",
        "\tret = read_box(np, a);\n\tif (ret)\n\t\treturn ret;\n",
    );
    assert_eq!(joined, free("\tret = fetch_box(np, a);\n\tif (ret)\n\t\treturn ret;\n"));
}

#[test]
fn a_cast_of_upstream_and_an_operator_of_the_patch_commute() {
    let joined =
        c("\t*n = (high << 16) | low;\n", "\t*n = ((u64)high << 16) | low;\n", "\tsum->n += (high << 16) | low;\n");
    assert_eq!(joined, free("\tsum->n += ((u64)high << 16) | low;\n"));
}

#[test]
fn two_edits_of_one_word_stay_a_conflict() {
    assert_eq!(c("int a = ON;\n", "int a = OFF;\n", "int a = AUTO;\n"), None);
    assert_eq!(c("\tx = a->b + c->d;\n", "\tx = b + c->d;\n", "\tx = e->b + c->d;\n"), None);
}

#[test]
fn lines_that_only_one_side_edits_are_not_settled_here() {
    assert_eq!(c("a();\nb();\n", "a(1);\nb();\n", "a();\nb(2);\n"), None);
}

#[test]
fn a_statement_written_anew_is_not_composed() {
    assert_eq!(
        c(
            "\troot = find_root(name, flags);\n",
            "\tparse(&root_device, 3);\n",
            "\troot = find_root(name, flags | 1);\n"
        ),
        None
    );
}

#[test]
fn two_elements_at_one_place_are_both_kept_with_a_doubt() {
    let joined = c("\tif (a(x))\n", "\tif (a(x) || b(x))\n", "\tif (a(x) || c(x))\n");
    assert_eq!(joined, doubtful("\tif (a(x) || b(x) || c(x))\n"));
    assert_eq!(c("\tx = a;\n", "\tx = a * 2;\n", "\tx = a + 1;\n"), None, "no list");
}

#[test]
fn what_upstream_has_already_is_taken_once() {
    let both = settled(Language::C, "\tf(a);\n", "\tf(a, b(1));\n\tg();\n", "\tf(a, b(1));\n").expect("settled");
    assert_eq!(text(&both), "\tf(a, b(1));\n\tg();\n");
    assert!(both.reasons[0].contains("all of the patch's edit"), "{:?}", both.reasons);
    let within = c(
        "\tif (find(child, \"reg\", NULL))\n",
        "\tif (present(child, \"reg\") ||\n\t    named(child, \"pack\"))\n",
        "\tif (find(child, \"reg\", NULL) ||\n\t    named(child, \"pack\"))\n",
    );
    assert_eq!(within, free("\tif (present(child, \"reg\") ||\n\t    named(child, \"pack\"))\n"));
}

#[test]
fn a_format_takes_a_conversion_of_each_side() {
    let joined = c(
        "\tlog(\"%sCPU: %d PID: %d %.*s\" ID \"\\n\", a, b, c, d);\n",
        "\tlog(\"%sCPU: %d UID: %u PID: %d %.*s\" ID \"\\n\", a, b, u, c, d);\n",
        "\tlog(\"%sCPU: %d PID: %d %.*s %s\" ID \"\\n\", a, b, c, d);\n",
    );
    assert_eq!(joined, free("\tlog(\"%sCPU: %d UID: %u PID: %d %.*s %s\" ID \"\\n\", a, b, u, c, d);\n"));
}

#[test]
fn another_number_of_arguments_in_the_call_that_the_patch_edits_is_a_doubt() {
    let joined =
        c("\tsend(dev, queue, flags);\n", "\tsend(dev, NULL, queue, flags);\n", "\tsend(dev, queue, flags | MORE);\n");
    assert_eq!(joined, doubtful("\tsend(dev, NULL, queue, flags | MORE);\n"));
}

#[test]
fn two_edits_of_one_operand_are_a_doubt() {
    let joined = c("\tx = first->a.b;\n", "\tx = first->a.b.c;\n", "\tx = READ_ONCE(*first->a.b);\n");
    assert!(joined.is_none_or(|(_, doubt)| doubt));
}

#[test]
fn a_name_that_upstream_changed_is_changed_in_the_patchs_words_too() {
    let joined = c("\trun(ns, inode, mode);\n", "\trun(idmap, inode, mode);\n", "\trun(ns, inode, mode, peek(ns));\n");
    assert_eq!(joined, free("\trun(idmap, inode, mode, peek(idmap));\n"));
    let prose = c(
        "/* guards ref and more words */\n",
        "/* guards dead and more words */\n",
        "/* guards ref and more words, ref too */\n",
    );
    assert_eq!(prose, doubtful("/* guards dead and more words, ref too */\n"), "a word of prose is no name");
}

#[test]
fn upstreams_removed_name_in_the_patchs_words_is_a_doubt() {
    let joined = c("\tf(a, old->x, b);\n", "\tf(a, b);\n", "\tf(a, old->x, b + old->y);\n");
    assert!(joined.is_some_and(|(_, doubt)| doubt));
}

#[test]
fn a_counter_that_both_advanced_advances_by_both() {
    let joined = c("#define BOX_MAX_TYPE\t40\n", "#define BOX_MAX_TYPE\t44\n", "#define BOX_MAX_TYPE\t41\n");
    assert_eq!(joined, doubtful("#define BOX_MAX_TYPE\t45\n"));
    assert_eq!(c("#define DELAY\t40\n", "#define DELAY\t44\n", "#define DELAY\t41\n"), None, "a quantity");
    assert_eq!(c("#define BOX_MAX\t40\n", "#define BOX_MAX\t44\n", "#define BOX_MAX\t30\n"), None, "not advanced");
}

#[test]
fn a_bit_that_both_gave_away_goes_to_upstream_and_the_patch_takes_the_next() {
    let joined = c("", "#define BR_A\tBIT(22)\n#define BR_B\tBIT(23)\n", "#define BR_C\tBIT(22)\t/* c */\n");
    assert_eq!(joined, doubtful("#define BR_A\tBIT(22)\n#define BR_B\tBIT(23)\n#define BR_C\tBIT(24)\t/* c */\n"));
    assert_eq!(c("", "\tT_A = 4,\n", "\tT_B = 4,\n"), doubtful("\tT_A = 4,\n\tT_B = 5,\n"));
    assert_eq!(c("", "#define BR_A 1\n", "#define OTHER 1\n"), None, "two lists");
    assert_eq!(c("", "#define BR_A 1\n", "#define BR_B BIT(1)\n"), None, "two forms");
    assert_eq!(c("", "#define BR_A 1\n", "#define BR_B 2\n"), None, "no clash");
}

#[test]
fn words_of_a_make_list_are_edited_side_by_side() {
    let make =
        |ours, theirs| settled(Language::Make, "%.ko: %.o a/mod.lds $(X) FORCE\n", ours, theirs).map(|p| text(&p));
    let joined = make("%.ko: %.o $(pre).common.o a/mod.lds $(X) FORCE\n", "%.ko: %.o $(LDS) $(X) FORCE\n");
    assert_eq!(joined.as_deref(), Some("%.ko: %.o $(pre).common.o $(LDS) $(X) FORCE\n"));
}

#[test]
fn layout_is_upstreams_unless_only_the_patch_changed_it() {
    let joined =
        c("int f(struct a *b, int c)\n", "int f(struct d *e,\n      int c)\n", "int __f(struct a *b, int c, bool w)\n");
    assert_eq!(joined, free("int __f(struct d *e,\n      int c, bool w)\n"));
}

#[test]
fn no_input_panics() {
    let wild = [
        "",
        "(",
        ")\n",
        "\"",
        "/*",
        "#define",
        "\\\n",
        "%",
        "\u{fffd}\n",
        "a",
        "a\n",
        "a b\r\n",
        "#\nx",
        "1\n2\n",
        "*/ x",
    ];
    for language in [Language::C, Language::Make, Language::Kconfig, Language::Other] {
        for base in wild {
            for (ours, theirs) in wild.iter().flat_map(|a| wild.map(|b| (a, b))) {
                settled(language, base, ours, theirs);
            }
        }
    }
    let deep = "(".repeat(100_000);
    assert_eq!(c(&deep, &format!("{deep}a"), &format!("a{deep}")), None);
}

#[test]
fn many_small_edits_of_both_sides_neither_panic_nor_lose_a_word() {
    const WORDS: [&str; 14] = ["a", "b", "f", "(", ")", ",", ";\n", "\t", " ", "||", "1", "\n", "\"", "#define "];
    let mut seed = 1u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let mut settled_some = 0;
    for _ in 0..20_000 {
        let length = 1 + next(24);
        let base: Vec<&str> = (0..length).map(|_| WORDS[next(WORDS.len())]).collect();
        let (mut ours, mut theirs) = (base.clone(), base.clone());
        for side in [&mut ours, &mut theirs] {
            for _ in 0..1 + next(3) {
                let at = next(side.len());
                let end = (at + next(3)).min(side.len());
                side.splice(at..end, (0..next(3)).map(|n| ["new", ",", "x\n"][n]).collect::<Vec<_>>());
                side.push(";");
            }
        }
        settled_some += usize::from(c(&base.concat(), &ours.concat(), &theirs.concat()).is_some());
    }
    assert!(settled_some > 200, "{settled_some}");
}

#[test]
fn a_line_of_the_patch_keeps_its_indentation_behind_upstreams_at_the_head_of_a_hunk() {
    let joined = c(
        "out:\n\tret = acme_get(a, 1);\n",
        "\tfoo(a);\nout:\n\tret = acme_get_new(a, 1);\n",
        "\tbar(a);\nout:\n\tret = acme_get(a, 1, true);\n",
    );
    let text = joined.map(|(text, _)| text);
    assert_eq!(text.as_deref(), Some("\tfoo(a);\n\tbar(a);\nout:\n\tret = acme_get_new(a, 1, true);\n"));
}
