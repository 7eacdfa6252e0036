//! CALIBRATION: how the confidence in a file or a commit is fitted to answers that somebody else has scored.
//!
//! In: what `evaluate` wrote, and the scorer's line for each file. Out: a [`Calibration`], or, for figures that can be quoted, every
//! answer with the confidence that a calibration without its own data set gives it.

use super::Answer;
use super::logistic::{Known, fit};
use crate::error::{Error, Result};
use crate::run::FileOutcome;
use crate::verify::confidence::{COMMIT_FEATURES, Calibration, Confidence, FEATURES, Sort, commit_values, own_signals};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the scorer says of one file of a pair.
#[derive(Clone, Debug, Deserialize)]
pub struct Scored {
    /// `pair:path`.
    pub id: String,
    /// The pair.
    pub pair: String,
    /// The data set that it is of.
    pub dataset: String,
    /// The answer has the same lines at the same places.
    pub order: bool,
    /// Line edit distance to the truth.
    pub distance: f64,
}

/// Reads a JSON object a line.
///
/// # Errors
/// A line is none; it is named.
pub fn read<T: for<'d> Deserialize<'d>>(text: &str) -> Result<Vec<T>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parse = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|e| Error::fatal(format!("line {}: {e}", at + 1)))
    };
    lines.map(parse).collect()
}

/// Answers beside what the scorer says of their files.
pub struct Lesson<'a> {
    answers: Vec<(&'a Answer, Vec<&'a Scored>)>,
}

impl<'a> Lesson<'a> {
    /// Puts together what belongs together; answers that nobody scored teach nothing.
    pub fn of(answers: &'a [Answer], scored: &'a [Scored]) -> Self {
        let mut by_pair: BTreeMap<&str, Vec<&Scored>> = BTreeMap::new();
        scored.iter().for_each(|one| by_pair.entry(&one.pair).or_default().push(one));
        let each = |answer: &'a Answer| Some((answer, by_pair.remove(answer.pair.as_str())?));
        Self { answers: answers.iter().filter_map(each).collect() }
    }

    /// The data sets that it has something of.
    pub fn datasets(&self) -> BTreeSet<&'a str> {
        self.answers.iter().filter_map(|(_, scored)| Some(scored.first()?.dataset.as_str())).collect()
    }

    /// How many files are scored.
    pub fn len(&self) -> usize {
        self.files().count()
    }

    /// Is there nothing to learn from?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Without one data set.
    fn without(&self, dataset: &str) -> Self {
        let kept = self.answers.iter().filter(|(_, scored)| scored.first().is_none_or(|s| s.dataset != dataset));
        Self { answers: kept.cloned().collect() }
    }

    /// The answers that were scored, with the scores of their files.
    pub fn commits(&self) -> impl Iterator<Item = (&'a Answer, &[&'a Scored])> {
        self.answers.iter().map(|(answer, scored)| (*answer, scored.as_slice()))
    }

    /// The files that were scored.
    pub fn files(&self) -> impl Iterator<Item = (&'a FileOutcome, &'a Scored)> {
        let of = |(answer, scored): &(&'a Answer, Vec<&'a Scored>)| {
            let answer: &'a Answer = answer;
            let find = move |one: &&'a Scored| {
                let path = one.id.strip_prefix(&one.pair)?.strip_prefix(':')?;
                let file = answer.files.iter().find(|f| f.path == path || f.path_old.as_deref() == Some(path))?;
                Some((file, *one))
            };
            scored.iter().filter_map(find).collect::<Vec<_>>()
        };
        self.answers.iter().flat_map(of)
    }

    /// Fits all coefficients; what the lesson holds nothing of is taken from `known`.
    pub fn calibrate(&self, known: &Calibration) -> Calibration {
        let mut found: BTreeMap<String, f64> = BTreeMap::new();
        for sort in [Sort::AddedC, Sort::Added, Sort::Whole] {
            found.insert(sort.name().to_owned(), known.get(sort.name()));
        }
        found.insert(Sort::Taken.name().to_owned(), self.taken());
        let merged = self.files().filter_map(|(file, scored)| Some((own_signals(file)?, scored.order)));
        let merged = merged.map(|(s, right)| Known { values: FEATURES.iter().map(|f| (f.value)(&s)).collect(), right });
        let merged: Vec<Known> = merged.collect();
        let names = FEATURES.iter().map(|f| f.name);
        found.extend(named("file", names, fit(&merged)));
        for (at, feature) in FEATURES.iter().enumerate() {
            let name = format!("file.{}", feature.name);
            if merged.iter().all(|one| one.values[at].total_cmp(&merged[0].values[at]).is_eq()) {
                found.insert(name.clone(), known.get(&name));
            }
        }
        let files = Calibration::of(found.clone());
        found.insert("distance.doubt".to_owned(), self.lines_of_a_doubt(&files));
        let commits = self.answers.iter().filter_map(|(answer, scored)| {
            let all = confidences(&files, answer);
            // One with a single file is as sure as that.
            let values = commit_values(&all).filter(|_| all.len() > 1)?.to_vec();
            Some(Known { values, right: scored.iter().all(|one| one.order) })
        });
        found.extend(named("commit", COMMIT_FEATURES.into_iter(), fit(&commits.collect::<Vec<_>>())));
        Calibration::of(found)
    }

    /// The log-odds of a file that upstream left alone: the share of right ones, with one more of each kind.
    fn taken(&self) -> f64 {
        let mut counts = [1.0, 1.0];
        for (file, scored) in self.files() {
            if file.signals.is_none() && Sort::of(file) == Sort::Taken {
                counts[usize::from(scored.order)] += 1.0;
            }
        }
        f64::ln(counts[1] / counts[0])
    }

    /// How many lines a doubt costs where it is justified: the value for which the predictions are off by the fewest lines.
    fn lines_of_a_doubt(&self, files: &Calibration) -> f64 {
        let mut ratios = Vec::new();
        for (file, scored) in self.files() {
            let Some((signals, confidence)) = file.signals.zip(files.file(file)) else { continue };
            let expected = (1.0 - confidence.likely) * signals.doubted();
            if expected > 0.0 {
                ratios.push(((scored.distance - lines(signals.rework)) / expected, expected));
            }
        }
        weighted_median(ratios).max(0.0)
    }
}

