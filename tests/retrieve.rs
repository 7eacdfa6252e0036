//! Where a hunk's base lives now, case by case: what upstream did to the code around it.

use kmigrate::fingerprint::retrieve::{How, Location, Retriever};
use kmigrate::syntax::language::Language;
use std::fmt::Write;

/// A function with statements of its own.
fn function(name: &str, calls: &[&str]) -> String {
    let mut text = format!("static int {name}(struct device *dev)\n{{\n\tint ret;\n\n");
    for call in calls {
        let _ = write!(text, "\tret = {call}(dev);\n\tif (ret)\n\t\treturn ret;\n\n");
    }
    text + "\treturn 0;\n}\n\n"
}

/// The line (from 0) of the n-th line that holds `part`.
fn line(text: &str, part: &str, n: usize) -> usize {
    let found = text.lines().enumerate().filter(|(_, l)| l.contains(part)).nth(n);
    found.unwrap_or_else(|| panic!("{part} is not there")).0
}

/// Where the insertion before the line with `at` lives; and the line of `there` that must be among them.
fn located(language: Language, (base, ours): (&str, &str), at: &str, there: (&str, usize)) -> Location {
    let retriever = Retriever::new(language, base.as_bytes(), ours.as_bytes());
    let hunk = line(base, at, 0);
    let location = retriever.locate(&(hunk..hunk)).into_iter().next().expect("a place");
    let wanted = line(ours, there.0, there.1);
    assert!(location.lines.contains(&wanted), "{location:?} has no line {wanted}:\n{ours}");
    assert!(location.lines.len() <= 26 && location.lines.end <= ours.lines().count(), "{location:?}");
    location
}

#[test]
fn the_function_of_the_same_name_is_it_wherever_it_stands_in_the_file() {
    let (a, b) = (function("first_probe", &["map", "clock"]), function("second_probe", &["map", "irq"]));
    let (base, ours) = (format!("{a}{b}"), format!("{b}{}{a}", function("third_probe", &["map", "clock", "irq"])));
    let found = located(Language::C, (&base, &ours), "clock(dev)", ("clock(dev)", 1));
    assert_eq!(found.how, How::Section);
}

#[test]
fn a_renamed_function_is_known_by_its_statements() {
    let calls = ["map_registers", "enable_clock", "request_irq", "add_device"];
    let base = format!("{}{}", function("old_probe", &calls), function("old_remove", &["stop"]));
    let ours = format!("{}{}", function("new_setup", &calls), function("old_remove", &["stop"]));
    let found = located(Language::C, (&base, &ours), "request_irq(dev)", ("request_irq(dev)", 0));
    assert_eq!(found.how, How::Renamed(b"new_setup".to_vec()));
}

#[test]
fn a_block_that_went_into_a_helper_is_found_there() {
    let base = function("probe", &["map", "enable_clock", "request_irq", "start_queue", "add_device"]);
    let helper = function("setup_queue", &["enable_clock", "request_irq", "start_queue"]);
    let ours = format!("{helper}{}", function("probe", &["map", "setup_queue", "add_device"]));
    let found = located(Language::C, (&base, &ours), "request_irq(dev)", ("request_irq(dev)", 0));
    assert_eq!(found.how, How::Block(Some(b"setup_queue".to_vec())));
}

#[test]
fn the_functions_that_one_was_split_into_are_associated_with_it() {
    let base = function("probe", &["map", "enable_clock", "request_irq", "add_device"]);
    let helper = function("probe_power", &["enable_clock"]);
    let ours = format!("{helper}{}", function("probe", &["map", "probe_power", "request_irq", "add_device"]));
    let retriever = Retriever::new(Language::C, base.as_bytes(), ours.as_bytes());
    let at = line(&base, "request_irq(dev)", 0);
    let found = retriever.locate(&(at..at)).remove(0);
    let associated = retriever.associated(&(at..at), &found);
    assert_eq!((associated.len(), associated[0].clone()), (1, 0..helper.trim_end().lines().count()));
}

