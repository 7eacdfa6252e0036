//! SERIES: an iterator of outcomes that owns the tip. Refs move in [`Rebase::finish`], and only there.
//!
//! ```text
//!   start: find the series, take the survey      next: pick a commit onto the tip      finish: packs, record, refs, hook
//! ```

use crate::error::{Error, Result};
use crate::git::tree::{self, Changed, Edit, Entry, Twin};
use crate::git::{Ask, Kind, Move, Oid, Repo, Series, Store, Writes};
use crate::merge::Change;
use crate::pick::{self, Ahead, Pickable, Picker, Tip};
use crate::run::{Flag, Inputs, OnConflict, Options, Outcome, Record, RunName, Status, UpstreamPolicy, quoted};
use crate::survey::Survey;
use bstr::{BString, ByteSlice};
use std::sync::Arc;

/// What may be in the branch although it is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Walk trees of conflicted commits (`--allow-conflicts`).
    Conflicts,
    /// Commits that nobody has reviewed (`--unreviewed`).
    Unreviewed,
}

/// Where the result goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The branch to make; by default `<source>-<onto>`.
    pub branch: Option<String>,
    /// What may be in it.
    pub allowed: Vec<Allowed>,
    /// A revision whose tree the result must have.
    pub expect_tree: Option<String>,
    /// Packs, or a dry run.
    pub writes: Writes,
}

/// A series on its way.
pub struct Rebase {
    repo: Repo,
    store: Store,
    series: Series,
    survey: Arc<Survey>,
    ahead: Ahead,
    inputs: Inputs,
    target: Target,
    /// Where the branch was when the run began; it must still be there when refs move.
    branch_was: Option<Oid>,
    expected: Option<Oid>,
    tip: Tip,
    outcomes: Vec<Outcome>,
    stopped: bool,
}

/// What came of the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Written, with what is in it although it is not settled.
    Written(Vec<Allowed>),
    /// Not written: what stands in the way.
    Withheld(Vec<Allowed>),
    /// A dry run.
    DryRun,
}

/// A path whose result is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexpected {
    /// The path, quoted where needed.
    pub path: String,
    /// The commit that touched it last: position and subject.
    pub by: Option<(usize, String)>,
}

/// A finished run.
#[derive(Debug)]
pub struct Finished {
    /// The branch's name.
    pub name: String,
    /// What came of it.
    pub branch: Branch,
    /// The last commit of the walk.
    pub tip: Oid,
    /// The ref of the run's record, unless it was a dry run.
    pub record: Option<String>,
    /// Paths that differ from `--expect-tree`; `None` if none was asked for.
    pub unexpected: Option<Vec<Unexpected>>,
}

impl Rebase {
    /// Finds the series and looks at everything that an outcome depends on.
    ///
    /// # Errors
    /// The range makes no series, the branch is not ours to move, or an object is missing.
    pub fn start(repo: Repo, ask: &Ask, options: Options, target: Target) -> Result<Self> {
        let mut store = repo.store(target.writes)?;
        let series = Series::find(&repo, &mut store, ask)?;
        let committer = repo.committer()?;
        let branch = match &target.branch {
            Some(name) => name.clone(),
            None => default_branch(&series),
        };
        let expected = match &target.expect_tree {
            Some(revision) => Some(tree_of(&repo, revision)?),
            None => None,
        };
        if target.branch.is_some() && !repo.is_branch_name(&branch)? {
            return Err(Error::usage(format!("'{branch}' is not a valid branch name"))
                .hint("give another with --branch=<name>"));
        }
        let branch_was = match target.writes {
            Writes::Packs => refuse_taken_branch(&repo, &mut store, &series, &branch)?,
            Writes::Nowhere => None,
        };
        let survey = Arc::new(Survey::take(&repo, &mut store, &series)?);
        let tip = Tip::on(&store.commit(series.onto)?);
        let ahead = Ahead::start(&repo.place(), &survey, tip.tree);
        let inputs = inputs(&series, branch, &committer, options);
        Ok(Self {
            outcomes: Vec::with_capacity(series.commits.len()),
            stopped: false,
            repo,
            store,
            series,
            survey,
            ahead,
            inputs,
            target,
            branch_was,
            expected,
            tip,
        })
    }

    /// What the run began with.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Merge commits that `--merges=drop` left out.
    pub fn dropped_merges(&self) -> &[Oid] {
        &self.series.dropped_merges
    }

    /// Is onto in base's own past? Then the series goes back in time.
    ///
    /// # Errors
    /// The git program cannot be started.
    pub fn is_backport(&self) -> Result<bool> {
        match self.series.base {
            Some(base) if base != self.series.onto => self.repo.is_ancestor(self.series.onto, base),
            _ => Ok(false),
        }
    }

