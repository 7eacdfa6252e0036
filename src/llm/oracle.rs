//! ORACLE: who answers prompts (a model behind the network, a program, a scripted fake), and what comes back.

use super::prompt::Prompt;

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

/// Samples of an answer, at least one; or in words why there is none (no network, no budget): then nothing more is asked.
pub type Answers = Result<Vec<Answer>, String>;

/// Somebody who answers prompts.
pub trait Oracle {
    /// What is said to a prompt.
    ///
    /// # Errors
    /// There is no answer to be had.
    fn answers(&mut self, prompt: &Prompt) -> Answers;
}

impl<F: FnMut(&Prompt) -> Answers> Oracle for F {
    fn answers(&mut self, prompt: &Prompt) -> Answers {
        self(prompt)
    }
}
