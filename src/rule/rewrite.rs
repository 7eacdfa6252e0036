//! Rules applied to a text: which bytes change.
//!
//! In: a text, rules in order, and where they may work (everywhere, or in the lines that a patch adds). Out: edits of the text
//! and the sites of each rule. Only items that hold a rule's words are parsed. A rule works on what the rule before it made,
//! top-down, never again on what it replaced itself; but a value that stays in its place is looked into. Where the head of a function
//! changes that an earlier rule has found, nobody else may use it in a way that does not fit any more.
//!
//! ```text
//!   cls = class_create(THIS_MODULE, "x" /* why */);      class_create(THIS_MODULE, X) -> class_create(X)
//!                      ^^^^^^^^^^^^^ these bytes go; everything else stays as it stands
//! ```

use super::apply::Patch;
use super::edit::{Edit, carried, composed, edited};
use super::matcher::{Binding, Bindings, Found, Sight, matches_at};
use super::pattern::Pattern;
use super::refusal::Refusal;
use super::rehead::Rehead;
use super::replace::{Replacement, replacement};
use super::rule::{Body, Rule};
use super::shadow::Shadows;
use super::term::{Head, Terms};
use super::tree::Tree;
use super::typing::{Types, initialised};
use crate::syntax::items::{Item, items};
use crate::syntax::lex::has_word;
use memchr::memmem;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Where rules may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where<'a> {
    /// In the whole text.
    Everywhere,
    /// Only where all bytes that would change lie in these ranges, which are in order.
    Within(&'a [Range<usize>]),
}

/// A place where a rule matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSite {
    /// The rule, by its place in the list.
    pub rule: usize,
    /// The bytes that matched, in the text that the rule found: that of the rules before it.
    pub bytes: Range<usize>,
    /// What was done.
    pub deed: Deed,
}

/// What a rule did where it matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It was rewritten.
    Rewritten,
    /// Bytes outside of the allowed ranges would have had to change.
    Outside,
    /// Left as it is.
    Refused(Refusal),
    /// A name in it is the function's own there: it is something else.
    Shadowed,
    /// The head of a function is as the rule would make it: nothing is left to do.
    There,
}

impl Deed {
    /// Why nothing was done.
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// What became of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Edits of the text that came in, in order.
    pub edits: Vec<Edit>,
    /// Where rules matched, in the order of the rules, then of the text.
    pub sites: Vec<RuleSite>,
}

/// Applies rules to a text.
pub fn rewrite<R: Borrow<Rule>>(text: &[u8], rules: &[R], place: Where<'_>) -> Rewritten {
    let mut work = Rewriting { text: text.to_vec(), edits: Vec::new(), sites: Vec::new(), bound: Vec::new() };
    let mut ranges: Option<Vec<Range<usize>>> = match place {
        Where::Everywhere => None,
        Where::Within(ranges) => Some(ranges.to_vec()),
    };
    for (at, rule) in rules.iter().enumerate() {
        work.apply_rule(text, (at, rule.borrow()), &mut ranges);
    }
    Rewritten { edits: work.edits, sites: work.sites }
}

/// What a metavariable of an earlier rule was bound to: rule, metavariable, value.
type Inherited = (String, String, Pattern);

/// Why a sequence is taken back.
#[derive(Clone, Copy)]
enum Halted {
    /// One of its replacements matches nowhere.
    Missing,
    /// One is left as it is.
    Refused(Refusal),
    /// One matches only where nothing may change.
    Outside,
}

/// A text while rules work on it.
struct Rewriting {
    /// As it is now.
    text: Vec<u8>,
    /// From the text that came in to the one that is.
    edits: Vec<Edit>,
    sites: Vec<RuleSite>,
    /// Values for later rules, one list for each match, and how often each was found.
    bound: Vec<(Vec<Inherited>, usize)>,
}

impl Rewriting {
    /// Applies all replacements of a rule; a sequence only if each of them applies.
    fn apply_rule(&mut self, original: &[u8], rule: (usize, &Rule), ranges: &mut Option<Vec<Range<usize>>>) {
        // What one replacement did is taken back if another of the same rule does nothing: half a sequence is another change.
        let is_sequence = matches!(rule.1.body, Body::Terms(_));
        let before = is_sequence.then(|| (self.text.clone(), self.edits.clone(), ranges.clone()));
        let first = self.sites.len();
        let mut halted = None;
        for change in 0..rule.1.changes().len() {
            let own = self.sites.len();
            let (edits, matched) = self.pass(rule, change, ranges.as_deref());
            let done = &self.sites[own..];
            halted = match done.iter().find_map(|site| site.deed.refusal()) {
                _ if !is_sequence => None,
                _ if matched == 0 => Some(Halted::Missing),
                Some(refusal) => Some(Halted::Refused(refusal)),
                None if !done.iter().any(|site| site.deed == Deed::Rewritten) => Some(Halted::Outside),
                None => halted,
            };
            // Behind what is outside there may still be what is missing.
            if matches!(halted, Some(Halted::Missing | Halted::Refused(_))) {
                break;
            }
            if let Some(ranges) = ranges {
                ranges.iter_mut().for_each(|range| *range = carried(range, &edits));
            }
            if !edits.is_empty() {
                self.edits = composed(original, &self.edits, &edits);
                self.text = edited(&self.text, &edits);
            }
        }
        let (Some(halted), Some((text, edits, old))) = (halted, before) else { return };
        (self.text, self.edits, *ranges) = (text, edits, old);
        match halted {
            Halted::Missing => self.sites.truncate(first),
            Halted::Refused(refusal) => self.undo(first, |_| Deed::Refused(refusal)),
            Halted::Outside => self.undo(first, |deed| if deed == Deed::Rewritten { Deed::Outside } else { deed }),
        }
    }

