//! What a model was asked of a file and what it said, as the page shows it: word for word, from the record.

use super::cut::cut;
use crate::error::Result;
use crate::git::{Repo, Store};
use crate::run::FileOutcome;
use serde::Serialize;

/// A question and its answer.
#[derive(Serialize)]
pub struct Exchange {
    /// The hunk's first line in upstream's file, from 1.
    line: usize,
    /// The beginning of the question's object id, by which notes name it.
    id: String,
    /// What was asked.
    question: String,
    /// What came back.
    answer: String,
    /// Why it was not taken; `None` if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// What was asked of a file, in order; what is not in this repository is left out.
///
/// # Errors
/// An object is damaged.
pub fn exchanges((repo, store): (&Repo, &mut Store), file: &FileOutcome) -> Result<Vec<Exchange>> {
    let mut all = Vec::with_capacity(file.asked.len());
    for asked in &file.asked {
        let mut read = |hex: &str| {
            let id = repo.parse_id(hex.as_bytes()).filter(|id| store.has(*id));
            id.map(|id| store.blob(id).map(|blob| cut(&blob.data))).transpose()
        };
        let (Some(question), Some(answer)) = (read(&asked.prompt)?, read(&asked.answer)?) else { continue };
        let id = asked.prompt.chars().take(12).collect();
        all.push(Exchange { line: asked.line, id, question, answer, refused: asked.refused.clone() });
    }
    Ok(all)
}
