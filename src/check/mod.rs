//! Builds what the commits of a walk touch, in a throw-away worktree. In: what became of each commit, and how to build. Out: what
//! building came to, by new commit, with findings.
//!
//! ```text
//!   target    which objects a commit's files are                 ground    the worktree, moved from tree to tree
//!   stretch   which commits are built, who broke what            kbuild    configuration; what it does not build is not checked
//!   analyse   what analysers say of four trees; differential  what of that the migration brought
//!   blame     the original commit on the old kernel: was it      program   the only door to make and to the user's command
//!             broken before?
//! ```
//!
//! Building runs what stands in the trees, as `make` by hand would. Nothing of it is kept but what was said.

mod again;
mod analyse;
mod blame;
mod differential;
mod ground;
mod kbuild;
mod program;
mod site;
mod stretch;
mod target;

use crate::error::{Error, Result};
use crate::git::{Repo, Store};
use crate::run::{Checked, CheckedTarget, Inputs, Kept, Outcome, Status, Verdict, unquoted};
pub use again::Again;
use blame::Broken;
use ground::Ground;
use program::{Guard, Shell};
use site::{OBJECTS, Parts, Side, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use stretch::{Build, Came, State};
use target::{Finding, Targets};

/// How to check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The command line, in which `{objects}` stands for what is to be built; default: `make -k -j<processors> {objects}`.
    pub command: Option<String>,
    /// Command lines of analysers, in which `{objects}` or `{files}` stands for what to look at.
    pub analysers: Vec<String>,
    /// A kernel configuration; default: `make defconfig`.
    pub config: Option<PathBuf>,
    /// How many commits are built together, at the last of them; from 1.
    pub stretch: usize,
    /// When a build is ended, and counts as not checked. No outcome depends on it otherwise.
    pub timeout: Option<Duration>,
}

/// What a check came to.
#[derive(Debug, Default)]
pub struct Done {
    /// By new commit.
    pub kept: Vec<(String, Kept)>,
    /// The worktree, which takes its time to go: it is removed when this is dropped, or when the program ends.
    pub worktree: Option<Worktree>,
}

/// A throw-away worktree that nobody needs any more.
#[derive(Debug)]
pub struct Worktree {
    _guard: Guard,
}

/// Checks the commits of a walk, whose objects are on disk, in a worktree at `place`.
///
/// # Errors
/// The command makes no sense, an object is missing, or the disk; a build that fails is none.
pub fn check(
    (repo, store): (&Repo, &mut Store),
    (inputs, outcomes): (&Inputs, &[Outcome]),
    (asked, place): (&Asked, &Path),
    told: &dyn Fn(&str),
) -> Result<Done> {
    let command = command(asked)?;
    analyse::refuse(asked)?;
    let Some(series) = Series::of(repo, store, (inputs, outcomes))? else { return Ok(Done::default()) };
    let mut targets = Vec::new();
    let mut finding = Finding::new(store, outcomes);
    for (outcome, tree) in series.commits.iter().zip(&series.side.trees[1..]) {
        targets.push(finding.of(outcome, *tree)?);
    }
    let touched: Vec<BTreeSet<String>> = targets.iter().map(|t| t.objects.clone()).collect();
    if touched.iter().all(BTreeSet::is_empty) {
        let none = touched.iter().map(|_| BTreeMap::new()).collect();
        return Ok(Done { kept: series.kept((&command, none), &targets, &BTreeMap::new()), worktree: None });
    }
    let guard = Guard::over(place)?;
    let mut ground = Ground::new(place)?;
    let (variables, timeout) = (site::variables(), asked.timeout);
    let mut shell = Shell { dir: place.to_owned(), variables, timeout, guard };
    let came = {
        let parts = Parts { store: &mut *store, ground: &mut ground, shell: &mut shell };
        let mut site = Site::new(parts, &series.side, (asked, &command), told)?;
        let mut came = stretch::walk(&mut site, &touched, asked.stretch)?;
        read_with(&site, &mut came, &mut targets);
        came
    };
    let parts = Parts { store: &mut *store, ground: &mut ground, shell: &mut shell };
    let before = series.before(repo, parts, (&came, asked, &command), told)?;
    let mut kept = series.kept((&command, came), &targets, &before);
    if !asked.analysers.is_empty() {
        let parts = Parts { store, ground: &mut ground, shell: &mut shell };
        let trees = series.ends(repo, parts.store, (inputs, outcomes))?;
        analyse::analyse(parts, (&series, trees, &targets), (asked, told), &mut kept)?;
    }
    let worktree = Some(Worktree { _guard: shell.guard });
    Ok(Done { kept, worktree })
}

