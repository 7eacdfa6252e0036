//! Many runs in one report: what came of each series on each new upstream, side by side.
//!
//! In come runs as `--json` told them; out goes a table for people, one in Markdown, a JUnit file with a suite for each run, or JSON
//! Lines with an object for each run and one with the totals of all.

use super::Totals;
use super::junit::{Suite, suites};
use super::plain::markdown as plain;
use crate::run::{Flag, Last, Status, Told};
use serde_json::{Value, json};
use std::fmt::Write;

/// A run, and the file that told of it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file, as typed.
    pub file: String,
    /// What it says.
    pub told: Told,
}

/// What the columns are, behind series and upstream.
const COUNTS: [&str; 8] =
    ["commits", "unmodified", "modified", "upstream", "conflicted", "to review", "accepted", "accepted %"];

impl Part {
    /// Its counts, from its commits.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.told.outcomes.iter().for_each(|outcome| totals.add(outcome));
        totals
    }

    /// Series, upstream, how it ended. Of a run that did not end nothing but its file is known.
    fn names(&self) -> [String; 3] {
        match &self.told.last {
            Some(last) if last.is_written() => [last.source.clone(), last.onto_name().to_owned(), last.branch.clone()],
            Some(last) => [last.source.clone(), last.onto_name().to_owned(), "-".to_owned()],
            None => [self.file.clone(), "-".to_owned(), "did not end".to_owned()],
        }
    }

    fn title(&self) -> String {
        match &self.told.last {
            Some(Last { source, .. }) => format!("{source} onto {}", self.names()[1]),
            None => self.file.clone(),
        }
    }
}

/// The counts of all.
fn all(parts: &[Part]) -> Totals {
    let mut all = Totals::default();
    parts.iter().flat_map(|part| &part.told.outcomes).for_each(|outcome| all.add(outcome));
    all
}

fn counts(totals: &Totals) -> [String; 8] {
    let share = match totals.commits {
        0 => "-".to_owned(),
        commits => format!("{:.1}", 100.0 * totals.accepted as f64 / commits as f64),
    };
    let of = |status| totals.of(status).to_string();
    [
        totals.commits.to_string(),
        of(Status::Unmodified),
        of(Status::Modified),
        of(Status::Upstream),
        of(Status::Conflicted),
        totals.flagged(Flag::ToReview).to_string(),
        totals.accepted.to_string(),
        share,
    ]
}

/// Head, a row for each run, and one for all.
fn rows(parts: &[Part]) -> Vec<Vec<String>> {
    let row = |[series, onto, branch]: [String; 3], totals: &Totals| -> Vec<String> {
        [series, onto].into_iter().chain(counts(totals)).chain([branch]).collect()
    };
    let head = ["series", "onto"].into_iter().chain(COUNTS).chain(["branch"]).map(str::to_owned).collect();
    let runs = parts.iter().map(|part| row(part.names(), &part.totals()));
    let ended = parts.iter().filter(|part| part.told.last.is_some()).count();
    let said = match parts.len() - ended {
        0 => format!("{} runs", parts.len()),
        open => format!("{} runs, {open} did not end", parts.len()),
    };
    let last = row(["all".to_owned(), String::new(), said], &all(parts));
    [head].into_iter().chain(runs).chain([last]).collect()
}

/// A table for people.
pub fn text(parts: &[Part]) -> String {
    let rows = rows(parts);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            // Names stand left, numbers right.
            let _ = match (2..2 + COUNTS.len()).contains(&column) {
                true => write!(line, "{cell:>width$}  "),
                false => write!(line, "{cell:<width$}  "),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The same as a table of Markdown.
pub fn markdown(parts: &[Part]) -> String {
    let rows = rows(parts);
    let line =
        |row: &Vec<String>| format!("| {} |\n", row.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" | "));
    let rule: Vec<&str> =
        (0..rows[0].len()).map(|at| if (2..2 + COUNTS.len()).contains(&at) { "--:" } else { "---" }).collect();
    let body: String = rows[1..].iter().map(line).collect();
    format!("{}| {} |\n{body}", line(&rows[0]), rule.join(" | "))
}

/// An object for each run, and one for all.
pub fn json_lines(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        let last = part.told.last.as_ref();
        let line = json!({
            "schema_version": 1,
            "merged": "run",
            "file": part.file,
            "ended": last.is_some(),
            "source": last.map(|last| &last.source),
            "base": last.and_then(|last| last.base.as_ref()),
            "onto": last.map(|last| &last.onto),
            "onto_name": last.map(Last::onto_name),
            "tip": last.map(|last| &last.tip),
            "branch": last.map(|last| &last.branch),
            "result": last.map(|last| &last.result),
            "totals": part.totals(),
        });
        let _ = writeln!(text, "{line}");
    }
    let ended = parts.iter().filter(|part| part.told.last.is_some()).count();
    let line: Value =
        json!({"schema_version": 1, "merged": "all", "runs": parts.len(), "ended": ended, "totals": all(parts)});
    let _ = writeln!(text, "{line}");
    text
}

/// A suite for each run.
pub fn junit(parts: &[Part]) -> String {
    suites(&parts.iter().map(suite).collect::<Vec<_>>())
}

fn suite(part: &Part) -> Suite<'_> {
    let open = part.told.last.is_none();
    let broken = open.then(|| "the run did not end: it was killed, or its log says why it could not go on".to_owned());
    Suite { name: part.title(), outcomes: &part.told.outcomes, broken }
}
