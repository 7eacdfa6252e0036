//! Types that upstream's own code in a file uses no more, although they are still there: what a file's functions are called with follows
//! from what calls them, and that may have changed out of sight.
//!
//! In: files of the series that upstream has, with the types that their added lines use. Out: those of which upstream replaced each use
//! in that file, with the rules of that file alone.
//!
//! ```text
//!   fs/a/dir.c: struct user_ns *ns  ->  struct map *map   in all of 9 functions; the series adds one that takes a struct user_ns *
//! ```

use super::kernels::Kernels;
use super::learn::{self, Asking};
use super::stale_name::{How, StaleName};
use super::{Role, Use};
use crate::error::Result;
use crate::merge::Evidence;
use crate::rule::{Requirement, Rule};
use crate::run::quoted;
use crate::syntax::lex::has_word;
use bstr::{BStr, ByteSlice};
use std::collections::BTreeSet;

/// In fewer functions it may be by chance.
const FUNCTIONS: usize = 3;

/// What a file's own change teaches about names that are stale: nobody is nearer. The names with the rules of the file before those of all
/// others, by file and position.
///
/// # Errors
/// An object is missing or damaged.
pub fn own_rules(
    kernels: &mut Kernels,
    (names, asked): (&[StaleName], &BTreeSet<(&[u8], usize)>),
) -> Result<Vec<(Vec<u8>, usize, StaleName)>> {
    let mut found = Vec::new();
    for (path, at) in asked {
        let known = &names[*at];
        let name = &known.used.name;
        let Some(file) = kernels.file(BStr::new(path))? else { continue };
        if !has_word(&file.before, name) || known.how == How::Gone && has_word(&file.after, name) {
            continue;
        }
        let pairs = learn::pairs(kernels, name, &[path.to_vec()])?;
        let asking = Asking { threshold: Some(1), ..Asking::of(name, Requirement::Required) };
        let mut rules = learn::rules(asking, &pairs);
        rules.retain(|rule| rule.knowledge.counter_examples.is_empty());
        let is_new = |rule: &Rule| known.rules.iter().all(|other| other.told() != rule.told());
        if rules.iter().any(is_new) {
            rules.retain(is_new);
            rules.extend(known.rules.iter().cloned());
            found.push((path.to_vec(), *at, StaleName { rules, ..known.clone() }));
        }
    }
    Ok(found)
}

/// Looks at each file for each of its types.
///
/// # Errors
/// An object is missing or damaged.
pub fn stale(kernels: &mut Kernels, asked: &BTreeSet<(&[u8], &Use)>) -> Result<Vec<StaleName>> {
    let mut found = Vec::new();
    for (path, used) in asked.iter().filter(|(_, used)| used.role == Role::Tag) {
        let place = BStr::new(path);
        let Some(file) = kernels.file(place)? else { continue };
        if !has_word(&file.before, &used.name) || has_word(&file.after, &used.name) {
            continue;
        }
        let users = [path.to_vec()];
        let pairs = learn::pairs(kernels, &used.name, &users)?;
        if pairs.len() < FUNCTIONS {
            continue;
        }
        let asking = Asking { threshold: Some(1), ..Asking::of(&used.name, Requirement::Required) };
        let mut rules = learn::rules(asking, &pairs);
        rules.retain(|rule| rule.knowledge.functions >= FUNCTIONS);
        let name = used.name.to_str_lossy();
        let said = format!("upstream replaced {name} in all of {} functions of this file", pairs.len());
        let was = Evidence::new(said).at(quoted(place));
        let examples = super::examples::examples(kernels, &used.name, &users)?;
        let known_in = vec![path.to_vec()];
        found.push(StaleName { examples, rules, known_in, ..StaleName::new((*used).clone(), was, How::Here) });
    }
    Ok(found)
}
