//! What the patch takes away and upstream has only moved: the place where it stood is as the patch wants it, and the line is still there.
//!
//! ```text
//!   base   load(a); irq_on(a); start(a);      theirs   load(a); start(a);      ours   load(a); start(a); irq_on(a);
//! ```

use super::{LEAST_INK, Signs, names};
use crate::merge::Remark;
use crate::merge::line::{ink, is_telling, shown};
use crate::syntax::lex::is_reserved;
use rustc_hash::{FxHashMap, FxHashSet};

/// Lines that the patch takes away, that upstream took from the same place, and that stand in the result as often as ever.
pub fn moved(signs: &Signs<'_, '_>) -> Vec<Remark> {
    let case = signs.case;
    let (base, result) = (&case.sides.base.lines, &case.result.lines);
    let gone = |at: &usize| !signs.upstream.fates[*at].survives() && is_own(signs, base[*at]);
    let mut gone: Vec<usize> = case.patch.iter().flat_map(|hunk| hunk.before.clone()).filter(gone).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let [before, patched, now] = [base, &case.sides.theirs.lines, result].map(|lines| counts(lines));
    let of = |counts: &Counts, line: &[u8]| counts.get(&written(line)).map_or(0, |(n, _)| *n);
    let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
    gone.retain(|at| seen.insert(base[*at]));
    gone.retain(|at| of(&patched, base[*at]) < of(&before, base[*at]) && of(&now, base[*at]) >= of(&before, base[*at]));
    let told = |at: usize| {
        let said = format!("the patch takes '{}' away, and upstream has only moved it", shown(base[at]));
        Remark::new(now.get(&written(base[at])).map_or(1, |(_, last)| last + 1), said)
    };
    gone.into_iter().map(told).collect()
}

/// How often a line is there, by its bytes that are not white space, and where it is last; from 0.
type Counts = FxHashMap<Vec<u8>, (usize, usize)>;

fn counts(lines: &[&[u8]]) -> Counts {
    let mut counts = Counts::default();
    for (at, line) in lines.iter().enumerate() {
        let count = counts.entry(written(line)).or_insert((0, at));
        *count = (count.0 + 1, at);
    }
    counts
}

fn written(line: &[u8]) -> Vec<u8> {
    ink(line).copied().collect()
}

/// Does a line say something of its own? `return ret;` and `if (err)` stand everywhere.
fn is_own(signs: &Signs<'_, '_>, line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let first = line.split(|c| !c.is_ascii_alphanumeric() && *c != b'_').next().unwrap_or_default();
    let says = ink(line).count() >= LEAST_INK && is_telling(line) || !names(signs.case.language, line).is_empty();
    says && !is_reserved(first)
}
