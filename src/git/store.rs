//! Objects in and out: reads from the object database, keeps what the run makes until a pack is written.
//!
//! Nothing borrowed from libgit2 leaves this file. Objects that the run makes are readable at once; they reach the disk in packs
//! of at most [`PACK_BYTES`], or, in a dry run, never.

use super::object::{Bytes, Kind, Object, Oid, object_id};
use super::pack::PackBuilder;
use crate::error::{Error, Result};
use git2::{ObjectFormat, Odb};
use rustc_hash::FxHashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Raw bytes of new objects after which a pack is written.
const PACK_BYTES: usize = 64 << 20;
/// Raw bytes of objects read that are kept for the next reader, in each of two generations.
const CACHE_BYTES: usize = 12 << 20;

/// Are objects hashed again when they are read? Of the whole process, as libgit2 has it.
static VERIFY: AtomicBool = AtomicBool::new(false);

/// What becomes of new objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// They are written, in packs.
    Packs,
    /// A dry run: they stay in memory.
    Nowhere,
}

/// Where the objects of a repository are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The repository's object directory.
    pub objects: PathBuf,
    /// Further object directories, from the environment.
    pub alternates: Vec<PathBuf>,
    /// sha1 or sha256.
    pub format: ObjectFormat,
}

/// The object database of one repository, for one thread.
pub struct Store {
    odb: Odb<'static>,
    place: Place,
    writes: Writes,
    cache: Generations,
    made: FxHashMap<Oid, (Kind, Bytes)>,
    made_bytes: usize,
    pack: PackBuilder,
}

impl Store {
    /// Opens the object database.
    ///
    /// # Errors
    /// The directory cannot be read, or libgit2 cannot be set up.
    pub fn open(place: Place, writes: Writes) -> Result<Self> {
        // The walk keeps its own cache, and zlib and pack checksums catch damage (`verify_objects` asks for more).
        git2::opts::enable_caching(false);
        git2::opts::strict_hash_verification(VERIFY.load(Ordering::Relaxed));
        Ok(Self {
            odb: database(&place)?,
            pack: PackBuilder::new(place.format),
            place,
            writes,
            cache: Generations::default(),
            made: FxHashMap::default(),
            made_bytes: 0,
        })
    }

    /// Re-hash every object that is read (`--verify-objects`), by stores that are opened from now on.
    pub fn verify_objects() {
        VERIFY.store(true, Ordering::Relaxed);
    }

    /// sha1 or sha256.
    pub fn format(&self) -> ObjectFormat {
        self.place.format
    }

    /// The content of an object.
    ///
    /// # Errors
    /// The object is missing, damaged, or of another kind.
    pub fn read(&mut self, id: Oid, kind: Kind) -> Result<Bytes> {
        if let Some((_, data)) = self.made.get(&id) {
            return Ok(data.clone());
        }
        if let Some(data) = self.cache.get(id) {
            return Ok(data);
        }
        let object = self.odb.read(id).map_err(|e| unreadable(id, &e))?;
        if object.kind() != kind.for_git2() {
            return Err(wrong_kind(id, object.kind(), kind));
        }
        let data: Bytes = object.data().into();
        self.cache.put(id, data.clone());
        Ok(data)
    }

