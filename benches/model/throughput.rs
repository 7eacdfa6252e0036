//! 60 questions of 5 s at 16 in flight against a mock endpoint: less than 40 s. Arguments: questions, seconds, in flight.

use kmigrate::llm::door::{Address, Ask, Door, Endpoint, Message, Model, Provider, Role};
use std::time::{Duration, Instant};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let number = |index: usize, usual: f64| std::env::args().nth(index).map_or(Ok(usual), |text| text.parse::<f64>());
    let (questions, seconds, in_flight) = (number(1, 60.0)?, number(2, 5.0)?, number(3, 16.0)?);
    let clock = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = clock.block_on(MockServer::start());
    let answer = serde_json::json!({"choices": [{"message": {"content": "int x;"}, "finish_reason": "stop"}]});
    let slow = ResponseTemplate::new(200).set_body_json(answer).set_delay(Duration::from_secs_f64(seconds));
    clock.block_on(Mock::given(any()).respond_with(slow).mount(&server));

    let endpoint = Endpoint { address: Address::parse(&server.uri())?, model: "mock".into(), keys: Vec::new() };
    let mut model = Model::new("mock", Provider::Chat(endpoint));
    model.limits.concurrency = in_flight as usize;
    let turn = |i: usize| vec![Message::new(Role::User, format!("hunk {i}: {}", "x".repeat(20_000)))];
    let asks: Vec<Ask> = (0..questions as usize).map(|i| Ask::new(format!("hunk {i}"), turn(i))).collect();

    let start = Instant::now();
    let answers = Door::new(model)?.ask_all(&asks, &mut |_, _| eprint!("."));
    let took = start.elapsed().as_secs_f64();
    let good = answers.iter().filter(|answer| answer.is_ok()).count();
    println!("\n{good} of {questions} answers in {took:.2} s; one after the other: {:.0} s", questions * seconds);
    Ok(())
}
