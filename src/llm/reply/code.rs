//! A whole snippet, retyped: the form of MigGPT's own answers. What differs from s_new becomes edits.
//!
//! In: a fenced block, or an answer that is code without a fence. Only lines that really differ count: what is the same but for its
//! spacing is taken from the file. A block that begins or ends within s_new is a part of it, and what it does not reach stays.

use super::super::brief::Brief;
use super::super::edits::Edit;
use super::super::location::points;
use super::super::oracle::Ended;
use super::super::prompt::Prompt;
use super::super::refusal::{Refusal, Why};
use super::super::shown::{shown, without_end};
use super::Form;
use super::lines::{Writer, number};
use crate::merge::{Change, delta};
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};

/// A fenced block.
pub struct Block {
    /// What stands behind the opening fence.
    kind: String,
    /// What is in it.
    pub lines: Vec<String>,
    /// Whether its end came.
    pub is_closed: bool,
}

/// The code of an answer.
pub(super) fn find(text: &str, brief: &Brief, ended: Ended) -> Result<Form, Refusal> {
    let known = known(brief);
    let hits = |lines: &[String]| lines.iter().filter(|line| known.contains(&solid(line.as_bytes()))).count();
    let blocks = blocks(text);
    let is_diff = |block: &&Block| {
        block.kind == "diff" || block.kind == "patch" || block.lines.iter().any(|l| l.starts_with("@@ -"))
    };
    let code = blocks.iter().filter(|block| !is_diff(block));
    let best = code.max_by_key(|block| (hits(&block.lines), block.lines.len())).filter(|block| hits(&block.lines) > 0);
    if let Some(block) = best {
        // Without the closing fence the end may be missing, too.
        if !block.is_closed && (ended == Ended::Cut || !reaches_end(&block.lines, brief)) {
            return Err(cut_off());
        }
        return Ok(Form::Code(block.lines.clone()));
    }
    if blocks.iter().any(|block| is_diff(&block)) {
        return Err(Refusal::new(Why::Malformed, "the answer is a diff; write edits of the numbered lines instead"));
    }
    if let Some(lines) = unfenced(text, &known) {
        if ended == Ended::Cut || !reaches_end(&lines, brief) {
            return Err(cut_off());
        }
        return Ok(Form::Code(lines));
    }
    let why = if ended == Ended::Cut { Why::CutOff } else { Why::NoAnswer };
    Err(Refusal::new(why, "there are no edits in the answer; write them between \"===\" lines as described"))
}

fn cut_off() -> Refusal {
    Refusal::new(
        Why::CutOff,
        "the answer was cut off: the code does not reach the end of the lines; answer with edits, which are shorter",
    )
}

/// The lines of the three sides, without spaces.
fn known(brief: &Brief) -> FxHashSet<Vec<u8>> {
    let sides = [&brief.sides.ours, &brief.sides.theirs, &brief.sides.base];
    let lines = sides.into_iter().flat_map(|side| side.text.lines()).map(|line| solid(shown(line).as_bytes()));
    lines.filter(|line| line.iter().any(u8::is_ascii_alphanumeric)).collect()
}

/// A line without white space.
fn solid(line: &[u8]) -> Vec<u8> {
    line.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// Does code end as one of the sides does?
fn reaches_end(lines: &[String], brief: &Brief) -> bool {
    let last = |text: &[u8]| text.lines().rev().map(solid).find(|line| !line.is_empty());
    let mine = lines.iter().rev().map(|line| solid(line.as_bytes())).find(|line| !line.is_empty());
    mine.is_some() && (mine == last(&brief.sides.ours.text) || mine == last(&brief.sides.theirs.text))
}

/// The fenced blocks.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    for line in text.lines() {
        let mark = line.trim_start().chars().next().filter(|c| matches!(c, '`' | '~'));
        let length = line.trim_start().chars().take_while(|c| Some(*c) == mark).count();
        let rest = line.trim_start().get(length..).unwrap_or_default().trim();
        match (fence, mark) {
            (None, Some(mark)) if length >= 3 => {
                fence = Some((mark, length));
                blocks.push(Block { kind: rest.to_ascii_lowercase(), lines: Vec::new(), is_closed: false });
            }
            (Some((open, least)), Some(mark)) if mark == open && length >= least && rest.is_empty() => {
                fence = None;
                blocks.iter_mut().rev().take(1).for_each(|block| block.is_closed = true);
            }
            (Some(_), _) => blocks.iter_mut().rev().take(1).for_each(|block| block.lines.push(line.to_owned())),
            _ => {}
        }
    }
    blocks
}

