//! Retrieval over the kit's samples: do the lines that people changed lie where the patch's hunks are found?
//!
//! Changed lines are the lines of the truth that differ from ours, an insertion by its two neighbours. Only the counts of the
//! half that nobody has looked at say how good it is.

use super::{Blobs, Kit, halves};
use kmigrate::fingerprint::retrieve::Retriever;
use kmigrate::merge::{Change, delta};
use kmigrate::syntax::language::Language;
use std::collections::BTreeMap;
use std::ops::Range;

#[derive(Default)]
struct Row {
    samples: usize,
    inside: usize,
    ranges: usize,
    lines: usize,
}

#[test]
fn the_lines_that_people_changed_lie_where_the_hunks_are_found() {
    let Some(kit) = Kit::open() else { return };
    let samples = kit.samples();
    let mut blobs = Blobs::open(&kit);
    let mut rows: BTreeMap<(String, &str), Row> = BTreeMap::new();
    for sample in samples.iter().filter(|s| s["class"] != "identical") {
        let [base, theirs, ours, truth] = ["base", "theirs", "ours", "truth"].map(|side| blobs.read(&sample[side]));
        let language = Language::of(sample["path_new"].as_str().expect("a path").as_bytes());
        let retriever = Retriever::new(language, &base, &ours);
        let hunks = delta::hunks(Change { before: &base, after: &theirs });
        let found: Vec<Range<usize>> =
            hunks.iter().filter_map(|h| retriever.locate(&h.before).first().map(|l| l.lines.clone())).collect();
        let end = ours.split(|c| *c == b'\n').count();
        let inside = |line: usize| found.iter().any(|range| range.contains(&line));
        let near = |h: &delta::Hunk| match h.before.is_empty() {
            false => h.before.clone().all(inside),
            true => {
                (h.before.start == 0 || inside(h.before.start - 1))
                    && (h.before.start + 1 >= end || inside(h.before.start))
            }
        };
        let all = delta::hunks(Change { before: &ours, after: &truth }).iter().all(near);
        let kind = if sample["evolved"] == true { "evolved" } else { "same" };
        if !all && std::env::var_os("KMIGRATE_READ").is_some() && halves(sample) == "read" {
            let changed: Vec<_> = delta::hunks(Change { before: &ours, after: &truth })
                .into_iter()
                .filter(|h| !near(h))
                .map(|h| h.before)
                .collect();
            eprintln!("{} {kind} {}: found {found:?}, not inside {changed:?}", sample["class"], sample["id"]);
        }
        let class = format!("{} {kind}", sample["class"].as_str().expect("a class"));
        for half in [halves(sample), "both"] {
            let row = rows.entry((class.clone(), half)).or_default();
            row.samples += 1;
            row.inside += usize::from(all);
            row.ranges += found.len();
            row.lines += found.iter().map(Range::len).sum::<usize>();
        }
    }
    for ((class, half), row) in &rows {
        let share = 100.0 * row.inside as f64 / row.samples as f64;
        let mean = row.lines as f64 / row.ranges.max(1) as f64;
        eprintln!("{class:14} {half:6} n {:4}  inside {share:5.1} %  mean range {mean:.1} lines", row.samples);
    }
}
