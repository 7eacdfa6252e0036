//! One part on disk: its files, and its names in blocks. In: bytes, or a file. Out: which of many names are in it, and where.
//!
//! ```text
//!     magic 8 | version 4 | block bits 4 | length of the file list 8 | checksum of all that is before the blocks 4
//!     per block: where it ends 8, checksum 4
//!     file list: folders are the caller's; per file its path, and whether it was read whole
//!     blocks
//! ```
//!
//! Nothing on disk is trusted: whatever does not check is [`Damaged`], and is made again. Blocks are read where they are needed.

use crate::index::block::{self, Block, Posting, Split};
use crate::index::kind::Kinds;
use crate::index::name::{BITS, Name};
use crate::index::scan::Extent;
use crate::index::varint::{Bytes, put};
use std::borrow::Cow;
use std::ops::Range;

/// First bytes of a part.
const MAGIC: &[u8; 8] = b"kmnames\n";
/// Bytes before the block list.
const HEAD: usize = 28;
/// Bytes of the block list for each block.
const LISTED: usize = 12;
/// Bytes that are read at once where most blocks are wanted.
const STRETCH: usize = 1 << 20;

/// A part whose bytes do not check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Damaged;

/// A file of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// From the part's folder.
    pub(crate) path: Vec<u8>,
    /// How much of it was read.
    pub(crate) extent: Extent,
}

/// A name in a file, as gathered: the lower 48 bits of the name, 12 of the file's number, 4 of the kind's.
pub(crate) type Mark = u64;
/// Marks are gathered by the upper bits of the name.
pub(crate) const DRAWERS: usize = 1 << DRAWER_BITS;
/// Bits of a name that choose its drawer.
const DRAWER_BITS: u32 = BITS - 48;

/// In which drawer a name's marks are, and the mark.
#[inline]
pub(crate) fn mark(name: Name, file: u16, kind: u8) -> (usize, Mark) {
    ((name.0 >> 48) as usize, name.0 << 16 | u64::from(file) << 4 | u64::from(kind))
}

/// Makes a part. The marks may be in any order.
pub(crate) fn encode(files: &[Listed], drawers: &mut [Vec<Mark>]) -> Vec<u8> {
    let mut count = 0;
    for drawer in &mut *drawers {
        drawer.sort_unstable();
        count += drawer.chunk_by(|a, b| a >> 16 == b >> 16).count();
    }
    let split = Split::of(count);
    let mut blocks = Blocks { split, at: 0, block: Block::new(split), list: Vec::new(), bytes: Vec::new() };
    let mut postings = Vec::new();
    for (high, drawer) in drawers.iter_mut().enumerate() {
        let name = |mark: u64| Name((high as u64) << 48 | mark >> 16);
        for same in drawer.chunk_by(|a, b| split.kept(name(*a)) == split.kept(name(*b))) {
            collect(same, &mut postings);
            blocks.add(name(same[0]), &postings);
        }
        *drawer = Vec::new();
    }
    blocks.finish(files)
}

/// The postings of one name. Files ascend, unless two names are one here, which is rare: only then is there anything to search.
fn collect(same: &[Mark], postings: &mut Vec<Posting>) {
    postings.clear();
    for mark in same {
        let (file, kind) = ((mark >> 4 & 0xfff) as u32, (mark & 15) as u8);
        let at = match postings.last() {
            Some(last) if last.file < file => postings.len(),
            Some(last) if last.file == file => postings.len() - 1,
            _ => postings.partition_point(|p| p.file < file),
        };
        match postings.get_mut(at).filter(|p| p.file == file) {
            Some(posting) => posting.kinds.insert(kind),
            None => postings.insert(at, Posting { file, kinds: Kinds::of(kind) }),
        }
    }
}

/// Blocks being written, in order.
struct Blocks {
    split: Split,
    at: usize,
    block: Block,
    list: Vec<u8>,
    bytes: Vec<u8>,
}

impl Blocks {
    /// Adds a name larger than all before.
    fn add(&mut self, name: Name, postings: &[Posting]) {
        while self.at < self.split.block(name) {
            self.close();
        }
        self.block.add(self.split.kept(name), postings);
    }

    /// Ends the block at hand.
    fn close(&mut self) {
        let start = self.bytes.len();
        self.block.finish(&mut self.bytes);
        self.list.extend_from_slice(&(self.bytes.len() as u64).to_le_bytes());
        self.list.extend_from_slice(&crc32fast::hash(&self.bytes[start..]).to_le_bytes());
        self.at += 1;
    }