/// The answers, each with the confidence that the others' data sets give it.
pub fn cross_validated(answers: &[Answer], scored: &[Scored]) -> Vec<Answer> {
    let lesson = Lesson::of(answers, scored);
    let dataset_of: BTreeMap<&str, &str> = scored.iter().map(|s| (s.pair.as_str(), s.dataset.as_str())).collect();
    let mut fitted = BTreeMap::new();
    for dataset in lesson.datasets() {
        fitted.insert(dataset, lesson.without(dataset).calibrate(Calibration::shipped()));
    }
    let judged = |answer: &Answer| {
        let mut answer = answer.clone();
        if let Some(calibration) = dataset_of.get(answer.pair.as_str()).and_then(|dataset| fitted.get(dataset)) {
            judge(&mut answer, calibration);
        }
        answer
    };
    answers.iter().map(judged).collect()
}

fn judge(answer: &mut Answer, calibration: &Calibration) {
    let commit = calibration.commit(&confidences(calibration, answer));
    answer.confidence = commit.map(|c| c.likely);
    answer.predicted_distance = commit.and_then(|c| c.distance);
    for file in &mut answer.files {
        let confidence = calibration.file(file);
        file.confidence = confidence.map(|c| c.likely);
        file.predicted_distance = confidence.and_then(|c| c.distance);
    }
}

fn confidences(calibration: &Calibration, answer: &Answer) -> Vec<Confidence> {
    answer.files.iter().filter_map(|file| calibration.file(file)).collect()
}

/// Coefficients with their names; the first is that of one.
fn named<'n>(
    of: &'n str,
    names: impl Iterator<Item = &'n str> + 'n,
    found: Vec<f64>,
) -> impl Iterator<Item = (String, f64)> + 'n {
    std::iter::once("one").chain(names).zip(found).map(move |(name, value)| (format!("{of}.{name}"), value))
}

/// The value that half of the weight is at or below; 0 of nothing.
fn weighted_median(mut values: Vec<(f64, f64)>) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|v| v.1).sum::<f64>() / 2.0;
    let mut weight = 0.0;
    let at_half = values.iter().find(|v| {
        weight += v.1;
        weight >= half
    });
    at_half.map_or(0.0, |v| v.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
fn lines(count: usize) -> f64 {
    count as f64
}

/// The text of a calibration, as it is read.
pub fn written(calibration: &Calibration, lesson: &Lesson<'_>) -> String {
    let mut text = format!(
        "# How sure one can be of a file, of a commit: log-odds that a maintainer would change nothing.\n\
         # Fitted to {} files of {} commits; written by:\n\
         #   git kmigrate evaluate --calibrate <results> --known <scores>\n\
         # file.* and commit.* are the coefficients of a logistic model; taken is the log-odds of a file that upstream left alone.\n\
         # Not fitted: of 1,368 files that 35 series add 43 % of the C files and 66 % of the others stayed as they were (added.c, added),\n\
         # and a file in conflict as a whole (whole) is next to never left as it is. What was the same in all answers keeps its figure.\n\
         # file.model, file.agreement and file.tokens wait for scored answers of a model: set so that one answer to one question, with\n\
         # the doubt that each carries, is right in about four of ten files, and full agreement makes that six, none two.\n",
        lesson.len(),
        lesson.answers.len(),
    );
    for (name, value) in calibration.entries() {
        text.push_str(&format!("{name} {value:.4}\n"));
    }
    text
}

/// The files whose confidence lies in the same tenth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// How many.
    pub files: usize,
    /// Their mean confidence.
    pub likely: f64,
    /// The share of them that was right.
    pub right: f64,
}

/// Ten of them, from 0 to 1.
pub fn reliability(answers: &[Answer], scored: &[Scored]) -> Vec<Bin> {
    let mut bins = vec![Bin::default(); 10];
    for (file, scored) in Lesson::of(answers, scored).files() {
        let Some(likely) = file.confidence else { continue };
        let tenths = (1..10).filter(|tenth| likely * 10.0 >= f64::from(*tenth)).count();
        let bin = &mut bins[tenths];
        bin.files += 1;
        bin.likely += likely;
        bin.right += f64::from(u8::from(scored.order));
    }
    for bin in &mut bins {
        let files = lines(bin.files.max(1));
        (bin.likely, bin.right) = (bin.likely / files, bin.right / files);
    }
    bins
}
