//! Rules from examples: the whole way (Spinfer, section 3).
//!
//! In: pairs of files, and which words the change is about. Out: rules in the order in which they apply, and what a person should know
//! about them.
//!
//! ```text
//!   changed functions -> changed nodes -> shapes -> weights -> noise -> groups -> instances
//!     -> by signature: candidates -> effect on whole files -> superfluous ones go -> order
//!     -> wrong somewhere? the next more specific level, or it goes -> rule book
//! ```

use super::apply::{Ready, anchor_rule};
use super::bias;
use super::candidate::{Material, Source};
use super::cfg::Kind;
use super::cfg_diff::Colour;
use super::corpus::{Corpus, Effect};
use super::example::{Changed, FilePair, FunctionPair, function_pairs};
pub use super::example::{Focus, Scope};
use super::gather::{entering, group_shapes, grouped, read, sources};
use super::generalise::agglomerate;
use super::instance::{Anchor, Instance, Slot};
use super::level::{Assignments, Level};
use super::order::{ordered, superfluous};
use super::uses::Use;
use crate::rule::pattern::Pattern;
use crate::rule::rule::{Body, Example as Shown, MOST_EXAMPLES, Rule, RuleBook, Site, Step};
use crate::rule::smpl::sayable;
use crate::rule::term::Terms;
use std::collections::{BTreeMap, BTreeSet};

/// More candidates are not tried: those with the fewest instances are left out.
pub const MOST_CANDIDATES: usize = 48;

/// Instances of one signature beyond this many are not generalised: sets of them are tried two by two.
const MOST_INSTANCES: usize = 60;

/// A rule that is wrong at every level is split if it has no more instances than this.
const MOST_SPLIT: usize = 16;

/// A rule that is still wrong at its most specific level stays if this part of what it does is right.
const RIGHT_ENOUGH: f64 = 0.9;

/// How often rules are made more specific.
const MOST_ROUNDS: usize = 8;

/// What was inferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inferred {
    /// In the order in which they apply.
    pub book: RuleBook,
    /// For people: what the examples do not show.
    pub notes: Vec<String>,
    /// How many functions were learned from.
    pub functions: usize,
    /// How many changed nodes they have, and how many of these are noise.
    pub nodes: (usize, usize),
    /// How many groups there are.
    pub groups: usize,
}

/// A rule on trial.
struct Trial {
    /// What it is proposed for.
    source: Source,
    /// How abstract it is.
    level: Level,
    /// The rule.
    rule: Rule,
    /// The same, ready.
    ready: Ready,
    /// What it does by itself.
    effect: Effect,
    /// Whether it is tried further.
    verdict: Verdict,
}

/// Whether a rule is tried further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Where it is wrong it becomes more specific.
    Open,
    /// It is wrong somewhere, and right enough.
    RightEnough,
}

/// Infers from pairs of files.
pub fn infer(files: &[FilePair], focus: &Focus) -> Inferred {
    let pairs = function_pairs(files);
    let learned: Vec<usize> = (0..pairs.len()).filter(|at| pairs[*at].is_changed()).collect();
    infer_from(pairs, &learned, focus)
}

/// Infers from some of the functions, and judges by all of them.
pub fn infer_from(pairs: Vec<FunctionPair>, learned: &[usize], focus: &Focus) -> Inferred {
    let mut terms = Terms::new();
    let examples = read(&mut terms, &pairs, learned, focus);
    let mut changed: Vec<Changed> = Vec::new();
    for (at, example) in examples.iter().enumerate() {
        let all = example.changed(&mut terms, at);
        changed.extend(entering(&terms, example, all, focus));
    }
    let (groups, dropped) = grouped(&mut terms, &changed);
    let counts = (changed.len(), dropped.iter().filter(|d| **d).count());
    let group_count = groups.iter().collect::<BTreeSet<_>>().len();
    let mut material = Material {
        examples: &examples,
        changed: &changed,
        shapes: group_shapes(&mut terms, &changed, &groups),
        groups: &groups,
        part_shapes: BTreeMap::new(),
    };
    let sources = sources(&mut terms, &mut material, &dropped, focus);
    let mut work = Work { terms, corpus: Corpus::new(pairs), material: &material };
    let trials = work.trials(sources);
    let trials = work.judged(trials);
    let mut notes = bias::notes(&trials.iter().map(|t| &t.rule).collect::<Vec<_>>());
    let rules = trials.into_iter().enumerate().flat_map(|(at, trial)| work.told(at, trial)).collect();
    let rules = sayable(rules, &mut notes);
    Inferred { book: RuleBook { rules }, notes, functions: examples.len(), nodes: counts, groups: group_count }
}

