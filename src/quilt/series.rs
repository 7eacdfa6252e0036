//! The series file: which patches, in which order, how they are applied, which are switched off.
//!
//! In: quilt's `series` (`name -p0 -R # comment`), with guards as Mercurial's queues write them (`name #+x #-y`) and as SUSE does
//! (`+x -y name`), and Armbian's `series.conf` (a `-` before the name switches a patch off). Out: entries, and the same bytes again,
//! with some entries commented out or left away.
//!
//! `-word name` is a guard; `-name` alone, or `-` and a name, is a patch that is switched off.

use super::lines::{bare, split};

/// A word that decides whether a patch is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// `+x`: only where x is selected.
    With(Vec<u8>),
    /// `-x`: only where x is not selected.
    Without(Vec<u8>),
}

/// A patch of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its file, below the series' directory.
    pub name: Vec<u8>,
    /// `-pN`; 1 if nothing is said.
    pub strip: usize,
    /// `-R`: it is taken back.
    pub reversed: bool,
    /// `-` before the name: Armbian's way to switch it off.
    pub disabled: bool,
    /// Its guards.
    pub guards: Vec<Guard>,
}

impl Entry {
    /// A patch that is applied with `-p1`.
    pub fn plain(name: &[u8]) -> Self {
        Self { name: name.to_vec(), strip: 1, reversed: false, disabled: false, guards: Vec::new() }
    }

    /// Is it applied where these words are selected?
    pub fn active(&self, selected: &[Vec<u8>]) -> bool {
        let with = |g: &Guard| matches!(g, Guard::With(_));
        let meets = |g: &Guard| match g {
            Guard::With(word) => selected.contains(word),
            Guard::Without(word) => !selected.contains(word),
        };
        let wanted = !self.guards.iter().any(with) || self.guards.iter().any(|g| with(g) && meets(g));
        let unhindered = self.guards.iter().all(|g| with(g) || meets(g));
        !self.disabled && wanted && unhindered
    }
}

/// A line of a series file, with its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    raw: Vec<u8>,
    entry: Option<Entry>,
}

/// A series file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    rows: Vec<Row>,
}

/// What becomes of an entry in a new series file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The line stays.
    Keep,
    /// The line stays as a comment that says why.
    CommentOut(String),
    /// The line goes.
    Remove,
}

impl Series {
    /// Reads a series file.
    pub fn read(text: &[u8]) -> Self {
        let row = |line: &[u8]| Row { raw: line.to_vec(), entry: entry(bare(line)) };
        Self { rows: split(text).into_iter().map(row).collect() }
    }

    /// A series of these names, in this order.
    pub fn of(names: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let row = |name: Vec<u8>| Row { raw: [name.as_slice(), b"\n"].concat(), entry: Some(Entry::plain(&name)) };
        Self { rows: names.into_iter().map(row).collect() }
    }

    /// The patches, those that are switched off included.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.rows.iter().filter_map(|row| row.entry.as_ref())
    }

    /// The file again, each entry as `mark` says.
    pub fn print(&self, mark: &dyn Fn(&Entry) -> Mark) -> Vec<u8> {
        let mut out = Vec::new();
        for row in &self.rows {
            match row.entry.as_ref().map_or(Mark::Keep, mark) {
                Mark::Keep => out.extend(&row.raw),
                Mark::Remove => {}
                Mark::CommentOut(why) => {
                    out.extend(b"# ");
                    out.extend(bare(&row.raw));
                    out.extend(format!(" # {why}\n").into_bytes());
                }
            }
        }
        out
    }
}

