//! Learns the country before the walk: what each commit changes, what upstream moved, what upstream has already, which names that
//! the series uses are gone, and which that it takes away are used.
//!
//! In: a [`Series`]. Out: a [`Survey`], read-only for the whole walk, so that a commit's outcome depends on the tip and on nothing
//! that happened on the way.

mod agreement;
mod content;
mod culprits;
mod moves;
mod names;
mod shares;
mod stale;
mod stranded;
mod upstream;

pub use agreement::Agreement;
pub use content::{Content, Held, HeldFile, evidence};
pub use culprits::Culprit;
pub use moves::{Moves, Placement};
pub use names::{ask_names, names};
pub use stale::{Header, How, Stale, StaleName, Taught, include, included, names_in, place_of, taught};
pub use stranded::Stranded;
pub use upstream::{TipView, Upstream, Verdict};

use crate::error::Result;
use crate::git::tree::{self, Finder};
use crate::git::{Git, History, ObjectFormat, Oid, Repo, Series, Store, Stretch};
use crate::merge::Change;
use crate::run::LookUp;
use bstr::BString;
use rustc_hash::FxHashSet;
use shares::shared_out;
use std::collections::BTreeSet;

/// What is known before the first commit is picked.
#[derive(Debug)]
pub struct Survey {
    /// Per commit of the series, what it changes.
    pub changes: Vec<Changes>,
    /// Paths of the series at which old and new upstream differ: only there can anything have to be merged.
    pub drifted: FxHashSet<BString>,
    /// Where upstream moved what the series changes.
    pub moves: Moves,
    /// What upstream has already.
    pub upstream: Upstream,
    /// Names that the series uses and that new upstream has no more.
    pub stale: Stale,
    /// What the new kernel uses of what the series takes away.
    pub stranded: Stranded,
    /// What upstream has by content alone.
    pub content: Content,
}

/// What a commit changes.
#[derive(Debug)]
pub struct Changes {
    /// Its parent's tree.
    pub parent_tree: Option<Oid>,
    /// The paths, in the order of the trees.
    pub paths: Vec<tree::Changed>,
}

/// The trees of old and new upstream.
#[derive(Clone, Copy, Debug)]
pub struct Country {
    /// Old upstream; `None` for a series that begins history.
    pub base: Option<(Oid, Oid)>,
    /// New upstream: commit and tree.
    pub onto: (Oid, Oid),
}

impl Country {
    fn of(store: &mut Store, series: &Series) -> Result<Self> {
        let base = match series.base {
            Some(id) => Some((id, store.commit(id)?.tree)),
            None => None,
        };
        Ok(Self { base, onto: (series.onto, store.commit(series.onto)?.tree) })
    }
}

impl Survey {
    /// Looks at the whole series.
    ///
    /// # Errors
    /// An object is missing or damaged, or git fails.
    pub fn take((repo, store): (&Repo, &mut Store), series: &Series, look_up: LookUp) -> Result<Self> {
        Self::taken((repo, store), series, look_up).map_err(|e| repo.lacking(e))
    }

    fn taken((repo, store): (&Repo, &mut Store), series: &Series, look_up: LookUp) -> Result<Self> {
        let changes = changes(repo, store, series)?;
        let country = Country::of(store, series)?;
        let paths = paths(&changes);
        // A repository handle is for one thread; git itself and the format are plain values.
        let (git, format) = (repo.git.clone(), repo.format());
        let (found, history) = std::thread::scope(|scope| {
            let history = scope.spawn(|| history((&git, format), country, &paths));
            let found = standing(store, country, &paths).and_then(|standing| {
                prefetch(repo, store, &changes, &standing)?;
                let moves = Moves::survey(repo, store, country, &standing)?;
                prefetch_moved(repo, store, country.onto.1, (&moves, &standing))?;
                Ok((moves, standing))
            });
            (found, history.join().expect("reading history does not panic"))
        });
        let (moves, standing) = found?;
        let drifted = standing.into_iter().filter(|s| s.base != s.onto).map(|s| s.path).collect();
        let ids: Vec<Oid> = series.commits.iter().map(|c| c.id).collect();
        let place = repo.place();
        let (known, content) = std::thread::scope(|scope| {
            let content = scope.spawn(|| Content::survey(&place, country, (&ids, &changes), (&moves, &drifted)));
            let known = history.and_then(|history| {
                let upstream = Upstream::survey((repo, store), country, (series, &changes), history)?;
                if look_up == LookUp::Nothing {
                    return Ok((upstream, Stale::default(), Stranded::default()));
                }
                let stale = Stale::survey((repo, store), (country, &moves), (series, &changes), look_up)?;
                let stranded = Stranded::survey((repo, store), country, (series, &changes), &moves)?;
                Ok((upstream, stale, stranded))
            });
            (known, content.join().expect("looking at content does not panic"))
        });
        let ((upstream, stale, stranded), content) = (known?, content?);
        Ok(Self { changes, drifted, moves, upstream, stale, stranded, content })
    }
}

