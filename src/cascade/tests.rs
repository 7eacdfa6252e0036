//! What becomes of hunks whose lines stand elsewhere now, on small files in the shape of kernel code.

use super::{Cascaded, Won, settle, settle_rest};
use crate::git::text::{self, TextMerge};
use crate::merge::{Chunk, Sides};
use crate::run::Method;
use crate::syntax::language::Language;
use crate::verify::Question;
use bstr::ByteSlice;

const ALL: [Method; 4] = [Method::Text, Method::Line, Method::Token, Method::Relocated];

fn cascaded(language: Language, sides: [&str; 3], methods: &[Method]) -> Cascaded {
    let [base, ours, theirs] = sides.map(str::as_bytes);
    let sides = Sides { base, ours, theirs };
    match text::merge(sides).expect("it is merged") {
        TextMerge::Conflicted(open) => settle(&Question { language, sides }, &open.merged, methods),
        other => panic!("no conflict: {other:?}"),
    }
}

/// The settled text and what was said, of base, ours and theirs.
fn settled(language: Language, sides: [&str; 3]) -> (String, Won) {
    match cascaded(language, sides, &ALL) {
        Cascaded::Settled(text, won) => (String::from_utf8(text).expect("text"), won),
        other => panic!("not settled: {other:?}"),
    }
}

fn says(won: &Won, part: &str) -> bool {
    won.reasons.iter().chain(&won.doubts).any(|remark| remark.said.contains(part))
}

const SETUP: &str = "static void chip_setup(struct chip *chip)\n{\n\tchip->ops->probe = chip_probe_slow;\n\tchip->ops->set_mode = chip_set_mode;\n}\n\nstatic const struct fixups chip_fixups = {\n\t.setup = chip_setup,\n};\n";

/// Upstream put the edited line into a function of its own, behind an `if`.
const LATE: &str = "static void chip_setup(struct chip *chip)\n{\n\tchip->ops->probe = chip_probe_slow;\n}\n\nstatic int chip_late_setup(struct chip *chip)\n{\n\tif (!chip->ops->set_mode)\n\t\tchip->ops->set_mode = chip_set_mode_en4b;\n\n\treturn 0;\n}\n\nstatic const struct fixups chip_fixups = {\n\t.setup = chip_setup,\n\t.late_setup = chip_late_setup,\n};\n";

#[test]
fn an_insertion_goes_with_the_edited_line_that_it_was_attached_to_into_another_function() {
    let theirs = SETUP.replace("= chip_set_mode;\n", "= chip_set_mode;\n\tchip->flags |= HAS_LOCK;\n");
    let (text, won) = settled(Language::C, [SETUP, LATE, &theirs]);
    assert_eq!(text, LATE.replace("_en4b;\n", "_en4b;\n\tchip->flags |= HAS_LOCK;\n"));
    assert_eq!(won.method, Method::Relocated);
    assert!(
        says(&won, "the line behind which the patch inserts stands in function chip_late_setup now: line 9"),
        "{won:?}"
    );
    assert!(says(&won, "a line that upstream edited"), "{won:?}");
    assert!(!won.doubts.is_empty(), "another function is for a person to look at");
}

#[test]
fn without_the_method_the_same_stays_open_and_says_why() {
    let theirs = SETUP.replace("= chip_set_mode;\n", "= chip_set_mode;\n\tchip->flags |= HAS_LOCK;\n");
    match cascaded(Language::C, [SETUP, LATE, &theirs], &ALL[..3]) {
        Cascaded::Open(Some(refused)) => assert!(refused.objection.said.contains("chip_late_setup"), "{refused:?}"),
        other => panic!("{other:?}"),
    }
}

const MOUNT: &str = "static void mount(void)\n{\n\twait_for_probe();\n\tif (saved_name[0]) {\n\t\tname = saved_name;\n\t\tif (!strncmp(name, \"mtd\", 3) ||\n\t\t    !strncmp(name, \"ubi\", 3)) {\n\t\t\tmount_block(name, flags);\n\t\t\tgoto out;\n\t\t}\n\t\tdev = name_to_dev(name);\n\t}\n\tload_initrd();\nout:\n\tumount();\n}\n";

/// The condition went to a function of its own, with another indent.
const PARSE: &str = "static dev_t parse(char *name)\n{\n\tif (!strncmp(name, \"mtd\", 3) ||\n\t    !strncmp(name, \"ubi\", 3))\n\t\treturn ROOT_GENERIC;\n\treturn name_to_dev(name);\n}\n\nstatic void mount(void)\n{\n\twait_for_probe();\n\tif (saved_name[0])\n\t\tdev = parse(saved_name);\n\tload_initrd();\n\tumount();\n}\n";

#[test]
fn a_changed_line_is_changed_where_it_stands_now_with_the_indent_that_it_has_there() {
    let theirs = MOUNT.replace(
        "\t\tif (!strncmp(name, \"mtd\"",
        "\t\tif (!strncmp(name, \"fit\", 3) ||\n\t\t    !strncmp(name, \"mtd\"",
    );
    let (text, won) = settled(Language::C, [MOUNT, PARSE, &theirs]);
    assert_eq!(
        text,
        PARSE.replace(
            "\tif (!strncmp(name, \"mtd\"",
            "\tif (!strncmp(name, \"fit\", 3) ||\n\t    !strncmp(name, \"mtd\""
        )
    );
    assert!(says(&won, "the lines that the patch changes stand in function parse now: line 3"), "{won:?}");
    assert!(!won.doubts.is_empty());
}

