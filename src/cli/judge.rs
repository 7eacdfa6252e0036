//! `git kmigrate judge`: an answer beside what people wrote, by the measures of the field.

use super::Exit;
use super::args::Judge;
use crate::error::{Result, io};
use crate::evaluate::metrics::{Closeness, Miss, code_bleu, judge};
use crate::report;
use std::fs;

/// Runs it.
pub fn run(args: &Judge) -> Result<Exit> {
    let read = |path: &std::path::PathBuf| fs::read(path).map_err(io(path.display()));
    let answer = read(&args.answer)?;
    let truth = read(&args.truth)?;
    let other = args.other_truth.as_ref().map(read).transpose()?;
    let verdict = judge(&answer, &truth, other.as_deref());
    let best = verdict.closeness == Closeness::Best;
    let parts = code_bleu(&answer, &truth);
    let said = serde_json::json!({
        "best_match": best,
        "semantic_match": verdict.closeness <= Closeness::Semantic,
        "line_edit_distance": verdict.distance,
        "bin": (!best).then(|| Miss::of(verdict.distance).label()),
        "codebleu": parts.map(|p| serde_json::json!({
            "score": p.score(),
            "ngram_match": p.n_gram,
            "weighted_ngram_match": p.weighted_n_gram,
            "syntax_match": p.syntax,
            "dataflow_match": p.data_flow,
        })),
    });
    report::say(&format!("{said}\n"))?;
    Ok(Exit::Done)
}
