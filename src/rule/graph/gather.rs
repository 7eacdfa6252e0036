//! From examples to what rules are proposed for.
//!
//! In: pairs of functions and what the change is about. Out: changed nodes with their groups, and sources: instances of one signature,
//! and exchanged expressions of one group.

use super::candidate::{Company, Material, Part, Source};
use super::cfg_diff::{Colour, side_of};
use super::cluster::clusters;
use super::example::{Changed, Example, Focus, FunctionPair, Scope};
use super::generalise::common_shape;
use super::instance::{Anchor, Grouping, Instance, Together};
use super::reduce::reduced;
use super::shape::{Shaped, shapes, without_locals};
use super::weights::{Seen, Weights, noise, weigh};
use crate::rule::term::{TermId, Terms};
use std::collections::{BTreeMap, BTreeSet};

/// More changed functions are not learned from.
pub const MOST_FUNCTIONS: usize = 200;

/// Reads the changed functions that hold a word of the focus.
pub(super) fn read(terms: &mut Terms, pairs: &[FunctionPair], learned: &[usize], focus: &Focus) -> Vec<Example> {
    let holds = |text: &[u8]| focus.words.iter().any(|word| memchr::memmem::find(text, word).is_some());
    let mut found = Vec::new();
    for at in learned.iter().filter(|at| pairs[**at].is_changed()) {
        let pair = &pairs[*at];
        if found.len() < MOST_FUNCTIONS && (focus.words.is_empty() || holds(&pair.before) || holds(&pair.after)) {
            found.extend(Example::read(terms, pair, *at));
        }
    }
    found
}

/// The changed nodes that are learned from. What takes the place of one of them enters with it: a call that became another one
/// was not removed.
pub(super) fn entering(terms: &Terms, example: &Example, all: Vec<Changed>, focus: &Focus) -> Vec<Changed> {
    if focus.scope == Scope::Functions {
        return all;
    }
    let holds = |node: &Changed| focus.words.iter().any(|word| terms.holds_word(node.term, word));
    let own: Vec<bool> = all.iter().map(holds).collect();
    let together = |a: &Changed, b: &Changed| match (a.colour, b.colour) {
        (Colour::Before, Colour::After) => example.diff.shares_place(a.id, b.id),
        (Colour::After, Colour::Before) => example.diff.shares_place(b.id, a.id),
        _ => false,
    };
    let alike = |a: &Changed, b: &Changed| a.kind == b.kind && together(a, b);
    let has_own_partner = |at: usize| (0..all.len()).any(|other| own[other] && alike(&all[at], &all[other]));
    let enters = |at: usize| {
        let partners = || (0..all.len()).filter(|other| own[*other] && together(&all[at], &all[*other]));
        own[at] || partners().any(|other| !has_own_partner(other))
    };
    let kept: Vec<bool> = (0..all.len()).map(enters).collect();
    all.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(node, _)| node).collect()
}

/// By changed node: its group, and whether it is noise (which has a group of its own).
pub(super) fn grouped(terms: &mut Terms, changed: &[Changed]) -> (Vec<usize>, Vec<bool>) {
    let sorts: BTreeSet<_> = changed.iter().map(|n| (n.kind, n.whole)).collect();
    let sorts: Vec<_> = sorts.into_iter().collect();
    let sort = |n: &Changed| sorts.binary_search(&(n.kind, n.whole)).unwrap_or(0);
    let shaped: Vec<Shaped> = changed.iter().map(|n| Shaped { sort: sort(n), term: n.shape }).collect();
    let seen: Vec<Seen> = shapes(terms, &shaped)
        .into_iter()
        .zip(changed)
        .map(|(patterns, node)| Seen { function: node.example, patterns })
        .collect();
    let weights = weigh(&seen);
    let dropped = noise(&weights);
    let kept: Vec<usize> = (0..changed.len()).filter(|at| !dropped[*at]).collect();
    // What goes and what comes weigh together, but are never one group.
    let coloured = |at: &usize| -> Weights {
        let side = side_of(changed[*at].colour);
        weights[*at].iter().map(|(shape, weight)| (2 * shape + side, *weight)).collect()
    };
    let found = clusters(&kept.iter().map(coloured).collect::<Vec<_>>());
    let mut groups = vec![usize::MAX; changed.len()];
    for (at, group) in kept.iter().zip(found) {
        groups[*at] = group;
    }
    (groups, dropped)
}

/// By group: what all its nodes have in common.
pub(super) fn group_shapes(
    terms: &mut Terms,
    changed: &[Changed],
    groups: &[usize],
) -> BTreeMap<usize, Option<TermId>> {
    let mut of: BTreeMap<usize, Vec<TermId>> = BTreeMap::new();
    for (node, group) in changed.iter().zip(groups) {
        of.entry(*group).or_default().push(node.shape);
    }
    of.into_iter().map(|(group, all)| (group, common_shape(terms, &all))).collect()
}

