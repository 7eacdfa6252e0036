//! Where a name is used before a change, and what became of each use.
//!
//! In: a function before and after, and a name. Out: the uses of the name before, each with the nodes around it from the
//! smallest that says how it is used up to the statement, and beside each what it became.
//!
//! ```text
//! if (IS_ERR(class_create(THIS_MODULE, n)))      unit:  class_create(THIS_MODULE, n)   ->  class_create(n)
//!                                                ...    IS_ERR(...)                    ->  IS_ERR(...)
//!                                                node:  (IS_ERR(...))                  ->  (IS_ERR(...))
//! ```
//!
//! Nodes are aligned from the root down, each list at least cost (spdiff, Definition 5). Statements stand by themselves: what
//! changed in a neighbour is not the use's.

use super::distance::Distances;
use super::renames::{Rename, is_renamed_along, renames, told_as_before};
use super::term::{TermId, Terms};
use super::tree::Tree;
use super::typing::{Types, initialised};
use crate::merge::Change;

/// A use of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The pair of functions that it is in.
    pub pair: usize,
    /// From the unit to the node: before, and what it became; empty if the node is gone.
    pub levels: Vec<(TermId, TermId)>,
    /// The same with the text after told with the old names of local variables; empty if that is the same.
    pub told: Vec<(TermId, TermId)>,
    /// The unit before, even where nothing became of it.
    pub unit: TermId,
    /// First byte of the unit before, and of the node after.
    pub at: (usize, usize),
    /// First byte of the node before.
    pub node: usize,
    /// The type that the initialiser around it is of.
    pub within: Option<Vec<u8>>,
}

impl Use {
    /// Whether any level changed.
    pub fn is_changed(&self) -> bool {
        self.levels.iter().any(|(before, after)| before != after)
    }
}

/// One function before and after, read.
#[derive(Clone, Debug, Default)]
pub struct ReadPair {
    /// Before.
    pub before: Tree,
    /// After.
    pub after: Tree,
    /// What is declared before.
    pub types: Types,
    /// What is declared after.
    pub types_after: Types,
    /// Local names that were changed.
    pub renames: Vec<Rename>,
}

impl ReadPair {
    /// Reads a function before and after; what is too long to parse is empty.
    pub fn read(terms: &mut Terms, before: &[u8], after: &[u8]) -> Self {
        let before = Tree::read(terms, before).unwrap_or_default();
        let after = Tree::read(terms, after).unwrap_or_default();
        let (types, types_after) = (Types::of(terms, &before), Types::of(terms, &after));
        let renames = renames(terms, &before, &after);
        Self { before, after, types, types_after, renames }
    }

    /// Tells what uses became with the old names of local variables.
    pub fn tell(&self, terms: &mut Terms, uses: &mut [Use]) {
        for found in uses.iter_mut() {
            let told = found.levels.iter().map(|(before, after)| {
                let after = told_as_before(terms, *after, &self.renames);
                (*before, with_old_value(terms, *before, after).unwrap_or(after))
            });
            let told: Vec<_> = told.collect();
            if told != found.levels {
                found.told = told;
            }
        }
    }
}

/// `.new_name = my_new_name` with the value of `.old_name = my_old_name`: what hangs in a field is often called after it, and was
/// renamed along with it.
fn with_old_value(terms: &mut Terms, before: TermId, after: TermId) -> Option<TermId> {
    if terms.kind(before) != "initializer_pair" || terms.head(before) != terms.head(after) {
        return None;
    }
    let ([old_name, old_value], [new_name, new_value]) = (terms.children(before), terms.children(after)) else {
        return None;
    };
    let word = |id: TermId| terms.subterms(id).into_iter().find_map(|part| terms.leaf(part)).map(<[u8]>::to_vec);
    let value = |id: TermId| terms.leaf(id).filter(|_| terms.kind(id) == "identifier");
    let names = Change { before: word(*old_name)?, after: word(*new_name)? };
    let (new_name, old_value) = (*new_name, *old_value);
    let is_along = is_renamed_along(&names, value(old_value)?, value(*new_value)?);
    is_along.then(|| terms.node(terms.head(after), &[new_name, old_value]))
}

