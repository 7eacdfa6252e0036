//! The model's door. Each module starts servers or programs of its own; none of them waits for seconds.

mod batch;
mod consent;
mod keys;
mod program;
mod server;
mod shelf;
mod spending;
mod trouble;
mod whole_runs;

use kmigrate::llm::door::{
    Address, Answer, Ask, CacheDir, Consent, Door, Endpoint, Failure, KeySource, Message, Model, Patience, Provider,
    Role,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// A mock server that lives on a thread of its own, so that the door can be used as it is: without async.
struct Server {
    clock: tokio::runtime::Runtime,
    mock: MockServer,
}

impl Server {
    /// One that answers everything so, in both dialects.
    fn answering(respond: impl Respond + Clone + 'static) -> Self {
        let clock = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mock = clock.block_on(MockServer::start());
        for dialect in DIALECTS {
            let answer = Mock::given(method("POST")).and(path(dialect.path())).respond_with(respond.clone());
            clock.block_on(answer.mount(&mock));
        }
        Self { clock, mock }
    }

    /// What it was asked.
    fn requests(&self) -> Vec<Request> {
        self.clock.block_on(self.mock.received_requests()).unwrap()
    }

    /// The bodies of that.
    fn bodies(&self) -> Vec<Value> {
        self.requests().iter().map(|request| request.body_json().unwrap()).collect()
    }

    /// A model there.
    fn model(&self, dialect: Dialect) -> Model {
        dialect.model(&self.mock.uri(), &[])
    }

    /// A door to that.
    fn door(&self, dialect: Dialect) -> Door {
        door(self.model(dialect))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Dialect {
    Chat,
    Messages,
}

const DIALECTS: [Dialect; 2] = [Dialect::Chat, Dialect::Messages];

impl Dialect {
    fn path(self) -> &'static str {
        match self {
            Self::Chat => "/v1/chat/completions",
            Self::Messages => "/v1/messages",
        }
    }

    fn model(self, url: &str, keys: &[KeySource]) -> Model {
        let endpoint = Endpoint { address: Address::parse(url).unwrap(), model: "test-1".into(), keys: keys.to_vec() };
        let provider = match self {
            Self::Chat => Provider::Chat(endpoint),
            Self::Messages => Provider::Messages(endpoint),
        };
        Model::new("test", provider)
    }

    /// An answer that ends so, in its own words.
    fn ended(self, text: &str, end: &str) -> Value {
        match self {
            Self::Chat => json!({
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": end}],
                "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
            }),
            Self::Messages => json!({
                "content": [{"type": "text", "text": text}],
                "stop_reason": end,
                "usage": {"input_tokens": 20, "output_tokens": 5},
            }),
        }
    }

    fn answer(self, text: &str) -> Value {
        self.ended(text, if self == Self::Chat { "stop" } else { "end_turn" })
    }

    fn error(self, words: &str) -> Value {
        match self {
            Self::Chat => json!({"error": {"message": words, "type": "t", "code": null}}),
            Self::Messages => json!({"type": "error", "error": {"type": "t", "message": words}}),
        }
    }

    /// Which one a request is in.
    fn of(request: &Request) -> Self {
        if request.url.path().ends_with("/messages") { Self::Messages } else { Self::Chat }
    }
}

/// A good answer, the text of the question in capitals, in the dialect of the request.
fn shout(request: &Request) -> ResponseTemplate {
    let body: Value = request.body_json().unwrap();
    let turns = body["messages"].as_array().unwrap();
    let text = turns.last().unwrap()["content"].as_str().unwrap().to_uppercase();
    ResponseTemplate::new(200).set_body_json(Dialect::of(request).answer(&text))
}

/// Waits of milliseconds.
fn quick() -> Patience {
    Patience {
        attempts: 4,
        connects: 2,
        given_up: 3,
        first: Duration::from_millis(1),
        longest: Duration::from_millis(4),
        retry_after: Duration::from_secs(2),
        minute: Duration::from_secs(60),
    }
}

fn door(model: Model) -> Door {
    Door::new(model).unwrap().with_patience(quick())
}

fn cached(door: Door, dir: &Path) -> Door {
    door.with_cache(&CacheDir { dir: dir.to_owned(), limit: 1 << 20 }).unwrap()
}

fn ask(text: &str) -> Ask {
    Ask::new(format!("abc1234 {text}"), vec![Message::new(Role::System, "be terse"), Message::new(Role::User, text)])
}

fn asks(count: usize) -> Vec<Ask> {
    (0..count).map(|i| ask(&format!("q{i:02}"))).collect()
}

type Answers = Vec<Result<Answer, Failure>>;

fn all(door: &mut Door, asks: &[Ask]) -> Answers {
    door.ask_all(asks, &mut |_, _| {})
}

fn one(door: &mut Door, text: &str) -> Result<Answer, Failure> {
    all(door, &[ask(text)]).remove(0)
}

fn texts(answer: &Answer) -> Vec<&str> {
    answer.samples.iter().map(|sample| sample.text.as_str()).collect()
}

/// A model whose consent is this.
fn consenting(mut model: Model, consent: Consent) -> Model {
    model.consent = consent;
    model
}
