//! Builds the parts that the cache lacks, on all processors. In: parts to be. Out: their bytes, each handed out as soon as its last file
//! is read.
//!
//! ```text
//!     v6.1   net/a.c  net/b.c   ...        one job for each blob, in the order of paths over all trees:
//!     v6.12  net/a.c  net/b.c   ...        net/a.c (both trees), net/b.c of v6.1, net/b.c of v6.12, ...
//! ```
//!
//! A blob that several parts hold is read once. Two versions of a file stand side by side, so that the repository, which stores one as a
//! difference to the other, unpacks the common base once (measured: a fifth of all reading). Threads take jobs and put marks into
//! the parts' drawers in whatever order; the marks are sorted before they are written, so the bytes do not tell.

use crate::index::cut::{Cut, Key};
use crate::index::kind::Kinds;
use crate::index::name::Name;
use crate::index::part::{DRAWERS, Listed, Mark, encode, mark};
use crate::index::read::{Id, Read};
use crate::index::scan::{Extent, Words, scan};
use crate::syntax::language::Language;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Blobs that a thread takes at once.
const BATCH: usize = 16;

/// How far a build has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Files read.
    pub done: usize,
    /// Files to be read.
    pub total: usize,
}

/// A blob to be read, and who waits for it.
struct Job {
    id: Id,
    language: Language,
    /// A range of [`Work::places`].
    places: std::ops::Range<usize>,
}

/// A file of a part.
#[derive(Clone, Copy)]
struct Place {
    part: u32,
    file: u16,
}

/// What is known of a part so far.
struct Gathered {
    drawers: Vec<Vec<Mark>>,
    extents: Vec<Extent>,
    /// Files still to come.
    left: usize,
}

/// Everything that the threads share.
struct Work<'a> {
    cuts: Vec<&'a Cut>,
    gathered: Vec<Mutex<Gathered>>,
    jobs: Vec<Job>,
    places: Vec<Place>,
    next: AtomicUsize,
    done: AtomicUsize,
}

/// What the caller lends to a build.
pub(crate) struct Lent<'a, M, P, D> {
    /// Makes a reader, for each thread.
    pub(crate) make: &'a M,
    /// Is told how far the build has come.
    pub(crate) progress: &'a P,
    /// Takes a part that is complete.
    pub(crate) done: &'a D,
}

