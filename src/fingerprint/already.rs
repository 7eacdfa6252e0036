//! Which hunks of a patch stand in another version of the file already, each at its own place.
//!
//! In: a file before and after the patch, and as the new kernel has it. Out: for each hunk where it stands, and what tells so.
//!
//! ```text
//!   after the patch        the new kernel           the hunk stands at b', c':
//!     a                      a
//!   + b                      x                        its lines are there in one run, in any order (white space aside),
//!   + c                      c'                       where retrieval finds the place, not anywhere in the file;
//!     d                      b'                       what it removes is gone there;
//!                            d                        what a line tells, it tells by being once in the file.
//! ```
//!
//! That lines of a patch are *somewhere* in a file says nothing: drivers are written in the same words.

use super::bare::{Bare, CONTEXT, TELLING};
use super::retrieve::{How, Retriever};
use crate::merge::Change;
use crate::merge::delta::{self, Hunk};
use crate::merge::line::stands_out;
use crate::syntax::language::Language;
use bstr::ByteSlice;
use std::cell::LazyCell;
use std::cmp::Reverse;
use std::ops::Range;

/// Longer files are not looked at; of the kernel's only generated register lists are.
const LONGEST: usize = 4 << 20;
/// Hunks that are looked for; a patch with more of them in one file was made by a script.
const MOST_HUNKS: usize = 256;
/// Percent of the lines of a new file that the new kernel's file of that name has if it is that file, developed further.
const MOSTLY: usize = 80;
/// Lines that tell a hunk.
const ENOUGH: usize = 3;
/// Lines of a hunk that are looked for in the whole file before its place is.
const ASKED: usize = 3;

/// A hunk, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Lines of the file before and after the patch.
    pub hunk: Hunk,
    /// Lines of the new kernel's file that are it, from 0; empty for a removal. `None`: it does not stand there.
    pub lines: Option<Range<usize>>,
    /// Lines that only the patch brings and that stand once in the new file; of a removal, lines that are nowhere in it.
    pub telling: usize,
    /// Lines of a new file that the new kernel's file of its name has not.
    pub missing: usize,
    /// Telling lines, at most three above and three below, that stand around it as they do in the patch.
    pub around: usize,
    /// All three above and all three below do, or as many as there are.
    pub is_framed: bool,
}

impl Found {
    fn absent(hunk: &Hunk) -> Self {
        Self { hunk: hunk.clone(), lines: None, telling: 0, missing: 0, around: 0, is_framed: false }
    }

    /// It stands there, but that tells nothing.
    pub fn silence(&mut self) {
        (self.telling, self.around, self.is_framed) = (0, 0, false);
    }

    /// Is it told by the lines that it adds, all of them, whatever stands around them?
    pub fn is_told(&self) -> bool {
        self.lines.is_some() && !self.hunk.after.is_empty() && self.telling >= ENOUGH && self.missing == 0
    }

    /// Does it stand there without a doubt? What it changes, or the place between its neighbours where nothing else has come,
    /// is told by lines that stand nowhere else.
    pub fn is_sure(&self) -> bool {
        let told = self.telling + self.around >= ENOUGH && (self.telling > 0 || self.is_framed);
        self.lines.is_some() && told
    }
}

/// Looks for each hunk that turns `patch.before` into `patch.after` in `ours`.
pub fn look(language: Language, patch: Change<&[u8]>, ours: &[u8]) -> Vec<Found> {
    Search::new(language, patch, ours).find(Wanted::All)
}

/// Which hunks a search has to place; placing is what takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Each.
    All,
    /// Those that would be told by the lines that they add.
    Told,
}

