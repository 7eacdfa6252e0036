//! `MAINTAINERS` is a list of entries, sorted by title, each of which is a set of tagged lines: merged entry by entry, not line by line.
//!
//! In: the three files. Out: [`Listed`], ours with what the patch does to entries, or None where both sides made something else of one.
//!
//! ```text
//!     base            ours            theirs          merged
//!     ACME BUS        ACME BUS        ACME BUS        ACME BUS
//!     M: A            M: A            M: A            M: A
//!     F: bus/         F: bus/*.c      F: bus/         F: bus/*.c
//!                                     F: doc/bus      F: doc/bus
//!     ZORRO BUS       ACME DISK       ACME CLOCK      ACME CLOCK      by title, not by who came first
//!     ...             ...             ...             ACME DISK
//!                     ZORRO BUS       ZORRO BUS       ZORRO BUS
//! ```
//!
//! The order of titles (upper case and lower case alike) and of the lines of one tag is that of `scripts/parse-maintainers.pl`.

use super::{Remark, Sides};
use bstr::ByteSlice;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// The order of tags in an entry, as the kernel's `Documentation/process` and its checker have it.
const TAGS: &[u8] = b"MRLSWQBCPTFXNK";

/// What the patch comes to on the new kernel's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The file.
    pub text: Vec<u8>,
    /// What was done, by lines of the result from 1.
    pub reasons: Vec<Remark>,
    /// What speaks against taking it without a look.
    pub doubts: Vec<Remark>,
}

/// Does to ours what the patch does to the entries of base.
pub fn entries(files: &Sides<&[u8]>) -> Option<Listed> {
    let Sides { base, ours, theirs } = files.map(blocks);
    let (known, made) = (titles(&base), titles(&theirs));
    let mut list = List { now: ours, told: Vec::new() };
    for was in &base {
        match made.get(was.title()) {
            Some(at) if theirs[*at].lines == was.lines => {}
            Some(at) => list.change(&known, was, &theirs[*at])?,
            None => list.take_away(&known, was)?,
        }
    }
    for at in (0..theirs.len()).filter(|at| !known.contains_key(theirs[*at].title())) {
        list.insert(&theirs, at)?;
    }
    let unique = |blocks: &[Block<'_>], title| blocks.iter().filter(|block| block.title() == title).count() < 2;
    let touched = list.told.iter().map(|told| told.title);
    let is_clear = touched.into_iter().all(|title| [&base, &theirs, &list.now].iter().all(|side| unique(side, title)));
    let listed = list.written();
    (is_clear && listed.text != files.ours).then_some(listed)
}

/// Where each title is, the first time.
type Titles<'a> = FxHashMap<&'a [u8], usize>;

/// A paragraph: an entry with its title and tagged lines, or prose.
#[derive(Clone, Debug)]
struct Block<'a> {
    lines: Vec<&'a [u8]>,
    /// The empty lines behind it.
    gap: &'a [u8],
}

impl<'a> Block<'a> {
    fn title(&self) -> &'a [u8] {
        self.lines.first().map_or(&[], |line| line.trim_ascii())
    }

    /// Is it an entry? All lines but the title have a tag.
    fn is_entry(&self) -> bool {
        self.lines.len() > 1 && self.lines[1..].iter().all(|line| tag(line).is_some())
    }

    fn has(&self, wanted: &[u8]) -> bool {
        self.lines.iter().any(|line| same(line, wanted))
    }
}

/// Something that was done to an entry.
struct Told<'a> {
    title: &'a [u8],
    said: &'static str,
    is_doubt: bool,
}

/// The new kernel's list as it grows.
struct List<'a> {
    now: Vec<Block<'a>>,
    told: Vec<Told<'a>>,
}

impl<'a> List<'a> {
    fn tell(&mut self, title: &'a [u8], said: &'static str) {
        self.told.push(Told { title, said, is_doubt: false });
    }

    /// An entry that the patch changes. Upstream may have given it another title.
    fn change(&mut self, known: &Titles<'_>, was: &Block<'a>, made: &Block<'a>) -> Option<()> {
        let (at, renamed) = match find(&self.now, was.title()) {
            Some(at) => (at, false),
            None => (self.renamed(known, was)?, true),
        };
        let title = self.now[at].title();
        if self.now[at].lines == was.lines {
            self.now[at].lines.clone_from(&made.lines);
        } else {
            let all = [was, &self.now[at], made];
            if !all.iter().all(|block| block.is_entry()) {
                return None;
            }
            self.now[at].lines = merged(all)?;
        }
        self.tell(title, "an entry is a set of lines: each side's are there, in the order of their tags");
        if renamed {
            self.told.push(Told { title, said: "upstream gave the entry this title", is_doubt: true });
        }
        Some(())
    }

