//! What a semantic patch, or a rule that was learned from upstream's callers, makes of the place of a finding. In: the rules. Out: of
//! what they would change in the file, only that in the item which the finding is in, and only if the statement at its line changes.

use super::source::{Function, indent_of, line_of};
use super::{Case, Fix, Made, No};
use crate::merge::{Change, delta};
use crate::rule::smpl::apply::Ready;
use crate::rule::{Deed, Edit, Rule, Where, edited, rewrite};
use crate::syntax::items::Item;
use crate::syntax::lex::has_word;
use bstr::ByteSlice;
use std::ops::Range;

/// Longer files are not rewritten, in bytes.
const LONGEST: usize = 1 << 20;

/// Rules from somewhere.
#[derive(Clone, Debug)]
pub enum Rules {
    /// A semantic patch, and the name of its file.
    Semantic(Box<Ready>, String),
    /// Rules of this house, and where they are from.
    Learned(Vec<Rule>, String),
}

/// How much of a text rules are put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// What changes something in the lines of the finding.
    Lines,
    /// Everything: what is at the lines may rest on what is not.
    File,
}

impl Rules {
    /// What they make of a text whose finding is in these bytes; which of them matched.
    fn apply(&self, text: &[u8], place: &Range<usize>, reach: Reach) -> (Vec<u8>, String) {
        match self {
            Self::Semantic(ready, name) => {
                let outcome = match reach {
                    Reach::Lines => ready.apply_at(text, place.clone()),
                    Reach::File => ready.apply(text),
                };
                let matched: Vec<String> = outcome.matched.into_iter().collect();
                (outcome.text, format!("{name} says so; what matches of it in the file: {}", matched.join(", ")))
            }
            Self::Learned(rules, name) => {
                let within = [place.clone()];
                let made = match reach {
                    Reach::Lines => rewrite(text, rules, Where::Within(&within)),
                    Reach::File => rewrite(text, rules, Where::Everywhere),
                };
                let rewritten = made.sites.iter().filter(|site| site.deed == Deed::Rewritten);
                let mut told: Vec<String> = rewritten.filter_map(|site| Some(rules.get(site.rule)?.told())).collect();
                told.dedup();
                (edited(text, &made.edits), format!("{} of {name}", told.join("; ")))
            }
        }
    }
}

/// An item that may change, and which of its lines must: the first and the last, from 1.
struct Target<'c> {
    item: &'c Item,
    lines: (usize, usize),
}

/// Applies the first of them that has something to say.
pub fn fix(case: &Case<'_>) -> Made {
    let text = case.source.text;
    if case.rules.is_empty() || text.len() > LONGEST {
        return Err(No::NotMine);
    }
    let item = case.source.item_on(case.line).ok_or(No::NotMine)?;
    let mut targets = vec![Target { item, lines: statement_lines(case).unwrap_or((case.line, case.line)) }];
    // A table names a function of a type that it must not have: its head is what has to change.
    let head = |function: &Item| (function.lines.0, head_end(text, function));
    targets.extend(named_functions(case, item).map(|item| Target { item, lines: head(item) }));
    let ways = case.rules.iter().flat_map(|rules| targets.iter().map(move |target| (rules, target)));
    for ((rules, target), reach) in ways.flat_map(|way| [(way, Reach::Lines), (way, Reach::File)]) {
        let (from, to) = target.lines;
        let (after, told) = rules.apply(text, &(start_of(text, from)..start_of(text, to + 1)), reach);
        let Some(edits) = edits_at(target, Change { before: text, after: &after }) else { continue };
        let mut fix = Fix::within(edits, told);
        if target.item.span != item.span {
            let name = target.item.identity(text).to_str_lossy();
            fix.elsewhere = Some(format!("the line names {name}, whose type it is about"));
        }
        return Ok(fix);
    }
    Err(No::NotMine)
}

/// The byte at which a line, from 1, begins; the end of the text if there is none.
fn start_of(text: &[u8], line: usize) -> usize {
    text.lines_with_terminator().take(line - 1).map(<[u8]>::len).sum()
}

