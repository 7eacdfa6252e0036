//! An answer read: tolerant of its form, strict about its meaning.
//!
//! In: what came back, the brief and the prompt that it answers. Out: [`Reply`], or a [`Refusal`] in words that can be sent back. No input
//! makes it panic.
//!
//! ```text
//!   answer -> without thoughts -> edits between === lines | JSON | a whole snippet in a fence -> raw edits
//!          -> lines as bytes (numbers off, tabs and hidden bytes back, line ends) -> checks -> smallest edits
//! ```

mod blocks;
mod check;
pub(super) mod code;
mod json;
mod lines;
#[cfg(test)]
mod tests;

use super::brief::Brief;
use super::edits::Edits;
use super::oracle::Answer;
use super::prompt::Prompt;
use super::refusal::{Refusal, Why};
use super::shown::inline;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A longer answer is not read.
const LONGEST: usize = 4 << 20;
/// Of a reason so many characters are kept.
const REASON: usize = 500;
/// What models think aloud in.
const THOUGHTS: [&str; 4] = ["think", "thinking", "thought", "reasoning"];

/// What an answer says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// These edits.
    Edits(Edits),
    /// That ours does all of it already, and where.
    AlreadyThere(String),
    /// That it cannot tell, and why.
    LeftOpen(String),
}

/// Lines of the new file to replace, and the new lines as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Raw {
    /// From 0, the end excluded.
    at: Range<usize>,
    /// Without ends.
    lines: Vec<String>,
}

/// What a form of answer holds.
enum Form {
    /// Edits.
    Edits(Vec<Raw>),
    /// The whole snippet, retyped.
    Code(Vec<String>),
    /// It says that there is nothing to do.
    AlreadyThere,
    /// It says that it cannot tell.
    LeftOpen,
}

/// Reads an answer.
///
/// # Errors
/// It is none, or not one to this question.
pub fn read(answer: &Answer, brief: &Brief, prompt: &Prompt) -> Result<Reply, Refusal> {
    if answer.text.len() > LONGEST {
        return Err(Refusal::new(Why::Malformed, "the answer is longer than any answer to this question can be"));
    }
    let text = spoken(&answer.text.replace("\r\n", "\n"))?;
    let form = match blocks::find(&text)? {
        Some(form) => form,
        None => match json::find(&text)? {
            Some(found) => found,
            None => code::find(&text, brief, answer.ended)?,
        },
    };
    let list = match form {
        Form::LeftOpen => return Ok(Reply::LeftOpen(reason(&text))),
        Form::AlreadyThere => match reason(&text) {
            said if said.is_empty() => {
                let said = "the answer does not say where the new kernel has it: add a line \"reason: ...\" that names the lines";
                return Err(Refusal::new(Why::NoAnswer, said));
            }
            said => return Ok(Reply::AlreadyThere(said)),
        },
        Form::Edits(raw) => lines::edits(raw, brief)?,
        Form::Code(lines) => code::edits(&lines, brief, prompt)?,
    };
    let list = check::checked(list, brief, prompt)?;
    Ok(Reply::Edits(Edits { list, confidence: confidence(&text), reason: reason(&text) }))
}

/// An answer without what the model thought before it.
pub(super) fn spoken(text: &str) -> Result<String, Refusal> {
    let mut text = text.to_owned();
    for tag in THOUGHTS {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let mut said = String::new();
        let mut rest = text.as_str();
        // Some servers take the opening tag for themselves.
        if let Some(end) = rest.find(&close).filter(|end| !rest[..*end].contains(&open)) {
            rest = &rest[end + close.len()..];
        }
        while let Some(start) = rest.find(&open) {
            let Some(end) = rest[start..].find(&close).map(|end| start + end + close.len()) else {
                if said.trim().is_empty() && rest[..start].trim().is_empty() {
                    let why = "the answer was cut off before it began: only thoughts came";
                    return Err(Refusal::new(Why::CutOff, why));
                }
                break;
            };
            said.push_str(&rest[..start]);
            rest = &rest[end..];
        }
        said.push_str(rest);
        text = said;
    }
    Ok(text)
}

/// The probability that the answer gives itself.
fn confidence(text: &str) -> Option<f64> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let form = r#"(?im)(?:^\W*confidence\W{0,3}[:=]|"confidence"\s*:)[\s"*]*([0-9]*\.?[0-9]+)\s*(%?)"#;
        Regex::new(form).expect("a valid expression")
    });
    let found = FORM.captures_iter(text).last()?;
    let number: f64 = found.get(1)?.as_str().parse().ok()?;
    let number = if found.get(2).is_some_and(|m| m.as_str() == "%") { number / 100.0 } else { number };
    (0.0..=1.0).contains(&number).then_some(number)
}

/// What the answer says for itself, on one line.
pub(super) fn reason(text: &str) -> String {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?im)(?:^\W*reason\W{0,3}:|"reason"\s*:)[\s"*]*(\S.*)$"#).expect("a valid expression")
    });
    let said = FORM.captures_iter(text).last().and_then(|found| found.get(1)).map_or("", |said| said.as_str());
    inline(said.trim().trim_end_matches(['"', ',', '}', ' '])).chars().take(REASON).collect()
}