    /// Says of sites what became of them when their sequence was taken back.
    fn undo(&mut self, first: usize, became: impl Fn(Deed) -> Deed) {
        self.sites[first..].iter_mut().for_each(|site| site.deed = became(site.deed));
    }

    /// The edits of one replacement, and in how many places it matched.
    fn pass(&mut self, rule: (usize, &Rule), change: usize, ranges: Option<&[Range<usize>]>) -> (Vec<Edit>, usize) {
        let text = std::mem::take(&mut self.text);
        let (mut edits, mut matched) = (Vec::new(), 0);
        if let Some(change) = rule.1.changes().get(change) {
            let words = change.before.words();
            let finders: Vec<_> = words.iter().map(|word| memmem::Finder::new(&**word)).collect();
            // Where a function's head changes that an earlier rule has found, its name alone tells: one that has the new head already is
            // of interest, too.
            let names = Rehead::of(change).and_then(|head| self.fitting(rule.1, head, &text));
            let has_words = |part: &[u8]| match &names {
                Some(names) => names.iter().any(|name| has_word(part, name)),
                None => finders.iter().all(|finder| finder.find(part).is_some()),
            };
            let found = if has_words(&text) { items(&text).list } else { Vec::new() };
            for item in found {
                let span = text.get(item.span.clone()).unwrap_or_default();
                if has_words(span) && ranges.is_none_or(|all| all.iter().any(|range| meet(range, &item.span))) {
                    let names = names.as_deref();
                    let mut visit = Visit { rule, ranges, item: &item, names, text: span, edits: &mut edits };
                    matched += visit.run(change, self);
                }
            }
        }
        self.text = text;
        (edits, matched)
    }

    /// The functions whose heads a change is about, as earlier rules have found them, without those that a text uses in a way that does
    /// not fit any more; `None` if no rule has, and they go by their definition alone.
    fn fitting(&self, rule: &Rule, head: Rehead, text: &[u8]) -> Option<Vec<Box<[u8]>>> {
        let (from, name) = rule.metavariables.get(head.name as usize)?.inherited.as_ref()?;
        let mut known: BTreeMap<&[u8], usize> = BTreeMap::new();
        for (values, times) in &self.bound {
            let value = values.iter().find(|(rule, meta, _)| rule == from && meta == name);
            if let Some(Pattern::Node { kind: "identifier", word, .. }) = value.map(|(.., value)| pointed(value)) {
                *known.entry(word).or_default() += times;
            }
        }
        Some(if known.is_empty() { Vec::new() } else { head.fitting(text, known) })
    }

    /// The values that a rule takes over from earlier ones; one empty set if it takes none.
    fn inherited(&self, rule: &Rule, terms: &mut Terms) -> Vec<Bindings> {
        let wanted: Vec<(usize, &(String, String))> = rule
            .metavariables
            .iter()
            .enumerate()
            .filter_map(|(at, meta)| Some((at, meta.inherited.as_ref()?)))
            .collect();
        if wanted.is_empty() {
            return vec![Bindings::default()];
        }
        let mut all: Vec<Bindings> = Vec::new();
        for (values, _) in &self.bound {
            let mut bindings = Bindings::default();
            let complete = wanted.iter().all(|(at, (from, name))| {
                let value = values.iter().find(|(rule, meta, _)| rule == from && meta == name);
                let number = u32::try_from(*at).unwrap_or(u32::MAX);
                value.is_some_and(|(_, _, value)| bindings.bind(number, Binding::Term(pointed(value).intern(terms))))
            });
            if complete && !all.contains(&bindings) {
                all.push(bindings);
            }
        }
        all
    }
}

/// The function that `&f` is as well as `f`.
fn pointed(value: &Pattern) -> &Pattern {
    match value {
        Pattern::Node { kind: "pointer_expression", word, children } if **word == *b"& _" => match &children[..] {
            [name @ Pattern::Node { kind: "identifier", .. }] => name,
            _ => value,
        },
        _ => value,
    }
}

/// Whether two ranges meet.
fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// One replacement at work in one item.
struct Visit<'a> {
    rule: (usize, &'a Rule),
    ranges: Option<&'a [Range<usize>]>,
    item: &'a Item,
    /// The functions that it is about, where earlier rules have found them.
    names: Option<&'a [Box<[u8]>]>,
    /// The item's text.
    text: &'a [u8],
    edits: &'a mut Vec<Edit>,
}

