//! `git kmigrate accept`, `drop` and `reset`: decisions that the next `continue` walks with.

use super::args::{Accept, Which};
use super::{Exit, look, show};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Writes};
use crate::rebase::OpenRun;
use crate::report;
use crate::run::{Flag, Operation, Outcome, Record, Status};

struct Opened {
    repo: Repo,
    run: OpenRun,
    record: Record,
}

fn open(branch: Option<&str>) -> Result<Opened> {
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::find(&repo, branch)?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = look::walked(&repo, &mut store, &run)?;
    Ok(Opened { repo, run, record })
}

impl Opened {
    fn named(&self, which: &[String]) -> Result<Vec<&Outcome>> {
        which.iter().map(|w| show::find(&self.repo, &self.record, Some(w))).collect()
    }

    fn decide(mut self, operations: Vec<Operation>, done: &str) -> Result<Exit> {
        let count = operations.len();
        self.run.append(operations)?;
        report::say(&format!("{count} {done}\n"))?;
        report::advise(&["git kmigrate continue walks again with it".to_owned()]);
        Ok(Exit::Done)
    }
}

/// Accepts commits as they came out.
pub fn accept(args: &Accept) -> Result<Exit> {
    let opened = open(args.run.run.as_deref())?;
    let to_review = |o: &&Outcome| o.has(Flag::ToReview) && o.status != Status::Conflicted;
    let chosen = match args.all {
        true => opened.record.outcomes.iter().filter(to_review).collect(),
        false => opened.named(&args.which)?,
    };
    for outcome in &chosen {
        if outcome.status == Status::Conflicted {
            return Err(Error::fatal(format!("commit {} is conflicted and cannot be accepted as it is", outcome.n))
                .hint(format!("settle it: git kmigrate edit {}", outcome.n)));
        }
    }
    let ours = |o: &Outcome| o.files.iter().map(|f| (f.path.clone(), f.sides[1].clone())).collect();
    let one = |o: &&Outcome| Operation::Accept { old: o.old.clone(), ours: ours(o) };
    let operations: Vec<Operation> = chosen.iter().map(one).collect();
    opened.decide(operations, "accepted")
}

/// Leaves commits out.
pub fn drop_commits(args: &Which) -> Result<Exit> {
    let opened = open(args.run.run.as_deref())?;
    let chosen = opened.named(&args.which)?;
    let operations = chosen.iter().map(|o| Operation::Drop { old: o.old.clone() }).collect();
    opened.decide(operations, "to be left out")
}

/// Forgets what was decided of commits.
pub fn reset(args: &Which) -> Result<Exit> {
    let opened = open(args.run.run.as_deref())?;
    let chosen = opened.named(&args.which)?;
    let operations = chosen.iter().map(|o| Operation::Reset { old: o.old.clone() }).collect();
    opened.decide(operations, "without decisions now")
}
