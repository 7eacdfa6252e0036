//! SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"): what of it tells a finding. In: the text. Out: its results.
//!
//! Each result is read by itself (`runs[i].results[j]`); the tool and its rules are of its run.

use super::json::{Element, Step, elements};
use super::{Problem, Report};
use crate::merge::Evidence;
use crate::run::{Diagnostic, Severity};
use serde_json::Value;

const RESULTS: [Step; 4] = [Step::Key(b"runs"), Step::Each, Step::Key(b"results"), Step::Each];
const DRIVERS: [Step; 4] = [Step::Key(b"runs"), Step::Each, Step::Key(b"tool"), Step::Key(b"driver")];

/// Reads all results.
pub(super) fn read(text: &[u8]) -> Report {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut report = Report::default();
    let found = elements(text, &RESULTS).and_then(|results| Ok((results, elements(text, &DRIVERS)?)));
    let (results, drivers) = match found {
        Ok(found) => found,
        Err(problem) => return Report { problems: vec![problem], ..report },
    };
    if results.is_empty() && !text.windows(6).any(|w| w == b"\"runs\"") {
        report.problems.push(Problem::new(1, "this is no SARIF: it has no runs"));
    }
    let drivers: Vec<(usize, Value)> =
        drivers.iter().filter_map(|driver| Some((driver.run, serde_json::from_slice(driver.raw).ok()?))).collect();
    for result in results {
        let driver = drivers.iter().find(|(run, _)| *run == result.run).map(|(_, driver)| driver);
        report.take(diagnostic(&result, driver.unwrap_or(&Value::Null)));
    }
    report
}

fn diagnostic(element: &Element<'_>, driver: &Value) -> Result<Diagnostic, Problem> {
    let wrong = |what: &str| Problem::new(element.line, what);
    let result: Value = serde_json::from_slice(element.raw).map_err(|e| {
        let line = element.line + e.line().saturating_sub(1);
        Problem::new(line, format!("the result cannot be read: {e}"))
    })?;
    let rule = rule(&result, driver);
    let message = message(&result["message"], rule).ok_or_else(|| wrong("the result has no message"))?;
    let tool = driver["name"].as_str().unwrap_or("sarif");
    let level = result["level"].as_str().or_else(|| rule["defaultConfiguration"]["level"].as_str());
    let severity = match level {
        Some("error") => Severity::Error,
        Some("note" | "none") => Severity::Note,
        None | Some("warning") => Severity::Warning,
        Some(_) => return Err(wrong("the result's level is none of error, warning, note, none")),
    };
    let mut told = Diagnostic::new(tool, severity, message);
    told.kind = result["ruleId"].as_str().or_else(|| rule["id"].as_str()).map(str::to_owned);
    let first = &result["locations"][0];
    let physical = &first["physicalLocation"];
    told.file = physical["artifactLocation"]["uri"].as_str().map(path);
    let region = &physical["region"];
    told.line = number(&region["startLine"]).map_err(wrong)?;
    told.column = number(&region["startColumn"]).map_err(wrong)?;
    let logical = &first["logicalLocations"][0];
    let function = logical["fullyQualifiedName"].as_str().or_else(|| logical["name"].as_str());
    told.function = function.map(str::to_owned);
    told.suggestion = suggestion(&result["fixes"][0]);
    told.notes = result["relatedLocations"].as_array().into_iter().flatten().filter_map(note).collect();
    told.raw = String::from_utf8_lossy(element.raw).into_owned();
    Ok(told)
}

/// The rule that a result names, by index or id.
fn rule<'a>(result: &Value, driver: &'a Value) -> &'a Value {
    let index = result["ruleIndex"].as_u64().or_else(|| result["rule"]["index"].as_u64());
    let by_index = index.and_then(|at| driver["rules"].get(usize::try_from(at).ok()?));
    let id = result["ruleId"].as_str();
    let mut rules = driver["rules"].as_array().into_iter().flatten();
    by_index.or_else(|| rules.find(|rule| id.is_some() && rule["id"].as_str() == id)).unwrap_or(&Value::Null)
}

/// A message's text, or its rule's text of that name with the arguments put in.
fn message(message: &Value, rule: &Value) -> Option<String> {
    if let Some(text) = message["text"].as_str() {
        return Some(text.to_owned());
    }
    let mut text = rule["messageStrings"][message["id"].as_str()?]["text"].as_str()?.to_owned();
    for (at, argument) in message["arguments"].as_array().into_iter().flatten().enumerate().take(16) {
        text = text.replace(&format!("{{{at}}}"), argument.as_str().unwrap_or_default());
    }
    Some(text)
}

fn number(value: &Value) -> Result<Option<usize>, &'static str> {
    match value {
        Value::Null => Ok(None),
        other => match other.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0) {
            Some(number) => Ok(Some(number)),
            None => Err("a line or column of the result is no number from 1"),
        },
    }
}

/// What the first fix puts in, or what it says of itself.
fn suggestion(fix: &Value) -> Option<String> {
    let replaced = fix["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"].as_str();
    let said = fix["description"]["text"].as_str();
    said.or(replaced).map(str::to_owned)
}

fn note(location: &Value) -> Option<Evidence> {
    let said = Evidence::new(location["message"]["text"].as_str()?);
    let physical = &location["physicalLocation"];
    let Some(file) = physical["artifactLocation"]["uri"].as_str().map(path) else { return Some(said) };
    Some(match physical["region"]["startLine"].as_u64() {
        Some(line) => said.at(format!("{file}:{line}")),
        None => said.at(file),
    })
}

/// A URI as a path.
fn path(uri: &str) -> String {
    let bare = uri.strip_prefix("file://").unwrap_or(uri);
    let mut bytes = Vec::with_capacity(bare.len());
    let mut rest = bare.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    let path = String::from_utf8_lossy(&bytes).into_owned();
    path.strip_prefix("./").map(str::to_owned).unwrap_or(path)
}
