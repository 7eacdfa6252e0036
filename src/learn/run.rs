//! What people settled in a run, or in the middle of a git command: the files that they left, with the sides that these were made for.

use super::{Case, Learned, decided};
use crate::error::Result;
use crate::git::{Commit, Oid, Repo, Store};
use crate::memory::{How, Modes, Origin};
use crate::merge::Sides;
use crate::run::{Decisions, Fix, Inputs};
use std::collections::BTreeMap;

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// Old and new ids of commits that nobody has to look at any more; no new one where nothing is left of it.
    pub carried: Vec<(String, String)>,
    /// By commit and path, the modes of the sides of what people settled.
    pub modes: BTreeMap<(String, String), Modes>,
}

/// Learns from the decisions of a run and what came of them. A text that is gone teaches nothing.
///
/// # Errors
/// An object is damaged.
pub fn settled_in_run(
    repo: &Repo,
    store: &mut Store,
    (inputs, decisions): (&Inputs, &Decisions),
    walked: &Walked,
) -> Result<Learned> {
    let taken_back = decisions.taken_back().iter().map(|old| (inputs.branch.clone(), old.clone())).collect();
    let mut learned = Learned { taken_back, ..Learned::default() };
    // A link has no lines.
    let is_link = |fix: &&Fix| {
        let modes = walked.modes.get(&(fix.old.clone(), fix.path.clone()));
        modes.is_some_and(|modes| modes.iter().flatten().any(|mode| mode & 0o170_000 != 0o100_000))
    };
    for fix in decisions.fixes().iter().filter(|fix| !decisions.drops(&fix.old) && !is_link(fix)) {
        let id = |hex: Option<&String>| repo.written_id(hex.map(String::as_str)).filter(|id| store.has(*id));
        let [base, ours, theirs] = &fix.sides;
        let result = id(fix.result.as_ref().map(|stored| &stored.id));
        let (Some(ours), Some(theirs), Some(result)) = (id(ours.as_ref()), id(theirs.as_ref()), result) else {
            continue;
        };
        let base = match base {
            Some(_) => match id(base.as_ref()) {
                Some(base) => Some(base),
                None => continue,
            },
            // Without a base both sides add the file.
            None => None,
        };
        let mut read = |id: Oid| store.blob(id).map(|blob| blob.data);
        let base = base.map(&mut read).transpose()?.unwrap_or_else(|| (*b"").into());
        let (ours, theirs, result) = (read(ours)?, read(theirs)?, read(result)?);
        let mut origin = Origin::new(How::Run);
        origin.commit.clone_from(&fix.old);
        origin.subject = repo
            .parse_id(fix.old.as_bytes())
            .and_then(|id| store.commit(id).ok())
            .map_or_else(String::new, |c| c.subject());
        origin.by.clone_from(&inputs.committer);
        origin.run.clone_from(&inputs.branch);
        origin.onto.clone_from(&inputs.onto_name);
        let sides = Sides { base: &base[..], ours: &ours[..], theirs: &theirs[..] };
        learned.study(&Case { path: fix.path.clone(), sides, result: &result }, &origin)?;
    }
    let origin = |commit: &Commit| Origin {
        commit: commit.id.to_string(),
        subject: commit.subject(),
        by: inputs.committer.clone(),
        run: inputs.branch.clone(),
        onto: inputs.onto_name.clone(),
        ..Origin::new(How::Run)
    };
    learned.decisions = decided::of_run((repo, store), (decisions, &walked.modes), &origin)?;
    let is_settled = |(old, _): &&(String, String)| decisions.changes(old) && !decisions.drops(old);
    let settled: Vec<(String, String)> = walked.carried.iter().filter(is_settled).cloned().collect();
    learned.decisions.extend(decided::of_carried((repo, store), (&settled, &inputs.onto), &origin)?);
    Ok(learned)
}

/// Learns from files that people settled, by path, with their three sides.
///
/// # Errors
/// An object is missing.
pub fn settled_by_hand(store: &mut Store, files: &[(String, Sides<Oid>, Oid)], origin: &Origin) -> Result<Learned> {
    let mut learned = Learned::default();
    for (path, sides, result) in files {
        let texts = sides.map(|id| store.blob(id).map(|blob| blob.data)).transpose()?;
        let result = store.blob(*result)?.data;
        let sides = texts.as_ref().map(|text| &text[..]);
        learned.study(&Case { path: path.clone(), sides, result: &result }, origin)?;
    }
    Ok(learned)
}
