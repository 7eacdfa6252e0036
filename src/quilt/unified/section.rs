//! A section: what a diff says of one file.

use super::head::{self, GitHead};
use super::hunk::{self, Hunk};
use crate::quilt::binary::{self, Binary};
use crate::quilt::lines::Lines;
use crate::quilt::path::{self, Name, Refusal, Touched};
use std::ops::Range;

/// How a section's lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`; a `\r` before it belongs to the file's text.
    Lf,
    /// Even the header lines end in `\r\n`: a mailer or an editor did that, so the `\r` is no part of the file's text.
    Crlf,
}

/// What a diff says of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its bytes in the patch file.
    pub whole: Range<usize>,
    /// Those before the first hunk (or binary patch).
    pub head: Range<usize>,
    /// The `---` name.
    pub old: Name,
    /// The `+++` name.
    pub new: Name,
    /// The `Index:` name, of Subversion, CVS and quilt.
    pub index_name: Option<Vec<u8>>,
    /// The extended headers, if it is a git diff.
    pub git: Option<GitHead>,
    /// The hunks.
    pub hunks: Vec<Hunk>,
    /// A binary change.
    pub binary: Option<Binary>,
    /// How lines end.
    pub line_end: LineEnd,
}

impl Section {
    /// Is there no file before?
    pub fn creates(&self) -> bool {
        self.git.as_ref().map_or(self.old == Name::Null, |git| git.created || self.old == Name::Null)
    }

    /// Is there no file after?
    pub fn deletes(&self) -> bool {
        self.git.as_ref().map_or(self.new == Name::Null, |git| git.deleted || self.new == Name::Null)
    }

    /// Where the file is before and after. `exists` tells which paths the tree has: a plain diff whose names differ means the one that
    /// exists, and among several the one with the fewest components, then the shortest (as GNU patch chooses).
    ///
    /// # Errors
    /// The path leaves the tree, or goes into `.git`.
    pub fn touched(&self, strip: usize, exists: &dyn Fn(&[u8]) -> bool) -> Result<Touched, Refusal> {
        if let Some((from, to)) = self.git.as_ref().and_then(|git| git.renamed.as_ref().or(git.copied.as_ref())) {
            // These have no prefix, so that there is one component less to strip.
            let less = strip.saturating_sub(1);
            return Ok(Touched { before: Some(path::stripped(from, less)?), after: Some(path::stripped(to, less)?) });
        }
        let path = self.path(strip, exists)?;
        let side = |absent: bool| (!absent).then(|| path.clone());
        Ok(Touched { before: side(self.creates()), after: side(self.deletes()) })
    }

    /// The one path of a section without rename.
    fn path(&self, strip: usize, exists: &dyn Fn(&[u8]) -> bool) -> Result<Vec<u8>, Refusal> {
        let written = [&self.old, &self.new].into_iter().filter_map(|name| match name {
            Name::Path(path) => Some(path),
            Name::Null | Name::Missing => None,
        });
        // Index: counts only where there is nothing else, as in patch.
        let mut written: Vec<&Vec<u8>> = written.collect();
        if written.is_empty() {
            written.extend(&self.index_name);
        }
        let mut good = Vec::new();
        let mut bad = Vec::new();
        for name in written {
            match path::stripped(name, strip) {
                Ok(path) => good.push(path),
                Err(refusal) => bad.push(refusal),
            }
        }
        // A name that leaves the tree condemns the section, even if the other one would do.
        let harmful = |r: &Refusal| !r.why.starts_with("fewer") && !r.why.starts_with("no path");
        if let Some(refusal) = bad.iter().find(|r| harmful(r)).or(bad.first().filter(|_| good.is_empty())) {
            return Err(refusal.clone());
        }
        good.sort_by_key(|path| (!exists(path), path.split(|&b| b == b'/').count(), path.len()));
        good.into_iter().next().ok_or_else(|| Refusal { path: Vec::new(), why: "the diff names no file" })
    }

    /// The hunks' texts with `\n` where a mailer made `\r\n` of it.
    pub fn plain_hunks(&self) -> Vec<Hunk> {
        let mut hunks = self.hunks.clone();
        if self.line_end == LineEnd::Crlf {
            for line in hunks.iter_mut().flat_map(|h| &mut h.lines) {
                if line.text.ends_with(b"\r\n") {
                    line.text.truncate(line.text.len() - 2);
                    line.text.push(b'\n');
                }
            }
        }
        hunks
    }
}

