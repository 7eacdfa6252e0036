//! Headers of names that rules bring into a file that does not see them.
//!
//! In: the names whose rules are known, and the files that use them. Out: for each function or macro that a rule calls instead, the header
//! that declares it, and the files from which no include leads there.
//!
//! ```text
//!   strtobool(..) -> kstrtobool(..)    in linux/kstrtox.h; a.c includes linux/string.h alone, which does not lead there -> included
//! ```

use super::headers::{self, LEAST, includers};
use super::include::included;
use super::kernels::Kernels;
use super::reach::Reach;
use super::stale_name::{Header, How, StaleName};
use super::{Added, Role, Use};
use crate::error::Result;
use crate::git::{Repo, Store};
use crate::index::{Place, is_other_program};
use crate::merge::Evidence;
use crate::rule::Rule;
use crate::run::quoted;
use crate::survey::ask_names;
use bstr::{BStr, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};

/// A name that rules bring: which names' rules do, and what has to be included for it.
pub struct Brought {
    /// Positions of the names with these rules.
    pub by: Vec<usize>,
    /// As it is told.
    pub name: StaleName,
    /// The path of its header.
    path: Vec<u8>,
}

/// What rules bring that one header alone declares, and that upstream's own users include that for.
///
/// # Errors
/// An object is missing or damaged.
pub fn brought(repo: &Repo, kernels: &mut Kernels, names: &[StaleName]) -> Result<Vec<Brought>> {
    let mut by: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate().filter(|(_, name)| matches!(name.how, How::Gone | How::Changed)) {
        let words: BTreeSet<Vec<u8>> = name.rules.iter().flat_map(calls_brought).collect();
        words.into_iter().for_each(|word| by.entry(word).or_default().push(at));
    }
    if by.is_empty() {
        return Ok(Vec::new());
    }
    let words: Vec<&[u8]> = by.keys().map(Vec::as_slice).collect();
    let places = ask_names(repo, &[kernels.trees.1], |index| match index {
        [onto] => onto.places(&words, |_| true),
        _ => Ok(Vec::new()),
    })?;
    let mut found = Vec::new();
    for ((word, by), places) in by.into_iter().zip(places) {
        let Some((path, written)) = declaring(&places) else { continue };
        let used = Use { name: word, role: Role::Call };
        let ((with, of), examples) = includers(kernels, (&used, &written), &places)?;
        if with < LEAST {
            continue;
        }
        let said = format!(
            "{} is declared in {}, which {with} of {of} of its users include",
            used.name.to_str_lossy(),
            written.to_str_lossy()
        );
        let header = Header { old: None, new: Some(written) };
        let was = Evidence::new(said).at(quoted(BStr::new(path)));
        let name = StaleName { how: How::Brought, ..headers::name(used, was, examples, header) };
        found.push(Brought { by, name, path: path.to_vec() });
    }
    Ok(found)
}

impl Brought {
    /// Is it brought into a file from which nothing leads to its header? Headers are seen by whoever includes them along with others.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn is_unseen_in(
        &self,
        (store, kernels, reach): (&mut Store, &mut Kernels, &mut Reach),
        file: &Added<'_>,
    ) -> Result<bool> {
        let path = &file.changed.path;
        let Some(entry) = file.changed.entry.after.filter(|_| path.ends_with(b".c")) else { return Ok(false) };
        let mut includes = included(&store.blob(entry.id)?.data);
        if let Some(now) = kernels.now(path.as_ref())? {
            includes.extend(included(&now));
        }
        Ok(!reach.leads_to(kernels, (path, &includes), &self.path)?)
    }
}

/// The only header for everybody that declares a name: its path, and as it is included.
fn declaring(places: &[Place]) -> Option<(&[u8], Vec<u8>)> {
    let declares =
        |p: &&Place| Role::Call.is_defined_by(p.kinds) && p.path.ends_with(b".h") && !is_other_program(&p.path);
    let mut headers = places.iter().filter(declares);
    let only = headers.next().filter(|_| headers.next().is_none())?;
    let name = only.path.strip_prefix(b"include/").filter(|name| !name.starts_with(b"uapi/"))?;
    Some((&only.path, [b"<", name, b">"].concat()))
}

/// The functions and macros that a rule calls and that its old form does not.
fn calls_brought(rule: &Rule) -> Vec<Vec<u8>> {
    let mut brought = Vec::new();
    for change in rule.changes() {
        let old = change.before.calls();
        brought.extend(change.after.calls().into_iter().filter(|name| !old.contains(name)).map(<[u8]>::to_vec));
    }
    brought
}
