//! The last commit written so far, and what the series has done to paths on the way there.

use super::file_merge::FileMerge;
use super::located::Located;
use super::open_names::OpenNames;
use super::{Pickable, Picker, renamed};
use crate::error::Result;
use crate::git::tree::{self, Changed, Entry};
use crate::git::{Commit, Oid, Store};
use crate::merge::{Change, Evidence, OpenLines, delta};
use crate::run::quoted;
use crate::survey::{Placement, Survey};
use bstr::{BString, ByteSlice};
use std::collections::{BTreeSet, HashMap};

/// Where the next commit goes.
#[derive(Clone, Debug)]
pub struct Tip {
    /// The last commit; `None` before the first of a new history.
    pub commit: Option<Oid>,
    /// Its tree.
    pub tree: Oid,
    /// Lines that stand only because of an open conflict, by path in the tip.
    open: HashMap<BString, OpenLines>,
    /// What these lines define.
    open_names: OpenNames,
    /// Where files of the series live in the tip, by their own path, if not there.
    homes: HashMap<BString, Home>,
}

/// Where a file lives in the tip.
#[derive(Clone, Debug)]
struct Home {
    path: BString,
    /// Upstream moved it there; else it went where its siblings are.
    by_upstream: bool,
}

impl Tip {
    /// On new upstream.
    pub fn on(commit: &Commit) -> Self {
        Self {
            commit: Some(commit.id),
            tree: commit.tree,
            open: HashMap::new(),
            open_names: OpenNames::default(),
            homes: HashMap::new(),
        }
    }

    /// Takes a commit whose parent is the tip as it is.
    pub fn fast_forward(&mut self, commit: &Commit) {
        self.commit = Some(commit.id);
        self.tree = commit.tree;
    }

    /// Finds, for each path that the commit changes, the three sides and where the result goes.
    pub(super) fn locate(&self, picker: &mut Picker<'_>, pickable: Pickable<'_>) -> Result<Vec<Located>> {
        let mut all = Vec::with_capacity(pickable.changes.len());
        for changed in pickable.changes {
            all.push(self.locate_one((picker.store, picker.survey), pickable.parent_tree, changed)?);
        }
        let mut taken: BTreeSet<BString> = BTreeSet::new();
        renamed::join(picker.repo, pickable, &mut all, |path| self.open.contains_key(path.as_bytes().as_bstr()))?;
        for located in &mut all {
            // Two files of one commit cannot live at one path.
            located.is_taken = located.sides.theirs.is_some() && !taken.insert(located.path.clone());
        }
        Ok(all)
    }

    fn locate_one(
        &self,
        (store, survey): (&mut Store, &Survey),
        parent: Option<Oid>,
        changed: &Changed,
    ) -> Result<Located> {
        let mut located = Located::at_its_place(changed);
        let beside = (parent, changed.entry.before);
        let found = tree::lookup_beside(store, self.tree, beside, changed.path.as_ref())?;
        // A directory here means that no file is.
        located.sides.ours = found.filter(|e| e.sort() != tree::Sort::Directory);
        if located.sides.ours.is_some() {
            return Ok(located);
        }
        if let Some(home) = self.homes.get(&changed.path) {
            let from = quoted(changed.path.as_ref());
            let said = format!("carried here earlier in the series, from {from}");
            located.evidence.push(Evidence::new(said).at(quoted(home.path.as_ref())));
            located.moved_by_upstream = home.by_upstream;
            located.go_to(store, self.tree, home.path.clone())?;
        } else if let Some(placement) = place(survey, changed) {
            located.evidence.push(placement.evidence);
            located.to_review = placement.to_review;
            located.moved_by_upstream = changed.entry.before.is_some();
            located.go_to(store, self.tree, placement.path)?;
            // A new file that meets one of upstream's at its new place was perhaps not meant for it.
            located.to_review |= changed.entry.before.is_none() && located.sides.ours.is_some();
        }
        Ok(located)
    }

