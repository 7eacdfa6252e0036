//! The patch's lines are in the function and table, and under the conditions, that the patch put them in.
//!
//! ```text
//!   theirs   f { ... + line ... }        result   f { ... + line ... }    the same: fine
//!                                                 g { ... + line ... }    fine only if the lines around it, which upstream
//!                                                                         had in f, are in g now: upstream moved them, and
//!                                                                         left none of them in f. Which lines moved so far
//!                                                                         that no comparison shows it, the candidate must
//!                                                                         say; that is checked
//!            #if A + line                         #if B + line            fine for the same reason, but to look at
//! ```

use super::case::{Case, Landed};
use super::{Moved, Objection, Reason};
use crate::merge::mates::{Anchor, Mates};
use crate::merge::{Remark, delta};
use crate::syntax::conditionals::Arms;
use crate::syntax::outline::SectionKind;
use crate::syntax::version::Version;
use std::cell::OnceCell;

/// Lines of a run are so near each other; brackets and blank lines between them are not told.
const NEAR: usize = 3;

/// What a line stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Surroundings {
    section: Option<(SectionKind, Vec<u8>)>,
    arms: Arms,
}

/// Looks at each run of lines that the patch adds. It landed elsewhere if all of its lines did: a scanner may be wrong about
/// one of them. Lines that came under other conditions with what stands around them are doubts.
pub fn check(
    case: &Case<'_>,
    landed: &[Landed],
    (relocated, sections): (&[Anchor], &[Moved]),
) -> Result<Vec<Remark>, Objection> {
    let anchors = Anchors { relocated, sections, mates: OnceCell::new() };
    let together = |a: &Landed, b: &Landed| a.theirs.abs_diff(b.theirs) <= NEAR && a.result.abs_diff(b.result) <= NEAR;
    let mut doubts = Vec::new();
    for run in landed.chunk_by(together) {
        let (mut doubt, mut objection) = (None, None);
        for line in run {
            match check_line(case, *line, &anchors) {
                Ok(None) => {
                    (doubt, objection) = (None, None);
                    break;
                }
                Ok(Some(found)) => doubt = doubt.or(Some(found)),
                Err(found) => objection = objection.or(Some(found)),
            }
        }
        match (doubt, objection) {
            (Some(doubt), _) => doubts.push(doubt),
            (None, Some(objection)) => return Err(objection),
            (None, None) => {}
        }
    }
    Ok(doubts)
}

fn check_line<'a>(case: &Case<'a>, line: Landed, anchors: &Anchors<'_, 'a>) -> Result<Option<Remark>, Objection> {
    let (meant, is) = (surroundings(&case.sides.theirs, line.theirs), surroundings(&case.result, line.result));
    let moved = || moved_with_its_neighbours(case, line, (&meant, &is)) || anchors.hold(case, line, (&meant, &is));
    if meant == is || anchors.say((&meant, &is)) {
        return Ok(None);
    }
    let told = if meant.section == is.section { told_arms } else { told_section };
    let said = format!("lines that the patch has {} are {} now", told(&meant), told(&is));
    if !moved() {
        return Err(Objection { reason: Reason::Misplaced, said, line: line.result + 1 });
    }
    // Under another nearest condition, as upstream's lines around them are, and nobody knows whether the patch's may be. What upstream
    // put around a large part of the file says nothing of these lines, nor what it put around all of the function or entry.
    let is_other = is.arms.last().is_some_and(|arm| !meant.arms.contains(arm)) && !is_around_all(&case.sides.ours, &is);
    let said = || format!("lines that the patch has {} are {} now", told_arms(&meant), told_arms(&is));
    Ok(is_other.then(|| Remark::new(line.result + 1, said())))
}

/// Do the conditions stand around the whole section, and is it the only one of its name?
fn is_around_all(ours: &Version<'_>, is: &Surroundings) -> bool {
    let only = is.section.as_ref().and_then(|(kind, name)| ours.only_called(*kind, name));
    only.is_some_and(|only| *ours.conditionals().at(only.lines.start) == is.arms)
}

/// What a candidate says of lines that moved, and what the files say.
struct Anchors<'r, 'a> {
    relocated: &'r [Anchor],
    /// Sections that became others.
    sections: &'r [Moved],
    mates: OnceCell<Mates<'a>>,
}

