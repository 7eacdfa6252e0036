//! Paths in patches: C-style quotes, strip levels, `/dev/null`, and which ones are refused.
//!
//! In: a path as a diff header writes it. Out: a path below the tree's root, or the reason why it is none.

use std::fmt;

/// A side's name in a diff header, unquoted and not yet stripped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Name {
    /// The header does not say.
    #[default]
    Missing,
    /// `/dev/null`, or a time stamp at the epoch: there is no file on this side.
    Null,
    /// A path.
    Path(Vec<u8>),
}

/// Where a section's file is before and after; `None` is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Before the patch.
    pub before: Option<Vec<u8>>,
    /// After it.
    pub after: Option<Vec<u8>>,
}

/// Why a path is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As the patch writes it.
    pub path: Vec<u8>,
    /// In words.
    pub why: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", bstr::BStr::new(&self.path), self.why)
    }
}

/// Takes `strip` leading components away, as `patch -pN` does (several slashes count as one), and refuses what would leave the tree.
pub(super) fn stripped(path: &[u8], strip: usize) -> Result<Vec<u8>, Refusal> {
    let refuse = |why| Refusal { path: path.to_vec(), why };
    let mut rest = path;
    for _ in 0..strip {
        let slash = memchr::memchr(b'/', rest).ok_or_else(|| refuse("fewer components than the strip level"))?;
        rest = &rest[slash..];
        rest = &rest[rest.iter().take_while(|&&b| b == b'/').count()..];
    }
    match objection(rest) {
        Some(why) => Err(refuse(why)),
        None => Ok(rest.to_vec()),
    }
}

/// What speaks against a path below the tree's root.
pub(super) fn objection(path: &[u8]) -> Option<&'static str> {
    if path.is_empty() {
        return Some("no path is left");
    }
    if path.starts_with(b"/") {
        return Some("absolute path");
    }
    if path.contains(&0) {
        return Some("NUL in a path");
    }
    path.split(|&b| b == b'/').find_map(|part| match part {
        b"" => Some("empty component"),
        b"." | b".." => Some("'.' or '..' in a path"),
        part if is_dot_git(part) => Some("'.git' in a path"),
        _ => None,
    })
}

/// What speaks against a link of this path: git refuses to check out, and to take from others, a tree in which `.gitmodules` is one.
pub fn objection_to_link(path: &[u8]) -> Option<&'static str> {
    let last = path.rsplit(|&b| b == b'/').next().unwrap_or(path);
    is_dot_gitmodules(last).then_some("'.gitmodules' as a link")
}

/// Is a component `.gitmodules` on some file system? As [`is_dot_git`], with the short names that Windows gives it.
fn is_dot_gitmodules(part: &[u8]) -> bool {
    let name = part.split(|&b| b == b':').next().unwrap_or(part);
    let end = name.iter().rposition(|b| !matches!(b, b' ' | b'.')).map_or(0, |at| at + 1);
    let name = name[..end].to_ascii_lowercase();
    let is_short = (name.starts_with(b"gitmod~") || name.starts_with(b"gi7eb")) && name.contains(&b'~');
    name == b".gitmodules" || is_short || without_ignored(part).eq_ignore_ascii_case(b".gitmodules")
}

/// Is a component `.git` on some file system? On Windows' ones case, a short name (`git~1`), what follows a colon, and blanks and dots at
/// the end don't count, and a backslash parts components; on Apple's ones some code points don't. git refuses the same names.
pub(super) fn is_dot_git(part: &[u8]) -> bool {
    let on_windows = part.split(|&b| b == b'\\').any(|part| {
        let name = part.split(|&b| b == b':').next().unwrap_or(part);
        let end = name.iter().rposition(|b| !matches!(b, b' ' | b'.')).map_or(0, |at| at + 1);
        name[..end].eq_ignore_ascii_case(b".git") || name[..end].eq_ignore_ascii_case(b"git~1")
    });
    on_windows || without_ignored(part).eq_ignore_ascii_case(b".git")
}

/// A component without the code points that Apple's file systems ignore.
fn without_ignored(part: &[u8]) -> Vec<u8> {
    const IGNORED: [std::ops::RangeInclusive<char>; 4] =
        ['\u{200c}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{206a}'..='\u{206f}', '\u{feff}'..='\u{feff}'];
    let text = String::from_utf8_lossy(part);
    text.chars().filter(|c| !IGNORED.iter().any(|range| range.contains(c))).collect::<String>().into_bytes()
}

/// Reads one name at the start of `text`, quoted or not. Gives the name and what stands behind it.
///
/// An unquoted name ends at a tab, or where a blank and a date follow (old diffs have no tab there).
pub(super) fn name(text: &[u8]) -> (Vec<u8>, &[u8]) {
    if let Some(found) = unquoted(text) {
        return found;
    }
    let end = memchr::memchr(b'\t', text).or_else(|| date_after_blank(text)).unwrap_or(text.len());
    (text[..end].to_vec(), &text[end..])
}

