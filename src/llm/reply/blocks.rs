//! Edits between `===` lines, as they are asked for.

use super::super::refusal::{Refusal, Why};
use super::{Form, Raw};
use regex::Regex;
use std::sync::LazyLock;

/// `=== replace 812-814 ===` and its kin; the closing `===` may be missing, the numbers may be written otherwise.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"(?i)^\s{0,3}={2,}\s*(replace|insert|delete|remove|end|leave|already|no edits?)\b([^=]*)=*\s*$";
    Regex::new(form).expect("a valid expression")
});

/// `812`, `812-814`, `lines 812 to 814`.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"(?i)^\s*(?:(after|behind|before)\b)?\s*(?:lines?\b)?\s*(\d{1,9})(?:\s*(?:-|–|\.\.=?|to)\s*(\d{1,9}))?\s*:?\s*$";
    Regex::new(form).expect("a valid expression")
});

/// The line that comes behind the edits.
static CONFIDENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^\W{0,3}confidence\W{0,3}:\W{0,4}[0-9]").expect("a valid expression"));

/// A line that opens or closes a fence.
static FENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s{0,3}(`{3,}|~{3,})[\w+-]*\s*$").expect("a valid expression"));

/// The edits; `None` if there is no such line.
pub fn find(text: &str) -> Result<Option<Form>, Refusal> {
    let mut raws: Vec<Raw> = Vec::new();
    let mut state = State::Before;
    let mut is_fenced = false;
    for line in text.lines() {
        let head = HEAD.captures(line);
        match head {
            Some(head) => {
                close(&mut raws, &state);
                state = match head[1].to_ascii_lowercase().as_str() {
                    "end" => State::After,
                    "leave" if raws.is_empty() => return Ok(Some(Form::LeftOpen)),
                    "already" if raws.is_empty() => return Ok(Some(Form::AlreadyThere)),
                    "leave" | "already" => {
                        let said = "the answer has edits and says that none are to be made: only one can be meant";
                        return Err(Refusal::new(Why::Malformed, said));
                    }
                    word => match placed(word, &head[2]) {
                        Some(raw) => {
                            raws.push(raw);
                            State::In
                        }
                        None => return Err(unreadable(line)),
                    },
                };
            }
            None if state == State::In => raws.last_mut().map_or((), |raw| raw.lines.push(line.to_owned())),
            None if state == State::Before => is_fenced = FENCE.is_match(line) && !is_fenced,
            None => {}
        }
    }
    match state {
        State::Before => Ok(None),
        State::After => Ok(Some(Form::Edits(raws))),
        State::In => unended(raws, is_fenced).map(Some),
    }
}

/// Where the walk over the lines is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No edit yet.
    Before,
    /// In the lines of an edit.
    In,
    /// Behind the end.
    After,
}

/// The edit that a head names, without lines yet.
fn placed(word: &str, rest: &str) -> Option<Raw> {
    let found = NUMBERS.captures(rest)?;
    let side = found.get(1).map(|side| side.as_str().to_ascii_lowercase());
    let first: usize = found.get(2)?.as_str().parse().ok()?;
    let last: Option<usize> = found.get(3).map(|last| last.as_str().parse()).transpose().ok()?;
    let at = match (word, side.as_deref(), last) {
        ("insert", Some("before"), None) => first.checked_sub(1)?..first - 1,
        ("insert", Some(_), None) => first..first,
        ("replace" | "delete" | "remove", None, last) => {
            let last = last.unwrap_or(first);
            if first == 0 || last < first {
                return None;
            }
            first - 1..last
        }
        _ => return None,
    };
    Some(Raw { at, lines: Vec::new() })
}

/// Takes off a fence that was put around the lines of one edit.
fn close(raws: &mut [Raw], state: &State) {
    if *state != State::In {
        return;
    }
    let Some(raw) = raws.last_mut() else { return };
    let is_fence = |line: Option<&String>| line.is_some_and(|line| FENCE.is_match(line));
    let last = raw.lines.iter().rposition(|line| !line.trim().is_empty());
    if raw.lines.len() > 1 && is_fence(raw.lines.first()) && is_fence(last.and_then(|last| raw.lines.get(last))) {
        raw.lines.truncate(last.unwrap_or(0));
        raw.lines.remove(0);
    }
}

/// The last `===` line is missing: the end of the fence around all edits may stand for it.
fn unended(mut raws: Vec<Raw>, is_fenced: bool) -> Result<Form, Refusal> {
    // What comes behind the edits has come: they are whole.
    let says = |raw: &Raw| raw.lines.iter().position(|line| CONFIDENCE.is_match(line));
    if let Some((raw, end)) = raws.last_mut().and_then(|raw| says(raw).map(|end| (raw, end))) {
        raw.lines.truncate(end);
        return Ok(Form::Edits(raws));
    }
    if let Some(raw) = raws.last_mut().filter(|_| is_fenced)
        && let Some(end) = raw.lines.iter().rposition(|line| FENCE.is_match(line))
    {
        raw.lines.truncate(end);
        return Ok(Form::Edits(raws));
    }
    Err(Refusal::new(Why::CutOff, "the answer was cut off: it does not end with \"=== end ===\""))
}

fn unreadable(line: &str) -> Refusal {
    let line: String = line.chars().take(80).collect();
    Refusal::new(
        Why::Malformed,
        format!(
            "this line names no edit: {line}\nwrite \"=== replace N-M ===\", \"=== insert after N ===\" or \"=== delete N-M ===\""
        ),
    )
}