    /// Where a path of the series lives, if not at its own place.
    pub(super) fn home(&self, survey: &Survey, changed: &Changed) -> Option<BString> {
        let home = self.homes.get(&changed.path).map(|home| home.path.clone());
        home.or_else(|| place(survey, changed).map(|placement| placement.path))
    }

    /// The commits whose open conflicts the files hold that these changes go to.
    pub(super) fn owners_of(&self, survey: &Survey, changes: &[Changed]) -> BTreeSet<usize> {
        let paths = changes.iter().flat_map(|c| [Some(c.path.clone()), self.home(survey, c)]);
        paths.flatten().flat_map(|path| self.owners(&path)).collect()
    }

    /// The commits whose open conflicts a file of the tip holds.
    pub(super) fn owners(&self, path: &BString) -> BTreeSet<usize> {
        self.open.get(path).map(OpenLines::owners).unwrap_or_default()
    }

    /// Remembers where files went that do not live at their own path, and forgets those that the series gave up.
    pub(super) fn remember(&mut self, files: &[FileMerge]) {
        for file in files {
            self.homes.remove(&file.old_path);
            if file.path != file.own && file.in_tip.after.is_some() {
                let home = Home { path: file.path.clone(), by_upstream: file.moved_by_upstream };
                self.homes.insert(file.own.clone(), home);
            }
        }
    }

    /// The commits whose open lines this file's change touches or adjoins, or uses a name from; moves the open lines through the
    /// change.
    pub(super) fn rest(&mut self, store: &mut Store, file: &FileMerge) -> Result<BTreeSet<usize>> {
        let mut found = self.touched(store, file)?;
        if file.is_conflicted() || self.open_names.is_empty() {
            return Ok(found);
        }
        if let Some([before, after]) = file.in_tip_texts(store)? {
            found.extend(self.open_names.used(Change { before: &before, after: &after }));
        }
        Ok(found)
    }

    /// The commits whose open lines this file's change touches or adjoins.
    fn touched(&mut self, store: &mut Store, file: &FileMerge) -> Result<BTreeSet<usize>> {
        let path = file.came_from.as_ref().unwrap_or(&file.path);
        let Some(mut open) = self.open.remove(path) else {
            return Ok(BTreeSet::new());
        };
        let Change { before, after } = file.in_tip;
        let text = |e: Option<Entry>| e.filter(|e| e.sort() == tree::Sort::File);
        let (Some(before), Some(after)) = (text(before), text(after)) else {
            // The file goes away or comes back: that touches every line. A link or a submodule has none to tell apart.
            let owners = open.owners();
            self.open.insert(file.path.clone(), open);
            return Ok(owners);
        };
        if before.mode != after.mode {
            let owners = open.owners();
            self.open.insert(file.path.clone(), open);
            return Ok(owners);
        }
        let (before, after) = (store.blob(before.id)?.data, store.blob(after.id)?.data);
        let change = Change { before: &before[..], after: &after[..] };
        let touched = open.edit(&delta::hunks(change));
        self.open.insert(file.path.clone(), open);
        Ok(touched)
    }

    /// Opens the lines that stand because of this file's conflict.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub(super) fn open(&mut self, store: &mut Store, (n, file): (usize, &FileMerge)) -> Result<()> {
        let Some(conflict) = &file.conflict else { return Ok(()) };
        if let Some([before, after]) = file.in_tip_texts(store)? {
            let change = Change { before: &before[..], after: &after };
            self.open_names.open(n, (change, &conflict.open_lines));
        }
        let open = self.open.entry(file.path.clone()).or_default();
        match conflict.open_lines.is_empty() {
            true => *open = OpenLines::whole_file(n),
            false => conflict.open_lines.iter().for_each(|lines| open.open(lines.clone(), n)),
        }
        Ok(())
    }
}

fn place(survey: &Survey, changed: &Changed) -> Option<Placement> {
    match changed.entry.before {
        Some(_) => survey.moves.of_file(changed.path.as_ref()),
        None => survey.moves.of_added(changed.path.as_ref()),
    }
}
