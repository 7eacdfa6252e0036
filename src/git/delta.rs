//! Git deltas: how to make one version of an object out of another.
//!
//! In: the bytes of the base (the earlier version) and of the target, and how short the delta must
//! stay. Out: delta instructions as git packs hold them (before compression), or nothing if the
//! delta would not be short enough. Time is linear in the two sizes; memory beyond the delta
//! itself is at most 4 MiB.

/// Bytes that must be equal before a copy is considered.
const WINDOW: usize = 16;
/// Windows of the base that are remembered; a larger base is sampled more coarsely.
const MAX_WINDOWS: usize = 1 << 18;
/// Longest copy that git itself writes into one instruction; its size field is then 0.
const MAX_COPY: usize = 0x1_0000;
/// Longest insert that fits one instruction.
const MAX_INSERT: usize = 127;
/// Marks an unused slot; no base is so long that a window could start here.
const EMPTY: u32 = u32::MAX;

/// Describes `target` by copies from `base` and new bytes.
///
/// Gives `None` if that takes `limit` bytes or more, or if `base` is too large for the 32 bit
/// offsets of copy instructions.
pub fn encode(base: &[u8], target: &[u8], limit: usize) -> Option<Vec<u8>> {
    u32::try_from(base.len()).ok()?;
    let prefix = common_prefix(base, target);
    let suffix = common_suffix(&base[prefix..], &target[prefix..]);
    let (base_end, target_end) = (base.len() - suffix, target.len() - suffix);
    let out = Vec::new();
    let mut delta = Writer { out, limit };
    delta.size(base.len());
    delta.size(target.len());
    delta.copy(0, prefix);
    // Only the differing middles are searched, so that a small edit in a large file stays cheap.
    let old = Windows::new(&base[prefix..base_end]);
    old.describe(&target[prefix..target_end], prefix, &mut delta)?;
    delta.copy(base_end, suffix);
    (delta.out.len() < limit).then_some(delta.out)
}

/// Where 16 byte windows of the base start, by hash. One candidate per slot bounds the time spent
/// on repetitive data.
struct Windows<'a> {
    base: &'a [u8],
    slots: Vec<u32>,
    shift: u32,
}

impl<'a> Windows<'a> {
    fn new(base: &'a [u8]) -> Self {
        let stride = base.len().div_ceil(MAX_WINDOWS).max(WINDOW);
        let bits = (base.len() / stride + 2).ilog2() + 2;
        let (slots, shift) = (vec![EMPTY; 1 << bits], u64::BITS - bits);
        let mut windows = Windows { base, slots, shift };
        // Backwards, as the first of equal windows has the most bytes after it to go on matching.
        for start in (0..base.len()).step_by(stride).rev() {
            if let Some(window) = base[start..].first_chunk() {
                let slot = windows.slot(window);
                windows.slots[slot] = start as u32;
            }
        }
        windows
    }

    /// Writes `target` as copies of equal runs and inserts of what lies between them; `None` once
    /// the limit is reached. `offset` is where the windows' base starts in the whole base.
    fn describe(&self, target: &[u8], offset: usize, delta: &mut Writer) -> Option<()> {
        let (mut at, mut pending) = (0, 0);
        while let Some(window) = target[at..].first_chunk() {
            if !delta.has_room(at - pending) {
                return None;
            }
            let Some(found) = self.find(window) else {
                at += 1;
                continue;
            };
            // Windows are sampled, so the equal run usually begins before the one that was found.
            let back = common_suffix(&self.base[..found], &target[pending..at]);
            let ahead = common_prefix(&self.base[found..], &target[at..]);
            delta.insert(&target[pending..at - back]);
            delta.copy(offset + found - back, back + ahead);
            at += ahead;
            pending = at;
        }
        let rest = &target[pending..];
        delta.has_room(rest.len()).then(|| delta.insert(rest))
    }

    fn find(&self, window: &[u8; WINDOW]) -> Option<usize> {
        let start = self.slots[self.slot(window)] as usize;
        // An unused slot points behind the base, where there is nothing to be equal.
        let found = self.base.get(start..)?.first_chunk()?;
        (found == window).then_some(start)
    }

