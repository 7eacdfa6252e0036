//! Binary changes: `GIT binary patch` (whole files and deltas) and `Binary files differ`, which has no content.
//!
//! In: base85 lines. Out: zlib streams, and with the git room's inflating also the bytes they stand for. The delta form is git's own
//! (gitformat-pack, "Deltified representation").

use super::lines::Lines;

/// Unpacks a zlib stream whose content has that many bytes.
pub type Inflate<'a> = dyn Fn(&[u8], usize) -> Option<Vec<u8>> + 'a;
/// Packs bytes into a zlib stream.
pub type Deflate<'a> = dyn Fn(&[u8]) -> Vec<u8> + 'a;

/// Content above this is not unpacked.
pub const LARGEST: usize = 512 << 20;

/// How a binary patch writes a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All of the file.
    Literal,
    /// A delta to the other side.
    Delta,
}

/// One side of a binary patch, still packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Whole file or delta.
    pub form: Form,
    /// Bytes after unpacking.
    pub size: usize,
    /// The zlib stream.
    pub zlib: Vec<u8>,
}

/// A change of a binary file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `Binary files a/x and b/x differ`: the patch does not say how.
    Differs,
    /// `GIT binary patch`, but what follows cannot be read.
    Damaged,
    /// `GIT binary patch`.
    Patch {
        /// How the new side comes about.
        forward: Packed,
        /// How the old side comes about.
        reverse: Option<Packed>,
    },
}

impl Packed {
    /// The bytes of the side, made from the other one. `None` if the stream or the delta is damaged, or belongs to another file.
    pub fn unpack(&self, other: &[u8], inflate: &Inflate<'_>) -> Option<Vec<u8>> {
        if self.size > LARGEST {
            return None;
        }
        let content = inflate(&self.zlib, self.size).filter(|c| c.len() == self.size)?;
        match self.form {
            Form::Literal => Some(content),
            Form::Delta => follow(&content, other),
        }
    }
}

/// Reads a binary change at line `at`. Gives it with the number of the line behind it.
pub(super) fn read(lines: &Lines<'_>, at: usize, to: usize) -> Option<(Binary, usize)> {
    let line = if at < to { lines.bare(at) } else { b"" };
    if line.starts_with(b"Binary files ") && line.ends_with(b" differ") {
        return Some((Binary::Differs, at + 1));
    }
    if line != b"GIT binary patch" {
        return None;
    }
    let Some((forward, next)) = packed(lines, at + 1, to) else {
        return Some((Binary::Damaged, at + 1));
    };
    match packed(lines, next, to) {
        None => Some((Binary::Patch { forward, reverse: None }, next)),
        Some((reverse, next)) => Some((Binary::Patch { forward, reverse: Some(reverse) }, next)),
    }
}

/// Reads `literal N` or `delta N`, its base85 lines, and the blank line behind them.
fn packed(lines: &Lines<'_>, at: usize, to: usize) -> Option<(Packed, usize)> {
    let line = if at < to { lines.bare(at) } else { b"" };
    let literal = line.strip_prefix(b"literal ").map(|n| (Form::Literal, n));
    let (form, size) = literal.or_else(|| line.strip_prefix(b"delta ").map(|n| (Form::Delta, n)))?;
    let size = std::str::from_utf8(size).ok()?.parse().ok()?;
    let mut zlib = Vec::new();
    let mut next = at + 1;
    while next < to && !lines.bare(next).is_empty() {
        zlib.extend(decoded(lines.bare(next))?);
        next += 1;
    }
    Some((Packed { form, size, zlib }, (next + 1).min(to)))
}

/// The 85 digits, as git and RFC 1924 have them.
const DIGITS: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// Bytes in a full line.
const LINE_BYTES: usize = 52;

/// Decodes one line: a letter for the number of bytes, then five digits for four bytes each.
fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    let (&length, digits) = line.split_first()?;
    let length = match length {
        b'A'..=b'Z' => usize::from(length - b'A') + 1,
        b'a'..=b'z' => usize::from(length - b'a') + 27,
        _ => return None,
    };
    if digits.len() != length.div_ceil(4) * 5 {
        return None;
    }
    let mut bytes = Vec::with_capacity(length + 3);
    for five in digits.chunks(5) {
        let mut value = 0u32;
        for digit in five {
            let digit = DIGITS.iter().position(|d| d == digit)?;
            value = value.checked_mul(85)?.checked_add(digit as u32)?;
        }
        bytes.extend(value.to_be_bytes());
    }
    bytes.truncate(length);
    Some(bytes)
}