    fn step(&mut self, at: usize) -> Result<Outcome> {
        let commit = &self.series.commits[at];
        if self.stopped {
            return Ok(pick::pending(at + 1, commit));
        }
        let mut picker = Picker {
            repo: &self.repo,
            store: &mut self.store,
            ahead: &mut self.ahead,
            survey: &self.survey,
            options: &self.inputs.options,
            committer: self.inputs.committer.as_bytes(),
        };
        let pickable = Pickable {
            n: at + 1,
            commit,
            parent_tree: self.survey.changes[at].parent_tree,
            changes: &self.survey.changes[at].paths,
        };
        let outcome = picker.pick(&mut self.tip, pickable)?;
        let options = &self.inputs.options;
        self.stopped = match outcome.status {
            Status::Conflicted => options.on_conflict == OnConflict::Stop,
            Status::Upstream => options.upstream == UpstreamPolicy::Stop,
            _ => false,
        };
        let pinned: Vec<Oid> = self.tip.commit.into_iter().chain([self.tip.tree]).collect();
        self.store.forget_all_but(&pinned)?;
        Ok(outcome)
    }

    /// Writes packs and the record, and moves all refs at once, if nothing stands in the way of the branch.
    ///
    /// # Errors
    /// The disk is full, or a ref is not where it was. No ref was moved.
    pub fn finish(mut self) -> Result<Finished> {
        let tip = self.tip.commit.unwrap_or(self.series.onto);
        let unexpected = match self.expected {
            Some(expected) => Some(self.unexpected(expected)?),
            None => None,
        };
        let (open, stands) = self.unsettled();
        let mut finished = Finished {
            name: self.inputs.branch.clone(),
            branch: match stands.is_empty() {
                true => Branch::Written(open),
                false => Branch::Withheld(stands),
            },
            tip,
            record: None,
            unexpected,
        };
        if self.target.writes == Writes::Nowhere {
            finished.branch = Branch::DryRun;
            return Ok(finished);
        }
        finished.record = Some(self.write_refs(tip, &finished.branch)?);
        if matches!(finished.branch, Branch::Written(_)) {
            self.repo.after_rewrite(&self.rewritten())?;
        }
        Ok(finished)
    }

    /// What is not settled: all of it, and what of it is not allowed in the branch.
    fn unsettled(&self) -> (Vec<Allowed>, Vec<Allowed>) {
        let mut open = Vec::new();
        let unfinished = |o: &Outcome| matches!(o.status, Status::Conflicted | Status::Pending);
        if self.outcomes.iter().any(unfinished) {
            open.push(Allowed::Conflicts);
        }
        if self.outcomes.iter().any(|o| o.has(Flag::ToReview)) {
            open.push(Allowed::Unreviewed);
        }
        let stands = open
            .iter()
            .filter(|o| !self.target.allowed.contains(o))
            .copied()
            .collect();
        (open, stands)
    }

    fn write_refs(&mut self, tip: Oid, branch: &Branch) -> Result<String> {
        let run = RunName(self.inputs.branch.clone());
        let earlier = self.repo.object(&run.record())?;
        let record = self.write_record(earlier)?;
        self.store.flush()?;
        let mut moves = vec![
            self.moved(run.tip(), tip)?,
            self.moved(run.record(), record)?,
            self.moved(RunName::LAST.to_owned(), record)?,
        ];
        if let Branch::Written(open) = branch {
            moves.push(Move {
                name: format!("refs/heads/{}", self.inputs.branch),
                new: tip,
                old: self.branch_was,
            });
            let unsettled = if open.is_empty() {
                ""
            } else {
                ", with unsettled commits"
            };
            let said = format!(
                "kmigrate (finish): {} onto {}{unsettled}",
                self.series.source, self.series.onto_name
            );
            self.repo.move_refs(&moves, &said)?;
        } else {
            let said = format!("kmigrate (walk): {} onto {}", self.series.source, self.series.onto_name);
            self.repo.move_refs(&moves, &said)?;
        }
        Ok(run.record())
    }

    fn moved(&self, name: String, new: Oid) -> Result<Move> {
        let old = self.repo.object(&name)?;
        Ok(Move { name, new, old })
    }

    fn write_record(&mut self, earlier: Option<Oid>) -> Result<Oid> {
        let record = Record {
            inputs: self.inputs.clone(),
            outcomes: std::mem::take(&mut self.outcomes),
        };
        let file = |path: String, id| Edit {
            path: BString::from(path),
            entry: Some(Entry { mode: 0o100_644, id }),
            own: false,
        };
        let mut edits = Vec::new();
        for (name, text) in record.files() {
            let id = self.store.put(Kind::Blob, text, None)?.id;
            edits.push(file(name.to_owned(), id));
        }
        for outcome in &record.outcomes {
            for (k, conflicted) in outcome.files.iter().enumerate() {
                let diff3 = conflicted.conflict.as_ref().and_then(|c| c.diff3.as_ref());
                let id = diff3.and_then(|hex| self.repo.parse_id(hex.as_bytes()));
                edits.extend(id.map(|id| file(format!("conflicts/{}/{k}", outcome.n), id)));
            }
        }
        let tree = tree::write(&mut self.store, (None, Twin::default()), &edits)?.tree;
        self.outcomes = record.outcomes;
        let parent = earlier.map_or_else(String::new, |id| format!("parent {id}\n"));
        let who = &self.inputs.committer;
        let said = format!("kmigrate: {} onto {}\n", self.series.source, self.series.onto_name);
        let commit = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{said}");
        Ok(self.store.put(Kind::Commit, commit.into_bytes(), None)?.id)
    }

