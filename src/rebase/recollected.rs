//! The memory that a run goes by, and what people settle in it remembered.
//!
//! A memory is a help: one that is gone or damaged stops no migration, and is told of.

use super::record::read_record;
use super::seen::side_entries;
use crate::error::Result;
use crate::git::{Repo, Store, Writes};
use crate::learn::{self, Walked};
use crate::memory::Memory;
use crate::merge::Sides;
use crate::run::{Decisions, FileOutcome, Flag, Inputs, Outcome, Status};

/// The memory of a run.
#[derive(Debug, Default)]
pub struct Recollected {
    /// What it holds.
    pub memory: Memory,
    /// What is wrong with it, in words.
    pub troubles: Vec<String>,
}

impl Recollected {
    /// Of the commit that was written down when the run began.
    pub fn of(repo: &Repo, store: &mut Store, id: Option<&str>) -> Self {
        let Some(hex) = id else { return Self::default() };
        let memory = match repo.parse_id(hex.as_bytes()) {
            Some(id) => learn::load(store, id).map_err(|e| e.to_string()),
            None => Err(format!("'{hex}' is no id of this repository")),
        };
        match memory {
            Ok(memory) => {
                let unread = memory.unread();
                let said = format!("{unread} entries of the memory {hex} cannot be read and are left out");
                Self { memory, troubles: (unread > 0).then_some(said).into_iter().collect() }
            }
            Err(why) => Self {
                memory: Memory::default(),
                troubles: vec![format!("the memory cannot be read, and this walk goes without it: {why}")],
            },
        }
    }
}

/// Adds what people settled in a run to the memory of the repository; how many resolutions are new.
///
/// # Errors
/// The disk, or the memory is damaged.
pub fn remember(repo: &Repo, (inputs, decisions): (&Inputs, &Decisions)) -> Result<learn::New> {
    let mut store = repo.store(Writes::Packs)?;
    let walked = walked((repo, &mut store), &inputs.branch, decisions)?;
    let learned = learn::settled_in_run(repo, &mut store, (inputs, decisions), &walked)?;
    let said = format!("kmigrate: settled in the run of {}", inputs.branch);
    learn::keep(repo, &mut store, &learned, &said)
}

/// What came of a run, by its record.
fn walked((repo, store): (&Repo, &mut Store), branch: &str, decisions: &Decisions) -> Result<Walked> {
    let Some(id) = repo.object(&format!("refs/kmigrate/runs/{branch}/record"))? else { return Ok(Walked::default()) };
    let record = read_record(store, id)?;
    let settled = |outcome: &Outcome| {
        let asks =
            outcome.status == Status::Conflicted || outcome.has(Flag::ToReview) || outcome.has(Flag::Provisional);
        // Of one that a person settled away nothing is carried.
        let new = outcome.new.clone().or((outcome.status == Status::Dropped).then(String::new));
        Some((outcome.old.clone(), new.filter(|_| !asks)?))
    };
    let mut walked = Walked { carried: record.outcomes.iter().filter_map(settled).collect(), ..Walked::default() };
    for outcome in &record.outcomes {
        let is_fixed = |file: &&FileOutcome| decisions.fix(&outcome.old, &file.path, &file.sides).is_some();
        for file in outcome.files.iter().filter(is_fixed) {
            let Sides { base, ours, theirs } = side_entries((repo, store), (&record, outcome), file)?;
            let modes = [base, ours, theirs].map(|entry| entry.map(|entry| entry.mode));
            walked.modes.insert((outcome.old.clone(), file.path.clone()), modes);
        }
    }
    Ok(walked)
}
