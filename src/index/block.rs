//! Some 256 names with the files that define and use them, as bytes. In: sorted marks. Out: a block; and again: which names are in it,
//! and where.
//!
//! ```text
//!     a name:   [ part's block | bucket | key                     | dropped ]
//!                 0..24 bits     6 bits   40 bits
//!     a block:  64 varints: names in each bucket | 5 bytes a name: keys, sorted
//!                 | varints: bytes of the postings of 16 names each | postings of the names, one after the other
//!     posting:  varint: files skipped since the last << 3 | more << 2 | what; where what says so, a varint of kinds behind it
//! ```

use crate::index::kind::{Kind, Kinds};
use crate::index::name::{BITS, Name};
use crate::index::varint::{Bytes, put};

/// Bits of a name that choose a bucket in a block.
const BUCKET_BITS: u32 = 6;
/// Bytes of a name that are stored.
const KEY_BYTES: usize = 5;

/// Names whose postings are passed over at once.
const GROUP: usize = 16;

/// What a posting says without further bytes: used and not defined.
const USED: u32 = 0;
/// Defined as a macro and not used.
const MACRO: u32 = 1;
/// Anything else: kinds follow.
const KINDS: u32 = 2;

/// How names are cut up in a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// Bits that choose a block, at most [`Split::MOST`].
    pub(crate) block_bits: u32,
}

impl Split {
    /// Bits for blocks at most: four billion names.
    pub(crate) const MOST: u32 = 24;

    /// For a part with so many names.
    pub(crate) fn of(names: usize) -> Self {
        let blocks = names.div_ceil(256).next_power_of_two();
        Self { block_bits: blocks.trailing_zeros().min(Self::MOST) }
    }

    /// How many blocks there are.
    pub(crate) fn blocks(self) -> usize {
        1 << self.block_bits
    }

    /// The block that a name is in.
    pub(crate) fn block(self, name: Name) -> usize {
        (name.0 >> (BITS - self.block_bits)) as usize
    }

    /// The part of a name that blocks keep, in its place: two names that are equal here are one.
    pub(crate) fn kept(self, name: Name) -> u64 {
        let bits = (self.block_bits + BUCKET_BITS + 8 * KEY_BYTES as u32).min(BITS);
        name.0 >> (BITS - bits)
    }

    /// Bits of [`kept`](Self::kept) below the bucket.
    fn key_bits(self) -> u32 {
        (BITS - self.block_bits - BUCKET_BITS).min(8 * KEY_BYTES as u32)
    }

    /// The name of which a block keeps this, as far as it is kept.
    fn name(self, kept: u64) -> Name {
        Name(kept << (BITS - self.block_bits - BUCKET_BITS - self.key_bits()))
    }
}

/// A file that defines or uses a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posting {
    /// Its number in the part.
    pub(crate) file: u32,
    /// What it does with the name.
    pub(crate) kinds: Kinds,
}

/// A block being written.
pub(crate) struct Block {
    split: Split,
    buckets: [u32; 1 << BUCKET_BITS],
    keys: Vec<u8>,
    postings: Vec<u8>,
    /// Where the postings of each group begin.
    groups: Vec<u32>,
}

impl Block {
    /// An empty one.
    pub(crate) fn new(split: Split) -> Self {
        Self { split, buckets: [0; 1 << BUCKET_BITS], keys: Vec::new(), postings: Vec::new(), groups: Vec::new() }
    }

