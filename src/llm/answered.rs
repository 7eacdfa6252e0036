//! Which lines a model answers for: what the door must be told before it looks at an answer.
//!
//! In: a brief and the edits of its answer. Out: lines that may come, go or differ because the model says so: those that its edits take away and
//! bring, and lines of the patch that it adapted. A line of the patch is adapted if a new line at its own place speaks of the same, and of
//! no other line of the patch: the door still objects to one that was just left out.

use super::bounds::{is_at, places};
use super::brief::Brief;
use super::edits::{Edit, Edits};
use super::location::points;
use crate::merge::line::words;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// Percent of the words of a patch's line that are in the new line that it became, if it was adapted and not left out.
const ADAPTED: usize = 34;

/// The lines, with their ends.
pub fn answered(brief: &Brief, edits: &Edits) -> FxHashSet<Vec<u8>> {
    let mut lines: FxHashSet<Vec<u8>> = FxHashSet::default();
    for edit in &edits.list {
        if let Some(region) = brief.region(&edit.at) {
            let first = region.place().start;
            let gone = edit.at.start - first..edit.at.end - first;
            lines.extend(region.lines().get(gone).unwrap_or_default().iter().map(|line| line.to_vec()));
        }
        lines.extend(edit.text.lines_with_terminator().map(<[u8]>::to_vec));
    }
    let theirs = brief.sides.theirs.lines();
    let place = brief.sides.theirs.place().start;
    for point in points(brief).into_iter().filter(|point| point.is_open) {
        let came: Vec<&[u8]> = point.come.clone().filter_map(|at| theirs.get(at - place).copied()).collect();
        let places = places(brief, &point);
        let is_here = |edit: &&Edit| match brief.region(&edit.at) {
            Some(region) if std::ptr::eq(region, &brief.sides.ours) => is_at(edit, &places, region),
            region => region.is_some(),
        };
        let new = edits.list.iter().filter(is_here).flat_map(|edit| edit.text.lines_with_terminator());
        lines.extend(adapted(&came, &new.collect::<Vec<_>>()).into_iter().map(<[u8]>::to_vec));
    }
    lines
}

/// Which of the lines that a change of the patch brings became new ones: each one of its own, but for those of one statement, which may
/// be broken into lines otherwise.
fn adapted<'a>(came: &[&'a [u8]], new: &[&[u8]]) -> Vec<&'a [u8]> {
    let mut free: Vec<bool> = new.iter().map(|line| !came.contains(line)).collect();
    let mut found = Vec::new();
    let mut last = None;
    for (at, line) in came.iter().enumerate() {
        let said = words(line);
        let known = |other: usize| {
            // What goes on in the next line is one with it.
            let end = (other..new.len()).find(|at| !goes_on(new[*at])).map_or(new.len(), |end| end + 1);
            let there: FxHashSet<&[u8]> = new[other..end].iter().flat_map(|line| words(line)).collect();
            said.iter().filter(|word| there.contains(*word)).count()
        };
        let is_one = at > 0 && goes_on(came[at - 1]);
        let may = |other: &usize| free[*other] || is_one && last == Some(*other);
        let best = (0..new.len()).filter(may).max_by_key(|other| (known(*other), std::cmp::Reverse(*other)));
        let best = best.filter(|other| 100 * known(*other) >= ADAPTED * said.len());
        if said.is_empty() {
            found.push(*line);
        } else if let Some(other) = best.filter(|_| !new.contains(line)) {
            found.push(*line);
            (free[other], last) = (false, Some(other));
        }
    }
    found
}

/// Does a statement go on behind this line?
fn goes_on(line: &[u8]) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with(b"#") && !line.ends_with_str("*/") && !b";{}:".contains(&line[line.len() - 1])
}

/// The lines that the patch brings where it is open: those that a model answers for if it says that ours has them in other words.
pub fn said_to_be_there(brief: &Brief) -> FxHashSet<Vec<u8>> {
    let theirs = brief.sides.theirs.lines();
    let place = brief.sides.theirs.place().start;
    let open = points(brief).into_iter().filter(|point| point.is_open);
    let lines = open.flat_map(|point| point.come).filter_map(|at| theirs.get(at - place));
    lines.map(|line| line.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::edits::Edit;
    use super::super::snippet::Snippet;
    use super::*;
    use crate::merge::Sides;

    #[test]
    fn one_new_line_is_not_two_of_the_patch_and_none_that_stands_elsewhere() {
        let came: [&[u8]; 2] = [b"\tset_mode(dev, FAST);\n", b"\tset_mode(dev, SLOW);\n"];
        let new: [&[u8]; 1] = [b"\tdev_set_mode(dev, MODE_FAST);\n"];
        assert_eq!(adapted(&came, &new), [came[0]]);
        let came: [&[u8]; 2] = [b"\tset_mode(dev,\n", b"\t\t FAST);\n"];
        assert_eq!(adapted(&came, &new), came, "broken into lines otherwise");
        let base = "one(a);\ntwo(b);\nthree(c);\nfour(d);\nfive(e);\n";
        let theirs = base.replace("two(b)", "two(b, X)").replace("five(e)", "five(e, Y)");
        let sides = Sides { base: base.to_owned(), ours: base.to_owned(), theirs };
        let mut brief = Brief::of_snippets("a.c", sides.map(|text| Snippet::new(text, 1)));
        brief.open.ours = 5..5;
        let list = vec![Edit { at: 1..2, text: b"five(b, Y);\n".to_vec() }];
        assert!(!answered(&brief, &Edits { list, ..Edits::default() }).contains(&b"five(e, Y);\n"[..]));
    }

    #[test]
    fn an_adapted_line_is_answered_for_and_one_that_was_left_out_is_not() {
        let base = "f();\nold(a);\ng();\n";
        let sides = Sides {
            base: base.to_owned(),
            ours: base.replace("old(a)", "new(a)"),
            theirs: base.replace("old(a);\n", "old(a);\nset_mode(dev, FAST);\nflush_queue(q);\n"),
        };
        let brief = Brief::of_snippets("a.c", sides.map(|text| Snippet::new(text, 11)));
        let list = vec![Edit { at: 12..12, text: b"dev_set_mode(dev, MODE_FAST);\n".to_vec() }];
        let lines = answered(&brief, &Edits { list, ..Edits::default() });
        assert!(
            lines.contains(&b"set_mode(dev, FAST);\n"[..]) && lines.contains(&b"dev_set_mode(dev, MODE_FAST);\n"[..])
        );
        assert!(!lines.contains(&b"flush_queue(q);\n"[..]) && !lines.contains(&b"f();\n"[..]));
    }
}