impl<'a> Anchors<'_, 'a> {
    /// Whether the one section became the other. What `#if` a line is under nobody can say away.
    fn say(&self, (meant, is): (&Surroundings, &Surroundings)) -> bool {
        let is_it =
            |moved: &Moved| Some(&moved.before) == meant.section.as_ref() && Some(&moved.after) == is.section.as_ref();
        meant.arms == is.arms && self.sections.iter().any(is_it)
    }

    /// Whether a line that the patch changes, or one beside it, went from the same surroundings to the same surroundings.
    fn hold(&self, case: &Case<'a>, line: Landed, (meant, is): (&Surroundings, &Surroundings)) -> bool {
        let Case { sides, patch, carried, .. } = case;
        let hunk_of = |hunks: &[delta::Hunk], line: usize| hunks.iter().find(|h| h.after.contains(&line)).cloned();
        let (Some(then), Some(now)) = (hunk_of(patch, line.theirs), hunk_of(carried, line.result)) else {
            return false;
        };
        let beside = |hunk: &delta::Hunk, at: usize| at + NEAR >= hunk.before.start && at <= hunk.before.end + NEAR;
        self.relocated.iter().any(|anchor| {
            beside(&then, anchor.base)
                && beside(&now, anchor.ours)
                && self.mates(case).of_line(anchor.base).is_some_and(|mate| mate.line == anchor.ours)
                && surroundings(&sides.base, anchor.base) == *meant
                && surroundings(&sides.ours, anchor.ours) == *is
                && (meant.section == is.section || !is_left_behind(&sides.ours, meant, sides.base.lines[anchor.base]))
        })
    }

    /// Which line is which, found again: what a method says is not taken on trust.
    fn mates(&self, case: &Case<'a>) -> &Mates<'a> {
        self.mates.get_or_init(|| Mates::of_versions(&case.sides.base, &case.sides.ours))
    }
}

/// Whether a neighbour that both kernels have went from the same surroundings to the same surroundings.
fn moved_with_its_neighbours(case: &Case<'_>, line: Landed, (meant, is): (&Surroundings, &Surroundings)) -> bool {
    let Case { sides, patch, carried, .. } = case;
    // The lines above and below, as they are in base and in ours.
    let around = |hunks: &[delta::Hunk], line: usize| {
        let hunk = hunks.iter().find(|h| h.after.contains(&line));
        hunk.map(|h| [h.before.start.checked_sub(1), Some(h.before.end)])
    };
    let (Some(then), Some(now)) = (around(patch, line.theirs), around(carried, line.result)) else {
        return false;
    };
    then.into_iter().zip(now).any(|pair| match pair {
        (Some(then), Some(now)) => {
            kept(case.upstream(), then) == Some(now)
                && then < sides.base.lines.len()
                && surroundings(&sides.base, then) == *meant
                && surroundings(&sides.ours, now) == *is
                && (meant.section == is.section || !is_left_behind(&sides.ours, meant, sides.base.lines[then]))
        }
        _ => false,
    })
}

/// Does what a line stood in still have it? Then a comparison that finds the line elsewhere may have taken one twin for the other.
fn is_left_behind(ours: &Version<'_>, meant: &Surroundings, line: &[u8]) -> bool {
    let Some((kind, name)) = &meant.section else { return false };
    ours.called(*kind, name).any(|section| ours.lines[section.lines.clone()].contains(&line))
}

/// Where a line that no hunk touches is afterwards.
fn kept(hunks: &[delta::Hunk], line: usize) -> Option<usize> {
    let before = hunks.partition_point(|h| h.before.start <= line);
    match before.checked_sub(1).map(|at| &hunks[at]) {
        None => Some(line),
        Some(h) if h.before.contains(&line) => None,
        Some(h) => Some(line - h.before.end + h.after.end),
    }
}

fn surroundings(version: &Version<'_>, line: usize) -> Surroundings {
    let section = version.section_at(line).map(|s| (s.kind, s.name.clone()));
    Surroundings { section, arms: version.conditionals().at(line).clone() }
}

fn told_section(surroundings: &Surroundings) -> String {
    match &surroundings.section {
        Some((kind, name)) => format!("in {} {}", kind.word(), String::from_utf8_lossy(name)),
        None => "outside of all functions and tables".to_owned(),
    }
}

fn told_arms(surroundings: &Surroundings) -> String {
    let arms: Vec<_> = surroundings.arms.iter().map(|arm| format!("'{}'", String::from_utf8_lossy(arm))).collect();
    if arms.is_empty() { "under no condition".to_owned() } else { format!("under {}", arms.join(", ")) }
}
