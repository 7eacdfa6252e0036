//! What a migration brought, of all that an analyser says. In: its remarks in four trees. Out: those of the migrated code that neither
//! kernel nor the series before has.
//!
//! ```text
//!   old base      2      of one kind, message and file:
//!   old patched   3      the series had 3 - 2 = 1 of its own
//!   new base      1      upstream has 1
//!   migrated      3      3 - 1 - 1 = 1 was brought
//! ```
//!
//! What the old kernel had and the new one has no more counts as brought, if it is there again: a merge may have undone a fix.

use crate::run::Diagnostic;
use std::collections::BTreeMap;

/// A message, and the line that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// As it was read; its file is a path of the tree, as the new kernel calls it.
    pub told: Diagnostic,
    /// The text of the line, without white space around it.
    pub line: Vec<u8>,
}

/// What makes remarks alike: file, kind, message. Neither the line, which moves, nor the function, which not all tools tell.
pub type Likeness = (String, String, String);

impl Remark {
    /// What others must have to be like it.
    pub fn likeness(&self) -> Likeness {
        let Diagnostic { file, kind, message, .. } = &self.told;
        (file.clone().unwrap_or_default(), kind.clone().unwrap_or_default(), message.clone())
    }
}

/// Remarks in the four trees.
#[derive(Clone, Copy, Debug)]
pub struct Four<'a> {
    /// The old kernel.
    pub base: &'a [Remark],
    /// With the series, as it was.
    pub patched: &'a [Remark],
    /// The new kernel.
    pub onto: &'a [Remark],
    /// With the series, migrated.
    pub migrated: &'a [Remark],
}

impl Four<'_> {
    /// How many remarks of each likeness were there without the migration: upstream's and the series' own.
    pub fn allowed(&self) -> BTreeMap<Likeness, usize> {
        let (base, patched) = (counted(self.base), counted(self.patched));
        let mut allowed = counted(self.onto);
        for (likeness, count) in patched {
            let own = count.saturating_sub(base.get(&likeness).copied().unwrap_or(0));
            *allowed.entry(likeness).or_default() += own;
        }
        allowed
    }

    /// Remarks of the migrated code that the migration brought.
    pub fn brought(&self) -> Vec<Remark> {
        beyond(self.migrated, &self.allowed(), &self.known())
    }

    /// Remarks of upstream's and of the series' own, which tell by their lines who of several was there without the migration.
    pub fn known(&self) -> Vec<&Remark> {
        let mut base: Vec<&Remark> = self.base.iter().collect();
        base.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut own = Vec::new();
        for one in self.patched {
            match base.binary_search_by(|old| order(old).cmp(&order(one))) {
                Ok(at) => drop(base.remove(at)),
                Err(_) => own.push(one),
            }
        }
        self.onto.iter().chain(own).collect()
    }
}

/// What makes two remarks the same but for where their line is.
fn order(one: &Remark) -> (Likeness, &[u8]) {
    (one.likeness(), &one.line)
}

/// How many there are of each.
fn counted(remarks: &[Remark]) -> BTreeMap<Likeness, usize> {
    let mut count = BTreeMap::new();
    for remark in remarks {
        *count.entry(remark.likeness()).or_default() += 1;
    }
    count
}

/// The remarks beyond the number that is allowed of their likeness. Which of several they are is told by their lines: one whose line is
/// known with the same remark was there before.
pub fn beyond(here: &[Remark], allowed: &BTreeMap<Likeness, usize>, known: &[&Remark]) -> Vec<Remark> {
    let mut more = counted(here);
    for (likeness, count) in &mut more {
        *count = count.saturating_sub(allowed.get(likeness).copied().unwrap_or(0));
    }
    let mut lines: BTreeMap<(Likeness, Vec<u8>), usize> = BTreeMap::new();
    for one in known {
        *lines.entry((one.likeness(), one.line.clone())).or_default() += 1;
    }
    let mut is_beyond = |one: &Remark| {
        let likeness = one.likeness();
        if let Some(left) = lines.get_mut(&(likeness.clone(), one.line.clone())).filter(|left| **left > 0) {
            *left -= 1;
            return false;
        }
        let more = more.entry(likeness).or_default();
        let is_more = *more > 0;
        *more = more.saturating_sub(1);
        is_more
    };
    here.iter().filter(|one| is_beyond(one)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Severity;

    fn remark(message: &str, line: &str) -> Remark {
        let mut told = Diagnostic::new("gcc", Severity::Warning, message);
        told.file = Some("a.c".to_owned());
        Remark { told, line: line.into() }
    }

    fn lines(found: &[Remark]) -> Vec<String> {
        found.iter().map(|one| String::from_utf8_lossy(&one.line).into_owned()).collect()
    }

    #[test]
    fn only_what_neither_kernel_nor_the_series_had_was_brought() {
        let (base, patched) = ([remark("x", "old")], [remark("x", "old"), remark("x", "own"), remark("y", "own")]);
        let onto = [remark("x", "old"), remark("z", "upstream")];
        let migrated =
            [remark("x", "old"), remark("x", "own"), remark("x", "new"), remark("y", "own"), remark("z", "upstream")];
        let four = Four { base: &base, patched: &patched, onto: &onto, migrated: &migrated };
        assert_eq!(lines(&four.brought()), ["new"]);
        assert!(Four { migrated: &onto, ..four }.brought().is_empty());
        assert!(Four { migrated: &patched, ..four }.brought().is_empty());
    }

    #[test]
    fn what_upstream_has_mended_and_a_merge_undid_was_brought() {
        let (with, without) = ([remark("x", "p = 0;")], []);
        let four = Four { base: &with, patched: &with, onto: &without, migrated: &with };
        assert_eq!(lines(&four.brought()), ["p = 0;"]);
        assert!(Four { onto: &with, ..four }.brought().is_empty());
    }

    #[test]
    fn a_line_that_moved_or_changed_within_the_number_that_is_allowed_is_not_brought() {
        let (old, new) = ([remark("x", "a")], [remark("x", "b")]);
        let four = Four { base: &old, patched: &old, onto: &old, migrated: &new };
        assert!(four.brought().is_empty(), "one was there, one is there");
    }
}
