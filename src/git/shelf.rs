//! A ref that holds a tree of small texts, each at a name of its own: added to, taken from, and joined with another one.
//!
//! In: edits, or another commit. Out: the commit that the ref is at then. Nobody's change is lost: a ref that moved meanwhile is read again.

use super::object::{Kind, Oid};
use super::tree::{self, Edit, Entry, Twin};
use super::{Repo, Store};
use crate::error::{Error, Result};
use bstr::{BString, ByteSlice};

/// How often a ref that moves is followed.
const ATTEMPTS: usize = 5;

/// A text and its path; `None` removes it.
pub type Put = (String, Option<Vec<u8>>);

impl Repo {
    /// Adds texts to what a ref holds, or takes them away, in one commit; nothing is written if that changes nothing.
    ///
    /// # Errors
    /// The disk, or the ref cannot be moved.
    pub fn put_on_shelf(&self, store: &mut Store, (name, said): (&str, &str), texts: &[Put]) -> Result<Option<Oid>> {
        for _ in 0..ATTEMPTS {
            let old = self.object(name)?;
            let root = old.map(|id| store.commit(id).map(|commit| commit.tree)).transpose()?;
            let mut edits = Vec::with_capacity(texts.len());
            for (path, text) in texts {
                let id = text.as_ref().map(|text| store.put(Kind::Blob, text.clone(), None)).transpose()?;
                let entry = id.map(|object| Entry { mode: 0o100_644, id: object.id });
                edits.push(Edit { path: BString::from(path.as_str()), entry, own: false });
            }
            let tree = tree::write(store, (root, Twin::default()), &edits)?.tree;
            if root == Some(tree) || (root.is_none() && texts.is_empty()) {
                return Ok(old);
            }
            let new = self.shelf_commit(store, (tree, old.as_slice()), said)?;
            if self.advance(name, (old, new), said)? {
                return Ok(Some(new));
            }
        }
        Err(restless(name))
    }

    /// Joins what another commit holds into a ref: what was added on either side is there, what was taken away on one side since they parted
    /// is gone. The commit that the ref is at then.
    ///
    /// # Errors
    /// git fails, or both hold another text at one path.
    pub fn join_shelf(&self, store: &mut Store, (name, said): (&str, &str), other: Oid) -> Result<Oid> {
        for _ in 0..ATTEMPTS {
            let new = match self.object(name)? {
                Some(old) if self.is_ancestor(other, old)? => return Ok(old),
                Some(old) if !self.is_ancestor(old, other)? => {
                    let tree = self.joined_tree(old, other)?;
                    (Some(old), self.shelf_commit(store, (tree, &[old, other]), said)?)
                }
                old => (old, other),
            };
            if self.advance(name, new, said)? {
                return Ok(new.1);
            }
        }
        Err(restless(name))
    }

    fn shelf_commit(&self, store: &mut Store, (tree, parents): (Oid, &[Oid]), said: &str) -> Result<Oid> {
        let who = self.committer()?;
        let who = who.to_str_lossy();
        let parents: String = parents.iter().map(|id| format!("parent {id}\n")).collect();
        let commit = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{said}\n");
        let id = store.put(Kind::Commit, commit.into_bytes(), None)?.id;
        store.flush()?;
        Ok(id)
    }

    /// The three-way merge of two trees, as git makes it; the texts have no common history where these are two beginnings.
    fn joined_tree(&self, ours: Oid, theirs: Oid) -> Result<Oid> {
        let (ours, theirs) = (ours.to_string(), theirs.to_string());
        let args =
            ["-c", "merge.renames=false", "merge-tree", "--write-tree", "--allow-unrelated-histories", &ours, &theirs];
        let done = self.git.run(&args, b"")?;
        let tree = done.stdout.lines().next().and_then(|line| self.parse_id(line));
        match (done.status.success(), tree) {
            (true, Some(tree)) => Ok(tree),
            _ => Err(Error::fatal(format!("{ours} and {theirs} hold different texts at one path"))
                .hint("nobody writes that but a person: see git merge-tree of the two")),
        }
    }

    /// Moves a ref from where it was read; `false` if it has moved since.
    ///
    /// # Errors
    /// It is locked, or a hook refused.
    fn advance(&self, name: &str, (old, new): (Option<Oid>, Oid), reflog: &str) -> Result<bool> {
        let zero = "0".repeat(new.to_string().len());
        let old_id = old.map_or(zero, |id| id.to_string());
        let args = ["update-ref", "--create-reflog", "-m", reflog, name, &new.to_string(), &old_id];
        match self.git.output(&args) {
            Ok(_) => Ok(true),
            Err(_) if self.object(name)? != old => Ok(false),
            Err(e) => Err(e),
        }
    }
}

fn restless(name: &str) -> Error {
    Error::fatal(format!("{name} was moved by others again and again; it stays as they left it")).hint("run again")
}
