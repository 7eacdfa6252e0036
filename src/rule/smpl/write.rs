//! Matches turned into edits of bytes.
//!
//! In: the spots of a match and the item it is in. Out: edits. Tokens with `-` go; new code comes where it hangs, in the layout in
//! which the patch has it, but with the spaces that the kernel's style wants and patches often leave out. A statement that comes beside the only one of a branch without braces brings braces.
//!
//! ```text
//! - x = f();      tokens x = f ( ) ;   go             the line goes with them if nothing else is on it
//! + y = g();      hangs behind `;`                    takes their place
//! ```

use super::compiled::Compiled;
use super::hit::Hit;
use super::lex::{Kind, Mark, Token};
use crate::rule::edit::Edit;
use crate::rule::term::Terms;
use crate::rule::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of the tokens of one item.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Tokens that go.
    gone: BTreeSet<u32>,
    /// New code by the token before which it comes; with the token of the body it hangs on.
    ahead: BTreeMap<u32, Vec<(usize, Vec<u8>)>>,
    /// New code by the token behind which it comes.
    behind: BTreeMap<u32, Vec<(usize, Vec<u8>)>>,
}

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.ahead.is_empty() && self.behind.is_empty()
    }

    /// Takes all hits of a match, or none if one of them takes away what another match took.
    pub fn take(&mut self, compiled: &Compiled, hits: &[&Hit]) -> bool {
        let mut more = Self::default();
        for hit in hits {
            if more.add(compiled, hit).is_none() {
                return false;
            }
        }
        if more.is_empty() || more.gone.iter().any(|token| self.gone.contains(token)) {
            return false;
        }
        self.gone.extend(more.gone);
        merge(&mut self.ahead, more.ahead);
        merge(&mut self.behind, more.behind);
        true
    }

    /// Adds one hit; `None` if new code has a metavariable that nothing bound.
    fn add(&mut self, compiled: &Compiled, hit: &Hit) -> Option<()> {
        for spot in &hit.spots {
            let token = &compiled.body[spot.token];
            if token.token.mark == Mark::Minus {
                self.gone.extend(spot.from..spot.to);
            }
            let is_empty = spot.from >= spot.to;
            for (new, is_ahead) in [(&token.ahead, true), (&token.behind, false)] {
                if new.is_empty() {
                    continue;
                }
                let text = written(compiled, hit, new)?;
                let (side, key) = match (is_ahead, is_empty) {
                    (true, _) => (&mut self.ahead, spot.from),
                    (false, false) => (&mut self.behind, spot.to - 1),
                    (false, true) => match spot.from.checked_sub(1) {
                        Some(before) => (&mut self.behind, before),
                        None => (&mut self.ahead, spot.from),
                    },
                };
                let list = side.entry(key).or_default();
                if !list.iter().any(|(known, _)| *known == spot.token) {
                    list.push((spot.token, text));
                }
            }
        }
        Some(())
    }
}

/// Adds what is not there yet.
fn merge(all: &mut BTreeMap<u32, Vec<(usize, Vec<u8>)>>, more: BTreeMap<u32, Vec<(usize, Vec<u8>)>>) {
    for (key, texts) in more {
        let list = all.entry(key).or_default();
        for text in texts {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
}

/// New code with the values of its metavariables; lines as in the patch.
fn written(compiled: &Compiled, hit: &Hit, tokens: &[Token]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) {
            out.extend_from_slice(if token.first { b"\n" } else { space(before, token) });
        }
        let meta = compiled.metas.iter().position(|meta| meta.name.as_bytes() == token.text);
        match meta.filter(|m| compiled.metas[*m].sort != super::declare::Sort::Word) {
            Some(meta) => out.extend_from_slice(&hit.bound.get(meta)?.as_ref()?.bytes),
            None => out.extend_from_slice(&token.text),
        }
    }
    Some(out)
}