    fn rewritten(&self) -> Vec<(Oid, Oid)> {
        let pairs = self.outcomes.iter().filter_map(|o| {
            let new = self.repo.parse_id(o.new.as_ref()?.as_bytes())?;
            Some((self.repo.parse_id(o.old.as_bytes())?, new))
        });
        pairs.filter(|(old, new)| old != new).collect()
    }

    fn unexpected(&mut self, expected: Oid) -> Result<Vec<Unexpected>> {
        let change = Change {
            before: Some(expected),
            after: Some(self.tip.tree),
        };
        let differing: Vec<Changed> = tree::diff(&mut self.store, change)?;
        let last = |path: &str| {
            let touched = |o: &&Outcome| o.files.iter().any(|f| f.path == path);
            let by = self.outcomes.iter().rev().find(touched);
            by.map(|o| (o.n, o.subject.clone()))
        };
        let paths = differing.iter().map(|c| quoted(c.path.as_bstr()));
        Ok(paths.map(|path| Unexpected { by: last(&path), path }).collect())
    }
}

impl Iterator for Rebase {
    type Item = Result<Outcome>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.outcomes.len();
        if at == self.series.commits.len() {
            return None;
        }
        let outcome = self.step(at);
        if let Ok(outcome) = &outcome {
            self.outcomes.push(outcome.clone());
        }
        Some(outcome)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.series.commits.len() - self.outcomes.len();
        (left, Some(left))
    }
}

fn inputs(series: &Series, branch: String, committer: &[u8], options: Options) -> Inputs {
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
    }
}

/// `<source>-<onto>`, with what no branch name may hold as `-`.
fn default_branch(series: &Series) -> String {
    let onto = series
        .onto_name
        .trim_start_matches("refs/tags/")
        .trim_start_matches("refs/heads/");
    let onto = match series.onto.to_string().starts_with(onto) && onto.len() > 12 {
        true => &onto[..12],
        false => onto,
    };
    let joined = format!("{}-{onto}", series.source);
    let plain = |c: char| c.is_alphanumeric() || "._-+".contains(c);
    let name: String = joined.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    name.trim_matches(['-', '.']).replace("..", "-")
}

fn tree_of(repo: &Repo, revision: &str) -> Result<Oid> {
    repo.tree_of(revision)?
        .ok_or_else(|| Error::fatal(format!("--expect-tree: bad revision '{revision}'")))
}

/// A branch that exists is moved only if an earlier run of this series made it and nobody has moved it since.
/// Returns where it is now.
fn refuse_taken_branch(repo: &Repo, store: &mut Store, series: &Series, name: &str) -> Result<Option<Oid>> {
    let full = format!("refs/heads/{name}");
    let Some(now) = repo.object(&full)? else {
        return Ok(None);
    };
    let other = || "give another name with --branch=<name>, or delete the branch";
    let run = RunName(name.to_owned());
    let ours = repo.object(&run.tip())? == Some(now) && source_of(repo, store, &run)? == Some(series.source.clone());
    if !ours {
        return Err(Error::fatal(format!(
            "a branch named '{name}' exists, and no run of {} left it where it is",
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

fn source_of(repo: &Repo, store: &mut Store, run: &RunName) -> Result<Option<String>> {
    let Some(id) = repo.object(&run.record())? else {
        return Ok(None);
    };
    Ok(Some(read_record(store, id)?.inputs.source))
}

/// Reads the record of a run.
///
/// # Errors
/// It is missing, or of a version that this tool does not read.
pub fn read_record(store: &mut Store, commit: Oid) -> Result<Record> {
    let tree = store.commit(commit)?.tree;
    let mut text = |name: &str| -> Result<Vec<u8>> {
        let entry = tree::lookup(store, tree, name.as_bytes().as_bstr())?;
        let entry = entry.ok_or_else(|| Error::fatal(format!("run record {commit} has no {name}")))?;
        Ok(store.blob(entry.id)?.data.to_vec())
    };
    let (inputs, outcomes) = (text(Record::INPUTS)?, text(Record::OUTCOMES)?);
    Record::parse(&inputs, &outcomes).map_err(|e| {
        Error::fatal(format!("run record {commit} cannot be read: {e}"))
            .hint("it may be of another version of git-kmigrate; run the migration again")
    })
}
