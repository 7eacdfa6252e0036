//! Files that people carried, as samples of MigGPT's form: whole functions, tables and include blocks with their truth.
//!
//! In: a file's base, theirs, ours and what people made of it. Out: a [`Row`] for each run of top-level items that the patch changes and upstream
//! changed, too, with the counts of what was [`Left`] out and why.
//!
//! ```text
//!   base     [f] [g]     the patch changes g
//!   ours     [f] [x] [g']    g' by its name; if no item has it, the item that people's own hunk is in
//!   truth    [f] [x] [g'']   the same lines, with their change
//! ```

use super::data::{Row, Truth, Type};
use crate::error::Error;
use crate::fingerprint::delta::{Migration, classify};
use crate::git::{Repo, Writes};
use crate::merge::delta::{self, Hunk};
use crate::merge::{Change, Sides};
use crate::syntax::items::{Item, ItemKind, Items, items};
use crate::syntax::language::Language;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use std::ops::Range;

/// Longer snippets are left out: nobody would show them to a model.
const LONGEST: usize = 600;
/// A counterpart of several items that is this many times as long, and so many lines more, is none: they stand apart now.
const TIMES: usize = 2;
/// See [`TIMES`].
const MORE: usize = 20;
/// Percent of the old lines that must be where people's hunk is, if no name says so: else it is another place.
const SHARED: usize = 25;

/// A line of the kit's `samples.jsonl`.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    /// Its name.
    pub id: String,
    /// The file in the new kernel.
    pub path_new: String,
    /// Object ids of the file: before the old patch, in the new kernel, after the old patch, after the new patch.
    pub base: String,
    /// See `base`.
    pub ours: String,
    /// See `base`.
    pub theirs: String,
    /// See `base`.
    pub truth: String,
}

/// What is no sample, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Upstream changed nothing there, or the patch does not.
    pub trivial: usize,
    /// People changed nothing there: upstream has it, or they dropped it.
    pub dropped: usize,
    /// Nothing in the new file is the counterpart.
    pub homeless: usize,
    /// Too long.
    pub long: usize,
}

/// A file cut into items.
struct File<'a> {
    text: &'a [u8],
    lines: Vec<&'a [u8]>,
    items: Items,
    /// By item: its lines, with the comments above it.
    places: Vec<Range<usize>>,
    /// By item: its first line without them.
    heads: Vec<usize>,
}

impl<'a> File<'a> {
    fn of(text: &'a [u8]) -> Self {
        let items = items(text);
        let (mut at, mut line) = (0, 0);
        let mut place = |item: &Item| {
            line += text[at..item.comment.max(at)].iter().filter(|c| **c == b'\n').count();
            at = item.comment.max(at);
            line..item.lines.1.max(line)
        };
        let places = items.list.iter().map(&mut place).collect();
        let heads = items.list.iter().map(|item| item.lines.0 - 1).collect();
        Self { text, lines: text.lines_with_terminator().collect(), items, places, heads }
    }

    /// The lines of items, with or without the comments above the first.
    fn lines_of(&self, which: &Range<usize>, comment: Comment) -> Range<usize> {
        let list = &self.places[which.clone()];
        let start = |first: &Range<usize>| if comment == Comment::With { first.start } else { self.heads[which.start] };
        list.first().zip(list.last()).map_or(0..0, |(first, last)| start(first)..last.end)
    }

    /// Is this a block of includes and nothing else?
    fn is_block(&self, which: &Range<usize>) -> bool {
        self.items.list[which.clone()].iter().all(|item| item.kind == ItemKind::Include)
    }

    /// With the includes above and below it.
    fn whole_block(&self, which: Range<usize>) -> Range<usize> {
        let is_include = |at: &usize| self.items.list[*at].kind == ItemKind::Include;
        let above = (0..which.start).rev().take_while(is_include).count();
        let below = (which.end..self.items.list.len()).take_while(is_include).count();
        which.start - above..which.end + below
    }

    /// The items that changed lines are of; of what stands between two, both.
    fn touched(&self, lines: &Range<usize>) -> Range<usize> {
        let list = &self.items.list;
        let own = |at: usize| self.places[at].clone();
        let first = (0..list.len()).find(|at| own(*at).end > lines.start).unwrap_or(list.len());
        let last =
            (0..list.len()).rev().find(|at| own(*at).start < lines.end.max(lines.start + 1)).map_or(0, |at| at + 1);
        match first < last {
            // An insertion directly before an item is between it and the last one.
            true if lines.is_empty() && own(first).start == lines.start => first.saturating_sub(1)..last,
            true => first..last,
            false => last.saturating_sub(1)..(first + 1).min(list.len()),
        }
    }

    /// The text of some lines.
    fn cut(&self, lines: &Range<usize>) -> Vec<u8> {
        self.lines.get(lines.clone()).unwrap_or_default().concat()
    }

