//! JUnit: a test for each commit, so that CI systems show a run as they show tests. An open conflict is a failure, and so is
//! what does not build since a commit, until a person accepts that.

use super::map::status_word;
use super::plain::xml;
use super::text::{conflict_line, percent, remarks, target};
use crate::run::{CheckedTarget, Flag, Outcome, Record, Status, Verdict};
use std::fmt::Write;

/// The file.
pub fn junit(record: &Record) -> String {
    let inputs = &record.inputs;
    let of = |is: fn(&Outcome) -> bool| record.outcomes.iter().filter(|o| is(o)).count();
    let (tests, failures, skipped) = (record.outcomes.len(), of(is_failure), of(is_skipped));
    let name = xml(&format!("{} onto {}", inputs.source, inputs.onto_name));
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\"");
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"git-kmigrate\" {counts}>\n<testsuite name=\"{name}\" {counts}>");
    let width = tests.to_string().len();
    for outcome in &record.outcomes {
        let (n, subject) = (outcome.n, xml(&outcome.subject));
        let _ = writeln!(text, "<testcase classname=\"{name}\" name=\"{n:0width$} {subject}\" time=\"0\">");
        case(&mut text, outcome);
        text.push_str("</testcase>\n");
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    text
}

fn is_failure(outcome: &Outcome) -> bool {
    outcome.status == Status::Conflicted || is_broken(outcome)
}

/// It does not build, and nobody has accepted that.
fn is_broken(outcome: &Outcome) -> bool {
    outcome.has(Flag::ToReview) && outcome.check.as_ref().is_some_and(|check| check.verdict == Verdict::Failed)
}

fn is_skipped(outcome: &Outcome) -> bool {
    matches!(outcome.status, Status::Upstream | Status::Skipped | Status::Dropped | Status::Pending)
        && outcome.new.is_none()
}

fn case(text: &mut String, outcome: &Outcome) {
    let word = status_word(outcome.status);
    let said = xml(&said(outcome));
    let _ = if is_failure(outcome) {
        let conflicts = outcome.files.iter().filter(|f| f.conflict.is_some()).map(conflict_line);
        let broken = targets(outcome).filter(|t| t.verdict == Verdict::Failed);
        let lines: Vec<String> = conflicts.chain(broken.map(|t| format!("{}: {}", t.target, target(t)))).collect();
        writeln!(text, "<failure type=\"{word}\" message=\"{}\">{said}</failure>", xml(&lines.join("; ")))
    } else if is_skipped(outcome) {
        writeln!(text, "<skipped message=\"{word}\"/>\n<system-out>{said}</system-out>")
    } else if outcome.is_accepted() {
        Ok(())
    } else {
        writeln!(text, "<system-out>{said}</system-out>")
    };
}

fn targets(outcome: &Outcome) -> impl Iterator<Item = &CheckedTarget> {
    outcome.check.iter().flat_map(|check| &check.targets)
}

/// What is known of a commit, a statement a line.
fn said(outcome: &Outcome) -> String {
    let mut said = format!("{} {}\n", status_word(outcome.status), remarks(outcome).join(", ")).trim_start().to_owned();
    let _ = writeln!(said, "old {}", outcome.old);
    if let Some(new) = &outcome.new {
        let _ = writeln!(said, "new {new}");
    }
    if let Some(likely) = outcome.confidence {
        let _ = writeln!(said, "{} sure", percent(likely));
    }
    for file in outcome.files.iter().filter(|f| !f.accepted) {
        let _ = writeln!(said, "{}: {}", file.path, file.reasons.join("; "));
    }
    for one in targets(outcome) {
        let _ = writeln!(said, "{}: {}", one.target, target(one));
    }
    let findings = outcome.findings.iter().map(|finding| &finding.said);
    for evidence in findings.chain(&outcome.evidence) {
        let place = evidence.place.as_ref().map(|place| format!(" [{place}]")).unwrap_or_default();
        let _ = writeln!(said, "{}{place}", evidence.statement);
    }
    said
}
