//! The budget.

use super::*;
use kmigrate::llm::door::{Budget, Money, Price, Spent};

/// What each question costs at the servers here, and at worst: both turns, the frames around them, 20 tokens of an answer.
const COSTS: u64 = 25;
const WORST: u64 = 3 + 3 + 3 * 8 + 20;

fn model(server: &Server, concurrency: usize) -> Model {
    let mut model = server.model(Dialect::Chat);
    model.sampling.max_tokens = 20;
    model.limits.concurrency = concurrency;
    model
}

fn tokens(limit: u64) -> Budget {
    Budget { tokens: Some(limit), money: None }
}

fn good(answers: &Answers) -> usize {
    let count = answers.iter().take_while(|a| a.is_ok()).count();
    assert!(answers[count..].iter().all(|a| matches!(a, Err(Failure::OverBudget { .. }))), "{answers:?}");
    count
}

#[test]
fn a_budget_is_spent_in_series_order_however_many_are_in_flight() {
    // Later questions are answered sooner.
    let server = Server::answering(|request: &Request| {
        let text = request.body_json::<Value>().unwrap().to_string();
        let number: u64 = text.split("\"q").nth(1).unwrap()[..2].parse().unwrap();
        shout(request).set_delay(Duration::from_millis(30 - number))
    });
    let limit = 7 * COSTS + WORST;
    for concurrency in [1, 4, 30] {
        let mut door = door(model(&server, concurrency)).with_budget(tokens(limit)).unwrap();
        assert_eq!(good(&all(&mut door, &asks(20))), 8, "{concurrency}");
        assert_eq!(door.spent(), Spent { tokens: 8 * COSTS, money: Money::default() });
        let later = all(&mut door, &[ask("q99")]);
        assert_eq!(good(&later), 0, "what came later in the series is not asked either");
    }
    assert_eq!(server.requests().len(), 3 * 8, "and nothing was sent beyond it");
}

#[test]
fn money_is_a_budget_too_and_needs_a_price() {
    let server = Server::answering(shout);
    let mut model = model(&server, 2);
    let money = |text: &str| Budget { tokens: None, money: Money::parse(text) };
    assert!(Door::new(model.clone()).unwrap().with_budget(money("1.00")).is_err());
    let million = Money::parse("1000000").unwrap();
    model.price = Some(Price { prompt: million, completion: million });
    let mut door = door(model).with_budget(money("77")).unwrap();
    assert_eq!(good(&all(&mut door, &asks(5))), 2, "a token costs 1: 25 + 50 fit in 77, 50 + 50 do not");
    assert_eq!(door.close().unwrap().to_string(), "50 tokens (50.00)");
}

#[test]
fn a_second_run_stops_at_the_same_question_and_pays_nothing() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    let run = |limit| {
        let mut door = cached(door(model(&server, 8)), dir.path()).with_budget(tokens(limit)).unwrap();
        all(&mut door, &asks(10))
    };
    let first = run(3 * COSTS + WORST);
    assert_eq!((good(&first), server.requests().len()), (4, 4));
    let second = run(3 * COSTS + WORST);
    assert_eq!((good(&second), server.requests().len()), (4, 4));
    assert_eq!(good(&run(9 * COSTS + WORST)), 10, "a higher one goes on from there");
    assert_eq!(server.requests().len(), 10);
}

#[test]
fn the_same_question_in_a_run_is_paid_once() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    let mut door = cached(door(model(&server, 8)), dir.path());
    let twice = [asks(2), asks(2)].concat();
    assert_eq!(good(&all(&mut door, &twice)), 4);
    assert_eq!(good(&all(&mut door, &twice)), 4);
    assert_eq!((server.requests().len(), door.spent().tokens), (2, 2 * COSTS));
}

#[test]
fn an_estimate_is_at_least_what_it_costs() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    let mut model = model(&server, 8);
    let million = Money::parse("1000000").unwrap();
    model.price = Some(Price { prompt: million, completion: million });
    let mut door = cached(door(model), dir.path());
    let before = door.estimate(&asks(3));
    assert_eq!((before.requests, before.known, before.bytes, before.completion_tokens), (3, 0, 33, 60));
    assert_eq!(before.prompt_tokens + before.completion_tokens, 3 * WORST);
    assert_eq!(before.cost, Money::parse("150"));
    all(&mut door, &asks(2));
    let after = door.estimate(&asks(3));
    assert_eq!((after.requests, after.known, after.bytes), (3, 2, 11));
}
