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
use crate::pick::{Asking, Heard, Unanswered};
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
    (options, mut model): (&Options, Option<Questioner<'_>>),
    told: &(dyn Fn() + Sync),
) -> Result<Vec<Answer>> {
    let ids = pairs.iter().flat_map(|p| [p.old.clone(), p.onto.clone()]);
    // Of what people settled only what whoever measures has named: an answer may be in it.
    let ids: BTreeSet<String> = ids.chain(options.memory.clone()).collect();
    if let Some(id) = ids.iter().find(|id| source.parse_id(id.as_bytes()).is_none()) {
        return Err(Error::fatal(format!("'{id}' is no whole object id")));
    }
    let place = Repo::isolated(place, source, &ids)?.common_dir().to_owned();
    let mut jobs: Vec<Job<'_>> =
        pairs.iter().map(|pair| Job { pair, asking: model.as_ref().map(|m| m.asking.clone()), done: None }).collect();
    for _ in 0..ROUNDS {
        migrate_all(&place, &mut jobs, options, told)?;
        let Some(Questioner { answers, .. }) = &mut model else { break };
        let asked: Vec<(usize, Unanswered)> = jobs
            .iter_mut()
            .enumerate()
            .flat_map(|(at, job)| job.unanswered().into_iter().map(move |q| (at, q)))
            .collect();
        if asked.is_empty() {
            break;
        }
        let questions: Vec<Unanswered> = asked.iter().map(|(_, question)| question.clone()).collect();
        for ((at, question), heard) in asked.into_iter().zip(answers(&questions)) {
            jobs[at].hear(&question, heard);
        }
    }
    jobs.into_iter().map(|job| job.done.ok_or_else(|| Error::fatal("a pair was not migrated"))).collect()
}

/// How often pairs are migrated at most: once, and again for each answer that leads to another question.
const ROUNDS: usize = 5;

/// Who answers what the walks leave open.
pub struct Questioner<'a> {
    /// What the walks know of the model.
    pub asking: Asking,
    /// Answers questions, all at once.
    pub answers: &'a mut dyn FnMut(&[Unanswered]) -> Vec<Heard>,
}

/// A pair on its way.
struct Job<'a> {
    pair: &'a Pair,
    asking: Option<Asking>,
    /// `None` if it has to be migrated, for the first time or again.
    done: Option<Answer>,
}

impl Job<'_> {
    fn unanswered(&mut self) -> Vec<Unanswered> {
        self.asking.as_mut().map(Asking::take_unanswered).unwrap_or_default()
    }

    fn hear(&mut self, question: &Unanswered, heard: Heard) {
        if let Some(asking) = &mut self.asking {
            asking.hear(&question.prompt, heard);
            self.done = None;
        }
    }
}

/// Migrates what has to be, several at a time.
fn migrate_all(place: &Path, jobs: &mut [Job<'_>], options: &Options, told: &(dyn Fn() + Sync)) -> Result<()> {
    let open: Vec<Mutex<&mut Job<'_>>> = jobs.iter_mut().filter(|job| job.done.is_none()).map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        loop {
            let Some(job) = open.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return Ok(());
            };
            let mut job = job.lock().expect("each job has one thread");
            let name = &job.pair.pair;
            let (answer, asking) = migrate(place, job.pair, (options, job.asking.take()))
                .map_err(|e| e.while_doing(format!("pair {name}")))?;
            (job.done, job.asking) = (Some(answer), asking);
            told();
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("measuring does not panic"))
    })
}

/// Migrates one commit, as a series of its own.
fn migrate(
    place: &Path,
    pair: &Pair,
    (options, asking): (&Options, Option<Asking>),
) -> Result<(Answer, Option<Asking>)> {
    let repo = Repo::open(Git::alone_at(place))?;
    let ask = Ask {
        ranges: vec![format!("{0}^..{0}", pair.old)],
        listed: None,
        named: None,
        root: false,
        base: None,
        onto: pair.onto.clone(),
        merges: Merges::Refuse,
    };
    let target = Target::plain(Leaves::Objects);
    let mut rebase = Rebase::start(repo, &ask, options.clone(), target)?;
    if let Some(asking) = asking {
        rebase = rebase.asking(asking);
    }
    let outcomes = rebase.by_ref().collect::<Result<Vec<Outcome>>>()?;
    let asking = rebase.take_asking();
    rebase.finish()?;
    let outcome = outcomes.into_iter().next().ok_or_else(|| Error::fatal("the series has no commit"))?;
    let answer = Answer {
        pair: pair.pair.clone(),
        commit: outcome.new,
        status: outcome.status,
        flags: outcome.flags,
        confidence: outcome.confidence,
        predicted_distance: outcome.predicted_distance,
        files: outcome.files,
        findings: outcome.findings,
        evidence: outcome.evidence,
    };
    Ok((answer, asking))
}
