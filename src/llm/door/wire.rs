//! One request over HTTP. In: a question. Out: a response, or what the trouble was and whether trying again makes sense.
//!
//! The only file that knows reqwest's client. A request goes to the host that the user named and to no other: redirects are
//! followed within it only, and what is local goes past every proxy.

use super::address::{Dialect, authority};
use super::ask::Response;
use super::failure::Failure;
use super::key::Key;
use super::model::{Endpoint, Model};
use super::question::Question;
use super::{chat, estimate, messages, retry_after};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, StatusCode, Url, redirect};
use serde_json::Value;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime};

/// Most bytes of a body: many samples with log-probabilities are some megabytes.
const MOST: usize = 64 << 20;

/// Most characters of a server's words that are shown.
const WORDS: usize = 300;

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Most redirects within a host.
const HOPS: usize = 3;

/// Why there is no response.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Trying again would not help.
    Final(Failure),
    /// Nobody took the connection.
    Unreachable(String),
    /// The connection broke.
    Broken(String),
    /// The server has too much to do, and may say when to come again.
    Busy {
        /// 429, 503 or 529
        status: u16,
        /// The server's words.
        words: String,
        /// Its `Retry-After`.
        wait: Option<Duration>,
    },
    /// The server failed.
    Failed {
        /// 5xx, or 408.
        status: u16,
        /// The server's words.
        words: String,
    },
}

/// A connection to an endpoint.
pub(crate) struct Wire {
    client: Client,
    url: Url,
    dialect: Dialect,
    headers: HeaderMap,
    key: Option<Key>,
    timeout: Duration,
}

impl Wire {
    /// To a model's endpoint.
    pub fn new(model: &Model, (dialect, endpoint): (Dialect, &Endpoint), key: Option<Key>) -> Result<Self, Failure> {
        let timeout = model.limits.timeout;
        let client = client(endpoint, timeout).map_err(|e| Failure::Down {
            host: model.host(),
            words: format!("cannot set up a connection: {}", chain(&e)),
        })?;
        let headers = headers(dialect, key.as_ref())?;
        Ok(Self { client, url: endpoint.address.post_to(dialect), dialect, headers, key, timeout })
    }

    /// The key in use.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Sends a question and reads its answer.
    pub async fn exchange(&self, question: &Question) -> Result<Response, Trouble> {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone());
        let mut reply =
            request.body(body(self.dialect, question).to_string()).send().await.map_err(|e| self.lost(&e))?;
        let (status, headers) = (reply.status(), reply.headers().clone());
        let mut bytes = Vec::new();
        while let Some(piece) = reply.chunk().await.map_err(|e| self.lost(&e))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MOST {
                let words = format!("it is longer than {MOST} bytes");
                return Err(Trouble::Final(Failure::Malformed { words }));
            }
        }
        match status.is_success() {
            true => self.read(question, &bytes).map_err(Trouble::Final),
            false => Err(self.trouble(status, &headers, &bytes)),
        }
    }

    /// What a success says.
    fn read(&self, question: &Question, bytes: &[u8]) -> Result<Response, Failure> {
        let malformed = |e: serde_json::Error| Failure::Malformed { words: format!("it is no JSON: {e}") };
        let body: Value = serde_json::from_slice(bytes).map_err(malformed)?;
        let read = match self.dialect {
            Dialect::Chat => chat::read(&body),
            Dialect::Messages => messages::read(&body),
        };
        match read {
            Ok((mut samples, usage)) => {
                for sample in &mut samples {
                    super::shelf::each_text(sample, |text| {
                        self.key.as_ref().map_or(text.clone(), |k| k.redact_answer(text))
                    });
                }
                Ok(estimate::response(question, samples, usage))
            }
            Err(Failure::Malformed { words }) => Err(Failure::Malformed { words: self.words(&words) }),
            Err(failure) => Err(failure),
        }
    }

    /// What a status other than success means.
    fn trouble(&self, status: StatusCode, headers: &HeaderMap, bytes: &[u8]) -> Trouble {
        let text = String::from_utf8_lossy(bytes);
        let json: Option<Value> = serde_json::from_slice(bytes).ok();
        let words = self.words(&json.as_ref().and_then(chat::error_words).unwrap_or_else(|| text.into_owned()));
        let code = json.as_ref().and_then(|body| body.pointer("/error/code")).and_then(Value::as_str);
        let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let number = status.as_u16();
        match number {
            300..400 => {
                let to = header(LOCATION).and_then(|to| self.url.join(to).ok());
                let to = to.map_or_else(|| "nowhere".into(), |to| format!("{}://{}", to.scheme(), authority(&to)));
                Trouble::Final(Failure::Redirected { to: self.words(&to) })
            }
            // An account without money is called a rate limit too, and does not mend by waiting.
            429 if code == Some("insufficient_quota") => Trouble::Final(Failure::Rejected { status: number, words }),
            429 | 503 | 529 => {
                let wait = header(RETRY_AFTER).and_then(|text| retry_after::wait(text, SystemTime::now()));
                Trouble::Busy { status: number, words, wait }
            }
            408 | 500.. => Trouble::Failed { status: number, words },
            _ => Trouble::Final(Failure::Rejected { status: number, words }),
        }
    }

    /// What an error of the network means.
    fn lost(&self, error: &reqwest::Error) -> Trouble {
        let words = self.words(&chain(error));
        // A server that does not even take the connection in time is not there; one that took it may have charged for it.
        match (error.is_connect(), error.is_timeout()) {
            (true, _) => Trouble::Unreachable(words),
            (false, true) => Trouble::Final(Failure::TimedOut { after: self.timeout }),
            (false, false) => Trouble::Broken(words),
        }
    }

    /// Words of others, on one line, not too many, without the key.
    fn words(&self, text: &str) -> String {
        // The key goes first: cut in two, it would not be found.
        let text = self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.redact(text));
        let line: Vec<&str> = text.split_whitespace().collect();
        let shown: String = line.join(" ").chars().filter(|c| !c.is_control()).take(WORDS).collect();
        if shown.is_empty() { "without a word".into() } else { shown }
    }
}

