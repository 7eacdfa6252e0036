//! What a line defines by its form alone, in any language, is not defined twice that was not.
//!
//! In: a [`Case`]. Out: nothing, or the line that defines something again.
//!
//! ```text
//!   C            #define X, static int x;, EXPORT_SYMBOL(x)      under the same conditions
//!   Kconfig      config X                                        under the same conditions
//!   device tree  label:                                          in the file
//!                property = <1>;                                 in one pair of braces
//!   assembler    .Llabel:                                        under the same conditions
//!   other        CONFIG_X=y, # CONFIG_X is not set
//! ```

use super::case::Case;
use super::{Objection, Reason};
use crate::merge::line::alike;
use crate::syntax::language::Language;
use crate::syntax::lex::{directive, is_name_byte, leading_name};
use crate::syntax::outline::SectionKind;
use crate::syntax::version::Version;
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};

/// What a line defines: the kind of thing, its name.
type Defined<'a> = (&'static str, &'a [u8]);

/// Where that may stand once: under these conditions, in this section, which is the so-manieth of its name.
type Scope = (Vec<Vec<u8>>, Option<(Vec<u8>, usize)>);

/// Compares what the lines that ours does not have define with what was there.
///
/// # Errors
/// The line that defines something again.
pub fn check(case: &Case<'_>) -> Result<(), Objection> {
    let written: Vec<usize> = case.written().collect();
    let names: FxHashSet<Defined<'_>> = written.iter().filter_map(|at| defined(&case.result, *at)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let now = counts(&case.result, &names);
    if now.values().all(|lines| lines.len() < 2) {
        return Ok(());
    }
    let [ours, theirs] = [&case.sides.ours, &case.sides.theirs].map(|side| counts(side, &names));
    for at in written {
        let Some(name) = defined(&case.result, at) else { continue };
        let key = (name, scope(&case.result, at, name));
        // A macro may be defined again by the same words.
        let lines = now.get(&key).map_or(&[][..], Vec::as_slice);
        if name.0 == MACRO && lines.iter().all(|other| alike(case.result.lines[*other], case.result.lines[at])) {
            continue;
        }
        let often = |counts: &FxHashMap<_, Vec<usize>>| counts.get(&key).map_or(0, Vec::len);
        if often(&now) > often(&ours).max(often(&theirs)).max(1) {
            let other = lines.iter().find(|other| **other != at).map_or(at, |other| *other);
            let said = format!("{} {} is there twice, here and at line {}", name.0, name.1.to_str_lossy(), other + 1);
            return Err(Objection { reason: Reason::Duplicate, said, line: at + 1 });
        }
    }
    Ok(())
}

/// The lines that define these names.
fn counts<'a>(version: &Version<'a>, names: &FxHashSet<Defined<'_>>) -> FxHashMap<(Defined<'a>, Scope), Vec<usize>> {
    let mut counts: FxHashMap<_, Vec<usize>> = FxHashMap::default();
    for at in 0..version.lines.len() {
        if let Some(name) = defined(version, at).filter(|name| names.contains(name)) {
            counts.entry((name, scope(version, at, name))).or_default().push(at);
        }
    }
    counts
}

fn scope(version: &Version<'_>, at: usize, (kind, _): Defined<'_>) -> Scope {
    let arms = version.conditionals().at(at).to_vec();
    if kind != PROPERTY {
        return (arms, None);
    }
    let section = version.section_at(at);
    let number = section.map_or(0, |own| version.same(own).take_while(|other| other.lines != own.lines).count());
    (arms, section.map(|section| (section.name.clone(), number)))
}

const PROPERTY: &str = "property";
const MACRO: &str = "macro";

/// What a line defines.
fn defined<'a>(version: &Version<'a>, at: usize) -> Option<Defined<'a>> {
    let line = version.lines[at];
    match version.language {
        Language::C => of_c(line),
        Language::Kconfig => entry(line),
        Language::DeviceTree => {
            let in_node = || version.section_at(at).is_some_and(|section| section.kind == SectionKind::Node);
            label(line.trim_start())
                .or_else(|| property(line.trim_start()))
                .filter(|_| in_node() || !line.starts_with(b"\t"))
        }
        Language::Assembler => label(line),
        Language::Other => symbol(line),
        Language::Make | Language::Rust | Language::Maintainers => None,
    }
}

fn of_c(line: &[u8]) -> Option<Defined<'_>> {
    if line.starts_with(b"#") {
        let rest =
            (directive(line) == b"define").then(|| &line[line.find(b"define").unwrap_or(0) + b"define".len()..])?;
        return named(MACRO, leading_name(rest.trim_start()));
    }
    if line.starts_with(b"EXPORT_SYMBOL") {
        let inner = &line[line.find_byte(b'(')? + 1..];
        return named("the export of", leading_name(inner));
    }
    let rest = line.strip_prefix(b"static ")?;
    let end = rest.find_byteset(b"=;[")?;
    let head = rest[..end].trim_end();
    // `static DEFINE_MUTEX(x);`, `static int f(int n) {`, and lists of variables.
    if head.find_byteset(b"(,{").is_some() {
        return None;
    }
    let start = head.iter().rposition(|c| !is_name_byte(*c)).map_or(0, |at| at + 1);
    named("variable", &head[start..])
}