    /// The items of the same kind and name.
    fn same<'s>(&'s self, kind: ItemKind, name: &'s [u8]) -> impl Iterator<Item = usize> + 's {
        let list = &self.items.list;
        (0..list.len()).filter(move |at| list[*at].kind == kind && called(&list[*at], self.text) == name)
    }
}

/// The name of an item; of a macro call what it is given, too.
fn called<'t>(item: &Item, text: &'t [u8]) -> &'t [u8] {
    match item.kind {
        ItemKind::MacroCall | ItemKind::Conditional => &text[item.span.clone()],
        _ => item.identity(text),
    }
}

/// Whether the comments above an item are taken with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comment {
    /// They are.
    With,
    /// They are not.
    Without,
}

/// The samples of one file of C.
pub fn rows(name: &str, sides: Sides<&[u8]>, truth: &[u8]) -> (Vec<Row>, Left) {
    let (base, ours) = (File::of(sides.base), File::of(sides.ours));
    let (theirs, truth) = (File::of(sides.theirs), File::of(truth));
    let patch = delta::hunks(Change { before: base.text, after: theirs.text });
    let people = delta::hunks(Change { before: ours.text, after: truth.text });
    let mut left = Left::default();
    let mut rows = Vec::new();
    for which in units(&base, &patch) {
        let lines = base.lines_of(&which, Comment::With);
        let brought = added(&theirs, patch.iter().filter(|hunk| touches(&hunk.before, &lines)));
        let moved =
            || by_people(&ours, (&truth, &people), &brought).filter(|now| is_like((&base, &which), (&ours, now)));
        let Some(now) = counterpart(&base, &which, &ours).or_else(moved) else {
            left.homeless += 1;
            continue;
        };
        // A comment that came in above is no part of it, one that was there is.
        let has_comment = base.places[which.start].start < base.heads[which.start];
        let now = ours.lines_of(&now, if has_comment { Comment::With } else { Comment::Without });
        if lines.len().max(now.len()) > LONGEST {
            left.long += 1;
            continue;
        }
        let row = Row {
            name: format!("{name}#{}", rows.len() + 1),
            kind: Type::One,
            old: base.cut(&lines),
            patched: theirs.cut(&carried(&lines, &patch)),
            file: ours.text.to_vec(),
            new: Truth { one: ours.cut(&now), other: None },
            migrated: Truth { one: truth.cut(&carried(&now, &people)), other: None },
        };
        match sorted(row) {
            Ok(row) => rows.push(row),
            Err(Why::Trivial) => left.trivial += 1,
            Err(Why::Dropped) => left.dropped += 1,
        }
    }
    (rows, left)
}

/// Why a row is no sample.
enum Why {
    Trivial,
    Dropped,
}

/// The row with its type.
fn sorted(mut row: Row) -> Result<Row, Why> {
    let solid = |text: &[u8]| text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect::<Vec<u8>>();
    if solid(&row.old) == solid(&row.new.one) || solid(&row.old) == solid(&row.patched) {
        return Err(Why::Trivial);
    }
    if solid(&row.new.one) == solid(&row.migrated.one) {
        return Err(Why::Dropped);
    }
    let hunks = |after: &[u8]| delta::hunks(Change { before: &row.old[..], after });
    row.kind = match classify(&hunks(&row.patched), &hunks(&row.new.one)) {
        Migration::Trivial => return Err(Why::Trivial),
        Migration::Type1 => Type::One,
        Migration::Type2(_) => Type::Two,
    };
    Ok(row)
}

/// Runs of items that the patch changes; those that touch are one, and so is a block of includes.
fn units(base: &File<'_>, patch: &[Hunk]) -> Vec<Range<usize>> {
    let list = &base.items.list;
    let is_include = |at: usize| list.get(at).is_some_and(|item| item.kind == ItemKind::Include);
    let mut units: Vec<Range<usize>> = Vec::new();
    for hunk in patch {
        let mut which = base.touched(&hunk.before);
        while which.start > 0 && which.clone().any(is_include) && is_include(which.start - 1) {
            which.start -= 1;
        }
        while which.clone().any(is_include) && is_include(which.end) {
            which.end += 1;
        }
        if which.is_empty() {
            continue;
        }
        match units.last_mut().filter(|last| which.start < last.end) {
            Some(last) => last.end = last.end.max(which.end),
            None => units.push(which),
        }
    }
    units
}

/// Do changed lines touch others?
fn touches(hunk: &Range<usize>, lines: &Range<usize>) -> bool {
    hunk.start <= lines.end && lines.start <= hunk.end
}

