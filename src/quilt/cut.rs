//! Where a patch file is cut off: in a hunk, in the head of a file, or before its diff.
//!
//! In: a patch file as it was read. Out: the place in words. What was read of a file that is cut off is a smaller patch, or none, and applies;
//! so whatever announces more than there is counts: `@@` numbers, an `index` line, the names of a file, a diffstat, and a mail of
//! `git format-patch` that has neither a diff nor its signature. A file that ends right behind a whole hunk announces nothing.

use super::lines::bare;
use super::patch_file::{Mail, PatchFile};
use super::unified::{Counts, GitHead, Section};
use bstr::ByteSlice;
use std::ops::Range;

/// Where a patch file is cut off, in words; nothing if it is whole.
pub fn cut_off(file: &PatchFile) -> Option<String> {
    file.mails.iter().find_map(|mail| of_mail(file, mail))
}

fn of_mail(file: &PatchFile, mail: &Mail) -> Option<String> {
    let is_signed = file.text(&mail.whole).lines().any(|line| bare(line) == b"-- ");
    let at_end = |n: usize| n + 1 == mail.sections.len() && file.text(&mail.tail).trim_ascii().is_empty();
    for (n, section) in mail.sections.iter().enumerate() {
        // Between two files a hunk has no file.
        if let Some(stray) = lines(file, &section.head).find(|(_, line)| line.starts_with(b"@@ -")).filter(|_| n > 0) {
            return Some(said(file, stray.0, "the patch is cut off or damaged here: this belongs to no file"));
        }
        if let Some(hunk) = section.hunks.iter().find(|hunk| hunk.counts == Counts::Short) {
            return Some(said(file, hunk.whole.start, "the patch is cut off here, or its numbers are wrong"));
        }
        let alone = at_end(n).then_some(if mail.envelope.is_empty() || is_signed { Alone::Diff } else { Alone::Mail });
        if is_half(section, alone) || (section.hunks.is_empty() && !file.text(&section.whole).ends_with(b"\n")) {
            return Some(said(
                file,
                section.head.start,
                "the patch is cut off here: nothing follows what this announces",
            ));
        }
    }
    if let Some(at) = announced(file, mail) {
        return Some(said(file, at, "the patch is cut off here: no diff follows that can be read"));
    }
    let misses_diff = mail.sections.is_empty() && is_meant(file, mail, is_signed);
    misses_diff.then(|| said(file, mail.whole.start, "the patch is cut off: this mail ends before its diff"))
}

/// Is a mail without a diff meant to have one? An mbox has letters and answers, too.
fn is_meant(file: &PatchFile, mail: &Mail, is_signed: bool) -> bool {
    let tag = tag(file, mail);
    let has_stat = || lines(file, &mail.notes).any(|(_, line)| is_stat(line));
    let is_patch = || begins_envelope(file.text(&mail.whole)) || (!mail.envelope.is_empty() && is_patch(tag));
    !is_cover(tag) && (has_stat() || (!is_signed && is_patch()))
}

/// The place, its line, and what is wrong there.
fn said(file: &PatchFile, at: usize, why: &str) -> String {
    let line = memchr::memchr_iter(b'\n', file.text(&(0..at))).count() + 1;
    let text = file.text(&(at..file.bytes.len())).lines().next().unwrap_or_default().as_bstr();
    format!("line {line}: {text}: {why}")
}

/// Lines with the bytes at which they start.
fn lines<'a>(file: &'a PatchFile, range: &Range<usize>) -> impl Iterator<Item = (usize, &'a [u8])> {
    let mut end = range.start;
    file.text(range).lines_with_terminator().map(move |line| {
        end += line.len();
        (end - line.len(), line)
    })
}

/// What has nothing behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// A diff: its last file may be one without hunks.
    Diff,
    /// A mail of `git format-patch` that lacks its signature.
    Mail,
}

/// Has a git section no hunks, though its head speaks of other content, or is its head not whole?
fn is_half(section: &Section, alone: Option<Alone>) -> bool {
    let Some(git) = section.git.as_ref().filter(|_| section.hunks.is_empty() && section.binary.is_none()) else {
        return false;
    };
    let pairs = || [&git.renamed, &git.copied].into_iter().flatten();
    let whole_modes = git.old_mode.is_some() && git.new_mode.is_some();
    let says_nothing = !(git.created || git.deleted || whole_modes || pairs().next().is_some());
    let half_a_pair = pairs().any(|(from, to)| from.is_empty() || to.is_empty());
    says_nothing || half_a_pair || git.similarity.is_some_and(|percent| percent < 100) || lacks_content(git, alone)
}

/// Does the `index` line name content that is not there? Of a file that goes it may be left away (`git diff -D`).
fn lacks_content(git: &GitHead, alone: Option<Alone>) -> bool {
    const EMPTY: [&[u8]; 2] = [
        b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    ];
    let is_empty = |id: &[u8]| EMPTY.iter().any(|empty| empty.starts_with(id));
    match &git.index {
        Some(index) if git.created => !is_empty(&index.new),
        Some(index) if git.deleted => alone.is_some() && !is_empty(&index.old),
        Some(index) => index.old != index.new,
        // git writes one of every file that comes or goes.
        None => (git.created || git.deleted) && alone == Some(Alone::Mail),
    }
}

