//! Settings become a [`Model`]. In: entries of git config with their scope, and what `--model` says. Out: a model, or none.
//!
//! ```text
//!   [kmigrate]
//!       model = big
//!   [kmigrate "model.big"]
//!       url = https://api.example.org/v1     # or unix:/path, or command = PROGRAM
//!       model = big-model-2
//!       keyEnv = BIG_API_KEY                 # or keyCommand = pass show big, or keyCredential = true
//!       send = ask
//! ```
//!
//! A repository that was cloned from a stranger must not choose where texts and keys go, what is run, or what may be spent:
//! settings of those kinds are taken from the user's own config only, and refused elsewhere.

use super::address::{Address, is_name_of_a_key};
use super::consent::Consent;
use super::key::KeySource;
use super::ledger::tokens;
use super::model::{Draws, Endpoint, Limits, Model, Provider, Sampling, TYPED};
use super::money::{Money, Price};
use crate::error::{Error, Result};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The user's own: system and global config, `git -c`, the environment, our command line.
    User,
    /// The repository's: local and worktree config.
    Repository,
}

impl Scope {
    /// As `git config --show-scope` spells it. What it does not know counts as the repository's.
    pub fn from_git(word: &str) -> Self {
        match word {
            "system" | "global" | "command" => Self::User,
            _ => Self::Repository,
        }
    }
}

/// One entry of git config; the last of a key wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As git prints it: section and name in lower case, the subsection as it is (`kmigrate.model.big.keyenv`).
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it comes from.
    pub scope: Scope,
}

/// Who may set a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The user only.
    User,
    /// The repository too.
    Anyone,
}

/// A setting of a model, `kmigrate.model.<name>.` and its own name.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// As people write it.
    pub name: &'static str,
    /// Who may set it.
    pub by: By,
    /// What it is, for the manual.
    pub what: &'static str,
}

/// Only the user may set it.
const fn own(name: &'static str, what: &'static str) -> Setting {
    Setting { name, by: By::User, what }
}

/// A repository may set it, too.
const fn any(name: &'static str, what: &'static str) -> Setting {
    Setting { name, by: By::Anyone, what }
}

/// All settings of a model.
pub const KNOWN: [Setting; 22] = [
    own(
        "kind",
        "openai (any server with its chat completions), anthropic (its messages), or command [default: what else is set tells]",
    ),
    own("url", "Where the server is, up to its version: http://localhost:8000/v1 [default: the service of its kind]"),
    own("model", "What the server calls the model"),
    own(
        "command",
        "A program instead of a server: the prompt on its standard input, the answer on its standard output",
    ),
    own("keyEnv", "The environment variable that holds the key"),
    own("keyCommand", "A command that prints the key"),
    own("keyCredential", "true: git's credential helpers know the key"),
    own("send", "never, ask before anything is sent, or always [default: ask]"),
    own("promptPrice", "What a million tokens of questions cost, for --budget and estimates"),
    own("completionPrice", "What a million tokens of answers cost"),
    own("body", "A JSON object whose members go into each request, over ours; null takes one out"),
    own(
        "draws",
        "How several samples are got: together by one request, or apart, for servers that know no n [default: together]",
    ),
    own("maxTokens", "Most tokens of one sample [default: 4096]"),
    own(
        "n",
        "Samples of each answer, 1 to 64: of those that hold the one is taken that the others and the methods agree with most [default: 1]",
    ),
    own("context", "Most tokens of a question and its answer together [default: 128k]"),
    any("temperature", "From 0 to 2 [default: the server's]"),
    any("seed", "Of the first sample; the next ones count up"),
    any("logProbs", "true: ask for the probabilities of the answer's tokens, which enter the confidence"),
    any("concurrency", "Requests in flight [default: 8]"),
    any("requestsPerMinute", "Requests begun in any minute"),
    any("tokensPerMinute", "Tokens of any minute, answers counted with the most that they may have"),
    any("timeout", "Seconds for one attempt [default: 300]"),
];

/// Most samples of one answer: a slip of the finger must not cost a fortune.
const MOST_SAMPLES: u32 = 64;

