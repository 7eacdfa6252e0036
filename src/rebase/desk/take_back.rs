//! What a person made of the commits that are laid out becomes decisions.

use super::found::{self, File, Found};
use super::markers::Known;
use super::{Laid, Manifest, clear, is_of_series, laid_out, pin, refuse_standing_in, stored, sweep};
use crate::error::{Error, Result};
use crate::git::tree::{self, Entry};
use crate::git::{Kind, Oid, Repo, Store};
use crate::rebase::OpenRun;
use crate::run::{Inputs, Operation, Stored, unquoted};
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;
use std::path::Path;

/// What was taken back of one commit.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// The commit.
    pub old: String,
    /// Files that a person settled, changed, added or removed.
    pub changed: usize,
    /// Files that are still conflicted.
    pub open: usize,
    /// Those of the changed ones that are none of the commit's own.
    pub beside: Vec<String>,
    /// Files that stand there and are not taken: ignored ones, and what editors leave.
    pub left_out: Vec<String>,
    /// The folder is not there any more: somebody threw it away.
    pub is_gone: bool,
}

/// Takes back what people made of the commits that are laid out, and removes their folders.
///
/// # Errors
/// A file still has conflict markers, or cannot be had in a commit: then nothing is taken back. Or the disk.
pub fn take_back(repo: &Repo, store: &mut Store, (run, inputs): (&mut OpenRun, &Inputs)) -> Result<Vec<TakenBack>> {
    sweep(repo, run)?;
    let mut taken = Vec::new();
    let mut operations = Vec::new();
    let mut folders = laid_out(run)?;
    // What was laid out for a commit that the series does not have any more stays where it is.
    folders.retain(|dir| is_of_series(dir, inputs));
    refuse_standing_in(repo, &folders)?;
    for dir in &folders {
        let (one, more) = take_folder(repo, store, dir)?;
        taken.push(one);
        operations.extend(more);
    }
    if folders.is_empty() {
        return Ok(taken);
    }
    store.flush()?;
    pin(repo, store, (run, inputs), &operations)?;
    run.append(operations)?;
    folders.iter().try_for_each(|dir| clear(repo, dir))?;
    Ok(taken)
}

/// What a person made of one commit.
///
/// # Errors
/// As [`take_back`].
pub fn take_folder(repo: &Repo, store: &mut Store, dir: &Path) -> Result<(TakenBack, Vec<Operation>)> {
    let manifest = Manifest::of(dir)?;
    let mut taken = TakenBack { old: manifest.old.clone(), ..TakenBack::default() };
    let Some(found) = found::look((repo, store), dir, &manifest)? else {
        taken.is_gone = true;
        return Ok((taken, Vec::new()));
    };
    let mut taking =
        Taking { repo, store, dir, taken, operations: Vec::new(), gone: BTreeSet::new(), moved: Known::default() };
    taking.all(manifest, found)?;
    taking.taken.changed = taking.operations.len();
    Ok((taking.taken, taking.operations))
}

/// One commit that is being taken back.
struct Taking<'a> {
    repo: &'a Repo,
    store: &'a mut Store,
    dir: &'a Path,
    taken: TakenBack,
    operations: Vec<Operation>,
    /// Paths where nothing stands any more.
    gone: BTreeSet<BString>,
    /// Of conflicted files that do not stand where they were laid out: they may stand beside.
    moved: Known,
}

