//! Fusing patterns and patches: the least abstract form that covers both (spdiff, Definitions 11 and 12).
//!
//! In: two patterns, or two patches, of one arena. Out: a pattern or patch with a metavariable for each different pair of
//! parts; the same pair is the same metavariable, on both sides of a patch.
//!
//! ```text
//! f(42, h(117)) ~> f(43, h(117+117))
//! f(42, q(118)) ~> f(43, q(118+118))      (h, q) = X0   (117, 118) = X1
//! f(42, X0(X1)) ~> f(43, X0(X1+X1))
//! ```

use super::apply::Patch;
use super::metavariable::{Metavariable, MetavariableKind};
use super::term::{Head, TermId, Terms, narrow};
use rustc_hash::FxHashMap;

/// Which pair of parts each metavariable stands for.
#[derive(Clone, Debug, Default)]
struct Pairs {
    terms: FxHashMap<(TermId, TermId), u32>,
    heads: FxHashMap<(Head, Head), u32>,
    /// What each metavariable is.
    kinds: Vec<MetavariableKind>,
}

/// The work of one fusion: two sides with what their metavariables are.
struct Fusion<'a> {
    terms: &'a mut Terms,
    metas: (&'a [Metavariable], &'a [Metavariable]),
    pairs: Pairs,
}

/// The kind of the term that stands for the elements that a list metavariable covers.
const RUN: &str = "run";

/// The least abstract pattern that covers both.
pub fn fuse(terms: &mut Terms, left: TermId, right: TermId) -> TermId {
    Fusion { terms, metas: (&[], &[]), pairs: Pairs::default() }.fuse(left, right)
}

/// The least abstract patch that covers both. Parts of what comes out that are in neither of what is looked for become
/// metavariables that are not bound: such a patch does not apply.
pub fn fuse_patches(terms: &mut Terms, left: &Patch, right: &Patch) -> Patch {
    let mut fusion = Fusion { terms, metas: (&left.metas, &right.metas), pairs: Pairs::default() };
    let before = fusion.fuse(left.before, right.before);
    let after = fusion.fuse(left.after, right.after);
    let kinds = fusion.pairs.kinds;
    let metas = kinds.into_iter().enumerate().map(|(at, kind)| Metavariable::new(&format!("X{at}"), kind)).collect();
    numbered(terms, &Patch { before, after, metas })
}

