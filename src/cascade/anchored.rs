//! The lines of ours that an edit of the patch is about: its own lines, or those beside it.
//!
//! In: the [`Mates`] of a file and an edit. Out: [`Window`]s, the best first: lines of the base around the edit, and the lines
//! of ours that these are now, which must stand together in the same order.

use crate::merge::line::{alike, speaks};
use crate::merge::mates::{Anchor, How, Mates};
use crate::merge::surroundings::{Leans, leaning};
use std::ops::Range;

/// Lines that say nothing (blank ones, brackets) between an edit and its neighbour, at most.
const GAP: usize = 3;
/// Lines that upstream may have put between those of a window.
const SLACK: usize = 3;

/// Lines of the base and what they are in ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Lines of the base, from 0.
    pub base: Range<usize>,
    /// Lines of ours, from 0.
    pub ours: Range<usize>,
    /// Those that say something, and how each was found.
    pub anchors: Vec<(Anchor, How)>,
    /// The neighbours above and below are among them, all unchanged, and nothing came between: they moved together.
    pub is_whole: bool,
}

impl Window {
    /// Is none of its lines edited?
    pub fn is_exact(&self) -> bool {
        self.anchors.iter().all(|(_, how)| *how != How::Edited)
    }
}

/// Where an edit may go: `lines` of the base (none for an insertion) become `run`; neighbours are looked for in `free`.
pub fn windows(mates: &Mates<'_>, (lines, run): (&Range<usize>, &[&[u8]]), free: Range<usize>) -> Vec<Window> {
    let tells = |at: &usize| speaks(mates.base[*at]);
    let above = (free.start..lines.start).rev().take(GAP + 1).find(tells);
    let below = (lines.end..free.end).take(GAP + 1).find(tells);
    let mut found = Vec::new();
    if let (Some(above), Some(below)) = (above, below) {
        let mut both = window(mates, above..below + 1);
        if let Some(window) = &mut both {
            window.is_whole = window.is_exact() && window.base.len() == window.ours.len();
        }
        found.extend(both);
    }
    if !lines.is_empty() {
        found.extend(window(mates, lines.clone()));
        return found;
    }
    let line = |at: Option<usize>| at.and_then(|at| mates.base.get(at)).copied();
    let up = above.and_then(|above| window(mates, above..lines.start));
    let down = below.and_then(|below| window(mates, lines.start..below + 1));
    match (leaning(line(lines.start.checked_sub(1)), run, line(Some(lines.end))), up, down) {
        (Leans::Up, Some(window), _) | (Leans::Down, _, Some(window)) => found.push(window),
        // Attached to both or to none: the one that is there, if the other is not.
        (Leans::Neither, Some(window), None) | (Leans::Neither, None, Some(window)) => found.push(window),
        _ => {}
    }
    found
}

/// These lines of the base in ours, if all that say something stand together there in their order.
fn window(mates: &Mates<'_>, base: Range<usize>) -> Option<Window> {
    let mut anchors = Vec::new();
    for at in base.clone().filter(|at| speaks(mates.base[*at])) {
        let mate = mates.of_line(at)?;
        anchors.push((Anchor { base: at, ours: mate.line }, mate.how));
    }
    let ((first, _), (last, _)) = (anchors.first()?, anchors.last()?);
    let ascends = anchors.windows(2).all(|two| two[0].0.ours < two[1].0.ours);
    if !ascends || last.ours - first.ours > last.base - first.base + SLACK {
        return None;
    }
    let same = |a: usize, b: usize| mates.ours.get(b).is_some_and(|line| alike(mates.base[a], line));
    let (mut start, mut end) = (first.ours, last.ours + 1);
    for at in (base.start..first.base).rev() {
        match start.checked_sub(1) {
            Some(up) if same(at, up) => start = up,
            _ => break,
        }
    }
    for at in last.base + 1..base.end {
        if !same(at, end) {
            break;
        }
        end += 1;
    }
    Some(Window { base, ours: start..end, anchors, is_whole: false })
}