impl Model {
    /// The model that a run asks: what was typed (`--model` or `KMIGRATE_MODEL`), else `kmigrate.model`; it is `NAME`,
    /// `command:PROGRAM` or `none`. `None` if there is none. A repository may choose among the models of the user's config.
    ///
    /// # Errors
    /// A setting is wrong, or stands where it may not.
    pub fn choose(typed: Option<&str>, entries: &[Entry]) -> Result<Option<Self>> {
        let configured = entries.iter().rfind(|e| e.key == "kmigrate.model");
        let (word, scope) = match (typed, configured) {
            (Some(word), _) => (word, Scope::User),
            (None, Some(entry)) => (entry.value.as_str(), entry.scope),
            (None, None) => return Ok(None),
        };
        match word.strip_prefix("command:") {
            None if word == "none" || word.is_empty() => Ok(None),
            None => Self::named(word, entries).map(Some),
            Some(_) if scope == Scope::Repository => Err(refused("kmigrate.model")),
            Some(program) if program.trim().is_empty() => {
                Err(Error::usage("--model=command: names no program").hint("write it behind the colon"))
            }
            Some(program) => Ok(Some(Self::new(TYPED, Provider::Command(program.to_owned())))),
        }
    }

    /// The model of this name in the settings.
    ///
    /// # Errors
    /// There is none, a setting is wrong, or stands where it may not.
    pub fn named(name: &str, entries: &[Entry]) -> Result<Self> {
        let settings = Settings::of(name, entries)?;
        if settings.values.is_empty() {
            return Err(Error::fatal(format!("no model '{name}' is configured")).hint(format!(
                "see `git config --global kmigrate.model.{name}.url` and .model, or --model command:PROGRAM"
            )));
        }
        let mut model = Self::new(name, settings.provider()?);
        model.label = settings.text("model").map(str::to_owned);
        settings.sampling(&mut model.sampling)?;
        settings.limits(&mut model.limits)?;
        model.price = settings.price()?;
        model.consent = settings.consent()?;
        Ok(model)
    }
}

/// That the repository may not say this.
fn refused(key: &str) -> Error {
    Error::fatal(format!("{key} is set by this repository, and is taken from your own config only"))
        .hint(format!("remove it with `git config --local --unset {key}` (or --worktree)"))
        .hint("if it is what you want, set it with `git config --global`")
}

/// The settings of one model.
struct Settings<'a> {
    /// `kmigrate.model.<name>`
    section: String,
    /// By name in lower case.
    values: BTreeMap<&'a str, &'a str>,
}