/// Builds parts; each key once.
pub(crate) fn build<R, M, P, D>(cuts: &[&Cut], lent: &Lent<'_, M, P, D>) -> Result<(), R::Error>
where
    R: Read,
    M: Fn() -> Result<R, R::Error> + Sync,
    P: Fn(Progress) + Sync,
    D: Fn(Key, Vec<u8>) + Sync,
{
    let work = plan(cuts);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(work.jobs.len() / BATCH + 1);
    let failed: Mutex<Option<(usize, R::Error)>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                if let Err((job, error)) = run(&work, lent) {
                    // Nobody takes another job; of two errors the first in order is told.
                    work.next.store(work.jobs.len(), Ordering::Relaxed);
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if failed.as_ref().is_none_or(|(at, _)| job < *at) {
                        *failed = Some((job, error));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(()), |(_, error)| Err(error))
}

/// One thread: batches of jobs until there are none.
fn run<R, M, P, D>(work: &Work<'_>, lent: &Lent<'_, M, P, D>) -> Result<(), (usize, R::Error)>
where
    R: Read,
    M: Fn() -> Result<R, R::Error>,
    P: Fn(Progress),
    D: Fn(Key, Vec<u8>),
{
    let mut reader = (lent.make)().map_err(|e| (0, e))?;
    let (mut words, mut names) = (Words::new(), Vec::new());
    loop {
        let first = work.next.fetch_add(BATCH, Ordering::Relaxed);
        let Some(batch) = work.jobs.get(first..work.jobs.len().min(first + BATCH)).filter(|b| !b.is_empty()) else {
            return Ok(());
        };
        for (i, job) in batch.iter().enumerate() {
            let mut extent = Extent::Whole;
            let read = reader.blob(&job.id, &mut |text| extent = scan(job.language, text, &mut words));
            read.map_err(|e| (first + i, e))?;
            words.drain(|name, kinds| names.push((name, kinds)));
            for place in &work.places[job.places.clone()] {
                if let Some((key, bytes)) = work.deliver(*place, extent, &names) {
                    (lent.done)(key, bytes);
                }
            }
            names.clear();
        }
        let done = work.done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len();
        (lent.progress)(Progress { done, total: work.jobs.len() });
    }
}

impl Work<'_> {
    /// Puts the names of a file into its part; the part, if that was its last file.
    fn deliver(&self, place: Place, extent: Extent, names: &[(Name, Kinds)]) -> Option<(Key, Vec<u8>)> {
        let cut = self.cuts[place.part as usize];
        let mut part = self.gathered[place.part as usize].lock().unwrap_or_else(PoisonError::into_inner);
        for (name, kinds) in names {
            kinds.numbers().for_each(|number| {
                let (drawer, mark) = mark(*name, place.file, number);
                part.drawers[drawer].push(mark);
            });
        }
        part.extents[usize::from(place.file)] = extent;
        part.left -= 1;
        if part.left > 0 {
            return None;
        }
        let (mut drawers, extents) = (std::mem::take(&mut part.drawers), std::mem::take(&mut part.extents));
        drop(part);
        let listed = cut.files.iter().zip(extents).map(|(f, extent)| Listed { path: f.path.clone(), extent });
        let listed: Vec<_> = listed.collect();
        Some((cut.key, encode(&listed, &mut drawers)))
    }
}

/// Orders the work: parts that occur twice and blobs that occur twice are done once.
fn plan<'a>(cuts: &[&'a Cut]) -> Work<'a> {
    let mut keys = FxHashSet::default();
    let cuts: Vec<&Cut> = cuts.iter().copied().filter(|cut| keys.insert(cut.key)).collect();
    let mut files: Vec<(Vec<u8>, Place)> = Vec::new();
    for (part, cut) in cuts.iter().enumerate() {
        for (file, listed) in cut.files.iter().enumerate() {
            let place = Place {
                part: u32::try_from(part).expect("a part has a file at least, and files fit into memory"),
                file: u16::try_from(file).expect("a part has 4,096 files at most"),
            };
            files.push(([cut.folder.as_slice(), &listed.path].concat(), place));
        }
    }
    files.sort_unstable_by(|a, b| (&a.0, a.1.part).cmp(&(&b.0, b.1.part)));
    let (jobs, places) = jobs(&cuts, &files);
    let gathered = cuts.iter().map(|cut| {
        let drawers = vec![Vec::new(); DRAWERS];
        Mutex::new(Gathered { drawers, extents: vec![Extent::Whole; cut.files.len()], left: cut.files.len() })
    });
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Work { gathered: gathered.collect(), cuts, jobs, places, next, done }
}

/// One job for each blob, where it occurs first.
fn jobs(cuts: &[&Cut], files: &[(Vec<u8>, Place)]) -> (Vec<Job>, Vec<Place>) {
    let mut known: FxHashMap<(Id, Language), usize> = FxHashMap::default();
    let mut found: Vec<(Id, Language, Vec<Place>)> = Vec::new();
    for (_, place) in files {
        let file = &cuts[place.part as usize].files[usize::from(place.file)];
        let job = *known.entry((file.id, file.language)).or_insert_with(|| {
            found.push((file.id, file.language, Vec::new()));
            found.len() - 1
        });
        found[job].2.push(*place);
    }
    let mut places = Vec::with_capacity(files.len());
    let jobs = found.into_iter().map(|(id, language, waiting)| {
        let start = places.len();
        places.extend(waiting);
        Job { id, language, places: start..places.len() }
    });
    (jobs.collect(), places)
}