/// Kinds whose children stand by themselves.
const CONTAINERS: &[&str] = &[
    "translation_unit",
    "function_definition",
    "compound_statement",
    "if_statement",
    "else_clause",
    "while_statement",
    "do_statement",
    "for_statement",
    "switch_statement",
    "case_statement",
    "labeled_statement",
    "declaration_list",
    "field_declaration_list",
    "struct_specifier",
    "union_specifier",
    "enum_specifier",
    "enumerator_list",
    "initializer_list",
    "init_declarator",
    "function_declarator",
    "parameter_list",
    "linkage_specification",
    "preproc_if",
    "preproc_ifdef",
    "preproc_else",
    "preproc_elif",
];

/// The uses of `name` in the pair with number `pair`.
pub fn uses(terms: &Terms, distances: &mut Distances, name: &[u8], pair: (usize, &ReadPair)) -> Vec<Use> {
    let (before, after) = (&pair.1.before, &pair.1.after);
    let mut search = Search { terms, distances, name, pair: pair.0, before, after, found: Vec::new() };
    if !before.places().is_empty() && !after.places().is_empty() {
        search.align(0, Some(0));
    }
    search.found
}

/// The walk over both trees.
struct Search<'a> {
    terms: &'a Terms,
    distances: &'a mut Distances,
    name: &'a [u8],
    pair: usize,
    before: &'a Tree,
    after: &'a Tree,
    found: Vec<Use>,
}

impl Search<'_> {
    /// The term at a place.
    fn term(tree: &Tree, at: usize) -> Option<TermId> {
        tree.places().get(at).map(|place| place.term)
    }

    /// Whether a node's children stand by themselves.
    fn is_container(&self, tree: &Tree, at: usize) -> bool {
        let Some(term) = Self::term(tree, at) else { return false };
        let kind = self.terms.kind(term);
        let is_table = |t: &TermId| self.terms.kind(*t) == "init_declarator" && self.ends_in_list(*t);
        CONTAINERS.contains(&kind)
            && (kind != "init_declarator" || self.ends_in_list(term))
            && (!kind.ends_with("_specifier") || self.terms.children(term).len() > 1)
            || kind == "declaration" && self.terms.children(term).iter().any(is_table)
            || kind == "initializer_pair" && self.ends_in_list(term)
    }

    /// Whether a node's last child is an initialiser in braces.
    fn ends_in_list(&self, term: TermId) -> bool {
        self.terms.children(term).last().is_some_and(|last| self.terms.kind(*last) == "initializer_list")
    }

    /// Goes down where the name is; `after` is what the place became.
    fn align(&mut self, at: usize, after: Option<usize>) {
        let mut open = vec![(at, after)];
        while let Some((at, after)) = open.pop() {
            let Some(term) = Self::term(self.before, at) else { continue };
            if !self.terms.holds_word(term, self.name) {
                continue;
            }
            if !self.is_container(self.before, at) {
                self.node(at, after);
                continue;
            }
            let same_kind = |other: &usize| {
                Self::term(self.after, *other).is_some_and(|t| self.terms.kind(t) == self.terms.kind(term))
            };
            let partner = after.filter(same_kind);
            open.extend(self.children(at, partner));
        }
    }

    /// The children of a place, each with what it became.
    fn children(&mut self, at: usize, after: Option<usize>) -> Vec<(usize, Option<usize>)> {
        let left: Vec<usize> = self.before.children(at).collect();
        let right: Vec<usize> = after.map(|at| self.after.children(at).collect()).unwrap_or_default();
        let ids = |tree: &Tree, all: &[usize]| all.iter().filter_map(|at| Self::term(tree, *at)).collect::<Vec<_>>();
        let (l, r) = (ids(self.before, &left), ids(self.after, &right));
        let pairs = paired(self.terms, self.distances, &l, &r);
        let partner = |n: usize| pairs.iter().find(|(l, _)| *l == n).and_then(|(_, r)| right.get(*r).copied());
        left.iter().enumerate().map(|(n, child)| (*child, partner(n))).collect()
    }

    /// The uses within one node, a statement or the like.
    fn node(&mut self, at: usize, after: Option<usize>) {
        let end = self.before.places().get(at).map_or(at, |place| place.after as usize);
        for leaf in at..end {
            let word = Self::term(self.before, leaf).and_then(|term| self.terms.leaf(term));
            if word == Some(self.name) {
                self.take(leaf, (at, after));
            }
        }
    }

    /// One use: the way from the node down to it, with what each step became as long as the heads are the same.
    fn take(&mut self, leaf: usize, node: (usize, Option<usize>)) {
        let unit = self.unit(leaf, node.0);
        let mut way = vec![leaf];
        while way.last().is_some_and(|at| *at != node.0) {
            let parent = way.last().and_then(|at| self.before.places().get(*at)).map_or(node.0, |p| p.parent as usize);
            way.push(parent);
        }
        let mut levels = Vec::new();
        let mut other = node.1;
        for step in (0..way.len()).rev() {
            let at = way[step];
            if let (Some(here), Some(there)) =
                (Self::term(self.before, at), other.and_then(|o| Self::term(self.after, o)))
                && at <= unit
            {
                levels.push((here, there));
            }
            let Some(child) = step.checked_sub(1).map(|step| way[step]) else { break };
            other = other.filter(|o| self.has_same_head(at, *o)).and_then(|o| {
                self.children(at, Some(o)).into_iter().find(|(c, _)| *c == child).and_then(|(_, partner)| partner)
            });
        }
        levels.reverse();
        let (Some(place), Some(term)) = (self.before.places().get(unit), Self::term(self.before, unit)) else { return };
        let after = node.1.and_then(|at| self.after.places().get(at)).map_or(0, |p| p.start as usize);
        let within = initialised(self.terms, self.before, leaf);
        let start = self.before.places().get(node.0).map_or(0, |p| p.start as usize);
        self.found.push(Use {
            pair: self.pair,
            levels,
            told: Vec::new(),
            unit: term,
            at: (place.start as usize, after),
            node: start,
            within,
        });
    }

    /// Whether the heads of a place before and one after are the same.
    fn has_same_head(&self, before: usize, after: usize) -> bool {
        let head = |tree: &Tree, at: usize| Self::term(tree, at).map(|term| self.terms.head(term));
        head(self.before, before) == head(self.after, after)
    }

    /// The smallest node that says how a word is used: the call of a callee, the access of a field, the pair of a designator.
    fn unit(&self, leaf: usize, node: usize) -> usize {
        let mut at = leaf;
        while at != node {
            let parent = self.before.places().get(at).map_or(node, |place| place.parent as usize);
            let kind = Self::term(self.before, parent).map_or("", |term| self.terms.kind(term));
            let is_callee = kind == "call_expression" && parent + 1 == at;
            let is_part = matches!(
                kind,
                "field_expression" | "field_designator" | "struct_specifier" | "union_specifier" | "enum_specifier"
            );
            let is_pair = kind == "initializer_pair" && parent + 1 == at;
            if !(is_callee || is_part || is_pair) {
                break;
            }
            // A field that is called stays an access: `a->f(x)` is about `a->f`.
            if is_callee && at != leaf {
                break;
            }
            at = parent;
        }
        at
    }
}