/// What stands between two tokens of a line of new code: what the patch has there; where it has nothing, what the kernel's style has
/// (`f(a,b)` of a patch comes out as `f(a, b)`).
fn space<'t>(before: &Token, token: &'t Token) -> &'t [u8] {
    let is_value = |token: &Token| matches!(token.kind, Kind::Word | Kind::Literal) || token.is(b")") || token.is(b"]");
    // Of an operator that may be unary as well, `&` or `-`, nothing is said.
    let is_binary = |token: &Token| token.kind == Kind::Sign && BINARY.contains(&token.text.as_slice());
    let wants_one = before.is(b",") || is_binary(before) || is_binary(token) && is_value(before);
    if token.gap.is_empty() && wants_one { b" " } else { &token.gap }
}

/// Operators that have a space on both sides wherever they stand.
const BINARY: [&[u8]; 18] = [
    b"=", b"==", b"!=", b"<=", b">=", b"||", b"+=", b"-=", b"*=", b"/=", b"%=", b"&=", b"|=", b"^=", b"<<", b">>",
    b"<<=", b">>=",
];

/// An item of the file.
pub struct Page<'a> {
    /// The arena.
    pub terms: &'a Terms,
    /// Its places.
    pub tree: &'a Tree,
    /// Its text.
    pub text: &'a [u8],
}

