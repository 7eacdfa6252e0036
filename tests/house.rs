//! The house rules as assertions: arrows go down, one door per crate, sizes, a head on every file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Floors of the rooms; a room may use what is below it.
const FLOORS: [(&str, u32); 25] = [
    ("error", 0),
    ("syntax", 0),
    ("merge", 1),
    ("fingerprint", 2),
    ("index", 2),
    ("quilt", 2),
    ("verify", 3),
    ("git", 2),
    ("rule", 2),
    ("run", 2),
    ("llm", 2),
    ("memory", 2),
    ("learn", 4),
    ("cascade", 4),
    ("survey", 4),
    ("pick", 5),
    ("resolve", 5),
    ("repair", 5),
    ("rebase", 6),
    ("check", 7),
    ("evaluate", 7),
    ("report", 7),
    ("cli", 8),
    ("main", 8),
    ("lib", 9),
];

/// Words that may stand only behind a certain door.
const DOORS: [(&str, &[&str]); 12] = [
    ("reqwest::", &["llm/door/wire.rs", "llm/door/address.rs"]),
    ("tokio::", &["llm/door/"]),
    ("git2::", &["git/"]),
    ("clap::", &["cli/"]),
    ("clap_", &["cli/"]),
    ("tree_sitter", &["syntax/syntax_tree.rs"]),
    ("indicatif::", &["report/progress.rs"]),
    ("imara_diff::", &["merge/delta.rs"]),
    ("libdeflater::", &["git/pack.rs", "report/html/packed.rs"]),
    ("Command::new", &["git/program.rs", "git/pager.rs", "git/sign.rs", "llm/door/program.rs", "check/program.rs"]),
    ("println!", &["report/"]),
    ("anstream::", &["report/", "cli/"]),
];

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 80;
const PARAMETERS: usize = 4;

pub struct Source {
    /// Below `src/`.
    pub path: String,
    /// Without the tests at its end.
    pub text: String,
}

pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.clone()];
    let mut found: Vec<PathBuf> = Vec::new();
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).expect("a folder of src") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => open.push(path),
                // Tests of a room that are too long for the end of a file.
                false if path.ends_with("tests.rs") => {}
                false => found.push(path),
            }
        }
    }
    found.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("source is UTF-8");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let path = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
        Source { path, text }
    };
    found.into_iter().map(read).collect()
}

fn room(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

pub fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn arrows_go_down() {
    let floors: BTreeMap<&str, u32> = FLOORS.into();
    let mut wrong = Vec::new();
    for source in sources() {
        let here = room(&source.path);
        let floor = floors.get(here).unwrap_or_else(|| panic!("{here} has no floor: give it one"));
        for line in code(&source.text) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(below) = floors.get(used.as_str()) else {
                    continue;
                };
                if used != here && below >= floor {
                    wrong.push(format!("{} (floor {floor}) uses {used} (floor {below})", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_crate_has_one_door() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, doors) in DOORS {
            let inside = doors.iter().any(|door| source.path.starts_with(door));
            if !inside && code(&source.text).any(|line| line.contains(word)) {
                wrong.push(format!("{} has {word}, which belongs to {doors:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_rebase_moves_refs() {
    let callers = sources().into_iter().filter(|s| code(&s.text).any(|line| line.contains(".move_refs(")));
    let callers: Vec<String> = callers.map(|s| s.path).collect();
    // The pin of what people settled; the end of a walk; fixup commits; the run, with its journal; undo.
    assert_eq!(
        callers,
        ["rebase/desk/mod.rs", "rebase/finish.rs", "rebase/mended.rs", "rebase/open_run.rs", "rebase/undo.rs"]
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let head = |path: &str| match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rs") => "//! ",
        Some("js") => "// ",
        Some("css") => "/* ",
        Some("html") => "<!-- ",
        // The comment that a schema can have.
        Some("json") => "{\n  \"$comment\": \"",
        _ => "# ",
    };
    let says = |s: &Source| s.text.starts_with(head(&s.path));
    let without: Vec<String> = sources().into_iter().filter(|s| !says(s)).map(|s| s.path).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn no_room_is_called_after_nothing() {
    let vague = ["utils", "helpers", "common", "manager", "handler", "engine", "core", "types"];
    let named = |s: &Source| s.path.split(['/', '.']).any(|part| vague.contains(&part));
    let found: Vec<String> = sources().into_iter().filter(named).map(|s| s.path).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn files_and_functions_are_short_and_take_few_parameters() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > FILE_LINES {
            wrong.push(format!("{}: {lines} lines", source.path));
        }
        for function in functions(&source.text) {
            if function.lines > FUNCTION_LINES || function.parameters > PARAMETERS {
                let Function { name, lines, parameters } = function;
                wrong.push(format!("{}: {name} has {lines} lines, {parameters} parameters", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

struct Function {
    name: String,
    lines: usize,
    parameters: usize,
}

/// Functions as rustfmt leaves them: a body ends at a brace as deep as its head.
fn functions(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(head) = line.find("fn ").filter(|_| !line.trim_start().starts_with("//")) else {
            continue;
        };
        let is_head = line[..head].split_whitespace().all(|w| w.starts_with("pub") || w.ends_with(')') || w == "const");
        if !is_head {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[at..].iter().position(|l| *l == closing).map_or(lines.len(), |n| at + n);
        let name = line[head + 3..].split(['(', '<']).next().unwrap_or_default().to_owned();
        let signature: String = lines[at..end.min(at + 12)].concat();
        found.push(Function { name, lines: end - at + 1, parameters: parameters(&signature) });
    }
    found
}

/// Top-level commas of the first bracket, `self` not counted.
fn parameters(signature: &str) -> usize {
    let head = signature.find("fn ").map_or(signature, |i| &signature[i..]);
    let Some(open) = head.find('(') else { return 0 };
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for c in head[open..].chars() {
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '>' if !part.ends_with(['-', '=']) => depth -= 1,
            _ => {}
        }
        match (c, depth) {
            (')', 0) => break,
            (',', 1) => parts.push(std::mem::take(&mut part)),
            _ => part.push(c),
        }
    }
    parts.push(part);
    let named = parts.iter().filter(|p| p.contains(':') && !p.contains("self:"));
    named.count()
}

#[test]
fn no_test_file_is_forgotten() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let listed = std::fs::read_to_string(tests.join("main.rs")).expect("tests/main.rs");
    for entry in std::fs::read_dir(&tests).expect("the tests folder") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        let module = name.trim_end_matches(".rs");
        assert!(name == "main.rs" || listed.contains(&format!("mod {module};")), "{name} is not in tests/main.rs");
    }
}
