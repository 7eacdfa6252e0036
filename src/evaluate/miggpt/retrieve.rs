//! The first step: s_old and file_new in, s_new out, as exact lines of the file.
//!
//! ```text
//!   fingerprints of both -> where s_old stands -> lines, if that is clear
//!                                              -> else a model is asked, with what is known (llm::retrieval)
//!   functions that hold statements which s_old lost: what it was split into (MigGPT, section 5.4)
//! ```

mod names;

use super::{Ablate, Plan};
use crate::fingerprint::anchors::{self, Anchor, Place};
use crate::fingerprint::{Fingerprint, NodeKind};
use crate::llm::Oracle;
use crate::llm::retrieval::{self, Judge, Manner, Patience, Sought, Wrong};
use crate::llm::shown::shown_lines;
use crate::llm::snippet::Snippet;
use bstr::ByteSlice;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// A function of which more than this share (percent) stood in s_old was split from it.
const SPLIT: usize = 50;
/// With fewer tokens a statement is in every function.
const TELLING: usize = 5;
/// Places that a model is told of.
const HUNCHES: usize = 3;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retrieved {
    /// Lines of the file, from 0, in its order; none: not found.
    pub lines: Vec<Range<usize>>,
    /// Whether nothing else comes near, and both ends were found.
    pub is_clear: bool,
    /// How often a model was asked.
    pub queries: usize,
}

impl Retrieved {
    /// The lines as one text.
    pub fn text(&self, file: &[u8]) -> Vec<u8> {
        let lines: Vec<&[u8]> = file.lines_with_terminator().collect();
        self.lines
            .iter()
            .flat_map(|range| lines.get(range.clone()).unwrap_or_default())
            .copied()
            .collect::<Vec<_>>()
            .concat()
    }
}

/// Finds s_old in file_new.
pub fn retrieve((old, file): (&[u8], &[u8]), plan: Plan, oracle: Option<&mut dyn Oracle>) -> Retrieved {
    let by_itself = match plan.ablate {
        _ if plan.is_vanilla => Retrieved::default(),
        Some(Ablate::Cfp) => by_ends(old, file),
        _ => by_fingerprint((old, file), plan.ablate),
    };
    match oracle {
        Some(oracle) if !by_itself.is_clear => by_model((old, file), (&by_itself, plan), oracle),
        _ => by_itself,
    }
}

/// By fingerprints, with what names and lines have to say, unless that is left out.
fn by_fingerprint((old, file): (&[u8], &[u8]), without: Option<Ablate>) -> Retrieved {
    let (snippet, all) = (Fingerprint::of(old), Fingerprint::of(file));
    let places = anchors::locate(&snippet, &all);
    let best = places.first();
    let named = names::named((old, file), best.map(range)).filter(|_| without != Some(Ablate::Structure));
    let Some(mut place) = named.clone().or_else(|| best.map(range)) else { return Retrieved::default() };
    let reached = best.is_some_and(|best| best.first != Anchor::Missing && best.last != Anchor::Missing);
    let is_clear = named.is_some() || reached && anchors::is_clear(&places);
    if without != Some(Ablate::Alignment) {
        if named.is_none() && !reached {
            place = names::to_the_ends((old, file), place);
        }
        place = names::whole_block((old, file), place);
    }
    let mut lines = vec![place.clone()];
    lines.extend(split_off(&snippet, &all, &place));
    lines.sort_by_key(|range| range.start);
    Retrieved { lines, is_clear, queries: 0 }
}

/// A place's lines, from 0.
fn range(place: &Place) -> Range<usize> {
    place.lines.0 - 1..place.lines.1
}

/// Without fingerprints, for comparison: from the first line of s_old to its last, where the file has each.
fn by_ends(old: &[u8], file: &[u8]) -> Retrieved {
    let says = |line: &&[u8]| line.iter().any(u8::is_ascii_alphanumeric);
    let mine: Vec<&[u8]> = old.lines().map(ByteSlice::trim).collect();
    let all: Vec<&[u8]> = file.lines().map(ByteSlice::trim).collect();
    let first = mine.iter().copied().find(says).and_then(|line| all.iter().position(|other| *other == line));
    let last = mine.iter().copied().rev().find(|line| !line.is_empty());
    let end = first.zip(last).and_then(|(from, last)| {
        let behind = all.get(from + 1..)?.iter().position(|other| *other == last)?;
        Some(from + 1 + behind + 1)
    });
    let lines: Vec<Range<usize>> = first.zip(end).map(|(from, end)| from..end).into_iter().collect();
    Retrieved { is_clear: !lines.is_empty(), lines, queries: 0 }
}

