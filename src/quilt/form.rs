//! The form in which a patch is written, so that a refreshed part looks like the rest.
//!
//! In: a mail of a patch file and, where known, the files that it was made for. Out: git or plain, the prefixes, the length of ids, the
//! amount of context, and who wrote the words behind `@@`. That last one is not guessed: each writer's words are made for every hunk,
//! and the one who is right most often has it.

use super::apply::{How, Placement, apply};
pub use super::function::Headings;
use super::function::heading;
use super::lines::split;
use super::patch_file::{Mail, PatchFile};
use super::path::Name;
use super::unified::Section;

/// The form of a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// `diff --git` and its headers.
    pub git: bool,
    /// Hex digits in `index` lines, if there are any.
    pub index: Option<usize>,
    /// Before the path in `---`.
    pub old_prefix: Vec<u8>,
    /// Before the path in `+++`.
    pub new_prefix: Vec<u8>,
    /// What announces a plain section.
    pub announced: Announced,
    /// Context lines.
    pub context: usize,
    /// The words behind `@@`.
    pub headings: Headings,
}

/// A line before `---` in plain diffs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// There is none.
    Not,
    /// `Index: path` and a row of `=`.
    Index,
    /// `diff ... old new`.
    Diff,
}

/// Context lines where nothing else is said.
const CONTEXT: usize = 3;

impl Form {
    /// The form of OpenWrt's patches: `-p ab --no-index --no-timestamps`.
    pub fn openwrt() -> Self {
        Self {
            git: false,
            index: None,
            old_prefix: b"a/".to_vec(),
            new_prefix: b"b/".to_vec(),
            announced: Announced::Not,
            context: CONTEXT,
            headings: Headings::Gnu,
        }
    }

    /// The form of `git format-patch` for the kernel.
    pub fn format_patch(id_digits: usize) -> Self {
        Self { git: true, index: Some(id_digits), headings: Headings::GitKernel, ..Self::openwrt() }
    }

    /// The form of a mail. `olds` are the files before the patch, one for each section.
    pub fn of(file: &PatchFile, mail: &Mail, olds: &[Option<&[u8]>]) -> Self {
        let Some(first) = mail.sections.first() else { return Self::openwrt() };
        let git = mail.sections.iter().find_map(|s| s.git.as_ref());
        // git writes whole ids for binary files, whatever it does for texts.
        let ids = |s: &Section| s.git.as_ref()?.index.as_ref().map(|i| i.old.len().max(i.new.len()));
        let texts = mail.sections.iter().filter(|s| s.binary.is_none()).find_map(ids);
        let index = texts.or_else(|| mail.sections.iter().find_map(ids));
        let text = file.text(&first.head);
        let announced = match text {
            _ if git.is_some() => Announced::Not,
            text if text.starts_with(b"Index: ") => Announced::Index,
            text if text.starts_with(b"diff ") => Announced::Diff,
            _ => Announced::Not,
        };
        let prefix = |side: fn(&Section) -> &Name| mail.sections.iter().find_map(|s| prefix(side(s), file.entry.strip));
        Self {
            git: git.is_some(),
            index,
            old_prefix: prefix(|s| &s.old).unwrap_or_else(|| b"a/".to_vec()),
            new_prefix: prefix(|s| &s.new).unwrap_or_else(|| b"b/".to_vec()),
            announced,
            context: context(mail),
            headings: headings(mail, olds),
        }
    }
}

/// The components of a name that are stripped.
fn prefix(name: &Name, strip: usize) -> Option<Vec<u8>> {
    let Name::Path(path) = name else { return None };
    let mut parts = path.split_inclusive(|&b| b == b'/');
    let prefix: Vec<u8> = parts.by_ref().take(strip).flatten().copied().collect();
    parts.next().map(|_| prefix)
}

/// Context lines of a mail: more than three only if every hunk says so.
fn context(mail: &Mail) -> usize {
    let hunks = mail.sections.iter().flat_map(|s| &s.hunks).filter(|h| h.old.count > 0 && h.new.count > 0);
    let most = hunks.map(|h| h.context().0.max(h.context().1));
    let (least, most) = most.fold((usize::MAX, 0), |(least, most), n| (least.min(n), most.max(n)));
    if least == most && most > CONTEXT { most } else { CONTEXT }
}

