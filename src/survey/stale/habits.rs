//! Calls that still compile and that upstream makes no more: its habit changed.
//!
//! In: what the series calls, with its users on both kernels. Out: those that at least half of upstream's files gave up, with the rules
//! that their changes teach. A rule of these is optional: nothing is rewritten by it unless somebody asks.

use super::kernels::Kernels;
use super::learn::{self, Asking};
use super::stale_name::{How, StaleName};
use super::standing::{Standing, users};
use super::{Role, Use};
use crate::error::Result;
use crate::index::Place;
use crate::merge::Evidence;
use crate::rule::Requirement;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// What fewer files used is nobody's habit.
const LEAST: usize = 6;

/// Looks at what is called and is not stale.
///
/// # Errors
/// An object is missing or damaged.
pub fn stale(kernels: &mut Kernels, (standing, known): (&Standing<'_>, &FxHashSet<&Use>)) -> Result<Vec<StaleName>> {
    let mut found = Vec::new();
    for (used, then, now) in standing.names.iter().filter(|(used, ..)| !known.contains(*used)) {
        let count = |places: &[Place]| users(used, places).len();
        let (before, after) = (count(then), count(now));
        if used.role != Role::Call || before < LEAST || after * 2 > before {
            continue;
        }
        let paths = users(used, then);
        let pairs = learn::pairs(kernels, &used.name, &paths)?;
        let asking = Asking::of(&used.name, Requirement::Optional);
        let rules = learn::rules(asking, &pairs);
        if rules.is_empty() {
            continue;
        }
        let said = format!("{} was used in {before} files, and is in {after} now", used.name.to_str_lossy());
        let examples = super::examples::examples(kernels, &used.name, &paths)?;
        let name = StaleName::new((*used).clone(), Evidence::new(said), How::Habit);
        found.push(StaleName { examples, rules, ..name });
    }
    Ok(found)
}
