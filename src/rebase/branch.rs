//! The branch that a run makes: its name, and whether it is ours to move.

use super::OpenRun;
use super::mended::fixups_behind;
use super::record::read_record;
use crate::error::{Error, Result};
use crate::git::{Oid, Repo, Series, Store};
use crate::run::{Inputs, RunName};

/// The branch that a series makes if nobody gives a name.
pub fn default_branch(series: &Series) -> String {
    joined(&series.source, (&series.onto_name, &series.onto.to_string()))
}

/// The branch of a run, if somebody gave it a name.
pub fn given_branch(inputs: &Inputs) -> Option<&str> {
    let default = joined(&inputs.source, (&inputs.onto_name, &inputs.onto));
    Some(inputs.branch.as_str()).filter(|branch| *branch != default)
}

/// `<source>-<onto>`, with what no branch name may hold as `-`.
pub(super) fn joined(source: &str, (onto_name, onto_id): (&str, &str)) -> String {
    let onto = onto_name.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/");
    let onto = match onto_id.starts_with(onto) && onto.len() > 12 {
        true => &onto[..12],
        false => onto,
    };
    let joined = format!("{source}-{onto}");
    let plain = |c: char| c.is_alphanumeric() || "._-+".contains(c);
    let name: String = joined.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    name.trim_matches(['-', '.']).replace("..", "-")
}

/// A branch that exists is moved only if an earlier run of this series made it and nobody has moved it since.
/// Returns where it is now.
pub fn refuse_taken_branch(repo: &Repo, store: &mut Store, series: &Series, name: &str) -> Result<Option<Oid>> {
    let full = format!("refs/heads/{name}");
    let Some(now) = repo.object(&full)? else {
        return Ok(None);
    };
    let other = || "give another name with --branch=<name>, or delete the branch";
    let run = RunName(name.to_owned());
    let written = repo.object(&run.written())?;
    let is_of = is_of(repo, store, &run, series)?;
    let ours = written == Some(now) && is_of;
    if let Some(written) = written.filter(|_| is_of && !ours)
        && !fixups_behind(store, (now, written))?.is_empty()
    {
        return Err(Error::fatal(format!("branch '{name}' has fixup commits behind the last commit of the run"))
            .hint("git kmigrate undo takes away those that repair made; repair --run --apply --fold puts fixes into the commits")
            .hint("to keep the branch as it is, give another name with --branch=<name>"));
    }
    if !ours {
        return Err(Error::fatal(format!(
            "a branch named '{name}' exists, and no run of {} on this base left it where it is",
            series.source
        ))
        .hint(other()));
    }
    match repo.checked_out_at(&full)? {
        Some(path) => Err(Error::fatal(format!("branch '{name}' is checked out at {path}"))
            .hint("switch that worktree to another branch first")
            .hint(other())),
        None => Ok(Some(now)),
    }
}

/// Did a run of the same series on the same base write there last? A record that cannot be read is not ours.
fn is_of(repo: &Repo, store: &mut Store, run: &RunName, series: &Series) -> Result<bool> {
    let Some(id) = repo.object(&run.record())? else {
        return Ok(false);
    };
    Ok(read_record(store, id).is_ok_and(|record| is_same_series(&record.inputs, series)))
}

/// The same source on the same base; it may have grown.
fn is_same_series(inputs: &Inputs, series: &Series) -> bool {
    let base = series.base.map(|id| id.to_string());
    let references = inputs.origin.reference.as_ref().zip(series.reference.as_ref());
    inputs.source == series.source && inputs.base == base && references.is_none_or(|(theirs, ours)| theirs == ours)
}

/// A run keeps decisions and edits, which no other series may take over: two sources may give the same branch name.
///
/// # Errors
/// The run is of another series.
pub fn refuse_other_series(run: &OpenRun, series: &Series) -> Result<()> {
    let Ok(inputs) = run.inputs() else {
        // It was killed before it began.
        return Ok(());
    };
    if is_same_series(inputs, series) {
        return Ok(());
    }
    let base = inputs.base.as_ref().map_or_else(String::new, |base| format!(" on {}", &base[..base.len().min(12)]));
    let (name, source) = (&inputs.branch, &inputs.source);
    Err(Error::fatal(format!("the run of '{name}' is of another series: {source}{base}"))
        .hint("give this one another branch with --branch=<name>")
        .hint(format!("or forget that one: git kmigrate abort --run={name}")))
}
