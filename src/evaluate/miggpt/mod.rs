//! MigGPT's own task: its data set read, both steps run, its tables 1, 2 and 4 printed for us.
//!
//! In: [`Row`]s (s_old, s_old', file_new and what people say is right) and a [`Plan`]; perhaps an [`Oracle`]. Out: a [`Told`] a row, and
//! [`tables`]. Without an oracle everything is deterministic. Shares are of all rows: what was not found has failed.

mod convert;
mod data;
mod migrate;
mod retrieve;
mod table;
#[cfg(test)]
mod tests;

pub use convert::{Left, Sample, from_repo, rows};
pub use data::{Row, Truth, Type, read, write};
pub use migrate::{By, Migrated, migrate};
pub use retrieve::{Retrieved, retrieve};
pub use table::tables;

use super::metrics::{Closeness, Verdict, judge};
use crate::error::Result;
use crate::llm::Oracle;
use crate::merge::Sides;
use serde::Serialize;

/// Which steps are run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Steps {
    /// s_old and file_new to s_new.
    Retrieve,
    /// s_old, s_old' and the true s_new to s_new'.
    Migrate,
    /// Both: what was retrieved is migrated.
    #[default]
    Both,
}

/// What is left out, to measure what it is worth (MigGPT, section 6.3 and appendix F.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ablate {
    /// The structure prompt and its check.
    Structure,
    /// The alignment prompt.
    Alignment,
    /// The location prompt.
    Location,
    /// All fingerprints.
    Cfp,
}

/// What is run, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Which steps.
    pub steps: Steps,
    /// What is left out.
    pub ablate: Option<Ablate>,
    /// A model by itself, asked once a step.
    pub is_vanilla: bool,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its index.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// s_new beside the truth, if that step was run; without a verdict if nothing was found.
    pub retrieval: Option<Option<Verdict>>,
    /// The lines of the file.
    pub lines: Vec<std::ops::Range<usize>>,
    /// s_new' beside the truth, if that step was run.
    pub migration: Option<Option<Verdict>>,
    /// What was made of it.
    pub migrated: Option<Migrated>,
    /// How often a model was asked.
    pub queries: usize,
}

/// Runs one row.
///
/// # Errors
/// Merging texts ran out of memory.
pub fn run(row: &Row, plan: Plan, mut oracle: Option<&mut dyn Oracle>) -> Result<Told> {
    let mut told = Told {
        name: row.name.clone(),
        kind: row.kind,
        retrieval: None,
        lines: Vec::new(),
        migration: None,
        migrated: None,
        queries: 0,
    };
    let mut new = Some(row.new.one.clone());
    if plan.steps != Steps::Migrate {
        let oracle = oracle.as_mut().map(|oracle| &mut **oracle as &mut dyn Oracle);
        let found = retrieve((&row.old, &row.file), plan, oracle);
        new = Some(found.text(&row.file)).filter(|text| !text.is_empty());
        told.retrieval = Some(new.as_deref().map(|text| beside(text, &row.new)));
        told.queries += found.queries;
        told.lines = found.lines;
    }
    if plan.steps != Steps::Retrieve {
        told.migration = Some(None);
        if let Some(new) = new {
            let sides = Sides { base: &row.old[..], ours: &new, theirs: &row.patched };
            let migrated = migrate(sides, plan, oracle)?;
            told.queries += migrated.queries;
            told.migration = Some(Some(beside(&migrated.text, &row.migrated)));
            told.migrated = Some(migrated);
        }
    }
    Ok(told)
}

/// A text beside what people say is right.
fn beside(text: &[u8], truth: &Truth) -> Verdict {
    judge(text, &truth.one, truth.other.as_deref())
}

/// A row in JSON.
#[derive(Serialize)]
struct Line<'t> {
    name: &'t str,
    r#type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    retrieval: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<serde_json::Value>,
    queries: usize,
}

impl Told {
    /// As a JSON line.
    pub fn json(&self) -> String {
        let verdict = |verdict: &Option<Verdict>| match verdict {
            None => serde_json::json!({"found": false}),
            Some(verdict) => serde_json::json!({
                "found": true,
                "best": verdict.closeness == Closeness::Best,
                "semantic": verdict.closeness <= Closeness::Semantic,
                "distance": verdict.distance,
            }),
        };
        let retrieval = self.retrieval.as_ref().map(|found| {
            let mut value = verdict(found);
            value["lines"] = self.lines.iter().map(|range| vec![range.start + 1, range.end]).collect();
            value
        });
        let migration = self.migration.as_ref().map(|found| {
            let mut value = verdict(found);
            if let Some(migrated) = &self.migrated {
                value["by"] = match migrated.by {
                    By::Method(method) => serde_json::json!(method),
                    By::Model => "model".into(),
                    By::Open => "open".into(),
                };
                value["doubts"] = migrated.doubts.clone().into();
                // Wrong ones are for people to read.
                if found.is_some_and(|verdict| verdict.closeness != Closeness::Best) {
                    value["text"] = String::from_utf8_lossy(&migrated.text).into();
                }
            }
            value
        });
        let kind = if self.kind == Type::One { 1 } else { 2 };
        let line = Line { name: &self.name, r#type: kind, retrieval, migration, queries: self.queries };
        serde_json::to_string(&line).expect("plain data")
    }
}
