//! Names that are gone, and those that upstream's callers use instead: is the new one declared as the old one was? Then it is the same
//! thing under another name, and one example is enough.
//!
//! In: stale names with their rules, both kernels. Out: the same, with what is declared alike said in the rules' knowledge.

use super::declared::{self, Wanted};
use super::{How, StaleName};
use crate::error::Result;
use crate::git::{Oid, Repo, Writes};
use crate::index::{Kind, Kinds, Place};
use crate::rule::{Declaration, Declared, Pattern, Rule};
use crate::survey::ask_names;
use rustc_hash::FxHashSet;

/// Looks up the names that rules of few examples put in the place of another.
///
/// # Errors
/// An object is missing or damaged.
pub fn tell(repo: &Repo, trees: (Oid, Oid), names: &mut [StaleName]) -> Result<()> {
    let mut asked: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for name in names.iter().filter(|name| name.how == How::Gone && name.owner.is_none()) {
        let few = name.rules.iter().filter(|rule| rule.knowledge.functions == 1);
        let renamed = few.filter_map(|rule| Some((name.used.name.clone(), renamed(rule, &name.used.name)?)));
        asked.extend(renamed);
    }
    asked.sort();
    asked.dedup();
    let alike = declared_alike(repo, trees, asked)?;
    for name in names {
        for rule in &mut name.rules {
            let is_it = |new| alike.contains(&(name.used.name.clone(), new));
            rule.knowledge.declared_alike = renamed(rule, &name.used.name).is_some_and(is_it);
        }
    }
    Ok(())
}

/// Of pairs of an old and a new name those that are declared alike.
fn declared_alike(
    repo: &Repo,
    trees: (Oid, Oid),
    asked: Vec<(Vec<u8>, Vec<u8>)>,
) -> Result<FxHashSet<(Vec<u8>, Vec<u8>)>> {
    if asked.is_empty() {
        return Ok(FxHashSet::default());
    }
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) = asked.iter().map(|(old, new)| (old.as_slice(), new.as_slice())).unzip();
    let declares = |kinds: Kinds| kinds.defines(Kind::Declaration) || kinds.defines(Kind::Function);
    let (then, now) = ask_names(repo, &[trees.0, trees.1], |both| match both {
        [base, onto] => Ok((base.places(&old, declares)?, onto.places(&new, declares)?)),
        _ => Ok((Vec::new(), Vec::new())),
    })?;
    let mut store = repo.store(Writes::Nowhere)?;
    let mut read = |tree, names: &[&[u8]], places: &[Vec<Place>]| {
        let wanted: Vec<Wanted<'_>> = names
            .iter()
            .zip(places)
            .flat_map(|(name, places)| places.iter().map(move |place| Wanted { path: &place.path, name }))
            .collect();
        declared::texts(&mut store, tree, &wanted)
    };
    let (before, after) = (read(trees.0, &old, &then)?, read(trees.1, &new, &now)?);
    let one = |texts: &declared::Declarations, name: &[u8], places: &[Place]| {
        let all = places.iter().flat_map(|place| texts.get(&(place.path.clone(), name.to_vec())).into_iter().flatten());
        let mut all = all.map(|text| Declaration::read(name, text).map(|declaration| shape(&declaration)));
        let first = all.next()??;
        all.all(|other| other.as_ref() == Some(&first)).then_some(first)
    };
    let is_alike = |at: &usize| {
        let was = one(&before, old[*at], &then[*at]);
        was.is_some() && was == one(&after, new[*at], &now[*at])
    };
    Ok((0..asked.len()).filter(is_alike).map(|at| asked[at].clone()).collect())
}

/// A function without the names of its parameters; nothing of what is no function.
fn shape(declaration: &Declaration) -> Option<(Vec<u8>, Vec<Vec<u8>>, bool)> {
    match &declaration.declared {
        Declared::Function { returns, parameters, variadic } => {
            Some((returns.clone(), parameters.iter().map(|p| p.kind.clone()).collect(), *variadic))
        }
        _ => None,
    }
}

/// What a rule puts in the place of a name, if it does nothing else.
fn renamed(rule: &Rule, old: &[u8]) -> Option<Vec<u8>> {
    let mut new: Option<&[u8]> = None;
    let changes = rule.changes();
    let is_rename =
        !changes.is_empty() && changes.iter().all(|change| is_same_but((&change.before, &change.after), old, &mut new));
    new.filter(|_| is_rename).map(<[u8]>::to_vec)
}

/// Are two patterns the same but for one name, which another took the place of everywhere?
fn is_same_but<'p>((before, after): (&'p Pattern, &'p Pattern), old: &[u8], new: &mut Option<&'p [u8]>) -> bool {
    match (before, after) {
        (Pattern::Node { kind: was, word, children }, Pattern::Node { kind: is, word: other, children: others })
            if was == is && children.len() == others.len() =>
        {
            let is_word = word == other || **word == *old && *new.get_or_insert(other) == &**other;
            is_word && children.iter().zip(others).all(|both| is_same_but(both, old, new))
        }
        _ => before == after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Change;
    use crate::rule::{Form, Metavariable, MetavariableKind};

    fn found(before: &str, after: &str) -> Option<Vec<u8>> {
        let metas = vec![Metavariable::new("X0", MetavariableKind::Expression)];
        let read = |text| Pattern::parse(text, Form::Expression, &metas).expect("an expression");
        renamed(&Rule::of_term("rule", metas.clone(), Change { before: read(before), after: read(after) }), b"old_get")
    }

    #[test]
    fn a_rule_that_only_puts_one_name_for_another_is_a_rename() {
        assert_eq!(found("old_get(X0)", "new_get(X0)"), Some(b"new_get".to_vec()));
        assert_eq!(found("old_get(X0, old_get(X0, 1))", "new_get(X0, new_get(X0, 1))"), Some(b"new_get".to_vec()));
        assert_eq!(found("old_get(X0)", "new_get(X0, 1)"), None);
        assert_eq!(found("old_get(X0, FLAG)", "new_get(X0, OTHER)"), None);
        assert_eq!(found("other(X0)", "new_get(X0)"), None);
    }

    #[test]
    fn functions_are_alike_whatever_their_parameters_are_called() {
        let shape = |name: &str, text: &str| shape(&Declaration::read(name.as_bytes(), text.as_bytes()).expect("read"));
        let old = shape("a", "struct file *a(unsigned int fd);");
        assert!(old.is_some());
        assert_eq!(old, shape("b", "extern struct file *b(unsigned int number);"));
        assert_ne!(old, shape("b", "struct file *b(unsigned int fd, bool how);"));
        assert_eq!(shape("M", "#define M(x) (x)\n"), None);
    }
}
