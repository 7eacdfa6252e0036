//! From uses of a name that changed to replacements that might be the rule.
//!
//! In: uses with what became of them. Out: replacements from concrete to abstract: each level of each use as it stands; the same
//! with a metavariable for each part that is carried over; and what two of them have in common. All keep the name.
//!
//! ```text
//! class_create(THIS_MODULE, "a") ~> class_create("a")      as it stands
//! class_create(THIS_MODULE, X0)  ~> class_create(X0)       "a" is carried over
//! class_create(X0, X1)           ~> class_create(X1)       fused with class_create(owner, n) ~> class_create(n)
//! ```

use super::anti_unify::{fuse_patches, kind_of, numbered};
use super::apply::Patch;
use super::metavariable::{Metavariable, MetavariableKind};
use super::site::Use;
use super::term::{Head, TermId, Terms};
use rustc_hash::FxHashMap;

/// Larger terms are no part of a rule, in nodes.
const LARGEST: u32 = 120;

/// Only so many levels above the unit are looked at.
const MOST_LEVELS: usize = 7;

/// No more replacements with the same heads are kept.
const MOST_OF_A_SHAPE: usize = 160;

/// Replacements with the same heads, and how many uses suggest each.
#[derive(Default)]
struct Shape {
    /// With metavariables for what is carried over.
    general: Vec<(Patch, usize)>,
    /// As they stand.
    concrete: Vec<(Patch, usize)>,
}

/// No more replacements are returned.
const MOST: usize = 1200;

/// The replacements that the uses suggest, those that more uses suggest first.
pub fn replacements(terms: &mut Terms, uses: &[Use], name: &[u8]) -> Vec<Patch> {
    let mut shapes: Vec<((Head, Head), Shape)> = Vec::new();
    for found in uses {
        let levels = found.told.iter().take(MOST_LEVELS).chain(found.levels.iter().take(MOST_LEVELS));
        for (before, after) in levels.filter(|(before, after)| before != after) {
            if terms.size(*before).max(terms.size(*after)) > LARGEST || !is_whole(terms, *before) {
                continue;
            }
            let key = (terms.head(*before), terms.head(*after));
            let at = shapes.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                shapes.push((key, Shape::default()));
                shapes.len() - 1
            });
            let concrete = Patch::closed(*before, *after);
            count(&mut shapes[at].1.general, carried_over(terms, &concrete, name));
            count(&mut shapes[at].1.concrete, concrete);
        }
    }
    let suggested = |shape: &Shape| shape.concrete.iter().map(|(_, count)| count).sum::<usize>();
    shapes.sort_by_key(|(_, shape)| std::cmp::Reverse(suggested(shape)));
    let mut all = Vec::new();
    for (_, shape) in shapes {
        for mut patches in [shape.general, shape.concrete] {
            patches.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let most = patches.into_iter().take(MOST_OF_A_SHAPE / 2).map(|(patch, _)| patch).collect();
            for patch in fused(terms, most, name) {
                if !all.contains(&patch) {
                    all.push(patch);
                }
            }
        }
    }
    all.truncate(MOST);
    all
}

/// Counts a patch.
fn count(all: &mut Vec<(Patch, usize)>, patch: Patch) {
    match all.iter_mut().find(|(known, _)| *known == patch) {
        Some((_, count)) => *count += 1,
        None => all.push((patch, 1)),
    }
}

/// Whether a term can be the top of a rule: something that a person would write as one.
fn is_whole(terms: &Terms, id: TermId) -> bool {
    !matches!(terms.kind(id), "argument_list" | "parameter_list" | "parenthesized_expression" | "initializer_list")
}

/// The patches and what they have in common, pair by pair, until nothing new comes.
fn fused(terms: &mut Terms, patches: Vec<Patch>, name: &[u8]) -> Vec<Patch> {
    let mut pool = patches;
    let mut at = 1;
    while at < pool.len() {
        for other in 0..at {
            if pool.len() >= MOST_OF_A_SHAPE {
                return pool;
            }
            let both = fuse_patches(terms, &pool[other], &pool[at]);
            let is_sound = both.is_bound(terms) && terms.holds_word(both.before, name);
            if is_sound && !pool.contains(&both) {
                pool.push(both);
            }
        }
        at += 1;
    }
    pool
}

/// The patch with a metavariable for each largest part of what it looks for that is in what it puts there as well. A part that
/// holds the name, a list as a whole, and what is no value stay.
pub fn carried_over(terms: &mut Terms, patch: &Patch, name: &[u8]) -> Patch {
    let mut parts: Vec<TermId> = Vec::new();
    let mut open: Vec<TermId> = terms.children(patch.before).iter().rev().copied().collect();
    while let Some(id) = open.pop() {
        let is_value = is_value(terms, id) && !terms.holds_word(id, name);
        if is_value && terms.holds(patch.after, id) {
            if !parts.contains(&id) {
                parts.push(id);
            }
        } else if terms.is_shallow(id) && terms.kind(id) != "initializer_pair" {
            open.extend(terms.children(id).iter().rev());
        }
    }
    let (mut numbers, mut metas) = (FxHashMap::default(), Vec::new());
    for (number, part) in parts.iter().enumerate() {
        numbers.insert(*part, u32::try_from(number).unwrap_or(u32::MAX));
        metas.push(Metavariable::new(&format!("X{number}"), kind_of(terms, *part)));
    }
    let (before, after) = (put(terms, patch.before, &numbers), put(terms, patch.after, &numbers));
    numbered(terms, &Patch { before, after, metas })
}

/// Whether a part is something that a metavariable of C can stand for.
fn is_value(terms: &Terms, id: TermId) -> bool {
    let kind = terms.kind(id);
    // A callee of one name is what is done, not what it is done with.
    kind != "field_identifier"
        && !matches!(kind_of(terms, id), MetavariableKind::Any | MetavariableKind::Parameters)
        && kind != "primitive_type"
}

/// The term with metavariables for these parts.
fn put(terms: &mut Terms, id: TermId, numbers: &FxHashMap<TermId, u32>) -> TermId {
    if let Some(number) = numbers.get(&id) {
        return terms.meta(*number);
    }
    if !terms.is_shallow(id) {
        return id;
    }
    let children = terms.children(id).to_vec();
    let children: Vec<TermId> = children.into_iter().map(|child| put(terms, child, numbers)).collect();
    terms.node(terms.head(id), &children)
}
