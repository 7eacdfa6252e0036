//! Blocks that moved: statements that an alignment left over on both sides and that are equal.
//!
//! In: two fingerprints and their alignment. Out: runs of nodes with their old and new places.
//!
//! ```text
//!   old  [one two] three four      aligned: three four
//!   new  three four [one two]      left over on both sides, equal, and told apart by a statement that occurs once: moved
//! ```

use super::align::{Key, Match, Side};
use super::cfp::Fingerprint;
use std::collections::HashMap;
use std::ops::Range;

/// A node with fewer tokens (`break ;`, `#endif`, `return 0 ;`) may stand in a moved block but is no reason to see one.
const TELLING_TOKENS: usize = 4;

/// A run of nodes that stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Indices of the nodes in the old fingerprint.
    pub old: Range<usize>,
    /// Indices of the nodes in the new one.
    pub new: Range<usize>,
}

/// The blocks of nodes that were left over on both sides and are equal: moved, not changed.
pub fn block_moves(old: &Fingerprint<'_>, new: &Fingerprint<'_>, matches: &[Match]) -> Vec<Move> {
    let (old, new) = (Side::of(old), Side::of(new));
    let mut free = (vec![true; old.len()], vec![true; new.len()]);
    for found in matches {
        (free.0[found.old], free.1[found.new]) = (false, false);
    }
    let once = |side: &Side<'_, '_>, free: &[bool]| {
        let mut places: HashMap<Key, Option<usize>> = HashMap::new();
        for at in (0..side.len()).filter(|at| free[*at] && side.bag(*at).len() >= TELLING_TOKENS) {
            places.entry(side.key(at)).and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    };
    let (in_old, in_new) = (once(&old, &free.0), once(&new, &free.1));
    let mut moves = Vec::new();
    for at in 0..old.len() {
        let key = old.key(at);
        let unique = in_old.get(&key).copied().flatten() == Some(at);
        let Some(to) = in_new.get(&key).copied().flatten().filter(|to| unique && free.0[at] && free.1[*to]) else {
            continue;
        };
        let (mut olds, mut news) = (at..at + 1, to..to + 1);
        let fits = |at: usize, to: usize| free.0[at] && free.1[to] && old.key(at) == new.key(to);
        while olds.start > 0 && news.start > 0 && fits(olds.start - 1, news.start - 1) {
            (olds.start, news.start) = (olds.start - 1, news.start - 1);
        }
        while olds.end < old.len() && news.end < new.len() && fits(olds.end, news.end) {
            (olds.end, news.end) = (olds.end + 1, news.end + 1);
        }
        free.0[olds.clone()].fill(false);
        free.1[news.clone()].fill(false);
        moves.push(Move { old: olds, new: news });
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::super::align::align;
    use super::*;

    #[test]
    fn a_moved_block_is_found_elsewhere() {
        let old =
            "int f(void)\n{\n\tif (lower(dev, 1))\n\t\treturn 1;\n\tone(a, b);\n\ttwo(a, b);\n\tthree(a, b);\n}\n";
        let new =
            "int f(void)\n{\n\tone(a, b);\n\ttwo(a, b);\n\tthree(a, b);\n\tif (lower(dev, 1))\n\t\treturn 1;\n}\n";
        let (old, new) = (Fingerprint::of(old.as_bytes()), Fingerprint::of(new.as_bytes()));
        let matches = align(&old, &new);
        assert_eq!(matches.len(), 4);
        assert_eq!(block_moves(&old, &new, &matches), [Move { old: 1..3, new: 4..6 }]);
    }
}
