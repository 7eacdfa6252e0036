//! How sure of a commit: each of its files and the whole get their confidence, and what is below the run's limits is to review.

use crate::merge::Evidence;
use crate::run::{Flag, Limits, Outcome, Status};
use crate::verify::confidence::{Calibration, reasons};

/// Writes the confidence of each file and of the commit down, and raises the flag where it is too low.
pub fn judge(outcome: &mut Outcome, limits: Limits) {
    let calibration = Calibration::shipped();
    let (findings, files) = (outcome.findings.len(), outcome.files.len());
    let mut known = Vec::new();
    for file in &mut outcome.files {
        if let Some(signals) = &mut file.signals {
            (signals.findings, signals.files) = (findings, files);
        }
        let Some(confidence) = calibration.file(file) else { continue };
        file.reasons = reasons(file);
        file.confidence = Some(confidence.likely);
        file.predicted_distance = Some(confidence.distance);
        known.push(confidence);
    }
    // Whether upstream has it is not what the figures are about.
    if outcome.status == Status::Upstream {
        return;
    }
    let Some(commit) = calibration.commit(&known) else { return };
    outcome.confidence = Some(commit.likely);
    outcome.predicted_distance = Some(commit.distance);
    let said = match (limits.min_confidence, limits.max_distance) {
        (Some(least), _) if commit.likely < least => {
            format!("confidence {:.2} is below the {least} that was asked for", commit.likely)
        }
        (_, Some(most)) if commit.distance > most => {
            format!("about {:.1} lines are expected to change, and at most {most} were asked for", commit.distance)
        }
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