fn command(asked: &Asked) -> Result<String> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    match &asked.command {
        None => Ok(format!("make -k -j{processors} {OBJECTS}")),
        Some(command) if command.contains(OBJECTS) => match stranger(command) {
            None => Ok(command.clone()),
            Some(word) => Err(Error::usage(format!("nothing is known to stand for {word} in '{command}'"))
                .hint(format!("only {OBJECTS} stands for something: make -j2 {OBJECTS}"))),
        },
        Some(command) => Err(Error::usage(format!("the check command '{command}' does not say what to build"))
            .hint(format!("write {OBJECTS} where the objects go: make -j2 {OBJECTS}"))),
    }
}

/// What looks like something that is to be filled in, as `{files}`, and is not. `${HOME}` is the shell's.
fn stranger(command: &str) -> Option<&str> {
    let open = command.match_indices('{').filter(|(at, _)| !command[..*at].ends_with('$'));
    let mut words = open.filter_map(|(at, _)| Some(&command[at..at + command[at..].find('}')? + 1]));
    words.find(|word| {
        *word != OBJECTS && word.len() > 2 && word[1..word.len() - 1].bytes().all(|c| c.is_ascii_lowercase())
    })
}

/// The old commit of a position, by target what it came to.
type Before = BTreeMap<usize, BTreeMap<String, State>>;

/// The commits that were carried, with their trees.
struct Series<'a> {
    /// Position 1 is the first.
    commits: Vec<&'a Outcome>,
    /// Onto, and onto with each commit.
    side: Side,
}

