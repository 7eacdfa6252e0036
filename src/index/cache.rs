//! The cache: files in one directory, of which those used last are kept. In: keys and bytes. Out: files, if they are there.
//!
//! Several processes may use one directory: files appear whole (written aside, then renamed), never change, and one that is removed
//! while it is open stays readable. The cache failing is never an error: then the work is done again, or kept in memory.

use crate::index::cut::Key;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// Where the index is kept, and how large it may become.
#[derive(Clone, Debug)]
pub struct Cache {
    /// A directory of its own; it is made if it is missing.
    pub dir: PathBuf,
    /// Bytes of all files in it, after each [`open_or_build`](crate::index::Index::open_or_build).
    pub limit: u64,
}

/// What a file of the cache holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Holds {
    /// A part.
    Part,
    /// Which parts a tree has.
    Tree,
}

/// Tells the files apart that this process writes aside.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

impl Cache {
    /// Where something is kept.
    fn path(&self, key: Key, holds: Holds) -> PathBuf {
        let hex: String = key.0.iter().map(|b| format!("{b:02x}")).collect();
        let end = match holds {
            Holds::Part => "names",
            Holds::Tree => "tree",
        };
        self.dir.join(format!("{hex}.{end}"))
    }

    /// Opens what is kept under a key, and says that it was used.
    pub(crate) fn open(&self, key: Key, holds: Holds) -> Option<File> {
        let path = self.path(key, holds);
        let file = File::options().read(true).open(path).ok()?;
        // Only which file was used last depends on it; a read-only cache works too.
        let _ = file.set_modified(SystemTime::now());
        Some(file)
    }

    /// Keeps bytes under a key, and opens them again. `None` if they cannot be written.
    pub(crate) fn keep(&self, key: Key, holds: Holds, bytes: &[u8]) -> Option<File> {
        fs::create_dir_all(&self.dir).ok()?;
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let aside = self.dir.join(format!("aside-{}-{number}", std::process::id()));
        let whole = write(&aside, bytes).and_then(|()| fs::rename(&aside, self.path(key, holds)));
        if whole.is_err() {
            let _ = fs::remove_file(&aside);
            return None;
        }
        File::open(self.path(key, holds)).ok()
    }

    /// Removes what is kept under a key: it is damaged.
    pub(crate) fn forget(&self, key: Key, holds: Holds) {
        let _ = fs::remove_file(self.path(key, holds));
    }

    /// Removes the files used longest ago until the rest is within the limit. Says how many went.
    pub(crate) fn shrink(&self) -> usize {
        let mut files: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if let Ok(about) = entry.metadata()
                && about.is_file()
            {
                files.push((about.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path(), about.len()));
            }
        }
        files.sort();
        let mut total: u64 = files.iter().map(|(_, _, length)| length).sum();
        let mut removed = 0;
        for (_, path, length) in files {
            if total <= self.limit {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= length;
                removed += 1;
            }
        }
        removed
    }
}

/// Writes a new file. Not synced: what a crash leaves of it fails its checksums.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    File::create_new(path)?.write_all(bytes)
}