/// Where the text behind the diff, or that of a mail without one, begins a file or a hunk.
fn announced(file: &PatchFile, mail: &Mail) -> Option<usize> {
    let has_diff = !mail.sections.is_empty();
    let loose = if has_diff { &mail.tail } else { &mail.whole };
    let all: Vec<(usize, &[u8])> = lines(file, loose).filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
    let last = all.len().checked_sub(1)?;
    // `diff --git`, `---`, `+++`, a part of `@@`.
    const HEAD: usize = 4;
    let next = |n: usize| all.get(n + 1).map_or(&b""[..], |(_, line)| line);
    let begins = |n: usize, line: &[u8]| {
        let is_near = n + HEAD > last;
        let named = line.strip_prefix(b"--- ").is_some_and(|name| match name.ends_with(b"\n") {
            true => next(n).starts_with(b"+++ ") || (name.contains(&b'/') && !bare(name).ends_with(b"---")),
            false => true,
        });
        let announces = [&b"diff -"[..], b"Index: "].iter().any(|word| line.starts_with(word));
        let is_damaged = line.starts_with(b"@@ -") || (!has_diff && line.starts_with(b"diff --git "));
        is_damaged || (is_near && (named || announces)) || is_part(line)
    };
    all.iter().enumerate().find(|(n, (_, line))| begins(*n, line)).map(|(_, (at, _))| *at)
}

/// A line without its end that is the beginning of one that a file or a hunk begins with.
fn is_part(line: &[u8]) -> bool {
    let words: [&[u8]; 5] = [b"diff --git ", b"@@ -", b"--- a/", b"+++ b/", b"Index: "];
    !line.ends_with(b"\n") && words.iter().any(|word| word.starts_with(line))
}

/// Does it begin as a mail of `git format-patch` does, which may end in its first lines?
fn begins_envelope(text: &[u8]) -> bool {
    const SHORTEST_ID: usize = 40;
    let id = text.strip_prefix(b"From ").unwrap_or_default();
    id.iter().take_while(|b| b.is_ascii_hexdigit()).count() >= SHORTEST_ID
}

/// Is it the sum of a diffstat?
fn is_stat(line: &[u8]) -> bool {
    line.starts_with(b" ") && [&b" file changed"[..], b" files changed"].iter().any(|word| line.contains_str(word))
}

/// The line of the subject up to where its first bracket ends, `Subject: [PATCH v2 1/2`.
fn tag<'a>(file: &'a PatchFile, mail: &Mail) -> &'a [u8] {
    let subject = file.text(&mail.fields).lines().find(|line| line.starts_with(b"Subject:")).unwrap_or_default();
    subject.find_byte(b']').map_or(&b""[..], |end| &subject[..end])
}

/// Is it that of a patch, and not of an answer to one?
fn is_patch(tag: &[u8]) -> bool {
    let tag = tag.strip_prefix(b"Subject:").unwrap_or_default().trim_ascii_start();
    tag.starts_with(b"[") && tag.contains_str("PATCH")
}