/// Code without a fence: from the first line that a side has to the last one, if most of what is between is known.
fn unfenced(text: &str, known: &FxHashSet<Vec<u8>>) -> Option<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_known = |line: &&str| known.contains(&solid(line.as_bytes()));
    let first = lines.iter().position(is_known)?;
    let mut last = lines.iter().rposition(is_known)?;
    while lines.get(last + 1).is_some_and(|line| !line.trim().is_empty() && !line.contains(char::is_alphanumeric)) {
        last += 1;
    }
    let code = &lines[first..=last];
    let said = code.iter().filter(|line| line.contains(char::is_alphanumeric)).count();
    let hits = code.iter().filter(|line| is_known(line)).count();
    (hits >= 2 && 2 * hits >= said).then(|| code.iter().map(|line| (*line).to_owned()).collect())
}

/// Where the code differs from the lines that were shown.
pub(super) fn edits(lines: &[String], brief: &Brief, prompt: &Prompt) -> Result<Vec<Edit>, Refusal> {
    let ours = &brief.sides.ours;
    let Some(window) = prompt.shown.first().cloned() else { return Ok(Vec::new()) };
    let all = ours.lines();
    let from = window.start.saturating_sub(ours.first - 1);
    let before: Vec<&[u8]> = all.get(from..from + window.len()).unwrap_or_default().to_vec();
    let after = spelled(lines, brief)?;
    let new: Vec<&[u8]> = after.lines_with_terminator().collect();
    let mut hunks = delta::hunks(Change { before: &before.concat(), after: &after });
    let gone: FxHashSet<usize> =
        points(brief).iter().flat_map(|p| &p.gone).filter_map(|mate| mate.ours).map(|(line, _)| line).collect();
    let goes = |line: usize| gone.contains(&(line + window.start));
    // What the code does not reach at either end is not meant to go, unless the patch takes it away.
    let stays = |at: usize| !goes(at);
    hunks.retain(|hunk| {
        let is_end = hunk.before.start == 0 || hunk.before.end == before.len();
        !(hunk.after.is_empty() && is_end && hunk.before.clone().all(stays))
    });
    let edit = |hunk: delta::Hunk| Edit {
        at: hunk.before.start + window.start..hunk.before.end + window.start,
        text: new[hunk.after].concat(),
    };
    Ok(hunks.into_iter().map(edit).collect())
}

/// The code with the spelling of the file where a line is the same but for spacing.
fn spelled(lines: &[String], brief: &Brief) -> Result<Vec<u8>, Refusal> {
    let writer = Writer::new(brief);
    let mut exact: FxHashSet<&[u8]> = FxHashSet::default();
    let mut spelling: FxHashMap<Vec<u8>, &[u8]> = FxHashMap::default();
    // The patch's spelling goes before the old kernel's, the new kernel's before both.
    for side in [&brief.sides.base, &brief.sides.theirs, &brief.sides.ours] {
        for line in side.text.lines().map(without_end) {
            exact.insert(line);
            spelling.insert(solid(line), line);
        }
    }
    let is_numbered = !lines.is_empty() && lines.iter().all(|line| number(line).is_some());
    let mut out = Vec::new();
    for line in lines {
        let line = if is_numbered { number(line).unwrap_or(line) } else { line };
        let bytes = writer.line(line)?;
        let known = spelling.get(&solid(&bytes)).filter(|_| !exact.contains(bytes.as_slice()));
        let bytes = known.map_or(bytes, |known| known.to_vec());
        out.push(bytes);
    }
    Ok(out.into_iter().flat_map(|line| [line, writer.end.to_vec()].concat()).collect())
}