/// Of a file that the patch adds: it stands there if the new kernel's file of that name has most of its lines.
pub fn look_whole(after: &[u8], ours: &[u8]) -> Option<Found> {
    if after.len().max(ours.len()) > LONGEST {
        return None;
    }
    let (after, ours) = (Bare::new(after), Bare::new(ours));
    let hunk = Hunk { before: 0..0, after: 0..after.len() };
    let said: Vec<&[u8]> = after.below(0).filter(|line| stands_out(line)).collect();
    let there = said.iter().filter(|line| ours.times(line) > 0).count();
    let telling = said.iter().filter(|line| line.len() >= TELLING && ours.times(line) == 1).count();
    // Of a file that says nothing nothing can be said.
    let lines = (!said.is_empty() && 100 * there >= MOSTLY * said.len()).then_some(0..ours.len());
    Some(Found { hunk, lines, telling, missing: said.len() - there, around: 0, is_framed: false })
}

fn raw(text: &[u8]) -> Vec<&[u8]> {
    text.lines().map(<[u8]>::trim_ascii).collect()
}

/// A first look at the whole file, which most hunks do not survive.
fn may_stand(removed: &[&[u8]], added: &[&[u8]], ours: &[u8]) -> bool {
    let longest = |lines: &[&[u8]]| {
        let mut lines: Vec<Vec<u8>> = lines.iter().filter(|l| l.len() >= TELLING).map(|l| l.to_vec()).collect();
        lines.sort_by_key(|line| Reverse(line.len()));
        lines.truncate(ASKED);
        lines
    };
    match added.iter().any(|line| stands_out(line)) {
        true => {
            let asked = longest(added);
            // A line may have been broken elsewhere.
            2 * asked.iter().filter(|line| ours.contains_str(line)).count() >= asked.len()
        }
        false => !removed.is_empty() || !added.is_empty(),
    }
}

/// A patch of one file and the file that its hunks are looked for in: first their lines anywhere, which most hunks do not
/// survive, then their place.
pub struct Search<'a> {
    hunks: Vec<Hunk>,
    /// By hunk, what may be it.
    candidates: Vec<Option<Candidate>>,
    texts: Option<Texts<'a>>,
    /// Finds the hunk's lines together with those around them.
    patched: LazyCell<Retriever<'a>, Box<dyn FnOnce() -> Retriever<'a> + 'a>>,
    /// Finds the place by what stood there before: the hunk's own lines have no say.
    unpatched: LazyCell<Retriever<'a>, Box<dyn FnOnce() -> Retriever<'a> + 'a>>,
}

/// Runs of lines somewhere in the file that have a hunk's content.
struct Candidate {
    runs: Vec<Range<usize>>,
    telling: usize,
}

impl<'a> Search<'a> {
    /// Looks for the lines of each hunk, anywhere in `ours`.
    pub fn new(language: Language, patch: Change<&'a [u8]>, ours: &'a [u8]) -> Self {
        let hunks = delta::hunks(patch);
        let longest = patch.before.len().max(patch.after.len()).max(ours.len());
        let (before, after) = (raw(patch.before), raw(patch.after));
        let may_stand = |h: &Hunk| may_stand(&before[h.before.clone()], &after[h.after.clone()], ours);
        let is_looked_at = longest <= LONGEST && hunks.len() <= MOST_HUNKS;
        let may: Vec<bool> = hunks.iter().map(|h| is_looked_at && may_stand(h)).collect();
        let texts = may.contains(&true).then(|| Texts::new(patch, ours));
        let candidate = |(hunk, may): (&Hunk, &bool)| texts.as_ref().filter(|_| *may)?.candidate(hunk);
        Self {
            candidates: hunks.iter().zip(&may).map(candidate).collect(),
            hunks,
            texts,
            patched: LazyCell::new(Box::new(move || Retriever::new(language, patch.after, ours))),
            unpatched: LazyCell::new(Box::new(move || Retriever::new(language, patch.before, ours))),
        }
    }

    /// Are the lines of all hunks somewhere in the file?
    pub fn may_all_stand(&self) -> bool {
        self.candidates.iter().all(Option::is_some)
    }

