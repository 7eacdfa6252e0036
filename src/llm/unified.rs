//! Two snippets as a unified diff with the line numbers of their files.
//!
//! In: a snippet before and after. Out: lines as they are shown: heads, and lines with ` `, `-` or `+` in front.

use super::shown::shown;
use super::snippet::Snippet;
use crate::merge::Change;
use crate::merge::delta::{self, Hunk};
use std::ops::Range;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// The diff; empty if nothing changed.
pub fn unified(change: Change<&Snippet>) -> Vec<String> {
    let hunks = delta::hunks(Change { before: &change.before.text, after: &change.after.text });
    let (before, after) = (change.before.lines(), change.after.lines());
    let mut out = Vec::new();
    let mut rest = hunks.as_slice();
    while !rest.is_empty() {
        let near = |two: &[Hunk]| two[1].before.start <= two[0].before.end + 2 * CONTEXT;
        let count = 1 + rest.windows(2).take_while(|two| near(two)).count();
        let (group, later) = rest.split_at(count);
        rest = later;
        let (first, last) = (&group[0], &group[count - 1]);
        let lead = CONTEXT.min(first.before.start).min(first.after.start);
        let old = first.before.start - lead..(last.before.end + CONTEXT).min(before.len());
        let new = first.after.start - lead..(last.after.end + CONTEXT).min(after.len());
        out.push(head((&old, change.before.first), (&new, change.after.first)));
        let mut at = old.start;
        for hunk in group {
            push(&mut out, ' ', &before[at..hunk.before.start]);
            push(&mut out, '-', &before[hunk.before.clone()]);
            push(&mut out, '+', &after[hunk.after.clone()]);
            at = hunk.before.end;
        }
        push(&mut out, ' ', &before[at..old.end]);
    }
    out
}

/// `@@ -old,count +new,count @@`.
fn head((old, old_first): (&Range<usize>, usize), (new, new_first): (&Range<usize>, usize)) -> String {
    format!("@@ -{},{} +{},{} @@", old.start + old_first, old.len(), new.start + new_first, new.len())
}

/// Adds lines with what is in front of them.
pub fn push(out: &mut Vec<String>, sign: char, lines: &[&[u8]]) {
    out.extend(lines.iter().map(|line| format!("{sign}{}", shown(line))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> Vec<String> {
        let (before, after) = (Snippet::new(before, 11), Snippet::new(after, 21));
        unified(Change { before: &before, after: &after })
    }

    #[test]
    fn a_change_has_the_numbers_of_both_files() {
        assert_eq!(diff("a\nb\nc\n", "a\nx\nc\n"), ["@@ -11,3 +21,3 @@", " a", "-b", "+x", " c"]);
        assert_eq!(diff("a\n", "a\n"), [""; 0]);
        assert_eq!(diff("", "a\n"), ["@@ -11,0 +21,1 @@", "+a"]);
    }

    #[test]
    fn changes_far_apart_have_heads_of_their_own() {
        let text: String = (0..40).map(|n| format!("{n}\n")).collect();
        let changed = text.replace("\n5\n", "\nfive\n").replace("\n30\n", "\n");
        let lines = diff(&text, &changed);
        assert_eq!(
            lines.iter().filter(|line| line.starts_with("@@")).collect::<Vec<_>>(),
            ["@@ -13,7 +23,7 @@", "@@ -38,7 +48,6 @@"]
        );
    }
}