/// Where lines are after a change; what was inserted at their ends is with them.
fn carried(lines: &Range<usize>, hunks: &[Hunk]) -> Range<usize> {
    let at = |line: usize, end: bool| {
        let before = |hunk: &&Hunk| if end { hunk.before.end <= line } else { hunk.before.end < line };
        match hunks.iter().rev().find(before) {
            Some(hunk) => line - hunk.before.end + hunk.after.end,
            None => line,
        }
    };
    // A hunk across an end goes with it.
    let start =
        hunks.iter().find(|h| h.before.start < lines.start && lines.start <= h.before.end && !h.before.is_empty());
    let end = hunks.iter().find(|h| h.before.start < lines.end && lines.end < h.before.end);
    let from = start.map_or_else(|| at(lines.start, false), |hunk| hunk.after.start);
    let to = end.map_or_else(|| at(lines.end, true), |hunk| hunk.after.end);
    from..to.max(from)
}

/// The items of the new file that have the names of these: of all that are there, but of the first and the last in any case.
fn counterpart(base: &File<'_>, which: &Range<usize>, ours: &File<'_>) -> Option<Range<usize>> {
    let is_block = base.is_block(which);
    let mut found: Option<Range<usize>> = None;
    for at in which.clone() {
        let item = &base.items.list[at];
        let name = called(item, base.text);
        // The nth of its name is the nth again.
        let nth = base.same(item.kind, name).position(|other| other == at).unwrap_or(0);
        match ours.same(item.kind, name).nth(nth) {
            Some(now) => found = Some(found.map_or(now..now + 1, |all| all.start.min(now)..all.end.max(now + 1))),
            None if !is_block && (at == which.start || at + 1 == which.end) => return None,
            None => {}
        }
    }
    let found = found?;
    if is_block {
        return ours.is_block(&found).then(|| ours.whole_block(found));
    }
    let length = |file: &File<'_>, which: &Range<usize>| file.lines_of(which, Comment::Without).len();
    let is_near = found.len() == 1 || length(ours, &found) <= TIMES * length(base, which) + MORE;
    is_near.then_some(found)
}

/// Does one run of items have enough of another's lines?
fn is_like((base, which): (&File<'_>, &Range<usize>), (ours, now): (&File<'_>, &Range<usize>)) -> bool {
    let lines = |file: &File<'_>, which| telling(&file.lines[file.lines_of(which, Comment::Without)]);
    let (old, new) = (lines(base, which), lines(ours, now));
    100 * old.intersection(&new).count() >= SHARED * old.len().max(1)
}

/// The lines that hunks add, without spaces; only those that say something.
fn added<'h>(after: &File<'_>, hunks: impl Iterator<Item = &'h Hunk>) -> FxHashSet<Vec<u8>> {
    hunks.flat_map(|hunk| telling(after.lines.get(hunk.after.clone()).unwrap_or_default())).collect()
}

/// Lines that say something, without spaces.
fn telling(lines: &[&[u8]]) -> FxHashSet<Vec<u8>> {
    let solid = lines.iter().map(|line| line.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect::<Vec<u8>>());
    solid.filter(|line| line.iter().filter(|c| c.is_ascii_alphanumeric()).count() > 3).collect()
}

/// The items that people's hunks with the same lines are in.
fn by_people(
    ours: &File<'_>,
    (truth, people): (&File<'_>, &[Hunk]),
    brought: &FxHashSet<Vec<u8>>,
) -> Option<Range<usize>> {
    let has = |hunk: &&Hunk| !added(truth, std::iter::once(*hunk)).is_disjoint(brought);
    let mut touched =
        people.iter().filter(has).map(|hunk| ours.touched(&hunk.before)).filter(|which| !which.is_empty());
    let first = touched.next()?;
    let all = touched.fold(first, |all, which| all.start.min(which.start)..all.end.max(which.end));
    Some(all)
}

/// The samples of all files of C among these, read from a repository.
///
/// # Errors
/// An object is not there.
pub fn from_repo(repo: &Repo, samples: &[Sample]) -> crate::error::Result<(Vec<Row>, Left)> {
    let mut store = repo.store(Writes::Nowhere)?;
    let mut read = |id: &str| {
        let oid = repo.parse_id(id.as_bytes()).ok_or_else(|| Error::fatal(format!("'{id}' is no whole object id")))?;
        store.blob(oid).map(|object| object.data.to_vec())
    };
    let (mut all, mut left) = (Vec::new(), Left::default());
    for sample in samples.iter().filter(|sample| Language::of(sample.path_new.as_bytes()) == Language::C) {
        let sides = Sides { base: read(&sample.base)?, ours: read(&sample.ours)?, theirs: read(&sample.theirs)? };
        let truth = read(&sample.truth)?;
        let (rows, without) = rows(&sample.id, sides.as_ref().map(Vec::as_slice), &truth);
        all.extend(rows);
        left.trivial += without.trivial;
        left.dropped += without.dropped;
        left.homeless += without.homeless;
        left.long += without.long;
    }
    Ok((all, left))
}
