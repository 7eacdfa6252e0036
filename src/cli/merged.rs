//! `git kmigrate report --merge`: what many runs told, in one report. It needs no repository.

use super::args::Report;
use super::output::write;
use super::{Exit, input};
use crate::error::{Error, Result};
use crate::report::merged::{self, Part};
use crate::report::{self as room};
use crate::run::{Last, told};
use std::path::Path;

/// Runs it. It exits with 1 if a run did not end: what it would have told is missing from every count.
pub fn run(args: &Report) -> Result<Exit> {
    let mut parts = Vec::new();
    for file in &args.merge {
        parts.extend(read(file)?);
    }
    refuse_twice(&parts)?;
    if let Some(place) = &args.junit {
        write(place, merged::junit(&parts).as_bytes())?;
    }
    match (args.json, args.markdown, &args.junit) {
        (true, ..) => room::say(&merged::json_lines(&parts))?,
        (_, true, _) => room::say(&merged::markdown(&parts))?,
        (_, _, Some(_)) => {}
        _ => room::say(&merged::text(&parts))?,
    }
    let open: Vec<&Part> = parts.iter().filter(|part| part.told.last.is_none()).collect();
    for part in &open {
        room::warn(&format!(
            "{}: the run did not end, {} of its commits are here",
            part.file,
            part.told.outcomes.len()
        ));
    }
    Ok(if open.is_empty() { Exit::Done } else { Exit::Unsettled })
}

fn read(file: &Path) -> Result<Vec<Part>> {
    let text = input::bytes(file)?;
    let name = file.display().to_string();
    let runs = told(&text).map_err(|wrong| {
        Error::fatal(format!("{}:{}: {}", name, wrong.line, wrong.why))
            .hint("report --merge reads what git kmigrate --json writes, one run after the other")
    })?;
    Ok(runs.into_iter().map(|told| Part { file: name.clone(), told }).collect())
}

/// One run in two files would be counted twice.
fn refuse_twice(parts: &[Part]) -> Result<()> {
    let key = |last: &Last| (last.source.clone(), last.base.clone(), last.onto.clone(), last.branch.clone());
    for (at, part) in parts.iter().enumerate() {
        let Some(last) = &part.told.last else { continue };
        let same = |other: &&Part| other.told.last.as_ref().is_some_and(|other| key(other) == key(last));
        if let Some(other) = parts[..at].iter().find(same) {
            let (source, onto) = (&last.source, last.onto_name());
            return Err(Error::fatal(format!("{} and {} both tell of {source} onto {onto}", other.file, part.file))
                .hint("give the newer one alone, or all of its commits are counted twice"));
        }
    }
    Ok(())
}