/// Which elements of two lists belong together. Long lists whose middle differs are paired only where they are equal.
fn paired(terms: &Terms, distances: &mut Distances, left: &[TermId], right: &[TermId]) -> Vec<(usize, usize)> {
    let start = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let (l, r) = (&left[start..], &right[start..]);
    let end = l.iter().rev().zip(r.iter().rev()).take_while(|(l, r)| l == r).count();
    let (l, r) = (&l[..l.len() - end], &r[..r.len() - end]);
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|n| (n, n)).collect();
    if l.len() == 1 && r.len() == 1 {
        pairs.push((start, start));
    } else if l.len() as u64 * r.len() as u64 <= LONGEST_LISTS {
        pairs.extend(distances.pairs(terms, l, r).into_iter().map(|(l, r)| (l + start, r + start)));
    }
    pairs.extend((1..=end).map(|n| (left.len() - n, right.len() - n)));
    pairs
}

/// The product of the lengths of two lists that are aligned.
const LONGEST_LISTS: u64 = 250_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_in_a_field_may_be_renamed_along_with_it() {
        let along = |a: &str, b: &str, old: &str, new: &str| {
            let names = Change { before: a.as_bytes().to_vec(), after: b.as_bytes().to_vec() };
            is_renamed_along(&names, old.as_bytes(), new.as_bytes())
        };
        assert!(along("port_master", "port_host", "acme_port_master", "acme_port_host"));
        assert!(along("port_master", "port_host", "acme_master_set", "acme_host_set"));
        assert!(along("remove", "remove_new", "acme_remove", "acme_remove_new"));
        assert!(!along("port_master", "port_host", "acme_port_master", "acme_other"));
        assert!(!along("port_master", "port_master", "acme_port_master", "acme_port_master"));
        assert!(!along("id", "no", "acme_id", "acme_no"));
    }
}
