//! Where the lines that a patch changes live now: exact line ranges of the new file, best first, each with its evidence.
//!
//! In: the file as the patch knew it (s_old is a part of it) and as the new kernel has it. Out: [`Location`]s.
//!
//! ```text
//!   section   the function, type, table, entry or node around the hunk: by name; else renamed, by its statements
//!   lines     within it, line by line and then statement by statement: the nearest neighbours that are still there
//!   block     where most of the hunk's surroundings are gone from there: wherever its statements stand now
//! ```
//!
//! MigGPT (arXiv 2504.09474, section 5.4) asks a model for this; here nothing is guessed that the texts do not show.

use super::align::{self, PerMille};
use super::{Fingerprint, anchors};
use crate::merge::{Change, delta};
use crate::syntax::language::Language;
use crate::syntax::outline::{Section, SectionKind};
use crate::syntax::version::Version;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// Lines around a hunk that tell its place, as in a patch.
const CONTEXT: usize = 3;
/// A location is at most so many lines longer than the hunk with its context.
const SLACK: usize = 20;
/// A section that has this share of another's statements may be that other one renamed.
const RENAMED: PerMille = 400;
/// With this much of a hunk's surroundings, lines of a file are its place whatever they stand in.
const HALF: PerMille = 500;
/// Less of a hunk's surroundings than this in its own section, and the block is looked for elsewhere.
const GONE: PerMille = 400;

/// How a place was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// In the section of the same name.
    Section,
    /// In a section of another name that has its statements.
    Renamed(Vec<u8>),
    /// Where its statements stand now: in this section, or in none.
    Block(Option<Vec<u8>>),
    /// Between the lines that stood around it.
    Neighbours,
}

/// Where a hunk lives now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Lines of the new file, from 0, the end excluded.
    pub lines: Range<usize>,
    /// How it was found.
    pub how: How,
    /// How much of the hunk and its surroundings is there: 1000 is all.
    pub score: PerMille,
}

/// Two versions of a file, ready for questions.
pub struct Retriever<'a> {
    base: Version<'a>,
    ours: Version<'a>,
    /// Lines of base in ours, over the whole file.
    map: LineMap,
}

/// Which line of one text is which of another; the new numbers ascend.
#[derive(Clone, Debug, Default)]
struct LineMap {
    /// By old line.
    new: Vec<Option<usize>>,
}

impl LineMap {
    /// Equal lines, in order.
    fn of((old, old_lines): (&[u8], usize), new: &[u8]) -> Self {
        let mut map = vec![None; old_lines];
        let (mut at, mut to) = (0, 0);
        for hunk in delta::hunks(Change { before: old, after: new }) {
            while at < hunk.before.start {
                map[at] = Some(to);
                (at, to) = (at + 1, to + 1);
            }
            (at, to) = (hunk.before.end, hunk.after.end);
        }
        for line in &mut map[at..] {
            *line = Some(to);
            to += 1;
        }
        Self { new: map }
    }

    /// The nearest line above `line` that is there, and where.
    fn above(&self, line: usize) -> Option<(usize, usize)> {
        (0..line.min(self.new.len())).rev().find_map(|at| Some((at, self.new[at]?)))
    }

    /// The nearest line from `line` on that is there, and where.
    fn below(&self, line: usize) -> Option<(usize, usize)> {
        (line..self.new.len()).find_map(|at| Some((at, self.new[at]?)))
    }

    /// Takes a pair that fits between those that are known.
    fn fill(&mut self, old: usize, new: usize) {
        let fits = self.new.get(old) == Some(&None)
            && self.above(old).is_none_or(|(_, before)| before < new)
            && self.below(old).is_none_or(|(_, after)| new < after);
        if fits {
            self.new[old] = Some(new);
        }
    }

    /// Adds the statements that are alike.
    fn fill_statements(&mut self, old: &[u8], new: &[u8]) {
        let (old, new) = (Fingerprint::of(old), Fingerprint::of(new));
        for found in align::align(&old, &new) {
            let (one, other) = (&old.nodes[found.old], &new.nodes[found.new]);
            self.fill(one.pos - 1, other.pos - 1);
            self.fill(one.end - 1, other.end - 1);
        }
    }
}

impl<'a> Retriever<'a> {
    /// Reads both versions.
    pub fn new(language: Language, base: &'a [u8], ours: &'a [u8]) -> Self {
        let (base, ours) = (Version::new(language, base), Version::new(language, ours));
        let map = LineMap::of((base.text, base.lines.len()), ours.text);
        Self { base, ours, map }
    }

