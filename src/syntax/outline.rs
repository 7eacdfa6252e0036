//! The named sections of a file, whatever its language: functions and types of C, entries of Kconfig, nodes of a device tree,
//! routines of assembler.
//!
//! In: bytes and their language. Out: sections by their lines, each with the section it stands in. What is in no section is
//! known by its neighbours only.

use super::items::{ItemKind, items};
use super::language::Language;
use super::lex::{self, Kind};
use std::ops::Range;

/// What a section is; two of different kinds are never the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// A function, or a macro call with a body.
    Function,
    /// A struct, union or enum.
    Type,
    /// A variable with its initialiser, or a macro call that declares one.
    Table,
    /// A macro of several lines.
    Macro,
    /// `config X`, `menuconfig X`, `choice`, `menu`.
    Entry,
    /// A node of a device tree.
    Node,
    /// From the start to the end of a routine in assembler.
    Routine,
}

impl SectionKind {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Type => "type",
            Self::Table => "table",
            Self::Macro => "macro",
            Self::Entry => "entry",
            Self::Node => "node",
            Self::Routine => "routine",
        }
    }
}

/// A named run of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// Its name; of a node, its path from the root of the file.
    pub name: Vec<u8>,
    /// Its lines, from 0, the end excluded; the comments directly above it are not among them.
    pub lines: Range<usize>,
}

/// The sections of a file, by their first line; one within another comes after it.
pub fn outline(language: Language, text: &[u8]) -> Vec<Section> {
    match language {
        Language::C => of_c(text),
        Language::Kconfig => of_kconfig(text),
        Language::DeviceTree => of_device_tree(text),
        Language::Assembler => of_assembler(text),
        Language::Make | Language::Rust | Language::Maintainers | Language::Other => Vec::new(),
    }
}

fn of_c(text: &[u8]) -> Vec<Section> {
    let section = |item: &super::items::Item| {
        let several = item.lines.1 > item.lines.0;
        let kind = match item.kind {
            ItemKind::Function | ItemKind::MacroFunction => SectionKind::Function,
            ItemKind::Struct | ItemKind::Union | ItemKind::Enum | ItemKind::Typedef if several => SectionKind::Type,
            ItemKind::Variable | ItemKind::MacroCall if several => SectionKind::Table,
            ItemKind::ObjectMacro | ItemKind::FunctionMacro if several => SectionKind::Macro,
            _ => return None,
        };
        let name = match item.kind {
            // `TRACE_EVENT(name, ...)`; an enum without a name goes by its first constant.
            ItemKind::MacroCall | ItemKind::Enum if !item.argument.is_empty() => &text[item.argument.clone()],
            _ => item.identity(text),
        };
        Some(Section { kind, name: name.to_vec(), lines: item.lines.0 - 1..item.lines.1 })
    };
    items(text).list.iter().filter_map(section).collect()
}

/// Entries end where the next one begins, or a block ends.
fn of_kconfig(text: &[u8]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut is_open = false;
    for (at, line) in text.split(|c| *c == b'\n').enumerate() {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
        let word = words.next().unwrap_or_default();
        let at_margin = line.first().is_some_and(|c| !c.is_ascii_whitespace() && *c != b'#');
        let begins = matches!(word, b"config" | b"menuconfig");
        let ends = begins
            || matches!(
                word,
                b"choice" | b"menu" | b"endmenu" | b"endchoice" | b"if" | b"endif" | b"source" | b"comment"
            );
        if !(ends && (at_margin || begins)) {
            continue;
        }
        if let Some(last) = sections.last_mut().filter(|_| is_open) {
            last.lines.end = at;
        }
        is_open = begins;
        if begins {
            let name = words.next().unwrap_or_default().to_vec();
            sections.push(Section { kind: SectionKind::Entry, name, lines: at..at + 1 });
        }
    }
    if let Some(last) = sections.last_mut().filter(|_| is_open) {
        last.lines.end = text.iter().filter(|c| **c == b'\n').count() + usize::from(!text.ends_with(b"\n"));
    }
    sections
}

