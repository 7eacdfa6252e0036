//! Members that one function seems to have renamed, by chance: what stood below came up when a line went.
//!
//! In: the stale names with their rules, the index of old upstream. Out: the same without the rules by which a member became one that old
//! upstream had already, if only one function says so.
//!
//! ```text
//!   .prime_mmap = mmap,
//!   .debug_init = init,      ->   .debug_init = init,      in one function: prime_mmap is gone, and is not called debug_init now
//! ```

use super::Role;
use super::stale_name::StaleName;
use crate::error::Result;
use crate::git::{Oid, Repo};
use crate::merge::Change;
use crate::rule::{Pattern, Rule};
use crate::survey::ask_names;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// What so many functions say is not by chance.
const SEVERAL: usize = 2;

/// Takes the rules away.
///
/// # Errors
/// An object is missing or damaged.
pub fn forget(repo: &Repo, base: Oid, names: &mut [StaleName]) -> Result<()> {
    let all = names.iter().flat_map(|name| &name.rules).flat_map(became);
    let asked: BTreeSet<Box<[u8]>> = all.collect();
    if asked.is_empty() {
        return Ok(());
    }
    let words: Vec<&[u8]> = asked.iter().map(|word| &**word).collect();
    let known = ask_names(repo, &[base], |base| match base {
        [base] => base.kinds(&words),
        _ => Ok(Vec::new()),
    })?;
    let is_known = |(word, kinds): (&&[u8], _)| Role::Member.is_defined_by(kinds).then(|| word.to_vec());
    let known: FxHashSet<Vec<u8>> = words.iter().zip(known).filter_map(is_known).collect();
    for name in names {
        name.rules.retain(|rule| !became(rule).iter().any(|word| known.contains(&**word)));
    }
    Ok(())
}

/// The members that a rule which one function taught puts in the place of others.
fn became(rule: &Rule) -> Vec<Box<[u8]>> {
    if rule.knowledge.functions >= SEVERAL {
        return Vec::new();
    }
    rule.changes().iter().flat_map(new_members).collect()
}

/// The members that a change of one use of a member brings.
fn new_members(change: &Change<Pattern>) -> Vec<Box<[u8]>> {
    let is_use =
        |pattern: &Pattern| matches!(pattern, Pattern::Node { kind: "initializer_pair" | "field_expression", .. });
    if !is_use(&change.before) || !is_use(&change.after) {
        return Vec::new();
    }
    let old = members(&change.before);
    members(&change.after).into_iter().filter(|member| !old.contains(member)).collect()
}

/// The names of members in a pattern.
fn members(pattern: &Pattern) -> Vec<Box<[u8]>> {
    let Pattern::Node { kind, word, children } = pattern else { return Vec::new() };
    let own = (*kind == "field_identifier").then(|| word.clone());
    own.into_iter().chain(children.iter().flat_map(members)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Form, Metavariable, MetavariableKind};

    #[test]
    fn a_member_that_one_function_has_in_place_of_another_is_asked_for() {
        let metas = vec![Metavariable::new("X0", MetavariableKind::Expression)];
        let read = |text| Pattern::parse(text, Form::Expression, &metas).expect("an expression");
        let rule = |before, after, functions| {
            let mut rule = Rule::of_term("rule", metas.clone(), Change { before: read(before), after: read(after) });
            rule.knowledge.functions = functions;
            rule
        };
        let told =
            |rule: &Rule| became(rule).iter().map(|w| String::from_utf8_lossy(w).into_owned()).collect::<Vec<_>>();
        assert_eq!(told(&rule("X0->old", "X0->new", 1)), ["new"]);
        assert!(told(&rule("X0->old", "X0->new", 2)).is_empty());
        assert!(told(&rule("old(X0)", "X0->new", 1)).is_empty(), "no member was there");
    }
}
