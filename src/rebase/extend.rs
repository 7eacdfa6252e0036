//! A source branch that moved while a run was open: seen, and taken if that was asked for.

use super::OpenRun;
use crate::error::{Error, Result};
use crate::git::{Ask, Merges, Oid, Repo, Series, Store};
use crate::run::{Inputs, Operation};

/// Where the source branch of a run is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceNow {
    /// Where it was; or the series was not read from a branch.
    Same,
    /// Further on: this many commits were added.
    Grew(usize),
    /// Elsewhere: it was rewritten, or put back.
    Rewritten,
}

/// Looks where the source branch is now.
///
/// # Errors
/// git fails.
pub fn source_now(repo: &Repo, inputs: &Inputs) -> Result<SourceNow> {
    let Some((last, now)) = ends(repo, inputs)? else {
        return Ok(SourceNow::Same);
    };
    if last == now {
        return Ok(SourceNow::Same);
    }
    if !repo.is_ancestor(last, now)? {
        return Ok(SourceNow::Rewritten);
    }
    Ok(SourceNow::Grew(repo.count(last, now)?))
}

/// Takes the commits that were added to the source branch into the run; returns how many.
///
/// # Errors
/// The branch was rewritten, the commits added make no series, or the disk.
pub fn extend(repo: &Repo, store: &mut Store, run: &mut OpenRun, merges: Merges) -> Result<usize> {
    let mut inputs = run.inputs()?.clone();
    let last = match source_now(repo, &inputs)? {
        SourceNow::Same => return Ok(0),
        SourceNow::Rewritten => {
            return Err(Error::fatal(format!("{} was rewritten since the run began, not extended", inputs.source))
                .hint(format!("git kmigrate --again --onto {} takes it as it is now", inputs.onto_name)));
        }
        SourceNow::Grew(_) => inputs.commits.last().cloned().unwrap_or_default(),
    };
    let ask = Ask {
        ranges: vec![format!("{last}..refs/heads/{}", inputs.source)],
        listed: None,
        root: false,
        base: inputs.base.clone(),
        onto: inputs.onto.clone(),
        merges,
    };
    let added = Series::find(repo, store, &ask)?.commits;
    inputs.commits.extend(added.iter().map(|c| c.id.to_string()));
    run.append([Operation::Begin { inputs: Box::new(inputs) }])?;
    Ok(added.len())
}

/// The last commit of the run's series, and the end of its branch.
fn ends(repo: &Repo, inputs: &Inputs) -> Result<Option<(Oid, Oid)>> {
    let last = inputs.commits.last().and_then(|hex| repo.parse_id(hex.as_bytes()));
    let now = repo.object(&format!("refs/heads/{}", inputs.source))?;
    Ok(last.zip(now))
}
