//! A semantic patch put to use on one file.
//!
//! In: a patch and a text. Out: the text after it, and which rules matched. Rules run in order, each on what the ones before it
//! made; the mode `patch` is on. What a rule binds is kept for the rules that inherit from it.

use super::body::Slot;
use super::compile::compile;
use super::compiled::Compiled;
use super::file::{PATCH, SemanticPatch};
use super::flow::Flow;
use super::front::Element;
use super::hit::{Hit, State, Value};
use super::matching::{Forbidden, Matcher};
use super::problem::Problem;
use super::shape::What;
use super::typing::Typing;
use super::write::{Changes, Page};
use crate::rule::edit::{Edit, carried, edited};
use crate::rule::graph::function::Function;
use crate::rule::term::Terms;
use crate::rule::tree::Tree;
use crate::syntax::items::{Item, ItemKind, items};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The text.
    pub text: Vec<u8>,
    /// Rules that matched, by name; those without a name by their line: `rule on line 12`.
    pub matched: BTreeSet<String>,
}

/// A patch, ready for any number of files.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The arena with the patterns.
    terms: Terms,
    rules: Vec<Compiled>,
    virtuals: Vec<String>,
}

/// Values of one match, by rule and metavariable.
type Bound = BTreeMap<(String, String), Rc<Value>>;

/// More sets of values than this are not kept for a rule.
const MOST_BOUND: usize = 2000;

/// Longer texts are left as they are.
const MOST_BYTES: usize = 4 << 20;

impl Ready {
    /// Compiles all rules that can run in the mode `patch`.
    pub fn new(patch: &SemanticPatch) -> Result<Self, Problem> {
        let mut terms = Terms::new();
        let mut rules = Vec::new();
        for rule in patch.rules.iter().filter(|rule| patch.may_run(rule)) {
            rules.push(compile(&mut terms, rule)?);
        }
        Ok(Self { terms, rules, virtuals: patch.virtuals.clone() })
    }

    /// The rules.
    pub fn rules(&self) -> &[Compiled] {
        &self.rules
    }

    /// Applies the patch to a text.
    pub fn apply(&self, text: &[u8]) -> Outcome {
        self.run(text, None)
    }

    /// Applies it where it changes something in these bytes: a match that changes others only is no match, unless its rule rests on
    /// one that has changed something.
    pub fn apply_at(&self, text: &[u8], place: Range<usize>) -> Outcome {
        self.run(text, Some(place))
    }

    fn run(&self, text: &[u8], place: Option<Range<usize>>) -> Outcome {
        let mut work = Work {
            place,
            changed: BTreeSet::new(),
            terms: self.terms.clone(),
            text: text.to_vec(),
            matched: BTreeSet::new(),
            bound: BTreeMap::new(),
            items: None,
        };
        if text.len() <= MOST_BYTES {
            for rule in &self.rules {
                let known = |name: &str| match name {
                    PATCH => true,
                    name if self.virtuals.iter().any(|v| v == name) => false,
                    name => work.matched.contains(name),
                };
                if rule.header.depends.holds(&known) {
                    work.rule(rule);
                }
            }
        }
        Outcome { text: work.text, matched: work.matched }
    }
}

/// Applies a patch to one text.
pub fn apply(patch: &SemanticPatch, text: &[u8]) -> Result<Outcome, Problem> {
    Ok(Ready::new(patch)?.apply(text))
}

/// A file while rules work on it.
struct Work {
    /// The bytes of which a match must change some; `None`: any will do.
    place: Option<Range<usize>>,
    /// Rules that have changed something, by name.
    changed: BTreeSet<String>,
    terms: Terms,
    text: Vec<u8>,
    matched: BTreeSet<String>,
    /// By rule: the sets of values that it left.
    bound: BTreeMap<String, Vec<Bound>>,
    /// The items of the text as it is; each is read when a rule first needs it.
    items: Option<Vec<(Item, Option<Rc<Read>>)>>,
}

/// An item of the file, read.
struct Read {
    offset: usize,
    span: Range<usize>,
    kind: ItemKind,
    tree: Tree,
    function: Option<Function>,
}

impl Read {
    /// Reads one item.
    fn new(terms: &mut Terms, item: &Item, text: &[u8]) -> Self {
        let function = if item.kind.is_function() { Function::read(terms, text) } else { None };
        let tree = match &function {
            Some(function) => function.tree.clone(),
            None => Tree::read(terms, text).unwrap_or_default(),
        };
        Self { offset: item.span.start, span: item.span.clone(), kind: item.kind, tree, function }
    }
}

