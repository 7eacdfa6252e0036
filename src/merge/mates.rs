//! Which line of upstream's file a line of the base is now, wherever that stands.
//!
//! In: the base and ours, whole files. Out: for a line of the base its [`Mate`], if there is one and no other line might be it.
//!
//! ```text
//!     base            ours
//!     a(dev);   ---   a(dev);           kept: a comparison of the files maps it
//!     b(dev);   -.    void g(...)
//!                 `-    b(dev);         moved: equal but for white space, and the only such line of both files
//!     c(dev, 1);  --    c(dev, FLAG);   edited: of all new lines the one most like it, and of all lost lines it is most like it;
//!                                       or alike and where it was, beside a line that is kept
//!     config B          config B        a section that stands elsewhere is compared with itself: its lines are no lines of the
//!       ...               ...           section that a comparison of the files finds in its place
//! ```
//!
//! A word counts for a likeness by how few lines have it: that two lines say `struct` says nothing.

use super::line::{alike, ink, speaks, words};
use super::{Change, delta};
use crate::syntax::outline::{Section, SectionKind};
use crate::syntax::version::Version;
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;
use std::ops::Range;

/// Lines with fewer bytes that are not white space are like too many others.
const LEAST_INK: usize = 8;
/// With more lost or new lines than this nothing is looked for that was edited.
const LINES: usize = 2_000;
/// Lines of more bytes are data.
const LONGEST: usize = 1_000;
/// Two lines with this share of their weighted words in common may be one line, edited (percent).
const ALIKE: usize = 50;
/// So may two with this share, if the new one stands where the old one stood (percent).
const ALIKE_IN_PLACE: usize = 33;
/// And are, if the next likely one has so much less in common (percent).
const CLEARLY: usize = 10;

/// How a line was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Both files have it in the same order.
    Kept,
    /// It stands elsewhere, unchanged but for white space.
    Moved,
    /// Upstream edited it.
    Edited,
}

/// Where a line of the base stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mate {
    /// The line of ours, from 0.
    pub line: usize,
    /// How it was found.
    pub how: How,
}

/// A line of the base and the line of ours that it is said to be now; both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// In the base.
    pub base: usize,
    /// In ours.
    pub ours: usize,
}

/// Two versions of a file, ready for questions.
pub struct Mates<'a> {
    /// The lines of the base, with their ends.
    pub base: Vec<&'a [u8]>,
    /// The lines of ours, with their ends.
    pub ours: Vec<&'a [u8]>,
    /// By line of the base: where it is, if the files' comparison maps it, or that of its section.
    kept: Vec<Option<usize>>,
    /// Sections that stand elsewhere, by their lines in the base and in ours.
    moved: Vec<Change<Range<usize>>>,
    /// Lines of the base that it does not map, if they say something.
    lost: Vec<usize>,
    /// Lines of ours to which it maps nothing, if they say something.
    new: Vec<usize>,
    /// On how many lines of both files a word is.
    spread: OnceCell<FxHashMap<&'a [u8], usize>>,
}

impl<'a> Mates<'a> {
    /// Compares base (before) and ours (after).
    pub fn of(change: Change<&'a [u8]>) -> Self {
        let base: Vec<&[u8]> = change.before.lines_with_terminator().collect();
        let ours: Vec<&[u8]> = change.after.lines_with_terminator().collect();
        let mut kept: Vec<Option<usize>> = Vec::with_capacity(base.len());
        let (mut lost, mut new) = (Vec::new(), Vec::new());
        let mut to = 0;
        for hunk in delta::hunks(change) {
            while kept.len() < hunk.before.start {
                kept.push(Some(to));
                to += 1;
            }
            kept.resize(hunk.before.end, None);
            to = hunk.after.end;
            lost.extend(hunk.before.filter(|at| tells(base[*at])));
            new.extend(hunk.after.filter(|at| tells(ours[*at])));
        }
        while kept.len() < base.len() {
            kept.push(Some(to));
            to += 1;
        }
        Self { base, ours, kept, moved: Vec::new(), lost, new, spread: OnceCell::new() }
    }

    /// The same of two versions whose sections are known.
    pub fn of_versions(base: &Version<'a>, ours: &Version<'a>) -> Self {
        let mut mates = Self::of(Change { before: base.text, after: ours.text });
        let moved = mates.moved_sections(base, ours);
        for Change { before: then, after: now } in &moved {
            let (before, after) = (mates.base[then.clone()].concat(), mates.ours[now.clone()].concat());
            let kept = Mates::of(Change { before: &before, after: &after }).kept;
            for (at, to) in kept.into_iter().enumerate() {
                mates.kept[then.start + at] = to.map(|to| now.start + to);
            }
        }
        if !moved.is_empty() {
            let found: FxHashSet<usize> = mates.kept.iter().flatten().copied().collect();
            mates.lost =
                (0..mates.base.len()).filter(|at| mates.kept[*at].is_none() && tells(mates.base[*at])).collect();
            mates.new = (0..mates.ours.len()).filter(|at| !found.contains(at) && tells(mates.ours[*at])).collect();
            mates.moved = moved;
        }
        mates
    }

