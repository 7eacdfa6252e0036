//! Which replacements are rules: judged by every use of the name, changed or not.
//!
//! In: replacements and uses. Out: the few that together explain most uses, each with the uses that it explains and those that
//! speak against it. Chosen one after the other: the one that explains most of what is still open, unless more than a tenth of
//! the functions that it fits were left as they were, or a fifth of them changed otherwise. What speaks against a replacement is first met with a condition: the declared type of
//! a value, the type that an initialiser is of (spdiff's typed metavariables).

use super::anti_unify::numbered;
use super::apply::{Patch, apply};
use super::distance::Distances;
use super::matcher::{Sight, matches, type_of};
use super::renames::are_renamed_along;
use super::safety::Support;
use super::site::{ReadPair, Use};
use super::term::{TermId, Terms};
use super::typing::Types;
use super::verdict::{Chosen, Verdict};
use crate::merge::Change;

/// What judging needs.
pub struct Judge<'a> {
    /// The arena.
    pub terms: &'a mut Terms,
    /// Distances asked for so far.
    pub distances: &'a mut Distances,
    /// The name.
    pub name: &'a [u8],
    /// The functions.
    pub pairs: &'a [ReadPair],
    /// All uses of the name.
    pub uses: &'a [Use],
    /// The file that each function is in, as a number.
    pub files: &'a [usize],
    /// In how many files functions must support a rule: one author in one file is no habit.
    pub threshold: usize,
    /// Of rules that explain the same, whether the most general is taken (the old form does not compile, so whatever stands
    /// there has to change) or the least abstract (spdiff's choice).
    pub general: bool,
}

/// Against one function that was left as it was at least so many must speak for a replacement.
const FOR_ONE_LEFT: usize = 9;

/// Against one function that was left or changed otherwise at least so many must speak for it: the old form is often replaced by
/// one of several new ones, and the most frequent one is right where nothing says otherwise.
const FOR_ONE_AGAINST: usize = 4;

/// No more rules are chosen for one name.
const MOST_RULES: usize = 12;

