//! What became of findings: for people, with the diffs, and as JSON Lines.

use super::{plain, say_bytes};
use crate::error::Result;
use crate::repair::mend::{Fixed, Mended, Seen};
use crate::run::{Finding, FindingKind, quoted};
use bstr::ByteSlice;
use serde::Serialize;
use std::io::Write;

/// One finding, as JSON says it.
#[derive(Serialize)]
struct Line {
    /// The commit that brought it, of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<usize>,
    finding: Finding,
    /// `fixed`, `left`, or `unproved`: there is a fix, but the tool that was to prove it does not find what was reported.
    status: &'static str,
    /// Which fixer, and why the fix is right; else why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

/// Tells of each finding what became of it, those of a run with its commit. What people read is a patch, too: `git apply` passes over the words.
///
/// # Errors
/// Standard output cannot be written.
pub fn mended(all: &[Mended], (n, as_json): (Option<usize>, bool)) -> Result<()> {
    let mut out = Vec::new();
    if as_json {
        for one in all {
            serde_json::to_writer(&mut out, &line(one, n)).expect("plain data");
            out.push(b'\n');
        }
        return say_bytes(&out);
    }
    for one in all {
        tell(&mut out, one);
    }
    let fixed = all.iter().filter(|one| one.verdict.is_ok() && !one.is_unproved()).count();
    let unproved = all.iter().filter(|one| one.is_unproved()).count();
    let more = if unproved == 0 { String::new() } else { format!(", {unproved} unproved") };
    let findings = plain::count(all.len(), "finding");
    let _ = writeln!(out, "{findings}: {fixed} fixed{more}, {} left", all.len() - fixed - unproved);
    say_bytes(&out)
}

fn line(one: &Mended, n: Option<usize>) -> Line {
    let finding = Finding::told(FindingKind::Analysis, one.told.clone());
    match &one.verdict {
        Err(why) => Line {
            n,
            finding,
            status: "left",
            by: None,
            why: why.clone(),
            path: None,
            elsewhere: None,
            seen: None,
            diff: None,
        },
        Ok(fixed) => Line {
            n,
            finding,
            status: if one.is_unproved() { "unproved" } else { "fixed" },
            by: Some(fixed.by.clone()),
            why: fixed.why.clone(),
            path: Some(quoted(fixed.path.as_ref())),
            elsewhere: fixed.elsewhere.clone(),
            seen: Some(fixed.seen.word()),
            diff: Some(fixed.diff.to_str_lossy().into_owned()),
        },
    }
}

fn tell(out: &mut Vec<u8>, one: &Mended) {
    let place = plain::line(&one.told.place().unwrap_or_else(|| "-".to_owned()));
    let kind = one.told.kind.as_ref().map(|kind| format!(" [{}]", plain::line(kind))).unwrap_or_default();
    let message = plain::line(one.told.message.lines().next().unwrap_or_default());
    match &one.verdict {
        Err(why) => {
            let _ = writeln!(out, "left      {place}: {message}{kind}\n          {}", plain::line(why));
        }
        Ok(Fixed { by, why, elsewhere, diff, seen, .. }) => {
            let status = if one.is_unproved() { "unproved" } else { "fixed" };
            let _ = writeln!(out, "{status:9} {place}: {message}{kind}\n          {by}: {}", plain::line(why));
            if let Some(elsewhere) = elsewhere {
                let _ = writeln!(out, "          outside of the function: {}", plain::line(elsewhere));
            }
            if by == "model" {
                let _ = writeln!(out, "          a model wrote this: to review");
            }
            let _ = match seen {
                Seen::NotAsked => Ok(()),
                Seen::Gone => writeln!(out, "          the tool finds it no more, and nothing new"),
                Seen::NotReproduced => writeln!(
                    out,
                    "          the tool did not find it before either, so that it is gone is not shown; it finds nothing new"
                ),
            };
            out.extend_from_slice(diff);
        }
    }
}
