//! BOUNDS: where edits of an answer may stand, and which of upstream's lines may go with them.
//!
//! In: a brief and the smallest edits of an answer. Out: nothing, or a [`Refusal`]. A model is asked about one open place; what it does a few
//! statements away is not the patch's, however right the line is that it puts there.
//!
//! ```text
//!   may be edited    the open lines and what adjoins them; what the brief names of a change: the lines that it takes away, and where it stands;
//!                    what upstream split off; of the function's beginning nothing goes, but declarations may come
//!   may go           what the patch takes away, as upstream has it now; anything else only if a line like it comes in the same edit
//! ```

use super::brief::Brief;
use super::edits::Edit;
use super::location::{Point, points};
use super::refusal::{Refusal, Why};
use super::snippet::{May, Snippet};
use crate::merge::line::{alike, is_telling, shown, words};
use crate::merge::mates::Mates;
use crate::merge::{Change, delta};
use crate::syntax::lex::{Kind, is_reserved, tokens};
use crate::syntax::outline::SectionKind;
use crate::syntax::version::Version;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// Percent of the words of a line that goes which a line has that is the same, edited.
const ALIKE: usize = 50;
/// Lines of the beginning of a function, where no blank line ends it earlier.
const HEAD: usize = 24;

/// Where the brief says that a change stands in ours: lines (from 0), empty for a place between two.
pub fn places(brief: &Brief, point: &Point) -> Vec<Range<usize>> {
    let line = |mate: &super::location::Mate| mate.ours.map(|(line, _)| line);
    let mut all = vec![brief.open.ours.clone()];
    all.extend(point.gone.iter().filter_map(line).map(|line| line..line + 1));
    let above = point.above.as_ref().and_then(line).map(|line| line + 1);
    let below = point.below.as_ref().and_then(line);
    all.extend(above.into_iter().chain(below).map(|line| line..line));
    if let (Some(above), Some(below)) = (above, below)
        && above < below
    {
        all.push(above..below);
    }
    all
}

/// Does an edit touch or adjoin one of these places of a region? Brackets and blank lines are no distance.
pub fn is_at(edit: &Edit, places: &[Range<usize>], region: &Snippet) -> bool {
    let (lines, first) = (region.lines(), region.place().start);
    let says = |from: usize, to: usize| {
        let between = from.saturating_sub(first)..to.saturating_sub(first);
        lines.get(between).is_none_or(|lines| lines.iter().any(|line| is_telling(line)))
    };
    places.iter().any(|place| {
        let (behind, before) = (place.end < edit.at.start, edit.at.end < place.start);
        !(behind && says(place.end, edit.at.start) || before && says(edit.at.end, place.start))
    })
}

/// Do the edits stay where they were asked for, and leave alone what is upstream's?
///
/// # Errors
/// The first that does not.
pub fn keep(list: &[Edit], brief: &Brief) -> Result<(), Refusal> {
    // Where nothing is ported there is no patch to keep to: see `mending`.
    if brief.sides.base.text == brief.sides.theirs.text {
        return Ok(());
    }
    let open: Vec<Point> = points(brief).into_iter().filter(|point| point.is_open).collect();
    let mut named: Vec<Range<usize>> = open.iter().flat_map(|point| places(brief, point)).collect();
    named.push(brief.open.ours.clone());
    list.iter().try_for_each(|edit| stays(edit, brief, &named))?;
    let gone: FxHashSet<usize> = open.iter().flat_map(|point| &point.gone).map(|mate| mate.base).collect();
    brief.regions().try_for_each(|region| covered(list, (brief, region), &gone))
}