/// Nodes by their braces: `label: name@1 {` within `/`, or `&label {`.
fn of_device_tree(text: &[u8]) -> Vec<Section> {
    let tokens = lex::tokens(text);
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut head = 0;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Comment || token.kind == Kind::Directive {
            if head == at {
                head = at + 1;
            }
            continue;
        }
        if token.is("{") {
            let first = tokens.get(head).filter(|_| head < at).unwrap_or(token);
            let words = &text[first.at..token.at];
            // The label may come and go.
            let name = words.rsplit(|c| *c == b':').next().unwrap_or(words).trim_ascii();
            let path = open.last().map_or(Vec::new(), |outer: &usize| [&sections[*outer].name[..], b"/"].concat());
            open.push(sections.len());
            let name = [&path, name].concat();
            sections.push(Section { kind: SectionKind::Node, name, lines: first.line - 1..first.line });
        }
        if token.is("}")
            && let Some(closed) = open.pop()
        {
            sections[closed].lines.end = token.line;
        }
        if token.is("{") || token.is("}") || token.is(";") {
            head = at + 1;
        }
    }
    let last = tokens.last().map_or(0, lex::Token::last_line);
    for at in open {
        sections[at].lines.end = last;
    }
    sections
}

/// Routines by the macros that begin and end them.
fn of_assembler(text: &[u8]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (at, line) in text.split(|c| *c == b'\n').enumerate() {
        let Some((word, rest)) = line.iter().position(|c| *c == b'(').map(|open| line.split_at(open)) else {
            continue;
        };
        let name = rest[1..].split(|c| matches!(c, b')' | b',')).next().unwrap_or_default().trim_ascii();
        let has = |part: &[u8]| word.windows(part.len()).any(|w| w == part);
        let is_macro = word.first().is_some_and(u8::is_ascii_uppercase);
        if is_macro && (has(b"START") || has(b"ENTRY")) {
            sections.push(Section { kind: SectionKind::Routine, name: name.to_vec(), lines: at..at + 1 });
        } else if is_macro
            && has(b"END")
            && let Some(last) = sections.iter_mut().rev().find(|s| s.name == name)
        {
            last.lines.end = at + 1;
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(language: Language, text: &str) -> Vec<(String, Range<usize>)> {
        let sections = outline(language, text.as_bytes());
        sections.into_iter().map(|s| (String::from_utf8_lossy(&s.name).into_owned(), s.lines)).collect()
    }

    #[test]
    fn functions_types_and_tables_are_sections_of_c() {
        let text =
            "#include <a.h>\n/* f */\nint f(void)\n{\n}\nstruct s {\n\tint a;\n};\nint one;\nint t[] = {\n\t1,\n};\n";
        assert_eq!(told(Language::C, text), [("f".into(), 2..5), ("s".into(), 5..8), ("t".into(), 9..12)]);
    }

    #[test]
    fn an_entry_ends_where_the_next_one_begins_or_its_menu_ends() {
        let text = "menu \"A\"\n\nconfig A\n\tbool \"a\"\n\thelp\n\t  if you want\n\nmenuconfig B\n\tbool\nendmenu\nconfig C\n\tbool\n";
        let expected = [("A", 2..7), ("B", 7..9), ("C", 10..12)];
        assert_eq!(told(Language::Kconfig, text), expected.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[test]
    fn nodes_go_by_their_path_without_labels() {
        let text = "/ {\n\tmodel = \"x\";\n\n\tsoc: soc {\n\t\tuart0: serial@1 {\n\t\t\ta = <1>;\n\t\t};\n\t};\n};\n\n&uart0 {\n\tb;\n};\n";
        let expected = [("/", 0..9), ("//soc", 3..8), ("//soc/serial@1", 4..7), ("&uart0", 10..13)];
        assert_eq!(told(Language::DeviceTree, text), expected.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[test]
    fn a_routine_ends_with_its_own_macro() {
        let text = "\t.text\nSYM_FUNC_START(copy)\n\tret\nSYM_FUNC_END(copy)\nENTRY(go)\n\tnop\nENDPROC(go)\n";
        assert_eq!(told(Language::Assembler, text), [("copy".into(), 1..4), ("go".into(), 4..7)]);
    }

    #[test]
    fn no_section_ends_behind_its_text_wherever_that_is_cut() {
        let text = "struct s {\n\tint a;\n\t/* so\n\t * and\n\t */\n\tint b;\n};\nint f(int a)\n{\n\tfirst(a);\n\t/* then\n\t * so\n\t */\n}\n#define X(a) /*\n * x\n */ \\\n\ty(a)\n/ {\n\tone {\n\t\t/* of\n\t\t * it\n\t\t */\n\t};\n};\nconfig A\n\tbool\n";
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for (from, to) in (0..lines.len()).flat_map(|from| (from + 1..=lines.len()).map(move |to| (from, to))) {
            let cut = lines[from..to].concat();
            for language in [Language::C, Language::Kconfig, Language::DeviceTree, Language::Assembler] {
                for (name, lines) in told(language, &cut) {
                    assert!(lines.end <= to - from, "{language:?} {name} {lines:?} {cut:?}");
                }
            }
        }
    }
}