/// The sections in lines `from..to`; text before the first one and behind the last one is the caller's.
pub(in crate::quilt) fn sections(lines: &Lines<'_>, from: usize, to: usize) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    // Where the text starts that has no owner yet.
    let mut open = from;
    let mut at = from;
    while at < to {
        let Some((mut section, next)) = section(lines, at, to) else {
            at += 1;
            continue;
        };
        // What stands between two sections belongs to the second one; before the first, only what is plainly its head.
        let start = if found.is_empty() { lead(lines, open, at) } else { open };
        section.index_name =
            (start..at).find_map(|n| lines.bare(n).strip_prefix(b"Index: ").map(|v| v.trim_ascii().to_vec()));
        section.whole.start = lines.at(start);
        section.head.start = lines.at(start);
        found.push(section);
        (at, open) = (next, next);
    }
    found
}

/// Where the lines begin, right before line `at`, that announce a section.
fn lead(lines: &Lines<'_>, from: usize, at: usize) -> usize {
    let announces = |n: usize| {
        let line = lines.get(n);
        [b"diff ".as_slice(), b"Index: ", b"=====", b"Only in "].iter().any(|word| line.starts_with(word))
    };
    (from..at).rev().take_while(|&n| announces(n)).last().unwrap_or(at)
}

/// Reads the section that starts at line `at`, if one does. Gives it with the number of the line behind it.
fn section(lines: &Lines<'_>, at: usize, to: usize) -> Option<(Section, usize)> {
    let mut section = Section {
        whole: lines.span(at..at),
        head: lines.span(at..at),
        old: Name::Missing,
        new: Name::Missing,
        index_name: None,
        git: None,
        hunks: Vec::new(),
        binary: None,
        line_end: LineEnd::Lf,
    };
    let mut next = at;
    if lines.get(at).starts_with(b"diff --git ") {
        next = git_head(lines, at, to, &mut section)?;
    }
    let mut epochs = [false; 2];
    match names(lines, next, to) {
        Some([(old, old_epoch), (new, new_epoch)]) => {
            (section.old, section.new, epochs) = (old, new, [old_epoch, new_epoch]);
            next += 2;
        }
        None if section.git.is_none() => return None,
        None => {}
    }
    section.line_end = if lines.get(next.saturating_sub(1)).ends_with(b"\r\n") { LineEnd::Crlf } else { LineEnd::Lf };
    section.head.end = lines.at(next);
    next = content(lines, next, to, &mut section);
    section.whole.end = lines.at(next);
    empty_sides(&mut section, epochs);
    Some((section, next))
}

/// Reads `diff --git` and the extended headers. `None` if it is only a sentence that begins so.
fn git_head(lines: &Lines<'_>, at: usize, to: usize, section: &mut Section) -> Option<usize> {
    let (old, new) = head::git_names(lines.get(at))?;
    let mut git = GitHead::default();
    let mut next = at + 1;
    while next < to && git.take(lines.get(next)) {
        next += 1;
    }
    if next == at + 1 && names(lines, next, to).is_none() {
        return None;
    }
    section.old = if git.created { Name::Null } else { Name::Path(old) };
    section.new = if git.deleted { Name::Null } else { Name::Path(new) };
    section.git = Some(git);
    Some(next)
}

/// Reads `---` and `+++` with a hunk behind them.
fn names(lines: &Lines<'_>, at: usize, to: usize) -> Option<[(Name, bool); 2]> {
    if at + 2 >= to {
        return None;
    }
    let old = lines.get(at).strip_prefix(b"--- ")?;
    let new = lines.get(at + 1).strip_prefix(b"+++ ")?;
    hunk::numbers(lines.bare(at + 2))?;
    Some([head::name(old), head::name(new)])
}

/// Reads hunks, or a binary change.
fn content(lines: &Lines<'_>, at: usize, to: usize, section: &mut Section) -> usize {
    let mut next = at;
    if section.git.is_some()
        && let Some((binary, behind)) = binary::read(lines, at, to)
    {
        section.binary = Some(binary);
        return behind;
    }
    while next < to
        && let Some((hunk, behind)) = hunk::read(lines, next, to)
    {
        section.hunks.push(hunk);
        next = behind;
    }
    next
}