/// Is the edit where it may be?
fn stays(edit: &Edit, brief: &Brief, named: &[Range<usize>]) -> Result<(), Refusal> {
    let Some(region) = brief.region(&edit.at) else { return Ok(()) };
    let is_fit = match std::ptr::eq(region, &brief.sides.ours) {
        true => is_at(edit, named, region) || edit.at.is_empty() && is_in_head(edit, brief),
        false => edit.at.is_empty() || !is_addition_only(brief, region),
    };
    if is_fit {
        return Ok(());
    }
    let said = format!(
        "the edit at line {} is neither where the patch could not be placed nor at a place that is named of its changes; edit only there",
        edit.at.start + 1
    );
    Err(Refusal::new(Why::Elsewhere, said))
}

/// May lines only be added to a region?
fn is_addition_only(brief: &Brief, region: &Snippet) -> bool {
    brief.associated.iter().any(|excerpt| std::ptr::eq(&excerpt.snippet, region) && excerpt.may == May::BeAddedTo)
}

/// Is an edit at the beginning of the function that is open, where its variables are declared?
fn is_in_head(edit: &Edit, brief: &Brief) -> bool {
    let (ours, first) = (&brief.sides.ours, brief.sides.ours.place().start);
    let Some(language) = brief.language else { return false };
    let version = Version::new(language, &ours.text);
    let open = brief.open.ours.start.saturating_sub(first)..brief.open.ours.end.saturating_sub(first);
    let Some(section) = version.section_of(&open).filter(|section| section.kind == SectionKind::Function) else {
        return false;
    };
    let most = (section.lines.start + HEAD).min(section.lines.end);
    let is_blank = |line: &usize| version.lines.get(*line).is_some_and(|line| line.trim_ascii().is_empty());
    let end = (section.lines.start..most).find(is_blank).unwrap_or(most);
    (section.lines.start + 1..=end).contains(&edit.at.start.saturating_sub(first))
}

/// Has every line of a region that goes something that takes it away?
fn covered(list: &[Edit], (brief, region): (&Brief, &Snippet), gone: &FxHashSet<usize>) -> Result<(), Refusal> {
    let place = region.place();
    let own: Vec<&Edit> = list.iter().filter(|e| place.start <= e.at.start && e.at.end <= place.end).collect();
    if own.iter().all(|edit| edit.at.is_empty()) {
        return Ok(());
    }
    let taken = taken_away((brief, region), gone);
    let lines = region.lines();
    let came: Vec<&[u8]> = list.iter().flat_map(|edit| edit.text.lines()).collect();
    for edit in own {
        for at in edit.at.clone() {
            let Some(line) = lines.get(at - place.start).filter(|line| is_telling(line)) else { continue };
            let is_moved = || came.iter().any(|new| alike(new, line));
            let is_edited = || edit.text.lines().any(|new| is_edit_of(line, new));
            if !taken.contains(&at) && !is_moved() && !is_edited() {
                let said = format!(
                    "line {} of the new kernel goes, and the patch takes away nothing like it: {}",
                    at + 1,
                    shown(line)
                );
                return Err(Refusal::new(Why::Upstreams, said));
            }
        }
    }
    Ok(())
}

/// The lines of a region (from 0, of its file) that are what the patch takes away, or what upstream made of that.
fn taken_away((brief, region): (&Brief, &Snippet), gone: &FxHashSet<usize>) -> FxHashSet<usize> {
    let (base, first, start) = (&brief.sides.base, brief.sides.base.place().start, region.place().start);
    let change = || Change { before: base.text.as_slice(), after: region.text.as_slice() };
    let mates = Mates::of(change());
    let mut found: FxHashSet<usize> = FxHashSet::default();
    let mut others: FxHashSet<usize> = FxHashSet::default();
    for at in 0..mates.base.len() {
        if let Some(mate) = mates.of_line(at) {
            let side = if gone.contains(&(at + first)) { &mut found } else { &mut others };
            side.insert(mate.line + start);
        }
    }
    for hunk in delta::hunks(change()) {
        if hunk.before.clone().any(|at| gone.contains(&(at + first))) {
            found.extend(hunk.after.map(|at| at + start).filter(|at| !others.contains(at)));
        }
    }
    found
}