impl<'a> Settings<'a> {
    /// All that concern this model, checked for who set them.
    fn of(name: &str, entries: &'a [Entry]) -> Result<Self> {
        let section = format!("kmigrate.model.{name}");
        let mut values = BTreeMap::new();
        for entry in entries {
            let Some(variable) = entry.key.strip_prefix(&section).and_then(|rest| rest.strip_prefix('.')) else {
                continue;
            };
            // Another model, whose name begins with this one's and a point.
            if variable.contains('.') {
                continue;
            }
            if is_name_of_a_key(variable) {
                return Err(Error::fatal(format!("{} holds a key in clear, which is not read", entry.key))
                    .hint("remove it, and make a new key if others can read the file")
                    .hint(format!("set {section}.keyEnv, .keyCommand or .keyCredential instead")));
            }
            let Some(Setting { name, by, .. }) = KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(variable))
            else {
                let all = KNOWN.map(|known| known.name).join(", ");
                return Err(Error::fatal(format!("unknown setting {}", entry.key)).hint(format!("known are {all}")));
            };
            if (*by, entry.scope) == (By::User, Scope::Repository) {
                return Err(refused(&format!("{section}.{name}")));
            }
            values.insert(variable, entry.value.as_str());
        }
        Ok(Self { section, values })
    }

    /// A value, named as people write it.
    fn text(&self, name: &str) -> Option<&'a str> {
        self.values.get(name.to_ascii_lowercase().as_str()).copied()
    }

    /// That a value is none of what it can be.
    fn bad(&self, name: &str, expected: &str) -> Error {
        let value = self.text(name).unwrap_or_default();
        Error::fatal(format!("bad value '{value}' for {}.{name}", self.section)).hint(format!("it is {expected}"))
    }

    /// A value that a function understands.
    fn read<T>(&self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        self.text(name).map(|text| read(text).ok_or_else(|| self.bad(name, expected))).transpose()
    }

    /// A whole number above 0, with k, m or g.
    fn count<T: TryFrom<u64>>(&self, name: &str) -> Result<Option<T>> {
        let positive = |text: &str| tokens(text).filter(|n| *n > 0).and_then(|n| T::try_from(n).ok());
        self.read(name, "a whole number above 0, such as 60 or 8k", positive)
    }

    /// git's yes or no.
    fn yes(&self, name: &str) -> Result<Option<bool>> {
        self.read(name, "true or false", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" | "" => Some(false),
            _ => None,
        })
    }

    /// Who answers.
    fn provider(&self) -> Result<Provider> {
        let kinds = "openai, anthropic or command";
        let kind = match (self.text("kind"), self.text("command"), self.text("url")) {
            (Some(kind), _, _) => kind,
            (None, Some(_), _) => "command",
            (None, None, Some(url)) if url.contains("://api.anthropic.com") || url.ends_with("/messages") => {
                "anthropic"
            }
            _ => "openai",
        };
        match kind {
            "openai" => self.endpoint("https://api.openai.com/v1").map(Provider::Chat),
            "anthropic" => self.endpoint("https://api.anthropic.com/v1").map(Provider::Messages),
            "command" => self
                .text("command")
                .map(|program| Provider::Command(program.to_owned()))
                .ok_or_else(|| Error::fatal(format!("{}.command is not set", self.section))),
            _ => Err(self.bad("kind", kinds)),
        }
    }

    /// The server.
    fn endpoint(&self, usual: &str) -> Result<Endpoint> {
        let address = Address::parse(self.text("url").unwrap_or(usual));
        let address = address.map_err(|e| e.while_doing(format!("{}.url", self.section)))?;
        let model = self.text("model").ok_or_else(|| {
            Error::fatal(format!("{}.model is not set", self.section)).hint("it is what the server calls the model")
        })?;
        let keys = self.keys(&address)?;
        Ok(Endpoint { address, model: model.to_owned(), keys })
    }

    /// Where the key is. The well-known variables are used for their own services only: no other host gets to see them.
    fn keys(&self, address: &Address) -> Result<Vec<KeySource>> {
        let mut keys = Vec::new();
        keys.extend(self.text("keyEnv").map(|name| KeySource::Environment(name.to_owned())));
        keys.extend(self.text("keyCommand").map(|command| KeySource::Command(command.to_owned())));
        keys.extend(self.yes("keyCredential")?.filter(|yes| *yes).map(|_| KeySource::Credential("kmigrate".into())));
        if keys.is_empty() {
            let usual = [("api.openai.com", "OPENAI_API_KEY"), ("api.anthropic.com", "ANTHROPIC_API_KEY")];
            let own = usual.iter().filter(|(host, _)| address.is_host(host));
            keys.extend(own.map(|(_, name)| KeySource::Environment((*name).to_owned())));
        }
        Ok(keys)
    }

    /// What is asked for.
    fn sampling(&self, sampling: &mut Sampling) -> Result<()> {
        let finite = |text: &str| f64::from_str(text).ok().filter(|t| (0.0..=2.0).contains(t));
        sampling.temperature = self.read("temperature", "a number from 0 to 2", finite)?;
        sampling.seed = self.read("seed", "a whole number", tokens)?;
        sampling.max_tokens = self.count("maxTokens")?.unwrap_or(sampling.max_tokens);
        let samples = |text: &str| text.parse().ok().filter(|n| (1..=MOST_SAMPLES).contains(n));
        sampling.n = self.read("n", "a whole number from 1 to 64", samples)?.unwrap_or(sampling.n);
        let draws = |text: &str| match text {
            "together" => Some(Draws::Together),
            "apart" => Some(Draws::Apart),
            _ => None,
        };
        sampling.draws = self.read("draws", "together or apart", draws)?.unwrap_or(sampling.draws);
        sampling.log_probabilities = self.yes("logProbs")?.unwrap_or(sampling.log_probabilities);
        let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
        sampling.body = self.read("body", "a JSON object", object)?.unwrap_or_default();
        Ok(())
    }

    /// How much and how fast.
    fn limits(&self, limits: &mut Limits) -> Result<()> {
        limits.context = self.count("context")?.unwrap_or(limits.context);
        limits.concurrency = self.count::<u16>("concurrency")?.map_or(limits.concurrency, usize::from);
        limits.requests_per_minute = self.count("requestsPerMinute")?;
        limits.tokens_per_minute = self.count("tokensPerMinute")?;
        limits.timeout = self.count("timeout")?.map_or(limits.timeout, Duration::from_secs);
        Ok(())
    }

    /// What tokens cost. With one price set, the other is nothing.
    fn price(&self) -> Result<Option<Price>> {
        let expected = "the price of a million tokens, such as 0.15";
        let prompt = self.read("promptPrice", expected, Money::parse)?;
        let completion = self.read("completionPrice", expected, Money::parse)?;
        let none = prompt.is_none() && completion.is_none();
        let price = Price { prompt: prompt.unwrap_or_default(), completion: completion.unwrap_or_default() };
        Ok((!none).then_some(price))
    }

    /// May anything be sent?
    fn consent(&self) -> Result<Consent> {
        let word = |text: &str| match text {
            "never" => Some(Consent::Never),
            "ask" => Some(Consent::Ask),
            "always" => Some(Consent::Always),
            _ => None,
        };
        Ok(self.read("send", "never, ask or always", word)?.unwrap_or_default())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn entry(key: &str, value: &str, scope: Scope) -> Entry {
        Entry { key: key.into(), value: value.into(), scope }
    }

    fn users(pairs: &[(&str, &str)]) -> Vec<Entry> {
        pairs.iter().map(|(key, value)| entry(&format!("kmigrate.model.big.{key}"), value, Scope::User)).collect()
    }

    #[test]
    fn a_model_is_read_from_the_users_config() {
        let entries = users(&[
            ("url", "http://localhost:8000"),
            ("model", "qwen"),
            ("keyenv", "BIG_KEY"),
            ("keycredential", "true"),
            ("temperature", "0.4"),
            ("maxtokens", "2k"),
            ("n", "3"),
            ("promptprice", "0.15"),
            ("send", "always"),
            ("timeout", "30"),
            ("body", r#"{"top_p": 0.9}"#),
        ]);
        let model = Model::choose(Some("big"), &entries).unwrap().unwrap();
        let Provider::Chat(endpoint) = &model.provider else { panic!("{model:?}") };
        let keys = [KeySource::Environment("BIG_KEY".into()), KeySource::Credential("kmigrate".into())];
        assert_eq!((endpoint.model.as_str(), endpoint.keys.as_slice()), ("qwen", keys.as_slice()));
        assert_eq!((model.sampling.max_tokens, model.sampling.n), (2000, 3));
        assert_eq!((model.consent, model.limits.timeout), (Consent::Always, Duration::from_secs(30)));
        assert!(model.is_local() && model.price.is_some() && model.sampling.body.contains_key("top_p"));
    }

    #[test]
    fn a_repository_may_not_say_where_things_go() {
        for Setting { name, .. } in KNOWN.iter().filter(|known| known.by == By::User) {
            let mut entries = users(&[("url", "https://good.example/v1"), ("model", "m")]);
            let key = format!("kmigrate.model.big.{}", name.to_lowercase());
            entries.push(entry(&key, "evil", Scope::from_git("local")));
            let error = Model::named("big", &entries).unwrap_err();
            assert!(error.to_string().contains(&format!("kmigrate.model.big.{name}")), "{error}");
            assert!(error.hints()[0].contains("git config --local --unset"), "{:?}", error.hints());
            assert!(!format!("{error:?}").contains("evil"));
        }
        let program = [entry("kmigrate.model", "command:rm -rf /", Scope::Repository)];
        assert!(Model::choose(None, &program).is_err());
        assert!(Model::choose(Some("none"), &program).unwrap().is_none());
    }

    #[test]
    fn a_repository_may_tune() {
        let mut entries = users(&[("url", "https://good.example/v1"), ("model", "m")]);
        entries.push(entry("kmigrate.model.big.temperature", "0.7", Scope::from_git("worktree")));
        entries.push(entry("kmigrate.model", "big", Scope::from_git("local")));
        assert_eq!(Model::choose(None, &entries).unwrap().unwrap().sampling.temperature, Some(0.7));
    }

    #[test]
    fn a_key_in_clear_is_refused_and_not_repeated() {
        let error = Model::named("big", &users(&[("model", "m"), ("apikey", "sk-12345678")])).unwrap_err();
        assert!(error.to_string().contains("kmigrate.model.big.apikey"), "{error}");
        assert!(!format!("{error:?}").contains("sk-1234"));
    }

    #[test]
    fn a_well_known_variable_is_for_its_own_host_only() {
        let keys = |url: &str| match Model::named("big", &users(&[("url", url), ("model", "m")])).unwrap().provider {
            Provider::Chat(e) | Provider::Messages(e) => e.keys,
            Provider::Command(_) => panic!("a server"),
        };
        assert_eq!(keys("https://api.openai.com/v1"), [KeySource::Environment("OPENAI_API_KEY".into())]);
        assert_eq!(keys("https://api.anthropic.com"), [KeySource::Environment("ANTHROPIC_API_KEY".into())]);
        assert_eq!(keys("https://api.openai.com.evil.example/v1"), []);
        assert_eq!(keys("http://api.openai.com/v1"), [], "not in clear");
    }

    #[test]
    fn nonsense_is_said_by_its_key() {
        for (key, value) in [("n", "0"), ("n", "65"), ("timeout", "0"), ("temperature", "hot"), ("send", "maybe")] {
            let error = Model::named("big", &users(&[("model", "m"), (key, value)])).unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
        }
        assert!(Model::named("big", &users(&[("model", "m"), ("sned", "never")])).is_err());
        assert!(Model::named("small", &users(&[("model", "m")])).is_err());
    }
}
