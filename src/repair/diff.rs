//! A change of a file as a git diff. In: path and texts. Out: bytes that `git apply` takes; and the way back, a diff put to a text.

use crate::merge::{Change, delta};
use crate::quilt::{Entry, Headings, Look, PatchFile, apply, hunks_of};
use crate::run::quoted;
use bstr::BStr;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// The diff of one file.
pub fn unified(path: &BStr, change: Change<&[u8]>) -> Vec<u8> {
    let named = quoted(path);
    let mut out = match named.strip_prefix('"') {
        Some(rest) => format!("diff --git \"a/{rest} \"b/{rest}\n--- \"a/{rest}\n+++ \"b/{rest}\n"),
        None => format!("diff --git a/{named} b/{named}\n--- a/{named}\n+++ b/{named}\n"),
    }
    .into_bytes();
    let look = Look { path, headings: Headings::GitKernel, context: CONTEXT };
    out.extend(hunks_of(change, &delta::hunks(change), look));
    out
}

/// Puts a diff of one file to a text.
///
/// # Errors
/// It is not the diff of one file, or a hunk has no place exactly where it says.
pub fn applied(diff: &[u8], before: &[u8]) -> Result<Vec<u8>, String> {
    let file = PatchFile::read(Entry::plain(b"diff"), diff.to_vec());
    let sections: Vec<_> = file.sections().collect();
    let [section] = sections[..] else { return Err(format!("it is a diff of {} files, not of one", sections.len())) };
    if section.hunks.is_empty() {
        return Err("the diff has no hunks".to_owned());
    }
    let done = apply::apply(section, Some(before), apply::How { fuzz: 0, ..apply::How::default() });
    match done.is_exact() {
        true => done.after.ok_or_else(|| "the diff removes the file".to_owned()),
        false => Err("a hunk does not apply where it says".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_put_to_the_text_before_gives_the_text_after_and_to_another_nothing() {
        let before: Vec<u8> = (1..=30).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let after = String::from_utf8(before.clone()).expect("text").replace("line 9\n", "nine\nten\n");
        let diff = unified("a.c".into(), Change { before: &before, after: after.as_bytes() });
        assert!(diff.starts_with(b"diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -6,7 +6,8 @@"));
        assert_eq!(applied(&diff, &before).as_deref(), Ok(after.as_bytes()));
        assert!(applied(&diff, after.as_bytes()).is_err());
        assert!(applied(b"words\n", &before).is_err());
        assert!(applied(&[diff.clone(), diff].concat(), &before).is_err());
    }
}