    /// Multiplicative hash of both halves; only its top bits depend on every byte.
    fn slot(&self, window: &[u8; WINDOW]) -> usize {
        let word = u128::from_le_bytes(*window);
        let mixed = (word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (word >> 64) as u64;
        (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> self.shift) as usize
    }
}

/// Collects delta instructions.
struct Writer {
    out: Vec<u8>,
    limit: usize,
}

impl Writer {
    /// Whether an insert of `len` bytes would still leave the delta under its limit.
    fn has_room(&self, len: usize) -> bool {
        self.out.len() + len < self.limit
    }

    /// A length, seven bits a byte, lowest first.
    fn size(&mut self, mut len: usize) {
        while len >= 0x80 {
            self.out.push(len as u8 | 0x80);
            len >>= 7;
        }
        self.out.push(len as u8);
    }

    fn insert(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(MAX_INSERT) {
            self.out.push(piece.len() as u8);
            self.out.extend_from_slice(piece);
        }
    }

    /// A copy is a byte of flags, then those bytes of offset and length that are not 0. Length
    /// 0x10000 has no such byte, which is how git reads the absence of them all.
    fn copy(&mut self, offset: usize, len: usize) {
        for start in (0..len).step_by(MAX_COPY) {
            let [o0, o1, o2, o3, ..] = (offset + start).to_le_bytes();
            let [s0, s1, ..] = (len - start).min(MAX_COPY).to_le_bytes();
            let flags_at = self.out.len();
            self.out.push(0x80);
            for (bit, byte) in [o0, o1, o2, o3, s0, s1].into_iter().enumerate() {
                if byte != 0 {
                    self.out[flags_at] |= 1 << bit;
                    self.out.push(byte);
                }
            }
        }
    }
}

/// Length of the equal beginning. Whole chunks are compared first because that is a memcmp.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.chunks_exact(64).zip(b.chunks_exact(64));
    let whole = chunks.take_while(|(x, y)| x == y).count() * 64;
    let bytes = a[whole..].iter().zip(&b[whole..]);
    whole + bytes.take_while(|(x, y)| x == y).count()
}