/// A side of the epoch whose only hunk is empty there is no file.
fn empty_sides(section: &mut Section, epochs: [bool; 2]) {
    let [hunk] = section.hunks.as_slice() else { return };
    let empty = [hunk.old.count == 0 && hunk.old.start == 0, hunk.new.count == 0 && hunk.new.start == 0];
    if empty[0] && epochs[0] {
        section.old = Name::Null;
    }
    if empty[1] && epochs[1] {
        section.new = Name::Null;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::unified::Counts;

    fn read(text: &str) -> Vec<Section> {
        let lines = Lines::new(text.as_bytes());
        sections(&lines, 0, lines.count())
    }

    fn paths(section: &Section) -> (Option<String>, Option<String>) {
        let touched = section.touched(1, &|_| true).expect("it is there");
        let text = |p: Option<Vec<u8>>| p.map(|p| String::from_utf8(p).expect("it is there"));
        (text(touched.before), text(touched.after))
    }

    const HUNK: &str = "@@ -1 +1 @@\n-a\n+b\n";

    #[test]
    fn git_diffs_of_every_sort_are_sections() {
        let text = format!(
            "diff --git a/x b/x\nold mode 100644\nnew mode 100755\ndiff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n\
             diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\ndiff --git a/d b/d\ndeleted file mode 100644\n\
             index 7898192..0000000\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\ndiff --git a/t b/t\nindex 1..2 100644\n--- a/t\n+++ b/t\n{HUNK}"
        );
        let found = read(&text);
        let some = |s: &str| Some(s.to_owned());
        let expected = [
            (some("x"), some("x")),
            (some("o"), some("n")),
            (None, some("e")),
            (some("d"), None),
            (some("t"), some("t")),
        ];
        assert_eq!(found.iter().map(paths).collect::<Vec<_>>(), expected);
        assert_eq!(found.iter().map(|s| s.whole.len()).sum::<usize>(), text.len());
    }

    #[test]
    fn plain_diffs_take_their_announcements_with_them() {
        let text = format!(
            "Some text.\nIndex: linux/x.c\n=====\n--- linux.orig/x.c\n+++ linux/x.c\n{HUNK}diff -ruN a/y b/y\n--- a/y\t1970-01-01 01:00:00\n\
             +++ b/y\t2020-01-01 01:00:00\n@@ -0,0 +1 @@\n+b\nOnly in a: z\n"
        );
        let found = read(&text);
        assert_eq!(found.len(), 2);
        assert!(text[found[0].whole.clone()].starts_with("Index: "));
        assert_eq!(found[0].index_name.as_deref(), Some(b"linux/x.c".as_slice()));
        assert!(found[1].creates() && text[found[1].head.clone()].starts_with("diff -ruN"));
        assert_eq!(&text[found[1].whole.end..], "Only in a: z\n");
    }

    #[test]
    fn a_sentence_or_an_indented_diff_is_no_section() {
        assert!(read("diff --git is a command\nand --- is a line\n+++ too\n").is_empty());
        assert!(read(&format!("  --- a/x\n  +++ b/x\n  {HUNK}")).is_empty());
        assert!(read("--- a/x\n+++ b/x\n").is_empty());
    }

    #[test]
    fn names_that_leave_the_tree_are_refused() {
        for (old, new) in [("a/../../etc/passwd", "b/x"), ("a/x", "b/.git/hooks/post-commit"), ("a//etc/x", "b/../x")] {
            let found = read(&format!("--- {old}\n+++ {new}\n{HUNK}"));
            assert!(found[0].touched(1, &|_| true).is_err(), "{old} {new}");
        }
        let rename = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to ../y\n";
        assert!(read(rename)[0].touched(1, &|_| true).is_err());
    }

    #[test]
    fn of_two_names_the_existing_one_counts() {
        let found = read(&format!("--- linux/mm/x.c.orig\n+++ linux/mm/x.c\n{HUNK}"));
        let touched = found[0].touched(1, &|p| p == b"mm/x.c").expect("it is there");
        assert_eq!(touched.before.as_deref(), Some(b"mm/x.c".as_slice()));
    }

    #[test]
    fn a_patch_with_mangled_line_ends_has_plain_hunks() {
        let found = read("--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n");
        assert_eq!(found[0].line_end, LineEnd::Crlf);
        assert_eq!(found[0].plain_hunks()[0].lines[0].text, b"a\n");
        let found = read("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n+b\r\n");
        assert_eq!((found[0].line_end, found[0].hunks[0].counts), (LineEnd::Lf, Counts::Right));
        assert_eq!(found[0].plain_hunks()[0].lines[0].text, b"a\r\n");
    }
}
