//! Rules from pairs of files, in both ways that the house knows: along control flow (Spinfer), and by replacing terms whatever stands
//! around them (spdiff), with types where only these tell two calls apart.
//!
//! In: pairs of files and what the change is about. Out: what control flow teaches; or, where that leaves functions unexplained
//! or rests on one function alone, what both teach together, if semantic patches made of it do more of what people did.
//!
//! ```text
//! along control flow -> book A -> without what one function taught -> functions that are still open -> spdiff -> book B
//! A or B: which makes more functions what people made them, and no more of the others something else
//! ```
//!
//! Of the four modes of spdiff's own tool (SP-18) these are the first two, generic patches and semantic patches with paths, without
//! anybody having to choose; patterns without a change and definitions of functions are not what a series is rewritten by. Its list of
//! files (SP-17) is not read: two folders say the same, and nobody has such lists any more; its `-threshold` and `-show_support` are
//! `--threshold` and `--support`, and pruning is always on.

use super::graph::example::{FilePair, Focus, FunctionPair, function_pairs};
use super::graph::infer::{Inferred, infer};
use super::rule::{Rule, RuleBook};
use super::safety::{Changeset, Pair};
use super::smpl;
use super::smpl::apply::Ready;
use super::spdiff::{Growth, common_patches, rule_of};
use super::tree::Tree;
use super::typing::Types;
use crate::syntax::lex::has_word;

/// From so many open functions replacements are learned: each is compared with each.
const MOST_FUNCTIONS: usize = 16;
/// Longer functions are left to control flow, in bytes: a distance costs the product of two sizes.
const LONGEST: usize = 4 << 10;
/// A replacement is one that so many functions have in common.
const THRESHOLD: usize = 2;
/// No more functions are looked at to choose between two books.
const MOST_JUDGED: usize = 4000;

/// Infers from pairs of files.
pub fn infer_both(files: &[FilePair], focus: &Focus) -> Inferred {
    let mut inferred = infer(files, focus);
    let pairs = function_pairs(files);
    let judged = &pairs[..pairs.len().min(MOST_JUDGED)];
    let rules = &inferred.book.rules;
    let firm: Vec<Rule> = rules.iter().filter(|rule| rule.knowledge.functions >= THRESHOLD).cloned().collect();
    let is_right = ready(&firm).map(|ready| move |pair: &&FunctionPair| became(&ready, pair) == Became::Right);
    let open = judged.iter().filter(|pair| pair.is_changed() && is_about(focus, pair));
    let open: Vec<&FunctionPair> = match is_right {
        Some(is_right) => open.filter(|pair| !is_right(pair)).collect(),
        None => open.collect(),
    };
    let mut both = replacements(&open, focus);
    if both.is_empty() {
        return inferred;
    }
    both.extend(firm);
    let both = needed(both, judged);
    if Worth::of(&both, judged).is_more_than(&Worth::of(rules, judged)) {
        inferred.book = RuleBook { rules: both };
    }
    inferred
}

/// Whether a function has a word of the focus, before or after.
fn is_about(focus: &Focus, pair: &FunctionPair) -> bool {
    let has = |word: &Vec<u8>| has_word(&pair.before, word) || has_word(&pair.after, word);
    focus.words.is_empty() || focus.words.iter().any(has)
}

/// The replacements that several of these functions have in common, as rules.
fn replacements(open: &[&FunctionPair], focus: &Focus) -> Vec<Rule> {
    let mut set = Changeset::default();
    let short = open.iter().filter(|pair| pair.before.len().max(pair.after.len()) <= LONGEST);
    for pair in short.take(MOST_FUNCTIONS) {
        let before = Tree::read(&mut set.terms, &pair.before);
        let after = Tree::read(&mut set.terms, &pair.after);
        let (Some(before), Some(after)) = (before, after) else { continue };
        let types = Types::of(&set.terms, &before);
        set.pairs.push(Pair { terms: before.root().zip(after.root()), types });
    }
    if set.pairs.len() < THRESHOLD {
        return Vec::new();
    }
    let found = common_patches(&mut set, THRESHOLD, Growth::Pruned);
    let rules = found.iter().filter_map(|common| rule_of(&set.terms, common));
    let is_asked =
        |rule: &Rule| focus.words.is_empty() || focus.words.iter().any(|word| has_word(rule.told().as_bytes(), word));
    let named = |(at, rule): (usize, Rule)| Rule { name: format!("terms{at}"), ..rule };
    rules.filter(is_asked).enumerate().map(named).collect()
}

