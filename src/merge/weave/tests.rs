//! What is woven, and what is doubted, on small conflicts in the shape of kernel code.

use super::propose;
use crate::merge::{Open, Proposal, Sides};
use crate::syntax::language::Language;

/// A conflict of whole files: common lines before, the three sides, common lines behind.
fn woven(before: &str, sides: [&str; 3], after: &str, language: Language) -> Option<Proposal> {
    woven_beside(before, sides, (after, after), language)
}

/// The same where upstream has other lines behind the conflict.
fn woven_beside(
    before: &str,
    [base, ours, theirs]: [&str; 3],
    (after, upstreams): (&str, &str),
    language: Language,
) -> Option<Proposal> {
    let files = [(base, after), (ours, upstreams), (theirs, after)].map(|(side, after)| [before, side, after].concat());
    let line = before.lines().count();
    propose(&Open {
        sides: Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() },
        before: before.as_bytes(),
        after: upstreams.as_bytes(),
        files: Sides { base: files[0].as_bytes(), ours: files[1].as_bytes(), theirs: files[2].as_bytes() },
        lines: Sides { base: line, ours: line, theirs: line },
        language,
    })
}

/// As [`woven`], in C.
fn in_c(before: &str, sides: [&str; 3], after: &str) -> Proposal {
    woven(before, sides, after, Language::C).expect("a proposal")
}

fn text(proposal: &Proposal) -> &str {
    std::str::from_utf8(&proposal.text).expect("text")
}

#[test]
fn an_insertion_stays_in_front_of_the_line_that_upstream_edited() {
    let found = in_c(
        "static bool has_one(struct dev *dev)\n{\n",
        [
            "\treturn !!dev->map.mask_type;\n",
            "\treturn !!dev->map.region.mask;\n",
            "\tif (dev->simple)\n\t\treturn false;\n\treturn !!dev->map.mask_type;\n",
        ],
        "}\n",
    );
    assert_eq!(text(&found), "\tif (dev->simple)\n\t\treturn false;\n\treturn !!dev->map.region.mask;\n");
    assert!(found.doubts.is_empty(), "{:?}", found.doubts);
}

#[test]
fn an_insertion_goes_behind_its_edited_neighbour_and_not_behind_a_return() {
    let found = in_c(
        "\tdev->quad = quad_bit6;\n",
        [
            "\tdev->set_mode = set_mode;\n",
            "}\n\nstatic int late_init(struct dev *dev)\n{\n\tdev->set_mode = set_mode_en4b;\n\n\treturn 0;\n",
            "\tdev->set_mode = set_mode;\n\tdev->flags |= HAS_LOCK;\n",
        ],
        "}\n",
    );
    assert!(text(&found).ends_with("set_mode_en4b;\n\tdev->flags |= HAS_LOCK;\n\n\treturn 0;\n"), "{}", text(&found));
}

#[test]
fn both_delete_and_insert_at_different_lines() {
    let found = in_c(
        "int a;\n",
        ["int old_one;\nint kept;\nlong old_two;\n", "int kept;\nlong old_two;\n", "int old_one;\nint kept;\n"],
        "int z;\n",
    );
    assert_eq!(text(&found), "int kept;\n");
}

#[test]
fn a_line_that_both_change_is_left_alone() {
    assert_eq!(woven("", ["int count = 1;\n", "long count = 1;\n", "int count = 2;\n"], "", Language::C), None);
}

#[test]
fn upstreams_new_indent_is_taken_with_the_patchs_words_under_doubt() {
    let found = in_c("{\n", ["\tcall(dev, one);\n", "\tif (dev)\n\t\tcall(dev, one);\n", "\tcall(dev, two);\n"], "}\n");
    assert_eq!(text(&found), "\tif (dev)\n\t\tcall(dev, two);\n");
    assert_eq!(found.doubts, ["upstream indented a line anew that the patch changes"]);
}

#[test]
fn lines_that_upstream_has_already_are_kept_once() {
    let found = in_c("\ta();\n", ["", "\tprepare();\n\tadd_the_thing(dev);\n", "\tadd_the_thing(dev);\n"], "\tz();\n");
    assert_eq!(text(&found), "\tprepare();\n\tadd_the_thing(dev);\n");
    assert_eq!(found.reasons, ["upstream has these lines of the patch already"]);
}

#[test]
fn no_evidence_is_said_and_upstreams_lines_come_first() {
    let found = in_c("\ta = b;\n", ["", "\tone();\n", "\ttwo();\n"], "\tc = d;\n");
    assert_eq!(text(&found), "\tone();\n\ttwo();\n");
    assert_eq!(found.doubts, ["no evidence for the order"]);
}

#[test]
fn the_same_bit_for_two_things_is_a_doubt() {
    let found = in_c(
        "#define F_A\t\tBIT(0)\n#define F_B\t\tBIT(1)\n#define F_C\t\tBIT(2)\n",
        ["", "#define F_UP\t\tBIT(3)\n", "#define F_MINE\t\tBIT(3)\n"],
        "\nstruct x;\n",
    );
    assert!(found.doubts.iter().any(|doubt| doubt.said.contains("same number")), "{:?}", found.doubts);
}

