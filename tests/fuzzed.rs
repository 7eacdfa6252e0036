//! `fixtures/fuzz/<target>/*` through the functions that are fuzzed (`fuzz/targets.rs`). All of them are written or generated here.

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.collect();
    files.sort();
    files
}

#[test]
fn every_input_of_the_fixtures_does_no_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz");
    for (name, target) in targets::TARGETS {
        for path in files(&root.join(name)) {
            let data = std::fs::read(&path).expect("a file");
            eprintln!("{}", path.display());
            target(&data);
        }
    }
}

#[test]
fn every_folder_of_inputs_is_of_a_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/fuzz");
    for folder in files(&root).iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().expect("a name").to_string_lossy();
        assert!(targets::TARGETS.iter().any(|(target, _)| *target == name), "{name} is no target");
    }
}
