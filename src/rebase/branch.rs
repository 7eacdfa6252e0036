//! The branch that a run makes: its name, and whether it is ours to move.

use super::record::read_record;
use crate::error::{Error, Result};
use crate::git::{Oid, Repo, Series, Store};
use crate::run::{Inputs, RunName};

/// `<source>-<onto>`, with what no branch name may hold as `-`.
pub fn default_branch(series: &Series) -> String {
    let onto = series.onto_name.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/");
    let onto = match series.onto.to_string().starts_with(onto) && onto.len() > 12 {
        true => &onto[..12],
        false => onto,
    };
    let joined = format!("{}-{onto}", series.source);
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
    let ours = repo.object(&run.written())? == Some(now) && is_of(repo, store, &run, series)?;
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
    let base = series.base.map(|id| id.to_string());
    let same = |inputs: &Inputs| inputs.source == series.source && inputs.base == base;
    Ok(read_record(store, id).is_ok_and(|record| same(&record.inputs)))
}
