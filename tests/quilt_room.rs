//! The quilt room against GNU patch and `git diff`, and under arbitrary bytes.

use kmigrate::merge::{Change, delta};
use kmigrate::quilt::apply::{Direction, How};
use kmigrate::quilt::{
    Drift, Entry, FileSide, Headings, Look, Means, PatchFile, Placement, Series, Turn, apply, hunks_of, message,
    own_edits, rebuilt_base, refreshed,
};
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

const DIFF: &str = "From 1234567890 Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH] x\n\nText\n---\n x.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n\
diff --git a/x.c b/x.c\nindex 1234567..89abcde 100644\n--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@ int f(void)\n 1\n-2\n+two\n 3\n\
diff --git a/b b/b\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZQzU|?VbVhjKR00961\n\nliteral 0\nHcmV?d00001\n\n\
Index: y\n=====\n--- y.orig\t1970-01-01\n+++ y\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n-- \n2.39\n\n";

fn file(bytes: &[u8]) -> PatchFile {
    PatchFile::read(Entry::plain(b"0001-x.patch"), bytes.to_vec())
}

fn plain_diff(change: Change<&[u8]>) -> Vec<u8> {
    let look = Look { path: b"x.c", headings: Headings::Gnu, context: 3 };
    [b"--- a/x.c\n+++ b/x.c\n".as_slice(), &hunks_of(change, &delta::hunks(change), look)].concat()
}

/// All of the room, on whatever it is given.
fn everything(bytes: &[u8], old: &[u8]) {
    let file = file(bytes);
    let mut at = 0;
    for mail in &file.mails {
        let head = [&mail.envelope, &mail.fields, &mail.message, &mail.notes];
        for tile in head.into_iter().chain(mail.sections.iter().map(|s| &s.whole)).chain([&mail.tail]) {
            assert_eq!(tile.start, at, "every byte belongs to one part");
            at = tile.end;
        }
        let said = message(&file, mail);
        assert!(!said.subject.contains(&b'\n'));
        let mut sides = Vec::new();
        for section in &mail.sections {
            let _ = section.touched(1, &|_| true).or_else(|_| section.touched(0, &|_| false));
            for direction in [Direction::Forward, Direction::Reverse] {
                let _ = apply(section, Some(old), How { direction, fuzz: 2 });
                let _ = apply(section, None, How { direction, fuzz: 3 });
            }
            sides.push(rebuilt_base(section, Some(old)));
        }
        let side = |text: &'_ Option<Vec<u8>>| text.clone().map(|t| &*Box::leak(t.into_boxed_slice()));
        let turns: Vec<Turn<'_>> = sides
            .iter()
            .enumerate()
            .map(|(n, sides)| {
                let side =
                    |text| side(text).map(|text| FileSide { path: b"x.c", mode: 0o100_644, text, id: "0123456789" });
                Turn {
                    section: Some(n),
                    old: Some(old),
                    new: Change { before: side(&sides.before), after: side(&sides.after) },
                }
            })
            .collect();
        let means = Means { differ: &delta::hunks, deflate: &|b| b.to_vec(), drift: Drift::Refresh };
        let _ = refreshed(&file, mail, &turns, means);
    }
    assert_eq!(at, bytes.len());
    let series = Series::read(bytes);
    assert_eq!(series.print(&|_| kmigrate::quilt::series::Mark::Keep), bytes);
}

/// Lines of few sorts, so that they repeat.
fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof!["a", "b", "c", "", "\t}", "int f(void)", "out:"], 0..24)
        .prop_map(|lines| lines.iter().map(|l| format!("{l}\n")).collect())
}