    /// Places the hunks.
    pub fn find(&self, wanted: Wanted) -> Vec<Found> {
        let place = |(hunk, candidate): (&Hunk, &Option<Candidate>)| {
            let is_wanted = |c: &&Candidate| wanted == Wanted::All || (c.telling >= ENOUGH && !hunk.after.is_empty());
            let candidate = candidate.as_ref().filter(is_wanted);
            let found = candidate.zip(self.texts.as_ref()).and_then(|(c, texts)| self.place(texts, (hunk, c)));
            found.unwrap_or_else(|| Found::absent(hunk))
        };
        self.hunks.iter().zip(&self.candidates).map(place).collect()
    }

    /// The run that stands where the hunk's place is.
    fn place(&self, texts: &Texts<'_>, (hunk, candidate): (&Hunk, &Candidate)) -> Option<Found> {
        let place = self.patched.locate(&hunk.after).into_iter().next()?;
        // In its section, or between its neighbours, it is at its place. Statements that stand together elsewhere may be only its own.
        let is_elsewhere = matches!(place.how, How::Block(_));
        let is_there = |run: &&Range<usize>| {
            let inside = place.lines.start <= run.start && run.end <= place.lines.end;
            inside && (!is_elsewhere || self.is_at_place(hunk, run))
        };
        let runs = candidate.runs.iter().filter(is_there).map(|run| (texts.frame(hunk, run), run));
        let (frame, run) = runs.max_by_key(|(frame, run)| (frame.above + frame.below, Reverse(run.start)))?;
        // A few words that stand beside nothing they stood beside may be anybody's.
        let is_alone = frame.above + frame.below == 0 && hunk.after.len() < ENOUGH;
        (!is_alone).then(|| Found {
            lines: Some(run.clone()),
            telling: candidate.telling,
            around: frame.telling,
            is_framed: frame.is_whole,
            ..Found::absent(hunk)
        })
    }

    /// Is the run where the lines were that the hunk changes? What it adds may lie before or behind what upstream put there.
    fn is_at_place(&self, hunk: &Hunk, run: &Range<usize>) -> bool {
        let place = self.unpatched.locate(&hunk.before).into_iter().next();
        let more = hunk.after.len();
        place.is_some_and(|place| {
            place.lines.start.saturating_sub(more) <= run.start && run.end <= place.lines.end + more
        })
    }
}

/// The three texts.
struct Texts<'a> {
    /// Asked only about a hunk whose lines are there.
    before: LazyCell<Bare, Box<dyn FnOnce() -> Bare + 'a>>,
    after: Bare,
    ours: Bare,
}

