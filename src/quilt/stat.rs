//! The diffstat between `---` and the diff.
//!
//! In: what stands there, the counts of the old sections and those of the new ones. Out: the same text with a new diffstat, or nothing
//! where the old one is not, byte for byte, what git would have written for the old sections: somebody made it otherwise, or did not
//! refresh it with the patch, and then it is left alone.
//!
//! The layout (git-diff(1), `--stat`): names and graphs share the width, 5/8 to names if both need more; graphs are scaled so that no
//! changed file is without a sign.

use super::path::quoted;
use super::unified::{Kind, Section};
use std::collections::BTreeMap;

/// What a diffstat says of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Its path.
    pub path: Vec<u8>,
    /// Lines put there.
    pub added: usize,
    /// Lines taken away.
    pub removed: usize,
    /// Neither binary nor renamed: what this file can write.
    pub plain: bool,
    /// The mode of a file that is new.
    pub created: Option<u32>,
    /// The mode of a file that goes.
    pub deleted: Option<u32>,
}

impl Counts {
    /// Counts a section.
    pub fn of(section: &Section, strip: usize) -> Self {
        let count = |kind| section.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind == kind).count();
        let git = section.git.as_ref();
        let renamed = git.is_some_and(|git| git.renamed.is_some() || git.copied.is_some());
        let touched = section.touched(strip, &|_| false).ok();
        let mode = |mode: Option<u32>| mode.or(Some(0o100_644));
        Self {
            path: touched.and_then(|t| t.after.or(t.before)).unwrap_or_default(),
            added: count(Kind::Added),
            removed: count(Kind::Removed),
            plain: !renamed && section.binary.is_none(),
            created: mode(git.and_then(|git| git.new_mode)).filter(|_| section.creates()),
            deleted: mode(git.and_then(|git| git.old_mode)).filter(|_| section.deletes()),
        }
    }

    /// Changed lines.
    fn total(&self) -> usize {
        self.added + self.removed
    }
}

/// Widths that are in use: format-patch, a plain `git diff --stat`, Armbian.
const WIDTHS: [usize; 3] = [72, 80, 120];

/// The text with a new diffstat in place of the old one.
pub(super) fn renewed(notes: &[u8], old: &[Counts], new: &[&Counts]) -> Option<Vec<u8>> {
    use bstr::ByteSlice;
    if old.is_empty() || new.is_empty() || !old.iter().chain(new.iter().copied()).all(|c| c.plain && c.total() > 0) {
        return None;
    }
    let old: Vec<&Counts> = old.iter().collect();
    WIDTHS.iter().find_map(|&width| {
        let was = printed(&old, width);
        let at = notes.find(&was)?;
        let rest = &notes[at + was.len()..];
        let summary = summary(&old);
        // The list of new files may be there or not.
        let (rest, summary) = match rest.strip_prefix(summary.as_slice()) {
            Some(rest) if !summary.is_empty() => (rest, self::summary(new)),
            _ => (rest, Vec::new()),
        };
        Some([&notes[..at], &printed(new, width), &summary, rest].concat())
    })
}

/// Widths of the columns.
struct Columns {
    name: usize,
    number: usize,
    graph: usize,
    most: usize,
}

impl Columns {
    /// Shares the width between names and graphs.
    fn new(files: &[&Counts], width: usize) -> Self {
        let most = files.iter().map(|c| c.total()).max().unwrap_or_default();
        let number = most.to_string().len();
        let mut name = files.iter().map(|c| quoted(&c.path).len()).max().unwrap_or_default();
        let mut graph = most;
        let fixed = number + 6;
        if name + fixed + graph > width {
            graph = graph.min((width * 3 / 8).saturating_sub(fixed).max(6));
            let room = width.saturating_sub(fixed + graph);
            if name > room {
                name = room;
            } else {
                graph = width.saturating_sub(fixed + name);
            }
        }
        Self { name, number, graph, most }
    }

    /// How many signs a file gets: put there, taken away.
    fn signs(&self, file: &Counts) -> (usize, usize) {
        let (added, removed) = (file.added, file.removed);
        if self.graph > self.most {
            return (added, removed);
        }
        let scaled = |n: usize| if n == 0 { 0 } else { 1 + n * (self.graph - 1) / self.most };
        let least = if added > 0 && removed > 0 { 2 } else { 0 };
        let total = scaled(added + removed).max(least);
        match added < removed {
            true => (scaled(added), total - scaled(added)),
            false => (total - scaled(removed), scaled(removed)),
        }
    }
}

