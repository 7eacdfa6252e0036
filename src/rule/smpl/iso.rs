//! The isomorphisms: tests for NULL in all their spellings, and `==` with its sides swapped.
//!
//! In: a place of a pattern and one of the file that are not the same. Out: the ways in which they are the same test.
//!
//! ```text
//! X == NULL   NULL == X   !X        one test, three spellings
//! X != NULL   NULL != X   X         the last only where the pattern itself asks for a truth value
//! X == Y      Y == X                and `!=`
//! ```
//!
//! Where the spelling changes, all tokens of the pattern must share one mark: then the file's whole test goes or stays.

use super::hit::{Spot, State};
use super::lex::Mark;
use super::matching::{Matcher, own_tokens};
use super::shape::Shape;
use crate::rule::term::TermId;
use crate::rule::tree::Tree;

/// A test for NULL, and the place of what is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    /// It is NULL.
    Null(usize),
    /// It is not.
    NotNull(usize),
}

impl Matcher<'_> {
    /// Every way in which two places are the same by an isomorphism.
    pub(super) fn alternatives(&self, shape: &Shape, places: (usize, usize), state: &State) -> Vec<State> {
        let (p, f) = places;
        let is_off = |name: &str| self.compiled.header.disabled.iter().any(|off| off == name);
        let mut found = if is_off("commute_eq") { Vec::new() } else { swapped(self, shape, places, state) };
        if !found.is_empty() {
            return found;
        }
        let Some(wanted) = test(self, &shape.tree, p) else { return found };
        let there = test(self, self.tree, f);
        let pair = match (wanted, there) {
            (Test::Null(_), _) if is_off("is_null") => None,
            (Test::NotNull(_), _) if is_off("isnt_null") => None,
            (Test::Null(one), Some(Test::Null(other))) | (Test::NotNull(one), Some(Test::NotNull(other))) => {
                Some((one, other))
            }
            (Test::NotNull(one), _) if is_asked(self, &shape.tree, p) => Some((one, f)),
            _ => None,
        };
        if let Some((one, other)) = pair {
            found = respelled(self, shape, ((p, one), (f, other)), state);
        }
        found
    }
}

/// `==` and `!=` with their sides swapped.
fn swapped(matcher: &Matcher<'_>, shape: &Shape, places: (usize, usize), state: &State) -> Vec<State> {
    let (p, f) = places;
    let (here, there) = (shape.tree.places()[p].term, matcher.tree.places()[f].term);
    if !matches!(matcher.terms.head_word(here), b"_ == _" | b"_ != _")
        || matcher.terms.head(here) != matcher.terms.head(there)
    {
        return Vec::new();
    }
    let parts: Vec<usize> = shape.tree.children(p).collect();
    let mut values: Vec<usize> = matcher.tree.children(f).collect();
    values.reverse();
    let states = matcher.all(shape, &parts, &values, vec![state.clone()]);
    let own = own_tokens(&shape.tree, p).first().and_then(|t| shape.tokens.get(*t as usize).copied().flatten());
    let theirs = own_tokens(matcher.tree, f).first().copied();
    match (own, theirs) {
        (Some(own), Some(theirs)) => {
            states.into_iter().filter_map(|s| matcher.record(own, (theirs, theirs + 1), s)).collect()
        }
        _ => states,
    }
}

/// A test in another spelling.
fn respelled(
    matcher: &Matcher<'_>,
    shape: &Shape,
    (p, f): ((usize, usize), (usize, usize)),
    state: &State,
) -> Vec<State> {
    let mark = [Mark::Minus, Mark::Context].into_iter().find(|mark| matcher.is_uniform(shape, p.0, *mark));
    if mark.is_none() {
        return Vec::new();
    }
    let range = matcher.range(f.0);
    let place = &shape.tree.places()[p.0];
    let tokens: Vec<usize> =
        (place.tokens.0..place.tokens.1).filter_map(|t| shape.tokens.get(t as usize).copied().flatten()).collect();
    let mut out = Vec::new();
    for mut found in matcher.place(shape, p.1, f.1, state.clone()) {
        found.hit.spots.retain(|spot| !tokens.contains(&spot.token));
        for (at, token) in tokens.iter().enumerate() {
            let body = &matcher.compiled.body[*token];
            let changes = mark == Some(Mark::Minus) || !body.ahead.is_empty() || !body.behind.is_empty();
            let spot = if at == 0 { range } else { (range.1, range.1) };
            if changes {
                found.hit.spots.push(Spot { token: *token, from: spot.0, to: spot.1 });
            }
        }
        out.push(found);
    }
    out
}

/// What a place tests.
fn test(matcher: &Matcher<'_>, tree: &Tree, at: usize) -> Option<Test> {
    let place = tree.places().get(at)?;
    let children: Vec<usize> = tree.children(at).collect();
    let is_null = |at: usize| matcher.terms.kind(tree.places()[at].term) == "null";
    match (matcher.terms.head_word(place.term), children.as_slice()) {
        (b"! _", [only]) if is_unary(matcher, place.term) => Some(Test::Null(*only)),
        (b"_ == _", [one, null]) | (b"_ == _", [null, one]) if is_null(*null) => Some(Test::Null(*one)),
        (b"_ != _", [one, null]) | (b"_ != _", [null, one]) if is_null(*null) => Some(Test::NotNull(*one)),
        _ => None,
    }
}

/// Whether a term is a unary expression.
fn is_unary(matcher: &Matcher<'_>, term: TermId) -> bool {
    matcher.terms.kind(term) == "unary_expression"
}

/// Whether a place asks for a truth value.
fn is_asked(matcher: &Matcher<'_>, tree: &Tree, at: usize) -> bool {
    let Some(place) = tree.places().get(at) else { return false };
    let parent = place.parent as usize;
    let Some(around) = tree.places().get(parent).filter(|_| parent != at) else { return false };
    let kind = matcher.terms.kind(around.term);
    match (kind, matcher.terms.head_word(around.term)) {
        (_, b"_ && _" | b"_ || _" | b"! _") => true,
        ("conditional_expression", _) => tree.children(parent).next() == Some(at),
        ("parenthesized_expression", _) => {
            let above = tree.places().get(around.parent as usize).map_or("", |p| matcher.terms.kind(p.term));
            matches!(above, "if_statement" | "while_statement" | "do_statement") || is_asked(matcher, tree, parent)
        }
        _ => false,
    }
}
