//! The rules of one name, learned from how upstream changed the functions that use it.
//!
//! In: a name and functions before and after. Out: rules in the order in which they apply, special cases first, each with its
//! examples, its support, and the places of the same form that were not changed so.

use super::apply::Patch;
use super::choose::Judge;
use super::distance::Distances;
use super::generalise::replacements;
use super::metavariable::Metavariable;
use super::pattern::Pattern;
use super::renames::Rename;
use super::rule::{Body, Example, Knowledge, Likeness, MOST_EXAMPLES, Requirement, Rule, Site};
use super::site::{ReadPair, Use, uses};
use super::term::Terms;
use super::verdict::{Chosen, Verdict};
use crate::merge::Change;
use crate::syntax::lex::has_word;

/// A function (or another item) before and after upstream's change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The path of its file.
    pub path: String,
    /// Its name.
    pub function: String,
    /// Its text before.
    pub before: Vec<u8>,
    /// Its text after.
    pub after: Vec<u8>,
}

/// How to infer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// In how many files a form must have been changed; of a name that is gone one is enough if there are no more.
    pub threshold: usize,
    /// Whether the old form still compiles, as far as the caller knows.
    pub required: Requirement,
    /// Why, in a line: the declaration before and after.
    pub why: String,
    /// Replacements that the declarations themselves suggest, judged like all others.
    pub declared: Vec<(Change<Pattern>, Vec<Metavariable>)>,
}

impl Default for Options {
    fn default() -> Self {
        Self { threshold: 2, required: Requirement::Unknown, why: String::new(), declared: Vec::new() }
    }
}

/// What was learned about a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Special cases first.
    pub rules: Vec<Rule>,
    /// Uses before the change; of these changed; of these explained by a rule.
    pub uses: usize,
    /// Uses that changed.
    pub changed: usize,
    /// Changed uses that a rule explains.
    pub explained: usize,
    /// Changed uses that no rule explains.
    pub open: Vec<Example>,
    /// Of each rule, whether some use of the same form became something else and no rule before it says why.
    pub disputed: Vec<bool>,
}

/// More pairs are not read.
const MOST_PAIRS: usize = 200;

/// More uses are not looked at: of the kernel's names only those of generated tables have more in so many items.
const MOST_USES: usize = 3000;

/// The rules of `name`.
pub fn infer_for(name: &[u8], pairs: &[Pair], options: &Options) -> Learned {
    let mut terms = Terms::new();
    let mut distances = Distances::default();
    let pairs = pairs.get(..pairs.len().min(MOST_PAIRS)).unwrap_or_default();
    let read: Vec<ReadPair> = pairs.iter().map(|pair| ReadPair::read(&mut terms, &pair.before, &pair.after)).collect();
    let mut all: Vec<Use> = Vec::new();
    for (at, pair) in read.iter().enumerate() {
        let mut found = uses(&terms, &mut distances, name, (at, pair));
        pair.tell(&mut terms, &mut found);
        found.truncate(MOST_USES - all.len());
        all.append(&mut found);
    }
    let changed: Vec<Use> = all.iter().filter(|found| found.is_changed()).cloned().collect();
    let numbers = files(pairs);
    let mut touched: Vec<usize> = changed.iter().map(|found| numbers[found.pair]).collect();
    touched.sort_unstable();
    touched.dedup();
    // One example is enough only where the old form is known to be invalid.
    let may_be_one = touched.len() < options.threshold && options.required == Requirement::Required;
    let threshold = if may_be_one { 1 } else { options.threshold };
    let mut patches: Vec<Patch> =
        options.declared.iter().map(|(change, metas)| Patch::of(&mut terms, change, metas)).collect();
    patches.extend(replacements(&mut terms, &changed, name));
    let general = options.required == Requirement::Required;
    let mut judge = Judge {
        terms: &mut terms,
        distances: &mut distances,
        name,
        pairs: &read,
        uses: &all,
        files: &numbers,
        threshold,
        general,
    };
    let mut chosen = judge.choose(patches);
    chosen.sort_by_key(|c| (std::cmp::Reverse(terms.size(c.patch.before)), c.patch.metas.len()));
    let locals = common_renames(&read, threshold).into_iter().map(|rename| Retyped::of(rename, &read)).collect();
    Telling { name, terms: &terms, pairs, uses: &all, options, locals }.learned(&chosen)
}

