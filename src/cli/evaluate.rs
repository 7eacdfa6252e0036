//! `git kmigrate evaluate`.

use super::args::Evaluate;
use super::words;
use super::{Exit, settings};
use crate::error::{Error, Result, io};
use crate::evaluate::calibrate::{Lesson, Scored, cross_validated, read, reliability, written};
use crate::evaluate::{Answer, evaluate, read_pairs};
use crate::git::{Git, Repo};
use crate::report::{self, Bar, Format, Manner, Verbosity};
use crate::run::{Limits, OnConflict, Options, Progress, UpstreamPolicy};
use crate::verify::confidence::Calibration;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Runs it.
pub fn run(args: &Evaluate) -> Result<Exit> {
    match args {
        Evaluate { calibrate: Some(results), known: Some(known), .. } => calibrate(results, known),
        Evaluate { cross_validate: Some(results), known: Some(known), out: Some(out), .. } => {
            cross_validate((results, known), out)
        }
        Evaluate { pairs: Some(pairs), out: Some(out), .. } => migrate(args, (pairs, out)),
        _ => Err(Error::usage("--pairs needs --out, and --calibrate and --cross-validate need --known")),
    }
}

/// Migrates the pairs.
fn migrate(args: &Evaluate, (pairs, out): (&Path, &Path)) -> Result<Exit> {
    let source = Repo::open(Git::here())?;
    let pairs = read_pairs(&text_of(pairs)?).map_err(|e| e.while_doing(pairs.display().to_string()))?;
    let place = args.repo.clone().unwrap_or_else(|| out.with_extension("git"));
    let options = Options {
        on_conflict: OnConflict::Carry,
        upstream: match args.upstream {
            Some(words::Upstream::Keep) => UpstreamPolicy::Keep,
            Some(words::Upstream::DropContent) => UpstreamPolicy::DropContent,
            Some(words::Upstream::DropNamed) => UpstreamPolicy::DropNamed,
            None | Some(words::Upstream::Drop | words::Upstream::Stop) => UpstreamPolicy::Drop,
        },
        methods: settings::methods(&source, args.methods.as_ref())?,
        look_up: settings::look_up(&source, args.look_up)?,
        limits: Limits::default(),
    };
    let manner = Manner { format: Format::Text, verbosity: Verbosity::Normal, progress: Progress::Auto };
    let bar = Bar::new(manner, pairs.len());
    let answers = evaluate((&source, &place), &pairs, &options, &|| bar.tick());
    bar.finish();
    let answers = answers?;
    write(out, &answers)?;
    report::say(&format!("{} pairs; their commits are in {}\n", answers.len(), place.display()))?;
    Ok(Exit::Done)
}

/// Fits the coefficients.
fn calibrate(results: &Path, known: &Path) -> Result<Exit> {
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
fn cross_validate((results, known): (&Path, &Path), out: &Path) -> Result<Exit> {
    let (answers, scored) = scored_answers(results, known)?;
    let judged = cross_validated(&answers, &scored);
    write(out, &judged)?;
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

fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(io(path.display()))
}

/// A line for each answer, all or nothing.
fn write(place: &Path, answers: &[Answer]) -> Result<()> {
    let mut lines = Vec::new();
    for answer in answers {
        serde_json::to_writer(&mut lines, answer).expect("an answer is plain data");
        lines.push(b'\n');
    }
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = tempfile::NamedTempFile::new_in(folder).map_err(io(folder.display()))?;
    out.write_all(&lines).map_err(io(place.display()))?;
    out.persist(place).map_err(|e| io(place.display())(e.error))?;
    Ok(())
}
