//! The last commit written so far, and what the series has done to paths on the way there.

use super::file::{FileMerge, Located};
use super::{Pickable, Picker, renamed};
use crate::error::Result;
use crate::git::tree::{self, Changed};
use crate::git::{Commit, Oid, Store};
use crate::merge::{Change, Evidence, OpenLines, Sides, delta};
use crate::run::quoted;
use crate::survey::{Placement, Survey};
use bstr::BString;
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
    /// Paths of the series that live elsewhere in the tip.
    moved: HashMap<BString, BString>,
}

impl Tip {
    /// On new upstream.
    pub fn on(commit: &Commit) -> Self {
        Self {
            commit: Some(commit.id),
            tree: commit.tree,
            open: HashMap::new(),
            moved: HashMap::new(),
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
            all.push(self.locate_one(picker.store, picker.survey, changed)?);
        }
        renamed::join(picker.repo, pickable, &mut all)?;
        Ok(all)
    }

    fn locate_one(&self, store: &mut Store, survey: &Survey, changed: &Changed) -> Result<Located> {
        let Change { before, after } = changed.entry;
        let mut located = Located {
            old_path: changed.path.clone(),
            path: changed.path.clone(),
            remove: None,
            sides: Sides {
                base: before,
                ours: tree::lookup(store, self.tree, changed.path.as_ref())?,
                theirs: after,
            },
            evidence: Vec::new(),
            to_review: false,
            rival: None,
        };
        // A directory here means that no file is.
        located.sides.ours = located.sides.ours.filter(|e| e.sort() != tree::Sort::Directory);
        if located.sides.ours.is_some() {
            return Ok(located);
        }
        if let Some(path) = self.moved.get(&changed.path) {
            located.evidence.push(
                Evidence::new(format!(
                    "carried here earlier in the series, from {}",
                    quoted(changed.path.as_ref())
                ))
                .at(quoted(path.as_ref())),
            );
            located.go_to(store, self.tree, path.clone())?;
        } else if let Some(placement) = place(survey, changed) {
            located.evidence.push(placement.evidence);
            located.to_review = placement.to_review;
            located.go_to(store, self.tree, placement.path)?;
        }
        Ok(located)
    }

    /// Remembers where files went.
    pub(super) fn remember(&mut self, files: &[FileMerge]) {
        for file in files.iter().filter(|f| f.path != f.old_path) {
            self.moved.insert(file.old_path.clone(), file.path.clone());
        }
    }

    /// The commits whose open lines this file's change touches or adjoins; moves the open lines through the change.
    pub(super) fn rest(&mut self, store: &mut Store, file: &FileMerge) -> Result<BTreeSet<usize>> {
        let path = file.came_from.as_ref().unwrap_or(&file.path);
        let Some(mut open) = self.open.remove(path) else {
            return Ok(BTreeSet::new());
        };
        let Change { before, after } = file.in_tip;
        let (Some(before), Some(after)) = (before, after) else {
            // The file is gone, and with it every open line; or it comes back.
            return Ok(open.owners());
        };
        let (before, after) = (store.blob(before.id)?.data, store.blob(after.id)?.data);
        let change = Change {
            before: &before[..],
            after: &after[..],
        };
        let touched = open.edit(&delta::hunks(change));
        self.open.insert(file.path.clone(), open);
        Ok(touched)
    }

    /// Opens the lines that stand because of this file's conflict.
    pub(super) fn open(&mut self, n: usize, file: &FileMerge) {
        let Some(conflict) = &file.conflict else {
            return;
        };
        let open = self.open.entry(file.path.clone()).or_default();
        match conflict.open_lines.is_empty() {
            true => *open = OpenLines::whole_file(n),
            false => conflict.open_lines.iter().for_each(|lines| open.open(lines.clone(), n)),
        }
    }
}

fn place(survey: &Survey, changed: &Changed) -> Option<Placement> {
    match changed.entry.before {
        Some(_) => survey.moves.of_file(changed.path.as_ref()),
        None => survey.moves.of_added(changed.path.as_ref()),
    }
}
