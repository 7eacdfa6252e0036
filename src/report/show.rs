//! One commit of a run for a person: what became of it, the evidence, and for each conflict the three sides and upstream's own change.

use super::whereabouts::whereabouts;
use super::{paged, plain, say_bytes, text as words};
use crate::error::Result;
use crate::git::{Oid, Repo, Store, text};
use crate::merge::delta::{self, Hunk};
use crate::merge::{Change, Evidence, Merged, Sides, marker_size_in};
use crate::run::{Band, ConflictKind, Conflicted, FileOutcome, Inputs, Outcome, Record, unquoted};
use anstyle::{AnsiColor, Style};
use bstr::{BString, ByteSlice};
use std::io::Write;
use std::ops::Range;

/// Unchanged lines around upstream's change.
const CONTEXT: usize = 3;
/// Upstream's commits that are named for a file.
const COMMITS: usize = 5;

/// Prints one commit of a record.
///
/// # Errors
/// An object of the record is missing, or standard output cannot be written.
pub fn show(repo: &Repo, store: &mut Store, (record, outcome): (&Record, &Outcome)) -> Result<()> {
    let mut out = Vec::new();
    head(&mut out, record, outcome);
    for file in &outcome.files {
        if let Some(conflict) = &file.conflict {
            conflicted(&mut out, (repo, store), (&record.inputs, file, conflict))?;
        }
    }
    paged(repo, &out)
}

/// Prints one commit's JSON object.
///
/// # Errors
/// Standard output cannot be written.
pub fn show_json(outcome: &Outcome) -> Result<()> {
    let mut line = Vec::new();
    super::json::outcome(&mut line, outcome);
    say_bytes(&line)
}

fn head(out: &mut Vec<u8>, record: &Record, outcome: &Outcome) {
    let bold = Style::new().bold();
    let (word, style) = words::word(outcome.status);
    let of = record.outcomes.len();
    let _ = writeln!(out, "{bold}{}/{of} {}{bold:#}", outcome.n, plain::line(&outcome.subject));
    let remarks: String = words::remarks(outcome).iter().map(|r| format!("  ({})", plain::line(r))).collect();
    let _ = writeln!(out, "status  {style}{word}{style:#}{remarks}");
    let _ = writeln!(out, "old     {}", outcome.old);
    if let Some(new) = &outcome.new {
        let _ = writeln!(out, "new     {new}");
    }
    if let Some(likely) = outcome.confidence {
        let sure = words::percent(likely);
        let _ = match outcome.predicted_distance {
            Some(lines) => {
                let band = Band::of(lines).words();
                writeln!(out, "sure    {sure}, about {lines:.1} lines to change (band {band})")
            }
            None => writeln!(out, "sure    {sure}; how many lines are to change, no line tells"),
        };
    }
    for file in &outcome.files {
        let old = file.path_old.as_ref().map(|p| format!(" (was {p})")).unwrap_or_default();
        let what = match &file.conflict {
            Some(c) => format!("{} conflict", c.kind.word()),
            None => format!("{:?}", file.result).to_lowercase(),
        };
        let _ = writeln!(out, "file    {}{old}: {what}{}", file.path, words::sure(file));
    }
    let mut told = None;
    for finding in &outcome.findings {
        let _ = writeln!(out, "finding {}", said(&finding.said));
        let notes = finding.diagnostic.iter().flat_map(|told| &told.notes);
        // Of several errors of one build it is the same.
        let was = finding.was.as_ref().filter(|was| told.replace(*was) != Some(*was));
        for more in was.into_iter().chain(notes) {
            let _ = writeln!(out, "        {}", said(more));
        }
        for example in &finding.examples {
            let _ = writeln!(out, "        upstream: {}", said(example));
        }
    }
    for target in outcome.check.iter().flat_map(|check| &check.targets) {
        let _ = writeln!(out, "build   {}: {}", target.target, words::target(target));
    }
    for evidence in &outcome.evidence {
        let _ = writeln!(out, "seen    {}", said(evidence));
    }
}

/// A statement and, in brackets, where it was seen.
fn said(evidence: &Evidence) -> String {
    let place = evidence.place.as_ref().map(|place| format!(" [{place}]")).unwrap_or_default();
    plain::lines(&format!("{}{place}", evidence.statement))
}

fn conflicted(
    out: &mut Vec<u8>,
    (repo, store): (&Repo, &mut Store),
    (inputs, file, conflict): (&Inputs, &FileOutcome, &Conflicted),
) -> Result<()> {
    // Not with the signs that begin a diff: delta, as a pager, would wait for the rest of that and show nothing more.
    let _ = writeln!(out, "\n=== {} conflict in {}", conflict.kind.word(), file.path);
    let [base, ours, theirs] = &file.sides;
    for (name, id) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        let shown = id.as_deref().unwrap_or("(no file)");
        let _ = writeln!(out, "{name:<8} {shown}");
    }
    upstreams_commits(out, repo, (inputs, file))?;
    let mut text = |id: &Option<String>| match (blob(repo, store, id.as_ref()), id) {
        // A side may be a submodule: its commit lives elsewhere, and git shows it in these words.
        (Err(_), Some(id)) if conflict.kind == ConflictKind::Type => {
            Ok(Some(format!("Subproject commit {id}\n").into_bytes()))
        }
        (read, _) => read,
    };
    let (diff3, base, ours, theirs) = (text(&conflict.diff3)?, text(base)?, text(ours)?, text(theirs)?);
    if let (Some(base), Some(ours), Some(theirs)) = (&base, &ours, &theirs) {
        let path = unquoted(&file.path);
        let sides = Sides { base: &base[..], ours, theirs };
        whereabouts(out, (repo, store), (inputs, path.as_ref()), sides)?;
    }
    match diff3 {
        Some(diff3) => hunks(out, &diff3, (&base.unwrap_or_default(), &ours.unwrap_or_default())),
        None => {
            let (base, ours, theirs) = (base.as_deref(), ours.as_deref(), theirs.as_deref());
            whole_file(out, Sides { base, ours, theirs });
        }
    }
    Ok(())
}