/// Encodes one line of at most [`LINE_BYTES`].
fn encoded(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len().min(LINE_BYTES) as u8;
    let mut line = vec![if length <= 26 { b'A' + length - 1 } else { b'a' + length - 27 }];
    for four in bytes.chunks(4) {
        let mut padded = [0; 4];
        padded[..four.len()].copy_from_slice(four);
        let mut value = u32::from_be_bytes(padded);
        let mut five = [0; 5];
        for digit in five.iter_mut().rev() {
            *digit = DIGITS[(value % 85) as usize];
            value /= 85;
        }
        line.extend(five);
    }
    line.push(b'\n');
    line
}

/// A binary patch with both sides as whole files; git reads that as it reads deltas.
pub fn print(before: &[u8], after: &[u8], deflate: &Deflate<'_>) -> Vec<u8> {
    let mut out = b"GIT binary patch\n".to_vec();
    for side in [after, before] {
        out.extend(format!("literal {}\n", side.len()).into_bytes());
        out.extend(deflate(side).chunks(LINE_BYTES).flat_map(encoded));
        out.push(b'\n');
    }
    out
}

/// Follows a delta's instructions.
fn follow(delta: &[u8], base: &[u8]) -> Option<Vec<u8>> {
    let mut rest = delta;
    let base_size = varint(&mut rest)?;
    let size = varint(&mut rest)?;
    if base_size != base.len() || size > LARGEST {
        return None;
    }
    let mut out = Vec::new();
    while let Some((&op, behind)) = rest.split_first() {
        rest = behind;
        let piece = if op & 0x80 != 0 {
            let offset = fields(op, 0..4, &mut rest)?;
            let length = match fields(op, 4..7, &mut rest)? {
                0 => 0x1_0000,
                length => length,
            };
            base.get(offset..offset.checked_add(length)?)?
        } else {
            let (piece, behind) = rest.split_at_checked(usize::from(op)).filter(|_| op != 0)?;
            rest = behind;
            piece
        };
        out.extend(piece);
        if out.len() > size {
            return None;
        }
    }
    (out.len() == size).then_some(out)
}

/// A size, seven bits a byte, the lowest first.
fn varint(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0usize;
    for shift in (0..63).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A number whose bytes are there only where a bit of the instruction says so.
fn fields(op: u8, bits: std::ops::Range<u8>, rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for (shift, bit) in bits.enumerate() {
        if op & (1 << bit) != 0 {
            let (&byte, behind) = rest.split_first()?;
            *rest = behind;
            value |= usize::from(byte) << (8 * shift);
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(zlib: &[u8], _: usize) -> Option<Vec<u8>> {
        Some(zlib.to_vec())
    }

    #[test]
    fn lines_of_every_length_survive_base85() {
        for length in 1..=LINE_BYTES {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 + 200) as u8).collect();
            let line = encoded(&bytes);
            assert_eq!(decoded(&line[..line.len() - 1]), Some(bytes));
        }
        assert_eq!(decoded(b"A~~~~~"), None, "above 32 bits");
        assert_eq!(decoded(b"B0000"), None, "too short");
    }

    #[test]
    fn a_printed_patch_reads_back() {
        let text = print(b"before", b"and after", &|bytes| bytes.to_vec());
        let lines = Lines::new(&text);
        let (Binary::Patch { forward, reverse }, next) = read(&lines, 0, lines.count()).expect("it is there") else {
            panic!()
        };
        assert_eq!(next, lines.count());
        assert_eq!(forward.unpack(b"", &plain).expect("it is there"), b"and after");
        assert_eq!(reverse.expect("it is there").unpack(b"", &plain).expect("it is there"), b"before");
    }

    #[test]
    fn deltas_copy_and_insert_and_know_their_base() {
        // Base of 5 bytes, target of 6: copy 3 from 1, insert "xyz".
        let delta = [5, 6, 0x91, 1, 3, 3, b'x', b'y', b'z'];
        assert_eq!(follow(&delta, b"abcde").expect("it is there"), b"bcdxyz");
        assert_eq!(follow(&delta, b"abcd"), None);
        assert_eq!(follow(&delta[..6], b"abcde"), None);
    }
}
