//! A model: who it is, how it is asked, what it may and what it costs. In: [`settings`](super::settings). Out: nouns.

use super::address::{Address, Dialect};
use super::consent::Consent;
use super::key::KeySource;
use super::money::Price;
use serde_json::{Map, Value};
use std::time::Duration;

/// What a program is called that was typed. Its command line may hold what nobody else should see, so that names nothing.
pub const TYPED: &str = "a program";

/// A model of the user's.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name in the settings, or [`TYPED`].
    pub name: String,
    /// What a program says that it asks: `kmigrate.model.<name>.model`.
    pub label: Option<String>,
    /// Who answers.
    pub provider: Provider,
    /// What is asked for.
    pub sampling: Sampling,
    /// How much and how fast.
    pub limits: Limits,
    /// What a million tokens cost, where that is known.
    pub price: Option<Price>,
    /// May anything be sent?
    pub consent: Consent,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A server that speaks OpenAI's chat dialect: vLLM, Ollama, llama.cpp, LiteLLM, and most services.
    Chat(Endpoint),
    /// A server that speaks Anthropic's messages dialect.
    Messages(Endpoint),
    /// A program of the user's, run by `sh`: the question on stdin, the answer on stdout.
    Command(String),
}

/// A model on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Where.
    pub address: Address,
    /// What the server calls it.
    pub model: String,
    /// Where to look for a key, in order; none if the server wants none.
    pub keys: Vec<KeySource>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// Without it, the server's default.
    pub temperature: Option<f64>,
    /// The first draw's; the next ones count up. Not every server has seeds.
    pub seed: Option<u64>,
    /// Most tokens of one sample.
    pub max_tokens: u32,
    /// Samples of each answer, at least 1.
    pub n: u32,
    /// How more than one is got.
    pub draws: Draws,
    /// Ask for log-probabilities, where the dialect has them.
    pub log_probabilities: bool,
    /// Members to put into the request's body, over ours; `null` takes one out.
    pub body: Map<String, Value>,
}

/// How several samples are got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Draws {
    /// By one request, as the chat dialect can; the question is paid for once.
    #[default]
    Together,
    /// By a request each, for servers that know no `n`. Always so with the messages dialect and programs.
    Apart,
}

/// How much and how fast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of question and one answer together.
    pub context: u64,
    /// Requests in flight, at least 1.
    pub concurrency: usize,
    /// Requests begun in any minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens in any minute: estimated, with the most that answers may have.
    pub tokens_per_minute: Option<u64>,
    /// For one attempt, from connecting to the last byte.
    pub timeout: Duration,
}

impl Model {
    /// With our defaults.
    pub fn new(name: impl Into<String>, provider: Provider) -> Self {
        let sampling = Sampling {
            temperature: None,
            seed: None,
            max_tokens: 4096,
            n: 1,
            draws: Draws::Together,
            log_probabilities: false,
            body: Map::new(),
        };
        let limits = Limits {
            context: 128_000,
            concurrency: 8,
            requests_per_minute: None,
            tokens_per_minute: None,
            timeout: Duration::from_secs(300),
        };
        Self { name: name.into(), label: None, provider, sampling, limits, price: None, consent: Consent::Ask }
    }

    /// What the server calls it; of a program what the settings say that it is, else its name there: for `Assisted-by` and reports.
    pub fn id(&self) -> &str {
        match &self.provider {
            Provider::Chat(endpoint) | Provider::Messages(endpoint) => &endpoint.model,
            Provider::Command(_) => self.label.as_deref().unwrap_or(&self.name),
        }
    }

    /// Where questions go, for people.
    pub fn host(&self) -> String {
        match self.endpoint() {
            Some((_, end)) => end.address.host(),
            None if self.name == TYPED => TYPED.to_owned(),
            None => format!("the program of '{}'", self.name),
        }
    }

    /// Does everything stay on this machine, as far as we can tell? A program of the user's counts as local.
    pub fn is_local(&self) -> bool {
        self.endpoint().is_none_or(|(_, e)| e.address.is_local())
    }

    /// The server, and what it speaks.
    pub(crate) fn endpoint(&self) -> Option<(Dialect, &Endpoint)> {
        match &self.provider {
            Provider::Chat(endpoint) => Some((Dialect::Chat, endpoint)),
            Provider::Messages(endpoint) => Some((Dialect::Messages, endpoint)),
            Provider::Command(_) => None,
        }
    }

    /// How it takes several samples in truth.
    pub(crate) fn draws(&self) -> Draws {
        match self.provider {
            Provider::Chat(_) => self.sampling.draws,
            Provider::Messages(_) | Provider::Command(_) => Draws::Apart,
        }
    }
}