/// A text with some lines changed.
fn changed(text: String) -> impl Strategy<Value = (String, String)> {
    let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let edits =
        proptest::collection::vec((0..lines.len() + 1, prop_oneof![Just(""), Just("new\n"), Just("a\nb\n")]), 0..4);
    (Just(text), edits).prop_map(move |(text, edits)| {
        let mut after = lines.clone();
        for (at, put) in edits {
            match after.get_mut(at) {
                Some(line) => *line = put.to_owned(),
                None => after.push(put.to_owned()),
            }
        }
        (text, after.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300), old in proptest::collection::vec(any::<u8>(), 0..80)) {
        everything(&bytes, &old);
    }

    #[test]
    fn mutated_patches_do_no_harm(edits in proptest::collection::vec((0..DIFF.len(), any::<u8>(), 0..3u8), 1..8), cut in 0..DIFF.len()) {
        let mut bytes = DIFF.as_bytes().to_vec();
        for (at, byte, what) in edits {
            let at = at.min(bytes.len() - 1);
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b'\n'),
                _ => drop(bytes.remove(at)),
            }
        }
        everything(&bytes, b"1\n2\n3\n");
        everything(&bytes[..cut.min(bytes.len())], b"0\n1\n2\n3\n");
    }

    #[test]
    fn what_is_printed_is_read_and_applied_and_taken_back((before, after) in text().prop_flat_map(changed), no_newline in any::<bool>()) {
        let after = if no_newline { after.strip_suffix('\n').unwrap_or(&after) } else { &after };
        let diff = plain_diff(Change { before: before.as_bytes(), after: after.as_bytes() });
        let file = file(&diff);
        let Some(section) = file.sections().next() else {
            prop_assert_eq!(before.as_bytes(), after.as_bytes());
            return Ok(());
        };
        let there = apply(section, Some(before.as_bytes()), How { fuzz: 0, ..How::default() });
        prop_assert!(there.is_exact());
        prop_assert_eq!(there.after.as_deref(), Some(after.as_bytes()));
        let back = apply(section, Some(after.as_bytes()), How { direction: Direction::Reverse, fuzz: 0 });
        prop_assert_eq!(back.after.as_deref(), Some(before.as_bytes()));
    }

    #[test]
    fn a_refreshed_patch_says_what_was_wanted(old in text().prop_flat_map(changed), new in text().prop_flat_map(changed)) {
        let diff = plain_diff(Change { before: old.0.as_bytes(), after: old.1.as_bytes() });
        let file = file(&diff);
        if file.sections().next().is_none() || new.0 == new.1 {
            return Ok(());
        }
        let side = |text: &'_ str| -> Option<FileSide<'static>> { Some(FileSide { path: b"x.c", mode: 0o100_644, text: Box::leak(text.as_bytes().to_vec().into_boxed_slice()), id: "" }) };
        let turn = Turn { section: Some(0), old: Some(old.0.as_bytes()), new: Change { before: side(&new.0), after: side(&new.1) } };
        let means = Means { differ: &delta::hunks, deflate: &|b| b.to_vec(), drift: Drift::Refresh };
        let fresh = refreshed(&file, &file.mails[0], &[turn], means);
        let again = PatchFile::read(Entry::plain(b"x"), fresh.bytes);
        let applied = apply(again.sections().next().expect("it works"), Some(new.0.as_bytes()), How { fuzz: 0, ..How::default() });
        prop_assert!(applied.is_exact());
        prop_assert_eq!(applied.after.as_deref(), Some(new.1.as_bytes()));
    }

    #[test]
    fn a_rebuilt_base_takes_every_hunk(old in text().prop_flat_map(changed), other in text()) {
        let diff = plain_diff(Change { before: old.0.as_bytes(), after: old.1.as_bytes() });
        let file = file(&diff);
        let Some(section) = file.sections().next() else { return Ok(()) };
        let rebuilt = rebuilt_base(section, Some(other.as_bytes()));
        let (before, after) = (rebuilt.before.unwrap_or_default(), rebuilt.after.unwrap_or_default());
        let count = |text: &[u8]| text.iter().filter(|b| **b == b'\n').count() as isize;
        let wanted: isize = section.hunks.iter().map(|h| h.new.count as isize - h.old.count as isize).sum();
        prop_assert_eq!(count(&after) - count(&before), wanted);
    }
}

fn have(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !there {
        eprintln!("skipped: no {program} here");
    }
    there
}

