//! What upstream's own callers teach about a name: functions before and after, and the rules inferred from them.

use super::alias;
use super::declared::Changed;
use super::kernels::Kernels;
use crate::error::Result;
use crate::merge::Change;
use crate::rule::{Body, Options, Pair, Pattern, Requirement, Rule, infer_for};
use crate::run::quoted;
use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::lex::has_word;
use bstr::{BStr, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};

/// Functions that rules are learned from.
const FUNCTIONS: usize = 24;
/// Files that are looked into for them.
const FILES: usize = 60;

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

/// What is known of a name whose rules are asked for.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The name.
    pub name: &'a [u8],
    /// How its declaration changed, if that is why.
    pub changed: Option<&'a Changed>,
    /// The header of old upstream that had it, if it is gone.
    pub header: Option<&'a [u8]>,
    /// Whether the old form compiles.
    pub required: Requirement,
    /// In how many files a form must have been changed; if nobody says, several, or one that no other contradicts.
    pub threshold: Option<usize>,
}

impl<'a> Asking<'a> {
    /// Of a name of which nothing else is known.
    pub fn of(name: &'a [u8], required: Requirement) -> Self {
        Self { name, changed: None, header: None, required, threshold: None }
    }
}

/// The rules of a name, and what its own definition says where no example tells more; that nobody changed, so it counts nothing where so
/// many files were asked for.
///
/// # Errors
/// An object is missing or damaged.
pub fn rules_and_alias(kernels: &mut Kernels, asking: Asking<'_>, pairs: &[Pair]) -> Result<Vec<Rule>> {
    let mut rules = rules(asking, pairs);
    if let (Some(header), None) = (asking.header, asking.threshold) {
        let known: FxHashSet<String> = rules.iter().map(Rule::told).collect();
        let own = alias::rules(kernels, asking.name, header)?;
        rules.extend(own.into_iter().filter(|rule| !known.contains(&rule.told())));
    }
    Ok(rules)
}

/// The rules of a name: those that several files teach; and of a name that has to be written otherwise, then those that one does.
pub fn rules(asking: Asking<'_>, pairs: &[Pair]) -> Vec<Rule> {
    let options = Options {
        required: asking.required,
        why: asking.changed.map(|c| c.change.told()).unwrap_or_default(),
        declared: asking.changed.and_then(|c| c.change.suggestion()).into_iter().collect(),
        threshold: asking.threshold.unwrap_or(Options::default().threshold),
    };
    let mut rules = infer_for(asking.name, pairs, &options).rules;
    if let Some(least) = asking.threshold {
        // Of what does not compile one example would do, had nobody said how many.
        rules.retain(|rule| rule.knowledge.functions >= least);
        return rules;
    }
    if asking.required != Requirement::Required {
        return rules;
    }
    // What one place did and another of the same form did not, or did otherwise, is no rule.
    let weak = infer_for(asking.name, pairs, &Options { threshold: 1, ..options });
    for (rule, is_disputed) in weak.rules.into_iter().zip(weak.disputed) {
        let is_own = rule.changes().iter().any(|change| is_own(&change.before, asking.name));
        if !is_disputed && !is_own && rules.iter().all(|known| known.told() != rule.told()) {
            rules.push(rule);
        }
    }
    rules.extend(of_word(asking.name, &rules));
    rules
}

/// Whether a pattern names a variable or a text of the one place that it was learned from.
fn is_own(pattern: &Pattern, name: &[u8]) -> bool {
    let Pattern::Node { kind, word, children } = pattern else { return false };
    let is_variable = *kind == "identifier" && **word != *name && word.iter().any(u8::is_ascii_lowercase);
    if is_variable || *kind == "string_literal" {
        return true;
    }
    let callee = usize::from(
        *kind == "call_expression" && matches!(children.first(), Some(Pattern::Node { kind: "identifier", .. })),
    );
    children.iter().skip(callee).any(|child| is_own(child, name))
}

/// The rule for the word alone where all that is known of a function is that it is called otherwise: it may be passed on or exported.
fn of_word(name: &[u8], rules: &[Rule]) -> Option<Rule> {
    let called = |rule: &Rule| match rule.changes() {
        [change] => renamed_call(change),
        _ => None,
    };
    let (first, rest) = rules.split_first()?;
    let Change { before: old, after: new } = called(first)?;
    let is_same = |rule: &Rule| called(rule).is_some_and(|other| other.after == new);
    if old.as_ref() != name || !rest.iter().all(is_same) {
        return None;
    }
    let mut rule = first.clone();
    rule.name = format!("{}_word", first.name);
    (rule.metavariables, rule.within) = (Vec::new(), None);
    rule.body =
        Body::Term(Change { before: Pattern::leaf("identifier", name), after: Pattern::leaf("identifier", &new) });
    Some(rule)
}

/// The names of a function that is called with the same arguments before and after.
fn renamed_call(change: &Change<Pattern>) -> Option<Change<Box<[u8]>>> {
    let call = |pattern: &Pattern| match pattern {
        Pattern::Node { kind: "call_expression", children, .. } => match &children[..] {
            [Pattern::Node { kind: "identifier", word, .. }, arguments] => Some((word.clone(), arguments.clone())),
            _ => None,
        },
        _ => None,
    };
    let ((old, before), (new, after)) = (call(&change.before)?, call(&change.after)?);
    (before == after && old != new).then_some(Change { before: old, after: new })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Form, Metavariable, MetavariableKind};

    fn rule(before: &str, after: &str) -> Rule {
        let metas = vec![Metavariable::new("X0", MetavariableKind::Expression)];
        let read = |text| Pattern::parse(text, Form::Expression, &metas).expect("an expression");
        Rule::of_term("rule", metas.clone(), Change { before: read(before), after: read(after) })
    }

    #[test]
    fn a_function_that_is_only_called_otherwise_is_passed_on_and_exported_under_its_new_name() {
        let found = of_word(b"old_call", &[rule("old_call(X0)", "new_call(X0)")]).expect("a rule");
        assert_eq!(found.told(), "old_call -> new_call");
        assert_eq!(of_word(b"old_call", &[rule("old_call(X0)", "new_call(X0, 1)")]), None);
        let two = [rule("old_call(X0)", "new_call(X0)"), rule("old_call(X0)", "other_call(X0)")];
        assert_eq!(of_word(b"old_call", &two), None);
    }

    #[test]
    fn what_names_a_variable_or_a_text_is_the_places_own() {
        let is_own = |text: &str| is_own(&rule(text, "x").changes()[0].before, b"old_call");
        assert!(is_own("old_call(mine)") && is_own("old_call(X0, \"text\")"));
        assert!(!is_own("old_call(X0, ACME_FLAG)") && !is_own("old_call"));
    }
}
