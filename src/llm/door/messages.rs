//! Anthropic's messages dialect. In: a question. Out: a body; and from a body, a sample and usage. It knows no `n`, no seed and no
//! log-probabilities.

use super::ask::{Finish, Message, Role, Sample};
use super::chat::{Read, text, without};
use super::failure::Failure;
use super::money::Usage;
use super::question::Question;
use serde_json::{Map, Value, json};

/// The version that this dialect is written for, in its own header.
pub(crate) const VERSION: &str = "2023-06-01";

/// The body that asks it.
pub(crate) fn body(question: &Question) -> Value {
    let turns = question.messages.iter().filter(|m| m.role != Role::System);
    let turn = |m: &Message| json!({"role": m.role.word(), "content": m.text});
    let mut body = Map::new();
    body.insert("model".into(), json!(question.model));
    let system = question.system();
    if !system.is_empty() {
        body.insert("system".into(), json!(system));
    }
    body.insert("messages".into(), turns.map(turn).collect());
    body.insert("max_tokens".into(), json!(question.parameters.max_tokens));
    if let Some(temperature) = question.parameters.temperature {
        body.insert("temperature".into(), json!(temperature));
    }
    question.amend(body)
}

/// Reads the body of an answer.
pub(crate) fn read(body: &Value) -> Read {
    let Some(content) = body.get("content").filter(|c| c.is_array()) else {
        return Err(Failure::Malformed { words: without(body, "content") });
    };
    let text = text(Some(content))?;
    let finish = match body.get("stop_reason").and_then(Value::as_str) {
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("refusal") => Finish::Refused(if text.is_empty() { "without a word".into() } else { text.clone() }),
        _ => Finish::Whole,
    };
    let sample = Sample { text, finish, mean_log_probability: None };
    let empty = sample.text.is_empty() && sample.finish == Finish::Whole;
    if empty { Err(Failure::Empty) } else { Ok((vec![sample], usage(body.get("usage")))) }
}

/// Tokens that the server counted; those that it had in its own cache count like others.
fn usage(usage: Option<&Value>) -> Option<Usage> {
    let number = |name: &str| usage?.get(name)?.as_u64();
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].map(|name| number(name).unwrap_or(0));
    let prompt = number("input_tokens")?.saturating_add(cached[0]).saturating_add(cached[1]);
    Some(Usage { prompt, completion: number("output_tokens")?, estimated: false })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_its_cache_count() {
        let used = json!({"input_tokens": 1, "cache_read_input_tokens": 10, "output_tokens": 5});
        let body = json!({"content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn", "usage": used});
        let (samples, usage) = read(&body).unwrap();
        assert_eq!(samples[0].finish, Finish::Whole);
        assert_eq!(usage, Some(Usage { prompt: 11, completion: 5, estimated: false }));
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        for bad in [json!({}), json!({"content": "text"}), json!(7)] {
            assert!(matches!(read(&bad), Err(Failure::Malformed { .. })), "{bad}");
        }
        assert_eq!(read(&json!({"content": []})), Err(Failure::Empty));
    }
}