    /// The one entry without its like in the base that has at least half of an entry's lines, and more than any other.
    fn renamed(&self, known: &Titles<'_>, was: &Block<'a>) -> Option<usize> {
        // What stands before the first entry has no title, and may have no lines.
        let [_, lines @ ..] = &was.lines[..] else { return None };
        let new = self.now.iter().enumerate().filter(|(_, block)| !known.contains_key(block.title()));
        let shared = |block: &Block<'_>| lines.iter().filter(|line| block.has(line)).count();
        let mut alike: Vec<(usize, usize)> = new.map(|(at, block)| (shared(block), at)).collect();
        alike.sort_unstable_by_key(|(lines, at)| (std::cmp::Reverse(*lines), *at));
        let (most, at) = *alike.first()?;
        let next = alike.get(1).map_or(0, |(lines, _)| *lines);
        (most > next && 2 * most >= lines.len()).then_some(at)
    }

    /// An entry that the patch takes away, or gives another title: then it is inserted under that one.
    fn take_away(&mut self, known: &Titles<'_>, was: &Block<'a>) -> Option<()> {
        match find(&self.now, was.title()) {
            Some(at) if self.now[at].lines == was.lines => {
                self.now.remove(at);
                self.tell(was.title(), "the patch takes this entry away");
                Some(())
            }
            // What upstream made of it may have to go, too, or to stay.
            Some(_) => None,
            None => self.renamed(known, was).is_none().then_some(()),
        }
    }

    /// An entry that the patch adds.
    fn insert(&mut self, theirs: &[Block<'a>], at: usize) -> Option<()> {
        let new = &theirs[at];
        if let Some(there) = find(&self.now, new.title()) {
            return (self.now[there].lines == new.lines).then_some(());
        }
        let place = |block: &Block<'_>| find(&self.now, block.title());
        let behind = theirs[..at].iter().rev().find_map(place).map(|found| found + 1);
        let before = theirs[at + 1..].iter().find_map(place);
        let (from, to) = match (behind, before) {
            (Some(from), Some(to)) if from <= to => (from, to),
            (Some(only), None) | (None, Some(only)) => (only, only),
            _ => return None,
        };
        let fits = |place: &usize| {
            let behind = place.checked_sub(1).and_then(|at| self.now.get(at));
            behind.is_none_or(|one| by_title(one, new).is_le())
                && self.now.get(*place).is_none_or(|next| by_title(new, next).is_le())
        };
        let by_title: Vec<usize> = (from..=to).filter(fits).collect();
        let (place, said, is_doubt) = match by_title[..] {
            _ if from == to => (from, "the entry stands between the same two entries", false),
            [only] => (only, "by its title the entry belongs between these two", false),
            _ => (from, "the list around is not sorted: nothing tells where the entry belongs", true),
        };
        self.told.push(Told { title: new.title(), said, is_doubt });
        let mut new = new.clone();
        // The last entry of a file has nothing behind it.
        if place == self.now.len() {
            if let Some(last) = self.now.last_mut().filter(|last| last.gap.is_empty()) {
                (last.gap, new.gap) = (b"\n", b"");
            }
        } else if new.gap.is_empty() {
            new.gap = b"\n";
        }
        self.now.insert(place, new);
        Some(())
    }

    fn written(self) -> Listed {
        let (mut text, mut line, mut starts) = (Vec::new(), 1, Vec::new());
        for block in &self.now {
            starts.push((block.title(), line));
            line += block.lines.len() + block.gap.lines().count();
            text.extend(block.lines.concat());
            text.extend_from_slice(block.gap);
        }
        let place = |title: &[u8]| starts.iter().find(|(known, _)| *known == title).map_or(1, |(_, line)| *line);
        let (doubts, reasons): (Vec<_>, Vec<_>) = self.told.into_iter().partition(|told| told.is_doubt);
        let remarks = |told: Vec<Told<'_>>| told.iter().map(|one| Remark::new(place(one.title), one.said)).collect();
        Listed { text, reasons: remarks(reasons), doubts: remarks(doubts) }
    }
}

/// The paragraphs of a file; empty lines in front of the first are one without lines.
fn blocks(text: &[u8]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let (mut lines, mut gap, mut gap_start) = (Vec::new(), 0, 0);
    let mut at = 0;
    for line in text.lines_with_terminator() {
        if line.trim_ascii().is_empty() {
            gap += line.len();
        } else {
            if gap > 0 {
                let gap = &text[gap_start..gap_start + gap];
                blocks.push(Block { lines: std::mem::take(&mut lines), gap });
            }
            gap = 0;
            lines.push(line);
            gap_start = at + line.len();
        }
        at += line.len();
    }
    blocks.push(Block { lines, gap: &text[gap_start..gap_start + gap] });
    blocks
}

fn titles<'a>(blocks: &[Block<'a>]) -> Titles<'a> {
    blocks.iter().enumerate().rev().map(|(at, block)| (block.title(), at)).collect()
}

