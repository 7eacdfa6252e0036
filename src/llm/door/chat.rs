//! OpenAI's chat dialect, as many servers speak it. In: a question. Out: a body; and from a body, samples and usage.
//!
//! Reading is tolerant where servers differ (`content` null or in parts, no `usage`, no `finish_reason`) and strict where a
//! misunderstanding would become code.

use super::ask::{Finish, Message, Sample, mean};
use super::failure::Failure;
use super::money::Usage;
use super::question::Question;
use serde_json::{Map, Value, json};

/// What is read from an answer.
pub(crate) type Read = Result<(Vec<Sample>, Option<Usage>), Failure>;

/// The body that asks it.
pub(crate) fn body(question: &Question) -> Value {
    let turn = |m: &Message| json!({"role": m.role.word(), "content": m.text});
    let parameters = &question.parameters;
    let mut body = Map::new();
    body.insert("model".into(), json!(question.model));
    body.insert("messages".into(), question.messages.iter().map(turn).collect());
    body.insert("max_tokens".into(), json!(parameters.max_tokens));
    if let Some(temperature) = parameters.temperature {
        body.insert("temperature".into(), json!(temperature));
    }
    if let Some(seed) = parameters.seed {
        body.insert("seed".into(), json!(seed));
    }
    if parameters.n > 1 {
        body.insert("n".into(), json!(parameters.n));
    }
    if parameters.log_probabilities {
        body.insert("logprobs".into(), json!(true));
    }
    question.amend(body)
}

/// Reads the body of an answer.
pub(crate) fn read(body: &Value) -> Read {
    let Some(choices) = body.get("choices").and_then(Value::as_array) else {
        return Err(Failure::Malformed { words: without(body, "choices") });
    };
    let mut choices: Vec<&Value> = choices.iter().collect();
    // Stable, so that those without an index stay where they are.
    choices.sort_by_key(|choice| choice.get("index").and_then(Value::as_u64));
    let samples = choices.into_iter().map(sample).collect::<Result<Vec<_>, _>>()?;
    let usage = usage(body.get("usage"), ["prompt_tokens", "completion_tokens"]);
    if samples.is_empty() { Err(Failure::Empty) } else { Ok((samples, usage)) }
}

/// One of the choices.
fn sample(choice: &Value) -> Result<Sample, Failure> {
    let Some(message) = choice.get("message").filter(|m| m.is_object()) else {
        return Err(Failure::Malformed { words: without(choice, "message") });
    };
    let text = text(message.get("content"))?;
    let declined = message.get("refusal").and_then(Value::as_str).filter(|words| !words.is_empty());
    let finish = match (choice.get("finish_reason").and_then(Value::as_str), declined) {
        (_, Some(words)) => Finish::Refused(words.to_owned()),
        (Some("content_filter"), None) => Finish::Refused("stopped by the server's content filter".into()),
        (Some("length"), None) => Finish::Length,
        _ => Finish::Whole,
    };
    let tokens = choice.pointer("/logprobs/content").and_then(Value::as_array);
    let logs: Vec<f64> = tokens.into_iter().flatten().filter_map(|t| t.get("logprob")?.as_f64()).collect();
    Ok(Sample { text, finish, mean_log_probability: mean(&logs) })
}

/// A text, or its parts; nothing where there is none. Parts that are no text (reasoning) are left out.
pub(crate) fn text(content: Option<&Value>) -> Result<String, Failure> {
    match content {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter(|part| part.get("type").is_none_or(|kind| kind == "text"));
            Ok(texts.filter_map(|part| part.get("text")?.as_str()).collect())
        }
        Some(_) => Err(Failure::Malformed { words: "its content is no text".into() }),
    }
}

/// Tokens that the server counted.
pub(crate) fn usage(usage: Option<&Value>, names: [&str; 2]) -> Option<Usage> {
    let [prompt, completion] = names.map(|name| usage?.get(name)?.as_u64());
    Some(Usage { prompt: prompt?, completion: completion?, estimated: false })
}

/// What is missing; some servers send an error as a success.
pub(crate) fn without(body: &Value, name: &str) -> String {
    match error_words(body) {
        Some(words) => format!("it has no {name}, but an error: {words}"),
        None => format!("it has no {name}"),
    }
}

/// What an error says, in either dialect.
pub(crate) fn error_words(body: &Value) -> Option<String> {
    let error = body.get("error")?;
    let words = error.get("message").or(Some(error))?.as_str()?;
    Some(words.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn choices_are_put_in_order() {
        let choice = |index: u32, text: &str| json!({"index": index, "message": {"content": text}});
        let (samples, usage) = read(&json!({"choices": [choice(1, "b"), choice(0, "a")]})).unwrap();
        assert_eq!(samples.iter().map(|s| s.text.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(usage, None);
    }

    #[test]
    fn content_may_be_in_parts() {
        let parts = json!([{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "a"}, {"text": "b"}]);
        let (samples, _) = read(&json!({"choices": [{"message": {"content": parts}}]})).unwrap();
        assert_eq!(samples[0].text, "ab");
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        for bad in [json!({}), json!([]), json!({"choices": 1}), json!({"choices": [{}]}), json!("text"), json!(null)] {
            assert!(matches!(read(&bad), Err(Failure::Malformed { .. })), "{bad}");
        }
        let number = json!({"choices": [{"message": {"content": 7}}]});
        assert!(matches!(read(&number), Err(Failure::Malformed { .. })));
        assert_eq!(read(&json!({"choices": []})), Err(Failure::Empty));
        let said = read(&json!({"error": {"message": "model overloaded"}})).unwrap_err();
        assert!(said.to_string().contains("model overloaded"));
    }
}