fn entry(line: &[u8]) -> Option<Defined<'_>> {
    let rest = line.strip_prefix(b"config ").or_else(|| line.strip_prefix(b"menuconfig "))?;
    named("entry", leading_name(rest.trim_start()))
}

/// `label:`, with whatever behind it.
fn label(line: &[u8]) -> Option<Defined<'_>> {
    let end = line.iter().position(|c| !is_name_byte(*c) && !matches!(c, b'.' | b'$'))?;
    // Numbers are local labels, and may be there again.
    let is_label = line[end] == b':' && !line[..end].first().is_some_and(u8::is_ascii_digit);
    if is_label { named("label", &line[..end]) } else { None }
}

/// `name = ...` or `name;` of a node.
fn property(line: &[u8]) -> Option<Defined<'_>> {
    let end = line.iter().position(|c| !is_name_byte(*c) && !matches!(c, b'-' | b',' | b'.' | b'#' | b'+' | b'?'))?;
    let behind = line[end..].trim_start();
    let is_property = behind.starts_with(b"=") || behind.starts_with(b";");
    if is_property && line[..end].first().is_some_and(u8::is_ascii_lowercase) {
        named(PROPERTY, &line[..end])
    } else {
        None
    }
}

/// A symbol of a configuration.
fn symbol(line: &[u8]) -> Option<Defined<'_>> {
    let set = line.find_byte(b'=').map(|end| &line[..end]);
    let unset = line.strip_prefix(b"# ").and_then(|rest| rest.trim_end().strip_suffix(b" is not set"));
    let name = unset.or(set).filter(|name| name.starts_with(b"CONFIG_") && name.iter().all(|c| is_name_byte(*c)))?;
    named("symbol", name)
}

fn named<'a>(kind: &'static str, name: &'a [u8]) -> Option<Defined<'a>> {
    (!name.is_empty()).then_some((kind, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Sides;
    use crate::verify::Question;

    /// What is said where both sides add a line to a text, ours at its beginning and theirs behind a mark.
    fn said(language: Language, text: &str, ours: &str, theirs: &str) -> Option<String> {
        let with = |ours: &str, theirs: &str| text.replace("<1>\n", ours).replace("<2>\n", theirs);
        let [base, up, mine, result] = [("", ""), (ours, ""), ("", theirs), (ours, theirs)].map(|(o, t)| with(o, t));
        let sides = Sides { base: base.as_bytes(), ours: up.as_bytes(), theirs: mine.as_bytes() };
        check(&Case::new(&Question { language, sides }, result.as_bytes())).err().map(|objection| objection.said)
    }

    #[test]
    fn what_both_sides_define_in_a_file_is_told() {
        let c = "int a;\n<1>\nint f(void)\n{\n\treturn 0;\n}\n<2>\n";
        for (ours, theirs, wanted) in [
            ("#define X 1\n", "#define X\t2\n", "macro X"),
            ("static bool debug;\n", "static int debug = 1;\n", "variable debug"),
            ("EXPORT_SYMBOL(f);\n", "EXPORT_SYMBOL_GPL(f);\n", "the export of f"),
        ] {
            let told = said(Language::C, c, ours, theirs).expect("it is told");
            assert!(told.starts_with(&format!("{wanted} is there twice")), "{told}");
        }
        assert_eq!(said(Language::C, c, "#define X 1\n", "#define Y 1\n"), None);
        assert_eq!(said(Language::C, c, "#ifdef A\n#define X 1\n#endif\n", "#define X 1\n"), None, "other conditions");
        assert_eq!(said(Language::C, c, "static void g(int n);\n", "static void g(int n)\n{\n}\n"), None);
    }

    #[test]
    fn other_languages_have_forms_of_their_own() {
        let tree = "/ {\n\tone {\n<1>\n\t\tstatus = \"okay\";\n<2>\n\t};\n};\n";
        let told = said(Language::DeviceTree, tree, "\t\treg = <1>;\n", "\t\treg = <2>;\n");
        assert_eq!(told.as_deref(), Some("property reg is there twice, here and at line 3"));
        let beside = said(Language::DeviceTree, tree, "\t\treg = <1>;\n", "\t};\n\n\ttwo {\n\t\treg = <2>;\n");
        assert_eq!(beside, None, "a node of its own");
        let told = said(Language::DeviceTree, tree, "\t\tx: a {\n\t\t};\n", "\t\tx: b {\n\t\t};\n");
        assert!(told.is_some_and(|said| said.starts_with("label x is there twice")));
        let config = "config A\n\tbool\n\n<1>\nconfig B\n\tbool\n\n<2>\n";
        assert!(said(Language::Kconfig, config, "config C\n\tbool\n\n", "config C\n\ttristate\n\n").is_some());
        let routine = "a:\n\tnop\n<1>\n1:\tnop\n<2>\n";
        assert!(said(Language::Assembler, routine, ".Lx:\tnop\n", ".Lx:\n").is_some());
        assert_eq!(said(Language::Assembler, routine, "2:\tnop\n", "2:\tret\n"), None);
        let symbols = "CONFIG_A=y\n<1>\nCONFIG_M=y\n<2>\n";
        assert!(said(Language::Other, symbols, "CONFIG_X=m\n", "# CONFIG_X is not set\n").is_some());
    }
}
