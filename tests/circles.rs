//! No circle of files: a file may use the nouns of the one above it, which puts it together; siblings do not use each other in turn.
//!
//! Arrows are read from `use` lines and from paths in the code, and lead to the file that defines the name, through re-exports.
//! Methods are no arrows: what a type can do may be told in several files.

use crate::house::{Source, code, sources};
use std::collections::{BTreeMap, BTreeSet};

/// A path of modules below the crate.
type Module = Vec<String>;

#[derive(Default)]
struct File {
    path: String,
    /// Names that it defines.
    defines: BTreeSet<String>,
    /// Paths that it uses or re-exports, each with the name it has here.
    uses: Vec<(Vec<String>, String)>,
    /// Paths in the code, and plain words.
    words: BTreeSet<Vec<String>>,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    Name(Module),
    Module(Module),
}

struct House(BTreeMap<Module, File>);

fn module(path: &str) -> Module {
    let mut parts: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `a::{b, c::{d as e}}` as `a::b`, `a::c::d as e`.
fn spread(path: &str) -> Vec<String> {
    let Some((before, inner)) = path.split_once('{') else { return vec![path.trim().to_owned()] };
    let inner = inner.trim().strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (c, depth) {
            (',', 0) => parts.push(String::new()),
            _ => parts.last_mut().expect("begun with one").push(c),
        }
    }
    let whole = |part: &String| spread(&format!("{}{}", before.trim(), part.trim()));
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(whole).collect()
}

impl File {
    fn read(source: &Source) -> Self {
        let mut file = Self { path: source.path.clone(), ..Self::default() };
        let mut lines = code(&source.text);
        while let Some(line) = lines.next() {
            let word =
                line.trim_start().strip_prefix("pub").map_or(line.trim_start(), |rest| match rest.strip_prefix('(') {
                    Some(within) => within.split_once(')').map_or(rest, |(_, behind)| behind).trim_start(),
                    None => rest.trim_start(),
                });
            if let Some(used) = word.strip_prefix("use ") {
                let mut used = used.to_owned();
                while !used.ends_with(';') {
                    used.push_str(lines.next().unwrap_or(";"));
                }
                file.take(used.trim_end_matches(';'));
                continue;
            }
            file.define(line);
            let paths = line.split(|c: char| !is_letter(c) && c != ':').filter(|word| !word.is_empty());
            let parts = |path: &str| path.split("::").map(|part| part.trim_matches(':').to_owned()).collect();
            file.words.extend(paths.map(parts));
        }
        file
    }

    fn take(&mut self, used: &str) {
        for path in spread(&used.split_whitespace().collect::<Vec<_>>().join(" ")) {
            let (path, name) = path.split_once(" as ").unwrap_or((&path, ""));
            let mut parts: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
            parts.pop_if(|last| last == "self");
            let name = if name.is_empty() { parts.last().cloned().unwrap_or_default() } else { name.to_owned() };
            self.uses.push((parts, name));
        }
    }

    /// The name that a line at the margin defines.
    fn define(&mut self, line: &str) {
        const KINDS: [&str; 8] = ["fn", "struct", "enum", "trait", "const", "static", "type", "macro_rules!"];
        if line.starts_with([' ', '}', '#']) {
            return;
        }
        let mut words = line.split(|c: char| !is_letter(c) && c != '!').filter(|word| !word.is_empty());
        while let Some(word) = words.next() {
            if KINDS.contains(&word) {
                let name = words.next().filter(|next| *next != "fn").or_else(|| words.next());
                self.defines.extend(name.map(str::to_owned));
                return;
            }
        }
    }
}

impl House {
    fn new() -> Self {
        let rust = sources().into_iter().filter(|source| source.path.ends_with(".rs"));
        Self(rust.map(|source| (module(&source.path), File::read(&source))).collect())
    }

    /// What a path leads to from a module; other crates' lead nowhere.
    fn find(&self, from: &Module, path: &[String], depth: usize) -> Option<Found> {
        let mut here = from.clone();
        for (at, part) in path.iter().enumerate() {
            match part.as_str() {
                "crate" => here.clear(),
                "self" => {}
                "super" => drop(here.pop()),
                _ => {
                    let below = [&here[..], std::slice::from_ref(part)].concat();
                    if self.0.contains_key(&below) {
                        here = below;
                        continue;
                    }
                    let file = self.0.get(&here)?;
                    if file.defines.contains(part) {
                        return Some(Found::Name(here));
                    }
                    let (used, _) = file.uses.iter().find(|(_, name)| name == part && depth < 8)?;
                    return match self.find(&here, used, depth + 1)? {
                        Found::Module(module) => self.find(&module, &path[at + 1..], depth + 1),
                        name => Some(name),
                    };
                }
            }
        }
        Some(Found::Module(here))
    }

    /// The files whose names a file uses.
    fn arrows(&self, from: &Module) -> BTreeSet<Module> {
        let file = &self.0[from];
        let is_said = |(_, name): &&(Vec<String>, String)| file.words.iter().any(|path| path[0] == *name);
        let used = file.uses.iter().filter(is_said).filter_map(|(path, _)| self.find(from, path, 0));
        let said = file.words.iter().filter(|path| path.len() > 1).filter_map(|path| {
            // The last words may be a variant, or what a type can do.
            (2..=path.len()).rev().find_map(|length| self.find(from, &path[..length], 0))
        });
        let names = used.chain(said).filter_map(|found| match found {
            Found::Name(module) => Some(module),
            Found::Module(_) => None,
        });
        // What is above puts together what is below it.
        names.filter(|to| !to.starts_with(from)).collect()
    }
}

#[test]
fn siblings_do_not_use_each_other_in_a_circle() {
    let house = House::new();
    let arrows: BTreeMap<&Module, BTreeSet<Module>> = house.0.keys().map(|from| (from, house.arrows(from))).collect();
    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 2000, "the arrows are not read");
    // What leads nowhere, and what only leads there, is in no circle.
    let mut left: BTreeSet<&Module> = arrows.keys().copied().collect();
    loop {
        let leads_on = |from: &&Module| arrows[*from].iter().any(|to| left.contains(to));
        let is_reached = |to: &&Module| left.iter().any(|from| arrows[*from].contains(*to));
        let next: BTreeSet<&Module> = left.iter().copied().filter(|m| leads_on(m) && is_reached(m)).collect();
        if next.len() == left.len() {
            break;
        }
        left = next;
    }
    let told = |from: &&Module| {
        let to: Vec<&str> = arrows[*from].iter().filter(|to| left.contains(to)).map(|to| &*house.0[to].path).collect();
        format!("{} uses {}", house.0[*from].path, to.join(", "))
    };
    assert!(left.is_empty(), "{:#?}", left.iter().map(told).collect::<Vec<_>>());
}
