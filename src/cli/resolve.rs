//! `git kmigrate resolve`: conflicts that somebody's own git command left.

use super::args::Resolve;
use super::words::PatchSide;
use super::{Exit, settings};
use crate::error::Result;
use crate::git::{Doing, Git, Operation, Repo, Writes};
use crate::memory::Memory;
use crate::resolve::{Ask, Leaves, Patch, Resolved, is_as_head, ready, resolve, undo};
use crate::{learn, report};

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
            // What is remembered of a stash pop is all that tells of it.
            let settled = ready(&repo)?;
            remember(&repo)?;
            if let Some(operation) = settled {
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
            report::advise(&advice(&repo, &told, args)?);
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
        report::advise(&[match operation.doing {
            Doing::StashPop => "there is nothing to go on with; the stash is still there: git stash drop".to_owned(),
            _ => "there is nothing to go on with".to_owned(),
        }]);
        return Ok(Some(Exit::Done));
    };
    if operation.doing == Doing::Am && is_as_head(repo)? {
        report::advise(&[SKIP.to_owned()]);
        return Ok(Some(Exit::Unsettled));
    }
    let code = repo.git.hand_over(&verb)?;
    let now = repo.operation()?;
    let stopped = code != 0 && now.is_some() && now.as_ref() != Some(operation);
    Ok(match (stopped, code) {
        (true, _) => None,
        (false, 0) => Some(Exit::Done),
        (false, _) => Some(Exit::Unsettled),
    })
}

/// git am does not go on without a change.
const SKIP: &str = "nothing is staged: HEAD has all of this mail; git am --skip goes on with the next";

/// What to do next.
fn advice(repo: &Repo, told: &Resolved, args: &Resolve) -> Result<Vec<String>> {
    use crate::resolve::Fate;
    let has = |fate: Fate| told.files.iter().any(|file| file.fate == fate);
    let mut hints = Vec::new();
    if args.dry_run {
        return Ok(hints);
    }
    if has(Fate::ToReview) {
        hints.push("what is to review is in the files: look with git diff, then git add <file>".to_owned());
    }
    if has(Fate::Left) {
        let goes_on = if told.operation.doing.carry_on().is_some() { " and goes on" } else { "" };
        hints.push(format!(
            "what is left is for you: settle it, then git add <file>; git kmigrate resolve --continue remembers it{goes_on}"
        ));
    }
    match told.operation.doing.carry_on() {
        Some(_) if told.is_all() && told.operation.doing == Doing::Am && is_as_head(repo)? => {
            hints.push(SKIP.to_owned());
        }
        Some(verb) if told.is_all() => {
            hints.push(format!("git {} goes on; git kmigrate resolve --undo takes it back", verb.join(" ")));
        }
        // Where all is left there is nothing to take back.
        _ if !has(Fate::Staged) && !has(Fate::ToReview) => {}
        _ => hints.push("git kmigrate resolve --undo takes back what was done".to_owned()),
    }
    Ok(hints)
}