    /// The section of base that a hunk stands in, if ours has none of that name: it may live in another file.
    pub fn missing_section(&self, hunk: &Range<usize>) -> Option<&Section> {
        self.base.section_of(hunk).filter(|section| self.ours.same(section).next().is_none())
    }

    /// Where a hunk lives in another file of the new kernel, if its section is there.
    pub fn locate_in(&self, hunk: &Range<usize>, other: &[u8]) -> Option<Location> {
        let section = self.base.section_of(hunk)?;
        let other = Version::new(self.base.language, other);
        let now = other.same(section).next()?;
        Some(self.within(hunk, section, (&other, now), How::Section))
    }

    /// Functions that a located function calls now and did not call before, and that its file defines: what it was split
    /// into (MigGPT's associated functions, section 5.4). Their lines in ours.
    pub fn associated(&self, hunk: &Range<usize>, location: &Location) -> Vec<Range<usize>> {
        let Some(now) = self
            .ours
            .section_of(&location.lines)
            .or_else(|| self.ours.section_of(&(location.lines.start..location.lines.start + 1)))
        else {
            return Vec::new();
        };
        let before = self.base.section_of(hunk).map_or(Vec::new(), |section| self.base.text_of(&section.lines));
        let known = calls(&before);
        let called = calls(&self.ours.text_of(&now.lines));
        let new = |s: &&Section| {
            let is_new = self.base.same(s).next().is_none();
            s.kind == SectionKind::Function && is_new && called.contains(&s.name) && !known.contains(&s.name)
        };
        self.ours.sections().iter().filter(new).map(|s| s.lines.clone()).collect()
    }

    /// Where lines of base (from 0, the end excluded; empty for an insertion before a line) live in ours, best first.
    pub fn locate(&self, hunk: &Range<usize>) -> Vec<Location> {
        let mut found = Vec::new();
        let section = self.base.section_of(hunk);
        if let Some(section) = section {
            found.extend(self.in_section(hunk, section));
        }
        if found.is_empty() {
            found.push(self.between_neighbours(hunk));
        }
        if found[0].score < GONE {
            // Its lines may stand in their order elsewhere: upstream cut the section in two.
            let mut around = self.between_neighbours(hunk);
            if section.is_some() && around.score >= HALF {
                let middle = around.lines.start + around.lines.len() / 2;
                around.how = How::Block(self.ours.section_of(&(middle..middle + 1)).map(|s| s.name.clone()));
                found.insert(0, around);
                return found;
            }
            let places = self.as_block(hunk);
            // Another place counts for more than the old one only if there is no doubt about it.
            match anchors::is_clear(&places) {
                true => drop(found.splice(0..0, self.told(hunk, &places))),
                false => found.extend(self.told(hunk, &places)),
            }
        }
        found
    }

    /// In the section that is this one now.
    fn in_section(&self, hunk: &Range<usize>, section: &Section) -> Option<Location> {
        let mapped = |now: &Section| {
            let lines = self.map.new[section.lines.clone()].iter().flatten();
            lines.filter(|line| now.lines.contains(line)).count()
        };
        // Of several, the one that most of its lines went to, and the first of those.
        let same = self.ours.same(section).max_by_key(|now| (mapped(now), std::cmp::Reverse(now.lines.start)));
        let (now, how) = same.map(|now| (now, How::Section)).or_else(|| self.renamed(section))?;
        Some(self.within(hunk, section, (&self.ours, now), how))
    }

