//! The answer to a retrieval: line numbers, or the code itself as MigGPT's models give it.

use super::super::oracle::{Answer, Ended};
use super::super::prompt::Prompt;
use super::super::refusal::{Refusal, Why};
use super::super::reply::{code, reason, spoken};
use super::Sought;
use bstr::ByteSlice;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What an answer points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// Lines of the file, from 0, in order, without blank lines at their ends.
    Lines(Vec<Range<usize>>),
    /// Code that is to be found in the file.
    Code(Vec<u8>),
    /// It is not in this file, and why.
    NotHere(String),
}

/// `=== lines 812-840 ===`, and what models make of it.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    let form = r"(?im)^\W{0,6}(?:lines?)\s*:?\s*(\d{1,9})(?:\s*(?:-|–|\.\.=?|to)\s*(\d{1,9}))?\W*$";
    Regex::new(form).expect("a valid expression")
});
/// `=== not here ===`.
static NOT_HERE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?im)^\s*={2,}\s*not here\b").expect("a valid expression"));

/// Reads an answer.
///
/// # Errors
/// It names no lines of the file, and has no code.
pub fn read(answer: &Answer, sought: &Sought, prompt: &Prompt) -> Result<Pointed, Refusal> {
    let text = spoken(&answer.text.replace("\r\n", "\n"))?;
    if NOT_HERE.is_match(&text) {
        return Ok(Pointed::NotHere(reason(&text)));
    }
    let mut lines = Vec::new();
    for found in HEAD.captures_iter(&text) {
        let number = |at: usize| found.get(at).and_then(|m| m.as_str().parse::<usize>().ok());
        let first = number(1).unwrap_or(0);
        lines.push(within((first, number(2).unwrap_or(first)), sought, prompt)?);
    }
    if !lines.is_empty() {
        lines.sort_by_key(|range| (range.start, range.end));
        if lines.windows(2).any(|two| two[1].start < two[0].end) {
            return Err(Refusal::new(Why::Overlap, "two ranges of the answer have lines in common"));
        }
        return Ok(Pointed::Lines(lines));
    }
    let blocks = code::blocks(&text);
    match blocks.iter().max_by_key(|block| block.lines.len()).filter(|block| !block.lines.is_empty()) {
        Some(block) if !block.is_closed && answer.ended == Ended::Cut => {
            Err(Refusal::new(Why::CutOff, "the answer was cut off; name lines by their numbers, which is shorter"))
        }
        Some(block) => {
            Ok(Pointed::Code(block.lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()))
        }
        None if answer.ended == Ended::Cut => Err(Refusal::new(Why::CutOff, "the answer was cut off")),
        None => Err(Refusal::new(Why::NoAnswer, "the answer names no lines; write \"=== lines N-M ===\"")),
    }
}

/// Numbers as lines of the file that were shown, without blank lines at both ends.
fn within((first, last): (usize, usize), sought: &Sought, prompt: &Prompt) -> Result<Range<usize>, Refusal> {
    let all: Vec<&[u8]> = sought.file.lines().collect();
    let range = first.saturating_sub(1)..last.min(all.len());
    let is_shown = |line: usize| prompt.shown.iter().any(|range| range.contains(&line));
    if first == 0 || range.is_empty() || !(is_shown(range.start) && is_shown(range.end - 1)) {
        let said = format!("lines {first}-{last} are not lines of the new file as it was shown");
        return Err(Refusal::new(Why::OutOfRange, said));
    }
    let says = |line: &usize| all.get(*line).is_some_and(|text| !text.trim().is_empty());
    let start = range.clone().find(says).unwrap_or(range.start);
    let end = range.clone().rev().find(says).map_or(range.end, |line| line + 1);
    Ok(start..end.max(start + 1))
}
