//! One pattern for each place of several instances, with metavariables that mean the same everywhere (Spinfer, section 3.4, data flow).
//!
//! In: columns: what stands at one place of a rule in each instance, and the shape of its group. Out: patterns. A metavariable is
//! known by the tuple of terms that it stands for, one per instance: the same tuple is the same metavariable, in every column.
//!
//! ```text
//!   instance        0                      1
//!   column 0        init_timer(&c->t)      init_timer(&n)        init_timer(&X0)     X0 = (c->t, n)
//!   column 1        c->t.data = 5          n.data = (long)p      X0.data = X1        X1 = (5, (long)p)
//!   column 2 (+)    setup(&c->t, 5, 0UL)   setup(&n, (long)p, 0UL)   setup(&X0, X1, 0UL)
//! ```
//! What an added column has and no other one binds is opened further, or written as it stands if it is the same everywhere; else
//! these instances have no common rule.

use super::shape::fits;
use crate::rule::metavariable::{Metavariable, MetavariableKind};
use crate::rule::term::{Head, TermId, Terms};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// How often metavariables are looked for again after one was found, opened or closed.
const MOST_ROUNDS: usize = 24;

/// Whether a column binds metavariables or needs them bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is matched: it binds.
    Binds,
    /// It is written: all its metavariables must be bound.
    Needs,
}

/// What stands at one place of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// By instance.
    pub terms: Vec<TermId>,
    /// The shape of the group: where it has dots a metavariable is put, however alike the instances are.
    pub shape: Option<TermId>,
    /// What it is for.
    pub purpose: Use,
}

/// The patterns of the columns, and their metavariables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct General {
    /// By column.
    pub patterns: Vec<TermId>,
    /// By number.
    pub metas: Vec<Metavariable>,
    /// By number: what it stands for in each instance.
    pub values: Vec<Vec<TermId>>,
}

/// A tuple of terms, one per instance.
type Tuple = Vec<TermId>;

/// The work.
struct Work<'a> {
    /// The arena.
    terms: &'a mut Terms,
    /// By instance: what is local.
    locals: &'a [&'a FxHashSet<TermId>],
    /// Tuples that metavariables stand for, in order of discovery.
    cut: Vec<Tuple>,
    /// Tuples that are opened instead.
    open: BTreeSet<Tuple>,
    /// Tuples that are written as they stand.
    kept: BTreeSet<Tuple>,
}

/// Generalises; `None` if the added columns need what the others do not bind.
pub fn generalise(terms: &mut Terms, columns: &[Column], locals: &[&FxHashSet<TermId>]) -> Option<General> {
    let mut work = Work { terms, locals, cut: Vec::new(), open: BTreeSet::new(), kept: BTreeSet::new() };
    for _ in 0..MOST_ROUNDS {
        let known = work.cut.len();
        let patterns: Vec<TermId> = columns.iter().map(|column| work.pattern(&column.terms, column.shape)).collect();
        if work.cut.len() > known {
            continue;
        }
        let bound = work.bound(columns, &patterns);
        let used = |at: &usize| columns[*at].purpose == Use::Needs;
        let needed = (0..columns.len()).filter(used).flat_map(|at| work.terms.metas(patterns[at]));
        let Some(free) = needed.filter(|meta| !bound.contains(meta)).min() else {
            return Some(work.finished(&patterns));
        };
        work.settle(free, &bound)?;
    }
    None
}

