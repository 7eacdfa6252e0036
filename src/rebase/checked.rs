//! What building said of commits, put to their outcomes: in a walk, when a record is read, and right after a check.
//!
//! In: what a run keeps of its checks, by new commit. Out: outcomes with `check`, findings and flags. A commit that does not build is to
//! review until a person accepts it as it comes out; then it still says so. Putting the same twice changes nothing.

use super::{OpenRun, seen};
use crate::error::{Result, io};
use crate::git::{Repo, Store};
use crate::run::{Built, Checks, Decisions, FindingKind, Flag, Inputs, Kept, Outcome, Record, Verdict};
use crate::verify::confidence::HOPELESS;

/// Puts what a run keeps of its checks to the outcomes of its record.
///
/// # Errors
/// A commit of the record is gone.
pub fn tell_checks((repo, store): (&Repo, &mut Store), run: &OpenRun, record: &mut Record) -> Result<()> {
    let checks = Checks::open(run.dir());
    if checks.is_empty() {
        return Ok(());
    }
    let decisions = run.decisions();
    let Record { inputs, outcomes } = record;
    for outcome in outcomes {
        tell((repo, store), (inputs, &decisions, &checks), outcome)?;
    }
    Ok(())
}

/// Keeps what a check came to in a run's folder.
///
/// # Errors
/// The disk.
pub fn keep_checks(run: &OpenRun, new: Vec<(String, Kept)>) -> Result<Checks> {
    let mut checks = Checks::open(run.dir());
    new.into_iter().for_each(|(commit, kept)| checks.put(commit, kept));
    checks.keep(run.dir()).map_err(io(run.dir().display()))?;
    Ok(checks)
}

/// Puts what is known of its new commit to an outcome.
pub(super) fn tell(
    (repo, store): (&Repo, &mut Store),
    (inputs, decisions, checks): (&Inputs, &Decisions, &Checks),
    outcome: &mut Outcome,
) -> Result<()> {
    let Some(kept) = outcome.new.as_deref().and_then(|new| checks.of(new)) else { return Ok(()) };
    let accepted = is_told(kept) && {
        // What came out does not depend on the commits before, as it is there.
        let record = Record { inputs: inputs.clone(), outcomes: Vec::new() };
        decisions.accepts(&outcome.old, seen((repo, store), &record, outcome)?)
    };
    put(outcome, kept, accepted);
    Ok(())
}

fn put(outcome: &mut Outcome, kept: &Kept, accepted: bool) {
    outcome.findings.retain(|finding| !matches!(finding.kind, FindingKind::Build | FindingKind::Analysis));
    outcome.findings.extend(kept.findings.iter().cloned());
    for file in &mut outcome.files {
        let stem = file.path.rsplit_once('.').map_or(file.path.as_str(), |(stem, _)| stem);
        let target = kept.checked.targets.iter().find(|t| t.target.strip_suffix(".o") == Some(stem));
        let built = match target.map(|target| target.verdict) {
            Some(Verdict::Passed) => Some(Built::Passed),
            Some(Verdict::Failed) => Some(Built::Failed),
            _ => None,
        };
        if let Some(signals) = &mut file.signals {
            signals.built = built;
        }
        if built == Some(Built::Failed) {
            file.accepted &= accepted;
            if !accepted {
                (file.confidence, file.predicted_distance) = hopeless(file.predicted_distance);
            }
            let said = "it does not compile".to_owned();
            if !file.reasons.contains(&said) {
                file.reasons.push(said);
            }
        }
    }
    if kept.checked.verdict == Verdict::Failed && !accepted {
        (outcome.confidence, outcome.predicted_distance) = hopeless(outcome.predicted_distance);
    }
    if is_told(kept) && !accepted {
        outcome.raise(Flag::ToReview);
    }
    outcome.check = Some(kept.checked.clone());
}

/// Confidence and distance of what does not compile: a line must change, at least.
fn hopeless(distance: Option<f64>) -> (Option<f64>, Option<f64>) {
    (Some(HOPELESS), Some(distance.unwrap_or(0.0).max(1.0)))
}

/// Is there something that a person has to look at?
fn is_told(kept: &Kept) -> bool {
    kept.checked.verdict == Verdict::Failed || !kept.findings.is_empty()
}