impl<'a> Series<'a> {
    /// `None`: no commit was carried.
    fn of(repo: &Repo, store: &mut Store, (inputs, outcomes): (&Inputs, &'a [Outcome])) -> Result<Option<Self>> {
        let commits: Vec<&Outcome> =
            outcomes.iter().filter(|o| o.new.is_some() && o.status != Status::Pending).collect();
        let ids = std::iter::once(Some(inputs.onto.as_str())).chain(commits.iter().map(|o| o.new.as_deref()));
        let mut trees = Vec::new();
        for hex in ids {
            let id = repo.written_id(hex).ok_or_else(|| Error::fatal("the record names a commit by no id"))?;
            trees.push(store.commit(id)?.tree);
        }
        let itself = std::iter::once(format!("{} itself", inputs.onto_name));
        let called = itself.chain(commits.iter().map(|o| format!("commit {}", o.n))).collect();
        let side = Side { name: "new", trees, called };
        Ok(Some(Self { commits, side }).filter(|series| !series.commits.is_empty()))
    }

    /// The old kernel, and the same with the whole series; only the latter, if the series begins with a root.
    fn ends(&self, repo: &Repo, store: &mut Store, (inputs, outcomes): (&Inputs, &[Outcome])) -> Result<Side> {
        let last = outcomes.last().map(|outcome| outcome.old.as_str());
        let mut side = Side { name: "old", trees: Vec::new(), called: Vec::new() };
        for (hex, called) in [(inputs.base.as_deref(), "the old kernel"), (last, "the series on the old kernel")] {
            let Some(id) = repo.written_id(hex) else { continue };
            side.trees.push(store.commit(id)?.tree);
            side.called.push(called.to_owned());
        }
        Ok(side)
    }

    /// Builds the original commits of those that break something, on the old kernel.
    fn before(
        &self,
        repo: &Repo,
        parts: Parts<'_>,
        (came, asked, command): (&[BTreeMap<String, Came>], &Asked, &str),
        told: &dyn Fn(&str),
    ) -> Result<Before> {
        // By the position where it was seen: what first has an object built on the new kernel does so on the old one.
        let mut broken: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
        for (author, came) in came.iter().enumerate() {
            for (target, came) in came {
                if let Came::Breaks { at, .. } = came {
                    broken.entry(at - 1).or_default().push((author, target.clone()));
                }
            }
        }
        if broken.is_empty() {
            return Ok(Before::new());
        }
        let mut trees = Vec::new();
        for at in broken.keys() {
            let old = repo.written_id(Some(&self.commits[*at].old));
            let old = old.ok_or_else(|| Error::fatal("the record names a commit by no id"))?;
            trees.push(parts.store.commit(old)?.tree);
        }
        let called = broken.keys().map(|at| format!("commit {} as it was", self.commits[*at].n)).collect();
        let side = Side { name: "old", trees, called };
        let mut site = Site::new(parts, &side, (asked, command), told)?;
        let mut before = Before::new();
        for (position, (_, targets)) in broken.into_iter().enumerate() {
            let old: Vec<String> =
                targets.iter().map(|(author, target)| old_name(self.commits[*author], target)).collect();
            for ((author, target), state) in targets.into_iter().zip(site.build(position, &old)?) {
                before.entry(author).or_default().insert(target, state);
            }
        }
        Ok(before)
    }

    /// What is kept of each commit.
    fn kept(
        &self,
        (command, came): (&str, Vec<BTreeMap<String, Came>>),
        targets: &[Targets],
        before: &Before,
    ) -> Vec<(String, Kept)> {
        let mut all = Vec::new();
        for (at, ((outcome, came), targets)) in self.commits.iter().zip(came).zip(targets).enumerate() {
            let mut checked = Vec::new();
            let mut findings = Vec::new();
            for (target, came) in came {
                let state = before.get(&at).and_then(|states| states.get(&target));
                let before = state.map(|state| (outcome.old.as_str(), state));
                let (told, found) = self.judged((outcome, &target), &came, before);
                checked.push(told);
                findings.extend(found);
            }
            let without = |(path, why): (&String, &String)| not_checked(path, why.clone());
            checked.extend(targets.without.iter().map(without));
            let kept = Kept { checked: Checked::of(command, checked), findings };
            all.extend(outcome.new.clone().map(|new| (new, kept)));
        }
        all
    }

    fn judged(
        &self,
        (outcome, target): (&Outcome, &str),
        came: &Came,
        before: Option<(&str, &State)>,
    ) -> (CheckedTarget, Vec<crate::run::Finding>) {
        // Positions count what was carried; people count the series.
        let n = |position: usize| self.commits.get(position.wrapping_sub(1)).map(|o| o.n);
        match came {
            Came::Built(_) if outcome.status == Status::Conflicted => {
                let why = "it builds with the patch's side of what is in conflict, which is not what it will be";
                (not_checked(target, why.to_owned()), Vec::new())
            }
            Came::Built(at) => {
                let target = target.to_owned();
                (CheckedTarget { target, verdict: Verdict::Passed, at: n(*at), why: None }, Vec::new())
            }
            Came::Breaks { at, said } => Broken { target, output: said, before }.judged(n(*at).unwrap_or(outcome.n)),
            Came::Since(0) => (not_checked(target, "the new kernel itself does not build it".to_owned()), Vec::new()),
            Came::Since(at) => {
                let by = n(*at).map(|n| format!("it does not build since {n}")).unwrap_or_default();
                (not_checked(target, by), Vec::new())
            }
            Came::Absent(why) => (not_checked(target, why.clone()), Vec::new()),
        }
    }
}

/// Objects that are asked whether a header was compiled into them.
const MOST_READERS: usize = 64;

/// Headers of which no user was known are built after all, if the compiler read them for an object that was built in the tree of
/// their commit or a later one.
fn read_with(site: &Site<'_>, came: &mut [BTreeMap<String, Came>], targets: &mut [Targets]) {
    let objects = |came: &BTreeMap<String, Came>| -> Vec<(String, usize)> {
        let built = |(object, came): (&String, &Came)| match came {
            Came::Built(at) => Some((object.clone(), *at)),
            _ => None,
        };
        came.iter().filter_map(built).collect()
    };
    let built: Vec<(String, usize)> = came.iter().flat_map(objects).collect();
    for (position, targets) in (1..).zip(targets) {
        targets.without.retain(|path, _| {
            let later = built.iter().filter(|(_, at)| *at >= position).take(MOST_READERS);
            let reader = later.into_iter().find(|(object, _)| site.has_read(object, path));
            if let Some((_, at)) = reader {
                came[position - 1].insert(path.clone(), Came::Built(*at));
            }
            reader.is_none()
        });
    }
}

fn not_checked(target: &str, why: String) -> CheckedTarget {
    CheckedTarget { target: target.to_owned(), verdict: Verdict::NotChecked, at: None, why: Some(why) }
}

/// The target's name in the old series, if its file has moved.
fn old_name(outcome: &Outcome, target: &str) -> String {
    let stem = target.strip_suffix(".o").unwrap_or(target);
    let moved = outcome.files.iter().find_map(|file| {
        let (new, old) = (unquoted(&file.path), unquoted(file.path_old.as_ref()?));
        let end = new.strip_prefix(stem.as_bytes()).filter(|end| [&b".c"[..], b".S"].contains(end))?;
        let old = old.strip_suffix(end)?;
        String::from_utf8(old.to_vec()).ok()
    });
    format!("{}.o", moved.as_deref().unwrap_or(stem))
}
