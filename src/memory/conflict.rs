//! A conflict as it is remembered: the lines of its sides, the lines around it, and what of that makes it the same again.
//!
//! In: a merged file. Out: [`Conflict`]s, and keys: hashes of lines whose white space is normalised.

use crate::merge::{Change, Chunk, Merged, Sides, delta};
use bstr::ByteSlice;

/// Lines above and below a conflict that belong to it.
pub const CONTEXT: usize = 3;

/// A conflict and what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// In the tree, in git's quotes if it is not plain.
    pub path: String,
    /// Its sides. Without a base nobody knows that: git's rerere store does not keep it.
    pub sides: Sides<Vec<u8>>,
    /// Is the base known?
    pub base: Base,
    /// Lines above it, up to three.
    pub above: Vec<u8>,
    /// Lines below it, up to three.
    pub below: Vec<u8>,
}

/// What is known of the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// It is known.
    Known,
    /// Nobody knows it.
    Unknown,
}

/// Which side of a conflict is the patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facing {
    /// Theirs, as in a pick.
    Theirs,
    /// Ours, as in a merge of upstream into a patched branch.
    Ours,
}

impl Conflict {
    /// The conflicts of a file as text merging leaves them, in order.
    pub fn all(path: &str, merged: &Merged) -> Vec<Self> {
        let text = |at: Option<usize>| match at.and_then(|at| merged.chunks.get(at)) {
            Some(Chunk::Settled(text)) => text.as_slice(),
            _ => &[],
        };
        let conflict = |(at, chunk): (usize, &Chunk)| match chunk {
            Chunk::Settled(_) => None,
            Chunk::Open(sides) => Some(Self {
                path: path.to_owned(),
                sides: sides.clone(),
                base: Base::Known,
                above: last(text(at.checked_sub(1))),
                below: text(Some(at + 1)).lines_with_terminator().take(CONTEXT).collect::<Vec<_>>().concat(),
            }),
        };
        merged.chunks.iter().enumerate().filter_map(conflict).collect()
    }

    /// The same with the other side as the patch.
    pub fn turned(&self) -> Self {
        let Sides { base, ours, theirs } = self.sides.clone();
        Self { sides: Sides { base, ours: theirs, theirs: ours }, ..self.clone() }
    }

    /// What the patch changes in it, if theirs is the patch: a hash of the lines that it takes away and adds. `None` if it changes nothing.
    pub fn patch(&self) -> Option<String> {
        if self.base == Base::Unknown {
            return None;
        }
        let lines = |text: &[u8]| text.lines().map(normal).collect::<Vec<_>>();
        let (base, theirs) = (lines(&self.sides.base), lines(&self.sides.theirs));
        let mut changes: Vec<u8> = Vec::new();
        for hunk in delta::of_lists(&base, &theirs) {
            changes.extend_from_slice(b"@\n");
            let signed = |sign: &[u8], lines: &[Vec<u8>]| -> Vec<u8> {
                lines.iter().flat_map(|line| [sign, line, b"\n"].concat()).collect()
            };
            changes.extend(signed(b"-", &base[hunk.before]));
            changes.extend(signed(b"+", &theirs[hunk.after]));
        }
        (!changes.is_empty()).then(|| hash(&[&changes]))
    }

    /// The lines that both sides begin with and end with: git takes them out of a conflict, diff3 does not.
    pub fn common(&self) -> Change<usize> {
        let (ours, theirs) = (lines(&self.sides.ours), lines(&self.sides.theirs));
        let before = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let left = ours.len().min(theirs.len()) - before;
        let after = ours.iter().rev().zip(theirs.iter().rev()).take(left).take_while(|(a, b)| a == b).count();
        Change { before, after }
    }

    /// Ours and theirs without what both begin and end with.
    pub fn trimmed(&self) -> [Vec<u8>; 2] {
        let Change { before, after } = self.common();
        let trim = |text: &[u8]| {
            let lines = lines(text);
            lines[before..lines.len() - after].concat()
        };
        [trim(&self.sides.ours), trim(&self.sides.theirs)]
    }

    /// What both sides begin with, `text`, and what both end with.
    pub fn filled(&self, text: &[u8]) -> Vec<u8> {
        let Change { before, after } = self.common();
        let ours = lines(&self.sides.ours);
        [ours[..before].concat(), text.to_vec(), ours[ours.len() - after..].concat()].concat()
    }
}

/// A hash of both sides, whichever is which, without what both begin and end with, white space normalised.
pub fn key(conflict: &Conflict) -> String {
    let mut sides = conflict.trimmed().map(|side| normalised(&side));
    sides.sort();
    let [one, other] = sides;
    hash(&[&one, &other])
}

/// A text with one space where there is white space, and none at the ends of lines.
pub fn normalised(text: &[u8]) -> Vec<u8> {
    text.lines().flat_map(|line| [normal(line), b"\n".to_vec()].concat()).collect()
}

fn normal(line: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words.join(&b' ')
}

/// The lines of a text, with their ends.
pub fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.lines_with_terminator().collect()
}

fn last(text: &[u8]) -> Vec<u8> {
    let lines = lines(text);
    lines[lines.len().saturating_sub(CONTEXT)..].concat()
}

/// Hex of a hash of these parts, whose ends count.
pub fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
