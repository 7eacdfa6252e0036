//! The promises of merging (`tests/properties.rs`) on the kit's samples. Texts are merged and counted; nothing of them is printed.

use super::{Blobs, Kit, halves};
use crate::properties;
use kmigrate::merge::Sides;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A promise, and in how many samples it was broken.
type Promise = (&'static str, fn(&Sides<Vec<u8>>, &str));

const PROMISES: [Promise; 4] = [
    ("one side gives the other", properties::one_side_gives_the_other),
    ("one side of a hunk gives the other", properties::one_side_of_a_hunk_gives_the_other),
    ("exchanged sides agree", properties::exchanged_sides_agree),
    ("every line is of a side", properties::every_line_is_of_a_side),
];

#[test]
fn what_merging_promises_holds_on_real_kernels() {
    let Some(kit) = Kit::open() else { return };
    let mut blobs = Blobs::open(&kit);
    let mut broken: Vec<String> = Vec::new();
    let samples = kit.samples();
    // A broken promise would show the texts.
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for sample in &samples {
        let [base, theirs, ours] = ["base", "theirs", "ours"].map(|side| blobs.read(&sample[side]));
        let texts = Sides { base, ours, theirs };
        let path = sample["path_new"].as_str().expect("a path");
        for (name, promise) in PROMISES {
            if let Err(why) = catch_unwind(AssertUnwindSafe(|| promise(&texts, path))) {
                let why = why.downcast_ref::<String>().map(String::as_str).unwrap_or_default();
                broken.push(match halves(sample) {
                    "read" => format!("{name}: {} {}", sample["id"], why.chars().take(600).collect::<String>()),
                    _ => format!("{name}: {}", label(why)),
                });
            }
        }
    }
    std::panic::set_hook(loud);
    eprintln!("{} samples, {} promises broken", samples.len(), broken.len());
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Which way of merging broke a promise: the word that the assertion has for it, and nothing of the texts.
fn label(why: &str) -> &str {
    let own = why.split_once("failed: ").map_or(why, |(_, own)| own);
    own.split([':', '\n']).next().unwrap_or_default()
}