impl Work<'_> {
    /// The pattern of one tuple.
    fn pattern(&mut self, tuple: &[TermId], shape: Option<TermId>) -> TermId {
        let first = tuple[0];
        // The body behind a header.
        if self.terms.head(first) == Head::Dots {
            return first;
        }
        if self.cut.iter().any(|known| known == tuple) {
            return self.cut_at(tuple);
        }
        let same = tuple.iter().all(|term| *term == first);
        if self.kept.contains(tuple) {
            return first;
        }
        let is_local = tuple.iter().zip(self.locals).all(|(term, locals)| locals.contains(term));
        let is_dots = shape.is_some_and(|shape| self.terms.head(shape) == Head::Dots);
        let opened = self.open.contains(tuple);
        let alike = tuple.iter().all(|term| {
            self.terms.head(*term) == self.terms.head(first)
                && self.terms.children(*term).len() == self.terms.children(first).len()
        });
        let is_leaf = self.terms.children(first).is_empty();
        if is_local || !alike || is_dots && !opened || !self.terms.is_shallow(first) {
            return self.cut_at(tuple);
        }
        if is_leaf {
            return if same { first } else { self.cut_at(tuple) };
        }
        self.children(tuple, shape)
    }

    /// A node with the patterns of the children.
    fn children(&mut self, tuple: &[TermId], shape: Option<TermId>) -> TermId {
        let first = tuple[0];
        let parts: Option<Vec<TermId>> =
            shape.filter(|s| self.terms.head(*s) == self.terms.head(first)).map(|s| self.terms.children(s).to_vec());
        let count = self.terms.children(first).len();
        let parts = parts.filter(|parts| parts.len() == count);
        let mut children = Vec::with_capacity(count);
        for at in 0..count {
            let inner: Tuple = tuple.iter().map(|term| self.terms.children(*term)[at]).collect();
            let shape = parts.as_ref().map(|parts| parts[at]);
            children.push(self.pattern(&inner, shape));
        }
        self.terms.node(self.terms.head(first), &children)
    }

    /// The metavariable of a tuple; of argument lists, a list of any arguments.
    fn cut_at(&mut self, tuple: &[TermId]) -> TermId {
        let known = self.cut.iter().position(|known| known == tuple);
        let at = known.unwrap_or_else(|| {
            self.cut.push(tuple.to_vec());
            self.cut.len() - 1
        });
        let meta = self.meta(at);
        match self.terms.kind(tuple[0]) {
            "argument_list" => self.terms.node(self.terms.head(tuple[0]), &[meta]),
            _ => meta,
        }
    }

    /// The metavariable with a number.
    fn meta(&mut self, at: usize) -> TermId {
        self.terms.meta(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The metavariables that columns bind.
    fn bound(&self, columns: &[Column], patterns: &[TermId]) -> BTreeSet<u32> {
        let binding = columns.iter().zip(patterns).filter(|(column, _)| column.purpose == Use::Binds);
        binding.flat_map(|(_, pattern)| self.terms.metas(*pattern)).collect()
    }

    /// Does something about a metavariable that nothing binds; `None` if nothing can be done.
    fn settle(&mut self, free: u32, bound: &BTreeSet<u32>) -> Option<()> {
        let tuple = self.cut.remove(free as usize);
        let first = tuple[0];
        let same = tuple.iter().all(|term| *term == first);
        // It is a part of what some column binds whole: that one is opened.
        let holds = |whole: &Tuple| whole.iter().zip(&tuple).all(|(w, t)| w != t && self.terms.holds(*w, *t));
        let is_literal = self.terms.kind(first).ends_with("_literal");
        let old = |at: usize| u32::try_from(if at < free as usize { at } else { at + 1 }).unwrap_or(u32::MAX);
        let outer = (0..self.cut.len()).find(|at| bound.contains(&old(*at)) && holds(&self.cut[*at]));
        if let Some(at) = outer.filter(|_| !(same && is_literal)) {
            let whole = self.cut.remove(at);
            if !self.open.insert(whole) {
                return None;
            }
            return Some(());
        }
        let can_open = !self.terms.children(first).is_empty() && !self.open.contains(&tuple);
        if can_open && tuple.iter().all(|t| self.terms.head(*t) == self.terms.head(first)) {
            self.open.insert(tuple);
            return Some(());
        }
        // A single example's own variable is in no other function.
        let is_own = tuple.len() == 1 && self.terms.any(first, &mut |part| self.locals[0].contains(&part));
        if same && !is_own {
            self.kept.insert(tuple);
            return Some(());
        }
        None
    }

    /// Numbers the metavariables in order of their first occurrence.
    fn finished(self, patterns: &[TermId]) -> General {
        let mut order: Vec<u32> = Vec::new();
        for pattern in patterns {
            for meta in self.terms.metas(*pattern) {
                if !order.contains(&meta) {
                    order.push(meta);
                }
            }
        }
        let renamed: Vec<TermId> = patterns.iter().map(|pattern| rename(self.terms, *pattern, &order)).collect();
        let values: Vec<Tuple> = order.iter().map(|old| self.cut[*old as usize].clone()).collect();
        let named = declared(self.terms, &renamed);
        let metas = values.iter().enumerate().map(|(at, tuple)| {
            let is_name = u32::try_from(at).is_ok_and(|number| named.contains(&number));
            Metavariable::new(&format!("X{at}"), kind_of(self.terms, tuple, is_name))
        });
        let metas = metas.collect();
        General { patterns: renamed, metas, values }
    }
}

/// What a metavariable for these terms is declared as; `is_name` tells that it stands where a name is declared.
fn kind_of(terms: &Terms, tuple: &[TermId], is_name: bool) -> MetavariableKind {
    if terms.kind(tuple[0]) == "argument_list" {
        return MetavariableKind::ExpressionList;
    }
    let kind = MetavariableKind::of(terms, tuple);
    // A variable stands where any expression may.
    let is_variable = tuple.iter().all(|term| terms.kind(*term) == "identifier");
    if kind == MetavariableKind::Identifier && is_variable && !is_name { MetavariableKind::Expression } else { kind }
}

/// Metavariables that stand where a name is declared.
fn declared(terms: &Terms, patterns: &[TermId]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for part in patterns.iter().flat_map(|pattern| terms.subterms(*pattern)) {
        let kind = terms.kind(part);
        if !(kind.ends_with("_declarator") || matches!(kind, "declaration" | "parameter_declaration")) {
            continue;
        }
        let name = if kind == "init_declarator" { 1 } else { usize::MAX };
        for child in terms.children(part).iter().take(name) {
            if let Head::Meta(number) = terms.head(*child) {
                found.insert(number);
            }
        }
    }
    found
}

/// The same pattern with other numbers.
fn rename(terms: &mut Terms, pattern: TermId, order: &[u32]) -> TermId {
    if !terms.is_open(pattern) {
        return pattern;
    }
    let children = terms.children(pattern).to_vec();
    let children: Vec<TermId> = children.into_iter().map(|child| rename(terms, child, order)).collect();
    let head = match terms.head(pattern) {
        Head::Meta(old) => {
            let new = order.iter().position(|known| *known == old).unwrap_or(0);
            Head::Meta(u32::try_from(new).unwrap_or(u32::MAX))
        }
        head => head,
    };
    terms.node(head, &children)
}

/// Sets of instances that have a common rule, as large as merging two by two makes them; by index.
pub fn agglomerate(count: usize, mut has_rule: impl FnMut(&[usize]) -> bool) -> Vec<Vec<usize>> {
    let all: Vec<usize> = (0..count).collect();
    if has_rule(&all) {
        return vec![all];
    }
    let mut sets: Vec<Vec<usize>> = all.into_iter().map(|at| vec![at]).filter(|set| has_rule(set)).collect();
    let mut at = 0;
    while at < sets.len() {
        let merged = (at + 1..sets.len()).find_map(|other| {
            let both = [sets[at].as_slice(), &sets[other]].concat();
            has_rule(&both).then_some((other, both))
        });
        match merged {
            Some((other, both)) => {
                sets[at] = both;
                sets.remove(other);
            }
            None => at += 1,
        }
    }
    sets
}

/// The shape that all of the shapes have in common, and whether it is more than dots.
pub fn common_shape(terms: &mut Terms, shapes: &[TermId]) -> Option<TermId> {
    let (first, rest) = shapes.split_first()?;
    let all = rest.iter().fold(*first, |known, next| super::shape::common(terms, known, *next));
    debug_assert!(shapes.iter().all(|shape| fits(terms, all, *shape)), "what is common fits all");
    (terms.head(all) != Head::Dots).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::graph::function::Function;
    use crate::rule::print;

    /// The statements of a function, and what is local in it.
    fn read(terms: &mut Terms, body: &str) -> (Vec<TermId>, FxHashSet<TermId>) {
        let text = format!("void f(struct c *c, struct p *p)\n{{\n{body}\n}}\n");
        let function = Function::read(terms, text.as_bytes()).expect("short");
        (function.heads[2..function.heads.len() - 1].to_vec(), function.locals)
    }

    /// The patterns of statements of several functions, of which the last one is added.
    fn general(bodies: &[&str], shapes: &[Option<&str>]) -> Option<Vec<String>> {
        let mut terms = Terms::new();
        let all: Vec<_> = bodies.iter().map(|body| read(&mut terms, body)).collect();
        let count = all[0].0.len();
        let shape = |terms: &mut Terms, text: &str| {
            let dots = terms.node(Head::Dots, &[]);
            let (found, _) = read(terms, text);
            let word = terms.known("identifier", b"DOTS", &[]);
            super::super::shape::without_locals(terms, found[0], &[word].into_iter().collect()).max(dots)
        };
        let columns: Vec<Column> = (0..count)
            .map(|at| Column {
                terms: all.iter().map(|(statements, _)| statements[at]).collect(),
                shape: shapes.get(at).copied().flatten().map(|text| shape(&mut terms, text)),
                purpose: if at + 1 == count { Use::Needs } else { Use::Binds },
            })
            .collect();
        let locals: Vec<&FxHashSet<TermId>> = all.iter().map(|(_, locals)| locals).collect();
        let found = generalise(&mut terms, &columns, &locals)?;
        Some(found.patterns.iter().map(|id| print::text(&terms, *id, &found.metas)).collect())
    }

    /// SF-12: one name for one thing, in all columns.
    #[test]
    fn a_metavariable_means_the_same_in_every_column() {
        let found = general(
            &[
                "init_timer(&c->t); c->t.data = 5; setup(&c->t, 5);",
                "init_timer(&p->u); p->u.data = (long)p; setup(&p->u, (long)p);",
            ],
            &[],
        );
        assert_eq!(found.expect("a rule"), ["init_timer(&X0->X1);", "X0->X1.data = X2;", "setup(&X0->X1, X2);"]);
    }

    /// SF-11, SF-12: a shape makes a metavariable of a whole expression, and then it is that everywhere.
    #[test]
    fn one_example_stays_as_abstract_as_the_shape_of_its_group() {
        let found = general(
            &["init_timer(&c->t); c->t.data = 5; setup(&c->t, 5);"],
            &[Some("init_timer(&DOTS);"), Some("c->t.data = DOTS;")],
        );
        assert_eq!(found.expect("a rule"), ["init_timer(&X0);", "X0.data = X1;", "setup(&X0, X1);"]);
    }

    /// SF-12: the nmi variant.
    #[test]
    fn what_nothing_binds_is_written_as_it_stands() {
        let found = general(
            &["init_timer(&c->t); setup(&c->t, 0UL);"],
            &[Some("init_timer(&DOTS);"), Some("setup(&DOTS, DOTS);")],
        );
        assert_eq!(found.expect("a rule"), ["init_timer(&X0);", "setup(&X0, 0UL);"]);
    }

    /// SF-12: different constants that nothing binds: no common rule, but one for each.
    #[test]
    fn what_differs_and_is_not_bound_splits_the_instances() {
        let bodies =
            ["init(&c->t); setup(&c->t, 0UL);", "init(&c->t); setup(&c->t, 0);", "init(&p->t); setup(&p->t, 0);"];
        assert_eq!(general(&bodies, &[]), None);
        let sets = agglomerate(3, |set| general(&set.iter().map(|at| bodies[*at]).collect::<Vec<_>>(), &[]).is_some());
        assert_eq!(sets, [vec![0], vec![1, 2]]);
    }

    #[test]
    fn a_part_of_what_is_bound_whole_opens_it() {
        let found = general(&["a((long)c); b(c);", "a((long)p); b(p);"], &[Some("a(DOTS);")]);
        assert_eq!(found.expect("a rule"), ["a((long)X0);", "b(X0);"]);
    }

    #[test]
    fn argument_lists_of_different_lengths_are_any_arguments() {
        let found = general(&["a(1, 2); b(1, 2);", "a(3); b(3);"], &[]);
        assert_eq!(found.expect("a rule"), ["a(X0);", "b(X0);"]);
    }
}
