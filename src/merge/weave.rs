//! Line by line within a conflict: what either side inserts is inserted, what either side deletes is deleted.
//!
//! ```text
//!   base   a        ours   a'       theirs  a         woven  a'      each line of base has one fate, and the insertions of
//!          b               b                b'               b'      both sides stand before the same line of base
//! ```
//!
//! Where both sides touch one line of base there is nothing to weave. Where both insert at one place the order is a choice: it is
//! made (upstream's lines first) and said.

use super::{Change, Open, Proposal, delta};
use bstr::ByteSlice;

/// What one side does to the lines of base.
struct Edits<'a> {
    /// Before each line of base, and behind the last one.
    inserted: Vec<Vec<&'a [u8]>>,
    /// By line of base.
    deleted: Vec<bool>,
}

impl<'a> Edits<'a> {
    fn of(base: &[u8], side: &'a [u8]) -> Self {
        let len = base.lines().count();
        let mut edits = Self { inserted: vec![Vec::new(); len + 1], deleted: vec![false; len] };
        let lines: Vec<&[u8]> = side.lines_with_terminator().collect();
        for hunk in delta::hunks(Change { before: base, after: side }) {
            edits.deleted[hunk.before.clone()].fill(true);
            edits.inserted[hunk.before.start].extend(&lines[hunk.after]);
        }
        edits
    }
}

/// Weaves both sides; `None` if they touch one line, or if a line is not ended.
pub fn propose(open: &Open<'_>) -> Option<Proposal> {
    let sides = open.sides;
    let is_ended = |side: &[u8]| side.is_empty() || side.ends_with(b"\n");
    if ![sides.base, sides.ours, sides.theirs].into_iter().all(is_ended) {
        return None;
    }
    let (ours, theirs) = (Edits::of(sides.base, sides.ours), Edits::of(sides.base, sides.theirs));
    if ours.deleted.iter().zip(&theirs.deleted).any(|(ours, theirs)| *ours && *theirs) {
        return None;
    }
    let mut proposal = Proposal::default();
    let base: Vec<&[u8]> = sides.base.lines_with_terminator().collect();
    for at in 0..=base.len() {
        let (first, second) = (&ours.inserted[at], &theirs.inserted[at]);
        // The same thing twice, once with other white space.
        if first != second && !first.is_empty() && squeezed(first) == squeezed(second) {
            return None;
        }
        proposal.text.extend(first.concat());
        if first == second && !first.is_empty() {
            proposal.reasons.push("both sides insert the same lines: they are there once".to_owned());
        } else {
            proposal.text.extend(second.concat());
        }
        if first != second && !first.is_empty() && !second.is_empty() {
            proposal
                .doubts
                .push("both sides insert lines here; upstream's are first, without evidence for that".to_owned());
        }
        if at < base.len() && !ours.deleted[at] && !theirs.deleted[at] {
            proposal.text.extend_from_slice(base[at]);
        }
    }
    if theirs.deleted.contains(&true) && ours.deleted.contains(&true) {
        proposal.doubts.push("upstream changed lines beside those that the patch changes".to_owned());
    } else if ours.deleted.contains(&true) {
        proposal.doubts.push("upstream changed or removed lines beside which the patch inserts".to_owned());
    }
    if proposal.doubts.is_empty() {
        proposal.reasons.push("the sides' edits touch, and no line is edited by both".to_owned());
    }
    Some(proposal)
}

fn squeezed(lines: &[&[u8]]) -> Vec<u8> {
    lines.concat().into_iter().filter(|c| !c.is_ascii_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Sides;
    use crate::syntax::language::Language;

    fn woven(base: &str, ours: &str, theirs: &str) -> Option<(String, usize)> {
        let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let (lines, language) = (Sides::default(), Language::C);
        let open = Open { sides, before: b"", after: b"", files: sides, lines, language };
        let text = |p: Proposal| (String::from_utf8(p.text).expect("text"), p.doubts.len());
        propose(&open).map(text)
    }

    #[test]
    fn a_line_inserted_beside_one_that_upstream_inserts_elsewhere_is_settled_without_a_doubt() {
        assert_eq!(woven("a\nb\n", "up\na\nb\n", "a\nmine\nb\n"), Some(("up\na\nmine\nb\n".to_owned(), 0)));
    }

    #[test]
    fn neighbouring_edits_are_both_done_and_doubted() {
        assert_eq!(woven("a\nb\n", "up\nb\n", "a\nmine\n"), Some(("up\nmine\n".to_owned(), 1)));
    }

    #[test]
    fn two_insertions_at_one_place_are_upstreams_first_and_doubted_unless_they_are_the_same() {
        assert_eq!(woven("", "up\n", "mine\n"), Some(("up\nmine\n".to_owned(), 1)));
        assert_eq!(woven("a\n", "same\na\n", "same\na\nmine\n"), Some(("same\na\nmine\n".to_owned(), 0)));
    }

    #[test]
    fn an_edit_of_one_line_by_both_sides_is_not_woven() {
        assert_eq!(woven("a\n", "up\n", "mine\n"), None);
        assert_eq!(woven("a\n", "", "mine\n"), None);
        assert_eq!(woven("a", "a\nup", "mine\na"), None, "a line without an end");
        assert_eq!(woven("a\n", "\tsame\na\n", "        same\na\n"), None, "once with spaces, once with a tab");
    }
}
