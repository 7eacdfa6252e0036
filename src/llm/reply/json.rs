//! Edits as JSON, for models that were taught to answer so: `{"edits": [{"from": 3, "to": 4, "lines": ["..."]}, {"after": 9, "lines": []}]}`.

use super::super::refusal::{Refusal, Why};
use super::{Form, Raw};
use serde_json::Value;

/// So many beginnings of an object are tried.
const TRIES: usize = 64;

/// The edits; `None` if there is no object with such.
pub fn find(text: &str) -> Result<Option<Form>, Refusal> {
    if !text.contains("\"edits\"") {
        return Ok(None);
    }
    let mut wrong = None;
    for (at, _) in text.match_indices('{').take(TRIES) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if value.get("edits").is_some() => {
                return edits(&value).map(|raws| Some(Form::Edits(raws)));
            }
            Some(Err(e)) if wrong.is_none() && text[at..].contains("\"edits\"") => wrong = Some(e),
            _ => {}
        }
    }
    match wrong {
        Some(e) if e.is_eof() => Err(Refusal::new(Why::CutOff, "the answer was cut off: the JSON does not end")),
        Some(e) => Err(malformed(format!("the JSON cannot be read: {e}"))),
        None => Ok(None),
    }
}

fn malformed(said: impl Into<String>) -> Refusal {
    Refusal::new(Why::Malformed, said)
}

/// Every edit of the list.
fn edits(value: &Value) -> Result<Vec<Raw>, Refusal> {
    let list = value.get("edits").and_then(Value::as_array).ok_or_else(|| malformed("\"edits\" is no list"))?;
    list.iter()
        .enumerate()
        .map(|(at, edit)| {
            one(edit).ok_or_else(|| {
                malformed(format!(
                    "edit {} of the JSON has no place: give it \"from\" and \"to\", or \"after\", and \"lines\"",
                    at + 1
                ))
            })
        })
        .collect()
}

/// One edit.
fn one(edit: &Value) -> Option<Raw> {
    let number = |keys: &[&str]| -> Option<usize> {
        let found = keys.iter().find_map(|key| edit.get(*key))?;
        let number = found.as_u64().or_else(|| found.as_str()?.trim().parse().ok())?;
        usize::try_from(number).ok().filter(|number| *number < 1 << 30)
    };
    let first = number(&["from", "start", "line", "start_line"]);
    let last = number(&["to", "end", "end_line"]).or(first);
    let at = match (first, last, number(&["after"]), number(&["before"])) {
        (None, None, Some(after), None) => after..after,
        (None, None, None, Some(before)) => before.checked_sub(1)?..before - 1,
        (Some(first), Some(last), None, None) if 0 < first && first <= last => first - 1..last,
        _ => return None,
    };
    let lines = match edit.get("lines").or_else(|| edit.get("text")) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => text.lines().map(str::to_owned).collect(),
        Some(Value::Array(lines)) => {
            // A line with a newline in it is several lines.
            let texts = lines.iter().map(|line| line.as_str()).collect::<Option<Vec<_>>>()?;
            let split = |line: &&str| -> Vec<String> {
                let line = line.strip_suffix('\n').unwrap_or(line);
                line.split('\n').map(str::to_owned).collect()
            };
            texts.iter().flat_map(split).collect()
        }
        Some(_) => return None,
    };
    Some(Raw { at, lines })
}
