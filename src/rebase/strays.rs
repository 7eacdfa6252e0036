//! Decisions of commits that the series does not have any more: whose they were, and which commit they may be meant for now.
//!
//! A commit that is reworded, or rebased within its series, has another id, and what was decided stays with the old one. That is
//! said, with what it probably became; nothing is guessed to hold for another commit.

use crate::error::Result;
use crate::git::{Commit, Direction, Oid, Repo, Series, Store, paths_of};
use crate::run::Decisions;
use crate::survey::Survey;
use bstr::BString;

/// A commit outside the series, with decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its id.
    pub old: String,
    /// Its subject, if the commit is here.
    pub subject: Option<String>,
    /// Which commit of the series it probably is now, by position, and why.
    pub now: Option<(usize, &'static str)>,
}

/// Looks for them. Where there are none, nothing is read.
///
/// # Errors
/// An object is damaged, or git fails.
pub fn strays(
    (repo, store): (&Repo, &mut Store),
    (series, survey): (&Series, &Survey),
    decisions: &Decisions,
) -> Result<Vec<Stray>> {
    let is_stray = |old: &&str| !series.commits.iter().any(|c| c.id.to_string() == **old);
    let mut strays = Vec::new();
    for old in decisions.commits().into_iter().filter(is_stray) {
        let id = repo.parse_id(old.as_bytes()).filter(|id| store.has(*id));
        let commit = id.map(|id| store.commit(id)).transpose()?;
        let now = match &commit {
            Some(commit) => probably((repo, store), (series, survey), commit)?,
            None => None,
        };
        strays.push(Stray { old: old.to_owned(), subject: commit.map(|c| c.subject()), now });
    }
    Ok(strays)
}

fn probably(
    (repo, store): (&Repo, &mut Store),
    (series, survey): (&Series, &Survey),
    stray: &Commit,
) -> Result<Option<(usize, &'static str)>> {
    let same = |c: &Commit| c.author() == stray.author() && c.subject_bytes() == stray.subject_bytes();
    if let Some(at) = series.commits.iter().position(same) {
        return Ok(Some((at + 1, "same author, date and subject")));
    }
    let Some(mut paths) = paths_of(store, stray.id)? else {
        return Ok(None);
    };
    paths.sort();
    let touches = |at: usize| {
        let mut touched: Vec<BString> = survey.changes[at].paths.iter().map(|c| c.path.clone()).collect();
        touched.sort();
        touched == paths
    };
    let like: Vec<Oid> = (0..series.commits.len()).filter(|at| touches(*at)).map(|at| series.commits[at].id).collect();
    let patches = repo.patch_ids(&[&like[..], &[stray.id]].concat(), Direction::Forward)?;
    let same = |c: &Commit| like.contains(&c.id) && patches.get(&c.id) == patches.get(&stray.id);
    let at = series.commits.iter().position(same).filter(|_| patches.contains_key(&stray.id));
    Ok(at.map(|at| (at + 1, "same change")))
}
