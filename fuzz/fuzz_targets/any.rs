//! One program for all targets: `KMIGRATE_FUZZ` names the one that is meant, so that everything is built and linked once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use targets::Target;

/// The target that is meant.
fn target() -> Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let name = std::env::var("KMIGRATE_FUZZ").unwrap_or_default();
        let known = targets::TARGETS.iter().find(|(known, _)| *known == name);
        known.map(|(_, target)| *target).unwrap_or_else(|| {
            let names: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
            panic!("KMIGRATE_FUZZ='{name}' is no target; there are {}", names.join(", "))
        })
    })
}

fuzz_target!(|data: &[u8]| target()(data));
