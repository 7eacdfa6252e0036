//! Names that are gone, and those that upstream's callers use instead: is the new one declared as the old one was? Then it is the same
//! thing under another name, and one example is enough. If what fits the old one does not fit the new one, more has to change.
//!
//! In: stale names with their rules, both kernels. Out: the same, with how the new names are declared in the rules' knowledge.

use super::declared::{self, Wanted};
use super::stale_name::{How, StaleName};
use crate::error::Result;
use crate::git::{Oid, Repo, Writes};
use crate::index::{Kind, Kinds, Place};
use crate::rule::{Declaration, DeclarationChange, Declared, Likeness, Pattern, Rule};
use crate::survey::ask_names;
use rustc_hash::FxHashMap;

/// Looks up the names that rules put in the place of another.
///
/// # Errors
/// An object is missing or damaged.
pub fn tell(repo: &Repo, trees: (Oid, Oid), names: &mut [StaleName]) -> Result<()> {
    let mut asked: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for name in names.iter().filter(|name| name.how == How::Gone && name.owner.is_none()) {
        let renamed =
            name.rules.iter().filter_map(|rule| Some((name.used.name.clone(), renamed(rule, &name.used.name)?)));
        asked.extend(renamed);
    }
    asked.sort();
    asked.dedup();
    let known = likenesses(repo, trees, asked)?;
    for name in names.iter_mut().filter(|name| name.how == How::Gone && name.owner.is_none()) {
        for rule in &mut name.rules {
            let found = renamed(rule, &name.used.name).and_then(|new| known.get(&(name.used.name.clone(), new)));
            rule.knowledge.declared = found.copied().unwrap_or_default();
        }
    }
    Ok(())
}

/// By old and new name.
type Likenesses = FxHashMap<(Vec<u8>, Vec<u8>), Likeness>;

/// How the new names of pairs are declared beside the old ones.
fn likenesses(repo: &Repo, trees: (Oid, Oid), asked: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Likenesses> {
    if asked.is_empty() {
        return Ok(Likenesses::default());
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
        let mut all = all.map(|text| Declaration::read(name, text));
        let first = all.next()??;
        all.all(|other| other.is_some_and(|other| shape(&other) == shape(&first))).then_some(first)
    };
    let likeness = |at: usize| match (one(&before, old[at], &then[at]), one(&after, new[at], &now[at])) {
        (Some(was), Some(is)) => beside(&was, &is),
        _ => Likeness::Unknown,
    };
    Ok((0..asked.len()).map(|at| (asked[at].clone(), likeness(at))).collect())
}

/// How a function is declared beside another.
fn beside(was: &Declaration, is: &Declaration) -> Likeness {
    match (shape(was), shape(is)) {
        (Some(before), Some(after)) if before == after => Likeness::Alike,
        (Some(_), Some(_)) if DeclarationChange::between(was, Some(is)).refuses() => Likeness::Otherwise,
        _ => Likeness::Unknown,
    }
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
pub fn renamed(rule: &Rule, old: &[u8]) -> Option<Vec<u8>> {
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

    #[test]
    fn what_does_not_fit_the_old_ones_place_is_declared_otherwise_and_another_number_is_not() {
        let read = |text: &str| Declaration::read(b"f", text.as_bytes()).expect("a declaration");
        let is = |was, is| beside(&read(was), &read(is));
        assert_eq!(is("struct edid *f(int a);", "struct edid *f(int b);"), Likeness::Alike);
        assert_eq!(is("struct edid *f(int a);", "const struct drm_edid *f(int a);"), Likeness::Otherwise);
        assert_eq!(is("struct edid *f(int a);", "struct edid *f(int a, int b);"), Likeness::Otherwise);
        assert_eq!(is("size_t f(int a);", "ssize_t f(int a);"), Likeness::Unknown);
    }
}
