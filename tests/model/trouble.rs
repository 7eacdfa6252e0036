//! Servers that do not behave.

use super::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The first `count` requests get this, the others a good answer.
fn first(count: usize, response: ResponseTemplate) -> impl Respond + Clone + 'static {
    let seen = Arc::new(AtomicUsize::new(0));
    move |request: &Request| match seen.fetch_add(1, Ordering::SeqCst) {
        n if n < count => response.clone(),
        _ => shout(request),
    }
}

fn status(code: u16) -> ResponseTemplate {
    ResponseTemplate::new(code).set_body_json(json!({"error": {"message": "words of the server"}}))
}

fn always(response: &ResponseTemplate) -> impl Respond + Clone + 'static {
    first(usize::MAX, response.clone())
}

fn body(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.as_bytes(), "application/json")
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    for dialect in DIALECTS {
        for code in [429, 503, 529] {
            let server = Server::answering(first(2, status(code).insert_header("retry-after", "0.08")));
            let start = Instant::now();
            assert_eq!(texts(&one(&mut server.door(dialect), "hello").unwrap()), ["HELLO"]);
            assert!(start.elapsed() >= Duration::from_millis(160), "{code}: {:?}", start.elapsed());
            assert_eq!(server.requests().len(), 3);
        }
    }
}

#[test]
fn a_date_to_come_again_may_be_over() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let server = Server::answering(first(1, status(429).insert_header("retry-after", date)));
    assert!(one(&mut server.door(Dialect::Chat), "hello").is_ok());
}

#[test]
fn all_questions_wait_when_the_server_says_so() {
    let start = Instant::now();
    let times: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let seen = Arc::clone(&times);
    let server = Server::answering(move |request: &Request| {
        let mut times = seen.lock().unwrap();
        times.push(start.elapsed());
        match times.len() {
            1 => status(429).insert_header("retry-after", "0.3"),
            _ => shout(request).set_delay(Duration::from_millis(30)),
        }
    });
    let mut model = server.model(Dialect::Chat);
    model.limits.concurrency = 2;
    assert!(all(&mut door(model), &asks(6)).iter().all(Result::is_ok));
    let times = times.lock().unwrap();
    assert_eq!(times.len(), 7);
    // Two were on their way before the server said it.
    assert!(times[2] >= times[0] + Duration::from_millis(290), "{times:?}");
}