    /// Adds a name, of which [`kept`](Split::kept) is given, larger than all before; `postings` are sorted by file, one for each.
    pub(crate) fn add(&mut self, kept: u64, postings: &[Posting]) {
        if self.keys.len().is_multiple_of(GROUP * KEY_BYTES) {
            self.groups.push(self.postings.len() as u32);
        }
        let bucket = (kept >> self.split.key_bits()) & ((1 << BUCKET_BITS) - 1);
        self.buckets[bucket as usize] += 1;
        let key = kept & ((1 << self.split.key_bits()) - 1);
        self.keys.extend_from_slice(&key.to_le_bytes()[..KEY_BYTES]);
        let (mut next, mut left) = (0, postings.len());
        for posting in postings {
            left -= 1;
            let more = u32::from(left > 0) << 2;
            let what = what(posting.kinds);
            put(&mut self.postings, (posting.file - next) << 3 | more | what);
            if what == KINDS {
                put(&mut self.postings, u32::from(posting.kinds.bits()));
            }
            next = posting.file + 1;
        }
    }

    /// Appends the block's bytes and empties it.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        self.buckets.iter().for_each(|n| put(out, *n));
        out.append(&mut self.keys);
        self.groups.push(self.postings.len() as u32);
        self.groups.windows(2).for_each(|w| put(out, w[1] - w[0]));
        self.groups.clear();
        out.append(&mut self.postings);
        self.buckets = [0; 1 << BUCKET_BITS];
    }
}

/// The short form of what a file does with a name.
fn what(kinds: Kinds) -> u32 {
    if kinds == Kinds::of(Kinds::USED) {
        USED
    } else if kinds == Kinds::of(Kind::Macro as u8) {
        MACRO
    } else {
        KINDS
    }
}

/// The names of a block, read one after the other.
pub(crate) struct Names<'a> {
    split: Split,
    block: u64,
    buckets: Bytes<'a>,
    bucket: u64,
    left: u32,
    keys: std::slice::ChunksExact<'a, u8>,
}

/// Opens a block: its names, and the postings of all of them. `None` if the bytes are no block.
pub(crate) fn open(split: Split, block: usize, bytes: &[u8]) -> Option<(Names<'_>, Postings<'_>)> {
    let mut rest = Bytes(bytes);
    let buckets = rest;
    let mut count = 0usize;
    for _ in 0..1 << BUCKET_BITS {
        count = count.checked_add(rest.varint()? as usize)?;
    }
    let keys = rest.take(count.checked_mul(KEY_BYTES)?)?.chunks_exact(KEY_BYTES);
    // The first bucket is 0, and is entered by the first step.
    let names = Names { split, block: block as u64, buckets, bucket: u64::MAX, left: 0, keys };
    let lengths = rest;
    for _ in 0..count.div_ceil(GROUP) {
        rest.varint()?;
    }
    Some((names, Postings { lengths, group: rest, number: 0, rest, at: 0 }))
}

impl Iterator for Names<'_> {
    /// A name, as far as it is kept.
    type Item = Name;

    #[inline]
    fn next(&mut self) -> Option<Name> {
        let key = self.keys.next()?;
        while self.left == 0 {
            self.left = self.buckets.varint()?;
            self.bucket = self.bucket.wrapping_add(1);
        }
        self.left -= 1;
        let key = u64::from_le_bytes([key[0], key[1], key[2], key[3], key[4], 0, 0, 0]);
        let high = self.block << BUCKET_BITS | self.bucket;
        Some(self.split.name(high << self.split.key_bits() | key))
    }
}

/// The postings of a block's names, one name after the other.
pub(crate) struct Postings<'a> {
    /// Bytes of the group at hand and of those behind it.
    lengths: Bytes<'a>,
    /// From the beginning of the group at hand.
    group: Bytes<'a>,
    /// The number of the group at hand.
    number: usize,
    /// Those not read yet.
    rest: Bytes<'a>,
    /// The name that is next.
    at: usize,
}