    /// The sections whose lines the comparison finds in others rather than in themselves: there must be one of the name in both.
    fn moved_sections(&self, base: &Version<'_>, ours: &Version<'_>) -> Vec<Change<Range<usize>>> {
        /// The sections by kind and name.
        fn by_name<'v>(version: &'v Version<'_>) -> FxHashMap<(SectionKind, &'v [u8]), Vec<&'v Range<usize>>> {
            let mut all: FxHashMap<_, Vec<_>> = FxHashMap::default();
            for Section { kind, name, lines } in version.sections() {
                all.entry((*kind, &name[..])).or_default().push(lines);
            }
            all
        }
        let (then, now) = (by_name(base), by_name(ours));
        let mut moved: Vec<Change<Range<usize>>> = Vec::new();
        for Section { kind, name, lines } in base.sections() {
            let key = (*kind, &name[..]);
            let ([_], Some([there])) = (&then[&key][..], now.get(&key).map(Vec::as_slice)) else { continue };
            let is_within = moved.iter().any(|m| m.before.start <= lines.start && lines.end <= m.before.end);
            let told = || lines.clone().filter(|at| tells(self.base[*at])).filter_map(|at| self.kept[at]);
            let inside = told().filter(|to| there.contains(to)).count();
            if !is_within && (inside == 0 || inside < told().count() - inside) {
                moved.push(Change { before: lines.clone(), after: (*there).clone() });
            }
        }
        moved
    }

    /// The sections that stand elsewhere, by their lines; none where the sections were not known.
    pub fn moved(&self) -> &[Change<Range<usize>>] {
        &self.moved
    }

    /// Where a line of the base (from 0) stands now, if that is beyond doubt.
    pub fn of_line(&self, at: usize) -> Option<Mate> {
        if let Some(line) = *self.kept.get(at)? {
            let has_moved = self.moved.iter().any(|moved| moved.before.contains(&at));
            return Some(Mate { line, how: if has_moved { How::Moved } else { How::Kept } });
        }
        if !tells(self.base[at]) {
            return None;
        }
        let moved = self.elsewhere(at).map(|line| Mate { line, how: How::Moved });
        moved.or_else(|| self.edited(at).or_else(|| self.in_place(at)).map(|line| Mate { line, how: How::Edited }))
    }

    /// The new line directly above what the next line is now, or below what the one before is, if it is alike: there may be more
    /// such lines, but not at this place.
    fn in_place(&self, at: usize) -> Option<usize> {
        let wanted = sorted_words(self.base[at]);
        let fits = |to: &usize| {
            self.new.binary_search(to).is_ok()
                && self.likeness(&wanted, &sorted_words(self.ours[*to])) >= ALIKE_IN_PLACE
        };
        // A blank line that is kept says nothing of a place.
        let kept = |at: Option<usize>| {
            at.filter(|at| self.base.get(*at).is_some_and(|line| speaks(line))).and_then(|at| self.kept[at])
        };
        let above = kept(at.checked_sub(1)).map(|line| line + 1);
        let below = kept(Some(at + 1)).and_then(|line| line.checked_sub(1));
        match (above.filter(fits), below.filter(fits)) {
            (Some(one), Some(other)) if one != other => None,
            (above, below) => below.or(above),
        }
    }

    /// The line of ours that is equal but for white space, if it is the only one, and this the only one of the base.
    fn elsewhere(&self, at: usize) -> Option<usize> {
        let line = self.base[at];
        let only = |lines: &[&[u8]]| {
            let mut found = lines.iter().enumerate().filter(|(_, other)| alike(other, line)).map(|(at, _)| at);
            found.next().filter(|_| found.next().is_none())
        };
        only(&self.base)?;
        only(&self.ours)
    }

    /// The new line that is most like a lost one, if nothing else is nearly as like to either.
    fn edited(&self, at: usize) -> Option<usize> {
        if self.lost.len().max(self.new.len()) > LINES {
            return None;
        }
        let to = self.most_like(self.base[at], (&self.ours, &self.new))?;
        let back = self.most_like(self.ours[to], (&self.base, &self.lost))?;
        (back == at).then_some(to)
    }

    /// The line most like this one, if it is clearly so.
    fn most_like(&self, line: &[u8], (lines, some): (&[&[u8]], &[usize])) -> Option<usize> {
        let wanted = sorted_words(line);
        let (mut best, mut next, mut found) = (0, 0, None);
        for at in some {
            let likeness = self.likeness(&wanted, &sorted_words(lines[*at]));
            if likeness > best {
                (next, best, found) = (best, likeness, Some(*at));
            } else {
                next = next.max(likeness);
            }
        }
        found.filter(|_| best >= ALIKE && best >= next + CLEARLY)
    }

    /// What two lines share of their words, in percent of the words' weights.
    fn likeness(&self, a: &[&[u8]], b: &[&[u8]]) -> usize {
        if a.len().min(b.len()) < 2 {
            return 0;
        }
        let (mut i, mut j, mut shared, mut all) = (0, 0, 0, 0);
        while i < a.len() || j < b.len() {
            let order = match (a.get(i), b.get(j)) {
                (Some(a), Some(b)) => a.cmp(b),
                (Some(_), None) => std::cmp::Ordering::Less,
                _ => std::cmp::Ordering::Greater,
            };
            let weight = self.weight(if order.is_gt() { b[j] } else { a[i] });
            (i, j) = (i + usize::from(order.is_le()), j + usize::from(order.is_ge()));
            all += if order.is_eq() { 2 * weight } else { weight };
            shared += if order.is_eq() { 2 * weight } else { 0 };
        }
        100 * shared / all.max(1)
    }

    /// What a word says: the more, the fewer lines have it.
    fn weight(&self, word: &[u8]) -> usize {
        let spread = self.spread.get_or_init(|| {
            let mut spread = FxHashMap::default();
            for line in self.base.iter().chain(&self.ours).filter(|line| line.len() <= LONGEST) {
                words(line).into_iter().for_each(|word| *spread.entry(word).or_default() += 1);
            }
            spread
        });
        match spread.get(word).copied().unwrap_or(0) {
            0..=4 => 4,
            5..=16 => 3,
            17..=64 => 2,
            _ => 1,
        }
    }
}

