//! MigGPT's tables 1 (retrieval), 2 (migration) and 4 (how far failures are off), for one method.

use super::{By, Told, Type};
use crate::evaluate::metrics::{Miss, Tally, Verdict};
use std::fmt::Write;

/// A column group.
const GROUPS: [(&str, Option<Type>); 3] = [("Type 1", Some(Type::One)), ("Type 2", Some(Type::Two)), ("All", None)];

/// The tables as text; `method` names who was measured.
pub fn tables(method: &str, told: &[Told]) -> String {
    let mut out = String::new();
    if told.iter().any(|row| row.retrieval.is_some()) {
        shares(&mut out, ("Table 1: retrieval (s_new)", method), &tallies(told, |row| row.retrieval.flatten()));
    }
    if told.iter().any(|row| row.migration.is_some()) {
        let all = tallies(told, |row| row.migration.flatten());
        shares(&mut out, ("Table 2: migration (s_new')", method), &all);
        distances(&mut out, &all);
        made(&mut out, told);
    }
    let queries: usize = told.iter().map(|row| row.queries).sum();
    let mean = ratio(queries, told.len());
    // Writing to memory does not fail.
    let _ = writeln!(out, "queries per sample: {mean:.2} ({queries} in all)");
    out
}

/// The sums of a step, by group.
fn tallies(told: &[Told], verdict: impl Fn(&Told) -> Option<Verdict>) -> Vec<(&'static str, Tally)> {
    let group = |(name, kind): &(&'static str, Option<Type>)| {
        let rows: Vec<&Told> = told.iter().filter(|row| kind.is_none_or(|kind| kind == row.kind)).collect();
        let mut tally = Tally::over(rows.len());
        rows.iter().filter_map(|row| verdict(row)).for_each(|verdict| tally.add(&verdict));
        (*name, tally)
    };
    GROUPS.iter().map(group).collect()
}

/// Best and semantic match by group.
fn shares(out: &mut String, (title, method): (&str, &str), all: &[(&str, Tally)]) {
    let _ = writeln!(out, "{title}");
    let head: String =
        all.iter().map(|(name, tally)| format!("{:>22}", format!("{name} ({})", tally.samples()))).collect();
    let _ = writeln!(out, "  {:<24}{head}", "");
    let _ = writeln!(out, "  {:<24}{}", "", "        best  semantic".repeat(all.len()));
    let cells: String = all
        .iter()
        .map(|(_, t)| format!("{:>10.2} % {:>7.2} %", 100.0 * t.best_share(), 100.0 * t.semantic_share()))
        .collect();
    let _ = writeln!(out, "  {method:<24}{cells}");
    let cells: String = all.iter().map(|(_, t)| format!("{:>10}   {:>7}  ", t.best(), t.semantic())).collect();
    let _ = writeln!(out, "  {:<24}{cells}", "  (samples)");
    let missing: String = all.iter().map(|(_, t)| format!("{:>22}", t.unanswered())).collect();
    let _ = writeln!(out, "  {:<24}{missing}\n", "  (no answer)");
}

/// Line edit distance of what is no best match, by type.
fn distances(out: &mut String, all: &[(&str, Tally)]) {
    let _ = writeln!(
        out,
        "Table 4: line edit distance of what is no best match (with distance 0: only line breaks differ)"
    );
    let head: String = Miss::ALL.iter().map(|miss| format!("{:>8}", miss.label())).collect();
    let _ = writeln!(out, "  {:<24}{head}{:>8}{:>12}", "", "none", "all");
    for (name, tally) in all {
        let cells: String = tally.misses().map(|(_, count)| format!("{count:>8}")).collect();
        let failed = tally.samples() - tally.best();
        let _ = writeln!(out, "  {name:<24}{cells}{:>8}{failed:>12}", tally.unanswered());
    }
    let _ = writeln!(out);
}

/// Who made the answers, and how many of each are best matches.
fn made(out: &mut String, told: &[Told]) {
    let name = |by: By| match by {
        By::Method(method) => format!("{method:?}").to_ascii_lowercase(),
        By::Model => "model".to_owned(),
        By::Open => "left open".to_owned(),
    };
    let mut rows: std::collections::BTreeMap<String, (usize, usize)> = std::collections::BTreeMap::new();
    for row in told {
        let (Some(migrated), Some(Some(verdict))) = (&row.migrated, row.migration) else { continue };
        let is_doubted = !migrated.doubts.is_empty() && matches!(migrated.by, By::Method(_));
        let key = format!("{}{}", name(migrated.by), if is_doubted { ", in doubt" } else { "" });
        let count = rows.entry(key).or_default();
        count.0 += 1;
        count.1 += usize::from(verdict.closeness == crate::evaluate::metrics::Closeness::Best);
    }
    let _ = writeln!(out, "Made by                      samples    best match");
    for (name, (all, best)) in rows {
        let _ = writeln!(out, "  {name:<24}{all:>10}{best:>10} ({:.1} %)", 100.0 * ratio(best, all));
    }
    let _ = writeln!(out);
}

/// A share, 0 of nothing.
#[allow(clippy::cast_precision_loss)]
fn ratio(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}
