//! The lines before a section's hunks: `diff --git`, its extended headers, `---`, `+++`, `Index:`.

use crate::quilt::lines::bare;
use crate::quilt::path::{self, Name};

/// The `index` line: abbreviated blob ids, and the mode where it does not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The old blob, hex.
    pub old: Vec<u8>,
    /// The new blob, hex.
    pub new: Vec<u8>,
    /// The mode of both sides.
    pub mode: Option<u32>,
}

/// What git's extended headers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitHead {
    /// `old mode`, or the mode of `deleted file mode`.
    pub old_mode: Option<u32>,
    /// `new mode`, or the mode of `new file mode`.
    pub new_mode: Option<u32>,
    /// `new file mode` stands there.
    pub created: bool,
    /// `deleted file mode` stands there.
    pub deleted: bool,
    /// `rename from` and `rename to`: paths without a prefix.
    pub renamed: Option<(Vec<u8>, Vec<u8>)>,
    /// `copy from` and `copy to`: paths without a prefix.
    pub copied: Option<(Vec<u8>, Vec<u8>)>,
    /// `similarity index`, in percent.
    pub similarity: Option<u32>,
    /// `index a..b mode`.
    pub index: Option<Index>,
}

impl GitHead {
    /// Takes one extended header line. False if it is none.
    pub(super) fn take(&mut self, line: &[u8]) -> bool {
        let line = bare(line);
        let Some((word, value)) = WORDS.iter().find_map(|word| line.strip_prefix(word.as_bytes()).map(|v| (*word, v)))
        else {
            return false;
        };
        let from_to = |pair: &mut Option<(Vec<u8>, Vec<u8>)>| {
            let pair = pair.get_or_insert_default();
            let path = path::unquoted(value).map_or_else(|| value.to_vec(), |(path, _)| path);
            *(if word.ends_with("from ") || word.ends_with("old ") { &mut pair.0 } else { &mut pair.1 }) = path;
        };
        match word {
            "old mode " => self.old_mode = octal(value),
            "new mode " => self.new_mode = octal(value),
            "deleted file mode " => (self.deleted, self.old_mode) = (true, octal(value)),
            "new file mode " => (self.created, self.new_mode) = (true, octal(value)),
            "similarity index " => self.similarity = percent(value),
            "index " => self.index = index(value),
            "copy from " | "copy to " => from_to(&mut self.copied),
            "rename from " | "rename to " | "rename old " | "rename new " => from_to(&mut self.renamed),
            _ => {}
        }
        true
    }
}

/// The beginnings of extended header lines.
const WORDS: [&str; 13] = [
    "old mode ",
    "new mode ",
    "deleted file mode ",
    "new file mode ",
    "copy from ",
    "copy to ",
    "rename from ",
    "rename to ",
    "rename old ",
    "rename new ",
    "similarity index ",
    "dissimilarity index ",
    "index ",
];

/// Reads a file mode.
fn octal(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777_777)
}

/// Reads `95%`.
fn percent(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text.trim_ascii()).ok()?.strip_suffix('%')?.parse().ok()
}

/// Reads what follows `index `.
fn index(text: &[u8]) -> Option<Index> {
    let mut words = text.split(|&b| b == b' ');
    let ids = words.next()?;
    let dots = ids.windows(2).position(|w| w == b"..")?;
    let (old, new) = (&ids[..dots], &ids[dots + 2..]);
    let hex = |id: &[u8]| !id.is_empty() && id.len() <= 64 && id.iter().all(u8::is_ascii_hexdigit);
    (hex(old) && hex(new)).then(|| Index { old: old.to_vec(), new: new.to_vec(), mode: words.next().and_then(octal) })
}

