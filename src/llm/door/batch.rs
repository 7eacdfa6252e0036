//! Questions as a batch file, and answers back into the cache. In: asks; later the file that a batch service wrote. Out: JSON
//! Lines in OpenAI's batch form, which vLLM's `run-batch`, Ray Data and hosted services read; later, what was taken from theirs.
//!
//! ```text
//!   {"custom_id": "<id>", "method": "POST", "url": "/v1/chat/completions", "body": {...}}      out
//!   {"custom_id": "<id>", "response": {"status_code": 200, "body": {...}}, "error": null}      in
//! ```
//!
//! The `custom_id` is the question's hash, so nothing about a file must be remembered: an answer belongs to whoever asks that
//! question. The body is of the chat dialect whatever the model speaks; that is all that these services take.

use super::ask::{Ask, Response, Sample};
use super::doorway::Door;
use super::id::Id;
use super::money::Usage;
use super::plan::Item;
use super::{chat, estimate};
use crate::error::{Error, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Most characters of an error's words.
const WORDS: usize = 300;

/// A batch file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// JSON Lines.
    pub lines: Vec<u8>,
    /// Questions in it, each once.
    pub questions: usize,
    /// Questions left out: their answers are known, or they are too long.
    pub left_out: usize,
}

/// What became of the lines of an answer file. Lines count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Answers that are in the cache now.
    pub taken: usize,
    /// Answers to questions that had one already, which stays.
    pub known: usize,
    /// Lines that are no answer, and why.
    pub failed: Vec<(usize, String)>,
    /// Lines that answer no question of these.
    pub unknown: Vec<(usize, String)>,
    /// Lines whose question an earlier line has answered, which stays.
    pub duplicates: Vec<usize>,
}

impl Door {
    /// The questions of asks that no answer is known to, in order.
    pub fn export(&self, asks: &[Ask]) -> Exported {
        let plan = self.plan(asks);
        let mut lines = Vec::new();
        for item in plan.open() {
            let body = chat::body(&item.question);
            let id = item.id.to_string();
            let line = json!({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": body});
            lines.extend_from_slice(line.to_string().as_bytes());
            lines.push(b'\n');
        }
        let questions = plan.open().count();
        Exported { lines, questions, left_out: plan.items.len() - questions }
    }

    /// Takes answers to the questions of asks into the cache; lines may be in any order.
    ///
    /// # Errors
    /// There is no cache, or it cannot be written.
    pub fn import(&self, asks: &[Ask], lines: &[u8]) -> Result<Imported> {
        let Some(cache) = &self.cache else {
            return Err(Error::fatal("answers can only be taken into a cache, and there is none"));
        };
        let plan = self.plan(asks);
        // The first of those that are the same stands last, and stays.
        let questions: BTreeMap<String, &Item> = plan.items.iter().rev().map(|i| (i.id.to_string(), i)).collect();
        let mut answered: HashSet<Id> = HashSet::new();
        let mut imported = Imported::default();
        for (number, line) in (1..).zip(lines.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)) {
            match judged(line, &questions, &answered) {
                Line::Blank => {}
                Line::Answers(item, response) => {
                    cache.keep(&asks[item.ask].label, &item.question, &response)?;
                    answered.insert(item.id);
                    imported.taken += 1;
                }
                Line::Known => imported.known += 1,
                Line::Duplicate => imported.duplicates.push(number),
                Line::Unknown(id) => imported.unknown.push((number, short(&id))),
                Line::Failed(words) => imported.failed.push((number, short(&words))),
            }
        }
        Ok(imported)
    }
}

/// What a line is.
enum Line<'a> {
    Blank,
    Answers(&'a Item, Response),
    Known,
    Duplicate,
    Unknown(String),
    Failed(String),
}

/// Says what a line is; some questions are answered by lines before it.
fn judged<'a>(line: &[u8], questions: &BTreeMap<String, &'a Item>, answered: &HashSet<Id>) -> Line<'a> {
    if line.is_empty() {
        return Line::Blank;
    }
    let Ok(line) = serde_json::from_slice::<Value>(line) else {
        return Line::Failed("it is no JSON".into());
    };
    let id = line.get("custom_id").and_then(Value::as_str).unwrap_or_default();
    match questions.get(id) {
        None => Line::Unknown(id.to_owned()),
        Some(item) if answered.contains(&item.id) => Line::Duplicate,
        Some(item) if matches!(item.state, Some(Ok(_))) => Line::Known,
        Some(item) => match answer(&line) {
            Ok((samples, usage)) => Line::Answers(item, estimate::response(&item.question, samples, usage)),
            Err(words) => Line::Failed(words),
        },
    }
}

/// The answer that a line holds, or why it holds none.
fn answer(line: &Value) -> std::result::Result<(Vec<Sample>, Option<Usage>), String> {
    let status = line.pointer("/response/status_code").and_then(Value::as_u64).unwrap_or(200);
    let body = line.pointer("/response/body").unwrap_or(&Value::Null);
    if let Some(words) = chat::error_words(line).or_else(|| chat::error_words(body)) {
        return Err(words);
    }
    if !(200..300).contains(&status) {
        return Err(format!("status {status}"));
    }
    chat::read(body).map_err(|failure| failure.to_string())
}

/// Words of others, not too many.
fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(WORDS).collect()
}
