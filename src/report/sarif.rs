//! SARIF 2.1.0: a result for each conflict, for each finding, and for each hunk of a file to review, so that a code host shows
//! them beside the code. Lines are those of the file as it stands after the commit at hand (of a conflict: in ours, before it).

use crate::error::Result;
use crate::git::{Repo, Store};
use crate::merge::{Change, Evidence, delta};
use crate::rebase::{came_out, side_entries, tree_after};
use crate::report::standing::Standing;
use crate::report::text::percent;
use crate::run::{FileOutcome, FindingKind, Flag, Outcome, Record, unquoted};
use bstr::{BStr, ByteSlice};
use serde_json::{Value, json};

/// The schema, as the standard names it.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What a result is about.
#[derive(Clone, Copy)]
enum Rule {
    Conflict,
    Stale,
    Review,
    Build,
    Analysis,
}

impl Rule {
    /// In the order of their numbers.
    const ALL: [Self; 5] = [Self::Conflict, Self::Stale, Self::Review, Self::Build, Self::Analysis];

    const fn of(kind: FindingKind) -> Self {
        match kind {
            FindingKind::StaleName => Self::Stale,
            FindingKind::Build => Self::Build,
            FindingKind::Analysis => Self::Analysis,
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Stale => "stale-name",
            Self::Review => "review",
            Self::Build => "build",
            Self::Analysis => "analysis",
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Conflict => "The patch and upstream change the same lines, and nothing could settle which",
            Self::Stale => "A line that the patch adds uses a name that the new kernel has no more",
            Self::Review => "The patch was carried, and somebody should look before it is used",
            Self::Build => "It does not compile since this patch",
            Self::Analysis => "An analyser says something of what the patch adds",
        }
    }

    const fn level(self) -> &'static str {
        match self {
            Self::Conflict | Self::Build => "error",
            Self::Stale | Self::Review | Self::Analysis => "warning",
        }
    }
}

/// The file.
///
/// # Errors
/// An object of the run is missing.
pub fn sarif(repo: &Repo, store: &mut Store, record: &Record) -> Result<Vec<u8>> {
    let mut results = Vec::new();
    for outcome in &record.outcomes {
        let before = results.len();
        results.extend(findings(outcome));
        for file in &outcome.files {
            results.extend(conflicts(outcome, file));
            if file.conflict.is_none() && !file.accepted && outcome.has(Flag::ToReview) {
                results.extend(hunks((repo, store), (record, outcome), file)?);
            }
        }
        // Nothing that is to review is passed over in silence.
        if results.len() == before && outcome.has(Flag::ToReview) {
            results.extend(outcome.files.first().map(|file| result((Rule::Review, outcome), file, (0, None))));
        }
    }
    let rule = |rule: Rule| json!({"id": rule.id(), "shortDescription": {"text": rule.says()}, "defaultConfiguration": {"level": rule.level()}});
    let inputs = &record.inputs;
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "git-kmigrate", "semanticVersion": inputs.tool, "rules": Rule::ALL.map(rule)}},
            "automationDetails": {"id": format!("git-kmigrate/{}", inputs.branch)},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_vec_pretty(&sarif).expect("a JSON value is plain data");
    text.push(b'\n');
    Ok(text)
}

fn conflicts(outcome: &Outcome, file: &FileOutcome) -> Vec<Value> {
    if file.conflict.is_none() {
        return Vec::new();
    }
    let each = |(k, hunk): (usize, &crate::run::HunkOutcome)| {
        let first = hunk.line.max(1);
        result((Rule::Conflict, outcome), file, (k, Some((first, first + hunk.lengths[1].max(1) - 1))))
    };
    match file.hunks.is_empty() {
        true => vec![result((Rule::Conflict, outcome), file, (0, None))],
        false => file.hunks.iter().enumerate().map(each).collect(),
    }
}

fn findings(outcome: &Outcome) -> impl Iterator<Item = Value> {
    outcome.findings.iter().enumerate().map(move |(k, finding)| {
        // A place of a compiler's has a column too.
        let told = finding.diagnostic.as_ref().and_then(|told| Some((told.file.as_deref()?, told.line?)));
        let found = told.or_else(|| finding.said.place.as_deref().and_then(place));
        let examples = finding.examples.iter().map(|e| format!("; upstream: {}", e.statement));
        let was = finding.was.iter().map(|was| format!("; {}", was.statement));
        let text = format!("{}{}", finding.said.statement, was.chain(examples).collect::<String>());
        let (path, lines) = match found {
            Some((path, line)) => (path.to_owned(), Some((line, line))),
            None => (outcome.files.first().map(|f| f.path.clone()).unwrap_or_default(), None),
        };
        made((Rule::of(finding.kind), outcome), (&path, text), (k, lines))
    })
}