impl Postings<'_> {
    /// Reads the postings of the next name. `None` if the bytes are no postings.
    pub(crate) fn name(&mut self, mut take: impl FnMut(Posting)) -> Option<()> {
        let mut next = 0u32;
        loop {
            let head = self.rest.varint()?;
            let file = next.checked_add(head >> 3)?;
            let kinds = match head & 3 {
                USED => Kinds::of(Kinds::USED),
                MACRO => Kinds::of(Kind::Macro as u8),
                _ => Kinds::from_bits(u16::try_from(self.rest.varint()?).ok()?),
            };
            take(Posting { file, kinds });
            if head & 4 == 0 {
                self.at += 1;
                return Some(());
            }
            next = file.checked_add(1)?;
        }
    }

    /// Goes on to a name by its number; there is no way back.
    #[inline]
    pub(crate) fn seek(&mut self, to: usize) -> Option<()> {
        if self.number < to / GROUP {
            while self.number < to / GROUP {
                let length = self.lengths.varint()?;
                self.group.take(length as usize)?;
                self.number += 1;
            }
            (self.rest, self.at) = (self.group, self.number * GROUP);
        }
        while self.at < to {
            self.skip_name()?;
        }
        Some(())
    }

    /// Passes over a name, without working out what is said of it.
    fn skip_name(&mut self) -> Option<()> {
        loop {
            let head = self.rest.skip_varint()?;
            if u32::from(head & 3) == KINDS {
                self.rest.skip_varint()?;
            }
            if head & 4 == 0 {
                self.at += 1;
                return Some(());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn posting(file: u32, numbers: &[u8]) -> Posting {
        let mut kinds = Kinds::default();
        numbers.iter().for_each(|n| kinds.insert(*n));
        Posting { file, kinds }
    }

    #[test]
    fn a_block_gives_back_what_was_put_in() {
        for block_bits in [0, 3, 10, 24] {
            let split = Split { block_bits };
            let first = 5 % split.blocks();
            let mut block = Block::new(split);
            let mut expected = Vec::new();
            let base = (first as u64) << (BITS - block_bits);
            for i in 0..300u64 {
                let name = Name(base + i * ((1 << (BITS - block_bits)) / 300));
                let postings = vec![posting(i as u32, &[0]), posting(i as u32 + 40, &[2]), posting(4000, &[0, 9, 13])];
                block.add(split.kept(name), &postings);
                expected.push((split.kept(name), postings));
            }
            let mut bytes = Vec::new();
            block.finish(&mut bytes);
            let (names, mut postings) = open(split, first, &bytes).unwrap();
            let found: Vec<_> = names
                .map(|name| {
                    let mut all = Vec::new();
                    postings.name(|p| all.push(p)).unwrap();
                    (split.kept(name), all)
                })
                .collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn any_name_of_a_block_is_found_from_any_name_before_it() {
        let split = Split { block_bits: 0 };
        let mut block = Block::new(split);
        (0..100u64)
            .for_each(|i| block.add(split.kept(Name(i << 48)), &[posting(i as u32 * 7, &[1]), posting(900, &[0])]));
        let mut bytes = Vec::new();
        block.finish(&mut bytes);
        for first in 0..100 {
            for second in first + 1..100 {
                let (_, mut postings) = open(split, 0, &bytes).unwrap();
                for to in [first, second] {
                    let mut found = Vec::new();
                    postings.seek(to).unwrap();
                    postings.name(|p| found.push(p.file)).unwrap();
                    assert_eq!(found, [to as u32 * 7, 900]);
                }
            }
        }
    }

    #[test]
    fn a_block_that_is_cut_off_anywhere_gives_nothing_or_an_end_but_no_panic() {
        let split = Split { block_bits: 2 };
        let mut block = Block::new(split);
        (0..50u64).for_each(|i| block.add(split.kept(Name(i << 40)), &[posting(3, &[1]), posting(900, &[0])]));
        let mut bytes = Vec::new();
        block.finish(&mut bytes);
        let mut complete = 0;
        for end in 0..=bytes.len() {
            if let Some((names, mut postings)) = open(split, 0, &bytes[..end]) {
                complete += usize::from((0..names.count()).all(|_| postings.name(|_| ()).is_some()));
            }
        }
        assert_eq!(complete, 1);
    }
}