impl Page<'_> {
    /// The edits that make the changes, in order.
    pub fn edits(&self, changes: &Changes) -> Vec<Edit> {
        let mut out = Vec::new();
        let count = u32::try_from(self.tree.tokens().len()).unwrap_or(u32::MAX);
        let mut touched: BTreeSet<u32> = changes.gone.clone();
        touched.extend(changes.ahead.keys().chain(changes.behind.keys()).filter(|t| **t < count));
        let mut at = 0;
        while let Some(first) = touched.range(at..).next().copied() {
            let mut last = first;
            if changes.gone.contains(&first) {
                while changes.gone.contains(&(last + 1)) {
                    last += 1;
                }
                out.extend(self.replaced(changes, first, last));
            } else {
                out.extend(self.added(changes, first));
            }
            at = last + 1;
        }
        self.braced(changes, &mut out);
        out.retain(|edit| edit.start != edit.end || !edit.text.is_empty());
        out.sort();
        out
    }

    /// The bytes of tokens.
    fn span(&self, first: u32, last: u32) -> Option<(usize, usize)> {
        let tokens = self.tree.tokens();
        Some((tokens.get(first as usize)?.start as usize, tokens.get(last as usize)?.end as usize))
    }

    /// A run of tokens that go, and what takes their place.
    fn replaced(&self, changes: &Changes, first: u32, last: u32) -> Option<Edit> {
        let (start, end) = self.span(first, last)?;
        let mut new: Vec<&[u8]> = Vec::new();
        for token in first..=last {
            for side in [&changes.ahead, &changes.behind] {
                new.extend(side.get(&token).into_iter().flatten().map(|(_, text)| text.as_slice()));
            }
        }
        if new.is_empty() {
            return Some(self.cut(start, end, self.is_bare(first, last)));
        }
        let statements = new.iter().all(|text| text.ends_with(b";") || text.ends_with(b"}"));
        let text = self.indented(&new.join(if statements { &b"\n"[..] } else { b" " }), start);
        let text = self.in_column((start, end), &text).unwrap_or(text);
        Some(Edit::new(start..end, text))
    }

    /// A designated initialiser whose `=` stands in a column of its own (`.map<tab>= x`) with the `=` in that column, if there is
    /// room; `None` if it is another thing.
    fn in_column(&self, (start, end): (usize, usize), new: &[u8]) -> Option<Vec<u8>> {
        let named = |text: &[u8]| {
            let name = text.strip_prefix(b".")?.iter().take_while(|c| super::lex::is_letter(**c)).count() + 1;
            let gap = text[name..].iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
            (text.get(name + gap) == Some(&b'=')).then_some((name, gap))
        };
        let old = self.text.get(start..end)?;
        let ((name, gap), (new_name, new_gap)) = (named(old)?, named(new)?);
        let space = &old[name..name + gap];
        if space == b" " || space.is_empty() {
            return None;
        }
        let line = self.text[..start].iter().rposition(|c| *c == b'\n').map_or(0, |n| n + 1);
        let column = |from: usize, text: &[u8]| {
            text.iter().fold(from, |at, c| if *c == b'\t' { at / 8 * 8 + 8 } else { at + 1 })
        };
        let wanted = column(0, &self.text[line..start + name + gap]);
        let first = column(column(0, &self.text[line..start]), &new[..new_name]);
        let mut at = first;
        let mut out = new[..new_name].to_vec();
        while at < wanted {
            let sign = if space.contains(&b'\t') { b'\t' } else { b' ' };
            out.push(sign);
            at = column(at, &[sign]);
        }
        if at == first {
            out.push(b' ');
        }
        out.extend_from_slice(&new[new_name + new_gap..]);
        Some(out)
    }

    /// Whether tokens are all of a statement that stands alone in a branch without braces.
    fn is_bare(&self, first: u32, last: u32) -> bool {
        self.statement(|place| place.tokens == (first, last + 1)).is_some_and(|at| self.stands_bare(at))
    }

    /// The outermost statement of which something holds.
    fn statement(&self, holds: impl Fn(&crate::rule::tree::Place) -> bool) -> Option<usize> {
        let is_statement = |kind: &str| kind.ends_with("_statement") || kind == "declaration";
        self.tree.places().iter().position(|place| holds(place) && is_statement(self.terms.kind(place.term)))
    }

    /// The innermost statement that ends before a token.
    fn last_statement(&self, end: u32) -> Option<usize> {
        self.tree
            .places()
            .iter()
            .rposition(|place| place.tokens.1 == end && self.terms.kind(place.term).ends_with("_statement"))
    }

    /// Whether a statement is the only one of a branch or loop without braces.
    fn stands_bare(&self, at: usize) -> bool {
        let places = self.tree.places();
        let Some(place) = places.get(at) else { return false };
        let parent = places.get(place.parent as usize).map_or("", |p| self.terms.kind(p.term));
        let is_block = self.terms.kind(place.term) == "compound_statement";
        // An `if` behind an `else` has its own.
        !is_block
            && matches!(parent, "if_statement" | "else_clause" | "while_statement" | "for_statement" | "do_statement")
    }

    /// Takes bytes out, with their lines if nothing else is on them.
    fn cut(&self, start: usize, end: usize, is_bare: bool) -> Edit {
        if is_bare {
            return Edit::new(start..end, b"{}".to_vec());
        }
        let text = self.text;
        let line = text[..start].iter().rposition(|c| *c == b'\n').map_or(0, |n| n + 1);
        let rest = text[end..].iter().position(|c| *c == b'\n').map_or(text.len(), |n| end + n + 1);
        let alone = text[line..start].trim_ascii().is_empty() && text[end..rest].trim_ascii().is_empty();
        if alone {
            return Edit::new(line..rest, Vec::new());
        }
        let spaces = text[end..].iter().take_while(|c| **c == b' ').count();
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        let next = text.get(end + spaces).copied().unwrap_or(b'\n');
        let word = |c: u8| super::lex::is_letter(c);
        if before.is_some_and(|c| word(*c)) && word(next) {
            return Edit::new(start..end + spaces, b" ".to_vec());
        }
        let is_open = before.is_none_or(|c| matches!(c, b' ' | b'(' | b'\t' | b'\n'));
        Edit::new(start..if is_open { end + spaces } else { end }, Vec::new())
    }

    /// New code beside a token that stays.
    fn added(&self, changes: &Changes, token: u32) -> Vec<Edit> {
        let Some((start, end)) = self.span(token, token) else { return Vec::new() };
        let mut out = Vec::new();
        for (_, text) in changes.ahead.get(&token).into_iter().flatten() {
            let is_statement = text.ends_with(b";") || text.ends_with(b"}");
            let behind = if is_statement {
                [b"\n", &self.indent(start)[..]].concat()
            } else {
                glue(text, &self.text[start..end])
            };
            out.push(Edit::new(start..start, [self.indented(text, start), behind].concat()));
        }
        for (_, text) in changes.behind.get(&token).into_iter().flatten() {
            let is_statement = text.ends_with(b";") || text.ends_with(b"}");
            let ahead = if is_statement && matches!(self.text[end - 1], b';' | b'}' | b'{' | b':') {
                [b"\n", &self.indent(start)[..]].concat()
            } else {
                glue(&self.text[start..end], text)
            };
            out.push(Edit::new(end..end, [ahead, self.indented(text, start)].concat()));
        }
        joined(out)
    }

    /// The white space at the beginning of a line.
    fn indent(&self, at: usize) -> Vec<u8> {
        let line = self.text[..at].iter().rposition(|c| *c == b'\n').map_or(0, |n| n + 1);
        self.text[line..at].iter().copied().take_while(|c| matches!(c, b' ' | b'\t')).collect()
    }

    /// Lines of new code with the indent of the line it comes into.
    fn indented(&self, text: &[u8], at: usize) -> Vec<u8> {
        let indent = [b"\n", &self.indent(at)[..]].concat();
        text.split(|c| *c == b'\n').collect::<Vec<_>>().join(&indent[..])
    }

    /// Braces around a statement that no longer stands alone in its branch.
    fn braced(&self, changes: &Changes, out: &mut Vec<Edit>) {
        let is_statement = |text: &[u8]| text.ends_with(b";") || text.ends_with(b"}");
        let new = |token: u32, side: &BTreeMap<u32, Vec<(usize, Vec<u8>)>>| {
            side.get(&token)
                .into_iter()
                .flatten()
                .filter(|(_, text)| is_statement(text))
                .map(|(_, text)| statements_in(text))
                .sum::<usize>()
        };
        let mut wrapped = BTreeSet::new();
        for (token, is_ahead) in
            changes.ahead.keys().map(|t| (*t, true)).chain(changes.behind.keys().map(|t| (*t, false)))
        {
            let at =
                if is_ahead { self.statement(|place| place.tokens.0 == token) } else { self.last_statement(token + 1) };
            let Some(at) = at.filter(|at| self.stands_bare(*at)) else { continue };
            let range = self.tree.places()[at].tokens;
            let is_gone = (range.0..range.1).all(|t| changes.gone.contains(&t));
            let count: usize = (range.0..range.1).map(|t| new(t, &changes.ahead) + new(t, &changes.behind)).sum();
            if count > usize::from(is_gone) {
                wrapped.insert(at);
            }
        }
        for at in wrapped {
            let place = &self.tree.places()[at];
            let Some(before) = place.tokens.0.checked_sub(1).and_then(|t| self.span(t, t)) else { continue };
            let close = [b"\n", &self.indent(before.0)[..], b"}"].concat();
            out.push(Edit::new(before.1..before.1, b" {".to_vec()));
            out.push(Edit::new(place.end as usize..place.end as usize, close));
        }
        *out = joined_at_ends(std::mem::take(out));
    }
}

