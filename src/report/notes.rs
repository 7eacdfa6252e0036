//! A note for each carried commit: what became of it, how, how sure, and why; one `Key: value` a line, as trailers are.

use super::map::status_word;
use super::text::target;
use crate::merge::Evidence;
use crate::run::{Asked, FileOutcome, FileResult, Method, Outcome, Record, Verdict};
use std::fmt::Write;

/// Evidence lines of a note; of more only the number.
const LINES: usize = 30;

/// The notes, each with the new commit (hex) that it belongs to.
pub fn notes(record: &Record) -> Vec<(String, String)> {
    let of = |outcome: &Outcome| Some((outcome.new.clone()?, note(record, outcome)));
    record.outcomes.iter().filter_map(of).collect()
}

fn note(record: &Record, outcome: &Outcome) -> String {
    let inputs = &record.inputs;
    let mut text =
        format!("Migrated-from: {}\nMigrated-onto: {} ({})\n", outcome.old, inputs.onto, one_line(&inputs.onto_name));
    let _ = writeln!(text, "Migrated-by: git-kmigrate {}", inputs.tool);
    let flags: Vec<String> = outcome.flags.iter().map(json_word).collect();
    let flags = if flags.is_empty() { String::new() } else { format!(" ({})", flags.join(", ")) };
    let _ = writeln!(text, "Status: {}{flags}", status_word(outcome.status));
    if let Some(likely) = outcome.confidence {
        let _ = writeln!(text, "Confidence: {likely:.2}");
    }
    if let Some(lines) = outcome.predicted_distance {
        let _ = writeln!(text, "Predicted-distance: {lines:.1}");
    }
    for file in outcome.files.iter().filter(|file| is_worth_a_line(file)) {
        let why = if file.reasons.is_empty() { String::new() } else { format!("; {}", file.reasons.join("; ")) };
        let sure = file.confidence.map(|likely| format!("; {likely:.2}")).unwrap_or_default();
        let what = format!("{}; {} by {}{sure}{why}", file.path, json_word(&file.result), json_word(&file.method));
        let _ = writeln!(text, "File: {}", one_line(&what));
    }
    for (file, asked) in outcome.files.iter().flat_map(|file| file.asked.iter().map(move |asked| (file, asked))) {
        let Asked { line, prompt, answer, refused, vote } = asked;
        let said = vote
            .filter(|v| v.others > 0)
            .map(|v| format!(", {} of {} others say the same", v.same, v.others))
            .unwrap_or_default();
        let verdict = refused.as_ref().map_or_else(|| format!("taken{said}"), |why| format!("not taken: {why}"));
        let what = format!("{}:{line}; prompt {prompt}; answer {answer}; {verdict}", file.path);
        let _ = writeln!(text, "Asked: {}", one_line(&what));
    }
    if let Some(check) = &outcome.check {
        let _ = writeln!(text, "Build: {}", json_word(&check.verdict));
        for one in check.targets.iter().filter(|one| one.verdict != Verdict::Passed).take(LINES) {
            let _ = writeln!(text, "Target: {}", one_line(&format!("{}; {}", one.target, target(one))));
        }
    }
    for finding in &outcome.findings {
        let _ = writeln!(text, "Finding: {}", said(&finding.said));
    }
    for evidence in outcome.evidence.iter().take(LINES) {
        let _ = writeln!(text, "Evidence: {}", said(evidence));
    }
    if let Some(more @ 1..) = outcome.evidence.len().checked_sub(LINES) {
        let _ = writeln!(text, "Evidence: and {more} more statements");
    }
    text
}

/// A file that upstream left alone says nothing that the commit does not.
fn is_worth_a_line(file: &FileOutcome) -> bool {
    file.result != FileResult::Taken || file.method != Method::Text || !file.accepted
}

fn said(evidence: &Evidence) -> String {
    let place = evidence.place.as_ref().map(|place| format!(" [{place}]")).unwrap_or_default();
    one_line(&format!("{}{place}", evidence.statement))
}

/// Nothing of a commit may look like another line of the note.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A word of the schema.
pub fn json_word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
