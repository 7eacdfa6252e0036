//! What a run begins with, in both directions: a series as it is written down, and the series that was written down.

use crate::error::{Error, Result};
use crate::git::{Merges, Repo, Series, Store};
use crate::run::{Folds, Inputs, MergePolicy, Options, Origin, Outcome};
use bstr::ByteSlice;

/// What a run over this series begins with.
pub fn inputs(series: &Series, branch: String, committer: &[u8], options: Options) -> Inputs {
    Inputs {
        schema_version: Outcome::SCHEMA,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        commits: series.commits.iter().map(|c| c.id.to_string()).collect(),
        source: series.source.clone(),
        base: series.base.map(|id| id.to_string()),
        onto: series.onto.to_string(),
        onto_name: series.onto_name.clone(),
        branch,
        // An ident that is no UTF-8 cannot be kept in JSON; git itself warns of it.
        committer: committer.to_str_lossy().into_owned(),
        options,
        stacked: Vec::new(),
        folds: Folds::default(),
        origin: Origin {
            reference: series.reference.clone(),
            end: series.end.map(|id| id.to_string()),
            merges: match series.merges {
                Merges::Refuse => MergePolicy::Refuse,
                Merges::Drop => MergePolicy::Drop,
            },
        },
    }
}

/// The series that a run began with.
///
/// # Errors
/// A commit of it is gone.
pub fn series_of(repo: &Repo, store: &mut Store, inputs: &Inputs) -> Result<Series> {
    let id = |hex: &String| {
        let id = repo.parse_id(hex.as_bytes());
        id.ok_or_else(|| Error::fatal(format!("the run's journal names '{hex}', which is no id of this repository")))
    };
    let gone = |e: Error| {
        e.while_doing("the series of this run is not here any more")
            .hint("fetch the branch it was read from again, or begin a new run")
    };
    let mut commits = Vec::with_capacity(inputs.commits.len());
    for hex in &inputs.commits {
        commits.push(store.commit(id(hex)?).map_err(gone)?);
    }
    Ok(Series {
        end: inputs.origin.end.as_ref().map(id).transpose()?,
        reference: inputs.origin.reference.clone(),
        merges: merges_of(inputs),
        base: inputs.base.as_ref().map(id).transpose()?,
        onto: id(&inputs.onto)?,
        onto_name: inputs.onto_name.clone(),
        source: inputs.source.clone(),
        dropped_merges: Vec::new(),
        commits,
    })
}

/// The merge policy that a run was begun with.
pub fn merges_of(inputs: &Inputs) -> Merges {
    match inputs.origin.merges {
        MergePolicy::Refuse => Merges::Refuse,
        MergePolicy::Drop => Merges::Drop,
    }
}
