//! What people made of conflicts that are not the same as one and speak of the same: for whoever has to settle it, never to be used by itself.
//!
//! In: the sides of a conflict. Out: entries, the most alike first. Two conflicts are as alike as the names in them are the same (Dice's
//! coefficient over the names of all sides); names that most entries have tell nothing and are not counted.

use super::{Base, Entry, Memory};
use crate::merge::{Sides, line};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// Less alike than this, in per mille, is another matter.
const ALIKE: usize = 333;
/// The same for one of the same file.
const ALIKE_HERE: usize = 200;
/// Where there are more entries than this, a name that one in so many of them has tells nothing.
const FEW: usize = 64;
/// That share.
const ONE_IN: usize = 8;

/// Which entries have a name, and how many names each has.
#[derive(Clone, Debug, Default)]
pub struct ByName {
    entries: FxHashMap<Vec<u8>, Vec<usize>>,
    counts: Vec<usize>,
}

impl ByName {
    /// Of all entries.
    fn of(entries: &[Entry]) -> Self {
        let mut by_name = Self::default();
        for (at, entry) in entries.iter().enumerate() {
            let names = names(entry.conflict.sides.as_ref().map(Vec::as_slice));
            by_name.counts.push(names.len());
            names.into_iter().for_each(|name| by_name.entries.entry(name).or_default().push(at));
        }
        by_name
    }

    /// Does a name tell entries apart?
    fn tells(&self, having: &[usize]) -> bool {
        self.counts.len() <= FEW || having.len() * ONE_IN <= self.counts.len()
    }
}

impl Memory {
    /// The entries whose conflicts are most like this one; those of the same file go before equals, and entries of which nobody knows the
    /// base are not among them.
    pub fn similar(&self, path: &str, sides: Sides<&[u8]>, most: usize) -> Vec<&Entry> {
        let by_name = self.by_name.get_or_init(|| ByName::of(&self.entries));
        let wanted = names(sides);
        let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
        for having in wanted.iter().filter_map(|name| by_name.entries.get(name)).filter(|having| by_name.tells(having))
        {
            having.iter().for_each(|at| *shared.entry(*at).or_default() += 1);
        }
        let mut found: Vec<(Reverse<usize>, bool, usize)> = Vec::new();
        for (at, count) in shared {
            let entry = &self.entries[at];
            let alike = 2000 * count / (wanted.len() + by_name.counts[at]).max(1);
            let is_here = entry.conflict.path == path;
            let least = if is_here { ALIKE_HERE } else { ALIKE };
            if alike >= least && entry.conflict.base == Base::Known {
                found.push((Reverse(alike), !is_here, at));
            }
        }
        found.sort_unstable();
        found.into_iter().take(most).map(|(.., at)| &self.entries[at]).collect()
    }
}

/// The names that stand in the sides of a conflict.
fn names(sides: Sides<&[u8]>) -> FxHashSet<Vec<u8>> {
    let Sides { base, ours, theirs } = sides;
    [base, ours, theirs].into_iter().flat_map(line::names).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Conflict, How, Origin};
    use super::*;

    fn entry(path: &str, [base, ours, theirs]: [&str; 3]) -> Entry {
        let sides = Sides { base: base.into(), ours: ours.into(), theirs: theirs.into() };
        let (above, below) = (Vec::new(), Vec::new());
        let conflict = Conflict { path: path.to_owned(), sides, base: Base::Known, above, below };
        Entry { conflict, made: b"made\n".to_vec(), conflicts: 1, beside: Vec::new(), origin: Origin::new(How::Run) }
    }

    #[test]
    fn what_speaks_of_the_same_is_found_and_the_nearest_first() {
        let near = entry("b.c", ["acme_read(dev);\n", "acme_poll(dev, 10);\n", "acme_cached(dev);\n"]);
        let nearer = entry("c.c", ["acme_read(dev, REG);\n", "acme_poll(dev, REG, 10);\n", "acme_cached(dev, REG);\n"]);
        let other = entry("a.c", ["kfree(ptr);\n", "kvfree(ptr);\n", "vfree(ptr);\n"]);
        let memory = Memory::of(vec![near, nearer, other]);
        let sides = Sides {
            base: &b"acme_read(dev, REG);\n"[..],
            ours: b"acme_poll(dev, REG, 9);\n",
            theirs: b"acme_cached(dev, REG);\n",
        };
        let found = |most| -> Vec<String> {
            memory.similar("a.c", sides, most).iter().map(|entry| entry.conflict.path.clone()).collect()
        };
        assert_eq!(found(3), ["c.c", "b.c"]);
        assert_eq!(found(1), ["c.c"]);
    }

    #[test]
    fn of_equals_the_one_of_the_same_file_is_first_and_what_has_no_base_is_not_told() {
        let sides = ["old_call(a_one);\n", "new_call(a_one);\n", "old_call(b_one);\n"];
        let mut blind = entry("blind.c", sides);
        blind.conflict.base = Base::Unknown;
        let memory = Memory::of(vec![entry("a.c", sides), entry("z.c", sides), blind]);
        let [base, ours, theirs] = sides.map(str::as_bytes);
        let found = memory.similar("z.c", Sides { base, ours, theirs }, 9);
        assert_eq!(found.iter().map(|entry| entry.conflict.path.as_str()).collect::<Vec<_>>(), ["z.c", "a.c"]);
    }
}