impl Taking<'_> {
    fn all(&mut self, manifest: Manifest, mut found: Found) -> Result<()> {
        self.taken.left_out = found.left_out;
        for laid in manifest.files {
            let file = found.files.remove(&laid.path).flatten();
            self.own(laid, file)?;
        }
        let nowhere = found.files.iter().filter(|(_, file)| file.is_none());
        self.gone.extend(nowhere.map(|(path, _)| unquoted(path)));
        // Read only if it is asked for: what a person settled is taken back even from a run whose commits are gone.
        let onto = self.repo.parse_id(manifest.onto.as_bytes()).filter(|_| !found.files.is_empty());
        let tree = onto.map(|id| self.store.commit(id)).transpose()?.map(|c| c.tree);
        for (path, file) in found.files {
            self.beside(path, file, tree)?;
        }
        Ok(())
    }

    /// A file that the commit itself touches.
    fn own(&mut self, laid: Laid, file: Option<File>) -> Result<()> {
        let Laid { path, sides, file: before, conflicted } = laid;
        let mut known = Known::default();
        for hex in sides.iter().flatten() {
            known.add(&self.blob(hex)?);
        }
        if let Some(stored) = &before {
            let text = self.blob(&stored.id)?;
            if conflicted { known.marked(&text) } else { known.add(&text) }
        }
        if file.is_none() {
            self.gone.insert(unquoted(&path));
            if conflicted {
                self.moved.join(&known);
            }
        }
        let result = file.map(|(mode, content)| self.keep(mode, content)).transpose()?;
        if result == before {
            self.taken.open += usize::from(conflicted);
            return Ok(());
        }
        self.refuse_marker(&path, (result.as_ref(), &known))?;
        let (old, mode) = (self.taken.old.clone(), before.map(|stored| stored.mode));
        self.operations.push(Operation::Fix { old, path, sides, mode, result });
        Ok(())
    }

    /// A file that the commit does not touch.
    fn beside(&mut self, path: String, file: Option<File>, tree: Option<Oid>) -> Result<()> {
        let ours = match tree {
            Some(tree) => tree::lookup(self.store, tree, unquoted(&path).as_ref())?,
            None => None,
        };
        let result = file.map(|(mode, content)| self.keep(mode, content)).transpose()?;
        if result == ours.map(stored) {
            return Ok(());
        }
        let mut known = self.moved.clone();
        if let Some(ours) = ours.filter(|e| e.sort() == tree::Sort::File) {
            known.add(&self.store.blob(ours.id)?.data);
        }
        self.refuse_marker(&path, (result.as_ref(), &known))?;
        if let Some(tree) = tree.filter(|_| result.is_some()) {
            self.refuse_clash(&path, (tree, ours))?;
        }
        self.taken.beside.push(path.clone());
        let (old, ours) = (self.taken.old.clone(), ours.map(|e| e.id.to_string()));
        self.operations.push(Operation::Extra { old, path, ours, result });
        Ok(())
    }

    fn keep(&mut self, mode: u32, content: Vec<u8>) -> Result<Stored> {
        let id = self.store.put(Kind::Blob, content, None)?.id.to_string();
        Ok(Stored { mode, id })
    }

    /// The text of a blob; nothing if it is not here.
    fn blob(&mut self, hex: &str) -> Result<Vec<u8>> {
        let id = self.repo.parse_id(hex.as_bytes()).filter(|id| self.store.has(*id));
        // A side may be a submodule's commit.
        Ok(id.and_then(|id| self.store.blob(id).ok()).map_or(Vec::new(), |blob| blob.data.to_vec()))
    }

    fn refuse_marker(&mut self, path: &str, (result, known): (Option<&Stored>, &Known)) -> Result<()> {
        let text = result.map_or(Ok(Vec::new()), |stored| self.blob(&stored.id))?;
        let Some(line) = known.marker_in(&text) else {
            return Ok(());
        };
        let place = self.dir.join("files").join(unquoted(path).to_path_lossy());
        Err(Error::fatal(format!("{}:{line}: a conflict marker is left", place.display()))
            .hint("settle it, or put the file back as it was, name and mode too, to leave the conflict open")
            .hint("nothing was taken back"))
    }

    /// Refuses a file where the tip has a folder, and one in a folder where the tip has a file.
    fn refuse_clash(&mut self, path: &str, (tree, ours): (Oid, Option<Entry>)) -> Result<()> {
        let refused = |place: &str, has: &str| {
            Err(Error::fatal(format!("{path} cannot be taken back: {place} is a {has} there"))
                .hint("give it another name")
                .hint("nothing was taken back"))
        };
        if ours.is_some_and(Entry::is_tree) {
            return refused(path, "folder");
        }
        let whole = unquoted(path);
        for at in whole.find_iter("/") {
            let above = whole[..at].as_bstr();
            let is_file = tree::lookup(self.store, tree, above)?.is_some_and(|e| !e.is_tree());
            if is_file && !self.gone.contains(above) {
                return refused(&above.to_str_lossy(), "file");
            }
        }
        Ok(())
    }
}
