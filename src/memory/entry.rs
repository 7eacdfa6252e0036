//! One resolution as a blob that people can read.
//!
//! ```text
//!   kmigrate memory 1
//!   path: drivers/net/chip.c
//!   how: commits
//!   commit: 31a23527e651...              words of the origin; those that are not known are left out
//!   by: Ada Author <ada@example.org> 1700000000 +0100
//!   conflicts: 2                         in the file, if more than this one
//!
//!     line above                         up to three
//!   < line of ours
//!   | line of the base
//!   > line of theirs
//!   = line of the resolution
//!     line below
//!   @                                    another place of the file that was changed with it
//!     line above
//!   - line as it was merged
//!   + line as it was left
//!     line below
//! ```
//!
//! The path is in git's quotes if it is not plain. A line whose file ends in it without a newline is followed by a line with a backslash. What differs from that is no entry.

use super::conflict::{Base, Conflict, Facing, hash, key, lines};
use super::origin::{How, Origin};
use crate::merge::{Beside, Sides};
use bstr::ByteSlice;

/// The first line of an entry of this form.
const HEAD: &[u8] = b"kmigrate memory 1";
/// Longer entries are neither written nor read.
pub const LONGEST: usize = 256 << 10;

/// A conflict and what somebody made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The conflict.
    pub conflict: Conflict,
    /// The lines that stand in its place.
    pub made: Vec<u8>,
    /// Conflicts of the file, with this one.
    pub conflicts: usize,
    /// Other places of the file, without a conflict, that were changed with it.
    pub beside: Vec<Beside>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Entry {
    /// What it is found by.
    pub fn key(&self) -> String {
        key(&self.conflict)
    }

    /// What it is called: its key and a hash of all of it.
    pub fn name(&self) -> String {
        format!("{}-{}", self.key(), hash(&[&self.print()]))
    }

    /// Where it is kept in the tree of a memory.
    pub fn place(&self) -> String {
        let name = self.name();
        let (shard, rest) = name.split_at(2);
        format!("{shard}/{rest}")
    }

    /// What nobody can settle twice in one run: two entries with the same are an earlier and a later word on one conflict. `None` for what was
    /// learned from commits, which do not change.
    pub fn seat(&self) -> Option<String> {
        let Origin { how, commit, run, .. } = &self.origin;
        let Conflict { path, sides: Sides { base, ours, theirs }, above, below, .. } = &self.conflict;
        let words = [how.word(), commit, run, path].map(str::as_bytes);
        let is_own = matches!(how, How::Run | How::Resolved);
        is_own.then(|| hash(&[&words[..], &[base, ours, theirs, above, below].map(Vec::as_slice)[..]].concat()))
    }

    /// What its patch changes. Of a merge nobody says which side that is.
    pub fn patches(&self) -> Vec<(String, Facing)> {
        let theirs = self.conflict.patch().map(|patch| (patch, Facing::Theirs));
        let ours = match self.origin.how {
            How::Merge => self.conflict.turned().patch().map(|patch| (patch, Facing::Ours)),
            _ => None,
        };
        theirs.into_iter().chain(ours).collect()
    }

    /// As a blob.
    pub fn print(&self) -> Vec<u8> {
        let mut text = [HEAD, b"\npath: "].concat();
        text.extend_from_slice(one_line(&self.conflict.path).as_bytes());
        text.extend_from_slice(format!("\nhow: {}\n", self.origin.how.word()).as_bytes());
        for (name, word) in self.origin.words().iter().filter(|(_, word)| !word.is_empty()) {
            text.extend_from_slice(format!("{name}: {}\n", one_line(word)).as_bytes());
        }
        if self.conflict.base == Base::Unknown {
            text.extend_from_slice(b"base: unknown\n");
        }
        if self.conflicts > 1 {
            text.extend_from_slice(format!("conflicts: {}\n", self.conflicts).as_bytes());
        }
        text.push(b'\n');
        let Conflict { sides: Sides { base, ours, theirs }, above, below, .. } = &self.conflict;
        let parts = [(b' ', above), (b'<', ours), (b'|', base), (b'>', theirs), (b'=', &self.made), (b' ', below)];
        parts.iter().for_each(|(sign, part)| signed(&mut text, *sign, part));
        for Beside { above, before, after, below } in &self.beside {
            text.extend_from_slice(b"@\n");
            let parts = [(b' ', above), (b'-', before), (b'+', after), (b' ', below)];
            parts.iter().for_each(|(sign, part)| signed(&mut text, *sign, part));
        }
        text
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// It is no entry of this form; in words.
    pub fn parse(blob: &[u8]) -> Result<Self, String> {
        if blob.len() > LONGEST {
            return Err("it is too long".to_owned());
        }
        let (head, body) = blob.split_once_str("\n\n").ok_or("it has no body")?;
        let head = head.to_str().map_err(|_| "its head is not UTF-8")?;
        let mut lines = head.lines();
        if lines.next().map(str::as_bytes) != Some(HEAD) {
            return Err("it is of another form".to_owned());
        }
        let (mut path, mut base, mut conflicts) = (None, Base::Known, 1);
        let mut origin = Origin::new(How::Run);
        let mut how = None;
        for line in lines {
            let (name, word) = line.split_once(": ").ok_or_else(|| format!("its head has a line '{line}'"))?;
            // As it is written: whatever a head holds, what was read can be written and read again.
            let word = &*one_line(word);
            match name {
                "path" => path = Some(word.to_owned()).filter(|path| !path.is_empty()),
                "how" => how = How::of(word),
                "base" => base = Base::Unknown,
                "conflicts" => conflicts = word.parse().map_err(|_| "a count is none")?,
                _ if origin.set(name, word) => {}
                _ => return Err(format!("its head has a word '{name}'")),
            }
        }
        origin.how = how.ok_or("it does not say how it was learned")?;
        let path = path.ok_or("it has no path")?;
        let mut blocks = blocks(body);
        let [above, ours, of_base, theirs, made, below] =
            parts(blocks.next().unwrap_or_default(), [b' ', b'<', b'|', b'>', b'=', b' '])?;
        if ours == theirs {
            return Err("it has no conflict".to_owned());
        }
        let mut beside = Vec::new();
        for block in blocks {
            let [above, before, after, below] = parts(block, [b' ', b'-', b'+', b' '])?;
            beside.push(Beside { above, before, after, below });
        }
        let sides = Sides { base: of_base, ours, theirs };
        Ok(Self { conflict: Conflict { path, sides, base, above, below }, made, conflicts, beside, origin })
    }
}

/// Adds lines with a sign before each.
fn signed(text: &mut Vec<u8>, sign: u8, part: &[u8]) {
    for line in lines(part) {
        text.extend_from_slice(&[sign, b' ']);
        text.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            text.extend_from_slice(b"\n\\\n");
        }
    }
}

