//! JUnit: a test for each commit, so that CI systems show a run as they show tests. An open conflict is a failure, and so is
//! what does not build since a commit, until a person accepts that.

use super::map::status_word;
use super::plain::xml;
use super::text::{conflict_line, percent, remarks, target};
use crate::run::{CheckedTarget, Flag, Outcome, Record, Status, Verdict};
use std::fmt::Write;

/// The commits of a run, as the tests of a suite.
#[derive(Clone, Debug)]
pub struct Suite<'a> {
    /// What it is called.
    pub name: String,
    /// A test for each.
    pub outcomes: &'a [Outcome],
    /// Why not all of them are there.
    pub broken: Option<String>,
}

/// The file for one run.
pub fn junit(record: &Record) -> String {
    let inputs = &record.inputs;
    let name = format!("{} onto {}", inputs.source, inputs.onto_name);
    suites(&[Suite { name, outcomes: &record.outcomes, broken: None }])
}

/// The file for several.
pub fn suites(suites: &[Suite<'_>]) -> String {
    let all = suites.iter().fold([0; 4], |all, suite| std::array::from_fn(|at| all[at] + suite.counts()[at]));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"git-kmigrate\" {}>", attributes(all));
    suites.iter().for_each(|one| suite(&mut text, one));
    text.push_str("</testsuites>\n");
    text
}

impl Suite<'_> {
    /// Tests, failures, errors, skipped.
    fn counts(&self) -> [usize; 4] {
        let of = |is: fn(&Outcome) -> bool| self.outcomes.iter().filter(|o| is(o)).count();
        let errors = usize::from(self.broken.is_some());
        [self.outcomes.len() + errors, of(is_failure), errors, of(is_skipped)]
    }
}

fn attributes([tests, failures, errors, skipped]: [usize; 4]) -> String {
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\"")
}

fn suite(text: &mut String, suite: &Suite<'_>) {
    let name = xml(&suite.name);
    let _ = writeln!(text, "<testsuite name=\"{name}\" {}>", attributes(suite.counts()));
    let width = suite.outcomes.len().to_string().len();
    for outcome in suite.outcomes {
        let (n, subject) = (outcome.n, xml(&outcome.subject));
        let _ = writeln!(text, "<testcase classname=\"{name}\" name=\"{n:0width$} {subject}\" time=\"0\">");
        case(text, outcome);
        text.push_str("</testcase>\n");
    }
    if let Some(why) = &suite.broken {
        let why = xml(why);
        let _ = writeln!(
            text,
            "<testcase classname=\"{name}\" name=\"the run\" time=\"0\">\n<error message=\"{why}\"/>\n</testcase>"
        );
    }
    text.push_str("</testsuite>\n");
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
