//! MEASURING: migrates commits whose answer somebody else knows, by the whole pipeline, and writes what a scorer reads.
//!
//! In: pairs of a commit and what it shall be put on. Out: a line for each, and the migrated commits in a repository of their
//! own, which holds the pairs' commits with their ancestors and nothing else. No answer is in reach of what is measured.
//! [`miggpt`] runs the task of the parent paper on snippets.

pub mod calibrate;
mod logistic;
pub mod metrics;
pub mod miggpt;

use crate::error::{Error, Result};
use crate::git::{Ask, Git, Merges, Repo};
use crate::merge::Evidence;
use crate::rebase::{Leaves, Rebase, Target};
use crate::run::{FileOutcome, Finding, Options, Outcome, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A commit to migrate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Pair {
    /// Its name.
    pub pair: String,
    /// The commit.
    pub old: String,
    /// What to put it on.
    pub onto: String,
}

/// What became of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Its name.
    pub pair: String,
    /// The commit on top of `onto`; `None` if it was left out.
    pub commit: Option<String>,
    /// As in `--json`.
    pub status: Status,
    /// As in `--json`.
    pub flags: Vec<crate::run::Flag>,
    /// As in `--json`.
    pub confidence: Option<f64>,
    /// As in `--json`.
    pub predicted_distance: Option<f64>,
    /// As in `--json`.
    pub files: Vec<FileOutcome>,
    /// As in `--json`.
    pub findings: Vec<Finding>,
    /// As in `--json`.
    pub evidence: Vec<Evidence>,
}

/// Reads pairs, a JSON object a line.
///
/// # Errors
/// A line is none; it is named.
pub fn read_pairs(text: &str) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let pair: Pair = serde_json::from_str(line).map_err(|e| {
            Error::fatal(format!("line {}: {e}", at + 1))
                .hint(r#"each line is an object: {"pair": "<name>", "old": "<commit>", "onto": "<commit>"}"#)
        })?;
        pairs.push(pair);
    }
    Ok(pairs)
}

/// Migrates every pair in a repository at `place`, several at a time; the answers are in the order of the pairs.
/// `told` is called after each.
///
/// # Errors
/// A commit is not in `source`, `place` holds something else, or the disk.
pub fn evaluate(
    (source, place): (&Repo, &Path),
    pairs: &[Pair],
    options: &Options,
    told: &(dyn Fn() + Sync),
) -> Result<Vec<Answer>> {
    let ids: BTreeSet<String> = pairs.iter().flat_map(|p| [p.old.clone(), p.onto.clone()]).collect();
    if let Some(id) = ids.iter().find(|id| source.parse_id(id.as_bytes()).is_none()) {
        return Err(Error::fatal(format!("'{id}' is no whole object id")));
    }
    let place = Repo::isolated(place, source, &ids)?.common_dir().to_owned();
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(pair) = pairs.get(at) else {
                return Ok(());
            };
            let answer = migrate(&place, pair, options).map_err(|e| e.while_doing(format!("pair {}", pair.pair)))?;
            answers.lock().expect("no thread panics with it").push((at, answer));
            told();
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("measuring does not panic"))
    })?;
    let mut answers = answers.into_inner().expect("no thread panicked with it");
    answers.sort_by_key(|(at, _)| *at);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}

/// Migrates one commit, as a series of its own.
fn migrate(place: &Path, pair: &Pair, options: &Options) -> Result<Answer> {
    let repo = Repo::open(Git::alone_at(place))?;
    let ask = Ask {
        ranges: vec![format!("{0}^..{0}", pair.old)],
        listed: None,
        root: false,
        base: None,
        onto: pair.onto.clone(),
        merges: Merges::Refuse,
    };
    let target =
        Target { branch: None, allowed: Vec::new(), decisions: Vec::new(), expect_tree: None, leaves: Leaves::Objects };
    let mut rebase = Rebase::start(repo, &ask, options.clone(), target)?;
    let outcomes = rebase.by_ref().collect::<Result<Vec<Outcome>>>()?;
    rebase.finish()?;
    let outcome = outcomes.into_iter().next().ok_or_else(|| Error::fatal("the series has no commit"))?;
    Ok(Answer {
        pair: pair.pair.clone(),
        commit: outcome.new,
        status: outcome.status,
        flags: outcome.flags,
        confidence: outcome.confidence,
        predicted_distance: outcome.predicted_distance,
        files: outcome.files,
        findings: outcome.findings,
        evidence: outcome.evidence,
    })
}
