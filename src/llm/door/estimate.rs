//! How long a question is, before anybody counts. In: texts. Out: tokens, rather too many than too few, and what they cost.

use super::ask::{Response, Sample};
use super::money::{Money, Usage};
use super::question::Question;

/// Tokens that a dialect puts around a turn, and around a conversation.
const FRAME: u64 = 8;

/// Tokens of a text, estimated from above, by runs of characters: a token for four letters, for each digit, tab and line feed, for
/// eight spaces (a single one belongs to the word after it), for two of the same punctuation mark, for each other byte.
///
/// Against real vocabularies on 728 pieces of 8 KB from kernel files (`tests/support/tokens.py`): half as much again as cl100k
/// and o200k in sum, and never too few; 19 % above an older one (Claude 2), too few on 12 pieces, at worst by 15 %.
pub fn tokens_of(text: &str) -> u64 {
    text.as_bytes().chunk_by(|one, other| kind(*one) == kind(*other)).map(tokens_of_run).sum()
}

/// Bytes of one kind make a run; a punctuation mark is a kind of its own.
fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => b'a',
        b'0'..=b'9' => b'0',
        _ => byte,
    }
}

/// Tokens of a run.
fn tokens_of_run(run: &[u8]) -> u64 {
    let length = run.len() as u64;
    match kind(run[0]) {
        b'a' => length.div_ceil(4),
        b' ' if length == 1 => 0,
        b' ' => length.div_ceil(8),
        byte if byte.is_ascii_punctuation() => length.div_ceil(2),
        _ => length,
    }
}

/// Tokens of a question.
pub(crate) fn prompt_tokens(question: &Question) -> u64 {
    question.messages.iter().map(|m| tokens_of(&m.text) + FRAME).sum::<u64>() + FRAME
}

/// What a question uses at worst.
pub(crate) fn worst(question: &Question) -> Usage {
    let completion = u64::from(question.parameters.max_tokens) * u64::from(question.parameters.n);
    Usage { prompt: prompt_tokens(question), completion, estimated: true }
}

/// What an answer has used, where the server does not say.
pub(crate) fn used(question: &Question, samples: &[Sample]) -> Usage {
    let completion = samples.iter().map(|s| tokens_of(&s.text)).sum();
    Usage { prompt: prompt_tokens(question), completion, estimated: true }
}

/// An answer, with usage in any case.
pub(crate) fn response(question: &Question, samples: Vec<Sample>, usage: Option<Usage>) -> Response {
    let usage = usage.unwrap_or_else(|| used(question, &samples));
    Response { samples, usage }
}

/// What asking would take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Requests, of which some may be known.
    pub requests: usize,
    /// Requests whose answers are known: asking them again costs nothing.
    pub known: usize,
    /// Bytes of the texts of those that are not known.
    pub bytes: u64,
    /// Their tokens.
    pub prompt_tokens: u64,
    /// Most tokens of their answers.
    pub completion_tokens: u64,
    /// What that costs at worst, where the price is known.
    pub cost: Option<Money>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_estimated_from_above() {
        assert_eq!(tokens_of(""), 0);
        assert_eq!(tokens_of("return"), 2);
        assert_eq!(tokens_of("\tint ret = 10;\n"), 1 + 1 + 1 + 1 + 2 + 1 + 1);
        assert_eq!(tokens_of("/* ---- */"), 2 + 2 + 2);
        assert_eq!(tokens_of("                x"), 2 + 1);
        assert_eq!(tokens_of("éé"), 4);
    }
}
