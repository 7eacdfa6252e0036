//! Whole series onto v6.12: every commit has one outcome, the sums are right, and the counts are those of last time.

use super::Kit;
use serde_json::Value;
use std::collections::BTreeMap;

/// Series, commits, and how many came out as: unmodified, modified, upstream, empty, conflicted.
const COUNTS: [(&str, usize, [usize; 5]); 5] = [
    ("rt-6.1", 70, [30, 1, 10, 0, 29]),
    ("rpi-6.1", 998, [761, 12, 9, 0, 216]),
    ("gen-6.1", 744, [224, 24, 199, 0, 297]),
    ("mediatek-6.1", 938, [311, 30, 258, 0, 339]),
    ("deb-6.1", 149, [74, 3, 19, 0, 53]),
];

#[test]
fn every_commit_has_exactly_one_outcome_and_the_sums_are_right() {
    let Some(kit) = Kit::open() else { return };
    let mut changed = Vec::new();
    for (series, commits, expected) in COUNTS {
        let (outcomes, totals) = kit.migrate(series, &["--dry-run"]);
        assert_eq!(outcomes.len(), commits, "{series}");
        let numbers: Vec<u64> = outcomes.iter().filter_map(|o| o["n"].as_u64()).collect();
        assert_eq!(numbers, (1..=commits as u64).collect::<Vec<_>>(), "{series}");
        let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
        for outcome in &outcomes {
            *by_status.entry(outcome["status"].as_str().expect("a status")).or_default() += 1;
        }
        assert_eq!(serde_json::to_value(&by_status).expect("counts"), totals["totals"]["status"], "{series}");
        let words = ["unmodified", "modified", "upstream", "empty", "conflicted"];
        let found = words.map(|w| by_status.get(w).copied().unwrap_or(0));
        assert_eq!(found.iter().sum::<usize>(), commits, "{series}: {by_status:?}");
        println!("{series}: {by_status:?}, accepted {}", totals["totals"]["accepted"]);
        if found != expected {
            changed.push(format!("{series}: {found:?}, was {expected:?}"));
        }
    }
    assert!(changed.is_empty() || !kit.counted, "counts changed: {changed:#?}");
}

#[test]
fn the_same_run_twice_ends_in_the_same_commit() {
    let Some(kit) = Kit::open() else { return };
    let (_, once) = kit.migrate("rpi-6.1", &["--dry-run"]);
    let (_, again) = kit.migrate("rpi-6.1", &[]);
    assert_eq!(once["tip"], again["tip"]);
    kit.git(&["fsck", "--full", "--strict", "--no-dangling", again["tip"].as_str().expect("an id")]);
}

/// Of the commits of gen-6.1 whose file name says `-vX.Y-` with X.Y up to 6.12: how many came out how. For the note and the eye.
#[test]
fn backports_that_name_their_release_are_dropped_with_proof_or_shown() {
    let Some(kit) = Kit::open() else { return };
    let (outcomes, _) = kit.migrate("gen-6.1", &["--dry-run"]);
    let named = |o: &&Value| {
        let evidence = o["evidence"].as_array().expect("a list");
        evidence.iter().any(|e| e["statement"].as_str().is_some_and(|s| s.contains("the new kernel is v6.12")))
    };
    let mut by_status: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(named) {
        let status = outcome["status"].as_str().expect("a status");
        let flags = outcome["flags"].as_array().expect("a list");
        let shown = flags.iter().any(|f| f == "to_review");
        assert!(shown || status == "upstream", "neither dropped nor shown: {outcome}");
        *by_status.entry(status.to_owned()).or_default() += 1;
    }
    println!("{} name their release: {by_status:?}", by_status.values().sum::<usize>());
}
