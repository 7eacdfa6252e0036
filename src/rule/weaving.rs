//! New pieces woven into the text that is there: what stays, stays as it stands.
//!
//! In: the pieces of a match and those that are wanted in its place. Out: edits between the pieces that stay.
//!
//! ```text
//! there     vma      ->   vm_flags   |=   VM_IO
//! wanted    vm_flags_set ( X0 , X1 )
//! aligned   +vm_flags_set +(  X0  +, -(-> vm_flags |=)  X1  +)      the longest common subsequence stays
//! text      vm_flags_set(vma, VM_IO)                                gaps between pieces that stay are kept
//! ```

use super::edit::Edit;
use super::matcher::{Binding, Found};
use super::print::{Piece, Written, text as told};
use super::term::Terms;
use crate::syntax::lex;
use std::ops::Range;

/// A piece of the text as it is: a token, or all of a value.
#[derive(Clone, Debug)]
pub struct Old {
    pub(super) piece: Piece,
    pub(super) bytes: Range<usize>,
    /// Its tokens.
    pub(super) tokens: (u32, u32),
}

/// The kernel's lines are no wider than this, in columns, where it can be helped.
const WIDEST: usize = 80;

/// The column of a byte, with tabs of eight.
fn width(text: &[u8], at: usize) -> usize {
    let line = text.get(..at).unwrap_or_default().rsplit(|c| *c == b'\n').next().unwrap_or_default();
    line.iter().fold(0, |column, c| if *c == b'\t' { column / 8 * 8 + 8 } else { column + 1 })
}

/// Whether bytes have a comment that is not in what takes their place.
pub fn comments(old: &[u8], new: &[u8]) -> bool {
    let is_one = |token: &lex::Token<'_>| token.kind == lex::Kind::Comment;
    memchr::memchr(b'/', old).is_some()
        && lex::tokens(old).iter().any(|token| is_one(token) && memchr::memmem::find(new, token.text).is_none())
}

/// The longest common subsequence of old and new pieces, as pairs of indexes; of equally long ones that which keeps brackets and
/// values rather than commas, then the earliest.
pub fn aligned(old: &[Old], new: &[Written]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut best = vec![0_u32; (old.len() + 1) * width];
    let weight = |piece: &Piece| if matches!(piece, Piece::Word(word) if **word == *b",") { 2 } else { 3 };
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            let skip = best[(o + 1) * width + n].max(best[o * width + n + 1]);
            let pair =
                if old[o].piece == new[n].piece { best[(o + 1) * width + n + 1] + weight(&old[o].piece) } else { 0 };
            best[o * width + n] = skip.max(pair);
        }
    }
    let (mut o, mut n, mut pairs) = (0, 0, Vec::new());
    while o < old.len() && n < new.len() {
        let here = best[o * width + n];
        let is_pair = old[o].piece == new[n].piece && here == best[(o + 1) * width + n + 1] + weight(&old[o].piece);
        if is_pair {
            pairs.push((o, n));
            (o, n) = (o + 1, n + 1);
        } else if here == best[(o + 1) * width + n] {
            o += 1;
        } else {
            n += 1;
        }
    }
    pairs
}

/// Old and new pieces woven into edits.
pub struct Weaving<'a> {
    pub(super) text: &'a [u8],
    pub(super) old: &'a [Old],
    pub(super) new: &'a [Written],
    pub(super) terms: &'a Terms,
    pub(super) found: &'a Found,
    pub(super) edits: Vec<Edit>,
}