/// Does a line say enough to be known again in another place?
fn tells(line: &[u8]) -> bool {
    line.len() <= LONGEST && ink(line).count() >= LEAST_INK && speaks(line)
}

fn sorted_words(line: &[u8]) -> Vec<&[u8]> {
    let mut words = words(line);
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "int f(void)\n{\n\tfirst(dev);\n\tset_mode(dev, OLD_MODE);\n\tlast(dev);\n}\n";

    fn mate(ours: &str, at: usize) -> Option<(usize, How)> {
        let mates = Mates::of(Change { before: BASE.as_bytes(), after: ours.as_bytes() });
        mates.of_line(at).map(|mate| (mate.line, mate.how))
    }

    #[test]
    fn a_line_is_found_where_it_was_where_it_went_and_as_what_it_was_edited_to() {
        let ours = "int g(void)\n{\n\t\tfirst(dev);\n}\n\nint f(void)\n{\n\tif (set)\n\t\tset_mode(dev, OLD_MODE, NULL);\n\tlast(dev);\n}\n";
        assert_eq!(mate(ours, 4), Some((9, How::Kept)));
        assert_eq!(mate(ours, 2), Some((2, How::Moved)));
        assert_eq!(mate(ours, 3), Some((8, How::Edited)));
    }

    #[test]
    fn a_line_that_stands_in_two_places_now_is_in_neither() {
        let ours = "int g(void)\n{\n\tset_mode(dev, OLD_MODE);\n\tset_mode(dev, OLD_MODE);\n}\n\nint h(void)\n{\n\tset_mode(dev, OLD_MODE);\n}\n";
        assert_eq!(mate(ours, 2), None);
        let edited =
            "int f(void)\n{\n\tfirst(dev);\n\tset_mode(dev, ONE_MODE);\n\tset_mode(dev, TWO_MODE);\n\tlast(dev);\n}\n";
        assert_eq!(mate(edited, 3), None);
    }

    #[test]
    fn of_equal_lines_the_one_that_stands_where_the_old_one_was_is_it() {
        let edited =
            "int f(void)\n{\n\tset_mode(dev, NEW_MODE);\n\tmore(dev);\n\tset_mode(dev, NEW_MODE);\n\tlast(dev);\n}\n";
        assert_eq!(mate(edited, 3), Some((4, How::Edited)));
    }

    #[test]
    fn a_section_that_stands_elsewhere_is_compared_with_itself() {
        use crate::syntax::language::Language;
        let entry =
            |name: &str, bus: &str| format!("config {name}\n\tbool \"the {name} driver\"\n\tdepends on {bus}\n\n");
        let base = [entry("FIRST", "BUS_ONE"), entry("SECOND", "BUS_ONE")].concat();
        let ours = [entry("SECOND", "BUS_ONE"), entry("FIRST", "BUS_TWO")].concat();
        let version = |text| Version::new(Language::Kconfig, text);
        let (base, ours) = (version(base.as_bytes()), version(ours.as_bytes()));
        let mates = Mates::of_versions(&base, &ours);
        let mate = |at| mates.of_line(at).map(|mate| (mate.line, mate.how));
        let wanted = [Some((4, How::Moved)), Some((5, How::Moved)), Some((6, How::Edited))];
        assert_eq!([mate(0), mate(1), mate(2)], wanted);
        assert_eq!([4, 6].map(|at| mate(at).map(|(line, _)| line)), [Some(0), Some(2)]);
    }

    #[test]
    fn a_line_that_says_little_is_not_found_elsewhere() {
        let ours = "}\n\nint f(void)\n{\n\tother();\n";
        assert_eq!(mate(ours, 5), None);
        assert_eq!(mate(ours, 100), None, "no such line");
    }
}