/// What rules are proposed for: instances by signature, and replaced expressions by group.
pub(super) fn sources(terms: &mut Terms, material: &mut Material<'_>, dropped: &[bool], focus: &Focus) -> Vec<Source> {
    let kept: Vec<usize> = (0..material.changed.len()).filter(|at| !dropped[*at]).collect();
    let of_kept: Vec<Changed> = kept.iter().map(|at| material.changed[*at].clone()).collect();
    let together = Together::of(&of_kept, &kept.iter().map(|at| material.groups[*at]).collect::<Vec<_>>());
    let mut paths: BTreeMap<_, Vec<Instance>> = BTreeMap::new();
    let mut parts: Vec<Part> = Vec::new();
    for (at, example) in material.examples.iter().enumerate() {
        let own: Vec<usize> = kept.iter().copied().filter(|n| material.changed[*n].example == at).collect();
        let grouping =
            Grouping { terms, example, changed: material.changed, groups: material.groups, together: &together };
        for instance in grouping.instances(&own) {
            if !material.is_about(terms, &instance, focus) {
                continue;
            }
            let replaced = replaced_parts(terms, material, &instance);
            if replaced.is_empty() || instance.stages.len() > 1 {
                paths.entry(material.signature(terms, &instance)).or_default().push(instance);
            }
            parts.extend(replaced);
        }
    }
    parts.extend(arguments(terms, &parts));
    group_parts(terms, material, &mut parts);
    let mut by_group: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    for part in parts {
        by_group.entry(part.group).or_default().push(part);
    }
    // An exchange that never comes alone may be wrong without the others: a mapping and its unmapping.
    by_group.retain(|_, parts| parts.iter().any(|part| part.company == Company::Alone));
    let parts = by_group.into_values().map(Source::Parts);
    parts.chain(paths.into_values().map(Source::Paths)).collect()
}

/// The expressions that an instance exchanges, if it exchanges expressions and does nothing else. Where something goes or comes as
/// well, it may be the reason: `kmalloc` becomes `kzalloc` because a `memset` goes.
fn replaced_parts(terms: &Terms, material: &Material<'_>, instance: &Instance) -> Vec<Part> {
    let mut found = Vec::new();
    for slot in instance.stages.iter().flatten() {
        let (Anchor::Minus(first), [new]) = (slot.at, slot.behind.as_slice()) else { return Vec::new() };
        let more = slot.more.iter().map(|(old, new)| (*old, new.as_slice()));
        for (old, new) in [(first, std::slice::from_ref(new))].into_iter().chain(more) {
            let [new] = new else { return Vec::new() };
            let exchanged = reduced(terms, material.changed[old].term, material.changed[*new].term);
            if exchanged.is_empty() || !slot.ahead.is_empty() {
                return Vec::new();
            }
            let company = if instance.stages.len() > 1 { Company::Others } else { Company::Alone };
            let part = |terms| Part { example: instance.example, nodes: (old, *new), terms, group: 0, company };
            found.extend(exchanged.into_iter().map(part));
        }
    }
    found
}

/// Arguments that were exchanged for the same others in calls of different functions: what is called does not matter then.
///
/// ```text
///   f(&init_user_ns, a) -> f(&nop_mnt_idmap, a)
///   g(b, &init_user_ns) -> g(b, &nop_mnt_idmap)      &init_user_ns -> &nop_mnt_idmap
/// ```
fn arguments(terms: &Terms, parts: &[Part]) -> Vec<Part> {
    let mut callees: BTreeMap<(TermId, TermId), BTreeSet<TermId>> = BTreeMap::new();
    let inner: Vec<Option<(TermId, TermId)>> = parts.iter().map(|part| exchanged_argument(terms, part.terms)).collect();
    for (part, pair) in parts.iter().zip(&inner) {
        if let (Some(pair), Some(callee)) = (pair, terms.children(part.terms.0).first()) {
            callees.entry(*pair).or_default().insert(*callee);
        }
    }
    let several = |pair: &(TermId, TermId)| callees.get(pair).is_some_and(|all| all.len() > 1);
    let found = parts.iter().zip(inner).filter_map(|(part, pair)| Some((part, pair.filter(several)?)));
    found.map(|(part, terms)| Part { terms, ..*part }).collect()
}

/// The only argument in which two calls of one function differ, if both halves name something.
fn exchanged_argument(terms: &Terms, pair: (TermId, TermId)) -> Option<(TermId, TermId)> {
    let ([callee, old], [same, new]) = (terms.children(pair.0), terms.children(pair.1)) else { return None };
    let (old, new) = (terms.children(*old), terms.children(*new));
    if callee != same || old.len() != new.len() || terms.kind(pair.0) != "call_expression" {
        return None;
    }
    let mut differing = old.iter().copied().zip(new.iter().copied()).filter(|(a, b)| a != b);
    let only = differing.next().filter(|_| differing.next().is_none())?;
    let names = |id: TermId| terms.any(id, &mut |part| terms.kind(part) == "identifier");
    (names(only.0) && names(only.1)).then_some(only)
}

/// Groups replaced expressions as nodes are grouped: by their pairs.
fn group_parts(terms: &mut Terms, material: &mut Material<'_>, parts: &mut [Part]) {
    let mut shaped = Vec::new();
    for part in parts.iter() {
        let [before, after] = &material.examples[part.example].functions;
        let old = without_locals(terms, part.terms.0, &before.locals);
        let new = without_locals(terms, part.terms.1, &after.locals);
        shaped.push(Shaped { sort: 0, term: terms.known("pair", b"_ _", &[old, new]) });
    }
    let seen = shapes(terms, &shaped).into_iter().zip(parts.iter());
    let seen: Vec<Seen> = seen.map(|(patterns, part)| Seen { function: part.example, patterns }).collect();
    let found = clusters(&weigh(&seen));
    let mut all: BTreeMap<usize, Vec<TermId>> = BTreeMap::new();
    for ((part, group), shape) in parts.iter_mut().zip(found).zip(&shaped) {
        part.group = group;
        all.entry(group).or_default().push(shape.term);
    }
    for (group, pairs) in all {
        let common = common_shape(terms, &pairs);
        let halves = common.and_then(|id| Some((*terms.children(id).first()?, *terms.children(id).get(1)?)));
        material.part_shapes.insert(group, halves);
    }
}
