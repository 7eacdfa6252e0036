//! A patch to sections that stand elsewhere now: each merged with itself, and the rest of the file without them.
//!
//! In: a question whose text merge is open, or is not what the door lets pass. Out: an easier one, and what was done on the way; `None`
//! if the patch changes no such section, or if one of them stays open.
//!
//! ```text
//!   base         theirs       ours              restated:  base      ours
//!     config B     config B+    config A                     B+        A
//!     config A     config A     config B*                    A         B*+     theirs changes nothing of B any more
//! ```

use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::merge::delta::{self, Hunk};
use crate::merge::mates::{Anchor, Mates};
use crate::merge::{Change, Remark, Sides};
use crate::syntax::version::Version;
use crate::verify::Question;
use bstr::ByteSlice;
use std::ops::Range;

/// An easier question.
pub struct Restated {
    /// The files with the sections as they come out.
    pub sides: Sides<Vec<u8>>,
    /// Lines of the base around what the patch changes in them, and what those are now.
    pub anchors: Vec<Anchor>,
    /// What was done.
    pub reasons: Vec<Remark>,
}

/// Merges the sections that upstream put elsewhere and the patch changes.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn restate(question: &Question<'_>) -> Result<Option<Restated>> {
    let Question { language, sides } = question;
    let [base, ours, theirs] = [sides.base, sides.ours, sides.theirs].map(|text| Version::new(*language, text));
    let patch = delta::hunks(Change { before: base.text, after: theirs.text });
    let mates = Mates::of_versions(&base, &ours);
    let mut touched: Vec<(&Change<Range<usize>>, Vec<&Hunk>)> = mates
        .moved()
        .iter()
        .map(|moved| (moved, within(&patch, &moved.before)))
        .filter(|(_, own)| !own.is_empty())
        .collect();
    touched.sort_by_key(|(moved, _)| moved.after.start);
    // One that stands within another now is no piece of its own.
    let overlap = touched.windows(2).any(|two| two[1].0.after.start < two[0].0.after.end);
    if touched.is_empty() || overlap {
        return Ok(None);
    }
    let (mut new_ours, mut from, mut anchors, mut reasons) = (Vec::new(), 0, Vec::new(), Vec::new());
    for (moved, own) in &touched {
        let section = Sides {
            base: base.text_of(&moved.before),
            ours: ours.text_of(&moved.after),
            theirs: patched((&base.lines, &theirs.lines), &moved.before, own),
        };
        let TextMerge::Clean(merged) = text::merge(section.as_ref().map(|side| &side[..]))? else { return Ok(None) };
        new_ours.extend(ours.text_of(&(from..moved.after.start)));
        new_ours.extend(merged);
        from = moved.after.end;
        let around = own.iter().flat_map(|hunk| hunk.before.start.saturating_sub(1)..hunk.before.end + 1);
        let anchor = |at: usize| Some(Anchor { base: at, ours: mates.of_line(at)?.line });
        anchors.extend(around.filter_map(anchor));
        reasons.extend(base.section_at(moved.before.start).map(|section| {
            let (kind, name) = (section.kind.word(), section.name.to_str_lossy());
            Remark::new(moved.after.start + 1, format!("{kind} {name} stands here now, and was merged with itself"))
        }));
    }
    new_ours.extend(ours.text_of(&(from..ours.lines.len())));
    let own: Vec<&Hunk> = touched.iter().flat_map(|(_, own)| own.iter().copied()).collect();
    let base = patched((&base.lines, &theirs.lines), &(0..base.lines.len()), &own);
    let sides = Sides { base, ours: new_ours, theirs: sides.theirs.to_vec() };
    Ok(Some(Restated { sides, anchors, reasons }))
}

/// The hunks that change lines of a section; none if one reaches beyond it.
fn within<'h>(patch: &'h [Hunk], section: &Range<usize>) -> Vec<&'h Hunk> {
    let meets = |hunk: &&Hunk| match hunk.before.is_empty() {
        true => section.start < hunk.before.start && hunk.before.start < section.end,
        false => hunk.before.start < section.end && section.start < hunk.before.end,
    };
    let own: Vec<&Hunk> = patch.iter().filter(meets).collect();
    let is_inside = |hunk: &&Hunk| section.start <= hunk.before.start && hunk.before.end <= section.end;
    if own.iter().all(is_inside) { own } else { Vec::new() }
}

/// Lines of the base as these hunks of the patch leave them.
fn patched((base, theirs): (&[&[u8]], &[&[u8]]), lines: &Range<usize>, hunks: &[&Hunk]) -> Vec<u8> {
    let mut hunks = hunks.to_vec();
    hunks.sort_by_key(|hunk| hunk.before.start);
    let (mut text, mut from) = (Vec::new(), lines.start);
    for hunk in hunks {
        text.extend(base[from..hunk.before.start].concat());
        text.extend(theirs[hunk.after.clone()].concat());
        from = hunk.before.end;
    }
    text.extend(base[from..lines.end].concat());
    text
}
