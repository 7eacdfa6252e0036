//! Opens the index of trees: from the cache where it has their parts, built where it lacks them. In: root trees, a cache, a maker of
//! readers. Out: an [`Index`] for each tree.

use crate::index::build::{Lent, Progress, build};
use crate::index::cache::{Cache, Holds};
use crate::index::cut::{Cut, Key, cut};
use crate::index::look::{Index, Placed};
use crate::index::part::{Part, Source};
use crate::index::read::{Id, Read};
use crate::index::tree;
use rustc_hash::FxHashMap;
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

impl Index {
    /// Opens the index of several trees (base and onto) together: what they share is read once. `make` makes a reader for each
    /// thread. Without a usable cache the index is kept in memory.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn open_or_build<R, M, P>(cache: &Cache, trees: &[Id], make: M, progress: P) -> Result<Vec<Self>, R::Error>
    where
        R: Read,
        M: Fn() -> Result<R, R::Error> + Sync,
        P: Fn(Progress) + Sync,
    {
        let mut open: Vec<Option<Vec<Placed>>> = trees.iter().map(|tree| from_cache(cache, tree)).collect();
        if open.iter().any(Option::is_none) {
            let missing: Vec<Id> =
                trees.iter().zip(&open).filter(|(_, o)| o.is_none()).map(|(tree, _)| *tree).collect();
            let mut built = from_objects(cache, &missing, &make, &progress)?.into_iter();
            open.iter_mut().filter(|o| o.is_none()).for_each(|o| *o = built.next());
            cache.shrink();
        }
        let whole = trees.iter().zip(open.into_iter().flatten());
        Ok(whole.map(|(tree, parts)| Self::new(*tree, parts, cache.clone())).collect())
    }
}

/// What a tree's list of parts is kept under.
fn tree_key(tree: &Id) -> Key {
    Key::of("parts of", [tree.as_bytes()])
}

/// A part from the cache; one that does not check is removed.
fn open_part(cache: &Cache, key: Key) -> Option<Part> {
    let file = cache.open(key, Holds::Part)?;
    let part = Part::open(Source::File(file));
    if part.is_err() {
        cache.forget(key, Holds::Part);
    }
    part.ok()
}

/// All parts of a tree, if all are there.
fn from_cache(cache: &Cache, tree: &Id) -> Option<Vec<Placed>> {
    let mut bytes = Vec::new();
    cache.open(tree_key(tree), Holds::Tree)?.read_to_end(&mut bytes).ok()?;
    let list = tree::read(&bytes)?;
    list.into_iter().map(|(folder, key)| Some(Placed::new(folder, key, open_part(cache, key)?))).collect()
}

/// The parts of trees, of which some may be in the cache.
fn from_objects<R, M, P>(cache: &Cache, trees: &[Id], make: &M, progress: &P) -> Result<Vec<Vec<Placed>>, R::Error>
where
    R: Read,
    M: Fn() -> Result<R, R::Error> + Sync,
    P: Fn(Progress) + Sync,
{
    let mut reader = make()?;
    let cuts: Vec<Vec<Cut>> = trees.iter().map(|tree| cut(*tree, &mut reader)).collect::<Result<_, _>>()?;
    drop(reader);
    // Two trees may share a part, and each of them holds it open.
    let shelf: Mutex<FxHashMap<Key, Vec<Part>>> = Mutex::default();
    let mut wanted: FxHashMap<Key, usize> = FxHashMap::default();
    cuts.iter().flatten().for_each(|cut| *wanted.entry(cut.key).or_default() += 1);
    let mut missing = Vec::new();
    for cut in cuts.iter().flatten() {
        match open_part(cache, cut.key) {
            Some(part) => shelf.lock().unwrap_or_else(PoisonError::into_inner).entry(cut.key).or_default().push(part),
            None => missing.push(cut),
        }
    }
    let done = |key: Key, bytes: Vec<u8>| {
        let parts = keep(cache, key, &bytes, wanted.get(&key).copied().unwrap_or(1));
        shelf.lock().unwrap_or_else(PoisonError::into_inner).insert(key, parts);
    };
    build(&missing, &Lent { make, progress, done: &done })?;
    let mut shelf = shelf.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(trees.iter().zip(cuts).map(|(tree, cuts)| place(cache, tree, cuts, &mut shelf)).collect())
}

/// Keeps a new part, and opens it as often as it is wanted: from its file, or from memory where that fails.
fn keep(cache: &Cache, key: Key, bytes: &[u8], times: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut kept = cache.keep(key, Holds::Part, bytes);
    for _ in 0..times {
        let file = kept.take().or_else(|| cache.open(key, Holds::Part));
        let from_file = file.and_then(|file| Part::open(Source::File(file)).ok());
        let part = from_file.or_else(|| Part::open(Source::Memory(bytes.to_vec())).ok());
        parts.push(part.expect("what was encoded a moment ago can be read"));
    }
    parts
}

/// Puts the parts of a tree where they stand, and keeps the list.
fn place(cache: &Cache, tree: &Id, cuts: Vec<Cut>, shelf: &mut FxHashMap<Key, Vec<Part>>) -> Vec<Placed> {
    let list: Vec<_> = cuts.iter().map(|cut| (cut.folder.clone(), cut.key)).collect();
    cache.keep(tree_key(tree), Holds::Tree, &tree::write(&list));
    let take = |cut: Cut| {
        let part = shelf.get_mut(&cut.key).and_then(Vec::pop);
        Placed::new(cut.folder, cut.key, part.expect("every part was opened or built, as often as trees hold it"))
    };
    cuts.into_iter().map(take).collect()
}
