//! One resolution as a blob that people can read.
//!
//! ```text
//!   kmigrate memory 1
//!   path: drivers/net/chip.c
//!   how: commits
//!   commit: 31a23527e651...              words of the origin; those that are not known are left out
//!   by: Ada Author <ada@example.org> 1700000000 +0100
//!   elsewhere: 2                         other places of the file that were changed with it, if any
//!
//!     line above                         up to three
//!   < line of ours
//!   | line of the base
//!   > line of theirs
//!   = line of the resolution
//!     line below
//! ```
//!
//! The path is in git's quotes if it is not plain. A line whose file ends in it without a newline is followed by a line with a backslash. What differs from that is no entry.

use super::conflict::{Base, Conflict, Facing, hash, key, lines};
use super::origin::{How, Origin};
use crate::merge::Sides;
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
    /// Other places of the file, without a conflict, that were changed with it.
    pub elsewhere: usize,
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

    /// What its patch changes. Of a merge nobody says which side that is.
    pub fn patches(&self) -> Vec<(String, Facing)> {
        let theirs = self.conflict.patch().map(|patch| (patch, Facing::Theirs));
        let ours = match self.origin.how {
            How::Merge => self.conflict.turned().patch().map(|patch| (patch, Facing::Ours)),
            How::Run | How::Resolved | How::Commits | How::Alike | How::Rerere => None,
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
        if self.elsewhere > 0 {
            text.extend_from_slice(format!("elsewhere: {}\n", self.elsewhere).as_bytes());
        }
        text.push(b'\n');
        let Conflict { sides: Sides { base, ours, theirs }, above, below, .. } = &self.conflict;
        let parts = [(b' ', above), (b'<', ours), (b'|', base), (b'>', theirs), (b'=', &self.made), (b' ', below)];
        for (sign, part) in parts {
            for line in lines(part) {
                text.extend_from_slice(&[sign, b' ']);
                text.extend_from_slice(line);
                if !line.ends_with(b"\n") {
                    text.extend_from_slice(b"\n\\\n");
                }
            }
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
        let (mut path, mut base, mut elsewhere) = (None, Base::Known, 0);
        let mut origin = Origin::new(How::Run);
        let mut how = None;
        for line in lines {
            let (name, word) = line.split_once(": ").ok_or_else(|| format!("its head has a line '{line}'"))?;
            match name {
                "path" => path = Some(word.to_owned()).filter(|path| !path.is_empty()),
                "how" => how = How::of(word),
                "base" => base = Base::Unknown,
                "elsewhere" => elsewhere = word.parse().map_err(|_| "a count is none")?,
                _ if origin.set(name, word) => {}
                _ => return Err(format!("its head has a word '{name}'")),
            }
        }
        origin.how = how.ok_or("it does not say how it was learned")?;
        let path = path.ok_or("it has no path")?;
        let Body { above, ours, base: of_base, theirs, made, below } = Body::parse(body)?;
        let sides = Sides { base: of_base, ours, theirs };
        Ok(Self { conflict: Conflict { path, sides, base, above, below }, made, elsewhere, origin })
    }
}

/// The lines of an entry.
#[derive(Default)]
struct Body {
    above: Vec<u8>,
    ours: Vec<u8>,
    base: Vec<u8>,
    theirs: Vec<u8>,
    made: Vec<u8>,
    below: Vec<u8>,
}

impl Body {
    fn parse(text: &[u8]) -> Result<Self, String> {
        let mut body = Self::default();
        let mut at = 0;
        let mut is_begun = false;
        for line in text.lines_with_terminator() {
            if line == b"\\\n" && is_begun {
                let part = body.part(at);
                if part.pop() != Some(b'\n') {
                    return Err("a line ends twice".to_owned());
                }
                continue;
            }
            let Some((&[sign, b' '], rest)) = line.split_first_chunk::<2>() else {
                return Err("a line has no sign".to_owned());
            };
            let next = match sign {
                b' ' if at == 0 => 0,
                b'<' => 1,
                b'|' => 2,
                b'>' => 3,
                b'=' => 4,
                b' ' => 5,
                _ => return Err("a line has no known sign".to_owned()),
            };
            if next < at || !rest.ends_with(b"\n") {
                return Err("its lines are out of order".to_owned());
            }
            at = next;
            is_begun = true;
            body.part(at).extend_from_slice(rest);
        }
        if body.ours == body.theirs {
            return Err("it has no conflict".to_owned());
        }
        Ok(body)
    }

    fn part(&mut self, at: usize) -> &mut Vec<u8> {
        match at {
            0 => &mut self.above,
            1 => &mut self.ours,
            2 => &mut self.base,
            3 => &mut self.theirs,
            4 => &mut self.made,
            _ => &mut self.below,
        }
    }
}

/// A word that stands in one line.
fn one_line(word: &str) -> String {
    word.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
