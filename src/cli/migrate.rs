//! The main job: `git kmigrate <range> --onto <new>`.

use super::args::Migrate;
use super::model::Asker;
use super::typed::{manner, options, target};
use super::walk::{After, walked};
use super::{Exit, input, settings};
use crate::error::{Error, Result};
use crate::git::{Ask, Git, Merges, Repo, Store};
use crate::rebase::{OpenRun, Rebase, Target, merges_of};
use crate::report;
use crate::run::{Inputs, Operation, Options};

/// Runs it.
pub fn run(args: &Migrate) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    settings::colour(&repo, args.color);
    for operation in repo.operations_in_progress() {
        report::warn(&format!(
            "{operation} is in progress in this worktree; this run touches neither it nor the worktree"
        ));
    }
    for (place, command) in repo.not_followed()? {
        report::warn(&format!(
            "{place} is not followed: commits are read as they are stored ({command} shows them so)"
        ));
    }
    if let (None, [word, ..]) = (&args.onto, &args.ranges[..])
        && !word.contains("..")
        && repo.object(word)?.is_none()
    {
        return Err(Error::usage(format!("'{word}' is neither a command of git kmigrate nor a revision"))
            .hint("git kmigrate -h lists the commands"));
    }
    let onto = args.onto.clone().ok_or_else(|| {
        Error::usage("--onto is missing")
            .hint("usage: git kmigrate <old upstream>..<patched branch> --onto <new upstream>")
    })?;
    if !args.quilt.is_empty() {
        return super::quilt::run(repo, args, onto);
    }
    if args.out.is_some() {
        return Err(Error::usage("--out writes patch files, and no --quilt says which")
            .hint("give the command that read them once more, with another --out: what was settled in its run holds"));
    }
    let earlier = if args.again { Some(Earlier::find(&repo, args)?) } else { None };
    if args.verify_objects {
        Store::verify_objects();
    }
    let inputs = earlier.as_ref().map(|e| &e.inputs);
    let asker = Asker::of(&repo, &args.asking, inputs.and_then(|inputs| inputs.options.model.as_deref()))?;
    let options =
        Options { model: asker.as_ref().and_then(|asker| asker.name.clone()), ..options(&repo, args, inputs)? };
    let target = target(&repo, args, inputs);
    let after = After::of(args, &options)?;
    let rebase = match &earlier {
        Some(Earlier { inputs, decisions }) => {
            let merges = merges(&repo, args, inputs)?;
            let target = Target { decisions: decisions.clone(), ..target };
            Rebase::again(repo, (inputs, &onto, merges), options, target)?
        }
        None => {
            let ask = Ask {
                ranges: args.ranges.clone(),
                listed: if args.stdin { Some(standard_input()?) } else { None },
                named: None,
                root: args.root,
                base: args.base.clone(),
                onto,
                merges: settings::merges(&repo, args.merges)?,
            };
            Rebase::start(repo, &ask, options, target)?
        }
    };
    if let Some(earlier) = earlier {
        let added = rebase.inputs().commits.iter().filter(|c| !earlier.inputs.commits.contains(*c)).count();
        if added > 0 {
            report::warn(&format!("{added} commits of {} are new since the last run", rebase.inputs().source));
        }
    }
    let rebase = if args.asking.asks_nobody() { rebase.asking_nobody() } else { rebase };
    Ok(walked(rebase, asker, manner(args), after)?.0)
}

/// What `--again` takes from an earlier run. What is typed now wins over it, and it over environment and settings.
struct Earlier {
    inputs: Inputs,
    decisions: Vec<Operation>,
}

impl Earlier {
    fn find(repo: &Repo, args: &Migrate) -> Result<Self> {
        let run = OpenRun::look(repo, args.run.as_deref())?;
        let decisions = run.journal().operations().iter().filter(|o| o.is_decision()).cloned().collect();
        Ok(Self { inputs: run.inputs()?.clone(), decisions })
    }
}

fn merges(repo: &Repo, args: &Migrate, earlier: &Inputs) -> Result<Merges> {
    match (args.merges, merges_of(earlier)) {
        (None, Merges::Drop) => Ok(Merges::Drop),
        (typed, _) => settings::merges(repo, typed),
    }
}

/// Commits from standard input: the first word of each line, so that `git log --oneline` can be piped in.
fn standard_input() -> Result<Vec<String>> {
    let lines = input::lines()?;
    Ok(lines.iter().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
