//! Keys: shown to the server, and to nobody else.

use super::*;
use kmigrate::llm::door::{CredentialRequest, Credentials};
use std::sync::{Arc, Mutex};

const KEY: &str = "sk-Zq8v-a-very-secret-key-4711";

fn command() -> KeySource {
    KeySource::Command(format!("printf '%s\\nsecond line\\n' {KEY}"))
}

#[test]
fn a_key_is_shown_to_the_server_in_its_dialect() {
    let server = Server::answering(shout);
    for dialect in DIALECTS {
        one(&mut door(dialect.model(&server.mock.uri(), &[command()])), "hello").unwrap();
    }
    let requests = server.requests();
    assert_eq!(requests[0].headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(requests[1].headers["x-api-key"], KEY);
    assert!(!requests[1].headers.contains_key("authorization"));
}

/// Everything that comes out of a run, as text.
fn all_that_is_produced(server: &Server, dialect: Dialect) -> String {
    let (cache, record) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let model = dialect.model(&server.mock.uri(), &[command()]);
    let mut all_text = format!("{model:?}");
    let mut door = cached(door(model), cache.path()).recording(record.path()).unwrap();
    let answers = door.ask_all(&asks(2), &mut |_, answer| all_text += &format!("{answer:?}"));
    for answer in &answers {
        all_text += &format!("{answer:?}");
        if let Err(failure) = answer {
            all_text += &format!("{failure} {:?}", failure.hint());
        }
    }
    all_text += &door.preview(&ask("x")).concat();
    all_text += &String::from_utf8(door.export(&asks(3)).lines).unwrap();
    for dir in [&cache, &record] {
        for file in std::fs::read_dir(dir.path()).unwrap() {
            all_text += &std::fs::read_to_string(file.unwrap().path()).unwrap();
        }
    }
    all_text
}

#[test]
fn a_key_that_the_server_says_is_not_repeated() {
    // In words, cut by what we show, in escapes, in an answer, as a refusal, where it redirects to, where JSON is expected.
    let long = format!("{}{KEY}", "x".repeat(285));
    let escaped: String = KEY.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    for dialect in DIALECTS {
        let filter = if dialect == Dialect::Chat { "content_filter" } else { "refusal" };
        let wrong = |code| ResponseTemplate::new(code).set_body_json(dialect.error(&format!("wrong key {KEY}!")));
        let raw = |code, text: String| ResponseTemplate::new(code).set_body_raw(text, "application/json");
        let declined = json!({"choices": [{"message": {"content": KEY, "refusal": format!("not for {KEY}")}}]});
        let answers = [
            wrong(401),
            wrong(400),
            wrong(429),
            wrong(500),
            wrong(200),
            raw(403, long.clone()),
            raw(403, format!("{{\"error\": {{\"message\": \"{escaped}\"}}}}")),
            raw(200, format!("{KEY} is no JSON")),
            raw(200, dialect.answer(&format!("int key = {KEY};")).to_string()),
            raw(200, dialect.answer("int key = @;").to_string().replace('@', &escaped)),
            raw(200, dialect.ended(KEY, filter).to_string()),
            raw(200, declined.to_string()),
            ResponseTemplate::new(302).insert_header("location", format!("http://{KEY}.example/?key={KEY}").as_str()),
        ];
        for answer in answers {
            let sent = answer.clone();
            let server = Server::answering(move |_: &Request| sent.clone());
            let text = all_that_is_produced(&server, dialect);
            // Hosts have small letters.
            for part in [KEY, &KEY[..8], &KEY.to_lowercase()] {
                assert!(!text.contains(part), "{dialect:?} {answer:?}: {text}");
            }
            assert!(text.contains("test-1"), "{text}");
        }
    }
}

#[test]
fn without_its_key_nothing_is_asked() {
    let server = Server::answering(shout);
    let cases = [
        (KeySource::Environment("KMIGRATE_NO_SUCH_VARIABLE".into()), "KMIGRATE_NO_SUCH_VARIABLE is not set"),
        (KeySource::Command("echo sk-secret-of-a-failing-command; exit 3".into()), "key command failed"),
        (KeySource::Command("true".into()), "empty"),
        (KeySource::Command("echo 'two words'".into()), "characters"),
        (KeySource::Credential("kmigrate".into()), "git credential has none for kmigrate@127.0.0.1"),
    ];
    for (source, expected) in cases {
        let failure = one(&mut door(Dialect::Chat.model(&server.mock.uri(), &[source])), "hello").unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
        assert!(!failure.to_string().contains("sk-secret"));
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_first_place_that_has_a_key_counts() {
    let server = Server::answering(shout);
    let places = [KeySource::Environment("KMIGRATE_NO_SUCH_VARIABLE".into()), command()];
    one(&mut door(Dialect::Chat.model(&server.mock.uri(), &places)), "hello").unwrap();
    // Set by cargo for every test.
    let places = [KeySource::Environment("CARGO_MANIFEST_DIR".into()), command()];
    one(&mut door(Dialect::Chat.model(&server.mock.uri(), &places)), "hello").unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(requests[1].headers["authorization"], format!("Bearer {}", env!("CARGO_MANIFEST_DIR")));
}

/// Helpers that write down what they are told.
#[derive(Clone, Default)]
struct Helpers(Arc<Mutex<Vec<String>>>);

impl Credentials for Helpers {
    fn fill(&self, about: &CredentialRequest) -> Option<String> {
        self.0.lock().unwrap().push(format!("fill {} {}", about.protocol, about.username));
        Some(KEY.into())
    }
    fn approve(&self, _: &CredentialRequest, password: &str) {
        self.0.lock().unwrap().push(format!("approve {password}"));
    }
    fn reject(&self, _: &CredentialRequest, password: &str) {
        self.0.lock().unwrap().push(format!("reject {password}"));
    }
}

#[test]
fn the_credential_helpers_hear_once_what_became_of_their_key() {
    let source = KeySource::Credential("kmigrate".into());
    for (code, verdict) in [(200, "approve"), (401, "reject")] {
        let server = Server::answering(move |request: &Request| match code {
            200 => shout(request),
            _ => ResponseTemplate::new(code),
        });
        let helpers = Helpers::default();
        let model = Dialect::Chat.model(&server.mock.uri(), std::slice::from_ref(&source));
        let mut door = door(model).with_credentials(helpers.clone());
        all(&mut door, &asks(2));
        all(&mut door, &asks(4));
        assert_eq!(*helpers.0.lock().unwrap(), ["fill http kmigrate".to_owned(), format!("{verdict} {KEY}")]);
    }
}