/// The hunks of a file as it was carried.
fn hunks(
    (repo, store): (&Repo, &mut Store),
    (record, outcome): (&Record, &Outcome),
    file: &FileOutcome,
) -> Result<Vec<Value>> {
    let ours = side_entries((repo, store), (record, outcome), file)?.ours;
    let tree = tree_after(repo, store, outcome)?;
    let Some(came) = came_out(store, tree, file)? else {
        return Ok(vec![result((Rule::Review, outcome), file, (0, None))]);
    };
    let before = ours.map(|entry| Standing::read(store, entry)).transpose()?.and_then(|s| s.text).unwrap_or_default();
    let Some(after) = Standing::read(store, came)?.text.filter(|text| crate::git::text::is_text(text)) else {
        return Ok(vec![result((Rule::Review, outcome), file, (0, None))]);
    };
    let found = delta::hunks(Change { before: &before, after: &after });
    let each = |(k, hunk): (usize, &delta::Hunk)| {
        let first = hunk.after.start + 1;
        result((Rule::Review, outcome), file, (k, Some((first, hunk.after.end.max(first)))))
    };
    Ok(found.iter().enumerate().map(each).collect())
}

/// A result at some lines (from 1) of a file, or at all of it; `k` counts the results of a rule in this file.
fn result((rule, outcome): (Rule, &Outcome), file: &FileOutcome, at: (usize, Option<(usize, usize)>)) -> Value {
    let mut text = match &file.conflict {
        Some(conflict) => format!("{} conflict", conflict.kind.word()),
        None => format!("to review, {}", file.confidence.map_or("settled by hand".to_owned(), percent)),
    };
    file.reasons.iter().for_each(|reason| text.push_str(&format!("; {reason}")));
    for evidence in evidence_of(outcome, file) {
        text.push_str(&format!("; {}", evidence.statement));
    }
    let mut made = made((rule, outcome), (&file.path, text), at);
    let mut related: Vec<Value> = evidence_of(outcome, file)
        .filter_map(|evidence| {
            let (path, line) = place(evidence.place.as_deref()?)?;
            Some(json!({"message": {"text": evidence.statement}, "physicalLocation": location(path, Some((line, line)))}))
        })
        .collect();
    related.dedup();
    if !related.is_empty() {
        made["relatedLocations"] = json!(related);
    }
    made
}

/// What was seen in this file.
fn evidence_of<'a>(outcome: &'a Outcome, file: &'a FileOutcome) -> impl Iterator<Item = &'a Evidence> {
    let is_here = |e: &&Evidence| e.place.as_deref().and_then(place).is_some_and(|(path, _)| path == file.path);
    outcome.evidence.iter().filter(is_here)
}

fn made(
    (rule, outcome): (Rule, &Outcome),
    (path, text): (&str, String),
    (k, lines): (usize, Option<(usize, usize)>),
) -> Value {
    json!({
        "ruleId": rule.id(),
        "ruleIndex": rule as usize,
        "level": rule.level(),
        "message": {"text": format!("{} {}: {text}", outcome.n, outcome.subject)},
        "locations": [{"physicalLocation": location(path, lines)}],
        "partialFingerprints": {"kmigrate/v1": format!("{}:{path}:{k}", outcome.old)},
        "properties": {
            "n": outcome.n, "old": outcome.old, "new": outcome.new, "status": outcome.status, "confidence": outcome.confidence,
        },
    })
}

fn location(path: &str, lines: Option<(usize, usize)>) -> Value {
    let mut location = json!({"artifactLocation": {"uri": uri(unquoted(path).as_ref())}});
    if let Some((first, last)) = lines {
        location["region"] = json!({"startLine": first, "endLine": last});
    }
    location
}

/// A path relative to the tree, as a reference that a URI may hold.
fn uri(path: &BStr) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// `path:line` or `path:first-last`, taken apart; `None` for a commit or a path alone.
fn place(place: &str) -> Option<(&str, usize)> {
    let (path, lines) = place.rsplit_once(':')?;
    let first = lines.split(['-', ',']).next()?.parse().ok().filter(|line| *line > 0)?;
    Some((path, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_with_a_line() {
        assert_eq!(place("drivers/a.c:12"), Some(("drivers/a.c", 12)));
        assert_eq!(place("drivers/a.c:12-14"), Some(("drivers/a.c", 12)));
        assert_eq!(place("drivers/a.c"), None);
        assert_eq!(place("drivers/a.c:0"), None);
    }

    #[test]
    fn a_path_is_a_relative_reference() {
        assert_eq!(uri(b"a b/\xe4#%?.c".as_bstr()), "a%20b/%E4%23%25%3F.c");
    }
}