/// Reads a line, without its line end.
fn entry(line: &[u8]) -> Option<Entry> {
    let (words, comment) = cut_comment(line);
    let mut words: Vec<&[u8]> = words.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect();
    let mut entry = Entry::plain(b"");
    // SUSE's guards stand before the name; a lone `-` is Armbian's.
    while let [first, _, ..] = words.as_slice() {
        match first {
            [b'-'] => entry.disabled = true,
            [b'+' | b'-', ..] => entry.guards.extend(guard(first)),
            _ => break,
        }
        words.remove(0);
    }
    let (name, options) = words.split_first()?;
    let name = match name.strip_prefix(b"-") {
        Some(name) => {
            entry.disabled = true;
            name
        }
        None => name,
    };
    if name.is_empty() {
        return None;
    }
    entry.name = name.to_vec();
    take_options(&mut entry, options);
    let guards = comment.split(|b| b.is_ascii_whitespace()).filter_map(|w| guard(w.strip_prefix(b"#").unwrap_or(b"")));
    entry.guards.extend(guards);
    Some(entry)
}

/// Cuts a line where a comment starts: `#` at the beginning or after a blank.
fn cut_comment(line: &[u8]) -> (&[u8], &[u8]) {
    let starts = |&at: &usize| at == 0 || line[at - 1].is_ascii_whitespace();
    let at = memchr::memchr_iter(b'#', line).find(starts).unwrap_or(line.len());
    line.split_at(at)
}

/// Reads `+word` or `-word`.
fn guard(word: &[u8]) -> Option<Guard> {
    match word {
        [b'+', name @ ..] if !name.is_empty() => Some(Guard::With(name.to_vec())),
        [b'-', name @ ..] if !name.is_empty() => Some(Guard::Without(name.to_vec())),
        _ => None,
    }
}

/// Takes `-p0`, `-p 0`, `-pab`, `-R`; what else patch would understand is left alone.
fn take_options(entry: &mut Entry, options: &[&[u8]]) {
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let level = match *option {
            b"-p" => options.next().copied().unwrap_or_default(),
            b"-R" | b"--reverse" => {
                entry.reversed = true;
                continue;
            }
            option => option.strip_prefix(b"-p").or(option.strip_prefix(b"--strip=")).unwrap_or_default(),
        };
        match level {
            b"ab" => entry.strip = 1,
            level => entry.strip = number(level).unwrap_or(entry.strip),
        }
    }
}

/// A strip level.
fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Entry {
        entry(line.as_bytes()).expect("it is there")
    }

    #[test]
    fn options_comments_and_folders_are_understood() {
        let text = "# first\n\narm/x.patch -p0 # why\ny.patch -R -p 2\nz#1.patch\n";
        let series = Series::read(text.as_bytes());
        let entries: Vec<_> = series.entries().map(|e| (e.name.as_slice(), e.strip, e.reversed)).collect();
        assert_eq!(entries, [(b"arm/x.patch".as_slice(), 0, false), (b"y.patch", 2, true), (b"z#1.patch", 1, false)]);
        assert_eq!(series.print(&|_| Mark::Keep), text.as_bytes());
    }

    #[test]
    fn guards_of_both_kinds_decide() {
        let rt = [b"rt".to_vec()];
        for line in ["x.patch #+rt", "+rt x.patch", "\t+rt\tx.patch"] {
            assert!(!one(line).active(&[]) && one(line).active(&rt), "{line}");
        }
        for line in ["x.patch #-rt", "-rt patches.arch/x.patch"] {
            assert!(one(line).active(&[]) && !one(line).active(&rt), "{line}");
        }
    }

    #[test]
    fn armbian_switches_patches_off_with_a_dash() {
        for line in ["-\tpatches.armbian/x.patch", "-patches.armbian/x.patch", "- patches.armbian/x.patch"] {
            let entry = one(line);
            assert!(entry.disabled && entry.name == b"patches.armbian/x.patch", "{line}");
        }
        assert!(!one("\tpatches.armbian/x.patch").disabled);
    }

    #[test]
    fn entries_are_commented_out_or_removed_and_the_rest_stays() {
        let series = Series::read(b"# top\na.patch -p0\nb.patch # note\nc.patch");
        let mark = |e: &Entry| match e.name.as_slice() {
            b"a.patch" => Mark::CommentOut("conflicts".into()),
            b"b.patch" => Mark::Remove,
            _ => Mark::Keep,
        };
        assert_eq!(series.print(&mark), b"# top\n# a.patch -p0 # conflicts\nc.patch");
    }
}
