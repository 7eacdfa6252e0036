//! `git kmigrate evaluate --calibrate` and `--cross-validate`: how the confidence is fitted, and how good it is.

use super::super::Exit;
use super::{lines_of, text_of, write};
use crate::error::{Error, Result};
use crate::evaluate::Answer;
use crate::evaluate::calibrate::{Lesson, Scored, cross_validated, read, reliability, written};
use crate::report;
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
pub fn cross_validate((results, known): (&Path, &Path), out: &Path) -> Result<Exit> {
    let (answers, scored) = scored_answers(results, known)?;
    let judged = cross_validated(&answers, &scored);
    write(out, &lines_of(&judged))?;
    let mut table = "confidence   files   mean   right\n".to_owned();
    for (bin, of) in reliability(&judged, &scored).iter().enumerate().filter(|(_, of)| of.files > 0) {
        table.push_str(&format!("from 0.{bin}     {:>6}  {:.3}   {:.3}\n", of.files, of.likely, of.right));
    }
    report::say(&table)?;
    Ok(Exit::Done)
}

fn scored_answers(results: &Path, known: &Path) -> Result<(Vec<Answer>, Vec<Scored>)> {
    let place = |path: &Path| {
        let path = path.display().to_string();
        move |e: Error| e.while_doing(path)
    };
    Ok((read(&text_of(results)?).map_err(place(results))?, read(&text_of(known)?).map_err(place(known))?))
}
