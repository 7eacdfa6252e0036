//! What is asked, and what is answered. In: messages that the prompt room wrote. Out: samples, with what they used.

use super::failure::Failure;
use super::money::{Money, Usage};
use serde::{Deserialize, Serialize};

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The frame: who the model is, what form the answer has.
    System,
    /// We.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

impl Role {
    /// As both dialects spell it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said. Kernel files are bytes; the caller made this UTF-8.
    pub text: String,
}

impl Message {
    /// A turn.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into() }
    }
}

/// A question to the model of a door.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Which commit and hunk it is about, for people only: no answer depends on it.
    pub label: String,
    /// The conversation so far; the last turn is the user's.
    pub messages: Vec<Message>,
    /// Most tokens that one sample may have; without it, the model's own setting.
    pub max_tokens: Option<u32>,
    /// Without it, the model's own setting.
    pub temperature: Option<f64>,
}

impl Ask {
    /// A conversation with the model's own settings.
    pub fn new(label: impl Into<String>, messages: Vec<Message>) -> Self {
        Self { label: label.into(), messages, max_tokens: None, temperature: None }
    }
}

/// How a sample ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// The model was done.
    Whole,
    /// Cut off at the most tokens allowed.
    Length,
    /// The model or a filter of its server declined; its words, if any.
    Refused(String),
}

/// One text that the model gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The text, as it came.
    pub text: String,
    /// How it ended.
    pub finish: Finish,
    /// Mean natural logarithm of its tokens' probabilities (at most 0), to six digits, where the server offers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_log_probability: Option<f64>,
}

impl Sample {
    /// Is there a whole text in it?
    pub fn is_whole(&self) -> bool {
        self.finish == Finish::Whole && !self.text.trim().is_empty()
    }
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// From a record, by `--replay`.
    Replayed,
    /// It had been given before.
    Cached,
    /// The model was asked now.
    Asked,
}

/// What the model said to an [`Ask`]. At least one sample [is whole](Sample::is_whole).
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// In the order of the server's choices, or of the draws.
    pub samples: Vec<Sample>,
    /// What it used when it was given, now or earlier.
    pub usage: Usage,
    /// That in money, at the price that the model is set to now.
    pub cost: Money,
    /// Where it came from; of several draws, the latest of [`Origin`]'s list.
    pub origin: Origin,
    /// Why some draws gave no sample.
    pub lost: Option<Failure>,
}

/// What the model said to one question, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response {
    /// At least one.
    pub samples: Vec<Sample>,
    /// What it used.
    pub usage: Usage,
}

/// The mean of log-probabilities, cut to six digits: such a number is read back exactly as it was written.
pub(crate) fn mean(log_probabilities: &[f64]) -> Option<f64> {
    let count = u32::try_from(log_probabilities.len()).ok().filter(|n| *n > 0)?;
    let mean = log_probabilities.iter().sum::<f64>() / f64::from(count);
    mean.is_finite().then(|| (mean * 1e6).round() / 1e6)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_mean_survives_being_written_and_read() {
        let logs: Vec<f64> = (1..500).map(|i| -1.0 / f64::from(i)).collect();
        let once = mean(&logs).unwrap();
        let text = serde_json::to_string(&once).unwrap();
        assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), once);
        assert_eq!(mean(&[-0.5, -0.25]), Some(-0.375));
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[f64::NEG_INFINITY]), None);
    }

    #[test]
    fn a_blank_text_is_not_whole() {
        let sample = |text: &str, finish| Sample { text: text.into(), finish, mean_log_probability: None };
        assert!(sample("x", Finish::Whole).is_whole());
        assert!(!sample(" \n", Finish::Whole).is_whole());
        assert!(!sample("x", Finish::Length).is_whole());
    }
}