/// What GNU patch makes of a file, and what it says of each hunk: offset and fuzz, or nothing.
fn gnu(dir: &Path, before: &[u8], diff: &[u8], args: &[&str]) -> (Vec<u8>, Vec<Option<(isize, usize)>>) {
    std::fs::write(dir.join("x.c"), before).expect("it works");
    std::fs::write(dir.join("diff"), diff).expect("it works");
    let output = Command::new("patch")
        .args(["-p1", "-f", "--verbose", "--no-backup-if-mismatch", "-r", "-", "-i", "diff"])
        .args(args)
        .current_dir(dir)
        .output()
        .expect("it works");
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |line: &str, after: &str| {
        line.split(after).nth(1).and_then(|r| r.split([' ', '.', ')']).next()?.parse::<isize>().ok())
    };
    let hunk = |line: &str| {
        line.starts_with("Hunk #").then(|| {
            line.contains("succeeded")
                .then(|| (number(line, "(offset ").unwrap_or(0), number(line, "fuzz ").unwrap_or(0) as usize))
        })
    };
    (std::fs::read(dir.join("x.c")).unwrap_or_default(), words.lines().filter_map(hunk).collect())
}

/// Places as GNU patch tells them.
fn told(hunks: &[Placement]) -> Vec<Option<(isize, usize)>> {
    let told = |p: &Placement| match *p {
        Placement::Placed { offset, fuzz, .. } => Some((offset, fuzz)),
        Placement::Rejected(_) => None,
    };
    hunks.iter().map(told).collect()
}

#[test]
fn hunks_go_where_gnu_patch_puts_them() {
    if !have("patch") {
        return;
    }
    let dir = tempfile::tempdir().expect("it works");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let cases = (text().prop_flat_map(changed), text(), 0..6usize, 0..4usize);
    let found = runner.run(&cases, |((before, after), top, drop, fuzz)| {
        let diff = plain_diff(Change { before: before.as_bytes(), after: after.as_bytes() });
        let file = file(&diff);
        let Some(section) = file.sections().next() else { return Ok(()) };
        // Another file: lines on top, and one line less.
        let mut lines: Vec<&str> = before.split_inclusive('\n').collect();
        if drop < lines.len() {
            lines.remove(drop);
        }
        let drifted = format!("{top}{}", lines.concat());
        if drifted.is_empty() || after.is_empty() {
            return Ok(());
        }
        let (wanted, said) = gnu(dir.path(), drifted.as_bytes(), &diff, &[format!("-F{fuzz}").as_str()]);
        let ours = apply(section, Some(drifted.as_bytes()), How { fuzz, ..How::default() });
        prop_assert_eq!(told(&ours.hunks), said, "{}", String::from_utf8_lossy(&diff));
        let after = ours.after.unwrap_or_default();
        prop_assert_eq!(String::from_utf8_lossy(&after), String::from_utf8_lossy(&wanted));
        Ok(())
    });
    found.expect("it works");
}

#[test]
fn printed_bodies_are_those_of_git_diff() {
    if !have("git") {
        return;
    }
    let dir = tempfile::tempdir().expect("it works");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
    let found = runner.run(&text().prop_flat_map(changed), |(before, after)| {
        std::fs::write(dir.path().join("a.c"), &before).expect("it works");
        std::fs::write(dir.path().join("b.c"), &after).expect("it works");
        let args =
            ["-c", "core.attributesFile=/dev/null", "diff", "--no-index", "--diff-algorithm=histogram", "a.c", "b.c"];
        let output = Command::new("git").args(args).current_dir(dir.path()).output().expect("it works").stdout;
        let wanted = file(&output);
        let Some(section) = wanted.sections().next() else { return Ok(()) };
        let body = wanted.text(&(section.head.end..section.whole.end));
        // The edits are git's; what is tested is how they are written.
        let applied = apply(section, Some(before.as_bytes()), How { fuzz: 0, ..How::default() });
        prop_assert!(applied.is_exact());
        prop_assert_eq!(applied.after.as_deref(), Some(after.as_bytes()));
        let change = Change { before: before.as_bytes(), after: after.as_bytes() };
        let edits = own_edits(&section.hunks, &applied.hunks).expect("it works");
        let ours = hunks_of(change, &edits, Look { path: b"x.c", headings: Headings::GitPlain, context: 3 });
        prop_assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(body));
        Ok(())
    });
    found.expect("it works");
}
