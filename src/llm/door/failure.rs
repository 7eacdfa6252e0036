//! Everything that can go wrong with a question, as data. In: what happened. Out: words for people.
//!
//! No variant ever holds a key: words of a server pass [`Key::redact`](super::key::Key::redact) before they come here.

use super::id::Id;
use super::money::Spent;
use std::time::Duration;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The user did not allow sending to this host.
    #[error("nothing may be sent to {host}")]
    NoConsent {
        /// Host and port.
        host: String,
    },
    /// There is no key to show to the server.
    #[error("no key: {words}")]
    NoKey {
        /// Where it was looked for.
        words: String,
    },
    /// The question cannot be asked within the model's context limit.
    #[error("too long: about {tokens} tokens with room for the answer, and the model takes {limit}")]
    TooLong {
        /// Estimated: question, and most tokens of the answer.
        tokens: u64,
        /// The model's context limit.
        limit: u64,
    },
    /// The budget does not hold what this could cost.
    #[error("over budget: may need {worst}, and {spent} are spent")]
    OverBudget {
        /// At worst.
        worst: Spent,
        /// By the questions before it.
        spent: Spent,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// Answers come from a record, and this question is not in it.
    #[error("not recorded: {id}")]
    NotRecorded {
        /// The question's hash, the name of its file.
        id: Id,
    },
    /// Nobody answers at this address; or it was found so by a question before this one.
    #[error("{host} cannot be reached: {words}")]
    Down {
        /// Host and port, or the program.
        host: String,
        /// What the network said.
        words: String,
    },
    /// The server asked to wait, for longer than our patience.
    #[error("rate limited ({status}) after {attempts} attempts: {words}")]
    RateLimited {
        /// HTTP status: 429, 503 or 529.
        status: u16,
        /// How often it was asked.
        attempts: u32,
        /// What the server said.
        words: String,
    },
    /// The server failed, each time.
    #[error("server error ({status}) after {attempts} attempts: {words}")]
    ServerError {
        /// HTTP status, 5xx.
        status: u16,
        /// How often it was asked.
        attempts: u32,
        /// What the server said.
        words: String,
    },
    /// The connection broke while the answer came, each time.
    #[error("connection lost after {attempts} attempts: {words}")]
    Lost {
        /// How often it was asked.
        attempts: u32,
        /// What the network said.
        words: String,
    },
    /// The server does not take this question: a wrong key, model, parameter, or an exhausted quota.
    #[error("rejected ({status}): {words}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// What the server said.
        words: String,
    },
    /// The server sent us to another host, where nothing was sent.
    #[error("redirected to {to}, which is another host: not followed")]
    Redirected {
        /// Scheme, host and port.
        to: String,
    },
    /// No answer in time.
    #[error("no answer within {} s", after.as_secs_f64())]
    TimedOut {
        /// The model's timeout.
        after: Duration,
    },
    /// The answer is not of the dialect's form.
    #[error("malformed answer: {words}")]
    Malformed {
        /// What is wrong with it.
        words: String,
    },
    /// An answer without any text.
    #[error("empty answer")]
    Empty,
    /// Every sample was cut off.
    #[error("answer cut off at {tokens} tokens")]
    Truncated {
        /// Most tokens that it was allowed.
        tokens: u32,
    },
    /// The model, or a filter of its server, declined.
    #[error("the model declined: {words}")]
    Refused {
        /// What it said.
        words: String,
    },
    /// The user's program failed.
    #[error("{words}")]
    Program {
        /// Exit code, and the end of what it said to stderr.
        words: String,
    },
}

impl Failure {
    /// What it is in general: failures that are told together have the same words.
    pub fn kind(&self) -> String {
        match self {
            Self::OverBudget { .. } => "over budget".to_owned(),
            Self::TooLong { limit, .. } => format!("too long for the model, which takes {limit} tokens"),
            Self::NotRecorded { .. } => "not recorded".to_owned(),
            other => other.to_string(),
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoConsent { .. } => "allow it with `git config --global kmigrate.model.<name>.send always`",
            Self::NoKey { .. } => "set kmigrate.model.<name>.keyEnv, keyCommand or keyCredential in your own config",
            Self::TooLong { .. } => "see kmigrate.model.<name>.context and maxTokens",
            Self::OverBudget { .. } => "raise --budget: answers that are there are not paid for again",
            Self::Interrupted => "run again: answers that came are kept",
            Self::NotRecorded { .. } => "the question has changed since --record, or run without --replay",
            Self::RateLimited { .. } => "see kmigrate.model.<name>.requestsPerMinute, tokensPerMinute and concurrency",
            Self::Rejected { status: 401 | 403, .. } => {
                "see kmigrate.model.<name>.keyEnv, keyCommand and keyCredential: the server does not take the key"
            }
            Self::Rejected { status: 404, .. } => {
                "see kmigrate.model.<name>.url and .model: the server knows no such place"
            }
            Self::Down { .. } => "see kmigrate.model.<name>.url, and whether the server runs",
            Self::TimedOut { .. } => "see kmigrate.model.<name>.timeout",
            Self::Truncated { .. } => "see kmigrate.model.<name>.maxTokens",
            _ => return None,
        })
    }

    /// May the server have charged for it, though we saw no answer?
    pub(crate) fn may_have_cost(&self) -> bool {
        matches!(self, Self::TimedOut { .. } | Self::Malformed { .. } | Self::Lost { .. } | Self::Interrupted)
    }
}
