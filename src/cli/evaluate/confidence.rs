//! `git kmigrate evaluate --calibrate` and `--cross-validate`: how the confidence is fitted, and how good it is.

use super::super::Exit;
use super::super::output::write;
use super::{lines_of, text_of};
use crate::error::{Error, Result};
use crate::evaluate::Answer;
use crate::evaluate::calibrate::{Lesson, Scored, cross_validated, read, reliability, written};
use crate::report::{self, Judged};
use crate::verify::confidence::Calibration;
use std::path::Path;

/// Fits the coefficients.
pub fn calibrate(results: &Path, known: &Path) -> Result<Exit> {
    let (answers, scored) = scored_answers(results, known)?;
    let lesson = Lesson::of(&answers, &scored);
    if lesson.is_empty() {
        return Err(Error::fatal("no file of the results is among the scores")
            .hint("the scores' ids are <pair>:<path>, with the pairs of the results"));
    }
    report::say(&written(&lesson.calibrate(Calibration::shipped()), &lesson))?;
    Ok(Exit::Done)
}

/// Judges each answer by what the other data sets teach.
pub fn cross_validate((results, known): (&Path, &Path), out: &Path, html: Option<&Path>) -> Result<Exit> {
    let (answers, scored) = scored_answers(results, known)?;
    let judged = cross_validated(&answers, &scored);
    write(out, &lines_of(&judged))?;
    let mut table = "confidence   files   mean   right\n".to_owned();
    for (bin, of) in reliability(&judged, &scored).iter().enumerate().filter(|(_, of)| of.files > 0) {
        table.push_str(&format!("from 0.{bin}     {:>6}  {:.3}   {:.3}\n", of.files, of.likely, of.right));
    }
    if let Some(html) = html {
        write(html, page(&judged, &scored).as_bytes())?;
    }
    report::say(&table)?;
    Ok(Exit::Done)
}

/// The plots.
fn page(answers: &[Answer], scored: &[Scored]) -> String {
    let lesson = Lesson::of(answers, scored);
    let files = lesson.files().filter_map(|(file, scored)| {
        Some(Judged {
            likely: file.confidence?,
            right: scored.order,
            group: report::json_word(&file.method),
            predicted: file.predicted_distance.unwrap_or(0.0),
            distance: scored.distance,
        })
    });
    let commits = lesson.commits().filter_map(|(answer, scored)| {
        Some(Judged {
            likely: answer.confidence?,
            right: scored.iter().all(|one| one.order),
            group: report::json_word(&answer.status),
            predicted: answer.predicted_distance.unwrap_or(0.0),
            distance: scored.iter().map(|one| one.distance).sum(),
        })
    });
    let sections = [("files", files.collect()), ("commits", commits.collect())];
    report::figures("How sure, and how right: each data set judged by what the others teach", &sections)
}

fn scored_answers(results: &Path, known: &Path) -> Result<(Vec<Answer>, Vec<Scored>)> {
    let place = |path: &Path| {
        let path = path.display().to_string();
        move |e: Error| e.while_doing(path)
    };
    Ok((read(&text_of(results)?).map_err(place(results))?, read(&text_of(known)?).map_err(place(known))?))
}