/// Where the entry with a title is.
fn find(blocks: &[Block<'_>], title: &[u8]) -> Option<usize> {
    blocks.iter().position(|block| !title.is_empty() && block.title() == title)
}

/// By their titles, as the kernel's script sorts them; the last is THE REST.
fn by_title(one: &Block<'_>, other: &Block<'_>) -> Ordering {
    let key = |block: &Block<'_>| (block.title() == b"THE REST", block.title().to_ascii_uppercase());
    key(one).cmp(&key(other))
}

/// The tag of a line: `F:<tab>path`.
fn tag(line: &[u8]) -> Option<usize> {
    let rank = TAGS.iter().position(|tag| tag == line.first().unwrap_or(&0))?;
    (line.get(1) == Some(&b':')).then_some(rank)
}

fn same(one: &[u8], other: &[u8]) -> bool {
    one.trim_ascii() == other.trim_ascii()
}

/// The lines of an entry that both sides changed; `None` if they made different things of one line, or of the title.
fn merged<'a>([base, ours, theirs]: [&Block<'a>; 3]) -> Option<Vec<&'a [u8]>> {
    let mut now = ours.lines.clone();
    for line in base.lines[1..].iter().filter(|line| !theirs.has(line)) {
        match now.iter().position(|known| same(known, line)) {
            Some(at) => _ = now.remove(at),
            // Upstream changed or took away what the patch changes: a line of its own for it would be a second one.
            None if theirs.lines.iter().any(|new| tag(new) == tag(line) && !base.has(new) && !ours.has(new)) => {
                return None;
            }
            None => {}
        }
    }
    for (at, line) in theirs.lines.iter().enumerate().skip(1).filter(|(_, line)| !base.has(line)) {
        if !now.iter().any(|known| same(known, line)) {
            now.insert(place(&now, &theirs.lines, at), line);
        }
    }
    Some(now)
}