#[test]
fn a_function_that_moved_to_another_file_is_missing_here_and_found_there() {
    let base = format!("{}{}", function("stays", &["a"]), function("goes", &["map", "clock"]));
    let (ours, other) =
        (function("stays", &["a"]), format!("{}{}", function("new", &["b"]), function("goes", &["map", "clock"])));
    let retriever = Retriever::new(Language::C, base.as_bytes(), ours.as_bytes());
    let at = line(&base, "clock(dev)", 0);
    let section = retriever.missing_section(&(at..at)).expect("it is gone");
    assert_eq!(section.name, b"goes");
    let found = retriever.locate_in(&(at..at), other.as_bytes()).expect("it is there");
    assert!(found.lines.contains(&line(&other, "clock(dev)", 0)), "{found:?}");
    assert!(retriever.missing_section(&(1..1)).is_none(), "that one stays");
}

#[test]
fn a_table_a_type_and_an_enum_are_found_by_their_names() {
    let base = "struct conf {\n\tint a;\n\tint b;\n};\n\nenum mode {\n\tIDLE,\n\tBUSY,\n};\n\nstatic const struct id ids[] = {\n\t{ 1, \"one\" },\n\t{ 2, \"two\" },\n\t{ }\n};\n";
    let ours = "static const struct id ids[] = {\n\t{ 0, \"none\" },\n\t{ 2, \"two\" },\n\t{ }\n};\n\nenum mode {\n\tOFF,\n\tBUSY,\n\tGONE,\n};\n\nstruct conf {\n\tlong z;\n\tint b;\n};\n";
    for (at, section) in [("int b;", "struct conf"), ("BUSY,", "enum mode"), ("\"two\"", "ids[]")] {
        let found = located(Language::C, (base, ours), at, (at, 0));
        assert_eq!(found.how, How::Section, "{section}");
    }
}

#[test]
fn a_kconfig_entry_and_a_node_are_found_by_their_names() {
    let entry =
        |name: &str, say: &str| format!("config {name}\n\tbool \"{say}\"\n\tdepends on NET\n\thelp\n\t  Say y.\n\n");
    let (base, ours) = (
        format!("{}{}", entry("A", "a"), entry("B", "b")),
        format!("{}{}{}", entry("C", "c"), entry("B", "b, too"), entry("A", "a")),
    );
    let found = located(Language::Kconfig, (&base, &ours), "bool \"b\"", ("b, too", 0));
    assert_eq!(found.how, How::Section);
    let node =
        |name: &str, reg: &str| format!("\t\t{name} {{\n\t\t\treg = <{reg}>;\n\t\t\tstatus = \"okay\";\n\t\t}};\n\n");
    let tree = |nodes: &[String]| format!("/ {{\n\tsoc {{\n{}\t}};\n}};\n", nodes.concat());
    let base = tree(&[node("uart0: serial@1", "1"), node("spi0: spi@2", "2")]);
    let ours = tree(&[node("spi@2", "2 8"), node("i2c@3", "3"), node("serial@1", "1")]);
    let found = located(Language::DeviceTree, (&base, &ours), "reg = <2>", ("reg = <2 8>", 0));
    assert_eq!(found.how, How::Section);
}

#[test]
fn what_is_in_no_section_lies_between_its_neighbours() {
    let base = "obj-y += a.o\nobj-y += b.o\nobj-$(CONFIG_C) += c.o\n";
    let ours = "# what is built\nobj-y += a.o\nobj-y += new.o\nobj-$(CONFIG_C) += c.o\n";
    let found = located(Language::Make, (base, ours), "CONFIG_C", ("CONFIG_C", 0));
    assert_eq!((found.how, found.lines), (How::Neighbours, 0..4));
}

#[test]
fn any_two_texts_have_a_place_within_the_new_one() {
    for (base, ours) in
        [("", ""), ("a\n", ""), ("", "b\n"), ("{{{(\n", "}}}\n#else\n"), ("int f(void)\n{\n", "\u{0}\u{1}")]
    {
        let retriever = Retriever::new(Language::C, base.as_bytes(), ours.as_bytes());
        for start in 0..=base.lines().count() {
            for location in retriever.locate(&(start..base.lines().count())) {
                assert!(location.lines.end <= ours.lines().count(), "{base:?} {ours:?} {location:?}");
            }
        }
    }
}
