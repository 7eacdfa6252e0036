//! Which members of which types a text uses, as far as its own declarations tell.
//!
//! In: a text and some of its lines. Out: the members that those lines name, each with the type that it is a member of.
//!
//! ```text
//!   static void f(struct acme *a) { a->dev.id = 0; }              struct acme: dev       (what `a->dev` is of, the text does not say)
//!   static struct acme_driver d = { .remove = my_remove };        struct acme_driver: remove
//! ```

use super::term::{TermId, Terms};
use super::tree::Tree;
use super::typing::{Types, initialised};
use crate::syntax::items::{Item, ItemKind, items};
use std::ops::Range;

/// A member that is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The type that it is a member of: `struct acme`.
    pub owner: Vec<u8>,
    /// Its name.
    pub field: Vec<u8>,
    /// How it is used.
    pub form: Access,
}

impl Member {
    /// The tag of its type: `struct acme` is called `acme`.
    pub fn tag(&self) -> &[u8] {
        self.owner.strip_prefix(b"struct ").unwrap_or(&self.owner)
    }
}

/// How a member is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// `a->b`, `a.b`.
    Read,
    /// `.b = x` in an initialiser.
    Designator,
}

/// The members that some lines (from 0) of a text with these items use, in order, with the line of each.
pub fn members(text: &[u8], items: &[Item], runs: &[Range<usize>]) -> Vec<(Member, usize)> {
    let mut found = Vec::new();
    for item in items {
        let lines = item.lines.0 - 1..item.lines.1;
        let is_code = item.kind.is_function() || item.kind == ItemKind::Variable && !item.body.is_empty();
        if !is_code || !runs.iter().any(|run| run.start < lines.end && lines.start < run.end) {
            continue;
        }
        let span = text.get(item.span.clone()).unwrap_or_default();
        let of_item = Lines { first: lines.start, text: span, runs };
        of_item.read(&mut found);
    }
    found
}

/// An item and the lines that are asked for.
struct Lines<'a> {
    /// The item's first line.
    first: usize,
    text: &'a [u8],
    runs: &'a [Range<usize>],
}

impl Lines<'_> {
    /// Adds what the item uses.
    fn read(&self, found: &mut Vec<(Member, usize)>) {
        let mut terms = Terms::new();
        let Some(tree) = Tree::read(&mut terms, self.text) else { return };
        let types = Types::of(&terms, &tree);
        let (mut line, mut at_byte) = (self.first, 0);
        for (at, place) in tree.places().iter().enumerate() {
            // Places are in preorder: their first bytes never go back.
            let start = (place.start as usize).max(at_byte).min(self.text.len());
            line += self.text[at_byte..start].iter().filter(|c| **c == b'\n').count();
            at_byte = start;
            let member = match terms.kind(place.term) {
                "field_expression" => accessed(&terms, &types, place.term),
                "initializer_pair" => designated(&terms, &tree, at),
                _ => None,
            };
            if let Some(member) = member.filter(|_| self.runs.iter().any(|run| run.contains(&line))) {
                found.push((member, line));
            }
        }
    }
}

/// The member that `a->b` is, where `a` is declared.
fn accessed(terms: &Terms, types: &Types, access: TermId) -> Option<Member> {
    let [object, field] = terms.children(access) else { return None };
    let object = terms.leaf(*object).filter(|_| terms.kind(*object) == "identifier")?;
    let owner = types.of_name(object)?;
    let owner = owner.strip_suffix(b" *").unwrap_or(owner);
    let is_struct = owner.starts_with(b"struct ") && !owner.ends_with(b"*") && !owner.ends_with(b"]");
    is_struct.then(|| Member { owner: owner.to_vec(), field: leaf(terms, *field), form: Access::Read })
}

/// The member that the initialiser at a place sets.
fn designated(terms: &Terms, tree: &Tree, at: usize) -> Option<Member> {
    let term = tree.places().get(at)?.term;
    let [designator, _] = terms.children(term) else { return None };
    let field = terms.children(*designator).first().filter(|_| terms.kind(*designator) == "field_designator")?;
    let owner = initialised(terms, tree, at).filter(|owner| owner.starts_with(b"struct "))?;
    Some(Member { owner, field: leaf(terms, *field), form: Access::Designator })
}

fn leaf(terms: &Terms, id: TermId) -> Vec<u8> {
    terms.leaf(id).unwrap_or_default().to_vec()
}

/// The functions that a text hangs into a member of initialisers of a type.
pub fn hung(text: &[u8], owner: &[u8], field: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for item in &items(text).list {
        let span = text.get(item.span.clone()).unwrap_or_default();
        if item.kind != ItemKind::Variable || memchr::memmem::find(span, field).is_none() {
            continue;
        }
        let mut terms = Terms::new();
        let Some(tree) = Tree::read(&mut terms, span) else { continue };
        for (at, place) in tree.places().iter().enumerate() {
            if terms.kind(place.term) != "initializer_pair" {
                continue;
            }
            let is_it = designated(&terms, &tree, at).is_some_and(|m| m.owner == owner && m.field == field);
            let value = terms.children(place.term).last().filter(|value| terms.kind(**value) == "identifier");
            found.extend(value.filter(|_| is_it).map(|value| leaf(&terms, *value)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"static int my_remove(struct acme *a, int b)\n{\n\tstruct other o;\n\n\to.id = a->dev.id;\n\treturn unknown->id;\n}\n\nstatic struct acme_driver d = {\n\t.remove = my_remove,\n\t.ops = { .inner = 1 },\n};\n";

    #[test]
    fn members_are_told_with_the_types_that_the_text_declares() {
        let found = members(TEXT, &items(TEXT).list, std::slice::from_ref(&(0..12)));
        let told: Vec<String> = found
            .iter()
            .map(|(m, line)| {
                format!("{}:{}:{line}", String::from_utf8_lossy(&m.owner), String::from_utf8_lossy(&m.field))
            })
            .collect();
        let wanted =
            ["struct other:id:4", "struct acme:dev:4", "struct acme_driver:remove:9", "struct acme_driver:ops:10"];
        assert_eq!(told, wanted);
        let one = members(TEXT, &items(TEXT).list, std::slice::from_ref(&(9..10)));
        assert_eq!(one.len(), 1, "only the lines asked for");
    }

    #[test]
    fn what_hangs_in_a_field_is_found_by_the_type_and_the_field() {
        assert_eq!(hung(TEXT, b"struct acme_driver", b"remove"), [b"my_remove"]);
        assert!(hung(TEXT, b"struct other_driver", b"remove").is_empty());
    }
}