impl<'a> Texts<'a> {
    fn new(patch: Change<&'a [u8]>, ours: &[u8]) -> Self {
        let before = LazyCell::new(Box::new(move || Bare::new(patch.before)) as Box<dyn FnOnce() -> Bare + 'a>);
        Self { before, after: Bare::new(patch.after), ours: Bare::new(ours) }
    }

    /// The runs of the file that have what the hunk adds, and have not what it removes.
    fn candidate(&self, hunk: &Hunk) -> Option<Candidate> {
        let added = self.after.said(&hunk.after);
        let mut runs = match added.is_empty() {
            false => self.ours.runs(&added),
            true => self.seams(hunk),
        };
        if runs.is_empty() {
            return None;
        }
        let removed = self.removed(hunk, &added);
        runs.retain(|run| {
            let told = removed.iter().filter(|line| stands_out(line));
            told.into_iter().all(|line| self.ours.times_around(line, run) <= self.after.times_around(line, &hunk.after))
        });
        let telling = match added.is_empty() {
            false => added.iter().filter(|line| self.is_new(line)).count(),
            true => removed.iter().filter(|line| line.len() >= TELLING && self.ours.times(line) == 0).count(),
        };
        (!runs.is_empty()).then_some(Candidate { runs, telling })
    }

    /// The lines that the hunk removes, without those that it puts back.
    fn removed(&self, hunk: &Hunk, added: &[&[u8]]) -> Vec<&[u8]> {
        let mut removed = self.before.said(&hunk.before);
        for line in added {
            if let Some(at) = removed.iter().position(|r| r == line) {
                removed.remove(at);
            }
        }
        removed
    }

    /// A line that came with the patch and stands once in the new file.
    fn is_new(&self, line: &[u8]) -> bool {
        line.len() >= TELLING && self.ours.times(line) == 1 && self.before.times(line) == 0
    }

    /// After a removal: where the lines above and below meet.
    fn seams(&self, hunk: &Hunk) -> Vec<Range<usize>> {
        let (above, below) = (self.after.above(hunk.after.start).next(), self.after.below(hunk.after.end).next());
        let (Some(above), Some(below)) = (above, below) else {
            return Vec::new();
        };
        self.ours.seams(above, below)
    }

    /// The lines above and below a hunk that are above and below its run.
    fn frame(&self, hunk: &Hunk, run: &Range<usize>) -> Frame {
        let same = |(one, other): &(&[u8], &[u8])| one == other;
        let above = self.after.above(hunk.after.start).zip(self.ours.above(run.start));
        let below = self.after.below(hunk.after.end).zip(self.ours.below(run.end));
        let above: Vec<_> = above.take(CONTEXT).take_while(same).collect();
        let below: Vec<_> = below.take(CONTEXT).take_while(same).collect();
        let most = [
            self.after.above(hunk.after.start).take(CONTEXT).count(),
            self.after.below(hunk.after.end).take(CONTEXT).count(),
        ];
        let tells = |(line, _): &&(&[u8], &[u8])| line.len() >= TELLING && self.ours.times(line) == 1;
        Frame {
            telling: above.iter().chain(&below).filter(tells).count(),
            is_whole: [above.len(), below.len()] == most,
            above: above.len(),
            below: below.len(),
        }
    }
}

/// What stands around a run as around its hunk.
struct Frame {
    above: usize,
    below: usize,
    telling: usize,
    is_whole: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "static int probe(struct dev *dev)\n{\n\tint ret;\n\n\tret = enable_clock(dev);\n\tif (ret)\n\t\treturn ret;\n\
                          \tdev->state = READY;\n\treturn register_dev(dev);\n}\n\nstatic void remove(struct dev *dev)\n{\n\
                          \tunregister_dev(dev);\n\tdisable_clock(dev);\n}\n";
    const ADDED: &str = "\tret = request_irq(dev->irq, handler, dev);\n\tif (ret)\n\t\tgoto err_clock_of_probe;\n\tenable_irq(dev->irq);\n";

    fn with(text: &str, before: &str, added: &str) -> String {
        assert!(text.contains(before), "{before}");
        text.replacen(before, &[added, before].concat(), 1)
    }

    fn found(after: &str, ours: &str) -> Vec<Found> {
        let patch = Change { before: BEFORE.as_bytes(), after: after.as_bytes() };
        look(Language::C, patch, ours.as_bytes())
    }

    fn patched() -> String {
        with(BEFORE, "\tdev->state", ADDED)
    }

    #[test]
    fn lines_that_upstream_has_at_their_place_are_there_in_any_order_and_spacing() {
        let swapped = "\tenable_irq( dev->irq );\n\tret = request_irq(dev->irq,\n\t\t\t  handler, dev);\n\tif (ret)\n\t\tgoto err_clock_of_probe;\n";
        let shuffled = "\tenable_irq(dev->irq);\n\n\tret = request_irq(dev->irq, handler, dev);\n\tif (ret)\n\t    goto err_clock_of_probe;\n";
        let folded = ADDED.replace("dev->irq, handler", "dev->irq,\n\t\t\thandler");
        for (added, there) in [(ADDED, true), (shuffled, true), (&folded, true), (swapped, false)] {
            let ours = with(BEFORE, "\tdev->state", &["\ttrace_probe(dev);\n", added].concat());
            let found = &found(&patched(), &ours)[0];
            assert_eq!(found.lines.is_some(), there, "{added}");
            assert_eq!(found.is_sure(), there, "{added}");
        }
        let ours = with(BEFORE, "\tdev->state", ADDED);
        let found = &found(&patched(), &ours)[0];
        assert_eq!((found.lines.clone(), found.telling), (Some(7..11), 3), "'if (ret)' stands twice");
        assert!(found.is_framed && found.is_told());
    }

