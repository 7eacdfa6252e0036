//! The throw-away worktree: a plain folder, filled from trees and moved from one to the next. In: a tree. Out: its files on disk.
//!
//! Not `git worktree add`: that would stand in the user's list of worktrees, needs an index of 80,000 entries, and runs whatever filters
//! and hooks the repository has. Only files that differ are written, so only they get a new time, and make builds no more than it must.

use crate::error::{Error, Result, io};
use crate::git::tree::{self, Changed, Sort};
use crate::git::{Kind, Oid, Store};
use crate::merge::Change;
use bstr::{BStr, BString, ByteSlice};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A folder with the files of one tree.
#[derive(Debug)]
pub struct Ground {
    root: PathBuf,
    tree: Option<Oid>,
}

impl Ground {
    /// An empty folder; what an earlier check may have left there is removed.
    ///
    /// # Errors
    /// The disk.
    pub fn new(root: &Path) -> Result<Self> {
        match fs::remove_dir_all(root) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(io(root.display())(e)),
            _ => {}
        }
        fs::create_dir_all(root).map_err(io(root.display()))?;
        Ok(Self { root: root.to_owned(), tree: None })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Has the folder hold another tree; the paths that changed.
    ///
    /// # Errors
    /// An object is missing, a path leads out of the folder, or the disk.
    pub fn move_to(&mut self, store: &mut Store, to: Oid) -> Result<Vec<BString>> {
        let changes = tree::diff(store, Change { before: self.tree, after: Some(to) })?;
        // Until all is written it is neither.
        let last = self.tree.take();
        let (gone, here): (Vec<&Changed>, Vec<&Changed>) = changes.iter().partition(|c| c.entry.after.is_none());
        gone.iter().try_for_each(|change| self.remove(change.path.as_ref()))?;
        for change in here {
            if change.entry.before.is_some() {
                self.unlink(change.path.as_ref())?;
            }
            self.write(store, change)?;
        }
        self.tree = Some(to);
        Ok(if last.is_some() { changes.into_iter().map(|c| c.path).collect() } else { Vec::new() })
    }

    fn at(&self, path: &BStr) -> Result<PathBuf> {
        let odd = |name: &[u8]| matches!(name, b"" | b"." | b"..") || name.eq_ignore_ascii_case(b".git");
        match path.split_str("/").any(odd) {
            true => Err(Error::fatal(format!("'{path}' is no path that can be checked out"))),
            false => Ok(self.root.join(OsStr::from_bytes(path))),
        }
    }

    fn unlink(&self, path: &BStr) -> Result<()> {
        let at = self.at(path)?;
        match fs::remove_file(&at) {
            Err(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => Err(io(at.display())(e)),
            _ => Ok(()),
        }
    }

    /// Removes a file, and the folders that are empty then.
    fn remove(&self, path: &BStr) -> Result<()> {
        self.unlink(path)?;
        let at = self.at(path)?;
        let above = at.ancestors().skip(1).take_while(|dir| *dir != self.root);
        // The first that is not empty ends it.
        let _ = above.map(fs::remove_dir).take_while(|removed| removed.is_ok()).count();
        Ok(())
    }

    fn write(&self, store: &mut Store, change: &Changed) -> Result<()> {
        let Some(entry) = change.entry.after else { return Ok(()) };
        let at = self.at(change.path.as_ref())?;
        let parent = at.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(io(parent.display()))?;
        let mut done = Ok(());
        match entry.sort() {
            Sort::File => {
                store.see(entry.id, Kind::Blob, &mut |bytes| done = fs::write(&at, bytes))?;
                if entry.mode & 0o111 != 0 {
                    done = done.and_then(|()| fs::set_permissions(&at, fs::Permissions::from_mode(0o755)));
                }
            }
            Sort::Link => store.see(entry.id, Kind::Blob, &mut |to| done = symlink(OsStr::from_bytes(to), &at))?,
            // A submodule is somebody else's tree.
            Sort::Gitlink | Sort::Directory => {}
        }
        done.map_err(io(at.display()))
    }
}
