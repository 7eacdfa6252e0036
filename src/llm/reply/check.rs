//! What edits must be before anybody looks at what they make: of lines that were shown, apart, whole, and no more than was asked for.

use super::super::bounds;
use super::super::brief::Brief;
use super::super::edits::{Edit, apply};
use super::super::location::points;
use super::super::prompt::Prompt;
use super::super::refusal::{Refusal, Why};
use super::super::snippet::Snippet;
use crate::syntax::language::Language;
use crate::syntax::new_errors::new_errors;
use bstr::ByteSlice;
use regex::bytes::Regex;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Lines that a migration may take away beyond twice what the patch touches.
const SPARE: usize = 8;
/// The same for one that takes away most of what was shown.
const SPARE_OF_MOST: usize = 4;

/// Longer results are left to the door.
const LONGEST_PARSED: usize = 1 << 20;

/// A line that stands for others: `...`, `/* ... rest unchanged ... */`, `// existing code`.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"(?i)^\s*(?:(?://|/\*|#)\s*)?(?:\.\.\.|\[\.\.\.\]|(?:rest|remainder) of (?:the |this )?(?:code|function|file)|(?:existing|unchanged|remaining) (?:code|lines))[^;{}]*$";
    Regex::new(form).expect("a valid expression")
});

/// The edits in order and as small as they are; or what is wrong with them.
pub fn checked(mut list: Vec<Edit>, brief: &Brief, prompt: &Prompt) -> Result<Vec<Edit>, Refusal> {
    list.iter().try_for_each(|edit| is_shown(edit, &prompt.shown))?;
    list.sort_by_key(|edit| (edit.at.start, edit.at.end));
    if let Some(two) = list.windows(2).find(|two| two[1].at.start < two[0].at.end) {
        let said = format!("two edits are of the same lines: {} and {}", told(&two[0].at), told(&two[1].at));
        return Err(Refusal::new(Why::Overlap, said));
    }
    let known: FxHashSet<&[u8]> =
        brief.regions().chain([&brief.sides.theirs]).flat_map(|side| side.text.lines()).collect();
    let new = list.iter().flat_map(|edit| edit.text.lines()).filter(|line| !known.contains(line));
    new.into_iter().try_for_each(is_whole)?;
    let smallest = |edit: &Edit| brief.region(&edit.at).map(|region| edit.smallest(region)).unwrap_or_default();
    let list: Vec<Edit> = list.iter().flat_map(smallest).collect();
    if list.is_empty() {
        let said = "the answer changes nothing; say \"=== already there ===\" if the new kernel does all of it, or \"=== leave open ===\" if that \
                    cannot be decided";
        return Err(Refusal::new(Why::Unchanged, said));
    }
    is_asked_for(&list, brief, prompt)?;
    parses(&list, brief)?;
    bounds::keep(&list, brief)?;
    Ok(list)
}

/// Lines in words.
fn told(at: &Range<usize>) -> String {
    match at.len() {
        0 => format!("the place behind line {}", at.start),
        1 => format!("line {}", at.end),
        _ => format!("lines {}-{}", at.start + 1, at.end),
    }
}

/// Were the lines shown?
fn is_shown(edit: &Edit, shown: &[Range<usize>]) -> Result<(), Refusal> {
    if shown.iter().any(|range| range.start <= edit.at.start && edit.at.end <= range.end) {
        return Ok(());
    }
    let may: Vec<String> = shown.iter().map(told).collect();
    let said = format!("{} cannot be edited; of the new kernel you may edit {}", told(&edit.at), may.join(", "));
    Err(Refusal::new(Why::OutOfRange, said))
}

/// Is a new line a line, and not a mark that stands for something?
fn is_whole(line: &[u8]) -> Result<(), Refusal> {
    let text = || String::from_utf8_lossy(line.trim()).chars().take(80).collect::<String>();
    let is_marker =
        [&b"<<<<<<<"[..], b">>>>>>>", b"|||||||"].iter().any(|mark| line.starts_with(mark)) || line == b"=======";
    if is_marker {
        return Err(Refusal::new(Why::Marker, format!("there is a conflict marker in the answer: {}", text())));
    }
    if PLACEHOLDER.is_match(line) {
        return Err(Refusal::new(
            Why::Elided,
            format!("a line of the answer stands for others: {}; write every new line", text()),
        ));
    }
    Ok(())
}

/// Do the edits take away about what the patch does, and not the snippet?
fn is_asked_for(list: &[Edit], brief: &Brief, prompt: &Prompt) -> Result<(), Refusal> {
    let removed: usize = list.iter().map(|edit| edit.at.len()).sum();
    let open: Vec<_> = points(brief).into_iter().filter(|point| point.is_open).collect();
    let (gone, come) = open.iter().fold((0, 0), |sum, point| (sum.0 + point.gone.len(), sum.1 + point.come.len()));
    let conflict = if brief.open.ours == brief.sides.ours.place() { 0 } else { brief.open.ours.len() };
    let shown: usize = prompt.shown.iter().map(Range::len).sum();
    let is_too_much = removed > 2 * (gone + come) + conflict + SPARE;
    let is_most = 2 * removed > shown && removed > 2 * gone + conflict + SPARE_OF_MOST + come;
    if is_too_much || is_most {
        let said = format!(
            "the answer takes away or rewrites {removed} of {shown} lines of the new kernel, where the patch takes away {gone} and adds {come}; \
             change only what the patch changes"
        );
        return Err(Refusal::new(Why::Rewrites, said));
    }
    Ok(())
}

/// Does each region parse where ours and theirs do? The door looks only at what the patch's own lines landed in, and a model may have
/// written all of them anew.
fn parses(list: &[Edit], brief: &Brief) -> Result<(), Refusal> {
    brief.regions().try_for_each(|region| {
        let is_ours = std::ptr::eq(region, &brief.sides.ours);
        let theirs = if is_ours { &brief.sides.theirs } else { region };
        region_parses(list, (brief.language, region, theirs))
    })
}

/// Does one region parse with the edits, where it and the patch's version of it do?
fn region_parses(
    list: &[Edit],
    (language, region, theirs): (Option<Language>, &Snippet, &Snippet),
) -> Result<(), Refusal> {
    let result = apply(region, list);
    if language != Some(Language::C) || result.len() > LONGEST_PARSED || result == region.text {
        return Ok(());
    }
    let errors = new_errors(&region.text, &theirs.text, &result).unwrap_or_default();
    let Some(line) = errors.first() else { return Ok(()) };
    let text = result
        .lines()
        .nth(line.saturating_sub(1))
        .map(|line| String::from_utf8_lossy(line).trim().to_owned())
        .unwrap_or_default();
    let text: String = text.chars().take(80).collect();
    Err(Refusal::new(Why::Parse, format!("with the edits the code does not parse any more, near: {text}")))
}
