//! Which lines of a long file are shown: all that fit; else those that speak in the words of what is looked for.
//!
//! In: the file, cut into runs of lines, and room in tokens. Out: the runs with the most rare words of the old lines, in the order of the
//! file. A word counts the less the more runs have it.

use super::super::page::{Part, tokens};
use super::super::parts::{NEEDED, numbered};
use super::super::shown::{inline, shown as as_shown};
use super::super::snippet::Snippet;
use super::Sought;
use crate::merge::line::words;
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// Lines that are shown together.
const RUN: usize = 40;
/// Bytes of a number in front of a line, and its end.
const FRAME: usize = 8;

/// Lines of the file to show, from 0, in order; those next to each other are one range.
pub fn shown(sought: &Sought, hidden: &[Range<usize>], room: usize) -> Vec<Range<usize>> {
    let lines: Vec<&[u8]> = sought.file.lines().collect();
    let is_hidden = |line: &usize| hidden.iter().any(|range| range.contains(line));
    let runs: Vec<Vec<usize>> = (0..lines.len())
        .step_by(RUN)
        .map(|from| (from..lines.len().min(from + RUN)).filter(|line| !is_hidden(line)).collect())
        .collect();
    let cost = |run: &Vec<usize>| {
        let bytes: usize = run.iter().map(|line| as_shown(lines[*line]).len() + FRAME).sum();
        bytes.div_ceil(3)
    };
    let mut order: Vec<(u64, usize)> = scores(sought, &lines, &runs).into_iter().zip(0..).collect();
    order.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    let mut left = room.saturating_sub(tokens(&title(sought)) + 64);
    let mut chosen = Vec::new();
    for (_, at) in order {
        let cost = cost(&runs[at]);
        if cost <= left {
            left -= cost;
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    joined(chosen.iter().flat_map(|at| runs[*at].iter().copied()))
}

/// How much each run says of what is looked for.
fn scores(sought: &Sought, lines: &[&[u8]], runs: &[Vec<usize>]) -> Vec<u64> {
    let wanted: FxHashSet<&[u8]> = words(&sought.old.text).into_iter().filter(|word| word.len() > 2).collect();
    let found = |run: &Vec<usize>| -> FxHashSet<&[u8]> {
        run.iter().flat_map(|line| words(lines[*line])).filter(|word| wanted.contains(word)).collect()
    };
    let found: Vec<FxHashSet<&[u8]>> = runs.iter().map(found).collect();
    let mut often: FxHashMap<&[u8], u64> = FxHashMap::default();
    found.iter().flatten().for_each(|word| *often.entry(word).or_default() += 1);
    found.iter().map(|run| run.iter().map(|word| 1000 / often.get(word).copied().unwrap_or(1)).sum()).collect()
}

/// Numbers in order as ranges.
fn joined(lines: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for line in lines {
        match ranges.last_mut().filter(|last| last.end == line) {
            Some(last) => last.end += 1,
            None => ranges.push(line..line + 1),
        }
    }
    ranges
}

fn title(sought: &Sought) -> String {
    format!("The new file {}", inline(&sought.path))
}

/// The file, with its lines' numbers.
pub fn part(sought: &Sought, which: &[Range<usize>]) -> Part {
    let all = Snippet::new(sought.file.as_slice(), 1);
    let part = Part::new(title(sought), NEEDED);
    let is_whole = which.len() == 1 && which[0] == all.place();
    let part = if is_whole { part } else { part.say("(Lines that are not shown are not it, or did not fit.)") };
    let mut lines = Vec::new();
    for range in which {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(numbered(&Snippet::of(&sought.file, range), range));
    }
    part.show("text", lines)
}
