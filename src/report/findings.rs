//! What tools report and what builds come to, for people and as JSON Lines.

use super::text::{built, target, word};
use super::{Totals, json, plain, say_bytes};
use crate::error::Result;
use crate::run::{Analysed, Finding, FindingKind, Outcome, Verdict};
use std::io::Write;

/// Longest message in the table, in characters.
const WIDEST: usize = 100;

/// Lists findings.
///
/// # Errors
/// Standard output cannot be written.
pub fn findings(findings: &[Finding], as_json: bool) -> Result<()> {
    let mut out = Vec::new();
    if as_json {
        for finding in findings {
            serde_json::to_writer(&mut out, finding).expect("a finding is plain data");
            out.push(b'\n');
        }
        return say_bytes(&out);
    }
    let rows: Vec<[String; 5]> = findings.iter().map(|finding| row(finding).map(|cell| plain::line(&cell))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [severity, tool, kind, place] = [0, 1, 2, 3].map(width);
    for [a, b, c, d, message] in &rows {
        let _ = writeln!(out, "{a:severity$}  {b:tool$}  {c:kind$}  {d:place$}  {message}");
    }
    let _ = writeln!(out, "{}", plain::count(findings.len(), "finding"));
    say_bytes(&out)
}

/// Severity, tool, kind, place with function, message.
fn row(finding: &Finding) -> [String; 5] {
    let Some(told) = &finding.diagnostic else {
        let place = finding.said.place.clone().unwrap_or_default();
        return [String::new(), String::new(), finding.name.clone(), place, short(&finding.said.statement)];
    };
    let place = finding.said.place.clone().unwrap_or_else(|| "-".to_owned());
    let place = told.function.as_ref().map(|f| format!("{place} {f}()")).unwrap_or(place);
    let kind = told.kind.clone().unwrap_or_else(|| "-".to_owned());
    [told.severity.word().to_owned(), told.tool.clone(), kind, place, short(&told.message)]
}

/// The first line, cut.
fn short(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    match first.char_indices().nth(WIDEST) {
        Some((at, _)) => format!("{}...", &first[..at]),
        None => first.to_owned(),
    }
}

/// Tells what building commits came to: those that build in a number, the others one by one.
///
/// # Errors
/// Standard output cannot be written.
pub fn checked(outcomes: &[Outcome], as_json: bool) -> Result<()> {
    let mut out = Vec::new();
    if as_json {
        outcomes.iter().for_each(|outcome| json::outcome(&mut out, outcome));
        return say_bytes(&out);
    }
    let mut totals = Totals::default();
    for outcome in outcomes {
        totals.add(outcome);
        let Some(check) = &outcome.check else { continue };
        let told = |finding: &&Finding| matches!(finding.kind, FindingKind::Build | FindingKind::Analysis);
        let found: Vec<&Finding> = outcome.findings.iter().filter(told).collect();
        let deaf = check.analysed.iter().filter(|one| one.why.is_some());
        let is_well = check.verdict == Verdict::Passed || check.targets.is_empty();
        if is_well && found.is_empty() && deaf.clone().next().is_none() {
            continue;
        }
        let (status, _) = word(outcome.status);
        let _ = writeln!(out, "{}/{} {status}  {}", outcome.n, outcomes.len(), plain::line(&outcome.subject));
        for one in check.targets.iter().filter(|t| t.verdict != Verdict::Passed) {
            let _ = writeln!(out, "   {}: {}", one.target, target(one));
        }
        for Analysed { target, why, .. } in deaf {
            let _ = writeln!(out, "   {target}: not compared: {}", why.as_deref().unwrap_or_default());
        }
        for finding in found {
            let place = plain::line(finding.said.place.as_deref().unwrap_or_default());
            let new = if finding.kind == FindingKind::Analysis { "new: " } else { "" };
            let _ = writeln!(out, "   {place}: {new}{}", plain::lines(&finding.said.statement));
        }
    }
    let _ = match totals.check.is_empty() {
        true => writeln!(out, "nothing was carried that could be built"),
        false => writeln!(out, "commits: {}", built(&totals)),
    };
    say_bytes(&out)
}
