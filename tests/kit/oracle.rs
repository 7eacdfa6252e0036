//! git as an oracle: for each commit, `git merge-tree` onto our own tip and we agree on clean or conflicted and, where clean, on
//! the tree; or the difference has a named cause.

use super::Kit;
use crate::support::said;
use serde_json::Value;

/// Commits of each series on which git's merge-ort and we differ, because it diffs by histogram and libgit2 by Myers.
const BY_DIFF_ALGORITHM: [(&str, usize); 5] =
    [("rt-6.1", 1), ("rpi-6.1", 2), ("gen-6.1", 4), ("mediatek-6.1", 5), ("deb-6.1", 1)];

struct Difference {
    n: u64,
    cause: Option<&'static str>,
    what: String,
}

#[test]
fn git_merge_tree_and_we_agree_or_the_difference_has_a_name() {
    let Some(kit) = Kit::open() else { return };
    for (series, by_algorithm) in BY_DIFF_ALGORITHM {
        let (outcomes, _) = kit.migrate(series, &["--methods=text", "--upstream=keep"]);
        let mut tip = kit.git(&["rev-parse", "v6.12"]);
        let mut differences = Vec::new();
        for outcome in &outcomes {
            differences.extend(compare(&kit, &tip, outcome));
            if let Some(new) = outcome["new"].as_str() {
                tip = new.to_owned();
            }
        }
        for Difference { n, cause, what } in &differences {
            println!("{series} {n}: {} ({what})", cause.unwrap_or("no cause known"));
        }
        let unnamed = differences.iter().filter(|d| d.cause.is_none()).count();
        assert_eq!(unnamed, 0, "{series}: differences without a cause");
        println!("{series}: {} commits, {} differ by diff algorithm", outcomes.len(), differences.len());
        assert!(
            differences.len() == by_algorithm || !kit.counted,
            "{series}: {} differ, was {by_algorithm}",
            differences.len()
        );
    }
}

fn compare(kit: &Kit, tip: &str, outcome: &Value) -> Option<Difference> {
    let old = outcome["old"].as_str().expect("an id");
    let base = format!("--merge-base={old}^");
    let args = ["merge-tree", "--write-tree", "--no-messages", "--name-only", &base, tip, old];
    let said = said(kit.command("git").args(args).output().expect("git starts"));
    let mut lines = said.out.lines();
    let tree = lines.next().unwrap_or_default();
    let (git_clean, we_clean) = (said.code == 0, outcome["status"] != "conflicted");
    let new = outcome["new"].as_str().expect("every commit is carried with --upstream=keep");
    if git_clean == we_clean && (!git_clean || kit.git(&["rev-parse", &format!("{new}^{{tree}}")]) == tree) {
        return None;
    }
    let ours = outcome["files"].as_array().expect("a list").iter().filter(|f| f.get("conflict").is_some());
    let ours = ours.filter_map(|f| f["path"].as_str());
    let paths: Vec<&str> = lines.chain(ours).collect();
    let by_algorithm = !paths.is_empty() && paths.iter().all(|path| algorithms_differ(kit, (old, tip), path));
    Some(Difference {
        n: outcome["n"].as_u64().expect("a number"),
        cause: by_algorithm.then_some("histogram against Myers"),
        what: format!("git clean: {git_clean}, we clean: {we_clean}, {paths:?}"),
    })
}

/// Is the file clean by one diff algorithm and conflicted by the other?
fn algorithms_differ(kit: &Kit, (old, tip): (&str, &str), path: &str) -> bool {
    let blob = |revision: &str, path: &str| {
        said(kit.command("git").args(["rev-parse", &format!("{revision}:{path}")]).output().expect("git starts"))
    };
    let [base, ours, theirs] = [&format!("{old}^"), tip, old].map(|r| blob(r, path).out.trim().to_owned());
    let clean = |algorithm: &str| {
        let option = format!("--diff-algorithm={algorithm}");
        let args = ["merge-file", "-p", "--object-id", &option, &ours, &base, &theirs];
        kit.command("git").args(args).output().expect("git starts").status.code() == Some(0)
    };
    clean("myers") != clean("histogram")
}