impl Fusion<'_> {
    /// Rules 1, 2 and 3 of Definition 11, in this order.
    fn fuse(&mut self, left: TermId, right: TermId) -> TermId {
        if left == right && !self.terms.is_open(left) {
            return left;
        }
        if !self.terms.is_shallow(left) || !self.terms.is_shallow(right) {
            return self.meta(left, right);
        }
        let (a, b) = (self.terms.children(left).to_vec(), self.terms.children(right).to_vec());
        let (head, other) = (self.terms.head(left), self.terms.head(right));
        let is_list = self.terms.kind(left) == "argument_list";
        if head == other && is_list && (a.len() != b.len() || self.has_run(&a, &b)) {
            return self.lists(head, &a, &b);
        }
        if a.len() != b.len() || a.is_empty() {
            return self.meta(left, right);
        }
        let Some(head) = self.head(head, other) else { return self.meta(left, right) };
        let children: Vec<TermId> = a.iter().zip(&b).map(|(a, b)| self.fuse(*a, *b)).collect();
        self.terms.node(head, &children)
    }

    /// The head of two nodes: the same, or a metavariable for atoms of the paper's language.
    fn head(&mut self, left: Head, right: Head) -> Option<Head> {
        let is_atom = |head: Head| matches!(head, Head::Known { kind: "atom", .. } | Head::Meta(_));
        match (left, right) {
            (Head::Known { .. }, _) if left == right => Some(left),
            _ if is_atom(left) && is_atom(right) => {
                let fresh = narrow(self.pairs.kinds.len());
                let number = *self.pairs.heads.entry((left, right)).or_insert(fresh);
                if number == fresh {
                    self.pairs.kinds.push(MetavariableKind::Any);
                }
                Some(Head::Meta(number))
            }
            _ => None,
        }
    }

    /// Whether one of the lists has a metavariable for any number of elements.
    fn has_run(&self, left: &[TermId], right: &[TermId]) -> bool {
        self.fixed(left, self.metas.0) < left.len() || self.fixed(right, self.metas.1) < right.len()
    }

    /// How many elements stand before the first that is a run.
    fn fixed(&self, list: &[TermId], metas: &[Metavariable]) -> usize {
        let is_run = |id: &TermId| match self.terms.head(*id) {
            Head::Meta(n) => metas.get(n as usize).is_some_and(|meta| meta.kind.is_list()),
            Head::Dots => true,
            Head::Known { .. } => false,
        };
        list.iter().position(is_run).unwrap_or(list.len())
    }

    /// Argument lists of different lengths: as far as both go, then a metavariable for the rest.
    fn lists(&mut self, head: Head, left: &[TermId], right: &[TermId]) -> TermId {
        let both = self.fixed(left, self.metas.0).min(self.fixed(right, self.metas.1));
        let mut children: Vec<TermId> = left.iter().zip(right).take(both).map(|(a, b)| self.fuse(*a, *b)).collect();
        let (a, b) = (self.terms.known(RUN, b"", &left[both..]), self.terms.known(RUN, b"", &right[both..]));
        children.push(self.of_kind(a, b, MetavariableKind::ExpressionList));
        self.terms.node(head, &children)
    }

    /// The metavariable of a pair.
    fn meta(&mut self, left: TermId, right: TermId) -> TermId {
        let kind = wider(self.kind(left, self.metas.0), self.kind(right, self.metas.1));
        self.of_kind(left, right, kind)
    }

    /// The metavariable of a pair, of this kind if it is new.
    fn of_kind(&mut self, left: TermId, right: TermId, kind: MetavariableKind) -> TermId {
        let fresh = narrow(self.pairs.kinds.len());
        let number = *self.pairs.terms.entry((left, right)).or_insert(fresh);
        if number == fresh {
            self.pairs.kinds.push(kind);
        }
        self.terms.meta(number)
    }

    /// What a part is.
    fn kind(&self, id: TermId, metas: &[Metavariable]) -> MetavariableKind {
        match self.terms.head(id) {
            Head::Meta(n) => metas.get(n as usize).map_or(MetavariableKind::Any, |meta| meta.kind),
            _ => kind_of(self.terms, id),
        }
    }
}

/// What a metavariable for this term is: a name in an expression is an expression, names elsewhere are identifiers.
pub fn kind_of(terms: &Terms, id: TermId) -> MetavariableKind {
    match terms.kind(id) {
        "atom" => MetavariableKind::Any,
        "identifier" => MetavariableKind::Expression,
        kind if kind.ends_with("identifier") => MetavariableKind::Identifier,
        _ => MetavariableKind::of(terms, &[id]),
    }
}

/// The narrowest kind that admits what both admit.
fn wider(left: MetavariableKind, right: MetavariableKind) -> MetavariableKind {
    use MetavariableKind::{Any, Constant, Expression, Identifier, Initialiser, Type};
    match (left, right) {
        _ if left == right => left,
        (Expression | Constant, Expression | Constant) => Expression,
        (Expression | Initialiser, Expression | Initialiser) => Initialiser,
        // `struct s` and `u32`: a tag alone is a `type_identifier`, which is an identifier.
        (Identifier | Type, Identifier | Type) => Type,
        _ => Any,
    }
}

/// The patch with its metavariables numbered in the order in which they occur, so that equal patches are equal.
pub fn numbered(terms: &mut Terms, patch: &Patch) -> Patch {
    let mut order = terms.metas(patch.before);
    for number in terms.metas(patch.after) {
        if !order.contains(&number) {
            order.push(number);
        }
    }
    let mut metas = Vec::with_capacity(order.len());
    for (new, old) in order.iter().enumerate() {
        let known = patch.metas.get(*old as usize).cloned();
        metas.push(Metavariable { name: format!("X{new}"), ..known.unwrap_or_default() });
    }
    let (before, after) = (renumbered(terms, patch.before, &order), renumbered(terms, patch.after, &order));
    for (new, meta) in metas.iter_mut().enumerate() {
        let is_narrow = meta.kind == MetavariableKind::Expression && meta.typed.is_none();
        if is_narrow && is_declared(terms, before, narrow(new)) {
            meta.kind = MetavariableKind::Identifier;
        }
    }
    Patch { before, after, metas }
}