/// Who wrote the words behind `@@`.
fn headings(mail: &Mail, olds: &[Option<&[u8]>]) -> Headings {
    let written = mail.sections.iter().flat_map(|s| &s.hunks).any(|h| !h.heading.trim_ascii().is_empty());
    let git = mail.sections.iter().any(|s| s.git.is_some());
    // In this order where several are equally right.
    let writers = if git {
        [Headings::GitKernel, Headings::GitPlain, Headings::Gnu]
    } else {
        [Headings::Gnu, Headings::GitKernel, Headings::GitPlain]
    };
    if !written {
        let seen = mail.sections.iter().zip(olds).any(|(section, old)| right(section, *old, writers[0]).1 > 0);
        // Nothing could have been written: the hunks are at the top, or the files new.
        return if seen { Headings::None } else { writers[0] };
    }
    let score =
        |writer: &Headings| mail.sections.iter().zip(olds).map(|(s, old)| right(s, *old, *writer).0).sum::<usize>();
    let best = writers.iter().map(score).max().unwrap_or_default();
    writers.into_iter().find(|writer| score(writer) == best).unwrap_or(writers[0])
}

/// How many hunks have the words that a writer would have written, and how many could have some.
fn right(section: &Section, old: Option<&[u8]>, writer: Headings) -> (usize, usize) {
    let Some(text) = old else { return (0, 0) };
    let path = match &section.old {
        Name::Path(path) => path.as_slice(),
        Name::Null | Name::Missing => b"",
    };
    let lines = split(text);
    let placed = apply(section, old, How { fuzz: 0, ..How::default() }).hunks;
    let mut counts = (0, 0);
    for (hunk, placement) in section.hunks.iter().zip(placed) {
        if let Placement::Placed { line, .. } = placement {
            let words = heading(writer, path, &lines, line.saturating_sub(1));
            counts.0 += usize::from(!words.is_empty() && words.trim_ascii_end() == hunk.heading.trim_ascii_end());
            counts.1 += usize::from(!words.is_empty());
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::Entry;

    fn form(diff: &str, old: &str) -> Form {
        let file = PatchFile::read(Entry::plain(b"x"), diff.as_bytes().to_vec());
        Form::of(&file, &file.mails[0], &[Some(old.as_bytes())])
    }

    const OLD: &str = "int a_function_with_quite_a_long_name_indeed(void)\n{\nout:\n\t1;\n\t2;\n\t3;\n\t4;\n";
    const BODY: &str = "\n \t1;\n \t2;\n \t3;\n-\t4;\n+\tfour;\n";

    #[test]
    fn the_writer_of_the_headings_is_found_by_trying() {
        let head = "--- a/x.c\n+++ b/x.c\n@@ -4,4 +4,4 @@";
        assert_eq!(form(&format!("{head} out:{BODY}"), OLD).headings, Headings::Gnu);
        let git = format!("{head} int a_function_with_quite_a_long_name_indeed(void){BODY}");
        assert_eq!(form(&git, OLD).headings, Headings::GitKernel);
        assert_eq!(form(&format!("{head}{BODY}"), OLD).headings, Headings::None);
    }

    #[test]
    fn prefixes_and_announcements_are_those_of_the_first_section() {
        let found =
            form(&format!("Index: linux/x.c\n=====\n--- linux.orig/x.c\n+++ linux/x.c\n@@ -4,4 +4,4 @@{BODY}"), OLD);
        assert_eq!(
            (found.old_prefix.as_slice(), found.new_prefix.as_slice()),
            (b"linux.orig/".as_slice(), b"linux/".as_slice())
        );
        assert_eq!((found.announced, found.git, found.context), (Announced::Index, false, 3));
        let git = format!(
            "diff --git a/x.c b/x.c\nindex 0123456789ab..ba9876543210 100644\n--- a/x.c\n+++ b/x.c\n@@ -4,4 +4,4 @@{BODY}"
        );
        assert_eq!((form(&git, OLD).git, form(&git, OLD).index), (true, Some(12)));
        let id = "0123456789".repeat(4);
        let binary = format!(
            "diff --git a/b b/b\nindex {id}..{id} 100644\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n{git}"
        );
        assert_eq!(form(&binary, OLD).index, Some(12), "whole ids are for binary files");
    }
}