impl Judge<'_> {
    /// The rules among the replacements, in the order in which they were chosen.
    pub fn choose(&mut self, patches: Vec<Patch>) -> Vec<Chosen> {
        let mut all: Vec<Chosen> = Vec::new();
        for patch in patches {
            // A type that is still there is another one only where something says so.
            let is_type = self.terms.kind(patch.before).ends_with("_specifier")
                || self.terms.kind(patch.before) == "type_identifier";
            if self.is_loose(&patch) || is_type && !self.general {
                continue;
            }
            let is_related = is_related(self.terms, &patch);
            let judged = self.judged(patch, None);
            let support = self.functions(&judged.supporting());
            // That one function has something else in its place says nothing; that several have the same says that they belong together.
            if support > 1 || support == 1 && is_related {
                all.push(judged);
            }
        }
        let mut rules: Vec<Chosen> = Vec::new();
        while rules.len() < MOST_RULES {
            let done = |at: usize| rules.iter().any(|rule| rule.verdicts[at] >= Verdict::Unit);
            let open: Support = (0..self.uses.len()).filter(|at| !done(*at)).collect();
            let Some(best) = self.best(&all, &open, &rules) else { break };
            rules.push(best);
        }
        self.without_superfluous(rules)
    }

    /// Whether what comes out has a local variable of some function after the change that is neither in what it looks for nor
    /// declared by what comes out: elsewhere there is no such variable.
    fn is_loose(&self, patch: &Patch) -> bool {
        let terms = &*self.terms;
        // A call that became a constant: what it was called with went without a trace.
        if !patch.metas.is_empty() && terms.children(patch.after).is_empty() && !terms.is_open(patch.after) {
            return true;
        }
        terms.subterms(patch.after).into_iter().any(|id| {
            let word = terms.leaf(id).filter(|_| terms.kind(id) == "identifier").unwrap_or_default();
            let is_local =
                self.pairs.iter().any(|pair| pair.types_after.declares(word) && !is_callee(terms, patch.after, id));
            !word.is_empty() && is_local && !terms.holds(patch.before, id) && !is_declared_in(terms, patch.after, id)
        })
    }

    /// The replacement that explains most of the open uses and holds.
    fn best(&mut self, all: &[Chosen], open: &[usize], rules: &[Chosen]) -> Option<Chosen> {
        let mut order: Vec<(u64, u32, usize, usize, usize)> = Vec::new();
        for (at, chosen) in all.iter().enumerate() {
            let worth: u64 = open.iter().map(|at| chosen.verdicts[*at].worth()).sum();
            if worth > 0 && !self.is_called_by_chance(chosen, rules) && self.is_enough(chosen, (open, rules)) {
                // Of equals the one with the smaller pattern, then the more general one: what is carried over is no condition.
                let metas = if self.general { usize::MAX - chosen.patch.metas.len() } else { chosen.patch.metas.len() };
                let locals = self.locals(&chosen.patch);
                order.push((u64::MAX - worth, self.terms.size(chosen.patch.before), locals, metas, at));
            }
        }
        order.sort_unstable();
        for (.., at) in order {
            if self.holds(&all[at], rules) {
                return Some(all[at].clone());
            }
            if let Some(narrower) =
                self.narrowed(&all[at], rules).filter(|narrower| self.is_enough(narrower, (open, rules)))
            {
                return Some(narrower);
            }
        }
        None
    }

    /// Whether what speaks against it is little enough, counted in functions: one may use the name fifty times. What a special case
    /// among the rules explains, which applies before it, does not.
    fn holds(&self, chosen: &Chosen, rules: &[Chosen]) -> bool {
        let size = |chosen: &Chosen| self.terms.size(chosen.patch.before);
        let special: Vec<&Chosen> = rules.iter().filter(|rule| size(rule) > size(chosen)).collect();
        let is_open = |at: &usize| special.iter().all(|rule| rule.verdicts[*at] < Verdict::Unit);
        let left = self.functions(&chosen.which(|verdict| verdict == Verdict::Wrong));
        let in_all = self.functions(&chosen.against());
        let against: Support = chosen.against().into_iter().filter(is_open).collect();
        let support = self.functions(&chosen.supporting());
        // What throws a value away must hardly ever be wrong: the value may be what makes the difference.
        let known = self.terms.metas(chosen.patch.after);
        let drops = self.terms.metas(chosen.patch.before).iter().any(|number| !known.contains(number));
        let for_one = if drops { FOR_ONE_LEFT } else { FOR_ONE_AGAINST };
        // A rule of which more is an exception is none.
        left * FOR_ONE_LEFT <= support && in_all <= support && self.functions(&against) * for_one <= support
    }

    /// In how many functions uses stand.
    fn functions(&self, uses: &[usize]) -> usize {
        let mut all: Vec<usize> = uses.iter().map(|at| self.uses[*at].pair).collect();
        all.dedup();
        all.len()
    }

    /// In how many files uses stand.
    fn files(&self, uses: &[usize]) -> usize {
        let mut all: Vec<usize> = uses.iter().filter_map(|at| self.files.get(self.uses[*at].pair).copied()).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    }

    /// How many local variables a pattern names without declaring them: others have other names.
    fn locals(&self, patch: &Patch) -> usize {
        let terms = &*self.terms;
        let is_local = |id: &TermId| {
            let word = terms.leaf(*id).filter(|_| terms.kind(*id) == "identifier").unwrap_or_default();
            let declares = |pair: &ReadPair| pair.types.declares(word);
            !word.is_empty() && self.pairs.iter().any(declares) && !is_declared_in(terms, patch.before, *id)
        };
        terms.subterms(patch.before).iter().filter(|id| is_local(id)).count()
    }

    /// Whether a rule fits all uses that it explains, and it fits fewer by what local variables are called: that is never the reason.
    fn is_called_by_chance(&self, chosen: &Chosen, rules: &[Chosen]) -> bool {
        let good = chosen.which(|v| v >= Verdict::Unit);
        let fits_all = |rule: &Chosen| good.iter().all(|at| rule.verdicts[*at] > Verdict::Apart);
        rules.iter().any(fits_all) && self.locals(&chosen.patch) > 0
    }

    /// Whether it explains an open use, enough files support it, and most of the support explains the use. What other rules explain,
    /// too, speaks for it as well: the more general rule is learned from all.
    fn is_enough(&mut self, chosen: &Chosen, (open, rules): (&[usize], &[Chosen])) -> bool {
        let explains = |at: &usize| chosen.verdicts[*at] >= Verdict::Unit;
        let (good, all) = (chosen.which(|v| v >= Verdict::Unit), chosen.supporting().len());
        open.iter().any(explains)
            && 2 * good.len() >= all
            && (self.files(&good) >= self.threshold || rules.iter().any(|rule| self.is_along(&good, rule)))
    }

    /// Whether a rule does all that was done to these uses but for words that were changed as it changes the name: of
    /// `spi_master_get_devdata(spi->master)` that one became `..._controller_...` says what became of the other. One use is enough then.
    fn is_along(&mut self, good: &[usize], rule: &Chosen) -> bool {
        let words = |id: TermId| self.terms.subterms(id).into_iter().filter_map(|part| self.terms.leaf(part));
        let mut new = words(rule.patch.after).filter(|word| !self.terms.holds_word(rule.patch.before, word));
        let (Some(after), None) = (new.next(), new.next()) else { return false };
        let names = Change { before: self.name.to_vec(), after: after.to_vec() };
        good.iter().all(|at| {
            let found = &self.uses[*at];
            let types = &self.pairs[found.pair].types;
            let levels = if found.told.is_empty() { &found.levels } else { &found.told };
            let Some((before, after)) = levels.last().copied().filter(|_| rule.verdicts[*at] == Verdict::Part) else {
                return false;
            };
            let made = apply(self.terms, &rule.patch, types, before).term;
            are_renamed_along(self.terms, (made, after), &names)
        })
    }

    /// Without the rules of which another one does all that they do (Spinfer, section 3.5).
    fn without_superfluous(&self, rules: Vec<Chosen>) -> Vec<Chosen> {
        let does_all = |one: &Chosen, other: &Chosen| {
            let explained = one.which(|verdict| verdict >= Verdict::Unit);
            explained.iter().all(|at| other.verdicts[*at] >= one.verdicts[*at])
        };
        let size = |rule: &Chosen| self.terms.size(rule.patch.before);
        let is_needed = |at: &usize| {
            let one = &rules[*at];
            !rules.iter().any(|other| size(other) < size(one) && other.within == one.within && does_all(one, other))
        };
        (0..rules.len()).filter(is_needed).map(|at| rules[at].clone()).collect()
    }

    /// The replacement with its verdicts.
    fn judged(&mut self, patch: Patch, within: Option<Vec<u8>>) -> Chosen {
        let verdicts = (0..self.uses.len()).map(|at| self.verdict(&patch, within.as_ref(), at)).collect();
        Chosen { patch, within, verdicts }
    }

    /// What a replacement is to one use.
    fn verdict(&mut self, patch: &Patch, within: Option<&Vec<u8>>, at: usize) -> Verdict {
        let found = &self.uses[at];
        let types = &self.pairs[found.pair].types;
        if within.is_some() && within != found.within.as_ref() {
            return Verdict::Apart;
        }
        match self.of_levels(patch, types, &found.levels) {
            // With the old names of local variables it may be just that; the names are not its affair.
            Verdict::Wrong | Verdict::Otherwise | Verdict::Part
                if self.of_levels(patch, types, &found.told) >= Verdict::Unit =>
            {
                Verdict::Unit
            }
            verdict => verdict,
        }
    }

    /// What a replacement is to the levels of one use.
    fn of_levels(&mut self, patch: &Patch, types: &Types, levels: &[(TermId, TermId)]) -> Verdict {
        let Some((before, after)) = levels.last().copied() else { return Verdict::Apart };
        let applied = apply(self.terms, patch, types, before);
        if applied.matched == 0 || applied.term == before {
            return Verdict::Apart;
        }
        if applied.term == after {
            return Verdict::Whole;
        }
        // What has the same name afterwards says nothing about a use that was taken away.
        if self.terms.holds_word(patch.after, self.name) && !self.terms.holds_word(after, self.name) {
            return Verdict::Apart;
        }
        for (inner, wanted) in levels.iter().rev().skip(1) {
            let here = apply(self.terms, patch, types, *inner);
            if here.matched > 0 && here.term == *wanted && inner != wanted {
                return Verdict::Unit;
            }
        }
        // Where a call became something else than a call the use was taken away: that is no other way of changing it.
        let kind = |id| self.terms.kind(id);
        let (old, new) = levels[0];
        if kind(patch.before) == kind(patch.after) && kind(old) == kind(patch.before) && kind(new) != kind(old) {
            return Verdict::Apart;
        }
        let mut between = |a, b| u64::from(self.distances.between(self.terms, a, b));
        let is_part = between(before, applied.term) + between(applied.term, after) == between(before, after);
        match (is_part, before == after) {
            (true, _) => Verdict::Part,
            (false, true) => Verdict::Wrong,
            (false, false) => Verdict::Otherwise,
        }
    }

    /// The replacement with a condition that all uses for it meet and those against it do not: the type of the initialiser, else
    /// the types of values.
    fn narrowed(&mut self, chosen: &Chosen, rules: &[Chosen]) -> Option<Chosen> {
        let good = chosen.which(|verdict| verdict >= Verdict::Unit);
        let first = self.uses.get(*good.first()?)?;
        if let Some(within) = first.within.clone() {
            let here: Support =
                good.iter().copied().filter(|at| self.uses[*at].within.as_ref() == Some(&within)).collect();
            if 2 * here.len() > good.len() {
                let judged = self.judged(chosen.patch.clone(), Some(within));
                if self.holds(&judged, rules) {
                    return Some(judged);
                }
            }
        }
        let mut patch = chosen.patch.clone();
        for number in 0..patch.metas.len() {
            if let Some(kind) = self.common_type(&chosen.patch, number, &good) {
                patch.metas[number].typed = Some(kind);
            }
        }
        if patch == chosen.patch {
            return None;
        }
        let patch = numbered(self.terms, &patch);
        let judged = self.judged(patch, chosen.within.clone());
        self.holds(&judged, rules).then_some(judged)
    }

    /// The declared type that a metavariable's value has in most of these uses.
    fn common_type(&self, patch: &Patch, number: usize, good: &[usize]) -> Option<Vec<u8>> {
        let mut counts: Vec<(Vec<u8>, usize)> = Vec::new();
        for at in good {
            let found = &self.uses[*at];
            let sight = Sight { terms: self.terms, metas: &patch.metas, types: &self.pairs[found.pair].types };
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let bound = found.levels.iter().find_map(|(before, _)| matches(sight, patch.before, *before));
            let Some(kind) = bound.and_then(|b| b.term(number)).and_then(|term| type_of(sight, term)) else { continue };
            match counts.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
        }
        let best = counts.into_iter().max_by_key(|(_, count)| *count)?;
        (2 * best.1 > good.len()).then_some(best.0)
    }
}