    #[test]
    fn the_same_lines_in_another_function_are_not_there() {
        let ours = with(BEFORE, "\tdisable_clock", ADDED);
        assert_eq!(found(&patched(), &ours)[0].lines, None);
    }

    #[test]
    fn lines_with_others_between_them_are_not_there() {
        let broken = ADDED.replace("\tenable_irq", "\tprepare(dev);\n\tenable_irq");
        assert_eq!(found(&patched(), &with(BEFORE, "\tdev->state", &broken))[0].lines, None);
    }

    #[test]
    fn a_replacement_is_there_only_if_the_old_line_is_gone() {
        let after = BEFORE.replace("enable_clock(dev);\n\tif", "enable_all_clocks(dev);\n\tif");
        let both = after.replace("\tif (ret)", "\tret = enable_clock(dev);\n\tif (ret)");
        assert!(found(&after, &after)[0].is_sure());
        assert_eq!(found(&after, &both)[0].lines, None);
        assert_eq!(found(&after, BEFORE)[0].lines, None);
    }

    #[test]
    fn a_removal_is_there_where_its_neighbours_meet() {
        let after = BEFORE.replace("\tdev->state = READY;\n", "");
        let gone = &found(&after, &after.replace("int ret;", "int ret = 0;"))[0];
        assert_eq!((gone.lines.clone(), gone.telling), (Some(7..7), 1));
        assert!(gone.is_sure() && !gone.is_told());
        assert_eq!(found(&after, BEFORE)[0].lines, None);
        let replaced = BEFORE.replace("dev->state = READY;", "set_state(dev, READY);");
        assert_eq!(found(&after, &replaced)[0].lines, None, "something else stands there now");
    }

    #[test]
    fn a_line_that_stands_at_many_places_tells_nothing_by_itself() {
        let after = BEFORE.replace("\treturn register_dev", "\tif (ret)\n\t\treturn ret;\n\treturn register_dev");
        let ours = BEFORE.replace("dev->state = READY;\n", "mark(dev);\n\tif (ret)\n\t\treturn ret;\n\tset(dev);\n");
        let found = &found(&after, &ours)[0];
        assert!(!found.is_sure(), "{found:?}");
    }

    #[test]
    fn a_new_file_is_there_if_the_kernel_has_most_of_its_lines_under_its_name() {
        let grown = patched().replace("struct dev *dev", "struct device *dev");
        let there = |ours: &str| look_whole(BEFORE.as_bytes(), ours.as_bytes()).expect("short").lines.is_some();
        assert!(there(&patched()));
        assert!(there(&grown), "two of eleven lines differ");
        assert!(!there(&grown.replace("clock", "power")));
        let told = |ours: &str| look_whole(BEFORE.as_bytes(), ours.as_bytes()).expect("short").is_told();
        assert!(told(&patched()) && !told(&grown), "what is mostly there is not there without the rest of the patch");
    }

    #[test]
    fn odd_texts_are_looked_at_without_harm() {
        let odd: [&[u8]; 6] = [b"", b"\n", b"a", b"\xff\xfe\n\0", b"/* open\n", b"}}}}\n{{{{\n"];
        for before in odd {
            for after in odd {
                for ours in odd {
                    look(Language::C, Change { before, after }, ours);
                    look_whole(after, ours);
                }
            }
        }
    }
}