/// Names what upstream did to the file, where this repository has upstream's history.
fn upstreams_commits(out: &mut Vec<u8>, repo: &Repo, (inputs, file): (&Inputs, &FileOutcome)) -> Result<()> {
    let Some(base) = &inputs.base else {
        return Ok(());
    };
    let paths = [Some(&file.path), file.path_old.as_ref()].into_iter().flatten();
    let paths: Vec<BString> = paths.map(|path| unquoted(path)).collect();
    let commits = repo.touching((base, &inputs.onto), &paths, COMMITS)?;
    for (i, commit) in commits.iter().enumerate() {
        let title = if i == 0 { "upstream" } else { "" };
        let _ = writeln!(out, "{title:<9}{commit}");
    }
    Ok(())
}

fn hunks(out: &mut Vec<u8>, diff3: &[u8], (base, ours): (&[u8], &[u8])) {
    let merged = Merged::parse(diff3, marker_size_in(diff3));
    for (line, sides) in merged.lines_in_ours(ours).into_iter().zip(merged.conflicts()) {
        hunk(out, line, sides);
        let region = line..line + sides.ours.lines().count();
        let _ = writeln!(out, "upstream's own change here:");
        change_near(out, Change { before: base, after: ours }, &region);
    }
}

/// A conflict of the whole file: what each side did to it, as far as it is text.
fn whole_file(out: &mut Vec<u8>, sides: Sides<Option<&[u8]>>) {
    for (title, side) in [("upstream", sides.ours), ("the patch", sides.theirs)] {
        match (sides.base, side) {
            (Some(before), Some(after)) if before == after => {
                let _ = writeln!(out, "{title} leaves the content alone");
            }
            (Some(before), Some(after)) if text::is_text(before) && text::is_text(after) => {
                let _ = writeln!(out, "{title} changes it:");
                change_near(out, Change { before, after }, &(0..usize::MAX));
            }
            (Some(_), Some(_)) => {
                let _ = writeln!(out, "{title} changes it; it is not text");
            }
            (Some(_), None) => {
                let _ = writeln!(out, "{title} removes it");
            }
            (None, _) => {
                let _ = writeln!(out, "{title} adds it");
            }
        }
    }
}

fn blob(repo: &Repo, store: &mut Store, hex: Option<&String>) -> Result<Option<Vec<u8>>> {
    let id: Option<Oid> = repo.written_id(hex.map(String::as_str));
    id.map(|id| Ok(store.blob(id)?.data.to_vec())).transpose()
}

fn hunk(out: &mut Vec<u8>, line: usize, sides: &Sides<Vec<u8>>) {
    let colour = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
    let styles = [colour(AnsiColor::Cyan), colour(AnsiColor::BrightBlack), colour(AnsiColor::Yellow)];
    let titles = ["ours (upstream)", "base", "theirs (the patch)"];
    let _ = writeln!(out, "\n@@ line {} of ours @@", line + 1);
    for (((_, text), style), title) in sides.named().into_iter().zip(styles).zip(titles) {
        let _ = writeln!(out, "{style}{title}:{style:#}");
        for line in text.lines() {
            let _ = write!(out, "    {style}");
            out.extend_from_slice(line);
            let _ = writeln!(out, "{style:#}");
        }
    }
}

/// The hunks of a change that touch or adjoin a region of its outcome, as a diff.
pub(super) fn change_near(out: &mut Vec<u8>, change: Change<&[u8]>, region: &Range<usize>) {
    let near = |h: &Hunk| h.after.start <= region.end && region.start <= h.after.end;
    let hunks: Vec<Hunk> = delta::hunks(change).into_iter().filter(near).collect();
    if hunks.is_empty() {
        let _ = writeln!(out, "    nothing");
    }
    let before: Vec<&[u8]> = change.before.lines().collect();
    let after: Vec<&[u8]> = change.after.lines().collect();
    let paint = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
    for h in hunks {
        let (old, new) = (h.before.clone(), h.after.clone());
        let _ = writeln!(out, "    @@ -{},{} +{},{} @@", old.start + 1, old.len(), new.start + 1, new.len());
        lines(out, ' ', Style::new(), &before[old.start.saturating_sub(CONTEXT)..old.start]);
        lines(out, '-', paint(AnsiColor::Red), &before[h.before]);
        lines(out, '+', paint(AnsiColor::Green), &after[h.after]);
        let end = (old.end + CONTEXT).min(before.len());
        lines(out, ' ', Style::new(), &before[old.end..end]);
    }
}

fn lines(out: &mut Vec<u8>, sign: char, style: Style, lines: &[&[u8]]) {
    for line in lines {
        let _ = write!(out, "    {style}{sign}");
        out.extend_from_slice(line);
        let _ = writeln!(out, "{style:#}");
    }
}