/// The file of each pair, as a number.
fn files(pairs: &[Pair]) -> Vec<usize> {
    let first = |pair: &Pair| pairs.iter().position(|other| other.path == pair.path).unwrap_or(0);
    pairs.iter().map(first).collect()
}

/// Local names that were changed in the same way in at least `threshold` functions and in most that had them.
fn common_renames(pairs: &[ReadPair], threshold: usize) -> Vec<Rename> {
    let mut counts: Vec<(Rename, usize)> = Vec::new();
    for rename in pairs.iter().flat_map(|pair| &pair.renames) {
        match counts.iter_mut().find(|(known, _)| known == rename) {
            Some((_, count)) => *count += 1,
            None => counts.push((rename.clone(), 1)),
        }
    }
    let declared = |rename: &Rename| pairs.iter().filter(|pair| pair.types.declares(&rename.before)).count();
    counts.retain(|(rename, count)| *count >= threshold && 2 * count > declared(rename));
    counts.into_iter().map(|(rename, _)| rename).collect()
}

/// A local name that was changed, with its types before and after, where they are known.
struct Retyped {
    rename: Rename,
    types: Option<(Vec<u8>, Vec<u8>)>,
}

impl Retyped {
    /// As the first function that declares both tells.
    fn of(rename: Rename, pairs: &[ReadPair]) -> Self {
        let types = pairs.iter().filter(|pair| pair.renames.contains(&rename)).find_map(|pair| {
            let (before, after) = (pair.types.of_name(&rename.before)?, pair.types_after.of_name(&rename.after)?);
            Some((before.to_vec(), after.to_vec()))
        });
        Self { rename, types }
    }
}

/// What is needed to tell what was found.
struct Telling<'a> {
    name: &'a [u8],
    terms: &'a Terms,
    pairs: &'a [Pair],
    uses: &'a [Use],
    options: &'a Options,
    /// Local names that were changed alike.
    locals: Vec<Retyped>,
}

