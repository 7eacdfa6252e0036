//! BLEU over words, plain and with C's keywords weighing more: two of CodeBLEU's four parts.
//!
//! In come two texts, out go two numbers from 0 to 1. Words are what whitespace separates (`a=b;` is one word).
//!
//! ```text
//!             clipped(n) = sum over n-grams of min(times in answer, times in truth)
//!   plain     p(n) = clipped(n) / n-grams of the answer           (precision, as in BLEU)
//!   weighted  p(n) = clipped(n) / n-grams of the truth            (recall; at n = 1 a keyword counts 1, another word 0.2)
//!   both      brevity * (p(1) p(2) p(3) p(4)) ^ 1/4,  where a clipped(n) of 0 is taken for 0.1
//!   brevity   e ^ (1 - truth's words / answer's words), at most 1; the weighted match always takes 2 for the truth's words
//! ```
//!
//! Source: CodeBLEU (Ren et al., arXiv 2009.10297, sections 3.1 and 3.2) as the Python package codebleu 0.7.0 computes it; BLEU
//! (Papineni et al., ACL 2002) with the first smoothing of Chen and Cherry (WMT 2014).

use super::python_text::is_space;
use std::collections::HashMap;

/// The words that weigh more: the package's list for C, `_Packed` included.
const KEYWORDS: [&str; 33] = [
    "_Packed", "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "int", "long", "register", "return", "short", "signed", "sizeof", "static",
    "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while",
];

/// What another word weighs beside a keyword's 1.
const PLAIN_WORD: f64 = 0.2;

/// What an n that has no match counts as.
const EPSILON: f64 = 0.1;

/// How many words the weighted match takes the truth to have: the package measures the pair (words, weights), not the words.
const WEIGHTED_LENGTH: usize = 2;

/// The longest n-gram, in words.
const LONGEST: usize = 4;

/// Words numbered by first appearance, so that n-grams compare as numbers.
#[derive(Default)]
struct Vocabulary<'a> {
    /// Word to number.
    numbers: HashMap<&'a str, u32>,
    /// By number: whether it is a keyword.
    keyword: Vec<bool>,
}

impl<'a> Vocabulary<'a> {
    /// The words of a text, as numbers.
    fn words(&mut self, text: &'a str) -> Vec<u32> {
        text.split(is_space).filter(|word| !word.is_empty()).map(|word| self.number(word)).collect()
    }

    /// The number of a word, a new one if it is new.
    fn number(&mut self, word: &'a str) -> u32 {
        let next = u32::try_from(self.keyword.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(word).or_insert(next);
        if number == next {
            self.keyword.push(KEYWORDS.contains(&word));
        }
        number
    }

    /// The weight of a bag of words, each given with how often it is in there.
    fn weight(&self, bag: impl Iterator<Item = (u32, usize)>) -> f64 {
        // Summed as whole numbers: the bag comes in no particular order, and the sum must not depend on it.
        let (mut keywords, mut others) = (0, 0);
        for (word, times) in bag {
            match self.keyword.get(word as usize) {
                Some(true) => keywords += times,
                _ => others += times,
            }
        }
        real(keywords) + PLAIN_WORD * real(others)
    }
}

/// Matches and what they are a share of.
#[derive(Clone, Copy, Default)]
struct Share {
    /// Clipped matches.
    found: f64,
    /// At least 1.
    of: f64,
}

/// The plain and the weighted n-gram match of an answer, each from 0 to 1. Texts without a common word have 0.
pub fn n_gram_matches(answer: &str, truth: &str) -> (f64, f64) {
    let mut vocabulary = Vocabulary::default();
    let (answer, truth) = (vocabulary.words(answer), vocabulary.words(truth));
    let (mut plain, mut weighted) = ([Share::default(); LONGEST], [Share::default(); LONGEST]);
    for (n, (plain, weighted)) in (1..).zip(plain.iter_mut().zip(&mut weighted)) {
        let (in_answer, in_truth) = (counts(&answer, n), counts(&truth, n));
        let clipped = || in_truth.iter().map(|(gram, times)| (*gram, *times.min(in_answer.get(gram).unwrap_or(&0))));
        let found = real(clipped().map(|(_, times)| times).sum());
        *plain = Share { found, of: grams(answer.len(), n) };
        *weighted = Share { found, of: grams(truth.len(), n) };
        if n == 1 {
            let word = |(gram, times): (&[u32], usize)| (gram.first().copied().unwrap_or(u32::MAX), times);
            let all = in_truth.iter().map(|(gram, times)| word((gram, *times)));
            *weighted = Share { found: vocabulary.weight(clipped().map(word)), of: vocabulary.weight(all).max(1.0) };
        }
    }
    (brevity(answer.len(), truth.len()) * mean(&plain), brevity(answer.len(), WEIGHTED_LENGTH) * mean(&weighted))
}

/// How often each n-gram stands in a text.
fn counts(words: &[u32], n: usize) -> HashMap<&[u32], usize> {
    let mut counts = HashMap::new();
    for gram in words.windows(n) {
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

/// How many n-grams so many words have, at least 1.
fn grams(words: usize, n: usize) -> f64 {
    real((words + 1).saturating_sub(n).max(1))
}

/// The geometric mean of the shares; 0 if not even a word is shared.
fn mean(shares: &[Share; LONGEST]) -> f64 {
    if shares.first().is_none_or(|words| words.found == 0.0) {
        return 0.0;
    }
    let smoothed = |share: &Share| if share.found == 0.0 { EPSILON } else { share.found };
    let logs: f64 = shares.iter().map(|share| (smoothed(share) / share.of).ln() / real(LONGEST)).sum();
    logs.exp()
}

/// BLEU's penalty for an answer shorter than the truth, both in words.
fn brevity(answer: usize, truth: usize) -> f64 {
    match answer {
        0 => 0.0,
        _ if answer > truth => 1.0,
        _ => (1.0 - real(truth) / real(answer)).exp(),
    }
}

/// Counts are far below 2^53, so nothing is lost.
#[allow(clippy::cast_precision_loss)]
fn real(count: usize) -> f64 {
    count as f64
}