/// Functions that the place calls and s_old does not, and that hold what s_old held.
fn split_off(old: &Fingerprint<'_>, file: &Fingerprint<'_>, place: &Range<usize>) -> Vec<Range<usize>> {
    let known: FxHashSet<&[u8]> = old.nodes.iter().flat_map(|node| node.calls.iter().copied()).collect();
    let stood: FxHashSet<u64> = old.nodes.iter().map(|node| node.hash).collect();
    let within = |line: usize| place.contains(&(line - 1));
    let called: FxHashSet<&[u8]> = file
        .nodes
        .iter()
        .filter(|node| within(node.pos))
        .flat_map(|node| node.calls.iter().copied())
        .filter(|name| !known.contains(name))
        .collect();
    let mut found = Vec::new();
    for (at, node) in file.nodes.iter().enumerate() {
        let NodeKind::FuncDef(head) = &node.kind else { continue };
        if !called.contains(head.name) || within(node.pos) {
            continue;
        }
        let body = file.nodes[at + 1..].iter().take_while(|inner| inner.bytes.start < node.bytes.end);
        let telling: Vec<u64> =
            body.filter(|inner| file.tokens(inner).len() >= TELLING).map(|inner| inner.hash).collect();
        let shared = telling.iter().filter(|hash| stood.contains(hash)).count();
        if shared > 0 && 100 * shared > SPLIT * telling.len() {
            found.push(node.pos - 1..node.end);
        }
    }
    found
}

/// By asking.
fn by_model((old, file): (&[u8], &[u8]), (hunch, plan): (&Retrieved, Plan), oracle: &mut dyn Oracle) -> Retrieved {
    let snippet = Fingerprint::of(old);
    let sought = sought((old, file), &snippet, (hunch, plan));
    let all = Fingerprint::of(file);
    let locate = |code: &[u8]| anchors::locate(&Fingerprint::of(code), &all).first().map(range);
    let names =
        if matches!(sought.manner, Manner::NoStructure | Manner::Vanilla) { Vec::new() } else { defined(&snippet) };
    let check = |lines: &[Range<usize>]| has_all(&names, (&all, lines));
    let judge = Judge { locate: &locate, check: &check };
    // A model by itself is asked once.
    let patience =
        Patience { retries: if plan.is_vanilla { 0 } else { Patience::default().retries }, ..Patience::default() };
    let found = retrieval::seek(&sought, oracle, patience, &judge);
    if found.lines.is_empty() && !plan.is_vanilla {
        // Nobody knows better than the fingerprints.
        return Retrieved { queries: found.queries, ..hunch.clone() };
    }
    Retrieved { is_clear: !found.lines.is_empty(), lines: found.lines, queries: found.queries }
}

/// What a model is told.
fn sought((old, file): (&[u8], &[u8]), snippet: &Fingerprint<'_>, (hunch, plan): (&Retrieved, Plan)) -> Sought {
    let head = |at: usize| String::from_utf8_lossy(&snippet.text[snippet.nodes[at].head.clone()]).trim().to_owned();
    let functions = (0..snippet.nodes.len()).filter(|at| matches!(snippet.nodes[*at].kind, NodeKind::FuncDef(_)));
    let manner = match plan.ablate {
        _ if plan.is_vanilla => Manner::Vanilla,
        Some(Ablate::Structure) => Manner::NoStructure,
        Some(Ablate::Alignment) => Manner::NoAlignment,
        Some(Ablate::Cfp) => Manner::Vanilla,
        _ => Manner::Full,
    };
    let hunches =
        hunch.lines.iter().take(HUNCHES).map(|lines| (lines.clone(), "statements like the old ones".to_owned()));
    let says = |line: &&String| !line.trim().is_empty();
    let lines = shown_lines(old);
    Sought {
        path: "the new kernel's file".to_owned(),
        old: Snippet::new(old, 1),
        file: file.to_vec(),
        signatures: functions.map(head).collect(),
        missing: None,
        ends: lines.iter().find(says).cloned().zip(lines.iter().rev().find(says).cloned()),
        hunches: hunches.collect(),
        manner,
    }
}

/// The functions that a snippet defines.
fn defined(snippet: &Fingerprint<'_>) -> Vec<Vec<u8>> {
    let heads = snippet.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::FuncDef(head) if !head.name.is_empty() => Some(head.name.to_vec()),
        _ => None,
    });
    heads.collect()
}

/// Do lines hold the definitions that the file has of these functions? What the file does not define cannot be asked for.
fn has_all(names: &[Vec<u8>], (file, lines): (&Fingerprint<'_>, &[Range<usize>])) -> Result<(), Wrong> {
    let definitions = || {
        file.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::FuncDef(head) => Some((head.name, node.pos - 1..node.end)),
            _ => None,
        })
    };
    let is_in = |place: &Range<usize>| lines.iter().any(|range| range.start <= place.start && place.end <= range.end);
    let missing: Vec<&[u8]> = names
        .iter()
        .map(Vec::as_slice)
        .filter(|name| definitions().any(|(other, _)| other == *name))
        .filter(|name| !definitions().any(|(other, place)| other == *name && is_in(&place)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let wrong: Vec<(&[u8], Range<usize>)> =
        definitions().filter(|(name, place)| is_in(place) && !names.iter().any(|n| n == name)).collect();
    let list = |names: &[&[u8]]| names.iter().map(|name| name.to_str_lossy()).collect::<Vec<_>>().join(", ");
    let others: Vec<&[u8]> = wrong.iter().map(|(name, _)| *name).collect();
    let mut said = format!("the lines do not hold the definition of {}", list(&missing));
    if !others.is_empty() {
        said.push_str(&format!("; they hold {}", list(&others)));
    }
    Err(Wrong { said, hide: wrong.into_iter().map(|(_, place)| place).collect() })
}
