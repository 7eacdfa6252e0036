//! The door over the kit's samples: of git's clean merges, which does it reject, and were those wrong?

use super::{Blobs, Kit, halves};
use kmigrate::git::text::{self, TextMerge};
use kmigrate::merge::Sides;
use kmigrate::run::Method;
use kmigrate::syntax::language::Language;
use kmigrate::verify::{Candidate, Question, verify};
use std::collections::BTreeMap;

#[derive(Default)]
struct Row {
    clean: usize,
    rejected: usize,
    wrong: usize,
    caught: usize,
}

/// Equal but for white space.
fn squeezed(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect()
}

#[test]
fn what_the_door_rejects_of_clean_merges_was_wrong() {
    let Some(kit) = Kit::open() else { return };
    let mut blobs = Blobs::open(&kit);
    let mut rows: BTreeMap<(String, &str), Row> = BTreeMap::new();
    for sample in kit.samples() {
        let [base, theirs, ours, truth] = ["base", "theirs", "ours", "truth"].map(|side| blobs.read(&sample[side]));
        let sides = Sides { base: &base[..], ours: &ours[..], theirs: &theirs[..] };
        let TextMerge::Clean(merged) = text::merge(sides).expect("merged") else { continue };
        let language = Language::of(sample["path_new"].as_str().expect("a path").as_bytes());
        let is_right = squeezed(&merged) == squeezed(&truth);
        let verdict = verify(&Question { language, sides }, Candidate::of_lines(merged, Method::Text));
        let kind = if sample["evolved"] == true { "evolved" } else { "same" };
        if let Err(rejection) = &verdict
            && halves(&sample) == "read"
        {
            eprintln!("{} {kind} {}: {:?}, right: {is_right}", sample["class"], sample["id"], rejection.objection);
        }
        let class = format!("{} {kind}", sample["class"].as_str().expect("a class"));
        for half in [halves(&sample), "both"] {
            let row = rows.entry((class.clone(), half)).or_default();
            row.clean += 1;
            row.rejected += usize::from(verdict.is_err());
            row.wrong += usize::from(!is_right);
            row.caught += usize::from(verdict.is_err() && !is_right);
        }
    }
    let mut alarms = (0, 0);
    for ((class, half), row) in &rows {
        let Row { clean, rejected, wrong, caught } = row;
        eprintln!(
            "{class:17} {half:6} clean {clean:3}  rejected {rejected}, of them wrong {caught}  (wrong in all: {wrong})"
        );
        if *half == "both" && class.ends_with("same") {
            alarms = (alarms.0 + rejected - caught, alarms.1 + clean);
        }
    }
    let (false_alarms, clean) = alarms;
    eprintln!("false alarms: {false_alarms} of {clean} clean merges of class same");
    assert!(!kit.counted || false_alarms * 200 <= clean, "at most 0.5 %");
}