impl Telling<'_> {
    /// Rules and what they leave open.
    fn learned(&self, chosen: &[Chosen]) -> Learned {
        let is_explained = |at: usize| chosen.iter().any(|c| c.verdicts[at] >= Verdict::Unit);
        let changed: Vec<usize> = (0..self.uses.len()).filter(|at| self.uses[*at].is_changed()).collect();
        let open: Vec<usize> = changed.iter().copied().filter(|at| !is_explained(*at)).collect();
        let told = |(at, c): (usize, &Chosen)| Some((self.rule(at, c)?, self.is_disputed(at, chosen, &open)));
        let (mut rules, mut disputed): (Vec<Rule>, Vec<bool>) = chosen.iter().enumerate().filter_map(told).unzip();
        rules.extend(self.locals.iter().filter_map(|rename| self.companion(rename, chosen)));
        disputed.resize(rules.len(), false);
        Learned {
            rules,
            uses: self.uses.len(),
            changed: changed.len(),
            explained: changed.len() - open.len(),
            open: self.examples(&open),
            disputed,
        }
    }

    /// Whether a use that the rule fits became something else and no rule before it explains that; or one of the same form (a call,
    /// an initialiser, an access) and with the same words changed in a way that nothing explains.
    fn is_disputed(&self, at: usize, chosen: &[Chosen], open: &[usize]) -> bool {
        let rule = &chosen[at];
        let is_special = |use_at: &usize| chosen[..at].iter().any(|c| c.verdicts[*use_at] >= Verdict::Unit);
        let form = |use_at: &usize| self.terms.kind(self.uses[*use_at].unit);
        let forms: Vec<&str> = rule.which(|verdict| verdict >= Verdict::Unit).iter().map(form).collect();
        let words = rule.patch.change(self.terms).map(|change| change.before.words()).unwrap_or_default();
        let has_words = |use_at: &usize| {
            let found = &self.uses[*use_at];
            let node = found.levels.last().map_or(found.unit, |level| level.0);
            words.iter().all(|word| self.terms.holds_word(node, word))
        };
        let is_against = rule.against().iter().any(|use_at| !is_special(use_at));
        is_against || open.iter().any(|use_at| forms.contains(&form(use_at)) && has_words(use_at))
    }

    /// One rule.
    fn rule(&self, at: usize, chosen: &Chosen) -> Option<Rule> {
        let name: String = String::from_utf8_lossy(self.name).chars().filter(char::is_ascii).collect();
        let support = chosen.which(|verdict| verdict >= Verdict::Unit);
        let mut functions: Vec<usize> = support.iter().map(|at| self.uses[*at].pair).collect();
        functions.dedup();
        let knowledge = Knowledge {
            examples: self.examples(&support),
            support: support.len(),
            functions: functions.len(),
            counter_examples: self.examples(&chosen.against()),
            commits: Vec::new(),
            why: self.options.why.clone(),
            declared: Likeness::Unknown,
        };
        Some(Rule {
            name: if at == 0 { name } else { format!("{name}_{at}") },
            metavariables: chosen.patch.metas.clone(),
            body: Body::Term(chosen.patch.change(self.terms)?),
            within: chosen.within.clone(),
            required: self.options.required,
            knowledge,
        })
    }

    /// The rule for a local name that one of the rules declares anew: `struct user_namespace *ns -> struct mnt_idmap *idmap`
    /// leaves uses of `ns` behind.
    fn companion(&self, Retyped { rename, types }: &Retyped, chosen: &[Chosen]) -> Option<Rule> {
        let holds = |id, word: &[u8]| self.terms.holds_word(id, word);
        // A rule about the type alone is about all that is declared with it.
        let retypes = |c: &Chosen| {
            let (Some((before, after)), true) = (types, self.terms.kind(c.patch.before).ends_with("_specifier")) else {
                return false;
            };
            has_word(before, self.name)
                && after.split(|c| *c == b' ').any(|w| w.len() > 1 && holds(c.patch.after, w) && !has_word(before, w))
        };
        let declares =
            |c: &&Chosen| holds(c.patch.before, &rename.before) && holds(c.patch.after, &rename.after) || retypes(c);
        let cause = chosen.iter().find(declares)?;
        let leaf = |word: &[u8]| Pattern::leaf("identifier", word);
        let change = Change { before: leaf(&rename.before), after: leaf(&rename.after) };
        let mut rule = self.rule(0, cause)?;
        rule.name = format!("{}_{}", rule.name, String::from_utf8_lossy(&rename.before));
        (rule.metavariables, rule.body) = (Vec::new(), Body::Term(change));
        Some(rule)
    }

    /// Uses as examples, the first few.
    fn examples(&self, which: &[usize]) -> Vec<Example> {
        let example = |at: &usize| {
            let found = &self.uses[*at];
            let pair = &self.pairs[found.pair];
            let (line, before) = line_at(&pair.before, found.at.0);
            let after = if found.levels.is_empty() { String::new() } else { line_at(&pair.after, found.at.1).1 };
            let site = Site { path: pair.path.clone(), function: pair.function.clone(), line };
            Example { site, before, after }
        };
        which.iter().take(MOST_EXAMPLES).map(example).collect()
    }
}

/// The number (from 1) and the text of the line that holds a byte.
fn line_at(text: &[u8], at: usize) -> (usize, String) {
    let before = text.get(..at).unwrap_or_default();
    let start = before.iter().rposition(|c| *c == b'\n').map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default().split(|c| *c == b'\n').next().unwrap_or_default();
    let number = 1 + before.iter().filter(|c| **c == b'\n').count();
    (number, String::from_utf8_lossy(line.trim_ascii()).into_owned())
}

#[cfg(test)]
mod tests;
