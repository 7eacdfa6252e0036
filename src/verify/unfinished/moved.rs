//! What the patch takes away and upstream has only moved: the place where it stood is as the patch wants it, and the line is still there.
//!
//! ```text
//!   base   load(a); irq_on(a); start(a);      theirs   load(a); start(a);      ours   load(a); start(a); irq_on(a);
//! ```

use super::{LEAST_INK, Signs, names};
use crate::merge::Remark;
use crate::merge::line::{alike, ink, is_telling, shown};
use crate::syntax::lex::is_reserved;
use rustc_hash::FxHashSet;

/// Lines that the patch takes away, that upstream took from the same place, and that stand in the result as often as ever.
pub fn moved(signs: &Signs<'_, '_>) -> Vec<Remark> {
    let case = signs.case;
    let (base, result) = (&case.sides.base.lines, &case.result.lines);
    let count = |lines: &[&[u8]], line: &[u8]| lines.iter().filter(|other| alike(other, line)).count();
    let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
    let mut doubts = Vec::new();
    for at in case.patch.iter().flat_map(|hunk| hunk.before.clone()) {
        let line = base[at];
        if signs.upstream.fates[at].survives() || !is_own(signs, line) || !seen.insert(line) {
            continue;
        }
        let before = count(base, line);
        if count(&case.sides.theirs.lines, line) < before && count(result, line) >= before {
            let here = result.iter().rposition(|other| alike(other, line)).map_or(1, |at| at + 1);
            let said = format!("the patch takes '{}' away, and upstream has only moved it", shown(line));
            doubts.push(Remark::new(here, said));
        }
    }
    doubts
}

/// Does a line say something of its own? `return ret;` and `if (err)` stand everywhere.
fn is_own(signs: &Signs<'_, '_>, line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let first = line.split(|c| !c.is_ascii_alphanumeric() && *c != b'_').next().unwrap_or_default();
    let says = ink(line).count() >= LEAST_INK && is_telling(line) || !names(signs.case.language, line).is_empty();
    says && !is_reserved(first)
}
