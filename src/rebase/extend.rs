//! A series that goes on: its source was moved since, which is seen, and what was added is taken if that was asked for.
//!
//! What a run has read is its list of commits; a range is not read a second time. Only what was added to the one ref that it
//! came from is, and a ref that was rewritten.

use super::OpenRun;
use super::inputs::series_of;
use crate::error::{Error, Result};
use crate::git::{Ask, Commit, Merges, Oid, Repo, Series, Store};
use crate::run::{Inputs, Operation};

/// Where the source of a run is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceNow {
    /// Where it was; or the series was not read from one ref.
    Same,
    /// Further on: this many commits were added.
    Grew(usize),
    /// Elsewhere: it was rewritten, or put back.
    Rewritten,
}

/// Looks where the source of a run is now.
///
/// # Errors
/// git fails.
pub fn source_now(repo: &Repo, inputs: &Inputs) -> Result<SourceNow> {
    let Some((end, now)) = ends(repo, inputs)? else {
        return Ok(SourceNow::Same);
    };
    if end == now {
        return Ok(SourceNow::Same);
    }
    if !repo.is_ancestor(end, now)? {
        return Ok(SourceNow::Rewritten);
    }
    Ok(SourceNow::Grew(repo.count(end, now)?))
}

/// Takes the commits that were added to the source into the run; returns how many.
///
/// # Errors
/// The source was rewritten, the commits added make no series, or the disk.
pub fn extend(repo: &Repo, store: &mut Store, run: &mut OpenRun, merges: Merges) -> Result<usize> {
    let mut inputs = run.inputs()?.clone();
    match source_now(repo, &inputs)? {
        SourceNow::Same => return Ok(0),
        SourceNow::Rewritten => {
            return Err(Error::fatal(format!("{} was rewritten since the run began, not extended", inputs.source))
                .hint(format!("git kmigrate --again --onto {} takes it as it is now", inputs.onto_name)));
        }
        SourceNow::Grew(_) => {}
    }
    let (added, end) = added((repo, store), &inputs, merges)?;
    inputs.commits.extend(added.iter().map(|c| c.id.to_string()));
    inputs.origin.end = end.map(|id| id.to_string());
    run.append([Operation::Begin { inputs: Box::new(inputs) }])?;
    Ok(added.len())
}

/// The series of an earlier run, for another upstream, with what was added to its source since; a source that was rewritten is
/// read as it is now.
///
/// # Errors
/// There is no such upstream, a commit of the series is gone, or what was added makes no series.
pub fn again((repo, store): (&Repo, &mut Store), earlier: &Inputs, (onto, merges): (&str, Merges)) -> Result<Series> {
    let now = source_now(repo, earlier)?;
    if let (SourceNow::Rewritten, Some(reference)) = (now, &earlier.origin.reference) {
        let range = earlier.base.as_ref().map_or_else(|| reference.clone(), |base| format!("{base}..{reference}"));
        return Series::find(repo, store, &ask(range, earlier, (onto, merges)));
    }
    let mut series = series_of(repo, store, earlier)?;
    series.onto = repo.resolve(onto)?;
    series.onto_name = onto.to_owned();
    series.merges = merges;
    if let SourceNow::Grew(_) = now {
        let (added, end) = added((repo, store), earlier, merges)?;
        series.commits.extend(added);
        series.end = end;
    }
    Ok(series)
}

/// What was added to the source of a series, and where that ends. A side branch that was merged since may have been in it.
fn added((repo, store): (&Repo, &mut Store), inputs: &Inputs, merges: Merges) -> Result<(Vec<Commit>, Option<Oid>)> {
    let (Some(end), Some(reference)) = (&inputs.origin.end, &inputs.origin.reference) else {
        return Ok((Vec::new(), None));
    };
    let ask = Ask { base: inputs.base.clone(), ..ask(format!("{end}..{reference}"), inputs, (&inputs.onto, merges)) };
    let mut series = Series::find(repo, store, &ask)?;
    series.commits.retain(|c| !inputs.commits.contains(&c.id.to_string()));
    Ok((series.commits, series.end))
}

fn ask(range: String, inputs: &Inputs, (onto, merges): (&str, Merges)) -> Ask {
    let (ranges, onto) = (vec![range], onto.to_owned());
    Ask { ranges, listed: None, named: None, root: inputs.base.is_none(), base: None, onto, merges }
}

/// Where the source of the run's series was, and where it is now.
fn ends(repo: &Repo, inputs: &Inputs) -> Result<Option<(Oid, Oid)>> {
    let end = repo.written_id(inputs.origin.end.as_deref());
    let (Some(end), Some(reference)) = (end, &inputs.origin.reference) else {
        return Ok(None);
    };
    Ok(repo.object(&format!("{reference}^{{commit}}"))?.map(|now| (end, now)))
}