/// Where a line of `theirs` belongs: between its neighbours, if they are neighbours still; else among those of its tag.
fn place(now: &[&[u8]], theirs: &[&[u8]], at: usize) -> usize {
    let find = |wanted: &[u8]| now.iter().position(|known| same(known, wanted));
    let behind = find(theirs[at - 1]).map(|found| found + 1);
    let before = theirs.get(at + 1).map_or(Some(now.len()), |next| find(next));
    if let (Some(behind), true) = (behind, behind == before) {
        return behind;
    }
    let line = theirs[at];
    let rank = tag(line);
    let alike: Vec<usize> = (1..now.len()).filter(|other| tag(now[*other]) == rank).collect();
    let (Some(first), Some(last)) = (alike.first(), alike.last()) else {
        return (1..now.len()).find(|other| tag(now[*other]) > rank).unwrap_or(now.len());
    };
    let is_sorted = now[*first..=*last].is_sorted();
    match behind.filter(|behind| alike.contains(&(behind - 1))) {
        Some(behind) if !is_sorted => behind,
        _ if is_sorted => (*first..=*last).find(|other| line < now[*other]).unwrap_or(last + 1),
        _ => last + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "List of maintainers\n===================\n\n\
        ACME BUS\nM:\tAnn <ann@example.org>\nS:\tMaintained\nF:\tdrivers/acme/\n\n\
        BETA DISK\nM:\tBob <bob@example.org>\nL:\tdisk@example.org\nF:\tdrivers/beta/\n\n\
        ZORRO BUS\nM:\tZoe <zoe@example.org>\nF:\tdrivers/zorro/\n\n\
        THE REST\nM:\tAll <all@example.org>\nF:\t*\n";

    fn of(ours: &str, theirs: &str) -> Option<Listed> {
        entries(&Sides { base: BASE.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() })
    }

    fn text(listed: Option<&Listed>) -> &str {
        listed.map_or("open", |listed| listed.text.to_str().expect("it is text"))
    }

    fn entry(title: &str) -> String {
        format!("{title}\nM:\tNew <new@example.org>\nF:\tdrivers/new/\n\n")
    }

    /// With an entry in front of another one.
    fn with(title: &str, before: &str) -> String {
        BASE.replace(before, &(entry(title) + before))
    }

    #[test]
    fn an_entry_goes_to_its_place_in_the_sorted_list() {
        for (upstream, patch) in [("Camera x1", "CLOCK"), ("CLOCK", "Camera x1")] {
            let listed = of(&with(upstream, "ZORRO"), &with(patch, "ZORRO")).expect("it is merged");
            let wanted = BASE.replace("ZORRO", &(entry("Camera x1") + &entry("CLOCK") + "ZORRO"));
            assert_eq!(listed.text.to_str(), Ok(wanted.as_str()));
            assert_eq!(listed.doubts, []);
            assert!(
                listed.reasons.iter().any(|r| r.said == "by its title the entry belongs between these two"),
                "{listed:?}"
            );
        }
        let last = with("ZY", "THE REST").replace("ZORRO BUS", "ZORRO BUSES");
        let listed = of(&last, &with("ZZ TOP", "THE REST"));
        assert!(text(listed.as_ref()).contains(&(entry("ZZ TOP") + "THE REST")), "{listed:?}");
    }

    #[test]
    fn where_the_list_is_not_sorted_nothing_tells_the_place() {
        let listed = of(&with("AA", "ZORRO"), &with("A1", "ZORRO")).expect("it is merged");
        assert_eq!(listed.doubts.len(), 1, "{listed:?}");
    }

    #[test]
    fn lines_of_both_sides_go_to_their_tags() {
        let ours = BASE.replace("F:\tdrivers/beta/\n", "T:\tgit beta.git\nF:\tdrivers/beta/\nF:\tinclude/beta.h\n");
        let theirs = BASE.replace("F:\tdrivers/beta/\n", "F:\tdoc/beta\nF:\tdrivers/beta/\nK:\tbeta_\n");
        let wanted = BASE.replace(
            "F:\tdrivers/beta/\n",
            "T:\tgit beta.git\nF:\tdoc/beta\nF:\tdrivers/beta/\nF:\tinclude/beta.h\nK:\tbeta_\n",
        );
        assert_eq!(text(of(&ours, &theirs).as_ref()), wanted);
    }

    #[test]
    fn what_both_sides_made_something_else_of_is_for_a_person() {
        let replaced = |by: &str| BASE.replace("Bob <bob@", by);
        assert_eq!(of(&replaced("Bea <bea@"), &replaced("Ben <ben@")), None);
        let gone =
            BASE.replace("BETA DISK\nM:\tBob <bob@example.org>\nL:\tdisk@example.org\nF:\tdrivers/beta/\n\n", "");
        assert_eq!(of(&gone, &replaced("Ben <ben@")), None, "upstream has it no more");
        assert_eq!(of(&replaced("Bea <bea@"), &gone), None, "upstream keeps it");
        let own = with("BETA CLOCK", "BETA DISK");
        assert_eq!(of(&own.replace("drivers/new", "drivers/other"), &own), None, "both added one of that title");
        assert_eq!(of(&own, &own), None, "there is nothing to do");
    }

    #[test]
    fn what_upstream_did_too_is_done_once() {
        let ours = BASE.replace("S:\tMaintained", "S:\tSupported").replace("zoe@", "zoe.z@");
        let theirs =
            BASE.replace("S:\tMaintained", "S:\tSupported").replace("ACME BUS\n", "ACME BUS\nM:\tCo <c@d.e>\n");
        let wanted = ours.replace("ACME BUS\n", "ACME BUS\nM:\tCo <c@d.e>\n");
        assert_eq!(text(of(&ours, &theirs).as_ref()), wanted);
    }

    #[test]
    fn an_entry_with_another_title_is_found_and_looked_at() {
        let ours = BASE.replace("BETA DISK\n", "BETA BLOCK DEVICE\n");
        let theirs = BASE.replace("F:\tdrivers/beta/\n", "F:\tdrivers/beta/\nF:\tdrivers/beta2/\n");
        let listed = of(&ours, &theirs).expect("it is merged");
        assert_eq!(text(Some(&listed)), theirs.replace("BETA DISK\n", "BETA BLOCK DEVICE\n"));
        assert_eq!(listed.doubts.len(), 1);
    }

    #[test]
    fn an_entry_that_nobody_changed_can_be_taken_away() {
        let gone = BASE.replace("ZORRO BUS\nM:\tZoe <zoe@example.org>\nF:\tdrivers/zorro/\n\n", "");
        let ours = with("CLOCK", "ZORRO");
        assert_eq!(
            text(of(&ours, &gone).as_ref()),
            ours.replace("ZORRO BUS\nM:\tZoe <zoe@example.org>\nF:\tdrivers/zorro/\n\n", "")
        );
    }

    #[test]
    fn a_file_that_begins_with_a_blank_line_or_with_nothing_is_merged_or_left() {
        for base in [format!("\n{BASE}"), String::new()] {
            let ours = with("CLOCK", "ZORRO");
            let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: BASE.as_bytes() };
            assert!(entries(&sides).is_none_or(|listed| listed.text.contains_str("CLOCK")));
        }
    }
}
