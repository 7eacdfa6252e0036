//! What the lines that a series adds use and declare. In: what each commit changes. Out: an [`Added`] for each file of C, of Kconfig, or of make.

use super::include::include;
use super::uses::{self, Use};
use crate::error::Result;
use crate::git::tree::{self, Sort};
use crate::git::{Oid, Repo, Series, Store};
use crate::merge::{Change, delta};
use crate::rule::member::{Member, members};
use crate::survey::Changes;
use crate::survey::shares::shared_out;
use crate::syntax::items::items;
use crate::syntax::language::Language;
use crate::syntax::scope::Declared;
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;
use std::ops::Range;

/// Longer files are lists that programs wrote, in bytes.
const LONGEST: usize = 1 << 20;

/// What a file's added lines use and declare.
pub struct Added<'a> {
    pub commit: Oid,
    pub changed: &'a tree::Changed,
    pub uses: Vec<Use>,
    pub declares: Vec<Declared>,
    pub members: BTreeSet<Member>,
    pub includes: BTreeSet<Vec<u8>>,
}

impl Added<'_> {
    /// Where its names are looked up afterwards.
    pub fn key(&self) -> (Oid, BString) {
        (self.commit, self.changed.path.clone())
    }
}

/// What the series adds to its files of C, and what it declares anywhere; commits are shared out among threads.
pub fn added<'a>(repo: &Repo, (series, changes): (&Series, &'a [Changes])) -> Result<Vec<Added<'a>>> {
    let all: Vec<(Oid, &tree::Changed)> =
        series.commits.iter().zip(changes).flat_map(|(c, all)| all.paths.iter().map(move |p| (c.id, p))).collect();
    shared_out(&repo.place(), &all, |mut store, share| {
        let one = |(commit, changed): &(Oid, &'a tree::Changed)| of_file(&mut store, *commit, changed);
        share.iter().map(one).filter_map(Result::transpose).collect()
    })
}

fn of_file<'a>(store: &mut Store, commit: Oid, changed: &'a tree::Changed) -> Result<Option<Added<'a>>> {
    let language = Language::of(&changed.path);
    let Some(after) = changed.entry.after.filter(|e| e.sort() == Sort::File) else { return Ok(None) };
    if !matches!(language, Language::C | Language::Kconfig | Language::Make) {
        return Ok(None);
    }
    let text = store.blob(after.id)?;
    let before = match changed.entry.before.filter(|e| e.sort() == Sort::File) {
        Some(entry) => Some(store.blob(entry.id)?),
        None => None,
    };
    if text.data.len() > LONGEST {
        return Ok(None);
    }
    let before: &[u8] = before.as_ref().map_or(&[], |b| &b.data);
    let runs: Vec<Range<usize>> =
        delta::hunks(Change { before, after: &text.data }).into_iter().map(|hunk| hunk.after).collect();
    if language != Language::C {
        let (uses, declares) = uses::of_options((language, &text.data), &runs);
        let (members, includes) = (BTreeSet::new(), BTreeSet::new());
        return Ok(Some(Added { commit, changed, uses, declares, members, includes }));
    }
    let items = items(&text.data).list;
    let (uses, declares) = uses::of_lines((&changed.path, &text.data), &items, &runs);
    let members = members(&text.data, &items, &runs).into_iter().map(|(member, _)| member).collect();
    let starts: Vec<&[u8]> = text.data.lines().collect();
    let lines = runs.iter().flat_map(|run| starts.get(run.clone()).unwrap_or_default());
    let includes = lines.filter_map(|line| include(line)).map(<[u8]>::to_vec).collect();
    Ok(Some(Added { commit, changed, uses, declares, members, includes }))
}
