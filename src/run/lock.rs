//! One process at a time works on a run: a file locked by the kernel, which lets go when the process dies, with the pid and
//! host of its owner for whoever is refused.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// Carries the lock.
    _file: File,
}

/// Why a lock was not had.
#[derive(Debug)]
pub enum Refused {
    /// Another process works on the run: `pid host`, empty if it has just begun.
    Held(String),
    /// The disk, or a file system without locks.
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl Lock {
    /// Does another process have the lock of a run's folder? Nothing is written; where there is no file, there is no lock.
    pub fn is_held(dir: &Path) -> bool {
        let probed = File::open(dir.join("lock")).map(|file| file.try_lock_shared());
        matches!(probed, Ok(Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock of a run's folder. A file that a dead process left is no lock.
    ///
    /// # Errors
    /// Another process has it.
    pub fn take(dir: &Path) -> Result<Self, Refused> {
        let path = dir.join("lock");
        loop {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Refused::Held(fs::read_to_string(&path).unwrap_or_default()));
                }
                Err(TryLockError::Error(e)) => return Err(Refused::Io(e)),
            }
            // Its owner may have removed it between our opening and our locking: then this is the lock of nothing.
            if !is_at(&file, &path)? {
                continue;
            }
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{} {}", std::process::id(), host())?;
            return Ok(Self { path, _file: file });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still locked. One that stays behind is in nobody's way.
        let _ = fs::remove_file(&self.path);
    }
}

/// Is this the file that stands at a path now?
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::metadata(path) {
        Ok(now) => Ok((now.dev(), now.ino()) == (ours.dev(), ours.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_and_told_who_has_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let lock = Lock::take(dir.path()).expect("free");
        let Err(Refused::Held(owner)) = Lock::take(dir.path()) else { panic!("taken twice") };
        assert_eq!(owner, format!("{} {}", std::process::id(), host()));
        assert!(Lock::is_held(dir.path()));
        drop(lock);
        assert!(!Lock::is_held(dir.path()));
        Lock::take(dir.path()).expect("free again");
    }

    #[test]
    fn the_file_of_a_process_that_is_gone_is_taken_over() {
        let dir = tempfile::tempdir().expect("a folder");
        for stale in ["4194304 here, and much longer than what is written over it", "", "1 another-host"] {
            fs::write(dir.path().join("lock"), stale).expect("written");
            let lock = Lock::take(dir.path()).expect("stale");
            let now = fs::read_to_string(dir.path().join("lock")).expect("a file");
            assert_eq!(now, format!("{} {}", std::process::id(), host()));
            drop(lock);
        }
    }

    #[test]
    fn of_many_at_once_one_has_it_at_any_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let inside = std::sync::atomic::AtomicUsize::new(0);
        let taken = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..200 {
                        let Ok(_lock) = Lock::take(dir.path()) else { continue };
                        assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                        taken.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(taken.into_inner() > 0);
    }
}