/// The body of a question in a dialect.
pub(crate) fn body(dialect: Dialect, question: &Question) -> Value {
    match dialect {
        Dialect::Chat => chat::body(question),
        Dialect::Messages => messages::body(question),
    }
}

/// What goes with every question. The key is marked, so that nobody prints it.
fn headers(dialect: Dialect, key: Option<&Key>) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if dialect == Dialect::Messages {
        headers.insert("anthropic-version", HeaderValue::from_static(messages::VERSION));
    }
    if let Some(key) = key {
        let (name, value) = match dialect {
            Dialect::Chat => ("authorization", format!("Bearer {}", key.expose())),
            Dialect::Messages => ("x-api-key", key.expose().to_owned()),
        };
        let bad = |_| Failure::NoKey { words: "what was found has characters that no key has".into() };
        let mut value = HeaderValue::from_str(&value).map_err(bad)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// A client for one endpoint.
fn client(endpoint: &Endpoint, timeout: Duration) -> reqwest::Result<Client> {
    // Fails if there is one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = &endpoint.address;
    let agent = concat!("git-kmigrate/", env!("CARGO_PKG_VERSION"));
    let mut client = Client::builder().user_agent(agent).redirect(within_the_host()).referer(false);
    client = client.timeout(timeout).connect_timeout(CONNECT.min(timeout));
    if !address.is_encrypted() {
        // A machine without certificates can still ask its own model.
        client = client.tls_certs_only([]);
    }
    if address.is_local() {
        client = client.no_proxy();
    }
    if let Some(name) = address.name_of_this_machine() {
        let both = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
        client = client.resolve_to_addrs(name, &both);
    }
    if let Some(path) = address.socket() {
        client = client.unix_socket(path.clone());
    }
    client.build()
}

/// Follows redirects to the same scheme, host and port only; of others the answer is looked at as it is.
fn within_the_host() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let same = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
        if same && attempt.previous().len() <= HOPS { attempt.follow() } else { attempt.stop() }
    })
}

/// An error with its causes, without URLs: they are ours, and longer than helpful.
fn chain(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    // reqwest's own words ("error sending request for url ...") say less than the last cause.
    words.pop().unwrap_or_else(|| "the connection failed".into())
}