impl Weaving<'_> {
    /// Whether a comment stands beside pieces that go and nothing takes the place of.
    pub fn is_told_of(&self, pairs: &[(usize, usize)]) -> bool {
        let (mut o, mut n) = (0, 0);
        pairs.iter().copied().chain([(self.old.len(), self.new.len())]).any(|(next_old, next_new)| {
            let is_gone = next_old > o && next_new == n;
            let mut beside = (o..=next_old).filter_map(|at| self.gap(at));
            (o, n) = (next_old + 1, next_new + 1);
            is_gone && beside.any(|gap| comments(self.text.get(gap).unwrap_or_default(), b""))
        })
    }

    /// The edits between the pieces that stay.
    pub fn run(mut self, pairs: &[(usize, usize)]) -> Vec<Edit> {
        let (mut o, mut n) = (0, 0);
        for (next_old, next_new) in pairs.iter().copied().chain([(self.old.len(), self.new.len())]) {
            self.between(o..next_old, n..next_new);
            (o, n) = (next_old + 1, next_new + 1);
        }
        self.edits
    }

    /// The edit of one run: old pieces that go, new ones that come.
    fn between(&mut self, old: Range<usize>, new: Range<usize>) {
        match (old.is_empty(), new.is_empty()) {
            (true, true) => {}
            (true, false) => self.put_in(old.start, new),
            (false, true) => self.take_out(old, new.start),
            (false, false) => self.replace(old, new),
        }
    }

    /// Bytes between the piece before `at` and the piece at `at`.
    fn gap(&self, at: usize) -> Option<Range<usize>> {
        Some(self.old.get(at.checked_sub(1)?)?.bytes.end..self.old.get(at)?.bytes.start)
    }

    /// Whether these bytes hold a line end.
    fn is_broken(&self, gap: &Range<usize>) -> bool {
        self.text.get(gap.clone()).is_some_and(|gap| gap.contains(&b'\n'))
    }

    /// Puts new pieces in before the old piece `at`.
    fn put_in(&mut self, at: usize, new: Range<usize>) {
        let mut bytes = self.written(&new, true);
        let next_space = self.new.get(new.end).is_some_and(|next| next.space);
        let (start, gap) = match (self.gap(at), self.old.get(at)) {
            (Some(gap), _) => (gap.start, gap),
            (None, Some(first)) => (first.bytes.start, first.bytes.start..first.bytes.start),
            (None, None) => {
                let end = self.old.last().map_or(0, |last| last.bytes.end);
                (end, end..end)
            }
        };
        let is_first = at == 0;
        let own_space = self.new.get(new.start).is_some_and(|first| first.space);
        if own_space && !next_space && !gap.is_empty() {
            // The space that there is stands before the new pieces, and they stand tight before the old one: `f(a, &b)`.
            return self.edits.push(Edit::new(gap.end..gap.end, bytes.trim_ascii_start().to_vec()));
        }
        let opens = self
            .new
            .get(new.start)
            .is_some_and(|w| matches!(&w.piece, Piece::Word(p) if matches!(&**p, b"," | b")" | b";")));
        let is_opened = self.text.get(start.wrapping_sub(1)).is_some_and(|c| matches!(c, b'(' | b'{' | b'['));
        if self.is_broken(&gap) && !opens && (is_opened || width(self.text, start) + bytes.len() > WIDEST) {
            // Before the piece on the next line: a line end stays where it is.
            let trimmed = bytes.trim_ascii_start().to_vec();
            bytes = [&trimmed[..], if next_space { b" " } else { b"" }].concat();
            return self.edits.push(Edit::new(gap.end..gap.end, bytes));
        }
        if is_first {
            bytes = bytes.trim_ascii_start().to_vec();
        }
        if next_space && gap.is_empty() {
            bytes.push(b' ');
        }
        self.edits.push(Edit::new(start..start, bytes));
    }

    /// Takes old pieces out; `next` is the new piece behind them.
    fn take_out(&mut self, old: Range<usize>, next: usize) {
        let (Some(first), Some(last)) = (self.old.get(old.start), self.old.get(old.end - 1)) else { return };
        let before = self.gap(old.start).unwrap_or(first.bytes.start..first.bytes.start);
        let behind = self.gap(old.end).unwrap_or(last.bytes.end..last.bytes.end);
        if self.has_comment(&(before.start..behind.end), &old) {
            return self.take_out_one_by_one(old);
        }
        let space = self.new.get(next).is_some_and(|next| next.space);
        let slice = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default().to_vec();
        let is_inner = old.start > 0 && old.end < self.old.len();
        let kept = match (space && is_inner, self.is_broken(&before), self.is_broken(&behind)) {
            (_, true, true) if self.closes(old.end) => slice(&behind),
            (_, true, _) => slice(&before),
            (true, _, true) => slice(&behind),
            (true, ..) => b" ".to_vec(),
            (false, ..) => Vec::new(),
        };
        self.edits.push(Edit::new(before.start..behind.end, kept));
    }

    /// Whether the piece at `at` closes a block.
    fn closes(&self, at: usize) -> bool {
        self.old.get(at).is_some_and(|old| matches!(&old.piece, Piece::Word(word) if **word == *b"}"))
    }

    /// Takes out only the pieces themselves: a comment stands between them.
    fn take_out_one_by_one(&mut self, old: Range<usize>) {
        for at in old {
            let Some(piece) = self.old.get(at) else { continue };
            let is_space = |at: usize| self.text.get(at).is_some_and(|c| *c == b' ');
            let before = piece.bytes.start.checked_sub(1).and_then(|at| self.text.get(at));
            let closes = before.is_some_and(|c| matches!(c, b' ' | b'('));
            let end = piece.bytes.end + usize::from(closes && is_space(piece.bytes.end));
            self.edits.push(Edit::new(piece.bytes.start..end, Vec::new()));
        }
    }

    /// Whether something that is no token stands between old pieces in a range of bytes: a comment, a masked word.
    fn has_comment(&self, range: &Range<usize>, old: &Range<usize>) -> bool {
        let mut at = range.start;
        let is_blank = |from: usize, to: usize| self.text.get(from..to).is_some_and(|gap| gap.trim_ascii().is_empty());
        for piece in self.old.get(old.clone()).unwrap_or_default() {
            if !is_blank(at, piece.bytes.start) {
                return true;
            }
            at = piece.bytes.end;
        }
        !is_blank(at, range.end)
    }

    /// Puts new pieces in the place of old ones; the gaps around them stay where they fit.
    fn replace(&mut self, old: Range<usize>, new: Range<usize>) {
        let (Some(first), Some(last)) = (self.old.get(old.start), self.old.get(old.end - 1)) else { return };
        let (mut start, mut end) = (first.bytes.start, last.bytes.end);
        let mut bytes = self.written(&new, false);
        let is_blank = |gap: &Range<usize>| self.text.get(gap.clone()).is_some_and(|g| g.iter().all(|c| *c == b' '));
        let wants = |at: usize| self.new.get(at).is_some_and(|w| w.space);
        if let Some(gap) = self.gap(old.start).filter(is_blank) {
            match (gap.is_empty(), wants(new.start)) {
                (true, true) => bytes.insert(0, b' '),
                (false, false) => start = gap.start,
                _ => {}
            }
        }
        if let Some(gap) = self.gap(old.end).filter(is_blank) {
            match (gap.is_empty(), wants(new.end)) {
                (true, true) => bytes.push(b' '),
                (false, false) => end = gap.end,
                _ => {}
            }
        }
        self.edits.push(Edit::new(start..end, bytes));
    }

    /// New pieces as bytes; the space before the first one if `leading`.
    fn written(&self, new: &Range<usize>, leading: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for (at, written) in self.new.get(new.clone()).unwrap_or_default().iter().enumerate() {
            if written.space && (at > 0 || leading) {
                out.push(b' ');
            }
            match &written.piece {
                Piece::Word(word) => out.extend_from_slice(word),
                Piece::Meta(number) => out.extend_from_slice(&self.value(*number)),
                Piece::Dots => {}
            }
        }
        out
    }

    /// The bytes of a value: as they stand in the text, else written out.
    fn value(&self, number: u32) -> Vec<u8> {
        let old = self.old.iter().find(|old| old.piece == Piece::Meta(number));
        if let Some(bytes) = old.and_then(|old| self.text.get(old.bytes.clone())) {
            return bytes.to_vec();
        }
        match self.found.bindings.get(number) {
            Some(Binding::Term(term)) => told(self.terms, *term, &[]).into_bytes(),
            Some(Binding::List(all)) => {
                let all: Vec<String> = all.iter().map(|term| told(self.terms, *term, &[])).collect();
                all.join(", ").into_bytes()
            }
            _ => Vec::new(),
        }
    }
}
