//! The index of one tree: questions and answers. In: names. Out: files that define or use them. Many names at once cost little more
//! than one: every part is read once, by all processors.

use crate::index::cache::{Cache, Holds};
use crate::index::cut::Key;
use crate::index::kind::{Kinds, Resolved};
use crate::index::part::{Asked, Damaged as Bad, Listed, Part};
use crate::index::read::Id;
use crate::index::scan::Extent;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names above which a question is worth more threads than one.
const MANY: usize = 64;

/// A part of the cache turned out to be damaged while it was read. It is removed; open the index again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damaged;

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a file of the index is damaged; it was removed and will be made again")
    }
}

impl std::error::Error for Damaged {}

/// A file that defines or uses a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// From the root of the tree.
    pub path: Vec<u8>,
    /// What it does with the name.
    pub kinds: Kinds,
}

/// A part where it stands in the tree.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) folder: Vec<u8>,
    pub(crate) key: Key,
    pub(crate) part: Part,
    files: OnceLock<Vec<Listed>>,
}

impl Placed {
    /// A part in a folder.
    pub(crate) fn new(folder: Vec<u8>, key: Key, part: Part) -> Self {
        Self { folder, key, part, files: OnceLock::new() }
    }

    /// The files of the part, read from its list when they are first asked for.
    fn files(&self) -> Result<&[Listed], Bad> {
        if let Some(files) = self.files.get() {
            return Ok(files);
        }
        let files = self.part.files()?;
        Ok(self.files.get_or_init(|| files))
    }
}

/// Who defines and who uses a name, in one tree.
#[derive(Debug)]
pub struct Index {
    tree: Id,
    parts: Vec<Placed>,
    cache: Cache,
}

impl Index {
    /// Of the parts of a tree; damaged ones are removed from the cache.
    pub(crate) fn new(tree: Id, parts: Vec<Placed>, cache: Cache) -> Self {
        Self { tree, parts, cache }
    }

    /// The tree.
    pub fn tree(&self) -> Id {
        self.tree
    }

    /// The files that define, declare or export a name, sorted by path.
    ///
    /// # Errors
    /// The cache is damaged.
    pub fn defined(&self, name: &[u8]) -> Result<Vec<Place>, Damaged> {
        self.one(name, |kinds| kinds.iter().next().is_some())
    }

    /// The files that use a name apart from defining it, sorted by path.
    ///
    /// # Errors
    /// The cache is damaged.
    pub fn users(&self, name: &[u8]) -> Result<Vec<Place>, Damaged> {
        self.one(name, Kinds::is_used)
    }

    /// The places of a single name.
    fn one(&self, name: &[u8], wanted: impl Fn(Kinds) -> bool + Sync) -> Result<Vec<Place>, Damaged> {
        Ok(self.places(&[name], wanted)?.pop().unwrap_or_default())
    }

    /// For each of many names, the files where `wanted` holds, sorted by path. Names that occur everywhere have thousands: ask for what
    /// is wanted only.
    ///
    /// # Errors
    /// The cache is damaged.
    pub fn places(&self, names: &[&[u8]], wanted: impl Fn(Kinds) -> bool + Sync) -> Result<Vec<Vec<Place>>, Damaged> {
        let asked = Asked::new(names);
        let mut all = vec![Vec::new(); names.len()];
        for (placed, found) in self.parts.iter().zip(self.in_parts(names.len(), |placed| {
            let mut found = Vec::new();
            placed.part.search(&asked, |place, posting| {
                if wanted(posting.kinds) {
                    found.push((place, posting));
                }
            })?;
            Ok(found)
        })?) {
            for (place, posting) in found {
                let files = placed.files().map_err(|bad| self.damaged(placed, bad))?;
                let file = files.get(posting.file as usize).ok_or_else(|| self.damaged(placed, Bad))?;
                let path = [placed.folder.as_slice(), &file.path].concat();
                all[place as usize].push(Place { path, kinds: posting.kinds });
            }
        }
        all.iter_mut().for_each(|places| places.sort_unstable_by(|a, b| a.path.cmp(&b.path)));
        Ok(all)
    }

    /// What the files of the tree do with each of many names, taken together.
    ///
    /// # Errors
    /// The cache is damaged.
    pub fn kinds(&self, names: &[&[u8]]) -> Result<Vec<Kinds>, Damaged> {
        let asked = Asked::new(names);
        let all = Mutex::new(vec![Kinds::NONE; names.len()]);
        self.in_parts(names.len(), |placed| {
            // Together for each part: the lock is taken once, and names that a part lacks cost nothing.
            let mut found: Vec<(u32, Kinds)> = Vec::new();
            placed.part.search(&asked, |place, posting| match found.last_mut() {
                Some((last, kinds)) if *last == place => *kinds = kinds.and(posting.kinds),
                _ => found.push((place, posting.kinds)),
            })?;
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            found.iter().for_each(|(place, kinds)| all[*place as usize] = all[*place as usize].and(*kinds));
            Ok(())
        })?;
        Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the tree knows of each of many names.
    ///
    /// # Errors
    /// The cache is damaged.
    pub fn resolves(&self, names: &[&[u8]]) -> Result<Vec<Resolved>, Damaged> {
        Ok(self.kinds(names)?.into_iter().map(Resolved::of).collect())
    }

    /// The files of which only the `#define`s were read, as they are too large.
    ///
    /// # Errors
    /// The cache is damaged.
    pub fn partly_read(&self) -> Result<Vec<Vec<u8>>, Damaged> {
        let mut paths = Vec::new();
        for placed in &self.parts {
            let files = placed.files().map_err(|bad| self.damaged(placed, bad))?;
            let partly = files.iter().filter(|f| f.extent == Extent::Macros);
            paths.extend(partly.map(|f| [placed.folder.as_slice(), &f.path].concat()));
        }
        paths.sort_unstable();
        Ok(paths)
    }

    /// How many parts the tree was cut into.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Asks every part; the answers are in the order of the parts.
    fn in_parts<T: Send>(
        &self,
        names: usize,
        ask: impl Fn(&Placed) -> Result<T, Bad> + Sync,
    ) -> Result<Vec<T>, Damaged> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if names > MANY { processors.min(self.parts.len()) } else { 1 };
        let (next, answers) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let Some(i) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < self.parts.len()) {
                let answer = ask(&self.parts[i]);
                answers.lock().unwrap_or_else(PoisonError::into_inner).push((i, answer));
            }
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.sort_by_key(|(i, _)| *i);
        answers.into_iter().map(|(i, answer)| answer.map_err(|bad| self.damaged(&self.parts[i], bad))).collect()
    }

    /// Removes a part that does not check.
    fn damaged(&self, placed: &Placed, Bad: Bad) -> Damaged {
        self.cache.forget(placed.key, Holds::Part);
        Damaged
    }
}