    /// Shows the content of an object that is looked at once: it is neither copied nor cached.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn see(&self, id: Oid, kind: Kind, see: &mut dyn FnMut(&[u8])) -> Result<()> {
        let object = self.odb.read(id).map_err(|e| unreadable(id, &e))?;
        if object.kind() != kind.for_git2() {
            return Err(wrong_kind(id, object.kind(), kind));
        }
        see(object.data());
        Ok(())
    }

    /// Is the object here?
    pub fn has(&self, id: Oid) -> bool {
        self.made.contains_key(&id) || self.odb.exists(id)
    }

    /// Is there a blob of this id? The commit of a submodule, which may be here as well, is none.
    pub fn has_blob(&self, id: Oid) -> bool {
        match self.made.get(&id) {
            Some((kind, _)) => *kind == Kind::Blob,
            None => self.odb.read_header(id).is_ok_and(|(_, kind)| kind == Kind::Blob.for_git2()),
        }
    }

    /// Sees objects that another process has written since.
    ///
    /// # Errors
    /// The object directory cannot be read.
    pub fn refresh(&self) -> Result<()> {
        self.odb.refresh().map_err(|e| failed("look at the object database again", &e))
    }

    /// Names a new object, without keeping it.
    ///
    /// # Errors
    /// Data made to collide under SHA-1.
    pub fn object(&self, kind: Kind, data: Vec<u8>) -> Result<Object> {
        let raw = object_id(self.place.format, kind, &data).map_err(crate::error::io("a new object"))?;
        let id = Oid::from_bytes(&raw).expect("a hash has an id's length");
        Ok(Object { id, data: data.into() })
    }

    /// Names and keeps a new object. `previous` is the version it replaces, and only says how to store it well.
    ///
    /// # Errors
    /// A pack was due and could not be written.
    pub fn put(&mut self, kind: Kind, data: Vec<u8>, previous: Option<&Object>) -> Result<Object> {
        let object = self.object(kind, data)?;
        self.keep(&object, kind, previous)?;
        Ok(object)
    }

    /// Keeps an object, as [`put`](Self::put) does.
    ///
    /// # Errors
    /// A pack was due and could not be written.
    pub fn keep(&mut self, object: &Object, kind: Kind, previous: Option<&Object>) -> Result<()> {
        // What was read from the repository is not written again.
        if self.made.contains_key(&object.id) || self.cache.get(object.id).is_some() {
            return Ok(());
        }
        self.made_bytes += object.data.len();
        self.made.insert(object.id, (kind, object.data.clone()));
        if self.writes == Writes::Packs {
            let previous = previous.map(|o| (o.id.as_bytes(), &*o.data));
            self.pack.add(object.id.as_bytes(), kind, &object.data, previous);
            if self.made_bytes > PACK_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what is not on disk yet.
    ///
    /// # Errors
    /// The object directory cannot be written. Nothing half-written is left behind.
    pub fn flush(&mut self) -> Result<()> {
        if self.writes == Writes::Nowhere || self.pack.object_count() == 0 {
            return Ok(());
        }
        let pack = std::mem::replace(&mut self.pack, PackBuilder::new(self.place.format));
        pack.write(&self.place.objects).map_err(|e| {
            Error::fatal(format!("cannot write a pack into {}: {e}", self.place.objects.display()))
                .hint("no ref was moved; free some space or make the directory writable and run again")
        })?;
        // Not a refresh: libgit2 keeps up to 16 MB of delta bases with each pack as long as any database has it open, so that a long
        // walk, which writes one pack after the other, would take more and more memory. The old database is closed first.
        self.odb = empty(&self.place)?;
        self.odb = database(&self.place)?;
        self.made.clear();
        self.made_bytes = 0;
        Ok(())
    }

    /// In a dry run that has made much, forgets what neither `tip` nor its trees hold.
    ///
    /// # Errors
    /// A tree of the tip cannot be read.
    pub fn forget_all_but(&mut self, tip: impl IntoIterator<Item = Oid>) -> Result<()> {
        if self.writes == Writes::Packs || self.made_bytes <= PACK_BYTES {
            return Ok(());
        }
        let mut kept = FxHashMap::default();
        let mut open: Vec<Oid> = tip.into_iter().collect();
        while let Some(id) = open.pop() {
            let Some((kind, data)) = self.made.get(&id) else {
                continue;
            };
            if *kind == Kind::Tree {
                let entries = super::entry::entries(data, self.place.format);
                open.extend(entries.map(|e| e.entry().id));
            }
            kept.insert(id, (*kind, data.clone()));
        }
        self.made_bytes = kept.values().map(|(_, d)| d.len()).sum();
        self.made = kept;
        Ok(())
    }
}

/// A database without objects.
fn empty(place: &Place) -> Result<Odb<'static>> {
    Odb::new_ext(place.format).map_err(|e| failed("open the object database", &e))
}

/// Opens the object database of a place, with what it borrows from.
fn database(place: &Place) -> Result<Odb<'static>> {
    let odb = empty(place)?;
    for dir in std::iter::once(&place.objects).chain(&place.alternates) {
        let path = dir.to_str().ok_or_else(|| Error::fatal(format!("{}: the path is not UTF-8", dir.display())))?;
        odb.add_disk_alternate(path).map_err(|e| failed(&format!("open {path}"), &e))?;
    }
    Ok(odb)
}

/// A cache in two generations: what was not asked for during one generation goes with the next.
#[derive(Default)]
struct Generations {
    young: FxHashMap<Oid, Bytes>,
    old: FxHashMap<Oid, Bytes>,
    young_bytes: usize,
}

impl Generations {
    fn get(&mut self, id: Oid) -> Option<Bytes> {
        if let Some(data) = self.young.get(&id) {
            return Some(data.clone());
        }
        let data = self.old.remove(&id)?;
        self.put(id, data.clone());
        Some(data)
    }

    fn put(&mut self, id: Oid, data: Bytes) {
        if data.len() > CACHE_BYTES {
            return;
        }
        if self.young_bytes > CACHE_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += data.len();
        self.young.insert(id, data);
    }
}

fn failed(what: &str, e: &git2::Error) -> Error {
    Error::fatal(format!("cannot {what}: {}", e.message()))
}

fn wrong_kind(id: Oid, is: git2::ObjectType, wanted: Kind) -> Error {
    Error::fatal(format!("object {id} is a {is}, not a {}", wanted.for_git2()))
}

fn unreadable(id: Oid, e: &git2::Error) -> Error {
    if e.code() == git2::ErrorCode::NotFound {
        return Error::fatal(format!("object {id} is missing"))
            .hint("fetch it (a partial or shallow clone lacks objects), or see `git fsck`");
    }
    Error::fatal(format!("object {id} cannot be read: {}", e.message()))
        .hint("the repository is damaged; see `git fsck --full`")
}
