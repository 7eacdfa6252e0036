//! Where a run stands, what was done in it, what was taken back.

use super::{Totals, json, plain, say, text};
use crate::error::Result;
use crate::git::{Move, Repo};
use crate::rebase::{SourceNow, Stray, TakenBack};
use crate::run::{Decisions, Inputs, Operation, Outcome, Record, RefMove, Status};
use std::fmt::Write;
use std::path::PathBuf;

/// What is known of a run.
pub struct Standing<'a> {
    /// What it began with.
    pub inputs: &'a Inputs,
    /// Where the source branch is now.
    pub source: SourceNow,
    /// Whether anybody works on it.
    pub state: State,
    /// Where the branch it makes is.
    pub branch: Option<String>,
    /// Its last walk.
    pub record: Option<&'a Record>,
    /// Commits that are laid out for editing.
    pub edits: Vec<PathBuf>,
    /// What people decided.
    pub decisions: &'a Decisions,
}

/// Whether a run is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// By whoever wants to.
    Open,
    /// By another process, now.
    Busy,
    /// No more, until it is begun again.
    Quit,
}

/// Open commits that `status` names.
const NAMED: usize = 10;

/// Tells where a run stands.
///
/// # Errors
/// Standard output cannot be written.
pub fn status(standing: &Standing<'_>) -> Result<()> {
    let inputs = standing.inputs;
    let mut said = format!("{} onto {}, {} commits\n", inputs.source, inputs.onto_name, inputs.commits.len());
    match standing.state {
        State::Open => {}
        State::Busy => said.push_str("another process works on it now\n"),
        State::Quit => said.push_str("stopped by git kmigrate quit; what is below is how it stood\n"),
    }
    if let Some(moved) = source_moved(inputs, standing.source) {
        let _ = writeln!(said, "{moved}");
    }
    match standing.record {
        None => said.push_str("the walk was not finished: git kmigrate continue walks again\n"),
        Some(record) => walked(&mut said, standing, record),
    }
    for dir in &standing.edits {
        let _ = writeln!(said, "laid out for editing: {}", dir.join("files").display());
    }
    say(&said)
}

/// What to say of a source branch that is not where it was.
pub fn source_moved(inputs: &Inputs, now: SourceNow) -> Option<String> {
    let (source, onto) = (&inputs.source, &inputs.onto_name);
    match now {
        SourceNow::Same => None,
        SourceNow::Grew(n) => Some(format!(
            "{source} has {n} more commit{} since the run began; git kmigrate continue --extend takes them",
            if n == 1 { "" } else { "s" }
        )),
        SourceNow::Rewritten => Some(format!(
            "{source} was rewritten since the run began; git kmigrate --again --onto {onto} takes it as it is now"
        )),
    }
}

fn walked(said: &mut String, standing: &Standing<'_>, record: &Record) {
    let mut totals = Totals::default();
    record.outcomes.iter().for_each(|o| totals.add(o));
    for (status, count) in &totals.status {
        let _ = writeln!(said, "  {:<11} {count:>6}", text::word(*status).0);
    }
    let _ = writeln!(said, "  {:<11} {:>6}", "accepted", totals.accepted);
    let open: Vec<&Outcome> = record.outcomes.iter().filter(|o| !o.is_accepted()).collect();
    let decided = |o: &Outcome| standing.decisions.changes(&o.old) || standing.decisions.drops(&o.old);
    for outcome in open.iter().take(NAMED) {
        let remarks: String = text::remarks(outcome).iter().map(|r| format!("  ({})", plain::line(r))).collect();
        let pending = if decided(outcome) { "  [decided; continue]" } else { "" };
        let word = text::word(outcome.status).0;
        let _ = writeln!(said, "  {:>5} {word} {}{remarks}{pending}", outcome.n, plain::line(&outcome.subject));
    }
    if open.len() > NAMED {
        let _ = writeln!(said, "  ... and {} more: git kmigrate list --open", open.len() - NAMED);
    }
    match &standing.branch {
        Some(id) => _ = writeln!(said, "branch {} is at {}", standing.inputs.branch, &id[..12]),
        None => _ = writeln!(said, "branch {} is not written yet", standing.inputs.branch),
    }
    if let Some(first) = open.iter().find(|o| o.status == Status::Conflicted) {
        let _ = writeln!(said, "next: git kmigrate show {0}, git kmigrate edit {0}, git kmigrate continue", first.n);
    }
}

/// Lists outcomes of a series of `of` commits.
///
/// # Errors
/// Standard output cannot be written.
pub fn list<'a>(repo: &Repo, outcomes: impl Iterator<Item = &'a Outcome>, of: usize, as_json: bool) -> Result<()> {
    let mut out = Vec::new();
    for outcome in outcomes {
        match as_json {
            true => json::outcome(&mut out, outcome),
            false => text::outcome(&mut out, (outcome, of), super::Verbosity::Normal),
        }
    }
    if as_json { super::say_bytes(&out) } else { super::paged(repo, &out) }
}