/// A path of the series, with what stands there on both kernels.
#[derive(Debug)]
pub struct Standing {
    /// The path.
    pub path: BString,
    /// On old upstream.
    pub base: Option<tree::Entry>,
    /// On new upstream.
    pub onto: Option<tree::Entry>,
}

/// The paths that a series changes, in order.
fn paths(changes: &[Changes]) -> Vec<BString> {
    let paths: BTreeSet<&BString> = changes.iter().flat_map(|c| &c.paths).map(|c| &c.path).collect();
    paths.into_iter().cloned().collect()
}

fn standing(store: &mut Store, country: Country, paths: &[BString]) -> Result<Vec<Standing>> {
    let mut in_base = country.base.map(|(_, tree)| Finder::new(tree));
    let mut in_onto = Finder::new(country.onto.1);
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        let base = match &mut in_base {
            Some(finder) => finder.find(store, path.as_ref())?,
            None => None,
        };
        all.push(Standing { path: path.clone(), base, onto: in_onto.find(store, path.as_ref())? });
    }
    Ok(all)
}

/// Reads what upstream did in the meantime, where it did anything.
fn history((git, format): (&Git, ObjectFormat), country: Country, paths: &[BString]) -> Result<History> {
    let (onto, _) = country.onto;
    match country.base {
        Some((base, _)) if base != onto => History::read(git, format, Stretch { base, onto, paths }),
        _ => Ok(History::default()),
    }
}

/// What each commit changes; the series is shared out among threads.
fn changes(repo: &Repo, store: &mut Store, series: &Series) -> Result<Vec<Changes>> {
    let mut roots = Vec::with_capacity(series.commits.len());
    let mut trees = rustc_hash::FxHashMap::default();
    for commit in &series.commits {
        let before = match commit.parents.first() {
            None => None,
            Some(parent) => Some(match trees.get(parent) {
                Some(tree) => *tree,
                None => store.commit(*parent)?.tree,
            }),
        };
        trees.insert(commit.id, commit.tree);
        roots.push(Change { before, after: Some(commit.tree) });
    }
    shared_out(&repo.place(), &roots, |mut store, roots| {
        let one = |r: &Change<Option<Oid>>| Ok(Changes { parent_tree: r.before, paths: tree::diff(&mut store, *r)? });
        roots.iter().map(one).collect()
    })
}

/// In a partial clone, has git fetch all blobs that the walk may read, in one go.
fn prefetch(repo: &Repo, store: &Store, changes: &[Changes], standing: &[Standing]) -> Result<()> {
    if repo.promisor().is_none() {
        return Ok(());
    }
    let changed = changes.iter().flat_map(|c| &c.paths).flat_map(|c| [c.entry.before, c.entry.after]);
    let wanted: BTreeSet<tree::Entry> = changed.chain(standing.iter().map(|s| s.onto)).flatten().collect();
    repo.bring(store, wanted.iter().filter(|e| is_blob(**e)).map(|e| e.id))
}

/// The same for files that upstream moved.
fn prefetch_moved(repo: &Repo, store: &mut Store, onto: Oid, (moves, standing): (&Moves, &[Standing])) -> Result<()> {
    if repo.promisor().is_none() {
        return Ok(());
    }
    let mut wanted = Vec::new();
    for moved in standing.iter().filter_map(|s| moves.of_file(s.path.as_ref())) {
        wanted.extend(tree::lookup(store, onto, moved.path.as_ref())?);
    }
    repo.bring(store, wanted.iter().filter(|e| is_blob(**e)).map(|e| e.id))
}

fn is_blob(entry: tree::Entry) -> bool {
    !matches!(entry.sort(), tree::Sort::Gitlink | tree::Sort::Directory)
}