/// What a change does in an item; `None` if it leaves the lines as they are, or cannot be cut out.
fn edits_at(target: &Target<'_>, change: Change<&[u8]>) -> Option<Vec<Edit>> {
    let Change { before: text, after } = change;
    let ((first, last), (from, to)) = (target.item.lines, target.lines);
    let mut mine = delta::hunks(change);
    mine.retain(|hunk| first - 1 <= hunk.before.start && hunk.before.end <= last);
    if !mine.iter().any(|hunk| hunk.before.start < to && hunk.before.end >= from) {
        return None;
    }
    let new: Vec<&[u8]> = after.lines_with_terminator().collect();
    let edit = |hunk: &delta::Hunk| {
        let mut lines = hunk.before.clone();
        let mut made = new[hunk.after.clone()].concat();
        if let Some((body, outdented)) = left_alone(text, target.item, hunk) {
            lines.end = body;
            made.extend(outdented);
        }
        Edit::new(start_of(text, lines.start + 1)..start_of(text, lines.end + 1), made)
    };
    let edits: Vec<Edit> = mine.iter().map(edit).collect();
    let is_apart = edits.windows(2).all(|two| two[0].end <= two[1].start);
    is_apart.then_some(edits)
}

/// The statement below an `if` of which only the condition goes: one past its last line (from 0), and its lines, as far in as the `if` was.
fn left_alone(text: &[u8], item: &Item, hunk: &delta::Hunk) -> Option<(usize, Vec<u8>)> {
    if !hunk.after.is_empty() || !item.kind.is_function() {
        return None;
    }
    let function = Function::read(text, item).ok()?;
    let is_head = |at: &usize| {
        let condition = function.child(*at, "condition").map(|condition| function.lines_of(condition).1);
        function.lines_of(*at).0 == hunk.before.start + 1 && condition == Some(hunk.before.end)
    };
    let test = function.all("if_statement").find(is_head)?;
    let body = function.child(test, "consequence").filter(|at| function.kind(*at) == "expression_statement")?;
    let (first, last) = function.lines_of(body);
    if first != hunk.before.end + 1 || function.child(test, "alternative").is_some() {
        return None;
    }
    let (outer, inner) = (indent_of(text, function.range(test).start), indent_of(text, function.range(body).start));
    let more = inner.strip_prefix(outer).filter(|more| !more.is_empty())?;
    let lines = text.lines_with_terminator().skip(first - 1).take(last + 1 - first);
    let outdented = lines.map(|line| match line.strip_prefix(outer).and_then(|rest| rest.strip_prefix(more)) {
        Some(rest) => [outer, rest].concat(),
        None => line.to_vec(),
    });
    Some((last, outdented.collect::<Vec<_>>().concat()))
}

/// The functions of the file that the line of a table names.
fn named_functions<'c>(case: &'c Case<'_>, item: &'c Item) -> impl Iterator<Item = &'c Item> {
    let line = case.source.text.lines().nth(case.line - 1).unwrap_or_default();
    let is_table = !item.kind.is_function();
    case.source.items.list.iter().filter(move |function| {
        is_table && function.kind.is_function() && has_word(line, function.identity(case.source.text))
    })
}

/// The last line, from 1, of a function's head.
fn head_end(text: &[u8], function: &Item) -> usize {
    line_of(text, function.signature.end.saturating_sub(1))
}

/// First and last line, from 1, of the statement at the finding's line.
fn statement_lines(case: &Case<'_>) -> Option<(usize, usize)> {
    let function: Function<'_> = case.source.function_on(case.line).ok()?;
    let simple = ["expression_statement", "declaration", "return_statement"];
    let holds = |at: &usize| {
        let (first, last) = function.lines_of(*at);
        simple.contains(&function.kind(*at)) && (first..=last).contains(&case.line)
    };
    let found = function.nodes().find(holds)?;
    let (first, last) = function.lines_of(found);
    // What stands alone below an `if` is one with it.
    let test = function.parent(found);
    let is_below = function.kind(test) == "if_statement" && function.field(found) == Some("consequence");
    Some((if is_below { function.lines_of(test).0 } else { first }, last))
}