/// Where a blank is followed by something like `2011-11-11` or `Thu Jan  1`.
fn date_after_blank(text: &[u8]) -> Option<usize> {
    const DAYS: [&[u8]; 7] = [b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun "];
    let blank = memchr::memchr(b' ', text)?;
    let rest = text[blank..].trim_ascii_start();
    let digits = rest.iter().take(4).filter(|b| b.is_ascii_digit()).count();
    let iso = digits == 4 && rest.get(4) == Some(&b'-');
    (iso || DAYS.iter().any(|day| rest.starts_with(day))).then_some(blank)
}

/// Reads a C-style quoted name, as git writes it: `"a/tab\there"`.
pub(super) fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    let mut i = 0;
    loop {
        match *text.get(i)? {
            b'"' => return Some((name, &text[i + 1..])),
            b'\\' => {
                let (byte, length) = escape(&text[i + 1..])?;
                name.push(byte);
                i += 1 + length;
            }
            byte => {
                name.push(byte);
                i += 1;
            }
        }
    }
}

/// The byte that an escape stands for, and the escape's length without the backslash.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let simple = |byte| Some((byte, 1));
    match *text.first()? {
        b'a' => simple(7),
        b'b' => simple(8),
        b't' => simple(b'\t'),
        b'n' => simple(b'\n'),
        b'v' => simple(11),
        b'f' => simple(12),
        b'r' => simple(b'\r'),
        byte @ (b'"' | b'\\') => simple(byte),
        b'0'..=b'3' => {
            let digits = text.get(..3)?;
            digits.iter().all(|b| (b'0'..=b'7').contains(b)).then(|| {
                let value = digits.iter().fold(0u32, |value, b| value * 8 + u32::from(b - b'0'));
                (value as u8, 3)
            })
        }
        _ => None,
    }
}

/// A path as git writes it: quoted if it has bytes that would not survive a header line.
pub(super) fn quoted(path: &[u8]) -> Vec<u8> {
    let plain = |b: &u8| (0x20..0x7f).contains(b) && !matches!(b, b'"' | b'\\');
    if path.iter().all(plain) {
        return path.to_vec();
    }
    let mut out = vec![b'"'];
    for byte in path {
        match byte {
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            byte if plain(byte) => out.push(*byte),
            byte => out.extend(format!("\\{byte:03o}").into_bytes()),
        }
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strip_levels_take_components_away_and_doubled_slashes_count_once() {
        assert_eq!(stripped(b"a/drivers//x.c", 1).expect_err("it fails").why, "empty component");
        assert_eq!(stripped(b"linux-6.1//mm/x.c", 1).expect("it is there"), b"mm/x.c");
        assert_eq!(stripped(b"a/b/c", 2).expect("it is there"), b"c");
        assert_eq!(stripped(b"x.c", 0).expect("it is there"), b"x.c");
        assert_eq!(stripped(b"x.c", 1).expect_err("it fails").why, "fewer components than the strip level");
    }

    #[test]
    fn paths_that_leave_the_tree_are_refused_by_name() {
        for path in ["a/../etc/passwd", "a//../x", "a/.git/config", "a/x/.GIT/hooks", "a/./x", "a/", "a/x\0y"] {
            let refusal = stripped(path.as_bytes(), 1).expect_err("it fails");
            assert_eq!(refusal.path, path.as_bytes());
        }
        assert_eq!(stripped(b"/etc/passwd", 0).expect_err("it fails").why, "absolute path");
        for path in [".gitignore", ".github/x", "git", "git~2", "x.git", ".git2", "git~10"] {
            assert!(objection(path.as_bytes()).is_none(), "{path}");
        }
    }

    #[test]
    fn a_name_that_is_dot_git_on_another_file_system_is_refused() {
        for path in [
            "GIT~1/x",
            ".git./x",
            ".Git . /x",
            ".git::$INDEX_ALLOCATION/x",
            "x/.g\u{200c}it/x",
            "\u{feff}.GIT",
            "a\\.git\\x",
        ] {
            assert_eq!(objection(path.as_bytes()), Some("'.git' in a path"), "{path}");
        }
    }

    #[test]
    fn a_link_is_not_called_gitmodules_on_any_file_system() {
        for path in [".gitmodules", "a/.GITMODULES", ".gitmodules .", "GITMOD~1", "gi7eba~1", ".git\u{200c}modules"] {
            assert!(objection_to_link(path.as_bytes()).is_some(), "{path}");
        }
        for path in [".gitmodules/x", "gitmodules", ".gitmodules2", "gitmod"] {
            assert!(objection_to_link(path.as_bytes()).is_none(), "{path}");
        }
    }

    #[test]
    fn quoting_and_unquoting_are_inverse() {
        for path in [b"a/b c".as_slice(), b"tab\there", b"\xc3\xa4", b"quote\"back\\slash", b"nl\n"] {
            let quoted = quoted(path);
            let (back, rest) = name(&quoted);
            assert_eq!((back.as_slice(), rest), (path, b"".as_slice()));
        }
    }

    #[test]
    fn a_time_stamp_is_no_part_of_the_name() {
        assert_eq!(name(b"a/x.c\t2022-12-11 22:15:18").0, b"a/x.c");
        assert_eq!(name(b"a/x.c 2022-12-11 22:15:18").0, b"a/x.c");
        assert_eq!(name(b"a/x.c Thu Jan  1 00:00:00 1970").0, b"a/x.c");
        assert_eq!(name(b"a/with blank.c").0, b"a/with blank.c");
    }
}
