//! The pairs of the kit: text merging alone comes out as `git merge-file` does on the same files.

use super::Kit;
use std::collections::BTreeMap;
use std::process::Command;

/// Files that `git merge-file` merges cleanly, by class, as the kit's own table has them.
const CLEAN: [(&str, usize); 6] = [
    ("type1 same", 304),
    ("type1 evolved", 17),
    ("type2 same", 44),
    ("type2 evolved", 17),
    ("moved same", 11),
    ("moved evolved", 2),
];

#[test]
fn text_merging_alone_is_as_clean_as_git() {
    let Some(kit) = Kit::open() else { return };
    let pairs = kit.bench().join("pairs.jsonl");
    let read = |path: &std::path::Path| -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(path).expect("a file of the kit");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    // What to put a commit on is all that is taken from the new series.
    let asked: String = read(&pairs)
        .iter()
        .map(|p| {
            let onto = kit.source_git(&["rev-parse", &format!("{}^", p["new"].as_str().expect("an id"))]);
            format!("{}\n", serde_json::json!({"pair": p["pair"], "old": p["old"], "onto": onto}))
        })
        .collect();
    let (input, output) = (kit.path().join("asked.jsonl"), kit.path().join("answers.jsonl"));
    std::fs::write(&input, asked).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_git-kmigrate"));
    command.current_dir(kit.bench().join("repo")).args(["evaluate", "--methods=text", "--pairs"]).arg(&input);
    assert!(command.arg("--out").arg(&output).status().expect("the program starts").success());
    let answers: BTreeMap<String, serde_json::Value> =
        read(&output).into_iter().map(|a| (a["pair"].to_string(), a)).collect();
    let mut clean: BTreeMap<String, usize> = BTreeMap::new();
    for sample in read(&kit.bench().join("samples.jsonl")) {
        let files = answers[&sample["pair"].to_string()]["files"].as_array().expect("files");
        let file = files.iter().find(|f| f["path"] == sample["path_new"]);
        let kind = if sample["evolved"] == true { "evolved" } else { "same" };
        let class = format!("{} {kind}", sample["class"].as_str().expect("a class"));
        *clean.entry(class).or_default() += usize::from(file.is_some_and(|f| f["result"] != "conflict"));
    }
    for (class, count) in CLEAN {
        eprintln!("{class}: {} clean, git {count}", clean[class]);
        assert!(!kit.counted || clean[class].abs_diff(count) <= 1, "{class}");
    }
}
