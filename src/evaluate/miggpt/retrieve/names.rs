//! What a place must hold, and where it ends: by names and by lines, where fingerprints leave something to say.
//!
//! In: s_old, file_new and where the statements are alike. Out: better lines. What s_old defines at top level, its place must define, if the file
//! defines it anywhere (MigGPT's structure prompt as a check): a table of which every entry was rewritten has nothing in common with the
//! old one but its name.

use crate::syntax::items::{Item, ItemKind, Items, items};
use bstr::ByteSlice;
use std::ops::Range;

/// Lines that may have come in between what stood together.
const BETWEEN: usize = 20;

/// The names that an item is found by; what only declares is none.
fn defines(item: &Item) -> bool {
    !matches!(
        item.kind,
        ItemKind::Include
            | ItemKind::Conditional
            | ItemKind::Directive
            | ItemKind::Other
            | ItemKind::MacroCall
            | ItemKind::Prototype
    )
}

/// The lines of an item, from 0.
fn lines(item: &Item) -> Range<usize> {
    item.lines.0 - 1..item.lines.1
}

/// The lines that define what s_old defines, if `place` does not; `None` if it does, or the names stand apart now.
pub fn named((old, file): (&[u8], &[u8]), place: Option<Range<usize>>) -> Option<Range<usize>> {
    let (mine, all) = (items(old), items(file));
    let found: Vec<Range<usize>> =
        mine.list.iter().filter(|item| defines(item)).filter_map(|item| only((item, old), (&all, file))).collect();
    let start = found.iter().map(|range| range.start).min()?;
    let end = found.iter().map(|range| range.end).max()?;
    let holds = |place: &Range<usize>| found.iter().all(|range| place.start <= range.start && range.end <= place.end);
    if place.as_ref().is_some_and(holds) {
        return None;
    }
    let own: usize = found.iter().map(Range::len).sum();
    let is_together = end - start <= own + old.lines().count() + BETWEEN;
    // What is alike beside the names belongs to it.
    let touches = |place: &Range<usize>| place.start <= end && start <= place.end;
    let hull = place.filter(touches).map_or(start..end, |place| place.start.min(start)..place.end.max(end));
    is_together.then_some(hull)
}

/// The only item of the same kind and name.
fn only((item, old): (&Item, &[u8]), (all, file): (&Items, &[u8])) -> Option<Range<usize>> {
    let name = item.identity(old);
    let mut same = all.list.iter().filter(|other| other.kind == item.kind && other.identity(file) == name);
    let found = same.next().filter(|_| !name.is_empty() && same.next().is_none())?;
    Some(lines(found))
}

/// A place whose ends were not found, as far as s_old's own first and last line stand near.
pub fn to_the_ends((old, file): (&[u8], &[u8]), place: Range<usize>) -> Range<usize> {
    let all: Vec<&[u8]> = file.lines().map(ByteSlice::trim).collect();
    let mine: Vec<&[u8]> = old.lines().map(ByteSlice::trim).collect();
    let tells = |line: &&[u8]| line.iter().filter(|c| c.is_ascii_alphanumeric()).count() > 3;
    let is_once = |line: &&[u8]| mine.iter().filter(|other| other == &line).count() == 1;
    let far = mine.len() / 2 + BETWEEN;
    let first = mine.iter().copied().find(|line| !line.is_empty()).filter(|line| tells(line) && is_once(line));
    let last = mine.iter().copied().rev().find(|line| !line.is_empty()).filter(|line| tells(line) && is_once(line));
    let above = place.start.saturating_sub(far)..place.start;
    let below = place.end.min(all.len())..(place.end + far).min(all.len());
    let start = first.and_then(|line| above.clone().rev().find(|at| all[*at] == line)).unwrap_or(place.start);
    let end = last.and_then(|line| below.clone().find(|at| all[*at] == line)).map_or(place.end, |at| at + 1);
    start..end
}

/// A block of includes is all of it.
pub fn whole_block((old, file): (&[u8], &[u8]), place: Range<usize>) -> Range<usize> {
    let mine = items(old);
    if mine.list.is_empty() || mine.list.iter().any(|item| item.kind != ItemKind::Include) {
        return place;
    }
    let all = items(file);
    let is_include = |at: &usize| all.list[*at].kind == ItemKind::Include;
    let Some(within) = (0..all.list.len()).find(|at| is_include(at) && place.contains(&lines(&all.list[*at]).start))
    else {
        return place;
    };
    let first = (0..=within).rev().take_while(is_include).last().unwrap_or(within);
    let last = (within..all.list.len()).take_while(is_include).last().unwrap_or(within);
    lines(&all.list[first]).start.min(place.start)..lines(&all.list[last]).end.max(place.end)
}
