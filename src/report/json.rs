//! JSON Lines: one object per commit in series order, then one with the totals.

use super::Totals;
use crate::rebase::{Branch, Finished, Unsettled};
use crate::run::{Inputs, Outcome};
use serde_json::{Value, json};

/// One commit.
pub fn outcome(out: &mut Vec<u8>, outcome: &Outcome) {
    serde_json::to_writer(&mut *out, outcome).expect("an outcome is plain data");
    out.push(b'\n');
}

/// The last line.
pub fn totals(out: &mut Vec<u8>, inputs: &Inputs, (totals, finished): (&Totals, &Finished)) {
    let branch = match &finished.branch {
        Branch::Written(open) => json!({"written": true, "holds": words(open)}),
        Branch::Withheld(open) => json!({"written": false, "because": words(open)}),
        Branch::DryRun(open) => {
            let because: Vec<&str> = std::iter::once("dry_run").chain(words(open)).collect();
            json!({"written": false, "because": because})
        }
    };
    let unexpected = finished.unexpected.as_ref().map(|paths| {
        let one = |u: &crate::rebase::Unexpected| json!({"path": u.path, "n": u.by.as_ref().map(|b| b.0)});
        paths.iter().map(one).collect::<Vec<Value>>()
    });
    let line = json!({
        "schema_version": Outcome::SCHEMA,
        "totals": totals,
        "source": inputs.source,
        "base": inputs.base,
        "onto": inputs.onto,
        "onto_name": inputs.onto_name,
        "tip": finished.tip.to_string(),
        "branch": finished.name,
        "result": branch,
        "stacked": finished.stacked.iter().map(|(name, at)| json!({"branch": name, "at": at.to_string()})).collect::<Vec<Value>>(),
        "record": finished.record,
        "unexpected": unexpected,
    });
    out.extend_from_slice(line.to_string().as_bytes());
    out.push(b'\n');
}

fn words(open: &[Unsettled]) -> Vec<&'static str> {
    let word = |a: &Unsettled| match a {
        Unsettled::Conflicts => "conflicts",
        Unsettled::Unreviewed => "unreviewed",
        Unsettled::Pending => "pending",
    };
    open.iter().map(word).collect()
}