/// Tells what was done in a run.
///
/// # Errors
/// Standard output cannot be written.
pub fn log<'a>(repo: &Repo, operations: impl Iterator<Item = &'a Operation>) -> Result<()> {
    let short = |id: &str| id[..id.len().min(12)].to_owned();
    let mut said = String::new();
    for operation in operations {
        let line = match operation {
            Operation::Begin { inputs } => {
                format!("begin   {} onto {}, {} commits", inputs.source, inputs.onto_name, inputs.commits.len())
            }
            Operation::Accept { old, .. } => format!("accept  {}", short(old)),
            Operation::Drop { old, because: None } => format!("drop    {}", short(old)),
            Operation::Drop { old, because: Some(why) } => format!("drop    {}: {why}", short(old)),
            Operation::Reset { old } => format!("reset   {}", short(old)),
            Operation::Edit { old, .. } => format!("edit    {}", short(old)),
            Operation::Fix { old, path, .. } => format!("fix     {} {path}", short(old)),
            Operation::Extra { old, path, .. } => {
                format!("fix     {} {path} (beside the commit's own files)", short(old))
            }
            Operation::Finish { moves } => format!("finish  {}", moved(moves)),
            Operation::Undo { moves } => format!("undo    {}", moved(moves)),
            Operation::Answered(one) => format!("answer  {} by {}", short(&one.old), one.model),
            Operation::Quit => "quit".to_owned(),
            Operation::Moved | Operation::Stayed => continue,
        };
        let _ = writeln!(said, "{line}");
    }
    super::paged(repo, said.as_bytes())
}

fn moved(moves: &[RefMove]) -> String {
    let branch = moves.iter().find(|(name, _, _)| name.starts_with("refs/heads/"));
    match branch {
        Some((name, _, Some(new))) => format!("{name} at {}", &new[..new.len().min(12)]),
        Some((name, _, None)) => format!("{name} gone"),
        _ => "no branch".to_owned(),
    }
}

/// Tells what was taken back.
///
/// # Errors
/// Standard output cannot be written.
pub fn taken_back(inputs: &Inputs, taken: &[TakenBack]) -> Result<()> {
    let mut said = String::new();
    for one in taken {
        let n = inputs.commits.iter().position(|old| *old == one.old).map_or(0, |at| at + 1);
        if one.is_gone {
            let _ = writeln!(said, "commit {n} was laid out, and its files were thrown away: nothing is taken back");
            continue;
        }
        let open = match one.open {
            0 => String::new(),
            files => format!(", {files} still conflicted"),
        };
        let _ = writeln!(said, "taken back commit {n}: {} files{open}", one.changed);
        one.beside.iter().for_each(|path| _ = writeln!(said, "  beside its own: {path}"));
        one.left_out
            .iter()
            .for_each(|path| _ = writeln!(said, "  left out, as git ignores it or an editor left it: {path}"));
    }
    say(&said)
}

/// Warns of decisions that no commit of the series has.
pub fn strays(strays: &[Stray]) {
    let Some(first) = strays.first() else {
        return;
    };
    let short = |id: &str| id[..id.len().min(12)].to_owned();
    super::warn(&match strays.len() {
        1 => "1 commit that something was decided of is not in the series any more:".to_owned(),
        n => format!("{n} commits that something was decided of are not in the series any more:"),
    });
    for stray in strays.iter().take(NAMED) {
        let subject = stray.subject.as_deref().unwrap_or("(the commit is not here any more)");
        let now = stray.now.map(|(n, why)| format!("  (probably {n} now: {why})")).unwrap_or_default();
        super::warn(&format!("  {} {subject}{now}", short(&stray.old)));
    }
    if strays.len() > NAMED {
        super::warn(&format!("  ... and {} more", strays.len() - NAMED));
    }
    super::advise(&[format!(
        "decide it again for the commit that it is now; git kmigrate reset {} forgets the old decision",
        short(&first.old)
    )]);
}

/// Warns of folders that were laid out for commits which the series does not have any more.
pub fn strangers(folders: &[PathBuf]) {
    for dir in folders {
        let files = dir.join("files");
        super::warn(&format!(
            "{} is of a commit that is not in the series any more; it is kept, and not taken back",
            files.display()
        ));
    }
}

/// Says that commits are laid out no more.
pub fn put_away(folders: &[PathBuf]) {
    for dir in folders {
        let files = dir.join("files");
        super::warn(&format!(
            "{} is removed: nothing was edited there, and something else was decided",
            files.display()
        ));
    }
}

/// Tells which refs were put back.
///
/// # Errors
/// Standard output cannot be written.
pub fn undone(moves: &[Move]) -> Result<()> {
    let mut said = String::new();
    for back in moves {
        let _ = match back.new {
            Some(id) => writeln!(said, "{} is at {} again", back.name, &id.to_string()[..12]),
            None => writeln!(said, "{} is gone again", back.name),
        };
    }
    say(&said)
}
