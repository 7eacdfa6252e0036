//! What upstream's own callers teach about a name: functions before and after, and the rules inferred from them.

use super::declared::Changed;
use super::kernels::Kernels;
use crate::error::Result;
use crate::rule::{Example, Options, Pair, Requirement, Rule, infer_for};
use crate::run::quoted;
use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::lex::has_word;
use bstr::{BStr, ByteSlice};
use rustc_hash::FxHashMap;

/// Functions that rules are learned from.
const FUNCTIONS: usize = 12;
/// Files that are looked into for them.
const FILES: usize = 40;
/// Functions (tables, types) of both kernels that had a name and changed.
///
/// # Errors
/// An object is missing or damaged.
pub fn pairs(kernels: &mut Kernels, name: &[u8], users: &[Vec<u8>]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    let code = users.iter().filter(|path| path.ends_with(b".c") || path.ends_with(b".h"));
    for path in code.take(FILES) {
        if pairs.len() >= FUNCTIONS {
            break;
        }
        let path = BStr::new(path);
        if let Some(file) = kernels.file(path)? {
            pairs.extend(of_file(&quoted(path), (&file.before, &file.after), name));
        }
    }
    pairs.truncate(FUNCTIONS);
    Ok(pairs)
}

/// The items of a file that had the name and are other ones now.
fn of_file(path: &str, (before, after): (&[u8], &[u8]), name: &[u8]) -> Vec<Pair> {
    let (old, new) = (items(before), items(after));
    let mut now: FxHashMap<(ItemKind, &[u8]), &Item> = FxHashMap::default();
    for item in new.list.iter().rev() {
        now.insert((item.kind, item.identity(after)), item);
    }
    let mut pairs = Vec::new();
    for item in &old.list {
        let text = &before[item.span.clone()];
        if matches!(item.kind, ItemKind::Include | ItemKind::Conditional) || !has_word(text, name) {
            continue;
        }
        let Some(same) = now.get(&(item.kind, item.identity(before))) else { continue };
        let later = &after[same.span.clone()];
        if text != later {
            let function = item.identity(before).to_str_lossy().into_owned();
            pairs.push(Pair { path: path.to_owned(), function, before: text.to_vec(), after: later.to_vec() });
        }
    }
    pairs
}

/// The rules of a name that has to be written otherwise: those that several files teach, then those that one does.
pub fn rules(name: &[u8], pairs: &[Pair], changed: Option<&Changed>) -> Vec<Rule> {
    let options = Options {
        required: Requirement::Required,
        why: changed.map(|c| c.change.told()).unwrap_or_default(),
        declared: changed.and_then(|c| c.change.suggestion()).into_iter().collect(),
        ..Options::default()
    };
    let mut rules = infer_for(name, pairs, &options).rules;
    let weak = infer_for(name, pairs, &Options { threshold: 1, ..options });
    for rule in weak.rules {
        if !is_disputed(&rule, &weak.open) && rules.iter().all(|known| known.told() != rule.told()) {
            rules.push(rule);
        }
    }
    rules
}

/// What one place did and another of the same form did not, or did otherwise, is no rule.
fn is_disputed(rule: &Rule, open: &[Example]) -> bool {
    let has_form = |example: &Example| {
        let words = rule.changes().iter().flat_map(|change| change.before.words());
        words.into_iter().all(|word| example.before.as_bytes().find(&*word).is_some())
    };
    !rule.knowledge.counter_examples.is_empty() || open.iter().any(has_form)
}