#[test]
fn patience_ends() {
    let server = Server::answering(always(&status(429)));
    let failure = one(&mut server.door(Dialect::Chat), "hello").unwrap_err();
    let words = "words of the server".into();
    assert_eq!(failure, Failure::RateLimited { status: 429, attempts: 4, words });
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn an_hour_is_not_waited_for() {
    let server = Server::answering(always(&status(429).insert_header("retry-after", "3600")));
    let start = Instant::now();
    let failure = one(&mut server.door(Dialect::Chat), "hello").unwrap_err();
    assert!(matches!(failure, Failure::RateLimited { attempts: 1, .. }), "{failure}");
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn an_empty_purse_does_not_mend_by_waiting() {
    let quota = json!({"error": {"message": "quota", "code": "insufficient_quota"}});
    let server = Server::answering(always(&ResponseTemplate::new(429).set_body_json(quota)));
    let failure = one(&mut server.door(Dialect::Chat), "hello").unwrap_err();
    assert_eq!(failure, Failure::Rejected { status: 429, words: "quota".into() });
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_failing_server_is_asked_again() {
    for dialect in DIALECTS {
        let server = Server::answering(first(3, status(500)));
        assert!(one(&mut server.door(dialect), "hello").is_ok());
        let server = Server::answering(always(&status(502)));
        let failure = one(&mut server.door(dialect), "hello").unwrap_err();
        assert!(matches!(failure, Failure::ServerError { status: 502, attempts: 4, .. }), "{failure}");
        assert!(failure.to_string().contains("words of the server"));
    }
}

#[test]
fn a_rejected_question_is_not_asked_again() {
    for dialect in DIALECTS {
        for code in [400, 401, 403, 404, 413, 422] {
            let server = Server::answering(always(&status(code)));
            let failure = one(&mut server.door(dialect), "hello").unwrap_err();
            assert_eq!(failure, Failure::Rejected { status: code, words: "words of the server".into() });
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[test]
fn one_bad_question_does_not_stop_the_others_but_a_wrong_key_does() {
    let server = Server::answering(first(3, status(400)));
    let mut model = server.model(Dialect::Chat);
    model.limits.concurrency = 1;
    let good = all(&mut door(model.clone()), &asks(6)).iter().filter(|a| a.is_ok()).count();
    assert_eq!(good, 3);
    let server = Server::answering(always(&status(401)));
    model.provider = server.model(Dialect::Chat).provider;
    let answers = all(&mut door(model), &asks(6));
    assert!(answers.iter().all(|a| matches!(a, Err(Failure::Rejected { status: 401, .. }))));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_that_fails_several_questions_in_a_row_is_left_alone() {
    let server = Server::answering(always(&status(500)));
    let mut model = server.model(Dialect::Chat);
    model.limits.concurrency = 2;
    let answers = all(&mut door(model), &asks(40));
    assert!(answers.iter().all(|a| matches!(a, Err(Failure::ServerError { .. }))));
    assert!(server.requests().len() <= 4 * 4, "{}", server.requests().len());
}

#[test]
fn what_is_no_json_is_malformed() {
    for dialect in DIALECTS {
        for text in ["<html>busy</html>", "{\"choices\": [", "", "null", "{\"choices\": 7, \"content\": 7}"] {
            let server = Server::answering(always(&body(text)));
            let failure = one(&mut server.door(dialect), "hello").unwrap_err();
            assert!(matches!(failure, Failure::Malformed { .. }), "{text}: {failure}");
            assert_eq!(server.requests().len(), 1, "it may have been charged for");
        }
    }
}

#[test]
fn an_answer_without_text_is_empty() {
    let cases = [
        (Dialect::Chat, json!({"choices": []})),
        (Dialect::Chat, Dialect::Chat.answer("")),
        (Dialect::Chat, Dialect::Chat.answer(" \n")),
        (Dialect::Messages, json!({"content": [], "stop_reason": "end_turn"})),
        (Dialect::Messages, Dialect::Messages.answer("\t")),
    ];
    for (dialect, answer) in cases {
        let server = Server::answering(always(&body(&answer.to_string())));
        assert_eq!(one(&mut server.door(dialect), "hello"), Err(Failure::Empty), "{answer}");
    }
}

#[test]
fn a_cut_off_answer_says_where() {
    for (dialect, end) in [(Dialect::Chat, "length"), (Dialect::Messages, "max_tokens")] {
        let server = Server::answering(always(&body(&dialect.ended("int x", end).to_string())));
        let mut door = server.door(dialect);
        assert_eq!(one(&mut door, "hello"), Err(Failure::Truncated { tokens: 4096 }));
        let short = Ask { max_tokens: Some(7), ..ask("hello") };
        assert_eq!(all(&mut door, &[short]), [Err(Failure::Truncated { tokens: 7 })]);
    }
}

#[test]
fn a_refusal_is_in_the_models_words() {
    let declined =
        json!({"choices": [{"message": {"content": null, "refusal": "I will not"}, "finish_reason": "stop"}]});
    let cases = [
        (Dialect::Chat, declined, "I will not"),
        (Dialect::Chat, Dialect::Chat.ended("", "content_filter"), "content filter"),
        (Dialect::Messages, Dialect::Messages.ended("I will not", "refusal"), "I will not"),
    ];
    for (dialect, answer, expected) in cases {
        let server = Server::answering(always(&body(&answer.to_string())));
        let failure = one(&mut server.door(dialect), "hello").unwrap_err();
        assert!(matches!(&failure, Failure::Refused { words } if words.contains(expected)), "{failure}");
    }
}

#[test]
fn an_answer_that_takes_too_long_is_not_waited_for() {
    let slow = body(&Dialect::Chat.answer("late").to_string()).set_delay(Duration::from_secs(30));
    let server = Server::answering(always(&slow));
    let mut model = server.model(Dialect::Chat);
    model.limits.timeout = Duration::from_millis(60);
    let mut door = door(model);
    let after = Duration::from_millis(60);
    assert_eq!(one(&mut door, "hello"), Err(Failure::TimedOut { after }));
    assert_eq!(server.requests().len(), 1, "it may have been charged for");
    assert!(door.spent().tokens > 4096, "and counts as charged");
}

#[test]
fn ctrl_c_keeps_what_was_paid_for() {
    let server = Server::answering(|request: &Request| {
        let slow = request.body_json::<Value>().unwrap().to_string().contains("q02");
        shout(request).set_delay(Duration::from_millis(if slow { 60_000 } else { 1 }))
    });
    let dir = tempfile::tempdir().unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let mut model = server.model(Dialect::Chat);
    model.limits.concurrency = 3;
    let mut door = cached(door(model.clone()), dir.path()).interrupted_by(Arc::clone(&flag));
    let start = Instant::now();
    let mut count = 0;
    let answers = door.ask_all(&asks(6), &mut |_, answer| {
        count += usize::from(answer.is_ok());
        flag.store(count == 5, Ordering::Relaxed);
    });
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let good: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, true, false, true, true, true]);
    assert_eq!(answers[2], Err(Failure::Interrupted));
    let asked = server.requests().len();
    model.limits.timeout = Duration::from_millis(50);
    let again = all(&mut cached(super::door(model), dir.path()), &asks(6));
    assert_eq!(server.requests().len(), asked + 1, "only the one that is open");
    assert_eq!(again.iter().map(Result::is_ok).collect::<Vec<_>>(), good);
}

#[test]
fn after_ctrl_c_nothing_is_sent() {
    let server = Server::answering(shout);
    let flag = Arc::new(AtomicBool::new(true));
    let answers = all(&mut server.door(Dialect::Chat).interrupted_by(flag), &asks(3));
    assert!(answers.iter().all(|a| *a == Err(Failure::Interrupted)));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn when_nobody_is_there_the_rest_is_not_tried() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut model = Dialect::Chat.model(&format!("http://127.0.0.1:{port}"), &[]);
    model.limits.concurrency = 2;
    let start = Instant::now();
    let answers = all(&mut door(model), &asks(500));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for answer in answers {
        let failure = answer.unwrap_err();
        assert!(matches!(&failure, Failure::Down { host, .. } if *host == format!("127.0.0.1:{port}")), "{failure}");
        assert!(failure.to_string().contains("refused"), "{failure}");
    }
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let answer = Dialect::Chat.answer("at last").to_string();
        for attempt in 0..3 {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let length = answer.len() + if attempt < 2 { 100 } else { 0 };
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}");
        }
    });
    let answer = one(&mut door(Dialect::Chat.model(&url, &[])), "hello").unwrap();
    assert_eq!(texts(&answer), ["at last"]);
    server.join().unwrap();
}

#[test]
fn another_host_is_not_followed() {
    let other = Server::answering(shout);
    for code in [301, 302, 303, 307, 308] {
        let target = format!("{}/v1/chat/completions?from=there", other.mock.uri());
        let server = Server::answering(always(&status(code).insert_header("location", target.as_str())));
        let failure = one(&mut server.door(Dialect::Chat), "hello").unwrap_err();
        assert_eq!(failure, Failure::Redirected { to: other.mock.uri() });
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(other.requests().len(), 0, "nothing was sent there");
}

#[test]
fn within_a_host_a_redirect_is_followed() {
    let server = Server::answering(first(1, status(307).insert_header("location", "/v1/messages")));
    let failure = one(&mut server.door(Dialect::Chat), "hello").unwrap_err();
    assert!(matches!(failure, Failure::Malformed { .. }), "the other dialect answered: {failure}");
    assert_eq!(server.requests().len(), 2);
    let server = Server::answering(always(&status(307).insert_header("location", "/v1/chat/completions")));
    let failure = one(&mut server.door(Dialect::Chat), "hello").unwrap_err();
    assert!(matches!(failure, Failure::Redirected { .. }), "not for ever: {failure}");
}

#[test]
fn what_does_not_fit_is_not_sent() {
    let server = Server::answering(shout);
    let mut model = server.model(Dialect::Chat);
    model.limits.context = 5000;
    let mut door = door(model);
    let failure = one(&mut door, &"x".repeat(8000)).unwrap_err();
    assert!(matches!(failure, Failure::TooLong { limit: 5000, tokens } if tokens > 6096), "{failure}");
    assert!(one(&mut door, "short").is_ok());
    assert_eq!(server.requests().len(), 1);
}
