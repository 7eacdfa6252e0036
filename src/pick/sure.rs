//! What became of a commit's files, and how sure one can be of each and of the whole: what is below the run's limits is to review.

use super::file_merge::FileMerge;
use super::note::Look;
use crate::merge::Evidence;
use crate::run::{FileOutcome, FileResult, Finding, Flag, Limits, Method, Outcome, Status};
use crate::verify::confidence::{Calibration, Confidence, reasons};

/// Writes down what became of the files, and raises the flags that follow.
pub fn describe(outcome: &mut Outcome, files: &[FileMerge]) {
    // What makes the whole commit doubtful; a doubt about one file is no doubt about another.
    let shaky = outcome.has(Flag::ToReview) || outcome.has(Flag::Provisional);
    for file in files {
        match file.method {
            Method::Text | Method::Line | Method::Token | Method::Relocated | Method::Rewritten | Method::Driver => {}
            Method::Remembered => outcome.raise(Flag::Remembered),
            Method::Model => outcome.raise(Flag::Assisted),
            Method::ByHand => outcome.raise(Flag::ByHand),
        }
        if file.partly_upstream {
            outcome.raise(Flag::PartlyUpstream);
        }
        let mut told = file.outcome();
        let sure = rate(&mut told, (&outcome.findings, files.len()));
        let look = file.look(sure.map(|sure| sure.likely));
        if look == Look::Asked {
            outcome.raise(Flag::ToReview);
        }
        outcome.evidence.extend(file.evidence(look));
        told.accepted = !shaky && look == Look::Spared && told.result != FileResult::Conflict;
        outcome.files.push(told);
    }
    outcome.files.sort_by(|a, b| a.path.cmp(&b.path));
}

/// Writes down how sure one can be of a file of a commit with these findings and so many files, and why; nothing, if a person settled it.
fn rate(file: &mut FileOutcome, (findings, files): (&[Finding], usize)) -> Option<Confidence> {
    let path = |finding: &Finding| Some(finding.said.place.as_deref()?.rsplit_once(':')?.0 == file.path);
    file.findings = findings.iter().filter(|finding| path(finding) == Some(true)).count();
    if let Some(signals) = &mut file.signals {
        (signals.findings, signals.files) = (findings.len(), files);
    }
    let sure = Calibration::shipped().file(file)?;
    file.reasons = reasons(file);
    (file.confidence, file.predicted_distance) = (Some(sure.likely), sure.distance);
    Some(sure)
}

/// Writes the confidence in a commit whose files are described down, and raises the flag where it is too low.
pub fn judge(outcome: &mut Outcome, limits: Limits) {
    let sure = |file: &FileOutcome| Some(Confidence { likely: file.confidence?, distance: file.predicted_distance });
    let known: Vec<Confidence> = outcome.files.iter().filter_map(sure).collect();
    // Whether upstream has it is not what the figures are about.
    if outcome.status == Status::Upstream {
        return;
    }
    let Some(commit) = Calibration::shipped().commit(&known) else { return };
    outcome.confidence = Some(commit.likely);
    outcome.predicted_distance = commit.distance;
    let said = match (limits.min_confidence, limits.max_distance) {
        (Some(least), _) if commit.likely < least => {
            format!("confidence {:.2} is below the {least} that was asked for", commit.likely)
        }
        (_, Some(most)) => match commit.distance {
            Some(lines) if lines > most => {
                format!("about {lines:.1} lines are expected to change, and at most {most} were asked for")
            }
            _ => return,
        },
        _ => return,
    };
    outcome.evidence.push(Evidence::new(said));
    outcome.raise(Flag::ToReview);
    outcome.files.iter_mut().for_each(|file| file.accepted = false);
}

/// Takes the figures of the commit back: it turned out to be upstream's.
pub fn forget(outcome: &mut Outcome) {
    (outcome.confidence, outcome.predicted_distance) = (None, None);
}