/// The rules without which less is done that is right, or more that is wrong; the last ones go first.
fn needed(mut rules: Vec<Rule>, judged: &[FunctionPair]) -> Vec<Rule> {
    let mut worth = Worth::of(&rules, judged);
    for at in (0..rules.len()).rev() {
        let mut fewer = rules.clone();
        fewer.remove(at);
        let now = Worth::of(&fewer, judged);
        if now.right >= worth.right && now.wrong <= worth.wrong {
            (rules, worth) = (fewer, now);
        }
    }
    rules
}

/// Rules as a semantic patch that can be put to use; `None` if SmPL cannot say them.
fn ready(rules: &[Rule]) -> Option<Ready> {
    let text = smpl::print(&RuleBook { rules: rules.to_vec() });
    Ready::new(&smpl::read(text.as_bytes()).ok()?).ok()
}

/// What rules make of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Became {
    /// What people made of it.
    Right,
    /// Nothing, or a part of what people did.
    Less,
    /// Something, and people left it as it was.
    Wrong,
}

/// What rules make of a function, white space apart.
fn became(ready: &Ready, pair: &FunctionPair) -> Became {
    let ink = |text: &[u8]| -> Vec<u8> { text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect() };
    let made = ready.apply(&pair.before).text;
    match (pair.is_changed(), made == pair.before) {
        (false, false) => Became::Wrong,
        (true, false) if ink(&made) == ink(&pair.after) => Became::Right,
        _ => Became::Less,
    }
}

/// How good rules are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Worth {
    /// Functions that become what people made of them.
    right: usize,
    /// Functions that people left alone, and the rules don't.
    wrong: usize,
    /// What the weakest rule was learned from.
    least: usize,
}

impl Worth {
    /// Of rules, by these functions.
    fn of(rules: &[Rule], judged: &[FunctionPair]) -> Self {
        let least = rules.iter().map(|rule| rule.knowledge.functions).min().unwrap_or(0);
        let mut worth = Self { right: 0, wrong: 0, least };
        let Some(ready) = ready(rules).filter(|_| !rules.is_empty()) else { return worth };
        for pair in judged {
            match became(&ready, pair) {
                Became::Right => worth.right += 1,
                Became::Wrong => worth.wrong += 1,
                Became::Less => {}
            }
        }
        worth
    }

    /// More is right, or the same by rules that rest on more; and no more is wrong.
    fn is_more_than(&self, other: &Self) -> bool {
        self.wrong <= other.wrong && (self.right, self.least) > (other.right, other.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// What a fixture teaches, as rules are told.
    fn learned(case: &str) -> Vec<String> {
        let folder = |part: &str| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/rule").join(case).join(part);
        let mut names: Vec<_> = std::fs::read_dir(folder("before"))
            .expect("the fixture is there")
            .map(|entry| entry.expect("it is readable").file_name())
            .collect();
        names.sort();
        let read = |part: &str, name: &std::ffi::OsString| std::fs::read(folder(part).join(name)).expect("a file");
        let pair = |name: &std::ffi::OsString| FilePair {
            path: name.to_string_lossy().into_owned(),
            before: read("before", name),
            after: read("after", name),
        };
        let pairs: Vec<FilePair> = names.iter().map(pair).collect();
        infer_both(&pairs, &Focus::default()).book.rules.iter().map(Rule::told).collect()
    }

    #[test]
    fn what_only_types_tell_apart_is_learned_by_replacing_terms() {
        let wanted = "memcpy(X0, X1->data, X2) -> skb_copy_from_linear_data(X1, X0, X2) (X1 is struct sk_buff *)";
        assert_eq!(learned("k1-memcpy"), [wanted]);
    }

    #[test]
    fn what_several_functions_have_in_common_comes_before_what_one_of_them_happens_to_be() {
        let rules = learned("k2-sprom");
        assert!(rules.iter().all(|told| !told.starts_with("a path")), "{rules:?}");
        assert!(rules.concat().contains("X0->sprom.r1 -> X0->sprom"), "{rules:?}");
    }

    #[test]
    fn what_control_flow_explains_is_left_to_it() {
        assert_eq!(
            learned("k3-seq-path"),
            ["seq_path(X0, X1->X2.mnt, X1->X2.dentry, X3) -> seq_path(X0, &X1->X2, X3)"]
        );
        assert_eq!(learned("w2-zero-page").len(), 1);
        assert_eq!(learned("kzalloc").concat().matches("a path").count(), learned("kzalloc").len());
    }
}
