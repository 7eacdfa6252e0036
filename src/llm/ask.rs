//! Who answers, and how a question is asked until an answer holds.
//!
//! In: a brief, an [`Oracle`] (a model behind the network, a program, a scripted fake), a check of the result. Out: [`Settled`]. A
//! refused answer is asked again with what was said to it; how often is the caller's policy. Whoever wants many questions in flight at once
//! uses the pieces: [`prompt`], [`read`], [`Brief::again`].

use super::brief::Brief;
use super::edits::Edits;
use super::migration::{Limit, Prompt, prompt};
use super::reply::{Reply, read};

/// Which question a prompt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Where a snippet is, for the first time.
    Retrieve,
    /// The same again, with what was wrong.
    RetrieveAgain,
    /// What the patch becomes.
    Migrate,
}

impl Stage {
    /// The temperature that MigGPT's code uses (0.5 to retrieve, 0.4 to retry and to migrate); a setting of the user goes before it.
    pub const fn temperature(self) -> f64 {
        match self {
            Self::Retrieve => 0.5,
            Self::RetrieveAgain | Self::Migrate => 0.4,
        }
    }
}

/// How an answer ended, as the model's server says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ended {
    /// By itself, or nobody knows.
    #[default]
    Whole,
    /// At the limit of tokens.
    Cut,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// How it ended.
    pub ended: Ended,
    /// Mean natural logarithm of its tokens' probabilities (at most 0), where the server tells.
    pub mean_log_probability: Option<f64>,
}

impl Answer {
    /// One that ended by itself.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Somebody who answers prompts.
pub trait Oracle {
    /// The answer, or in words why there is none (no network, no budget): then nothing more is asked.
    ///
    /// # Errors
    /// There is no answer to be had.
    fn answer(&mut self, prompt: &Prompt) -> Result<Answer, String>;
}

impl<F: FnMut(&Prompt) -> Result<Answer, String>> Oracle for F {
    fn answer(&mut self, prompt: &Prompt) -> Result<Answer, String> {
        self(prompt)
    }
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Edits that passed the check.
    Edits(Edits),
    /// Nobody settled it; the last reason.
    Open(String),
}

/// What asking took.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What came of it.
    pub settled: Settled,
    /// How often was asked.
    pub queries: usize,
    /// What was said to answers that did not hold, in order.
    pub refusals: Vec<String>,
}

/// How often to ask, and how long a prompt may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After how many refused answers nobody is asked any more.
    pub tries: usize,
    /// The context.
    pub limit: Limit,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 3, limit: Limit::default() }
    }
}

/// Asks until edits pass `check`, which is given them and says in words what is wrong with them.
pub fn settle(
    mut brief: Brief,
    oracle: &mut dyn Oracle,
    patience: Patience,
    check: &dyn Fn(&Edits) -> Result<(), String>,
) -> Asked {
    let mut asked = Asked { settled: Settled::Open("nobody was asked".to_owned()), queries: 0, refusals: Vec::new() };
    while asked.queries < patience.tries {
        let Some(prompt) = prompt(&brief, patience.limit) else {
            asked.settled = Settled::Open("the question is longer than the context limit".to_owned());
            return asked;
        };
        let answer = match oracle.answer(&prompt) {
            Ok(answer) => answer,
            Err(said) => {
                asked.settled = Settled::Open(said);
                return asked;
            }
        };
        asked.queries += 1;
        let said = match read(&answer, &brief, &prompt) {
            Ok(Reply::Edits(edits)) => match check(&edits) {
                Ok(()) => {
                    asked.settled = Settled::Edits(edits);
                    return asked;
                }
                Err(said) => said,
            },
            Ok(Reply::AlreadyThere(reason)) => {
                asked.settled = Settled::Edits(Edits { reason, ..Edits::default() });
                return asked;
            }
            Ok(Reply::LeftOpen(reason)) => {
                asked.settled = Settled::Open(format!("the model leaves it open: {reason}"));
                return asked;
            }
            Err(refusal) => refusal.said,
        };
        asked.refusals.push(said.clone());
        asked.settled = Settled::Open(said.clone());
        brief = brief.again(&answer.text, &said);
    }
    asked
}
