//! Nothing leaves the machine without consent. 0.0.0.0 is an address that is not of this machine by name, and leads to it.

use super::*;
use kmigrate::llm::door::Sending;
use std::cell::RefCell;
use std::rc::Rc;

fn away(server: &Server) -> Model {
    Dialect::Chat.model(&format!("http://0.0.0.0:{}", server.mock.address().port()), &[])
}

#[test]
fn without_anybody_to_ask_nothing_is_sent_away() {
    let server = Server::answering(shout);
    let failure = one(&mut door(away(&server)), "hello").unwrap_err();
    assert!(matches!(&failure, Failure::NoConsent { host } if host.starts_with("0.0.0.0:")), "{failure}");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn never_means_never_and_always_means_always() {
    let server = Server::answering(shout);
    let here = server.model(Dialect::Chat);
    for model in [away(&server), here] {
        let mut door = door(consenting(model, Consent::Never)).permitted_by(|_| true);
        assert!(matches!(one(&mut door, "hello"), Err(Failure::NoConsent { .. })));
    }
    assert_eq!(server.requests().len(), 0);
    assert!(one(&mut door(consenting(away(&server), Consent::Always)), "hello").is_ok());
}

#[test]
fn a_person_is_told_what_would_go_and_asked_again_before_more_does() {
    let server = Server::answering(shout);
    for says in [false, true] {
        let asked: Rc<RefCell<Vec<Sending>>> = Rc::default();
        let seen = Rc::clone(&asked);
        let mut door = door(away(&server)).permitted_by(move |sending| {
            seen.borrow_mut().push(sending.clone());
            says
        });
        let first = all(&mut door, &asks(3));
        let second = all(&mut door, &asks(5));
        // Much less than it could have been was spent so far.
        let third = all(&mut door, &asks(4));
        assert!(first.iter().chain(&second).chain(&third).all(|a| a.is_ok() == says));
        let asked = asked.borrow();
        assert_eq!(asked.len(), if says { 2 } else { 1 }, "whoever said no is not asked again");
        let sending = &asked[0];
        assert_eq!((sending.questions, sending.encrypted, sending.bytes), (3, false, 3 * (8 + 3)));
        assert_eq!(sending.labels, ["abc1234 q00", "abc1234 q01", "abc1234 q02"]);
        assert!(sending.tokens > 3 * 4096 && sending.cost.is_none() && sending.host.starts_with("0.0.0.0:"));
    }
    assert_eq!(server.requests().len(), 12);
}

#[test]
fn what_is_known_needs_no_consent() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    one(&mut cached(door(consenting(away(&server), Consent::Always)), dir.path()), "hello").unwrap();
    one(&mut cached(door(consenting(away(&server), Consent::Never)), dir.path()), "hello").unwrap();
    assert_eq!(server.requests().len(), 1);
}
