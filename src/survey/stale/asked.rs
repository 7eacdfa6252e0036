//! What upstream's own callers teach about names that somebody asks for, whether a series uses them or not.
//!
//! In: two kernels and names. Out: per name what happened to it, and the rules.

use super::kernels::Kernels;
use super::learn::{self, Asking};
use super::stale_name::How;
use super::standing::{Found, standing};
use super::{Role, Use};
use crate::error::Result;
use crate::git::{Oid, Repo, Store, Writes};
use crate::index::Place;
use crate::merge::Evidence;
use crate::rule::{Requirement, Rule};
use crate::survey::ask_names;

/// What was learned about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taught {
    /// The name.
    pub name: Vec<u8>,
    /// Does old upstream have it at all?
    pub known: bool,
    /// What happened to it; `None` if the old form still compiles, as far as can be seen.
    pub how: Option<How>,
    /// What it was, if something happened.
    pub was: Option<Evidence>,
    /// How many files of old upstream use it, and from how many of their changed functions was learned.
    pub from: (usize, usize),
    /// What was learned; special cases first.
    pub rules: Vec<Rule>,
}

/// Learns the rules of names from the trees of old and new upstream. With a threshold, a form must have been changed in so many files;
/// without one it is as for a series.
///
/// # Errors
/// An object is missing or damaged.
pub fn taught(
    (repo, store): (&Repo, &mut Store),
    trees: (Oid, Oid),
    names: &[Vec<u8>],
    threshold: Option<usize>,
) -> Result<Vec<Taught>> {
    let roles = [Role::Call, Role::Member, Role::Tag, Role::Plain];
    let uses: Vec<Use> = names.iter().flat_map(|name| roles.map(|role| Use { name: name.clone(), role })).collect();
    let asked: Vec<&Use> = uses.iter().collect();
    let standing = standing(repo, trees, &asked)?;
    let mut kernels = Kernels::new(repo.store(Writes::Nowhere)?, trees);
    let found = standing.stale(store, &mut kernels)?;
    let words: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let used = ask_names(repo, &[trees.0], |base| match base {
        [base] => base.places(&words, |_| true),
        _ => Ok(Vec::new()),
    })?;
    let one = |(name, used): (&Vec<u8>, Vec<Place>)| {
        let known = !used.is_empty();
        let users: Vec<Vec<u8>> = used.into_iter().filter(|p| p.kinds.is_used()).map(|p| p.path).collect();
        let found: Option<&Found> = found.iter().find(|found| found.used.name == *name);
        let pairs = learn::pairs(&mut kernels, name, &users)?;
        let asking = found.map_or(Asking::of(name, Requirement::Optional), Found::asking);
        Ok(Taught {
            name: name.clone(),
            known,
            how: found.map(Found::how),
            was: found.map(|found| found.was.clone()),
            from: (users.len(), pairs.len()),
            rules: learn::rules_and_alias(&mut kernels, Asking { threshold, ..asking }, &pairs)?,
        })
    };
    names.iter().zip(used).map(one).collect()
}
