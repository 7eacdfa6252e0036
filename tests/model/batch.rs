//! Batch files.

use super::*;
use kmigrate::llm::door::Imported;

fn lines(exported: &[u8]) -> Vec<Value> {
    exported.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect()
}

fn answered(line: &Value, text: &str) -> String {
    let body = Dialect::Chat.answer(text);
    let response = json!({"status_code": 200, "request_id": "r", "body": body});
    json!({"id": "vllm-1", "custom_id": line["custom_id"], "response": response, "error": null}).to_string()
}

/// A model that nobody can ask.
fn model(dialect: Dialect) -> Model {
    consenting(dialect.model("https://models.example/v1", &[]), Consent::Never)
}

#[test]
fn questions_go_out_and_answers_come_back_in_any_order() {
    for dialect in DIALECTS {
        let dir = tempfile::tempdir().unwrap();
        let mut door = cached(door(model(dialect)), dir.path());
        let twice = [asks(3), asks(2)].concat();
        let exported = door.export(&twice);
        assert_eq!((exported.questions, exported.left_out), (3, 2));
        let questions = lines(&exported.lines);
        assert_eq!(questions[0]["method"], "POST");
        assert_eq!(questions[0]["url"], "/v1/chat/completions");
        assert_eq!(questions[0]["body"]["messages"][1]["content"], "q00");
        assert_eq!(questions[0]["custom_id"].as_str().unwrap().len(), 64);
        let file = [answered(&questions[2], "two"), answered(&questions[0], "zero")].join("\n");
        let imported = door.import(&twice, file.as_bytes()).unwrap();
        assert_eq!(imported, Imported { taken: 2, ..Imported::default() });
        let answers = all(&mut door, &asks(3));
        assert_eq!(texts(answers[0].as_ref().unwrap()), ["zero"]);
        assert!(matches!(answers[1], Err(Failure::NoConsent { .. })));
        assert_eq!(texts(answers[2].as_ref().unwrap()), ["two"]);
        assert_eq!(door.export(&twice).questions, 1, "only what is open");
    }
}

#[test]
fn what_is_wrong_with_a_line_is_said_and_harms_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut door = cached(door(model(Dialect::Chat)), dir.path());
    let questions = lines(&door.export(&asks(5)).lines);
    let broken = |index: usize, response: Value, error: Value| {
        json!({"custom_id": questions[index]["custom_id"], "response": response, "error": error}).to_string()
    };
    let file = [
        answered(&questions[0], "first"),
        "not JSON \u{1}".into(),
        answered(&json!({"custom_id": "request-7"}), "whose?"),
        String::new(),
        answered(&questions[0], "second"),
        broken(1, Value::Null, json!({"code": "batch_expired", "message": "too late"})),
        broken(2, json!({"status_code": 500, "body": {}}), Value::Null),
        broken(3, json!({"status_code": 200, "body": {"choices": []}}), Value::Null),
        answered(&questions[4], "last") + "\r",
    ];
    let imported = door.import(&asks(5), file.join("\n").as_bytes()).unwrap();
    let failed = |line, words: &str| (line, words.to_owned());
    let expected = Imported {
        taken: 2,
        known: 0,
        failed: vec![
            failed(2, "it is no JSON"),
            failed(6, "too late"),
            failed(7, "status 500"),
            failed(8, "empty answer"),
        ],
        unknown: vec![failed(3, "request-7")],
        duplicates: vec![5],
    };
    assert_eq!(imported, expected);
    assert_eq!(texts(&one(&mut door, "q00").unwrap()), ["first"]);
    let again = door.import(&asks(5), answered(&questions[0], "third").as_bytes()).unwrap();
    assert_eq!((again.taken, again.known), (0, 1));
    assert_eq!(texts(&one(&mut door, "q00").unwrap()), ["first"], "an answer that is there stays");
}

#[test]
fn a_failed_line_may_be_followed_by_a_good_one() {
    let dir = tempfile::tempdir().unwrap();
    let door = cached(door(model(Dialect::Chat)), dir.path());
    let question = lines(&door.export(&asks(1)).lines).remove(0);
    let failed = json!({"custom_id": question["custom_id"], "error": {"message": "once"}}).to_string();
    let imported = door.import(&asks(1), [failed, answered(&question, "x")].join("\n").as_bytes()).unwrap();
    assert_eq!((imported.taken, imported.failed.len()), (1, 1));
}

#[test]
fn without_a_cache_there_is_nowhere_to_put_answers() {
    assert!(door(model(Dialect::Chat)).import(&asks(1), b"").is_err());
}

#[test]
fn a_program_can_be_answered_by_batch_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut three = Model::new("c", Provider::Command("exit 1".into()));
    three.sampling.n = 3;
    let mut door = cached(door(three), dir.path());
    let questions = lines(&door.export(&asks(1)).lines);
    assert_eq!(questions.len(), 3, "one a draw");
    let file: Vec<String> = questions.iter().zip(["a", "b", "c"]).map(|(q, text)| answered(q, text)).collect();
    assert_eq!(door.import(&asks(1), file.join("\n").as_bytes()).unwrap().taken, 3);
    assert_eq!(texts(&one(&mut door, "q00").unwrap()), ["a", "b", "c"]);
}
