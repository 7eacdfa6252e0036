//! Declarations and lists laid on those of a file: where the file may have more than the pattern says.
//!
//! In: a list of a pattern and one of the file. Out: every way in which the elements are the elements; dots and list metavariables
//! take as many as they need, designated elements stand in any order.
//!
//! ```text
//! pattern   struct ops I = { .open = f, };            f(..., x, ...)
//! file      static const struct ops o = { .a = b, .open = g };     f(1, 2, 3)    in three ways
//! ```

use super::body::Slot;
use super::declare::Sort;
use super::hit::{Spot, State};
use super::lex::Mark;
use super::matching::{Matcher, own_tokens};
use super::shape::{Leaf, Shape};
use crate::rule::metavariable::is_type;
use crate::rule::template::list_style;

/// A list matches in no more ways than this.
const MOST_WAYS: usize = 48;

/// Parts of a list's pattern and the tokens they took.
type Pairs = Vec<(usize, (u32, u32))>;

impl Matcher<'_> {
    /// Declarations and headers: what the file has besides (`static`, `const`) does not matter.
    pub fn declaration(&self, shape: &Shape, p: (usize, &[usize]), f: (usize, &[usize]), state: State) -> Vec<State> {
        let kind_of = |at: usize| self.terms.kind(shape.tree.places()[at].term);
        let extra = |kind: &str| {
            matches!(kind, "storage_class_specifier" | "type_qualifier" | "attribute_specifier" | "ms_call_modifier")
        };
        let mut values = f.1.iter().copied().peekable();
        let mut pairs = Vec::new();
        for part in p.1 {
            let wanted = kind_of(*part);
            if !extra(wanted) {
                while values.next_if(|at| extra(self.kind(*at))).is_some() {}
            }
            let Some(value) = values.next() else { return Vec::new() };
            // `f(...) {` asks for no type.
            let is_open = self.is_bare(shape, *part) && wanted == "primitive_type";
            if !is_open {
                pairs.push((*part, value));
            }
        }
        if values.any(|at| !extra(self.kind(at))) {
            return Vec::new();
        }
        // A pattern without a type finds pointers to functions' results, too.
        let (parts, found): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let own = own_tokens(&shape.tree, p.0);
        let theirs = own_tokens(self.tree, f.0);
        let Some(state) = self.record_own(shape, &own, &theirs, state) else { return Vec::new() };
        let found: Vec<usize> =
            parts.iter().zip(found).map(|(part, at)| self.past_stars(shape, *part, at, p.1)).collect();
        let mut states = self.all(shape, &parts, &found, vec![state]);
        // What is beside the pattern's words goes with them if all of them go.
        if shape.tree.places().get(p.0).is_some_and(|_| self.is_uniform(shape, p.0, Mark::Minus)) {
            let first = (shape.tree.places()[p.0].tokens.0..shape.tree.places()[p.0].tokens.1)
                .find_map(|t| shape.tokens.get(t as usize).copied().flatten());
            let range = self.range(f.0);
            if let Some(token) = first {
                states.iter_mut().for_each(|s| s.hit.spots.push(Spot { token, from: range.0, to: range.1 }));
            }
        }
        states
    }

    /// A type that is a metavariable, or not asked for, may be a pointer: the declarator behind the file's stars.
    fn past_stars(&self, shape: &Shape, part: usize, at: usize, parts: &[usize]) -> usize {
        let first = parts.iter().find(|p| is_type(self.terms.kind(shape.tree.places()[**p].term)));
        let free = first.is_some_and(|p| {
            self.is_bare(shape, *p)
                || matches!(self.stands_for(shape, *p), Leaf::Meta(m) if self.compiled.metas[m].sort == Sort::Type)
        });
        let kind = self.terms.kind(shape.tree.places()[part].term);
        let mut at = at;
        while free && self.kind(at) == "pointer_declarator" && kind != "pointer_declarator" {
            let Some(inner) = self.tree.children(at).last() else { break };
            at = inner;
        }
        at
    }

    /// Whether all tokens of a place have one mark.
    pub fn is_uniform(&self, shape: &Shape, p: usize, mark: Mark) -> bool {
        let range = shape.tree.places()[p].tokens;
        let mut tokens = (range.0..range.1).filter_map(|t| shape.tokens.get(t as usize).copied().flatten());
        tokens.all(|at| self.compiled.body[at].token.mark == mark)
    }

    /// The elements of a list.
    pub fn list(&self, shape: &Shape, p: (usize, &[usize]), f: (usize, &[usize]), state: State) -> Vec<State> {
        let kind = self.terms.kind(shape.tree.places()[p.0].term);
        let is_pair = |at: &usize| self.terms.kind(shape.tree.places()[*at].term) == "initializer_pair";
        if kind == "initializer_list" && p.1.iter().all(is_pair) {
            return self.fields(shape, p, f, state);
        }
        let found = self.run(shape, p.1, f.1, (state, Vec::new()));
        found.into_iter().filter_map(|(state, pairs)| self.commas(shape, (p.0, f.0), &pairs, state)).collect()
    }

    /// Designated elements stand in any order, with others between them.
    fn fields(&self, shape: &Shape, p: (usize, &[usize]), f: (usize, &[usize]), state: State) -> Vec<State> {
        let mut states = vec![(state, Vec::new())];
        for part in p.1 {
            let mut next = Vec::new();
            for (state, pairs) in &states {
                for value in f.1 {
                    for found in self.place(shape, *part, *value, state.clone()) {
                        let mut pairs: Vec<(usize, (u32, u32))> = pairs.clone();
                        pairs.push((*part, self.range(*value)));
                        next.push((found, pairs));
                    }
                }
            }
            next.truncate(MOST_WAYS);
            states = next;
        }
        states.into_iter().filter_map(|(state, pairs)| self.commas(shape, (p.0, f.0), &pairs, state)).collect()
    }

    /// Lays elements on elements; dots and list metavariables take as many as they need, few first.
    fn run(&self, shape: &Shape, parts: &[usize], values: &[usize], so_far: (State, Pairs)) -> Vec<(State, Pairs)> {
        let Some((part, rest)) = parts.split_first() else {
            return if values.is_empty() { vec![so_far] } else { Vec::new() };
        };
        let (state, pairs) = so_far;
        let mut out = Vec::new();
        let run = match self.stands_for(shape, *part) {
            Leaf::Slot(slot) => matches!(self.compiled.slots[slot], Slot::Dots(_) | Slot::Nest { .. }),
            Leaf::Meta(meta) => is_list(&self.compiled.metas[meta].sort),
            Leaf::Plain => false,
        };
        if !run {
            let Some((value, others)) = values.split_first() else { return out };
            for found in self.place(shape, *part, *value, state) {
                let mut pairs = pairs.clone();
                pairs.push((*part, self.range(*value)));
                out.extend(self.run(shape, rest, others, (found, pairs)));
                if out.len() > MOST_WAYS {
                    break;
                }
            }
            return out;
        }
        for count in 0..=values.len() {
            let Some(next) = self.cover(shape, *part, &values[..count], state.clone()) else { continue };
            let mut pairs = pairs.clone();
            let first = values.first().map_or(0, |v| self.range(*v).0);
            let range = if count == 0 { (first, first) } else { (first, self.range(values[count - 1]).1) };
            pairs.push((*part, range));
            out.extend(self.run(shape, rest, &values[count..], (next, pairs)));
            if out.len() > MOST_WAYS {
                break;
            }
        }
        out
    }

    /// Lets dots or a list metavariable take these elements.
    fn cover(&self, shape: &Shape, part: usize, values: &[usize], state: State) -> Option<State> {
        match self.stands_for(shape, part) {
            Leaf::Slot(slot) => match &self.compiled.slots[slot] {
                Slot::Dots(whens) => {
                    let (Some(first), Some(last)) = (values.first(), values.last()) else { return Some(state) };
                    let is_forbidden = values.iter().any(|v| self.forbids(whens, *v, &state));
                    if is_forbidden {
                        None
                    } else {
                        self.passed(slot, (self.range(*first).0, self.range(*last).1), state)
                    }
                }
                _ => None,
            },
            Leaf::Meta(meta) => {
                let range = match (values.first(), values.last()) {
                    (Some(first), Some(last)) => (self.range(*first).0, self.range(*last).1),
                    _ => (0, 0),
                };
                let token = (shape.tree.places()[part].tokens.0..shape.tree.places()[part].tokens.1)
                    .find_map(|t| shape.tokens.get(t as usize).copied().flatten());
                let state = self.bind(meta, range, state)?;
                match token {
                    Some(at) if !values.is_empty() => self.record(at, range, state),
                    _ => Some(state),
                }
            }
            Leaf::Plain => None,
        }
    }

    /// The brackets and separators of a list: each comma of the pattern is the one behind what stands before it.
    fn commas(&self, shape: &Shape, lists: (usize, usize), pairs: &Pairs, mut state: State) -> Option<State> {
        let (p, f) = lists;
        let range = self.range(f);
        let place = &shape.tree.places()[p];
        let style = list_style(self.terms.kind(place.term))?;
        let is_comma = |at: u32| self.bytes((at, at + 1)) == b",";
        for own in own_tokens(&shape.tree, p) {
            let Some(at) = shape.tokens.get(own as usize).copied().flatten() else { continue };
            let text = self.compiled.body[at].token.text.as_slice();
            let target = if own == place.tokens.0 && !style.open.is_empty() {
                Some(range.0)
            } else if own + 1 == place.tokens.1 && text == style.close.as_bytes() {
                range.1.checked_sub(1)
            } else {
                let before = pairs.iter().rev().find(|(part, _)| shape.tree.places()[*part].tokens.1 <= own);
                before.filter(|(_, r)| r.0 < r.1 && is_comma(r.1)).map(|(_, r)| r.1)
            };
            if let Some(token) = target {
                state = self.record(at, (token, token + 1), state)?;
            }
        }
        Some(state)
    }
}

/// Whether a metavariable stands for any number of things.
fn is_list(sort: &Sort) -> bool {
    matches!(
        sort,
        Sort::ExpressionList | Sort::StatementList | Sort::ParameterList | Sort::InitialiserList | Sort::FieldList
    )
}