/// Whether a metavariable stands where a name is declared.
fn is_declared(terms: &Terms, pattern: TermId, number: u32) -> bool {
    let is_it = |child: &TermId| terms.head(*child) == Head::Meta(number) && terms.children(*child).is_empty();
    terms.any(pattern, &mut |id| match terms.kind(id) {
        "init_declarator" | "function_declarator" | "array_declarator" => terms.children(id).first().is_some_and(is_it),
        "pointer_declarator" | "parameter_declaration" | "declaration" => terms.children(id).last().is_some_and(is_it),
        _ => false,
    })
}

/// A pattern with the metavariable at `order[n]` called n.
fn renumbered(terms: &mut Terms, id: TermId, order: &[u32]) -> TermId {
    if !terms.is_open(id) || !terms.is_shallow(id) {
        return id;
    }
    let children = terms.children(id).to_vec();
    let children: Vec<TermId> = children.into_iter().map(|child| renumbered(terms, child, order)).collect();
    let head = match terms.head(id) {
        Head::Meta(old) => Head::Meta(order.iter().position(|n| *n == old).map_or(old, narrow)),
        head => head,
    };
    terms.node(head, &children)
}

#[cfg(test)]
mod tests {
    use super::super::formal::read;
    use super::super::print::text;
    use super::*;
    use proptest::prelude::*;

    /// Two patterns of the paper's language fused, numbered by occurrence.
    fn fused(left: &str, right: &str) -> String {
        let mut terms = Terms::new();
        let (left, right) = (read(&mut terms, left), read(&mut terms, right));
        let both = fuse(&mut terms, left, right);
        let patch = numbered(&mut terms, &Patch::closed(both, both));
        text(&terms, patch.before, &[])
    }

    /// SP-08.
    #[test]
    fn the_fusion_abstracts_as_little_as_it_can() {
        assert_eq!(fused("f(42, h(117))", "f(42, q(118))"), "f(42, X0(X1))");
        assert_eq!(fused("f(1, 1)", "f(2, 2)"), "f(X0, X0)");
        assert_eq!(fused("f(1, 2)", "f(2, 1)"), "f(X0, X1)");
        assert_eq!(fused("f(1)", "f(1, 2)"), "X0");
        assert_eq!(fused("f(1)", "g"), "X0");
        assert_eq!(fused("f(a, g(1))", "f(a, g(1))"), "f(a, g(1))");
    }

    /// SP-09, the paper's example 7.
    #[test]
    fn both_sides_of_a_fused_patch_share_their_metavariables() {
        let mut terms = Terms::new();
        let mut patch = |before, after| Patch::closed(read(&mut terms, before), read(&mut terms, after));
        let one = patch("f(42, h(117))", "f(43, h(117+117))");
        let two = patch("f(42, q(118))", "f(43, q(118+118))");
        let both = fuse_patches(&mut terms, &one, &two);
        assert_eq!(text(&terms, both.before, &[]), "f(42, X0(X1))");
        assert_eq!(text(&terms, both.after, &[]), "f(43, X0(+(X1, X1)))");
        assert!(both.is_bound(&terms));
    }

    /// SP-09.
    #[test]
    fn a_part_that_only_comes_out_is_not_bound() {
        let mut terms = Terms::new();
        let mut patch = |before, after| Patch::closed(read(&mut terms, before), read(&mut terms, after));
        let (one, two) = (patch("f(1)", "g(3)"), patch("f(2)", "g(4)"));
        assert!(!fuse_patches(&mut terms, &one, &two).is_bound(&terms));
    }

    /// A term of the paper's language.
    fn term() -> impl Strategy<Value = String> {
        "[ab1]".prop_map(|word| word).prop_recursive(3, 16, 3, |inner| {
            ("[fg]", proptest::collection::vec(inner, 1..3))
                .prop_map(|(head, all)| format!("{head}({})", all.join(",")))
        })
    }

    proptest! {
        /// SP-08.
        #[test]
        fn the_fusion_is_commutative_and_associative(a in term(), b in term(), c in term()) {
            let mut terms = Terms::new();
            let [a, b, c] = [a, b, c].map(|text| read(&mut terms, &text));
            let mut shown = |left, right| {
                let id = fuse(&mut terms, left, right);
                let patch = numbered(&mut terms, &Patch::closed(id, id));
                (id, patch.before)
            };
            let ab = shown(a, b);
            prop_assert_eq!(ab.1, shown(b, a).1);
            let bc = shown(b, c);
            prop_assert_eq!(shown(ab.0, c).1, shown(a, bc.0).1);
        }
    }
}