#[test]
fn a_line_that_stands_twice_now_is_nobodys_place() {
    let theirs = MOUNT.replace(
        "\t\tif (!strncmp(name, \"mtd\"",
        "\t\tif (!strncmp(name, \"fit\", 3) ||\n\t\t    !strncmp(name, \"mtd\"",
    );
    let twice = [PARSE, &PARSE.replace("parse(", "parse_again(").replace("mount(", "mount_again(")].concat();
    assert!(matches!(cascaded(Language::C, [MOUNT, &twice, &theirs], &ALL), Cascaded::Open(_)));
}

const SCRIPT: &str = "names()\n{\n\tif on PERCPU; then\n\t\topt=\"$opt --percpu\"\n\tfi\n\n\tif on RELATIVE; then\n\t\topt=\"$opt --relative\"\n\tfi\n\n\tinfo NAMES ${2}\n\tscripts/names ${opt} ${1} > ${2}\n}\n\nsteps()\n{\n\tnames ${a}\n}\n";
/// The step is edited, and there is a second one behind it.
const STEPS: &str = "names()\n{\n\tif on PERCPU; then\n\t\topt=\"$opt --percpu\"\n\tfi\n\n\tinfo NAMES \"${2}.S\"\n\tscripts/names ${opt} \"${1}\" > \"${2}.S\"\n\n\tinfo AS \"${2}.o\"\n\tassemble ${flags} ${2}.S\n\n\tlast=${2}.o\n}\n\nsteps()\n{\n\tnames ${a}\n}\n";

#[test]
fn what_stood_before_an_edited_line_stands_before_it_still() {
    let theirs = SCRIPT.replace("\tinfo NAMES", "\tif on PLAIN; then\n\t\topt=\"$opt --plain\"\n\tfi\n\n\tinfo NAMES");
    let (text, won) = settled(Language::Other, [SCRIPT, STEPS, &theirs]);
    assert_eq!(
        text,
        STEPS.replace("\tinfo NAMES", "\tif on PLAIN; then\n\t\topt=\"$opt --plain\"\n\tfi\n\n\tinfo NAMES")
    );
    assert!(!won.doubts.is_empty() || won.method != Method::Relocated, "{won:?}");
}

#[test]
fn half_a_conditional_goes_nowhere_without_the_other_half() {
    let theirs = SETUP
        .replace("\tchip->ops->probe", "#ifdef SLOW\n\tchip->ops->probe")
        .replace("= chip_set_mode;\n", "= chip_set_mode;\n#endif\n");
    if let Cascaded::Settled(_, won) = cascaded(Language::C, [SETUP, LATE, &theirs], &ALL) {
        assert_ne!(won.method, Method::Relocated);
    }
}

#[test]
fn a_function_that_is_not_in_the_file_any_more_is_named() {
    let theirs = SETUP.replace("chip_probe_slow", "chip_probe_fast");
    let ours = SETUP.replace("chip_setup(", "chip_prepare(").replace("chip_probe_slow", "chip_probe_late");
    match cascaded(Language::C, [SETUP, &ours, &theirs], &ALL) {
        Cascaded::Partly(_, won) => {
            assert!(says(&won, "the patch changes function chip_setup, which is not in this file any more"), "{won:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn that_nothing_is_left_of_a_patch_is_not_for_a_method_to_say() {
    let base = "int f(void)\n{\n\treturn old_irq(a);\n}\n";
    let ours = base.replace("old_irq(a)", "old(b)");
    let theirs = base.replace("old_irq(a)", "old(a)");
    assert!(matches!(cascaded(Language::C, [base, &ours, &theirs], &ALL), Cascaded::Open(_)));
}

#[test]
fn what_people_settled_in_a_list_of_entries_is_not_settled_anew() {
    let base = b"ACME BUS\nM:\tAnn <a@example.org>\n\nTHE REST\nF:\t*\n".as_slice();
    let ours = b"ACME BUS\nM:\tAnn <a@example.org>\nL:\tup@example.org\n\nTHE REST\nF:\t*\n".as_slice();
    let theirs = b"ACME BUS\nM:\tAnn <a@example.org>\nT:\tgit tree\n\nTHE REST\nF:\t*\n".as_slice();
    let question = Question { language: Language::Maintainers, sides: Sides { base, ours, theirs } };
    let TextMerge::Conflicted(open) = text::merge(question.sides).expect("there is memory") else {
        panic!("both insert at one place");
    };
    let Cascaded::Settled(listed, _) = settle(&question, &open.merged, &[Method::Line]) else {
        panic!("each side's line has its place");
    };
    let people = b"T:\tgit tree # of people\n".to_vec();
    let mut settled = open.merged.clone();
    for chunk in &mut settled.chunks {
        if matches!(chunk, Chunk::Open(_)) {
            *chunk = Chunk::Settled(people.clone());
        }
    }
    let answered = [people.clone(), b"L:\tup@example.org\n".to_vec(), b"T:\tgit tree\n".to_vec()].into_iter().collect();
    let Cascaded::Settled(text, _) = settle_rest(&question, &settled, &[Method::Line], &answered) else {
        panic!("nothing is open");
    };
    assert!(text.contains_str(&people), "{}", text.to_str_lossy());
    assert!(!listed.contains_str(&people) && listed.contains_str("T:\tgit tree\n"), "{}", listed.to_str_lossy());
}