/// Length of the equal end, found likewise.
fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.rchunks_exact(64).zip(b.rchunks_exact(64));
    let whole = chunks.take_while(|(x, y)| x == y).count() * 64;
    let (a, b) = (&a[..a.len() - whole], &b[..b.len() - whole]);
    let bytes = a.iter().rev().zip(b.iter().rev());
    whole + bytes.take_while(|(x, y)| x == y).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Xorshift generator: the same edits in every run.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, end: usize) -> usize {
            (self.next() % end.max(1) as u64) as usize
        }

        fn bytes(&mut self, len: usize) -> Vec<u8> {
            (0..len).map(|_| (self.next() >> 32) as u8).collect()
        }

        fn text(&mut self, lines: usize) -> Vec<u8> {
            let line = |_| format!("line {} of words {}\n", self.below(40), self.below(900));
            (0..lines).map(line).collect::<String>().into_bytes()
        }

        /// Replaces, removes, inserts or moves some bytes.
        fn edit(&mut self, data: &mut Vec<u8>) {
            let from = self.below(data.len() + 1);
            let most = 300.min(data.len() - from);
            let to = from + self.below(most + 1);
            let (choice, len) = (self.below(4), self.below(200));
            let new = self.bytes(len);
            match choice {
                0 => drop(data.splice(from..to, new)),
                1 => drop(data.drain(from..to)),
                2 => drop(data.splice(from..from, new)),
                _ => {
                    let moved: Vec<u8> = data.drain(from..to).collect();
                    let at = self.below(data.len() + 1);
                    drop(data.splice(at..at, moved));
                }
            }
        }
    }

    fn read_size(delta: &mut &[u8]) -> usize {
        let (mut size, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = delta.split_first().expect("a size byte");
            *delta = rest;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return size;
            }
        }
    }

    fn read_fields(delta: &mut &[u8], flags: u8, count: u8) -> usize {
        let mut value = 0;
        for bit in (0..count).filter(|bit| flags & (1 << bit) != 0) {
            let (&byte, rest) = delta.split_first().expect("a copy field");
            *delta = rest;
            value |= usize::from(byte) << (8 * bit);
        }
        value
    }

    fn apply(base: &[u8], mut delta: &[u8]) -> Vec<u8> {
        assert_eq!(read_size(&mut delta), base.len());
        let size = read_size(&mut delta);
        let mut out = Vec::with_capacity(size);
        while let Some((&op, rest)) = delta.split_first() {
            delta = rest;
            if op & 0x80 == 0 {
                assert_ne!(op, 0, "reserved instruction");
                out.extend_from_slice(&delta[..usize::from(op)]);
                delta = &delta[usize::from(op)..];
                continue;
            }
            let offset = read_fields(&mut delta, op, 4);
            let len = match read_fields(&mut delta, op >> 4, 3) {
                0 => 0x1_0000,
                len => len,
            };
            out.extend_from_slice(&base[offset..offset + len]);
        }
        assert_eq!(out.len(), size);
        out
    }

    fn round_trip(base: &[u8], target: &[u8]) -> usize {
        let delta = encode(base, target, usize::MAX).expect("no limit");
        assert!(apply(base, &delta) == target, "differs after the delta");
        delta.len()
    }

    #[test]
    fn random_edits_come_back() {
        let mut random = Random(0x1234_5678_9abc_def1);
        for round in 0..1500 {
            let lines = random.below(120);
            let base = match round % 3 {
                0 => random.bytes(lines * 20),
                1 => random.text(lines),
                _ => vec![b'x'; lines * 30],
            };
            let mut target = base.clone();
            for _ in 0..random.below(12) {
                random.edit(&mut target);
            }
            round_trip(&base, &target);
        }
    }

    #[test]
    fn unrelated_data_comes_back() {
        let mut random = Random(77);
        for len in 0..200 {
            let (base, other) = (random.bytes(len), random.below(300));
            let target = random.bytes(other);
            round_trip(&base, &target);
        }
    }

    #[test]
    fn empty_versions_come_back() {
        assert_eq!(round_trip(b"", b""), 2);
        round_trip(b"", b"something new in an empty file");
        assert_eq!(round_trip(b"something that goes away", b""), 2);
    }

    #[test]
    fn identical_data_is_a_few_copies() {
        let data = Random(5).bytes(200_000);
        assert!(round_trip(&data, &data) < 6 + 4 * 7);
    }

    #[test]
    fn sizes_around_the_longest_copy_come_back() {
        let whole = Random(6).bytes(0x3_0010);
        for size in [0xffff, 0x1_0000, 0x1_0001, 0x1_ffff, 0x2_0000, 0x2_0001] {
            let base = &whole[..size];
            round_trip(base, base);
            round_trip(base, &[base, b"tail"].concat());
            round_trip(base, &[b"head", base].concat());
            round_trip(&whole, &whole[whole.len() - size..]);
        }
        let first = round_trip(&whole[..0x1_0000], &whole[..0x1_0000]);
        assert_eq!(first, 7, "two sizes and one copy without fields");
    }

    #[test]
    fn inserts_around_their_longest_come_back() {
        for len in [0, 1, 126, 127, 128, 254, 255] {
            round_trip(b"", &Random(len as u64 + 1).bytes(len));
        }
    }

    #[test]
    fn many_edits_in_one_file_stay_small() {
        let mut random = Random(8);
        let base = random.bytes(60_000);
        let mut target = base.clone();
        for at in (500..59_000).step_by(3000) {
            target[at] ^= 1;
        }
        assert!(round_trip(&base, &target) < 500);
    }

    #[test]
    fn moved_blocks_are_copied() {
        let data = Random(9).bytes(20_000);
        let target = [&data[12_000..], &data[..12_000]].concat();
        assert!(round_trip(&data, &target) < 60);
    }

    #[test]
    fn large_data_with_edits_comes_back() {
        let mut random = Random(10);
        let base = random.bytes(17_000_000);
        let mut target = base.clone();
        for _ in 0..20 {
            random.edit(&mut target);
        }
        assert!(round_trip(&base, &target) < 40_000);
        let zeros = vec![0; 17_000_000];
        round_trip(&zeros, &zeros[..16_999_999]);
        round_trip(&zeros[..1_000_000], &[&zeros[..], b"end"].concat());
    }

    #[test]
    fn a_delta_at_the_limit_is_refused() {
        let mut random = Random(11);
        let (base, target) = (random.text(200), random.text(200));
        let len = round_trip(&base, &target);
        assert!(encode(&base, &target, len).is_none());
        let kept = encode(&base, &target, len + 1).expect("one byte below the limit");
        assert_eq!(kept.len(), len);
    }
}
