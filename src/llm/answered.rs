//! Which lines a model answers for: what the door must be told before it looks at an answer.
//!
//! In: a brief and the edits of its answer. Out: lines that may come, go or differ because the model says so: those that its edits take away and
//! bring, and lines of the patch that it adapted. A line of the patch is adapted if the new lines speak of the same: the door still
//! objects to a line of the patch that was just left out.

use super::brief::Brief;
use super::edits::Edits;
use super::location::points;
use crate::merge::line::words;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// Percent of the words of a patch's line that are in the new lines, if it was adapted and not left out.
const ADAPTED: usize = 34;

/// The lines, with their ends.
pub fn answered(brief: &Brief, edits: &Edits) -> FxHashSet<Vec<u8>> {
    let mut lines: FxHashSet<Vec<u8>> = FxHashSet::default();
    let mut spoken: FxHashSet<&[u8]> = FxHashSet::default();
    for edit in &edits.list {
        if let Some(region) = brief.region(&edit.at) {
            let first = region.place().start;
            let gone = edit.at.start - first..edit.at.end - first;
            lines.extend(region.lines().get(gone).unwrap_or_default().iter().map(|line| line.to_vec()));
        }
        lines.extend(edit.text.lines_with_terminator().map(<[u8]>::to_vec));
        spoken.extend(words(&edit.text));
    }
    let theirs = brief.sides.theirs.lines();
    let place = brief.sides.theirs.place().start;
    for point in points(brief).into_iter().filter(|point| point.is_open) {
        for line in point.come.filter_map(|at| theirs.get(at - place)) {
            let said = words(line);
            let known = said.iter().filter(|word| spoken.contains(*word)).count();
            if 100 * known >= ADAPTED * said.len() {
                lines.insert(line.to_vec());
            }
        }
    }
    lines
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
    use super::super::brief::Snippet;
    use super::super::edits::Edit;
    use super::*;
    use crate::merge::Sides;

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