    /// The whole part.
    fn finish(mut self, files: &[Listed]) -> Vec<u8> {
        while self.at < self.split.blocks() {
            self.close();
        }
        let mut listed = Vec::new();
        for file in files {
            put(&mut listed, file.path.len() as u32);
            listed.extend_from_slice(&file.path);
            listed.push(u8::from(file.extent == Extent::Macros));
        }
        let mut out = Vec::with_capacity(HEAD + self.list.len() + listed.len() + self.bytes.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&crate::index::VERSION.to_le_bytes());
        out.extend_from_slice(&self.split.block_bits.to_le_bytes());
        out.extend_from_slice(&(listed.len() as u64).to_le_bytes());
        let mut check = crc32fast::Hasher::new();
        [&out, &self.list, &listed].iter().for_each(|piece| check.update(piece));
        out.extend_from_slice(&check.finalize().to_le_bytes());
        out.append(&mut self.list);
        out.append(&mut listed);
        out.append(&mut self.bytes);
        out
    }
}

/// Where a part's bytes are.
#[derive(Debug)]
pub(crate) enum Source {
    /// In a file of the cache, which may be removed meanwhile.
    File(std::fs::File),
    /// In memory: the cache could not be written.
    Memory(Vec<u8>),
}

impl Source {
    /// All bytes.
    fn len(&self) -> Option<u64> {
        match self {
            Self::File(file) => Some(file.metadata().ok()?.len()),
            Self::Memory(bytes) => Some(bytes.len() as u64),
        }
    }

    /// Bytes of a range, in the buffer if they come from a file.
    fn read<'a>(&'a self, range: Range<u64>, buffer: &'a mut Vec<u8>) -> Result<&'a [u8], Damaged> {
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| Damaged)?;
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(range.start).map_err(|_| Damaged)?;
                bytes.get(start..start.saturating_add(length)).ok_or(Damaged)
            }
            Self::File(file) => {
                buffer.resize(length, 0);
                std::os::unix::fs::FileExt::read_exact_at(file, buffer, range.start).map_err(|_| Damaged)?;
                Ok(buffer)
            }
        }
    }
}

/// A part, open for lookups.
#[derive(Debug)]
pub(crate) struct Part {
    source: Source,
    split: Split,
    /// Where each block ends in the file, and its checksum.
    blocks: Vec<(u64, u32)>,
    /// Where the first block begins.
    start: u64,
    /// The file list, as stored.
    listed: Vec<u8>,
}

/// Many names to look up at once, in any number of parts.
pub(crate) struct Asked {
    /// Sorted, each with its place in the question.
    names: Vec<(Name, u32)>,
    /// Which beginnings of names are asked for at all.
    filter: Vec<u64>,
    shift: u32,
}

impl Asked {
    /// A question.
    pub(crate) fn new(words: &[&[u8]]) -> Self {
        let number = |i: usize| u32::try_from(i).expect("fewer than four billion names fit into a question");
        let mut names: Vec<_> = words.iter().enumerate().map(|(i, w)| (Name::of(w), number(i))).collect();
        names.sort_unstable();
        // About one bit in a hundred is set; the filter is walked in order, so it need not fit a cache.
        let bits = (names.len().max(1).ilog2() + 7).min(24);
        let shift = BITS - bits;
        let mut filter = vec![0u64; (1usize << bits).div_ceil(64)];
        for (name, _) in &names {
            let bit = (name.0 >> shift) as usize;
            filter[bit / 64] |= 1 << (bit % 64);
        }
        Self { names, filter, shift }
    }

    /// Is a name asked for that begins like this?
    #[inline]
    fn may_have(&self, name: Name) -> bool {
        let bit = (name.0 >> self.shift) as usize;
        self.filter[bit / 64] >> (bit % 64) & 1 != 0
    }

    /// The names from `at` on that fall into this block.
    fn in_block(&self, at: usize, block: usize, split: Split) -> &[(Name, u32)] {
        let rest = &self.names[at..];
        &rest[..ahead(rest, |(name, _)| split.block(*name) <= block)]
    }
}

/// How many items at the front of a sorted list come before something that is probably near: steps that double, then halving.
fn ahead<T>(sorted: &[T], comes_before: impl Fn(&T) -> bool) -> usize {
    let (mut low, mut step) = (0, 4);
    while sorted.get(low + step - 1).is_some_and(&comes_before) {
        low += step;
        step *= 2;
    }
    let high = sorted.len().min(low + step);
    low + sorted[low..high].partition_point(comes_before)
}

impl Part {
    /// Opens a part and checks what stands before its blocks.
    pub(crate) fn open(source: Source) -> Result<Self, Damaged> {
        let length = source.len().ok_or(Damaged)?;
        let mut buffer = Vec::new();
        let head = source.read(0..HEAD as u64, &mut buffer)?.to_vec();
        let mut bytes = Bytes(&head);
        let known = bytes.take(8) == Some(MAGIC) && bytes.u32() == Some(crate::index::VERSION);
        let (Some(block_bits), Some(list_length), Some(check)) = (bytes.u32(), bytes.u64(), bytes.u32()) else {
            return Err(Damaged);
        };
        if !known || block_bits > Split::MOST || list_length > length {
            return Err(Damaged);
        }
        let split = Split { block_bits };
        let start = HEAD as u64 + (split.blocks() * LISTED) as u64 + list_length;
        if start > length {
            return Err(Damaged);
        }
        let rest = source.read(HEAD as u64..start, &mut buffer)?;
        let mut sum = crc32fast::Hasher::new();
        sum.update(&head[..HEAD - 4]);
        sum.update(rest);
        if sum.finalize() != check {
            return Err(Damaged);
        }
        let (list, listed) = rest.split_at(split.blocks() * LISTED);
        let (blocks, listed) = (block_list(list, start).ok_or(Damaged)?, listed.to_vec());
        Ok(Self { source, split, blocks, start, listed })
    }