/// Is it that of the letter before a series, `[PATCH 0/n]`? It has no diff.
fn is_cover(tag: &[u8]) -> bool {
    let number = tag.rsplit(|b| *b == b' ').next().unwrap_or_default();
    number.split(|b| *b == b'/').next().is_some_and(|n| !n.is_empty() && n.iter().all(|b| *b == b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::Entry;

    fn said_of(text: &str) -> Option<String> {
        cut_off(&PatchFile::read(Entry::plain(b"x.patch"), text.as_bytes().to_vec()))
    }

    const ENVELOPE: &str = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\n";
    const FILE: &str =
        "diff --git a/d/x.c b/d/x.c\nindex 7898192..6178079 100644\n--- a/d/x.c\n+++ b/d/x.c\n@@ -1 +1 @@\n-a\n+b\n";
    const PLAIN: &str = "Index: k/d/x.c\n==========\n--- k.orig/d/x.c\n+++ k/d/x.c\n@@ -1 +1 @@\n-a\n+b\n";

    #[test]
    fn wherever_the_head_of_a_file_is_cut_it_is_seen() {
        let mail = format!(
            "{ENVELOPE}Subject: [PATCH] x\n\nWhy.\n---\n d/x.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
        );
        // Behind whole hunks, too; there a cut at the very end leaves a whole patch, with the sign of a next line or without.
        for before in ["", "Why.\n\n", mail.as_str(), FILE, PLAIN] {
            for file in [FILE, PLAIN] {
                let first = file.find("@@ -1").expect("a hunk") + "@@ -1 +1 @@\n".len();
                for at in 2..=first {
                    let text = format!("{before}{}", &file[..at]);
                    assert!(said_of(&text).is_some_and(|said| said.contains("cut off")), "{text}");
                }
                assert_eq!(said_of(&format!("{before}{file}")), None);
            }
        }
        for at in "From ".len() + 40..mail.len() {
            assert!(said_of(&mail[..at]).is_some_and(|said| said.contains("cut off")), "{}", &mail[..at]);
        }
    }

    #[test]
    fn a_mail_without_a_diff_that_has_its_signature_or_is_a_cover_letter_is_whole() {
        for whole in [
            format!("{ENVELOPE}Subject: [PATCH] nothing\n\nWhy.\n---\n\n-- \n2.39\n\n"),
            format!("{ENVELOPE}Subject: [PATCH v2 00/12] a series\n\n d/x.c | 2 +-\n 1 file changed, 1 insertion(+)\n"),
            "Description: only text\n".to_owned(),
            format!("{FILE}--- end of the message ---\n"),
            format!("{FILE}-- "),
            String::new(),
        ] {
            assert_eq!(said_of(&whole), None, "{whole}");
        }
    }

    #[test]
    fn a_mail_of_a_list_that_is_no_patch_is_whole() {
        let anybody = "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: A <a@b>\n";
        let stat = "---\n d/x.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n";
        let ends = ["", "---\nbase-commit: 0123\n\nBest regards,\n-- \nA <a@b>\n\n"];
        for envelope in [ENVELOPE, anybody, "From: A <a@b>\n"] {
            for end in ends {
                let cover = format!("{envelope}Subject: [PATCH v2 0/2] a series\n\nWhy.\n{stat}{end}");
                assert_eq!(said_of(&cover), None, "{cover}");
                assert_eq!(said_of(&format!("{cover}{ENVELOPE}Subject: [PATCH v2 1/2] x\n\n{FILE}")), None, "{cover}");
            }
        }
        for reply in ["Subject: Re: [PATCH v2 1/2] x\n\nLooks good.\n", "Subject: a question\n\nIs it?\n"] {
            assert_eq!(said_of(&format!("{anybody}{reply}")), None, "{reply}");
            assert_eq!(said_of(&format!("{ENVELOPE}Subject: [PATCH] x\n\n{FILE}-- \n2.39\n\n{anybody}{reply}")), None);
        }
        // A patch is still missed where one was announced.
        for cut in ["Subject: [PATCH v2 1/2] x\n\nWhy.\n".to_owned(), format!("Subject: x\n\nWhy.\n{stat}")] {
            assert!(said_of(&format!("{anybody}{cut}")).is_some_and(|said| said.contains("cut off")), "{cut}");
        }
    }

    #[test]
    fn a_file_without_hunks_is_whole_where_its_head_says_all() {
        let head = "diff --git a/d/x.c b/d/x.c\n";
        for more in [
            "old mode 100644\nnew mode 100755\n",
            "new file mode 100644\nindex 0000000..e69de29\n",
            "new file mode 100644\n",
            "deleted file mode 100644\nindex e69de29..0000000\n",
            "similarity index 100%\nrename from d/x.c\nrename to d/y.c\n",
        ] {
            assert_eq!(said_of(&format!("{head}{more}")), None, "{more}");
            assert_eq!(said_of(&format!("{head}{more}{FILE}")), None, "{more}");
        }
        for half in [
            "old mode 100644\n",
            "new file mode 100644\nindex 0000000..7898192\n",
            "deleted file mode 100644\nindex 7898192..0000000\n",
            "similarity index 90%\nrename from d/x.c\nrename to d/y.c\n",
            "similarity index 100%\nrename from d/x.c\n",
            "similarity index 100%\nrename from d/x.c\nrename to d/",
        ] {
            assert!(said_of(&format!("{head}{half}")).is_some(), "{half}");
        }
        // As git diff -D writes it.
        assert_eq!(said_of(&format!("{head}deleted file mode 100644\nindex 7898192..0000000\n{FILE}")), None);
    }

    #[test]
    fn a_text_without_a_diff_that_can_be_read_is_refused_where_one_is_begun() {
        let too_long = PLAIN.replace("-1 +1", "-99999999999999999999,1 +1");
        assert!(said_of(&too_long).is_some_and(|said| said.starts_with("line 5: @@ -")), "{too_long}");
        let bare = format!("Why.\n\ndiff --git a/d/x.c b/d/x.c\n{}", "text\n".repeat(9));
        assert!(said_of(&bare).is_some_and(|said| said.starts_with("line 3: diff --git ")), "{bare}");
    }

    #[test]
    fn a_hunk_that_belongs_to_no_file_is_refused_wherever_it_stands() {
        let damaged = FILE.replace("@@ -1 +1 @@\n-a", "@@ -1 +1 @@\n-a\n+b\n@@ -7 +7\n-a");
        for text in [damaged.clone(), format!("{damaged}{FILE}"), format!("{PLAIN}text\n@@ -9 +9 @@\n-c\n+d\n")] {
            assert!(said_of(&text).is_some_and(|said| said.contains("@@ -")), "{text}");
        }
    }
}
