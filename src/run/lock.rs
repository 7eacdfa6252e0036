//! One process at a time works on a run: a file with its pid and host, taken over when that process is gone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
}

/// Why a lock was not had.
#[derive(Debug)]
pub enum Refused {
    /// Another process works on the run: `pid host`.
    Held(String),
    /// The disk.
    Io(io::Error),
}

impl Lock {
    /// Takes the lock of a run's folder.
    ///
    /// # Errors
    /// Another process has it and is alive, or is on another host, of which nobody here can know.
    pub fn take(dir: &Path) -> Result<Self, Refused> {
        let path = dir.join("lock");
        let us = format!("{} {} {}", std::process::id(), start_of(std::process::id()).unwrap_or_default(), host());
        for _ in 0..2 {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let written = file.write_all(us.as_bytes()).and_then(|()| file.sync_all());
                    if let Err(e) = written {
                        let _ = fs::remove_file(&path);
                        return Err(Refused::Io(e));
                    }
                    return Ok(Self { path });
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                    let owner = fs::read_to_string(&path).unwrap_or_default();
                    if !is_stale(&owner) {
                        return Err(Refused::Held(owner));
                    }
                    take_over(&path, &owner).map_err(Refused::Io)?;
                }
                Err(e) => return Err(Refused::Io(e)),
            }
        }
        Err(Refused::Held("a process that is just starting".to_owned()))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock that stays behind names a process that is gone, and is taken over.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a stale lock, unless another process has just done so and taken it.
fn take_over(path: &Path, owner: &str) -> io::Result<()> {
    let aside = path.with_extension(format!("stale-{}", std::process::id()));
    fs::rename(path, &aside)?;
    let found = fs::read_to_string(&aside).unwrap_or_default();
    if found == owner {
        return fs::remove_file(&aside);
    }
    // Somebody was faster, and this is their lock: put it back.
    fs::rename(&aside, path)
}

/// Is the process that wrote this gone? Known only on its own host.
fn is_stale(owner: &str) -> bool {
    let mut words = owner.splitn(3, ' ');
    let (Some(pid), Some(start), Some(at)) = (words.next(), words.next(), words.next()) else {
        // A lock without words was torn by a crash or a full disk.
        return true;
    };
    at == host() && pid.parse().ok().and_then(start_of).is_none_or(|now| now != start)
}

/// When a process started, in the kernel's ticks; `None` if there is no such process.
fn start_of(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; the start is the 20th word behind it.
    let behind = stat.rsplit_once(')')?.1;
    behind.split_whitespace().nth(19).map(str::to_owned)
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_refused_and_told_who_has_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let lock = Lock::take(dir.path()).expect("free");
        let Err(Refused::Held(owner)) = Lock::take(dir.path()) else { panic!("taken twice") };
        assert!(owner.starts_with(&std::process::id().to_string()));
        drop(lock);
        Lock::take(dir.path()).expect("free again");
    }

    #[test]
    fn the_lock_of_a_process_that_is_gone_is_taken_over() {
        let dir = tempfile::tempdir().expect("a folder");
        for stale in [format!("4194304 17 {}", host()), String::new()] {
            fs::write(dir.path().join("lock"), stale).expect("written");
            drop(Lock::take(dir.path()).expect("stale"));
        }
        fs::write(dir.path().join("lock"), "1 17 another-host").expect("written");
        assert!(matches!(Lock::take(dir.path()), Err(Refused::Held(_))));
    }
}
