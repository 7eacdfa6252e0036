//! A number that the patch and upstream both gave to a new entry of one list, each at its own end: a bit, an id, a command.
//!
//! In: a [`Case`]. Out: [`Remark`]s at the lines of the result. Where both add at one place, merging says so.
//!
//! ```text
//!   #define F_UP     BIT(3)    <- upstream's
//!   #define F_ONE    BIT(0)
//!   #define F_MINE   BIT(3)    <- the patch's
//! ```

use super::case::Case;
use crate::merge::Remark;
use crate::merge::delta::Hunk;
use crate::merge::line::{alike, shown};
use crate::merge::list::same_number;
use crate::syntax::language::Language;
use rustc_hash::FxHashSet;

/// Longer lists are tables of registers.
const LONGEST_LIST: usize = 1_000;

/// Numbers that are taken.
pub fn doubts(case: &Case<'_>) -> Vec<Remark> {
    if case.language != Language::C || case.upstream().is_empty() {
        return Vec::new();
    }
    let lines = &case.result.lines;
    let came = |hunks: &[Hunk], lines: &[&'_ [u8]]| -> FxHashSet<Vec<u8>> {
        hunks.iter().flat_map(|hunk| &lines[hunk.after.clone()]).map(|line| line.to_vec()).collect()
    };
    let upstreams = came(case.upstream(), &case.sides.ours.lines);
    let own: FxHashSet<usize> = case.written().collect();
    let mut doubts = Vec::new();
    let mut list = 0..0;
    for at in case.written().filter(|at| lines[*at].starts_with(b"#define")) {
        // Its other lines are of the same list.
        if !list.contains(&at) {
            list = list_of(lines, at);
        }
        if list.len() > LONGEST_LIST {
            continue;
        }
        let line = lines[at];
        // That it is the same line is told by others.
        let is_taken =
            |n: &usize| upstreams.contains(lines[*n]) && !alike(lines[*n], line) && same_number(&[lines[*n]], &[line]);
        let taken = list.clone().find(is_taken);
        let Some(taken) = taken.filter(|taken| !own.contains(taken)) else { continue };
        // In a list with one number twice, numbers mean something else.
        let old: Vec<&[u8]> =
            list.clone().filter(|n| !own.contains(n) && !upstreams.contains(lines[*n])).map(|n| lines[n]).collect();
        let is_twice = |(n, one): (usize, &&[u8])| same_number(&[one], &old[n + 1..]);
        if !old.iter().enumerate().any(is_twice) && !same_number(&old, &[line]) {
            let said = format!("upstream uses the same number in a new line of its own: '{}'", shown(lines[taken]));
            doubts.push(Remark::new(at + 1, said));
        }
    }
    doubts
}

/// The lines of a list of macros, without a gap.
fn list_of(lines: &[&[u8]], at: usize) -> std::ops::Range<usize> {
    let is_other = |line: &&[u8]| !line.starts_with(b"#define");
    let start = lines[..at].iter().rposition(is_other).map_or(0, |other| other + 1);
    let end = lines[at..].iter().position(is_other).map_or(lines.len(), |other| at + other);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Sides;
    use crate::verify::case::said_of;

    fn said(list: &str, ours: &str, theirs: &str) -> Vec<String> {
        let (base, end) = (format!("{list}\nint f(void);\n"), "\nint f(void);\n");
        let (up, mine, both) =
            (format!("{ours}{base}"), format!("{list}{theirs}{end}"), format!("{ours}{list}{theirs}{end}"));
        said_of(Sides { base: &base, ours: &up, theirs: &mine }, &both, doubts)
    }

    #[test]
    fn a_number_that_both_give_in_one_list_is_told() {
        let list = "#define F_ONE\tBIT(0)\n#define F_TWO\tBIT(1)\n";
        let told = said(list, "#define F_UP\tBIT(2)\n", "#define F_MINE\tBIT(2)\n");
        assert_eq!(told, ["upstream uses the same number in a new line of its own: '#define F_UP\tBIT(2)'"]);
        assert_eq!(said(list, "#define F_UP\tBIT(2)\n", "#define F_MINE\tBIT(3)\n"), [""; 0]);
        assert_eq!(said(list, "#define F_UP\tBIT(2)\n\n", "#define F_MINE\tBIT(2)\n"), [""; 0], "another list");
        let fields = "#define R_ONE\t1\n#define R_TWO\t1\n";
        assert_eq!(said(fields, "#define R_UP\t2\n", "#define R_MINE\t2\n"), [""; 0], "no numbers of entries");
    }
}