#[test]
fn an_insertion_whose_neighbours_are_both_gone_is_doubted() {
    let found =
        in_c("\n", ["\told_call(a);\n\tanother_old(b);\n", "", "\told_call(a);\n\tmine();\n\tanother_old(b);\n"], "\n");
    assert_eq!(text(&found), "\tmine();\n");
    assert_eq!(found.doubts, ["upstream rewrote the lines around it"]);
}

#[test]
fn an_insertion_attached_to_what_upstream_took_away_is_doubted() {
    let gone =
        ["/* for old users */\nstruct legacy;\n", "", "#define wide narrow\n/* for old users */\nstruct legacy;\n"];
    let found = in_c("struct before;\n\n", gone, "struct after;\n");
    assert_eq!(found.doubts, ["upstream took away the lines below, to which the patch's are attached"]);
}

#[test]
fn one_neighbour_gone_is_no_doubt_if_the_other_stays() {
    let sides = ["static int map_gfx = 1;\n", "", "static int map_gfx = 1;\nstatic int map_gpu = 1;\n"];
    let found = in_c("\n", sides, "static int superpage = 1;\n");
    assert_eq!(text(&found), "static int map_gpu = 1;\n");
    assert!(found.doubts.is_empty(), "{:?}", found.doubts);
}

#[test]
fn a_neighbour_that_moved_elsewhere_is_doubted() {
    let before = "int f(void)\n{\n";
    let base = "\tsort_by_name(table);\n\n";
    let theirs = "\tsort_by_name(table);\n\n\tif (plain)\n\t\treturn;\n\n";
    let after = "\tlabel(token);\n}\n";
    let upstreams = [after, &"\n".repeat(30), "int g(void)\n{\n\tsort_by_name(table);\n}\n"].concat();
    let found = woven_beside(before, [base, "", theirs], (after, &upstreams), Language::C);
    let doubts = found.expect("a proposal").doubts;
    assert_eq!(doubts, ["upstream moved the lines that the patch's are attached to"]);
}

#[test]
fn a_file_that_ends_without_a_newline_keeps_its_lines_apart() {
    let found = in_c("\ta = b;\n", ["", "\tone();", "\ttwo();"], "");
    assert_eq!(text(&found), "\tone();\n\ttwo();");
}

#[test]
fn bytes_of_any_kind_are_woven_without_a_panic() {
    let odd = ["\u{0}\u{ff}(\r\n", "((((\r\n\r", "}}}}\n#else\n\n#"];
    for language in [Language::C, Language::Kconfig, Language::Make, Language::DeviceTree, Language::Other] {
        for sides in [odd, [odd[1], odd[2], odd[0]], ["", odd[0], odd[2]], ["", odd[1], ""]] {
            let _ = woven(odd[0], sides, odd[2], language);
        }
    }
}

#[test]
fn shared_lines_of_two_insertions_are_kept_once_under_doubt() {
    let ours = "\tfirst_step(dev);\n\tupstream_step(dev);\n\tsecond_step(dev);\n";
    let theirs = "\tfirst_step(dev);\n\tsecond_step(dev);\n\tmy_step(dev);\n";
    let found = in_c("\ta = b;\n", ["", ours, theirs], "\tc = d;\n");
    assert_eq!(text(&found), [ours, "\tmy_step(dev);\n"].concat());
    assert_eq!(found.doubts, ["upstream has a part of these lines already"]);
}

#[test]
fn a_neighbour_that_moved_to_the_other_side_is_doubted_though_it_stands_near() {
    let (before, after) = ("int f(struct a *a)\n{\n\tload_firmware(a);\n", "\tstart_it(a);\n\treturn 0;\n}\n");
    let (base, theirs) = ("\tswitch_irq_on(a);\n", "\tswitch_irq_on(a);\n\tmask_irq(a, 3);\n");
    let upstream = after.replace("start_it(a);\n", "start_it(a);\n\tswitch_irq_on(a);\n");
    let found = woven_beside(before, [base, "", theirs], (after, &upstream), Language::C);
    let doubts = found.expect("a proposal").doubts;
    assert_eq!(doubts, ["upstream moved the lines that the patch's are attached to"]);
}

#[test]
fn two_last_entries_without_a_comma_do_not_stand_one_behind_the_other() {
    let above = "enum state {\n\tSTATE_IDLE,\n\tSTATE_BUSY,\n";
    let sides = |end: &str| {
        [
            "\tSTATE_DEAD\n".to_owned(),
            format!("\tSTATE_DEAD,\n\tSTATE_UP{end}\n"),
            format!("\tSTATE_DEAD,\n\tSTATE_MINE{end}\n"),
        ]
    };
    let of = |end: &str| {
        let sides = sides(end);
        woven(above, [&sides[0], &sides[1], &sides[2]], "};\n", Language::C)
    };
    assert!(of("").is_none());
    let found = of(",").expect("with commas they do");
    assert_eq!(text(&found), "\tSTATE_DEAD,\n\tSTATE_UP,\n\tSTATE_MINE,\n");
}
