//! `git kmigrate accept --from FILE`: what a reviewer ticked on the page of `report --html`, as far as the same still comes out.

use super::super::args::Accept;
use super::super::{Exit, input};
use super::{Opened, open, refuse_open};
use crate::error::{Error, Result};
use crate::git::Writes;
use crate::rebase::outcome_id;
use crate::report;
use crate::run::{Flag, Outcome};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the file calls itself.
const KIND: &str = "git-kmigrate reviewed";
/// Version of the file that is read.
const VERSION: u32 = 1;

/// The file.
#[derive(Deserialize)]
struct Ticks {
    kind: String,
    schema_version: u32,
    run: String,
    commits: Vec<Tick>,
}

/// A commit that was ticked.
#[derive(Deserialize)]
struct Tick {
    n: usize,
    old: String,
    /// What was seen of it ([`outcome_id`]).
    outcome: String,
    #[serde(default)]
    subject: String,
}

/// Accepts what was ticked and is to review; says by name what has come out otherwise since, and then exits 1.
pub fn accept(args: &Accept, file: &Path) -> Result<Exit> {
    let ticks = read(file)?;
    let opened = open(args.run.run.as_deref())?;
    let branch = opened.run.inputs()?.branch.clone();
    if ticks.run != branch {
        return Err(Error::fatal(format!("{} is of the run of '{}', not of '{branch}'", file.display(), ticks.run))
            .hint(format!("name the run: git kmigrate accept --run={} --from {}", ticks.run, file.display())));
    }
    let (chosen, refused) = sorted(&opened, &ticks)?;
    for line in &refused {
        report::warn(line);
    }
    let by_old = by_old(&opened);
    let rest = |tick: &&Tick| {
        by_old.get(tick.old.as_str()).is_some_and(|o| !o.has(Flag::ToReview) && o.has(Flag::Provisional))
    };
    let resting = ticks.commits.iter().filter(rest).count();
    if resting > 0 {
        report::warn(&format!(
            "{resting} ticked commits rest on open conflicts, and need nothing but that these are settled"
        ));
    }
    let operations = opened.acceptances(&chosen)?;
    if operations.is_empty() {
        return Err(Error::fatal(format!("nothing in {} is to accept", file.display()))
            .hint("see git kmigrate list --open; a new page is made by git kmigrate report --html"));
    }
    let done = opened.decide(operations, "accepted")?;
    Ok(if refused.is_empty() { done } else { Exit::Unsettled })
}

/// The commits to accept, and of each other one why it is not. A tick on what needs nobody says nothing.
fn sorted<'o>(opened: &'o Opened, ticks: &Ticks) -> Result<(Vec<&'o Outcome>, Vec<String>)> {
    let by_old = by_old(opened);
    let mut store = opened.repo.store(Writes::Nowhere)?;
    let (mut chosen, mut refused) = (Vec::new(), Vec::new());
    for tick in &ticks.commits {
        let short = tick.old.get(..12).unwrap_or(&tick.old);
        let name = format!("commit {} ({short} {})", tick.n, tick.subject.escape_debug());
        let Some(outcome) = by_old.get(tick.old.as_str()) else {
            refused.push(format!("{name} is not in this run"));
            continue;
        };
        if outcome_id((&opened.repo, &mut store), &opened.record, outcome)? != tick.outcome {
            refused.push(format!("{name} comes out otherwise now than what was ticked; look at it again"));
        } else if let Err(e) = refuse_open(outcome) {
            refused.push(e.to_string());
        } else if outcome.has(Flag::ToReview) {
            chosen.push(*outcome);
        }
    }
    Ok((chosen, refused))
}

/// The commits of the run, by their old id.
fn by_old(opened: &Opened) -> BTreeMap<&str, &Outcome> {
    opened.record.outcomes.iter().map(|o| (o.old.as_str(), o)).collect()
}

fn read(file: &Path) -> Result<Ticks> {
    let text = input::bytes(file)?;
    let bad = |why: String| {
        Error::fatal(format!("{} is no list of ticks: {why}", file.display()))
            .hint("the page that git kmigrate report --html makes exports one")
    };
    let ticks: Ticks = serde_json::from_slice(&text).map_err(|e| bad(e.to_string()))?;
    match (ticks.kind.as_str(), ticks.schema_version) {
        (KIND, VERSION) => Ok(ticks),
        (KIND, other) => Err(bad(format!("its version is {other}, and this program reads {VERSION}"))),
        (other, _) => Err(bad(format!("it is '{}'", other.escape_debug()))),
    }
}
