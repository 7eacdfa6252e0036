//! Names as numbers: an identifier is kept, compared and looked up by 56 bits of its hash. In: bytes. Out: a [`Name`].
//!
//! A kernel has some five million names. A part keeps at least 46 of the 56 bits below the choice of a block of 256 names, so a name that
//! a tree of 160 parts does not have is taken for one that it has with a probability of 160 * 256 / 2^46 = 6e-10; a series asks for 200,000
//! names at most. The numbers are on disk: whoever changes them changes [`VERSION`](crate::index::VERSION).

/// Bits of a [`Name`].
pub(crate) const BITS: u32 = 56;

/// Odd numbers without a pattern (the fractional parts of the square roots of 2 and 3).
const MIX: [u64; 2] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b];

/// An identifier, as [`BITS`] bits of its hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Name(pub(crate) u64);

impl Name {
    /// Of an identifier's bytes.
    pub(crate) const fn of(word: &[u8]) -> Self {
        let mut hash = Hash::NEW;
        let (chunks, rest) = word.as_chunks::<8>();
        let mut i = 0;
        while i < chunks.len() {
            hash = hash.chunk(u64::from_le_bytes(chunks[i]));
            i += 1;
        }
        if !rest.is_empty() {
            hash = hash.chunk(padded(rest));
        }
        hash.name()
    }

    /// Of two pieces, as if they stood together.
    pub(crate) fn joined(prefix: &[u8], word: &[u8]) -> Self {
        Self::of(&[prefix, word].concat())
    }
}

/// A hash on the way: eight bytes at a time, the last ones filled up with zeros, which no identifier has.
#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    /// Of nothing.
    pub(crate) const NEW: Self = Self(MIX[0]);

    /// Adds eight bytes: multiplies to 128 bits and folds the halves together.
    #[inline]
    pub(crate) const fn chunk(self, bytes: u64) -> Self {
        let wide = ((self.0 ^ bytes) as u128).wrapping_mul(MIX[1] as u128);
        Self((wide as u64) ^ ((wide >> 64) as u64))
    }

    /// What it has come to.
    #[inline]
    pub(crate) const fn name(self) -> Name {
        Name(self.0 >> (64 - BITS))
    }
}

/// Up to eight bytes as a number.
#[inline]
pub(crate) const fn padded(bytes: &[u8]) -> u64 {
    let (mut number, mut i) = (0, 0);
    while i < bytes.len() && i < 8 {
        number |= (bytes[i] as u64) << (8 * i);
        i += 1;
    }
    number
}

/// Is this written like a macro: capitals, digits and underscores, with a capital?
pub(crate) fn is_upper(word: &[u8]) -> bool {
    word.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && word.iter().any(u8::is_ascii_uppercase)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_one_byte_or_in_length_are_other_names() {
        let mut all = Vec::new();
        for length in 1..40 {
            for at in 0..length {
                let mut word = vec![b'a'; length];
                word[at] = b'b';
                all.push(Name::of(&word));
            }
            all.push(Name::of(&vec![b'a'; length]));
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn names_fill_the_whole_range_evenly() {
        let mut buckets = [0u32; 256];
        for i in 0..256_000 {
            let name = Name::of(format!("REG_{i}__SHIFT").as_bytes());
            buckets[usize::try_from(name.0 >> (BITS - 8)).unwrap()] += 1;
        }
        assert!(buckets.iter().all(|n| (800..1200).contains(n)), "{buckets:?}");
    }

    #[test]
    fn a_joined_name_is_the_name_of_the_whole() {
        assert_eq!(Name::joined(b"CONFIG_", b"SMP"), Name::of(b"CONFIG_SMP"));
    }
}
