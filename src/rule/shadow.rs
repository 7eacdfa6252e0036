//! Names that a function declares for itself: what is called by such a name is not what the rest of the kernel calls so.
//!
//! In: a tree and some names. Out: the places where one of them is a parameter or a local variable.
//!
//! ```text
//! int f(struct a *a)
//! {
//!         int (*get)(struct a *) = a->get;      from here on, `get` is f's own
//!         return get(a);
//! }
//! ```

use super::term::{TermId, Terms};
use super::tree::Tree;
use std::ops::Range;

/// Where names are a function's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadows {
    /// Runs of places.
    own: Vec<Range<usize>>,
}

impl Shadows {
    /// Of these names in a tree.
    pub fn of(terms: &Terms, tree: &Tree, names: &[&[u8]]) -> Self {
        let mut own = Vec::new();
        for (at, place) in tree.places().iter().enumerate() {
            let (kind, children) = (terms.kind(place.term), terms.children(place.term));
            let is_parameter = kind == "parameter_declaration";
            let declares = |child: &TermId| declared(terms, *child, is_parameter).is_some_and(|n| names.contains(&n));
            if (is_parameter || kind == "declaration") && children.iter().any(declares) {
                own.extend(if is_parameter { function_of(terms, tree, at) } else { block_of(terms, tree, at) });
            }
        }
        Self { own }
    }

    /// Whether a name is the function's own at a place.
    pub fn cover(&self, at: usize) -> bool {
        self.own.iter().any(|range| range.contains(&at))
    }
}

/// The variable that a declarator declares; a function that is only announced in a block is the kernel's.
fn declared(terms: &Terms, declarator: TermId, is_parameter: bool) -> Option<&[u8]> {
    let (mut at, mut is_function) = (declarator, false);
    loop {
        let kind = terms.kind(at);
        match kind {
            "identifier" => return terms.leaf(at).filter(|_| is_parameter || !is_function),
            "init_declarator" => {}
            _ if !kind.ends_with("_declarator") => return None,
            _ => is_function = kind == "function_declarator" || is_function && kind == "parenthesized_declarator",
        }
        at = *terms
            .children(at)
            .iter()
            .find(|c| terms.kind(**c) == "identifier" || terms.kind(**c).ends_with("_declarator"))?;
    }
}

/// The function whose parameter a place declares; `None` of one of a function pointer.
fn function_of(terms: &Terms, tree: &Tree, at: usize) -> Option<Range<usize>> {
    let list = tree.places().get(at)?.parent as usize;
    let mut at = tree.places().get(list)?.parent as usize;
    loop {
        let place = tree.places().get(at)?;
        match terms.kind(place.term) {
            "function_definition" => return Some(at..place.after as usize),
            kind if kind.ends_with("_declarator") => at = place.parent as usize,
            _ => return None,
        }
    }
}

/// The rest of the block that a declaration is in; `None` outside of functions.
fn block_of(terms: &Terms, tree: &Tree, declaration: usize) -> Option<Range<usize>> {
    let mut at = declaration;
    loop {
        let place = tree.places().get(at)?;
        if matches!(terms.kind(place.term), "compound_statement" | "for_statement" | "function_definition") {
            return Some(declaration..place.after as usize);
        }
        at = Some(place.parent as usize).filter(|parent| *parent != at)?;
    }
}