/// A diffstat as git writes it.
fn printed(files: &[&Counts], width: usize) -> Vec<u8> {
    let columns = Columns::new(files, width);
    let mut out = Vec::new();
    for file in files {
        let name = shortened(&quoted(&file.path), columns.name);
        let (plus, minus) = columns.signs(file);
        out.push(b' ');
        out.extend(&name);
        out.extend(b" ".repeat(columns.name.saturating_sub(name.len())));
        out.extend(format!(" | {:>1$} ", file.total(), columns.number).into_bytes());
        out.extend([b"+".repeat(plus), b"-".repeat(minus), b"\n".to_vec()].concat());
    }
    out.extend(last_line(files));
    out
}

/// A name that is too long loses its beginning, up to a slash if there is one.
fn shortened(name: &[u8], width: usize) -> Vec<u8> {
    if name.len() <= width {
        return name.to_vec();
    }
    let tail = &name[name.len() - width.saturating_sub(3)..];
    let slash = memchr::memchr(b'/', tail).unwrap_or(0);
    [b"...", &tail[slash..]].concat()
}

/// ` 2 files changed, 3 insertions(+), 1 deletion(-)`.
fn last_line(files: &[&Counts]) -> Vec<u8> {
    let sum = |count: fn(&Counts) -> usize| files.iter().map(|c| count(c)).sum::<usize>();
    let (added, removed) = (sum(|c| c.added), sum(|c| c.removed));
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let mut out = format!(" {} file{} changed", files.len(), s(files.len()));
    if added > 0 || removed == 0 {
        out.push_str(&format!(", {added} insertion{}(+)", s(added)));
    }
    if removed > 0 || added == 0 {
        out.push_str(&format!(", {removed} deletion{}(-)", s(removed)));
    }
    out.push('\n');
    out.into_bytes()
}

/// The files that come and go.
fn summary(files: &[&Counts]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in files {
        for (word, mode) in [("create", file.created), ("delete", file.deleted)] {
            if let Some(mode) = mode {
                out.extend(format!(" {word} mode {mode:06o} ").into_bytes());
                out.extend([&quoted(&file.path), b"\n".as_slice()].concat());
            }
        }
    }
    out
}

/// How much of a file is in another one, in percent: the bytes of lines that both have, of the longer one. git counts chunks rather
/// than lines, so that its number may differ by a little; `git apply` and `am` do not look at it.
pub(super) fn similarity(before: &[u8], after: &[u8]) -> usize {
    let mut lines: BTreeMap<&[u8], usize> = BTreeMap::new();
    for line in super::lines::split(before) {
        *lines.entry(line).or_default() += 1;
    }
    let mut same = 0;
    for line in super::lines::split(after) {
        if let Some(left) = lines.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            same += line.len();
        }
    }
    match before.len().max(after.len()) {
        0 => 100,
        longest => same * 100 / longest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, added: usize, removed: usize) -> Counts {
        Counts { path: path.into(), added, removed, plain: true, ..Counts::default() }
    }

    #[test]
    fn a_diffstat_that_is_gits_is_made_anew_and_another_one_stays() {
        let old = [file("Makefile", 2, 2), file("drivers/net/x.c", 10, 0)];
        let notes = "---\n Makefile        |  4 ++--\n drivers/net/x.c | 10 ++++++++++\n 2 files changed, 12 insertions(+), 2 deletions(-)\n\n";
        let new = file("Makefile", 1, 1);
        let expected = "---\n Makefile | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n";
        assert_eq!(renewed(notes.as_bytes(), &old, &[&new]).expect("it is there"), expected.as_bytes());
        assert_eq!(renewed(notes.replace("10 +", "11 +").as_bytes(), &old, &[&new]), None);
    }

    #[test]
    fn new_files_are_listed_where_they_were() {
        let old = Counts { created: Some(0o100_644), ..file("x", 1, 0) };
        let notes = "---\n x | 1 +\n 1 file changed, 1 insertion(+)\n create mode 100644 x\n";
        let new = Counts { path: b"y".to_vec(), ..old.clone() };
        let renewed = renewed(notes.as_bytes(), &[old], &[&new]).expect("it is there");
        assert_eq!(renewed, notes.replace(" x", " y").into_bytes());
    }
}
