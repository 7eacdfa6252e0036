//! What gcc prints with `-fdiagnostics-format=json`: an array for each translation unit, in which each message has its notes as
//! children. In: the text of standard error. Out: the messages.

use super::json::{Element, Step, elements};
use super::{Problem, Report};
use crate::merge::Evidence;
use crate::run::{Diagnostic, Severity};
use serde_json::Value;

/// Reads all messages.
pub(super) fn read(text: &[u8]) -> Report {
    let mut report = Report::default();
    match elements(text, &[Step::Each]) {
        Ok(found) => found.iter().for_each(|element| report.take(diagnostic(element))),
        Err(problem) => report.problems.push(problem),
    }
    report
}

fn diagnostic(element: &Element<'_>) -> Result<Diagnostic, Problem> {
    let value: Value = serde_json::from_slice(element.raw).map_err(|e| {
        let line = element.line + e.line().saturating_sub(1);
        Problem::new(line, format!("the message cannot be read: {e}"))
    })?;
    let message = value["message"].as_str().ok_or_else(|| Problem::new(element.line, "the message says nothing"))?;
    let severity = match value["kind"].as_str() {
        Some("error" | "fatal error" | "internal compiler error" | "sorry, unimplemented") => Severity::Error,
        Some("warning") => Severity::Warning,
        Some("note" | "anachronism") => Severity::Note,
        _ => return Err(Problem::new(element.line, "the message has no kind that is known")),
    };
    let mut told = Diagnostic::new("gcc", severity, plain(message));
    told.kind = value["option"].as_str().map(str::to_owned);
    let caret = &value["locations"][0]["caret"];
    told.file = file(caret);
    let number = |name: &str| caret[name].as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    told.line = number("line");
    // "column" counts as -fdiagnostics-column-unit says; the other two are always there.
    told.column = number("column").or_else(|| number("byte-column"));
    told.function = value["path"].as_array().and_then(|path| path.last()?["function"].as_str()).map(str::to_owned);
    told.suggestion = value["fixits"][0]["string"].as_str().filter(|s| !s.is_empty()).map(str::to_owned);
    told.notes = value["children"].as_array().into_iter().flatten().filter_map(note).collect();
    told.raw = String::from_utf8_lossy(element.raw).into_owned();
    Ok(told)
}

/// With the quotes of the C locale, as in a log: the same message is the same, however it was written.
fn plain(message: &str) -> String {
    message.replace(['\u{2018}', '\u{2019}'], "'")
}

fn file(caret: &Value) -> Option<String> {
    let file = caret["file"].as_str()?;
    Some(file.strip_prefix("./").unwrap_or(file).to_owned())
}

fn note(child: &Value) -> Option<Evidence> {
    let said = Evidence::new(plain(child["message"].as_str()?));
    let caret = &child["locations"][0]["caret"];
    Some(match (file(caret), caret["line"].as_u64()) {
        (Some(file), Some(line)) => said.at(format!("{file}:{line}")),
        _ => said,
    })
}
