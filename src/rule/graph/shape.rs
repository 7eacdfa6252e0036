//! Shapes: linear anti-unifiers of changed nodes, with dots for whatever differs (Spinfer, section 3.2).
//!
//! In: terms of nodes and what is local to their functions. Out: for each node the shapes that match it, from `...` to the node with
//! only its locals abstracted. All shapes that two nodes have in common are among them.
//!
//! ```text
//!   init_timer(&card->timer);    init_timer(&t);        card, t: locals
//!   init_timer(&...->timer);     init_timer(&...);      with locals abstracted
//!                 init_timer(&...);                     what they have in common
//! ```

use crate::rule::term::{Head, TermId, Terms};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Of more different nodes than this only the first are compared with each other.
const MOST_COMPARED: usize = 120;

/// A node's kind as far as it keeps nodes apart that never share a shape, and its term with locals abstracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shaped {
    /// Nodes of different sorts have nothing in common.
    pub sort: usize,
    /// The term.
    pub term: TermId,
}

/// The term with dots for every local.
pub fn without_locals(terms: &mut Terms, term: TermId, locals: &FxHashSet<TermId>) -> TermId {
    if !terms.is_shallow(term) {
        return term;
    }
    let mut known = FxHashMap::default();
    abstracted(terms, term, locals, &mut known)
}

/// As `without_locals`; each different subterm once.
fn abstracted(
    terms: &mut Terms,
    term: TermId,
    locals: &FxHashSet<TermId>,
    known: &mut FxHashMap<TermId, TermId>,
) -> TermId {
    if let Some(done) = known.get(&term) {
        return *done;
    }
    let result = if locals.contains(&term) {
        terms.node(Head::Dots, &[])
    } else {
        let children = terms.children(term).to_vec();
        let new: Vec<TermId> = children.iter().map(|child| abstracted(terms, *child, locals, known)).collect();
        if new == children { term } else { terms.node(terms.head(term), &new) }
    };
    known.insert(term, result);
    result
}

/// What two terms have in common; dots where they differ.
pub fn common(terms: &mut Terms, a: TermId, b: TermId) -> TermId {
    if a == b {
        return a;
    }
    let dots = terms.node(Head::Dots, &[]);
    let same = terms.head(a) == terms.head(b) && terms.children(a).len() == terms.children(b).len();
    if !same || !terms.is_shallow(a) || terms.head(a) == Head::Dots {
        return dots;
    }
    let pairs: Vec<(TermId, TermId)> =
        terms.children(a).iter().copied().zip(terms.children(b).iter().copied()).collect();
    let children: Vec<TermId> = pairs.into_iter().map(|(a, b)| common(terms, a, b)).collect();
    terms.node(terms.head(a), &children)
}

/// Whether a shape is a term or more general.
pub fn fits(terms: &Terms, shape: TermId, term: TermId) -> bool {
    if shape == term || terms.head(shape) == Head::Dots {
        return true;
    }
    let (parts, values) = (terms.children(shape), terms.children(term));
    terms.is_open(shape)
        && terms.is_shallow(shape)
        && terms.head(shape) == terms.head(term)
        && parts.len() == values.len()
        && parts.iter().zip(values).all(|(a, b)| fits(terms, *a, *b))
}

/// For each node, the numbers of the shapes that match it, ascending.
pub fn shapes(terms: &mut Terms, nodes: &[Shaped]) -> Vec<Vec<usize>> {
    let distinct: Vec<Shaped> = nodes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut all: BTreeSet<Shaped> = distinct.iter().copied().collect();
    for sort in distinct.iter().map(|node| node.sort).collect::<BTreeSet<_>>() {
        let own: Vec<TermId> =
            distinct.iter().filter(|node| node.sort == sort).map(|node| node.term).take(MOST_COMPARED).collect();
        for (at, a) in own.iter().enumerate() {
            for b in &own[at + 1..] {
                let term = common(terms, *a, *b);
                all.insert(Shaped { sort, term });
            }
        }
        let term = terms.node(Head::Dots, &[]);
        all.insert(Shaped { sort, term });
    }
    let all: Vec<Shaped> = all.into_iter().collect();
    let matched: FxHashMap<Shaped, Vec<usize>> = distinct
        .iter()
        .map(|node| {
            let fit = |shape: &Shaped| shape.sort == node.sort && fits(terms, shape.term, node.term);
            (*node, all.iter().enumerate().filter(|(_, shape)| fit(shape)).map(|(at, _)| at).collect())
        })
        .collect();
    nodes.iter().map(|node| matched.get(node).cloned().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::graph::function::Function;
    use crate::rule::graph::weights::{Seen, weigh};
    use crate::rule::print;

    /// SF-02, SF-03: the sets have the call with its local abstracted, any statement, and nothing that names a local.
    #[test]
    fn a_node_is_a_set_of_shapes_that_abstract_locals_and_the_best_one_keeps_the_call() {
        let mut terms = Terms::new();
        let mut nodes = Vec::new();
        let mut functions = Vec::new();
        for (number, timer) in ["&n", "&c->t", "&d.u"].iter().enumerate() {
            let text = format!("void f(struct a *c)\n{{\nstruct b n, d;\ninit_timer({timer});\ngo(1);\n}}\n");
            let function = Function::read(&mut terms, text.as_bytes()).expect("short");
            for id in [3, 4] {
                let term = without_locals(&mut terms, function.heads[id], &function.locals);
                nodes.push(Shaped { sort: 0, term });
                functions.push(number);
            }
        }
        let sets = shapes(&mut terms, &nodes);
        let seen: Vec<Seen> = sets
            .iter()
            .zip(&functions)
            .map(|(patterns, f)| Seen { function: *f, patterns: patterns.clone() })
            .collect();
        let weights = weigh(&seen);
        let best = weights[0].iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("it has shapes").0;
        let shape = common(&mut terms, nodes[0].term, nodes[2].term);
        assert_eq!(print::text(&terms, shape, &[]), "init_timer(&...);");
        let of_shape: Vec<usize> = (0..nodes.len()).filter(|at| sets[*at].contains(&best)).collect();
        assert_eq!(of_shape, [0, 2, 4]);
        assert!(nodes.iter().all(|node| !terms.holds_word(node.term, b"n") && !terms.holds_word(node.term, b"c")));
    }

    #[test]
    fn what_two_terms_have_in_common_fits_both() {
        let mut terms = Terms::new();
        let mut read = |text: &str| {
            let text = format!("void f(void)\n{{\n{text}\n}}\n");
            let function = Function::read(&mut terms, text.as_bytes()).expect("short");
            function.heads[2]
        };
        let (a, b, other) = (read("x->a = g(1, y);"), read("x->b = g(1, 2);"), read("h();"));
        let both = common(&mut terms, a, b);
        assert!(fits(&terms, both, a) && fits(&terms, both, b) && !fits(&terms, both, other));
        assert_eq!(print::text(&terms, both, &[]), "x->... = g(1, ...);");
    }
}
