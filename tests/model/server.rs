//! Servers that behave.

use super::*;
use kmigrate::llm::door::{Draws, Finish, Money, Origin, Price};
use std::io::{Read, Write};
use std::time::Instant;

#[test]
fn an_answer_has_its_text_usage_and_cost() {
    let server = Server::answering(shout);
    for dialect in DIALECTS {
        let mut model = server.model(dialect);
        let price = |text| Money::parse(text).unwrap();
        model.price = Some(Price { prompt: price("1"), completion: price("2") });
        let answer = one(&mut door(model), "hello").unwrap();
        assert_eq!(texts(&answer), ["HELLO"], "{dialect:?}");
        assert_eq!((answer.usage.prompt, answer.usage.completion, answer.usage.estimated), (20, 5, false));
        assert_eq!((answer.cost, answer.origin), (price("0.00003"), Origin::Asked));
    }
}

#[test]
fn each_dialect_is_spoken_as_its_servers_expect() {
    let server = Server::answering(shout);
    for dialect in DIALECTS {
        let mut model = server.model(dialect);
        model.sampling.temperature = Some(0.25);
        model.sampling.seed = Some(7);
        model.sampling.body.insert("top_p".into(), json!(0.5));
        model.sampling.body.insert("max_tokens".into(), Value::Null);
        one(&mut door(model), "hello").unwrap();
    }
    let turn = |role: &str, text: &str| json!({"role": role, "content": text});
    let chat = json!({
        "model": "test-1", "messages": [turn("system", "be terse"), turn("user", "hello")],
        "temperature": 0.25, "seed": 7, "top_p": 0.5,
    });
    let messages = json!({
        "model": "test-1", "system": "be terse", "messages": [turn("user", "hello")], "temperature": 0.25, "top_p": 0.5,
    });
    assert_eq!(server.bodies(), [chat, messages]);
    assert_eq!(server.requests()[1].headers["anthropic-version"], "2023-06-01");
}

#[test]
fn answers_come_in_the_order_of_the_asks_whoever_is_first() {
    let server = Server::answering(|request: &Request| {
        let slow = request.body_json::<Value>().unwrap().to_string().contains("q00");
        shout(request).set_delay(Duration::from_millis(if slow { 60 } else { 1 }))
    });
    let mut door = server.door(Dialect::Chat);
    let mut heard = Vec::new();
    let answers = door.ask_all(&asks(14), &mut |index, answer| {
        assert!(answer.is_ok());
        heard.push(index);
    });
    for (i, answer) in answers.iter().enumerate() {
        assert_eq!(texts(answer.as_ref().unwrap()), [format!("Q{i:02}")]);
    }
    assert_ne!(heard[0], 0);
    heard.sort_unstable();
    assert_eq!(heard, (0..14).collect::<Vec<_>>(), "each is heard of once");
}

#[test]
fn several_samples_come_together_with_their_log_probabilities() {
    let server = Server::answering(|request: &Request| {
        let body: Value = request.body_json().unwrap();
        assert_eq!((&body["n"], &body["logprobs"]), (&json!(2), &json!(true)));
        let logs = json!({"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -0.25}]});
        let choice = |i: u32, text: &str, logs: Value| json!({"index": i, "message": {"content": text}, "finish_reason": "stop", "logprobs": logs});
        let choices = [choice(1, "second", Value::Null), choice(0, "first", logs)];
        ResponseTemplate::new(200).set_body_json(json!({ "choices": choices }))
    });
    let mut model = server.model(Dialect::Chat);
    model.sampling.n = 2;
    model.sampling.log_probabilities = true;
    let answer = one(&mut door(model), "hello").unwrap();
    assert_eq!(texts(&answer), ["first", "second"]);
    assert_eq!(answer.samples.iter().map(|s| s.mean_log_probability).collect::<Vec<_>>(), [Some(-0.375), None]);
    assert!(answer.usage.estimated, "this server does not count");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn several_samples_can_be_asked_for_apart() {
    let server = Server::answering(|request: &Request| {
        let seed = request.body_json::<Value>().unwrap()["seed"].to_string();
        ResponseTemplate::new(200).set_body_json(Dialect::of(request).answer(&format!("seed {seed}")))
    });
    let mut model = server.model(Dialect::Chat);
    (model.sampling.n, model.sampling.draws, model.sampling.seed) = (3, Draws::Apart, Some(40));
    let answer = one(&mut door(model), "hello").unwrap();
    assert_eq!(texts(&answer), ["seed 40", "seed 41", "seed 42"]);
    assert_eq!(answer.usage.prompt, 60);
    let mut model = server.model(Dialect::Messages);
    model.sampling.n = 2;
    assert_eq!(one(&mut door(model), "hello").unwrap().samples.len(), 2, "this dialect has no n");
}

#[test]
fn one_whole_sample_is_an_answer() {
    let server = Server::answering(|_: &Request| {
        let choice = |text: &str, end: &str| json!({"message": {"content": text}, "finish_reason": end});
        let choices = [choice("half", "length"), choice("whole", "stop")];
        ResponseTemplate::new(200).set_body_json(json!({ "choices": choices }))
    });
    let answer = one(&mut server.door(Dialect::Chat), "hello").unwrap();
    assert_eq!(answer.samples[0].finish, Finish::Length);
    assert_eq!(answer.samples.iter().map(kmigrate::llm::door::Sample::is_whole).collect::<Vec<_>>(), [false, true]);
}

/// 60 questions of 5 s at 16 in flight, at a fiftieth: less than an eighth of the time that they take one by one.
#[test]
fn questions_are_in_flight_together() {
    let server = Server::answering(|request: &Request| shout(request).set_delay(Duration::from_millis(100)));
    let mut model = server.model(Dialect::Chat);
    model.limits.concurrency = 16;
    let start = Instant::now();
    let answers = all(&mut door(model), &asks(60));
    assert!(answers.iter().all(Result::is_ok));
    assert!(start.elapsed() < Duration::from_millis(800), "{:?}", start.elapsed());
    assert!(start.elapsed() >= Duration::from_millis(400), "more than 16 were in flight: {:?}", start.elapsed());
}

#[test]
fn a_name_of_this_machine_is_not_looked_up() {
    let server = Server::answering(shout);
    let port = server.mock.address().port();
    for name in ["localhost", "no-such-name.localhost"] {
        let model = Dialect::Chat.model(&format!("http://{name}:{port}"), &[]);
        assert_eq!(texts(&one(&mut door(model), "hello").unwrap()), ["HELLO"]);
    }
}

#[test]
fn a_socket_is_an_address() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("model.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let count = stream.read(&mut request).unwrap();
        let body = Dialect::Chat.answer("by socket").to_string();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
        String::from_utf8_lossy(&request[..count]).into_owned()
    });
    let model = Dialect::Chat.model(&format!("unix:{}", socket.display()), &[]);
    assert_eq!(texts(&one(&mut door(model), "hello").unwrap()), ["by socket"]);
    assert!(server.join().unwrap().starts_with("POST /v1/chat/completions "));
}

#[test]
fn what_is_previewed_is_what_is_sent() {
    let server = Server::answering(shout);
    for dialect in DIALECTS {
        let mut door = server.door(dialect);
        let shown = door.preview(&ask("hello"));
        one(&mut door, "hello").unwrap();
        let (line, body) = shown[0].split_once("\n\n").unwrap();
        assert_eq!(line, format!("POST {}{}", server.mock.uri(), dialect.path()));
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), *server.bodies().last().unwrap());
    }
}
