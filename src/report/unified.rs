//! A change of a file as a unified diff that `git apply` takes.

use crate::merge::Change;
use crate::merge::delta::{self, Hunk};
use crate::run::quoted;
use bstr::{BStr, BString, ByteSlice};
use std::io::Write;
use std::ops::Range;

/// Lines around a change.
const CONTEXT: usize = 3;
/// Bytes of the line that says where a hunk is: git's own measure.
const HEADING: usize = 80;

/// Writes the change with its context.
pub fn unified(out: &mut Vec<u8>, path: &BString, change: Change<&[u8]>) {
    // The quotes go around all of it, as git writes it.
    let on = |side: &str| quoted(BStr::new(&[side.as_bytes(), path].concat()));
    let _ = writeln!(out, "--- {}\n+++ {}", on("a/"), on("b/"));
    hunks(out, change, &|_| true);
}

/// Writes those hunks of the change that are wanted, with their context and without a head.
pub fn hunks(out: &mut Vec<u8>, change: Change<&[u8]>, wanted: &dyn Fn(&Hunk) -> bool) {
    Hunks::of(change).write(out, wanted);
}

/// A change as hunks, found once and written as often as they are wanted.
pub struct Hunks<'a> {
    before: Vec<&'a [u8]>,
    after: Vec<&'a [u8]>,
    all: Vec<Hunk>,
}

impl<'a> Hunks<'a> {
    /// Of a change.
    pub fn of(change: Change<&'a [u8]>) -> Self {
        Self {
            before: change.before.lines_with_terminator().collect(),
            after: change.after.lines_with_terminator().collect(),
            all: delta::hunks(change),
        }
    }

    /// Writes those that are wanted, with their context and without a head.
    pub fn write(&self, out: &mut Vec<u8>, wanted: &dyn Fn(&Hunk) -> bool) {
        let wanted: Vec<&Hunk> = self.all.iter().filter(|hunk| wanted(hunk)).collect();
        for group in wanted.chunk_by(|a, b| b.before.start <= a.before.end + 2 * CONTEXT) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            let above = first.before.start.min(CONTEXT);
            let below = (self.before.len() - last.before.end).min(CONTEXT);
            let old = first.before.start - above..last.before.end + below;
            let new = first.after.start - above..last.after.end + below;
            let start = |range: &Range<usize>| range.start + usize::from(!range.is_empty());
            let _ = write!(out, "@@ -{},{} +{},{} @@", start(&old), old.len(), start(&new), new.len());
            if let Some(heading) = heading(&self.before[..old.start]) {
                out.push(b' ');
                out.extend_from_slice(heading);
            }
            out.push(b'\n');
            let mut at = old.start;
            for Hunk { before: gone, after: came } in group {
                lines(out, b' ', &self.before[at..gone.start]);
                lines(out, b'-', &self.before[gone.clone()]);
                lines(out, b'+', &self.after[came.clone()]);
                at = gone.end;
            }
            lines(out, b' ', &self.before[at..old.end]);
        }
    }
}

/// The last line above a hunk that begins a function or a declaration, as git guesses it.
fn heading<'a>(above: &[&'a [u8]]) -> Option<&'a [u8]> {
    let begins = |c: &u8| c.is_ascii_alphabetic() || matches!(c, b'_' | b'$');
    let line = above.iter().rev().find(|line| line.first().is_some_and(begins))?;
    let line = line.trim_end();
    Some(&line[..line.len().min(HEADING)])
}

fn lines(out: &mut Vec<u8>, sign: u8, lines: &[&[u8]]) {
    for line in lines {
        out.push(sign);
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_are_near_share_a_hunk_and_an_end_without_a_newline_is_told() {
        let before: String = (1..=30).map(|n| format!("{n}\n")).collect();
        let after = before.replace("\n5\n", "\nfive\n").replace("\n9\n", "\n").replace("30\n", "30");
        let mut out = Vec::new();
        unified(&mut out, &"a.c".into(), Change { before: before.as_bytes(), after: after.as_bytes() });
        let told = String::from_utf8(out).expect("text");
        assert_eq!(
            told,
            "--- a/a.c\n+++ b/a.c\n@@ -2,11 +2,10 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n-9\n 10\n 11\n 12\n@@ -27,4 +26,4 @@\n 27\n 28\n 29\n-30\n+30\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn a_path_that_needs_quotes_has_them_around_its_side_too() {
        let mut out = Vec::new();
        unified(&mut out, &"odd dir/a\"b.c".into(), Change { before: b"1\n", after: b"2\n" });
        assert!(out.starts_with(b"--- \"a/odd dir/a\\\"b.c\"\n+++ \"b/odd dir/a\\\"b.c\"\n@@"), "{}", out.as_bstr());
    }

    #[test]
    fn a_hunk_says_which_function_it_is_in() {
        let before = "int f(void)\n{\n\t1;\n\t2;\n\t3;\n\t4;\n\t5;\n}\n";
        let after = before.replace("\t5;\n", "\tfive;\n");
        let mut out = Vec::new();
        hunks(&mut out, Change { before: before.as_bytes(), after: after.as_bytes() }, &|_| true);
        assert!(out.starts_with(b"@@ -4,5 +4,5 @@ int f(void)\n"), "{}", out.as_bstr());
    }
}
