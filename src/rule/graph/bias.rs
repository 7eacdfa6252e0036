//! Variant bias: rules that differ in a constant only, so that other constants may exist which no example shows (Spinfer, section 4.5).
//!
//! In: rules. Out: a line for people per family, with the constants seen.

use super::shape::common;
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Rule, Step};
use crate::rule::term::{Head, TermId, Terms};
use std::collections::{BTreeMap, BTreeSet};

/// Notes on families of rules.
pub fn notes(rules: &[&Rule]) -> Vec<String> {
    let mut terms = Terms::new();
    let olds: Vec<Option<TermId>> = rules.iter().map(|rule| old(&mut terms, rule)).collect();
    let mut families: BTreeMap<TermId, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for (at, a) in olds.iter().enumerate() {
        for b in &olds[at + 1..] {
            let (Some(a), Some(b)) = (*a, *b) else { continue };
            let seen = differing(&terms, a, b);
            if let [one, two] = seen.as_slice() {
                let family = common(&mut terms, a, b);
                families.entry(family).or_default().extend([one.clone(), two.clone()]);
            }
        }
    }
    families.into_values().map(|seen| told(&seen)).collect()
}

/// What a rule matches, with dots for its metavariables.
fn old(terms: &mut Terms, rule: &Rule) -> Option<TermId> {
    let patterns: Vec<&Pattern> = match &rule.body {
        Body::Term(change) => vec![&change.before],
        Body::Terms(_) => return None,
        Body::Path(steps) => steps
            .iter()
            .filter_map(|step| match step {
                Step::Minus(pattern) | Step::Context(pattern) => Some(pattern),
                _ => None,
            })
            .collect(),
    };
    let all: Vec<TermId> = patterns.into_iter().map(|pattern| pattern.intern(terms)).collect();
    let closed: Vec<TermId> = all.into_iter().map(|id| without_metas(terms, id)).collect();
    Some(terms.known("rule", b"", &closed))
}

/// The same with dots for metavariables.
fn without_metas(terms: &mut Terms, id: TermId) -> TermId {
    if !terms.is_open(id) {
        return id;
    }
    if matches!(terms.head(id), Head::Meta(_)) {
        return terms.node(Head::Dots, &[]);
    }
    let children = terms.children(id).to_vec();
    let children: Vec<TermId> = children.into_iter().map(|child| without_metas(terms, child)).collect();
    terms.node(terms.head(id), &children)
}

/// The two constants in which two terms differ; nothing if they differ in anything else but what dots stand for.
fn differing(terms: &Terms, a: TermId, b: TermId) -> Vec<Vec<u8>> {
    let mut found: BTreeSet<[Vec<u8>; 2]> = BTreeSet::new();
    let mut open = vec![(a, b)];
    while let Some((a, b)) = open.pop() {
        let is_dots = |id| terms.head(id) == Head::Dots;
        if a == b || is_dots(a) || is_dots(b) {
            continue;
        }
        if let (Some(one), Some(two)) = (constant(terms, a), constant(terms, b)) {
            found.insert([one, two]);
            continue;
        }
        let (x, y) = (terms.children(a), terms.children(b));
        if terms.head(a) != terms.head(b) || x.len() != y.len() {
            return Vec::new();
        }
        open.extend(x.iter().copied().zip(y.iter().copied()));
    }
    match found.len() {
        1 => found.into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}

/// A word in capitals.
fn constant(terms: &Terms, id: TermId) -> Option<Vec<u8>> {
    let word = terms.leaf(id).filter(|_| terms.kind(id) == "identifier")?;
    let is_capital = word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase);
    is_capital.then(|| word.to_vec())
}

/// One line.
fn told(seen: &BTreeSet<Vec<u8>>) -> String {
    let first = seen.first().cloned().unwrap_or_default();
    let shared = seen
        .iter()
        .fold(first.len(), |known, word| known.min(word.iter().zip(&first).take_while(|(a, b)| a == b).count()));
    let prefix = first[..shared].iter().rposition(|c| *c == b'_').map_or(0, |at| at + 1);
    let tails: Vec<String> = seen.iter().map(|word| String::from_utf8_lossy(&word[prefix..]).into_owned()).collect();
    let prefix = String::from_utf8_lossy(&first[..prefix]).into_owned();
    format!("variant bias: constants seen {prefix}{{{}}}; there may be others", tails.join(","))
}