impl Visit<'_> {
    /// Looks at every place of the item, top-down; how many matched.
    fn run(&mut self, change: &crate::merge::Change<Pattern>, work: &mut Rewriting) -> usize {
        let mut terms = Terms::new();
        let Some(tree) = Tree::read(&mut terms, self.text) else { return 0 };
        let patch = Patch::of(&mut terms, change, &self.rule.1.metavariables);
        let types = Types::of(&terms, &tree);
        // A name that is all of a pattern may be the function's own, which got another name together with its type; one that it calls is
        // the kernel's.
        let shadows = Shadows::of(&terms, &tree, &change.before.calls());
        let mut bound = work.inherited(self.rule.1, &mut terms);
        let head = Rehead::of(change);
        let new_head = head.map(|_| Rehead::new_head(change).intern(&mut terms));
        if let (Some(head), Some(names)) = (head, self.names) {
            let name = |bindings: &Bindings| bindings.term(head.name).and_then(|id| terms.leaf(id));
            bound.retain(|found| name(found).is_some_and(|name| names.iter().any(|one| **one == *name)));
        }
        let known = matches!(terms.head(patch.before), Head::Known { .. }).then(|| terms.head(patch.before));
        let mut matched = 0;
        let mut inside: Vec<(usize, Vec<(u32, u32)>)> = Vec::new();
        for (at, place) in tree.places().iter().enumerate() {
            inside.retain(|(after, _)| at < *after);
            let stays = |kept: &[(u32, u32)]| kept.iter().any(|k| k.0 <= place.tokens.0 && place.tokens.1 <= k.1);
            let is_alike = known.is_none_or(|head| head == terms.head(place.term));
            // Of what was replaced only values that stay in their place are looked into.
            if !is_alike || !inside.iter().all(|(_, kept)| stays(kept)) {
                continue;
            }
            let sight = Sight { terms: &terms, metas: &patch.metas, types: &types };
            if self.rule.1.within.as_ref().is_some_and(|kind| initialised(&terms, &tree, at).as_ref() != Some(kind)) {
                continue;
            }
            let tried = |b: &Bindings| matches_at(sight, patch.before, (&tree, at), b.clone());
            let offset = self.item.span.start;
            let bytes = place.start as usize + offset..place.end as usize + offset;
            let Some(found) = bound.iter().find_map(tried) else {
                let is_it = |new, b: &Bindings| matches_at(sight, new, (&tree, at), b.clone()).is_some();
                if new_head.is_some_and(|new| bound.iter().any(|bindings| is_it(new, bindings))) {
                    work.sites.push(RuleSite { rule: self.rule.0, bytes, deed: Deed::There });
                }
                continue;
            };
            if shadows.cover(at) {
                work.sites.push(RuleSite { rule: self.rule.0, bytes, deed: Deed::Shadowed });
                continue;
            }
            matched += 1;
            let made = replacement((self.text, &tree, at), (&mut terms, &patch), &found);
            let (deed, kept) = self.take(made);
            remember(work, self.rule.1, &terms, &found);
            work.sites.push(RuleSite { rule: self.rule.0, bytes, deed });
            inside.push((place.after as usize, kept));
        }
        matched
    }

    /// Takes the edits of one match if they may be made: what was done, and the tokens that stay in their place.
    fn take(&mut self, made: Result<Replacement, Refusal>) -> (Deed, Vec<(u32, u32)>) {
        let made = match made {
            Ok(made) => made,
            Err(refusal) => return (Deed::Refused(refusal), Vec::new()),
        };
        let offset = self.item.span.start;
        let shifted = |edit: &Edit| Edit::new(edit.start + offset..edit.end + offset, edit.text.clone());
        let edits: Vec<Edit> = made.edits.iter().map(shifted).collect();
        let allowed = |edit: &Edit| {
            self.ranges.is_none_or(|all| all.iter().any(|range| range.start <= edit.start && edit.end <= range.end))
        };
        if !edits.iter().all(allowed) {
            return (Deed::Outside, Vec::new());
        }
        let collide = |a: &Edit, b: &Edit| a.start < b.end && b.start < a.end || a.start == b.start || a.end == b.end;
        if edits.iter().any(|new| self.edits.iter().any(|old| collide(old, new))) {
            return (Deed::Refused(Refusal::Unclear), Vec::new());
        }
        self.edits.extend(edits);
        self.edits.sort();
        (Deed::Rewritten, made.kept)
    }
}

/// Keeps the values of a match for rules that inherit them.
fn remember(work: &mut Rewriting, rule: &Rule, terms: &Terms, found: &Found) {
    let mut values = Vec::new();
    for (at, meta) in rule.metavariables.iter().enumerate() {
        let term = found.bindings.term(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(value) = term.and_then(|term| Pattern::of(terms, term)) {
            values.push((rule.name.clone(), meta.name.clone(), value));
        }
    }
    match work.bound.iter_mut().find(|(known, _)| *known == values) {
        _ if values.is_empty() => {}
        Some((_, times)) => *times += 1,
        None => work.bound.push((values, 1)),
    }
}

#[cfg(test)]
mod tests;