/// What stands between lines with an `@`.
fn blocks(body: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let lines = lines(body);
    let blocks: Vec<Vec<&[u8]>> = lines.split(|line| *line == b"@\n").map(<[&[u8]]>::to_vec).collect();
    blocks.into_iter()
}

/// The lines of each sign, which must come in this order.
fn parts<const N: usize>(block: Vec<&[u8]>, signs: [u8; N]) -> Result<[Vec<u8>; N], String> {
    let mut parts = [const { Vec::new() }; N];
    let mut at = 0;
    for line in block {
        if line == b"\\\n" {
            if parts[at].pop() != Some(b'\n') {
                return Err("a line ends twice".to_owned());
            }
            continue;
        }
        let Some((&[sign, b' '], rest)) = line.split_first_chunk::<2>() else {
            return Err("a line has no sign".to_owned());
        };
        let ahead = signs[at..].iter().position(|known| *known == sign);
        at += ahead.ok_or("its lines are out of order, or a sign is not known")?;
        if !rest.ends_with(b"\n") || parts[at].last().is_some_and(|last| *last != b'\n') {
            return Err("a line has no end".to_owned());
        }
        parts[at].extend_from_slice(rest);
    }
    Ok(parts)
}

/// A word that stands in one line.
fn one_line(word: &str) -> String {
    word.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
