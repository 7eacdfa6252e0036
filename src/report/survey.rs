//! What a series will meet on another kernel: the names that are stale there, for people and as JSON Lines.

use super::{Format, say};
use crate::error::Result;
use crate::git::{Oid, Series};
use crate::merge::{Change, Evidence};
use crate::run::quoted;
use crate::survey::{How, Stale, StaleName};
use bstr::ByteSlice;
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::fmt::Write;

/// Places of the series that are named; of more only the number.
const NAMED: usize = 4;

/// A name, as `--json` has it.
#[derive(Serialize)]
struct Told<'a> {
    name: String,
    how: &'static str,
    was: &'a Evidence,
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<Declared>,
    required: bool,
    rules: Vec<ToldRule>,
    examples: &'a [Evidence],
    used: Vec<Used>,
}

/// What a name is declared as on both kernels, as `--json` has it: on one line each.
#[derive(Serialize)]
struct Declared {
    before: String,
    after: String,
}

/// A rule, as `--json` has it.
#[derive(Serialize)]
struct ToldRule {
    rule: String,
    support: usize,
    functions: usize,
    counter_examples: usize,
}

/// A place of the series, as `--json` has it.
#[derive(Serialize)]
struct Used {
    n: usize,
    path: String,
}

/// Tells the names that the series uses and that are stale on the new kernel, the most used first.
///
/// # Errors
/// Standard output cannot be written.
pub fn survey(series: &Series, stale: &Stale, format: Format) -> Result<()> {
    let positions: FxHashMap<Oid, usize> =
        series.commits.iter().enumerate().map(|(at, commit)| (commit.id, at + 1)).collect();
    let mut all: Vec<Told<'_>> = stale
        .users()
        .into_iter()
        .map(|(name, used)| {
            let mut used: Vec<Used> = used
                .into_iter()
                .map(|(commit, path)| Used {
                    n: positions.get(&commit).copied().unwrap_or(0),
                    path: quoted(path.as_bstr()),
                })
                .collect();
            used.sort_by(|a, b| (a.n, &a.path).cmp(&(b.n, &b.path)));
            told(name, used)
        })
        .collect();
    all.sort_by(|a, b| b.used.len().cmp(&a.used.len()).then_with(|| a.name.cmp(&b.name)));
    let mut said = String::new();
    for one in &all {
        match format {
            Format::Json => {
                let line = serde_json::to_string(one).expect("a table is plain data");
                let _ = writeln!(said, "{line}");
            }
            Format::Text => tell(&mut said, one),
        }
    }
    if format == Format::Text {
        let required = all.iter().filter(|one| one.required);
        let (stale, ruled) = required.fold((0, 0), |(n, r), one| (n + 1, r + usize::from(!one.rules.is_empty())));
        let commits = series.commits.len();
        let _ = writeln!(
            said,
            "{} names of the {commits} commits of {} are stale on {}; rules for {ruled} of them",
            stale, series.source, series.onto_name
        );
    }
    say(&said)
}

fn told(name: &StaleName, used: Vec<Used>) -> Told<'_> {
    let rules = name.rules.iter().filter(|rule| !rule.is_finder()).map(|rule| ToldRule {
        rule: rule.told(),
        support: rule.knowledge.support,
        functions: rule.knowledge.functions,
        counter_examples: rule.knowledge.counter_examples.len(),
    });
    Told {
        name: name.used.name.to_str_lossy().into_owned(),
        how: name.how.word(),
        was: &name.was,
        declared: name.declared.as_ref().map(declared),
        required: name.how != How::Habit,
        rules: rules.collect(),
        examples: &name.examples,
        used,
    }
}

/// Without the lines that a declaration was broken into, and the empty body that stands for a function's.
fn declared(change: &Change<Vec<u8>>) -> Declared {
    let one = |text: &[u8]| {
        let line = text.fields().collect::<Vec<_>>().join(&b' ');
        line.strip_suffix(b" { }").unwrap_or(&line).to_str_lossy().into_owned()
    };
    Declared { before: one(&change.before), after: one(&change.after) }
}

fn tell(said: &mut String, one: &Told<'_>) {
    let place = |evidence: &Evidence| evidence.place.as_ref().map(|p| format!(" [{p}]")).unwrap_or_default();
    let required = if one.required { "required" } else { "optional" };
    let _ = writeln!(said, "{}: {}, {required}", one.name, one.how);
    let _ = writeln!(said, "    was    {}{}", one.was.statement, place(one.was));
    if let Some(declared) = &one.declared {
        let _ = writeln!(said, "    before {}\n    after  {}", declared.before, declared.after);
    }
    for rule in &one.rules {
        let counter = match rule.counter_examples {
            0 => String::new(),
            n => format!(", not done in {n} places"),
        };
        let known = match rule.functions {
            0 => "as it was declared".to_owned(),
            n => format!("in {n} functions"),
        };
        let _ = writeln!(said, "    rule   {}  ({known}{counter})", rule.rule);
    }
    if one.rules.is_empty() {
        for example in one.examples {
            let _ = writeln!(said, "    seen   {}{}", example.statement, place(example));
        }
    }
    let named: Vec<String> = one.used.iter().take(NAMED).map(|u| format!("{} {}", u.n, u.path)).collect();
    let more = one.used.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    let _ = writeln!(said, "    used   by {}{more}", named.join(", "));
}