impl Work {
    /// Applies one rule once for each set of values that it inherits.
    fn rule(&mut self, rule: &Compiled) {
        if !has_words(rule, &self.text) {
            return;
        }
        let inherited = self.inherited(rule);
        if inherited.is_empty() {
            return;
        }
        let read = self.read(rule);
        let mut typing = Typing::default();
        for item in &read {
            typing.widen(&self.terms, &item.tree);
        }
        let forbidden = self.forbidden(rule);
        let mut edits: Vec<Edit> = Vec::new();
        let mut left: BTreeSet<Vec<Option<Rc<Value>>>> = BTreeSet::new();
        for item in &read {
            let scope = if item.function.is_some() { typing.within(&self.terms, &item.tree) } else { typing.clone() };
            let Some(text) = self.text.get(item.span.clone()) else { continue };
            let matcher = Matcher {
                compiled: rule,
                terms: &self.terms,
                tree: &item.tree,
                text,
                offset: item.offset,
                typing: &scope,
                forbidden: &forbidden,
                steps: std::cell::Cell::new(0),
            };
            let mut changes = Changes::default();
            for start in &inherited {
                let state = State { hit: Hit { bound: start.clone(), spots: Vec::new() }, nested: Vec::new() };
                for found in
                    matches(&matcher, item, &state).into_iter().filter(|found| self.is_meant(rule, item, found))
                {
                    let hits: Vec<&Hit> =
                        std::iter::once(&found.hit).chain(found.nested.iter().map(|n| &**n)).collect();
                    left.extend(hits.iter().map(|hit| hit.bound.clone()));
                    changes.take(rule, &hits);
                }
            }
            let page = Page { terms: &self.terms, tree: &item.tree, text };
            let shifted = |edit: Edit| Edit::new(edit.start + item.offset..edit.end + item.offset, edit.text);
            edits.extend(page.edits(&changes).into_iter().map(shifted));
        }
        self.leave(rule, left, &edits);
    }

    /// Does a match change something where something is to be changed?
    fn is_meant(&self, rule: &Compiled, item: &Read, found: &State) -> bool {
        let Some(place) = self.place.as_ref().filter(|_| rule.changes() && !self.rests_on_changes(rule)) else {
            return true;
        };
        let tokens = item.tree.tokens();
        let at = |token: u32| tokens.get(token as usize).map(|t| t.start as usize + item.offset);
        let end = |token: u32| tokens.get(token as usize).map(|t| t.end as usize + item.offset);
        let hits = std::iter::once(&found.hit).chain(found.nested.iter().map(|nested| &**nested));
        hits.flat_map(|hit| &hit.spots).filter(|spot| rule.body[spot.token].changes()).any(|spot| {
            let last = spot.to.saturating_sub(1).max(spot.from);
            at(spot.from).is_some_and(|from| from < place.end) && end(last).is_some_and(|to| to > place.start)
        })
    }

    /// Does a rule need what another one has changed?
    fn rests_on_changes(&self, rule: &Compiled) -> bool {
        let inherits = |meta: &super::declare::Declared| {
            meta.inherited.as_ref().is_some_and(|(from, _)| self.changed.contains(from))
        };
        rule.header.depends.rests_on(&self.changed) || rule.metas.iter().any(inherits)
    }

    /// Reads the items that a rule can match in.
    fn read(&mut self, rule: &Compiled) -> Vec<Rc<Read>> {
        let is_include = rule.root().is_some_and(|root| root.shape.what == What::Include);
        let mut all =
            self.items.take().unwrap_or_else(|| items(&self.text).list.into_iter().map(|item| (item, None)).collect());
        let mut out = Vec::new();
        for (item, known) in &mut all {
            let Some(text) = self.text.get(item.span.clone()) else { continue };
            let is_needed = match item.kind {
                ItemKind::Include => is_include,
                ItemKind::ObjectMacro | ItemKind::FunctionMacro | ItemKind::Conditional | ItemKind::Directive => false,
                kind if kind.is_function() => has_words(rule, text),
                // Types and prototypes tell the types of expressions.
                _ => !is_include && (rule.typed || has_words(rule, text)),
            };
            if is_needed && (!is_include || item.kind == ItemKind::Include) {
                out.push(known.get_or_insert_with(|| Rc::new(Read::new(&mut self.terms, item, text))).clone());
            }
        }
        self.items = Some(all);
        out
    }

    /// The sets of values that a rule starts with; one empty set if it inherits nothing.
    fn inherited(&self, rule: &Compiled) -> Vec<Vec<Option<Rc<Value>>>> {
        let wanted: Vec<(usize, &(String, String))> =
            rule.metas.iter().enumerate().filter_map(|(at, meta)| Some((at, meta.inherited.as_ref()?))).collect();
        let mut sets: Vec<Bound> = vec![Bound::new()];
        let sources: BTreeSet<&str> = wanted.iter().map(|(_, (from, _))| from.as_str()).collect();
        for source in sources {
            let mut next: Vec<Bound> = Vec::new();
            for known in &sets {
                for more in self.bound.get(source).into_iter().flatten() {
                    let agrees = more.iter().all(|(name, value)| known.get(name).is_none_or(|v| v.key == value.key));
                    if agrees && next.len() < MOST_BOUND {
                        let mut both = known.clone();
                        both.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
                        next.push(both);
                    }
                }
            }
            sets = next;
        }
        let mut out: BTreeSet<Vec<Option<Rc<Value>>>> = BTreeSet::new();
        for set in sets {
            let mut start = vec![None; rule.metas.len()];
            let mut complete = true;
            for (at, name) in &wanted {
                match set.get(*name) {
                    Some(value) => start[*at] = Some(value.clone()),
                    None => complete = false,
                }
            }
            if complete {
                out.insert(start);
            }
        }
        out.into_iter().collect()
    }