    /// Within two sections that are one.
    fn within(
        &self,
        hunk: &Range<usize>,
        section: &Section,
        (version, now): (&Version<'_>, &Section),
        how: How,
    ) -> Location {
        let (old, new) = (self.base.text_of(&section.lines), version.text_of(&now.lines));
        let mut map = LineMap::of((&old, section.lines.len()), &new);
        map.fill_statements(&old, &new);
        let inside = hunk.start - section.lines.start..hunk.end - section.lines.start;
        let score = self.score(&map, (&inside, section.lines.start));
        let lines = between(&map, &inside, now.lines.len());
        Location { lines: lines.start + now.lines.start..lines.end + now.lines.start, how, score }
    }

    /// The section with a name that is new, and most of the statements.
    fn renamed(&self, section: &Section) -> Option<(&Section, How)> {
        let text = self.base.text_of(&section.lines);
        let mine = statements(&text);
        let new = self.ours.sections().iter().filter(|s| s.kind == section.kind && self.base.same(s).next().is_none());
        let alike = new.map(|s| (shared(&mine, &statements(&self.ours.text_of(&s.lines))), s));
        let (share, now) = alike.max_by_key(|(share, s)| (*share, std::cmp::Reverse(s.lines.start)))?;
        (share >= RENAMED).then(|| (now, How::Renamed(now.name.clone())))
    }

    /// Between the lines of the file that stood around it.
    fn between_neighbours(&self, hunk: &Range<usize>) -> Location {
        let lines = between(&self.map, hunk, self.ours.lines.len());
        Location { lines, how: How::Neighbours, score: self.score(&self.map, (hunk, 0)) }
    }

    /// Wherever its statements stand now.
    fn as_block(&self, hunk: &Range<usize>) -> Vec<anchors::Place> {
        let lines = hunk.start.saturating_sub(CONTEXT)..(hunk.end + CONTEXT).min(self.base.lines.len());
        let text = self.base.text_of(&lines);
        anchors::locate(&Fingerprint::of(&text), &Fingerprint::of(self.ours.text))
    }

    fn told(&self, hunk: &Range<usize>, places: &[anchors::Place]) -> Vec<Location> {
        let location = |place: &anchors::Place| {
            let lines = place.lines.0 - 1..place.lines.1;
            let section = self.ours.section_of(&lines).map(|s| s.name.clone());
            Location { lines: bounded(lines, hunk.len()), how: How::Block(section), score: place.score }
        };
        places.iter().map(location).collect()
    }

    /// How much of a hunk and its context is mapped, by the weight of its lines. `hunk` counts from line `from` of base.
    fn score(&self, map: &LineMap, (hunk, from): (&Range<usize>, usize)) -> PerMille {
        let context = hunk.start.saturating_sub(CONTEXT)..(hunk.end + CONTEXT).min(map.new.len());
        let (mut all, mut there) = (0, 0);
        for at in context {
            let weight = weight(self.base.lines[from + at]);
            all += weight;
            there += if map.new[at].is_some() { weight } else { 0 };
        }
        u32::try_from(1000 * there / all.max(1)).unwrap_or(1000)
    }
}

/// What a line says of its place: its letters and digits, up to a line's worth.
fn weight(line: &[u8]) -> usize {
    line.iter().filter(|c| c.is_ascii_alphanumeric()).count().min(40)
}

/// The lines that a hunk with its context became, with some more on both sides, within `0..len`.
fn between(map: &LineMap, hunk: &Range<usize>, len: usize) -> Range<usize> {
    let (above, below) = (map.above(hunk.start), map.below(hunk.end));
    let most = hunk.len() + 2 * CONTEXT + SLACK;
    let mut lines = above.map_or(0, |(_, to)| to)..below.map_or(len, |(_, to)| to + 1);
    if lines.len() > most {
        // Much has come in between: the nearer neighbour is the better one.
        let distance = |found: Option<(usize, usize)>| found.map_or(usize::MAX, |(at, _)| at.abs_diff(hunk.start));
        return match distance(above) <= distance(below) {
            true => lines.start..lines.start + most,
            false => lines.end - most..lines.end,
        };
    }
    let spare = most - lines.len();
    let up = (spare / 2).min(lines.start);
    lines.start -= up;
    lines.end = (lines.end + spare - up).min(len);
    lines.start = lines.end.saturating_sub(most).min(lines.start);
    lines
}

fn bounded(lines: Range<usize>, hunk: usize) -> Range<usize> {
    lines.start..lines.end.min(lines.start + hunk + 2 * CONTEXT + SLACK)
}

/// The names that a text calls.
fn calls(text: &[u8]) -> FxHashSet<Vec<u8>> {
    let fingerprint = Fingerprint::of(text);
    fingerprint.nodes.iter().flat_map(|node| &node.calls).map(|name| name.to_vec()).collect()
}

/// The statements of a text, by their content, with how often each stands there.
fn statements(text: &[u8]) -> FxHashMap<u64, usize> {
    let mut counts = FxHashMap::default();
    for node in Fingerprint::of(text).nodes {
        *counts.entry(node.hash).or_default() += 1;
    }
    counts
}

/// Dice's coefficient of two bags.
fn shared(one: &FxHashMap<u64, usize>, other: &FxHashMap<u64, usize>) -> PerMille {
    let both: usize = one.iter().map(|(key, n)| (*n).min(other.get(key).copied().unwrap_or(0))).sum();
    let all: usize = one.values().sum::<usize>() + other.values().sum::<usize>();
    u32::try_from(2000 * both / all.max(1)).unwrap_or(1000)
}
