//! Local names that a function gave other names at the same time: they are no part of how the changed name is used.
//!
//! In: a function before and after. Out: old and new names of parameters and local variables that went and came; and terms of the
//! text after told with the old names, so that they can be compared with those before.
//!
//! ```text
//! struct spi_master *master = a(dev);          struct spi_controller *host = b(dev);        master -> host
//! d = spi_master_get_devdata(master);          d = spi_controller_get_devdata(host);        told as ..._get_devdata(master)
//! ```

use super::term::{TermId, Terms};
use super::tree::Tree;
use super::typing::Types;
use crate::merge::Change;
use rustc_hash::FxHashMap;

/// One name and the one that it became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// Before.
    pub before: Box<[u8]>,
    /// After.
    pub after: Box<[u8]>,
}

/// The local names that went, each with the one that came for it: of the same type, else the next in order. Both must be used
/// about as often.
pub fn renames(terms: &Terms, before: &Tree, after: &Tree) -> Vec<Rename> {
    let (old, new) = (Locals::of(terms, before), Locals::of(terms, after));
    let gone: Vec<usize> = (0..old.names.len()).filter(|at| !new.counts.contains_key(&old.names[*at])).collect();
    let mut come: Vec<usize> = (0..new.names.len()).filter(|at| !old.counts.contains_key(&new.names[*at])).collect();
    let as_many = gone.len() == come.len();
    let mut found = Vec::new();
    for at in gone {
        let name = &old.names[at];
        let kind = old.types.of_name(name);
        let same_type = come.iter().position(|other| kind.is_some() && new.types.of_name(&new.names[*other]) == kind);
        let next = if as_many { Some(0) } else { None };
        let Some(place) = same_type.or(next).filter(|place| *place < come.len()) else { continue };
        let other = &new.names[come.remove(place)];
        let (a, b) = (old.counts[name], new.counts[other]);
        if a.abs_diff(b) <= 1 + a.max(b) / 3 {
            found.push(Rename { before: name.clone(), after: other.clone() });
        }
    }
    found
}

/// The names that a function declares.
struct Locals {
    /// In the order in which they first occur.
    names: Vec<Box<[u8]>>,
    /// How often every identifier occurs.
    counts: FxHashMap<Box<[u8]>, usize>,
    types: Types,
}

impl Locals {
    /// Those of a tree.
    fn of(terms: &Terms, tree: &Tree) -> Self {
        let types = Types::of(terms, tree);
        let mut counts: FxHashMap<Box<[u8]>, usize> = FxHashMap::default();
        let mut names: Vec<Box<[u8]>> = Vec::new();
        for place in tree.places().iter().filter(|place| terms.kind(place.term) == "identifier") {
            let Some(word) = terms.leaf(place.term) else { continue };
            *counts.entry(word.into()).or_insert(0) += 1;
            if types.declares(word) && counts[word] == 1 {
                names.push(word.into());
            }
        }
        Self { names, counts, types }
    }
}

/// A term after the change with the old names in it.
pub fn told_as_before(terms: &mut Terms, id: TermId, renames: &[Rename]) -> TermId {
    if renames.is_empty() || !terms.is_shallow(id) {
        return id;
    }
    if terms.kind(id) == "identifier" {
        let word = terms.leaf(id).unwrap_or_default();
        let Some(rename) = renames.iter().find(|rename| *rename.after == *word) else { return id };
        return terms.known("identifier", &rename.before, &[]);
    }
    let children = terms.children(id).to_vec();
    let new: Vec<TermId> = children.iter().map(|child| told_as_before(terms, *child, renames)).collect();
    if new == children { id } else { terms.node(terms.head(id), &new) }
}

/// Whether two terms differ in words only that were changed as these names were.
pub fn are_renamed_along(terms: &Terms, (made, after): (TermId, TermId), names: &Change<Vec<u8>>) -> bool {
    if made == after {
        return true;
    }
    match (terms.leaf(made), terms.leaf(after)) {
        (Some(old), Some(new)) => terms.kind(made) == terms.kind(after) && is_renamed_along(names, old, new),
        (None, None) => {
            let (old, new) = (terms.children(made), terms.children(after));
            let is_one = terms.head(made) == terms.head(after) && old.len() == new.len() && terms.is_shallow(made);
            is_one && old.iter().zip(new).all(|(old, new)| are_renamed_along(terms, (*old, *new), names))
        }
        _ => false,
    }
}

/// Shorter parts of names are anybody's.
const SHORTEST_PART: usize = 3;

/// Whether a word changed as a name did: the name stands in it, or the part of the name that changed.
pub fn is_renamed_along(names: &Change<Vec<u8>>, old: &[u8], new: &[u8]) -> bool {
    let (a, b) = (&names.before[..], &names.after[..]);
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a_part, b_part) = (&a[start..], &b[start..]);
    let end = a_part.iter().rev().zip(b_part.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a_part, b_part) = (&a_part[..a_part.len() - end], &b_part[..b_part.len() - end]);
    let is_along = |from: &[u8], to: &[u8]| {
        let mut places = memchr::memmem::find_iter(old, from);
        from.len() >= SHORTEST_PART && places.any(|at| new == [&old[..at], to, &old[at + from.len()..]].concat())
    };
    a != b && (is_along(a, b) || is_along(a_part, b_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_was_renamed_is_told_with_its_old_name() {
        let mut terms = Terms::new();
        let before = b"int f(struct a *x)\n{\n\tstruct m *one = g(x);\n\treturn h(one, x);\n}\n";
        let after = b"int f(struct a *x)\n{\n\tstruct c *other = g(x);\n\treturn k(other, x);\n}\n";
        let (one, two) =
            (Tree::read(&mut terms, before).expect("short"), Tree::read(&mut terms, after).expect("short"));
        let found = renames(&terms, &one, &two);
        assert_eq!(found, [Rename { before: (*b"one").into(), after: (*b"other").into() }]);
        let told = told_as_before(&mut terms, two.root().expect("a root"), &found);
        assert!(terms.holds_word(told, b"one") && !terms.holds_word(told, b"other"));
    }

    #[test]
    fn a_variable_that_only_went_or_is_used_otherwise_is_no_rename() {
        let mut terms = Terms::new();
        let before = b"int f(void)\n{\n\tint a, b;\n\ta(1); a(a, a, a, a);\n}\n";
        for after in ["int f(void)\n{\n\tint b;\n}\n", "int f(void)\n{\n\tint b, c;\n}\n"] {
            let one = Tree::read(&mut terms, before).expect("short");
            let two = Tree::read(&mut terms, after.as_bytes()).expect("short");
            assert_eq!(renames(&terms, &one, &two), []);
        }
    }
}