    /// The values of other rules that a rule's metavariables must not have.
    fn forbidden(&self, rule: &Compiled) -> Forbidden {
        let mut out = Forbidden::new();
        for name in rule.metas.iter().flat_map(|meta| meta.limits.except_bound.iter().chain(&meta.limits.part_of)) {
            let values = self.bound.get(&name.0).into_iter().flatten().filter_map(|set| set.get(name));
            out.entry(name.clone()).or_default().extend(values.map(|value| value.key.clone()));
        }
        out
    }

    /// Keeps what a rule bound, makes its edits, and moves all positions with them.
    fn leave(&mut self, rule: &Compiled, left: BTreeSet<Vec<Option<Rc<Value>>>>, edits: &[Edit]) {
        if left.is_empty() {
            return;
        }
        let name =
            if rule.header.name.is_empty() { format!("rule on line {}", rule.line) } else { rule.header.name.clone() };
        self.matched.insert(name.clone());
        let sets = left.into_iter().take(MOST_BOUND).map(|values| {
            let mut set = Bound::new();
            for (meta, value) in rule.metas.iter().zip(values) {
                if let Some(value) = value {
                    set.insert((name.clone(), meta.name.clone()), value.clone());
                    if let Some(from) = &meta.inherited {
                        set.insert(from.clone(), value);
                    }
                }
            }
            set
        });
        let sets: Vec<Bound> = sets.collect();
        self.bound.insert(name.clone(), sets);
        if edits.is_empty() {
            return;
        }
        self.changed.insert(name);
        self.place = self.place.take().map(|place| carried(&place, edits));
        self.text = edited(&self.text, edits);
        self.items = None;
        for set in self.bound.values_mut().flatten() {
            for value in set.values_mut() {
                // Of a position there are only digits, and no bytes.
                let offset = value
                    .bytes
                    .is_empty()
                    .then(|| std::str::from_utf8(&value.key).ok()?.parse::<usize>().ok())
                    .flatten();
                if let Some(at) = offset {
                    let moved = carried(&(at..at + 1), edits).start;
                    *value = Rc::new(Value { key: moved.to_string().into_bytes(), bytes: Vec::new() });
                }
            }
        }
    }
}

/// Whether a text has the words without which a rule matches nothing.
fn has_words(rule: &Compiled, text: &[u8]) -> bool {
    rule.words.iter().all(|list| list.iter().any(|word| memmem::find(text, word).is_some()))
}

/// All matches of a rule in an item.
fn matches(matcher: &Matcher<'_>, item: &Read, start: &State) -> Vec<State> {
    let Some(root) = matcher.compiled.root() else { return Vec::new() };
    let shape = &root.shape;
    match (shape.what, &item.function) {
        (What::Expression, _) => {
            let Some(root) = shape.roots.first() else { return Vec::new() };
            (0..item.tree.places().len()).flat_map(|at| first(matcher.place(shape, *root, at, start.clone()))).collect()
        }
        (What::Statements, Some(function)) => {
            let flow = Flow::new(matcher, function);
            let mut elements = flow.elements(shape, &shape.roots);
            while let Some(Element::Slot(slot)) = elements.first()
                && matches!(matcher.compiled.slots[*slot], Slot::Dots(_))
            {
                elements.remove(0);
            }
            function.side.cfg.inner().flat_map(|node| flow.at(shape, &elements, node, start.clone())).collect()
        }
        (What::Items, Some(function)) => {
            let flow = Flow::new(matcher, function);
            shape.roots.iter().take(1).flat_map(|root| flow.whole(shape, *root, start.clone())).collect()
        }
        (What::Statements | What::Items, None) if item.kind != ItemKind::Include => match shape.roots.as_slice() {
            [root] => item.tree.children(0).flat_map(|at| matcher.place(shape, *root, at, start.clone())).collect(),
            _ => Vec::new(),
        },
        (What::Include, _) if item.kind == ItemKind::Include => include(matcher, start),
        _ => Vec::new(),
    }
}

/// At one place an expression matches in one way; a rule that changes nothing may want them all.
fn first(mut found: Vec<State>) -> Vec<State> {
    found.truncate(8);
    found
}

/// An `#include` line.
fn include(matcher: &Matcher<'_>, start: &State) -> Vec<State> {
    let Some(token) = matcher.compiled.body.first() else { return Vec::new() };
    let line = matcher.text.split(|c| *c == b'\n').next().unwrap_or_default().trim_ascii_end();
    if line != token.token.text || matcher.tree.tokens().is_empty() {
        return Vec::new();
    }
    let count = u32::try_from(matcher.tree.tokens().len()).unwrap_or(u32::MAX);
    matcher.record(0, (0, count), start.clone()).into_iter().collect()
}

#[cfg(test)]
mod tests;
