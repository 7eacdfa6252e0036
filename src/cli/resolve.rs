//! `git kmigrate resolve`: conflicts that somebody's own git command left.

use super::args::Resolve;
use super::words::PatchSide;
use super::{Exit, settings};
use crate::error::Result;
use crate::git::{Git, Operation, Repo, Writes};
use crate::learn;
use crate::memory::Memory;
use crate::report;
use crate::resolve::{Ask, Leaves, Patch, Resolved, ready, resolve, undo};

/// Runs it.
pub fn run(args: &Resolve) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    settings::colour(&repo, None);
    if args.undo {
        let undone = undo(&repo)?;
        report::resolution_undone(&undone)?;
        return Ok(if undone.left.is_empty() { Exit::Done } else { Exit::Unsettled });
    }
    let ask = Ask {
        paths: args.paths.clone(),
        patch: args.patch.map(|side| match side {
            PatchSide::Ours => Patch::Ours,
            PatchSide::Theirs => Patch::Theirs,
        }),
        min_confidence: args.min_confidence,
        methods: settings::methods(&repo, None)?,
        leaves: if args.dry_run { Leaves::Nothing } else { Leaves::Files },
        memory: memory(&repo)?,
    };
    loop {
        if args.go_on {
            remember(&repo)?;
            if let Some(operation) = ready(&repo)? {
                match go_on(&repo, &operation)? {
                    Some(end) => return Ok(end),
                    None => continue,
                }
            }
        }
        let told = resolve(&repo, &ask)?;
        report::resolved(&told, ask.leaves)?;
        if args.dry_run {
            report::changes(&told)?;
        }
        let exit = if told.is_all() { Exit::Done } else { Exit::Unsettled };
        if !args.go_on || exit != Exit::Done {
            report::advise(&advice(&told, args));
            return Ok(exit);
        }
        if let Some(end) = go_on(&repo, &told.operation)? {
            return Ok(end);
        }
    }
}

/// What people settled before. It is a help: one that cannot be read is told of, and nothing more.
///
/// # Errors
/// A setting makes no sense.
pub fn memory(repo: &Repo) -> Result<Memory> {
    let read = |id: &str| match repo.parse_id(id.as_bytes()) {
        Some(id) => learn::load(&mut repo.store(Writes::Nowhere)?, id),
        None => Ok(Memory::default()),
    };
    let memory = settings::memory(repo, true)?.map_or_else(|| Ok(Memory::default()), |id| read(&id));
    Ok(memory.unwrap_or_else(|e| {
        report::warn(&format!("the memory cannot be read, and is not asked: {e}"));
        Memory::default()
    }))
}

/// Adds what was settled by hand and staged to the memory.
fn remember(repo: &Repo) -> Result<()> {
    if !settings::remembers(repo)? {
        return Ok(());
    }
    match crate::resolve::remember(repo) {
        Ok(0) => {}
        Ok(new) => report::aside(&format!("{new} resolutions are remembered: see git kmigrate memory list")),
        Err(e) => report::warn(&format!("what was settled could not be remembered: {e}")),
    }
    Ok(())
}

/// Has git go on. `None` if it stopped at other conflicts.
fn go_on(repo: &Repo, operation: &Operation) -> Result<Option<Exit>> {
    let Some(verb) = operation.doing.carry_on() else {
        report::advise(&[
            "there is nothing to go on with; a stash that was popped is still there: git stash drop".to_owned()
        ]);
        return Ok(Some(Exit::Done));
    };
    let code = repo.git.hand_over(&verb)?;
    let now = repo.operation()?;
    let stopped = code != 0 && now.is_some() && now.as_ref() != Some(operation);
    Ok(match (stopped, code) {
        (true, _) => None,
        (false, 0) => Some(Exit::Done),
        (false, _) => Some(Exit::Unsettled),
    })
}

/// What to do next.
fn advice(told: &Resolved, args: &Resolve) -> Vec<String> {
    use crate::resolve::Fate;
    let has = |fate: Fate| told.files.iter().any(|file| file.fate == fate);
    let mut hints = Vec::new();
    if args.dry_run {
        return hints;
    }
    if has(Fate::ToReview) {
        hints.push("what is to review is in the files: look with git diff, then git add <file>".to_owned());
    }
    if has(Fate::Left) {
        hints.push(
            "what is left is for you: settle it, then git add <file>; resolve --continue remembers it and goes on"
                .to_owned(),
        );
    }
    match told.operation.doing.carry_on() {
        Some(verb) if told.is_all() => {
            hints.push(format!("git {} goes on; git kmigrate resolve --undo takes it back", verb.join(" ")));
        }
        // Where all is left there is nothing to take back.
        _ if !has(Fate::Staged) && !has(Fate::ToReview) => {}
        _ => hints.push("git kmigrate resolve --undo takes back what was done".to_owned()),
    }
    hints
}
