//! The memory that a run goes by, and what people settle in it remembered.
//!
//! A memory is a help: one that is gone or damaged stops no migration, and is told of.

use super::record::read_record;
use crate::error::Result;
use crate::git::{Repo, Store, Writes};
use crate::learn;
use crate::memory::Memory;
use crate::run::{Decisions, Flag, Inputs, Outcome, Status};

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
    let carried = carried(repo, &mut store, &inputs.branch)?;
    let learned = learn::settled_in_run(repo, &mut store, (inputs, decisions), &carried)?;
    let said = format!("kmigrate: settled in the run of {}", inputs.branch);
    learn::keep(repo, &mut store, &learned, &said)
}

/// Old and new ids of the commits of a run that nobody has to look at; no new one where a person left nothing of it.
fn carried(repo: &Repo, store: &mut Store, branch: &str) -> Result<Vec<(String, String)>> {
    let Some(id) = repo.object(&format!("refs/kmigrate/runs/{branch}/record"))? else { return Ok(Vec::new()) };
    let settled = |outcome: Outcome| {
        let asks =
            outcome.status == Status::Conflicted || outcome.has(Flag::ToReview) || outcome.has(Flag::Provisional);
        // Of one that a person settled away nothing is carried.
        let new = outcome.new.or((outcome.status == Status::Dropped).then(String::new));
        Some((outcome.old.clone(), new.filter(|_| !asks)?))
    };
    Ok(read_record(store, id)?.outcomes.into_iter().filter_map(settled).collect())
}