/// Is a new line the old one, edited: it calls what that called, and has most of its words?
fn is_edit_of(old: &[u8], new: &[u8]) -> bool {
    let known: FxHashSet<&[u8]> = words(new).into_iter().collect();
    let said = words(old);
    let same = said.iter().filter(|word| known.contains(*word)).count();
    let now: FxHashSet<&[u8]> = calls(new);
    100 * same >= ALIKE * said.len() && calls(old).is_subset(&now)
}

/// What a line calls.
fn calls(line: &[u8]) -> FxHashSet<&[u8]> {
    let all = tokens(line);
    let is_call = |at: &usize| all[*at].kind == Kind::Word && !is_reserved(all[*at].text) && all[*at + 1].is("(");
    (0..all.len().saturating_sub(1)).filter(is_call).map(|at| all[at].text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::brief::Brief;
    use super::*;
    use crate::merge::{Open, Sides};
    use crate::syntax::language::Language;

    const BASE: &str = "int f(struct port *port)\n{\n\tunsigned long flags;\n\n\tclk_enable(port->clk);\n\tport_lock(port);\n\tstep_one(port);\n\tstep_two(port);\n\tclk_disable(port->clk);\n\treturn 0;\n}\n";

    /// Upstream changed the line that the patch changes, 6.
    fn brief() -> Brief {
        let ours = BASE.replace("port_lock(port)", "port_lock_irqsave(port, &flags)");
        let theirs = BASE.replace("port_lock(port)", "spin_lock_irqsave(port->lock, flags)");
        let line = |text: &str| text.lines().nth(5).map(|line| format!("{line}\n")).expect("six lines");
        let (base, own, new) = (line(BASE), line(&ours), line(&theirs));
        let before: String = ours.split_inclusive('\n').take(5).collect();
        let after: String = ours.split_inclusive('\n').skip(6).collect();
        let open = Open {
            sides: Sides { base: base.as_bytes(), ours: own.as_bytes(), theirs: new.as_bytes() },
            before: before.as_bytes(),
            after: after.as_bytes(),
            files: Sides { base: BASE.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() },
            lines: Sides { base: 5, ours: 5, theirs: 5 },
            language: Language::C,
        };
        Brief::of_open("a.c", &open).0
    }

    fn why(edits: &[(Range<usize>, &str)]) -> Option<Why> {
        let list: Vec<Edit> = edits.iter().map(|(at, text)| Edit { at: at.clone(), text: (*text).into() }).collect();
        keep(&list, &brief()).err().map(|refusal| refusal.why)
    }

    #[test]
    fn the_patchs_line_somewhere_else_is_refused_and_at_its_place_is_not() {
        let line = "\tspin_lock_irqsave(port->lock, flags);\n";
        assert_eq!(why(&[(5..6, line)]), None);
        assert_eq!(why(&[(8..8, line)]), Some(Why::Elsewhere));
        assert_eq!(why(&[(5..5, line)]), None, "beside what upstream has");
        assert_eq!(why(&[(2..2, "\tunsigned long more;\n"), (5..6, line)]), None, "a variable may be declared");
    }

    #[test]
    fn an_upstream_line_does_not_go_with_it() {
        let line = "\tspin_lock_irqsave(port->lock, flags);\n";
        assert_eq!(why(&[(4..6, line)]), Some(Why::Upstreams));
        assert_eq!(why(&[(5..7, line)]), Some(Why::Upstreams));
        let both = "\tspin_lock_irqsave(port->lock, flags);\n\tstep_one(port, 1);\n";
        assert_eq!(why(&[(5..7, both)]), None, "it is edited, which is told");
        let renamed = "\tspin_lock_irqsave(port->lock, flags);\n\tother_step(port);\n";
        assert_eq!(why(&[(5..7, renamed)]), Some(Why::Upstreams));
    }
}
