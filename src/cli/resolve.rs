//! `git kmigrate resolve`: conflicts that somebody's own git command left.

use super::args::Resolve;
use super::words::PatchSide;
use super::{Exit, settings};
use crate::error::Result;
use crate::git::{Git, Operation, Repo};
use crate::report;
use crate::resolve::{Ask, Leaves, Patch, Resolved, resolve, undo};

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
    };
    loop {
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
        hints.push("what is left is for you: settle it, then git add <file>".to_owned());
    }
    match told.operation.doing.carry_on() {
        Some(verb) if told.is_all() => {
            hints.push(format!("git {} goes on; git kmigrate resolve --undo takes it back", verb.join(" ")));
        }
        _ => hints.push("git kmigrate resolve --undo takes back what was done".to_owned()),
    }
    hints
}