/// The names in `diff --git a/x b/y`, which is all there is where only a mode changes.
///
/// Unquoted names with blanks are told apart by being equal but for their first component.
pub(super) fn git_names(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = bare(line).strip_prefix(b"diff --git ")?;
    if let Some((old, rest)) = path::unquoted(text) {
        let rest = rest.strip_prefix(b" ")?;
        let new = path::unquoted(rest).map_or_else(|| rest.to_vec(), |(name, _)| name);
        return Some((old, new));
    }
    if text.ends_with(b"\"") {
        let quote = text.windows(2).position(|w| w == b" \"")?;
        let (new, _) = path::unquoted(&text[quote + 1..])?;
        return Some((text[..quote].to_vec(), new));
    }
    let tail = |name: &[u8]| memchr::memchr(b'/', name).map(|slash| name[slash..].to_vec());
    let halves = |blank: usize| (&text[..blank], &text[blank + 1..]);
    let equal = |blank: usize| {
        let (old, new) = halves(blank);
        old == new || (tail(old).is_some() && tail(old) == tail(new))
    };
    // Equal names stand symmetric but for the lengths of their prefixes; a caller with renames has other headers.
    let middle = text.len() / 2;
    let near = |blank: &usize| blank.abs_diff(middle) <= LONGEST_PREFIX;
    let mut blanks = memchr::memchr_iter(b' ', text).filter(near);
    let blank = blanks.find(|&blank| equal(blank)).or_else(|| memchr::memchr(b' ', text))?;
    let (old, new) = halves(blank);
    Some((old.to_vec(), new.to_vec()))
}

/// Bytes that the prefixes of `diff --git` names may differ in length.
const LONGEST_PREFIX: usize = 64;

/// The name in a `---` or `+++` line, without those, and whether its time stamp is the epoch.
///
/// `diff -N` writes a missing file as one of the epoch; but so may be every file of a reproducible archive, so it is for the hunks to
/// say whether that side is empty.
pub(super) fn name(text: &[u8]) -> (Name, bool) {
    let (name, stamp) = path::name(bare(text));
    let stamp = stamp.trim_ascii();
    let epoch = [b"1970-01-01".as_slice(), b"1969-12-31", b"Thu Jan  1 "].iter().any(|day| stamp.starts_with(day));
    let name = match name.trim_ascii_end() {
        b"/dev/null" => Name::Null,
        b"" => Name::Missing,
        name => Name::Path(name.to_vec()),
    };
    (name, epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_headers_are_understood() {
        let mut head = GitHead::default();
        let text =
            "similarity index 95%\nrename from old/x y.c\nrename to \"new/t\\tx.c\"\nindex 1234567..89abcde 100644\n";
        for line in text.lines() {
            assert!(head.take(line.as_bytes()), "{line}");
        }
        assert_eq!(head.renamed, Some((b"old/x y.c".to_vec(), b"new/t\tx.c".to_vec())));
        assert_eq!(head.similarity, Some(95));
        assert_eq!(head.index.as_ref().map(|i| i.mode), Some(Some(0o100_644)));
        assert!(!head.take(b"Signed-off-by: me"));
    }

    #[test]
    fn names_of_the_git_line_may_have_blanks_and_quotes() {
        let names = |old: &str, new: &str| Some((old.as_bytes().to_vec(), new.as_bytes().to_vec()));
        assert_eq!(git_names(b"diff --git a/x.c b/x.c\n"), names("a/x.c", "b/x.c"));
        assert_eq!(git_names(b"diff --git a/x y.c b/x y.c"), names("a/x y.c", "b/x y.c"));
        assert_eq!(git_names(b"diff --git \"a/\\303\\244\" \"b/\\303\\244\""), names("a/ä", "b/ä"));
        assert_eq!(git_names(b"diff --git x.c x.c"), names("x.c", "x.c"));
    }

    #[test]
    fn time_stamps_are_told_from_names_and_the_epoch_is_noticed() {
        assert_eq!(name(b"/dev/null\n"), (Name::Null, false));
        let path = || Name::Path(b"linux/x.c".to_vec());
        assert_eq!(name(b"linux/x.c\t1970-01-01 01:00:00.000000000 +0100"), (path(), true));
        assert_eq!(name(b"linux/x.c\t2020-01-01 01:00:00.000000000 +0100"), (path(), false));
    }
}