    /// The files, in the order of their numbers.
    pub(crate) fn files(&self) -> Result<Vec<Listed>, Damaged> {
        let (mut bytes, mut files) = (Bytes(&self.listed), Vec::new());
        while !bytes.0.is_empty() {
            let path = bytes.piece().ok_or(Damaged)?.to_vec();
            let extent = match bytes.take(1) {
                Some([0]) => Extent::Whole,
                Some([1]) => Extent::Macros,
                _ => return Err(Damaged),
            };
            files.push(Listed { path, extent });
        }
        Ok(files)
    }

    /// Tells for every name that is here in which files it is: the name's place in the question, and a posting.
    pub(crate) fn search(&self, asked: &Asked, mut found: impl FnMut(u32, Posting)) -> Result<(), Damaged> {
        let mut reader =
            Reader { part: self, buffer: Vec::new(), have: 0..0, stretch: self.stretch(asked.names.len()) };
        let mut at = 0;
        while let Some((name, _)) = asked.names.get(at) {
            let block = self.split.block(*name);
            let wanted = asked.in_block(at, block, self.split);
            at += wanted.len();
            let bytes = reader.block(block)?;
            self.search_block((block, &bytes), (asked, wanted), &mut found).ok_or(Damaged)?;
        }
        Ok(())
    }

    /// Bytes worth reading at once for so many names: few names touch few blocks.
    fn stretch(&self, names: usize) -> u64 {
        if names * 4 > self.blocks.len() { STRETCH as u64 } else { 0 }
    }

    /// Finds the names that are wanted from one block. `None` if it is damaged.
    fn search_block(
        &self,
        (block, bytes): (usize, &[u8]),
        (asked, wanted): (&Asked, &[(Name, u32)]),
        found: &mut impl FnMut(u32, Posting),
    ) -> Option<()> {
        let (names, mut postings) = block::open(self.split, block, bytes)?;
        let mut wanted = wanted;
        for (i, name) in names.enumerate() {
            if !asked.may_have(name) {
                continue;
            }
            let kept = self.split.kept(name);
            wanted = &wanted[ahead(wanted, |(w, _)| self.split.kept(*w) < kept)..];
            let same = wanted.iter().take_while(|(w, _)| self.split.kept(*w) == kept);
            if same.clone().next().is_none() {
                continue;
            }
            postings.seek(i)?;
            postings.name(|posting| same.clone().for_each(|(_, place)| found(*place, posting)))?;
        }
        Some(())
    }
}

/// Where blocks end, and their checksums.
fn block_list(list: &[u8], start: u64) -> Option<Vec<(u64, u32)>> {
    let mut bytes = Bytes(list);
    let mut blocks = Vec::with_capacity(list.len() / LISTED);
    let mut last = start;
    while !bytes.0.is_empty() {
        let end = start.checked_add(bytes.u64()?)?;
        blocks.push((end, bytes.u32()?));
        last = Some(end).filter(|end| *end >= last)?;
    }
    Some(blocks)
}

/// Reads blocks from front to back.
struct Reader<'a> {
    part: &'a Part,
    buffer: Vec<u8>,
    /// What of the part is in the buffer.
    have: Range<u64>,
    stretch: u64,
}

impl Reader<'_> {
    /// A block's bytes, checked.
    fn block(&mut self, block: usize) -> Result<Cow<'_, [u8]>, Damaged> {
        let part = self.part;
        let (end, check) = part.blocks[block];
        let start = block.checked_sub(1).map_or(part.start, |before| part.blocks[before].0);
        if let Source::Memory(_) = part.source {
            return Ok(Cow::Borrowed(part.source.read(start..end, &mut self.buffer)?));
        }
        if self.have.start > start || self.have.end < end {
            let last = part.blocks.last().map_or(end, |(end, _)| *end);
            self.have = start..end.max((start + self.stretch).min(last));
            part.source.read(self.have.clone(), &mut self.buffer)?;
        }
        let from = usize::try_from(start - self.have.start).map_err(|_| Damaged)?;
        let length = usize::try_from(end - start).map_err(|_| Damaged)?;
        let bytes = self.buffer.get(from..from + length).ok_or(Damaged)?;
        if crc32fast::hash(bytes) != check {
            return Err(Damaged);
        }
        Ok(Cow::Borrowed(bytes))
    }
}