/// Whether what comes out has something to do with what was there: of `.a = f` and `.b = g`, or of `a = f` and `b = g`, where nothing
/// is the same, one went and the other came.
fn is_related(terms: &Terms, patch: &Patch) -> bool {
    let is_pair = |id: TermId| matches!(terms.kind(id), "initializer_pair" | "assignment_expression");
    let plain = |id: TermId| match (terms.kind(id), terms.children(id)) {
        ("expression_statement", [only]) => *only,
        _ => id,
    };
    let (before, after) = (plain(patch.before), plain(patch.after));
    let (children, [old, ..]) = (terms.children(after), terms.children(before)) else { return true };
    match (is_pair(before), is_pair(after), children) {
        (_, true, [new, .., value]) => is_pair(before) && new == old || terms.holds(before, *value),
        // What was assigned is an argument now: `a->b = c` became `set_b(a, c)`.
        (true, false, _) => terms.children(before).last().is_none_or(|value| terms.holds(after, *value)),
        _ => true,
    }
}

/// Whether a name stands only where a function is called.
fn is_callee(terms: &Terms, whole: TermId, name: TermId) -> bool {
    let parents: Vec<TermId> =
        terms.subterms(whole).into_iter().filter(|id| terms.children(*id).contains(&name)).collect();
    let calls = |id: &TermId| terms.kind(*id) == "call_expression";
    !parents.is_empty() && parents.iter().all(calls)
}

/// Whether a name stands where one is declared.
fn is_declared_in(terms: &Terms, whole: TermId, name: TermId) -> bool {
    terms.any(whole, &mut |id| terms.kind(id).ends_with("_declarator") && terms.children(id).contains(&name))
}