/// The metavariable that stands for the function's name in the header that a rule matches.
fn named_by_header(rule: &Rule) -> Option<usize> {
    let Body::Path(steps) = &rule.body else { return None };
    let (Step::Minus(header) | Step::Context(header)) = steps.first()? else { return None };
    let mut open = vec![header];
    while let Some(pattern) = open.pop() {
        let Pattern::Node { kind, children, .. } = pattern else { continue };
        if let ("function_declarator", Some(Pattern::Meta(number))) = (*kind, children.first()) {
            return Some(*number as usize);
        }
        open.extend(children);
    }
    None
}

/// Candidates and their judge.
struct Work<'a> {
    /// The arena.
    terms: Terms,
    /// The judge.
    corpus: Corpus,
    /// What rules are made from.
    material: &'a Material<'a>,
}

impl Work<'_> {
    /// Rules that are right somewhere, for sets of instances as large as have a common one.
    fn trials(&mut self, sources: Vec<Source>) -> Vec<Trial> {
        let mut sets: Vec<Source> = Vec::new();
        for source in sources {
            let few: Vec<usize> = (0..source.len().min(MOST_INSTANCES)).collect();
            let source = source.subset(&few);
            let has_rule = |set: &[usize]| self.rule(&source.subset(set), Level::Shaped).is_some();
            sets.extend(agglomerate(source.len(), has_rule).iter().map(|set| source.subset(set)));
        }
        sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
        sets.truncate(MOST_CANDIDATES);
        let mut found: Vec<Trial> = sets.into_iter().filter_map(|set| self.trial(set, Level::Shaped)).collect();
        found.retain(|trial| !Self::only_removes_once(trial));
        self.merged(found)
    }

    /// A rule at a level, or at the level `Own` where shapes don't help.
    fn rule(&mut self, source: &Source, level: Level) -> Option<Rule> {
        self.material.rule(&mut self.terms, source, level, Assignments::Forbidden)
    }

    /// The first level from the given one at which there is a rule that is right somewhere.
    fn trial(&mut self, source: Source, from: Level) -> Option<Trial> {
        for level in Level::ALL.into_iter().filter(|level| *level >= from) {
            let strict = self.tried(&source, level, Assignments::Forbidden);
            let own: BTreeSet<usize> = source.examples().into_iter().map(|e| self.material.examples[e].pair).collect();
            let covered = |t: &Option<Trial>| {
                let pairs: BTreeSet<usize> =
                    t.iter().flat_map(|t| t.effect.right.iter().map(|(pair, _)| *pair)).collect();
                own.intersection(&pairs).count()
            };
            let missing = covered(&strict) < own.len();
            let loose = if missing { self.tried(&source, level, Assignments::Allowed) } else { None };
            let best = if covered(&loose) > covered(&strict) { loose } else { strict };
            if covered(&best) > 0 {
                return best.map(|best| self.whole(best));
            }
        }
        None
    }

    /// A function whose header changes is changed as a whole: if all that a rule does it also does where no other `return` is on
    /// the way, it is kept to that.
    fn whole(&mut self, loose: Trial) -> Trial {
        let Some(level) = loose.level.strict().filter(|_| named_by_header(&loose.rule).is_some()) else { return loose };
        let strict = self.tried(&loose.source, level, Assignments::Forbidden);
        strict.filter(|strict| loose.effect.right.is_subset(&strict.effect.right)).unwrap_or(loose)
    }

    /// A rule and its effect.
    fn tried(&mut self, source: &Source, level: Level, assignments: Assignments) -> Option<Trial> {
        let rule = self.material.rule(&mut self.terms, source, level, assignments)?;
        let anchor = if level.is_anchored() { Some(self.anchor(source)?) } else { None };
        let ready = Ready { anchor, ..Ready::new(&mut self.terms, &rule)? };
        let effect = self.corpus.effect(&mut self.terms, &ready);
        Some(Trial { source: source.clone(), level, rule, ready, effect, verdict: Verdict::Open })
    }

    /// The field of a table that the functions of all instances are put into; none if a rule is not about their headers.
    fn anchor(&self, source: &Source) -> Option<Use> {
        let Source::Paths(instances) = source else { return None };
        let pair = |i: &Instance| &self.corpus.pairs[self.material.examples[i.example].pair];
        let (first, rest) = instances.split_first()?;
        let shared = pair(first).uses.iter().filter(|wanted| rest.iter().all(|i| pair(i).uses.contains(wanted)));
        let is_header = |slot: &Slot| match slot.at {
            Anchor::Minus(n) => self.material.changed[n].kind == Kind::Header,
            Anchor::Context(_) => false,
        };
        shared.min().filter(|_| first.stages.iter().flatten().any(is_header)).cloned()
    }

    /// Makes one of two rules where that is right wherever they are, and wrong nowhere else.
    fn merged(&mut self, mut trials: Vec<Trial>) -> Vec<Trial> {
        let mut at = 0;
        while at < trials.len() {
            let both = (at + 1..trials.len()).find_map(|other| Some((other, self.merge(&trials[at], &trials[other])?)));
            match both {
                Some((other, both)) => {
                    trials[at] = both;
                    trials.remove(other);
                }
                None => at += 1,
            }
        }
        trials
    }

    /// One rule instead of two.
    fn merge(&mut self, one: &Trial, two: &Trial) -> Option<Trial> {
        let source = one.source.joined(&two.source)?;
        let both = self.tried(&source, Level::Own, Assignments::Forbidden)?;
        let is_right = [one, two].iter().all(|t| t.effect.right.is_subset(&both.effect.right));
        let known = |change| one.effect.wrong.contains(change) || two.effect.wrong.contains(change);
        (is_right && both.effect.wrong.iter().all(known)).then_some(both)
    }

    /// Drops what is superfluous, orders the rest, and makes more specific what is wrong.
    fn judged(&mut self, mut trials: Vec<Trial>) -> Vec<Trial> {
        for round in 0..=MOST_ROUNDS {
            let effects: Vec<Effect> = trials.iter().map(|t| t.effect.clone()).collect();
            let mut gone = superfluous(&effects).into_iter();
            trials.retain(|_| !gone.next().unwrap_or(false));
            trials = self.in_order(trials);
            let mut wrong = self.wrong_by_rule(&trials);
            for (count, trial) in wrong.iter_mut().zip(&trials) {
                *count *= usize::from(trial.verdict == Verdict::Open);
            }
            if wrong.iter().all(|count| *count == 0) {
                break;
            }
            let is_last = round == MOST_ROUNDS;
            let mut next = Vec::new();
            for (trial, wrong) in trials.into_iter().zip(wrong) {
                next.extend(match (wrong, is_last) {
                    (0, _) => vec![trial],
                    (_, true) => Vec::new(),
                    _ => self.specialised(trial, wrong),
                });
            }
            trials = next;
        }
        trials
    }

    /// The next level of a rule that is wrong somewhere; itself if it is right enough and there is none; else nothing.
    fn specialised(&mut self, trial: Trial, wrong: usize) -> Vec<Trial> {
        let right = trial.effect.right.len();
        let share = |part: usize, whole: usize| {
            f64::from(u32::try_from(part).unwrap_or(u32::MAX)) / f64::from(u32::try_from(whole.max(1)).unwrap_or(1))
        };
        let mut level = trial.level;
        // Where most of the same form was left alone, what a few examples happen to have in common does not tell why.
        let is_chance = trial.effect.wrong.len() >= right;
        while let Some(next) = level.next().and_then(|level| self.trial(trial.source.clone(), level)) {
            if is_chance && next.level >= Level::Own {
                return Vec::new();
            }
            if next.effect.wrong.len() < trial.effect.wrong.len() {
                return vec![next];
            }
            level = next.level;
        }
        if share(right, right + wrong) >= RIGHT_ENOUGH {
            return vec![Trial { verdict: Verdict::RightEnough, ..trial }];
        }
        if is_chance {
            return Vec::new();
        }
        self.split(&trial.source)
    }

    /// Rules for parts of a rule's instances that are wrong nowhere. One instance alone that happens not to be wrong shows nothing.
    fn split(&mut self, source: &Source) -> Vec<Trial> {
        let count = source.len();
        if !(2..=MOST_SPLIT).contains(&count) {
            return Vec::new();
        }
        let mut rules: BTreeMap<Vec<usize>, Trial> = BTreeMap::new();
        let sets = agglomerate(count, |set| {
            let found = self.tried(&source.subset(set), Level::Own, Assignments::Forbidden);
            let good = found.filter(|t| t.effect.wrong.is_empty() && !t.effect.right.is_empty());
            let has_rule = good.is_some();
            rules.extend(good.map(|trial| (set.to_vec(), trial)));
            has_rule
        });
        let habits = sets.iter().filter(|set| set.len() > 1);
        habits.filter_map(|set| rules.remove(set)).filter(|trial| !Self::only_removes_once(trial)).collect()
    }

    /// Whether a rule only takes away: of one function, that is no habit.
    fn only_removes_once(trial: &Trial) -> bool {
        let functions: BTreeSet<usize> = trial.effect.right.iter().map(|(pair, _)| *pair).collect();
        let Body::Path(steps) = &trial.rule.body else { return false };
        let adds = |step: &Step| match step {
            Step::Plus(_) | Step::Within { .. } => true,
            Step::Either(branches) => branches.iter().flatten().any(|s| matches!(s, Step::Plus(_))),
            _ => false,
        };
        functions.len() < 2 && !steps.iter().any(adds)
    }

    /// The rules in the order in which they apply.
    fn in_order(&mut self, trials: Vec<Trial>) -> Vec<Trial> {
        let effects: Vec<Effect> = trials.iter().map(|t| t.effect.clone()).collect();
        let ready: Vec<&Ready> = trials.iter().map(|t| &t.ready).collect();
        let order = ordered(&mut self.terms, &mut self.corpus, &ready, &effects);
        let mut slots: Vec<Option<Trial>> = trials.into_iter().map(Some).collect();
        order.into_iter().filter_map(|at| slots[at].take()).collect()
    }

    /// By rule: how many wrong changes it adds to those of the rules before it.
    fn wrong_by_rule(&mut self, trials: &[Trial]) -> Vec<usize> {
        let mut wrong = vec![0; trials.len()];
        let suspects: BTreeSet<usize> = trials.iter().flat_map(|t| t.effect.wrong.iter().map(|(at, _)| *at)).collect();
        let touched: BTreeSet<usize> = trials.iter().flat_map(|t| t.effect.made.keys().copied()).collect();
        let several = |at: &usize| trials.iter().filter(|t| t.effect.made.contains_key(at)).count() > 1;
        for at in touched.into_iter().filter(|at| suspects.contains(at) || several(at)) {
            let mut before = 0;
            for (rule, slot) in wrong.iter_mut().enumerate() {
                let first: Vec<&Ready> = trials[..=rule].iter().map(|t| &t.ready).collect();
                let now = self.corpus.score_of(&mut self.terms, &first, at).unwrap_or_default().wrong();
                *slot += now.saturating_sub(before);
                before = now;
            }
        }
        wrong
    }

    /// The rule with its name and what it knows, behind the one that says where its function's name must be put, if any.
    fn told(&self, at: usize, trial: Trial) -> Vec<Rule> {
        let mut rule = trial.rule;
        rule.name = format!("rule{at}");
        rule.knowledge.support = trial.effect.sites;
        rule.knowledge.functions = trial.effect.right.iter().map(|(pair, _)| *pair).collect::<BTreeSet<_>>().len();
        let count = trial.source.len().min(MOST_EXAMPLES);
        rule.knowledge.examples = (0..count).filter_map(|n| self.shown(&trial.source, n)).collect();
        let wrong: BTreeSet<usize> = trial.effect.wrong.iter().map(|(pair, _)| *pair).collect();
        let site = |pair: usize| Shown { site: self.site(pair, 0), ..Shown::default() };
        rule.knowledge.counter_examples = wrong.into_iter().take(MOST_EXAMPLES).map(site).collect();
        let anchor = trial.ready.anchor.as_ref().map(|anchor| anchor_rule(&format!("table{at}"), anchor));
        if let (Some(anchor), Some(name)) = (&anchor, named_by_header(&rule)) {
            rule.metavariables[name].inherited = Some((anchor.name.clone(), "X0".to_owned()));
        }
        anchor.into_iter().chain([rule]).collect()
    }

    /// Where a function stands, and a node in it.
    fn site(&self, pair: usize, offset: usize) -> Site {
        let pair = &self.corpus.pairs[pair];
        let lines = pair.before.get(..offset).unwrap_or_default().iter().filter(|c| **c == b'\n').count();
        let function = String::from_utf8_lossy(&pair.name).into_owned();
        Site { path: pair.path.clone(), function, line: pair.line + lines }
    }

    /// An instance for people.
    fn shown(&self, source: &Source, at: usize) -> Option<Shown> {
        let (old, new) = self.material.first_nodes(source, at);
        let line = |node: Option<usize>| {
            let found = node.map(|n| {
                let (_, function) = self.material.home(n);
                String::from_utf8_lossy(function.side.bytes(self.material.changed[n].id)).into_owned()
            });
            found.unwrap_or_default()
        };
        let node = old.or(new)?;
        let (pair, function) = self.material.home(node);
        let is_old = self.material.changed[node].colour == Colour::Before;
        let offset = if is_old { function.side.cfg.nodes[self.material.changed[node].id].place.start } else { 0 };
        Some(Shown { site: self.site(pair, offset), before: line(old), after: line(new) })
    }
}
