//! Which rows are learned from, and which are kept to measure with. In: rows. Out: the same without repeats, each on its side: all rows
//! of a file on one, and of each kind about the share that was asked for held out. By hashes, so that a set that grows keeps its sides
//! as far as it can.

use super::{Part, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Takes repeats away and splits; `share` is in percent.
pub fn split(rows: Vec<Row>, share: u8) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let mut rows: Vec<Row> = rows.into_iter().filter(|row| seen.insert(content(&row.diff))).collect();
    // A file counts for the kind that its first row has.
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for row in &rows {
        if known.insert(row.source.path.clone()) {
            kinds.entry(row.kind.clone()).or_default().insert(row.source.path.clone());
        }
    }
    let mut held: BTreeSet<String> = BTreeSet::new();
    for files in kinds.into_values() {
        let count = files.len() * usize::from(share.min(100)) / 100;
        // Of a kind with two files or more, one is there to measure with.
        let count = if share > 0 && files.len() > 1 { count.max(1) } else { count };
        let mut files: Vec<(String, String)> = files.into_iter().map(|file| (hashed(&file), file)).collect();
        files.sort();
        held.extend(files.into_iter().take(count).map(|(_, file)| file));
    }
    for row in &mut rows {
        row.split = if held.contains(&row.source.path) { Part::HeldOut } else { Part::Train };
    }
    rows
}

/// What a diff adds and takes away, wherever it stands.
fn content(diff: &str) -> String {
    let is_content =
        |line: &&str| line.starts_with(['+', '-']) && !line.starts_with("+++ ") && !line.starts_with("--- ");
    let lines: Vec<String> =
        diff.lines().filter(is_content).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    hashed(&lines.join("\n"))
}

fn hashed(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, Provenance};
    use super::*;

    fn row(path: &str, kind: &str, diff: &str) -> Row {
        let source = Provenance {
            from: Origin::History,
            commit: String::new(),
            old: None,
            path: path.into(),
            before: String::new(),
            after: String::new(),
            entry: None,
        };
        Row {
            schema_version: 1,
            id: String::new(),
            split: Part::Train,
            task: "finding".into(),
            kind: kind.into(),
            tool: None,
            licence: None,
            source,
            messages: Vec::new(),
            diff: diff.into(),
        }
    }

    #[test]
    fn no_file_is_on_both_sides_and_of_each_kind_a_share_is_held_out() {
        let rows: Vec<Row> = (0..60)
            .map(|n| row(&format!("{}.c", n / 2), if n < 40 { "leak" } else { "race" }, &format!("+{n}\n")))
            .collect();
        let rows = split(rows, 20);
        let files = |part: Part, kind: &str| -> BTreeSet<String> {
            rows.iter().filter(|row| row.split == part && row.kind == kind).map(|row| row.source.path.clone()).collect()
        };
        assert_eq!((files(Part::HeldOut, "leak").len(), files(Part::Train, "leak").len()), (4, 16));
        assert_eq!((files(Part::HeldOut, "race").len(), files(Part::Train, "race").len()), (2, 8));
        assert!(files(Part::HeldOut, "leak").is_disjoint(&files(Part::Train, "leak")));
    }

    #[test]
    fn the_same_edit_elsewhere_is_one_row() {
        let rows = vec![
            row("a.c", "leak", "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-\tx\n"),
            row("b.c", "leak", "--- a/b.c\n@@ -9 +9 @@\n- x\n"),
        ];
        assert_eq!(split(rows, 0).len(), 1);
    }
}