/// What stands between two pieces of code on a line.
fn glue(left: &[u8], right: &[u8]) -> Vec<u8> {
    let tight = left.ends_with(b"(")
        || right.starts_with(b")")
        || right.starts_with(b",")
        || right.starts_with(b";")
        || left.ends_with(b"->");
    if tight { Vec::new() } else { b" ".to_vec() }
}

/// Insertions at one offset as one.
fn joined(edits: Vec<Edit>) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for edit in edits {
        match out.last_mut().filter(|last| last.start == edit.start && last.end == edit.end) {
            Some(last) => last.text.extend_from_slice(&edit.text),
            None => out.push(edit),
        }
    }
    out
}

/// How many statements new code has, as far as its layout tells.
fn statements_in(text: &[u8]) -> usize {
    text.split(|c| *c == b'\n').filter(|line| line.ends_with(b";") || line.ends_with(b"}")).count()
}

/// Insertions at one offset as one: a closing brace comes behind new code.
fn joined_at_ends(edits: Vec<Edit>) -> Vec<Edit> {
    let mut by_place: BTreeMap<(usize, usize), Vec<Vec<u8>>> = BTreeMap::new();
    for edit in edits {
        let list = by_place.entry((edit.start, edit.end)).or_default();
        list.push(edit.text);
    }
    by_place.into_iter().map(|((start, end), texts)| Edit::new(start..end, texts.concat())).collect()
}
